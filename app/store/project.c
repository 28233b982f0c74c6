/* The projections: what each kind of record does to documents, lines, tallies and units. Runs inside the transaction
 * that appends the record, so that journal and progress never part. */
#include "app/store/books.h"
#include "app/store/keys.h"
#include "app/store/syncport.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

const struct flow *record_flow(const struct record *record)
{
    static const struct flow none = {.reserves = true, .after_state = -1};
    if (record->flow)
        return record->flow;
    const struct flow *flow = record->document ? flow_find(record->document->flow) : NULL;
    return flow ? flow : &none;
}

/* ---- a tally comes to life ---- */

/* Goods without a code of their own (a lot, a class) are quantities: no unit to reserve. */
static bool is_unit(const struct record *record)
{
    const struct code *code = record->code;
    return record->facts->code_known || code->kind == CODE_ITEM || code->kind == CODE_UNIT ||
           code->kind == CODE_PLAIN;
}

static bool is_mark(const struct record *record)
{
    return record->facts->is_label || record->facts->sets_context;
}

/* The goods themselves go into a container at once. */
static bool is_packed(const struct record *record)
{
    const struct record_pack *pack = record->pack;
    bool packs = pack && record_flow(record)->work == WORK_PACK && !is_mark(record);
    for (size_t i = 0; packs && i < pack->in_count; i++)
        if (strcmp(pack->in[i], record->facts->key) == 0)
            return true;
    return false;
}

static enum tally_state counting_state(const struct record *record)
{
    return is_mark(record) ? TALLY_MARK : is_packed(record) ? TALLY_PACKED : TALLY_LIVE;
}

static enum rc reserve(struct store *store, const struct record *record, int64_t tally_seq)
{
    const char *key = record->facts->key;
    if (record->facts->market.another) /* the first one with this code stays the one that was seen */
        return RC_OK;
    return record_flow(record)->reserves ? claim_put(store, key, tally_seq, record->doc)
                                         : store_do(store, JSQL_SEEN_PUT, "tti", record->doc, key, tally_seq);
}

static enum rc go_live(struct store *store, const struct record *record, enum tally_state state, int64_t tally_seq,
                       int64_t seq)
{
    enum rc rc = RC_OK;
    /* what has become a label is goods nowhere else */
    if (record_flow(record)->reserves && !record->facts->sets_context)
        rc = tally_take(store, record, tally_seq);
    if (rc == RC_OK && state != TALLY_MARK)
        rc = tally_allocate(store, record, tally_seq);
    if (rc == RC_OK && state == TALLY_LIVE && is_unit(record))
        rc = reserve(store, record, tally_seq);
    return rc == RC_OK ? work_done(store, record, tally_seq, seq) : rc;
}

static enum tally_state state_after(const struct record *record)
{
    const struct verdict *verdict = record->verdict;
    switch (verdict->severity) {
    case SEVERITY_ACCEPT:
    case SEVERITY_WARN: return counting_state(record);
    case SEVERITY_CONFIRM: return TALLY_WAITING;
    case SEVERITY_REJECT: return reason_latches(verdict->reason) ? TALLY_LATCHED : TALLY_NOTED;
    }
    return TALLY_NOTED;
}

static const char *first_line(const struct record *record)
{
    const struct verdict *verdict = record->verdict;
    bool any = verdict->allocation_count > 0 && verdict->allocations[0].line != LINE_NONE;
    return any ? record->document->lines[verdict->allocations[0].line].line : "";
}

static bool is_loose(const struct record *record, enum tally_state state)
{
    return state == TALLY_LIVE && record_flow(record)->work == WORK_PACK && is_unit(record);
}

static const char *goes_to(const struct record *record, char *text)
{
    return record->goes_to ? holder_print(record->goes_to, text) : "";
}

static bool counts(enum tally_state state)
{
    return state == TALLY_LIVE || state == TALLY_PACKED || state == TALLY_MARK;
}

static enum rc look_for_latches(struct store *store)
{
    sqlite3_stmt *row = store->latches == LATCHES_UNKNOWN ? store_sql(store, JSQL_LATCHED_ANY, "") : NULL;
    if (store->latches != LATCHES_UNKNOWN)
        return RC_OK;
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    if (step == SQLITE_ROW)
        store->latches = sqlite3_column_int(row, 0) ? LATCHES_SOME : LATCHES_NONE;
    sqlite3_reset(row);
    return step == SQLITE_ROW ? RC_OK : store_rc(store);
}

/* One latch a unit: a later judgement of the same goods takes the earlier one's place, for good where it counts. Where it does
 * not, goods that had counted are still to be taken out once it is undone or set aside. */
