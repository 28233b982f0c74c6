#include "sync/server/results.h"
#include "app/domain/chain.h"
#include "app/domain/date.h"
#include "app/domain/qty.h"
#include "sync/server/shares.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_TEXT_MAX = DOC_MAX + 24, LINE_NAME_MAX = ID_MAX + LOT_MAX + 2 };

/* A result in the making. lines: "line TAB lot" → {line, qty in millionths, lot, codes}; counted: likewise sums. */
struct making {
    json_t *lines, *totals, *by, *devices, *header, *counted;
    json_t *opened; /* of the first share, borrowed from shares */
    json_t *shares; /* owned: [device, state, opened, closed] */
    const char *at, *close, *short_reason;
};

char *results_id(const char *doc, int64_t close_no, char *ret_id)
{
    char text[ID_TEXT_MAX];
    int len = snprintf(text, sizeof text, "%s\n%" PRId64, doc, close_no);
    return digest_print(text, (size_t)len, RESULTS_ID_BYTES, ret_id);
}

static enum rc read_shares(struct server *server, const char *doc, json_t **ret_shares)
{
    struct db_stmt *stmt = core_query(server, QUERY_SHARE_OF_DOC);
    json_t *shares = json_array();
    bool row = true;
    enum rc rc = shares ? RC_OK : RC_NOMEM;
    db_bind_text(stmt, 1, doc);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (rc || !row)
            continue;
        json_t *opened = json_loads(db_text(stmt, 2), 0, NULL), *closed = json_loads(db_text(stmt, 3), 0, NULL);
        json_array_append_new(shares,
                              json_pack("[I, I, o, o]", (json_int_t)db_int(stmt, 0), (json_int_t)db_int(stmt, 1),
                                        opened ? opened : json_object(), closed ? closed : json_object()));
    }
    db_reset(stmt);
    if (rc)
        json_decref(shares);
    else
        *ret_shares = shares;
    return rc;
}

/* Closed by somebody, open with nobody. */
static bool ready(const json_t *shares)
{
    size_t i;
    const json_t *share;
    bool closed = false;
    json_array_foreach(shares, i, share)
    {
        json_int_t state = json_integer_value(json_array_get(share, 1));
        if (state == SHARE_OPEN)
            return false;
        closed |= state == SHARE_CLOSED;
    }
    return closed;
}

static void add_once(json_t *array, const char *text)
{
    size_t i;
    const json_t *old;
    json_array_foreach(array, i, old)
    {
        if (strcmp(json_string_value(old), text) == 0)
            return;
    }
    if (text[0])
        json_array_append_new(array, json_string(text));
}

static void add_qty(json_t *object, const char *name, qty_t qty)
{
    json_int_t old = json_integer_value(json_object_get(object, name));
    json_object_set_new(object, name, json_integer(old + qty));
}

/* A quantity as a record has it: decimal text, or a whole number. */
static qty_t qty_of(const json_t *value)
{
    qty_t qty = 0;
    if (json_is_integer(value))
        return json_integer_value(value) * QTY_ONE;
    if (!json_is_string(value) || qty_parse(json_string_value(value), &qty))
        return 0;
    return qty;
}

static json_t *line_of(struct making *making, const char *line, const char *lot)
{
    char name[LINE_NAME_MAX + 1];
    snprintf(name, sizeof name, "%.*s\t%.*s", ID_MAX, line, LOT_MAX, lot);
    json_t *entry = json_object_get(making->lines, name);
    if (entry)
        return entry;
    entry = json_pack("{s:s, s:i, s:o, s:[]}", "line", line, "qty", 0, "lot", lot[0] ? json_string(lot) : json_null(),
                      "codes");
    json_object_set_new(making->lines, name, entry);
    return entry;
}

