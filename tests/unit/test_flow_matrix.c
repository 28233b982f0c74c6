/* Every flow with every reason, generated from the flow table: each cell that can occur is played through the engine on a
 * real store, each that can't says why, and an empty cell fails. */
#include "app/domain/flow.h"
#include "tests/unit/engine_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FEED_BYTES = 1 << 20, TEXT_BYTES = 128, FAST_NS = 100000000 };

/* One flow's world: for each reason a document M-<reason> and a unit of its own. */
struct matrix {
    const struct flow *flow;
    char *feed;
    size_t len;
    struct engine_world world;
    char visits[REASON_COUNT][ID_MAX + 1]; /* documents of one's own, where the data centre sends none */
};

static void say(struct matrix *matrix, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct matrix *matrix, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(matrix->feed + matrix->len, FEED_BYTES - matrix->len, format, arguments);
    va_end(arguments);
    assert_true(len > 0 && matrix->len + (size_t)len + 1 < FEED_BYTES);
    matrix->len += (size_t)len;
    matrix->feed[matrix->len++] = '\n';
    matrix->feed[matrix->len] = '\0';
}

/* ---- names ---- */

static const char *unit_text(int number)
{
    static char text[4][TEXT_BYTES];
    static int at;
    at = (at + 1) % 4;
    snprintf(text[at], TEXT_BYTES, "(01)05901234123457(21)U%d", number);
    return text[at];
}

/* An SSCC with its check digit. */
static const char *case_text(int number)
{
    static char text[4][TEXT_BYTES];
    static int at;
    char digits[18];
    int sum = 0;
    at = (at + 1) % 4;
    snprintf(digits, sizeof digits, "06901234%09d", number);
    for (int i = 0; i < 17; i++)
        sum += (digits[i] - '0') * (i % 2 ? 1 : 3);
    snprintf(text[at], TEXT_BYTES, "(00)%s%d", digits, (10 - sum % 10) % 10);
    return text[at];
}

static const char *document_no(int reason)
{
    static char text[2][TEXT_BYTES];
    static int at;
    at = !at;
    snprintf(text[at], TEXT_BYTES, "M-%s", reason_word((enum reason)reason));
    return text[at];
}

/* ---- where this flow's goods are, and its documents ---- */

static bool takes(const struct matrix *matrix, enum place place)
{
    return matrix->flow->before & place;
}

static const char *home(const struct matrix *matrix)
{
    if (matrix->flow->judges)
        return "party:D-1";
    if (takes(matrix, PLACE_DEALER))
        return "transit:party:D-0";
    return takes(matrix, PLACE_SOURCE)             ? "party:S-1"
           : takes(matrix, PLACE_TRANSIT_TO_PARTY) ? "transit:party:D-1"
                                                   : "site:CDB";
}

struct paper {
    const char *no, *flow, *state, *lot, *qty;
};

static void tell_document(struct matrix *matrix, const struct paper *paper)
{
    bool in = takes(matrix, PLACE_SOURCE) || matrix->flow->lines == LINES_TRANSIT;
    char lot[TEXT_BYTES] = "null";
    if (paper->lot)
        snprintf(lot, sizeof lot, "\"%s\"", paper->lot);
    say(matrix,
        "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"%s\",\"no\":\"%s\",\"flow\":\"%s\",\"state\":\"%s\","
        "\"from\":\"%s\","
        "\"to\":\"%s\",\"due\":\"2026-11-23\",\"lines\":["
        "{\"line\":\"1\",\"product\":\"P\",\"qty\":\"%s\",\"lot\":%s},{\"line\":\"2\",\"product\":\"L\",\"qty\":"
        "\"100\"},"
        "{\"line\":\"3\",\"product\":\"N\",\"qty\":\"100\"},{\"line\":\"4\",\"product\":\"F\",\"qty\":\"100\"}]}",
        paper->no, paper->no, paper->flow, paper->state, in ? "party:S-1" : "site:CDB", in ? "site:DS" : "party:D-1",
        paper->qty, lot);
}

/* ---- goods ---- */

