#include "app/ui/canvas.h"
#include "app/ui/columns.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ESCAPE_DELAY_MS = 25, BOX_MARGIN = 1 };

enum rc canvas_open(struct canvas *ret_canvas)
{
    struct canvas canvas = {.window = NULL};
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || !newterm(NULL, stdout, stdin))
        return RC_USAGE;
    raw(); /* a burst may hold any control character, and ^C must not end a clerk's work */
    noecho();
    nonl(); /* else Enter and a scanner's line feed could not be told apart */
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(ESCAPE_DELAY_MS);
    curs_set(0);
    theme_init();
    canvas.window = stdscr;
    *ret_canvas = canvas;
    return RC_OK;
}

static void drop_menu(struct canvas *canvas)
{
    if (!canvas->menu)
        return;
    unpost_menu(canvas->menu);
    free_menu(canvas->menu);
    for (size_t i = 0; i < canvas->item_count; i++) {
        free_item(canvas->items[i]);
        free(canvas->texts[i]);
    }
    free(canvas->items);
    free(canvas->texts);
    canvas->menu = NULL;
}

static void drop_form(struct canvas *canvas)
{
    if (!canvas->form)
        return;
    unpost_form(canvas->form);
    free_form(canvas->form);
    for (int i = 0; i < canvas->field_count; i++)
        free_field(canvas->fields[i]);
    canvas->form = NULL;
}

/* A frame's menu, form, box and windows, in the order in which they lie on each other. */
static void drop(struct canvas *canvas)
{
    drop_menu(canvas);
    drop_form(canvas);
    if (canvas->part)
        delwin(canvas->part);
    if (canvas->panel)
        del_panel(canvas->panel);
    if (canvas->body)
        delwin(canvas->body);
    if (canvas->box)
        delwin(canvas->box);
    canvas->part = canvas->body = canvas->box = NULL;
    canvas->panel = NULL;
    canvas->window = stdscr;
}

void canvas_close(struct canvas *canvas)
{
    drop(canvas);
    endwin();
}

void canvas_begin(struct canvas *canvas)
{
    drop(canvas);
    getmaxyx(stdscr, canvas->rows, canvas->cols);
    erase();
}

void canvas_end(struct canvas *canvas)
{
    (void)canvas;
    wnoutrefresh(stdscr); /* update_panels knows of the screen only once there has been a panel */
    update_panels();
    doupdate();
}

static int box_width(const struct canvas *canvas)
{
    return canvas->cols - 2 < CANVAS_WIDE ? canvas->cols - 2 : CANVAS_WIDE;
}

int canvas_box_width(const struct canvas *canvas)
{
    return box_width(canvas) - 2 * (BOX_MARGIN + 1);
}

void canvas_box(struct canvas *canvas, int rows)
{
    int height = rows + 2 * BOX_MARGIN < canvas->rows ? rows + 2 * BOX_MARGIN : canvas->rows;
    int width = box_width(canvas);
    int top = (canvas->rows - height) / 2, left = (canvas->cols - width) / 2;
    canvas->box = newwin(height, width, top, left);
    if (!canvas->box)
        return; /* too small for a box: its text goes straight on the screen */
    canvas->panel = new_panel(canvas->box);
    wbkgdset(canvas->box, ' ' | theme_attr(STYLE_FRAME));
    werase(canvas->box);
    box(canvas->box, 0, 0);
    canvas->body = derwin(canvas->box, height - 2, width - 4, 1, 2);
    canvas->window = canvas->body ? canvas->body : canvas->box;
    getmaxyx(canvas->window, canvas->rows, canvas->cols);
}

void canvas_text(struct canvas *canvas, int row, int col, int width, enum style style, const char *text)
{
    char line[COLUMNS_TEXT];
    if (row < 0 || row >= canvas->rows || width <= 0)
        return;
    wattrset(canvas->window, (int)theme_attr(style == STYLE_PLAIN && canvas->box ? STYLE_FRAME : style));
    mvwaddstr(canvas->window, row, col, columns_cut(text, width, line));
    wattrset(canvas->window, A_NORMAL);
}

void canvas_row(struct canvas *canvas, int row, enum style style, enum align align, const char *text)
{
    char line[COLUMNS_TEXT], moved[COLUMNS_TEXT];
    int left = align == ALIGN_CENTRE ? (canvas->cols - columns_width(text)) / 2 : 0;
    snprintf(moved, sizeof moved, "%*s%s", left > 0 ? left : 0, "", text);
    canvas_text(canvas, row, 0, canvas->cols, style, columns_fill(moved, canvas->cols, line));
}

