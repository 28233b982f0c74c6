#include "sync/server/admin.h"
#include "sync/server/access.h"
#include "sync/server/cases.h"
#include "sync/server/closing.h"
#include "sync/server/core.h"
#include "sync/server/import.h"
#include "sync/server/listing.h"
#include "sync/server/provisional.h"
#include "sync/server/qr.h"
#include "sync/server/recall.h"
#include "sync/server/settled.h"
#include "sync/server/snapshot.h"
#include "sync/server/stick.h"
#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_MAX = 700 };

struct call {
    struct server *server;
    int count;
    const char *const *args;
    FILE *in, *out;
    json_t *messages;
};

__attribute__((format(printf, 2, 3))) static void say(json_t *messages, const char *format, ...)
{
    char text[MESSAGE_MAX];
    va_list list;
    if (json_array_size(messages) >= ADMIN_MESSAGES_MAX)
        return;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    /* JSON text must be UTF-8: what was cut in a character loses that character */
    for (size_t len = strlen(text); json_array_append_new(messages, json_string(text)) && len > 0;)
        text[--len] = '\0';
}

static int world_failed(const struct call *call, enum rc rc)
{
    static const struct {
        enum rc rc;
        const char *text;
    } SENTENCES[] = {
        {RC_DISK_FULL, "the disk is full: nothing was changed"},
        {RC_READ_ONLY, "the database can't be written"},
        {RC_CORRUPT, "the database is damaged"},
        {RC_BUSY, "the database is in use"},
    };
    for (size_t i = 0; i < sizeof SENTENCES / sizeof SENTENCES[0]; i++)
        if (SENTENCES[i].rc == rc) {
            say(call->messages, "%s", SENTENCES[i].text);
            return ADMIN_EXIT_FAILED;
        }
    say(call->messages, "failed: %s", rc_word(rc));
    return ADMIN_EXIT_FAILED;
}

static void note(void *context, const char *text)
{
    say(context, "note: %s", text);
}

static int run_import(const struct call *call)
{
    struct import_notes notes = {call->messages, note};
    struct feed_error error = {0};
    long count = 0, changed = 0;
    enum rc rc = import_feed(call->server, call->in, &notes, &count, &changed, &error);
    if (rc == RC_BAD_INPUT) {
        /* the one that matters is said even when the notes have filled the list */
        if (json_array_size(call->messages) >= ADMIN_MESSAGES_MAX)
            json_array_remove(call->messages, 0);
        say(call->messages, "line %ld: %s; nothing was taken", error.line, error.text);
        return ADMIN_EXIT_FAILED;
    }
    if (rc)
        return world_failed(call, rc);
    fprintf(call->out, "%ld lines, %ld changed\n", count, changed);
    return 0;
}

static const char *option(const struct call *call, const char *name)
{
    for (int i = 1; i + 1 < call->count; i += 2)
        if (strcmp(call->args[i], name) == 0)
            return call->args[i + 1];
    return NULL;
}

/* enrol --site SITE | --device N, [--url URL] */
static int run_enrol(const struct call *call)
{
    const char *site = option(call, "--site"), *device = option(call, "--device"), *url = option(call, "--url");
    char string[ENROL_STRING_MAX + 1], own[WIRE_URL_MAX + 1], *end = NULL;
    long long number = device ? strtoll(device, &end, 10) : 0;
    if (!site == !device || call->count != (url ? 5 : 3) || (end && *end))
        return ADMIN_EXIT_USAGE;
    if (!url && core_meta_get(call->server, "url", own, sizeof own) == RC_OK)
        url = own;
    if (!url) {
        say(call->messages, "the address is not known before the server has served: say it with --url");
        return ADMIN_EXIT_FAILED;
    }
    enum rc rc = site ? access_invite(call->server, site, url, string)
                      : access_invite_again(call->server, number, url, string);
    if (rc == RC_BAD_INPUT || rc == RC_REVOKED) {
        say(call->messages,
            rc == RC_REVOKED ? "not known, or revoked: device %s (%s)" : "no site's id, or no address: %s %s",
            site ? site : device, url);
        return ADMIN_EXIT_FAILED;
    }
    if (rc)
        return world_failed(call, rc);
    fprintf(call->out, "For %s %s, within %d minutes, at %s:\n", site ? "one device of site" : "device",
            site ? site : device, ENROLMENT_S / 60, url);
    if (!qr_print(string, call->out))
        say(call->messages, "no QR code: it would be too large");
    fprintf(call->out, "%s\n", string);
    return 0;
}

