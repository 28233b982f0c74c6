#include "platform/power.h"
#include "platform/sim/file_word.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void look(void *context, struct power *ret_power)
{
    char line[FILE_WORD_MAX + 1], *end;
    *ret_power = (struct power){.percent = -1};
    if (!file_word(context, line))
        return;
    long percent = strtol(line, &end, 10);
    if (end != line && percent >= 0 && percent <= 100)
        ret_power->percent = (int)percent;
    ret_power->charging = strcmp(end, " charging") == 0;
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

enum rc power_sim(const char *path, struct power_source *ret_source)
{
    char *copy = strdup(path);
    if (!copy)
        return RC_NOMEM;
    *ret_source = (struct power_source){.context = copy, .look = look, .fd = no_fd, .take = nothing, .close = free};
    return RC_OK;
}
