/* Fuzzes what gpsd says: the input is what comes after the connection was made, over a real socket of this machine. A place that is
 * told is on Earth; whatever else comes, none is. */
#include "platform/place.h"
#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUTS_A_CONNECTION = 64, INPUT_MAX = 8192, READS_MAX = 64, WAIT_MS = 100 };

static struct {
    int listener, peer, inputs;
    char port[8];
    struct place_source *place;
} world = {.listener = -1, .peer = -1};

static void demand(bool holds, const char *wrong)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz_place: %s\n", wrong);
    abort();
}

static void listen_here(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    world.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    demand(world.listener >= 0 && bind(world.listener, (struct sockaddr *)&address, len) == 0 &&
               listen(world.listener, 1) == 0 && getsockname(world.listener, (struct sockaddr *)&address, &len) == 0,
           "no port");
    snprintf(world.port, sizeof world.port, "%u", (unsigned)ntohs(address.sin_port));
}

static bool connect_anew(void)
{
    if (world.place)
        place_gpsd.close(world.place);
    if (world.peer >= 0)
        close(world.peer);
    world.place = NULL;
    world.peer = -1;
    if (place_gpsd.open(world.port, &world.place) != RC_OK)
        return false; /* the library is not there: nothing to try */
    world.peer = accept4(world.listener, NULL, NULL, SOCK_CLOEXEC);
    return world.peer >= 0;
}

/* Told that it may go, it does: what was said has come then. */
static void read_all(void)
{
    struct place_fix fix;
    struct pollfd poll_fd = {.fd = place_gpsd.fd(world.place), .events = POLLIN};
    for (int i = 0; i < READS_MAX; i++) {
        if (poll(&poll_fd, 1, i ? 0 : WAIT_MS) <= 0)
            return;
        enum rc rc = place_gpsd.read(world.place, &fix);
        demand(rc == RC_OK || rc == RC_TIMEOUT || rc == RC_DISCONNECTED, "another answer");
        if (rc == RC_OK)
            demand(fabs(fix.lat) <= 90 && fabs(fix.lon) <= 180 && fix.accuracy_m >= 0 && isfinite(fix.accuracy_m),
                   "a place that is not on Earth");
        if (rc == RC_DISCONNECTED) {
            world.inputs = 0;
            return;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX)
        return 0;
    if (world.listener < 0)
        listen_here();
    if (world.inputs++ % INPUTS_A_CONNECTION == 0 && !connect_anew())
        return 0;
    if (send(world.peer, data, size, MSG_NOSIGNAL) != (ssize_t)size || send(world.peer, "\n", 1, MSG_NOSIGNAL) != 1) {
        world.inputs = 0;
        return 0;
    }
    read_all();
    return 0;
}
