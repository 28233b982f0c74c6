#include "app/store/books.h"
#include "app/store/keys.h"
#include "app/store/syncport.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOVES_EACH = 8, /* of one unit, the latest; the earlier ones can't matter any more */
    MOVES_MAX = MOVES_EACH * (DEPTH_MAX + 1)
};

/* ---- which rows count ---- */

void books_refresh(struct store *store, struct catalog *catalog)
{
    store->applied_seq = catalog ? store_watermark(store, catalog, "applied_seq") : 0;
}

static enum rc last_of(struct store *store, enum journal_sql id, int64_t *ret_seq)
{
    sqlite3_stmt *row = store_sql(store, id, "");
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    if (step == SQLITE_ROW)
        *ret_seq = sqlite3_column_int64(row, 0);
    sqlite3_reset(row);
    return step == SQLITE_ROW ? RC_OK : store_rc(store);
}

enum rc books_load(struct store *store)
{
    if (store->lock_fd < 0) { /* somebody else writes meanwhile */
        store->learned_seq = store->packed_seq = store->placed_seq = INT64_MAX;
        return RC_OK;
    }
    enum rc rc = last_of(store, JSQL_LEARNED_LAST, &store->learned_seq);
    if (rc == RC_OK)
        rc = last_of(store, JSQL_PACKED_LAST, &store->packed_seq);
    return rc == RC_OK ? last_of(store, JSQL_PLACE_LAST, &store->placed_seq) : rc;
}

static bool row_counts(struct catalog *catalog, int64_t seq, int64_t of)
{
    if (!catalog)
        return true;
    return !catalog_refused(catalog, SYNCPORT_REFUSED, seq) &&
           (of == seq || !catalog_refused(catalog, SYNCPORT_REFUSED, of));
}

/* Steps to the next row that counts; the first two columns are seq and of. */
static int step_counting(struct catalog *catalog, sqlite3_stmt *row)
{
    int step;
    while ((step = sqlite3_step(row)) == SQLITE_ROW)
        if (row_counts(catalog, sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1)))
            break;
    return step;
}

/* ---- what it is in ---- */

/* *ret_seq: of the row that says so, 0 when none does and *ret_parent is as it was. */
static enum rc local_parent(struct store *store, struct catalog *catalog, const char *key, char *ret_parent,
                            int64_t *ret_seq)
{
    *ret_seq = 0;
    if (store->packed_seq <= store->applied_seq)
        return RC_OK;
    sqlite3_stmt *row = store_sql(store, JSQL_PACKED, "ti", key, store->applied_seq);
    if (!row)
        return store_rc(store);
    int step = step_counting(catalog, row);
    if (step == SQLITE_ROW) {
        *ret_seq = sqlite3_column_int64(row, 0);
        store_copy(ret_parent, CODE_KEY_MAX + 1, row, 2);
    }
    sqlite3_reset(row);
    return step == SQLITE_ROW || step == SQLITE_DONE ? RC_OK : store_rc(store);
}

enum rc books_parent_since(struct store *store, struct catalog *catalog, const char *key, char *ret_parent,
                           int64_t *ret_seq)
{
    struct codebook_entry entry;
    ret_parent[0] = '\0';
    enum rc rc = local_parent(store, catalog, key, ret_parent, ret_seq);
    if (rc == RC_OK && !*ret_seq && catalog && codebook_find(catalog_codebook(catalog), key, &entry) == RC_OK)
        memcpy(ret_parent, entry.parent, sizeof entry.parent);
    return rc;
}

enum rc books_parent(struct store *store, struct catalog *catalog, const char *key, char *ret_parent)
{
    int64_t seq;
    return books_parent_since(store, catalog, key, ret_parent, &seq);
}

/* ---- where it is ---- */

struct move {
    int64_t seq, of;
    bool own;                  /* else of a container around */
    bool goes;                 /* to `holder`, from `was` */
    struct holder holder, was; /* */
    int state;                 /* PLACE_KEEPS, or enum code_state */
};

struct moves {
    struct move all[MOVES_MAX];
    int count;
};

static bool same_holder(const struct holder *a, const struct holder *b)
{
    return a->kind == b->kind && strcmp(a->id, b->id) == 0;
}

