/* Code lists that element strings draw on. Pure. */
#ifndef TALLYMAN_DOMAIN_GS1_LISTS_H
#define TALLYMAN_DOMAIN_GS1_LISTS_H

#include <stdbool.h>
#include <stddef.h>

enum gs1_list {
    GS1_COUNTRIES,       /* ISO 3166-1, three digits */
    GS1_COUNTRY_LETTERS, /* ISO 3166-1, two letters */
    GS1_CURRENCIES,      /* ISO 4217, three digits */
    GS1_PACKAGE_TYPES    /* UN/ECE Recommendation 21 and GS1's PackageTypeCode */
};

/* The text, all of it, is a word of the list. */
bool gs1_listed(enum gs1_list list, const char *text, size_t len);

#endif