struct goods {
    int number;
    const char *product, *lot, *holder, *state;
    int inside; /* number of its case, 0 none */
};

static void tell_goods(struct matrix *matrix, struct goods goods)
{
    char in[TEXT_BYTES] = "null";
    /* a recall's goods are those that the notice names */
    const char *usual = matrix->flow->lines == LINES_NOTICE ? "LR" : "L1";
    /* what is unpacked or replaced is in a case */
    bool needs_case = matrix->flow->work == WORK_UNPACK || matrix->flow->work == WORK_REPLACE;
    if (!goods.inside && needs_case)
        goods.inside = 5000 + goods.number;
    if (goods.inside)
        snprintf(in, sizeof in, "\"%s\"", case_text(goods.inside));
    say(matrix,
        "{\"type\":\"code\",\"code\":\"%s\",\"product\":\"%s\",\"lot\":\"%s\",\"level\":0,\"in\":%s,\"holder\":\"%"
        "s\","
        "\"state\":\"%s\"}",
        unit_text(goods.number), goods.product ? goods.product : "P", goods.lot ? goods.lot : usual, in,
        goods.holder ? goods.holder : home(matrix), goods.state ? goods.state : "active");
}

static void tell_case(struct matrix *matrix, int number)
{
    say(matrix, "{\"type\":\"code\",\"code\":\"%s\",\"level\":1,\"holder\":\"%s\"}", case_text(number), home(matrix));
}

static void tell_lot(struct matrix *matrix, const char *product, const char *lot, const char *made,
                     const char *expires, const char *quality)
{
    say(matrix,
        "{\"type\":\"lot\",\"product\":\"%s\",\"lot\":\"%s\",\"made\":\"%s\",\"expires\":\"%s\",\"quality\":\"%s\"}",
        product, lot, made, expires, quality);
}

/* ---- the cells: what makes a reason hold ---- */

enum { OTHERS = 1000, CASES = 2000 };

static const char *other_flow(const struct matrix *matrix)
{
    bool own = matrix->flow->lines == LINES_NOTICE || strcmp(home(matrix), "site:CDB") != 0;
    return own ? matrix->flow->name : "outbound";
}

static void by_lot(struct matrix *matrix, enum reason reason)
{
    static const char *const LOTS[REASON_COUNT] = {
        [REASON_RECALLED] = "LR",    [REASON_ON_HOLD] = "LH",     [REASON_EXPIRED] = "LE",
        [REASON_SHORT_LIFE] = "LS",  [REASON_NEAR_EXPIRY] = "LN", [REASON_BEFORE_START] = "LB",
        [REASON_OLDER_FIRST] = "F2",
    };
    /* goods of lots that expire early are of a product of their own: else they were the older lot everywhere */
    bool early = reason == REASON_SHORT_LIFE || reason == REASON_NEAR_EXPIRY || reason == REASON_OLDER_FIRST;
    tell_goods(matrix, (struct goods){.number = (int)reason, .lot = LOTS[reason], .product = early ? "F" : NULL});
}

static void by_state(struct matrix *matrix, enum reason reason)
{
    tell_goods(matrix, (struct goods){.number = (int)reason, .state = "damaged"});
}

static void by_holder(struct matrix *matrix, enum reason reason)
{
    const char *holder = reason == REASON_NOT_RECEIVED   ? "transit:site:CDB"
                         : reason == REASON_WRONG_HOLDER ? "site:GYB"
                                                         : "party:D-9";
    tell_goods(matrix, (struct goods){.number = (int)reason, .holder = holder});
}

static void by_product(struct matrix *matrix, enum reason reason)
{
    tell_goods(matrix, (struct goods){.number = (int)reason, .product = "Q"});
}

static void sound(struct matrix *matrix, enum reason reason)
{
    tell_goods(matrix, (struct goods){.number = (int)reason});
}

static void two_of_them(struct matrix *matrix, enum reason reason)
{
    sound(matrix, reason);
    tell_goods(matrix, (struct goods){.number = OTHERS + (int)reason});
}

