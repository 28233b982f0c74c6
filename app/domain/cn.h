/* Identifier schemes of China, recognised by their shape; the text is kept whole. Pure and bounded.
 *
 *   drug:    drug trace code 药品追溯码: 20 digits that begin with 8. How its check digits are made is not published, so only
 *            length and digits are looked at; that it begins with 8 is known from examples only.
 *   ecode:   Ecode (GB/T 31866). Inside https://www.iotroot.com/E=…, or a bare number with one of the known prefixes of
 *            version and numbering system. Field lengths and the start mark in Code 128 are not verified.
 *   ma:      MA / IDcode (ISO/IEC 15459, agency MA), as text or in a link. The check character's rule is not public.
 *   handle:  Handle and industrial internet identifiers 工业互联网标识: prefix, "/", any suffix. Length and characters of a
 *            suffix are not verified.
 *   vaa:     industrial internet identifiers under agency VAA (ISO/IEC 15459). Inner fields are not verified.
 *   oid:     object identifiers under China's arcs 1.2.156 and 2.16.156 (GB/T 17969.1, GB/T 26231).
 *   2dcode:  product QR codes 商品二维码 (GB/T 33993) under the unified 2dcode.org; those made of GS1 identifiers are read as such.
 *
 * In a link the code may be a parameter's value or the end of the path: then the key is the code's own, whatever the
 * link around it. A maker's link that holds nothing of these is plain text; what it means is for the feed's patterns.
 */
#ifndef TALLYMAN_DOMAIN_CN_H
#define TALLYMAN_DOMAIN_CN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The scheme's prefix of a key ("ma:"), static memory, or NULL when the text is of none of them. *ret_text: the
 * identifier; it lies in `room` (as long as the text at least) or in the text. */
const char *cn_find(const uint8_t *bytes, size_t len, uint8_t *room, const uint8_t **ret_text, size_t *ret_len);

/* The text, all of it, is an identifier of the scheme with this prefix: what a key claims to be. */
bool cn_fits(const char *prefix, size_t prefix_len, const uint8_t *bytes, size_t len);

/* A parcel's number by its shape: UPU S10 with its check digit (EA123456785CN), or a big carrier's own. */
bool cn_is_waybill(const uint8_t *bytes, size_t len);

#endif
