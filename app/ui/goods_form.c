#include "app/ui/goods_form.h"
#include "app/text/text.h"
#include "app/ui/form.h"
#include <stdio.h>
#include <string.h>

void goods_form_make(struct fields *fields, bool required)
{
    fields_add(fields, text_field("product"), FIELD_TEXT, required);
    fields_add(fields, text_field("lot"), FIELD_TEXT, false);
}

static void put(struct field *field, const char *text)
{
    snprintf(field->text, sizeof field->text, "%s", text);
}

/* The product of a label, by its number, or by what is known of the unit. */
static bool find_product(struct ui *ui, const struct code *code, char *ret_product, char *ret_lot)
{
    struct catalog *catalog;
    struct product product;
    struct codebook_entry entry;
    int level;
    if (store_catalog(engine_store(ui->engine), &catalog) != RC_OK)
        return false;
    if (codebook_find(catalog_codebook(catalog), code->key, &entry) == RC_OK && entry.product[0]) {
        snprintf(ret_product, ID_MAX + 1, "%s", entry.product);
        snprintf(ret_lot, LOT_MAX + 1, "%s", entry.lot);
        return true;
    }
    if (!code->gtin[0] || catalog_product_by_gtin(catalog, code->gtin, &product, &level) != RC_OK)
        return false;
    memcpy(ret_product, product.id, sizeof product.id);
    snprintf(ret_lot, LOT_MAX + 1, "%s", code->lot);
    return true;
}

static void scanned(struct ui *ui, struct fields *fields, const struct event *event)
{
    char product[ID_MAX + 1], lot[LOT_MAX + 1], text[FIELD_TEXT_MAX + 1];
    if (fields->current <= GOODS_LOT && find_product(ui, &event->code, product, lot)) {
        put(&fields->field[GOODS_PRODUCT], product);
        if (lot[0])
            put(&fields->field[GOODS_LOT], lot);
        fields->current = lot[0] ? GOODS_LOT + 1 : GOODS_LOT;
    } else {
        fields_put(fields, form_scanned(event->scan, text));
    }
    ui_give(ui, FEEDBACK_OK);
}

bool goods_form_lists(const struct ui *ui, const void *state)
{
    (void)ui;
    return ((const struct fields *)state)->current <= GOODS_LOT;
}

void goods_form_list(struct ui *ui, void *state)
{
    const struct fields *fields = state;
    ui_pick(ui, fields->current == GOODS_PRODUCT ? "product" : "lot", fields->field[GOODS_PRODUCT].text);
}

static void resumed(struct ui *ui, struct fields *fields)
{
    if (ui->picked[0])
        fields_put(fields, ui->picked);
    ui->picked[0] = '\0';
}

void goods_form_event(struct ui *ui, void *state, const struct event *event)
{
    struct fields *fields = state;
    if (event->kind == EVENT_KEY)
        fields_key(fields, event->key);
    else if (event->kind == EVENT_SCAN)
        scanned(ui, fields, event);
    else if (event->kind == EVENT_RESUME)
        resumed(ui, fields);
}

void goods_form_seek(struct ui *ui, const struct fields *fields)
{
    snprintf(ui->sought.product, sizeof ui->sought.product, "%s", fields->field[GOODS_PRODUCT].text);
    snprintf(ui->sought.lot, sizeof ui->sought.lot, "%s", fields->field[GOODS_LOT].text);
}
