/* The PIN: of who signs in, or of the supervisor who allows something. */
#include "app/text/text.h"
#include "app/ui/complete.h"
#include "app/ui/pinpad.h"
#include <string.h>

struct state {
    enum approval approval;
    struct pinpad pad;
};

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    state->approval = ui->approval;
    pinpad_begin(&state->pad, ui, ui->who);
}

static void let_go(struct ui *ui, const struct state *state)
{
    enum rc rc = engine_confirm(ui->engine, ui->work.doc, ui->approval_seq, state->pad.who);
    work_reload(&ui->work, ui->engine);
    ui_back_to(ui, ui->approval_from);
    if (rc == RC_OK)
        ui_notice(ui, SEVERITY_ACCEPT, _("%s let it go"), state->pad.name);
    else
        ui_rc(ui, rc);
}

static void keep(struct ui *ui, const struct state *state)
{
    enum rc rc = engine_answer(ui->engine, ui->approval_seq, ANSWER_KEEP, state->pad.who);
    ui_back_to(ui, rc == RC_OK ? &scene_inbox : ui->approval_from);
    if (rc == RC_OK)
        ui_notice(ui, SEVERITY_ACCEPT, _("%s let it go"), state->pad.name);
    else
        ui_rc(ui, rc);
}

/* The supervisor's word is given: what it was wanted for is done. */
static void approved(struct ui *ui, struct state *state)
{
    switch (state->approval) {
    case APPROVE_SIGN_IN:
        ui_counts(ui);
        ui->pops = ui->depth;
        ui->next = &scene_home;
        return;
    case APPROVE_REJECT: let_go(ui, state); return;
    case APPROVE_KEEP: keep(ui, state); return;
    case APPROVE_COUNT:
        ui_back_to(ui, &scene_scan);
        complete_allow(ui, state->pad.who);
        return;
    case APPROVE_LIMIT:
        memcpy(ui->allowed, state->pad.who, sizeof ui->allowed);
        ui_back_to(ui, ui->approval_from);
        return;
    }
}

static void try_pin(struct ui *ui, void *state_)
{
    struct state *state = state_;
    if (pinpad_try(&state->pad, ui, state->approval == APPROVE_SIGN_IN))
        approved(ui, state);
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    struct state *state = state_;
    pinpad_event(&state->pad, ui, event);
    if (event->kind == EVENT_SCAN)
        ui_notice(ui, SEVERITY_WARN, "%s",
                  state->approval == APPROVE_SIGN_IN ? _("Sign in first, then scan.")
                                                     : _("Not taken here: go back and scan again."));
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    ui_title(ui, canvas, state->approval == APPROVE_SIGN_IN ? "Tallyman" : _("Supervisor"));
    pinpad_draw(&state->pad, canvas, "");
}

static void wipe(struct ui *ui, void *state)
{
    (void)ui;
    explicit_bzero(state, sizeof(struct state));
}

static const struct action ACTIONS[] = {
    {SCENE_ENTER, N_("OK"), N_("check the PIN"), try_pin, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_pin = {
    .name = "pin",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .form = true,
    .enter = enter,
    .event = event,
    .draw = draw,
    .exit = wipe,
};
