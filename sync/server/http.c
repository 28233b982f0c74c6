#include "sync/server/http.h"
#include "sync/server/core.h"
#include "sync/server/guests.h"
#include "sync/server/jobs.h"
#include "sync/server/metrics.h"
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <netdb.h>
#include <poll.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
    HOST_MAX = 63,
    PORT_TEXT_MAX = 7,
    CONNECTION_BYTES = 64 << 10,
    BODY_FIRST = 16 << 10,
    PRIORITIES_MAX = 63,
    RETRY_TEXT_MAX = 15,
    STOP_MAX_MS = 3000,
    OWN_FILES = 64,
    RANGE_TEXT_MAX = 79
};

/* GnuTLS's words for it */
static const char METRICS[] = "/metrics";
static const char PRIORITIES[] = "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
_Static_assert(sizeof PRIORITIES <= PRIORITIES_MAX + 1, "they fit");

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct http {
    struct MHD_Daemon *daemon;
    struct jobs *jobs;
    struct guests *guests;
    atomic_int open; /* requests whose answer has not gone out */
    struct server *server;
    char url[HTTP_URL_MAX + 1];
    char key[TLS_PEM_MAX + 1], certificate[TLS_PEM_MAX + 1], priorities[PRIORITIES_MAX + 1]; /* as long as it runs */
};

/* One request, from its head to its answer. */
struct exchange {
    struct job job;
    char *body;
    size_t len, room, max;
};

/* A file's bytes go from it to the connection piece by piece. The response takes the file. */
static struct MHD_Response *file_response(struct api_reply *reply)
{
    const struct api_file *file = &reply->file;
    char range[RANGE_TEXT_MAX + 1];
    int fd = dup(file->fd);
    struct MHD_Response *response =
        fd < 0 ? NULL : MHD_create_response_from_fd_at_offset64((uint64_t)file->len, fd, (uint64_t)file->from);
    if (!response) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    snprintf(range, sizeof range, "bytes %" PRId64 "-%" PRId64 "/%" PRId64, file->from, file->from + file->len - 1,
             file->size);
    MHD_add_response_header(response, "Accept-Ranges", "bytes");
    if (file->part)
        MHD_add_response_header(response, "Content-Range", range);
    return response;
}

static enum MHD_Result send_reply(struct MHD_Connection *connection, struct api_reply *reply)
{
    struct MHD_Response *response =
        reply->has_file ? file_response(reply)
                        : MHD_create_response_from_buffer(reply->body_len, reply->body, MHD_RESPMEM_MUST_COPY);
    char retry[RETRY_TEXT_MAX + 1];
    int status = reply->status, retry_s = reply->retry_s;
    const char *type = reply->type ? reply->type : reply->has_file ? "application/octet-stream" : "application/json";
    bool zstd = reply->zstd;
    api_reply_free(reply);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "Content-Type", type);
    MHD_add_response_header(response, "Cache-Control", "no-store");
    if (zstd)
        MHD_add_response_header(response, "Content-Encoding", "zstd");
    snprintf(retry, sizeof retry, "%d", retry_s);
    if (retry_s)
        MHD_add_response_header(response, "Retry-After", retry);
    enum MHD_Result done = MHD_queue_response(connection, (unsigned)status, response);
    MHD_destroy_response(response);
    return done;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static struct api_request read_head(struct MHD_Connection *connection, const char *url, const char *method)
{
    static const char scheme[] = "Bearer ";
    const char *encoding = header(connection, "Content-Encoding"), *accepts = header(connection, "Accept-Encoding"),
               *bearer = header(connection, "Authorization");
    return (struct api_request){
        .method = method,
        .path = url,
        .cursor = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "cursor"),
        .bearer = bearer && strncasecmp(bearer, scheme, sizeof scheme - 1) == 0 ? bearer + sizeof scheme - 1 : NULL,
        .zstd = encoding && strcasecmp(encoding, "zstd") == 0,
        .range = header(connection, "Range"),
        .accepts_zstd = accepts && strstr(accepts, "zstd")};
}

static struct guest *guest_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Refused by its head alone, a request's body is not read. */
static enum MHD_Result begin(struct http *http, struct MHD_Connection *connection, const struct api_request *request,
                             void **state)
{
    const char *length = header(connection, "Content-Length");
    unsigned long long said = length ? strtoull(length, NULL, 10) : 0;
    struct api_reply reply;
    if (!api_let_in(http->server, request, (size_t)said, &reply))
        return send_reply(connection, &reply);
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        return MHD_NO;
    exchange->max = api_body_max(request->path);
    atomic_fetch_add(&http->open, 1);
    guests_owe(http->guests, guest_of(connection), now_ms());
    *state = exchange;
    return MHD_YES;
}

