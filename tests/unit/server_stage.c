#include "tests/unit/server_stage.h"
#include <stdlib.h>

int stage_open(void **state, const char *feed)
{
    struct stage *stage = calloc(1, sizeof *stage);
    if (!stage)
        return -1;
    server_world_open(&stage->world);
    if (feed)
        server_world_tell(&stage->world, feed);
    handheld_new(&stage->world, "CDB", &stage->a);
    handheld_new(&stage->world, "CDB", &stage->b);
    *state = stage;
    return 0;
}

int stage_close(void **state)
{
    struct stage *stage = *state;
    handheld_free(&stage->a);
    handheld_free(&stage->b);
    server_world_close(&stage->world);
    free(stage);
    return 0;
}
