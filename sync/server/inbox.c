#include "sync/server/inbox.h"
#include "app/domain/chain.h"
#include "sync/server/ahead.h"
#include "sync/server/conflicts.h"
#include "sync/server/epochs.h"
#include "sync/wire/push.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    GOODS_NAMED_MAX = 128, /* with more in a batch, one that is in another's way is done again */
    NAMES_MAX = 1 + 2 * BATCH_MORE_MAX
};
static_assert((int)NAMES_MAX <= (int)DB_LOCKS_MAX, "a push may wait for so many turns");

/* One push while it is worked on. */
struct inbox {
    struct server *server;
    const struct answer_peer *peer;
    struct push_request request;
    struct epochs_stream stream; /* as it was before */
    int64_t acked, last;         /* its watermark; the last record of this batch */
    uint8_t hashes[BATCH_MORE_MAX][CHAIN_HASH_BYTES];
    int64_t fork_seq; /* first record that we have otherwise, 0 none */
    struct push_reply reply;
};

/* All but hashes and verdicts, which are many: those are written before they are read. */
static void inbox_clear(struct inbox *inbox)
{
    inbox->stream = (struct epochs_stream){0};
    inbox->request = (struct push_request){0};
    inbox->reply.head = (struct reply_head){0};
    inbox->acked = inbox->last = inbox->fork_seq = inbox->reply.acked = 0;
    inbox->reply.count = 0;
}

/* RC_FORK: an epoch that nobody was given here, or a record that is before it. */
static enum rc read_watermark(struct inbox *inbox)
{
    enum rc rc = epochs_stream(inbox->server, inbox->peer->device, inbox->request.epoch, &inbox->stream);
    inbox->acked = inbox->stream.acked;
    if (rc || (inbox->stream.known && inbox->request.first > inbox->stream.base))
        return rc;
    inbox->fork_seq = inbox->request.first;
    return RC_FORK;
}

/* The hash of the record before the batch: zeros before the very first. */
static enum rc read_previous(struct inbox *inbox, uint8_t ret_hash[CHAIN_HASH_BYTES])
{
    bool row;
    size_t len;
    memcpy(ret_hash, inbox->stream.anchor, CHAIN_HASH_BYTES);
    if (inbox->request.first == inbox->stream.base + 1)
        return RC_OK;
    struct db_stmt *stmt = core_query(inbox->server, QUERY_RECORD_HASH);
    db_bind_int(stmt, 1, inbox->peer->device);
    db_bind_int(stmt, 2, inbox->request.epoch);
    db_bind_int(stmt, 3, inbox->request.first - 1);
    enum rc rc = db_step(stmt, &row);
    if (rc || !row)
        return rc ? rc : RC_CORRUPT;
    const void *hash = db_blob(stmt, 0, &len);
    if (len == CHAIN_HASH_BYTES)
        memcpy(ret_hash, hash, len);
    else
        rc = RC_CORRUPT;
    db_reset(stmt);
    return rc;
}

/* RC_BAD_INPUT: the records don't come to the head that was signed. */
static enum rc check_chain(struct inbox *inbox)
{
    uint8_t hash[CHAIN_HASH_BYTES];
    const char *body;
    size_t offset = 0, len;
    enum rc rc = read_previous(inbox, hash);
    for (int i = 0; !rc && push_next(&inbox->request, &offset, &body, &len); i++) {
        chain_next(hash, body, len, hash);
        memcpy(inbox->hashes[i], hash, sizeof hash);
    }
    if (!rc && memcmp(hash, inbox->request.head, sizeof hash) != 0)
        rc = RC_BAD_INPUT;
    return rc;
}

