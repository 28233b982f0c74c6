/* Rows of the code book in memory: they take the place of the table code while a large import goes on, since what comes
 * in no order costs a table three searches a row. Rows that say the same share what they say. One thread. */
#ifndef TALLYMAN_CATALOG_BULK_H
#define TALLYMAN_CATALOG_BULK_H

#include "app/catalog/codebook_row.h"

struct bulk;

enum { BULK_ROWS_MAX = 1000000, BULK_BYTES_MAX = 64 << 20 }; /* when it is full; a moment longer it may grow */

struct bulk *bulk_new(void); /* NULL: no memory */
void bulk_free(struct bulk *bulk);
void bulk_clear(struct bulk *bulk);
bool bulk_full(const struct bulk *bulk);
uint32_t bulk_count(const struct bulk *bulk); /* told and gone */

enum bulk_found { BULK_NOTHING, BULK_TOLD, BULK_GONE };

/* BULK_TOLD alone fills *ret_row. `key` may be inside *ret_row. */
enum bulk_found bulk_get(const struct bulk *bulk, const char *key, struct row *ret_row);
enum bulk_found bulk_has(const struct bulk *bulk, const char *key);
enum rc bulk_put(struct bulk *bulk, const struct row *row);
/* BULK_GONE, or BULK_NOTHING: as if it had never been told. */
enum rc bulk_set(struct bulk *bulk, const char *key, enum bulk_found what);

/* Children of a container, in no order: 0 none. What is put meanwhile may be among them or not. */
uint32_t bulk_child(const struct bulk *bulk, const char *parent);
uint32_t bulk_child_read(const struct bulk *bulk, uint32_t child, struct row *ret_row); /* the next one's number */

/* All of them in key order, from 0 to bulk_count; until the next change. */
enum rc bulk_sort(struct bulk *bulk);
enum bulk_found bulk_at(const struct bulk *bulk, uint32_t at, struct row *ret_row);
/* Its key alone, which holds CODE_KEY_MAX + 1: quicker. */
enum bulk_found bulk_key_at(const struct bulk *bulk, uint32_t at, char *ret_key);

#endif
