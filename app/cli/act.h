/* What undo, confirm, complete and abandon have in common: a document, a word when it is done, and why not. */
#ifndef TALLYMAN_CLI_ACT_H
#define TALLYMAN_CLI_ACT_H

#include "app/cli/cli.h"

/* DOC to its full name (DOC_MAX + 1 bytes); the exit code. */
int act_document(struct cli *cli, const char *name, char *ret_doc);

/* `undo TAB SO-1 TAB 12`, or an object. */
int act_done(const struct cli *cli, const char *what, const char *name, const char *doc, int64_t seq);

/* --supervisor OPERATOR, the PIN in TALLYMAN_SUPERVISOR_PIN: checked; the exit code. */
int act_supervisor(struct cli *cli, const char *operator);

/* The rejects and questions of a document that nobody has dealt with, one a line on standard error. */
void act_tell_latched(struct cli *cli, const char *doc);

#endif
