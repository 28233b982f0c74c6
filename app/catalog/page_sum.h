/* Pages with sums: an SQLite VFS over the default one that closes each page of a database with a sum over its bytes and
 * place, and refuses a page whose sum is another: a flipped bit, a page of elsewhere. What SQLite can't tell from other
 * data (a key, a number, a child's address) then never becomes an answer; whoever reads it gets RC_CORRUPT. The -wal
 * carries SQLite's own sums. A database is made with PAGE_SUM_BYTES reserved in each page. */
#ifndef TALLYMAN_CATALOG_PAGE_SUM_H
#define TALLYMAN_CATALOG_PAGE_SUM_H

#include <stddef.h>
#include <stdint.h>

enum { PAGE_SUM_BYTES = 8 };

/* For sqlite3_file_control: where it is counted how many pages of this database were refused so far, into a const long *; as
 * long as the database is open. SQLite's own end at 100. */
enum { PAGE_SUM_REFUSED = 1001 };

/* For sqlite3_file_control: the head of the log's index as it is in the memory that connections share, into
 * PAGE_SUM_LOG_STATE_BYTES; SQLITE_NOTFOUND before the first transaction. While it stays the same nobody has committed
 * (SQLite's "WAL-index format"); read while it is being written, it is another. */
enum { PAGE_SUM_LOG_STATE = 1002, PAGE_SUM_LOG_STATE_BYTES = 48 };

/* The VFS's name for sqlite3_open_v2, registered with the first call over what is the default then. NULL: SQLite refuses.
 * Any thread. */
const char *page_sum_vfs(void);

/* The sum of `len` bytes, a multiple of eight, that belong at `offset`. Any one word that differs makes another sum. */
uint64_t page_sum(const uint8_t *bytes, size_t len, uint64_t offset);

#endif
