/* Flipped bytes under the code book: of the catalog's file, and of the -wal that a killed writer leaves. Each question is
 * then answered right or refused; with a -wal all answers are those of one moment that was. Without the pages' sums the
 * same flips must be seen to give wrong answers: a test that can't fail proves nothing.
 *
 *     flip_book [--long] [--seconds N] [--seed N] */
#include "app/catalog/page_sum.h"
#include "tests/crash/shelf.h"
#include "tests/crash/tally.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PATH_ROOM = TALLY_PATH_MAX + 32, PAGE = 4096, HEADS = 100, PLANTED_MAX = 4000, LONG_SECONDS = 600 };

static char folder[TALLY_PATH_MAX + 1];
static char path[PATH_ROOM], wal_path[PATH_ROOM], kept_path[PATH_ROOM], kept_wal_path[PATH_ROOM];
static uint64_t after[SHELF_STEPS + 1][SHELF_QUESTIONS];
static uint64_t seed = 1;
static long refused, right, wrong;

static uint64_t dice(uint64_t sides)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (seed >> 33) % sides;
}

static long read_file(const char *name, uint8_t **ret_bytes)
{
    FILE *file = fopen(name, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        abort();
    long len = ftell(file);
    uint8_t *bytes = malloc((size_t)len + 1);
    rewind(file);
    if (!bytes || fread(bytes, 1, (size_t)len, file) != (size_t)len)
        abort();
    fclose(file);
    *ret_bytes = bytes;
    return len;
}

static void write_file(const char *name, const uint8_t *bytes, long len)
{
    FILE *file = fopen(name, "wb");
    if (!file || fwrite(bytes, 1, (size_t)len, file) != (size_t)len || fclose(file) != 0)
        abort();
}

static void write_byte(const char *name, long at, uint8_t byte)
{
    FILE *file = fopen(name, "r+b");
    if (!file || fseek(file, at, SEEK_SET) != 0 || fputc(byte, file) == EOF || fclose(file) != 0)
        abort();
}

/* Both files as they are while the writer is still there, then the one that it leaves. */
static bool make(void)
{
    struct catalog *catalog = NULL;
    uint8_t *bytes = NULL;
    bool made = catalog_open(path, CATALOG_WRITE, &catalog) == RC_OK && shelf_ask_all(catalog, after[0]) == RC_OK;
    for (int step = 0; made && step < SHELF_STEPS; step++)
        made = shelf_step(catalog, step) == RC_OK && shelf_ask_all(catalog, after[step + 1]) == RC_OK;
    if (made) {
        long len = read_file(path, &bytes);
        write_file(kept_path, bytes, len);
        free(bytes);
        len = read_file(wal_path, &bytes);
        write_file(kept_wal_path, bytes, len);
        free(bytes);
    }
    catalog_close(catalog);
    return made && access(wal_path, F_OK) != 0;
}

/* ---- the file ---- */

static void ask(struct codebook *book)
{
    for (int i = 0; i < SHELF_QUESTIONS; i++) {
        uint64_t answer = 0;
        if (shelf_ask(book, i, &answer) != RC_OK)
            refused++;
        else if (answer == after[SHELF_STEPS][i])
            right++;
        else
            wrong++;
    }
}

static void ask_summed(void)
{
    struct catalog *catalog = NULL;
    if (catalog_open(path, CATALOG_READ, &catalog) != RC_OK) {
        refused += SHELF_QUESTIONS;
        return;
    }
    ask(catalog_codebook(catalog));
    catalog_close(catalog);
}

static void ask_unsummed(void)
{
    sqlite3 *db = NULL;
    struct codebook *book = NULL;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK && codebook_open(db, &book) == RC_OK)
        ask(book);
    codebook_close(book);
    sqlite3_close(db);
}

/* Heads of pages as often as all the rest: there they do the most harm. */
static long draw(long len)
{
    return dice(2) ? (long)dice((uint64_t)len) : (long)dice((uint64_t)len / PAGE) * PAGE + (long)dice(HEADS);
}

