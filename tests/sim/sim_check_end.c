#include "tests/sim/sim_world.h"
#include <sqlite3.h>

static bool check_refused(struct sim *sim, sqlite3 *server, struct sim_device *device)
{
    struct store_counts counts;
    if (store_counts(engine_store(device->engine), &counts) != RC_OK)
        return sim_fail(sim, "device %d does not count", device->number);
    int64_t refused =
        sim_number(server, "SELECT count(*) FROM record WHERE device = ?1 AND outcome = 1", device->id, 0);
    return counts.refused == refused || sim_fail(sim, "device %d knows of %lld refused records, the server of %lld",
                                                 device->number, (long long)counts.refused, (long long)refused);
}

/* The server has its journal, and it knows. */
static bool check_device(struct sim *sim, sqlite3 *server, struct sim_device *device)
{
    struct sync_state state = {.epoch = 0};
    int64_t count = 0, journaled, bad = 0;
    if (!sim_check_device(device) || !sim_state(device, &state) || !sim_check_records(sim, device, &count))
        return false;
    if (state.acked_seq != state.last_seq || state.applied_seq != state.last_seq || count != state.last_seq)
        return sim_fail(sim, "device %d: %lld records, %lld acknowledged, %lld applied, the server has %lld",
                        device->number, (long long)state.last_seq, (long long)state.acked_seq,
                        (long long)state.applied_seq, (long long)count);
    enum rc rc = store_verify(engine_store(device->engine), &journaled, &bad);
    if (rc != RC_OK || journaled != state.last_seq)
        return sim_fail(sim, "device %d: journal verify says %s at %lld", device->number, rc_word(rc),
                        (long long)bad);
    return check_refused(sim, server, device);
}

bool sim_check_acked(struct sim *sim)
{
    for (int i = 0; i < SIM_DEVICES && !sim->wrong[0]; i++) {
        struct sim_device *device = &sim->devices[i];
        struct sync_state state = {.epoch = 0};
        int64_t count = 0;
        bool read = sim_state(device, &state) && sim_check_records(sim, device, &count);
        if (read && (state.acked_seq != state.last_seq || count != state.last_seq))
            sim_fail(sim, "device %d has synced: %lld records, %lld acknowledged, the server has %lld", i,
                     (long long)state.last_seq, (long long)state.acked_seq, (long long)count);
    }
    return !sim->wrong[0];
}

/* What the seed came to: a run in which nothing was refused or moved would show little. */
static void count_up(struct sim *sim, sqlite3 *server)
{
    sim->counts.records = sim_number(server, "SELECT count(*) FROM record", 0, 0);
    sim->counts.refused = sim_number(server, "SELECT count(*) FROM record WHERE outcome = 1", 0, 0);
    sim->counts.moved = sim_number(server, "SELECT count(*) FROM tally WHERE state = 3", 0, 0);
    sim->counts.results = sim_number(server, "SELECT count(*) FROM result", 0, 0);
    sim->counts.conflicts = sim_number(server, "SELECT count(*) FROM conflict", 0, 0);
}

bool sim_check_end(struct sim *sim)
{
    sqlite3 *server = sim_server_reader(sim);
    if (!server)
        return false;
    for (int i = 0; i < SIM_DEVICES && !sim->wrong[0]; i++)
        check_device(sim, server, &sim->devices[i]);
    if (!sim->wrong[0])
        sim_check_books(sim, server);
    if (!sim->wrong[0])
        sim_check_catalogs(sim, server);
    count_up(sim, server);
    sqlite3_close(server);
    return !sim->wrong[0];
}
