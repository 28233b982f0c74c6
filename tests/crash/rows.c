#include "tests/crash/rows.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { SQL_MAX = 128 };

static uint64_t add(uint64_t sum, const void *bytes, int len)
{
    const unsigned char *at = bytes;
    for (int i = 0; i < len; i++)
        sum = (sum ^ at[i]) * UINT64_C(1099511628211);
    return (sum ^ 0x1ff) * UINT64_C(1099511628211);
}

static uint64_t row_sum(sqlite3_stmt *row)
{
    uint64_t sum = UINT64_C(14695981039346656037);
    for (int i = 0; i < sqlite3_column_count(row); i++)
        sum = add(sum, sqlite3_column_blob(row, i), sqlite3_column_bytes(row, i));
    return sum;
}

/* In any order: the rows are added up. */
static bool table_sum(sqlite3 *db, const char *table, uint64_t *ret_sum)
{
    char sql[SQL_MAX];
    sqlite3_stmt *row = NULL;
    int step = SQLITE_ERROR;
    snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"", table);
    *ret_sum = 0;
    if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) == SQLITE_OK)
        while ((step = sqlite3_step(row)) == SQLITE_ROW)
            *ret_sum += row_sum(row);
    sqlite3_finalize(row);
    return step == SQLITE_DONE;
}

static bool is_wanted(const char *table, const char *without)
{
    char name[ROWS_NAME_MAX + 3];
    snprintf(name, sizeof name, " %s ", table);
    return !strstr(without, name) && strncmp(table, "sqlite_", 7) != 0;
}

static bool sum_all(sqlite3 *db, const char *without, char *ret_text)
{
    sqlite3_stmt *tables = NULL;
    size_t len = 0;
    uint64_t sum = 0;
    bool good = sqlite3_prepare_v2(db, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name", -1,
                                   &tables, NULL) == SQLITE_OK;
    while (good && sqlite3_step(tables) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(tables, 0);
        if (!is_wanted(table, without))
            continue;
        good = table_sum(db, table, &sum) && len + ROWS_NAME_MAX + 20 < ROWS_MAX;
        if (good)
            len += (size_t)snprintf(ret_text + len, ROWS_MAX - len, "%s %016" PRIx64 "\n", table, sum);
    }
    sqlite3_finalize(tables);
    return good && len > 0;
}

bool rows_sum(const char *path, const char *without, char *ret_text)
{
    sqlite3 *db = NULL;
    bool good = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
                sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) == SQLITE_OK;
    good = good && sum_all(db, without, ret_text);
    sqlite3_close(db);
    return good;
}

bool rows_differ(const char *one, const char *other, char *ret_name)
{
    while (*one || *other) {
        size_t len = strcspn(one, "\n"), other_len = strcspn(other, "\n");
        if (len != other_len || strncmp(one, other, len) != 0) {
            snprintf(ret_name, ROWS_NAME_MAX + 1, "%.*s", (int)strcspn(*one ? one : other, " "), *one ? one : other);
            return true;
        }
        one += len + (one[len] == '\n');
        other += other_len + (other[other_len] == '\n');
    }
    return false;
}
