#include "tests/crash/handover.h"

#include "app/store/syncport.h"
#include "sync/client/client.h"
#include "sync/server/admin.h"
#include "sync/server/api.h"
#include "sync/wire/body.h"
#include "sync/wire/limits.h"
#include "tests/crash/session.h"
#include "tests/crash/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_ROOM = TALLY_PATH_MAX + 64, REQUEST_PATH_MAX = 64, STRING_MAX = 1023 };

/* Both ends while they are open. */
struct world {
    struct server *server;
    struct engine *engine;
    struct syncport *port;
    struct sync_store inner; /* the port; `acked` is listened to */
    struct sync_client *client;
    int64_t heard;
    struct api_reply reply;
    void *expanded;
};

/* ---- the network ---- */

static void drop_reply(struct world *world)
{
    api_reply_free(&world->reply);
    free(world->expanded);
    world->expanded = NULL;
}

static enum rc exchange(void *context, const char *url, const struct sync_request *request,
                        struct sync_reply *ret_reply)
{
    struct world *world = context;
    char path[REQUEST_PATH_MAX];
    (void)url;
    snprintf(path, sizeof path, "%.*s", (int)strcspn(request->path, "?"), request->path);
    const char *cursor = strchr(request->path, '=');
    const struct api_request asked = {.method = request->method,
                                      .path = path,
                                      .cursor = cursor ? cursor + 1 : NULL,
                                      .bearer = request->bearer,
                                      .body = request->body,
                                      .body_len = request->body_len,
                                      .zstd = request->zstd,
                                      .accepts_zstd = true};
    drop_reply(world);
    api_handle(world->server, &asked, &world->reply);
    struct sync_reply reply = {
        .status = world->reply.status, .body = world->reply.body, .body_len = world->reply.body_len};
    if (world->reply.zstd) {
        enum rc rc = body_expand(reply.body, reply.body_len, PAGE_BODY_MAX, &world->expanded, &reply.body_len);
        if (rc != RC_OK)
            return rc;
        reply.body = world->expanded;
    }
    *ret_reply = reply;
    return RC_OK;
}

/* ---- opening and closing ---- */

static int64_t now_ms(void *context)
{
    const struct clock *clock = session_clock();
    (void)context;
    return clock->wall_ms(clock->context);
}

static enum rc open_server(const char *dir, struct server **ret_server)
{
    char url[PATH_ROOM];
    snprintf(url, sizeof url, "sqlite:%s/server.db", dir);
    const struct server_options options = {.url = url, .quiet = true, .now_ms = now_ms};
    return server_open(&options, ret_server);
}

static struct world *the_world; /* the port's own context is not to be touched */

static enum rc listen_acked(void *context, int64_t acked_seq, const struct sync_receipt *receipts, int count)
{
    if (acked_seq > the_world->heard)
        the_world->heard = acked_seq;
    return the_world->inner.acked(context, acked_seq, receipts, count);
}

static void close_world(struct world *world)
{
    sync_client_free(world->client);
    syncport_close(world->port);
    engine_close(world->engine);
    drop_reply(world);
    server_close(world->server);
}

static enum rc open_world(const char *device_dir, const char *server_dir, struct world *ret_world)
{
    struct world *world = ret_world;
    *world = (struct world){0};
    the_world = world;
    enum rc rc = open_server(server_dir, &world->server);
    if (rc == RC_OK)
        rc = session_open(device_dir, &world->engine);
    if (rc == RC_OK)
        rc = syncport_open(device_dir, &world->port);
    if (rc == RC_OK) {
        world->inner = syncport_store(world->port);
        struct sync_store store = world->inner;
        store.acked = listen_acked;
        const struct sync_transport transport = {.context = world, .exchange = exchange};
        rc = sync_client_new(&store, &transport, &world->client);
    }
    if (rc != RC_OK)
        close_world(world);
    return rc;
}

void handover_run(const char *device_dir, const char *server_dir, struct handover_report *ret_report)
{
    struct world world;
    struct sync_progress progress = {0};
    enum rc rc = open_world(device_dir, server_dir, &world);
    if (rc == RC_OK) {
        rc = sync_run(world.client, &progress);
        close_world(&world);
    }
    *ret_report = (struct handover_report){.rc = rc, .heard = world.heard};
}

/* ---- the server's commands ---- */

static enum rc admin(struct server *server, int count, const char *const *args, FILE *in, char **ret_out)
{
    size_t size;
    json_t *messages = json_array();
    FILE *out = open_memstream(ret_out, &size);
    int status = admin_run(server, count, args, in, out, messages);
    fclose(out);
    if (status != 0)
        printf("%s: %s\n", args[0], json_string_value(json_array_get(messages, 0)));
    json_decref(messages);
    return status == 0 ? RC_OK : RC_IO;
}

