/* Help for the screen below: its keys, from its own table, and what the shapes mean. */
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/keybar.h"
#include "app/ui/scene.h"
#include <stdio.h>

enum { KEY_WIDTH = 7 };

struct state {
    const struct scene *about;
    const void *below; /* its state */
};

static void enter(struct ui *ui, void *state)
{
    int at = ui->depth >= 2 ? ui->depth - 2 : 0;
    ((struct state *)state)->about = ui->stack[at].scene;
    ((struct state *)state)->below = ui->stack[at].state;
}

static void event(struct ui *ui, void *state, const struct event *event)
{
    (void)state;
    if (event->kind == EVENT_SCAN)
        ui_notice(ui, SEVERITY_WARN, "%s", _("Not taken here: go back and scan again."));
}

static int keys(const struct ui *ui, const struct state *state, struct canvas *canvas, int row)
{
    const struct scene *scene = state->about;
    const void *below = state->below;
    for (const struct action *action = scene->actions; action->key && row < canvas->rows; action++) {
        char key[8];
        bool hidden = !action->label && action->applies && !action->applies(ui, below); /* not of this document */
        if (!action->help || action->key == SCENE_ESC || hidden)
            continue;
        canvas_text(canvas, row, 1, KEY_WIDTH, STYLE_BOLD,
                    action->key == KEY_DOWN ? "↓"
                    : action->key == KEY_UP ? "↑"
                                            : keybar_key(action->key, key));
        int used = canvas_wrap(canvas, row, KEY_WIDTH, canvas->cols - KEY_WIDTH - 1, 2, STYLE_PLAIN, _(action->help));
        row += used ? used : 1;
    }
    return row;
}

static void shapes(struct canvas *canvas, int row)
{
    static const enum severity severities[] = {SEVERITY_ACCEPT, SEVERITY_WARN, SEVERITY_CONFIRM, SEVERITY_REJECT};
    if (row + (int)(sizeof severities / sizeof severities[0]) > canvas->rows)
        row--; /* the empty row before is what can be done without */
    for (size_t i = 0; i < sizeof severities / sizeof severities[0]; i++) {
        canvas_text(canvas, row + (int)i, 1, 2, theme_text(severities[i]), theme_shape(severities[i]));
        canvas_text(canvas, row + (int)i, KEY_WIDTH, canvas->cols - KEY_WIDTH - 1, STYLE_PLAIN,
                    text_severity(severities[i]));
    }
}

static const char *escape(const struct scene *scene)
{
    for (const struct action *action = scene->actions; action->key; action++)
        if (action->key == SCENE_ESC && action->help)
            return _(action->help);
    return _("one screen back");
}

static void draw(const struct ui *ui, const void *state, struct canvas *canvas)
{
    const struct scene *about = ((const struct state *)state)->about;
    ui_title(ui, canvas, _("Help"));
    int row = keys(ui, state, canvas, 2);
    canvas_text(canvas, row, 1, KEY_WIDTH, STYLE_BOLD, "Esc");
    canvas_text(canvas, row, KEY_WIDTH, canvas->cols - KEY_WIDTH - 1, STYLE_PLAIN, escape(about));
    if (about->of_document)
        shapes(canvas, row + 2);
}

static const struct action ACTIONS[] = {
    {SCENE_ENTER, N_("Back"), NULL, ui_leave, NULL},
    {SCENE_ESC, NULL, NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_help = {
    .name = "help",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .of_document = true,
    .enter = enter,
    .event = event,
    .draw = draw,
};
