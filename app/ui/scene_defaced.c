/* Goods whose code was made unreadable: product, printed lot and time, how many. Who may have had them is one key away. */
#include "app/text/text.h"
#include "app/ui/goods_form.h"
#include <stdio.h>
#include <string.h>

enum { PRINTED = GOODS_LOT + 1, COUNT };

static void enter(struct ui *ui, void *state)
{
    struct fields *fields = state;
    (void)ui;
    goods_form_make(fields, true);
    fields_add(fields, _("Printed"), FIELD_TEXT, false);
    fields_add(fields, _("Pieces"), FIELD_DIGITS, true);
    snprintf(fields->field[COUNT].text, sizeof fields->field[COUNT].text, "1");
}

static void done(struct ui *ui, void *state)
{
    struct fields *fields = state;
    struct defaced defaced = {.product = fields->field[GOODS_PRODUCT].text,
                              .lot = fields->field[GOODS_LOT].text,
                              .printed = fields->field[PRINTED].text};
    if (!defaced.product[0] || qty_parse(fields->field[COUNT].text, &defaced.count) != RC_OK || !defaced.count) {
        fields->current = defaced.product[0] ? COUNT : GOODS_PRODUCT;
        ui_rc(ui, RC_FIELD_MISSING);
        return;
    }
    struct outcome outcome;
    enum rc rc = engine_defaced(ui->engine, ui->work.doc, &defaced, &outcome);
    if (rc == RC_OK)
        ui_judged(ui, &outcome);
    else
        ui_rc(ui, rc);
}

static void next(struct ui *ui, void *state)
{
    if (!fields_next(state))
        done(ui, state);
}

static bool has_product(const struct ui *ui, const void *state)
{
    (void)ui;
    return ((const struct fields *)state)->field[GOODS_PRODUCT].text[0] != '\0';
}

static void who(struct ui *ui, void *state)
{
    goods_form_seek(ui, state);
    ui_go(ui, &scene_holders);
}

static void draw(const struct ui *ui, const void *state, struct canvas *canvas)
{
    const struct fields *fields = state;
    ui_title(ui, canvas, _("Code not readable"));
    int used = fields_draw(fields, canvas, 2, canvas->rows - 6);
    canvas_wrap(canvas, 3 + used, 1, canvas->cols - 2, 3, STYLE_DIM,
                fields->current == GOODS_PRODUCT ? _("Scan the product's bar code, or F2 to choose.")
                : fields->current == GOODS_LOT   ? _("As printed; F2 lists the lots.")
                : fields->current == PRINTED     ? _("Date and time as printed beside the lot.")
                                                 : _("So many pieces with the same print."));
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ENTER, N_("Next"), N_("the next field; after the last it goes on"), next, NULL},
    {KEY_F(2), N_("List"), N_("choose from what is known here"), goods_form_list, goods_form_lists},
    {KEY_F(3), N_("Who"), N_("who may have had goods of this lot"), who, has_product},
    {KEY_F(4), N_("Done"), N_("take it down"), done, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_defaced = {
    .name = "defaced",
    .state_size = sizeof(struct fields),
    .actions = ACTIONS,
    .enter = enter,
    .event = goods_form_event,
    .draw = draw,
};
