#include "app/ui/form.h"
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/pick.h"
#include <stdio.h>
#include <string.h>

static bool is_due(const struct flow_field *field, const struct document *document)
{
    return document ? engine_field_due(document, field) : field->at_start;
}

int form_count(const struct flow *flow, const struct document *document)
{
    int count = 0;
    for (int i = 0; i < flow->field_count; i++)
        count += is_due(&flow->fields[i], document);
    return count;
}

static enum field_kind kind_of(const struct flow_field *field)
{
    switch (field->kind) {
    case FLOW_NUMBER: return FIELD_SIGNED;
    case FLOW_DATE: return FIELD_DATE;
    case FLOW_CHOICE: return FIELD_CHOICE;
    case FLOW_TEXT:
    case FLOW_SCAN: break;
    }
    return FIELD_TEXT;
}

void form_make(struct form *ret_form, const struct flow *flow, const struct document *document)
{
    *ret_form = (struct form){.flow = *flow};
    for (int i = 0; i < flow->field_count && ret_form->fields.count < FIELDS_MAX; i++) {
        const struct flow_field *field = &ret_form->flow.fields[i];
        if (!is_due(field, document))
            continue;
        int at = ret_form->fields.count;
        fields_add(&ret_form->fields, text_field_label(field), kind_of(field), field->required);
        ret_form->fields.field[at].choices = field->kind == FLOW_CHOICE ? field : NULL;
        ret_form->fields.field[at].words = strcmp(field->name, "to") == 0;
        const char *said = document ? document_field(document, field->name) : "";
        snprintf(ret_form->fields.field[at].text, sizeof ret_form->fields.field[at].text, "%s",
                 said[0] ? said : field->preset);
        ret_form->of[at] = field;
    }
}

void form_go(struct form *form, const char *field)
{
    for (int i = 0; i < form->fields.count; i++)
        if (strcmp(form->of[i]->name, field) == 0)
            form->fields.current = i;
}

const struct flow_field *form_current(const struct form *form)
{
    return form->fields.count ? form->of[form->fields.current] : NULL;
}

static bool names_product(const struct flow_field *field, struct engine *engine, const struct code *code,
                          struct product *ret_product)
{
    struct catalog *catalog;
    int level;
    return code->gtin[0] && strcmp(field->name, "product") == 0 &&
           store_catalog(engine_store(engine), &catalog) == RC_OK &&
           catalog_product_by_gtin(catalog, code->gtin, ret_product, &level) == RC_OK;
}

static void put_lot(struct form *form, const char *lot)
{
    for (int i = 0; i < form->fields.count; i++)
        if (strcmp(form->of[i]->name, "lot") == 0 && lot[0])
            snprintf(form->fields.field[i].text, sizeof form->fields.field[i].text, "%s", lot);
}

const char *form_scanned(const struct scan *scan, char *ret_text)
{
    enum { AIM_ID = 3 };
    size_t from = scan->len > AIM_ID && scan->bytes[0] == ']' ? AIM_ID : 0;
    snprintf(ret_text, FIELD_TEXT_MAX + 1, "%.*s", (int)(scan->len - from), (const char *)scan->bytes + from);
    return text_cut(ret_text, FIELD_TEXT_MAX - 1);
}

static void put_field(struct form *form, const char *name, const char *text)
{
    for (int i = 0; i < form->fields.count; i++)
        if (strcmp(form->of[i]->name, name) == 0) {
            snprintf(form->fields.field[i].text, sizeof form->fields.field[i].text, "%s", text);
            text_cut(form->fields.field[i].text, FIELD_TEXT_MAX);
        }
}

static bool is_place(const struct form *form, const struct flow_field *field)
{
    return form->flow.judges && strcmp(field->name, "region") == 0;
}

bool form_put(struct form *form, struct engine *engine, const char *text)
{
    struct named_place place;
    const struct flow_field *field = form_current(form);
    if (!field || !is_place(form, field)) {
        fields_put(&form->fields, text);
        return true;
    }
    if (engine_place(engine, text, &place) != RC_OK)
        return false;
    if (place.shop[0])
        put_field(form, "shop", place.shop);
    fields_put(&form->fields, place.region);
    return true;
}

const char *form_place(const struct form *form, struct engine *engine, char *ret_text)
{
    struct named_place place = {.path = ""};
    for (int i = 0; i < form->fields.count; i++)
        if (is_place(form, form->of[i]) && form->fields.field[i].text[0])
            (void)engine_place(engine, form->fields.field[i].text, &place);
    snprintf(ret_text, COLUMNS_TEXT, "%s", place.path);
    return ret_text;
}

bool form_scan(struct form *form, struct engine *engine, const struct scan *scan, const struct code *code)
{
    char text[FIELD_TEXT_MAX + 1];
    struct product product;
    const struct flow_field *field = form_current(form);
    if (!field)
        return false;
    if (names_product(field, engine, code, &product)) {
        put_lot(form, code->lot);
        fields_put(&form->fields, product.id);
        return true;
    }
    return form_put(form, engine, form_scanned(scan, text));
}

enum rc form_check(struct form *form)
{
    int limit = -1;
    for (int i = 0; i < form->fields.count; i++) {
        enum rc rc = flow_check_field(form->of[i], form->fields.field[i].text);
        if (rc == RC_FIELD_LIMIT && limit < 0)
            limit = i;
        if (rc == RC_OK || rc == RC_FIELD_LIMIT)
            continue;
        form->fields.current = i;
        return rc;
    }
    if (limit < 0)
        return RC_OK;
    form->fields.current = limit;
    return RC_FIELD_LIMIT;
}

static void hint_choices(const struct flow_field *field, char *ret_text)
{
    size_t used = 0;
    ret_text[0] = '\0';
    for (int i = 0; i < field->choice_count && used < COLUMNS_TEXT; i++)
        used += (size_t)snprintf(ret_text + used, COLUMNS_TEXT - used, "%s%d %s", i ? "\n" : "", i + 1,
                                 text_choice(field->choices[i]));
}

char *form_hint(const struct form *form, char *ret_text)
{
    const struct flow_field *field = form_current(form);
    char limits[TEXT_MAX + 1];
    ret_text[0] = '\0';
    if (!field)
        return ret_text;
    switch (field->kind) {
    case FLOW_CHOICE: hint_choices(field, ret_text); break;
    case FLOW_DATE: snprintf(ret_text, COLUMNS_TEXT, "%s", _("Eight digits: year, month, day.")); break;
    case FLOW_NUMBER:
        text_field_limits(field, limits);
        snprintf(ret_text, COLUMNS_TEXT, "%s%s%s", limits, limits[0] ? " · " : "", _("→ is the point."));
        break;
    case FLOW_TEXT:
    case FLOW_SCAN:
        snprintf(ret_text, COLUMNS_TEXT, "%s",
                 pick_knows(field->name) ? _("Scan it, or F2 to choose.")
                 : field->required       ? _("Type or scan.")
                                         : _("Type or scan; leave empty what you do not know."));
        break;
    }
    return ret_text;
}

/* Choices stand one below the other where there is room. */
void form_draw_hint(const struct form *form, struct canvas *canvas, int row)
{
    char hint[COLUMNS_TEXT];
    int width = canvas->cols - 2, rows = canvas->rows - row;
    form_hint(form, hint);
    for (char *at = hint; columns_rows(hint, width) > rows && (at = strchr(at, '\n')); at++)
        *at = ' ';
    canvas_wrap(canvas, row, 1, width, rows, STYLE_DIM, hint);
}
