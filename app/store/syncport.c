#include "app/store/syncport.h"
#include "app/catalog/catalog.h"
#include "app/catalog/schema.h"
#include "app/catalog/sqlite_rc.h"
#include "app/store/catalogs.h"
#include "app/store/journal_reader.h"
#include "app/store/snapshot_part.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 1200, PACK_EVERY_PAGES = 100 };

struct syncport {
    char dir[PATH_BYTES - 64];
    struct journal_reader *journal;
    struct catalog *catalog;
    char name[CATALOGS_NAME_MAX + 1]; /* of the file that `catalog` is */
    struct catalogs_mark mark;
    bool aside;       /* it is being filled and CURRENT does not name it yet */
    long pages;       /* taken */
    int64_t identity; /* the mark of the file that the spans are of */
    int span_count;   /* of the journal, as the identity file had them when the state was asked for last */
    struct epoch_span spans[EPOCH_SPANS_MAX];
    struct snapshot_part *part;
};

/* ---- the catalog files ---- */

static enum rc open_catalog(struct syncport *port, const char *name)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", port->dir, name);
    enum rc rc = catalog_open(path, CATALOG_WRITE, &port->catalog);
    if (rc == RC_OK)
        snprintf(port->name, sizeof port->name, "%s", name);
    return rc;
}

static void close_catalog(struct syncport *port)
{
    catalog_close(port->catalog);
    port->catalog = NULL;
    port->aside = false;
}

/* A new file. The very first is current at once, so that what is learnt about it stays; a later one is aside until it
 * has caught up. */
static enum rc new_catalog(struct syncport *port, bool aside)
{
    char name[CATALOGS_NAME_MAX + 1];
    enum rc rc = catalogs_new_name(port->dir, name);
    if (rc == RC_OK && (rc = open_catalog(port, name)) != RC_OK)
        catalogs_remove(port->dir, name); /* what there is of it: the next step tries again */
    if (rc != RC_OK)
        return rc;
    port->aside = aside;
    if (aside)
        return RC_OK;
    rc = catalogs_activate(port->dir, name);
    return rc == RC_OK ? catalogs_current(port->dir, &port->mark) : rc;
}

/* The file to write: the one being filled, else what CURRENT names now. One that is damaged, whoever met it, is fetched
 * again from the beginning, beside it. */
static enum rc use_catalog(struct syncport *port)
{
    struct catalogs_mark mark;
    if (port->aside || (port->catalog && catalogs_unchanged(port->dir, &port->mark) &&
                        !catalogs_is_damaged(port->dir, port->mark.name)))
        return RC_OK;
    enum rc rc = catalogs_current(port->dir, &mark);
    if (rc == RC_OK && catalogs_is_damaged(port->dir, mark.name))
        rc = RC_CORRUPT;
    if (rc == RC_OK && port->catalog && catalogs_same(&mark, &port->mark))
        return RC_OK;
    close_catalog(port);
    if (rc == RC_NOT_FOUND)
        return new_catalog(port, false);
    if (rc == RC_OK) {
        rc = open_catalog(port, mark.name);
        if (rc == RC_CORRUPT)
            (void)catalogs_mark_damaged(port->dir, mark.name); /* for who reads it: it says that more is on its way */
    }
    if (rc == RC_CORRUPT)
        return new_catalog(port, true);
    if (rc == RC_OK)
        port->mark = mark;
    return rc;
}

/* The file that this step's state was read from. RC_GONE when another must be begun: what the step is about is void. */
static enum rc same_catalog(struct syncport *port)
{
    bool damaged = port->catalog && !port->aside && catalogs_is_damaged(port->dir, port->name);
    return damaged ? RC_GONE : use_catalog(port);
}

/* After what was done to the catalog. A damaged one is not touched again: RC_GONE, the next state is that of another. */
static enum rc settle(struct syncport *port, enum rc rc)
{
    bool damaged = rc == RC_CORRUPT || catalog_damage(port->catalog) > 0;
    bool aside = port->aside;
    if (!damaged)
        return rc;
    close_catalog(port);
    if (aside)
        catalogs_remove(port->dir, port->name);
    else
        rc = catalogs_mark_damaged(port->dir, port->name);
    return aside || rc == RC_OK ? RC_GONE : rc;
}

/* "" when it was never set. */
static enum rc meta_text(struct syncport *port, const char *name, char *ret_text, size_t size)
{
    char value[257] = "";
    enum rc rc = catalog_meta_get(port->catalog, name, value);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    snprintf(ret_text, size, "%s", value);
    return RC_OK;
}

