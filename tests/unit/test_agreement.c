/* Devices and server count the same: whatever clerks do at random to a small stock of items, cases and a pallet, in the
 * end each order's result is the sum of what the devices counted, and a unit is on both sides where it went. */
#include "sync/client/client.h"
#include "sync/wire/body.h"
#include "sync/wire/limits.h"
#include "tests/unit/engine_world.h"
#include "tests/unit/server_world.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEVICES = 2, DOCS = 3, LINES = 3, STEPS = 60, SEEDS = 12, WORDS_MAX = 64 };

#define ITEM(serial)  "(01)05901234123457(21)" serial
#define OTHER(serial) "(01)04006381333931(21)" serial
#define CASE_A        "(00)069012340000000016"
#define CASE_B        "(00)069012340000000023"
#define PALLET        "(00)069012340000000030"
#define CASE_C        "(00)069012340000000047"

static const char *const CODES[] = {ITEM("A1"),  ITEM("A2"), OTHER("E1"),         OTHER("E2"), ITEM("C1"),
                                    OTHER("C2"), ITEM("S1"), ITEM("S2"),          CASE_A,      CASE_B,
                                    CASE_C,      PALLET,     "(01)04012345678901"};
enum { CODE_COUNT = sizeof CODES / sizeof CODES[0] };
static const char *const DOC_NAMES[DOCS] = {"t:out,1", "t:out,2", "t:out,3"}, *const NOS[DOCS] = {"SO-1", "SO-2",
                                                                                                  "SO-3"};

/* clang-format off */
#define IN(code, product, in) "{\"type\":\"code\",\"code\":\"" code "\",\"product\":\"" product "\",\"in\":\"" in "\"}\n"
#define AT(code, product) "{\"type\":\"code\",\"code\":\"" code "\",\"product\":\"" product "\",\"holder\":\"site:CDB\"}\n"
#define ORDER(n, qty) \
    "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"out," n "\",\"no\":\"SO-" n "\",\"flow\":\"outbound\",\"state\":\"open\"," \
    "\"from\":\"site:CDB\",\"to\":\"party:D-" n "\",\"lines\":[{\"line\":\"b" n "\",\"product\":\"B\",\"qty\":\"" qty "\"}," \
    "{\"line\":\"e" n "\",\"product\":\"E\",\"qty\":\"" qty "\"},{\"line\":\"f" n "\",\"product\":\"F\",\"qty\":\"9\"}]}\n"

/* A pallet of a case of B (A1 A2) and one of E (E1 E2); a mixed case (C1 of B, C2 of E); S1, S2 loose; F by quantity. */
static const char FEED[] =
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"C\"}\n"
    "{\"type\":\"product\",\"id\":\"B\",\"name\":\"Kit\",\"gtin\":[\"05901234123457\"],\"control\":\"item\"}\n"
    "{\"type\":\"product\",\"id\":\"E\",\"name\":\"Bolt\",\"gtin\":[\"04006381333931\"],\"control\":\"item\"}\n"
    "{\"type\":\"product\",\"id\":\"F\",\"name\":\"Felt\",\"gtin\":[\"04012345678901\"],\"control\":\"none\"}\n"
    IN(ITEM("A1"), "B", CASE_A) IN(ITEM("A2"), "B", CASE_A) IN(OTHER("E1"), "E", CASE_B) IN(OTHER("E2"), "E", CASE_B)
    IN(ITEM("C1"), "B", CASE_C) IN(OTHER("C2"), "E", CASE_C) AT(ITEM("S1"), "B") AT(ITEM("S2"), "B")
    "{\"type\":\"code\",\"code\":\"" CASE_A "\",\"level\":1,\"in\":\"" PALLET "\"}\n"
    "{\"type\":\"code\",\"code\":\"" CASE_B "\",\"level\":1,\"in\":\"" PALLET "\"}\n"
    "{\"type\":\"code\",\"code\":\"" PALLET "\",\"level\":2,\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"code\",\"code\":\"" CASE_C "\",\"level\":1,\"holder\":\"site:CDB\"}\n"
    ORDER("1", "4") ORDER("2", "3") ORDER("3", "1")
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"W\",\"role\":\"clerk\",\"site\":\"CDB\",\"region\":null,\"pin\":\"2468\"}\n"
    "{\"type\":\"policy\",\"site\":\"CDB\",\"registry\":\"strict\",\"enforce\":[],\"start\":null}\n";
