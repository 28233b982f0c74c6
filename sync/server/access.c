#include "sync/server/access.h"
#include "sync/wire/challenge.h"
#include "sync/wire/session.h"
#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { TOKEN_BYTES = 24, HASH_BYTES = 32, STAMP_BYTES = 8, SALT_BYTES = 8, MARK_BYTES = 16 };
static_assert(STAMP_BYTES + SALT_BYTES + MARK_BYTES == NONCE_BYTES, "a nonce is stamp, salt and mark");

static void new_token(char *ret_token)
{
    uint8_t random[TOKEN_BYTES];
    randombytes_buf(random, sizeof random);
    sodium_bin2base64(ret_token, TOKEN_MAX + 1, random, sizeof random, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(random, sizeof random);
}

static void hash_token(const char *token, uint8_t ret_hash[HASH_BYTES])
{
    crypto_generichash(ret_hash, HASH_BYTES, (const uint8_t *)token, strlen(token), NULL, 0);
}

/* What an enrolment token stands for. */
struct invitation {
    struct answer_peer peer; /* device 0: not used yet */
    char url[WIRE_URL_MAX + 1];
    int64_t expires_ms;
};

static enum rc use_invitation(struct server *server, const uint8_t hash[HASH_BYTES], int64_t device)
{
    struct db_stmt *stmt = core_query(server, QUERY_ENROLMENT_USE);
    db_bind_blob(stmt, 1, hash, HASH_BYTES);
    db_bind_int(stmt, 2, device);
    return db_run(stmt);
}

static enum rc add_invitation(struct server *server, const struct invitation *invitation, const char *token)
{
    uint8_t hash[HASH_BYTES];
    hash_token(token, hash);
    struct db_stmt *stmt = core_query(server, QUERY_ENROLMENT_PURGE);
    db_bind_int(stmt, 1, core_now_ms(server));
    enum rc rc = db_run(stmt);
    stmt = core_query(server, QUERY_ENROLMENT_ADD);
    db_bind_blob(stmt, 1, hash, sizeof hash);
    db_bind_text(stmt, 2, invitation->peer.site);
    db_bind_text(stmt, 3, invitation->url);
    db_bind_int(stmt, 4, core_now_ms(server) + ENROLMENT_S * 1000);
    if (!rc)
        rc = db_run(stmt);
    return rc || !invitation->peer.device ? rc : use_invitation(server, hash, invitation->peer.device);
}

static enum rc invite(struct server *server, const struct invitation *invitation, char *ret_string)
{
    struct enrol_string string = {0};
    new_token(string.token);
    snprintf(string.url, sizeof string.url, "%s", invitation->url);
    memcpy(string.pins, server->pins, sizeof string.pins);
    enum rc rc = db_begin(server->db);
    if (rc)
        return rc;
    rc = add_invitation(server, invitation, string.token);
    if (!rc)
        rc = enrol_string_encode(&string, ret_string);
    sodium_memzero(&string, sizeof string);
    if (!rc)
        return db_commit(server->db);
    db_rollback(server->db);
    return rc;
}

enum rc access_invite(struct server *server, const char *site, const char *url, char *ret_string)
{
    struct invitation invitation = {0};
    if (!site[0] || strlen(site) > ID_MAX || !enrol_url_ok(url) || strlen(url) > WIRE_URL_MAX)
        return RC_BAD_INPUT;
    snprintf(invitation.peer.site, sizeof invitation.peer.site, "%s", site);
    snprintf(invitation.url, sizeof invitation.url, "%s", url);
    return invite(server, &invitation, ret_string);
}

static enum rc find_invitation(struct server *server, const uint8_t hash[HASH_BYTES], struct invitation *ret_found)
{
    struct db_stmt *stmt = core_query(server, QUERY_ENROLMENT_GET);
    bool row;
    db_bind_blob(stmt, 1, hash, HASH_BYTES);
    enum rc rc = db_step(stmt, &row);
    if (rc || !row)
        return rc ? rc : RC_AUTH;
    snprintf(ret_found->peer.site, sizeof ret_found->peer.site, "%s", db_text(stmt, 0));
    snprintf(ret_found->url, sizeof ret_found->url, "%s", db_text(stmt, 1));
    ret_found->expires_ms = db_int(stmt, 2);
    ret_found->peer.device = db_int(stmt, 3);
    db_reset(stmt);
    return RC_OK;
}

static enum rc find_device(struct server *server, int64_t device, char ret_site[ID_MAX + 1],
                           uint8_t ret_key[PUBLIC_KEY_BYTES])
{
    struct db_stmt *stmt = core_query(server, QUERY_DEVICE_GET);
    bool row;
    size_t len;
    db_bind_int(stmt, 1, device);
    enum rc rc = db_step(stmt, &row);
    if (rc || !row)
        return rc ? rc : RC_REVOKED;
    const void *key = db_blob(stmt, 1, &len);
    if (len != PUBLIC_KEY_BYTES)
        rc = RC_CORRUPT;
    else if (db_int(stmt, 2))
        rc = RC_REVOKED;
    else {
        memcpy(ret_key, key, PUBLIC_KEY_BYTES);
        snprintf(ret_site, ID_MAX + 1, "%s", db_text(stmt, 0));
    }
    db_reset(stmt);
    return rc;
}

enum rc access_peer(struct server *server, int64_t device, struct answer_peer *ret_peer)
{
    struct answer_peer peer = {.device = device};
    uint8_t key[PUBLIC_KEY_BYTES];
    enum rc rc = find_device(server, device, peer.site, key);
    if (!rc)
        *ret_peer = peer;
    return rc;
}

enum rc access_invite_again(struct server *server, int64_t device, const char *url, char *ret_string)
{
    struct invitation invitation = {.peer.device = device};
    uint8_t key[PUBLIC_KEY_BYTES];
    if (!enrol_url_ok(url) || strlen(url) > WIRE_URL_MAX)
        return RC_BAD_INPUT;
    snprintf(invitation.url, sizeof invitation.url, "%s", url);
    enum rc rc = find_device(server, device, invitation.peer.site, key);
    return rc ? rc : invite(server, &invitation, ret_string);
}

enum rc access_revoke(struct server *server, int64_t device, bool revoked)
{
    struct db_stmt *stmt = core_query(server, QUERY_DEVICE_REVOKE);
    bool row;
    db_bind_int(stmt, 1, device);
    db_bind_int(stmt, 2, revoked);
    enum rc rc = db_step(stmt, &row);
    db_reset(stmt);
    return rc || row ? rc : RC_NOT_FOUND;
}

static enum rc add_device(struct server *server, const uint8_t hash[HASH_BYTES], const uint8_t *public_key,
                          struct answer_peer *peer)
{
    struct db_stmt *stmt = core_query(server, QUERY_DEVICE_ADD);
    bool row;
    db_bind_text(stmt, 1, peer->site);
    db_bind_blob(stmt, 2, public_key, PUBLIC_KEY_BYTES);
    db_bind_int(stmt, 3, core_now_ms(server));
    enum rc rc = db_step(stmt, &row);
    if (rc)
        return rc;
    peer->device = db_int(stmt, 0);
    db_reset(stmt);
    return use_invitation(server, hash, peer->device);
}

/* One enrolment while it is worked on. */
struct enrolment {
    struct server *server;
    const struct enrol_request *request;
    struct invitation invitation;
};

/* The same token and key again: the same device, so that a lost reply burns nothing. */
static enum rc enrol(void *context)
{
    struct enrolment *enrolment = context;
    struct server *server = enrolment->server;
    const struct enrol_request *request = enrolment->request;
    struct invitation found = {0};
    uint8_t hash[HASH_BYTES], key[PUBLIC_KEY_BYTES];
    hash_token(request->token, hash);
    enum rc rc = find_invitation(server, hash, &found);
    if (rc)
        return rc;
    if (found.peer.device) {
        rc = find_device(server, found.peer.device, found.peer.site, key);
        if (!rc && sodium_memcmp(key, request->public_key, sizeof key) != 0)
            rc = RC_AUTH;
    } else {
        rc = found.expires_ms < core_now_ms(server) ? RC_AUTH
                                                    : add_device(server, hash, request->public_key, &found.peer);
    }
    if (!rc)
        enrolment->invitation = found;
    return rc;
}

void access_enrol(struct server *server, const struct answer_peer *peer, const struct api_request *request,
                  struct api_reply *ret_reply)
{
    struct enrol_request message;
    struct enrol_reply reply = {0};
    struct enrolment enrolment = {.server = server, .request = &message};
    const struct invitation *invitation = &enrolment.invitation;
    char *text = NULL;
    size_t len = 0;
    (void)peer;
    if (enrol_request_decode(request->body, request->body_len, &message)) {
        answer_no(server, 400, REFUSAL_BAD_MESSAGE, "not an enrolment", ret_reply);
        return;
    }
    enum rc rc = db_transact(server->db, enrol, &enrolment);
    if (rc == RC_AUTH || rc == RC_REVOKED) {
        answer_no(server, 403, REFUSAL_BAD_TOKEN, "this code is unknown, used or too old: print a new one",
                  ret_reply);
        return;
    }
    if (rc) {
        answer_failed(server, rc, "enrolling", ret_reply);
        return;
    }
    reply.head = answer_head(server);
    reply.device = invitation->peer.device;
    snprintf(reply.site, sizeof reply.site, "%s", invitation->peer.site);
    snprintf(reply.url, sizeof reply.url, "%s", invitation->url);
    core_log(server, "enrolled", "device %lld at %s", (long long)reply.device, reply.site);
    rc = enrol_reply_encode(&reply, &text, &len);
    answer_ok(server, rc, text, len, ret_reply);
}

/* stamp ‖ salt ‖ BLAKE2b(nonce key, device ‖ stamp ‖ salt): the server knows its own nonces without keeping them; that
 * one is used once is the session table's business. */
static void mark_nonce(const struct server *server, int64_t device, uint8_t nonce[NONCE_BYTES])
{
    uint8_t text[8 + STAMP_BYTES + SALT_BYTES];
    memcpy(text, &device, sizeof device);
    memcpy(text + sizeof device, nonce, STAMP_BYTES + SALT_BYTES);
    crypto_generichash(nonce + STAMP_BYTES + SALT_BYTES, MARK_BYTES, text, sizeof text, server->nonce_key,
                       sizeof server->nonce_key);
}

static bool nonce_ok(const struct server *server, int64_t device, const uint8_t nonce[NONCE_BYTES])
{
    uint8_t own[NONCE_BYTES];
    int64_t stamp_ms, now_ms = core_now_ms(server);
    memcpy(own, nonce, NONCE_BYTES);
    memcpy(&stamp_ms, nonce, sizeof stamp_ms);
    mark_nonce(server, device, own);
    return sodium_memcmp(own, nonce, NONCE_BYTES) == 0 && stamp_ms <= now_ms && now_ms - stamp_ms <= NONCE_S * 1000;
}

void access_challenge(struct server *server, const struct answer_peer *peer, const struct api_request *request,
                      struct api_reply *ret_reply)
{
    struct challenge_request message;
    struct challenge_reply reply = {0};
    int64_t now_ms = core_now_ms(server);
    char *text = NULL;
    size_t len = 0;
    (void)peer;
    if (challenge_request_decode(request->body, request->body_len, &message)) {
        answer_no(server, 400, REFUSAL_BAD_MESSAGE, "not a challenge", ret_reply);
        return;
    }
    reply.head = answer_head(server);
    memcpy(reply.nonce, &now_ms, sizeof now_ms);
    randombytes_buf(reply.nonce + STAMP_BYTES, SALT_BYTES);
    mark_nonce(server, message.device, reply.nonce);
    enum rc rc = challenge_reply_encode(&reply, &text, &len);
    answer_ok(server, rc, text, len, ret_reply);
}

/* One session while it is opened. */
struct opening {
    struct server *server;
    const struct session_request *request;
    const char *token;
};

/* RC_AUTH when the nonce was used before. */
static enum rc add_session(void *context)
{
    const struct opening *opening = context;
    struct server *server = opening->server;
    const struct session_request *request = opening->request;
    uint8_t hash[HASH_BYTES];
    int64_t now_ms = core_now_ms(server);
    bool row = false;
    hash_token(opening->token, hash);
    struct db_stmt *stmt = core_query(server, QUERY_SESSION_PURGE);
    db_bind_int(stmt, 1, now_ms);
    enum rc rc = db_run(stmt);
    stmt = core_query(server, QUERY_SESSION_ADD);
    db_bind_blob(stmt, 1, hash, sizeof hash);
    db_bind_int(stmt, 2, request->device);
    db_bind_blob(stmt, 3, request->nonce, NONCE_BYTES);
    db_bind_int(stmt, 4, now_ms + SESSION_S * 1000);
    if (!rc)
        rc = db_step(stmt, &row);
    db_reset(stmt);
    if (!rc && !row)
        rc = RC_AUTH;
    stmt = core_query(server, QUERY_DEVICE_SEEN);
    db_bind_int(stmt, 1, request->device);
    db_bind_int(stmt, 2, now_ms);
    return rc ? rc : db_run(stmt);
}

/* Signed for the key in use, or for the next one, which is in use when another process has started with it. */
static bool signature_ok(const struct server *server, const uint8_t *key, const struct session_request *request)
{
    return session_verify(key, request, server->pins[0]) ||
           (server->pins[1][0] && session_verify(key, request, server->pins[1]));
}

static enum rc open_session(struct server *server, const struct session_request *request, char *ret_token)
{
    char site[ID_MAX + 1];
    uint8_t key[PUBLIC_KEY_BYTES];
    enum rc rc = find_device(server, request->device, site, key);
    if (!rc && (!nonce_ok(server, request->device, request->nonce) || !signature_ok(server, key, request)))
        rc = RC_AUTH;
    if (rc)
        return rc;
    new_token(ret_token);
    struct opening opening = {server, request, ret_token};
    return db_transact(server->db, add_session, &opening);
}

void access_session(struct server *server, const struct answer_peer *peer, const struct api_request *request,
                    struct api_reply *ret_reply)
{
    struct session_request message;
    struct session_reply reply = {.expires_s = SESSION_S, .batch = BATCH_MORE_MAX};
    memcpy(reply.pins, server->pins, sizeof reply.pins);
    char *text = NULL;
    size_t len = 0;
    (void)peer;
    if (session_request_decode(request->body, request->body_len, &message)) {
        answer_no(server, 400, REFUSAL_BAD_MESSAGE, "not a session request", ret_reply);
        return;
    }
    enum rc rc = open_session(server, &message, reply.token);
    if (rc == RC_AUTH) {
        answer_no(server, 401, REFUSAL_BAD_SIGNATURE, "the nonce is not signed by this device", ret_reply);
    } else if (rc == RC_REVOKED) {
        answer_no(server, 403, REFUSAL_REVOKED, "this device is not known, or revoked", ret_reply);
    } else if (rc) {
        answer_failed(server, rc, "opening a session", ret_reply);
    } else {
        core_see(server, reply.token);
        reply.head = answer_head(server);
        rc = session_reply_encode(&reply, &text, &len);
        answer_ok(server, rc, text, len, ret_reply);
    }
    sodium_memzero(&reply, sizeof reply);
}

enum rc access_bearer(struct server *server, const char *token, struct answer_peer *ret_peer)
{
    struct db_stmt *stmt = core_query(server, QUERY_SESSION_GET);
    uint8_t hash[HASH_BYTES];
    bool row;
    if (!token || !token[0] || strlen(token) > TOKEN_MAX)
        return RC_AUTH;
    hash_token(token, hash);
    db_bind_blob(stmt, 1, hash, sizeof hash);
    enum rc rc = db_step(stmt, &row);
    if (rc || !row)
        return rc ? rc : RC_AUTH;
    if (db_int(stmt, 1) <= core_now_ms(server)) {
        rc = RC_AUTH;
    } else if (db_int(stmt, 2)) {
        rc = RC_REVOKED;
    } else {
        ret_peer->device = db_int(stmt, 0);
        snprintf(ret_peer->site, sizeof ret_peer->site, "%s", db_text(stmt, 3));
    }
    db_reset(stmt);
    return rc;
}
