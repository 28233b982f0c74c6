#include "sync/server/db.h"
#include <assert.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* One connection, for one thread at a time has the server's lock. When it is lost, what was under way is refused (RC_BUSY)
 * and the next one connects again, at first at once, then less and less often. Statements are prepared on the server when they
 * are first used on a connection. Results come in binary: text and blobs as they are, numbers in network order. */

enum {
    NAME_MAX_BYTES = 24,
    NUMBER_MAX = 24, /* digits of an int64 */
    LIFE_MAX = 15,
    UNASKED_MAX = 8, /* pieces of what the server says by itself */
    BACKOFF_FIRST_MS = 50,
    BACKOFF_MAX_MS = 5000,
    MS = 1000,
    NS_PER_MS = 1000000,
    /* of pg_type, which are fixed */
    OID_BOOL = 16,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23
};

struct postgres_db {
    struct db base;
    PGconn *connection;
    char *url;
    int64_t generation; /* of the connection: what was prepared on another one is not there */
    char life[LIFE_MAX + 1];
    int64_t statements; /* named so far */
    bool inside;        /* a transaction */
    enum rc failed;     /* what broke the transaction, until it ends */
    int64_t next_ms;    /* not to be connected again before */
    int64_t backoff_ms;
};

struct postgres_stmt {
    struct db_stmt base;
    struct postgres_db *db;
    char *sql, name[NAME_MAX_BYTES];
    int64_t generation; /* of the connection that it is prepared on; 0 none */
    int parameters;
    const char *values[DB_PARAMETERS_MAX];
    int lengths[DB_PARAMETERS_MAX], formats[DB_PARAMETERS_MAX];
    char numbers[DB_PARAMETERS_MAX][NUMBER_MAX];
    bool too_long; /* a value */
    PGresult *result;
    int row; /* the one that is read; -1 before the first */
};

/* Before the address, so that it may say otherwise. */
static const char *const DEFAULTS[][2] = {
    {"connect_timeout", "5"},     {"tcp_user_timeout", "15000"}, {"keepalives_idle", "10"},
    {"keepalives_interval", "5"}, {"keepalives_count", "3"},     {"fallback_application_name", "tallyman-server"},
};

/* What is acknowledged is on disk. No plan reads a whole table where there is an index: what a transaction has read, others
 * may not write beside it. A server that hangs in a transaction lets go of it. */
static const char SETTINGS[] =
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';"
    "SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s';"
    "SET enable_seqscan = off; SET jit = off; SET client_min_messages = warning";

static const struct {
    const char *state; /* or the first two of it */
    enum rc rc;
    bool in_the_way;
} STATES[] = {
    {"40001", RC_BUSY, true},       {"40P01", RC_BUSY, true},       {"55P03", RC_BUSY, false},
    {"53100", RC_DISK_FULL, false}, {"53200", RC_NOMEM, false},     {"53", RC_BUSY, false},
    {"57", RC_BUSY, false},         {"08", RC_BUSY, false},         {"25006", RC_READ_ONLY, false},
    {"25P03", RC_BUSY, false},      {"42501", RC_READ_ONLY, false}, {"22021", RC_BAD_INPUT, false},
    {"XX001", RC_CORRUPT, false},   {"XX002", RC_CORRUPT, false},
};

static struct postgres_db *db_of(struct db *db)
{
    return (struct postgres_db *)db;
}

static struct postgres_stmt *stmt_of(struct db_stmt *stmt)
{
    return (struct postgres_stmt *)stmt;
}

static int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MS + now.tv_nsec / NS_PER_MS;
}

/* First line only; libpq ends it with a newline, and tells more in those that follow. */
static void say(const char *text)
{
    fprintf(stderr, "tallyman-server: database: %.*s\n", (int)strcspn(text, "\n"), text);
}

/* ---- the connection ---- */

static bool is_lost(const struct postgres_db *db)
{
    return !db->connection || PQstatus(db->connection) != CONNECTION_OK;
}

