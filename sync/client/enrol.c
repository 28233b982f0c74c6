#include "sync/wire/enrol.h"
#include "sync/client/exchange.h"
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(SYNC_KEY_BYTES == (int)PUBLIC_KEY_BYTES && SYNC_SECRET_BYTES == (int)SECRET_KEY_BYTES, "one key");
_Static_assert(SYNC_STRING_MAX == (int)ENROL_STRING_MAX, "one string");
_Static_assert(SYNC_URL_MAX == (int)WIRE_URL_MAX && HISTORY_MAX == (int)WIRE_HISTORY_MAX, "one limit");

/* The key is on disk before anybody hears of it: a lost reply, or a battery pulled, then asks again with the same
 * key, and the server knows the pair of token and key. */
static enum rc ensure_key(const struct sync_store *store, struct sync_identity *identity)
{
    if (identity->cloned) {
        /* the other device has the same key: from here on this is another one, which keeps its journal */
        identity->was = identity->was ? identity->was : identity->device;
        identity->device = 0;
        identity->enrolled = identity->cloned = false;
        sodium_memzero(identity->public_key, sizeof(identity->public_key));
    }
    if (!sodium_is_zero(identity->public_key, sizeof(identity->public_key)))
        return RC_OK;
    crypto_sign_keypair(identity->public_key, identity->secret_key);
    return store->set_identity(store->context, identity);
}

static enum rc ask(const struct sync_transport *transport, const struct enrol_string *string,
                   const struct sync_identity *identity, struct enrol_reply *ret_reply,
                   struct sync_progress *progress)
{
    struct enrol_request request = {0};
    memcpy(request.token, string->token, sizeof(request.token));
    memcpy(request.public_key, identity->public_key, sizeof(request.public_key));
    char *text;
    size_t len;
    enum rc rc = enrol_request_encode(&request, &text, &len);
    if (rc != RC_OK)
        return rc;
    struct exchange_question question = {
        .url = string->url, .pins = string->pins, .method = "POST", .path = "/v1/enrol", .text = text, .len = len};
    struct exchange_answer answer;
    rc = exchange_ask(transport, &question, &answer);
    sodium_memzero(text, len);
    free(text);
    if (rc != RC_OK)
        return rc;
    if (answer.refused) {
        exchange_detail(progress, answer.refusal.text);
        return RC_REFUSED;
    }
    return enrol_reply_decode(answer.body, answer.len, ret_reply) == RC_OK ? RC_OK : RC_PEER;
}

static enum rc keep(const struct sync_store *store, const struct enrol_string *string,
                    const struct enrol_reply *reply, struct sync_identity *identity, struct sync_progress *progress)
{
    if (identity->enrolled && identity->device != reply->device) {
        /* its journal speaks as another device: that work would be told under a wrong name */
        snprintf(progress->detail, sizeof(progress->detail),
                 "This device is enrolled as device %" PRId64 " already; the string is for another.",
                 identity->device);
        return RC_REFUSED;
    }
    identity->enrolled = true;
    identity->device = reply->device;
    snprintf(identity->url, sizeof(identity->url), "%s", reply->url[0] ? reply->url : string->url);
    snprintf(identity->site, sizeof(identity->site), "%s", reply->site);
    memcpy(identity->pins, string->pins, sizeof(identity->pins));
    return store->set_identity(store->context, identity);
}

enum rc sync_enrol(const struct sync_store *store, const struct sync_transport *transport, const char *string,
                   struct sync_progress *ret_progress)
{
    struct sync_progress progress = {.phase = SYNC_IDLE};
    struct enrol_string parsed;
    struct sync_identity identity = {0};
    struct enrol_reply reply = {0};
    enum rc rc = sodium_init() < 0 ? RC_IO : enrol_string_decode(string, &parsed);
    if (rc == RC_OK)
        rc = store->identity(store->context, &identity);
    if (rc == RC_OK)
        rc = ensure_key(store, &identity);
    if (rc == RC_OK)
        rc = ask(transport, &parsed, &identity, &reply, &progress);
    if (rc == RC_OK)
        rc = keep(store, &parsed, &reply, &identity, &progress);
    sodium_memzero(&identity, sizeof(identity));
    progress.rc = rc;
    *ret_progress = progress;
    return rc;
}

bool sync_is_enrolment(const void *text, size_t len)
{
    static const char begins[] = "tallyman:";
    return len >= sizeof(begins) - 1 && memcmp(text, begins, sizeof(begins) - 1) == 0;
}

enum rc sync_enrol_url(const char *string, char ret_url[SYNC_URL_MAX + 1])
{
    struct enrol_string parsed;
    enum rc rc = enrol_string_decode(string, &parsed);
    if (rc == RC_OK)
        memcpy(ret_url, parsed.url, sizeof(parsed.url));
    sodium_memzero(&parsed, sizeof(parsed));
    return rc;
}