static void take_tally(struct making *making, const char *key, const char *operator, const char * allocs, bool unit)
{
    json_t *list = json_loads(allocs, 0, NULL), *alloc;
    size_t i;
    add_once(making->by, operator);
    json_array_foreach(list, i, alloc)
    {
        qty_t qty = qty_of(json_object_get(alloc, "qty"));
        if (qty == 0) /* all of it went to another document */
            continue;
        json_t *entry = line_of(making, apply_text(alloc, "line"), apply_text(alloc, "lot"));
        add_qty(entry, "qty", qty);
        add_qty(making->totals, apply_text(alloc, "line"), qty);
        if (unit)
            json_array_append_new(json_object_get(entry, "codes"), json_string(key));
    }
    json_decref(list);
}

static enum rc take_tallies(struct server *server, const char *doc, struct making *making)
{
    struct db_stmt *stmt = core_query(server, QUERY_TALLY_UNRESULTED);
    bool row = true;
    enum rc rc = RC_OK;
    db_bind_text(stmt, 1, doc);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (!rc && row)
            take_tally(making, db_text(stmt, 0), db_text(stmt, 1), db_text(stmt, 2), db_int(stmt, 3) != 0);
    }
    db_reset(stmt);
    return rc;
}

/* Lines that the paper has and nobody tallied; and the reason for each that is short. */
static void take_paper(struct making *making)
{
    size_t i;
    const json_t *line;
    const char *name;
    json_t *entry;
    bool full = json_array_size(json_object_get(making->opened, "lines")) > 0;
    json_array_foreach(json_object_get(making->opened, "lines"), i, line)
    {
        const char *id = apply_text(line, "line");
        qty_t total = json_integer_value(json_object_get(making->totals, id));
        if (!json_object_get(making->totals, id))
            line_of(making, id, apply_text(line, "lot"));
        if (total < qty_of(json_object_get(line, "qty")))
            json_object_set_new(making->totals, id, json_integer(-1));
        full &= total + qty_of(json_object_get(line, "tolerance")) >= qty_of(json_object_get(line, "qty"));
    }
    if (full) /* each device saw its own part alone */
        making->close = "complete";
    json_object_foreach(making->lines, name, entry)
    {
        bool is_short = json_integer_value(json_object_get(making->totals, apply_text(entry, "line"))) < 0 &&
                        making->short_reason;
        json_object_set_new(entry, "short_reason", is_short ? json_string(making->short_reason) : json_null());
    }
}

/* Devices of two zones may work on one document: texts don't compare. */
static int64_t time_of(const char *at)
{
    int64_t time_ms = 0;
    return time_parse(at, &time_ms) ? 0 : time_ms;
}

static void take_closing(struct making *making, const json_t *share)
{
    const json_t *closed = json_array_get(share, 3);
    json_t *value;
    const char *name;
    if (json_integer_value(json_array_get(share, 1)) != SHARE_CLOSED)
        return;
    if (!making->opened)
        making->opened = json_array_get(share, 2);
    json_array_append(making->devices, json_array_get(share, 0));
    add_once(making->by, apply_text(closed, "operator"));
    if (time_of(apply_text(closed, "at")) >= time_of(making->at))
        making->at = apply_text(closed, "at");
    if (strcmp(apply_text(closed, "close"), "short") == 0)
        making->close = "short";
    if (apply_text(closed, "short_reason")[0])
        making->short_reason = apply_text(closed, "short_reason");
    if (json_is_object(json_object_get(closed, "header")))
        json_object_update(making->header, json_object_get(closed, "header"));
    json_object_foreach(json_object_get(closed, "counted"), name, value)
    {
        if (!making->counted)
            making->counted = json_object();
        add_qty(making->counted, name, qty_of(value));
    }
}

static json_t *print_qty(const json_t *millionths)
{
    char text[QTY_TEXT_MAX + 1];
    return json_string(qty_print(json_integer_value(millionths), text));
}

/* Whole numbers as such, as section 12 of the design shows them. */
static json_t *print_counted(json_t *counted)
{
    const char *name;
    json_t *value, *copy = json_object();
    json_object_foreach(counted, name, value)
    {
        json_int_t qty = json_integer_value(value);
        json_object_set_new(copy, name, qty % QTY_ONE ? print_qty(value) : json_integer(qty / QTY_ONE));
    }
    return copy;
}

