/* A history that fails, with as little in it as fails. */
#ifndef TALLYMAN_TESTS_SIM_SHRINK_H
#define TALLYMAN_TESTS_SIM_SHRINK_H

#include "tests/sim/sim_history.h"

enum { SHRINK_TRIES_MAX = 600, SHRINK_TEXT_MAX = 6 * HISTORY_ACTIONS };

/* Leaves out by halves, then by less, one by one at last; each try is a process of its own. Answers how many were made. */
int shrink(struct history *history);

/* What is kept, as a command takes it: "3,17,42-45"; ret_text holds SHRINK_TEXT_MAX. */
void shrink_print(const struct history *history, char *ret_text);
bool shrink_parse(const char *text, struct history *history);

#endif
