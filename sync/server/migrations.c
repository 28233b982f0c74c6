#include "sync/server/migrations.h"

/* The words are SQLite's; PostgreSQL's driver has a table of its own for them. Keys compare as bytes (BINARY, "C"). Hashes are
 * blobs, times milliseconds since 1970, JSON is text. What stands apart is what only one of the two needs: a PostgreSQL
 * database has never been at an earlier version than the fifth. */
static const char VERSION_1[] =
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"

    /* who may speak */
    "CREATE TABLE device(device INTEGER PRIMARY KEY, site TEXT NOT NULL, public_key BLOB NOT NULL,"
    "  enrolled_ms BIGINT NOT NULL, seen_ms BIGINT NOT NULL, revoked INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE enrolment(token_hash BLOB PRIMARY KEY, site TEXT NOT NULL, url TEXT NOT NULL,"
    "  expires_ms BIGINT NOT NULL, device INTEGER REFERENCES device) WITHOUT ROWID;"
    "CREATE TABLE session(token_hash BLOB PRIMARY KEY, device INTEGER NOT NULL REFERENCES device,"
    "  nonce BLOB NOT NULL UNIQUE, expires_ms BIGINT NOT NULL) WITHOUT ROWID;"

    /* what the devices did: each (device, epoch, seq) once, with the verdict that it was given */
    "CREATE TABLE stream(device INTEGER NOT NULL REFERENCES device, epoch BIGINT NOT NULL, acked BIGINT NOT NULL,"
    "  PRIMARY KEY(device, epoch)) WITHOUT ROWID;"
    "CREATE TABLE record(device INTEGER NOT NULL, epoch BIGINT NOT NULL, seq BIGINT NOT NULL, hash BLOB NOT NULL,"
    "  outcome INTEGER NOT NULL, word TEXT NOT NULL, noted TEXT, kind TEXT NOT NULL, doc TEXT, key TEXT,"
    "  received_ms BIGINT NOT NULL, body TEXT NOT NULL, PRIMARY KEY(device, epoch, seq)) WITHOUT ROWID;"
    "CREATE INDEX record_key ON record(key) WHERE key IS NOT NULL;"

    /* what the data centre told */
    "CREATE TABLE entity(type TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, gone INTEGER NOT NULL,"
    "  seen TEXT NOT NULL, PRIMARY KEY(type, id)) WITHOUT ROWID;"
    "CREATE TABLE code(key TEXT PRIMARY KEY, product TEXT, lot TEXT, level INTEGER, covers BIGINT, parent TEXT,"
    "  holder TEXT, state TEXT, container INTEGER NOT NULL, touched INTEGER NOT NULL, gone INTEGER NOT NULL)"
    "  WITHOUT ROWID;"
    "CREATE INDEX code_parent ON code(parent) WHERE parent IS NOT NULL;"
    "CREATE TABLE alias(alias TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX alias_key ON alias(key);"
    "CREATE TABLE run(first TEXT PRIMARY KEY, last TEXT NOT NULL, product TEXT, lot TEXT, holder TEXT) WITHOUT ROWID;"

    /* the change feed, numbered in commit order; an entity stands in it once, where it changed last */
    "CREATE TABLE change(n INTEGER PRIMARY KEY, type TEXT NOT NULL, id TEXT NOT NULL, UNIQUE(type, id));"

    /* work on documents. share.state: 1 open, 2 closed, 3 abandoned; close_no 0: in no result yet.
     * tally.state: 1 live, 2 released, 3 moved */
    "CREATE TABLE share(doc TEXT NOT NULL, device INTEGER NOT NULL, close_no INTEGER NOT NULL, state INTEGER NOT "
    "NULL,"
    "  opened TEXT NOT NULL, closed TEXT, PRIMARY KEY(doc, device, close_no)) WITHOUT ROWID;"
    "CREATE TABLE tally(doc TEXT NOT NULL, device INTEGER NOT NULL, epoch BIGINT NOT NULL, seq BIGINT NOT NULL,"
    "  key TEXT NOT NULL, unit INTEGER NOT NULL, state INTEGER NOT NULL, close_no INTEGER NOT NULL,"
    "  operator TEXT NOT NULL, alloc TEXT NOT NULL, took TEXT, PRIMARY KEY(doc, device, epoch, seq)) WITHOUT ROWID;"
    "CREATE TABLE claim(key TEXT PRIMARY KEY, device INTEGER NOT NULL, epoch BIGINT NOT NULL, seq BIGINT NOT NULL,"
    "  doc TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE line_total(doc TEXT NOT NULL, line TEXT NOT NULL, qty BIGINT NOT NULL,"
    "  PRIMARY KEY(doc, line)) WITHOUT ROWID;"
    "CREATE TABLE movement(n INTEGER PRIMARY KEY, key TEXT NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL,"
    "  doc TEXT NOT NULL, device INTEGER NOT NULL, epoch BIGINT NOT NULL, seq BIGINT NOT NULL, site TEXT NOT NULL,"
    "  from_holder TEXT NOT NULL, to_holder TEXT NOT NULL);"
    "CREATE INDEX movement_key ON movement(key);"
    "CREATE TABLE conflict(n INTEGER PRIMARY KEY, found_ms BIGINT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,"
    "  device INTEGER NOT NULL, epoch BIGINT NOT NULL, seq BIGINT NOT NULL, doc TEXT NOT NULL,"
    "  other_device INTEGER, other_epoch BIGINT, other_seq BIGINT, other_doc TEXT, detail TEXT NOT NULL,"
    "  UNIQUE(device, epoch, seq, kind));"
    "CREATE TABLE result(n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, doc TEXT NOT NULL, close_no INTEGER NOT "
    "NULL,"
    "  body TEXT NOT NULL, UNIQUE(doc, close_no));";

