/* What the server did not accept, as far as it needs somebody: its word from the catalog, the record from the journal. */
#include "app/store/store_private.h"
#include "app/store/syncport.h"
#include <stdio.h>
#include <string.h>

enum { LOOKED_MAX = 20 * INBOX_MAX }; /* what was answered stays known */

static const char *const ANSWERS[ANSWER_COUNT] = {[ANSWER_TAKE_OUT] = "take-out",
                                                  [ANSWER_KEEP] = "keep",
                                                  [ANSWER_NOT_MINE] = "not-mine",
                                                  [ANSWER_SETTLED] = "settled"};

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

/* What was answered here and by which record, ANSWER_COUNT and 0 nothing. */
static enum rc its_answer(struct store *store, int64_t seq, enum answer *ret_answer, int64_t *ret_said_seq)
{
    sqlite3_stmt *row = store_sql(store, JSQL_ANSWERED, "ii", (int64_t)SYNCPORT_REFUSED, seq);
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    *ret_answer = step == SQLITE_ROW ? (enum answer)sqlite3_column_int(row, 0) : ANSWER_COUNT;
    *ret_said_seq = step == SQLITE_ROW ? sqlite3_column_int64(row, 1) : 0;
    sqlite3_reset(row);
    return step == SQLITE_ROW || step == SQLITE_DONE ? RC_OK : store_rc(store);
}

