/* The feed in and out: imports whole or not at all, pages, scopes, tombstones, cursors. */
#include "sync/server/changes.h"
#include "sync/wire/limits.h"
#include "tests/unit/server_world.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

#define DOCUMENT(number, from, state)                                                                                \
    "{\"type\":\"document\",\"source\":\"tryton:wh\",\"doc\":\"out," number "\",\"no\":\"SO-" number                 \
    "\",\"flow\":\"outbound\",\"state\":\"" state "\",\"from\":\"site:" from                                         \
    "\",\"to\":\"party:D-1\",\"lines\":[{\"line\":\"m,7\",\"product\":\"P\",\"qty\":\"2\"}]}\n"
#define OPERATOR(id, site, pin)                                                                                      \
    "{\"type\":\"operator\",\"id\":\"" id "\",\"name\":\"N\",\"role\":\"clerk\"," site "\"pin\":\"" pin "\"}\n"

static const char FEED[] =
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"C\"}\n"
    "{\"type\":\"site\",\"id\":\"DS\",\"name\":\"D\",\"kind\":\"dealer\",\"party\":\"D-1\"}\n"
    "{\"type\":\"product\",\"id\":\"P\",\"name\":\"Seal\",\"control\":\"none\"}\n" DOCUMENT("1", "CDB", "open")
        DOCUMENT("2", "DS", "open") OPERATOR("wang", "\"site\":\"CDB\",", "2468") OPERATOR("li", "", "13572468")
            OPERATOR("dealer", "\"site\":\"DS\",", "1111");

struct stage {
    struct server_world world;
    struct handheld a, dealer;
};

static int setup(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    server_world_open(&stage->world);
    server_world_tell(&stage->world, FEED);
    handheld_new(&stage->world, "CDB", &stage->a);
    handheld_new(&stage->world, "DS", &stage->dealer);
    *state = stage;
    return 0;
}

static int teardown(void **state)
{
    struct stage *stage = *state;
    handheld_free(&stage->a);
    handheld_free(&stage->dealer);
    server_world_close(&stage->world);
    free(stage);
    return 0;
}

static bool gone(const json_t *line)
{
    return json_is_true(json_object_get(line, "gone"));
}

static void a_device_is_told_what_concerns_its_site(void **state)
{
    struct stage *stage = *state;
    json_t *page = handheld_pull(&stage->a, NULL, NULL);
    const json_t *document = page_find(page, "document", "doc", "out,1"),
                 *wang = page_find(page, "operator", "id", "wang");
    assert_non_null(document);
    assert_int_equal(strlen(json_string_value(json_object_get(document, "rev"))), 16);
    assert_null(page_find(page, "document", "doc", "out,2"));
    assert_non_null(page_find(page, "product", "id", "P"));
    assert_non_null(page_find(page, "operator", "id", "li"));
    assert_null(page_find(page, "operator", "id", "dealer"));
    assert_null(json_object_get(wang, "pin"));
    assert_memory_equal(json_string_value(json_object_get(wang, "pin_hash")), "$argon2id$", 10);
    json_decref(page);
    page = handheld_pull(&stage->dealer, NULL, NULL);
    assert_null(page_find(page, "operator", "id", "li"));
    assert_non_null(page_find(page, "operator", "id", "dealer"));
    json_decref(page);
}

/* Everything again, PINs too: no change, so nothing to pull. */
static void the_same_content_is_no_change(void **state)
{
    struct stage *stage = *state;
    json_decref(handheld_pull(&stage->a, NULL, NULL));
    server_world_tell(&stage->world, FEED);
    json_t *page = handheld_pull(&stage->a, NULL, NULL);
    assert_int_equal(json_array_size(page), 0);
    json_decref(page);
    server_world_tell(&stage->world, OPERATOR("wang", "\"site\":\"CDB\",", "8642"));
    page = handheld_pull(&stage->a, NULL, NULL);
    assert_int_equal(json_array_size(page), 1);
    json_decref(page);
}

static void a_missing_member_is_unchanged_and_null_clears(void **state)
{
    struct stage *stage = *state;
    json_decref(handheld_pull(&stage->a, NULL, NULL));
    server_world_tell(&stage->world,
                      "{\"type\":\"document\",\"source\":\"tryton:wh\",\"doc\":\"out,1\",\"no\":null}\n");
    json_t *page = handheld_pull(&stage->a, NULL, NULL);
    const json_t *document = page_find(page, "document", "doc", "out,1");
    assert_null(json_object_get(document, "no"));
    assert_string_equal(json_string_value(json_object_get(document, "flow")), "outbound");
    json_decref(page);
}

