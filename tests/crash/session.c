#include "tests/crash/session.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 2026-11-22 09:00 in Shanghai */
enum { OFFSET_MIN = 480, STEP_MS = 1500, FEED_ROOM = 8192 };
static const int64_t START_MS = 1795309200000;

static const char OPERATOR[] = "wang", PIN[] = "2468";
#define NO_ONE  "SO-1"
#define NO_TWO  "SO-2"
#define DOC_ONE "erp:" NO_ONE
#define DOC_TWO "erp:" NO_TWO

const char *const session_docs[] = {DOC_ONE, DOC_TWO};
const int session_doc_count = 2;

/* %s: the PIN's hash, of the cheapest kind: what is tested here is not how long guessing takes. */
static const char FEED[] =
    "{\"type\":\"party\",\"id\":\"D-1\",\"name\":\"Dealer\",\"kind\":\"dealer\"}\n"
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"Store\",\"kind\":\"warehouse\"}\n"
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"Wang\",\"role\":\"clerk\",\"pin_hash\":\"%s\"}\n"
    "{\"type\":\"product\",\"id\":\"SEAL\",\"name\":\"Seal kit\",\"gtin\":[\"05901234123457\"],\"unit\":\"u\","
    "\"decimals\":0,\"control\":\"item\",\"pack\":[{\"level\":1,\"name\":\"case\",\"contains\":4}]}\n"
    "{\"type\":\"product\",\"id\":\"TAPE\",\"name\":\"Tape\",\"gtin\":[\"06901234000016\"],\"unit\":\"u\","
    "\"decimals\":0,\"control\":\"none\"}\n"
    "{\"type\":\"product\",\"id\":\"OTHER\",\"name\":\"Other\",\"gtin\":[\"05901234000017\"],\"unit\":\"u\","
    "\"decimals\":0,\"control\":\"none\"}\n"
    "{\"type\":\"lot\",\"product\":\"SEAL\",\"lot\":\"L1\",\"expires\":\"2028-01-10\",\"quality\":\"released\"}\n"
    "{\"type\":\"lot\",\"product\":\"SEAL\",\"lot\":\"L2\",\"expires\":\"2028-01-10\",\"quality\":\"released\"}\n"
    "{\"type\":\"codes\",\"product\":\"SEAL\",\"lot\":\"L1\",\"first\":\"(01)05901234123457(21)S01\","
    "\"last\":\"(01)05901234123457(21)S09\",\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)R01\",\"product\":\"SEAL\",\"lot\":\"L2\","
    "\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"code\",\"code\":\"(00)069012340000000016\",\"product\":\"SEAL\",\"lot\":\"L1\",\"level\":1,"
    "\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)C01\",\"product\":\"SEAL\",\"lot\":\"L1\","
    "\"in\":\"(00)069012340000000016\"}\n"
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)C02\",\"product\":\"SEAL\",\"lot\":\"L1\","
    "\"in\":\"(00)069012340000000016\"}\n"
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)C03\",\"product\":\"SEAL\",\"lot\":\"L1\","
    "\"in\":\"(00)069012340000000016\"}\n"
    "{\"type\":\"code\",\"code\":\"(00)069012340000000023\",\"product\":\"SEAL\",\"lot\":\"L1\",\"level\":1,"
    "\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"recall\",\"id\":\"R-7\",\"product\":\"SEAL\",\"lots\":[\"L2\"],\"reason\":\"leak\"}\n"
    "{\"type\":\"document\",\"source\":\"erp\",\"doc\":\"" NO_ONE "\",\"no\":\"" NO_ONE "\",\"flow\":\"outbound\","
    "\"state\":\"open\",\"from\":\"site:CDB\",\"to\":\"party:D-1\",\"lines\":["
    "{\"line\":\"1\",\"product\":\"SEAL\",\"qty\":\"50\"},{\"line\":\"2\",\"product\":\"TAPE\",\"qty\":\"5\"}]}\n"
    "{\"type\":\"document\",\"source\":\"erp\",\"doc\":\"" NO_TWO "\",\"no\":\"" NO_TWO "\",\"flow\":\"outbound\","
    "\"state\":\"open\",\"from\":\"site:CDB\",\"to\":\"party:D-1\",\"lines\":["
    "{\"line\":\"1\",\"product\":\"SEAL\",\"qty\":\"50\"}]}\n";

#define ITEM(serial)                                                                                                 \
    "]C10105901234123457"                                                                                            \
    "21" serial
#define TAPE      "]E06901234000016"
#define OTHER     "]E05901234000017"
#define CASE      "]C100069012340000000016"
#define BARE_CASE "]C100069012340000000023"

enum act {
    ACT_SIGN_IN,
    ACT_SCAN,
    ACT_CONFIRM,
    ACT_UNDO,
    ACT_SET_ASIDE,
    ACT_IDLE,
    ACT_COMPLETE,
    ACT_ABANDON,
    ACT_SIGN_OUT
};

struct step {
    enum act act;
    const char *doc;
    const char *scan;
    enum severity severity; /* that the scan must get */
    int ref;                /* step whose record is meant */
};

