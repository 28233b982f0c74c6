/* Whether any network has a link: sysfs says how each interface is, rtnetlink when one changes. */
#include "platform/net.h"
#include <dirent.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { VALUE_MAX = 32, PATH_BYTES = 512, MESSAGES_A_TURN = 256, MESSAGE_BYTES = 8192 };

struct net {
    char folder[PATH_BYTES / 2];
    int fd;
};

static enum net_link link_of(const char *folder, const char *interface)
{
    char path[PATH_BYTES], state[VALUE_MAX] = "";
    if (snprintf(path, sizeof path, "%s/%s/operstate", folder, interface) >= (int)sizeof path)
        return NET_UNKNOWN;
    FILE *file = fopen(path, "re");
    if (!file)
        return NET_UNKNOWN;
    if (!fgets(state, sizeof state, file))
        state[0] = '\0';
    fclose(file);
    /* "unknown" are interfaces that can't tell (modems, tunnels): as good as up */
    return strncmp(state, "up", 2) == 0 || strncmp(state, "unknown", 7) == 0 ? NET_UP : NET_DOWN;
}

/* Unknown without any interface but the loopback. */
static enum net_link look(void *context)
{
    const struct net *net = context;
    enum net_link link = NET_UNKNOWN;
    DIR *dir = opendir(net->folder);
    for (const struct dirent *entry = dir ? readdir(dir) : NULL; entry && link != NET_UP; entry = readdir(dir))
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, "lo") != 0) {
            enum net_link one = link_of(net->folder, entry->d_name);
            link = one == NET_UNKNOWN ? link : one;
        }
    if (dir)
        closedir(dir);
    return link;
}

static int news_fd(void *context)
{
    const struct net *net = context;
    return net->fd;
}

/* What the messages say is read from sysfs, all of it at once: none of them is missed when too many come. */
static void take(void *context)
{
    const struct net *net = context;
    static char message[MESSAGE_BYTES];
    for (int i = 0; i < MESSAGES_A_TURN && net->fd >= 0; i++)
        if (recv(net->fd, message, sizeof message, MSG_DONTWAIT) <= 0)
            break;
}

static void net_close(void *context)
{
    struct net *net = context;
    if (net->fd >= 0)
        close(net->fd);
    free(net);
}

enum rc net_linux(const char *sysfs, struct net_source *ret_source)
{
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
    struct net *net = calloc(1, sizeof *net);
    if (!net)
        return RC_NOMEM;
    snprintf(net->folder, sizeof net->folder, "%s/class/net", sysfs);
    net->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (net->fd >= 0 && bind(net->fd, (const struct sockaddr *)&address, sizeof address)) {
        close(net->fd);
        net->fd = -1; /* looked at once in a while */
    }
    *ret_source = (struct net_source){.context = net, .look = look, .fd = news_fd, .take = take, .close = net_close};
    return RC_OK;
}
