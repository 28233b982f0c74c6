/* Exactly once: devices that scan, undo, complete and sync with a server over a network that loses, repeats and delays,
 * both ends killed at random.
 *
 *   sim                     SEEDS_CHECK histories, then some with a planted bug, which must be caught
 *   sim --long              SEEDS_LONG
 *   sim SEEDS [FIRST]       so many, from this seed on
 *   sim --restore SEEDS     in all of them, not in every third, the server is also lost and restored from backups
 *   sim --plant SEEDS       with a server that acknowledges before it commits: caught at least once? */
#include "sync/wire/limits.h"
#include "tests/sim/sim_world.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ACTIONS = 160,
    ITEMS = 48,
    CASES = 4,
    CASE_ITEMS = 6,
    ORDERS = 4,
    OPEN_MAX = 32, /* under way on one device in the end */
    ROUNDS = 3,
    SEEDS_CHECK = 40,
    PAGES_EVERY = 8,
    RESTORE_EVERY = 3,
    REGIONS_OVER = 80,
    SEEDS_LONG = 1500,
    SEEDS_PLANT = 5,
    WORK = 57 /* percent of actions that need a person */
};

static const char GTIN[] = "05901234123457", PIN[] = "2468";

/* ---- the goods ---- */

static char *item_code(int n, char *ret_code)
{
    snprintf(ret_code, 64, "(01)%s(21)S%04d", GTIN, n);
    return ret_code;
}

static void put_order(FILE *feed, int n, const char *state)
{
    fprintf(feed,
            "{\"type\":\"document\",\"source\":\"sim\",\"doc\":\"%d\",\"no\":\"SO-%d\",\"flow\":\"outbound\","
            "\"state\":\"%s\",\"from\":\"site:CDB\",\"to\":\"party:D%d\",\"lines\":[{\"line\":\"1\",\"product\":"
            "\"P\",\"qty\":\"14\",\"tolerance\":\"0\",\"lot\":null}]}\n",
            n, n, state, n % 2);
}

/* With `pages`, more than one page holds. */
static char *make_feed(bool pages)
{
    char *text, code[64], in[64];
    size_t size;
    FILE *feed = open_memstream(&text, &size);
    fputs("{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"CDB\",\"kind\":\"warehouse\"}\n"
          "{\"type\":\"party\",\"id\":\"D0\",\"name\":\"D0\",\"kind\":\"dealer\"}\n"
          "{\"type\":\"party\",\"id\":\"D1\",\"name\":\"D1\",\"kind\":\"dealer\"}\n",
          feed);
    fprintf(
        feed,
        "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"W\",\"role\":\"clerk\",\"site\":\"CDB\",\"pin\":\"%s\"}\n",
        PIN);
    fprintf(feed,
            "{\"type\":\"product\",\"id\":\"P\",\"name\":\"P\",\"gtin\":[\"%s\"],\"unit\":\"u\",\"decimals\":0,"
            "\"control\":\"item\"}\n",
            GTIN);
    fputs("{\"type\":\"lot\",\"product\":\"P\",\"lot\":\"L1\",\"quality\":\"released\"}\n", feed);
    for (int i = 0; i < CASES; i++)
        fprintf(feed,
                "{\"type\":\"code\",\"code\":\"%s\",\"product\":\"P\",\"lot\":\"L1\",\"level\":1,\"holder\":"
                "\"site:CDB\"}\n",
                sim_case_code(i, code));
    for (int i = 0; i < ITEMS; i++) {
        bool packed = i < CASES * CASE_ITEMS;
        fprintf(feed,
                "{\"type\":\"code\",\"code\":\"%s\",\"product\":\"P\",\"lot\":\"L1\",\"level\":0,\"holder\":"
                "\"site:CDB\"%s%s%s}\n",
                item_code(i, code), packed ? ",\"in\":\"" : "", packed ? sim_case_code(i / CASE_ITEMS, in) : "",
                packed ? "\"" : "");
    }
    for (int i = 0; pages && i < PAGE_LINES_MAX + REGIONS_OVER; i++)
        fprintf(feed, "{\"type\":\"region\",\"id\":\"%d\",\"name\":\"R\"}\n", i);
    for (int i = 0; i < ORDERS; i++)
        put_order(feed, i, "open");
    sim_flows_feed(feed);
    fclose(feed);
    return text;
}

/* ---- what people do ---- */

/* Someone is signed in, as soon as the catalog knows them. */
static bool staffed(struct sim_device *device)
{
    struct catalog *catalog;
    struct catalog_operator person;
    if (engine_operator(device->engine))
        return true;
    return store_catalog(engine_store(device->engine), &catalog) == RC_OK &&
           catalog_operator(catalog, "wang", &person) == RC_OK &&
           engine_sign_in(device->engine, "wang", PIN, NULL) == RC_OK;
}

