/* The reader thread: owns the scanners, turns their frames into stamped scans, puts them in the queue. Takes in scanners
 * that are plugged in meanwhile. Never touches disk or screen. */
#ifndef TALLYMAN_ENGINE_READER_H
#define TALLYMAN_ENGINE_READER_H

#include "app/engine/queue.h"
#include "platform/clock.h"
#include "platform/devices.h"
#include "platform/scanner.h"

struct reader;

enum { READER_SCANNERS_MAX = 8 };

/* Scanners that are found, not configured. */
struct reader_finding {
    struct finder finder;                       /* taken over: the reader closes it */
    struct scanner_options as;                  /* how those found are opened, but for what names them */
    const struct scanner_class *const *classes; /* by kind; lives as long as the reader */
};

/* Takes the scanners over (closes them at the end). `finding` NULL: no others. `events` is called on the reader thread when
 * a scanner comes, goes or fails, or lost or held back a scan, and must only post; NULL without. */
enum rc reader_start(struct scanner **scanners, int count, const struct reader_finding *finding, struct queue *queue,
                     const struct clock *clock, void (*events)(void *context, int scanner, enum scanner_state state),
                     void *context, struct reader **ret_reader);
void reader_stop(struct reader *reader);

/* One scanner, its number less one what scan.source says. */
struct reader_status {
    bool used;  /* there is one of this number */
    bool found; /* not configured */
    char name[SCANNER_NAME_MAX + 1];
    enum scanner_kind kind;
    enum scanner_state state;
    int64_t scans;
    int64_t repeats; /* held back: the same code again within the scanner's window */
    int64_t lost;    /* thrown away: only a part came */
};

/* Any thread; ret_status holds READER_SCANNERS_MAX. */
void reader_status(struct reader *reader, struct reader_status *ret_status);

/* Any thread: every scanner that can be told to reads, or stops. */
void reader_trigger(struct reader *reader, bool on);
/* Any thread: those whose beeper is to tell the verdicts. */
void reader_beep(struct reader *reader, bool good);

#endif
