#include "sync/server/epochs.h"
#include "sync/server/conflicts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void read_anchor(struct db_stmt *stmt, int column, uint8_t ret_hash[CHAIN_HASH_BYTES])
{
    size_t len;
    const void *hash = db_blob(stmt, column, &len);
    memset(ret_hash, 0, CHAIN_HASH_BYTES);
    if (hash && len == CHAIN_HASH_BYTES)
        memcpy(ret_hash, hash, len);
}

enum rc epochs_line(struct server *server, int64_t device, int64_t epoch, struct epochs_line *ret_line)
{
    struct epochs_line line = {.count = 0};
    bool row = true;
    enum rc rc = RC_OK;
    while (!rc && row && line.count < EPOCHS_LINE_MAX) {
        struct epochs_end *end = &line.ends[line.count++];
        *end = (struct epochs_end){.device = device, .epoch = epoch};
        struct db_stmt *stmt = core_query(server, QUERY_STREAM_LINE);
        db_bind_int(stmt, 1, device);
        db_bind_int(stmt, 2, epoch);
        rc = db_step(stmt, &row);
        if (!rc && row) {
            end->base = db_int(stmt, 0);
            device = db_int(stmt, 1);
            epoch = db_int(stmt, 2);
            row = epoch > 0;
        }
        db_reset(stmt);
    }
    if (!rc && row && line.count == EPOCHS_LINE_MAX)
        rc = RC_TOO_BIG;
    if (!rc)
        *ret_line = line;
    return rc;
}

const struct epochs_end *epochs_end(const struct epochs_line *line, int64_t seq)
{
    int at = 0;
    while (at < line->count - 1 && seq <= line->ends[at].base)
        at++;
    return &line->ends[at];
}

enum rc epochs_stream(struct server *server, int64_t device, int64_t epoch, struct epochs_stream *ret_stream)
{
    struct db_stmt *stmt = core_query(server, QUERY_STREAM_ALL);
    struct epochs_stream stream = {.known = false};
    int64_t newest = 0;
    bool row = true;
    enum rc rc = RC_OK;
    db_bind_int(stmt, 1, device);
    db_bind_int(stmt, 2, EPOCH_SPANS_MAX);
    while (!rc && row && !stream.known) {
        rc = db_step(stmt, &row);
        if (rc || !row)
            break;
        newest = newest ? newest : db_int(stmt, 0);
        stream.known = db_int(stmt, 0) == epoch;
        stream.base = stream.known ? db_int(stmt, 1) : 0;
        stream.acked = stream.known ? db_int(stmt, 2) : 0;
        if (stream.known)
            read_anchor(stmt, 4, stream.anchor);
    }
    db_reset(stmt);
    if (rc)
        return rc;
    if (!newest && epoch == 1) /* a device that says its first word */
        stream.known = true;
    stream.newest = newest == epoch || !newest;
    *ret_stream = stream;
    return RC_OK;
}

/* ---- a device that asks ---- */

/* A stream of the device, or of the one that it was before it was enrolled anew. */
struct branch {
    int64_t device, epoch, base, acked;
    bool rootless; /* nobody has what was before it */
    uint8_t anchor[CHAIN_HASH_BYTES];
};

enum { BRANCHES_MAX = 2 * EPOCH_SPANS_MAX };

/* One question while it is worked on. */
struct asking {
    struct server *server;
    const struct answer_peer *peer;
    const struct epoch_request *request;
    int count, own; /* branches; those of the device itself come first, the newest first */
    struct branch branches[BRANCHES_MAX];
    int64_t device, epoch; /* the stream that the last common record is of; epoch 0 none */
    int64_t seq;           /* that record */
    bool none;             /* not even the first mark is known */
    bool cloned;
    struct epoch_reply reply;
};

static enum rc read_branches(struct asking *asking, int64_t device)
{
    struct db_stmt *stmt = core_query(asking->server, QUERY_STREAM_ALL);
    bool row = true;
    enum rc rc = RC_OK;
    db_bind_int(stmt, 1, device);
    db_bind_int(stmt, 2, EPOCH_SPANS_MAX);
    while (!rc && row && asking->count < BRANCHES_MAX) {
        rc = db_step(stmt, &row);
        if (rc || !row)
            break;
        struct branch *branch = &asking->branches[asking->count++];
        *branch = (struct branch){.device = device,
                                  .epoch = db_int(stmt, 0),
                                  .base = db_int(stmt, 1),
                                  .acked = db_int(stmt, 2),
                                  .rootless = db_int(stmt, 1) > 0 && db_int(stmt, 3) == 0};
        read_anchor(stmt, 4, branch->anchor);
    }
    db_reset(stmt);
    return rc;
}

