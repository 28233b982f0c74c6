#include "app/catalog/catalog.h"
#include "app/catalog/catalog_kept.h"
#include "app/catalog/catalog_private.h"
#include "app/catalog/codebook_row.h"
#include "app/catalog/page_sum.h"
#include "app/catalog/reading.h"
#include "app/catalog/schema.h"
#include "app/catalog/sqlite_rc.h"
#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    BUSY_MS = 2000,
    META_VALUE_BYTES = 256,
    BULK_LINES = 1000, /* an import that is longer */
    BULK_PART = 4,
    PACK_ROWS_LEAST = 20000, /* below that the table is as good */
    PACK_PART = 8,           /* what lies over the packed book may be one eighth of it */
    PACK_BULK_PART = 64,     /* … or, of a long import, so much: a table has twice the bytes */
    SHRINK_PAGES_LEAST = 1024,
    SHRINK_PART = 2, /* half of the file is unused */
    SHRINK_BULK_PART = 16,
    WAL_PAGES_MOST = 1000,
};

enum statement {
    BEGIN_READ,
    LOOK,
    BEGIN,
    COMMIT,
    ROLLBACK,
    META_GET,
    META_SET,
    REFUSE,
    REFUSED,
    REFUSED_COUNT,
    REFUSED_UP_TO,
    REFUSED_OF,
    PIN_HASH,
    STATEMENT_COUNT
};

#define REFUSED_COLUMNS "epoch, seq, reason, held, number, at, device, operator, no, holder"

static const char *const TEXTS[STATEMENT_COUNT] = {
    [BEGIN_READ] = "BEGIN",
    [LOOK] = "SELECT 1 FROM meta LIMIT 1",
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [META_GET] = "SELECT value FROM meta WHERE name=?1",
    [META_SET] = "INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)",
    [REFUSE] =
        "INSERT OR REPLACE INTO refused (" REFUSED_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [REFUSED] = "SELECT 1 FROM refused WHERE epoch=?1 AND seq=?2 AND held=0",
    [REFUSED_COUNT] = "SELECT count(*) FROM refused WHERE held=0",
    [REFUSED_UP_TO] = "SELECT " REFUSED_COLUMNS " FROM refused WHERE seq<=?1",
    [REFUSED_OF] = "SELECT " REFUSED_COLUMNS " FROM refused WHERE epoch=?1 ORDER BY seq DESC",
    [PIN_HASH] = "SELECT pin_hash FROM operator WHERE id=?1 AND pin_hash IS NOT NULL",
};

static enum rc run_text(sqlite3 *db, const char *text)
{
    return sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK ? RC_OK : sqlite_rc_of(db);
}

/* A -wal whose pages are in the database already goes at once: were it damaged afterwards, what is left of it would lie
 * over newer pages. Where a reader stands in the way it is tried again after the next commit. */
static int keep_wal_short(void *unused, sqlite3 *db, const char *name, int pages)
{
    (void)unused;
    if (pages >= WAL_PAGES_MOST)
        (void)sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return SQLITE_OK;
}

static enum rc set_up_writer(sqlite3 *db)
{
    int reserved = PAGE_SUM_BYTES; /* of a file that is yet to be made; a made one has its own */
    sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
    sqlite3_wal_hook(db, keep_wal_short, NULL);
    enum rc rc = run_text(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384;"
                              " PRAGMA secure_delete=ON");
    return rc == RC_OK ? schema_migrate(db) : rc;
}

/* For a reader of a file that an older version made. Whoever writes the catalog may be at it as well: the schema's
 * transactions keep them apart, and this connection never checkpoints. */
static enum rc migrate(const char *path, const char *vfs)
{
    sqlite3 *db = NULL;
    enum rc rc = RC_OK;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, vfs) != SQLITE_OK)
        rc = db ? sqlite_rc_of(db) : RC_NOMEM;
    if (rc == RC_OK) {
        sqlite3_busy_timeout(db, BUSY_MS);
        sqlite3_wal_autocheckpoint(db, 0);
        sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        rc = run_text(db, "PRAGMA synchronous=FULL");
    }
    if (rc == RC_OK)
        rc = schema_migrate(db);
    sqlite3_close(db);
    return rc;
}

