#include "app/catalog/page_sum.h"
/* The catalog: opening, transactions, imports taken whole, merging, lookups of goods, people and rules. */
#include "app/catalog/sqlite_rc.h"
#include "tests/unit/catalog_world.h"
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static day_t day(const char *text)
{
    day_t day = DAY_NONE;
    assert_int_equal(day_parse(text, &day), RC_OK);
    return day;
}

enum { CODES_IMPORTED = 100000 };

/* ---- opening ---- */

static void opening(void **state)
{
    struct catalog_world *world = *state;
    struct catalog *other = NULL;
    char path[128];
    snprintf(path, sizeof path, "%s/none.db", world->dir);
    assert_int_equal(catalog_open(path, CATALOG_READ, &other), RC_NOT_FOUND);
    assert_null(other);
    assert_int_equal(catalog_open("/nowhere/at/all.db", CATALOG_WRITE, &other), RC_READ_ONLY);
    assert_int_equal(catalog_open(world->path, CATALOG_READ, &other), RC_OK);
    catalog_close(other);
    catalog_close(NULL);
}

static void run_sql(const char *path, const char *text)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, page_sum_vfs()), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void schemas_of_other_times(void **state)
{
    struct catalog_world *world = *state;
    struct catalog *other = NULL;
    run_sql(world->path, "PRAGMA user_version=99");
    assert_int_equal(catalog_open(world->path, CATALOG_READ, &other), RC_NEWER);
    assert_int_equal(catalog_open(world->path, CATALOG_WRITE, &other), RC_NEWER);
    run_sql(world->path, "PRAGMA user_version=0");
    assert_int_equal(catalog_open(world->path, CATALOG_READ, &other), RC_NOT_FOUND);
    run_sql(world->path, "PRAGMA user_version=3");
}

static void files_that_are_none(void **state)
{
    struct catalog_world *world = *state;
    struct catalog *other = NULL;
    char path[128];
    snprintf(path, sizeof path, "%s/text.db", world->dir);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < 100; i++)
        fputs("this is no database; ", file);
    fclose(file);
    assert_int_equal(catalog_open(path, CATALOG_READ, &other), RC_CORRUPT);
    assert_int_equal(catalog_open(path, CATALOG_WRITE, &other), RC_CORRUPT);
    unlink(path);
}

static void a_table_that_is_missing(void **state)
{
    struct catalog_world *world = *state;
    struct product product;
    run_sql(world->path, "DROP TABLE product");
    assert_int_equal(catalog_product(world->catalog, "P", &product), RC_CORRUPT);
}

static void readers_see_one_moment(void **state)
{
    struct catalog_world *world = *state;
    struct catalog *reader = NULL;
    struct catalog_party party;
    catalog_world_told(world, "{\"type\":\"party\",\"id\":\"D\",\"name\":\"old\"}\n");
    assert_int_equal(catalog_open(world->path, CATALOG_READ, &reader), RC_OK);
    assert_int_equal(catalog_begin_read(reader), RC_OK);
    catalog_world_told(world, "{\"type\":\"party\",\"id\":\"D\",\"name\":\"new\"}\n");
    assert_int_equal(catalog_party(reader, "D", &party), RC_OK);
    assert_string_equal(party.name, "old");
    catalog_end_read(reader);
    assert_int_equal(catalog_party(reader, "D", &party), RC_OK);
    assert_string_equal(party.name, "new");
    assert_int_equal(catalog_meta_set(reader, "x", "y"), RC_READ_ONLY);
    catalog_close(reader);
}

