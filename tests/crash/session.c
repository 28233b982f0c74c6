#include "tests/crash/session.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 2026-11-22 09:00 in Shanghai */
enum { OFFSET_MIN = 480, STEP_MS = 1500, FEED_ROOM = 16384, WORDS_MAX = 8, WORDS_ROOM = 128 };
static const int64_t START_MS = 1795309200000;

static const char CLERK[] = "wang 2468", SUPERVISOR[] = "li 13572468";

static const struct session_plan *const plans[SESSION_KIND_COUNT] = {&session_orders, &session_flows};
static const struct session_plan *plan = &session_orders;
static const struct clock *clock_now;
void (*session_after)(int step, int64_t last_seq);

void session_use(enum session_kind kind)
{
    plan = plans[kind];
}

const char *session_name(void)
{
    return plan->name;
}

int session_steps(void)
{
    return plan->step_count;
}

int session_doc_count(void)
{
    return plan->doc_count;
}

const char *session_doc(int index)
{
    return plan->docs[index];
}

/* ---- what is told before ---- */

/* Of the cheapest kind: what is tested here is not how long guessing takes. */
static bool hash_pin(const char *person, char *ret_hash)
{
    const char *pin = strchr(person, ' ') + 1;
    return crypto_pwhash_str(ret_hash, pin, strlen(pin), crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN) == 0;
}

char *session_feed(void)
{
    char clerk[crypto_pwhash_STRBYTES], supervisor[crypto_pwhash_STRBYTES];
    char *text = malloc(FEED_ROOM);
    if (!text || sodium_init() < 0 || !hash_pin(CLERK, clerk) || !hash_pin(SUPERVISOR, supervisor)) {
        free(text);
        return NULL;
    }
    snprintf(text, FEED_ROOM,
             "%s{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"Wang\",\"role\":\"clerk\",\"pin_hash\":\"%s\"}\n"
             "{\"type\":\"operator\",\"id\":\"li\",\"name\":\"Li\",\"role\":\"supervisor\",\"pin_hash\":\"%s\"}\n",
             plan->feed, clerk, supervisor);
    return text;
}

enum rc session_import(const char *dir)
{
    struct engine *engine = NULL;
    struct feed_error error = {0};
    long count = 0;
    char *text = session_feed();
    FILE *stream = text ? fmemopen(text, strlen(text), "r") : NULL;
    enum rc rc = stream ? RC_OK : RC_NOMEM;
    if (rc == RC_OK)
        rc = session_open(dir, &engine);
    if (rc == RC_OK)
        rc = store_import(engine_store(engine), stream, NULL, &count, &error);
    if (rc == RC_BAD_INPUT)
        printf("the session's feed: line %ld: %s\n", error.line, error.text);
    engine_close(engine);
    if (stream)
        fclose(stream);
    free(text);
    return rc;
}

enum rc session_open(const char *dir, struct engine **ret_engine)
{
    struct store_owner owner = {0};
    const struct engine_options options = {.dir = dir, .what = "test", .site = "CDB", .clock = clock_now};
    return engine_open(&options, ret_engine, &owner);
}

/* ---- steps ---- */

/* The words of a step, in `ret_room` (WORDS_ROOM); the count. */
static int split(const char *text, char *ret_room, char **ret_words)
{
    int count = 0;
    char *rest = ret_room;
    snprintf(ret_room, WORDS_ROOM, "%s", text);
    while (rest && count < WORDS_MAX)
        ret_words[count++] = strsep(&rest, " ");
    return count;
}

static bool is_slot(const char *text)
{
    return text && text[0] == '@';
}

static const char *full_name(const struct step *step, const struct session_report *report)
{
    return is_slot(step->doc) ? report->docs[step->doc[1] - 'a'] : step->doc;
}

static enum rc sign_in(struct engine *engine, const char *person)
{
    char room[WORDS_ROOM], *words[WORDS_MAX];
    int64_t wait_ms;
    split(person ? person : CLERK, room, words);
    return engine_sign_in(engine, words[0], words[1], &wait_ms);
}

