/* What the flow wants to know before the truck leaves: plate, seal, driver. A scan fills the field: seals have codes. */
#include "app/text/text.h"
#include "app/ui/complete.h"
#include "app/ui/fields.h"
#include <stdio.h>
#include <string.h>

struct state {
    struct fields fields;
};

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    const struct flow *flow = flow_find(ui->work.document->flow);
    for (int i = 0; flow && i < flow->field_count && i < FIELDS_MAX; i++)
        fields_add(&state->fields, text_field(flow->fields[i].name), FIELD_TEXT, flow->fields[i].required);
}

static void finish(struct ui *ui, struct state *state)
{
    const char *values[FIELDS_MAX];
    for (int i = 0; i < state->fields.count; i++)
        values[i] = state->fields.field[i].text;
    ui->pops = 1;
    complete_header(ui, values, state->fields.count);
}

static void take(struct ui *ui, void *state_)
{
    struct state *state = state_;
    if (!fields_next(&state->fields))
        finish(ui, state);
}

static void finish_now(struct ui *ui, void *state)
{
    finish(ui, state);
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    struct state *state = state_;
    char text[FIELD_TEXT_MAX + 1];
    if (event->kind == EVENT_KEY) {
        fields_key(&state->fields, event->key);
    } else if (event->kind == EVENT_SCAN) {
        size_t len = event->scan->len < FIELD_TEXT_MAX ? event->scan->len : FIELD_TEXT_MAX;
        memcpy(text, event->scan->bytes, len);
        text[len] = '\0';
        fields_put(&state->fields, text);
        ui_give(ui, FEEDBACK_OK);
    }
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    ui_title(ui, canvas, ui->work.document->no);
    canvas_text(canvas, 2, 1, canvas->cols - 2, STYLE_BOLD, _("For the papers"));
    int used = fields_draw(&state->fields, canvas, 4, canvas->rows - 7);
    canvas_wrap(canvas, 4 + used + 1, 1, canvas->cols - 2, 3, STYLE_DIM,
                _("Type or scan; leave empty what you do not know."));
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ENTER, N_("Next"), N_("the next field; after the last the order is completed"), take, NULL},
    {KEY_F(4), N_("Done"), N_("complete now"), finish_now, NULL},
    {SCENE_ESC, N_("Back"), N_("go on scanning"), ui_leave, NULL},
    {0},
};

const struct scene scene_header = {
    .name = "header",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .enter = enter,
    .event = event,
    .draw = draw,
};
