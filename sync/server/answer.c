#include "sync/server/answer.h"
#include <stdio.h>
#include <stdlib.h>

struct reply_head answer_head(const struct server *server)
{
    struct reply_head head = {.time_ms = core_now_ms(server)};
    snprintf(head.history, sizeof head.history, "%s", server->history);
    return head;
}

void answer_ok(struct server *server, enum rc rc, char *text, size_t len, struct api_reply *ret_reply)
{
    if (rc) {
        answer_failed(server, rc, "encoding a reply", ret_reply);
        return;
    }
    *ret_reply = (struct api_reply){.status = 200, .body = text, .body_len = len};
}

void answer_refusal(struct server *server, int status, struct refusal *refusal, struct api_reply *ret_reply)
{
    char *text = NULL;
    size_t len = 0;
    refusal->head = answer_head(server);
    int64_t so_far = atomic_fetch_add(&server->refused[refusal->kind], 1) + 1;
    core_log(server, "refused", "%d %s: %s (%lld so far)", status, refusal_word(refusal->kind), refusal->text,
             (long long)so_far);
    if (refusal_encode(refusal, &text, &len))
        status = 500;
    *ret_reply = (struct api_reply){.status = status, .body = text, .body_len = len};
}

void answer_no(struct server *server, int status, enum refusal_kind kind, const char *text,
               struct api_reply *ret_reply)
{
    struct refusal refusal = {.kind = kind};
    snprintf(refusal.text, sizeof refusal.text, "%s", text);
    answer_refusal(server, status, &refusal, ret_reply);
}

void answer_failed(struct server *server, enum rc rc, const char *doing, struct api_reply *ret_reply)
{
    bool later = rc == RC_DISK_FULL || rc == RC_BUSY || rc == RC_NOMEM;
    core_log(server, "failed", "%s: %s", doing, rc_word(rc));
    if (!later) {
        answer_no(server, 500, REFUSAL_INTERNAL, "the server failed, see its log", ret_reply);
        return;
    }
    struct refusal refusal = {
        .kind = REFUSAL_BUSY, .text = "the server can't do this now, try again later", .retry_s = ANSWER_RETRY_S};
    answer_refusal(server, 503, &refusal, ret_reply);
    ret_reply->retry_s = ANSWER_RETRY_S;
}
