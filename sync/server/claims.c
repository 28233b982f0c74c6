#include "sync/server/claims.h"
#include "app/domain/qty.h"
#include "sync/server/cases.h"
#include "sync/server/conflicts.h"
#include "sync/server/evidence.h"
#include "sync/server/flows.h"
#include "sync/server/packs.h"
#include "sync/server/provisional.h"
#include "sync/server/shares.h"
#include "sync/server/spoken.h"
#include "sync/server/takes.h"
#include "sync/server/totals.h"
#include "sync/server/undo.h"
#include "sync/wire/quick.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One scan about to count: what it says, and the record that made it count (the same, or its confirm). */
struct counting {
    struct apply_batch *batch;
    const json_t *scan, *confirm; /* confirm: NULL when none was needed */
    int64_t seq;                  /* of the scan: what a later undo names */
    int64_t told_seq;             /* of the record that is being judged */
    const struct flow *flow;      /* NULL: not known here */
    struct packs_work work;       /* what it does to containers */
    struct unit unit;
    bool claimable;                /* one thing, not a quantity */
    bool known;                    /* to the books */
    bool learned;                  /* from this record */
    bool kept;                     /* on a supervisor's word, though it was refused */
    bool provisional;              /* the books are late: it reserves nothing, and its move waits */
    json_t *did;                   /* what its undo needs; NULL nothing */
    struct conflict_record around; /* this device's tally on another document of what the unit is in; doc "" none */
    json_t *took;                  /* what another document's tally lost to this one; NULL nothing */
};

/* As it was judged last: a confirm says again what it is and how much, for that may have changed since the scan. */
static const json_t *judged(const struct counting *counting)
{
    return json_object_get(counting->confirm, "product") ? counting->confirm : counting->scan;
}

static bool counts_at_once(const char *severity)
{
    return strcmp(severity, "accept") == 0 || strcmp(severity, "warn") == 0;
}

static enum rc conflict(const struct counting *counting, const char *kind, const struct conflict_record *other,
                        const char *detail)
{
    const struct apply_batch *batch = counting->batch;
    struct conflict conflict = {kind,
                                counting->unit.key,
                                apply_text(counting->scan, "doc"),
                                batch->peer->device,
                                batch->epoch,
                                counting->told_seq,
                                other,
                                detail,
                                counting->seq};
    return conflicts_add(batch->server, &conflict);
}

static bool reserves(const struct counting *counting)
{
    return !counting->flow || counting->flow->reserves;
}

static bool is_audit(const struct counting *counting)
{
    return counting->flow && counting->flow->judges;
}

static enum rc find_unit(struct counting *counting)
{
    const char *key = apply_text(counting->scan, "key");
    enum rc rc = units_get(counting->batch->server, key, &counting->unit);
    counting->known = rc == RC_OK;
    counting->claimable = spoken_is_one_thing(key, counting->known);
    return rc == RC_NOT_FOUND ? units_find(counting->batch->server, key, &counting->unit) : rc;
}

/* A live claim of another device on what the unit is in, or on what is in it. */
static enum rc find_rival(const struct counting *counting, bool *ret_found, struct conflict_record *ret_rival)
{
    static const enum query_id WALKS[] = {QUERY_CLAIM_ABOVE, QUERY_CLAIM_INSIDE};
    const struct unit *unit = &counting->unit;
    bool needed[] = {unit->parent[0] != '\0', unit->container};
    enum rc rc = RC_OK;
    *ret_found = false;
    for (int i = 0; !rc && !*ret_found && i < 2; i++) {
        if (!needed[i])
            continue;
        struct db_stmt *stmt = core_query(counting->batch->server, WALKS[i]);
        db_bind_text(stmt, 1, unit->key);
        db_bind_int(stmt, 2, counting->batch->peer->device);
        rc = spoken_claim(stmt, ret_found, ret_rival);
    }
    return rc;
}

/* This device's own tally of what the unit is in, for another document: the unit leaves it. */
static enum rc find_around(struct counting *counting)
{
    struct db_stmt *stmt = core_query(counting->batch->server, QUERY_CLAIM_AROUND);
    bool found;
    db_bind_text(stmt, 1, counting->unit.key);
    db_bind_int(stmt, 2, counting->batch->peer->device);
    enum rc rc = spoken_claim(stmt, &found, &counting->around);
    if (!rc && found && strcmp(counting->around.doc, apply_text(counting->scan, "doc")) == 0)
        counting->around.doc[0] = '\0';
    return rc;
}

