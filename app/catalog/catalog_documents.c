#include "app/catalog/catalog_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum statement { DOCUMENT, DOCUMENTS, BY_NO, LINES, PROGRESS, GROUP, STATEMENT_COUNT };

/* the order in which read_header reads; a document goes to a party or to a site, and a site may be a party's */
#define COLUMNS                                                                                                      \
    "d.doc, d.no, d.flow, d.rev, d.state, d.source_holder, d.target_holder, d.dock, d.note, d.due, d.line_count,"    \
    " coalesce(p.name, s.name), coalesce(p.min_life_days, o.min_life_days), s.kind, d.group_id"                      \
    " FROM document d LEFT JOIN party p ON substr(d.target_holder, 1, 6)='party:' AND"                               \
    " p.id=substr(d.target_holder, 7) LEFT JOIN site s ON substr(d.target_holder, 1, 5)='site:' AND"                 \
    " s.id=substr(d.target_holder, 6) LEFT JOIN party o ON o.id=s.party"

/* numbers of different length as numbers, not as words */
#define BY_NUMBER "length(no), no, doc"

static const char *const TEXTS[STATEMENT_COUNT] = {
    [DOCUMENT] = "SELECT " COLUMNS " WHERE d.doc=?1",
    /* those without a date come last */
    [DOCUMENTS] = "SELECT " COLUMNS " ORDER BY d.due=?1, d.due, length(d.no), d.no, d.doc",
    [BY_NO] = "SELECT doc FROM document WHERE no=?1 ORDER BY doc",
    [LINES] = "SELECT line, product, lot, qty, tolerance,"
              " EXISTS (SELECT 1 FROM share s WHERE s.doc=line.doc AND s.line IN ('', line.line))"
              " FROM line WHERE doc=?1 ORDER BY at LIMIT ?2",
    [PROGRESS] =
        "SELECT l.at, p.qty FROM share_progress p JOIN line l ON l.doc=p.doc AND l.line=p.line WHERE p.doc=?1",
    [GROUP] = "SELECT doc FROM document WHERE group_id=?1 AND (flow, coalesce(target_holder, ''))="
              "(SELECT flow, coalesce(target_holder, '') FROM document WHERE group_id=?1"
              " ORDER BY state<>'open', " BY_NUMBER " LIMIT 1) ORDER BY " BY_NUMBER,
};

enum rc catalog_documents_open(struct catalog *catalog)
{
    return sql_new(catalog->db, TEXTS, STATEMENT_COUNT, &catalog->documents);
}

static enum document_state state_of(const char *word)
{
    if (strcmp(word, "cancelled") == 0)
        return DOCUMENT_CANCELLED;
    return strcmp(word, "closed") == 0 ? DOCUMENT_CLOSED : DOCUMENT_READY;
}

static enum rc read_header(struct sqlite3_stmt *statement, struct document *ret_document)
{
    struct document document = {0};
    sql_text(statement, 0, document.doc, sizeof document.doc);
    sql_text(statement, 1, document.no, sizeof document.no);
    sql_text(statement, 2, document.flow, sizeof document.flow);
    sql_text(statement, 3, document.rev, sizeof document.rev);
    document.state = state_of(sql_bytes(statement, 4));
    enum rc from = holder_parse(sql_bytes(statement, 5), &document.from);
    enum rc to = holder_parse(sql_bytes(statement, 6), &document.to);
    sql_text(statement, 7, document.dock, sizeof document.dock);
    sql_text(statement, 8, document.note, sizeof document.note);
    document.due = (day_t)sql_int(statement, 9);
    document.line_count = (size_t)sql_int(statement, 10);
    sql_text(statement, 11, document.to_name, sizeof document.to_name);
    document.min_life_days = (int)sql_int(statement, 12);
    document.to_quarantine = strcmp(sql_bytes(statement, 13), "quarantine") == 0;
    sql_text(statement, 14, document.group, sizeof document.group);
    if (from != RC_OK || to != RC_OK || document.line_count > LINES_MAX)
        return RC_CORRUPT;
    /* nobody has told this party or site yet: its id is better than nothing */
    if (!document.to_name[0])
        memcpy(document.to_name, document.to.id, strlen(document.to.id) + 1);
    *ret_document = document;
    return RC_OK;
}

static enum rc read_lines(struct catalog *catalog, struct document *document)
{
    struct sqlite3_stmt *statement = NULL;
    size_t count = 0;
    bool more = true;
    document->lines = calloc(document->line_count ? document->line_count : 1, sizeof *document->lines);
    if (!document->lines)
        return RC_NOMEM;
    enum rc rc = sql_query(catalog->documents, LINES, "si", &statement, document->doc, (int64_t)document->line_count);
    while (rc == RC_OK && (rc = sql_step(statement, &more)) == RC_OK && more) {
        struct line *line = &document->lines[count++];
        sql_text(statement, 0, line->line, sizeof line->line);
        sql_text(statement, 1, line->product, sizeof line->product);
        sql_text(statement, 2, line->lot, sizeof line->lot);
        line->qty = sql_int(statement, 3);
        line->tolerance = sql_int(statement, 4);
        line->shared = sql_int(statement, 5) != 0;
    }
    document->line_count = count;
    return rc;
}