static void sqlite_codes(void **state)
{
    (void)state;
    static const struct {
        int code;
        enum rc rc;
    } MAP[] = {{SQLITE_OK, RC_OK},
               {SQLITE_DONE, RC_OK},
               {SQLITE_FULL, RC_DISK_FULL},
               {SQLITE_READONLY_DBMOVED, RC_READ_ONLY},
               {SQLITE_CANTOPEN, RC_READ_ONLY},
               {SQLITE_CORRUPT_VTAB, RC_CORRUPT},
               {SQLITE_NOTADB, RC_CORRUPT},
               {SQLITE_BUSY_SNAPSHOT, RC_BUSY},
               {SQLITE_IOERR_NOMEM, RC_NOMEM},
               {SQLITE_IOERR_FSYNC, RC_IO},
               {SQLITE_INTERNAL, RC_IO},
               {SQLITE_NOMEM, RC_NOMEM}};
    for (size_t i = 0; i < sizeof MAP / sizeof MAP[0]; i++)
        assert_int_equal(sqlite_rc(MAP[i].code), MAP[i].rc);
}

/* ---- imports ---- */

static void taken_whole_or_not_at_all(void **state)
{
    struct catalog_world *world = *state;
    struct catalog_party party;
    assert_int_equal(catalog_world_import(world, "{\"type\":\"party\",\"id\":\"D\",\"name\":\"n\"}\n"
                                                 "{\"type\":\"code\",\"code\":\"A1\"}\n"
                                                 "{\"type\":\"party\",\"id\":\"E\",\"min_life_days\":\"x\"}\n"),
                     RC_BAD_INPUT);
    assert_int_equal(world->error.line, 3);
    assert_int_equal(catalog_party(world->catalog, "D", &party), RC_NOT_FOUND);
    struct codebook_entry entry;
    assert_int_equal(codebook_find(catalog_codebook(world->catalog), "plain:A1", &entry), RC_NOT_FOUND);
    assert_int_equal(catalog_updated_ms(world->catalog), 0);
    catalog_world_told(world, "{\"type\":\"party\",\"id\":\"D\",\"name\":\"n\"}\n");
    assert_int_equal(world->count, 1);
    assert_true(catalog_updated_ms(world->catalog) > 1600000000000);
}

static void a_loop_of_containers_is_a_sentence(void **state)
{
    struct catalog_world *world = *state;
    assert_int_equal(catalog_world_import(world, "{\"type\":\"code\",\"code\":\"A\",\"in\":\"B\"}\n"
                                                 "{\"type\":\"code\",\"code\":\"B\",\"in\":\"A\"}\n"),
                     RC_BAD_INPUT);
    assert_int_equal(world->error.line, 2);
    assert_string_equal(world->error.text,
                        "member \"in\" would put a code inside itself, or deeper than 8 containers");
}

static enum rc put_told(struct catalog_world *world, const char *line)
{
    struct feed_sink sink = catalog_sink(world->catalog);
    struct feed_item item;
    char error[FEED_ERROR_MAX + 1];
    assert_int_equal(feed_parse(line, strlen(line), &item, &world->error, NULL), RC_OK);
    enum rc rc = sink.put(sink.context, &item, error);
    feed_item_free(&item);
    return rc;
}

static const char *parent_of(struct catalog_world *world, const char *key)
{
    static struct codebook_entry entry;
    assert_int_equal(codebook_find(catalog_codebook(world->catalog), key, &entry), RC_OK);
    return entry.parent;
}

/* A crate was in another one's, and now that one is in it: whichever of the two lines comes first. */
static void containers_that_change_places_are_told_in_any_order(void **state)
{
    struct catalog_world *world = *state;
    catalog_world_told(world, "{\"type\":\"code\",\"code\":\"A\",\"in\":\"B\"}\n"
                              "{\"type\":\"code\",\"code\":\"B\",\"in\":\"C\"}\n"
                              "{\"type\":\"code\",\"code\":\"C\",\"in\":null}\n");
    assert_int_equal(catalog_begin(world->catalog), RC_OK);
    assert_int_equal(put_told(world, "{\"type\":\"code\",\"code\":\"C\",\"in\":\"A\"}"), RC_OK);
    assert_string_equal(parent_of(world, "plain:C"), "plain:A");
    assert_string_equal(parent_of(world, "plain:B"), "");
    assert_int_equal(put_told(world, "{\"type\":\"code\",\"code\":\"B\",\"in\":null}"), RC_OK);
    assert_int_equal(put_told(world, "{\"type\":\"code\",\"code\":\"A\",\"in\":\"B\"}"), RC_OK);
    assert_string_equal(parent_of(world, "plain:A"), "plain:B");
    assert_int_equal(put_told(world, "{\"type\":\"code\",\"code\":\"D\",\"in\":\"D\"}"), RC_BAD_INPUT);
    assert_int_equal(catalog_commit(world->catalog), RC_OK);
}

