#include "app/ui/fields.h"
#include "app/text/text.h"
#include "app/ui/columns.h"
#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { DATE_CHARS = 10 }; /* 2026-11-22 */

void fields_add(struct fields *fields, const char *label, enum field_kind kind, bool required)
{
    assert(fields->count < FIELDS_MAX);
    fields->field[fields->count++] = (struct field){.label = label, .kind = kind, .required = required};
}

static bool is_decimal(const struct field *field, int key)
{
    return (key >= '0' && key <= '9') || (key == '.' && !strchr(field->text, '.'));
}

static bool takes(const struct field *field, int key)
{
    switch (field->kind) {
    case FIELD_PIN:
    case FIELD_DIGITS: return key >= '0' && key <= '9';
    case FIELD_SIGNED: return is_decimal(field, key) || (key == '-' && !field->text[0]);
    case FIELD_DECIMAL: return is_decimal(field, key);
    case FIELD_DATE: return key >= '0' && key <= '9' && strlen(field->text) < DATE_CHARS;
    case FIELD_CHOICE: return false; /* choose() */
    case FIELD_TEXT: return key >= ' ' && key != 0x7F && key < KEY_MIN;
    }
    return false;
}

/* "2026-1" has its second hyphen only when another digit comes. */
static void hyphenate(struct field *field)
{
    size_t len = strlen(field->text);
    if (field->kind == FIELD_DATE && (len == 4 || len == 7))
        memcpy(field->text + len, "-", 2);
}

static void put_choice(struct field *field, int at)
{
    int count = field->choices->choice_count;
    if (count > 0)
        snprintf(field->text, sizeof field->text, "%s", field->choices->choices[(at + count) % count]);
}

static int chosen(const struct field *field)
{
    for (int i = 0; i < field->choices->choice_count; i++)
        if (strcmp(field->text, field->choices->choices[i]) == 0)
            return i;
    return -1;
}

static bool choose(struct field *field, int key)
{
    int at = chosen(field);
    if (key >= '1' && key <= '9' && key - '1' < field->choices->choice_count)
        put_choice(field, key - '1');
    else if (key == KEY_RIGHT)
        put_choice(field, at + 1);
    else if (key == KEY_LEFT)
        put_choice(field, at < 0 ? -1 : at - 1);
    else if (key == KEY_BACKSPACE || key == KEY_DC)
        field->text[0] = '\0';
    else
        return false;
    return true;
}

static void append(struct field *field, int key)
{
    char bytes[MB_LEN_MAX + 1];
    mbstate_t state = {0};
    size_t len = wcrtomb(bytes, (wchar_t)key, &state), used = strlen(field->text);
    if (len == (size_t)-1 || used + len > FIELD_TEXT_MAX)
        return;
    memcpy(field->text + used, bytes, len);
    field->text[used + len] = '\0';
}

static void erase_last(struct field *field)
{
    size_t len = strlen(field->text);
    if (len > 0)
        text_cut(field->text, len - 1);
    len = strlen(field->text);
    if (field->kind == FIELD_DATE && len > 0 && field->text[len - 1] == '-')
        field->text[len - 1] = '\0';
}

bool fields_key(struct fields *fields, int key)
{
    struct field *field = &fields->field[fields->current];
    if (key == KEY_UP || key == KEY_BTAB) {
        fields->current -= fields->current > 0;
        return true;
    }
    if (key == KEY_DOWN || key == '\t') {
        fields_next(fields);
        return true;
    }
    if (field->kind == FIELD_CHOICE)
        return choose(field, key);
    if (key == KEY_BACKSPACE || key == KEY_DC || key == KEY_LEFT) {
        erase_last(field);
        return true;
    }
    if (key == KEY_RIGHT)
        key = '.'; /* where there are digits alone */
    if (!takes(field, key))
        return false;
    hyphenate(field);
    append(field, key);
    return true;
}

void fields_turn_sign(struct fields *fields)
{
    struct field *field = &fields->field[fields->current];
    size_t len = strlen(field->text);
    if (field->text[0] == '-')
        memmove(field->text, field->text + 1, len);
    else if (len < FIELD_TEXT_MAX) {
        memmove(field->text + 1, field->text, len + 1);
        field->text[0] = '-';
    }
}

void fields_put(struct fields *fields, const char *text)
{
    struct field *field = &fields->field[fields->current];
    snprintf(field->text, sizeof field->text, "%s", text);
    text_cut(field->text, FIELD_TEXT_MAX - 1);
    fields_next(fields);
}

bool fields_next(struct fields *fields)
{
    if (fields->current + 1 >= fields->count)
        return false;
    fields->current++;
    return true;
}

/* A PIN shows how many digits there are, nothing else. */
static const char *shown(const struct field *field, int width, char *ret_text)
{
    char choice[COLUMNS_TEXT];
    if (field->kind == FIELD_CHOICE) {
        columns_cut(field->text[0] ? text_choice(field->text) : "", width - 4, choice);
        snprintf(ret_text, COLUMNS_TEXT, "◂ %.*s ▸", COLUMNS_TEXT - 16, choice);
        return ret_text;
    }
    if (field->words)
        return columns_cut(text_choice(field->text), COLUMNS_TEXT, ret_text);
    if (field->kind != FIELD_PIN)
        return columns_cut(field->text, COLUMNS_TEXT, ret_text);
    size_t used = 0;
    for (size_t i = 0; field->text[i] && used + 4 < COLUMNS_TEXT; i++)
        used += (size_t)snprintf(ret_text + used, COLUMNS_TEXT - used, "●");
    ret_text[used] = '\0';
    return ret_text;
}

static int label_width(const struct fields *fields)
{
    int width = 0;
    for (int i = 0; i < fields->count; i++) {
        int columns = columns_width(fields->field[i].label) + 2;
        width = columns > width ? columns : width;
    }
    return width;
}

int fields_draw(const struct fields *fields, struct canvas *canvas, int row, int rows)
{
    struct canvas_field parts[2 * FIELDS_MAX];
    char texts[FIELDS_MAX][COLUMNS_TEXT], labels[FIELDS_MAX][COLUMNS_TEXT];
    int step = rows >= 2 * fields->count ? 2 : 1, left = label_width(fields), width = canvas->cols - 2 - left;
    for (int i = 0; i < fields->count; i++) {
        const struct field *field = &fields->field[i];
        bool here = i == fields->current;
        char tail[COLUMNS_TEXT];
        snprintf(labels[i], sizeof labels[i], "%s%s", field->label, field->required ? "*" : "");
        /* where somebody types, the end counts; elsewhere the beginning */
        if (here)
            columns_end(shown(field, width - 1, tail), width - 1, texts[i]);
        else
            columns_cut(shown(field, width - 1, tail), width, texts[i]);
        parts[2 * i] = (struct canvas_field){i * step, 1, left, here ? STYLE_BOLD : STYLE_PLAIN, true, labels[i]};
        parts[2 * i + 1] =
            (struct canvas_field){i * step, 1 + left, width, here ? STYLE_CURSOR : STYLE_FIELD, false, texts[i]};
    }
    canvas_form(canvas, row, (fields->count - 1) * step + 1, parts, 2 * fields->count);
    return fields->count * step;
}
