/* Patterns of the feed: what the expressions mean, what becomes of a match, and the limits. */
#include "app/domain/pattern.h"
#include "app/domain/why.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { THIS_YEAR = 2026 };

static struct code code;

static bool apply(const char *match, const char *key, const char *text)
{
    struct pattern *pattern = NULL;
    enum rc rc = pattern_new("p", "0123456789abcdef", match, key, "SKU", &pattern);
    if (rc != RC_OK)
        fail_msg("%s: %s", match, rc_word(rc));
    code_parse_text("before", THIS_YEAR, &code);
    bool found = pattern_apply(pattern, (const uint8_t *)text, strlen(text), THIS_YEAR, &code);
    pattern_free(pattern);
    return found;
}

static const struct {
    const char *match, *text, *whole; /* NULL: no match; the whole match and the first group */
} MATCHES[] = {
    {"a(b)c", "xabcx", "abc|b"},
    {"^a(b)c$", "xabc", NULL},
    {"^https?://t\\.example\\.cn/c/([0-9]{16})$", "https://t.example.cn/c/0123456789012345",
     "https://t.example.cn/c/0123456789012345|0123456789012345"},
    {"^https?://t\\.example\\.cn/c/([0-9]{16})$", "https://t.example.cn/c/01234567890123456", NULL},
    {"^https?://t\\.example\\.cn/c/([0-9]{16})$", "https://txexample.cn/c/0123456789012345", NULL},
    {"[?&]code=([^&]*)", "http://x/?a=1&code=AB%20C&b", "&code=AB%20C|AB%20C"},
    {"(a*)(b)?", "aaab", "aaab|aaa"},
    {"(a|ab)(c|bcd)", "abcd", "abcd|a"},
    {"(?:a|b)+(c{2,3})", "ababcccc", "ababccc|ccc"},
    {"(\\d+)-\\w", "n 12-x", "12-x|12"},
    {"([a-c^\\]]+)", "x^]ab", "^]ab|^]ab"},
    {"([]x]+)", "y]x", "]x|]x"},
    {"(x*)*", "xxxy", "xxx|xxx"},
    {"()", "", "|"},
    {"(a{0,2})", "aaa", "aa|aa"},
    {"(陈酿)", "老陈酿", "陈酿|陈酿"},
    {"(a)|b|(c)", "c", "c|"},
};

static void expressions_mean_what_they_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof MATCHES / sizeof MATCHES[0]; i++) {
        char want[256];
        bool found = apply(MATCHES[i].match, "plain:{0}|{1}", MATCHES[i].text);
        snprintf(want, sizeof want, "plain:%s", MATCHES[i].whole ? MATCHES[i].whole : "before");
        if (strcmp(code.key, want) != 0)
            print_message("%s on %s\n", MATCHES[i].match, MATCHES[i].text);
        assert_string_equal(code.key, want);
        assert_int_equal(found, MATCHES[i].whole != NULL);
    }
}

static void a_match_becomes_a_code(void **state)
{
    (void)state;
    assert_true(apply("c=([0-9]{14})&s=(.*)", "(01){1}(21){2}", "?c=05901234123457&s=a(b"));
    assert_string_equal(code.key, "(01)05901234123457(21)a\\(b");
    assert_int_equal(code.kind, CODE_ITEM);
    assert_string_equal(code.pattern, "p");
    assert_string_equal(code.pattern_version, "0123456789abcdef");
    assert_string_equal(code.product, "SKU");
    assert_false(apply("c=([0-9]{14})", "(01){1}", "?c=05901234123458")); /* its check digit is wrong */
    assert_true(apply("^WB", "not-goods", "WB123"));
    assert_int_equal(code.problem, REASON_NOT_GOODS);
    assert_string_equal(code.key, "");
    assert_true(apply("(.*)", "plain:cap:{1}", "a\\b\x01"));
    assert_string_equal(code.key, "plain:cap:a\\\\b\\x01");
}

static void what_is_no_pattern_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *match;
        enum rc rc;
    } BAD[] = {
        {"(", RC_BAD_INPUT},
        {")", RC_BAD_INPUT},
        {"a)", RC_BAD_INPUT},
        {"[a", RC_BAD_INPUT},
        {"*", RC_BAD_INPUT},
        {"a**", RC_BAD_INPUT},
        {"a{", RC_BAD_INPUT},
        {"a{2", RC_BAD_INPUT},
        {"a{3,2}", RC_BAD_INPUT},
        {"(?=a)", RC_BAD_INPUT},
        {"[b-a]", RC_BAD_INPUT},
        {"\\", RC_BAD_INPUT},
        {"a{256}", RC_TOO_BIG},
        {"(a{99}){99}", RC_TOO_BIG},
        {"(((((a*)*)*)*)*{99})", RC_BAD_INPUT},
        {"()()()()()()()()()()", RC_TOO_BIG},
    };
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct pattern *pattern = NULL;
        enum rc rc = pattern_new("p", "", BAD[i].match, "plain:{1}", "", &pattern);
        if (rc != BAD[i].rc)
            print_message("%s\n", BAD[i].match);
        assert_int_equal(rc, BAD[i].rc);
        assert_null(pattern);
    }
}

static void the_limits_hold(void **state)
{
    (void)state;
    static char text[PATTERN_TEXT_MAX + 2], deep[4 * 200];
    memset(text, 'a', PATTERN_TEXT_MAX + 1);
    assert_false(apply("(a)", "plain:{1}", text));
    text[PATTERN_TEXT_MAX] = '\0';
    assert_true(apply("(a)", "plain:{1}", text));
    assert_false(apply("(a*)", "plain:{1}", text)); /* longer than a key may be */
    /* what a backtracking matcher takes for ever over */
    assert_false(apply("^(?:a*)*b|(?:a|a)*c|(?:a?){30}a{30}d", "plain:{0}", text));
    struct pattern *pattern = NULL;
    for (int i = 0; i < 200; i++)
        memcpy(deep + 3 * (size_t)i, "(?:", 3);
    assert_int_equal(pattern_new("p", "", deep, "plain:{1}", "", &pattern), RC_TOO_BIG);
    char nested[256] = "";
    for (int i = 0; i < 20; i++) { /* each level is compiled twice */
        char inner[256];
        snprintf(inner, sizeof inner, "%s", nested);
        snprintf(nested, sizeof nested, "(?:%.200s|b)*", inner);
    }
    assert_int_equal(pattern_new("p", "", nested, "plain:{1}", "", &pattern), RC_TOO_BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_mean_what_they_say),
        cmocka_unit_test(a_match_becomes_a_code),
        cmocka_unit_test(what_is_no_pattern_is_refused),
        cmocka_unit_test(the_limits_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
