/* One of many to choose: a product, a party, a lot, a completed document. Left and right turn the page; scanning it does
 * the same as choosing it. */
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/list.h"
#include "app/ui/pick.h"
#include "app/ui/scene.h"
#include <stdio.h>
#include <string.h>

enum { ABOUT_ROWS = 3 };

struct state {
    struct list list;
    struct picks picks;
    char field[FLOW_NAME_MAX + 1];
};

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    memcpy(state->field, ui->pick_field, sizeof state->field);
    ui->picked[0] = '\0';
    enum rc rc = pick_read(&state->picks, ui->engine, state->field, ui->pick_of);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        ui_rc(ui, rc);
    list_reset(&state->list, state->picks.count);
    if (!state->picks.count) {
        ui_notice(ui, SEVERITY_WARN, "%s", _("Nothing to choose from is known here."));
        ui_back(ui);
    }
}

static void leave(struct ui *ui, void *state)
{
    (void)ui;
    pick_free(&((struct state *)state)->picks);
}

static void choose(struct ui *ui, void *state_)
{
    const struct state *state = state_;
    if (!state->list.count)
        return;
    snprintf(ui->picked, sizeof ui->picked, "%s", state->picks.row[state->list.current].value);
    ui_back(ui);
}

/* The label says which is meant: its text, or the product of its number. */
static void scanned(struct ui *ui, struct state *state, const struct code *code)
{
    struct catalog *catalog;
    struct product product = {.id = ""};
    int level;
    if (code->gtin[0] && store_catalog(engine_store(ui->engine), &catalog) == RC_OK)
        catalog_product_by_gtin(catalog, code->gtin, &product, &level);
    const char *said = product.id[0] ? product.id : work_shown(code->plain[0] ? code->plain : code->key);
    for (size_t i = 0; i < state->picks.count; i++)
        if (strcmp(state->picks.row[i].value, said) == 0) {
            state->list.current = i;
            choose(ui, state);
            return;
        }
    ui_notice(ui, SEVERITY_WARN, "%s", _("That is not in this list."));
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    struct state *state = state_;
    bool chosen;
    int key = event->key == KEY_RIGHT ? KEY_NPAGE : event->key == KEY_LEFT ? KEY_PPAGE : event->key;
    if (event->kind == EVENT_KEY && list_key(&state->list, &ui->canvas, key, &chosen) && chosen)
        choose(ui, state);
    else if (event->kind == EVENT_SCAN)
        scanned(ui, state, &event->code);
}

static void row(const void *context, size_t i, int width, char *ret_text)
{
    const struct pick *pick = &((const struct picks *)context)->row[i];
    columns_both(pick->name[0] ? pick->name : pick->value, pick->name[0] ? pick->value : "", width, ret_text);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    ui_title(ui, canvas, text_field(state->field));
    list_draw(&state->list, canvas, 1, canvas->rows - 1 - ABOUT_ROWS, row, &state->picks, "");
    if (!state->list.count)
        return;
    const struct pick *pick = &state->picks.row[state->list.current];
    canvas_wrap(canvas, canvas->rows - 2, 1, canvas->cols - 2, 1, STYLE_BOLD, pick->name);
    canvas_text(canvas, canvas->rows - 1, 1, canvas->cols - 2, STYLE_DIM, pick->value);
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ENTER, N_("Pick"), N_("take what is marked; scanning it does the same"), choose, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_pick = {
    .name = "pick",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .enter = enter,
    .event = event,
    .draw = draw,
    .exit = leave,
};
