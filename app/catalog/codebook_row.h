/* Rows of the code book as they are stored: what was told, before anything is inherited. What was told since the book was
 * last packed is in the table code and hides the packed row (pack.h) with the same key; one that is gone leaves a row
 * that says so. Shared by codebook.c (reading), codebook_put.c (writing) and pack_build.c. */
#ifndef TALLYMAN_CATALOG_CODEBOOK_ROW_H
#define TALLYMAN_CATALOG_CODEBOOK_ROW_H

#include "app/catalog/codebook.h"
#include "app/catalog/sql.h"

struct bulk;
struct inside;
struct pack;
struct sieve;

struct codebook {
    struct sqlite3 *db;
    struct sql *sql;
    struct pack *pack;
    bool reader;  /* it never writes */
    bool viewing; /* codebook_view() */
    /* while a reader's view is of `version`: */
    bool seen;
    bool bare, no_runs, no_aliases; /* nothing is in the table */
    unsigned version;
    struct found *found; /* what was found last, FOUND_MAX of them; NULL before the first */
    unsigned found_count;
    struct bulk *bulk;   /* instead of the table while much is told at once, else NULL */
    struct sieve *sieve; /* of the packed keys, during a bulk; NULL: not known */
};

enum codebook_statement {
    CODEBOOK_BEGIN,
    CODEBOOK_COMMIT,
    CODEBOOK_ROW,
    CODEBOOK_ROWS,
    CODEBOOK_ROW_COUNT,
    CODEBOOK_ANY,
    CODEBOOK_HAS,
    CODEBOOK_PUT,
    CODEBOOK_CHILDREN,
    CODEBOOK_ANY_CHILD,
    CODEBOOK_GONE,
    CODEBOOK_DELETE,
    CODEBOOK_ROWS_CLEAR,
    CODEBOOK_AT,
    CODEBOOK_OF,
    CODEBOOK_HERE,
    CODEBOOK_RANGE,
    CODEBOOK_RUN,
    CODEBOOK_RUNS_OF,
    CODEBOOK_RUNS_HERE,
    CODEBOOK_RUNS_AT,
    CODEBOOK_RUN_OVERLAP,
    CODEBOOK_RUN_PUT,
    CODEBOOK_RUN_DELETE,
    CODEBOOK_ALIAS,
    CODEBOOK_ALIAS_PUT,
    CODEBOOK_ALIAS_DROP,
    CODEBOOK_STATEMENTS
};

extern const char *const CODEBOOK_TEXTS[CODEBOOK_STATEMENTS];

enum { CODEBOOK_ROW_GONE = 13 }; /* the column after the row's own, of CODEBOOK_ROW and CODEBOOK_ROWS */

/* One of the three things that are inherited. */
struct told {
    bool has;
    char text[HOLDER_MAX + 1];
};

enum fact { FACT_PRODUCT, FACT_LOT, FACT_HOLDER, FACT_COUNT };

struct facts_told {
    struct told fact[FACT_COUNT];
    int sale; /* told beside the holder; 0 none. Contents have none in common */
};

/* It was deleted while things were in it: it is known by those alone. */
enum { COVERS_GONE = -2 };

struct row {
    char key[CODE_KEY_MAX + 1];
    char parent[CODE_KEY_MAX + 1];
    struct facts_told own;
    struct facts_told in; /* what its contents say; "" means look at them */
    int level;            /* -1 not told */
    int in_level;         /* -1 never had contents */
    long covers;          /* -1 not told; COVERS_GONE */
    enum code_state state;
};

/* Ends a bulk without what it told. (codebook_bulk.c) */
void codebook_bulk_drop(struct codebook *codebook);

/* A row of which nothing has been told. The key must fit. */
void codebook_row_new(const char *key, struct row *ret_row);
/* From a statement that selects the row's columns. */
void codebook_row_read(struct sqlite3_stmt *statement, struct row *ret_row);
/* RC_NOT_FOUND leaves a new row. `key` may be inside *ret_row. */
enum rc codebook_row_get(struct codebook *codebook, const char *key, struct row *ret_row);
enum rc codebook_row_put(struct codebook *codebook, const struct row *row);
enum rc codebook_row_delete(struct codebook *codebook, const char *key);
/* RC_NOT_FOUND: nothing was told of it since the book was packed. */
enum rc codebook_row_told(struct codebook *codebook, const char *key);
/* How many rows were told since, `most` at most. */
enum rc codebook_row_count(struct codebook *codebook, int64_t most, int64_t *ret_count);
/* All of them go: what they told is packed. */
enum rc codebook_row_clear(struct codebook *codebook);

/* The rows inside a container in key order, told and packed; what is put meanwhile may be among them or not. *ret_row is
 * NULL at their end and lives until the next call. */
enum rc inside_open(struct codebook *codebook, const char *parent, struct inside **ret_inside);
enum rc inside_next(struct inside *inside, const struct row **ret_row);
void inside_close(struct inside *inside); /* NULL is fine */

/* Its own or its contents', NULL without. */
const char *codebook_row_text(const struct row *row, enum fact fact);
int codebook_row_level(const struct row *row);

/* What the run that has this key says, holder included; RC_NOT_FOUND without one. (codebook.c) */
enum rc codebook_run_of(struct codebook *codebook, const char *key, struct facts_told *ret_told);

/* True: the reader's view is fixed, and codebook->bare, no_runs and no_aliases are of it; else nothing may be
 * remembered. */
bool codebook_seen(struct codebook *codebook);

/* Fills what is not told in *told from `from`. (codebook.c) */
void codebook_inherit(struct facts_told *told, const struct facts_told *from);
/* The same from this container and those around it, the nearest first; "" none. (codebook.c) */
enum rc codebook_climb(struct codebook *codebook, const char *key, struct facts_told *told);

/* One answer takes several looks, and they have to be at the same book. (codebook.c) */
enum rc codebook_begin_view(struct codebook *codebook, bool *ret_began);
enum rc codebook_end_view(struct codebook *codebook, bool began, enum rc rc);

/* What the contents say of one fact; *told is left alone where they do not agree or say nothing. (codebook.c) */
enum rc codebook_look_inside(struct codebook *codebook, const char *key, enum fact fact, struct told *told);

/* One column, NULL as not told. */
void told_read(struct sqlite3_stmt *statement, int column, struct told *ret_told);
void told_set(struct told *told, const char *text);

#endif
