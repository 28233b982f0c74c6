/* What else a visit of the market needs besides scanning: pictures, what can't be scanned, searching, the report. */
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/list.h"
#include "app/ui/scene.h"
#include <stdio.h>

struct state {
    struct list list;
};

static const struct {
    const char *label;
    const struct scene *scene;
} ROWS[] = {
    {N_("Photos and papers"), &scene_evidence}, {N_("Code not readable"), &scene_defaced},
    {N_("Search a code"), &scene_search},       {N_("All about the last scan"), &scene_about},
    {N_("Report so far"), &scene_report},
};

enum { ROWS_COUNT = sizeof ROWS / sizeof ROWS[0] };

static void enter(struct ui *ui, void *state)
{
    (void)ui;
    list_reset(&((struct state *)state)->list, ROWS_COUNT);
}

static void choose(struct ui *ui, void *state)
{
    const struct scene *scene = ROWS[((const struct state *)state)->list.current].scene;
    if (scene == &scene_about && !ui->work.judged) {
        ui_notice(ui, SEVERITY_WARN, "%s", _("Nothing scanned yet."));
        return;
    }
    ui->about = ui->work.last;
    ui_go(ui, scene);
}

static void event(struct ui *ui, void *state, const struct event *event)
{
    bool chosen;
    if (event->kind == EVENT_KEY && list_key(&((struct state *)state)->list, &ui->canvas, event->key, &chosen) &&
        chosen)
        choose(ui, state);
}

static void row(const void *context, size_t i, int width, char *ret_text)
{
    (void)context;
    (void)width;
    snprintf(ret_text, COLUMNS_TEXT, "%zu %s", i + 1, _(ROWS[i].label));
}

static void draw(const struct ui *ui, const void *state, struct canvas *canvas)
{
    const struct work *work = &ui->work;
    char text[COLUMNS_TEXT];
    int width = canvas->cols - 2, at = 2;
    ui_title(ui, canvas, work->document->no);
    const char *shop = document_field(work->document, "shop");
    if (shop[0])
        canvas_text(canvas, at++, 1, width, STYLE_BOLD, shop);
    canvas_text(canvas, at++, 1, width, STYLE_PLAIN, work->place);
    snprintf(text, sizeof text, _("Not in order: %d"), work->findings);
    canvas_text(canvas, at++, 1, width, work->findings ? STYLE_WARN_TEXT : STYLE_DIM, text);
    list_draw(&((const struct state *)state)->list, canvas, at + 1, canvas->rows - at - 1, row, NULL, "");
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ENTER, N_("Pick"), N_("open what is marked; a digit does the same"), choose, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_visit = {
    .name = "visit",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .of_document = true,
    .enter = enter,
    .event = event,
    .draw = draw,
};
