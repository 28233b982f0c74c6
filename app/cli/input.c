#include "app/cli/input.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

void input_init(struct input *input, int fd)
{
    memset(input, 0, sizeof *input);
    input->fd = fd;
}

/* Moves buffered bytes into the line; true: it is whole. */
static bool take(struct input *input)
{
    while (input->at < input->filled) {
        char byte = input->buffer[input->at++];
        if (byte == '\n')
            return true;
        if (input->len < INPUT_LINE_MAX)
            input->line[input->len++] = byte;
    }
    return false;
}

static enum rc fill(struct input *input, int timeout_ms)
{
    struct pollfd fd = {.fd = input->fd, .events = POLLIN};
    int ready = poll(&fd, 1, timeout_ms);
    if (ready < 0)
        return errno == EINTR ? RC_OK : RC_IO;
    if (ready == 0)
        return RC_TIMEOUT;
    ssize_t got = read(input->fd, input->buffer, sizeof input->buffer);
    if (got < 0)
        return errno == EINTR || errno == EAGAIN ? RC_OK : RC_IO;
    input->at = 0;
    input->filled = (size_t)got;
    input->end = got == 0;
    return RC_OK;
}

static size_t finish(struct input *input)
{
    size_t len = input->len;
    if (len > 0 && len < INPUT_LINE_MAX && input->line[len - 1] == '\r')
        len--;
    input->line[len] = '\0';
    input->len = 0;
    return len;
}

enum rc input_line(struct input *input, int timeout_ms, size_t *ret_len)
{
    bool whole = take(input);
    while (!whole && !input->end) {
        enum rc rc = fill(input, timeout_ms);
        if (rc != RC_OK)
            return rc;
        whole = take(input);
    }
    if (!whole && input->len == 0)
        return RC_DISCONNECTED;
    *ret_len = finish(input);
    return RC_OK;
}
