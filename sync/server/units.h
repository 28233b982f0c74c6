/* Codes as the server knows them: rows, runs of serials, aliases, what is in what, and who holds it. Under the server's
 * lock. */
#ifndef TALLYMAN_SYNC_SERVER_UNITS_H
#define TALLYMAN_SYNC_SERVER_UNITS_H

#include "sync/server/core.h"
#include <jansson.h>

struct unit {
    char key[CODE_KEY_MAX + 1];
    char product[ID_MAX + 1];
    char lot[LOT_MAX + 1];
    char parent[CODE_KEY_MAX + 1];
    char holder[HOLDER_MAX + 1]; /* its own row's; "" not said */
    char state[16];
    int64_t level;  /* -1 not said */
    int64_t covers; /* 0 not said */
    bool container; /* some `in` names it, or its level is above 0 */
    bool touched;   /* a completed record has moved it: the feed no longer does */
    bool stored;    /* has a row of its own, not only a run */
};

/* By row or run; RC_NOT_FOUND. */
enum rc units_get(struct server *server, const char *key, struct unit *ret_unit);
/* The same; one that nobody knows has its key alone. */
enum rc units_find(struct server *server, const char *key, struct unit *ret_unit);

/* Product and lot as a run has them, if one has the code. */
enum rc units_of_run(struct server *server, const char *key, struct unit *unit);

/* Writes the row, makes its parent a known container, notes the change. */
enum rc units_put(struct server *server, const struct unit *unit);
enum rc units_delete(struct server *server, const char *key);

/* The unit that the alias stands for; ret_key holds CODE_KEY_MAX + 1. RC_NOT_FOUND. */
enum rc units_alias(struct server *server, const char *alias, char *ret_key);
/* All of a unit's as an array of text; the caller frees it. */
enum rc units_aliases(struct server *server, const char *key, json_t **ret_list);
/* These too, whosever they were. */
enum rc units_put_aliases(struct server *server, const char *key, const json_t *aliases);
/* Exactly these (an array of text, or NULL for none); *ret_changed. */
enum rc units_set_aliases(struct server *server, const char *key, const json_t *aliases, bool *ret_changed);

/* Where the unit is: its own word, else its containers', else its contents', else that of a run. "" when nobody said. ret_holder holds
 * HOLDER_MAX + 1. */
enum rc units_holder(struct server *server, const struct unit *unit, char *ret_holder);

/* How many units are in it, all levels. */
enum rc units_count_inside(struct server *server, const char *key, int64_t *ret_count);

/* What is directly in it, by key; and all that is in it, nearest first. Arrays of keys; the caller decrefs. */
enum rc units_children(struct server *server, const char *key, json_t **ret_keys);
enum rc units_inside(struct server *server, const char *key, json_t **ret_keys);

/* The unit, and what is with it inside it, are in this state from now on. */
enum rc units_set_state(struct server *server, const struct unit *unit, const char *state);

/* The same unit as far as work goes: what it is in, who holds it, its state. */
bool units_same_place(const struct unit *a, const struct unit *b);

/* What is above it, nearest first (at most DEPTH_MAX); an array of keys. The caller decrefs. */
enum rc units_above(struct server *server, const char *key, json_t **ret_keys);

/* It leaves its container, and goes with all inside that named its old holder. A unit that the books do not
 * know gets a row with this product and lot. *ret_moved: the keys that moved, itself first; the caller decrefs.
 * ret_from holds HOLDER_MAX + 1. */
enum rc units_move(struct server *server, const struct unit *unit, const char *holder, const char *state,
                   json_t **ret_moved, char *ret_from);

/* The feed line for the code; a tombstone when it is gone. */
enum rc units_line(struct server *server, const char *key, json_t **ret_line);

#endif
