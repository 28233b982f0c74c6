/* Random operations: foretold by the model, done by the program, done by the model, compared. */
#include "tests/sim/flow_model.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRONG(...) sim_fail(&model->sim, __VA_ARGS__)

enum { OPEN_MAX = 7, SECOND_MS = 1000, REASON_TEXT = 400 };

const char *const model_op_names[] = {"start",     "open",     "scan",    "label",    "quantity", "confirm", "undo",
                                      "undo-last", "exchange", "aside",   "pick",     "complete", "abandon", "sync",
                                      "news",      "closed",   "recheck", "revision", "group",    "refused", NULL};

enum op {
    OP_START,
    OP_OPEN,
    OP_SCAN,
    OP_LABEL,
    OP_QUANTITY,
    OP_CONFIRM,
    OP_UNDO,
    OP_UNDO_LAST,
    OP_EXCHANGE,
    OP_ASIDE,
    OP_PICK,
    OP_COMPLETE,
    OP_ABANDON,
    OP_SYNC,
    OP_NEWS,
    OP_CLOSED,
    OP_RECHECK,
    OP_REVISION,
    OP_GROUP,
    OP_REFUSED
};

static uint32_t draw(struct model *model, uint32_t below)
{
    return sim_random(&model->sim, below);
}

static struct engine *engine_of(struct model *model, int device)
{
    return model->sim.devices[device].engine;
}

static struct store *store_of(struct model *model, int device)
{
    return engine_store(engine_of(model, device));
}

__attribute__((format(printf, 2, 3))) static void say(struct model *model, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(model->what, sizeof model->what, format, list);
    va_end(list);
    if (model->loud)
        printf("%ld: %s\n", model->op, model->what);
}

static void did(struct model *model, enum op op)
{
    model->counts->ops[op]++;
}

/* ---- choosing ---- */

static int open_jobs(const struct model_device *device, int *ret_jobs)
{
    int count = 0;
    for (int j = 0; j < device->job_count; j++)
        if (device->jobs[j].state == DOCUMENT_OPEN || device->jobs[j].state == DOCUMENT_CANCELLED)
            ret_jobs[count++] = j;
    return count;
}

/* One that is worked on; MODEL_NOTHING. */
static int some_job(struct model *model, int device)
{
    int jobs[MODEL_JOBS], count = open_jobs(&model->devices[device], jobs);
    return count ? jobs[draw(model, (uint32_t)count)] : MODEL_NOTHING;
}

static int some_tally(struct model *model, const struct model_job *job, unsigned states)
{
    int tallies[MODEL_TALLIES], count = 0;
    for (int t = 0; t < job->tally_count; t++)
        if (states & 1u << job->tallies[t].state)
            tallies[count++] = t;
    return count ? tallies[draw(model, (uint32_t)count)] : MODEL_NOTHING;
}

static int64_t last_seq(struct model *model, int device)
{
    return store_last_seq(store_of(model, device));
}

/* ---- what was touched ---- */

static bool check_touched(struct model *model, int device, int at, int unit)
{
    const struct model_book *book = &model->devices[device].book;
    if (unit == MODEL_NOTHING)
        return model_check_job(model, device, at);
    for (int i = 0; i < model_key_count; i++)
        if ((i == unit || model_inside(book, i, unit) || model_inside(book, unit, i)) &&
            !model_check_unit(model, device, i))
            return false;
    return model_check_job(model, device, at);
}

/* ---- documents ---- */

static bool add_job(struct model *model, int device, const char *doc)
{
    struct document *document;
    enum rc rc = store_document(store_of(model, device), doc, &document);
    if (rc != RC_OK)
        return WRONG("device %d: %s is not there: %s", device, doc, rc_word(rc));
    struct model_job *job = model_add_job(model, device, document);
    document_free(document);
    if (!job)
        return WRONG("device %d: no room for %s", device, doc);
    for (int i = 0; i < job->line_count && job->group; i++)
        job->members |= UINT64_C(1) << model_paper_of(&model->devices[device].news, job->lines[i].doc);
    for (size_t f = 0; f < flow_count(); f++)
        model->counts->flows[f] += job->flow == flow_at(f);
    return model_check_job(model, device, model->devices[device].job_count - 1);
}

/* A completed document whose goods can be taken back; its number, or NULL. */
static const char *some_completed(struct model *model, int device)
{
    const struct model_device *mine = &model->devices[device];
    const char *found[MODEL_JOBS];
    uint32_t count = 0;
    for (int j = 0; j < mine->job_count; j++)
        if (mine->jobs[j].state == DOCUMENT_COMPLETE && !mine->jobs[j].group &&
            (mine->jobs[j].flow->after == GO_TRANSIT || mine->jobs[j].flow->after == GO_TO))
            found[count++] = mine->jobs[j].doc;
    return count ? found[draw(model, count)] : NULL;
}

