/* Stock on hand by product and lot, and what is on its way here. What is typed narrows the list; a scan does so to its goods. */
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/list.h"
#include "app/ui/scene.h"
#include "app/ui/stock_list.h"
#include <stdio.h>
#include <string.h>

enum { ABOUT_ROWS = 4, LIST_ROW = 2 };

struct state {
    struct list list;
    struct stock_list stock;
};

static void reread(struct ui *ui, struct state *state)
{
    enum rc rc = stock_list_read(&state->stock, ui->engine);
    if (rc != RC_OK)
        ui_rc(ui, rc);
    else if (state->stock.more)
        ui_notice(ui, SEVERITY_WARN, _("Only the first %d rows are shown."), STOCK_ROWS_MAX);
    list_reset(&state->list, state->stock.shown_count);
}

static void enter(struct ui *ui, void *state)
{
    reread(ui, state);
}

static void leave(struct ui *ui, void *state)
{
    (void)ui;
    stock_list_free(&((struct state *)state)->stock);
}

static void seek(struct state *state, const char *product, const char *sought)
{
    stock_list_seek(&state->stock, product, sought);
    list_reset(&state->list, state->stock.shown_count);
}

/* Goods of a product that is in stock; any other code is looked up. */
static void scanned(struct ui *ui, struct state *state, const struct code *code)
{
    struct facts facts;
    const struct facts_request request = {.doc = "", .site = engine_site(ui->engine), .code = code};
    if (code->problem == REASON_OK && store_facts(engine_store(ui->engine), &request, &facts) == RC_OK &&
        facts.product_known)
        seek(state, facts.product.id, "");
    else
        ui_lookup(ui, code);
}

static bool typed(struct state *state, int key)
{
    char sought[STOCK_SOUGHT_MAX + 1];
    size_t len = strlen(state->stock.sought);
    memcpy(sought, state->stock.sought, len + 1);
    if (key == KEY_BACKSPACE && len > 0)
        sought[len - 1] = '\0';
    else if (key > ' ' && key < 0x7F && len < STOCK_SOUGHT_MAX)
        snprintf(sought + len, 2, "%c", key);
    else
        return false;
    seek(state, state->stock.product, sought);
    return true;
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    struct state *state = state_;
    bool chosen;
    switch (event->kind) {
    case EVENT_KEY:
        if (!typed(state, event->key))
            list_key(&state->list, &ui->canvas, event->key, &chosen);
        break;
    case EVENT_SCAN: scanned(ui, state, &event->code); break;
    case EVENT_NEWS:
    case EVENT_RESUME: reread(ui, state); break;
    case EVENT_SECOND:
    case EVENT_JUDGED: break;
    }
}

static bool is_narrow(const struct ui *ui, const void *state)
{
    const struct stock_list *stock = &((const struct state *)state)->stock;
    (void)ui;
    return stock->product[0] || stock->sought[0];
}

static void show_all(struct ui *ui, void *state)
{
    (void)ui;
    seek(state, "", "");
}

static void about(const struct stock_list *stock, const struct stock_row *row, struct canvas *canvas, int at)
{
    const struct product *product = stock_list_product(stock, row);
    char text[COLUMNS_TEXT], lot[COLUMNS_TEXT] = "", day[DAY_TEXT_MAX + 1], qty[QTY_TEXT_MAX + 1];
    int width = canvas->cols - 2;
    canvas_both(canvas, at, 1, width, STYLE_BOLD, product->name, product->id);
    if (row->lot[0])
        snprintf(lot, sizeof lot, _("lot %s"), row->lot);
    snprintf(text, sizeof text, "%s %s", qty_print(row->qty, qty), product->unit);
    canvas_both(canvas, at + 1, 1, width, STYLE_PLAIN, text, lot);
    text[0] = lot[0] = '\0';
    if (row->coming > 0)
        snprintf(text, sizeof text, _("coming: %s"), qty_print(row->coming, qty));
    if (row->expires != DAY_NONE)
        snprintf(lot, sizeof lot, _("use by %s"), day_print(row->expires, day));
    canvas_both(canvas, at + 2, 1, width, STYLE_DIM, text, lot);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    const struct stock_list *stock = &state->stock;
    char text[COLUMNS_TEXT];
    ui_title(ui, canvas, _("Stock on hand"));
    snprintf(text, sizeof text, "> %s%s%s_", stock->product, stock->product[0] ? " " : "", stock->sought);
    canvas_text(canvas, 1, 1, canvas->cols - 2, is_narrow(ui, state) ? STYLE_BOLD : STYLE_DIM,
                is_narrow(ui, state) ? text : _("Type or scan to look for it"));
    list_draw(&state->list, canvas, LIST_ROW, canvas->rows - LIST_ROW - ABOUT_ROWS, stock_list_write, stock,
              _("Nothing of it is here."));
    const struct stock_row *row = stock_list_at(stock, state->list.current);
    if (row)
        about(stock, row, canvas, canvas->rows - ABOUT_ROWS + 1);
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {KEY_F(2), N_("All"), N_("all of it again, not only what was looked for"), show_all, is_narrow},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_stock = {
    .name = "stock",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .enter = enter,
    .event = event,
    .draw = draw,
    .exit = leave,
};