static enum rc meta_number(struct syncport *port, const char *name, int64_t *ret_number)
{
    char value[257] = "";
    enum rc rc = meta_text(port, name, value, sizeof value);
    if (rc == RC_OK)
        *ret_number = strtoll(value, NULL, 10);
    return rc;
}

static enum rc set_number(struct syncport *port, const char *name, int64_t number)
{
    char value[32];
    snprintf(value, sizeof value, "%lld", (long long)number);
    return catalog_meta_set(port->catalog, name, value);
}

static int64_t epoch_now(const struct syncport *port)
{
    return port->spans[port->span_count - 1].epoch;
}

/* The journal as the server names it. */
static enum rc read_spans(struct syncport *port)
{
    struct sync_identity identity = {0};
    int64_t mark = identity_mark(port->dir);
    if (mark && mark == port->identity)
        return RC_OK;
    enum rc rc = identity_load(port->dir, &identity);
    if (rc != RC_OK && rc != RC_NOT_ENROLLED)
        return rc;
    port->identity = mark;
    memcpy(port->spans, identity.spans, sizeof port->spans);
    port->span_count = identity.span_count;
    if (port->span_count == 0)
        port->spans[port->span_count++] = (struct epoch_span){.epoch = 1};
    sodium_memzero(&identity, sizeof identity);
    return RC_OK;
}

/* The catalog's watermarks are those of an epoch: of a later one less of them may hold. */
static enum rc read_marks(struct syncport *port, int64_t *ret_acked, int64_t *ret_applied)
{
    int64_t then = 1;
    enum rc rc = meta_number(port, "epoch", &then);
    if (rc == RC_OK)
        rc = meta_number(port, "acked_seq", ret_acked);
    if (rc == RC_OK)
        rc = meta_number(port, "applied_seq", ret_applied);
    *ret_acked = epoch_still(port->spans, port->span_count, then ? then : 1, *ret_acked);
    *ret_applied = epoch_still(port->spans, port->span_count, then ? then : 1, *ret_applied);
    return rc;
}

/* Before one of the two is written, both are this epoch's. Within the transaction. */
static enum rc renew_marks(struct syncport *port)
{
    int64_t then = 0, acked = 0, applied = 0;
    enum rc rc = meta_number(port, "epoch", &then);
    if (rc != RC_OK || then == epoch_now(port))
        return rc;
    rc = read_marks(port, &acked, &applied);
    if (rc == RC_OK)
        rc = set_number(port, "acked_seq", acked);
    if (rc == RC_OK)
        rc = set_number(port, "applied_seq", applied);
    return rc == RC_OK ? set_number(port, "epoch", epoch_now(port)) : rc;
}

/* Ends the transaction that is open: commit when all went well. */
static enum rc finish(struct syncport *port, enum rc rc)
{
    if (rc == RC_OK && catalog_damage(port->catalog) > 0)
        rc = RC_CORRUPT;
    if (rc == RC_OK)
        rc = catalog_commit(port->catalog);
    if (rc != RC_OK)
        catalog_rollback(port->catalog);
    return rc;
}

/* ---- the port ---- */

static enum rc read_state(struct syncport *port, struct sync_state *state)
{
    enum rc rc = read_marks(port, &state->acked_seq, &state->applied_seq);
    if (rc == RC_OK)
        rc = meta_text(port, "cursor", state->cursor, sizeof state->cursor);
    if (rc == RC_OK)
        rc = meta_text(port, "history", state->history, sizeof state->history);
    return settle(port, rc);
}

static enum rc port_state(void *context, struct sync_state *ret_state)
{
    struct syncport *port = context;
    struct sync_state state = {.first_seq = 1};
    enum rc rc = journal_reader_ends(port->journal, &state.first_seq, &state.last_seq);
    if (rc == RC_OK)
        rc = read_spans(port);
    if (rc == RC_OK)
        rc = use_catalog(port);
    if (rc == RC_OK)
        rc = read_state(port, &state);
    if (rc != RC_OK)
        return rc;
    state.epoch = epoch_now(port);
    state.span_count = port->span_count;
    memcpy(state.spans, port->spans, sizeof state.spans);
    *ret_state = state;
    return RC_OK;
}

static enum rc port_batch(void *context, int64_t first_seq, int max, struct sync_batch *ret_batch)
{
    struct syncport *port = context;
    return journal_reader_batch(port->journal, first_seq, max, ret_batch);
}

