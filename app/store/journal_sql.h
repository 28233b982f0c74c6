/* Every SQL statement of the journal, by name; prepared once. */
#ifndef TALLYMAN_STORE_JOURNAL_SQL_H
#define TALLYMAN_STORE_JOURNAL_SQL_H

#include "app/domain/rc.h"

struct sqlite3;

enum journal_sql {
    JSQL_BEGIN,
    JSQL_COMMIT,
    JSQL_ROLLBACK,
    JSQL_META,
    JSQL_LAST,
    JSQL_RECORD_INSERT,
    JSQL_RECORDS,
    JSQL_BODY,
    JSQL_DOCUMENT_PUT,
    JSQL_LINES_CLEAR,
    JSQL_LINE_PUT,
    JSQL_DOCUMENT,
    JSQL_DOCUMENTS,
    JSQL_DOCUMENTS_BY_NO,
    JSQL_LINES,
    JSQL_LINE_ADD,
    JSQL_DOCUMENT_CLOSE,
    JSQL_DOCUMENT_PROGRESS,
    JSQL_TALLY_PUT,
    JSQL_TALLY,
    JSQL_TALLIES,
    JSQL_TALLY_STATE,
    JSQL_TALLY_REASON,
    JSQL_TALLIES_END,
    JSQL_LATCH_REPLACE,
    JSQL_LATCHED,
    JSQL_LATCHED_ALL,
    JSQL_ALLOC_PUT,
    JSQL_ALLOCS,
    JSQL_ALLOC_ADD,
    JSQL_ALLOC_ONE,
    JSQL_ALLOC_OF,
    JSQL_ALLOCS_CLEAR,
    JSQL_TALLY_ADD,
    JSQL_COUNTED_BY,
    JSQL_TOOK,
    JSQL_TOOK_SEQ,
    JSQL_TOOK_CLEAR,
    JSQL_TOOK_PUT,
    JSQL_TOOK_ROWS,
    JSQL_UNIT_PUT,
    JSQL_UNIT,
    JSQL_UNIT_DELETE,
    JSQL_UNITS_MOVE,
    JSQL_TALLIES_LIVE,
    JSQL_COUNTED,
    JSQL_SIGN_FAIL,
    JSQL_SIGN_OK,
    JSQL_SIGN,
    JSQL_OPEN_COUNT,
    JSQL_COUNT
};

extern const char *const JOURNAL_SQL[JSQL_COUNT];

/* Brings a journal to the present version, one transaction a version. RC_NEWER for one from the future. */
enum rc journal_migrate(struct sqlite3 *db);

#endif
