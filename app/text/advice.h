/* Between the files that put a verdict into words. */
#ifndef TALLYMAN_TEXT_ADVICE_H
#define TALLYMAN_TEXT_ADVICE_H

#include "app/text/text.h"

enum { ADVICE_BYTES = TEXT_MAX + 1, ADVICE_PACKS_BYTES = 64 };

/* One part of a verdict; text holds ADVICE_BYTES. */
typedef void sentence(const struct text_scan *s, char *text);

struct advice_row {
    sentence *wrong, *expected;
    const char *todo;   /* NULL: what is left to do */
    const char *inside; /* the same where nothing is loaded; NULL: no other */
};

/* The document's flow, NULL not known. */
const struct flow *advice_flow(const struct text_scan *s);
bool advice_counts(const struct text_scan *s); /* at once: accept or warn */
const char *advice_product(const struct text_scan *s);

/* What this flow says otherwise than most, and its banner (NULL: the reason's own); NULL: it does not. */
const struct advice_row *advice_in_flow(const struct text_scan *s, const char **ret_banner);

/* What a scan did that counts, in a word for the banner: "Packed"; NULL: the reason's own. Static, not translated. */
const char *advice_done(const struct text_scan *s);

/* verdict_market.c */
sentence market_sold, market_allowed, market_cloned, market_seen, market_no_territory, market_no_record,
    market_defaced;

/* What a scan did besides being counted; "" nothing. */
void advice_step(const struct text_scan *s, char *text);

#endif
