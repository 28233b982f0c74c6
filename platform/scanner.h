/* Scanner contract: something that delivers frames, one a scan. Used by the reader thread alone. A scanner that vanishes
 * says so, and comes back by itself when its device does (tried at least once a second). */
#ifndef TALLYMAN_PLATFORM_SCANNER_H
#define TALLYMAN_PLATFORM_SCANNER_H

#include "app/domain/rc.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum framing { FRAMING_CR, FRAMING_LF, FRAMING_CRLF, FRAMING_STX_ETX, FRAMING_SILENCE };

enum scanner_kind { SCANNER_SERIAL, SCANNER_SIM };

enum { SCANNER_NAME_MAX = 31, SCANNER_DEVICE_MAX = 255, SCANNER_FNC1_MAX = 31 };

struct scanner_options {
    enum scanner_kind kind;
    char name[SCANNER_NAME_MAX + 1];     /* the configuration's, shown to people */
    char device[SCANNER_DEVICE_MAX + 1]; /* path; for the simulated one a file of scans, one a line, escaped */
    int speed;                           /* baud */
    enum framing framing;
    int silence_ms;                  /* FRAMING_SILENCE: a pause this long ends a frame */
    char fnc1[SCANNER_FNC1_MAX + 1]; /* what it sends for FNC1 besides GS, a list separated by spaces; "" nothing */
};

enum scanner_state { SCANNER_ABSENT, SCANNER_READY, SCANNER_DENIED, SCANNER_FAILED };

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
    /* What to poll for reading, -1 while absent; may change after each call below. */
    int (*fd)(struct scanner *scanner);
    /* Milliseconds until `read` wants to be called even if nothing is readable (silence, reconnect), -1 never. */
    int (*timeout_ms)(struct scanner *scanner);
    /* The next whole frame. RC_TIMEOUT: none yet. RC_DISCONNECTED: it has gone; half a frame was thrown away. */
    enum rc (*read)(struct scanner *scanner, struct frame *ret_frame);
    enum scanner_state (*state)(struct scanner *scanner);
};

/* Every implementation's struct begins with this. */
struct scanner {
    const struct scanner_class *class;
    struct scanner_options options;
};

extern const struct scanner_class scanner_serial; /* platform/linux/serial.c */
extern const struct scanner_class scanner_sim;    /* platform/sim/scanner_sim.c */

const char *framing_word(enum framing framing);
bool framing_from_word(const char *word, enum framing *ret_framing);

#endif
