#include "sync/server/server.h"
#include "app/domain/date.h"
#include "sync/server/core.h"
#include "sync/server/shelf.h"
#include "sync/server/snapshot.h"
#include <jansson.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    PINS_TEXT_MAX = WIRE_PINS_MAX * (WIRE_PIN_TEXT + 1),
    HISTORY_BYTES = 8,
    META_TEXT_MAX = 2 * CORE_KEY_BYTES + 1,
    LOG_LINE_MAX = 511
};

struct db_stmt *core_query(struct server *server, enum query_id id)
{
    struct db_stmt *stmt = server->stmts[id];
    db_reset(stmt);
    return stmt;
}

static _Atomic uint64_t *seen_place(struct server *server, const char *token, uint64_t *ret_hash)
{
    uint8_t hash[crypto_generichash_BYTES_MIN];
    crypto_generichash(hash, sizeof hash, (const uint8_t *)token, strlen(token), server->nonce_key,
                       sizeof server->nonce_key);
    memcpy(ret_hash, hash, sizeof *ret_hash);
    return &server->seen[*ret_hash % CORE_SEEN_MAX];
}

void core_see(struct server *server, const char *token)
{
    uint64_t hash;
    _Atomic uint64_t *place = seen_place(server, token, &hash);
    atomic_store(place, hash);
}

bool core_seen(struct server *server, const char *token)
{
    uint64_t hash;
    _Atomic uint64_t *place = seen_place(server, token, &hash);
    return atomic_load(place) == hash;
}

