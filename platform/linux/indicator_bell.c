#include "platform/indicator.h"
#include <assert.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *word;
    const char *bells;
} SEQUENCES[FEEDBACK_COUNT] = {
    [FEEDBACK_OK] = {"ok", "\a"},
    [FEEDBACK_CONTAINER] = {"container", "\a\a"},
    [FEEDBACK_REPEAT] = {"repeat", ""},
    [FEEDBACK_WARN] = {"warn", "\a\a"},
    [FEEDBACK_CONFIRM] = {"confirm", "\a\a"},
    [FEEDBACK_REJECT] = {"reject", "\a\a\a"},
    [FEEDBACK_LINE_DONE] = {"line-done", "\a"},
    [FEEDBACK_ORDER_DONE] = {"order-done", "\a\a"},
    [FEEDBACK_ALARM] = {"alarm", "\a\a\a\a"},
};

const char *feedback_word(enum feedback feedback)
{
    assert((int)feedback >= 0 && feedback < FEEDBACK_COUNT);
    return SEQUENCES[feedback].word;
}

static void give(void *context, enum feedback feedback)
{
    (void)context;
    assert((int)feedback >= 0 && feedback < FEEDBACK_COUNT);
    const char *bells = SEQUENCES[feedback].bells;
    if (!isatty(STDOUT_FILENO))
        return;
    /* A terminal that takes no bell now is no reason to stop scanning. */
    ssize_t ignored = write(STDOUT_FILENO, bells, strlen(bells));
    (void)ignored;
}

const struct indicator indicator_bell = {.give = give};
