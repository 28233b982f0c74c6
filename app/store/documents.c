/* Documents: the journal's copy once opened, else the catalog's; names; the list. */
#include "app/store/store_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- names ---- */

struct name_search {
    char doc[DOC_MAX + 1];
    int count;
};

static bool found_name(void *context, const char *doc)
{
    struct name_search *search = context;
    if (search->count > 0 && strcmp(search->doc, doc) == 0)
        return true;
    snprintf(search->doc, sizeof search->doc, "%s", doc);
    search->count++;
    return search->count < 2;
}

static enum rc search_journal(struct store *store, enum journal_sql id, const char *name, struct name_search *search)
{
    sqlite3_stmt *row = store_sql(store, id, "t", name);
    if (!row)
        return store_rc(store);
    int step;
    bool more = true;
    while (more && (step = sqlite3_step(row)) == SQLITE_ROW)
        more = found_name(search, store_text(row, 0));
    enum rc rc = !more || step == SQLITE_DONE ? RC_OK : store_rc(store);
    sqlite3_reset(row);
    return rc;
}

static enum rc search_full_name(struct store *store, struct catalog *catalog, const char *name,
                                struct name_search *search)
{
    enum rc rc = search_journal(store, JSQL_DOCUMENT, name, search);
    if (rc != RC_OK || search->count > 0 || !catalog)
        return rc;
    struct document *document;
    if (catalog_document(catalog, name, &document) == RC_OK) {
        found_name(search, document->doc);
        document_free(document);
    }
    return RC_OK;
}

enum rc store_document_name(struct store *store, const char *name, char *ret_doc)
{
    struct name_search search = {.count = 0};
    struct catalog *catalog = NULL;
    if (strlen(name) > DOC_MAX)
        return RC_NOT_FOUND;
    enum rc rc = store_catalog(store, &catalog);
    bool damaged = rc == RC_CORRUPT;
    if (rc != RC_OK && rc != RC_NOT_FOUND && !damaged)
        return rc;
    rc = search_full_name(store, catalog, name, &search);
    if (rc == RC_OK && search.count == 0)
        rc = search_journal(store, JSQL_DOCUMENTS_BY_NO, name, &search);
    if (rc == RC_OK && search.count < 2 && catalog)
        rc = catalog_documents_by_no(catalog, name, found_name, &search);
    if (rc != RC_OK && rc != RC_CORRUPT)
        return rc;
    /* a damaged catalog keeps nobody from what the journal has */
    if (search.count == 0 && (damaged || store_damaged(store)))
        return RC_CORRUPT;
    if (search.count == 1)
        snprintf(ret_doc, DOC_MAX + 1, "%s", search.doc);
    return search.count == 0 ? RC_NOT_FOUND : search.count == 1 ? RC_OK : RC_AMBIGUOUS;
}

/* ---- one document ---- */

static void read_head(sqlite3_stmt *row, struct document *document)
{
    store_copy(document->doc, sizeof document->doc, row, 0);
    store_copy(document->no, sizeof document->no, row, 1);
    store_copy(document->flow, sizeof document->flow, row, 2);
    store_copy(document->rev, sizeof document->rev, row, 3);
    document->state = (enum document_state)sqlite3_column_int(row, 4);
    document->opened_seq = sqlite3_column_int64(row, 5);
    document->close_no = sqlite3_column_int(row, 6);
    holder_parse(store_text(row, 7), &document->from);
    holder_parse(store_text(row, 8), &document->to);
    store_copy(document->to_name, sizeof document->to_name, row, 9);
    store_copy(document->dock, sizeof document->dock, row, 10);
    store_copy(document->note, sizeof document->note, row, 11);
    document->due = (day_t)sqlite3_column_int64(row, 12);
    document->to_quarantine = sqlite3_column_int(row, 13);
    document->min_life_days = sqlite3_column_int(row, 14);
}

static enum rc read_lines(struct store *store, struct document *document)
{
    sqlite3_stmt *row = store_sql(store, JSQL_LINES, "t", document->doc);
    if (!row)
        return store_rc(store);
    size_t room = 0;
    int step;
    while ((step = sqlite3_step(row)) == SQLITE_ROW && document->line_count < LINES_MAX) {
        if (document->line_count == room) {
            room = room ? room * 2 : 16;
            struct line *lines = realloc(document->lines, room * sizeof *lines);
            if (!lines)
                break;
            document->lines = lines;
        }
        struct line *line = &document->lines[document->line_count++];
        memset(line, 0, sizeof *line);
        store_copy(line->line, sizeof line->line, row, 0);
        store_copy(line->product, sizeof line->product, row, 1);
        store_copy(line->lot, sizeof line->lot, row, 2);
        line->qty = sqlite3_column_int64(row, 3);
        line->tolerance = sqlite3_column_int64(row, 4);
        line->tallied = sqlite3_column_int64(row, 5);
    }
    sqlite3_reset(row);
    return step == SQLITE_DONE ? RC_OK : step == SQLITE_ROW ? RC_NOMEM : store_rc(store);
}

