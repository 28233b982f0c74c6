#include "app/catalog/codebook_row.h"
#include "app/catalog/run.h"
#include <stdio.h>
#include <string.h>

/* ---- contents ---- */

/* What a container knows of its contents after one more of them. True when that changed. */
static bool absorb(struct told *in, const char *text)
{
    if (!text || (in->has && strcmp(in->text, text) == 0) || (in->has && !in->text[0]))
        return false;
    told_set(in, in->has ? "" : text);
    return true;
}

static bool absorb_row(struct row *container, const struct row *inside)
{
    bool changed = false;
    int level = codebook_row_level(inside) + 1;
    for (int i = 0; i < FACT_COUNT; i++)
        changed |= absorb(&container->in.fact[i], codebook_row_text(inside, (enum fact)i));
    if (container->in_level < level) {
        container->in_level = level;
        changed = true;
    }
    return changed;
}

/* Tells the containers of `inside` what is in them now, up to the outermost. */
static enum rc enter(struct codebook *codebook, const struct row *inside)
{
    struct row below = *inside, container;
    for (int depth = 0; below.parent[0] && depth < DEPTH_MAX; depth++) {
        enum rc rc = codebook_row_get(codebook, below.parent, &container);
        if (rc != RC_OK && rc != RC_NOT_FOUND)
            return rc;
        if (!absorb_row(&container, &below))
            return RC_OK;
        rc = codebook_row_put(codebook, &container);
        if (rc != RC_OK)
            return rc;
        below = container;
    }
    return RC_OK;
}

static enum rc has_children(struct codebook *codebook, const char *key, bool *ret_has)
{
    int64_t one = 0;
    struct inside *inside = NULL;
    const struct row *row = NULL;
    enum rc rc = codebook->bulk ? RC_NOT_FOUND : sql_number(codebook->sql, CODEBOOK_ANY_CHILD, "s", &one, key);
    if (rc == RC_OK)
        *ret_has = true;
    if (rc != RC_NOT_FOUND)
        return rc;
    rc = inside_open(codebook, key, &inside);
    if (rc == RC_OK)
        rc = inside_next(inside, &row);
    inside_close(inside);
    if (rc == RC_OK)
        *ret_has = row != NULL;
    return rc;
}

/* What the container knows after something has left it. An empty one forgets: the next contents may be another product. */
static enum rc settle(struct codebook *codebook, struct row *container, bool *ret_any, bool *ret_changed)
{
    bool any = false, changed = false;
    enum rc rc = has_children(codebook, container->key, &any);
    for (int i = 0; rc == RC_OK && i < FACT_COUNT; i++) {
        struct told *in = &container->in.fact[i];
        if (!in->has || (any && in->text[0]))
            continue;
        if (any)
            rc = codebook_look_inside(codebook, container->key, (enum fact)i, in);
        else
            told_set(in, NULL);
        changed |= !in->has || in->text[0];
    }
    /* its level says that it is none */
    if (rc == RC_OK && !any && container->level == 0 && container->in_level >= 0) {
        container->in_level = -1;
        changed = true;
    }
    *ret_any = any;
    *ret_changed = changed;
    return rc;
}

static enum rc leave(struct codebook *codebook, const char *parent)
{
    struct row container;
    bool any = false, changed = true;
    for (int depth = 0; parent[0] && changed && depth < DEPTH_MAX; depth++) {
        enum rc rc = codebook_row_get(codebook, parent, &container);
        if (rc != RC_OK)
            return rc == RC_NOT_FOUND ? RC_OK : rc;
        rc = settle(codebook, &container, &any, &changed);
        /* it went before its contents did: nothing names it any more */
        if (rc == RC_OK && !any && container.covers == COVERS_GONE)
            return codebook_row_delete(codebook, parent);
        if (rc == RC_OK && changed)
            rc = codebook_row_put(codebook, &container);
        if (rc != RC_OK)
            return rc;
        parent = container.parent;
    }
    return RC_OK;
}

