/* A damaged catalog, met while scanning, by sync itself, at the start: what is judged by it is right or refused, and sync
 * (or an import) makes another one, without a record lost. */
#include "app/store/catalogs.h"
#include "tests/unit/linked_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { CODES = 3000, LINE_MAX_BYTES = 160, PAGE = 4096, PATH_BYTES = 160, SCANS_MAX = 8 };

#define DOC "t:out,1"

/* clang-format off */
static const char HEAD[] =
    "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"C\"}\n"
    "{\"type\":\"party\",\"id\":\"D-1\",\"name\":\"D\",\"kind\":\"dealer\"}\n"
    "{\"type\":\"product\",\"id\":\"B\",\"name\":\"Kit\",\"gtin\":[\"05901234123457\"],\"control\":\"item\"}\n"
    "{\"type\":\"lot\",\"product\":\"B\",\"lot\":\"L1\",\"expires\":\"2028-01-10\",\"quality\":\"released\"}\n"
    "{\"type\":\"lot\",\"product\":\"B\",\"lot\":\"L2\",\"expires\":\"2028-02-10\",\"quality\":\"hold\"}\n"
    "{\"type\":\"recall\",\"id\":\"R-7\",\"product\":\"B\",\"lots\":[\"L9\"],\"codes\":[],\"reason\":\"leaks\",\"action\":\"quarantine\"}\n"
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)RECALLED\",\"product\":\"B\",\"lot\":\"L9\",\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)HELD\",\"product\":\"B\",\"lot\":\"L2\",\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)AWAY\",\"product\":\"B\",\"lot\":\"L1\",\"holder\":\"party:D-9\"}\n"
    "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)VOID\",\"product\":\"B\",\"lot\":\"L1\",\"state\":\"void\",\"holder\":\"site:CDB\"}\n"
    "{\"type\":\"document\",\"source\":\"t\",\"doc\":\"out,1\",\"no\":\"SO-1\",\"flow\":\"outbound\",\"state\":\"open\",\"from\":\"site:CDB\","
    "\"to\":\"party:D-1\",\"lines\":[{\"line\":\"1\",\"product\":\"B\",\"qty\":\"900\",\"tolerance\":\"0\"}]}\n"
    "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"W\",\"role\":\"clerk\",\"site\":\"CDB\",\"region\":null,\"pin\":\"2468\"}\n"
    "{\"type\":\"policy\",\"site\":\"CDB\",\"registry\":\"strict\",\"enforce\":[],\"start\":null}\n";
/* clang-format on */

/* The middle of the serials: their rows lie far from the first and the last. */
#define FIRST  "S000001"
#define MIDDLE "S001500"
#define LAST   "S003000"

static const char *feed(void)
{
    static char text[sizeof HEAD + (size_t)CODES * LINE_MAX_BYTES];
    size_t len = (size_t)snprintf(text, sizeof text, "%s", HEAD);
    for (int i = 1; i <= CODES; i++)
        len += (size_t)snprintf(text + len, sizeof text - len,
                                "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)S%06d\",\"product\":\"B\","
                                "\"lot\":\"L1\",\"holder\":\"site:CDB\"}\n",
                                i);
    return text;
}

/* ---- the files ---- */

static const char *current_path(const struct engine_world *device)
{
    static char path[PATH_BYTES];
    struct catalogs_mark mark;
    assert_int_equal(catalogs_current(device->dir, &mark), RC_OK);
    snprintf(path, sizeof path, "%s/%s", device->dir, mark.name);
    return path;
}

static bool is_marked(const struct engine_world *device)
{
    struct catalogs_mark mark;
    assert_int_equal(catalogs_current(device->dir, &mark), RC_OK);
    return catalogs_is_damaged(device->dir, mark.name);
}

/* Nothing is left in the -wal: pages are read from the file. */
static void write_back(const struct engine_world *device)
{
    struct catalog *catalog;
    assert_int_equal(catalog_open(current_path(device), CATALOG_WRITE, &catalog), RC_OK);
    catalog_close(catalog);
}

static void flip(FILE *file, long at)
{
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    assert_int_not_equal(fputc(byte ^ 0x20, file), EOF);
}