static void a_case_of_two(struct matrix *matrix, enum reason reason)
{
    bool reserved = matrix->flow->rules[REASON_IN_OTHER_DOCUMENT].applies;
    bool packs = matrix->flow->work == WORK_PACK;
    int inside = packs ? 0 : CASES + (int)reason;
    if (!packs)
        tell_case(matrix, CASES + (int)reason);
    tell_goods(matrix, (struct goods){.number = (int)reason, .inside = inside});
    tell_goods(matrix, (struct goods){
                           .number = OTHERS + (int)reason, .inside = inside, .holder = reserved ? NULL : "site:GYB"});
}

static void a_full_case(struct matrix *matrix, enum reason reason)
{
    tell_case(matrix, CASES + (int)reason);
    for (int i = 0; i < 2; i++)
        tell_goods(matrix, (struct goods){.number = (int)reason + i * OTHERS, .inside = CASES + (int)reason});
}

static void an_empty_case(struct matrix *matrix, enum reason reason)
{
    tell_case(matrix, CASES + (int)reason);
}

static void shared(struct matrix *matrix, enum reason reason)
{
    sound(matrix, reason);
    say(matrix, "{\"type\":\"share\",\"doc\":\"t:%s\",\"device\":5,\"lines\":null}", document_no((int)reason));
}

static void by_seller(struct matrix *matrix, enum reason reason)
{
    const char *holder = reason == REASON_OUT_OF_REGION  ? "transit:party:D-9"
                         : reason == REASON_NO_TERRITORY ? "party:D-8"
                                                         : "site:CDB";
    tell_goods(matrix, (struct goods){.number = (int)reason, .holder = holder});
}

static void seen_before(struct matrix *matrix, enum reason reason)
{
    sound(matrix, reason);
    say(matrix, "{\"type\":\"code\",\"code\":\"%s\",\"seen\":[{\"region\":\"520100\",\"at\":\"2026-10-01\"}]}",
        unit_text((int)reason));
}

static void nothing(struct matrix *matrix, enum reason reason)
{
    (void)matrix;
    (void)reason;
}

/* ---- playing ---- */

static struct outcome *scan(struct matrix *matrix, const char *no, const char *text)
{
    char wanted[TEXT_BYTES];
    snprintf(wanted, sizeof wanted, "%s", no);
    for (int i = 0; i < REASON_COUNT && matrix->flow->judges; i++)
        if (strcmp(document_no(i), wanted) == 0)
            return engine_world_scan(&matrix->world, matrix->visits[i], text, 0);
    return engine_world_scan(&matrix->world, wanted, text, 0);
}

static struct outcome *play_unit(struct matrix *matrix, enum reason reason)
{
    return scan(matrix, document_no((int)reason), unit_text((int)reason));
}

static struct outcome *play_twice(struct matrix *matrix, enum reason reason)
{
    play_unit(matrix, reason);
    return play_unit(matrix, reason);
}

static struct outcome *play_two(struct matrix *matrix, enum reason reason)
{
    play_unit(matrix, reason);
    return scan(matrix, document_no((int)reason), unit_text(OTHERS + (int)reason));
}

static struct outcome *play_taken(struct matrix *matrix, enum reason reason)
{
    struct outcome *outcome = scan(matrix, "OTHER", unit_text((int)reason));
    assert_true(outcome->verdict.severity <= SEVERITY_WARN);
    return play_unit(matrix, reason);
}

/* One of the two inside is not to be had, or here already. Packing: the label comes before the case is full. */
static struct outcome *play_part(struct matrix *matrix, enum reason reason)
{
    if (matrix->flow->work == WORK_PACK)
        play_two(matrix, reason);
    else if (matrix->flow->judges)
        scan(matrix, document_no((int)reason), unit_text(OTHERS + (int)reason));
    else if (matrix->flow->rules[REASON_IN_OTHER_DOCUMENT].applies)
        scan(matrix, "OTHER", unit_text(OTHERS + (int)reason));
    return scan(matrix, document_no((int)reason), case_text(CASES + (int)reason));
}

static struct outcome *play_case(struct matrix *matrix, enum reason reason)
{
    return scan(matrix, document_no((int)reason), case_text(CASES + (int)reason));
}

