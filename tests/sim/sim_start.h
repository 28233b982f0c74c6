/* A world as it is once the server has its feed and the devices are enrolled, put aside: most histories begin with a copy of it,
 * and the others make it themselves, with all that may befall them meanwhile. */
#ifndef TALLYMAN_TESTS_SIM_START_H
#define TALLYMAN_TESTS_SIM_START_H

#include "tests/sim/sim_world.h"

enum { SIM_STARTS = 2 };

/* In place of the one that was kept there before. */
bool sim_start_keep(struct sim *sim, int which);
/* Into the folders of this one, which are empty, and of which nothing is open. */
bool sim_start_put_back(struct sim *sim, int which);

/* Whether new catalogs get their tables as a copy (sim_schema.c). */
void sim_schema_copies(bool whether);

#endif
