/* Devices whose numbers parted from the server's: restored ones are led into another epoch, copies that live on are stopped, and
 * nothing is taken twice or lost. */
#include "sync/server/server.h"
#include "sync/wire/epoch.h"
#include "sync/wire/refusal.h"
#include "tests/unit/server_stage.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

static const char DOC[] = "tryton:wh:out,1";

static int setup(void **state)
{
    return stage_open(state, NULL);
}

/* A copy of all that it is, at this moment. */
static struct handheld copy_of(const struct handheld *handheld)
{
    struct handheld copy = *handheld;
    copy.lines = malloc(WORLD_LINES_MAX);
    memcpy(copy.lines, handheld->lines, handheld->len);
    return copy;
}

static void hash_at(const struct handheld *handheld, int64_t seq, uint8_t *ret_hash)
{
    const char *line = handheld->lines;
    memset(ret_hash, 0, CHAIN_HASH_BYTES);
    for (int64_t at = 1; at <= seq; at++) {
        const char *end = strchr(line, '\n');
        chain_next(ret_hash, line, (size_t)(end - line), ret_hash);
        line = end + 1;
    }
}

/* Asks with these marks; HTTP's status. */
static int ask_with(struct handheld *handheld, int64_t first, int64_t was, const int64_t *seqs, int count,
                    struct epoch_reply *ret_reply)
{
    struct epoch_request *request = calloc(1, sizeof *request);
    struct api_reply answer;
    struct refusal refusal;
    char *text;
    size_t len;
    *request = (struct epoch_request){
        .epoch = handheld->epoch, .first = first, .last = handheld->seq, .device = was, .count = count};
    for (int i = 0; i < count; i++) {
        request->marks[i].seq = seqs[i];
        hash_at(handheld, seqs[i], request->marks[i].hash);
    }
    assert_int_equal(epoch_request_encode(request, &text, &len), RC_OK);
    int status = server_world_send(handheld->world, "POST", "/v1/epoch", handheld->token, text, len, &answer);
    handheld->error[0] = '\0';
    if (status == 200) {
        assert_int_equal(epoch_reply_decode(answer.body, answer.body_len, ret_reply), RC_OK);
    } else {
        assert_int_equal(refusal_decode(answer.body, answer.body_len, &refusal), RC_OK);
        snprintf(handheld->error, sizeof handheld->error, "%s", refusal_word(refusal.kind));
    }
    free(text);
    free(request);
    api_reply_free(&answer);
    return status;
}

/* With all of its hashes; it goes on as it is told. */
static int ask(struct handheld *handheld, int64_t was, struct epoch_reply *ret_reply)
{
    int64_t seqs[EPOCH_MARKS_MAX];
    int count = 0;
    for (int64_t seq = 0; seq <= handheld->seq; seq++)
        seqs[count++] = seq;
    int status = ask_with(handheld, 1, was, seqs, count, ret_reply);
    if (status == 200) {
        handheld->epoch = ret_reply->epoch;
        handheld->pushed = ret_reply->seq;
    }
    return status;
}

static size_t count_of(struct stage *stage, const char *listing)
{
    json_t *rows = server_world_list(&stage->world, listing);
    size_t count = json_array_size(rows);
    json_decref(rows);
    return count;
}

static bool has_kind(struct stage *stage, const char *kind)
{
    json_t *rows = server_world_list(&stage->world, "conflicts"), *row;
    bool has = false;
    size_t i;
    json_array_foreach(rows, i, row) has |= strcmp(json_string_value(json_object_get(row, "kind")), kind) == 0;
    json_decref(rows);
    return has;
}

