#include "app/engine/reader.h"
#include "app/domain/code.h"
#include "app/domain/limits.h"
#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    FRAMES_A_TURN = 64, /* then the other scanners have theirs */
    MEMORY_RETRY_MS = 50,
    LOOK_MS = 1000,       /* for scanners, where nobody tells of them */
    LOOK_TOLD_MS = 15000, /* and where somebody does */
    NEWS_MS = 50, /* after news: there are several of each device, and a scanner that is back sees to itself */
    NS_PER_MS = 1000000
};

struct slot {
    struct scanner *scanner;
    bool found;
    enum scanner_state state; /* last told */
    int64_t scans, repeats, lost, told_repeats, told_lost;
    int64_t last_ns; /* the scan that the window is about */
    size_t last_len;
    uint8_t last[SCAN_MAX];
};

struct reader {
    struct queue *queue;
    const struct clock *clock;
    void (*events)(void *context, int scanner, enum scanner_state state);
    void *context;
    bool finds;
    struct reader_finding finding;
    bool news; /* something came that it has not looked at */
    int64_t looked_ns, news_ns;
    int wake_fd; /* one of the wishes below has changed */
    atomic_bool stop;
    atomic_int trigger_wish;   /* -1: none; else on or off */
    atomic_int beep_wishes[2]; /* bad, good: how many are asked for */
    pthread_mutex_t mutex;     /* guards status */
    struct reader_status status[READER_SCANNERS_MAX];
    pthread_t thread;
    uint8_t bytes[SCAN_MAX];
    struct device devices[DEVICES_MAX];
    struct slot slots[READER_SCANNERS_MAX];
};

static int64_t mono_ns(const struct reader *reader)
{
    return reader->clock->mono_ns(reader->clock->context);
}

/* ---- telling ---- */

static void tell(struct reader *reader, int i, bool first)
{
    struct slot *slot = &reader->slots[i];
    struct scanner *scanner = slot->scanner;
    enum scanner_state state = scanner->class->state(scanner);
    if (scanner->class->lost)
        slot->lost = scanner->class->lost(scanner);
    struct reader_status status = {.used = true,
                                   .found = slot->found,
                                   .kind = scanner->options.kind,
                                   .state = state,
                                   .scans = slot->scans,
                                   .repeats = slot->repeats,
                                   .lost = slot->lost};
    memcpy(status.name, scanner->options.name, sizeof status.name);
    pthread_mutex_lock(&reader->mutex);
    reader->status[i] = status;
    pthread_mutex_unlock(&reader->mutex);
    bool news = first || state != slot->state || slot->repeats != slot->told_repeats || slot->lost != slot->told_lost;
    slot->state = state;
    slot->told_repeats = slot->repeats;
    slot->told_lost = slot->lost;
    if (news && reader->events)
        reader->events(reader->context, i, state);
}

void reader_status(struct reader *reader, struct reader_status *ret_status)
{
    pthread_mutex_lock(&reader->mutex);
    memcpy(ret_status, reader->status, sizeof reader->status);
    pthread_mutex_unlock(&reader->mutex);
}

/* ---- wishes ---- */

static void wake(struct reader *reader)
{
    static const uint64_t one = 1;
    ssize_t ignored = write(reader->wake_fd, &one, sizeof one);
    (void)ignored;
}

void reader_trigger(struct reader *reader, bool on)
{
    atomic_store(&reader->trigger_wish, on);
    wake(reader);
}

void reader_beep(struct reader *reader, bool good)
{
    atomic_fetch_add(&reader->beep_wishes[good], 1);
    wake(reader);
}

static void grant_wishes(struct reader *reader)
{
    int trigger = atomic_exchange(&reader->trigger_wish, -1);
    int bad = atomic_exchange(&reader->beep_wishes[0], 0), good = atomic_exchange(&reader->beep_wishes[1], 0);
    for (int i = 0; i < READER_SCANNERS_MAX; i++) {
        struct scanner *scanner = reader->slots[i].scanner;
        if (!scanner)
            continue;
        if (trigger >= 0 && scanner->class->trigger)
            scanner->class->trigger(scanner, trigger);
        if ((bad || good) && scanner->options.beeps && scanner->class->beep)
            scanner->class->beep(scanner, bad == 0);
    }
}

/* Waits for something to read or the time is up; false: the reader is to stop. */
static bool wait_for(struct reader *reader, struct pollfd *fds, nfds_t count, int timeout_ms)
{
    uint64_t wakes;
    fds[0] = (struct pollfd){.fd = reader->wake_fd, .events = POLLIN};
    poll(fds, count, timeout_ms); /* a signal here is just an early round */
    if (fds[0].revents & POLLIN) {
        ssize_t ignored = read(reader->wake_fd, &wakes, sizeof wakes);
        (void)ignored;
    }
    return !atomic_load(&reader->stop);
}

