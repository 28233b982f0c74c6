#include "sync/server/db.h"
#include "sync/server/migrations.h"
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct db_driver *const DRIVERS[] = {&db_sqlite, &db_postgres};

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
    enum rc rc = db_prepare(db, "SELECT coalesce(max(version), 0) FROM schema_version", &stmt);
    if (rc)
        return rc;
    rc = db_step(stmt, &row);
    if (!rc)
        *ret_version = db_int(stmt, 0);
    db_finalize(stmt);
    return rc;
}

/* The pair whose word begins here, and ends here; NULL. */
static const struct db_word *word_at(const struct db_word *words, const char *text, bool within)
{
    for (; !within && words->word; words++) {
        size_t len = strlen(words->word);
        if (strncmp(text, words->word, len) == 0 && !isalpha((unsigned char)text[len]))
            return words;
    }
    return NULL;
}

/* The text with the database's own words in it. */
static enum rc in_its_words(const struct db_word *words, const char *text, char **ret_text)
{
    char *out = NULL;
    size_t len = 0;
    bool within = false; /* a word */
    FILE *stream = open_memstream(&out, &len);
    if (!stream)
        return RC_NOMEM;
    while (*text) {
        const struct db_word *found = word_at(words, text, within);
        if (found) {
            fputs(found->instead, stream);
            text += strlen(found->word);
            within = true;
            continue;
        }
        within = isalnum((unsigned char)*text) || *text == '_';
        fputc(*text++, stream);
    }
    if (fclose(stream) == 0) {
        *ret_text = out;
        return RC_OK;
    }
    free(out);
    return RC_NOMEM;
}

static enum rc exec_schema(struct db *db, const char *text)
{
    char *own;
    if (!text || !db->driver->words)
        return text ? db->driver->exec(db, text) : RC_OK;
    enum rc rc = in_its_words(db->driver->words, text, &own);
    if (rc)
        return rc;
    rc = db->driver->exec(db, own);
    free(own);
    return rc;
}

/* One version, in a transaction of its own; another process may have been faster. */
static enum rc migrate_one(struct db *db, int version)
{
    const struct db_migration *migration = &MIGRATIONS[version - 1];
    char sql[80];
    int64_t have = version;
    snprintf(sql, sizeof sql, "INSERT INTO schema_version VALUES (%d)", version);
    enum rc rc = db->driver->exec(db, db->driver->begin_schema);
    if (rc)
        return rc;
    rc = schema_version(db, &have);
    if (!rc && have < version) {
        rc = exec_schema(db, migration->both);
        if (!rc)
            rc = exec_schema(db, db->driver == &db_sqlite ? migration->sqlite : migration->postgres);
        if (!rc)
            rc = db->driver->exec(db, sql);
    }
    if (!rc)
        return db_commit(db);
    db_rollback(db);
    return rc;
}

static enum rc prepare_schema(struct db *db)
{
    enum rc rc = db->driver->exec(db, db->driver->begin_schema);
    if (rc)
        return rc;
    rc = db->driver->exec(db, "CREATE TABLE IF NOT EXISTS schema_version(version BIGINT NOT NULL)");
    if (!rc)
        return db_commit(db);
    db_rollback(db);
    return rc;
}

static enum rc migrate(struct db *db)
{
    int64_t have = 0;
    int known = 0;
    enum rc rc = prepare_schema(db);
    if (!rc)
        rc = schema_version(db, &have);
    while (MIGRATIONS[known].both)
        known++;
    if (!rc && have > known)
        return RC_NEWER;
    for (int version = (int)have + 1; !rc && version <= known; version++)
        rc = migrate_one(db, version);
    return rc;
}

static enum rc connect(const char *url, struct db **ret_db)
{
    const struct db_driver *driver = db_url_path(url) ? &db_sqlite : NULL;
    for (size_t i = 0; !driver && i < sizeof DRIVERS / sizeof DRIVERS[0]; i++)
        if (url_place(url, DRIVERS[i]))
            driver = DRIVERS[i];
    if (!driver || !url[0])
        return RC_USAGE;
    return driver->open(url, ret_db);
}

