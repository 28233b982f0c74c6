#include "sync/server/settled.h"
#include "app/catalog/feed.h"
#include "app/catalog/feed_check.h"
#include "app/domain/date.h"
#include "sync/server/changes.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ID_TEXT_MAX = 63 };

/* A record of a device, as conflicts name it. */
struct place {
    int64_t device, epoch, seq;
};

enum rc settled_note(struct server *server, int64_t device, int64_t epoch, int64_t seq)
{
    char id[ID_TEXT_MAX + 1];
    snprintf(id, sizeof id, "%" PRId64 "|%" PRId64 "|%" PRId64, device, epoch, seq);
    return changes_note(server, SETTLED_TYPE, id);
}

/* ---- a manager's word ---- */

static enum rc read_conflict(struct server *server, int64_t number, struct place *ret_place,
                             struct settled_before *ret_before)
{
    struct db_stmt *stmt = core_query(server, QUERY_CONFLICT_STATE);
    bool row = false;
    db_bind_int(stmt, 1, number);
    enum rc rc = db_step(stmt, &row);
    if (rc || !row)
        return rc ? rc : RC_NOT_FOUND;
    bool closed = db_int(stmt, 5) != 0, open = !closed && strcmp(db_text(stmt, 3), "not-mine") == 0;
    *ret_place = (struct place){db_int(stmt, 0), db_int(stmt, 1), db_int(stmt, 2)};
    *ret_before = (struct settled_before){.what = ""};
    if (!open)
        snprintf(ret_before->what, sizeof ret_before->what, "%s", closed ? "closed" : db_text(stmt, 3));
    if (!open)
        snprintf(ret_before->by, sizeof ret_before->by, "%s", db_text(stmt, closed ? 6 : 4));
    db_reset(stmt);
    return RC_OK;
}

static enum rc write_close(struct server *server, int64_t number, const char *reason, const char *by)
{
    struct db_stmt *stmt = core_query(server, QUERY_CONFLICT_CLOSE);
    db_bind_int(stmt, 1, number);
    db_bind_int(stmt, 2, core_now_ms(server));
    db_bind_text(stmt, 3, by);
    db_bind_text(stmt, 4, reason);
    return db_run(stmt);
}

enum rc settled_close(struct server *server, int64_t number, const char *reason, const char *by,
                      struct settled_before *ret_before)
{
    struct place place;
    struct settled_before before;
    enum rc rc = db_begin(server->db);
    if (rc)
        return rc;
    rc = read_conflict(server, number, &place, &before);
    bool open = !rc && !before.what[0];
    if (open)
        rc = write_close(server, number, reason, by);
    if (open && !rc)
        rc = settled_note(server, place.device, place.epoch, place.seq);
    if (!rc)
        rc = db_commit(server->db);
    else
        db_rollback(server->db);
    if (!rc)
        *ret_before = before;
    return rc;
}

/* ---- what its device is told ---- */

/* The conflicts of one record, taken together. */
struct closed {
    int open;                    /* so many are */
    char what[WORD_MAX + 1];     /* the manager's word, else what was answered last; "" there are none */
    char by[NAME_MAX_BYTES + 1]; /* who */
    char at[TIME_TEXT_MAX + 1], reason[NAME_MAX_BYTES + 1];
};

static void take_row(struct db_stmt *stmt, struct closed *closed)
{
    bool by_manager = db_int(stmt, 3) != 0;
    const char *what = db_text(stmt, 0);
    if (!by_manager && (!what[0] || strcmp(what, "not-mine") == 0)) {
        closed->open++;
        return;
    }
    if (!by_manager && strcmp(closed->what, "closed") == 0)
        return;
    snprintf(closed->what, sizeof closed->what, "%s", by_manager ? "closed" : what);
    snprintf(closed->by, sizeof closed->by, "%s", db_text(stmt, by_manager ? 4 : 1));
    snprintf(closed->reason, sizeof closed->reason, "%s", by_manager ? db_text(stmt, 5) : "");
    if (by_manager)
        time_print(db_int(stmt, 3), 0, closed->at);
    else
        snprintf(closed->at, sizeof closed->at, "%s", db_text(stmt, 2));
}