/* ---- reading ---- */

/* One pull of the trigger is one scan, though the scanner sends it twice. */
static bool is_repeat(struct slot *slot, const struct frame *frame, int64_t now_ns)
{
    int64_t window_ns = (int64_t)slot->scanner->options.window_ms * NS_PER_MS;
    if (window_ns == 0)
        return false;
    if (frame->len == slot->last_len && slot->last_ns && now_ns - slot->last_ns <= window_ns &&
        memcmp(frame->bytes, slot->last, frame->len) == 0)
        return true;
    slot->last_ns = now_ns;
    slot->last_len = frame->len;
    memcpy(slot->last, frame->bytes, frame->len);
    return false;
}

/* A scan read is never dropped: without memory, or in a full queue, the scanner waits. */
static bool enqueue(struct reader *reader, int i, const struct frame *frame, int64_t now_ns)
{
    int64_t wall_ms = reader->clock->wall_ms(reader->clock->context);
    struct scan *scan = scan_new(frame->bytes, frame->len);
    while (!scan && !atomic_load(&reader->stop)) {
        poll(NULL, 0, MEMORY_RETRY_MS);
        scan = scan_new(frame->bytes, frame->len);
    }
    if (!scan)
        return false;
    scan->mono_ns = now_ns;
    scan->wall_ms = wall_ms;
    scan->source = (uint16_t)(i + 1);
    if (frame->truncated)
        scan->flags |= SCAN_TRUNCATED;
    else
        code_restore_fnc1(scan, reader->slots[i].scanner->options.fnc1);
    if (queue_push(reader->queue, scan) == RC_OK)
        return true;
    free(scan);
    return false;
}

static bool read_scanner(struct reader *reader, int i)
{
    struct slot *slot = &reader->slots[i];
    struct frame frame = {.bytes = reader->bytes};
    enum rc rc = RC_OK;
    for (int n = 0; n < FRAMES_A_TURN && rc == RC_OK; n++) {
        rc = slot->scanner->class->read(slot->scanner, &frame);
        int64_t now_ns = mono_ns(reader);
        if (rc == RC_OK && is_repeat(slot, &frame, now_ns)) {
            slot->repeats++;
        } else if (rc == RC_OK) {
            slot->scans++;
            if (!enqueue(reader, i, &frame, now_ns))
                return false;
        }
    }
    tell(reader, i, false);
    return true;
}

/* ---- finding ---- */

static bool is_auto(const struct scanner_options *options)
{
    return strcmp(options->device, SCANNER_DEVICE_AUTO) == 0 && !options->vid && !options->pid &&
           !options->serial[0] && !options->path[0];
}

/* Some scanner here has it, will have it when it can, or is still looking for one of its kind. */
static bool is_spoken_for(const struct reader *reader, const struct device *device)
{
    for (int i = 0; i < READER_SCANNERS_MAX; i++) {
        const struct scanner *scanner = reader->slots[i].scanner;
        if (scanner && (device_is_named(device, &scanner->options) ||
                        (is_auto(&scanner->options) && scanner->options.kind == device->kind &&
                         reader->slots[i].state != SCANNER_READY)))
            return true;
    }
    return device->taken;
}

/* A place for one more: a free one, else that of one that was found and has gone; -1 none. */
static int find_place(const struct reader *reader)
{
    int place = -1;
    for (int i = READER_SCANNERS_MAX - 1; i >= 0; i--)
        if (!reader->slots[i].scanner)
            place = i;
    for (int i = 0; i < READER_SCANNERS_MAX && place < 0; i++)
        if (reader->slots[i].found && reader->slots[i].state == SCANNER_ABSENT)
            place = i;
    return place;
}

static void take_in(struct reader *reader, const struct device *device)
{
    struct scanner_options options = reader->finding.as;
    device_name(device, &options);
    int place = find_place(reader);
    if (place < 0)
        return;
    struct slot *slot = &reader->slots[place];
    struct scanner *scanner;
    if (reader->finding.classes[options.kind]->open(&options, &scanner) != RC_OK)
        return;
    if (slot->scanner)
        slot->scanner->class->close(slot->scanner);
    memset(slot, 0, sizeof *slot);
    slot->scanner = scanner;
    slot->found = true;
    tell(reader, place, true);
}

static void look(struct reader *reader)
{
    const struct finder *finder = &reader->finding.finder;
    int count = 0;
    reader->looked_ns = mono_ns(reader);
    reader->news = false;
    if (finder->list(finder->context, reader->devices, &count) != RC_OK)
        return;
    for (int i = 0; i < count; i++) {
        enum device_use use = reader->devices[i].use;
        bool ours = use == DEVICE_SCANNER || use == DEVICE_DENIED || use == DEVICE_BUSY;
        if (ours && !is_spoken_for(reader, &reader->devices[i]))
            take_in(reader, &reader->devices[i]);
    }
}