/* Where nothing is reserved: the same unit twice in the document counts once all the same. */
static enum rc find_free(struct counting *counting, bool *ret_counted)
{
    struct db_stmt *stmt = core_query(counting->batch->server, QUERY_TALLY_FREE);
    db_bind_text(stmt, 1, apply_text(counting->scan, "doc"));
    db_bind_text(stmt, 2, counting->unit.key);
    enum rc rc = db_step(stmt, ret_counted);
    db_reset(stmt);
    return rc;
}

/* The unit's own claim: another device's is a rival; this device's older one on another document gives way ("moved here"
 * is one record); on the same document the unit counts already. */
static enum rc settle_claim(struct counting *counting, bool *ret_lost, bool *ret_counted,
                            struct conflict_record *ret_rival)
{
    struct server *server = counting->batch->server;
    struct db_stmt *stmt = core_query(server, QUERY_CLAIM_GET);
    bool found, was_live;
    *ret_lost = *ret_counted = false;
    if (!reserves(counting) || counting->provisional)
        return find_free(counting, ret_counted);
    db_bind_text(stmt, 1, counting->unit.key);
    enum rc rc = spoken_claim(stmt, &found, ret_rival);
    if (!rc && !found && counting->work.pack)
        rc = packs_rival(counting->batch, &counting->work, ret_lost, ret_rival);
    if (rc || *ret_lost)
        return rc;
    if (!found) {
        rc = find_rival(counting, ret_lost, ret_rival);
        return !rc && !*ret_lost && counting->unit.parent[0] ? find_around(counting) : rc;
    }
    if (ret_rival->device != counting->batch->peer->device)
        *ret_lost = true;
    else if (strcmp(ret_rival->doc, apply_text(counting->scan, "doc")) == 0 &&
             ret_rival->epoch == apply_epoch_of(counting->batch, ret_rival->seq))
        *ret_counted = true;
    else if (strcmp(ret_rival->doc, apply_text(counting->scan, "doc")) == 0)
        /* tallied in a life of this device that is over: from now on by this record, which it can speak of */
        rc = undo_drop(counting->batch, ret_rival->doc, ret_rival->epoch, ret_rival->seq, &was_live);
    else {
        struct takes_tally from = {ret_rival->doc, ret_rival->epoch, ret_rival->seq};
        counting->took = takes_whole(&from);
        rc = counting->took ? undo_drop(counting->batch, from.doc, from.epoch, from.seq, &was_live) : RC_NOMEM;
    }
    return rc;
}

static enum rc count_lines(struct counting *counting, const json_t *allocs, struct apply_outcome *outcome)
{
    size_t i;
    const json_t *alloc;
    bool over = false;
    enum rc rc = RC_OK;
    json_array_foreach(allocs, i, alloc)
    {
        if (!rc)
            rc = totals_add(counting->batch, apply_text(counting->scan, "doc"), alloc, 1, &over);
    }
    if (over && !evidence_says(counting->scan, "over-quantity") && !evidence_says(counting->confirm, "over-quantity"))
        apply_note(outcome, "over-quantity");
    return rc;
}

/* Where the record says that `complete` brings it, as it was judged last. "": where the flow brings the rest. */
static const char *destination(const struct counting *counting)
{
    const char *dest = apply_text(counting->confirm ? counting->confirm : counting->scan, "to");
    struct holder holder; /* what is no place no device could be told */
    return holder_parse(dest, &holder) ? "" : dest;
}

/* As it was judged last: what held goods when it was scanned may be empty when it is confirmed. */
static bool is_mark(const struct counting *counting)
{
    return json_is_true(json_object_get(counting->confirm ? counting->confirm : counting->scan, "mark"));
}

/* The label of a container about to be filled: nothing is packed by it yet, and it is no goods. */
static bool is_label(const struct counting *counting)
{
    return counting->flow && counting->flow->work == WORK_PACK && !counting->work.pack && is_mark(counting);
}

static bool finishes(const struct counting *counting)
{
    bool packs = counting->flow && counting->flow->work == WORK_PACK;
    return packs && (packs_finishes(&counting->work) || is_label(counting));
}

