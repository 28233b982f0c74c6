/* What can be begun here without a paper of the data centre: receipts, packing, counts, the site's own flows … */
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/list.h"
#include "app/ui/starting.h"
#include <stdio.h>
#include <string.h>

enum { FLOWS_MAX = 64 };

struct state {
    struct list list;
    struct {
        char name[FLOW_NAME_MAX + 1], label[FLOW_LABEL_MAX + 1];
    } row[FLOWS_MAX];
};

static bool see(void *context, const struct flow *flow)
{
    struct state *state = context;
    if (!engine_can_start(flow))
        return true;
    snprintf(state->row[state->list.count].name, sizeof state->row[0].name, "%s", flow->name);
    snprintf(state->row[state->list.count].label, sizeof state->row[0].label, "%s", text_flow_label(flow));
    return ++state->list.count < FLOWS_MAX;
}

static void read_flows(struct ui *ui, struct state *state)
{
    state->list.count = 0;
    enum rc rc = engine_flows(ui->engine, see, state);
    if (rc != RC_OK)
        ui_rc(ui, rc);
    list_reset(&state->list, state->list.count);
}

static void enter(struct ui *ui, void *state)
{
    read_flows(ui, state);
}

static void choose(struct ui *ui, void *state_)
{
    const struct state *state = state_;
    if (!state->list.count)
        return;
    const struct flow *flow = engine_flow(ui->engine, state->row[state->list.current].name);
    if (flow)
        starting_begin(ui, flow);
    else
        ui_rc(ui, RC_NOT_FOUND);
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    struct state *state = state_;
    bool chosen;
    switch (event->kind) {
    case EVENT_KEY:
        if (list_key(&state->list, &ui->canvas, event->key, &chosen) && chosen)
            choose(ui, state);
        break;
    case EVENT_SCAN: ui_lookup(ui, &event->code); break;
    case EVENT_NEWS: read_flows(ui, state); break;
    case EVENT_RESUME:
    case EVENT_SECOND:
    case EVENT_JUDGED: break;
    }
}

static void row(const void *context, size_t i, int width, char *ret_text)
{
    (void)width;
    const char *label = ((const struct state *)context)->row[i].label;
    if (i < 9)
        snprintf(ret_text, COLUMNS_TEXT, "%zu %s", i + 1, label);
    else
        snprintf(ret_text, COLUMNS_TEXT, "  %s", label);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    ui_title(ui, canvas, _("Begin"));
    list_draw(&state->list, canvas, 1, canvas->rows - 1, row, state, _("Nothing can be begun here by you."));
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ENTER, N_("Pick"), N_("begin what is marked; a digit does the same"), choose, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_start = {
    .name = "start",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .enter = enter,
    .event = event,
    .draw = draw,
};
