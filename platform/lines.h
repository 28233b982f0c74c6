/* The named lines of this machine's GPIO chips, for `tallyman devices`. */
#ifndef TALLYMAN_PLATFORM_LINES_H
#define TALLYMAN_PLATFORM_LINES_H

#include "app/domain/rc.h"
#include <stdbool.h>

enum { LINES_NAME_MAX = 63, LINES_LIST_MAX = 64 };

struct line {
    char name[LINES_NAME_MAX + 1], chip[LINES_NAME_MAX + 1],
        user[LINES_NAME_MAX + 1]; /* user: who has it, "" nobody */
    unsigned offset;
    bool output, active_low;
};

/* platform/linux/gpio_v1.c. ret_lines holds LINES_LIST_MAX. RC_REFUSED: no permission; no chip is no error. */
enum rc lines_list(struct line *ret_lines, int *ret_count);

#endif
