/* A visit read back from the journal: what counts of it, with names. */
#include "app/domain/territory.h"
#include "app/engine/engine_private.h"
#include "app/engine/report_private.h"
#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *body, const char *name)
{
    const char *text = json_string_value(json_object_get(body, name));
    return text ? text : "";
}

static void copy(char *ret_text, size_t size, const json_t *body, const char *name)
{
    snprintf(ret_text, size, "%s", text_of(body, name));
}

static day_t day_of(const json_t *body, const char *name)
{
    day_t day = DAY_NONE;
    (void)day_parse(text_of(body, name), &day);
    return day;
}

static bool grow(void **array, size_t *room, size_t count, size_t size)
{
    if (count < *room)
        return true;
    size_t wanted = *room ? *room * 2 : 32;
    void *bigger = realloc(*array, wanted * size);
    if (!bigger)
        return false;
    *array = bigger;
    *room = wanted;
    return true;
}

/* ---- what a record says ---- */

static void read_sale(const json_t *from, struct sale *ret_sale)
{
    copy(ret_sale->party, sizeof ret_sale->party, from, "to");
    copy(ret_sale->no, sizeof ret_sale->no, from, "doc");
    ret_sale->at = day_of(from, "at");
}

static void read_market(const json_t *body, struct market *ret_market)
{
    const json_t *from = json_object_get(body, "market"), *seen = json_object_get(from, "seen");
    const json_t *earlier = json_object_get(from, "earlier"), *sale = NULL;
    *ret_market = (struct market){.place = REASON_OK, .seen_at = DAY_NONE};
    read_sale(json_object_get(from, "sold"), &ret_market->sale);
    copy(ret_market->allowed, sizeof ret_market->allowed, from, "allowed");
    copy(ret_market->owner, sizeof ret_market->owner, from, "owner");
    ret_market->by_permit = json_is_true(json_object_get(from, "permit"));
    copy(ret_market->seen_region, sizeof ret_market->seen_region, seen, "region");
    ret_market->seen_at = day_of(seen, "at");
    for (size_t i = 0; i < SALES_MAX && (sale = json_array_get(earlier, i)); i++)
        read_sale(sale, &ret_market->earlier[ret_market->earlier_count++]);
    ret_market->another = json_is_true(json_object_get(body, "another"));
    ret_market->defaced = json_object_get(body, "defaced") != NULL;
}

static reason_set read_findings(const json_t *list)
{
    reason_set set = 0;
    enum reason reason;
    const json_t *word = NULL;
    for (size_t i = 0; (word = json_array_get(list, i)); i++)
        if (json_is_string(word) && reason_from_word(json_string_value(word), &reason))
            set |= REASON_BIT(reason);
    return set;
}

static void read_verdict(const json_t *body, struct report_goods *goods)
{
    goods->reason = REASON_OK;
    (void)reason_from_word(text_of(body, "reason"), &goods->reason);
    goods->findings = read_findings(json_object_get(body, "findings"));
    (void)qty_parse(text_of(body, "qty"), &goods->qty);
    if (goods->qty <= 0) /* of what nobody knows there is a piece */
        goods->qty = QTY_ONE;
    read_market(body, &goods->market);
}

static bool counts(const json_t *body)
{
    enum severity severity = SEVERITY_REJECT;
    return severity_from_word(text_of(body, "severity"), &severity) && severity <= SEVERITY_WARN;
}

/* ---- the journal, record by record ---- */

struct reading {
    struct report *report;
    const char *doc;
    enum rc rc;
};

static struct report_goods *find_goods(struct report *report, int64_t seq)
{
    for (size_t i = report->goods_count; i > 0; i--)
        if (report->goods[i - 1].seq == seq)
            return &report->goods[i - 1];
    return NULL;
}

/* Every scan first: a confirm or an undo may come to it. What does not count has the sign turned. */
static enum rc take_scan(struct report *report, int64_t seq, const json_t *body)
{
    void *all = report->goods;
    if (report->goods_count == REPORT_GOODS_MAX)
        return RC_TOO_BIG;
    bool done = grow(&all, &report->goods_room, report->goods_count, sizeof *report->goods);
    report->goods = all;
    if (!done)
        return RC_NOMEM;
    struct report_goods *goods = &report->goods[report->goods_count++];
    *goods = (struct report_goods){.seq = seq};
    copy(goods->at, sizeof goods->at, body, "at");
    copy(goods->key, sizeof goods->key, body, "key");
    copy(goods->product, sizeof goods->product, body, "product");
    copy(goods->lot, sizeof goods->lot, body, "lot");
    copy(goods->printed, sizeof goods->printed, json_object_get(body, "defaced"), "time");
    read_verdict(body, goods);
    if (!counts(body))
        goods->seq = -seq;
    return RC_OK;
}

static enum rc take_confirm(struct report *report, int64_t seq, const json_t *body)
{
    (void)seq;
    struct report_goods *goods = find_goods(report, -json_integer_value(json_object_get(body, "ref")));
    if (goods) {
        goods->seq = -goods->seq;
        read_verdict(body, goods);
    }
    return RC_OK;
}

