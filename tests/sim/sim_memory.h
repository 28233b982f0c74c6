#ifndef TALLYMAN_TESTS_SIM_MEMORY_H
#define TALLYMAN_TESTS_SIM_MEMORY_H

#include <stdbool.h>

/* Before anything asks SQLite for anything. False: it was too late. */
bool sim_memory_set_up(void);

#endif