void canvas_both(struct canvas *canvas, int row, int col, int width, enum style style, const char *left,
                 const char *right)
{
    char line[COLUMNS_TEXT];
    canvas_text(canvas, row, col, width, style, columns_both(left, right, width, line));
}

int canvas_wrap(struct canvas *canvas, int row, int col, int width, int max_rows, enum style style, const char *text)
{
    int used = 0;
    while (*text && used < max_rows && width >= 2) {
        size_t next, len = columns_break(text, width, &next);
        char line[COLUMNS_TEXT];
        bool last = used == max_rows - 1 && text[next];
        if (last) /* what does not fit ends in "…" */
            snprintf(line, sizeof line, "%s", text);
        else
            snprintf(line, sizeof line, "%.*s", (int)len, text);
        canvas_text(canvas, row + used++, col, width, style, line);
        text += next;
    }
    return used;
}

static bool make_items(struct canvas *canvas, char **texts, size_t count)
{
    canvas->items = calloc(count + 1, sizeof(ITEM *));
    canvas->texts = texts;
    canvas->item_count = 0;
    for (; canvas->items && canvas->item_count < count; canvas->item_count++) {
        ITEM *item = new_item(texts[canvas->item_count], NULL);
        if (!item)
            break;
        canvas->items[canvas->item_count] = item;
    }
    return canvas->items && canvas->item_count == count;
}

void canvas_menu(struct canvas *canvas, int row, int rows, char **texts, size_t count, size_t current)
{
    assert(count > 0 && count <= CANVAS_ITEMS_MAX && current < count && !canvas->menu);
    bool made = make_items(canvas, texts, count);
    canvas->part = derwin(canvas->window, rows, canvas->cols, row, 0);
    canvas->menu = made && canvas->part ? new_menu(canvas->items) : NULL;
    if (!canvas->menu) { /* no memory or no room: this frame goes without */
        for (size_t i = 0; i < count; i++)
            free(texts[i]);
        free(texts);
        free(canvas->items);
        return;
    }
    set_menu_win(canvas->menu, canvas->part);
    set_menu_sub(canvas->menu, canvas->part);
    set_menu_format(canvas->menu, rows, 1);
    set_menu_mark(canvas->menu, "");
    set_menu_fore(canvas->menu, theme_attr(STYLE_CURSOR));
    set_menu_back(canvas->menu, theme_attr(canvas->box ? STYLE_FRAME : STYLE_PLAIN));
    set_current_item(canvas->menu, canvas->items[current]);
    post_menu(canvas->menu);
}

int canvas_menu_rows(const struct canvas *canvas)
{
    int rows = 1, columns;
    if (canvas->menu)
        menu_format(canvas->menu, &rows, &columns);
    return rows > 0 ? rows : 1;
}

static FIELD *make_field(const struct canvas_field *f)
{
    FIELD *field = new_field(1, f->width, f->row, f->col, 0, 0);
    if (!field)
        return NULL;
    set_field_back(field, theme_attr(f->style));
    set_field_fore(field, theme_attr(f->style));
    field_opts_off(field, O_STATIC);
    if (f->label)
        field_opts_off(field, O_ACTIVE);
    set_field_buffer(field, 0, f->text);
    return field;
}

void canvas_form(struct canvas *canvas, int row, int rows, const struct canvas_field *fields, int count)
{
    assert(count > 0 && count <= CANVAS_FIELDS_MAX && !canvas->form);
    canvas->part = row + rows <= canvas->rows ? derwin(canvas->window, rows, canvas->cols, row, 0) : NULL;
    for (canvas->field_count = 0; canvas->part && canvas->field_count < count; canvas->field_count++) {
        canvas->fields[canvas->field_count] = make_field(&fields[canvas->field_count]);
        if (!canvas->fields[canvas->field_count])
            break;
    }
    canvas->fields[canvas->field_count] = NULL;
    canvas->form = canvas->field_count == count ? new_form(canvas->fields) : NULL;
    if (!canvas->form) { /* no room: this frame goes without */
        for (int i = 0; i < canvas->field_count; i++)
            free_field(canvas->fields[i]);
        return;
    }
    set_form_win(canvas->form, canvas->part);
    set_form_sub(canvas->form, canvas->part);
    post_form(canvas->form);
}