static enum rc has_hash(struct asking *asking, const struct branch *branch, const struct epoch_mark *mark,
                        bool *ret_has)
{
    struct db_stmt *stmt = core_query(asking->server, QUERY_RECORD_HASH);
    bool row;
    size_t len;
    db_bind_int(stmt, 1, branch->device);
    db_bind_int(stmt, 2, branch->epoch);
    db_bind_int(stmt, 3, mark->seq);
    enum rc rc = db_step(stmt, &row);
    const void *hash = !rc && row ? db_blob(stmt, 0, &len) : NULL;
    *ret_has = hash && len == CHAIN_HASH_BYTES && memcmp(hash, mark->hash, len) == 0;
    db_reset(stmt);
    return rc;
}

/* A hash says all that was before it: of whatever stream the record is, so are those before. */
static enum rc find_mark(struct asking *asking, const struct epoch_mark *mark, bool *ret_found)
{
    static const uint8_t zeros[CHAIN_HASH_BYTES];
    enum rc rc = RC_OK;
    *ret_found = mark->seq == 0 && memcmp(mark->hash, zeros, sizeof zeros) == 0;
    asking->epoch = 0;
    for (int i = 0; !rc && !*ret_found && i < asking->count; i++) {
        const struct branch *branch = &asking->branches[i];
        if (mark->seq > branch->base && mark->seq <= branch->acked)
            rc = has_hash(asking, branch, mark, ret_found);
        else if (mark->seq == branch->base && branch->rootless)
            *ret_found = memcmp(branch->anchor, mark->hash, CHAIN_HASH_BYTES) == 0;
        if (*ret_found) {
            asking->device = branch->device;
            asking->epoch = branch->epoch;
        }
    }
    if (*ret_found)
        asking->seq = mark->seq;
    return rc;
}

/* The last mark that is known here; *ret_settled: it is the last common record. */
static enum rc find_common(struct asking *asking, bool *ret_settled)
{
    const struct epoch_request *request = asking->request;
    int i = request->count;
    bool found = false;
    enum rc rc = RC_OK;
    while (!rc && !found && i > 0)
        rc = find_mark(asking, &request->marks[--i], &found);
    asking->none = !found;
    *ret_settled = !found || i == request->count - 1 || request->marks[i + 1].seq == request->marks[i].seq + 1;
    return rc;
}

/* On the way of the newest stream: the device as it lives has been there. A device that is new under its number has no other
 * life. */
static enum rc is_alive(struct asking *asking, bool *ret_alive)
{
    struct epochs_line line;
    int64_t upper = INT64_MAX;
    *ret_alive = asking->own == 0 || asking->epoch == 0;
    if (*ret_alive)
        return RC_OK;
    enum rc rc = epochs_line(asking->server, asking->peer->device, asking->branches[0].epoch, &line);
    for (int i = 0; !rc && i < line.count; i++) {
        const struct epochs_end *end = &line.ends[i];
        *ret_alive |= end->device == asking->device && end->epoch == asking->epoch && asking->seq <= upper;
        upper = end->base;
    }
    return rc;
}

static enum rc note(struct asking *asking, const char *kind, int64_t epoch, int64_t seq, const char *detail)
{
    struct conflict conflict = {kind, "", "", asking->peer->device, epoch, seq, NULL, detail, 0};
    return conflicts_add(asking->server, &conflict);
}

static enum rc stop(struct asking *asking)
{
    asking->cloned = true;
    return note(asking, "cloned", asking->request->epoch, asking->seq,
                "a copy of this device that lives on; it has to be enrolled anew");
}

/* The way of its journal through its own streams. */
static enum rc tell_spans(struct asking *asking, int64_t epoch)
{
    struct epoch_reply *reply = &asking->reply;
    struct epochs_line line;
    enum rc rc = epochs_line(asking->server, asking->peer->device, epoch, &line);
    int own = 0;
    while (!rc && own < line.count && own < EPOCH_SPANS_MAX && line.ends[own].device == asking->peer->device)
        own++;
    for (int i = 0; !rc && i < own; i++)
        reply->spans[own - 1 - i] = (struct epoch_span){line.ends[i].epoch, line.ends[i].base};
    reply->count = own;
    reply->epoch = epoch;
    reply->seq = asking->seq;
    return rc;
}

static const uint8_t *hash_of(const struct asking *asking)
{
    const struct epoch_request *request = asking->request;
    int i = 0;
    while (request->marks[i].seq != asking->seq)
        i++;
    return request->marks[i].hash;
}

