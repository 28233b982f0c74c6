#include "tests/sim/sim_world.h"
#include "sync/server/admin.h"
#include "sync/server/server.h"
#include "sync/wire/body.h"
#include "sync/wire/refusal.h"
#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_BYTES = 1 << 16, ENROL_TRIES_MAX = 100, NARROW_BYTES = 850, START_MS_DAY = 20000 };

static const int64_t START_MS = (int64_t)START_MS_DAY * 24 * 3600 * 1000;

uint32_t sim_random(struct sim *sim, uint32_t below)
{
    /* SplitMix64 */
    uint64_t x = sim->random += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((x ^ (x >> 31)) >> 32) % below;
}

bool sim_fail(struct sim *sim, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    if (!sim->wrong[0])
        vsnprintf(sim->wrong, sizeof sim->wrong, format, list);
    va_end(list);
    return false;
}

/* ---- folders ---- */

static void copy_file(const char *from, const char *to)
{
    static char bytes[COPY_BYTES];
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t len;
    while (in >= 0 && out >= 0 && (len = read(in, bytes, sizeof bytes)) > 0)
        if (write(out, bytes, (size_t)len) != len)
            abort();
    if (in < 0 || out < 0)
        abort();
    close(in);
    close(out);
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* What a process that dies now leaves behind. The -shm files are no part of it: they are made again from the -wal. */
static void copy_folder(const char *from, const char *to)
{
    char source[SIM_PATH_MAX], target[SIM_PATH_MAX];
    struct stat info;
    DIR *dir = opendir(from);
    if (!dir || mkdir(to, 0700) != 0)
        abort();
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        snprintf(source, sizeof source, "%s/%s", from, entry->d_name);
        snprintf(target, sizeof target, "%s/%s", to, entry->d_name);
        bool wanted = !ends_with(entry->d_name, "-shm") && strcmp(entry->d_name, "lock") != 0;
        if (wanted && stat(source, &info) == 0 && S_ISREG(info.st_mode))
            copy_file(source, target);
    }
    closedir(dir);
}

static void remove_folder(const char *path)
{
    char name[SIM_PATH_MAX];
    DIR *dir = opendir(path);
    if (!dir)
        return;
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        unlink(name);
    }
    closedir(dir);
    rmdir(path);
}

/* ---- the server ---- */

static char *server_dir(const struct sim *sim, int life, char *ret_dir)
{
    snprintf(ret_dir, SIM_PATH_MAX, "%s/server-%d", sim->dir, life);
    return ret_dir;
}

char *sim_server_path(const struct sim *sim, char *ret_path)
{
    snprintf(ret_path, SIM_PATH_MAX, "%s/server-%d/server.db", sim->dir, sim->server_lives);
    return ret_path;
}

static int64_t now_ms(void *context)
{
    const struct clock *clock = context;
    return clock->wall_ms(clock->context);
}

static const struct clock *the_clock;

static bool open_server(struct sim *sim)
{
    char path[SIM_PATH_MAX], url[SIM_PATH_MAX + 16];
    snprintf(url, sizeof url, "sqlite:%s", sim_server_path(sim, path));
    struct server_options options = {
        .url = url, .quiet = true, .clock_context = (void *)(uintptr_t)the_clock, .now_ms = now_ms};
    enum rc rc = server_open(&options, &sim->server);
    return rc == RC_OK || sim_fail(sim, "the server does not open: %s", rc_word(rc));
}

/* Goes on from the folder of the next life, which is there already. */
static void next_server(struct sim *sim)
{
    char dir[SIM_PATH_MAX];
    server_close(sim->server);
    sim->server = NULL;
    remove_folder(server_dir(sim, sim->server_lives, dir));
    sim->server_lives++;
    sim->counts.server_kills++;
    open_server(sim);
}

static void copy_server(struct sim *sim)
{
    char from[SIM_PATH_MAX], to[SIM_PATH_MAX];
    copy_folder(server_dir(sim, sim->server_lives, from), server_dir(sim, sim->server_lives + 1, to));
}

void sim_kill_server(struct sim *sim)
{
    copy_server(sim);
    next_server(sim);
}

static char *backup_dir(const struct sim *sim, char *ret_dir)
{
    snprintf(ret_dir, SIM_PATH_MAX, "%s/backup", sim->dir);
    return ret_dir;
}