static const char *one_of(struct model *model, const char *const *choices)
{
    uint32_t count = 0;
    while (choices[count])
        count++;
    return choices[draw(model, count)];
}

static void add_field(struct start *start, const char *name, const char *value)
{
    if (value && value[0])
        start->fields[start->field_count++] = (struct start_field){name, value};
}

/* The fields that its flow asks for. False: nothing to start it with. */
static bool fill_in(struct model *model, int device, struct start *start)
{
    static const char *const from[] = {"SUP", "D0", "", NULL}, *const to[] = {"D0", "D1", "GZB", "QRT", NULL},
                             *const products[] = {"", "P", "Q", "N", NULL}, *const modes[] = {"out", "empty", NULL};
    const char *other = strcmp(model->devices[device].site, "GZB") == 0 ? "CDB" : one_of(model, to);
    const char *name = start->flow, *of;
    if (strcmp(name, "receipt") == 0 || strcmp(name, "return") == 0)
        add_field(start, "from", one_of(model, from));
    else if (strcmp(name, "transfer") == 0)
        add_field(start, "to", other);
    else if (strcmp(name, "unpack") == 0)
        add_field(start, "mode", one_of(model, modes));
    else if (strcmp(name, "count") == 0)
        add_field(start, "product", one_of(model, products));
    else if (strcmp(name, "scrap") == 0)
        add_field(start, "reason", "damaged");
    else if (strcmp(name, "sample") == 0)
        add_field(start, "reason", "gift");
    else if (strcmp(name, "recall") == 0)
        add_field(start, "notice", model_recalls[draw(model, MODEL_RECALLS)].id);
    if (strcmp(name, "late-entry") == 0) {
        add_field(start, "to", other);
        add_field(start, "at", "2024-10-01");
    }
    if (strcmp(name, "void") != 0)
        return true;
    of = some_completed(model, device);
    add_field(start, "of", of);
    return of != NULL;
}

/* A recall's notice must be in force here. */
static enum rc foretell_start(const struct model *model, int device, const struct start *start)
{
    for (int i = 0; i < MODEL_RECALLS && strcmp(start->flow, "recall") == 0; i++)
        if (strcmp(start->fields[0].value, model_recalls[i].id) == 0 && !model->devices[device].news.recalled[i])
            return RC_NOT_FOUND;
    return RC_OK;
}

static bool act_start(struct model *model, int device)
{
    const struct flow *flow = flow_at(draw(model, (uint32_t)flow_count()));
    struct start start = {.flow = flow->name};
    char doc[DOC_MAX + 1], no[ID_MAX + 1];
    const char *field = "";
    if (!engine_can_start(flow) || !fill_in(model, device, &start))
        return true;
    enum rc wanted = foretell_start(model, device, &start);
    enum rc rc = engine_start(engine_of(model, device), &start, doc, no, &field);
    say(model, "device %d starts %s %s=%s: %s", device, flow->name,
        start.field_count ? start.fields[start.field_count - 1].name : "",
        start.field_count ? start.fields[start.field_count - 1].value : "", rc == RC_OK ? doc : rc_word(rc));
    if (rc != wanted)
        return WRONG("device %d: starting %s says %s (%s), the model %s", device, flow->name, rc_word(rc), field,
                     rc_word(wanted));
    did(model, OP_START);
    return rc != RC_OK || add_job(model, device, doc);
}

static bool is_known_job(const struct model_device *device, const char *doc)
{
    for (int j = 0; j < device->job_count; j++)
        if (strcmp(device->jobs[j].doc, doc) == 0 && device->jobs[j].state != DOCUMENT_ABANDONED)
            return true;
    return false;
}

/* A paper of the data centre, or the group that it is in; what was worked on in the one way is not offered in the other. */
static bool act_open(struct model *model, int device)
{
    struct model_device *mine = &model->devices[device];
    char name[DOC_MAX + 1], doc[DOC_MAX + 1];
    if (mine->news.paper_count == 0)
        return true;
    const struct model_paper *paper = &mine->news.papers[draw(model, (uint32_t)mine->news.paper_count)];
    bool group = paper->group[0] && draw(model, 2);
    snprintf(name, sizeof name, "%s%s", group ? "group:" : "", group ? paper->group : paper->doc);
    if (is_known_job(mine, name))
        return true;
    enum rc rc = engine_open_document(engine_of(model, device), name, doc);
    say(model, "device %d opens %s: %s", device, name, rc_word(rc));
    bool may = rc == RC_OK || rc == RC_NOT_FOUND || rc == RC_CLOSED;
    if (!may || (rc == RC_OK && strcmp(paper->state, "open") != 0 && !group))
        return WRONG("device %d: opening %s says %s", device, name, rc_word(rc));
    if (rc != RC_OK || is_known_job(mine, doc))
        return true;
    did(model, group ? OP_GROUP : OP_OPEN);
    return add_job(model, device, doc);
}