static enum rc start(struct engine *engine, const struct step *step, struct session_report *report)
{
    char room[WORDS_ROOM], *words[WORDS_MAX];
    int count = split(step->scan, room, words), slot = step->doc[1] - 'a';
    struct start start = {.flow = words[0]};
    for (int i = 1; i < count; i++) {
        struct start_field *field = &start.fields[start.field_count++];
        field->value = words[i];
        field->name = strsep(&words[i], "=");
        field->value = is_slot(words[i]) ? report->nos[words[i][1] - 'a'] : words[i];
    }
    return engine_start(engine, &start, report->docs[slot], report->nos[slot], NULL);
}

static enum rc scan_one(struct engine *engine, const char *doc, const char *text, struct outcome *ret_outcome)
{
    const struct clock *clock = clock_now;
    struct scan *scan = scan_new(text, strlen(text));
    if (!scan)
        return RC_NOMEM;
    scan->mono_ns = clock->mono_ns(clock->context);
    scan->wall_ms = clock->wall_ms(clock->context);
    enum rc rc = engine_scan(engine, doc, scan, 0, ret_outcome);
    free(scan);
    return rc;
}

static enum rc complete(struct engine *engine, const char *doc)
{
    const struct completion completion = {.short_reason = "customer", .recounted = true};
    int64_t seq;
    return engine_complete(engine, doc, &completion, &seq);
}

static enum rc take(struct engine *engine, const struct step *step, struct session_report *report,
                    struct outcome *ret_outcome)
{
    const char *doc = full_name(step, report);
    int64_t ref = report->seqs[step->ref], number;
    switch (step->act) {
    case ACT_SIGN_IN: return sign_in(engine, step->scan);
    case ACT_START: return start(engine, step, report);
    case ACT_OPEN: return engine_open_document(engine, doc, NULL);
    case ACT_SCAN: return scan_one(engine, doc, step->scan, ret_outcome);
    case ACT_CONFIRM: return engine_confirm(engine, doc, ref, "");
    case ACT_UNDO: return engine_undo(engine, doc, ref);
    case ACT_EXCHANGE: return engine_exchange(engine, doc, ref);
    case ACT_SET_ASIDE: return engine_set_aside(engine, doc, ref);
    case ACT_IDLE: store_idle(engine_store(engine)), store_settle(engine_store(engine)); return RC_OK;
    case ACT_COMPLETE: return complete(engine, doc);
    case ACT_ABANDON: return engine_abandon(engine, doc, &number);
    case ACT_SIGN_OUT: return engine_sign_out(engine);
    }
    return RC_USAGE;
}

/* Counts a step that was done; false when it was not, or not as the table says. */
static bool note(int n, enum rc rc, const struct outcome *outcome, struct session_report *report)
{
    const struct step *step = &plan->steps[n];
    if (rc != RC_OK) {
        snprintf(report->trouble, sizeof report->trouble, "%s, step %d: %s", plan->name, n, rc_word(rc));
        return false;
    }
    report->steps = n + 1;
    report->scans += step->act == ACT_SCAN;
    if (step->act == ACT_SCAN && outcome->verdict.severity != step->severity)
        snprintf(report->trouble, sizeof report->trouble, "%s, step %d: %s, %s", plan->name, n,
                 reason_word(outcome->verdict.reason), severity_word(outcome->verdict.severity));
    return !report->trouble[0];
}

/* Whether to try once more. */
static bool again(enum rc rc, int *tries, struct session_report *report)
{
    if (rc == RC_OK)
        return false;
    report->failures++;
    report->failure = rc;
    return --*tries > 0;
}

static enum rc take_step(struct engine *engine, const struct step *step, int tries, struct outcome *ret_outcome,
                         struct session_report *report)
{
    enum rc rc;
    clock_pinned_advance(STEP_MS);
    do
        rc = take(engine, step, report, ret_outcome);
    while (again(rc, &tries, report));
    return rc;
}