/* False: more than may come (a chunked body does not say so before), or no memory. */
static bool take_body(struct exchange *exchange, const char *data, size_t len)
{
    if (exchange->len + len > exchange->max)
        return false;
    if (exchange->len + len > exchange->room) {
        size_t room = exchange->room ? 2 * exchange->room : BODY_FIRST;
        while (room < exchange->len + len)
            room *= 2;
        char *body = realloc(exchange->body, room);
        if (!body)
            return false;
        exchange->body = body;
        exchange->room = room;
    }
    memcpy(exchange->body + exchange->len, data, len);
    exchange->len += len;
    return true;
}

static bool is_loopback(const struct sockaddr *address)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    if (address->sa_family == AF_INET) {
        memcpy(&in, address, sizeof in);
        return (ntohl(in.sin_addr.s_addr) >> 24) == 127;
    }
    memcpy(&in6, address, sizeof in6);
    return address->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr);
}

/* On the jobs' thread; on_request is called again for the connection, and sends the answer. */
static void on_answered(struct job *job)
{
    MHD_resume_connection(job->context);
}

static enum MHD_Result submit(struct http *http, struct MHD_Connection *connection, struct exchange *exchange,
                              const struct api_request *request)
{
    exchange->job = (struct job){.request = *request, .context = connection};
    exchange->job.request.body = exchange->body ? exchange->body : "";
    exchange->job.request.body_len = exchange->len;
    guests_said(http->guests, guest_of(connection));
    MHD_suspend_connection(connection); /* before the other thread can wake it */
    if (jobs_add(http->jobs, &exchange->job))
        return MHD_YES;
    exchange->job.answered = true;
    MHD_resume_connection(connection);
    return MHD_YES;
}

/* Figures for who looks after this machine: what came through a proxy came from elsewhere. */
static bool is_local(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info && is_loopback(info->client_addr) && !header(connection, "X-Forwarded-For") &&
           !header(connection, "Forwarded");
}

static enum MHD_Result send_metrics(struct http *http, struct MHD_Connection *connection)
{
    struct api_reply reply;
    struct jobs_state state = jobs_state(http->jobs);
    metrics_reply(http->server, &state, &reply);
    return send_reply(connection, &reply);
}

void http_look(struct http *http)
{
    int ended = guests_look(http->guests, now_ms());
    if (!ended)
        return;
    atomic_fetch_add(&http->server->slow, ended);
    core_log(http->server, "slow", "%d connections ended that did not say a whole request in time", ended);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **guest,
                          enum MHD_ConnectionNotificationCode code)
{
    struct http *http = context;
    const union MHD_ConnectionInfo *info;
    switch (code) {
    case MHD_CONNECTION_NOTIFY_STARTED:
        info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        *guest = info ? guests_come(http->guests, info->connect_fd, now_ms()) : NULL;
        http_look(http);
        break;
    case MHD_CONNECTION_NOTIFY_CLOSED:
        guests_go(http->guests, *guest);
        *guest = NULL;
        break;
    }
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data, size_t *data_len,
                                  void **state)
{
    struct http *http = context;
    struct exchange *exchange = *state;
    struct api_request request = read_head(connection, url, method);
    struct api_reply reply;
    (void)version;
    if (!exchange && strcmp(url, METRICS) == 0 && strcmp(method, "GET") == 0 && is_local(connection))
        return send_metrics(http, connection);
    if (!exchange)
        return begin(http, connection, &request, state);
    if (*data_len) {
        if (!take_body(exchange, data, *data_len)) {
            /* no reply can be sent while a body comes in: it is counted, and the connection ends */
            if (!api_admit(http->server, &request, exchange->max + 1, &reply))
                api_reply_free(&reply);
            return MHD_NO;
        }
        *data_len = 0;
        return MHD_YES;
    }
    if (exchange->job.answered)
        return send_reply(connection, &exchange->job.reply);
    return submit(http, connection, exchange, &request);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    struct exchange *exchange = *state;
    struct http *http = context;
    (void)code;
    guests_owe(http->guests, guest_of(connection), now_ms());
    if (exchange) {
        atomic_fetch_sub(&http->open, 1);
        api_reply_free(&exchange->job.reply);
        free(exchange->body);
    }
    free(exchange);
    *state = NULL;
}

/* "HOST:PORT" or "[HOST]:PORT", numbers only. */
static enum rc resolve(const char *address, struct addrinfo **ret_info)
{
    char host[HOST_MAX + 1];
    const char *colon = strrchr(address, ':'), *from = address;
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE, .ai_socktype = SOCK_STREAM};
    size_t len = colon ? (size_t)(colon - address) : 0;
    if (len >= 2 && from[0] == '[' && from[len - 1] == ']') {
        from++;
        len -= 2;
    }
    if (!len || len > HOST_MAX || strlen(colon + 1) > PORT_TEXT_MAX || !colon[1])
        return RC_USAGE;
    snprintf(host, sizeof host, "%.*s", (int)len, from);
    return getaddrinfo(host, colon + 1, &hints, ret_info) ? RC_USAGE : RC_OK;
}

