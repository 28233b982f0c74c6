/* A scan: what came from a scanner, before anybody understood it. Plain data on the heap, one allocation. */
#ifndef TALLYMAN_DOMAIN_SCAN_H
#define TALLYMAN_DOMAIN_SCAN_H

#include <stddef.h>
#include <stdint.h>

struct scan {
    int64_t mono_ns; /* CLOCK_MONOTONIC when its last byte came */
    int64_t wall_ms; /* milliseconds since 1970 UTC by this device's clock, at the same moment */
    uint32_t ticket; /* the document that was open then; the engine's number for it, 0 none */
    uint16_t source; /* which scanner; 0 is the keyboard or standard input */
    uint16_t flags;  /* SCAN_* */
    size_t len;      /* bytes */
    uint8_t bytes[]; /* AIM id first if the scanner sent one; may hold NUL */
};

enum {
    SCAN_TRUNCATED = 1, /* the frame was longer than SCAN_MAX: only its beginning is here */
    SCAN_BRACKETS = 2   /* typed: `(01)…` is to be read as bracketed element strings */
};

/* A new scan with a copy of the bytes (cut at SCAN_MAX, and flagged), NULL without memory. Free with free(). */
struct scan *scan_new(const void *bytes, size_t len);

#endif
