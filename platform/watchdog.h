/* The service manager's watchdog (systemd's notification protocol, sd_notify(3)): it ends and restarts a program that no
 * longer says that it lives. Without a service manager nothing happens. Any thread; never waits. */
#ifndef TALLYMAN_PLATFORM_WATCHDOG_H
#define TALLYMAN_PLATFORM_WATCHDOG_H

void watchdog_ready(void);
void watchdog_beat(void);

#endif
