/* The administrator's commands, against an open server: what `tallyman-server COMMAND` does when nobody serves, and what
 * the serving process does for it through its socket. Takes the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_ADMIN_H
#define TALLYMAN_SYNC_SERVER_ADMIN_H

#include "sync/server/server.h"
#include <jansson.h>
#include <stdio.h>

enum { ADMIN_MESSAGES_MAX = 128, ADMIN_EXIT_FAILED = 1, ADMIN_EXIT_USAGE = 2 };

struct admin_command {
    const char *name, *usage, *help;
    bool input; /* reads a file: its argument is the file's name, and admin_run gets it open */
    bool json;  /* prints one JSON object a line */
};

/* Closed by a NULL name. */
const struct admin_command *admin_commands(void);
const struct admin_command *admin_find(const char *name);

/* args[0] is the command. `in` for commands with input, else NULL. Prints to `out`; sentences for standard error are
 * appended to messages (array of text). Returns the exit status. */
int admin_run(struct server *server, int count, const char *const *args, FILE *in, FILE *out, json_t *messages);

#endif