/* ---- scans ---- */

static char *set_text(reason_set set, char *ret_text)
{
    size_t len = 0;
    ret_text[0] = '\0';
    for (int i = 0; i < REASON_COUNT; i++)
        if (set & REASON_BIT(i))
            len += (size_t)snprintf(ret_text + len, REASON_TEXT - len, " %s", reason_word((enum reason)i));
    return ret_text;
}

static bool same_allocations(const struct verdict *a, const struct verdict *b)
{
    if (a->allocation_count != b->allocation_count)
        return false;
    for (int i = 0; i < a->allocation_count; i++)
        if (a->allocations[i].line != b->allocations[i].line || a->allocations[i].qty != b->allocations[i].qty ||
            strcmp(a->allocations[i].product, b->allocations[i].product) != 0)
            return false;
    return true;
}

/* Something in there whose lot nobody knows: it may be that of what is around it. */
static bool holds_nameless(const struct model_book *book, int unit)
{
    for (int i = 0; i < model_key_count && unit != MODEL_NOTHING; i++)
        if (model_inside(book, i, unit) && !book->units[i].container && !book->units[i].lot[0])
            return true;
    return false;
}

/* What is in a container may be met in another order: lines are filled in that order. */
static void follow_order(struct model_judged *judged, const struct outcome *outcome)
{
    if (judged->facts.container && judged->verdict.qty == outcome->verdict.qty)
        judged->verdict = outcome->verdict;
}

static bool check_verdict(struct model *model, const struct model_judged *judged, const struct outcome *outcome)
{
    const struct verdict *is = &outcome->verdict, *wanted = &judged->verdict;
    char a[REASON_TEXT], b[REASON_TEXT];
    if (is->reason != wanted->reason || is->severity != wanted->severity || is->findings != wanted->findings)
        return WRONG("the verdict is %s %s (%s), in the model %s %s (%s)", severity_word(is->severity),
                     reason_word(is->reason), set_text(is->findings, a), severity_word(wanted->severity),
                     reason_word(wanted->reason), set_text(wanted->findings, b));
    bool counts = is->severity < SEVERITY_REJECT;
    if (counts && (is->qty != wanted->qty || (!judged->facts.container && !same_allocations(is, wanted))))
        return WRONG("it counts for %lld in %d parts, in the model for %lld in %d", (long long)is->qty,
                     is->allocation_count, (long long)wanted->qty, wanted->allocation_count);
    if (outcome->facts.is_label != judged->facts.is_label || outcome->facts.filled != judged->facts.filled)
        return WRONG("it is %s label over %d, in the model %s over %d", outcome->facts.is_label ? "a" : "no",
                     outcome->facts.filled, judged->facts.is_label ? "one" : "none", judged->facts.filled);
    return true;
}

static bool scan(struct model *model, int device, int at, const char *text, qty_t typed, enum op op)
{
    static struct model_judged judged;
    static struct outcome outcome;
    struct model_job *job = &model->devices[device].jobs[at];
    if (job->tally_count >= MODEL_TALLIES - 1)
        return true;
    if (!model_judge(model, device, at, text, typed, MODEL_NOTHING, &judged))
        return false;
    struct scan *scanned = scan_new(text, strlen(text));
    scanned->flags |= SCAN_BRACKETS;
    scanned->mono_ns = model->devices[device].mono_ns += 1000000000;
    enum rc rc = engine_scan(engine_of(model, device), job->doc, scanned, typed, &outcome);
    free(scanned);
    say(model, "device %d scans %s for %s (%s): %s %s, seq %lld", device, text, job->doc, job->flow->name,
        rc == RC_OK ? severity_word(outcome.verdict.severity) : rc_word(rc),
        rc == RC_OK ? reason_word(outcome.verdict.reason) : "", (long long)last_seq(model, device));
    if (rc != RC_OK)
        return WRONG("%s", rc_word(rc));
    /* an empty container's lot is nobody's to say */
    if (judged.facts.container && !judged.facts.is_label &&
        (!judged.facts.contents_known || holds_nameless(&model->devices[device].book, judged.unit)))
        judged.verdict = outcome.verdict;
    /* a mixed container has no product: which one stands for it is nobody's to say */
    bool pairs = job->flow->work == WORK_REPLACE || job->flow->work == WORK_RELABEL;
    bool of_container = job->pending != MODEL_NOTHING && model->devices[device].book.units[job->pending].container;
    if (pairs && of_container)
        judged.verdict = outcome.verdict;
    if (!check_verdict(model, &judged, &outcome))
        return false;
    follow_order(&judged, &outcome);
    did(model, op);
    model->counts->reasons[judged.verdict.reason]++;
    model->counts->severities[judged.verdict.severity]++;
    model_scanned(model, device, at, text, typed, outcome.seq, &judged);
    return check_touched(model, device, at, judged.unit);
}

