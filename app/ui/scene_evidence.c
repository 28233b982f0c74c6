/* Evidence of a visit: what a picture or paper shows, and how many there are of each. */
#include "app/engine/report.h"
#include "app/text/report_text.h"
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/list.h"
#include "app/ui/scene.h"
#include <stdio.h>
#include <string.h>

enum { KINDS_MAX = 9 };

struct state {
    struct list list;
    int taken[KINDS_MAX];
    char last[REPORT_FILE_NAME_MAX + 1];
};

static void count_taken(const struct report *report, struct state *state)
{
    for (size_t i = 0; i < report_evidence_count(report); i++) {
        const struct report_evidence *evidence = report_evidence_at(report, i);
        for (size_t kind = 0; kind < state->list.count; kind++)
            state->taken[kind] += strcmp(engine_evidence_kind(kind), evidence->kind) == 0;
        memcpy(state->last, evidence->file, sizeof state->last);
    }
}

static void reread(struct ui *ui, struct state *state)
{
    struct report *report = NULL;
    size_t kinds = 0;
    memset(state->taken, 0, sizeof state->taken);
    while (kinds < KINDS_MAX && engine_evidence_kind(kinds))
        kinds++;
    list_reset(&state->list, kinds);
    enum rc rc = report_make(ui->engine, ui->work.doc, &report);
    if (rc == RC_OK)
        count_taken(report, state);
    else
        ui_rc(ui, rc);
    report_free(report);
}

static void enter(struct ui *ui, void *state)
{
    reread(ui, state);
}

static void choose(struct ui *ui, void *state)
{
    const char *kind = engine_evidence_kind(((const struct state *)state)->list.current);
    if (!ui->options->config->photos[0]) {
        ui_notice(ui, SEVERITY_WARN, "%s", _("Settings say nothing yet of a folder with photos."));
        return;
    }
    snprintf(ui->evidence, sizeof ui->evidence, "%s", kind);
    ui_go(ui, &scene_photo);
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    struct state *state = state_;
    bool chosen;
    if (event->kind == EVENT_RESUME)
        reread(ui, state);
    else if (event->kind == EVENT_KEY && list_key(&state->list, &ui->canvas, event->key, &chosen) && chosen)
        choose(ui, state);
}

static void row(const void *context, size_t i, int width, char *ret_text)
{
    const struct state *state = context;
    char left[COLUMNS_TEXT], right[32] = "";
    snprintf(left, sizeof left, "%zu %s", i + 1, report_text_evidence(engine_evidence_kind(i)));
    if (state->taken[i])
        snprintf(right, sizeof right, "✔ %d", state->taken[i]);
    columns_both(left, right, width, ret_text);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    ui_title(ui, canvas, _("Photos and papers"));
    canvas_text(canvas, 1, 1, canvas->cols - 2, STYLE_DIM, _("What does it show?"));
    int rows = (int)state->list.count;
    list_draw(&state->list, canvas, 3, rows, row, state, "");
    if (state->last[0])
        canvas_both(canvas, rows + 4, 1, canvas->cols - 2, STYLE_DIM, _("The last one"), state->last);
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ENTER, N_("Pick"), N_("choose the file; a digit does the same"), choose, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_evidence = {
    .name = "evidence",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .of_document = true,
    .enter = enter,
    .event = event,
    .draw = draw,
};
