/* Runs of serials: product, lot and holder of goods that have no row of their own. Within a batch of records, those that were found
 * are remembered: a case is scanned bottle by bottle. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_RUNS_H
#define TALLYMAN_SYNC_SERVER_RUNS_H

#include "app/domain/limits.h"
#include "app/domain/rc.h"
#include <stdbool.h>

struct server;

struct run {
    char first[CODE_KEY_MAX + 1], last[CODE_KEY_MAX + 1];
    char product[ID_MAX + 1], lot[LOT_MAX + 1], holder[HOLDER_MAX + 1]; /* "" not said */
};

enum { RUNS_KEPT = 4 };

struct runs {
    bool kept; /* between runs_keep and runs_forget: nobody changes them meanwhile */
    int count; /* kept so far */
    struct {
        struct run run;
        char until[CODE_KEY_MAX + 1]; /* where the next run begins, "" it is the last one */
    } found[RUNS_KEPT];
};

/* The run that has this key: *ret_run is good until the next call. RC_NOT_FOUND. */
enum rc runs_find(struct server *server, const char *key, const struct run **ret_run);

/* From now on no run is written: within one transaction. */
void runs_keep(struct server *server);
void runs_forget(struct server *server);

#endif
