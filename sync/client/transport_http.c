#include "sync/client/transport_http.h"
#include "sync/client/curl_late.h"
#include "sync/wire/body.h"
#include "sync/wire/limits.h"
#include <inttypes.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    CONNECT_MAX_MS = 10 * 1000,
    BUFFER_START_BYTES = 64 << 10,
    PIN_BYTES = WIRE_PIN_TEXT / 2,
    HEADERS_MAX = 512,
    RANGE_DIGITS_MAX = 18,
    RANGE_TEXT_MAX = 47,
    SLOW_BYTES = 256,
    PARTS_TIMEOUTS = 4,
    PART_BUFFER_BYTES = 256 << 10
};

struct transport_http {
    const struct curl_late *lib; /* NULL before the first exchange */
    CURL *curl;                  /* likewise */
    long timeout_ms;
    atomic_bool stopped;
    char *buffer; /* as it came; kept from one exchange to the next */
    size_t len, size;
    bool too_big;
    bool packed;                  /* the reply says Content-Encoding: zstd */
    const struct sync_sink *sink; /* of the exchange in hand, with where its bytes begin */
    int64_t from, begins, skip;   /* asked for; what the reply says; still to be passed over */
    int64_t sunk;                 /* bytes that the sink took */
    enum rc sink_rc;
    const struct sync_request *request; /* in hand, until all of it is on its way; else NULL */
    int pin;                            /* which of two the server's key had when it was last spoken to */
    char pin_text[WIRE_PIN_TEXT + 1];   /* the same, "" over plain HTTP */
    void *expanded;                     /* of the last reply */
};

enum rc transport_http_new(long timeout_ms, struct transport_http **ret_http)
{
    struct transport_http *http = calloc(1, sizeof(*http));
    if (!http)
        return RC_NOMEM;
    http->timeout_ms = timeout_ms;
    atomic_init(&http->stopped, false);
    *ret_http = http;
    return RC_OK;
}

void transport_http_free(struct transport_http *http)
{
    if (!http)
        return;
    if (http->curl)
        http->lib->curl_easy_cleanup(http->curl);
    free(http->buffer);
    free(http->expanded);
    free(http);
}

void transport_http_stop(struct transport_http *http)
{
    atomic_store(&http->stopped, true);
}

/* The reply is what was asked for; an intermediary may have left out that only a part was. */
static bool is_part(const struct transport_http *http)
{
    long status = 0;
    http->lib->curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
    return status == 200 || status == 206;
}

static size_t take_part(struct transport_http *http, const char *data, size_t len)
{
    if (http->packed || http->begins > http->from) {
        http->sink_rc = RC_PEER;
        return 0;
    }
    if (http->sunk == 0 && http->skip < 0)
        http->skip = http->from - http->begins;
    size_t over = http->skip < (int64_t)len ? (size_t)http->skip : len;
    http->skip -= (int64_t)over;
    if (over < len)
        http->sink_rc = http->sink->put(http->sink->context, data + over, len - over);
    if (http->sink_rc != RC_OK)
        return 0;
    http->sunk += (int64_t)(len - over);
    return len;
}

static size_t take_body(char *data, size_t unit, size_t count, void *context)
{
    struct transport_http *http = context;
    size_t len = unit * count, need = http->len + len;
    if (http->sink && is_part(http))
        return take_part(http, data, len);
    if (need > PAGE_BODY_MAX) {
        http->too_big = true;
        return 0;
    }
    if (need > http->size) {
        size_t size = http->size ? http->size : BUFFER_START_BYTES;
        while (size < need)
            size *= 2;
        char *bigger = realloc(http->buffer, size);
        if (!bigger)
            return 0;
        http->buffer = bigger;
        http->size = size;
    }
    memcpy(http->buffer + http->len, data, len);
    http->len = need;
    return len;
}

static int64_t leading_number(const char *text, size_t len)
{
    int64_t number = 0;
    for (size_t i = 0; i < len && i < RANGE_DIGITS_MAX && text[i] >= '0' && text[i] <= '9'; i++)
        number = number * 10 + (text[i] - '0');
    return number;
}

