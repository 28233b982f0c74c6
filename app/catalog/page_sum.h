/* Pages with sums: an SQLite VFS over the default one that closes each page of a database with a sum over its bytes and
 * place, and refuses a page whose sum is another: a flipped bit, a page of elsewhere. What SQLite can't tell from other
 * data (a key, a number, a child's address) then never becomes an answer; whoever reads it gets RC_CORRUPT. The -wal
 * carries SQLite's own sums. A database is made with PAGE_SUM_BYTES reserved in each page. */
#ifndef TALLYMAN_CATALOG_PAGE_SUM_H
#define TALLYMAN_CATALOG_PAGE_SUM_H

#include <stddef.h>
#include <stdint.h>

enum { PAGE_SUM_BYTES = 8 };

/* For sqlite3_file_control: how many pages of this database were refused so far, into a long. SQLite's own end at 100. */
enum { PAGE_SUM_REFUSED = 1001 };

/* The VFS's name for sqlite3_open_v2, registered with the first call over what is the default then. NULL: SQLite refuses.
 * Any thread. */
const char *page_sum_vfs(void);

/* The sum of `len` bytes, a multiple of eight, that belong at `offset`. Any one word that differs makes another sum. */
uint64_t page_sum(const uint8_t *bytes, size_t len, uint64_t offset);

#endif
