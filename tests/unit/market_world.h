/* Two dealers, a sub-dealer, shops, regions and territories, on which dealers and auditors work: an engine world. */
#ifndef TALLYMAN_TESTS_MARKET_WORLD_H
#define TALLYMAN_TESTS_MARKET_WORLD_H

#include "tests/unit/flow_world.h"

/* B: by item. Regions 510000 > 510100 > 510104, 510107; 520000 > 520100. D-1: dealer, 510100, its site is CDB here. D-2: dealer, 520100.
 * S-1: sub-dealer of D-1, with the site SDS. S-2: sub-dealer of D-1 without. R-1: retailer. D-3: neither region nor territory. Sales: see
 * the feed. */
extern const char MARKET_FEED[], DEALER_FEED[];

/* The feed of an auditor, "wang" is one; of a dealer, "wang" is one. */
int audit_world_open(void **state);
int dealer_world_open(void **state);

/* By hand for the dealer's: no file is enrolled. Gives the folder a key as enrolling would. */
void market_world_enrol(struct engine_world *world);

#endif
