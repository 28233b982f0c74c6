/* The scan queue between reader and screen thread: bounded, first in first out, nothing dropped or merged. A full
 * queue makes the reader wait, and counts it. Any thread. */
#ifndef TALLYMAN_ENGINE_QUEUE_H
#define TALLYMAN_ENGINE_QUEUE_H

#include "app/domain/rc.h"
#include "app/domain/scan.h"
#include <stdbool.h>

struct queue;

enum rc queue_new(struct queue **ret_queue);
void queue_free(struct queue *queue);

/* Takes the scan over, stamps it with the ticket set last. Waits while QUEUE_MAX scans are queued; RC_DISCONNECTED
 * after queue_close (the scan stays the caller's). */
enum rc queue_push(struct queue *queue, struct scan *scan);
/* The same, but never waits: RC_TIMEOUT when the queue is full (the scan stays the caller's). For the thread that pops,
 * which would wait for itself. */
enum rc queue_offer(struct queue *queue, struct scan *scan);
/* While on, queue_push answers RC_TIMEOUT where it would wait (the scan stays the caller's): the reader is to end. */
void queue_interrupt(struct queue *queue, bool on);
/* The oldest, or NULL when none waits. The caller frees it. */
struct scan *queue_pop(struct queue *queue);
void queue_close(struct queue *queue);

/* The document that scans arriving from now on belong to (engine_ticket). */
void queue_set_ticket(struct queue *queue, uint32_t ticket);

/* Readable (poll) while scans wait. */
int queue_fd(const struct queue *queue);

struct queue_counts {
    int64_t pushed, popped, full_waits;
    int waiting;
};
void queue_counts(struct queue *queue, struct queue_counts *ret_counts);

#endif
