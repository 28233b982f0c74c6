/* One document: for whom, how far, line by line. Scanning starts here. */
#include "app/text/text.h"
#include "app/ui/bar.h"
#include "app/ui/columns.h"
#include "app/ui/lines.h"
#include "app/ui/list.h"
#include "app/ui/scene.h"
#include <stdio.h>

enum { HEAD_ROWS = 5, ABOUT_ROWS = 3, ROOMY_ROWS = 14 };

struct state {
    struct list list;
};

static void reread(struct ui *ui, struct state *state)
{
    enum rc rc = work_reload(&ui->work, ui->engine);
    if (rc != RC_OK)
        ui_rc(ui, rc);
    list_reset(&state->list, ui->work.document ? ui->work.document->line_count : 0);
}

static void enter(struct ui *ui, void *state)
{
    reread(ui, state);
}

static void start(struct ui *ui, void *state)
{
    (void)state;
    enum rc rc = engine_open_document(ui->engine, ui->work.doc, NULL);
    if (rc == RC_OK) {
        work_reload(&ui->work, ui->engine);
        ui_go(ui, &scene_scan);
    } else {
        ui_rc(ui, rc);
    }
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    struct state *state = state_;
    bool chosen;
    switch (event->kind) {
    case EVENT_KEY: list_key(&state->list, &ui->canvas, event->key, &chosen); break;
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
    char line[COLUMNS_TEXT], day[DAY_TEXT_MAX + 1], due[COLUMNS_TEXT] = "";
    int width = canvas->cols - 2;
    if (document->due != DAY_NONE)
        snprintf(due, sizeof due, _("due %s"), day_print(document->due, day));
    canvas_both(canvas, 1, 1, width, STYLE_BOLD, document->to_name, document->dock);
    canvas_both(canvas, 2, 1, width, STYLE_PLAIN, text_document_state(document->state), due);
    snprintf(line, sizeof line, _("%zu/%zu lines"), work->lines_done, document->line_count);
    int left = columns_width(line) + 1;
    canvas_text(canvas, 3, 1, left, STYLE_PLAIN, line);
    canvas_text(canvas, 3, 1 + left, width - left, STYLE_ACCEPT_TEXT,
                bar_print(work->done, work->wanted, width - left, (char[COLUMNS_TEXT]){0}));
}

static void about(const struct work *work, size_t i, struct canvas *canvas, int at)
{
    const struct line *line = &work->document->lines[i];
    char text[COLUMNS_TEXT], tallied[QTY_TEXT_MAX + 1], qty[QTY_TEXT_MAX + 1];
    int width = canvas->cols - 2;
    canvas_both(canvas, at, 1, width, STYLE_BOLD, work->products[i].name, work->products[i].id);
    snprintf(text, sizeof text, "%s / %s %s", qty_print(line->tallied, tallied), qty_print(line->qty, qty),
             work->products[i].unit);
    char lot[COLUMNS_TEXT] = "";
    if (line->lot[0])
        snprintf(lot, sizeof lot, _("lot %s"), line->lot);
    canvas_both(canvas, at + 1, 1, width, STYLE_PLAIN, text, lot);
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
    list_draw(&state->list, canvas, HEAD_ROWS, rows, lines_row, work, _("No lines."));
    if (roomy && state->list.count)
        about(work, state->list.current, canvas, canvas->rows - 2);
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ENTER, N_("Scan"), N_("start scanning; a scan does the same"), start, NULL},
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
