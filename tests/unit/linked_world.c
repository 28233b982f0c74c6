#include "tests/unit/linked_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PATH_MAX_BYTES = 64 };

/* To sign in with before the first pull. */
static const char WANG[] =
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"W\",\"role\":\"clerk\",\"site\":\"CDB\","
    "\"region\":null,\"pin\":\"2468\"}\n";

static FILE *heard;

void linked_world_listen(FILE *traffic)
{
    heard = traffic;
}

static enum rc exchange(void *context, const char *url, const struct sync_request *request,
                        struct sync_reply *ret_reply)
{
    struct linked_world *world = context;
    char path[PATH_MAX_BYTES];
    struct api_reply reply;
    (void)url;
    if (world->away)
        return RC_NET;
    snprintf(path, sizeof path, "%.*s", (int)strcspn(request->path, "?"), request->path);
    if (world->pulling && strcmp(path, "/v1/pull") == 0) {
        void (*pulling)(struct linked_world * world) = world->pulling;
        world->pulling = NULL;
        pulling(world);
    }
    const char *cursor = strchr(request->path, '=');
    struct api_request asked = {.method = request->method,
                                .path = path,
                                .cursor = cursor ? cursor + 1 : NULL,
                                .bearer = request->bearer,
                                .body = request->body,
                                .body_len = request->body_len,
                                .zstd = request->zstd};
    api_handle(world->server.server, &asked, &reply);
    free(world->reply);
    world->reply = malloc(reply.body_len + 1);
    memcpy(world->reply, reply.body, reply.body_len);
    if (heard)
        fwrite(reply.body, 1, reply.body_len, heard);
    *ret_reply = (struct sync_reply){.status = reply.status, .body = world->reply, .body_len = reply.body_len};
    api_reply_free(&reply);
    return RC_OK;
}

struct sync_transport linked_world_transport(struct linked_world *world)
{
    return (struct sync_transport){.context = world, .exchange = exchange};
}

static void enrol(struct linked_world *world)
{
    struct sync_transport transport = linked_world_transport(world);
    struct sync_progress progress;
    char *out;
    const char *const words[] = {"enrol", "--site", "CDB", "--url", "http://127.0.0.1:1", NULL};
    assert_int_equal(server_world_run(&world->server, NULL, &out, NULL, words), 0);
    out[strlen(out) - 1] = '\0';
    const char *last = strrchr(out, '\n');
    assert_int_equal(sync_enrol(&world->device.sync, &transport, last ? last + 1 : out, &progress), RC_OK);
    free(out);
}

void linked_world_stop(struct linked_world *world)
{
    sync_client_free(world->client);
    world->client = NULL;
    engine_world_stop(&world->device);
}

void linked_world_start(struct linked_world *world)
{
    struct sync_transport transport = linked_world_transport(world);
    engine_world_start(&world->device);
    assert_int_equal(sync_client_new(&world->device.sync, &transport, &world->client), RC_OK);
}

void linked_world_open(struct linked_world *world, const char *feed)
{
    *world = (struct linked_world){.away = false};
    server_world_open(&world->server);
    server_world_tell(&world->server, feed);
    engine_world_open(&world->device, WANG);
    enrol(world);
    linked_world_stop(world);
    linked_world_start(world);
    assert_int_equal(linked_world_sync(world), RC_OK);
    assert_int_equal(engine_sign_in(world->device.engine, "wang", "2468", NULL), RC_OK);
}

void linked_world_close(struct linked_world *world)
{
    sync_client_free(world->client);
    engine_world_close(&world->device);
    server_world_close(&world->server);
    free(world->reply);
}

enum rc linked_world_sync(struct linked_world *world)
{
    struct sync_progress progress;
    return sync_run(world->client, &progress);
}