static enum rc take_undo(struct report *report, int64_t seq, const json_t *body)
{
    (void)seq;
    struct report_goods *goods = find_goods(report, json_integer_value(json_object_get(body, "ref")));
    if (goods)
        goods->seq = -goods->seq;
    return RC_OK;
}

static enum rc take_evidence(struct report *report, int64_t seq, const json_t *body)
{
    void *all = report->evidence;
    if (report->evidence_count == REPORT_EVIDENCE_MAX)
        return RC_TOO_BIG;
    bool done = grow(&all, &report->evidence_room, report->evidence_count, sizeof *report->evidence);
    report->evidence = all;
    if (!done)
        return RC_NOMEM;
    struct report_evidence *evidence = &report->evidence[report->evidence_count++];
    *evidence = (struct report_evidence){.seq = seq,
                                         .of = json_integer_value(json_object_get(body, "ref")),
                                         .bytes = json_integer_value(json_object_get(body, "bytes"))};
    copy(evidence->kind, sizeof evidence->kind, body, "what");
    copy(evidence->file, sizeof evidence->file, body, "file");
    copy(evidence->hash, sizeof evidence->hash, body, "hash");
    copy(evidence->folder, sizeof evidence->folder, body, "folder");
    return RC_OK;
}

static enum rc take_open(struct report *report, int64_t seq, const json_t *body)
{
    (void)seq;
    copy(report->head.opened, sizeof report->head.opened, body, "at");
    copy(report->head.operator, sizeof report->head.operator, body, "operator");
    return RC_OK;
}

static enum rc take_complete(struct report *report, int64_t seq, const json_t *body)
{
    (void)seq;
    const char *name;
    json_t *value, *header = json_object_get(body, "header");
    struct report_head *head = &report->head;
    copy(head->closed, sizeof head->closed, body, "at");
    head->field_count = 0;
    json_object_foreach(header, name, value)
    {
        if (head->field_count == DOCUMENT_FIELDS_MAX)
            break;
        struct field_value *field = &head->fields[head->field_count++];
        snprintf(field->name, sizeof field->name, "%s", name);
        snprintf(field->value, sizeof field->value, "%s", json_is_string(value) ? json_string_value(value) : "");
    }
    return RC_OK;
}

static enum rc (*const TAKES[RECORD_KIND_COUNT])(struct report *report, int64_t seq, const json_t *body) = {
    [RECORD_OPEN] = take_open,         [RECORD_SCAN] = take_scan,    [RECORD_CONFIRM] = take_confirm,
    [RECORD_UNDO] = take_undo,         [RECORD_RECHECK] = take_undo, [RECORD_COMPLETE] = take_complete,
    [RECORD_EVIDENCE] = take_evidence,
};

static bool read_line(void *context, const struct store_journal_line *line)
{
    struct reading *reading = context;
    enum record_kind kind;
    json_t *body = json_loadb(line->body, line->len, JSON_ALLOW_NUL, NULL);
    bool mine = strcmp(text_of(body, "doc"), reading->doc) == 0;
    if (mine && record_kind_from_word(text_of(body, "kind"), &kind) && TAKES[kind])
        reading->rc = TAKES[kind](reading->report, line->seq, body);
    json_decref(body);
    return reading->rc == RC_OK;
}

static void drop_uncounted(struct report *report)
{
    size_t kept = 0;
    for (size_t i = 0; i < report->goods_count; i++)
        if (report->goods[i].seq > 0)
            report->goods[kept++] = report->goods[i];
    report->goods_count = kept;
}

/* The folder is said only where the name alone would mean two files. */
static bool has_namesake(const struct report *report, const struct report_evidence *evidence)
{
    for (size_t i = 0; i < report->evidence_count; i++)
        if (strcmp(report->evidence[i].file, evidence->file) == 0 &&
            strcmp(report->evidence[i].hash, evidence->hash) != 0)
            return true;
    return false;
}

static void drop_folders(struct report *report)
{
    for (size_t i = 0; i < report->evidence_count; i++)
        if (!has_namesake(report, &report->evidence[i]))
            report->evidence[i].folder[0] = '\0';
}

/* ---- names ---- */

static void name_goods(struct catalog *catalog, struct report_goods *goods)
{
    struct product product;
    struct catalog_party party;
    if (catalog_product(catalog, goods->product, &product) == RC_OK)
        memcpy(goods->product_name, product.name, sizeof goods->product_name);
    if (catalog_party(catalog, goods->market.sale.party, &party) == RC_OK)
        memcpy(goods->market.party_name, party.name, sizeof goods->market.party_name);
}

static void name_all(struct catalog *catalog, struct report *report)
{
    struct catalog_operator operator;
    struct report_head *head = &report->head;
    if (catalog_operator(catalog, head->operator, & operator) == RC_OK)
        memcpy(head->operator_name, operator.name, sizeof head->operator_name);
    (void)catalog_region(catalog, document_field(report->document, "region"), NULL, head->region_name);
    for (size_t i = 0; i < report->goods_count; i++)
        name_goods(catalog, &report->goods[i]);
}

