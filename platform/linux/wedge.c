#include "platform/linux/wedge.h"
#include "app/domain/limits.h"
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xkbcommon/xkbcommon.h>

enum { XKB_OFFSET = 8, ALT_DIGITS_MAX = 7, UTF8_BYTES = 8, UNICODE_MAX = 0x10ffff };

struct wedge {
    enum framing framing;
    struct xkb_context *context;
    struct xkb_keymap *keymap;
    struct xkb_state *state;
    bool alt;      /* the left one is down */
    bool alt_hex;  /* ALT and + came first */
    int alt_count; /* digits since */
    unsigned alt_code;
    char dead; /* what a dead key would type by itself, 0 none */
    bool truncated;
    size_t len;
    uint8_t bytes[SCAN_MAX];
};

/* ---- the layout ---- */

static void say_nothing(struct xkb_context *context, enum xkb_log_level level, const char *format, va_list arguments)
{
    (void)context; /* the screen is no place for it */
    (void)level;
    (void)format;
    (void)arguments;
}

/* Numbers come from the number pad as well, and letters as they are: a lock that someone left on at another keyboard is
 * not the scanner's. */
static void fresh_state(struct wedge *wedge)
{
    xkb_state_unref(wedge->state);
    wedge->state = xkb_state_new(wedge->keymap);
    xkb_mod_index_t num = xkb_keymap_mod_get_index(wedge->keymap, "Mod2");
    if (wedge->state && num != XKB_MOD_INVALID)
        xkb_state_update_mask(wedge->state, 0, 0, 1u << num, 0, 0, 0);
}

/* "fr(oss)": layout and variant. */
static bool split_layout(const char *text, char *ret_layout, char *ret_variant)
{
    size_t len = strcspn(text, "("), rest = strlen(text + len);
    if (strlen(text) > SCANNER_LAYOUT_MAX || (rest && (rest < 3 || text[len + rest - 1] != ')')))
        return false;
    snprintf(ret_layout, SCANNER_LAYOUT_MAX + 1, "%.*s", (int)len, text);
    snprintf(ret_variant, SCANNER_LAYOUT_MAX + 1, "%.*s", rest ? (int)rest - 2 : 0, rest ? text + len + 1 : "");
    return true;
}

