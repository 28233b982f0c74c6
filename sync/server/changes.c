#include "sync/server/changes.h"
#include "sync/server/settled.h"
#include "sync/server/told.h"
#include "sync/wire/pull.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* HISTORY-N-EPOCH-SEQ, then -MARK, then .TOLD where there is one: the last change told, how far this device's records were in the
 * books when the pull before was through, what it saw then (scope.h), and the last change of its own told before a snapshot. Opaque to
 * the device. */
struct cursor {
    int64_t n, epoch, applied_seq, mark;
    int64_t told; /* of what concerns it alone; n but for a snapshot */
    bool begun;   /* not the beginning */
};

/* One page in the making. */
struct page {
    struct scope scope;
    struct cursor now; /* the device's watermark, before the changes that the page is made from were numbered */
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

enum rc changes_last(struct server *server, int64_t *ret_n)
{
    struct db_stmt *stmt = core_query(server, QUERY_CHANGE_LAST);
    bool row;
    enum rc rc = db_step(stmt, &row);
    if (!rc)
        *ret_n = row ? db_int(stmt, 0) : 0;
    db_reset(stmt);
    return rc;
}

static bool cursor_read(const struct server *server, const char *text, struct cursor *ret_cursor)
{
    size_t len = strlen(server->history);
    struct cursor cursor = {.begun = true};
    int used = 0, marked = 0;
    if (!text || !text[0]) {
        *ret_cursor = (struct cursor){0};
        return true;
    }
    if (strncmp(text, server->history, len) != 0 ||
        sscanf(text + len, "-%15" SCNd64 "-%15" SCNd64 "-%15" SCNd64 "%n", &cursor.n, &cursor.epoch,
               &cursor.applied_seq, &used) != 3 ||
        cursor.n < 0)
        return false;
    const char *rest = text + len + (size_t)used;
    if (sscanf(rest, "-%15" SCNd64 "%n", &cursor.mark, &marked) == 1)
        rest += marked;
    cursor.told = cursor.n;
    if (sscanf(rest, ".%15" SCNd64 "%n", &cursor.told, &marked) == 1)
        rest += marked;
    if (*rest || cursor.told < 0 || cursor.told > cursor.n)
        return false;
    *ret_cursor = cursor;
    return true;
}

void changes_cursor(const struct server *server, int64_t n, int64_t told, int64_t epoch, int64_t applied_seq,
                    int64_t mark, char *ret_text, size_t size)
{
    char marked[24] = "", before[24] = "";
    if (mark)
        snprintf(marked, sizeof marked, "-%" PRId64, mark);
    if (told < n)
        snprintf(before, sizeof before, ".%" PRId64, told);
    snprintf(ret_text, size, "%s-%" PRId64 "-%" PRId64 "-%" PRId64 "%s%s", server->history, n, epoch, applied_seq,
             marked, before);
}

int64_t changes_cursor_n(const struct server *server, const char *text, int64_t mark)
{
    struct cursor cursor;
    return cursor_read(server, text, &cursor) && cursor.mark == mark ? cursor.n : 0;
}

int64_t changes_cursor_told(const struct server *server, const char *text, int64_t mark)
{
    struct cursor cursor;
    return cursor_read(server, text, &cursor) && cursor.mark == mark ? cursor.told : 0;
}

static void cursor_print(const struct server *server, const struct page *page, char *ret_text, size_t size)
{
    const struct cursor *cursor = &page->cursor;
    changes_cursor(server, cursor->n, cursor->told, cursor->epoch, cursor->applied_seq, page->scope.mark, ret_text,
                   size);
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

static enum rc append_lines(struct page *page, const json_t *lines)
{
    const json_t *line;
    size_t i;
    enum rc rc = RC_OK;
    json_array_foreach(lines, i, line)
    {
        char *text = rc ? NULL : json_dumps(line, JSON_COMPACT);
        if (!rc)
            rc = text ? append(page, text, strlen(text)) : RC_NOMEM;
        free(text);
    }
    return rc;
}

static bool full(const struct page *page)
{
    return page->count >= PAGE_LINES_MAX || page->len >= CHANGES_PAGE_BYTES ||
           page->looked_at >= CHANGES_LOOKED_AT_MAX;
}

/* What no page has room for; nobody names a code in so many recalls. */
static void cut(const struct server *server, const char *type, const char *id, json_t *lines)
{
    if (json_array_size(lines) > PAGE_LINES_MAX)
        core_log(server, "cut", "%s %s takes %zu lines, a page has %d: the last are not told", type, id,
                 json_array_size(lines), PAGE_LINES_MAX);
    while (json_array_size(lines) > PAGE_LINES_MAX)
        json_array_remove(lines, json_array_size(lines) - 1);
}

/* One change may take more than a line: a code, and the recalls that name it. *ret_fits: they are in this page; else it is as it was, and
 * they begin the next one. */
static enum rc append_change(struct server *server, struct page *page, const char *type, const char *id,
                             bool *ret_fits)
{
    json_t *lines = json_array();
    int count = page->count;
    size_t len = page->len;
    enum rc rc = lines ? told_lines(server, &page->scope, type, id, lines) : RC_NOMEM;
    if (count == 0)
        cut(server, type, id, lines);
    if (!rc)
        rc = append_lines(page, lines);
    json_decref(lines);
    *ret_fits = count == 0 || (page->count <= PAGE_LINES_MAX && page->len <= PAGE_BODY_MAX - MESSAGE_BODY_MAX);
    if (!rc && !*ret_fits) {
        page->count = count;
        page->len = len;
    }
    return rc;
}

/* The next change goes in; *ret_fits: it did. */
static enum rc take_change(struct server *server, struct page *page, struct db_stmt *stmt, bool *ret_fits)
{
    char type[16], id[FEED_ID_MAX + 1];
    int64_t n = db_int(stmt, 0);
    page->looked_at++;
    snprintf(type, sizeof type, "%s", db_text(stmt, 1));
    snprintf(id, sizeof id, "%s", db_text(stmt, 2));
    enum rc rc = append_change(server, page, type, id, ret_fits);
    if (!rc && *ret_fits)
        page->cursor.n = page->cursor.told = n;
    return rc;
}

/* The changes that come next, as many as are read at once. *ret_rest: there may be more. */
static enum rc fill_some(struct server *server, struct page *page, bool *ret_rest)
{
    struct db_stmt *stmt = core_query(server, QUERY_CHANGE_AFTER);
    bool row = true, fits = true;
    int count = 0;
    db_bind_int(stmt, 1, page->cursor.n);
    db_bind_int(stmt, 2, CHANGES_READ_MAX);
    enum rc rc = db_step(stmt, &row);
    for (; !rc && row && fits && !full(page); count++) {
        rc = take_change(server, page, stmt, &fits);
        if (!rc && fits)
            rc = db_step(stmt, &row);
    }
    page->more = !rc && row;
    *ret_rest = !rc && !row && count == CHANGES_READ_MAX;
    db_reset(stmt);
    return rc;
}

/* What concerns this device alone, of the time before the snapshot that it has. *ret_rest: not all of that is in this page. */
static enum rc fill_passed(struct server *server, struct page *page, bool *ret_rest)
{
    json_t *lines = json_array();
    enum rc rc = lines ? settled_between(server, &page->scope, &page->cursor.told, page->cursor.n, lines) : RC_NOMEM;
    if (!rc)
        rc = append_lines(page, lines);
    json_decref(lines);
    *ret_rest = page->more = page->cursor.told < page->cursor.n;
    return rc;
}

static enum rc fill(struct server *server, struct page *page)
{
    bool rest = true, passed = false;
    enum rc rc = page->cursor.told < page->cursor.n ? fill_passed(server, page, &passed) : RC_OK;
    if (passed)
        return rc;
    while (!rc && rest)
        rc = fill_some(server, page, &rest);
    return rc;
}

static enum rc read_watermark(struct server *server, int64_t device, struct cursor *ret_now)
{
    struct db_stmt *stmt = core_query(server, QUERY_STREAM_LAST);
    bool row;
    db_bind_int(stmt, 1, device);
    enum rc rc = db_step(stmt, &row);
    if (!rc && row)
        *ret_now = (struct cursor){.epoch = db_int(stmt, 0), .applied_seq = db_int(stmt, 1), .begun = true};
    db_reset(stmt);
    return rc;
}

/* So many of those that wait get their numbers, those up to `last`. What is committed later gets later ones: whoever numbers is
 * alone, and a page is read from what is numbered. */
static enum rc number_some(struct server *server, int64_t last, bool *ret_rest)
{
    struct db_stmt *stmt;
    bool row = false;
    enum rc rc = db_begin_number(server->db);
    if (rc)
        return rc;
    stmt = core_query(server, QUERY_CHANGE_NUMBER);
    db_bind_int(stmt, 1, last);
    db_bind_int(stmt, 2, CHANGES_NUMBERED_MAX);
    rc = db_step(stmt, &row);
    *ret_rest = !rc && row && db_int(stmt, 0) == CHANGES_NUMBERED_MAX;
    db_reset(stmt);
    if (!rc)
        return db_commit(server->db);
    db_rollback(server->db);
    return rc;
}

enum rc changes_number(struct server *server)
{
    bool row = false, rest;
    int64_t last;
    if (!db_numbers_late(server->db))
        return RC_OK;
    struct db_stmt *stmt = core_query(server, QUERY_CHANGE_WAITING);
    enum rc rc = db_step(stmt, &row);
    last = !rc && row ? db_int(stmt, 0) : 0;
    db_reset(stmt);
    for (rest = last > 0; !rc && rest;)
        rc = number_some(server, last, &rest);
    return rc;
}

enum rc changes_page(struct server *server, struct scope *scope, int64_t *n, char **ret_lines, size_t *ret_len,
                     bool *ret_more)
{
    struct page page = {.scope = *scope, .cursor = {.n = *n, .told = *n}};
    enum rc rc = fill(server, &page);
    *scope = page.scope;
    if (rc) {
        free(page.lines);
        return rc;
    }
    *n = page.cursor.n;
    *ret_lines = page.lines;
    *ret_len = page.len;
    *ret_more = page.more;
    return RC_OK;
}

/* What a page states as applied must be in it or in those before: only the last page of a pull may go on to the present
 * watermark, earlier ones repeat what the pull before stated. */
static void state_watermark(struct page *page)
{
    if (page->more || !page->now.begun)
        return;
    page->cursor.epoch = page->now.epoch;
    page->cursor.applied_seq = page->now.applied_seq;
}

static enum rc make_page(struct server *server, const struct answer_peer *peer, struct page *page)
{
    enum rc rc = read_watermark(server, peer->device, &page->now);
    if (!rc)
        rc = changes_number(server);
    if (!rc)
        rc = db_begin_read(server->db);
    if (rc)
        return rc;
    rc = scope_read(server, peer->device, peer->site, &page->scope);
    if (!rc && page->cursor.begun && page->cursor.mark != page->scope.mark)
        rc = RC_GONE;
    if (!rc)
        rc = fill(server, page);
    if (!rc)
        state_watermark(page);
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
    if (rc == RC_GONE) {
        answer_no(server, 410, REFUSAL_CURSOR_TOO_OLD, "this device sees otherwise now: take everything again",
                  ret_reply);
    } else if (rc) {
        answer_failed(server, rc, "making a page", ret_reply);
    } else {
        struct pull_reply reply = {.head = answer_head(server),
                                   .more = page.more,
                                   .epoch = page.cursor.epoch,
                                   .applied_seq = page.cursor.applied_seq,
                                   .count = page.count,
                                   .lines = page.lines ? page.lines : "",
                                   .lines_len = page.len};
        cursor_print(server, &page, reply.cursor, sizeof reply.cursor);
        rc = pull_reply_encode(&reply, &text, &len);
        answer_ok(server, rc, text, len, ret_reply);
    }
    scope_free(&page.scope);
    free(page.lines);
}
