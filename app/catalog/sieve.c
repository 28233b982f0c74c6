#include "app/catalog/sieve.h"
#include <stdint.h>
#include <stdlib.h>

enum { BITS_A_KEY = 10, LOOKS = 7, LINE_BITS = 512 }; /* all looks of a key are in one line of a processor's cache */

struct sieve {
    size_t lines, keys;
    uint64_t bits[];
};

struct sieve *sieve_new(size_t keys)
{
    size_t lines = keys * BITS_A_KEY / LINE_BITS + 1;
    struct sieve *sieve = calloc(1, sizeof *sieve + lines * (LINE_BITS / 8));
    if (sieve) {
        sieve->lines = lines;
        sieve->keys = keys;
    }
    return sieve;
}

bool sieve_has_room(const struct sieve *sieve, size_t keys)
{
    return sieve && keys <= sieve->keys;
}

void sieve_free(struct sieve *sieve)
{
    free(sieve);
}

static uint64_t hash_of(const char *key)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a, and splitmix64's last steps to spread it */
    for (; *key; key++)
        hash = (hash ^ (unsigned char)*key) * UINT64_C(1099511628211);
    hash = (hash ^ hash >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    hash = (hash ^ hash >> 27) * UINT64_C(0x94d049bb133111eb);
    return hash ^ hash >> 31;
}

static size_t line_of(const struct sieve *sieve, uint64_t hash)
{
    return (size_t)(((hash >> 32) * (uint64_t)sieve->lines) >> 32) * (LINE_BITS / 64);
}

/* One after the other bit of the line, by two numbers of the hash. */
static unsigned bit_of(uint64_t hash, unsigned look)
{
    return (unsigned)(hash + look * (hash >> 9 | 1)) & (LINE_BITS - 1);
}

void sieve_add(struct sieve *sieve, const char *key)
{
    uint64_t hash = hash_of(key), *line = sieve->bits + line_of(sieve, hash);
    for (unsigned look = 0; look < LOOKS; look++)
        line[bit_of(hash, look) / 64] |= UINT64_C(1) << (bit_of(hash, look) & 63);
}

bool sieve_passes(const struct sieve *sieve, const char *key)
{
    if (!sieve)
        return true;
    uint64_t hash = hash_of(key);
    const uint64_t *line = sieve->bits + line_of(sieve, hash);
    for (unsigned look = 0; look < LOOKS; look++)
        if (!(line[bit_of(hash, look) / 64] >> (bit_of(hash, look) & 63) & 1))
            return false;
    return true;
}
