/* The feed's grammar: types, members, limits, sentences, PINs, identities, revisions. */
#include "app/catalog/feed.h"
#include "app/catalog/feed_table.h"
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NOTES_MAX = 16, DUMP_MAX = 4096 };

/* What a sink saw: the last item as text, the notes, and a hash that it keeps. */
struct seen {
    long puts;
    char id[FEED_ID_MAX + 1];
    char body[DUMP_MAX];
    enum feed_type type;
    bool gone;
    int notes;
    char note[NOTES_MAX][160];
    long note_line[NOTES_MAX];
    char kept[FEED_HASH_MAX + 1];
    const char *refuse; /* put says this */
};

static void keep_dump(struct seen *seen, const json_t *body)
{
    char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
    assert_non_null(text);
    snprintf(seen->body, sizeof seen->body, "%s", text);
    free(text);
}

static enum rc seen_put(void *context, const struct feed_item *item, char *error)
{
    struct seen *seen = context;
    seen->puts++;
    seen->type = item->type;
    seen->gone = item->gone;
    snprintf(seen->id, sizeof seen->id, "%s", item->id);
    keep_dump(seen, item->body);
    if (!seen->refuse)
        return RC_OK;
    snprintf(error, FEED_ERROR_MAX + 1, "%s", seen->refuse);
    return RC_BAD_INPUT;
}

static void seen_note(void *context, long line, const char *text)
{
    struct seen *seen = context;
    assert_true(seen->notes < NOTES_MAX);
    snprintf(seen->note[seen->notes], sizeof seen->note[0], "%s", text);
    seen->note_line[seen->notes++] = line;
}

static bool seen_hash(void *context, const char *operator, char * ret_hash)
{
    const struct seen *seen = context;
    assert_string_equal(operator, "wang");
    if (seen->kept[0])
        snprintf(ret_hash, FEED_HASH_MAX + 1, "%s", seen->kept);
    return seen->kept[0] != '\0';
}

static enum rc read_bytes(const char *text, size_t len, struct seen *seen, long *ret_count,
                          struct feed_error *ret_error)
{
    struct feed_sink sink = {seen, seen_put, seen_note, seen_hash};
    FILE *stream = fmemopen((void *)(uintptr_t)text, len, "r");
    assert_non_null(stream);
    enum rc rc = feed_read(stream, &sink, ret_count, ret_error);
    fclose(stream);
    return rc;
}

static enum rc read_text(const char *text, struct seen *seen, long *ret_count, struct feed_error *ret_error)
{
    return read_bytes(text, strlen(text), seen, ret_count, ret_error);
}

