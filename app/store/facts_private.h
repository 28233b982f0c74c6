/* The parts that facts are gathered from. Nobody else includes this. */
#ifndef TALLYMAN_STORE_FACTS_PRIVATE_H
#define TALLYMAN_STORE_FACTS_PRIVATE_H

#include "app/store/store_private.h"

/* claim.c: who has tallied it. `catalog` may be NULL. */
enum rc facts_claim(struct store *store, struct catalog *catalog, const struct facts_request *request,
                    struct facts *facts);

/* facts_work.c: a class code that becomes the context line, a bare code that is bound to it; before lot and quantity … */
void facts_bind(struct catalog *catalog, const struct facts_request *request, struct facts *facts);
/* … and, after them: labels, what is filled, the other of a pair. */
enum rc facts_work(struct store *store, struct catalog *catalog, const struct facts_request *request,
                   struct facts *facts);

/* facts_older.c */
void facts_older(struct store *store, struct catalog *catalog, const struct facts_request *request,
                 struct facts *facts);

/* facts_market.c: for flows that judge by region (`sale_id` as the code book has it), and for those that need permits. The
 * quantities and the claim must have been gathered. */
enum rc facts_market(struct store *store, struct catalog *catalog, const struct facts_request *request, int sale_id,
                     struct facts *facts);
enum rc facts_permit(struct store *store, struct catalog *catalog, const struct facts_request *request,
                     struct facts *facts);

/* facts_visit.c: goods that a permit lets go are judged again, together with what this visit has found of them by that. `around` as
 * catalog_market told it. */
enum rc facts_visit(struct store *store, struct catalog *catalog, const struct facts_request *request,
                    const struct territory_book *around, struct found *found, struct facts *facts);

/* How many units a pack of this level holds; QTY_ONE where the product has none. */
qty_t facts_pack_units(const struct product *product, int level);

#endif
