#include "platform/linux/framing.h"
#include <string.h>

enum { STX = 0x02, ETX = 0x03, TAB = 0x09, LF = 0x0a, CR = 0x0d };

static const char *const WORDS[] = {
    [FRAMING_CR] = "cr",           [FRAMING_LF] = "lf",           [FRAMING_CRLF] = "crlf",
    [FRAMING_STX_ETX] = "stx-etx", [FRAMING_SILENCE] = "silence", [FRAMING_TAB] = "tab",
};

const char *framing_word(enum framing framing)
{
    return WORDS[framing];
}

bool framing_from_word(const char *word, enum framing *ret_framing)
{
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
        if (strcmp(WORDS[i], word) == 0) {
            *ret_framing = (enum framing)i;
            return true;
        }
    return false;
}

void framer_init(struct framer *framer, enum framing framing)
{
    memset(framer, 0, sizeof *framer);
    framer->framing = framing;
}

static void keep(struct framer *framer, uint8_t byte)
{
    if (framer->len < sizeof framer->bytes)
        framer->bytes[framer->len++] = byte;
    else
        framer->truncated = true;
}

/* An empty frame is no scan: two end marks in a row, or the other half of a CR LF. */
static bool ended(const struct framer *framer)
{
    return framer->len > 0;
}

static bool take_cr(struct framer *framer, uint8_t byte)
{
    if (byte == CR)
        return ended(framer);
    /* a scanner set to CR LF on a port set to CR: the LF is no part of the next code */
    if (byte != LF || framer->len > 0 || !framer->was_end)
        keep(framer, byte);
    return false;
}

/* LF alone, and CR LF. A CR is held back until the next byte says whether it belongs to the end mark; so it does not
 * use up room in a frame that is just full. */
static bool take_lf(struct framer *framer, uint8_t byte)
{
    bool cr = framer->held_cr;
    framer->held_cr = false;
    if (byte == LF && (cr || framer->framing == FRAMING_LF))
        return ended(framer);
    if (cr)
        keep(framer, CR);
    if (byte == CR)
        framer->held_cr = true;
    else
        keep(framer, byte);
    return false;
}

/* What is outside of STX and ETX is noise. A second STX says that the first frame's end was lost: half a frame. */
static bool take_stx_etx(struct framer *framer, uint8_t byte)
{
    if (byte == STX) {
        framer_next(framer);
        framer->inside = true;
    } else if (framer->inside && byte == ETX) {
        framer->inside = false;
        return ended(framer);
    } else if (framer->inside) {
        keep(framer, byte);
    }
    return false;
}

static bool take(struct framer *framer, uint8_t byte)
{
    switch (framer->framing) {
    case FRAMING_CR: return take_cr(framer, byte);
    case FRAMING_LF:
    case FRAMING_CRLF: return take_lf(framer, byte);
    case FRAMING_STX_ETX: return take_stx_etx(framer, byte);
    case FRAMING_TAB:
        if (byte == TAB)
            return ended(framer);
        keep(framer, byte);
        return false;
    case FRAMING_SILENCE: keep(framer, byte); return false;
    }
    return false;
}

bool framer_take(struct framer *framer, const uint8_t *bytes, size_t len, size_t *ret_taken)
{
    bool whole = false;
    size_t at = 0;
    while (at < len && !whole) {
        uint8_t byte = bytes[at++];
        whole = take(framer, byte);
        framer->was_end = byte == CR;
    }
    *ret_taken = at;
    return whole;
}

void framer_next(struct framer *framer)
{
    framer->len = 0;
    framer->truncated = false;
    framer->inside = false;
    framer->held_cr = false;
}
