/* One document: for whom, how far, line by line. Scanning starts here. */
#include "app/text/text.h"
#include "app/ui/bar.h"
#include "app/ui/columns.h"
#include "app/ui/list.h"
#include "app/ui/progress.h"
#include "app/ui/scene.h"
#include "app/ui/visit.h"
#include <stdio.h>

enum { HEAD_ROWS = 5, ABOUT_ROWS = 3, ROOMY_ROWS = 14 };

struct state {
    struct list list;
    bool drop_asked; /* F4 once; the second time it is given up */
};

static void reread(struct ui *ui, struct state *state)
{
    enum rc rc = work_reload(&ui->work, ui->engine);
    if (rc != RC_OK)
        ui_rc(ui, rc);
    list_reset(&state->list, ui->work.rows.count);
}

static void start(struct ui *ui, void *state)
{
    (void)state;
    enum rc rc = engine_open_document(ui->engine, ui->work.doc, NULL);
    if (rc == RC_OK) {
        work_reload(&ui->work, ui->engine);
        ui_go(ui, &scene_scan);
    } else if (rc == RC_CLOSED && ui->work.outdated) { /* it ended meanwhile: what was scanned comes off again */
        ui_go(ui, &scene_recheck);
    } else {
        ui_rc(ui, rc);
    }
}

static void enter(struct ui *ui, void *state)
{
    reread(ui, state);
    if (ui->scan_at_once)
        start(ui, state);
    ui->scan_at_once = false;
}

static bool has_notice(const struct ui *ui, const void *state)
{
    (void)state;
    return ui->work.flow.lines == LINES_NOTICE && document_field(ui->work.document, "notice")[0];
}

static void where(struct ui *ui, void *state)
{
    (void)state;
    ui_go(ui, &scene_recall);
}

static bool is_open(const struct ui *ui, const void *state)
{
    (void)state;
    return ui->work.document && ui->work.document->state == DOCUMENT_OPEN;
}

/* Asked twice: nothing brings it back. */
static void drop(struct ui *ui, void *state_)
{
    struct state *state = state_;
    if (!state->drop_asked) {
        state->drop_asked = true;
        ui_notice(ui, SEVERITY_WARN, "%s", _("F4 again gives it up: all that was scanned is released."));
        return;
    }
    int64_t seq;
    enum rc rc = engine_abandon(ui->engine, ui->work.doc, &seq);
    state->drop_asked = false;
    ui_counts(ui);
    ui_rc(ui, rc);
    reread(ui, state);
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    struct state *state = state_;
    bool chosen;
    switch (event->kind) {
    case EVENT_KEY:
        state->drop_asked = false;
        list_key(&state->list, &ui->canvas, event->key, &chosen);
        break;
    case EVENT_NEWS:
    case EVENT_RESUME: reread(ui, state); break;
    case EVENT_SCAN:
    case EVENT_SECOND:
    case EVENT_JUDGED: break;
    }
}

static void head(const struct work *work, struct canvas *canvas)
{
    const struct document *document = work->document;
    char title[COLUMNS_TEXT], day[DAY_TEXT_MAX + 1], due[COLUMNS_TEXT] = "";
    int width = canvas->cols - 2;
    if (document->due != DAY_NONE)
        snprintf(due, sizeof due, _("due %s"), day_print(document->due, day));
    canvas_both(canvas, 1, 1, width, STYLE_BOLD, progress_title(work, title), document->dock);
    canvas_both(canvas, 2, 1, width, STYLE_PLAIN, text_document_state(document->state), due);
    progress_lines(work, canvas, 3, width, "");
}

static void about(const struct work *work, size_t i, struct canvas *canvas, int at)
{
    const struct row *row = &work->rows.row[i];
    char text[COLUMNS_TEXT], left[COLUMNS_TEXT], done[QTY_TEXT_MAX + 1], qty[QTY_TEXT_MAX + 1],
        lot[COLUMNS_TEXT] = "";
    int width = canvas->cols - 2;
    canvas_both(canvas, at, 1, width, STYLE_BOLD, row->product.name, row->product.id);
    if (row->line == LINE_NONE)
        snprintf(text, sizeof text, "%s %s", qty_print(row->done, done), row->product.unit);
    else
        snprintf(text, sizeof text, "%s / %s %s", qty_print(row->done, done), qty_print(row->qty, qty),
                 row->product.unit);
    if (row->lot[0])
        snprintf(lot, sizeof lot, _("lot %s"), row->lot);
    snprintf(left, sizeof left, "%s%s%s", text, row->of[0] ? " · " : "", row->of);
    canvas_both(canvas, at + 1, 1, width, STYLE_PLAIN, left, lot);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    const struct work *work = &ui->work;
    if (!work->document)
        return;
    ui_title(ui, canvas, work->document->no);
    head(work, canvas);
    bool roomy = canvas->rows >= ROOMY_ROWS;
    int rows = canvas->rows - HEAD_ROWS - (roomy ? ABOUT_ROWS : 0);
    list_draw(&state->list, canvas, HEAD_ROWS, rows, rows_write, &work->rows,
              visit_is_over(ui, state_) ? _("It is over: its report is one key away.")
              : work->document->own     ? _("Nothing yet: what comes is what it is about.")
                                        : _("No lines."));
    if (roomy && state->list.count)
        about(work, state->list.current, canvas, canvas->rows - 2);
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ENTER, N_("Read"), N_("the report of the visit"), visit_report, visit_is_over},
    {SCENE_ENTER, N_("Scan"), N_("start scanning; a scan does the same"), start, NULL},
    {KEY_F(3), N_("Where"), N_("what is found, and who holds the rest"), where, has_notice},
    {KEY_F(4), N_("Drop"), N_("give it up: all that was scanned is released"), drop, is_open},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_document = {
    .name = "document",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .of_document = true,
    .enter = enter,
    .event = event,
    .draw = draw,
};