/* Goods that could be meant: what is where the flow takes it from, now and then anything. */
static int some_unit(struct model *model, int device, const struct model_job *job)
{
    const struct model_device *mine = &model->devices[device];
    for (int tries = 0; tries < 6; tries++) {
        int unit = (int)draw(model, (uint32_t)model_key_count);
        struct holder holder;
        holder_parse(model_holder(&mine->book, unit), &holder);
        if (mine->book.units[unit].known &&
            flow_takes_from(job->flow, model_document(model, mine, job), mine->site, &holder))
            return unit;
    }
    return (int)draw(model, (uint32_t)model_key_count);
}

static bool act_scan(struct model *model, int device)
{
    int at = some_job(model, device);
    if (at == MODEL_NOTHING)
        return act_start(model, device);
    int unit = some_unit(model, device, &model->devices[device].jobs[at]);
    return scan(model, device, at, model_keys[unit].text, 0, OP_SCAN);
}

/* For a packing job: something that goods could be put in. */
static bool act_label(struct model *model, int device)
{
    int at = some_job(model, device);
    if (at == MODEL_NOTHING || model->devices[device].jobs[at].flow->work != WORK_PACK)
        return act_scan(model, device);
    int unit = (int)draw(model, (uint32_t)model_key_count);
    for (int tries = 0; tries < 20 && strncmp(model_keys[unit].text, "(00)", 4) != 0; tries++)
        unit = (int)draw(model, (uint32_t)model_key_count);
    return scan(model, device, at, model_keys[unit].text, 0, OP_LABEL);
}

static bool act_quantity(struct model *model, int device)
{
    static const struct {
        const char *product, *lot;
    } kinds[] = {{"N", ""}, {"M", "M1"}, {"M", "M2"}, {"M", ""}, {"P", ""}, {"P", "L1"}, {"Q", ""}};
    char text[MODEL_KEY_BYTES];
    int at = some_job(model, device);
    uint32_t kind = draw(model, sizeof kinds / sizeof kinds[0]);
    if (at == MODEL_NOTHING)
        return act_start(model, device);
    snprintf(text, sizeof text, "(01)%s%s%s", model_gtin(kinds[kind].product), kinds[kind].lot[0] ? "(10)" : "",
             kinds[kind].lot);
    return scan(model, device, at, text, (qty_t)draw(model, 4) * QTY_ONE, OP_QUANTITY);
}

/* ---- afterwards ---- */

static bool act_confirm(struct model *model, int device)
{
    static struct model_judged judged;
    int at = some_job(model, device);
    if (at == MODEL_NOTHING)
        return act_start(model, device);
    struct model_job *job = &model->devices[device].jobs[at];
    int place = some_tally(model, job, 1u << MODEL_WAITING | 1u << MODEL_LATCHED);
    if (place == MODEL_NOTHING)
        return act_scan(model, device);
    struct model_tally *tally = &job->tallies[place];
    if (!model_judge(model, device, at, tally->text, tally->qty, place, &judged))
        return false;
    bool refused =
        tally->counted || (judged.verdict.severity == SEVERITY_REJECT && judged.verdict.override == OVERRIDE_NONE);
    enum rc rc = engine_confirm(engine_of(model, device), job->doc, tally->seq, "");
    say(model, "device %d confirms %lld of %s (%s): %s, seq %lld", device, (long long)tally->seq, job->doc,
        tally->text, rc_word(rc), (long long)last_seq(model, device));
    if (rc != (refused ? RC_REFUSED : RC_OK))
        return WRONG("confirming says %s, the model %s: %s", rc_word(rc), rc_word(refused ? RC_REFUSED : RC_OK),
                     reason_word(judged.verdict.reason));
    did(model, OP_CONFIRM);
    if (rc == RC_OK)
        model_confirmed(model, device, at, place, last_seq(model, device), &judged);
    return check_touched(model, device, at, tally->unit);
}

