/* A recall: how much of it has been found here, and who holds the rest. */
#include "app/text/text.h"
#include "app/ui/bar.h"
#include "app/ui/columns.h"
#include "app/ui/list.h"
#include "app/ui/scene.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOLDERS_MAX = 500, ABOUT_ROWS = 4, HEAD_ROWS = 4 };

struct holding {
    struct store_recall_row row;
    char name[NAME_MAX_BYTES + 1];
};

struct state {
    struct list list;
    size_t count;
    struct holding *rows;
    long units;
    struct catalog *catalog;
};

/* People know parties and sites by their names. */
static void name_holder(struct catalog *catalog, struct holding *holding)
{
    const struct holder *holder = &holding->row.holder;
    struct catalog_party party;
    char text[TEXT_MAX + 1], name[NAME_MAX_BYTES + 1];
    bool quarantine;
    snprintf(holding->name, sizeof holding->name, "%s", text_holder(holder, text));
    text_cut(holding->name, NAME_MAX_BYTES - 3);
    if (catalog && holder->kind == HOLDER_PARTY && catalog_party(catalog, holder->id, &party) == RC_OK &&
        party.name[0])
        memcpy(holding->name, party.name, sizeof holding->name);
    if (catalog && holder->kind == HOLDER_SITE && catalog_site(catalog, holder->id, name, &quarantine) == RC_OK &&
        name[0])
        memcpy(holding->name, name, sizeof holding->name);
}

static bool see(void *context, const struct store_recall_row *row)
{
    struct state *state = context;
    state->rows[state->count].row = *row;
    name_holder(state->catalog, &state->rows[state->count++]);
    state->units += row->units;
    return state->count < HOLDERS_MAX;
}

static void read_rows(struct ui *ui, struct state *state)
{
    state->count = 0;
    state->units = 0;
    if (!state->rows)
        state->rows = calloc(HOLDERS_MAX, sizeof state->rows[0]);
    if (store_catalog(engine_store(ui->engine), &state->catalog) != RC_OK)
        state->catalog = NULL;
    enum rc rc = state->rows ? store_recall_rows(engine_store(ui->engine),
                                                 document_field(ui->work.document, "notice"), see, state)
                             : RC_NOMEM;
    state->catalog = NULL; /* valid until the next call only */
    if (rc != RC_OK)
        ui_rc(ui, rc);
    list_reset(&state->list, state->count);
}

static void enter(struct ui *ui, void *state)
{
    read_rows(ui, state);
}

static void leave(struct ui *ui, void *state)
{
    (void)ui;
    free(((struct state *)state)->rows);
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    struct state *state = state_;
    bool chosen;
    if (event->kind == EVENT_KEY)
        list_key(&state->list, &ui->canvas, event->key, &chosen);
    else if (event->kind == EVENT_NEWS)
        read_rows(ui, state);
}

static void row(const void *context, size_t i, int width, char *ret_text)
{
    const struct holding *holding = &((const struct holding *)context)[i];
    char units[32];
    snprintf(units, sizeof units, "%ld", holding->row.units);
    columns_both(holding->name, units, width, ret_text);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    const struct work *work = &ui->work;
    char text[COLUMNS_TEXT], found[QTY_TEXT_MAX + 1], wanted[QTY_TEXT_MAX + 1];
    qty_t done = 0, all = 0;
    int width = canvas->cols - 2;
    for (size_t i = 0; i < work->document->line_count; i++) {
        done += work->document->lines[i].tallied + work->document->lines[i].elsewhere;
        all += work->document->lines[i].qty;
    }
    ui_title(ui, canvas, document_field(work->document, "notice"));
    snprintf(text, sizeof text, _("found %s of %s here"), qty_print(done, found), qty_print(all, wanted));
    canvas_text(canvas, 1, 1, width, STYLE_BOLD, text);
    canvas_text(canvas, 2, 1, width, STYLE_ACCEPT_TEXT, bar_print(done, all, width, text));
    snprintf(text, sizeof text, _("In the books: %ld"), state->units);
    canvas_text(canvas, 3, 1, width, STYLE_PLAIN, text);
    list_draw(&state->list, canvas, HEAD_ROWS, canvas->rows - HEAD_ROWS - ABOUT_ROWS, row, state->rows,
              _("No unit of it is known here."));
    if (!state->list.count)
        return;
    const struct store_recall_row *at = &state->rows[state->list.current].row;
    canvas_text(canvas, canvas->rows - 3, 1, width, STYLE_BOLD, state->rows[state->list.current].name);
    if (at->lot[0])
        snprintf(text, sizeof text, _("lot %s"), at->lot);
    canvas_both(canvas, canvas->rows - 2, 1, width, STYLE_PLAIN, work_product_name(work, at->product),
                at->lot[0] ? text : "");
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_recall = {
    .name = "recall",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .of_document = true,
    .enter = enter,
    .event = event,
    .draw = draw,
    .exit = leave,
};
