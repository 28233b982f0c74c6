#include "app/domain/chain.h"
#include <assert.h>
#include <sodium.h>

void chain_next(const uint8_t previous[CHAIN_HASH_BYTES], const void *body, size_t len,
                uint8_t ret_hash[CHAIN_HASH_BYTES])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, CHAIN_HASH_BYTES);
    crypto_generichash_update(&state, previous, CHAIN_HASH_BYTES);
    crypto_generichash_update(&state, body, len);
    crypto_generichash_final(&state, ret_hash, CHAIN_HASH_BYTES);
}

char *chain_print(const uint8_t hash[CHAIN_HASH_BYTES], char *ret_text)
{
    return sodium_bin2hex(ret_text, CHAIN_TEXT_BYTES + 1, hash, CHAIN_HASH_BYTES);
}

char *digest_print(const void *data, size_t len, size_t bytes, char *ret_text)
{
    uint8_t hash[crypto_generichash_BYTES_MAX];
    assert(bytes >= 8 && bytes <= 32);
    /* libsodium's shortest is 16 bytes: shorter digests are its beginning */
    size_t made = bytes < crypto_generichash_BYTES_MIN ? crypto_generichash_BYTES_MIN : bytes;
    crypto_generichash(hash, made, data, len, NULL, 0);
    return sodium_bin2hex(ret_text, 2 * bytes + 1, hash, bytes);
}
