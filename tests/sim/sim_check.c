#include "sync/server/results.h"
#include "tests/sim/sim_world.h"
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

/* Results of one seed: as many as the orders, and what follows a supplementary one. */
enum { SHIPPED_MAX = 4096 };

static sqlite3 *open_reader(struct sim *sim, const char *path)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK)
        return db;
    sim_fail(sim, "%s can't be read", path);
    sqlite3_close(db);
    return NULL;
}

static sqlite3 *open_server_reader(struct sim *sim)
{
    char path[SIM_PATH_MAX];
    return open_reader(sim, sim_server_path(sim, path));
}

/* First column of the first row; `missing` without one. */
static int64_t number(sqlite3 *db, const char *sql, int64_t device, int64_t missing)
{
    sqlite3_stmt *row = NULL;
    int64_t value = missing;
    if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK)
        return -1;
    if (sqlite3_bind_parameter_count(row) > 0)
        sqlite3_bind_int64(row, 1, device);
    if (sqlite3_step(row) == SQLITE_ROW)
        value = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return value;
}

static bool get_state(struct sim_device *device, struct sync_state *ret_state, struct sync_identity *ret_identity)
{
    struct sync_store store = syncport_store(device->port);
    enum rc rc = store.identity(store.context, ret_identity);
    if (rc == RC_OK)
        rc = store.state(store.context, ret_state);
    return rc == RC_OK || sim_fail(device->sim, "device %d has no state: %s", device->number, rc_word(rc));
}

bool sim_check_acked(struct sim *sim)
{
    sqlite3 *db = sim->restored ? NULL : open_server_reader(sim);
    if (!db)
        return sim->restored;
    for (int i = 0; i < SIM_DEVICES; i++) {
        struct sync_state state;
        struct sync_identity identity;
        if (!get_state(&sim->devices[i], &state, &identity))
            continue;
        int64_t has = number(db, "SELECT acked FROM stream WHERE device = ?1", identity.device, 0);
        if (state.acked_seq > has)
            sim_fail(sim, "device %d: %lld records are acknowledged, the server has %lld", i,
                     (long long)state.acked_seq, (long long)has);
        if (state.applied_seq > state.acked_seq)
            sim_fail(sim, "device %d: the catalog has %lld records in it, %lld are acknowledged", i,
                     (long long)state.applied_seq, (long long)state.acked_seq);
    }
    sqlite3_close(db);
    return !sim->wrong[0];
}

/* ---- at the end ---- */

/* The server's records of this device are its journal, byte for byte, each once, in order. */
static bool check_records(struct sim *sim, sqlite3 *server, const struct sim_device *device, int64_t id)
{
    char path[SIM_PATH_MAX];
    sqlite3_stmt *mine = NULL, *theirs = NULL;
    snprintf(path, sizeof path, "%s/journal.db", device->dir);
    sqlite3 *journal = open_reader(sim, path);
    if (!journal)
        return false;
    sqlite3_prepare_v2(journal, "SELECT seq, body FROM record ORDER BY seq", -1, &mine, NULL);
    sqlite3_prepare_v2(server, "SELECT seq, body FROM record WHERE device = ?1 ORDER BY epoch, seq", -1, &theirs,
                       NULL);
    sqlite3_bind_int64(theirs, 1, id);
    for (int64_t seq = 1;; seq++) {
        int own = sqlite3_step(mine), other = sqlite3_step(theirs);
        if (own != other)
            sim_fail(sim, "device %d: journal and server differ in length at record %lld", device->number,
                     (long long)seq);
        if (own != SQLITE_ROW || other != SQLITE_ROW)
            break;
        size_t len = (size_t)sqlite3_column_bytes(mine, 1);
        if (sqlite3_column_int64(mine, 0) != seq || sqlite3_column_int64(theirs, 0) != seq ||
            (size_t)sqlite3_column_bytes(theirs, 1) != len ||
            memcmp(sqlite3_column_blob(mine, 1), sqlite3_column_blob(theirs, 1), len) != 0) {
            sim_fail(sim, "device %d: record %lld is not the server's", device->number, (long long)seq);
            break;
        }
    }
    sqlite3_finalize(mine);
    sqlite3_finalize(theirs);
    sqlite3_close(journal);
    return !sim->wrong[0];
}

