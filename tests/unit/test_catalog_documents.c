/* Documents in the catalog: headers, lines, order, revisions, others at work. */
#include "tests/unit/catalog_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static day_t day(const char *text)
{
    day_t day = DAY_NONE;
    assert_int_equal(day_parse(text, &day), RC_OK);
    return day;
}

static bool add_no(void *context, const struct document *document)
{
    char *text = context;
    size_t len = strlen(text);
    assert_null(document->lines);
    snprintf(text + len, 200 - len, "%s:%zu ", document->no, document->line_count);
    return true;
}

static bool add_doc(void *context, const char *doc)
{
    char *text = context;
    size_t len = strlen(text);
    snprintf(text + len, 200 - len, "%s ", doc);
    return true;
}

#define ORDER(doc, no, rest)                                                                                         \
    "{\"type\":\"document\",\"source\":\"s\",\"doc\":\"" doc "\",\"no\":\"" no "\",\"flow\":\"outbound\"" rest "}\n"

static void documents(void **state)
{
    struct catalog_world *world = *state;
    struct document *document = NULL;
    char list[200] = "";
    catalog_world_told(
        world,
        "{\"type\":\"product\",\"id\":\"P\"}\n{\"type\":\"party\",\"id\":\"D\",\"name\":\"蓉城\","
        "\"min_life_days\":30}\n{\"type\":\"site\",\"id\":\"Q\",\"name\":\"隔离\",\"kind\":\"quarantine\"}\n" ORDER(
            "1", "SO-10",
            ",\"state\":\"open\",\"from\":\"site:CDB\",\"to\":\"party:D\",\"due\":\"2026-11-23\","
            "\"dock\":\"3号门\",\"note\":\"急\",\"lines\":["
            "{\"line\":\"b\",\"product\":\"P\",\"qty\":\"12.5\",\"tolerance\":\"0.5\",\"lot\":\"L1\"},"
            "{\"line\":\"a\",\"product\":\"P\",\"qty\":\"400\"}]")
            ORDER("2", "SO-9", ",\"to\":\"site:Q\",\"state\":\"cancelled\",\"due\":\"2026-11-23\"")
                ORDER("3", "SO-9", ",\"to\":\"party:X\",\"state\":\"closed\"")
                    ORDER("4", "SO-1", ",\"due\":\"2026-11-22\""));
    assert_int_equal(catalog_document(world->catalog, "s:1", &document), RC_OK);
    assert_string_equal(document->no, "SO-10");
    assert_string_equal(document->flow, "outbound");
    assert_int_equal(strlen(document->rev), 16);
    assert_int_equal(document->state, DOCUMENT_READY);
    assert_int_equal(document->from.kind, HOLDER_SITE);
    assert_string_equal(document->to.id, "D");
    assert_string_equal(document->to_name, "蓉城");
    assert_string_equal(document->dock, "3号门");
    assert_string_equal(document->note, "急");
    assert_int_equal(document->min_life_days, 30);
    assert_false(document->to_quarantine);
    assert_int_equal(document->due, day("2026-11-23"));
    assert_int_equal(document->line_count, 2);
    assert_string_equal(document->lines[0].line, "b");
    assert_string_equal(document->lines[0].lot, "L1");
    assert_int_equal(document->lines[0].qty, 12500000);
    assert_int_equal(document->lines[0].tolerance, 500000);
    assert_int_equal(document->lines[1].qty, 400 * QTY_ONE);
    assert_string_equal(document->lines[1].lot, "");
    document_free(document);

    assert_int_equal(catalog_document(world->catalog, "s:2", &document), RC_OK);
    assert_int_equal(document->state, DOCUMENT_CANCELLED);
    assert_true(document->to_quarantine);
    assert_string_equal(document->to_name, "隔离");
    document_free(document);
    assert_int_equal(catalog_document(world->catalog, "s:3", &document), RC_OK);
    assert_int_equal(document->state, DOCUMENT_CLOSED);
    assert_string_equal(document->to_name, "X");
    document_free(document);
    assert_int_equal(catalog_document(world->catalog, "s:9", &document), RC_NOT_FOUND);

    assert_int_equal(catalog_documents(world->catalog, add_no, list), RC_OK);
    assert_string_equal(list, "SO-1:0 SO-9:0 SO-10:2 SO-9:0 ");
    list[0] = '\0';
    assert_int_equal(catalog_documents_by_no(world->catalog, "SO-9", add_doc, list), RC_OK);
    assert_string_equal(list, "s:2 s:3 ");
}

