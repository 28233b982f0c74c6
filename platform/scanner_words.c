#include "platform/scanner.h"
#include <string.h>

static const char *const KINDS[] = {
    [SCANNER_SERIAL] = "serial",  [SCANNER_SIM] = "sim",   [SCANNER_EVDEV] = "keyboard",
    [SCANNER_HIDPOS] = "hid-pos", [SCANNER_AUTO] = "auto",
};

const char *scanner_kind_word(enum scanner_kind kind)
{
    return KINDS[kind];
}

bool scanner_kind_from_word(const char *word, enum scanner_kind *ret_kind)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
        if (strcmp(KINDS[i], word) == 0) {
            *ret_kind = (enum scanner_kind)i;
            return true;
        }
    return false;
}
