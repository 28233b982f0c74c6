#include "sync/server/query.h"
#include <stddef.h>
#include <string.h>

static const char *const TEXTS[QUERY_COUNT] = {
#define QUERY_ENTRY(id, text) [QUERY_##id] = text,
    QUERY_LIST(QUERY_ENTRY)
#undef QUERY_ENTRY
};

/* Where PostgreSQL has a text of its own: changes are written down without a number, and numbered later (changes.c). Its own
 * changes a transaction knows by what the sequence had given before. */
static const struct {
    enum query_id id;
    const char *text;
} POSTGRES[] = {
    {QUERY_CHANGE_ADD, "INSERT INTO change_new(type, id) VALUES($1, $2)"},
    {QUERY_CHANGE_LAST, "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM change_new_n_seq"},
    {QUERY_CHANGE_WAITING, "SELECT coalesce(max(n), 0) FROM change_new"},
    {QUERY_CHANGE_NUMBER,
     "WITH taken AS (DELETE FROM change_new WHERE n IN (SELECT n FROM change_new WHERE n <= $1 ORDER BY n LIMIT $2) "
     "RETURNING n, type, id), latest AS (SELECT type, id, max(n) AS n FROM taken GROUP BY type, id), "
     "numbered AS (INSERT INTO change(n, type, id) SELECT nextval('change_number'), l.type, l.id FROM "
     "(SELECT type, id FROM latest ORDER BY n) l ON CONFLICT(type, id) DO UPDATE SET n = excluded.n) "
     "SELECT count(*) FROM taken"},
    {QUERY_PROVISIONAL_DUE,
     "SELECT " QUERY_PROVISIONAL_COLUMNS " FROM provisional p WHERE outcome = '' AND dest <> '' AND "
     "EXISTS (SELECT 1 FROM change_new c WHERE c.type IN ('code', 'unit') AND c.id = p.key AND c.n > $1) "
     "ORDER BY n"},
};

const char *query_text(enum query_id id, const char *scheme)
{
    for (size_t i = 0; strcmp(scheme, "postgresql") == 0 && i < sizeof POSTGRES / sizeof POSTGRES[0]; i++)
        if (POSTGRES[i].id == id)
            return POSTGRES[i].text;
    return TEXTS[id];
}
