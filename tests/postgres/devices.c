/* Many handhelds at once over real HTTP, each in a thread, against one or more servers of one database: each request goes to
 * any of them. Half of what a device scans all others scan as well, on documents that they share. What is refused for now is
 * sent again, until it is answered; now and then a batch is pushed once more.
 *
 *     devices SECONDS SEED SCANS URL … <STRINGS     one enrolment string a line: so many devices
 *
 * Prints what each device journaled and was told, and what those that pull have heard, for who compares:
 *     {"device":3,"seq":1,"outcome":0,"word":"","body":{…}}
 *     {"puller":3,"lines":[…]}, the feed as it came; {"fresh":3,"lines":[…]}, from its beginning, when all is done
 *     {"again":12,"silent":0}: exchanges that had to be repeated; refusals that did not say when */
#include "app/domain/chain.h"
#include "sync/wire/challenge.h"
#include "sync/wire/enrol.h"
#include "sync/wire/pull.h"
#include "sync/wire/push.h"
#include "sync/wire/session.h"
#include <curl/curl.h>
#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    DEVICES_MAX = 100,
    SERVERS_MAX = 4,
    STRING_MAX = 1500,
    SCANS_MAX = 400,
    ORDER_SCANS = 5, /* in one order of its own */
    RECORDS_MAX = 3 * SCANS_MAX + 4,
    BATCH_AT_MOST = 20,
    SHARED_DOCUMENTS = 5,
    PULLS_EVERY = 5, /* one device in so many pulls */
    PAUSE_MIN_US = 20000,
    PULL_PAUSE_US = 3000,
    PAUSE_SPREAD = 200000,
    EXCHANGE_MS = 20000,
    LINES_BYTES = 1 << 20
};

struct reply {
    char *data;
    size_t len;
};

struct device {
    int index;
    uint64_t dice;
    CURL *curl;
    struct enrol_string string;
    int64_t device, seq, pushed;
    uint8_t public_key[PUBLIC_KEY_BYTES], secret_key[SECRET_KEY_BYTES];
    char token[TOKEN_MAX + 1], cursor[CURSOR_TEXT_MAX + 1];
    uint8_t head[CHAIN_HASH_BYTES], heads[RECORDS_MAX][CHAIN_HASH_BYTES];
    struct push_verdict verdicts[RECORDS_MAX];
    char *lines;
    size_t len, at[RECORDS_MAX]; /* where each record begins */
    int contested[SCANS_MAX];
    json_t *heard;
    long again, silent;
    bool failed;
};

static const char *servers[SERVERS_MAX];
static int server_count, scans;
static atomic_int pushing; /* devices */
static double ends;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static unsigned draw(struct device *device, unsigned below)
{
    device->dice ^= device->dice << 13;
    device->dice ^= device->dice >> 7;
    device->dice ^= device->dice << 17;
    return (unsigned)(device->dice >> 33) % below;
}

static void fail(struct device *device, const char *doing, long status, const struct reply *reply)
{
    fprintf(stderr, "device %d: %s: %ld %.*s\n", device->index, doing, status, reply->data ? (int)reply->len : 0,
            reply->data ? reply->data : "");
    device->failed = true;
}

/* ---- one exchange ---- */

static size_t on_data(char *data, size_t one, size_t count, void *context)
{
    struct reply *reply = context;
    char *grown = realloc(reply->data, reply->len + count + 1);
    (void)one;
    if (!grown)
        return 0;
    memcpy(grown + reply->len, data, count);
    reply->data = grown;
    reply->len += count;
    grown[reply->len] = '\0';
    return count;
}

