/* Checks a feed line's members against the table and puts their values into canonical form (keys, 14-digit GTINs,
 * shortest decimal text, hashed PINs). Part of feed.c. */
#ifndef TALLYMAN_CATALOG_FEED_CHECK_H
#define TALLYMAN_CATALOG_FEED_CHECK_H

#include "app/catalog/feed_table.h"

struct feed_check {
    const struct feed_sink *sink; /* notes and kept hashes; may be NULL */
    long line;
    int year;             /* for two-digit years in codes */
    const char *operator; /* whose PIN it is, when the line is an operator's */
    char *error;          /* FEED_ERROR_MAX + 1 bytes, filled with RC_BAD_INPUT */
};

/* `where` is the path before its members' names, "" at the top. Unknown members are noted and left out. */
enum rc feed_check(const struct feed_check *check, const struct feed_member *members, const char *where,
                   json_t *object);

/* Sentences quote the file: what would act on a terminal is shown as '?', half a character at the end goes, and what is
 * no UTF-8 has its bytes beyond ASCII shown as '?'. */
void feed_printable(char *text);

#endif
