#include "sync/server/evidence.h"
#include "app/catalog/reading.h"
#include "app/domain/code.h"
#include "app/domain/date.h"
#include "app/domain/product.h"
#include "sync/server/entities.h"
#include "sync/server/flows.h"
#include "sync/server/patterns.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool evidence_says(const json_t *record, const char *reason)
{
    size_t i;
    const json_t *finding;
    if (strcmp(apply_text(record, "reason"), reason) == 0)
        return true;
    json_array_foreach(json_object_get(record, "findings"), i, finding)
    {
        if (json_is_string(finding) && strcmp(json_string_value(finding), reason) == 0)
            return true;
    }
    return false;
}

/* The bytes as they came, AIM id first; put there where a record has it apart only. */
static struct scan *raw_scan(const json_t *record)
{
    uint8_t bytes[SCAN_MAX + 8];
    const char *raw = apply_text(record, "raw"), *aim = apply_text(record, "aim");
    size_t aim_len = strlen(aim), len = 0;
    if (aim_len > 3 || sodium_base642bin(bytes + aim_len, SCAN_MAX, raw, strlen(raw), NULL, &len, NULL,
                                         sodium_base64_VARIANT_ORIGINAL))
        return NULL;
    if (aim_len && len >= aim_len && memcmp(bytes + aim_len, aim, aim_len) == 0)
        return scan_new(bytes + aim_len, len);
    memcpy(bytes, aim, aim_len);
    return scan_new(bytes, aim_len + len);
}

static int year_of(const json_t *record)
{
    enum { YEAR_WITHOUT_TIME = 2026 };
    const char *at = apply_text(record, "at");
    day_t day;
    int year = YEAR_WITHOUT_TIME, month, of_month;
    if (day_parse(at, &day) == RC_OK)
        day_to_ymd(day, &year, &month, &of_month);
    return year;
}

static bool names(struct server *server, const char *read, const char *key)
{
    char aliased[CODE_KEY_MAX + 1];
    if (!read[0])
        return false;
    return strcmp(read, key) == 0 || (units_alias(server, read, aliased) == RC_OK && strcmp(aliased, key) == 0);
}

/* By the pattern that the record names, as it was when the device read it. */
static enum rc same_by_pattern(struct server *server, const json_t *record, const struct scan *scan, const char *key,
                               struct code *code, bool *ret_same)
{
    const char *id = apply_text(record, "pattern");
    struct pattern *pattern = NULL;
    enum rc rc = RC_NOT_FOUND;
    if (id[0])
        rc = patterns_get(server, id, apply_text(record, "pattern_version"), &pattern);
    if (rc == RC_OK && reading_by_pattern(pattern, scan, year_of(record), code))
        *ret_same = names(server, code->key, key);
    pattern_free(pattern);
    return rc == RC_NOT_FOUND || rc == RC_BAD_INPUT || rc == RC_TOO_BIG ? RC_OK : rc;
}

/* *ret_scan and *ret_code are the caller's to free; NULL where there is nothing to read. */
static enum rc read_again(const json_t *record, struct scan **ret_scan, struct code **ret_code)
{
    struct scan *scan = raw_scan(record);
    struct code *code = scan ? malloc(sizeof *code) : NULL;
    if (code) {
        if (json_is_true(json_object_get(record, "typed")))
            scan->flags |= SCAN_BRACKETS;
        code_parse(scan, year_of(record), code);
    }
    *ret_scan = scan;
    *ret_code = code;
    return scan && !code ? RC_NOMEM : RC_OK;
}

bool evidence_names_key(const struct apply_record *record)
{
    struct scan *scan = NULL;
    struct code *code = NULL;
    if (!record->key[0] || strcmp(record->kind, "scan") != 0)
        return false;
    (void)read_again(record->body, &scan, &code);
    bool same = code && (strcmp(code->key, record->key) == 0 || strcmp(code->plain, record->key) == 0);
    free(scan);
    free(code);
    return same;
}

enum rc evidence_key(struct server *server, const json_t *record, bool *ret_same)
{
    const char *key = apply_text(record, "key");
    struct scan *scan;
    struct code *code;
    enum rc rc = read_again(record, &scan, &code);
    bool same = code && (names(server, code->key, key) || names(server, code->plain, key));
    if (code && !same)
        rc = same_by_pattern(server, record, scan, key, code, &same);
    free(scan);
    free(code);
    if (!rc)
        *ret_same = same;
    return rc;
}

static const char *const ADMISSIONS[] = {"wrong-holder", "already-shipped", "not-received"};

/* A void of what this dealer has sent itself: it is still its own to call back. */
static enum rc calls_back(struct apply_batch *batch, const struct flow *flow, const char *key, bool *ret_back)
{
    struct db_stmt *stmt;
    bool row;
    *ret_back = false;
    if (!batch->party[0] || !flow || strcmp(flow->base, "void") != 0)
        return RC_OK;
    stmt = core_query(batch->server, QUERY_MOVEMENT_LAST_FROM);
    db_bind_text(stmt, 1, key);
    enum rc rc = db_step(stmt, &row);
    if (!rc && row)
        *ret_back = scope_place(&batch->scope, db_text(stmt, 0)) == SCOPE_MINE;
    db_reset(stmt);
    return rc;
}

