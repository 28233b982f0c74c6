/* A server and some devices in one process, and between them a network that loses, repeats and delays by a script. Devices
 * and server are the real ones: engine, store, sync client, wire, server core. Each has a disk of its own (disk.h) and a
 * process that may end at any write; its next life goes on with what the disk then holds.
 *
 *   disk*.c            the disks
 *   sim_world.c        lives and deaths of server and devices
 *   sim_start.c        how most histories begin
 *   sim_schema.c       … and a catalog its tables
 *   sim_thrift.c       PINs, signatures and packed bodies at less cost
 *   sim_memory.c       SQLite's memory
 *   sim_net.c          requests, and what befalls them
 *   sim_snapshots.c    catalogs as one file
 *   sim_flows.c        what people do besides the orders
 *   sim_check.c        what has to hold at any time;
 *   sim_check_end.c    … and when all was said
 *   sim_check_books.c  … in the server's books and the devices' catalogs
 *   sim_history.c      one seed's history, decided before it begins
 *   sim_shrink.c       one that failed, with as little in it as fails
 *   sim.c              seeds, counts, the command */
#ifndef TALLYMAN_TESTS_SIM_WORLD_H
#define TALLYMAN_TESTS_SIM_WORLD_H

#include "app/engine/engine.h"
#include "app/store/syncport.h"
#include "sync/client/client.h"
#include "sync/server/api.h"
#include "tests/sim/disk.h"
#include <stdio.h>

enum { SIM_OWN_MAX = 4, SIM_CODE_ROOM = 64 };
enum {
    SIM_DEVICES = 3,
    SIM_SERVER = SIM_DEVICES, /* its node; the devices' are their numbers */
    SIM_FRESH,                /* a device's catalog once more, for comparing */
    SIM_DIR_MAX = 128,
    SIM_PATH_MAX = 512,
    SIM_LATE_MAX = 3,
    SIM_RECORDS_MAX = 2048, /* of one device in one history */
    SIM_WORD_MAX = 23
};

struct sim_counts {
    long requests, lost_requests, lost_replies, repeats, delays, too_big, scans, steps, started;
    long ends[2][DISK_ENDS]; /* of devices, of servers */
    long full[2], jumps, backups, restores, revised, cancelled;
    long snapshots, cuts;                             /* made; answers of which only some came */
    long refused, moved, results, conflicts, records; /* on the server in the end */
};

struct sim_device {
    struct sim *sim;
    int number;
    char dir[SIM_DIR_MAX];
    struct clock clock; /* its own, which may be set wrong */
    int64_t skew_ms;
    struct engine *engine;
    struct syncport *port;
    struct sync_client *client;
    void *reply;
    int64_t id;         /* once it is enrolled */
    int64_t told_seq;   /* the last record that was said to be saved */
    int64_t told_acked; /* the last one that the server said it has, in any reply that left it */
    char verdicts[SIM_RECORDS_MAX][SIM_WORD_MAX + 1]; /* as first told, "" not yet */
};

/* A request on its way to the server that its sender has given up. */
struct sim_late {
    char path[16], cursor[64], bearer[160];
    void *body;
    size_t len;
    bool zstd, waits;
    int device;
};

struct sim {
    uint64_t random;
    uint64_t digest;          /* of all that happened */
    bool calm;                /* the network is well */
    bool loud;                /* what happens is printed */
    bool snapshots;           /* devices take them; set before sim_open */
    bool restored;            /* from a backup, and not everybody has heard of it */
    const char *const *sites; /* of each device, set before sim_open; NULL: all are at CDB */
    char dir[SIM_DIR_MAX];
    struct server *server;
    bool has_backup;
    struct sim_device devices[SIM_DEVICES];
    struct sim_late late[SIM_LATE_MAX];
    struct sim_counts counts;
    char wrong[256]; /* what a check found, "" nothing */
};

/* Numbers below `below`, the same for the same seed. */
uint32_t sim_random(struct sim *sim, uint32_t below);

/* Says what is wrong, once. False. */
__attribute__((format(printf, 2, 3))) bool sim_fail(struct sim *sim, const char *format, ...);
/* One line of what happens: into the digest, and printed when that is wanted. */
__attribute__((format(printf, 2, 3))) void sim_say(struct sim *sim, const char *format, ...);

/* A server with a feed, and devices that are enrolled. False: sim->wrong says why. */
bool sim_open(struct sim *sim, const char *dir, uint64_t seed, const char *feed);
/* The same from the start that was kept (sim_start.h). */
bool sim_open_kept(struct sim *sim, const char *dir, uint64_t seed, int which);
void sim_close(struct sim *sim);
bool sim_import(struct sim *sim, const char *feed);

