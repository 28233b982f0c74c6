/* The HTTP transport against sockets on loopback: servers that answer, that lie, that fall silent or are not there. */
#include "sync/client/transport_http.h"
#include "sync/wire/body.h"
#include "sync/wire/limits.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { TIMEOUT_MS = 5000, SHORT_MS = 300, REQUEST_MAX = 1 << 20 };

/* One connection, one answer. */
struct peer {
    int listener;
    char url[64];
    const void *answer; /* NULL: never says a word */
    size_t answer_len;
    char request[REQUEST_MAX];
    size_t request_len;
    atomic_bool ending;
    bool gated; /* no answer before `open` */
    atomic_bool whole, open;
    pthread_t thread;
};

/* Within some seconds. */
static bool wait_for(atomic_bool *flag)
{
    for (int i = 0; i < 1000 && !atomic_load(flag); i++)
        nanosleep(&(struct timespec){.tv_nsec = 5 * 1000 * 1000}, NULL);
    return atomic_load(flag);
}

static bool request_whole(const struct peer *peer)
{
    const char *body = strstr(peer->request, "\r\n\r\n");
    const char *length = strstr(peer->request, "Content-Length: ");
    size_t len = length ? strtoul(length + 16, NULL, 10) : 0;
    return body && peer->request_len >= (size_t)(body + 4 - peer->request) + len;
}

static void *serve(void *context)
{
    struct peer *peer = context;
    int fd = accept(peer->listener, NULL, NULL);
    while (fd >= 0 && !request_whole(peer)) {
        ssize_t got = recv(fd, peer->request + peer->request_len, REQUEST_MAX - 1 - peer->request_len, 0);
        if (got <= 0)
            break;
        peer->request_len += (size_t)got;
        peer->request[peer->request_len] = '\0';
    }
    atomic_store(&peer->whole, true);
    if (peer->gated && !wait_for(&peer->open))
        peer->answer_len = 0;
    for (size_t at = 0; fd >= 0 && at < peer->answer_len;) {
        ssize_t put = send(fd, (const char *)peer->answer + at, peer->answer_len - at, MSG_NOSIGNAL);
        if (put <= 0)
            break;
        at += (size_t)put;
    }
    while (!peer->answer && !atomic_load(&peer->ending))
        nanosleep(&(struct timespec){.tv_nsec = 5 * 1000 * 1000}, NULL);
    if (fd >= 0)
        close(fd);
    return NULL;
}

static struct peer *peer_begin(const void *answer, size_t len, bool gated)
{
    struct peer *peer = calloc(1, sizeof(*peer));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    peer->answer = answer;
    peer->answer_len = len;
    peer->gated = gated;
    peer->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(peer->listener, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(peer->listener, 4), 0);
    assert_int_equal(getsockname(peer->listener, (struct sockaddr *)&address, &size), 0);
    snprintf(peer->url, sizeof(peer->url), "http://127.0.0.1:%d", ntohs(address.sin_port));
    assert_int_equal(pthread_create(&peer->thread, NULL, serve, peer), 0);
    return peer;
}

static struct peer *peer_new(const void *answer, size_t len)
{
    return peer_begin(answer, len, false);
}

static struct peer *peer_gated(const void *answer, size_t len)
{
    return peer_begin(answer, len, true);
}

static void peer_free(struct peer *peer)
{
    atomic_store(&peer->ending, true);
    shutdown(peer->listener, SHUT_RDWR);
    pthread_join(peer->thread, NULL);
    close(peer->listener);
    free(peer);
}

/* One request to a peer with this answer; the reply's body is copied, NUL-ended, into *ret_body when it comes. */
static enum rc ask(const void *answer, size_t len, long timeout_ms, int *ret_status, char **ret_body)
{
    struct peer *peer = peer_new(answer, len);
    struct transport_http *http;
    assert_int_equal(transport_http_new(timeout_ms, &http), RC_OK);
    struct sync_transport port = transport_http_port(http);
    struct sync_request request = {.method = "GET", .path = "/v1/pull", .bearer = "token"};
    struct sync_reply reply;
    enum rc rc = port.exchange(port.context, peer->url, &request, &reply);
    if (rc == RC_OK) {
        *ret_status = reply.status;
        *ret_body = calloc(1, reply.body_len + 1);
        memcpy(*ret_body, reply.body, reply.body_len);
    }
    transport_http_free(http);
    peer_free(peer);
    return rc;
}

