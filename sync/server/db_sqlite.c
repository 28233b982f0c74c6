#include "app/catalog/sqlite_rc.h"
#include "sync/server/db.h"
#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUSY_TIMEOUT_MS = 5000, STATEMENT_PARAMETER_TEXT = 8 };

struct sqlite_db {
    struct db base;
    sqlite3 *handle;
};

struct sqlite_stmt {
    struct db_stmt base;
    sqlite3 *db;
    const char *sql;
    sqlite3_stmt *handle; /* made when it is first used: a life of the server needs a few of them */
    enum rc bind_rc;      /* first failure of a bind, told by step */
    bool used;            /* since the last reset */
    int index[DB_PARAMETERS_MAX + 1];
};

static sqlite3 *handle_of(struct db *db)
{
    return ((struct sqlite_db *)db)->handle;
}

static struct sqlite_stmt *stmt_of(struct db_stmt *stmt)
{
    return (struct sqlite_stmt *)stmt;
}

/* The log says what SQLite said: no values are in it, only names of tables and columns. */
static enum rc fail(sqlite3 *handle)
{
    enum rc rc = sqlite_rc_of(handle);
    fprintf(stderr, "tallyman-server: database: %s\n", sqlite3_errmsg(handle));
    return rc;
}

static enum rc exec(struct db *db, const char *sql)
{
    return sqlite3_exec(handle_of(db), sql, NULL, NULL, NULL) == SQLITE_OK ? RC_OK : fail(handle_of(db));
}

static void sqlite_close(struct db *db)
{
    int code = sqlite3_close(handle_of(db));
    assert(code == SQLITE_OK);
    (void)code;
    free(db);
}

static enum rc sqlite_open(const char *url, struct db **ret_db)
{
    const char *place = db_url_path(url);
    struct sqlite_db *db = calloc(1, sizeof *db);
    if (!db || !place || !place[0]) { /* no path in "sqlite://…" */
        free(db);
        return place && place[0] ? RC_NOMEM : RC_USAGE;
    }
    db->base.driver = &db_sqlite;
    enum rc rc = RC_OK;
    if (sqlite3_open_v2(place, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL)) {
        rc = db->handle ? fail(db->handle) : RC_NOMEM;
    } else {
        sqlite3_extended_result_codes(db->handle, 1);
        sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
        rc = exec(&db->base, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                             "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY");
    }
    if (rc) {
        sqlite3_close(db->handle);
        free(db);
        return rc;
    }
    *ret_db = &db->base;
    return RC_OK;
}

static enum rc prepare(struct db *db, const char *sql, struct db_stmt **ret_stmt)
{
    struct sqlite_stmt *stmt = calloc(1, sizeof *stmt);
    if (!stmt)
        return RC_NOMEM;
    stmt->base.driver = &db_sqlite;
    stmt->db = handle_of(db);
    stmt->sql = sql;
    *ret_stmt = &stmt->base;
    return RC_OK;
}

/* Used from now on. False: SQLite does not make it; the next step says so. */
static bool ready(struct sqlite_stmt *stmt)
{
    char name[STATEMENT_PARAMETER_TEXT];
    stmt->used = true;
    if (stmt->handle || stmt->bind_rc)
        return !stmt->bind_rc;
    if (sqlite3_prepare_v3(stmt->db, stmt->sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt->handle, NULL) != SQLITE_OK) {
        stmt->bind_rc = fail(stmt->db);
        return false;
    }
    for (int n = 1; n <= DB_PARAMETERS_MAX; n++) {
        snprintf(name, sizeof name, "$%d", n);
        stmt->index[n] = sqlite3_bind_parameter_index(stmt->handle, name);
    }
    return true;
}

static void finalize(struct db_stmt *stmt)
{
    sqlite3_finalize(stmt_of(stmt)->handle);
    free(stmt);
}

