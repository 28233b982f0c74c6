/* What many entries have in common, each said once: ids for rows without their keys and containers. For one build. */
#ifndef TALLYMAN_CATALOG_PACK_FACTS_H
#define TALLYMAN_CATALOG_PACK_FACTS_H

#include "app/catalog/pack_merge.h"

struct pack_facts;

struct pack_facts *pack_facts_new(struct sqlite3 *db, struct sql *sql); /* NULL: no memory */
void pack_facts_free(struct pack_facts *facts);

/* The id of what this row says, from 1; it is written where it is new. */
enum rc pack_facts_id(struct pack_facts *facts, const struct row *row, uint32_t *ret_id);

#endif
