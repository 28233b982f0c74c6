/* The file that shows it, newest first: its hash is journaled the moment it is chosen. */
#include "app/text/report_text.h"
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/list.h"
#include "app/ui/photos.h"
#include "app/ui/scene.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

struct state {
    struct list list;
    struct photos photos;
    char kind[ID_MAX + 1];
    int64_t of; /* the scan that it is of, 0 the visit */
    char tail[WORK_TAIL_BYTES];
};

/* A code is that of the piece scanned last; all else shows the shop. */
static void find_scan(const struct work *work, struct state *state)
{
    if (strcmp(state->kind, "code") != 0 || !work->judged)
        return;
    state->of = work->last.seq;
    code_tail(&work->last.code, WORK_TAIL, state->tail);
}

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    memcpy(state->kind, ui->evidence, sizeof state->kind);
    find_scan(&ui->work, state);
    enum rc rc = photos_read(ui->options->config->photos, &state->photos);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        ui_rc(ui, rc);
    list_reset(&state->list, state->photos.count);
}

static void leave(struct ui *ui, void *state)
{
    (void)ui;
    photos_free(&((struct state *)state)->photos);
}

static void choose(struct ui *ui, void *state_)
{
    const struct state *state = state_;
    char path[EVIDENCE_PATH_MAX + 1];
    int64_t seq;
    if (!state->list.count)
        return;
    const char *name = state->photos.row[state->list.current].name;
    snprintf(path, sizeof path, "%s/%s", ui->options->config->photos, name);
    const struct evidence evidence = {state->kind, path, state->of};
    enum rc rc = engine_evidence(ui->engine, ui->work.doc, &evidence, &seq);
    ui_counts(ui);
    if (rc != RC_OK) {
        ui_rc(ui, rc);
        return;
    }
    ui_notice(ui, SEVERITY_ACCEPT, _("Taken down: %s"), name);
    ui_give(ui, FEEDBACK_OK);
    ui_back(ui);
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
    const struct photo *photo = &((const struct photo *)context)[i];
    char at[32] = "";
    struct tm tm;
    time_t at_s = (time_t)photo->at_s;
    if (localtime_r(&at_s, &tm))
        strftime(at, sizeof at, "%d. %H:%M", &tm);
    columns_both(photo->name, at, width, ret_text);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    char of[COLUMNS_TEXT] = "";
    ui_title(ui, canvas, report_text_evidence(state->kind));
    if (state->of)
        snprintf(of, sizeof of, _("of …%s"), state->tail);
    else
        snprintf(of, sizeof of, "%s", _("of the visit"));
    canvas_text(canvas, 1, 1, canvas->cols - 2, STYLE_BOLD, of);
    list_draw(&state->list, canvas, 2, canvas->rows - 3, row, state->photos.row,
              _("No pictures in the folder that the settings name."));
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ENTER, N_("Take"), N_("this is the one; a digit does the same"), choose, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_photo = {
    .name = "photo",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .of_document = true,
    .enter = enter,
    .event = event,
    .draw = draw,
    .exit = leave,
};
