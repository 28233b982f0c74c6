/* A code of which only a part can be read, or another code of the unit (a hidden one, a cap's). */
#include "app/text/text.h"
#include "app/ui/goods_form.h"
#include <stdio.h>

enum { PART = GOODS_LOT + 1 };

static void enter(struct ui *ui, void *state)
{
    struct fields *fields = state;
    (void)ui;
    goods_form_make(fields, false);
    fields_add(fields, _("Characters"), FIELD_TEXT, true);
}

static void seek(struct ui *ui, void *state)
{
    struct fields *fields = state;
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
    if (!fields_next(state))
        seek(ui, state);
}

static void draw(const struct ui *ui, const void *state, struct canvas *canvas)
{
    const struct fields *fields = state;
    ui_title(ui, canvas, _("Search a code"));
    int used = fields_draw(fields, canvas, 2, canvas->rows - 6);
    canvas_wrap(canvas, 3 + used, 1, canvas->cols - 2, 4, STYLE_DIM,
                fields->current == PART ? _("Some characters of its code, or all of its other code.")
                                        : _("Scan the product's bar code, or F2 to choose."));
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ENTER, N_("Next"), N_("the next field; after the last it goes on"), next, NULL},
    {KEY_F(2), N_("List"), N_("choose from what is known here"), goods_form_list, goods_form_lists},
    {KEY_F(4), N_("Find"), N_("search now"), seek, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_search = {
    .name = "search",
    .state_size = sizeof(struct fields),
    .actions = ACTIONS,
    .enter = enter,
    .event = goods_form_event,
    .draw = draw,
};
