/* Patterns change while records wait on devices: each is read again by the version that it names. And the books are asked
 * with what is printed on the goods. */
#include "tests/unit/linked_world.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

#define LINK "http://t.cn/c/77"

/* clang-format off */
static const char FEED[] =
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"C\"}\n"
    "{\"type\":\"product\",\"id\":\"W\",\"name\":\"Wine\",\"gtin\":[],\"control\":\"item\"}\n"
    "{\"type\":\"pattern\",\"id\":\"cap\",\"match\":\"/c/([0-9]+)$\",\"key\":\"plain:cap:{1}\",\"product\":\"W\"}\n"
    "{\"type\":\"code\",\"code\":\"plain:cap:77\",\"product\":\"W\",\"holder\":\"site:CDB\",\"aliases\":[\"plain:box:5\"]}\n"
    "{\"type\":\"code\",\"code\":\"plain:cap:78\",\"product\":\"W\",\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"out,1\",\"no\":\"SO-1\",\"flow\":\"outbound\",\"state\":\"open\",\"from\":\"site:CDB\","
    "\"to\":\"party:D-1\",\"lines\":[{\"line\":\"1\",\"product\":\"W\",\"qty\":\"9\",\"tolerance\":\"0\"}]}\n"
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"W\",\"role\":\"clerk\",\"site\":\"CDB\",\"region\":null,\"pin\":\"2468\"}\n"
    "{\"type\":\"policy\",\"site\":\"CDB\",\"registry\":\"strict\",\"enforce\":[],\"start\":null}\n";
static const char OTHER_KEY[] = "{\"type\":\"pattern\",\"id\":\"cap\",\"key\":\"plain:lid:{1}\"}\n";
static const char GONE[] = "{\"type\":\"pattern\",\"id\":\"cap\",\"gone\":true}\n";
/* clang-format on */

static int set_up(void **state)
{
    struct linked_world *world = calloc(1, sizeof *world);
    linked_world_open(world, FEED);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    linked_world_close(*state);
    free(*state);
    return 0;
}

/* Of the last record. */
static void expect_told(struct linked_world *world, const char *outcome, const char *key)
{
    assert_int_equal(linked_world_sync(world), RC_OK);
    json_t *records = server_world_list(&world->server, "records");
    json_t *last = json_array_get(records, json_array_size(records) - 1);
    assert_string_equal(json_string_value(json_object_get(last, "outcome")), outcome);
    assert_string_equal(json_string_value(json_object_get(last, "key")), key);
    json_decref(records);
}

/* How many rows the trace of this text has; -1: nobody knows it. */
static int traced(struct linked_world *world, const char *text)
{
    const char *const words[] = {"trace", text, NULL};
    char *out, *said;
    int rows = 0, code = server_world_run(&world->server, NULL, &out, &said, words);
    for (const char *at = out; (at = strchr(at, '\n')); at++)
        rows++;
    free(out);
    free(said);
    return code ? -1 : rows;
}

static void a_record_is_read_by_the_version_that_it_names(void **state)
{
    struct linked_world *world = *state;
    engine_world_expect(&world->device, "SO-1", LINK, "ok", "accept");
    server_world_tell(&world->server, OTHER_KEY); /* while the record waits */
    expect_told(world, "accepted", "plain:cap:77");
    /* pulled meanwhile: the same link is another code now, and that is right too */
    engine_world_expect(&world->device, "SO-1", LINK, "unregistered", "reject");
    server_world_tell(&world->server, GONE);
    expect_told(world, "accepted", "plain:lid:77");
    json_t *conflicts = server_world_list(&world->server, "conflicts");
    assert_int_equal(json_array_size(conflicts), 0);
    json_decref(conflicts);
}

static void a_trace_reads_through_patterns(void **state)
{
    struct linked_world *world = *state;
    engine_world_expect(&world->device, "SO-1", LINK, "ok", "accept");
    assert_int_equal(linked_world_sync(world), RC_OK);
    int rows = traced(world, "plain:cap:77");
    assert_true(rows > 0);
    assert_int_equal(traced(world, LINK), rows);
    assert_int_equal(traced(world, "http://t.cn/c/78"), 0); /* in the books, no work done on it */
    assert_int_equal(traced(world, "http://t.cn/c/79"), -1);
    server_world_tell(&world->server,
                      "{\"type\":\"code\",\"code\":\"plain:cap:77\",\"aliases\":[\"plain:box:5\"]}\n");
    assert_int_equal(traced(world, "plain:box:5"), rows);
    /* as it was read then */
    server_world_tell(&world->server, OTHER_KEY);
    assert_int_equal(traced(world, LINK), rows);
    server_world_tell(&world->server, GONE);
    assert_int_equal(traced(world, LINK), rows);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_record_is_read_by_the_version_that_it_names),
        TEST(a_trace_reads_through_patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
