#include "app/catalog/schema.h"
#include "app/catalog/sqlite_rc.h"
#include <sqlite3.h>
#include <stdio.h>

static const char VERSION_1[] =
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE refused (epoch INTEGER, seq INTEGER, reason TEXT NOT NULL, PRIMARY KEY (epoch, seq)) WITHOUT ROWID;"
    /* every entity but codes as the feed told it, so that a later line that names some members leaves the others */
    "CREATE TABLE entity (type TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY (type, id)) WITHOUT ROWID;"

    "CREATE TABLE product (id TEXT PRIMARY KEY, name TEXT, unit TEXT, decimals INTEGER, control TEXT) WITHOUT ROWID;"
    "CREATE TABLE pack (product TEXT, level INTEGER, name TEXT, gtin TEXT, contains INTEGER,"
    " PRIMARY KEY (product, level)) WITHOUT ROWID;"
    "CREATE TABLE gtin (gtin TEXT, product TEXT, level INTEGER, PRIMARY KEY (gtin, product)) WITHOUT ROWID;"
    "CREATE INDEX gtin_product ON gtin (product);"
    "CREATE TABLE lot (product TEXT, lot TEXT, made INTEGER, expires INTEGER, hold INTEGER NOT NULL,"
    " PRIMARY KEY (product, lot)) WITHOUT ROWID;"
    "CREATE INDEX lot_expires ON lot (product, expires);"
    "CREATE TABLE party (id TEXT PRIMARY KEY, name TEXT, min_life_days INTEGER) WITHOUT ROWID;"
    "CREATE TABLE site (id TEXT PRIMARY KEY, name TEXT, kind TEXT) WITHOUT ROWID;"
    "CREATE TABLE operator (id TEXT PRIMARY KEY, name TEXT, role TEXT, site TEXT, pin_hash TEXT) WITHOUT ROWID;"
    "CREATE TABLE policy (site TEXT PRIMARY KEY, registry TEXT, start INTEGER) WITHOUT ROWID;"
    "CREATE TABLE enforce (site TEXT, reason TEXT, act TEXT, until INTEGER, PRIMARY KEY (site, reason)) WITHOUT "
    "ROWID;"
    "CREATE TABLE stock (holder TEXT, product TEXT, lot TEXT, qty INTEGER, PRIMARY KEY (holder, product, lot))"
    " WITHOUT ROWID;"
    "CREATE TABLE recall (id TEXT PRIMARY KEY, product TEXT, reason TEXT, whole INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX recall_product ON recall (product);"
    "CREATE TABLE recall_lot (product TEXT, lot TEXT, recall TEXT, PRIMARY KEY (product, lot, recall)) WITHOUT ROWID;"
    "CREATE INDEX recall_lot_recall ON recall_lot (recall);"
    "CREATE TABLE recall_code (key TEXT, recall TEXT, PRIMARY KEY (key, recall)) WITHOUT ROWID;"
    "CREATE INDEX recall_code_recall ON recall_code (recall);"

    "CREATE TABLE document (doc TEXT PRIMARY KEY, no TEXT, flow TEXT, state TEXT, source_holder TEXT, target_holder"
    " TEXT, dock TEXT, note TEXT, due INTEGER, rev TEXT, line_count INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX document_no ON document (no);"
    "CREATE TABLE line (doc TEXT, at INTEGER, line TEXT, product TEXT, lot TEXT, qty INTEGER, tolerance INTEGER,"
    " PRIMARY KEY (doc, at)) WITHOUT ROWID;"
    /* another device works on this line; line '' is the whole document */
    "CREATE TABLE share (doc TEXT, device INTEGER, line TEXT, PRIMARY KEY (doc, device, line)) WITHOUT ROWID;"

    /* NULL: not told. in_*: what its contents say, kept up to date while they agree; '' means look at them. */
    "CREATE TABLE code (key TEXT PRIMARY KEY, product TEXT, lot TEXT, parent TEXT, level INTEGER, covers INTEGER,"
    " state INTEGER, holder TEXT, in_product TEXT, in_lot TEXT, in_holder TEXT, in_level INTEGER) WITHOUT ROWID;"
    "CREATE INDEX code_parent ON code (parent) WHERE parent IS NOT NULL;"
    "CREATE INDEX code_at ON code (holder, coalesce(product, in_product), coalesce(lot, in_lot))"
    " WHERE holder IS NOT NULL;"
    "CREATE TABLE alias (alias TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX alias_key ON alias (key);"
    /* runs of one prefix and width never overlap: a later one cuts the earlier */
    "CREATE TABLE run (prefix TEXT, width INTEGER, first INTEGER, last INTEGER NOT NULL, product TEXT, lot TEXT,"
    " holder TEXT, PRIMARY KEY (prefix, width, first)) WITHOUT ROWID;"
    "CREATE INDEX run_at ON run (product, lot, holder);";

