#include "sync/server/recall.h"
#include "app/catalog/run.h"
#include "app/domain/qty.h"
#include "sync/server/entities.h"
#include "sync/server/flows.h"
#include "sync/server/listing.h"
#include "sync/server/units.h"
#include <string.h>

enum { ROW_NAME_MAX = HOLDER_MAX + ID_MAX + LOT_MAX + 2 };

/* rows: "holder TAB product TAB lot" → {holder, product, lot, units, qty in millionths}. */
struct report {
    struct server *server;
    const json_t *recall;
    json_t *rows;
    json_t *seen; /* codes that the recall names and that are counted */
};

/* ---- counting ---- */

static enum rc count(struct report *report, const char *holder, const char *product, const char *lot, int64_t units,
                     qty_t qty)
{
    char name[ROW_NAME_MAX + 1];
    const char *where = holder[0] ? holder : "unknown";
    snprintf(name, sizeof name, "%s\t%s\t%s", where, product, lot);
    json_t *row = json_object_get(report->rows, name);
    if (!row) {
        row = json_pack("{s:s, s:s, s:s, s:i, s:i}", "holder", where, "product", product, "lot", lot, "units", 0,
                        "qty", 0);
        if (!row || json_object_set_new(report->rows, name, row))
            return RC_NOMEM;
    }
    json_t *has_units = json_object_get(row, "units"), *has_qty = json_object_get(row, "qty");
    json_integer_set(has_units, json_integer_value(has_units) + units);
    json_integer_set(has_qty, json_integer_value(has_qty) + qty);
    return RC_OK;
}

static bool listed(const json_t *list, const char *text)
{
    size_t i;
    const json_t *value;
    json_array_foreach(list, i, value)
    {
        if (json_is_string(value) && strcmp(json_string_value(value), text) == 0)
            return true;
    }
    return false;
}

/* By lot; without lots the whole product, unless the recall names single codes. */
static bool covers(const json_t *recall, const char *lot)
{
    const json_t *lots = json_object_get(recall, "lots");
    return json_array_size(lots) ? listed(lots, lot) : json_array_size(json_object_get(recall, "codes")) == 0;
}

static enum rc count_unit(struct report *report, const char *key)
{
    struct unit unit;
    char holder[HOLDER_MAX + 1];
    if (json_object_get(report->seen, key))
        return RC_OK;
    enum rc rc = units_get(report->server, key, &unit);
    if (rc == RC_NOT_FOUND)
        return count(report, "", "", "", 1, 0);
    if (!rc)
        rc = units_holder(report->server, &unit, holder);
    if (rc)
        return rc;
    json_object_set_new(report->seen, key, json_true());
    return count(report, holder, unit.product, unit.lot, unit.covers > 0 ? unit.covers : 1, 0);
}

/* The statement's first column is a key, its second a lot, if it has one. Read first: counting asks too. */
static enum rc read_keys(struct db_stmt *stmt, const json_t *recall, bool with_lot, json_t *keys)
{
    bool row = true;
    enum rc rc = RC_OK;
    while (!rc && row) {
        rc = db_step(stmt, &row);
        bool wanted = !rc && row && (!with_lot || covers(recall, db_text(stmt, 1)));
        if (wanted && json_array_append_new(keys, json_string(db_text(stmt, 0))))
            rc = RC_NOMEM;
    }
    db_reset(stmt);
    return rc;
}

static enum rc count_keys(struct report *report, const json_t *keys)
{
    size_t i;
    const json_t *key;
    enum rc rc = RC_OK;
    json_array_foreach(keys, i, key)
    {
        if (!rc)
            rc = count_unit(report, json_string_value(key));
    }
    return rc;
}

/* ---- what has a code ---- */

static enum rc count_product(struct report *report, const char *product)
{
    struct db_stmt *stmt = core_query(report->server, QUERY_CODE_OF_PRODUCT);
    json_t *keys = json_array();
    db_bind_text(stmt, 1, product);
    enum rc rc = read_keys(stmt, report->recall, true, keys);
    if (!rc)
        rc = count_keys(report, keys);
    json_decref(keys);
    return rc;
}

/* What is in it, or itself. */
static enum rc count_code(struct report *report, const char *code)
{
    struct db_stmt *stmt = core_query(report->server, QUERY_CODE_LEAVES);
    json_t *keys = json_array();
    db_bind_text(stmt, 1, code);
    enum rc rc = read_keys(stmt, report->recall, false, keys);
    if (!rc)
        rc = json_array_size(keys) ? count_keys(report, keys) : count_unit(report, code);
    json_decref(keys);
    return rc;
}

static enum rc count_stored(struct server *server, const char *first, const char *last, int64_t *ret_count)
{
    struct db_stmt *stmt = core_query(server, QUERY_RUN_STORED);
    bool row;
    db_bind_text(stmt, 1, first);
    db_bind_text(stmt, 2, last);
    enum rc rc = db_step(stmt, &row);
    if (!rc)
        *ret_count = db_int(stmt, 0);
    db_reset(stmt);
    return rc;
}