/* clang-format on */

struct device {
    struct engine_world world;
    struct server_world *server;
    struct sync_client *client;
    void *reply;
};

struct stage {
    struct server_world server;
    struct device devices[DEVICES];
    uint64_t random;
};

static uint32_t below(struct stage *stage, uint32_t limit)
{
    stage->random ^= stage->random << 13;
    stage->random ^= stage->random >> 7;
    stage->random ^= stage->random << 17;
    return (uint32_t)(stage->random >> 16) % limit;
}

/* ---- a server without a network ---- */

static enum rc exchange(void *context, const char *url, const struct sync_request *request,
                        struct sync_reply *ret_reply)
{
    struct device *device = context;
    char path[WORDS_MAX];
    struct api_reply reply;
    (void)url;
    snprintf(path, sizeof path, "%.*s", (int)strcspn(request->path, "?"), request->path);
    const char *cursor = strchr(request->path, '=');
    struct api_request asked = {.method = request->method,
                                .path = path,
                                .cursor = cursor ? cursor + 1 : NULL,
                                .bearer = request->bearer,
                                .body = request->body,
                                .body_len = request->body_len,
                                .zstd = request->zstd};
    api_handle(device->server->server, &asked, &reply);
    free(device->reply);
    device->reply = malloc(reply.body_len + 1);
    memcpy(device->reply, reply.body, reply.body_len);
    *ret_reply = (struct sync_reply){.status = reply.status, .body = device->reply, .body_len = reply.body_len};
    api_reply_free(&reply);
    return RC_OK;
}

static void enrol(struct device *device)
{
    struct sync_transport transport = {.context = device, .exchange = exchange};
    struct sync_progress progress;
    char *out;
    const char *const words[] = {"enrol", "--site", "CDB", "--url", "http://127.0.0.1:1", NULL};
    assert_int_equal(server_world_run(device->server, NULL, &out, NULL, words), 0);
    out[strlen(out) - 1] = '\0';
    const char *last = strrchr(out, '\n');
    assert_int_equal(sync_enrol(&device->world.sync, &transport, last ? last + 1 : out, &progress), RC_OK);
    free(out);
    engine_world_reopen(&device->world);
    assert_int_equal(sync_client_new(&device->world.sync, &transport, &device->client), RC_OK);
}

static void sync(struct device *device)
{
    struct sync_progress progress;
    enum rc rc = sync_run(device->client, &progress);
    if (rc != RC_OK)
        fail_msg("sync: %s: %s", rc_word(rc), progress.detail);
    for (int i = 0; i < DOCS; i++) {
        int found = 0;
        assert_int_equal(engine_recheck(device->world.engine, DOC_NAMES[i], &found), RC_OK);
    }
}

static void open_stage(struct stage *stage, uint64_t seed)
{
    *stage = (struct stage){.random = seed * 2654435761u + 88172645463325252u};
    server_world_open(&stage->server);
    server_world_tell(&stage->server, FEED);
    for (int i = 0; i < DEVICES; i++) {
        struct device *device = &stage->devices[i];
        device->server = &stage->server;
        engine_world_open(&device->world, FEED);
        enrol(device);
        sync(device);
    }
}

static void close_stage(struct stage *stage)
{
    for (int i = 0; i < DEVICES; i++) {
        sync_client_free(stage->devices[i].client);
        engine_world_close(&stage->devices[i].world);
        free(stage->devices[i].reply);
    }
    server_world_close(&stage->server);
}

/* ---- what clerks do ---- */

static void scan_some(struct stage *stage, struct device *device)
{
    int doc = (int)below(stage, DOCS);
    struct outcome *outcome = engine_world_scan(&device->world, NOS[doc], CODES[below(stage, CODE_COUNT)], 0);
    bool may = outcome->waiting || outcome->verdict.override == OVERRIDE_SUPERVISOR;
    if (may && below(stage, 3) > 0)
        engine_confirm(device->world.engine, DOC_NAMES[doc], outcome->seq, "li");
}

static void undo_some(struct stage *stage, struct device *device)
{
    int64_t seq = 1 + below(stage, (uint32_t)engine_world_last(&device->world));
    for (int i = 0; i < DOCS; i++)
        engine_undo(device->world.engine, DOC_NAMES[i], seq); /* refused but for the document of that scan */
}

