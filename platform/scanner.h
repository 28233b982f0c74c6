/* Scanner contract: something that delivers frames, one a scan. Used by the reader thread alone. A scanner that vanishes
 * says so, and comes back by itself when its device does: it is told of that, or looks now and then. */
#ifndef TALLYMAN_PLATFORM_SCANNER_H
#define TALLYMAN_PLATFORM_SCANNER_H

#include "app/domain/rc.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum framing { FRAMING_CR, FRAMING_LF, FRAMING_CRLF, FRAMING_STX_ETX, FRAMING_SILENCE, FRAMING_TAB };

enum scanner_kind {
    SCANNER_SERIAL, /* serial ports, CDC-ACM and USB serial chips */
    SCANNER_SIM,
    SCANNER_EVDEV,  /* keyboard wedge */
    SCANNER_HIDPOS, /* USB HID POS */
    SCANNER_AUTO,   /* not a class: stands for every scanner that is found (devices.h) */
    SCANNER_KINDS = SCANNER_AUTO
};

enum {
    SCANNER_NAME_MAX = 31,
    SCANNER_DEVICE_MAX = 255,
    SCANNER_FNC1_MAX = 31,
    SCANNER_LAYOUT_MAX = 31,
    SCANNER_SETTLE_MS = 200, /* just plugged in: what comes before so long a pause is the rest of a scan, and none */
    SCANNER_STALE_MS = 5000, /* what comes after so long a pause is no rest of anything */
    SCANNER_ID_MAX = 63
};

#define SCANNER_DEVICE_AUTO "auto"

struct scanner_options {
    enum scanner_kind kind;
    char name[SCANNER_NAME_MAX + 1]; /* the configuration's, shown to people */
    /* Path, or "auto": the first of its kind that is a scanner and agrees with the four members after `fnc1`. For the
     * simulated one a file of scans, one a line, escaped. */
    char device[SCANNER_DEVICE_MAX + 1];
    int speed; /* baud */
    enum framing framing;
    int silence_ms;                  /* FRAMING_SILENCE: a pause this long ends a frame */
    char fnc1[SCANNER_FNC1_MAX + 1]; /* what it sends for FNC1 besides GS, a list separated by spaces; "" nothing */
    unsigned vid, pid;               /* USB ids; 0 any */
    char serial[SCANNER_ID_MAX + 1]; /* USB serial number; "" any */
    char path[SCANNER_ID_MAX + 1];   /* USB port as the kernel names it, "1-1.2"; "" any */
    int window_ms;                   /* the same bytes again within it are one scan sent twice; 0 never */
    bool rtscts;                     /* serial: hardware flow control */
    bool beeps;                      /* its own beeper is told to sound what the verdicts were */
    char layout[SCANNER_LAYOUT_MAX + 1]; /* keyboards: "us", "de", "fr(oss)"; "" us */
};

enum scanner_state {
    SCANNER_ABSENT,
    SCANNER_READY,
    SCANNER_DENIED, /* no permission */
    SCANNER_FAILED, /* it is there, and no scanner that can be used */
    SCANNER_BUSY    /* another program has it */
};

struct frame {
    uint8_t *bytes; /* the caller's buffer of SCAN_MAX bytes */
    size_t len;
    bool truncated; /* longer than the buffer: its beginning is here, the rest was thrown away */
};

struct scanner;

struct scanner_class {
    const char *name;
    enum rc (*open)(const struct scanner_options *options, struct scanner **ret_scanner);
    void (*close)(struct scanner *scanner);
    /* What to poll for reading (while absent: for the news that something was plugged in), -1 nothing; may change after each
     * call below. */
    int (*fd)(struct scanner *scanner);
    /* Milliseconds until `read` wants to be called even if nothing is readable (silence, reconnect), -1 never. */
    int (*timeout_ms)(struct scanner *scanner);
    /* The next whole frame. RC_TIMEOUT: none yet. RC_DISCONNECTED: it has gone; half a frame was thrown away. */
    enum rc (*read)(struct scanner *scanner, struct frame *ret_frame);
    enum scanner_state (*state)(struct scanner *scanner);
    /* Scans thrown away because only a part of them came, since it was opened. */
    int64_t (*lost)(struct scanner *scanner);
    /* Reads while on, as if its own trigger were pulled; sounds its own beeper. NULL, or RC_NOT_FOUND: it can't be told to
     * by the program. Never wait. */
    enum rc (*trigger)(struct scanner *scanner, bool on);
    enum rc (*beep)(struct scanner *scanner, bool good);
};

/* Every implementation's struct begins with this. */
struct scanner {
    const struct scanner_class *class;
    struct scanner_options options;
};

extern const struct scanner_class scanner_serial; /* platform/linux/serial.c */
extern const struct scanner_class scanner_evdev;  /* platform/linux/evdev.c */
extern const struct scanner_class scanner_hidpos; /* platform/linux/hidpos.c */
extern const struct scanner_class scanner_sim;    /* platform/sim/scanner_sim.c */

/* "serial", "keyboard", "hid-pos", "sim", "auto" */
const char *scanner_kind_word(enum scanner_kind kind);
bool scanner_kind_from_word(const char *word, enum scanner_kind *ret_kind);

const char *framing_word(enum framing framing);
bool framing_from_word(const char *word, enum framing *ret_framing);

#endif