/* ---- all of it ---- */

static enum rc fill(struct engine *engine, struct report *report)
{
    struct store *store = engine_store(engine);
    struct store_counts counts_now;
    struct catalog *catalog;
    struct reading reading = {.report = report, .doc = report->document->doc};
    enum rc rc = store_counts(store, &counts_now);
    if (rc == RC_OK && report->document->opened_seq < counts_now.first_seq)
        rc = RC_NOT_FOUND; /* some of its records are at the server alone by now */
    if (rc == RC_OK)
        rc = store_journal(store, report->document->opened_seq, read_line, &reading);
    if (rc == RC_OK)
        rc = reading.rc;
    if (rc != RC_OK)
        return rc;
    report->device = counts_now.device;
    drop_uncounted(report);
    drop_folders(report);
    if (store_catalog(store, &catalog) == RC_OK)
        name_all(catalog, report);
    return RC_OK;
}

enum rc report_make(struct engine *engine, const char *doc, struct report **ret_report)
{
    struct report *report = calloc(1, sizeof *report);
    if (!report)
        return RC_NOMEM;
    snprintf(report->dir, sizeof report->dir, "%s", store_dir(engine_store(engine)));
    enum rc rc = engine_document(engine, doc, &report->document);
    const struct flow *flow = rc == RC_OK ? engine_flow(engine, report->document->flow) : NULL;
    if (rc == RC_OK && (!flow || !flow->judges))
        rc = RC_REFUSED;
    if (rc == RC_OK && !report->document->opened_seq)
        rc = RC_NOT_FOUND;
    if (rc == RC_OK)
        rc = fill(engine, report);
    report->head.document = report->document;
    if (rc == RC_OK)
        *ret_report = report;
    else
        report_free(report);
    return rc;
}

void report_free(struct report *report)
{
    if (!report)
        return;
    document_free(report->document);
    free(report->goods);
    free(report->evidence);
    free(report);
}

const struct report_head *report_head(const struct report *report)
{
    return &report->head;
}

size_t report_goods_count(const struct report *report)
{
    return report->goods_count;
}

const struct report_goods *report_goods_at(const struct report *report, size_t i)
{
    return &report->goods[i];
}

size_t report_evidence_count(const struct report *report)
{
    return report->evidence_count;
}

const struct report_evidence *report_evidence_at(const struct report *report, size_t i)
{
    return &report->evidence[i];
}

qty_t report_sum(const struct report *report, enum reason reason)
{
    qty_t sum = 0;
    for (size_t i = 0; i < report->goods_count; i++)
        if (report->goods[i].reason == reason)
            sum += report->goods[i].qty;
    return sum;
}

/* ---- for people ---- */

static void party_name(void *context, const char *id, char *ret_name)
{
    struct catalog *catalog;
    struct catalog_party party;
    if (store_catalog(engine_store(context), &catalog) == RC_OK && catalog_party(catalog, id, &party) == RC_OK)
        memcpy(ret_name, party.name, sizeof party.name);
}

/* With all that it lies in, the largest first: a county's name alone says little. */
static void region_name(void *context, const char *id, char *ret_name)
{
    struct catalog *catalog;
    struct region region = {.parent = ""};
    char name[NAME_MAX_BYTES + 1], all[NAME_MAX_BYTES + 1], above[ID_MAX + 1];
    if (store_catalog(engine_store(context), &catalog) != RC_OK ||
        catalog_region(catalog, id, &region, ret_name) != RC_OK)
        return;
    for (int depth = 1; region.parent[0] && depth < REGION_DEPTH_MAX; depth++) {
        memcpy(above, region.parent, sizeof above);
        if (catalog_region(catalog, above, &region, name) != RC_OK ||
            strlen(name) + strlen(ret_name) + 1 >= sizeof all)
            break;
        snprintf(all, sizeof all, "%s %s", name, ret_name);
        memcpy(ret_name, all, sizeof all);
    }
}

static void own_zone(struct engine *engine, char *ret_zone)
{
    char text[TIME_TEXT_MAX + 1];
    int64_t behind, now_ms = engine_now_ms(engine, &behind);
    time_print(now_ms, engine->clock->offset_min(engine->clock->context, now_ms), text);
    memcpy(ret_zone, text + strlen(text) - REPORT_ZONE_TEXT, REPORT_ZONE_TEXT + 1);
}

void report_body(const struct report *report, struct engine *engine, struct report_body *ret_body)
{
    *ret_body = (struct report_body){.device = report->device,
                                     .flow = engine_flow(engine, report->document->flow),
                                     .head = &report->head,
                                     .goods = report->goods,
                                     .goods_count = report->goods_count,
                                     .evidence = report->evidence,
                                     .evidence_count = report->evidence_count,
                                     .names = {engine, party_name, region_name}};
    own_zone(engine, ret_body->zone);
}