void sim_backup(struct sim *sim)
{
    char from[SIM_PATH_MAX], to[SIM_PATH_MAX];
    remove_folder(backup_dir(sim, to));
    copy_folder(server_dir(sim, sim->server_lives, from), to);
}

void sim_restore(struct sim *sim)
{
    char from[SIM_PATH_MAX], to[SIM_PATH_MAX], path[SIM_PATH_MAX];
    sqlite3 *db = NULL;
    if (access(backup_dir(sim, from), R_OK) != 0)
        return;
    copy_folder(from, server_dir(sim, sim->server_lives + 1, to));
    snprintf(path, sizeof path, "%s/server.db", to);
    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_exec(db, "DELETE FROM meta WHERE name = 'history'", NULL, NULL, NULL) != SQLITE_OK)
        sim_fail(sim, "the backup can't be used");
    sqlite3_close(db);
    sim->restored = true;
    sim->counts.restores++;
    next_server(sim);
}

static int admin(struct sim *sim, int count, const char *const *args, FILE *in, char **ret_out)
{
    size_t size;
    json_t *messages = json_array();
    FILE *out = open_memstream(ret_out, &size);
    int status = admin_run(sim->server, count, args, in, out, messages);
    fclose(out);
    if (status != 0)
        sim_fail(sim, "%s: %s", args[0], json_string_value(json_array_get(messages, json_array_size(messages) - 1)));
    json_decref(messages);
    return status;
}

bool sim_import(struct sim *sim, const char *feed)
{
    static const char *const args[] = {"import", "-"};
    char *out;
    FILE *in = fmemopen((void *)(uintptr_t)feed, strlen(feed), "r");
    int status = admin(sim, 2, args, in, &out);
    fclose(in);
    free(out);
    return status == 0;
}

/* ---- the network ---- */

enum fault {
    FINE,
    LOSE_REQUEST,
    LOSE_REPLY,
    TWICE,
    LATE,
    SERVER_DIES_THEN_REPLY, /* killed when the reply is on its way */
    SERVER_DIES,            /* between commit and reply */
    DEVICE_DIES             /* when the server has committed, before the reply is kept */
};

static enum fault draw_fault(struct sim *sim)
{
    static const struct {
        enum fault fault;
        uint32_t percent;
    } odds[] = {{LOSE_REQUEST, 8},           {LOSE_REPLY, 8},  {TWICE, 5},      {LATE, 5},
                {SERVER_DIES_THEN_REPLY, 2}, {SERVER_DIES, 2}, {DEVICE_DIES, 3}};
    uint32_t at = sim_random(sim, 100);
    if (sim->calm)
        return FINE;
    if (sim->plant && at >= 90)
        return SERVER_DIES_THEN_REPLY; /* the moment that the planted bug needs */
    for (size_t i = 0; i < sizeof odds / sizeof odds[0]; i++) {
        if (at < odds[i].percent)
            return odds[i].fault;
        at -= odds[i].percent;
    }
    return FINE;
}

static void deliver_late(struct sim *sim)
{
    struct api_reply reply;
    if (!sim->late.waits)
        return;
    sim->late.waits = false;
    struct api_request request = {.method = sim->late.body ? "POST" : "GET",
                                  .path = sim->late.path,
                                  .cursor = sim->late.cursor[0] ? sim->late.cursor : NULL,
                                  .bearer = sim->late.bearer[0] ? sim->late.bearer : NULL,
                                  .body = sim->late.body,
                                  .body_len = sim->late.len,
                                  .zstd = sim->late.zstd};
    api_handle(sim->server, &request, &reply);
    api_reply_free(&reply);
    free(sim->late.body);
    sim->late.body = NULL;
}

static void delay(struct sim *sim, const struct api_request *request)
{
    snprintf(sim->late.path, sizeof sim->late.path, "%s", request->path);
    snprintf(sim->late.cursor, sizeof sim->late.cursor, "%s", request->cursor ? request->cursor : "");
    snprintf(sim->late.bearer, sizeof sim->late.bearer, "%s", request->bearer ? request->bearer : "");
    sim->late.len = request->body_len;
    sim->late.zstd = request->zstd;
    sim->late.waits = true;
    if (request->body_len) {
        sim->late.body = malloc(request->body_len);
        memcpy(sim->late.body, request->body, request->body_len);
    }
}

