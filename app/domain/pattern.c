#include "app/domain/pattern.h"
#include "app/domain/why.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPS_MAX = 10, SLOTS = 2 * GROUPS_MAX, SET_BYTES = 32 };

enum step_kind { STEP_SET, STEP_SPLIT, STEP_JUMP, STEP_SAVE, STEP_BEGIN, STEP_END, STEP_MATCH };

struct step {
    enum step_kind kind;
    int a, b;               /* where to go: SPLIT prefers a; SAVE: the slot */
    uint8_t set[SET_BYTES]; /* STEP_SET: a bit a byte */
};

struct pattern {
    char id[ID_MAX + 1], version[17], product[ID_MAX + 1];
    char key[CODE_KEY_MAX + 1];
    int count;
    struct step *steps;
};

/* ---- from an expression to steps ---- */

struct compiler {
    const char *at;
    struct step *steps;
    int count, groups, depth, work;
    enum rc rc;
};

static void fail(struct compiler *c, enum rc rc)
{
    if (c->rc == RC_OK)
        c->rc = rc;
}

static int emit(struct compiler *c, enum step_kind kind, int a, int b)
{
    /* what is repeated or chosen from is compiled again: nesting must not make that endless */
    if (c->count == PATTERN_STEPS_MAX || ++c->work > 20 * PATTERN_STEPS_MAX) {
        fail(c, RC_TOO_BIG);
        return 0;
    }
    c->steps[c->count] = (struct step){.kind = kind, .a = a, .b = b};
    return c->count++;
}

static void set_add(uint8_t *set, unsigned first, unsigned last)
{
    for (unsigned i = first; i <= last && i < 256; i++)
        set[i / 8] |= (uint8_t)(1u << i % 8);
}

static void set_invert(uint8_t *set)
{
    for (int i = 0; i < SET_BYTES; i++)
        set[i] = (uint8_t)~set[i];
}

/* What follows a backslash. */
static void set_escape(uint8_t *set, char c)
{
    switch (c) {
    case 'd': set_add(set, '0', '9'); return;
    case 's':
        set_add(set, ' ', ' ');
        set_add(set, '\t', '\r');
        return;
    case 'w':
        set_add(set, '0', '9');
        set_add(set, 'A', 'Z');
        set_add(set, 'a', 'z');
        set_add(set, '_', '_');
        return;
    default: set_add(set, (unsigned char)c, (unsigned char)c);
    }
}

/* After "[". */
static void compile_set(struct compiler *c, uint8_t *set)
{
    bool inverted = *c->at == '^';
    c->at += inverted;
    for (bool first = true; *c->at && (first || *c->at != ']'); first = false) {
        unsigned low = (unsigned char)*c->at++;
        if (low == '\\' && *c->at) {
            set_escape(set, *c->at++);
            continue;
        }
        unsigned high = low;
        if (c->at[0] == '-' && c->at[1] && c->at[1] != ']') {
            high = (unsigned char)c->at[1];
            c->at += 2;
        }
        if (high < low)
            fail(c, RC_BAD_INPUT);
        set_add(set, low, high);
    }
    if (*c->at != ']')
        fail(c, RC_BAD_INPUT);
    else
        c->at++;
    if (inverted)
        set_invert(set);
}

static void compile_either(struct compiler *c);

/* After "(". */
static void compile_group(struct compiler *c)
{
    int group = 0;
    if (strncmp(c->at, "?:", 2) == 0)
        c->at += 2;
    else if (*c->at == '?')
        fail(c, RC_BAD_INPUT);
    else
        group = ++c->groups;
    if (c->groups >= GROUPS_MAX || ++c->depth > PATTERN_DEPTH_MAX) {
        fail(c, RC_TOO_BIG);
        return;
    }
    if (group)
        emit(c, STEP_SAVE, 2 * group, 0);
    compile_either(c);
    if (group)
        emit(c, STEP_SAVE, 2 * group + 1, 0);
    if (*c->at != ')')
        fail(c, RC_BAD_INPUT);
    else
        c->at++;
    c->depth--;
}