/* One line of each type as it comes, and what the sink sees: identity and canonical body. */
static const struct {
    const char *line, *id, *body;
} GOOD[] = {
    {"{\"type\":\"region\",\"id\":\"510100\",\"name\":\"成都市\",\"parent\":\"510000\"}", "510100",
     "{\"id\":\"510100\",\"name\":\"成都市\",\"parent\":\"510000\"}"},
    {"{\"type\":\"party\",\"id\":\"D-1\",\"kind\":\"dealer\",\"parent\":null,\"min_life_days\":90}", "D-1",
     "{\"id\":\"D-1\",\"kind\":\"dealer\",\"min_life_days\":90,\"parent\":null}"},
    {"{\"type\":\"territory\",\"party\":\"D-1\",\"product\":null,\"regions\":[\"510100\"],\"exclusive\":true,"
     "\"from\":\"2026-01-01\",\"to\":null}",
     "D-1||2026-01-01",
     "{\"exclusive\":true,\"from\":\"2026-01-01\",\"party\":\"D-1\",\"product\":null,\"regions\":[\"510100\"],"
     "\"to\":null}"},
    {"{\"type\":\"permit\",\"from\":\"D-1\",\"to\":\"D-2\",\"product\":\"P\",\"qty\":\"100.0\"}", "D-1|D-2|P|",
     "{\"from\":\"D-1\",\"product\":\"P\",\"qty\":\"100\",\"to\":\"D-2\"}"},
    {"{\"type\":\"site\",\"id\":\"CDB\",\"kind\":\"quarantine\"}", "CDB", "{\"id\":\"CDB\",\"kind\":\"quarantine\"}"},
    {"{\"type\":\"product\",\"id\":\"P\",\"gtin\":[\"5901234123457\"],\"control\":\"item\","
     "\"pack\":[{\"level\":1,\"name\":\"箱\",\"gtin\":\"15901234123454\",\"contains\":12}]}",
     "P",
     "{\"control\":\"item\",\"gtin\":[\"05901234123457\"],\"id\":\"P\",\"pack\":[{\"contains\":12,"
     "\"gtin\":\"15901234123454\",\"level\":1,\"name\":\"箱\"}]}"},
    {"{\"type\":\"lot\",\"product\":\"P\",\"lot\":\"L1\",\"expires\":\"2027-01-10\",\"quality\":\"hold\","
     "\"facts\":{\"line\":\"3\"}}",
     "P|L1",
     "{\"expires\":\"2027-01-10\",\"facts\":{\"line\":\"3\"},\"lot\":\"L1\",\"product\":\"P\",\"quality\":\"hold\"}"},
    {"{\"type\":\"code\",\"code\":\"(01)05901234123457(17)270110(21)A1\",\"in\":\"(00)069012340000000016\","
     "\"aliases\":[\"CAP-1\"],\"holder\":\"site:CDB\"}",
     "(01)05901234123457(21)A1",
     "{\"aliases\":[\"plain:CAP-1\"],\"code\":\"(01)05901234123457(21)A1\",\"holder\":\"site:CDB\","
     "\"in\":\"(00)069012340000000016\"}"},
    {"{\"type\":\"codes\",\"first\":\"(01)05901234123457(21)S01\",\"last\":\"(01)05901234123457(21)S10\"}",
     "(01)05901234123457(21)S01|(01)05901234123457(21)S10",
     "{\"first\":\"(01)05901234123457(21)S01\",\"last\":\"(01)05901234123457(21)S10\"}"},
    {"{\"type\":\"stock\",\"holder\":\"site:CDB\",\"product\":\"P\",\"lot\":null,\"qty\":\"-80\"}", "site:CDB|P|",
     "{\"holder\":\"site:CDB\",\"lot\":null,\"product\":\"P\",\"qty\":\"-80\"}"},
    {"{\"type\":\"pattern\",\"id\":\"cap\",\"match\":\"^x$\",\"key\":\"plain:cap:{1}\"}", "cap",
     "{\"id\":\"cap\",\"key\":\"plain:cap:{1}\",\"match\":\"^x$\"}"},
    {"{\"type\":\"document\",\"source\":\"tryton:wh\",\"doc\":\"stock.shipment.out,1\",\"flow\":\"outbound\","
     "\"lines\":[{\"line\":\"stock.move,7\",\"product\":\"P\",\"qty\":\"12.50\",\"lot\":null,"
     "\"picks\":[{\"bin\":\"A-02\",\"qty\":\"6\",\"lot\":null}]}]}",
     "tryton:wh:stock.shipment.out,1",
     "{\"doc\":\"stock.shipment.out,1\",\"flow\":\"outbound\",\"lines\":[{\"line\":\"stock.move,7\",\"lot\":null,"
     "\"picks\":[{\"bin\":\"A-02\",\"lot\":null,\"qty\":\"6\"}],\"product\":\"P\",\"qty\":\"12.5\"}],"
     "\"source\":\"tryton:wh\"}"},
    {"{\"type\":\"recall\",\"id\":\"R-7\",\"product\":\"P\",\"lots\":[\"L1\"],"
     "\"codes\":[\"(00)069012340000000016\"]}",
     "R-7", "{\"codes\":[\"(00)069012340000000016\"],\"id\":\"R-7\",\"lots\":[\"L1\"],\"product\":\"P\"}"},
    {"{\"type\":\"operator\",\"id\":\"li\",\"name\":\"李\\u001b[2J\",\"role\":\"supervisor\"}", "li",
     "{\"id\":\"li\",\"name\":\"李 [2J\",\"role\":\"supervisor\"}"},
    {"{\"type\":\"policy\",\"site\":null,\"registry\":\"strict\","
     "\"enforce\":[{\"reason\":\"unregistered\",\"as\":\"warn\",\"until\":\"2026-12-31\"}],"
     "\"quarantine\":\"CDQ\",\"lock_idle_s\":300}",
     "",
     "{\"enforce\":[{\"as\":\"warn\",\"reason\":\"unregistered\",\"until\":\"2026-12-31\"}],\"lock_idle_s\":300,"
     "\"quarantine\":\"CDQ\",\"registry\":\"strict\",\"site\":null}"},
    {"{\"type\":\"flow\",\"id\":\"outbound\",\"near_expiry_days\":30,\"fields\":[{\"name\":\"t\",\"kind\":\"number\","
     "\"min\":\"-2.50\"}]}",
     "outbound",
     "{\"fields\":[{\"kind\":\"number\",\"min\":\"-2.5\",\"name\":\"t\"}],\"id\":\"outbound\",\"near_expiry_days\":"
     "30}"},
    {"{\"type\":\"share\",\"doc\":\"tryton:wh:stock.shipment.out,1\",\"device\":3,\"lines\":null,"
     "\"progress\":[{\"line\":\"a\",\"qty\":\"2.0\"}]}",
     "tryton:wh:stock.shipment.out,1|3",
     "{\"device\":3,\"doc\":\"tryton:wh:stock.shipment.out,1\",\"lines\":null,"
     "\"progress\":[{\"line\":\"a\",\"qty\":\"2\"}]}"},
    {"{\"type\":\"settled\",\"epoch\":1,\"seq\":12,\"what\":\"closed\",\"at\":\"2026-11-22T05:12:33.123+00:00\","
     "\"by\":\"Wei\",\"reason\":null}",
     "1|12",
     "{\"at\":\"2026-11-22T05:12:33.123+00:00\",\"by\":\"Wei\",\"epoch\":1,\"reason\":null,\"seq\":12,"
     "\"what\":\"closed\"}"},
};

