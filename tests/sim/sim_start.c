#include "tests/sim/sim_start.h"
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

enum { NODES = SIM_SERVER + 1, PLACE = 1 /* of the first node's copy */, SMALL_MAX = 12, SMALL_BYTES_MAX = 4096 };
_Static_assert(PLACE + SIM_STARTS * NODES <= DISK_COPIES, "places for all nodes");

/* What is not in a database. */
struct small {
    char name[64];
    int node;
    size_t len;
    char bytes[SMALL_BYTES_MAX];
};

static struct kept {
    int64_t ids[SIM_DEVICES];
    int small_count;
    struct small small[SMALL_MAX];
} starts[SIM_STARTS];

static void folder_of(const struct sim *sim, int node, char *ret_folder)
{
    if (node == SIM_SERVER)
        snprintf(ret_folder, SIM_PATH_MAX, "%s/server", sim->dir);
    else
        snprintf(ret_folder, SIM_PATH_MAX, "%s", sim->devices[node].dir);
}

static bool keep_small(struct kept *start, const char *folder, int node, const char *name)
{
    char path[SIM_PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%.63s", folder, name);
    FILE *file = start->small_count < SMALL_MAX ? fopen(path, "re") : NULL;
    if (!file)
        return false;
    struct small *small = &start->small[start->small_count];
    *small = (struct small){.node = node};
    snprintf(small->name, sizeof small->name, "%s", name);
    small->len = fread(small->bytes, 1, sizeof small->bytes, file);
    bool whole = fgetc(file) == EOF;
    fclose(file);
    start->small_count += small->len > 0; /* what stands for a database is empty */
    return whole;
}

static bool keep_folder(struct kept *start, const struct sim *sim, int node)
{
    char folder[SIM_PATH_MAX];
    bool good = true;
    folder_of(sim, node, folder);
    DIR *dir = opendir(folder);
    if (!dir)
        return false;
    for (const struct dirent *entry = readdir(dir); entry && good; entry = readdir(dir))
        if (entry->d_type == DT_REG && strcmp(entry->d_name, "lock") != 0) /* that one is a process's */
            good = keep_small(start, folder, node, entry->d_name);
    closedir(dir);
    return good;
}

bool sim_start_keep(struct sim *sim, int which)
{
    struct kept *start = &starts[which];
    bool good = true;
    start->small_count = 0;
    for (int i = 0; i < SIM_DEVICES; i++)
        start->ids[i] = sim->devices[i].id;
    for (int node = 0; node < NODES && good; node++) {
        disk_copy(node, PLACE + which * NODES + node);
        good = keep_folder(start, sim, node);
    }
    return good || sim_fail(sim, "the start can't be kept");
}

static bool put_small(const struct sim *sim, const struct small *small)
{
    char folder[SIM_PATH_MAX], path[SIM_PATH_MAX + 64];
    folder_of(sim, small->node, folder);
    snprintf(path, sizeof path, "%s/%s", folder, small->name);
    FILE *file = fopen(path, "we");
    bool wrote = file && fwrite(small->bytes, 1, small->len, file) == small->len;
    return file && fclose(file) == 0 && wrote;
}

bool sim_start_put_back(struct sim *sim, int which)
{
    const struct kept *start = &starts[which];
    char folder[SIM_PATH_MAX];
    bool good = true;
    for (int node = 0; node < NODES && good; node++) {
        folder_of(sim, node, folder);
        good = (mkdir(folder, 0700) == 0 || node == SIM_SERVER) && disk_put_back(node, PLACE + which * NODES + node);
    }
    for (int i = 0; i < start->small_count && good; i++)
        good = put_small(sim, &start->small[i]);
    for (int i = 0; i < SIM_DEVICES; i++)
        sim->devices[i].id = start->ids[i];
    return good || sim_fail(sim, "a start can't be put back");
}
