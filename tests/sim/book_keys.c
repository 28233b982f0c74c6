/* What a code book has, for tests that look for what must not be there: `book_keys FILE` prints each packed key, as no search through
 * the file's bytes finds them, and then, for each key on standard input that the book knows however it knows it, "knows KEY". */
#include "app/catalog/catalog.h"
#include "app/catalog/pack.h"
#include "app/catalog/page_sum.h"
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static bool print(void *context, const char *key)
{
    (void)context;
    puts(key);
    return true;
}

static enum rc print_packed(sqlite3 *db)
{
    struct pack *pack = NULL;
    int64_t generation;
    uint32_t count = 0, rank = 0;
    enum rc rc = pack_open(db, &pack);
    if (!rc)
        rc = pack_state(pack, &generation, &count);
    while (!rc && rank < count)
        rc = pack_keys(pack, rank, print, NULL, &rank);
    fprintf(stderr, "%u packed\n", (unsigned)count);
    pack_close(pack);
    return rc;
}

static enum rc print_known(const char *path)
{
    struct catalog *catalog = NULL;
    struct codebook_entry entry;
    char key[CODE_KEY_MAX + 2], unit[CODE_KEY_MAX + 1];
    enum rc rc = catalog_open(path, CATALOG_READ, &catalog);
    if (!rc)
        rc = catalog_begin_read(catalog);
    while (!rc && fgets(key, sizeof key, stdin)) {
        key[strcspn(key, "\n")] = '\0';
        struct codebook *codebook = catalog_codebook(catalog);
        enum rc found = codebook_find(codebook, key, &entry);
        if (found == RC_NOT_FOUND)
            found = codebook_alias(codebook, key, unit);
        if (found == RC_OK)
            printf("knows %s\n", key);
        rc = found == RC_NOT_FOUND ? RC_OK : found;
    }
    catalog_close(catalog);
    return rc;
}

int main(int argc, char **argv)
{
    sqlite3 *db = NULL;
    if (argc != 2 || sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READONLY, page_sum_vfs()) != SQLITE_OK) {
        fprintf(stderr, "usage: book_keys FILE\n");
        sqlite3_close(db);
        return 2;
    }
    enum rc rc = sqlite3_exec(db, "BEGIN; SELECT count(*) FROM meta", NULL, NULL, NULL) == SQLITE_OK ? RC_OK : RC_IO;
    if (!rc)
        rc = print_packed(db);
    sqlite3_close(db);
    if (!rc)
        rc = print_known(argv[1]);
    if (rc)
        fprintf(stderr, "%s\n", rc_word(rc));
    return rc ? 1 : 0;
}
