#include "app/domain/cn.h"
#include "app/domain/gs1_link.h"
#include <string.h>

enum { DRUG_LEN = 20, ECODE_LEAST = 15, VAA_LEAST = 10, HANDLE_NAME_LEAST = 3, S10_LEN = 13 };

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(uint8_t c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool all_digits(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!is_digit(bytes[i]))
            return false;
    return len > 0;
}

static bool begins(const uint8_t *bytes, size_t len, const char *prefix)
{
    size_t count = strlen(prefix);
    return len >= count && memcmp(bytes, prefix, count) == 0;
}

static bool is_drug(const uint8_t *bytes, size_t len)
{
    return len == DRUG_LEN && bytes[0] == '8' && all_digits(bytes, len);
}

/* Version, then the numbering system: those that were seen. */
static bool is_ecode(const uint8_t *bytes, size_t len)
{
    static const char *const PREFIXES[] = {"10064", "10096", "20128", "300121"};
    for (size_t i = 0; len >= ECODE_LEAST && i < sizeof PREFIXES / sizeof PREFIXES[0]; i++)
        if (begins(bytes, len, PREFIXES[i]))
            return all_digits(bytes, len);
    return false;
}

/* MA.156.M0.… or MA.156.1003.1629/73.10000000.6/ */
static bool is_ma(const uint8_t *bytes, size_t len)
{
    if (len < 9 || !begins(bytes, len, "MA.") || !all_digits(bytes + 3, 3) || bytes[6] != '.')
        return false;
    for (size_t i = 7; i < len; i++)
        if (bytes[i] <= ' ' || bytes[i] > '~' || bytes[i] == '\\')
            return false;
    return is_alnum(bytes[7]);
}

/* 88.1000.1/anything */
static bool is_handle(const uint8_t *bytes, size_t len)
{
    static const char *const TOPS[] = {"86.", "88.", "10.", "20.", "21.", "22.", "25.", "27.", "44.", "77."};
    size_t at = 3;
    bool is_top = false;
    for (size_t i = 0; i < sizeof TOPS / sizeof TOPS[0]; i++)
        is_top |= begins(bytes, len, TOPS[i]);
    while (is_top && at < len && (is_alnum(bytes[at]) || bytes[at] == '.'))
        at++;
    return is_top && at >= 3 + HANDLE_NAME_LEAST && at + 1 < len && bytes[at] == '/' && bytes[at - 1] != '.' &&
           bytes[3] != '.';
}

static bool is_vaa(const uint8_t *bytes, size_t len)
{
    bool has_digit = false;
    if (len < VAA_LEAST || !begins(bytes, len, "VAA"))
        return false;
    for (size_t i = 3; i < len; i++) {
        has_digit |= is_digit(bytes[i]);
        if (!is_alnum(bytes[i]) && bytes[i] != '.' && bytes[i] != '-' && bytes[i] != '/')
            return false;
    }
    return has_digit;
}

static bool is_oid(const uint8_t *bytes, size_t len)
{
    if (!begins(bytes, len, "1.2.156.") && !begins(bytes, len, "2.16.156."))
        return false;
    for (size_t i = 0; i < len; i++) {
        bool starts = i == 0 || bytes[i - 1] == '.';
        bool ends = i + 1 == len || bytes[i + 1] == '.';
        if (!is_digit(bytes[i]) && (bytes[i] != '.' || starts))
            return false;
        if (starts && bytes[i] == '0' && !ends)
            return false;
    }
    return bytes[len - 1] != '.';
}

static bool is_2dcode(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] <= ' ' || bytes[i] > '~')
            return false;
    return len > 0;
}

static const struct {
    const char *prefix;
    bool (*fits)(const uint8_t *bytes, size_t len);
    bool by_shape; /* its shape says enough; the others need what stands around them */
} SCHEMES[] = {{"drug:", is_drug, true},     {"ecode:", is_ecode, true}, {"ma:", is_ma, true},
               {"handle:", is_handle, true}, {"vaa:", is_vaa, true},     {"oid:", is_oid, true},
               {"2dcode:", is_2dcode, false}};

static const char *find_shape(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < sizeof SCHEMES / sizeof SCHEMES[0]; i++)
        if (SCHEMES[i].by_shape && SCHEMES[i].fits(bytes, len))
            return SCHEMES[i].prefix;
    return NULL;
}

bool cn_fits(const char *prefix, size_t prefix_len, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < sizeof SCHEMES / sizeof SCHEMES[0]; i++)
        if (strlen(SCHEMES[i].prefix) == prefix_len && memcmp(SCHEMES[i].prefix, prefix, prefix_len) == 0)
            return SCHEMES[i].fits(bytes, len);
    return false;
}

/* ---- links ---- */

struct found {
    const char *prefix;
    const uint8_t *text;
    size_t len;
};

