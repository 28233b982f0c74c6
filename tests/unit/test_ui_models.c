/* The models behind the screens: forms made of a flow's fields, and the rows of a document with bins and extra goods. */
#include "app/ui/form.h"
#include "app/ui/pick.h"
#include "app/ui/rows.h"
#include "app/ui/work.h"
#include "tests/unit/engine_world.h"
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char FEED[] =
    "{\"type\":\"party\",\"id\":\"P-1\",\"name\":\"Acme\",\"kind\":\"dealer\"}\n"
    "{\"type\":\"party\",\"id\":\"P-2\",\"name\":\"Bolt\",\"kind\":\"dealer\"}\n"
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"Main\",\"kind\":\"warehouse\"}\n"
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"Wang\",\"role\":\"clerk\",\"site\":\"CDB\",\"pin\":\"2468\"}\n"
    "{\"type\":\"product\",\"id\":\"A\",\"name\":\"Apple\",\"gtin\":[\"06901234990010\"],\"control\":\"item\"}\n"
    "{\"type\":\"product\",\"id\":\"B\",\"name\":\"Bread\",\"gtin\":[\"06901234990027\"],\"control\":\"none\"}\n"
    "{\"type\":\"lot\",\"product\":\"A\",\"lot\":\"L1\"}\n"
    "{\"type\":\"lot\",\"product\":\"B\",\"lot\":\"L2\"}\n"
    "{\"type\":\"flow\",\"id\":\"cold\",\"name\":\"Cold\",\"base\":\"receipt\",\"roles\":[\"clerk\"],\"fields\":["
    "{\"name\":\"degrees\",\"label\":\"Degrees\",\"kind\":\"number\",\"at\":\"start\",\"required\":true,\"min\":\"-"
    "2\","
    "\"max\":\"8\"},"
    "{\"name\":\"made\",\"label\":\"Made\",\"kind\":\"date\",\"at\":\"start\"},"
    "{\"name\":\"product\",\"label\":\"What\",\"kind\":\"scan\",\"at\":\"start\"},"
    "{\"name\":\"look\",\"label\":\"Look\",\"kind\":\"choice\",\"at\":\"complete\",\"choices\":[\"dry\",\"wet\"]}]}\n"
    "{\"type\":\"document\",\"source\":\"erp\",\"doc\":\"1\",\"no\":\"SO-1\",\"flow\":\"outbound\",\"state\":"
    "\"open\","
    "\"from\":\"site:CDB\",\"to\":\"party:P-1\",\"lines\":["
    "{\"line\":\"1\",\"product\":\"A\",\"qty\":\"10\",\"picks\":[{\"bin\":\"C-10\",\"qty\":\"4\",\"lot\":null},"
    "{\"bin\":\"C-2\",\"qty\":\"3\",\"lot\":\"L1\"}]},"
    "{\"line\":\"2\",\"product\":\"B\",\"qty\":\"5\",\"picks\":[{\"bin\":\"C-3\",\"qty\":\"5\",\"lot\":null}]}]}\n";

static struct engine_world world;

static int begin(void **state)
{
    (void)state;
    setlocale(LC_ALL, "C.UTF-8");
    engine_world_open(&world, FEED);
    return 0;
}

static int end(void **state)
{
    (void)state;
    engine_world_close(&world);
    return 0;
}

static void type(struct form *form, const char *keys)
{
    for (; *keys; keys++)
        assert_true(fields_key(&form->fields, *keys));
}

static const char *text(const struct form *form, int at)
{
    return form->fields.field[at].text;
}

/* ---- forms ---- */

static void test_form_fields_of_start(void **state)
{
    struct form form;
    (void)state;
    const struct flow *flow = engine_flow(world.engine, "cold");
    assert_non_null(flow);
    assert_int_equal(form_count(flow, NULL), 3);
    form_make(&form, flow, NULL);
    assert_int_equal(form.fields.count, 3);
    assert_string_equal(form.fields.field[0].label, "Degrees");
    assert_true(form.fields.field[0].required);
    assert_int_equal(form_check(&form), RC_FIELD_MISSING);
    type(&form, "9");
    assert_int_equal(form_check(&form), RC_FIELD_LIMIT);
    fields_turn_sign(&form.fields);
    assert_string_equal(text(&form, 0), "-9");
    assert_int_equal(form_check(&form), RC_FIELD_LIMIT);
    fields_turn_sign(&form.fields);
    fields_key(&form.fields, KEY_BACKSPACE);
    type(&form, "1");
    assert_true(fields_key(&form.fields, KEY_RIGHT)); /* the point */
    type(&form, "5");
    assert_string_equal(text(&form, 0), "1.5");
    assert_int_equal(form_check(&form), RC_OK);
}