static void compile_atom(struct compiler *c)
{
    char first = *c->at++;
    if (first == '(') {
        compile_group(c);
        return;
    }
    if (first == '^' || first == '$') {
        emit(c, first == '^' ? STEP_BEGIN : STEP_END, 0, 0);
        return;
    }
    uint8_t set[SET_BYTES] = {0};
    if (first == '[')
        compile_set(c, set);
    else if (first == '.')
        set_add(set, 0, 255);
    else if (first == '\\' && *c->at)
        set_escape(set, *c->at++);
    else if (strchr("*+?{)\\", first))
        fail(c, RC_BAD_INPUT);
    else
        set_add(set, (unsigned char)first, (unsigned char)first);
    memcpy(c->steps[emit(c, STEP_SET, 0, 0)].set, set, sizeof set);
}

static int read_number(struct compiler *c)
{
    int value = 0;
    if (*c->at < '0' || *c->at > '9')
        fail(c, RC_BAD_INPUT);
    while (*c->at >= '0' && *c->at <= '9' && value <= PATTERN_REPEAT_MAX)
        value = value * 10 + (*c->at++ - '0');
    if (value > PATTERN_REPEAT_MAX)
        fail(c, RC_TOO_BIG);
    return value;
}

/* "*", "+", "?", "{n}" …; most -1: without end. False when there is none. */
static bool read_repeat(struct compiler *c, int *ret_least, int *ret_most)
{
    *ret_least = *c->at == '+';
    *ret_most = *c->at == '?' ? 1 : -1;
    if (*c->at == '*' || *c->at == '+' || *c->at == '?') {
        c->at++;
        return true;
    }
    if (*c->at != '{')
        return false;
    c->at++;
    *ret_least = *ret_most = read_number(c);
    if (*c->at == ',') {
        c->at++;
        *ret_most = *c->at == '}' ? -1 : read_number(c);
    }
    if (*c->at != '}' || (*ret_most >= 0 && *ret_most < *ret_least))
        fail(c, RC_BAD_INPUT);
    else
        c->at++;
    return true;
}

/* The atom's text is compiled again for each time it may come. */
static void again(struct compiler *c, const char *atom, int groups)
{
    const char *after = c->at;
    c->at = atom;
    c->groups = groups;
    compile_atom(c);
    c->at = after;
}

static void compile_repeat(struct compiler *c)
{
    const char *atom = c->at;
    int groups = c->groups, start = c->count, least, most;
    compile_atom(c);
    int all_groups = c->groups;
    if (c->rc != RC_OK || !read_repeat(c, &least, &most))
        return;
    if (strchr("*+?{", *c->at) && *c->at)
        fail(c, RC_BAD_INPUT);
    c->count = start;
    for (int i = 0; i < least && c->rc == RC_OK; i++)
        again(c, atom, groups);
    for (int i = least; i < most && c->rc == RC_OK; i++) {
        int split = emit(c, STEP_SPLIT, 0, 0);
        c->steps[split].a = c->count;
        again(c, atom, groups);
        c->steps[split].b = c->count;
    }
    if (most < 0 && c->rc == RC_OK) {
        int split = emit(c, STEP_SPLIT, 0, 0);
        c->steps[split].a = c->count;
        again(c, atom, groups);
        emit(c, STEP_JUMP, split, 0);
        c->steps[split].b = c->count;
    }
    c->groups = all_groups;
}

static void compile_sequence(struct compiler *c)
{
    while (c->rc == RC_OK && *c->at && *c->at != '|' && *c->at != ')')
        compile_repeat(c);
}

/* a|b|c: a split before each but the last, a jump to the end after it. The first branch is moved for its split. */
static void compile_either(struct compiler *c)
{
    const char *from = c->at;
    int start = c->count, groups = c->groups;
    compile_sequence(c);
    if (*c->at != '|' || c->rc != RC_OK)
        return;
    c->at = from; /* once more, behind a split */
    c->count = start;
    c->groups = groups;
    int split = emit(c, STEP_SPLIT, 0, 0);
    c->steps[split].a = c->count;
    compile_sequence(c);
    int jump = emit(c, STEP_JUMP, 0, 0);
    c->steps[split].b = c->count;
    c->at++;
    if (++c->depth > PATTERN_DEPTH_MAX)
        fail(c, RC_TOO_BIG);
    else
        compile_either(c);
    c->depth--;
    c->steps[jump].a = c->count;
}

