/* What an audit finds, in words: who sells these goods, and where. */
#include "app/text/advice.h"
#include <stdio.h>

enum { SIZE = ADVICE_BYTES };

static const char *seller(const struct text_scan *s)
{
    const struct market *market = &s->facts->market;
    if (market->party_name[0])
        return market->party_name;
    return market->sale.party[0] ? market->sale.party : "?";
}

void market_sold(const struct text_scan *s, char *text)
{
    const struct sale *sale = &s->facts->market.sale;
    char day[DAY_TEXT_MAX + 1];
    if (sale->at == DAY_NONE || !sale->party[0])
        snprintf(text, SIZE, _("Sold to %s"), seller(s));
    else if (sale->no[0])
        snprintf(text, SIZE, _("Sold to %s on %s, %s"), seller(s), day_print(sale->at, day), sale->no);
    else
        snprintf(text, SIZE, _("Sold to %s on %s"), seller(s), day_print(sale->at, day));
}

void market_allowed(const struct text_scan *s, char *text)
{
    if (s->facts->market.allowed[0])
        snprintf(text, SIZE, _("It belongs in %s"), s->facts->market.allowed_name);
}

void market_cloned(const struct text_scan *s, char *text)
{
    (void)s;
    snprintf(text, SIZE, "%s", _("Two pieces have this one code"));
}

void market_seen(const struct text_scan *s, char *text)
{
    const struct market *market = &s->facts->market;
    char day[DAY_TEXT_MAX + 1];
    snprintf(text, SIZE, _("Seen on %s in %s"), day_print(market->seen_at, day), market->seen_name);
}

void market_no_territory(const struct text_scan *s, char *text)
{
    snprintf(text, SIZE, _("%s has no territory"), seller(s));
}

void market_no_record(const struct text_scan *s, char *text)
{
    (void)s;
    snprintf(text, SIZE, "%s", _("Registered, and never sold to anybody"));
}

void market_defaced(const struct text_scan *s, char *text)
{
    (void)s;
    snprintf(text, SIZE, "%s", _("Its code was made unreadable"));
}