static void test_form_date_has_its_hyphens(void **state)
{
    struct form form;
    (void)state;
    form_make(&form, engine_flow(world.engine, "cold"), NULL);
    type(&form, "3");
    fields_next(&form.fields);
    type(&form, "20261");
    assert_string_equal(text(&form, 1), "2026-1");
    fields_key(&form.fields, KEY_BACKSPACE);
    assert_string_equal(text(&form, 1), "2026");
    type(&form, "1331");
    assert_string_equal(text(&form, 1), "2026-13-31");
    assert_false(fields_key(&form.fields, '5')); /* it is full */
    assert_int_equal(form_check(&form), RC_BAD_INPUT);
    assert_int_equal(form.fields.current, 1);
}

static void test_form_choice_by_digit_and_arrow(void **state)
{
    struct form form;
    struct document document = {.own = true};
    (void)state;
    form_make(&form, engine_flow(world.engine, "cold"), &document);
    assert_int_equal(form.fields.count, 1);
    assert_true(fields_key(&form.fields, '2'));
    assert_string_equal(text(&form, 0), "wet");
    assert_true(fields_key(&form.fields, KEY_RIGHT));
    assert_string_equal(text(&form, 0), "dry");
    assert_true(fields_key(&form.fields, KEY_LEFT));
    assert_string_equal(text(&form, 0), "wet");
    assert_false(fields_key(&form.fields, '3')); /* there are two */
    assert_string_equal(text(&form, 0), "wet");
}

static void test_form_scan_names_the_product(void **state)
{
    struct form form;
    struct code code;
    (void)state;
    form_make(&form, engine_flow(world.engine, "cold"), NULL);
    form_go(&form, "product");
    code_parse_text("(01)06901234990010(21)X1", 2026, &code);
    struct scan *scan = scan_new("(01)06901234990010(21)X1", 24);
    assert_non_null(scan);
    form_scan(&form, world.engine, scan, &code);
    assert_string_equal(text(&form, 2), "A");
    form_go(&form, "degrees"); /* no field for products: the text as it is */
    form_scan(&form, world.engine, scan, &code);
    assert_string_equal(text(&form, 0), "(01)06901234990010(21)X1");
    free(scan);
}

/* ---- lists ---- */

static void test_picks(void **state)
{
    struct picks picks = {.count = 0};
    (void)state;
    assert_true(pick_knows("to"));
    assert_false(pick_knows("plate"));
    assert_int_equal(pick_read(&picks, world.engine, "to", ""), RC_OK);
    assert_int_equal(picks.count, 3); /* two parties, one site */
    assert_string_equal(picks.row[1].value, "P-2");
    assert_string_equal(picks.row[1].name, "Bolt");
    assert_int_equal(pick_read(&picks, world.engine, "lot", "B"), RC_OK);
    assert_int_equal(picks.count, 1);
    assert_string_equal(picks.row[0].value, "L2");
    assert_int_equal(pick_read(&picks, world.engine, "of", ""), RC_OK);
    assert_int_equal(picks.count, 0);
    pick_free(&picks);
}

/* ---- rows ---- */

static struct document *document(void)
{
    struct document *document;
    assert_int_equal(engine_document(world.engine, "SO-1", &document), RC_OK);
    return document;
}

static void test_rows_go_by_bin(void **state)
{
    struct rows rows;
    struct document *order = document();
    (void)state;
    assert_int_equal(rows_read(world.engine, order, &rows), RC_OK);
    assert_int_equal(rows.count, 4);
    assert_string_equal(rows.row[0].bin, "C-2"); /* before C-10: as people count */
    assert_string_equal(rows.row[0].lot, "L1");
    assert_string_equal(rows.row[1].bin, "C-3");
    assert_string_equal(rows.row[2].bin, "C-10");
    assert_string_equal(rows.row[3].bin, ""); /* what no bin was told for */
    assert_int_equal(rows.row[3].qty, 3 * QTY_ONE);
    rows_free(&rows);
    document_free(order);
}

