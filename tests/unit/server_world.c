#include "tests/unit/server_world.h"
#include "sync/server/admin.h"
#include "sync/wire/challenge.h"
#include "sync/wire/enrol.h"
#include "sync/wire/pull.h"
#include "sync/wire/refusal.h"
#include "sync/wire/session.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <dirent.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int64_t server_world_now(void *context)
{
    return ((struct server_world *)context)->now_ms;
}

static void start(struct server_world *world)
{
    struct server_options options = {
        .url = world->url, .quiet = true, .clock_context = world, .now_ms = server_world_now};
    char snapshots[sizeof world->folder + sizeof "/server.db.snapshots"];
    snprintf(snapshots, sizeof snapshots, "%s/server.db.snapshots", world->folder);
    if (!server_world_on_file(world))
        options.snapshots = snapshots; /* else that is where they are without it */
    assert_int_equal(server_open(&options, &world->server), RC_OK);
}

static void schema(const struct server_world *world, const char *format)
{
    char sql[128];
    PGconn *connection = PQconnectdb(getenv("TALLYMAN_TEST_DB"));
    PGresult *result;
    if (PQstatus(connection) != CONNECTION_OK)
        print_error("%s\n", PQerrorMessage(connection));
    assert_int_equal(PQstatus(connection), CONNECTION_OK);
    snprintf(sql, sizeof sql, "SET client_min_messages = warning; %s %s", format, world->schema);
    if (strstr(format, "DROP"))
        snprintf(sql + strlen(sql), sizeof sql - strlen(sql), " CASCADE");
    result = PQexec(connection, sql);
    assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
    PQclear(result);
    PQfinish(connection);
}

void server_world_open(struct server_world *world)
{
    static int count;
    const char *base = getenv("TALLYMAN_TEST_DB");
    *world = (struct server_world){.folder = "/tmp/tallyman-server-XXXXXX", .now_ms = 1795324353000};
    assert_non_null(mkdtemp(world->folder));
    if (base && base[0]) {
        snprintf(world->schema, sizeof world->schema, "t%ld_%d", (long)getpid(), ++count);
        schema(world, "CREATE SCHEMA");
        snprintf(world->url, sizeof world->url, "%s%capplication_name=%s_a&options=-csearch_path%%3D%s", base,
                 strchr(base, '?') ? '&' : '?', world->schema, world->schema);
    } else {
        snprintf(world->url, sizeof world->url, "sqlite:%s/server.db", world->folder);
    }
    start(world);
}

bool server_world_on_file(const struct server_world *world)
{
    return !world->schema[0];
}

void server_world_reopen(struct server_world *world)
{
    server_close(world->server);
    start(world);
}

void server_world_close(struct server_world *world)
{
    char path[512];
    const struct dirent *entry;
    server_close(world->server);
    if (world->schema[0])
        schema(world, "DROP SCHEMA");
    DIR *folder = opendir(world->folder);
    while (folder && (entry = readdir(folder))) {
        snprintf(path, sizeof path, "%s/%s", world->folder, entry->d_name);
        unlink(path);
    }
    if (folder)
        closedir(folder);
    rmdir(world->folder);
}

int server_world_run(struct server_world *world, const char *input, char **ret_out, char **ret_said,
                     const char *const *words)
{
    char *text = NULL;
    size_t len = 0;
    int count = 0;
    FILE *in = input ? fmemopen((void *)(uintptr_t)input, strlen(input), "r") : NULL,
         *out = open_memstream(&text, &len);
    json_t *messages = json_array();
    while (words[count])
        count++;
    int status = admin_run(world->server, count, words, in, out, messages);
    fclose(out);
    if (in)
        fclose(in);
    if (ret_out)
        *ret_out = text;
    else
        free(text);
    if (ret_said)
        *ret_said = json_dumps(messages, 0);
    json_decref(messages);
    return status;
}

void server_world_tell(struct server_world *world, const char *feed)
{
    char *said;
    int status = server_world_run(world, feed, NULL, &said, (const char *const[]){"import", "-", NULL});
    if (status)
        print_error("%s\n", said);
    free(said);
    assert_int_equal(status, 0);
}

static json_t *json_lines(const char *text)
{
    json_t *array = json_array();
    while (*text) {
        const char *end = strchr(text, '\n');
        assert_non_null(end);
        json_t *row = json_loadb(text, (size_t)(end - text), 0, NULL);
        assert_non_null(row);
        json_array_append_new(array, row);
        text = end + 1;
    }
    return array;
}

json_t *server_world_list(struct server_world *world, const char *command)
{
    char *out;
    assert_int_equal(server_world_run(world, NULL, &out, NULL, (const char *const[]){command, NULL}), 0);
    json_t *array = json_lines(out);
    free(out);
    return array;
}

int server_world_send(struct server_world *world, const char *method, const char *path, const char *bearer,
                      const void *body, size_t len, struct api_reply *ret_reply)
{
    struct api_request request = {.method = method, .path = path, .bearer = bearer, .body = body, .body_len = len};
    api_handle(world->server, &request, ret_reply);
    return ret_reply->status;
}