static bool undo(struct model *model, int device, int at, int place, bool damaged)
{
    struct model_job *job = &model->devices[device].jobs[at];
    struct model_tally *tally = &job->tallies[place];
    enum model_may may = model_can_undo(&model->devices[device], at, place);
    if (damaged && tally->state != MODEL_LIVE)
        may = MODEL_MAY_NOT;
    enum rc rc = damaged ? engine_exchange(engine_of(model, device), job->doc, tally->seq)
                         : engine_undo(engine_of(model, device), job->doc, tally->seq);
    say(model, "device %d %s %lld of %s (%s, %s): %s, seq %lld", device, damaged ? "exchanges" : "undoes",
        (long long)tally->seq, job->doc, job->flow->name, tally->text, rc_word(rc),
        (long long)last_seq(model, device));
    if (may == MODEL_EITHER ? rc != RC_OK && rc != RC_REFUSED : rc != (may ? RC_OK : RC_REFUSED))
        return WRONG("it says %s, the model %s", rc_word(rc), rc_word(may ? RC_OK : RC_REFUSED));
    if (rc == RC_OK)
        model_undone(model, device, at, place, last_seq(model, device), damaged);
    return check_touched(model, device, at, tally->unit);
}

static bool act_undo(struct model *model, int device)
{
    int at = some_job(model, device);
    if (at == MODEL_NOTHING)
        return act_start(model, device);
    const struct model_job *job = &model->devices[device].jobs[at];
    int place = some_tally(model, job, ~0u);
    if (draw(model, 2))
        place = some_tally(model, job, 1u << MODEL_LIVE | 1u << MODEL_PACKED | 1u << MODEL_MARK);
    if (place == MODEL_NOTHING)
        return act_scan(model, device);
    did(model, OP_UNDO);
    return undo(model, device, at, place, false);
}

static bool act_exchange(struct model *model, int device)
{
    int at = some_job(model, device);
    if (at == MODEL_NOTHING)
        return act_start(model, device);
    int place = some_tally(model, &model->devices[device].jobs[at], 1u << MODEL_LIVE);
    if (place == MODEL_NOTHING || model->devices[device].jobs[at].tallies[place].unit == MODEL_NOTHING)
        return act_scan(model, device);
    did(model, OP_EXCHANGE);
    return undo(model, device, at, place, true);
}

/* What was just done is taken back: then all is as it was before. */
static bool act_undo_last(struct model *model, int device)
{
    static struct model_book before;
    struct model_device *mine = &model->devices[device];
    int at = some_job(model, device);
    if (at == MODEL_NOTHING)
        return act_start(model, device);
    struct model_job *job = &mine->jobs[at];
    before = mine->book;
    int tallies = job->tally_count, unit = some_unit(model, device, job);
    if (!scan(model, device, at, model_keys[unit].text, 0, OP_SCAN))
        return false;
    if (job->tally_count == tallies)
        return true;
    did(model, OP_UNDO_LAST);
    if (!undo(model, device, at, tallies, false))
        return false;
    for (int i = 0; i < model_key_count; i++)
        if (!model_same_unit(&before.units[i], &mine->book.units[i]))
            return WRONG("in the model itself %s is not as it was", model_keys[i].text);
    return model_check_device(model, device);
}

static bool act_aside(struct model *model, int device)
{
    int at = some_job(model, device);
    if (at == MODEL_NOTHING)
        return act_start(model, device);
    struct model_job *job = &model->devices[device].jobs[at];
    int place = some_tally(model, job, 1u << MODEL_WAITING | 1u << MODEL_LATCHED);
    if (place == MODEL_NOTHING)
        return act_scan(model, device);
    enum rc rc = engine_set_aside(engine_of(model, device), job->doc, job->tallies[place].seq);
    say(model, "device %d sets %lld of %s aside: %s", device, (long long)job->tallies[place].seq, job->doc,
        rc_word(rc));
    if (rc != RC_OK)
        return WRONG("setting aside says %s", rc_word(rc));
    did(model, OP_ASIDE);
    job->tallies[place].state = MODEL_ASIDE;
    return model_check_job(model, device, at);
}