static enum rc add_tally(struct counting *counting, const char *allocs)
{
    const struct apply_batch *batch = counting->batch;
    char *took = counting->took ? json_dumps(counting->took, JSON_COMPACT) : NULL;
    char *did = counting->did ? json_dumps(counting->did, JSON_COMPACT) : NULL;
    if ((counting->took && !took) || (counting->did && !did)) {
        free(took);
        free(did);
        return RC_NOMEM;
    }
    struct db_stmt *stmt = core_query(batch->server, QUERY_TALLY_ADD);
    db_bind_text(stmt, 1, apply_text(counting->scan, "doc"));
    db_bind_int(stmt, 2, batch->peer->device);
    db_bind_int(stmt, 3, apply_epoch_of(batch, counting->seq));
    db_bind_int(stmt, 4, counting->seq);
    db_bind_text(stmt, 5, counting->unit.key);
    db_bind_int(stmt, 6, counting->claimable);
    db_bind_int(stmt, 7, finishes(counting) ? TALLY_PACKED : TALLY_LIVE);
    db_bind_text(stmt, 8, apply_text(counting->scan, "operator"));
    db_bind_text(stmt, 9, allocs);
    db_bind_text_or_null(stmt, 10, took ? took : "");
    db_bind_text_or_null(stmt, 11, destination(counting));
    db_bind_text_or_null(stmt, 12, did ? did : "");
    db_bind_int(stmt, 13, !reserves(counting) || counting->provisional);
    enum rc rc = db_run(stmt);
    free(took);
    free(did);
    return rc;
}

static enum rc add_claim(struct counting *counting)
{
    const struct apply_batch *batch = counting->batch;
    struct db_stmt *stmt = core_query(batch->server, QUERY_CLAIM_PUT);
    db_bind_text(stmt, 1, counting->unit.key);
    db_bind_int(stmt, 2, batch->peer->device);
    db_bind_int(stmt, 3, apply_epoch_of(batch, counting->seq));
    db_bind_int(stmt, 4, counting->seq);
    db_bind_text(stmt, 5, apply_text(counting->scan, "doc"));
    return db_run(stmt);
}

/* Goods of which nobody knows what they are; a label, and the new code of old goods, are none. */
static bool is_unknown(const struct counting *counting)
{
    return !apply_text(judged(counting), "product")[0] && counting->claimable && !counting->work.relabel &&
           !counting->work.pack && !is_mark(counting);
}

/* Lines are in `alloc`; a record without counts for its one line. What nobody knows is found all the same. */
static json_t *allocations(const struct counting *counting)
{
    const json_t *record = counting->confirm ? counting->confirm : counting->scan;
    json_t *alloc = json_object_get(record, "alloc");
    if (!alloc)
        alloc = json_object_get(counting->scan, "alloc");
    if (json_is_array(alloc) && json_array_size(alloc) <= ALLOC_MAX)
        return json_array_size(alloc) == 0 && is_unknown(counting)
                   ? json_pack("[{s:s, s:s, s:s, s:s}]", "line", "", "product", "", "qty", "0", "lot", "")
                   : json_incref(alloc);
    return json_pack("[{s:s, s:s, s:s}]", "line", apply_text(record, "line"), "qty", apply_text(record, "qty"), "lot",
                     apply_text(judged(counting), "lot"));
}

static enum rc tally(struct counting *counting, struct apply_outcome *outcome)
{
    json_t *allocs = allocations(counting);
    char *text = allocs ? quick_dump(allocs) : NULL;
    struct takes_tally around = {counting->around.doc, counting->around.epoch, counting->around.seq};
    enum rc rc = text ? RC_OK : RC_NOMEM;
    if (!rc && around.doc[0])
        rc = takes_part(counting->batch, &around, judged(counting), allocs, &counting->took);
    if (!rc)
        rc = add_tally(counting, text);
    if (!rc)
        rc = count_lines(counting, allocs, outcome);
    if (!rc && counting->claimable && reserves(counting) && !counting->provisional && !finishes(counting))
        rc = add_claim(counting);
    free(text);
    json_decref(allocs);
    return rc;
}

/* So many units are in it, as the scan told: nobody said what they are. */
static int64_t told_units(const json_t *scan, int64_t level)
{
    qty_t qty = 0;
    bool good = qty_parse(apply_text(scan, "qty"), &qty) == RC_OK;
    return good && (level > 0 || qty > QTY_ONE) ? qty / QTY_ONE : 0;
}

/* A code that the books did not have: bound to the product in hand, or read with a GTIN that they know. A label is what is in
 * it, a new label is what the old one was. */