static size_t take_header(char *data, size_t unit, size_t count, void *context)
{
    static const char name[] = "content-encoding:", range[] = "content-range: bytes ";
    struct transport_http *http = context;
    size_t len = unit * count, at = sizeof(name) - 1;
    if (len >= 5 && strncmp(data, "HTTP/", 5) == 0)
        http->packed = false; /* another status line: what an interim reply said is over */
    if (len > at && strncasecmp(data, name, at) == 0) {
        while (at < len && data[at] == ' ')
            at++;
        http->packed = len - at >= 4 && strncasecmp(data + at, "zstd", 4) == 0;
    }
    if (len > sizeof(range) - 1 && strncasecmp(data, range, sizeof(range) - 1) == 0)
        http->begins = leading_number(data + sizeof(range) - 1, len - (sizeof(range) - 1));
    return len;
}

static int watch(void *context, curl_off_t down, curl_off_t down_now, curl_off_t up, curl_off_t up_now)
{
    struct transport_http *http = context;
    const struct sync_request *request = http->request;
    (void)down, (void)down_now;
    if (request && up > 0 && up_now == up) {
        http->request = NULL;
        request->meanwhile(request->meanwhile_context);
    }
    return atomic_load(&http->stopped);
}

static bool is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
           (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == strlen(host));
}

/* Whether this address may be spoken to in this way: TLS by pin, or nobody else on the line. */
static enum rc check_url(const struct curl_late *lib, const char *url, const struct sync_request *request)
{
    bool pinned = request->pins[0] && request->pins[0][0];
    char *scheme = NULL, *host = NULL;
    CURLU *parsed = lib->curl_url();
    enum rc rc = RC_NOMEM;
    if (!parsed)
        return rc;
    rc = RC_BAD_INPUT;
    if (lib->curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
        lib->curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        lib->curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
        bool tls = strcmp(scheme, "https") == 0;
        bool plain = strcmp(scheme, "http") == 0;
        rc = (tls && pinned) || (plain && is_loopback(host)) ? RC_OK : RC_REFUSED;
    }
    lib->curl_free(scheme);
    lib->curl_free(host);
    lib->curl_url_cleanup(parsed);
    return rc;
}

/* libcurl wants "sha256//BASE64". One pin at a time, so that it is known which one the server's key has. */
static enum rc set_pin(const struct curl_late *lib, CURL *curl, const char *pin)
{
    char base64[sodium_base64_ENCODED_LEN(PIN_BYTES, sodium_base64_VARIANT_ORIGINAL)];
    char text[sizeof("sha256//") + sizeof(base64)];
    uint8_t hash[PIN_BYTES];
    size_t len = 0;
    if (!pin || !pin[0])
        return RC_OK;
    if (sodium_hex2bin(hash, sizeof(hash), pin, strlen(pin), NULL, &len, NULL) != 0 || len != PIN_BYTES)
        return RC_BAD_INPUT;
    sodium_bin2base64(base64, sizeof(base64), hash, len, sodium_base64_VARIANT_ORIGINAL);
    snprintf(text, sizeof(text), "sha256//%s", base64);
    lib->curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L); /* by pin alone */
    lib->curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    return lib->curl_easy_setopt(curl, CURLOPT_PINNEDPUBLICKEY, text) == CURLE_OK ? RC_OK : RC_NOMEM;
}

static bool add_header(const struct curl_late *lib, struct curl_slist **headers, const char *text)
{
    struct curl_slist *more = lib->curl_slist_append(*headers, text);
    if (more)
        *headers = more;
    return more;
}

static bool make_headers(const struct curl_late *lib, const struct sync_request *request, struct curl_slist **headers)
{
    char bearer[HEADERS_MAX];
    /* no Expect: a handheld's link is slow, and a refusal of a body is rare */
    bool done = add_header(lib, headers, "Accept-Encoding: zstd") && add_header(lib, headers, "Expect:") &&
                add_header(lib, headers, "Content-Type: application/json");
    if (done && request->zstd)
        done = add_header(lib, headers, "Content-Encoding: zstd");
    if (done && request->bearer) {
        int len = snprintf(bearer, sizeof(bearer), "Authorization: Bearer %s", request->bearer);
        done = len > 0 && (size_t)len < sizeof(bearer) && add_header(lib, headers, bearer);
        sodium_memzero(bearer, sizeof(bearer));
    }
    return done;
}