/* The packed code book (pack.h); table code lies over it. A generation is built beside the one in use. rank and slot:
 * generation << 32 | number. */
static const char VERSION_2[] =
    "ALTER TABLE code ADD COLUMN gone INTEGER;" /* it was packed, and is deleted */
    "CREATE TABLE pack_state (one INTEGER PRIMARY KEY CHECK (one=1), generation INTEGER NOT NULL,"
    " count INTEGER NOT NULL);"
    "INSERT INTO pack_state VALUES (1, 0, 0);"
    "CREATE TABLE pack_block (rank INTEGER PRIMARY KEY, body BLOB NOT NULL);"
    "CREATE TABLE pack_first (generation INTEGER, first TEXT, rank INTEGER NOT NULL, PRIMARY KEY (generation, first))"
    " WITHOUT ROWID;"
    "CREATE TABLE pack_child (slot INTEGER PRIMARY KEY, body BLOB NOT NULL);"
    "CREATE TABLE pack_at (generation INTEGER, fact INTEGER, rank INTEGER, PRIMARY KEY (generation, fact, rank))"
    " WITHOUT ROWID;"
    "CREATE TABLE pack_fact (id INTEGER PRIMARY KEY, product TEXT, lot TEXT, level INTEGER, covers INTEGER,"
    " state INTEGER, holder TEXT, in_product TEXT, in_lot TEXT, in_holder TEXT, in_level INTEGER);"
    "CREATE INDEX pack_fact_at ON pack_fact (holder, coalesce(product, in_product), coalesce(lot, in_lot));";

/* What documents' groups, shares' progress and policies say beyond version 2. What was told then is in the entities. */
static const char VERSION_3[] =
    "ALTER TABLE policy ADD COLUMN quarantine TEXT;"
    "ALTER TABLE policy ADD COLUMN lock_idle_s INTEGER;"
    "ALTER TABLE site ADD COLUMN party TEXT;"
    "UPDATE site SET party=(SELECT json_extract(e.body, '$.party') FROM entity e WHERE e.type='site' AND "
    "e.id=site.id);"
    "ALTER TABLE document ADD COLUMN group_id TEXT;"
    "UPDATE document SET group_id="
    "(SELECT json_extract(e.body, '$.group') FROM entity e WHERE e.type='document' AND e.id=document.doc);"
    "CREATE INDEX document_group ON document (group_id) WHERE group_id IS NOT NULL;"
    /* what another device has tallied; the line need not be in its share any more */
    "CREATE TABLE share_progress (doc TEXT, device INTEGER, line TEXT, qty INTEGER NOT NULL,"
    " PRIMARY KEY (doc, device, line)) WITHOUT ROWID;"
    "CREATE INDEX site_kind ON site (kind);";

/* The formatter would put each word of these on a line of its own. */
/* clang-format off */

/* a day of the feed, "2026-11-22", as a day_t; DAY_NONE without */
#define DAY(text)      "coalesce(CAST(julianday(" text ") - 2440587.5 AS INTEGER), -2147483648)"
#define MEMBER(member) "json_extract(e.body, '$." member "')"