static enum rc import(struct server *server)
{
    static const char *const args[] = {"import", "-"};
    char *feed = session_feed(), *out = NULL;
    FILE *in = feed ? fmemopen(feed, strlen(feed), "r") : NULL;
    enum rc rc = in ? admin(server, 2, args, in, &out) : RC_NOMEM;
    if (in)
        fclose(in);
    free(out);
    free(feed);
    return rc;
}

/* The one-time string, the last line of what the command prints. */
static enum rc enrolment(struct server *server, char *ret_string)
{
    static const char *const args[] = {"enrol", "--site", "CDB", "--url", "http://127.0.0.1:1"};
    char *out = NULL;
    enum rc rc = admin(server, 5, args, NULL, &out);
    const char *string = rc == RC_OK ? strstr(out, "tallyman:") : NULL;
    if (string)
        snprintf(ret_string, STRING_MAX + 1, "%.*s", (int)strcspn(string, "\n"), string);
    free(out);
    return string ? RC_OK : RC_IO;
}

static enum rc enrol(struct world *world)
{
    char string[STRING_MAX + 1];
    struct sync_progress progress;
    const struct sync_transport transport = {.context = world, .exchange = exchange};
    enum rc rc = import(world->server);
    if (rc == RC_OK)
        rc = enrolment(world->server, string);
    if (rc == RC_OK)
        rc = sync_enrol(&world->inner, &transport, string, &progress);
    return rc;
}

enum rc handover_prepare(const char *device_dir, const char *server_dir)
{
    struct world world;
    struct handover_report report = {0};
    struct session_report session = {0};
    session_clock();
    enum rc rc = open_world(device_dir, server_dir, &world);
    if (rc == RC_OK) {
        rc = enrol(&world);
        close_world(&world);
    }
    if (rc == RC_OK) {
        handover_run(device_dir, server_dir, &report);
        rc = report.rc;
    }
    if (rc == RC_OK)
        session_take(device_dir, 1, &session);
    if (session.trouble[0])
        printf("the session: %s\n", session.trouble);
    return rc == RC_OK && session.steps < session_steps() ? RC_BAD_INPUT : rc;
}

/* ---- counting ---- */

struct comparing {
    const char *listing; /* the server's records, one a line */
    struct handover_counts *counts;
};

static const char *text(const json_t *record, const char *member)
{
    const char *value = json_string_value(json_object_get(record, member));
    return value ? value : "";
}

/* The journal's next record against the server's next line. */
static bool compare(void *context, const struct store_journal_line *line)
{
    struct comparing *comparing = context;
    comparing->counts->journal++;
    if (!*comparing->listing)
        return true;
    size_t len = strcspn(comparing->listing, "\n");
    json_t *theirs = json_loadb(comparing->listing, len, 0, NULL);
    json_t *ours = json_loadb(line->body, line->len, 0, NULL);
    int64_t seq = json_integer_value(json_object_get(theirs, "seq"));
    if (seq != line->seq || strcmp(text(theirs, "kind"), text(ours, "kind")) != 0 ||
        strcmp(text(theirs, "key"), text(ours, "key")) != 0)
        comparing->counts->same = false;
    if (seq > comparing->counts->highest)
        comparing->counts->highest = seq;
    comparing->counts->records++;
    comparing->listing += len + (comparing->listing[len] == '\n');
    json_decref(theirs);
    json_decref(ours);
    return true;
}

static void count_results(const char *listing, struct handover_counts *counts)
{
    json_t *docs = json_object();
    while (*listing) {
        size_t len = strcspn(listing, "\n");
        json_t *row = json_loadb(listing, len, 0, NULL);
        json_object_set_new(docs, text(row, "doc"), json_true());
        counts->results++;
        json_decref(row);
        listing += len + (listing[len] == '\n');
    }
    counts->result_docs = (int64_t)json_object_size(docs);
    json_decref(docs);
}

enum rc handover_count(const char *device_dir, const char *server_dir, struct handover_counts *ret_counts)
{
    static const char *const records[] = {"records"}, *const results[] = {"results"};
    struct handover_counts counts = {.same = true};
    struct store_counts device = {0};
    struct world world;
    char *listing = NULL, *result_listing = NULL;
    enum rc rc = open_world(device_dir, server_dir, &world);
    if (rc != RC_OK)
        return rc;
    rc = admin(world.server, 1, records, NULL, &listing);
    struct comparing comparing = {listing, &counts};
    if (rc == RC_OK)
        rc = store_journal(engine_store(world.engine), 1, compare, &comparing);
    if (rc == RC_OK && *comparing.listing)
        counts.same = false; /* more than the journal has */
    if (rc == RC_OK)
        rc = admin(world.server, 1, results, NULL, &result_listing);
    if (rc == RC_OK)
        count_results(result_listing, &counts);
    if (rc == RC_OK)
        rc = store_counts(engine_store(world.engine), &device);
    counts.waiting = device.waiting;
    close_world(&world);
    free(listing);
    free(result_listing);
    *ret_counts = counts;
    return rc;
}