static void enrol(struct handheld *handheld, const char *site)
{
    struct enrol_string string;
    struct enrol_request request;
    struct enrol_reply reply;
    struct api_reply answer;
    char *out, *text;
    size_t len;
    const char *words[] = {"enrol", "--site", site, "--url", "http://127.0.0.1:1", NULL};
    assert_int_equal(server_world_run(handheld->world, NULL, &out, NULL, words), 0);
    assert_int_equal(enrol_string_decode(strstr(out, "tallyman:1:"), &string), RC_OK);
    free(out);
    crypto_sign_keypair(handheld->public_key, handheld->secret_key);
    snprintf(request.token, sizeof request.token, "%s", string.token);
    memcpy(request.public_key, handheld->public_key, sizeof request.public_key);
    assert_int_equal(enrol_request_encode(&request, &text, &len), RC_OK);
    assert_int_equal(server_world_send(handheld->world, "POST", "/v1/enrol", NULL, text, len, &answer), 200);
    assert_int_equal(enrol_reply_decode(answer.body, answer.body_len, &reply), RC_OK);
    assert_string_equal(reply.site, site);
    handheld->device = reply.device;
    free(text);
    api_reply_free(&answer);
}

void handheld_session(struct handheld *handheld)
{
    struct challenge_request ask = {.device = handheld->device};
    struct challenge_reply nonce;
    struct session_request request = {.device = handheld->device};
    struct session_reply reply;
    struct api_reply answer;
    char *text;
    size_t len;
    assert_int_equal(challenge_request_encode(&ask, &text, &len), RC_OK);
    assert_int_equal(server_world_send(handheld->world, "POST", "/v1/challenge", NULL, text, len, &answer), 200);
    assert_int_equal(challenge_reply_decode(answer.body, answer.body_len, &nonce), RC_OK);
    free(text);
    api_reply_free(&answer);
    memcpy(request.nonce, nonce.nonce, sizeof request.nonce);
    session_sign(handheld->secret_key, request.nonce, "", request.signature);
    assert_int_equal(session_request_encode(&request, &text, &len), RC_OK);
    assert_int_equal(server_world_send(handheld->world, "POST", "/v1/session", NULL, text, len, &answer), 200);
    assert_int_equal(session_reply_decode(answer.body, answer.body_len, &reply), RC_OK);
    snprintf(handheld->token, sizeof handheld->token, "%s", reply.token);
    free(text);
    api_reply_free(&answer);
}

void handheld_new(struct server_world *world, const char *site, struct handheld *ret_handheld)
{
    *ret_handheld = (struct handheld){.world = world, .epoch = 1, .lines = malloc(WORLD_LINES_MAX)};
    assert_non_null(ret_handheld->lines);
    snprintf(ret_handheld->site, sizeof ret_handheld->site, "%s", site);
    enrol(ret_handheld, site);
    handheld_session(ret_handheld);
}

void handheld_free(struct handheld *handheld)
{
    free(handheld->lines);
}

int64_t handheld_note(struct handheld *handheld, const char *kind, const char *members)
{
    char *body = handheld->lines + handheld->len;
    size_t room = WORLD_LINES_MAX - handheld->len;
    int len = snprintf(body, room,
                       "{\"device\":%" PRId64 ",\"epoch\":%" PRId64 ",\"seq\":%" PRId64
                       ",\"at\":\"2026-11-22T13:12:33.123+08:00\",\"mono\":1,\"kind\":\"%s\",\"operator\":\"wang\","
                       "\"site\":\"%s\"%s%s}\n",
                       handheld->device, handheld->epoch, handheld->seq + 1, kind, handheld->site,
                       members[0] ? "," : "", members);
    assert_true(len > 0 && (size_t)len < room);
    chain_next(handheld->head, body, (size_t)len - 1, handheld->head);
    handheld->len += (size_t)len;
    return ++handheld->seq;
}

int64_t handheld_open(struct handheld *handheld, const char *doc)
{
    char members[512];
    snprintf(members, sizeof members,
             "\"doc\":\"%s\",\"no\":\"SO-1\",\"flow\":\"outbound\",\"rev\":\"\",\"from\":\"site:CDB\",\"to\":\"party:"
             "D-1\","
             "\"lines\":[{\"line\":\"m,7\",\"product\":\"SKU-B200\",\"qty\":\"2\",\"tolerance\":\"0\",\"lot\":null}]",
             doc);
    return handheld_note(handheld, "open", members);
}

int64_t handheld_scan(struct handheld *handheld, const char *doc, const char *serial, const char *severity,
                      const char *reason)
{
    char members[900], raw[128], plain[64];
    int len = snprintf(plain, sizeof plain, "010590123412345721%s", serial);
    sodium_bin2base64(raw, sizeof raw, (const uint8_t *)plain, (size_t)len, sodium_base64_VARIANT_ORIGINAL);
    snprintf(
        members, sizeof members,
        "\"doc\":\"%s\",\"no\":\"SO-1\",\"flow\":\"outbound\",\"raw\":\"%s\",\"aim\":\"]C1\",\"parser\":1,"
        "\"key\":\"(01)05901234123457(21)%s\",\"product\":\"SKU-B200\",\"lot\":\"\",\"level\":0,\"line\":\"m,7\","
        "\"reason\":\"%s\",\"severity\":\"%s\",\"findings\":[],\"qty\":\"1\",\"holder\":\"site:CDB\","
        "\"alloc\":[{\"line\":\"m,7\",\"qty\":\"1\",\"lot\":\"\"}]",
        doc, raw, serial, reason, severity);
    return handheld_note(handheld, "scan", members);
}