static enum rc replace_latch(struct store *store, const char *doc, const char *key, enum tally_state by,
                             bool *ret_replaced)
{
    *ret_replaced = false;
    enum rc rc = look_for_latches(store);
    if (rc != RC_OK || store->latches == LATCHES_NONE)
        return rc;
    rc = store_do(store, JSQL_LATCH_REPLACE, "tti", doc, key, (int64_t)!counts(by));
    *ret_replaced = rc == RC_OK && sqlite3_changes(store->db) > 0;
    if (*ret_replaced)
        store->latches = LATCHES_UNKNOWN;
    return rc;
}

/* What becomes of the latches that tally `seq` stands for. */
static enum rc end_asked(struct store *store, int64_t seq, enum tally_state state)
{
    return store_do(store, JSQL_LATCH_ASKED, "ii", seq, (int64_t)state);
}

static enum rc back_if_asked(struct store *store, const struct tally_row *tally)
{
    bool stands = !tally->counted_seq && (tally->state == TALLY_WAITING || tally->state == TALLY_LATCHED);
    return stands ? end_asked(store, tally->seq, TALLY_LATCHED) : RC_OK;
}

static enum rc project_scan(struct store *store, const struct record *record, int64_t seq)
{
    const struct facts *facts = record->facts;
    const struct verdict *verdict = record->verdict;
    const char *key = facts->key[0] ? facts->key : record->code->key;
    char to[HOLDER_MAX + 1];
    enum tally_state state = state_after(record);
    bool goods = state == TALLY_LIVE || state == TALLY_PACKED, replaced = false;
    enum rc rc = RC_OK;
    if (state != TALLY_NOTED && key[0]) /* a duplicate says nothing new */
        rc = replace_latch(store, record->doc, key, state, &replaced);
    if (state == TALLY_WAITING || state == TALLY_LATCHED)
        store->latches = LATCHES_SOME;
    if (rc == RC_OK)
        rc = store_do(store, JSQL_TALLY_PUT, "itittttiiiiiiiti", seq, record->doc, (int64_t)state, key,
                      facts->product_known ? facts->product.id : "", facts->lot.id, first_line(record),
                      (int64_t)verdict->reason, (int64_t)verdict->severity, verdict->qty, (int64_t)facts->level,
                      counts(state) ? seq : (int64_t)0, state == TALLY_PACKED ? seq : (int64_t)0,
                      (int64_t)is_loose(record, state), goes_to(record, to),
                      goods ? tally_own_line(record) : (int64_t)TALLY_SPREAD);
    if (rc == RC_OK && counts(state) && replaced)
        rc = end_asked(store, seq, TALLY_NOTED);
    if (rc == RC_OK && counts(state))
        rc = go_live(store, record, state, seq, seq);
    return rc;
}

static enum rc project_confirm(struct store *store, const struct record *record, int64_t seq)
{
    const struct verdict *verdict = record->verdict;
    const struct facts *facts = record->facts;
    enum tally_state state = counting_state(record);
    char to[HOLDER_MAX + 1];
    enum rc rc = store_do(store, JSQL_TALLY_REASON, "iiiiti", record->ref, (int64_t)state, (int64_t)verdict->reason,
                          (int64_t)verdict->severity, first_line(record), verdict->qty);
    if (rc == RC_OK)
        rc = tally_begin_anew(store, record, seq);
    if (rc == RC_OK)
        rc = store_do(store, JSQL_TALLY_GOES, "itiitti", record->ref, goes_to(record, to),
                      state == TALLY_PACKED ? seq : (int64_t)0, (int64_t)is_loose(record, state),
                      facts->product_known ? facts->product.id : "", facts->lot.id, (int64_t)facts->level);
    if (rc == RC_OK)
        rc = end_asked(store, record->ref, TALLY_NOTED);
    return rc == RC_OK ? go_live(store, record, state, record->ref, seq) : rc;
}

/* ---- and is taken back ---- */

/* What a label was put on is loose again. */
static enum rc loosen(struct store *store, const struct tally_row *label)
{
    struct keys seqs = {NULL, 0, 0};
    struct tally_row tally;
    sqlite3_stmt *row = store_sql(store, JSQL_PACKED_BY, "ti", label->doc, label->counted_seq);
    enum rc rc = keys_read(store, row, &seqs);
    for (size_t i = 0; i < seqs.count && rc == RC_OK; i++) {
        rc = tally_find(store, strtoll(seqs.all[i], NULL, 10), &tally);
        if (rc == RC_OK)
            rc = store_do(store, JSQL_TALLY_PACK, "iiii", tally.seq, (int64_t)TALLY_LIVE, (int64_t)0, (int64_t)1);
        if (rc == RC_OK)
            rc = claim_put(store, tally.key, tally.seq, tally.doc);
    }
    keys_free(&seqs);
    return rc;
}