static void what_is_missing_stays_and_null_clears(void **state)
{
    struct catalog_world *world = *state;
    struct product product;
    catalog_world_told(
        world, "{\"type\":\"product\",\"id\":\"P\",\"name\":\"螺栓\",\"unit\":\"kg\",\"decimals\":2,"
               "\"control\":\"lot\",\"gtin\":[\"05901234123457\"]}\n"
               "{\"type\":\"product\",\"id\":\"P\",\"pack\":[{\"level\":1,\"name\":\"箱\","
               "\"gtin\":\"15901234123454\",\"contains\":12},{\"level\":2,\"name\":\"托\",\"contains\":40}]}\n");
    assert_int_equal(catalog_product(world->catalog, "P", &product), RC_OK);
    assert_string_equal(product.name, "螺栓");
    assert_string_equal(product.unit, "kg");
    assert_int_equal(product.decimals, 2);
    assert_int_equal(product.control, CONTROL_LOT);
    assert_int_equal(product.pack_count, 2);
    assert_string_equal(product.packs[0].name, "箱");
    assert_int_equal(product.packs[1].contains, 40 * QTY_ONE);
    assert_int_equal(product.packs[1].units, 480 * QTY_ONE);

    int level = -1;
    assert_int_equal(catalog_product_by_gtin(world->catalog, "15901234123454", &product, &level), RC_OK);
    assert_int_equal(level, 1);
    assert_int_equal(catalog_product_by_gtin(world->catalog, "05901234123457", &product, &level), RC_OK);
    assert_int_equal(level, 0);

    catalog_world_told(world, "{\"type\":\"product\",\"id\":\"P\",\"pack\":null,\"control\":null}\n");
    assert_int_equal(catalog_product(world->catalog, "P", &product), RC_OK);
    assert_int_equal(product.pack_count, 0);
    assert_int_equal(product.control, CONTROL_NONE);
    assert_string_equal(product.name, "螺栓");
    assert_int_equal(catalog_product_by_gtin(world->catalog, "15901234123454", &product, &level), RC_NOT_FOUND);
    catalog_world_told(world, "{\"type\":\"product\",\"id\":\"P\",\"gone\":true}\n");
    assert_int_equal(catalog_product(world->catalog, "P", &product), RC_NOT_FOUND);
    assert_int_equal(catalog_product_by_gtin(world->catalog, "05901234123457", &product, &level), RC_NOT_FOUND);
}

static void references_not_yet_told_are_noted(void **state)
{
    struct catalog_world *world = *state;
    static const char ORDER[] =
        "{\"type\":\"document\",\"source\":\"s\",\"doc\":\"1\",\"to\":\"party:D\","
        "\"from\":\"site:CDB\",\"lines\":[{\"line\":\"1\",\"product\":\"P\",\"qty\":\"6\"}]}\n";
    static const char CODE[] = "{\"type\":\"code\",\"code\":\"A1\",\"product\":\"Q\"}\n";
    catalog_world_told(world, ORDER);
    assert_string_equal(world->notes, "0 product \"P\" is named and has not been told yet\n"
                                      "0 party \"D\" is named and has not been told yet\n"
                                      "0 site \"CDB\" is named and has not been told yet\n");
    world->notes[0] = '\0';
    /* told later in the same file is told */
    char text[1000];
    snprintf(text, sizeof text, "%s%s", CODE,
             "{\"type\":\"product\",\"id\":\"P\"}\n{\"type\":\"party\",\"id\":\"D\"}\n{\"type\":\"site\",\"id\":"
             "\"CDB\"}\n");
    catalog_world_told(world, text);
    assert_string_equal(world->notes, "0 product \"Q\" is named and has not been told yet\n");
}

