/* Two devices and one bottle: what the one who came second is told, what it can say to that, what stays on record; and that
 * nobody else's batches in between make a difference. */
#include "tests/unit/server_world.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char ONE[] = "t:1", TWO[] = "t:2", THREE[] = "t:3";

static const char FEED[] =
    "{\"type\":\"site\",\"id\":\"CDB\"}\n"
    "{\"type\":\"product\",\"id\":\"SKU-B200\",\"gtin\":[\"05901234123457\"],\"control\":\"item\"}\n"
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)X\",\"product\":\"SKU-B200\",\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)Y\",\"product\":\"SKU-B200\",\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"1\",\"no\":\"SO-1\",\"flow\":\"outbound\",\"from\":\"site:"
    "CDB\",\"to\":\"party:"
    "D-1\",\"lines\":[{\"line\":\"m,7\",\"product\":\"SKU-B200\",\"qty\":\"2\"}]}\n"
    "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"2\",\"no\":\"SO-1\",\"flow\":\"outbound\",\"from\":\"site:"
    "CDB\",\"to\":\"party:"
    "D-2\",\"lines\":[{\"line\":\"m,7\",\"product\":\"SKU-B200\",\"qty\":\"2\"}]}\n"
    "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"3\",\"no\":\"SO-1\",\"flow\":\"outbound\",\"from\":\"site:"
    "CDB\",\"to\":\"party:"
    "D-3\",\"lines\":[{\"line\":\"m,7\",\"product\":\"SKU-B200\",\"qty\":\"9\"}]}\n";

struct stage {
    struct server_world world;
    struct handheld a, b, c;
};

static void begin(struct stage *stage)
{
    server_world_open(&stage->world);
    server_world_tell(&stage->world, FEED);
    handheld_new(&stage->world, "CDB", &stage->a);
    handheld_new(&stage->world, "CDB", &stage->b);
    handheld_new(&stage->world, "CDB", &stage->c);
}

static void end(struct stage *stage)
{
    handheld_free(&stage->a);
    handheld_free(&stage->b);
    handheld_free(&stage->c);
    server_world_close(&stage->world);
}

static int setup(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    begin(stage);
    *state = stage;
    return 0;
}

static int teardown(void **state)
{
    end(*state);
    free(*state);
    return 0;
}

static const char *text(const json_t *object, const char *name)
{
    const char *found = json_string_value(json_object_get(object, name));
    return found ? found : "";
}

static const struct push_about *about(const struct handheld *handheld, int64_t seq)
{
    return &handheld->reply.verdicts[seq - (handheld->seq - handheld->reply.count + 1)].about;
}

/* The one conflict there is, and the record of the other side beside it; the caller decrefs. */
static json_t *the_conflict(struct stage *stage)
{
    json_t *conflicts = server_world_list(&stage->world, "conflicts");
    assert_int_equal(json_array_size(conflicts), 1);
    json_t *conflict = json_incref(json_array_get(conflicts, 0));
    json_decref(conflicts);
    return conflict;
}

/* Both work on X offline; A is first. The seq of B's scan, which lost. */
static int64_t both_take_x(struct stage *stage, bool completed)
{
    handheld_open(&stage->a, ONE);
    handheld_scan(&stage->a, ONE, "X", "accept", "ok");
    if (completed)
        handheld_complete(&stage->a, ONE);
    handheld_open(&stage->b, TWO);
    int64_t lost = handheld_scan(&stage->b, TWO, "X", "accept", "ok");
    assert_int_equal(handheld_push(&stage->a), 200);
    assert_int_equal(handheld_push(&stage->b), 200);
    return lost;
}

static int64_t answer(struct handheld *handheld, int64_t ref, const char *what, const char *more)
{
    char members[1200];
    snprintf(members, sizeof members,
             "\"doc\":\"%s\",\"no\":\"SO-1\",\"flow\":\"outbound\",\"ref\":%" PRId64 ",\"answer\":\"%s\"%s", TWO, ref,
             what, more);
    return handheld_note(handheld, "answer", members);
}

