#include "app/cli/cli.h"
#include "app/cli/peer.h"
#include "app/text/text.h"
#include "sync/client/stick.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NAME_BYTES = 4096 };

static enum rc write_to(struct cli *cli, FILE *out, int64_t *ret_count)
{
    struct syncport *port;
    enum rc rc = syncport_open(cli->dir, &port);
    if (rc != RC_OK)
        return rc;
    struct sync_store store = syncport_store(port);
    rc = stick_write(&store, out, ret_count);
    syncport_close(port);
    return rc;
}

/* Beside, then renamed: a stick that is pulled out has the whole file or none. */
static enum rc write_file(struct cli *cli, const char *name, int64_t *ret_count)
{
    char part[NAME_BYTES];
    if (snprintf(part, sizeof part, "%s.part", name) >= (int)sizeof part)
        return RC_TOO_BIG;
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!out) {
        if (fd >= 0)
            close(fd);
        return errno == ENOSPC ? RC_DISK_FULL : RC_READ_ONLY;
    }
    enum rc rc = write_to(cli, out, ret_count);
    if (rc == RC_OK && fsync(fd) != 0)
        rc = RC_IO;
    if (fclose(out) != 0 && rc == RC_OK)
        rc = RC_IO;
    if (rc == RC_OK && rename(part, name) != 0)
        rc = RC_IO;
    if (rc != RC_OK)
        unlink(part);
    return rc;
}

int cli_export(struct cli *cli, int argc, char **argv)
{
    int64_t count = 0;
    if (argc > 2)
        return cli_usage(cli);
    bool file = argc == 2 && strcmp(argv[1], "-") != 0;
    enum rc rc = file ? write_file(cli, argv[1], &count) : write_to(cli, stdout, &count);
    if (rc != RC_OK)
        return cli_fail(rc, file ? argv[1] : "");
    if (!file)
        return cli_printed();
    if (cli->json)
        return cli_print(json_pack("{s:I}", "records", (json_int_t)count));
    printf("records\t%lld\n", (long long)count);
    return cli_printed();
}
