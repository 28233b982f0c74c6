/* The server's database behind a driver table: SQLite or PostgreSQL. One SQL text where the two agree: parameters are
 * $1, $2 … (SQLite takes `$1` as a name: the driver binds by that name). One connection, one thread at a time: all runs under
 * the server's lock. Binds and columns are typed; what goes wrong in a bind is told by the next step.
 *
 * SQLite has one process that writes. On PostgreSQL others write at the same time: what is serializable is one after the
 * other in effect, and a transaction that was in another's way is done again from its beginning (db_transact). */
#ifndef TALLYMAN_SYNC_SERVER_DB_H
#define TALLYMAN_SYNC_SERVER_DB_H

#include "app/domain/rc.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DB_PARAMETERS_MAX = 20,
    DB_ATTEMPTS_MAX = 4, /* of one transaction; the last one keeps all others out */
    DB_LOCKS_MAX = 4096  /* names that one transaction queues up for */
};

struct db;
struct db_stmt;

/* One version of the schema: what both take, and what is SQLite's or PostgreSQL's alone (NULL: nothing). */
struct db_migration {
    const char *both, *sqlite, *postgres;
};

/* A word of the schema's text that this database has another one for. */
struct db_word {
    const char *word, *instead;
};

struct db_driver {
    const char *scheme; /* "sqlite", "postgresql" */
    enum rc (*open)(const char *url, struct db **ret_db);
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
    /* Waits in turn for these names, whoever else asked for them; unlock gives all back. NULL: nobody else writes. */
    enum rc (*lock)(struct db *db, const int64_t *names, int count);
    void (*unlock)(struct db *db);
    /* Connected, or again: how often so far, and which of its lives the database is in (a standby that took over, or a backup
     * gone on from, is in another one). NULL: it is a file. */
    enum rc (*life)(struct db *db, int64_t *ret_count, const char **ret_life);
    /* Whether a transaction is open: what goes wrong in one may have ended it already. NULL: none is made of several. */
    bool (*within)(struct db *db);
    const struct db_word *words; /* of the schema; NULL: as it is written */
    const char *begin;           /* of a transaction that writes, and keeps others that do out */
    const char *begin_beside;    /* of one that may be in another's way */
    const char *begin_read;
    const char *begin_schema; /* before the schema is there */
    /* When it is opened: a process that was killed within a commit may have left a transaction that is read as true and is not on
     * disk yet; it has to be before anybody is told of it. NULL: the database does. */
    const char *settle;
    const char
        *begin_number;  /* gives changes their numbers, one process at a time; NULL: they have them from the start */
    const char *beside; /* makes a connection one that reads for long beside another */
};

extern const struct db_driver db_sqlite;   /* sync/server/db_sqlite.c */
extern const struct db_driver db_postgres; /* sync/server/db_postgres.c */

/* Every driver's structs begin with these. */
struct db {
    const struct db_driver *driver;
    bool in_the_way; /* the transaction, of another one: it could be done when it is done again */
    int again;       /* transactions that were done again */
    bool group;      /* between db_group_begin and db_group_end */
    bool group_lost; /* it was rolled back in the middle, with all that was in it */
};

struct db_stmt {
    const struct db_driver *driver;
};

/* "sqlite:PATH", a plain path, or "postgresql://…" as libpq takes it. RC_USAGE for another scheme. Brings the schema up to
 * date; RC_NEWER when it is newer than this program. RC_NET: it can't be reached. */
enum rc db_open(const char *url, struct db **ret_db);
/* See db_driver.life; 0 and "" for a file. *ret_life lives until the next call. */
enum rc db_life(struct db *db, int64_t *ret_count, const char **ret_life);
/* A connection beside one that is open already, for long reads: it takes the schema as it is, and SQLite's writes nothing and
 * leaves checkpoints to the other. */
enum rc db_open_beside(const char *url, struct db **ret_db);
void db_close(struct db *db); /* NULL is fine; all statements are finalized before */

/* The file's path of an URL that SQLite serves, NULL for any other. */
const char *db_url_path(const char *url);

/* A transaction that writes, alone: nothing can be in its way. */
enum rc db_begin(struct db *db);
enum rc db_begin_read(struct db *db);
enum rc db_begin_number(struct db *db); /* where db_numbers_late */
bool db_numbers_late(const struct db *db);
enum rc db_commit(struct db *db); /* rolls back when it fails */
void db_rollback(struct db *db);

/* Several transactions, one commit: until db_group_end each that begins is a part, kept by its commit and undone alone by its
 * rollback. All are on disk when db_group_end answers RC_OK, and none otherwise. */
bool db_groups(const struct db *db); /* else every transaction is committed by itself */
enum rc db_group_begin(struct db *db);
enum rc db_group_end(struct db *db);

/* What one transaction does, from its beginning; it may be called DB_ATTEMPTS_MAX times, after a rollback each. */
typedef enum rc db_work(void *context);

/* A transaction that writes, beside others: begins, works, commits. RC_BUSY when the database can't do it now. */
enum rc db_transact(struct db *db, db_work *work, void *context);

/* The same, in turn with those that name one of the same things: they wait for each other instead of being done again.
 * At most DB_LOCKS_MAX; they are sorted in place. */
bool db_takes_turns(const struct db *db); /* else names are not looked at */
enum rc db_transact_on(struct db *db, int64_t *names, int count, db_work *work, void *context);

/* `sql` lives as long as the statement: it is made when it is first used, and what is wrong with it is told by its step. */
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
