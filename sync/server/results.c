#include "sync/server/results.h"
#include "app/domain/chain.h"
#include "app/domain/date.h"
#include "app/domain/qty.h"
#include "sync/server/flows.h"
#include "sync/server/provisional.h"
#include "sync/server/shares.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_TEXT_MAX = DOC_MAX + 24, LINE_NAME_MAX = ID_MAX + LOT_MAX + 2 };

/* A result in the making. lines: "line TAB lot" → {line, qty in millionths, lot, codes}; extra: "product TAB lot" likewise;
 * counted: sums. */
struct making {
    const struct flow *flow; /* NULL: not known here */
    json_t *lines, *extra, *totals, *by, *devices, *header, *counted;
    json_t *apart;             /* {code, to, reason}: what went elsewhere than the rest */
    json_t *damaged;           /* codes that were taken out of it as damaged */
    json_t *provisional;       /* codes that the books do not have yet; NULL not asked */
    json_t *missing;           /* {line, product, lot, qty}: what was on the way and did not come */
    const json_t *differences; /* as a device told them that counted blind: its books are what it met; NULL */
    json_t *opened;            /* of the first share, borrowed from shares */
    json_t *shares;            /* owned: [device, state, opened, closed] */
    const char *at, *close, *short_reason;
    bool by_supervisor; /* shares may be open still */
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

/* Closed by somebody, open with nobody; a supervisor waits for nobody. */
static bool ready(const struct making *making)
{
    size_t i;
    const json_t *share;
    bool closed = false, open = false;
    json_array_foreach(making->shares, i, share)
    {
        json_int_t state = json_integer_value(json_array_get(share, 1));
        open |= state == SHARE_OPEN;
        closed |= state == SHARE_CLOSED;
    }
    return making->by_supervisor ? open || closed : closed && !open;
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

/* What came and was on no line: by product. */
static json_t *extra_of(struct making *making, const char *product, const char *lot)
{
    char name[LINE_NAME_MAX + 1];
    snprintf(name, sizeof name, "%.*s\t%.*s", ID_MAX, product, LOT_MAX, lot);
    json_t *entry = json_object_get(making->extra, name);
    if (entry)
        return entry;
    entry = json_pack("{s:s, s:i, s:o, s:[]}", "product", product, "qty", 0, "lot",
                      lot[0] ? json_string(lot) : json_null(), "codes");
    json_object_set_new(making->extra, name, entry);
    return entry;
}

static void take_allocation(struct making *making, const json_t *alloc, const char *key, bool unit)
{
    const char *line = apply_text(alloc, "line"), *lot = apply_text(alloc, "lot"),
               *product = apply_text(alloc, "product");
    qty_t qty = qty_of(json_object_get(alloc, "qty"));
    /* all of it went to another document; but what nobody knows is found all the same */
    if (qty == 0 && (line[0] || product[0] || !unit))
        return;
    json_t *entry = line[0] ? line_of(making, line, lot) : extra_of(making, product, lot);
    add_qty(entry, "qty", qty);
    if (line[0])
        add_qty(making->totals, line, qty);
    if (unit)
        json_array_append_new(json_object_get(entry, "codes"), json_string(key));
}

static void take_tally(struct making *making, const char *key, const char *operator, const char * allocs, bool unit)
{
    json_t *list = json_loads(allocs, 0, NULL), *alloc;
    size_t i;
    add_once(making->by, operator);
    json_array_foreach(list, i, alloc) take_allocation(making, alloc, key, unit);
    json_decref(list);
}

/* Quarantine, by what was found: the data centre has it to sort out. `reason` follows when the list is through. */
static void note_apart(struct making *making, struct db_stmt *stmt)
{
    const char *dest = db_text(stmt, 4);
    if (dest[0])
        json_array_append_new(making->apart, json_pack("{s:s, s:s, s:[I, I, I]}", "code", db_text(stmt, 0), "to",
                                                       dest, "reason", (json_int_t)db_int(stmt, 5),
                                                       (json_int_t)db_int(stmt, 6), (json_int_t)db_int(stmt, 7)));
}

/* Why it went apart: what the scan said. */
static enum rc say_why_apart(struct server *server, struct making *making)
{
    enum rc rc = RC_OK;
    size_t i;
    json_t *entry;
    json_array_foreach(making->apart, i, entry)
    {
        const json_t *record = json_object_get(entry, "reason");
        struct db_stmt *stmt = core_query(server, QUERY_RECORD_GET);
        bool row = false;
        for (int n = 0; n < 3; n++)
            db_bind_int(stmt, n + 1, json_integer_value(json_array_get(record, (size_t)n)));
        if (!rc)
            rc = db_step(stmt, &row);
        json_t *body = !rc && row ? json_loads(db_text(stmt, 3), JSON_ALLOW_NUL, NULL) : NULL;
        db_reset(stmt);
        json_object_set_new(entry, "reason", json_string(apply_text(body, "reason")));
        json_decref(body);
    }
    return rc;
}

/* Taken out again because they were found damaged. */
static enum rc take_damaged(struct server *server, const char *doc, struct making *making)
{
    struct db_stmt *stmt = core_query(server, QUERY_TALLY_DAMAGED);
    bool row = true;
    enum rc rc = RC_OK;
    db_bind_text(stmt, 1, doc);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (!rc && row)
            json_array_append_new(making->damaged, json_string(db_text(stmt, 0)));
    }
    db_reset(stmt);
    return rc;
}

static enum rc take_tallies(struct server *server, const char *doc, struct making *making)
{
    struct db_stmt *stmt = core_query(server, QUERY_TALLY_UNRESULTED);
    bool row = true;
    enum rc rc = RC_OK;
    db_bind_text(stmt, 1, doc);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (rc || !row)
            continue;
        take_tally(making, db_text(stmt, 0), db_text(stmt, 1), db_text(stmt, 2), db_int(stmt, 3) != 0);
        note_apart(making, stmt);
    }
    db_reset(stmt);
    if (!rc)
        rc = say_why_apart(server, making);
    if (!rc)
        rc = take_damaged(server, doc, making);
    return rc ? rc : provisional_of(server, doc, &making->provisional);
}