static bool check_device(struct sim *sim, sqlite3 *server, struct sim_device *device)
{
    struct sync_state state;
    struct sync_identity identity;
    struct store_counts counts;
    int64_t count, bad = 0;
    if (!get_state(device, &state, &identity) || !check_records(sim, server, device, identity.device))
        return false;
    if (state.acked_seq != state.last_seq || state.applied_seq != state.last_seq)
        return sim_fail(sim, "device %d: %lld records, %lld acknowledged, %lld applied", device->number,
                        (long long)state.last_seq, (long long)state.acked_seq, (long long)state.applied_seq);
    enum rc rc = store_verify(engine_store(device->engine), &count, &bad);
    if (rc != RC_OK || count != state.last_seq)
        return sim_fail(sim, "device %d: journal verify says %s at %lld", device->number, rc_word(rc),
                        (long long)bad);
    if (store_counts(engine_store(device->engine), &counts) != RC_OK)
        return sim_fail(sim, "device %d does not count", device->number);
    int64_t refused =
        number(server, "SELECT count(*) FROM record WHERE device = ?1 AND outcome = 1", identity.device, 0);
    if (counts.refused != refused)
        return sim_fail(sim, "device %d knows of %lld refused records, the server of %lld", device->number,
                        (long long)counts.refused, (long long)refused);
    return true;
}

/* How often an item went, less how often it came: more than once it can't have gone. Containers are used again. */
struct shipped {
    char key[SIM_CODE_ROOM];
    int times;
};

/* What a result's flow does with its units: 1 they go, -1 they come, 0 they stay. */
static int direction(const json_t *result)
{
    static const struct {
        const char *flow;
        int direction;
    } rows[] = {{"outbound", 1}, {"transfer", 1}, {"scrap", 1}, {"sample", 1}, {"receipt", -1}, {"return", -1}};
    const char *flow = json_string_value(json_object_get(result, "flow"));
    for (size_t i = 0; flow && i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(flow, rows[i].flow) == 0)
            return rows[i].direction;
    return 0;
}

static void note_shipped(const char *key, int times, struct shipped *shipped, int *count)
{
    int at = 0;
    if (strncmp(key, "(01)", 4) != 0)
        return;
    while (at < *count && strcmp(shipped[at].key, key) != 0)
        at++;
    if (at == SHIPPED_MAX)
        return;
    if (at == *count)
        snprintf(shipped[(*count)++].key, SIM_CODE_ROOM, "%s", key);
    shipped[at].times += times;
}

static void add_shipped(const json_t *result, struct shipped *shipped, int *count)
{
    size_t i, j;
    const json_t *line, *code;
    int times = direction(result);
    json_array_foreach(json_object_get(result, "lines"), i, line)
    {
        json_array_foreach(json_object_get(line, "codes"), j, code)
        {
            note_shipped(json_string_value(code), times, shipped, count);
        }
    }
}

static bool check_shipped(struct sim *sim, const struct shipped *shipped, int count)
{
    for (int i = 0; i < count; i++)
        if (shipped[i].times > 1)
            return sim_fail(sim, "%s was shipped %d times more than it came", shipped[i].key, shipped[i].times);
    return true;
}

/* A result has the id that everybody can compute, and its own text says the same. */
static bool check_results(struct sim *sim, sqlite3 *server)
{
    static struct shipped shipped[SHIPPED_MAX];
    char id[RESULTS_ID_TEXT + 1];
    int count = 0;
    bool good = true;
    sqlite3_stmt *row = NULL;
    memset(shipped, 0, sizeof shipped);
    sqlite3_prepare_v2(server, "SELECT id, doc, close_no, body FROM result ORDER BY n", -1, &row, NULL);
    while (good && sqlite3_step(row) == SQLITE_ROW) {
        const char *doc = (const char *)sqlite3_column_text(row, 1);
        results_id(doc, sqlite3_column_int64(row, 2), id);
        json_t *body = json_loads((const char *)sqlite3_column_text(row, 3), 0, NULL);
        if (!body || strcmp(id, (const char *)sqlite3_column_text(row, 0)) != 0)
            good = sim_fail(sim, "the result of %s is damaged", doc);
        add_shipped(body, shipped, &count);
        json_decref(body);
    }
    sqlite3_finalize(row);
    return good && check_shipped(sim, shipped, count);
}

