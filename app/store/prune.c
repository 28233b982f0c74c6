/* Records that nobody needs any more leave the journal, the oldest first. What they were chained to stays, so that the chain can be
 * proved from the first one kept; and all that they came to: documents, tallies, where goods went. */
#include "app/store/store_private.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

void store_keep(struct store *store, int64_t keep_ms)
{
    store->keep_ms = keep_ms;
}

static enum rc read_anchor(struct store *store)
{
    size_t len = 0;
    sqlite3_stmt *row = store_sql(store, JSQL_META, "t", "anchor");
    if (!row)
        return store_rc(store);
    const char *text = sqlite3_step(row) == SQLITE_ROW ? store_text(row, 0) : "";
    bool good = sodium_hex2bin(store->anchor, CHAIN_HASH_BYTES, text, strlen(text), NULL, &len, NULL) == 0 &&
                len == CHAIN_HASH_BYTES;
    sqlite3_reset(row);
    return good ? RC_OK : RC_CORRUPT;
}

static enum rc number_of(struct store *store, enum journal_sql id, int64_t *ret_number)
{
    sqlite3_stmt *row = store_sql(store, id, "");
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    if (step == SQLITE_ROW)
        *ret_number = sqlite3_column_int64(row, 0);
    sqlite3_reset(row);
    return step == SQLITE_ROW ? RC_OK : store_rc(store);
}

/* Without an anchor the journal begins with record 1: that others are missing shows when the chain is checked. */
enum rc store_load_first(struct store *store)
{
    int64_t first = 1;
    enum rc rc = number_of(store, JSQL_FIRST, &first);
    store->first_seq = 1;
    memset(store->anchor, 0, sizeof store->anchor);
    if (rc != RC_OK || first == 1 || read_anchor(store) != RC_OK)
        return rc;
    store->first_seq = first;
    return RC_OK;
}

/* What the server has for good and has told back; nothing as long as that is not sure. */
static int64_t told_back(struct store *store, int64_t *ret_server_ms)
{
    struct catalog *catalog;
    if (store_catalog(store, &catalog) != RC_OK)
        return 0;
    int64_t acked = store_watermark(store, catalog, "acked_seq");
    int64_t applied = store_watermark(store, catalog, "applied_seq");
    *ret_server_ms = store_meta_number(catalog, "server_ms");
    if (store_damaged(store) || catalogs_is_damaged(store->dir, store->mark.name))
        return 0;
    return acked < applied ? acked : applied;
}

static bool is_old(sqlite3_stmt *row, int64_t before_ms)
{
    int64_t at_ms = 0;
    json_t *body = json_loadb(store_text(row, 1), (size_t)sqlite3_column_bytes(row, 1), JSON_ALLOW_NUL, NULL);
    const char *at = body ? json_string_value(json_object_get(body, "at")) : NULL;
    bool old = at && time_parse(at, &at_ms) == RC_OK && at_ms < before_ms;
    json_decref(body);
    return old;
}

/* The last record that goes, and its hash; 0 none does. */
static enum rc choose(struct store *store, int64_t limit, int64_t before_ms, int64_t *ret_seq, uint8_t *ret_hash)
{
    sqlite3_stmt *row = store_sql(store, JSQL_RECORDS, "i", store->first_seq);
    int64_t seq = store->first_seq, most = store->first_seq + STORE_PRUNE_STEP;
    int step = SQLITE_DONE;
    if (!row)
        return store_rc(store);
    for (; seq <= limit && seq < most && (step = sqlite3_step(row)) == SQLITE_ROW; seq++) {
        bool good = sqlite3_column_int64(row, 0) == seq && sqlite3_column_bytes(row, 2) == CHAIN_HASH_BYTES;
        if (!good || !is_old(row, before_ms))
            break; /* what is damaged stays for people to see */
        *ret_seq = seq;
        memcpy(ret_hash, sqlite3_column_blob(row, 2), CHAIN_HASH_BYTES);
    }
    sqlite3_reset(row);
    return step == SQLITE_ROW || step == SQLITE_DONE ? RC_OK : store_rc(store);
}

static enum rc drop(struct store *store, int64_t seq, const uint8_t *hash)
{
    char text[CHAIN_TEXT_BYTES + 1];
    enum rc rc = store_do(store, JSQL_BEGIN, "");
    if (rc != RC_OK)
        return rc;
    rc = store_do(store, JSQL_META_SET, "tt", "anchor", chain_print(hash, text));
    if (rc == RC_OK)
        rc = store_do(store, JSQL_DROP, "i", seq);
    if (rc == RC_OK)
        rc = store_do(store, JSQL_COMMIT, "");
    if (rc != RC_OK && !sqlite3_get_autocommit(store->db))
        store_do(store, JSQL_ROLLBACK, "");
    return rc;
}

enum rc store_prune(struct store *store, int64_t now_ms, int64_t keep_ms, int64_t *ret_dropped)
{
    uint8_t hash[CHAIN_HASH_BYTES];
    int64_t seq = 0, open_from = 0, server_ms = 0;
    int64_t limit = told_back(store, &server_ms);
    int64_t before_ms = (server_ms < now_ms ? server_ms : now_ms) - keep_ms;
    enum rc rc = RC_OK;
    *ret_dropped = 0;
    if (store->held || store->lock_fd < 0 || limit < store->first_seq)
        return RC_OK;
    rc = number_of(store, JSQL_KEPT_FROM, &open_from);
    if (limit >= open_from)
        limit = open_from - 1;
    if (limit >= store->last_seq)
        limit = store->last_seq - 1;
    if (rc == RC_OK)
        rc = choose(store, limit, before_ms, &seq, hash);
    if (rc == RC_OK && seq)
        rc = drop(store, seq, hash);
    if (rc != RC_OK || !seq)
        return rc;
    *ret_dropped = seq - store->first_seq + 1;
    store->first_seq = seq + 1;
    memcpy(store->anchor, hash, sizeof hash);
    return RC_OK;
}
