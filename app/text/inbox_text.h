/* What the server did not accept, in words: what is wrong, who was first, what to do with the goods. */
#ifndef TALLYMAN_TEXT_INBOX_TEXT_H
#define TALLYMAN_TEXT_INBOX_TEXT_H

#include "app/text/text.h"

struct inbox_words {
    const char *word;       /* the server's: "lost-claim" … */
    const char *who;        /* whose record stands in the way, by name; "" not said */
    const char *when;       /* as people read it; "" not said */
    const char *here;       /* the document that it was scanned for; "" none */
    const char *no;         /* for which document; "" not said */
    const char *holder;     /* where the books have the goods; "" not said */
    int64_t device, number; /* whose; of the server's conflict; 0 not said */
};

/* One or two words for the banner. Translated, static. */
const char *inbox_title(const char *word);
/* A sentence; ret_text holds TEXT_MAX + 1, as below. They return ret_text. */
char *inbox_what(const struct inbox_words *words, char *ret_text);
/* "11-22 13:12 · Li · handheld 3 · SO-2", as much of it as is said. */
char *inbox_who(const struct inbox_words *words, char *ret_text);
/* What somebody else has made of it: `what` as the server says it ("closed", "take-out", "keep"); `reason` "" not said. */
char *inbox_settled(const char *what, const char *reason, char *ret_text);
/* Where the goods go that are taken out. */
char *inbox_where(const struct inbox_words *words, char *ret_text);

#endif
