/* Fuzzes what a server may say to a device: the input is a script of answers, each a byte for its kind, two for its length, and its
 * body. `+`: what a good server would say to that request; another byte: its place in a table of statuses. The device keeps
 * to its own records whatever it hears, and what it would show is fit for a screen. */
#include "sync/client/client.h"
#include "sync/client/trace.h"
#include "sync/wire/challenge.h"
#include "sync/wire/enrol.h"
#include "sync/wire/pull.h"
#include "sync/wire/push.h"
#include "sync/wire/session.h"
#include "sync/wire/snapshot.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORDS = 700, RECORD_BYTES = 3, HEAD = 3, STEPS_MAX = 200, SNAPSHOT_BYTES = 64 };

static const int STATUSES[] = {200, 206, 200, 400, 401, 403, 404, 409, 410, 413, 416, 422, 429, 500, 503, 0};

static struct device {
    const uint8_t *script;
    size_t left;
    char *given;    /* the body that was handed out last */
    uint8_t *exact; /* the same, of a heap of its own */
    struct sync_identity identity;
    struct sync_state state;
    struct sync_snapshot snapshot;
    bool fetching;
    int64_t have;
    char lines[RECORDS * RECORD_BYTES + 1];
} device;

static void demand(bool holds, const char *wrong)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz_client: %s\n", wrong);
    abort();
}

/* ---- the store ---- */

static enum rc get_state(void *context, struct sync_state *ret_state)
{
    (void)context;
    *ret_state = device.state;
    return RC_OK;
}

static enum rc get_batch(void *context, int64_t first, int max, struct sync_batch *ret_batch)
{
    (void)context;
    demand(first == device.state.acked_seq + 1 && first <= RECORDS && max >= 1, "a batch that is none");
    int count = RECORDS - (int)first + 1 < max ? RECORDS - (int)first + 1 : max;
    *ret_batch = (struct sync_batch){.first_seq = first,
                                     .count = count,
                                     .lines = device.lines + (first - 1) * RECORD_BYTES,
                                     .len = (size_t)count * RECORD_BYTES};
    return RC_OK;
}

static enum rc get_hash(void *context, int64_t seq, uint8_t ret_hash[CHAIN_HASH_BYTES])
{
    (void)context;
    memset(ret_hash, (int)seq, CHAIN_HASH_BYTES);
    return RC_OK;
}

static enum rc set_acked(void *context, int64_t seq, const struct sync_receipt *receipts, int count)
{
    (void)context;
    demand(seq > device.state.acked_seq && seq <= RECORDS, "acknowledged is what was not sent");
    for (int i = 0; i < count; i++) {
        demand(receipts[i].seq > device.state.acked_seq && receipts[i].seq <= seq, "a verdict on another record");
        demand(receipts[i].verdict != SYNC_ACCEPTED && strlen(receipts[i].reason) < sizeof receipts[i].reason,
               "no verdict");
    }
    device.state.acked_seq = seq;
    return RC_OK;
}

static enum rc take_page(void *context, const struct sync_page *page)
{
    (void)context;
    demand(pull_cursor_ok(page->cursor), "a cursor that can't be asked for");
    demand(page->applied_seq >= 0 && page->applied_seq <= device.state.acked_seq, "more is applied than was sent");
    demand(page->len == 0 || page->lines[page->len - 1] == '\n', "a page that is cut off");
    memcpy(device.state.cursor, page->cursor, sizeof device.state.cursor);
    device.state.applied_seq = page->applied_seq;
    return RC_OK;
}

static enum rc take_heard(void *context, const char *history, int64_t server_ms)
{
    (void)context, (void)server_ms;
    demand(history[0] && strlen(history) <= HISTORY_MAX, "no history");
    snprintf(device.state.history, sizeof device.state.history, "%s", history);
    return RC_OK;
}

static enum rc restart(void *context, const char *history, int64_t acked)
{
    (void)context;
    demand(acked >= 0 && acked <= device.state.acked_seq && history[0], "begun again from what was never sent");
    device.state.acked_seq = acked;
    device.state.applied_seq = 0;
    device.state.cursor[0] = '\0';
    snprintf(device.state.history, sizeof device.state.history, "%s", history);
    return RC_OK;
}

static enum rc get_identity(void *context, struct sync_identity *ret_identity)
{
    (void)context;
    *ret_identity = device.identity;
    return RC_OK;
}