/* How many are inside, (37), belongs to a content's GTIN, (02). */
static struct outcome *play_unpaired(struct matrix *matrix, enum reason reason)
{
    char text[2 * TEXT_BYTES];
    snprintf(text, sizeof text, "%s(37)2", case_text(CASES + (int)reason));
    return scan(matrix, document_no((int)reason), text);
}

static struct outcome *play_text(struct matrix *matrix, enum reason reason)
{
    static const char *const TEXTS[REASON_COUNT] = {
        [REASON_MALFORMED] = "(01)05901234123458(21)U1",
        [REASON_NOT_GOODS] = "(414)6901234000009",
        [REASON_UNKNOWN_CODE] = "NOSUCH-1",
        [REASON_UNREGISTERED] = "(01)05901234123457(21)NOBODY",
        [REASON_NEED_SERIAL] = "(01)05901234123457",
        [REASON_NEED_LOT] = "(01)06901234560015",
        [REASON_NEED_SSCC] = "(02)05901234123457(37)4(10)L1",
    };
    return scan(matrix, document_no((int)reason), TEXTS[reason]);
}

/* Goods without serials, the same label twice within a moment. */
static struct outcome *play_fast(struct matrix *matrix, enum reason reason)
{
    static struct outcome outcome;
    static const char TEXT[] = "(01)06901234560022";
    struct scan *again = scan_new(TEXT, strlen(TEXT));
    char doc[DOC_MAX + 1];
    memcpy(doc, scan(matrix, document_no((int)reason), TEXT)->doc, sizeof doc);
    again->mono_ns = matrix->world.mono_ns + FAST_NS;
    assert_int_equal(engine_scan(matrix->world.engine, doc, again, 0, &outcome), RC_OK);
    free(again);
    return &outcome;
}

/* The same code on two bottles. */
static struct outcome *play_clone(struct matrix *matrix, enum reason reason)
{
    struct store_tally tally;
    char doc[DOC_MAX + 1];
    struct outcome *outcome = play_twice(matrix, reason);
    int64_t seq = outcome->seq;
    assert_string_equal(reason_word(outcome->verdict.reason), "duplicate");
    assert_int_equal(engine_confirm(matrix->world.engine, outcome->doc, seq, ""), RC_REFUSED);
    assert_int_equal(engine_confirm_another(matrix->world.engine, outcome->doc, seq), RC_OK);
    assert_int_equal(store_tally(engine_store(matrix->world.engine), seq, &tally, doc), RC_OK);
    assert_true(tally.live);
    outcome->verdict.reason = tally.reason;
    outcome->verdict.severity = tally.severity;
    outcome->verdict.findings = 0;
    return outcome;
}

static struct outcome *play_defaced(struct matrix *matrix, enum reason reason)
{
    static struct outcome outcome;
    char doc[DOC_MAX + 1];
    const struct defaced defaced = {"P", "L1", "2026-06-01 12:30", 2 * QTY_ONE};
    assert_int_equal(store_document_name(engine_store(matrix->world.engine), matrix->visits[reason], doc), RC_OK);
    assert_int_equal(engine_defaced(matrix->world.engine, doc, &defaced, &outcome), RC_OK);
    assert_int_equal(outcome.verdict.qty, 2 * QTY_ONE);
    return &outcome;
}

/* In an audit nothing but goods without codes of their own has no finding at all. */
static struct outcome *play_sound(struct matrix *matrix, enum reason reason)
{
    return matrix->flow->judges ? scan(matrix, document_no((int)reason), "(01)06901234560022")
                                : play_unit(matrix, reason);
}

struct cell {
    void (*tell)(struct matrix *matrix, enum reason reason);
    struct outcome *(*play)(struct matrix *matrix, enum reason reason);
    const char *state, *lot, *qty; /* of its document and the first line; NULL: open, any, 100 */
};

