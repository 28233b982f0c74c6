#include "tests/unit/market_world.h"
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* clang-format off */
#define CODE(serial, more) "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)" serial "\",\"product\":\"B\",\"lot\":\"L1\"," more "}\n"
#define LOTTED(serial, lot, more) "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)" serial "\",\"product\":\"B\",\"lot\":\"" lot "\"," more "}\n"
#define AT(holder) "\"holder\":\"" holder "\""
#define SOLD(to, at, doc) "\"sold\":{\"to\":\"" to "\",\"at\":\"" at "\",\"doc\":\"" doc "\"}"
#define PARTY(id, kind, more) "{\"type\":\"party\",\"id\":\"" id "\",\"name\":\"店" id "\",\"kind\":\"" kind "\"" more "}\n"

#define GOODS \
    "{\"type\":\"product\",\"id\":\"B\",\"name\":\"Pump seal kit\",\"gtin\":[\"05901234123457\"],\"unit\":\"u\",\"decimals\":0,\"control\":\"item\"," \
    "\"pack\":[{\"level\":1,\"name\":\"箱\",\"gtin\":\"15901234123454\",\"contains\":4}]}\n" \
    "{\"type\":\"product\",\"id\":\"D\",\"name\":\"螺栓\",\"gtin\":[\"04006381333931\"],\"unit\":\"u\",\"decimals\":0,\"control\":\"none\",\"pack\":[]}\n" \
    "{\"type\":\"lot\",\"product\":\"B\",\"lot\":\"L1\",\"made\":\"2026-01-10\",\"expires\":\"2028-01-10\",\"quality\":\"released\"}\n" \
    "{\"type\":\"lot\",\"product\":\"B\",\"lot\":\"LR\",\"made\":\"2026-01-10\",\"expires\":\"2028-01-10\",\"quality\":\"released\"}\n" \
    "{\"type\":\"recall\",\"id\":\"R-7\",\"product\":\"B\",\"lots\":[\"LR\"],\"codes\":[],\"reason\":\"瓶盖渗漏\"}\n"
#define REGIONS \
    "{\"type\":\"region\",\"id\":\"510000\",\"name\":\"四川省\"}\n{\"type\":\"region\",\"id\":\"520000\",\"name\":\"贵州省\"}\n" \
    "{\"type\":\"region\",\"id\":\"510100\",\"name\":\"成都市\",\"parent\":\"510000\"}\n" \
    "{\"type\":\"region\",\"id\":\"510104\",\"name\":\"锦江区\",\"parent\":\"510100\"}\n" \
    "{\"type\":\"region\",\"id\":\"510107\",\"name\":\"武侯区\",\"parent\":\"510100\"}\n" \
    "{\"type\":\"region\",\"id\":\"520100\",\"name\":\"贵阳市\",\"parent\":\"520000\"}\n"
#define OWN_PARTIES \
    PARTY("D-1", "dealer", ",\"region\":\"510100\",\"min_life_days\":30") PARTY("S-1", "sub-dealer", ",\"parent\":\"D-1\",\"region\":\"510104\"") \
    PARTY("S-2", "sub-dealer", ",\"parent\":\"D-1\",\"region\":\"510107\"") PARTY("R-1", "retailer", ",\"parent\":\"S-1\"")
#define SITES "{\"type\":\"site\",\"id\":\"SDS\",\"name\":\"分店\",\"kind\":\"dealer\",\"party\":\"S-1\"}\n"

