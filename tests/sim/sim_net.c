#include "sync/server/server.h"
#include "sync/wire/body.h"
#include "sync/wire/push.h"
#include "sync/wire/refusal.h"
#include "tests/sim/sim_world.h"
#include <stdlib.h>
#include <string.h>

enum { NARROW_BYTES = 850 };

enum fault {
    FINE,
    LOSE_REQUEST,
    LOSE_REPLY,
    TWICE,
    LATE,
    SERVER_ENDS_THEN_REPLY, /* when the reply is on its way */
    SERVER_ENDS,            /* between commit and reply */
    ALTERED,                /* a digit of a record, on its way */
    DEVICE_ENDS             /* when the server has committed, before the reply is kept */
};

static const char *const fault_words[] = {"",
                                          ", the request is lost",
                                          ", the reply is lost",
                                          ", twice",
                                          ", the request is late",
                                          ", and the server ends",
                                          ", the server ends before it replies",
                                          ", altered on its way",
                                          ", the device ends before it hears"};

static enum fault draw_fault(struct sim *sim)
{
    static const struct {
        enum fault fault;
        uint32_t percent;
    } odds[] = {{LOSE_REQUEST, 6},           {LOSE_REPLY, 7},  {TWICE, 5},   {LATE, 6},
                {SERVER_ENDS_THEN_REPLY, 2}, {SERVER_ENDS, 1}, {ALTERED, 1}, {DEVICE_ENDS, 2}};
    if (sim->calm)
        return FINE;
    uint32_t at = sim_random(sim, 100);
    for (size_t i = 0; i < sizeof odds / sizeof odds[0]; i++) {
        if (at < odds[i].percent)
            return odds[i].fault;
        at -= odds[i].percent;
    }
    return FINE;
}

/* ---- what is late ---- */

static void drop(struct sim_late *late)
{
    free(late->body);
    *late = (struct sim_late){.waits = false};
}

/* What a push says, in whatever dress; false: it is none. */
static bool read_push(const struct api_request *request, struct push_request *ret_push, void **ret_text)
{
    size_t len = request->body_len;
    void *text = NULL;
    if (strcmp(request->path, "/v1/push") != 0)
        return false;
    if (request->zstd && body_expand(request->body, len, PUSH_BODY_MAX, &text, &len) != RC_OK)
        return false;
    *ret_text = text;
    return push_request_decode(text ? text : request->body, len, ret_push) == RC_OK;
}

/* The server's answer; a server that ended over it has none. What it says to a push is held against what it said before. */
static bool ask_server(struct sim_device *device, const struct api_request *request, struct api_reply *ret_reply)
{
    struct sim *sim = device->sim;
    struct push_request push;
    void *sent = NULL, *text = NULL;
    size_t len;
    api_handle(sim->server, request, ret_reply);
    if (disk_ended(SIM_SERVER)) {
        api_reply_free(ret_reply);
        sim_settle_server(sim);
        return false;
    }
    len = ret_reply->body_len;
    if (ret_reply->status == 200 && read_push(request, &push, &sent)) {
        if (ret_reply->zstd && body_expand(ret_reply->body, len, PAGE_BODY_MAX, &text, &len) != RC_OK)
            sim_fail(sim, "a reply is not what it says");
        else
            sim_check_push(device, push.first, text ? text : ret_reply->body, len);
    }
    free(sent);
    free(text);
    return true;
}

static void arrive(struct sim *sim, struct sim_late *late)
{
    struct api_reply reply;
    struct api_request request = {.method = late->body ? "POST" : "GET",
                                  .path = late->path,
                                  .cursor = late->cursor[0] ? late->cursor : NULL,
                                  .bearer = late->bearer[0] ? late->bearer : NULL,
                                  .body = late->body,
                                  .body_len = late->len,
                                  .zstd = late->zstd};
    late->waits = false;
    sim_say(sim, "a late %s of device %d arrives", late->path, late->device);
    if (ask_server(&sim->devices[late->device], &request, &reply))
        api_reply_free(&reply);
    drop(late);
}