/* stick FILE */
static int run_stick(const struct call *call)
{
    struct stick_result result;
    enum rc rc = stick_take(call->server, call->in, &result);
    if (rc == RC_BAD_INPUT)
        say(call->messages, "no journal of a device, or cut off");
    else if (rc == RC_REFUSED)
        say(call->messages, "device %lld: %s", (long long)result.device, result.text);
    if (rc == RC_BAD_INPUT || rc == RC_REFUSED) {
        if (result.acked)
            say(call->messages, "device %lld: taken up to record %lld", (long long)result.device,
                (long long)result.acked);
        return ADMIN_EXIT_FAILED;
    }
    if (rc)
        return world_failed(call, rc);
    fprintf(call->out, "device %lld: here up to record %lld\n", (long long)result.device, (long long)result.acked);
    return 0;
}

/* revoke DEVICE [--undo] */
static int run_revoke(const struct call *call)
{
    char *end;
    long long number = strtoll(call->args[1], &end, 10);
    bool undo = call->count == 3 && strcmp(call->args[2], "--undo") == 0;
    if (*end || (call->count == 3 && !undo))
        return ADMIN_EXIT_USAGE;
    enum rc rc = access_revoke(call->server, number, !undo);
    if (rc == RC_NOT_FOUND) {
        say(call->messages, "no such device: %s", call->args[1]);
        return ADMIN_EXIT_FAILED;
    }
    if (rc)
        return world_failed(call, rc);
    fprintf(call->out, "device %lld: %s\n", number, undo ? "may speak again" : "revoked");
    return 0;
}

/* release DEVICE */
static int run_release(const struct call *call)
{
    char *end;
    long long number = strtoll(call->args[1], &end, 10);
    if (*end)
        return ADMIN_EXIT_USAGE;
    enum rc rc = closing_release(call->server, number, call->out);
    if (rc == RC_REFUSED) {
        say(call->messages, "no such device, or it may still speak: revoke it first: %s", call->args[1]);
        return ADMIN_EXIT_FAILED;
    }
    return rc ? world_failed(call, rc) : 0;
}

static int run_list(const struct call *call, enum rc (*list)(struct server *server, FILE *out))
{
    enum rc rc = list(call->server, call->out);
    return rc ? world_failed(call, rc) : 0;
}

static int run_records(const struct call *call)
{
    return run_list(call, listing_records);
}

static int run_conflicts(const struct call *call)
{
    return run_list(call, listing_conflicts);
}

static int run_results(const struct call *call)
{
    return run_list(call, listing_results);
}

static int run_devices(const struct call *call)
{
    return run_list(call, listing_devices);
}

static int run_trace(const struct call *call)
{
    enum rc rc = listing_trace(call->server, call->args[1], call->out);
    if (rc == RC_NOT_FOUND) {
        say(call->messages, "nothing is known of %s", call->args[1]);
        return ADMIN_EXIT_FAILED;
    }
    return rc ? world_failed(call, rc) : 0;
}

static int run_findings(const struct call *call)
{
    return run_list(call, listing_findings);
}

static int run_recall(const struct call *call)
{
    enum rc rc = recall_report(call->server, call->args[1], call->out);
    if (rc == RC_NOT_FOUND) {
        say(call->messages, "no such recall: %s", call->args[1]);
        return ADMIN_EXIT_FAILED;
    }
    return rc ? world_failed(call, rc) : 0;
}

static int run_radius(const struct call *call)
{
    enum rc rc = recall_radius(call->server, call->args[1], call->args[2], call->out);
    return rc ? world_failed(call, rc) : 0;
}

static int run_cases(const struct call *call)
{
    if (call->count == 1)
        return run_list(call, cases_list);
    return strcmp(call->args[1], "--offenders") == 0 ? run_list(call, cases_offenders) : ADMIN_EXIT_USAGE;
}