static void deleting_and_leaving_the_scope_send_a_tombstone(void **state)
{
    struct stage *stage = *state;
    json_decref(handheld_pull(&stage->a, NULL, NULL));
    json_decref(handheld_pull(&stage->dealer, NULL, NULL));
    server_world_tell(&stage->world,
                      DOCUMENT("1", "DS", "open") "{\"type\":\"product\",\"id\":\"P\",\"gone\":true}\n"
                                                  "{\"type\":\"operator\",\"id\":\"dealer\",\"gone\":true}\n");
    json_t *page = handheld_pull(&stage->a, NULL, NULL);
    const json_t *document = page_find(page, "document", "doc", "out,1");
    assert_true(gone(document));
    assert_string_equal(json_string_value(json_object_get(document, "source")), "tryton:wh");
    assert_null(json_object_get(document, "lines"));
    assert_true(gone(page_find(page, "product", "id", "P")));
    assert_null(page_find(page, "operator", "id", "dealer"));
    json_decref(page);
    page = handheld_pull(&stage->dealer, NULL, NULL);
    assert_false(gone(page_find(page, "document", "doc", "out,1")));
    assert_true(gone(page_find(page, "operator", "id", "dealer")));
    json_decref(page);
}

static void a_code_goes_and_comes(void **state)
{
    struct stage *stage = *state;
    server_world_tell(&stage->world,
                      "{\"type\":\"code\",\"code\":\"plain:X\",\"product\":\"P\",\"aliases\":[\"plain:Y\"]}\n");
    json_t *page = handheld_pull(&stage->a, NULL, NULL);
    assert_int_equal(json_array_size(json_object_get(page_find(page, "code", "code", "plain:X"), "aliases")), 1);
    json_decref(page);
    server_world_tell(&stage->world, "{\"type\":\"code\",\"code\":\"plain:X\",\"gone\":true}\n");
    page = handheld_pull(&stage->a, NULL, NULL);
    assert_true(gone(page_find(page, "code", "code", "plain:X")));
    json_decref(page);
}

static void another_devices_share_is_told_and_taken_back(void **state)
{
    struct stage *stage = *state;
    struct handheld b;
    handheld_new(&stage->world, "CDB", &b);
    json_decref(handheld_pull(&b, NULL, NULL));
    handheld_open(&stage->a, "tryton:wh:out,1");
    assert_int_equal(handheld_push(&stage->a), 200);
    json_t *page = handheld_pull(&b, NULL, NULL);
    const json_t *share = page_find(page, "share", "doc", "tryton:wh:out,1");
    assert_int_equal(json_integer_value(json_object_get(share, "device")), stage->a.device);
    json_decref(page);
    page = handheld_pull(&stage->a, NULL, NULL);
    assert_null(page_find(page, "share", "doc", "tryton:wh:out,1"));
    json_decref(page);
    page = handheld_pull(&stage->dealer, NULL, NULL);
    assert_null(page_find(page, "share", "doc", "tryton:wh:out,1"));
    json_decref(page);
    handheld_complete(&stage->a, "tryton:wh:out,1");
    assert_int_equal(handheld_push(&stage->a), 200);
    page = handheld_pull(&b, NULL, NULL);
    assert_true(gone(page_find(page, "share", "doc", "tryton:wh:out,1")));
    json_decref(page);
    handheld_free(&b);
}

static void a_share_leaves_and_comes_with_its_document(void **state)
{
    struct stage *stage = *state;
    struct handheld b;
    handheld_new(&stage->world, "CDB", &b);
    handheld_open(&stage->a, "tryton:wh:out,1");
    assert_int_equal(handheld_push(&stage->a), 200);
    json_decref(handheld_pull(&b, NULL, NULL));
    server_world_tell(&stage->world, DOCUMENT("1", "DS", "open"));
    json_t *page = handheld_pull(&b, NULL, NULL);
    assert_true(gone(page_find(page, "document", "doc", "out,1")));
    assert_true(gone(page_find(page, "share", "doc", "tryton:wh:out,1")));
    json_decref(page);
    server_world_tell(&stage->world, DOCUMENT("1", "CDB", "open"));
    page = handheld_pull(&b, NULL, NULL);
    const json_t *share = page_find(page, "share", "doc", "tryton:wh:out,1");
    assert_non_null(share);
    assert_false(gone(share));
    json_decref(page);
    handheld_free(&b);
}

