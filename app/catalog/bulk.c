#include "app/catalog/bulk.h"
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1 << 20, FACTS_BUCKETS = 1 << 12, FACTS_BYTES = 48 + 2 * FACT_COUNT * (HOLDER_MAX + 2), WORD = 8 };

/* 0 is no row: numbers begin at 1. One that is only named holds the key of a container. */
struct entry {
    uint32_t next; /* in its bucket */
    uint32_t parent, child, after, before;
    uint32_t key, facts; /* where they are in the bytes */
    enum bulk_found what;
};

struct bulk {
    struct entry *entries;
    size_t count, room;
    char *bytes;
    size_t len, bytes_room;
    uint32_t *buckets, *facts_buckets;
    uint32_t told; /* and gone */
    uint32_t *order;
};

struct bulk *bulk_new(void)
{
    struct bulk *bulk = calloc(1, sizeof *bulk);
    if (!bulk)
        return NULL;
    bulk->buckets = calloc(BUCKETS, sizeof *bulk->buckets);
    bulk->facts_buckets = calloc(FACTS_BUCKETS, sizeof *bulk->facts_buckets);
    bulk->count = bulk->len = 1;
    if (bulk->buckets && bulk->facts_buckets)
        return bulk;
    bulk_free(bulk);
    return NULL;
}

void bulk_free(struct bulk *bulk)
{
    if (!bulk)
        return;
    free(bulk->entries);
    free(bulk->bytes);
    free(bulk->buckets);
    free(bulk->facts_buckets);
    free(bulk->order);
    free(bulk);
}

void bulk_clear(struct bulk *bulk)
{
    memset(bulk->buckets, 0, BUCKETS * sizeof *bulk->buckets);
    memset(bulk->facts_buckets, 0, FACTS_BUCKETS * sizeof *bulk->facts_buckets);
    free(bulk->order);
    bulk->order = NULL;
    bulk->told = 0;
    bulk->count = bulk->len = 1;
}

uint32_t bulk_count(const struct bulk *bulk)
{
    return bulk->told;
}

bool bulk_full(const struct bulk *bulk)
{
    return bulk->count > BULK_ROWS_MAX || bulk->len > BULK_BYTES_MAX;
}

/* ---- room ---- */

static bool grow(void **array, size_t *room, size_t need, size_t size)
{
    if (need <= *room)
        return true;
    size_t more = need + need / 4 + 1024;
    void *grown = realloc(*array, more * size);
    if (!grown)
        return false;
    *array = grown;
    *room = more;
    return true;
}

/* Where `len` more bytes begin; 0 without memory. */
static uint32_t take_bytes(struct bulk *bulk, size_t len)
{
    void *bytes = bulk->bytes;
    if (bulk->len + len > UINT32_MAX || !grow(&bytes, &bulk->bytes_room, bulk->len + len, 1))
        return 0;
    bulk->bytes = bytes;
    bulk->len += len;
    return (uint32_t)(bulk->len - len);
}

static uint32_t hash_of(const char *bytes, size_t len)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
    return (uint32_t)(hash ^ hash >> 32);
}

/* ---- rows by their keys ---- */

static uint32_t find(const struct bulk *bulk, const char *key)
{
    uint32_t at = bulk->buckets[hash_of(key, strlen(key)) % BUCKETS];
    while (at && strcmp(bulk->bytes + bulk->entries[at].key, key) != 0)
        at = bulk->entries[at].next;
    return at;
}

/* Finds it or makes one that is only named; 0 without memory. */
static uint32_t name(struct bulk *bulk, const char *key)
{
    size_t len = strlen(key) + 1;
    uint32_t at = find(bulk, key);
    void *entries = bulk->entries;
    if (at)
        return at;
    if (!grow(&entries, &bulk->room, bulk->count + 1, sizeof *bulk->entries))
        return 0;
    bulk->entries = entries;
    uint32_t text = take_bytes(bulk, len);
    if (!text)
        return 0;
    memcpy(bulk->bytes + text, key, len);
    uint32_t *bucket = &bulk->buckets[hash_of(key, len - 1) % BUCKETS];
    at = (uint32_t)bulk->count++;
    bulk->entries[at] = (struct entry){.next = *bucket, .key = text};
    *bucket = at;
    return at;
}

static void unlink_child(struct bulk *bulk, struct entry *entry)
{
    if (!entry->parent)
        return;
    uint32_t *from = entry->before ? &bulk->entries[entry->before].after : &bulk->entries[entry->parent].child;
    *from = entry->after;
    if (entry->after)
        bulk->entries[entry->after].before = entry->before;
    entry->parent = entry->before = entry->after = 0;
}