static enum rc set_identity(void *context, const struct sync_identity *identity)
{
    (void)context;
    demand(!device.identity.enrolled || identity->device == device.identity.device, "it took another's number");
    demand(!identity->enrolled || (identity->device > 0 && enrol_url_ok(identity->url) && identity->site[0]),
           "no identity");
    device.identity = *identity;
    return RC_OK;
}

static enum rc kept(void *context, struct sync_snapshot *ret_snapshot, int64_t *ret_have)
{
    (void)context;
    *ret_snapshot = device.snapshot;
    *ret_have = device.have;
    return device.fetching ? RC_OK : RC_NOT_FOUND;
}

static enum rc begin_snapshot(void *context, const struct sync_snapshot *snapshot)
{
    (void)context;
    demand(snapshot->size > 0 && snapshot->size <= SNAPSHOT_BYTES_MAX && pull_cursor_ok(snapshot->cursor),
           "no snapshot");
    demand(snapshot->applied_seq <= device.state.acked_seq && snapshot->history[0], "a snapshot of the future");
    if (snapshot->size > SNAPSHOT_BYTES)
        return snapshot->schema > 9 ? RC_NEWER : RC_DISK_FULL;
    device.snapshot = *snapshot;
    device.fetching = true;
    device.have = 0;
    return RC_OK;
}

static enum rc put(void *context, const void *bytes, size_t len)
{
    (void)context, (void)bytes;
    demand(device.fetching, "bytes of no snapshot");
    if (len > (size_t)(device.snapshot.size - device.have))
        return RC_PEER;
    device.have += (int64_t)len;
    return RC_OK;
}

static enum rc end_snapshot(void *context)
{
    (void)context;
    demand(device.fetching && device.have == device.snapshot.size, "it ends before its end");
    device.fetching = false;
    if (device.snapshot.hash[0] & 1)
        return RC_CORRUPT;
    memcpy(device.state.cursor, device.snapshot.cursor, sizeof device.state.cursor);
    device.state.applied_seq = device.snapshot.applied_seq;
    return RC_OK;
}

static void drop(void *context)
{
    (void)context;
    device.fetching = false;
}

/* ---- a good server ---- */

static char *good(const char *path, size_t *ret_len)
{
    static struct push_reply push;
    const struct reply_head head = {.history = "H", .time_ms = 1795324353000};
    char *text = NULL;
    push = (struct push_reply){.head = head, .acked = device.state.acked_seq + BATCH_MAX, .count = BATCH_MAX};
    if (push.acked > RECORDS) {
        push.acked = RECORDS;
        push.count = RECORDS - (int)device.state.acked_seq;
    }
    struct pull_reply page = {
        .head = head, .cursor = "c1", .epoch = 1, .applied_seq = device.state.acked_seq, .lines = ""};
    struct session_reply session = {.head = head, .token = "t", .expires_s = 900};
    struct challenge_reply nonce = {.head = head};
    struct enrol_reply enrolled = {.head = head, .device = 7, .site = "CDB"};
    struct snapshot_reply offer = {.head = head, .size = 8, .schema = 1, .cursor = "c2"};
    enum rc rc = strcmp(path, "/v1/push") == 0        ? push_reply_encode(&push, &text, ret_len)
                 : strcmp(path, "/v1/session") == 0   ? session_reply_encode(&session, &text, ret_len)
                 : strcmp(path, "/v1/challenge") == 0 ? challenge_reply_encode(&nonce, &text, ret_len)
                 : strcmp(path, "/v1/enrol") == 0     ? enrol_reply_encode(&enrolled, &text, ret_len)
                 : strncmp(path, "/v1/snap", 8) == 0  ? snapshot_reply_encode(&offer, &text, ret_len)
                                                      : pull_reply_encode(&page, &text, ret_len);
    return rc == RC_OK ? text : NULL;
}

static void answer_good(const struct sync_request *request, struct sync_reply *ret_reply)
{
    size_t len = 0;
    device.given = good(request->path, &len);
    *ret_reply = (struct sync_reply){.status = 200, .body = device.given, .body_len = len};
}