static enum rc hand_over(struct sim_device *device, const struct api_reply *reply, struct sync_reply *ret_reply)
{
    size_t len = reply->body_len;
    free(device->reply);
    device->reply = NULL;
    if (reply->zstd) {
        if (body_expand(reply->body, reply->body_len, PAGE_BODY_MAX, &device->reply, &len) != RC_OK)
            return RC_PEER;
    } else {
        device->reply = malloc(len + 1);
        memcpy(device->reply, reply->body, len);
    }
    *ret_reply = (struct sync_reply){.status = reply->status, .body = device->reply, .body_len = len};
    return RC_OK;
}

static char *device_dir(const struct sim_device *device, int life, char *ret_dir)
{
    snprintf(ret_dir, SIM_DIR_MAX + 32, "%s/device%d-%d", device->sim->dir, device->number, life);
    return ret_dir;
}

static void copy_device(struct sim_device *device)
{
    char to[SIM_PATH_MAX];
    copy_folder(device->dir, device_dir(device, device->lives + 1, to));
    device->dying = true;
}

/* The server answers, and whatever the script says happens around it. */
static enum rc answered(struct sim_device *device, enum fault fault, const struct api_request *request,
                        struct sync_reply *ret_reply)
{
    struct sim *sim = device->sim;
    struct api_reply reply;
    bool early = sim->plant && strcmp(request->path, "/v1/push") == 0 && fault == SERVER_DIES_THEN_REPLY;
    if (early)
        copy_server(sim); /* what is on disk of a server that has not committed yet */
    api_handle(sim->server, request, &reply);
    if (fault == TWICE) {
        api_reply_free(&reply);
        api_handle(sim->server, request, &reply);
        sim->counts.repeats++;
    }
    if (fault == SERVER_DIES || (fault == SERVER_DIES_THEN_REPLY && !early))
        copy_server(sim);
    if (fault == SERVER_DIES || fault == SERVER_DIES_THEN_REPLY)
        next_server(sim);
    if (fault == DEVICE_DIES)
        copy_device(device);
    bool lost = fault == LOSE_REPLY || fault == SERVER_DIES || fault == DEVICE_DIES;
    sim->counts.lost_replies += lost;
    enum rc rc = lost ? RC_NET : hand_over(device, &reply, ret_reply);
    api_reply_free(&reply);
    return rc;
}

/* A server that takes small bodies only, so that a journal goes over in several batches. */
static enum rc too_big(struct sim_device *device, struct sync_reply *ret_reply)
{
    struct refusal refusal = {.head.time_ms = now_ms((void *)(uintptr_t)the_clock), .kind = REFUSAL_TOO_BIG};
    char *text;
    snprintf(refusal.head.history, sizeof refusal.head.history, "%s", server_history(device->sim->server));
    struct api_reply reply = {.status = 413};
    if (refusal_encode(&refusal, &text, &reply.body_len) != RC_OK)
        abort();
    reply.body = text;
    device->sim->counts.too_big++;
    enum rc rc = hand_over(device, &reply, ret_reply);
    free(text);
    return rc;
}

static enum rc exchange(void *context, const char *url, const struct sync_request *request,
                        struct sync_reply *ret_reply)
{
    struct sim_device *device = context;
    struct sim *sim = device->sim;
    char path[64];
    (void)url;
    sim->counts.requests++;
    deliver_late(sim);
    snprintf(path, sizeof path, "%.*s", (int)strcspn(request->path, "?"), request->path);
    const char *cursor = strchr(request->path, '=');
    struct api_request asked = {.method = request->method,
                                .path = path,
                                .cursor = cursor ? cursor + 1 : NULL,
                                .bearer = request->bearer,
                                .body = request->body,
                                .body_len = request->body_len,
                                .zstd = request->zstd,
                                .accepts_zstd = sim_random(sim, 2)};
    if (request->body_len > NARROW_BYTES && !sim->calm)
        return too_big(device, ret_reply);
    enum fault fault = draw_fault(sim);
    if (fault == LOSE_REQUEST) {
        sim->counts.lost_requests++;
        return RC_NET;
    }
    if (fault == LATE) {
        sim->counts.delays++;
        delay(sim, &asked);
        return RC_NET;
    }
    return answered(device, fault, &asked, ret_reply);
}

/* ---- devices ---- */

static struct sync_transport transport_of(struct sim_device *device)
{
    return (struct sync_transport){.context = device, .exchange = exchange};
}

