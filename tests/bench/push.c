/* A push of many records, and what it is measured against.
 *
 *     push codes RECORDS             the feed of the goods that it scans, registered, and of their order
 *     push go RECORDS [once] <STRING one device, the real sync client and transport: enrols, journals, pushes all; pushes all
 *                                    once more, as after an answer that was lost
 *     push rows FROM INTO RECORDS    the rows that the server in the database FROM made of them, inserted into the tables of
 *                                    INTO (the server's before) by one process that does nothing else: as many records a
 *                                    transaction, the same settings
 *
 * `go` and `rows` print one JSON object. */
#include "sync/client/transport_http.h"
#include "tests/bench/memory.h"
#include <inttypes.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TIMEOUT_MS = 60000, BATCH = 500, TABLES = 3, COLUMNS_MAX = 16, LINE_MAX_BYTES = 2048, SQL_MAX = 512 };

static const struct memory_goods GOODS = {
    .gtin = "05901234123457", .product = "SEAL", .holder = "site:S1", .reason = "ok", .severity = "accept"};

static void demand(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "push: %s\n", what);
    exit(1);
}

/* Of this process, all its threads. */
static double cpu_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* ---- codes ---- */

static int codes(int64_t records)
{
    char serial[MEMORY_SERIAL + 1];
    printf(
        "{\"type\":\"party\",\"id\":\"D-1\",\"name\":\"D\",\"kind\":\"dealer\"}\n"
        "{\"type\":\"site\",\"id\":\"S1\",\"name\":\"S\",\"kind\":\"warehouse\"}\n"
        "{\"type\":\"product\",\"id\":\"%s\",\"name\":\"Seal\",\"gtin\":[\"%s\"],\"unit\":\"u\",\"decimals\":0,"
        "\"control\":\"item\"}\n"
        "{\"type\":\"document\",\"source\":\"erp\",\"doc\":\"SO-S1\",\"no\":\"SO-S1\",\"flow\":\"outbound\","
        "\"state\":\"open\",\"from\":\"site:S1\",\"to\":\"party:D-1\",\"lines\":[{\"line\":\"1\",\"product\":\"%s\","
        "\"qty\":\"1000000\"}]}\n",
        GOODS.product, GOODS.gtin, GOODS.product);
    for (int64_t i = 1; i < records; i++) {
        memory_serial(1, i, serial);
        printf("{\"type\":\"code\",\"code\":\"(01)%s(21)%s\",\"product\":\"%s\",\"level\":0,\"holder\":\"%s\"}\n",
               GOODS.gtin, serial, GOODS.product, GOODS.holder);
    }
    return 0;
}

/* ---- go ---- */

struct sender {
    struct sync_transport below;
    double began_ms; /* the first push; 0: none yet */
    int64_t bytes;   /* of bodies, as sent */
};

static enum rc send_timed(void *context, const char *url, const struct sync_request *request,
                          struct sync_reply *ret_reply)
{
    struct sender *sender = context;
    if (strcmp(request->path, "/v1/push") == 0) {
        if (sender->began_ms <= 0)
            sender->began_ms = memory_now_ms();
        sender->bytes += (int64_t)request->body_len;
    }
    return sender->below.exchange(sender->below.context, url, request, ret_reply);
}

/* Seconds from the first push to the last acknowledgement. */
static double push_all(struct memory *memory, const struct sync_store *store, struct sender *sender)
{
    struct sync_transport transport = {.context = sender, .exchange = send_timed};
    struct sync_progress progress = {0};
    struct sync_client *client;
    sender->began_ms = 0;
    sender->bytes = 0;
    demand(sync_client_new(store, &transport, &client) == RC_OK, "a client");
    while (memory->state.acked_seq < memory->state.last_seq)
        demand(sync_step(client, &progress) == RC_OK, "a step");
    double seconds = (memory_now_ms() - sender->began_ms) / 1e3;
    sync_client_free(client);
    return seconds;
}

static int go(int64_t records, bool once)
{
    static char string[LINE_MAX_BYTES];
    static struct memory memory;
    struct transport_http *http;
    struct sync_progress progress = {0};
    demand(fgets(string, sizeof(string), stdin) != NULL, "an enrolment string");
    string[strcspn(string, "\n")] = '\0';
    demand(memory_init(&memory, records, BATCH), "no memory");
    demand(transport_http_new(TIMEOUT_MS, &http) == RC_OK, "a transport");
    struct sender sender = {.below = transport_http_port(http)};
    struct sync_transport transport = {.context = &sender, .exchange = send_timed};
    struct sync_store store = memory_store(&memory);
    demand(sync_enrol(&store, &transport, string, &progress) == RC_OK, "enrolling");
    demand(memory.identity.device == 1, "the first device of its server");
    memory_journal(&memory, &GOODS, records);
    memory.state.last_seq = memory.journaled;
    double began_cpu_ms = cpu_ms(), first_s = push_all(&memory, &store, &sender);
    double cpu_s = (cpu_ms() - began_cpu_ms) / 1e3;
    int64_t refused = memory.refused, bytes = sender.bytes;
    memory.state.acked_seq = 0;
    memory.again = true;
    double again_s = once ? 0 : push_all(&memory, &store, &sender);
    printf("{\"cpu_seconds\":%.4f,\"seconds\":%.4f,\"again_seconds\":%.4f,\"raw_bytes\":%zu,\"body_bytes\":%" PRId64
           ",\"refused\":%" PRId64 "}\n",
           cpu_s, first_s, again_s, memory.ends[memory.journaled], bytes, refused);
    transport_http_free(http);
    return 0;
}

/* ---- rows ---- */