/* What other devices have tallied of each line, all of them together. */
static enum rc read_progress(struct catalog *catalog, struct document *document)
{
    struct sqlite3_stmt *statement = NULL;
    bool more = true;
    enum rc rc = sql_query(catalog->documents, PROGRESS, "s", &statement, document->doc);
    while (rc == RC_OK && (rc = sql_step(statement, &more)) == RC_OK && more) {
        int64_t at = sql_int(statement, 0);
        if (at < 0 || (uint64_t)at >= document->line_count)
            continue;
        qty_t *sum = &document->lines[at].elsewhere;
        if (__builtin_add_overflow(*sum, sql_int(statement, 1), sum))
            *sum = INT64_MAX;
    }
    return rc;
}

enum rc catalog_document(struct catalog *catalog, const char *doc, struct document **ret_document)
{
    struct sqlite3_stmt *statement = NULL;
    bool found = false;
    struct document *document = calloc(1, sizeof *document);
    if (!document)
        return RC_NOMEM;
    enum rc rc = sql_query(catalog->documents, DOCUMENT, "s", &statement, doc);
    if (rc == RC_OK)
        rc = sql_step(statement, &found);
    if (rc == RC_OK && !found)
        rc = RC_NOT_FOUND;
    if (rc == RC_OK) {
        rc = read_header(statement, document);
        sql_done(statement);
    }
    if (rc == RC_OK)
        rc = read_lines(catalog, document);
    if (rc == RC_OK)
        rc = read_progress(catalog, document);
    if (rc == RC_OK)
        *ret_document = document;
    else
        document_free(document);
    return rc;
}

static enum rc visit_docs(struct catalog *catalog, int which, const char *name,
                          bool (*visit)(void *context, const char *doc), void *context)
{
    struct sqlite3_stmt *statement = NULL;
    char doc[DOC_MAX + 1];
    bool more = true, go_on = true;
    enum rc rc = sql_query(catalog->documents, which, "s", &statement, name);
    while (rc == RC_OK && go_on && (rc = sql_step(statement, &more)) == RC_OK && more)
        go_on = visit(context, sql_text(statement, 0, doc, sizeof doc));
    if (statement)
        sql_done(statement);
    return rc;
}

enum rc catalog_documents_by_no(struct catalog *catalog, const char *no,
                                bool (*visit)(void *context, const char *doc), void *context)
{
    return visit_docs(catalog, BY_NO, no, visit, context);
}

enum rc catalog_group(struct catalog *catalog, const char *group, bool (*visit)(void *context, const char *doc),
                      void *context)
{
    return visit_docs(catalog, GROUP, group, visit, context);
}

enum rc catalog_documents(struct catalog *catalog, bool (*visit)(void *context, const struct document *document),
                          void *context)
{
    struct sqlite3_stmt *statement = NULL;
    struct document document;
    bool more = true, go_on = true;
    enum rc rc = sql_query(catalog->documents, DOCUMENTS, "i", &statement, (int64_t)DAY_NONE);
    while (rc == RC_OK && go_on && (rc = sql_step(statement, &more)) == RC_OK && more) {
        rc = read_header(statement, &document);
        if (rc == RC_OK)
            go_on = visit(context, &document);
    }
    if (statement)
        sql_done(statement);
    return rc;
}

/* ---- picks are read from what was told: few ask for them ---- */

static void copy_text(const json_t *object, const char *name, char *ret_text, size_t size)
{
    const char *text = json_string_value(json_object_get(object, name));
    snprintf(ret_text, size, "%s", text ? text : "");
}

static bool visit_picks(const json_t *line, bool (*visit)(void *context, const struct catalog_pick *pick),
                        void *context)
{
    const json_t *row = NULL, *list = json_object_get(line, "picks");
    bool go_on = true;
    for (size_t at = 0; go_on && (row = json_array_get(list, at)); at++) {
        struct catalog_pick pick = {0};
        const char *qty = json_string_value(json_object_get(row, "qty"));
        copy_text(line, "line", pick.line, sizeof pick.line);
        copy_text(row, "bin", pick.bin, sizeof pick.bin);
        copy_text(row, "lot", pick.lot, sizeof pick.lot);
        if (qty)
            (void)qty_parse(qty, &pick.qty); /* the feed has checked it */
        go_on = visit(context, &pick);
    }
    return go_on;
}

enum rc catalog_picks(struct catalog *catalog, const char *doc,
                      bool (*visit)(void *context, const struct catalog_pick *pick), void *context)
{
    json_t *body = NULL;
    enum rc rc = catalog_entity(catalog, "document", doc, &body);
    if (rc != RC_OK)
        return rc;
    const json_t *line = NULL, *lines = json_object_get(body, "lines");
    bool go_on = true;
    for (size_t at = 0; go_on && (line = json_array_get(lines, at)); at++)
        go_on = visit_picks(line, visit, context);
    json_decref(body);
    return RC_OK;
}
