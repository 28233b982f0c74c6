/* What became of a scan, in one line. */
#ifndef TALLYMAN_CLI_OUTCOME_H
#define TALLYMAN_CLI_OUTCOME_H

#include "app/cli/cli.h"

/* REASON TAB SEVERITY TAB KEY TAB TEXT, or an object; the record is on disk. The exit code. */
int outcome_print(const struct cli *cli, const struct outcome *outcome);

#endif