/* Whose end is due is closed, and lives again; what has to hold then is checked. After each call that may write. */
void sim_settle(struct sim *sim);
/* The server alone: while a device is in the middle of a step. */
void sim_settle_server(struct sim *sim);
void sim_end_device(struct sim_device *device, enum disk_end how);
void sim_end_server(struct sim *sim, enum disk_end how);
/* A backup is taken; the server is lost, and restored from the last one, with a history of its own. */
void sim_backup(struct sim *sim);
void sim_restore(struct sim *sim);
void sim_sync_step(struct sim_device *device);
/* Room on all disks, nobody is about to end, each clock right. */
void sim_mend(struct sim *sim);

char *sim_server_path(const struct sim *sim, char *ret_path);
int64_t sim_server_ms(void *sim);

/* ---- sim_snapshots.c ---- */

/* The folder of the server's snapshots: real files, which may be deleted at any time. */
char *sim_shelf(const struct sim *sim, char *ret_path);
/* The device's catalog is fetched anew, as after damage. */
void sim_begin_anew(struct sim_device *device);
/* The server makes one for this site, as far as its disk lets it. */
void sim_make_snapshot(struct sim *sim, const char *site);
struct api_reply;
/* The answer's bytes, or some of the first, to whoever asked for them. */
enum rc sim_send_bytes(struct sim_device *device, const struct api_reply *reply, const struct sync_request *request,
                       bool cut);

/* ---- sim_net.c ---- */

struct sync_transport sim_transport(struct sim_device *device);
/* All that is still on its way arrives. */
void sim_deliver(struct sim *sim);

/* ---- sim_flows.c ---- */

/* The logistic unit of this number; ret_code holds SIM_CODE_ROOM. */
char *sim_case_code(int n, char *ret_code);
/* More of the feed: places, a wave of orders, what packing needs. */
void sim_flows_feed(FILE *feed, bool dealer);
/* Of each device, for sim->sites: with a dealer's, the last one. */
const char *const *sim_flows_sites(bool dealer);
bool sim_flows_is_dealers(const struct sim_device *device);
/* Begins a document of its own, of any flow that a clerk may begin; not more than SIM_OWN_MAX at a time. */
void sim_flows_start(struct sim_device *device);
/* One of those that are under way on this device, or the wave; `ret_doc` stays as it is without. */
void sim_flows_pick(struct sim_device *device, char *ret_doc);
/* What a dealer has, or what is on its way there; one is unknown. */
void sim_flows_dealers_code(struct sim *sim, char *ret_code);
/* What else may be scanned: labels, codes that nobody knows, pairs. */
void sim_flows_code(struct sim *sim, char *ret_code);

/* ---- sim_check.c ---- */

/* A database of a node for reading; NULL after saying so. */
struct sqlite3 *sim_reader(struct sim *sim, const char *path);
struct sqlite3 *sim_server_reader(struct sim *sim);
/* Its database as it is, into a new file. */
void sim_keep_server(struct sim *sim, const char *path);
/* First column of the first row; `missing` without one. */
int64_t sim_number(struct sqlite3 *db, const char *sql, int64_t device, int64_t missing);
/* False: its disk does not let it, or sim->wrong says why. */
bool sim_state(struct sim_device *device, struct sync_state *ret_state);

/* A server's next life: what it said it has it has; its records are the first ones of each journal. */
bool sim_check_server(struct sim *sim);
/* A device's next life: what was said to be saved is. */
bool sim_check_device(struct sim_device *device);
/* After a step of a device's sync: its watermarks. */
bool sim_check_step(struct sim_device *device);
/* A reply of the server to a push: what it says now it said before. */
bool sim_check_push(struct sim_device *device, int64_t first, const void *body, size_t len);
/* The server's records of a device are the first ones of its journal, byte for byte. *ret_count: how many. */
bool sim_check_records(struct sim *sim, const struct sim_device *device, int64_t *ret_count);

/* ---- sim_check_end.c ---- */

/* Everybody has synced: the server has all of every journal. */
bool sim_check_acked(struct sim *sim);
/* After everything was said: see there. */
bool sim_check_end(struct sim *sim);
/* sim_check_books.c */
bool sim_check_books(struct sim *sim, struct sqlite3 *server);
/* sim_check_catalogs.c */
bool sim_check_catalogs(struct sim *sim, struct sqlite3 *server);

#endif
