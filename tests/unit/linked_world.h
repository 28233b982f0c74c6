/* A device and its server, both the real ones, with a call in place of the network. */
#ifndef TALLYMAN_TESTS_LINKED_WORLD_H
#define TALLYMAN_TESTS_LINKED_WORLD_H

#include "sync/client/client.h"
#include "tests/unit/engine_world.h"
#include "tests/unit/server_world.h"
#include <stdio.h>

struct linked_world {
    struct engine_world device;
    struct server_world server;
    struct sync_client *client;
    bool away;                                   /* the server can't be reached */
    void (*pulling)(struct linked_world *world); /* called while a page is on its way, once; NULL none */
    FILE *traffic;                               /* what the server answers, written there; NULL: nowhere */
    void *reply;
};

/* Whatever the server answers from now on is written there too; NULL: nowhere. */
void linked_world_listen(FILE *traffic);

/* The server is told the feed; the device is enrolled at CDB, wang signed in, and has pulled it. */
void linked_world_open(struct linked_world *world, const char *feed);
void linked_world_close(struct linked_world *world);
/* The device's program ends, and begins again with nobody signed in. */
void linked_world_stop(struct linked_world *world);
void linked_world_start(struct linked_world *world);
struct sync_transport linked_world_transport(struct linked_world *world);
enum rc linked_world_sync(struct linked_world *world);

#endif