/* Who sells what where, and to whom codes were sold. `sale` is set beside the holder that was told with it. */
static const char VERSION_4[] =
    "ALTER TABLE party ADD COLUMN parent TEXT;"
    "ALTER TABLE party ADD COLUMN region TEXT;"
    "ALTER TABLE party ADD COLUMN kind TEXT;"
    /* a contract by its first day as well, a permit by its last: one that is renewed is another one */
    "UPDATE entity AS e SET id=id || '|' || coalesce(" MEMBER("from") ", '') WHERE type='territory';"
    "UPDATE entity AS e SET id=id || '|' || coalesce(" MEMBER("until") ", '') WHERE type='permit';"
    "UPDATE party SET (parent, region, kind)=(SELECT " MEMBER("parent") ", " MEMBER("region") ", " MEMBER("kind")
    " FROM entity e WHERE e.type='party' AND e.id=party.id);"
    "CREATE INDEX site_party ON site (party) WHERE party IS NOT NULL;"
    "CREATE TABLE region (id TEXT PRIMARY KEY, name TEXT, parent TEXT, into_id TEXT, first INTEGER NOT NULL,"
    " last INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX region_into ON region (into_id) WHERE into_id IS NOT NULL;"
    "INSERT INTO region SELECT e.id, " MEMBER("name") ", " MEMBER("parent") ", " MEMBER("into") ", "
    DAY(MEMBER("from")) ", " DAY(MEMBER("to")) " FROM entity e WHERE e.type='region';"
    "CREATE TABLE territory (party TEXT, product TEXT, region TEXT, exclusive INTEGER NOT NULL,"
    " first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (party, product, region, first)) WITHOUT ROWID;"
    "CREATE INDEX territory_region ON territory (region);"
    "INSERT OR IGNORE INTO territory SELECT " MEMBER("party") ", coalesce(" MEMBER("product") ", ''), r.value,"
    " coalesce(" MEMBER("exclusive") ", 0), " DAY(MEMBER("from")) ", " DAY(MEMBER("to"))
    " FROM entity e, json_each(e.body, '$.regions') r WHERE e.type='territory';"
    "CREATE TABLE permit (source TEXT, target TEXT, product TEXT, qty INTEGER NOT NULL, used INTEGER NOT NULL,"
    " until INTEGER NOT NULL, PRIMARY KEY (source, target, product, until)) WITHOUT ROWID;"
    "INSERT OR IGNORE INTO permit SELECT " MEMBER("from") ", " MEMBER("to") ", " MEMBER("product") ","
    " coalesce(CAST(round(" MEMBER("qty") " * 1000000) AS INTEGER), -1), 0, " DAY(MEMBER("until"))
    " FROM entity e WHERE e.type='permit';"
    "CREATE TABLE sale (id INTEGER PRIMARY KEY, party TEXT NOT NULL, at INTEGER NOT NULL, no TEXT NOT NULL,"
    " UNIQUE (party, at, no));"
    "CREATE TABLE code_earlier (key TEXT, n INTEGER, party TEXT NOT NULL, at INTEGER NOT NULL, no TEXT NOT NULL,"
    " PRIMARY KEY (key, n)) WITHOUT ROWID;"
    "CREATE TABLE code_seen (key TEXT, n INTEGER, region TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (key, n))"
    " WITHOUT ROWID;"
    "ALTER TABLE code ADD COLUMN sale INTEGER;"
    "ALTER TABLE pack_fact ADD COLUMN sale INTEGER;";

/* What the server said besides of what it did not accept; and what it holds, for people. */
static const char VERSION_5[] =
    "ALTER TABLE refused ADD COLUMN held INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE refused ADD COLUMN number INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE refused ADD COLUMN at TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE refused ADD COLUMN device INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE refused ADD COLUMN operator TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE refused ADD COLUMN no TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE refused ADD COLUMN holder TEXT NOT NULL DEFAULT '';";

/* clang-format on */

static const char *const VERSIONS[SCHEMA_VERSION] = {VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5};

static enum rc version_of(sqlite3 *db, int *ret_version)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL) != SQLITE_OK)
        return sqlite_rc_of(db);
    enum rc rc = sqlite3_step(statement) == SQLITE_ROW ? RC_OK : sqlite_rc_of(db);
    if (rc == RC_OK)
        *ret_version = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return rc;
}

static enum rc run(sqlite3 *db, const char *text)
{
    return sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK ? RC_OK : sqlite_rc_of(db);
}

static enum rc step(sqlite3 *db, int from)
{
    char mark[40];
    int version = from;
    snprintf(mark, sizeof mark, "PRAGMA user_version=%d", from + 1);
    enum rc rc = run(db, "BEGIN IMMEDIATE");
    if (rc != RC_OK)
        return rc;
    /* somebody else may have been quicker */
    rc = version_of(db, &version);
    if (rc == RC_OK && version == from)
        rc = run(db, VERSIONS[from]);
    if (rc == RC_OK && version == from)
        rc = run(db, mark);
    if (rc == RC_OK)
        rc = run(db, "COMMIT");
    if (rc != RC_OK)
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

enum rc schema_migrate(struct sqlite3 *db)
{
    int version = 0;
    enum rc rc = version_of(db, &version);
    for (int from = version; rc == RC_OK && from < SCHEMA_VERSION; from++)
        rc = step(db, from);
    if (rc == RC_OK && version > SCHEMA_VERSION)
        return RC_NEWER;
    return rc;
}

enum rc schema_check(struct sqlite3 *db)
{
    int version = 0;
    enum rc rc = version_of(db, &version);
    if (rc != RC_OK)
        return rc;
    if (version > SCHEMA_VERSION)
        return RC_NEWER;
    return version < SCHEMA_VERSION ? RC_NOT_FOUND : RC_OK;
}

bool schema_is_older(struct sqlite3 *db)
{
    int version = 0;
    return version_of(db, &version) == RC_OK && version > 0 && version < SCHEMA_VERSION;
}
