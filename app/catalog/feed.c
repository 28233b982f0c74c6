#include "app/catalog/feed.h"
#include "app/catalog/catalog_flow.h"
#include "app/catalog/feed_check.h"
#include "app/catalog/reading.h"
#include "app/catalog/run.h"
#include "app/domain/chain.h"
#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static enum rc bad(struct feed_error *ret_error, const char *text)
{
    snprintf(ret_error->text, sizeof ret_error->text, "%s", text);
    return RC_BAD_INPUT;
}

static enum rc bad_type(struct feed_error *ret_error, const char *word)
{
    snprintf(ret_error->text, sizeof ret_error->text, "type \"%.40s\" is not known here", word);
    return RC_BAD_INPUT;
}

static int year_now(void)
{
    struct tm tm;
    time_t now = time(NULL);
    return gmtime_r(&now, &tm) ? tm.tm_year + 1900 : 2026;
}

/* A part of an identity as text: "" where it is missing or null. */
static const char *part_text(const json_t *value, char *number, size_t size)
{
    if (json_is_string(value))
        return json_string_value(value);
    if (!json_is_integer(value))
        return "";
    snprintf(number, size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return number;
}

static enum rc make_id(const struct feed_row *row, const json_t *body, char *ret_id, struct feed_error *ret_error)
{
    size_t used = 0;
    char id[FEED_ID_MAX + 1] = "", number[24];
    for (int i = 0; i < FEED_PARTS_MAX && row->parts[i]; i++) {
        const char *text = part_text(json_object_get(body, row->parts[i]), number, sizeof number);
        int len = i ? snprintf(id + used, sizeof id - used, "%c%s", row->joiner, text)
                    : snprintf(id, sizeof id, "%s", text);
        used += (size_t)len;
        if (used > FEED_ID_MAX)
            return bad(ret_error, "what names this is too long");
    }
    memcpy(ret_id, id, used + 1);
    return RC_OK;
}

/* What the table can't say about one type. */
static enum rc check_pattern(const json_t *body, struct feed_error *ret_error)
{
    struct pattern *pattern = NULL;
    enum rc rc = reading_pattern(body, "", &pattern);
    pattern_free(pattern);
    if (rc == RC_TOO_BIG)
        return bad(ret_error, "member \"match\" is longer or deeper than a pattern may be");
    return rc == RC_BAD_INPUT ? bad(ret_error, "member \"match\" is not a pattern that is understood here") : rc;
}

static enum rc check_flow(const json_t *body, struct feed_error *ret_error)
{
    struct flow flow;
    const char *member = NULL;
    return catalog_flow_explain(body, &flow, &member, ret_error->text);
}

static enum rc check_whole(const struct feed_item *item, struct feed_error *ret_error)
{
    struct run_key first;
    int64_t last = 0;
    const json_t *body = item->body;
    if (item->type == FEED_PATTERN)
        return check_pattern(body, ret_error);
    if (item->type == FEED_FLOW)
        return item->gone ? RC_OK : check_flow(body, ret_error);
    if (item->type != FEED_CODES)
        return RC_OK;
    if (!run_ends(json_string_value(json_object_get(body, "first")), json_string_value(json_object_get(body, "last")),
                  &first, &last))
        return bad(ret_error, "\"first\" and \"last\" must differ only in the digits at their ends, as many in both");
    return RC_OK;
}

/* Takes `type` and `gone` out of the body. */
static enum rc take_type(json_t *body, struct feed_item *item, struct feed_error *ret_error)
{
    const json_t *type = json_object_get(body, "type"), *gone = json_object_get(body, "gone");
    if (!json_is_string(type))
        return bad(ret_error, "member \"type\" is missing");
    if (!feed_type_from_word(json_string_value(type), &item->type))
        return bad_type(ret_error, json_string_value(type));
    if (gone && !json_is_boolean(gone))
        return bad(ret_error, "member \"gone\" must be true or false");
    item->gone = json_is_true(gone);
    json_object_del(body, "type");
    json_object_del(body, "gone");
    return RC_OK;
}

static enum rc parse(const char *line, size_t len, struct feed_check *check, struct feed_item *ret_item,
                     struct feed_error *ret_error)
{
    json_error_t error;
    struct feed_item item = {.body = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error)};
    enum rc rc = RC_BAD_INPUT;
    if (!item.body) {
        snprintf(ret_error->text, sizeof ret_error->text, "not one JSON object: %s", error.text);
        return RC_BAD_INPUT;
    }
    if (!json_is_object(item.body))
        bad(ret_error, "not a JSON object");
    else
        rc = take_type(item.body, &item, ret_error);
    if (rc == RC_OK) {
        const struct feed_row *row = feed_row(item.type);
        check->error = ret_error->text;
        if (item.type == FEED_OPERATOR)
            check->operator= json_string_value(json_object_get(item.body, "id"));
        rc = feed_check(check, row->members, "", item.body);
        if (rc == RC_OK)
            rc = check_whole(&item, ret_error);
        if (rc == RC_OK)
            rc = make_id(row, item.body, item.id, ret_error);
    }
    if (rc == RC_OK)
        *ret_item = item;
    else
        json_decref(item.body);
    return rc;
}

