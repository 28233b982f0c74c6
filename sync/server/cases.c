#include "sync/server/cases.h"
#include "app/catalog/feed.h"
#include "app/domain/date.h"
#include "sync/server/changes.h"
#include "sync/server/entities.h"
#include "sync/server/evidence.h"
#include "sync/server/listing.h"
#include "sync/server/sales.h"
#include "sync/server/told.h"
#include "sync/server/visits.h"
#include <string.h>

enum { FINDINGS_TEXT_MAX = 255 };

/* ---- sightings ---- */

static void add_word(char *words, const char *word)
{
    size_t len = strlen(words);
    if (word[0] && strcmp(word, "ok") != 0 && len + strlen(word) + 1 <= FINDINGS_TEXT_MAX)
        snprintf(words + len, FINDINGS_TEXT_MAX + 1 - len, "%s%s", len ? "," : "", word);
}

static void add_findings(char *words, const json_t *record)
{
    const json_t *finding;
    size_t i;
    json_array_foreach(json_object_get(record, "findings"), i, finding)
    {
        if (json_is_string(finding))
            add_word(words, json_string_value(finding));
    }
}

/* Where the visit is: the field of its opening. */
static enum rc region_of(struct apply_batch *batch, const char *doc, char *ret_region)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_SHARE_GET);
    bool row;
    db_bind_text(stmt, 1, doc);
    db_bind_int(stmt, 2, batch->peer->device);
    enum rc rc = db_step(stmt, &row);
    json_t *opened = !rc && row ? json_loads(db_text(stmt, 1), JSON_ALLOW_NUL, NULL) : NULL;
    const char *region = apply_text(json_object_get(opened, "header"), "region");
    snprintf(ret_region, ID_MAX + 1, "%s", feed_is_id(region) ? region : ""); /* auditors are told of it */
    json_decref(opened);
    db_reset(stmt);
    return rc;
}

/* Who sold it: by the books, else as the device was told. */
static enum rc seller_of(struct apply_batch *batch, const json_t *scan, char *ret_party)
{
    const char *told = apply_text(json_object_get(json_object_get(scan, "market"), "sold"), "to");
    enum rc rc = sales_seller(batch->server, apply_text(scan, "key"), ret_party);
    if (!rc && !ret_party[0] && strlen(told) <= ID_MAX)
        snprintf(ret_party, ID_MAX + 1, "%s", told);
    return rc;
}

static enum rc open_case(struct server *server, const char *doc, const char *party)
{
    struct db_stmt *stmt = core_query(server, QUERY_DIVERSION_ADD);
    db_bind_int(stmt, 1, core_now_ms(server));
    db_bind_text(stmt, 2, doc);
    db_bind_text(stmt, 3, party);
    return db_run(stmt);
}

struct sighting {
    const json_t *scan;
    int64_t seq;
    const char *reason;
    char region[ID_MAX + 1], party[ID_MAX + 1], findings[FINDINGS_TEXT_MAX + 1];
    bool raised;
};

static enum rc add_sighting(struct apply_batch *batch, const struct sighting *sighting)
{
    static const struct {
        int n;
        const char *member;
    } TEXTS[] = {{4, "key"}, {5, "doc"}, {6, "no"}, {7, "at"}, {10, "product"}, {11, "lot"}, {14, "operator"}};
    struct db_stmt *stmt = core_query(batch->server, QUERY_SIGHTING_ADD);
    const json_t *defaced = json_object_get(sighting->scan, "defaced");
    db_bind_int(stmt, 1, batch->peer->device);
    db_bind_int(stmt, 2, apply_epoch_of(batch, sighting->seq));
    db_bind_int(stmt, 3, sighting->seq);
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        const char *text = apply_text(sighting->scan, TEXTS[i].member);
        db_bind_text(stmt, TEXTS[i].n, text[0] ? text : apply_text(defaced, TEXTS[i].member));
    }
    db_bind_text(stmt, 8, sighting->region);
    db_bind_text(stmt, 9, sighting->party);
    db_bind_text(stmt, 12, sighting->reason);
    db_bind_text(stmt, 13, sighting->findings);
    db_bind_int(stmt, 15, sighting->raised);
    return db_run(stmt);
}

