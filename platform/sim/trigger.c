#include "platform/trigger.h"
#include "platform/sim/trigger_sim.h"
#include <pthread.h>
#include <stdint.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int attached = -1;

void trigger_attach(int event_fd)
{
    pthread_mutex_lock(&mutex);
    attached = event_fd;
    pthread_mutex_unlock(&mutex);
}

void trigger_detach(int event_fd)
{
    pthread_mutex_lock(&mutex);
    if (attached == event_fd)
        attached = -1;
    pthread_mutex_unlock(&mutex);
}

enum rc trigger_pull(void)
{
    static const uint64_t one = 1;
    enum rc rc = RC_NOT_FOUND;
    pthread_mutex_lock(&mutex);
    if (attached >= 0)
        rc = write(attached, &one, sizeof one) == (ssize_t)sizeof one ? RC_OK : RC_IO;
    pthread_mutex_unlock(&mutex);
    return rc;
}