static void take_steps(struct engine *engine, int first, int count, int tries, struct session_report *report)
{
    static struct outcome outcome; /* large */
    bool going = true;
    for (int i = first; i < first + count && i < plan->step_count && going; i++) {
        struct store_counts counts = {0};
        outcome.seq = 0;
        enum rc rc = take_step(engine, &plan->steps[i], tries, &outcome, report);
        report->seqs[i] = outcome.seq;
        going = note(i, rc, &outcome, report);
        if (going && store_counts(engine_store(engine), &counts) == RC_OK)
            report->seq_after[i] = counts.last_seq;
        if (going && session_after)
            session_after(i, report->seq_after[i]);
    }
}

void session_take(const char *dir, int tries, struct session_report *report)
{
    struct engine *engine = NULL;
    enum rc rc;
    int left = tries;
    do
        rc = session_open(dir, &engine);
    while (again(rc, &left, report));
    if (rc == RC_OK)
        take_steps(engine, 0, plan->step_count, tries, report);
    else
        snprintf(report->trouble, sizeof report->trouble, "before the first step: %s", rc_word(rc));
    engine_close(engine);
}

const struct clock *session_clock(void)
{
    return clock_now = clock_pinned(START_MS, OFFSET_MIN);
}

void session_run(const char *dir, int tries, struct session_report *ret_report)
{
    enum rc rc;
    int left = tries;
    *ret_report = (struct session_report){0};
    session_clock();
    do
        rc = session_import(dir);
    while (again(rc, &left, ret_report));
    ret_report->imported = rc == RC_OK;
    if (rc == RC_OK)
        session_take(dir, tries, ret_report);
    else
        snprintf(ret_report->trouble, sizeof ret_report->trouble, "import: %s", rc_word(rc));
}

/* ---- afterwards ---- */

/* The first step whose records are not all there. */
static int next_step(const struct session_report *whole, int64_t last_seq)
{
    int next = 0;
    while (next < plan->step_count && whole->seq_after[next] <= last_seq)
        next++;
    return next;
}

/* Who was signed in before this step; NULL nobody. */
static const char *person_at(int next)
{
    for (int i = next - 1; i >= 0; i--) {
        if (plan->steps[i].act == ACT_SIGN_OUT)
            return NULL;
        if (plan->steps[i].act == ACT_SIGN_IN)
            return plan->steps[i].scan ? plan->steps[i].scan : CLERK;
    }
    return NULL;
}

void session_go_on(struct engine *engine, const struct session_report *whole, int most,
                   struct session_report *ret_report)
{
    int next = next_step(whole, store_last_seq(engine_store(engine)));
    const char *person = person_at(next);
    *ret_report = *whole;
    ret_report->steps = next;
    clock_pinned_advance(STEP_MS);
    enum rc rc = person ? sign_in(engine, person) : RC_OK;
    if (rc == RC_OK)
        take_steps(engine, next, most, 1, ret_report);
    else
        snprintf(ret_report->trouble, sizeof ret_report->trouble, "signing in again: %s", rc_word(rc));
}

static void look_at(struct engine *engine, const char *key, char *ret_text, size_t room)
{
    static struct facts facts; /* large */
    static struct code code;
    char holder[HOLDER_MAX + 1];
    code_parse_text(key, 2026, &code);
    const struct facts_request request = {.doc = "", .site = "CDB", .code = &code};
    enum rc rc = store_facts(engine_store(engine), &request, &facts);
    if (rc == RC_OK)
        snprintf(ret_text, room, "%s at %s in '%s' %s\n", key, holder_print(&facts.holder, holder), facts.parent,
                 code_state_word(facts.state));
    else
        snprintf(ret_text, room, "%s: %s\n", key, rc_word(rc));
}

void session_look(struct engine *engine, char *ret_text)
{
    size_t len = 0;
    ret_text[0] = '\0';
    for (int i = 0; i < plan->goods_count && len + 1 < SESSION_LOOK_MAX; i++) {
        look_at(engine, plan->goods[i], ret_text + len, SESSION_LOOK_MAX - len);
        len += strlen(ret_text + len);
    }
}