/* `kept`: of that code what was learned stays, "" none. */
static enum rc undo_counted(struct store *store, const struct tally_row *tally, int64_t seq, const char *kept)
{
    struct books_write write = {.store = store, .seq = seq, .of = tally->counted_seq};
    enum rc rc = RC_OK;
    if (tally->state == TALLY_MARK) {
        rc = tally_set_state(store, tally->seq, TALLY_UNDONE);
        if (rc == RC_OK)
            rc = loosen(store, tally);
    } else {
        rc = tally_release(store, tally, TALLY_UNDONE);
    }
    if (rc == RC_OK)
        rc = tally_give_back(store, tally);
    store_catalog(store, &write.catalog);
    if (rc == RC_OK)
        rc = books_reverse(&write, tally->counted_seq, kept);
    if (rc == RC_OK)
        rc = store_do(store, JSQL_WORK_BACK, "ti", tally->doc, tally->counted_seq);
    return rc == RC_OK ? store_do(store, JSQL_WORK_DROP, "ti", tally->doc, tally->counted_seq) : rc;
}

struct contents {
    struct keys keys;
    struct holder holder; /* of the container: what names another place is not in it */
};

static bool collect_inside(void *context, const struct books_entry *child)
{
    struct contents *contents = context;
    const struct holder *a = &child->unit.holder, *b = &contents->holder;
    bool along = a->kind == HOLDER_UNKNOWN || (a->kind == b->kind && strcmp(a->id, b->id) == 0);
    return !along || keys_add(&contents->keys, child->unit.key) == RC_OK;
}

/* Over what this very record gave back. */
static enum rc put_state(const struct books_write *write, const char *key, int state)
{
    enum rc rc = books_put_place(write, key, NULL, state);
    return rc == RC_OK ? store_do(write->store, JSQL_PLACE_STATE, "tii", key, write->seq, (int64_t)state) : rc;
}

/* Of the goods themselves, and of what is in them, which was put back in by this very record. */
static enum rc put_condition(const struct books_write *write, const char *key, int condition)
{
    struct contents contents = {.keys = {NULL, 0, 0}};
    struct books_entry entry;
    enum rc rc = books_find(write->store, write->catalog, key, &entry);
    if (rc == RC_OK)
        contents.holder = entry.unit.holder;
    if (rc == RC_OK && entry.unit.container)
        rc = books_children(write->store, write->catalog, key, collect_inside, &contents);
    if (rc == RC_OK || rc == RC_NOT_FOUND)
        rc = put_state(write, key, condition);
    for (size_t i = 0; i < contents.keys.count && i < CONTENTS_MAX && rc == RC_OK; i++) {
        rc = put_state(write, contents.keys.all[i], condition);
        if (rc == RC_OK)
            rc = books_children(write->store, write->catalog, contents.keys.all[i], collect_inside, &contents);
    }
    keys_free(&contents.keys);
    return rc;
}

/* What is damaged is known, though nobody knows any more what it was. */
static enum rc keep_known(const struct books_write *write, const char *key)
{
    struct books_entry entry;
    const struct books_learned nothing = {
        .product = "", .lot = "", .made = DAY_NONE, .expires = DAY_NONE, .whole = true};
    enum rc rc = books_find(write->store, write->catalog, key, &entry);
    bool nameless = rc == RC_OK && !entry.told && !entry.unit.product[0] && !entry.unit.container;
    return rc == RC_NOT_FOUND || nameless ? books_learn(write, key, &nothing) : rc;
}

static enum rc project_undo(struct store *store, const struct record *record, int64_t seq)
{
    struct tally_row tally;
    struct books_write write = {.store = store, .seq = seq, .of = seq};
    enum rc rc = tally_find(store, record->ref, &tally);
    if (rc != RC_OK)
        return rc;
    if (counts(tally.state))
        rc = undo_counted(store, &tally, seq, record->condition == STATE_ACTIVE ? "" : tally.key);
    else if ((rc = back_if_asked(store, &tally)) == RC_OK)
        rc = tally_set_state(store, record->ref, TALLY_UNDONE);
    if (rc != RC_OK || record->condition == STATE_ACTIVE)
        return rc;
    store_catalog(store, &write.catalog);
    rc = put_condition(&write, tally.key, (int)record->condition);
    return rc == RC_OK ? keep_known(&write, tally.key) : rc;
}

static enum rc project_set_aside(struct store *store, const struct record *record, int64_t seq)
{
    (void)seq;
    struct tally_row tally;
    enum rc rc = tally_find(store, record->ref, &tally);
    if (rc == RC_OK)
        rc = back_if_asked(store, &tally);
    return rc == RC_OK ? tally_set_state(store, record->ref, TALLY_ASIDE) : rc;
}