static void link_child(struct bulk *bulk, uint32_t at, uint32_t parent)
{
    struct entry *entry = &bulk->entries[at];
    if (entry->parent == parent)
        return;
    unlink_child(bulk, entry);
    entry->parent = parent;
    if (!parent)
        return;
    entry->after = bulk->entries[parent].child;
    if (entry->after)
        bulk->entries[entry->after].before = at;
    bulk->entries[parent].child = at;
}

/* ---- what they say ---- */

static char *put_bytes(char *at, const void *bytes, size_t len)
{
    memcpy(at, bytes, len);
    return at + len;
}

static const char *take(const char *at, void *ret_bytes, size_t len)
{
    memcpy(ret_bytes, at, len);
    return at + len;
}

static char *put_told(char *at, const struct facts_told *told)
{
    for (int i = 0; i < FACT_COUNT; i++) {
        *at++ = (char)told->fact[i].has;
        if (told->fact[i].has)
            at = put_bytes(at, told->fact[i].text, strlen(told->fact[i].text) + 1);
    }
    return put_bytes(at, &told->sale, sizeof told->sale);
}

static const char *take_told(const char *at, struct facts_told *ret_told)
{
    for (int i = 0; i < FACT_COUNT; i++) {
        struct told *told = &ret_told->fact[i];
        told->has = *at++;
        told->text[0] = '\0';
        if (told->has)
            at = take(at, told->text, strlen(at) + 1);
    }
    return take(at, &ret_told->sale, sizeof ret_told->sale);
}

static size_t write_facts(const struct row *row, char *ret_bytes)
{
    char *at = put_bytes(ret_bytes, &row->level, sizeof row->level);
    at = put_bytes(at, &row->in_level, sizeof row->in_level);
    at = put_bytes(at, &row->covers, sizeof row->covers);
    at = put_bytes(at, &row->state, sizeof row->state);
    return (size_t)(put_told(put_told(at, &row->own), &row->in) - ret_bytes);
}

static void read_facts(const char *bytes, struct row *row)
{
    bytes = take(bytes, &row->level, sizeof row->level);
    bytes = take(bytes, &row->in_level, sizeof row->in_level);
    bytes = take(bytes, &row->covers, sizeof row->covers);
    bytes = take(bytes, &row->state, sizeof row->state);
    (void)take_told(take_told(bytes, &row->own), &row->in);
}

struct facts_head {
    uint32_t next, len;
};

/* Where the same is said already, or is now; 0 without memory. */
static uint32_t facts_of(struct bulk *bulk, const struct row *row)
{
    char bytes[FACTS_BYTES];
    struct facts_head head;
    size_t len = write_facts(row, bytes);
    uint32_t *bucket = &bulk->facts_buckets[hash_of(bytes, len) % FACTS_BUCKETS];
    for (uint32_t at = *bucket; at; at = head.next) {
        memcpy(&head, bulk->bytes + at, sizeof head);
        if (head.len == len && memcmp(bulk->bytes + at + sizeof head, bytes, len) == 0)
            return at;
    }
    uint32_t at = take_bytes(bulk, sizeof head + len);
    if (!at)
        return 0;
    head = (struct facts_head){*bucket, (uint32_t)len};
    memcpy(bulk->bytes + at, &head, sizeof head);
    memcpy(bulk->bytes + at + sizeof head, bytes, len);
    return *bucket = at;
}

static void copy_key(const struct bulk *bulk, uint32_t at, char *ret_key)
{
    const char *key = at ? bulk->bytes + bulk->entries[at].key : "";
    memcpy(ret_key, key, strlen(key) + 1);
}

static enum bulk_found read_row(const struct bulk *bulk, uint32_t at, struct row *ret_row)
{
    const struct entry *entry = &bulk->entries[at];
    if (entry->what == BULK_TOLD) {
        copy_key(bulk, at, ret_row->key);
        copy_key(bulk, entry->parent, ret_row->parent);
        read_facts(bulk->bytes + entry->facts + sizeof(struct facts_head), ret_row);
    }
    return entry->what;
}

enum bulk_found bulk_get(const struct bulk *bulk, const char *key, struct row *ret_row)
{
    uint32_t at = find(bulk, key);
    return at ? read_row(bulk, at, ret_row) : BULK_NOTHING;
}

enum bulk_found bulk_has(const struct bulk *bulk, const char *key)
{
    uint32_t at = find(bulk, key);
    return at ? bulk->entries[at].what : BULK_NOTHING;
}

/* ---- changes ---- */

static void mark(struct bulk *bulk, uint32_t at, enum bulk_found what)
{
    struct entry *entry = &bulk->entries[at];
    bulk->told += (uint32_t)(what != BULK_NOTHING) - (uint32_t)(entry->what != BULK_NOTHING);
    entry->what = what;
    free(bulk->order);
    bulk->order = NULL;
}