/* Sums that must agree in the server's books. */
static bool check_books(struct sim *sim, sqlite3 *server)
{
    static const struct {
        const char *sql, *wrong;
    } rows[] = {
        {"SELECT count(*) FROM tally WHERE state = 1", "tallies are live after everything was completed"},
        {"SELECT count(*) FROM claim", "claims are held after everything was completed"},
        {"SELECT count(*) FROM share WHERE state = 1", "shares are open after everything was completed"},
        {"SELECT count(*) FROM tally t JOIN record r USING (device, epoch, seq) WHERE t.state = 3 AND r.outcome <> 0",
         "a refused or held record has moved goods"},
        {"SELECT count(*) FROM (SELECT DISTINCT doc FROM record WHERE kind = 'complete' AND outcome = 0) c"
         " WHERE NOT EXISTS (SELECT 1 FROM result WHERE result.doc = c.doc OR"
         " (c.doc LIKE 'group:%' AND result.doc LIKE 'sim:w%'))",
         "a completed order has no result"},
        /* what was packed in a document that was given up stays packed */
        {"SELECT count(*) FROM tally t WHERE t.state = 3 AND t.doc NOT LIKE 'group:%' AND"
         " NOT (t.doc LIKE 'own:%' AND EXISTS (SELECT 1 FROM record a WHERE a.kind = 'abandon' AND a.doc = t.doc)) "
         "AND"
         " NOT EXISTS (SELECT 1 FROM result r WHERE r.doc = t.doc AND r.close_no = t.close_no)",
         "goods have moved that are in no result"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t count = number(server, rows[i].sql, 0, 0);
        if (count != 0)
            return sim_fail(sim, "%s (%lld)", rows[i].wrong, (long long)count);
    }
    return true;
}

static bool check_unit(struct sim *sim, int device, const char *key, const char *at, const char *in)
{
    struct catalog *catalog;
    struct codebook_entry entry = {0};
    char holder[HOLDER_MAX + 1] = "nothing";
    if (store_catalog(engine_store(sim->devices[device].engine), &catalog) == RC_OK &&
        codebook_find(catalog_codebook(catalog), key, &entry) == RC_OK)
        holder_print(&entry.holder, holder);
    if (strcmp(holder, at) != 0)
        return sim_fail(sim, "device %d: %s is at %s, says the server, not %s", device, key, at, holder);
    return strcmp(entry.parent, in) == 0 ||
           sim_fail(sim, "device %d: %s is in '%s', says the server, not '%s'", device, key, in, entry.parent);
}

/* What the devices' catalogs say of each unit is what the books say. */
static bool check_catalogs(struct sim *sim, sqlite3 *server)
{
    bool good = true;
    sqlite3_stmt *row = NULL;
    sqlite3_prepare_v2(server,
                       "SELECT key, holder, coalesce(parent, '') FROM code WHERE holder IS NOT NULL AND gone = 0", -1,
                       &row, NULL);
    while (good && sqlite3_step(row) == SQLITE_ROW) {
        const char *key = (const char *)sqlite3_column_text(row, 0);
        for (int i = 0; i < SIM_DEVICES && good; i++)
            good = check_unit(sim, i, key, (const char *)sqlite3_column_text(row, 1),
                              (const char *)sqlite3_column_text(row, 2));
    }
    sqlite3_finalize(row);
    return good;
}

/* What the seed came to: a run in which nothing was refused or moved would show little. */
static void count_up(struct sim *sim, sqlite3 *server)
{
    sim->counts.refused = number(server, "SELECT count(*) FROM record WHERE outcome = 1", 0, 0);
    sim->counts.moved = number(server, "SELECT count(*) FROM tally WHERE state = 3", 0, 0);
    sim->counts.results = number(server, "SELECT count(*) FROM result", 0, 0);
    sim->counts.conflicts = number(server, "SELECT count(*) FROM conflict", 0, 0);
}

bool sim_check_end(struct sim *sim)
{
    sqlite3 *server = open_server_reader(sim);
    if (!server)
        return false;
    for (int i = 0; i < SIM_DEVICES; i++)
        check_device(sim, server, &sim->devices[i]);
    if (!sim->wrong[0])
        check_books(sim, server);
    if (!sim->wrong[0])
        check_results(sim, server);
    if (!sim->wrong[0])
        check_catalogs(sim, server);
    count_up(sim, server);
    sqlite3_close(server);
    return !sim->wrong[0];
}