static const char KEPT[] =
    ",\"supervisor\":\"li\",\"key\":\"(01)05901234123457(21)X\",\"product\":\"SKU-B200\",\"lot\":\"\","
    "\"level\":0,\"line\":\"m,7\",\"reason\":\"ok\",\"severity\":\"accept\",\"findings\":[],"
    "\"qty\":\"1\",\"alloc\":[{\"line\":\"m,7\",\"qty\":\"1\",\"lot\":\"\"}]";

/* ---- what is told ---- */

static void who_was_first_is_told(void **state)
{
    struct stage *stage = *state;
    int64_t lost = both_take_x(stage, false);
    assert_string_equal(handheld_verdict(&stage->b, lost), "lost-claim");
    assert_int_equal(about(&stage->b, lost)->number, 1);
    assert_int_equal(about(&stage->b, lost)->device, stage->a.device);
    assert_string_equal(about(&stage->b, lost)->operator, "wang");
    assert_string_equal(about(&stage->b, lost)->no, "SO-1");
    assert_string_equal(about(&stage->b, lost)->at, "2026-11-22T13:12:33.123+08:00");
    assert_string_equal(about(&stage->b, lost)->holder, "");
    assert_int_equal(about(&stage->b, lost - 1)->number, 0); /* the opening was accepted */
    assert_int_equal(handheld_push_from(&stage->b, 1), 200); /* and again when the reply was lost */
    assert_int_equal(about(&stage->b, lost)->device, stage->a.device);
}

static void where_the_books_have_it_is_told(void **state)
{
    struct stage *stage = *state;
    int64_t lost = both_take_x(stage, true);
    assert_string_equal(handheld_verdict(&stage->b, lost), "false-holder");
    assert_int_equal(about(&stage->b, lost)->device, stage->a.device);
    assert_string_equal(about(&stage->b, lost)->operator, "wang");
    assert_string_equal(about(&stage->b, lost)->no, "SO-1");
    assert_string_equal(about(&stage->b, lost)->holder, "transit:party:D-1");
}

static void another_site_is_told_no_names(void **state)
{
    struct stage *stage = *state;
    server_world_tell(&stage->world, "{\"type\":\"site\",\"id\":\"SHB\"}\n");
    struct handheld far;
    handheld_new(&stage->world, "SHB", &far);
    handheld_scan(&stage->a, ONE, "X", "accept", "ok");
    assert_int_equal(handheld_push(&stage->a), 200);
    int64_t lost = handheld_scan(&far, TWO, "X", "accept", "ok");
    assert_int_equal(handheld_push(&far), 200);
    assert_int_not_equal(about(&far, lost)->number, 0);
    assert_string_equal(about(&far, lost)->operator, "");
    assert_string_equal(about(&far, lost)->no, "");
    handheld_free(&far);
}

/* A dealer's supervisor has them go along: another dealer's goods stay its own all the same. */
static void dealers_keep(struct stage *stage, struct handheld *dealer, const char *doc, int64_t lost)
{
    char members[900], *out;
    const char *words[] = {"trace", "(01)05901234123457(21)Z", NULL};
    snprintf(
        members, sizeof members,
        "\"doc\":\"%s\",\"no\":\"X\",\"flow\":\"outbound\",\"ref\":%" PRId64
        ",\"answer\":\"keep\",\"supervisor\":\"boss\",\"key\":\"(01)05901234123457(21)Z\",\"product\":\"SKU-B200\","
        "\"line\":\"m,7\",\"reason\":\"ok\",\"severity\":\"accept\",\"qty\":\"1\",\"alloc\":[{\"line\":\"m,7\","
        "\"qty\":\"1\","
        "\"lot\":\"\"}]",
        doc, lost);
    int64_t said = handheld_note(dealer, "answer", members);
    handheld_complete(dealer, doc);
    assert_int_equal(handheld_push(dealer), 200);
    assert_string_equal(handheld_verdict(dealer, said), "accepted");
    assert_int_equal(server_world_run(&stage->world, NULL, &out, NULL, words), 0);
    assert_null(strstr(out, "D-1")); /* it went nowhere */
    free(out);
}

