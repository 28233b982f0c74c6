#include "tests/crash/tally.h"

#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 400 };

static long passed, failed;
static char said[TALLY_SAID_MAX][LINE_MAX_BYTES];

bool tally_check(bool ok, const char *format, ...)
{
    if (ok) {
        passed++;
        return true;
    }
    if (failed < TALLY_SAID_MAX) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(said[failed], LINE_MAX_BYTES, format, arguments);
        va_end(arguments);
    }
    failed++;
    return false;
}

/* What failed is said last: programs under test may have said much in between. */
int tally_end(void)
{
    for (long i = 0; i < failed && i < TALLY_SAID_MAX; i++)
        printf("FAILED: %s\n", said[i]);
    if (failed > TALLY_SAID_MAX)
        printf("… and %ld more\n", failed - TALLY_SAID_MAX);
    printf("%ld passed, %ld failed\n", passed, failed);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

void tally_folder(char *ret_path)
{
    const char *base = getenv("TMPDIR");
    if (!base || !*base)
        base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"; /* no disk is needed: powerfs plays it */
    int len = snprintf(ret_path, TALLY_PATH_MAX + 1, "%s/tallyman-crash-XXXXXX", base);
    if (len < 0 || len > TALLY_PATH_MAX || !mkdtemp(ret_path)) {
        perror("a folder for the test");
        abort();
    }
}

void tally_empty(const char *path)
{
    char file[TALLY_PATH_MAX + 1 + NAME_MAX + 2];
    DIR *folder = opendir(path);
    if (!folder)
        return;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        (void)unlink(file);
    }
    closedir(folder);
}
