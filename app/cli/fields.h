/* FIELD=VALUE on the command line, and in words what is wrong with one. */
#ifndef TALLYMAN_CLI_FIELDS_H
#define TALLYMAN_CLI_FIELDS_H

#include "app/cli/cli.h"

/* Cuts `argument` at its `=`; false: it is no field. */
bool fields_split(char *argument, const char **ret_name, const char **ret_value);

/* What is wrong with a field's value: the sentence; EXIT_REFUSED. `flow` may be NULL. */
int fields_fail(const struct flow *flow, enum rc rc, const char *name, const char *value);

#endif
