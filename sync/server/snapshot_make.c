#include "sync/server/snapshot_make.h"
#include "app/catalog/catalog.h"
#include "app/catalog/schema.h"
#include "sync/server/changes.h"
#include "sync/server/scope.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The pages of a pull, one after the other, read as a file. */
struct walk {
    struct server *server;
    struct scope scope;
    const atomic_bool *stop;
    int64_t n;
    bool more;
    char *lines;
    size_t len, at;
    enum rc rc;
};

static enum rc next_page(struct walk *walk)
{
    free(walk->lines);
    walk->lines = NULL;
    walk->len = walk->at = 0;
    if (atomic_load(walk->stop))
        return RC_BUSY;
    return changes_page(walk->server, &walk->scope, &walk->n, &walk->lines, &walk->len, &walk->more);
}

static ssize_t read_walk(void *context, char *bytes, size_t size)
{
    struct walk *walk = context;
    while (!walk->rc && walk->at == walk->len && walk->more)
        walk->rc = next_page(walk);
    if (walk->rc) {
        errno = EIO;
        return -1;
    }
    size_t len = walk->len - walk->at < size ? walk->len - walk->at : size;
    if (len > 0)
        memcpy(bytes, walk->lines + walk->at, len);
    walk->at += len;
    return (ssize_t)len;
}

static enum rc fill(struct catalog *catalog, struct walk *walk, long *ret_lines)
{
    const cookie_io_functions_t functions = {.read = read_walk};
    struct feed_error error = {0};
    FILE *stream = fopencookie(walk, "r", functions);
    if (!stream)
        return RC_NOMEM;
    enum rc rc = catalog_import(catalog, stream, NULL, ret_lines, &error);
    fclose(stream);
    if (rc == RC_BAD_INPUT)
        core_log(walk->server, "failed", "a snapshot's line %ld: %s", error.line, error.text);
    return walk->rc ? walk->rc : rc;
}

/* Whose records are in the books, up to where. */
static enum rc read_devices(struct server *server, const char *site, json_t **ret_devices)
{
    struct db_stmt *stmt = core_query(server, QUERY_DEVICE_LIST);
    json_t *devices = json_array();
    bool row = devices != NULL;
    enum rc rc = devices ? RC_OK : RC_NOMEM;
    while (!rc && row) {
        rc = db_step(stmt, &row);
        if (!rc && row && strcmp(db_text(stmt, 1), site) == 0)
            rc = json_array_append_new(devices, json_pack("[I, I, I]", (json_int_t)db_int(stmt, 0),
                                                          (json_int_t)db_int(stmt, 5), (json_int_t)db_int(stmt, 6)))
                     ? RC_NOMEM
                     : RC_OK;
    }
    db_reset(stmt);
    if (rc)
        json_decref(devices);
    else
        *ret_devices = devices;
    return rc;
}

/* The lines and the number of the last change among them, within one transaction. How far devices' records are in is asked
 * before it: what is stated must be in it. */
static enum rc fill_from_one_state(struct server *beside, const char *path, struct walk *walk,
                                   struct shelf_entry *entry, long *ret_lines)
{
    struct catalog *catalog = NULL;
    enum rc rc = read_devices(beside, entry->site, &entry->devices);
    if (!rc)
        rc = changes_number(beside);
    if (!rc)
        rc = db_begin_read(beside->db);
    if (rc)
        return rc;
    rc = core_meta_get(beside, "history", entry->history, sizeof entry->history);
    if (!rc)
        rc = scope_read(beside, 0, entry->site, &walk->scope);
    if (!rc)
        rc = catalog_open(path, CATALOG_WRITE, &catalog);
    if (!rc)
        rc = fill(catalog, walk, ret_lines);
    catalog_close(catalog);
    entry->mark = walk->scope.mark;
    entry->n = walk->n;
    db_rollback(beside->db);
    scope_free(&walk->scope);
    free(walk->lines);
    return rc;
}

enum rc snapshot_make(struct server *beside, const char *folder, const char *site, const atomic_bool *stop,
                      struct shelf_entry *ret_entry, long *ret_lines)
{
    char path[SHELF_PATH_MAX + 1], wal[SHELF_PATH_MAX + 8];
    struct walk walk = {.server = beside, .stop = stop, .more = true};
    struct shelf_entry entry = {.schema = SCHEMA_VERSION};
    enum rc rc = shelf_open(folder);
    if (rc)
        return rc;
    shelf_making_path(folder, path);
    snprintf(wal, sizeof wal, "%s-wal", path);
    snprintf(entry.site, sizeof entry.site, "%s", site);
    rc = fill_from_one_state(beside, path, &walk, &entry, ret_lines);
    if (!rc && access(wal, F_OK) == 0)
        rc = RC_DISK_FULL; /* what was written could not be brought into the one file */
    if (!rc)
        rc = shelf_put(folder, path, &entry);
    if (rc) {
        (void)shelf_open(folder);
        shelf_entry_free(&entry);
        return rc;
    }
    *ret_entry = entry;
    return RC_OK;
}
