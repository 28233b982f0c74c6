#include "app/catalog/codebook_run.h"
#include "app/catalog/pack.h"
#include <stdlib.h>
#include <string.h>

/* Two lists of numbers laid together: of the table, a row at a time, and of the packed book, a block at a time. */
struct run_rows {
    struct codebook *codebook;
    const struct run_told *run;
    char last[CODE_KEY_MAX + 1];
    struct sqlite3_stmt *told;
    bool has_told, over; /* over: the packed keys are beyond the run */
    int64_t told_number;
    uint32_t rank, packed;
    int at, count;
    int64_t numbers[PACK_ENTRIES_MAX];
};

void codebook_run_read(struct sqlite3_stmt *statement, struct run_told *ret_run)
{
    sql_text(statement, 0, ret_run->first.prefix, sizeof ret_run->first.prefix);
    ret_run->first.width = (int)sql_int(statement, 1);
    ret_run->first.number = sql_int(statement, 2);
    ret_run->last = sql_int(statement, 3);
    for (int i = 0; i < FACT_COUNT; i++)
        told_read(statement, 4 + i, &ret_run->told.fact[i]);
}

/* Between its ends there are also keys of other lengths. */
static bool number_of(const struct run_told *run, const char *key, int64_t *ret_number)
{
    struct run_key at;
    if (!run_split(key, &at) || at.width != run->first.width || strcmp(at.prefix, run->first.prefix) != 0)
        return false;
    *ret_number = at.number;
    return at.number >= run->first.number && at.number <= run->last;
}

static enum rc read_told(struct run_rows *rows)
{
    enum rc rc = RC_OK;
    do
        rc = sql_step(rows->told, &rows->has_told);
    while (rc == RC_OK && rows->has_told && !number_of(rows->run, sql_bytes(rows->told, 0), &rows->told_number));
    return rc;
}

static bool take_packed(void *context, const char *key)
{
    struct run_rows *rows = context;
    if (strcmp(key, rows->last) > 0)
        rows->over = true;
    else if (number_of(rows->run, key, &rows->numbers[rows->count]))
        rows->count++;
    return !rows->over;
}

static enum rc read_packed(struct run_rows *rows)
{
    enum rc rc = RC_OK;
    rows->at = rows->count = 0;
    while (rc == RC_OK && !rows->count && !rows->over && rows->rank < rows->packed)
        rc = pack_keys(rows->codebook->pack, rows->rank, take_packed, rows, &rows->rank);
    return rc;
}

enum rc run_rows_open(struct codebook *codebook, const struct run_told *run, struct run_rows **ret_rows)
{
    char first[CODE_KEY_MAX + 1];
    int64_t generation = 0;
    struct run_rows *rows = calloc(1, sizeof *rows);
    if (!rows)
        return RC_NOMEM;
    rows->codebook = codebook;
    rows->run = run;
    run_join(&run->first, run->first.number, first);
    run_join(&run->first, run->last, rows->last);
    enum rc rc = sql_query(codebook->sql, CODEBOOK_RANGE, "ss", &rows->told, first, rows->last);
    if (rc == RC_OK)
        rc = read_told(rows);
    if (rc == RC_OK)
        rc = pack_state(codebook->pack, &generation, &rows->packed);
    if (rc == RC_OK)
        rc = pack_rank_from(codebook->pack, first, &rows->rank);
    if (rc == RC_OK)
        rc = read_packed(rows);
    if (rc == RC_OK)
        *ret_rows = rows;
    else
        run_rows_close(rows);
    return rc;
}

enum rc run_rows_next(struct run_rows *rows, int64_t *ret_number)
{
    bool packed = rows->at < rows->count;
    if (!packed && !rows->has_told)
        return RC_NOT_FOUND;
    int64_t of_packed = packed ? rows->numbers[rows->at] : INT64_MAX;
    int64_t of_told = rows->has_told ? rows->told_number : INT64_MAX;
    enum rc rc = RC_OK;
    if (of_packed <= of_told && ++rows->at == rows->count)
        rc = read_packed(rows);
    if (rc == RC_OK && of_told <= of_packed)
        rc = read_told(rows);
    if (rc == RC_OK)
        *ret_number = of_packed < of_told ? of_packed : of_told;
    return rc;
}

void run_rows_close(struct run_rows *rows)
{
    if (!rows)
        return;
    if (rows->told)
        sql_done(rows->told);
    free(rows);
}
