#include "sync/server/db.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct db_driver *const DRIVERS[] = {&db_sqlite};

static const char *url_place(const char *url, const struct db_driver *driver)
{
    size_t len = strlen(driver->scheme);
    return strncmp(url, driver->scheme, len) == 0 && url[len] == ':' ? url + len + 1 : NULL;
}

const char *db_url_path(const char *url)
{
    if (strstr(url, "://"))
        return NULL;
    const char *place = url_place(url, &db_sqlite);
    return place ? place : url;
}

static enum rc schema_version(struct db *db, int64_t *ret_version)
{
    struct db_stmt *stmt;
    bool row;
    enum rc rc = db->driver->exec(db, "CREATE TABLE IF NOT EXISTS schema_version(version BIGINT NOT NULL)");
    if (rc)
        return rc;
    rc = db_prepare(db, "SELECT coalesce(max(version), 0) FROM schema_version", &stmt);
    if (rc)
        return rc;
    rc = db_step(stmt, &row);
    if (!rc)
        *ret_version = db_int(stmt, 0);
    db_finalize(stmt);
    return rc;
}

static enum rc migrate_one(struct db *db, int version)
{
    char sql[80];
    snprintf(sql, sizeof sql, "INSERT INTO schema_version VALUES (%d)", version);
    enum rc rc = db_begin(db);
    if (rc)
        return rc;
    rc = db->driver->exec(db, db->driver->migrations[version - 1]);
    if (!rc)
        rc = db->driver->exec(db, sql);
    if (!rc)
        return db_commit(db);
    db_rollback(db);
    return rc;
}

static enum rc migrate(struct db *db)
{
    int64_t have = 0;
    int known = 0;
    enum rc rc = schema_version(db, &have);
    while (db->driver->migrations[known])
        known++;
    if (!rc && have > known)
        return RC_NEWER;
    for (int version = (int)have + 1; !rc && version <= known; version++)
        rc = migrate_one(db, version);
    return rc;
}

static enum rc connect(const char *url, struct db **ret_db)
{
    const struct db_driver *driver = NULL;
    const char *place = db_url_path(url);
    if (place)
        driver = &db_sqlite;
    for (size_t i = 0; !driver && i < sizeof DRIVERS / sizeof DRIVERS[0]; i++)
        if ((place = url_place(url, DRIVERS[i])))
            driver = DRIVERS[i];
    if (!driver || !place || !place[0])
        return RC_USAGE;
    return driver->open(place, ret_db);
}

enum rc db_open(const char *url, struct db **ret_db)
{
    struct db *db;
    enum rc rc = connect(url, &db);
    if (rc)
        return rc;
    rc = migrate(db);
    if (rc) {
        db_close(db);
        return rc;
    }
    *ret_db = db;
    return RC_OK;
}

enum rc db_open_beside(const char *url, struct db **ret_db)
{
    struct db *db;
    enum rc rc = connect(url, &db);
    if (rc)
        return rc;
    rc = db->driver->exec(db, db->driver->read_only);
    if (rc)
        db_close(db);
    else
        *ret_db = db;
    return rc;
}

void db_close(struct db *db)
{
    if (db)
        db->driver->close(db);
}

enum rc db_begin(struct db *db)
{
    return db->driver->exec(db, db->driver->begin);
}

enum rc db_begin_read(struct db *db)
{
    return db->driver->exec(db, db->driver->begin_read);
}

enum rc db_commit(struct db *db)
{
    enum rc rc = db->driver->exec(db, "COMMIT");
    if (rc)
        db_rollback(db);
    return rc;
}

void db_rollback(struct db *db)
{
    (void)db->driver->exec(db, "ROLLBACK");
}

enum rc db_prepare(struct db *db, const char *sql, struct db_stmt **ret_stmt)
{
    return db->driver->prepare(db, sql, ret_stmt);
}

void db_finalize(struct db_stmt *stmt)
{
    if (stmt)
        stmt->driver->finalize(stmt);
}

void db_bind_int(struct db_stmt *stmt, int n, int64_t value)
{
    stmt->driver->bind_int(stmt, n, value);
}

void db_bind_text(struct db_stmt *stmt, int n, const char *text)
{
    stmt->driver->bind_text(stmt, n, text, text ? strlen(text) : 0);
}

void db_bind_text_or_null(struct db_stmt *stmt, int n, const char *text)
{
    db_bind_text(stmt, n, text && text[0] ? text : NULL);
}

void db_bind_bytes(struct db_stmt *stmt, int n, const char *text, size_t len)
{
    stmt->driver->bind_text(stmt, n, text, len);
}

void db_bind_blob(struct db_stmt *stmt, int n, const void *data, size_t len)
{
    stmt->driver->bind_blob(stmt, n, data, len);
}

enum rc db_step(struct db_stmt *stmt, bool *ret_row)
{
    bool row = false;
    enum rc rc = stmt->driver->step(stmt, &row);
    if (rc || !row)
        stmt->driver->reset(stmt);
    if (!rc)
        *ret_row = row;
    return rc;
}

void db_reset(struct db_stmt *stmt)
{
    stmt->driver->reset(stmt);
}

enum rc db_run(struct db_stmt *stmt)
{
    bool row = true;
    enum rc rc = RC_OK;
    while (!rc && row)
        rc = db_step(stmt, &row);
    return rc;
}

int64_t db_int(struct db_stmt *stmt, int column)
{
    return stmt->driver->column_int(stmt, column);
}

const char *db_text(struct db_stmt *stmt, int column)
{
    const char *text = stmt->driver->column_text(stmt, column);
    return text ? text : "";
}

const void *db_blob(struct db_stmt *stmt, int column, size_t *ret_len)
{
    return stmt->driver->column_blob(stmt, column, ret_len);
}
