/* Quantities: what is read and refused, and that every quantity reads back to itself. */
#include "app/domain/qty.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 20000 };

static const struct {
    const char *text;
    qty_t qty;
    const char *printed;
} GOOD[] = {
    {"0", 0, "0"},
    {"12", 12000000, "12"},
    {"12.5", 12500000, "12.5"},
    {"-0.25", -250000, "-0.25"},
    {"0.000001", 1, "0.000001"},
    {"007", 7000000, "7"},
    {"1.500000", 1500000, "1.5"},
    {"999999999999.999999", 999999999999999999, "999999999999.999999"},
    {"-999999999999.999999", -999999999999999999, "-999999999999.999999"},
};

static const char *const BAD[] = {
    "",     " 1", "1 ",   "+1", "1.", ".5", "1,5", "1e3", "-", "--1", "1-2", "1.0000000", "1000000000000",
    "0x10", "一", "1.2.3"};

static void reads_what_it_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        char text[QTY_TEXT_MAX + 1];
        qty_t qty = 77;
        assert_int_equal(qty_parse(GOOD[i].text, &qty), RC_OK);
        assert_int_equal(qty, GOOD[i].qty);
        assert_string_equal(qty_print(qty, text), GOOD[i].printed);
    }
}

static void refuses_the_rest_and_leaves_the_output_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        qty_t qty = 77;
        assert_int_equal(qty_parse(BAD[i], &qty), RC_BAD_INPUT);
        assert_int_equal(qty, 77);
    }
}

static void every_quantity_reads_back(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < ROUNDS; i++) {
        char text[QTY_TEXT_MAX + 1];
        qty_t back;
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        qty_t qty = (qty_t)(seed >> (4 + i % 56)) % (1000000 * (qty_t)1000000000000);
        qty = i % 2 ? -qty : qty;
        assert_int_equal(qty_parse(qty_print(qty, text), &back), RC_OK);
        assert_int_equal(back, qty);
    }
}

static void the_longest_text_fits(void **state)
{
    (void)state;
    char text[QTY_TEXT_MAX + 1];
    assert_string_equal(qty_print(INT64_MIN, text), "-9223372036854.775808");
    assert_string_equal(qty_print(INT64_MAX, text), "9223372036854.775807");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_should),
        cmocka_unit_test(refuses_the_rest_and_leaves_the_output_alone),
        cmocka_unit_test(every_quantity_reads_back),
        cmocka_unit_test(the_longest_text_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
