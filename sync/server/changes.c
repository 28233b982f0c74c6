#include "sync/server/changes.h"
#include "sync/server/entities.h"
#include "sync/server/units.h"
#include "sync/wire/pull.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* HISTORY-N-EPOCH-SEQ: the last change told, and how far this device's records were in the books when the pull before
 * was through. Opaque to the device. */
struct cursor {
    int64_t n, epoch, applied_seq;
};

/* One page in the making. */
struct page {
    struct entities_scope scope;
    struct cursor cursor;
    bool more;
    int count, looked_at;
    char *lines;
    size_t len, room;
};

enum rc changes_note(struct server *server, const char *type, const char *id)
{
    struct db_stmt *stmt = core_query(server, QUERY_CHANGE_ADD);
    db_bind_text(stmt, 1, type);
    db_bind_text(stmt, 2, id);
    return db_run(stmt);
}

static bool cursor_read(const struct server *server, const char *text, struct cursor *ret_cursor)
{
    size_t len = strlen(server->history);
    struct cursor cursor;
    int used = 0;
    if (!text || !text[0]) {
        *ret_cursor = (struct cursor){0};
        return true;
    }
    if (strncmp(text, server->history, len) != 0 ||
        sscanf(text + len, "-%15" SCNd64 "-%15" SCNd64 "-%15" SCNd64 "%n", &cursor.n, &cursor.epoch,
               &cursor.applied_seq, &used) != 3 ||
        text[len + (size_t)used] || cursor.n < 0)
        return false;
    *ret_cursor = cursor;
    return true;
}

static enum rc append(struct page *page, const char *text, size_t len)
{
    if (page->len + len + 1 > page->room) {
        size_t room = 2 * (page->len + len + 1);
        char *lines = realloc(page->lines, room);
        if (!lines)
            return RC_NOMEM;
        page->lines = lines;
        page->room = room;
    }
    memcpy(page->lines + page->len, text, len);
    page->lines[page->len + len] = '\n';
    page->len += len + 1;
    page->count++;
    return RC_OK;
}

static enum rc append_entity(struct server *server, struct page *page, const char *type, const char *id)
{
    json_t *line = NULL;
    enum rc rc = strcmp(type, "code") == 0 ? units_line(server, id, &line)
                                           : entities_line(server, &page->scope, type, id, &line);
    if (rc || !line)
        return rc;
    char *text = json_dumps(line, JSON_COMPACT);
    json_decref(line);
    rc = text ? append(page, text, strlen(text)) : RC_NOMEM;
    free(text);
    return rc;
}

static bool full(const struct page *page)
{
    return page->count >= PAGE_LINES_MAX || page->len >= CHANGES_PAGE_BYTES ||
           page->looked_at >= CHANGES_LOOKED_AT_MAX;
}

static enum rc fill(struct server *server, struct page *page)
{
    struct db_stmt *stmt = core_query(server, QUERY_CHANGE_AFTER);
    char type[16], id[FEED_ID_MAX + 1];
    bool row = true;
    db_bind_int(stmt, 1, page->cursor.n);
    enum rc rc = db_step(stmt, &row);
    while (!rc && row && !full(page)) {
        page->cursor.n = db_int(stmt, 0);
        page->looked_at++;
        snprintf(type, sizeof type, "%s", db_text(stmt, 1));
        snprintf(id, sizeof id, "%s", db_text(stmt, 2));
        rc = append_entity(server, page, type, id);
        if (!rc)
            rc = db_step(stmt, &row);
    }
    page->more = !rc && row;
    db_reset(stmt);
    return rc;
}

/* What a page states as applied must be in it or in those before: only the last page of a pull may go on to the present
 * watermark, earlier ones repeat what the pull before stated. */
static enum rc watermark(struct server *server, struct page *page)
{
    struct db_stmt *stmt = core_query(server, QUERY_STREAM_LAST);
    bool row;
    if (page->more)
        return RC_OK;
    db_bind_int(stmt, 1, page->scope.device);
    enum rc rc = db_step(stmt, &row);
    if (!rc && row) {
        page->cursor.epoch = db_int(stmt, 0);
        page->cursor.applied_seq = db_int(stmt, 1);
    }
    db_reset(stmt);
    return rc;
}

static enum rc make_page(struct server *server, const struct answer_peer *peer, struct page *page)
{
    enum rc rc = db_begin_read(server->db);
    if (rc)
        return rc;
    rc = entities_scope(server, peer->device, peer->site, &page->scope);
    if (!rc)
        rc = fill(server, page);
    if (!rc)
        rc = watermark(server, page);
    if (rc)
        db_rollback(server->db);
    else
        rc = db_commit(server->db);
    return rc;
}

void changes_pull(struct server *server, const struct answer_peer *peer, const struct api_request *request,
                  struct api_reply *ret_reply)
{
    struct page page = {0};
    char *text = NULL;
    size_t len = 0;
    if (!cursor_read(server, request->cursor, &page.cursor)) {
        answer_no(server, 410, REFUSAL_CURSOR_TOO_OLD, "this cursor is not known: take everything again", ret_reply);
        return;
    }
    enum rc rc = make_page(server, peer, &page);
    if (rc) {
        answer_failed(server, rc, "making a page", ret_reply);
    } else {
        struct pull_reply reply = {.head = answer_head(server),
                                   .more = page.more,
                                   .epoch = page.cursor.epoch,
                                   .applied_seq = page.cursor.applied_seq,
                                   .count = page.count,
                                   .lines = page.lines ? page.lines : "",
                                   .lines_len = page.len};
        snprintf(reply.cursor, sizeof reply.cursor, "%s-%" PRId64 "-%" PRId64 "-%" PRId64, server->history,
                 page.cursor.n, page.cursor.epoch, page.cursor.applied_seq);
        rc = pull_reply_encode(&reply, &text, &len);
        answer_ok(server, rc, text, len, ret_reply);
    }
    free(page.lines);
}