static void drop(struct postgres_db *db)
{
    PQfinish(db->connection);
    db->connection = NULL;
}

static PGconn *dial(const char *url)
{
    enum { COUNT = sizeof DEFAULTS / sizeof DEFAULTS[0], ALL = COUNT + 3 };
    const char *names[ALL] = {0}, *values[ALL] = {0};
    for (int i = 0; i < COUNT; i++) {
        names[i] = DEFAULTS[i][0];
        values[i] = DEFAULTS[i][1];
    }
    names[COUNT] = "dbname";
    values[COUNT] = url;
    names[COUNT + 1] = "client_encoding";
    values[COUNT + 1] = "UTF8";
    return PQconnectdbParams(names, values, 1);
}

static bool set_up(PGconn *connection)
{
    PGresult *result = PQexec(connection, SETTINGS);
    ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static void not_told(void *context, const char *text)
{
    (void)context, (void)text;
}

/* The timeline: the first eight digits of what the log's present file is called. False for a standby, which can't say. */
static bool read_life(PGconn *connection, char *ret_life)
{
    PGresult *result = PQexec(connection, "SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)");
    bool good = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1;
    if (good)
        snprintf(ret_life, LIFE_MAX + 1, "%s", PQgetvalue(result, 0, 0));
    PQclear(result);
    return good;
}

/* RC_NET: not now. RC_REFUSED: this one will not do. */
static enum rc join(struct postgres_db *db)
{
    drop(db);
    db->inside = false;
    db->failed = RC_OK;
    db->connection = dial(db->url);
    if (!db->connection)
        return RC_NOMEM;
    PQsetNoticeProcessor(db->connection, not_told, NULL);
    if (is_lost(db) || !set_up(db->connection) || !read_life(db->connection, db->life)) {
        say(PQerrorMessage(db->connection));
        drop(db);
        return RC_NET;
    }
    const char *encoding = PQparameterStatus(db->connection, "server_encoding");
    if (!encoding || strcmp(encoding, "UTF8") != 0) {
        say("its encoding is not UTF8");
        drop(db);
        return RC_REFUSED;
    }
    db->generation++;
    db->backoff_ms = 0;
    return RC_OK;
}

/* Again, when it is lost, and as often as is good for a server that is just coming up. */
static enum rc rejoin(struct postgres_db *db)
{
    int64_t now_ms = monotonic_ms();
    if (now_ms < db->next_ms)
        return RC_BUSY;
    if (join(db) == RC_OK) {
        say("connected again");
        return RC_OK;
    }
    db->backoff_ms = db->backoff_ms ? 2 * db->backoff_ms : BACKOFF_FIRST_MS;
    if (db->backoff_ms > BACKOFF_MAX_MS)
        db->backoff_ms = BACKOFF_MAX_MS;
    db->next_ms = monotonic_ms() + db->backoff_ms;
    return RC_BUSY;
}

/* What came unasked: why the connection is ended, and then its end. */
static void listen_to(PGconn *connection)
{
    struct pollfd fd = {.fd = PQsocket(connection), .events = POLLIN};
    for (int i = 0; i < UNASKED_MAX && PQstatus(connection) == CONNECTION_OK && poll(&fd, 1, 0) > 0; i++)
        (void)PQconsumeInput(connection);
}

/* Before anything is sent. A connection that ended while nobody used it is noticed here. */
static enum rc ready(struct postgres_db *db)
{
    if (db->failed)
        return db->failed;
    if (db->inside)
        return RC_OK;
    if (db->connection)
        listen_to(db->connection);
    return is_lost(db) ? rejoin(db) : RC_OK;
}

/* The log says what the database said first: no values are in it, only names of tables and columns. */
static enum rc fail(struct postgres_db *db, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    bool in_the_way = false;
    enum rc rc = is_lost(db) ? RC_BUSY : RC_IO;
    for (size_t i = 0; state && i < sizeof STATES / sizeof STATES[0]; i++)
        if (strncmp(state, STATES[i].state, strlen(STATES[i].state)) == 0) {
            rc = STATES[i].rc;
            in_the_way = STATES[i].in_the_way;
            break;
        }
    if (in_the_way)
        db->base.in_the_way = true;
    else
        say(text ? text : PQerrorMessage(db->connection));
    if (db->inside && !db->failed)
        db->failed = rc;
    return rc;
}

static enum rc exec_now(struct postgres_db *db, const char *sql)
{
    PGresult *result = PQexec(db->connection, sql);
    ExecStatusType status = PQresultStatus(result);
    bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    enum rc rc = good ? RC_OK : fail(db, result);
    /* the commit of a transaction that something has broken says that it was rolled back */
    if (good && strcmp(sql, "COMMIT") == 0 && strcmp(PQcmdStatus(result), "COMMIT") != 0)
        rc = db->failed ? db->failed : RC_IO;
    PQclear(result);
    return rc;
}

static enum rc end_transaction(struct postgres_db *db, const char *sql)
{
    enum rc rc = db->failed;
    bool commit = strcmp(sql, "COMMIT") == 0;
    if (db->inside && !is_lost(db) && !(commit && rc)) {
        enum rc done = exec_now(db, sql);
        rc = rc ? rc : done;
    } else if (!rc && commit) {
        rc = RC_BUSY;
    }
    /* db_commit rolls back what it could not commit */
    if (!commit || !rc) {
        db->inside = false;
        db->failed = RC_OK;
    }
    return rc;
}

static enum rc exec(struct db *base, const char *sql)
{
    struct postgres_db *db = db_of(base);
    if (strcmp(sql, "COMMIT") == 0 || strcmp(sql, "ROLLBACK") == 0)
        return end_transaction(db, sql);
    enum rc rc = ready(db);
    if (rc)
        return rc;
    rc = exec_now(db, sql);
    bool begins = strncmp(sql, "BEGIN", strlen("BEGIN")) == 0;
    /* several statements that begin one: it may be open though the last of them failed */
    if (begins && rc && !is_lost(db))
        (void)exec_now(db, "ROLLBACK");
    db->inside |= begins && !rc;
    return rc;
}

static enum rc life(struct db *base, int64_t *ret_count, const char **ret_life)
{
    struct postgres_db *db = db_of(base);
    enum rc rc = ready(db);
    if (!rc) {
        *ret_count = db->generation;
        *ret_life = db->life;
    }
    return rc;
}

static void postgres_close(struct db *base)
{
    struct postgres_db *db = db_of(base);
    drop(db);
    free(db->url);
    free(db);
}

static enum rc postgres_open(const char *url, struct db **ret_db)
{
    struct postgres_db *db = calloc(1, sizeof *db);
    if (!db)
        return RC_NOMEM;
    db->base.driver = &db_postgres;
    db->url = strdup(url);
    enum rc rc = db->url ? join(db) : RC_NOMEM;
    if (rc) {
        postgres_close(&db->base);
        return rc;
    }
    *ret_db = &db->base;
    return RC_OK;
}

/* ---- statements ---- */

/* The highest $N in the text. */
static int count_parameters(const char *sql)
{
    int count = 0;
    for (const char *at = strchr(sql, '$'); at; at = strchr(at + 1, '$')) {
        int n = (int)strtol(at + 1, NULL, 10);
        count = n > count ? n : count;
    }
    return count;
}

static enum rc prepare(struct db *base, const char *sql, struct db_stmt **ret_stmt)
{
    struct postgres_stmt *stmt = calloc(1, sizeof *stmt);
    if (!stmt)
        return RC_NOMEM;
    stmt->base.driver = &db_postgres;
    stmt->db = db_of(base);
    stmt->sql = strdup(sql);
    if (!stmt->sql) {
        free(stmt);
        return RC_NOMEM;
    }
    stmt->parameters = count_parameters(sql);
    assert(stmt->parameters <= DB_PARAMETERS_MAX);
    snprintf(stmt->name, sizeof stmt->name, "s%lld", (long long)++stmt->db->statements);
    stmt->row = -1;
    *ret_stmt = &stmt->base;
    return RC_OK;
}

static void reset(struct db_stmt *base)
{
    struct postgres_stmt *stmt = stmt_of(base);
    PQclear(stmt->result);
    stmt->result = NULL;
    stmt->row = -1;
    stmt->too_long = false;
    memset(stmt->values, 0, sizeof stmt->values);
}

static void finalize(struct db_stmt *base)
{
    struct postgres_stmt *stmt = stmt_of(base);
    PQclear(stmt->result);
    free(stmt->sql);
    free(stmt);
}

static void bind(struct db_stmt *base, int n, const void *value, size_t len, bool binary)
{
    struct postgres_stmt *stmt = stmt_of(base);
    assert(n >= 1 && n <= stmt->parameters);
    stmt->too_long |= len > INT32_MAX;
    stmt->values[n - 1] = value;
    stmt->lengths[n - 1] = (int)len;
    stmt->formats[n - 1] = binary;
}

/* As text: what a parameter is, says its place in the statement. */
static void bind_int(struct db_stmt *base, int n, int64_t value)
{
    char *number = stmt_of(base)->numbers[n - 1];
    int len = snprintf(number, NUMBER_MAX, "%lld", (long long)value);
    bind(base, n, number, (size_t)len, false);
}

static void bind_text(struct db_stmt *base, int n, const char *text, size_t len)
{
    bind(base, n, text, len, true);
}

static void bind_blob(struct db_stmt *base, int n, const void *data, size_t len)
{
    bind(base, n, data, len, true);
}

static enum rc prepare_there(struct postgres_stmt *stmt)
{
    struct postgres_db *db = stmt->db;
    if (stmt->generation == db->generation)
        return RC_OK;
    PGresult *result = PQprepare(db->connection, stmt->name, stmt->sql, 0, NULL);
    enum rc rc = PQresultStatus(result) == PGRES_COMMAND_OK ? RC_OK : fail(db, result);
    PQclear(result);
    if (!rc)
        stmt->generation = db->generation;
    return rc;
}

static enum rc run(struct postgres_stmt *stmt)
{
    struct postgres_db *db = stmt->db;
    enum rc rc = stmt->too_long ? RC_TOO_BIG : ready(db);
    if (!rc)
        rc = prepare_there(stmt);
    if (rc)
        return rc;
    PGresult *result =
        PQexecPrepared(db->connection, stmt->name, stmt->parameters, stmt->values, stmt->lengths, stmt->formats, 1);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        rc = fail(db, result);
        PQclear(result);
        return rc;
    }
    stmt->result = result;
    return RC_OK;
}

