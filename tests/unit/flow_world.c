#include "tests/unit/flow_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const char CASE[] = "(00)069012340000000016", CASE2[] = "(00)069012340000000023";
const char PALLET[] = "(00)069012340000000030", LABEL[] = "(00)069012340000000047";

/* clang-format off */
#define CODE(serial, lot, more) \
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)" serial "\",\"product\":\"B\",\"lot\":\"" lot "\",\"level\":0," more "}\n"
#define IN_CASE  "\"in\":\"(00)069012340000000016\""
#define IN_CASE2 "\"in\":\"(00)069012340000000023\""
#define AT(holder) "\"holder\":\"" holder "\""
#define LOT(product, lot, expires, quality) \
    "{\"type\":\"lot\",\"product\":\"" product "\",\"lot\":\"" lot "\",\"made\":\"2026-01-10\",\"expires\":\"" expires "\",\"quality\":\"" quality "\"}\n"

const char FLOW_FEED[] =
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"中心库\",\"kind\":\"warehouse\"}\n"
    "{\"type\":\"site\",\"id\":\"CDQ\",\"name\":\"隔离区\",\"kind\":\"quarantine\"}\n"
    "{\"type\":\"site\",\"id\":\"RDB\",\"name\":\"区域库\",\"kind\":\"warehouse\"}\n"
    "{\"type\":\"party\",\"id\":\"D-1\",\"name\":\"蓉城商贸\",\"kind\":\"dealer\",\"min_life_days\":30}\n"
    "{\"type\":\"product\",\"id\":\"B\",\"name\":\"Pump seal kit\",\"gtin\":[\"05901234123457\"],\"unit\":\"u\",\"decimals\":0,\"control\":\"item\","
    "\"pack\":[{\"level\":1,\"name\":\"箱\",\"gtin\":\"15901234123454\",\"contains\":4},{\"level\":2,\"name\":\"托\",\"contains\":2}]}\n"
    "{\"type\":\"product\",\"id\":\"D\",\"name\":\"螺栓\",\"gtin\":[\"04006381333931\"],\"unit\":\"u\",\"decimals\":0,\"control\":\"none\",\"pack\":[]}\n"
    "{\"type\":\"product\",\"id\":\"W\",\"name\":\"陈酿\",\"gtin\":[\"06901234567892\"],\"unit\":\"瓶\",\"decimals\":0,\"control\":\"lot\",\"pack\":[]}\n"
    LOT("B", "L1", "2028-01-10", "released")
    LOT("B", "LR", "2028-01-10", "released")
    LOT("B", "LQ", "2028-01-10", "hold")
    CODE("A1", "L1", IN_CASE) CODE("A2", "L1", IN_CASE) CODE("A3", "L1", IN_CASE) CODE("A4", "L1", IN_CASE)
    CODE("E1", "L1", IN_CASE2) CODE("E2", "L1", IN_CASE2) CODE("E3", "L1", IN_CASE2) CODE("E4", "L1", IN_CASE2)
    "{\"type\":\"code\",\"code\":\"(00)069012340000000016\",\"level\":1,\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"code\",\"code\":\"(00)069012340000000023\",\"level\":1,\"holder\":\"site:CDB\"}\n"
    CODE("S1", "L1", AT("site:CDB")) CODE("S2", "L1", AT("site:CDB")) CODE("S3", "L1", AT("site:CDB"))
    CODE("S4", "L1", AT("site:CDB")) CODE("S5", "L1", AT("site:CDB")) CODE("S6", "L1", AT("site:CDB"))
    CODE("P1", "L1", AT("party:D-1")) CODE("P2", "L1", AT("party:D-1")) CODE("T1", "L1", AT("transit:site:CDB"))
    CODE("R1", "LR", AT("site:CDB")) CODE("R2", "LR", AT("site:CDB")) CODE("R3", "LR", AT("party:D-1"))
    CODE("Q1", "LQ", AT("site:CDB"))
    "{\"type\":\"stock\",\"holder\":\"site:CDB\",\"product\":\"D\",\"lot\":null,\"qty\":\"40\"}\n"
    "{\"type\":\"recall\",\"id\":\"R-7\",\"product\":\"B\",\"lots\":[\"LR\"],\"codes\":[],\"reason\":\"瓶盖渗漏\",\"action\":\"quarantine\"}\n"
    "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"out,1\",\"no\":\"SO-1\",\"flow\":\"outbound\",\"state\":\"open\",\"from\":\"site:CDB\",\"to\":\"party:D-1\","
    "\"group\":null,\"due\":\"2026-11-23\",\"note\":\"\",\"lines\":[{\"line\":\"m,1\",\"product\":\"B\",\"qty\":\"3\",\"tolerance\":\"0\",\"lot\":null,\"picks\":[]}]}\n"
    "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"in,1\",\"no\":\"PO-1\",\"flow\":\"receipt\",\"state\":\"open\",\"from\":\"party:D-1\",\"to\":\"site:CDB\","
    "\"group\":null,\"due\":\"2026-11-23\",\"note\":\"\",\"lines\":[{\"line\":\"p,1\",\"product\":\"B\",\"qty\":\"2\",\"tolerance\":\"0\",\"lot\":null,\"picks\":[]}]}\n"
    "{\"type\":\"flow\",\"id\":\"cold-receipt\",\"name\":\"冷链入库\",\"base\":\"receipt\",\"roles\":[\"clerk\",\"supervisor\"],\"near_expiry_days\":30,"
    "\"fields\":[{\"name\":\"temperature\",\"label\":\"温度 °C\",\"kind\":\"number\",\"at\":\"complete\",\"required\":true,\"min\":\"2\",\"max\":\"8\"}]}\n"
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"王芳\",\"role\":\"clerk\",\"site\":\"CDB\",\"region\":null,\"pin\":\"2468\"}\n"
    "{\"type\":\"operator\",\"id\":\"zhao\",\"name\":\"赵敏\",\"role\":\"clerk\",\"site\":\"CDB\",\"region\":null,\"pin\":\"1357\"}\n"
    "{\"type\":\"operator\",\"id\":\"li\",\"name\":\"李强\",\"role\":\"supervisor\",\"site\":\"CDB\",\"region\":null,\"pin\":\"13572468\"}\n"
    "{\"type\":\"policy\",\"site\":\"CDB\",\"registry\":\"strict\",\"enforce\":[],\"start\":null,\"quarantine\":\"CDQ\",\"lock_idle_s\":300}\n";
