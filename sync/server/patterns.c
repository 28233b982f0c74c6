#include "sync/server/patterns.h"
#include "app/catalog/feed.h"
#include "app/catalog/reading.h"
#include "sync/server/entities.h"
#include <stdlib.h>

enum { VERSION_BYTES = 17 };

enum rc patterns_keep(struct server *server, const char *id, const json_t *body)
{
    char version[VERSION_BYTES];
    if (!body)
        return RC_OK;
    char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
    if (!text)
        return RC_NOMEM;
    struct db_stmt *stmt = core_query(server, QUERY_PATTERN_ADD);
    db_bind_text(stmt, 1, id);
    db_bind_text(stmt, 2, feed_revision(body, version));
    db_bind_text(stmt, 3, text);
    enum rc rc = db_run(stmt);
    free(text);
    return rc;
}

static enum rc kept_body(struct server *server, const char *id, const char *version, json_t **ret_body)
{
    struct db_stmt *stmt = core_query(server, QUERY_PATTERN_GET);
    bool row;
    db_bind_text(stmt, 1, id);
    db_bind_text(stmt, 2, version);
    enum rc rc = db_step(stmt, &row);
    if (rc || !row)
        return rc ? rc : RC_NOT_FOUND;
    *ret_body = json_loads(db_text(stmt, 0), 0, NULL);
    db_reset(stmt);
    return *ret_body ? RC_OK : RC_CORRUPT;
}

enum rc patterns_get(struct server *server, const char *id, const char *version, struct pattern **ret_pattern)
{
    json_t *body = NULL;
    enum rc rc = kept_body(server, id, version, &body);
    if (rc == RC_NOT_FOUND)
        rc = entities_get(server, "pattern", id, &body);
    if (rc == RC_OK)
        rc = reading_pattern(body, id, ret_pattern);
    json_decref(body);
    return rc;
}

/* One that is not whole, or too much for this version of the program, reads nothing. */
static bool reads(const char *id, const char *text, const struct scan *scan, int year, struct code *code)
{
    struct pattern *pattern = NULL;
    json_t *body = json_loads(text, 0, NULL);
    bool read = body && reading_pattern(body, id, &pattern) == RC_OK && reading_by_pattern(pattern, scan, year, code);
    pattern_free(pattern);
    json_decref(body);
    return read;
}

enum rc patterns_read(struct server *server, const struct scan *scan, int year, struct code *code,
                      bool (*visit)(void *context, const struct code *code), void *context)
{
    static const enum query_id LISTS[] = {QUERY_PATTERN_PRESENT, QUERY_PATTERN_KEPT};
    bool more = true;
    enum rc rc = RC_OK;
    for (size_t i = 0; !rc && more && i < sizeof LISTS / sizeof LISTS[0]; i++) {
        struct db_stmt *stmt = core_query(server, LISTS[i]);
        bool row = true;
        while (!rc && more && row) {
            rc = db_step(stmt, &row);
            if (!rc && row && reads(db_text(stmt, 0), db_text(stmt, 1), scan, year, code))
                more = visit(context, code);
        }
        db_reset(stmt);
    }
    return rc;
}
