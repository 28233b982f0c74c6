/* The named lines of this machine's GPIO chips, for `tallyman devices`. */
#ifndef TALLYMAN_PLATFORM_PINS_H
#define TALLYMAN_PLATFORM_PINS_H

#include "app/domain/rc.h"
#include <stdbool.h>

enum { PIN_NAME_MAX = 63, PINS_MAX = 64 };

struct pin {
    char name[PIN_NAME_MAX + 1], chip[PIN_NAME_MAX + 1], user[PIN_NAME_MAX + 1]; /* user: who has it, "" nobody */
    unsigned offset;
    bool output, active_low;
};

/* platform/linux/gpio_v1.c. ret_pins holds PINS_MAX. RC_REFUSED: no permission; no chip is no error. */
enum rc pins_list(struct pin *ret_pins, int *ret_count);

#endif