static void every_type_is_read(void **state)
{
    (void)state;
    assert_int_equal(sizeof GOOD / sizeof GOOD[0], FEED_TYPE_COUNT);
    for (int i = 0; i < FEED_TYPE_COUNT; i++) {
        struct seen seen = {0};
        struct feed_error error = {0};
        long count = 0;
        assert_int_equal(read_text(GOOD[i].line, &seen, &count, &error), RC_OK);
        assert_int_equal(count, 1);
        assert_int_equal(seen.type, i);
        assert_string_equal(seen.id, GOOD[i].id);
        assert_string_equal(seen.body, GOOD[i].body);
        assert_false(seen.gone);
        assert_int_equal(seen.notes, 0);
    }
}

static const struct {
    const char *line, *text;
} BAD[] = {
    {"{", "not one JSON object: "},
    {"{\"type\":\"site\",\"id\":\"A\"} {}", "not one JSON object: "},
    {"{\"type\":\"site\",\"id\":\"A\",\"id\":\"B\"}", "not one JSON object: "},
    {"[]", "not a JSON object"},
    {"{\"id\":\"A\"}", "member \"type\" is missing"},
    {"{\"type\":\"colour\",\"id\":\"A\"}", "type \"colour\" is not known here"},
    {"{\"type\":\"site\",\"id\":\"A\",\"gone\":1}", "member \"gone\" must be true or false"},
    {"{\"type\":\"site\"}", "member \"id\" is missing"},
    {"{\"type\":\"site\",\"id\":null}", "member \"id\" is missing"},
    {"{\"type\":\"site\",\"id\":\"\"}", "member \"id\" must not be empty"},
    {"{\"type\":\"site\",\"id\":\"A|B\"}", "member \"id\" must not hold control characters or \"|\""},
    {"{\"type\":\"site\",\"id\":\"A\\u0007\"}", "member \"id\" must not hold control characters or \"|\""},
    {"{\"type\":\"site\",\"id\":\"A\\u0085\"}", "member \"id\" must not hold control characters or \"|\""},
    {"{\"type\":\"site\",\"id\":7}", "member \"id\" must be text"},
    {"{\"type\":\"site\",\"id\":\"A\",\"kind\":\"ware\"}",
     "member \"kind\" must be one of warehouse|quarantine|dealer"},
    {"{\"type\":\"site\",\"id\":\"A\",\"kind\":\"\"}", "member \"kind\" must be one of warehouse|quarantine|dealer"},
    {"{\"type\":\"stock\",\"holder\":\"here\",\"product\":\"P\"}", "member \"holder\" must be a holder like"},
    {"{\"type\":\"stock\",\"holder\":\"sold\",\"product\":\"P\",\"qty\":12.5}",
     "member \"qty\" must be decimal text"},
    {"{\"type\":\"stock\",\"holder\":\"sold\",\"product\":\"P\",\"qty\":\"1e3\"}",
     "member \"qty\" must be decimal text"},
    {"{\"type\":\"permit\",\"from\":\"A\",\"to\":\"B\",\"product\":\"P\",\"qty\":\"-1\"}",
     "member \"qty\" must not be negative"},
    {"{\"type\":\"lot\",\"product\":\"P\",\"lot\":\"L\",\"made\":\"2026-02-30\"}",
     "member \"made\" must be a date like 2026-11-23"},
    {"{\"type\":\"lot\",\"product\":\"P\",\"lot\":\"L\",\"made\":\"2026-02-03T00:00\"}",
     "member \"made\" must be a date like 2026-11-23"},
    {"{\"type\":\"lot\",\"product\":\"P\",\"lot\":\"L\",\"facts\":\"x\"}", "member \"facts\" must be an object"},
    {"{\"type\":\"party\",\"id\":\"D\",\"min_life_days\":-1}",
     "member \"min_life_days\" must be a whole number from 0 to 36500"},
    {"{\"type\":\"product\",\"id\":\"P\",\"gtin\":[\"05901234123458\"]}",
     "member \"gtin[0]\" is a GTIN with a wrong check digit"},
    {"{\"type\":\"product\",\"id\":\"P\",\"gtin\":[\"123456789\"]}",
     "member \"gtin[0]\" must be a GTIN of 8, 12, 13 or 14 digits"},
    {"{\"type\":\"product\",\"id\":\"P\",\"gtin\":\"05901234123457\"}", "member \"gtin\" must be a list"},
    {"{\"type\":\"product\",\"id\":\"P\",\"pack\":[{\"level\":1}]}", "member \"pack[0].contains\" is missing"},
    {"{\"type\":\"product\",\"id\":\"P\",\"pack\":[7]}", "member \"pack[0]\" must be an object"},
    {"{\"type\":\"code\",\"code\":\"(01)05901234123458(21)A\"}", "member \"code\" is not a code: "},
    {"{\"type\":\"code\",\"code\":\"A1\",\"in\":\"(00)069012340000000017\"}", "member \"in\" is not a code: "},
    {"{\"type\":\"codes\",\"first\":\"S09\",\"last\":\"S100\"}",
     "\"first\" and \"last\" must differ only in the digits"},
    {"{\"type\":\"codes\",\"first\":\"S10\",\"last\":\"S09\"}",
     "\"first\" and \"last\" must differ only in the digits"},
    {"{\"type\":\"codes\",\"first\":\"S1\",\"last\":\"T2\"}",
     "\"first\" and \"last\" must differ only in the digits"},
    {"{\"type\":\"codes\",\"first\":\"SA\",\"last\":\"SB\"}",
     "\"first\" and \"last\" must differ only in the digits"},
    {"{\"type\":\"document\",\"source\":\"s\",\"doc\":\"d\",\"lines\":[{\"line\":\"1\",\"product\":\"P\",\"qty\":6}]"
     "}",
     "member \"lines[0].qty\" must be decimal text"},
    {"{\"type\":\"operator\",\"id\":\"wang\",\"pin\":\"123\"}", "member \"pin\" must have 4 to 64 characters"},
    {"{\"type\":\"operator\",\"id\":\"wang\",\"pin\":1234}", "member \"pin\" must be text"},
    {"{\"type\":\"operator\",\"id\":\"wang\",\"pin_hash\":\"1234\"}",
     "member \"pin_hash\" must be an argon2id string"},
    {"{\"type\":\"policy\",\"site\":\"A\",\"enforce\":[{\"reason\":\"recalled\",\"as\":\"quiet\"}]}",
     "member \"enforce[0].as\" must be one of observe|warn|reject"},
};

