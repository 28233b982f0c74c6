/* Codes, over many made-up ones: one object has one key whatever carries it, two objects never share one, every key
 * reads back to itself, and no bytes at all bring the reader out of step. */
#include "tests/fuzz/code_checks.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { UNITS = 4000, NOISES = 60000, NOISE_MAX = 96, TEXT_ROOM = 256 };

static const char CSET82[] = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

static uint64_t next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static size_t below(uint64_t *seed, size_t limit)
{
    return (size_t)(next(seed) % limit);
}

/* One trade item or logistic unit, made up. */
struct unit {
    char number[19]; /* GTIN of 14 or SSCC of 18 digits */
    char serial[SERIAL_MAX + 1], lot[GS1_LOT_MAX + 1];
    bool logistic;
};

static void make_number(uint64_t *seed, size_t len, char *ret_number)
{
    unsigned sum = 0;
    for (size_t i = 0; i + 1 < len; i++) {
        ret_number[i] = (char)('0' + below(seed, 10));
        sum += (unsigned)(ret_number[i] - '0') * ((len - i) % 2 ? 1 : 3);
    }
    ret_number[len - 1] = (char)('0' + (10 - sum % 10) % 10);
    ret_number[len] = '\0';
}

static void make_text(uint64_t *seed, size_t max, char *ret_text)
{
    size_t len = 1 + below(seed, max);
    for (size_t i = 0; i < len; i++)
        ret_text[i] = CSET82[below(seed, sizeof CSET82 - 1)];
    ret_text[len] = '\0';
}

static struct unit make_unit(uint64_t *seed)
{
    struct unit unit = {.logistic = below(seed, 4) == 0};
    make_number(seed, unit.logistic ? 18 : 14, unit.number);
    if (!unit.logistic && below(seed, 2))
        make_text(seed, SERIAL_MAX, unit.serial);
    if (!unit.logistic && below(seed, 2))
        make_text(seed, GS1_LOT_MAX, unit.lot);
    return unit;
}

static size_t put(char *text, size_t used, const char *ai, const char *value, bool bracketed)
{
    used += (size_t)snprintf(text + used, TEXT_ROOM - used, bracketed ? "(%s)" : "%s", ai);
    for (; *value; value++) {
        if (bracketed && *value == '(')
            text[used++] = '\\';
        text[used++] = *value;
    }
    text[used] = '\0';
    return used;
}

/* The unit as `prefix` carries it; "" brackets. Serial and lot in either order. */
static void carry(const struct unit *unit, const char *prefix, bool serial_first, char *ret_text)
{
    bool bracketed = !prefix[0];
    const char *values[] = {serial_first ? unit->serial : unit->lot, serial_first ? unit->lot : unit->serial};
    const char *ais[] = {serial_first ? "21" : "10", serial_first ? "10" : "21"};
    size_t used = (size_t)snprintf(ret_text, TEXT_ROOM, "%s", prefix);
    used = put(ret_text, used, unit->logistic ? "00" : "01", unit->number, bracketed);
    for (int i = 0; i < 2; i++) {
        if (!values[i][0])
            continue;
        used = put(ret_text, used, ais[i], values[i], bracketed);
        if (!bracketed)
            ret_text[used++] = 0x1d;
        ret_text[used] = '\0';
    }
}

static void read_carried(const struct unit *unit, const char *prefix, bool serial_first, struct code *ret_code)
{
    char text[TEXT_ROOM];
    carry(unit, prefix, serial_first, text);
    struct scan *scan = scan_new(text, strlen(text));
    assert_non_null(scan);
    code_parse(scan, CHECK_YEAR, ret_code);
    free(scan);
}

static void one_object_has_one_key(void **state)
{
    (void)state;
    static const char *const CARRIERS[] = {"]C1", "]e0", "]d2", "]Q3", "]J1", "\x1d", ""};
    static struct code first, other;
    uint64_t seed = 20261122;
    for (int i = 0; i < UNITS; i++) {
        struct unit unit = make_unit(&seed);
        read_carried(&unit, "]C1", true, &first);
        assert_string_not_equal(first.key, "");
        for (size_t c = 0; c < sizeof CARRIERS / sizeof CARRIERS[0]; c++) {
            read_carried(&unit, CARRIERS[c], below(&seed, 2), &other);
            assert_string_equal(other.key, first.key);
            assert_int_equal(other.kind, first.kind);
        }
        code_parse_text(first.key, CHECK_YEAR, &other);
        assert_string_equal(other.key, first.key);
        assert_string_equal(other.serial, unit.serial);
    }
}

