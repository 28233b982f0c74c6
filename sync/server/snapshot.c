#include "sync/server/snapshot.h"
#include "sync/server/changes.h"
#include "sync/server/entities.h"
#include "sync/server/scope.h"
#include "sync/server/snapshot_make.h"
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 200 };

static const char BYTES_PATH[] = "/v1/snapshot/";

struct snapshots {
    struct server *server;
    char folder[SHELF_FOLDER_MAX + 1]; /* "" none */
    pthread_t thread;
    bool begun; /* the thread is to be joined */
    bool over;  /* it has nothing left to do; under the server's lock, as what follows */
    pthread_cond_t ended;
    atomic_bool stop;
    char site[ID_MAX + 1];
    enum rc rc;
    int64_t lines, size, failed_ms;
    char hash[SNAPSHOT_HASH_TEXT + 1];
};

enum rc snapshots_new(struct server *server, const char *folder, struct snapshots **ret_snapshots)
{
    struct snapshots *snapshots = calloc(1, sizeof *snapshots);
    if (!snapshots)
        return RC_NOMEM;
    if (folder && strlen(folder) > SHELF_FOLDER_MAX) {
        free(snapshots);
        return RC_TOO_BIG;
    }
    snprintf(snapshots->folder, sizeof snapshots->folder, "%s", folder ? folder : "");
    snapshots->server = server;
    pthread_cond_init(&snapshots->ended, NULL);
    atomic_init(&snapshots->stop, false);
    *ret_snapshots = snapshots;
    return RC_OK;
}

static void join(struct snapshots *snapshots)
{
    if (snapshots->begun)
        pthread_join(snapshots->thread, NULL);
    snapshots->begun = false;
}

void snapshots_free(struct snapshots *snapshots)
{
    if (!snapshots)
        return;
    atomic_store(&snapshots->stop, true);
    join(snapshots);
    pthread_cond_destroy(&snapshots->ended);
    free(snapshots);
}

/* ---- making ---- */

static void tell_made(const struct snapshots *snapshots)
{
    if (snapshots->rc)
        core_log(snapshots->server, "failed", "making a snapshot for site %s: %s", snapshots->site,
                 rc_word(snapshots->rc));
    else
        core_log(snapshots->server, "snapshot", "for site %s: %" PRId64 " lines, %" PRId64 " bytes, %s",
                 snapshots->site, snapshots->lines, snapshots->size, snapshots->hash);
}

static void *make(void *context)
{
    struct snapshots *snapshots = context;
    struct shelf_entry entry = {.mark = 0};
    struct server *beside = NULL;
    long lines = 0;
    enum rc rc = server_beside(snapshots->server, &beside);
    if (!rc)
        rc = snapshot_make(beside, snapshots->folder, snapshots->site, &snapshots->stop, &entry, &lines);
    server_close(beside);
    pthread_mutex_lock(&snapshots->server->lock);
    snapshots->rc = rc;
    snapshots->lines = lines;
    snapshots->size = entry.size;
    memcpy(snapshots->hash, entry.hash, sizeof snapshots->hash);
    if (rc)
        snapshots->failed_ms = core_now_ms(snapshots->server);
    snapshots->over = true;
    tell_made(snapshots);
    pthread_cond_broadcast(&snapshots->ended);
    pthread_mutex_unlock(&snapshots->server->lock);
    shelf_entry_free(&entry);
    return NULL;
}

/* RC_BUSY while another one is made. */
static enum rc begin(struct snapshots *snapshots, const char *site)
{
    if (snapshots->begun && !snapshots->over)
        return RC_BUSY;
    join(snapshots);
    snapshots->over = false;
    snprintf(snapshots->site, sizeof snapshots->site, "%s", site);
    snapshots->begun = pthread_create(&snapshots->thread, NULL, make, snapshots) == 0;
    return snapshots->begun ? RC_OK : RC_NOMEM;
}

static void begin_by_itself(struct server *server, const char *site)
{
    struct snapshots *snapshots = server->snapshots;
    int64_t since_ms = core_now_ms(server) - snapshots->failed_ms;
    if (snapshots->failed_ms && since_ms >= 0 && since_ms < SNAPSHOT_FAILED_PAUSE_S * 1000)
        return;
    (void)begin(snapshots, site); /* what can't begin now is asked for again */
}