static enum rc step(struct db_stmt *base, bool *ret_row)
{
    struct postgres_stmt *stmt = stmt_of(base);
    enum rc rc = stmt->result ? RC_OK : run(stmt);
    if (rc)
        return rc;
    *ret_row = ++stmt->row < PQntuples(stmt->result);
    return RC_OK;
}

/* ---- columns ---- */

static const char *value_at(struct db_stmt *base, int column, int *ret_len)
{
    const struct postgres_stmt *stmt = stmt_of(base);
    assert(stmt->result && column < PQnfields(stmt->result) && stmt->row < PQntuples(stmt->result));
    *ret_len = PQgetlength(stmt->result, stmt->row, column);
    return PQgetisnull(stmt->result, stmt->row, column) ? NULL : PQgetvalue(stmt->result, stmt->row, column);
}

static bool is_number(Oid type)
{
    return type == OID_INT8 || type == OID_INT4 || type == OID_INT2 || type == OID_BOOL;
}

static int64_t column_int(struct db_stmt *base, int column)
{
    int len;
    const char *value = value_at(base, column, &len);
    if (!value)
        return 0;
    assert(is_number(PQftype(stmt_of(base)->result, column)));
    /* sign and all: the first byte is the highest */
    uint64_t number = (value[0] & 0x80) && len > 1 ? UINT64_MAX : 0;
    for (int i = 0; i < len; i++)
        number = number << 8 | (uint8_t)value[i];
    return (int64_t)number;
}

