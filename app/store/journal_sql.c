#include "app/store/journal_sql.h"

#define TALLY_COLUMNS                                                                                                \
    "seq, doc, state, key, product, lot, line, reason, severity, qty, level, counted_seq, packed_seq, loose, "       \
    "goes_to"
#define DOCUMENT_COLUMNS                                                                                             \
    "doc, no, flow, rev, state, opened_seq, close_no, holder_from, holder_to, to_name, dock, note, due, quarantine," \
    " min_life, own, team, site, fields, context_product, context_lot, container, pending"

/* live tallies, each on one line, that the lines' rows have not counted yet: count.c */
#define WAITING                                                                                                      \
    "FROM tally WHERE seq > (SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'counted') AND state = 1"          \
    " AND line_n >= 0"
#define WAITING_OF_DOC "(SELECT line_n, sum(qty) AS waiting " WAITING " AND doc = ?1 GROUP BY line_n) ON line_n = n"

const char *const JOURNAL_SQL[JSQL_COUNT] = {
    [JSQL_BEGIN] = "BEGIN IMMEDIATE",
    [JSQL_COMMIT] = "COMMIT",
    [JSQL_ROLLBACK] = "ROLLBACK",
    [JSQL_PAGE_SIZE] = "PRAGMA page_size",
    [JSQL_META] = "SELECT value FROM meta WHERE name = ?1",
    [JSQL_LAST] = "SELECT seq, body, hash FROM record ORDER BY seq DESC LIMIT 1",
    [JSQL_RECORD_INSERT] = "INSERT INTO record(seq, body, hash) VALUES(?1, ?2, ?3)",
    [JSQL_RECORDS] = "SELECT seq, body, hash FROM record WHERE seq >= ?1 ORDER BY seq",
    [JSQL_FIRST] = "SELECT coalesce(min(seq), 1) FROM record",
    /* from here on all is needed: the first record of what is worked on */
    [JSQL_KEPT_FROM] = "SELECT coalesce(min(opened_seq), 9223372036854775807) FROM document WHERE state = 1",
    [JSQL_DROP] = "DELETE FROM record WHERE seq <= ?1",
    [JSQL_META_SET] = "INSERT INTO meta(name, value) VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET value = ?2",
    [JSQL_BODY] = "SELECT body FROM record WHERE seq = ?1",
    [JSQL_DOCUMENT_PUT] =
        "INSERT INTO document(" DOCUMENT_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
        " ?13, ?14, ?15, ?16, ?17, ?18, ?19, '', '', '', '') ON CONFLICT(doc) DO UPDATE SET no = ?2, flow = ?3, rev "
        "= ?4,"
        " state = ?5, opened_seq = ?6, close_no = ?7, holder_from = ?8, holder_to = ?9, to_name = ?10, dock = ?11,"
        " note = ?12, due = ?13, quarantine = ?14, min_life = ?15, own = ?16, team = ?17, site = ?18, fields = ?19,"
        " context_product = '', context_lot = '', container = '', pending = '', closed_seq = 0",
    [JSQL_DOCUMENT_REVISE] =
        "UPDATE document SET no = ?2, rev = ?3, holder_from = ?4, holder_to = ?5, to_name = ?6, dock = ?7, note = ?8,"
        " due = ?9, quarantine = ?10, min_life = ?11 WHERE doc = ?1",
    [JSQL_DOCUMENT_WORK] = "UPDATE document SET context_product = ?2, context_lot = ?3, container = ?4, pending = ?5"
                           " WHERE doc = ?1",
    [JSQL_WORK_PUT] =
        "INSERT OR REPLACE INTO work(doc, seq, context_product, context_lot, container, pending)"
        " SELECT doc, ?2, context_product, context_lot, container, pending FROM document WHERE doc = ?1",
    [JSQL_WORK_BACK] =
        "UPDATE document SET (context_product, context_lot, container, pending) ="
        " (SELECT context_product, context_lot, container, pending FROM work WHERE doc = ?1 AND seq = ?2)"
        " WHERE doc = ?1 AND EXISTS (SELECT 1 FROM work WHERE doc = ?1 AND seq = ?2)"
        " AND NOT EXISTS (SELECT 1 FROM work WHERE doc = ?1 AND seq > ?2)",
    [JSQL_WORK_DROP] = "DELETE FROM work WHERE doc = ?1 AND seq = ?2",
    [JSQL_LINES_CLEAR] = "DELETE FROM line WHERE doc = ?1",
    [JSQL_LINE_PUT] =
        "INSERT INTO line(doc, n, line, product, lot, qty, tolerance, of_doc) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [JSQL_DOCUMENT] = "SELECT " DOCUMENT_COLUMNS " FROM document WHERE doc = ?1",
    [JSQL_DOCUMENTS] = "SELECT " DOCUMENT_COLUMNS " FROM document ORDER BY state, due, no",
    [JSQL_DOCUMENTS_BY_NO] = "SELECT doc FROM document WHERE no = ?1",
    [JSQL_LINES] = "SELECT line, product, lot, qty, tolerance, tallied + coalesce(waiting, 0), of_doc FROM line"
                   " LEFT JOIN " WAITING_OF_DOC " WHERE doc = ?1 ORDER BY n",
    [JSQL_LINES_COUNT] = "UPDATE line SET tallied = tallied + waiting FROM (SELECT doc AS of, line_n, sum(qty) AS"
                         " waiting " WAITING " GROUP BY doc, line_n) WHERE doc = of AND n = line_n",
    [JSQL_COUNTED_SET] = "UPDATE meta SET value = ?1 WHERE name = 'counted'",
    [JSQL_WAITING] = "SELECT count(*) " WAITING,
    [JSQL_TEAM_OF] = "SELECT d.doc FROM line l JOIN document d ON d.doc = l.doc AND d.state IN (1, 2)"
                     " WHERE l.of_doc = ?1 AND l.of_doc <> '' LIMIT 1",
    /* begun on what ?1 did since it was opened last, and named by either of its names */
    [JSQL_ABOUT] = "SELECT a.doc, a.flow, a.state FROM document d JOIN document a ON a.opened_seq > d.opened_seq"
                   " AND json_extract(a.fields, '$.of') IN (d.doc, d.no) WHERE d.doc = ?1 AND a.state IN (1, 2)"
                   " ORDER BY a.opened_seq",
    [JSQL_LINE_ADD] = "UPDATE line SET tallied = tallied + ?3 WHERE doc = ?1 AND n = ?2",
    [JSQL_DOCUMENT_CLOSE] =
        "UPDATE document SET state = ?2, closed_seq = ?3, close_no = close_no + ?4 WHERE doc = ?1",
    [JSQL_DOCUMENT_PROGRESS] = "SELECT count(*), total(tallied + coalesce(waiting, 0) >= qty) FROM line LEFT JOIN"
                               " " WAITING_OF_DOC " WHERE doc = ?1",
    [JSQL_TALLY_PUT] = "INSERT INTO tally(" TALLY_COLUMNS ", line_n) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
                       " ?11, ?12, ?13, ?14, ?15, ?16)",
    [JSQL_TALLY] = "SELECT " TALLY_COLUMNS " FROM tally WHERE seq = ?1",
    [JSQL_TALLIES] = "SELECT " TALLY_COLUMNS " FROM tally WHERE doc = ?1 AND seq >= ?2 ORDER BY seq DESC LIMIT ?3",
    [JSQL_TALLY_STATE] = "UPDATE tally SET state = ?2 WHERE seq = ?1",
    [JSQL_TALLY_REASON] =
        "UPDATE tally SET state = ?2, reason = ?3, severity = ?4, line = ?5, qty = ?6 WHERE seq = ?1",
    [JSQL_TALLY_GOES] =
        "UPDATE tally SET goes_to = ?2, packed_seq = ?3, loose = ?4, product = ?5, lot = ?6, level = ?7"
        " WHERE seq = ?1",
    [JSQL_TALLY_PACK] = "UPDATE tally SET state = ?2, packed_seq = ?3, loose = ?4 WHERE seq = ?1",
    [JSQL_PACKED_HERE] = "SELECT 1 FROM tally WHERE doc = ?1 AND key = ?2 AND state = 8 AND seq >= ?3",
    [JSQL_PACKED_BY] = "SELECT seq FROM tally WHERE doc = ?1 AND state = 8 AND packed_seq = ?2",
    [JSQL_LOOSE] =
        "SELECT seq, key, product, level FROM tally WHERE doc = ?1 AND seq >= ?2 AND loose = 1 AND state = 1"
        " ORDER BY seq",
    [JSQL_TALLIES_END] = "UPDATE tally SET state = ?4 WHERE seq >= ?2 AND doc = ?1 AND state = ?3",
    [JSQL_LATCH_REPLACE] = "UPDATE tally SET state = iif(counted_seq AND ?3, 10, 0)"
                           " WHERE doc = ?1 AND key = ?2 AND state IN (2, 3)",
    /* of the goods of tally ?1, in its document as that was opened last */
    [JSQL_LATCH_ASKED] = "UPDATE tally SET state = ?2 FROM (SELECT t.doc AS of, t.key AS goods, d.opened_seq AS since"
                         " FROM tally t JOIN document d ON d.doc = t.doc WHERE t.seq = ?1)"
                         " WHERE seq > since AND state = 10 AND doc = of AND key = goods",
    [JSQL_LATCHED] = "SELECT count(*) FROM tally WHERE doc = ?1 AND state IN (2, 3)",
    [JSQL_LATCHED_ANY] = "SELECT EXISTS (SELECT 1 FROM tally WHERE state IN (2, 3))",
    [JSQL_LATCHED_ALL] = "SELECT count(*) FROM tally WHERE state IN (2, 3)",
    [JSQL_ALLOC_PUT] = "INSERT INTO alloc(seq, n, line, qty, lot, product) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    [JSQL_ALLOCS] = "SELECT a.n, a.line, a.qty, a.lot, coalesce(l.product, a.product) FROM alloc a"
                    " LEFT JOIN line l ON l.doc = ?2 AND l.n = a.line WHERE a.seq = ?1 ORDER BY a.n",
    [JSQL_ALLOC_ADD] = "UPDATE alloc SET qty = qty + ?3 WHERE seq = ?1 AND n = ?2",
    [JSQL_ALLOC_ONE] = "UPDATE tally SET line_n = ?2, qty = ?3 WHERE seq = ?1",
    [JSQL_ALLOC_OF] = "SELECT t.line_n, t.qty, t.lot, coalesce(l.product, t.product) FROM tally t"
                      " LEFT JOIN line l ON l.doc = t.doc AND l.n = t.line_n WHERE t.seq = ?1 AND t.line_n <> -1",
    [JSQL_ALLOC_LINE] = "UPDATE alloc SET line = ?3, product = ?4 WHERE seq = ?1 AND n = ?2",
    [JSQL_ALLOC_OWN_LINE] = "UPDATE tally SET line_n = ?2, line = ?3 WHERE seq = ?1",
    [JSQL_ALLOCS_CLEAR] = "DELETE FROM alloc WHERE seq = ?1",
    [JSQL_UNIT_PUT] = "INSERT INTO unit(key, seq, state, doc) VALUES(?1, ?2, 1, ?3) ON CONFLICT(key) DO UPDATE SET"
                      " seq = ?2, doc = ?3",
    [JSQL_TALLY_ADD] = "UPDATE tally SET qty = qty + ?2 WHERE seq = ?1",
    [JSQL_COUNTED_BY] = "UPDATE tally SET counted_seq = ?2, took_seq = 0 WHERE seq = ?1",
    [JSQL_TOOK] = "UPDATE tally SET took_seq = ?2 WHERE seq = ?1",
    [JSQL_TOOK_SEQ] = "SELECT took_seq FROM tally WHERE seq = ?1",
    [JSQL_TOOK_CLEAR] = "DELETE FROM took WHERE seq = ?1",
    [JSQL_TOOK_PUT] = "INSERT INTO took(seq, n, line, qty) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(seq, n) DO UPDATE SET"
                      " qty = qty + ?4",
    [JSQL_TOOK_ROWS] = "SELECT n, line, qty FROM took WHERE seq = ?1 ORDER BY n",
    [JSQL_UNIT] = "SELECT u.key, u.seq, u.doc, t.counted_seq FROM unit u LEFT JOIN tally t ON t.seq = u.seq"
                  " WHERE u.key = ?1",
    [JSQL_UNIT_DELETE] = "DELETE FROM unit WHERE key = ?1 AND seq = ?2",
    [JSQL_SEEN_PUT] = "INSERT OR REPLACE INTO seen(doc, key, seq) VALUES(?1, ?2, ?3)",
    [JSQL_SEEN] = "SELECT s.key, s.seq, s.doc, t.counted_seq FROM seen s LEFT JOIN tally t ON t.seq = s.seq"
                  " WHERE s.doc = ?1 AND s.key = ?2",
    [JSQL_SEEN_DELETE] = "DELETE FROM seen WHERE doc = ?1 AND key = ?2 AND seq = ?3",
    [JSQL_SEEN_CLEAR] = "DELETE FROM seen WHERE doc = ?1",
    [JSQL_SEEN_AT] = "SELECT d.fields, substr(json_extract(r.body, '$.at'), 1, 10) FROM seen s"
                     " JOIN document d ON d.doc = s.doc LEFT JOIN record r ON r.seq = s.seq"
                     " WHERE s.key = ?1 AND s.doc <> ?2 ORDER BY s.seq DESC",
    [JSQL_SEEN_ELSEWHERE] = "SELECT 1 FROM seen WHERE key = ?1 AND doc <> ?2 LIMIT 1",
    [JSQL_PERMIT_FOUND] = "SELECT sum(t.qty), json_extract(r.body, '$.market.sold.at') AS day FROM tally t"
                          " JOIN record r ON r.seq = t.seq WHERE t.doc = ?1 AND t.product = ?2 AND t.state = 1"
                          " AND t.seq <> ?3 AND json_extract(r.body, '$.market.permit') = 1"
                          " AND json_extract(r.body, '$.market.sold.to') = ?4 GROUP BY day ORDER BY day LIMIT ?5",
    [JSQL_PERMIT_USED] = "SELECT substr(json_extract(r.body, '$.at'), 1, 10) AS day, sum(qty) FROM ("
                         "SELECT t.qty AS qty, iif(t.state = 6, d.closed_seq, 0) AS closed"
                         " FROM document d JOIN tally t ON t.doc = d.doc AND t.seq >= d.opened_seq"
                         " LEFT JOIN line l ON l.doc = t.doc AND l.n = t.line_n WHERE d.holder_to IN (?1, ?2)"
                         " AND (t.state = 1 OR (t.state = 6 AND d.closed_seq > ?3)) AND t.line_n <> -1"
                         " AND coalesce(l.product, t.product) = ?4 AND t.seq <> ?5"
                         " UNION ALL SELECT a.qty, iif(t.state = 6, d.closed_seq, 0)"
                         " FROM document d JOIN tally t ON t.doc = d.doc AND t.seq >= d.opened_seq"
                         " JOIN alloc a ON a.seq = t.seq LEFT JOIN line l ON l.doc = t.doc AND l.n = a.line"
                         " WHERE d.holder_to IN (?1, ?2) AND (t.state = 1 OR (t.state = 6 AND d.closed_seq > ?3))"
                         " AND t.line_n = -1 AND coalesce(l.product, a.product) = ?4 AND t.seq <> ?5)"
                         " LEFT JOIN record r ON r.seq = closed GROUP BY day ORDER BY day IS NULL, day",
    [JSQL_PLACE_KEYS] = "SELECT DISTINCT key FROM place WHERE seq > ?1",
    [JSQL_MOVED_LOOSE] =
        "SELECT d.flow, d.holder_from, d.holder_to, d.site, t.goes_to, coalesce(l.product, t.product), t.lot, t.qty"
        " FROM document d JOIN tally t ON t.doc = d.doc AND t.seq >= d.opened_seq AND t.state = 6 AND t.line_n <> -1"
        " LEFT JOIN line l ON l.doc = t.doc AND l.n = t.line_n WHERE d.closed_seq > ?1"
        " AND NOT EXISTS (SELECT 1 FROM place p WHERE p.key = t.key AND p.seq = d.closed_seq)"
        " UNION ALL SELECT d.flow, d.holder_from, d.holder_to, d.site, t.goes_to, coalesce(l.product, a.product),"
        " a.lot, a.qty FROM document d JOIN tally t ON t.doc = d.doc AND t.seq >= d.opened_seq AND t.state = 6"
        " AND t.line_n = -1 JOIN alloc a ON a.seq = t.seq LEFT JOIN line l ON l.doc = t.doc AND l.n = a.line"
        " WHERE d.closed_seq > ?1 AND NOT EXISTS (SELECT 1 FROM place p WHERE p.key = t.key AND p.seq = "
        "d.closed_seq)",
    [JSQL_TALLIES_LIVE] =
        "SELECT seq, key, goes_to, counted_seq FROM tally WHERE doc = ?1 AND seq >= ?2 AND state = 1"
        " ORDER BY seq",
    /* what has gone to another document (7) comes back when that is undone */
    [JSQL_TALLIES_IN] = "SELECT seq FROM tally WHERE doc = ?1 AND seq >= ?2 AND state IN (1, 7, 8) ORDER BY seq",
    [JSQL_COUNTED] = "SELECT level, qty FROM tally WHERE doc = ?1 AND seq >= ?2 AND state IN (1, 8)",
    [JSQL_ROWS] =
        "SELECT product, lot, sum(qty), sum(iif(on_line, 0, qty)) FROM ("
        "SELECT coalesce(l.product, t.product) AS product, t.lot AS lot, t.qty AS qty, t.line_n >= 0 AS on_line"
        " FROM tally t LEFT JOIN line l ON l.doc = t.doc AND l.n = t.line_n"
        " WHERE t.doc = ?1 AND t.seq >= ?2 AND t.state IN (?3, ?4) AND t.line_n <> -1"
        " UNION ALL SELECT coalesce(l.product, a.product), a.lot, a.qty, a.line >= 0 FROM tally t"
        " JOIN alloc a ON a.seq = t.seq LEFT JOIN line l ON l.doc = t.doc AND l.n = a.line"
        " WHERE t.doc = ?1 AND t.seq >= ?2 AND t.state IN (?3, ?4) AND t.line_n = -1)"
        " WHERE product <> '' AND qty <> 0 GROUP BY product, lot ORDER BY product, lot",
    [JSQL_PLACE_PUT] = "INSERT OR IGNORE INTO place(key, seq, of, holder, state, was, was_state)"
                       " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [JSQL_PLACES] =
        "SELECT seq, of, holder, state, was, was_state FROM place WHERE key = ?1 AND seq > ?2 ORDER BY seq DESC"
        " LIMIT ?3",
    /* what nothing later has written over; a state of -1 is kept, and what wrote the same again changed nothing */
    [JSQL_PLACES_BY] = "SELECT key, holder, state, was, was_state FROM place p WHERE seq = ?1 AND NOT EXISTS"
                       " (SELECT 1 FROM place q WHERE q.key = p.key AND q.seq > ?1"
                       " AND ((p.holder <> '' AND q.holder <> '' AND q.holder <> q.was)"
                       " OR (p.state <> -1 AND q.state <> -1 AND q.state <> q.was_state)))",
    [JSQL_PLACED] = "SELECT 1 FROM place WHERE key = ?1 AND seq = ?2",
    [JSQL_PLACE_LAST] = "SELECT max(seq) FROM place",
    [JSQL_PACKED_PUT] = "INSERT OR REPLACE INTO packed(key, seq, of, parent, was) VALUES(?1, ?2, ?3, ?4, ?5)",
    [JSQL_PACKED] = "SELECT seq, of, parent FROM packed WHERE key = ?1 AND seq > ?2 ORDER BY seq DESC",
    [JSQL_PACKED_BY_SEQ] = "SELECT key, was FROM packed p WHERE seq = ?1 AND NOT EXISTS"
                           " (SELECT 1 FROM packed q WHERE q.key = p.key AND q.seq > ?1)",
    [JSQL_PACKED_IN] = "SELECT DISTINCT key FROM packed WHERE parent = ?1 AND seq > ?2 AND parent <> '' ORDER BY key",
    [JSQL_PACKED_LAST] = "SELECT max(seq) FROM packed",
    [JSQL_PLACE_STATE] = "UPDATE place SET state = ?3 WHERE key = ?1 AND seq = ?2",
    [JSQL_PACKED_WHERE] = "SELECT parent FROM packed WHERE key = ?1 AND seq = ?2",
    [JSQL_PACKED_ABOUT] = "SELECT key FROM packed WHERE seq = ?1 UNION SELECT was FROM packed WHERE seq = ?1"
                          " AND was <> ''",
    [JSQL_TOUCHED_LATER] = "SELECT 1 WHERE EXISTS (SELECT 1 FROM unit WHERE key = ?1 AND seq > ?2)"
                           " OR EXISTS (SELECT 1 FROM place WHERE key = ?1 AND seq > ?2)",
    [JSQL_PACKED_LATER] =
        "SELECT 1 FROM packed p WHERE p.seq = ?1 AND (EXISTS (SELECT 1 FROM packed q WHERE q.key = p.key"
        " AND q.seq > ?1) OR EXISTS (SELECT 1 FROM place q WHERE q.key = p.key AND q.seq > ?1)"
        " OR EXISTS (SELECT 1 FROM unit u WHERE u.key = p.key AND u.seq > ?1))",
    [JSQL_LEARNED_PUT] =
        "INSERT OR REPLACE INTO learned(key, seq, of, product, lot, level, covers, made, expires, what)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [JSQL_LEARNED] =
        "SELECT seq, of, product, lot, level, covers, made, expires, what FROM learned WHERE key = ?1 AND"
        " seq > ?2 ORDER BY seq DESC",
    [JSQL_LEARNED_BY] = "SELECT key FROM learned WHERE seq = ?1",
    [JSQL_LEARNED_WHAT] = "SELECT what FROM learned WHERE key = ?1 AND seq = ?2",
    [JSQL_LEARNED_DROP] = "DELETE FROM learned WHERE key = ?1 AND seq = ?2",
    [JSQL_LEARNED_KEYS] = "SELECT DISTINCT key FROM learned WHERE seq > ?1 AND product = ?2 ORDER BY key",
    [JSQL_LEARNED_LAST] = "SELECT max(seq) FROM learned",
    [JSQL_SIGN_FAIL] =
        "INSERT INTO sign(operator, failures, last_ms) VALUES(?1, 1, ?2) ON CONFLICT(operator) DO UPDATE"
        " SET failures = failures + 1, last_ms = ?2",
    [JSQL_SIGN_OK] = "DELETE FROM sign WHERE operator = ?1",
    [JSQL_SIGN] = "SELECT failures, last_ms FROM sign WHERE operator = ?1",
    [JSQL_ANSWER_PUT] = "INSERT OR REPLACE INTO answer(epoch, ref, seq, what) VALUES(?1, ?2, ?3, ?4)",
    [JSQL_ANSWERED] = "SELECT what, seq FROM answer WHERE epoch = ?1 AND ref = ?2",
    [JSQL_MOVED_SINCE] = "SELECT 1 FROM tally WHERE seq > ?2 AND key = ?1 AND state = 6 LIMIT 1",
    [JSQL_OPEN_COUNT] = "SELECT count(*) FROM document WHERE state = 1",
};
