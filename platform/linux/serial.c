/* A scanner on a serial port (USB CDC, RS-232, a pty): termios raw. The device may come and go at any moment; what
 * was whole before it went is delivered, half a frame is not. */
#include "platform/linux/discover.h"
#include "platform/linux/framing.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/serial.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum {
    GAP_MS = 1000, /* no scanner pauses so long in a scan: a half older than this is dropped */
    INPUT_BYTES = 4096,
    MS_PER_S = 1000,
    NS_PER_MS = 1000000
};

struct serial {
    struct scanner base;
    speed_t speed;
    int fd;
    enum scanner_state state;
    int64_t byte_ms; /* last byte */
    int64_t lost;
    struct discover_wait wait;
    struct device device;
    bool claimed;
    bool has_lost;  /* while skipping: there was one, it was not only just plugged in */
    int overruns;   /* that the driver has counted; -1: it counts none */
    bool skipping;  /* what comes is the rest of a scan of which bytes were lost */
    size_t at, len; /* of input not yet framed */
    uint8_t input[INPUT_BYTES];
    struct framer framer;
};

static const struct {
    int baud;
    speed_t speed;
} SPEEDS[] = {
    {300, B300},       {600, B600},       {1200, B1200},     {1800, B1800},     {2400, B2400},
    {4800, B4800},     {9600, B9600},     {19200, B19200},   {38400, B38400},   {57600, B57600},
    {115200, B115200}, {230400, B230400}, {460800, B460800}, {921600, B921600},
};

static bool find_speed(int baud, speed_t *ret_speed)
{
    for (size_t i = 0; i < sizeof SPEEDS / sizeof SPEEDS[0]; i++)
        if (SPEEDS[i].baud == baud) {
            *ret_speed = SPEEDS[i].speed;
            return true;
        }
    return false;
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
    case ENOTDIR:
    case ENXIO:
    case ENODEV:
    case EIO: return SCANNER_ABSENT;
    case EACCES:
    case EPERM: return SCANNER_DENIED;
    case EBUSY: /* another program's TIOCEXCL */
    case EWOULDBLOCK: return SCANNER_BUSY;
    default: return SCANNER_FAILED;
    }
}

/* 8N1, no line editing, a byte as soon as it is there. */
static int set_raw(int fd, speed_t speed, bool rtscts)
{
    struct termios mode;
    if (tcgetattr(fd, &mode))
        return -1;
    cfmakeraw(&mode);
    mode.c_iflag |= IGNBRK;
    mode.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS);
    mode.c_cflag |= CLOCAL | CREAD | (rtscts ? CRTSCTS : 0);
    mode.c_cc[VMIN] = 1; /* 0 would make "nothing yet" look like a hang-up */
    mode.c_cc[VTIME] = 0;
    if (cfsetispeed(&mode, speed) || cfsetospeed(&mode, speed))
        return -1;
    return tcsetattr(fd, TCSANOW, &mode); /* keeps what has come already */
}

/* Scanners wait for these: we are here, and ready to take what you have. A pseudo terminal has none. */
static void raise_lines(int fd, bool rtscts)
{
    int lines = TIOCM_DTR | (rtscts ? 0 : TIOCM_RTS); /* with flow control RTS is the driver's */
    ioctl(fd, TIOCMBIS, &lines);
}

/* Bytes that neither the chip nor the driver had room for. */
static int count_overruns(int fd)
{
    struct serial_icounter_struct counts;
    return ioctl(fd, TIOCGICOUNT, &counts) ? -1 : counts.overrun + counts.buf_overrun;
}