static void bad_lines_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct seen seen = {0};
        struct feed_error error = {0};
        char text[2048];
        long count = -1;
        snprintf(text, sizeof text, "{\"type\":\"site\",\"id\":\"A\"}\n\n%s\n{\"type\":\"site\",\"id\":\"B\"}\n",
                 BAD[i].line);
        assert_int_equal(read_text(text, &seen, &count, &error), RC_BAD_INPUT);
        assert_int_equal(error.line, 3);
        if (strncmp(error.text, BAD[i].text, strlen(BAD[i].text)) != 0)
            fail_msg("%s\n  gives   %s\n  not     %s", BAD[i].line, error.text, BAD[i].text);
        assert_int_equal(seen.puts, 1);
        assert_int_equal(count, -1);
    }
}

static void unknown_members_are_noted_and_left_out(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct feed_error error = {0};
    long count = 0;
    const char *text = "{\"type\":\"site\",\"id\":\"A\"}\n"
                       "{\"type\":\"document\",\"source\":\"s\",\"doc\":\"d\",\"colour\":1,"
                       "\"lines\":[{\"line\":\"1\",\"product\":\"P\",\"qty\":\"6\",\"uom\":\"kg\"}]}\n";
    assert_int_equal(read_text(text, &seen, &count, &error), RC_OK);
    assert_int_equal(seen.notes, 2);
    assert_string_equal(seen.note[0], "member \"colour\" is not known here and is left out");
    assert_string_equal(seen.note[1], "member \"lines[0].uom\" is not known here and is left out");
    assert_int_equal(seen.note_line[0], 2);
    assert_string_equal(seen.body, "{\"doc\":\"d\",\"lines\":[{\"line\":\"1\",\"product\":\"P\",\"qty\":\"6\"}],"
                                   "\"source\":\"s\"}");
}