static void set_url(struct http *http, const struct addrinfo *info, const char *scheme)
{
    char host[HOST_MAX + 1] = "";
    const union MHD_DaemonInfo *port = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
    getnameinfo(info->ai_addr, info->ai_addrlen, host, sizeof host, NULL, 0, NI_NUMERICHOST);
    snprintf(http->url, sizeof http->url, info->ai_family == AF_INET6 ? "%s://[%s]:%u" : "%s://%s:%u", scheme, host,
             (unsigned)port->port);
}

/* Paths and cursors of this protocol need no escapes: as it was sent, or it is none. */
static size_t leave_escapes(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context, (void)connection;
    return strlen(text);
}

/* As many as this process may have files open, less those that it needs itself. */
static unsigned connections_max(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return HTTP_CONNECTIONS_MAX / 4;
    if (limit.rlim_cur < HTTP_CONNECTIONS_MAX + OWN_FILES) {
        limit.rlim_cur =
            limit.rlim_max < HTTP_CONNECTIONS_MAX + OWN_FILES ? limit.rlim_max : HTTP_CONNECTIONS_MAX + OWN_FILES;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
    rlim_t left = limit.rlim_cur > 2 * OWN_FILES ? limit.rlim_cur - OWN_FILES : OWN_FILES;
    return left < HTTP_CONNECTIONS_MAX ? (unsigned)left : HTTP_CONNECTIONS_MAX;
}

static enum rc start(struct http *http, const struct addrinfo *info, const struct tls_keys *keys)
{
    struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_KEY, 0, http->key},
                                   {MHD_OPTION_HTTPS_MEM_CERT, 0, http->certificate},
                                   {MHD_OPTION_HTTPS_PRIORITIES, 0, http->priorities},
                                   {MHD_OPTION_END, 0, NULL}};
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO | MHD_ALLOW_SUSPEND_RESUME;
    if (!keys && !is_loopback(info->ai_addr))
        return RC_REFUSED;
    if (info->ai_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    if (keys) {
        flags |= MHD_USE_TLS;
        memcpy(http->key, keys->key, sizeof http->key);
        memcpy(http->certificate, keys->certificate, sizeof http->certificate);
        memcpy(http->priorities, PRIORITIES, sizeof PRIORITIES);
    }
    http->guests = guests_new((int)connections_max());
    if (!http->guests || jobs_start(http->server, on_answered, &http->jobs))
        return RC_NOMEM;
    http->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, http, MHD_OPTION_SOCK_ADDR, info->ai_addr, MHD_OPTION_UNESCAPE_CALLBACK,
        leave_escapes, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_completed, http, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, http, MHD_OPTION_CONNECTION_LIMIT, connections_max(), MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)HTTP_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES, MHD_OPTION_ARRAY,
        keys ? tls : tls + COUNT(tls) - 1, MHD_OPTION_END);
    if (!http->daemon)
        return errno == EADDRINUSE ? RC_BUSY : RC_IO;
    set_url(http, info, keys ? "https" : "http");
    return RC_OK;
}

bool http_is_loopback(const char *address)
{
    struct addrinfo *info;
    if (resolve(address, &info))
        return false;
    bool loopback = is_loopback(info->ai_addr);
    freeaddrinfo(info);
    return loopback;
}

static void http_free(struct http *http)
{
    if (http) {
        jobs_stop(http->jobs);
        guests_free(http->guests);
        sodium_memzero(http->key, sizeof http->key);
    }
    free(http);
}

enum rc http_start(struct server *server, const char *address, const struct tls_keys *keys, struct http **ret_http)
{
    struct addrinfo *info;
    enum rc rc = resolve(address, &info);
    if (rc)
        return rc;
    struct http *http = calloc(1, sizeof *http);
    rc = RC_NOMEM;
    if (http) {
        http->server = server;
        rc = start(http, info, keys);
    }
    freeaddrinfo(info);
    if (rc)
        http_free(http);
    else
        *ret_http = http;
    return rc;
}

void http_stop(struct http *http)
{
    if (!http)
        return;
    int listener = MHD_quiesce_daemon(http->daemon); /* nobody new; */
    for (int ms = 0; ms < STOP_MAX_MS && atomic_load(&http->open); ms++)
        poll(NULL, 0, 1);  /* what is under way is answered; */
    jobs_stop(http->jobs); /* and what came in whole is done in any case */
    http->jobs = NULL;
    MHD_stop_daemon(http->daemon);
    if (listener >= 0)
        close(listener);
    http_free(http);
}

const char *http_url(const struct http *http)
{
    return http->url;
}
