/* The list of documents: the journal's and the catalog's, members of a group as one. */
#include "app/store/groups.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct list {
    struct store *store;
    struct store_document_row *rows;
    size_t count, room;
    enum rc rc;
};

static struct store_document_row *grow(struct list *list)
{
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 64;
        struct store_document_row *rows = realloc(list->rows, room * sizeof *rows);
        if (!rows) {
            list->rc = RC_NOMEM;
            return NULL;
        }
        list->rows = rows;
        list->room = room;
    }
    struct store_document_row *row = &list->rows[list->count++];
    memset(row, 0, sizeof *row);
    return row;
}

static bool list_document(void *context, const struct document *document)
{
    struct list *list = context;
    struct store_document_row *row = grow(list);
    if (!row)
        return false;
    memcpy(row->doc, document->doc, sizeof row->doc);
    memcpy(row->no, document->no, sizeof row->no);
    memcpy(row->flow, document->flow, sizeof row->flow);
    memcpy(row->to_name, document->to_name, sizeof row->to_name);
    row->state = document->state;
    row->due = document->due;
    row->lines = (int)document->line_count;
    row->own = document->own;
    const char *group = group_of(document->doc);
    snprintf(row->group, sizeof row->group, "%s", group ? group : "");
    return true;
}

static enum rc list_journal(struct list *list)
{
    sqlite3_stmt *row = store_sql(list->store, JSQL_DOCUMENTS, "");
    if (!row)
        return store_rc(list->store);
    int step;
    while ((step = sqlite3_step(row)) == SQLITE_ROW) {
        struct document document = {0};
        document_read_head(row, &document);
        if (document.state != DOCUMENT_ABANDONED && !list_document(list, &document))
            break;
    }
    sqlite3_reset(row);
    return step == SQLITE_DONE ? RC_OK : list->rc != RC_OK ? list->rc : store_rc(list->store);
}

static void add_progress(struct list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct store_document_row *one = &list->rows[i];
        sqlite3_stmt *row = store_sql(list->store, JSQL_DOCUMENT_PROGRESS, "t", one->doc);
        if (row && sqlite3_step(row) == SQLITE_ROW) {
            one->lines = sqlite3_column_int(row, 0);
            one->lines_done = sqlite3_column_int(row, 1);
        }
        sqlite3_reset(row);
        one->latched = document_latched(list->store, one->doc);
    }
}

static int by_name(const void *a, const void *b)
{
    const struct store_document_row *left = a, *right = b;
    return strcmp(left->doc, right->doc);
}

struct merge {
    struct list *list;
    struct catalog *catalog;
    size_t mine;         /* how many of the rows are the journal's, sorted by name */
    struct keys members; /* of the group looked up last … */
    char group[ID_MAX + 1];
};

static struct store_document_row *find_mine(struct merge *merge, const char *doc)
{
    struct store_document_row wanted;
    snprintf(wanted.doc, sizeof wanted.doc, "%s", doc);
    return merge->mine > 0 ? bsearch(&wanted, merge->list->rows, merge->mine, sizeof wanted, by_name) : NULL;
}

static bool is_member(struct merge *merge, const struct document *document)
{
    if (strcmp(merge->group, document->group) != 0) {
        keys_free(&merge->members);
        memcpy(merge->group, document->group, sizeof merge->group);
        if (group_members(merge->catalog, merge->group, &merge->members) != RC_OK)
            return false;
    }
    for (size_t i = 0; i < merge->members.count; i++)
        if (strcmp(merge->members.all[i], document->doc) == 0)
            return true;
    return false;
}

/* The row that stands for the group, new when it is the first of its members. */
static bool list_in_group(struct merge *merge, const struct document *document, const char *doc)
{
    struct list *list = merge->list;
    bool ready = document->state == DOCUMENT_READY;
    for (size_t i = merge->mine; i < list->count; i++) {
        struct store_document_row *row = &list->rows[i];
        if (strcmp(row->doc, doc) != 0)
            continue;
        row->state = ready ? DOCUMENT_READY : row->state;
        row->lines += ready ? (int)document->line_count : 0;
        if (document->due != DAY_NONE && (row->due == DAY_NONE || document->due < row->due))
            row->due = document->due;
        return true;
    }
    if (!list_document(list, document))
        return false;
    struct store_document_row *row = &list->rows[list->count - 1];
    snprintf(row->doc, sizeof row->doc, "%s", doc);
    memcpy(row->no, document->group, sizeof row->no);
    memcpy(row->group, document->group, sizeof row->group);
    row->lines = ready ? row->lines : 0;
    return true;
}

static bool merge_document(void *context, const struct document *document)
{
    struct merge *merge = context;
    char group[DOC_MAX + 1];
    struct store_document_row *mine = find_mine(merge, document->doc);
    if (mine) {
        bool ended = document->state == DOCUMENT_CANCELLED || document->state == DOCUMENT_CLOSED;
        if (mine->state == DOCUMENT_OPEN && ended)
            mine->state = document->state;
        return true;
    }
    if (document->group[0] && group_opened_with(merge->list->store, document->doc, group) == RC_OK)
        return true;
    bool grouped = document->group[0] && is_member(merge, document);
    if (grouped && !find_mine(merge, group_name(document->group, group)))
        return list_in_group(merge, document, group);
    return list_document(merge->list, document);
}

static int by_urgency(const void *a, const void *b)
{
    static const int ranks[] = {[DOCUMENT_OPEN] = 0,     [DOCUMENT_READY] = 1,  [DOCUMENT_CANCELLED] = 2,
                                [DOCUMENT_COMPLETE] = 3, [DOCUMENT_CLOSED] = 4, [DOCUMENT_ABANDONED] = 5};
    const struct store_document_row *left = a, *right = b;
    if (ranks[left->state] != ranks[right->state])
        return ranks[left->state] - ranks[right->state];
    if (left->due != right->due) /* without a date there is no hurry */
        return left->due != DAY_NONE && (right->due == DAY_NONE || left->due < right->due) ? -1 : 1;
    return strcmp(left->no, right->no);
}

enum rc store_documents(struct store *store, bool (*visit)(void *context, const struct store_document_row *row),
                        void *context)
{
    struct list list = {.store = store};
    struct catalog *catalog = NULL;
    enum rc rc = list_journal(&list);
    if (rc == RC_OK)
        add_progress(&list);
    if (rc == RC_OK && list.count > 0)
        qsort(list.rows, list.count, sizeof *list.rows, by_name);
    if (rc == RC_OK && (rc = store_catalog(store, &catalog)) == RC_OK) {
        struct merge merge = {.list = &list, .catalog = catalog, .mine = list.count};
        rc = catalog_documents(catalog, merge_document, &merge);
        keys_free(&merge.members);
    } else if (rc == RC_NOT_FOUND) {
        rc = RC_OK;
    }
    if (rc == RC_OK)
        rc = list.rc;
    bool some = rc == RC_OK || rc == RC_CORRUPT; /* of a damaged catalog, what can be read */
    if (some && list.count > 0)
        qsort(list.rows, list.count, sizeof *list.rows, by_urgency);
    for (size_t i = 0; some && i < list.count && visit(context, &list.rows[i]); i++)
        continue;
    free(list.rows);
    return rc;
}