enum rc evidence_holder(struct apply_batch *batch, const struct unit *unit, const json_t *scan, const json_t *confirm,
                        bool *ret_false, char *ret_holder)
{
    char text[HOLDER_MAX + 1];
    struct holder holder;
    struct document document;
    const struct flow *flow;
    bool back = false;
    enum rc rc = units_holder(batch->server, unit, text);
    if (!rc)
        rc = flows_get(batch, apply_text(scan, "flow"), &flow);
    if (!rc && flow && flow->before)
        rc = flows_document(batch, apply_text(scan, "doc"), &document);
    if (!rc)
        rc = calls_back(batch, flow, unit->key, &back);
    if (rc)
        return rc;
    bool elsewhere = flow && flow->before && holder_parse(text, &holder) == RC_OK &&
                     !flow_takes_from(flow, &document, flows_site(batch, scan), &holder);
    /* what comes back to a dealer is its own */
    elsewhere |= flow && flow->before && batch->party[0] && !back && scope_place(&batch->scope, text) == SCOPE_THEIRS;
    for (size_t i = 0; elsewhere && i < sizeof ADMISSIONS / sizeof ADMISSIONS[0]; i++)
        if (evidence_says(scan, ADMISSIONS[i]) || evidence_says(confirm, ADMISSIONS[i]))
            elsewhere = false;
    *ret_false = elsewhere;
    snprintf(ret_holder, HOLDER_MAX + 1, "%s", text);
    return RC_OK;
}

static enum rc read_recalls(struct apply_batch *batch)
{
    struct db_stmt *stmt;
    bool row = true;
    enum rc rc = RC_OK;
    if (batch->recalls)
        return RC_OK;
    batch->recalls = json_array();
    stmt = core_query(batch->server, QUERY_ENTITY_OF_TYPE);
    db_bind_text(stmt, 1, "recall");
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (!rc && row)
            json_array_append_new(batch->recalls, json_loads(db_text(stmt, 0), 0, NULL));
    }
    db_reset(stmt);
    return rc;
}

static bool listed(const json_t *list, const char *text)
{
    size_t i;
    const json_t *value;
    json_array_foreach(list, i, value)
    {
        if (json_is_string(value) && strcmp(json_string_value(value), text) == 0)
            return true;
    }
    return false;
}

/* By code; or by product, with its lots or without any. */
static bool recall_covers(const json_t *recall, const char *product, const char *lot, const char *key)
{
    const json_t *lots = json_object_get(recall, "lots"), *codes = json_object_get(recall, "codes");
    if (listed(codes, key))
        return true;
    if (!product[0] || strcmp(apply_text(recall, "product"), product) != 0)
        return false;
    return json_array_size(lots) ? listed(lots, lot) : json_array_size(codes) == 0;
}

static bool recalled(const struct apply_batch *batch, const struct unit *unit, const json_t *scan)
{
    const char *product = unit->product[0] ? unit->product : apply_text(scan, "product");
    const char *lot = unit->lot[0] ? unit->lot : apply_text(scan, "lot");
    size_t i;
    const json_t *recall;
    json_array_foreach(batch->recalls, i, recall)
    {
        if (recall_covers(recall, product, lot, unit->key))
            return true;
    }
    return false;
}

void evidence_revision(const struct apply_document *document, const char *rev, struct apply_outcome *outcome)
{
    const char *state = apply_text(document->body, "state");
    if (document->body && rev[0] && strcmp(rev, apply_text(document->body, "rev")) != 0)
        apply_note(outcome, "old-revision");
    if (state[0] && strcmp(state, "open") != 0)
        apply_note(outcome, "document-closed");
}

/* In a group: the documents whose lines it went to. */
static enum rc members_meanwhile(struct apply_batch *batch, const json_t *scan, struct apply_outcome *outcome)
{
    struct apply_document *document;
    const json_t *alloc;
    size_t i;
    enum rc rc = RC_OK;
    json_array_foreach(json_object_get(scan, "alloc"), i, alloc)
    {
        const char *doc = apply_text(alloc, "doc");
        if (rc || !doc[0] || strlen(doc) > DOC_MAX)
            continue;
        rc = apply_document(batch, doc, &document);
        if (!rc && !strstr(outcome->noted, "document-closed"))
            evidence_revision(document, "", outcome);
    }
    return rc;
}

bool evidence_unseen(const struct apply_batch *batch, const struct flow *flow, const json_t *scan)
{
    const struct flow_rule *rule = flow ? &flow->rules[REASON_WRONG_HOLDER] : NULL;
    return batch->party[0] && rule && rule->applies &&
           (rule->severity == SEVERITY_ACCEPT || rule->severity == SEVERITY_WARN) &&
           (evidence_says(scan, "unregistered") || evidence_says(scan, "unknown-code"));
}

bool evidence_void(const struct unit *unit, const struct flow *flow, const json_t *scan, const json_t *confirm)
{
    const struct flow_rule *rule = flow ? &flow->rules[REASON_VOID_CODE] : NULL;
    return strcmp(unit->state, code_state_word(STATE_VOID)) == 0 && rule && rule->applies &&
           rule->severity == SEVERITY_REJECT && !evidence_says(scan, "void-code") &&
           !evidence_says(confirm, "void-code");
}

enum rc evidence_meanwhile(struct apply_batch *batch, const struct unit *unit, const json_t *scan,
                           struct apply_outcome *outcome)
{
    struct apply_document *document;
    enum rc rc = apply_document(batch, apply_text(scan, "doc"), &document);
    if (rc)
        return rc;
    evidence_revision(document, "", outcome);
    rc = members_meanwhile(batch, scan, outcome);
    if (!rc)
        rc = read_recalls(batch);
    if (!rc && !evidence_says(scan, "recalled") && recalled(batch, unit, scan))
        apply_note(outcome, "recalled");
    return rc;
}
