#include "app/store/journal_reader.h"
#include "app/catalog/sqlite_rc.h"
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 1200, BATCH_BYTES_MAX = 4 << 20 };

enum statement { LAST, FIRST_KEPT, ANCHOR, HASH, BATCH, STATEMENTS };

/* Without an anchor none was dropped: then a journal that begins later has a hole. */
static const char *const TEXTS[STATEMENTS] = {
    [LAST] = "SELECT coalesce(max(seq), 0) FROM record",
    [FIRST_KEPT] =
        ("SELECT CASE WHEN EXISTS(SELECT 1 FROM meta WHERE name = 'anchor') THEN coalesce(min(seq), 1) ELSE "
         "1 END FROM record"),
    [ANCHOR] = "SELECT value FROM meta WHERE name = 'anchor'",
    [HASH] = "SELECT hash FROM record WHERE seq = ?1",
    [BATCH] = "SELECT seq, body, hash FROM record WHERE seq >= ?1 ORDER BY seq LIMIT ?2",
};

struct journal_reader {
    char dir[PATH_BYTES - 64];
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS]; /* each made when it is first used */
    char *lines;
    size_t room;
};

static enum rc open_database(struct journal_reader *reader)
{
    char path[PATH_BYTES];
    if (reader->db)
        return RC_OK;
    snprintf(path, sizeof path, "%s/journal.db", reader->dir);
    if (sqlite3_open_v2(path, &reader->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        enum rc rc = reader->db ? sqlite_rc_of(reader->db) : RC_NOMEM;
        sqlite3_close(reader->db);
        reader->db = NULL;
        return rc;
    }
    sqlite3_busy_timeout(reader->db, 2000);
    sqlite3_db_config(reader->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return RC_OK;
}

/* To be reset when it has been read. */
static enum rc statement(struct journal_reader *reader, enum statement which, sqlite3_stmt **ret_row)
{
    sqlite3_stmt **place = &reader->statements[which];
    if (!*place &&
        sqlite3_prepare_v3(reader->db, TEXTS[which], -1, SQLITE_PREPARE_PERSISTENT, place, NULL) != SQLITE_OK)
        return sqlite_rc_of(reader->db);
    *ret_row = *place;
    return RC_OK;
}

static enum rc read_number(struct journal_reader *reader, enum statement which, int64_t *ret_number)
{
    sqlite3_stmt *row = NULL;
    enum rc rc = statement(reader, which, &row);
    if (rc != RC_OK)
        return rc;
    int step = sqlite3_step(row);
    if (step == SQLITE_ROW)
        *ret_number = sqlite3_column_int64(row, 0);
    sqlite3_reset(row);
    return step == SQLITE_ROW || step == SQLITE_DONE ? RC_OK : sqlite_rc_of(reader->db);
}

/* What the first record that is kept was chained to. */
static enum rc read_anchor(struct journal_reader *reader, uint8_t ret_hash[CHAIN_HASH_BYTES])
{
    sqlite3_stmt *row = NULL;
    size_t len = 0;
    enum rc rc = statement(reader, ANCHOR, &row);
    if (rc != RC_OK)
        return rc;
    int step = sqlite3_step(row);
    const char *text = step == SQLITE_ROW ? (const char *)sqlite3_column_text(row, 0) : NULL;
    bool good = text && sodium_hex2bin(ret_hash, CHAIN_HASH_BYTES, text, strlen(text), NULL, &len, NULL) == 0 &&
                len == CHAIN_HASH_BYTES;
    sqlite3_reset(row);
    return good ? RC_OK : RC_CORRUPT;
}

enum rc journal_reader_hash(struct journal_reader *reader, int64_t seq, uint8_t ret_hash[CHAIN_HASH_BYTES])
{
    sqlite3_stmt *row = NULL;
    enum rc rc = open_database(reader);
    memset(ret_hash, 0, CHAIN_HASH_BYTES);
    if (rc != RC_OK || seq == 0)
        return rc;
    rc = statement(reader, HASH, &row);
    if (rc != RC_OK)
        return rc;
    sqlite3_bind_int64(row, 1, seq);
    bool found = sqlite3_step(row) == SQLITE_ROW && sqlite3_column_bytes(row, 0) == CHAIN_HASH_BYTES;
    if (found)
        memcpy(ret_hash, sqlite3_column_blob(row, 0), CHAIN_HASH_BYTES);
    sqlite3_reset(row);
    return found ? RC_OK : read_anchor(reader, ret_hash);
}

static bool add_line(struct journal_reader *reader, size_t at, const void *text, size_t len)
{
    if (at + len + 1 > reader->room) {
        size_t room = (at + len + 1) * 2;
        char *lines = realloc(reader->lines, room);
        if (!lines)
            return false;
        reader->lines = lines;
        reader->room = room;
    }
    memcpy(reader->lines + at, text, len);
    reader->lines[at + len] = '\n';
    return true;
}

static enum rc read_batch(struct journal_reader *reader, sqlite3_stmt *row, struct sync_batch *batch)
{
    int64_t first = 0;
    int step;
    while ((step = sqlite3_step(row)) == SQLITE_ROW) {
        size_t len = (size_t)sqlite3_column_bytes(row, 1);
        bool next = sqlite3_column_int64(row, 0) == batch->first_seq + batch->count;
        if (!next && batch->count == 0 && read_number(reader, FIRST_KEPT, &first) == RC_OK &&
            sqlite3_column_int64(row, 0) == first)
            return RC_GONE; /* what the state was read from was dropped since */
        if (!next || sqlite3_column_bytes(row, 2) != CHAIN_HASH_BYTES)
            return RC_CORRUPT;
        if (batch->count > 0 && batch->len + len > BATCH_BYTES_MAX)
            return RC_OK;
        if (!add_line(reader, batch->len, sqlite3_column_text(row, 1), len))
            return RC_NOMEM;
        batch->len += len + 1;
        batch->count++;
        memcpy(batch->head, sqlite3_column_blob(row, 2), CHAIN_HASH_BYTES);
    }
    return step == SQLITE_DONE ? RC_OK : sqlite_rc_of(reader->db);
}

enum rc journal_reader_batch(struct journal_reader *reader, int64_t first_seq, int max, struct sync_batch *ret_batch)
{
    struct sync_batch batch = {.first_seq = first_seq};
    sqlite3_stmt *row = NULL;
    enum rc rc = open_database(reader);
    if (rc == RC_OK)
        rc = statement(reader, BATCH, &row);
    if (rc != RC_OK)
        return rc;
    sqlite3_bind_int64(row, 1, first_seq);
    sqlite3_bind_int(row, 2, max < BATCH_MORE_MAX ? max : BATCH_MORE_MAX);
    rc = read_batch(reader, row, &batch);
    sqlite3_reset(row);
    if (rc != RC_OK)
        return rc;
    batch.lines = reader->lines;
    *ret_batch = batch;
    return RC_OK;
}

enum rc journal_reader_ends(struct journal_reader *reader, int64_t *ret_first, int64_t *ret_last)
{
    int64_t first = 1, last = 0;
    enum rc rc = open_database(reader);
    if (rc == RC_OK)
        rc = read_number(reader, LAST, &last);
    if (rc == RC_OK) /* the last one is never dropped */
        rc = read_number(reader, FIRST_KEPT, &first);
    if (rc != RC_OK)
        return rc;
    *ret_first = first;
    *ret_last = last;
    return RC_OK;
}

enum rc journal_reader_new(const char *dir, struct journal_reader **ret_reader)
{
    struct journal_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return RC_NOMEM;
    if (strlen(dir) >= sizeof reader->dir) {
        free(reader);
        return RC_TOO_BIG;
    }
    snprintf(reader->dir, sizeof reader->dir, "%s", dir);
    *ret_reader = reader;
    return RC_OK;
}

void journal_reader_free(struct journal_reader *reader)
{
    if (!reader)
        return;
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(reader->statements[i]);
    sqlite3_close(reader->db);
    free(reader->lines);
    free(reader);
}