static enum rc compile(const char *match, struct pattern *pattern)
{
    struct compiler c = {.at = match, .rc = RC_OK};
    c.steps = calloc(PATTERN_STEPS_MAX, sizeof *c.steps);
    if (!c.steps)
        return RC_NOMEM;
    emit(&c, STEP_SAVE, 0, 0);
    compile_either(&c);
    if (*c.at)
        fail(&c, RC_BAD_INPUT); /* a bracket too many */
    emit(&c, STEP_SAVE, 1, 0);
    emit(&c, STEP_MATCH, 0, 0);
    struct step *fitted = c.rc == RC_OK ? realloc(c.steps, (size_t)c.count * sizeof *c.steps) : NULL;
    pattern->steps = fitted ? fitted : c.steps;
    pattern->count = c.count;
    return c.rc;
}

/* ---- matching: all threads of the program a byte at a time, in their order of preference ---- */

struct thread {
    int step;
    short slots[SLOTS];
};

struct threads {
    int count;
    struct thread *list;
};

struct machine {
    const struct pattern *pattern;
    const uint8_t *bytes;
    size_t len;
    struct threads now, next;
    int *seen; /* for each step, the round in which it was last added */
    struct thread *memory;
    short best[SLOTS];
};

static enum rc machine_open(const struct pattern *pattern, struct machine *machine)
{
    size_t count = (size_t)pattern->count;
    machine->pattern = pattern;
    machine->memory = calloc(2 * count, sizeof *machine->memory);
    machine->seen = calloc(count, sizeof *machine->seen);
    if (!machine->memory || !machine->seen)
        return RC_NOMEM;
    machine->now.list = machine->memory;
    machine->next.list = machine->memory + count;
    return RC_OK;
}

static void machine_close(struct machine *machine)
{
    free(machine->memory);
    free(machine->seen);
}

/* Follows what takes no byte. As deep as there are steps: a step is entered once a round. */
static void follow(struct machine *m, struct threads *threads, int step, size_t at, short slots[SLOTS])
{
    const struct step *steps = m->pattern->steps;
    short kept;
    for (;;) {
        if (m->seen[step] == (int)at + 1)
            return;
        m->seen[step] = (int)at + 1;
        switch (steps[step].kind) {
        case STEP_JUMP: step = steps[step].a; continue;
        case STEP_SPLIT:
            follow(m, threads, steps[step].a, at, slots);
            step = steps[step].b;
            continue;
        case STEP_SAVE:
            kept = slots[steps[step].a];
            slots[steps[step].a] = (short)at;
            follow(m, threads, step + 1, at, slots);
            slots[steps[step].a] = kept;
            return;
        case STEP_BEGIN:
        case STEP_END:
            if (at != (steps[step].kind == STEP_BEGIN ? 0 : m->len))
                return;
            step++;
            continue;
        case STEP_SET:
        case STEP_MATCH:
            threads->list[threads->count].step = step;
            memcpy(threads->list[threads->count++].slots, slots, sizeof threads->list->slots);
            return;
        }
    }
}

/* One byte for all threads. True when a match cut off those of lower preference. */
static bool advance(struct machine *m, size_t at)
{
    const struct step *steps = m->pattern->steps;
    m->next.count = 0;
    for (int i = 0; i < m->now.count; i++) {
        struct thread *thread = &m->now.list[i];
        if (steps[thread->step].kind == STEP_MATCH) {
            memcpy(m->best, thread->slots, sizeof m->best);
            return true;
        }
        if (at < m->len && steps[thread->step].set[m->bytes[at] / 8] >> m->bytes[at] % 8 & 1)
            follow(m, &m->next, thread->step + 1, at + 1, thread->slots);
    }
    return false;
}

static bool run(struct machine *m)
{
    bool found = false;
    short fresh[SLOTS];
    memset(fresh, -1, sizeof fresh);
    for (size_t at = 0; at <= m->len; at++) {
        if (!found) /* a match may begin here, after all that began before */
            follow(m, &m->now, 0, at, fresh);
        if (advance(m, at))
            found = true;
        struct threads swap = m->now;
        m->now = m->next;
        m->next = swap;
    }
    return found;
}

