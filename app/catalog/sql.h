/* SQL in tables: a file names its statements in an enum, keeps their texts in one `static const` table, and each is
 * prepared once, on first use, for the life of the connection. One connection, one thread. */
#ifndef TALLYMAN_CATALOG_SQL_H
#define TALLYMAN_CATALOG_SQL_H

#include "app/domain/rc.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sqlite3;
struct sqlite3_stmt;
struct sql;

/* `texts` must outlive the set; the connection stays the caller's. */
enum rc sql_new(struct sqlite3 *db, const char *const *texts, size_t count, struct sql **ret_sql);
void sql_free(struct sql *sql); /* finalizes; NULL is fine */

/* A fresh run of statement `which`: prepared, reset and bound. `kinds` has a letter for each argument: 's' text (NULL
 * is NULL; must live until the next step), 'e' text where "" is NULL too, 'i' int64_t, 'b' bytes: a pointer and a
 * size_t. A statement that is still being
 * stepped must not be asked for again (asserted). */
enum rc sql_query(struct sql *sql, int which, const char *kinds, struct sqlite3_stmt **ret_statement, ...);

/* The next row. *ret_row false: no more, and the statement is reset. */
enum rc sql_step(struct sqlite3_stmt *statement, bool *ret_row);

/* Ends a query before its last row. NULL is fine. */
void sql_done(struct sqlite3_stmt *statement);

/* A statement that returns no rows, run to its end. */
enum rc sql_run(struct sql *sql, int which, const char *kinds, ...);

/* One number from one row; RC_NOT_FOUND without a row. */
enum rc sql_number(struct sql *sql, int which, const char *kinds, int64_t *ret_number, ...);

/* Text of a column into a buffer of `size` bytes, cut at its end; NULL is "". Returns ret_text. */
char *sql_text(struct sqlite3_stmt *statement, int column, char *ret_text, size_t size);
/* A blob's bytes, NULL for none; they live until the next step. */
const unsigned char *sql_blob(struct sqlite3_stmt *statement, int column, size_t *ret_len);
/* The column itself, "" for NULL; lives until the next step. */
const char *sql_bytes(struct sqlite3_stmt *statement, int column);
bool sql_null(struct sqlite3_stmt *statement, int column);
int64_t sql_int(struct sqlite3_stmt *statement, int column);

#endif
