/* Fuzzes the server as devices reach it: the first byte names the request, the rest is its body, or its records, or its head.
 * Whatever comes, it is answered: with a message that the device reads, or with a refusal that has a word; never with `internal`.
 * Records are numbered, chained and signed as a device does it, so that what is in them is looked at; told twice, they are
 * answered the same. What pulls then tell is what a device takes. */
#include "app/catalog/feed.h"
#include "sync/server/admin.h"
#include "sync/server/api.h"
#include "sync/server/core.h"
#include "sync/server/stick.h"
#include "sync/wire/challenge.h"
#include "sync/wire/enrol.h"
#include "sync/wire/pull.h"
#include "sync/wire/push.h"
#include "sync/wire/refusal.h"
#include "sync/wire/session.h"
#include "sync/wire/trace.h"
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUTS_A_SERVER = 256, HEAD_FIELDS = 5, FIELD_ROOM = 600, FOLDER_BYTES = 64 };

/* Places, goods and papers that records may name. */
static const char FEED[] =
    "{\"type\":\"party\",\"id\":\"D-1\",\"name\":\"A\",\"kind\":\"dealer\"}\n"
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"B\",\"kind\":\"warehouse\"}\n"
    "{\"type\":\"site\",\"id\":\"Q\",\"name\":\"Q\",\"kind\":\"quarantine\"}\n"
    "{\"type\":\"region\",\"id\":\"510100\",\"name\":\"R\",\"parent\":null}\n"
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"C\",\"role\":\"supervisor\",\"site\":\"CDB\"}\n"
    "{\"type\":\"product\",\"id\":\"S\",\"name\":\"D\",\"gtin\":[\"05901234123457\"],\"unit\":\"u\",\"decimals\":0,"
    "\"control\":"
    "\"item\"}\n"
    "{\"type\":\"lot\",\"product\":\"S\",\"lot\":\"L1\",\"expires\":\"2031-01-10\",\"quality\":\"released\"}\n"
    "{\"type\":\"codes\",\"product\":\"S\",\"lot\":\"L1\",\"first\":\"(01)05901234123457(21)A00\",\"last\":\"(01)"
    "05901234123457"
    "(21)A99\",\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)B1\",\"product\":\"S\",\"in\":\"(00)069012340000000016\"}\n"
    "{\"type\":\"document\",\"source\":\"e\",\"doc\":\"1\",\"no\":\"SO-1\",\"flow\":\"outbound\",\"state\":\"open\","
    "\"from\":"
    "\"site:CDB\",\"to\":\"party:D-1\",\"lines\":[{\"line\":\"1\",\"product\":\"S\",\"qty\":\"9\"}]}\n";

static struct {
    struct server *server;
    char folder[FOLDER_BYTES], url[FOLDER_BYTES + 16], token[TOKEN_MAX + 1], cursor[CURSOR_TEXT_MAX + 1];
    uint8_t public_key[PUBLIC_KEY_BYTES], secret_key[SECRET_KEY_BYTES];
    int64_t device, epoch;
    int inputs;
} world;

static void demand(bool holds, const char *wrong)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz_server: %s\n", wrong);
    abort();
}

/* ---- a server, and a device in session ---- */

static int64_t now(void *context)
{
    (void)context;
    return 1795324353000;
}

static struct api_reply send(const struct api_request *request)
{
    struct api_reply reply;
    struct refusal refusal;
    api_handle(world.server, request, &reply);
    if (reply.status >= 400) {
        demand(refusal_decode(reply.body, reply.body_len, &refusal) == RC_OK, "a refusal without a word");
        demand(refusal.kind != REFUSAL_INTERNAL && refusal.kind != REFUSAL_BUSY, "its own fault");
    } else {
        demand(reply.status == 200 || reply.status == 206, "another status");
    }
    return reply;
}

static struct api_reply post(const char *path, const void *body, size_t len)
{
    struct api_request request = {
        .method = "POST", .path = path, .bearer = world.token, .body = len ? body : "", .body_len = len};
    return send(&request);
}

static void command(const char *input, char **ret_out, int count, const char *const *words)
{
    size_t len;
    FILE *in = input ? fmemopen((void *)(uintptr_t)input, strlen(input), "r") : NULL,
         *out = open_memstream(ret_out, &len);
    json_t *messages = json_array();
    demand(admin_run(world.server, count, words, in, out, messages) == 0, "a command failed");
    fclose(out);
    if (in)
        fclose(in);
    json_decref(messages);
}

