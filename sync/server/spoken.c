#include "sync/server/spoken.h"
#include "sync/server/provisional.h"
#include <stdio.h>
#include <string.h>

/* A claim is on one thing: class and lot codes are many, unless the books know that very code. Canonical keys say which
 * they are (app/domain/code.h). The device counts the same way (app/store/project.c). */
bool spoken_is_one_thing(const char *key, bool known)
{
    enum { PREFIX = 4, GTIN_END = 18 }; /* "(01)" or "(03)", and 14 digits */
    const char *rest = strlen(key) > GTIN_END ? key + GTIN_END : "";
    if (known || (strncmp(key, "(01)", PREFIX) != 0 && strncmp(key, "(03)", PREFIX) != 0))
        return true;
    return strncmp(rest, "(21)", 4) == 0 || strncmp(rest, "(235)", 5) == 0;
}

enum rc spoken_claim(struct db_stmt *stmt, bool *ret_found, struct conflict_record *ret_claim)
{
    enum rc rc = db_step(stmt, ret_found);
    if (!rc && *ret_found) {
        ret_claim->device = db_int(stmt, 0);
        ret_claim->epoch = db_int(stmt, 1);
        ret_claim->seq = db_int(stmt, 2);
        snprintf(ret_claim->doc, sizeof ret_claim->doc, "%s", db_text(stmt, 3));
    }
    db_reset(stmt);
    return rc;
}

enum rc spoken_tally_state(const struct apply_batch *batch, const char *doc, int64_t seq, int *ret_state)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_TALLY_STATE);
    bool row;
    db_bind_text(stmt, 1, doc);
    db_bind_int(stmt, 2, batch->peer->device);
    db_bind_int(stmt, 3, apply_epoch_of(batch, seq));
    db_bind_int(stmt, 4, seq);
    enum rc rc = db_step(stmt, &row);
    if (!rc)
        *ret_state = row ? (int)db_int(stmt, 0) : 0;
    db_reset(stmt);
    return rc;
}

enum rc spoken_scan(struct apply_batch *batch, const struct apply_record *record, bool *ret_accepted,
                    json_t **ret_scan)
{
    struct db_stmt *stmt = core_query(batch->server, QUERY_RECORD_GET);
    int64_t seq = json_integer_value(json_object_get(record->body, "ref"));
    const struct epochs_end *stream = epochs_end(&batch->line, seq);
    bool row;
    *ret_scan = NULL;
    db_bind_int(stmt, 1, stream->device);
    db_bind_int(stmt, 2, stream->epoch);
    db_bind_int(stmt, 3, seq);
    enum rc rc = db_step(stmt, &row);
    if (rc || !row)
        return rc;
    *ret_accepted = db_int(stmt, 0) == PUSH_ACCEPTED || strcmp(db_text(stmt, 1), PROVISIONAL_WORD) == 0;
    if (strcmp(db_text(stmt, 2), "scan") == 0)
        *ret_scan = json_loads(db_text(stmt, 3), 0, NULL);
    db_reset(stmt);
    return *ret_scan ? apply_rename(batch, *ret_scan) : RC_OK;
}
