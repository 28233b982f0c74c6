/* The code book as this device sees it: what the catalog tells, and over it what this device did since (its records after
 * `applied_seq` that the server has not refused): what it learned of codes, what it packed into what, and where `complete`
 * brought things. Facts, contents and reports ask here and nowhere else. The writer of those rows is here as well; it runs
 * within the transaction that appends. */
#ifndef TALLYMAN_STORE_BOOKS_H
#define TALLYMAN_STORE_BOOKS_H

#include "app/catalog/codebook.h"
#include "app/store/store_private.h"

struct books_entry {
    struct codebook_entry unit; /* its holder and parent are the present ones */
    day_t made, expires;        /* as its label said when this device learned it, else DAY_NONE */
    bool told;                  /* the catalog knows it */
};

/* Before a round of questions: which records are in the catalog by now. NULL: there is none. */
void books_refresh(struct store *store, struct catalog *catalog);
/* At opening: the last record that wrote here, so that nothing is asked where nothing can be. */
enum rc books_load(struct store *store);

/* RC_NOT_FOUND when neither catalog nor this device know the key. Aliases are not looked up here. */
enum rc books_find(struct store *store, struct catalog *catalog, const char *key, struct books_entry *ret_entry);
/* The same; a container of which nobody said where it is, is where the first thing in it is of which that is known. */
enum rc books_find_placed(struct store *store, struct catalog *catalog, const char *key,
                          struct books_entry *ret_entry);
/* What it is, by what is in it now where nobody told that of itself; "" nothing, or several products. ret_product holds
 * ID_MAX + 1. */
enum rc books_product(struct store *store, struct catalog *catalog, const struct codebook_entry *entry,
                      char *ret_product);
/* Only what it is in, "" nothing; ret_parent holds CODE_KEY_MAX + 1. */
enum rc books_parent(struct store *store, struct catalog *catalog, const char *key, char *ret_parent);
/* … and the record that packed it, 0: the catalog tells. */
enum rc books_parent_since(struct store *store, struct catalog *catalog, const char *key, char *ret_parent,
                           int64_t *ret_seq);
/* The catalog's entry as things are now: where it is, its state, what it is in. */
enum rc books_lay_over(struct store *store, struct catalog *catalog, struct codebook_entry *entry);
/* Where the entry went, by itself and with what it is in since record `in_seq`. */
enum rc books_follow(struct store *store, struct catalog *catalog, struct codebook_entry *entry, int64_t in_seq);
/* Each move that it made with what it is in since record `in_seq`, the first first, until visit fails: that record, the one that
 * made it count, where what moved was before. */
struct books_along {
    int64_t seq, of;
    bool goes; /* to `to`, else it only changed its state */
    struct holder was, to;
    int state; /* in which that put it, PLACE_KEEPS */
};
enum rc books_each_along(struct store *store, struct catalog *catalog, const struct codebook_entry *entry,
                         int64_t in_seq, enum rc (*visit)(void *context, const struct books_along *along),
                         void *context);
/* Each direct child until visit returns false. The visitor asks nothing here. */
enum rc books_children(struct store *store, struct catalog *catalog, const char *parent,
                       bool (*visit)(void *context, const struct books_entry *child), void *context);
/* Keys of this product (any lot) that only this device knows. */
enum rc books_learned(struct store *store, struct catalog *catalog, const char *product,
                      bool (*visit)(void *context, const struct books_entry *entry), void *context);

/* ---- writing ---- */

/* learned.what: a code; a container by what was packed into it, new or known to the catalog before; undone; known to the
 * catalog before, but not as a container. */
enum books_what { LEARNED_CODE, LEARNED_WHOLE, LEARNED_AGAIN, LEARNED_GONE, LEARNED_MADE };

/* The record `seq` that writes, and `of`, the record that made it count. */
struct books_write {
    struct store *store;
    struct catalog *catalog; /* NULL none */
    int64_t seq, of;
};

/* What a code is, as its scan told. */
struct books_learned {
    const char *product, *lot;
    int level;
    long covers;
    day_t made, expires;
    bool again; /* it was known: an undo takes nothing away */
    bool whole; /* of a container, by what was packed into it; or nothing: goes before what the catalog tells */
};

enum { PLACE_KEEPS = -1 };

enum rc books_learn(const struct books_write *write, const char *key, const struct books_learned *learned);
/* Goes into another container, "" none. What its old one did with it stays true. */
enum rc books_put_parent(const struct books_write *write, const char *key, const char *parent);
/* Goes out of what it is in; where nobody said where it is itself, it is where that was. */
enum rc books_take_out(const struct books_write *write, const char *key);
/* Goes to another holder (NULL: stays) and state (PLACE_KEEPS: keeps it), with what is in it. */
enum rc books_put_place(const struct books_write *write, const char *key, const struct holder *holder, int state);
/* All that record `counted` wrote is as it was before, where nothing came later. What it said of the code `kept` ("" none) stays,
 * unless it gave that code to other goods. */
enum rc books_reverse(const struct books_write *write, int64_t counted, const char *kept);
/* *ret_later: something came later to what record `counted` packed: it can't be reversed any more. */
enum rc books_came_later(struct store *store, struct catalog *catalog, int64_t counted, bool *ret_later);

#endif