static void do_something(struct stage *stage)
{
    struct device *device = &stage->devices[below(stage, DEVICES)];
    uint32_t what = below(stage, 100);
    if (what < 65)
        scan_some(stage, device);
    else if (what < 85)
        undo_some(stage, device);
    else if (what < 89)
        engine_abandon(device->world.engine, DOC_NAMES[below(stage, DOCS)], NULL);
    else
        sync(device);
}

/* Knows what the others did, puts it right and closes its shares. */
static void finish(struct device *device)
{
    struct completion completion = {.short_reason = "no-stock", .set_aside = true};
    sync(device);
    for (int i = 0; i < DOCS; i++) {
        enum rc rc = RC_RECHECK; /* what was given back is judged again */
        for (int again = 0; again < DEPTH_MAX && rc == RC_RECHECK; again++)
            rc = engine_complete(device->world.engine, DOC_NAMES[i], &completion, NULL);
        if (rc != RC_OK && rc != RC_CLOSED)
            fail_msg("complete: %s", rc_word(rc));
    }
    sync(device);
}

/* ---- and what came of it ---- */

static qty_t result_qty(const json_t *results, int doc, const char *line)
{
    qty_t sum = 0, qty;
    size_t i, j;
    const json_t *result, *entry;
    json_array_foreach(results, i, result)
    {
        if (strcmp(json_string_value(json_object_get(result, "no")), NOS[doc]) != 0)
            continue;
        json_array_foreach(json_object_get(result, "lines"), j, entry)
        {
            if (strcmp(json_string_value(json_object_get(entry, "line")), line) != 0)
                continue;
            assert_int_equal(qty_parse(json_string_value(json_object_get(entry, "qty")), &qty), RC_OK);
            sum += qty;
        }
    }
    return sum;
}

static void check_results(struct stage *stage, int seed)
{
    json_t *results = server_world_list(&stage->server, "results");
    for (int doc = 0; doc < DOCS; doc++)
        for (int line = 0; line < LINES; line++) {
            char name[] = {"bef"[line], (char)('1' + doc), '\0'};
            qty_t counted = 0;
            for (int i = 0; i < DEVICES; i++)
                counted += engine_world_tallied(&stage->devices[i].world, NOS[doc], (size_t)line);
            if (result_qty(results, doc, name) != counted)
                fail_msg("seed %d, line %s: the devices counted %lld, the result says %lld", seed, name,
                         (long long)(counted / QTY_ONE), (long long)(result_qty(results, doc, name) / QTY_ONE));
        }
    json_decref(results);
}

static void facts_of(struct device *device, const char *text, struct facts *ret_facts)
{
    static struct code code;
    code_parse_text(text, 2026, &code);
    struct facts_request request = {.doc = "", .site = "CDB", .today = 20000, .code = &code};
    assert_int_equal(store_facts(engine_store(device->world.engine), &request, ret_facts), RC_OK);
}

static void check_places(struct stage *stage, int seed)
{
    static struct facts facts[DEVICES];
    char one[HOLDER_MAX + 1], other[HOLDER_MAX + 1];
    for (int i = 0; i < CODE_COUNT; i++) {
        for (int n = 0; n < DEVICES; n++)
            facts_of(&stage->devices[n], CODES[i], &facts[n]);
        holder_print(&facts[0].holder, one);
        holder_print(&facts[1].holder, other);
        if (strcmp(one, other) != 0 || facts[0].other_document[0] || facts[1].other_document[0])
            fail_msg("seed %d: %s is at %s (%s) and at %s (%s)", seed, CODES[i], one, facts[0].other_document, other,
                     facts[1].other_document);
    }
}

static void test_random_work_counts_the_same_on_both_sides(void **state)
{
    (void)state;
    static struct stage stage;
    for (int seed = 1; seed <= SEEDS; seed++) {
        open_stage(&stage, (uint64_t)seed);
        for (int step = 0; step < STEPS; step++)
            do_something(&stage);
        for (int i = 0; i < DEVICES; i++)
            finish(&stage.devices[i]);
        for (int i = 0; i < DEVICES; i++)
            sync(&stage.devices[i]);
        check_results(&stage, seed);
        check_places(&stage, seed);
        for (int i = 0; i < DEVICES; i++)
            engine_world_verify(&stage.devices[i].world);
        close_stage(&stage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_work_counts_the_same_on_both_sides)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