/* The reason for each line that is short. */
static void say_why_short(struct making *making, const json_t *lacking)
{
    const char *name;
    json_t *entry;
    json_object_foreach(making->lines, name, entry)
    {
        bool is_short = json_object_get(lacking, apply_text(entry, "line")) && making->short_reason;
        json_object_set_new(entry, "short_reason", is_short ? json_string(making->short_reason) : json_null());
    }
}

/* It was sent and did not come: it is on the way still. */
static void note_missing(struct making *making, const json_t *line, qty_t qty)
{
    char text[QTY_TEXT_MAX + 1];
    const char *lot = apply_text(line, "lot");
    json_array_append_new(making->missing,
                          json_pack("{s:s, s:s, s:o, s:s}", "line", apply_text(line, "line"), "product",
                                    apply_text(line, "product"), "lot", lot[0] ? json_string(lot) : json_null(),
                                    "qty", qty_print(qty, text)));
}

/* Lines that the paper has and nobody tallied; and what is short. */
static void take_paper(struct making *making)
{
    size_t i;
    const json_t *line, *paper = json_object_get(making->opened, "lines");
    json_t *lacking = json_object();
    bool full = json_array_size(paper) > 0;
    json_array_foreach(paper, i, line)
    {
        const char *id = apply_text(line, "line");
        qty_t total = json_integer_value(json_object_get(making->totals, id)),
              asked = qty_of(json_object_get(line, "qty"));
        if (!json_object_get(making->totals, id))
            line_of(making, id, apply_text(line, "lot"));
        if (total < asked) {
            json_object_set_new(lacking, id, json_true());
            note_missing(making, line, asked - total);
        }
        full &= total + qty_of(json_object_get(line, "tolerance")) >= asked;
    }
    if (full) /* each device saw its own part alone */
        making->close = "complete";
    say_why_short(making, lacking);
    json_decref(lacking);
}

static json_t *told_differences(const json_t *told)
{
    static const char *const TEXTS[] = {"product", "lot", "expected", "counted"};
    json_t *list = json_array();
    size_t i;
    const json_t *row;
    json_array_foreach(told, i, row)
    {
        json_t *entry = json_pack("{s:s}", "line", "");
        for (size_t n = 0; n < sizeof TEXTS / sizeof TEXTS[0]; n++)
            json_object_set_new(entry, TEXTS[n], json_string(apply_text(row, TEXTS[n])));
        json_array_append_new(list, entry);
    }
    return list;
}

