/* Frames in a stream of bytes: where one scan ends and the next begins. Pure; the serial scanner's business. */
#ifndef TALLYMAN_PLATFORM_LINUX_FRAMING_H
#define TALLYMAN_PLATFORM_LINUX_FRAMING_H

#include "app/domain/limits.h"
#include "platform/scanner.h"

struct framer {
    enum framing framing;
    bool inside;    /* STX has come */
    bool held_cr;   /* a CR whose meaning the next byte decides */
    bool was_end;   /* the byte before ended a frame */
    bool truncated; /* more came than fits: the rest up to the end mark is thrown away */
    size_t len;
    uint8_t bytes[SCAN_MAX];
};

void framer_init(struct framer *framer, enum framing framing);

/* Takes bytes up to and with the end of one frame; *ret_taken says how many. True: a frame is whole, in bytes, len,
 * truncated, until framer_next. */
bool framer_take(struct framer *framer, const uint8_t *bytes, size_t len, size_t *ret_taken);

/* Forgets the frame, whole or half. */
void framer_next(struct framer *framer);

#endif