static enum rc branch_off(struct asking *asking)
{
    const struct epoch_request *request = asking->request;
    int64_t newest = asking->own ? asking->branches[0].epoch : 0;
    int64_t epoch = (newest > request->epoch ? newest : request->epoch) + 1;
    char detail[120];
    struct db_stmt *stmt = core_query(asking->server, QUERY_STREAM_ADD);
    db_bind_int(stmt, 1, asking->peer->device);
    db_bind_int(stmt, 2, epoch);
    db_bind_int(stmt, 3, asking->seq);
    db_bind_int(stmt, 4, asking->epoch ? asking->device : 0);
    db_bind_int(stmt, 5, asking->epoch);
    db_bind_blob(stmt, 6, hash_of(asking), CHAIN_HASH_BYTES);
    enum rc rc = db_run(stmt);
    snprintf(detail, sizeof detail, "goes on after record %lld%s", (long long)asking->seq,
             asking->reply.missing ? "; records before it are nowhere any more" : "");
    if (!rc)
        rc = note(asking, asking->device != asking->peer->device && asking->epoch ? "enrolled-anew" : "led-back",
                  epoch, asking->seq, detail);
    return rc ? rc : tell_spans(asking, epoch);
}

/* What it keeps begins after what the server has: that much is lost, the rest is not. */
static bool can_begin_later(struct asking *asking)
{
    int64_t acked = asking->own ? asking->branches[0].acked : 0;
    int64_t before = asking->request->first - 1;
    if (acked >= before)
        return false;
    asking->seq = before;
    asking->device = asking->epoch = 0;
    asking->reply.missing = before - acked;
    return true;
}

static enum rc lead(struct asking *asking)
{
    const struct branch *newest = asking->own ? &asking->branches[0] : NULL;
    bool alive = false;
    enum rc rc = is_alive(asking, &alive);
    if (rc)
        return rc;
    if (!alive || asking->own >= EPOCH_SPANS_MAX || (asking->none && !can_begin_later(asking)))
        return stop(asking);
    /* nothing parted: it has what is here, and maybe more */
    if (newest && asking->epoch == newest->epoch && asking->device == asking->peer->device &&
        asking->seq == newest->acked && asking->request->epoch == newest->epoch)
        return tell_spans(asking, newest->epoch);
    return branch_off(asking);
}

static enum rc ask(struct asking *asking)
{
    int64_t before = asking->request->device;
    bool settled = false;
    enum rc rc = read_branches(asking, asking->peer->device);
    asking->own = asking->count;
    if (!rc && before && before != asking->peer->device)
        rc = read_branches(asking, before);
    if (!rc)
        rc = find_common(asking, &settled);
    if (rc)
        return rc;
    asking->reply.seq = asking->seq;
    return settled ? lead(asking) : RC_OK;
}

/* Alone: two copies that ask at once get different numbers. */
static enum rc transact(struct asking *asking)
{
    enum rc rc = db_begin(asking->server->db);
    if (rc)
        return rc;
    rc = ask(asking);
    if (!rc)
        return db_commit(asking->server->db);
    db_rollback(asking->server->db);
    return rc;
}

static void answer(struct asking *asking, struct api_reply *ret_reply)
{
    char *text = NULL;
    size_t len = 0;
    enum rc rc = transact(asking);
    if (rc) {
        answer_failed(asking->server, rc, "leading a device back", ret_reply);
    } else if (asking->cloned) {
        answer_no(asking->server, 403, REFUSAL_CLONED,
                  "another device goes on with what this one was copied from: enrol this one anew", ret_reply);
    } else {
        asking->reply.head = answer_head(asking->server);
        rc = epoch_reply_encode(&asking->reply, &text, &len);
        answer_ok(asking->server, rc, text, len, ret_reply);
    }
}

void epochs_ask(struct server *server, const struct answer_peer *peer, const struct api_request *request,
                struct api_reply *ret_reply)
{
    struct epoch_request *message = calloc(1, sizeof *message);
    struct asking *asking = calloc(1, sizeof *asking);
    if (!message || !asking) {
        answer_failed(server, RC_NOMEM, "leading a device back", ret_reply);
    } else if (epoch_request_decode(request->body, request->body_len, message)) {
        answer_no(server, 400, REFUSAL_BAD_MESSAGE, "not a question for an epoch", ret_reply);
    } else {
        asking->server = server;
        asking->peer = peer;
        asking->request = message;
        answer(asking, ret_reply);
    }
    free(asking);
    free(message);
}
