/* The server over real HTTP on loopback: heads, bodies, limits, compression; and its socket for administration. */
#include "sync/server/admin.h"
#include "sync/server/adminsocket.h"
#include "sync/server/http.h"
#include "sync/wire/body.h"
#include "sync/wire/health.h"
#include "sync/wire/pull.h"
#include "sync/wire/refusal.h"
#include "tests/unit/server_world.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ANSWER_MAX = 1 << 20, TIMEOUT_S = 20 };

struct stage {
    struct server_world world;
    struct handheld a;
    struct http *http;
    CURL *curl;
    char answer[ANSWER_MAX];
    size_t len;
    char encoding[32];
};

static int setup(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    server_world_open(&stage->world);
    handheld_new(&stage->world, "CDB", &stage->a);
    assert_int_equal(http_start(stage->world.server, "127.0.0.1:0", NULL, &stage->http), RC_OK);
    stage->curl = curl_easy_init();
    *state = stage;
    return 0;
}

static int teardown(void **state)
{
    struct stage *stage = *state;
    curl_easy_cleanup(stage->curl);
    http_stop(stage->http);
    handheld_free(&stage->a);
    server_world_close(&stage->world);
    free(stage);
    return 0;
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct stage *stage = context;
    size_t len = size * count;
    assert_true(stage->len + len <= ANSWER_MAX);
    memcpy(stage->answer + stage->len, data, len);
    stage->len += len;
    return len;
}

static size_t on_header(char *data, size_t size, size_t count, void *context)
{
    static const char name[] = "Content-Encoding: ";
    struct stage *stage = context;
    if (size * count > sizeof name && strncasecmp(data, name, sizeof name - 1) == 0)
        snprintf(stage->encoding, sizeof stage->encoding, "%.*s", (int)strcspn(data + sizeof name - 1, "\r\n"),
                 data + sizeof name - 1);
    return size * count;
}

