/* The journal's tables, version by version. */
#include "app/catalog/sqlite_rc.h"
#include "app/store/journal_sql.h"
#include <sqlite3.h>
#include <stdio.h>

/* Append-only: a version that was ever released is never edited. */
static const char *const MIGRATIONS[] = {
    /* 1 */
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "INSERT INTO meta VALUES('epoch', '1');"
    "CREATE TABLE record(seq INTEGER PRIMARY KEY, body TEXT NOT NULL, hash BLOB NOT NULL);"
    "CREATE TABLE document(doc TEXT PRIMARY KEY, no TEXT NOT NULL, flow TEXT NOT NULL, rev TEXT NOT NULL,"
    " state INTEGER NOT NULL, opened_seq INTEGER NOT NULL, closed_seq INTEGER NOT NULL DEFAULT 0,"
    " close_no INTEGER NOT NULL DEFAULT 0, holder_from TEXT NOT NULL, holder_to TEXT NOT NULL, to_name TEXT NOT NULL,"
    " dock TEXT NOT NULL, note TEXT NOT NULL, due INTEGER, quarantine INTEGER NOT NULL, min_life INTEGER NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE INDEX document_no ON document(no);"
    "CREATE TABLE line(doc TEXT NOT NULL, n INTEGER NOT NULL, line TEXT NOT NULL, product TEXT NOT NULL,"
    " lot TEXT NOT NULL, qty INTEGER NOT NULL, tolerance INTEGER NOT NULL, tallied INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY(doc, n)) WITHOUT ROWID;"
    "CREATE TABLE tally(seq INTEGER PRIMARY KEY, doc TEXT NOT NULL, state INTEGER NOT NULL, key TEXT NOT NULL,"
    " product TEXT NOT NULL, lot TEXT NOT NULL, line TEXT NOT NULL, reason INTEGER NOT NULL,"
    " severity INTEGER NOT NULL, qty INTEGER NOT NULL, level INTEGER NOT NULL, line_n INTEGER NOT NULL DEFAULT -1,"
    " counted_seq INTEGER NOT NULL DEFAULT 0, took_seq INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX tally_open ON tally(doc, key) WHERE state IN (2, 3);"
    "CREATE TABLE alloc(seq INTEGER NOT NULL, n INTEGER NOT NULL, line INTEGER NOT NULL, qty INTEGER NOT NULL,"
    " lot TEXT NOT NULL, PRIMARY KEY(seq, n)) WITHOUT ROWID;"
    "CREATE TABLE took(seq INTEGER NOT NULL, n INTEGER NOT NULL, line INTEGER NOT NULL, qty INTEGER NOT NULL,"
    " PRIMARY KEY(seq, n)) WITHOUT ROWID;"
    "CREATE TABLE unit(key TEXT PRIMARY KEY, seq INTEGER NOT NULL, moved_seq INTEGER NOT NULL DEFAULT 0,"
    " state INTEGER NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE sign(operator TEXT PRIMARY KEY, failures INTEGER NOT NULL, last_ms INTEGER NOT NULL) WITHOUT "
    "ROWID;",
    /* 2: every flow. `of` is the record that made the effect count: refused, there is none. Rows are never taken back: undo
     * adds what was before. */
    "ALTER TABLE document ADD COLUMN own INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE document ADD COLUMN team TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE document ADD COLUMN site TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE document ADD COLUMN fields TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE document ADD COLUMN context_product TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE document ADD COLUMN context_lot TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE document ADD COLUMN container TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE document ADD COLUMN pending TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE line ADD COLUMN of_doc TEXT NOT NULL DEFAULT '';"
    "CREATE INDEX line_of_doc ON line(of_doc) WHERE of_doc <> '';"
    "ALTER TABLE alloc ADD COLUMN product TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE tally ADD COLUMN goes_to TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE tally ADD COLUMN packed_seq INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE tally ADD COLUMN loose INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX tally_loose ON tally(doc, seq) WHERE loose = 1;"
    "CREATE INDEX tally_packed ON tally(doc, key) WHERE state = 8;"
    "CREATE TABLE seen(doc TEXT NOT NULL, key TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(doc, key)) WITHOUT "
    "ROWID;"
    "CREATE TABLE place(key TEXT NOT NULL, seq INTEGER NOT NULL, of INTEGER NOT NULL, holder TEXT NOT NULL,"
    " state INTEGER NOT NULL, was TEXT NOT NULL, was_state INTEGER NOT NULL, PRIMARY KEY(key, seq)) WITHOUT ROWID;"
    "CREATE INDEX place_seq ON place(seq);"
    "CREATE TABLE packed(key TEXT NOT NULL, seq INTEGER NOT NULL, of INTEGER NOT NULL, parent TEXT NOT NULL,"
    " was TEXT NOT NULL, PRIMARY KEY(key, seq)) WITHOUT ROWID;"
    "CREATE INDEX packed_seq ON packed(seq);"
    "CREATE INDEX packed_parent ON packed(parent, seq) WHERE parent <> '';"
    "CREATE TABLE learned(key TEXT NOT NULL, seq INTEGER NOT NULL, of INTEGER NOT NULL, product TEXT NOT NULL,"
    " lot TEXT NOT NULL, level INTEGER NOT NULL, covers INTEGER NOT NULL, made INTEGER NOT NULL,"
    " expires INTEGER NOT NULL, what INTEGER NOT NULL, PRIMARY KEY(key, seq)) WITHOUT ROWID;"
    "CREATE INDEX learned_seq ON learned(seq);"
    "CREATE TABLE work(doc TEXT NOT NULL, seq INTEGER NOT NULL, context_product TEXT NOT NULL,"
    " context_lot TEXT NOT NULL, container TEXT NOT NULL, pending TEXT NOT NULL, PRIMARY KEY(doc, seq)) WITHOUT "
    "ROWID;"
    "INSERT INTO place SELECT u.key, u.moved_seq, coalesce(t.counted_seq, u.seq),"
    " CASE WHEN d.holder_to LIKE 'party:%' OR d.holder_to LIKE 'site:%' THEN 'transit:' ELSE '' END || d.holder_to,"
    " -1, 'unknown', -1 FROM unit u JOIN document d ON d.doc = u.doc LEFT JOIN tally t ON t.seq = u.seq"
    " WHERE u.state = 2;"
    "DELETE FROM unit WHERE state = 2;",
    /* 3: what audits find comes before `ok`, which was 29; what was seen is looked for by its key as well */
    "UPDATE tally SET reason = 36 WHERE reason = 29; CREATE INDEX seen_key ON seen(key);",
    /* 4: what was done about a record that the server did not accept */
    "CREATE TABLE answer(epoch INTEGER, ref INTEGER, seq INTEGER, what INTEGER, PRIMARY KEY(epoch, ref));",
    /* 5: up to which record the lines' rows have counted: count.c */
    "INSERT INTO meta(name, value) SELECT 'counted', coalesce(max(seq), 0) FROM tally;",
    /* 6: what was seen is in one tree, that answers for its key alone too: a find writes a page less */
    "CREATE TABLE seen_by_key(key TEXT NOT NULL, doc TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(key, doc))"
    " WITHOUT ROWID; INSERT INTO seen_by_key SELECT key, doc, seq FROM seen ORDER BY key, doc;"
    "DROP TABLE seen; ALTER TABLE seen_by_key RENAME TO seen;",
    /* 7: latches that a later scan stands for are found without a walk; there are hardly any */
    "CREATE INDEX tally_asked ON tally(doc, key) WHERE state = 10;",
};

enum { VERSION = sizeof MIGRATIONS / sizeof MIGRATIONS[0] };

static enum rc apply(sqlite3 *db, int version)
{
    char end[48];
    snprintf(end, sizeof end, "PRAGMA user_version = %d; COMMIT", version);
    const char *const steps[] = {"BEGIN IMMEDIATE", MIGRATIONS[version - 1], end};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (sqlite3_exec(db, steps[i], NULL, NULL, NULL) != SQLITE_OK) {
            enum rc rc = sqlite_rc_of(db);
            sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
            return rc;
        }
    return RC_OK;
}

static enum rc version_of(sqlite3 *db, int *ret_version)
{
    sqlite3_stmt *statement = NULL;
    enum rc rc = RC_OK;
    if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        *ret_version = sqlite3_column_int(statement, 0);
    else
        rc = sqlite_rc_of(db);
    sqlite3_finalize(statement);
    return rc;
}

enum rc journal_migrate(sqlite3 *db)
{
    int version = 0;
    enum rc rc = version_of(db, &version);
    if (rc == RC_OK && version > VERSION)
        return RC_NEWER;
    for (; rc == RC_OK && version < VERSION; version++)
        rc = apply(db, version + 1);
    return rc;
}
