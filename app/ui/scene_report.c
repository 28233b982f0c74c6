/* The report of the visit in words; F3 saves it as a signed file, beside the pictures that it names. */
#include "app/engine/report.h"
#include "app/text/report_text.h"
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/scene.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPORT_LINES_MAX = 20000 };

struct state {
    struct report *report;
    int width; /* that the lines were made for */
    size_t count, room, first;
    char **line; /* owned */
};

static void drop_lines(struct state *state)
{
    for (size_t i = 0; i < state->count; i++)
        free(state->line[i]);
    free(state->line);
    state->line = NULL;
    state->count = state->room = 0;
}

static void add_line(void *context, const char *text)
{
    struct state *state = context;
    if (state->count == REPORT_LINES_MAX)
        return;
    if (state->count == state->room) {
        size_t room = state->room ? 2 * state->room : 64;
        char **line = realloc(state->line, room * sizeof *line);
        if (!line)
            return;
        state->line = line;
        state->room = room;
    }
    char *copy = strdup(text);
    if (copy)
        state->line[state->count++] = copy;
}

static void make_lines(struct ui *ui, struct state *state)
{
    struct report_body body;
    int width = ui->canvas.cols - 2;
    drop_lines(state);
    state->width = ui->canvas.cols;
    if (!state->report)
        return;
    report_body(state->report, ui->engine, &body);
    report_text(&body, width > REPORT_TEXT_WIDTH_MIN ? width : REPORT_TEXT_WIDTH_MIN, add_line, state);
}

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    enum rc rc = report_make(ui->engine, ui->work.doc, &state->report);
    if (rc != RC_OK)
        ui_rc(ui, rc);
    make_lines(ui, state);
}

static void leave(struct ui *ui, void *state_)
{
    struct state *state = state_;
    (void)ui;
    drop_lines(state);
    report_free(state->report);
}

static size_t page(const struct ui *ui)
{
    return ui->canvas.rows > 4 ? (size_t)ui->canvas.rows - 4 : 1;
}

static void turn(const struct ui *ui, struct state *state, int key)
{
    size_t last = state->count > page(ui) ? state->count - page(ui) : 0, by = page(ui);
    if (key == KEY_UP || key == KEY_DOWN)
        by = 1;
    if (key == KEY_UP || key == KEY_PPAGE || key == KEY_LEFT)
        state->first = state->first > by ? state->first - by : 0;
    else if (key == KEY_DOWN || key == KEY_NPAGE || key == KEY_RIGHT)
        state->first = state->first + by < last ? state->first + by : last;
    else if (key == KEY_HOME || key == KEY_END)
        state->first = key == KEY_HOME ? 0 : last;
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    struct state *state = state_;
    if (state->width != ui->canvas.cols)
        make_lines(ui, state);
    if (event->kind == EVENT_KEY)
        turn(ui, state, event->key);
}

static void down(struct ui *ui, void *state)
{
    turn(ui, state, KEY_DOWN);
}

static void save(struct ui *ui, void *state_)
{
    const struct state *state = state_;
    char path[STORE_PATH_MAX + ID_MAX + 16], name[ID_MAX + 16];
    const char *folder = ui->options->config->photos;
    if (!state->report)
        return;
    snprintf(name, sizeof name, "%s.report", ui->work.document->no);
    snprintf(path, sizeof path, "%s/%s", folder[0] ? folder : store_dir(engine_store(ui->engine)), name);
    enum rc rc = report_write(state->report, path);
    if (rc == RC_OK)
        ui_notice(ui, SEVERITY_ACCEPT, _("Signed and saved: %s"), name);
    else
        ui_rc(ui, rc);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    size_t rows = (size_t)canvas->rows - 1,
           last = state->first + rows < state->count ? state->first + rows : state->count;
    ui_title(ui, canvas, ui->work.document ? ui->work.document->no : "");
    for (size_t i = state->first; i < last; i++)
        canvas_text(canvas, 1 + (int)(i - state->first), 1, canvas->cols - 2, STYLE_PLAIN, state->line[i]);
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {KEY_F(3), N_("Save"), N_("as a signed file, beside the pictures"), save, NULL},
    {KEY_DOWN, NULL, N_("one line on; the side arrows turn pages"), down, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_report = {
    .name = "report",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .of_document = true,
    .enter = enter,
    .event = event,
    .draw = draw,
    .exit = leave,
};