/* What tells two units apart: the number, and the serial; without one, the lot. */
static bool same_unit(const struct unit *a, const struct unit *b)
{
    bool lots = a->serial[0] || b->serial[0] || strcmp(a->lot, b->lot) == 0;
    return a->logistic == b->logistic && strcmp(a->number, b->number) == 0 && strcmp(a->serial, b->serial) == 0 &&
           lots;
}

static void two_objects_never_share_a_key(void **state)
{
    (void)state;
    static struct code one, other;
    uint64_t seed = 7;
    int equal = 0;
    for (int i = 0; i < UNITS; i++) {
        struct unit a = make_unit(&seed), b = a;
        switch (below(&seed, 4)) { /* neighbours, not strangers */
        case 0: make_text(&seed, 2, b.logistic ? b.lot : b.serial); break;
        case 1: b.serial[0] = '\0'; break;
        case 2: make_number(&seed, strlen(b.number), b.number); break;
        default: b.lot[0] = b.logistic ? '\0' : 'L'; break;
        }
        b.lot[b.logistic ? 0 : strlen(b.lot)] = '\0';
        read_carried(&a, "]d2", true, &one);
        read_carried(&b, "]d2", true, &other);
        assert_int_equal(strcmp(one.key, other.key) == 0, same_unit(&a, &b));
        equal += same_unit(&a, &b);
    }
    assert_in_range(equal, UNITS / 100, UNITS - UNITS / 100);
}

static void plain_keys_differ_where_texts_do(void **state)
{
    (void)state;
    static const char *const PARTS[] = {"a", "\\", "x",    "1",      "d",     "\x1d",
                                        "(", "é",  "\xff", "plain:", "\\x1d", "\\\\"};
    static struct code one, other;
    uint64_t seed = 99;
    for (int i = 0; i < UNITS; i++) {
        char texts[2][64] = {"", ""};
        for (int side = 0; side < 2; side++)
            for (size_t n = 1 + below(&seed, 3); n > 0; n--) {
                size_t used = strlen(texts[side]);
                snprintf(texts[side] + used, sizeof texts[side] - used, "%s",
                         PARTS[below(&seed, sizeof PARTS / sizeof PARTS[0])]);
            }
        struct scan *scans[] = {scan_new(texts[0], strlen(texts[0])), scan_new(texts[1], strlen(texts[1]))};
        code_parse(scans[0], CHECK_YEAR, &one);
        code_parse(scans[1], CHECK_YEAR, &other);
        if (one.kind == CODE_PLAIN && other.kind == CODE_PLAIN)
            assert_int_equal(strcmp(one.key, other.key) == 0, strcmp(texts[0], texts[1]) == 0);
        free(scans[0]);
        free(scans[1]);
    }
}

/* Pieces that lead deep into the reader, and plain noise. */
static size_t make_noise(uint64_t *seed, uint8_t *ret_bytes)
{
    static const char *const PIECES[] = {"]C1",
                                         "]E0",
                                         "]I1",
                                         "]d2",
                                         "01",
                                         "00",
                                         "05901234123457",
                                         "21",
                                         "10",
                                         "17270110",
                                         "\x1d",
                                         "(",
                                         ")",
                                         "(01)",
                                         "(21)",
                                         "\\(",
                                         "plain:",
                                         "\\x1d",
                                         "069012340000000016",
                                         "陈",
                                         "\xe9\x99",
                                         "3103001500",
                                         "02",
                                         "37",
                                         "414"};
    size_t len = 0, pieces = below(seed, 8);
    for (size_t i = 0; i < pieces; i++) {
        const char *piece = PIECES[below(seed, sizeof PIECES / sizeof PIECES[0])];
        if (below(seed, 3) && len + strlen(piece) < NOISE_MAX) {
            memcpy(ret_bytes + len, piece, strlen(piece));
            len += strlen(piece);
        } else if (len < NOISE_MAX) {
            ret_bytes[len++] = (uint8_t)next(seed);
        }
    }
    if (len && below(seed, 3) == 0)
        ret_bytes[below(seed, len)] ^= (uint8_t)(1u << below(seed, 8));
    return len;
}

static void no_bytes_bring_it_out_of_step(void **state)
{
    (void)state;
    uint8_t bytes[NOISE_MAX];
    uint64_t seed = 4711;
    for (int i = 0; i < NOISES; i++) {
        size_t len = make_noise(&seed, bytes);
        const char *wrong = code_check_scan(bytes, len, i % 2);
        wrong = wrong ? wrong : code_check_escapes(bytes, len);
        if (wrong)
            fail_msg("seed 4711, round %d: %s", i, wrong);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_object_has_one_key),
        cmocka_unit_test(two_objects_never_share_a_key),
        cmocka_unit_test(plain_keys_differ_where_texts_do),
        cmocka_unit_test(no_bytes_bring_it_out_of_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