/* each version of a pattern: records name the one that they were read by */
static const char VERSION_2[] = "CREATE TABLE pattern_version(id TEXT NOT NULL, version TEXT NOT NULL,"
                                "  body TEXT NOT NULL, PRIMARY KEY(id, version)) WITHOUT ROWID;";

/* tally.state: 4 packed, counted for good without holding its unit any more. dest: where `complete` brings the unit when that is
 * not where the flow brings the rest. did: what the record did to containers and codes, for its undo. free: 1 where the flow
 * reserves nothing. share_total: what each device has tallied of each line, in millionths. */
static const char VERSION_3[] =
    "ALTER TABLE tally ADD COLUMN dest TEXT;"
    "ALTER TABLE tally ADD COLUMN did TEXT;"
    "ALTER TABLE tally ADD COLUMN free INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX tally_free ON tally(doc, key) WHERE free = 1;"
    "CREATE TABLE share_total(doc TEXT NOT NULL, device INTEGER NOT NULL, line TEXT NOT NULL, qty BIGINT NOT NULL,"
    "  PRIMARY KEY(doc, device, line)) WITHOUT ROWID;";

static const char SUMS_3[] =
    "INSERT INTO share_total(doc, device, line, qty) SELECT t.doc, t.device, json_extract(a.value, '$.line'),"
    "  sum(CAST(round(CAST(json_extract(a.value, '$.qty') AS REAL) * 1000000) AS INTEGER))"
    "  FROM tally t, json_each(t.alloc) a WHERE t.state IN (1, 3) AND coalesce(json_extract(a.value, '$.line'), '') "
    "<> ''"
    "  GROUP BY 1, 2, 3;";

/* movement: by which flow, and the document's number as people read it. sighting: what an auditor found, one a record that counts;
 * raised: out of its region. diversion: a case by visit and selling party; state: open, diverted, dismissed. permit_use: in
 * millionths. evidence: pictures and papers of a visit. */