static void flip(long len, const uint8_t *bytes, void (*then)(void))
{
    long at = draw(len);
    write_byte(path, at, bytes[at] ^ (uint8_t)(1 + dice(255)));
    then();
    write_byte(path, at, bytes[at]);
}

/* ---- the -wal ---- */

static bool is_moment(const uint64_t *answers)
{
    for (int step = 0; step <= SHELF_STEPS; step++)
        if (memcmp(answers, after[step], sizeof after[step]) == 0)
            return true;
    return false;
}

static void flip_wal(const uint8_t *db, long db_len, const uint8_t *wal, long wal_len)
{
    static uint64_t answers[SHELF_QUESTIONS];
    struct catalog *catalog = NULL;
    long at = dice(4) ? (long)dice((uint64_t)wal_len)
                      : (long)dice((uint64_t)wal_len / (PAGE + 24)) * (PAGE + 24) + 32 + (long)dice(24);
    tally_empty(folder);
    write_file(path, db, db_len);
    write_file(wal_path, wal, wal_len);
    if (at < wal_len)
        write_byte(wal_path, at, wal[at] ^ (uint8_t)(1 + dice(255)));
    enum rc rc = catalog_open(path, CATALOG_WRITE, &catalog);
    if (rc == RC_OK)
        rc = shelf_ask_all(catalog, answers);
    catalog_close(catalog);
    if (rc != RC_OK)
        refused++;
    else if (is_moment(answers))
        right++;
    else
        wrong++;
}

/* ---- the course of it ---- */

static double now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void report(const char *what, long flips)
{
    printf("figure: %ld flips %s: %ld right, %ld refused, %ld wrong\n", flips, what, right, refused, wrong);
    refused = right = wrong = 0;
}

static void try_file(double seconds)
{
    uint8_t *bytes = NULL;
    long len = read_file(path, &bytes), flips = 0, planted = 0;
    for (double end = now() + seconds; now() < end; flips++)
        flip(len, bytes, ask_summed);
    tally_check(wrong == 0, "%ld wrong answers from a file with one flipped byte", wrong);
    tally_check(refused > 0, "nothing was ever refused");
    report("of the file", flips);
    for (; wrong == 0 && planted < PLANTED_MAX; planted++)
        flip(len, bytes, ask_unsummed);
    tally_check(wrong > 0, "without sums no flip was ever noticed: these questions prove nothing");
    report("without sums", planted);
    free(bytes);
}

static void try_wal(double seconds)
{
    uint8_t *db = NULL, *wal = NULL;
    long db_len = read_file(kept_path, &db), wal_len = read_file(kept_wal_path, &wal), flips = 0;
    for (double end = now() + seconds; now() < end; flips++)
        flip_wal(db, db_len, wal, wal_len);
    tally_check(wrong == 0, "%ld times answers of no moment after a flip in the -wal", wrong);
    report("of the -wal", flips);
    free(db);
    free(wal);
}

int main(int argc, char **argv)
{
    double seconds = 14;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--long") == 0)
            seconds = LONG_SECONDS;
        else if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc)
            seconds = strtod(argv[++i], NULL);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            seed = strtoull(argv[++i], NULL, 10);
    }
    tally_folder(folder);
    snprintf(path, sizeof path, "%s/catalog-1.db", folder);
    snprintf(wal_path, sizeof wal_path, "%s-wal", path);
    snprintf(kept_path, sizeof kept_path, "%s.kept", path);
    snprintf(kept_wal_path, sizeof kept_wal_path, "%s.kept-wal", path);
    if (tally_check(make(), "the catalog is made, and leaves no -wal")) {
        try_file(seconds * 0.7);
        try_wal(seconds * 0.3);
    }
    tally_empty(folder);
    (void)rmdir(folder);
    return tally_end();
}
