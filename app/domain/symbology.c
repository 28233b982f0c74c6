#include "app/domain/symbology.h"
#include <string.h>

static const struct symbology SYMBOLOGIES[] = {
    {'E', "0", FORM_EAN13},
    {'E', "12", FORM_ADD_ON},
    {'E', "3", FORM_EAN_ADD},
    {'E', "4", FORM_EAN8},
    {'I', "1", FORM_ITF},
    {'I', "03", FORM_PLAIN},
    {'C', "1", FORM_GS1}, /* GS1-128 */
    {'C', "024", FORM_PLAIN},
    {'e', "0", FORM_GS1},  /* GS1 DataBar, and the linear part of a composite */
    {'d', "25", FORM_GS1}, /* GS1 DataMatrix; 5 with ECI */
    {'d', "01346", FORM_PLAIN},
    {'Q', "34", FORM_GS1}, /* GS1 QR; 4 with ECI */
    {'Q', "01256", FORM_PLAIN},
    {'J', "14", FORM_GS1}, /* GS1 DotCode; 4 with ECI */
    {'J', "0235", FORM_PLAIN},
    {'h', "23", FORM_GS1}, /* GS1 Han Xin */
    {'h', "01", FORM_PLAIN},
    {'z', "14", FORM_GS1}, /* GS1 Aztec; 4 with ECI */
    {'z', "02356789ABC", FORM_PLAIN},
    {'A', "0123457", FORM_PLAIN},    /* Code 39 */
    {'F', "0124", FORM_PLAIN},       /* Codabar */
    {'G', "0123456789", FORM_PLAIN}, /* Code 93 */
    {'H', "0123", FORM_PLAIN},       /* Code 11 */
    {'L', "012345", FORM_PLAIN},     /* PDF417 */
    {'M', "0123", FORM_PLAIN},       /* MSI */
    {'R', "013", FORM_PLAIN},        /* 2 of 5, IATA */
    {'S', "0", FORM_PLAIN},          /* 2 of 5, industrial */
    {'U', "0123", FORM_PLAIN},       /* MaxiCode */
    {'X', "0123456789", FORM_PLAIN}, /* the maker's own */
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
