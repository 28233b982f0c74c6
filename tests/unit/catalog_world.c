#include "tests/unit/catalog_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

int catalog_world_open(void **state)
{
    struct catalog_world *world = calloc(1, sizeof *world);
    if (!world)
        return -1;
    strcpy(world->dir, "/tmp/tallyman-catalog-XXXXXX");
    if (!mkdtemp(world->dir))
        return -1;
    snprintf(world->path, sizeof world->path, "%s/catalog-1.db", world->dir);
    *state = world;
    return catalog_open(world->path, CATALOG_WRITE, &world->catalog) == RC_OK ? 0 : -1;
}

int catalog_world_close(void **state)
{
    static const char *const TAILS[] = {"", "-wal", "-shm"};
    struct catalog_world *world = *state;
    char path[128];
    catalog_close(world->catalog);
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s%s", world->path, TAILS[i]);
        unlink(path);
    }
    rmdir(world->dir);
    free(world);
    return 0;
}

static void take_note(void *context, long line, const char *text)
{
    char *notes = context;
    size_t len = strlen(notes);
    snprintf(notes + len, CATALOG_WORLD_NOTES - len, "%ld %s\n", line, text);
}

enum rc catalog_world_read(struct catalog_world *world, FILE *stream)
{
    struct feed_sink notes = {.context = world->notes, .note = take_note};
    assert_non_null(stream);
    enum rc rc = catalog_import(world->catalog, stream, &notes, &world->count, &world->error);
    fclose(stream);
    return rc;
}

enum rc catalog_world_import(struct catalog_world *world, const char *text)
{
    return catalog_world_read(world, fmemopen((void *)(uintptr_t)text, strlen(text), "r"));
}

void catalog_world_told(struct catalog_world *world, const char *text)
{
    enum rc rc = catalog_world_import(world, text);
    if (rc != RC_OK)
        fail_msg("line %ld: %s (%s)", world->error.line, world->error.text, rc_word(rc));
}