/* ---- lookups ---- */

static bool add_lot(void *context, const struct lot *lot)
{
    char *text = context;
    size_t len = strlen(text);
    snprintf(text + len, 200 - len, "%s ", lot->id);
    return true;
}

static const char LOTS[] =
    "{\"type\":\"product\",\"id\":\"P\"}\n"
    "{\"type\":\"lot\",\"product\":\"P\",\"lot\":\"A\",\"made\":\"2025-01-01\",\"expires\":\"2027-01-01\"}\n"
    "{\"type\":\"lot\",\"product\":\"P\",\"lot\":\"B\",\"expires\":\"2027-06-01\",\"quality\":\"hold\"}\n"
    "{\"type\":\"lot\",\"product\":\"P\",\"lot\":\"C\",\"expires\":\"2027-03-01\",\"quality\":\"released\"}\n"
    "{\"type\":\"lot\",\"product\":\"P\",\"lot\":\"D\",\"expires\":\"2026-11-22\"}\n"
    "{\"type\":\"lot\",\"product\":\"P\",\"lot\":\"E\",\"expires\":\"2026-11-21\"}\n"
    "{\"type\":\"lot\",\"product\":\"P\",\"lot\":\"F\",\"expires\":\"2027-08-01\"}\n"
    "{\"type\":\"lot\",\"product\":\"P\",\"lot\":\"G\"}\n";

static void lots(void **state)
{
    struct catalog_world *world = *state;
    struct lot lot;
    char older[200] = "";
    catalog_world_told(world, LOTS);
    assert_int_equal(catalog_lot(world->catalog, "P", "A", &lot), RC_OK);
    assert_true(lot.known && !lot.on_hold);
    assert_int_equal(lot.expires, day("2027-01-01"));
    assert_int_equal(lot.made, day("2025-01-01"));
    assert_int_equal(catalog_lot(world->catalog, "P", "B", &lot), RC_OK);
    assert_true(lot.on_hold);
    assert_int_equal(lot.made, DAY_NONE);
    assert_int_equal(catalog_lot(world->catalog, "P", "Z", &lot), RC_NOT_FOUND);

    /* earliest first; not the held, the expired, the undated, nor the one itself; the last day is a day */
    day_t today = day("2026-11-22");
    assert_int_equal(catalog_older_lots(world->catalog, "P", today, day("2027-08-01"), add_lot, older), RC_OK);
    assert_string_equal(older, "D A C ");
    older[0] = '\0';
    catalog_world_told(world, "{\"type\":\"recall\",\"id\":\"R\",\"product\":\"P\",\"lots\":[\"A\"]}\n");
    assert_int_equal(catalog_older_lots(world->catalog, "P", today, day("2027-08-01"), add_lot, older), RC_OK);
    assert_string_equal(older, "D C ");
}

static void recalled(struct catalog_world *world, const char *product, const char *lot, const char *key,
                     const char *id)
{
    char found[ID_MAX + 1] = "", reason[NAME_MAX_BYTES + 1] = "";
    enum rc rc = catalog_recall(world->catalog, product, lot, key, found, reason);
    assert_int_equal(rc, id ? RC_OK : RC_NOT_FOUND);
    assert_string_equal(found, id ? id : "");
}

