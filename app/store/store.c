#include "app/catalog/sqlite_rc.h"
#include "app/domain/text_copy.h"
#include "app/store/books.h"
#include "app/store/gather.h"
#include "app/store/syncport.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = STORE_PATH_MAX + 64 };

void store_begin_process(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* ---- statements ---- */

enum rc store_rc(struct store *store)
{
    enum rc rc = sqlite_rc_of(store->db);
    return rc == RC_OK ? RC_IO : rc;
}

/* `keeps`: SQLITE_TRANSIENT copies, SQLITE_STATIC for what lives until the statement is reset. */
static void bind(sqlite3_stmt *statement, sqlite3_destructor_type keeps, const char *format, va_list arguments)
{
    int at = 1;
    for (const char *kind = format; *kind; kind++, at++) {
        if (*kind == 't') {
            sqlite3_bind_text(statement, at, va_arg(arguments, const char *), -1, keeps);
        } else if (*kind == 'i') {
            sqlite3_bind_int64(statement, at, va_arg(arguments, int64_t));
        } else {
            assert(*kind == 'b');
            const void *bytes = va_arg(arguments, const void *);
            sqlite3_bind_blob64(statement, at, bytes, va_arg(arguments, size_t), keeps);
        }
    }
}

static sqlite3_stmt *statement_of(struct store *store, enum journal_sql id)
{
    sqlite3_stmt **statement = &store->statements[id];
    if (!*statement)
        sqlite3_prepare_v3(store->db, JOURNAL_SQL[id], -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
    else
        sqlite3_reset(*statement);
    return *statement;
}

sqlite3_stmt *store_sql(struct store *store, enum journal_sql id, const char *format, ...)
{
    sqlite3_stmt *statement = statement_of(store, id);
    if (!statement)
        return NULL;
    va_list arguments;
    va_start(arguments, format);
    bind(statement, SQLITE_TRANSIENT, format, arguments);
    va_end(arguments);
    return statement;
}

enum rc store_do(struct store *store, enum journal_sql id, const char *format, ...)
{
    sqlite3_stmt *statement = statement_of(store, id);
    if (!statement)
        return store_rc(store);
    va_list arguments;
    va_start(arguments, format);
    bind(statement, SQLITE_STATIC, format, arguments);
    va_end(arguments);
    enum rc rc = sqlite3_step(statement) == SQLITE_DONE ? RC_OK : store_rc(store);
    sqlite3_reset(statement);
    return rc;
}

const char *store_text(sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    return text ? (const char *)text : "";
}

void store_copy(char *ret_text, size_t size, sqlite3_stmt *statement, int column)
{
    text_copy(ret_text, size, store_text(statement, column));
}

/* ---- the folder and its lock ---- */

static enum rc make_folders(const char *dir)
{
    char path[STORE_PATH_MAX + 1];
    snprintf(path, sizeof path, "%s", dir);
    for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(path, 0700); /* what is missing shows when the last one is made */
        *slash = '/';
    }
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return RC_OK;
    return errno == ENOENT || errno == ENOTDIR ? RC_IO : rc_of_errno(errno);
}

static void read_owner(int fd, struct store_owner *ret_owner)
{
    char line[96] = "";
    struct store_owner owner = {0};
    if (pread(fd, line, sizeof line - 1, 0) > 0)
        sscanf(line, "%ld %63[^\n]", &owner.pid, owner.what);
    *ret_owner = owner;
}

static enum rc take_lock(struct store *store, const char *what, struct store_owner *ret_owner)
{
    char path[PATH_BYTES], line[96];
    snprintf(path, sizeof path, "%s/lock", store->dir);
    store->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (store->lock_fd < 0)
        return errno == ENOENT ? RC_IO : rc_of_errno(errno);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(store->lock_fd, F_OFD_SETLK, &lock) != 0) {
        bool held = errno == EAGAIN || errno == EACCES;
        if (held && ret_owner)
            read_owner(store->lock_fd, ret_owner);
        return held ? RC_BUSY : rc_of_errno(errno);
    }
    /* Who holds it is a courtesy to the second one: a full disk must not keep the first from working. */
    int len = snprintf(line, sizeof line, "%ld %.63s\n", (long)getpid(), what);
    if (ftruncate(store->lock_fd, 0) == 0 && pwrite(store->lock_fd, line, (size_t)len, 0) != len)
        return errno == EROFS ? RC_READ_ONLY : RC_OK;
    return RC_OK;
}

/* ---- the journal ---- */

static int on_commit_pages(void *context, sqlite3 *db, const char *name, int pages)
{
    struct store *store = context;
    (void)db;
    (void)name;
    store->wal_pages = pages; /* having a hook also means: no automatic checkpoints */
    return SQLITE_OK;
}

static enum rc open_database(struct store *store, int flags)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/journal.db", store->dir);
    const char *vfs = gather_vfs();
    if (!vfs || sqlite3_open_v2(path, &store->db, flags | SQLITE_OPEN_NOMUTEX, vfs) != SQLITE_OK)
        return store->db ? store_rc(store) : RC_NOMEM;
    sqlite3_extended_result_codes(store->db, 1);
    sqlite3_busy_timeout(store->db, 2000);
    return RC_OK;
}

