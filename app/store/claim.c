/* Claims: which tally of this device holds a unit, by itself or through the container around it. */
#include "app/domain/text_copy.h"
#include "app/store/books.h"
#include "app/store/facts_private.h"
#include "app/store/syncport.h"
#include <stdio.h>
#include <string.h>

static bool reserves(const struct facts_request *request)
{
    return !request->flow || request->flow->reserves;
}

/* A store that others write beside knows nothing for long. */
static bool is_free(const struct store *store, const char *key)
{
    const struct free_keys *free_keys = &store->free_keys;
    for (unsigned i = 0; i < FREE_KEYS && i < free_keys->count; i++)
        if (strcmp(free_keys->keys[i], key) == 0)
            return store->lock_fd >= 0;
    return false;
}

static void note_free(struct store *store, const char *key)
{
    text_copy(store->free_keys.keys[store->free_keys.count++ % FREE_KEYS], CODE_KEY_MAX + 1, key);
}

enum rc claim_put(struct store *store, const char *key, int64_t tally_seq, const char *doc)
{
    if (is_free(store, key))
        store->free_keys.count = 0;
    return store_do(store, JSQL_UNIT_PUT, "tit", key, tally_seq, doc);
}

static sqlite3_stmt *claim_query(struct store *store, const struct facts_request *request, const char *key)
{
    return reserves(request) ? store_sql(store, JSQL_UNIT, "t", key)
                             : store_sql(store, JSQL_SEEN, "tt", request->doc, key);
}

enum rc claim_refresh(struct store *store, struct catalog *catalog)
{
    struct lost *lost = &store->lost;
    uint64_t version = ((uint64_t)store->catalog_opens << 32 | catalog_version(catalog)) + 1;
    if (lost->version == version && store->lock_fd >= 0)
        return RC_OK;
    lost_clear(lost);
    enum rc rc = inbox_lost(store, catalog, lost);
    lost_sort(lost);
    lost->version = rc == RC_OK ? version : 0;
    return rc;
}

/* `around`: it is not what was scanned itself, and will be asked for again. */
static enum rc find_live(struct store *store, struct catalog *catalog, const struct facts_request *request,
                         const char *key, bool around, struct claim *ret_claim)
{
    if (around && is_free(store, key))
        return RC_NOT_FOUND;
    sqlite3_stmt *row = claim_query(store, request, key);
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    if (step == SQLITE_ROW) {
        store_copy(ret_claim->key, sizeof ret_claim->key, row, 0);
        ret_claim->seq = sqlite3_column_int64(row, 1);
        store_copy(ret_claim->doc, sizeof ret_claim->doc, row, 2);
        ret_claim->counted_seq = sqlite3_column_int64(row, 3);
    }
    sqlite3_reset(row);
    if (step == SQLITE_DONE && around)
        note_free(store, key);
    if (step != SQLITE_ROW)
        return step == SQLITE_DONE ? RC_NOT_FOUND : store_rc(store);
    bool ignored = request->ignore_seq && ret_claim->seq == request->ignore_seq;
    bool refused = catalog && catalog_refused(catalog, SYNCPORT_REFUSED, ret_claim->counted_seq);
    return ignored || refused ? RC_NOT_FOUND : RC_OK;
}

/* Goods that were scanned again since, and brought somewhere by that, are there. Asked when they come: the tallies since then are many,
 * such goods few. */
static enum rc is_over(struct store *store, struct lost_unit *unit)
{
    if (unit->known)
        return RC_OK;
    sqlite3_stmt *row = store_sql(store, JSQL_MOVED_SINCE, "ti", unit->key, unit->seq);
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    sqlite3_reset(row);
    unit->known = step == SQLITE_ROW || step == SQLITE_DONE;
    unit->over = step == SQLITE_ROW;
    return unit->known ? RC_OK : store_rc(store);
}

/* Of this very key; the request's own tally is not spoken of. *ret_unit NULL: it is not lost. */
static enum rc find_lost(struct store *store, struct catalog *catalog, const struct facts_request *request,
                         const char *key, const struct lost_unit **ret_unit)
{
    *ret_unit = NULL;
    if (!catalog || !reserves(request) || store->lost.count == 0)
        return RC_OK;
    struct lost_unit *unit = lost_first(&store->lost, key);
    for (; unit; unit = lost_next(&store->lost, unit)) {
        enum rc rc = unit->seq == request->ignore_seq ? RC_OK : is_over(store, unit);
        if (rc != RC_OK)
            return rc;
        if (unit->seq != request->ignore_seq && !unit->over)
            break;
    }
    *ret_unit = unit;
    return RC_OK;
}

/* The first that is lost, on the way from a unit outwards, says who has it. */
static enum rc note_lost(struct store *store, struct catalog *catalog, const struct facts_request *request,
                         const char *key, struct claim *claim)
{
    const struct lost_unit *unit;
    enum rc rc = find_lost(store, catalog, request, key, &unit);
    if (rc != RC_OK || !unit)
        return rc;
    if (!claim->lost)
        text_copy(claim->no, sizeof claim->no, unit->no);
    if (!claim->lost || unit->counted_seq < claim->lost_seq)
        claim->lost_seq = unit->counted_seq;
    claim->lost = true;
    return RC_OK;
}

