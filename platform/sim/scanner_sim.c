/* The simulated scanner: a file of scans, one a line (escapes as code_unescape); each pull of the trigger delivers the
 * next, after the last the first again. A missing file is an absent scanner. */
#include "app/domain/code.h"
#include "platform/scanner.h"
#include "platform/sim/trigger_sim.h"
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { RETRY_MS = 500, FILE_MAX = 1 << 20, MS_PER_S = 1000, NS_PER_MS = 1000000 };

struct sim {
    struct scanner base;
    int event_fd;
    enum scanner_state state;
    int64_t opened_ms; /* last try */
    char *text, *at;   /* the file, and the next line in it */
};

static struct sim *self(struct scanner *scanner)
{
    assert(scanner->class == &scanner_sim);
    return (struct sim *)scanner;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

static enum scanner_state load(struct sim *sim)
{
    sim->opened_ms = now_ms();
    FILE *file = fopen(sim->base.options.device, "re");
    if (!file)
        return errno == EACCES ? SCANNER_DENIED : errno == ENOENT ? SCANNER_ABSENT : SCANNER_FAILED;
    size_t len = fread(sim->text, 1, FILE_MAX, file);
    bool whole = !ferror(file) && fgetc(file) == EOF;
    fclose(file);
    sim->text[len] = '\0';
    sim->at = sim->text;
    /* cut or empty: better no scanner than one that delivers half a code */
    if (!whole || strspn(sim->text, "\n") == strlen(sim->text))
        return SCANNER_FAILED;
    trigger_attach(sim->event_fd);
    return SCANNER_READY;
}

static void sim_close(struct scanner *scanner)
{
    if (!scanner)
        return;
    struct sim *sim = self(scanner);
    trigger_detach(sim->event_fd);
    if (sim->event_fd >= 0)
        close(sim->event_fd);
    free(sim->text);
    free(sim);
}

static enum rc sim_open(const struct scanner_options *options, struct scanner **ret_scanner)
{
    if (options->device[0] == '\0')
        return RC_BAD_INPUT;
    struct sim *sim = calloc(1, sizeof *sim);
    if (!sim)
        return RC_NOMEM;
    sim->base = (struct scanner){.class = &scanner_sim, .options = *options};
    sim->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
    sim->text = malloc(FILE_MAX + 1);
    if (sim->event_fd < 0 || !sim->text) {
        sim_close(&sim->base);
        return RC_NOMEM;
    }
    sim->state = load(sim);
    *ret_scanner = &sim->base;
    return RC_OK;
}

static int sim_fd(struct scanner *scanner)
{
    struct sim *sim = self(scanner);
    return sim->state == SCANNER_READY ? sim->event_fd : -1;
}

static int sim_timeout_ms(struct scanner *scanner)
{
    struct sim *sim = self(scanner);
    if (sim->state == SCANNER_READY)
        return -1;
    int64_t left = sim->opened_ms + RETRY_MS - now_ms();
    return left <= 0 ? 0 : left > RETRY_MS ? RETRY_MS : (int)left;
}

/* The next line that is not blank, wrapping; load() made sure that there is one. */
static char *next_line(struct sim *sim, size_t *ret_len)
{
    sim->at += strspn(sim->at, "\n");
    if (*sim->at == '\0')
        sim->at = sim->text + strspn(sim->text, "\n");
    char *line = sim->at;
    *ret_len = strcspn(line, "\n");
    sim->at += *ret_len;
    return line;
}

static void deliver(struct sim *sim, struct frame *ret_frame)
{
    size_t len;
    char *line = next_line(sim, &len);
    char *text = strndup(line, len);
    enum rc rc = text ? code_unescape(text, SCAN_MAX, ret_frame->bytes, &ret_frame->len) : RC_NOMEM;
    free(text);
    ret_frame->truncated = rc == RC_TOO_BIG || len > SCAN_MAX;
    if (rc == RC_OK)
        return;
    /* no escapes that can be read: the line as it stands */
    ret_frame->len = len < SCAN_MAX ? len : SCAN_MAX;
    memcpy(ret_frame->bytes, line, ret_frame->len);
}

static enum rc sim_read(struct scanner *scanner, struct frame *ret_frame)
{
    struct sim *sim = self(scanner);
    if (sim->state != SCANNER_READY) {
        if (sim_timeout_ms(scanner) == 0)
            sim->state = load(sim);
        return RC_TIMEOUT;
    }
    uint64_t pulls;
    if (read(sim->event_fd, &pulls, sizeof pulls) != (ssize_t)sizeof pulls)
        return RC_TIMEOUT;
    deliver(sim, ret_frame);
    return RC_OK;
}

static enum scanner_state sim_state(struct scanner *scanner)
{
    return self(scanner)->state;
}

static int64_t sim_lost(struct scanner *scanner)
{
    (void)scanner;
    return 0;
}

static enum rc sim_trigger(struct scanner *scanner, bool on)
{
    static const uint64_t one = 1;
    struct sim *sim = self(scanner);
    if (!on || sim->state != SCANNER_READY)
        return RC_OK;
    return write(sim->event_fd, &one, sizeof one) == (ssize_t)sizeof one ? RC_OK : RC_IO;
}

const struct scanner_class scanner_sim = {
    .name = "sim",
    .open = sim_open,
    .close = sim_close,
    .fd = sim_fd,
    .timeout_ms = sim_timeout_ms,
    .read = sim_read,
    .state = sim_state,
    .lost = sim_lost,
    .trigger = sim_trigger,
};