static void enrol(void)
{
    static const char *const WORDS[] = {"enrol", "--site", "CDB", "--url", "http://127.0.0.1:1"};
    static const uint8_t SEED[crypto_sign_SEEDBYTES] = {1}; /* the same key each time: what it signed is good again */
    struct enrol_string string;
    struct enrol_request request;
    struct enrol_reply reply;
    char *out, *text;
    size_t len;
    crypto_sign_seed_keypair(world.public_key, world.secret_key, SEED);
    command(NULL, &out, 5, WORDS);
    demand(enrol_string_decode(strstr(out, "tallyman:1:"), &string) == RC_OK, "no string");
    free(out);
    memcpy(request.token, string.token, sizeof request.token);
    memcpy(request.public_key, world.public_key, sizeof request.public_key);
    demand(enrol_request_encode(&request, &text, &len) == RC_OK, "no request");
    struct api_reply answer = post("/v1/enrol", text, len);
    demand(enrol_reply_decode(answer.body, answer.body_len, &reply) == RC_OK, "not enrolled");
    world.device = reply.device;
    free(text);
    api_reply_free(&answer);
}

static void begin_session(void)
{
    struct challenge_request ask = {.device = world.device};
    struct challenge_reply nonce;
    struct session_request request = {.device = world.device};
    struct session_reply session;
    char *text;
    size_t len;
    demand(challenge_request_encode(&ask, &text, &len) == RC_OK, "no request");
    struct api_reply reply = post("/v1/challenge", text, len);
    demand(challenge_reply_decode(reply.body, reply.body_len, &nonce) == RC_OK, "no nonce");
    free(text);
    api_reply_free(&reply);
    memcpy(request.nonce, nonce.nonce, sizeof request.nonce);
    session_sign(world.secret_key, request.nonce, "", request.signature);
    demand(session_request_encode(&request, &text, &len) == RC_OK, "no request");
    reply = post("/v1/session", text, len);
    demand(session_reply_decode(reply.body, reply.body_len, &session) == RC_OK, "no session");
    free(text);
    api_reply_free(&reply);
    memcpy(world.token, session.token, sizeof world.token);
}

static void remove_files(void)
{
    static const char *const NAMES[] = {"db", "db-wal", "db-shm"};
    char path[FOLDER_BYTES + 16];
    server_close(world.server);
    world.server = NULL;
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", world.folder, NAMES[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/db.snapshots", world.folder);
    rmdir(path);
    rmdir(world.folder);
}

/* In memory where there is such a file system: a new server comes now and then, so that no input builds on many others. */
static void begin_server(void)
{
    static const char *const WORDS[] = {"import", "-"};
    struct server_options options = {.url = world.url, .quiet = true, .now_ms = now};
    char *out;
    if (world.server)
        remove_files();
    else
        demand(sodium_init() >= 0 && atexit(remove_files) == 0, "no beginning");
    snprintf(world.folder, sizeof world.folder, "%s/tallyman-fuzz-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    demand(mkdtemp(world.folder) != NULL, "no folder");
    snprintf(world.url, sizeof world.url, "sqlite:%s/db", world.folder);
    demand(server_open(&options, &world.server) == RC_OK, "no server");
    command(FEED, &out, 2, WORDS);
    free(out);
    world.token[0] = world.cursor[0] = '\0';
    world.epoch = 0;
    enrol();
    begin_session();
}

/* ---- what is said to it ---- */

/* Method, path, cursor, range and bearer, a line each; an empty one is none, the bearer `!` the good one. What follows is the body. */
static void check_head(const uint8_t *data, size_t size)
{
    static char fields[HEAD_FIELDS][FIELD_ROOM];
    const char *given[HEAD_FIELDS];
    for (int i = 0; i < HEAD_FIELDS; i++) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t len = end ? (size_t)(end - data) : size, kept = len < FIELD_ROOM ? len : FIELD_ROOM - 1;
        memcpy(fields[i], data, kept);
        fields[i][kept] = '\0'; /* no header holds a NUL */
        data += len + (end != NULL);
        size -= len + (end != NULL);
        given[i] = fields[i][0] ? fields[i] : NULL;
    }
    const char *bearer = given[4] && strcmp(given[4], "!") == 0 ? world.token : given[4];
    struct api_request request = {.method = given[0] ? given[0] : "GET",
                                  .path = given[1] ? given[1] : "/",
                                  .cursor = given[2],
                                  .range = given[3],
                                  .bearer = bearer,
                                  .body = size ? (const void *)data : "",
                                  .body_len = size,
                                  .accepts_zstd = false};
    struct api_reply reply;
    if (api_let_in(world.server, &request, size, &reply))
        reply = send(&request);
    api_reply_free(&reply);
}

static void check_body(const char *path, const uint8_t *data, size_t size, bool zstd)
{
    struct api_request request = {.method = "POST",
                                  .path = path,
                                  .bearer = world.token,
                                  .body = size ? (const void *)data : "",
                                  .body_len = size,
                                  .zstd = zstd};
    struct api_reply reply = send(&request);
    api_reply_free(&reply);
}