static void line_ends_blanks_and_marks(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct feed_error error = {0};
    long count = 0;
    const char *text = "\xef\xbb\xbf{\"type\":\"site\",\"id\":\"A\"}\r\n \t\r\n\r\n\n"
                       "{\"type\":\"site\",\"id\":\"B\",\"gone\":true}";
    assert_int_equal(read_text(text, &seen, &count, &error), RC_OK);
    assert_int_equal(count, 2);
    assert_true(seen.gone);
    assert_string_equal(seen.id, "B");
    static const char NUL[] = "{\"type\":\"site\",\"id\":\"A\"}\n\0\n";
    assert_int_equal(read_bytes(NUL, sizeof NUL - 1, &seen, &count, &error), RC_BAD_INPUT);
    assert_int_equal(error.line, 2);
}

/* A line of exactly `len` bytes that says nothing wrong. */
static char *long_line(size_t len)
{
    static const char START[] = "{\"type\":\"site\",\"id\":\"A\"";
    char *text = malloc(len + 2);
    assert_non_null(text);
    memset(text, ' ', len);
    memcpy(text, START, sizeof START - 1);
    text[len - 1] = '}';
    text[len] = '\n';
    text[len + 1] = '\0';
    return text;
}

static void a_line_at_its_limit(void **state)
{
    (void)state;
    for (size_t over = 0; over < 2; over++) {
        struct seen seen = {0};
        struct feed_error error = {0};
        long count = 0;
        char *text = long_line(FEED_LINE_MAX + over);
        assert_int_equal(read_text(text, &seen, &count, &error), over ? RC_BAD_INPUT : RC_OK);
        if (over)
            assert_string_equal(error.text, "longer than a line may be");
        free(text);
    }
}

static void an_id_at_its_limit(void **state)
{
    (void)state;
    for (int over = 0; over < 2; over++) {
        struct seen seen = {0};
        struct feed_error error = {0};
        char text[256], id[ID_MAX + 2];
        long count = 0;
        memset(id, 'x', sizeof id);
        id[ID_MAX + over] = '\0';
        snprintf(text, sizeof text, "{\"type\":\"site\",\"id\":\"%s\"}", id);
        assert_int_equal(read_text(text, &seen, &count, &error), over ? RC_BAD_INPUT : RC_OK);
        if (over)
            assert_string_equal(error.text, "member \"id\" is longer than 63 bytes");
    }
}

static void the_sink_may_refuse(void **state)
{
    (void)state;
    struct seen seen = {.refuse = "no such thing"};
    struct feed_error error = {0};
    long count = 0;
    assert_int_equal(read_text("\n{\"type\":\"site\",\"id\":\"A\"}\n", &seen, &count, &error), RC_BAD_INPUT);
    assert_int_equal(error.line, 2);
    assert_string_equal(error.text, "no such thing");
}

static void take_hash(const struct seen *seen, char *ret_hash)
{
    json_t *body = json_loads(seen->body, 0, NULL);
    assert_non_null(body);
    assert_null(json_object_get(body, "pin"));
    snprintf(ret_hash, FEED_HASH_MAX + 1, "%s", json_string_value(json_object_get(body, "pin_hash")));
    json_decref(body);
}

