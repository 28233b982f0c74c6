/* The warehouse's other flows: goods that nobody knows are received, packed, shipped before any sync; taken out, replaced,
 * relabelled, exchanged; a group of orders, a count, a recall, and a shipment that is taken back. */
#include "tests/crash/session_plan.h"
#include <stddef.h>

#define GROUP    "group:W1"
#define KEY(s)   "(01)05901234123457(21)" s
#define SSCC(n)  "(00)0690123400000000" n
#define LINES(q) "\"lines\":[{\"line\":\"1\",\"product\":\"SEAL\",\"qty\":\"" q "\"}]}\n"
#define ORDER(no, q)                                                                                                 \
    "{\"type\":\"document\",\"source\":\"erp\",\"doc\":\"" no "\",\"no\":\"" no "\",\"flow\":\"outbound\","          \
    "\"state\":\"open\",\"from\":\"site:CDB\",\"to\":\"party:D-1\",\"group\":\"W1\"," LINES(q)
#define CODE(key, lot, more)                                                                                         \
    "{\"type\":\"code\",\"code\":\"" key "\",\"product\":\"SEAL\",\"lot\":\"" lot "\"," more "}\n"
#define HERE     "\"holder\":\"site:CDB\""
#define IN(case) "\"in\":\"" case "\""

/* clang-format off */
static const char FEED[] =
    "{\"type\":\"party\",\"id\":\"D-1\",\"name\":\"Dealer\",\"kind\":\"dealer\"}\n"
    "{\"type\":\"party\",\"id\":\"M-1\",\"name\":\"Maker\",\"kind\":\"supplier\"}\n"
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"Store\",\"kind\":\"warehouse\"}\n"
    "{\"type\":\"site\",\"id\":\"RDB\",\"name\":\"Region\",\"kind\":\"warehouse\"}\n"
    "{\"type\":\"site\",\"id\":\"CDQ\",\"name\":\"Apart\",\"kind\":\"quarantine\"}\n"
    "{\"type\":\"policy\",\"site\":\"CDB\",\"registry\":\"learn\",\"quarantine\":\"CDQ\"}\n"
    "{\"type\":\"product\",\"id\":\"SEAL\",\"name\":\"Seal kit\",\"gtin\":[\"05901234123457\"],\"unit\":\"u\","
    "\"decimals\":0,\"control\":\"item\",\"pack\":[{\"level\":1,\"name\":\"case\",\"contains\":4}]}\n"
    "{\"type\":\"lot\",\"product\":\"SEAL\",\"lot\":\"L1\",\"expires\":\"2028-01-10\",\"quality\":\"released\"}\n"
    "{\"type\":\"lot\",\"product\":\"SEAL\",\"lot\":\"L2\",\"expires\":\"2028-01-10\",\"quality\":\"released\"}\n"
    "{\"type\":\"codes\",\"product\":\"SEAL\",\"lot\":\"L1\",\"first\":\"" KEY("S01") "\",\"last\":\"" KEY("S20") "\"," HERE "}\n"
    CODE(SSCC("16"), "L1", "\"level\":1," HERE) CODE(SSCC("23"), "L1", "\"level\":1," HERE)
    CODE(KEY("C1"), "L1", IN(SSCC("16"))) CODE(KEY("C2"), "L1", IN(SSCC("16")))
    CODE(KEY("C3"), "L1", IN(SSCC("16"))) CODE(KEY("C4"), "L1", IN(SSCC("16")))
    CODE(KEY("E1"), "L1", IN(SSCC("23"))) CODE(KEY("E2"), "L1", IN(SSCC("23")))
    CODE(KEY("E3"), "L1", IN(SSCC("23"))) CODE(KEY("E4"), "L1", IN(SSCC("23")))
    CODE(KEY("R1"), "L2", HERE) CODE(KEY("R2"), "L2", HERE)
    "{\"type\":\"recall\",\"id\":\"R-7\",\"product\":\"SEAL\",\"lots\":[\"L2\"],\"reason\":\"leak\"}\n"
    ORDER("SO-1", "3") ORDER("SO-2", "3");
/* clang-format on */

#define ITEM(serial)                                                                                                 \
    "]C10105901234123457"                                                                                            \
    "21" serial
#define CLASS      "]E05901234123457"
#define CASE       "]C100069012340000000016"
#define CASE_TWO   "]C100069012340000000023"
#define LABEL      "]C100069012340000000030"
#define LABEL_TWO  "]C100069012340000000047"
#define LABEL_LAST "]C100069012340000000054"

