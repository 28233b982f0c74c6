#include "app/catalog/pack_merge.h"
#include "app/catalog/bulk.h"
#include <stdlib.h>
#include <string.h>

struct pack_merge {
    struct sqlite3_stmt *rows, *blocks;
    const struct bulk *bulk; /* instead of rows */
    bool keys;
    uint32_t next_row;
    bool has_row, gone, has_packed;
    struct row row;
    struct pack_view view;
    int at;
    uint32_t rank;
    char key[CODE_KEY_MAX + 1]; /* of the packed entry */
    bool row_passed, packed_passed;
    struct pack_item item;
};

static enum rc read_bulk(struct pack_merge *merge)
{
    merge->has_row = merge->next_row < bulk_count(merge->bulk);
    if (!merge->has_row)
        return RC_OK;
    enum bulk_found found = merge->keys ? bulk_key_at(merge->bulk, merge->next_row, merge->row.key)
                                        : bulk_at(merge->bulk, merge->next_row, &merge->row);
    merge->gone = found == BULK_GONE;
    merge->next_row++;
    return RC_OK;
}

static enum rc read_row(struct pack_merge *merge)
{
    merge->row_passed = false;
    if (merge->bulk)
        return read_bulk(merge);
    enum rc rc = sql_step(merge->rows, &merge->has_row);
    if (rc != RC_OK || !merge->has_row)
        return rc;
    codebook_row_read(merge->rows, &merge->row);
    merge->gone = !sql_null(merge->rows, CODEBOOK_ROW_GONE);
    return RC_OK;
}

static enum rc read_packed(struct pack_merge *merge)
{
    enum rc rc = RC_OK;
    merge->packed_passed = false;
    merge->at++;
    merge->rank++;
    if (merge->at >= merge->view.count) {
        size_t len = 0;
        rc = sql_step(merge->blocks, &merge->has_packed);
        if (rc != RC_OK || !merge->has_packed)
            return rc;
        const uint8_t *bytes = sql_blob(merge->blocks, 1, &len);
        rc = pack_view_open(bytes, len, &merge->view);
        merge->at = 0;
        if (rc == RC_OK && (uint32_t)sql_int(merge->blocks, 0) != merge->rank)
            rc = RC_CORRUPT;
    }
    return rc == RC_OK ? pack_view_key(&merge->view, merge->at, merge->key) : rc;
}

enum rc pack_merge_open(struct codebook *codebook, struct sql *sql, bool keys, struct pack_merge **ret_merge)
{
    int64_t generation = 0;
    uint32_t count = 0;
    struct pack_merge *merge = calloc(1, sizeof *merge);
    if (!merge)
        return RC_NOMEM;
    merge->rank = (uint32_t)-1;
    enum rc rc = pack_state(codebook->pack, &generation, &count);
    merge->bulk = codebook->bulk;
    merge->keys = keys;
    if (rc == RC_OK)
        rc = codebook->bulk ? bulk_sort(codebook->bulk) : sql_query(codebook->sql, CODEBOOK_ROWS, "", &merge->rows);
    if (rc == RC_OK)
        rc = sql_query(sql, PACK_BLOCKS, "i", &merge->blocks, generation);
    if (rc == RC_OK)
        rc = read_row(merge);
    if (rc == RC_OK)
        rc = read_packed(merge);
    if (rc == RC_OK)
        *ret_merge = merge;
    else
        pack_merge_close(merge);
    return rc;
}

enum rc pack_merge_next(struct pack_merge *merge, const struct pack_item **ret_item)
{
    enum rc rc = merge->row_passed ? read_row(merge) : RC_OK;
    if (rc == RC_OK && merge->packed_passed)
        rc = read_packed(merge);
    if (rc != RC_OK)
        return rc;
    struct pack_item *item = &merge->item;
    int order = !merge->has_row ? 1 : !merge->has_packed ? -1 : strcmp(merge->row.key, merge->key);
    *ret_item = merge->has_row || merge->has_packed ? item : NULL;
    if (!*ret_item)
        return RC_OK;
    merge->row_passed = order <= 0;
    merge->packed_passed = order >= 0;
    item->told = order <= 0 ? &merge->row : NULL;
    item->gone = order <= 0 && merge->gone;
    item->key = order <= 0 ? merge->row.key : merge->key;
    item->old = order >= 0 ? merge->rank : PACK_NO_RANK;
    if (order >= 0)
        pack_view_entry(&merge->view, merge->at, &item->entry);
    return RC_OK;
}

void pack_merge_close(struct pack_merge *merge)
{
    if (!merge)
        return;
    sql_done(merge->rows);
    sql_done(merge->blocks);
    free(merge);
}