/* HTTP's status, 0 when none came. body NULL: GET. Headers are closed by NULL. */
static long call(struct stage *stage, const char *path, const void *body, size_t len, const char *const *headers)
{
    char url[200];
    long status = 0;
    struct curl_slist *list = NULL;
    stage->len = 0;
    stage->encoding[0] = '\0';
    snprintf(url, sizeof url, "%s%s", http_url(stage->http), path);
    curl_easy_reset(stage->curl);
    curl_easy_setopt(stage->curl, CURLOPT_URL, url);
    curl_easy_setopt(stage->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(stage->curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(stage->curl, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
    curl_easy_setopt(stage->curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(stage->curl, CURLOPT_WRITEDATA, stage);
    curl_easy_setopt(stage->curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(stage->curl, CURLOPT_HEADERDATA, stage);
    if (body) {
        curl_easy_setopt(stage->curl, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(stage->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
    }
    for (; *headers; headers++)
        list = curl_slist_append(list, *headers);
    curl_easy_setopt(stage->curl, CURLOPT_HTTPHEADER, list);
    if (curl_easy_perform(stage->curl) == CURLE_OK)
        curl_easy_getinfo(stage->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(list);
    return status;
}

static void expect_refusal(const struct stage *stage, enum refusal_kind kind)
{
    struct refusal refusal;
    assert_int_equal(refusal_decode(stage->answer, stage->len, &refusal), RC_OK);
    assert_int_equal(refusal.kind, kind);
    assert_string_equal(refusal.head.history, server_history(stage->world.server));
}

static void health_needs_no_session(void **state)
{
    struct stage *stage = *state;
    struct health_reply reply;
    assert_int_equal(call(stage, "/v1/health", NULL, 0, (const char *const[]){NULL}), 200);
    assert_int_equal(health_reply_decode(stage->answer, stage->len, &reply), RC_OK);
    assert_true(reply.ok);
}

static void refusals_come_as_json(void **state)
{
    struct stage *stage = *state;
    const char *const none[] = {NULL};
    assert_int_equal(call(stage, "/v2/health", NULL, 0, none), 404);
    expect_refusal(stage, REFUSAL_NOT_FOUND);
    assert_int_equal(call(stage, "/v1/health", "", 0, none), 405);
    expect_refusal(stage, REFUSAL_BAD_METHOD);
    assert_int_equal(call(stage, "/v1/pull", NULL, 0, none), 401);
    expect_refusal(stage, REFUSAL_NO_SESSION);
    assert_int_equal(call(stage, "/v1/pull", NULL, 0, (const char *const[]){"Authorization: Bearer x", NULL}), 401);
    expect_refusal(stage, REFUSAL_NO_SESSION);
}

static void a_large_body_is_refused_before_it_is_read(void **state)
{
    struct stage *stage = *state;
    size_t len = MESSAGE_BODY_MAX + 1;
    char *body = calloc(1, len);
    assert_int_equal(call(stage, "/v1/enrol", body, len, (const char *const[]){NULL}), 413);
    expect_refusal(stage, REFUSAL_TOO_BIG);
    /* chunked, it does not say so before: the connection ends */
    assert_int_equal(call(stage, "/v1/enrol", body, len, (const char *const[]){"Transfer-Encoding: chunked", NULL}),
                     0);
    free(body);
    assert_int_equal(server_refused(stage->world.server), 2);
    assert_int_equal(call(stage, "/v1/health", NULL, 0, (const char *const[]){NULL}), 200);
}

static void push_and_pull_compressed(void **state)
{
    struct stage *stage = *state;
    struct push_request request = {.epoch = 1, .first = 1, .count = 40};
    struct push_reply *reply = malloc(sizeof *reply);
    char bearer[200], *text;
    void *packed, *plain;
    size_t len, packed_len, plain_len;
    for (int i = 0; i < request.count; i++)
        handheld_note(&stage->a, "sign-in", "");
    request.lines = stage->a.lines;
    request.lines_len = stage->a.len;
    memcpy(request.head, stage->a.head, sizeof request.head);
    push_sign(stage->a.secret_key, stage->a.device, &request);
    assert_int_equal(push_request_encode(&request, &text, &len), RC_OK);
    assert_int_equal(body_compress(text, len, &packed, &packed_len), RC_OK);
    snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", stage->a.token);
    const char *const headers[] = {bearer, "Content-Encoding: zstd", "Accept-Encoding: zstd", NULL};
    assert_int_equal(call(stage, "/v1/push", packed, packed_len, headers), 200);
    assert_string_equal(stage->encoding, "zstd");
    assert_int_equal(body_expand(stage->answer, stage->len, PUSH_BODY_MAX, &plain, &plain_len), RC_OK);
    assert_int_equal(push_reply_decode(plain, plain_len, reply), RC_OK);
    assert_int_equal(reply->acked, 40);
    free(plain);
    assert_int_equal(call(stage, "/v1/push", text, len, headers), 400); /* said to be zstd, and is not */
    struct pull_reply page;
    assert_int_equal(call(stage, "/v1/pull", NULL, 0, (const char *const[]){bearer, NULL}), 200);
    assert_int_equal(pull_reply_decode(stage->answer, stage->len, &page), RC_OK);
    assert_int_equal(page.applied_seq, 40);
    assert_int_equal(call(stage, "/v1/pull?cursor=other-1-0-0", NULL, 0, (const char *const[]){bearer, NULL}), 410);
    expect_refusal(stage, REFUSAL_CURSOR_TOO_OLD);
    free(packed);
    free(text);
    free(reply);
}

static void only_loopback_and_real_addresses(void **state)
{
    struct stage *stage = *state;
    struct http *http = NULL;
    static const struct {
        const char *address;
        enum rc rc;
    } CASES[] = {{"0.0.0.0:0", RC_REFUSED}, {"8080", RC_USAGE},        {"localhost:0", RC_USAGE},
                 {"127.0.0.1:", RC_USAGE},  {"127.0.0.1:x", RC_USAGE}, {":0", RC_USAGE}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        assert_int_equal(http_start(stage->world.server, CASES[i].address, NULL, &http), CASES[i].rc);
    const char *taken = http_url(stage->http) + strlen("http://");
    assert_int_equal(http_start(stage->world.server, taken, NULL, &http), RC_BUSY);
}

struct asking {
    char path[200];
    int status;
    enum rc rc;
};

static void *ask(void *context)
{
    struct asking *asking = context;
    FILE *in = fmemopen((void *)(uintptr_t) "{\"type\":\"site\",\"id\":\"\"}\n", 24, "r");
    asking->rc = adminsocket_ask(asking->path, 2, (const char *const[]){"import", "-"}, in, &asking->status);
    fclose(in);
    return NULL;
}

static void commands_go_through_the_socket(void **state)
{
    struct stage *stage = *state;
    struct asking asking;
    pthread_t thread;
    int fd;
    snprintf(asking.path, sizeof asking.path, "%s/server.db.sock", stage->world.folder);
    assert_int_equal(adminsocket_ask(asking.path, 1, (const char *const[]){"devices"}, NULL, &asking.status),
                     RC_NOT_FOUND);
    assert_int_equal(adminsocket_listen(asking.path, &fd), RC_OK);
    pthread_create(&thread, NULL, ask, &asking);
    adminsocket_serve(stage->world.server, fd);
    pthread_join(thread, NULL);
    close(fd);
    assert_int_equal(asking.rc, RC_OK);
    assert_int_equal(asking.status, ADMIN_EXIT_FAILED); /* a site without an id */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(health_needs_no_session),
        TEST(refusals_come_as_json),
        TEST(a_large_body_is_refused_before_it_is_read),
        TEST(push_and_pull_compressed),
        TEST(only_loopback_and_real_addresses),
        TEST(commands_go_through_the_socket),
#undef TEST
    };
    curl_global_init(CURL_GLOBAL_DEFAULT);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    curl_global_cleanup();
    return failed;
}
