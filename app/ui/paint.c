/* One frame: the scene on top, the foot with what has to be said, the key line. */
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/keybar.h"
#include "app/ui/scene.h"
#include "app/ui/status.h"
#include <stdio.h>

enum { FOOT_MAX = 2 };

void ui_title(const struct ui *ui, struct canvas *canvas, const char *title)
{
    const struct catalog_operator *who = engine_operator(ui->engine);
    char left[COLUMNS_TEXT], right[COLUMNS_TEXT], line[COLUMNS_TEXT];
    snprintf(left, sizeof left, " %s", title);
    snprintf(right, sizeof right, "%s ", who ? who->name : "");
    columns_both(left, right, canvas->cols, line);
    canvas_row(canvas, 0, STYLE_TITLE, ALIGN_LEFT, line);
}

/* Draws at the bottom of the rows there are, and takes its rows away. */
static void foot(const struct ui *ui, struct canvas *canvas)
{
    char text[NOTICE_MAX + 1];
    enum style style = STYLE_NOTICE;
    if (ui->notice[0]) {
        snprintf(text, sizeof text, "%s", ui->notice);
        style = theme_text(ui->notice_severity);
    } else {
        status_print(ui, text);
    }
    if (!text[0])
        return;
    int width = canvas->cols - 2, rows = columns_width(text) > width ? FOOT_MAX : 1;
    canvas_wrap(canvas, canvas->rows - rows, 1, width, rows, style, text);
    canvas->rows -= rows;
}

static void draw(const struct ui *ui, int level, struct canvas *canvas)
{
    const struct scene *scene = ui->stack[level].scene;
    const void *state = ui->stack[level].state;
    keybar_draw(ui, scene, state, canvas, canvas->rows - 1);
    canvas->rows--;
    if (engine_is_practice(ui->engine)) {
        canvas_row(canvas, canvas->rows - 1, STYLE_WARN, ALIGN_CENTRE, _("PRACTICE: not for real"));
        canvas->rows--;
    }
    foot(ui, canvas);
    scene->draw(ui, state, canvas);
}

static void sound(struct ui *ui)
{
    const struct indicator *indicator = ui->options->indicator;
    if (ui->sounds && ui->options->config->sound)
        indicator->give(indicator->context, ui->feedback);
    if (ui->sounds && ui->options->config->sound && ui->reader)
        reader_beep(ui->reader, ui->feedback != FEEDBACK_REJECT && ui->feedback != FEEDBACK_ALARM);
    ui->sounds = false;
}

void ui_paint(struct ui *ui)
{
    canvas_begin(&ui->canvas);
    int top = ui->depth - 1;
    if (top >= 0) {
        int rows = ui->canvas.rows;
        int below = top;
        while (below > 0 && ui->stack[below].scene->above)
            below--;
        draw(ui, below, &ui->canvas);
        ui->canvas.rows = rows;
        if (below < top)
            ui->stack[top].scene->draw(ui, ui->stack[top].state, &ui->canvas);
    }
    canvas_end(&ui->canvas);
    sound(ui); /* what is heard can be seen already */
}
