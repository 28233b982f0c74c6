/* Requests that have come in whole, answered one after the other by a thread of their own: sockets are read and written
 * while the database works. When more waits than can be answered soon, what comes is refused at once, with the time after
 * which it may come again; nothing piles up, and nothing that was taken in is dropped.
 *
 * Where the database is a file, those that wait together are committed together: one sync of the disk for all of them, and
 * their answers after it. One that comes alone is committed alone, and waits for nobody. */
#ifndef TALLYMAN_SYNC_SERVER_JOBS_H
#define TALLYMAN_SYNC_SERVER_JOBS_H

#include "sync/server/api.h"

enum {
    JOBS_MAX = 2048,           /* that wait */
    JOBS_BYTES_MAX = 64 << 20, /* of their bodies */
    JOBS_WAIT_MAX_MS = 4000,   /* until the last of them is answered, as it goes now */
    JOBS_KIB_US = 1000,        /* what a KiB of a body takes, until it is seen */
    JOBS_GROUP_MAX = 32,       /* requests that are committed at once, where the database is a file */
    JOBS_GROUP_MS = 25         /* after so long no more are taken in */
};

struct job {
    struct job *next;
    struct api_request request; /* what it points to lives until it was answered */
    struct api_reply reply;
    bool answered;
    void *context;
};

struct jobs;

/* `answered` is called on the jobs' thread; from then on the job is the caller's again. */
enum rc jobs_start(struct server *server, void (*answered)(struct job *job), struct jobs **ret_jobs);
void jobs_stop(struct jobs *jobs); /* answers all that waits; NULL is fine */

/* False: too much waits, and job->reply says so. Any thread. */
bool jobs_add(struct jobs *jobs, struct job *job);

/* For the figures. Any thread. */
struct jobs_state {
    int waiting;
    int64_t waiting_bytes, answered, turned_away;
    int64_t groups, grouped; /* commits for several, and the requests in them */
    /* What an answer takes of late: to a request that says little, and what each KiB of a body adds. One push is worth a
     * hundred questions: what waits is reckoned by both. */
    int64_t answer_us, kib_us;
};
struct jobs_state jobs_state(struct jobs *jobs);

#endif
