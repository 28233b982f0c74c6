/* Where a code is: `site:ID`, `party:ID`, `transit:site:ID`, `transit:party:ID`, `sold`, `destroyed`, `unknown`. Pure. */
#ifndef TALLYMAN_DOMAIN_HOLDER_H
#define TALLYMAN_DOMAIN_HOLDER_H

#include "app/domain/limits.h"
#include "app/domain/rc.h"
#include <stdbool.h>

enum holder_kind {
    HOLDER_UNKNOWN,
    HOLDER_SITE,
    HOLDER_PARTY,
    HOLDER_TRANSIT_SITE,
    HOLDER_TRANSIT_PARTY,
    HOLDER_SOLD,
    HOLDER_DESTROYED
};

struct holder {
    enum holder_kind kind;
    char id[ID_MAX + 1]; /* "" where the kind has none */
};

/* RC_BAD_INPUT when the text is no holder; "" reads as unknown. */
enum rc holder_parse(const char *text, struct holder *ret_holder);

/* ret_text holds HOLDER_MAX + 1. Returns ret_text. */
char *holder_print(const struct holder *holder, char *ret_text);

#endif
