/* Net contract: whether there is a link at all (whether the server answers is known from the sync). Screen thread; never
 * waits. */
#ifndef TALLYMAN_PLATFORM_NET_H
#define TALLYMAN_PLATFORM_NET_H

#include "app/domain/rc.h"
#include <stdbool.h>

enum net_link { NET_UNKNOWN, NET_DOWN, NET_UP };

struct net_source {
    void *context;
    enum net_link (*look)(void *context);
    int (*fd)(void *context); /* readable when a link has changed; -1: look once in a while */
    void (*take)(void *context);
    void (*close)(void *context);
};

/* platform/linux/net.c: rtnetlink and sysfs, which is in this folder ("/sys"). */
enum rc net_linux(const char *sysfs, struct net_source *ret_source);
enum rc net_sim(const char *path, struct net_source *ret_source); /* platform/sim: "up" or "down" */

#endif
