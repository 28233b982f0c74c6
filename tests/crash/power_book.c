/* Power failures under the code book: told in steps, packed now and then, cut at every write and sync point. Afterwards
 * it answers all questions as it did after the last step that was reported, or the one that was under way; never
 * anything else, and never nothing. Arguments: see cuts.h. */
#include "tests/crash/cuts.h"
#include "tests/crash/shelf.h"
#include "tests/crash/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_ROOM = TALLY_PATH_MAX + 32, EVERY = 4 };

static char folder[TALLY_PATH_MAX + 1];
static char path[PATH_ROOM];
static uint64_t after[SHELF_STEPS + 1][SHELF_QUESTIONS]; /* the answers before step 0, 1 … and at the end */

/* How many steps were reported as committed; -1: not even the file could be made. */
static int tell_all(bool note)
{
    struct catalog *catalog = NULL;
    int step = 0;
    if (catalog_open(path, CATALOG_WRITE, &catalog) != RC_OK)
        return -1;
    if (note)
        (void)shelf_ask_all(catalog, after[0]);
    while (step < SHELF_STEPS && shelf_step(catalog, step) == RC_OK) {
        step++;
        if (note)
            (void)shelf_ask_all(catalog, after[step]);
    }
    catalog_close(catalog);
    return step;
}

static void check_after(const struct cut *cut, int steps)
{
    static uint64_t answers[SHELF_QUESTIONS];
    struct catalog *catalog = NULL;
    if (!cuts_check(cut, catalog_open(path, CATALOG_WRITE, &catalog) == RC_OK, "the catalog opens"))
        return;
    if (cuts_check(cut, shelf_ask_all(catalog, answers) == RC_OK, "every question has an answer")) {
        int least = steps < 0 ? 0 : steps, most = least < SHELF_STEPS ? least + 1 : least;
        cuts_check(cut,
                   memcmp(answers, after[least], sizeof answers) == 0 ||
                       memcmp(answers, after[most], sizeof answers) == 0,
                   "the answers are those of the last step, or of the one under way");
    }
    catalog_close(catalog);
}

static void run(const struct cut *cut)
{
    tally_empty(folder);
    powerfs_reset();
    powerfs_cut_at(cut->point);
    int steps = tell_all(false);
    cuts_check(cut, powerfs_apply(cut->mode, cut->seed) == RC_OK, "the disk can be rewritten");
    powerfs_reset();
    check_after(cut, steps);
}

int main(int argc, char **argv)
{
    struct cuts_options options;
    if (!cuts_parse(argc, argv, &options))
        return 2;
    if (powerfs_register() != RC_OK)
        return EXIT_FAILURE;
    tally_folder(folder);
    snprintf(path, sizeof path, "%s/catalog-1.db", folder);
    powerfs_reset();
    bool whole = tally_check(tell_all(true) == SHELF_STEPS, "uncut: every step is committed");
    long points = powerfs_points();
    printf("%ld points, of these %ld syncs\n", points, powerfs_syncs());
    options.every = EVERY;
    options.seconds /= 2;
    if (whole)
        cuts_run(&options, points, run);
    powerfs_reset();
    tally_empty(folder);
    (void)rmdir(folder);
    return tally_end();
}
