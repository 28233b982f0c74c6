/* A server's one-time string was scanned: does this device join it? */
#include "app/text/text.h"
#include "app/ui/banner.h"
#include "app/ui/columns.h"
#include "app/ui/scene.h"
#include <stdio.h>
#include <string.h>

struct state {
    char url[SYNC_URL_MAX + 1];
    enum { ASKED, TOLD_TO, DONE } step;
    enum rc rc; /* of reading the string, then of joining */
    bool empty; /* it had no number, and no record */
    char detail[UI_DETAIL_MAX + 1];
};

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    state->rc = sync_enrol_url(ui->joining, state->url);
    state->step = state->rc == RC_OK ? ASKED : DONE;
}

static void event(struct ui *ui, void *state, const struct event *event)
{
    (void)state;
    if (event->kind == EVENT_SCAN)
        ui_notice(ui, SEVERITY_WARN, "%s", _("Not taken here: go back and scan again."));
}

/* What was asked for stands on the screen before it is done: a silent server takes seconds. */
static void join(struct ui *ui, void *state_)
{
    struct state *state = state_;
    state->step = TOLD_TO;
    state->empty = !ui->counts.device && !ui->counts.last_seq;
    ui_paint(ui);
    state->rc = ui_enrol(ui, state->detail);
    state->step = DONE;
    ui_counts(ui);
    ui_give(ui, state->rc == RC_OK ? FEEDBACK_OK : FEEDBACK_REJECT);
}

static struct banner banner_of(const struct state *state)
{
    switch (state->step) {
    case ASKED: return (struct banner){STYLE_CONFIRM, "?", _("Join this server?"), {"", ""}};
    case TOLD_TO: return (struct banner){STYLE_READY, "", _("Joining"), {"", ""}};
    case DONE: break;
    }
    return state->rc == RC_OK ? (struct banner){STYLE_ACCEPT, "✔", _("Joined"), {_("now it fetches"), ""}}
                              : (struct banner){STYLE_REJECT, "✘", _("Not joined"), {"", ""}};
}

static const char *sentence(const struct state *state)
{
    switch (state->step) {
    case ASKED: return _("This device sends its records there, and gets its orders from there.");
    case TOLD_TO: return "";
    case DONE: break;
    }
    if (state->rc == RC_OK)
        return state->empty ? _("In use before? It begins anew: tell the office its old number.") : "";
    if (state->rc == RC_NEWER)
        return _("This server is newer than this device: update the device first.");
    return state->rc == RC_BAD_INPUT ? _("This is no code of a Tallyman server.") : text_rc(state->rc);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    const struct banner banner = banner_of(state);
    char number[COLUMNS_TEXT];
    int width = canvas->cols - 2, row = 5;
    ui_title(ui, canvas, _("Server"));
    banner_draw(&banner, canvas, 1, 3, canvas->cols);
    row += canvas_wrap(canvas, row, 1, width, 3, STYLE_BOLD, state->url) + 1;
    if (state->step == DONE && state->rc == RC_OK) {
        snprintf(number, sizeof number, "%lld", (long long)ui->counts.device);
        canvas_both(canvas, row++, 1, width, STYLE_PLAIN, _("This device"), number);
    }
    row +=
        canvas_wrap(canvas, row, 1, width, 4, state->rc == RC_OK ? STYLE_PLAIN : STYLE_NOTICE, sentence(state)) + 1;
    canvas_wrap(canvas, row, 1, width, 3, STYLE_DIM, state->detail);
}

static bool is_asked(const struct ui *ui, const void *state)
{
    (void)ui;
    return ((const struct state *)state)->step == ASKED;
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {KEY_F(3), N_("Join"), N_("send records there, and get orders"), join, is_asked},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_enrol = {
    .name = "enrol",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .enter = enter,
    .event = event,
    .draw = draw,
};