/* One byte of each page that has this text; the page's last ones are no row's. */
static int flip_pages_with(const struct engine_world *device, const char *text)
{
    static char page[PAGE];
    FILE *file = fopen(current_path(device), "r+b");
    int flipped = 0;
    assert_non_null(file);
    for (long at = 0; fseek(file, at, SEEK_SET) == 0 && fread(page, 1, PAGE, file) == PAGE; at += PAGE)
        if (memmem(page, PAGE, text, strlen(text))) {
            flip(file, at + PAGE - 20);
            flipped++;
        }
    assert_int_equal(fclose(file), 0);
    return flipped;
}

/* ---- what is asked ---- */

static enum rc scan_rc(struct engine_world *device, const char *serial, struct outcome *ret_outcome)
{
    char text[64];
    int len = snprintf(text, sizeof text,
                       "]C10105901234123457"
                       "21%s",
                       serial);
    struct scan *scan = scan_new(text, (size_t)len);
    device->mono_ns += 1000000000;
    scan->mono_ns = device->mono_ns;
    enum rc rc = engine_scan(device->engine, DOC, scan, 0, ret_outcome);
    free(scan);
    return rc;
}

static void expect_ok(struct engine_world *device, const char *serial)
{
    static struct outcome outcome;
    assert_int_equal(scan_rc(device, serial, &outcome), RC_OK);
    assert_string_equal(reason_word(outcome.verdict.reason), "ok");
}

static void expect_refused(struct engine_world *device, const char *serial)
{
    static struct outcome outcome;
    int64_t last = engine_world_last(device);
    assert_int_equal(scan_rc(device, serial, &outcome), RC_CORRUPT);
    assert_int_equal(engine_world_last(device), last);
}

static struct store_counts counts_of(struct engine_world *device)
{
    struct store_counts counts;
    assert_int_equal(store_counts(engine_store(device->engine), &counts), RC_OK);
    return counts;
}

static void expect_healed(struct linked_world *world, const char *old_path)
{
    struct store_counts counts = counts_of(&world->device);
    assert_false(counts.catalog_damaged);
    assert_int_equal(counts.waiting, 0);
    assert_false(is_marked(&world->device));
    assert_int_not_equal(access(old_path, F_OK), 0);
    json_t *records = server_world_list(&world->server, "records");
    assert_int_equal(json_array_size(records), engine_world_last(&world->device));
    json_decref(records);
    json_t *conflicts = server_world_list(&world->server, "conflicts");
    assert_int_equal(json_array_size(conflicts), 0);
    json_decref(conflicts);
}

/* ---- the stage ---- */

static int set_up(void **state)
{
    struct linked_world *world = calloc(1, sizeof *world);
    linked_world_open(world, feed());
    expect_ok(&world->device, FIRST);
    assert_int_equal(linked_world_sync(world), RC_OK);
    linked_world_stop(world);
    write_back(&world->device);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    linked_world_close(*state);
    free(*state);
    return 0;
}

static void start(struct linked_world *world)
{
    linked_world_start(world);
    assert_int_equal(engine_sign_in(world->device.engine, "wang", "2468", NULL), RC_OK);
}

static void what_a_scan_meets_is_fetched_again(void **state)
{
    struct linked_world *world = *state;
    char old_path[PATH_BYTES];
    start(world);
    snprintf(old_path, sizeof old_path, "%s", current_path(&world->device));
    assert_true(flip_pages_with(&world->device, MIDDLE) > 0);
    assert_false(counts_of(&world->device).catalog_damaged);
    expect_refused(&world->device, MIDDLE);
    assert_true(counts_of(&world->device).catalog_damaged);
    assert_true(is_marked(&world->device));
    expect_ok(&world->device, LAST); /* what can be read is right: work goes on */
    world->away = true;
    assert_int_equal(linked_world_sync(world), RC_NET);
    expect_refused(&world->device, MIDDLE);
    world->away = false;
    assert_int_equal(linked_world_sync(world), RC_OK);
    expect_ok(&world->device, MIDDLE);
    assert_int_equal(linked_world_sync(world), RC_OK);
    expect_healed(world, old_path);
}

