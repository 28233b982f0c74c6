#include "tests/unit/catalog_text.h"
#include "app/catalog/catalog.h"
#include "app/catalog/page_sum.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tables of which the readers are asked, or that say nothing by themselves. */
static const char TABLES[] =
    "SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'pack_%' "
    "AND name NOT IN ('code', 'meta', 'refused', 'sale') ORDER BY name";

struct dump {
    FILE *out;
    struct catalog *catalog;
    char *products[64];
    int count;
    char **lines;
    size_t line_count;
};

static bool keep_product(void *context, const char *id, const char *name)
{
    struct dump *dump = context;
    (void)name;
    assert_true(dump->count < 64);
    dump->products[dump->count++] = strdup(id);
    return true;
}

static bool keep_child(void *context, const struct codebook_entry *child)
{
    fprintf(context, " %s", child->key);
    return true;
}

static bool keep_code(void *context, const struct codebook_entry *entry)
{
    struct dump *dump = context;
    char holder[HOLDER_MAX + 1], *text = NULL;
    struct sale sale = {.at = 0};
    size_t size;
    FILE *line = open_memstream(&text, &size);
    if (entry->sale)
        assert_int_equal(catalog_sale(dump->catalog, entry->sale, &sale), RC_OK);
    fprintf(line, "%s|%s|%s|%s|%d|%d|%ld|%d|%s|%d%d|%s|%s|%d [", entry->key, entry->product, entry->lot,
            entry->parent, entry->level, entry->container, entry->covers, entry->state,
            holder_print(&entry->holder, holder), entry->product_inside, entry->lot_inside, sale.party, sale.no,
            (int)sale.at);
    codebook_children(catalog_codebook(dump->catalog), entry->key, keep_child, line);
    fprintf(line, " ]");
    fclose(line);
    dump->lines = realloc(dump->lines, (dump->line_count + 1) * sizeof *dump->lines);
    dump->lines[dump->line_count++] = text;
    return true;
}

static int compare(const void *a, const void *b)
{
    const char *const *left = a, *const *right = b;
    return strcmp(*left, *right);
}

static void dump_codes(struct dump *dump)
{
    assert_int_equal(catalog_named(dump->catalog, "product", NULL, keep_product, dump), RC_OK);
    for (int i = 0; i < dump->count; i++)
        assert_int_equal(catalog_codes_of(dump->catalog, dump->products[i], "", keep_code, dump), RC_OK);
    qsort(dump->lines, dump->line_count, sizeof *dump->lines, compare);
    for (size_t i = 0; i < dump->line_count; i++) {
        fprintf(dump->out, "%s\n", dump->lines[i]);
        free(dump->lines[i]);
    }
    for (int i = 0; i < dump->count; i++)
        free(dump->products[i]);
    free(dump->lines);
}

static void dump_table(FILE *out, sqlite3 *db, const char *name)
{
    char sql[160];
    sqlite3_stmt *row;
    snprintf(sql, sizeof sql, "SELECT * FROM %s ORDER BY 1, 2", name);
    if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    while (sqlite3_step(row) == SQLITE_ROW) {
        fprintf(out, "%s", name);
        for (int i = 0; i < sqlite3_column_count(row); i++) {
            const unsigned char *text = sqlite3_column_text(row, i);
            fprintf(out, "|%s", text ? (const char *)text : "(null)");
        }
        fprintf(out, "\n");
    }
    sqlite3_finalize(row);
}

static void dump_tables(FILE *out, const char *path)
{
    sqlite3 *db;
    sqlite3_stmt *table;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, page_sum_vfs()), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, TABLES, -1, &table, NULL), SQLITE_OK);
    while (sqlite3_step(table) == SQLITE_ROW)
        dump_table(out, db, (const char *)sqlite3_column_text(table, 0));
    sqlite3_finalize(table);
    sqlite3_close(db);
}

char *catalog_text(const char *path)
{
    struct dump dump = {.count = 0};
    char *text = NULL;
    size_t size;
    dump.out = open_memstream(&text, &size);
    assert_int_equal(catalog_open(path, CATALOG_READ, &dump.catalog), RC_OK);
    dump_codes(&dump);
    catalog_close(dump.catalog);
    dump_tables(dump.out, path);
    fclose(dump.out);
    return text;
}
