/* Documents of one's own: fields as the flow asks for them, lines as the flow has them, and the opening on disk. */
#include "app/engine/engine_private.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What people read in front of such a number, by the built-in flow. */
static const struct prefix {
    const char *flow, *letters;
} PREFIXES[] = {
    {"receipt", "RC"},    {"pack", "PK"},   {"unpack", "UP"},  {"replace", "RP"},    {"transfer", "TR"},
    {"return", "RT"},     {"void", "VD"},   {"count", "CT"},   {"recall", "RL"},     {"baseline", "BL"},
    {"scrap", "SC"},      {"sample", "SM"}, {"relabel", "RB"}, {"late-entry", "LE"}, {"dealer-in", "DI"},
    {"dealer-out", "DO"}, {"audit", "AU"},  {"inspect", "IN"},
};

static const char *letters(const struct flow *flow)
{
    for (size_t i = 0; i < sizeof PREFIXES / sizeof PREFIXES[0]; i++)
        if (strcmp(PREFIXES[i].flow, flow->base) == 0)
            return PREFIXES[i].letters;
    return "OW";
}

/* ---- fields ---- */

/* A site's own flow may ask for other things; what its base means by a field (where to, of what) stays. */
static const struct flow_field *meant_by_base(const struct flow *flow, const char *name)
{
    static const char *const meant[] = {"from", "to", "of", "notice", "product", "lot", "region"};
    const struct flow *base = flow_find(flow->base);
    for (size_t i = 0; base && i < sizeof meant / sizeof meant[0]; i++)
        if (strcmp(meant[i], name) == 0)
            return flow_field(base, name);
    return NULL;
}

static const struct flow_field *field_of(const struct flow *flow, const char *name)
{
    const struct flow_field *field = flow_field(flow, name);
    return field ? field : meant_by_base(flow, name);
}

static enum rc check_value(const struct flow_field *field, const char *value, bool overruled)
{
    enum rc rc = flow_check_field(field, value);
    return rc == RC_FIELD_LIMIT && overruled ? RC_OK : rc;
}

static enum rc put_field(struct document *document, const char *name, const char *value)
{
    if (document->field_count == DOCUMENT_FIELDS_MAX)
        return RC_TOO_BIG;
    struct field_value *field = &document->fields[document->field_count++];
    snprintf(field->name, sizeof field->name, "%s", name);
    snprintf(field->value, sizeof field->value, "%s", value);
    return RC_OK;
}

