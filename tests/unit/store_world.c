#include "tests/unit/store_world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TEXT_MAX = 4096, AT_MS_DAY = 20779, YEAR = 2026, SECOND_NS = 1000000000 };

static void settle(struct store_world *world)
{
    world->store = engine_store(world->engine.engine);
    world->policy = (struct policy){.registry = REGISTRY_STRICT, .start = DAY_NONE};
}

void store_world_open(struct store_world *world, const char *feed)
{
    memset(world, 0, sizeof *world);
    engine_world_open(&world->engine, feed);
    settle(world);
}

void store_world_reopen(struct store_world *world)
{
    struct policy policy = world->policy;
    engine_world_reopen(&world->engine);
    settle(world);
    world->policy = policy;
}

void store_world_close(struct store_world *world)
{
    engine_world_close(&world->engine);
}

static struct record record_of(struct store_world *world, enum record_kind kind, const char *doc)
{
    struct record record = {.kind = kind, .at_ms = 1795305600000, .offset_min = 480, .site = "CDB", .doc = doc};
    record.operator= "wang";
    record.condition = STATE_ACTIVE;
    (void)world;
    return record;
}

static int64_t append(struct store_world *world, const struct record *record)
{
    int64_t seq = 0;
    assert_int_equal(store_append(world->store, record, &seq), RC_OK);
    return seq;
}

static void add_fields(struct document *document, const char *text)
{
    char name[FIELD_NAME_MAX + 1], value[FIELD_VALUE_MAX + 1];
    int used = 0;
    while (text && sscanf(text, " %31[^=]=%127s%n", name, value, &used) == 2) {
        struct field_value *field = &document->fields[document->field_count++];
        memcpy(field->name, name, sizeof name);
        memcpy(field->value, value, sizeof value);
        text += used;
    }
}

void store_world_start(struct store_world *world, const char *no, const char *flow, const char *to,
                       const char *fields)
{
    struct document document = {.state = DOCUMENT_READY, .own = true, .due = DAY_NONE};
    snprintf(document.doc, sizeof document.doc, "own:%s", no);
    snprintf(document.no, sizeof document.no, "%s", no);
    snprintf(document.flow, sizeof document.flow, "%s", flow);
    assert_int_equal(holder_parse(to, &document.to), RC_OK);
    add_fields(&document, fields);
    struct record record = record_of(world, RECORD_OPEN, document.doc);
    record.document = &document;
    record.flow = flow_find(flow);
    append(world, &record);
}

struct job {
    struct store_world *world;
    struct document *document;
    const struct flow *flow;
    struct scan *scan;
    struct code code;
};

static void prepare(struct store_world *world, const char *doc, const char *text, struct job *job)
{
    job->world = world;
    job->scan = scan_new(text, strlen(text));
    world->engine.mono_ns += SECOND_NS;
    job->scan->mono_ns = world->engine.mono_ns;
    assert_int_equal(store_document(world->store, doc, &job->document), RC_OK);
    job->flow = flow_find(job->document->flow);
    assert_non_null(job->flow);
    assert_int_equal(store_read_code(world->store, job->scan, YEAR, &job->code), RC_OK);
    struct facts_request request = {.doc = doc,
                                    .document = job->document,
                                    .flow = job->flow,
                                    .policy = &world->policy,
                                    .site = "CDB",
                                    .today = AT_MS_DAY,
                                    .code = &job->code,
                                    .mono_ns = job->scan->mono_ns};
    struct judge_context context = {
        .today = AT_MS_DAY, .site = "CDB", .role = ROLE_SUPERVISOR, .policy = &world->policy};
    assert_int_equal(store_facts(world->store, &request, &world->facts), RC_OK);
    judge(&context, job->flow, job->document, &job->code, &world->facts, &world->verdict);
}

static void finish(struct job *job)
{
    free(job->scan);
    document_free(job->document);
}

void store_world_look(struct store_world *world, const char *doc, const char *text)
{
    struct job job;
    prepare(world, doc, text, &job);
    finish(&job);
}

struct list {
    char keys[STORE_WORLD_KEYS][CODE_KEY_MAX + 1];
    const char *all[STORE_WORLD_KEYS];
    size_t count;
};

static bool add(void *context, const char *key)
{
    struct list *list = context;
    assert_true(list->count < STORE_WORLD_KEYS);
    snprintf(list->keys[list->count], sizeof list->keys[0], "%s", key);
    list->all[list->count] = list->keys[list->count];
    list->count++;
    return true;
}

/* What an engine would say the scan does to what is in what. False: nothing. */
static bool pack_of(const struct job *job, struct record_pack *pack, struct list *in, struct list *out)
{
    struct store_world *world = job->world;
    const struct facts *facts = &world->facts;
    const struct document *document = job->document;
    pack->parent = facts->parent;
    switch (job->flow->work) {
    case WORK_COUNT:
    case WORK_RELABEL: return false;
    case WORK_PACK:
        if (facts->is_label)
            store_loose(world->store, document->doc, add, in);
        if (facts->is_label && strcmp(facts->key, document->container) != 0) /* used again */
            store_children(world->store, facts->key, add, out);
        if (!facts->is_label && document->container[0])
            add(in, facts->key);
        pack->parent = facts->is_label ? facts->key : document->container;
        pack->level = facts->fill_level;
        pack->all = out->count > 0;
        return in->count > 0 || pack->all;
    case WORK_UNPACK:
        pack->all = strcmp(document_field(document, "mode"), "empty") == 0;
        pack->parent = pack->all ? facts->key : facts->parent;
        if (pack->all)
            store_children(world->store, facts->key, add, out);
        else
            add(out, facts->key);
        return true;
    case WORK_REPLACE:
        if (!document->pending[0])
            return false;
        add(in, facts->key);
        add(out, document->pending);
        return true;
    }
    return false;
}