static void a_restored_device_goes_on_in_another_epoch(void **state)
{
    struct stage *stage = *state;
    struct handheld *a = &stage->a;
    struct epoch_reply reply;
    handheld_note(a, "sign-in", "");
    int64_t kept = handheld_scan(a, DOC, "A1", "accept", "ok");
    struct handheld backup = copy_of(a);
    handheld_scan(a, DOC, "A2", "accept", "ok");
    handheld_note(a, "sign-out", "");
    assert_int_equal(handheld_push(a), 200);

    handheld_note(&backup, "sign-failed", "");
    int64_t other = handheld_scan(&backup, DOC, "A3", "accept", "ok");
    assert_int_equal(handheld_push(&backup), 409);
    assert_string_equal(backup.error, "fork");
    assert_int_equal(ask(&backup, 0, &reply), 200);
    assert_int_equal(reply.seq, kept);
    assert_int_equal(reply.epoch, 2);
    assert_int_equal(reply.count, 2);
    assert_true(reply.spans[0].epoch == 1 && reply.spans[0].base == 0);
    assert_true(reply.spans[1].epoch == 2 && reply.spans[1].base == kept);

    assert_int_equal(handheld_push(&backup), 200); /* two records that say epoch 1: where they come from */
    assert_string_equal(handheld_verdict(&backup, other), "accepted");
    assert_int_equal(count_of(stage, "records"), 6);
    assert_true(has_kind(stage, "led-back"));
    /* what it did before it was restored it can still speak of */
    handheld_refer(&backup, "undo", DOC, kept);
    assert_int_equal(handheld_push(&backup), 200);
    handheld_scan(&stage->b, DOC, "A1", "accept", "ok");
    handheld_scan(&stage->b, DOC, "A3", "accept", "ok");
    assert_int_equal(handheld_push(&stage->b), 200);
    assert_string_equal(handheld_verdict(&stage->b, 1), "accepted");
    assert_string_equal(handheld_verdict(&stage->b, 2), "lost-claim");
    handheld_free(&backup);
}

/* Goods that the life which is over had tallied count once, and by the record that the device knows. */
static void goods_of_a_lost_life_count_once(void **state)
{
    struct stage *stage = *state;
    struct handheld *a = &stage->a;
    struct epoch_reply reply;
    handheld_open(a, DOC);
    struct handheld backup = copy_of(a);
    handheld_scan(a, DOC, "A1", "accept", "ok");
    assert_int_equal(handheld_push(a), 200);
    handheld_note(&backup, "sign-in", "");
    int64_t again = handheld_scan(&backup, DOC, "A1", "accept", "ok");
    assert_int_equal(handheld_push(&backup), 409);
    assert_int_equal(ask(&backup, 0, &reply), 200);
    assert_int_equal(handheld_push(&backup), 200);
    assert_string_equal(handheld_verdict(&backup, again), "accepted");
    /* undone by its number here: nobody has it then */
    handheld_refer(&backup, "undo", DOC, again);
    assert_int_equal(handheld_push(&backup), 200);
    handheld_scan(&stage->b, DOC, "A1", "accept", "ok");
    assert_int_equal(handheld_push(&stage->b), 200);
    assert_string_equal(handheld_verdict(&stage->b, 1), "accepted");
    handheld_free(&backup);
}

static void documents_of_ones_own_are_not_mixed_up(void **state)
{
    static const char OPEN[] =
        "\"doc\":\"own:%d-1-2\",\"no\":\"RC-1-2\",\"flow\":\"receipt\",\"rev\":\"\",\"own\":true,"
        "\"header\":{},\"from\":\"party:S\",\"to\":\"site:CDB\",\"lines\":[]";
    struct stage *stage = *state;
    struct handheld *a = &stage->a;
    struct epoch_reply reply;
    char open[300], name[64];
    snprintf(open, sizeof open, OPEN, (int)a->device);
    handheld_note(a, "sign-in", "");
    struct handheld backup = copy_of(a);
    handheld_note(a, "open", open);
    assert_int_equal(handheld_push(a), 200);
    /* another receipt, which has the same name in its journal */
    memcpy(strstr(open, "party:S"), "party:T", 7);
    handheld_note(&backup, "open", open);
    handheld_note(&backup, "sign-out", "");
    assert_int_equal(handheld_push(&backup), 409);
    assert_int_equal(ask(&backup, 0, &reply), 200);
    assert_int_equal(handheld_push(&backup), 200);
    snprintf(name, sizeof name, "own:%d-1-2", (int)a->device);
    char *out = NULL;
    const char *words[3] = {"close", name, NULL};
    assert_int_equal(server_world_run(&stage->world, NULL, &out, NULL, words), 0);
    free(out);
    snprintf(name, sizeof name, "own:%d-2-2", (int)a->device);
    if (server_world_run(&stage->world, NULL, &out, NULL, words) != 0)
        fail_msg("FAILED: two documents are one");
    assert_non_null(strstr(out, name + strlen("own:")));
    free(out);
    assert_int_equal(count_of(stage, "results"), 2);
    handheld_free(&backup);
}

