#include "sync/wire/snapshot.h"
#include "sync/client/client_private.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    ASK_AGAIN_PAGES = 64, /* a pull that is longer may have got a snapshot made for it */
    BAD_MAX = 2,          /* thrown away, before pages are pulled instead */
    LOST_MAX = 8,         /* gone at the server, the same */
    PIECES_MAX = 16,      /* asked for at once over a quick link */
    QUICK_MS = 1000,      /* a request that took less: the next one asks for twice as much */
    SLOW_MS = 4000        /* … more: for half of it, records may wait */
};

_Static_assert(sizeof(((struct sync_snapshot *)0)->cursor) > CURSOR_TEXT_MAX, "a cursor fits");
_Static_assert((int)CHAIN_HASH_BYTES == (int)SNAPSHOT_HASH_BYTES, "one hash");

static bool takes_snapshots(const struct sync_client *client)
{
    return client->transport.ranges && client->store.snapshot.begin && !client->snapshot.given_up;
}

static void drop(struct sync_client *client)
{
    client->store.snapshot.drop(client->store.context);
    client->progress.snapshot_have = client->progress.snapshot_size = 0;
}

/* The one that was begun, if it is still of use. */
static bool find_kept(struct sync_client *client, const struct step *step, struct sync_snapshot *ret_snapshot,
                      int64_t *ret_have)
{
    if (client->store.snapshot.kept(client->store.context, ret_snapshot, ret_have) != RC_OK)
        return false;
    if (strcmp(ret_snapshot->history, step->state.history) == 0)
        return true;
    drop(client);
    return false;
}

bool client_snapshot_due(struct sync_client *client, const struct step *step)
{
    struct sync_snapshot kept;
    int64_t have;
    if (!takes_snapshots(client))
        return false;
    return find_kept(client, step, &kept, &have) || (!step->state.cursor[0] && !client->snapshot.asked) ||
           client->snapshot.pages >= ASK_AGAIN_PAGES;
}

void client_snapshot_pulled(struct sync_client *client, bool more)
{
    client->snapshot.pages = more ? client->snapshot.pages + 1 : 0;
}

/* ---- an offer ---- */

static enum rc begin(struct sync_client *client, const struct step *step, const struct snapshot_reply *reply)
{
    bool parted;
    struct sync_snapshot snapshot = {.size = reply->size,
                                     .schema = reply->schema,
                                     .epoch = step->state.epoch,
                                     .applied_seq = client_applied(step, reply->epoch, reply->applied_seq, &parted)};
    if (parted)
        return client_parted(client, step, "The server has more records of this device than its journal.");
    memcpy(snapshot.hash, reply->hash, sizeof(snapshot.hash));
    snprintf(snapshot.cursor, sizeof(snapshot.cursor), "%s", reply->cursor);
    snprintf(snapshot.history, sizeof(snapshot.history), "%s", reply->head.history);
    enum rc rc = client->store.snapshot.begin(client->store.context, &snapshot);
    if (rc != RC_NEWER)
        return rc;
    client->snapshot.given_up = true; /* a server that is newer than this program tells the same in pages */
    return RC_OK;
}

static enum rc ask_for_one(struct sync_client *client, const struct step *step)
{
    char path[SNAPSHOT_PATH_MAX + 1];
    struct exchange_question question = {.method = "GET", .path = snapshot_path(step->state.cursor, path)};
    struct exchange_answer answer = {.refused = false};
    struct snapshot_reply reply;
    enum rc rc = client_ask(client, step, &question, &answer);
    bool none = rc == RC_REFUSED && answer.refused && answer.refusal.kind == REFUSAL_NOT_FOUND;
    if (rc != RC_OK && !none)
        return rc;
    if (!answer.refused || none) {
        client->snapshot.asked = true;
        client->snapshot.pages = 0;
    }
    if (none)
        client->progress.detail[0] = '\0';
    if (answer.refused)
        return RC_OK;
    if (snapshot_reply_decode(answer.body, answer.len, &reply) != RC_OK)
        return RC_PEER;
    if (step->state.history[0] && strcmp(step->state.history, reply.head.history) != 0)
        return client_new_history(client, step, &reply.head);
    rc = client_heard(client, step, &reply.head);
    return rc == RC_OK ? begin(client, step, &reply) : rc;
}