/* Of one key, those after `since`. */
static enum rc add_moves(struct store *store, struct catalog *catalog, const char *key, int64_t since, bool own,
                         struct moves *moves)
{
    sqlite3_stmt *row = store_sql(store, JSQL_PLACES, "tii", key, since, (int64_t)MOVES_EACH);
    if (!row)
        return store_rc(store);
    int step = SQLITE_DONE;
    while (moves->count < MOVES_MAX && (step = step_counting(catalog, row)) == SQLITE_ROW) {
        struct move *move = &moves->all[moves->count++];
        const char *holder = store_text(row, 2);
        *move = (struct move){.seq = sqlite3_column_int64(row, 0),
                              .of = sqlite3_column_int64(row, 1),
                              .own = own,
                              .goes = holder[0] != '\0',
                              .state = sqlite3_column_int(row, 3)};
        holder_parse(holder, &move->holder);
        holder_parse(store_text(row, 4), &move->was);
    }
    enum rc rc = moves->count == MOVES_MAX || step == SQLITE_DONE ? RC_OK : store_rc(store);
    sqlite3_reset(row);
    return rc;
}

static int by_seq(const void *a, const void *b)
{
    const struct move *left = a, *right = b;
    return left->seq < right->seq ? -1 : left->seq > right->seq;
}

/* In the order in which things happened. What names another place than its container does not go along with it, and
 * nothing that is in it does: those moves are dropped. */
static void follow(struct moves *moves, struct codebook_entry *entry)
{
    int count = 0;
    qsort(moves->all, (size_t)moves->count, sizeof moves->all[0], by_seq);
    for (int i = 0; i < moves->count; i++) {
        const struct move *move = &moves->all[i];
        bool apart = !move->own && move->was.kind != HOLDER_UNKNOWN && entry->holder.kind != HOLDER_UNKNOWN &&
                     !same_holder(&entry->holder, &move->was);
        if (apart)
            continue;
        if (move->goes)
            entry->holder = move->holder;
        if (move->state != PLACE_KEEPS)
            entry->state = (enum code_state)move->state;
        moves->all[count++] = *move;
    }
    moves->count = count;
}

/* What it is in made these moves; what went in after one of them did not go along. */
static void add_around(struct moves *moves, const struct moves *around, int64_t in_seq)
{
    for (int i = 0; i < around->count && moves->count < MOVES_MAX; i++) {
        if (around->all[i].seq <= in_seq)
            continue;
        moves->all[moves->count] = around->all[i];
        moves->all[moves->count++].own = false;
    }
}

static enum rc moves_of(struct store *store, struct catalog *catalog, struct codebook_entry *entry, int64_t in_seq,
                        int depth, struct moves *moves);

static enum rc moves_around(struct store *store, struct catalog *catalog, const char *parent, int depth,
                            struct moves *ret_around)
{
    struct codebook_entry entry = {.state = STATE_ACTIVE};
    int64_t in_seq = 0;
    ret_around->count = 0;
    if (depth > DEPTH_MAX)
        return RC_OK;
    enum rc rc = catalog ? codebook_find(catalog_codebook(catalog), parent, &entry) : RC_NOT_FOUND;
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    snprintf(entry.key, sizeof entry.key, "%s", parent);
    rc = local_parent(store, catalog, parent, entry.parent, &in_seq);
    return rc == RC_OK ? moves_of(store, catalog, &entry, in_seq, depth, ret_around) : rc;
}

/* All that it made since the catalog was told, by itself or with what it is in; *entry is where they brought it. */
static enum rc moves_of(struct store *store, struct catalog *catalog, struct codebook_entry *entry, int64_t in_seq,
                        int depth, struct moves *moves)
{
    struct moves around;
    enum rc rc = add_moves(store, catalog, entry->key, store->applied_seq, true, moves);
    if (rc == RC_OK && entry->parent[0]) {
        rc = moves_around(store, catalog, entry->parent, depth + 1, &around);
        if (rc == RC_OK)
            add_around(moves, &around, in_seq);
    }
    if (rc == RC_OK)
        follow(moves, entry);
    return rc;
}

enum rc books_follow(struct store *store, struct catalog *catalog, struct codebook_entry *entry, int64_t in_seq)
{
    struct moves moves;
    if (store->placed_seq <= store->applied_seq)
        return RC_OK;
    moves.count = 0; /* all of it is much, and each scan comes by */
    return moves_of(store, catalog, entry, in_seq, 0, &moves);
}

enum rc books_each_along(struct store *store, struct catalog *catalog, const struct codebook_entry *entry,
                         int64_t in_seq, enum rc (*visit)(void *context, const struct books_along *along),
                         void *context)
{
    struct moves moves;
    struct codebook_entry at = *entry;
    if (store->placed_seq <= store->applied_seq)
        return RC_OK;
    moves.count = 0;
    enum rc rc = moves_of(store, catalog, &at, in_seq, 0, &moves);
    for (int i = 0; i < moves.count && rc == RC_OK; i++) {
        const struct move *move = &moves.all[i];
        struct books_along along = {move->seq, move->of, move->goes, move->was, move->holder, move->state};
        if (!move->own)
            rc = visit(context, &along);
    }
    return rc;
}

