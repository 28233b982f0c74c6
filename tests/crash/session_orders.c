/* Orders of the data centre: scanned, undone, put aside, confirmed, given up, completed. */
#include "tests/crash/session_plan.h"
#include <stddef.h>

#define NO_ONE  "SO-1"
#define NO_TWO  "SO-2"
#define DOC_ONE "erp:" NO_ONE
#define DOC_TWO "erp:" NO_TWO

static const char *const docs[] = {DOC_ONE, DOC_TWO};
static const char *const goods[] = {"(01)05901234123457(21)S01", "(01)05901234123457(21)S03",
                                    "(01)05901234123457(21)C02", "(00)069012340000000016"};

static const char FEED[] =
    "{\"type\":\"party\",\"id\":\"D-1\",\"name\":\"Dealer\",\"kind\":\"dealer\"}\n"
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"Store\",\"kind\":\"warehouse\"}\n"
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

const struct session_plan session_orders = {.name = "orders",
                                            .feed = FEED,
                                            .steps = steps,
                                            .step_count = sizeof steps / sizeof *steps,
                                            .docs = docs,
                                            .doc_count = sizeof docs / sizeof *docs,
                                            .goods = goods,
                                            .goods_count = sizeof goods / sizeof *goods};