static bool act_pick(struct model *model, int device)
{
    static struct policy policy;
    struct catalog *catalog;
    struct model_device *mine = &model->devices[device];
    int at = some_job(model, device);
    if (at == MODEL_NOTHING || store_catalog(store_of(model, device), &catalog) != RC_OK)
        return act_start(model, device);
    struct model_job *job = &mine->jobs[at];
    catalog_policy(catalog, mine->site, &policy);
    bool binds = job->flow->binds || flow_severity(job->flow, &policy, MODEL_TODAY, model_document(model, mine, job),
                                                   REASON_UNKNOWN_CODE) <= SEVERITY_WARN;
    const char *product = draw(model, 2) ? "P" : "Q", *lot = product[0] == 'P' ? "L1" : "K2";
    enum rc rc = engine_set_context(engine_of(model, device), job->doc, product, lot);
    enum rc wanted = job->state != DOCUMENT_OPEN ? RC_CLOSED : binds ? RC_OK : RC_REFUSED;
    say(model, "device %d picks %s for %s (%s): %s", device, product, job->doc, job->flow->name, rc_word(rc));
    if (rc != wanted)
        return WRONG("picking says %s, the model %s", rc_word(rc), rc_word(wanted));
    did(model, OP_PICK);
    if (rc == RC_OK)
        model_context(model, device, at, last_seq(model, device), product, lot);
    return model_check_job(model, device, at);
}

/* ---- facts that changed ---- */

/* Why it does not hold any more; REASON_OK: it does. As the design has it: spoilt goods where the flow rejects them, a lost
 * claim, a container of which less is free than was counted. */
static enum reason foretell_recheck(struct model *model, int device, int at, int place)
{
    static struct model_judged judged;
    const struct model_job *job = &model->devices[device].jobs[at];
    const struct model_tally *tally = &job->tallies[place];
    bool counts = job->flow->work == WORK_COUNT || job->flow->work == WORK_PACK;
    reason_set spoilt = REASON_BIT(REASON_RECALLED) | REASON_BIT(REASON_VOID_CODE) | REASON_BIT(REASON_ON_HOLD) |
                        REASON_BIT(REASON_EXPIRED);
    if (job->state == DOCUMENT_CANCELLED)
        return REASON_DOCUMENT_CLOSED;
    if (tally->refused)
        return REASON_IN_OTHER_DOCUMENT;
    if (!model_judge(model, device, at, tally->text, tally->qty, place, &judged))
        return REASON_OK;
    const struct facts *facts = &judged.facts;
    reason_set found = (judged.verdict.findings | REASON_BIT(judged.verdict.reason)) & spoilt;
    if (counts && facts->contents_known && facts->units_free < tally->qty)
        found |= REASON_BIT(facts->units_blocked > 0 ? facts->blocked_by : REASON_PARTIAL_CONTAINER);
    for (int i = 0; i < REASON_OK; i++)
        if ((found & REASON_BIT(i)) &&
            (i == REASON_PARTIAL_CONTAINER ||
             flow_severity(job->flow, judged.context.policy, MODEL_TODAY,
                           model_document(model, &model->devices[device], job), (enum reason)i) == SEVERITY_REJECT))
            return (enum reason)i;
    return REASON_OK;
}

/* Goods go to other lines when the order has changed: taken over, and their sum compared. */
static bool take_allocations(struct model *model, int device, struct model_job *job, const struct document *document)
{
    qty_t sums[MODEL_LINES] = {0};
    for (int t = 0; t < job->tally_count; t++) {
        struct model_tally *tally = &job->tallies[t];
        struct allocation allocations[ALLOC_MAX];
        int count = 0;
        if (tally->state != MODEL_LIVE && tally->state != MODEL_PACKED)
            continue;
        enum rc rc = store_tally_lines(store_of(model, device), tally->seq, document, allocations, &count);
        if (rc != RC_OK || count > MODEL_ALLOCS)
            return WRONG("the lines of tally %lld: %s", (long long)tally->seq, rc_word(rc));
        tally->alloc_count = count;
        for (int i = 0; i < count; i++) {
            tally->allocs[i].line = allocations[i].line == LINE_NONE ? MODEL_NOTHING : (int)allocations[i].line;
            tally->allocs[i].qty = allocations[i].qty;
            snprintf(tally->allocs[i].product, MODEL_TEXT, "%.31s", allocations[i].product);
            snprintf(tally->allocs[i].lot, MODEL_TEXT, "%.31s", allocations[i].lot);
            if (allocations[i].line != LINE_NONE)
                sums[allocations[i].line] += allocations[i].qty;
        }
    }
    for (int i = 0; i < job->line_count; i++)
        job->lines[i].tallied = sums[i];
    return true;
}

/* The program has looked at its tallies again: those that it took out are those that the model takes out. With `fit` lines
 * were looked at too: then the program's word is taken for it. */
