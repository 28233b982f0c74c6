#include "app/catalog/bulk.h"
#include "app/catalog/pack.h"
#include <stdlib.h>
#include <string.h>

enum { PAGE_ROWS = 32 };

/* Two lists in key order, laid together: the rows of the table that name this container, a page at a time, and the packed
 * children of which nothing was told since. During a bulk the first has no order, and neither has what they make. */
struct inside {
    struct codebook *codebook;
    char parent[CODE_KEY_MAX + 1], last[CODE_KEY_MAX + 1];
    bool more_told, more_packed;
    int at, count;
    uint32_t child; /* the next one, during a bulk */
    struct pack_children children;
    struct row packed;
    struct row told[PAGE_ROWS];
};

static enum rc read_bulk(struct inside *inside)
{
    const struct bulk *bulk = inside->codebook->bulk;
    for (inside->at = inside->count = 0; inside->child && inside->count < PAGE_ROWS; inside->count++)
        inside->child = bulk_child_read(bulk, inside->child, &inside->told[inside->count]);
    inside->more_told = inside->child != 0;
    return RC_OK;
}

static enum rc read_told(struct inside *inside)
{
    if (inside->codebook->bulk)
        return read_bulk(inside);
    struct sqlite3_stmt *statement = NULL;
    bool more = true;
    enum rc rc = sql_query(inside->codebook->sql, CODEBOOK_CHILDREN, "ssi", &statement, inside->parent, inside->last,
                           (int64_t)PAGE_ROWS);
    inside->at = inside->count = 0;
    while (rc == RC_OK && inside->count < PAGE_ROWS && (rc = sql_step(statement, &more)) == RC_OK && more)
        codebook_row_read(statement, &inside->told[inside->count++]);
    sql_done(statement);
    inside->more_told = inside->count == PAGE_ROWS;
    return rc;
}

/* The next packed child that still is one. */
static enum rc read_packed(struct inside *inside)
{
    enum rc rc = RC_OK;
    do {
        rc = pack_next(inside->codebook->pack, &inside->children, inside->parent, &inside->more_packed,
                       &inside->packed);
        if (rc == RC_OK && inside->more_packed)
            rc = codebook_row_told(inside->codebook, inside->packed.key);
        else
            return rc;
    } while (rc == RC_OK);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc inside_open(struct codebook *codebook, const char *parent, struct inside **ret_inside)
{
    struct inside *inside = malloc(sizeof *inside);
    if (!inside)
        return RC_NOMEM;
    inside->codebook = codebook;
    memcpy(inside->parent, parent, strlen(parent) + 1);
    inside->last[0] = '\0';
    inside->child = codebook->bulk ? bulk_child(codebook->bulk, parent) : 0;
    enum rc rc = read_told(inside);
    if (rc == RC_OK)
        rc = pack_children(codebook->pack, parent, &inside->children);
    if (rc == RC_OK)
        rc = read_packed(inside);
    if (rc == RC_OK)
        *ret_inside = inside;
    else
        free(inside);
    return rc;
}

enum rc inside_next(struct inside *inside, const struct row **ret_row)
{
    enum rc rc = RC_OK;
    /* what was handed out last is passed only now: it was still being read */
    if (inside->last[0] && inside->more_packed && strcmp(inside->packed.key, inside->last) == 0)
        rc = read_packed(inside);
    if (rc == RC_OK && inside->at == inside->count && inside->more_told)
        rc = read_told(inside);
    if (rc != RC_OK)
        return rc;
    const struct row *told = inside->at < inside->count ? &inside->told[inside->at] : NULL;
    const struct row *packed = inside->more_packed ? &inside->packed : NULL;
    if (told && (!packed || strcmp(told->key, packed->key) < 0))
        inside->at++;
    else
        told = packed;
    if (told)
        memcpy(inside->last, told->key, sizeof inside->last);
    *ret_row = told;
    return RC_OK;
}

void inside_close(struct inside *inside)
{
    free(inside);
}
