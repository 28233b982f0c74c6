#include "app/catalog/sql.h"
#include "app/catalog/sqlite_rc.h"
#include <assert.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct sql {
    sqlite3 *db;
    const char *const *texts;
    size_t count;
    sqlite3_stmt *statements[];
};

enum rc sql_new(struct sqlite3 *db, const char *const *texts, size_t count, struct sql **ret_sql)
{
    struct sql *sql = calloc(1, sizeof *sql + count * sizeof sql->statements[0]);
    if (!sql)
        return RC_NOMEM;
    sql->db = db;
    sql->texts = texts;
    sql->count = count;
    *ret_sql = sql;
    return RC_OK;
}

void sql_free(struct sql *sql)
{
    if (!sql)
        return;
    for (size_t i = 0; i < sql->count; i++)
        sqlite3_finalize(sql->statements[i]);
    free(sql);
}

/* The texts are constants and tested: what SQLite can't make sense of any more is a table taken out of the file. */
static enum rc failed(sqlite3 *db)
{
    return sqlite3_errcode(db) == SQLITE_ERROR ? RC_CORRUPT : sqlite_rc_of(db);
}

static int bind_text(sqlite3_stmt *statement, int at, const char *text, bool empty_is_null)
{
    if (!text || (empty_is_null && !text[0]))
        return sqlite3_bind_null(statement, at);
    return sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
}

static int bind_all(sqlite3_stmt *statement, const char *kinds, va_list args)
{
    int code = SQLITE_OK;
    for (int i = 0; kinds[i] && code == SQLITE_OK; i++) {
        if (kinds[i] == 'i')
            code = sqlite3_bind_int64(statement, i + 1, va_arg(args, int64_t));
        else if (kinds[i] == 'b') {
            const void *bytes = va_arg(args, const void *);
            code = sqlite3_bind_blob64(statement, i + 1, bytes, va_arg(args, size_t), SQLITE_STATIC);
        } else
            code = bind_text(statement, i + 1, va_arg(args, const char *), kinds[i] == 'e');
    }
    return code;
}

static enum rc query(struct sql *sql, int which, const char *kinds, va_list args, sqlite3_stmt **ret_statement)
{
    assert(which >= 0 && (size_t)which < sql->count);
    sqlite3_stmt **slot = &sql->statements[which];
    if (!*slot) {
        int code = sqlite3_prepare_v3(sql->db, sql->texts[which], -1, SQLITE_PREPARE_PERSISTENT, slot, NULL);
        if (code != SQLITE_OK)
            return failed(sql->db);
    }
    assert(!sqlite3_stmt_busy(*slot));
    sqlite3_reset(*slot);
    if (bind_all(*slot, kinds, args) != SQLITE_OK)
        return sqlite_rc_of(sql->db);
    *ret_statement = *slot;
    return RC_OK;
}

enum rc sql_query(struct sql *sql, int which, const char *kinds, struct sqlite3_stmt **ret_statement, ...)
{
    va_list args;
    va_start(args, ret_statement);
    enum rc rc = query(sql, which, kinds, args, ret_statement);
    va_end(args);
    return rc;
}

enum rc sql_step(struct sqlite3_stmt *statement, bool *ret_row)
{
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        *ret_row = true;
        return RC_OK;
    }
    enum rc rc = code == SQLITE_DONE ? RC_OK : failed(sqlite3_db_handle(statement));
    sqlite3_reset(statement);
    if (rc == RC_OK)
        *ret_row = false;
    return rc;
}

void sql_done(struct sqlite3_stmt *statement)
{
    sqlite3_reset(statement);
}

enum rc sql_run(struct sql *sql, int which, const char *kinds, ...)
{
    va_list args;
    sqlite3_stmt *statement = NULL;
    va_start(args, kinds);
    enum rc rc = query(sql, which, kinds, args, &statement);
    va_end(args);
    if (rc != RC_OK)
        return rc;
    int code = sqlite3_step(statement);
    assert(code != SQLITE_ROW);
    rc = code == SQLITE_DONE ? RC_OK : failed(sql->db);
    sqlite3_reset(statement);
    return rc;
}

enum rc sql_number(struct sql *sql, int which, const char *kinds, int64_t *ret_number, ...)
{
    va_list args;
    sqlite3_stmt *statement = NULL;
    bool row = false;
    va_start(args, ret_number);
    enum rc rc = query(sql, which, kinds, args, &statement);
    va_end(args);
    if (rc == RC_OK)
        rc = sql_step(statement, &row);
    if (rc != RC_OK)
        return rc;
    if (!row)
        return RC_NOT_FOUND;
    *ret_number = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return RC_OK;
}

const unsigned char *sql_blob(struct sqlite3_stmt *statement, int column, size_t *ret_len)
{
    const unsigned char *bytes = sqlite3_column_blob(statement, column);
    *ret_len = (size_t)sqlite3_column_bytes(statement, column);
    return bytes;
}

const char *sql_bytes(struct sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text ? text : "";
}

char *sql_text(struct sqlite3_stmt *statement, int column, char *ret_text, size_t size)
{
    const char *text = sql_bytes(statement, column);
    size_t len = (size_t)sqlite3_column_bytes(statement, column);
    if (len >= size)
        len = size - 1;
    memcpy(ret_text, text, len);
    ret_text[len] = '\0';
    return ret_text;
}

bool sql_null(struct sqlite3_stmt *statement, int column)
{
    return sqlite3_column_type(statement, column) == SQLITE_NULL;
}

int64_t sql_int(struct sqlite3_stmt *statement, int column)
{
    return sqlite3_column_int64(statement, column);
}
