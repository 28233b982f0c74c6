#include "tests/sim/sim_world.h"
#include <sqlite3.h>
#include <string.h>

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
static bool check_units(struct sim *sim, sqlite3 *server)
{
    bool good = true;
    sqlite3_stmt *row = NULL;
    sqlite3_prepare_v2(server,
                       "SELECT key, holder, coalesce(parent, '') FROM code WHERE holder IS NOT NULL AND gone = 0", -1,
                       &row, NULL);
    while (good && sqlite3_step(row) == SQLITE_ROW) {
        const char *key = (const char *)sqlite3_column_text(row, 0);
        for (int i = 0; i < SIM_DEVICES && good; i++) /* a dealer is told of its own alone */
            good = sim_flows_is_dealers(&sim->devices[i]) ||
                   check_unit(sim, i, key, (const char *)sqlite3_column_text(row, 1),
                              (const char *)sqlite3_column_text(row, 2));
    }
    sqlite3_finalize(row);
    return good;
}

/* ---- against a fresh pull ---- */

static sqlite3 *open_both(struct sim *sim, const struct sim_device *device, const char *before, const char *after)
{
    char path[SIM_PATH_MAX], sql[2 * SIM_PATH_MAX + 64];
    sqlite3 *db = NULL;
    snprintf(sql, sizeof sql, "ATTACH '%s/%s' AS before; ATTACH '%s/%s' AS after; ATTACH '%s' AS server", device->dir,
             before, device->dir, after, sim_server_path(sim, path));
    if (sqlite3_open(":memory:", &db) == SQLITE_OK && sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return db;
    sim_fail(sim, "device %d: its catalogs can't be read: %s", device->number, sqlite3_errmsg(db));
    sqlite3_close(db);
    return NULL;
}

/* The first row of these, as text; false: there is none. */
static bool first_row(sqlite3 *db, const char *sql, char *ret_text, size_t size)
{
    sqlite3_stmt *row = NULL;
    size_t len = 0;
    bool found = sqlite3_prepare_v2(db, sql, -1, &row, NULL) == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW;
    ret_text[0] = '\0';
    for (int i = 0; found && i < sqlite3_column_count(row) && len + 1 < size; i++) {
        const unsigned char *text = sqlite3_column_text(row, i);
        int more = snprintf(ret_text + len, size - len, "%s%s", i ? "|" : "", text ? (const char *)text : "-");
        len += (size_t)more;
    }
    sqlite3_finalize(row);
    return found;
}

/* The other columns are what its contents say. */
static const char TOLD_OF_CODES[] = "key, product, lot, parent, level, covers, state, holder";

/* What is in one and not in the other, in any table but what is about this one file. */
static bool compare(struct sim *sim, sqlite3 *db, const char *table, int number)
{
    const char *columns = strcmp(table, "code") == 0 ? TOLD_OF_CODES : "*";
    char sql[512], text[160];
    for (int way = 0; way < 2; way++) {
        snprintf(sql, sizeof sql, "SELECT %s FROM %s.%s EXCEPT SELECT %s FROM %s.%s", columns,
                 way ? "after" : "before", table, columns, way ? "before" : "after", table);
        if (first_row(db, sql, text, sizeof text))
            return sim_fail(sim, "device %d: %s of its catalog, says a fresh pull: %s: %s", number,
                            way ? "missing" : "too much", table, text);
    }
    return true;
}

static bool compare_tables(struct sim *sim, sqlite3 *db, int number)
{
    sqlite3_stmt *row = NULL;
    bool good = true;
    sqlite3_prepare_v2(db,
                       "SELECT name FROM after.sqlite_master WHERE type = 'table' AND name NOT LIKE 'pack\\_%'"
                       " ESCAPE '\\' AND name NOT IN ('meta', 'refused')",
                       -1, &row, NULL);
    while (good && sqlite3_step(row) == SQLITE_ROW)
        good = compare(sim, db, (const char *)sqlite3_column_text(row, 0), number);
    sqlite3_finalize(row);
    return good;
}

/* The very records, with the very words. */
static bool compare_refused(struct sim *sim, sqlite3 *db, const struct sim_device *device)
{
    static const char sql[] =
        "SELECT count(*) FROM (SELECT epoch, seq, reason, held FROM before.refused EXCEPT SELECT epoch, seq, word, "
        "outcome = 2 FROM server.record WHERE device = ?1 AND outcome <> 0)";
    int64_t count = sim_number(db, sql, device->id, 0);
    return count == 0 ||
           sim_fail(sim, "device %d: %lld records are refused or held by it alone", device->number, (long long)count);
}

static bool current(struct sim_device *device, char *ret_name)
{
    char path[SIM_PATH_MAX];
    snprintf(path, sizeof path, "%s/CURRENT", device->dir);
    FILE *file = fopen(path, "re");
    bool read = file && fgets(ret_name, 64, file);
    if (file)
        fclose(file);
    if (read)
        ret_name[strcspn(ret_name, "\n")] = '\0';
    return read || sim_fail(device->sim, "device %d has no catalog", device->number);
}

/* Its catalog is begun anew, from an empty cursor, and both are compared. */
static bool check_fresh(struct sim *sim, struct sim_device *device)
{
    char before[64], after[64];
    struct sync_state state = {.epoch = 0};
    struct sync_progress progress;
    struct sync_store store = syncport_store(device->port);
    if (!current(device, before) || !sim_state(device, &state))
        return false;
    enum rc rc = store.restart(store.context, state.history, state.acked_seq);
    if (rc == RC_OK)
        rc = sync_run(device->client, &progress);
    if (rc != RC_OK || !current(device, after))
        return sim_fail(sim, "device %d: a fresh pull says %s", device->number, rc_word(rc));
    if (strcmp(before, after) == 0)
        return sim_fail(sim, "device %d: a fresh pull went into the old catalog", device->number);
    sqlite3 *db = open_both(sim, device, before, after);
    bool good = db && compare_tables(sim, db, device->number) && compare_refused(sim, db, device);
    sqlite3_close(db);
    return good;
}

bool sim_check_catalogs(struct sim *sim, sqlite3 *server)
{
    bool good = check_units(sim, server);
    for (int i = 0; i < SIM_DEVICES && good; i++)
        good = check_fresh(sim, &sim->devices[i]);
    return good;
}
