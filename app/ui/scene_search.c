/* A code of which only a part can be read, or another code of the unit (a hidden one, a cap's). */
#include "app/text/text.h"
#include "app/ui/goods_form.h"
#include <stdio.h>

enum { PART = GOODS_LOT + 1 };

struct state {
    struct fields fields;
};

static void enter(struct ui *ui, void *state)
{
    struct fields *fields = &((struct state *)state)->fields;
    (void)ui;
    goods_form_make(fields, false);
    fields_add(fields, _("Characters"), FIELD_TEXT, true);
}

static void seek(struct ui *ui, void *state)
{
    struct fields *fields = &((struct state *)state)->fields;
    if (!fields->field[PART].text[0]) {
        fields->current = PART;
        ui_rc(ui, RC_FIELD_MISSING);
        return;
    }
    goods_form_seek(ui, fields);
    snprintf(ui->sought.part, sizeof ui->sought.part, "%s", fields->field[PART].text);
    ui_go(ui, &scene_found);
}

static void next(struct ui *ui, void *state)
{
    if (!fields_next(&((struct state *)state)->fields))
        seek(ui, state);
}

static void event(struct ui *ui, void *state, const struct event *event)
{
    struct fields *fields = &((struct state *)state)->fields;
    if (event->kind == EVENT_KEY)
        fields_key(fields, event->key);
    else if (event->kind == EVENT_SCAN)
        goods_form_scan(ui, fields, event);
    else if (event->kind == EVENT_RESUME)
        goods_form_resume(ui, fields);
}

static bool has_list(const struct ui *ui, const void *state)
{
    (void)ui;
    return goods_form_lists(&((const struct state *)state)->fields);
}

static void list(struct ui *ui, void *state)
{
    goods_form_list(ui, &((struct state *)state)->fields);
}

static void draw(const struct ui *ui, const void *state, struct canvas *canvas)
{
    const struct fields *fields = &((const struct state *)state)->fields;
    ui_title(ui, canvas, _("Search a code"));
    int used = fields_draw(fields, canvas, 2, canvas->rows - 6);
    canvas_wrap(canvas, 3 + used, 1, canvas->cols - 2, 4, STYLE_DIM,
                fields->current == PART ? _("Some characters of its code, or all of its other code.")
                                        : _("Scan the product's bar code, or F2 to choose."));
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ENTER, N_("Next"), N_("the next field; after the last it goes on"), next, NULL},
    {KEY_F(2), N_("List"), N_("choose from what is known here"), list, has_list},
    {KEY_F(4), N_("Find"), N_("search now"), seek, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_search = {
    .name = "search",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .enter = enter,
    .event = event,
    .draw = draw,
};