static void test_plain(void **state)
{
    (void)state;
    static const char answer[] = "HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n{}";
    int status = 0;
    char *body = NULL;
    assert_int_equal(ask(answer, strlen(answer), TIMEOUT_MS, &status, &body), RC_OK);
    assert_int_equal(status, 409);
    assert_string_equal(body, "{}");
    free(body);
}

/* Builds an answer with a zstd body of `len` spaces. */
static char *packed_answer(size_t len, size_t *ret_len)
{
    char *spaces = malloc(len);
    void *packed;
    size_t packed_len;
    memset(spaces, ' ', len);
    assert_int_equal(body_compress(spaces, len, &packed, &packed_len), RC_OK);
    char *answer = malloc(packed_len + 200);
    int head =
        snprintf(answer, 200, "HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\nContent-Length: %zu\r\n\r\n", packed_len);
    memcpy(answer + head, packed, packed_len);
    free(packed);
    free(spaces);
    *ret_len = (size_t)head + packed_len;
    return answer;
}

static void test_packed(void **state)
{
    (void)state;
    size_t len;
    int status = 0;
    char *body = NULL, *answer = packed_answer(PAGE_BODY_MAX, &len);
    assert_int_equal(ask(answer, len, TIMEOUT_MS, &status, &body), RC_OK);
    assert_int_equal(strlen(body), PAGE_BODY_MAX);
    free(body);
    free(answer);
    answer = packed_answer((size_t)PAGE_BODY_MAX + 1, &len); /* a bomb */
    assert_int_equal(ask(answer, len, TIMEOUT_MS, &status, &body), RC_PEER);
    free(answer);
}

static void test_not_a_server(void **state)
{
    (void)state;
    static const char *const peers[] = {"220 mail.example ESMTP\r\n", "SSH-2.0-OpenSSH_9.2\r\n",
                                        "HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\nContent-Length: 2\r\n\r\n{}"};
    int status;
    char *body;
    for (size_t i = 0; i < sizeof(peers) / sizeof(peers[0]); i++)
        assert_int_equal(ask(peers[i], strlen(peers[i]), TIMEOUT_MS, &status, &body), RC_PEER);
    static const char redirect[] = "HTTP/1.1 302 Found\r\nLocation: http://example.org/\r\nContent-Length: 0\r\n\r\n";
    assert_int_equal(ask(redirect, strlen(redirect), TIMEOUT_MS, &status, &body), RC_OK);
    assert_int_equal(status, 302); /* not followed */
    free(body);
}

static void test_no_answer(void **state)
{
    (void)state;
    int status;
    char *body;
    assert_int_equal(ask(NULL, 0, SHORT_MS, &status, &body), RC_NET);
    assert_int_equal(ask("", 0, TIMEOUT_MS, &status, &body), RC_NET);
    static const char cut[] = "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n{\"half";
    assert_int_equal(ask(cut, strlen(cut), TIMEOUT_MS, &status, &body), RC_NET);
}

static void test_endless_body(void **state)
{
    (void)state;
    size_t len = (size_t)PAGE_BODY_MAX + 1000;
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n";
    char *answer = malloc(len), *body;
    int status;
    memset(answer, ' ', len);
    memcpy(answer, head, strlen(head));
    assert_int_equal(ask(answer, len, TIMEOUT_MS, &status, &body), RC_PEER);
    free(answer);
}

static void test_request(void **state)
{
    (void)state;
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    struct peer *peer = peer_new(answer, strlen(answer));
    struct transport_http *http;
    assert_int_equal(transport_http_new(TIMEOUT_MS, &http), RC_OK);
    struct sync_transport port = transport_http_port(http);
    struct sync_request request = {
        .method = "POST", .path = "/v1/push", .bearer = "abc", .body = "xyz", .body_len = 3, .zstd = true};
    struct sync_reply reply;
    assert_int_equal(port.exchange(port.context, peer->url, &request, &reply), RC_OK);
    transport_http_free(http);
    assert_int_equal(strncmp(peer->request, "POST /v1/push HTTP/1.1\r\n", 24), 0);
    static const char *const headers[] = {"\r\nAuthorization: Bearer abc\r\n", "\r\nContent-Encoding: zstd\r\n",
                                          "\r\nAccept-Encoding: zstd\r\n", "\r\n\r\nxyz"};
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        assert_non_null(strstr(peer->request, headers[i]));
    assert_null(strstr(peer->request, "Expect"));
    peer_free(peer);
}

