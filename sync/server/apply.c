#include "sync/server/apply.h"
#include "app/domain/date.h"
#include "sync/server/answers.h"
#include "sync/server/cases.h"
#include "sync/server/changes.h"
#include "sync/server/claims.h"
#include "sync/server/conflicts.h"
#include "sync/server/entities.h"
#include "sync/server/provisional.h"
#include "sync/server/scope.h"
#include "sync/server/shares.h"
#include "sync/server/totals.h"
#include "sync/server/undo.h"
#include "sync/wire/quick.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *apply_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

void apply_note(struct apply_outcome *outcome, const char *word)
{
    size_t len = strlen(outcome->noted);
    if (len + strlen(word) + 1 <= APPLY_NOTED_MAX)
        snprintf(outcome->noted + len, sizeof outcome->noted - len, "%s%s", len ? "," : "", word);
}

void apply_refuse(struct apply_outcome *outcome, enum push_outcome kind, const char *word)
{
    outcome->outcome = kind;
    snprintf(outcome->word, sizeof outcome->word, "%s", word);
}

enum rc apply_begin(struct server *server, const struct answer_peer *peer, int64_t epoch,
                    struct apply_batch *ret_batch)
{
    char site[HOLDER_MAX + 1];
    *ret_batch = (struct apply_batch){.server = server, .peer = peer, .epoch = epoch};
    runs_keep(server);
    snprintf(site, sizeof site, "site:%s", peer->site);
    enum rc rc = changes_last(server, &ret_batch->since);
    if (!rc)
        rc = epochs_line(server, peer->device, epoch, &ret_batch->line);
    if (!rc)
        rc = scope_site_gone(server, peer->site, &ret_batch->site_gone);
    if (!rc)
        rc = scope_party_of(server, site, ret_batch->party);
    return rc || !ret_batch->party[0] ? rc : scope_read(server, peer->device, peer->site, &ret_batch->scope);
}

static void forget_document(struct apply_document *document)
{
    json_decref(document->body);
    json_decref(document->paper);
    json_decref(document->totals);
    json_decref(document->own);
    *document = (struct apply_document){0};
}

/* Writes what was counted, and tells other devices. */
static enum rc finish_document(struct apply_batch *batch, struct apply_document *document)
{
    enum rc rc = totals_flush(batch, document);
    if (!rc && document->share_changed)
        rc = shares_tell(batch, document);
    document->share_changed = false;
    return rc;
}

enum rc apply_finish(struct apply_batch *batch)
{
    enum rc rc = RC_OK;
    for (int i = 0; !rc && i < APPLY_DOCUMENTS_MAX; i++)
        rc = finish_document(batch, &batch->documents[i]);
    return rc ? rc : provisional_settle(batch->server, batch->since);
}

void apply_end(struct apply_batch *batch)
{
    runs_forget(batch->server);
    json_decref(batch->recalls);
    scope_free(&batch->scope);
    free(batch->flow);
    for (int i = 0; i < APPLY_DOCUMENTS_MAX; i++)
        forget_document(&batch->documents[i]);
    *batch = (struct apply_batch){0};
}

void apply_open(int64_t seq, const char *text, size_t len, struct apply_record *ret_record)
{
    json_t *body = quick_load(text, len, JSON_ALLOW_NUL);
    if (body && !json_is_object(body)) {
        json_decref(body);
        body = NULL;
    }
    *ret_record = (struct apply_record){.seq = seq,
                                        .body = body,
                                        .kind = apply_text(body, "kind"),
                                        .doc = apply_text(body, "doc"),
                                        .key = apply_text(body, "key")};
}

void apply_close(struct apply_record *record)
{
    json_decref(record->body);
    record->body = NULL;
}

