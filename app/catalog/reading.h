/* Reading a scan with what the catalog knows: an exact match of its text goes first, then the feed's patterns, then the
 * AIM id and the shape (app/domain/code.h). One thread, the catalog's. */
#ifndef TALLYMAN_CATALOG_READING_H
#define TALLYMAN_CATALOG_READING_H

#include "app/catalog/catalog.h"
#include "app/domain/pattern.h"
#include "app/domain/scan.h"

enum { PATTERNS_MAX = 256 };

/* Always fills *ret_code, as code_parse does; without a catalog (NULL) it is code_parse. A number that only its check
 * digit makes a GTIN stays plain text unless the catalog knows that GTIN. RC_OK, or the world's error. */
enum rc reading_scan(struct catalog *catalog, const struct scan *scan, int year, struct code *ret_code);

/* The pattern that a feed's body tells; its version is the revision of that content. RC_BAD_INPUT, RC_TOO_BIG. */
enum rc reading_pattern(const json_t *body, const char *id, struct pattern **ret_pattern);

/* The scan read by this pattern alone; false when it does not match. *ret_code is what code_parse made of it. */
bool reading_by_pattern(const struct pattern *pattern, const struct scan *scan, int year, struct code *ret_code);

/* Kept by a catalog between scans; NULL is fine. */
struct readings;
void readings_free(struct readings *readings);

#endif
