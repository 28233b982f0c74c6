/* Rejected goods that nobody has dealt with yet: scanned again they are set aside; a supervisor may let them go. */
#include "app/text/text.h"
#include "app/ui/tally_list.h"
#include <stdio.h>

struct state {
    struct tally_list tallies;
};

static void reread(struct ui *ui, struct state *state)
{
    enum rc rc = work_reload(&ui->work, ui->engine);
    if (rc != RC_OK)
        ui_rc(ui, rc);
    tally_list_read(&state->tallies, ui);
}

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    state->tallies.latched_only = true;
    reread(ui, state);
}

static void leave(struct ui *ui, void *state)
{
    (void)ui;
    tally_list_free(&((struct state *)state)->tallies);
}

static void set_aside(struct ui *ui, struct state *state, int64_t seq)
{
    enum rc rc = engine_set_aside(ui->engine, ui->work.doc, seq);
    if (rc != RC_OK) {
        ui_rc(ui, rc);
        return;
    }
    reread(ui, state);
    ui_counts(ui);
    if (state->tallies.count)
        ui_notice(ui, SEVERITY_ACCEPT, _("Set aside, %zu to go."), state->tallies.count);
    else
        ui_notice(ui, SEVERITY_ACCEPT, "%s", _("All rejects are set aside."));
    ui_give(ui, FEEDBACK_OK);
    if (!state->tallies.count)
        ui_back(ui);
}

static void set_current_aside(struct ui *ui, void *state)
{
    const struct store_tally *tally = tally_list_current(&((struct state *)state)->tallies);
    if (tally)
        set_aside(ui, state, tally->seq);
}

/* The goods themselves say which is meant; anything else is not taken here. */
static void scanned(struct ui *ui, struct state *state, const struct code *code)
{
    for (size_t i = 0; i < state->tallies.count; i++) {
        if (!tally_is_of(&state->tallies.rows[i], code))
            continue;
        set_aside(ui, state, state->tallies.rows[i].seq);
        return;
    }
    ui_notice(ui, SEVERITY_WARN, "%s", _("Not among the rejected: nothing was counted."));
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    struct state *state = state_;
    bool chosen;
    switch (event->kind) {
    case EVENT_KEY: list_key(&state->tallies.list, &ui->canvas, event->key, &chosen); break;
    case EVENT_SCAN: scanned(ui, state, &event->code); break;
    case EVENT_NEWS:
    case EVENT_RESUME: reread(ui, state); break;
    case EVENT_SECOND:
    case EVENT_JUDGED: break;
    }
}

static void overrule(struct ui *ui, void *state)
{
    const struct store_tally *tally = tally_list_current(&((struct state *)state)->tallies);
    if (tally)
        ui_ask(ui, APPROVE_REJECT, tally->seq);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    char title[NOTICE_MAX];
    snprintf(title, sizeof title, _("Rejected: %zu"), state->tallies.count);
    ui_title(ui, canvas, title);
    int used = canvas_wrap(canvas, 1, 1, canvas->cols - 2, 2, STYLE_BOLD, _("Scan each one as you set it aside"));
    tally_list_draw(&state->tallies, ui, canvas, 1 + used, _("Nothing is rejected."));
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {KEY_F(2), N_("Aside"), N_("the marked goods are set aside; scanning them does the same"), set_current_aside,
     NULL},
    {KEY_F(3), N_("Boss"), N_("a supervisor lets the marked goods go"), overrule, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_latches = {
    .name = "latches",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .enter = enter,
    .event = event,
    .draw = draw,
    .exit = leave,
};
