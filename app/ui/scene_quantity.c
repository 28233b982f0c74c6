/* A quantity for the next scan: goods that are counted, not scanned one by one. */
#include "app/text/text.h"
#include "app/ui/fields.h"
#include "app/ui/scene.h"
#include <stdio.h>

struct state {
    struct fields fields;
};

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    (void)ui;
    fields_add(&state->fields, _("Quantity"), FIELD_DECIMAL, false);
}

static void take(struct ui *ui, void *state_)
{
    const struct state *state = state_;
    const char *text = state->fields.field[0].text;
    qty_t qty = 0;
    if (text[0] && (qty_parse(text, &qty) != RC_OK || qty <= 0)) {
        ui_notice(ui, SEVERITY_WARN, "%s", _("That is no quantity."));
        return;
    }
    ui->work.next_qty = qty;
    if (ui->work.alarm == RC_FRACTION) /* that was about the quantity before */
        ui->work.alarm = RC_OK;
    ui_back(ui);
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    (void)ui;
    if (event->kind == EVENT_KEY)
        fields_key(&((struct state *)state_)->fields, event->key);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    ui_title(ui, canvas, ui->work.document->no);
    canvas_text(canvas, 2, 1, canvas->cols - 2, STYLE_BOLD, _("How many?"));
    fields_draw(&state->fields, canvas, 4, 2);
    canvas_wrap(canvas, 6, 1, canvas->cols - 2, 4, STYLE_DIM,
                _("For the next scan alone, in single units. Empty: as the code says."));
}

static const struct action ACTIONS[] = {
    {SCENE_ENTER, N_("OK"), N_("take the quantity"), take, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_quantity = {
    .name = "quantity",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .of_document = true,
    .form = true,
    .enter = enter,
    .event = event,
    .draw = draw,
};