static long exchange(struct device *device, const char *path, const char *body, size_t len, struct reply *reply)
{
    char url[WIRE_URL_MAX + PULL_PATH_MAX + 1], bearer[TOKEN_MAX + 32];
    struct curl_slist *headers = NULL;
    long status = 0;
    curl_off_t later = 0;
    *reply = (struct reply){0};
    snprintf(url, sizeof url, "%s%s", servers[draw(device, (unsigned)server_count)], path);
    snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", device->token);
    if (device->token[0])
        headers = curl_slist_append(headers, bearer);
    curl_easy_reset(device->curl);
    curl_easy_setopt(device->curl, CURLOPT_URL, url);
    curl_easy_setopt(device->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(device->curl, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(device->curl, CURLOPT_WRITEDATA, reply);
    curl_easy_setopt(device->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(device->curl, CURLOPT_TIMEOUT_MS, (long)EXCHANGE_MS);
    if (body) {
        curl_easy_setopt(device->curl, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(device->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
    }
    if (curl_easy_perform(device->curl) == CURLE_OK)
        curl_easy_getinfo(device->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(device->curl, CURLINFO_RETRY_AFTER, &later);
    device->silent += (status == 503 || status == 429) && later == 0;
    curl_slist_free_all(headers);
    return status;
}

/* Until it is answered; 0 when there is no time left. */
static long ask(struct device *device, const char *path, const char *body, size_t len, struct reply *ret_reply)
{
    for (;;) {
        long status = exchange(device, path, body, len, ret_reply);
        if (status != 0 && status != 503 && status != 429)
            return status;
        if (now() > ends)
            return 0;
        free(ret_reply->data);
        device->again++;
        usleep(PAUSE_MIN_US + draw(device, PAUSE_SPREAD));
    }
}

/* ---- who it is ---- */

static bool enrol(struct device *device)
{
    struct enrol_request request;
    struct enrol_reply answer;
    struct reply reply;
    char *text;
    size_t len;
    crypto_sign_keypair(device->public_key, device->secret_key);
    memcpy(request.token, device->string.token, sizeof request.token);
    memcpy(request.public_key, device->public_key, sizeof request.public_key);
    if (enrol_request_encode(&request, &text, &len))
        return false;
    long status = ask(device, "/v1/enrol", text, len, &reply);
    free(text);
    if (status == 200 && enrol_reply_decode(reply.data, reply.len, &answer) == RC_OK)
        device->device = answer.device;
    else
        fail(device, "enrol", status, &reply);
    free(reply.data);
    return device->device != 0;
}

static bool get_nonce(struct device *device, uint8_t *ret_nonce)
{
    struct challenge_request request = {.device = device->device};
    struct challenge_reply answer;
    struct reply reply;
    char *text;
    size_t len;
    if (challenge_request_encode(&request, &text, &len))
        return false;
    long status = ask(device, "/v1/challenge", text, len, &reply);
    bool good = status == 200 && challenge_reply_decode(reply.data, reply.len, &answer) == RC_OK;
    if (good)
        memcpy(ret_nonce, answer.nonce, NONCE_BYTES);
    else
        fail(device, "challenge", status, &reply);
    free(text);
    free(reply.data);
    return good;
}

/* A reply that was lost has used up its nonce: 401 then, and once more. */
static bool open_session(struct device *device)
{
    struct session_request request = {.device = device->device};
    struct session_reply answer;
    struct reply reply;
    char *text;
    size_t len;
    for (;;) {
        if (!get_nonce(device, request.nonce))
            return false;
        session_sign(device->secret_key, request.nonce, "", request.signature);
        if (session_request_encode(&request, &text, &len))
            return false;
        device->token[0] = '\0';
        long status = ask(device, "/v1/session", text, len, &reply);
        free(text);
        bool good = status == 200 && session_reply_decode(reply.data, reply.len, &answer) == RC_OK;
        if (good)
            memcpy(device->token, answer.token, sizeof device->token);
        else if (status != 401)
            fail(device, "session", status, &reply);
        free(reply.data);
        if (status != 401)
            return good;
    }
}

/* ---- its journal ---- */

static void note(struct device *device, const char *kind, const char *members)
{
    char *body = device->lines + device->len;
    int len = snprintf(body, LINES_BYTES - device->len,
                       "{\"device\":%" PRId64 ",\"epoch\":1,\"seq\":%" PRId64
                       ",\"at\":\"2026-11-22T13:12:33.123+08:00\",\"mono\":1,\"kind\":\"%s\",\"operator\":\"wang\","
                       "\"site\":\"CDB\",%s}\n",
                       device->device, device->seq + 1, kind, members);
    chain_next(device->head, body, (size_t)len - 1, device->head);
    device->at[device->seq] = device->len;
    memcpy(device->heads[device->seq++], device->head, sizeof device->head);
    device->len += (size_t)len;
    device->at[device->seq] = device->len;
}

static void note_open(struct device *device, const char *doc)
{
    char members[512];
    snprintf(
        members, sizeof members,
        "\"doc\":\"%s\",\"no\":\"SO\",\"flow\":\"outbound\",\"rev\":\"\",\"from\":\"site:CDB\",\"to\":\"party:D-1\","
        "\"lines\":[{\"line\":\"1\",\"product\":\"SEAL\",\"qty\":\"100000\",\"tolerance\":\"0\",\"lot\":null}]",
        doc);
    note(device, "open", members);
}

static void note_scan(struct device *device, const char *doc, const char *serial)
{
    char members[900], raw[128], plain[64];
    int len = snprintf(plain, sizeof plain, "010590123412345721%s", serial);
    sodium_bin2base64(raw, sizeof raw, (const uint8_t *)plain, (size_t)len, sodium_base64_VARIANT_ORIGINAL);
    snprintf(members, sizeof members,
             "\"doc\":\"%s\",\"no\":\"SO\",\"flow\":\"outbound\",\"raw\":\"%s\",\"aim\":\"]C1\",\"parser\":1,"
             "\"key\":\"(01)05901234123457(21)%s\",\"product\":\"SEAL\",\"lot\":\"\",\"level\":0,\"line\":\"1\","
             "\"reason\":\"ok\",\"severity\":\"accept\",\"findings\":[],\"qty\":\"1\",\"holder\":\"site:CDB\","
             "\"alloc\":[{\"line\":\"1\",\"qty\":\"1\",\"lot\":\"\"}]",
             doc, raw, serial);
    note(device, "scan", members);
}

static void note_complete(struct device *device, const char *doc)
{
    char members[400];
    snprintf(members, sizeof members,
             "\"doc\":\"%s\",\"no\":\"SO\",\"flow\":\"outbound\",\"close\":\"short\",\"close_no\":1,"
             "\"short_reason\":\"x\",\"counted\":null,\"header\":{},\"set_aside\":false,\"supervisor\":null",
             doc);
    note(device, "complete", members);
}

/* All that it will do: orders of its own, one after the other, and between them what is contested, in a sequence of its own. */
static void write_journal(struct device *device)
{
    char own[32], shared[32], serial[24];
    snprintf(shared, sizeof shared, "t:shared,%d", device->index % SHARED_DOCUMENTS);
    note_open(device, shared);
    for (int i = 0; i < scans; i++)
        device->contested[i] = i;
    for (int i = scans - 1; i > 0; i--) {
        int other = (int)draw(device, (unsigned)i + 1), kept = device->contested[i];
        device->contested[i] = device->contested[other];
        device->contested[other] = kept;
    }
    for (int i = 0; i < scans; i++) {
        snprintf(own, sizeof own, "t:own,%d.%d", device->index, i / ORDER_SCANS);
        if (i % ORDER_SCANS == 0)
            note_open(device, own);
        snprintf(serial, sizeof serial, "P%03d%04d", device->index, i);
        note_scan(device, own, serial);
        snprintf(serial, sizeof serial, "C%05d", device->contested[i]);
        note_scan(device, shared, serial);
        if (i % ORDER_SCANS == ORDER_SCANS - 1 || i == scans - 1)
            note_complete(device, own);
    }
}

/* ---- push and pull ---- */

/* Records first … last; what is told of them is what was told before. */
static bool take_verdicts(struct device *device, int64_t first, const struct push_reply *answer)
{
    for (int i = 0; i < answer->count; i++) {
        int64_t seq = first + i;
        struct push_verdict *known = &device->verdicts[seq - 1];
        if (seq <= device->pushed &&
            (known->outcome != answer->verdicts[i].outcome || strcmp(known->word, answer->verdicts[i].word) != 0)) {
            fprintf(stderr, "device %d: record %" PRId64 " was told \"%s\", now \"%s\"\n", device->index, seq,
                    known->word, answer->verdicts[i].word);
            device->failed = true;
            return false;
        }
        *known = answer->verdicts[i];
    }
    return true;
}

static bool push(struct device *device, int64_t first, int64_t last)
{
    struct push_request request = {.epoch = 1,
                                   .first = first,
                                   .count = (int)(last - first + 1),
                                   .lines = device->lines + device->at[first - 1],
                                   .lines_len = device->at[last] - device->at[first - 1]};
    struct push_reply *answer = calloc(1, sizeof *answer);
    struct reply reply;
    char *text;
    size_t len;
    memcpy(request.head, device->heads[last - 1], sizeof request.head);
    push_sign(device->secret_key, device->device, &request);
    if (!answer || push_request_encode(&request, &text, &len))
        abort();
    long status = ask(device, "/v1/push", text, len, &reply);
    bool good =
        status == 200 && push_reply_decode(reply.data, reply.len, answer) == RC_OK && answer->count == request.count;
    if (!good)
        fail(device, "push", status, &reply);
    good = good && take_verdicts(device, first, answer);
    if (good && last > device->pushed)
        device->pushed = last;
    free(answer);
    free(text);
    free(reply.data);
    return good;
}

/* One page; *ret_more. */
static bool pull(struct device *device, json_t *heard, bool *ret_more)
{
    char path[PULL_PATH_MAX + 1];
    struct pull_reply answer;
    struct reply reply;
    long status = ask(device, pull_path(device->cursor, path), NULL, 0, &reply);
    bool good = status == 200 && pull_reply_decode(reply.data, reply.len, &answer) == RC_OK;
    if (!good)
        fail(device, "pull", status, &reply);
    for (const char *line = answer.lines; good && line < answer.lines + answer.lines_len;) {
        const char *end = memchr(line, '\n', (size_t)(answer.lines + answer.lines_len - line));
        json_array_append_new(heard, json_loadb(line, (size_t)(end - line), 0, NULL));
        line = end + 1;
    }
    if (good) {
        memcpy(device->cursor, answer.cursor, sizeof device->cursor);
        *ret_more = answer.more;
    }
    free(reply.data);
    return good;
}

static bool pull_all(struct device *device, json_t *heard)
{
    bool more = true, good = true;
    while (good && more)
        good = pull(device, heard, &more);
    return good;
}

static void *work(void *context)
{
    struct device *device = context;
    bool good = enrol(device) && open_session(device), more;
    if (good)
        write_journal(device);
    while (good && device->pushed < device->seq) {
        int64_t last = device->pushed + 1 + draw(device, BATCH_AT_MOST);
        last = last < device->seq ? last : device->seq;
        good = push(device, device->pushed + 1, last);
        if (good && draw(device, 4) == 0)
            good = push(device, 1 + draw(device, (unsigned)last), last);
        if (good && device->index % PULLS_EVERY == 0)
            good = pull(device, device->heard, &more);
    }
    atomic_fetch_sub(&pushing, 1);
    while (good && device->index % PULLS_EVERY == 0 && atomic_load(&pushing) > 0) {
        good = pull(device, device->heard, &more);
        usleep(PULL_PAUSE_US);
    }
    device->failed |= !good;
    return NULL;
}

/* ---- all of them ---- */

static void print(json_t *row)
{
    json_dumpf(row, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(row);
}

static void print_device(const struct device *device)
{
    for (int64_t i = 0; i < device->pushed; i++)
        print(json_pack("{s:I, s:I, s:i, s:s, s:o}", "device", (json_int_t)device->device, "seq", (json_int_t)i + 1,
                        "outcome", (int)device->verdicts[i].outcome, "word", device->verdicts[i].word, "body",
                        json_loadb(device->lines + device->at[i], device->at[i + 1] - device->at[i] - 1, 0, NULL)));
}

/* When nobody pushes any more: the rest of the feed, and all of it anew. */
static bool hear_all(struct device *device)
{
    json_t *fresh = json_array();
    bool good = open_session(device) && pull_all(device, device->heard);
    print(json_pack("{s:I, s:O}", "puller", (json_int_t)device->device, "lines", device->heard));
    device->cursor[0] = '\0';
    if (device->index == 0) {
        good = good && pull_all(device, fresh);
        print(json_pack("{s:I, s:O}", "fresh", (json_int_t)device->device, "lines", fresh));
    }
    json_decref(fresh);
    return good;
}

static int read_devices(struct device *devices, uint64_t seed)
{
    char line[STRING_MAX];
    int count = 0;
    for (; count < DEVICES_MAX && fgets(line, sizeof line, stdin); count++) {
        struct device *device = &devices[count];
        device->index = count;
        device->dice = (seed + 1) * 0x9e3779b97f4a7c15 + (uint64_t)count * 0xd1b54a32d192ed03 + 1;
        device->curl = curl_easy_init();
        device->lines = malloc(LINES_BYTES);
        device->heard = json_array();
        if (!device->curl || !device->lines || enrol_string_decode(line, &device->string))
            return 0;
    }
    return count;
}

int main(int argc, char **argv)
{
    struct device *devices = calloc(DEVICES_MAX, sizeof *devices);
    pthread_t threads[DEVICES_MAX];
    long again = 0, silent = 0;
    bool failed = false;
    if (argc < 5 || argc > 4 + SERVERS_MAX || !devices || sodium_init() < 0)
        return 2;
    ends = now() + strtod(argv[1], NULL);
    scans = (int)strtol(argv[3], NULL, 10);
    for (int i = 4; i < argc; i++)
        servers[server_count++] = argv[i];
    curl_global_init(CURL_GLOBAL_DEFAULT);
    int count = scans > 0 && scans <= SCANS_MAX ? read_devices(devices, strtoull(argv[2], NULL, 10)) : 0;
    atomic_store(&pushing, count);
    for (int i = 0; i < count; i++)
        pthread_create(&threads[i], NULL, work, &devices[i]);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < count; i++) {
        struct device *device = &devices[i];
        if (i % PULLS_EVERY == 0 && !device->failed)
            device->failed = !hear_all(device);
        print_device(device);
        failed |= device->failed;
        again += device->again;
        silent += device->silent;
        curl_easy_cleanup(device->curl);
        free(device->lines);
        json_decref(device->heard);
    }
    print(json_pack("{s:I, s:I}", "again", (json_int_t)again, "silent", (json_int_t)silent));
    free(devices);
    curl_global_cleanup();
    return failed || !count;
}
