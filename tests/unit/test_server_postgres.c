/* What only a database has that several servers write at once: two of them on one schema, and a connection of the test's own
 * that holds one of them up at a chosen place. Skipped on SQLite (see server_world.h). */
#include "sync/server/changes.h"
#include "sync/server/core.h"
#include "tests/unit/server_world.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <libpq-fe.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WAIT_STEPS = 1000, WAIT_US = 10000 };

static const char FEED[] =
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"C\"}\n"
    "{\"type\":\"product\",\"id\":\"SKU-B200\",\"name\":\"Kit\",\"gtin\":[\"05901234123457\"],\"control\":\"item\"}\n"
    "{\"type\":\"party\",\"id\":\"D-1\",\"name\":\"D\",\"kind\":\"dealer\"}\n"
    "{\"type\":\"party\",\"id\":\"D-2\",\"name\":\"D\",\"kind\":\"dealer\"}\n"
    "{\"type\":\"codes\",\"product\":\"SKU-B200\",\"lot\":null,\"first\":\"(01)05901234123457(21)S000\","
    "\"last\":\"(01)05901234123457(21)S999\",\"holder\":\"site:CDB\"}\n";

struct stage {
    struct server_world world, other; /* the second one is closed without its schema */
    struct handheld a, b;             /* each speaks to its own server */
    PGconn *own;
    int a_status, b_status;
};

static void start_other(struct stage *stage)
{
    struct server_options options = {
        .url = stage->other.url, .quiet = true, .clock_context = &stage->other, .now_ms = server_world_now};
    stage->other = stage->world;
    snprintf(stage->other.url, sizeof stage->other.url, "%s&application_name=%s_b", stage->world.url,
             stage->world.schema);
    assert_int_equal(server_open(&options, &stage->other.server), RC_OK);
}

static int setup(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    server_world_open(&stage->world);
    *state = stage;
    if (server_world_on_file(&stage->world))
        return 0;
    server_world_tell(&stage->world, FEED);
    start_other(stage);
    stage->own = PQconnectdb(stage->world.url);
    assert_int_equal(PQstatus(stage->own), CONNECTION_OK);
    return 0;
}

static int teardown(void **state)
{
    struct stage *stage = *state;
    PQfinish(stage->own);
    handheld_free(&stage->a);
    handheld_free(&stage->b);
    server_close(stage->other.server);
    server_world_close(&stage->world);
    free(stage);
    return 0;
}

static bool skipped(const struct stage *stage)
{
    return server_world_on_file(&stage->world);
}

/* The clock is the world's: sessions of before are good in it. */
static void devices(struct stage *stage)
{
    handheld_new(&stage->world, "CDB", &stage->a);
    handheld_new(&stage->world, "CDB", &stage->b);
}

static void speak_to_other(struct stage *stage)
{
    stage->b.world = &stage->other;
    handheld_session(&stage->b);
}

static void sql(struct stage *stage, const char *format, ...) __attribute__((format(printf, 2, 3)));

static char found[64]; /* first value of the last statement */

