#include "sync/wire/refusal.h"
#include "sync/wire/field.h"
#include <assert.h>
#include <string.h>

static const char *const words[] = {
#define REFUSAL_WORD(id, word) [REFUSAL_##id] = word,
    REFUSAL_LIST(REFUSAL_WORD)
#undef REFUSAL_WORD
};

const char *refusal_word(enum refusal_kind kind)
{
    assert(kind < REFUSAL_OTHER);
    return words[kind];
}

static enum refusal_kind kind_from_word(const char *word)
{
    int kind = 0;
    while (kind < REFUSAL_OTHER && strcmp(words[kind], word) != 0)
        kind++;
    return (enum refusal_kind)kind;
}

enum rc refusal_encode(const struct refusal *refusal, char **ret_text, size_t *ret_len)
{
    /* a fork names its watermark even when that is 0 */
    json_t *acked = refusal->acked || refusal->kind == REFUSAL_FORK ? json_integer(refusal->acked) : NULL;
    json_t *members = json_pack("{s:s, s:s, s:o*, s:o*, s:o*, s:o*}", "error", refusal_word(refusal->kind), "text",
                                refusal->text, "expected", refusal->expected ? json_integer(refusal->expected) : NULL,
                                "seq", refusal->seq ? json_integer(refusal->seq) : NULL, "acked", acked, "retry_s",
                                refusal->retry_s ? json_integer(refusal->retry_s) : NULL);
    return field_dump(reply_object(&refusal->head, members), ret_text, ret_len);
}

enum rc refusal_decode(const void *data, size_t len, struct refusal *ret_refusal)
{
    json_t *object;
    enum rc rc = field_load(data, len, MESSAGE_BODY_MAX, &object);
    if (rc != RC_OK)
        return rc;
    struct refusal refusal = {0};
    char word[WORD_MAX + 1];
    if (!reply_read(object, &refusal.head) || !field_text(object, "error", WORD_MAX, word)) {
        rc = RC_BAD_INPUT;
    } else {
        refusal.kind = kind_from_word(word);
        /* the rest helps where it is there */
        field_text(object, "text", SENTENCE_MAX, refusal.text);
        field_int(object, "expected", 1, WIRE_INT_MAX, &refusal.expected);
        field_int(object, "seq", 1, WIRE_INT_MAX, &refusal.seq);
        field_int(object, "acked", 0, WIRE_INT_MAX, &refusal.acked);
        field_int(object, "retry_s", 1, REFUSAL_RETRY_MAX_S, &refusal.retry_s);
        *ret_refusal = refusal;
    }
    json_decref(object);
    return rc;
}
