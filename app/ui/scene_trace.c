/* What this device knows of one code, at once; below, where it has been, once the server has told. */
#include "app/text/text.h"
#include "app/ui/banner.h"
#include "app/ui/chain.h"
#include "app/ui/news.h"
#include "app/ui/scene.h"
#include <stdio.h>
#include <string.h>

enum { HEAD_ROWS = 5 };

struct state {
    struct code code;
    struct facts facts;
    char parent[CODE_KEY_MAX + 1];
    enum rc rc;
    char asked[CODE_KEY_MAX + 1]; /* what the server was asked for; "" nothing */
    bool asking;
    struct chain chain;
    int first; /* line at the top */
};

static void read_facts(struct ui *ui, struct state *state)
{
    int64_t behind;
    const char *site = engine_site(ui->engine);
    const struct facts_request request = {
        .doc = "",
        .site = site ? site : "",
        .today = (day_t)(engine_now_ms(ui->engine, &behind) / 86400000),
        .code = &state->code,
    };
    state->rc = state->code.problem == REASON_OK ? store_facts(engine_store(ui->engine), &request, &state->facts)
                                                 : RC_BAD_INPUT;
    struct catalog *catalog;
    struct codebook_entry entry;
    if (state->rc == RC_OK && store_catalog(engine_store(ui->engine), &catalog) == RC_OK &&
        codebook_find(catalog_codebook(catalog), state->facts.key, &entry) == RC_OK)
        snprintf(state->parent, sizeof state->parent, "%s", entry.parent);
}

static bool is_known(const struct state *state)
{
    return state->rc == RC_OK && (state->facts.code_known || state->facts.product_known);
}

/* The sync thread asks; this one goes on. */
static void ask(struct ui *ui, struct state *state)
{
    state->asking = ui->sync && !ui->cut_off;
    if (!state->asking)
        return;
    snprintf(state->asked, sizeof state->asked, "%s", state->facts.key[0] ? state->facts.key : state->code.key);
    sync_worker_trace(ui->sync, state->asked, news_told, ui->news);
}

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    state->code = ui->trace_code;
    read_facts(ui, state);
    if (is_known(state))
        chain_device(&state->chain, &state->facts, state->code.key, state->parent);
    if (state->code.problem == REASON_OK && state->code.key[0])
        ask(ui, state);
}

static void leave(struct ui *ui, void *state)
{
    (void)ui;
    chain_free(&((struct state *)state)->chain);
}

static void say_no(struct state *state, enum rc rc)
{
    const char *sentence = rc == RC_NOT_FOUND ? _("The server knows nothing of it.")
                           : rc == RC_REFUSED ? _("The server says: it is another's.")
                                              : text_rc(rc);
    chain_say(&state->chain, rc == RC_REFUSED ? STYLE_WARN_TEXT : STYLE_DIM, sentence);
}

static void take_told(struct ui *ui, struct state *state)
{
    enum rc rc;
    struct sync_trace trace;
    if (!state->asking || !news_take_told(ui->news, state->asked, &rc, &trace))
        return;
    state->asking = false;
    if (rc == RC_OK)
        chain_server(&state->chain, &trace, ui->options->clock);
    else
        say_no(state, rc);
    sync_trace_free(&trace);
}

/* The answer went to what was looked up above it. */
static void resumed(struct ui *ui, struct state *state)
{
    take_told(ui, state);
    if (state->asking)
        ask(ui, state);
}

static void move_by(struct state *state, int key)
{
    if (key == KEY_DOWN)
        state->first += state->first + 1 < state->chain.count;
    else if (key == KEY_UP)
        state->first -= state->first > 0;
}

static void event(struct ui *ui, void *state, const struct event *event)
{
    switch (event->kind) {
    case EVENT_KEY: move_by(state, event->key); break;
    case EVENT_SCAN: ui_lookup(ui, &event->code); break;
    case EVENT_NEWS: take_told(ui, state); break;
    case EVENT_RESUME: resumed(ui, state); break;
    case EVENT_SECOND:
    case EVENT_JUDGED: break;
    }
}

static struct banner banner_of(const struct state *state)
{
    if (state->code.problem != REASON_OK)
        return (struct banner){STYLE_WARN, "!", text_reason(state->code.problem), {"", ""}};
    if (!is_known(state))
        return (struct banner){STYLE_WARN, "!", text_reason(REASON_UNKNOWN_CODE), {"", ""}};
    if (state->facts.recall[0])
        return (struct banner){STYLE_REJECT, "✘", text_reason(REASON_RECALLED), {state->facts.recall_reason, ""}};
    if (!state->facts.code_known && (state->code.kind == CODE_ITEM || state->code.kind == CODE_UNIT))
        return (struct banner){STYLE_WARN, "!", _("Not known here"), {_("Only its product is known"), ""}};
    return (struct banner){STYLE_READY, "", _("Known here"), {"", ""}};
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    const struct banner banner = banner_of(state);
    ui_title(ui, canvas, _("What is this?"));
    banner_draw(&banner, canvas, 1, 3, canvas->cols);
    int row = HEAD_ROWS + canvas_wrap(canvas, HEAD_ROWS, 1, canvas->cols - 2, 2, STYLE_DIM,
                                      state->code.key[0] ? work_shown(state->code.key) : _(state->code.why));
    int end = chain_draw(&state->chain, state->first, canvas, row, &row);
    if (state->asking && row < canvas->rows)
        canvas_text(canvas, row, 1, canvas->cols - 2, STYLE_DIM, _("Asking the server …"));
    if (end < state->chain.count)
        canvas_text(canvas, canvas->rows - 1, canvas->cols - 1, 1, STYLE_BOLD, "↓");
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_trace = {
    .name = "trace",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .enter = enter,
    .event = event,
    .draw = draw,
    .exit = leave,
};
