/* The table of GS1 application identifiers: what each is made of, what it needs and what it excludes. Facts, no code but
 * the look-up. Pure. */
#ifndef TALLYMAN_DOMAIN_GS1_TABLE_H
#define TALLYMAN_DOMAIN_GS1_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of the dictionary that the table was made from. */
extern const char GS1_RELEASE[];

enum { GS1_PARTS_MAX = 5, GS1_LINTS_MAX = 3 };

enum gs1_set {
    GS1_SET_NONE, /* closes a list of components */
    GS1_SET_N,    /* digits */
    GS1_SET_X,    /* 82 characters (General Specifications 7.11, figure 1) */
    GS1_SET_Y,    /* 39 characters (figure 2) */
    GS1_SET_Z     /* base64url (figure 3) */
};

/* What a component's content must be, beyond its characters (gs1_lint.c has one function for each). */
#define GS1_LINT_LIST(X)                                                                                             \
    X(CSUM)                                                                                                          \
    X(CSUMALPHA)                                                                                                     \
    X(GCPPOS1)                                                                                                       \
    X(GCPPOS2)                                                                                                       \
    X(YYMMDD)                                                                                                        \
    X(YYMMD0)                                                                                                        \
    X(YYYYMMDD)                                                                                                      \
    X(HH)                                                                                                            \
    X(MI)                                                                                                            \
    X(SS)                                                                                                            \
    X(HHMI)                                                                                                          \
    X(ISO3166)                                                                                                       \
    X(ISO3166999)                                                                                                    \
    X(ISO3166ALPHA2)                                                                                                 \
    X(ISO4217)                                                                                                       \
    X(ISO5218)                                                                                                       \
    X(IBAN)                                                                                                          \
    X(ZERO)                                                                                                          \
    X(NONZERO)                                                                                                       \
    X(NOZEROPREFIX)                                                                                                  \
    X(HASNONDIGIT)                                                                                                   \
    X(WINDING)                                                                                                       \
    X(PIECEOFTOTAL)                                                                                                  \
    X(POSINSEQSLASH)                                                                                                 \
    X(PCENC)                                                                                                         \
    X(HYPHEN)                                                                                                        \
    X(IMPORTERIDX)                                                                                                   \
    X(LATITUDE)                                                                                                      \
    X(LONGITUDE)                                                                                                     \
    X(MEDIATYPE)                                                                                                     \
    X(PACKAGETYPE)                                                                                                   \
    X(YESNO)                                                                                                         \
    X(COUPONCODE)                                                                                                    \
    X(COUPONPOSOFFER)

enum gs1_lint {
    LINT_NONE,
#define GS1_LINT_ENUM(name) LINT_##name,
    GS1_LINT_LIST(GS1_LINT_ENUM)
#undef GS1_LINT_ENUM
        LINT_COUNT
};

struct gs1_part {
    enum gs1_set set;
    uint8_t min, max;
    bool optional; /* then all after it are, too */
    enum gs1_lint lints[GS1_LINTS_MAX];
};

enum {
    GS1_FIXED = 1,    /* of predefined length: no FNC1 closes it */
    GS1_ATTRIBUTE = 2 /* may stand in the query of a Digital Link */
};

/* Lists are comma-separated; in "35nn" an n is any digit, "01+21" asks for both. */
struct gs1_ai {
    char first[5], last[5]; /* "3100" to "3105"; alike for most */
    uint8_t flags;
    const struct gs1_part *parts;
    const char *needs[2];   /* of each list, one must be there; NULL none */
    const char *never;      /* none of these may be there; NULL none */
    const char *qualifiers; /* a Digital Link's key: the sequence that may follow it ("" none); NULL: no key */
};

/* The row for the identifier that the bytes begin with, or NULL. */
const struct gs1_ai *gs1_ai_find(const uint8_t *bytes, size_t len);

size_t gs1_ai_count(void);
const struct gs1_ai *gs1_ai_at(size_t i);

#endif