/* rule CASE diverted|dismissed --reason TEXT --by WHO: pairs of words after the first one. */
static int run_rule(const struct call *call)
{
    struct call options = {.count = call->count - 2, .args = call->args + 2};
    const char *reason = option(&options, "--reason"), *by = option(&options, "--by"), *state = call->args[2];
    char *end;
    long long number = strtoll(call->args[1], &end, 10);
    bool word = strcmp(state, "diverted") == 0 || strcmp(state, "dismissed") == 0;
    if (*end || !word || !reason || !reason[0] || !by || !by[0])
        return ADMIN_EXIT_USAGE;
    enum rc rc = cases_rule(call->server, number, state, reason, by);
    if (rc == RC_NOT_FOUND) {
        say(call->messages, "no such case: %s", call->args[1]);
        return ADMIN_EXIT_FAILED;
    }
    if (rc)
        return world_failed(call, rc);
    fprintf(call->out, "case %lld: %s\n", number, state);
    return 0;
}

static int run_provisional(const struct call *call)
{
    return run_list(call, provisional_list);
}

/* settle NUMBER accepted|refused --reason TEXT --by WHO */
static int run_settle(const struct call *call)
{
    struct call options = {.count = call->count - 2, .args = call->args + 2};
    const char *reason = option(&options, "--reason"), *by = option(&options, "--by"), *state = call->args[2];
    char *end;
    long long number = strtoll(call->args[1], &end, 10);
    bool word = strcmp(state, "accepted") == 0 || strcmp(state, "refused") == 0;
    if (*end || !word || !reason || !reason[0] || !by || !by[0])
        return ADMIN_EXIT_USAGE;
    enum rc rc = provisional_rule(call->server, number, state, reason, by);
    if (rc == RC_NOT_FOUND) {
        say(call->messages, "nothing of this number waits: %s", call->args[1]);
        return ADMIN_EXIT_FAILED;
    }
    if (rc)
        return world_failed(call, rc);
    fprintf(call->out, "provisional %lld: %s\n", number, state);
    return 0;
}

/* resolve CASE --reason TEXT --by WHO */
static int run_resolve(const struct call *call)
{
    struct call options = {.count = call->count - 1, .args = call->args + 1};
    const char *reason = option(&options, "--reason"), *by = option(&options, "--by");
    struct settled_before before;
    char *end;
    long long number = strtoll(call->args[1], &end, 10);
    if (*end || !reason || !reason[0] || !by || !by[0])
        return ADMIN_EXIT_USAGE;
    enum rc rc = settled_close(call->server, number, reason, by, &before);
    if (rc == RC_NOT_FOUND) {
        say(call->messages, "no such conflict: %s", call->args[1]);
        return ADMIN_EXIT_FAILED;
    }
    if (rc)
        return world_failed(call, rc);
    if (before.what[0])
        fprintf(call->out, "conflict %lld: was settled before (%s, by %s)\n", number, before.what, before.by);
    else
        fprintf(call->out, "conflict %lld: closed\n", number);
    return 0;
}

static int run_close(const struct call *call)
{
    enum rc rc = closing_close(call->server, call->args[1], call->out);
    if (rc == RC_NOT_FOUND)
        say(call->messages, "no such document, or nobody works on it: %s", call->args[1]);
    else if (rc == RC_AMBIGUOUS)
        say(call->messages, "several documents have this number, name one as source:doc: %s", call->args[1]);
    else if (rc == RC_REFUSED)
        say(call->messages, "a group has no result, name one of its documents: %s", call->args[1]);
    else
        return rc ? world_failed(call, rc) : 0;
    return ADMIN_EXIT_FAILED;
}

/* snapshot SITE */
static int run_snapshot(const struct call *call)
{
    enum rc rc = snapshot_make_now(call->server, call->args[1], call->out);
    if (rc == RC_NOT_FOUND)
        say(call->messages, "no such site: %s", call->args[1]);
    else if (rc == RC_USAGE)
        say(call->messages, "no folder for snapshots: say it with --snapshots");
    else if (rc == RC_BUSY)
        say(call->messages, "a snapshot is being made, or the server was told to stop");
    else
        return rc ? world_failed(call, rc) : 0;
    return ADMIN_EXIT_FAILED;
}