static void a_dealer_is_told_time_and_number(void **state)
{
    struct stage *stage = *state;
    struct handheld dealer;
    server_world_tell(&stage->world,
                      "{\"type\":\"party\",\"id\":\"D-1\",\"kind\":\"dealer\"}\n"
                      "{\"type\":\"site\",\"id\":\"S-D1\",\"kind\":\"dealer\",\"party\":\"D-1\"}\n"
                      "{\"type\":\"party\",\"id\":\"D-2\",\"kind\":\"dealer\"}\n"
                      "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)Z\",\"product\":\"SKU-B200\","
                      "\"holder\":\"party:D-2\"}\n");
    handheld_new(&stage->world, "S-D1", &dealer);
    char doc[40];
    snprintf(doc, sizeof doc, "own:%" PRId64 "-1-1", dealer.device);
    handheld_open(&dealer, doc);
    int64_t lost = handheld_scan(&dealer, doc, "Z", "accept", "ok");
    assert_int_equal(handheld_push(&dealer), 200);
    assert_string_equal(handheld_verdict(&dealer, lost), "wrong-holder");
    const struct push_about *told = about(&dealer, lost);
    assert_int_not_equal(told->number, 0);
    assert_string_not_equal(told->at, "");
    assert_int_equal(told->device, 0);
    assert_string_equal(told->operator, "");
    assert_string_equal(told->no, "");
    assert_string_equal(told->holder, "");
    dealers_keep(stage, &dealer, doc, lost);
    handheld_free(&dealer);
}

/* ---- what is answered ---- */

static void expect_answer(struct stage *stage, const char *what, const char *supervisor, bool open)
{
    int64_t other = 0;
    json_t *conflict = the_conflict(stage), *said = json_object_get(conflict, "answer");
    assert_string_equal(text(said, "what"), what);
    assert_string_equal(text(said, "by"), what[0] ? "wang" : "");
    assert_string_equal(text(said, "supervisor"), supervisor);
    assert_int_equal(json_is_true(json_object_get(conflict, "open")), open);
    if (strcmp(text(conflict, "kind"), "lost-claim") == 0) /* else the books were first */
        other = json_integer_value(json_object_get(json_object_get(conflict, "other"), "device"));
    assert_true(other == stage->a.device || strcmp(text(conflict, "kind"), "false-holder") == 0);
    json_decref(conflict);
}

static void taken_out_closes_it(void **state)
{
    struct stage *stage = *state;
    int64_t lost = both_take_x(stage, false);
    expect_answer(stage, "", "", true);
    int64_t said = answer(&stage->b, lost, "take-out", "");
    assert_int_equal(handheld_push(&stage->b), 200);
    assert_string_equal(handheld_verdict(&stage->b, said), "accepted");
    expect_answer(stage, "take-out", "", false);
    json_t *records = server_world_list(&stage->world, "records");
    assert_int_equal(json_array_size(records), 5); /* nobody's is gone */
    json_decref(records);
}

static void an_undo_or_setting_aside_is_taking_out(void **state)
{
    struct stage *stage = *state;
    int64_t lost = both_take_x(stage, false);
    handheld_refer(&stage->b, "recheck", TWO, lost);
    assert_int_equal(handheld_push(&stage->b), 200);
    expect_answer(stage, "", "", true);
    handheld_refer(&stage->b, "set-aside", TWO, lost);
    assert_int_equal(handheld_push(&stage->b), 200);
    expect_answer(stage, "take-out", "", false);
}

static void not_mine_stays_open_for_a_manager(void **state)
{
    struct stage *stage = *state;
    int64_t lost = both_take_x(stage, false);
    answer(&stage->b, lost, "not-mine", "");
    assert_int_equal(handheld_push(&stage->b), 200);
    expect_answer(stage, "not-mine", "", true);
}

/* The lines of the newest result of SO-1 to D-2; the caller decrefs. */
static json_t *result_of_two(struct stage *stage)
{
    json_t *results = server_world_list(&stage->world, "results"), *found = NULL, *result;
    size_t i;
    json_array_foreach(results, i, result)
    {
        if (strcmp(text(result, "doc"), "2") == 0)
            found = result;
    }
    assert_non_null(found);
    json_incref(found);
    json_decref(results);
    return found;
}

static void expect_holder(struct stage *stage, const char *holder)
{
    char *out;
    const char *words[] = {"trace", "(01)05901234123457(21)X", NULL};
    assert_int_equal(server_world_run(&stage->world, NULL, &out, NULL, words), 0);
    if (!strstr(out, holder))
        print_error("%s\n", out);
    assert_non_null(strstr(out, holder));
    free(out);
}

