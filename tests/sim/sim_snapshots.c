#include "sync/server/core.h"
#include "sync/server/snapshot_make.h"
#include "tests/sim/sim_world.h"
#include <stdlib.h>
#include <unistd.h>

enum { BYTES_AT_A_TIME = 64 << 10 };

char *sim_shelf(const struct sim *sim, char *ret_path)
{
    snprintf(ret_path, SIM_PATH_MAX, "%s/shelf", sim->dir);
    return ret_path;
}

void sim_begin_anew(struct sim_device *device)
{
    struct sync_state state = {.epoch = 0};
    struct sync_store store = syncport_store(device->port);
    if (!sim_state(device, &state) || !state.history[0])
        return;
    enum rc rc = store.restart(store.context, state.history, state.acked_seq);
    sim_say(device->sim, "device %d: begins its catalog anew: %s", device->number, rc_word(rc));
    if (rc != RC_OK && !disk_ended(device->number) && !disk_was_full(device->number))
        sim_fail(device->sim, "device %d: its catalog can't be begun anew: %s", device->number, rc_word(rc));
}

/* What its thread does, between two requests. */
void sim_make_snapshot(struct sim *sim, const char *site)
{
    char shelf[SIM_PATH_MAX];
    struct server *beside = NULL;
    struct shelf_entry entry = {.mark = 0};
    atomic_bool stop = false;
    long lines = 0;
    enum rc rc = server_beside(sim->server, &beside);
    if (rc == RC_OK)
        rc = snapshot_make(beside, sim_shelf(sim, shelf), site, &stop, &entry, &lines);
    server_close(beside);
    sim_say(sim, "a snapshot for %s: %s, %ld lines, %lld bytes", site, rc_word(rc), lines, (long long)entry.size);
    shelf_entry_free(&entry);
    sim->counts.snapshots += rc == RC_OK;
    if (rc != RC_OK && !disk_ended(SIM_SERVER) && !disk_was_full(SIM_SERVER))
        sim_fail(sim, "a snapshot can't be made: %s", rc_word(rc));
    sim_settle(sim);
}

static enum rc send_some(const struct api_file *file, int64_t from, int64_t len, const struct sync_sink *sink)
{
    static char bytes[BYTES_AT_A_TIME];
    enum rc rc = RC_OK;
    while (rc == RC_OK && len > 0) {
        ssize_t got = pread(file->fd, bytes, len < BYTES_AT_A_TIME ? (size_t)len : BYTES_AT_A_TIME, from);
        if (got <= 0)
            return RC_NET;
        rc = sink->put(sink->context, bytes, (size_t)got);
        from += got;
        len -= got;
    }
    return rc;
}

enum rc sim_send_bytes(struct sim_device *device, const struct api_reply *reply, const struct sync_request *request,
                       bool cut)
{
    struct sim *sim = device->sim;
    const struct api_file *file = &reply->file;
    int64_t len = cut ? (int64_t)sim_random(sim, (uint32_t)file->len + 1) : file->len;
    enum rc rc = send_some(file, file->from, len, request->sink);
    sim->counts.cuts += cut;
    sim_say(sim, "device %d: %lld of %lld bytes come: %s", device->number, (long long)len, (long long)file->len,
            rc_word(rc));
    return rc == RC_OK && cut ? RC_NET : rc;
}
