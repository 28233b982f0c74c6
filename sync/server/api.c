#include "sync/server/api.h"
#include "sync/server/access.h"
#include "sync/server/changes.h"
#include "sync/server/epochs.h"
#include "sync/server/inbox.h"
#include "sync/server/snapshot.h"
#include "sync/server/tracing.h"
#include "sync/wire/body.h"
#include "sync/wire/health.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REPLY_PACKED_FROM = 512 }; /* shorter replies are not worth compressing */

static answer_handler health;

static const struct route {
    const char *path, *method; /* a path that ends in / goes on */
    answer_handler *handler;
    bool session;
    size_t body_max; /* expanded, and so also as sent */
} ROUTES[] = {
    {"/v1/health", "GET", health, false, 0},
    {"/v1/enrol", "POST", access_enrol, false, MESSAGE_BODY_MAX},
    {"/v1/challenge", "POST", access_challenge, false, MESSAGE_BODY_MAX},
    {"/v1/session", "POST", access_session, false, MESSAGE_BODY_MAX},
    {"/v1/push", "POST", inbox_push, true, PUSH_BODY_MAX},
    {"/v1/epoch", "POST", epochs_ask, true, MESSAGE_BODY_MAX},
    {"/v1/trace", "POST", tracing_trace, true, MESSAGE_BODY_MAX},
    {"/v1/pull", "GET", changes_pull, true, 0},
    {"/v1/snapshot", "GET", snapshot_offer, true, 0},
    {"/v1/snapshot/", "GET", snapshot_bytes, true, 0},
};

static bool is_route(const struct route *route, const char *path)
{
    size_t len = strlen(route->path);
    return route->path[len - 1] == '/' ? strncmp(route->path, path, len) == 0 : strcmp(route->path, path) == 0;
}

static const struct route *find_route(const char *path)
{
    for (size_t i = 0; i < sizeof ROUTES / sizeof ROUTES[0]; i++)
        if (is_route(&ROUTES[i], path))
            return &ROUTES[i];
    return NULL;
}

size_t api_body_max(const char *path)
{
    const struct route *route = find_route(path);
    return route ? route->body_max : 0;
}

static void health(struct server *server, const struct answer_peer *peer, const struct api_request *request,
                   struct api_reply *ret_reply)
{
    struct health_reply reply = {.head = answer_head(server), .ok = true, .version = TALLYMAN_VERSION};
    char *text = NULL;
    size_t len = 0;
    (void)peer, (void)request;
    enum rc rc = health_reply_encode(&reply, &text, &len);
    answer_ok(server, rc, text, len, ret_reply);
}

/* Path, method and size. */
static bool is_well_formed(struct server *server, const struct api_request *request, size_t body_len,
                           const struct route **ret_route, struct api_reply *ret_reply)
{
    const struct route *route = find_route(request->path);
    *ret_route = route;
    if (!route)
        answer_no(server, 404, REFUSAL_NOT_FOUND, "no such path", ret_reply);
    else if (strcmp(request->method, route->method) != 0)
        answer_no(server, 405, REFUSAL_BAD_METHOD, "this path takes another method", ret_reply);
    else if (body_len > route->body_max)
        answer_no(server, 413, REFUSAL_TOO_BIG, "the body is too large", ret_reply);
    else
        return true;
    return false;
}

static bool admit(struct server *server, const struct api_request *request, size_t body_len,
                  struct answer_peer *ret_peer, const struct route **ret_route, struct api_reply *ret_reply)
{
    enum rc rc = RC_OK;
    if (!is_well_formed(server, request, body_len, ret_route, ret_reply))
        return false;
    rc = core_ready(server);
    if (rc) {
        answer_failed(server, rc, "reaching the database", ret_reply);
        return false;
    }
    if ((*ret_route)->session)
        rc = access_bearer(server, request->bearer, ret_peer);
    if (rc == RC_AUTH)
        answer_no(server, 401, REFUSAL_NO_SESSION, "no session, or one that has run out", ret_reply);
    else if (rc == RC_REVOKED)
        answer_no(server, 403, REFUSAL_REVOKED, "this device is revoked", ret_reply);
    else if (rc)
        answer_failed(server, rc, "looking for a session", ret_reply);
    else if ((*ret_route)->session)
        core_see(server, request->bearer);
    return rc == RC_OK;
}

bool api_admit(struct server *server, const struct api_request *request, size_t body_len, struct api_reply *ret_reply)
{
    struct answer_peer peer = {0};
    const struct route *route;
    pthread_mutex_lock(&server->lock);
    bool admitted = admit(server, request, body_len, &peer, &route, ret_reply);
    pthread_mutex_unlock(&server->lock);
    return admitted;
}

