/* What the crash programs share: counting checks, and a folder of their own that is emptied again. */
#ifndef TALLYMAN_TESTS_CRASH_TALLY_H
#define TALLYMAN_TESTS_CRASH_TALLY_H

#include <stdbool.h>

enum { TALLY_PATH_MAX = 255, TALLY_SAID_MAX = 20 };

/* Counts one check; of the failed ones the first TALLY_SAID_MAX are printed at the end. Returns ok. */
bool tally_check(bool ok, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints what failed and "N passed, N failed"; the program's exit status. */
int tally_end(void);

/* A new folder under $TMPDIR; ret_path holds TALLY_PATH_MAX + 1. Aborts when there can be none. */
void tally_folder(char *ret_path);
/* Removes all files of a folder; it holds no folders. */
void tally_empty(const char *path);

#endif
