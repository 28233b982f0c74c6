/* Every flow on three devices and a server, against a small plain model of the warehouse (flow_model.h).
 *
 *   flow_model [--long] [OPS [SEED]]      so many operations, a new world with a new seed every SEED_OPS of them
 *   flow_model --race [OPS [SEED]]        with two devices that put one label on two things, every now and then
 *   flow_model --loud OPS SEED            says each; --loud-race too */
#include "tests/sim/flow_model.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPS_CHECK = 100000, OPS_LONG = 1000000, OPS_REACH = 30000, SEED_OPS = 1500, SYNC_EVERY = 250 };

extern const char *const model_op_names[];

struct how {
    bool loud, races;
};

static void free_device(struct model_device *device)
{
    for (int j = 0; j < device->job_count; j++) {
        for (int t = 0; t < device->jobs[j].tally_count; t++)
            free(device->jobs[j].tallies[t].changes);
        free(device->jobs[j].tallies);
        free(device->jobs[j].works);
    }
    free(device->ops);
}

static void free_model(struct model *model)
{
    for (int d = 0; d < SIM_DEVICES; d++)
        free_device(&model->devices[d]);
    for (int i = 0; i < model->server.tally_count; i++)
        free(model->server.tallies[i].changes);
    free(model->server.tallies);
}

static bool sign_in(struct model *model, int device)
{
    struct sync_progress progress = {0};
    struct sim_device *sim = &model->sim.devices[device];
    enum rc rc = sync_run(sim->client, &progress);
    if (rc == RC_OK)
        rc = engine_sign_in(sim->engine, model->devices[device].site, "24682468", NULL);
    return rc == RC_OK || sim_fail(&model->sim, "device %d: nobody can work: %s", device, rc_word(rc));
}

static bool begin(struct model *model, const char *dir)
{
    char *feed = model_feed(model);
    const char *const *sites = model_sites(model->dealer);
    model->sim.sites = sites;
    bool good = sim_open(&model->sim, dir, model->seed, feed);
    free(feed);
    model->sim.calm = true;
    model->server.tallies = calloc(MODEL_SERVER_TALLIES, sizeof *model->server.tallies);
    for (int i = 0; i < MODEL_UNITS; i++)
        model->server.claims[i] = MODEL_NOTHING;
    for (int d = 0; d < SIM_DEVICES; d++) {
        struct model_device *device = &model->devices[d];
        device->number = d;
        device->mono_ns = 1000000000;
        device->ops = calloc(MODEL_OPS, sizeof *device->ops);
        snprintf(device->site, sizeof device->site, "%s", sites[d]);
        good = good && sign_in(model, d);
        model_synced(model, d);
        good = good && model_check_device(model, d);
    }
    return good && model_check_server(model);
}

/* Nobody has cleaned up behind its back: a device without its folder has a catalog that knows nothing. */
static bool is_whole(const struct model *model)
{
    char path[SIM_PATH_MAX];
    bool whole = access(sim_server_path(&model->sim, path), R_OK) == 0;
    for (int d = 0; d < SIM_DEVICES; d++) {
        snprintf(path, sizeof path, "%.*s/CURRENT", SIM_PATH_MAX - 16, model->sim.devices[d].dir);
        whole = whole && access(path, R_OK) == 0;
    }
    return whole;
}

/* To be looked at, under a name of its own: what is removed by a pattern must not be one that is still at work. */
static void keep(const struct model *model, const char *dir)
{
    char kept[SIM_DIR_MAX];
    snprintf(kept, sizeof kept, "%.*s/tallyman-kept-%llu-%ld", (int)(strrchr(dir, '/') - dir), dir,
             (unsigned long long)model->seed, (long)getpid());
    printf("kept: %s\n", rename(dir, kept) == 0 ? kept : dir);
}

static bool run_seed(uint64_t seed, long ops, struct how how, struct model_counts *counts, uint64_t *ret_digest)
{
    static struct model model;
    char dir[SIM_DIR_MAX];
    bool shared = access("/dev/shm", W_OK) == 0;
    snprintf(dir, sizeof dir, "%s/tallyman-model-XXXXXX", shared ? "/dev/shm" : "/tmp");
    if (!mkdtemp(dir))
        return false;
    memset(&model, 0, sizeof model);
    model.seed = seed;
    model.learn = seed % 2 == 0;
    model.dealer = seed % 3 == 0;
    model.loud = how.loud;
    model.races = how.races;
    model.counts = counts;
    model.digest = UINT64_C(14695981039346656037);
    bool good = begin(&model, dir);
    for (model.op = 1; model.op <= ops && good; model.op++) {
        good = model_act(&model);
        if (good && model.op % SYNC_EVERY == 0)
            good = model_sync_all(&model);
    }
    good = good && model_sync_all(&model);
    if (!good)
        printf("FAILED: seed %llu, operation %ld: %s: %s%s\n", (unsigned long long)seed, model.op, model.what,
               model.sim.wrong, is_whole(&model) ? "" : " (its folder was taken away meanwhile)");
    if (!good && how.loud)
        keep(&model, dir);
    else
        sim_close(&model.sim);
    fflush(stdout);
    free_model(&model);
    *ret_digest = model.digest;
    return good;
}

