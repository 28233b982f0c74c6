#include "app/domain/rc.h"

const char *rc_word(enum rc rc)
{
    static const char *const words[] = {
#define RC_WORD(id, word) [id] = word,
        RC_LIST(RC_WORD)
#undef RC_WORD
    };
    return words[rc];
}