static void sql(struct stage *stage, const char *format, ...)
{
    char text[512];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    PGresult *result = PQexec(stage->own, text);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        print_error("%s\n", PQerrorMessage(stage->own));
    assert_true(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
    snprintf(found, sizeof found, "%s", PQntuples(result) ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
}

/* Until so many servers of this schema wait for a lock. */
static void wait_blocked(struct stage *stage, const char *count)
{
    for (int i = 0; i < WAIT_STEPS; i++) {
        sql(stage,
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%s%%' AND wait_event_type = 'Lock'",
            stage->world.schema);
        if (strcmp(found, count) == 0)
            return;
        usleep(WAIT_US);
    }
    fail_msg("%s servers should wait", count);
}

static void *push_a(void *context)
{
    struct stage *stage = context;
    stage->a_status = handheld_push(&stage->a);
    return NULL;
}

static void *push_b(void *context)
{
    struct stage *stage = context;
    stage->b_status = handheld_push(&stage->b);
    return NULL;
}

/* A push writes at its end when the device was seen. */
static void hold_up_a(struct stage *stage, pthread_t *ret_thread)
{
    sql(stage, "BEGIN");
    sql(stage, "SELECT 1 FROM device WHERE device = %lld FOR NO KEY UPDATE", (long long)stage->a.device);
    pthread_create(ret_thread, NULL, push_a, stage);
    wait_blocked(stage, "1");
}

/* ---- */

static void every_statement_is_one(void **state)
{
    struct stage *stage = *state;
    if (skipped(stage))
        skip();
    for (int i = 0; i < QUERY_COUNT; i++) {
        PGresult *result = PQprepare(stage->own, "", query_text((enum query_id)i, "postgresql"), 0, NULL);
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            fail_msg("%s: %s", query_text((enum query_id)i, "postgresql"), PQresultErrorMessage(result));
        PQclear(result);
    }
}

struct noting {
    struct server *server;
    const char *id;
    sem_t *noted, *go_on; /* NULL: does not wait */
    enum rc rc;
};

static enum rc note_work(void *context)
{
    struct noting *noting = context;
    enum rc rc = changes_note(noting->server, "party", noting->id);
    if (noting->noted) {
        sem_post(noting->noted);
        sem_wait(noting->go_on);
    }
    return rc;
}

static void *note_change(void *context)
{
    struct noting *noting = context;
    noting->rc = db_transact(noting->server->db, note_work, noting);
    return NULL;
}

static bool hears(struct stage *stage, const char *party)
{
    json_t *page = handheld_pull(&stage->b, NULL, NULL);
    bool hears = page_find(page, "party", "id", party) != NULL;
    json_decref(page);
    return hears;
}

static void what_is_committed_later_is_told_later(void **state)
{
    struct stage *stage = *state;
    sem_t noted, go_on;
    pthread_t thread;
    if (skipped(stage))
        skip();
    sem_init(&noted, 0, 0);
    sem_init(&go_on, 0, 0);
    devices(stage);
    speak_to_other(stage);
    assert_true(hears(stage, "D-1"));
    struct noting first = {stage->world.server, "D-1", &noted, &go_on, RC_OK},
                  second = {stage->other.server, "D-2", NULL, NULL, RC_OK};
    pthread_create(&thread, NULL, note_change, &first);
    sem_wait(&noted);
    note_change(&second);
    assert_int_equal(second.rc, RC_OK);
    assert_true(hears(stage, "D-2"));
    sem_post(&go_on);
    pthread_join(thread, NULL);
    assert_int_equal(first.rc, RC_OK);
    assert_true(hears(stage, "D-1"));
    assert_false(hears(stage, "D-1"));
    sem_destroy(&noted);
    sem_destroy(&go_on);
}

static void two_servers_decide_a_claim_once(void **state)
{
    struct stage *stage = *state;
    pthread_t a, b;
    if (skipped(stage))
        skip();
    devices(stage);
    speak_to_other(stage);
    handheld_open(&stage->a, "t:out,1");
    handheld_open(&stage->b, "t:out,2");
    assert_int_equal(handheld_push(&stage->a), 200);
    assert_int_equal(handheld_push(&stage->b), 200);
    handheld_scan(&stage->a, "t:out,1", "S001", "accept", "ok");
    handheld_scan(&stage->b, "t:out,2", "S001", "accept", "ok");
    hold_up_a(stage, &a);
    pthread_create(&b, NULL, push_b, stage);
    wait_blocked(stage, "2");
    sql(stage, "COMMIT");
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    assert_int_equal(stage->a_status, 200);
    assert_int_equal(stage->b_status, 200);
    assert_string_equal(handheld_verdict(&stage->a, 2), "accepted");
    assert_string_equal(handheld_verdict(&stage->b, 2), "lost-claim");
    json_t *conflicts = server_world_list(&stage->world, "conflicts");
    assert_int_equal(json_array_size(conflicts), 1);
    json_decref(conflicts);
}

/* A repeat while the first is still under way: a device that has lost patience. */
static void a_record_is_taken_once_by_two_servers(void **state)
{
    struct stage *stage = *state;
    pthread_t a, b;
    if (skipped(stage))
        skip();
    devices(stage);
    handheld_open(&stage->a, "t:out,1");
    handheld_scan(&stage->a, "t:out,1", "S001", "accept", "ok");
    char *lines = stage->b.lines;
    stage->b = stage->a;
    stage->b.lines = lines;
    memcpy(stage->b.lines, stage->a.lines, stage->a.len + 1);
    stage->b.world = &stage->other;
    hold_up_a(stage, &a);
    pthread_create(&b, NULL, push_b, stage);
    wait_blocked(stage, "2");
    sql(stage, "COMMIT");
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    assert_int_equal(stage->a_status, 200);
    assert_int_equal(stage->b_status, 200);
    assert_string_equal(handheld_verdict(&stage->b, 2), "accepted");
    json_t *records = server_world_list(&stage->world, "records");
    assert_int_equal(json_array_size(records), 2);
    json_decref(records);
}

/* Writes what the test's own connection has written since the transaction began. */
struct meeting {
    struct stage *stage;
    int calls, meetings;
};

static enum rc meet(void *context)
{
    struct meeting *meeting = context;
    struct server *server = meeting->stage->world.server;
    char value[64];
    enum rc rc = core_meta_get(server, "met", value, sizeof value);
    if (rc && rc != RC_NOT_FOUND)
        return rc;
    if (meeting->calls++ < meeting->meetings)
        sql(meeting->stage,
            "INSERT INTO meta VALUES ('met', 'other') ON CONFLICT (name) DO UPDATE SET value = excluded.value");
    return core_meta_set(server, "met", "own");
}

static void what_was_in_the_way_is_done_again(void **state)
{
    struct stage *stage = *state;
    struct meeting once = {.stage = stage, .meetings = 1}, always = {.stage = stage, .meetings = 100};
    if (skipped(stage))
        skip();
    assert_int_equal(db_transact(stage->world.server->db, meet, &once), RC_OK);
    assert_int_equal(once.calls, 2);
    sql(stage, "SELECT value FROM meta WHERE name = 'met'");
    assert_string_equal(found, "own");
    /* not for ever */
    assert_int_equal(db_transact(stage->world.server->db, meet, &always), RC_BUSY);
    assert_int_equal(always.calls, DB_ATTEMPTS_MAX);
    sql(stage, "SELECT value FROM meta WHERE name = 'met'");
    assert_string_equal(found, "other");
}

static void end_servers(struct stage *stage)
{
    sql(stage,
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE '%s%%' "
        "AND pid <> pg_backend_pid()",
        stage->world.schema);
}

static void a_connection_that_ends_is_made_anew(void **state)
{
    struct stage *stage = *state;
    pthread_t a;
    if (skipped(stage))
        skip();
    devices(stage);
    handheld_open(&stage->a, "t:out,1");
    /* while nobody uses it: nobody notices */
    end_servers(stage);
    sql(stage, "SELECT pg_sleep(0.2)");
    assert_int_equal(handheld_push(&stage->a), 200);
    /* in the middle of a push: refused, nothing of it is there, and the next one is taken */
    handheld_scan(&stage->a, "t:out,1", "S001", "accept", "ok");
    hold_up_a(stage, &a);
    end_servers(stage);
    pthread_join(a, NULL);
    sql(stage, "COMMIT");
    assert_int_equal(stage->a_status, 503);
    assert_string_equal(stage->a.error, "busy");
    json_t *records = server_world_list(&stage->world, "records");
    assert_int_equal(json_array_size(records), 1);
    json_decref(records);
    assert_int_equal(handheld_push(&stage->a), 200);
    assert_string_equal(handheld_verdict(&stage->a, 2), "accepted");
}

/* No text at all; a key that no index takes. */
static void bad_records_block_nothing(void **state)
{
    struct stage *stage = *state;
    struct handheld *device = &stage->a;
    char members[8200];
    if (skipped(stage))
        skip();
    devices(stage);
    unsigned seed = 7;
    int len = snprintf(members, sizeof members, "\"doc\":\"t:out,1\",\"key\":\"");
    for (; len < 8000; len++) {
        seed = seed * 1103515245 + 12345;
        members[len] = (char)('a' + (seed >> 16) % 26);
    }
    snprintf(members + len, sizeof members - (size_t)len, "\"");
    handheld_note(device, "scan", members);
    assert_int_equal(handheld_push(device), 200);
    assert_string_equal(handheld_verdict(device, 1), "bad-record");
    static const char RAW[] = "\xff\xfe not \x80 text\n";
    memcpy(device->lines + device->len, RAW, sizeof RAW);
    device->lines[device->len + 3] = '\0';
    chain_next(device->head, device->lines + device->len, sizeof RAW - 2, device->head);
    device->len += sizeof RAW - 1;
    device->seq++;
    assert_int_equal(handheld_push_from(device, 2), 200);
    assert_string_equal(handheld_verdict(device, 2), "bad-record");
    sql(stage, "SELECT length(body) FROM record WHERE seq = 2");
    assert_string_equal(found, "13");
}

static void what_is_not_there_is_said(void **state)
{
    struct server_options options = {.url = "postgresql:///x?host=/nowhere/at/all", .quiet = true};
    struct server *server;
    (void)state;
    assert_int_equal(server_open(&options, &server), RC_NET);
    options.url = "mysql://x";
    assert_int_equal(server_open(&options, &server), RC_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(every_statement_is_one),
        TEST(what_is_committed_later_is_told_later),
        TEST(two_servers_decide_a_claim_once),
        TEST(a_record_is_taken_once_by_two_servers),
        TEST(what_was_in_the_way_is_done_again),
        TEST(a_connection_that_ends_is_made_anew),
        TEST(bad_records_block_nothing),
#undef TEST
        cmocka_unit_test(what_is_not_there_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