/* The mark outlives the process that made it. */
static void a_restart_remembers(void **state)
{
    struct linked_world *world = *state;
    start(world);
    assert_true(flip_pages_with(&world->device, MIDDLE) > 0);
    expect_refused(&world->device, MIDDLE);
    linked_world_stop(world);
    start(world);
    assert_true(counts_of(&world->device).catalog_damaged);
    char old_path[PATH_BYTES];
    snprintf(old_path, sizeof old_path, "%s", current_path(&world->device));
    assert_int_equal(linked_world_sync(world), RC_OK);
    expect_ok(&world->device, MIDDLE);
    assert_int_equal(linked_world_sync(world), RC_OK);
    expect_healed(world, old_path);
}

/* While it has a record to push: the push goes first, then the page that can't be put. */
static void what_sync_meets_is_fetched_again(void **state)
{
    struct linked_world *world = *state;
    char old_path[PATH_BYTES];
    start(world);
    snprintf(old_path, sizeof old_path, "%s", current_path(&world->device));
    assert_true(flip_pages_with(&world->device, MIDDLE) > 0);
    expect_ok(&world->device, LAST);
    server_world_tell(&world->server,
                      "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)" MIDDLE "\",\"lot\":\"L2\"}\n");
    assert_int_equal(linked_world_sync(world), RC_OK);
    static struct outcome outcome;
    assert_int_equal(scan_rc(&world->device, MIDDLE, &outcome), RC_OK);
    assert_string_equal(reason_word(outcome.verdict.reason), "on-hold");
    assert_int_equal(linked_world_sync(world), RC_OK);
    expect_healed(world, old_path);
}

static void scan_damage(struct linked_world *world)
{
    expect_refused(&world->device, MIDDLE);
    assert_true(is_marked(&world->device));
}

/* The page that is on its way goes on from where the damaged one was: it is not put into the new one. */
static void a_scan_meets_it_while_a_page_comes(void **state)
{
    struct linked_world *world = *state;
    char old_path[PATH_BYTES];
    start(world);
    snprintf(old_path, sizeof old_path, "%s", current_path(&world->device));
    assert_true(flip_pages_with(&world->device, MIDDLE) > 0);
    server_world_tell(&world->server,
                      "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)" LAST "\",\"lot\":\"L2\"}\n");
    world->pulling = scan_damage;
    assert_int_equal(linked_world_sync(world), RC_OK);
    assert_null(world->pulling);
    expect_ok(&world->device, MIDDLE);
    assert_int_equal(linked_world_sync(world), RC_OK);
    expect_healed(world, old_path);
}

/* The first page of a small one is its last: nothing may be pulled before all was pushed again. */
static void a_small_one_is_fetched_again(void **state)
{
    struct linked_world world;
    (void)state;
    linked_world_open(&world, HEAD);
    linked_world_stop(&world);
    write_back(&world.device);
    start(&world); /* and so there is a record to push */
    assert_true(flip_pages_with(&world.device, "RECALLED") > 0);
    server_world_tell(&world.server,
                      "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)RECALLED\",\"lot\":\"L1\"}\n");
    assert_int_equal(linked_world_sync(&world), RC_OK);
    expect_ok(&world.device, "RECALLED");
    linked_world_close(&world);
}

/* The page with the cursor: without it sync would begin again in the same file, or nowhere. */
static void sync_has_lost_its_place(void **state)
{
    struct linked_world *world = *state;
    char old_path[PATH_BYTES];
    start(world);
    snprintf(old_path, sizeof old_path, "%s", current_path(&world->device));
    assert_true(flip_pages_with(&world->device, "applied_seq") > 0);
    assert_int_equal(linked_world_sync(world), RC_OK);
    expect_ok(&world->device, MIDDLE);
    assert_int_equal(linked_world_sync(world), RC_OK);
    expect_healed(world, old_path);
}

static bool count_document(void *context, const struct store_document_row *row)
{
    (void)row;
    ++*(int *)context;
    return true;
}