static const char VERSION_4[] =
    "ALTER TABLE movement ADD COLUMN flow TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE movement ADD COLUMN no TEXT NOT NULL DEFAULT '';"
    "CREATE TABLE sighting(device INTEGER NOT NULL, epoch BIGINT NOT NULL, seq BIGINT NOT NULL, key TEXT NOT NULL,"
    "  doc TEXT NOT NULL, no TEXT NOT NULL, at TEXT NOT NULL, region TEXT NOT NULL, party TEXT NOT NULL,"
    "  product TEXT NOT NULL, lot TEXT NOT NULL, reason TEXT NOT NULL, findings TEXT NOT NULL,"
    "  operator TEXT NOT NULL, raised INTEGER NOT NULL, undone INTEGER NOT NULL,"
    "  PRIMARY KEY(device, epoch, seq)) WITHOUT ROWID;"
    "CREATE INDEX sighting_key ON sighting(key);"
    "CREATE INDEX sighting_case ON sighting(doc, party) WHERE raised = 1;"
    "CREATE TABLE diversion(n INTEGER PRIMARY KEY, opened_ms BIGINT NOT NULL, doc TEXT NOT NULL, party TEXT NOT NULL,"
    "  state TEXT NOT NULL, reason TEXT, ruled_by TEXT, ruled_ms BIGINT, UNIQUE(doc, party));"
    "CREATE INDEX conflict_key ON conflict(key);"
    "CREATE TABLE evidence(doc TEXT NOT NULL, device INTEGER NOT NULL, epoch BIGINT NOT NULL, seq BIGINT NOT NULL,"
    "  PRIMARY KEY(doc, device, epoch, seq)) WITHOUT ROWID;"
    "CREATE TABLE permit_use(id TEXT PRIMARY KEY, qty BIGINT NOT NULL) WITHOUT ROWID;";

/* A contract is named by its first day as well, a permit by its last: one that is renewed is another one. permit_piece: what went
 * by which permit.
 * provisional: tallies of a dealer whose goods the books have elsewhere, and where they go once the books agree; seq is the scan's,
 * closed that of the `complete`. outcome: '' while it waits. ruling: each one on a case, the last one is also the case's. */
static const char VERSION_5[] =
    "CREATE TABLE permit_piece(key TEXT NOT NULL, id TEXT NOT NULL, qty BIGINT NOT NULL, PRIMARY KEY(key, id))"
    "  WITHOUT ROWID;"
    "CREATE TABLE provisional(n INTEGER PRIMARY KEY, key TEXT NOT NULL, device INTEGER NOT NULL, epoch BIGINT NOT "
    "NULL,"
    "  seq BIGINT NOT NULL, doc TEXT NOT NULL, no TEXT NOT NULL, flow TEXT NOT NULL, site TEXT NOT NULL,"
    "  party TEXT NOT NULL, from_end TEXT NOT NULL, to_end TEXT NOT NULL, books TEXT NOT NULL, found_ms BIGINT NOT "
    "NULL,"
    "  dest TEXT NOT NULL DEFAULT '', goes_state TEXT NOT NULL DEFAULT '', at TEXT NOT NULL DEFAULT '',"
    "  closed BIGINT NOT NULL DEFAULT 0, outcome TEXT NOT NULL DEFAULT '', reason TEXT, ruled_by TEXT,"
    "  settled_ms BIGINT NOT NULL DEFAULT 0, UNIQUE(device, epoch, seq));"
    "CREATE INDEX provisional_key ON provisional(key);"
    "CREATE INDEX provisional_open ON provisional(n) WHERE outcome = '';"
    "CREATE INDEX provisional_doc ON provisional(doc);"
    "CREATE INDEX sighting_doc ON sighting(doc);"
    "CREATE TABLE ruling(n INTEGER PRIMARY KEY, diversion INTEGER NOT NULL REFERENCES diversion, state TEXT NOT NULL,"
    "  reason TEXT NOT NULL, ruled_by TEXT NOT NULL, ruled_ms BIGINT NOT NULL);"
    "INSERT INTO ruling(diversion, state, reason, ruled_by, ruled_ms) SELECT n, state, reason, ruled_by, ruled_ms"
    "  FROM diversion WHERE state <> 'open';";