enum rc bulk_put(struct bulk *bulk, const struct row *row)
{
    uint32_t at = name(bulk, row->key), parent = row->parent[0] ? name(bulk, row->parent) : 0;
    uint32_t facts = facts_of(bulk, row);
    if (!at || !facts || (row->parent[0] && !parent))
        return RC_NOMEM;
    bulk->entries[at].facts = facts;
    link_child(bulk, at, parent);
    mark(bulk, at, BULK_TOLD);
    return RC_OK;
}

enum rc bulk_set(struct bulk *bulk, const char *key, enum bulk_found what)
{
    uint32_t at = name(bulk, key);
    if (!at)
        return RC_NOMEM;
    unlink_child(bulk, &bulk->entries[at]);
    mark(bulk, at, what);
    return RC_OK;
}

/* ---- walks ---- */

uint32_t bulk_child(const struct bulk *bulk, const char *parent)
{
    uint32_t at = find(bulk, parent);
    return at ? bulk->entries[at].child : 0;
}

uint32_t bulk_child_read(const struct bulk *bulk, uint32_t child, struct row *ret_row)
{
    (void)read_row(bulk, child, ret_row);
    return bulk->entries[child].after;
}

enum bulk_found bulk_key_at(const struct bulk *bulk, uint32_t at, char *ret_key)
{
    copy_key(bulk, bulk->order[at], ret_key);
    return bulk->entries[bulk->order[at]].what;
}

enum bulk_found bulk_at(const struct bulk *bulk, uint32_t at, struct row *ret_row)
{
    if (bulk->entries[bulk->order[at]].what == BULK_GONE)
        copy_key(bulk, bulk->order[at], ret_row->key);
    return read_row(bulk, bulk->order[at], ret_row);
}

/* ---- order: by eight bytes of the keys at a time ---- */

struct sorted {
    uint64_t word;
    uint32_t at;
};

/* The next eight bytes as a number that orders like them; what is behind the key's end is 0. */
static uint64_t word_of(const struct bulk *bulk, uint32_t at, size_t depth)
{
    const unsigned char *key = (const unsigned char *)bulk->bytes + bulk->entries[at].key + depth;
    uint64_t word = 0;
    for (int i = 0; i < WORD; i++) {
        word = word << 8 | *key;
        key += *key != 0;
    }
    return word;
}

static void sift(struct sorted *list, size_t at, size_t count)
{
    const struct sorted moved = list[at];
    for (size_t below = 2 * at + 1; below < count; below = 2 * at + 1) {
        below += below + 1 < count && list[below].word < list[below + 1].word;
        if (list[below].word <= moved.word)
            break;
        list[at] = list[below];
        at = below;
    }
    list[at] = moved;
}

/* Heapsort: the C library's takes as much memory again, and quicksort can be made slow by what it is given. */
static void sort_words(struct sorted *list, size_t count)
{
    for (size_t at = count / 2; at-- > 0;)
        sift(list, at, count);
    for (size_t left = count; left-- > 1;) {
        const struct sorted last = list[left];
        list[left] = list[0];
        list[0] = last;
        sift(list, 0, left);
    }
}

/* No two keys are the same, so that those which agree in a word go on. */
static void sort_from(const struct bulk *bulk, struct sorted *list, size_t count, size_t depth)
{
    for (size_t i = 0; i < count; i++)
        list[i].word = word_of(bulk, list[i].at, depth);
    sort_words(list, count);
    for (size_t from = 0, to; from < count; from = to) {
        to = from + 1;
        while (to < count && list[to].word == list[from].word)
            to++;
        if (to - from > 1)
            sort_from(bulk, list + from, to - from, depth + WORD);
    }
}

static void fill_order(struct bulk *bulk, struct sorted *list)
{
    size_t count = 0;
    for (uint32_t at = 1; at < bulk->count; at++)
        if (bulk->entries[at].what != BULK_NOTHING)
            list[count++].at = at;
    sort_from(bulk, list, count, 0);
    for (size_t i = 0; i < count; i++)
        bulk->order[i] = list[i].at;
}

enum rc bulk_sort(struct bulk *bulk)
{
    if (bulk->order)
        return RC_OK;
    size_t room = bulk->told + (size_t)1;
    struct sorted *list = malloc(room * sizeof *list);
    bulk->order = list ? malloc(room * sizeof *bulk->order) : NULL;
    if (bulk->order)
        fill_order(bulk, list);
    free(list);
    return bulk->order ? RC_OK : RC_NOMEM;
}
