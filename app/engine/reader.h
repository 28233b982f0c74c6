/* The reader thread: owns the scanners, turns their frames into stamped scans, puts them in the queue. Never touches
 * disk or screen. */
#ifndef TALLYMAN_ENGINE_READER_H
#define TALLYMAN_ENGINE_READER_H

#include "app/engine/queue.h"
#include "platform/clock.h"
#include "platform/scanner.h"

struct reader;

enum { READER_SCANNERS_MAX = 8 };

/* Takes the scanners over (closes them at the end). `events` is called on the reader thread when a scanner comes, goes
 * or fails, and must only post; NULL without. */
enum rc reader_start(struct scanner **scanners, int count, struct queue *queue, const struct clock *clock,
                     void (*events)(void *context, int scanner, enum scanner_state state), void *context,
                     struct reader **ret_reader);
void reader_stop(struct reader *reader);

#endif
