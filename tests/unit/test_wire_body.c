/* Bodies: zstd frames within a hard limit, whatever their headers say. */
#include "sync/wire/body.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include <cmocka.h>

enum { LIMIT = 100 * 1000 };

/* A frame of `len` equal bytes that does or does not say how long it is. */
static size_t make_frame(size_t len, int says, void **ret_frame)
{
    char *data = malloc(len ? len : 1);
    memset(data, 'a', len);
    size_t size = ZSTD_compressBound(len) + 64;
    void *frame = malloc(size);
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, says);
    size_t made = ZSTD_compress2(context, frame, size, data, len);
    assert_false(ZSTD_isError(made));
    ZSTD_freeCCtx(context);
    free(data);
    *ret_frame = frame;
    return made;
}

static enum rc expand(const void *frame, size_t len, size_t *ret_len)
{
    char *copy = malloc(len ? len : 1); /* ends where the frame ends, for ASan */
    memcpy(copy, frame, len);
    void *data = NULL;
    enum rc rc = body_expand(copy, len, LIMIT, &data, ret_len);
    free(copy);
    if (rc == RC_OK)
        assert_int_equal(((const char *)data)[*ret_len], '\0');
    free(data);
    return rc;
}

static void test_limit(void **state)
{
    (void)state;
    for (int says = 0; says <= 1; says++) {
        static const size_t sizes[] = {0, 1, 65536, 65537, LIMIT - 1, LIMIT, LIMIT + 1, 50 * LIMIT};
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            void *frame;
            size_t len = make_frame(sizes[i], says, &frame), out = 0;
            enum rc rc = expand(frame, len, &out);
            assert_int_equal(rc, sizes[i] <= LIMIT ? RC_OK : RC_TOO_BIG);
            if (rc == RC_OK)
                assert_int_equal(out, sizes[i]);
            free(frame);
        }
    }
}

static void test_round_trip(void **state)
{
    (void)state;
    char text[] = "{\"seq\":1,\"kind\":\"scan\"}\n{\"seq\":2,\"kind\":\"scan\"}\n";
    void *packed, *again;
    size_t packed_len, len;
    assert_int_equal(body_compress(text, strlen(text), &packed, &packed_len), RC_OK);
    assert_int_equal(body_expand(packed, packed_len, strlen(text), &again, &len), RC_OK);
    assert_string_equal(again, text);
    free(again);
    assert_int_equal(body_expand(packed, packed_len, strlen(text) - 1, &again, &len), RC_TOO_BIG);
    free(packed);
}

static void test_damaged(void **state)
{
    (void)state;
    void *frame;
    size_t len = make_frame(30000, 1, &frame), out;
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(expand(frame, cut, &out), RC_BAD_INPUT);
    char *longer = malloc(2 * len);
    memcpy(longer, frame, len);
    memcpy(longer + len, frame, len);
    assert_int_equal(expand(longer, len + 1, &out), RC_BAD_INPUT);
    assert_int_equal(expand(longer, 2 * len, &out), RC_BAD_INPUT); /* a second frame is not a body's */
    for (size_t at = 0; at < len; at++) {
        longer[at] ^= 0x41;
        expand(longer, len, &out);
        longer[at] ^= 0x41;
    }
    free(longer);
    free(frame);
    assert_int_equal(expand("{\"plain\":1}", 11, &out), RC_BAD_INPUT);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