static enum scanner_state open_port(struct serial *serial)
{
    bool rtscts = serial->base.options.rtscts;
    int fd = open(serial->device.node, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return state_of(errno);
    /* TIOCEXCL keeps others out, but not root; flock tells another Tallyman apart from us even then */
    if (flock(fd, LOCK_EX | LOCK_NB) || set_raw(fd, serial->speed, rtscts)) {
        enum scanner_state state = state_of(errno);
        close(fd);
        return state;
    }
    ioctl(fd, TIOCEXCL);
    raise_lines(fd, rtscts);
    serial->fd = fd;
    serial->byte_ms = now_ms();
    serial->overruns = count_overruns(fd);
    /* what came while nobody read was lost; a pseudo terminal keeps it */
    serial->skipping = strncmp(serial->device.node, "/dev/tty", 8) == 0;
    return SCANNER_READY;
}

/* With what discover_find said. */
static void connect_port(struct serial *serial, enum rc rc)
{
    if (rc == RC_OK) {
        serial->claimed = discover_claim(&serial->device);
        serial->state = serial->claimed ? open_port(serial) : SCANNER_BUSY;
    } else {
        serial->state = discover_state(rc);
    }
    if (serial->fd < 0 && serial->claimed) {
        discover_release(&serial->device);
        serial->claimed = false;
    }
    discover_tried(&serial->wait, serial->state, now_ms());
}

static void disconnect_port(struct serial *serial, enum scanner_state state)
{
    if (serial->fd >= 0) {
        ioctl(serial->fd, TIOCNXCL);
        close(serial->fd);
    }
    if (serial->claimed)
        discover_release(&serial->device);
    serial->lost += serial->framer.len > 0 || serial->has_lost;
    serial->claimed = serial->skipping = serial->has_lost = false;
    serial->fd = -1;
    serial->state = state;
    serial->at = serial->len = 0;
    framer_init(&serial->framer, serial->base.options.framing);
    discover_tried(&serial->wait, SCANNER_READY, now_ms());
}

static enum rc serial_open(const struct scanner_options *options, struct scanner **ret_scanner)
{
    speed_t speed;
    if (options->device[0] == '\0' || !find_speed(options->speed, &speed) ||
        (options->framing == FRAMING_SILENCE && options->silence_ms <= 0))
        return RC_BAD_INPUT;
    struct serial *serial = calloc(1, sizeof *serial);
    if (!serial)
        return RC_NOMEM;
    serial->base = (struct scanner){.class = &scanner_serial, .options = *options};
    serial->speed = speed;
    serial->fd = -1;
    framer_init(&serial->framer, options->framing);
    static const struct hotplug_kind kinds[] = {{"tty", NULL}, {NULL, NULL}};
    serial->wait.news = hotplug_open(kinds);
    connect_port(serial, discover_find(options, &serial->device));
    *ret_scanner = &serial->base;
    return RC_OK;
}

static struct serial *self(struct scanner *scanner)
{
    assert(scanner->class == &scanner_serial);
    return (struct serial *)scanner;
}

static void serial_close(struct scanner *scanner)
{
    if (!scanner)
        return;
    struct serial *serial = self(scanner);
    disconnect_port(serial, SCANNER_ABSENT);
    hotplug_close(serial->wait.news);
    free(serial);
}

static int serial_fd(struct scanner *scanner)
{
    const struct serial *serial = self(scanner);
    return serial->fd >= 0 ? serial->fd : hotplug_fd(serial->wait.news);
}

static int left_ms(int64_t since_ms, int span_ms)
{
    int64_t left = since_ms + span_ms - now_ms();
    return left <= 0 ? 0 : left > span_ms ? span_ms : (int)left;
}

static bool by_silence(const struct serial *serial)
{
    return serial->framer.framing == FRAMING_SILENCE;
}

/* How long a pause says something now: the end of a scan, or that its end won't come; -1 nothing is under way. */
static int pause_ms(const struct serial *serial)
{
    if (serial->skipping)
        return serial->has_lost ? SCANNER_STALE_MS : SCANNER_SETTLE_MS;
    if (serial->framer.len == 0)
        return -1;
    return by_silence(serial) ? serial->base.options.silence_ms : GAP_MS;
}

static int serial_timeout_ms(struct scanner *scanner)
{
    struct serial *serial = self(scanner);
    if (serial->fd < 0)
        return discover_due_ms(&serial->wait, now_ms());
    if (serial->at < serial->len)
        return 0;
    int pause = pause_ms(serial);
    return pause < 0 ? -1 : left_ms(serial->byte_ms, pause);
}

static enum rc deliver(struct serial *serial, struct frame *ret_frame)
{
    memcpy(ret_frame->bytes, serial->framer.bytes, serial->framer.len);
    ret_frame->len = serial->framer.len;
    ret_frame->truncated = serial->framer.truncated;
    framer_next(&serial->framer);
    return RC_OK;
}

/* The rest of it, if it comes, is no scan. */
static void lose(struct serial *serial)
{
    serial->skipping = serial->has_lost = true;
    framer_next(&serial->framer);
}

/* Told once, at the end: that is when the user waits for a word. */
static void end_skipping(struct serial *serial)
{
    serial->lost += serial->has_lost;
    serial->skipping = serial->has_lost = false;
    framer_next(&serial->framer);
}

/* RC_OK: more input; RC_TIMEOUT: none yet; RC_DISCONNECTED: the device has gone. */
static enum rc fill(struct serial *serial)
{
    ssize_t got = read(serial->fd, serial->input, sizeof serial->input);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return RC_TIMEOUT;
    if (got <= 0)
        return RC_DISCONNECTED;
    serial->at = 0;
    serial->len = (size_t)got;
    serial->byte_ms = now_ms();
    int overruns = count_overruns(serial->fd);
    if (overruns != serial->overruns) { /* somewhere in what is here bytes are missing */
        serial->overruns = overruns;
        lose(serial);
    }
    serial->has_lost = serial->has_lost || serial->skipping;
    return RC_OK;
}

/* Nothing has come for the length of a pause, and nothing waits. */
static void take_pause(struct serial *serial)
{
    if (serial->skipping)
        end_skipping(serial);
    else
        lose(serial); /* its end may still come: then that is no scan either */
}

static bool pause_is_over(const struct serial *serial)
{
    int pause = serial->at < serial->len ? -1 : pause_ms(serial);
    return pause >= 0 && left_ms(serial->byte_ms, pause) == 0;
}

static enum rc serial_read(struct scanner *scanner, struct frame *ret_frame)
{
    struct serial *serial = self(scanner);
    enum rc found = serial->fd >= 0 ? RC_TIMEOUT
                                    : discover_again(&serial->wait, &serial->base.options, now_ms(), &serial->device);
    if (found != RC_TIMEOUT)
        connect_port(serial, found);
    if (serial->fd < 0)
        return RC_TIMEOUT;
    /* before reading on: what waits now came after the pause */
    bool silence = by_silence(serial) && !serial->skipping;
    if (silence && pause_is_over(serial))
        return deliver(serial, ret_frame);
    for (;;) { /* ends: each round uses up input, or returns */
        size_t taken = 0;
        bool whole = framer_take(&serial->framer, serial->input + serial->at, serial->len - serial->at, &taken);
        serial->at += taken;
        if (whole && !serial->skipping)
            return deliver(serial, ret_frame);
        if (whole) { /* the end of what could not be read */
            end_skipping(serial);
            continue;
        }
        enum rc rc = fill(serial);
        if (rc == RC_DISCONNECTED)
            disconnect_port(serial, SCANNER_ABSENT);
        else if (rc == RC_TIMEOUT && !silence && pause_is_over(serial)) /* it was not just read late */
            take_pause(serial);
        if (rc != RC_OK)
            return rc;
    }
}

static enum scanner_state serial_state(struct scanner *scanner)
{
    const struct serial *serial = self(scanner);
    return serial->skipping && !serial->has_lost ? SCANNER_ABSENT : serial->state;
}

static int64_t serial_lost(struct scanner *scanner)
{
    return self(scanner)->lost;
}

const struct scanner_class scanner_serial = {
    .name = "serial",
    .open = serial_open,
    .close = serial_close,
    .fd = serial_fd,
    .timeout_ms = serial_timeout_ms,
    .read = serial_read,
    .state = serial_state,
    .lost = serial_lost,
};