static const struct cell CELLS[REASON_COUNT] = {
    [REASON_MALFORMED] = {nothing, play_text, NULL, NULL, NULL},
    [REASON_NOT_GOODS] = {nothing, play_text, NULL, NULL, NULL},
    [REASON_DOCUMENT_CLOSED] = {sound, play_unit, "cancelled", NULL, NULL},
    [REASON_RECALLED] = {by_lot, play_unit, NULL, NULL, NULL},
    [REASON_VOID_CODE] = {by_state, play_unit, NULL, NULL, NULL},
    [REASON_ON_HOLD] = {by_lot, play_unit, NULL, NULL, NULL},
    [REASON_EXPIRED] = {by_lot, play_unit, NULL, NULL, NULL},
    [REASON_SHORT_LIFE] = {by_lot, play_unit, NULL, NULL, NULL},
    [REASON_DUPLICATE] = {sound, play_twice, NULL, NULL, NULL},
    [REASON_IN_OTHER_DOCUMENT] = {sound, play_taken, NULL, NULL, NULL},
    [REASON_UNKNOWN_CODE] = {nothing, play_text, NULL, NULL, NULL},
    [REASON_UNREGISTERED] = {nothing, play_text, NULL, NULL, NULL},
    [REASON_NOT_ON_ORDER] = {by_product, play_unit, NULL, NULL, NULL},
    [REASON_NEED_SERIAL] = {nothing, play_text, NULL, NULL, NULL},
    [REASON_NEED_LOT] = {nothing, play_text, NULL, NULL, NULL},
    [REASON_NEED_SSCC] = {nothing, play_text, NULL, NULL, NULL},
    [REASON_WRONG_LOT] = {sound, play_unit, NULL, "L9", NULL},
    [REASON_NOT_RECEIVED] = {by_holder, play_unit, NULL, NULL, NULL},
    [REASON_WRONG_HOLDER] = {by_holder, play_unit, NULL, NULL, NULL},
    [REASON_ALREADY_SHIPPED] = {by_holder, play_unit, NULL, NULL, NULL},
    [REASON_PARTIAL_CONTAINER] = {a_case_of_two, play_part, NULL, NULL, NULL},
    [REASON_NO_CONTENTS] = {an_empty_case, play_case, NULL, NULL, NULL},
    [REASON_OVER_QUANTITY] = {two_of_them, play_two, NULL, NULL, "1"},
    [REASON_OLDER_FIRST] = {by_lot, play_unit, NULL, NULL, NULL},
    [REASON_NEAR_EXPIRY] = {by_lot, play_unit, NULL, NULL, NULL},
    [REASON_SHARED_ORDER] = {shared, play_unit, NULL, NULL, NULL},
    [REASON_REPEAT] = {nothing, play_fast, NULL, NULL, NULL},
    [REASON_PAIRING] = {a_full_case, play_unpaired, NULL, NULL, NULL},
    [REASON_BEFORE_START] = {by_lot, play_unit, NULL, NULL, NULL},
    [REASON_CLONED] = {sound, play_clone, NULL, NULL, NULL},
    [REASON_OUT_OF_REGION] = {by_seller, play_unit, NULL, NULL, NULL},
    [REASON_SEEN_ELSEWHERE] = {seen_before, play_unit, NULL, NULL, NULL},
    [REASON_NO_TERRITORY] = {by_seller, play_unit, NULL, NULL, NULL},
    [REASON_NO_RECORD] = {by_seller, play_unit, NULL, NULL, NULL},
    [REASON_DEFACED] = {nothing, play_defaced, NULL, NULL, NULL},
    [REASON_IN_REGION] = {sound, play_unit, NULL, NULL, NULL},
    [REASON_OK] = {sound, play_sound, NULL, NULL, NULL},
};

/* ---- a flow's world ---- */

static enum role role_of(const struct flow *flow)
{
    static const enum role ROLES[] = {ROLE_SUPERVISOR, ROLE_CLERK, ROLE_DEALER};
    for (size_t i = 0; i < sizeof ROLES / sizeof ROLES[0]; i++)
        if (flow->roles & ROLES[i])
            return ROLES[i];
    return ROLE_AUDITOR;
}

