/* A catalog in a folder of its own for one test, fed with text. */
#ifndef TALLYMAN_TESTS_UNIT_CATALOG_WORLD_H
#define TALLYMAN_TESTS_UNIT_CATALOG_WORLD_H

#include "app/catalog/catalog.h"

enum { CATALOG_WORLD_NOTES = 4000 };

struct catalog_world {
    char dir[64], path[96];
    struct catalog *catalog;
    char notes[CATALOG_WORLD_NOTES]; /* "LINE TEXT\n" each */
    struct feed_error error;
    long count;
};

/* cmocka's set-up and tear-down. */
int catalog_world_open(void **state);
int catalog_world_close(void **state);

enum rc catalog_world_read(struct catalog_world *world, FILE *stream); /* closes the stream */
enum rc catalog_world_import(struct catalog_world *world, const char *text);
void catalog_world_told(struct catalog_world *world, const char *text); /* fails the test unless it is taken */

#endif