enum rc apply_document(struct apply_batch *batch, const char *doc, struct apply_document **ret_document)
{
    json_t *body = NULL;
    for (int i = 0; i < APPLY_DOCUMENTS_MAX; i++)
        if (strcmp(batch->documents[i].doc, doc) == 0) {
            *ret_document = &batch->documents[i];
            return RC_OK;
        }
    struct apply_document *document = &batch->documents[batch->next_document++ % APPLY_DOCUMENTS_MAX];
    enum rc rc = finish_document(batch, document);
    if (!rc)
        rc = entities_get(batch->server, "document", doc, &body);
    if (rc && rc != RC_NOT_FOUND)
        return rc;
    forget_document(document);
    document->body = body;
    snprintf(document->doc, sizeof document->doc, "%s", doc);
    *ret_document = document;
    return RC_OK;
}

int64_t apply_epoch_of(const struct apply_batch *batch, int64_t seq)
{
    return epochs_end(&batch->line, seq)->epoch;
}

/* A device that these records were journaled as: this one, or one that it was before it was enrolled anew. */
static bool is_its_number(const struct apply_batch *batch, int64_t device)
{
    for (int i = 0; i < batch->line.count; i++)
        if (batch->line.ends[i].device == device)
            return true;
    return device == 0; /* done before the device was enrolled */
}

static enum rc rename_in(const struct apply_batch *batch, json_t *object, const char *member)
{
    const char *doc = apply_text(object, member);
    char name[DOC_MAX + 1];
    int64_t device, epoch, seq;
    int end = 0;
    if (sscanf(doc, "own:%15" SCNd64 "-%15" SCNd64 "-%15" SCNd64 "%n", &device, &epoch, &seq, &end) != 3 ||
        doc[end] || !is_its_number(batch, device))
        return RC_OK;
    const struct epochs_end *stream = epochs_end(&batch->line, seq);
    if (stream->epoch == epoch && (device == 0 || stream->device == device))
        return RC_OK;
    snprintf(name, sizeof name, "own:%" PRId64 "-%" PRId64 "-%" PRId64, device ? stream->device : 0, stream->epoch,
             seq);
    return json_object_set_new(object, member, json_string(name)) ? RC_NOMEM : RC_OK;
}

enum rc apply_rename(const struct apply_batch *batch, json_t *body)
{
    json_t *header = json_object_get(body, "header");
    enum rc rc = batch->line.count > 1 ? rename_in(batch, body, "doc") : RC_OK;
    return rc || batch->line.count < 2 || !json_is_object(header) ? rc : rename_in(batch, header, "of");
}

static enum rc apply_nothing(struct apply_batch *batch, const struct apply_record *record,
                             struct apply_outcome *outcome)
{
    (void)batch, (void)record, (void)outcome;
    return RC_OK;
}

static const struct {
    const char *kind;
    enum rc (*apply)(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome);
    bool of_document;
} KINDS[] = {
    {"scan", claims_scan, true},           {"confirm", claims_confirm, true},  {"undo", undo_record, true},
    {"set-aside", undo_record, true},      {"recheck", undo_record, true},     {"open", shares_open, true},
    {"complete", shares_complete, true},   {"abandon", shares_abandon, true},  {"sign-in", apply_nothing, false},
    {"sign-failed", apply_nothing, false}, {"sign-out", apply_nothing, false}, {"context", apply_nothing, true},
    {"evidence", cases_evidence, true},    {"answer", answers_record, false},
};

/* A record says itself which one it is, and when. Its number is the stream's; it may have been journaled before the device was led
 * into this epoch. */
static bool is_itself(const struct apply_batch *batch, const struct apply_record *record)
{
    const json_t *device = json_object_get(record->body, "device"), *epoch = json_object_get(record->body, "epoch"),
                 *seq = json_object_get(record->body, "seq");
    int64_t at_ms;
    return record->body && time_parse(apply_text(record->body, "at"), &at_ms) == RC_OK && json_is_integer(device) &&
           json_is_integer(epoch) && json_is_integer(seq) && is_its_number(batch, json_integer_value(device)) &&
           json_integer_value(epoch) >= 1 && json_integer_value(epoch) <= batch->epoch &&
           json_integer_value(seq) == record->seq;
}