static void damage_is_there_at_the_start(void **state)
{
    struct linked_world *world = *state;
    struct engine_world *device = &world->device;
    char old_path[PATH_BYTES], doc[DOC_MAX + 1];
    int documents = 0;
    snprintf(old_path, sizeof old_path, "%s", current_path(device));
    assert_int_equal(flip_pages_with(device, "SQLite format 3"), 1);
    linked_world_start(world);
    assert_int_equal(engine_sign_in(device->engine, "wang", "2468", NULL), RC_CORRUPT);
    assert_true(counts_of(device).catalog_damaged);
    assert_true(is_marked(device));
    /* the journal's open document is still there */
    assert_int_equal(store_document_name(engine_store(device->engine), "SO-1", doc), RC_OK);
    assert_int_equal(engine_world_tallied(device, "SO-1", 0), QTY_ONE);
    assert_int_equal(store_documents(engine_store(device->engine), count_document, &documents), RC_CORRUPT);
    assert_int_equal(documents, 1);
    assert_int_equal(linked_world_sync(world), RC_OK);
    assert_int_equal(engine_sign_in(device->engine, "wang", "2468", NULL), RC_OK);
    expect_ok(device, MIDDLE);
    assert_int_equal(linked_world_sync(world), RC_OK);
    expect_healed(world, old_path);
}

/* Without a server: an import begins anew. */
static void an_import_begins_anew(void **state)
{
    struct engine_world device;
    char old_path[PATH_BYTES];
    (void)state;
    engine_world_open(&device, feed());
    assert_int_equal(engine_open_document(device.engine, "SO-1", NULL), RC_OK);
    engine_world_stop(&device);
    write_back(&device);
    engine_world_start(&device);
    assert_int_equal(engine_sign_in(device.engine, "wang", "2468", NULL), RC_OK);
    snprintf(old_path, sizeof old_path, "%s", current_path(&device));
    assert_true(flip_pages_with(&device, MIDDLE) > 0);
    expect_refused(&device, MIDDLE);
    assert_true(counts_of(&device).catalog_damaged);
    engine_world_tell(&device, feed());
    expect_ok(&device, MIDDLE);
    assert_false(counts_of(&device).catalog_damaged);
    assert_int_not_equal(access(old_path, F_OK), 0);
    engine_world_close(&device);
}

/* Each page of a small catalog, one after the other: the verdicts that an undamaged one gives, or none. */
static void no_verdict_is_another(void **state)
{
    static const char *const SERIALS[] = {"RECALLED", "HELD", "AWAY", "VOID", "STRANGER"};
    static const char *const WORDS[] = {"recalled", "on-hold", "already-shipped", "void-code", "unregistered"};
    static struct outcome outcome;
    struct engine_world device;
    int refused = 0, right = 0;
    (void)state;
    engine_world_open(&device, HEAD);
    assert_int_equal(engine_open_document(device.engine, "SO-1", NULL), RC_OK);
    engine_world_stop(&device);
    write_back(&device);
    FILE *file = fopen(current_path(&device), "r+b");
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    for (long at = 0, len = ftell(file); at < len; at += PAGE) {
        flip(file, at + PAGE - 20);
        fflush(file);
        engine_world_start(&device);
        enum rc in = engine_sign_in(device.engine, "wang", "2468", NULL);
        for (size_t i = 0; i < sizeof SERIALS / sizeof SERIALS[0]; i++) {
            enum rc rc = in == RC_OK ? scan_rc(&device, SERIALS[i], &outcome) : in;
            if (rc == RC_OK)
                assert_string_equal(reason_word(outcome.verdict.reason), WORDS[i]);
            else
                assert_int_equal(rc, RC_CORRUPT);
            refused += rc != RC_OK;
            right += rc == RC_OK;
        }
        engine_world_stop(&device);
        flip(file, at + PAGE - 20);
        fflush(file);
    }
    fclose(file);
    assert_true(refused > 0 && right > 0);
    engine_world_start(&device);
    engine_world_close(&device);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_scan_meets_it_while_a_page_comes), cmocka_unit_test(a_small_one_is_fetched_again),
        TEST(what_a_scan_meets_is_fetched_again), TEST(a_restart_remembers),
        TEST(what_sync_meets_is_fetched_again),   TEST(sync_has_lost_its_place),
        TEST(damage_is_there_at_the_start),       cmocka_unit_test(an_import_begins_anew),
        cmocka_unit_test(no_verdict_is_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
