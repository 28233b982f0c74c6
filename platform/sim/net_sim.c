#include "platform/net.h"
#include "platform/sim/file_word.h"
#include <stdlib.h>
#include <string.h>

static enum net_link look(void *context)
{
    char line[FILE_WORD_MAX + 1];
    if (!file_word(context, line))
        return NET_UNKNOWN;
    return strcmp(line, "down") == 0 ? NET_DOWN : NET_UP;
}

static int no_fd(void *context)
{
    (void)context;
    return -1;
}

static void nothing(void *context)
{
    (void)context;
}

enum rc net_sim(const char *path, struct net_source *ret_source)
{
    char *copy = strdup(path);
    if (!copy)
        return RC_NOMEM;
    *ret_source = (struct net_source){.context = copy, .look = look, .fd = no_fd, .take = nothing, .close = free};
    return RC_OK;
}
