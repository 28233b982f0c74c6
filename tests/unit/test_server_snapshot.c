/* Snapshots at the server: the same as a pull of that scope, offered when it pays, given to nobody else, by ranges. */
#include "app/catalog/catalog.h"
#include "sync/server/core.h"
#include "sync/server/shelf.h"
#include "sync/server/snapshot.h"
#include "sync/wire/snapshot.h"
#include "tests/unit/catalog_text.h"
#include "tests/unit/server_dealers.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <dirent.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MANY = 1200, MORE = SNAPSHOT_MAKE_CHANGES, LINE = 160, WAIT_TIMES = 600 };

/* So many codes of each of the three, some in cases. */
static char *many(int count, const char *mark)
{
    char *feed = malloc((size_t)count * LINE), *at = feed;
    static const char *const HOLDERS[] = {"site:CDB", "site:DS1", "party:S-1", "transit:party:D-1"};
    for (int n = 0; n < count; n++)
        at +=
            snprintf(at, LINE,
                     "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)%s%05d\",\"product\":\"B\",\"lot\":\"L1\","
                     "\"holder\":\"%s\"}\n",
                     mark, n, HOLDERS[n % 4]);
    return feed;
}

static void tell(struct dealers *dealers, int count, const char *mark)
{
    char *feed = many(count, mark);
    server_world_tell(&dealers->world, feed);
    free(feed);
}

static int setup(void **state)
{
    struct dealers *dealers = calloc(1, sizeof *dealers);
    dealers_open(dealers, "");
    tell(dealers, MANY, "MANY");
    *state = dealers;
    return 0;
}

static void folder_of(const struct dealers *dealers, char *ret_path)
{
    snprintf(ret_path, SHELF_PATH_MAX, "%s/server.db.snapshots", dealers->world.folder);
}

static int files_in(const char *folder, bool remove_them)
{
    char path[2 * SHELF_PATH_MAX];
    int count = 0;
    const struct dirent *entry;
    DIR *dir = opendir(folder);
    while (dir && (entry = readdir(dir))) {
        if (entry->d_name[0] == '.')
            continue;
        count++;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (remove_them)
            unlink(path);
    }
    if (dir)
        closedir(dir);
    return count;
}

static int teardown(void **state)
{
    char folder[SHELF_PATH_MAX + 1];
    struct dealers *dealers = *state;
    folder_of(dealers, folder);
    snapshots_free(dealers->world.server->snapshots); /* whatever it is making */
    dealers->world.server->snapshots = NULL;
    files_in(folder, true);
    rmdir(folder);
    dealers_close(dealers);
    free(dealers);
    return 0;
}

static void make(struct dealers *dealers, const char *site)
{
    char *said = NULL;
    if (server_world_run(&dealers->world, NULL, NULL, &said, (const char *const[]){"snapshot", site, NULL}) != 0)
        fail_msg("%s", said);
    free(said);
}

/* HTTP's status; 200: *ret_offer is filled. */
static int ask(const struct handheld *handheld, const char *cursor, struct snapshot_reply *ret_offer)
{
    struct api_request request = {
        .method = "GET", .path = "/v1/snapshot", .cursor = cursor, .bearer = handheld->token};
    struct api_reply answer;
    api_handle(handheld->world->server, &request, &answer);
    int status = answer.status;
    if (status == 200)
        assert_int_equal(snapshot_reply_decode(answer.body, answer.body_len, ret_offer), RC_OK);
    api_reply_free(&answer);
    return status;
}

/* The bytes of one answer into `to`; its status. */
static int fetch(const struct handheld *handheld, const struct snapshot_reply *offer, const char *range, FILE *to)
{
    char path[SNAPSHOT_PATH_MAX + 1], bytes[4096];
    struct api_request request = {
        .method = "GET", .path = snapshot_bytes_path(offer->hash, path), .range = range, .bearer = handheld->token};
    struct api_reply answer;
    api_handle(handheld->world->server, &request, &answer);
    int status = answer.status;
    for (int64_t left = answer.has_file ? answer.file.len : 0, at = answer.file.from; left > 0;) {
        size_t some = left < (int64_t)sizeof bytes ? (size_t)left : sizeof bytes;
        assert_int_equal(pread(answer.file.fd, bytes, some, at), some);
        fwrite(bytes, 1, some, to);
        left -= (int64_t)some;
        at += (int64_t)some;
    }
    api_reply_free(&answer);
    return status;
}

static void path_in(const struct dealers *dealers, const char *name, char *ret_path)
{
    snprintf(ret_path, SHELF_PATH_MAX, "%s/%s", dealers->world.folder, name);
}

