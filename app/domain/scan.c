#include "app/domain/scan.h"
#include "app/domain/limits.h"
#include <stdlib.h>
#include <string.h>

struct scan *scan_new(const void *bytes, size_t len)
{
    size_t kept = len > SCAN_MAX ? SCAN_MAX : len;
    struct scan *scan = calloc(1, sizeof *scan + kept + 1);
    if (!scan)
        return NULL;
    scan->len = kept;
    scan->flags = kept < len ? SCAN_TRUNCATED : 0;
    if (kept)
        memcpy(scan->bytes, bytes, kept);
    return scan;
}
