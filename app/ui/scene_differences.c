/* What was counted against what the books say, row by row: count those again, or take the count as it is. */
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/complete.h"
#include "app/ui/list.h"
#include <stdio.h>
#include <stdlib.h>

enum { DIFFERENCES_MAX = 500, ABOUT_ROWS = 4, PACKS_BYTES = 64 };

struct state {
    struct list list;
    size_t count;
    struct difference *rows;
    struct product *products;
    struct catalog *catalog;
};

static bool see(void *context, const struct difference *difference)
{
    struct state *state = context;
    struct product *product = &state->products[state->count];
    if (!state->catalog || catalog_product(state->catalog, difference->product, product) != RC_OK) {
        *product = (struct product){.decimals = 0};
        snprintf(product->name, sizeof product->name, "%s",
                 difference->product[0] ? difference->product : _("(unknown goods)"));
    }
    state->rows[state->count++] = *difference;
    return state->count < DIFFERENCES_MAX;
}

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    state->rows = calloc(DIFFERENCES_MAX, sizeof state->rows[0]);
    state->products = calloc(DIFFERENCES_MAX, sizeof state->products[0]);
    enum rc rc = state->rows && state->products ? RC_OK : RC_NOMEM;
    if (rc == RC_OK && store_catalog(engine_store(ui->engine), &state->catalog) != RC_OK)
        state->catalog = NULL;
    if (rc == RC_OK)
        rc = engine_differences(ui->engine, ui->work.doc, see, state);
    state->catalog = NULL; /* valid until the next call only */
    if (rc != RC_OK)
        ui_rc(ui, rc);
    list_reset(&state->list, state->count);
}

static void leave(struct ui *ui, void *state_)
{
    struct state *state = state_;
    (void)ui;
    free(state->rows);
    free(state->products);
}

static void accept(struct ui *ui, void *state)
{
    (void)state;
    ui->pops = 1;
    complete_recounted(ui);
}

static void event(struct ui *ui, void *state, const struct event *event)
{
    bool chosen;
    if (event->kind == EVENT_KEY)
        list_key(&((struct state *)state)->list, &ui->canvas, event->key, &chosen);
}

static void row(const void *context, size_t i, int width, char *ret_text)
{
    const struct state *state = context;
    const struct difference *difference = &state->rows[i];
    char left[COLUMNS_TEXT], right[COLUMNS_TEXT], expected[PACKS_BYTES], counted[PACKS_BYTES];
    snprintf(left, sizeof left, "%s %s", difference->counted > difference->expected ? "+" : "−",
             state->products[i].name);
    snprintf(right, sizeof right, "%s→%s", text_packs(difference->expected, &state->products[i], expected),
             text_packs_of(difference->counted, difference->expected, &state->products[i], counted));
    columns_both(left, right, width, ret_text);
}

static void about(const struct state *state, struct canvas *canvas, int at)
{
    const struct difference *difference = &state->rows[state->list.current];
    char text[COLUMNS_TEXT], lot[COLUMNS_TEXT] = "", books[QTY_TEXT_MAX + 1], counted[QTY_TEXT_MAX + 1];
    if (difference->lot[0])
        snprintf(lot, sizeof lot, _("lot %s"), difference->lot);
    canvas_both(canvas, at, 1, canvas->cols - 2, STYLE_BOLD, state->products[state->list.current].name, lot);
    snprintf(text, sizeof text, _("books %s, counted %s"), qty_print(difference->expected, books),
             qty_print(difference->counted, counted));
    canvas_wrap(canvas, at + 1, 1, canvas->cols - 2, 2, STYLE_PLAIN, text);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    char title[NOTICE_MAX];
    snprintf(title, sizeof title, _("Differences: %zu"), state->count);
    ui_title(ui, canvas, title);
    int used = canvas_wrap(canvas, 1, 1, canvas->cols - 2, 2, STYLE_BOLD, _("Count these again, or take the count."));
    list_draw(&state->list, canvas, 1 + used, canvas->rows - 1 - used - ABOUT_ROWS, row, state, _("None left."));
    if (state->list.count)
        about(state, canvas, canvas->rows - ABOUT_ROWS + 1);
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {KEY_F(2), N_("Again"), N_("back to counting: scan what is missing, undo what is not there"), ui_leave, NULL},
    {KEY_F(4), N_("Take"), N_("the count holds; the differences go to the office"), accept, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_differences = {
    .name = "differences",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .of_document = true,
    .form = true,
    .enter = enter,
    .event = event,
    .draw = draw,
    .exit = leave,
};
