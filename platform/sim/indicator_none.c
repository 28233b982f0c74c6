#include "platform/indicator.h"

static void give(void *context, enum feedback feedback)
{
    (void)context;
    (void)feedback;
}

const struct indicator indicator_none = {.give = give};