static enum rc exchange(void *context, const char *url, const struct sync_request *request,
                        struct sync_reply *ret_reply)
{
    (void)context;
    demand(enrol_url_ok(url) && strncmp(request->path, "/v1/", 4) == 0, "it asks who knows whom for what");
    free(device.given);
    free(device.exact);
    device.given = NULL;
    device.exact = NULL;
    if (device.left < HEAD)
        return RC_NET;
    uint8_t kind = device.script[0];
    size_t len = (size_t)device.script[1] | (size_t)device.script[2] << 8;
    len = len < device.left - HEAD ? len : device.left - HEAD;
    const uint8_t *body = device.script + HEAD;
    device.script += HEAD + len;
    device.left -= HEAD + len;
    if (kind == '+') {
        answer_good(request, ret_reply);
        return device.given ? RC_OK : RC_NET;
    }
    int status = STATUSES[kind % (sizeof STATUSES / sizeof STATUSES[0])];
    if (!status)
        return kind & 16 ? RC_PEER : RC_NET;
    device.exact = malloc(len ? len : 1); /* so that a byte read beyond it is seen */
    demand(device.exact != NULL, "no memory");
    memcpy(device.exact, body, len);
    *ret_reply =
        (struct sync_reply){.status = status, .body = device.exact, .body_len = len, .pin = kind & 32 ? "ab" : ""};
    if (!request->sink || status > 206)
        return RC_OK;
    return request->sink->put(request->sink->context, device.exact, len);
}

/* ---- what is asked ---- */

static void check_detail(const char *detail)
{
    for (; *detail; detail++)
        demand(*detail >= ' ' && *detail <= '~', "a sentence that acts on a terminal");
}

static void sync_all(const struct sync_store *store, const struct sync_transport *transport)
{
    struct sync_client *client;
    struct sync_progress progress = {.phase = SYNC_IDLE};
    demand(sync_client_new(store, transport, &client) == RC_OK, "no client");
    for (int steps = 0; steps < STEPS_MAX && device.left; steps++) {
        enum rc rc = sync_step(client, &progress);
        check_detail(progress.detail);
        demand(progress.waiting >= 0 && progress.snapshot_have <= progress.snapshot_size, "a progress that is none");
        if (rc == RC_FORK || rc == RC_REVOKED)
            break;
    }
    sync_client_free(client);
}

static void enrol(const struct sync_store *store, const struct sync_transport *transport, char *string)
{
    struct sync_progress progress;
    char url[SYNC_URL_MAX + 1];
    bool is = sync_enrol_url(string, url) == RC_OK;
    demand(!is || enrol_url_ok(url), "an address that is none");
    device.identity = (struct sync_identity){.enrolled = false};
    demand(sync_enrol(store, transport, string, &progress) != RC_OK || is, "enrolled by no string");
    check_detail(progress.detail);
}

static void trace(const struct sync_store *store, const struct sync_transport *transport)
{
    struct sync_trace trace;
    enum rc rc = sync_trace(store, transport, "(01)05901234123457(21)A1", &trace);
    demand(rc != RC_OK || (trace.lines && strlen(trace.key) <= CODE_KEY_MAX), "no trace");
    check_detail(trace.detail);
    sync_trace_free(&trace);
}

static void begin(const uint8_t *data, size_t size)
{
    device.script = data;
    device.left = size;
    device.fetching = false;
    device.state = (struct sync_state){.epoch = 1, .last_seq = RECORDS, .span_count = 1, .spans = {{1, 0}}};
    device.identity =
        (struct sync_identity){.enrolled = true, .device = 7, .url = "http://127.0.0.1:1", .site = "CDB"};
    for (int i = 0; i < RECORDS; i++)
        memcpy(device.lines + i * RECORD_BYTES, "{}\n", RECORD_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sync_store store = {.state = get_state,
                                     .batch = get_batch,
                                     .hash = get_hash,
                                     .acked = set_acked,
                                     .page = take_page,
                                     .heard = take_heard,
                                     .restart = restart,
                                     .identity = get_identity,
                                     .set_identity = set_identity,
                                     .snapshot = {kept, begin_snapshot, put, end_snapshot, drop}};
    const struct sync_transport transport = {.exchange = exchange, .ranges = true};
    if (size == 0)
        return 0;
    const uint8_t *nul = memchr(data, '\0', size);
    begin(data + 1, size - 1);
    if (data[0] == 'e' && nul) { /* a string, a NUL, the answers */
        begin(nul + 1, size - (size_t)(nul + 1 - data));
        char *string = strdup((const char *)data + 1);
        demand(string != NULL, "no memory");
        enrol(&store, &transport, string);
        free(string);
    } else if (data[0] == 't') {
        trace(&store, &transport);
    } else {
        device.state.acked_seq = data[0] == 'p' ? RECORDS : 0; /* from pulling on */
        sync_all(&store, &transport);
    }
    free(device.given);
    free(device.exact);
    device.given = NULL;
    device.exact = NULL;
    return 0;
}
