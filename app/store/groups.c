/* Groups: documents of one group, flow and destination are worked on as one, "group:ID". A member that was opened alone is no
 * longer in it, and what is in a group that was opened is not offered alone. */
#include "app/store/groups.h"
#include "app/domain/chain.h"
#include "app/store/keys.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REV_BYTES = 16 };

static const char PREFIX[] = "group:";

const char *group_of(const char *doc)
{
    size_t len = sizeof PREFIX - 1;
    return strncmp(doc, PREFIX, len) == 0 && doc[len] ? doc + len : NULL;
}

char *group_name(const char *group, char *ret_doc)
{
    snprintf(ret_doc, DOC_MAX + 1, "%s%s", PREFIX, group);
    return ret_doc;
}

static bool add_member(void *context, const char *doc)
{
    return keys_add(context, doc) == RC_OK;
}

enum rc group_members(struct catalog *catalog, const char *group, struct keys *ret_members)
{
    return catalog_group(catalog, group, add_member, ret_members);
}

enum rc group_opened_with(struct store *store, const char *doc, char *ret_group_doc)
{
    sqlite3_stmt *row = store_sql(store, JSQL_TEAM_OF, "t", doc);
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    if (step == SQLITE_ROW)
        store_copy(ret_group_doc, DOC_MAX + 1, row, 0);
    sqlite3_reset(row);
    return step == SQLITE_ROW ? RC_OK : step == SQLITE_DONE ? RC_NOT_FOUND : store_rc(store);
}

/* ---- as the catalog tells it ---- */

struct gathering {
    const char *id;
    struct document *group;   /* of the members so far, NULL none */
    char revs[LINES_MAX + 1]; /* of the members, one after the other */
};

static bool opened_alone(struct store *store, const char *doc)
{
    struct document *document;
    if (document_journaled(store, doc, &document) != RC_OK)
        return false;
    bool alone = document->state == DOCUMENT_OPEN || document->state == DOCUMENT_COMPLETE;
    document_free(document);
    return alone;
}

/* Those that it was opened with. */
static enum rc opened_members(const struct document *mine, struct keys *ret_members)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; i < mine->line_count && rc == RC_OK; i++)
        if (i == 0 || strcmp(mine->lines[i].doc, mine->lines[i - 1].doc) != 0) /* lines are member by member */
            rc = keys_add(ret_members, mine->lines[i].doc);
    return rc;
}

static bool is_free(struct store *store, const char *doc)
{
    char other[DOC_MAX + 1];
    return !opened_alone(store, doc) && group_opened_with(store, doc, other) != RC_OK;
}

static bool has_ended(const struct document *document)
{
    return document->state == DOCUMENT_CANCELLED || document->state == DOCUMENT_CLOSED;
}

static enum rc add_lines(struct document *group, const struct document *member)
{
    size_t count = group->line_count + member->line_count;
    if (count > LINES_MAX)
        return RC_TOO_BIG;
    struct line *lines = realloc(group->lines, (count ? count : 1) * sizeof *lines);
    if (!lines)
        return RC_NOMEM;
    group->lines = lines;
    for (size_t i = 0; i < member->line_count; i++) {
        struct line *line = &lines[group->line_count++];
        *line = member->lines[i];
        memcpy(line->doc, member->doc, sizeof line->doc);
    }
    return RC_OK;
}

/* The first one speaks for all, but for its own lines and name. */
static struct document *begin(const struct document *first, const char *id)
{
    struct document *group = malloc(sizeof *group);
    if (!group)
        return NULL;
    *group = *first;
    group_name(id, group->doc);
    snprintf(group->no, sizeof group->no, "%s", id);
    snprintf(group->group, sizeof group->group, "%s", id);
    group->line_count = 0;
    group->lines = NULL;
    return group;
}

static enum rc add_document(struct gathering *gathering, const struct document *member)
{
    struct document *group = gathering->group;
    if (!group && !(group = gathering->group = begin(member, gathering->id)))
        return RC_NOMEM;
    if (has_ended(member)) /* nothing of it is wanted any more */
        return RC_OK;
    if (has_ended(group))
        group->state = member->state;
    if (member->due != DAY_NONE && (group->due == DAY_NONE || member->due < group->due))
        group->due = member->due;
    size_t at = strlen(gathering->revs);
    snprintf(gathering->revs + at, sizeof gathering->revs - at, "%s ", member->rev);
    return add_lines(group, member);
}

enum rc group_told(struct store *store, struct catalog *catalog, const char *group, const struct document *mine,
                   struct document **ret_document)
{
    struct keys members = {NULL, 0, 0};
    struct gathering gathering = {.id = group};
    enum rc rc = mine ? opened_members(mine, &members) : group_members(catalog, group, &members);
    for (size_t i = 0; i < members.count && rc == RC_OK; i++) {
        struct document *member;
        if (!mine && !is_free(store, members.all[i]))
            continue;
        rc = catalog_document(catalog, members.all[i], &member);
        if (rc == RC_OK) {
            rc = add_document(&gathering, member);
            document_free(member);
        }
        rc = rc == RC_NOT_FOUND ? RC_OK : rc; /* gone from the catalog */
    }
    keys_free(&members);
    if (rc == RC_OK && !gathering.group)
        rc = RC_NOT_FOUND;
    if (rc != RC_OK) {
        document_free(gathering.group);
        return rc;
    }
    digest_print(gathering.revs, strlen(gathering.revs), REV_BYTES, gathering.group->rev);
    *ret_document = gathering.group;
    return RC_OK;
}
