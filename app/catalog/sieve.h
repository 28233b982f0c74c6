/* Tells of most keys that are not in the packed code book that they are not, without a look at the disk: a Bloom filter
 * of ten bits a key, of which one key in a hundred comes through for nothing. It never stands for a key: what comes
 * through is looked for. One thread. */
#ifndef TALLYMAN_CATALOG_SIEVE_H
#define TALLYMAN_CATALOG_SIEVE_H

#include <stdbool.h>
#include <stddef.h>

struct sieve;

struct sieve *sieve_new(size_t keys); /* NULL: no memory; all go on without it */
/* With so many keys in all; false without one. */
bool sieve_has_room(const struct sieve *sieve, size_t keys);
void sieve_free(struct sieve *sieve);
void sieve_add(struct sieve *sieve, const char *key);
/* False: it was never added. Without a sieve (NULL) anything may be. */
bool sieve_passes(const struct sieve *sieve, const char *key);

#endif
