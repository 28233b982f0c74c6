#include "app/catalog/bulk.h"
#include "app/catalog/pack.h"
#include "app/catalog/sieve.h"
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

/* the order in which codebook_row_read reads */
#define COLUMNS                                                                                                      \
    "key, product, lot, parent, level, covers, state, holder, in_product, in_lot, in_holder, in_level, sale"

const char *const CODEBOOK_TEXTS[CODEBOOK_STATEMENTS] = {
    [CODEBOOK_BEGIN] = "BEGIN",
    [CODEBOOK_COMMIT] = "COMMIT",
    [CODEBOOK_ROW] = "SELECT " COLUMNS ", gone FROM code WHERE key=?1",
    [CODEBOOK_ROWS] = "SELECT " COLUMNS ", gone FROM code ORDER BY key",
    [CODEBOOK_ROW_COUNT] = "SELECT count(*) FROM (SELECT 1 FROM code LIMIT ?1)",
    [CODEBOOK_ANY] = "SELECT EXISTS (SELECT 1 FROM code) + 2 * EXISTS (SELECT 1 FROM run)"
                     " + 4 * EXISTS (SELECT 1 FROM alias)",
    [CODEBOOK_HAS] = "SELECT 1 FROM code WHERE key=?1",
    [CODEBOOK_PUT] =
        "INSERT INTO code (key, product, lot, parent, level, covers, state, holder, in_product, in_lot, in_holder,"
        " in_level, sale) VALUES (?1, ?2, ?3, ?4, nullif(?5, -1), nullif(?6, -1), ?7, ?8, ?9, ?10, ?11,"
        " nullif(?12, -1), nullif(?13, 0))"
        " ON CONFLICT (key) DO UPDATE SET product=excluded.product, lot=excluded.lot, parent=excluded.parent,"
        " level=excluded.level, covers=excluded.covers, state=excluded.state, holder=excluded.holder,"
        " in_product=excluded.in_product, in_lot=excluded.in_lot, in_holder=excluded.in_holder,"
        " in_level=excluded.in_level, sale=excluded.sale, gone=NULL",
    [CODEBOOK_CHILDREN] = "SELECT " COLUMNS " FROM code WHERE parent=?1 AND key>?2 ORDER BY key LIMIT ?3",
    [CODEBOOK_ANY_CHILD] = "SELECT 1 FROM code WHERE parent=?1 LIMIT 1",
    [CODEBOOK_GONE] = "INSERT OR REPLACE INTO code (key, gone) VALUES (?1, 1)",
    [CODEBOOK_DELETE] = "DELETE FROM code WHERE key=?1",
    [CODEBOOK_ROWS_CLEAR] = "DELETE FROM code",
    [CODEBOOK_AT] = "SELECT " COLUMNS " FROM code WHERE holder=?1 AND coalesce(product, in_product)=?2"
                    " AND coalesce(lot, in_lot) IS ?3 AND key>?4 ORDER BY key LIMIT ?5",
    /* what may be of a product, wherever; the caller looks again */
    [CODEBOOK_OF] = "SELECT " COLUMNS " FROM code WHERE gone IS NULL AND (product=?1 OR"
                    " (product IS NULL AND in_product IN (?1, '')))",
    [CODEBOOK_HERE] =
        "SELECT " COLUMNS " FROM code WHERE holder=?1 AND coalesce(product, in_product, '') IN (?2, '')",
    [CODEBOOK_RANGE] = "SELECT key FROM code WHERE key>=?1 AND key<=?2 AND gone IS NULL ORDER BY key",
    [CODEBOOK_RUN] = "SELECT last, product, lot, holder, first FROM run WHERE prefix=?1 AND width=?2 AND first<=?3"
                     " ORDER BY first DESC LIMIT 1",
    [CODEBOOK_RUNS_AT] =
        "SELECT prefix, width, first, last FROM run WHERE product=?1 AND lot IS ?2 AND holder=?3 LIMIT ?4",
    [CODEBOOK_RUNS_OF] = "SELECT prefix, width, first, last, product, lot, holder FROM run WHERE product=?1",
    [CODEBOOK_RUNS_HERE] = "SELECT prefix, width, first, last, product, lot, holder FROM run"
                           " WHERE holder=?1 AND coalesce(product, ?2)=?2",
    [CODEBOOK_RUN_OVERLAP] =
        "SELECT first, last, product, lot, holder FROM run WHERE prefix=?1 AND width=?2 AND first<=?4"
        " AND last>=?3 LIMIT 1",
    [CODEBOOK_RUN_PUT] = "INSERT OR REPLACE INTO run (prefix, width, first, last, product, lot, holder)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [CODEBOOK_RUN_DELETE] = "DELETE FROM run WHERE prefix=?1 AND width=?2 AND first=?3",
    [CODEBOOK_ALIAS] = "SELECT key FROM alias WHERE alias=?1",
    [CODEBOOK_ALIAS_PUT] =
        "INSERT INTO alias (alias, key) VALUES (?1, ?2) ON CONFLICT (alias) DO UPDATE SET key=excluded.key",
    [CODEBOOK_ALIAS_DROP] = "DELETE FROM alias WHERE key=?1",
};

