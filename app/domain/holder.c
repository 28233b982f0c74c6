#include "app/domain/holder.h"
#include <string.h>

static const struct {
    const char *prefix;
    bool has_id;
} KINDS[] = {
    [HOLDER_UNKNOWN] = {"unknown", false},
    [HOLDER_SITE] = {"site:", true},
    [HOLDER_PARTY] = {"party:", true},
    [HOLDER_TRANSIT_SITE] = {"transit:site:", true},
    [HOLDER_TRANSIT_PARTY] = {"transit:party:", true},
    [HOLDER_SOLD] = {"sold", false},
    [HOLDER_DESTROYED] = {"destroyed", false},
};

enum rc holder_parse(const char *text, struct holder *ret_holder)
{
    struct holder holder = {.kind = HOLDER_UNKNOWN};
    for (size_t i = 0; text[0] && i < sizeof KINDS / sizeof KINDS[0]; i++) {
        size_t len = strlen(KINDS[i].prefix);
        bool match = KINDS[i].has_id ? strncmp(text, KINDS[i].prefix, len) == 0 : strcmp(text, KINDS[i].prefix) == 0;
        if (!match)
            continue;
        if (KINDS[i].has_id && (!text[len] || strlen(text + len) > ID_MAX))
            return RC_BAD_INPUT;
        holder.kind = (enum holder_kind)i;
        if (KINDS[i].has_id)
            strcpy(holder.id, text + len);
        *ret_holder = holder;
        return RC_OK;
    }
    if (text[0])
        return RC_BAD_INPUT;
    *ret_holder = holder;
    return RC_OK;
}

char *holder_print(const struct holder *holder, char *ret_text)
{
    const char *prefix = KINDS[holder->kind].prefix;
    size_t len = strlen(prefix);
    memcpy(ret_text, prefix, len);
    memcpy(ret_text + len, holder->id, strlen(holder->id) + 1);
    return ret_text;
}
