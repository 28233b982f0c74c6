#include "tests/unit/server_dealers.h"
#include "sync/wire/pull.h"
#include "sync/wire/refusal.h"
#include "sync/wire/trace.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

#define OPERATOR(id, role, site)                                                                                     \
    "{\"type\":\"operator\",\"id\":\"" id "\",\"name\":\"" id "\",\"role\":\"" role "\",\"site\":\"" site            \
    "\",\"pin_hash\":\"$argon2id$v=19$m=8192,t=3,p=1$AAAA$AAAA\"}\n"

const char DEALERS_FEED[] =
    "{\"type\":\"region\",\"id\":\"510000\",\"name\":\"Sichuan\"}\n"
    "{\"type\":\"region\",\"id\":\"510100\",\"name\":\"Chengdu\",\"parent\":\"510000\"}\n"
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"Centre\",\"kind\":\"warehouse\"}\n"
    "{\"type\":\"site\",\"id\":\"CDQ\",\"name\":\"Cage\",\"kind\":\"quarantine\"}\n"
    "{\"type\":\"site\",\"id\":\"DS1\",\"name\":\"Yard\",\"kind\":\"dealer\",\"party\":\"D-1\"}\n"
    "{\"type\":\"site\",\"id\":\"SS1\",\"name\":\"Shed\",\"kind\":\"dealer\",\"party\":\"S-1\"}\n"
    "{\"type\":\"site\",\"id\":\"DS2-FOREIGN\",\"name\":\"FOREIGN-yard\",\"kind\":\"dealer\",\"party\":\"D-2\"}\n"
    "{\"type\":\"party\",\"id\":\"D-1\",\"name\":\"Rongcheng\",\"kind\":\"dealer\",\"region\":\"510100\"}\n"
    "{\"type\":\"party\",\"id\":\"S-1\",\"name\":\"Pidu\",\"kind\":\"sub-dealer\",\"parent\":\"D-1\"}\n"
    "{\"type\":\"party\",\"id\":\"D-2\",\"name\":\"FOREIGN-Leshan\",\"kind\":\"dealer\",\"region\":\"510100\"}\n"
    "{\"type\":\"party\",\"id\":\"S-2\",\"name\":\"FOREIGN-Emei\",\"kind\":\"sub-dealer\",\"parent\":\"D-2\"}\n"
    "{\"type\":\"party\",\"id\":\"K-FOREIGN\",\"name\":\"Cart\",\"kind\":\"carrier\"}\n"
    "{\"type\":\"territory\",\"party\":\"D-1\",\"product\":null,\"regions\":[\"510100\"]}\n"
    "{\"type\":\"territory\",\"party\":\"D-2\",\"product\":null,\"regions\":[\"FOREIGN-511100\"]}\n"
    "{\"type\":\"permit\",\"from\":\"D-2\",\"to\":\"D-3-FOREIGN\",\"product\":\"B\",\"qty\":\"7\"}\n"
    "{\"type\":\"product\",\"id\":\"B\",\"name\":\"Kit\",\"gtin\":[\"05901234123457\"],\"control\":\"item\","
    "\"pack\":[{\"level\":1,\"name\":\"case\",\"contains\":2}]}\n"
    "{\"type\":\"lot\",\"product\":\"B\",\"lot\":\"L1\",\"expires\":\"2027-01-10\",\"quality\":\"released\","
    "\"facts\":{\"factory\":\"Works 4\",\"line\":\"7\"}}\n"
    "{\"type\":\"stock\",\"holder\":\"site:DS1\",\"product\":\"B\",\"lot\":null,\"qty\":\"5\"}\n"
    "{\"type\":\"stock\",\"holder\":\"party:D-2\",\"product\":\"B\",\"lot\":\"FOREIGN-lot\",\"qty\":\"5\"}\n"
    "{\"type\":\"stock\",\"holder\":\"site:CDB\",\"product\":\"B\",\"lot\":\"FOREIGN-own\",\"qty\":\"5\"}\n"
    "{\"type\":\"policy\",\"site\":\"DS1\",\"registry\":\"strict\"}\n"
    "{\"type\":\"policy\",\"site\":\"DS2-FOREIGN\",\"registry\":\"off\"}\n" OPERATOR("chen", "dealer", "DS1")
        OPERATOR("FOREIGN-wu", "dealer", "DS2-FOREIGN") OPERATOR(
            "FOREIGN-clerk", "clerk",
            "CDB") "{\"type\":\"operator\",\"id\":\"FOREIGN-boss\",\"name\":\"Boss\",\"role\":\"supervisor\","
                   "\"pin_hash\":\"$argon2id$v=19$m=8192,t=3,p=1$AAAA$AAAA\"}\n"

    DOCUMENT("1", "site:CDB", "party:D-1") DOCUMENT("2", "site:DS1", "party:S-1")
        DOCUMENT("3-FOREIGN", "site:CDB", "party:D-2") DOCUMENT("4-FOREIGN", "site:CDB", "site:DS2-FOREIGN")
    /* the owner's, each dealer's, and in cases */
    CODE(ITEM("OWN-FOREIGN"), HERE) CODE(ITEM("MINE1"), "\"product\":\"B\",\"holder\":\"site:DS1\"") CODE(
        ITEM("SUBS1"),
        "\"product\":\"B\",\"holder\":\"party:S-1\"") CODE(ITEM("COMING1"),
                                                           "\"product\":\"B\",\"holder\":\"transit:party:D-1\"")
        CODE(ITEM("FOREIGN1"), "\"product\":\"B\",\"holder\":\"party:D-2\"") CODE(
            ITEM("FOREIGN2"),
            "\"product\":\"B\",\"holder\":\"site:DS2-FOREIGN\"") CODE(SSCC_1, "\"level\":1,\"holder\":\"site:CDB\"")
            CODE(ITEM("CASED1"), "\"product\":\"B\",\"lot\":\"L1\",\"in\":\"" SSCC_1
                                 "\"") CODE(ITEM("CASED2"), "\"product\":\"B\",\"lot\":\"L1\",\"in\":\"" SSCC_1 "\"")
                CODE(SSCC_2, "\"level\":1,\"holder\":\"transit:party:D-2\"") CODE(
                    ITEM("FOREIGN3"),
                    "\"product\":\"B\",\"in\":\"" SSCC_2
                    "\"") "{\"type\":\"codes\",\"product\":\"B\",\"first\":\"(01)05901234123457(21)FOREIGNR0001\","
                          "\"last\":\"(01)05901234123457(21)FOREIGNR0099\",\"holder\":\"party:D-2\"}\n"
                          "{\"type\":\"codes\",\"product\":\"B\",\"first\":\"(01)05901234123457(21)RUN0001\","
                          "\"last\":\"(01)05901234123457(21)RUN0099\",\"holder\":\"party:D-1\"}\n"
                          "{\"type\":\"recall\",\"id\":\"R-1\",\"product\":\"B\",\"codes\":[\"" ITEM(
                              "FOREIGN1") "\",\"" ITEM("MINE1") "\"],\"reason\":\"leak\"}\n"
                                                                "{\"type\":\"recall\",\"id\":\"R-2\",\"product\":"
                                                                "\"B\",\"codes\":[\"" ITEM(
                                                                    "FOREIGN2") "\"],\"reason\":\"leak\"}\n";