const char MARKET_FEED[] = GOODS REGIONS OWN_PARTIES SITES
    PARTY("D-2", "dealer", ",\"region\":\"520100\"") PARTY("D-3", "dealer", "")
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"总部\",\"kind\":\"warehouse\"}\n"
    "{\"type\":\"site\",\"id\":\"D2S\",\"name\":\"二店\",\"kind\":\"dealer\",\"party\":\"D-2\"}\n"
    "{\"type\":\"territory\",\"party\":\"D-1\",\"product\":null,\"regions\":[\"510100\"],\"exclusive\":true,\"from\":\"2026-01-01\",\"to\":null}\n"
    "{\"type\":\"territory\",\"party\":\"D-2\",\"product\":\"B\",\"regions\":[\"520100\"],\"exclusive\":true,\"from\":\"2026-01-01\",\"to\":null}\n"
    CODE("C1", AT("transit:party:D-1") "," SOLD("D-1", "2026-10-01", "SO-1"))
    CODE("C2", AT("party:D-2") "," SOLD("D-2", "2026-10-02", "SO-2") ",\"earlier\":[{\"to\":\"D-1\",\"at\":\"2026-05-01\",\"doc\":\"SO-0\"},{\"to\":\"D-3\",\"at\":\"2026-06-01\"}]")
    LOTTED("C3", "LR", AT("site:D2S") "," SOLD("D-2", "2026-10-02", "SO-2"))
    CODE("C4", AT("site:CDB"))
    CODE("C5", AT("party:D-3"))
    CODE("C9", AT("site:CDB") "," SOLD("D-1", "2026-10-01", "SO-1"))
    CODE("C6", AT("sold") "," SOLD("D-1", "2026-10-01", "SO-1") ",\"seen\":[{\"region\":\"520100\",\"at\":\"2026-11-01\"}]")
    CODE("C7", AT("site:SDS"))
    CODE("C8", SOLD("D-1", "2026-10-01", "SO-1") ",\"seen\":[{\"region\":\"510000\",\"at\":\"2026-11-01\"},{\"region\":\"510104\",\"at\":\"2026-11-02\"}]")
    CODE("X1", "\"in\":\"(00)069012340000000016\"") CODE("X2", "\"in\":\"(00)069012340000000016\"")
    "{\"type\":\"code\",\"code\":\"(00)069012340000000016\",\"level\":1,\"holder\":\"party:D-2\"," SOLD("D-2", "2026-10-02", "SO-2") "}\n"
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)C1\",\"aliases\":[\"plain:HIDDEN-1\"]}\n"
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"王芳\",\"role\":\"auditor\",\"site\":\"CDB\",\"region\":\"510000\",\"pin\":\"2468\"}\n"
    "{\"type\":\"operator\",\"id\":\"zhao\",\"name\":\"赵敏\",\"role\":\"clerk\",\"site\":\"CDB\",\"region\":null,\"pin\":\"1357\"}\n"
    "{\"type\":\"policy\",\"site\":\"CDB\",\"registry\":\"strict\"}\n";

const char DEALER_FEED[] = GOODS REGIONS OWN_PARTIES SITES
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"本店\",\"kind\":\"dealer\",\"party\":\"D-1\"}\n"
    "{\"type\":\"permit\",\"from\":\"D-1\",\"to\":\"D-2\",\"product\":\"B\",\"qty\":\"3\",\"used\":\"1\",\"until\":\"2026-12-31\"}\n"
    CODE("T1", AT("transit:party:D-1")) CODE("T2", AT("transit:party:D-1")) CODE("T3", AT("transit:site:CDB")) CODE("T4", AT("party:D-1"))
    CODE("H1", AT("site:CDB")) CODE("H2", AT("site:CDB")) CODE("H3", AT("site:CDB")) CODE("H4", AT("site:CDB"))
    CODE("S1", AT("party:S-1")) CODE("P1", AT("party:R-1")) CODE("P2", AT("sold"))
    LOTTED("TR", "LR", AT("transit:party:D-1"))
    CODE("X1", "\"in\":\"(00)069012340000000016\"") CODE("X2", "\"in\":\"(00)069012340000000016\"") CODE("X3", "\"in\":\"(00)069012340000000016\"")
    CODE("X4", "\"in\":\"(00)069012340000000016\"")
    "{\"type\":\"code\",\"code\":\"(00)069012340000000016\",\"level\":1,\"holder\":\"transit:site:CDB\"}\n"
    "{\"type\":\"stock\",\"holder\":\"site:CDB\",\"product\":\"D\",\"lot\":null,\"qty\":\"40\"}\n"
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"王芳\",\"role\":\"dealer\",\"site\":\"CDB\",\"region\":null,\"pin\":\"2468\"}\n"
    "{\"type\":\"operator\",\"id\":\"li\",\"name\":\"李强\",\"role\":\"supervisor\",\"site\":\"CDB\",\"region\":null,\"pin\":\"13572468\"}\n"
    "{\"type\":\"policy\",\"site\":\"CDB\",\"registry\":\"strict\"}\n";
/* clang-format on */

static int open_with(void **state, const char *feed)
{
    struct engine_world *world = calloc(1, sizeof *world);
    engine_world_open(world, feed);
    *state = world;
    return 0;
}

int audit_world_open(void **state)
{
    return open_with(state, MARKET_FEED);
}

int dealer_world_open(void **state)
{
    return open_with(state, DEALER_FEED);
}

void market_world_enrol(struct engine_world *world)
{
    struct sync_identity identity = {.enrolled = true, .device = 7, .url = "http://127.0.0.1:1", .site = "CDB"};
    assert_int_equal(crypto_sign_keypair(identity.public_key, identity.secret_key), 0);
    assert_int_equal(identity_save(world->dir, &identity), RC_OK);
}
