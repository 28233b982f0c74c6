/* The documents: number, party, how far; below, what the marked one is about. */
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/list.h"
#include "app/ui/scene.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DOCUMENTS_MAX = 500, ABOUT_ROWS = 4 };

struct state {
    struct list list;
    size_t count;
    struct store_document_row *rows;
};

static bool see(void *context, const struct store_document_row *row)
{
    struct state *state = context;
    state->rows[state->count++] = *row;
    return state->count < DOCUMENTS_MAX;
}

static void read_documents(struct ui *ui, struct state *state)
{
    state->count = 0;
    enum rc rc = state->rows ? store_documents(engine_store(ui->engine), see, state) : RC_NOMEM;
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        ui_rc(ui, rc);
    list_reset(&state->list, state->count);
}

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    state->rows = calloc(DOCUMENTS_MAX, sizeof state->rows[0]);
    read_documents(ui, state);
}

static void leave(struct ui *ui, void *state)
{
    (void)ui;
    free(((struct state *)state)->rows);
}

static void choose(struct ui *ui, void *state_)
{
    const struct state *state = state_;
    if (state->list.count)
        ui_open(ui, state->rows[state->list.current].doc);
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    struct state *state = state_;
    bool chosen;
    switch (event->kind) {
    case EVENT_KEY:
        if (list_key(&state->list, &ui->canvas, event->key, &chosen) && chosen)
            choose(ui, state);
        break;
    case EVENT_SCAN: ui_lookup(ui, &event->code); break;
    case EVENT_RESUME:
        work_drop(&ui->work);
        read_documents(ui, state);
        break;
    case EVENT_NEWS: read_documents(ui, state); break;
    case EVENT_SECOND:
    case EVENT_JUDGED: break;
    }
}

static const char *mark(const struct store_document_row *row)
{
    switch (row->state) {
    case DOCUMENT_READY: return "·";
    case DOCUMENT_OPEN: return row->latched ? "!" : "▶";
    case DOCUMENT_COMPLETE: return "✔";
    case DOCUMENT_ABANDONED:
    case DOCUMENT_CANCELLED:
    case DOCUMENT_CLOSED: return "✘";
    }
    return "";
}

struct drawn {
    const struct ui *ui;
    const struct state *state;
};

static void row(const void *context, size_t i, int width, char *ret_text)
{
    const struct drawn *drawn = context;
    const struct ui *ui = drawn->ui;
    const struct store_document_row *row = &drawn->state->rows[i];
    char left[COLUMNS_TEXT], right[COLUMNS_TEXT];
    snprintf(left, sizeof left, "%s %s%s %s", mark(row), row->group[0] ? "≡ " : "", row->no,
             row->own || !row->to_name[0] ? ui_flow(ui, row->flow) : row->to_name);
    snprintf(right, sizeof right, "%d/%d", row->lines_done, row->lines);
    columns_both(left, row->lines ? right : "", width, ret_text);
}

static void about(const struct ui *ui, const struct store_document_row *row, struct canvas *canvas, int at)
{
    char due[DAY_TEXT_MAX + 1], line[COLUMNS_TEXT];
    int width = canvas->cols - 2;
    snprintf(line, sizeof line, "%s · %s", row->no, text_document_state(row->state));
    canvas_both(canvas, at, 1, width, STYLE_BOLD, line, ui_flow(ui, row->flow));
    canvas_text(canvas, at + 1, 1, width, STYLE_PLAIN, row->to_name[0] || !row->own ? row->to_name : _("begun here"));
    if (row->due != DAY_NONE) {
        snprintf(line, sizeof line, _("due %s"), day_print(row->due, due));
        canvas_text(canvas, at + 2, 1, width, STYLE_PLAIN, line);
    }
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    ui_title(ui, canvas, _("Documents"));
    const struct drawn drawn = {ui, state};
    int rows = canvas->rows - 1 - ABOUT_ROWS;
    list_draw(&state->list, canvas, 1, rows, row, &drawn, _("No documents here: sync to fetch them."));
    if (state->list.count)
        about(ui, &state->rows[state->list.current], canvas, canvas->rows - ABOUT_ROWS + 1);
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ENTER, N_("Open"), N_("open the marked document; scanning its number does the same"), choose, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_documents = {
    .name = "documents",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .enter = enter,
    .event = event,
    .draw = draw,
    .exit = leave,
};
