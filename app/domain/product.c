#include "app/domain/product.h"
#include <assert.h>
#include <string.h>

static const struct {
    enum role role;
    const char *word;
} ROLES[] = {
    {ROLE_CLERK, "clerk"},
    {ROLE_DEALER, "dealer"},
    {ROLE_AUDITOR, "auditor"},
    {ROLE_SUPERVISOR, "supervisor"},
};

static const char *const CONTROLS[] = {
    [CONTROL_NONE] = "none",
    [CONTROL_LOT] = "lot",
    [CONTROL_ITEM] = "item",
};

static const char *const STATES[] = {
    [STATE_ACTIVE] = "active",     [STATE_INACTIVE] = "inactive", [STATE_VOID] = "void",
    [STATE_DAMAGED] = "damaged",   [STATE_STOLEN] = "stolen",     [STATE_DESTROYED] = "destroyed",
    [STATE_RETURNED] = "returned",
};

enum { ROLE_WORDS = sizeof ROLES / sizeof ROLES[0] };

static int find(const char *const *words, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return (int)i;
    return -1;
}

const char *role_word(enum role role)
{
    for (int i = 0; i < ROLE_WORDS; i++)
        if (ROLES[i].role == role)
            return ROLES[i].word;
    assert(!"one role, not a mask");
    return "";
}

bool role_from_word(const char *word, enum role *ret_role)
{
    for (int i = 0; i < ROLE_WORDS; i++) {
        if (strcmp(ROLES[i].word, word) != 0)
            continue;
        *ret_role = ROLES[i].role;
        return true;
    }
    return false;
}

const char *control_word(enum control control)
{
    return CONTROLS[control];
}

bool control_from_word(const char *word, enum control *ret_control)
{
    int at = find(CONTROLS, sizeof CONTROLS / sizeof CONTROLS[0], word);
    if (at < 0)
        return false;
    *ret_control = (enum control)at;
    return true;
}

const char *code_state_word(enum code_state state)
{
    return STATES[state];
}

bool code_state_from_word(const char *word, enum code_state *ret_state)
{
    int at = find(STATES, sizeof STATES / sizeof STATES[0], word);
    if (at < 0)
        return false;
    *ret_state = (enum code_state)at;
    return true;
}