static const char *column_text(struct db_stmt *base, int column)
{
    int len;
    assert(!is_number(PQftype(stmt_of(base)->result, column)));
    return value_at(base, column, &len);
}

static const void *column_blob(struct db_stmt *base, int column, size_t *ret_len)
{
    int len;
    const char *value = value_at(base, column, &len);
    *ret_len = value ? (size_t)len : 0;
    return value;
}

/* ---- turns ---- */

/* Before the transaction: what is read in it is what those before have left. They go when the connection does, too. */
static enum rc lock(struct db *base, const int64_t *names, int count)
{
    static const char SQL[] =
        "SELECT pg_advisory_lock(name) FROM unnest($1::bigint[]) WITH ORDINALITY AS n(name, nth) "
        "ORDER BY nth";
    struct postgres_db *db = db_of(base);
    char *list = NULL;
    size_t len = 0;
    enum rc rc = ready(db);
    FILE *stream = rc ? NULL : open_memstream(&list, &len);
    if (!stream)
        return rc ? rc : RC_NOMEM;
    for (int i = 0; i < count; i++)
        if (i == 0 || names[i] != names[i - 1])
            fprintf(stream, "%c%lld", i ? ',' : '{', (long long)names[i]);
    fputc('}', stream);
    if (fclose(stream)) {
        free(list);
        return RC_NOMEM;
    }
    PGresult *result = PQexecParams(db->connection, SQL, 1, NULL, (const char *const[]){list}, NULL, NULL, 1);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        rc = fail(db, result);
    PQclear(result);
    free(list);
    return rc;
}