/* A part of a file takes the time that the link needs, as long as something comes; but records wait for it. */
static void set_time(const struct transport_http *http, const struct sync_request *request)
{
    const struct curl_late *lib = http->lib;
    char range[RANGE_TEXT_MAX + 1];
    lib->curl_easy_setopt(http->curl, CURLOPT_TIMEOUT_MS, http->timeout_ms * (request->sink ? PARTS_TIMEOUTS : 1));
    if (!request->sink)
        return;
    snprintf(range, sizeof(range), "%" PRId64 "-%" PRId64, request->from, request->to);
    lib->curl_easy_setopt(http->curl, CURLOPT_RANGE, range); /* copied */
    lib->curl_easy_setopt(http->curl, CURLOPT_BUFFERSIZE, (long)PART_BUFFER_BYTES);
    lib->curl_easy_setopt(http->curl, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
    lib->curl_easy_setopt(http->curl, CURLOPT_LOW_SPEED_TIME, http->timeout_ms / 1000 + 1);
}

static enum rc configure(struct transport_http *http, const char *address, const struct sync_request *request,
                         const struct curl_slist *headers)
{
    const struct curl_late *lib = http->lib;
    CURL *curl = http->curl;
    lib->curl_easy_reset(curl); /* keeps the connection */
    if (lib->curl_easy_setopt(curl, CURLOPT_URL, address) != CURLE_OK ||
        lib->curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) != CURLE_OK ||
        lib->curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK ||
        lib->curl_easy_setopt(curl, CURLOPT_PROXY, "") != CURLE_OK)
        return RC_NOMEM;
    lib->curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    set_time(http, request);
    lib->curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                          http->timeout_ms < CONNECT_MAX_MS ? http->timeout_ms : (long)CONNECT_MAX_MS);
    lib->curl_easy_setopt(curl, CURLOPT_HTTP_CONTENT_DECODING, 0L);
    lib->curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    lib->curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    lib->curl_easy_setopt(curl, CURLOPT_WRITEDATA, http);
    lib->curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    lib->curl_easy_setopt(curl, CURLOPT_HEADERDATA, http);
    lib->curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    lib->curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch);
    lib->curl_easy_setopt(curl, CURLOPT_XFERINFODATA, http);
    if (strcmp(request->method, "POST") == 0) {
        lib->curl_easy_setopt(curl, CURLOPT_POST, 1L);
        lib->curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body ? request->body : "");
        lib->curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
    }
    return set_pin(lib, curl, request->pins[http->pin]);
}

/* What libcurl's result means to a clerk: nobody there, or somebody else. */
static enum rc result(const struct transport_http *http, CURLcode code)
{
    static const CURLcode peer[] = {CURLE_UNSUPPORTED_PROTOCOL,
                                    CURLE_WEIRD_SERVER_REPLY,
                                    CURLE_TOO_MANY_REDIRECTS,
                                    CURLE_PEER_FAILED_VERIFICATION,
                                    CURLE_SSL_CONNECT_ERROR,
                                    CURLE_SSL_CIPHER,
                                    CURLE_SSL_PINNEDPUBKEYNOTMATCH,
                                    CURLE_HTTP2,
                                    CURLE_CHUNK_FAILED,
                                    CURLE_BAD_CONTENT_ENCODING};
    if (code == CURLE_OK)
        return RC_OK;
    if (http->sink_rc != RC_OK)
        return http->sink_rc;
    if (code == CURLE_OPERATION_TIMEDOUT && http->sunk > 0)
        return RC_OK; /* a slow link, not a dead one: the next part is asked for */
    if (http->too_big)
        return RC_PEER;
    for (size_t i = 0; i < sizeof(peer) / sizeof(peer[0]); i++)
        if (code == peer[i])
            return RC_PEER;
    return code == CURLE_OUT_OF_MEMORY || code == CURLE_WRITE_ERROR ? RC_NOMEM : RC_NET;
}