static void recalls(void **state)
{
    struct catalog_world *world = *state;
    recalled(world, "P", "L1", "plain:x", NULL);
    catalog_world_told(
        world, "{\"type\":\"product\",\"id\":\"P\"}\n{\"type\":\"product\",\"id\":\"Q\"}\n"
               "{\"type\":\"recall\",\"id\":\"R-1\",\"product\":\"P\",\"lots\":[\"L1\"],\"reason\":\"瓶盖渗漏\"}\n"
               "{\"type\":\"recall\",\"id\":\"R-2\",\"product\":\"Q\"}\n"
               "{\"type\":\"recall\",\"id\":\"R-3\",\"codes\":[\"CASE\",\"CAP\"]}\n"
               "{\"type\":\"recall\",\"id\":\"R-4\",\"product\":\"P\",\"codes\":[\"SOLO\"]}\n"
               "{\"type\":\"code\",\"code\":\"ITEM\",\"in\":\"BOX\"}\n"
               "{\"type\":\"code\",\"code\":\"BOX\",\"in\":\"CASE\"}\n"
               "{\"type\":\"code\",\"code\":\"BOTTLE\",\"aliases\":[\"CAP\"]}\n");
    recalled(world, "P", "L1", NULL, "R-1");
    recalled(world, "P", "L2", "", NULL);
    recalled(world, "P", "", "plain:x", NULL);
    recalled(world, "Q", "anything", "", "R-2");
    recalled(world, "", "", "plain:CASE", "R-3");
    recalled(world, "", "", "plain:BOX", "R-3");
    recalled(world, "", "", "plain:ITEM", "R-3");
    recalled(world, "", "", "plain:BOTTLE", "R-3");
    recalled(world, "P", "L2", "plain:SOLO", "R-4");
    catalog_world_told(world, "{\"type\":\"recall\",\"id\":\"R-3\",\"gone\":true}\n"
                              "{\"type\":\"recall\",\"id\":\"R-1\",\"lots\":[\"L2\"]}\n");
    recalled(world, "", "", "plain:ITEM", NULL);
    recalled(world, "P", "L1", "", NULL);
    recalled(world, "P", "L2", "", "R-1");
}

static bool count_operator(void *context, const struct catalog_operator *operator)
{
    assert_non_null(operator);
    ++*(int *)context;
    return true;
}

static void people_and_places(void **state)
{
    struct catalog_world *world = *state;
    struct catalog_operator operator;
    struct catalog_party party;
    char name[NAME_MAX_BYTES + 1];
    bool quarantine = true;
    int operators = 0;
    catalog_world_told(world,
                       "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"王芳\",\"role\":\"clerk\",\"site\":\"CDB\","
                       "\"pin\":\"2468\"}\n"
                       "{\"type\":\"operator\",\"id\":\"nobody\",\"pin\":\"2468\"}\n"
                       "{\"type\":\"party\",\"id\":\"D\",\"name\":\"n\",\"min_life_days\":90}\n"
                       "{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"中心库\"}\n"
                       "{\"type\":\"site\",\"id\":\"Q\",\"kind\":\"quarantine\"}\n");
    assert_int_equal(catalog_operator(world->catalog, "wang", &operator), RC_OK);
    assert_int_equal(operator.role, ROLE_CLERK);
    assert_string_equal(operator.site, "CDB");
    assert_memory_equal(operator.pin_hash, "$argon2id$", 10);
    assert_int_equal(catalog_operator(world->catalog, "nobody", &operator), RC_NOT_FOUND);
    assert_int_equal(catalog_operators(world->catalog, count_operator, &operators), RC_OK);
    assert_int_equal(operators, 1);
    assert_int_equal(catalog_party(world->catalog, "D", &party), RC_OK);
    assert_int_equal(party.min_life_days, 90);
    assert_int_equal(catalog_site(world->catalog, "CDB", name, &quarantine), RC_OK);
    assert_false(quarantine);
    assert_string_equal(name, "中心库");
    assert_int_equal(catalog_site(world->catalog, "Q", name, &quarantine), RC_OK);
    assert_true(quarantine);
    assert_int_equal(catalog_site(world->catalog, "X", name, &quarantine), RC_NOT_FOUND);
}