static enum rc learn(struct counting *counting)
{
    const json_t *scan = judged(counting);
    struct unit unit = counting->unit;
    const char *product = apply_text(scan, "product"), *lot = apply_text(scan, "lot");
    int64_t level = json_integer_value(json_object_get(scan, "level"));
    bool filled = json_array_size(json_object_get(counting->work.pack, "in")) > 0 &&
                  strcmp(apply_text(counting->work.pack, "parent"), unit.key) == 0;
    bool label = filled || is_mark(counting);
    /* what an auditor reads in a shop registers nothing */
    if (is_audit(counting) || counting->known || label || counting->work.relabel || !product[0] ||
        strlen(product) > ID_MAX || strlen(lot) > LOT_MAX)
        return RC_OK;
    bool logistic = strncmp(unit.key, "(00)", 4) == 0 || strncmp(unit.key, "(8003)", 6) == 0;
    level = level == 0 && logistic ? 1 : level;
    snprintf(unit.product, sizeof unit.product, "%s", product);
    snprintf(unit.lot, sizeof unit.lot, "%s", lot);
    unit.level = level > 0 ? level : -1;
    unit.container = level > 0;
    unit.covers = told_units(scan, level);
    enum rc rc = units_put(counting->batch->server, &unit);
    if (rc)
        return rc;
    counting->learned = true;
    return units_get(counting->batch->server, unit.key, &counting->unit);
}

/* What the record does besides being counted. */
static enum rc work(struct counting *counting, struct apply_outcome *outcome)
{
    bool differs = false;
    enum rc rc = learn(counting);
    if (!rc && (counting->work.pack || counting->work.relabel))
        rc = packs_apply(counting->batch, &counting->work, &counting->did, &differs);
    if (!rc && counting->learned && !counting->did)
        counting->did = json_object();
    if (!rc && counting->learned && json_object_set_new(counting->did, "learned", json_true()))
        rc = RC_NOMEM;
    if (rc || !differs)
        return rc;
    apply_note(outcome, "contents-differ");
    return conflict(counting, "contents-differ", NULL, "not all of it is where the device had it");
}

/* The device believed so many units inside; what the server has inside is what moves. */
static enum rc compare_contents(struct counting *counting, struct apply_outcome *outcome)
{
    const json_t *believed = json_object_get(json_object_get(judged(counting), "contents"), "count");
    char detail[80];
    int64_t count = 0;
    if (!counting->unit.container || !json_is_integer(believed))
        return RC_OK;
    enum rc rc = units_count_inside(counting->batch->server, counting->unit.key, &count);
    if (rc || count == json_integer_value(believed))
        return rc;
    snprintf(detail, sizeof detail, "the books have %lld inside, the device %lld", (long long)count,
             (long long)json_integer_value(believed));
    apply_note(outcome, "contents-differ");
    return conflict(counting, "contents-differ", NULL, detail);
}

/* It counts for nothing; what had been tallied elsewhere as goods is there no more, until this is undone. */
static enum rc open_label(struct counting *counting)
{
    if (!counting->took)
        return RC_OK;
    counting->did = json_pack("{s:{}, s:[]}", "rows", "tallies");
    return counting->did ? add_tally(counting, "[]") : RC_NOMEM;
}

/* Goods that a dealer has, and the books have with the owner still: the shipper's records are late. Or what its own records that wait
 * brought to where this one takes it from. */
static enum rc is_provisional(const struct counting *counting, const char *holder, bool *ret_provisional)
{
    const struct apply_batch *batch = counting->batch;
    enum scope_place place = scope_place(&batch->scope, holder);
    char waiting[HOLDER_MAX + 1];
    struct document document;
    struct holder at;
    *ret_provisional = false;
    if (!batch->party[0] || !reserves(counting) || place == SCOPE_THEIRS)
        return RC_OK;
    *ret_provisional = evidence_unseen(counting->batch, counting->flow, counting->scan) && place != SCOPE_MINE;
    enum rc rc = *ret_provisional ? RC_OK : provisional_place(batch->server, counting->unit.key, waiting);
    if (rc || *ret_provisional || !waiting[0])
        return rc;
    rc = flows_document(counting->batch, apply_text(counting->scan, "doc"), &document);
    *ret_provisional = !rc && holder_parse(waiting, &at) == RC_OK &&
                       flow_takes_from(counting->flow, &document, flows_site(batch, counting->scan), &at);
    return rc;
}

