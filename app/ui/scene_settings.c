/* Settings: each row is a value that Enter changes to the next one. Saved at once. */
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/list.h"
#include "app/ui/scene.h"
#include "app/ui/settings.h"
#include <stdio.h>

struct state {
    struct list list;
};

/* The last row, where there is practice: its own data, and the screens begin anew over them. */
static size_t practice_row(const struct ui *ui)
{
    const struct catalog_operator *who = engine_operator(ui->engine);
    return settings_count(ui->options->config, who && who->role == ROLE_AUDITOR);
}

static void count_rows(const struct ui *ui, struct list *list)
{
    list_reset(list, practice_row(ui) + (ui->options->practice_next != NULL));
}

static void turn_practice(struct ui *ui)
{
    enum rc rc = engine_sign_out(ui->engine);
    ui->practice_next = rc == RC_OK;
    ui->done = rc == RC_OK;
    if (rc != RC_OK)
        ui_rc(ui, rc);
}

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    count_rows(ui, &state->list);
}

static void change(struct ui *ui, void *state_)
{
    struct state *state = state_;
    if (state->list.current == practice_row(ui)) {
        turn_practice(ui);
        return;
    }
    bool scanner = settings_next(ui->options->config, state->list.current);
    text_init(ui->options->config->lang);
    enum rc rc = config_save(ui->options->config);
    if (scanner) {
        enum rc started = ui_restart_reader(ui);
        rc = rc != RC_OK || started == RC_NOT_FOUND ? rc : started;
    }
    if (rc == RC_OK)
        ui_notice(ui, SEVERITY_ACCEPT, "%s", _("Saved."));
    else
        ui_rc(ui, rc);
    count_rows(ui, &state->list);
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    struct state *state = state_;
    bool chosen;
    if (event->kind == EVENT_KEY && list_key(&state->list, &ui->canvas, event->key, &chosen) && chosen)
        change(ui, state);
    else if (event->kind == EVENT_SCAN) /* the scanner works: that is what one wants to know here */
        ui_notice(ui, SEVERITY_ACCEPT, _("Scanned: %s"), event->code.key);
}

static void row(const void *context, size_t i, int width, char *ret_text)
{
    char value[COLUMNS_TEXT], left[COLUMNS_TEXT], right[COLUMNS_TEXT];
    const struct ui *ui = context;
    if (i == practice_row(ui)) {
        snprintf(left, sizeof left, "%zu %s", i + 1, _("Practice"));
        columns_both(left, engine_is_practice(ui->engine) ? _("on") : _("off"), width, ret_text);
        return;
    }
    snprintf(left, sizeof left, "%zu %s", i + 1, settings_label(ui->options->config, i));
    snprintf(right, sizeof right, "%s", settings_value(ui->options->config, i, value));
    columns_both(left, right, width, ret_text);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    ui_title(ui, canvas, _("Settings"));
    int rows = (int)state->list.count;
    list_draw(&state->list, canvas, 2, rows, row, ui, "");
    canvas_wrap(canvas, rows + 3, 1, canvas->cols - 2, 3, STYLE_DIM,
                _("Enter changes the marked value. A scan here is only shown."));
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ENTER, N_("Change"), N_("the next value; a digit does the same"), change, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_settings = {
    .name = "settings",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .enter = enter,
    .event = event,
    .draw = draw,
};
