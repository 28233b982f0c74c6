/* What the server told of this device's own records that it did not accept, and that are settled: kept as it was told. */
#include "app/catalog/catalog_private.h"
#include "app/catalog/feed.h"
#include "app/catalog/sql.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void copy(const json_t *body, const char *name, char *ret_text, size_t size)
{
    const char *text = json_string_value(json_object_get(body, name));
    snprintf(ret_text, size, "%s", text ? text : "");
}

enum rc catalog_settled(struct catalog *catalog, int64_t epoch, int64_t seq, struct catalog_settled *ret_settled)
{
    char id[48];
    json_t *body = NULL;
    struct catalog_settled settled;
    snprintf(id, sizeof id, "%" PRId64 "|%" PRId64, epoch, seq);
    enum rc rc = catalog_entity(catalog, "settled", id, &body);
    if (rc != RC_OK)
        return rc;
    copy(body, "what", settled.what, sizeof settled.what);
    copy(body, "at", settled.at, sizeof settled.at);
    copy(body, "by", settled.by, sizeof settled.by);
    copy(body, "reason", settled.reason, sizeof settled.reason);
    json_decref(body);
    if (!settled.what[0])
        return RC_NOT_FOUND;
    *ret_settled = settled;
    return RC_OK;
}

static enum rc take(struct catalog *catalog, const char *id, const char *text, int64_t last_seq)
{
    char error[FEED_ERROR_MAX + 1];
    struct feed_item item = {.type = FEED_SETTLED, .body = json_loads(text, 0, NULL)};
    int64_t seq = json_integer_value(json_object_get(item.body, "seq"));
    enum rc rc = item.body ? RC_OK : RC_CORRUPT;
    snprintf(item.id, sizeof item.id, "%s", id);
    if (rc == RC_OK && seq <= last_seq)
        rc = catalog_put_item(catalog, &item, error);
    json_decref(item.body);
    return rc;
}

enum rc catalog_take_settled(struct catalog *catalog, struct catalog *from, int64_t last_seq)
{
    struct sqlite3_stmt *statement = NULL;
    char id[FEED_ID_MAX + 1];
    bool more = false;
    enum rc rc = catalog_entities_of(from, "settled", &statement);
    while (rc == RC_OK && (rc = sql_step(statement, &more)) == RC_OK && more)
        rc = take(catalog, sql_text(statement, 0, id, sizeof id), sql_bytes(statement, 1), last_seq);
    if (rc != RC_OK)
        sql_done(statement);
    return rc;
}