/* Stored verdicts for what we have already; a record that we have otherwise is a fork. */
static enum rc repeat(struct inbox *inbox)
{
    struct db_stmt *stmt = core_query(inbox->server, QUERY_RECORD_RANGE);
    bool row = true;
    size_t len;
    enum rc rc = RC_OK;
    db_bind_int(stmt, 1, inbox->peer->device);
    db_bind_int(stmt, 2, inbox->request.epoch);
    db_bind_int(stmt, 3, inbox->request.first);
    db_bind_int(stmt, 4, inbox->last);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (rc || !row)
            continue;
        int64_t i = db_int(stmt, 0) - inbox->request.first;
        const void *hash = db_blob(stmt, 1, &len);
        struct push_verdict *verdict = &inbox->reply.verdicts[i];
        if (len != CHAIN_HASH_BYTES || memcmp(hash, inbox->hashes[i], len) != 0) {
            inbox->fork_seq = db_int(stmt, 0);
            break;
        }
        verdict->outcome = (enum push_outcome)db_int(stmt, 2);
        snprintf(verdict->word, sizeof verdict->word, "%s", db_text(stmt, 3));
    }
    db_reset(stmt);
    return rc;
}

static enum rc store(struct inbox *inbox, const struct apply_record *record, const struct apply_outcome *outcome,
                     const char *body, size_t len)
{
    struct db_stmt *stmt = core_query(inbox->server, QUERY_RECORD_ADD);
    db_bind_int(stmt, 1, inbox->peer->device);
    db_bind_int(stmt, 2, inbox->request.epoch);
    db_bind_int(stmt, 3, record->seq);
    db_bind_blob(stmt, 4, inbox->hashes[record->seq - inbox->request.first], CHAIN_HASH_BYTES);
    db_bind_int(stmt, 5, (int64_t)outcome->outcome);
    db_bind_text(stmt, 6, outcome->word);
    db_bind_text_or_null(stmt, 7, outcome->noted);
    db_bind_text(stmt, 8, record->kind);
    db_bind_text_or_null(stmt, 9, record->doc);
    /* what is no key is not looked for by it, and an index takes only so much */
    db_bind_text_or_null(stmt, 10, strlen(record->key) <= CODE_KEY_MAX ? record->key : "");
    db_bind_int(stmt, 11, core_now_ms(inbox->server));
    db_bind_bytes(stmt, 12, body, len);
    return db_run(stmt);
}

static enum rc take_one(struct inbox *inbox, struct apply_batch *batch, struct apply_record *record, const char *body,
                        size_t len)
{
    struct push_verdict *verdict = &inbox->reply.verdicts[record->seq - inbox->request.first];
    struct apply_outcome outcome;
    enum rc rc = apply_rename(batch, record->body);
    record->doc = apply_text(record->body, "doc");
    if (!rc)
        rc = apply_record(batch, record, &outcome);
    if (!rc)
        rc = store(inbox, record, &outcome, body, len);
    if (!rc) {
        verdict->outcome = outcome.outcome;
        memcpy(verdict->word, outcome.word, sizeof verdict->word);
    }
    return rc;
}

static enum rc take_new(struct inbox *inbox, struct ahead *ahead)
{
    struct apply_batch batch;
    struct apply_record *record;
    const char *body;
    size_t len;
    enum rc rc = apply_begin(inbox->server, inbox->peer, inbox->request.epoch, &batch);
    while (!rc && (record = ahead_next(ahead, &body, &len)))
        if (record->seq > inbox->acked)
            rc = take_one(inbox, &batch, record, body, len);
    if (!rc)
        rc = apply_finish(&batch);
    apply_end(&batch);
    struct db_stmt *stmt = core_query(inbox->server, QUERY_STREAM_SET);
    db_bind_int(stmt, 1, inbox->peer->device);
    db_bind_int(stmt, 2, inbox->request.epoch);
    db_bind_int(stmt, 3, inbox->last);
    if (!rc)
        rc = db_run(stmt);
    stmt = core_query(inbox->server, QUERY_DEVICE_SEEN);
    db_bind_int(stmt, 1, inbox->peer->device);
    db_bind_int(stmt, 2, core_now_ms(inbox->server));
    return rc ? rc : db_run(stmt);
}