/* One part of a link, decoded into the room. */
static bool look(const uint8_t *bytes, size_t len, bool in_query, uint8_t *room, struct found *found)
{
    memcpy(room, bytes, len);
    size_t count = gs1_link_decode(room, len, in_query);
    const char *prefix = find_shape(room, count);
    if (prefix)
        *found = (struct found){prefix, room, count};
    return prefix != NULL;
}

static bool look_in_query(const uint8_t *at, const uint8_t *end, uint8_t *room, struct found *found)
{
    while (at < end) {
        const uint8_t *stop = memchr(at, '&', (size_t)(end - at));
        stop = stop ? stop : end;
        const uint8_t *value = memchr(at, '=', (size_t)(stop - at));
        if (value && look(value + 1, (size_t)(stop - value - 1), true, room, found))
            return true;
        at = stop < end ? stop + 1 : end;
    }
    return false;
}

/* The path from any of its segments on: an identifier may hold slashes itself. "E=" marks an Ecode. */
static bool look_in_path(const uint8_t *at, const uint8_t *end, uint8_t *room, struct found *found)
{
    while (at < end) {
        size_t len = (size_t)(end - at);
        if (begins(at, len, "E=") && all_digits(at + 2, len - 2) && len > 2) {
            *found = (struct found){"ecode:", at + 2, len - 2};
            return is_ecode(at + 2, len - 2);
        }
        if (look(at, len, false, room, found))
            return true;
        const uint8_t *slash = memchr(at, '/', len);
        at = slash ? slash + 1 : end;
    }
    return false;
}

static bool is_host(const uint8_t *at, size_t len, const char *host)
{
    return len == strlen(host) && memcmp(at, host, len) == 0;
}

static bool find_in_link(const uint8_t *bytes, size_t len, uint8_t *room, struct found *found)
{
    const uint8_t *end = bytes + len;
    const uint8_t *host = (const uint8_t *)memchr(bytes, '/', len) + 2;
    const uint8_t *hash = memchr(host, '#', (size_t)(end - host));
    end = hash ? hash : end;
    const uint8_t *query = memchr(host, '?', (size_t)(end - host));
    const uint8_t *path_end = query ? query : end;
    const uint8_t *path = memchr(host, '/', (size_t)(path_end - host));
    if (query && look_in_query(query + 1, end, room, found))
        return true;
    if (path && look_in_path(path + 1, path_end, room, found))
        return true;
    if (!path || !is_host(host, (size_t)(path - host), "2dcode.org") ||
        !is_2dcode(path + 1, (size_t)(end - path - 1)))
        return false;
    *found = (struct found){"2dcode:", path + 1, (size_t)(end - path - 1)};
    return true;
}

const char *cn_find(const uint8_t *bytes, size_t len, uint8_t *room, const uint8_t **ret_text, size_t *ret_len)
{
    static const char URN[] = "urn:oid:";
    struct found found = {NULL, bytes, len};
    if (gs1_link_is_web(bytes, len)) {
        if (!find_in_link(bytes, len, room, &found))
            return NULL;
    } else {
        if (begins(bytes, len, URN))
            found = (struct found){NULL, bytes + sizeof URN - 1, len - (sizeof URN - 1)};
        found.prefix = find_shape(found.text, found.len);
    }
    if (found.prefix) {
        *ret_text = found.text;
        *ret_len = found.len;
    }
    return found.prefix;
}

/* ---- waybills ---- */

/* UPU S10: two letters, eight digits, check digit, country */
static bool is_s10(const uint8_t *bytes, size_t len)
{
    static const unsigned WEIGHTS[] = {8, 6, 4, 2, 3, 5, 9, 7};
    unsigned sum = 0;
    if (len != S10_LEN || !all_digits(bytes + 2, 9))
        return false;
    for (size_t i = 0; i < S10_LEN; i++)
        if ((i < 2 || i > 10) && (bytes[i] < 'A' || bytes[i] > 'Z'))
            return false;
    for (size_t i = 0; i < 8; i++)
        sum += (unsigned)(bytes[2 + i] - '0') * WEIGHTS[i];
    unsigned check = 11 - sum % 11;
    check = check == 10 ? 0 : check == 11 ? 5 : check;
    return (unsigned)(bytes[10] - '0') == check;
}

bool cn_is_waybill(const uint8_t *bytes, size_t len)
{
    /* SF Express 顺丰, YTO 圆通, JD 京东: letters, then digits alone. Others number their parcels with digits only, which say nothing. */
    static const struct {
        const char *prefix;
        size_t digits;
    } CARRIERS[] = {{"SF", 12}, {"SF", 13}, {"YT", 13}, {"JD", 13}};
    for (size_t i = 0; i < sizeof CARRIERS / sizeof CARRIERS[0]; i++)
        if (begins(bytes, len, CARRIERS[i].prefix) && len == 2 + CARRIERS[i].digits && all_digits(bytes + 2, len - 2))
            return true;
    return is_s10(bytes, len);
}
