/* A run as it is stored, and which of its numbers have rows of their own, told or packed: the others are nothing but what
 * the run says, and need no look each. For codebook_of.c and codebook_units.c. */
#ifndef TALLYMAN_CATALOG_CODEBOOK_RUN_H
#define TALLYMAN_CATALOG_CODEBOOK_RUN_H

#include "app/catalog/codebook_row.h"
#include "app/catalog/run.h"

struct run_told {
    struct run_key first;
    int64_t last;
    struct facts_told told;
};

/* From a statement that selects prefix, width, first, last, product, lot, holder. */
void codebook_run_read(struct sqlite3_stmt *statement, struct run_told *ret_run);

/* Ascending; `run` must outlive it, and one is open at a time. */
struct run_rows;
enum rc run_rows_open(struct codebook *codebook, const struct run_told *run, struct run_rows **ret_rows);
/* RC_NOT_FOUND: no more. */
enum rc run_rows_next(struct run_rows *rows, int64_t *ret_number);
void run_rows_close(struct run_rows *rows); /* NULL is fine */

#endif