static void kept_goods_count_but_the_first_claim_stands(void **state)
{
    struct stage *stage = *state;
    int64_t lost = both_take_x(stage, false);
    int64_t said = answer(&stage->b, lost, "keep", KEPT);
    handheld_complete(&stage->b, TWO);
    assert_int_equal(handheld_push(&stage->b), 200);
    assert_string_equal(handheld_verdict(&stage->b, said), "accepted");
    expect_answer(stage, "keep", "li", false);
    json_t *result = result_of_two(stage), *line = json_array_get(json_object_get(result, "lines"), 0);
    assert_string_equal(text(line, "qty"), "1"); /* it left: the ERP is told */
    assert_int_equal(json_array_size(json_object_get(line, "codes")), 0);
    json_decref(result);
    handheld_complete(&stage->a, ONE);
    assert_int_equal(handheld_push(&stage->a), 200);
    expect_holder(stage, "transit:party:D-1");
}

static void kept_goods_leave_where_the_books_had_them(void **state)
{
    struct stage *stage = *state;
    int64_t lost = both_take_x(stage, true);
    answer(&stage->b, lost, "keep", KEPT);
    handheld_complete(&stage->b, TWO);
    assert_int_equal(handheld_push(&stage->b), 200);
    expect_answer(stage, "keep", "li", false);
    expect_holder(stage, "\"device\":2,\"epoch\":1,\"seq\":4,\"site\":\"CDB\",\"from\":\"transit:party:D-1\"");
}

static void kept_after_the_document_was_done_makes_a_further_result(void **state)
{
    struct stage *stage = *state;
    char more[1600];
    int64_t lost = both_take_x(stage, true);
    handheld_complete(&stage->b, TWO);
    assert_int_equal(handheld_push(&stage->b), 200);
    snprintf(
        more, sizeof more,
        "%s,\"close\":\"complete\",\"close_no\":2,\"opening\":{\"doc\":\"%s\",\"no\":\"SO-1\",\"flow\":\"outbound\","
        "\"rev\":\"\",\"from\":\"site:CDB\",\"to\":\"party:D-2\"}",
        KEPT, TWO);
    int64_t said = answer(&stage->b, lost, "keep", more);
    assert_int_equal(handheld_push(&stage->b), 200);
    assert_string_equal(handheld_verdict(&stage->b, said), "accepted");
    expect_answer(stage, "keep", "li", false);
    json_t *result = result_of_two(stage), *line = json_array_get(json_object_get(result, "lines"), 0);
    assert_string_equal(text(line, "qty"), "1");
    assert_string_equal(text(result, "no"), "SO-1");
    json_decref(result);
    expect_holder(stage, "\"to\":\"transit:party:D-2\"");
}

static void nobody_keeps_without_a_supervisor(void **state)
{
    struct stage *stage = *state;
    int64_t lost = both_take_x(stage, false);
    int64_t said = answer(&stage->b, lost, "keep", "");
    int64_t other = answer(&stage->b, lost - 1, "take-out", ""); /* that one was accepted */
    assert_int_equal(handheld_push(&stage->b), 200);
    assert_string_equal(handheld_verdict(&stage->b, said), "bad-record");
    assert_string_equal(handheld_verdict(&stage->b, other), "bad-record");
    expect_answer(stage, "", "", true);
}

/* ---- whatever comes in between ---- */

enum { STEPS = 8, POINTS = STEPS + 1 };

/* One batch of A or B: both want X and Y, undo, put aside, keep, complete. */
static void play(struct stage *stage, int step)
{
    struct handheld *a = &stage->a, *b = &stage->b;
    switch (step) {
    case 0:
        handheld_open(a, ONE);
        handheld_scan(a, ONE, "X", "accept", "ok");
        break;
    case 1:
        handheld_open(b, TWO);
        handheld_scan(b, TWO, "X", "accept", "ok");
        break;
    case 2: handheld_scan(b, TWO, "Y", "accept", "ok"); break;
    case 3: handheld_scan(a, ONE, "Y", "accept", "ok"); break;
    case 4: answer(b, 2, "keep", KEPT); break;
    case 5:
        handheld_refer(a, "undo", ONE, 2);
        handheld_complete(a, ONE);
        break;
    case 6: handheld_scan(b, TWO, "X", "accept", "ok"); break;
    case 7: handheld_complete(b, TWO); break;
    }
    struct handheld *who = step == 0 || step == 3 || step == 5 ? a : b;
    assert_int_equal(handheld_push(who), 200);
}

