#include "tests/sim/sim_world.h"
#include "sync/server/admin.h"
#include "sync/server/server.h"
#include "tests/sim/sim_memory.h"
#include "tests/sim/sim_start.h"
#include <dirent.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ENROL_TRIES_MAX = 100,
    START_MS_DAY = 20000,
    AGAIN_IN = 2,
    AGAIN_BITS = 6,
    AGAIN_SYNCS = 6,
    BACKUP = 0,
    LIVES_MAX = 8
};

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

void sim_say(struct sim *sim, const char *format, ...)
{
    char line[256];
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    for (const char *at = line; *at; at++)
        sim->digest = (sim->digest ^ (uint8_t)*at) * 0x100000001b3; /* FNV-1a */
    if (sim->loud)
        printf("  %s\n", line);
}

/* ---- chance and time ---- */

/* What the program draws is drawn from the seed as well: keys, tokens, histories. */
static uint64_t drawn;

static const char *drawn_name(void)
{
    return "seeded";
}

static void drawn_bytes(void *const bytes, const size_t len)
{
    struct sim sim = {.random = drawn};
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)sim_random(&sim, 256);
    drawn = sim.random;
}

static uint32_t drawn_number(void)
{
    uint32_t number;
    drawn_bytes(&number, sizeof number);
    return number;
}

static struct randombytes_implementation seeded = {
    .implementation_name = drawn_name, .random = drawn_number, .buf = drawn_bytes};

static const struct clock *the_clock;

static int64_t device_ms(void *context)
{
    const struct sim_device *device = context;
    return the_clock->wall_ms(the_clock->context) + device->skew_ms;
}

static int64_t device_ns(void *context)
{
    (void)context;
    return the_clock->mono_ns(the_clock->context);
}

static int device_offset(void *context, int64_t wall_ms)
{
    (void)context;
    return the_clock->offset_min(the_clock->context, wall_ms);
}

int64_t sim_server_ms(void *sim)
{
    (void)sim;
    return the_clock->wall_ms(the_clock->context);
}

/* ---- folders ---- */

static void remove_folder(const char *path)
{
    char name[SIM_PATH_MAX];
    DIR *dir = opendir(path);
    if (!dir)
        return;
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (unlink(name) != 0)
            (void)rmdir(name);
    }
    closedir(dir);
    rmdir(path);
}

/* ---- the server ---- */

static char *server_dir(const struct sim *sim, char *ret_dir)
{
    snprintf(ret_dir, SIM_PATH_MAX, "%s/server", sim->dir);
    return ret_dir;
}

char *sim_server_path(const struct sim *sim, char *ret_path)
{
    snprintf(ret_path, SIM_PATH_MAX, "%s/server/server.db", sim->dir);
    return ret_path;
}

static enum rc open_server(struct sim *sim)
{
    char path[SIM_PATH_MAX], url[SIM_PATH_MAX + 16], shelf[SIM_PATH_MAX];
    snprintf(url, sizeof url, "sqlite:%s", sim_server_path(sim, path));
    struct server_options options = {.url = url,
                                     .snapshots = sim_shelf(sim, shelf),
                                     .snapshot_changes = 1,
                                     .quiet = true,
                                     .clock_context = sim,
                                     .now_ms = sim_server_ms};
    return server_open(&options, &sim->server);
}

static void close_server(struct sim *sim)
{
    server_close(sim->server);
    sim->server = NULL;
}

/* ---- devices ---- */