/* ---- what it is ---- */

/* The catalog knows this code by a record that was undone: of what it was nothing is left. */
static void forget_told(struct books_entry *entry, sqlite3_stmt *row)
{
    bool named = entry->unit.product[0] || entry->unit.covers > 0;
    if (!entry->told || named || sqlite3_column_int(row, 4) > 0)
        return;
    entry->unit.level = 0;
    entry->unit.container = false;
}

/* It was forgotten here since the catalog was told: what is told of it says nothing any more, as on the server. */
static enum rc was_hidden(struct store *store, struct catalog *catalog, const char *key, bool *ret_hidden)
{
    sqlite3_stmt *row = store_sql(store, JSQL_LEARNED, "ti", key, store->applied_seq);
    int step = row ? step_counting(catalog, row) : SQLITE_ERROR;
    for (; step == SQLITE_ROW && !*ret_hidden; step = step_counting(catalog, row))
        *ret_hidden = sqlite3_column_int(row, 8) == LEARNED_GONE;
    sqlite3_reset(row);
    return step == SQLITE_ROW || step == SQLITE_DONE ? RC_OK : store_rc(store);
}

static enum rc lay_learned(struct store *store, struct catalog *catalog, struct books_entry *entry, bool *ret_known)
{
    bool hidden = false;
    if (store->learned_seq <= store->applied_seq)
        return RC_OK;
    enum rc rc = *ret_known ? was_hidden(store, catalog, entry->unit.key, &hidden) : RC_OK;
    sqlite3_stmt *row =
        rc == RC_OK ? store_sql(store, JSQL_LEARNED, "ti", entry->unit.key, store->applied_seq) : NULL;
    if (!row)
        return rc == RC_OK ? store_rc(store) : rc;
    int step = step_counting(catalog, row);
    if (step == SQLITE_ROW) {
        enum books_what what = (enum books_what)sqlite3_column_int(row, 8);
        bool packs = what == LEARNED_WHOLE || what == LEARNED_AGAIN || what == LEARNED_MADE;
        if (hidden && what != LEARNED_GONE) { /* all that was told, but its place: that has rows of its own */
            entry->unit.level = 0;
            entry->unit.container = false;
        }
        bool replaces = packs || (hidden && what == LEARNED_CODE) || !*ret_known;
        *ret_known = what != LEARNED_GONE;
        if (replaces) {
            bool packed = what != LEARNED_CODE && sqlite3_column_int64(row, 5) == 0;
            entry->unit.product_inside = entry->unit.lot_inside = packed && sqlite3_column_int(row, 4) > 0;
            store_copy(entry->unit.product, sizeof entry->unit.product, row, 2);
            store_copy(entry->unit.lot, sizeof entry->unit.lot, row, 3);
            entry->unit.covers = (long)sqlite3_column_int64(row, 5);
            entry->made = (day_t)sqlite3_column_int64(row, 6);
            entry->expires = (day_t)sqlite3_column_int64(row, 7);
            if (sqlite3_column_int(row, 4) > entry->unit.level)
                entry->unit.level = sqlite3_column_int(row, 4);
            if (what == LEARNED_AGAIN)
                forget_told(entry, row);
        }
        entry->unit.container |= entry->unit.level > 0;
    }
    sqlite3_reset(row);
    return step == SQLITE_ROW || step == SQLITE_DONE ? RC_OK : store_rc(store);
}

/* All but where it is by what it is in. */
static enum rc look_up(struct store *store, struct catalog *catalog, const char *key, struct books_entry *ret_entry)
{
    struct books_entry entry = {.made = DAY_NONE, .expires = DAY_NONE};
    int64_t in_seq = 0;
    if (strlen(key) > CODE_KEY_MAX)
        return RC_NOT_FOUND;
    enum rc rc = catalog ? codebook_find(catalog_codebook(catalog), key, &entry.unit) : RC_NOT_FOUND;
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    bool known = entry.told = rc == RC_OK;
    if (!known)
        memcpy(entry.unit.key, key, strlen(key) + 1);
    rc = lay_learned(store, catalog, &entry, &known);
    if (rc == RC_OK)
        rc = local_parent(store, catalog, key, entry.unit.parent, &in_seq);
    if (rc == RC_OK)
        rc = books_follow(store, catalog, &entry.unit, in_seq);
    if (rc != RC_OK)
        return rc;
    /* nobody told of it, but this device has put it somewhere */
    bool placed = !entry.told && (entry.unit.holder.kind != HOLDER_UNKNOWN || entry.unit.state != STATE_ACTIVE);
    if (!known && !entry.unit.parent[0] && !placed)
        return RC_NOT_FOUND;
    *ret_entry = entry;
    return RC_OK;
}