/* A dealer's device speaks for its own site alone. */
static bool is_from_here(const struct apply_batch *batch, const struct apply_record *record)
{
    const char *site = apply_text(record->body, "site");
    return !batch->party[0] || !site[0] || strcmp(site, batch->peer->site) == 0;
}

/* Another device's own document: "own:DEVICE-EPOCH-SEQ"; of the time before it was enrolled nobody knows whose it is. */
static bool is_anothers_own(const struct apply_batch *batch, const char *doc)
{
    int64_t device, epoch, seq;
    return sscanf(doc, "own:%15" SCNd64 "-%15" SCNd64 "-%15" SCNd64, &device, &epoch, &seq) == 3 &&
           !is_its_number(batch, device);
}

static enum rc is_its_document(struct apply_batch *batch, const char *doc, bool *ret_its)
{
    struct apply_document *document;
    bool reach = true;
    enum rc rc = strlen(doc) <= DOC_MAX ? apply_document(batch, doc, &document) : RC_OK;
    if (rc || strlen(doc) > DOC_MAX || document->its != 0) {
        *ret_its = !rc && strlen(doc) <= DOC_MAX && document->its > 0;
        return rc;
    }
    rc = entities_reach(batch->server, &batch->scope, "document", doc, &reach);
    if (!rc)
        *ret_its = reach && !is_anothers_own(batch, doc);
    document->its = rc ? 0 : *ret_its ? 1 : -1;
    return rc;
}

/* A dealer's device works on its own papers alone: the document, and in a group each that is named. */
static enum rc are_its_documents(struct apply_batch *batch, const struct apply_record *record, bool *ret_its)
{
    static const char *const LISTS[] = {"lines", "alloc"};
    const json_t *one;
    size_t i;
    *ret_its = true;
    enum rc rc = batch->party[0] && record->doc[0] ? is_its_document(batch, record->doc, ret_its) : RC_OK;
    for (size_t list = 0; batch->party[0] && list < sizeof LISTS / sizeof LISTS[0]; list++) {
        json_array_foreach(json_object_get(record->body, LISTS[list]), i, one)
        {
            if (!rc && *ret_its && apply_text(one, "doc")[0])
                rc = is_its_document(batch, apply_text(one, "doc"), ret_its);
        }
    }
    return rc;
}

/* What the record says by itself forbids that it counts; "" nothing does. */
static const char *hold_word(const struct apply_batch *batch, const struct apply_record *record, bool its,
                             size_t kind)
{
    bool known = kind < sizeof KINDS / sizeof KINDS[0];
    bool doc_ok = known && (!KINDS[kind].of_document || (record->doc[0] && strlen(record->doc) <= DOC_MAX));
    if (batch->site_gone)
        return "no-site";
    if (!its || !is_itself(batch, record) || !is_from_here(batch, record) || strlen(record->key) > CODE_KEY_MAX ||
        (known && !doc_ok))
        return "bad-record";
    return known ? "" : "unknown-kind";
}

enum rc apply_record(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *ret_outcome)
{
    struct apply_outcome outcome = {.outcome = PUSH_ACCEPTED};
    size_t i = 0;
    bool its;
    enum rc rc = are_its_documents(batch, record, &its);
    while (i < sizeof KINDS / sizeof KINDS[0] && strcmp(KINDS[i].kind, record->kind) != 0)
        i++;
    if (rc)
        return rc;
    const char *word = hold_word(batch, record, its, i);
    if (word[0])
        apply_refuse(&outcome, PUSH_HELD, word);
    else
        rc = KINDS[i].apply(batch, record, &outcome);
    if (!rc)
        *ret_outcome = outcome;
    return rc;
}