enum { COMMAND_COUNT = 20 };

static const struct admin_command COMMANDS[COMMAND_COUNT + 1] = {
    {"import", "import FILE", "take the feed in, whole or not at all; - is standard input", true, false},
    {"enrol", "enrol --site SITE|--device N [--url URL]", "print a one-time string for a device, on the last line",
     false, false},
    {"stick", "stick FILE", "take in a device's journal that came on a stick", true, false},
    {"revoke", "revoke DEVICE [--undo]", "hear no more of a device that is lost", false, false},
    {"release", "release DEVICE", "free what a revoked device had begun and not completed", false, false},
    {"records", "records", "print every record of every device", false, true},
    {"conflicts", "conflicts", "print what cannot both be true", false, true},
    {"resolve", "resolve CASE --reason TEXT --by WHO",
     "close a conflict: nobody has to do anything about it any more", false, false},
    {"findings", "findings", "print the accepted records in which the server found something", false, true},
    {"results", "results", "print the results of documents", false, true},
    {"devices", "devices", "print the devices", false, true},
    {"trace", "trace CODE", "print where a code has been", false, true},
    {"recall", "recall ID", "print where the goods of a recall are, and what is missing", false, true},
    {"radius", "radius PRODUCT LOT", "print where a lot is, and how much of it", false, true},
    {"cases", "cases [--offenders]", "print the cases of suspected diversion, or whom they are against", false, true},
    {"rule", "rule CASE diverted|dismissed --reason TEXT --by WHO", "rule on a case", false, false},
    {"provisional", "provisional", "print what dealers have before the books know", false, true},
    {"settle", "settle NUMBER accepted|refused --reason TEXT --by WHO", "rule on what is provisional", false, false},
    {"close", "close DOC", "make a document's result now, while devices work on it still", false, true},
    {"snapshot", "snapshot SITE", "make the catalog of a site's devices as one file, to be fetched by them", false,
     false},
    {0},
};

static const struct {
    int (*run)(const struct call *call);
    int count_min, count_max; /* words, the command's included */
} ACTIONS[COMMAND_COUNT] = {
    {run_import, 2, 2},  {run_enrol, 3, 5},       {run_stick, 2, 2},   {run_revoke, 2, 3},   {run_release, 2, 2},
    {run_records, 1, 1}, {run_conflicts, 1, 1},   {run_resolve, 6, 6}, {run_findings, 1, 1}, {run_results, 1, 1},
    {run_devices, 1, 1}, {run_trace, 2, 2},       {run_recall, 2, 2},  {run_radius, 3, 3},   {run_cases, 1, 2},
    {run_rule, 7, 7},    {run_provisional, 1, 1}, {run_settle, 7, 7},  {run_close, 2, 2},    {run_snapshot, 2, 2},
};

const struct admin_command *admin_commands(void)
{
    return COMMANDS;
}

const struct admin_command *admin_find(const char *name)
{
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(COMMANDS[i].name, name) == 0)
            return &COMMANDS[i];
    return NULL;
}

int admin_run(struct server *server, int count, const char *const *args, FILE *in, FILE *out, json_t *messages)
{
    struct call call = {server, count, args, in, out, messages};
    const struct admin_command *command = count > 0 ? admin_find(args[0]) : NULL;
    int status = ADMIN_EXIT_USAGE;
    if (!command) {
        say(messages, "no such command: %s", count > 0 ? args[0] : "");
        return status;
    }
    size_t i = (size_t)(command - COMMANDS);
    assert(!command->input || in);
    pthread_mutex_lock(&server->lock);
    if (count >= ACTIONS[i].count_min && count <= ACTIONS[i].count_max)
        status = ACTIONS[i].run(&call);
    pthread_mutex_unlock(&server->lock);
    if (status == ADMIN_EXIT_USAGE)
        say(messages, "usage: tallyman-server [--db URL] %s", command->usage);
    return status;
}
