/* What the quick reader and writer take they take as jansson does; all else they leave alone. */
#include "sync/wire/quick.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RECORD                                                                                                       \
    "{\"device\":1,\"epoch\":1,\"seq\":3,\"at\":\"2026-11-22T18:16:05.273+00:00\",\"mono\":58830703319649,"          \
    "\"kind\":\"scan\",\"operator\":\"\xe7\x8e\x8b\",\"raw\":\"XUMxMDE=\",\"typed\":true,\"void\":false,"            \
    "\"key\":\"(01)05901234123457(21)S1\",\"lot\":null,\"level\":-2,\"findings\":[],\"header\":{},\"qty\":\"1\","    \
    "\"alloc\":[{\"line\":\"SO-0/1\",\"qty\":\"1\"},{\"line\":\"a\\\"b\\\\c\\/\\n\"}]}"

static void same_as_jansson(const char *text, size_t len, bool *ret_taken)
{
    /* not a byte behind it may be looked at */
    char *alone = malloc(len + 1);
    memcpy(alone, text, len);
    alone = realloc(alone, len ? len : 1);
    json_t *quick = quick_try(alone, len), *full = json_loadb(alone, len, JSON_REJECT_DUPLICATES, NULL);
    *ret_taken = quick != NULL;
    if (quick) {
        assert_non_null(full);
        char *ours = json_dumps(quick, JSON_COMPACT), *theirs = json_dumps(full, JSON_COMPACT);
        assert_string_equal(ours, theirs); /* the order of members too */
        char *written = quick_dump(quick);
        assert_string_equal(written, theirs);
        free(ours);
        free(theirs);
        free(written);
    }
    json_decref(quick);
    json_decref(full);
    free(alone);
}

static void test_what_is_usual(void **state)
{
    static const char *const USUAL[] = {RECORD,
                                        "{}",
                                        "[]",
                                        "[[[]],{}]",
                                        "[0]",
                                        "[-1,999999999999999]",
                                        "[\"\"]",
                                        "{\"\":1}",
                                        "[\"\\b\\f\\r\\t\xc3\xa9\\\"\"]",
                                        "{\"a\":\"\x7f\"}"};
    bool taken;
    (void)state;
    for (size_t i = 0; i < sizeof USUAL / sizeof USUAL[0]; i++) {
        same_as_jansson(USUAL[i], strlen(USUAL[i]), &taken);
        assert_true(taken);
    }
}

static void test_what_is_not(void **state)
{
    static const char *const NOT[] = {"",
                                      "1",
                                      "\"a\"",
                                      " {}",
                                      "{} ",
                                      "{ }",
                                      "{}}",
                                      "[1,]",
                                      "[,]",
                                      "[01]",
                                      "[-0]",
                                      "[-]",
                                      "[1.5]",
                                      "[1e3]",
                                      "[1000000000000000]",
                                      "[+1]",
                                      "[nul]",
                                      "[\"\\u0041\"]",
                                      "[\"\\x\"]",
                                      "[\"\n\"]",
                                      "[\"\xff\"]",
                                      "[\"\\n\xff\"]",
                                      "[\"\xc0\xaf\"]",
                                      "{\"a\":1,\"a\":2}",
                                      "{\"a\":1,\"a\":{}}",
                                      "{\"\xc3\xa9\":1}",
                                      "{\"a\\n\":1}",
                                      "{a:1}",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]",
                                      "{\"a\":[\"b\",{\"c\":\"d\"}",
                                      "[\"a",
                                      "[\"a\\"};
    bool taken;
    (void)state;
    for (size_t i = 0; i < sizeof NOT / sizeof NOT[0]; i++) {
        same_as_jansson(NOT[i], strlen(NOT[i]), &taken);
        if (taken)
            print_error("%s\n", NOT[i]);
        assert_false(taken);
    }
    same_as_jansson("[\"a\0b\"]", 7, &taken);
    assert_false(taken);
}

static void test_a_long_text_with_escapes(void **state)
{
    char text[2048];
    bool taken;
    (void)state;
    for (int len = 1022; len <= 1025; len++) {
        int end = snprintf(text, sizeof text, "[\"\\n%0*d\"]", len - 1, 7);
        same_as_jansson(text, (size_t)end, &taken);
        assert_int_equal(taken, len <= 1024);
    }
}

/* Each cut, and each byte put in place of each other. */
static void test_what_is_damaged(void **state)
{
    char text[] = RECORD;
    bool taken;
    int good = 0;
    (void)state;
    for (size_t len = 0; len < sizeof text - 1; len++) {
        same_as_jansson(text, len, &taken);
        assert_false(taken);
    }
    for (size_t i = 0; i < sizeof text - 1; i++) {
        char was = text[i];
        for (int byte = 0; byte < 256; byte++) {
            memcpy(&text[i], &(uint8_t){(uint8_t)byte}, 1);
            same_as_jansson(text, sizeof text - 1, &taken);
            good += taken;
        }
        text[i] = was;
    }
    assert_true(good > 10000);
}

static void test_what_it_leaves_jansson_loads(void **state)
{
    static const char nul[] = "[\"\\u0000\"]";
    (void)state;
    json_t *value = quick_load(nul, sizeof nul - 1, JSON_ALLOW_NUL);
    assert_int_equal(json_string_length(json_array_get(value, 0)), 1);
    json_decref(value);
    assert_null(quick_load(nul, sizeof nul - 1, 0));
    value = quick_load(" {\"a\": 1.5}", 11, 0);
    char *text = quick_dump(value);
    assert_string_equal(text, "{\"a\":1.5}");
    free(text);
    json_decref(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_usual),
        cmocka_unit_test(test_what_is_not),
        cmocka_unit_test(test_a_long_text_with_escapes),
        cmocka_unit_test(test_what_is_damaged),
        cmocka_unit_test(test_what_it_leaves_jansson_loads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
