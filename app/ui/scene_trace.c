/* What this device knows of one code. */
#include "app/text/text.h"
#include "app/ui/banner.h"
#include "app/ui/scene.h"
#include <stdio.h>
#include <string.h>

struct state {
    struct code code;
    struct facts facts;
    char parent[CODE_KEY_MAX + 1];
    enum rc rc;
};

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    int64_t behind;
    state->code = ui->trace_code;
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

static void event(struct ui *ui, void *state, const struct event *event)
{
    (void)state;
    if (event->kind == EVENT_SCAN)
        ui_lookup(ui, &event->code);
}

struct cursor {
    struct canvas *canvas;
    int row;
};

static void tell(struct cursor *at, const char *label, const char *text)
{
    if (text[0] && at->row < at->canvas->rows)
        canvas_both(at->canvas, at->row++, 1, at->canvas->cols - 2, STYLE_PLAIN, label, text);
}

static void tell_known(const struct state *state, struct cursor *at)
{
    const struct facts *facts = &state->facts;
    char text[TEXT_MAX + 1], tail[WORK_TAIL_BYTES], day[DAY_TEXT_MAX + 1], qty[QTY_TEXT_MAX + 1];
    canvas_both(at->canvas, at->row++, 1, at->canvas->cols - 2, STYLE_BOLD, facts->product.name, facts->product.id);
    tell(at, _("Lot"), facts->lot.id);
    if (facts->lot.expires != DAY_NONE)
        tell(at, _("Use by"), day_print(facts->lot.expires, day));
    if (facts->code_known)
        tell(at, _("State"), text_code_state(facts->state));
    tell(at, _("Where"), text_holder(&facts->holder, text));
    if (state->parent[0]) {
        snprintf(text, sizeof text, "…%s", work_tail(state->parent, tail));
        tell(at, _("In"), text);
    }
    if (facts->contents_known)
        tell(at, _("Contents"), qty_print(facts->units_total, qty));
    tell(at, _("In order"), facts->other_no);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    struct cursor at = {canvas, 7};
    const struct facts *facts = &state->facts;
    bool known = state->rc == RC_OK && (facts->code_known || facts->product_known);
    ui_title(ui, canvas, _("What is this?"));
    struct banner banner = {STYLE_READY, "", _("Known here"), {"", ""}};
    if (state->code.problem != REASON_OK)
        banner = (struct banner){STYLE_WARN, "!", text_reason(state->code.problem), {"", ""}};
    else if (!known)
        banner = (struct banner){STYLE_WARN, "!", text_reason(REASON_UNKNOWN_CODE), {"", ""}};
    else if (facts->recall[0])
        banner = (struct banner){STYLE_REJECT, "✘", text_reason(REASON_RECALLED), {facts->recall_reason, ""}};
    banner_draw(&banner, canvas, 1, 3, canvas->cols);
    at.row = 5 + canvas_wrap(canvas, 5, 1, canvas->cols - 2, 2, STYLE_DIM,
                             state->code.key[0] ? work_shown(state->code.key) : _(state->code.why));
    if (known)
        tell_known(state, &at);
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
};
