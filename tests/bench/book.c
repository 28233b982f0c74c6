/* The code book's budget: random 12-character serials in cases of twelve, looked up in a catalog and in a plain table.
 *
 *     book feed N                a feed of N codes on standard output
 *     book market N              the same as an auditor has it: all sold, by the shipment, each with its day and order
 *     book audit N COUNT SEED    COUNT of these as a scanner sends them, a TAB and the reason that an audit in 510100 finds
 *     book runs N RUN            a feed of N codes in runs of RUN
 *     book plain N FILE          the plain table of the same codes, in key order; `market-plain` of an auditor's
 *     book look N CATALOG PLAIN  rounds of lookups in turns: "round OWN_NS PLAIN_NS", medians of each; resident KiB when
 *                                opened and working, and "case NS", the median of listing a case; `market-look`
 * Every answer is compared with what was told; a wrong one ends it with status 1. */
#include "app/catalog/catalog.h"
#include "app/catalog/page_sum.h"
#include <inttypes.h>
#include <malloc.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SERIAL = 12, PER_CASE = 12, LOTS = 40, SITES = 3, ROUNDS = 7, LOOKS = 20000, CASES = 2000, CACHE_KIB = 8192 };

/* An auditor's: a shipment is sixty cases of two lots to one of the dealers, each at home in a city of its own. */
enum {
    PER_SHIPMENT = 60,
    PER_LOT = 30,
    DEALERS = 400,
    DAYS = 300,
    CITIES = 100,
    EARLIER_EVERY = 97,
    APART = 1000003
};

static const char *const HOLDERS[SITES] = {"site:CDB", "site:SHB", "party:D-1"};

static bool market;

static uint64_t mix(uint64_t value)
{
    value += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return value ^ value >> 31;
}

