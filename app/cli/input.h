/* Lines from a descriptor, with a time limit, so that a command can do its housekeeping between them. Lines may hold
 * NUL; what is beyond INPUT_LINE_MAX is thrown away up to the line's end. */
#ifndef TALLYMAN_CLI_INPUT_H
#define TALLYMAN_CLI_INPUT_H

#include "app/cli/decode.h"
#include "app/domain/rc.h"

enum { INPUT_LINE_MAX = DECODE_LINE_MAX + 1, INPUT_BUFFER_BYTES = 16384 };

struct input {
    int fd;
    bool end;
    size_t at, filled;
    size_t len; /* of the line so far; more than INPUT_LINE_MAX is not kept */
    char buffer[INPUT_BUFFER_BYTES];
    char line[INPUT_LINE_MAX + 1]; /* closed by a NUL once whole */
};

void input_init(struct input *input, int fd);

/* The next line without its end, in input->line. RC_TIMEOUT: none within timeout_ms (-1 for ever); RC_DISCONNECTED: the
 * input has ended; RC_IO. */
enum rc input_line(struct input *input, int timeout_ms, size_t *ret_len);

#endif
