/* AIM symbology identifiers (ISO/IEC 15424): what the three characters before a scan say about its data. Pure. */
#ifndef TALLYMAN_DOMAIN_SYMBOLOGY_H
#define TALLYMAN_DOMAIN_SYMBOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum data_form {
    FORM_PLAIN,   /* any text: read by its shape */
    FORM_GS1,     /* GS1 element strings, FNC1 as GS */
    FORM_EAN13,   /* 13 digits (UPC-A and UPC-E come expanded; the 8 of UPC-E are expanded here) */
    FORM_EAN_ADD, /* 13 digits, then 2 or 5 of an add-on, which names no other goods */
    FORM_EAN8,    /* 8 digits */
    FORM_ADD_ON,  /* the 2 or 5 digits of an add-on alone */
    FORM_ITF,     /* digits with a verified check digit: 14 of them are a GTIN */
    FORM_ITF_CUT  /* the same with the check digit cut off: 13 of them */
};

enum { SYMBOLOGY_ID_LEN = 3 };

struct symbology {
    char code;             /* the letter after "]" */
    const char *modifiers; /* those that this row speaks of */
    enum data_form form;
    bool may_be_empty; /* a matrix symbol can hold nothing at all */
};

/* The row for the id at the beginning of the bytes ("]C1…"), or NULL when they begin with none that is known. */
const struct symbology *symbology_find(const uint8_t *bytes, size_t len);

#endif