void told_read(struct sqlite3_stmt *statement, int column, struct told *ret_told)
{
    ret_told->has = !sql_null(statement, column);
    sql_text(statement, column, ret_told->text, sizeof ret_told->text);
}

static int read_int(struct sqlite3_stmt *statement, int column)
{
    return sql_null(statement, column) ? -1 : (int)sql_int(statement, column);
}

void codebook_row_read(struct sqlite3_stmt *statement, struct row *ret_row)
{
    sql_text(statement, 0, ret_row->key, sizeof ret_row->key);
    told_read(statement, 1, &ret_row->own.fact[FACT_PRODUCT]);
    told_read(statement, 2, &ret_row->own.fact[FACT_LOT]);
    sql_text(statement, 3, ret_row->parent, sizeof ret_row->parent);
    ret_row->level = read_int(statement, 4);
    ret_row->covers = read_int(statement, 5);
    ret_row->state = (enum code_state)sql_int(statement, 6);
    told_read(statement, 7, &ret_row->own.fact[FACT_HOLDER]);
    for (int i = 0; i < FACT_COUNT; i++)
        told_read(statement, 8 + i, &ret_row->in.fact[i]);
    ret_row->in_level = read_int(statement, 11);
    ret_row->own.sale = (int)sql_int(statement, 12);
    ret_row->in.sale = 0;
}

void codebook_row_new(const char *key, struct row *ret_row)
{
    *ret_row = (struct row){.level = -1, .in_level = -1, .covers = -1};
    memcpy(ret_row->key, key, strlen(key) + 1);
}

static enum rc packed_row(struct codebook *codebook, struct row *row)
{
    return sieve_passes(codebook->sieve, row->key) ? pack_get(codebook->pack, row->key, row) : RC_NOT_FOUND;
}

static enum rc see_tables(struct codebook *codebook)
{
    enum { ROWS = 1, RUNS = 2, ALIASES = 4 };
    int64_t any = 0;
    enum rc rc = sql_number(codebook->sql, CODEBOOK_ANY, "", &any);
    codebook->bare = rc == RC_OK && !(any & ROWS);
    codebook->no_runs = rc == RC_OK && !(any & RUNS);
    codebook->no_aliases = rc == RC_OK && !(any & ALIASES);
    codebook->found_count = 0;
    return rc;
}

/* Where nothing was told since all was packed, and there are no runs and aliases, a reader need not look at the tables for
 * each key. Its view must be fixed already, or what is remembered may be of an older one; a writer's own changes are no
 * new version. */
bool codebook_seen(struct codebook *codebook)
{
    unsigned version = 0;
    if (codebook->viewing)
        return true;
    if (!codebook->reader || sqlite3_txn_state(codebook->db, "main") != SQLITE_TXN_READ)
        return false;
    sqlite3_file_control(codebook->db, "main", SQLITE_FCNTL_DATA_VERSION, &version);
    if (codebook->seen && version == codebook->version)
        return true;
    codebook->seen = see_tables(codebook) == RC_OK; /* what is damaged is met again by who needs it */
    codebook->version = version;
    return codebook->seen;
}

