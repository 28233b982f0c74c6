/* What the server did not accept, as far as it needs somebody: its word from the catalog, the record from the journal. */
#include "app/store/store_private.h"
#include "app/store/syncport.h"
#include <stdio.h>
#include <string.h>

enum { LOOKED_MAX = 20 * INBOX_MAX }; /* what was answered stays known */

static const char *const ANSWERS[ANSWER_COUNT] = {
    [ANSWER_TAKE_OUT] = "take-out", [ANSWER_KEEP] = "keep", [ANSWER_NOT_MINE] = "not-mine"};

const char *answer_word(enum answer answer)
{
    return ANSWERS[answer];
}

bool answer_from_word(const char *word, enum answer *ret_answer)
{
    for (int i = 0; i < ANSWER_COUNT; i++)
        if (strcmp(ANSWERS[i], word) == 0) {
            *ret_answer = (enum answer)i;
            return true;
        }
    return false;
}

/* The books are late, or it spoke of a record that is in here itself: nobody can do anything about it. */
static bool needs_somebody(const struct catalog_refusal *told)
{
    return strcmp(told->reason, "provisional") != 0 && strcmp(told->reason, "not-counted") != 0;
}

static enum rc is_answered(struct store *store, int64_t seq, bool *ret_answered)
{
    sqlite3_stmt *row = store_sql(store, JSQL_ANSWERED, "ii", (int64_t)SYNCPORT_REFUSED, seq);
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    sqlite3_reset(row);
    *ret_answered = step == SQLITE_ROW;
    return step == SQLITE_ROW || step == SQLITE_DONE ? RC_OK : store_rc(store);
}

/* The tally of this record or of the scan that it confirms; seq 0 in *ret_tally when there is none. */
static enum rc its_tally(struct store *store, int64_t seq, struct tally_row *ret_tally)
{
    struct tally_row tally = {.seq = 0};
    int64_t ref = 0;
    enum rc rc = tally_find(store, seq, &tally);
    if (rc == RC_NOT_FOUND) {
        rc = store_record_ref(store, seq, &ref);
        if (rc == RC_OK)
            rc = ref ? tally_find(store, ref, &tally) : RC_NOT_FOUND;
        /* what is spoken of has counted by another record since, or this one only undid it */
        if (rc == RC_OK && tally.counted_seq != seq)
            tally.seq = 0;
    }
    *ret_tally = tally;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static bool is_over(const struct tally_row *tally)
{
    return tally->seq &&
           (tally->state == TALLY_UNDONE || tally->state == TALLY_ASIDE || tally->state == TALLY_RELEASED);
}

static enum rc waits(struct store *store, const struct catalog_refusal *told, struct tally_row *ret_tally,
                     bool *ret_waits)
{
    bool answered = true;
    enum rc rc = is_answered(store, told->seq, &answered);
    if (rc == RC_OK && !answered)
        rc = its_tally(store, told->seq, ret_tally);
    *ret_waits = rc == RC_OK && !answered && !is_over(ret_tally);
    return rc;
}

static void copy(const json_t *body, const char *name, char *ret_text, size_t size)
{
    const char *text = json_string_value(json_object_get(body, name));
    snprintf(ret_text, size, "%s", text ? text : "");
}

static enum rc read_row(struct store *store, const struct catalog_refusal *told, const struct tally_row *tally,
                        struct store_inbox_row *ret_row)
{
    struct store_inbox_row row = {.told = *told, .scan_seq = tally->seq};
    json_t *body = NULL, *scan = NULL;
    enum rc rc = store_body(store, told->seq, &body);
    if (rc == RC_OK && tally->seq && tally->seq != told->seq)
        rc = store_body(store, tally->seq, &scan);
    const json_t *goods = scan ? scan : body;
    const char *kind = json_string_value(json_object_get(body, "kind"));
    const char *qty = json_string_value(json_object_get(body, "qty"));
    if (rc == RC_OK && (!kind || !record_kind_from_word(kind, &row.kind)))
        rc = RC_CORRUPT;
    copy(body, "doc", row.doc, sizeof row.doc);
    copy(body, "no", row.no, sizeof row.no);
    copy(body, "flow", row.flow, sizeof row.flow);
    copy(body, "operator", row.operator, sizeof row.operator);
    copy(body, "at", row.at, sizeof row.at);
    copy(goods, "key", row.key, sizeof row.key);
    copy(goods, "product", row.product, sizeof row.product);
    copy(goods, "lot", row.lot, sizeof row.lot);
    if (qty)
        (void)qty_parse(qty, &row.qty);
    json_decref(body);
    json_decref(scan);
    if (rc == RC_OK)
        *ret_row = row;
    return rc;
}

struct walk {
    struct store *store;
    int looked;
    int64_t only;  /* of this record, 0 all */
    int64_t count; /* of what waits */
    bool (*visit)(void *context, const struct store_inbox_row *row);
    void *context; /* visit NULL: they are only counted */
    enum rc rc;
};

static bool look_at(void *context, const struct catalog_refusal *told)
{
    struct walk *walk = context;
    struct tally_row tally = {.seq = 0};
    struct store_inbox_row row;
    bool wanted = false, more = true;
    if (walk->only && told->seq != walk->only)
        return true;
    if (!needs_somebody(told))
        return true;
    walk->rc = waits(walk->store, told, &tally, &wanted);
    walk->count += wanted;
    walk->looked++;
    if (walk->rc == RC_OK && wanted && walk->visit) {
        walk->rc = read_row(walk->store, told, &tally, &row);
        more = walk->rc == RC_OK && walk->visit(walk->context, &row);
    }
    return walk->rc == RC_OK && more && walk->count < INBOX_MAX && walk->looked < LOOKED_MAX && !walk->only;
}

static enum rc walk_all(struct walk *walk)
{
    struct catalog *catalog;
    enum rc rc = store_catalog(walk->store, &catalog);
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    if (rc == RC_OK)
        rc = catalog_refusals(catalog, SYNCPORT_REFUSED, look_at, walk);
    return rc == RC_OK ? walk->rc : rc;
}

enum rc store_inbox(struct store *store, bool (*visit)(void *context, const struct store_inbox_row *row),
                    void *context)
{
    struct walk walk = {.store = store, .visit = visit, .context = context};
    return walk_all(&walk);
}

static bool keep_row(void *context, const struct store_inbox_row *row)
{
    *(struct store_inbox_row *)context = *row;
    return false;
}

enum rc store_inbox_row(struct store *store, int64_t seq, struct store_inbox_row *ret_row)
{
    struct walk walk = {.store = store, .only = seq, .visit = keep_row, .context = ret_row};
    enum rc rc = walk_all(&walk);
    return rc == RC_OK && walk.count == 0 ? RC_NOT_FOUND : rc;
}

int64_t inbox_count(struct store *store)
{
    struct walk walk = {.store = store};
    uint64_t version = store_catalog_version(store);
    if (store->inbox >= 0 && store->inbox_version == version)
        return store->inbox;
    if (walk_all(&walk) != RC_OK)
        return 0;
    store->inbox = walk.count;
    store->inbox_version = version;
    return walk.count;
}
