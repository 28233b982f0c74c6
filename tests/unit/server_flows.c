#include "tests/unit/server_flows.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBERS_MAX = 4000 };

static const char FEED[] =
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"Centre\",\"kind\":\"warehouse\"}\n"
    "{\"type\":\"site\",\"id\":\"CDX\",\"name\":\"North\",\"kind\":\"warehouse\"}\n"
    "{\"type\":\"site\",\"id\":\"CDQ\",\"name\":\"Cage\",\"kind\":\"quarantine\"}\n"
    "{\"type\":\"party\",\"id\":\"D-1\",\"name\":\"Rongcheng\",\"kind\":\"dealer\"}\n"
    "{\"type\":\"product\",\"id\":\"B\",\"name\":\"Kit\",\"gtin\":[\"05901234123457\"],\"control\":\"item\","
    "\"pack\":[{\"level\":1,\"name\":\"case\",\"contains\":2}]}\n";

int flows_stage_open(void **state, const char *feed)
{
    struct flows_stage *stage = calloc(1, sizeof *stage);
    server_world_open(&stage->world);
    server_world_tell(&stage->world, FEED);
    server_world_tell(&stage->world, feed);
    handheld_new(&stage->world, "CDB", &stage->a);
    handheld_new(&stage->world, "CDB", &stage->b);
    handheld_new(&stage->world, "CDB", &stage->reader);
    stage->codes = json_object();
    *state = stage;
    return 0;
}

int flows_stage_close(void **state)
{
    struct flows_stage *stage = *state;
    handheld_free(&stage->a);
    handheld_free(&stage->b);
    handheld_free(&stage->reader);
    json_decref(stage->codes);
    server_world_close(&stage->world);
    free(stage);
    return 0;
}

int64_t flows_open(struct handheld *handheld, const char *doc, const char *flow, const char *more)
{
    char members[MEMBERS_MAX];
    snprintf(members, sizeof members, "\"doc\":\"%s\",\"no\":\"%s\",\"flow\":\"%s\",\"rev\":\"\"%s", doc, doc, flow,
             more);
    return handheld_note(handheld, "open", members);
}

int64_t flows_scan(struct handheld *handheld, const char *doc, const char *flow, const char *key, const char *more)
{
    char members[MEMBERS_MAX], raw[256];
    const char *text = strncmp(key, "plain:", 6) == 0 ? key + 6 : key;
    sodium_bin2base64(raw, sizeof raw, (const uint8_t *)text, strlen(text), sodium_base64_VARIANT_ORIGINAL);
    bool judged = strstr(more, "\"severity\"") != NULL, counted = strstr(more, "\"alloc\"") != NULL;
    snprintf(
        members, sizeof members,
        "\"doc\":\"%s\",\"no\":\"%s\",\"flow\":\"%s\",\"raw\":\"%s\",\"aim\":\"\",\"typed\":true,\"key\":\"%s\",%s%s"
        "\"findings\":[]%s",
        doc, doc, flow, raw, key, judged ? "" : "\"reason\":\"ok\",\"severity\":\"accept\",",
        counted ? ""
                : "\"product\":\"B\",\"lot\":\"\",\"qty\":\"1\",\"alloc\":[{\"line\":\"\",\"product\":\"B\","
                  "\"qty\":\"1\",\"lot\":\"\"}],",
        more);
    return handheld_note(handheld, "scan", members);
}

int64_t flows_complete(struct handheld *handheld, const char *doc, const char *flow, const char *more)
{
    char members[MEMBERS_MAX];
    snprintf(
        members, sizeof members,
        "\"doc\":\"%s\",\"no\":\"%s\",\"flow\":\"%s\",\"close\":\"complete\",\"close_no\":1,\"short_reason\":null,"
        "\"counted\":null,\"header\":{}%s",
        doc, doc, flow, more);
    return handheld_note(handheld, "complete", members);
}

int64_t flows_refer(struct handheld *handheld, const char *kind, const char *doc, int64_t ref, const char *more)
{
    char members[MEMBERS_MAX];
    snprintf(members, sizeof members, "\"doc\":\"%s\",\"ref\":%" PRId64 "%s", doc, ref, more);
    return handheld_note(handheld, kind, members);
}

const char *flows_told(struct handheld *handheld)
{
    assert_int_equal(handheld_push(handheld), 200);
    for (int64_t seq = handheld->seq - handheld->reply.count + 1; seq < handheld->seq; seq++)
        assert_string_equal(handheld_verdict(handheld, seq), "accepted");
    return handheld_verdict(handheld, handheld->seq);
}

/* What there is to pull; shares stand beside the codes as "share DOC|DEVICE". */
static void read_books(struct flows_stage *stage)
{
    bool more = true;
    size_t i;
    json_t *line;
    while (more) {
        json_t *page = handheld_pull(&stage->reader, &more, NULL);
        json_array_foreach(page, i, line)
        {
            const char *type = json_string_value(json_object_get(line, "type"));
            char name[300];
            if (strcmp(type, "code") == 0)
                json_object_set(stage->codes, json_string_value(json_object_get(line, "code")), line);
            if (strcmp(type, "share") != 0)
                continue;
            snprintf(name, sizeof name, "share %s|%d", json_string_value(json_object_get(line, "doc")),
                     (int)json_integer_value(json_object_get(line, "device")));
            json_object_set(stage->codes, name, line);
        }
        json_decref(page);
    }
}

const char *flows_code(struct flows_stage *stage, const char *key, const char *member)
{
    read_books(stage);
    const char *text = json_string_value(json_object_get(json_object_get(stage->codes, key), member));
    return text ? text : "";
}

char *flows_books(struct flows_stage *stage)
{
    const char *name;
    json_t *line, *books = json_object();
    read_books(stage);
    json_object_foreach(stage->codes, name, line)
    {
        if (strncmp(name, "share ", 6) != 0 && !json_is_true(json_object_get(line, "gone")))
            json_object_set(books, name, line);
    }
    char *text = json_dumps(books, JSON_SORT_KEYS | JSON_INDENT(1));
    json_decref(books);
    return text;
}

json_t *flows_share(struct flows_stage *stage, const char *doc, int64_t device)
{
    char name[300];
    read_books(stage);
    snprintf(name, sizeof name, "share %s|%" PRId64, doc, device);
    json_t *share = json_object_get(stage->codes, name);
    return json_is_true(json_object_get(share, "gone")) ? NULL : json_incref(share);
}

json_t *flows_result(struct flows_stage *stage, const char *no)
{
    json_t *results = server_world_list(&stage->world, "results"), *result, *found = NULL;
    size_t i;
    json_array_foreach(results, i, result)
    {
        if (strcmp(json_string_value(json_object_get(result, "no")), no) == 0)
            found = result;
    }
    json_incref(found);
    json_decref(results);
    return found;
}