/* Lines that came to something else than the books had, and what they did not have at all. */
static json_t *differences(const struct making *making)
{
    if (making->differences)
        return told_differences(making->differences);
    json_t *list = json_array(), *entry;
    size_t i;
    const json_t *line;
    const char *name;
    char counted[QTY_TEXT_MAX + 1], expected[QTY_TEXT_MAX + 1];
    json_array_foreach(json_object_get(making->opened, "lines"), i, line)
    {
        qty_t has = json_integer_value(json_object_get(making->totals, apply_text(line, "line")));
        qty_t asked = qty_of(json_object_get(line, "qty"));
        if (has != asked)
            json_array_append_new(list,
                                  json_pack("{s:s, s:s, s:s, s:s, s:s}", "line", apply_text(line, "line"), "product",
                                            apply_text(line, "product"), "lot", apply_text(line, "lot"), "expected",
                                            qty_print(asked, expected), "counted", qty_print(has, counted)));
    }
    json_object_foreach(making->extra, name, entry) json_array_append_new(
        list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "line", "", "product", apply_text(entry, "product"), "lot",
                        apply_text(entry, "lot"), "expected", "0", "counted",
                        qty_print(json_integer_value(json_object_get(entry, "qty")), counted)));
    return list;
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
    json_t *opened = json_array_get(share, 2);
    if (!making->opened || !json_object_get(making->opened, "lines"))
        making->opened = opened;
    if (json_integer_value(json_array_get(share, 1)) != SHARE_CLOSED)
        return;
    if (json_is_object(json_object_get(opened, "header")))
        json_object_update(making->header, json_object_get(opened, "header"));
    json_array_append(making->devices, json_array_get(share, 0));
    add_once(making->by, apply_text(closed, "operator"));
    if (time_of(apply_text(closed, "at")) >= time_of(making->at))
        making->at = apply_text(closed, "at");
    if (json_is_array(json_object_get(closed, "differences")))
        making->differences = json_object_get(closed, "differences");
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

/* "source:doc" in its two parts: as the data centre told them, else cut at the last colon. */
static void name_parts(const json_t *document, const char *doc, json_t *result)
{
    const char *source = apply_text(document, "source"), *cut = strrchr(doc, ':');
    char before[DOC_MAX + 1];
    snprintf(before, sizeof before, "%.*s", cut ? (int)(cut - doc) : 0, doc);
    json_object_set_new(result, "source", json_string(source[0] ? source : before));
    json_object_set_new(result, "doc", json_string(source[0] ? apply_text(document, "doc") : cut ? cut + 1 : doc));
}

static void copy_told(const json_t *from, const char *name, json_t *result)
{
    const json_t *value = json_object_get(from, name);
    if (value && !json_is_null(value))
        json_object_set(result, name, (json_t *)(uintptr_t)value);
}

