#include "app/domain/document.h"
#include <stdlib.h>
#include <string.h>

void document_free(struct document *document)
{
    if (!document)
        return;
    free(document->lines);
    free(document);
}

const char *document_field(const struct document *document, const char *name)
{
    for (int i = 0; i < document->field_count; i++)
        if (strcmp(document->fields[i].name, name) == 0)
            return document->fields[i].value;
    return "";
}

const char *document_state_word(enum document_state state)
{
    static const char *const words[] = {
        [DOCUMENT_READY] = "ready",         [DOCUMENT_OPEN] = "open",           [DOCUMENT_COMPLETE] = "complete",
        [DOCUMENT_ABANDONED] = "abandoned", [DOCUMENT_CANCELLED] = "cancelled", [DOCUMENT_CLOSED] = "closed",
    };
    return words[state];
}