static enum rc read_page_size(struct store *store)
{
    sqlite3_stmt *row = store_sql(store, JSQL_PAGE_SIZE, "");
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    if (step == SQLITE_ROW)
        store->page_bytes = sqlite3_column_int(row, 0);
    sqlite3_reset(row);
    return step == SQLITE_ROW ? RC_OK : store_rc(store);
}

/* A process that was killed within a commit may have left a transaction that is whole and not on disk yet. It is read as
 * true from now on, shown and pushed: so it has to be there after a power cut too. A checkpoint syncs the log first. */
static enum rc keep_what_was_left(struct store *store)
{
    int code = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return code == SQLITE_OK || (code & 0xff) == SQLITE_FULL || (code & 0xff) == SQLITE_BUSY ? RC_OK
                                                                                             : store_rc(store);
}

static enum rc open_journal(struct store *store)
{
    /* A scan changes four or five pages, a few hundred bytes of each, and all of them are written, summed and synced: of a
     * new journal they are small. One that was made with others keeps those. */
    static const char *const settings =
        "PRAGMA page_size = 2048; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "PRAGMA cache_size = -2048; PRAGMA trusted_schema = OFF;";
    enum rc rc = open_database(store, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (rc != RC_OK)
        return rc;
    if (sqlite3_exec(store->db, settings, NULL, NULL, NULL) != SQLITE_OK)
        return store_rc(store);
    sqlite3_wal_hook(store->db, on_commit_pages, store);
    rc = keep_what_was_left(store);
    if (rc == RC_OK)
        rc = journal_migrate(store->db);
    return rc == RC_OK ? read_page_size(store) : rc;
}

static enum rc load_head(struct store *store)
{
    sqlite3_stmt *row = store_sql(store, JSQL_LAST, "");
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    if (step == SQLITE_ROW && sqlite3_column_bytes(row, 2) == CHAIN_HASH_BYTES) {
        store->last_seq = sqlite3_column_int64(row, 0);
        memcpy(store->head, sqlite3_column_blob(row, 2), CHAIN_HASH_BYTES);
        json_t *body = json_loads(store_text(row, 1), 0, NULL);
        time_parse(body ? json_string_value(json_object_get(body, "at")) : "", &store->last_record_ms);
        json_decref(body);
    }
    sqlite3_reset(row);
    return step == SQLITE_ROW || step == SQLITE_DONE ? store_load_first(store) : store_rc(store);
}

void store_load_identity(struct store *store)
{
    struct sync_identity identity;
    store->identity_mark = identity_mark(store->dir);
    if (identity_load(store->dir, &identity) != RC_OK)
        return;
    store->cloned = identity.cloned;
    if (identity.span_count > 0) {
        store->span_count = identity.span_count;
        memcpy(store->spans, identity.spans, sizeof store->spans);
    }
    if (identity.enrolled) {
        store->enrolled = true;
        store->device = identity.device;
        memcpy(store->site, identity.site, sizeof store->site);
    }
    sodium_memzero(&identity, sizeof identity);
}

int64_t store_epoch(const struct store *store)
{
    return store->spans[store->span_count - 1].epoch;
}

static enum rc new_store(const char *dir, struct store **ret_store)
{
    if (strlen(dir) > STORE_PATH_MAX)
        return RC_TOO_BIG;
    struct store *store = calloc(1, sizeof *store);
    if (!store)
        return RC_NOMEM;
    store->lock_fd = store->watch.folder = -1;
    store->span_count = 1;
    store->spans[0].epoch = 1;
    snprintf(store->dir, sizeof store->dir, "%s", dir);
    *ret_store = store;
    return RC_OK;
}

enum rc store_open(const char *dir, const char *what, struct store **ret_store, struct store_owner *ret_owner)
{
    struct store *store;
    enum rc rc = new_store(dir, &store);
    if (rc != RC_OK)
        return rc;
    rc = make_folders(dir);
    if (rc == RC_OK)
        rc = take_lock(store, what, ret_owner);
    if (rc == RC_OK)
        rc = open_journal(store);
    if (rc == RC_OK)
        rc = load_head(store);
    if (rc == RC_OK)
        rc = books_load(store);
    if (rc != RC_OK) {
        store_close(store);
        return rc;
    }
    store_load_identity(store);
    catalogs_sweep(dir);
    catalogs_watch_open(dir, &store->watch);
    *ret_store = store;
    return RC_OK;
}

enum rc store_open_read(const char *dir, struct store **ret_store)
{
    struct store *store;
    enum rc rc = new_store(dir, &store);
    if (rc != RC_OK)
        return rc;
    rc = open_database(store, SQLITE_OPEN_READONLY);
    if (rc == RC_OK) /* the journal has one checkpointer, also when a reader is the last to close */
        sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    if (rc == RC_OK)
        rc = journal_migrate(store->db);
    if (rc == RC_OK)
        rc = load_head(store);
    if (rc == RC_OK)
        rc = books_load(store);
    if (rc != RC_OK) {
        store_close(store);
        return rc;
    }
    store_load_identity(store);
    catalogs_watch_open(dir, &store->watch);
    *ret_store = store;
    return RC_OK;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    for (int i = 0; i < JSQL_COUNT; i++)
        sqlite3_finalize(store->statements[i]);
    sqlite3_close(store->db);
    store_note_damage(store);
    store_end_view(store);
    catalog_close(store->catalog);
    catalogs_watch_close(&store->watch);
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    lost_clear(&store->lost);
    free(store);
}

const char *store_dir(const struct store *store)
{
    return store->dir;
}

int64_t store_last_seq(const struct store *store)
{
    return store->last_seq;
}

const char *store_site(const struct store *store)
{
    return store->site;
}

/* ---- appending ---- */

static void checkpoint(struct store *store, int mode)
{
    if (sqlite3_wal_checkpoint_v2(store->db, NULL, mode, NULL, NULL) == SQLITE_OK)
        store->wal_pages = 0;
    store->checkpoints++;
}

void store_settle(struct store *store)
{
    if (store->wal_pages > 0)
        checkpoint(store, SQLITE_CHECKPOINT_PASSIVE);
}

void store_idle(struct store *store)
{
    int64_t dropped = 0;
    store_end_view(store); /* whoever writes the catalog may shorten its log */
    if (identity_mark(store->dir) != store->identity_mark)
        store_load_identity(store); /* sync was led into another epoch */
    if (store->keep_ms)
        (void)store_prune(store, INT64_MAX, store->keep_ms, &dropped); /* there will be other pauses */
    if ((int64_t)store->wal_pages * store->page_bytes >= STORE_SETTLE_BYTES)
        store_settle(store);
    sqlite3_file_control(store->db, NULL, GATHER_LOOK_AHEAD, NULL); /* without room the log grows with the scans */
}

static enum rc append_in_transaction(struct store *store, const struct record *record, int64_t seq, const char *body,
                                     const uint8_t *hash)
{
    struct catalog *catalog = NULL;
    enum rc rc = store->in_transaction ? RC_OK : store_do(store, JSQL_BEGIN, "");
    if (rc != RC_OK)
        return rc;
    if (!store->held && store_catalog(store, &catalog) == RC_OK)
        books_refresh(store, catalog);
    rc = store_do(store, JSQL_RECORD_INSERT, "itb", seq, body, hash, (size_t)CHAIN_HASH_BYTES);
    if (rc == RC_OK)
        rc = project(store, record, seq);
    if (rc == RC_OK)
        rc = store_do(store, JSQL_COMMIT, "");
    if (rc != RC_OK) {
        store->latches = LATCHES_UNKNOWN;
        store->waiting.known = false;
        store->free_keys.count = 0;
        fill_forget(&store->fill_kept);
        lost_clear(&store->lost);
    }
    if (rc != RC_OK && !sqlite3_get_autocommit(store->db))
        store_do(store, JSQL_ROLLBACK, "");
    store->in_transaction = false;
    return rc;
}

enum rc store_hold(struct store *store)
{
    assert(!store->held);
    store->held_rc = store_view_catalog(store);
    enum rc rc = store_do(store, JSQL_BEGIN, "");
    if (rc != RC_OK) {
        store_end_view(store);
        return rc;
    }
    store->held = store->in_transaction = true;
    books_refresh(store, store->held_rc == RC_OK ? store->catalog : NULL);
    return RC_OK;
}

void store_release(struct store *store)
{
    if (!store->held)
        return;
    if (store->in_transaction)
        store_do(store, JSQL_ROLLBACK, "");
    if (store_damaged(store))
        store_end_view(store);
    store->held = store->in_transaction = false;
    store_note_damage(store);
}

enum rc store_append(struct store *store, const struct record *record, int64_t *ret_seq)
{
    if (store->held && store_damaged(store))
        return RC_CORRUPT;
    int64_t seq = store->last_seq + 1;
    uint8_t hash[CHAIN_HASH_BYTES];
    char *body = record_body(store, record, seq);
    if (!body)
        return RC_NOMEM;
    chain_next(store->head, body, strlen(body), hash);
    enum rc rc = append_in_transaction(store, record, seq, body, hash);
    free(body);
    if (rc != RC_OK)
        return rc;
    store->last_seq = seq;
    if (record->at_ms > store->last_record_ms)
        store->last_record_ms = record->at_ms;
    memcpy(store->head, hash, sizeof hash);
    if (record->kind == RECORD_SCAN) {
        memcpy(store->last_key, record->facts->key, sizeof store->last_key);
        memcpy(store->last_label, record->code->values, sizeof store->last_label);
        store->last_mono_ns = record->mono_ns;
    }
    if ((int64_t)store->wal_pages * store->page_bytes >= STORE_CHECKPOINT_BYTES)
        checkpoint(store, SQLITE_CHECKPOINT_RESTART); /* the log keeps its length: gather.h */
    if (ret_seq)
        *ret_seq = seq;
    return RC_OK;
}