void sim_deliver(struct sim *sim)
{
    for (int i = 0; i < SIM_LATE_MAX; i++)
        if (sim->late[i].waits)
            arrive(sim, &sim->late[i]);
}

static void delay(struct sim_device *device, const struct api_request *request)
{
    struct sim *sim = device->sim;
    struct sim_late *late = &sim->late[sim_random(sim, SIM_LATE_MAX)];
    drop(late); /* one that was under way for so long never comes */
    snprintf(late->path, sizeof late->path, "%s", request->path);
    snprintf(late->cursor, sizeof late->cursor, "%s", request->cursor ? request->cursor : "");
    snprintf(late->bearer, sizeof late->bearer, "%s", request->bearer ? request->bearer : "");
    late->len = request->body_len;
    late->zstd = request->zstd;
    late->waits = true;
    late->device = device->number;
    if (request->body_len) {
        late->body = malloc(request->body_len);
        memcpy(late->body, request->body, request->body_len);
    }
    sim->counts.delays++;
}

/* ---- an exchange ---- */

static enum rc hand_over(struct sim_device *device, const struct api_reply *reply, struct sync_reply *ret_reply)
{
    size_t len = reply->body_len;
    free(device->reply);
    device->reply = NULL;
    if (reply->zstd) {
        if (body_expand(reply->body, reply->body_len, PAGE_BODY_MAX, &device->reply, &len) != RC_OK)
            return RC_PEER;
    } else {
        device->reply = malloc(len + 1);
        memcpy(device->reply, reply->body, len);
    }
    *ret_reply = (struct sync_reply){.status = reply->status, .body = device->reply, .body_len = len};
    return RC_OK;
}

static enum disk_end draw_end(struct sim *sim)
{
    return (enum disk_end)sim_random(sim, DISK_ENDS);
}

/* What comes of an answer that is a file's bytes, too when it is lost: some of them. */
static enum rc bytes_over(struct sim_device *device, const struct api_reply *reply, bool lost,
                          const struct sync_request *asked, struct sync_reply *ret_reply)
{
    enum rc rc = sim_send_bytes(device, reply, asked, lost);
    if (rc == RC_OK)
        *ret_reply = (struct sync_reply){.status = reply->status};
    return rc;
}

/* The server answers, and whatever the script says happens around it. */
static enum rc answered(struct sim_device *device, enum fault fault, const struct api_request *request,
                        const struct sync_request *asked, struct sync_reply *ret_reply)
{
    struct sim *sim = device->sim;
    struct api_reply reply;
    bool replies = ask_server(device, request, &reply);
    if (fault == TWICE && replies) {
        api_reply_free(&reply);
        replies = ask_server(device, request, &reply);
        sim->counts.repeats++;
    }
    if (!replies)
        return RC_NET;
    if (fault == SERVER_ENDS || fault == SERVER_ENDS_THEN_REPLY)
        sim_end_server(sim, draw_end(sim));
    if (fault == DEVICE_ENDS)
        disk_end_now(device->number, draw_end(sim));
    bool lost = fault == LOSE_REPLY || fault == SERVER_ENDS || fault == DEVICE_ENDS;
    sim->counts.lost_replies += lost;
    enum rc rc;
    if (reply.has_file && fault != DEVICE_ENDS)
        rc = bytes_over(device, &reply, lost, asked, ret_reply);
    else
        rc = lost ? RC_NET : hand_over(device, &reply, ret_reply);
    api_reply_free(&reply);
    return rc;
}

/* A batch is not what was sent: one digit in its records is another. Whoever altered it repacks it. The server takes
 * nothing of it; its device is told that something is wrong, and goes on all the same. */