static void the_same_pin_is_no_change(void **state)
{
    struct catalog_world *world = *state;
    struct catalog_operator first, again;
    static const char WANG[] = "{\"type\":\"operator\",\"id\":\"wang\",\"role\":\"clerk\",\"pin\":\"2468\"}\n";
    catalog_world_told(world, WANG);
    assert_int_equal(catalog_operator(world->catalog, "wang", &first), RC_OK);
    catalog_world_told(world, WANG);
    assert_int_equal(catalog_operator(world->catalog, "wang", &again), RC_OK);
    assert_string_equal(first.pin_hash, again.pin_hash);
}

static void policies(void **state)
{
    struct catalog_world *world = *state;
    struct policy policy;
    assert_int_equal(catalog_policy(world->catalog, "CDB", &policy), RC_OK);
    assert_int_equal(policy.registry, REGISTRY_STRICT);
    assert_int_equal(policy.enforce[REASON_UNREGISTERED], ENFORCE_REJECT);
    assert_int_equal(policy.start, DAY_NONE);
    catalog_world_told(
        world, "{\"type\":\"policy\",\"site\":null,\"registry\":\"off\"}\n"
               "{\"type\":\"policy\",\"site\":\"CDB\",\"registry\":\"learn\",\"start\":\"2026-12-01\",\"enforce\":["
               "{\"reason\":\"unregistered\",\"as\":\"warn\",\"until\":\"2026-12-31\"},"
               "{\"reason\":\"expired\",\"as\":\"observe\"},{\"reason\":\"cloned\",\"as\":\"warn\"}]}\n");
    assert_int_equal(catalog_policy(world->catalog, "CDB", &policy), RC_OK);
    assert_int_equal(policy.registry, REGISTRY_LEARN);
    assert_int_equal(policy.start, day("2026-12-01"));
    assert_int_equal(policy.enforce[REASON_UNREGISTERED], ENFORCE_WARN);
    assert_int_equal(policy.enforce_until[REASON_UNREGISTERED], day("2026-12-31"));
    assert_int_equal(policy.enforce[REASON_EXPIRED], ENFORCE_OBSERVE);
    assert_int_equal(policy.enforce_until[REASON_EXPIRED], DAY_NONE);
    assert_int_equal(catalog_policy(world->catalog, "SHB", &policy), RC_OK);
    assert_int_equal(policy.registry, REGISTRY_OFF);
}

struct told {
    struct catalog_refusal *rows;
    int count;
};

static bool keep_told(void *context, const struct catalog_refusal *refusal)
{
    struct told *told = context;
    assert_true(told->count < 2);
    told->rows[told->count++] = *refusal;
    return true;
}

static void beside_the_data(void **state)
{
    struct catalog_world *world = *state;
    char value[256] = "";
    qty_t qty = 0;
    assert_int_equal(catalog_meta_get(world->catalog, "cursor", value), RC_NOT_FOUND);
    assert_int_equal(catalog_meta_set(world->catalog, "cursor", "a"), RC_OK);
    assert_int_equal(catalog_meta_set(world->catalog, "cursor", "b"), RC_OK);
    assert_int_equal(catalog_meta_get(world->catalog, "cursor", value), RC_OK);
    assert_string_equal(value, "b");
    assert_int_equal(catalog_begin(world->catalog), RC_OK);
    const struct catalog_refusal lost = {.epoch = 1,
                                         .seq = 12,
                                         .reason = "lost-claim",
                                         .number = 7,
                                         .at = "2026-11-22T13:12:33.123+08:00",
                                         .device = 5,
                                         .operator= "li",
                                         .no = "SO-2",
                                         .holder = "transit:party:D-1"};
    const struct catalog_refusal held = {.epoch = 1, .seq = 13, .held = true, .reason = "key-mismatch"};
    struct catalog_refusal told[2] = {{.epoch = 0}};
    struct told into = {told, 0};
    assert_int_equal(catalog_refuse(world->catalog, &lost), RC_OK);
    catalog_rollback(world->catalog);
    assert_false(catalog_refused(world->catalog, 1, 12));
    assert_int_equal(catalog_refuse(world->catalog, &lost), RC_OK);
    assert_int_equal(catalog_refuse(world->catalog, &held), RC_OK);
    assert_true(catalog_refused(world->catalog, 1, 12));
    assert_false(catalog_refused(world->catalog, 2, 12));
    assert_false(catalog_refused(world->catalog, 1, 13)); /* held: it counts as a fact */
    assert_int_equal(catalog_refused_count(world->catalog), 1);
    assert_int_equal(catalog_refusals(world->catalog, 1, keep_told, &into), RC_OK);
    assert_int_equal(into.count, 2);
    assert_memory_equal(&told[0], &held, sizeof held);
    assert_memory_equal(&told[1], &lost, sizeof lost);
    catalog_world_told(
        world, "{\"type\":\"stock\",\"holder\":\"site:CDB\",\"product\":\"P\",\"lot\":null,\"qty\":\"12.5\"}\n");
    assert_int_equal(catalog_stock(world->catalog, "site:CDB", "P", "", &qty), RC_OK);
    assert_int_equal(qty, 12500000);
}