static enum rc read_reply(struct transport_http *http, struct sync_reply *ret_reply)
{
    long status = 0;
    http->lib->curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
    struct sync_reply reply = {
        .status = (int)status, .body = http->len ? http->buffer : "", .body_len = http->len, .pin = http->pin_text};
    if (http->packed && !http->sink) {
        size_t len;
        enum rc rc = body_expand(http->buffer, http->len, PAGE_BODY_MAX, &http->expanded, &len);
        if (rc != RC_OK)
            return rc == RC_NOMEM ? rc : RC_PEER;
        reply.body = http->expanded;
        reply.body_len = len;
    }
    *ret_reply = reply;
    return RC_OK;
}

static enum rc open_library(struct transport_http *http)
{
    http->lib = curl_late();
    http->curl = http->lib ? http->lib->curl_easy_init() : NULL;
    return http->curl ? RC_OK : RC_NET;
}

/* One try, against one pin. */
static enum rc perform(struct transport_http *http, const char *address, const struct sync_request *request,
                       const struct curl_slist *headers, CURLcode *ret_code)
{
    http->len = 0;
    http->too_big = http->packed = false;
    http->sink = request->sink;
    http->from = request->from;
    http->begins = http->sunk = 0;
    http->skip = -1;
    http->sink_rc = RC_OK;
    http->request = request->meanwhile ? request : NULL;
    enum rc rc = configure(http, address, request, headers);
    if (rc == RC_OK)
        *ret_code =
            atomic_load(&http->stopped) ? CURLE_ABORTED_BY_CALLBACK : http->lib->curl_easy_perform(http->curl);
    http->request = NULL;
    return rc;
}

/* The server may have gone over to its next key. */
static enum rc perform_by_pins(struct transport_http *http, const char *address, const struct sync_request *request,
                               const struct curl_slist *headers)
{
    CURLcode code = CURLE_OK;
    if (!request->pins[http->pin] || !request->pins[http->pin][0])
        http->pin = 0; /* another server, or a server with one key */
    const char *other = request->pins[!http->pin];
    enum rc rc = perform(http, address, request, headers, &code);
    if (rc == RC_OK && code == CURLE_SSL_PINNEDPUBKEYNOTMATCH && other && other[0]) {
        http->pin = !http->pin;
        rc = perform(http, address, request, headers, &code);
    }
    bool tls = strncasecmp(address, "https:", 6) == 0;
    snprintf(http->pin_text, sizeof(http->pin_text), "%s", tls ? request->pins[http->pin] : "");
    return rc == RC_OK ? result(http, code) : rc;
}

static enum rc exchange(void *context, const char *url, const struct sync_request *request,
                        struct sync_reply *ret_reply)
{
    struct transport_http *http = context;
    char address[WIRE_URL_MAX + 160];
    int len = snprintf(address, sizeof(address), "%s%s", url, request->path);
    if (len < 0 || (size_t)len >= sizeof(address))
        return RC_TOO_BIG;
    enum rc rc = http->curl ? RC_OK : open_library(http);
    if (rc == RC_OK)
        rc = check_url(http->lib, url, request);
    if (rc != RC_OK)
        return rc;
    free(http->expanded);
    http->expanded = NULL;
    struct curl_slist *headers = NULL;
    rc = make_headers(http->lib, request, &headers) ? perform_by_pins(http, address, request, headers) : RC_NOMEM;
    if (rc == RC_OK)
        rc = read_reply(http, ret_reply);
    http->lib->curl_easy_reset(http->curl); /* the headers go now, and with them a token */
    http->lib->curl_slist_free_all(headers);
    return rc;
}

struct sync_transport transport_http_port(struct transport_http *http)
{
    return (struct sync_transport){.context = http, .exchange = exchange, .ranges = true};
}
