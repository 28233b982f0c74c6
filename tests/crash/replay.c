#include "tests/crash/replay.h"

#include "app/domain/qty.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHY_BYTES = 200 };

/* What has become of one scan. */
enum fate { FATE_NONE, FATE_LIVE, FATE_WAITING, FATE_LATCHED };

struct replay {
    int count;
    char *bodies[REPLAY_RECORDS_MAX];
    json_t *records[REPLAY_RECORDS_MAX];
};

static bool take(void *context, const struct store_journal_line *line)
{
    struct replay *replay = context;
    if (replay->count == REPLAY_RECORDS_MAX)
        return false;
    replay->bodies[replay->count] = strndup(line->body, line->len);
    replay->records[replay->count] = json_loadb(line->body, line->len, 0, NULL);
    replay->count++;
    return true;
}

enum rc replay_load(struct store *store, struct replay **ret_replay)
{
    struct replay *replay = calloc(1, sizeof *replay);
    if (!replay)
        return RC_NOMEM;
    enum rc rc = store_journal(store, 1, take, replay);
    for (int i = 0; i < replay->count && rc == RC_OK; i++)
        if (!replay->records[i])
            rc = RC_CORRUPT;
    if (rc == RC_OK && replay->count == REPLAY_RECORDS_MAX)
        rc = RC_TOO_BIG;
    if (rc == RC_OK)
        *ret_replay = replay;
    else
        replay_free(replay);
    return rc;
}

void replay_free(struct replay *replay)
{
    if (!replay)
        return;
    for (int i = 0; i < replay->count; i++) {
        free(replay->bodies[i]);
        json_decref(replay->records[i]);
    }
    free(replay);
}

int replay_count(const struct replay *replay)
{
    return replay->count;
}

const char *replay_body(const struct replay *replay, int index)
{
    return replay->bodies[index];
}

static const char *text(const json_t *record, const char *member)
{
    const char *value = json_string_value(json_object_get(record, member));
    return value ? value : "";
}

static bool is(const json_t *record, const char *member, const char *value)
{
    return strcmp(text(record, member), value) == 0;
}

static int64_t number(const json_t *record, const char *member)
{
    return json_integer_value(json_object_get(record, member));
}

int replay_scans(const struct replay *replay)
{
    int scans = 0;
    for (int i = 0; i < replay->count; i++)
        scans += is(replay->records[i], "kind", "scan");
    return scans;
}

/* ---- one scan through the records that follow it ---- */

static enum fate fate_at_first(const json_t *scan)
{
    enum reason reason = REASON_OK;
    if (is(scan, "severity", "accept") || is(scan, "severity", "warn"))
        return FATE_LIVE;
    if (is(scan, "severity", "confirm"))
        return FATE_WAITING;
    return reason_from_word(text(scan, "reason"), &reason) && reason_latches(reason) ? FATE_LATCHED : FATE_NONE;
}

static bool same_goods(const json_t *scan, const json_t *later)
{
    return is(later, "kind", "scan") && is(later, "doc", text(scan, "doc")) && text(scan, "key")[0] &&
           is(later, "key", text(scan, "key")) && fate_at_first(later) != FATE_NONE;
}

static enum fate fate_after(enum fate fate, const json_t *scan, const json_t *later)
{
    bool mine = number(later, "ref") == number(scan, "seq");
    if (is(later, "kind", "confirm"))
        return mine ? FATE_LIVE : fate;
    if (is(later, "kind", "undo") || is(later, "kind", "set-aside"))
        return mine ? FATE_NONE : fate;
    if (is(later, "kind", "recheck"))
        return mine ? FATE_LATCHED : fate;
    if (is(later, "kind", "abandon"))
        return is(later, "doc", text(scan, "doc")) ? FATE_NONE : fate;
    if (same_goods(scan, later)) /* judged anew: the later latch or question stands for the goods */
        return fate == FATE_LIVE ? fate : FATE_NONE;
    return fate;
}

static enum fate fate_of(const struct replay *replay, int index)
{
    const json_t *scan = replay->records[index];
    enum fate fate = fate_at_first(scan);
    for (int i = index + 1; i < replay->count; i++)
        fate = fate_after(fate, scan, replay->records[i]);
    return fate;
}

/* ---- against the store ---- */

static qty_t allocated(const json_t *scan, const char *line)
{
    qty_t sum = 0;
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(scan, "alloc"), i, one)
    {
        qty_t qty = 0;
        if (is(one, "line", line) && qty_parse(text(one, "qty"), &qty) == RC_OK)
            sum += qty;
    }
    return sum;
}

static bool line_agrees(const struct replay *replay, const char *doc, const struct line *line, char *ret_why)
{
    qty_t sum = 0;
    for (int i = 0; i < replay->count; i++) {
        const json_t *record = replay->records[i];
        if (is(record, "kind", "scan") && is(record, "doc", doc) && fate_of(replay, i) == FATE_LIVE)
            sum += allocated(record, line->line);
    }
    if (sum != line->tallied)
        snprintf(ret_why, WHY_BYTES, "line %s: %" PRId64 " by the records, %" PRId64 " kept", line->line, sum,
                 line->tallied);
    return sum == line->tallied;
}

static bool latches_agree(const struct replay *replay, const struct document *document, char *ret_why)
{
    int latched = 0;
    for (int i = 0; i < replay->count; i++) {
        const json_t *record = replay->records[i];
        if (!is(record, "kind", "scan") || !is(record, "doc", document->doc))
            continue;
        enum fate fate = fate_of(replay, i);
        latched += fate == FATE_LATCHED || fate == FATE_WAITING; /* a question is dealt with or latches, too */
    }
    if (latched != document->latched)
        snprintf(ret_why, WHY_BYTES, "%d latched by the records, %d kept", latched, document->latched);
    return latched == document->latched;
}

static enum document_state state_by_records(const struct replay *replay, const char *doc)
{
    enum document_state state = DOCUMENT_READY;
    for (int i = 0; i < replay->count; i++) {
        const json_t *record = replay->records[i];
        if (!is(record, "doc", doc))
            continue;
        if (is(record, "kind", "open"))
            state = DOCUMENT_OPEN;
        if (is(record, "kind", "complete"))
            state = DOCUMENT_COMPLETE;
        if (is(record, "kind", "abandon"))
            state = DOCUMENT_ABANDONED;
    }
    return state;
}

bool replay_opened(const struct replay *replay, const char *doc)
{
    return state_by_records(replay, doc) != DOCUMENT_READY;
}

bool replay_agrees(const struct replay *replay, struct store *store, const char *doc, char *ret_why)
{
    struct document *document = NULL;
    enum rc rc = store_document(store, doc, &document);
    if (rc != RC_OK) {
        snprintf(ret_why, WHY_BYTES, "%s: %s", doc, rc_word(rc));
        return false;
    }
    enum document_state state = state_by_records(replay, document->doc);
    /* what was given up here and is still in the catalog can be begun anew */
    bool anew = state == DOCUMENT_ABANDONED && document->state == DOCUMENT_READY;
    bool agrees = anew || state == document->state;
    if (!agrees)
        snprintf(ret_why, WHY_BYTES, "%s by the records, %s kept", document_state_word(state),
                 document_state_word(document->state));
    agrees = agrees && latches_agree(replay, document, ret_why);
    for (size_t i = 0; i < document->line_count && agrees; i++)
        agrees = line_agrees(replay, document->doc, &document->lines[i], ret_why);
    document_free(document);
    return agrees;
}