static enum rc open_device(struct sim_device *device)
{
    struct engine_options options = {.dir = device->dir, .what = "sim", .site = NULL, .clock = &device->clock};
    struct store_owner owner;
    struct sync_store store;
    struct sync_transport transport = sim_transport(device);
    enum rc rc = engine_open(&options, &device->engine, &owner);
    if (rc == RC_OK)
        rc = syncport_open(device->dir, &device->port);
    if (rc == RC_OK) {
        store = syncport_store(device->port);
        rc = sync_client_new(&store, &transport, &device->client);
    }
    return rc;
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

static void note_told(struct sim_device *device)
{
    int64_t last = device->engine ? store_last_seq(engine_store(device->engine)) : 0;
    if (last > device->told_seq)
        device->told_seq = last;
}

/* ---- ends ---- */

static enum rc open_node(struct sim *sim, int node)
{
    return node == SIM_SERVER ? open_server(sim) : open_device(&sim->devices[node]);
}

static void close_node(struct sim *sim, int node)
{
    if (node == SIM_SERVER)
        close_server(sim);
    else
        close_device(&sim->devices[node]);
}

static const char *node_name(int node)
{
    static const char *const names[] = {"device 0", "device 1", "device 2", "the server"};
    return names[node];
}

static bool check_node(struct sim *sim, int node)
{
    return node == SIM_SERVER ? sim_check_server(sim) : sim_check_device(&sim->devices[node]);
}

/* Soon, or while it begins. Of what a killed process wrote last it is not known whether it is on disk: a power cut right
 * after that is what tells. */
static void end_again(struct sim *sim, int node, bool killed)
{
    uint32_t how = killed ? 1 + sim_random(sim, DISK_ENDS - 1) : sim_random(sim, DISK_ENDS);
    if (killed || sim_random(sim, 2))
        disk_end_at_sync(node, 1 + (long)sim_random(sim, killed ? 2 : AGAIN_SYNCS), (enum disk_end)how);
    else
        disk_end_at(node, 1 + (long)sim_random(sim, 1u << (1 + sim_random(sim, AGAIN_BITS))), (enum disk_end)how);
}

/* Its next life, which may end while it begins or shortly after. */
static void live_again(struct sim *sim, int node)
{
    enum rc rc = RC_IO;
    if (node != SIM_SERVER)
        note_told(&sim->devices[node]);
    for (int life = 0; life < LIVES_MAX && rc != RC_OK; life++) {
        bool ended = disk_ended(node), killed = ended && disk_how(node) == DISK_KILL;
        close_node(sim, node);
        if (ended) {
            sim->counts.ends[node == SIM_SERVER][disk_how(node)]++;
            sim_say(sim, "%s: %s", node_name(node), disk_end_word(disk_how(node)));
            disk_start(node, sim->random);
        }
        if (!sim->calm && life == 0 && sim_random(sim, AGAIN_IN) == 0)
            end_again(sim, node, killed);
        rc = open_node(sim, node);
        bool full = rc != RC_OK && disk_was_full(node);
        sim_say(sim, "%s begins again: %s%s", node_name(node), rc_word(rc), full ? ", its disk is full" : "");
        if (full)
            disk_room(node);
        else if (rc != RC_OK && !disk_ended(node)) {
            sim_fail(sim, "%s does not begin again: %s", node_name(node), rc_word(rc));
            return;
        }
    }
    if (!disk_ended(node))
        check_node(sim, node);
}

static void settle(struct sim *sim, int node)
{
    for (int life = 0; life < LIVES_MAX && disk_ended(node) && !sim->wrong[0]; life++)
        live_again(sim, node);
}

void sim_settle_server(struct sim *sim)
{
    settle(sim, SIM_SERVER);
}

void sim_settle(struct sim *sim)
{
    for (int node = 0; node <= SIM_SERVER; node++)
        settle(sim, node);
}

void sim_end_device(struct sim_device *device, enum disk_end how)
{
    disk_end_now(device->number, how);
    sim_settle(device->sim);
}

void sim_end_server(struct sim *sim, enum disk_end how)
{
    disk_end_now(SIM_SERVER, how);
    sim_settle_server(sim);
}

void sim_mend(struct sim *sim)
{
    for (int node = 0; node <= SIM_SERVER; node++) {
        disk_room(node);
        disk_end_at(node, 0, DISK_KILL);
    }
    for (int i = 0; i < SIM_DEVICES; i++)
        sim->devices[i].skew_ms = 0;
}

/* ---- backups ---- */

void sim_backup(struct sim *sim)
{
    disk_copy(SIM_SERVER, BACKUP);
    sim->has_backup = true;
    sim->counts.backups++;
}

/* Whatever is restored has another history. */
static bool new_history(struct sim *sim)
{
    char path[SIM_PATH_MAX];
    sqlite3 *db = NULL;
    int code = sqlite3_open(sim_server_path(sim, path), &db);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db, "DELETE FROM meta WHERE name = 'history'", NULL, NULL, NULL);
    for (int i = 0; i < SIM_DEVICES && code == SQLITE_OK; i++) {
        struct sim_device *device = &sim->devices[i];
        device->told_acked = sim_number(db, "SELECT acked FROM stream WHERE device = ?1", device->id, 0);
        memset(device->verdicts, 0, sizeof device->verdicts);
    }
    if (code != SQLITE_OK)
        sim_fail(sim, "the backup can't be used: %s", sqlite3_errmsg(db));
    sqlite3_close(db);
    return code == SQLITE_OK;
}