/* As this journal names it: what another life of this device had under its number is none of its business. */
static enum rc its_settling(struct store *store, struct catalog *catalog, int64_t seq,
                            struct catalog_settled *ret_settled)
{
    int64_t epoch = store->spans[epoch_at(store->spans, store->span_count, seq)].epoch;
    *ret_settled = (struct catalog_settled){.what = ""};
    enum rc rc = catalog_settled(catalog, epoch, seq, ret_settled);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
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

/* It waits for somebody; or somebody else has settled what does, or what was handed on. */
struct standing {
    bool open;
    bool right; /* nobody says any more that the goods go with its tally, or somebody has decided that they do */
    struct catalog_settled settled; /* `what` "": not by somebody else */
    struct tally_row tally;
};

static enum rc its_standing(struct store *store, struct catalog *catalog, int64_t seq, struct standing *ret_standing)
{
    struct standing standing = {.open = false};
    enum answer answer = ANSWER_COUNT;
    int64_t said_seq = 0;
    enum rc rc = its_answer(store, seq, &answer, &said_seq);
    /* who left them to others goes by what the catalog says, as soon as the server has heard that */
    bool left = answer == ANSWER_COUNT ||
                (answer == ANSWER_NOT_MINE && said_seq > store_watermark(store, catalog, "applied_seq"));
    if (rc == RC_OK && answer != ANSWER_TAKE_OUT && answer != ANSWER_KEEP)
        rc = its_tally(store, seq, &standing.tally);
    bool over = answer == ANSWER_COUNT && is_over(&standing.tally);
    if (rc == RC_OK && answer != ANSWER_TAKE_OUT && answer != ANSWER_KEEP && !over)
        rc = its_settling(store, catalog, seq, &standing.settled);
    standing.open = answer == ANSWER_COUNT && !over && !standing.settled.what[0];
    standing.right = !left || is_over(&standing.tally) || standing.settled.what[0];
    *ret_standing = standing;
    return rc;
}

static void copy(const json_t *body, const char *name, char *ret_text, size_t size)
{
    const char *text = json_string_value(json_object_get(body, name));
    snprintf(ret_text, size, "%s", text ? text : "");
}

static enum rc read_row(struct store *store, const struct catalog_refusal *told, const struct standing *standing,
                        struct store_inbox_row *ret_row)
{
    const struct tally_row *tally = &standing->tally;
    struct store_inbox_row row = {.told = *told, .settled = standing->settled, .scan_seq = tally->seq};
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
    struct catalog *catalog;
    int looked;
    int64_t only;    /* of this record, 0 all */
    bool settled;    /* visited is what somebody else settled, else what waits */
    int64_t count;   /* of what is visited … */
    int64_t besides; /* … and of the others */
    bool (*visit)(void *context, const struct store_inbox_row *row);
    void *context; /* visit NULL: they are only counted */
    enum rc rc;
};

static bool look_at(void *context, const struct catalog_refusal *told)
{
    struct walk *walk = context;
    struct standing standing = {.open = false};
    struct store_inbox_row row;
    bool more = true;
    if (walk->only && told->seq != walk->only)
        return true;
    if (!needs_somebody(told))
        return true;
    walk->rc = its_standing(walk->store, walk->catalog, told->seq, &standing);
    bool settled = standing.settled.what[0] != '\0', wanted = walk->settled ? settled : standing.open;
    walk->count += wanted;
    walk->besides += walk->settled ? standing.open : settled;
    walk->looked++;
    if (walk->rc == RC_OK && wanted && walk->visit) {
        walk->rc = read_row(walk->store, told, &standing, &row);
        more = walk->rc == RC_OK && walk->visit(walk->context, &row);
    }
    return walk->rc == RC_OK && more && walk->count < INBOX_MAX && walk->looked < LOOKED_MAX && !walk->only;
}

struct lost_walk {
    struct store *store;
    struct catalog *catalog;
    struct lost *lost;
    int looked;
    enum rc rc;
};

/* What counts by another record since is not lost by this one. A record that can't be read any more stops no scan. */
static bool look_for_lost(void *context, const struct catalog_refusal *told)
{
    struct lost_walk *walk = context;
    struct standing standing = {.right = true};
    if (told->held || !needs_somebody(told))
        return true;
    walk->rc = its_standing(walk->store, walk->catalog, told->seq, &standing);
    if (walk->rc == RC_CORRUPT)
        walk->rc = RC_OK;
    const struct tally_row *tally = &standing.tally;
    if (walk->rc == RC_OK && !standing.right && tally->seq && tally->counted_seq == told->seq)
        walk->rc = lost_add(walk->lost, tally, told->no);
    return walk->rc == RC_OK && ++walk->looked < LOOKED_MAX;
}

enum rc inbox_lost(struct store *store, struct catalog *catalog, struct lost *lost)
{
    struct lost_walk walk = {.store = store, .catalog = catalog, .lost = lost};
    enum rc rc = catalog_refusals(catalog, SYNCPORT_REFUSED, look_for_lost, &walk);
    return rc == RC_OK ? walk.rc : rc;
}

static enum rc walk_all(struct walk *walk)
{
    enum rc rc = store_catalog(walk->store, &walk->catalog);
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    if (rc == RC_OK)
        rc = catalog_refusals(walk->catalog, SYNCPORT_REFUSED, look_at, walk);
    return rc == RC_OK ? walk->rc : rc;
}

enum rc store_inbox(struct store *store, bool (*visit)(void *context, const struct store_inbox_row *row),
                    void *context)
{
    struct walk walk = {.store = store, .visit = visit, .context = context};
    return walk_all(&walk);
}

enum rc store_inbox_settled(struct store *store, bool (*visit)(void *context, const struct store_inbox_row *row),
                            void *context)
{
    struct walk walk = {.store = store, .settled = true, .visit = visit, .context = context};
    return walk_all(&walk);
}

bool store_settled(struct store *store, int64_t seq)
{
    struct catalog_settled settled = {.what = ""};
    struct catalog *catalog;
    return store_refused(store, seq) && store_catalog(store, &catalog) == RC_OK &&
           its_settling(store, catalog, seq, &settled) == RC_OK && settled.what[0];
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

int64_t inbox_count(struct store *store, int64_t *ret_settled)
{
    struct walk walk = {.store = store};
    uint64_t version = store_catalog_version(store);
    bool known = store->inbox >= 0 && store->inbox_version == version;
    if (!known && walk_all(&walk) != RC_OK)
        return 0;
    if (!known) {
        store->inbox = walk.count;
        store->settled = walk.besides;
        store->inbox_version = version;
    }
    *ret_settled = store->settled;
    return store->inbox;
}