/* Where nobody said where it is, it is where the container is that it was put into. Not for ever: whatever the books say, a
 * scan is answered. */
static enum rc inherit_holder(struct store *store, struct catalog *catalog, struct codebook_entry *entry)
{
    struct books_entry around;
    char at[CODE_KEY_MAX + 1];
    memcpy(at, entry->parent, sizeof at);
    for (int depth = 0; depth < DEPTH_MAX && at[0] && entry->holder.kind == HOLDER_UNKNOWN; depth++) {
        enum rc rc = look_up(store, catalog, at, &around);
        if (rc != RC_OK)
            return rc == RC_NOT_FOUND ? RC_OK : rc;
        entry->holder = around.unit.holder;
        memcpy(at, around.unit.parent, sizeof at);
    }
    return RC_OK;
}

enum rc books_find(struct store *store, struct catalog *catalog, const char *key, struct books_entry *ret_entry)
{
    struct books_entry entry;
    enum rc rc = look_up(store, catalog, key, &entry);
    if (rc == RC_OK && store->packed_seq > store->applied_seq && entry.unit.holder.kind == HOLDER_UNKNOWN)
        rc = inherit_holder(store, catalog, &entry.unit);
    if (rc == RC_OK)
        *ret_entry = entry;
    return rc;
}

enum rc books_lay_over(struct store *store, struct catalog *catalog, struct codebook_entry *entry)
{
    int64_t in_seq = 0;
    enum rc rc = local_parent(store, catalog, entry->key, entry->parent, &in_seq);
    return rc == RC_OK ? books_follow(store, catalog, entry, in_seq) : rc;
}

/* ---- what is in it ---- */

struct family {
    struct store *store;
    struct catalog *catalog;
    const char *parent;
    struct moves around; /* of the parent and what it is in: alike for all that were told to be in it */
    bool (*visit)(void *context, const struct books_entry *child);
    void *context;
    bool stopped;
    enum rc rc;
};

/* A child that the catalog tells: here still, and where by now? */
static bool visit_told(void *context, const struct codebook_entry *child)
{
    struct family *family = context;
    struct store *store = family->store;
    struct books_entry entry = {*child, DAY_NONE, DAY_NONE, true};
    int64_t in_seq = 0;
    family->rc = local_parent(store, family->catalog, child->key, entry.unit.parent, &in_seq);
    if (family->rc != RC_OK)
        return false;
    if (strcmp(entry.unit.parent, family->parent) != 0)
        return true;
    if (store->placed_seq > store->applied_seq) {
        struct moves moves = {.count = 0};
        family->rc = add_moves(store, family->catalog, child->key, store->applied_seq, true, &moves);
        add_around(&moves, &family->around, in_seq);
        follow(&moves, &entry.unit);
    }
    family->stopped = family->rc != RC_OK || !family->visit(family->context, &entry);
    return !family->stopped;
}

static bool is_told_there(struct family *family, const char *key)
{
    struct codebook_entry entry;
    return family->catalog && codebook_find(catalog_codebook(family->catalog), key, &entry) == RC_OK &&
           strcmp(entry.parent, family->parent) == 0;
}

/* What was packed into it here. */
static enum rc visit_packed(struct family *family)
{
    struct store *store = family->store;
    struct keys keys = {NULL, 0, 0};
    struct books_entry entry;
    sqlite3_stmt *row = store_sql(store, JSQL_PACKED_IN, "ti", family->parent, store->applied_seq);
    enum rc rc = keys_read(store, row, &keys);
    for (size_t i = 0; i < keys.count && rc == RC_OK && !family->stopped; i++) {
        if (is_told_there(family, keys.all[i]))
            continue;
        enum rc found = books_find(store, family->catalog, keys.all[i], &entry);
        if (found != RC_OK && found != RC_NOT_FOUND)
            rc = found;
        if (found == RC_OK && strcmp(entry.unit.parent, family->parent) == 0)
            family->stopped = !family->visit(family->context, &entry);
    }
    keys_free(&keys);
    return rc;
}