/* clang-format on */

int flow_world_open(void **state)
{
    struct engine_world *world = calloc(1, sizeof *world);
    engine_world_open(world, FLOW_FEED);
    *state = world;
    return 0;
}

int flow_world_close(void **state)
{
    engine_world_close(*state);
    free(*state);
    return 0;
}

/* ---- starting ---- */

static void add_field(struct start *start, const char *pair, char *ret_copy)
{
    snprintf(ret_copy, 128, "%s", pair);
    char *value = strchr(ret_copy, '=');
    assert_non_null(value);
    *value = '\0';
    start->fields[start->field_count++] = (struct start_field){ret_copy, value + 1};
}

const char *flow_start(struct engine_world *world, const char *flow, ...)
{
    static char numbers[4][ID_MAX + 1];
    static int at;
    char copies[FLOW_FIELDS_MAX][128];
    struct start start = {.flow = flow};
    const char *field = "";
    va_list pairs;
    va_start(pairs, flow);
    for (const char *pair; (pair = va_arg(pairs, const char *));)
        add_field(&start, pair, copies[start.field_count]);
    va_end(pairs);
    at = (at + 1) % 4;
    enum rc rc = engine_start(world->engine, &start, NULL, numbers[at], &field);
    if (rc != RC_OK)
        fail_msg("start %s: %s %s", flow, rc_word(rc), field);
    return numbers[at];
}

enum rc flow_try_start(struct engine_world *world, const char *flow, const char *pair, const char *supervisor,
                       const char **ret_field)
{
    static char copy[128];
    struct start start = {.flow = flow, .supervisor = supervisor};
    if (pair)
        add_field(&start, pair, copy);
    return engine_start(world->engine, &start, NULL, NULL, ret_field);
}

void flow_sign_in(struct engine_world *world, const char *operator, const char * pin)
{
    assert_int_equal(engine_sign_in(world->engine, operator, pin, NULL), RC_OK);
}

/* ---- working ---- */

const char *flow_doc(struct engine_world *world, const char *no)
{
    static char doc[DOC_MAX + 1];
    assert_int_equal(store_document_name(engine_store(world->engine), no, doc), RC_OK);
    return doc;
}

enum rc flow_try_complete(struct engine_world *world, const char *no, const struct completion *completion)
{
    return engine_complete(world->engine, flow_doc(world, no), completion, NULL);
}

void flow_complete(struct engine_world *world, const char *no)
{
    enum rc rc = flow_try_complete(world, no, &(struct completion){.field_count = 0});
    if (rc != RC_OK)
        fail_msg("complete %s: %s %s", no, rc_word(rc), engine_bad_field(world->engine));
}

enum rc flow_undo(struct engine_world *world, const char *no, int64_t seq)
{
    return engine_undo(world->engine, flow_doc(world, no), seq);
}

/* ---- looking ---- */

void flow_facts(struct engine_world *world, const char *key, struct facts *ret_facts)
{
    static struct code code;
    code_parse_text(key, 2026, &code);
    struct facts_request request = {.doc = "", .site = "CDB", .today = 20779, .code = &code};
    assert_int_equal(store_facts(engine_store(world->engine), &request, ret_facts), RC_OK);
}

void flow_expect_at(struct engine_world *world, const char *key, const char *holder)
{
    static struct facts facts;
    char text[HOLDER_MAX + 1];
    flow_facts(world, key, &facts);
    assert_string_equal(holder_print(&facts.holder, text), holder);
}

void flow_expect_in(struct engine_world *world, const char *key, const char *parent)
{
    static struct facts facts;
    flow_facts(world, key, &facts);
    assert_string_equal(facts.parent, parent);
}

void flow_expect_state(struct engine_world *world, const char *key, enum code_state state)
{
    static struct facts facts;
    flow_facts(world, key, &facts);
    assert_string_equal(code_state_word(facts.state), code_state_word(state));
}