static void print_counts(const struct model_counts *counts)
{
    printf("operations:");
    for (int i = 0; model_op_names[i]; i++)
        printf(" %s %ld", model_op_names[i], counts->ops[i]);
    printf("\nflows (begun, completed):");
    for (size_t f = 0; f < flow_count(); f++)
        printf(" %s %ld %ld", flow_at(f)->name, counts->flows[f], counts->flows_completed[f]);
    printf("\nreasons:");
    for (int i = 0; i < REASON_COUNT; i++)
        if (counts->reasons[i])
            printf(" %s %ld", reason_word((enum reason)i), counts->reasons[i]);
    printf("\nverdicts: accept %ld, warn %ld, confirm %ld, reject %ld; %ld syncs, %ld records refused; a label was "
           "taken %ld times in packing, %ld in relabelling; %ld units compared, all of a device %ld times\n",
           counts->severities[0], counts->severities[1], counts->severities[2], counts->severities[3], counts->syncs,
           counts->refused, counts->late[0], counts->late[1], counts->compared, counts->all);
}

/* The same seed does the same, whatever the clock, the keys and the addresses are. */
static bool is_the_same_again(uint64_t seed, uint64_t digest, long ops, struct how how)
{
    static struct model_counts counts;
    uint64_t again = 0;
    bool same = run_seed(seed, ops, how, &counts, &again) && again == digest;
    if (!same)
        printf("FAILED: seed %llu did something else when it was run again\n", (unsigned long long)seed);
    return same;
}

/* A run that never came to something shows nothing about it. */
static bool reached_all(const struct model_counts *counts, struct how how)
{
    bool all = true;
    for (int i = 0; model_op_names[i]; i++)
        if (!counts->ops[i] && (how.races || strcmp(model_op_names[i], "race") != 0)) {
            printf("FAILED: %s was never done\n", model_op_names[i]);
            all = false;
        }
    for (size_t f = 0; f < flow_count(); f++)
        if (!counts->flows_completed[f]) {
            printf("FAILED: %s was never completed\n", flow_at(f)->name);
            all = false;
        }
    return all;
}

int main(int argc, char **argv)
{
    static struct model_counts counts;
    const char *option = argc > 1 && strncmp(argv[1], "--", 2) == 0 ? argv[1] : "";
    int at = option[0] ? 2 : 1;
    struct how how = {.loud = strncmp(option, "--loud", 6) == 0, .races = strstr(option, "race") != NULL};
    long ops = strcmp(option, "--long") == 0 ? OPS_LONG : OPS_CHECK;
    if (argc > at)
        ops = strtol(argv[at], NULL, 10);
    uint64_t seed = argc > at + 1 ? strtoull(argv[at + 1], NULL, 10) : 1;
    if (flow_count() > MODEL_FLOWS) {
        printf("FAILED: there are %zu flows, and room for %d\n", flow_count(), MODEL_FLOWS);
        return 1;
    }
    if (ops < 1 || sodium_init() < 0) {
        fprintf(stderr, "usage: flow_model [--long | --race | --loud] [OPS [SEED]]\n");
        return 2;
    }
    long failed = 0, seeds = 0, last = 0;
    uint64_t digest = 0;
    for (long left = ops; left > 0; left -= SEED_OPS, seeds++) {
        last = left < SEED_OPS ? left : SEED_OPS;
        failed += !run_seed(seed + (uint64_t)seeds, last, how, &counts, &digest);
    }
    print_counts(&counts);
    bool all = ops < OPS_REACH || reached_all(&counts, how); /* few operations can't come to everything */
    if (seeds > 1 && failed == 0)
        all = is_the_same_again(seed + (uint64_t)seeds - 1, digest, last, how) && all;
    printf("%ld passed, %ld failed\n", seeds - failed + all, failed + !all);
    return failed > 0 || !all;
}