/* RC_BAD_INPUT when something in there is in more containers than `room`, it among them. */
static enum rc check_inside(struct codebook *codebook, const char *key, int room)
{
    struct inside *inside = NULL;
    const struct row *row = NULL;
    enum rc rc = inside_open(codebook, key, &inside);
    while (rc == RC_OK && (rc = inside_next(inside, &row)) == RC_OK && row) {
        char child[CODE_KEY_MAX + 1];
        memcpy(child, row->key, sizeof child);
        if (room == 0)
            rc = RC_BAD_INPUT;
        else if (row->in_level >= 0)
            rc = check_inside(codebook, child, room - 1);
    }
    inside_close(inside);
    return rc;
}

/* Nothing may be inside itself, nor nested deeper than the named limit: `row` and what is in it. */
static enum rc check_parent(struct codebook *codebook, const struct row *row, bool any_depth)
{
    struct row around;
    int depth = 0;
    memcpy(around.parent, row->parent, sizeof around.parent);
    for (; around.parent[0]; depth++) {
        if (strcmp(around.parent, row->key) == 0)
            return RC_BAD_INPUT;
        if (depth == (any_depth ? CODEBOOK_RING_MAX : DEPTH_MAX))
            return any_depth ? RC_OK : RC_BAD_INPUT;
        enum rc rc = codebook_row_get(codebook, around.parent, &around);
        if (rc == RC_NOT_FOUND)
            around.parent[0] = '\0';
        else if (rc != RC_OK)
            return rc;
    }
    return any_depth || row->in_level < 0 ? RC_OK : check_inside(codebook, row->key, DEPTH_MAX - depth);
}

/* ---- changes ---- */

static bool fits(const char *text, size_t max)
{
    return !text || strlen(text) <= max;
}

static enum rc check_change(const struct codebook_change *change)
{
    struct holder holder;
    enum code_state state;
    if (change->holder && holder_parse(change->holder, &holder) != RC_OK)
        return RC_BAD_INPUT;
    if (change->state && change->state[0] && !code_state_from_word(change->state, &state))
        return RC_BAD_INPUT;
    if (!fits(change->product, ID_MAX) || !fits(change->lot, LOT_MAX) || !fits(change->parent, CODE_KEY_MAX))
        return RC_TOO_BIG;
    return RC_OK;
}

static void lay_over(struct told *told, const char *change)
{
    if (change)
        told_set(told, change[0] ? change : NULL);
}

static void apply(struct row *row, const struct codebook_change *change)
{
    lay_over(&row->own.fact[FACT_PRODUCT], change->product);
    lay_over(&row->own.fact[FACT_LOT], change->lot);
    lay_over(&row->own.fact[FACT_HOLDER], change->holder);
    if (change->sale)
        row->own.sale = change->sale > 0 ? change->sale : 0;
    if (change->parent)
        memcpy(row->parent, change->parent, strlen(change->parent) + 1);
    if (change->state)
        row->state = STATE_ACTIVE;
    if (change->state && change->state[0])
        code_state_from_word(change->state, &row->state);
    if (change->level != CODEBOOK_KEEP)
        row->level = change->level < 0 ? -1 : change->level;
    if (row->covers == COVERS_GONE)
        row->covers = -1;
    if (change->covers != CODEBOOK_KEEP)
        row->covers = change->covers < 0 ? -1 : change->covers;
}

