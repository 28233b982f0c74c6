#include "app/store/store_private.h"
#include "sync/server/core.h"
#include "sync/wire/push.h"
#include "tests/sim/sim_world.h"
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

sqlite3 *sim_reader(struct sim *sim, const char *path)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
        sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) == SQLITE_OK)
        return db;
    sim_fail(sim, "%s can't be read", path);
    sqlite3_close(db);
    return NULL;
}

sqlite3 *sim_server_reader(struct sim *sim)
{
    char path[SIM_PATH_MAX];
    return sim_reader(sim, sim_server_path(sim, path));
}

void sim_keep_server(struct sim *sim, const char *path)
{
    char sql[SIM_PATH_MAX + 32];
    sqlite3 *server = sim_server_reader(sim);
    snprintf(sql, sizeof sql, "VACUUM INTO '%s'", path);
    if (server && sqlite3_exec(server, sql, NULL, NULL, NULL) != SQLITE_OK)
        printf("%s can't be made: %s\n", path, sqlite3_errmsg(server));
    sqlite3_close(server);
}

int64_t sim_number(sqlite3 *db, const char *sql, int64_t device, int64_t missing)
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

bool sim_state(struct sim_device *device, struct sync_state *ret_state)
{
    struct sync_store store = syncport_store(device->port);
    enum rc rc = store.state(store.context, ret_state);
    if (rc != RC_OK && !disk_was_full(device->number) && !disk_ended(device->number))
        sim_fail(device->sim, "device %d has no state: %s", device->number, rc_word(rc));
    return rc == RC_OK;
}

/* ---- records ---- */

/* As sim_number, by the server's own connection. */
static int64_t server_number(struct sim *sim, const char *sql, int64_t device)
{
    struct db_stmt *stmt = NULL;
    int64_t value = -1;
    bool row = false;
    if (db_prepare(sim->server->db, sql, &stmt) != RC_OK)
        return value;
    if (device > 0)
        db_bind_int(stmt, 1, device);
    enum rc rc = db_step(stmt, &row);
    if (rc == RC_OK)
        value = row ? db_int(stmt, 0) : 0;
    db_finalize(stmt);
    return value;
}

/* Whether the next of its records is the next of ours. */
static bool same_record(sqlite3_stmt *mine, struct db_stmt *theirs, int64_t seq)
{
    size_t len = (size_t)sqlite3_column_bytes(mine, 1);
    return sqlite3_column_int64(mine, 0) == seq && db_int(theirs, 0) == seq && strlen(db_text(theirs, 1)) == len &&
           memcmp(sqlite3_column_text(mine, 1), db_text(theirs, 1), len) == 0;
}

bool sim_check_records(struct sim *sim, const struct sim_device *device, int64_t *ret_count)
{
    static const char sql[] = "SELECT seq, body FROM record WHERE device = $1 ORDER BY epoch, seq";
    sqlite3_stmt *mine = NULL;
    struct db_stmt *theirs = NULL;
    int64_t count = 0;
    bool row = true;
    sqlite3_prepare_v2(engine_store(device->engine)->db, "SELECT seq, body FROM record ORDER BY seq", -1, &mine,
                       NULL);
    if (db_prepare(sim->server->db, sql, &theirs) != RC_OK)
        abort();
    db_bind_int(theirs, 1, device->id);
    while (!sim->wrong[0] && db_step(theirs, &row) == RC_OK && row) {
        count++;
        if (sqlite3_step(mine) != SQLITE_ROW)
            sim_fail(sim, "device %d: the server has record %lld, the journal has not", device->number,
                     (long long)count);
        else if (!same_record(mine, theirs, count))
            sim_fail(sim, "device %d: record %lld is not the server's", device->number, (long long)count);
    }
    sqlite3_finalize(mine);
    db_finalize(theirs);
    *ret_count = count;
    return !sim->wrong[0];
}

