/* SQLite's memory in the simulator: one thread, no statistics, and free lists by size in place of malloc, which is a seventh of
 * a history's time otherwise. Under a sanitizer malloc stays, which finds what is written beyond its end. */
#include "tests/sim/sim_memory.h"
#include <malloc.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>

enum {
    HEAD_BYTES = 16, /* before each piece: how many bytes it has; keeps the pieces aligned */
    STEP_BYTES = 16,
    SMALL_CLASSES = 64, /* multiples of STEP_BYTES */
    SMALL_MAX = SMALL_CLASSES * STEP_BYTES,
    LARGE_CLASSES = 10, /* SMALL_MAX times two, four … */
    LARGE_MAX = SMALL_MAX << LARGE_CLASSES,
    CHUNK_BYTES = 4 << 20,
    ARENA_BYTES = 64 << 20,
};

union piece {
    struct {
        int bytes; /* without the head */
        int class; /* -1: it is malloc's */
    } head;
    union piece *next; /* of a free one */
    char room[HEAD_BYTES];
};

static struct {
    union piece *unused[SMALL_CLASSES + LARGE_CLASSES + 1];
    char *chunk;
    size_t left;
} pool;

static int class_of(int bytes, int *ret_bytes)
{
    int class = SMALL_CLASSES, room = SMALL_MAX;
    if (bytes <= SMALL_MAX) {
        class = bytes > 0 ? (bytes - 1) / STEP_BYTES : 0;
        *ret_bytes = (class + 1) * STEP_BYTES;
        return class;
    }
    while (room < bytes) {
        room *= 2;
        class ++;
    }
    *ret_bytes = room;
    return class;
}

static union piece *carve(int bytes)
{
    size_t wanted = (size_t)bytes + HEAD_BYTES;
    if (pool.left < wanted) { /* what is left of the old one is not used any more */
        pool.left = wanted > CHUNK_BYTES ? wanted : CHUNK_BYTES;
        pool.chunk = malloc(pool.left);
        if (!pool.chunk)
            abort();
    }
    union piece *piece = (union piece *)(void *)pool.chunk;
    pool.chunk += wanted;
    pool.left -= wanted;
    return piece;
}

static void *pool_malloc(int bytes)
{
    int room = bytes, class = -1;
    union piece *piece;
    if (bytes > LARGE_MAX) {
        piece = malloc((size_t)bytes + HEAD_BYTES);
        if (!piece)
            return NULL;
    } else {
        class = class_of(bytes, &room);
        piece = pool.unused[class];
        if (piece)
            pool.unused[class] = piece[1].next;
        else
            piece = carve(room);
    }
    piece->head.bytes = room;
    piece->head.class = class;
    return piece + 1;
}

static void pool_free(void *bytes)
{
    union piece *piece = bytes;
    if (!piece)
        return;
    piece--;
    int class = piece->head.class;
    if (class < 0) {
        free(piece);
        return;
    }
    piece[1].next = pool.unused[class];
    pool.unused[class] = piece;
}

static int pool_size(void *bytes)
{
    const union piece *piece = bytes;
    return piece ? piece[-1].head.bytes : 0;
}

static void *pool_realloc(void *bytes, int size)
{
    int has = pool_size(bytes);
    if (size <= has)
        return bytes;
    void *other = pool_malloc(size);
    if (!other)
        return NULL;
    __builtin_memcpy(other, bytes, (size_t)has);
    pool_free(bytes);
    return other;
}

static int pool_roundup(int bytes)
{
    int room = bytes;
    if (bytes <= LARGE_MAX)
        (void)class_of(bytes, &room);
    return room;
}

static int pool_init(void *unused)
{
    (void)unused;
    return SQLITE_OK;
}

static void pool_shutdown(void *unused)
{
    (void)unused;
}

static sqlite3_mem_methods methods = {
    .xMalloc = pool_malloc,
    .xFree = pool_free,
    .xRealloc = pool_realloc,
    .xSize = pool_size,
    .xRoundup = pool_roundup,
    .xInit = pool_init,
    .xShutdown = pool_shutdown,
};

#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#elif defined(__has_feature)
enum { SANITIZED = __has_feature(address_sanitizer) };
#else
enum { SANITIZED = 0 };
#endif

bool sim_memory_set_up(void)
{
    mallopt(M_MMAP_THRESHOLD, ARENA_BYTES);
    mallopt(M_TRIM_THRESHOLD, ARENA_BYTES);
    return sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK &&
           sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK &&
           (SANITIZED || sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK);
}