static enum rc set_up_reader(sqlite3 *db, const char *path, const char *vfs)
{
    /* the writer alone checkpoints, also when a reader is the last to close */
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    enum rc rc = run_text(db, "PRAGMA cache_size=-8192");
    if (rc == RC_OK && schema_is_older(db))
        rc = migrate(path, vfs);
    return rc == RC_OK ? schema_check(db) : rc;
}

static enum rc open_statements(struct catalog *catalog)
{
    enum rc rc = sql_new(catalog->db, TEXTS, STATEMENT_COUNT, &catalog->own);
    if (rc == RC_OK)
        rc = codebook_open(catalog->db, &catalog->codebook);
    if (rc == RC_OK)
        rc = catalog_put_open(catalog);
    if (rc == RC_OK)
        rc = catalog_find_open(catalog);
    if (rc == RC_OK)
        rc = catalog_documents_open(catalog);
    if (rc == RC_OK)
        rc = catalog_books_open(catalog);
    if (rc == RC_OK)
        rc = catalog_market_open(catalog);
    if (rc == RC_OK)
        rc = catalog_territory_open(catalog);
    return rc;
}

enum rc catalog_open(const char *path, enum catalog_mode mode, struct catalog **ret_catalog)
{
    int flags = mode == CATALOG_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    struct catalog *catalog = calloc(1, sizeof *catalog);
    if (!catalog)
        return RC_NOMEM;
    catalog->reader = mode == CATALOG_READ;
    enum rc rc = RC_OK;
    const char *vfs = page_sum_vfs();
    if (!vfs || sqlite3_open_v2(path, &catalog->db, flags | SQLITE_OPEN_NOMUTEX, vfs) != SQLITE_OK)
        rc = catalog->db ? sqlite_rc_of(catalog->db) : RC_NOMEM;
    if (rc != RC_OK && mode == CATALOG_READ && access(path, F_OK) != 0 && errno == ENOENT)
        rc = RC_NOT_FOUND;
    if (rc == RC_OK) {
        sqlite3_busy_timeout(catalog->db, BUSY_MS);
        rc = mode == CATALOG_WRITE ? set_up_writer(catalog->db) : set_up_reader(catalog->db, path, vfs);
    }
    if (rc == RC_OK)
        rc = open_statements(catalog);
    if (rc == RC_OK)
        sqlite3_file_control(catalog->db, "main", PAGE_SUM_REFUSED, &catalog->refused);
    if (rc == RC_OK)
        *ret_catalog = catalog;
    else
        catalog_close(catalog);
    return rc;
}

void catalog_close(struct catalog *catalog)
{
    if (!catalog)
        return;
    codebook_close(catalog->codebook);
    readings_free(catalog->readings);
    sql_free(catalog->own);
    sql_free(catalog->put);
    sql_free(catalog->find);
    sql_free(catalog->documents);
    sql_free(catalog->books);
    sql_free(catalog->market);
    sql_free(catalog->territory);
    free(catalog->around);
    free(catalog->kept);
    json_decref(catalog->missing);
    sqlite3_close(catalog->db);
    free(catalog);
}

unsigned catalog_version(struct catalog *catalog)
{
    unsigned version = 0;
    if (catalog->viewing)
        return catalog->version;
    sqlite3_file_control(catalog->db, "main", SQLITE_FCNTL_DATA_VERSION, &version);
    return version;
}

long catalog_damage(struct catalog *catalog)
{
    return catalog->refused ? *catalog->refused : 0;
}

struct codebook *catalog_codebook(struct catalog *catalog)
{
    return catalog->codebook;
}

/* ---- transactions ---- */

static bool log_state(struct catalog *catalog, uint32_t *ret_state)
{
    return sqlite3_file_control(catalog->db, "main", PAGE_SUM_LOG_STATE, ret_state) == SQLITE_OK;
}

