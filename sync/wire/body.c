#include "sync/wire/body.h"
#include "sync/wire/limits.h"
#include <stdint.h>
#include <stdlib.h>
#include <zstd.h>

enum {
    BODY_LEVEL = 3,             /* records are much alike: 6 takes ten times as long, and a tenth off what is left */
    BODY_WINDOW_LOG_MAX = 23,   /* 8 MiB: as large as the largest body; a reader must not be made to keep more */
    BODY_START_BYTES = 64 << 10 /* first output buffer when the header does not say how much comes */
};

enum rc body_compress(const void *data, size_t len, void **ret_data, size_t *ret_len)
{
    size_t size = ZSTD_compressBound(len);
    void *packed = malloc(size);
    if (!packed)
        return RC_NOMEM;
    size_t made = ZSTD_compress(packed, size, data, len, BODY_LEVEL);
    if (ZSTD_isError(made)) {
        free(packed);
        return RC_NOMEM;
    }
    *ret_data = packed;
    *ret_len = made;
    return RC_OK;
}

/* Makes room for more output, at most max + 1 bytes in all: the one above max shows that there is too much. */
static enum rc grow(ZSTD_outBuffer *out, size_t max)
{
    if (out->size > max)
        return RC_TOO_BIG;
    size_t size = out->size > max / 2 ? max + 1 : out->size * 2;
    void *bigger = realloc(out->dst, size + 1);
    if (!bigger)
        return RC_NOMEM;
    out->dst = bigger;
    out->size = size;
    return RC_OK;
}

static enum rc expand_stream(ZSTD_DCtx *context, ZSTD_inBuffer *in, ZSTD_outBuffer *out, size_t max)
{
    for (;;) {
        size_t left = ZSTD_decompressStream(context, out, in);
        if (ZSTD_isError(left))
            return RC_BAD_INPUT;
        if (left == 0)
            return in->pos == in->size && out->pos <= max ? RC_OK : out->pos > max ? RC_TOO_BIG : RC_BAD_INPUT;
        if (out->pos < out->size) {
            if (in->pos == in->size)
                return RC_BAD_INPUT; /* cut off */
            continue;
        }
        enum rc rc = grow(out, max);
        if (rc != RC_OK)
            return rc;
    }
}

enum rc body_expand(const void *data, size_t len, size_t max, void **ret_data, size_t *ret_len)
{
    unsigned long long said = ZSTD_getFrameContentSize(data, len);
    if (said == ZSTD_CONTENTSIZE_ERROR)
        return RC_BAD_INPUT;
    if (said != ZSTD_CONTENTSIZE_UNKNOWN && said > max)
        return RC_TOO_BIG;
    size_t start = said == ZSTD_CONTENTSIZE_UNKNOWN ? BODY_START_BYTES : (size_t)said + 1;
    if (start > max + 1)
        start = max + 1;
    ZSTD_inBuffer in = {data, len, 0};
    ZSTD_outBuffer out = {malloc(start + 1), start, 0};
    ZSTD_DCtx *context = ZSTD_createDCtx();
    enum rc rc = RC_NOMEM;
    if (!out.dst || !context)
        goto done;
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, BODY_WINDOW_LOG_MAX);
    rc = expand_stream(context, &in, &out, max);
    if (rc == RC_OK) {
        ((char *)out.dst)[out.pos] = '\0';
        *ret_data = out.dst;
        *ret_len = out.pos;
        out.dst = NULL;
    }
done:
    ZSTD_freeDCtx(context);
    free(out.dst);
    return rc;
}
