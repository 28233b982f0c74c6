/* Home: documents, something to begin, sync, settings, sign out. A scan opens the document of that number, or tells about the code. */
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/list.h"
#include "app/ui/scene.h"
#include <stdio.h>

struct entry {
    const char *label;
    const struct scene *scene; /* NULL: sign out */
    bool dealers;              /* a warehouse asks its ERP */
};

static const struct entry ROWS[] = {
    {N_("Documents"), &scene_documents, false}, {N_("Begin"), &scene_start, false},
    {N_("Stock on hand"), &scene_stock, true},  {N_("Sync"), &scene_sync, false},
    {N_("Settings"), &scene_settings, false},   {N_("Sign out"), NULL, false},
};

enum { ROWS_COUNT = sizeof ROWS / sizeof ROWS[0] };

struct state {
    struct list list;
    const struct entry *rows[ROWS_COUNT];
};

/* What is here is the business of who sells it. */
static bool is_dealer(const struct ui *ui)
{
    const struct catalog_operator *who = engine_operator(ui->engine);
    return engine_dealer(ui->engine)[0] && who && who->role != ROLE_AUDITOR;
}

static void read_rows(struct ui *ui, struct state *state)
{
    bool dealer = is_dealer(ui);
    size_t count = 0;
    for (size_t i = 0; i < ROWS_COUNT; i++)
        if (dealer || !ROWS[i].dealers)
            state->rows[count++] = &ROWS[i];
    list_reset(&state->list, count);
}

static void enter(struct ui *ui, void *state_)
{
    ui_counts(ui);
    work_drop(&ui->work);
    read_rows(ui, state_);
}

static void choose(struct ui *ui, void *state_)
{
    const struct state *state = state_;
    const struct scene *scene = state->rows[state->list.current]->scene;
    if (scene)
        ui_go(ui, scene);
    else
        ui_sign_out(ui);
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
    case EVENT_RESUME:
        work_drop(&ui->work);
        ui_counts(ui);
        break;
    case EVENT_NEWS: read_rows(ui, state); break;
    case EVENT_SECOND:
    case EVENT_JUDGED: break;
    }
}

struct drawn {
    const struct ui *ui;
    const struct state *state;
};

static void row(const void *context, size_t i, int width, char *ret_text)
{
    const struct drawn *drawn = context;
    const struct ui *ui = drawn->ui;
    const struct entry *entry = drawn->state->rows[i];
    char left[COLUMNS_TEXT], right[COLUMNS_TEXT] = "";
    snprintf(left, sizeof left, "%zu %s", i + 1, _(entry->label));
    if (entry->scene == &scene_documents && ui->counts.open_documents)
        snprintf(right, sizeof right, _("%lld in work"), (long long)ui->counts.open_documents);
    if (entry->scene == &scene_sync && ui_transfers(ui)) {
        const struct transfer transfer = ui_transfer(ui);
        transfer_short(&transfer, right);
    } else if (entry->scene == &scene_sync && ui->counts.waiting)
        snprintf(right, sizeof right, _("%lld waiting"), (long long)ui->counts.waiting);
    columns_both(left, right, width, ret_text);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    const char *site = engine_site(ui->engine);
    ui_title(ui, canvas, "Tallyman");
    int at = canvas->rows >= 14 ? 2 : 1, rows = (int)state->list.count;
    canvas_both(canvas, at, 1, canvas->cols - 2, STYLE_BOLD, _("What now?"), site ? site : "");
    char text[COLUMNS_TEXT] = "";
    if (ui->counts.inbox > 0)
        snprintf(text, sizeof text, _("≠ %lld to settle: F2"), (long long)ui->counts.inbox);
    else if (ui->settled_news > 0)
        snprintf(text, sizeof text, _("✓ %lld settled by others: F2"), (long long)ui->settled_news);
    canvas_text(canvas, at + 1, 1, canvas->cols - 2, ui->counts.inbox > 0 ? STYLE_REJECT_TEXT : STYLE_PLAIN, text);
    list_draw(&state->list, canvas, at + 2, rows, row, &(struct drawn){ui, state}, "");
    canvas_wrap(canvas, at + rows + 3, 1, canvas->cols - 2, 3, STYLE_DIM,
                _("Or scan: an order's number opens it, any other code is looked up."));
}

static bool has_inbox(const struct ui *ui, const void *state)
{
    (void)state;
    return ui->counts.inbox > 0 || ui->settled_news > 0;
}

static void inbox(struct ui *ui, void *state)
{
    (void)state;
    ui_go(ui, &scene_inbox);
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {KEY_F(2), N_("Fix"), N_("what the server did not accept (≠)"), inbox, has_inbox},
    {SCENE_ENTER, N_("Pick"), N_("open what is marked; a digit does the same"), choose, NULL},
    {0},
};

const struct scene scene_home = {
    .name = "home",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .enter = enter,
    .event = event,
    .draw = draw,
};