/* A catalog that pulled from the beginning, page by page. */
static void pull_into(struct handheld *handheld, const char *path)
{
    struct catalog *catalog;
    struct feed_error error;
    char *text = NULL;
    size_t size, i;
    long count;
    json_t *line;
    handheld->cursor[0] = '\0';
    json_t *all = dealers_pull(handheld, NULL);
    FILE *feed = open_memstream(&text, &size);
    json_array_foreach(all, i, line)
    {
        json_dumpf(line, feed, JSON_COMPACT);
        fputc('\n', feed);
    }
    fclose(feed);
    feed = fmemopen(text, size, "r");
    assert_int_equal(catalog_open(path, CATALOG_WRITE, &catalog), RC_OK);
    assert_int_equal(catalog_import(catalog, feed, NULL, &count, &error), RC_OK);
    fclose(feed);
    catalog_close(catalog);
    json_decref(all);
    free(text);
}

/* The snapshot as the device has it after it became its own. */
static void fetch_into(const struct handheld *handheld, const char *path)
{
    struct snapshot_reply offer;
    struct catalog *catalog;
    uint8_t hash[SNAPSHOT_HASH_BYTES];
    assert_int_equal(ask(handheld, NULL, &offer), 200);
    FILE *file = fopen(path, "wb+");
    assert_int_equal(fetch(handheld, &offer, NULL, file), 200);
    assert_int_equal(ftell(file), offer.size);
    char *bytes = malloc((size_t)offer.size);
    rewind(file);
    assert_int_equal(fread(bytes, 1, (size_t)offer.size, file), offer.size);
    crypto_generichash(hash, sizeof hash, (uint8_t *)bytes, (size_t)offer.size, NULL, 0);
    assert_memory_equal(hash, offer.hash, sizeof hash);
    free(bytes);
    fclose(file);
    assert_int_equal(catalog_open(path, CATALOG_WRITE, &catalog), RC_OK);
    char value[257];
    assert_int_equal(catalog_meta_get(catalog, "cursor", value), RC_NOT_FOUND);
    assert_int_equal(catalog_meta_get(catalog, "applied_seq", value), RC_NOT_FOUND);
    assert_int_equal(catalog_begin(catalog), RC_OK);
    assert_int_equal(catalog_adopt(catalog, handheld->device), RC_OK);
    assert_int_equal(catalog_commit(catalog), RC_OK);
    catalog_close(catalog);
}

static void check_same(const char *who, const char *a, const char *b)
{
    char *left = catalog_text(a), *right = catalog_text(b);
    size_t at = 0, line = 0;
    while (left[at] && left[at] == right[at]) {
        at++;
        line = left[at - 1] == '\n' ? at : line;
    }
    if (left[at] != right[at])
        fail_msg("%s: pulled %.200s, in the snapshot %.200s", who, left + line, right + line);
    assert_true(at > 1000);
    free(left);
    free(right);
}

static void the_same_as_a_pull(void **state)
{
    struct dealers *dealers = *state;
    struct {
        const char *site;
        struct handheld *handheld;
    } all[] = {{"CDB", &dealers->clerk}, {"DS1", &dealers->one}, {"DS2-FOREIGN", &dealers->two}};
    char pulled[SHELF_PATH_MAX + 1], fetched[SHELF_PATH_MAX + 1];
    dealers_ship(dealers, "d:1", ITEM("OWN-FOREIGN"), "party:D-1");
    handheld_open(&dealers->clerk, "erp:1"); /* a share that is its own */
    assert_int_equal(handheld_push(&dealers->clerk), 200);
    tell(dealers, 4, "GONE");
    server_world_tell(&dealers->world,
                      "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)GONE00001\",\"gone\":true}\n"
                      "{\"type\":\"codes\",\"product\":\"B\",\"first\":\"(01)05901234123457(21)R0001\","
                      "\"last\":\"(01)05901234123457(21)R0099\",\"holder\":\"site:DS1\"}\n"
                      "{\"type\":\"recall\",\"id\":\"R-1\",\"product\":\"B\",\"codes\":[\"(01)05901234123457(21)"
                      "MANY00001\"],\"reason\":\"leak\",\"action\":\"quarantine\"}\n");
    path_in(dealers, "pulled.db", pulled);
    path_in(dealers, "fetched.db", fetched);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        make(dealers, all[i].site);
        pull_into(all[i].handheld, pulled);
        fetch_into(all[i].handheld, fetched);
        check_same(all[i].site, pulled, fetched);
        unlink(pulled);
        unlink(fetched);
    }
}

