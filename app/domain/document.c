#include "app/domain/document.h"
#include <stdlib.h>

void document_free(struct document *document)
{
    if (!document)
        return;
    free(document->lines);
    free(document);
}

const char *document_state_word(enum document_state state)
{
    static const char *const words[] = {
        [DOCUMENT_READY] = "ready",         [DOCUMENT_OPEN] = "open",           [DOCUMENT_COMPLETE] = "complete",
        [DOCUMENT_ABANDONED] = "abandoned", [DOCUMENT_CANCELLED] = "cancelled", [DOCUMENT_CLOSED] = "closed",
    };
    return words[state];
}