/* Runs of serials, less those that have a row of their own by now. */
static enum rc count_runs(struct report *report, const char *product)
{
    struct db_stmt *stmt = core_query(report->server, QUERY_RUN_OF_PRODUCT);
    struct run_key from;
    int64_t end = 0, stored = 0;
    bool row = true;
    enum rc rc = RC_OK;
    db_bind_text(stmt, 1, product);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (rc || !row || !covers(report->recall, db_text(stmt, 2)) ||
            !run_ends(db_text(stmt, 0), db_text(stmt, 1), &from, &end))
            continue;
        rc = count_stored(report->server, db_text(stmt, 0), db_text(stmt, 1), &stored);
        if (!rc && end - from.number + 1 > stored)
            rc = count(report, db_text(stmt, 3), product, db_text(stmt, 2), end - from.number + 1 - stored, 0);
    }
    db_reset(stmt);
    return rc;
}

/* ---- stock without codes ---- */

static enum rc count_stock(struct report *report, const char *product)
{
    struct db_stmt *stmt = core_query(report->server, QUERY_ENTITY_OF_TYPE);
    bool row = true;
    enum rc rc = RC_OK;
    db_bind_text(stmt, 1, "stock");
    while (!rc && row) {
        rc = db_step(stmt, &row);
        json_t *stock = !rc && row ? json_loads(db_text(stmt, 0), 0, NULL) : NULL;
        const char *lot = apply_text(stock, "lot");
        qty_t qty = 0;
        if (strcmp(apply_text(stock, "product"), product) == 0 && covers(report->recall, lot) &&
            qty_parse(apply_text(stock, "qty"), &qty) == RC_OK && qty > 0)
            rc = count(report, apply_text(stock, "holder"), product, lot, 0, qty);
        json_decref(stock);
    }
    db_reset(stmt);
    return rc;
}

/* ---- printing ---- */

/* What people call the holder, "" when nobody told. */
static enum rc name_of(struct server *server, const char *text, char *ret_name)
{
    struct holder holder;
    json_t *body = NULL;
    ret_name[0] = '\0';
    if (holder_parse(text, &holder) || !holder.id[0])
        return RC_OK;
    bool party = holder.kind == HOLDER_PARTY || holder.kind == HOLDER_TRANSIT_PARTY;
    enum rc rc = entities_get(server, party ? "party" : "site", holder.id, &body);
    snprintf(ret_name, NAME_MAX_BYTES + 1, "%s", apply_text(body, "name"));
    json_decref(body);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc print_row(const struct report *report, const char *id, const json_t *row, FILE *out, qty_t *done,
                         qty_t *missing)
{
    char name[NAME_MAX_BYTES + 1], qty[QTY_TEXT_MAX + 1];
    bool apart;
    const char *holder = apply_text(row, "holder"), *lot = apply_text(row, "lot");
    enum rc rc = name_of(report->server, holder, name);
    if (!rc)
        rc = flows_kept_apart(report->server, holder, &apart);
    if (rc)
        return rc;
    qty_t all =
        json_integer_value(json_object_get(row, "qty")) + json_integer_value(json_object_get(row, "units")) * QTY_ONE;
    *(apart ? done : missing) += all;
    qty_print(json_integer_value(json_object_get(row, "qty")), qty);
    json_t *line =
        json_pack("{s:s?, s:s, s:s, s:s, s:o, s:O, s:s, s:b}", "recall", id, "holder", holder, "name", name,
                  "product", apply_text(row, "product"), "lot", lot[0] ? json_string(lot) : json_null(), "units",
                  json_object_get(row, "units"), "qty", qty, "done", (int)apart);
    return listing_print(line, out);
}

static enum rc print_report(const struct report *report, const char *id, FILE *out)
{
    char done_text[QTY_TEXT_MAX + 1], missing_text[QTY_TEXT_MAX + 1];
    qty_t done = 0, missing = 0;
    const char *name;
    json_t *row;
    enum rc rc = RC_OK;
    json_object_foreach(report->rows, name, row)
    {
        if (!rc)
            rc = print_row(report, id, row, out, &done, &missing);
    }
    if (rc)
        return rc;
    return listing_print(json_pack("{s:s?, s:s, s:s}", "recall", id, "done", qty_print(done, done_text), "missing",
                                   qty_print(missing, missing_text)),
                         out);
}

/* `id` NULL: of no recall. */
static enum rc report_on(struct server *server, json_t *recall, const char *id, FILE *out)
{
    const json_t *code;
    size_t i;
    struct report report = {server, recall, json_object(), json_object()};
    const char *product = apply_text(recall, "product");
    enum rc rc = report.rows && report.seen ? RC_OK : RC_NOMEM;
    if (!rc && product[0])
        rc = count_product(&report, product);
    if (!rc && product[0])
        rc = count_runs(&report, product);
    if (!rc && product[0])
        rc = count_stock(&report, product);
    json_array_foreach(json_object_get(recall, "codes"), i, code)
    {
        if (!rc)
            rc = count_code(&report, json_string_value(code));
    }
    if (!rc)
        rc = print_report(&report, id, out);
    json_decref(report.rows);
    json_decref(report.seen);
    return rc;
}

enum rc recall_report(struct server *server, const char *id, FILE *out)
{
    json_t *recall = NULL;
    enum rc rc = entities_get(server, "recall", id, &recall);
    if (!rc)
        rc = report_on(server, recall, id, out);
    json_decref(recall);
    return rc;
}

enum rc recall_radius(struct server *server, const char *product, const char *lot, FILE *out)
{
    json_t *recall = json_pack("{s:s, s:[s]}", "product", product, "lots", lot);
    enum rc rc = recall ? report_on(server, recall, NULL, out) : RC_NOMEM;
    json_decref(recall);
    return rc;
}
