/* A device that has worked and its server, in one process: the real engine, store, sync client and server core, with a
 * plain call in place of the network. Both sides' databases lie on the disk that powerfs plays. */
#ifndef TALLYMAN_TESTS_CRASH_HANDOVER_H
#define TALLYMAN_TESTS_CRASH_HANDOVER_H

#include "app/domain/rc.h"
#include <stdbool.h>
#include <stdint.h>

/* Two folders: enrolled, the catalog pulled, the session of session.h taken; nothing of it handed over yet. */
enum rc handover_prepare(const char *device_dir, const char *server_dir);

struct handover_report {
    enum rc rc;
    int64_t heard; /* the highest number that the device was told is acknowledged */
};

/* Opens both, syncs until nothing is left or something fails, closes both. */
void handover_run(const char *device_dir, const char *server_dir, struct handover_report *ret_report);

struct handover_counts {
    int64_t records; /* that the server has */
    int64_t highest; /* of their numbers */
    bool same;       /* they are the first ones of the device's journal, each once: number, kind and key agree */
    int64_t journal; /* records of the device */
    int64_t waiting; /* by the device's own count */
    int64_t results, result_docs; /* result rows, and different documents among them */
};
/* What both sides have. */
enum rc handover_count(const char *device_dir, const char *server_dir, struct handover_counts *ret_counts);

#endif
