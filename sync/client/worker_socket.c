#include "sync/client/worker_socket.h"
#include "sync/client/worker.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 32, PATH_MAX_BYTES = 1023 };

/* A socket's address holds 107 bytes, a data folder's path may be longer: then the address goes through a descriptor of
 * the folder (*ret_dir, to be closed when the call is made; -1 when not needed). */
static enum rc make_address(const char *path, struct sockaddr_un *ret_address, int *ret_dir)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    *ret_dir = -1;
    if (strlen(path) >= sizeof(address.sun_path)) {
        const char *name = strrchr(path, '/');
        char dir[PATH_MAX_BYTES + 1];
        if (!name || strlen(path) > PATH_MAX_BYTES)
            return RC_TOO_BIG;
        snprintf(dir, sizeof(dir), "%.*s", (int)(name - path), path);
        int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            return errno == ENOENT ? RC_NOT_FOUND : RC_IO;
        int len = snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d%s", fd, name);
        if (len < 0 || (size_t)len >= sizeof(address.sun_path)) {
            close(fd);
            return RC_TOO_BIG;
        }
        *ret_dir = fd;
    } else {
        memcpy(address.sun_path, path, strlen(path) + 1);
    }
    *ret_address = address;
    return RC_OK;
}

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

enum rc worker_socket_open(const char *path, struct worker_socket *ret_socket)
{
    struct worker_socket sock = {.listener = -1};
    struct sockaddr_un address;
    int dir;
    if (strlen(path) >= sizeof(sock.path))
        return RC_TOO_BIG;
    snprintf(sock.path, sizeof(sock.path), "%s", path);
    enum rc rc = make_address(path, &address, &dir);
    if (rc != RC_OK)
        return rc;
    sock.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    unlink(path);
    if (sock.listener < 0 || bind(sock.listener, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        chmod(path, S_IRUSR | S_IWUSR) != 0 || listen(sock.listener, WORKER_ASKERS_MAX) != 0) {
        close_fd(sock.listener);
        rc = RC_IO;
    } else {
        *ret_socket = sock;
    }
    close_fd(dir);
    return rc;
}

void worker_socket_close(struct worker_socket *sock)
{
    if (sock->listener < 0)
        return;
    worker_socket_answer(sock, sock->asker_count, RC_DISCONNECTED);
    close(sock->listener);
    sock->listener = -1;
    unlink(sock->path);
}

int worker_socket_fd(const struct worker_socket *sock)
{
    return sock->asker_count < WORKER_ASKERS_MAX ? sock->listener : -1;
}

void worker_socket_accept(struct worker_socket *sock)
{
    if (worker_socket_fd(sock) < 0)
        return;
    int fd = accept4(sock->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0)
        sock->askers[sock->asker_count++] = fd;
}

void worker_socket_answer(struct worker_socket *sock, int count, enum rc rc)
{
    char line[LINE_MAX_BYTES];
    int len = snprintf(line, sizeof(line), "%s\n", rc_word(rc));
    for (int i = 0; i < count; i++) {
        /* whoever has gone is not told */
        (void)!send(sock->askers[i], line, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT);
        close(sock->askers[i]);
    }
    sock->asker_count -= count;
    memmove(sock->askers, sock->askers + count, (size_t)sock->asker_count * sizeof(sock->askers[0]));
}

static enum rc rc_from_word(const char *word)
{
    static const enum rc all[] = {
#define RC_VALUE(id, text) id,
        RC_LIST(RC_VALUE)
#undef RC_VALUE
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(rc_word(all[i]), word) == 0)
            return all[i];
    return RC_PEER;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Reads one line. */
static enum rc wait_for_word(int fd, long timeout_ms, enum rc *ret_result)
{
    char line[LINE_MAX_BYTES];
    size_t len = 0;
    int64_t end_ms = now_ms() + timeout_ms;
    for (int64_t left = timeout_ms; left >= 0; left = end_ms - now_ms()) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (poll(&wait, 1, (int)(left < 1000 ? left : 1000)) <= 0)
            continue;
        ssize_t got = recv(fd, line + len, sizeof(line) - 1 - len, MSG_DONTWAIT);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0)
            return RC_DISCONNECTED;
        len += (size_t)got;
        line[len] = '\0';
        char *end = strchr(line, '\n');
        if (end) {
            *end = '\0';
            *ret_result = rc_from_word(line);
            return RC_OK;
        }
        if (len == sizeof(line) - 1)
            return RC_PEER;
    }
    return RC_TIMEOUT;
}

enum rc sync_worker_ask(const char *socket_path, long timeout_ms, enum rc *ret_result)
{
    struct sockaddr_un address;
    int dir;
    enum rc rc = make_address(socket_path, &address, &dir);
    if (rc != RC_OK)
        return rc;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
        rc = fd >= 0 && (errno == ENOENT || errno == ECONNREFUSED) ? RC_NOT_FOUND : RC_IO;
    else {
        /* connecting asks already: the answer may be there, and the other end closed, before this is sent */
        (void)!send(fd, "s", 1, MSG_NOSIGNAL);
        rc = wait_for_word(fd, timeout_ms, ret_result);
    }
    close_fd(fd);
    close_fd(dir);
    return rc;
}