/* ---- real size, real orders ---- */

static void a_hundred_thousand_codes(void **state)
{
    struct catalog_world *world = *state;
    struct timespec from, to;
    FILE *stream = tmpfile();
    assert_non_null(stream);
    for (int i = 0; i < CODES_IMPORTED; i++)
        fprintf(stream,
                "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)N%06d\",\"product\":\"P\",\"lot\":\"L1\","
                "\"in\":\"BOX-%d\"}\n",
                i, i / 12);
    rewind(stream);
    clock_gettime(CLOCK_MONOTONIC, &from);
    assert_int_equal(catalog_world_read(world, stream), RC_OK);
    clock_gettime(CLOCK_MONOTONIC, &to);
    assert_int_equal(world->count, CODES_IMPORTED);
    print_message("%ld codes in %.1f s (sanitized)\n", (long)CODES_IMPORTED,
                  (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
}

static void real_orders(void **state)
{
    struct catalog_world *world = *state;
    struct document *document = NULL;
    struct codebook_entry entry;
    FILE *orders = fopen("tests/data/orders.ndjson", "r"), *packed = fopen("tests/data/packed.ndjson", "r");
    if (!orders || !packed) {
        print_message("tests/data is not in the working folder\n");
        skip();
    }
    assert_int_equal(catalog_world_read(world, orders), RC_OK);
    assert_int_equal(catalog_world_read(world, packed), RC_OK);
    assert_string_equal(world->notes, "");
    assert_int_equal(catalog_document(world->catalog, "tryton:wh:stock.shipment.out,1", &document), RC_OK);
    assert_int_equal(document->line_count, 4);
    assert_string_equal(document->lines[2].line, "stock.move,8");
    assert_int_equal(document->lines[2].qty, 12500000);
    document_free(document);
    struct codebook *book = catalog_codebook(world->catalog);
    assert_int_equal(codebook_find(book, "(00)069012340000000016", &entry), RC_OK);
    assert_int_equal(entry.level, 2);
    assert_string_equal(entry.product, "SKU-B200");
    assert_string_equal(entry.lot, "LB-2502");
    assert_int_equal(codebook_find(book, "(01)04006381333931(21)2600000400", &entry), RC_OK);
    assert_string_equal(entry.product, "SKU-A100");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, catalog_world_open, catalog_world_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(opening),
        TEST(schemas_of_other_times),
        TEST(files_that_are_none),
        TEST(a_table_that_is_missing),
        TEST(readers_see_one_moment),
        cmocka_unit_test(sqlite_codes),
        TEST(taken_whole_or_not_at_all),
        TEST(a_loop_of_containers_is_a_sentence),
        TEST(containers_that_change_places_are_told_in_any_order),
        TEST(what_is_missing_stays_and_null_clears),
        TEST(references_not_yet_told_are_noted),
        TEST(lots),
        TEST(recalls),
        TEST(people_and_places),
        TEST(the_same_pin_is_no_change),
        TEST(policies),
        TEST(beside_the_data),
        TEST(a_hundred_thousand_codes),
        TEST(real_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
