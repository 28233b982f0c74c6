#include "sync/server/conflicts.h"

enum rc conflicts_add(struct server *server, const struct conflict *conflict)
{
    struct db_stmt *stmt = core_query(server, QUERY_CONFLICT_ADD);
    db_bind_int(stmt, 1, core_now_ms(server));
    db_bind_text(stmt, 2, conflict->kind);
    db_bind_text(stmt, 3, conflict->key);
    db_bind_int(stmt, 4, conflict->device);
    db_bind_int(stmt, 5, conflict->epoch);
    db_bind_int(stmt, 6, conflict->seq);
    db_bind_text(stmt, 7, conflict->doc);
    if (conflict->other) {
        db_bind_int(stmt, 8, conflict->other->device);
        db_bind_int(stmt, 9, conflict->other->epoch);
        db_bind_int(stmt, 10, conflict->other->seq);
        db_bind_text(stmt, 11, conflict->other->doc);
    }
    db_bind_text(stmt, 12, conflict->detail);
    core_log(server, "conflict", "%s: device %lld epoch %lld record %lld", conflict->kind,
             (long long)conflict->device, (long long)conflict->epoch, (long long)conflict->seq);
    return db_run(stmt);
}
