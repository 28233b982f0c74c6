/* One record that the server did not accept: the goods come out, a supervisor has them go along, or somebody else decides. */
#include "app/text/text.h"
#include "app/ui/banner.h"
#include "app/ui/columns.h"
#include "app/ui/inbox_list.h"
#include <stdio.h>
#include <string.h>

struct state {
    struct list list;
    struct store_inbox_row row;
    enum answer choices[ANSWER_COUNT];
    bool gone;       /* it was answered elsewhere */
    bool taking_out; /* the goods are wanted in the hand */
};

static const char *const LABELS[ANSWER_COUNT] = {
    [ANSWER_TAKE_OUT] = N_("Take it out"),
    [ANSWER_KEEP] = N_("Keep: supervisor"),
    [ANSWER_NOT_MINE] = N_("Not mine"),
    [ANSWER_SETTLED] = "", /* the device's own word */
};

static void reread(struct ui *ui, struct state *state)
{
    size_t count = 0;
    state->gone = store_inbox_row(engine_store(ui->engine), ui->settling, &state->row) != RC_OK;
    for (int i = 0; i < ANSWER_COUNT; i++)
        if (!state->gone && engine_can_answer(ui->engine, &state->row, (enum answer)i))
            state->choices[count++] = (enum answer)i;
    list_reset(&state->list, count);
    if (state->gone)
        ui_back(ui);
}

static void enter(struct ui *ui, void *state)
{
    reread(ui, state);
}

static void answer(struct ui *ui, struct state *state, enum answer given)
{
    static const char *const SAID[ANSWER_COUNT] = {
        [ANSWER_TAKE_OUT] = N_("It is out: nothing is open with it."),
        [ANSWER_KEEP] = N_("It goes along, on your word."),
        [ANSWER_NOT_MINE] = N_("Handed on: somebody else decides."),
        [ANSWER_SETTLED] = "",
    };
    enum rc rc = engine_answer(ui->engine, state->row.told.seq, given, "");
    if (rc != RC_OK) {
        ui_rc(ui, rc);
        return;
    }
    ui->work.judged = false; /* the verdict on a screen below may be of these goods */
    if (ui->work.doc[0])
        work_reload(&ui->work, ui->engine);
    ui_counts(ui);
    ui_back(ui);
    ui_notice(ui, SEVERITY_ACCEPT, "%s", _(SAID[given]));
    ui_give(ui, FEEDBACK_OK);
}

static void choose(struct ui *ui, void *state_)
{
    struct state *state = state_;
    const struct catalog_operator *who = engine_operator(ui->engine);
    if (!state->list.count)
        return;
    enum answer given = state->choices[state->list.current];
    if (given == ANSWER_TAKE_OUT)
        state->taking_out = true;
    else if (given == ANSWER_KEEP && !(who && who->role == ROLE_SUPERVISOR))
        ui_ask(ui, APPROVE_KEEP, state->row.told.seq);
    else
        answer(ui, state, given);
}

static bool is_choosing(const struct ui *ui, const void *state)
{
    (void)ui;
    return !((const struct state *)state)->taking_out;
}

static bool is_taking_out(const struct ui *ui, const void *state)
{
    (void)ui;
    return ((const struct state *)state)->taking_out;
}

/* Its label can't be read, or the goods were handed over already. */
static void out(struct ui *ui, void *state)
{
    answer(ui, state, ANSWER_TAKE_OUT);
}

static void scanned(struct ui *ui, struct state *state, const struct code *code)
{
    const char *key = state->row.key;
    bool is_it = key[0] && (strcmp(key, code->key) == 0 || (code->plain[0] && strcmp(key, code->plain) == 0));
    if (!is_it)
        ui_notice(ui, SEVERITY_WARN, "%s", _("Another one: nothing was counted."));
    else if (state->taking_out)
        out(ui, state);
    else
        ui_notice(ui, SEVERITY_ACCEPT, "%s", _("This one: what happens to it?"));
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    struct state *state = state_;
    bool chosen = false;
    if (event->kind == EVENT_SCAN)
        scanned(ui, state, &event->code);
    else if (event->kind == EVENT_NEWS || event->kind == EVENT_RESUME)
        reread(ui, state);
    else if (event->kind == EVENT_KEY && !state->taking_out &&
             list_key(&state->list, &ui->canvas, event->key, &chosen) && chosen)
        choose(ui, state);
}

static void row(const void *context, size_t i, int width, char *ret_text)
{
    char text[COLUMNS_TEXT];
    snprintf(text, sizeof text, "%zu %s", i + 1, _(LABELS[((const struct state *)context)->choices[i]]));
    columns_cut(text, width, ret_text);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    const char *key = state->row.key;
    int at = 4, width = canvas->cols - 2, rows = (int)state->list.count, choices = canvas->rows - rows - 1;
    char tail[WORK_TAIL_BYTES], left[COLUMNS_TEXT] = "", text[TEXT_MAX + 1];
    struct inbox_said said;
    inbox_say(ui, &state->row, &said);
    const struct banner banner = {STYLE_REJECT, "≠", inbox_title(state->row.told.reason), {"", ""}};
    ui_title(ui, canvas, state->row.no[0] ? state->row.no : _("To settle"));
    banner_draw(&banner, canvas, 1, 3, canvas->cols);
    if (key[0])
        snprintf(left, sizeof left, "…%s", work_tail(key, tail));
    canvas_both(canvas, at++, 1, width, STYLE_BOLD, said.product, left);
    at += canvas_wrap(canvas, at, 1, width, 3, STYLE_REJECT_TEXT, inbox_what(&said.words, text));
    if (!state->taking_out) {
        canvas_wrap(canvas, at, 1, width, 2, STYLE_PLAIN, inbox_who(&said.words, text));
        list_draw(&state->list, canvas, choices, rows, row, state, "");
        return;
    }
    at += canvas_wrap(canvas, at + 1, 1, width, 3, STYLE_BOLD, inbox_where(&said.words, text)) + 1;
    canvas_wrap(canvas, at + 1, 1, width, 2, STYLE_PLAIN, _("Scan it: then it is in your hand."));
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {KEY_F(4), N_("Out"), N_("it is out, and its code can't be scanned"), out, is_taking_out},
    {SCENE_ENTER, N_("Pick"), N_("do what is marked; a digit does the same"), choose, is_choosing},
    {SCENE_ESC, N_("Back"), N_("later: it stays in the list"), ui_leave, NULL},
    {0},
};

const struct scene scene_settle = {
    .name = "settle",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .enter = enter,
    .event = event,
    .draw = draw,
};
