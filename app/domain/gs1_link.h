/* GS1 Digital Link URIs (URI syntax 1.4), uncompressed, of any domain: the key and its qualifiers in the path, attributes in
 * the query. Pure and bounded. */
#ifndef TALLYMAN_DOMAIN_GS1_LINK_H
#define TALLYMAN_DOMAIN_GS1_LINK_H

#include "app/domain/code.h"

/* The text begins with http:// or https://, in small or in capital letters. */
bool gs1_link_is_web(const uint8_t *bytes, size_t len);

/* The path ends in a key with its value, and pairs after it: the URI claims to be a Digital Link. */
bool gs1_link_claims(const uint8_t *bytes, size_t len);

/* Reads one that claims to be. Appends to code->elements, path first; NULL, or what is wrong (why.h). */
const char *gs1_link_read(const uint8_t *bytes, size_t len, struct code *code);

/* Decodes %XX in place where two hexadecimal digits follow; `plus_is_space` in a query. Answers the new length. */
size_t gs1_link_decode(uint8_t *bytes, size_t len, bool plus_is_space);

#endif
