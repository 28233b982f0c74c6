/* The worker's local socket: whoever connects asks for a sync and is told how it went. Private to sync/client. */
#ifndef TALLYMAN_SYNC_CLIENT_WORKER_SOCKET_H
#define TALLYMAN_SYNC_CLIENT_WORKER_SOCKET_H

#include "app/domain/rc.h"

enum { WORKER_ASKERS_MAX = 8 }; /* more wait in the backlog */

struct worker_socket {
    int listener; /* -1 none */
    int asker_count;
    int askers[WORKER_ASKERS_MAX];
    char path[1024];
};

/* Takes the place of a socket that a dead process left: the data folder's lock says that nobody lives there. */
enum rc worker_socket_open(const char *path, struct worker_socket *ret_socket);
void worker_socket_close(struct worker_socket *sock);

/* Whether another asker can be taken, and taking it (does nothing when nobody waits). */
int worker_socket_fd(const struct worker_socket *sock); /* -1: don't poll now */
void worker_socket_accept(struct worker_socket *sock);

/* Tells the first `count` askers and lets them go. */
void worker_socket_answer(struct worker_socket *sock, int count, enum rc rc);

#endif
