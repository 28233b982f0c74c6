/* The journal's chain: each record's hash is BLAKE2b-256(previous hash ‖ body), the first one's previous hash is
 * 32 zero bytes followed by nothing else. Device and server compute it by this one function. Pure; any thread. */
#ifndef TALLYMAN_DOMAIN_CHAIN_H
#define TALLYMAN_DOMAIN_CHAIN_H

#include <stddef.h>
#include <stdint.h>

enum { CHAIN_HASH_BYTES = 32, CHAIN_TEXT_BYTES = 64 };

/* ret_hash may be the same memory as previous. */
void chain_next(const uint8_t previous[CHAIN_HASH_BYTES], const void *body, size_t len,
                uint8_t ret_hash[CHAIN_HASH_BYTES]);

/* Lower-case hex; ret_text holds CHAIN_TEXT_BYTES + 1. Returns ret_text. */
char *chain_print(const uint8_t hash[CHAIN_HASH_BYTES], char *ret_text);

/* BLAKE2b of `bytes` (8 to 32) over any data, as lower-case hex: document revisions, result ids, contents digests.
 * ret_text holds 2 * bytes + 1. Returns ret_text. */
char *digest_print(const void *data, size_t len, size_t bytes, char *ret_text);

#endif