static void tell_parties(struct matrix *matrix)
{
    say(matrix, "{\"type\":\"region\",\"id\":\"510100\",\"name\":\"成都市\"}");
    say(matrix, "{\"type\":\"region\",\"id\":\"520100\",\"name\":\"贵阳市\"}");
    say(matrix, "{\"type\":\"party\",\"id\":\"D-0\",\"name\":\"本店\",\"kind\":\"dealer\"}");
    say(matrix, "{\"type\":\"party\",\"id\":\"D-1\",\"name\":\"蓉城商贸\",\"kind\":\"dealer\",\"parent\":\"D-0\","
                "\"region\":\"510100\",\"min_life_days\":60}");
    say(matrix, "{\"type\":\"party\",\"id\":\"D-8\",\"name\":\"无区\",\"kind\":\"dealer\"}");
    say(matrix, "{\"type\":\"party\",\"id\":\"D-9\",\"name\":\"别家\",\"kind\":\"dealer\",\"region\":\"520100\"}");
    say(matrix, "{\"type\":\"party\",\"id\":\"S-1\",\"name\":\"供应商\",\"kind\":\"supplier\"}");
    if (takes(matrix, PLACE_DEALER))
        say(matrix, "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"店库\",\"kind\":\"dealer\",\"party\":\"D-0\"}");
    else
        say(matrix, "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"中心库\",\"kind\":\"warehouse\"}");
    say(matrix, "{\"type\":\"site\",\"id\":\"GYB\",\"name\":\"贵阳库\",\"kind\":\"warehouse\"}");
    say(matrix, "{\"type\":\"site\",\"id\":\"CDQ\",\"name\":\"隔离区\",\"kind\":\"quarantine\"}");
    say(matrix, "{\"type\":\"site\",\"id\":\"DS\",\"name\":\"分库\",\"kind\":\"dealer\",\"party\":\"D-1\"}");
    say(matrix,
        "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"王芳\",\"role\":\"%s\",\"site\":\"CDB\","
        "\"pin\":\"2468\"}",
        role_word(role_of(matrix->flow)));
    say(matrix, "{\"type\":\"policy\",\"site\":\"CDB\",\"registry\":\"strict\",\"start\":\"2026-01-01\"}");
    say(matrix, "{\"type\":\"flow\",\"id\":\"%s\",\"near_expiry_days\":400}", matrix->flow->name);
}

static void tell_products(struct matrix *matrix)
{
    static const char *const PRODUCTS[][3] = {{"P", "05901234123457", "item"},
                                              {"Q", "06901234560046", "item"},
                                              {"F", "06901234560039", "item"},
                                              {"N", "06901234560022", "none"},
                                              {"L", "06901234560015", "lot"}};
    for (size_t i = 0; i < sizeof PRODUCTS / sizeof PRODUCTS[0]; i++)
        say(matrix,
            "{\"type\":\"product\",\"id\":\"%s\",\"name\":\"%s\",\"gtin\":[\"%s\"],\"unit\":\"u\",\"control\":\"%s\","
            "\"pack\":[{\"level\":1,\"name\":\"箱\",\"contains\":4}]}",
            PRODUCTS[i][0], PRODUCTS[i][0], PRODUCTS[i][1], PRODUCTS[i][2]);
    tell_lot(matrix, "P", "L1", "2026-06-01", "2030-01-01", "released");
    tell_lot(matrix, "P", "LR", "2026-06-01", "2030-01-01", "released");
    tell_lot(matrix, "P", "LH", "2026-06-01", "2030-01-01", "hold");
    tell_lot(matrix, "P", "LE", "2026-06-01", "2026-10-01", "released");
    tell_lot(matrix, "F", "LS", "2026-06-01", "2026-12-10", "released");
    tell_lot(matrix, "F", "LN", "2026-06-01", "2027-06-01", "released");
    tell_lot(matrix, "P", "LB", "2025-06-01", "2030-01-01", "released");
    for (int i = 1; i <= 2; i++)
        say(matrix,
            "{\"type\":\"lot\",\"product\":\"F\",\"lot\":\"F%d\",\"made\":\"2026-06-01\",\"expires\":\"203%d-01-"
            "01\"}",
            i, i);
    say(matrix, "{\"type\":\"code\",\"code\":\"(01)06901234560039(21)OLDER\",\"product\":\"F\",\"lot\":\"F1\","
                "\"holder\":\"site:CDB\"}");
    say(matrix, "{\"type\":\"recall\",\"id\":\"R-1\",\"product\":\"P\",\"lots\":[\"LR\"],\"reason\":\"瓶盖渗漏\"}");
}

