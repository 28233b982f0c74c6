#include "sync/server/runs.h"
#include "app/catalog/run.h"
#include "sync/server/core.h"
#include <stdio.h>
#include <string.h>

static bool has(const struct run *run, const char *key)
{
    struct run_key at, from;
    int64_t end;
    return run_ends(run->first, run->last, &from, &end) && run_split(key, &at) &&
           strcmp(at.prefix, from.prefix) == 0 && at.width == from.width && at.number >= from.number &&
           at.number <= end;
}

/* The last one that begins at or before this key. */
static enum rc read_run(struct server *server, const char *key, struct run *ret_run)
{
    struct db_stmt *stmt = core_query(server, QUERY_RUN_FIND);
    bool row;
    db_bind_text(stmt, 1, key);
    enum rc rc = db_step(stmt, &row);
    if (rc || !row)
        return rc ? rc : RC_NOT_FOUND;
    snprintf(ret_run->first, sizeof ret_run->first, "%s", db_text(stmt, 0));
    snprintf(ret_run->last, sizeof ret_run->last, "%s", db_text(stmt, 1));
    snprintf(ret_run->product, sizeof ret_run->product, "%s", db_text(stmt, 2));
    snprintf(ret_run->lot, sizeof ret_run->lot, "%s", db_text(stmt, 3));
    snprintf(ret_run->holder, sizeof ret_run->holder, "%s", db_text(stmt, 4));
    db_reset(stmt);
    return RC_OK;
}

static enum rc read_until(struct server *server, const char *first, char *ret_until, size_t size)
{
    struct db_stmt *stmt = core_query(server, QUERY_RUN_NEXT);
    bool row;
    db_bind_text(stmt, 1, first);
    enum rc rc = db_step(stmt, &row);
    if (!rc)
        snprintf(ret_until, size, "%s", row ? db_text(stmt, 0) : "");
    db_reset(stmt);
    return rc;
}

/* The one that a search would find. */
static const struct run *remembered(const struct runs *runs, const char *key)
{
    for (int i = 0; i < runs->count && i < RUNS_KEPT; i++) {
        const char *until = runs->found[i].until;
        if (strcmp(runs->found[i].run.first, key) <= 0 && (!until[0] || strcmp(key, until) < 0))
            return &runs->found[i].run;
    }
    return NULL;
}

enum rc runs_find(struct server *server, const char *key, const struct run **ret_run)
{
    struct runs *runs = &server->runs;
    const struct run *run = runs->kept ? remembered(runs, key) : NULL;
    enum rc rc = RC_OK;
    if (!run) {
        int place = runs->count % RUNS_KEPT;
        rc = read_run(server, key, &runs->found[place].run);
        if (!rc && runs->kept)
            rc = read_until(server, runs->found[place].run.first, runs->found[place].until,
                            sizeof runs->found[place].until);
        if (rc)
            return rc;
        run = &runs->found[place].run;
        runs->count += runs->kept;
    }
    if (!has(run, key))
        return RC_NOT_FOUND;
    *ret_run = run;
    return RC_OK;
}

void runs_keep(struct server *server)
{
    server->runs.kept = true;
    server->runs.count = 0;
}

void runs_forget(struct server *server)
{
    server->runs.kept = false;
    server->runs.count = 0;
}