void sim_restore(struct sim *sim)
{
    if (!sim->has_backup)
        return;
    disk_end_at(SIM_SERVER, 0, DISK_KILL);
    close_server(sim);
    disk_room(SIM_SERVER);
    if (!disk_put_back(SIM_SERVER, BACKUP) || !new_history(sim))
        return;
    sim->restored = true;
    sim->counts.restores++;
    sim_say(sim, "the server is lost, and restored from its backup");
    enum rc rc = open_server(sim);
    if (rc != RC_OK && !disk_ended(SIM_SERVER))
        sim_fail(sim, "a restored server does not open: %s", rc_word(rc));
    sim_settle(sim);
}

/* ---- the server's commands ---- */

static int admin(struct sim *sim, int count, const char *const *args, FILE *in, char **ret_out)
{
    size_t size;
    json_t *messages = json_array();
    FILE *out = open_memstream(ret_out, &size);
    int status = admin_run(sim->server, count, args, in, out, messages);
    fclose(out);
    if (status != 0 && !disk_ended(SIM_SERVER) && !disk_was_full(SIM_SERVER))
        sim_fail(sim, "%s: %s", args[0], json_string_value(json_array_get(messages, json_array_size(messages) - 1)));
    json_decref(messages);
    sim_settle(sim);
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

/* ---- syncing ---- */

static bool may_be(const struct sim_device *device, enum rc rc)
{
    if (rc == RC_OK || rc == RC_NET || disk_ended(device->number))
        return true;
    if (disk_was_full(device->number) && (rc == RC_DISK_FULL || rc == RC_IO))
        return true;
    return disk_was_full(SIM_SERVER) && rc == RC_REFUSED;
}

void sim_sync_step(struct sim_device *device)
{
    struct sync_progress progress;
    struct sim *sim = device->sim;
    sim->counts.steps++;
    enum rc rc = sync_step(device->client, &progress);
    sim_say(sim, "device %d: a step of its sync: %s", device->number, rc_word(rc));
    if (!may_be(device, rc))
        sim_fail(sim, "device %d: sync says %s: %s", device->number, rc_word(rc), progress.detail);
    bool lives = !disk_ended(device->number);
    sim_settle(sim);
    if (lives && !sim->wrong[0])
        sim_check_step(device);
}

static bool enrol(struct sim_device *device)
{
    struct sim *sim = device->sim;
    const char *site = sim->sites ? sim->sites[device->number] : "CDB";
    const char *const args[] = {"enrol", "--site", site, "--url", "http://127.0.0.1:1"};
    char *out = NULL;
    struct sync_identity identity = {.device = 0};
    int status = 1;
    for (int tries = 0; status != 0 && tries < ENROL_TRIES_MAX && !sim->wrong[0]; tries++) {
        free(out);
        status = admin(sim, 5, args, NULL, &out);
    }
    char *string = strstr(out, "tallyman:1:");
    enum rc rc = RC_NET;
    for (int tries = 0; string && rc != RC_OK && tries < ENROL_TRIES_MAX && !sim->wrong[0]; tries++) {
        struct sync_store store = syncport_store(device->port);
        struct sync_transport transport = sim_transport(device);
        struct sync_progress progress;
        rc = sync_enrol(&store, &transport, string, &progress);
        sim_settle(sim);
    }
    free(out);
    /* the store reads its identity when it opens */
    if (rc == RC_OK)
        sim_end_device(device, DISK_KILL);
    struct sync_store store = syncport_store(device->port);
    if (rc == RC_OK)
        rc = store.identity(store.context, &identity);
    device->id = identity.device;
    return rc == RC_OK || sim_fail(sim, "device %d does not enrol: %s", device->number, rc_word(rc));
}

/* ---- the whole ---- */

static void new_device(struct sim *sim, int number)
{
    struct sim_device *device = &sim->devices[number];
    *device = (struct sim_device){.sim = sim, .number = number};
    device->clock =
        (struct clock){.context = device, .wall_ms = device_ms, .mono_ns = device_ns, .offset_min = device_offset};
    snprintf(device->dir, sizeof device->dir, "%.*s/device%d", SIM_DIR_MAX - 16, sim->dir, number);
    disk_node(number, device->dir);
}

static bool begin_device(struct sim *sim, int number)
{
    enum rc rc = open_device(&sim->devices[number]);
    return rc == RC_OK || sim_fail(sim, "device %d does not open: %s", number, rc_word(rc));
}

static bool begin_server(struct sim *sim)
{
    enum rc rc = open_server(sim);
    return rc == RC_OK || sim_fail(sim, "the server does not open: %s", rc_word(rc));
}

/* Nobody has done anything yet. */
static bool new_world(struct sim *sim, const char *dir, uint64_t seed)
{
    char path[SIM_PATH_MAX];
    bool loud = sim->loud, snapshots = sim->snapshots;
    const char *const *sites = sim->sites;
    memset(sim, 0, sizeof *sim);
    sim->random = seed;
    sim->digest = 0xcbf29ce484222325;
    sim->loud = loud;
    sim->snapshots = snapshots;
    sim->sites = sites;
    drawn = ~seed;
    snprintf(sim->dir, sizeof sim->dir, "%s", dir);
    the_clock = clock_pinned(START_MS, 8 * 60);
    disk_clear(seed);
    disk_node(SIM_SERVER, server_dir(sim, path));
    if (mkdir(path, 0700) != 0)
        return sim_fail(sim, "%s can't be made", path);
    for (int i = 0; i < SIM_DEVICES; i++)
        new_device(sim, i);
    return true;
}

bool sim_open(struct sim *sim, const char *dir, uint64_t seed, const char *feed)
{
    bool done = new_world(sim, dir, seed) && begin_server(sim) && sim_import(sim, feed);
    for (int i = 0; i < SIM_DEVICES && done; i++)
        done = begin_device(sim, i) && enrol(&sim->devices[i]);
    for (int node = 0; node <= SIM_SERVER; node++)
        disk_end_at(node, 0, DISK_KILL);
    return done;
}

bool sim_open_kept(struct sim *sim, const char *dir, uint64_t seed, int which)
{
    bool done = new_world(sim, dir, seed) && sim_start_put_back(sim, which) && begin_server(sim);
    for (int i = 0; i < SIM_DEVICES && done; i++)
        done = begin_device(sim, i);
    return done;
}

void sim_close(struct sim *sim)
{
    char path[SIM_PATH_MAX];
    for (int i = 0; i < SIM_DEVICES; i++) {
        if (!sim->devices[i].sim)
            continue;
        close_device(&sim->devices[i]);
        free(sim->devices[i].reply);
    }
    close_server(sim);
    disk_clear(0);
    for (int i = 0; i < SIM_DEVICES; i++)
        if (sim->devices[i].sim)
            remove_folder(sim->devices[i].dir);
    remove_folder(server_dir(sim, path));
    remove_folder(sim_shelf(sim, path));
    for (int i = 0; i < SIM_LATE_MAX; i++)
        free(sim->late[i].body);
    disk_drop_copy(BACKUP);
    rmdir(sim->dir);
}

__attribute__((constructor)) static void seed_first(void)
{
    if (!sim_memory_set_up() || disk_register() != RC_OK || randombytes_set_implementation(&seeded) != 0 ||
        sodium_init() < 0)
        abort();
}
