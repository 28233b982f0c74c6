#include "platform/power.h"

int power_warning(const struct power *power)
{
    static const int levels[] = {5, 10, 20};
    if (power->percent < 0 || power->charging)
        return 0;
    for (unsigned i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (power->percent <= levels[i])
            return levels[i];
    return 0;
}