/* ---- bytes ---- */

/* It is of no use any more: another one is asked for, a few times. */
static enum rc lost(struct sync_client *client)
{
    drop(client);
    client->progress.detail[0] = '\0';
    client->snapshot.asked = false;
    client->snapshot.given_up |= ++client->snapshot.lost > LOST_MAX;
    return RC_OK;
}

static enum rc bad(struct sync_client *client)
{
    client->progress.snapshots_bad++;
    client->snapshot.asked = false;
    client->snapshot.given_up |= ++client->snapshot.bad >= BAD_MAX;
    return lost(client);
}

static enum rc end(struct sync_client *client, const struct step *step, const struct sync_snapshot *snapshot)
{
    if (snapshot->epoch != step->state.epoch || snapshot->applied_seq > step->state.acked_seq)
        return lost(client);
    enum rc rc = client->store.snapshot.end(client->store.context);
    if (rc == RC_NEWER)
        client->snapshot.given_up = true;
    if (rc == RC_CORRUPT || rc == RC_NEWER)
        return bad(client);
    if (rc != RC_OK)
        return rc;
    client->progress.snapshots++;
    client->progress.snapshot_have = client->progress.snapshot_size = 0;
    client->snapshot = (struct client_snapshot){.asked = true};
    return RC_OK;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* How many pieces the next request asks for. */
static void pace(struct client_snapshot *snapshot, enum rc rc, int64_t took_ms)
{
    if (rc != RC_OK)
        snapshot->pieces = 1;
    else if (took_ms < QUICK_MS)
        snapshot->pieces = snapshot->pieces < PIECES_MAX ? snapshot->pieces * 2 : PIECES_MAX;
    else if (took_ms > SLOW_MS && snapshot->pieces > 1)
        snapshot->pieces /= 2;
}

static enum rc fetch(struct sync_client *client, const struct step *step, const struct sync_snapshot *snapshot,
                     int64_t have)
{
    char path[SNAPSHOT_PATH_MAX + 1];
    const struct sync_sink sink = {client->store.context, client->store.snapshot.put};
    client->snapshot.pieces += client->snapshot.pieces == 0;
    int64_t next = (have / SYNC_SNAPSHOT_PIECE + client->snapshot.pieces) * SYNC_SNAPSHOT_PIECE, start_ms = now_ms();
    struct exchange_question question = {.method = "GET",
                                         .path = snapshot_bytes_path(snapshot->hash, path),
                                         .sink = &sink,
                                         .from = have,
                                         .to = (next < snapshot->size ? next : snapshot->size) - 1};
    struct exchange_answer answer = {.refused = false};
    enum rc rc = client_ask(client, step, &question, &answer);
    pace(&client->snapshot, rc, now_ms() - start_ms);
    if (rc == RC_REFUSED && answer.refused &&
        (answer.refusal.kind == REFUSAL_NOT_FOUND || answer.refusal.kind == REFUSAL_BAD_MESSAGE))
        return lost(client);
    if (rc == RC_OK && !answer.refused)
        client->sessions_lost = 0;
    return rc;
}

enum rc client_snapshot_step(struct sync_client *client, const struct step *step)
{
    struct sync_snapshot snapshot;
    int64_t have = 0;
    client->pull_next = false; /* records that wait go between two pieces */
    if (!find_kept(client, step, &snapshot, &have))
        return ask_for_one(client, step);
    enum rc rc = have < snapshot.size ? fetch(client, step, &snapshot, have) : RC_OK;
    if (client->store.snapshot.kept(client->store.context, &snapshot, &have) != RC_OK)
        return rc; /* it was given up */
    client->progress.snapshot_have = have;
    client->progress.snapshot_size = snapshot.size;
    return rc == RC_OK && have == snapshot.size ? end(client, step, &snapshot) : rc;
}