/* Whoever serves has signals blocked, and looks at them when this is over. */
static bool told_to_stop(void)
{
    sigset_t pending;
    return sigpending(&pending) == 0 && (sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1);
}

static void wait_a_while(struct snapshots *snapshots)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += LOOK_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_cond_timedwait(&snapshots->ended, &snapshots->server->lock, &until);
}

enum rc snapshot_make_now(struct server *server, const char *site, FILE *out)
{
    struct snapshots *snapshots = server->snapshots;
    json_t *body = NULL;
    enum rc rc = snapshots->folder[0] ? entities_get(server, "site", site, &body) : RC_USAGE;
    json_decref(body);
    if (!rc)
        rc = begin(snapshots, site);
    if (rc)
        return rc;
    while (!snapshots->over) {
        if (told_to_stop())
            atomic_store(&snapshots->stop, true);
        wait_a_while(snapshots);
    }
    if (!snapshots->rc)
        fprintf(out, "site %s: %" PRId64 " lines, %" PRId64 " bytes, %s\n", site, snapshots->lines, snapshots->size,
                snapshots->hash);
    return snapshots->rc;
}

/* ---- offering ---- */

/* At least so many changes lie after `from` and up to `to`. */
static enum rc lie_between(struct server *server, int64_t from, int64_t to, int64_t least, bool *ret_lie)
{
    struct db_stmt *stmt = core_query(server, QUERY_CHANGE_COUNT);
    bool row = false;
    db_bind_int(stmt, 1, from);
    db_bind_int(stmt, 2, to);
    db_bind_int(stmt, 3, least);
    enum rc rc = db_step(stmt, &row);
    if (!rc)
        *ret_lie = row && db_int(stmt, 0) >= least;
    db_reset(stmt);
    return rc;
}

static bool find_entry(const struct server *server, const struct scope *scope, struct shelf_entry *ret_entry)
{
    if (!server->snapshots->folder[0] ||
        shelf_find(server->snapshots->folder, scope->site, scope->mark, ret_entry) != RC_OK)
        return false;
    if (strcmp(ret_entry->history, server->history) == 0)
        return true;
    shelf_entry_free(ret_entry);
    return false;
}

/* What the device lacks decides. *ret_offer: the entry is for it. */
static enum rc decide(struct server *server, const struct scope *scope, int64_t from, struct shelf_entry *entry,
                      bool *ret_offer)
{
    bool much = false, stale = true;
    bool have = find_entry(server, scope, entry);
    int64_t least = server->options.snapshot_changes > 0 ? server->options.snapshot_changes : SNAPSHOT_OFFER_CHANGES;
    enum rc rc = have ? lie_between(server, from, entry->n, least, ret_offer) : RC_OK;
    if (!rc && have)
        rc = lie_between(server, entry->n, INT64_MAX, SNAPSHOT_STALE_CHANGES, &stale);
    if (!rc && stale)
        rc = lie_between(server, from, INT64_MAX, SNAPSHOT_MAKE_CHANGES, &much);
    if (!rc && stale && much && server->snapshots->folder[0])
        begin_by_itself(server, scope->site);
    return rc;
}

static void watermark_of(const struct shelf_entry *entry, int64_t device, int64_t *ret_epoch, int64_t *ret_seq)
{
    const json_t *row;
    size_t i;
    *ret_epoch = *ret_seq = 0;
    json_array_foreach(entry->devices, i, row)
    {
        if (json_integer_value(json_array_get(row, 0)) != device)
            continue;
        *ret_epoch = json_integer_value(json_array_get(row, 1));
        *ret_seq = json_integer_value(json_array_get(row, 2));
    }
}