enum rc cases_see(struct apply_batch *batch, const json_t *scan, const json_t *confirm, int64_t seq)
{
    const char *doc = apply_text(scan, "doc"), *key = apply_text(scan, "key");
    const json_t *last = confirm ? confirm : scan;
    bool another = json_is_true(json_object_get(last, "another"));
    struct sighting sighting = {.scan = scan, .seq = seq};
    /* a dealer says nothing of another: where no auditor is among its people, nobody saw anything */
    if (batch->party[0] && !batch->scope.auditor)
        return RC_OK;
    /* the same bottle once more */
    if (!another && (evidence_says(last, "duplicate") || evidence_says(last, "repeat")))
        return RC_OK;
    sighting.reason = another ? "cloned" : apply_text(last, "reason");
    add_word(sighting.findings, another ? apply_text(last, "reason") : "");
    add_findings(sighting.findings, last);
    enum rc rc = region_of(batch, doc, sighting.region);
    if (!rc && key[0])
        rc = seller_of(batch, scan, sighting.party);
    sighting.raised =
        sighting.party[0] && (evidence_says(last, "out-of-region") || evidence_says(scan, "out-of-region"));
    if (!rc)
        rc = add_sighting(batch, &sighting);
    if (!rc && sighting.raised)
        rc = open_case(batch->server, doc, sighting.party);
    return rc || !key[0] ? rc : changes_note(batch->server, TOLD_UNIT, key);
}

enum rc cases_forget(struct apply_batch *batch, int64_t seq)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_SIGHTING_UNDO);
    char key[CODE_KEY_MAX + 1] = "";
    bool row;
    db_bind_int(stmt, 1, batch->peer->device);
    db_bind_int(stmt, 2, apply_epoch_of(batch, seq));
    db_bind_int(stmt, 3, seq);
    enum rc rc = db_step(stmt, &row);
    if (!rc && row)
        snprintf(key, sizeof key, "%s", db_text(stmt, 0));
    db_reset(stmt);
    return rc || !key[0] ? rc : changes_note(batch->server, TOLD_UNIT, key);
}

enum rc cases_drop(struct apply_batch *batch, const char *doc)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_SIGHTING_DROP);
    char key[CODE_KEY_MAX + 1];
    bool row = true;
    enum rc rc = RC_OK;
    db_bind_text(stmt, 1, doc);
    db_bind_int(stmt, 2, batch->peer->device);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (rc || !row)
            continue;
        snprintf(key, sizeof key, "%s", db_text(stmt, 0));
        if (key[0])
            rc = changes_note(batch->server, TOLD_UNIT, key);
    }
    db_reset(stmt);
    return rc;
}

enum rc cases_evidence(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_EVIDENCE_ADD);
    (void)outcome;
    db_bind_text(stmt, 1, record->doc);
    db_bind_int(stmt, 2, batch->peer->device);
    db_bind_int(stmt, 3, batch->epoch);
    db_bind_int(stmt, 4, record->seq);
    return db_run(stmt);
}

/* ---- cases ---- */

static json_t *words(const char *commas)
{
    char copy[FINDINGS_TEXT_MAX + 1];
    char *rest = copy;
    json_t *array = json_array();
    snprintf(copy, sizeof copy, "%s", commas);
    for (char *word = strsep(&rest, ","); word; word = strsep(&rest, ","))
        if (word[0])
            json_array_append_new(array, json_string(word));
    return array;
}

static json_t *time_or_null(int64_t time_ms)
{
    char text[TIME_TEXT_MAX + 1];
    return time_ms ? json_string(time_print(time_ms, 0, text)) : json_null();
}

/* How it came there: each move, in order. */
static json_t *shipments(struct server *server, const char *key)
{
    struct db_stmt *stmt = core_query(server, QUERY_MOVEMENT_OF);
    json_t *moves = json_array();
    bool row = true;
    db_bind_text(stmt, 1, key);
    while (row && db_step(stmt, &row) == RC_OK && row) {
        const char *no = db_text(stmt, 10);
        json_array_append_new(moves,
                              json_pack("{s:s, s:s, s:s, s:s}", "at", db_text(stmt, 0), "from", db_text(stmt, 7),
                                        "to", db_text(stmt, 8), "doc", no[0] ? no : db_text(stmt, 2)));
    }
    db_reset(stmt);
    return moves;
}

/* What the auditor was shown goes with it: to whom it was sold, where it may be. */
static json_t *goods_row(struct db_stmt *stmt)
{
    json_t *body = json_loads(db_text(stmt, 10), JSON_ALLOW_NUL, NULL);
    json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:I, s:I, s:O?}", "key", db_text(stmt, 0), "at",
                            db_text(stmt, 1), "product", db_text(stmt, 2), "lot", db_text(stmt, 3), "reason",
                            db_text(stmt, 4), "findings", words(db_text(stmt, 5)), "qty", apply_text(body, "qty"),
                            "operator", db_text(stmt, 7), "device", (json_int_t)db_int(stmt, 6), "seq",
                            (json_int_t)db_int(stmt, 9), "shown", json_object_get(body, "market"));
    json_decref(body);
    return row;
}