/* What a container's tally left out, as it was with somebody else when that began to count. */
static bool left_out(const struct claim *claim)
{
    return claim->lost && claim->lost_seq < claim->counted_seq;
}

/* No live claim was found. */
static enum rc lost_or_none(struct claim *claim)
{
    claim->seq = claim->counted_seq = 0;
    claim->key[0] = claim->doc[0] = '\0';
    return claim->lost ? RC_OK : RC_NOT_FOUND;
}

enum rc claim_find(struct store *store, struct catalog *catalog, const struct facts_request *request, const char *key,
                   struct claim *ret_claim)
{
    ret_claim->lost = false;
    enum rc rc = find_live(store, catalog, request, key, false, ret_claim);
    if (rc != RC_NOT_FOUND)
        return rc;
    rc = note_lost(store, catalog, request, key, ret_claim);
    return rc == RC_OK ? lost_or_none(ret_claim) : rc;
}

enum rc claim_around(struct store *store, struct catalog *catalog, const struct facts_request *request,
                     const char *key, struct claim *ret_claim)
{
    char at[CODE_KEY_MAX + 1], child[CODE_KEY_MAX + 1];
    text_copy(at, sizeof at, key);
    ret_claim->lost = false;
    for (int depth = 0; depth < DEPTH_MAX && at[0]; depth++) {
        enum rc rc = find_live(store, catalog, request, at, depth > 0 && reserves(request), ret_claim);
        if (rc == RC_OK && !left_out(ret_claim))
            return RC_OK;
        if (rc == RC_NOT_FOUND)
            rc = note_lost(store, catalog, request, at, ret_claim);
        if (rc != RC_OK)
            return rc;
        text_copy(child, sizeof child, at);
        rc = books_parent(store, catalog, child, at);
        if (rc != RC_OK)
            return rc;
    }
    return lost_or_none(ret_claim);
}

/* ---- packed for this document ---- */

static enum rc packed_here(struct store *store, const struct facts_request *request, const char *key,
                           bool *ret_packed)
{
    int64_t since = request->document ? request->document->opened_seq : 0;
    sqlite3_stmt *row = store_sql(store, JSQL_PACKED_HERE, "tti", request->doc, key, since);
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    sqlite3_reset(row);
    *ret_packed = step == SQLITE_ROW;
    return step == SQLITE_ROW || step == SQLITE_DONE ? RC_OK : store_rc(store);
}

enum rc claim_packed(struct store *store, struct catalog *catalog, const struct facts_request *request,
                     const char *key, bool *ret_packed, bool *ret_left)
{
    char at[CODE_KEY_MAX + 1], parent[CODE_KEY_MAX + 1];
    *ret_packed = *ret_left = false;
    if (!request->flow || request->flow->work != WORK_PACK)
        return RC_OK;
    snprintf(at, sizeof at, "%s", key);
    for (int depth = 0; depth < DEPTH_MAX && at[0]; depth++) {
        bool here = false;
        enum rc rc = packed_here(store, request, at, &here);
        if (rc == RC_OK)
            rc = books_parent(store, catalog, at, parent);
        if (rc != RC_OK)
            return rc;
        *ret_packed = here && parent[0];
        *ret_left = depth == 0 && here && !parent[0];
        if (*ret_packed || *ret_left)
            return RC_OK;
        memcpy(at, parent, sizeof at);
    }
    return RC_OK;
}

/* ---- as facts ---- */

static void read_no(struct store *store, const char *doc, char *ret_no)
{
    sqlite3_stmt *row = store_sql(store, JSQL_DOCUMENT, "t", doc);
    if (row && sqlite3_step(row) == SQLITE_ROW)
        store_copy(ret_no, ID_MAX + 1, row, 1);
    sqlite3_reset(row);
}

enum rc facts_claim(struct store *store, struct catalog *catalog, const struct facts_request *request,
                    struct facts *facts)
{
    struct claim claim;
    enum rc rc = claim_around(store, catalog, request, facts->key, &claim);
    facts->lost = rc == RC_OK && claim.lost;
    if (rc == RC_OK && !claim.seq) {
        memcpy(facts->other_no, claim.no, sizeof facts->other_no);
        return RC_OK;
    }
    if (rc == RC_OK) {
        facts->tally_seq = claim.seq;
        facts->in_this_document = strcmp(claim.doc, request->doc) == 0;
        if (!facts->in_this_document) {
            memcpy(facts->other_document, claim.doc, sizeof facts->other_document);
            read_no(store, claim.doc, facts->other_no);
        }
        return RC_OK;
    }
    if (rc != RC_NOT_FOUND)
        return rc;
    bool packed, left;
    rc = claim_packed(store, catalog, request, facts->key, &packed, &left);
    facts->in_this_document |= packed;
    facts->counted_here |= left;
    return rc;
}
