#include "app/engine/reader.h"
#include "app/domain/code.h"
#include "app/domain/limits.h"
#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    FRAMES_A_TURN = 64, /* then the other scanners have theirs */
    MEMORY_RETRY_MS = 50
};

struct reader {
    struct queue *queue;
    const struct clock *clock;
    void (*events)(void *context, int scanner, enum scanner_state state);
    void *context;
    int count;
    struct scanner *scanners[READER_SCANNERS_MAX];
    enum scanner_state states[READER_SCANNERS_MAX]; /* last told */
    int stop_fd;
    pthread_t thread;
    uint8_t bytes[SCAN_MAX];
};

static void tell(struct reader *reader, int i, bool first)
{
    struct scanner *scanner = reader->scanners[i];
    enum scanner_state state = scanner->class->state(scanner);
    if (!first && state == reader->states[i])
        return;
    reader->states[i] = state;
    if (reader->events)
        reader->events(reader->context, i, state);
}

/* Waits for something to read or the time is up; false: the reader is to stop. */
static bool wait_for(struct reader *reader, struct pollfd *fds, nfds_t count, int timeout_ms)
{
    fds[0] = (struct pollfd){.fd = reader->stop_fd, .events = POLLIN};
    poll(fds, count, timeout_ms); /* a signal here is just an early round */
    return !(fds[0].revents & POLLIN);
}

/* A scan read is never dropped: without memory, or in a full queue, the scanner waits. */
static bool enqueue(struct reader *reader, int i, const struct frame *frame)
{
    int64_t mono_ns = reader->clock->mono_ns(reader->clock->context);
    int64_t wall_ms = reader->clock->wall_ms(reader->clock->context);
    struct scan *scan = scan_new(frame->bytes, frame->len);
    while (!scan) {
        struct pollfd stop;
        if (!wait_for(reader, &stop, 1, MEMORY_RETRY_MS))
            return false;
        scan = scan_new(frame->bytes, frame->len);
    }
    scan->mono_ns = mono_ns;
    scan->wall_ms = wall_ms;
    scan->source = (uint16_t)(i + 1);
    if (frame->truncated)
        scan->flags |= SCAN_TRUNCATED;
    else
        code_restore_fnc1(scan, reader->scanners[i]->options.fnc1);
    if (queue_push(reader->queue, scan) == RC_OK)
        return true;
    free(scan);
    return false;
}

static bool read_scanner(struct reader *reader, int i)
{
    struct scanner *scanner = reader->scanners[i];
    struct frame frame = {.bytes = reader->bytes};
    enum rc rc = RC_OK;
    for (int n = 0; n < FRAMES_A_TURN && rc == RC_OK; n++) {
        rc = scanner->class->read(scanner, &frame);
        if (rc == RC_OK && !enqueue(reader, i, &frame))
            return false;
    }
    tell(reader, i, false);
    return true;
}

static int sooner(int a, int b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* Fills in what to poll, and answers how long. */
static int prepare(struct reader *reader, struct pollfd *fds)
{
    int timeout_ms = -1;
    for (int i = 0; i < reader->count; i++) {
        struct scanner *scanner = reader->scanners[i];
        fds[1 + i] = (struct pollfd){.fd = scanner->class->fd(scanner), .events = POLLIN};
        timeout_ms = sooner(timeout_ms, scanner->class->timeout_ms(scanner));
    }
    return timeout_ms;
}

static void *run(void *context)
{
    struct reader *reader = context;
    struct pollfd fds[1 + READER_SCANNERS_MAX];
    for (int i = 0; i < reader->count; i++)
        tell(reader, i, true);
    for (bool going = true; going;) {
        int timeout_ms = prepare(reader, fds);
        going = wait_for(reader, fds, (nfds_t)(1 + reader->count), timeout_ms);
        for (int i = 0; i < reader->count && going; i++)
            going = read_scanner(reader, i);
    }
    return NULL;
}

enum rc reader_start(struct scanner **scanners, int count, struct queue *queue, const struct clock *clock,
                     void (*events)(void *context, int scanner, enum scanner_state state), void *context,
                     struct reader **ret_reader)
{
    assert(count >= 0 && count <= READER_SCANNERS_MAX);
    struct reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return RC_NOMEM;
    *reader = (struct reader){.queue = queue, .clock = clock, .events = events, .context = context, .count = count};
    for (int i = 0; i < count; i++)
        reader->scanners[i] = scanners[i];
    reader->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (reader->stop_fd < 0) {
        free(reader);
        return RC_IO;
    }
    if (pthread_create(&reader->thread, NULL, run, reader)) {
        close(reader->stop_fd);
        free(reader);
        return RC_NOMEM;
    }
    *ret_reader = reader;
    return RC_OK;
}

void reader_stop(struct reader *reader)
{
    static const uint64_t one = 1;
    if (!reader)
        return;
    queue_interrupt(reader->queue, true);
    ssize_t ignored = write(reader->stop_fd, &one, sizeof one);
    (void)ignored;
    pthread_join(reader->thread, NULL);
    queue_interrupt(reader->queue, false);
    for (int i = 0; i < reader->count; i++)
        reader->scanners[i]->class->close(reader->scanners[i]);
    close(reader->stop_fd);
    free(reader);
}
