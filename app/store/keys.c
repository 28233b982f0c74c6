#include "app/store/keys.h"
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 32 };

void keys_free(struct keys *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        free(keys->all[i]);
    free(keys->all);
    *keys = (struct keys){NULL, 0, 0};
}

enum rc keys_add(struct keys *keys, const char *key)
{
    if (keys->count == keys->room) {
        size_t room = keys->room ? keys->room * 2 : FIRST_ROOM;
        char **all = realloc(keys->all, room * sizeof *all);
        if (!all)
            return RC_NOMEM;
        keys->all = all;
        keys->room = room;
    }
    if (!(keys->all[keys->count] = strdup(key)))
        return RC_NOMEM;
    keys->count++;
    return RC_OK;
}

enum rc keys_read(struct store *store, sqlite3_stmt *row, struct keys *ret_keys)
{
    int step = SQLITE_ROW;
    enum rc rc = RC_OK;
    if (!row)
        return store_rc(store);
    while (rc == RC_OK && (step = sqlite3_step(row)) == SQLITE_ROW)
        rc = keys_add(ret_keys, store_text(row, 0));
    if (rc == RC_OK && step != SQLITE_DONE)
        rc = store_rc(store);
    sqlite3_reset(row);
    return rc;
}