static enum rc altered(struct sim_device *device, const struct api_request *request, const struct sync_request *asked,
                       struct sync_reply *ret_reply)
{
    struct push_request push;
    struct api_request other = *request;
    void *sent = NULL;
    char *text = NULL;
    struct sync_reply reply;
    bool is_push = read_push(request, &push, &sent);
    if (is_push) {
        const char *plain = sent ? sent : request->body;
        size_t from = (size_t)(push.lines - plain), len = from + push.lines_len;
        size_t at = from + sim_random(device->sim, (uint32_t)push.lines_len);
        text = malloc(len);
        memcpy(text, plain, len);
        while (at < len && (text[at] < '1' || text[at] > '8'))
            at++;
        if (at < len)
            text[at]++;
        other.body = text;
        other.body_len = len;
        other.zstd = false;
    }
    enum rc rc = answered(device, FINE, &other, asked, is_push ? &reply : ret_reply);
    free(text);
    free(sent);
    return is_push ? RC_NET : rc;
}

/* A server that takes small bodies only, so that a journal goes over in several batches. */
static enum rc too_big(struct sim_device *device, struct sync_reply *ret_reply)
{
    struct refusal refusal = {.head.time_ms = sim_server_ms(device->sim), .kind = REFUSAL_TOO_BIG};
    char *text;
    snprintf(refusal.head.history, sizeof refusal.head.history, "%s", server_history(device->sim->server));
    struct api_reply reply = {.status = 413};
    if (refusal_encode(&refusal, &text, &reply.body_len) != RC_OK)
        abort();
    reply.body = text;
    device->sim->counts.too_big++;
    enum rc rc = hand_over(device, &reply, ret_reply);
    free(text);
    return rc;
}

static enum rc send_out(struct sim_device *device, enum fault fault, const struct api_request *asked,
                        const struct sync_request *request, struct sync_reply *ret_reply)
{
    struct sim *sim = device->sim;
    if (fault == LOSE_REQUEST) {
        sim->counts.lost_requests++;
        return RC_NET;
    }
    if (fault == LATE) {
        if (!request->sink)
            delay(device, asked);
        return RC_NET;
    }
    return fault == ALTERED ? altered(device, asked, request, ret_reply)
                            : answered(device, fault, asked, request, ret_reply);
}

static enum rc exchange(void *context, const char *url, const struct sync_request *request,
                        struct sync_reply *ret_reply)
{
    struct sim_device *device = context;
    struct sim *sim = device->sim;
    char path[160], range[64];
    (void)url;
    sim->counts.requests++;
    struct sim_late *late = &sim->late[sim_random(sim, SIM_LATE_MAX)];
    if (late->waits)
        arrive(sim, late);
    if (sim->wrong[0] || disk_ended(device->number))
        return RC_NET;
    snprintf(path, sizeof path, "%.*s", (int)strcspn(request->path, "?"), request->path);
    snprintf(range, sizeof range, "bytes=%lld-%lld", (long long)request->from, (long long)request->to);
    const char *cursor = strchr(request->path, '=');
    struct api_request asked = {.method = request->method,
                                .path = path,
                                .cursor = cursor ? cursor + 1 : NULL,
                                .range = request->sink ? range : NULL,
                                .bearer = request->bearer,
                                .body = request->body,
                                .body_len = request->body_len,
                                .zstd = request->zstd,
                                .accepts_zstd = sim_random(sim, 2)};
    bool narrow = request->body_len > NARROW_BYTES && !sim->calm;
    enum fault fault = narrow ? FINE : draw_fault(sim);
    enum rc rc = narrow ? too_big(device, ret_reply) : send_out(device, fault, &asked, request, ret_reply);
    if (request->sink)
        snprintf(path, sizeof path,
                 "some of the snapshot"); /* its hash is another one each time: a clock's time is in it */
    sim_say(sim, "device %d: %s%s%s, %zu bytes%s: %s %d, %zu bytes", device->number, path, cursor ? " " : "",
            cursor ? cursor + 1 : "", request->body_len, fault_words[fault], rc_word(rc),
            rc == RC_OK ? ret_reply->status : 0, rc == RC_OK ? ret_reply->body_len : 0);
    return rc;
}

struct sync_transport sim_transport(struct sim_device *device)
{
    return (struct sync_transport){.context = device, .exchange = exchange, .ranges = device->sim->snapshots};
}