int64_t core_now_ms(const struct server *server)
{
    struct timespec now;
    if (server->options.now_ms)
        return server->options.now_ms(server->options.clock_context);
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void core_log(const struct server *server, const char *event, const char *format, ...)
{
    char text[LOG_LINE_MAX + 1], at[TIME_TEXT_MAX + 1];
    va_list list;
    if (server->options.quiet)
        return;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    /* what a peer sent may be in it: one event stays one line, and UTF-8 */
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
            *c = '?';
    json_t *object =
        json_pack("{s:s, s:s, s:s}", "at", time_print(core_now_ms(server), 0, at), "event", event, "text", text);
    char *line = object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    if (line)
        fprintf(stderr, "%s\n", line);
    free(line);
}

enum rc core_meta_get(struct server *server, const char *name, char *ret_value, size_t size)
{
    struct db_stmt *stmt = core_query(server, QUERY_META_GET);
    bool row;
    db_bind_text(stmt, 1, name);
    enum rc rc = db_step(stmt, &row);
    if (rc || !row)
        return rc ? rc : RC_NOT_FOUND;
    snprintf(ret_value, size, "%s", db_text(stmt, 0));
    db_reset(stmt);
    return RC_OK;
}

enum rc core_meta_set(struct server *server, const char *name, const char *value)
{
    struct db_stmt *stmt = core_query(server, QUERY_META_SET);
    db_bind_text(stmt, 1, name);
    db_bind_text(stmt, 2, value);
    return db_run(stmt);
}

/* The value kept under this name, or so many new random bytes as hex. */
static enum rc random_meta(struct server *server, const char *name, size_t bytes, char *ret_hex)
{
    uint8_t random[CORE_KEY_BYTES];
    char hex[META_TEXT_MAX];
    enum rc rc = core_meta_get(server, name, hex, sizeof hex);
    if (rc == RC_NOT_FOUND) {
        randombytes_buf(random, bytes);
        sodium_bin2hex(hex, sizeof hex, random, bytes);
        rc = core_meta_set(server, name, hex);
    }
    if (!rc)
        memcpy(ret_hex, hex, 2 * bytes + 1);
    return rc;
}

/* Kept as "PIN PIN". */
static enum rc load_pins(struct server *server)
{
    char text[PINS_TEXT_MAX + 1];
    enum rc rc = core_meta_get(server, "pins", text, sizeof text);
    if (rc)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    const char *space = strchr(text, ' ');
    snprintf(server->pins[0], sizeof server->pins[0], "%.*s", (int)strcspn(text, " "), text);
    snprintf(server->pins[1], sizeof server->pins[1], "%s", space ? space + 1 : "");
    return RC_OK;
}

static enum rc keep_address(struct server *server, const char *url, const char *const pins[2])
{
    char text[PINS_TEXT_MAX + 1];
    snprintf(text, sizeof text, "%s %s", pins[0], pins[1]);
    enum rc rc = db_begin(server->db);
    if (rc)
        return rc;
    rc = core_meta_set(server, "url", url);
    if (!rc)
        rc = core_meta_set(server, "pins", text);
    if (!rc)
        return db_commit(server->db);
    db_rollback(server->db);
    return rc;
}

enum rc server_set_address(struct server *server, const char *url, const char *const pins[2])
{
    pthread_mutex_lock(&server->lock);
    enum rc rc = keep_address(server, url, pins);
    for (int i = 0; !rc && i < WIRE_PINS_MAX; i++)
        snprintf(server->pins[i], sizeof server->pins[i], "%s", pins[i]);
    pthread_mutex_unlock(&server->lock);
    return rc;
}

/* In another life of the database some of what was acknowledged may be missing: the history that devices know has ended. */
static enum rc check_life(struct server *server, const char *life)
{
    char known[META_TEXT_MAX], random[HISTORY_BYTES], history[META_TEXT_MAX];
    enum rc rc = life[0] ? core_meta_get(server, "life", known, sizeof known) : RC_OK;
    if ((rc && rc != RC_NOT_FOUND) || !life[0] || (!rc && strcmp(known, life) == 0))
        return rc;
    if (!rc) {
        randombytes_buf(random, sizeof random);
        sodium_bin2hex(history, sizeof history, (const uint8_t *)random, sizeof random);
        rc = core_meta_set(server, "history", history);
        core_log(server, "history", "the database goes on in another life: %s, was %s", life, known);
    }
    return rc == RC_OK || rc == RC_NOT_FOUND ? core_meta_set(server, "life", life) : rc;
}

/* What the database says of itself: the server takes it over when that is committed. */
struct identity {
    struct server *server;
    int64_t connected;
    char history[META_TEXT_MAX];
    uint8_t nonce_key[CORE_KEY_BYTES];
};

static enum rc read_identity(void *context)
{
    struct identity *identity = context;
    struct server *server = identity->server;
    char key[META_TEXT_MAX];
    const char *life;
    size_t len;
    enum rc rc = db_life(server->db, &identity->connected, &life);
    if (!rc)
        rc = check_life(server, life);
    if (!rc)
        rc = random_meta(server, "history", HISTORY_BYTES, identity->history);
    if (!rc)
        rc = random_meta(server, "nonce_key", CORE_KEY_BYTES, key);
    if (rc)
        return rc;
    if (sodium_hex2bin(identity->nonce_key, CORE_KEY_BYTES, key, strlen(key), NULL, &len, NULL) ||
        len != CORE_KEY_BYTES)
        rc = RC_CORRUPT;
    sodium_memzero(key, sizeof key);
    return rc;
}

/* Refusals are written without the lock: what they read stays as it is. */
static void take_history(struct server *server, const char *history)
{
    char *place = server->histories[server->history == server->histories[0]];
    if (server->history && strcmp(server->history, history) == 0)
        return;
    snprintf(place, sizeof server->histories[0], "%.*s", WIRE_HISTORY_MAX, history);
    server->history = place;
}

static enum rc identify(struct server *server)
{
    struct identity identity = {.server = server};
    enum rc rc = db_transact(server->db, read_identity, &identity);
    if (!rc) {
        server->connected = identity.connected;
        take_history(server, identity.history);
        if (sodium_memcmp(server->nonce_key, identity.nonce_key, sizeof server->nonce_key) != 0)
            memcpy(server->nonce_key, identity.nonce_key, sizeof server->nonce_key);
    }
    sodium_memzero(&identity, sizeof identity);
    return rc;
}

enum rc core_ready(struct server *server)
{
    int64_t connected;
    const char *life;
    enum rc rc = db_life(server->db, &connected, &life);
    return rc || connected == server->connected ? rc : identify(server);
}

static enum rc prepare(struct server *server, enum query_id id)
{
    const char *text = query_text(id, server->db->driver->scheme);
    return text[0] ? db_prepare(server->db, text, &server->stmts[id]) : RC_OK;
}

static struct server *new_server(const struct server_options *options, const char *url)
{
    struct server *server = calloc(1, sizeof *server);
    if (!server)
        return NULL;
    server->options = *options;
    server->options.url = server->options.snapshots = NULL;
    server->url = strdup(url);
    server->opened_ms = core_now_ms(server);
    pthread_mutex_init(&server->lock, NULL);
    if (server->url)
        return server;
    server_close(server);
    return NULL;
}

static enum rc prepare_all(struct server *server)
{
    enum rc rc = RC_OK;
    for (int i = 0; !rc && i < QUERY_COUNT; i++)
        rc = prepare(server, (enum query_id)i);
    return rc;
}

static enum rc open_snapshots(struct server *server, const char *folder)
{
    char beside[SHELF_FOLDER_MAX + 1];
    const char *path = db_url_path(server->url);
    if (!folder && path) {
        int len = snprintf(beside, sizeof beside, "%s.snapshots", path);
        folder = len > 0 && (size_t)len < sizeof beside ? beside : NULL;
    }
    return snapshots_new(server, folder, &server->snapshots);
}

enum rc server_open(const struct server_options *options, struct server **ret_server)
{
    if (sodium_init() < 0)
        return RC_NOMEM;
    struct server *server = new_server(options, options->url);
    if (!server)
        return RC_NOMEM;
    enum rc rc = db_open(options->url, &server->db);
    if (!rc)
        rc = prepare_all(server);
    if (!rc)
        rc = identify(server);
    if (!rc)
        rc = load_pins(server);
    if (!rc)
        rc = open_snapshots(server, options->snapshots);
    if (rc) {
        server_close(server);
        return rc;
    }
    *ret_server = server;
    return RC_OK;
}

enum rc server_beside(const struct server *server, struct server **ret_server)
{
    struct server *beside = new_server(&server->options, server->url);
    if (!beside)
        return RC_NOMEM;
    take_history(beside, server->history);
    enum rc rc = db_open_beside(server->url, &beside->db);
    if (!rc)
        rc = prepare_all(beside);
    if (rc)
        server_close(beside);
    else
        *ret_server = beside;
    return rc;
}

void server_close(struct server *server)
{
    if (!server)
        return;
    snapshots_free(server->snapshots);
    for (int i = 0; i < QUERY_COUNT; i++)
        db_finalize(server->stmts[i]);
    db_close(server->db);
    pthread_mutex_destroy(&server->lock);
    sodium_memzero(server->nonce_key, sizeof server->nonce_key);
    free(server->url);
    free(server);
}

const char *server_history(const struct server *server)
{
    return server->history;
}

int64_t server_refused(struct server *server)
{
    int64_t sum = 0;
    for (int i = 0; i < REFUSAL_OTHER; i++)
        sum += atomic_load(&server->refused[i]);
    return sum;
}
