/* What the server knows of a code, beside what this device knows. */
#ifndef TALLYMAN_CLI_TRACE_SERVER_H
#define TALLYMAN_CLI_TRACE_SERVER_H

#include "app/cli/cli.h"

/* Appends the server's rows, each with "told":"server": the lot's facts, each move, each audit, each record and conflict that this
 * device may see; or one row "server" with its sentence when it refuses. Nothing when the device is not enrolled or the server can't be
 * reached. Fails without memory only. */
enum rc trace_server(struct cli *cli, const char *key, json_t *rows);

#endif