/* ---- the thread ---- */

static int sooner(int a, int b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

static int left_ms(const struct reader *reader, int64_t since_ns, int span_ms)
{
    int64_t left = span_ms - (mono_ns(reader) - since_ns) / NS_PER_MS;
    return left < 0 ? 0 : left > span_ms ? span_ms : (int)left;
}

static int look_due_ms(const struct reader *reader)
{
    if (reader->news)
        return left_ms(reader, reader->news_ns, NEWS_MS);
    int fd = reader->finding.finder.fd(reader->finding.finder.context);
    return left_ms(reader, reader->looked_ns, fd < 0 ? LOOK_MS : LOOK_TOLD_MS);
}

static void take_news(struct reader *reader)
{
    const struct finder *finder = &reader->finding.finder;
    if (!finder->take(finder->context) || reader->news)
        return;
    reader->news = true;
    reader->news_ns = mono_ns(reader);
}

/* Fills in what to poll, and answers how long. */
static int prepare(struct reader *reader, struct pollfd *fds)
{
    int timeout_ms = -1;
    for (int i = 0; i < READER_SCANNERS_MAX; i++) {
        struct scanner *scanner = reader->slots[i].scanner;
        fds[2 + i] = (struct pollfd){.fd = scanner ? scanner->class->fd(scanner) : -1, .events = POLLIN};
        if (scanner)
            timeout_ms = sooner(timeout_ms, scanner->class->timeout_ms(scanner));
    }
    fds[1] = (struct pollfd){.fd = -1};
    if (!reader->finds)
        return timeout_ms;
    fds[1] = (struct pollfd){.fd = reader->finding.finder.fd(reader->finding.finder.context), .events = POLLIN};
    return sooner(timeout_ms, look_due_ms(reader));
}

static void *run(void *context)
{
    struct reader *reader = context;
    struct pollfd fds[2 + READER_SCANNERS_MAX];
    for (int i = 0; i < READER_SCANNERS_MAX; i++)
        if (reader->slots[i].scanner)
            tell(reader, i, true);
    if (reader->finds)
        look(reader);
    for (bool going = true; going;) {
        int timeout_ms = prepare(reader, fds);
        going = wait_for(reader, fds, 2 + READER_SCANNERS_MAX, timeout_ms);
        grant_wishes(reader);
        if (reader->finds && (fds[1].revents & POLLIN))
            take_news(reader);
        for (int i = 0; i < READER_SCANNERS_MAX && going; i++)
            if (reader->slots[i].scanner)
                going = read_scanner(reader, i);
        if (going && reader->finds && look_due_ms(reader) == 0)
            look(reader);
    }
    return NULL;
}

enum rc reader_start(struct scanner **scanners, int count, const struct reader_finding *finding, struct queue *queue,
                     const struct clock *clock, void (*events)(void *context, int scanner, enum scanner_state state),
                     void *context, struct reader **ret_reader)
{
    assert(count >= 0 && count <= READER_SCANNERS_MAX);
    struct reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return RC_NOMEM;
    reader->queue = queue;
    reader->clock = clock;
    reader->events = events;
    reader->context = context;
    atomic_store(&reader->trigger_wish, -1);
    for (int i = 0; i < count; i++)
        reader->slots[i].scanner = scanners[i];
    reader->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (reader->wake_fd < 0) {
        free(reader);
        return RC_IO;
    }
    reader->finds = finding;
    if (finding)
        reader->finding = *finding;
    pthread_mutex_init(&reader->mutex, NULL);
    if (pthread_create(&reader->thread, NULL, run, reader)) {
        close(reader->wake_fd);
        pthread_mutex_destroy(&reader->mutex);
        free(reader);
        return RC_NOMEM;
    }
    *ret_reader = reader;
    return RC_OK;
}

void reader_stop(struct reader *reader)
{
    if (!reader)
        return;
    atomic_store(&reader->stop, true);
    queue_interrupt(reader->queue, true);
    wake(reader);
    pthread_join(reader->thread, NULL);
    queue_interrupt(reader->queue, false);
    for (int i = 0; i < READER_SCANNERS_MAX; i++)
        if (reader->slots[i].scanner)
            reader->slots[i].scanner->class->close(reader->slots[i].scanner);
    if (reader->finds)
        reader->finding.finder.close(reader->finding.finder.context);
    close(reader->wake_fd);
    pthread_mutex_destroy(&reader->mutex);
    free(reader);
}