/* A line that begins as an object says who wrote it, and which it is, as a device would. */
static size_t write_records(const uint8_t *data, size_t size, char *lines, size_t room, struct push_request *request)
{
    size_t len = 0;
    while (size > 0 && request->count < BATCH_MAX) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t own = end ? (size_t)(end - data) : size, from = len;
        bool object = own > 1 && data[0] == '{' && data[1] == '"';
        if (object)
            len +=
                (size_t)snprintf(lines + len, room - len, "{\"device\":%" PRId64 ",\"epoch\":%" PRId64 ",\"seq\":%d,",
                                 world.device, world.epoch, request->count + 1);
        memcpy(lines + len, data + object, own - object);
        len += own - object;
        chain_next(request->head, lines + from, len - from, request->head);
        lines[len++] = '\n';
        request->count++;
        data += own + (end != NULL);
        size -= own + (end != NULL);
    }
    return len;
}

static void check_verdicts(const struct api_reply *reply, const struct push_request *request,
                           struct push_reply *ret_push)
{
    demand(push_reply_decode(reply->body, reply->body_len, ret_push) == RC_OK, "a push's answer can't be read");
    demand(ret_push->count == request->count && ret_push->acked == request->count, "not each record has a verdict");
}

static void check_pull(void)
{
    struct api_request request = {
        .method = "GET", .path = "/v1/pull", .bearer = world.token, .cursor = world.cursor[0] ? world.cursor : NULL};
    struct api_reply reply = send(&request);
    struct pull_reply page;
    demand(pull_reply_decode(reply.body, reply.body_len, &page) == RC_OK, "a page can't be read");
    const char *at = page.lines;
    for (int i = 0; i < page.count; i++) {
        const char *end = strchr(at, '\n');
        struct feed_error error = {0};
        struct feed_item item;
        enum rc rc = feed_parse(at, (size_t)(end - at), &item, &error, NULL);
        if (rc != RC_OK)
            fprintf(stderr, "fuzz_server: %s: %.*s\n", error.text, (int)(end - at), at);
        demand(rc == RC_OK, "a page tells what a device does not take");
        feed_item_free(&item);
        at = end + 1;
    }
    memcpy(world.cursor, page.cursor, sizeof world.cursor);
    api_reply_free(&reply);
}

static void check_records(const uint8_t *data, size_t size)
{
    static struct push_reply once, twice;
    size_t room = 2 * size + BATCH_MAX * 80, len;
    char *lines = malloc(room), *text;
    struct push_request request = {.epoch = ++world.epoch, .first = 1, .lines = lines};
    demand(lines != NULL, "no memory");
    request.lines_len = write_records(data, size, lines, room, &request);
    push_sign(world.secret_key, world.device, &request);
    if (request.count > 0 && push_request_encode(&request, &text, &len) == RC_OK) {
        struct api_reply reply = post("/v1/push", text, len), again = post("/v1/push", text, len);
        demand(reply.status == again.status, "told twice it is answered otherwise");
        if (reply.status == 200) {
            check_verdicts(&reply, &request, &once);
            check_verdicts(&again, &request, &twice);
            demand(memcmp(once.verdicts, twice.verdicts, sizeof once.verdicts[0] * (size_t)once.count) == 0,
                   "told twice the verdicts are others");
        }
        api_reply_free(&again);
        api_reply_free(&reply);
        free(text);
        check_pull();
    }
    free(lines);
}

static void check_stick(const uint8_t *data, size_t size)
{
    struct stick_result result;
    uint8_t none = 0;
    FILE *stream = fmemopen(size ? (void *)(uintptr_t)data : &none, size ? size : 1, "r");
    demand(stream != NULL, "no stream");
    pthread_mutex_lock(&world.server->lock);
    enum rc rc = stick_take(world.server, stream, &result);
    pthread_mutex_unlock(&world.server->lock);
    demand(rc == RC_OK || rc == RC_BAD_INPUT || rc == RC_REFUSED || rc == RC_TOO_BIG, "a stick is taken or refused");
    fclose(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (world.inputs++ % INPUTS_A_SERVER == 0)
        begin_server();
    uint8_t what = *data++;
    size--;
    switch (what) {
    case 'E': check_body("/v1/enrol", data, size, false); break;
    case 'C': check_body("/v1/challenge", data, size, false); break;
    case 'S': check_body("/v1/session", data, size, false); break;
    case 'T': check_body("/v1/trace", data, size, false); break;
    case 'P': check_body("/v1/push", data, size, false); break;
    case 'Z': check_body("/v1/push", data, size, true); break;
    case 'H': check_head(data, size); break;
    case 'K': check_stick(data, size); break;
    case 'R': check_records(data, size); break;
    }
    return 0;
}
