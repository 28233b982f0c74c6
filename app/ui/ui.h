/* The screens: ncurses over the engine. One call runs them from sign-in to the end. Screen thread; everything that comes
 * from other threads is posted to its loop. */
#ifndef TALLYMAN_UI_UI_H
#define TALLYMAN_UI_UI_H

#include "app/engine/config.h"
#include "app/engine/engine.h"
#include "app/engine/queue.h"
#include "app/engine/reader.h"
#include "platform/indicator.h"
#include "platform/jumps.h"
#include "platform/net.h"
#include "platform/place.h"
#include "platform/power.h"
#include "platform/trigger.h"
#include "sync/client/worker.h"

enum { UI_DETAIL_MAX = 159 };

struct ui_options {
    struct engine *engine;
    struct queue *queue;
    struct config *config; /* the settings screen changes and saves it */
    const struct clock *clock;
    const struct indicator *indicator;
    const struct place_class *place; /* where the device is, at config->place_address; NULL: nobody knows */
    const struct trigger *trigger;   /* NULL: there is none */
    const struct power_source *power;
    const struct net_source *net;
    struct jumps *jumps;
    bool *ran_empty; /* set when the screens have ended because the battery was */

    /* What main.c alone can do, since it names the back ends. The screens end what they started: reader_stop,
     * sync_worker_stop. */
    void *context;
    /* Opens the scanners of the configuration and starts their reader; again after the settings changed. RC_NOT_FOUND
     * when none is configured. `events` as in reader_start. */
    enum rc (*start_reader)(void *context,
                            void (*events)(void *events_context, int scanner, enum scanner_state state),
                            void *events_context, struct reader **ret_reader);
    /* Starts the sync thread; RC_NOT_ENROLLED when there is no server to talk to. */
    enum rc (*start_sync)(void *context, sync_notify *notify, void *notify_context, struct sync_worker **ret_worker);
    /* Joins a server by its one-time string, while no sync thread runs; seconds at most. *ret_detail: the server's own
     * sentence, "" without. RC_NOT_ENROLLED: not in practice. */
    enum rc (*enrol)(void *context, const char *string, char ret_detail[UI_DETAIL_MAX + 1]);
    /* Just before sync_worker_stop: ends the request in hand, so that leaving never waits for a silent server. */
    void (*hang_up)(void *context);
    /* Set when the screens have ended to go over to practice, or back from it: they are to be run again, over the other
     * engine. NULL: there is no practice here. */
    bool *practice_next;
};

/* Until the user leaves (or SIGTERM, SIGHUP, SIGINT). RC_USAGE when there is no terminal. */
enum rc ui_run(const struct ui_options *options);

#endif
