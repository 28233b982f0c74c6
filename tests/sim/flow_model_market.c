/* Who sells what where, and where it was seen: what an audit asks. */
#include "tests/sim/flow_model.h"
#include <stdio.h>
#include <string.h>

enum { SEEN_TOLD = 8 }; /* sightings of one unit that an auditor's device is told of, the newest */

/* ---- parties ---- */

static const struct {
    const char *party, *region; /* that it may sell in, "" nobody said */
} SELLERS[] = {{"D0", "R1"}, {"D1", "R2"}, {"S0", "R1"}};

static const char *id_of(const char *holder, const char *kind)
{
    size_t len = strlen(kind);
    if (strncmp(holder, "transit:", 8) == 0)
        holder += 8;
    return strncmp(holder, kind, len) == 0 ? holder + len : "";
}

const char *model_party_of(const char *holder)
{
    const char *site = id_of(holder, "site:");
    return site[0] ? model_site_party(site) : id_of(holder, "party:");
}

bool model_is_owners(const char *holder)
{
    const char *site = id_of(holder, "site:");
    return site[0] && !model_site_party(site)[0];
}

/* ---- what a dealer sees ---- */

enum model_whose model_whose(const char *holder)
{
    static const char *const family[] = {"D0", "S0", "T0"};
    const char *party = model_party_of(holder);
    for (size_t i = 0; i < sizeof family / sizeof family[0]; i++)
        if (strcmp(party, family[i]) == 0)
            return MODEL_MINE;
    if (party[0])
        return strcmp(party, "D1") == 0 ? MODEL_THEIRS : MODEL_OTHERS;
    return model_is_owners(holder) ? MODEL_OWNERS : MODEL_NOBODYS;
}

static bool is_on_way(const char *holder)
{
    return strncmp(holder, "transit:", 8) == 0;
}

/* What was taken back on the way was only sent. */
static bool dealer_had(const char *from, const char *to)
{
    bool leaves = model_whose(from) == MODEL_MINE;
    if (model_whose(to) == MODEL_MINE)
        return !is_on_way(to);
    return leaves && (!is_on_way(from) || model_whose(to) != MODEL_OWNERS);
}

/* Whoever has it from another dealer; until it comes home. */
static bool is_lost(bool before, enum model_whose was, enum model_whose is)
{
    if (is == MODEL_MINE || is == MODEL_OWNERS)
        return false;
    return is == MODEL_THEIRS || was == MODEL_THEIRS || (before && was != MODEL_MINE);
}

void model_narrow(struct model_book *book)
{
    static struct model_book all;
    bool told[MODEL_UNITS];
    all = *book;
    for (int i = 0; i < model_key_count; i++) {
        enum model_whose whose = model_whose(model_holder(&all, i));
        told[i] =
            all.units[i].known && (whose == MODEL_MINE || (all.had[i] && whose != MODEL_THEIRS && !all.lost[i]));
    }
    for (int i = 0; i < model_key_count; i++) {
        struct model_unit *unit = &book->units[i];
        snprintf(unit->holder, sizeof unit->holder, "%s", model_holder(&all, i));
        if (!told[i])
            *unit = (struct model_unit){.parent = MODEL_NOTHING};
        else if (unit->parent != MODEL_NOTHING && !told[unit->parent])
            unit->parent = MODEL_NOTHING;
    }
}

/* ---- sales ---- */

static void add_sale(struct model_sales *sales, const char *party)
{
    if (sales->count == MODEL_SALES)
        memmove(sales->parties[0], sales->parties[1], (size_t)--sales->count * sizeof sales->parties[0]);
    snprintf(sales->parties[sales->count++], MODEL_TEXT, "%s", party);
}

static const char *last_sale(const struct model_sales *sales)
{
    return sales->count ? sales->parties[sales->count - 1] : "";
}

void model_sell(struct model_book *book, int unit, const char *from, const char *to)
{
    struct model_sales *sales = &book->sales[unit];
    const char *had = model_party_of(from), *has = model_party_of(to);
    if (!book->keeps_sales)
        return;
    book->had[unit] |= from[0] && dealer_had(from, to);
    book->lost[unit] = is_lost(book->lost[unit], model_whose(from), model_whose(to));
    if (had[0] && sales->count == 0) /* as it was in the beginning */
        add_sale(sales, had);
    if (book->voids && strcmp(last_sale(sales), had) == 0)
        sales->count -= had[0] != '\0';
    else if (!book->voids && has[0] && (sales->back || strcmp(last_sale(sales), has) != 0))
        add_sale(sales, has);
    sales->back = !has[0] && strncmp(to, "site:", 5) == 0;
}

