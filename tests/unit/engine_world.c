#include "tests/unit/engine_world.h"
#include "platform/clock.h"
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RECEIPTS_MAX = 16, SECOND_NS = 1000000000 };

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status;
    (void)type;
    (void)at;
    return remove(path);
}

void engine_world_start(struct engine_world *world)
{
    struct engine_options options = {.dir = world->dir,
                                     .what = "test",
                                     .site = "CDB",
                                     .clock = clock_pinned(1795305600000, 480)}; /* 2026-11-22 00:00 UTC */
    assert_int_equal(engine_open(&options, &world->engine, NULL), RC_OK);
    assert_int_equal(syncport_open(world->dir, &world->port), RC_OK);
    world->sync = syncport_store(world->port);
}

void engine_world_open(struct engine_world *world, const char *feed)
{
    *world = (struct engine_world){.dir = "/tmp/tallyman-engine-XXXXXX", .mono_ns = SECOND_NS};
    assert_non_null(mkdtemp(world->dir));
    engine_world_start(world);
    engine_world_tell(world, feed);
    assert_int_equal(engine_sign_in(world->engine, "wang", "2468", NULL), RC_OK);
}

void engine_world_stop(struct engine_world *world)
{
    syncport_close(world->port);
    engine_close(world->engine);
}

void engine_world_reopen(struct engine_world *world)
{
    engine_world_stop(world);
    engine_world_start(world);
    assert_int_equal(engine_sign_in(world->engine, "wang", "2468", NULL), RC_OK);
}

void engine_world_close(struct engine_world *world)
{
    engine_world_stop(world);
    nftw(world->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void engine_world_tell(struct engine_world *world, const char *feed)
{
    FILE *stream = fmemopen((void *)(uintptr_t)feed, strlen(feed), "r");
    struct feed_error error = {.text = ""};
    long count = 0;
    enum rc rc = store_import(engine_store(world->engine), stream, NULL, &count, &error);
    fclose(stream);
    if (rc != RC_OK)
        fail_msg("import: %s: line %ld: %s", rc_word(rc), error.line, error.text);
}

struct outcome *engine_world_scan(struct engine_world *world, const char *no, const char *text, qty_t typed_qty)
{
    static struct outcome outcome;
    struct scan *scan = scan_new(text, strlen(text));
    char doc[DOC_MAX + 1];
    world->mono_ns += SECOND_NS;
    scan->mono_ns = world->mono_ns;
    assert_int_equal(store_document_name(engine_store(world->engine), no, doc), RC_OK);
    assert_int_equal(engine_scan(world->engine, doc, scan, typed_qty, &outcome), RC_OK);
    free(scan);
    return &outcome;
}

int64_t engine_world_expect(struct engine_world *world, const char *no, const char *text, const char *reason,
                            const char *severity)
{
    struct outcome *outcome = engine_world_scan(world, no, text, 0);
    assert_string_equal(reason_word(outcome->verdict.reason), reason);
    assert_string_equal(severity_word(outcome->verdict.severity), severity);
    return outcome->seq;
}

qty_t engine_world_tallied(struct engine_world *world, const char *no, size_t line)
{
    struct document *document;
    assert_int_equal(engine_document(world->engine, no, &document), RC_OK);
    assert_true(line < document->line_count);
    qty_t qty = document->lines[line].tallied;
    document_free(document);
    return qty;
}

int64_t engine_world_last(struct engine_world *world)
{
    return store_last_seq(engine_store(world->engine));
}

void engine_world_verify(struct engine_world *world)
{
    int64_t count = 0, bad = 0;
    assert_int_equal(store_verify(engine_store(world->engine), &count, &bad), RC_OK);
    assert_int_equal(count, engine_world_last(world));
}

void engine_world_refuse(struct engine_world *world, const int64_t *seqs)
{
    struct sync_receipt receipts[RECEIPTS_MAX];
    int count = 0;
    for (; seqs[count]; count++)
        receipts[count] = (struct sync_receipt){.seq = seqs[count], .verdict = SYNC_REFUSED, .reason = "lost-claim"};
    assert_int_equal(world->sync.acked(world->sync.context, engine_world_last(world), receipts, count), RC_OK);
}

void engine_world_page(struct engine_world *world, int64_t applied_seq, const char *feed)
{
    struct sync_page page = {
        .lines = feed, .len = strlen(feed), .cursor = "c-1", .epoch = 1, .applied_seq = applied_seq};
    assert_int_equal(world->sync.page(world->sync.context, &page), RC_OK);
}