static void serial_of(uint64_t number, char *ret_text)
{
    uint64_t value = mix(number);
    for (int i = 0; i < SERIAL; i++, value /= 36)
        ret_text[i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[value % 36];
    ret_text[SERIAL] = '\0';
}

static void key_of(uint64_t number, char *ret_key)
{
    char serial[SERIAL + 1];
    serial_of(number, serial);
    snprintf(ret_key, 64, "(01)05901234123457(21)%s", serial);
}

static void case_of(uint64_t number, char *ret_key)
{
    char digits[24];
    int sum = 0;
    snprintf(digits, sizeof digits, "0%016" PRIu64, number);
    for (int i = 0; i < 17; i++)
        sum += (digits[i] - '0') * (i % 2 ? 1 : 3);
    snprintf(ret_key, 64, "(00)%s%d", digits, (10 - sum % 10) % 10);
}

static unsigned lot_of(uint64_t box)
{
    return (unsigned)(mix((market ? box / PER_LOT : box) ^ 0x1010) % LOTS);
}

static unsigned holder_of(uint64_t box)
{
    return market ? (unsigned)(mix(box / PER_SHIPMENT ^ 0x3030) % DEALERS) : (unsigned)(mix(box ^ 0x2020) % SITES);
}

static void holder_text(uint64_t box, char *ret_text)
{
    if (market)
        snprintf(ret_text, 64, "party:D-%u", holder_of(box) + 1);
    else
        snprintf(ret_text, 64, "%s", HOLDERS[holder_of(box)]);
}

static day_t day_of(uint64_t box)
{
    day_t first = DAY_NONE;
    (void)day_parse("2026-01-01", &first);
    return first + (day_t)(mix(box / PER_SHIPMENT ^ 0x4040) % DAYS);
}

static void order_of(uint64_t box, char *ret_text)
{
    snprintf(ret_text, 64, "SO-%06" PRIu64, box / PER_SHIPMENT);
}

static void tell_product(void)
{
    puts(
        "{\"type\":\"product\",\"id\":\"SKU-B200\",\"name\":\"Pump seal kit\",\"gtin\":[\"05901234123457\"],\"unit\":"
        "\"u\",\"decimals\":0,\"control\":\"item\"}");
}

static void tell_dealers(void)
{
    puts("{\"type\":\"region\",\"id\":\"510000\",\"name\":\"四川省\",\"parent\":null}");
    for (int i = 0; i < CITIES; i++)
        printf("{\"type\":\"region\",\"id\":\"5101%02d\",\"name\":\"City %d\",\"parent\":\"510000\"}\n", i, i);
    for (int i = 0; i < DEALERS; i++)
        printf("{\"type\":\"party\",\"id\":\"D-%d\",\"name\":\"Dealer "
               "%d\",\"kind\":\"dealer\",\"region\":\"5101%02d\"}\n",
               i + 1, i + 1, i % CITIES);
    for (int i = 0; i < DEALERS / 2; i++) /* the others sell where they are at home */
        printf("{\"type\":\"territory\",\"party\":\"D-%d\",\"product\":null,\"regions\":[\"5101%02d\"],\"exclusive\":"
               "true,"
               "\"from\":\"2026-01-01\",\"to\":null}\n",
               i + 1, i % CITIES);
}

static void tell_sale(uint64_t box)
{
    char day[DAY_TEXT_MAX + 1], order[64], holder[64];
    order_of(box, order);
    holder_text(box, holder);
    printf(",\"sold\":{\"to\":\"%s\",\"at\":\"%s\",\"doc\":\"%s\"}", strchr(holder, ':') + 1,
           day_print(day_of(box), day), order);
    if (box % EARLIER_EVERY == 0)
        printf(",\"earlier\":[{\"to\":\"D-1\",\"at\":\"2025-12-01\",\"doc\":\"SO-9\"}]");
}

static int feed(uint64_t count)
{
    char key[64], box[64], holder[64];
    printf("{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"中心库\",\"kind\":\"warehouse\"}\n"
           "{\"type\":\"operator\",\"id\":\"bench\",\"name\":\"王芳\",\"role\":\"%s\",\"site\":\"CDB\",\"pin\":"
           "\"2468\"}\n",
           market ? "auditor" : "clerk");
    tell_product();
    if (market)
        tell_dealers();
    for (uint64_t i = 0; i < count; i++) {
        key_of(i, key);
        case_of(i / PER_CASE, box);
        holder_text(i / PER_CASE, holder);
        printf("{\"type\":\"code\",\"code\":\"%s\",\"product\":\"SKU-B200\",\"lot\":\"LB-25%02u\",\"level\":0,\"in\":"
               "\"%s\","
               "\"holder\":\"%s\"",
               key, lot_of(i / PER_CASE), box, holder);
        if (market)
            tell_sale(i / PER_CASE);
        puts("}");
    }
    return 0;
}

static int audited(uint64_t count, uint64_t bottles, uint64_t seed)
{
    char serial[SERIAL + 1];
    for (uint64_t i = 0; i < bottles; i++) {
        uint64_t number = (mix(seed) + i * APART) % count; /* no bottle twice */
        serial_of(number, serial);
        printf("]d20105901234123457\\x1d21%s\t%s\n", serial,
               holder_of(number / PER_CASE) % CITIES == 0 ? "in-region" : "out-of-region");
    }
    return 0;
}

static int runs(uint64_t count, uint64_t run)
{
    tell_product();
    for (uint64_t i = 0; i + run <= count; i += run)
        printf("{\"type\":\"codes\",\"product\":\"SKU-B200\",\"lot\":\"LB-25%02u\",\"first\":\"(01)05901234123457(21)"
               "S%010" PRIu64 "\",\"last\":\"(01)05901234123457(21)S%010" PRIu64 "\",\"holder\":\"%s\"}\n",
               lot_of(i / run), i * 2, i * 2 + run - 1, HOLDERS[holder_of(i / run)]);
    return 0;
}

/* ---- the plain table ---- */

static void demand(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "book: %s\n", what);
    exit(1);
}

struct serial {
    char text[SERIAL];
    uint32_t number;
};

static int by_serial(const void *a, const void *b)
{
    return memcmp(a, b, SERIAL);
}