static void answer_offer(struct server *server, const struct scope *scope, const struct shelf_entry *entry,
                         const char *cursor, struct api_reply *ret_reply)
{
    int64_t told = changes_cursor_told(server, cursor, scope->mark);
    struct snapshot_reply reply = {.head = answer_head(server), .size = entry->size, .schema = entry->schema};
    char *text = NULL;
    size_t len = 0;
    watermark_of(entry, scope->device, &reply.epoch, &reply.applied_seq);
    changes_cursor(server, entry->n, told, reply.epoch, reply.applied_seq, scope->mark, reply.cursor,
                   sizeof reply.cursor);
    sodium_hex2bin(reply.hash, sizeof reply.hash, entry->hash, SNAPSHOT_HASH_TEXT, NULL, NULL, NULL);
    enum rc rc = snapshot_reply_encode(&reply, &text, &len);
    answer_ok(server, rc, text, len, ret_reply);
}

/* No refusal that counts: most devices have nothing to gain. */
static void answer_none(struct server *server, struct api_reply *ret_reply)
{
    struct refusal refusal = {.head = answer_head(server), .kind = REFUSAL_NOT_FOUND};
    char *text = NULL;
    size_t len = 0;
    snprintf(refusal.text, sizeof refusal.text, "there is no snapshot for this device now: pull");
    int status = refusal_encode(&refusal, &text, &len) ? 500 : 404;
    *ret_reply = (struct api_reply){.status = status, .body = text, .body_len = len};
}

void snapshot_offer(struct server *server, const struct answer_peer *peer, const struct api_request *request,
                    struct api_reply *ret_reply)
{
    struct scope scope = {.device = 0};
    struct shelf_entry entry = {.mark = 0};
    bool offer = false;
    enum rc rc = changes_number(server);
    if (!rc)
        rc = scope_read(server, peer->device, peer->site, &scope);
    if (!rc)
        rc = decide(server, &scope, changes_cursor_n(server, request->cursor, scope.mark), &entry, &offer);
    if (rc)
        answer_failed(server, rc, "looking for a snapshot", ret_reply);
    else if (offer)
        answer_offer(server, &scope, &entry, request->cursor, ret_reply);
    else
        answer_none(server, ret_reply);
    shelf_entry_free(&entry);
    scope_free(&scope);
}

/* ---- bytes ---- */

/* "bytes=FROM-", "bytes=FROM-TO"; any other, or none: all. False: there are no such bytes. */
static bool read_range(const char *text, struct api_file *file)
{
    int64_t from = 0, to = file->size - 1;
    int used = 0;
    file->part = false;
    file->from = 0;
    file->len = file->size;
    if (!text || sscanf(text, "bytes=%18" SCNd64 "-%n", &from, &used) != 1 || used == 0 || from < 0)
        return true;
    if (text[used] && (sscanf(text + used, "%18" SCNd64, &to) != 1 || to < from))
        return true;
    if (from >= file->size)
        return false;
    file->part = true;
    file->from = from;
    file->len = (to < file->size ? to + 1 : file->size) - from;
    return true;
}

void snapshot_bytes(struct server *server, const struct answer_peer *peer, const struct api_request *request,
                    struct api_reply *ret_reply)
{
    struct scope scope = {.device = 0};
    struct shelf_entry entry = {.mark = 0};
    struct api_file file = {.fd = -1};
    const char *hash = request->path + strlen(BYTES_PATH);
    enum rc rc = scope_read(server, peer->device, peer->site, &scope);
    bool have = !rc && find_entry(server, &scope, &entry);
    bool named = have && (strcmp(entry.hash, hash) == 0 || strcmp(entry.before, hash) == 0);
    if (!rc)
        rc = named ? shelf_bytes(server->snapshots->folder, hash, &file.fd, &file.size) : RC_NOT_FOUND;
    if (rc == RC_NOT_FOUND) {
        answer_no(server, 404, REFUSAL_NOT_FOUND, "there is no such snapshot for this device", ret_reply);
    } else if (rc) {
        answer_failed(server, rc, "looking for a snapshot", ret_reply);
    } else if (!read_range(request->range, &file)) {
        close(file.fd);
        answer_no(server, 416, REFUSAL_BAD_MESSAGE, "the snapshot is not that long", ret_reply);
    } else {
        *ret_reply = (struct api_reply){.status = file.part ? 206 : 200, .has_file = true, .file = file};
    }
    shelf_entry_free(&entry);
    scope_free(&scope);
}
