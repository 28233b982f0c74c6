/* A keyboard wedge: grabbed, so that no key of a scan reaches the console or a form. What it types, wedge.c knows. A scan
 * of which the kernel had to drop events, or whose end does not come, is thrown away. */
#include "platform/linux/discover.h"
#include "platform/linux/evdev_drain.h"
#include "platform/linux/wedge.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum {
    GAP_MS = 1000, /* nobody types a code by hand on a scanner: half a scan older than this is dropped */
    EVENTS_MAX = 64,
    LONG_BITS = 8 * sizeof(unsigned long),
    MS_PER_S = 1000,
    NS_PER_MS = 1000000
};

struct evdev {
    struct scanner base;
    enum scanner_state state;
    int fd;
    int64_t key_ms; /* last key */
    int64_t lost;
    struct discover_wait wait;
    struct device device;
    bool claimed;
    bool skipping; /* what comes is the rest of a scan whose beginning is lost */
    bool has_lost; /* and there was one: else it was only just plugged in */
    bool dropped;  /* the kernel dropped events; up to the next report they mean nothing */
    unsigned lights;
    size_t at, len; /* of events not yet taken */
    struct input_event events[EVENTS_MAX];
    struct evdev_drain *drain;
    struct wedge *wedge;
};

static struct evdev *self(struct scanner *scanner)
{
    assert(scanner->class == &scanner_evdev);
    return (struct evdev *)scanner;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

static enum scanner_state state_of(int error)
{
    switch (error) {
    case ENOENT:
    case ENXIO:
    case ENODEV: return SCANNER_ABSENT;
    case EACCES:
    case EPERM: return SCANNER_DENIED;
    case EBUSY: return SCANNER_BUSY;
    default: return SCANNER_FAILED;
    }
}

/* ---- connecting ---- */

static bool has_bit(const unsigned long *bits, unsigned bit)
{
    return bits[bit / LONG_BITS] >> bit % LONG_BITS & 1;
}

/* Something that can type a code: grabbing a mouse or the power button would help nobody. */
static bool types(int fd)
{
    unsigned long keys[KEY_CNT / LONG_BITS + 1] = {0};
    return ioctl(fd, EVIOCGBIT(EV_KEY, sizeof keys), keys) >= 0 && has_bit(keys, KEY_1) && has_bit(keys, KEY_0);
}

static void put_event(int fd, uint16_t type, uint16_t code, int32_t value)
{
    const struct input_event event = {.type = type, .code = code, .value = value};
    ssize_t ignored = write(fd, &event, sizeof event); /* a keyboard without lights, or one that may only be read */
    (void)ignored;
}

/* Scanners look at the lights to see which case their letters will have. */
static void show_lights(struct evdev *evdev, bool always)
{
    unsigned lights = wedge_lights(evdev->wedge);
    if (lights == evdev->lights && !always)
        return;
    evdev->lights = lights;
    put_event(evdev->fd, EV_LED, LED_CAPSL, (lights & WEDGE_CAPS_LOCK) != 0);
    put_event(evdev->fd, EV_LED, LED_NUML, (lights & WEDGE_NUM_LOCK) != 0);
    put_event(evdev->fd, EV_SYN, SYN_REPORT, 0);
}

static int open_node(const char *node)
{
    int fd = open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    return fd >= 0 || errno != EACCES ? fd : open(node, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

/* Only keys are wanted: what else comes with each of them would fill the kernel's buffer. */
static void want_keys_only(int fd)
{
    static const uint8_t none[MSC_CNT / 8 + 1];
    const struct input_mask mask = {.type = EV_MSC, .codes_size = sizeof none, .codes_ptr = (uintptr_t)none};
    ioctl(fd, EVIOCSMASK, &mask);
}

static enum scanner_state open_device(struct evdev *evdev)
{
    int fd = open_node(evdev->device.node);
    if (fd < 0)
        return state_of(errno);
    enum scanner_state state = SCANNER_READY;
    if (!types(fd))
        state = SCANNER_FAILED;
    else if (ioctl(fd, EVIOCGRAB, 1))
        state = state_of(errno);
    want_keys_only(fd);
    if (state == SCANNER_READY && evdev_drain_start(fd, &evdev->drain) != RC_OK)
        state = SCANNER_FAILED;
    if (state != SCANNER_READY) {
        close(fd);
        return state;
    }
    evdev->fd = fd;
    evdev->key_ms = now_ms();
    evdev->skipping = true;
    evdev->has_lost = false;
    evdev->dropped = false;
    wedge_reset(evdev->wedge);
    show_lights(evdev, true);
    return SCANNER_READY;
}

/* With what discover_find said. */
static void connect_keyboard(struct evdev *evdev, enum rc rc)
{
    if (rc == RC_OK) {
        evdev->claimed = discover_claim(&evdev->device);
        evdev->state = evdev->claimed ? open_device(evdev) : SCANNER_BUSY;
    } else {
        evdev->state = discover_state(rc);
    }
    if (evdev->fd < 0 && evdev->claimed) {
        discover_release(&evdev->device);
        evdev->claimed = false;
    }
    discover_tried(&evdev->wait, evdev->state, now_ms());
}

static void disconnect_keyboard(struct evdev *evdev)
{
    evdev_drain_stop(evdev->drain);
    evdev->drain = NULL;
    if (evdev->fd >= 0) {
        ioctl(evdev->fd, EVIOCGRAB, 0);
        close(evdev->fd);
    }
    if (evdev->claimed)
        discover_release(&evdev->device);
    evdev->claimed = false;
    evdev->fd = -1;
    evdev->at = evdev->len = 0;
    evdev->lost += evdev->has_lost || wedge_pending(evdev->wedge);
    evdev->skipping = evdev->has_lost = false;
    wedge_reset(evdev->wedge);
    evdev->state = SCANNER_ABSENT;
    discover_tried(&evdev->wait, SCANNER_READY, now_ms());
}

/* ---- keys ---- */

static int pause_ms(const struct evdev *evdev)
{
    if (evdev->skipping)
        return evdev->has_lost ? SCANNER_STALE_MS : SCANNER_SETTLE_MS;
    return evdev->base.options.framing == FRAMING_SILENCE ? evdev->base.options.silence_ms : GAP_MS;
}

static int left_ms(int64_t since_ms, int span_ms)
{
    int64_t left = since_ms + span_ms - now_ms();
    return left <= 0 ? 0 : left > span_ms ? span_ms : (int)left;
}

/* Told once, at the end: that is when the user waits for a word. */
static void end_skipping(struct evdev *evdev)
{
    evdev->lost += evdev->has_lost;
    evdev->skipping = evdev->has_lost = false;
    wedge_next(evdev->wedge);
}

static void lose(struct evdev *evdev)
{
    evdev->skipping = evdev->has_lost = true;
    wedge_next(evdev->wedge);
}

/* True: a scan is whole. */
static bool take_key(struct evdev *evdev, const struct input_event *event)
{
    enum { RELEASED, PRESSED, REPEATED };
    if (event->value == REPEATED)
        return false;
    bool whole = wedge_key(evdev->wedge, event->code, event->value == PRESSED);
    evdev->has_lost = evdev->has_lost || (evdev->skipping && wedge_pending(evdev->wedge));
    show_lights(evdev, false);
    if (whole && evdev->skipping) { /* the end of what could not be read */
        end_skipping(evdev);
        return false;
    }
    return whole;
}

static bool take_event(struct evdev *evdev, const struct input_event *event)
{
    if (event->type == EV_SYN && event->code == SYN_DROPPED) {
        evdev->dropped = true;
        wedge_reset(evdev->wedge);
        lose(evdev);
    } else if (event->type == EV_SYN && event->code == SYN_REPORT) {
        evdev->dropped = false;
    } else if (event->type == EV_KEY && !evdev->dropped) {
        return take_key(evdev, event);
    }
    return false;
}

/* RC_OK: more events; RC_TIMEOUT: none yet; RC_DISCONNECTED: it has gone. */
static enum rc fill(struct evdev *evdev)
{
    size_t count;
    enum rc rc = evdev_drain_take(evdev->drain, evdev->events, EVENTS_MAX, &count);
    if (rc != RC_OK)
        return rc;
    evdev->at = 0;
    evdev->len = count;
    evdev->key_ms = now_ms();
    return RC_OK;
}

static enum rc deliver(struct evdev *evdev, struct frame *ret_frame)
{
    wedge_scan(evdev->wedge, ret_frame);
    wedge_next(evdev->wedge);
    return RC_OK;
}

/* Nothing was typed for the length of a pause: the end of a scan, or of what is left of one. True: a scan is whole. */
static bool take_pause(struct evdev *evdev)
{
    if (evdev->skipping) {
        end_skipping(evdev);
        return false;
    }
    if (evdev->base.options.framing == FRAMING_SILENCE)
        return wedge_end(evdev->wedge);
    lose(evdev); /* its end may still come: then that is no scan either */
    return false;
}

static bool pause_is_over(const struct evdev *evdev)
{
    bool waits = evdev->skipping || wedge_pending(evdev->wedge);
    return waits && evdev->at == evdev->len && left_ms(evdev->key_ms, pause_ms(evdev)) == 0;
}

/* ---- the class ---- */

static void evdev_close(struct scanner *scanner)
{
    if (!scanner)
        return;
    struct evdev *evdev = self(scanner);
    if (evdev->wedge)
        disconnect_keyboard(evdev);
    hotplug_close(evdev->wait.news);
    wedge_free(evdev->wedge);
    free(evdev);
}

static enum rc evdev_open(const struct scanner_options *options, struct scanner **ret_scanner)
{
    static const struct hotplug_kind kinds[] = {{"input", NULL}, {NULL, NULL}};
    if (options->device[0] == '\0' || (options->framing == FRAMING_SILENCE && options->silence_ms <= 0))
        return RC_BAD_INPUT;
    struct evdev *evdev = calloc(1, sizeof *evdev);
    if (!evdev)
        return RC_NOMEM;
    evdev->base = (struct scanner){.class = &scanner_evdev, .options = *options};
    evdev->fd = -1;
    enum rc rc = wedge_new(options->layout, options->framing, &evdev->wedge);
    if (rc != RC_OK) {
        evdev_close(&evdev->base);
        return rc;
    }
    evdev->wait.news = hotplug_open(kinds);
    connect_keyboard(evdev, discover_find(options, &evdev->device));
    *ret_scanner = &evdev->base;
    return RC_OK;
}

static int evdev_fd(struct scanner *scanner)
{
    const struct evdev *evdev = self(scanner);
    return evdev->fd >= 0 ? evdev_drain_fd(evdev->drain) : hotplug_fd(evdev->wait.news);
}

static int evdev_timeout_ms(struct scanner *scanner)
{
    const struct evdev *evdev = self(scanner);
    if (evdev->fd < 0)
        return discover_due_ms(&evdev->wait, now_ms());
    if (evdev->at < evdev->len)
        return 0;
    if (evdev->skipping || wedge_pending(evdev->wedge))
        return left_ms(evdev->key_ms, pause_ms(evdev));
    return -1;
}

static enum rc evdev_read(struct scanner *scanner, struct frame *ret_frame)
{
    struct evdev *evdev = self(scanner);
    enum rc found =
        evdev->fd >= 0 ? RC_TIMEOUT : discover_again(&evdev->wait, &evdev->base.options, now_ms(), &evdev->device);
    if (found != RC_TIMEOUT)
        connect_keyboard(evdev, found);
    if (evdev->fd < 0)
        return RC_TIMEOUT;
    /* before reading on: what waits now came after the pause */
    bool silence = evdev->base.options.framing == FRAMING_SILENCE && !evdev->skipping;
    if (silence && pause_is_over(evdev) && take_pause(evdev))
        return deliver(evdev, ret_frame);
    for (;;) { /* ends: each round uses up events, or returns */
        while (evdev->at < evdev->len)
            if (take_event(evdev, &evdev->events[evdev->at++]))
                return deliver(evdev, ret_frame);
        enum rc rc = fill(evdev);
        if (rc == RC_DISCONNECTED)
            disconnect_keyboard(evdev);
        else if (rc == RC_TIMEOUT && !silence && pause_is_over(evdev)) /* nothing waits: it was not just read late */
            take_pause(evdev);
        if (rc != RC_OK)
            return rc;
    }
}

static enum scanner_state evdev_state(struct scanner *scanner)
{
    const struct evdev *evdev = self(scanner);
    return evdev->skipping && !evdev->has_lost ? SCANNER_ABSENT : evdev->state;
}

static int64_t evdev_lost(struct scanner *scanner)
{
    return self(scanner)->lost;
}

const struct scanner_class scanner_evdev = {
    .name = "keyboard",
    .open = evdev_open,
    .close = evdev_close,
    .fd = evdev_fd,
    .timeout_ms = evdev_timeout_ms,
    .read = evdev_read,
    .state = evdev_state,
    .lost = evdev_lost,
};