static const struct step steps[] = {
    /*  0 */ {.act = ACT_SIGN_IN},
    /*  1 */ {ACT_SCAN, DOC_ONE, ITEM("S01"), SEVERITY_ACCEPT, 0},
    /*  2 */ {ACT_SCAN, DOC_ONE, ITEM("S02"), SEVERITY_ACCEPT, 0},
    /*  3 */ {ACT_SCAN, DOC_ONE, ITEM("S02"), SEVERITY_REJECT, 0},
    /*  4 */ {ACT_SCAN, DOC_ONE, ITEM("R01"), SEVERITY_REJECT, 0},
    /*  5 */ {.act = ACT_IDLE},
    /*  6 */ {ACT_SCAN, DOC_ONE, ITEM("S03"), SEVERITY_ACCEPT, 0},
    /*  7 */ {.act = ACT_UNDO, .doc = DOC_ONE, .ref = 6},
    /*  8 */ {.act = ACT_SET_ASIDE, .doc = DOC_ONE, .ref = 4},
    /*  9 */ {ACT_SCAN, DOC_ONE, TAPE, SEVERITY_ACCEPT, 0},
    /* 10 */ {ACT_SCAN, DOC_ONE, OTHER, SEVERITY_REJECT, 0},
    /* 11 */ {.act = ACT_IDLE},
    /* 12 */ {.act = ACT_UNDO, .doc = DOC_ONE, .ref = 10},
    /* 13 */ {ACT_SCAN, DOC_ONE, CASE, SEVERITY_ACCEPT, 0},
    /* 14 */ {ACT_SCAN, DOC_ONE, BARE_CASE, SEVERITY_CONFIRM, 0},
    /* 15 */ {.act = ACT_CONFIRM, .doc = DOC_ONE, .ref = 14},
    /* 16 */ {ACT_SCAN, DOC_TWO, ITEM("S04"), SEVERITY_ACCEPT, 0},
    /* 17 */ {.act = ACT_IDLE},
    /* 18 */ {.act = ACT_ABANDON, .doc = DOC_TWO},
    /* 19 */ {ACT_SCAN, DOC_ONE, ITEM("S03"), SEVERITY_ACCEPT, 0},
    /* 20 */ {.act = ACT_COMPLETE, .doc = DOC_ONE},
    /* 21 */ {ACT_SCAN, DOC_ONE, ITEM("S05"), SEVERITY_REJECT, 0},
    /* 22 */ {.act = ACT_IDLE},
    /* 23 */ {.act = ACT_SIGN_OUT},
};

enum { STEPS = sizeof steps / sizeof *steps };
_Static_assert((int)STEPS <= (int)SESSION_STEPS_MAX, "the table of steps");

static const struct clock *clock_now;

int session_steps(void)
{
    return STEPS;
}

char *session_feed(void)
{
    char hash[crypto_pwhash_STRBYTES];
    char *text = malloc(FEED_ROOM);
    if (!text || sodium_init() < 0 ||
        crypto_pwhash_str(hash, PIN, sizeof PIN - 1, crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN) != 0) {
        free(text);
        return NULL;
    }
    snprintf(text, FEED_ROOM, FEED, hash);
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
    const struct completion completion = {.short_reason = "customer"};
    int64_t seq;
    return engine_complete(engine, doc, &completion, &seq);
}

static enum rc take(struct engine *engine, const struct step *step, const int64_t *seqs, struct outcome *ret_outcome)
{
    int64_t number;
    switch (step->act) {
    case ACT_SIGN_IN: return engine_sign_in(engine, OPERATOR, PIN, &number);
    case ACT_SCAN: return scan_one(engine, step->doc, step->scan, ret_outcome);
    case ACT_CONFIRM: return engine_confirm(engine, step->doc, seqs[step->ref], "");
    case ACT_UNDO: return engine_undo(engine, step->doc, seqs[step->ref]);
    case ACT_SET_ASIDE: return engine_set_aside(engine, step->doc, seqs[step->ref]);
    case ACT_IDLE: store_idle(engine_store(engine)); return RC_OK;
    case ACT_COMPLETE: return complete(engine, step->doc);
    case ACT_ABANDON: return engine_abandon(engine, step->doc, &number);
    case ACT_SIGN_OUT: return engine_sign_out(engine);
    }
    return RC_USAGE;
}

/* Counts a step that was done; false when it was not, or not as the table says. */
static bool note(const struct step *step, enum rc rc, const struct outcome *outcome, struct session_report *report)
{
    int n = (int)(step - steps);
    if (rc != RC_OK) {
        snprintf(report->trouble, sizeof report->trouble, "step %d: %s", n, rc_word(rc));
        return false;
    }
    report->steps = n + 1;
    report->scans += step->act == ACT_SCAN;
    if (step->act == ACT_SCAN && outcome->verdict.severity != step->severity)
        snprintf(report->trouble, sizeof report->trouble, "step %d: %s, %s", n, reason_word(outcome->verdict.reason),
                 severity_word(outcome->verdict.severity));
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

static enum rc take_step(struct engine *engine, const struct step *step, int tries, const int64_t *seqs,
                         struct outcome *ret_outcome, struct session_report *report)
{
    enum rc rc;
    clock_pinned_advance(STEP_MS);
    do
        rc = take(engine, step, seqs, ret_outcome);
    while (again(rc, &tries, report));
    return rc;
}

static void take_all(struct engine *engine, int tries, struct session_report *report)
{
    static struct outcome outcome; /* large */
    int64_t seqs[STEPS] = {0};
    bool going = true;
    for (int i = 0; i < STEPS && going; i++) {
        struct store_counts counts = {0};
        enum rc rc = take_step(engine, &steps[i], tries, seqs, &outcome, report);
        seqs[i] = outcome.seq;
        going = note(&steps[i], rc, &outcome, report);
        if (going && store_counts(engine_store(engine), &counts) == RC_OK)
            report->seq_after[i] = counts.last_seq;
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
        take_all(engine, tries, report);
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

enum rc session_go_on(struct engine *engine, struct outcome *ret_outcome)
{
    int64_t wait_ms;
    clock_pinned_advance(STEP_MS);
    enum rc rc = engine_sign_in(engine, OPERATOR, PIN, &wait_ms);
    clock_pinned_advance(STEP_MS);
    return rc == RC_OK ? scan_one(engine, DOC_ONE, ITEM("S09"), ret_outcome) : rc;
}