static bool adopt_review(struct model *model, int device, int at, bool fit)
{
    struct model_device *mine = &model->devices[device];
    struct model_job *job = &mine->jobs[at];
    for (int t = job->tally_count - 1; t >= 0; t--) {
        struct model_tally *tally = &job->tallies[t];
        struct store_tally is;
        char doc[DOC_MAX + 1];
        if (tally->state != MODEL_LIVE)
            continue;
        enum reason wanted = foretell_recheck(model, device, at, t);
        if (store_tally(store_of(model, device), tally->seq, &is, doc) != RC_OK)
            return WRONG("tally %lld is gone", (long long)tally->seq);
        if (is.latched != (wanted != REASON_OK) && !(fit && is.latched))
            return WRONG("looked at again, tally %lld of %s (%s) is %s, in the model it is %s", (long long)tally->seq,
                         job->doc, tally->text, is.latched ? reason_word(is.reason) : "kept", reason_word(wanted));
        if (!is.latched)
            continue;
        did(model, OP_RECHECK);
        did(model, tally->refused ? OP_REFUSED : OP_RECHECK);
        model_rechecked(model, device, at, t, last_seq(model, device), is.reason);
    }
    return true;
}

static bool same_lines(const struct model_job *job, const struct document *document)
{
    if ((int)document->line_count != job->line_count)
        return false;
    for (int i = 0; i < job->line_count; i++)
        if (document->lines[i].qty != job->lines[i].qty)
            return false;
    return true;
}

/* After a review: lines of a new revision, tallies that were taken out, a document that was cancelled. */
static bool follow_review(struct model *model, int device, int at, bool completing)
{
    struct model_job *job = &model->devices[device].jobs[at];
    struct document *document;
    bool elsewhere = false;
    enum rc rc = store_document(store_of(model, device), job->doc, &document);
    if (rc != RC_OK)
        return WRONG("%s is not there: %s", job->doc, rc_word(rc));
    bool revised = job->state == DOCUMENT_OPEN && !same_lines(job, document);
    for (int i = 0; i < job->line_count; i++)
        elsewhere |= job->lines[i].elsewhere > 0;
    bool good = true;
    if (revised) {
        did(model, OP_REVISION);
        if ((int)document->line_count != job->line_count)
            good = WRONG("%s has other lines", job->doc);
        model_take_lines(job, document);
        model_sum_elsewhere(&model->devices[device], job);
    }
    good = good && adopt_review(model, device, at, revised || (completing && elsewhere));
    if (good && revised)
        good = take_allocations(model, device, job, document);
    document_free(document);
    return good;
}

static bool review(struct model *model, int device, int at)
{
    struct model_device *mine = &model->devices[device];
    struct model_job *job = &mine->jobs[at];
    struct review found;
    enum rc rc = engine_review(engine_of(model, device), job->doc, &found);
    if (rc != RC_OK)
        return WRONG("looking at %s again says %s", job->doc, rc_word(rc));
    return follow_review(model, device, at, false);
}

/* ---- the end of a document ---- */

static bool act_complete(struct model *model, int device)
{
    int at = some_job(model, device);
    if (at == MODEL_NOTHING)
        return act_start(model, device);
    struct model_job *job = &model->devices[device].jobs[at];
    struct completion completion = {.short_reason = "stock", .set_aside = true, .recounted = true};
    int64_t seq = 0;
    enum rc rc = engine_complete(engine_of(model, device), job->doc, &completion, &seq);
    enum rc wanted = job->state != DOCUMENT_OPEN ? RC_CLOSED : job->pending != MODEL_NOTHING ? RC_UNPAIRED : RC_OK;
    say(model, "device %d completes %s (%s): %s, seq %lld", device, job->doc, job->flow->name, rc_word(rc),
        (long long)last_seq(model, device));
    if (rc != RC_CLOSED && !follow_review(model, device, at, true))
        return false;
    if (rc != wanted && rc != RC_RECHECK)
        return WRONG("completing says %s, the model %s", rc_word(rc), rc_word(wanted));
    did(model, OP_COMPLETE);
    if (rc == RC_OK) {
        model_completed(model, device, at, seq);
        for (size_t f = 0; f < flow_count(); f++)
            model->counts->flows_completed[f] += job->flow == flow_at(f);
    }
    for (int t = 0; t < job->tally_count; t++)
        if (!check_touched(model, device, at, job->tallies[t].unit))
            return false;
    return model_check_job(model, device, at);
}

