/* One set of books: where each unit is and what it is in. */
#include "tests/sim/flow_model.h"
#include <stdio.h>
#include <string.h>

/* ---- asking ---- */

int model_children(const struct model_book *book, int parent, int *ret_units)
{
    int count = 0;
    for (int i = 0; i < model_key_count; i++)
        if (book->units[i].parent == parent)
            ret_units[count++] = i;
    return count;
}

int model_around(const struct model_book *book, int unit, int *steps)
{
    return (*steps)++ < model_key_count ? book->units[unit].parent : MODEL_NOTHING;
}

bool model_inside(const struct model_book *book, int unit, int container)
{
    int steps = 0;
    for (int at = book->units[unit].parent; at != MODEL_NOTHING; at = model_around(book, at, &steps))
        if (at == container)
            return true;
    return false;
}

int model_count_inside(const struct model_book *book, int container)
{
    int count = 0;
    for (int i = 0; i < model_key_count; i++)
        count += model_inside(book, i, container);
    return count;
}

/* The first inside, level by level, that names a place. */
static const char *holder_inside(const struct model_book *book, int container)
{
    for (int i = 0; i < model_key_count; i++)
        if (book->units[i].parent == container && book->units[i].holder[0])
            return book->units[i].holder;
    for (int i = 0; i < model_key_count; i++)
        if (model_inside(book, i, container) && book->units[i].holder[0])
            return book->units[i].holder;
    return "";
}

const char *model_holder(const struct model_book *book, int unit)
{
    int steps = 0;
    for (int at = unit; at != MODEL_NOTHING; at = model_around(book, at, &steps))
        if (book->units[at].holder[0])
            return book->units[at].holder;
    return book->units[unit].container ? holder_inside(book, unit) : "";
}

bool model_same_unit(const struct model_unit *a, const struct model_unit *b)
{
    return a->parent == b->parent && a->state == b->state && strcmp(a->holder, b->holder) == 0;
}

/* ---- moving ---- */

static void say(char *to, const char *text)
{
    snprintf(to, MODEL_TEXT, "%s", text);
}

/* What is inside goes along, unless it names another place, or somebody has it in hand: that one stays behind with what is
 * in it. */
static void take_along(struct model_book *book, int container, const char *from, const char *holder, int state,
                       bool (*held)(void *context, int unit), void *context, int depth)
{
    char stays[MODEL_TEXT];
    for (int i = 0; i < model_key_count && depth <= DEPTH_MAX; i++) {
        struct model_unit *unit = &book->units[i];
        if (unit->parent != container || (unit->holder[0] && strcmp(unit->holder, from) != 0))
            continue;
        if (held && held(context, i)) {
            say(stays, unit->holder[0] ? unit->holder : from);
            unit->parent = MODEL_NOTHING;
            say(unit->holder, stays);
            continue;
        }
        model_sell(book, i, from, holder);
        take_along(book, i, from, holder, state, held, context, depth + 1);
        if (unit->holder[0])
            say(unit->holder, holder);
        if (state >= 0)
            unit->state = (enum code_state)state;
    }
}

void model_move(struct model_book *book, int unit, const char *holder, int state,
                bool (*held)(void *context, int unit), void *context)
{
    char from[MODEL_TEXT];
    say(from, model_holder(book, unit));
    model_sell(book, unit, from, holder);
    take_along(book, unit, from, holder, state, held, context, 0);
    if (state >= 0)
        book->units[unit].state = (enum code_state)state;
    book->units[unit].parent = MODEL_NOTHING;
    book->units[unit].known = true;
    say(book->units[unit].holder, holder);
}

static void state_inside(struct model_book *book, int container, const char *holder, enum code_state state, int depth)
{
    for (int i = 0; i < model_key_count && depth <= DEPTH_MAX; i++) {
        struct model_unit *unit = &book->units[i];
        if (unit->parent != container)
            continue;
        if (!unit->holder[0] || strcmp(unit->holder, holder) == 0)
            unit->state = state;
        state_inside(book, i, holder, state, depth + 1);
    }
}