static void start_visit(struct matrix *matrix, enum reason reason)
{
    const struct start start = {.flow = matrix->flow->name, .field_count = 1, .fields = {{"region", "510100"}}};
    char doc[DOC_MAX + 1];
    assert_int_equal(engine_start(matrix->world.engine, &start, doc, matrix->visits[reason], NULL), RC_OK);
    if (reason == REASON_DOCUMENT_CLOSED)
        assert_int_equal(engine_abandon(matrix->world.engine, doc, NULL), RC_OK);
}

static void open_world(struct matrix *matrix)
{
    tell_parties(matrix);
    tell_products(matrix);
    tell_document(matrix, &(struct paper){"OTHER", other_flow(matrix), "open", NULL, "100"});
    for (int i = 0; i < REASON_COUNT; i++) {
        const struct cell *cell = &CELLS[i];
        tell_document(matrix, &(struct paper){document_no(i), matrix->flow->name, cell->state ? cell->state : "open",
                                              cell->lot, cell->qty ? cell->qty : "100"});
        if (cell->tell)
            cell->tell(matrix, (enum reason)i);
    }
    engine_world_open(&matrix->world, matrix->feed);
    for (int i = 0; i < REASON_COUNT && matrix->flow->judges; i++)
        start_visit(matrix, (enum reason)i);
}

/* It leads, or what leads is graver by the same table; and it weighs as its row says. */
static int check_cell(const struct matrix *matrix, enum reason reason, const struct outcome *outcome)
{
    const struct verdict *verdict = &outcome->verdict;
    const struct flow_rule *rule = &matrix->flow->rules[reason];
    bool leads = verdict->reason == reason;
    bool found = leads || (verdict->findings & REASON_BIT(reason));
    bool weighs = leads ? verdict->severity == rule->severity : verdict->severity >= rule->severity;
    if (found && weighs)
        return 0;
    print_message("%s × %s: got %s (%s)", matrix->flow->name, reason_word(reason), reason_word(verdict->reason),
                  severity_word(verdict->severity));
    for (int i = 0; i < REASON_COUNT; i++)
        if (verdict->findings & REASON_BIT(i))
            print_message(" %s", reason_word((enum reason)i));
    print_message("\n");
    return 1;
}

static int play_flow(const struct flow *flow, int *ret_played, int *ret_excused)
{
    struct matrix matrix = {.flow = flow, .feed = malloc(FEED_BYTES)};
    int failures = 0;
    assert_non_null(matrix.feed);
    open_world(&matrix);
    for (int i = 0; i < REASON_COUNT; i++) {
        const struct flow_rule *rule = &flow->rules[i];
        bool played = rule->applies && CELLS[i].play;
        bool excused = !rule->applies && rule->why_not;
        if (!played && !excused) {
            print_message("%s × %s: an empty cell\n", flow->name, reason_word((enum reason)i));
            failures++;
        }
        if (played)
            failures += check_cell(&matrix, (enum reason)i, CELLS[i].play(&matrix, (enum reason)i));
        *ret_played += played;
        *ret_excused += excused;
    }
    engine_world_verify(&matrix.world);
    engine_world_close(&matrix.world);
    free(matrix.feed);
    return failures;
}

static void every_cell_is_played_or_says_why_not(void **state)
{
    (void)state;
    int failures = 0, played = 0, excused = 0;
    for (size_t i = 0; i < flow_count(); i++)
        failures += play_flow(flow_at(i), &played, &excused);
    print_message("%zu flows: %d cells played, %d can't occur\n", flow_count(), played, excused);
    assert_int_equal(failures, 0);
    assert_int_equal((size_t)(played + excused), flow_count() * REASON_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_cell_is_played_or_says_why_not)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
