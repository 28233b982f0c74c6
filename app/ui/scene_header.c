/* What the flow wants to know, before it begins (from whom, where to) or before the truck leaves (plate, seal, driver). A
 * scan fills the field: seals have codes. */
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/complete.h"
#include "app/ui/pick.h"
#include "app/ui/progress.h"
#include "app/ui/receiver.h"
#include "app/ui/starting.h"
#include <stdio.h>
#include <string.h>

struct state {
    struct form form;
    bool at_start;
    char place[COLUMNS_TEXT]; /* of a visit; at its end, how much was found */
    struct receiver receiver;
};

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    state->at_start = ui->starting[0] != '\0';
    const struct flow *flow = state->at_start ? engine_flow(ui->engine, ui->starting) : &ui->work.flow;
    ui->starting[0] = '\0';
    if (!state->at_start && flow->judges)
        progress_visit(&ui->work, state->place);
    form_make(&state->form, flow ? flow : &ui->work.flow, state->at_start ? NULL : ui->work.document);
    if (!state->at_start)
        complete_recall(ui, &state->form);
    receiver_open(&state->receiver, ui, &state->form);
    receiver_look(&state->receiver, &state->form);
}

static void leave(struct ui *ui, void *state)
{
    (void)ui;
    receiver_close(&((struct state *)state)->receiver);
}

static void finish(struct ui *ui, struct state *state, const char *supervisor)
{
    if (state->at_start) {
        starting_go(ui, &state->form, supervisor);
        return;
    }
    ui->pops = 1;
    complete_header(ui, &state->form, supervisor);
}

static void check(struct ui *ui, void *state_)
{
    struct state *state = state_;
    enum rc rc = form_check(&state->form);
    if (rc == RC_OK)
        finish(ui, state, "");
    else if (rc == RC_FIELD_LIMIT)
        ui_ask(ui, APPROVE_LIMIT, 0);
    else
        ui_rc(ui, rc);
}

/* Enter: what was typed here is looked at here, not at the end. */
static void take(struct ui *ui, void *state_)
{
    struct state *state = state_;
    struct fields *fields = &state->form.fields;
    const struct flow_field *field = form_current(&state->form);
    enum rc rc = field ? flow_check_field(field, fields->field[fields->current].text) : RC_OK;
    if (rc != RC_OK && rc != RC_FIELD_LIMIT)
        ui_rc(ui, rc);
    else if (!fields_next(fields))
        check(ui, state);
}

static void resumed(struct ui *ui, struct state *state)
{
    if (ui->allowed[0])
        finish(ui, state, ui->allowed);
    else if (ui->picked[0])
        form_put(&state->form, ui->engine, ui->picked);
    ui->picked[0] = ui->allowed[0] = '\0';
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    struct state *state = state_;
    switch (event->kind) {
    case EVENT_KEY: fields_key(&state->form.fields, event->key); break;
    case EVENT_SCAN:
        if (form_scan(&state->form, ui->engine, event->scan, &event->code))
            ui_give(ui, FEEDBACK_OK);
        else
            ui_notice(ui, SEVERITY_WARN, "%s", _("That is no place that is known here."));
        break;
    case EVENT_RESUME: resumed(ui, state); break;
    case EVENT_SECOND: receiver_look(&state->receiver, &state->form); break;
    case EVENT_NEWS:
    case EVENT_JUDGED: break;
    }
    if (state->at_start)
        form_place(&state->form, ui->engine, state->place);
}

static bool has_list(const struct ui *ui, const void *state)
{
    (void)ui;
    const struct flow_field *field = form_current(&((const struct state *)state)->form);
    return field && pick_knows(field->name);
}

static void list(struct ui *ui, void *state_)
{
    const struct state *state = state_;
    const char *of = "";
    for (int i = 0; i < state->form.fields.count; i++)
        if (strcmp(state->form.of[i]->name, "product") == 0)
            of = state->form.fields.field[i].text;
    ui_pick(ui, form_current(&state->form)->name, of);
}

static bool is_number(const struct ui *ui, const void *state)
{
    (void)ui;
    const struct flow_field *field = form_current(&((const struct state *)state)->form);
    return field && field->kind == FLOW_NUMBER;
}

static void turn_sign(struct ui *ui, void *state)
{
    (void)ui;
    fields_turn_sign(&((struct state *)state)->form.fields);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    ui_title(ui, canvas, state->at_start ? text_flow_label(&state->form.flow) : ui->work.document->no);
    canvas_text(canvas, 2, 1, canvas->cols - 2, STYLE_BOLD,
                state->at_start           ? _("To begin with")
                : state->form.flow.judges ? _("At the end of the visit")
                                          : _("For the papers"));
    canvas_text(canvas, 3, 1, canvas->cols - 2, STYLE_PLAIN, state->place);
    int used = fields_draw(&state->form.fields, canvas, 4, canvas->rows - 8);
    form_draw_hint(&state->form, canvas, 4 + used + 1);
    if (state->receiver.told[0]) /* all of it, with its accuracy */
        canvas_text(canvas, canvas->rows - 1, 1, canvas->cols - 2, STYLE_DIM, state->receiver.told);
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ENTER, N_("Next"), N_("the next field; after the last it goes on"), take, NULL},
    {KEY_F(2), N_("List"), N_("choose from what is known here"), list, has_list},
    {KEY_F(3), N_("+/−"), N_("below zero, or above again"), turn_sign, is_number},
    {KEY_F(4), N_("Done"), N_("go on now"), check, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_header = {
    .name = "header",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .enter = enter,
    .event = event,
    .draw = draw,
    .exit = leave,
};