void model_set_state(struct model_book *book, int unit, enum code_state state)
{
    char holder[MODEL_TEXT];
    say(holder, model_holder(book, unit));
    state_inside(book, unit, holder, state, 0);
    book->units[unit].state = state;
    book->units[unit].known |= state != STATE_ACTIVE;
}

/* ---- packing ---- */

void model_begin_change(const struct model_book *book, int unit, struct model_changes *changes)
{
    for (int i = 0; i < changes->count; i++)
        if (changes->changes[i].unit == unit)
            return;
    changes->changes[changes->count] = (struct model_change){.unit = unit};
    changes->changes[changes->count++].before = book->units[unit];
}

void model_end_changes(const struct model_book *book, struct model_changes *changes)
{
    for (int i = 0; i < changes->count; i++)
        changes->changes[i].after = book->units[changes->changes[i].unit];
}

/* Something went into it that this record says nothing of. */
static bool has_others(const struct model_book *book, int container, const struct model_changes *changes)
{
    int children[MODEL_UNITS], count = model_children(book, container, children);
    for (int c = 0; c < count; c++) {
        bool named = false;
        for (int i = 0; i < changes->count; i++)
            named |= changes->changes[i].unit == children[c];
        if (!named)
            return true;
    }
    return false;
}

/* What the record said of its place and state, or of one of the two, is so still: then it is taken back. */
static void reverse_place(struct model_unit *unit, const struct model_change *change, bool filled)
{
    const struct model_unit *before = &change->before, *after = &change->after;
    bool moved = strcmp(before->holder, after->holder) != 0, turned = before->state != after->state;
    bool later = (turned || change->says_state) && unit->state != after->state;
    if (later || (moved && strcmp(unit->holder, after->holder) != 0))
        return;
    if (turned)
        unit->state = before->state;
    if (moved && !filled)
        say(unit->holder, before->holder);
}

static bool same_kind(const struct model_unit *a, const struct model_unit *b)
{
    return a->known == b->known && a->container == b->container && a->level == b->level && a->covers == b->covers &&
           strcmp(a->product, b->product) == 0 && strcmp(a->lot, b->lot) == 0;
}

/* What the record said nothing of, what the thing is, may be known otherwise since. */
static void restore(struct model_unit *unit, const struct model_change *change)
{
    const struct model_unit now = *unit;
    *unit = change->before;
    if (!same_kind(&change->before, &change->after))
        return;
    *unit = now;
    unit->parent = change->before.parent;
    unit->state = change->before.state;
    say(unit->holder, change->before.holder);
}

/* What went in or out first, its container last; one that others have gone into since is where those are. */
void model_reverse(struct model_book *book, const struct model_changes *changes)
{
    for (int i = changes->count - 1; i >= 0; i--) {
        const struct model_change *change = &changes->changes[i];
        struct model_unit *unit = &book->units[change->unit], now = *unit;
        bool filled = has_others(book, change->unit, changes);
        int back = change->before.parent;
        if (back != MODEL_NOTHING && (back == change->unit || model_inside(book, back, change->unit)))
            continue; /* it has gone in there since */
        if (model_same_unit(unit, &change->after)) {
            restore(unit, change);
            if (filled && now.holder[0])
                say(unit->holder, now.holder);
            unit->container |= filled;
            if (filled && now.level > unit->level)
                unit->level = now.level;
            unit->known |= filled;
            continue;
        }
        /* what came later stays true */
        if (unit->parent == change->after.parent)
            unit->parent = change->before.parent;
        reverse_place(unit, change, filled);
        /* nothing is left of what made it known */
        bool nothing = unit->parent == MODEL_NOTHING && !unit->holder[0] && unit->state == STATE_ACTIVE && !filled;
        if (nothing && !change->before.known)
            *unit = change->before;
    }
}

