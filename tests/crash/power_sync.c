/* Power failures while a device hands the sessions' work over: device and server lose power at every write and sync point. After
 * each: what the device was told is acknowledged is on the server; both go on; in the end the server's records are the
 * journal's, each once, each closed order has one result, and the server's books and verdicts are what they are without the
 * cut. Arguments: see cuts.h. */
#include "tests/crash/cuts.h"
#include "tests/crash/handover.h"
#include "tests/crash/rows.h"
#include "tests/crash/session.h"
#include "tests/crash/tally.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_BYTES = 1 << 16, EVERY = 3, PATH_ROOM = TALLY_PATH_MAX + NAME_MAX + 64 };

/* Before anything is handed over, and where each run happens. */
static char root[TALLY_PATH_MAX + 1];
static char device_before[PATH_ROOM], server_before[PATH_ROOM], device_dir[PATH_ROOM], server_dir[PATH_ROOM];
static struct handover_counts whole; /* after the run that nobody cut */
static char books[ROWS_MAX];         /* the server's then */

/* What may differ: when somebody spoke, and the order of news. */
static const char NO_BOOKS[] = " meta device session enrolment change ";

/* ---- folders ---- */

static void make_folder(char *ret_path, const char *name)
{
    snprintf(ret_path, PATH_ROOM, "%s/%s", root, name);
    if (mkdir(ret_path, 0700) != 0)
        abort();
}

static void copy_file(const char *from, const char *to)
{
    static char bytes[COPY_BYTES];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    size_t len;
    if (!in || !out)
        abort();
    while ((len = fread(bytes, 1, sizeof bytes, in)) > 0)
        if (fwrite(bytes, len, 1, out) != 1)
            abort();
    fclose(in);
    fclose(out);
}

static void copy_folder(const char *from, const char *to)
{
    char source[2 * PATH_ROOM], target[2 * PATH_ROOM];
    tally_empty(to);
    DIR *folder = opendir(from);
    if (!folder)
        abort();
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(source, sizeof source, "%s/%s", from, entry->d_name);
        snprintf(target, sizeof target, "%s/%s", to, entry->d_name);
        copy_file(source, target);
        chmod(target, 0600);
    }
    closedir(folder);
}

static void remove_folder(const char *path)
{
    tally_empty(path);
    (void)rmdir(path);
}

static void start_again(void)
{
    copy_folder(device_before, device_dir);
    copy_folder(server_before, server_dir);
    powerfs_reset();
}

/* ---- what has to hold ---- */

static bool read_books(char *ret_rows)
{
    char path[2 * PATH_ROOM];
    snprintf(path, sizeof path, "%s/server.db", server_dir);
    return rows_sum(path, NO_BOOKS, ret_rows);
}

static void check_books(const struct cut *cut)
{
    char rows[ROWS_MAX] = "", what[ROWS_NAME_MAX + 64], table[ROWS_NAME_MAX + 1] = "";
    cuts_check(cut, read_books(rows), "the server's tables can be read");
    bool differ = rows_differ(rows, books, table);
    snprintf(what, sizeof what, "the server's `%s` is what it is without a cut", table);
    cuts_check(cut, !differ, what);
}

static void check_counts(const struct cut *cut, const struct handover_counts *counts)
{
    cuts_check(cut, counts->same, "the server's records are the journal's first ones, each once");
    cuts_check(cut, counts->journal == whole.journal, "the device's journal is as it was");
}

static void check_handed_over(const struct cut *cut)
{
    struct handover_report report;
    struct handover_counts counts;
    handover_run(device_dir, server_dir, &report);
    if (!cuts_check(cut, report.rc == RC_OK, "both go on"))
        return;
    if (!cuts_check(cut, handover_count(device_dir, server_dir, &counts) == RC_OK, "both can be counted"))
        return;
    check_counts(cut, &counts);
    cuts_check(cut, counts.records == counts.journal && counts.waiting == 0, "all is handed over");
    cuts_check(cut, counts.results == whole.results && counts.result_docs == whole.result_docs,
               "each closed order has its one result");
    check_books(cut);
}

static void run(const struct cut *cut)
{
    struct handover_report report, again;
    struct handover_counts counts;
    start_again();
    powerfs_cut_at(cut->point);
    handover_run(device_dir, server_dir, &report);
    cuts_check(cut, powerfs_apply(cut->mode, cut->seed) == RC_OK, "the disk can be rewritten");
    powerfs_reset();
    if (cut->again > 0) {
        powerfs_cut_at(cut->again);
        handover_run(device_dir, server_dir, &again);
        if (again.heard > report.heard)
            report.heard = again.heard;
        cuts_check(cut, powerfs_apply(cut->mode, cut->seed + 1) == RC_OK, "the disk can be rewritten");
        powerfs_reset();
    }
    if (!cuts_check(cut, handover_count(device_dir, server_dir, &counts) == RC_OK, "both start again"))
        return;
    cuts_check(cut, counts.highest >= report.heard, "what was acknowledged is on the server");
    check_counts(cut, &counts);
    check_handed_over(cut);
}

static long run_whole(void)
{
    struct handover_report report;
    tally_empty(device_before);
    tally_empty(server_before);
    powerfs_reset();
    enum rc rc = handover_prepare(device_before, server_before);
    if (!tally_check(rc == RC_OK, "a device that has worked: %s", rc_word(rc)))
        return 0;
    start_again();
    handover_run(device_dir, server_dir, &report);
    long points = powerfs_points(), syncs = powerfs_syncs();
    tally_check(report.rc == RC_OK, "uncut: %s", rc_word(report.rc));
    bool counted = handover_count(device_dir, server_dir, &whole) == RC_OK;
    printf("%ld points, of these %ld syncs; %lld records, %lld results\n", points, syncs, (long long)whole.records,
           (long long)whole.results);
    tally_check(read_books(books), "uncut: the server's tables can be read");
    bool all = counted && whole.same && whole.records == whole.journal && whole.records > 0 && whole.results > 0;
    return tally_check(all, "uncut: all is handed over") && report.rc == RC_OK ? points : 0;
}

int main(int argc, char **argv)
{
    struct cuts_options options;
    if (!cuts_parse(argc, argv, &options))
        return 2;
    if (powerfs_register() != RC_OK)
        return EXIT_FAILURE;
    tally_folder(root);
    make_folder(device_before, "device-before");
    make_folder(server_before, "server-before");
    make_folder(device_dir, "device");
    make_folder(server_dir, "server");
    options.seconds /= SESSION_KIND_COUNT;
    for (int kind = 0; kind < SESSION_KIND_COUNT; kind++) {
        session_use(kind);
        options.every = kind == SESSION_ORDERS ? 1 : EVERY;
        long points = run_whole();
        if (points > 0)
            cuts_run(&options, points, run);
    }
    powerfs_reset();
    remove_folder(device_before);
    remove_folder(server_before);
    remove_folder(device_dir);
    remove_folder(server_dir);
    (void)rmdir(root);
    return tally_end();
}
