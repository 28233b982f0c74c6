#include "app/text/led_text.h"
#include <stdio.h>

enum { SIZE = TEXT_MAX + 1 };

static void say_happened(const struct led_words *words, char *ret_text)
{
    if (words->missing)
        snprintf(ret_text, SIZE, _("The server was put back: %lld old records are nowhere. Tell the office."),
                 (long long)words->missing);
    else if (words->why_unknown)
        snprintf(ret_text, SIZE,
                 _("Data were put back, or this handheld enrolled anew: after record %lld it goes on apart."),
                 (long long)words->after);
    else if (words->anew)
        snprintf(ret_text, SIZE, _("Enrolled anew, as handheld %lld: another one works under its old number."),
                 (long long)words->device);
    else
        snprintf(ret_text, SIZE, _("Put back to an older copy: what it did after record %lld goes on apart."),
                 (long long)words->after);
}

static const char *to_do(const struct led_words *words)
{
    return words->missing ? _("What this handheld keeps is told again: go on working.")
                          : _("Nothing is lost, nothing to do. If goods are unclear, ask the office.");
}

const char *led_text(const struct led_words *words, int n, char *ret_text)
{
    if (n > 1)
        return NULL;
    if (n == 0)
        say_happened(words, ret_text);
    else
        snprintf(ret_text, SIZE, "%s", to_do(words));
    return ret_text;
}