static enum rc read_closed(struct server *server, const struct place *place, struct closed *ret_closed)
{
    struct db_stmt *stmt = core_query(server, QUERY_CONFLICT_CLOSED);
    struct closed closed = {.open = 0};
    bool row = true;
    enum rc rc = RC_OK;
    db_bind_int(stmt, 1, place->device);
    db_bind_int(stmt, 2, place->epoch);
    db_bind_int(stmt, 3, place->seq);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (!rc && row)
            take_row(stmt, &closed);
    }
    db_reset(stmt);
    *ret_closed = closed;
    return rc;
}

/* What no page takes as it is would hold up all that comes after it: another device wrote some of it. */
static void add_text(json_t *line, const char *name, const char *text, bool id)
{
    char shown[NAME_MAX_BYTES + 1];
    snprintf(shown, sizeof shown, "%s", text);
    feed_printable(shown);
    if (shown[0] && (!id || feed_is_id(shown)))
        json_object_set_new(line, name, json_string(shown));
}

/* Who and why stay with the owner's people. */
static json_t *line_of(const struct place *place, const struct closed *closed, bool dealer)
{
    json_t *line = json_pack("{s:s, s:I, s:I}", "type", SETTLED_TYPE, "epoch", (json_int_t)place->epoch, "seq",
                             (json_int_t)place->seq);
    if (!line || closed->open || !closed->what[0]) {
        json_object_set_new(line, "gone", json_true());
        return line;
    }
    json_object_set_new(line, "what", json_string(closed->what));
    add_text(line, "at", closed->at, false);
    if (!dealer) {
        add_text(line, "by", closed->by, false);
        add_text(line, "reason", closed->reason, false);
    }
    return line;
}

enum rc settled_lines(struct server *server, const struct scope *scope, const char *id, json_t *lines)
{
    struct place place;
    struct closed closed;
    if (sscanf(id, "%15" SCNd64 "|%15" SCNd64 "|%15" SCNd64, &place.device, &place.epoch, &place.seq) != 3 ||
        place.device != scope->device)
        return RC_OK;
    enum rc rc = read_closed(server, &place, &closed);
    json_t *line = rc ? NULL : line_of(&place, &closed, scope->dealer);
    return rc ? rc : line && json_array_append_new(lines, line) == 0 ? RC_OK : RC_NOMEM;
}

enum rc settled_between(struct server *server, const struct scope *scope, int64_t *from, int64_t to, json_t *lines)
{
    char first[ID_TEXT_MAX + 1], end[ID_TEXT_MAX + 1], id[ID_TEXT_MAX + 1];
    struct db_stmt *stmt = core_query(server, QUERY_CHANGE_SETTLED);
    bool row = true;
    int count = 0;
    int64_t last = *from;
    enum rc rc = RC_OK;
    snprintf(first, sizeof first, "%" PRId64 "|", scope->device);
    snprintf(end, sizeof end, "%" PRId64 "}", scope->device); /* what comes after '|' */
    db_bind_text(stmt, 1, first);
    db_bind_text(stmt, 2, end);
    db_bind_int(stmt, 3, *from);
    db_bind_int(stmt, 4, to);
    db_bind_int(stmt, 5, SETTLED_LINES_MAX);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (rc || !row)
            continue;
        last = db_int(stmt, 0);
        snprintf(id, sizeof id, "%s", db_text(stmt, 1));
        rc = settled_lines(server, scope, id, lines);
        count++;
    }
    db_reset(stmt);
    if (!rc)
        *from = count == SETTLED_LINES_MAX ? last : to;
    return rc;
}