static int plain(uint64_t count, const char *path)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *put = NULL;
    struct serial *serials = malloc(count * sizeof *serials);
    demand(serials != NULL, "no memory");
    for (uint64_t i = 0; i < count; i++) {
        char text[SERIAL + 1];
        serial_of(i, text);
        memcpy(serials[i].text, text, SERIAL);
        serials[i].number = (uint32_t)i;
    }
    qsort(serials, count, sizeof *serials, by_serial);
    demand(sqlite3_open(path, &db) == SQLITE_OK, "the plain table can't be made");
    demand(sqlite3_exec(db,
                        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; CREATE TABLE code (key TEXT PRIMARY KEY,"
                        " product INTEGER, lot INTEGER, parent INTEGER, holder INTEGER, state INTEGER) WITHOUT ROWID;"
                        " BEGIN",
                        NULL, NULL, NULL) == SQLITE_OK,
           "no table");
    sqlite3_prepare_v2(db, "INSERT INTO code VALUES (?1, 1, ?2, ?3, ?4, 0)", -1, &put, NULL);
    for (uint64_t i = 0; i < count; i++) {
        char key[64];
        uint64_t box = serials[i].number / PER_CASE;
        key_of(serials[i].number, key);
        sqlite3_bind_text(put, 1, key, -1, SQLITE_STATIC);
        sqlite3_bind_int(put, 2, (int)lot_of(box));
        sqlite3_bind_int64(put, 3, (sqlite3_int64)box);
        sqlite3_bind_int(put, 4, (int)holder_of(box));
        demand(sqlite3_step(put) == SQLITE_DONE, "no row");
        sqlite3_reset(put);
    }
    sqlite3_finalize(put);
    demand(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK, "no commit");
    sqlite3_close(db);
    free(serials);
    return 0;
}

/* ---- lookups ---- */

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t median(int64_t *values, size_t count)
{
    qsort(values, count, sizeof *values, by_number);
    return values[count / 2];
}

static long resident_kib(void)
{
    char line[128];
    long kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "VmRSS:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    if (file)
        fclose(file);
    return kib;
}

static sqlite3 *open_cached(const char *path, const char *vfs)
{
    char text[64];
    sqlite3 *db = NULL;
    demand(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, vfs) == SQLITE_OK,
           "can't be opened");
    snprintf(text, sizeof text, "PRAGMA cache_size=-%d; BEGIN", CACHE_KIB);
    demand(sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK, "no transaction");
    return db;
}

/* Outside the measurement: whom it was sold to, and by which order. */
static bool sold_right(sqlite3_stmt *sale, int id, uint64_t box)
{
    char holder[64], order[64];
    if (!market)
        return id == 0;
    holder_text(box, holder);
    order_of(box, order);
    sqlite3_bind_int(sale, 1, id);
    bool right = sqlite3_step(sale) == SQLITE_ROW &&
                 strcmp((const char *)sqlite3_column_text(sale, 0), strchr(holder, ':') + 1) == 0 &&
                 strcmp((const char *)sqlite3_column_text(sale, 1), order) == 0 &&
                 sqlite3_column_int(sale, 2) == day_of(box);
    sqlite3_reset(sale);
    return right;
}

static int64_t look_own(struct codebook *book, sqlite3_stmt *sale, uint64_t number)
{
    struct codebook_entry entry;
    char key[64], box[64], lot[16], holder[64];
    key_of(number, key);
    case_of(number / PER_CASE, box);
    holder_text(number / PER_CASE, holder);
    snprintf(lot, sizeof lot, "LB-25%02u", lot_of(number / PER_CASE));
    int64_t from = now_ns();
    enum rc rc = codebook_find(book, key, &entry);
    int64_t took = now_ns() - from;
    demand(rc == RC_OK && strcmp(entry.parent, box) == 0 && strcmp(entry.lot, lot) == 0 &&
               strcmp(entry.product, "SKU-B200") == 0 && strcmp(entry.holder.id, strchr(holder, ':') + 1) == 0 &&
               sold_right(sale, entry.sale, number / PER_CASE),
           "a wrong answer");
    return took;
}