static void revision_of(struct catalog_world *world, char *ret_rev)
{
    struct document *document = NULL;
    assert_int_equal(catalog_document(world->catalog, "s:1", &document), RC_OK);
    memcpy(ret_rev, document->rev, sizeof document->rev);
    document_free(document);
}

static void revisions_follow_the_content(void **state)
{
    struct catalog_world *world = *state;
    char first[33], again[33], changed[33];
    catalog_world_told(world, ORDER("1", "SO-1", ",\"due\":\"2026-11-23\",\"note\":null"));
    revision_of(world, first);
    catalog_world_told(world, ORDER("1", "SO-1", ",\"rev\":\"abc\""));
    revision_of(world, again);
    assert_string_equal(first, again);
    catalog_world_told(world, ORDER("1", "SO-1", ",\"due\":\"2026-11-24\""));
    revision_of(world, changed);
    assert_string_not_equal(first, changed);
}

static void shares(struct catalog_world *world, const char *share, bool a, bool b)
{
    struct document *document = NULL;
    catalog_world_told(world, share);
    assert_int_equal(catalog_document(world->catalog, "s:1", &document), RC_OK);
    assert_int_equal(document->lines[0].shared, a);
    assert_int_equal(document->lines[1].shared, b);
    document_free(document);
}

static void others_at_work(void **state)
{
    struct catalog_world *world = *state;
    catalog_world_told(world, ORDER("1", "SO-1",
                                    ",\"lines\":[{\"line\":\"a\",\"product\":\"P\",\"qty\":\"1\"},"
                                    "{\"line\":\"b\",\"product\":\"P\",\"qty\":\"1\"}]"));
    shares(world, "{\"type\":\"share\",\"doc\":\"s:1\",\"device\":3,\"lines\":[\"b\"]}\n", false, true);
    shares(world, "{\"type\":\"share\",\"doc\":\"s:1\",\"device\":4,\"lines\":null}\n", true, true);
    shares(world, "{\"type\":\"share\",\"doc\":\"s:1\",\"device\":4,\"gone\":true}\n", false, true);
    shares(world, "{\"type\":\"share\",\"doc\":\"s:1\",\"device\":3,\"gone\":true}\n", false, false);
}

static qty_t elsewhere(struct catalog_world *world, const char *share, size_t line)
{
    struct document *document = NULL;
    catalog_world_told(world, share);
    assert_int_equal(catalog_document(world->catalog, "s:1", &document), RC_OK);
    qty_t qty = document->lines[line].elsewhere;
    document_free(document);
    return qty;
}

#define SHARE(device, rest) "{\"type\":\"share\",\"doc\":\"s:1\",\"device\":" device rest "}\n"

static void what_others_have_tallied(void **state)
{
    struct catalog_world *world = *state;
    catalog_world_told(world, ORDER("1", "SO-1",
                                    ",\"lines\":[{\"line\":\"a\",\"product\":\"P\",\"qty\":\"9\"},"
                                    "{\"line\":\"b\",\"product\":\"P\",\"qty\":\"9\"}]"));
    assert_int_equal(elsewhere(world, "", 0), 0);
    assert_int_equal(elsewhere(world,
                               SHARE("3", ",\"lines\":[\"b\"],\"progress\":[{\"line\":\"b\",\"qty\":\"2.5\"},"
                                          "{\"line\":\"x\",\"qty\":\"7\"}]"),
                               1),
                     2500000);
    assert_int_equal(elsewhere(world,
                               SHARE("4", ",\"lines\":null,\"progress\":[{\"line\":\"b\",\"qty\":\"4\"},"
                                          "{\"line\":\"a\",\"qty\":\"1\"}]"),
                               1),
                     6500000);
    assert_int_equal(elsewhere(world, "", 0), QTY_ONE);
    /* one that has closed its share has tallied what it has */
    assert_int_equal(elsewhere(world, SHARE("3", ",\"lines\":[]"), 1), 6500000);
    shares(world, SHARE("4", ",\"lines\":[\"a\"]"), true, false);
    assert_int_equal(elsewhere(world, SHARE("4", ",\"progress\":null"), 1), 2500000);
    assert_int_equal(elsewhere(world, SHARE("3", ",\"gone\":true"), 1), 0);
    /* what is beyond any number stays the most there is */
    for (int device = 10; device < 20; device++) {
        char share[200];
        snprintf(share, sizeof share,
                 "{\"type\":\"share\",\"doc\":\"s:1\",\"device\":%d,"
                 "\"progress\":[{\"line\":\"a\",\"qty\":\"999999999999\"}]}\n",
                 device);
        catalog_world_told(world, share);
    }
    assert_true(elsewhere(world, "", 0) == INT64_MAX);
}

#define IN_GROUP(doc, no, rest) ORDER(doc, no, ",\"group\":\"W1\"" rest)

