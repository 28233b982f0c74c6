/* What is around the screens: trigger, battery, network, the clock's jumps and sleep of the machine, the service
 * manager's watchdog. Screen thread. */
#ifndef TALLYMAN_UI_AROUND_H
#define TALLYMAN_UI_AROUND_H

#include "app/ui/scene.h"

enum {
    AROUND_GRACE_S = 15, /* between the last warning and the end of the program */
    AROUND_LOW = 10      /* percent: below, sync keeps quiet */
};

/* Puts all of it into the loop. */
enum rc around_add(struct ui *ui);
/* Once a second. */
void around_second(struct ui *ui);
bool around_is_low(const struct ui *ui);
/* Seconds until the program ends for want of power, -1: it does not. */
int around_ends_s(const struct ui *ui);

#endif