int64_t handheld_refer(struct handheld *handheld, const char *kind, const char *doc, int64_t ref)
{
    char members[300];
    snprintf(members, sizeof members, "\"doc\":\"%s\",\"no\":\"SO-1\",\"flow\":\"outbound\",\"ref\":%" PRId64, doc,
             ref);
    return handheld_note(handheld, kind, members);
}

int64_t handheld_complete(struct handheld *handheld, const char *doc)
{
    char members[400];
    snprintf(members, sizeof members,
             "\"doc\":\"%s\",\"no\":\"SO-1\",\"flow\":\"outbound\",\"close\":\"complete\",\"close_no\":1,"
             "\"short_reason\":null,\"counted\":{\"cases\":\"0\",\"loose\":\"2\"},\"header\":{\"plate\":\"川A\"},"
             "\"set_aside\":false,\"supervisor\":null",
             doc);
    return handheld_note(handheld, "complete", members);
}

/* Where the body of a record begins. */
static const char *line_at(const struct handheld *handheld, int64_t seq)
{
    const char *line = handheld->lines;
    for (int64_t at = 1; at < seq; at++)
        line = strchr(line, '\n') + 1;
    return line;
}

void handheld_pack(const struct handheld *handheld, int64_t first, char **ret_text, size_t *ret_len)
{
    const char *lines = line_at(handheld, first);
    struct push_request request = {.epoch = handheld->epoch,
                                   .first = first,
                                   .count = (int)(handheld->seq - first + 1),
                                   .lines = lines,
                                   .lines_len = handheld->len - (size_t)(lines - handheld->lines)};
    memcpy(request.head, handheld->head, sizeof request.head);
    push_sign(handheld->secret_key, handheld->device, &request);
    assert_int_equal(push_request_encode(&request, ret_text, ret_len), RC_OK);
}

int handheld_push_from(struct handheld *handheld, int64_t first)
{
    struct api_reply answer;
    struct refusal refusal;
    char *text;
    size_t len;
    handheld_pack(handheld, first, &text, &len);
    int status = server_world_send(handheld->world, "POST", "/v1/push", handheld->token, text, len, &answer);
    handheld->error[0] = '\0';
    if (status == 200) {
        assert_int_equal(push_reply_decode(answer.body, answer.body_len, &handheld->reply), RC_OK);
        assert_int_equal(handheld->reply.count, handheld->seq - first + 1);
        handheld->pushed = handheld->seq;
    } else {
        assert_int_equal(refusal_decode(answer.body, answer.body_len, &refusal), RC_OK);
        snprintf(handheld->error, sizeof handheld->error, "%s", refusal_word(refusal.kind));
        handheld->expected = refusal.kind == REFUSAL_FORK ? refusal.seq : refusal.expected;
    }
    free(text);
    api_reply_free(&answer);
    return status;
}

int handheld_push(struct handheld *handheld)
{
    return handheld_push_from(handheld, handheld->pushed + 1);
}

const char *handheld_verdict(const struct handheld *handheld, int64_t seq)
{
    const struct push_verdict *verdict = &handheld->reply.verdicts[seq - (handheld->seq - handheld->reply.count + 1)];
    return verdict->outcome == PUSH_ACCEPTED ? "accepted" : verdict->word;
}

json_t *handheld_pull(struct handheld *handheld, bool *ret_more, int64_t *ret_applied)
{
    struct api_request request = {
        .method = "GET", .path = "/v1/pull", .cursor = handheld->cursor, .bearer = handheld->token};
    struct api_reply answer;
    struct pull_reply reply;
    api_handle(handheld->world->server, &request, &answer);
    assert_int_equal(answer.status, 200);
    assert_int_equal(pull_reply_decode(answer.body, answer.body_len, &reply), RC_OK);
    snprintf(handheld->cursor, sizeof handheld->cursor, "%s", reply.cursor);
    if (ret_more)
        *ret_more = reply.more;
    if (ret_applied)
        *ret_applied = reply.applied_seq;
    char *lines = strndup(reply.lines, reply.lines_len);
    json_t *page = json_lines(lines);
    free(lines);
    api_reply_free(&answer);
    return page;
}

json_t *page_find(json_t *page, const char *type, const char *member, const char *text)
{
    size_t i;
    json_t *line;
    json_array_foreach(page, i, line)
    {
        const char *found = json_string_value(json_object_get(line, member));
        if (strcmp(json_string_value(json_object_get(line, "type")), type) == 0 && found && strcmp(found, text) == 0)
            return line;
    }
    return NULL;
}