/* *ret_false: it can't count. What is taken all the same is a finding: */
static enum rc weigh_place(struct counting *counting, struct apply_outcome *outcome, bool *ret_false,
                           char *ret_holder)
{
    enum rc rc =
        evidence_holder(counting->batch, &counting->unit, counting->scan, counting->confirm, ret_false, ret_holder);
    /* an empty container is where it is, wherever it went when it was full */
    if (is_mark(counting))
        *ret_false = false;
    if (!rc && *ret_false)
        rc = is_provisional(counting, ret_holder, &counting->provisional);
    if (rc || !*ret_false)
        return rc;
    if (counting->kept) {
        /* as an override does that was asked for before the beep; but nobody overrules the books for another dealer's goods */
        apply_note(outcome, "wrong-holder");
        counting->provisional = false;
        *ret_false = counting->batch->party[0] != '\0';
    } else if (counting->provisional) {
        apply_refuse(outcome, PUSH_HELD, PROVISIONAL_WORD);
        *ret_false = false;
    } else if (!reserves(counting)) {
        /* what was only seen was seen there, whatever the books say */
        apply_note(outcome, "wrong-holder");
        *ret_false = false;
    } else if (evidence_unseen(counting->batch, counting->flow, counting->scan)) {
        apply_note(outcome, "wrong-holder");
        *ret_false = false;
        rc = conflict(counting, "wrong-holder", NULL, ret_holder);
    }
    return rc;
}

/* Its goods have got another code, out of this device's reach: that is where the books have them. */
static enum rc compare_state(struct counting *counting, struct apply_outcome *outcome)
{
    if (counting->work.relabel || !evidence_void(&counting->unit, counting->flow, counting->scan, counting->confirm))
        return RC_OK;
    apply_note(outcome, "void-code");
    return conflict(counting, "void-code", NULL, "the books have its goods under another code");
}

static enum rc count_goods(struct counting *counting, const char *holder, struct apply_outcome *outcome)
{
    enum rc rc = compare_state(counting, outcome);
    if (!rc)
        rc = compare_contents(counting, outcome);
    if (!rc)
        rc = work(counting, outcome);
    if (!rc && counting->provisional)
        rc = provisional_add(counting->batch, counting->scan, counting->seq, counting->unit.key, holder);
    return rc ? rc : tally(counting, outcome);
}

static enum rc count_unit(struct counting *counting, struct apply_outcome *outcome)
{
    struct conflict_record rival = {0};
    char holder[HOLDER_MAX + 1];
    bool false_holder = false, lost = false, counted = false;
    enum rc rc = weigh_place(counting, outcome, &false_holder, holder);
    if (!rc && !false_holder)
        rc = settle_claim(counting, &lost, &counted, &rival);
    if (rc)
        return rc;
    if (counting->kept && (lost || false_holder)) {
        /* the code stays with who was first; the goods went all the same, as so many */
        if (lost)
            apply_note(outcome, "lost-claim");
        counting->claimable = false;
        return tally(counting, outcome);
    }
    if (false_holder) {
        /* to a dealer another dealer's goods are just not its own */
        apply_refuse(outcome, PUSH_REFUSED, counting->batch->party[0] ? "wrong-holder" : "false-holder");
        return conflict(counting, "false-holder", NULL, holder);
    }
    if (lost) {
        apply_refuse(outcome, PUSH_REFUSED, "lost-claim");
        return conflict(counting, "lost-claim", &rival, "");
    }
    if (counted && !is_label(counting))
        apply_note(outcome, "duplicate");
    if (counted)
        return RC_OK;
    rc = is_label(counting) ? open_label(counting) : count_goods(counting, holder, outcome);
    json_decref(counting->took);
    json_decref(counting->did);
    return rc;
}

static enum rc count(struct counting *counting, struct apply_outcome *outcome)
{
    int state = 0;
    enum rc rc = RC_OK;
    /* only a confirm can come twice for one scan */
    if (counting->confirm)
        rc = spoken_tally_state(counting->batch, apply_text(counting->scan, "doc"), counting->seq, &state);
    if (rc || state) {
        apply_note(outcome, "duplicate");
        return rc;
    }
    if (!packs_read(counting->confirm, counting->scan, &counting->work)) {
        apply_refuse(outcome, PUSH_HELD, "bad-record");
        return RC_OK;
    }
    rc = shares_ensure(counting->batch, counting->scan);
    if (!rc)
        rc = flows_get(counting->batch, apply_text(counting->scan, "flow"), &counting->flow);
    if (!rc)
        rc = find_unit(counting);
    if (!rc)
        rc = evidence_meanwhile(counting->batch, &counting->unit, judged(counting), outcome);
    if (rc)
        return rc;
    rc = counting->claimable ? count_unit(counting, outcome) : tally(counting, outcome);
    return !rc && is_audit(counting) && outcome->outcome == PUSH_ACCEPTED
               ? cases_see(counting->batch, counting->scan, counting->confirm, counting->seq)
               : rc;
}