/* Two machines with one identity: the first that is met is taken for restored, the one that comes then is stopped. */
static void a_copy_that_lives_on_is_stopped(void **state)
{
    struct stage *stage = *state;
    struct handheld *a = &stage->a;
    struct epoch_reply reply;
    handheld_note(a, "sign-in", "");
    assert_int_equal(handheld_push(a), 200);
    struct handheld clone = copy_of(a);
    handheld_scan(a, DOC, "A1", "accept", "ok");
    assert_int_equal(handheld_push(a), 200);
    int64_t other = handheld_scan(&clone, DOC, "B1", "accept", "ok");
    assert_int_equal(handheld_push(&clone), 409);
    assert_int_equal(ask(&clone, 0, &reply), 200);
    assert_int_equal(handheld_push(&clone), 200);
    /* the other one goes on: its numbers are not taken, and it is not led anywhere */
    struct handheld before = copy_of(a);
    handheld_scan(a, DOC, "A2", "accept", "ok");
    if (handheld_push(a) != 409)
        fail_msg("FAILED: a life that was left goes on");
    assert_string_equal(a->error, "fork");
    assert_int_equal(ask(a, 0, &reply), 403);
    assert_string_equal(a->error, "cloned");
    assert_int_equal(ask(a, 0, &reply), 403);
    assert_int_equal(count_of(stage, "records"), 3);
    assert_true(has_kind(stage, "cloned"));
    /* what it repeats is answered all the same */
    assert_int_equal(handheld_push_from(&before, 1), 200);
    handheld_free(&before);
    /* and the one that was led goes on */
    handheld_refer(&clone, "undo", DOC, other);
    assert_int_equal(handheld_push(&clone), 200);
    handheld_free(&clone);
}

static void a_stopped_copy_is_enrolled_anew_and_loses_nothing(void **state)
{
    struct stage *stage = *state;
    struct handheld *a = &stage->a;
    struct epoch_reply reply;
    handheld_note(a, "sign-in", "");
    handheld_open(a, DOC);
    assert_int_equal(handheld_push(a), 200);
    struct handheld clone = copy_of(a);
    handheld_scan(a, DOC, "A1", "accept", "ok");
    assert_int_equal(handheld_push(a), 200);
    handheld_scan(&clone, DOC, "B1", "accept", "ok");
    assert_int_equal(handheld_push(&clone), 409);
    assert_int_equal(ask(&clone, 0, &reply), 200);
    assert_int_equal(handheld_push(&clone), 200);
    int64_t late = handheld_scan(a, DOC, "A2", "accept", "ok");
    assert_int_equal(ask(a, 0, &reply), 403);
    /* another number, another key, the same journal */
    struct handheld fresh, *b = &stage->b;
    handheld_new(&stage->world, "CDB", &fresh);
    int64_t was = a->device;
    a->device = fresh.device;
    memcpy(a->secret_key, fresh.secret_key, sizeof a->secret_key);
    memcpy(a->token, fresh.token, sizeof a->token);
    assert_int_equal(ask(a, was, &reply), 200);
    assert_int_equal(reply.seq, late - 1);
    assert_int_equal(reply.count, 1);
    assert_int_equal(handheld_push(a), 200);
    assert_string_equal(handheld_verdict(a, late), "accepted");
    assert_int_equal(count_of(stage, "records"), 5);
    assert_true(has_kind(stage, "enrolled-anew"));
    handheld_scan(b, DOC, "A2", "accept", "ok");
    assert_int_equal(handheld_push(b), 200);
    assert_string_equal(handheld_verdict(b, 1), "lost-claim");
    handheld_free(&fresh);
    handheld_free(&clone);
}

/* Restored twice from one copy, and once from a copy of the life in between: each time from where both are alike. */
static void restored_again_and_again(void **state)
{
    struct stage *stage = *state;
    struct handheld *a = &stage->a;
    struct epoch_reply reply;
    for (int i = 0; i < 5; i++)
        handheld_note(a, "sign-in", "");
    assert_int_equal(handheld_push(a), 200);
    struct handheld first = copy_of(a), second = copy_of(a);
    handheld_note(a, "sign-out", "");
    assert_int_equal(handheld_push(a), 200);
    assert_int_equal(ask(&first, 0, &reply), 200); /* it has nothing of its own yet */
    assert_true(reply.epoch == 2 && reply.seq == 5);
    handheld_note(&first, "sign-failed", "");
    assert_int_equal(handheld_push(&first), 200);
    struct handheld third = copy_of(&first);
    assert_int_equal(ask(&second, 0, &reply), 200);
    assert_true(reply.epoch == 3 && reply.seq == 5);
    handheld_note(&second, "sign-out", "");
    assert_int_equal(handheld_push(&second), 200);
    /* that life was left when the second one came: it may be alive */
    assert_int_equal(ask(&third, 0, &reply), 403);
    assert_int_equal(ask(&second, 0, &reply), 200); /* nothing parted: it stays where it is */
    assert_true(reply.epoch == 3 && reply.count == 2);
    handheld_free(&first);
    handheld_free(&second);
    handheld_free(&third);
}

