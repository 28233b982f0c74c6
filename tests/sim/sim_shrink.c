#include "tests/sim/sim_shrink.h"
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TRY_SECONDS = 120 };

static bool fails(const struct history *history)
{
    static struct sim sim;
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(TRY_SECONDS);
        if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
            _exit(0);
        sim.loud = false;
        _exit(history_run(history, &sim) ? 0 : 1);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status != 0;
}

/* Tries without `size` of those that are kept, from the at-th on. */
static bool leave_out(struct history *history, int at, int size)
{
    struct history less = *history;
    for (int i = 0, nth = 0; i < HISTORY_ACTIONS; i++)
        if (history->kept[i] && nth++ >= at && nth <= at + size)
            less.kept[i] = false;
    if (!fails(&less))
        return false;
    *history = less;
    return true;
}

static int count(const struct history *history)
{
    int kept = 0;
    for (int i = 0; i < HISTORY_ACTIONS; i++)
        kept += history->kept[i];
    return kept;
}

int shrink(struct history *history)
{
    int tries = 0;
    for (int size = count(history) / 2; size > 0;) {
        bool any = false;
        for (int at = 0; at < count(history) && tries < SHRINK_TRIES_MAX; tries++) {
            if (leave_out(history, at, size))
                any = true;
            else
                at += size;
        }
        if (!any || size > 1)
            size = any && size == 1 ? 1 : size / 2;
        if (tries >= SHRINK_TRIES_MAX)
            break;
    }
    return tries;
}

void shrink_print(const struct history *history, char *ret_text)
{
    size_t len = 0;
    ret_text[0] = '\0';
    for (int i = 0; i < HISTORY_ACTIONS; i++) {
        int first = i;
        if (!history->kept[i])
            continue;
        while (i + 1 < HISTORY_ACTIONS && history->kept[i + 1])
            i++;
        int more = i > first ? snprintf(ret_text + len, SHRINK_TEXT_MAX - len, "%s%d-%d", len ? "," : "", first, i)
                             : snprintf(ret_text + len, SHRINK_TEXT_MAX - len, "%s%d", len ? "," : "", first);
        len += (size_t)more;
    }
    if (len == 0)
        snprintf(ret_text, SHRINK_TEXT_MAX, "none");
}

bool shrink_parse(const char *text, struct history *history)
{
    memset(history->kept, 0, sizeof history->kept);
    if (strcmp(text, "none") == 0)
        return true;
    for (const char *at = text; *at;) {
        char *end;
        long first = strtol(at, &end, 10), last = first;
        if (*end == '-')
            last = strtol(end + 1, &end, 10);
        if (end == at || first < 0 || last < first || last >= HISTORY_ACTIONS || (*end && *end != ','))
            return false;
        for (long i = first; i <= last; i++)
            history->kept[i] = true;
        at = *end ? end + 1 : end;
    }
    return true;
}