enum rc db_open(const char *url, struct db **ret_db)
{
    struct db *db;
    enum rc rc = connect(url, &db);
    if (rc)
        return rc;
    rc = db->driver->settle ? db->driver->exec(db, db->driver->settle) : RC_OK;
    if (rc == RC_OK || rc == RC_DISK_FULL) /* the log is on disk before anything is moved from it */
        rc = migrate(db);
    if (rc) {
        db_close(db);
        return rc;
    }
    *ret_db = db;
    return RC_OK;
}

enum rc db_life(struct db *db, int64_t *ret_count, const char **ret_life)
{
    if (db->driver->life)
        return db->driver->life(db, ret_count, ret_life);
    *ret_count = 0;
    *ret_life = "";
    return RC_OK;
}

enum rc db_open_beside(const char *url, struct db **ret_db)
{
    struct db *db;
    enum rc rc = connect(url, &db);
    if (rc)
        return rc;
    rc = db->driver->exec(db, db->driver->beside);
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

/* A transaction, or one part of a group. */
static enum rc begin(struct db *db, const char *text)
{
    if (db->group && !db->driver->within(db))
        db->group_lost = true;
    if (db->group_lost)
        return RC_BUSY;
    return db->driver->exec(db, db->group ? "SAVEPOINT part" : text);
}

enum rc db_begin(struct db *db)
{
    return begin(db, db->driver->begin);
}

enum rc db_begin_read(struct db *db)
{
    return begin(db, db->driver->begin_read);
}

enum rc db_begin_number(struct db *db)
{
    return begin(db, db->driver->begin_number);
}

bool db_numbers_late(const struct db *db)
{
    return db->driver->begin_number != NULL;
}

enum rc db_commit(struct db *db)
{
    enum rc rc = db->driver->exec(db, db->group ? "RELEASE part" : "COMMIT");
    if (rc)
        db_rollback(db);
    return rc;
}

void db_rollback(struct db *db)
{
    if (!db->group)
        (void)db->driver->exec(db, "ROLLBACK");
    else if (!db->driver->within(db) || db->driver->exec(db, "ROLLBACK TO part; RELEASE part"))
        db->group_lost = true;
}

bool db_groups(const struct db *db)
{
    return db->driver->within != NULL;
}

enum rc db_group_begin(struct db *db)
{
    assert(db_groups(db) && !db->group);
    enum rc rc = db_begin(db);
    db->group = !rc;
    db->group_lost = false;
    return rc;
}

enum rc db_group_end(struct db *db)
{
    bool lost = db->group_lost, open = db->driver->within(db);
    db->group = db->group_lost = false;
    if (open && !lost)
        return db_commit(db);
    if (open)
        db_rollback(db);
    return RC_BUSY; /* each part can be done again */
}

static enum rc attempt(struct db *db, const char *text, db_work *work, void *context)
{
    enum rc rc = begin(db, text);
    if (rc)
        return rc;
    rc = work(context);
    if (!rc)
        return db_commit(db);
    db_rollback(db);
    return rc;
}

enum rc db_transact(struct db *db, db_work *work, void *context)
{
    enum rc rc = RC_BUSY;
    for (int i = 1; i <= DB_ATTEMPTS_MAX; i++) {
        db->in_the_way = false;
        rc = attempt(db, i < DB_ATTEMPTS_MAX ? db->driver->begin_beside : db->driver->begin, work, context);
        if (!rc || !db->in_the_way)
            return rc;
        db->again++;
    }
    return rc;
}

bool db_takes_turns(const struct db *db)
{
    return db->driver->lock != NULL;
}

static int compare_names(const void *a, const void *b)
{
    int64_t left, right;
    memcpy(&left, a, sizeof left);
    memcpy(&right, b, sizeof right);
    return (left > right) - (left < right);
}

/* All take them in the same order: none waits for one that waits for it. */
enum rc db_transact_on(struct db *db, int64_t *names, int count, db_work *work, void *context)
{
    enum rc rc = RC_OK;
    assert(count <= DB_LOCKS_MAX);
    if (!db->driver->lock || count == 0)
        return db_transact(db, work, context);
    qsort(names, (size_t)count, sizeof names[0], compare_names);
    rc = db->driver->lock(db, names, count);
    if (rc)
        return rc;
    rc = db_transact(db, work, context);
    db->driver->unlock(db);
    return rc;
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