static void a_cursor_to_go_on_from(void **state)
{
    struct dealers *dealers = *state;
    struct handheld *clerk = &dealers->clerk;
    struct snapshot_reply offer;
    handheld_open(clerk, "erp:1");
    assert_int_equal(handheld_push(clerk), 200);
    int64_t in = clerk->seq;
    make(dealers, "CDB");
    handheld_scan(clerk, "erp:1", "MANY00000", "accept", "ok");
    assert_int_equal(handheld_push(clerk), 200);
    assert_int_equal(ask(clerk, NULL, &offer), 200);
    assert_true(offer.epoch == 1 && offer.applied_seq == in); /* not what came after it was made */
    tell(dealers, 3, "NEW");
    snprintf(clerk->cursor, sizeof clerk->cursor, "%s", offer.cursor);
    json_t *page = dealers_pull(clerk, NULL);
    assert_non_null(page_find(page, "code", "code", ITEM("NEW00002")));
    assert_null(page_find(page, "code", "code", ITEM("MANY00002")));
    json_decref(page);
    struct handheld late;
    handheld_new(&dealers->world, "CDB", &late);
    assert_int_equal(ask(&late, NULL, &offer), 200);
    assert_true(offer.epoch == 0 && offer.applied_seq == 0);
    handheld_free(&late);
}

/* A manager closed a conflict while its device was away, and many other things happened: it hears of it after the snapshot. */
static void what_concerns_it_alone_comes_after(void **state)
{
    static const char *const RESOLVE[] = {"resolve", "1", "--reason", "why", "--by", "boss", NULL};
    struct dealers *dealers = *state;
    struct handheld *clerk = &dealers->clerk;
    struct snapshot_reply offer;
    handheld_open(clerk, "erp:1");
    int64_t lost = handheld_scan(clerk, "erp:1", "COMING1", "accept", "ok");
    assert_int_equal(handheld_push(clerk), 200);
    assert_string_equal(handheld_verdict(clerk, lost), "false-holder");
    json_decref(dealers_pull(clerk, NULL));
    assert_int_equal(server_world_run(&dealers->world, NULL, NULL, NULL, RESOLVE), 0);
    tell(dealers, MORE, "LATER");
    make(dealers, "CDB");
    assert_int_equal(ask(clerk, clerk->cursor, &offer), 200);
    snprintf(clerk->cursor, sizeof clerk->cursor, "%s", offer.cursor);
    json_t *page = dealers_pull(clerk, NULL);
    const json_t *told = page_find(page, "settled", "what", "closed");
    assert_int_equal(json_integer_value(json_object_get(told, "seq")), lost);
    json_decref(page);
    page = dealers_pull(clerk, NULL); /* and no more */
    assert_null(page_find(page, "settled", "what", "closed"));
    json_decref(page);
}

static void only_where_it_pays(void **state)
{
    struct dealers *dealers = *state;
    struct snapshot_reply offer;
    assert_int_equal(ask(&dealers->clerk, NULL, &offer), 404); /* none was made */
    make(dealers, "CDB");
    json_decref(dealers_pull(&dealers->clerk, NULL));
    assert_int_equal(ask(&dealers->clerk, dealers->clerk.cursor, &offer), 404); /* it has all of it */
    assert_int_equal(ask(&dealers->clerk, NULL, &offer), 200);
    assert_int_equal(ask(&dealers->clerk, "what-1-2-3", &offer), 200);
    assert_int_equal(ask(&dealers->one, NULL, &offer), 404); /* another scope */
    assert_int_equal(server_refused(dealers->world.server), 0);
    char *said;
    assert_int_not_equal(
        server_world_run(&dealers->world, NULL, NULL, &said, (const char *const[]){"snapshot", "NOWHERE", NULL}), 0);
    assert_non_null(strstr(said, "no such site"));
    free(said);
}

static void nobody_elses(void **state)
{
    struct dealers *dealers = *state;
    struct snapshot_reply mine, theirs, other;
    FILE *to = tmpfile();
    make(dealers, "DS1");
    make(dealers, "DS2-FOREIGN");
    make(dealers, "CDB");
    assert_int_equal(ask(&dealers->one, NULL, &mine), 200);
    assert_int_equal(ask(&dealers->two, NULL, &theirs), 200);
    assert_int_equal(fetch(&dealers->one, &theirs, NULL, to), 404);
    assert_int_equal(fetch(&dealers->two, &mine, NULL, to), 404);
    assert_int_equal(fetch(&dealers->clerk, &mine, NULL, to), 404);
    assert_int_equal(fetch(&dealers->one, &mine, NULL, to), 200);
    /* it comes to see otherwise: what was made for it before is not its any more */
    server_world_tell(&dealers->world, "{\"type\":\"party\",\"id\":\"S-2\",\"parent\":\"D-1\"}\n");
    assert_int_equal(fetch(&dealers->one, &mine, NULL, to), 404);
    assert_int_equal(ask(&dealers->one, NULL, &other), 404);
    struct handheld nobody = dealers->one;
    nobody.token[0] = '\0';
    assert_int_equal(fetch(&nobody, &mine, NULL, to), 401);
    fclose(to);
}