static void scan(struct sim *sim, struct sim_device *device, const char *doc)
{
    char text[SIM_CODE_ROOM];
    struct outcome *outcome = calloc(1, sizeof *outcome);
    if (sim_random(sim, 6) == 0)
        sim_flows_code(sim, text);
    else if (sim_random(sim, 6) == 0)
        sim_case_code((int)sim_random(sim, CASES + 1), text); /* one is unknown */
    else
        item_code((int)sim_random(sim, ITEMS + 2), text);
    struct scan *scanned = scan_new(text, strlen(text));
    scanned->flags |= SCAN_BRACKETS;
    enum rc rc = engine_scan(device->engine, doc, scanned, 0, outcome);
    sim->counts.scans += rc == RC_OK;
    if (rc == RC_OK && outcome->waiting && sim_random(sim, 2))
        engine_confirm(device->engine, doc, outcome->seq, "");
    if (rc == RC_OK && outcome->verdict.severity == SEVERITY_REJECT && sim_random(sim, 3) == 0)
        engine_set_aside(device->engine, doc, outcome->seq);
    free(scanned);
    free(outcome);
}

static void undo(struct sim *sim, struct sim_device *device, const char *doc)
{
    struct store_counts counts;
    if (store_counts(engine_store(device->engine), &counts) == RC_OK && counts.last_seq > 0)
        (sim_random(sim, 4) ? engine_undo : engine_exchange)(device->engine, doc,
                                                             counts.last_seq - sim_random(sim, 4) % counts.last_seq);
}

/* Short, with all that was rejected put aside; twice, since the first may find that facts have changed. */
static void complete(struct sim_device *device, const char *doc)
{
    struct completion completion = {.short_reason = "stock", .set_aside = true, .recounted = true};
    if (engine_complete(device->engine, doc, &completion, NULL) == RC_RECHECK)
        engine_complete(device->engine, doc, &completion, NULL);
}

/* The data centre has news. */
static void news(struct sim *sim)
{
    char *text;
    size_t size;
    FILE *feed = open_memstream(&text, &size);
    if (sim_random(sim, 2))
        fprintf(feed, "{\"type\":\"lot\",\"product\":\"P\",\"lot\":\"L1\",\"quality\":\"%s\"}\n",
                sim_random(sim, 2) ? "hold" : "released");
    put_order(feed, (int)sim_random(sim, ORDERS), sim_random(sim, 4) ? "open" : "cancelled");
    fclose(feed);
    sim_import(sim, text);
    free(text);
}

static void act(struct sim *sim, bool restore)
{
    struct sim_device *device = &sim->devices[sim_random(sim, SIM_DEVICES)];
    char doc[DOC_MAX + 1];
    uint32_t what = sim_random(sim, 100);
    snprintf(doc, sizeof doc, "sim:%d", (int)sim_random(sim, ORDERS));
    if (sim_random(sim, 2))
        sim_flows_pick(device, doc);
    if (what < WORK && !staffed(device))
        what = 100;                                                        /* sync first */
    clock_pinned_advance(sim_random(sim, 20) == 0 ? 16 * 60 * 1000 : 700); /* now and then a session runs out */
    if (what < 5)
        sim_flows_start(device);
    else if (what < 48)
        scan(sim, device, doc);
    else if (what < 53)
        undo(sim, device, doc);
    else if (what < 56)
        complete(device, doc);
    else if (what < WORK)
        engine_abandon(device->engine, doc, NULL);
    else if (what < 59)
        news(sim);
    else if (what < 62)
        sim_kill_device(device);
    else if (what < 64)
        sim_kill_server(sim);
    else if (what < 66 && restore)
        sim_backup(sim);
    else if (what < 67 && restore)
        sim_restore(sim);
    else
        for (uint32_t steps = 1 + sim_random(sim, 6); steps > 0; steps--)
            sim_sync_step(device);
}

/* ---- and in the end ---- */

static void sync_all(struct sim *sim)
{
    struct sync_progress progress = {0};
    for (int i = 0; i < SIM_DEVICES; i++) {
        enum rc rc = sync_run(sim->devices[i].client, &progress);
        if (rc != RC_OK)
            sim_fail(sim, "device %d: the last sync says %s: %s", i, rc_word(rc), progress.detail);
    }
}

static bool complete_row(void *context, const struct store_document_row *row)
{
    char(*docs)[DOC_MAX + 1] = context;
    for (int i = 0; (*docs)[0]; i++, docs++)
        if (i == OPEN_MAX)
            return false;
    if (row->state != DOCUMENT_READY && row->state != DOCUMENT_COMPLETE && row->state != DOCUMENT_ABANDONED)
        snprintf(*docs, sizeof *docs, "%s", row->doc);
    return true;
}