static void unlock(struct db *base)
{
    struct postgres_db *db = db_of(base);
    assert(!db->inside);
    if (!is_lost(db))
        (void)exec_now(db, "SELECT pg_advisory_unlock_all()");
}

static const struct db_word WORDS[] = {
    {"INTEGER PRIMARY KEY", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"},
    {"INTEGER", "BIGINT"},
    {"BLOB", "BYTEA"},
    {"TEXT", "TEXT COLLATE \"C\""},
    {"WITHOUT ROWID", ""},
    {NULL, NULL},
};

const struct db_driver db_postgres = {
    .scheme = "postgresql",
    .open = postgres_open,
    .close = postgres_close,
    .exec = exec,
    .prepare = prepare,
    .finalize = finalize,
    .bind_int = bind_int,
    .bind_text = bind_text,
    .bind_blob = bind_blob,
    .step = step,
    .reset = reset,
    .column_int = column_int,
    .column_text = column_text,
    .column_blob = column_blob,
    .lock = lock,
    .unlock = unlock,
    .life = life,
    .words = WORDS,
    /* locking a table reads nothing yet: what the transaction sees is what is there once it has the gate */
    .begin = "BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE gate IN EXCLUSIVE MODE",
    .begin_beside = "BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE gate IN ROW SHARE MODE",
    .begin_read = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    .begin_schema = "BEGIN ISOLATION LEVEL READ COMMITTED; "
                    "SELECT pg_advisory_xact_lock(hashtext('tallyman schema'), hashtext(current_schema()))",
    /* one state for as long as a snapshot takes, whose file is written between two reads */
    .beside = "SET idle_in_transaction_session_timeout = '10min'",
    .begin_number = "BEGIN ISOLATION LEVEL READ COMMITTED; "
                    "SELECT pg_advisory_xact_lock(hashtext('tallyman change'), hashtext(current_schema()))",
};