static void groups(void **state)
{
    struct catalog_world *world = *state;
    struct document *document = NULL;
    char list[200] = "";
    assert_int_equal(catalog_group(world->catalog, "W1", add_doc, list), RC_OK);
    catalog_world_told(world,
                       IN_GROUP("1", "SO-10", ",\"to\":\"party:D\"") IN_GROUP("2", "SO-9", ",\"to\":\"party:D\"")
                           IN_GROUP("3", "SO-8", ",\"to\":\"party:E\",\"state\":\"closed\"")
                               IN_GROUP("4", "SO-11", ",\"to\":\"party:D\",\"state\":\"cancelled\"")
                                   ORDER("5", "SO-1", ",\"to\":\"party:D\""));
    assert_int_equal(catalog_group(world->catalog, "W1", add_doc, list), RC_OK);
    assert_string_equal(list, "s:2 s:1 s:4 ");
    assert_int_equal(catalog_document(world->catalog, "s:1", &document), RC_OK);
    assert_string_equal(document->group, "W1");
    document_free(document);
    catalog_world_told(world, ORDER("2", "SO-9", ",\"group\":null"));
    assert_int_equal(catalog_document(world->catalog, "s:2", &document), RC_OK);
    assert_string_equal(document->group, "");
    document_free(document);
    list[0] = '\0';
    assert_int_equal(catalog_group(world->catalog, "W1", add_doc, list), RC_OK);
    assert_string_equal(list, "s:1 s:4 ");
}

static bool add_pick(void *context, const struct catalog_pick *pick)
{
    char *text = context, qty[QTY_TEXT_MAX + 1];
    size_t len = strlen(text);
    snprintf(text + len, 200 - len, "%s/%s/%s/%s ", pick->line, pick->bin, pick->lot, qty_print(pick->qty, qty));
    return strlen(text) < 30;
}

static void picks(void **state)
{
    struct catalog_world *world = *state;
    char list[200] = "";
    assert_int_equal(catalog_picks(world->catalog, "s:1", add_pick, list), RC_NOT_FOUND);
    catalog_world_told(world, ORDER("1", "SO-1",
                                    ",\"lines\":[{\"line\":\"a\",\"product\":\"P\",\"qty\":\"9\",\"picks\":"
                                    "[{\"bin\":\"A-02\",\"qty\":\"2.50\",\"lot\":null}]},"
                                    "{\"line\":\"b\",\"product\":\"P\",\"qty\":\"9\"},"
                                    "{\"line\":\"c\",\"product\":\"P\",\"qty\":\"9\",\"picks\":"
                                    "[{\"bin\":\"B-01\",\"qty\":\"9\",\"lot\":\"L1\"},{\"bin\":\"never\"}]}]"));
    assert_int_equal(catalog_picks(world->catalog, "s:1", add_pick, list), RC_OK);
    assert_string_equal(list, "a/A-02//2.5 c/B-01/L1/9 c/never//0 ");
}

static void life_that_a_destination_demands(void **state)
{
    struct catalog_world *world = *state;
    struct document *document = NULL;
    int days = -1;
    static const struct {
        const char *to;
        int days;
    } ROWS[] = {{"party:D", 30}, {"transit:party:D", 30}, {"site:DS", 60}, {"transit:site:DS", 60},
                {"site:CDB", 0}, {"party:X", 0},          {"sold", 0},     {"site:NEW", 0}};
    catalog_world_told(world, "{\"type\":\"party\",\"id\":\"D\",\"min_life_days\":30}\n"
                              "{\"type\":\"party\",\"id\":\"E\",\"min_life_days\":60}\n"
                              "{\"type\":\"site\",\"id\":\"DS\",\"name\":\"分库\",\"party\":\"E\"}\n"
                              "{\"type\":\"site\",\"id\":\"CDB\"}\n" ORDER("1", "SO-1", ",\"to\":\"site:DS\""));
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct holder to;
        assert_int_equal(holder_parse(ROWS[i].to, &to), RC_OK);
        assert_int_equal(catalog_min_life(world->catalog, &to, &days), RC_OK);
        assert_int_equal(days, ROWS[i].days);
    }
    assert_int_equal(catalog_document(world->catalog, "s:1", &document), RC_OK);
    assert_int_equal(document->min_life_days, 60);
    assert_string_equal(document->to_name, "分库");
    document_free(document);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, catalog_world_open, catalog_world_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(documents),
        TEST(revisions_follow_the_content),
        TEST(others_at_work),
        TEST(what_others_have_tallied),
        TEST(groups),
        TEST(picks),
        TEST(life_that_a_destination_demands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