/* Fills "goods" and "units". */
static enum rc add_goods(struct server *server, json_t *one)
{
    struct db_stmt *stmt = core_query(server, QUERY_SIGHTING_OF_CASE);
    char name[NAME_MAX_BYTES + 1];
    json_t *goods = json_array(), *item;
    bool row = true;
    size_t i;
    enum rc rc = goods ? RC_OK : RC_NOMEM;
    db_bind_text(stmt, 1, apply_text(one, "doc"));
    db_bind_text(stmt, 2, apply_text(one, "party"));
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (!rc && row)
            rc = json_array_append_new(goods, goods_row(stmt)) ? RC_NOMEM : RC_OK;
    }
    db_reset(stmt);
    json_array_foreach(goods, i, item)
    {
        if (!rc)
            rc = visits_name(server, "product", apply_text(item, "product"), name);
        json_object_set_new(item, "product_name", json_string(rc ? "" : name));
        json_object_set_new(item, "shipments", shipments(server, apply_text(item, "key")));
    }
    json_object_set_new(one, "units", json_integer((json_int_t)json_array_size(goods)));
    json_object_set_new(one, "goods", goods);
    if (json_array_size(goods) == 0 && strcmp(apply_text(one, "state"), "open") == 0)
        json_object_set_new(one, "state", json_string("withdrawn"));
    return rc;
}

/* Where it was, who was there and what was said; and where the seller may sell. */
static enum rc add_visit(struct server *server, json_t *one)
{
    json_t *visit, *seller;
    enum rc rc = visits_describe(server, apply_text(one, "doc"), &visit);
    if (rc)
        return rc;
    json_object_set(one, "no", json_object_get(visit, "no"));
    json_object_set(one, "region", json_object_get(visit, "region"));
    json_object_set_new(one, "visit", visit);
    rc = visits_seller(server, apply_text(one, "party"), &seller);
    if (rc)
        return rc;
    json_object_set(one, "name", json_object_get(seller, "name"));
    json_object_set_new(one, "seller", seller);
    return RC_OK;
}

static enum rc add_rulings(struct server *server, json_t *one)
{
    struct db_stmt *stmt = core_query(server, QUERY_RULING_OF);
    json_t *list = json_array();
    bool row = list != NULL;
    enum rc rc = list ? RC_OK : RC_NOMEM;
    db_bind_int(stmt, 1, json_integer_value(json_object_get(one, "case")));
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (!rc && row)
            json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o}", "state", db_text(stmt, 0), "reason",
                                                  db_text(stmt, 1), "by", db_text(stmt, 2), "at",
                                                  time_or_null(db_int(stmt, 3))));
    }
    db_reset(stmt);
    json_object_set_new(one, "rulings", list);
    return rc;
}

/* Each record of a picture or paper, without what every record says. */
static enum rc add_evidence(struct server *server, json_t *one)
{
    static const char *const PLAIN[] = {"epoch", "mono", "kind", "doc", "no", "flow", "site"};
    struct db_stmt *stmt = core_query(server, QUERY_EVIDENCE_OF);
    json_t *list = json_array();
    bool row = list != NULL;
    enum rc rc = list ? RC_OK : RC_NOMEM;
    db_bind_text(stmt, 1, apply_text(one, "doc"));
    while (!rc && row) {
        rc = db_step(stmt, &row);
        json_t *body = !rc && row ? json_loads(db_text(stmt, 0), JSON_ALLOW_NUL, NULL) : NULL;
        for (size_t i = 0; i < sizeof PLAIN / sizeof PLAIN[0]; i++)
            json_object_del(body, PLAIN[i]);
        if (body)
            json_array_append_new(list, body);
    }
    db_reset(stmt);
    json_object_set_new(one, "evidence", list);
    return rc;
}

static enum rc read_cases(struct server *server, json_t **ret_cases)
{
    static enum rc (*const PARTS[])(struct server * server, json_t * one) = {add_visit, add_goods, add_evidence,
                                                                             add_rulings};
    struct db_stmt *stmt = core_query(server, QUERY_DIVERSION_LIST);
    json_t *cases = json_array(), *one;
    bool row = cases != NULL;
    size_t i;
    enum rc rc = cases ? RC_OK : RC_NOMEM;
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (rc || !row)
            continue;
        one = json_pack("{s:I, s:o, s:s, s:s, s:s, s:s, s:s, s:o}", "case", (json_int_t)db_int(stmt, 0), "at",
                        time_or_null(db_int(stmt, 1)), "doc", db_text(stmt, 2), "party", db_text(stmt, 3), "state",
                        db_text(stmt, 4), "reason", db_text(stmt, 5), "by", db_text(stmt, 6), "ruled",
                        time_or_null(db_int(stmt, 7)));
        rc = one && json_array_append_new(cases, one) == 0 ? RC_OK : RC_NOMEM;
    }
    db_reset(stmt);
    json_array_foreach(cases, i, one)
    {
        for (size_t part = 0; !rc && part < sizeof PARTS / sizeof PARTS[0]; part++)
            rc = PARTS[part](server, one);
    }
    if (rc)
        json_decref(cases);
    else
        *ret_cases = cases;
    return rc;
}