static const char NAMES_5[] =
    "UPDATE change SET id = id || '|' || coalesce((SELECT json_extract(e.body, '$.from') FROM entity e"
    "  WHERE e.type = 'territory' AND e.id = change.id), '') WHERE type = 'territory';"
    "UPDATE change SET id = id || '|' || coalesce((SELECT json_extract(e.body, '$.until') FROM entity e"
    "  WHERE e.type = 'permit' AND e.id = change.id), '') WHERE type = 'permit';"
    "UPDATE permit_use SET id = id || '|' || coalesce((SELECT json_extract(e.body, '$.until') FROM entity e"
    "  WHERE e.type = 'permit' AND e.id = permit_use.id), '');"
    "UPDATE entity SET id = id || '|' || coalesce(json_extract(body, '$.from'), '') WHERE type = 'territory';"
    "UPDATE entity SET id = id || '|' || coalesce(json_extract(body, '$.until'), '') WHERE type = 'permit';";

/* conflict: scan_seq: of the scan that the record is about, 0 none. what: what the one whose record lost did about it, '' nothing
 * yet: take-out, keep, not-mine. */
static const char VERSION_6[] = "ALTER TABLE conflict ADD COLUMN scan_seq BIGINT NOT NULL DEFAULT 0;"
                                "ALTER TABLE conflict ADD COLUMN what TEXT NOT NULL DEFAULT '';"
                                "ALTER TABLE conflict ADD COLUMN answered_by TEXT NOT NULL DEFAULT '';"
                                "ALTER TABLE conflict ADD COLUMN supervisor TEXT NOT NULL DEFAULT '';"
                                "ALTER TABLE conflict ADD COLUMN answered_at TEXT NOT NULL DEFAULT '';"
                                "ALTER TABLE conflict ADD COLUMN answer_seq BIGINT NOT NULL DEFAULT 0;";

/* A stream goes on after record `base` of another one, its parent (epoch 0: none), whose hash is `anchor`: a device that was restored
 * from a copy has another epoch after the last record that it and this server have alike. acked is base at least. */
static const char VERSION_7[] = "ALTER TABLE stream ADD COLUMN base BIGINT NOT NULL DEFAULT 0;"
                                "ALTER TABLE stream ADD COLUMN parent_device INTEGER NOT NULL DEFAULT 0;"
                                "ALTER TABLE stream ADD COLUMN parent_epoch BIGINT NOT NULL DEFAULT 0;"
                                "ALTER TABLE stream ADD COLUMN anchor BLOB;";

/* conflict: a manager closed it, when (0: nobody has), who and why. */
static const char VERSION_8[] = "ALTER TABLE conflict ADD COLUMN closed_ms BIGINT NOT NULL DEFAULT 0;"
                                "ALTER TABLE conflict ADD COLUMN closed_by TEXT NOT NULL DEFAULT '';"
                                "ALTER TABLE conflict ADD COLUMN closed_why TEXT NOT NULL DEFAULT '';";

/* What a transaction changed is noted here, and numbered by the pull that comes next (changes.c): a sequence follows the order
 * in which transactions began. Those that write take the gate together, or one alone. */
static const char POSTGRES_1[] =
    "CREATE TABLE gate(n INTEGER);"
    "CREATE SEQUENCE change_number;"
    "CREATE TABLE change_new(n INTEGER PRIMARY KEY, type TEXT NOT NULL, id TEXT NOT NULL);"
    /* a record that is not even text is kept as it came */
    "ALTER TABLE record ALTER COLUMN body TYPE BYTEA USING body::BYTEA;";

const struct db_migration MIGRATIONS[] = {
    {VERSION_1, NULL, POSTGRES_1}, {VERSION_2, NULL, NULL},    {VERSION_3, SUMS_3, NULL},
    {VERSION_4, NULL, NULL},       {VERSION_5, NAMES_5, NULL}, {VERSION_6, NULL, NULL},
    {VERSION_7, NULL, NULL},       {VERSION_8, NULL, NULL},    {NULL, NULL, NULL}};