/* As the data centre told an auditor; what nothing moved is its holder's. */
static const char *told_sale(const struct model_device *device, int unit)
{
    return model_has_auditor(device->site) ? last_sale(&device->book.sales[unit]) : "";
}

static const char *seller_of(const struct model_device *device, int unit)
{
    const char *holder = model_holder(&device->book, unit), *party = model_party_of(holder);
    int children[MODEL_UNITS];
    if (party[0] || model_is_owners(holder))
        return party;
    party = told_sale(device, unit);
    bool asks_inside = !party[0] && device->book.units[unit].container;
    if (asks_inside && model_children(&device->book, unit, children) > 0)
        party = told_sale(device, children[0]);
    return party;
}

/* ---- regions: R1 and R2 are in R0 ---- */

static bool is_within(const char *region, const char *area)
{
    return strcmp(area, "R0") == 0 || strcmp(region, area) == 0;
}

static enum reason place_of(const char *party, const char *region)
{
    if (!party[0])
        return REASON_NO_RECORD;
    for (size_t i = 0; i < sizeof SELLERS / sizeof SELLERS[0]; i++)
        if (strcmp(SELLERS[i].party, party) == 0)
            return is_within(region, SELLERS[i].region) ? REASON_IN_REGION : REASON_OUT_OF_REGION;
    return REASON_NO_TERRITORY;
}

static bool is_apart(const char *a, const char *b)
{
    return !is_within(a, b) && !is_within(b, a);
}

/* ---- sightings ---- */

void model_see(struct model_server *server, int device, const struct model_job *job, const struct model_tally *tally)
{
    bool once_more = !tally->another && (tally->reason == REASON_DUPLICATE || tally->reason == REASON_REPEAT);
    if (once_more || tally->unit == MODEL_NOTHING || server->seen.count == MODEL_SIGHTINGS)
        return;
    struct model_sighting *sighting = &server->seen.all[server->seen.count++];
    *sighting =
        (struct model_sighting){.unit = tally->unit, .device = device, .seq = tally->seq, .when = tally->when};
    snprintf(sighting->region, sizeof sighting->region, "%s", job->region);
}

void model_forget_seen(struct model_server *server, int device, int64_t seq)
{
    for (int i = 0; i < server->seen.count; i++)
        if (server->seen.all[i].device == device && server->seen.all[i].seq == seq)
            server->seen.all[i].undone = true;
}

/* By this device, on another visit. */
static bool seen_here(const struct model_device *device, const struct model_job *job, int unit)
{
    for (int j = 0; j < device->job_count; j++) {
        const struct model_job *other = &device->jobs[j];
        if (other == job || !other->flow->judges || !is_apart(other->region, job->region))
            continue;
        for (int t = 0; t < other->tally_count; t++) {
            const struct model_tally *tally = &other->tallies[t];
            if (tally->unit == unit && !tally->another && (tally->state == MODEL_LIVE || tally->state == MODEL_MOVED))
                return true;
        }
    }
    return false;
}

static int seen_later(const struct model_seen *seen, const struct model_sighting *sighting)
{
    int later = 0;
    for (int i = 0; i < seen->count; i++)
        later += seen->all[i].unit == sighting->unit && !seen->all[i].undone && seen->all[i].when > sighting->when;
    return later;
}

static bool told_seen(const struct model_device *device, const struct model_job *job, int unit)
{
    for (int i = 0; i < device->seen.count && model_has_auditor(device->site); i++) {
        const struct model_sighting *sighting = &device->seen.all[i];
        if (sighting->unit == unit && !sighting->undone && is_apart(sighting->region, job->region) &&
            seen_later(&device->seen, sighting) < SEEN_TOLD)
            return true;
    }
    return false;
}

void model_market(const struct model_device *device, const struct model_job *job, int unit, struct market *market)
{
    market->place = place_of(seller_of(device, unit), job->region);
    if (seen_here(device, job, unit) || told_seen(device, job, unit))
        snprintf(market->seen_region, sizeof market->seen_region, "R0");
}