static enum rc print_all(const json_t *rows, FILE *out)
{
    json_t *row;
    size_t i;
    enum rc rc = RC_OK;
    json_array_foreach(rows, i, row)
    {
        if (!rc)
            rc = listing_print(json_incref(row), out);
    }
    return rc;
}

enum rc cases_list(struct server *server, FILE *out)
{
    json_t *cases;
    enum rc rc = read_cases(server, &cases);
    if (rc)
        return rc;
    rc = print_all(cases, out);
    json_decref(cases);
    return rc;
}

static void count(json_t *row, const char *name, json_int_t more)
{
    json_object_set_new(row, name, json_integer(json_integer_value(json_object_get(row, name)) + more));
}

static json_int_t number(const json_t *row, const char *name)
{
    return json_integer_value(json_object_get(row, name));
}

static json_t *offender(json_t *offenders, const json_t *one)
{
    json_t *row;
    size_t i;
    json_array_foreach(offenders, i, row)
    {
        if (strcmp(apply_text(row, "party"), apply_text(one, "party")) == 0)
            return row;
    }
    row = json_pack("{s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:b, s:[]}", "party", apply_text(one, "party"), "name",
                    apply_text(one, "name"), "cases", 0, "open", 0, "diverted", 0, "dismissed", 0, "units", 0,
                    "repeated", 0, "numbers");
    json_array_append_new(offenders, row);
    return row;
}

/* What was dismissed is no offence. */
static void add_case(json_t *row, const json_t *one)
{
    count(row, apply_text(one, "state"), 1);
    if (strcmp(apply_text(one, "state"), "dismissed") == 0)
        return;
    count(row, "cases", 1);
    count(row, "units", number(one, "units"));
    json_array_append(json_object_get(row, "numbers"), json_object_get(one, "case"));
    json_object_set_new(row, "repeated", json_boolean(number(row, "diverted") > 1));
}

static bool is_worse(const json_t *a, const json_t *b)
{
    if (number(a, "diverted") != number(b, "diverted"))
        return number(a, "diverted") > number(b, "diverted");
    return number(a, "open") > number(b, "open");
}

/* Few: insertion. Those against whom nothing is left are none. */
static json_t *worst_first(const json_t *offenders)
{
    json_t *sorted = json_array(), *row;
    size_t i;
    json_array_foreach(offenders, i, row)
    {
        size_t at = json_array_size(sorted);
        if (number(row, "cases") == 0)
            continue;
        while (at > 0 && is_worse(row, json_array_get(sorted, at - 1)))
            at--;
        json_array_insert(sorted, at, row);
    }
    return sorted;
}

enum rc cases_offenders(struct server *server, FILE *out)
{
    json_t *cases, *one, *offenders = json_array();
    size_t i;
    enum rc rc = offenders ? read_cases(server, &cases) : RC_NOMEM;
    if (rc) {
        json_decref(offenders);
        return rc;
    }
    json_array_foreach(cases, i, one)
    {
        if (strcmp(apply_text(one, "state"), "withdrawn") == 0)
            continue;
        add_case(offender(offenders, one), one);
    }
    json_decref(cases);
    json_t *sorted = worst_first(offenders);
    rc = print_all(sorted, out);
    json_decref(sorted);
    json_decref(offenders);
    return rc;
}

enum rc cases_rule(struct server *server, int64_t case_number, const char *state, const char *reason, const char *by)
{
    bool row = false;
    enum rc rc = db_begin(server->db);
    if (rc)
        return rc;
    struct db_stmt *stmt = core_query(server, QUERY_DIVERSION_RULE);
    db_bind_int(stmt, 1, case_number);
    db_bind_text(stmt, 2, state);
    db_bind_text(stmt, 3, reason);
    db_bind_text(stmt, 4, by);
    db_bind_int(stmt, 5, core_now_ms(server));
    rc = db_step(stmt, &row);
    db_reset(stmt);
    if (!rc && !row)
        rc = RC_NOT_FOUND;
    stmt = core_query(server, QUERY_RULING_ADD);
    db_bind_int(stmt, 1, case_number);
    db_bind_text(stmt, 2, state);
    db_bind_text(stmt, 3, reason);
    db_bind_text(stmt, 4, by);
    db_bind_int(stmt, 5, core_now_ms(server));
    if (!rc)
        rc = db_run(stmt);
    if (!rc)
        return db_commit(server->db);
    db_rollback(server->db);
    return rc;
}
