#include "sync/client/exchange.h"
#include "sync/wire/body.h"
#include <stdio.h>
#include <stdlib.h>

enum { PACK_MIN_BYTES = 512 }; /* below, a frame's header eats the gain */

void exchange_detail(struct sync_progress *progress, const char *text)
{
    size_t at = 0;
    for (; text[at] && at < sizeof(progress->detail) - 1; at++)
        progress->detail[at] = text[at] >= ' ' && text[at] <= '~' ? text[at] : '?';
    progress->detail[at] = '\0';
}

static enum rc read_reply(const struct sync_reply *reply, bool sunk, struct exchange_answer *ret_answer)
{
    struct exchange_answer answer = {.body = reply->body, .len = reply->body_len};
    snprintf(answer.pin, sizeof(answer.pin), "%s", reply->pin ? reply->pin : "");
    if (reply->status != 200 && !(sunk && reply->status == 206)) {
        if (reply->status < 400 || refusal_decode(reply->body, reply->body_len, &answer.refusal) != RC_OK)
            return RC_PEER;
        answer.refused = true;
    }
    *ret_answer = answer;
    return RC_OK;
}

enum rc exchange_pack(const void *text, size_t len, void **ret_packed, size_t *ret_len)
{
    *ret_packed = NULL;
    return len < PACK_MIN_BYTES ? RC_OK : body_compress(text, len, ret_packed, ret_len);
}

enum rc exchange_ask(const struct sync_transport *transport, const struct exchange_question *question,
                     struct exchange_answer *ret_answer)
{
    struct sync_request request = {.method = question->method,
                                   .path = question->path,
                                   .bearer = question->bearer,
                                   .pins = {question->pins[0], question->pins[1]},
                                   .body = question->text,
                                   .body_len = question->len,
                                   .zstd = question->packed,
                                   .sink = question->sink,
                                   .from = question->from,
                                   .to = question->to,
                                   .meanwhile = question->meanwhile,
                                   .meanwhile_context = question->meanwhile_context};
    void *packed = NULL;
    enum rc rc = question->packed ? RC_OK : exchange_pack(question->text, question->len, &packed, &request.body_len);
    if (rc != RC_OK)
        return rc;
    if (packed) {
        request.body = packed;
        request.zstd = true;
    }
    struct sync_reply reply = {0};
    rc = transport->exchange(transport->context, question->url, &request, &reply);
    free(packed);
    return rc == RC_OK ? read_reply(&reply, question->sink, ret_answer) : rc;
}
