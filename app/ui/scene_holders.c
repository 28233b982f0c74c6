/* Who may have had goods of a lot, as this device knows it, most first. */
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/list.h"
#include "app/ui/scene.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ABOUT_ROWS = 4 };

struct state {
    struct list list;
    size_t count;
    struct holder_row *row; /* owned */
    char title[COLUMNS_TEXT];
};

static bool see(void *context, const struct holder_row *row)
{
    struct state *state = context;
    state->row[state->count++] = *row;
    return state->count < HOLDER_ROWS_MAX;
}

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    state->row = calloc(HOLDER_ROWS_MAX, sizeof state->row[0]);
    enum rc rc = state->row ? engine_holders(ui->engine, ui->sought.product, ui->sought.lot, see, state) : RC_NOMEM;
    if (rc != RC_OK)
        ui_rc(ui, rc);
    list_reset(&state->list, state->count);
    snprintf(state->title, sizeof state->title, "%s %s", ui->sought.product, ui->sought.lot);
}

static void leave(struct ui *ui, void *state)
{
    (void)ui;
    free(((struct state *)state)->row);
}

static void event(struct ui *ui, void *state, const struct event *event)
{
    bool chosen;
    if (event->kind == EVENT_KEY)
        list_key(&((struct state *)state)->list, &ui->canvas, event->key, &chosen);
}

static const char *name_of(const struct holder_row *row, char *buffer)
{
    return row->name[0] ? row->name : text_holder(&row->holder, buffer);
}

static void row(const void *context, size_t i, int width, char *ret_text)
{
    const struct holder_row *holding = &((const struct holder_row *)context)[i];
    char units[32], text[TEXT_MAX + 1];
    snprintf(units, sizeof units, "%ld", holding->units);
    columns_both(name_of(holding, text), units, width, ret_text);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    char text[TEXT_MAX + 1];
    int width = canvas->cols - 2;
    ui_title(ui, canvas, _("Who may have had it"));
    canvas_text(canvas, 1, 1, width, STYLE_BOLD, state->title);
    list_draw(&state->list, canvas, 2, canvas->rows - 2 - ABOUT_ROWS, row, state->row,
              _("No unit of it is known here."));
    if (!state->list.count)
        return;
    const struct holder_row *at = &state->row[state->list.current];
    canvas_wrap(canvas, canvas->rows - 3, 1, width, 2, STYLE_BOLD, name_of(at, text));
    canvas_both(canvas, canvas->rows - 1, 1, width, STYLE_PLAIN, at->region, at->holder.id);
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_holders = {
    .name = "holders",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .enter = enter,
    .event = event,
    .draw = draw,
    .exit = leave,
};
