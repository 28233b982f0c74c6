#include "sync/server/ahead.h"
#include "sync/server/evidence.h"
#include <pthread.h>
#include <stdlib.h>

struct slot {
    struct apply_record record;
    const char *body;
    size_t len;
};

struct ahead {
    const struct push_request *request;
    size_t offset; /* the reader's: of what it reads next */
    struct slot slots
        [AHEAD_SLOTS]; /* record i in slot i % AHEAD_SLOTS: the reader's until it is read, and once it is done with */
    int next, seen;    /* the applier's: the next one; how many it knows to be read */
    bool threaded;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t moved;
    int read, done; /* records; what is done with is the reader's again */
    int64_t bytes;  /* of those between the two */
    bool ending;
};

static bool read_one(struct ahead *ahead, int i)
{
    struct slot *slot = &ahead->slots[i % AHEAD_SLOTS];
    apply_close(&slot->record);
    if (!push_next(ahead->request, &ahead->offset, &slot->body, &slot->len))
        return false;
    apply_open(ahead->request->first + i, slot->body, slot->len, &slot->record);
    slot->record.names_key = evidence_names_key(&slot->record);
    return true;
}

/* ---- the thread ---- */

/* How many may be read now; 0: it is over. */
static int wait_for_room(struct ahead *ahead)
{
    int left = ahead->request->count - ahead->read, step = left < AHEAD_STEP ? left : AHEAD_STEP;
    pthread_mutex_lock(&ahead->lock);
    while (!ahead->ending && (ahead->read - ahead->done > AHEAD_SLOTS - step ||
                              (ahead->bytes > AHEAD_BYTES_MAX && ahead->read > ahead->done)))
        pthread_cond_wait(&ahead->moved, &ahead->lock);
    if (ahead->ending)
        step = 0;
    pthread_mutex_unlock(&ahead->lock);
    return step;
}

static void *read_all(void *context)
{
    struct ahead *ahead = context;
    for (int step = wait_for_room(ahead); step > 0; step = wait_for_room(ahead)) {
        size_t from = ahead->offset;
        for (int i = 0; i < step; i++)
            read_one(ahead, ahead->read + i);
        pthread_mutex_lock(&ahead->lock);
        ahead->read += step;
        ahead->bytes += (int64_t)(ahead->offset - from);
        pthread_cond_signal(&ahead->moved);
        pthread_mutex_unlock(&ahead->lock);
    }
    return NULL;
}

enum rc ahead_begin(const struct push_request *request, struct ahead **ret_ahead)
{
    struct ahead *ahead = calloc(1, sizeof *ahead);
    if (!ahead)
        return RC_NOMEM;
    ahead->request = request;
    if (request->count >= AHEAD_FROM) {
        pthread_mutex_init(&ahead->lock, NULL);
        pthread_cond_init(&ahead->moved, NULL);
        ahead->threaded = pthread_create(&ahead->thread, NULL, read_all, ahead) == 0;
    }
    *ret_ahead = ahead;
    return RC_OK;
}

/* ---- who applies ---- */

/* Gives back what is done with, a step at a time, and waits until the next one is read. */
static void wait_for_record(struct ahead *ahead)
{
    pthread_mutex_lock(&ahead->lock);
    for (; ahead->done < ahead->next; ahead->done++)
        ahead->bytes -= (int64_t)ahead->slots[ahead->done % AHEAD_SLOTS].len + 1;
    if (ahead->read - ahead->done <=
        AHEAD_SLOTS / 2) /* a thread that was woken for a step or two would soon sleep again */
        pthread_cond_signal(&ahead->moved);
    while (ahead->read <= ahead->next)
        pthread_cond_wait(&ahead->moved, &ahead->lock);
    ahead->seen = ahead->read;
    pthread_mutex_unlock(&ahead->lock);
}

struct apply_record *ahead_next(struct ahead *ahead, const char **ret_body, size_t *ret_len)
{
    if (ahead->next == ahead->request->count)
        return NULL;
    if (!ahead->threaded)
        read_one(ahead, ahead->next);
    else if (ahead->next >= ahead->seen || ahead->next % AHEAD_STEP == 0)
        wait_for_record(ahead);
    struct slot *slot = &ahead->slots[ahead->next++ % AHEAD_SLOTS];
    *ret_body = slot->body;
    *ret_len = slot->len;
    return &slot->record;
}

void ahead_end(struct ahead *ahead)
{
    if (!ahead)
        return;
    if (ahead->threaded) {
        pthread_mutex_lock(&ahead->lock);
        ahead->ending = true;
        pthread_cond_signal(&ahead->moved);
        pthread_mutex_unlock(&ahead->lock);
        pthread_join(ahead->thread, NULL);
    }
    if (ahead->request->count >= AHEAD_FROM) {
        pthread_cond_destroy(&ahead->moved);
        pthread_mutex_destroy(&ahead->lock);
    }
    for (int i = 0; i < AHEAD_SLOTS; i++)
        apply_close(&ahead->slots[i].record);
    free(ahead);
}
