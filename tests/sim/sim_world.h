/* A server and some devices in one process, and between them a network that loses, repeats and delays by a seeded script.
 * Devices and server are the real ones: engine, store, sync client, wire, server core. Either end can be killed at any
 * moment, also between a commit and its reply: what is then on disk is copied, and life goes on from the copy. */
#ifndef TALLYMAN_TESTS_SIM_WORLD_H
#define TALLYMAN_TESTS_SIM_WORLD_H

#include "app/engine/engine.h"
#include "app/store/syncport.h"
#include "sync/client/client.h"
#include "sync/server/api.h"
#include <stdio.h>

enum { SIM_OWN_MAX = 4, SIM_CODE_ROOM = 64 };
enum { SIM_DEVICES = 3, SIM_DIR_MAX = 128, SIM_PATH_MAX = 512 };

struct sim_counts {
    long requests, lost_requests, lost_replies, repeats, delays, server_kills, device_kills, restores, too_big, scans,
        steps, started;
    long refused, moved, results, conflicts; /* on the server in the end */
};

struct sim_device {
    struct sim *sim;
    int number, lives; /* each life has a folder of its own */
    char dir[SIM_DIR_MAX];
    struct engine *engine;
    struct syncport *port;
    struct sync_client *client;
    bool dying; /* killed within an exchange: what was on disk then is in the next life's folder */
    void *reply;
};

struct sim {
    uint64_t random;
    bool calm;                /* the network is well */
    bool plant;               /* the server acknowledges before it commits */
    bool restored;            /* from a backup, and not everybody has heard of it */
    const char *const *sites; /* of each device, set before sim_open; NULL: all are at CDB */
    char dir[SIM_DIR_MAX];
    struct server *server;
    int server_lives;
    struct sim_device devices[SIM_DEVICES];
    /* a request on its way to the server that its sender has given up */
    struct {
        char path[16], cursor[64], bearer[160];
        void *body;
        size_t len;
        bool zstd, waits;
    } late;
    struct sim_counts counts;
    char wrong[256]; /* what a check found, "" nothing */
};

/* Numbers below `below`, the same for the same seed. */
uint32_t sim_random(struct sim *sim, uint32_t below);

/* Says what is wrong, once. */
__attribute__((format(printf, 2, 3))) bool sim_fail(struct sim *sim, const char *format, ...);

/* A server with a feed, and devices that are enrolled. False: sim->wrong says why. */
bool sim_open(struct sim *sim, const char *dir, uint64_t seed, const char *feed);
void sim_close(struct sim *sim);
bool sim_import(struct sim *sim, const char *feed);

void sim_kill_server(struct sim *sim);
void sim_kill_device(struct sim_device *device);
/* A backup is taken; the server is lost, and restored from the last one, with a history of its own. */
void sim_backup(struct sim *sim);
void sim_restore(struct sim *sim);
void sim_sync_step(struct sim_device *device);

/* The database file of the server as it lives now. */
char *sim_server_path(const struct sim *sim, char *ret_path);

/* ---- sim_flows.c ---- */

/* The logistic unit of this number; ret_code holds SIM_CODE_ROOM. */
char *sim_case_code(int n, char *ret_code);
/* More of the feed: places, a wave of orders, what packing needs. */
void sim_flows_feed(FILE *feed);
/* Begins a document of its own, of any flow that a clerk may begin; not more than SIM_OWN_MAX at a time. */
void sim_flows_start(struct sim_device *device);
/* One of those that are under way on this device, or the wave; `ret_doc` stays as it is without. */
void sim_flows_pick(struct sim_device *device, char *ret_doc);
/* What else may be scanned: labels, codes that nobody knows, pairs. */
void sim_flows_code(struct sim *sim, char *ret_code);

/* ---- sim_check.c ---- */

/* At any moment: no device believes acknowledged what the server does not have on disk (but for one that was restored). */
bool sim_check_acked(struct sim *sim);
/* After everything was said: see there. */
bool sim_check_end(struct sim *sim);

#endif