static enum rc port_hash(void *context, int64_t seq, uint8_t ret_hash[CHAIN_HASH_BYTES])
{
    struct syncport *port = context;
    return journal_reader_hash(port->journal, seq, ret_hash);
}

static enum rc keep_receipt(struct syncport *port, const struct sync_receipt *receipt)
{
    struct catalog_refusal refusal = {.epoch = SYNCPORT_REFUSED,
                                      .seq = receipt->seq,
                                      .held = receipt->verdict == SYNC_HELD,
                                      .number = receipt->number,
                                      .device = receipt->device};
    if (receipt->verdict == SYNC_ACCEPTED)
        return RC_OK;
    memcpy(refusal.reason, receipt->reason, sizeof refusal.reason);
    memcpy(refusal.at, receipt->at, sizeof refusal.at);
    memcpy(refusal.operator, receipt->operator, sizeof refusal.operator);
    memcpy(refusal.no, receipt->no, sizeof refusal.no);
    memcpy(refusal.holder, receipt->holder, sizeof refusal.holder);
    return catalog_refuse(port->catalog, &refusal);
}

static enum rc port_acked(void *context, int64_t acked_seq, const struct sync_receipt *receipts, int count)
{
    struct syncport *port = context;
    enum rc rc = same_catalog(port);
    if (rc != RC_OK)
        return rc;
    rc = catalog_begin(port->catalog);
    if (rc != RC_OK)
        return settle(port, rc);
    rc = renew_marks(port);
    for (int i = 0; i < count && rc == RC_OK; i++)
        rc = keep_receipt(port, &receipts[i]);
    if (rc == RC_OK)
        rc = set_number(port, "acked_seq", acked_seq);
    return settle(port, finish(port, rc));
}

static enum rc put_lines(struct syncport *port, const struct sync_page *page)
{
    struct feed_sink sink = catalog_sink(port->catalog);
    const char *at = page->lines, *end = page->lines + page->len;
    char error[FEED_ERROR_MAX + 1];
    struct feed_error where;
    enum rc rc = RC_OK;
    while (at < end && rc == RC_OK) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((stop ? stop : end) - at);
        struct feed_item item;
        rc = feed_parse(at, len, &item, &where, NULL);
        if (rc == RC_OK) {
            rc = sink.put(sink.context, &item, error);
            feed_item_free(&item);
        }
        at += len + 1;
    }
    return rc;
}

static enum rc put_page(struct syncport *port, const struct sync_page *page)
{
    enum rc rc = catalog_begin(port->catalog);
    if (rc != RC_OK)
        return rc;
    rc = put_lines(port, page);
    if (rc == RC_OK)
        rc = renew_marks(port);
    if (rc == RC_OK)
        rc = catalog_meta_set(port->catalog, "cursor", page->cursor);
    if (rc == RC_OK)
        rc = set_number(port, "applied_seq", page->applied_seq);
    if (rc == RC_OK && !page->more)
        rc = catalog_mark_updated(port->catalog);
    return finish(port, rc);
}

static enum rc activate(struct syncport *port)
{
    enum rc rc = catalogs_activate(port->dir, port->name);
    if (rc != RC_OK)
        return rc;
    port->aside = false;
    return catalogs_current(port->dir, &port->mark);
}

static enum rc port_page(void *context, const struct sync_page *page)
{
    struct syncport *port = context;
    enum rc rc = same_catalog(port);
    if (rc == RC_OK)
        rc = settle(port, put_page(port, page));
    if (rc == RC_OK && port->aside && !page->more)
        rc = activate(port);
    /* what fails here is tried again after the next page, and costs room alone; but it looks at pages that nobody did */
    if (rc == RC_OK && (!page->more || ++port->pages % PACK_EVERY_PAGES == 0))
        rc = settle(port, catalog_pack(port->catalog) == RC_CORRUPT ? RC_CORRUPT : RC_OK);
    return rc;
}

static enum rc port_heard(void *context, const char *history, int64_t server_ms)
{
    struct syncport *port = context;
    char known[HISTORY_MAX + 1] = "";
    enum rc rc = same_catalog(port);
    if (rc != RC_OK)
        return rc;
    rc = meta_text(port, "history", known, sizeof known);
    if (rc == RC_OK && strcmp(known, history) != 0)
        rc = catalog_meta_set(port->catalog, "history", history);
    if (rc == RC_OK)
        rc = set_number(port, "server_ms", server_ms);
    return settle(port, rc);
}

