#include "sync/server/query.h"

const char *const QUERY_TEXT[QUERY_COUNT] = {
#define QUERY_ENTRY(id, text) [QUERY_##id] = text,
    QUERY_LIST(QUERY_ENTRY)
#undef QUERY_ENTRY
};