/* 2,500 codes are three pages, each code once; what a page states as applied is in it or before it. */
static void pages_are_bounded_and_state_what_they_include(void **state)
{
    struct stage *stage = *state;
    enum { CODES = 2500, CODE_LINE = 80 };
    char *feed = malloc((size_t)CODES * CODE_LINE);
    size_t len = 0, lines = 0;
    int pages = 0;
    bool more = true;
    int64_t applied = -1;
    json_decref(handheld_pull(&stage->a, NULL, NULL));
    for (int i = 0; i < CODES; i++)
        len += (size_t)snprintf(feed + len, CODE_LINE,
                                "{\"type\":\"code\",\"code\":\"plain:%d\",\"product\":\"P\"}\n", i);
    server_world_tell(&stage->world, feed);
    free(feed);
    handheld_note(&stage->a, "sign-in", "");
    assert_int_equal(handheld_push(&stage->a), 200);
    while (more) {
        json_t *page = handheld_pull(&stage->a, &more, &applied);
        assert_true(json_array_size(page) <= PAGE_LINES_MAX);
        assert_int_equal(applied, more ? 0 : 1);
        lines += json_array_size(page);
        pages++;
        json_decref(page);
    }
    assert_int_equal(lines, CODES);
    assert_int_equal(pages, 3);
}

static void an_unknown_cursor_is_too_old(void **state)
{
    static const char *const CURSORS[] = {"x", "0123456789abcdef-1-0-0", "-1-0-0"};
    struct stage *stage = *state;
    struct api_reply reply;
    for (size_t i = 0; i < sizeof CURSORS / sizeof CURSORS[0]; i++) {
        struct api_request request = {
            .method = "GET", .path = "/v1/pull", .cursor = CURSORS[i], .bearer = stage->a.token};
        api_handle(stage->world.server, &request, &reply);
        assert_int_equal(reply.status, 410);
        api_reply_free(&reply);
    }
}

static void a_bad_line_is_named_and_nothing_is_taken(void **state)
{
    static const struct {
        const char *feed, *said;
    } CASES[] = {
        {"{\"type\":\"site\",\"id\":\"NEW\"}\n{\"type\":\"site\"", "line 2: "},
        {"{\"type\":\"site\",\"id\":\"NEW\"}\n\n{\"type\":\"moon\",\"id\":\"X\"}\n", "line 3: "},
        {"{\"type\":\"share\",\"doc\":\"a:b\",\"device\":1,\"lines\":null}\n", "line 1: "},
        {"{\"type\":\"site\",\"id\":\"NEW\"}\n{\"type\":\"code\",\"code\":\"plain:A\",\"in\":\"plain:A\"}\n",
         "line 2: "},
    };
    struct stage *stage = *state;
    json_decref(handheld_pull(&stage->a, NULL, NULL));
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char *said;
        const char *words[] = {"import", "-", NULL};
        assert_int_equal(server_world_run(&stage->world, CASES[i].feed, NULL, &said, words), 1);
        assert_non_null(strstr(said, CASES[i].said));
        free(said);
    }
    json_t *page = handheld_pull(&stage->a, NULL, NULL);
    assert_int_equal(json_array_size(page), 0);
    json_decref(page);
}

static void what_is_named_and_not_told_is_reported(void **state)
{
    struct stage *stage = *state;
    char *said;
    const char *words[] = {"import", "-", NULL};
    assert_int_equal(server_world_run(&stage->world,
                                      "{\"type\":\"code\",\"code\":\"plain:A\",\"product\":\"NOPE\"}\n", NULL, &said,
                                      words),
                     0);
    assert_non_null(strstr(said, "product NOPE"));
    free(said);
}

/* A unit of a run has no row until work is done on it. */
static void a_run_holds_every_code_between(void **state)
{
    struct stage *stage = *state;
    server_world_tell(&stage->world, "{\"type\":\"codes\",\"product\":\"P\",\"first\":\"(01)05901234123457(21)S001\","
                                     "\"last\":\"(01)05901234123457(21)S100\",\"holder\":\"party:D-9\"}\n");
    handheld_scan(&stage->a, "tryton:wh:out,1", "S050", "accept", "ok");
    int64_t outside = handheld_scan(&stage->a, "tryton:wh:out,1", "S101", "accept", "ok");
    assert_int_equal(handheld_push(&stage->a), 200);
    assert_string_equal(handheld_verdict(&stage->a, outside - 1), "false-holder");
    assert_string_equal(handheld_verdict(&stage->a, outside), "accepted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(a_device_is_told_what_concerns_its_site),
        TEST(the_same_content_is_no_change),
        TEST(a_missing_member_is_unchanged_and_null_clears),
        TEST(deleting_and_leaving_the_scope_send_a_tombstone),
        TEST(a_code_goes_and_comes),
        TEST(another_devices_share_is_told_and_taken_back),
        TEST(a_share_leaves_and_comes_with_its_document),
        TEST(pages_are_bounded_and_state_what_they_include),
        TEST(an_unknown_cursor_is_too_old),
        TEST(a_bad_line_is_named_and_nothing_is_taken),
        TEST(what_is_named_and_not_told_is_reported),
        TEST(a_run_holds_every_code_between),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