static enum rc load_layout(struct wedge *wedge, const char *text)
{
    char layout[SCANNER_LAYOUT_MAX + 1], variant[SCANNER_LAYOUT_MAX + 1];
    if (!split_layout(text[0] ? text : "us", layout, variant))
        return RC_BAD_INPUT;
    wedge->context = xkb_context_new(XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
    if (!wedge->context)
        return RC_NOMEM;
    xkb_context_set_log_fn(wedge->context, say_nothing);
    const struct xkb_rule_names names = {
        .rules = "evdev", .model = "pc105", .layout = layout, .variant = variant, .options = ""};
    wedge->keymap = xkb_keymap_new_from_names(wedge->context, &names, XKB_KEYMAP_COMPILE_NO_FLAGS);
    if (!wedge->keymap)
        return RC_BAD_INPUT;
    fresh_state(wedge);
    return wedge->state ? RC_OK : RC_NOMEM;
}

enum rc wedge_new(const char *layout, enum framing framing, struct wedge **ret_wedge)
{
    if (framing == FRAMING_STX_ETX)
        return RC_BAD_INPUT;
    struct wedge *wedge = calloc(1, sizeof *wedge);
    if (!wedge)
        return RC_NOMEM;
    wedge->framing = framing;
    enum rc rc = load_layout(wedge, layout);
    if (rc != RC_OK)
        wedge_free(wedge);
    else
        *ret_wedge = wedge;
    return rc;
}

void wedge_free(struct wedge *wedge)
{
    if (!wedge)
        return;
    xkb_state_unref(wedge->state);
    xkb_keymap_unref(wedge->keymap);
    xkb_context_unref(wedge->context);
    free(wedge);
}

/* ---- what is typed ---- */

static void put(struct wedge *wedge, const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (wedge->len < sizeof wedge->bytes)
            wedge->bytes[wedge->len++] = ((const uint8_t *)bytes)[i];
        else
            wedge->truncated = true;
}

static void put_dead(struct wedge *wedge)
{
    if (wedge->dead)
        put(wedge, &wedge->dead, 1);
    wedge->dead = '\0';
}

static const struct {
    xkb_keysym_t sym;
    char types;
} DEAD[] = {{XKB_KEY_dead_grave, '`'},
            {XKB_KEY_dead_acute, '\''},
            {XKB_KEY_dead_circumflex, '^'},
            {XKB_KEY_dead_tilde, '~'},
            {XKB_KEY_dead_diaeresis, '"'}};

static char dead_char(xkb_keysym_t sym)
{
    for (size_t i = 0; i < sizeof DEAD / sizeof DEAD[0]; i++)
        if (DEAD[i].sym == sym)
            return DEAD[i].types;
    return '\0';
}

/* A dead key and a space type its mark alone; codes hold no letters with marks, so before a letter it stands alone too. */
static void put_key(struct wedge *wedge, xkb_keycode_t key)
{
    char text[UTF8_BYTES];
    xkb_keysym_t sym = xkb_state_key_get_one_sym(wedge->state, key);
    char dead = dead_char(sym);
    if (dead) {
        put_dead(wedge);
        wedge->dead = dead;
        return;
    }
    int len = xkb_state_key_get_utf8(wedge->state, key, text, sizeof text);
    if (len <= 0 || (size_t)len >= sizeof text)
        return;
    bool took_space = wedge->dead && sym == XKB_KEY_space;
    put_dead(wedge);
    if (!took_space)
        put(wedge, text, (size_t)len);
}

/* ---- ALT codes: ALT held down, a number on the number pad ---- */

static const struct {
    unsigned key, digit;
} PAD[] = {{KEY_KP0, 0}, {KEY_KP1, 1}, {KEY_KP2, 2}, {KEY_KP3, 3}, {KEY_KP4, 4},
           {KEY_KP5, 5}, {KEY_KP6, 6}, {KEY_KP7, 7}, {KEY_KP8, 8}, {KEY_KP9, 9}};

static const struct {
    unsigned key, digit;
} LETTERS[] = {{KEY_A, 10}, {KEY_B, 11}, {KEY_C, 12}, {KEY_D, 13}, {KEY_E, 14}, {KEY_F, 15}};

static bool alt_digit(const struct wedge *wedge, unsigned key, unsigned *ret_digit)
{
    for (size_t i = 0; i < sizeof PAD / sizeof PAD[0]; i++)
        if (PAD[i].key == key) {
            *ret_digit = PAD[i].digit;
            return true;
        }
    for (size_t i = 0; wedge->alt_hex && i < sizeof LETTERS / sizeof LETTERS[0]; i++)
        if (LETTERS[i].key == key) {
            *ret_digit = LETTERS[i].digit;
            return true;
        }
    return false;
}

/* Whatever else is pressed with ALT types nothing. */
static void take_alt(struct wedge *wedge, unsigned key)
{
    unsigned digit;
    if (key == KEY_KPPLUS && wedge->alt_count == 0) {
        wedge->alt_hex = true;
    } else if (alt_digit(wedge, key, &digit) && wedge->alt_count < ALT_DIGITS_MAX) {
        wedge->alt_code = wedge->alt_code * (wedge->alt_hex ? 16 : 10) + digit;
        wedge->alt_count++;
    }
}

/* One byte as it stands (scanners send each byte of a text so), beyond that a character. */
static void end_alt(struct wedge *wedge)
{
    char text[UTF8_BYTES];
    unsigned code = wedge->alt_code;
    int count = wedge->alt_count;
    wedge->alt_code = 0;
    wedge->alt_count = 0;
    wedge->alt_hex = false;
    if (count == 0 || code > UNICODE_MAX)
        return;
    put_dead(wedge);
    if (code <= UINT8_MAX) {
        uint8_t byte = (uint8_t)code;
        put(wedge, &byte, 1);
        return;
    }
    int len = xkb_keysym_to_utf8(0x01000000 | code, text, sizeof text); /* keysyms of characters; len with the NUL */
    if (len > 1)
        put(wedge, text, (size_t)len - 1);
}

/* ---- keys ---- */

static bool ends(const struct wedge *wedge, unsigned key)
{
    switch (wedge->framing) {
    case FRAMING_CR:
    case FRAMING_LF:
    case FRAMING_CRLF: return key == KEY_ENTER || key == KEY_KPENTER;
    case FRAMING_TAB: return key == KEY_TAB;
    case FRAMING_SILENCE:
    case FRAMING_STX_ETX: return false;
    }
    return false;
}

/* After a tab, or before a pause, an Enter is just the second half of the end. */
static bool is_more_end(const struct wedge *wedge, unsigned key)
{
    return (key == KEY_ENTER || key == KEY_KPENTER) && (wedge->len == 0 || wedge->framing == FRAMING_SILENCE);
}

static bool press(struct wedge *wedge, unsigned key)
{
    xkb_keycode_t code = key + XKB_OFFSET;
    if (key == KEY_LEFTALT) {
        wedge->alt = true;
    } else if (wedge->alt) {
        take_alt(wedge, key);
    } else if (ends(wedge, key)) {
        put_dead(wedge);
        return wedge->len > 0;
    } else if (!is_more_end(wedge, key)) {
        put_key(wedge, code);
    }
    return false;
}

bool wedge_key(struct wedge *wedge, unsigned key, bool down)
{
    bool whole = false;
    if (down)
        whole = press(wedge, key);
    else if (key == KEY_LEFTALT && wedge->alt) {
        wedge->alt = false;
        end_alt(wedge);
    }
    xkb_state_update_key(wedge->state, key + XKB_OFFSET, down ? XKB_KEY_DOWN : XKB_KEY_UP);
    return whole;
}

bool wedge_end(struct wedge *wedge)
{
    put_dead(wedge);
    return wedge->len > 0;
}

bool wedge_pending(const struct wedge *wedge)
{
    return wedge->len > 0 || wedge->dead || wedge->alt_count > 0;
}

void wedge_scan(const struct wedge *wedge, struct frame *ret_frame)
{
    memcpy(ret_frame->bytes, wedge->bytes, wedge->len);
    ret_frame->len = wedge->len;
    ret_frame->truncated = wedge->truncated;
}

void wedge_next(struct wedge *wedge)
{
    wedge->len = 0;
    wedge->truncated = false;
    wedge->dead = '\0';
}

void wedge_reset(struct wedge *wedge)
{
    wedge_next(wedge);
    wedge->alt = wedge->alt_hex = false;
    wedge->alt_count = 0;
    wedge->alt_code = 0;
    fresh_state(wedge);
}

unsigned wedge_lights(const struct wedge *wedge)
{
    return (xkb_state_led_name_is_active(wedge->state, XKB_LED_NAME_CAPS) > 0 ? WEDGE_CAPS_LOCK : 0u) |
           (xkb_state_led_name_is_active(wedge->state, XKB_LED_NAME_NUM) > 0 ? WEDGE_NUM_LOCK : 0u);
}
