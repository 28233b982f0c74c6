/* Writing what the code book is laid over with, and taking it back. */
#include "app/store/books.h"
#include "app/store/keys.h"
#include <stdlib.h>
#include <string.h>

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static bool is_told(const struct books_write *write, const char *key)
{
    struct codebook_entry entry;
    return write->catalog && codebook_find(catalog_codebook(write->catalog), key, &entry) == RC_OK;
}

/* With a level it is a container from now on. */
static enum rc what_learned(const struct books_write *write, const char *key, const struct books_learned *learned,
                            enum books_what *ret_what)
{
    struct books_entry entry;
    bool told = learned->whole && is_told(write, key);
    *ret_what = learned->again || told ? LEARNED_AGAIN : learned->whole ? LEARNED_WHOLE : LEARNED_CODE;
    if (!told || learned->level == 0)
        return RC_OK;
    enum rc rc = books_find(write->store, write->catalog, key, &entry);
    if (rc == RC_OK && !entry.unit.container)
        *ret_what = LEARNED_MADE;
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc books_learn(const struct books_write *write, const char *key, const struct books_learned *learned)
{
    struct store *store = write->store;
    enum books_what what;
    enum rc rc = what_learned(write, key, learned, &what);
    if (rc != RC_OK)
        return rc;
    store->learned_seq = later(store->learned_seq, write->seq);
    return store_do(store, JSQL_LEARNED_PUT, "tiittiiiii", key, write->seq, write->of, learned->product, learned->lot,
                    (int64_t)learned->level, (int64_t)learned->covers, (int64_t)learned->made,
                    (int64_t)learned->expires, (int64_t)what);
}

static enum rc put_place_row(const struct books_write *write, const char *key, const char *holder, int state,
                             const char *was, int was_state)
{
    struct store *store = write->store;
    store->placed_seq = later(store->placed_seq, write->seq);
    return store_do(store, JSQL_PLACE_PUT, "tiititi", key, write->seq, write->of, holder, (int64_t)state, was,
                    (int64_t)was_state);
}

struct keeping {
    const struct books_write *write;
    const char *key;
};

static enum rc keep_move(void *context, const struct books_along *along)
{
    const struct keeping *keeping = context;
    const struct books_write *write = keeping->write;
    struct books_write then = {.store = write->store, .catalog = write->catalog, .seq = along->seq, .of = along->of};
    char to[HOLDER_MAX + 1] = "", was[HOLDER_MAX + 1];
    if (along->goes)
        holder_print(&along->to, to);
    return put_place_row(&then, keeping->key, to, along->state, holder_print(&along->was, was), PLACE_KEEPS);
}

/* It leaves what it is in: the moves that it made inside become its own. Each of them: what is in it and names a place of its
 * own follows from one to the next. */
static enum rc keep_places(const struct books_write *write, const char *key, const char *parent, int64_t in_seq)
{
    struct codebook_entry entry = {.state = STATE_ACTIVE};
    struct keeping keeping = {.write = write, .key = key};
    if (write->catalog)
        codebook_find(catalog_codebook(write->catalog), key, &entry);
    snprintf(entry.key, sizeof entry.key, "%s", key);
    snprintf(entry.parent, sizeof entry.parent, "%s", parent);
    return books_each_along(write->store, write->catalog, &entry, in_seq, keep_move, &keeping);
}

enum rc books_put_parent(const struct books_write *write, const char *key, const char *parent)
{
    struct store *store = write->store;
    char was[CODE_KEY_MAX + 1];
    int64_t in_seq = 0;
    enum rc rc = books_parent_since(store, write->catalog, key, was, &in_seq);
    if (rc != RC_OK || strcmp(was, parent) == 0)
        return rc;
    if (was[0])
        rc = keep_places(write, key, was, in_seq);
    if (rc != RC_OK)
        return rc;
    store->packed_seq = later(store->packed_seq, write->seq);
    return store_do(store, JSQL_PACKED_PUT, "tiitt", key, write->seq, write->of, parent, was);
}

enum rc books_take_out(const struct books_write *write, const char *key)
{
    struct books_entry before = {.unit = {.state = STATE_ACTIVE}}, after;
    char holder[HOLDER_MAX + 1];
    enum rc rc = books_find(write->store, write->catalog, key, &before);
    if (rc == RC_OK || rc == RC_NOT_FOUND)
        rc = books_put_parent(write, key, "");
    if (rc != RC_OK || before.unit.holder.kind == HOLDER_UNKNOWN)
        return rc;
    rc = books_find(write->store, write->catalog, key, &after);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    if (rc == RC_OK && after.unit.holder.kind != HOLDER_UNKNOWN)
        return RC_OK;
    return put_place_row(write, key, holder_print(&before.unit.holder, holder), PLACE_KEEPS, "unknown", PLACE_KEEPS);
}

enum rc books_put_place(const struct books_write *write, const char *key, const struct holder *holder, int state)
{
    struct books_entry entry = {.unit = {.state = STATE_ACTIVE}};
    char to[HOLDER_MAX + 1] = "", was[HOLDER_MAX + 1];
    enum rc rc = books_find_placed(write->store, write->catalog, key, &entry);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    if (holder)
        holder_print(holder, to);
    int was_state = state == PLACE_KEEPS ? PLACE_KEEPS : (int)entry.unit.state;
    return put_place_row(write, key, to, state, holder_print(&entry.unit.holder, was), was_state);
}

/* ---- and as it was before ---- */

/* The catalog has it where that container is, into which it never went: it had no word of its own on that. */
static enum rc forget_place(const struct books_write *write, const char *key, const char *parent, int64_t counted)
{
    struct codebook_entry told;
    bool taken_over = write->catalog && counted <= write->store->applied_seq &&
                      codebook_find(catalog_codebook(write->catalog), key, &told) == RC_OK;
    if (!taken_over || told.placed || !told.parent[0] || strcmp(told.parent, parent) == 0)
        return RC_OK;
    return put_place_row(write, key, "unknown", PLACE_KEEPS, "unknown", PLACE_KEEPS);
}

/* What the record put somewhere, and what each was in before; the caller frees both. */
static enum rc read_packed(struct store *store, int64_t counted, struct keys *keys, struct keys *parents)
{
    sqlite3_stmt *row = store_sql(store, JSQL_PACKED_BY_SEQ, "i", counted);
    int step = SQLITE_ERROR;
    enum rc rc = row ? RC_OK : store_rc(store);
    while (rc == RC_OK && (step = sqlite3_step(row)) == SQLITE_ROW) {
        rc = keys_add(keys, store_text(row, 0));
        if (rc == RC_OK)
            rc = keys_add(parents, store_text(row, 1));
    }
    if (rc == RC_OK && step != SQLITE_DONE)
        rc = store_rc(store);
    sqlite3_reset(row);
    return rc;
}

/* By now the one is inside the other, or is it. */
static enum rc is_in(struct store *store, struct catalog *catalog, const char *key, const char *container,
                     bool *ret_in)
{
    char at[CODE_KEY_MAX + 1], child[CODE_KEY_MAX + 1];
    enum rc rc = RC_OK;
    snprintf(at, sizeof at, "%s", key);
    for (int depth = 0; depth <= DEPTH_MAX && at[0] && rc == RC_OK && !*ret_in; depth++) {
        *ret_in = strcmp(at, container) == 0;
        memcpy(child, at, sizeof child);
        rc = books_parent(store, catalog, child, at);
    }
    return rc;
}

/* What has gone into it since is not put around it: that is left as it is. */
static enum rc reverse_packed(const struct books_write *write, int64_t counted)
{
    struct keys keys = {NULL, 0, 0}, parents = {NULL, 0, 0};
    enum rc rc = read_packed(write->store, counted, &keys, &parents);
    for (size_t i = 0; i < keys.count && i < parents.count && rc == RC_OK; i++) {
        bool inside = false;
        if (parents.all[i][0])
            rc = is_in(write->store, write->catalog, parents.all[i], keys.all[i], &inside);
        if (rc == RC_OK && !inside)
            rc = books_put_parent(write, keys.all[i], parents.all[i]);
        if (rc == RC_OK && !inside)
            rc = forget_place(write, keys.all[i], parents.all[i], counted);
    }
    keys_free(&keys);
    keys_free(&parents);
    return rc;
}

struct placed {
    char key[CODE_KEY_MAX + 1], holder[HOLDER_MAX + 1];
    int state;
    char wrote[HOLDER_MAX + 1]; /* by the record that is undone */
    int wrote_state;
};

/* It is as the record left it; what came later, on another device too, stays true. */
static enum rc still_so(const struct books_write *write, const struct placed *placed, bool *ret_so)
{
    struct books_entry entry = {.unit = {.state = STATE_ACTIVE}};
    char holder[HOLDER_MAX + 1];
    enum rc rc = books_find(write->store, write->catalog, placed->key, &entry);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    holder_print(&entry.unit.holder, holder);
    *ret_so = (placed->wrote_state == PLACE_KEEPS || placed->wrote_state == (int)entry.unit.state) &&
              (!placed->wrote[0] || strcmp(placed->wrote, holder) == 0);
    return RC_OK;
}

static bool add_child_key(void *context, const struct books_entry *child)
{
    return keys_add(context, child->unit.key) == RC_OK;
}

/* Something went into it that record `counted` says nothing of. */
static enum rc has_others(const struct books_write *write, const char *key, int64_t counted, bool *ret_others)
{
    struct keys keys = {NULL, 0, 0};
    enum rc rc = books_children(write->store, write->catalog, key, add_child_key, &keys);
    for (size_t i = 0; i < keys.count && rc == RC_OK && !*ret_others; i++) {
        sqlite3_stmt *row = store_sql(write->store, JSQL_PACKED_WHERE, "ti", keys.all[i], counted);
        int step = row ? sqlite3_step(row) : SQLITE_ERROR;
        *ret_others = step == SQLITE_DONE;
        sqlite3_reset(row);
        rc = step == SQLITE_ROW || step == SQLITE_DONE ? RC_OK : store_rc(write->store);
    }
    keys_free(&keys);
    return rc;
}

/* The caller frees *ret_all. */
static enum rc read_places(const struct books_write *write, int64_t counted, struct placed **ret_all,
                           size_t *ret_count)
{
    struct placed *all = NULL;
    size_t count = 0, room = 0;
    int step = SQLITE_ERROR;
    sqlite3_stmt *row = store_sql(write->store, JSQL_PLACES_BY, "i", counted);
    enum rc rc = row ? RC_OK : store_rc(write->store);
    while (rc == RC_OK && (step = sqlite3_step(row)) == SQLITE_ROW) {
        if (count == room) {
            room = room ? room * 2 : 2; /* a relabelling has two */
            struct placed *more = realloc(all, room * sizeof *more);
            rc = more ? RC_OK : RC_NOMEM;
            if (!more)
                break;
            all = more;
        }
        struct placed *one = &all[count++];
        store_copy(one->key, sizeof one->key, row, 0);
        one->wrote_state = sqlite3_column_int(row, 2);
        snprintf(one->wrote, sizeof one->wrote, "%s", store_text(row, 1));
        bool went = one->wrote[0] && strcmp(one->wrote, store_text(row, 3)) != 0;
        bool turned = one->wrote_state != PLACE_KEEPS && one->wrote_state != sqlite3_column_int(row, 4);
        snprintf(one->holder, sizeof one->holder, "%s", went ? store_text(row, 3) : "");
        one->state = turned ? sqlite3_column_int(row, 4) : PLACE_KEEPS;
    }
    sqlite3_reset(row);
    if (rc == RC_OK && step != SQLITE_DONE)
        rc = store_rc(write->store);
    *ret_all = all;
    *ret_count = count;
    return rc;
}

static enum rc reverse_places(const struct books_write *write, int64_t counted)
{
    struct placed *placed;
    size_t count;
    enum rc rc = read_places(write, counted, &placed, &count);
    for (size_t i = 0; i < count && rc == RC_OK; i++) {
        bool so = false, filled = false;
        rc = still_so(write, &placed[i], &so);
        if (rc == RC_OK) /* others have gone into it since: it is where those are */
            rc = has_others(write, placed[i].key, counted, &filled);
        const char *holder = filled ? "" : placed[i].holder;
        bool changes = holder[0] || placed[i].state != PLACE_KEEPS;
        if (rc == RC_OK && so && changes)
            rc = put_place_row(write, placed[i].key, holder, placed[i].state, "unknown", PLACE_KEEPS);
    }
    free(placed);
    return rc;
}

static enum rc any_row(struct store *store, sqlite3_stmt *row, bool *ret_any)
{
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    sqlite3_reset(row);
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        return store_rc(store);
    *ret_any |= step == SQLITE_ROW;
    return RC_OK;
}

static bool any_child(void *context, const struct books_entry *child)
{
    bool *any = context;
    *any |= child->unit.key[0] != '\0';
    return false;
}

/* Another record that counts said so first: what came after it, when the code was known, says nothing of its own. */
static enum rc is_learned_else(const struct books_write *write, const char *key, bool *ret_else)
{
    struct store *store = write->store;
    sqlite3_stmt *row = store_sql(store, JSQL_LEARNED, "ti", key, store->applied_seq);
    int step = row ? sqlite3_step(row) : SQLITE_ERROR;
    for (; step == SQLITE_ROW && !*ret_else; step = *ret_else ? SQLITE_DONE : sqlite3_step(row))
        *ret_else = sqlite3_column_int(row, 8) != LEARNED_AGAIN && sqlite3_column_int(row, 8) != LEARNED_MADE;
    sqlite3_reset(row);
    return step == SQLITE_DONE ? RC_OK : store_rc(store);
}

/* Not just by what the catalog has it in, which this device has taken it out of. */
static bool has_place(const struct books_write *write, const char *key, const struct holder *holder)
{
    struct codebook_entry told;
    return holder->kind != HOLDER_UNKNOWN &&
           (!write->catalog || codebook_find(catalog_codebook(write->catalog), key, &told) != RC_OK ||
            !told.parent[0] || told.placed);
}

/* Somebody has it in hand, or something became of it: then it is known, whoever said first what it is. */
static enum rc has_part(const struct books_write *write, const char *key, bool *ret_part)
{
    struct books_entry entry = {.unit = {.state = STATE_ACTIVE}};
    enum rc rc = any_row(write->store, store_sql(write->store, JSQL_UNIT, "t", key), ret_part);
    if (rc == RC_OK)
        rc = books_find(write->store, write->catalog, key, &entry);
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    const struct codebook_entry *unit = &entry.unit;
    *ret_part |= unit->parent[0] || unit->state != STATE_ACTIVE || has_place(write, key, &unit->holder);
    return rc == RC_OK ? books_children(write->store, write->catalog, key, any_child, ret_part) : rc;
}

/* The catalog has it as the container that it was made; nothing is in it any more. */
static enum rc unmake(const struct books_write *write, const char *key)
{
    static const struct books_learned nothing = {
        .product = "", .lot = "", .made = DAY_NONE, .expires = DAY_NONE, .again = true};
    bool full = false;
    enum rc rc = books_children(write->store, write->catalog, key, any_child, &full);
    return rc != RC_OK || full ? rc : books_learn(write, key, &nothing);
}

static enum rc hide(const struct books_write *write, const char *key)
{
    struct store *store = write->store;
    store->learned_seq = later(store->learned_seq, write->seq);
    return store_do(store, JSQL_LEARNED_PUT, "tiittiiiii", key, write->seq, write->of, "", "", (int64_t)0, (int64_t)0,
                    (int64_t)DAY_NONE, (int64_t)DAY_NONE, (int64_t)LEARNED_GONE);
}

/* Somebody has it in hand, and all that the record did to it was to say what it is: that stays true, as the server has it. */
static enum rc is_held(const struct books_write *write, const char *key, int64_t counted, bool *ret_held)
{
    struct store *store = write->store;
    bool held = false, worked = false;
    enum rc rc = any_row(store, store_sql(store, JSQL_UNIT, "t", key), &held);
    if (rc == RC_OK && held)
        rc = any_row(store, store_sql(store, JSQL_PACKED_WHERE, "ti", key, counted), &worked);
    if (rc == RC_OK && held)
        rc = any_row(store, store_sql(store, JSQL_PLACED, "ti", key, counted), &worked);
    *ret_held = held && !worked;
    return rc;
}

/* Forgotten, unless more than this is known of it; and hidden, should the catalog take it over before it knows of the undo
 * too. */
static enum rc forget(const struct books_write *write, const char *key, int64_t counted)
{
    struct store *store = write->store;
    sqlite3_stmt *row = store_sql(store, JSQL_LEARNED_WHAT, "ti", key, counted);
    int what = row && sqlite3_step(row) == SQLITE_ROW ? sqlite3_column_int(row, 0) : LEARNED_CODE;
    sqlite3_reset(row);
    bool held = false;
    enum rc rc = row ? RC_OK : store_rc(store);
    if (rc == RC_OK && what == LEARNED_CODE)
        rc = is_held(write, key, counted, &held);
    if (rc != RC_OK || held)
        return rc;
    rc = store_do(store, JSQL_LEARNED_DROP, "ti", key, counted);
    bool stays = what == LEARNED_AGAIN || (is_told(write, key) && counted > store->applied_seq);
    if (rc == RC_OK && what == LEARNED_MADE)
        return stays ? RC_OK : unmake(write, key);
    if (rc == RC_OK && !stays)
        rc = is_learned_else(write, key, &stays);
    if (rc == RC_OK && !stays)
        rc = has_part(write, key, &stays);
    return rc != RC_OK || stays ? rc : hide(write, key);
}

/* `kept`: "" none */
static enum rc reverse_learned(const struct books_write *write, int64_t counted, const char *kept)
{
    struct keys keys = {NULL, 0, 0};
    enum rc rc = keys_read(write->store, store_sql(write->store, JSQL_LEARNED_BY, "i", counted), &keys);
    for (size_t i = 0; i < keys.count && rc == RC_OK; i++)
        if (strcmp(keys.all[i], kept) != 0)
            rc = forget(write, keys.all[i], counted);
    keys_free(&keys);
    return rc;
}

enum rc books_reverse(const struct books_write *write, int64_t counted, const char *kept)
{
    bool relabelled = false; /* then it is the code of other goods again */
    enum rc rc = any_row(write->store, store_sql(write->store, JSQL_PLACED, "ti", kept, counted), &relabelled);
    if (rc == RC_OK)
        rc = reverse_packed(write, counted);
    if (rc == RC_OK)
        rc = reverse_places(write, counted);
    return rc == RC_OK ? reverse_learned(write, counted, relabelled ? "" : kept) : rc;
}

/* The containers around it: whoever tallied or moved one of them has it in hand with what is inside. */
static enum rc touched_around(struct store *store, struct catalog *catalog, const char *key, int64_t counted,
                              bool *ret_later)
{
    char at[CODE_KEY_MAX + 1], child[CODE_KEY_MAX + 1];
    enum rc rc = RC_OK;
    snprintf(at, sizeof at, "%s", key);
    for (int depth = 0; depth < DEPTH_MAX && at[0] && rc == RC_OK && !*ret_later; depth++) {
        rc = any_row(store, store_sql(store, JSQL_TOUCHED_LATER, "ti", at, counted), ret_later);
        memcpy(child, at, sizeof child);
        if (rc == RC_OK)
            rc = books_parent(store, catalog, child, at);
    }
    return rc;
}

/* The data centre has told that it is elsewhere by now. */
static enum rc has_left(struct store *store, struct catalog *catalog, const char *key, int64_t counted,
                        bool *ret_left)
{
    char now[CODE_KEY_MAX + 1];
    enum rc rc = books_parent(store, catalog, key, now);
    sqlite3_stmt *row = rc == RC_OK ? store_sql(store, JSQL_PACKED_WHERE, "ti", key, counted) : NULL;
    if (!row)
        return rc == RC_OK ? store_rc(store) : rc;
    int step = sqlite3_step(row);
    *ret_left |= step == SQLITE_ROW && strcmp(store_text(row, 0), now) != 0;
    sqlite3_reset(row);
    return step == SQLITE_ROW || step == SQLITE_DONE ? RC_OK : store_rc(store);
}

/* What it was in has gone into it since: neither could be in the other. */
static enum rc went_inside(struct store *store, struct catalog *catalog, int64_t counted, bool *ret_inside)
{
    struct keys keys = {NULL, 0, 0}, parents = {NULL, 0, 0};
    enum rc rc = read_packed(store, counted, &keys, &parents);
    for (size_t i = 0; i < keys.count && i < parents.count && rc == RC_OK && !*ret_inside; i++)
        if (parents.all[i][0])
            rc = is_in(store, catalog, parents.all[i], keys.all[i], ret_inside);
    keys_free(&keys);
    keys_free(&parents);
    return rc;
}

enum rc books_came_later(struct store *store, struct catalog *catalog, int64_t counted, bool *ret_later)
{
    struct keys keys = {NULL, 0, 0};
    bool later_row = false;
    enum rc rc = any_row(store, store_sql(store, JSQL_PACKED_LATER, "i", counted), &later_row);
    if (rc == RC_OK && !later_row)
        rc = keys_read(store, store_sql(store, JSQL_PACKED_ABOUT, "i", counted), &keys);
    for (size_t i = 0; i < keys.count && rc == RC_OK && !later_row; i++)
        rc = touched_around(store, catalog, keys.all[i], counted, &later_row);
    for (size_t i = 0; i < keys.count && rc == RC_OK && !later_row; i++)
        rc = has_left(store, catalog, keys.all[i], counted, &later_row);
    keys_free(&keys);
    if (rc == RC_OK && !later_row)
        rc = went_inside(store, catalog, counted, &later_row);
    if (rc == RC_OK)
        *ret_later = later_row;
    return rc;
}