bool api_let_in(struct server *server, const struct api_request *request, size_t body_len,
                struct api_reply *ret_reply)
{
    const struct route *route;
    if (!is_well_formed(server, request, body_len, &route, ret_reply))
        return false;
    bool known = !route->session ||
                 (request->bearer && strlen(request->bearer) <= TOKEN_MAX && core_seen(server, request->bearer));
    return known || api_admit(server, request, body_len, ret_reply);
}

void api_turn_away(struct server *server, int retry_s, struct api_reply *ret_reply)
{
    struct refusal refusal = {.kind = REFUSAL_BUSY, .text = "too much waits here already", .retry_s = retry_s};
    answer_refusal(server, 429, &refusal, ret_reply);
    ret_reply->retry_s = retry_s;
}

/* The handler gets the body expanded; a bomb is refused by its header, or when it has grown too far. */
static void handle(struct server *server, const struct route *route, const struct answer_peer *peer,
                   const struct api_request *request, struct api_reply *ret_reply)
{
    struct api_request plain = *request;
    void *expanded = NULL;
    enum rc rc = RC_OK;
    if (request->zstd && request->body_len)
        rc = body_expand(request->body, request->body_len, route->body_max, &expanded, &plain.body_len);
    if (rc == RC_TOO_BIG) {
        answer_no(server, 413, REFUSAL_TOO_BIG, "the body expands to too much", ret_reply);
    } else if (rc == RC_BAD_INPUT) {
        answer_no(server, 400, REFUSAL_BAD_MESSAGE, "the body is no zstd frame", ret_reply);
    } else if (rc) {
        answer_failed(server, rc, "expanding a body", ret_reply);
    } else {
        if (expanded)
            plain.body = expanded;
        route->handler(server, peer, &plain, ret_reply);
    }
    free(expanded);
}

static void pack(const struct api_request *request, struct api_reply *reply)
{
    void *packed;
    size_t len;
    if (!request->accepts_zstd || !reply->body || reply->body_len < REPLY_PACKED_FROM ||
        body_compress(reply->body, reply->body_len, &packed, &len))
        return;
    free(reply->body);
    reply->body = packed;
    reply->body_len = len;
    reply->zstd = true;
}

/* Counted when it is sure what goes out. */
static void finish(struct server *server, const struct api_request *request, struct api_reply *reply)
{
    const struct route *route = find_route(request->path);
    if (route)
        atomic_fetch_add(&server->answered[route - ROUTES][reply->status / 100 % CORE_CLASSES], 1);
    pack(request, reply);
}

void api_group_handle(struct server *server, const struct api_request *request, struct api_reply *ret_reply)
{
    struct answer_peer peer = {0};
    const struct route *route = NULL;
    *ret_reply = (struct api_reply){.status = 500};
    if (admit(server, request, request->body_len, &peer, &route, ret_reply))
        handle(server, route, &peer, request, ret_reply);
}

void api_handle(struct server *server, const struct api_request *request, struct api_reply *ret_reply)
{
    pthread_mutex_lock(&server->lock);
    api_group_handle(server, request, ret_reply);
    pthread_mutex_unlock(&server->lock);
    finish(server, request, ret_reply);
}

bool api_group_begin(struct server *server)
{
    if (!db_groups(server->db))
        return false;
    pthread_mutex_lock(&server->lock);
    if (db_group_begin(server->db) == RC_OK)
        return true;
    pthread_mutex_unlock(&server->lock);
    return false;
}

enum rc api_group_end(struct server *server)
{
    enum rc rc = db_group_end(server->db);
    pthread_mutex_unlock(&server->lock);
    return rc;
}

void api_group_settle(struct server *server, enum rc rc, const struct api_request *request, struct api_reply *reply)
{
    if (rc) {
        api_reply_free(reply);
        answer_failed(server, rc, "committing", reply);
    }
    finish(server, request, reply);
}

const char *api_route(int i)
{
    _Static_assert(sizeof ROUTES / sizeof ROUTES[0] <= CORE_ROUTES_MAX, "each is counted");
    return (size_t)i < sizeof ROUTES / sizeof ROUTES[0] ? ROUTES[i].path : NULL;
}

void api_reply_free(struct api_reply *reply)
{
    free(reply->body);
    if (reply->has_file)
        close(reply->file.fd);
    *reply = (struct api_reply){0};
}