static void ranges(void **state)
{
    struct dealers *dealers = *state;
    struct snapshot_reply offer;
    char *text = NULL, range[64];
    size_t size = 0;
    make(dealers, "CDB");
    assert_int_equal(ask(&dealers->clerk, NULL, &offer), 200);
    const struct {
        const char *range;
        int status;
        int64_t len;
    } rows[] = {{"bytes=0-0", 206, 1},
                {"bytes=100-199", 206, 100},
                {"bytes=100-", 206, offer.size - 100},
                {"bytes=0-99999999999", 206, offer.size},
                {"bytes=99999999999-", 416, 0},
                {"bytes=5-2", 200, offer.size},
                {"bytes=-5", 200, offer.size},
                {"bytes=a-b", 200, offer.size},
                {"lines=1-2", 200, offer.size}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        FILE *to = open_memstream(&text, &size);
        assert_int_equal(fetch(&dealers->clerk, &offer, rows[i].range, to), rows[i].status);
        fclose(to);
        assert_int_equal(size, rows[i].len);
        free(text);
    }
    snprintf(range, sizeof range, "bytes=%lld-", (long long)offer.size);
    FILE *to = open_memstream(&text, &size);
    assert_int_equal(fetch(&dealers->clerk, &offer, range, to), 416);
    fclose(to);
    free(text);
}

static void the_one_before_stays_for_a_while(void **state)
{
    struct dealers *dealers = *state;
    struct snapshot_reply offers[3];
    char folder[SHELF_PATH_MAX + 1];
    FILE *to = tmpfile();
    for (int i = 0; i < 3; i++) {
        tell(dealers, i + 1, i == 0 ? "A" : i == 1 ? "B" : "C");
        make(dealers, "CDB");
        assert_int_equal(ask(&dealers->clerk, NULL, &offers[i]), 200);
    }
    assert_int_equal(fetch(&dealers->clerk, &offers[2], NULL, to), 200);
    assert_int_equal(fetch(&dealers->clerk, &offers[1], NULL, to), 200);
    assert_int_equal(fetch(&dealers->clerk, &offers[0], NULL, to), 404);
    folder_of(dealers, folder);
    assert_int_equal(files_in(folder, false), 3); /* two, and what names them */
    server_world_reopen(&dealers->world);
    assert_int_equal(ask(&dealers->clerk, NULL, &offers[0]), 200);
    assert_memory_equal(offers[0].hash, offers[2].hash, SNAPSHOT_HASH_BYTES);
    fclose(to);
}

static void made_by_itself(void **state)
{
    struct dealers *dealers = *state;
    struct snapshot_reply offer;
    int status = 404;
    tell(dealers, MORE, "LOTS");
    assert_int_equal(ask(&dealers->one, NULL, &offer), 404);
    for (int i = 0; i < WAIT_TIMES && status != 200; i++) {
        json_t *page = handheld_pull(&dealers->one, NULL, NULL); /* nobody waits for it */
        json_decref(page);
        nanosleep(&(struct timespec){.tv_nsec = 50 * 1000 * 1000}, NULL);
        status = ask(&dealers->one, NULL, &offer);
    }
    assert_int_equal(status, 200);
}

static void ends_when_the_server_does(void **state)
{
    struct dealers *dealers = *state;
    struct snapshot_reply offer;
    char folder[SHELF_PATH_MAX + 1];
    tell(dealers, MORE, "LOTS");
    assert_int_equal(ask(&dealers->clerk, NULL, &offer), 404);
    server_world_reopen(&dealers->world);
    folder_of(dealers, folder);
    assert_int_equal(files_in(folder, false), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_same_as_a_pull),
        TEST(what_concerns_it_alone_comes_after),
        TEST(a_cursor_to_go_on_from),
        TEST(only_where_it_pays),
        TEST(nobody_elses),
        TEST(ranges),
        TEST(the_one_before_stays_for_a_while),
        TEST(made_by_itself),
        TEST(ends_when_the_server_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
