#include "sync/server/answers.h"
#include "sync/server/claims.h"
#include "sync/server/conflicts.h"
#include "sync/server/shares.h"
#include <string.h>

/* The record that is answered: what became of it. */
struct answered {
    int64_t seq;
    enum push_outcome outcome;
    char word[WORD_MAX + 1];
    json_t *body; /* owned; NULL: there is none, or none that can be read */
};

static enum rc read_answered(struct apply_batch *batch, struct answered *answered)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_RECORD_GET);
    const struct epochs_end *stream = epochs_end(&batch->line, answered->seq);
    bool row;
    db_bind_int(stmt, 1, stream->device);
    db_bind_int(stmt, 2, stream->epoch);
    db_bind_int(stmt, 3, answered->seq);
    enum rc rc = db_step(stmt, &row);
    if (!rc && row) {
        const char *word = db_text(stmt, 1);
        answered->outcome = (enum push_outcome)db_int(stmt, 0);
        if (strlen(word) < sizeof answered->word)
            memcpy(answered->word, word, strlen(word) + 1);
        answered->body = json_loads(db_text(stmt, 3), JSON_ALLOW_NUL, NULL);
    }
    db_reset(stmt);
    return rc;
}

/* What was held for another reason than its goods has had no conflict so far: a manager finds it among them from now on. */
static enum rc answer(struct apply_batch *batch, const struct apply_record *record, const struct answered *answered,
                      const char *what)
{
    const struct epochs_end *stream = epochs_end(&batch->line, answered->seq);
    const struct conflict_answer given = {.what = what,
                                          .operator= apply_text(record->body, "operator"),
                                          .supervisor = apply_text(record->body, "supervisor"),
                                          .at = apply_text(record->body, "at"),
                                          .device = stream->device,
                                          .epoch = stream->epoch,
                                          .seq = record->seq};
    enum rc rc = conflicts_answer(batch->server, answered->seq, &given);
    if (rc != RC_NOT_FOUND)
        return rc;
    const struct conflict conflict = {.kind = answered->word,
                                      .key = apply_text(answered->body, "key"),
                                      .doc = apply_text(answered->body, "doc"),
                                      .device = stream->device,
                                      .epoch = stream->epoch,
                                      .seq = answered->seq,
                                      .detail = ""};
    rc = conflicts_add(batch->server, &conflict);
    return rc ? rc : conflicts_answer(batch->server, answered->seq, &given);
}

/* Goods of a document that is done here count at once, and make a further result. */
static enum rc keep(struct apply_batch *batch, const struct apply_record *record, const struct answered *answered,
                    struct apply_outcome *outcome)
{
    const json_t *opening = json_object_get(record->body, "opening");
    bool closed = strcmp(apply_text(opening, "doc"), record->doc) == 0;
    enum rc rc = closed ? shares_ensure(batch, opening) : RC_OK;
    if (!rc)
        rc = claims_keep(batch, record, answered->body, outcome);
    return rc || !closed || outcome->outcome != PUSH_ACCEPTED ? rc : shares_complete(batch, record, outcome);
}

static bool is_goods(const struct answered *answered)
{
    const char *kind = apply_text(answered->body, "kind");
    return strcmp(kind, "scan") == 0 || strcmp(kind, "confirm") == 0;
}

/* Can this be said of that record? */
static bool fits(const struct apply_record *record, const struct answered *answered, const char *what)
{
    if (!answered->body || answered->outcome == PUSH_ACCEPTED ||
        strcmp(apply_text(answered->body, "doc"), record->doc) != 0)
        return false;
    if (strcmp(what, "keep") == 0)
        return is_goods(answered) && apply_text(record->body, "supervisor")[0];
    return strcmp(what, "not-mine") == 0 || strcmp(what, "settled") == 0 ||
           (strcmp(what, "take-out") == 0 && is_goods(answered));
}

enum rc answers_record(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *outcome)
{
    struct answered answered = {.seq = json_integer_value(json_object_get(record->body, "ref"))};
    const char *what = apply_text(record->body, "answer");
    enum rc rc = read_answered(batch, &answered);
    if (!rc && !fits(record, &answered, what))
        apply_refuse(outcome, PUSH_HELD, "bad-record");
    else if (!rc && strcmp(what, "keep") == 0)
        rc = keep(batch, record, &answered, outcome);
    /* what the device was told itself says nothing new */
    if (!rc && outcome->outcome == PUSH_ACCEPTED && strcmp(what, "settled") != 0)
        rc = answer(batch, record, &answered, what);
    json_decref(answered.body);
    return rc;
}