/* Work on an order of its own, with goods of its own; and it hears the news. */
static void somebody_else(struct stage *stage, int n)
{
    char serial[16];
    snprintf(serial, sizeof serial, "C%d", n);
    if (!stage->c.seq)
        handheld_open(&stage->c, THREE);
    handheld_scan(&stage->c, THREE, serial, "accept", "ok");
    assert_int_equal(handheld_push(&stage->c), 200);
    json_decref(handheld_pull(&stage->c, NULL, NULL));
}

static void add_verdicts(struct handheld *handheld, char *ret_told, size_t size)
{
    assert_int_equal(handheld_push_from(handheld, 1), 200); /* a repeat: the stored ones */
    for (int64_t seq = 1; seq <= handheld->seq; seq++) {
        size_t len = strlen(ret_told);
        snprintf(ret_told + len, size - len, "%" PRId64 "/%" PRId64 " %s\n", handheld->device, seq,
                 handheld_verdict(handheld, seq));
    }
}

/* All that A and B were told, and what is on record of it: with batches of C at these points. */
static void whole_story(unsigned points, char *ret_told, size_t size)
{
    struct stage *stage = calloc(1, sizeof *stage);
    begin(stage);
    for (int step = 0; step < POINTS; step++) {
        if (points & 1u << step)
            somebody_else(stage, step);
        if (step < STEPS)
            play(stage, step);
    }
    ret_told[0] = '\0';
    add_verdicts(&stage->a, ret_told, size);
    add_verdicts(&stage->b, ret_told, size);
    static const char *const lists[] = {"conflicts", "results"};
    for (int i = 0; i < 2; i++) {
        json_t *list = server_world_list(&stage->world, lists[i]);
        char *dump = json_dumps(list, JSON_SORT_KEYS | JSON_INDENT(1));
        size_t len = strlen(ret_told);
        assert_true(len + strlen(dump) < size);
        snprintf(ret_told + len, size - len, "%s\n", dump);
        free(dump);
        json_decref(list);
    }
    end(stage);
    free(stage);
}

static void unrelated_batches_change_nothing(void **state)
{
    (void)state;
    enum { SIZE = 1 << 16, MIXED = 12 };
    char *alone = malloc(SIZE), *among = malloc(SIZE);
    unsigned mix = 0x2f1;
    whole_story(0, alone, SIZE);
    assert_non_null(strstr(alone, "lost-claim"));
    assert_non_null(strstr(alone, "accepted"));
    for (int i = 0; i < POINTS + MIXED; i++) {
        mix = mix * 1103515245u + 12345u;
        unsigned points = i < POINTS ? 1u << i : i == POINTS ? (1u << POINTS) - 1 : (mix >> 8) % (1u << POINTS);
        whole_story(points, among, SIZE);
        if (strcmp(alone, among) != 0)
            print_error("with batches at %x:\n%s\nalone:\n%s\n", points, among, alone);
        assert_string_equal(alone, among);
    }
    free(alone);
    free(among);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_was_first_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(where_the_books_have_it_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(another_site_is_told_no_names, setup, teardown),
        cmocka_unit_test_setup_teardown(a_dealer_is_told_time_and_number, setup, teardown),
        cmocka_unit_test_setup_teardown(taken_out_closes_it, setup, teardown),
        cmocka_unit_test_setup_teardown(an_undo_or_setting_aside_is_taking_out, setup, teardown),
        cmocka_unit_test_setup_teardown(not_mine_stays_open_for_a_manager, setup, teardown),
        cmocka_unit_test_setup_teardown(kept_goods_count_but_the_first_claim_stands, setup, teardown),
        cmocka_unit_test_setup_teardown(kept_goods_leave_where_the_books_had_them, setup, teardown),
        cmocka_unit_test_setup_teardown(kept_after_the_document_was_done_makes_a_further_result, setup, teardown),
        cmocka_unit_test_setup_teardown(nobody_keeps_without_a_supervisor, setup, teardown),
        cmocka_unit_test(unrelated_batches_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
