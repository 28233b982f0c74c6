/* What a feed line of type `flow` means, with a sentence where it means nothing. Needs no catalog; any thread. */
#ifndef TALLYMAN_CATALOG_CATALOG_FLOW_H
#define TALLYMAN_CATALOG_CATALOG_FLOW_H

#include "app/catalog/catalog.h"

/* catalog_flow_read, and with RC_BAD_INPUT ret_text (FEED_ERROR_MAX + 1 bytes) says what is wrong with which part. */
enum rc catalog_flow_explain(const json_t *line, struct flow *ret_flow, const char **ret_member, char *ret_text);

#endif