static int latched_in(struct store *store, const char *doc)
{
    sqlite3_stmt *row = store_sql(store, JSQL_LATCHED, "t", doc);
    int count = row && sqlite3_step(row) == SQLITE_ROW ? sqlite3_column_int(row, 0) : 0;
    sqlite3_reset(row);
    return count;
}

/* RC_NOT_FOUND when this device has never opened it. */
static enum rc journal_document(struct store *store, const char *doc, struct document **ret_document)
{
    sqlite3_stmt *row = store_sql(store, JSQL_DOCUMENT, "t", doc);
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    if (step != SQLITE_ROW) {
        sqlite3_reset(row);
        return step == SQLITE_DONE ? RC_NOT_FOUND : store_rc(store);
    }
    struct document *document = calloc(1, sizeof *document);
    if (document)
        read_head(row, document);
    sqlite3_reset(row);
    enum rc rc = document ? read_lines(store, document) : RC_NOMEM;
    if (rc != RC_OK) {
        document_free(document);
        return rc;
    }
    document->latched = latched_in(store, doc);
    *ret_document = document;
    return RC_OK;
}

static void share_line(struct document *mine, const char *name)
{
    for (size_t i = 0; i < mine->line_count; i++)
        if (strcmp(mine->lines[i].line, name) == 0)
            mine->lines[i].shared = true;
}

/* The server's word meanwhile: cancelled, closed, shared with another device. */
static void overlay(struct document *mine, const struct document *theirs)
{
    bool ended = theirs->state == DOCUMENT_CANCELLED || theirs->state == DOCUMENT_CLOSED;
    if (mine->state == DOCUMENT_OPEN && ended)
        mine->state = theirs->state;
    for (size_t i = 0; i < theirs->line_count; i++)
        if (theirs->lines[i].shared)
            share_line(mine, theirs->lines[i].line);
}

enum rc store_document(struct store *store, const char *doc, struct document **ret_document)
{
    struct document *mine = NULL, *theirs = NULL;
    struct catalog *catalog = NULL;
    enum rc rc = journal_document(store, doc, &mine);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    enum rc theirs_rc = store_catalog(store, &catalog);
    if (theirs_rc == RC_OK)
        theirs_rc = catalog_document(catalog, doc, &theirs);
    bool keep_mine = mine && (mine->state != DOCUMENT_ABANDONED || !theirs);
    if (!keep_mine && store_damaged(store)) {
        document_free(mine);
        document_free(theirs);
        return RC_CORRUPT;
    }
    if (keep_mine && theirs)
        overlay(mine, theirs);
    if (!keep_mine && mine && theirs)
        theirs->close_no = mine->close_no;
    document_free(keep_mine ? theirs : mine);
    struct document *document = keep_mine ? mine : theirs;
    if (!document)
        return theirs_rc == RC_OK ? RC_NOT_FOUND : theirs_rc;
    *ret_document = document;
    return RC_OK;
}

/* ---- the list ---- */

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
        read_head(row, &document);
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
        one->latched = latched_in(list->store, one->doc);
    }
}

static int by_name(const void *a, const void *b)
{
    const struct store_document_row *left = a, *right = b;
    return strcmp(left->doc, right->doc);
}

struct merge {
    struct list *list;
    size_t mine; /* how many of the rows are the journal's, sorted by name */
};

static bool merge_document(void *context, const struct document *document)
{
    struct merge *merge = context;
    struct store_document_row wanted;
    memcpy(wanted.doc, document->doc, sizeof wanted.doc);
    struct store_document_row *mine = NULL;
    if (merge->mine > 0)
        mine = bsearch(&wanted, merge->list->rows, merge->mine, sizeof wanted, by_name);
    if (!mine)
        return list_document(merge->list, document);
    bool ended = document->state == DOCUMENT_CANCELLED || document->state == DOCUMENT_CLOSED;
    if (mine->state == DOCUMENT_OPEN && ended)
        mine->state = document->state;
    return true;
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
        struct merge merge = {&list, list.count};
        rc = catalog_documents(catalog, merge_document, &merge);
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
