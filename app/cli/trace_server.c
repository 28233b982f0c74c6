#include "app/cli/trace_server.h"
#include "app/cli/peer.h"
#include "sync/client/trace.h"
#include <string.h>

enum { TRACE_TIMEOUT_MS = 5000 }; /* for each of its requests: somebody waits for what this device knows */

/* What the server says of these is what the device has said already, or has by its own packing. */
static bool is_known_here(const char *row)
{
    static const char *const KNOWN[] = {"code", "product", "parent", "inside"};
    for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++)
        if (strcmp(KNOWN[i], row) == 0)
            return true;
    return false;
}

static enum rc add_row(json_t *rows, const char *line, size_t len)
{
    json_t *row = json_loadb(line, len, JSON_ALLOW_NUL, NULL);
    const char *kind = json_string_value(json_object_get(row, "row"));
    enum rc rc = RC_OK;
    if (kind && !is_known_here(kind) &&
        (json_object_set_new(row, "told", json_string("server")) || json_array_append(rows, row)))
        rc = RC_NOMEM;
    json_decref(row);
    return rc;
}

static enum rc add_rows(json_t *rows, const struct sync_trace *trace)
{
    const char *line = trace->lines, *end = trace->lines + trace->len;
    enum rc rc = RC_OK;
    while (rc == RC_OK && line < end) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        if (!stop)
            break;
        rc = add_row(rows, line, (size_t)(stop - line));
        line = stop + 1;
    }
    return rc;
}

static enum rc add_refusal(json_t *rows, const struct sync_trace *trace)
{
    json_t *row = trace->detail[0] ? json_pack("{s:s, s:s}", "row", "server", "text", trace->detail) : NULL;
    return trace->detail[0] && json_array_append_new(rows, row) ? RC_NOMEM : RC_OK;
}

enum rc trace_server(struct cli *cli, const char *key, json_t *rows)
{
    struct sync_identity identity;
    struct sync_trace trace;
    struct peer peer;
    if (identity_load(cli->dir, &identity) != RC_OK || !identity.enrolled ||
        peer_open(cli->dir, TRACE_TIMEOUT_MS, &peer) != RC_OK)
        return RC_OK;
    enum rc rc = sync_trace(&peer.store, &peer.transport, key, &trace);
    if (rc == RC_OK)
        rc = add_rows(rows, &trace);
    else if (rc != RC_NOMEM)
        rc = add_refusal(rows, &trace);
    sync_trace_free(&trace);
    peer_close(&peer);
    return rc;
}
