#include "app/text/led_text.h"
#include <stdio.h>

enum { SIZE = TEXT_MAX + 1 };

static void happened(const struct led_words *words, char *ret_text)
{
    if (words->why_unknown)
        snprintf(ret_text, SIZE,
                 _("Put back to an older copy, or enrolled anew: what it did after record %lld goes on "
                   "apart."),
                 (long long)words->after);
    else if (words->anew)
        snprintf(ret_text, SIZE, _("Enrolled anew, as handheld %lld: another one works under its old number."),
                 (long long)words->device);
    else
        snprintf(ret_text, SIZE, _("Put back to an older copy: what it did after record %lld goes on apart."),
                 (long long)words->after);
}

static void missed(const struct led_words *words, char *ret_text)
{
    snprintf(ret_text, SIZE, _("The server was put back too: %lld records are nowhere. Tell the office."),
             (long long)words->missing);
}

const char *led_text(const struct led_words *words, int n, char *ret_text)
{
    switch (n) {
    case 0: happened(words, ret_text); return ret_text;
    case 1:
        snprintf(ret_text, SIZE, "%s", _("Nothing is lost, nothing to do. If goods are unclear, ask the office."));
        return ret_text;
    case 2:
        if (!words->missing)
            return NULL;
        missed(words, ret_text);
        return ret_text;
    }
    return NULL;
}