static enum rc restart_with(struct syncport *port, struct catalog *old, const char *history, int64_t acked_seq)
{
    enum rc rc = catalog_begin(port->catalog);
    if (rc != RC_OK)
        return rc;
    if (old)
        rc = catalog_take_refused(port->catalog, old, acked_seq);
    if (rc == RC_CORRUPT || (old && catalog_damage(old) > 0)) {
        rc = RC_OK;
        acked_seq = 0; /* the server repeats what it said of each record */
    }
    if (rc == RC_OK)
        rc = catalog_meta_set(port->catalog, "history", history);
    if (rc == RC_OK)
        rc = set_number(port, "acked_seq", acked_seq);
    if (rc == RC_OK)
        rc = set_number(port, "epoch", epoch_now(port));
    return finish(port, rc);
}

static enum rc lower_acked(struct catalog *old, int64_t acked_seq)
{
    char value[257] = "";
    enum rc rc = catalog_meta_get(old, "acked_seq", value);
    if (rc != RC_OK || strtoll(value, NULL, 10) <= acked_seq)
        return rc == RC_OK || rc == RC_NOT_FOUND || rc == RC_CORRUPT ? RC_OK : rc;
    snprintf(value, sizeof value, "%lld", (long long)acked_seq);
    rc = catalog_meta_set(old, "acked_seq", value);
    return rc == RC_CORRUPT ? RC_OK : rc; /* nothing is dropped by a damaged one */
}

static enum rc port_restart(void *context, const char *history, int64_t acked_seq)
{
    struct syncport *port = context;
    struct catalog *old = use_catalog(port) == RC_OK ? port->catalog : NULL; /* none, or none that can be read */
    if (old)
        port->catalog = NULL;
    close_catalog(port);
    /* whoever reads it meanwhile must not take for told what has to be told again */
    enum rc rc = old ? lower_acked(old, acked_seq) : RC_OK;
    if (rc == RC_OK)
        rc = new_catalog(port, true);
    if (rc == RC_OK)
        rc = restart_with(port, old, history, acked_seq);
    catalog_close(old);
    return rc;
}

/* ---- a snapshot ---- */

static enum rc part_kept(void *context, struct sync_snapshot *ret_snapshot, int64_t *ret_have)
{
    struct syncport *port = context;
    return snapshot_part_kept(port->part, ret_snapshot, ret_have);
}

static enum rc part_begin(void *context, const struct sync_snapshot *snapshot)
{
    struct syncport *port = context;
    return snapshot->schema > SCHEMA_VERSION ? RC_NEWER : snapshot_part_begin(port->part, snapshot);
}

static enum rc part_put(void *context, const void *bytes, size_t len)
{
    struct syncport *port = context;
    return snapshot_part_put(port->part, bytes, len);
}

static void part_drop(void *context)
{
    struct syncport *port = context;
    snapshot_part_drop(port->part);
}

/* What the catalog at hand knows of this device's records, and where pulling goes on. */
static enum rc hand_over(struct syncport *port, struct catalog *fresh, const struct sync_snapshot *what)
{
    static const char *const names[] = {"history", "server_ms"};
    char value[257], number[32];
    int64_t acked = 0, applied = 0;
    enum rc rc = catalog_take_refused(fresh, port->catalog, INT64_MAX);
    if (rc == RC_OK)
        rc = read_marks(port, &acked, &applied);
    const struct {
        const char *name;
        int64_t value;
    } marks[] = {{"acked_seq", acked}, {"epoch", epoch_now(port)}, {"applied_seq", what->applied_seq}};
    for (size_t i = 0; i < sizeof names / sizeof names[0] && rc == RC_OK; i++) {
        rc = meta_text(port, names[i], value, sizeof value);
        if (rc == RC_OK && value[0])
            rc = catalog_meta_set(fresh, names[i], value);
    }
    if (rc == RC_OK)
        rc = catalog_meta_set(fresh, "cursor", what->cursor);
    for (size_t i = 0; i < sizeof marks / sizeof marks[0] && rc == RC_OK; i++) {
        snprintf(number, sizeof number, "%lld", (long long)marks[i].value);
        rc = catalog_meta_set(fresh, marks[i].name, number);
    }
    return rc;
}