/* A device that is about to begin again itself is looked at then. */
static bool check_stream(struct sim *sim, struct sim_device *device)
{
    int64_t count = 0, has = server_number(sim, "SELECT acked FROM stream WHERE device = $1", device->id);
    if (has < device->told_acked)
        return sim_fail(sim, "device %d: the server said it has %lld records, it has %lld", device->number,
                        (long long)device->told_acked, (long long)has);
    if (disk_ended(device->number))
        return true;
    if (!sim_check_records(sim, device, &count))
        return false;
    return count == has || sim_fail(sim, "device %d: the server says %lld records and has %lld", device->number,
                                    (long long)has, (long long)count);
}

/* One thing is reserved once, and whoever has counted it has reserved it. */
static bool check_claims(struct sim *sim)
{
    static const char *const none[] = {
        "SELECT count(*) FROM (SELECT key FROM tally WHERE state = 1 AND unit = 1 AND free = 0 GROUP BY key"
        " HAVING count(*) > 1)",
        "SELECT count(*) FROM claim c WHERE NOT EXISTS (SELECT 1 FROM tally t WHERE t.doc = c.doc AND t.device = "
        "c.device AND t.epoch = c.epoch AND t.seq = c.seq AND t.state = 1)",
        "SELECT count(*) FROM (SELECT key FROM claim GROUP BY key HAVING count(*) > 1)",
        "SELECT count(*) FROM (SELECT key FROM code GROUP BY key HAVING count(*) > 1)",
        "SELECT count(*) FROM (SELECT 1 FROM record GROUP BY device, epoch, seq HAVING count(*) > 1)"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (server_number(sim, none[i], 0) != 0)
            return sim_fail(sim, "the server's claims: %.180s", none[i]);
    return true;
}

bool sim_check_server(struct sim *sim)
{
    for (int i = 0; i < SIM_DEVICES && !sim->wrong[0]; i++)
        if (sim->devices[i].id > 0)
            check_stream(sim, &sim->devices[i]);
    return !sim->wrong[0] && check_claims(sim);
}

bool sim_check_device(struct sim_device *device)
{
    int64_t last = store_last_seq(engine_store(device->engine));
    if (last < device->told_seq)
        return sim_fail(device->sim, "device %d: record %lld was saved, the journal ends at %lld", device->number,
                        (long long)device->told_seq, (long long)last);
    return device->id == 0 || sim_check_step(device);
}

bool sim_check_step(struct sim_device *device)
{
    struct sim *sim = device->sim;
    struct sync_state state = {.epoch = 0};
    if (!sim_state(device, &state))
        return !sim->wrong[0];
    if (!sim->restored && state.acked_seq > device->told_acked)
        return sim_fail(sim, "device %d: %lld records are acknowledged, the server said %lld", device->number,
                        (long long)state.acked_seq, (long long)device->told_acked);
    if (state.acked_seq > state.last_seq)
        return sim_fail(sim, "device %d: %lld records are acknowledged, the journal has %lld", device->number,
                        (long long)state.acked_seq, (long long)state.last_seq);
    if (!sim->restored && state.applied_seq > state.acked_seq)
        return sim_fail(sim, "device %d: the catalog has %lld records in it, %lld are acknowledged", device->number,
                        (long long)state.applied_seq, (long long)state.acked_seq);
    return true;
}

bool sim_check_push(struct sim_device *device, int64_t first, const void *body, size_t len)
{
    static struct push_reply reply;
    struct sim *sim = device->sim;
    if (push_reply_decode(body, len, &reply) != RC_OK)
        return sim_fail(sim, "device %d: the answer to a push is none", device->number);
    if (reply.acked > device->told_acked)
        device->told_acked = reply.acked;
    for (int i = 0; i < reply.count && first + i < SIM_RECORDS_MAX; i++) {
        char word[SIM_WORD_MAX + 1], *known = device->verdicts[first + i];
        snprintf(word, sizeof word, "%c %.*s", "arh"[reply.verdicts[i].outcome], SIM_WORD_MAX - 2,
                 reply.verdicts[i].word);
        if (known[0] && strcmp(known, word) != 0)
            return sim_fail(sim, "device %d: record %lld was '%s', now it is '%s'", device->number,
                            (long long)(first + i), known, word);
        snprintf(known, SIM_WORD_MAX + 1, "%s", word);
    }
    return true;
}
