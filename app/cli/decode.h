/* `tallyman decode`: one line read, one line answered. Pure but for text_* of app/text. */
#ifndef TALLYMAN_CLI_DECODE_H
#define TALLYMAN_CLI_DECODE_H

#include "app/domain/code.h"
#include <jansson.h>

enum { DECODE_LINE_MAX = 4 * SCAN_MAX }; /* every byte of the longest scan escaped */

/* A scan written as a line of text: escapes `\\` and `\xNN`, AIM id first, bracketed element strings, `plain:` keys.
 * Without its line end; may hold NUL. A broken escape, or a line too long for any scan, gives NULL and *ret_why (why.h),
 * or NULL for it when there is no memory. The caller frees the scan. */
struct scan *decode_scan(const char *line, size_t len, const char **ret_why);

/* `ok|warn TAB KEY TAB 01=…|21=…` or `error TAB REASON TAB TEXT`; ret_text holds DECODE_TEXT_MAX + 1. Returns it. KEY is
 * empty when the label is sound but names no unit. */
enum { DECODE_TEXT_MAX = CODE_KEY_MAX + 2 * CODE_VALUES_MAX };
char *decode_print(const struct code *code, char *ret_text);

/* The same as an object; a new reference, NULL without memory. */
json_t *decode_json(const struct code *code);

#endif