static enum rc take_given(const struct flow *flow, const struct start *start, bool overruled,
                          struct document *document, const char **ret_field)
{
    for (int i = 0; i < start->field_count; i++) {
        const char *name = start->fields[i].name, *value = start->fields[i].value;
        const struct flow_field *field = field_of(flow, name);
        *ret_field = name;
        if (!field || document_field(document, name)[0])
            return RC_BAD_INPUT;
        enum rc rc = check_value(field, value, overruled);
        if (rc == RC_OK && value[0])
            rc = put_field(document, name, value);
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

/* Presets, and what is missing. */
static enum rc take_rest(const struct flow *flow, struct document *document, const char **ret_field)
{
    for (int i = 0; i < flow->field_count; i++) {
        const struct flow_field *field = &flow->fields[i];
        if (!field->at_start || document_field(document, field->name)[0])
            continue;
        enum rc rc = flow_check_field(field, field->preset);
        if (rc == RC_OK && field->preset[0])
            rc = put_field(document, field->name, field->preset);
        *ret_field = field->name;
        if (rc != RC_OK)
            return rc;
    }
    return RC_OK;
}

/* ---- who it comes from and goes to ---- */

static bool knows_site(struct catalog *catalog, const char *id)
{
    char name[NAME_MAX_BYTES + 1];
    bool quarantine;
    return catalog_site(catalog, id, name, &quarantine) == RC_OK;
}

/* Another dealer is known to a dealer by a permit alone. */
static bool knows_party(struct catalog *catalog, const char *dealer, const char *id)
{
    struct catalog_party party;
    return catalog_party(catalog, id, &party) == RC_OK || (dealer[0] && catalog_any_permit(catalog, dealer, id));
}

static enum rc known(struct catalog *catalog, const char *dealer, const struct holder *holder)
{
    switch (holder->kind) {
    case HOLDER_SITE: return knows_site(catalog, holder->id) ? RC_OK : RC_NOT_FOUND;
    case HOLDER_PARTY: return knows_party(catalog, dealer, holder->id) ? RC_OK : RC_NOT_FOUND;
    case HOLDER_SOLD:
    case HOLDER_DESTROYED: return RC_OK;
    case HOLDER_UNKNOWN:
    case HOLDER_TRANSIT_SITE:
    case HOLDER_TRANSIT_PARTY: return RC_BAD_INPUT;
    }
    return RC_BAD_INPUT;
}

/* A holder's text, or the bare id of a site or else a party. */
static enum rc read_holder(struct catalog *catalog, const char *dealer, const char *text, struct holder *ret_holder)
{
    struct holder holder = {.kind = HOLDER_UNKNOWN};
    if (strlen(text) <= ID_MAX && (knows_site(catalog, text) || knows_party(catalog, dealer, text))) {
        holder.kind = knows_site(catalog, text) ? HOLDER_SITE : HOLDER_PARTY;
        snprintf(holder.id, sizeof holder.id, "%s", text);
    } else if (holder_parse(text, &holder) != RC_OK) {
        return strchr(text, ':') ? RC_BAD_INPUT : RC_NOT_FOUND;
    }
    enum rc rc = known(catalog, dealer, &holder);
    if (rc == RC_OK)
        *ret_holder = holder;
    return rc;
}

static void name_destination(struct catalog *catalog, struct document *document)
{
    struct catalog_party party;
    if (document->to.kind == HOLDER_SITE)
        catalog_site(catalog, document->to.id, document->to_name, &document->to_quarantine);
    else if ((document->to.kind == HOLDER_PARTY || document->to.kind == HOLDER_TRANSIT_PARTY) &&
             catalog_party(catalog, document->to.id, &party) == RC_OK)
        memcpy(document->to_name, party.name, sizeof document->to_name);
    catalog_min_life(catalog, &document->to, &document->min_life_days);
}

/* Goods that are sent go to another place that goods can be at. */
static bool can_go_to(const struct flow *flow, const struct document *document, const char *here)
{
    const struct holder *to = &document->to;
    bool itself = to->kind == HOLDER_SITE && strcmp(to->id, here) == 0;
    if (flow->permits) /* a dealer's goods go to somebody else */
        return to->kind == HOLDER_SOLD || (to->kind == HOLDER_PARTY && strcmp(to->id, document->dealer) != 0);
    if (flow->after == GO_TRANSIT)
        return (to->kind == HOLDER_SITE && !itself) || to->kind == HOLDER_PARTY;
    return true;
}

static struct holder this_site(const char *here)
{
    struct holder holder = {.kind = here[0] ? HOLDER_SITE : HOLDER_UNKNOWN};
    snprintf(holder.id, sizeof holder.id, "%s", here);
    return holder;
}

/* A place in the tree of regions, or nothing can be judged by it. */
static enum rc check_region(struct catalog *catalog, const struct flow *flow, const struct document *document,
                            const char **ret_field)
{
    if (!flow->judges)
        return RC_OK;
    *ret_field = "region";
    return catalog_region(catalog, document_field(document, "region"), NULL, NULL);
}

/* Half a character is none. */
static void put_shop(struct document *document, const char *name, enum rc *rc)
{
    char shop[FIELD_VALUE_MAX + 1];
    size_t len = strlen(name) < sizeof shop ? strlen(name) : sizeof shop - 1;
    while (len > 0 && ((unsigned char)name[len] & 0xC0) == 0x80)
        len--;
    snprintf(shop, sizeof shop, "%.*s", (int)len, name);
    *rc = put_field(document, "shop", shop);
}

/* Whatever names the place: from here on it is a region's id, and a party's label has said which shop it is. */
static enum rc name_place(struct engine *engine, const struct flow *flow, struct document *document,
                          const char **ret_field)
{
    struct named_place place;
    int at = 0;
    while (at < document->field_count && strcmp(document->fields[at].name, "region") != 0)
        at++;
    if (!flow->judges || at == document->field_count)
        return RC_OK;
    *ret_field = "region";
    enum rc rc = engine_place(engine, document->fields[at].value, &place);
    if (rc != RC_OK)
        return rc;
    memcpy(document->fields[at].value, place.region, sizeof place.region);
    if (!place.shop[0] || document_field(document, "shop")[0] || !flow_field(flow, "shop"))
        return RC_OK;
    put_shop(document, place.shop, &rc);
    return rc;
}

static enum rc take_places(struct engine *engine, const struct flow *flow, struct document *document,
                           const char **ret_field)
{
    struct catalog *catalog;
    const char *here = engine_site(engine), *from = document_field(document, "from");
    const char *to = document_field(document, "to");
    char site[ID_MAX + 1];
    enum rc rc = store_catalog(engine->store, &catalog);
    if (rc != RC_OK)
        return rc;
    if (flow->before & PLACE_THIS_SITE)
        document->from = this_site(here);
    if (flow->after == GO_HERE)
        document->to = this_site(here);
    else if (flow->after == GO_QUARANTINE)
        document->to = this_site(engine->quarantine[0] ? engine->quarantine : here);
    *ret_field = "from";
    if (from[0] && (rc = read_holder(catalog, document->dealer, from, &document->from)) != RC_OK)
        return rc;
    *ret_field = "to";
    if (to[0])
        rc = read_holder(catalog, document->dealer, to, &document->to);
    if (rc == RC_OK && to[0] && !can_go_to(flow, document, here))
        rc = RC_BAD_INPUT;
    /* who has a site of its own takes the goods in there; else they have arrived */
    if (rc == RC_OK && flow->permits && document->to.kind == HOLDER_PARTY &&
        catalog_party_site(catalog, document->to.id, site))
        document->to.kind = HOLDER_TRANSIT_PARTY;
    if (rc == RC_OK)
        name_destination(catalog, document);
    if (rc == RC_OK)
        rc = check_region(catalog, flow, document, ret_field);
    return rc;
}

/* ---- the document ---- */

static enum rc name_it(struct engine *engine, const struct flow *flow, struct document *document)
{
    struct store_counts counts;
    enum rc rc = store_counts(engine->store, &counts);
    if (rc != RC_OK)
        return rc;
    int64_t seq = store_last_seq(engine->store) + 1;
    snprintf(document->doc, sizeof document->doc, "own:%" PRId64 "-%" PRId64 "-%" PRId64, counts.device, counts.epoch,
             seq);
    snprintf(document->no, sizeof document->no, "%s-%" PRId64 "-%" PRId64, letters(flow), counts.device, seq);
    snprintf(document->flow, sizeof document->flow, "%s", flow->name);
    snprintf(document->site, sizeof document->site, "%s", engine_site(engine));
    document->own = true;
    document->due = DAY_NONE;
    return RC_OK;
}

static enum rc append_open(struct engine *engine, const struct start *start)
{
    struct record record = engine_document_record(engine, RECORD_OPEN);
    const char *who = engine_overruling(engine, start->supervisor);
    json_t *extra = start->supervisor && start->supervisor[0] ? json_pack("{s:s}", "supervisor", who) : NULL;
    record.extra = extra;
    int64_t seq;
    enum rc rc = store_append(engine->store, &record, &seq);
    json_decref(extra);
    return rc;
}

static enum rc fill_in(struct engine *engine, const struct flow *flow, const struct start *start,
                       const char **ret_field)
{
    struct document *document = engine->document;
    bool overruled = engine_overruling(engine, start->supervisor)[0];
    enum rc rc = take_given(flow, start, overruled, document, ret_field);
    if (rc == RC_OK)
        rc = name_place(engine, flow, document, ret_field);
    if (rc == RC_OK)
        rc = take_rest(flow, document, ret_field);
    if (rc == RC_OK)
        rc = take_places(engine, flow, document, ret_field);
    if (rc == RC_OK)
        rc = engine_start_lines(engine, flow, document, ret_field);
    if (rc == RC_OK)
        *ret_field = "";
    return rc;
}

enum rc engine_start(struct engine *engine, const struct start *start, char *ret_doc, char *ret_no,
                     const char **ret_field)
{
    const char *field = "";
    const struct flow *flow = engine_flow(engine, start->flow);
    if (!flow)
        return RC_NOT_FOUND;
    if (!engine_has_role(engine, flow) || !engine_can_start(flow))
        return RC_REFUSED;
    engine_policy(engine); /* and where its quarantine is */
    document_free(engine->document);
    engine->document = calloc(1, sizeof *engine->document);
    engine->document_seq = -1;
    enum rc rc = engine->document ? name_it(engine, flow, engine->document) : RC_NOMEM;
    if (rc == RC_OK)
        engine_place_document(engine, engine->document);
    if (rc == RC_OK)
        rc = fill_in(engine, flow, start, &field);
    if (rc == RC_OK)
        rc = append_open(engine, start);
    if (rc == RC_OK && ret_doc)
        memcpy(ret_doc, engine->document->doc, sizeof engine->document->doc);
    if (rc == RC_OK && ret_no)
        memcpy(ret_no, engine->document->no, sizeof engine->document->no);
    document_free(engine->document); /* it is read as the store has it */
    engine->document = NULL;
    if (rc != RC_OK && ret_field)
        *ret_field = field;
    return rc;
}
