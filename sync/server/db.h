/* The server's database behind a driver table: SQLite now, room for PostgreSQL. One SQL text where the two agree:
 * parameters are $1, $2 … (SQLite takes `$1` as a name: the driver binds by that name). One connection, one thread at a
 * time. Binds and columns are typed; what goes wrong in a bind is told by the next step. */
#ifndef TALLYMAN_SYNC_SERVER_DB_H
#define TALLYMAN_SYNC_SERVER_DB_H

#include "app/domain/rc.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DB_PARAMETERS_MAX = 20 };

struct db;
struct db_stmt;

struct db_driver {
    const char *scheme; /* "sqlite" */
    enum rc (*open)(const char *place, struct db **ret_db);
    void (*close)(struct db *db);
    enum rc (*exec)(struct db *db, const char *sql); /* several statements, no rows */
    enum rc (*prepare)(struct db *db, const char *sql, struct db_stmt **ret_stmt);
    void (*finalize)(struct db_stmt *stmt);
    void (*bind_int)(struct db_stmt *stmt, int n, int64_t value);
    void (*bind_text)(struct db_stmt *stmt, int n, const char *text, size_t len);
    void (*bind_blob)(struct db_stmt *stmt, int n, const void *data, size_t len);
    enum rc (*step)(struct db_stmt *stmt, bool *ret_row);
    void (*reset)(struct db_stmt *stmt);
    int64_t (*column_int)(struct db_stmt *stmt, int column);
    const char *(*column_text)(struct db_stmt *stmt, int column);
    const void *(*column_blob)(struct db_stmt *stmt, int column, size_t *ret_len);
    const char *const *migrations; /* append-only, closed by NULL; one transaction each */
    const char *begin;             /* of a transaction that writes */
    const char *begin_read;
    const char *read_only; /* makes a connection one that reads beside another */
};

extern const struct db_driver db_sqlite; /* sync/server/db_sqlite.c */

/* Every driver's structs begin with these. */
struct db {
    const struct db_driver *driver;
};

struct db_stmt {
    const struct db_driver *driver;
};

/* "sqlite:PATH" or a plain path. RC_USAGE for a scheme that this build does not have. Brings the schema up to date;
 * RC_NEWER when it is newer than this program. */
enum rc db_open(const char *url, struct db **ret_db);
/* A connection beside one that is open already: it only reads, and leaves checkpoints to the other. */
enum rc db_open_beside(const char *url, struct db **ret_db);
void db_close(struct db *db); /* NULL is fine; all statements are finalized before */

/* The file's path of an URL that SQLite serves, NULL for any other. */
const char *db_url_path(const char *url);

enum rc db_begin(struct db *db);
enum rc db_begin_read(struct db *db);
enum rc db_commit(struct db *db); /* rolls back when it fails */
void db_rollback(struct db *db);

enum rc db_prepare(struct db *db, const char *sql, struct db_stmt **ret_stmt);
void db_finalize(struct db_stmt *stmt); /* NULL is fine */

/* n counts from 1, as in $1. Memory stays the caller's and must live until the statement is reset. */
void db_bind_int(struct db_stmt *stmt, int n, int64_t value);
void db_bind_text(struct db_stmt *stmt, int n, const char *text);         /* NULL: null */
void db_bind_text_or_null(struct db_stmt *stmt, int n, const char *text); /* "" too: null */
void db_bind_bytes(struct db_stmt *stmt, int n, const char *text, size_t len);
void db_bind_blob(struct db_stmt *stmt, int n, const void *data, size_t len);

/* *ret_row false: no more rows, and the statement is reset. On an error it is reset too. */
enum rc db_step(struct db_stmt *stmt, bool *ret_row);
void db_reset(struct db_stmt *stmt);
/* Runs to the end, rows are passed over. */
enum rc db_run(struct db_stmt *stmt);

/* column counts from 0. Text and blobs live until the next step or reset. A null is 0, "" and nothing. */
int64_t db_int(struct db_stmt *stmt, int column);
const char *db_text(struct db_stmt *stmt, int column);
const void *db_blob(struct db_stmt *stmt, int column, size_t *ret_len);

#endif
