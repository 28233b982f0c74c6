/* The code book: what the catalog knows of each code. Exact keys, aliases, parents and children, runs of serials.
 * Behind this header the representation may change; callers see entries only. One connection, one thread at a time. */
#ifndef TALLYMAN_CATALOG_CODEBOOK_H
#define TALLYMAN_CATALOG_CODEBOOK_H

#include "app/domain/code.h"
#include "app/domain/holder.h"
#include "app/domain/limits.h"
#include "app/domain/product.h"
#include <stdbool.h>

struct codebook;
struct sqlite3;

enum { CODEBOOK_RUN_KEYS = 256, CODEBOOK_RUNS_MAX = 64 };

/* An entry with what it inherits already filled in. Product and lot: its own row's, else its run's, else the nearest
 * container's that was told one. Holder: its own row's, else the nearest container's, else its run's. A container that
 * nobody told has its contents' where they agree. Level: as told, else one above its contents, else 0. */
struct codebook_entry {
    char key[CODE_KEY_MAX + 1];
    char product[ID_MAX + 1]; /* "" unknown; for a mixed container "" */
    char lot[LOT_MAX + 1];
    bool product_inside, lot_inside; /* its contents' word: not its own once they are gone */
    char parent[CODE_KEY_MAX + 1];   /* "" none */
    int level;
    bool container; /* has or had contents, or its level is above 0; told a level of 0, only while it has some */
    long covers;    /* units it stands for without listed contents; 0 not said */
    enum code_state state;
    struct holder holder;
    int sale;    /* told beside the holder that holds: catalog_sale() says which; 0 none */
    bool placed; /* by its own word, not by what is around or in it */
};

enum { CODEBOOK_KEEP = -1, CODEBOOK_CLEAR = -2 };
enum { CODEBOOK_RING_MAX = 4 * DEPTH_MAX }; /* how far up a ring is looked for: between two lines it may be deep */

/* What to change in an entry; NULL members are left alone, "" clears. level and covers: CODEBOOK_KEEP, CODEBOOK_CLEAR. */
struct codebook_change {
    const char *product, *lot, *parent, *holder, *state;
    int level;
    long covers;
    int sale;       /* 0 left alone; CODEBOOK_CLEAR */
    bool any_depth; /* lines that are still to come make room above and below: only a ring is refused */
};

/* The connection stays the caller's and must outlive the code book. */
enum rc codebook_open(struct sqlite3 *db, struct codebook **ret_codebook);
void codebook_close(struct codebook *codebook);

/* The connection's view of the file is fixed from here on, or no more: between the two it need not be asked for. */
void codebook_view(struct codebook *codebook, bool viewing);

/* What is remembered of the file may not be true any more, and a bulk is over: after each rollback of the connection. */
void codebook_forget(struct codebook *codebook);

/* Packs what was told since the last time together with what was packed then: the answers stay the same, the rows become
 * smaller. Within the writer's transaction; other connections read on as before it. Takes room beside the file (28 bytes a
 * code, in a file without a name) and a moment. */
enum rc codebook_pack(struct codebook *codebook);
/* The same when more than `least` rows, and more than one for each `part` packed ones, were told since. */
enum rc codebook_pack_if(struct codebook *codebook, long least, long part);

/* For who tells very much at once, within the writer's transaction: from here to codebook_bulk_end what is told stays in
 * memory, and is packed whenever that is full and codebook_bulk_look is called. The answers are the same, but children
 * come in no order, and codebook_at, codebook_of and codebook_units may not be asked. A rollback ends it (codebook_forget). */
enum rc codebook_bulk(struct codebook *codebook);
enum rc codebook_bulk_look(struct codebook *codebook);
enum rc codebook_bulk_end(struct codebook *codebook);
bool codebook_in_bulk(const struct codebook *codebook);

/* RC_NOT_FOUND when neither a row nor a run has this key. Aliases are not looked up here. */
enum rc codebook_find(struct codebook *codebook, const char *key, struct codebook_entry *ret_entry);

/* The key that an alias stands for; RC_NOT_FOUND when it is none. ret_key holds CODE_KEY_MAX + 1. */
enum rc codebook_alias(struct codebook *codebook, const char *alias, char *ret_key);

/* Calls visit for each direct child in key order until it returns false. */
enum rc codebook_children(struct codebook *codebook, const char *parent,
                          bool (*visit)(void *context, const struct codebook_entry *child), void *context);

/* Candidates for "an older lot is free": entries whose own row says this holder and that are of this product and lot
 * (their own or their contents'), then the first CODEBOOK_RUN_KEYS of each run at this holder. */
enum rc codebook_at(struct codebook *codebook, const char *product, const char *lot, const char *holder,
                    bool (*visit)(void *context, const struct codebook_entry *entry), void *context);

/* All entries of a product (and lot, "" any), wherever they are and whatever says so, each once, in no order. Until visit
 * returns false; the visitor may ask for anything but this and codebook_units. */
enum rc codebook_of(struct codebook *codebook, const char *product, const char *lot,
                    bool (*visit)(void *context, const struct codebook_entry *entry), void *context);

/* How many units of a product (and lot, "" any) are at a holder, by themselves or in containers, less those that are
 * inactive, void, stolen or destroyed: told in portions. A container without listed contents counts what it covers. What
 * stands there by itself and is of another product, as it or its run was told or by its contents, is not looked into. */
enum rc codebook_units(struct codebook *codebook, const char *product, const char *lot, const char *holder,
                       void (*add)(void *context, const char *lot, int64_t units), void *context);

/* Inserts or changes; naming a parent makes that parent a known container. RC_BAD_INPUT: a container would be inside
 * itself, it or what is in it deeper than DEPTH_MAX, or a word is none. */
enum rc codebook_put(struct codebook *codebook, const char *key, const struct codebook_change *change);
enum rc codebook_put_alias(struct codebook *codebook, const char *alias, const char *key);
enum rc codebook_put_run(struct codebook *codebook, const char *first, const char *last, const char *product,
                         const char *lot, const char *holder);
/* A run cuts earlier ones out where they overlap; NULL members are left alone if the same run was told before. */
enum rc codebook_delete_run(struct codebook *codebook, const char *first, const char *last);
/* All aliases of a key. */
enum rc codebook_drop_aliases(struct codebook *codebook, const char *key);
/* While other codes name it as their container it stays one, with nothing of its own. */
enum rc codebook_delete(struct codebook *codebook, const char *key);

/* A unit and all that is in it goes to another holder: its own row, and the rows inside that named the old one.
 * RC_NOT_FOUND when it is not known. */
enum rc codebook_move(struct codebook *codebook, const char *key, const char *holder);

#endif
