/* Documents: the journal's copy once opened, else the catalog's; names; the list. */
#include "app/store/groups.h"
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
    struct document *document;
    enum rc rc = search_journal(store, JSQL_DOCUMENT, name, search);
    if (rc != RC_OK || search->count > 0 || !catalog)
        return rc;
    const char *group = group_of(name);
    bool told = group ? group_told(store, catalog, group, NULL, &document) == RC_OK
                      : catalog_document(catalog, name, &document) == RC_OK;
    if (told) {
        found_name(search, document->doc);
        document_free(document);
    }
    return RC_OK;
}

/* What nothing else is called may be a group's id. */
static enum rc search_group(struct store *store, struct catalog *catalog, const char *name,
                            struct name_search *search)
{
    char doc[DOC_MAX + 1];
    return strlen(name) > ID_MAX ? RC_OK : search_full_name(store, catalog, group_name(name, doc), search);
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
    if (rc == RC_OK && search.count == 0 && catalog)
        rc = search_group(store, catalog, name, &search);
    if (rc != RC_OK && rc != RC_CORRUPT)
        return rc;
    /* a damaged catalog keeps nobody from what the journal has */
    if (search.count == 0 && (damaged || store_damaged(store)))
        return RC_CORRUPT;
    if (search.count != 1)
        return search.count == 0 ? RC_NOT_FOUND : RC_AMBIGUOUS;
    /* worked on with its group: that is what is meant */
    rc = group_opened_with(store, search.doc, ret_doc);
    if (rc == RC_NOT_FOUND)
        snprintf(ret_doc, DOC_MAX + 1, "%s", search.doc);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* ---- one document ---- */

static void read_fields(const char *text, struct document *document)
{
    json_t *fields = text[0] ? json_loads(text, 0, NULL) : NULL, *value;
    const char *name;
    json_object_foreach(fields, name, value)
    {
        if (document->field_count == DOCUMENT_FIELDS_MAX)
            break;
        struct field_value *field = &document->fields[document->field_count++];
        snprintf(field->name, sizeof field->name, "%s", name);
        snprintf(field->value, sizeof field->value, "%s", json_string_value(value) ? json_string_value(value) : "");
    }
    json_decref(fields);
}

void document_read_head(sqlite3_stmt *row, struct document *document)
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
    document->own = sqlite3_column_int(row, 15);
    store_copy(document->group, sizeof document->group, row, 16);
    store_copy(document->site, sizeof document->site, row, 17);
    read_fields(store_text(row, 18), document);
    store_copy(document->context_product, sizeof document->context_product, row, 19);
    store_copy(document->context_lot, sizeof document->context_lot, row, 20);
    store_copy(document->container, sizeof document->container, row, 21);
    store_copy(document->pending, sizeof document->pending, row, 22);
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
        store_copy(line->doc, sizeof line->doc, row, 6);
    }
    sqlite3_reset(row);
    return step == SQLITE_DONE ? RC_OK : step == SQLITE_ROW ? RC_NOMEM : store_rc(store);
}

int document_latched(struct store *store, const char *doc)
{
    sqlite3_stmt *row = store_sql(store, JSQL_LATCHED, "t", doc);
    int count = row && sqlite3_step(row) == SQLITE_ROW ? sqlite3_column_int(row, 0) : 0;
    sqlite3_reset(row);
    return count;
}

enum rc document_journaled(struct store *store, const char *doc, struct document **ret_document)
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
        document_read_head(row, document);
    sqlite3_reset(row);
    enum rc rc = document ? read_lines(store, document) : RC_NOMEM;
    if (rc != RC_OK) {
        document_free(document);
        return rc;
    }
    document->latched = document_latched(store, doc);
    *ret_document = document;
    return RC_OK;
}

static void lay_over_line(struct document *mine, const struct line *theirs)
{
    for (size_t i = 0; i < mine->line_count; i++) {
        struct line *line = &mine->lines[i];
        if (strcmp(line->line, theirs->line) != 0 || strcmp(line->doc, theirs->doc) != 0)
            continue;
        line->shared |= theirs->shared;
        line->elsewhere = theirs->elsewhere;
    }
}

/* The server's word meanwhile: cancelled, closed, shared with another device, and how far that one is. */
static void overlay(struct document *mine, const struct document *theirs)
{
    bool ended = theirs->state == DOCUMENT_CANCELLED || theirs->state == DOCUMENT_CLOSED;
    if (mine->state == DOCUMENT_OPEN && ended)
        mine->state = theirs->state;
    for (size_t i = 0; i < theirs->line_count; i++)
        lay_over_line(mine, &theirs->lines[i]);
}

/* NULL in *ret_document when the catalog tells nothing of it. */
static enum rc told(struct store *store, const char *doc, const struct document *mine, struct document **ret_document)
{
    struct catalog *catalog;
    const char *group = group_of(doc);
    bool worked_on = mine && (mine->state == DOCUMENT_OPEN || mine->state == DOCUMENT_COMPLETE);
    *ret_document = NULL;
    enum rc rc = store_catalog(store, &catalog);
    if (rc == RC_OK && group)
        rc = group_told(store, catalog, group, worked_on ? mine : NULL, ret_document);
    else if (rc == RC_OK)
        rc = catalog_document(catalog, doc, ret_document);
    return rc;
}

enum rc store_document_told(struct store *store, const char *doc, struct document **ret_document)
{
    struct document *mine = NULL, *theirs;
    enum rc rc = document_journaled(store, doc, &mine);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    rc = told(store, doc, mine, &theirs);
    document_free(mine);
    if (!theirs)
        return rc == RC_OK ? RC_NOT_FOUND : rc;
    *ret_document = theirs;
    return RC_OK;
}

enum rc store_document(struct store *store, const char *doc, struct document **ret_document)
{
    struct document *mine = NULL, *theirs = NULL;
    char group[DOC_MAX + 1];
    enum rc rc = document_journaled(store, doc, &mine);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    enum rc theirs_rc = told(store, doc, mine, &theirs);
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
    if (!keep_mine && theirs && group_opened_with(store, doc, group) == RC_OK)
        theirs->state = DOCUMENT_CLOSED; /* by itself it is not to be had any more */
    document_free(keep_mine ? theirs : mine);
    struct document *document = keep_mine ? mine : theirs;
    if (!document)
        return theirs_rc == RC_OK ? RC_NOT_FOUND : theirs_rc;
    *ret_document = document;
    return RC_OK;
}