static const struct step steps[] = {
    /* received: nobody knows them */
    /*  0 */ {.act = ACT_SIGN_IN},
    /*  1 */ {ACT_START, "@a", "receipt from=M-1", SEVERITY_ACCEPT, 0},
    /*  2 */ {ACT_SCAN, "@a", CLASS, SEVERITY_ACCEPT, 0},
    /*  3 */ {ACT_SCAN, "@a", ITEM("N1"), SEVERITY_WARN, 0},
    /*  4 */ {ACT_SCAN, "@a", "BARE-2", SEVERITY_WARN, 0},
    /*  5 */ {ACT_SCAN, "@a", "BARE-3", SEVERITY_WARN, 0},
    /*  6 */ {ACT_SCAN, "@a", "BARE-4", SEVERITY_WARN, 0},
    /*  7 */ {.act = ACT_IDLE},
    /*  8 */ {ACT_COMPLETE, "@a", NULL, SEVERITY_ACCEPT, 0},
    /* packed: label last, a broken case, label first */
    /*  9 */ {ACT_START, "@b", "pack", SEVERITY_ACCEPT, 0},
    /* 10 */ {ACT_SCAN, "@b", ITEM("N1"), SEVERITY_ACCEPT, 0},
    /* 11 */ {ACT_SCAN, "@b", "BARE-2", SEVERITY_ACCEPT, 0},
    /* 12 */ {ACT_SCAN, "@b", "BARE-3", SEVERITY_ACCEPT, 0},
    /* 13 */ {ACT_SCAN, "@b", "BARE-4", SEVERITY_ACCEPT, 0},
    /* 14 */ {ACT_SCAN, "@b", LABEL, SEVERITY_ACCEPT, 0},
    /* 15 */ {ACT_UNDO, "@b", NULL, SEVERITY_ACCEPT, 14},
    /* 16 */ {ACT_SCAN, "@b", LABEL, SEVERITY_ACCEPT, 0},
    /* 17 */ {ACT_SCAN, "@b", ITEM("S01"), SEVERITY_ACCEPT, 0},
    /* 18 */ {ACT_SCAN, "@b", ITEM("S02"), SEVERITY_ACCEPT, 0},
    /* 19 */ {ACT_SCAN, "@b", LABEL_TWO, SEVERITY_CONFIRM, 0},
    /* 20 */ {ACT_CONFIRM, "@b", NULL, SEVERITY_ACCEPT, 19},
    /* 21 */ {.act = ACT_IDLE},
    /* 22 */ {ACT_SCAN, "@b", LABEL_LAST, SEVERITY_ACCEPT, 0},
    /* 23 */ {ACT_SCAN, "@b", ITEM("S03"), SEVERITY_ACCEPT, 0},
    /* 24 */ {ACT_SCAN, "@b", ITEM("S04"), SEVERITY_ACCEPT, 0},
    /* 25 */ {ACT_UNDO, "@b", NULL, SEVERITY_ACCEPT, 24},
    /* 26 */ {ACT_SCAN, "@b", ITEM("S05"), SEVERITY_ACCEPT, 0},
    /* 27 */ {ACT_EXCHANGE, "@b", NULL, SEVERITY_ACCEPT, 26},
    /* 28 */ {ACT_SCAN, "@b", LABEL_LAST, SEVERITY_CONFIRM, 0},
    /* 29 */ {ACT_CONFIRM, "@b", NULL, SEVERITY_ACCEPT, 28},
    /* 30 */ {ACT_COMPLETE, "@b", NULL, SEVERITY_ACCEPT, 0},
    /* out of it, in place of it, under another code */
    /* 31 */ {ACT_START, "@c", "unpack", SEVERITY_ACCEPT, 0},
    /* 32 */ {ACT_SCAN, "@c", ITEM("C1"), SEVERITY_ACCEPT, 0},
    /* 33 */ {ACT_COMPLETE, "@c", NULL, SEVERITY_ACCEPT, 0},
    /* 34 */ {ACT_START, "@d", "replace", SEVERITY_ACCEPT, 0},
    /* 35 */ {ACT_SCAN, "@d", ITEM("C2"), SEVERITY_ACCEPT, 0},
    /* 36 */ {ACT_SCAN, "@d", ITEM("S06"), SEVERITY_ACCEPT, 0},
    /* 37 */ {ACT_COMPLETE, "@d", NULL, SEVERITY_ACCEPT, 0},
    /* 38 */ {ACT_START, "@e", "relabel", SEVERITY_ACCEPT, 0},
    /* 39 */ {ACT_SCAN, "@e", ITEM("C3"), SEVERITY_ACCEPT, 0},
    /* 40 */ {ACT_SCAN, "@e", ITEM("X1"), SEVERITY_ACCEPT, 0},
    /* 41 */ {ACT_COMPLETE, "@e", NULL, SEVERITY_ACCEPT, 0},
    /* 42 */ {.act = ACT_IDLE},
    /* what was just received and packed is shipped; X1 leaves its case */
    /* 43 */ {ACT_START, "@f", "transfer to=RDB", SEVERITY_ACCEPT, 0},
    /* 44 */ {ACT_SCAN, "@f", LABEL, SEVERITY_ACCEPT, 0},
    /* 45 */ {ACT_SCAN, "@f", ITEM("X1"), SEVERITY_ACCEPT, 0},
    /* 46 */ {ACT_SCAN, "@f", ITEM("C3"), SEVERITY_REJECT, 0},
    /* 47 */ {ACT_SET_ASIDE, "@f", NULL, SEVERITY_ACCEPT, 46},
    /* 48 */ {ACT_COMPLETE, "@f", NULL, SEVERITY_ACCEPT, 0},
    /* two orders on one pallet */
    /* 49 */ {ACT_OPEN, GROUP, NULL, SEVERITY_ACCEPT, 0},
    /* 50 */ {ACT_SCAN, GROUP, CASE_TWO, SEVERITY_ACCEPT, 0},
    /* 51 */ {ACT_SCAN, GROUP, ITEM("S07"), SEVERITY_ACCEPT, 0},
    /* 52 */ {ACT_SCAN, GROUP, ITEM("S08"), SEVERITY_ACCEPT, 0},
    /* 53 */ {ACT_EXCHANGE, GROUP, NULL, SEVERITY_ACCEPT, 52},
    /* 54 */ {ACT_SCAN, GROUP, ITEM("S09"), SEVERITY_ACCEPT, 0},
    /* 55 */ {ACT_COMPLETE, GROUP, NULL, SEVERITY_ACCEPT, 0},
    /* 56 */ {.act = ACT_IDLE},
    /* counted, with differences */
    /* 57 */ {ACT_START, "@g", "count product=SEAL", SEVERITY_ACCEPT, 0},
    /* 58 */ {ACT_SCAN, "@g", CASE, SEVERITY_ACCEPT, 0},
    /* 59 */ {ACT_SCAN, "@g", ITEM("C1"), SEVERITY_ACCEPT, 0},
    /* 60 */ {ACT_SCAN, "@g", ITEM("S10"), SEVERITY_ACCEPT, 0},
    /* 61 */ {ACT_SCAN, "@g", ITEM("N9"), SEVERITY_WARN, 0},
    /* 62 */ {ACT_COMPLETE, "@g", NULL, SEVERITY_ACCEPT, 0},
    /* recalled */
    /* 63 */ {ACT_START, "@h", "recall notice=R-7", SEVERITY_ACCEPT, 0},
    /* 64 */ {ACT_SCAN, "@h", ITEM("R1"), SEVERITY_ACCEPT, 0},
    /* 65 */ {ACT_SCAN, "@h", ITEM("R2"), SEVERITY_ACCEPT, 0},
    /* 66 */ {ACT_COMPLETE, "@h", NULL, SEVERITY_ACCEPT, 0},
    /* taken back */
    /* 67 */ {ACT_SIGN_IN, NULL, "li 13572468", SEVERITY_ACCEPT, 0},
    /* 68 */ {ACT_START, "@i", "void of=@f", SEVERITY_ACCEPT, 0},
    /* 69 */ {ACT_SCAN, "@i", LABEL, SEVERITY_ACCEPT, 0},
    /* 70 */ {ACT_COMPLETE, "@i", NULL, SEVERITY_ACCEPT, 0},
    /* 71 */ {.act = ACT_IDLE},
    /* 72 */ {.act = ACT_SIGN_OUT},
};

static const char *const goods[] = {KEY("N1"),  "BARE-2",   "BARE-4",   KEY("S01"), KEY("S02"), KEY("S03"),
                                    KEY("S04"), KEY("S05"), KEY("S06"), KEY("S07"), KEY("S08"), KEY("S09"),
                                    KEY("C1"),  KEY("C2"),  KEY("C3"),  KEY("C4"),  KEY("X1"),  KEY("E1"),
                                    KEY("R1"),  SSCC("16"), SSCC("23"), SSCC("30"), SSCC("47"), SSCC("54")};

const struct session_plan session_flows = {.name = "flows",
                                           .feed = FEED,
                                           .steps = steps,
                                           .step_count = sizeof steps / sizeof *steps,
                                           .goods = goods,
                                           .goods_count = sizeof goods / sizeof *goods};