int64_t store_world_scan(struct store_world *world, const char *doc, const char *text)
{
    static struct list in, out;
    char parent[CODE_KEY_MAX + 1];
    struct record_pack pack = {.level = 1};
    struct job job;
    in.count = out.count = 0;
    if (strncmp(doc, "own:", 4) != 0)
        assert_int_equal(engine_open_document(world->engine.engine, doc, NULL), RC_OK);
    assert_int_equal(store_hold(world->store), RC_OK);
    prepare(world, doc, text, &job);
    struct record_relabel relabel = {job.document->pending, world->facts.key};
    struct record record = record_of(world, RECORD_SCAN, doc);
    record.scan = job.scan;
    record.mono_ns = job.scan->mono_ns;
    record.code = &job.code;
    record.facts = &world->facts;
    record.verdict = &world->verdict;
    record.document = job.document;
    record.flow = job.flow;
    record.goes_to = world->goes_to.kind == HOLDER_UNKNOWN ? NULL : &world->goes_to;
    if (pack_of(&job, &pack, &in, &out)) {
        pack.in = in.all, pack.in_count = in.count;
        pack.out = out.all, pack.out_count = out.count;
        record.pack = &pack;
    }
    if (job.flow->work == WORK_REPLACE && job.document->pending[0]) {
        snprintf(parent, sizeof parent, "%s", store_world_parent(world, job.document->pending));
        pack.parent = parent;
    }
    if (job.flow->work == WORK_RELABEL && job.document->pending[0])
        record.relabel = &relabel;
    int64_t seq = append(world, &record);
    store_release(world->store);
    finish(&job);
    return seq;
}

int64_t store_world_undo(struct store_world *world, int64_t seq, enum code_state condition)
{
    struct store_tally tally;
    char doc[DOC_MAX + 1];
    assert_int_equal(store_tally(world->store, seq, &tally, doc), RC_OK);
    assert_false(tally.over);
    struct record record = record_of(world, RECORD_UNDO, doc);
    record.ref = seq;
    record.condition = condition;
    return append(world, &record);
}

static int64_t end(struct store_world *world, enum record_kind kind, const char *doc)
{
    struct document *document;
    assert_int_equal(store_document(world->store, doc, &document), RC_OK);
    struct record record = record_of(world, kind, doc);
    record.document = document;
    record.flow = flow_find(document->flow);
    int64_t seq = append(world, &record);
    document_free(document);
    return seq;
}

int64_t store_world_complete(struct store_world *world, const char *doc)
{
    return end(world, RECORD_COMPLETE, doc);
}

int64_t store_world_abandon(struct store_world *world, const char *doc)
{
    return end(world, RECORD_ABANDON, doc);
}

int64_t store_world_expect(struct store_world *world, const char *doc, const char *text, const char *reason)
{
    int64_t seq = store_world_scan(world, doc, text);
    assert_string_equal(reason_word(world->verdict.reason), reason);
    return seq;
}

static void look_up(struct store_world *world, const char *text, struct facts *facts)
{
    struct code code;
    struct scan *scan = scan_new(text, strlen(text));
    assert_int_equal(store_read_code(world->store, scan, YEAR, &code), RC_OK);
    struct facts_request request = {.doc = "", .site = "CDB", .today = AT_MS_DAY, .code = &code};
    assert_int_equal(store_facts(world->store, &request, facts), RC_OK);
    free(scan);
}

const char *store_world_holder(struct store_world *world, const char *text)
{
    static char holder[HOLDER_MAX + 1];
    struct facts facts;
    look_up(world, text, &facts);
    return holder_print(&facts.holder, holder);
}

const char *store_world_parent(struct store_world *world, const char *text)
{
    static struct facts facts;
    look_up(world, text, &facts);
    return facts.parent;
}

static const char *joined(const struct list *list)
{
    static char text[TEXT_MAX];
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < list->count; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s ", list->keys[i]);
    return text;
}

const char *store_world_inside(struct store_world *world, const char *parent)
{
    static struct list list;
    list.count = 0;
    assert_int_equal(store_children(world->store, parent, add, &list), RC_OK);
    return joined(&list);
}

const char *store_world_loose(struct store_world *world, const char *doc)
{
    static struct list list;
    list.count = 0;
    assert_int_equal(store_loose(world->store, doc, add, &list), RC_OK);
    return joined(&list);
}

static bool add_row(void *context, const struct store_counted_row *row)
{
    char *text = context, qty[QTY_TEXT_MAX + 1], extra[QTY_TEXT_MAX + 1];
    size_t at = strlen(text);
    snprintf(text + at, TEXT_MAX - at, "%s/%s=%s+%s ", row->product, row->lot, qty_print(row->qty, qty),
             qty_print(row->extra, extra));
    return true;
}

const char *store_world_counted(struct store_world *world, const char *doc)
{
    static char text[TEXT_MAX];
    text[0] = '\0';
    assert_int_equal(store_counted_rows(world->store, doc, add_row, text), RC_OK);
    return text;
}