enum rc feed_parse(const char *line, size_t len, struct feed_item *ret_item, struct feed_error *ret_error,
                   const struct feed_sink *notes)
{
    if (sodium_init() < 0)
        return RC_NOMEM;
    struct feed_check check = {.sink = notes, .year = year_now()};
    struct feed_error error = {0};
    enum rc rc =
        len > FEED_LINE_MAX ? bad(&error, "longer than a line may be") : parse(line, len, &check, ret_item, &error);
    feed_printable(error.text);
    if (rc == RC_BAD_INPUT)
        *ret_error = error;
    return rc;
}

void feed_item_free(struct feed_item *item)
{
    json_decref(item->body);
    item->body = NULL;
}

/* One line without its end into the buffer of FEED_LINE_MAX + 1 bytes; a longer one is told by its length. False at the
 * end of the stream. */
static bool read_line(FILE *stream, char *buffer, size_t *ret_len)
{
    size_t len = 0;
    int byte = getc_unlocked(stream);
    if (byte == EOF)
        return false;
    for (; byte != EOF && byte != '\n'; byte = getc_unlocked(stream)) {
        if (len <= FEED_LINE_MAX)
            buffer[len++] = (char)byte;
    }
    *ret_len = len;
    return true;
}

static bool blank(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!strchr(" \t\r", line[i]) || !line[i])
            return false;
    return true;
}

static enum rc take_line(const char *line, size_t len, struct feed_check *check, struct feed_error *error)
{
    struct feed_item item;
    char text[FEED_ERROR_MAX + 1] = "";
    if (len > FEED_LINE_MAX)
        return bad(error, "longer than a line may be");
    check->operator= NULL;
    enum rc rc = parse(line, len, check, &item, error);
    if (rc != RC_OK)
        return rc;
    item.line = check->line;
    rc = check->sink->put(check->sink->context, &item, text);
    if (rc == RC_BAD_INPUT)
        bad(error, text);
    feed_item_free(&item);
    return rc;
}

enum rc feed_read(FILE *stream, const struct feed_sink *sink, long *ret_count, struct feed_error *ret_error)
{
    struct feed_error error = {0};
    struct feed_check check = {.sink = sink, .year = year_now()};
    long count = 0;
    size_t len = 0;
    char *buffer = malloc(FEED_LINE_MAX + 1);
    if (!buffer || sodium_init() < 0) {
        free(buffer);
        return RC_NOMEM;
    }
    enum rc rc = RC_OK;
    while (rc == RC_OK && read_line(stream, buffer, &len)) {
        const char *line = buffer;
        check.line++;
        if (check.line == 1 && len >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
            line += 3;
            len -= 3;
        }
        if (blank(line, len))
            continue;
        rc = take_line(line, len, &check, &error);
        count += rc == RC_OK;
    }
    if (rc == RC_OK && ferror(stream))
        rc = RC_IO;
    free(buffer);
    if (rc == RC_OK)
        *ret_count = count;
    error.line = check.line;
    feed_printable(error.text);
    if (rc == RC_BAD_INPUT)
        *ret_error = error;
    return rc;
}

json_t *feed_merge(const json_t *old, const json_t *change)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_t *merged = old ? json_copy((json_t *)(uintptr_t)old) : json_object();
    /* jansson's iterator takes no const, and does not write */
    json_object_foreach((json_t *)(uintptr_t)change, name, value)
    {
        if (json_is_null(value))
            json_object_del(merged, name);
        else if (json_object_set(merged, name, value) != 0) {
            json_decref(merged);
            return NULL;
        }
    }
    return merged;
}

char *feed_revision(const json_t *document, char *ret_text)
{
    enum { REVISION_BYTES = 8 };
    ret_text[0] = '\0';
    json_t *content = feed_merge(NULL, document);
    if (content)
        json_object_del(content, "rev");
    char *text = content ? json_dumps(content, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    if (text)
        digest_print(text, strlen(text), REVISION_BYTES, ret_text);
    free(text);
    json_decref(content);
    return ret_text;
}
