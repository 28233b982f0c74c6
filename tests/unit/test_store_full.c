/* A data folder without room: what sync could not begin is not left lying about, and with room again it goes on. */
#include "tests/unit/engine_world.h"
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

static const char FEED[] =
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"C\"}\n"
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"W\",\"role\":\"clerk\",\"site\":\"CDB\",\"region\":null,"
    "\"pin\":\"2468\"}\n";

enum { TRIES = 3, ROOM_BYTES = 8192 }; /* less than a catalog's tables take */
static const int64_t ACKED = 1000;

static int count_catalogs(const char *dir)
{
    int count = 0;
    DIR *folder = opendir(dir);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
        count += strncmp(entry->d_name, "catalog-", 8) == 0;
    closedir(folder);
    return count;
}

/* Files can't grow beyond this. */
static void leave_room(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void what_was_not_begun_is_removed(void **state)
{
    (void)state;
    struct engine_world world;
    engine_world_open(&world, FEED);
    int before = count_catalogs(world.dir);
    leave_room(ROOM_BYTES);
    for (int i = 0; i < TRIES; i++)
        assert_int_not_equal(world.sync.restart(world.sync.context, "another", ACKED), RC_OK);
    leave_room(RLIM_INFINITY);
    assert_int_equal(count_catalogs(world.dir), before);
    assert_int_equal(world.sync.restart(world.sync.context, "another", ACKED), RC_OK);
    assert_true(count_catalogs(world.dir) > before);
    engine_world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_not_begun_is_removed),
    };
    signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
