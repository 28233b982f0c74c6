/* Nobody has touched it for a while: locked above the work, which waits as it is. Only the one who works here comes back
 * to it; somebody else signs in anew. */
#include "app/text/text.h"
#include "app/ui/pinpad.h"
#include <string.h>

struct state {
    struct pinpad pad;
};

static void enter(struct ui *ui, void *state)
{
    const struct catalog_operator *who = engine_operator(ui->engine);
    pinpad_begin(&((struct state *)state)->pad, ui, who ? who->id : "");
}

static void try_pin(struct ui *ui, void *state)
{
    if (pinpad_try(&((struct state *)state)->pad, ui, true))
        ui_back(ui);
}

static void another(struct ui *ui, void *state)
{
    (void)state;
    ui_sign_out(ui);
}

static void event(struct ui *ui, void *state, const struct event *event)
{
    pinpad_event(&((struct state *)state)->pad, ui, event);
    if (event->kind == EVENT_SCAN) /* whoever holds the scanner has to hear it */
        ui_notice(ui, SEVERITY_REJECT, "%s", _("Locked: this scan does not count."));
}

static void draw(const struct ui *ui, const void *state, struct canvas *canvas)
{
    ui_title(ui, canvas, _("Locked"));
    pinpad_draw(&((const struct state *)state)->pad, canvas,
                _("Your work is as you left it. No scan counts until you are back."));
}

static void wipe(struct ui *ui, void *state)
{
    (void)ui;
    explicit_bzero(state, sizeof(struct state));
}

static const struct action ACTIONS[] = {
    {SCENE_ENTER, N_("OK"), N_("check the PIN"), try_pin, NULL},
    {KEY_F(4), N_("Other"), N_("somebody else signs in"), another, NULL},
    {0},
};

const struct scene scene_lock = {
    .name = "lock",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .form = true,
    .enter = enter,
    .event = event,
    .draw = draw,
    .exit = wipe,
};
