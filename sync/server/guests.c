#include "sync/server/guests.h"
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

struct guest {
    struct guest *next, **at;
    int fd;
    int64_t since_ms; /* NOTHING: it owes nothing */
};

enum { NOTHING = -1 };

struct guests {
    pthread_mutex_t lock;
    struct guest *first;
    int64_t looked_ms;
    int places, count;
};

struct guests *guests_new(int places)
{
    struct guests *guests = calloc(1, sizeof *guests);
    if (guests) {
        pthread_mutex_init(&guests->lock, NULL);
        guests->places = places;
    }
    return guests;
}

void guests_free(struct guests *guests)
{
    if (!guests)
        return;
    while (guests->first)
        guests_go(guests, guests->first);
    pthread_mutex_destroy(&guests->lock);
    free(guests);
}

struct guest *guests_come(struct guests *guests, int fd, int64_t now_ms)
{
    struct guest *guest = calloc(1, sizeof *guest);
    if (!guest)
        return NULL;
    *guest = (struct guest){.fd = fd, .since_ms = now_ms, .at = &guests->first};
    pthread_mutex_lock(&guests->lock);
    guest->next = guests->first;
    if (guest->next)
        guest->next->at = &guest->next;
    guests->first = guest;
    guests->count++;
    pthread_mutex_unlock(&guests->lock);
    return guest;
}

void guests_go(struct guests *guests, struct guest *guest)
{
    if (!guest)
        return;
    pthread_mutex_lock(&guests->lock);
    *guest->at = guest->next;
    if (guest->next)
        guest->next->at = guest->at;
    guests->count--;
    pthread_mutex_unlock(&guests->lock);
    free(guest);
}

static void set(struct guests *guests, struct guest *guest, int64_t since_ms)
{
    if (!guest)
        return;
    pthread_mutex_lock(&guests->lock);
    guest->since_ms = since_ms;
    pthread_mutex_unlock(&guests->lock);
}

void guests_owe(struct guests *guests, struct guest *guest, int64_t now_ms)
{
    set(guests, guest, now_ms);
}

void guests_said(struct guests *guests, struct guest *guest)
{
    set(guests, guest, NOTHING);
}

int guests_look(struct guests *guests, int64_t now_ms)
{
    int ended = 0;
    pthread_mutex_lock(&guests->lock);
    if (now_ms - guests->looked_ms >= GUESTS_LOOK_MS) {
        int64_t max_ms = 4 * guests->count > 3 * guests->places ? GUESTS_CROWDED_MS : GUESTS_REQUEST_MAX_MS;
        guests->looked_ms = now_ms;
        for (struct guest *guest = guests->first; guest; guest = guest->next)
            if (guest->since_ms != NOTHING && now_ms - guest->since_ms > max_ms) {
                shutdown(guest->fd, SHUT_RDWR); /* whoever reads it learns of it, and closes it */
                guest->since_ms = NOTHING;
                ended++;
            }
    }
    pthread_mutex_unlock(&guests->lock);
    return ended;
}
