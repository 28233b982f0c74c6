/* A server and two handhelds at CDB, the most that a conflict needs: setup and teardown of the tests that need no more. */
#ifndef TALLYMAN_TESTS_SERVER_STAGE_H
#define TALLYMAN_TESTS_SERVER_STAGE_H

#include "tests/unit/server_world.h"

struct stage {
    struct server_world world;
    struct handheld a, b;
};

/* The feed (NULL: none) is told before the handhelds enrol. For a setup: 0. */
int stage_open(void **state, const char *feed);
int stage_close(void **state);

#endif