static enum rc project_recheck(struct store *store, const struct record *record, int64_t seq)
{
    (void)seq;
    struct tally_row tally;
    const struct verdict *verdict = record->verdict;
    enum rc rc = tally_find(store, record->ref, &tally);
    if (rc == RC_OK)
        rc = tally_release(store, &tally, TALLY_LATCHED);
    /* the server refused it: there it never left the other document */
    if (rc == RC_OK && verdict->reason == REASON_IN_OTHER_DOCUMENT)
        rc = tally_give_back(store, &tally);
    if (rc == RC_OK)
        rc = store_do(store, JSQL_TALLY_REASON, "iiiiti", record->ref, (int64_t)TALLY_LATCHED,
                      (int64_t)verdict->reason, (int64_t)verdict->severity, "", verdict->qty);
    return rc;
}

/* ---- operators ---- */

static enum rc project_sign_failed(struct store *store, const struct record *record, int64_t seq)
{
    (void)seq;
    return store_do(store, JSQL_SIGN_FAIL, "ti", record->operator, record->at_ms);
}

static enum rc project_sign_in(struct store *store, const struct record *record, int64_t seq)
{
    (void)seq;
    return store_do(store, JSQL_SIGN_OK, "t", record->operator);
}

/* Goods that are out again count no more, wherever they counted here; what has moved stays as it is. */
static enum rc project_take_out(struct store *store, const struct tally_row *tally, int64_t seq)
{
    if (counts(tally->state))
        return undo_counted(store, tally, seq, "");
    bool open = tally->state == TALLY_LATCHED || tally->state == TALLY_WAITING || tally->state == TALLY_ASKED;
    return open ? tally_set_state(store, tally->seq, TALLY_UNDONE) : RC_OK;
}

/* As a confirm; what still counted by the record that was refused counts by this one from now on. */
static enum rc project_keep(struct store *store, const struct record *record, const struct tally_row *tally,
                            int64_t seq)
{
    struct record confirm = *record;
    enum rc rc = counts(tally->state) ? tally_release(store, tally, TALLY_LATCHED) : RC_OK;
    confirm.ref = tally->seq;
    return rc == RC_OK ? project_confirm(store, &confirm, seq) : rc;
}

static enum rc project_answer(struct store *store, const struct record *record, int64_t seq)
{
    struct tally_row tally;
    int64_t scan_seq = record->ref;
    enum rc rc = store_do(store, JSQL_ANSWER_PUT, "iiii", (int64_t)SYNCPORT_REFUSED, record->ref, seq,
                          (int64_t)record->answer);
    if (rc != RC_OK || record->answer == ANSWER_NOT_MINE)
        return rc;
    rc = tally_find(store, scan_seq, &tally);
    if (rc == RC_NOT_FOUND && (rc = store_record_ref(store, record->ref, &scan_seq)) == RC_OK)
        rc = tally_find(store, scan_seq, &tally);
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    if (rc == RC_OK && (record->answer == ANSWER_TAKE_OUT || record->answer == ANSWER_SETTLED))
        rc = project_take_out(store, &tally, seq);
    else if (rc == RC_OK && record->verdict)
        rc = project_keep(store, record, &tally, seq);
    return rc;
}

static enum rc project_nothing(struct store *store, const struct record *record, int64_t seq)
{
    (void)store;
    (void)record;
    (void)seq;
    return RC_OK;
}

static enum rc (*const PROJECTIONS[RECORD_KIND_COUNT])(struct store *, const struct record *, int64_t) = {
    [RECORD_OPEN] = project_open,           [RECORD_SCAN] = project_scan,
    [RECORD_CONFIRM] = project_confirm,     [RECORD_UNDO] = project_undo,
    [RECORD_SET_ASIDE] = project_set_aside, [RECORD_RECHECK] = project_recheck,
    [RECORD_COMPLETE] = project_complete,   [RECORD_ABANDON] = project_abandon,
    [RECORD_SIGN_IN] = project_sign_in,     [RECORD_SIGN_FAILED] = project_sign_failed,
    [RECORD_SIGN_OUT] = project_nothing,    [RECORD_CONTEXT] = work_context,
    [RECORD_EVIDENCE] = project_nothing,    [RECORD_ANSWER] = project_answer,
};

enum rc project(struct store *store, const struct record *record, int64_t seq)
{
    if (record->kind != RECORD_SCAN)
        store->latches = LATCHES_UNKNOWN;
    if (record->kind != RECORD_SCAN)
        store->inbox = -1;
    if (record->kind != RECORD_SCAN || record->facts->other_document[0] || record_flow(record)->work != WORK_COUNT)
        lost_clear(&store->lost);
    fill_note(store, record);
    enum rc rc = count_settle(store, record, seq);
    return rc == RC_OK ? PROJECTIONS[record->kind](store, record, seq) : rc;
}
