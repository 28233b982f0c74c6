/* What one device is told of one change: the lines of its page. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_TOLD_H
#define TALLYMAN_SYNC_SERVER_TOLD_H

#include "sync/server/scope.h"
#include "sync/server/units.h"

/* A change of this type says that a code's place changed by what it is in: its own row did not. Only scopes that look at places
 * are told. */
#define TOLD_UNIT "unit"

/* Whether the device's scope has a code. */
enum told { TOLD_NOTHING, TOLD_GONE, TOLD_ROW };

/* Appends to lines (an array) what this scope is told; nothing when it is none of its business. */
enum rc told_lines(struct server *server, struct scope *scope, const char *type, const char *id, json_t *lines);

/* For a dealer's scope. `unit` as the books have it (known false: they have it no more); ret_holder (HOLDER_MAX + 1) is where it
 * is, for TOLD_ROW alone. */
enum rc told_code(struct server *server, const struct scope *scope, const struct unit *unit, bool known,
                  enum told *ret_told, char *ret_holder);

#endif