static void pins_are_hashed_and_kept(void **state)
{
    (void)state;
    static const char WANG[] = "{\"type\":\"operator\",\"id\":\"wang\",\"pin\":\"2468\"}";
    static const char OTHER[] = "{\"type\":\"operator\",\"id\":\"wang\",\"pin\":\"2469\"}";
    struct seen seen = {0};
    struct feed_error error = {0};
    long count = 0;
    char first[FEED_HASH_MAX + 1], again[FEED_HASH_MAX + 1];
    assert_int_equal(read_text(WANG, &seen, &count, &error), RC_OK);
    take_hash(&seen, first);
    assert_null(strstr(seen.body, "2468"));
    assert_memory_equal(first, "$argon2id$v=19$m=8192,t=3,p=1$", 30);
    assert_int_equal(crypto_pwhash_str_verify(first, "2468", 4), 0);

    memcpy(seen.kept, first, sizeof first);
    assert_int_equal(read_text(WANG, &seen, &count, &error), RC_OK);
    take_hash(&seen, again);
    assert_string_equal(again, first);

    assert_int_equal(read_text(OTHER, &seen, &count, &error), RC_OK);
    take_hash(&seen, again);
    assert_string_not_equal(again, first);
    assert_int_equal(crypto_pwhash_str_verify(again, "2469", 4), 0);
}

static void one_line_alone(void **state)
{
    (void)state;
    struct feed_item item;
    struct feed_error error = {0};
    const char *line = "{\"type\":\"code\",\"code\":\"5901234123457\",\"gone\":true}";
    assert_int_equal(feed_parse(line, strlen(line), &item, &error, NULL), RC_OK);
    assert_true(item.gone);
    assert_string_equal(item.id, "plain:5901234123457");
    feed_item_free(&item);
    assert_int_equal(feed_parse("{}", 2, &item, &error, NULL), RC_BAD_INPUT);
    assert_string_equal(error.text, "member \"type\" is missing");
}

/* What a sentence quotes must neither act on a terminal nor break off inside a character. */
static void sentences_are_printable(void **state)
{
    (void)state;
    struct feed_item item;
    struct feed_error error = {0};
    const char *bell = "{\"type\":\"a\\u001b[2Jb\"}";
    assert_int_equal(feed_parse(bell, strlen(bell), &item, &error, NULL), RC_BAD_INPUT);
    assert_string_equal(error.text, "type \"a?[2Jb\" is not known here");
    char line[600] = "{\"type\":\"operator\",\"id\":\"x\",\"role\":\"";
    size_t used = strlen(line);
    for (int i = 0; i < 100; i++)
        used += (size_t)snprintf(line + used, sizeof line - used, "王");
    assert_int_equal(feed_parse(line, strlen(line), &item, &error, NULL), RC_BAD_INPUT);
    json_t *valid = json_string(error.text);
    assert_non_null(valid);
    json_decref(valid);
}

static void merging(void **state)
{
    (void)state;
    json_t *old = json_loads("{\"a\":1,\"b\":2}", 0, NULL), *change = json_loads("{\"b\":null,\"c\":[3]}", 0, NULL);
    json_t *merged = feed_merge(old, change), *fresh = feed_merge(NULL, change);
    char *text = json_dumps(merged, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(text, "{\"a\":1,\"c\":[3]}");
    free(text);
    text = json_dumps(fresh, JSON_COMPACT);
    assert_string_equal(text, "{\"c\":[3]}");
    free(text);
    assert_int_equal(json_object_size(old), 2);
    json_decref(old);
    json_decref(change);
    json_decref(merged);
    json_decref(fresh);
}

static void revisions(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {"{\"doc\":\"d\",\"no\":\"1\",\"lines\":[]}",
                                        "{\"no\":\"1\",\"lines\":[],\"doc\":\"d\"}",
                                        "{\"no\":\"1\",\"lines\":[],\"doc\":\"d\",\"rev\":\"x\",\"note\":null}",
                                        "{\"doc\":\"d\",\"no\":\"2\",\"lines\":[]}"};
    char rev[4][17];
    for (int i = 0; i < 4; i++) {
        json_t *document = json_loads(TEXTS[i], 0, NULL);
        assert_int_equal(strlen(feed_revision(document, rev[i])), 16);
        json_decref(document);
    }
    assert_string_equal(rev[0], rev[1]);
    assert_string_equal(rev[0], rev[2]);
    assert_string_not_equal(rev[0], rev[3]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_is_read),
        cmocka_unit_test(bad_lines_are_named),
        cmocka_unit_test(unknown_members_are_noted_and_left_out),
        cmocka_unit_test(line_ends_blanks_and_marks),
        cmocka_unit_test(a_line_at_its_limit),
        cmocka_unit_test(an_id_at_its_limit),
        cmocka_unit_test(the_sink_may_refuse),
        cmocka_unit_test(pins_are_hashed_and_kept),
        cmocka_unit_test(one_line_alone),
        cmocka_unit_test(sentences_are_printable),
        cmocka_unit_test(merging),
        cmocka_unit_test(revisions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
