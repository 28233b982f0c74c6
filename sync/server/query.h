/* Every statement of the server, named, prepared once. Columns are read in the order in which they stand here. The texts
 * are ones that SQLite and PostgreSQL both take; those few that differ are in query.c. What runs once a record does without RETURNING: SQLite makes and drops a
 * temporary table for each. */
#ifndef TALLYMAN_SYNC_SERVER_QUERY_H
#define TALLYMAN_SYNC_SERVER_QUERY_H

/* what is in a container $1, and what it is in; the depth is DEPTH_MAX */
#define QUERY_INSIDE                                                                                                 \
    "WITH RECURSIVE inside(key, depth) AS (SELECT key, 1 FROM code WHERE parent = $1 AND gone = 0 "                  \
    "UNION ALL SELECT c.key, i.depth + 1 FROM code c JOIN inside i ON c.parent = i.key "                             \
    "WHERE i.depth < 8 AND c.gone = 0) "
#define QUERY_ABOVE                                                                                                  \
    "WITH RECURSIVE above(key, depth) AS (SELECT parent, 1 FROM code WHERE key = $1 AND parent IS NOT NULL "         \
    "UNION ALL SELECT c.parent, a.depth + 1 FROM code c JOIN above a ON c.key = a.key "                              \
    "WHERE a.depth < 8 AND c.parent IS NOT NULL) "
#define QUERY_CODE_COLUMNS "key, product, lot, level, covers, parent, holder, state, container, touched"

#define QUERY_PROVISIONAL_COLUMNS                                                                                    \
    "n, key, device, epoch, seq, doc, no, flow, site, party, from_end, to_end, books, dest, goes_state, at, "        \
    "closed, "                                                                                                       \
    "outcome"