/* Nothing could be read any more, product and lot were entered by hand: a quantity, no unit. */
static enum rc count_defaced(struct counting *counting, struct apply_outcome *outcome)
{
    enum rc rc = shares_ensure(counting->batch, counting->scan);
    if (!rc)
        rc = flows_get(counting->batch, apply_text(counting->scan, "flow"), &counting->flow);
    if (!rc)
        rc = tally(counting, outcome);
    return rc || !is_audit(counting) ? rc : cases_see(counting->batch, counting->scan, NULL, counting->seq);
}

/* What had no key, and what set the context line, is nothing that counts. */
static bool is_goods(const json_t *scan)
{
    return (apply_text(scan, "key")[0] || json_is_object(json_object_get(scan, "defaced"))) &&
           !json_is_true(json_object_get(scan, "context"));
}

enum rc claims_scan(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome)
{
    struct counting counting = {.batch = batch, .scan = record->body, .seq = record->seq, .told_seq = record->seq};
    bool same = record->names_key;
    if (json_is_object(json_object_get(record->body, "defaced")))
        return count_defaced(&counting, outcome);
    if (!is_goods(record->body))
        return RC_OK;
    enum rc rc = same ? RC_OK : evidence_key(batch->server, record->body, &same);
    if (!rc && !same) {
        apply_refuse(outcome, PUSH_HELD, "key-mismatch");
        snprintf(counting.unit.key, sizeof counting.unit.key, "%s", record->key);
        return conflict(&counting, "key-mismatch", NULL, "");
    }
    return !rc && counts_at_once(apply_text(record->body, "severity")) ? count(&counting, outcome) : rc;
}

/* The scan that a record speaks of: itself, or the one that it confirmed; NULL in *ret_scan when there is none. */
static enum rc scan_of(struct apply_batch *batch, json_t *lost, int64_t *ret_seq, json_t **ret_scan)
{
    const char *kind = apply_text(lost, "kind");
    bool is_scan = strcmp(kind, "scan") == 0;
    const struct apply_record confirm = {.body = lost};
    bool accepted;
    *ret_seq = json_integer_value(json_object_get(lost, is_scan ? "seq" : "ref"));
    *ret_scan = is_scan ? json_deep_copy(lost) : NULL;
    return is_scan ? *ret_scan ? RC_OK : RC_NOMEM : spoken_scan(batch, &confirm, &accepted, ret_scan);
}

enum rc claims_keep(struct apply_batch *batch, const struct apply_record *record, json_t *lost,
                    struct apply_outcome *outcome)
{
    struct counting counting = {.batch = batch, .confirm = record->body, .told_seq = record->seq, .kept = true};
    json_t *scan = NULL;
    enum rc rc = scan_of(batch, lost, &counting.seq, &scan);
    counting.scan = scan;
    if (!rc && !scan)
        apply_refuse(outcome, PUSH_HELD, "bad-record");
    else if (!rc)
        rc = count(&counting, outcome);
    json_decref(scan);
    return rc;
}

enum rc claims_confirm(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome)
{
    json_t *scan;
    bool accepted = false;
    enum rc rc = spoken_scan(batch, record, &accepted, &scan);
    if (rc)
        return rc;
    struct counting counting = {.batch = batch,
                                .scan = scan,
                                .confirm = record->body,
                                .seq = json_integer_value(json_object_get(record->body, "ref")),
                                .told_seq = record->seq};
    /* judged anew when it was confirmed: what had been rejected may be right by then */
    const char *severity = apply_text(record->body, "severity");
    if (!severity[0])
        severity = apply_text(scan, "severity");
    bool overruled = strcmp(severity, "reject") == 0 && !apply_text(record->body, "supervisor")[0];
    if (!scan || !is_goods(scan) || strcmp(apply_text(scan, "doc"), record->doc) != 0 || overruled)
        apply_refuse(outcome, PUSH_HELD, "bad-record");
    else if (!accepted)
        apply_refuse(outcome, PUSH_HELD, "not-counted");
    else
        rc = count(&counting, outcome);
    json_decref(scan);
    return rc;
}