/* *ret_bad: the file is no catalog. Any other trouble is the disk's, or that of the catalog at hand. */
static enum rc adopt(struct syncport *port, const char *name, const struct sync_snapshot *what, bool *ret_bad)
{
    char path[PATH_BYTES];
    struct sync_identity identity = {0};
    struct catalog *fresh = NULL;
    snprintf(path, sizeof path, "%s/%s", port->dir, name);
    enum rc rc = identity_load(port->dir, &identity);
    if (rc != RC_OK)
        return rc;
    rc = catalog_open(path, CATALOG_WRITE, &fresh);
    if (rc == RC_OK)
        rc = catalog_begin(fresh);
    if (rc == RC_OK)
        rc = catalog_adopt(fresh, identity.device);
    *ret_bad = rc == RC_CORRUPT || rc == RC_NEWER;
    if (rc == RC_OK)
        rc = hand_over(port, fresh, what);
    if (rc == RC_OK)
        rc = catalog_commit(fresh);
    catalog_close(fresh);
    return rc;
}

/* Whole and on disk before anything names it; then CURRENT does. */
static enum rc take_part(struct syncport *port, const struct sync_snapshot *what, bool *ret_bad)
{
    char part[CATALOGS_NAME_MAX + 1], name[CATALOGS_NAME_MAX + 1], before[CATALOGS_NAME_MAX + 1];
    struct catalogs_mark mark;
    bool aside = port->aside;
    enum rc rc = snapshot_part_check(port->part, part);
    *ret_bad = rc == RC_CORRUPT;
    if (rc == RC_OK)
        rc = adopt(port, part, what, ret_bad);
    if (rc == RC_OK)
        rc = catalogs_new_name(port->dir, name);
    if (rc == RC_OK)
        rc = snapshot_part_rename(port->part, name);
    if (rc != RC_OK)
        return rc;
    rc = catalogs_activate(port->dir, name);
    if (rc != RC_OK) {
        if (catalogs_current(port->dir, &mark) != RC_OK || strcmp(mark.name, name) != 0)
            catalogs_remove(port->dir, name);
        return rc;
    }
    snprintf(before, sizeof before, "%s", port->name);
    close_catalog(port);
    if (aside)
        catalogs_remove(port->dir, before);
    return use_catalog(port);
}

static enum rc part_end(void *context)
{
    struct syncport *port = context;
    struct sync_snapshot what;
    int64_t have;
    bool bad = false;
    enum rc rc = same_catalog(port);
    if (rc == RC_OK)
        rc = snapshot_part_kept(port->part, &what, &have);
    if (rc != RC_OK)
        return rc;
    rc = take_part(port, &what, &bad);
    if (bad)
        snapshot_part_drop(port->part);
    return bad || rc == RC_OK || !port->catalog ? rc : settle(port, rc);
}

static enum rc port_identity(void *context, struct sync_identity *ret_identity)
{
    struct syncport *port = context;
    enum rc rc = identity_load(port->dir, ret_identity);
    if (rc != RC_NOT_ENROLLED)
        return rc;
    *ret_identity = (struct sync_identity){0}; /* enrolling begins with nobody */
    return RC_OK;
}

static enum rc port_set_identity(void *context, const struct sync_identity *identity)
{
    struct syncport *port = context;
    return identity_save(port->dir, identity);
}

enum rc syncport_open(const char *dir, struct syncport **ret_port)
{
    struct syncport *port = calloc(1, sizeof *port);
    if (!port)
        return RC_NOMEM;
    if (strlen(dir) >= sizeof port->dir) {
        free(port);
        return RC_TOO_BIG;
    }
    snprintf(port->dir, sizeof port->dir, "%s", dir);
    enum rc rc = read_spans(port);
    if (rc == RC_CORRUPT) { /* every step says so */
        port->span_count = 1;
        port->spans[0] = (struct epoch_span){.epoch = 1};
        rc = RC_OK;
    }
    if (rc == RC_OK)
        rc = snapshot_part_new(dir, &port->part);
    if (rc == RC_OK)
        rc = journal_reader_new(dir, &port->journal);
    if (rc == RC_OK)
        *ret_port = port;
    else
        syncport_close(port);
    return rc;
}

void syncport_close(struct syncport *port)
{
    if (!port)
        return;
    journal_reader_free(port->journal);
    catalog_close(port->catalog);
    snapshot_part_free(port->part);
    free(port);
}

struct sync_store syncport_store(struct syncport *port)
{
    return (struct sync_store){.context = port,
                               .state = port_state,
                               .batch = port_batch,
                               .hash = port_hash,
                               .acked = port_acked,
                               .page = port_page,
                               .heard = port_heard,
                               .restart = port_restart,
                               .identity = port_identity,
                               .set_identity = port_set_identity,
                               .snapshot = {part_kept, part_begin, part_put, part_end, part_drop}};
}