struct meanwhile {
    struct peer *peer;
    int times;
    bool whole;
};

static void be_busy(void *context)
{
    struct meanwhile *meanwhile = context;
    meanwhile->times++;
    meanwhile->whole = wait_for(&meanwhile->peer->whole);
    atomic_store(&meanwhile->peer->open, true);
}

/* There is something to do until the answer comes: once, and not before the request is out. */
static void test_meanwhile(void **state)
{
    (void)state;
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    static const size_t lengths[] = {1, 20000, 200000, 900000};
    static char body[900000];
    memset(body, 'x', sizeof(body));
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct peer *gated = peer_gated(answer, strlen(answer));
        struct meanwhile meanwhile = {.peer = gated};
        struct transport_http *http;
        assert_int_equal(transport_http_new(TIMEOUT_MS, &http), RC_OK);
        struct sync_transport port = transport_http_port(http);
        struct sync_request request = {.method = "POST",
                                       .path = "/v1/push",
                                       .body = body,
                                       .body_len = lengths[i],
                                       .meanwhile = be_busy,
                                       .meanwhile_context = &meanwhile};
        struct sync_reply reply;
        assert_int_equal(port.exchange(port.context, gated->url, &request, &reply), RC_OK);
        assert_int_equal(reply.status, 200);
        assert_int_equal(meanwhile.times, 1);
        assert_true(meanwhile.whole);
        transport_http_free(http);
        peer_free(gated);
    }
}