enum rc books_children(struct store *store, struct catalog *catalog, const char *parent,
                       bool (*visit)(void *context, const struct books_entry *child), void *context)
{
    struct family family = {.store = store, .catalog = catalog, .parent = parent, .visit = visit, .context = context};
    enum rc rc = RC_OK;
    if (store->placed_seq > store->applied_seq)
        rc = moves_around(store, catalog, parent, 0, &family.around);
    if (rc == RC_OK && catalog)
        rc = codebook_children(catalog_codebook(catalog), parent, visit_told, &family);
    if (rc == RC_OK)
        rc = family.rc;
    if (rc == RC_OK && !family.stopped && store->packed_seq > store->applied_seq)
        rc = visit_packed(&family);
    return rc;
}

/* Level by level; `inside` is what is still to be opened. */
struct placing {
    struct keys inside;
    struct holder holder;
};

static bool look_at(void *context, const struct books_entry *child)
{
    struct placing *placing = context;
    placing->holder = child->unit.holder;
    return placing->holder.kind == HOLDER_UNKNOWN && keys_add(&placing->inside, child->unit.key) == RC_OK;
}

enum rc books_find_placed(struct store *store, struct catalog *catalog, const char *key,
                          struct books_entry *ret_entry)
{
    struct placing placing = {.holder = {.kind = HOLDER_UNKNOWN}};
    enum rc rc = books_find(store, catalog, key, ret_entry);
    if (rc != RC_OK || !ret_entry->unit.container || ret_entry->unit.holder.kind != HOLDER_UNKNOWN)
        return rc;
    rc = books_children(store, catalog, key, look_at, &placing);
    for (size_t i = 0; i < placing.inside.count && i < CONTENTS_MAX && rc == RC_OK; i++) {
        if (placing.holder.kind != HOLDER_UNKNOWN)
            break;
        rc = books_children(store, catalog, placing.inside.all[i], look_at, &placing);
    }
    keys_free(&placing.inside);
    if (rc == RC_OK)
        ret_entry->unit.holder = placing.holder;
    return rc;
}

struct naming {
    struct keys inside; /* to be opened */
    bool mixed;
    enum rc rc;
    char product[ID_MAX + 1];
};

static bool is_by_contents(const struct codebook_entry *unit)
{
    return unit->container && (unit->product_inside || !unit->product[0]);
}

static bool name_child(void *context, const struct books_entry *child)
{
    struct naming *naming = context;
    const struct codebook_entry *unit = &child->unit;
    if (is_by_contents(unit)) {
        naming->rc = keys_add(&naming->inside, unit->key);
    } else if (unit->product[0]) {
        naming->mixed = naming->product[0] && strcmp(naming->product, unit->product) != 0;
        memcpy(naming->product, unit->product, sizeof naming->product);
    }
    return naming->rc == RC_OK && !naming->mixed;
}

enum rc books_product(struct store *store, struct catalog *catalog, const struct codebook_entry *entry,
                      char *ret_product)
{
    struct naming naming = {.rc = RC_OK};
    if (!is_by_contents(entry) || store->packed_seq <= store->applied_seq) {
        memcpy(ret_product, entry->product, sizeof entry->product);
        return RC_OK;
    }
    enum rc rc = keys_add(&naming.inside, entry->key);
    for (size_t i = 0; i < naming.inside.count && i < CONTENTS_MAX && rc == RC_OK && !naming.mixed; i++) {
        rc = books_children(store, catalog, naming.inside.all[i], name_child, &naming);
        rc = rc == RC_OK ? naming.rc : rc;
    }
    keys_free(&naming.inside);
    if (rc == RC_OK)
        snprintf(ret_product, ID_MAX + 1, "%s", naming.mixed ? "" : naming.product);
    return rc;
}

enum rc books_learned(struct store *store, struct catalog *catalog, const char *product,
                      bool (*visit)(void *context, const struct books_entry *entry), void *context)
{
    struct keys keys = {NULL, 0, 0};
    struct books_entry entry;
    sqlite3_stmt *row = store_sql(store, JSQL_LEARNED_KEYS, "it", store->applied_seq, product);
    enum rc rc = keys_read(store, row, &keys);
    bool more = true;
    for (size_t i = 0; i < keys.count && rc == RC_OK && more; i++) {
        enum rc found = books_find(store, catalog, keys.all[i], &entry);
        if (found != RC_OK && found != RC_NOT_FOUND)
            rc = found;
        if (found == RC_OK && !entry.told && strcmp(entry.unit.product, product) == 0)
            more = visit(context, &entry);
    }
    keys_free(&keys);
    return rc;
}