static bool act_abandon(struct model *model, int device)
{
    int at = some_job(model, device);
    if (at == MODEL_NOTHING)
        return act_start(model, device);
    struct model_job *job = &model->devices[device].jobs[at];
    int64_t seq = 0;
    enum rc rc = engine_abandon(engine_of(model, device), job->doc, &seq);
    say(model, "device %d gives %s (%s) up: %s", device, job->doc, job->flow->name, rc_word(rc));
    if (rc != RC_OK)
        return WRONG("giving up says %s", rc_word(rc));
    did(model, OP_ABANDON);
    model_abandoned(model, device, at, seq);
    for (int t = 0; t < job->tally_count; t++)
        if (!check_touched(model, device, at, job->tallies[t].unit))
            return false;
    return model_check_job(model, device, at);
}

/* Something for a document that is over: nothing may come of it. */
static bool act_closed(struct model *model, int device)
{
    struct model_device *mine = &model->devices[device];
    if (mine->job_count == 0)
        return act_start(model, device);
    int at = (int)draw(model, (uint32_t)mine->job_count);
    struct model_job *job = &mine->jobs[at];
    if (job->state != DOCUMENT_COMPLETE || job->tally_count == 0)
        return act_scan(model, device);
    int place = (int)draw(model, (uint32_t)job->tally_count);
    enum rc rc = engine_undo(engine_of(model, device), job->doc, job->tallies[place].seq);
    say(model, "device %d undoes %lld of %s, which is over: %s", device, (long long)job->tallies[place].seq, job->doc,
        rc_word(rc));
    if (rc != RC_CLOSED)
        return WRONG("it says %s", rc_word(rc));
    did(model, OP_CLOSED);
    return scan(model, device, at, model_keys[draw(model, (uint32_t)model_key_count)].text, 0, OP_CLOSED);
}

/* ---- syncing ---- */

static void follow_papers(struct model_device *device)
{
    for (int j = 0; j < device->job_count; j++) {
        struct model_job *job = &device->jobs[j];
        int paper = model_paper_of(&device->news, job->doc);
        if (paper == MODEL_NOTHING || (job->state != DOCUMENT_OPEN && job->state != DOCUMENT_CANCELLED))
            continue;
        bool open = strcmp(device->news.papers[paper].state, "open") == 0;
        job->state = open ? DOCUMENT_OPEN : DOCUMENT_CANCELLED;
    }
}

static bool sync_device(struct model *model, int device)
{
    struct model_device *mine = &model->devices[device];
    struct sync_progress progress = {0};
    enum rc rc = sync_run(model->sim.devices[device].client, &progress);
    say(model, "device %d syncs: %s", device, rc_word(rc));
    if (rc != RC_OK)
        return WRONG("device %d: sync says %s: %s", device, rc_word(rc), progress.detail);
    model_synced(model, device);
    follow_papers(mine);
    model->counts->syncs++;
    int jobs[MODEL_JOBS], count = open_jobs(mine, jobs);
    for (int i = 0; i < count; i++)
        if (!review(model, device, jobs[i]))
            return false;
    return model_check_server(model) && model_check_device(model, device);
}

static bool act_sync(struct model *model, int device)
{
    did(model, OP_SYNC);
    return sync_device(model, device);
}

/* Rechecks of the first round are records themselves. */
bool model_sync_all(struct model *model)
{
    for (int round = 0; round < 2; round++)
        for (int d = 0; d < SIM_DEVICES; d++)
            if (!sync_device(model, d))
                return false;
    for (int d = 0; d < SIM_DEVICES; d++)
        if (!model_check_conserved(model, &model->devices[d].book, "a device"))
            return false;
    return true;
}

static bool act_news(struct model *model, int device)
{
    (void)device;
    say(model, "the data centre has news");
    did(model, OP_NEWS);
    return model_tell_news(model);
}

/* ---- one of all ---- */

bool model_act(struct model *model)
{
    static const struct {
        bool (*act)(struct model *model, int device);
        uint32_t weight;
    } acts[] = {{act_start, 8},    {act_open, 5},    {act_scan, 42}, {act_label, 6},
                {act_quantity, 5}, {act_confirm, 9}, {act_undo, 8},  {act_undo_last, 2},
                {act_exchange, 1}, {act_aside, 3},   {act_pick, 2},  {act_complete, 9},
                {act_abandon, 2},  {act_closed, 2},  {act_sync, 3},  {act_news, 1}};
    int device = (int)draw(model, SIM_DEVICES), jobs[MODEL_JOBS];
    uint32_t sum = 0, at;
    clock_pinned_advance(SECOND_MS);
    if (open_jobs(&model->devices[device], jobs) > OPEN_MAX)
        return draw(model, 5) ? act_complete(model, device) : act_abandon(model, device);
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        sum += acts[i].weight;
    at = draw(model, sum);
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (at < acts[i].weight)
            return acts[i].act(model, device);
        at -= acts[i].weight;
    }
    return true;
}
