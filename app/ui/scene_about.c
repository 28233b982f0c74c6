/* All that an audit is told of one piece: the one scanned last, or one that was searched for. */
#include "app/text/text.h"
#include "app/ui/audit_lines.h"
#include "app/ui/banner.h"
#include "app/ui/columns.h"
#include "app/ui/scene.h"
#include <stdio.h>

enum { BANNER_ROWS = 3 };

struct state {
    struct outcome told;
    struct audit_lines lines;
    int first;
};

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    state->told = ui->about;
    state->told.document = NULL;
    const struct text_scan scan = work_text(&ui->work, &state->told);
    audit_lines_make(&scan, state->told.verdict.severity != SEVERITY_ACCEPT, &state->lines);
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    struct state *state = state_;
    (void)ui;
    if (event->kind != EVENT_KEY)
        return;
    if (event->key == KEY_DOWN && state->first + 1 < state->lines.count)
        state->first++;
    else if (event->key == KEY_UP && state->first > 0)
        state->first--;
}

/* What it is: product, code, lot, expiry. Returns the row after it. */
static int goods(const struct outcome *told, struct canvas *canvas, int row)
{
    const struct facts *facts = &told->facts;
    char lot[COLUMNS_TEXT] = "", day[DAY_TEXT_MAX + 1], use_by[COLUMNS_TEXT] = "";
    int width = canvas->cols - 2;
    const char *key = facts->key[0] ? facts->key : told->code.key;
    if (facts->product_known)
        canvas_both(canvas, row++, 1, width, STYLE_BOLD, facts->product.name, facts->product.id);
    if (key[0])
        row += canvas_wrap(canvas, row, 1, width, 2, STYLE_DIM, work_shown(key));
    if (facts->lot.id[0])
        snprintf(lot, sizeof lot, _("lot %s"), facts->lot.id);
    if (facts->lot.expires != DAY_NONE)
        snprintf(use_by, sizeof use_by, _("use by %s"), day_print(facts->lot.expires, day));
    if (lot[0] || use_by[0])
        canvas_both(canvas, row++, 1, width, STYLE_PLAIN, lot, use_by);
    return row;
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    const struct verdict *verdict = &state->told.verdict;
    const struct text_scan scan = work_text(&ui->work, &state->told);
    enum severity shown = work_severity(&ui->work, verdict->severity, verdict->reason);
    const struct banner banner = {theme_banner(shown), theme_shape(shown), text_banner(&scan), {"", ""}};
    ui_title(ui, canvas, ui->work.document ? ui->work.document->no : "");
    banner_draw(&banner, canvas, 1, BANNER_ROWS, canvas->cols);
    int row = goods(&state->told, canvas, 1 + BANNER_ROWS);
    audit_lines_draw(&state->lines, state->first, canvas, row, canvas->rows - row, canvas->cols - 2, _("… ↓ more"));
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_about = {
    .name = "about",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .of_document = true,
    .enter = enter,
    .event = event,
    .draw = draw,
};
