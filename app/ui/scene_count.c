/* The blind count: cases and loose units on the truck, before anybody is shown what the scans came to. */
#include "app/text/text.h"
#include "app/ui/banner.h"
#include "app/ui/complete.h"
#include "app/ui/fields.h"
#include <stdio.h>

enum { CASES, LOOSE };

struct state {
    struct fields fields;
};

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    (void)ui;
    fields_add(&state->fields, _("Cases"), FIELD_DIGITS, true);
    fields_add(&state->fields, _("Loose"), FIELD_DECIMAL, true);
}

static void take(struct ui *ui, void *state_)
{
    struct state *state = state_;
    qty_t cases, loose;
    if (fields_next(&state->fields))
        return;
    if (qty_parse(state->fields.field[CASES].text, &cases) != RC_OK ||
        qty_parse(state->fields.field[LOOSE].text, &loose) != RC_OK) {
        ui_notice(ui, SEVERITY_WARN, "%s", _("Count both; 0 where there is none."));
        return;
    }
    ui->pops = 1;
    complete_counted(ui, cases, loose);
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    (void)ui;
    if (event->kind == EVENT_KEY)
        fields_key(&((struct state *)state_)->fields, event->key);
}

static bool is_mismatched(const struct ui *ui, const void *state)
{
    (void)state;
    return complete_mismatched(ui);
}

static void ask_supervisor(struct ui *ui, void *state)
{
    (void)state;
    ui_ask(ui, APPROVE_COUNT, 0);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    ui_title(ui, canvas, ui->work.document->no);
    int row = 2 + canvas_wrap(canvas, 2, 1, canvas->cols - 2, 3, STYLE_BOLD,
                              ui->work.flow.ships ? _("Count what is on the truck") : _("Count what is there"));
    row += 1 + fields_draw(&state->fields, canvas, row + 1, 4);
    if (!complete_mismatched(ui)) {
        canvas_wrap(canvas, row + 1, 1, canvas->cols - 2, 3, STYLE_DIM, _("Without looking at the scans"));
        return;
    }
    const struct banner banner = {STYLE_REJECT, "✘", _("The count differs"), {_("Count again"), ""}};
    banner_draw(&banner, canvas, row + 1, 3, canvas->cols);
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ENTER, N_("OK"), N_("take the count"), take, NULL},
    {KEY_F(3), N_("Boss"), N_("a supervisor takes the count as it is"), ask_supervisor, is_mismatched},
    {SCENE_ESC, N_("Back"), N_("go on scanning"), ui_leave, NULL},
    {0},
};

const struct scene scene_count = {
    .name = "count",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .of_document = true,
    .form = true,
    .enter = enter,
    .event = event,
    .draw = draw,
};
