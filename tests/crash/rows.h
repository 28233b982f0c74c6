/* What stands in a database's tables, as one number a table: two runs can be compared without knowing their schema. */
#ifndef TALLYMAN_TESTS_CRASH_ROWS_H
#define TALLYMAN_TESTS_CRASH_ROWS_H

#include <stdbool.h>

enum { ROWS_MAX = 2048, ROWS_NAME_MAX = 63 };

/* "TABLE SUM\n" for each table but those in `without` (a text with each name between spaces), by name. `ret_text` holds
 * ROWS_MAX. False when it can't be read. */
bool rows_sum(const char *path, const char *without, char *ret_text);

/* The first table in which the two differ, in `ret_name` (ROWS_NAME_MAX + 1); false: in none. */
bool rows_differ(const char *one, const char *other, char *ret_name);

#endif
