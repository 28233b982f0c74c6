/* The PIN: of who signs in, or of the supervisor who allows something. */
#include "app/text/text.h"
#include "app/ui/banner.h"
#include "app/ui/complete.h"
#include "app/ui/fields.h"
#include "app/ui/scene.h"
#include <stdio.h>
#include <string.h>

struct state {
    char who[ID_MAX + 1], name[NAME_MAX_BYTES + 1];
    enum approval approval;
    struct fields fields;
    enum rc rc; /* of the last try */
    int64_t locked_until_ms;
    int64_t now_ms;
};

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    struct catalog *catalog;
    struct catalog_operator who;
    snprintf(state->who, sizeof state->who, "%s", ui->who);
    snprintf(state->name, sizeof state->name, "%s", ui->who);
    if (store_catalog(engine_store(ui->engine), &catalog) == RC_OK &&
        catalog_operator(catalog, state->who, &who) == RC_OK && who.name[0])
        snprintf(state->name, sizeof state->name, "%s", who.name);
    state->approval = ui->approval;
    fields_add(&state->fields, _("PIN"), FIELD_PIN, false);
}

/* The supervisor's word is given: what it was wanted for is done. */
static void approved(struct ui *ui, struct state *state)
{
    enum rc rc = RC_OK;
    switch (state->approval) {
    case APPROVE_SIGN_IN:
        ui_counts(ui);
        ui->pops = ui->depth;
        ui->next = &scene_home;
        return;
    case APPROVE_REJECT:
        rc = engine_confirm(ui->engine, ui->work.doc, ui->approval_seq, state->who);
        work_reload(&ui->work, ui->engine);
        ui_back_to(ui, &scene_latches);
        if (rc == RC_OK)
            ui_notice(ui, SEVERITY_ACCEPT, _("%s let it go"), state->name);
        else
            ui_rc(ui, rc);
        return;
    case APPROVE_COUNT:
        ui_back_to(ui, &scene_scan);
        complete_allow(ui, state->who);
        return;
    }
}

static void try_pin(struct ui *ui, void *state_)
{
    struct state *state = state_;
    char *pin = state->fields.field[0].text;
    int64_t wait_ms = 0;
    if (!pin[0] || state->now_ms < state->locked_until_ms)
        return;
    state->rc = state->approval == APPROVE_SIGN_IN ? engine_sign_in(ui->engine, state->who, pin, &wait_ms)
                                                   : engine_check_supervisor(ui->engine, state->who, pin);
    explicit_bzero(pin, FIELD_TEXT_MAX + 1);
    if (state->rc == RC_OK) {
        approved(ui, state);
        return;
    }
    state->now_ms = ui_wall_ms(ui);
    state->locked_until_ms = state->rc == RC_LOCKED_OUT ? state->now_ms + wait_ms : 0;
    ui_give(ui, FEEDBACK_REJECT);
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    struct state *state = state_;
    switch (event->kind) {
    case EVENT_KEY:
        if (fields_key(&state->fields, event->key))
            state->rc = state->rc == RC_LOCKED_OUT ? RC_LOCKED_OUT : RC_OK;
        break;
    case EVENT_SCAN:
        ui_notice(ui, SEVERITY_WARN, "%s",
                  state->approval == APPROVE_SIGN_IN ? _("Sign in first, then scan.")
                                                     : _("Not taken here: go back and scan again."));
        break;
    case EVENT_SECOND:
        state->now_ms = ui_wall_ms(ui);
        if (state->rc == RC_LOCKED_OUT && state->now_ms >= state->locked_until_ms)
            state->rc = RC_OK;
        break;
    case EVENT_NEWS:
    case EVENT_RESUME:
    case EVENT_JUDGED: break;
    }
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    char wait[64] = "";
    int64_t left_s = (state->locked_until_ms - state->now_ms + 999) / 1000;
    ui_title(ui, canvas, state->approval == APPROVE_SIGN_IN ? "Tallyman" : _("Supervisor"));
    canvas_text(canvas, 2, 1, canvas->cols - 2, STYLE_BOLD, state->name);
    fields_draw(&state->fields, canvas, 4, 2);
    if (state->rc == RC_OK) {
        canvas_wrap(canvas, 6, 1, canvas->cols - 2, 2, STYLE_DIM, _("Digits, then Enter"));
        return;
    }
    if (state->rc == RC_LOCKED_OUT && left_s > 0)
        snprintf(wait, sizeof wait, _("Wait %d:%02d"), (int)(left_s / 60), (int)(left_s % 60));
    bool wrong = state->rc == RC_AUTH, locked = state->rc == RC_LOCKED_OUT;
    const struct banner banner = {STYLE_REJECT,
                                  "✘",
                                  wrong    ? _("Wrong PIN")
                                  : locked ? _("Locked")
                                           : _("Not possible"),
                                  {wait, ""}};
    banner_draw(&banner, canvas, 6, 3, canvas->cols);
    canvas_wrap(canvas, 10, 1, canvas->cols - 2, 3, STYLE_PLAIN, text_rc(state->rc));
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
    .enter = enter,
    .event = event,
    .draw = draw,
    .exit = wipe,
};
