/* Where a visit is: the simulated receiver, and what it says as text. */
#include "app/domain/document.h"
#include "app/engine/position.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { SHORT_MS = 120 };

static char path[64];

static void write_file(const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void as_text(void **state)
{
    (void)state;
    char text[POSITION_TEXT_MAX + 1];
    static const struct {
        struct place_fix fix;
        const char *text;
    } cases[] = {
        {{30.657121, 104.065429, 7.2, 0}, "30.65712,104.06543 ±8m"},
        {{-0.5, 0, 0, 0}, "-0.50000,0.00000"},
        {{-90, -180, 12000, 0}, "-90.00000,-180.00000 ±12000m"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(position_print(&cases[i].fix, text), cases[i].text);
    position_print(&(struct place_fix){-1e300, 1e300, 1e300, 0}, text); /* cut, whatever it is told */
    assert_true(strlen(text) <= POSITION_TEXT_MAX);
    assert_true((int)POSITION_TEXT_MAX <= (int)FIELD_VALUE_MAX);
}

static void nobody_to_ask(void **state)
{
    (void)state;
    char text[POSITION_TEXT_MAX + 1] = "as it was";
    unlink(path);
    assert_int_equal(position_find(NULL, "2947", SHORT_MS, text), RC_NOT_FOUND);
    assert_int_equal(position_find(&place_sim, path, SHORT_MS, text), RC_NOT_FOUND);
    assert_string_equal(text, "as it was");
}

static void a_receiver_that_knows(void **state)
{
    (void)state;
    char text[POSITION_TEXT_MAX + 1];
    write_file("30.65712 104.06543 7.2\n");
    assert_int_equal(position_find(&place_sim, path, SHORT_MS, text), RC_OK);
    assert_string_equal(text, "30.65712,104.06543 ±8m");
    write_file("30.65712 104.06543");
    assert_int_equal(position_find(&place_sim, path, SHORT_MS, text), RC_OK);
    assert_string_equal(text, "30.65712,104.06543");
}

static void a_receiver_that_does_not_know_yet(void **state)
{
    (void)state;
    char text[POSITION_TEXT_MAX + 1] = "as it was";
    static const char *const cases[] = {"", "\n", "30.6", "north 104", "91 0 1", "0 181", "nan nan"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_file(cases[i]);
        assert_int_equal(position_find(&place_sim, path, 0, text), RC_TIMEOUT);
    }
    struct place_source *place;
    assert_int_equal(place_sim.open(path, &place), RC_OK);
    write_file("1 2 3");
    assert_int_equal(position_read(place, text), RC_OK);
    assert_string_equal(text, "1.00000,2.00000 ±3m");
    unlink(path);
    assert_int_equal(position_read(place, text), RC_DISCONNECTED);
    place_sim.close(place);
    place_sim.close(NULL);
}

/* One that told something long ago. */
static enum rc read_old(struct place_source *place, struct place_fix *ret_fix)
{
    (void)place;
    *ret_fix = (struct place_fix){1, 2, 3, POSITION_AGE_MAX_MS + 1};
    return RC_OK;
}

static void what_is_old_is_not_said(void **state)
{
    (void)state;
    char text[POSITION_TEXT_MAX + 1] = "as it was";
    const struct place_class old = {.name = "old", .read = read_old};
    struct place_source place = {&old};
    assert_int_equal(position_read(&place, text), RC_TIMEOUT);
    assert_string_equal(text, "as it was");
}

static void nobody_on_the_port(void **state)
{
    (void)state;
    char text[POSITION_TEXT_MAX + 1];
    assert_int_equal(position_find(&place_gpsd, "1", SHORT_MS, text), RC_NOT_FOUND);
    assert_int_equal(position_find(&place_gpsd, "no port", SHORT_MS, text), RC_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_text),
        cmocka_unit_test(nobody_to_ask),
        cmocka_unit_test(a_receiver_that_knows),
        cmocka_unit_test(a_receiver_that_does_not_know_yet),
        cmocka_unit_test(what_is_old_is_not_said),
        cmocka_unit_test(nobody_on_the_port),
    };
    snprintf(path, sizeof path, "/tmp/test-position-%ld", (long)getpid());
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
