/* Completing with lines open: why? */
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/complete.h"
#include "app/ui/list.h"
#include <stdio.h>

struct state {
    struct list list;
};

/* What comes in is short for other reasons than what goes out. */
static const char *word(const struct ui *ui, size_t i)
{
    return ui->work.flow.lines == LINES_TRANSIT ? text_missing_word(i) : text_short_word(i);
}

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    size_t count = 0;
    while (word(ui, count))
        count++;
    list_reset(&state->list, count);
}

static void choose(struct ui *ui, void *state_)
{
    const struct state *state = state_;
    ui->pops = 1;
    complete_short(ui, word(ui, state->list.current));
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    struct state *state = state_;
    bool chosen;
    if (event->kind == EVENT_KEY && list_key(&state->list, &ui->canvas, event->key, &chosen) && chosen)
        choose(ui, state);
}

static void row(const void *context, size_t i, int width, char *ret_text)
{
    (void)width;
    snprintf(ret_text, COLUMNS_TEXT, "%zu %s", i + 1, text_short_reason(word(context, i)));
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    const struct work *work = &ui->work;
    char text[COLUMNS_TEXT]; /* more than a notice */
    ui_title(ui, canvas, work->document->no);
    bool in = work->flow.lines == LINES_TRANSIT;
    if (in)
        snprintf(text, sizeof text, "%s", _("Less came than was sent. Why?"));
    else
        snprintf(text, sizeof text, _("%zu of %zu lines are full. Why does it go short?"), work->lines_done,
                 work->document->line_count);
    int row_at = 3 + canvas_wrap(canvas, 2, 1, canvas->cols - 2, 3, STYLE_BOLD, text);
    if (in)
        row_at += 1 + canvas_wrap(canvas, row_at, 1, canvas->cols - 2, 4, STYLE_PLAIN, complete_found(work, text));
    list_draw(&state->list, canvas, row_at, canvas->rows - row_at, row, ui, "");
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ENTER, N_("Pick"), N_("complete short for the marked reason"), choose, NULL},
    {SCENE_ESC, N_("Back"), N_("go on scanning"), ui_leave, NULL},
    {0},
};

const struct scene scene_shortage = {
    .name = "shortage",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .of_document = true,
    .form = true,
    .enter = enter,
    .event = event,
    .draw = draw,
};