static int64_t look_plain(sqlite3_stmt *find, uint64_t number)
{
    char key[64];
    key_of(number, key);
    int64_t from = now_ns();
    sqlite3_bind_text(find, 1, key, -1, SQLITE_STATIC);
    bool found = sqlite3_step(find) == SQLITE_ROW;
    bool right = found && sqlite3_column_int(find, 0) == 1 && sqlite3_column_int(find, 4) == 0 &&
                 sqlite3_column_int64(find, 2) == (sqlite3_int64)(number / PER_CASE) &&
                 sqlite3_column_int(find, 1) == (int)lot_of(number / PER_CASE) &&
                 sqlite3_column_int(find, 3) == (int)holder_of(number / PER_CASE);
    sqlite3_reset(find);
    int64_t took = now_ns() - from;
    demand(right, "a wrong answer from the plain table");
    return took;
}

static bool count_child(void *context, const struct codebook_entry *child)
{
    *(int *)context += child->parent[0] != '\0';
    return true;
}

static int64_t list_case(struct codebook *book, uint64_t number)
{
    char box[64];
    int children = 0;
    case_of(number, box);
    int64_t from = now_ns();
    demand(codebook_children(book, box, count_child, &children) == RC_OK && children == PER_CASE,
           "not twelve in a case");
    return now_ns() - from;
}

static int look(uint64_t count, const char *catalog, const char *table)
{
    static int64_t own[LOOKS], base[LOOKS];
    struct codebook *book = NULL;
    struct codebook_entry entry;
    sqlite3_stmt *find = NULL, *sale = NULL;
    long before = resident_kib();
    sqlite3 *db = open_cached(catalog, page_sum_vfs());
    demand(codebook_open(db, &book) == RC_OK, "no code book");
    demand(sqlite3_prepare_v2(db, "SELECT party, no, at FROM sale WHERE id=?1", -1, &sale, NULL) == SQLITE_OK,
           "no sales");
    demand(codebook_find(book, "plain:nobody-told", &entry) == RC_NOT_FOUND, "what nobody told");
    printf("opened %ld\n", resident_kib());
    printf("added %ld\n", resident_kib() - before);
    sqlite3 *other = open_cached(table, NULL);
    sqlite3_prepare_v2(other, "SELECT product, lot, parent, holder, state FROM code WHERE key=?1", -1, &find, NULL);
    uint64_t dice = 42;
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < LOOKS; i++)
            own[i] = look_own(book, sale, (dice = mix(dice)) % count);
        for (int i = 0; i < LOOKS; i++)
            base[i] = look_plain(find, (dice = mix(dice)) % count);
        if (round > 0) /* the first warms the caches */
            printf("round %" PRId64 " %" PRId64 "\n", median(own, LOOKS), median(base, LOOKS));
    }
    for (int i = 0; i < CASES; i++)
        own[i] = list_case(book, (dice = mix(dice)) % (count / PER_CASE));
    printf("case %" PRId64 "\n", median(own, CASES));
    sqlite3_finalize(find);
    sqlite3_close(other);
    malloc_trim(0); /* the plain table's cache is no part of it */
    printf("working %ld\n", resident_kib());
    sqlite3_finalize(sale);
    codebook_close(book);
    sqlite3_close(db);
    return 0;
}

int main(int argc, char **argv)
{
    uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    market = argc > 1 && (strncmp(argv[1], "market", 6) == 0 || strcmp(argv[1], "audit") == 0);
    if (argc == 3 && (strcmp(argv[1], "feed") == 0 || strcmp(argv[1], "market") == 0))
        return feed(count);
    if (argc == 5 && strcmp(argv[1], "audit") == 0)
        return audited(count, strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10));
    if (argc == 4 && strcmp(argv[1], "runs") == 0)
        return runs(count, strtoull(argv[3], NULL, 10));
    if (argc == 4 && (strcmp(argv[1], "plain") == 0 || strcmp(argv[1], "market-plain") == 0))
        return plain(count, argv[3]);
    if (argc == 5 && (strcmp(argv[1], "look") == 0 || strcmp(argv[1], "market-look") == 0))
        return look(count, argv[3], argv[4]);
    fprintf(stderr, "usage: book [market|feed] N | audit N COUNT SEED | runs N RUN | [market-]plain N FILE | "
                    "[market-]look N CATALOG PLAIN\n");
    return 2;
}