/* Everybody closes what is open; what cannot be completed any more is given up. */
static void close_all(struct sim *sim)
{
    for (int i = 0; i < SIM_DEVICES; i++) {
        struct engine *engine = sim->devices[i].engine;
        char docs[OPEN_MAX + 1][DOC_MAX + 1] = {{0}};
        if (!staffed(&sim->devices[i])) /* nobody else closes anything */
            sim_fail(sim, "device %d: nobody can sign in", i);
        store_documents(engine_store(engine), complete_row, docs);
        for (int j = 0; j < OPEN_MAX && docs[j][0]; j++) {
            complete(&sim->devices[i], docs[j]);
            engine_abandon(engine, docs[j], NULL);
        }
    }
}

static bool run_seed(struct sim *sim, uint64_t seed, bool restore)
{
    char dir[SIM_DIR_MAX];
    bool shared = access("/dev/shm", W_OK) == 0;
    snprintf(dir, sizeof dir, "%s/tallyman-sim-XXXXXX", shared ? "/dev/shm" : "/tmp");
    if (!mkdtemp(dir))
        return sim_fail(sim, "no folder to work in");
    char *feed = make_feed(seed % PAGES_EVERY == 0);
    bool good = sim_open(sim, dir, seed, feed);
    free(feed);
    for (int i = 0; i < ACTIONS && good; i++) {
        act(sim, restore);
        good = !sim->wrong[0];
    }
    sim->calm = true;
    for (int round = 0; round < ROUNDS && good; round++) {
        sync_all(sim);
        if (round == 0)
            close_all(sim);
        good = !sim->wrong[0];
    }
    if (good)
        good = sim_check_end(sim);
    sim_close(sim);
    return good;
}

static void add(struct sim_counts *sum, const struct sim_counts *counts)
{
    sum->requests += counts->requests;
    sum->lost_requests += counts->lost_requests;
    sum->lost_replies += counts->lost_replies;
    sum->repeats += counts->repeats;
    sum->delays += counts->delays;
    sum->server_kills += counts->server_kills;
    sum->device_kills += counts->device_kills;
    sum->scans += counts->scans;
    sum->steps += counts->steps;
    sum->started += counts->started;
    sum->restores += counts->restores;
    sum->too_big += counts->too_big;
    sum->refused += counts->refused;
    sum->moved += counts->moved;
    sum->results += counts->results;
    sum->conflicts += counts->conflicts;
}

struct run {
    bool plant, restore;
    long seeds, first, failed;
    struct sim_counts sum;
};

static void run_all(struct run *run)
{
    static struct sim sim;
    for (long seed = run->first; seed < run->first + run->seeds; seed++) {
        sim.plant = run->plant;
        bool good = run_seed(&sim, (uint64_t)seed, run->restore || seed % RESTORE_EVERY == 0);
        if (!good && (!run->plant || run->failed == 0))
            printf("seed %ld: %s\n", seed, sim.wrong);
        run->failed += !good;
        add(&run->sum, &sim.counts);
        fflush(stdout);
    }
    const struct sim_counts *sum = &run->sum;
    printf(
        "%ld seeds: %ld scans, %ld requests, %ld lost, %ld replies lost, %ld twice, %ld late; killed: %ld servers, "
        "%ld devices; %ld too big; %ld restored\n",
        run->seeds, sum->scans, sum->requests, sum->lost_requests, sum->lost_replies, sum->repeats, sum->delays,
        sum->server_kills, sum->device_kills, sum->too_big, sum->restores);
    printf("%ld documents started; %ld records refused, %ld conflicts, %ld tallies moved, %ld results\n",
           sum->started, sum->refused, sum->conflicts, sum->moved, sum->results);
}

/* The planted bug counts as one test: caught at least once. */
static bool run_plant(long seeds)
{
    struct run run = {.plant = true, .seeds = seeds, .first = 1};
    run_all(&run);
    printf("acknowledged before commit: caught in %ld of %ld\n", run.failed, seeds);
    return run.failed > 0;
}

int main(int argc, char **argv)
{
    const char *option = argc > 1 && strncmp(argv[1], "--", 2) == 0 ? argv[1] : "";
    int at = option[0] ? 2 : 1;
    struct run run = {.restore = strcmp(option, "--restore") == 0,
                      .seeds = argc > at ? strtol(argv[at], NULL, 10) : SEEDS_CHECK,
                      .first = argc > at + 1 ? strtol(argv[at + 1], NULL, 10) : 1};
    if (strcmp(option, "--long") == 0)
        run.seeds = SEEDS_LONG;
    if (run.seeds < 1 || sodium_init() < 0) {
        fprintf(stderr, "usage: sim [--long | --restore | --plant] [SEEDS [FIRST]]\n");
        return 2;
    }
    bool only_plant = strcmp(option, "--plant") == 0, with_plant = only_plant || argc <= at, caught = true;
    if (only_plant)
        run.seeds = 0;
    else
        run_all(&run);
    if (with_plant)
        caught = run_plant(only_plant && argc > at ? strtol(argv[at], NULL, 10) : SEEDS_PLANT);
    long failed = run.failed + !caught;
    printf("%ld passed, %ld failed\n", run.seeds + with_plant - failed, failed);
    return failed > 0;
}
