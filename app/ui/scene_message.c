/* A box above the screen that says one thing and waits for a key. No scan can close it. */
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/scene.h"
#include <stdio.h>
#include <string.h>

enum { TEXT_ROWS_MAX = 6, OTHER_ROWS = 4 };

struct state {
    char title[NOTICE_MAX + 1], text[NOTICE_MAX + 1];
    enum severity severity;
};

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    snprintf(state->title, sizeof state->title, "%s", ui->message_title);
    snprintf(state->text, sizeof state->text, "%s", ui->message);
    state->severity = ui->message_severity;
}

static void event(struct ui *ui, void *state, const struct event *event)
{
    (void)state;
    if (event->kind == EVENT_SCAN)
        ui_notice(ui, SEVERITY_WARN, "%s", _("Close the message first, then scan again."));
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    char head[COLUMNS_TEXT];
    (void)ui;
    int rows = columns_rows(state->text, canvas_box_width(canvas));
    rows = rows < TEXT_ROWS_MAX ? rows : TEXT_ROWS_MAX;
    canvas_box(canvas, rows + OTHER_ROWS);
    snprintf(head, sizeof head, "%s %s", theme_shape(state->severity), state->title);
    canvas_row(canvas, 0, theme_banner(state->severity), ALIGN_CENTRE, head);
    canvas_wrap(canvas, 2, 0, canvas->cols, rows, STYLE_PLAIN, state->text);
    canvas_row(canvas, canvas->rows - 1, STYLE_PLAIN, ALIGN_CENTRE, _("Enter: go on"));
}

static const struct action ACTIONS[] = {
    {SCENE_ENTER, N_("OK"), NULL, ui_leave, NULL},
    {SCENE_ESC, NULL, NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_message = {
    .name = "message",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .above = true,
    .enter = enter,
    .event = event,
    .draw = draw,
};