static void test_rows_share_out_what_was_tallied(void **state)
{
    struct rows rows;
    struct document *order = document();
    (void)state;
    assert_int_equal(rows_read(world.engine, order, &rows), RC_OK);
    order->lines[0].tallied = 4 * QTY_ONE;
    order->lines[0].elsewhere = 1 * QTY_ONE;
    rows_progress(&rows, order);
    assert_int_equal(rows.row[0].done, 3 * QTY_ONE);
    assert_int_equal(rows.row[1].done, 0);
    assert_int_equal(rows.row[2].done, 2 * QTY_ONE);
    order->lines[0].tallied = 12 * QTY_ONE; /* too many shows in the last */
    rows_progress(&rows, order);
    assert_int_equal(rows.row[3].done, 6 * QTY_ONE);
    rows_free(&rows);
    document_free(order);
}

static void test_rows_extra(void **state)
{
    struct rows rows;
    struct document *order = document();
    const struct product product = {.id = "C", .name = "Cream"};
    (void)state;
    assert_int_equal(rows_read(world.engine, order, &rows), RC_OK);
    size_t before = rows.count;
    rows_extra(&rows, &product, "X", QTY_ONE);
    rows_extra(&rows, &product, "X", 2 * QTY_ONE);
    rows_extra(&rows, &product, "Y", QTY_ONE);
    assert_int_equal(rows.count, before + 2);
    assert_int_equal(rows.extra_count, 2);
    assert_int_equal(rows.row[before].done, 3 * QTY_ONE);
    for (int i = 0; i < ROWS_EXTRA_MAX + 5; i++) {
        char lot[16];
        snprintf(lot, sizeof lot, "L%d", i);
        rows_extra(&rows, &product, lot, QTY_ONE);
    }
    assert_int_equal(rows.extra_count, ROWS_EXTRA_MAX);
    rows_progress(&rows, order);
    assert_int_equal(rows.row[before].done, 3 * QTY_ONE);
    rows_free(&rows);
    document_free(order);
}

/* ---- the document in hand ---- */

static void judged(struct work *work, const char *scanned, enum reason reason)
{
    const struct outcome *outcome = engine_world_scan(&world, "SO-1", scanned, 0);
    assert_int_equal(outcome->verdict.reason, reason);
    work_judged(work, world.engine, outcome);
}

static void test_work_forgets_a_latch_that_was_scanned_again(void **state)
{
    static const char held[] = "(01)06901234990010(21)X1", free_one[] = "(01)06901234990010(21)Y1";
    static struct work work; /* large */
    char lot[] = "{\"type\":\"lot\",\"product\":\"A\",\"lot\":\"L1\",\"quality\":\"hold\"}\n"
                 "{\"type\":\"code\",\"code\":\"(01)06901234990010(21)X1\",\"product\":\"A\",\"lot\":\"L1\"}\n"
                 "{\"type\":\"code\",\"code\":\"(01)06901234990010(21)Y1\",\"product\":\"A\"}\n";
    (void)state;
    engine_world_tell(&world, lot);
    assert_int_equal(work_take(&work, world.engine, "erp:1"), RC_OK);
    judged(&work, held, REASON_ON_HOLD);
    assert_true(work.latch_seq > 0);
    judged(&work, free_one, REASON_OK);
    assert_true(work.latch_seq > 0); /* others don't settle it */
    engine_world_tell(&world, "{\"type\":\"lot\",\"product\":\"A\",\"lot\":\"L1\",\"quality\":\"released\"}\n");
    judged(&work, held, REASON_OK);
    assert_int_equal(work.latch_seq, 0);
    assert_int_equal(work.document->latched, 0);
    assert_int_equal(work.document->lines[0].tallied, 2 * QTY_ONE);
    work_drop(&work);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_form_fields_of_start, begin, end),
        cmocka_unit_test_setup_teardown(test_form_date_has_its_hyphens, begin, end),
        cmocka_unit_test_setup_teardown(test_form_choice_by_digit_and_arrow, begin, end),
        cmocka_unit_test_setup_teardown(test_form_scan_names_the_product, begin, end),
        cmocka_unit_test_setup_teardown(test_picks, begin, end),
        cmocka_unit_test_setup_teardown(test_rows_go_by_bin, begin, end),
        cmocka_unit_test_setup_teardown(test_rows_share_out_what_was_tallied, begin, end),
        cmocka_unit_test_setup_teardown(test_rows_extra, begin, end),
        cmocka_unit_test_setup_teardown(test_work_forgets_a_latch_that_was_scanned_again, begin, end),
    };
    return cmocka_run_group_tests_name("ui_models", tests, NULL, NULL);
}
