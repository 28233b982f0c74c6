/* What was scanned and no longer fits, one unit at a time: set aside, back to its shelf, or kept by a supervisor. */
#include "app/text/text.h"
#include "app/ui/banner.h"
#include "app/ui/columns.h"
#include "app/ui/tally_list.h"
#include <stdio.h>

struct state {
    struct tally_list tallies;
    struct text_advice advice; /* on the marked one */
};

/* What is wrong with it now: asked of the facts as they are. */
static void advise(struct ui *ui, struct state *state)
{
    const struct store_tally *tally = tally_list_current(&state->tallies);
    const char *site = engine_site(ui->engine);
    struct code code;
    struct facts facts;
    state->advice = (struct text_advice){.wrong = ""};
    if (!tally || store_tally_code(engine_store(ui->engine), tally->seq, &code) != RC_OK)
        return;
    const struct facts_request request = {.doc = ui->work.doc,
                                          .site = site ? site : "",
                                          .today = (day_t)(engine_now_ms(ui->engine, NULL) / 86400000),
                                          .code = &code};
    const struct verdict verdict = {.reason = tally->reason, .severity = SEVERITY_REJECT, .qty = tally->qty};
    const struct text_scan scan = {
        .verdict = &verdict, .document = ui->work.document, .code = &code, .facts = &facts, .flow = &ui->work.flow};
    if (store_facts(engine_store(ui->engine), &request, &facts) == RC_OK)
        text_advise(&scan, &state->advice);
}

static void reread(struct ui *ui, struct state *state)
{
    enum rc rc = work_reload(&ui->work, ui->engine);
    if (rc != RC_OK)
        ui_rc(ui, rc);
    tally_list_read(&state->tallies, ui);
    advise(ui, state);
}

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    state->tallies.latched_only = state->tallies.outdated_only = true;
    ui->work.taken_out = 0; /* seen */
    reread(ui, state);
}

static void leave(struct ui *ui, void *state)
{
    (void)ui;
    tally_list_free(&((struct state *)state)->tallies);
}

static void act(struct ui *ui, struct state *state, int64_t seq,
                enum rc (*how)(struct engine *engine, const char *doc, int64_t seq), const char *said)
{
    enum rc rc = how(ui->engine, ui->work.doc, seq);
    if (rc != RC_OK) {
        ui_rc(ui, rc);
        return;
    }
    ui->work.judged = false; /* the verdict on the screen below may be of what has just come out */
    reread(ui, state);
    ui_counts(ui);
    ui_notice(ui, SEVERITY_ACCEPT, "%s", said);
    ui_give(ui, FEEDBACK_OK);
    if (!state->tallies.count)
        ui_back(ui);
}

static void set_aside(struct ui *ui, void *state)
{
    const struct store_tally *tally = tally_list_current(&((struct state *)state)->tallies);
    if (tally)
        act(ui, state, tally->seq, engine_set_aside, _("Set aside."));
}

static void put_back(struct ui *ui, void *state)
{
    const struct store_tally *tally = tally_list_current(&((struct state *)state)->tallies);
    if (tally)
        act(ui, state, tally->seq, engine_undo, _("Put back: it is no longer of this order."));
}

static bool can_keep(const struct ui *ui, const void *state)
{
    const struct store_tally *tally = tally_list_current(&((const struct state *)state)->tallies);
    return tally && ui->work.flow.rules[tally->reason].override == OVERRIDE_SUPERVISOR;
}

static void keep(struct ui *ui, void *state)
{
    ui_ask(ui, APPROVE_REJECT, tally_list_current(&((struct state *)state)->tallies)->seq);
}

static void next(struct ui *ui, void *state)
{
    struct tally_list *tallies = &((struct state *)state)->tallies;
    tallies->list.current = (tallies->list.current + 1) % (tallies->count ? tallies->count : 1);
    advise(ui, state);
}

/* The goods themselves say which is meant. */
static void scanned(struct ui *ui, struct state *state, const struct code *code)
{
    for (size_t i = 0; i < state->tallies.list.count; i++)
        if (tally_is_of(&state->tallies.rows[i], code)) {
            state->tallies.list.current = i;
            advise(ui, state);
            ui_notice(ui, SEVERITY_ACCEPT, "%s", _("This one: what happens to it?"));
            ui_give(ui, FEEDBACK_OK);
            return;
        }
    ui_notice(ui, SEVERITY_WARN, "%s", _("Not among these: nothing was counted."));
}

static void event(struct ui *ui, void *state, const struct event *event)
{
    if (event->kind == EVENT_SCAN)
        scanned(ui, state, &event->code);
    else if (event->kind == EVENT_NEWS || event->kind == EVENT_RESUME)
        reread(ui, state);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    const struct store_tally *tally = tally_list_current(&state->tallies);
    char title[NOTICE_MAX], tail[WORK_TAIL_BYTES], left[COLUMNS_TEXT], lot[COLUMNS_TEXT] = "";
    int row = 9, width = canvas->cols - 2;
    snprintf(title, sizeof title, _("Take out: %zu of %zu"), state->tallies.list.current + 1, state->tallies.count);
    ui_title(ui, canvas, tally ? title : ui->work.document->no);
    if (!tally) {
        canvas_wrap(canvas, 2, 1, width, 3, STYLE_PLAIN, _("All that was scanned still fits."));
        return;
    }
    const struct banner banner = {
        STYLE_REJECT, "✘", text_reason(tally->reason), {_("was right when it was scanned"), ""}};
    banner_draw(&banner, canvas, 2, 3, canvas->cols);
    if (tally->lot[0])
        snprintf(lot, sizeof lot, _("lot %s"), tally->lot);
    snprintf(left, sizeof left, "…%s", work_tail(tally->key, tail));
    canvas_text(canvas, 6, 1, width, STYLE_BOLD, work_product_name(&ui->work, tally->product));
    canvas_both(canvas, 7, 1, width, STYLE_PLAIN, left, lot);
    row += canvas_wrap(canvas, row, 1, width, 4, STYLE_REJECT_TEXT, state->advice.wrong);
    canvas_wrap(canvas, row, 1, width, 3, STYLE_PLAIN, state->advice.todo);
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {KEY_F(2), N_("Aside"), N_("it is set aside, away from the order and the shelf"), set_aside, NULL},
    {KEY_F(3), N_("Keep"), N_("a supervisor lets it go along all the same"), keep, can_keep},
    {KEY_F(4), N_("Shelf"), N_("it goes back to its shelf"), put_back, NULL},
    {KEY_DOWN, NULL, N_("the next one; scanning one shows it"), next, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_recheck = {
    .name = "recheck",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .enter = enter,
    .event = event,
    .draw = draw,
    .exit = leave,
};
