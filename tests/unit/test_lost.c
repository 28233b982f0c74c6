/* Lost goods by key: who is found, and in which order. */
#include "app/store/store_private.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void add(struct lost *lost, const char *key, int64_t seq, int64_t counted_seq, const char *no)
{
    struct tally_row tally = {.seq = seq, .counted_seq = counted_seq};
    snprintf(tally.key, sizeof tally.key, "%s", key);
    assert_int_equal(lost_add(lost, &tally, no), RC_OK);
}

static void expect(const struct lost_unit *found, int64_t counted_seq, const char *no)
{
    assert_non_null(found);
    assert_int_equal(found->counted_seq, counted_seq);
    assert_string_equal(found->no, no);
}

static void each_is_found_in_the_order_they_counted(void **state)
{
    (void)state;
    struct lost lost = {.version = 0};
    assert_null(lost_first(&lost, "b"));
    add(&lost, "c", 3, 3, "SO-3");
    add(&lost, "b", 9, 9, "SO-9");
    add(&lost, "b", 2, 12, ""); /* scanned first, confirmed last */
    add(&lost, "a", 1, 1, "SO-1");
    lost_sort(&lost);
    const struct lost_unit *first = lost_first(&lost, "b"), *second = first ? lost_next(&lost, first) : NULL;
    expect(first, 9, "SO-9");
    expect(second, 12, "");
    assert_null(lost_next(&lost, second));
    expect(lost_first(&lost, "c"), 3, "SO-3");
    assert_null(lost_next(&lost, lost_first(&lost, "c")));
    assert_null(lost_first(&lost, "bb"));
    assert_null(lost_first(&lost, "d"));
    lost_clear(&lost);
    assert_null(lost_first(&lost, "b"));
}

static void many_are_found(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    struct lost lost = {.version = 0};
    char key[16];
    for (int i = 0; i < MANY; i++) {
        snprintf(key, sizeof key, "%d", i);
        add(&lost, key, i + 1, i + 1, "");
    }
    lost_sort(&lost);
    for (int i = 0; i < MANY; i++) {
        snprintf(key, sizeof key, "%d", i);
        expect(lost_first(&lost, key), i + 1, "");
    }
    lost_clear(&lost);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_found_in_the_order_they_counted),
        cmocka_unit_test(many_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