static bool open_device(struct sim_device *device)
{
    struct engine_options options = {.dir = device->dir, .what = "sim", .site = NULL, .clock = the_clock};
    struct store_owner owner;
    struct sync_store store;
    struct sync_transport transport = transport_of(device);
    enum rc rc = engine_open(&options, &device->engine, &owner);
    if (rc == RC_OK)
        rc = syncport_open(device->dir, &device->port);
    if (rc == RC_OK) {
        store = syncport_store(device->port);
        rc = sync_client_new(&store, &transport, &device->client);
    }
    return rc == RC_OK || sim_fail(device->sim, "device %d does not open: %s", device->number, rc_word(rc));
}

static void close_device(struct sim_device *device)
{
    sync_client_free(device->client);
    syncport_close(device->port);
    engine_close(device->engine);
    device->client = NULL;
    device->port = NULL;
    device->engine = NULL;
}

/* Goes on from the copy. */
static void next_device(struct sim_device *device)
{
    char dir[SIM_PATH_MAX];
    close_device(device);
    remove_folder(device->dir);
    device->lives++;
    snprintf(device->dir, sizeof device->dir, "%s", device_dir(device, device->lives, dir));
    device->dying = false;
    device->sim->counts.device_kills++;
    open_device(device);
}

void sim_kill_device(struct sim_device *device)
{
    copy_device(device);
    next_device(device);
}

void sim_sync_step(struct sim_device *device)
{
    struct sync_progress progress;
    device->sim->counts.steps++;
    enum rc rc = sync_step(device->client, &progress);
    bool world = rc == RC_OK || rc == RC_NET;
    if (!world)
        sim_fail(device->sim, "device %d: sync says %s: %s", device->number, rc_word(rc), progress.detail);
    if (device->dying)
        next_device(device);
    if (!device->sim->wrong[0])
        sim_check_acked(device->sim);
}

static bool enrol(struct sim_device *device)
{
    struct sim *sim = device->sim;
    const char *site = sim->sites ? sim->sites[device->number] : "CDB";
    const char *const args[] = {"enrol", "--site", site, "--url", "http://127.0.0.1:1"};
    char *out;
    if (admin(sim, 5, args, NULL, &out) != 0) {
        free(out);
        return false;
    }
    char *string = strstr(out, "tallyman:1:");
    enum rc rc = RC_NET;
    for (int tries = 0; string && rc == RC_NET && tries < ENROL_TRIES_MAX; tries++) {
        struct sync_store store = syncport_store(device->port);
        struct sync_transport transport = transport_of(device);
        struct sync_progress progress;
        rc = sync_enrol(&store, &transport, string, &progress);
        if (device->dying)
            next_device(device);
    }
    free(out);
    /* the store reads its identity when it opens */
    if (rc == RC_OK)
        sim_kill_device(device);
    return rc == RC_OK || sim_fail(sim, "device %d does not enrol: %s", device->number, rc_word(rc));
}

/* ---- the whole ---- */

bool sim_open(struct sim *sim, const char *dir, uint64_t seed, const char *feed)
{
    char path[SIM_PATH_MAX];
    bool plant = sim->plant;
    const char *const *sites = sim->sites;
    *sim = (struct sim){.random = seed, .plant = plant, .sites = sites};
    snprintf(sim->dir, sizeof sim->dir, "%s", dir);
    the_clock = clock_pinned(START_MS, 8 * 60);
    if (mkdir(server_dir(sim, 0, path), 0700) != 0)
        return sim_fail(sim, "%s can't be made", path);
    bool done = open_server(sim) && sim_import(sim, feed);
    for (int i = 0; i < SIM_DEVICES && done; i++) {
        struct sim_device *device = &sim->devices[i];
        device->sim = sim;
        device->number = i;
        snprintf(device->dir, sizeof device->dir, "%s", device_dir(device, 0, path));
        done = open_device(device) && enrol(device);
    }
    return done;
}

void sim_close(struct sim *sim)
{
    char path[SIM_PATH_MAX];
    for (int i = 0; i < SIM_DEVICES; i++) {
        if (!sim->devices[i].sim)
            continue;
        close_device(&sim->devices[i]);
        remove_folder(sim->devices[i].dir);
        free(sim->devices[i].reply);
    }
    server_close(sim->server);
    remove_folder(server_dir(sim, sim->server_lives, path));
    remove_folder(backup_dir(sim, path));
    free(sim->late.body);
    rmdir(sim->dir);
}