#define QUERY_LIST(X)                                                                                                \
    X(META_GET, "SELECT value FROM meta WHERE name = $1")                                                            \
    X(META_SET,                                                                                                      \
      "INSERT INTO meta(name, value) VALUES($1, $2) ON CONFLICT(name) DO UPDATE SET value = excluded.value")         \
                                                                                                                     \
    X(ENROLMENT_ADD, "INSERT INTO enrolment(token_hash, site, url, expires_ms) VALUES($1, $2, $3, $4)")              \
    X(ENROLMENT_GET, "SELECT site, url, expires_ms, device FROM enrolment WHERE token_hash = $1")                    \
    X(ENROLMENT_USE, "UPDATE enrolment SET device = $2 WHERE token_hash = $1")                                       \
    X(ENROLMENT_PURGE, "DELETE FROM enrolment WHERE expires_ms < $1 AND device IS NULL")                             \
    X(DEVICE_ADD,                                                                                                    \
      "INSERT INTO device(site, public_key, enrolled_ms, seen_ms) VALUES($1, $2, $3, $3) RETURNING device")          \
    X(DEVICE_GET, "SELECT site, public_key, revoked FROM device WHERE device = $1")                                  \
    X(DEVICE_REVOKE, "UPDATE device SET revoked = $2 WHERE device = $1 RETURNING device")                            \
    X(DEVICE_REVOKED, "SELECT site FROM device WHERE device = $1 AND revoked <> 0")                                  \
    X(DEVICE_SEEN, "UPDATE device SET seen_ms = $2 WHERE device = $1")                                               \
    X(DEVICE_LIST,                                                                                                   \
      "SELECT d.device, d.site, d.enrolled_ms, d.seen_ms, d.revoked, coalesce(s.epoch, 0), coalesce(s.acked, 0), "   \
      "d.public_key, (SELECT count(*) FROM share h WHERE h.device = d.device AND h.state = 1) FROM device d LEFT "   \
      "JOIN stream s ON s.device = d.device AND s.epoch = "                                                          \
      "(SELECT max(epoch) FROM stream t WHERE t.device = d.device) ORDER BY d.device")                               \
    X(SESSION_ADD, "INSERT INTO session(token_hash, device, nonce, expires_ms) VALUES($1, $2, $3, $4) "              \
                   "ON CONFLICT DO NOTHING RETURNING device")                                                        \
    X(SESSION_GET, "SELECT s.device, s.expires_ms, d.revoked, d.site FROM session s JOIN device d "                  \
                   "ON d.device = s.device WHERE s.token_hash = $1")                                                 \
    X(SESSION_PURGE, "DELETE FROM session WHERE expires_ms < $1")                                                    \
                                                                                                                     \
    X(STREAM_LINE, "SELECT base, parent_device, parent_epoch, anchor FROM stream WHERE device = $1 AND epoch = $2")  \
    X(STREAM_ALL, "SELECT epoch, base, acked, parent_epoch, anchor FROM stream WHERE device = $1 "                   \
                  "ORDER BY epoch DESC LIMIT $2")                                                                    \
    X(STREAM_ADD, "INSERT INTO stream(device, epoch, acked, base, parent_device, parent_epoch, anchor) "             \
                  "VALUES($1, $2, $3, $3, $4, $5, $6)")                                                              \
    X(STREAM_LAST, "SELECT epoch, acked FROM stream WHERE device = $1 ORDER BY epoch DESC LIMIT 1")                  \
    X(STREAM_SET, "INSERT INTO stream(device, epoch, acked) VALUES($1, $2, $3) "                                     \
                  "ON CONFLICT(device, epoch) DO UPDATE SET acked = excluded.acked")                                 \
    X(RECORD_ADD, "INSERT INTO record(device, epoch, seq, hash, outcome, word, noted, kind, doc, key, received_ms, " \
                  "body) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)")                                 \
    X(RECORD_HASH, "SELECT hash FROM record WHERE device = $1 AND epoch = $2 AND seq = $3")                          \
    X(RECORD_GET, "SELECT outcome, word, kind, body FROM record WHERE device = $1 AND epoch = $2 AND seq = $3")      \
    X(RECORD_RANGE, "SELECT seq, hash, outcome, word FROM record WHERE device = $1 AND epoch = $2 AND "              \
                    "seq BETWEEN $3 AND $4 ORDER BY seq")                                                            \
    X(RECORD_LIST, "SELECT device, epoch, seq, outcome, word, noted, body FROM record WHERE (device, epoch, seq) > " \
                   "($1, $2, $3) ORDER BY device, epoch, seq LIMIT $4")                                              \
    X(RECORD_FOUND, "SELECT device, epoch, seq, outcome, word, noted, body FROM record WHERE outcome = 0 AND "       \
                    "noted IS NOT NULL ORDER BY received_ms, device, epoch, seq")                                    \
    X(RECORD_OF_KEY, "SELECT device, epoch, seq, outcome, word, kind, body FROM record WHERE key = $1 "              \
                     "ORDER BY received_ms, device, epoch, seq")                                                     \
                                                                                                                     \
    X(ENTITY_GET, "SELECT body, gone, seen FROM entity WHERE type = $1 AND id = $2")                                 \
    X(ENTITY_PUT, "INSERT INTO entity(type, id, body, gone, seen) VALUES($1, $2, $3, $4, $5) "                       \
                  "ON CONFLICT(type, id) DO UPDATE SET body = excluded.body, gone = excluded.gone, "                 \
                  "seen = excluded.seen")                                                                            \
    X(ENTITY_OF_TYPE, "SELECT body FROM entity WHERE type = $1 AND gone = 0")                                        \
    X(ENTITY_SHARES, "SELECT id FROM entity WHERE type = 'share' AND id >= $1 AND id < $2")                          \
    X(PATTERN_ADD, "INSERT INTO pattern_version(id, version, body) VALUES($1, $2, $3) ON CONFLICT DO NOTHING")       \
    X(PATTERN_GET, "SELECT body FROM pattern_version WHERE id = $1 AND version = $2")                                \
    X(PATTERN_PRESENT, "SELECT id, body FROM entity WHERE type = 'pattern' AND gone = 0 ORDER BY id")                \
    X(PATTERN_KEPT, "SELECT id, body FROM pattern_version ORDER BY id, version")                                     \
    X(CHANGE_ADD, "INSERT INTO change(n, type, id) VALUES((SELECT coalesce(max(n), 0) + 1 FROM change), $1, $2) "    \
                  "ON CONFLICT(type, id) DO UPDATE SET n = excluded.n")                                              \
    X(CHANGE_COUNT, "SELECT count(*) FROM (SELECT 1 FROM change WHERE n > $1 AND n <= $2 LIMIT $3) AS few")          \
    X(CHANGE_LAST, "SELECT coalesce(max(n), 0) FROM change")                                                         \
    X(CHANGE_AFTER, "SELECT n, type, id FROM change WHERE n > $1 ORDER BY n LIMIT $2")                               \
    X(CHANGE_WAITING, "")                                                                                            \
    X(CHANGE_NUMBER, "")                                                                                             \
                                                                                                                     \
    X(CODE_GET, "SELECT " QUERY_CODE_COLUMNS " FROM code WHERE key = $1 AND gone = 0")                               \
    X(CODE_PUT, "INSERT INTO code(" QUERY_CODE_COLUMNS ", gone) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0) " \
                "ON CONFLICT(key) DO UPDATE SET product = excluded.product, lot = excluded.lot, "                    \
                "level = excluded.level, covers = excluded.covers, parent = excluded.parent, "                       \
                "holder = excluded.holder, state = excluded.state, container = excluded.container, "                 \
                "touched = excluded.touched, gone = 0")                                                              \
    X(CODE_GONE, "UPDATE code SET gone = 1, parent = NULL WHERE key = $1 AND gone = 0 RETURNING key")                \
    X(CODE_CHILDREN, "SELECT key FROM code WHERE parent = $1 AND gone = 0 ORDER BY key LIMIT $2")                    \
    X(CODE_OF_PRODUCT, "SELECT key, coalesce(lot, '') FROM code c WHERE product = $1 AND gone = 0 AND NOT EXISTS "   \
                       "(SELECT 1 FROM code i WHERE i.parent = c.key AND i.gone = 0) ORDER BY key")                  \
    X(CODE_LEAVES, QUERY_INSIDE "SELECT i.key FROM inside i WHERE NOT EXISTS "                                       \
                                "(SELECT 1 FROM code c WHERE c.parent = i.key AND c.gone = 0) ORDER BY i.key")       \
    X(CODE_INSIDE, QUERY_INSIDE "SELECT key FROM inside ORDER BY depth, key LIMIT $2")                               \
    X(CODE_INSIDE_HOLDER, QUERY_INSIDE "SELECT c.holder FROM inside i JOIN code c ON c.key = i.key "                 \
                                       "WHERE c.holder IS NOT NULL ORDER BY i.depth, c.key LIMIT 1")                 \
    X(CODE_INSIDE_COUNT, QUERY_INSIDE "SELECT count(*) FROM inside")                                                 \
    X(CODE_AROUND, QUERY_ABOVE "SELECT count(*), coalesce(max(CASE WHEN key = $2 THEN 1 ELSE 0 END), 0) FROM above") \
    X(CODE_FILLED, "SELECT c.key FROM code c WHERE c.parent = $1 AND c.gone = 0 AND (SELECT count(*) FROM "          \
                   "(SELECT 1 FROM code d WHERE d.parent = c.key AND d.gone = 0 LIMIT 1) one) > 0")                  \
    X(CODE_ABOVE, QUERY_ABOVE "SELECT key FROM above ORDER BY depth")                                                \
    X(CODE_ABOVE_HOLDER, QUERY_ABOVE "SELECT c.holder FROM above a JOIN code c ON c.key = a.key "                    \
                                     "WHERE c.holder IS NOT NULL ORDER BY a.depth LIMIT 1")                          \
    X(ALIAS_GET, "SELECT key FROM alias WHERE alias = $1")                                                           \
    X(ALIAS_PUT, "INSERT INTO alias(alias, key) VALUES($1, $2) ON CONFLICT(alias) DO UPDATE SET key = excluded.key") \
    X(ALIAS_OF, "SELECT alias FROM alias WHERE key = $1 ORDER BY alias")                                             \
    X(ALIAS_CLEAR, "DELETE FROM alias WHERE key = $1")                                                               \
    X(RUN_PUT, "INSERT INTO run(first, last, product, lot, holder) VALUES($1, $2, $3, $4, $5) ON CONFLICT(first) "   \
               "DO UPDATE SET last = excluded.last, product = excluded.product, lot = excluded.lot, "                \
               "holder = excluded.holder")                                                                           \
    X(RUN_DELETE, "DELETE FROM run WHERE first = $1")                                                                \
    X(RUN_OF_PRODUCT, "SELECT first, last, coalesce(lot, ''), coalesce(holder, '') FROM run WHERE product = $1 "     \
                      "ORDER BY first")                                                                              \
    X(RUN_STORED, "SELECT count(*) FROM code WHERE key BETWEEN $1 AND $2 AND length(key) = length($1)")              \
    X(RUN_NEXT, "SELECT first FROM run WHERE first > $1 ORDER BY first LIMIT 1")                                     \
    X(RUN_FIND, "SELECT first, last, product, lot, holder FROM run WHERE first <= $1 ORDER BY first DESC LIMIT 1")   \
                                                                                                                     \
    X(SHARE_OPEN_OF, "SELECT doc FROM share WHERE device = $1 AND state = 1 "                                        \
                     "ORDER BY CASE WHEN substr(doc, 1, 6) = 'group:' THEN 0 ELSE 1 END, doc LIMIT 1")               \
    X(SHARE_GET, "SELECT state, opened FROM share WHERE doc = $1 AND device = $2 AND close_no = 0")                  \
    X(SHARE_PUT, "INSERT INTO share(doc, device, close_no, state, opened, closed) VALUES($1, $2, 0, $3, $4, $5) "    \
                 "ON CONFLICT(doc, device, close_no) DO UPDATE SET state = excluded.state, "                         \
                 "opened = excluded.opened, closed = excluded.closed")                                               \
    X(SHARE_OF_DOC,                                                                                                  \
      "SELECT device, state, opened, closed FROM share WHERE doc = $1 AND close_no = 0 ORDER BY device")             \
    X(SHARE_LAST, "SELECT device, opened, coalesce(closed, '') FROM share WHERE doc = $1 "                           \
                  "ORDER BY close_no = 0 DESC, close_no DESC LIMIT 1")                                               \
    X(SHARE_CLOSE, "UPDATE share SET close_no = $2 WHERE doc = $1 AND close_no = 0 AND state <> 1")                  \
    X(SHARE_TOTAL_GET, "SELECT qty FROM share_total WHERE doc = $1 AND device = $2 AND line = $3")                   \
    X(SHARE_TOTAL_PUT, "INSERT INTO share_total(doc, device, line, qty) VALUES($1, $2, $3, $4) "                     \
                       "ON CONFLICT(doc, device, line) DO UPDATE SET qty = excluded.qty")                            \
    X(SHARE_TOTAL_OF, "SELECT line, qty FROM share_total WHERE doc = $1 AND device = $2 AND qty <> 0 ORDER BY line") \
    X(SHARE_CLOSES, "SELECT coalesce(max(close_no), 0) FROM result WHERE doc = $1")                                  \
    X(TALLY_ADD, "INSERT INTO tally(doc, device, epoch, seq, key, unit, state, close_no, operator, alloc, took, "    \
                 "dest, did, free) VALUES($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $11, $12, $13)")               \
    X(TALLY_RELEASE, "UPDATE tally SET state = 2 WHERE doc = $1 AND device = $2 AND epoch = $3 AND seq = $4 "        \
                     "AND state IN (1, 4) RETURNING key, unit, alloc")                                               \
    X(TALLY_SET, "UPDATE tally SET state = $5 WHERE doc = $1 AND device = $2 AND epoch = $3 AND seq = $4")           \
    X(TALLY_ALLOC, "UPDATE tally SET alloc = $5 WHERE doc = $1 AND device = $2 AND epoch = $3 AND seq = $4")         \
    X(TALLY_DID, "SELECT state, key, coalesce(did, '') FROM tally WHERE doc = $1 AND device = $2 AND epoch = $3 "    \
                 "AND seq = $4")                                                                                     \
    X(TALLY_FREE, "SELECT 1 FROM tally WHERE doc = $1 AND key = $2 AND free = 1 AND state = 1 LIMIT 1")              \
    X(TALLY_MET, "SELECT 1 FROM record r JOIN tally t ON t.doc = r.doc AND t.epoch = r.epoch AND t.seq = r.seq AND " \
                 "t.key = r.key WHERE r.key = $1 AND (t.state <> 2 OR t.did LIKE '%\"learned\":true%') LIMIT 1")     \
    X(TALLY_GET, "SELECT state, alloc FROM tally WHERE doc = $1 AND device = $2 AND epoch = $3 AND seq = $4")        \
    X(TALLY_LIVE_AGAIN, "UPDATE tally SET state = 1, alloc = $5 WHERE doc = $1 AND device = $2 AND epoch = $3 "      \
                        "AND seq = $4")                                                                              \
    X(TALLY_TOOK, "SELECT key, took FROM tally WHERE doc = $1 AND device = $2 AND epoch = $3 AND seq = $4 "          \
                  "AND took IS NOT NULL")                                                                            \
    X(TALLY_STATE, "SELECT state FROM tally WHERE doc = $1 AND device = $2 AND epoch = $3 AND seq = $4")             \
    X(TALLY_LIVE, "SELECT epoch, seq, key, unit, coalesce(dest, ''), state, operator, alloc FROM tally "             \
                  "WHERE doc = $1 AND device = $2 AND state IN (1, 4) ORDER BY epoch, seq")                          \
    X(TALLY_REVISED, "SELECT epoch, seq, state, alloc FROM tally WHERE doc = $1 AND device = $2 "                    \
                     "AND (state IN (1, 4) OR (state = 2 AND seq >= $3)) ORDER BY epoch, seq")                       \
    X(TALLY_MOVED, "UPDATE tally SET state = 3 WHERE doc = $1 AND device = $2 AND state IN (1, 4)")                  \
    X(TALLY_COPY, "INSERT INTO tally(doc, device, epoch, seq, key, unit, state, close_no, operator, alloc) "         \
                  "VALUES($1, $2, $3, $4, $5, $6, 3, 0, $7, $8) ON CONFLICT DO NOTHING")                             \
    X(TALLY_UNRESULTED, "SELECT key, operator, alloc, unit, coalesce(dest, ''), device, epoch, seq FROM tally "      \
                        "WHERE doc = $1 AND close_no = 0 AND state = 3 "                                             \
                        "ORDER BY device, epoch, seq")                                                               \
    X(TALLY_DAMAGED, "SELECT DISTINCT t.key FROM tally t JOIN code c ON c.key = t.key WHERE t.doc = $1 AND "         \
                     "t.close_no = 0 AND t.state = 2 AND c.state = 'damaged' ORDER BY t.key")                        \
    X(TALLY_CLOSE, "UPDATE tally SET close_no = $2 WHERE doc = $1 AND close_no = 0 AND state = 3")                   \
    X(LINE_PUT, "INSERT INTO line_total(doc, line, qty) VALUES($1, $2, $3) ON CONFLICT(doc, line) "                  \
                "DO UPDATE SET qty = excluded.qty")                                                                  \
    X(LINE_GET, "SELECT qty FROM line_total WHERE doc = $1 AND line = $2")                                           \
    X(CLAIM_GET, "SELECT device, epoch, seq, doc FROM claim WHERE key = $1")                                         \
    X(CLAIM_PUT, "INSERT INTO claim(key, device, epoch, seq, doc) VALUES($1, $2, $3, $4, $5) ON CONFLICT(key) "      \
                 "DO UPDATE SET device = excluded.device, epoch = excluded.epoch, seq = excluded.seq, "              \
                 "doc = excluded.doc")                                                                               \
    X(CLAIM_ABOVE, QUERY_ABOVE "SELECT k.device, k.epoch, k.seq, k.doc FROM above a JOIN claim k ON k.key = a.key "  \
                               "WHERE k.device <> $2 ORDER BY a.depth LIMIT 1")                                      \
    X(CLAIM_AROUND, QUERY_ABOVE "SELECT k.device, k.epoch, k.seq, k.doc FROM above a JOIN claim k ON k.key = a.key " \
                                "WHERE k.device = $2 ORDER BY a.depth LIMIT 1")                                      \
    X(CLAIM_INSIDE,                                                                                                  \
      QUERY_INSIDE "SELECT k.device, k.epoch, k.seq, k.doc FROM inside i JOIN claim k ON k.key = i.key "             \
                   "WHERE k.device <> $2 ORDER BY i.depth, k.key LIMIT 1")                                           \
    X(CLAIM_DROP, "DELETE FROM claim WHERE key = $1 AND device = $2 AND epoch = $3 AND seq = $4")                    \
    X(MOVEMENT_ADD,                                                                                                  \
      "INSERT INTO movement(key, at, kind, doc, device, epoch, seq, site, from_holder, to_holder, flow, no) "        \
      "VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)")                                                   \
    X(MOVEMENT_OF, "SELECT at, kind, doc, device, epoch, seq, site, from_holder, to_holder, flow, no FROM movement " \
                   "WHERE key = $1 ORDER BY n")                                                                      \
    X(MOVEMENT_LAST_FROM, "SELECT from_holder FROM movement WHERE key = $1 ORDER BY n DESC LIMIT 1")                 \
    X(SIGHTING_ADD,                                                                                                  \
      "INSERT INTO sighting(device, epoch, seq, key, doc, no, at, region, party, product, lot, reason, findings, "   \
      "operator, raised, undone) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0) "       \
      "ON CONFLICT DO NOTHING")                                                                                      \
    X(SIGHTING_UNDO, "UPDATE sighting SET undone = 1 WHERE device = $1 AND epoch = $2 AND seq = $3 RETURNING key")   \
    X(SIGHTING_DROP, "UPDATE sighting SET undone = 1 WHERE doc = $1 AND device = $2 AND undone = 0 RETURNING key")   \
    X(SIGHTING_OF, "SELECT region, at, no, doc, party, reason, findings, device, epoch, seq, operator "              \
                   "FROM sighting WHERE key = $1 AND undone = 0 ORDER BY at DESC, device, epoch, seq")               \
    X(SIGHTING_OF_CASE,                                                                                              \
      "SELECT s.key, s.at, s.product, s.lot, s.reason, s.findings, s.device, s.operator, s.epoch, "                  \
      "s.seq, coalesce(r.body, '') FROM sighting s LEFT JOIN record r ON r.device = s.device AND "                   \
      "r.epoch = s.epoch AND r.seq = s.seq WHERE s.doc = $1 AND s.party = $2 AND s.raised = 1 AND "                  \
      "s.undone = 0 ORDER BY s.device, s.epoch, s.seq")                                                              \
    X(SIGHTING_SUMS, "SELECT reason, count(*) FROM sighting WHERE doc = $1 AND undone = 0 GROUP BY reason ORDER BY " \
                     "reason")                                                                                       \
    X(EVIDENCE_ADD, "INSERT INTO evidence(doc, device, epoch, seq) VALUES($1, $2, $3, $4) ON CONFLICT DO NOTHING")   \
    X(EVIDENCE_OF,                                                                                                   \
      "SELECT r.body FROM evidence e JOIN record r ON r.device = e.device AND r.epoch = e.epoch AND r.seq = e.seq "  \
      "WHERE e.doc = $1 ORDER BY e.device, e.epoch, e.seq")                                                          \
    X(DIVERSION_ADD, "INSERT INTO diversion(opened_ms, doc, party, state) SELECT $1, $2, $3, 'open' WHERE NOT "      \
                     "EXISTS (SELECT 1 FROM diversion WHERE doc = $2 AND party = $3) ON CONFLICT DO NOTHING")        \
    X(DIVERSION_LIST,                                                                                                \
      "SELECT n, opened_ms, doc, party, state, reason, ruled_by, ruled_ms FROM diversion ORDER BY n")                \
    X(DIVERSION_RULE, "UPDATE diversion SET state = $2, reason = $3, ruled_by = $4, ruled_ms = $5 WHERE n = $1 "     \
                      "RETURNING n")                                                                                 \
    X(RULING_ADD, "INSERT INTO ruling(diversion, state, reason, ruled_by, ruled_ms) VALUES($1, $2, $3, $4, $5)")     \
    X(RULING_OF, "SELECT state, reason, ruled_by, ruled_ms FROM ruling WHERE diversion = $1 ORDER BY n")             \
    X(PERMIT_LIST, "SELECT id, body FROM entity WHERE type = 'permit' AND gone = 0 AND id >= $1 AND id < $2 "        \
                   "ORDER BY id = $1 DESC, id DESC LIMIT $3")                                                        \
    X(PIECE_ADD, "INSERT INTO permit_piece(key, id, qty) VALUES($1, $2, $3) "                                        \
                 "ON CONFLICT(key, id) DO UPDATE SET qty = permit_piece.qty + excluded.qty")                         \
    X(PIECES_OF, "SELECT id, qty FROM permit_piece WHERE key = $1")                                                  \
    X(PIECE_DROP, "DELETE FROM permit_piece WHERE key = $1 AND id = $2")                                             \
    X(PERMIT_USED, "SELECT qty FROM permit_use WHERE id = $1")                                                       \
    X(PERMIT_USE, "INSERT INTO permit_use(id, qty) VALUES($1, $2) "                                                  \
                  "ON CONFLICT(id) DO UPDATE SET qty = permit_use.qty + excluded.qty")                               \
    X(PROVISIONAL_ANY, "SELECT 1 FROM provisional LIMIT 1")                                                          \
    X(PROVISIONAL_ADD,                                                                                               \
      "INSERT INTO provisional(key, device, epoch, seq, doc, no, flow, site, party, from_end, to_end, "              \
      "books, found_ms) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "                             \
      "ON CONFLICT DO NOTHING")                                                                                      \
    X(PROVISIONAL_PLACE,                                                                                             \
      QUERY_ABOVE "SELECT p.dest FROM provisional p WHERE p.key IN (SELECT $1 UNION ALL SELECT key "                 \
                  "FROM above) AND p.outcome = '' AND p.dest <> '' ORDER BY p.n DESC LIMIT 1")                       \
    X(PROVISIONAL_PARTIES,                                                                                           \
      QUERY_ABOVE "SELECT DISTINCT p.party FROM provisional p WHERE p.key IN (SELECT $1 UNION ALL "                  \
                  "SELECT key FROM above)")                                                                          \
    /* never said of these keys: a row that waits for nothing, and by which the party is known */                    \
    X(PROVISIONAL_LEFT,                                                                                              \
      QUERY_ABOVE "INSERT INTO provisional(key, device, epoch, seq, doc, no, flow, site, party, from_end, to_end, "  \
                  "books, found_ms, outcome) SELECT $2, max(p.device), max(p.epoch), -1 - (SELECT max(n) FROM "      \
                  "provisional), '', '', '', '', p.party, '', '', '', $3, 'left' FROM provisional p WHERE p.key IN " \
                  "(SELECT key FROM above) AND p.outcome <> 'left' GROUP BY p.party ON CONFLICT DO NOTHING")         \
    X(PROVISIONAL_GET, "SELECT " QUERY_PROVISIONAL_COLUMNS " FROM provisional WHERE device = $1 AND epoch = $2 AND " \
                       "seq = $3")                                                                                   \
    X(PROVISIONAL_AT, "SELECT " QUERY_PROVISIONAL_COLUMNS " FROM provisional WHERE n = $1")                          \
    X(PROVISIONAL_DUE,                                                                                               \
      "SELECT " QUERY_PROVISIONAL_COLUMNS " FROM provisional p WHERE outcome = '' AND dest <> '' AND "               \
      "EXISTS (SELECT 1 FROM change c WHERE c.type IN ('code', 'unit') AND c.id = p.key AND c.n > $1) "              \
      "ORDER BY n")                                                                                                  \
    X(PROVISIONAL_LIST,                                                                                              \
      "SELECT " QUERY_PROVISIONAL_COLUMNS ", found_ms, coalesce(reason, ''), coalesce(ruled_by, ''), "               \
      "settled_ms FROM provisional WHERE outcome <> 'left' ORDER BY n")                                              \
    X(PROVISIONAL_GOES, "UPDATE provisional SET dest = $2, goes_state = $3, at = $4, closed = $5 WHERE n = $1")      \
    X(PROVISIONAL_END,                                                                                               \
      "UPDATE provisional SET outcome = $2, settled_ms = $3, reason = $4, ruled_by = $5 WHERE n = $1")               \
    X(PROVISIONAL_OF_DOC, "SELECT key FROM provisional WHERE doc = $1 AND outcome = '' ORDER BY n")                  \
    X(CONFLICT_ADD, "INSERT INTO conflict(found_ms, kind, key, device, epoch, seq, doc, other_device, other_epoch, " \
                    "other_seq, other_doc, detail, scan_seq) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "  \
                    "$12, $13) ON CONFLICT DO NOTHING")                                                              \
    X(CONFLICT_LIST,                                                                                                 \
      "SELECT n, found_ms, kind, key, device, epoch, seq, doc, coalesce(other_device, 0), "                          \
      "coalesce(other_epoch, 0), coalesce(other_seq, 0), other_doc, detail, what, answered_by, "                     \
      "supervisor, answered_at, answer_seq, closed_ms, closed_by, closed_why FROM conflict ORDER BY n")              \
    X(CONFLICT_ABOUT, "SELECT n, found_ms, kind, key, coalesce(other_device, 0), coalesce(other_epoch, 0), "         \
                      "coalesce(other_seq, 0), detail FROM conflict WHERE device = $1 AND epoch = $2 AND seq = $3 "  \
                      "ORDER BY n LIMIT 1")                                                                          \
    X(CONFLICT_ANSWER, "UPDATE conflict SET what = $4, answered_by = $5, supervisor = $6, answered_at = $7, "        \
                       "answer_seq = $8 WHERE device = $1 AND epoch = $2 AND seq = $3 RETURNING n")                  \
    X(CONFLICT_TAKEN, "UPDATE conflict SET what = 'take-out', answered_by = $4, answered_at = $5, answer_seq = $6 "  \
                      "WHERE device = $1 AND epoch = $2 AND scan_seq = $3 AND what = '' AND "                        \
                      "kind IN ('lost-claim', 'false-holder') RETURNING seq")                                        \
    X(CONFLICT_STATE,                                                                                                \
      "SELECT device, epoch, seq, what, answered_by, closed_ms, closed_by FROM conflict WHERE n = $1")               \
    X(CONFLICT_CLOSE, "UPDATE conflict SET closed_ms = $2, closed_by = $3, closed_why = $4 WHERE n = $1 AND "        \
                      "closed_ms = 0")                                                                               \
    X(CONFLICT_CLOSED, "SELECT what, answered_by, answered_at, closed_ms, closed_by, closed_why FROM conflict "      \
                       "WHERE device = $1 AND epoch = $2 AND seq = $3 ORDER BY n")                                   \
    X(CHANGE_SETTLED, "SELECT n, id FROM change WHERE type = 'settled' AND id >= $1 AND id < $2 AND n > $3 AND "     \
                      "n <= $4 ORDER BY n LIMIT $5")                                                                 \
    X(MOVEMENT_LAST, "SELECT device, epoch, seq FROM movement WHERE key = $1 ORDER BY n DESC LIMIT 1")               \
    X(CONFLICT_OF, "SELECT c.n, c.found_ms, c.kind, c.device, d.site FROM conflict c JOIN device d "                 \
                   "ON d.device = c.device WHERE c.key = $1 ORDER BY c.n")                                           \
    X(RESULT_ADD, "INSERT INTO result(id, doc, close_no, body) VALUES($1, $2, $3, $4)")                              \
    X(RESULT_LAST, "SELECT body FROM result WHERE doc = $1 ORDER BY close_no DESC LIMIT 1")                          \
    X(RESULT_LIST, "SELECT body FROM result ORDER BY n")

enum query_id {
#define QUERY_ENUM(id, text) QUERY_##id,
    QUERY_LIST(QUERY_ENUM)
#undef QUERY_ENUM
        QUERY_COUNT
};

/* The statement's text for the database that this is the scheme of; "": it has none. */
const char *query_text(enum query_id id, const char *scheme);

#endif