/* Damaged goods are what they are, whoever said so first. */
void model_stays(struct model_unit *unit, const struct model_unit *what)
{
    if (unit->known || !what->known)
        return;
    unit->known = true;
    say(unit->product, what->product);
    say(unit->lot, what->lot);
    unit->level = what->level;
    unit->covers = what->covers;
    unit->container = what->container;
}

/* It is about to leave: what it had from around it is its own word now. */
static void keep_holder(struct model_book *book, int unit)
{
    char holder[MODEL_TEXT];
    say(holder, model_holder(book, unit));
    say(book->units[unit].holder, holder);
}

static void take_out(struct model_book *book, int unit, int parent, struct model_changes *changes)
{
    if (book->units[unit].parent != parent)
        return;
    model_begin_change(book, unit, changes);
    keep_holder(book, unit);
    book->units[unit].parent = MODEL_NOTHING;
}

static void put_in(struct model_book *book, int unit, int parent, char *holder, struct model_changes *changes)
{
    if (unit == parent || model_inside(book, parent, unit))
        return;
    model_begin_change(book, unit, changes);
    keep_holder(book, unit);
    book->units[unit].parent = parent;
    book->units[unit].known = true;
    if (!holder[0])
        say(holder, book->units[unit].holder);
}

static void pack(struct model_book *book, const struct model_pack *pack, bool (*mine)(void *context, int unit),
                 void *context, struct model_changes *changes)
{
    struct model_unit *parent = &book->units[pack->parent];
    char holder[MODEL_TEXT] = "";
    int children[MODEL_UNITS];
    model_begin_change(book, pack->parent, changes);
    if (pack->all || pack->out_count > 0)
        keep_holder(book, pack->parent);
    int count = pack->all ? model_children(book, pack->parent, children) : pack->out_count;
    for (int i = 0; i < count; i++)
        take_out(book, pack->all ? children[i] : pack->out[i], pack->parent, changes);
    bool left = model_count_inside(book, pack->parent) > 0;
    for (int i = 0; i < pack->in_count; i++)
        if (mine(context, pack->in[i]))
            put_in(book, pack->in[i], pack->parent, holder, changes);
    parent->known |= pack->in_count > 0;
    if (pack->in_count == 0)
        return;
    parent->container = true;
    if (pack->level > parent->level)
        parent->level = pack->level;
    if (!parent->holder[0] && holder[0])
        say(parent->holder, holder);
    if (left)
        return;
    /* an empty container is what goes into it, and where that is */
    parent->product[0] = parent->lot[0] = '\0';
    parent->covers = 0;
    if (pack->all)
        parent->parent = MODEL_NOTHING;
    if (holder[0])
        say(parent->holder, holder);
}

static void relabel(struct model_book *book, int old, int fresh, struct model_changes *changes)
{
    int children[MODEL_UNITS], count = model_children(book, old, children);
    if (!book->units[old].known) /* there is nothing to hand on */
        return;
    model_begin_change(book, old, changes);
    model_begin_change(book, fresh, changes);
    changes->changes[changes->count - 1].says_state = true;
    keep_holder(book, old);
    book->units[fresh] = book->units[old];
    book->units[fresh].known = true;
    for (int i = 0; i < count; i++) {
        model_begin_change(book, children[i], changes);
        book->units[children[i]].parent = fresh;
    }
    book->units[old].parent = MODEL_NOTHING;
    book->units[old].state = STATE_VOID;
}

void model_do_pack(struct model_book *book, const struct model_pack *what, bool (*mine)(void *context, int unit),
                   void *context, struct model_changes *changes)
{
    if (what->packs)
        pack(book, what, mine, context, changes);
    if (what->relabels)
        relabel(book, what->old, what->fresh, changes);
    model_end_changes(book, changes);
}

/* ---- lines ---- */

void model_name_line(const struct model_job *job, struct model_alloc *alloc)
{
    const struct model_line *line = alloc->line == MODEL_NOTHING ? NULL : &job->lines[alloc->line];
    say(alloc->doc, !line ? "" : line->doc[0] ? line->doc : job->doc);
    snprintf(alloc->place, sizeof alloc->place, "%s", line ? line->line : "");
}
