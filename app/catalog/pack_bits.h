/* Numbers of so many bits, one after the other, least bit first. Pure; any thread. */
#ifndef TALLYMAN_CATALOG_PACK_BITS_H
#define TALLYMAN_CATALOG_PACK_BITS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Keys are numbers of up to PACK_KEY_BITS_MAX bits. */
__extension__ typedef unsigned __int128 pack_wide;

enum { PACK_HALF_BITS = 56 }; /* what is surely in the eight bytes from the first bit's on */

static inline uint64_t pack_word(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* Up to 56 bits from bit `at` on; eight bytes from there on must be readable. */
static inline uint64_t pack_bits_half(const uint8_t *bytes, size_t at, unsigned bits)
{
    return (pack_word(bytes + at / 8) >> (at & 7)) & ((UINT64_C(1) << bits) - 1);
}

static inline pack_wide pack_bits_get(const uint8_t *bytes, size_t at, unsigned bits)
{
    if (bits <= PACK_HALF_BITS)
        return pack_bits_half(bytes, at, bits);
    pack_wide high = pack_bits_half(bytes, at + PACK_HALF_BITS, bits - PACK_HALF_BITS);
    return high << PACK_HALF_BITS | pack_bits_half(bytes, at, PACK_HALF_BITS);
}

/* The bytes were zero. */
static inline void pack_bits_put(uint8_t *bytes, size_t at, unsigned bits, pack_wide value)
{
    for (unsigned done = 0; done < bits;) {
        unsigned room = 8 - (unsigned)((at + done) & 7);
        bytes[(at + done) / 8] |= (uint8_t)((uint8_t)(value >> done) << ((at + done) & 7));
        done += room;
    }
}

static inline unsigned pack_bits_of(pack_wide value)
{
    const uint64_t high = (uint64_t)(value >> 64), low = (uint64_t)value;
    if (high)
        return 128 - (unsigned)__builtin_clzll(high);
    return low ? 64 - (unsigned)__builtin_clzll(low) : 0;
}

static inline size_t pack_bits_bytes(size_t count, unsigned bits)
{
    return (count * bits + 7) / 8;
}

#endif
