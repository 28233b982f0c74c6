/* What the files of this folder share of a store. Nobody else includes this. */
#ifndef TALLYMAN_STORE_STORE_PRIVATE_H
#define TALLYMAN_STORE_STORE_PRIVATE_H

#include "app/domain/chain.h"
#include "app/store/catalogs.h"
#include "app/store/journal_sql.h"
#include "app/store/store.h"
#include <sqlite3.h>

/* tally.state */
enum tally_state {
    TALLY_NOTED,   /* a reject that does not latch, or one that a later scan of the unit replaced */
    TALLY_LIVE,    /* counts, reserves the unit */
    TALLY_WAITING, /* a confirm that nobody has given yet */
    TALLY_LATCHED, /* a reject that nobody has dealt with */
    TALLY_UNDONE,
    TALLY_ASIDE,   /* the goods were put aside */
    TALLY_MOVED,   /* its document was completed */
    TALLY_RELEASED /* its document was abandoned, or the unit moved to another one */
};

/* unit.state */
enum unit_state { UNIT_RESERVED = 1, UNIT_MOVED };

struct store {
    char dir[STORE_PATH_MAX + 1];
    int lock_fd;
    sqlite3 *db;
    sqlite3_stmt *statements[JSQL_COUNT];
    int64_t epoch, last_seq, last_record_ms, checkpoints;
    uint8_t head[CHAIN_HASH_BYTES];
    int64_t device;
    bool enrolled;
    char site[ID_MAX + 1];
    int wal_pages;
    bool held;           /* between store_hold and store_release */
    bool in_transaction; /* the journal's, begun by store_hold */
    enum rc held_rc;     /* what store_catalog answers meanwhile */
    struct catalog *catalog;
    struct catalogs_mark mark; /* of the files that `catalog` was opened from */
    uint32_t catalog_opens;
    long damage_seen;                 /* catalog_damage() when the catalog was asked for last */
    int64_t applied_seq;              /* of that catalog; refreshed by every facts call */
    char last_key[CODE_KEY_MAX + 1];  /* the scan judged last, for ticks … */
    char last_label[CODE_VALUES_MAX]; /* … and its element strings, for `repeat` */
    int64_t last_mono_ns;
    unsigned unexpected; /* guesses that are none here */
};

/* The statement, reset, with its parameters bound by `format`: t const char *, i int64_t, b const void * and size_t.
 * NULL when it can't be prepared: store_rc says why. */
sqlite3_stmt *store_sql(struct store *store, enum journal_sql id, const char *format, ...);
/* Binds and steps a statement that returns no rows. */
enum rc store_do(struct store *store, enum journal_sql id, const char *format, ...);
enum rc store_rc(struct store *store);
/* catalog_use.c: marks the catalog when a damaged page of it was met, so that it is fetched again. */
void store_note_damage(struct store *store);
/* Column text, "" for NULL. */
const char *store_text(sqlite3_stmt *statement, int column);
void store_copy(char *ret_text, size_t size, sqlite3_stmt *statement, int column);

/* record.c: the body of a record as it is journaled; free() it. NULL without memory. */
char *record_body(const struct store *store, const struct record *record, int64_t seq);

/* project.c: what a record does to the projections, within the transaction that appends it. */
enum rc project(struct store *store, const struct record *record, int64_t seq);

/* move.c: one tally's allocations; what it takes from another document's tally and gives back. All within the transaction
 * that appends. */
struct tally_row {
    int64_t seq;
    char doc[DOC_MAX + 1], key[CODE_KEY_MAX + 1];
    enum tally_state state;
};
enum rc tally_find(struct store *store, int64_t seq, struct tally_row *ret_row);
enum rc tally_set_state(struct store *store, int64_t seq, enum tally_state state);
/* The one line that takes all of it, -1 when there are several or none. */
int64_t tally_own_line(const struct verdict *verdict);
enum rc tally_allocate(struct store *store, const char *doc, int64_t seq, const struct verdict *verdict);
/* Before a scan counts by its confirm record `counted_seq`: forgets what an earlier life of it had. */
enum rc tally_begin_anew(struct store *store, int64_t seq, int64_t counted_seq, const struct verdict *verdict);
/* Takes a live tally out of its document's count and frees its unit. */
enum rc tally_release(struct store *store, const struct tally_row *tally, enum tally_state state);
/* The goods that the record is about leave the document that had them, and `seq` remembers what it took. */
enum rc tally_take(struct store *store, const struct record *record, int64_t seq);
/* An undone tally gives back what it took, where that document is still worked on. */
enum rc tally_give_back(struct store *store, const struct tally_row *tally);
/* All live ones of a document that is given up. */
enum rc tally_release_all(struct store *store, const char *doc, int64_t opened_seq);

/* What this device's own records say about one unit. */
struct unit_row {
    char key[CODE_KEY_MAX + 1]; /* the unit itself or the container that was scanned */
    int64_t seq, moved_seq, counted_seq;
    enum unit_state state;
    char doc[DOC_MAX + 1];
};
/* Of this very key. RC_NOT_FOUND also when the server refused the record, or its effects are in the catalog. */
enum rc unit_find(struct store *store, struct catalog *catalog, const char *key, int64_t ignore_seq,
                  struct unit_row *ret_row);

/* contents.c: walks what is in a container and fills facts' contents and groups. */
enum rc contents_gather(struct store *store, struct catalog *catalog, const struct facts_request *request,
                        const struct codebook_entry *entry, struct facts *facts);

#endif
