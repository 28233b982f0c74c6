/* A code: a scan understood. Reading is pure and bounded: no I/O, no clock, no global.
 *
 * Canonical key (device and server agree on it; sync/PROTOCOL.md repeats it): the same object scanned through any
 * carrier has the same key, different objects never share one, and every key reads back to itself when typed.
 *   SSCC                    (00)SSCC
 *   returnable asset        (8003)GRAI               only with its serial: a box or pallet that is used again
 *   trade item with serial  (01)GTIN14(21)serial     or (01)GTIN14(235)serial of a third party; made to order: (03)
 *   trade item with lot     (01)GTIN14(10)lot        only when it has no serial
 *   trade item              (01)GTIN14               only when it has neither
 *   Chinese schemes         drug: ecode: ma: handle: vaa: oid: 2dcode: and the text (cn.h)
 *   anything else           plain:TEXT               bytes outside printable UTF-8 as \xNN, backslash as \\
 * In the values of bracketed text and of keys `(` is written `\(`. Expiry, count, weight and the like are not
 * part of a key. EAN-8, UPC-A, UPC-E, EAN-13 and ITF-14 are padded to a GTIN of 14 digits (GS1 General Specifications
 * 7.x: leading zeros).
 *
 * Order of understanding: what the catalog knows by exactly this text (`plain`) goes first, then the feed's patterns
 * (both are the catalog's business, app/catalog/reading.h), then the AIM id, then shape.
 */
#ifndef TALLYMAN_DOMAIN_CODE_H
#define TALLYMAN_DOMAIN_CODE_H

#include "app/domain/date.h"
#include "app/domain/limits.h"
#include "app/domain/qty.h"
#include "app/domain/rc.h"
#include "app/domain/reason.h"
#include "app/domain/scan.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CODE_ELEMENTS_MAX = 32, /* element strings in one symbol */
    CODE_VALUES_MAX = 1024, /* bytes of all their values, NULs included */
    SERIAL_MAX = 20,        /* GS1 General Specifications 3.5.2 */
    TPX_MAX = 28,           /* 3.5.6: the serial of a third party */
    GS1_LOT_MAX = 20        /* 3.4.1 */
};

enum code_kind {
    CODE_NONE,     /* not understood: `problem` says why */
    CODE_UNIT,     /* logistic unit: (00), or (8003) with a serial */
    CODE_ITEM,     /* trade item with its serial */
    CODE_LOT,      /* trade item with a lot, no serial */
    CODE_CLASS,    /* trade item alone */
    CODE_CONTENTS, /* (02) with (37): says what is in a unit but not which unit */
    CODE_PLAIN     /* a text: of a Chinese scheme, of a maker's own, or of none known here */
};

struct code_element {
    char ai[5];      /* "01", "3103" */
    uint16_t offset; /* of its value in code.values, closed by a NUL */
    uint16_t len;
};

struct code {
    enum code_kind kind;
    enum reason problem;        /* REASON_OK, or MALFORMED, NOT_GOODS, NEED_SSCC */
    enum reason warning;        /* REASON_OK, or PAIRING: a companion that the standard demands is missing */
    const char *why;            /* English sentence for a problem, a gettext key; static memory, "" without one */
    bool guessed;               /* read by shape alone (no AIM id) */
    char aim[4];                /* "]C1", or "" */
    char key[CODE_KEY_MAX + 1]; /* canonical; "" when there is none */
    char plain[CODE_KEY_MAX +
               1];            /* the key that the same text has as plain text: the catalog's entry of that name goes
                                   * first, even when the text is malformed; "" when typed in brackets, or it is `key` */
    char pattern[ID_MAX + 1]; /* the feed's pattern that gave the key, "" none … */
    char pattern_version[17]; /* … as it was then */
    char product[ID_MAX + 1]; /* that the pattern speaks of, "" none */
    char gtin[15];            /* 14 digits of (01) or (03), or of (02) for CODE_CONTENTS; else "" */
    char serial[TPX_MAX + 1];
    char lot[GS1_LOT_MAX + 1];
    char sscc[19];
    day_t expires;        /* (17), else (15), else DAY_NONE */
    day_t made;           /* (11), else (13), else DAY_NONE */
    qty_t count;          /* (30) or (37); 0 when not said */
    qty_t weight;         /* (310n), kilograms; 0 when not said */
    size_t element_count; /* in the order scanned; none for plain text */
    struct code_element elements[CODE_ELEMENTS_MAX];
    char values[CODE_VALUES_MAX];
};

/* Reads one scan. `year` is the current one, for two-digit years. Always fills *ret_code: what can't be read has a
 * `problem` and a `why`. With SCAN_BRACKETS, or when the text begins with "(" and digits and ")", bracketed element
 * strings are read. */
void code_parse(const struct scan *scan, int year, struct code *ret_code);

/* The same for text as the feed and the command line write it: bracketed element strings, a key, or plain text. */
void code_parse_text(const char *text, int year, struct code *ret_code);

/* The text is plain text after all: the catalog knows it as such, or nothing else speaks for the guess. Only when
 * code->plain is not "". */
void code_be_plain(struct code *code);

/* A number of 8, 12, 13 or 14 digits was taken for a GTIN by its check digit alone: one private number in ten has such
 * a digit, too. */
bool code_is_bare_number(const struct code *code);

/* Adds what a contents label said, (02)(37)(10) and more, to the unit that was scanned after it. False, and the unit is
 * as it was, when it tells its own contents or the two contradict each other. */
bool code_merge_contents(struct code *unit, const struct code *label, int year);

/* What keyboard scanners send for FNC1 unless they are told otherwise: none of it can be part of a value, so it is no
 * risk to try. A site's own list comes from its configuration, and is applied before the scan is journaled. */
#define CODE_STAND_INS "^ ~ | # @ {GS} {FNC1} \xe2\x90\x9d"

/* The text with each of the stand-ins (a list, separated by spaces) replaced by GS. ret_bytes has room for `len`.
 * Answers the new length, at most `len`. */
size_t code_replace_stand_ins(const uint8_t *bytes, size_t len, const char *stand_ins, uint8_t *ret_bytes);

/* What a site expects to meet when no AIM id says what was read; a guess of another kind is plain text after all. */
enum code_guess { GUESS_GTIN = 1, GUESS_SSCC = 2, GUESS_ELEMENTS = 4, GUESS_ALL = 7 };
void code_expect(struct code *code, unsigned guesses);

/* Puts GS in the place of a scanner's own stand-ins for FNC1, when the scan has no AIM id and reads as element strings
 * then, and not before; else the scan is as it was. */
void code_restore_fnc1(struct scan *scan, const char *stand_ins);

/* Value of the first element with this AI, or NULL. */
const char *code_value(const struct code *code, const char *ai);

/* The last `n` characters of the serial, SSCC or text, for the corner of a screen; ret_text holds 4 * n + 1. */
char *code_tail(const struct code *code, size_t n, char *ret_text);

/* Escapes for one line of text: `\\`, `\xNN`, in and out (the command line's form of a scan).
 * unescape: RC_BAD_INPUT for a broken escape; RC_TOO_BIG when it does not fit; bytes may hold NUL. */
enum rc code_unescape(const char *line, size_t max, uint8_t *ret_bytes, size_t *ret_len);
/* ret_text holds 4 * len + 1. Returns ret_text. */
char *code_escape(const uint8_t *bytes, size_t len, char *ret_text);

/* Version of this reader; a record carries it, since the server derives every key again. */
enum { CODE_PARSER_VERSION = 2 };

#endif
