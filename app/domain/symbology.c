#include "app/domain/symbology.h"
#include <string.h>

/* All of ISO/IEC 15424, and what came to it since. */
static const struct symbology SYMBOLOGIES[] = {
    {'E', "0", FORM_EAN13, false},
    {'E', "12", FORM_ADD_ON, false},
    {'E', "3", FORM_EAN_ADD, false},
    {'E', "4", FORM_EAN8, false},
    {'I', "1", FORM_ITF, false},
    {'I', "3", FORM_ITF_CUT, false},
    {'I', "0", FORM_PLAIN, false},
    {'C', "1", FORM_GS1, false}, /* GS1-128 */
    {'C', "024", FORM_PLAIN, false},
    {'e', "01", FORM_GS1, false},   /* GS1 DataBar and composite; 1: what follows a separator of symbols */
    {'e', "23", FORM_PLAIN, false}, /* what follows the escape mechanism of a composite: no element strings */
    {'d', "25", FORM_GS1, true},    /* GS1 DataMatrix; 5 with ECI */
    {'d', "01346", FORM_PLAIN, true},
    {'Q', "34", FORM_GS1, true}, /* GS1 QR; 4 with ECI */
    {'Q', "01256", FORM_PLAIN, true},
    {'J', "14", FORM_GS1, true}, /* GS1 DotCode; 4 with ECI */
    {'J', "0235", FORM_PLAIN, true},
    {'h', "23", FORM_GS1, true}, /* GS1 Han Xin (modifiers as readers send them: not checked against the standard) */
    {'h', "01", FORM_PLAIN, true},
    {'z', "14", FORM_GS1, true}, /* GS1 Aztec; 4 with ECI */
    {'z', "02356789ABC", FORM_PLAIN, true},
    {'A', "01234567", FORM_PLAIN, false},   /* Code 39, Code 32 */
    {'B', "0124", FORM_PLAIN, false},       /* Telepen */
    {'D', "0", FORM_PLAIN, false},          /* Code One */
    {'F', "0124", FORM_PLAIN, false},       /* Codabar */
    {'G', "0123456789", FORM_PLAIN, false}, /* Code 93 */
    {'H', "0123", FORM_PLAIN, false},       /* Code 11 */
    {'K', "0124", FORM_PLAIN, false},       /* Code 16K */
    {'L', "012345", FORM_PLAIN, false},     /* PDF417, MicroPDF417 */
    {'M', "0123", FORM_PLAIN, false},       /* MSI */
    {'N', "0", FORM_PLAIN, false},          /* Anker */
    {'O', "01456", FORM_PLAIN, false},      /* Codablock */
    {'P', "0123", FORM_PLAIN, false},       /* Plessey */
    {'R', "013", FORM_PLAIN, false},        /* 2 of 5, IATA */
    {'S', "013", FORM_PLAIN, false},        /* 2 of 5, industrial */
    {'T', "0124", FORM_PLAIN, false},       /* Code 49 */
    {'U', "0123", FORM_PLAIN, false},       /* MaxiCode */
    {'V', "0", FORM_PLAIN, false},          /* Veritec */
    {'X', "0123456789", FORM_PLAIN, false}, /* the maker's own */
    {'Z', "0", FORM_PLAIN, false},          /* no symbol: keyboard, magnetic stripe, RFID */
    {'c', "0", FORM_PLAIN, false},          /* Channel Code */
    {'o', "0123", FORM_PLAIN, false},       /* OCR */
    {'p', "012", FORM_PLAIN, false},        /* PosiCode */
    {'s', "0123456", FORM_PLAIN, false},    /* SuperCode */
    {'u', "0123456", FORM_PLAIN, true},     /* Ultracode */
};

const struct symbology *symbology_find(const uint8_t *bytes, size_t len)
{
    if (len < SYMBOLOGY_ID_LEN || bytes[0] != ']' || !bytes[2])
        return NULL;
    for (size_t i = 0; i < sizeof SYMBOLOGIES / sizeof SYMBOLOGIES[0]; i++)
        if (SYMBOLOGIES[i].code == (char)bytes[1] && strchr(SYMBOLOGIES[i].modifiers, bytes[2]))
            return &SYMBOLOGIES[i];
    return NULL;
}
