/* Trigger contract: the handheld's button. The simulated one is pulled by a key (F9) and makes the simulated scanner read
 * its next code; absent hardware answers RC_NOT_FOUND. */
#ifndef TALLYMAN_PLATFORM_TRIGGER_H
#define TALLYMAN_PLATFORM_TRIGGER_H

#include "app/domain/rc.h"

/* Pulls the trigger of a simulated scanner: its next scan arrives. Any thread. RC_NOT_FOUND when no simulated scanner is open. */
enum rc trigger_pull(void);

#endif
