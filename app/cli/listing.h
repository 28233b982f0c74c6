/* Rows that are gathered first and named and printed afterwards: a visitor has no catalog of its own. */
#ifndef TALLYMAN_CLI_LISTING_H
#define TALLYMAN_CLI_LISTING_H

#include "app/cli/cli.h"

struct listing {
    struct cli *cli;
    struct catalog *catalog; /* for `name` alone */
    json_t *rows;            /* objects */
};

/* Takes the row; false without memory. */
bool listing_add(struct listing *listing, json_t *row);
/* A member that is text; "" otherwise. */
const char *listing_text(const json_t *row, const char *name);
/* `name` adds what the catalog calls things. Members in the order of `columns` (closed by NULL), or objects. The exit code. */
int listing_print(struct listing *listing, const char *const *columns,
                  void (*name)(const struct listing *listing, json_t *row));

#endif