static json_t *print_lines(json_t *lines)
{
    const char *name;
    json_t *entry, *array = json_array();
    json_object_foreach(lines, name, entry)
    {
        json_object_set_new(entry, "qty", print_qty(json_object_get(entry, "qty")));
        json_array_append(array, entry);
    }
    return array;
}

static json_t *finish(const struct making *making, const json_t *document, const char *doc, const char *id)
{
    const char *source = apply_text(document, "source"), *cut = strrchr(doc, ':');
    char before[DOC_MAX + 1];
    snprintf(before, sizeof before, "%.*s", cut ? (int)(cut - doc) : 0, doc);
    const char *no = apply_text(making->opened, "no");
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:O, s:O, s:s, s:s, s:o, s:o, s:O}", "type", "result", "id", id, "source",
        source[0] ? source : before, "doc", source[0] ? apply_text(document, "doc") : (cut ? cut + 1 : doc), "no",
        no[0] ? no : apply_text(document, "no"), "rev", apply_text(making->opened, "rev"), "by", making->by,
        "devices", making->devices, "at", making->at, "close", making->close, "lines", print_lines(making->lines),
        "counted", making->counted ? print_counted(making->counted) : json_null(), "header", making->header);
}

static enum rc next_close_no(struct server *server, const char *doc, int64_t *ret_close_no)
{
    struct db_stmt *stmt = core_query(server, QUERY_SHARE_CLOSES);
    bool row;
    db_bind_text(stmt, 1, doc);
    enum rc rc = db_step(stmt, &row);
    if (!rc)
        *ret_close_no = db_int(stmt, 0) + 1;
    db_reset(stmt);
    return rc;
}

static enum rc store(struct server *server, const char *doc, int64_t close_no, const char *id, const json_t *body)
{
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    struct db_stmt *stmt = core_query(server, QUERY_RESULT_ADD);
    db_bind_text(stmt, 1, id);
    db_bind_text(stmt, 2, doc);
    db_bind_int(stmt, 3, close_no);
    db_bind_text(stmt, 4, text);
    enum rc rc = text ? db_run(stmt) : RC_NOMEM;
    stmt = core_query(server, QUERY_SHARE_CLOSE);
    db_bind_text(stmt, 1, doc);
    db_bind_int(stmt, 2, close_no);
    if (!rc)
        rc = db_run(stmt);
    stmt = core_query(server, QUERY_TALLY_CLOSE);
    db_bind_text(stmt, 1, doc);
    db_bind_int(stmt, 2, close_no);
    if (!rc)
        rc = db_run(stmt);
    free(text);
    if (!rc)
        core_log(server, "result", "%s of document %s, close %lld", id, doc, (long long)close_no);
    return rc;
}

static enum rc make(struct apply_batch *batch, const char *doc, struct making *making)
{
    struct apply_document *document;
    char id[RESULTS_ID_TEXT + 1];
    int64_t close_no = 0;
    size_t i;
    const json_t *share;
    enum rc rc = apply_document(batch, doc, &document);
    if (!rc)
        rc = next_close_no(batch->server, doc, &close_no);
    if (!rc)
        rc = take_tallies(batch->server, doc, making);
    if (rc)
        return rc;
    json_array_foreach(making->shares, i, share) take_closing(making, share);
    take_paper(making);
    json_t *body = finish(making, document->body, doc, results_id(doc, close_no, id));
    rc = store(batch->server, doc, close_no, id, body);
    json_decref(body);
    return rc;
}

enum rc results_make(struct apply_batch *batch, const char *doc)
{
    struct making making = {.at = "", .close = "complete"};
    enum rc rc = read_shares(batch->server, doc, &making.shares);
    if (rc)
        return rc;
    if (ready(making.shares)) {
        making.lines = json_object();
        making.totals = json_object();
        making.by = json_array();
        making.devices = json_array();
        making.header = json_object();
        bool room = making.lines && making.totals && making.by && making.devices && making.header;
        rc = room ? make(batch, doc, &making) : RC_NOMEM;
    }
    json_decref(making.lines);
    json_decref(making.totals);
    json_decref(making.by);
    json_decref(making.devices);
    json_decref(making.header);
    json_decref(making.counted);
    json_decref(making.shares);
    return rc;
}
