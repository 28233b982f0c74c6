#include "app/catalog/bulk.h"
#include "app/catalog/sieve.h"
#include <assert.h>
#include <stdlib.h>

void codebook_bulk_drop(struct codebook *codebook)
{
    bulk_free(codebook->bulk);
    sieve_free(codebook->sieve);
    codebook->bulk = NULL;
    codebook->sieve = NULL;
}

bool codebook_in_bulk(const struct codebook *codebook)
{
    return codebook->bulk != NULL;
}

/* What the table holds goes along: there is one place for what was told. */
static enum rc take_table(struct codebook *codebook, struct bulk *bulk)
{
    struct sqlite3_stmt *statement = NULL;
    struct row row;
    bool more = false;
    enum rc rc = sql_query(codebook->sql, CODEBOOK_ROWS, "", &statement);
    while (rc == RC_OK && (rc = sql_step(statement, &more)) == RC_OK && more) {
        codebook_row_read(statement, &row);
        rc = sql_null(statement, CODEBOOK_ROW_GONE) ? bulk_put(bulk, &row) : bulk_set(bulk, row.key, BULK_GONE);
    }
    sql_done(statement);
    return rc == RC_OK ? sql_run(codebook->sql, CODEBOOK_ROWS_CLEAR, "") : rc;
}

enum rc codebook_bulk(struct codebook *codebook)
{
    int64_t rows = 0;
    assert(!codebook->bulk);
    enum rc rc = codebook_row_count(codebook, BULK_ROWS_MAX + 1, &rows);
    if (rc == RC_OK && rows > BULK_ROWS_MAX)
        rc = codebook_pack(codebook);
    if (rc != RC_OK)
        return rc;
    struct bulk *bulk = bulk_new();
    rc = bulk ? take_table(codebook, bulk) : RC_NOMEM;
    if (rc == RC_OK)
        codebook->bulk = bulk;
    else
        bulk_free(bulk);
    return rc;
}

enum rc codebook_bulk_look(struct codebook *codebook)
{
    if (!codebook->bulk || !bulk_full(codebook->bulk))
        return RC_OK;
    if (bulk_count(codebook->bulk))
        return codebook_pack(codebook);
    bulk_clear(codebook->bulk); /* all that came has gone again */
    return RC_OK;
}

enum rc codebook_bulk_end(struct codebook *codebook)
{
    struct bulk *bulk = codebook->bulk;
    struct row row;
    enum rc rc = bulk ? bulk_sort(bulk) : RC_OK;
    codebook->bulk = NULL; /* rows go to the table again */
    for (uint32_t at = 0; bulk && rc == RC_OK && at < bulk_count(bulk); at++)
        rc = bulk_at(bulk, at, &row) == BULK_TOLD ? codebook_row_put(codebook, &row)
                                                  : codebook_row_delete(codebook, row.key);
    bulk_free(bulk);
    codebook_bulk_drop(codebook);
    return rc;
}