/* Kept: somebody has to look at a device that was restored or cloned. */
static enum rc note_fork(struct inbox *inbox)
{
    struct conflict conflict = {
        "fork", "", "", inbox->peer->device, inbox->request.epoch, inbox->fork_seq, NULL, "restored or cloned device",
        0};
    return conflicts_add(inbox->server, &conflict);
}

/* Words that need nobody's hand: what waits for the books, and what spoke of a record that is not counted. */
static bool speaks_for_itself(const struct push_verdict *verdict)
{
    return verdict->outcome == PUSH_ACCEPTED || strcmp(verdict->word, "provisional") == 0 ||
           strcmp(verdict->word, "not-counted") == 0;
}

/* What else can be said of those that do not count. */
static enum rc add_abouts(struct inbox *inbox)
{
    int said = 0;
    char site[HOLDER_MAX + 1], party[ID_MAX + 1] = "";
    enum rc rc = RC_OK;
    for (int i = 0; !rc && i < inbox->request.count && said < PUSH_ABOUT_MAX; i++) {
        struct push_verdict *verdict = &inbox->reply.verdicts[i];
        struct conflict_record record = {inbox->peer->device, inbox->request.epoch, inbox->request.first + i, ""};
        if (speaks_for_itself(verdict))
            continue;
        if (said++ == 0) {
            snprintf(site, sizeof site, "site:%s", inbox->peer->site);
            rc = scope_party_of(inbox->server, site, party);
        }
        if (!rc)
            rc = conflicts_about(inbox->server, &record, inbox->peer->site, party[0] != '\0', &verdict->about);
    }
    return rc;
}

/* Whose the batch is, and what of it is here already. RC_BAD_INPUT (chain), RC_AUTH (signature). */
static enum rc check(struct inbox *inbox)
{
    uint8_t key[PUBLIC_KEY_BYTES] = {0};
    bool row;
    size_t len = 0;
    enum rc rc = check_chain(inbox);
    if (rc)
        return rc;
    struct db_stmt *stmt = core_query(inbox->server, QUERY_DEVICE_GET);
    db_bind_int(stmt, 1, inbox->peer->device);
    rc = db_step(stmt, &row);
    const void *known = !rc && row ? db_blob(stmt, 1, &len) : NULL;
    if (known && len == sizeof key)
        memcpy(key, known, len);
    db_reset(stmt);
    if (!rc && !push_verify(key, inbox->peer->device, &inbox->request))
        rc = RC_AUTH;
    return rc ? rc : repeat(inbox);
}

/* Within the transaction. RC_GAP, RC_BAD_INPUT (chain), RC_AUTH (signature), RC_FORK. */
static enum rc take(struct inbox *inbox)
{
    struct ahead *ahead = NULL;
    enum rc rc = read_watermark(inbox);
    if (!rc && inbox->request.first > inbox->acked + 1)
        rc = RC_GAP;
    bool news = !rc && inbox->last > inbox->acked;
    if (news)
        rc = ahead_begin(&inbox->request, &ahead);
    if (!rc)
        rc = check(inbox);
    /* another life of this device has gone on from before these: they are not what comes next */
    if (!rc && !inbox->fork_seq && news && !inbox->stream.newest)
        inbox->fork_seq = inbox->acked + 1;
    if (!rc && inbox->fork_seq)
        rc = note_fork(inbox);
    else if (!rc && news)
        rc = take_new(inbox, ahead);
    ahead_end(ahead);
    return rc || inbox->fork_seq ? rc : add_abouts(inbox);
}

/* A thing's name among those that pushes take turns for. */
static int64_t name_of(const char *kind, const char *text)
{
    uint64_t hash = 0xcbf29ce484222325; /* FNV-1a */
    int64_t name;
    for (; *kind; kind++)
        hash = (hash ^ (uint8_t)*kind) * 0x100000001b3;
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * 0x100000001b3;
    memcpy(&name, &hash, sizeof name);
    return name;
}

