#include "app/text/transfer.h"
#include "app/text/text.h"
#include <stdio.h>

enum { SIZE = TRANSFER_TEXT_MAX + 1, TENTH = 100 * 1000, NUMBER = 32 };

/* Millions of bytes with one decimal, cut, never rounded up: all is there only when it is. */
static char *megabytes(int64_t bytes, char *ret_text)
{
    int64_t tenths = bytes / TENTH;
    snprintf(ret_text, NUMBER, "%lld.%lld", (long long)(tenths / 10), (long long)(tenths % 10));
    return ret_text;
}

char *transfer_fetched(const struct transfer *transfer, char *ret_text)
{
    char have[NUMBER], size[NUMBER];
    ret_text[0] = '\0';
    if (transfer->size > 0)
        snprintf(ret_text, SIZE, _("%s of %s MB"), megabytes(transfer->have, have), megabytes(transfer->size, size));
    else if (transfer->rows > 0)
        snprintf(ret_text, SIZE, _("%lld rows so far"), (long long)transfer->rows);
    return ret_text;
}

char *transfer_sent(const struct transfer *transfer, char *ret_text)
{
    ret_text[0] = '\0';
    if (transfer->waiting > 0)
        snprintf(ret_text, SIZE, _("%lld of %lld records sent"), (long long)transfer->sent,
                 (long long)(transfer->sent + transfer->waiting));
    return ret_text;
}

char *transfer_short(const struct transfer *transfer, char *ret_text)
{
    ret_text[0] = '\0';
    if (transfer->size > 0)
        snprintf(ret_text, SIZE, "⇅ %lld%%", (long long)(transfer->have * 100 / transfer->size));
    else if (transfer->waiting > 0)
        snprintf(ret_text, SIZE, _("⇅ %lld to go"), (long long)transfer->waiting);
    else if (transfer->rows > 0)
        snprintf(ret_text, SIZE, "⇅ %lld", (long long)transfer->rows);
    return ret_text;
}
