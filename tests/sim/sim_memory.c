/* Memory in the simulator: one thread, no statistics, and free lists by size in place of the library's malloc, which is a fifth
 * of a history's time otherwise: for SQLite, and for all others. Under a sanitizer malloc stays, which finds what is written
 * beyond its end. */
#include "tests/sim/sim_memory.h"
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/single_threaded.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifdef SANITIZED
#define LIBRARY_MALLOC malloc
#define LIBRARY_FREE   free
#else
#define SANITIZED      0
#define LIBRARY_MALLOC __libc_malloc
#define LIBRARY_FREE   __libc_free
void *__libc_malloc(size_t bytes);
void __libc_free(void *bytes);
#endif

enum {
    HEAD_BYTES = 16, /* before each piece: how many bytes it has; keeps the pieces aligned */
    STEP_BYTES = 16,
    SMALL_CLASSES = 64, /* multiples of STEP_BYTES */
    SMALL_MAX = SMALL_CLASSES * STEP_BYTES,
    LARGE_CLASSES = 10, /* SMALL_MAX times two, four … */
    LARGE_MAX = SMALL_MAX << LARGE_CLASSES,
    CHUNK_BYTES = 4 << 20,
    ARENA_BYTES = 64 << 20,
    THEIRS = -1, /* the library's */
    ALIGNED = -2 /* within a piece */
};

union piece {
    struct {
        int bytes; /* without the head */
        int class; /* of its size; THEIRS, ALIGNED */
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
        pool.chunk = LIBRARY_MALLOC(pool.left);
        if (!pool.chunk || !__libc_single_threaded)
            abort();
    }
    union piece *piece = (union piece *)(void *)pool.chunk;
    pool.chunk += wanted;
    pool.left -= wanted;
    return piece;
}

static void *pool_malloc(int bytes)
{
    int room = bytes, class = THEIRS;
    union piece *piece;
    if (bytes > LARGE_MAX) {
        piece = LIBRARY_MALLOC((size_t)bytes + HEAD_BYTES);
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
        if (class == THEIRS)
            LIBRARY_FREE(piece);
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
    memcpy(other, bytes, (size_t)has);
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

#if !SANITIZED
/* ---- what all others call ---- */

void *malloc(size_t bytes)
{
    void *piece = bytes <= INT_MAX - HEAD_BYTES ? pool_malloc((int)bytes) : NULL;
    if (!piece)
        errno = ENOMEM;
    return piece;
}

void free(void *bytes)
{
    pool_free(bytes);
}

void *calloc(size_t count, size_t size)
{
    size_t bytes;
    void *piece = __builtin_mul_overflow(count, size, &bytes) ? malloc(SIZE_MAX) : malloc(bytes);
    return piece ? memset(piece, 0, bytes) : NULL;
}

void *realloc(void *bytes, size_t size)
{
    if (bytes && size <= (size_t)pool_size(bytes))
        return bytes;
    void *other = malloc(size);
    if (!other || !bytes)
        return other;
    memcpy(other, bytes, (size_t)pool_size(bytes));
    pool_free(bytes);
    return other;
}

/* Few ask for this: its room is not used again. */
void *aligned_alloc(size_t alignment, size_t size)
{
    char *room = alignment < ARENA_BYTES && size < ARENA_BYTES ? malloc(size + alignment) : NULL;
    size_t past = room ? (uintptr_t)room % alignment : 0;
    if (past == 0)
        return room;
    union piece *piece = (union piece *)(void *)(room + alignment - past);
    piece[-1].head.bytes = (int)size;
    piece[-1].head.class = ALIGNED;
    return piece;
}

void *memalign(size_t alignment, size_t size)
{
    return aligned_alloc(alignment, size);
}

int posix_memalign(void **ret_bytes, size_t alignment, size_t size)
{
    void *bytes = aligned_alloc(alignment, size);
    if (bytes)
        *ret_bytes = bytes;
    return bytes ? 0 : ENOMEM;
}

size_t malloc_usable_size(void *bytes)
{
    return (size_t)pool_size(bytes);
}
#endif

bool sim_memory_set_up(void)
{
    mallopt(M_MMAP_THRESHOLD, ARENA_BYTES);
    mallopt(M_TRIM_THRESHOLD, ARENA_BYTES);
    return sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK &&
           sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK &&
           (SANITIZED || sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK);
}

/* A long push would be read by a thread of its own; a server that gets none reads it itself. */
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *context);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *context)
{
    (void)thread, (void)attributes, (void)start, (void)context;
    return EAGAIN;
}
