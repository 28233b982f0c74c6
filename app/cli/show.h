/* What `show` tells of a document, as one object. */
#ifndef TALLYMAN_CLI_SHOW_H
#define TALLYMAN_CLI_SHOW_H

#include "app/engine/engine.h"
#include <jansson.h>

/* Members are strings, integers and arrays of objects; the caller owns *ret_object. */
enum rc show_json(struct engine *engine, const struct document *document, json_t **ret_object);

#endif
