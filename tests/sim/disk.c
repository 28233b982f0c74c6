#include "tests/sim/disk_private.h"
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct node {
    char dir[DISK_PATH_MAX + 1];
    long points, end_at, full_at;
    long syncs, end_at_sync;
    enum disk_end how;
    bool ended, refused;
};

struct copy {
    int count;
    struct {
        char name[64];
        struct disk_image image;
    } files[DISK_FILES_MAX];
};

static struct node nodes[DISK_NODES];
static struct disk_file files[DISK_FILES_MAX];
static int file_count;
static struct copy copies[DISK_COPIES];

void *disk_need(void *memory)
{
    if (!memory)
        abort();
    return memory;
}

uint64_t disk_random(uint64_t *random) /* SplitMix64 */
{
    uint64_t z = *random += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

uint64_t disk_mix(uint64_t number)
{
    return disk_random(&number);
}

/* ---- files ---- */

static void ops_clear(struct disk_file *file)
{
    for (size_t i = 0; i < file->op_count; i++)
        free(file->ops[i].bytes);
    file->op_count = 0;
}

static void forget(struct disk_file *file)
{
    ops_clear(file);
    disk_image_clear(&file->now);
    disk_image_clear(&file->durable);
}

struct disk_file *disk_known(const char *path)
{
    for (int i = 0; i < file_count; i++)
        if (strcmp(files[i].path, path) == 0)
            return &files[i];
    return NULL;
}

struct disk_file *disk_nth(int node, int n)
{
    for (int i = 0; i < file_count; i++)
        if (files[i].node == node && n-- == 0)
            return &files[i];
    return NULL;
}

/* It was asked for and is not there. */
static bool is_nothing(const struct disk_file *file)
{
    return !file->now.exists && !file->durable.exists && file->op_count == 0 && file->handles == 0 && !file->stands &&
           !file->changed;
}

static struct disk_file *place_for(const char *path)
{
    int at = file_count;
    for (int i = 0; i < file_count && file_count > DISK_FILES_MAX / 2 && at == file_count; i++)
        if (is_nothing(&files[i]))
            at = i;
    assert(at < DISK_FILES_MAX && strlen(path) <= DISK_PATH_MAX);
    struct disk_file *file = &files[at];
    if (at < file_count) {
        forget(file);
        free(file->ops);
    }
    file_count += at == file_count;
    *file = (struct disk_file){.node = disk_node_of(path)};
    snprintf(file->path, sizeof file->path, "%s", path);
    return file;
}

/* The empty file that stands for it; what else finds, renames and removes files goes by that. */
static void stand_in(struct disk_file *file)
{
    struct stat info;
    int fd = open(file->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || fstat(fd, &info) != 0)
        abort();
    close(fd);
    file->inode = info.st_ino;
    file->stands = true;
    file->changed = false;
}

void disk_withdraw(struct disk_file *file)
{
    (void)disk_unlink(file->path);
    file->stands = file->changed = false;
}

void disk_changed(const char *path)
{
    struct disk_file *file = disk_known(path);
    if (file)
        file->changed = true;
}

/* Another file is there now, or none. */
static void begin_anew(struct disk_file *file, bool there)
{
    assert(file->handles == 0);
    if (file->now.exists && !there) /* removed behind our back, for good */
        forget(file);
    if (file->durable.exists || file->op_count > 0)
        disk_op(file, DISK_OP_REPLACE, 0, NULL, 0);
    disk_image_resize(&file->now, 0);
    file->now.exists = true;
    file->taken = false;
    file->was[0] = '\0';
    stand_in(file);
    if (there)
        disk_take_over(file);
}

/* What was never asked for, or changed by others, is looked for; of the rest it is known. */
struct disk_file *disk_open(const char *path, bool create)
{
    struct stat info;
    struct disk_file *file = disk_known(path);
    bool look = !file || file->changed;
    bool there = look ? stat(path, &info) == 0 : file->now.exists;
    if (!file)
        file = place_for(path);
    if (!there && !create)
        return NULL;
    if (there && file->now.exists && (!look || file->inode == info.st_ino))
        file->changed = false;
    else
        begin_anew(file, there);
    return file;
}

void disk_op(struct disk_file *file, enum disk_op_kind kind, size_t offset, const void *bytes, size_t len)
{
    if (file->op_count == file->op_room) {
        file->op_room = file->op_room ? file->op_room * 2 : 16;
        file->ops = disk_need(realloc(file->ops, file->op_room * sizeof *file->ops));
    }
    struct disk_op *op = &file->ops[file->op_count++];
    *op = (struct disk_op){.kind = kind, .offset = offset, .len = len};
    if (len > 0) {
        op->bytes = disk_need(malloc(len));
        memcpy(op->bytes, bytes, len);
    }
}

/* A journalling file system writes its folders' changes in order: a sync makes all earlier deletions last. */
static void deletions_settle(int node)
{
    for (int i = 0; i < file_count; i++) {
        struct disk_file *file = &files[i];
        size_t past = file->node == node ? file->op_count : 0;
        while (past > 0 && file->ops[past - 1].kind != DISK_OP_DELETE)
            past--;
        if (past == 0)
            continue;
        disk_image_resize(&file->durable, 0);
        file->durable.exists = false;
        for (size_t op = 0; op < past; op++)
            free(file->ops[op].bytes);
        memmove(file->ops, file->ops + past, (file->op_count - past) * sizeof *file->ops);
        file->op_count -= past;
    }
}

void disk_sync(struct disk_file *file)
{
    file->durable.exists = true;
    for (size_t i = 0; i < file->op_count; i++)
        disk_apply(&file->durable, &file->ops[i]);
    ops_clear(file);
    deletions_settle(file->node);
}

void disk_delete(struct disk_file *file)
{
    disk_op(file, DISK_OP_DELETE, 0, NULL, 0);
    disk_image_resize(&file->now, 0);
    file->now.exists = false;
}

/* ---- nodes ---- */

int disk_node_of(const char *path)
{
    for (int i = 0; i < DISK_NODES; i++) {
        size_t len = strlen(nodes[i].dir);
        if (len > 0 && strncmp(path, nodes[i].dir, len) == 0 && path[len] == '/')
            return i;
    }
    return -1;
}

enum disk_answer disk_step(int node, enum disk_what what)
{
    if (node < 0)
        return DISK_GOES;
    struct node *at = &nodes[node];
    if (at->ended)
        return DISK_GONE;
    at->points++;
    at->syncs += what == DISK_SYNCS;
    if (at->points == at->end_at || (what == DISK_SYNCS && at->syncs == at->end_at_sync)) {
        at->ended = true;
        return DISK_GONE;
    }
    if (what != DISK_WRITES || at->full_at == 0 || at->points < at->full_at)
        return DISK_GOES;
    at->refused = true;
    return DISK_FULL;
}

void disk_node(int node, const char *dir)
{
    assert(node >= 0 && node < DISK_NODES);
    nodes[node] = (struct node){0};
    snprintf(nodes[node].dir, sizeof nodes[node].dir, "%s", dir);
}

void disk_end_at(int node, long point, enum disk_end how)
{
    nodes[node].end_at = point > 0 ? nodes[node].points + point : 0;
    nodes[node].end_at_sync = 0;
    nodes[node].how = how;
}

void disk_end_at_sync(int node, long sync, enum disk_end how)
{
    nodes[node].end_at_sync = nodes[node].syncs + sync;
    nodes[node].end_at = 0;
    nodes[node].how = how;
}

void disk_end_now(int node, enum disk_end how)
{
    nodes[node].ended = true;
    nodes[node].how = how;
}

bool disk_ended(int node)
{
    return nodes[node].ended;
}

enum disk_end disk_how(int node)
{
    return nodes[node].how;
}

void disk_full_at(int node, long point)
{
    nodes[node].full_at = nodes[node].points + point;
}

void disk_room(int node)
{
    nodes[node].full_at = 0;
    nodes[node].refused = false;
}

bool disk_was_full(int node)
{
    return nodes[node].refused;
}

long disk_points(int node)
{
    return nodes[node].points;
}

static bool is_ours(const struct disk_file *file)
{
    struct stat info;
    return stat(file->path, &info) == 0 && info.st_ino == file->inode;
}

static void stands_again(struct disk_file *file)
{
    if (file->now.exists && (!file->stands || file->changed))
        stand_in(file);
    else if (!file->now.exists && file->stands && is_ours(file)) /* what others have put there since is theirs */
        disk_withdraw(file);
}

/* Whose stand-in was removed behind our back is gone for good. */
static void notice_removed(struct disk_file *file)
{
    if (file->changed && file->now.exists && !is_ours(file))
        forget(file);
}

void disk_start(int node, uint64_t seed)
{
    enum disk_end how = nodes[node].how;
    if (how != DISK_KILL)
        disk_names_fail(node, how, &seed);
    for (int i = 0; i < file_count; i++) {
        struct disk_file *file = &files[i];
        if (file->node != node)
            continue;
        assert(file->handles == 0);
        notice_removed(file);
        if (how != DISK_KILL) {
            disk_power_fails(file, how, &seed);
            ops_clear(file);
        }
        stands_again(file);
    }
    if (how != DISK_KILL)
        disk_plain_fails(node, how, &seed);
    disk_give_back(node);
    nodes[node].ended = false;
    nodes[node].end_at = nodes[node].end_at_sync = 0;
}

void disk_clear(uint64_t seed)
{
    disk_seed(seed);
    for (int i = 0; i < file_count; i++) {
        assert(files[i].handles == 0);
        forget(&files[i]);
        free(files[i].ops);
        if (files[i].stands || files[i].changed)
            disk_withdraw(&files[i]);
    }
    file_count = 0;
    memset(nodes, 0, sizeof nodes);
    disk_plain_clear();
    disk_looks_end(); /* small files are put where others were */
}

/* ---- copies ---- */

static void copy_clear(struct copy *copy)
{
    for (int i = 0; i < copy->count; i++)
        disk_image_clear(&copy->files[i].image);
    copy->count = 0;
}

void disk_copy(int node, int place)
{
    struct copy *copy = &copies[place];
    copy_clear(copy);
    for (int i = 0; i < file_count; i++) {
        const struct disk_file *file = &files[i];
        if (file->node != node || !file->now.exists)
            continue;
        snprintf(copy->files[copy->count].name, sizeof copy->files[0].name, "%s",
                 file->path + strlen(nodes[node].dir) + 1);
        disk_image_set(&copy->files[copy->count++].image, &file->now);
    }
}

bool disk_put_back(int node, int place)
{
    const struct copy *copy = &copies[place];
    char path[DISK_PATH_MAX + 80];
    for (int i = 0; i < file_count && copy->count > 0; i++) {
        if (files[i].node != node)
            continue;
        assert(files[i].handles == 0);
        forget(&files[i]);
        disk_withdraw(&files[i]);
    }
    for (int i = 0; i < copy->count; i++) {
        snprintf(path, sizeof path, "%s/%s", nodes[node].dir, copy->files[i].name);
        struct disk_file *file = disk_open(path, true);
        disk_image_set(&file->now, &copy->files[i].image);
        disk_image_set(&file->durable, &copy->files[i].image);
        ops_clear(file);
    }
    return copy->count > 0;
}

void disk_drop_copy(int place)
{
    copy_clear(&copies[place]);
}
