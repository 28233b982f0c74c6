#include "app/catalog/run.h"
#include <string.h>

bool run_split(const char *key, struct run_key *ret_key)
{
    size_t len = strlen(key);
    size_t start = len;
    while (start > 0 && len - start < RUN_DIGITS_MAX && key[start - 1] >= '0' && key[start - 1] <= '9')
        start--;
    if (start == len || len > CODE_KEY_MAX)
        return false;
    memcpy(ret_key->prefix, key, start);
    ret_key->prefix[start] = '\0';
    ret_key->width = (int)(len - start);
    ret_key->number = 0;
    for (size_t i = start; i < len; i++)
        ret_key->number = ret_key->number * 10 + (key[i] - '0');
    return true;
}

char *run_join(const struct run_key *key, int64_t number, char *ret_key)
{
    size_t len = strlen(key->prefix);
    memcpy(ret_key, key->prefix, len);
    for (int i = key->width; i-- > 0; number /= 10)
        ret_key[len + (size_t)i] = (char)('0' + number % 10);
    ret_key[len + (size_t)key->width] = '\0';
    return ret_key;
}

bool run_ends(const char *first, const char *last, struct run_key *ret_first, int64_t *ret_last)
{
    struct run_key a, b;
    if (!run_split(first, &a) || !run_split(last, &b))
        return false;
    if (a.width != b.width || strcmp(a.prefix, b.prefix) != 0 || a.number > b.number)
        return false;
    *ret_first = a;
    *ret_last = b.number;
    return true;
}