/* A unit of a run that goes into a container takes what its run says along, so that the container can be told. */
static enum rc take_from_run(struct codebook *codebook, struct row *row)
{
    struct facts_told run = {0};
    if (!row->parent[0] || (row->own.fact[FACT_PRODUCT].has && row->own.fact[FACT_LOT].has))
        return RC_OK;
    enum rc rc = codebook_run_of(codebook, row->key, &run);
    for (int i = FACT_PRODUCT; rc == RC_OK && i <= FACT_LOT; i++)
        if (!row->own.fact[i].has)
            row->own.fact[i] = run.fact[i];
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* It was told that it is no container, after what was in it had left. */
static enum rc unmake(struct codebook *codebook, struct row *row)
{
    bool any = false, changed = false;
    enum rc rc = settle(codebook, row, &any, &changed);
    return rc == RC_OK && changed ? codebook_row_put(codebook, row) : rc;
}

enum rc codebook_put(struct codebook *codebook, const char *key, const struct codebook_change *change)
{
    struct row row;
    char old_parent[CODE_KEY_MAX + 1];
    if (!key[0] || strlen(key) > CODE_KEY_MAX)
        return RC_TOO_BIG;
    enum rc rc = check_change(change);
    if (rc == RC_OK)
        rc = codebook_row_get(codebook, key, &row);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    memcpy(old_parent, row.parent, sizeof old_parent);
    apply(&row, change);
    bool moved = strcmp(old_parent, row.parent) != 0;
    rc = moved && row.parent[0] ? check_parent(codebook, &row, change->any_depth) : RC_OK;
    if (rc == RC_OK)
        rc = take_from_run(codebook, &row);
    if (rc == RC_OK)
        rc = codebook_row_put(codebook, &row);
    if (rc == RC_OK && change->level == 0 && row.in_level >= 0)
        rc = unmake(codebook, &row);
    if (rc == RC_OK && moved && old_parent[0])
        rc = leave(codebook, old_parent);
    return rc == RC_OK ? enter(codebook, &row) : rc;
}

enum rc codebook_put_alias(struct codebook *codebook, const char *alias, const char *key)
{
    return sql_run(codebook->sql, CODEBOOK_ALIAS_PUT, "ss", alias, key);
}

enum rc codebook_drop_aliases(struct codebook *codebook, const char *key)
{
    return sql_run(codebook->sql, CODEBOOK_ALIAS_DROP, "s", key);
}

/* ---- runs ---- */

struct run_part {
    int64_t first, last;
    struct facts_told told;
};

static const char *told_text(const struct facts_told *told, enum fact fact)
{
    return told->fact[fact].has ? told->fact[fact].text : NULL;
}

static enum rc put_part(struct codebook *codebook, const struct run_key *key, const struct run_part *part)
{
    if (part->first > part->last)
        return RC_OK;
    return sql_run(codebook->sql, CODEBOOK_RUN_PUT, "siiisss", key->prefix, (int64_t)key->width, part->first,
                   part->last, told_text(&part->told, FACT_PRODUCT), told_text(&part->told, FACT_LOT),
                   told_text(&part->told, FACT_HOLDER));
}

/* One run that has numbers in common with [first, last]; RC_NOT_FOUND without. */
static enum rc overlap(struct codebook *codebook, const struct run_key *first, int64_t last,
                       struct run_part *ret_part)
{
    struct sqlite3_stmt *statement = NULL;
    bool found = false;
    enum rc rc = sql_query(codebook->sql, CODEBOOK_RUN_OVERLAP, "siii", &statement, first->prefix,
                           (int64_t)first->width, first->number, last);
    if (rc == RC_OK)
        rc = sql_step(statement, &found);
    if (rc != RC_OK || !found)
        return rc == RC_OK ? RC_NOT_FOUND : rc;
    ret_part->first = sql_int(statement, 0);
    ret_part->last = sql_int(statement, 1);
    for (int i = 0; i < FACT_COUNT; i++)
        told_read(statement, 2 + i, &ret_part->told.fact[i]);
    sql_done(statement);
    return RC_OK;
}

/* Takes the numbers of [first, last] out of every run. */
static enum rc cut(struct codebook *codebook, const struct run_key *first, int64_t last)
{
    struct run_part part;
    enum rc rc = RC_OK;
    while ((rc = overlap(codebook, first, last, &part)) == RC_OK) {
        struct run_part left = part, right = part;
        left.last = first->number - 1;
        right.first = last + 1;
        rc = sql_run(codebook->sql, CODEBOOK_RUN_DELETE, "sii", first->prefix, (int64_t)first->width, part.first);
        if (rc == RC_OK)
            rc = put_part(codebook, first, &left);
        if (rc == RC_OK)
            rc = put_part(codebook, first, &right);
        if (rc != RC_OK)
            return rc;
    }
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc codebook_put_run(struct codebook *codebook, const char *first, const char *last, const char *product,
                         const char *lot, const char *holder)
{
    struct run_key key;
    struct run_part part = {0}, old;
    struct codebook_change change = {.product = product, .lot = lot, .holder = holder};
    if (!run_ends(first, last, &key, &part.last) || check_change(&change) != RC_OK)
        return RC_BAD_INPUT;
    part.first = key.number;
    enum rc rc = overlap(codebook, &key, part.last, &old);
    if (rc == RC_OK && old.first == part.first && old.last == part.last)
        part.told = old.told;
    if (rc == RC_NOT_FOUND)
        rc = RC_OK;
    lay_over(&part.told.fact[FACT_PRODUCT], product);
    lay_over(&part.told.fact[FACT_LOT], lot);
    lay_over(&part.told.fact[FACT_HOLDER], holder);
    if (rc == RC_OK)
        rc = cut(codebook, &key, part.last);
    if (rc == RC_OK)
        rc = put_part(codebook, &key, &part);
    return rc;
}

enum rc codebook_delete_run(struct codebook *codebook, const char *first, const char *last)
{
    struct run_key key;
    int64_t end = 0;
    return run_ends(first, last, &key, &end) ? cut(codebook, &key, end) : RC_BAD_INPUT;
}

/* ---- going and moving ---- */

/* Nothing of its own is left, what its contents say is. */
static const struct row *bare(struct row *row)
{
    row->own = (struct facts_told){0};
    row->parent[0] = '\0';
    row->level = -1;
    row->covers = COVERS_GONE;
    row->state = STATE_ACTIVE;
    return row;
}

enum rc codebook_delete(struct codebook *codebook, const char *key)
{
    struct row row;
    struct run_key at;
    bool any = false;
    if (strlen(key) > CODE_KEY_MAX)
        return RC_OK;
    enum rc rc = codebook_row_get(codebook, key, &row);
    bool known = rc == RC_OK;
    if (rc == RC_OK || rc == RC_NOT_FOUND)
        rc = has_children(codebook, key, &any);
    char parent[CODE_KEY_MAX + 1];
    memcpy(parent, row.parent, sizeof parent);
    if (rc == RC_OK && known && any)
        rc = codebook_row_put(codebook, bare(&row));
    if (rc == RC_OK && known && !any)
        rc = codebook_row_delete(codebook, key);
    if (rc == RC_OK)
        rc = codebook_drop_aliases(codebook, key);
    if (rc == RC_OK && run_split(key, &at))
        rc = cut(codebook, &at, at.number);
    if (rc == RC_OK && known && parent[0])
        rc = leave(codebook, parent);
    return rc;
}

static bool follow(struct told *told, const char *old, const char *holder)
{
    bool goes = told->has && strcmp(told->text, old) == 0;
    if (goes)
        told_set(told, holder);
    return goes;
}

static enum rc move_row(struct codebook *codebook, struct row *row, const char *old, const char *holder)
{
    bool goes = follow(&row->own.fact[FACT_HOLDER], old, holder);
    goes |= follow(&row->in.fact[FACT_HOLDER], old, holder);
    return goes ? codebook_row_put(codebook, row) : RC_OK;
}

/* What is inside `key`, which is `depth` deep itself. */
static enum rc move_inside(struct codebook *codebook, const char *key, const char *old, const char *holder, int depth)
{
    struct inside *inside = NULL;
    const struct row *row = NULL;
    enum rc rc = inside_open(codebook, key, &inside);
    while (rc == RC_OK && (rc = inside_next(inside, &row)) == RC_OK && row) {
        struct row child = *row;
        rc = move_row(codebook, &child, old, holder);
        if (rc == RC_OK && depth + 1 < DEPTH_MAX && child.in_level >= 0)
            rc = move_inside(codebook, child.key, old, holder, depth + 1);
    }
    inside_close(inside);
    return rc;
}

enum rc codebook_move(struct codebook *codebook, const char *key, const char *holder)
{
    struct codebook_entry entry;
    struct codebook_change change = {.holder = holder, .level = CODEBOOK_KEEP, .covers = CODEBOOK_KEEP};
    char old[HOLDER_MAX + 1];
    struct row row;
    enum rc rc = codebook_find(codebook, key, &entry);
    if (rc == RC_OK)
        rc = codebook_put(codebook, key, &change);
    if (rc == RC_OK)
        rc = codebook_row_get(codebook, key, &row);
    if (rc == RC_OK)
        rc = move_row(codebook, &row, holder_print(&entry.holder, old), holder);
    if (rc == RC_OK)
        rc = move_inside(codebook, key, old, holder, 0);
    return rc;
}