/* ---- patterns ---- */

enum rc pattern_new(const char *id, const char *version, const char *match, const char *key, const char *product,
                    struct pattern **ret_pattern)
{
    if (strlen(key) > CODE_KEY_MAX || strlen(id) > ID_MAX || strlen(product) > ID_MAX)
        return RC_TOO_BIG;
    struct pattern *pattern = calloc(1, sizeof *pattern);
    if (!pattern)
        return RC_NOMEM;
    snprintf(pattern->id, sizeof pattern->id, "%s", id);
    snprintf(pattern->version, sizeof pattern->version, "%s", version);
    snprintf(pattern->product, sizeof pattern->product, "%s", product);
    snprintf(pattern->key, sizeof pattern->key, "%s", key);
    enum rc rc = compile(match, pattern);
    if (rc == RC_OK)
        *ret_pattern = pattern;
    else
        pattern_free(pattern);
    return rc;
}

void pattern_free(struct pattern *pattern)
{
    if (!pattern)
        return;
    free(pattern->steps);
    free(pattern);
}

const char *pattern_id(const struct pattern *pattern)
{
    return pattern->id;
}

/* A group's bytes as the text of a code writes them. False when it is too long. */
static bool put_group(const struct machine *m, int group, const char *key, char *text, size_t *used)
{
    int from = m->best[2 * group], to = m->best[2 * group + 1];
    char escaped[4 * PATTERN_TEXT_MAX + 1];
    if (from < 0 || to < from)
        return true; /* an alternative that was not taken */
    code_escape(m->bytes + from, (size_t)(to - from), escaped);
    for (const char *at = escaped; *at; at++) {
        if (*used + 2 > CODE_KEY_MAX)
            return false;
        if (*at == '(' && key[0] == '(')
            text[(*used)++] = '\\';
        text[(*used)++] = *at;
    }
    return true;
}

static bool expand(const struct machine *m, const char *key, char ret_text[CODE_KEY_MAX + 1])
{
    size_t used = 0;
    for (const char *at = key; *at; at++) {
        if (used >= CODE_KEY_MAX)
            return false;
        if (at[0] == '{' && at[1] >= '0' && at[1] <= '9' && at[2] == '}') {
            if (!put_group(m, at[1] - '0', key, ret_text, &used))
                return false;
            at += 2;
        } else {
            ret_text[used++] = *at;
        }
    }
    ret_text[used] = '\0';
    return true;
}

static bool read_result(const struct pattern *pattern, const char *text, int year, struct code *ret_code)
{
    code_parse_text(text, year, ret_code);
    if (strcmp(text, "not-goods") == 0) {
        ret_code->kind = CODE_NONE;
        ret_code->problem = REASON_NOT_GOODS;
        ret_code->why = WHY_NOT_GOODS;
        ret_code->key[0] = '\0';
    } else if (!ret_code->key[0]) {
        return false;
    }
    ret_code->guessed = false;
    memcpy(ret_code->pattern, pattern->id, sizeof ret_code->pattern);
    memcpy(ret_code->pattern_version, pattern->version, sizeof ret_code->pattern_version);
    memcpy(ret_code->product, pattern->product, sizeof ret_code->product);
    return true;
}

bool pattern_apply(const struct pattern *pattern, const uint8_t *bytes, size_t len, int year, struct code *code)
{
    struct machine machine = {.bytes = bytes, .len = len};
    struct code found;
    char text[CODE_KEY_MAX + 1];
    bool good = len <= PATTERN_TEXT_MAX && machine_open(pattern, &machine) == RC_OK && run(&machine) &&
                expand(&machine, pattern->key, text) && read_result(pattern, text, year, &found);
    machine_close(&machine);
    if (!good)
        return false;
    memcpy(found.aim, code->aim, sizeof found.aim);
    memcpy(found.plain, code->plain, sizeof found.plain);
    if (strcmp(found.plain, found.key) == 0)
        found.plain[0] = '\0';
    *code = found;
    return true;
}
