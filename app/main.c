/* tallyman: the wiring. The only file that names concrete back ends. */
#include "app/cli/cli.h"
#include "app/domain/date.h"
#include <stdlib.h>

/* TALLYMAN_TEST_CLOCK (tests, training): the wall clock begins at this ISO 8601 time instead of now. */
static const struct clock *wall_clock(void)
{
    static struct clock real;
    const char *text = getenv("TALLYMAN_TEST_CLOCK");
    int64_t begin_ms;
    real = *clock_system();
    return text && time_parse(text, &begin_ms) == RC_OK ? clock_from(begin_ms, &real) : &real;
}

int main(int argc, char **argv)
{
    const struct cli_backends backends = {
        .clock = wall_clock(),
        .indicator = &indicator_bell,
        .scanners = {[SCANNER_SERIAL] = &scanner_serial, [SCANNER_SIM] = &scanner_sim},
    };
    return cli_main(&backends, argc, argv);
}