static void test_where_not_to_go(void **state)
{
    (void)state;
    struct transport_http *http;
    assert_int_equal(transport_http_new(SHORT_MS, &http), RC_OK);
    struct sync_transport port = transport_http_port(http);
    struct sync_request request = {.method = "GET", .path = "/v1/health"};
    struct sync_reply reply;
    static const struct {
        const char *url;
        enum rc rc;
    } rows[] = {{"http://192.0.2.1", RC_REFUSED},
                {"http://127.0.0.1.example.org", RC_REFUSED},
                {"https://127.0.0.1:1", RC_REFUSED},
                {"ftp://127.0.0.1", RC_REFUSED},
                {"http://localhost@192.0.2.1", RC_REFUSED},
                {"nonsense", RC_BAD_INPUT},
                {"http://127.0.0.1:1", RC_NET},
                {"http://[::1]:1", RC_NET}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(port.exchange(port.context, rows[i].url, &request, &reply), rows[i].rc);
    char pin[WIRE_PIN_TEXT + 1] = "";
    memset(pin, 'a', WIRE_PIN_TEXT);
    request.pins[0] = pin;
    assert_int_equal(port.exchange(port.context, "https://127.0.0.1:1", &request, &reply), RC_NET);
    transport_http_free(http);
}

/* TLS is spoken to something that speaks none. */
static void test_tls_peer(void **state)
{
    (void)state;
    static const char answer[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    struct peer *peer = peer_new(answer, strlen(answer));
    /* the hello is no HTTP request: answer at once */
    struct transport_http *http;
    char url[80], pin[WIRE_PIN_TEXT + 1] = "";
    memset(pin, 'a', WIRE_PIN_TEXT);
    snprintf(url, sizeof(url), "https%s", peer->url + 4);
    assert_int_equal(transport_http_new(SHORT_MS, &http), RC_OK);
    struct sync_transport port = transport_http_port(http);
    struct sync_request request = {.method = "GET", .path = "/v1/health", .pins = {pin, ""}};
    struct sync_reply reply;
    enum rc rc = port.exchange(port.context, url, &request, &reply);
    assert_true(rc == RC_PEER || rc == RC_NET);
    transport_http_free(http);
    peer_free(peer);
}

static void *stop_soon(void *context)
{
    nanosleep(&(struct timespec){.tv_nsec = 100 * 1000 * 1000}, NULL);
    transport_http_stop(context);
    return NULL;
}

static void test_stop(void **state)
{
    (void)state;
    struct peer *peer = peer_new(NULL, 0);
    struct transport_http *http;
    pthread_t thread;
    struct timespec from, to;
    assert_int_equal(transport_http_new(60 * 1000, &http), RC_OK);
    struct sync_transport port = transport_http_port(http);
    struct sync_request request = {.method = "GET", .path = "/v1/health"};
    struct sync_reply reply;
    clock_gettime(CLOCK_MONOTONIC, &from);
    pthread_create(&thread, NULL, stop_soon, http);
    assert_int_equal(port.exchange(port.context, peer->url, &request, &reply), RC_NET);
    clock_gettime(CLOCK_MONOTONIC, &to);
    assert_true(to.tv_sec - from.tv_sec < 10);
    assert_int_equal(port.exchange(port.context, peer->url, &request, &reply), RC_NET);
    pthread_join(thread, NULL);
    transport_http_free(http);
    peer_free(peer);
}

/* ---- parts of a file ---- */

struct sunk {
    char bytes[64];
    size_t len;
    enum rc rc;
};

static enum rc take(void *context, const void *bytes, size_t len)
{
    struct sunk *sunk = context;
    assert_true(sunk->len + len < sizeof(sunk->bytes));
    memcpy(sunk->bytes + sunk->len, bytes, len);
    sunk->len += len;
    return sunk->rc;
}

static enum rc ask_part(const char *answer, int64_t from, long timeout_ms, struct sunk *sunk, int *ret_status)
{
    struct peer *peer = peer_new(answer, strlen(answer));
    struct transport_http *http;
    const struct sync_sink sink = {sunk, take};
    assert_int_equal(transport_http_new(timeout_ms, &http), RC_OK);
    struct sync_transport port = transport_http_port(http);
    assert_true(port.ranges);
    struct sync_request request = {
        .method = "GET", .path = "/v1/snapshot/x", .bearer = "token", .sink = &sink, .from = from, .to = 9};
    struct sync_reply reply = {.status = 0};
    enum rc rc = port.exchange(port.context, peer->url, &request, &reply);
    *ret_status = reply.status;
    char range[48];
    snprintf(range, sizeof(range), "Range: bytes=%d-9\r\n", (int)from);
    assert_non_null(strstr(peer->request, range));
    transport_http_free(http);
    peer_free(peer);
    return rc;
}

static void test_parts(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        int from, status;
        enum rc rc;
        const char *sunk;
    } rows[] = {
        {"HTTP/1.1 206 P\r\nContent-Range: bytes 4-9/20\r\nContent-Length: 6\r\n\r\nefghij", 4, 206, RC_OK, "efghij"},
        /* cut: what came is of use */
        {"HTTP/1.1 206 P\r\nContent-Range: bytes 4-9/20\r\nContent-Length: 6\r\n\r\nefg", 4, 0, RC_NET, "efg"},
        /* somebody on the way dropped the range: what is here already is passed over */
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcdefghij", 4, 200, RC_OK, "efghij"},
        {"HTTP/1.1 206 P\r\ncontent-range: bytes 2-9/20\r\nContent-Length: 8\r\n\r\ncdefghij", 4, 206, RC_OK,
         "efghij"},
        {"HTTP/1.1 206 P\r\nContent-Range: bytes 5-9/20\r\nContent-Length: 5\r\n\r\nfghij", 4, 0, RC_PEER, ""},
        {"HTTP/1.1 206 P\r\nContent-Encoding: zstd\r\nContent-Length: 4\r\n\r\nabcd", 0, 0, RC_PEER, ""},
        {"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n{}", 4, 404, RC_OK, ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sunk sunk = {.len = 0};
        int status = 0;
        assert_int_equal(ask_part(rows[i].answer, rows[i].from, TIMEOUT_MS, &sunk, &status), rows[i].rc);
        assert_int_equal(status, rows[i].status);
        assert_string_equal(sunk.bytes, rows[i].sunk);
    }
    struct sunk full = {.rc = RC_DISK_FULL};
    int status = 0;
    assert_int_equal(ask_part(rows[0].answer, 4, TIMEOUT_MS, &full, &status), RC_DISK_FULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),        cmocka_unit_test(test_parts),     cmocka_unit_test(test_packed),
        cmocka_unit_test(test_not_a_server), cmocka_unit_test(test_no_answer), cmocka_unit_test(test_endless_body),
        cmocka_unit_test(test_request),      cmocka_unit_test(test_meanwhile), cmocka_unit_test(test_where_not_to_go),
        cmocka_unit_test(test_tls_peer),     cmocka_unit_test(test_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
