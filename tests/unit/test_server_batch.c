/* A long batch is read ahead, and what it finds is remembered: it is judged as the same records are one by one. */
#include "sync/server/runs.h"
#include "sync/server/units.h"
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

#define ITEM(serial) "(01)05901234123457(21)" serial
#define RUN(first, last, lot)                                                                                        \
    "{\"type\":\"codes\",\"product\":\"SKU-B200\",\"lot\":\"" lot                                                    \
    "\",\"first\":\"" ITEM(first) "\",\"last\":\"" ITEM(last) "\",\"holder\":\"site:CDB\"}\n"

static const char FEED[] = RUN("R000", "R099", "A") RUN("R040", "R049", "B") RUN("R200", "R299", "C")
    RUN("S00", "S99", "D") RUN("T000", "T000", "E") RUN("T001", "T001", "F") RUN("X000", "X999", "G");

struct stage {
    struct server_world world;
    struct handheld one, many;
};

static int setup(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    server_world_open(&stage->world);
    server_world_tell(&stage->world, FEED);
    handheld_new(&stage->world, "CDB", &stage->one);
    handheld_new(&stage->world, "CDB", &stage->many);
    *state = stage;
    return 0;
}

static int teardown(void **state)
{
    struct stage *stage = *state;
    handheld_free(&stage->one);
    handheld_free(&stage->many);
    server_world_close(&stage->world);
    free(stage);
    return 0;
}

/* ---- runs ---- */

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 16;
}

/* What is remembered is what is found. */
static void runs_are_found_as_they_are_searched(void **state)
{
    enum { LOOKS = 4000 };
    struct stage *stage = *state;
    struct server *server = stage->world.server;
    static const char *const PREFIXES[] = {"R", "S", "T", "X", "Q", "Z"};
    char key[64], lot[LOT_MAX + 1];
    uint32_t seed = 7;
    int found = 0;
    for (int i = 0; i < LOOKS; i++) {
        const struct run *run = NULL;
        snprintf(key, sizeof key, ITEM("%s%0*u"), PREFIXES[next_random(&seed) % 6], next_random(&seed) % 9 ? 3 : 2,
                 next_random(&seed) % 320);
        if (i % 500 == 0) {
            runs_forget(server);
            runs_keep(server);
        }
        enum rc kept = runs_find(server, key, &run);
        snprintf(lot, sizeof lot, "%s", kept == RC_OK ? run->lot : "");
        struct runs now = server->runs;
        server->runs.kept = false;
        enum rc searched = runs_find(server, key, &run);
        assert_int_equal(kept, searched);
        if (!searched)
            assert_string_equal(lot, run->lot);
        server->runs = now;
        found += !searched;
    }
    assert_in_range(found, LOOKS / 5, LOOKS - 100);
    runs_forget(server);
}

/* ---- reading ahead ---- */

/* All kinds of records, good and not; the same for both but for `serials`. */
static void note_one(struct handheld *handheld, const char *doc, int i, char serials)
{
    char serial[16], members[200];
    snprintf(serial, sizeof serial, "%c%03d", serials, i / 2 % 450);
    switch (i % 12) {
    case 3: handheld_note(handheld, "song", ""); break;
    case 5: handheld_note(handheld, "scan", "\"doc\":\"d\",\"key\":\"\\u0041\""); break;
    case 7: /* another key than its bytes have */
        snprintf(members, sizeof members, "\"doc\":\"%s\",\"raw\":\"QQ==\",\"aim\":\"\",\"key\":\"B%d\"", doc, i);
        handheld_note(handheld, "scan", members);
        break;
    case 9: handheld_refer(handheld, "undo", doc, handheld->seq - 1); break;
    case 10: handheld_note(handheld, "scan", "\"kind\":\"sign-in\",\"x\":[1.5,{\"y\":[]}]"); break;
    case 11: handheld_note(handheld, "sign-in", "\"text\":\"\xe7\x8e\x8b\\n\""); break;
    default: handheld_scan(handheld, doc, serial, i % 5 ? "accept" : "warn", "ok"); break;
    }
}

static void a_long_batch_is_judged_as_short_ones(void **state)
{
    enum { RECORDS = 1100 };
    struct stage *stage = *state;
    static char words[RECORDS + 1][WORD_MAX + 1];
    int accepted = 0;
    for (int i = 0; i < RECORDS; i++) {
        note_one(&stage->one, "e:wh,1", i, 'R');
        if (i % 10 < 9)
            continue;
        assert_int_equal(handheld_push(&stage->one), 200);
        for (int64_t seq = stage->one.seq - 9; seq <= stage->one.seq; seq++)
            snprintf(words[seq], sizeof words[seq], "%s", handheld_verdict(&stage->one, seq));
    }
    for (int i = 0; i < RECORDS; i++)
        note_one(&stage->many, "e:wh,2", i, 'X');
    assert_int_equal(handheld_push(&stage->many), 200);
    assert_int_equal(stage->many.reply.count, RECORDS);
    for (int64_t seq = 1; seq <= RECORDS; seq++) {
        assert_string_equal(handheld_verdict(&stage->many, seq), words[seq]);
        accepted += strcmp(words[seq], "accepted") == 0;
    }
    assert_in_range(accepted, RECORDS / 2, RECORDS - 200);
    /* and again, as a repeat with some more behind it */
    for (int i = 0; i < 100; i++)
        note_one(&stage->many, "e:wh,2", RECORDS + i, 'X');
    assert_int_equal(handheld_push_from(&stage->many, 201), 200);
    for (int64_t seq = 201; seq <= RECORDS; seq++)
        assert_string_equal(handheld_verdict(&stage->many, seq), words[seq]);
    assert_int_equal(stage->many.reply.acked, RECORDS + 100);
}

/* A line as large as may be, and more than are kept in hand: nothing waits for what does not come. */
static void large_records_go_one_by_one(void **state)
{
    enum { RECORDS = 70, LONG = 13000 };
    struct stage *stage = *state;
    char *members = malloc(LONG + 32);
    int len = snprintf(members, 32, "\"text\":\"");
    memset(members + len, 'x', LONG);
    snprintf(members + len + LONG, 2, "\"");
    for (int i = 0; i < RECORDS; i++)
        handheld_note(&stage->many, "sign-in", members);
    assert_int_equal(handheld_push(&stage->many), 200);
    assert_int_equal(stage->many.reply.acked, RECORDS);
    free(members);
}

static void a_batch_that_does_not_hold_leaves_nothing(void **state)
{
    struct stage *stage = *state;
    char *text;
    size_t len;
    struct api_reply answer;
    for (int i = 0; i < 300; i++)
        note_one(&stage->many, "e:wh,2", i, 'X');
    handheld_pack(&stage->many, 1, &text, &len);
    char *mono = strstr(text + len / 2, "\"mono\":1");
    assert_non_null(mono);
    mono[7] = '2';
    int status = server_world_send(&stage->world, "POST", "/v1/push", stage->many.token, text, len, &answer);
    assert_int_equal(status, 422);
    assert_non_null(strstr(answer.body, "bad-chain"));
    api_reply_free(&answer);
    free(text);
    assert_int_equal(handheld_push(&stage->many), 200);
    assert_int_equal(stage->many.reply.acked, 300);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(runs_are_found_as_they_are_searched),
        TEST(a_long_batch_is_judged_as_short_ones),
        TEST(large_records_go_one_by_one),
        TEST(a_batch_that_does_not_hold_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
