/* Who works? Also: which supervisor allows it? */
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/list.h"
#include "app/ui/operators.h"
#include <stdio.h>
#include <string.h>

enum { ALL_ROLES = ROLE_CLERK | ROLE_DEALER | ROLE_AUDITOR | ROLE_SUPERVISOR };

struct state {
    enum approval approval;
    struct operators operators;
    struct list list;
};

static void read_operators(struct ui *ui, struct state *state)
{
    operators_read(&state->operators, ui, state->approval == APPROVE_SIGN_IN ? ALL_ROLES : ROLE_SUPERVISOR);
    list_reset(&state->list, state->operators.count);
}

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    state->approval = engine_operator(ui->engine) ? ui->approval : APPROVE_SIGN_IN;
    read_operators(ui, state);
}

static void choose(struct ui *ui, void *state_)
{
    struct state *state = state_;
    if (!state->list.count)
        return;
    snprintf(ui->who, sizeof ui->who, "%s", state->operators.row[state->list.current].id);
    ui->approval = state->approval;
    ui_go(ui, &scene_pin);
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
    case EVENT_SCAN:
        if (state->approval != APPROVE_SIGN_IN || !ui_join(ui, event->scan))
            ui_notice(ui, SEVERITY_WARN, "%s",
                      state->approval == APPROVE_SIGN_IN ? _("Sign in first, then scan.")
                                                         : _("Not taken here: go back and scan again."));
        break;
    case EVENT_NEWS:
    case EVENT_RESUME: read_operators(ui, state); break;
    case EVENT_SECOND:
    case EVENT_JUDGED: break;
    }
}

static void row(const void *context, size_t i, int width, char *ret_text)
{
    const struct operators *all = context;
    char left[COLUMNS_TEXT];
    snprintf(left, sizeof left, "%zu %s", i + 1, all->row[i].name[0] ? all->row[i].name : all->row[i].id);
    columns_both(left, text_role(all->row[i].role), width, ret_text);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    bool sign_in = state->approval == APPROVE_SIGN_IN;
    ui_title(ui, canvas, sign_in ? "Tallyman" : _("Supervisor"));
    int at = canvas->rows >= 14 ? 2 : 1;
    const char *site = engine_site(ui->engine);
    canvas_both(canvas, at, 1, canvas->cols - 2, STYLE_BOLD, sign_in ? _("Who works?") : _("Who allows it?"),
                site ? site : "");
    list_draw(&state->list, canvas, at + 2, canvas->rows - at - 2, row, &state->operators,
              _("Nobody can sign in yet: scan the code that the server shows for this device, or import the feed."));
}

static bool is_sign_in(const struct ui *ui, const void *state)
{
    (void)ui;
    return ((const struct state *)state)->approval == APPROVE_SIGN_IN;
}

static void sync(struct ui *ui, void *state)
{
    (void)state;
    ui_go(ui, &scene_sync);
}

static void back(struct ui *ui, void *state)
{
    if (!is_sign_in(ui, state))
        ui_back(ui);
}

static void leave(struct ui *ui, void *state)
{
    (void)state;
    ui->done = true;
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ENTER, N_("Pick"), N_("choose who works; a digit does the same"), choose, NULL},
    {KEY_F(3), N_("Sync"), N_("server and catalog"), sync, is_sign_in},
    {KEY_F(4), N_("Exit"), N_("leave the program"), leave, is_sign_in},
    {SCENE_ESC, NULL, NULL, back, NULL},
    {0},
};

const struct scene scene_signin = {
    .name = "signin",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .enter = enter,
    .event = event,
    .draw = draw,
};