/* What this push takes turns for: the device, the documents, and the goods where they are not many. */
static int name_things(const struct inbox *inbox, int64_t *ret_names)
{
    struct apply_record record;
    char device[24];
    const char *body;
    size_t offset = 0, len;
    int count = 1;
    snprintf(device, sizeof device, "%lld", (long long)inbox->peer->device);
    ret_names[0] = name_of("device:", device);
    while (push_next(&inbox->request, &offset, &body, &len)) {
        apply_open(inbox->request.first, body, len, &record);
        if (record.doc[0])
            ret_names[count++] = name_of("doc:", record.doc);
        if (record.key[0] && inbox->request.count <= GOODS_NAMED_MAX)
            ret_names[count++] = name_of("key:", record.key);
        apply_close(&record);
    }
    return count;
}

static enum rc take_all(void *context)
{
    struct inbox *inbox = context;
    inbox->fork_seq = 0;
    memset(inbox->reply.verdicts, 0, (size_t)inbox->request.count * sizeof inbox->reply.verdicts[0]);
    return take(inbox);
}

static enum rc transact(struct inbox *inbox)
{
    struct db *db = inbox->server->db;
    int64_t names[NAMES_MAX];
    int count = db_takes_turns(db) ? name_things(inbox, names) : 0;
    enum rc rc = db_transact_on(db, names, count, take_all, inbox);
    return !rc && inbox->fork_seq ? RC_FORK : rc;
}

static void answer_ack(struct inbox *inbox, struct api_reply *ret_reply)
{
    char *text = NULL;
    size_t len = 0;
    inbox->reply.head = answer_head(inbox->server);
    inbox->reply.acked = inbox->last > inbox->acked ? inbox->last : inbox->acked;
    inbox->reply.count = inbox->request.count;
    enum rc rc = push_reply_encode(&inbox->reply, &text, &len);
    answer_ok(inbox->server, rc, text, len, ret_reply);
}

static void answer(struct inbox *inbox, enum rc rc, struct api_reply *ret_reply)
{
    struct refusal gap = {.kind = REFUSAL_GAP, .text = "records are missing", .expected = inbox->acked + 1};
    struct refusal fork = {.kind = REFUSAL_FORK,
                           .text = "other records are known under these numbers",
                           .seq = inbox->fork_seq,
                           .acked = inbox->acked};
    if (!rc)
        answer_ack(inbox, ret_reply);
    else if (rc == RC_GAP)
        answer_refusal(inbox->server, 409, &gap, ret_reply);
    else if (rc == RC_FORK)
        answer_refusal(inbox->server, 409, &fork, ret_reply);
    else if (rc == RC_BAD_INPUT)
        answer_no(inbox->server, 422, REFUSAL_BAD_CHAIN, "the records do not come to the head that was signed",
                  ret_reply);
    else if (rc == RC_AUTH)
        answer_no(inbox->server, 422, REFUSAL_BAD_SIGNATURE, "the batch is not signed by this device", ret_reply);
    else
        answer_failed(inbox->server, rc, "taking records", ret_reply);
}

void inbox_push(struct server *server, const struct answer_peer *peer, const struct api_request *request,
                struct api_reply *ret_reply)
{
    struct inbox *inbox = malloc(sizeof *inbox);
    if (!inbox) {
        answer_failed(server, RC_NOMEM, "taking records", ret_reply);
        return;
    }
    inbox_clear(inbox);
    inbox->server = server;
    inbox->peer = peer;
    enum rc rc = push_request_decode(request->body, request->body_len, &inbox->request);
    if (rc == RC_OK) {
        inbox->last = inbox->request.first + inbox->request.count - 1;
        answer(inbox, transact(inbox), ret_reply);
    } else if (rc == RC_TOO_BIG) {
        answer_no(server, 413, REFUSAL_TOO_BIG, "too many or too long records", ret_reply);
    } else {
        answer_no(server, 400, REFUSAL_BAD_MESSAGE, "not a push", ret_reply);
    }
    free(inbox);
}