static int parameter(struct db_stmt *stmt, int n)
{
    assert(n >= 1 && n <= DB_PARAMETERS_MAX && stmt_of(stmt)->index[n] > 0);
    return stmt_of(stmt)->index[n];
}

static void bound(struct db_stmt *stmt, int code)
{
    if (code != SQLITE_OK && !stmt_of(stmt)->bind_rc)
        stmt_of(stmt)->bind_rc = sqlite_rc(code);
}

static void bind_int(struct db_stmt *stmt, int n, int64_t value)
{
    if (ready(stmt_of(stmt)))
        bound(stmt, sqlite3_bind_int64(stmt_of(stmt)->handle, parameter(stmt, n), value));
}

static void bind_text(struct db_stmt *stmt, int n, const char *text, size_t len)
{
    if (ready(stmt_of(stmt)))
        bound(stmt,
              sqlite3_bind_text64(stmt_of(stmt)->handle, parameter(stmt, n), text, len, SQLITE_STATIC, SQLITE_UTF8));
}

static void bind_blob(struct db_stmt *stmt, int n, const void *data, size_t len)
{
    if (ready(stmt_of(stmt)))
        bound(stmt, sqlite3_bind_blob64(stmt_of(stmt)->handle, parameter(stmt, n), data, len, SQLITE_STATIC));
}

static void reset(struct db_stmt *stmt)
{
    if (!stmt_of(stmt)->used)
        return;
    stmt_of(stmt)->used = false;
    stmt_of(stmt)->bind_rc = RC_OK;
    if (!stmt_of(stmt)->handle) /* it could not be made: perhaps the next time */
        return;
    sqlite3_reset(stmt_of(stmt)->handle);
    sqlite3_clear_bindings(stmt_of(stmt)->handle);
}

static enum rc step(struct db_stmt *stmt, bool *ret_row)
{
    if (!ready(stmt_of(stmt)))
        return stmt_of(stmt)->bind_rc;
    int code = sqlite3_step(stmt_of(stmt)->handle);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return fail(sqlite3_db_handle(stmt_of(stmt)->handle));
    *ret_row = code == SQLITE_ROW;
    return RC_OK;
}

static bool within(struct db *db)
{
    return !sqlite3_get_autocommit(handle_of(db));
}

static int64_t column_int(struct db_stmt *stmt, int column)
{
    assert(column < sqlite3_column_count(stmt_of(stmt)->handle));
    return sqlite3_column_int64(stmt_of(stmt)->handle, column);
}

static const char *column_text(struct db_stmt *stmt, int column)
{
    assert(column < sqlite3_column_count(stmt_of(stmt)->handle));
    return (const char *)sqlite3_column_text(stmt_of(stmt)->handle, column);
}

static const void *column_blob(struct db_stmt *stmt, int column, size_t *ret_len)
{
    assert(column < sqlite3_column_count(stmt_of(stmt)->handle));
    const void *data = sqlite3_column_blob(stmt_of(stmt)->handle, column);
    *ret_len = (size_t)sqlite3_column_bytes(stmt_of(stmt)->handle, column);
    return data;
}

const struct db_driver db_sqlite = {
    .scheme = "sqlite",
    .open = sqlite_open,
    .close = sqlite_close,
    .exec = exec,
    .prepare = prepare,
    .finalize = finalize,
    .bind_int = bind_int,
    .bind_text = bind_text,
    .bind_blob = bind_blob,
    .step = step,
    .reset = reset,
    .column_int = column_int,
    .column_text = column_text,
    .column_blob = column_blob,
    .within = within,
    .begin = "BEGIN IMMEDIATE",
    .begin_beside = "BEGIN IMMEDIATE",
    .begin_read = "BEGIN",
    .begin_schema = "BEGIN IMMEDIATE",
    .settle = "PRAGMA wal_checkpoint(PASSIVE)",
    .beside = "PRAGMA query_only=ON; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-16384",
};
