/* A scanner on a serial port (USB CDC, RS-232, a pty): termios raw. The device may come and go at any moment; what
 * was whole before it went is delivered, half a frame is not. */
#include "platform/linux/framing.h"
#include "platform/scanner.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { RETRY_MS = 500, INPUT_BYTES = 4096, MS_PER_S = 1000, NS_PER_MS = 1000000 };

struct serial {
    struct scanner base;
    speed_t speed;
    int fd;
    enum scanner_state state;
    int64_t opened_ms; /* last try */
    int64_t byte_ms;   /* last byte */
    size_t at, len;    /* of input not yet framed */
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
    case EPERM:
    case EBUSY: /* another program's TIOCEXCL */
    case EWOULDBLOCK: return SCANNER_DENIED;
    default: return SCANNER_FAILED;
    }
}

/* 8N1, no flow control, no line editing, a byte as soon as it is there. */
static int set_raw(int fd, speed_t speed)
{
    struct termios mode;
    if (tcgetattr(fd, &mode))
        return -1;
    cfmakeraw(&mode);
    mode.c_iflag |= IGNBRK;
    mode.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS);
    mode.c_cflag |= CLOCAL | CREAD;
    mode.c_cc[VMIN] = 1; /* 0 would make "nothing yet" look like a hang-up */
    mode.c_cc[VTIME] = 0;
    if (cfsetispeed(&mode, speed) || cfsetospeed(&mode, speed))
        return -1;
    return tcsetattr(fd, TCSANOW, &mode); /* keeps what has come already */
}

static void connect_port(struct serial *serial)
{
    serial->opened_ms = now_ms();
    int fd = open(serial->base.options.device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        serial->state = state_of(errno);
        return;
    }
    /* TIOCEXCL keeps others out, but not root; flock tells another Tallyman apart from us even then */
    if (flock(fd, LOCK_EX | LOCK_NB) || set_raw(fd, serial->speed)) {
        serial->state = state_of(errno);
        close(fd);
        return;
    }
    ioctl(fd, TIOCEXCL);
    serial->fd = fd;
    serial->state = SCANNER_READY;
}

static void disconnect_port(struct serial *serial, enum scanner_state state)
{
    if (serial->fd >= 0) {
        ioctl(serial->fd, TIOCNXCL);
        close(serial->fd);
    }
    serial->fd = -1;
    serial->state = state;
    serial->at = serial->len = 0;
    framer_init(&serial->framer, serial->base.options.framing);
    serial->opened_ms = now_ms();
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
    connect_port(serial);
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
    disconnect_port(self(scanner), SCANNER_ABSENT);
    free(scanner);
}

static int serial_fd(struct scanner *scanner)
{
    return self(scanner)->fd;
}

static int left_ms(int64_t since_ms, int span_ms)
{
    int64_t left = since_ms + span_ms - now_ms();
    return left <= 0 ? 0 : left > span_ms ? span_ms : (int)left;
}

static bool silence_pending(const struct serial *serial)
{
    return serial->framer.framing == FRAMING_SILENCE && serial->framer.len > 0;
}

static int serial_timeout_ms(struct scanner *scanner)
{
    struct serial *serial = self(scanner);
    if (serial->fd < 0)
        return left_ms(serial->opened_ms, RETRY_MS);
    if (serial->at < serial->len)
        return 0;
    if (silence_pending(serial))
        return left_ms(serial->byte_ms, serial->base.options.silence_ms);
    return -1;
}

static enum rc deliver(struct serial *serial, struct frame *ret_frame)
{
    memcpy(ret_frame->bytes, serial->framer.bytes, serial->framer.len);
    ret_frame->len = serial->framer.len;
    ret_frame->truncated = serial->framer.truncated;
    framer_next(&serial->framer);
    return RC_OK;
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
    return RC_OK;
}

static enum rc serial_read(struct scanner *scanner, struct frame *ret_frame)
{
    struct serial *serial = self(scanner);
    if (serial->fd < 0 && left_ms(serial->opened_ms, RETRY_MS) == 0)
        connect_port(serial);
    if (serial->fd < 0)
        return RC_TIMEOUT;
    /* before reading on: what waits now came after the pause */
    if (silence_pending(serial) && left_ms(serial->byte_ms, serial->base.options.silence_ms) == 0)
        return deliver(serial, ret_frame);
    for (;;) { /* ends: each round uses up input, or returns */
        size_t taken = 0;
        bool whole = framer_take(&serial->framer, serial->input + serial->at, serial->len - serial->at, &taken);
        serial->at += taken;
        if (whole)
            return deliver(serial, ret_frame);
        enum rc rc = fill(serial);
        if (rc == RC_DISCONNECTED)
            disconnect_port(serial, SCANNER_ABSENT);
        if (rc != RC_OK)
            return rc;
    }
}

static enum scanner_state serial_state(struct scanner *scanner)
{
    return self(scanner)->state;
}

const struct scanner_class scanner_serial = {
    .name = "serial",
    .open = serial_open,
    .close = serial_close,
    .fd = serial_fd,
    .timeout_ms = serial_timeout_ms,
    .read = serial_read,
    .state = serial_state,
};
