#include "app/store/lost.h"
#include "app/store/store_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum rc lost_add(struct lost *lost, const struct tally_row *tally, const char *no)
{
    if (lost->count == lost->room) {
        size_t room = lost->room ? 2 * lost->room : 16;
        struct lost_unit *units = realloc(lost->units, room * sizeof *units);
        if (!units)
            return RC_NOMEM;
        lost->units = units;
        lost->room = room;
    }
    struct lost_unit *unit = &lost->units[lost->count];
    *unit = (struct lost_unit){.key = strdup(tally->key), .seq = tally->seq, .counted_seq = tally->counted_seq};
    if (!unit->key)
        return RC_NOMEM;
    snprintf(unit->no, sizeof unit->no, "%s", no);
    lost->count++;
    return RC_OK;
}

static int by_key(const void *a, const void *b)
{
    const struct lost_unit *one = a, *other = b;
    int order = strcmp(one->key, other->key);
    return order ? order : (one->counted_seq > other->counted_seq) - (one->counted_seq < other->counted_seq);
}

void lost_sort(struct lost *lost)
{
    if (lost->count > 1)
        qsort(lost->units, lost->count, sizeof *lost->units, by_key);
}

/* The first that is not before this key. */
static size_t lower(const struct lost *lost, const char *key)
{
    size_t from = 0, to = lost->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (strcmp(lost->units[middle].key, key) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static struct lost_unit *at(const struct lost *lost, size_t i, const char *key)
{
    return i < lost->count && strcmp(lost->units[i].key, key) == 0 ? &lost->units[i] : NULL;
}

struct lost_unit *lost_first(const struct lost *lost, const char *key)
{
    return at(lost, lower(lost, key), key);
}

struct lost_unit *lost_next(const struct lost *lost, const struct lost_unit *unit)
{
    return at(lost, (size_t)(unit - lost->units) + 1, unit->key);
}

void lost_clear(struct lost *lost)
{
    for (size_t i = 0; i < lost->count; i++)
        free(lost->units[i].key);
    free(lost->units);
    *lost = (struct lost){.version = 0};
}
