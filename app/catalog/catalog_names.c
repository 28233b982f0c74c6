/* Ids and names to choose from, where people have no letters to type them. */
#include "app/catalog/catalog_private.h"
#include <string.h>

static const char *member(const json_t *body, const char *name)
{
    const char *text = json_string_value(json_object_get(body, name));
    return text ? text : "";
}

/* Members that hold the id and the name, and the one that `of` must be; "" none. */
static const struct {
    const char *type, *id, *name, *of;
} KINDS[] = {
    {"product", "id", "name", ""},  {"party", "id", "name", ""},          {"site", "id", "name", ""},
    {"recall", "id", "reason", ""}, {"lot", "lot", "expires", "product"}, {"permit", "to", "product", "from"},
};

enum rc catalog_named(struct catalog *catalog, const char *type, const char *of,
                      bool (*visit)(void *context, const char *id, const char *name), void *context)
{
    struct sqlite3_stmt *statement = NULL;
    size_t kind = 0;
    while (kind < sizeof KINDS / sizeof KINDS[0] && strcmp(KINDS[kind].type, type) != 0)
        kind++;
    if (kind == sizeof KINDS / sizeof KINDS[0])
        return RC_NOT_FOUND;
    bool more = true, go_on = true;
    enum rc rc = catalog_entities_of(catalog, type, &statement);
    while (rc == RC_OK && go_on && (rc = sql_step(statement, &more)) == RC_OK && more) {
        json_t *body = json_loads(sql_bytes(statement, 1), 0, NULL);
        const char *id = member(body, KINDS[kind].id);
        if (id[0] && (!KINDS[kind].of[0] || strcmp(member(body, KINDS[kind].of), of) == 0))
            go_on = visit(context, id, member(body, KINDS[kind].name));
        json_decref(body);
    }
    if (statement)
        sql_done(statement);
    return rc;
}