static enum rc get_in_bulk(struct codebook *codebook, struct row *row)
{
    switch (bulk_get(codebook->bulk, row->key, row)) {
    case BULK_TOLD: return RC_OK;
    case BULK_GONE: return RC_NOT_FOUND;
    case BULK_NOTHING: break;
    }
    return packed_row(codebook, row);
}

enum rc codebook_row_get(struct codebook *codebook, const char *key, struct row *ret_row)
{
    struct sqlite3_stmt *statement = NULL;
    bool found = false;
    struct row fresh;
    codebook_row_new(key, &fresh);
    *ret_row = fresh;
    if (codebook->bulk)
        return get_in_bulk(codebook, ret_row);
    if (codebook_seen(codebook) && codebook->bare)
        return packed_row(codebook, ret_row);
    enum rc rc = sql_query(codebook->sql, CODEBOOK_ROW, "s", &statement, fresh.key);
    if (rc == RC_OK)
        rc = sql_step(statement, &found);
    if (rc != RC_OK)
        return rc;
    if (!found)
        return pack_get(codebook->pack, ret_row->key, ret_row);
    bool gone = !sql_null(statement, CODEBOOK_ROW_GONE);
    if (!gone)
        codebook_row_read(statement, ret_row);
    sql_done(statement);
    return gone ? RC_NOT_FOUND : RC_OK;
}

enum rc codebook_row_told(struct codebook *codebook, const char *key)
{
    int64_t one = 0;
    if (codebook->bulk)
        return bulk_has(codebook->bulk, key) == BULK_NOTHING ? RC_NOT_FOUND : RC_OK;
    return sql_number(codebook->sql, CODEBOOK_HAS, "s", &one, key);
}

enum rc codebook_row_count(struct codebook *codebook, int64_t most, int64_t *ret_count)
{
    if (!codebook->bulk)
        return sql_number(codebook->sql, CODEBOOK_ROW_COUNT, "i", ret_count, most);
    int64_t count = bulk_count(codebook->bulk);
    *ret_count = count < most ? count : most;
    return RC_OK;
}

enum rc codebook_row_clear(struct codebook *codebook)
{
    if (codebook->bulk)
        bulk_clear(codebook->bulk);
    return sql_run(codebook->sql, CODEBOOK_ROWS_CLEAR, "");
}

enum rc codebook_row_delete(struct codebook *codebook, const char *key)
{
    uint32_t rank = 0;
    enum rc rc = pack_rank(codebook->pack, key, &rank);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    if (codebook->bulk)
        return bulk_set(codebook->bulk, key, rc == RC_OK ? BULK_GONE : BULK_NOTHING);
    return sql_run(codebook->sql, rc == RC_OK ? CODEBOOK_GONE : CODEBOOK_DELETE, "s", key);
}

static const char *own_text(const struct row *row, enum fact fact)
{
    return row->own.fact[fact].has ? row->own.fact[fact].text : NULL;
}

static const char *in_text(const struct row *row, enum fact fact)
{
    return row->in.fact[fact].has ? row->in.fact[fact].text : NULL;
}

const char *codebook_row_text(const struct row *row, enum fact fact)
{
    if (row->own.fact[fact].has)
        return row->own.fact[fact].text;
    return row->in.fact[fact].has ? row->in.fact[fact].text : NULL;
}

int codebook_row_level(const struct row *row)
{
    if (row->level >= 0)
        return row->level;
    return row->in_level > 0 ? row->in_level : 0;
}

enum rc codebook_row_put(struct codebook *codebook, const struct row *row)
{
    if (codebook->bulk)
        return bulk_put(codebook->bulk, row);
    return sql_run(codebook->sql, CODEBOOK_PUT, "ssssiiissssii", row->key, own_text(row, FACT_PRODUCT),
                   own_text(row, FACT_LOT), row->parent[0] ? row->parent : NULL, (int64_t)row->level,
                   (int64_t)row->covers, (int64_t)row->state, own_text(row, FACT_HOLDER), in_text(row, FACT_PRODUCT),
                   in_text(row, FACT_LOT), in_text(row, FACT_HOLDER), (int64_t)row->in_level, (int64_t)row->own.sale);
}

void told_set(struct told *told, const char *text)
{
    told->has = text != NULL;
    snprintf(told->text, sizeof told->text, "%s", text ? text : "");
}