void dealers_open(struct dealers *dealers, const char *feed)
{
    server_world_open(&dealers->world);
    server_world_tell(&dealers->world, DEALERS_FEED);
    if (feed[0])
        server_world_tell(&dealers->world, feed);
    handheld_new(&dealers->world, "CDB", &dealers->clerk);
    handheld_new(&dealers->world, "DS1", &dealers->one);
    handheld_new(&dealers->world, "DS2-FOREIGN", &dealers->two);
}

void dealers_close(struct dealers *dealers)
{
    handheld_free(&dealers->clerk);
    handheld_free(&dealers->one);
    handheld_free(&dealers->two);
    server_world_close(&dealers->world);
}

void dealers_ship(struct dealers *dealers, const char *doc, const char *key, const char *to)
{
    char more[256];
    snprintf(more, sizeof more, ",\"from\":\"site:CDB\",\"to\":\"%s\",\"lines\":[]", to);
    flows_open(&dealers->clerk, doc, "outbound", more);
    flows_scan(&dealers->clerk, doc, "outbound", key, "");
    flows_complete(&dealers->clerk, doc, "outbound", "");
    assert_string_equal(flows_told(&dealers->clerk), "accepted");
}

/* The answer's status; 200: page filled. */
static int pull(struct handheld *handheld, struct pull_reply *page, struct api_reply *answer)
{
    struct api_request request = {.method = "GET",
                                  .path = "/v1/pull",
                                  .cursor = handheld->cursor[0] ? handheld->cursor : NULL,
                                  .bearer = handheld->token};
    api_handle(handheld->world->server, &request, answer);
    if (answer->status == 200)
        assert_int_equal(pull_reply_decode(answer->body, answer->body_len, page), RC_OK);
    return answer->status;
}

static void add_lines(json_t *array, const char *lines, size_t len)
{
    const char *end = lines + len;
    while (lines < end) {
        const char *stop = memchr(lines, '\n', (size_t)(end - lines));
        json_t *row = json_loadb(lines, (size_t)(stop - lines), 0, NULL);
        assert_non_null(row);
        json_array_append_new(array, row);
        lines = stop + 1;
    }
}

json_t *dealers_pull(struct handheld *handheld, int *ret_again)
{
    json_t *all = json_array();
    struct pull_reply page = {.more = true};
    int again = 0;
    while (page.more) {
        struct api_reply answer;
        int status = pull(handheld, &page, &answer);
        if (status == 410) {
            assert_true(++again < 3);
            handheld->cursor[0] = '\0';
            json_array_clear(all);
        } else {
            assert_int_equal(status, 200);
            snprintf(handheld->cursor, sizeof handheld->cursor, "%s", page.cursor);
            add_lines(all, page.lines, page.lines_len);
        }
        api_reply_free(&answer);
    }
    if (ret_again)
        *ret_again = again;
    return all;
}

json_t *dealers_trace(struct handheld *handheld, const char *key, char *ret_error)
{
    struct trace_request request = {0};
    struct trace_reply reply;
    struct refusal refusal;
    struct api_reply answer;
    json_t *rows = NULL;
    char *text;
    size_t len;
    snprintf(request.key, sizeof request.key, "%s", key);
    assert_int_equal(trace_request_encode(&request, &text, &len), RC_OK);
    int status = server_world_send(handheld->world, "POST", "/v1/trace", handheld->token, text, len, &answer);
    free(text);
    if (status == 200) {
        assert_int_equal(trace_reply_decode(answer.body, answer.body_len, &reply), RC_OK);
        rows = json_array();
        add_lines(rows, reply.lines, reply.lines_len);
    } else {
        assert_int_equal(refusal_decode(answer.body, answer.body_len, &refusal), RC_OK);
        snprintf(ret_error, WORD_MAX + 1, "%s", refusal_word(refusal.kind));
    }
    api_reply_free(&answer);
    return rows;
}
