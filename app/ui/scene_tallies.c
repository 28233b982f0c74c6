/* What has been scanned, last first: undo, or answer a question that is still open. */
#include "app/text/text.h"
#include "app/ui/tally_list.h"

struct state {
    struct tally_list tallies;
    int64_t damaged_seq; /* F4 once: the second time it is so */
};

static void reread(struct ui *ui, struct state *state)
{
    enum rc rc = work_reload(&ui->work, ui->engine);
    if (rc != RC_OK)
        ui_rc(ui, rc);
    tally_list_read(&state->tallies, ui);
}

static void enter(struct ui *ui, void *state)
{
    reread(ui, state);
}

static void leave(struct ui *ui, void *state)
{
    (void)ui;
    tally_list_free(&((struct state *)state)->tallies);
}

static void undo(struct ui *ui, void *state_)
{
    struct state *state = state_;
    const struct store_tally *tally = tally_list_current(&state->tallies);
    if (!tally)
        return;
    enum rc rc = engine_undo(ui->engine, ui->work.doc, tally->seq);
    if (rc != RC_OK) {
        ui_rc(ui, rc);
        return;
    }
    ui->work.judged = false; /* the verdict on the screen below may be the one just undone */
    reread(ui, state);
    ui_counts(ui);
    ui_notice(ui, SEVERITY_ACCEPT, "%s", _("Undone."));
    ui_give(ui, FEEDBACK_OK);
}

static bool is_question(const struct ui *ui, const void *state)
{
    (void)ui;
    const struct store_tally *tally = tally_list_current(&((const struct state *)state)->tallies);
    return tally && tally->waiting;
}

static void confirm(struct ui *ui, void *state_)
{
    struct state *state = state_;
    const struct store_tally *tally = tally_list_current(&state->tallies);
    int64_t seq = tally->seq;
    enum rc rc = work_answer(&ui->work, ui->engine, seq);
    ui_rc(ui, rc);
    reread(ui, state);
    if (rc == RC_OK)
        ui_notice(ui, SEVERITY_ACCEPT, "%s", _("Confirmed, it counts."));
}

static bool is_live(const struct ui *ui, const void *state)
{
    const struct store_tally *tally = tally_list_current(&((const struct state *)state)->tallies);
    return tally && tally->live && tally->key[0] && !ui->work.flow.judges;
}

/* Asked twice: a damaged unit is void from now on. */
static void exchange(struct ui *ui, void *state_)
{
    struct state *state = state_;
    const struct store_tally *tally = tally_list_current(&state->tallies);
    if (state->damaged_seq != tally->seq) {
        state->damaged_seq = tally->seq;
        ui_notice(ui, SEVERITY_WARN, "%s", _("F4 again: it is damaged, and another takes its place."));
        return;
    }
    enum rc rc = engine_exchange(ui->engine, ui->work.doc, tally->seq);
    if (rc != RC_OK) {
        ui_rc(ui, rc);
        return;
    }
    ui->work.judged = false;
    reread(ui, state);
    ui_counts(ui);
    ui_notice(ui, SEVERITY_ACCEPT, "%s", _("Damaged: put it aside and scan another."));
    ui_give(ui, FEEDBACK_OK);
}

/* What is known of the marked goods. */
static void look_up(struct ui *ui, void *state)
{
    const struct store_tally *tally = tally_list_current(&((const struct state *)state)->tallies);
    if (tally && store_tally_code(engine_store(ui->engine), tally->seq, &ui->trace_code) == RC_OK)
        ui_go(ui, &scene_trace);
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    struct state *state = state_;
    bool chosen;
    if (event->kind == EVENT_KEY)
        state->damaged_seq = 0;
    if (event->kind == EVENT_KEY)
        list_key(&state->tallies.list, &ui->canvas, event->key, &chosen);
    else if (event->kind == EVENT_NEWS || event->kind == EVENT_RESUME)
        reread(ui, state);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    ui_title(ui, canvas, _("Scanned"));
    tally_list_draw(&state->tallies, ui, canvas, 1, _("Nothing scanned yet."));
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {KEY_F(2), N_("Undo"), N_("take the marked scan back"), undo, NULL},
    {KEY_F(3), N_("Yes"), N_("confirm the marked question (?)"), confirm, is_question},
    {KEY_F(4), N_("Swap"), N_("the marked goods are damaged; others take their place"), exchange, is_live},
    {SCENE_ENTER, NULL, N_("what is known of the marked goods"), look_up, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_tallies = {
    .name = "tallies",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .of_document = true,
    .enter = enter,
    .event = event,
    .draw = draw,
    .exit = leave,
};
