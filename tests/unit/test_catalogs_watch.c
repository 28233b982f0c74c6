/* Whether anything in a folder came to have another name, without asking for each name. */
#include "app/store/catalogs_watch.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

enum { PATH_ROOM = 128, SETTLED_US = 80000 };

static char folder[] = "/tmp/test_watch_XXXXXX";

static const char *in(const char *name, char *path)
{
    snprintf(path, PATH_ROOM, "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const char *text)
{
    char aside[PATH_ROOM], path[PATH_ROOM];
    FILE *file = fopen(in("aside", aside), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(rename(aside, in(name, path)), 0);
}

/* One that has been quiet for a while, and was looked at since. */
static void settle(struct catalogs_watch *watch)
{
    usleep(SETTLED_US);
    catalogs_watch_still(watch);
    assert_true(catalogs_watch_still(watch));
    assert_true(catalogs_watch_still(watch));
}

static void every_change_is_told(void **state)
{
    struct catalogs_watch watch;
    char path[PATH_ROOM];
    (void)state;
    catalogs_watch_open(folder, &watch);
    assert_false(catalogs_watch_still(&watch)); /* nobody has looked yet */
    settle(&watch);
    for (int i = 0; i < 200; i++) { /* many in one tick of the clock */
        put("CURRENT", i % 2 ? "a" : "b");
        assert_false(catalogs_watch_still(&watch));
    }
    settle(&watch);
    assert_int_equal(unlink(in("CURRENT", path)), 0);
    assert_false(catalogs_watch_still(&watch));
    catalogs_watch_close(&watch);
    assert_false(catalogs_watch_still(&watch));
}

static void what_is_written_into_files_is_not(void **state)
{
    struct catalogs_watch watch;
    char path[PATH_ROOM];
    (void)state;
    put("log", "");
    catalogs_watch_open(folder, &watch);
    settle(&watch);
    FILE *file = fopen(in("log", path), "a");
    assert_non_null(file);
    fputs("more", file);
    fclose(file);
    assert_true(catalogs_watch_still(&watch));
    catalogs_watch_close(&watch);
    unlink(path);
}

static void no_folder_is_never_still(void **state)
{
    struct catalogs_watch watch;
    (void)state;
    catalogs_watch_open("/nowhere/at/all", &watch);
    assert_false(catalogs_watch_still(&watch));
    assert_false(catalogs_watch_still(&watch));
    catalogs_watch_close(&watch);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_change_is_told),
        cmocka_unit_test(what_is_written_into_files_is_not),
        cmocka_unit_test(no_folder_is_never_still),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