/* Those that have a row for a record. */
static const char *const NAMES[TABLES] = {"record", "tally", "claim"};

struct rows {
    sqlite3_value **values;
    int columns, count, room;
};

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    demand(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK, sqlite3_errmsg(db));
    return stmt;
}

/* Before anything is timed. */
static void read_rows(sqlite3_stmt *select, int64_t first, struct rows *rows)
{
    rows->count = 0;
    sqlite3_bind_int64(select, 1, first);
    sqlite3_bind_int64(select, 2, first + BATCH - 1);
    while (sqlite3_step(select) == SQLITE_ROW) {
        demand(rows->count < rows->room, "a row for a record");
        for (int i = 0; i < rows->columns; i++)
            rows->values[rows->count * rows->columns + i] = sqlite3_value_dup(sqlite3_column_value(select, i));
        rows->count++;
    }
    sqlite3_reset(select);
}

static void write_rows(sqlite3_stmt *insert, const struct rows *rows)
{
    for (int row = 0; row < rows->count; row++) {
        for (int i = 0; i < rows->columns; i++)
            sqlite3_bind_value(insert, i + 1, rows->values[row * rows->columns + i]);
        demand(sqlite3_step(insert) == SQLITE_DONE, "a row could not be inserted");
        sqlite3_reset(insert);
    }
}

static void free_rows(struct rows *rows)
{
    for (int i = 0; i < rows->count * rows->columns; i++)
        sqlite3_value_free(rows->values[i]);
}

struct table {
    sqlite3_stmt *select, *insert;
    struct rows rows;
    int64_t written;
};

static void open_table(sqlite3 *from, sqlite3 *into, const char *name, struct table *table)
{
    char sql[SQL_MAX];
    snprintf(sql, sizeof(sql), "SELECT * FROM %s WHERE device = 1 AND seq BETWEEN ?1 AND ?2 ORDER BY seq", name);
    if (strcmp(name, "claim") == 0) /* by its goods alone can it be found: by way of the record */
        snprintf(sql, sizeof(sql),
                 "SELECT c.* FROM record r CROSS JOIN claim c ON c.key = r.key WHERE r.device = 1 AND r.epoch = 1 "
                 "AND r.seq "
                 "BETWEEN ?1 AND ?2 ORDER BY r.seq");
    if (strcmp(name, "tally") == 0)
        snprintf(
            sql, sizeof(sql),
            "SELECT * FROM tally WHERE doc = 'erp:SO-S1' AND device = 1 AND epoch = 1 AND seq BETWEEN ?1 AND ?2");
    table->select = prepare(from, sql);
    table->rows = (struct rows){.columns = sqlite3_column_count(table->select), .room = BATCH};
    demand(table->rows.columns <= COLUMNS_MAX, "so many columns");
    table->rows.values = calloc((size_t)BATCH * COLUMNS_MAX, sizeof(*table->rows.values));
    int len = snprintf(sql, sizeof(sql), "INSERT INTO %s VALUES (?", name);
    for (int i = 1; i < table->rows.columns; i++)
        len += snprintf(sql + len, sizeof(sql) - (size_t)len, ",?");
    snprintf(sql + len, sizeof(sql) - (size_t)len, ")");
    table->insert = prepare(into, sql);
}

static int rows(const char *from_path, const char *into_path, int64_t records)
{
    sqlite3 *from, *into;
    struct table tables[TABLES] = {0};
    double ms = 0, cpu = 0;
    demand(sqlite3_open(from_path, &from) == SQLITE_OK && sqlite3_open(into_path, &into) == SQLITE_OK,
           "the databases");
    demand(sqlite3_exec(into, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536", NULL,
                        NULL, NULL) == SQLITE_OK,
           "settings");
    for (int i = 0; i < TABLES; i++)
        open_table(from, into, NAMES[i], &tables[i]);
    for (int64_t first = 1; first <= records; first += BATCH) {
        for (int i = 0; i < TABLES; i++)
            read_rows(tables[i].select, first, &tables[i].rows);
        double began_ms = memory_now_ms(), began_cpu_ms = cpu_ms();
        demand(sqlite3_exec(into, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK, "begin");
        for (int i = 0; i < TABLES; i++)
            write_rows(tables[i].insert, &tables[i].rows);
        demand(sqlite3_exec(into, "COMMIT", NULL, NULL, NULL) == SQLITE_OK, "commit");
        ms += memory_now_ms() - began_ms;
        cpu += cpu_ms() - began_cpu_ms;
        for (int i = 0; i < TABLES; i++) {
            tables[i].written += tables[i].rows.count;
            free_rows(&tables[i].rows);
        }
    }
    printf("{\"seconds\":%.4f,\"cpu_seconds\":%.4f", ms / 1e3, cpu / 1e3);
    for (int i = 0; i < TABLES; i++)
        printf(",\"%s\":%" PRId64, NAMES[i], tables[i].written);
    printf("}\n");
    return 0;
}

int main(int argc, char **argv)
{
    if (sodium_init() < 0)
        return 2;
    if (argc == 3 && strcmp(argv[1], "codes") == 0)
        return codes(strtoll(argv[2], NULL, 10));
    if ((argc == 3 || (argc == 4 && strcmp(argv[3], "once") == 0)) && strcmp(argv[1], "go") == 0)
        return go(strtoll(argv[2], NULL, 10), argc == 4);
    if (argc == 5 && strcmp(argv[1], "rows") == 0)
        return rows(argv[2], argv[3], strtoll(argv[4], NULL, 10));
    fprintf(stderr, "usage: push codes RECORDS | push go RECORDS [once] <STRING | push rows FROM INTO RECORDS\n");
    return 2;
}