/* Seen before and after the view was fixed, it is the view's. */
static void begin_view(struct catalog *catalog, bool known)
{
    uint32_t now[PAGE_SUM_LOG_STATE_BYTES / 4];
    catalog->state_known = known && log_state(catalog, now) && memcmp(now, catalog->state, sizeof now) == 0;
    catalog->version = catalog_version(catalog);
    catalog->viewing = true;
    codebook_view(catalog->codebook, true);
}

static void end_view(struct catalog *catalog)
{
    catalog->viewing = false;
    codebook_view(catalog->codebook, false);
}

bool catalog_is_newest(struct catalog *catalog)
{
    uint32_t now[PAGE_SUM_LOG_STATE_BYTES / 4];
    return catalog->viewing && catalog->state_known && log_state(catalog, now) &&
           memcmp(now, catalog->state, sizeof now) == 0;
}

enum rc catalog_begin_read(struct catalog *catalog)
{
    int64_t any = 0;
    bool known = log_state(catalog, catalog->state);
    enum rc rc = sql_run(catalog->own, BEGIN_READ, "");
    /* the view is fixed by the first look, not by BEGIN */
    if (rc == RC_OK)
        rc = sql_number(catalog->own, LOOK, "", &any);
    if (rc == RC_NOT_FOUND)
        rc = RC_OK;
    if (rc == RC_OK)
        begin_view(catalog, known);
    else
        catalog_rollback(catalog);
    return rc;
}

void catalog_end_read(struct catalog *catalog)
{
    end_view(catalog);
    if (sql_run(catalog->own, COMMIT, "") != RC_OK)
        catalog_rollback(catalog);
}

enum rc catalog_begin(struct catalog *catalog)
{
    return sql_run(catalog->own, BEGIN, "");
}

enum rc catalog_commit(struct catalog *catalog)
{
    return sql_run(catalog->own, COMMIT, "");
}

void catalog_rollback(struct catalog *catalog)
{
    catalog->told_product[0] = '\0';
    end_view(catalog);
    codebook_forget(catalog->codebook);
    if (!sqlite3_get_autocommit(catalog->db))
        (void)sql_run(catalog->own, ROLLBACK, ""); /* SQLite has rolled back by itself where this fails */
}

/* ---- import ---- */

static bool kept_hash(void *context, const char *operator, char * ret_hash)
{
    const struct catalog *catalog = context;
    struct sqlite3_stmt *statement = NULL;
    bool found = false;
    if (sql_query(catalog->own, PIN_HASH, "s", &statement, operator) != RC_OK)
        return false;
    if (sql_step(statement, &found) != RC_OK || !found)
        return false;
    sql_text(statement, 0, ret_hash, FEED_HASH_MAX + 1);
    sql_done(statement);
    return true;
}

struct feed_sink catalog_sink(struct catalog *catalog)
{
    return (struct feed_sink){.context = catalog, .put = catalog_put_told, .pin_hash = kept_hash};
}

/* The import's sink: items and hashes are the catalog's, notes the caller's. */
struct import {
    struct catalog *catalog;
    const struct feed_sink *notes;
    long lines, look;
};

/* A long import gathers codes in memory: worth it unless what the table holds from before is much more. */
static enum rc look_for_bulk(struct import *import)
{
    struct codebook *codebook = import->catalog->codebook;
    int64_t rows = 0;
    enum rc rc = codebook_row_count(codebook, import->lines * BULK_PART + 1, &rows);
    import->look *= 2;
    if (rc == RC_OK && rows <= import->lines * BULK_PART && !codebook_in_bulk(codebook))
        rc = codebook_bulk(codebook);
    return rc;
}

static enum rc import_put(void *context, const struct feed_item *item, char *error)
{
    struct import *import = context;
    enum rc rc = catalog_put_item(import->catalog, item, error);
    if (rc == RC_OK && ++import->lines == import->look)
        rc = look_for_bulk(import);
    return rc == RC_OK ? codebook_bulk_look(import->catalog->codebook) : rc;
}

static void import_note(void *context, long line, const char *text)
{
    const struct import *import = context;
    if (import->notes && import->notes->note)
        import->notes->note(import->notes->context, line, text);
}

static bool import_hash(void *context, const char *operator, char * ret_hash)
{
    const struct import *import = context;
    return kept_hash(import->catalog, operator, ret_hash);
}

