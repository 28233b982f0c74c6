/* Scanning: the big verdict. Nothing here is modal, and nothing that a scanner sends can confirm or dismiss anything. */
#include "app/text/text.h"
#include "app/ui/binding.h"
#include "app/ui/complete.h"
#include "app/ui/verdict_view.h"
#include "app/ui/visit.h"
#include <stdio.h>
#include <string.h>

enum { CONFIRM_GUARD_MS = 400 };

struct state {
    char typed[FIELD_TYPED_MAX + 1];
    int64_t judged_ms; /* when the last verdict came */
    struct binding binding;
};

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    state->judged_ms = ui_mono_ms(ui);
}

static void type(struct state *state, int key)
{
    size_t len = strlen(state->typed);
    if (key == KEY_BACKSPACE && len > 0)
        state->typed[len - 1] = '\0';
    else if (key > ' ' && key < 0x7F && len < FIELD_TYPED_MAX)
        memcpy(state->typed + len, (char[]){(char)key, '\0'}, 2);
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    struct state *state = state_;
    switch (event->kind) {
    case EVENT_KEY: type(state, event->key); break;
    case EVENT_SCAN: ui_notice(ui, SEVERITY_WARN, "%s", _("Scanned before the order was open: scan again.")); break;
    case EVENT_JUDGED: state->judged_ms = ui_mono_ms(ui); break;
    case EVENT_RESUME:
        state->judged_ms = ui_mono_ms(ui);
        binding_resume(&state->binding, ui);
        break;
    case EVENT_NEWS:
        if (ui->work.doc[0])
            work_reload(&ui->work, ui->engine);
        break;
    case EVENT_SECOND: break;
    }
}

static void draw(const struct ui *ui, const void *state, struct canvas *canvas)
{
    verdict_view_draw(ui, ((const struct state *)state)->typed, canvas);
}

/* Enter ends what was typed by hand; without that it does nothing. */
static void send_typed(struct ui *ui, void *state_)
{
    struct state *state = state_;
    if (state->typed[0])
        ui_type(ui, state->typed, strlen(state->typed), false);
    state->typed[0] = '\0';
}

static bool is_waiting(const struct ui *ui, const void *state)
{
    (void)state;
    return work_asks(&ui->work);
}

/* A key on its way down when the question came up is no answer to it. */
static void confirm(struct ui *ui, void *state_)
{
    const struct state *state = state_;
    if (ui_mono_ms(ui) - state->judged_ms < CONFIRM_GUARD_MS)
        return;
    enum rc rc = work_answer(&ui->work, ui->engine, ui->work.waiting_seq);
    ui_counts(ui);
    ui_rc(ui, rc);
    if (rc == RC_OK) {
        ui_give(ui, FEEDBACK_OK);
        ui_notice(ui, SEVERITY_ACCEPT, "%s", _("Confirmed, it counts."));
    }
}

static void quantity(struct ui *ui, void *state)
{
    (void)state;
    ui_go(ui, &scene_quantity);
}

static void undo(struct ui *ui, void *state)
{
    (void)state;
    ui_go(ui, &scene_tallies);
}

static void latches(struct ui *ui, void *state)
{
    (void)state;
    if (ui->work.outdated)
        ui_go(ui, &scene_recheck);
    else if (ui->work.document->latched)
        ui_go(ui, &scene_latches);
}

static bool has_inbox(const struct ui *ui, const void *state)
{
    (void)state;
    return ui->counts.inbox > 0;
}

static void inbox(struct ui *ui, void *state)
{
    (void)state;
    ui_go(ui, &scene_inbox);
}

static bool can_bind(const struct ui *ui, const void *state)
{
    (void)state;
    return ui->work.binds;
}

static void choose_product(struct ui *ui, void *state)
{
    binding_begin(&((struct state *)state)->binding, ui);
}

static void complete(struct ui *ui, void *state)
{
    (void)state;
    complete_begin(ui);
}

static void back(struct ui *ui, void *state_)
{
    struct state *state = state_;
    if (state->typed[0])
        state->typed[0] = '\0';
    else
        ui_back(ui);
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {KEY_F(2), N_("Undo"), N_("the scans so far; undo"), undo, NULL},
    {KEY_F(3), N_("Yes"), N_("answer yes to the (?)"), confirm, is_waiting},
    {KEY_F(3), N_("Qty"), N_("next scan's quantity"), quantity, NULL},
    {KEY_F(4), N_("Done"), N_("complete the order"), complete, NULL},
    {KEY_DOWN, NULL, N_("the rejected goods (!)"), latches, NULL},
    {KEY_LEFT, NULL, N_("what the server did not accept (≠)"), inbox, has_inbox},
    {KEY_UP, NULL, N_("binds unknown codes to a product"), choose_product, can_bind},
    {KEY_UP, NULL, N_("photos, unreadable codes, search, report"), visit_menu, visit_is_one},
    {SCENE_ENTER, NULL, N_("ends a typed code"), send_typed, NULL},
    {SCENE_ESC, NULL, N_("back to the lines"), back, NULL},
    {0},
};

const struct scene scene_scan = {
    .name = "scan",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .of_document = true,
    .enter = enter,
    .event = event,
    .draw = draw,
};
