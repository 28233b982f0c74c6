#include "tests/crash/tally.h"

#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long passed, failed;

bool tally_check(bool ok, const char *format, ...)
{
    if (ok) {
        passed++;
        return true;
    }
    if (failed++ < TALLY_SAID_MAX) {
        va_list arguments;
        va_start(arguments, format);
        printf("FAILED: ");
        vprintf(format, arguments);
        printf("\n");
        va_end(arguments);
        fflush(stdout);
    }
    return false;
}

int tally_end(void)
{
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