/* Marks far apart: nearer ones are asked for until they meet. */
static void marks_are_narrowed(void **state)
{
    struct stage *stage = *state;
    struct handheld *a = &stage->a;
    struct epoch_reply reply;
    for (int i = 0; i < 30; i++)
        handheld_note(a, "sign-in", "");
    struct handheld backup = copy_of(a);
    handheld_note(a, "sign-out", "");
    assert_int_equal(handheld_push(a), 200);
    for (int i = 0; i < 20; i++)
        handheld_note(&backup, "sign-failed", "");
    const int64_t wide[] = {0, 25, 50}, nearer[] = {0, 25, 29, 34, 50}, near[] = {0, 29, 30, 31, 50};
    assert_int_equal(ask_with(&backup, 1, 0, wide, 3, &reply), 200);
    assert_true(reply.epoch == 0 && reply.seq == 25);
    assert_int_equal(ask_with(&backup, 1, 0, nearer, 5, &reply), 200);
    assert_true(reply.epoch == 0 && reply.seq == 29);
    assert_int_equal(ask_with(&backup, 1, 0, near, 5, &reply), 200);
    assert_true(reply.epoch == 2 && reply.seq == 30);
    handheld_free(&backup);
}

/* The server has less than the device keeps: what it keeps is taken all the same, and what is missing is said. */
static void what_is_kept_is_taken(void **state)
{
    struct stage *stage = *state;
    struct handheld *a = &stage->a;
    struct epoch_reply reply;
    for (int i = 0; i < 8; i++)
        handheld_note(a, "sign-in", "");
    const int64_t marks[] = {5, 6, 7, 8};
    assert_int_equal(handheld_push_from(a, 6), 409);
    assert_string_equal(a->error, "gap");
    assert_int_equal(ask_with(a, 6, 0, marks, 4, &reply), 200);
    assert_true(reply.epoch == 2 && reply.seq == 5 && reply.missing == 5);
    assert_true(reply.count == 1 && reply.spans[0].base == 5);
    a->epoch = 2;
    assert_int_equal(handheld_push_from(a, 6), 200);
    assert_int_equal(count_of(stage, "records"), 3);
    /* the answer was lost: it may ask again */
    assert_int_equal(ask_with(a, 6, 0, marks, 4, &reply), 200);
    assert_true(reply.epoch == 2 && reply.seq == 8 && reply.missing == 0);
}

static void two_that_ask_at_once_get_two_numbers(void **state)
{
    struct stage *stage = *state;
    struct handheld *a = &stage->a;
    struct epoch_reply one, two;
    handheld_note(a, "sign-in", "");
    struct handheld first = copy_of(a), second = copy_of(a);
    handheld_note(a, "sign-out", "");
    assert_int_equal(handheld_push(a), 200);
    assert_int_equal(ask(&first, 0, &one), 200);
    assert_int_equal(ask(&second, 0, &two), 200);
    assert_true(one.epoch == 2 && two.epoch == 3);
    handheld_note(&first, "sign-failed", "");
    assert_int_equal(handheld_push(&first), 409); /* the later one is the device now */
    handheld_note(&second, "sign-failed", "");
    assert_int_equal(handheld_push(&second), 200);
    handheld_free(&first);
    handheld_free(&second);
}

static void one_that_parts_for_ever_is_stopped(void **state)
{
    struct stage *stage = *state;
    struct handheld *a = &stage->a;
    struct epoch_reply reply;
    handheld_note(a, "sign-in", "");
    struct handheld backup = copy_of(a);
    handheld_note(a, "sign-out", "");
    assert_int_equal(handheld_push(a), 200);
    int status = 200;
    for (int i = 0; i < EPOCH_SPANS_MAX && status == 200; i++) {
        struct handheld again = copy_of(&backup);
        status = ask(&again, 0, &reply);
        handheld_free(&again);
    }
    assert_int_equal(status, 403);
    handheld_free(&backup);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stage_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_restored_device_goes_on_in_another_epoch),
        TEST(goods_of_a_lost_life_count_once),
        TEST(documents_of_ones_own_are_not_mixed_up),
        TEST(a_copy_that_lives_on_is_stopped),
        TEST(a_stopped_copy_is_enrolled_anew_and_loses_nothing),
        TEST(restored_again_and_again),
        TEST(marks_are_narrowed),
        TEST(what_is_kept_is_taken),
        TEST(two_that_ask_at_once_get_two_numbers),
        TEST(one_that_parts_for_ever_is_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
