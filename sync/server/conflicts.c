#include "sync/server/conflicts.h"
#include "app/domain/date.h"
#include "sync/server/settled.h"
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum rc conflicts_add(struct server *server, const struct conflict *conflict)
{
    struct db_stmt *stmt = core_query(server, QUERY_CONFLICT_ADD);
    db_bind_int(stmt, 1, core_now_ms(server));
    db_bind_text(stmt, 2, conflict->kind);
    db_bind_text(stmt, 3, conflict->key);
    db_bind_int(stmt, 4, conflict->device);
    db_bind_int(stmt, 5, conflict->epoch);
    db_bind_int(stmt, 6, conflict->seq);
    db_bind_text(stmt, 7, conflict->doc);
    if (conflict->other) {
        db_bind_int(stmt, 8, conflict->other->device);
        db_bind_int(stmt, 9, conflict->other->epoch);
        db_bind_int(stmt, 10, conflict->other->seq);
        db_bind_text(stmt, 11, conflict->other->doc);
    }
    db_bind_text(stmt, 12, conflict->detail);
    db_bind_int(stmt, 13, conflict->scan_seq);
    core_log(server, "conflict", "%s: device %lld epoch %lld record %lld", conflict->kind,
             (long long)conflict->device, (long long)conflict->epoch, (long long)conflict->seq);
    return db_run(stmt);
}

/* ---- what its device is told ---- */

struct found {
    struct push_about about;
    struct conflict_record other; /* device 0: none is named */
    char kind[WORD_MAX + 1], key[CODE_KEY_MAX + 1], detail[HOLDER_MAX + 1];
};

/* What needs no more room in a message than it has bytes; anything else is not said. Another device wrote it. */
static void copy(char *ret_text, size_t size, const char *text)
{
    bool plain = text != NULL;
    for (const char *at = text; plain && *at; at++)
        plain = (unsigned char)*at >= ' ' && *at != '"' && *at != '\\' && (size_t)(at - text) + 1 < size;
    if (plain)
        snprintf(ret_text, size, "%s", text);
}

static enum rc read_conflict(struct server *server, const struct conflict_record *record, struct found *found)
{
    struct db_stmt *stmt = core_query(server, QUERY_CONFLICT_ABOUT);
    bool row;
    db_bind_int(stmt, 1, record->device);
    db_bind_int(stmt, 2, record->epoch);
    db_bind_int(stmt, 3, record->seq);
    enum rc rc = db_step(stmt, &row);
    if (!rc && row) {
        found->about.number = db_int(stmt, 0);
        time_print(db_int(stmt, 1), 0, found->about.at);
        copy(found->kind, sizeof found->kind, db_text(stmt, 2));
        copy(found->key, sizeof found->key, db_text(stmt, 3));
        found->other = (struct conflict_record){db_int(stmt, 4), db_int(stmt, 5), db_int(stmt, 6), ""};
        copy(found->detail, sizeof found->detail, db_text(stmt, 7));
    }
    db_reset(stmt);
    return rc;
}

/* Nobody's tally, the books: whose record brought the goods to where they are. */
static enum rc read_mover(struct server *server, struct found *found)
{
    struct db_stmt *stmt = core_query(server, QUERY_MOVEMENT_LAST);
    bool row;
    db_bind_text(stmt, 1, found->key);
    enum rc rc = db_step(stmt, &row);
    if (!rc && row)
        found->other = (struct conflict_record){db_int(stmt, 0), db_int(stmt, 1), db_int(stmt, 2), ""};
    db_reset(stmt);
    return rc;
}

static enum rc read_other(struct server *server, const char *site, struct found *found)
{
    struct db_stmt *stmt = core_query(server, QUERY_RECORD_GET);
    bool row;
    db_bind_int(stmt, 1, found->other.device);
    db_bind_int(stmt, 2, found->other.epoch);
    db_bind_int(stmt, 3, found->other.seq);
    enum rc rc = db_step(stmt, &row);
    json_t *body = !rc && row ? json_loads(db_text(stmt, 3), JSON_ALLOW_NUL, NULL) : NULL;
    db_reset(stmt);
    const char *its_site = json_string_value(json_object_get(body, "site"));
    struct push_about *about = &found->about;
    if (body) {
        about->device = found->other.device;
        copy(about->at, sizeof about->at, json_string_value(json_object_get(body, "at")));
    }
    if (its_site && strcmp(its_site, site) == 0) {
        copy(about->operator, sizeof about->operator, json_string_value(json_object_get(body, "operator")));
        copy(about->no, sizeof about->no, json_string_value(json_object_get(body, "no")));
    }
    json_decref(body);
    return rc;
}

enum rc conflicts_about(struct server *server, const struct conflict_record *record, const char *site, bool dealer,
                        struct push_about *ret_about)
{
    struct found found = {.about = {.number = 0}};
    enum rc rc = read_conflict(server, record, &found);
    bool books = strcmp(found.kind, "false-holder") == 0;
    if (!rc && found.about.number && !dealer) {
        if (books && !found.other.device)
            rc = read_mover(server, &found);
        if (!rc && found.other.device)
            rc = read_other(server, site, &found);
        if (books)
            copy(found.about.holder, sizeof found.about.holder, found.detail);
    }
    if (!rc && found.about.number)
        *ret_about = found.about;
    return rc;
}

/* ---- what was done about it ---- */

enum rc conflicts_answer(struct server *server, int64_t of, const struct conflict_answer *answer)
{
    struct db_stmt *stmt = core_query(server, QUERY_CONFLICT_ANSWER);
    bool row;
    db_bind_int(stmt, 1, answer->device);
    db_bind_int(stmt, 2, answer->epoch);
    db_bind_int(stmt, 3, of);
    db_bind_text(stmt, 4, answer->what);
    db_bind_text(stmt, 5, answer->operator);
    db_bind_text(stmt, 6, answer->supervisor);
    db_bind_text(stmt, 7, answer->at);
    db_bind_int(stmt, 8, answer->seq);
    enum rc rc = db_step(stmt, &row);
    db_reset(stmt);
    if (!rc && !row)
        rc = RC_NOT_FOUND;
    return rc ? rc : settled_note(server, answer->device, answer->epoch, of);
}

enum rc conflicts_taken(struct server *server, int64_t of, const struct conflict_answer *answer)
{
    struct db_stmt *stmt = core_query(server, QUERY_CONFLICT_TAKEN);
    bool row = true;
    enum rc rc = RC_OK;
    db_bind_int(stmt, 1, answer->device);
    db_bind_int(stmt, 2, answer->epoch);
    db_bind_int(stmt, 3, of);
    db_bind_text(stmt, 4, answer->operator);
    db_bind_text(stmt, 5, answer->at);
    db_bind_int(stmt, 6, answer->seq);
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (!rc && row)
            rc = settled_note(server, answer->device, answer->epoch, db_int(stmt, 0));
    }
    db_reset(stmt);
    return rc;
}