enum rc catalog_mark_updated(struct catalog *catalog)
{
    struct timespec now;
    char text[32];
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(text, sizeof text, "%" PRId64, (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
    return catalog_meta_set(catalog, "updated_ms", text);
}

static int64_t pragma_number(struct catalog *catalog, const char *text)
{
    sqlite3_stmt *statement = NULL;
    int64_t number = 0;
    if (sqlite3_prepare_v2(catalog->db, text, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

/* Where packing has left much room in the file, one page of so many. What can't be given back now stays for later. */
static void shrink(struct catalog *catalog, int64_t part)
{
    int64_t unused = pragma_number(catalog, "PRAGMA freelist_count");
    if (unused < SHRINK_PAGES_LEAST || unused * part < pragma_number(catalog, "PRAGMA page_count"))
        return;
    (void)run_text(catalog->db, "VACUUM");
    (void)run_text(catalog->db, "PRAGMA wal_checkpoint(TRUNCATE)");
}

enum rc catalog_pack(struct catalog *catalog)
{
    enum rc rc = catalog_begin(catalog);
    if (rc != RC_OK)
        return rc;
    rc = codebook_pack_if(catalog->codebook, PACK_ROWS_LEAST, PACK_PART);
    if (rc == RC_OK)
        rc = catalog_commit(catalog);
    if (rc == RC_OK)
        shrink(catalog, SHRINK_PART);
    else
        catalog_rollback(catalog);
    return rc;
}

enum rc catalog_import(struct catalog *catalog, FILE *stream, const struct feed_sink *notes, long *ret_count,
                       struct feed_error *ret_error)
{
    struct import import = {catalog, notes, 0, BULK_LINES};
    struct feed_sink sink = {&import, import_put, import_note, import_hash};
    long count = 0;
    enum rc rc = catalog_begin(catalog);
    if (rc != RC_OK)
        return rc;
    catalog->missing = json_object();
    rc = catalog->missing ? feed_read(stream, &sink, &count, ret_error) : RC_NOMEM;
    const bool in_bulk = codebook_in_bulk(catalog->codebook);
    if (rc == RC_OK)
        rc = catalog_note_missing(catalog, &sink);
    if (rc == RC_OK)
        rc = catalog_mark_updated(catalog);
    if (rc == RC_OK)
        rc = codebook_pack_if(catalog->codebook, PACK_ROWS_LEAST, in_bulk ? PACK_BULK_PART : PACK_PART);
    if (rc == RC_OK)
        rc = codebook_bulk_end(catalog->codebook);
    if (rc == RC_OK)
        rc = catalog_commit(catalog);
    if (rc == RC_OK)
        shrink(catalog, in_bulk ? SHRINK_BULK_PART : SHRINK_PART);
    else
        catalog_rollback(catalog);
    json_decref(catalog->missing);
    catalog->missing = NULL;
    if (rc == RC_OK)
        *ret_count = count;
    return rc;
}

/* ---- numbers and texts beside the data ---- */

static const struct kept_meta *kept_meta(const struct kept *kept, const char *name)
{
    for (int i = 0; kept && i < kept->meta_count; i++)
        if (strcmp(kept->metas[i].name, name) == 0)
            return &kept->metas[i];
    return NULL;
}

static void keep_meta(struct kept *kept, const char *name, const char *value)
{
    bool fits = kept && kept->meta_count < KEPT_METAS_MAX && strlen(name) <= KEPT_NAME_MAX;
    if (!fits || (value && strlen(value) > KEPT_VALUE_MAX))
        return;
    struct kept_meta *meta = &kept->metas[kept->meta_count++];
    memcpy(meta->name, name, strlen(name) + 1);
    meta->told = value != NULL;
    if (value)
        memcpy(meta->value, value, strlen(value) + 1);
}

enum rc catalog_meta_get(struct catalog *catalog, const char *name, char *ret_value)
{
    struct sqlite3_stmt *statement = NULL;
    bool found = false;
    struct kept *kept = catalog_kept(catalog);
    const struct kept_meta *meta = kept_meta(kept, name);
    if (meta && meta->told)
        memcpy(ret_value, meta->value, sizeof meta->value);
    if (meta)
        return meta->told ? RC_OK : RC_NOT_FOUND;
    enum rc rc = sql_query(catalog->own, META_GET, "s", &statement, name);
    if (rc == RC_OK)
        rc = sql_step(statement, &found);
    if (rc != RC_OK)
        return rc;
    if (found) {
        sql_text(statement, 0, ret_value, META_VALUE_BYTES);
        sql_done(statement);
    }
    keep_meta(kept, name, found ? ret_value : NULL);
    return found ? RC_OK : RC_NOT_FOUND;
}

enum rc catalog_meta_set(struct catalog *catalog, const char *name, const char *value)
{
    return sql_run(catalog->own, META_SET, "ss", name, value);
}

enum rc catalog_refuse(struct catalog *catalog, const struct catalog_refusal *refusal)
{
    return sql_run(catalog->own, REFUSE, "iisiisisss", refusal->epoch, refusal->seq, refusal->reason,
                   (int64_t)refusal->held, refusal->number, refusal->at, refusal->device, refusal->operator,
                   refusal->no, refusal->holder);
}

static void read_refusal(struct sqlite3_stmt *statement, struct catalog_refusal *ret_refusal)
{
    struct catalog_refusal refusal = {.epoch = sql_int(statement, 0),
                                      .seq = sql_int(statement, 1),
                                      .held = sql_int(statement, 3) != 0,
                                      .number = sql_int(statement, 4),
                                      .device = sql_int(statement, 6)};
    sql_text(statement, 2, refusal.reason, sizeof refusal.reason);
    sql_text(statement, 5, refusal.at, sizeof refusal.at);
    sql_text(statement, 7, refusal.operator, sizeof refusal.operator);
    sql_text(statement, 8, refusal.no, sizeof refusal.no);
    sql_text(statement, 9, refusal.holder, sizeof refusal.holder);
    *ret_refusal = refusal;
}

enum rc catalog_refusals(struct catalog *catalog, int64_t epoch,
                         bool (*visit)(void *context, const struct catalog_refusal *refusal), void *context)
{
    struct sqlite3_stmt *statement = NULL;
    bool more = false;
    enum rc rc = sql_query(catalog->own, REFUSED_OF, "i", &statement, epoch);
    while (rc == RC_OK && (rc = sql_step(statement, &more)) == RC_OK && more) {
        struct catalog_refusal refusal;
        read_refusal(statement, &refusal);
        if (visit(context, &refusal))
            continue;
        sql_done(statement);
        return RC_OK;
    }
    if (rc != RC_OK)
        sql_done(statement);
    return rc;
}

bool catalog_refused(struct catalog *catalog, int64_t epoch, int64_t seq)
{
    int64_t one = 0;
    return sql_number(catalog->own, REFUSED, "ii", &one, epoch, seq) == RC_OK;
}

long catalog_refused_count(struct catalog *catalog)
{
    int64_t count = 0;
    return sql_number(catalog->own, REFUSED_COUNT, "", &count) == RC_OK ? (long)count : 0;
}

enum rc catalog_take_refused(struct catalog *catalog, struct catalog *from, int64_t last_seq)
{
    struct sqlite3_stmt *statement = NULL;
    bool more = false;
    enum rc rc = sql_query(from->own, REFUSED_UP_TO, "i", &statement, last_seq);
    if (rc == RC_OK)
        rc = sql_step(statement, &more);
    while (rc == RC_OK && more) {
        struct catalog_refusal refusal;
        read_refusal(statement, &refusal);
        rc = catalog_refuse(catalog, &refusal);
        if (rc == RC_OK)
            rc = sql_step(statement, &more);
    }
    if (rc != RC_OK)
        sql_done(statement);
    return rc == RC_OK ? catalog_take_settled(catalog, from, last_seq) : rc;
}

int64_t catalog_updated_ms(struct catalog *catalog)
{
    char value[META_VALUE_BYTES];
    return catalog_meta_get(catalog, "updated_ms", value) == RC_OK ? strtoll(value, NULL, 10) : 0;
}
