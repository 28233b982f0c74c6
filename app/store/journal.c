/* Reading the journal back: walking it, proving its chain, counting. */
#include "app/store/store_private.h"
#include "app/store/syncport.h"
#include <stdlib.h>
#include <string.h>

enum rc store_journal(struct store *store, int64_t first,
                      bool (*visit)(void *context, const struct store_journal_line *line), void *context)
{
    sqlite3_stmt *row = store_sql(store, JSQL_RECORDS, "i", first);
    if (!row)
        return store_rc(store);
    int step;
    bool more = true;
    while (more && (step = sqlite3_step(row)) == SQLITE_ROW) {
        int64_t seq = sqlite3_column_int64(row, 0);
        struct store_journal_line line = {.epoch = store->spans[epoch_at(store->spans, store->span_count, seq)].epoch,
                                          .seq = seq,
                                          .body = store_text(row, 1),
                                          .len = (size_t)sqlite3_column_bytes(row, 1),
                                          .hash = sqlite3_column_blob(row, 2)};
        if (sqlite3_column_bytes(row, 2) != CHAIN_HASH_BYTES)
            line.hash = NULL;
        more = visit(context, &line);
    }
    enum rc rc = !more || step == SQLITE_DONE ? RC_OK : store_rc(store);
    sqlite3_reset(row);
    return rc;
}

struct verify {
    uint8_t head[CHAIN_HASH_BYTES];
    int64_t expected, count, bad;
};

static bool body_says_seq(const struct store_journal_line *line)
{
    json_t *body = json_loadb(line->body, line->len, JSON_ALLOW_NUL, NULL);
    bool right = body && json_integer_value(json_object_get(body, "seq")) == line->seq;
    json_decref(body);
    return right;
}

static bool check_line(void *context, const struct store_journal_line *line)
{
    struct verify *verify = context;
    chain_next(verify->head, line->body, line->len, verify->head);
    bool good = line->seq == verify->expected && line->hash &&
                memcmp(verify->head, line->hash, CHAIN_HASH_BYTES) == 0 && body_says_seq(line);
    if (!good) {
        verify->bad = verify->expected;
        return false;
    }
    verify->expected++;
    verify->count++;
    return true;
}

enum rc store_verify(struct store *store, int64_t *ret_count, int64_t *ret_bad_seq)
{
    struct verify verify = {.expected = store->first_seq};
    memcpy(verify.head, store->anchor, CHAIN_HASH_BYTES);
    enum rc rc = store_journal(store, 0, check_line, &verify);
    *ret_count = verify.count;
    *ret_bad_seq = verify.bad;
    if (rc != RC_OK)
        return rc == RC_CORRUPT ? RC_CORRUPT : rc;
    if (!verify.bad && verify.expected <= store->last_seq)
        *ret_bad_seq = verify.expected;
    return *ret_bad_seq ? RC_CORRUPT : RC_OK;
}

static int64_t count_of(struct store *store, enum journal_sql id)
{
    sqlite3_stmt *row = store_sql(store, id, "");
    int64_t count = row && sqlite3_step(row) == SQLITE_ROW ? sqlite3_column_int64(row, 0) : 0;
    sqlite3_reset(row);
    return count;
}

int64_t store_meta_number(struct catalog *catalog, const char *name)
{
    char value[257];
    return catalog_meta_get(catalog, name, value) == RC_OK ? strtoll(value, NULL, 10) : 0;
}

int64_t store_watermark(const struct store *store, struct catalog *catalog, const char *name)
{
    int64_t seq = store_meta_number(catalog, name);
    int64_t then = store->span_count > 1 ? store_meta_number(catalog, "epoch") : 0;
    return epoch_still(store->spans, store->span_count, then ? then : store->spans[0].epoch, seq);
}

enum rc store_counts(struct store *store, struct store_counts *ret_counts)
{
    const struct epoch_span *last = &store->spans[store->span_count - 1];
    struct store_counts counts = {.device = store->device,
                                  .epoch = store_epoch(store),
                                  .first_seq = store->first_seq,
                                  .last_seq = store->last_seq,
                                  .last_record_ms = store->last_record_ms,
                                  .checkpoints = store->checkpoints,
                                  .enrolled = store->enrolled,
                                  .led = last->base > 0 || last->epoch > 1 || store->span_count > 1,
                                  .led_after = last->base,
                                  .cloned = store->cloned};
    struct catalog *catalog;
    memcpy(counts.site, store->site, sizeof counts.site);
    enum rc rc = store_catalog(store, &catalog);
    counts.catalog_missing = rc == RC_NOT_FOUND;
    counts.catalog_damaged = rc == RC_CORRUPT;
    if (rc == RC_OK) {
        counts.acked_seq = store_watermark(store, catalog, "acked_seq");
        counts.applied_seq = store_watermark(store, catalog, "applied_seq");
        counts.server_ms = store_meta_number(catalog, "server_ms");
        counts.catalog_ms = catalog_updated_ms(catalog);
        counts.refused = catalog_refused_count(catalog);
        counts.catalog_damaged = store_damaged(store) || catalogs_is_damaged(store->dir, store->mark.name);
    }
    counts.waiting = counts.last_seq > counts.acked_seq ? counts.last_seq - counts.acked_seq : 0;
    counts.open_documents = count_of(store, JSQL_OPEN_COUNT);
    counts.latched = count_of(store, JSQL_LATCHED_ALL);
    counts.inbox = inbox_count(store, &counts.settled);
    *ret_counts = counts;
    return rc == RC_NOT_FOUND || rc == RC_CORRUPT ? RC_OK : rc;
}

int64_t store_latest_ms(struct store *store)
{
    struct catalog *catalog;
    int64_t server_ms = store_catalog(store, &catalog) == RC_OK ? store_meta_number(catalog, "server_ms") : 0;
    return server_ms > store->last_record_ms ? server_ms : store->last_record_ms;
}

bool store_refused(struct store *store, int64_t seq)
{
    struct catalog *catalog;
    return store_catalog(store, &catalog) == RC_OK && catalog_refused(catalog, SYNCPORT_REFUSED, seq);
}

enum rc store_sign_failures(struct store *store, const char *operator, int * ret_count, int64_t *ret_last_ms)
{
    sqlite3_stmt *row = store_sql(store, JSQL_SIGN, "t", operator);
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    *ret_count = step == SQLITE_ROW ? sqlite3_column_int(row, 0) : 0;
    *ret_last_ms = step == SQLITE_ROW ? sqlite3_column_int64(row, 1) : 0;
    sqlite3_reset(row);
    return step == SQLITE_ROW || step == SQLITE_DONE ? RC_OK : store_rc(store);
}
