/* SIGINT and SIGTERM as a descriptor, for commands that go on until they are told to stop. Open it before any thread is
 * made: threads inherit that the signals are blocked. */
#ifndef TALLYMAN_CLI_STOP_H
#define TALLYMAN_CLI_STOP_H

#include <stdbool.h>

int stop_open(void); /* readable once a signal came; -1 without descriptors */
void stop_close(int fd);
/* Waits so long; true: a signal came. */
bool stop_wait(int fd, long timeout_ms);

#endif
