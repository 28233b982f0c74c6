#include "app/store/journal_sql.h"
#include "app/catalog/sqlite_rc.h"
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
};

enum { VERSION = sizeof MIGRATIONS / sizeof MIGRATIONS[0] };

#define TALLY_COLUMNS "seq, doc, state, key, product, lot, line, reason, severity, qty, level, counted_seq"
#define DOCUMENT_COLUMNS                                                                                             \
    "doc, no, flow, rev, state, opened_seq, close_no, holder_from, holder_to, to_name, dock, note, due, quarantine," \
    " min_life"

const char *const JOURNAL_SQL[JSQL_COUNT] = {
    [JSQL_BEGIN] = "BEGIN IMMEDIATE",
    [JSQL_COMMIT] = "COMMIT",
    [JSQL_ROLLBACK] = "ROLLBACK",
    [JSQL_META] = "SELECT value FROM meta WHERE name = ?1",
    [JSQL_LAST] = "SELECT seq, body, hash FROM record ORDER BY seq DESC LIMIT 1",
    [JSQL_RECORD_INSERT] = "INSERT INTO record(seq, body, hash) VALUES(?1, ?2, ?3)",
    [JSQL_RECORDS] = "SELECT seq, body, hash FROM record WHERE seq >= ?1 ORDER BY seq",
    [JSQL_BODY] = "SELECT body FROM record WHERE seq = ?1",
    [JSQL_DOCUMENT_PUT] =
        "INSERT INTO document(" DOCUMENT_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
        " ?13, ?14, ?15) ON CONFLICT(doc) DO UPDATE SET no = ?2, flow = ?3, rev = ?4, state = ?5, opened_seq = ?6,"
        " close_no = ?7, holder_from = ?8, holder_to = ?9, to_name = ?10, dock = ?11, note = ?12, due = ?13,"
        " quarantine = ?14, min_life = ?15, closed_seq = 0",
    [JSQL_LINES_CLEAR] = "DELETE FROM line WHERE doc = ?1",
    [JSQL_LINE_PUT] =
        "INSERT INTO line(doc, n, line, product, lot, qty, tolerance) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [JSQL_DOCUMENT] = "SELECT " DOCUMENT_COLUMNS " FROM document WHERE doc = ?1",
    [JSQL_DOCUMENTS] = "SELECT " DOCUMENT_COLUMNS " FROM document ORDER BY state, due, no",
    [JSQL_DOCUMENTS_BY_NO] = "SELECT doc FROM document WHERE no = ?1",
    [JSQL_LINES] = "SELECT line, product, lot, qty, tolerance, tallied FROM line WHERE doc = ?1 ORDER BY n",
    [JSQL_LINE_ADD] = "UPDATE line SET tallied = tallied + ?3 WHERE doc = ?1 AND n = ?2",
    [JSQL_DOCUMENT_CLOSE] =
        "UPDATE document SET state = ?2, closed_seq = ?3, close_no = close_no + ?4 WHERE doc = ?1",
    [JSQL_DOCUMENT_PROGRESS] = "SELECT count(*), total(tallied >= qty) FROM line WHERE doc = ?1",
    [JSQL_TALLY_PUT] = "INSERT INTO tally(" TALLY_COLUMNS ", line_n) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
                       " ?11, ?12, ?13)",
    [JSQL_TALLY] = "SELECT " TALLY_COLUMNS " FROM tally WHERE seq = ?1",
    [JSQL_TALLIES] = "SELECT " TALLY_COLUMNS " FROM tally WHERE doc = ?1 AND seq >= ?2 ORDER BY seq DESC LIMIT ?3",
    [JSQL_TALLY_STATE] = "UPDATE tally SET state = ?2 WHERE seq = ?1",
    [JSQL_TALLY_REASON] =
        "UPDATE tally SET state = ?2, reason = ?3, severity = ?4, line = ?5, qty = ?6 WHERE seq = ?1",
    [JSQL_TALLIES_END] = "UPDATE tally SET state = ?4 WHERE seq >= ?2 AND doc = ?1 AND state = ?3",
    [JSQL_LATCH_REPLACE] = "UPDATE tally SET state = 0 WHERE doc = ?1 AND key = ?2 AND state IN (2, 3)",
    [JSQL_LATCHED] = "SELECT count(*) FROM tally WHERE doc = ?1 AND state IN (2, 3)",
    [JSQL_LATCHED_ALL] = "SELECT count(*) FROM tally WHERE state IN (2, 3)",
    [JSQL_ALLOC_PUT] = "INSERT INTO alloc(seq, n, line, qty, lot) VALUES(?1, ?2, ?3, ?4, ?5)",
    [JSQL_ALLOCS] =
        "SELECT a.n, a.line, a.qty, a.lot, l.product FROM alloc a JOIN line l ON l.doc = ?2 AND l.n = a.line"
        " WHERE a.seq = ?1 ORDER BY a.n",
    [JSQL_ALLOC_ADD] = "UPDATE alloc SET qty = qty + ?3 WHERE seq = ?1 AND n = ?2",
    [JSQL_ALLOC_ONE] = "UPDATE tally SET line_n = ?2, qty = ?3 WHERE seq = ?1",
    [JSQL_ALLOC_OF] = "SELECT t.line_n, t.qty, t.lot, l.product FROM tally t JOIN line l ON l.doc = t.doc AND"
                      " l.n = t.line_n WHERE t.seq = ?1",
    [JSQL_ALLOCS_CLEAR] = "DELETE FROM alloc WHERE seq = ?1",
    [JSQL_UNIT_PUT] = "INSERT INTO unit(key, seq, state, doc) VALUES(?1, ?2, 1, ?3) ON CONFLICT(key) DO UPDATE SET"
                      " seq = ?2, moved_seq = 0, state = 1, doc = ?3",
    [JSQL_TALLY_ADD] = "UPDATE tally SET qty = qty + ?2 WHERE seq = ?1",
    [JSQL_COUNTED_BY] = "UPDATE tally SET counted_seq = ?2, took_seq = 0 WHERE seq = ?1",
    [JSQL_TOOK] = "UPDATE tally SET took_seq = ?2 WHERE seq = ?1",
    [JSQL_TOOK_SEQ] = "SELECT took_seq FROM tally WHERE seq = ?1",
    [JSQL_TOOK_CLEAR] = "DELETE FROM took WHERE seq = ?1",
    [JSQL_TOOK_PUT] = "INSERT INTO took(seq, n, line, qty) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(seq, n) DO UPDATE SET"
                      " qty = qty + ?4",
    [JSQL_TOOK_ROWS] = "SELECT n, line, qty FROM took WHERE seq = ?1 ORDER BY n",
    [JSQL_UNIT] = "SELECT u.key, u.seq, u.moved_seq, u.state, u.doc, t.counted_seq FROM unit u"
                  " LEFT JOIN tally t ON t.seq = u.seq WHERE u.key = ?1",
    [JSQL_UNIT_DELETE] = "DELETE FROM unit WHERE key = ?1 AND seq = ?2",
    [JSQL_UNITS_MOVE] = "UPDATE unit SET state = 2, moved_seq = ?3 WHERE key IN"
                        " (SELECT key FROM tally WHERE seq >= ?2 AND doc = ?1 AND state = 1) AND doc = ?1",
    [JSQL_TALLIES_LIVE] = "SELECT seq FROM tally WHERE doc = ?1 AND seq >= ?2 AND state = 1",
    [JSQL_COUNTED] = "SELECT level, qty FROM tally WHERE doc = ?1 AND seq >= ?2 AND state = 1",
    [JSQL_SIGN_FAIL] =
        "INSERT INTO sign(operator, failures, last_ms) VALUES(?1, 1, ?2) ON CONFLICT(operator) DO UPDATE"
        " SET failures = failures + 1, last_ms = ?2",
    [JSQL_SIGN_OK] = "DELETE FROM sign WHERE operator = ?1",
    [JSQL_SIGN] = "SELECT failures, last_ms FROM sign WHERE operator = ?1",
    [JSQL_OPEN_COUNT] = "SELECT count(*) FROM document WHERE state = 1",
};

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