/* A document of a device's own has no other paper than its opening. */
static json_t *finish(const struct making *making, const json_t *document, const char *doc, const char *id)
{
    static const char *const TOLD[] = {"flow", "from", "to", "site", "group", "own"};
    const char *no = apply_text(making->opened, "no");
    json_t *result =
        json_pack("{s:s, s:s, s:n, s:n, s:s, s:s, s:O, s:O, s:s, s:s}", "type", "result", "id", id, "source", "doc",
                  "no", no[0] ? no : apply_text(document, "no"), "rev", apply_text(making->opened, "rev"), "by",
                  making->by, "devices", making->devices, "at", making->at, "close", making->close);
    name_parts(document, doc, result);
    for (size_t i = 0; i < sizeof TOLD / sizeof TOLD[0]; i++)
        copy_told(making->opened, TOLD[i], result);
    if (making->flow && making->flow->differences)
        json_object_set_new(result, "differences", differences(making));
    json_object_set_new(result, "lines", print_lines(making->lines));
    if (json_object_size(making->extra))
        json_object_set_new(result, "extra", print_lines(making->extra));
    bool all_apart = making->flow && making->flow->after == GO_QUARANTINE;
    if (json_array_size(making->apart) && !all_apart)
        json_object_set(result, "apart", making->apart);
    if (making->flow && making->flow->lines == LINES_TRANSIT)
        json_object_set(result, "missing", making->missing);
    if (json_array_size(making->damaged))
        json_object_set(result, "damaged", making->damaged);
    if (json_array_size(making->provisional))
        json_object_set(result, "provisional", making->provisional);
    json_object_set_new(result, "counted", making->counted ? print_counted(making->counted) : json_null());
    json_object_set(result, "header", making->header);
    if (making->by_supervisor)
        json_object_set_new(result, "by_supervisor", json_true());
    return result;
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

/* Makes it of what is there, once it is known that one is due. */
static enum rc make(struct apply_batch *batch, const char *doc, struct making *making)
{
    struct apply_document *document;
    char id[RESULTS_ID_TEXT + 1];
    int64_t close_no = 0;
    size_t i;
    const json_t *share;
    enum rc rc = next_close_no(batch->server, doc, &close_no);
    if (!rc)
        rc = take_tallies(batch->server, doc, making);
    if (rc)
        return rc;
    json_array_foreach(making->shares, i, share) take_closing(making, share);
    rc = flows_get(batch, apply_text(making->opened, "flow"), &making->flow);
    if (!rc)
        rc = apply_document(batch, doc, &document);
    if (rc)
        return rc;
    take_paper(making);
    json_t *body = finish(making, document->body, doc, results_id(doc, close_no, id));
    rc = store(batch->server, doc, close_no, id, body);
    json_decref(body);
    return rc;
}

static enum rc make_room(struct making *making)
{
    making->lines = json_object();
    making->extra = json_object();
    making->totals = json_object();
    making->apart = json_array();
    making->damaged = json_array();
    making->missing = json_array();
    making->by = json_array();
    making->devices = json_array();
    making->header = json_object();
    bool room = making->lines && making->extra && making->totals && making->by && making->devices && making->header &&
                making->apart && making->damaged && making->missing;
    return room ? RC_OK : RC_NOMEM;
}

static void give_room(struct making *making)
{
    json_t *const owned[] = {making->lines,   making->extra,   making->totals,  making->by,
                             making->devices, making->header,  making->counted, making->shares,
                             making->apart,   making->damaged, making->missing, making->provisional};
    for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++)
        json_decref(owned[i]);
}

enum rc results_note(struct apply_batch *batch, const char *doc, struct apply_outcome *outcome)
{
    static const char *const WORDS[] = {"missing", "extra", "damaged"};
    struct db_stmt *stmt = core_query(batch->server, QUERY_RESULT_LAST);
    bool row;
    db_bind_text(stmt, 1, doc);
    enum rc rc = batch->party[0] ? db_step(stmt, &row) : RC_OK;
    json_t *body = !rc && batch->party[0] && row ? json_loads(db_text(stmt, 0), 0, NULL) : NULL;
    db_reset(stmt);
    /* a dealer's receipt that had lines: its result alone says what did not come */
    bool asked = json_object_get(body, "missing") && json_array_size(json_object_get(body, "lines"));
    for (size_t i = 0; asked && i < sizeof WORDS / sizeof WORDS[0]; i++)
        if (json_array_size(json_object_get(body, WORDS[i])))
            apply_note(outcome, WORDS[i]);
    json_decref(body);
    return rc;
}

enum rc results_make(struct apply_batch *batch, const char *doc)
{
    struct making making = {.at = "", .close = "complete"};
    enum rc rc = read_shares(batch->server, doc, &making.shares);
    if (!rc && ready(&making))
        rc = make_room(&making);
    if (!rc && making.lines)
        rc = make(batch, doc, &making);
    give_room(&making);
    return rc;
}

enum rc results_close(struct apply_batch *batch, const char *doc)
{
    char at[TIME_TEXT_MAX + 1];
    struct making making = {.close = "short", .by_supervisor = true};
    enum rc rc = read_shares(batch->server, doc, &making.shares);
    making.at = time_print(core_now_ms(batch->server), 0, at);
    if (!rc && !ready(&making))
        rc = RC_NOT_FOUND;
    if (!rc)
        rc = make_room(&making);
    if (!rc)
        rc = make(batch, doc, &making);
    give_room(&making);
    return rc;
}
