#include "app/domain/reason.h"
#include <stddef.h>
#include <string.h>

static const char *const REASONS[REASON_COUNT] = {
#define REASON_WORD(id, word) [REASON_##id] = word,
    REASON_LIST(REASON_WORD)
#undef REASON_WORD
};

static const char *const SEVERITIES[] = {
    [SEVERITY_ACCEPT] = "accept",
    [SEVERITY_WARN] = "warn",
    [SEVERITY_CONFIRM] = "confirm",
    [SEVERITY_REJECT] = "reject",
};

static const reason_set NEVER_LATCH = REASON_BIT(REASON_MALFORMED) | REASON_BIT(REASON_NOT_GOODS) |
                                      REASON_BIT(REASON_DUPLICATE) | REASON_BIT(REASON_DOCUMENT_CLOSED) |
                                      REASON_BIT(REASON_NEED_SERIAL) | REASON_BIT(REASON_NEED_LOT) |
                                      REASON_BIT(REASON_NEED_SSCC);

static int find(const char *const *words, int count, const char *word)
{
    for (int i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}

const char *reason_word(enum reason reason)
{
    return REASONS[reason];
}

bool reason_from_word(const char *word, enum reason *ret_reason)
{
    int at = find(REASONS, REASON_COUNT, word);
    if (at < 0)
        return false;
    *ret_reason = (enum reason)at;
    return true;
}

const char *severity_word(enum severity severity)
{
    return SEVERITIES[severity];
}

bool severity_from_word(const char *word, enum severity *ret_severity)
{
    int at = find(SEVERITIES, sizeof SEVERITIES / sizeof SEVERITIES[0], word);
    if (at < 0)
        return false;
    *ret_severity = (enum severity)at;
    return true;
}

bool reason_latches(enum reason reason)
{
    return !(NEVER_LATCH & REASON_BIT(reason));
}
