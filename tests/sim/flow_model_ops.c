/* Random operations: foretold by the model, done by the program, done by the model, compared. */
#include "tests/sim/flow_model_ops.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPEN_MAX = 7, SECOND_MS = 1000, REASON_TEXT = 400, RACE_EVERY = 50 };

const char *const model_op_names[] = {"start",   "open",      "scan",     "label",   "quantity", "confirm",
                                      "undo",    "undo-last", "exchange", "aside",   "pick",     "complete",
                                      "abandon", "sync",      "news",     "closed",  "recheck",  "revision",
                                      "group",   "refused",   "another",  "defaced", "race",     NULL};

uint32_t model_draw(struct model *model, uint32_t below)
{
    return sim_random(&model->sim, below);
}

struct engine *model_engine(struct model *model, int device)
{
    return model->sim.devices[device].engine;
}

struct store *model_store(struct model *model, int device)
{
    return engine_store(model_engine(model, device));
}

__attribute__((format(printf, 2, 3))) void model_say(struct model *model, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(model->what, sizeof model->what, format, list);
    va_end(list);
    for (const char *c = model->what; *c; c++) /* FNV-1a */
        model->digest = (model->digest ^ (unsigned char)*c) * UINT64_C(1099511628211);
    if (model->loud)
        printf("%ld: %s\n", model->op, model->what);
}

void model_did(struct model *model, enum op op)
{
    model->counts->ops[op]++;
}

/* ---- choosing ---- */

int model_open_jobs(const struct model_device *device, int *ret_jobs)
{
    int count = 0;
    for (int j = 0; j < device->job_count; j++)
        if (device->jobs[j].state == DOCUMENT_OPEN || device->jobs[j].state == DOCUMENT_CANCELLED)
            ret_jobs[count++] = j;
    return count;
}

/* One that is worked on; MODEL_NOTHING. */
int model_some_job(struct model *model, int device)
{
    int jobs[MODEL_JOBS], count = model_open_jobs(&model->devices[device], jobs);
    return count ? jobs[model_draw(model, (uint32_t)count)] : MODEL_NOTHING;
}

int model_some_tally(struct model *model, const struct model_job *job, unsigned states)
{
    int tallies[MODEL_TALLIES], count = 0;
    for (int t = 0; t < job->tally_count; t++)
        if (states & 1u << job->tallies[t].state)
            tallies[count++] = t;
    return count ? tallies[model_draw(model, (uint32_t)count)] : MODEL_NOTHING;
}

int64_t model_last_seq(struct model *model, int device)
{
    return store_last_seq(model_store(model, device));
}

/* ---- what was touched ---- */

bool model_check_touched(struct model *model, int device, int at, int unit)
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
    enum rc rc = store_document(model_store(model, device), doc, &document);
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
    return count ? found[model_draw(model, count)] : NULL;
}

static const char *one_of(struct model *model, const char *const *choices)
{
    uint32_t count = 0;
    while (choices[count])
        count++;
    return choices[model_draw(model, count)];
}

static void add_field(struct start *start, const char *name, const char *value)
{
    if (value && value[0])
        start->fields[start->field_count++] = (struct start_field){name, value};
}

/* The fields that its flow asks for. False: nothing to start it with. */
static bool fill_in(struct model *model, int device, struct start *start)
{
    static const char *const from[] = {"SUP", "D0", "", NULL}, *const below[] = {"S0", "T0", "", NULL},
                             *const sold_to[] = {"S0", "T0", "sold", "", NULL},
                             *const to[] = {"D0", "D1", "GZB", "QRT", NULL},
                             *const to_shop[] = {"D0", "DLR", "D1", "QRT", NULL},
                             *const products[] = {"", "P", "Q", "N", NULL}, *const modes[] = {"out", "empty", NULL},
                             *const regions[] = {"R0", "R1", "R2", NULL};
    const char *site = model->devices[device].site;
    bool shop = model_site_party(site)[0];
    const char *other = strcmp(site, "GZB") == 0 ? "CDB" : one_of(model, model->dealer ? to_shop : to);
    const char *name = start->flow, *of;
    if (strcmp(name, "receipt") == 0 || strcmp(name, "return") == 0)
        add_field(start, "from", one_of(model, shop ? below : from));
    else if (strcmp(name, "dealer-out") == 0)
        add_field(start, "to", one_of(model, sold_to));
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
        add_field(start, "notice", model_recalls[model_draw(model, MODEL_RECALLS)].id);
    if (strcmp(name, "late-entry") == 0) {
        add_field(start, "to", other);
        add_field(start, "at", "2024-10-01");
    }
    if (strcmp(name, "audit") == 0)
        add_field(start, "region", one_of(model, regions));
    if (strcmp(name, "void") != 0)
        return true;
    of = some_completed(model, device);
    add_field(start, "of", of);
    return of != NULL;
}

static qty_t moved(const struct model_job *job, const char *product, const char *lot)
{
    qty_t sum = 0;
    for (int t = 0; t < job->tally_count; t++)
        for (int i = 0; job->tallies[t].state == MODEL_MOVED && i < job->tallies[t].alloc_count; i++) {
            const struct model_alloc *alloc = &job->tallies[t].allocs[i];
            bool same = strcmp(alloc->product, product) == 0 && strcmp(alloc->lot, lot) == 0;
            sum += same ? alloc->qty : 0;
        }
    return sum;
}

static qty_t voided(const struct model_device *device, const char *of, const char *product, const char *lot)
{
    qty_t sum = 0;
    for (int j = 0; j < device->job_count; j++)
        if (strcmp(device->jobs[j].of, of) == 0 && device->jobs[j].state == DOCUMENT_COMPLETE)
            sum += moved(&device->jobs[j], product, lot);
    return sum;
}

/* One at a time; and of what is all back nothing can be taken back. */
static enum rc foretell_void(const struct model_device *device, const char *of)
{
    int before = 0;
    bool left = false;
    for (int j = 0; j < device->job_count; j++) {
        const struct model_job *job = &device->jobs[j];
        if (strcmp(job->of, of) == 0 && job->state == DOCUMENT_OPEN)
            return RC_REFUSED;
        before += strcmp(job->of, of) == 0 && job->state == DOCUMENT_COMPLETE;
        for (int t = 0; strcmp(job->doc, of) == 0 && t < job->tally_count; t++)
            for (int i = 0; job->tallies[t].state == MODEL_MOVED && i < job->tallies[t].alloc_count; i++) {
                const struct model_alloc *alloc = &job->tallies[t].allocs[i];
                left |= alloc->product[0] &&
                        moved(job, alloc->product, alloc->lot) > voided(device, of, alloc->product, alloc->lot);
            }
    }
    return left || before == 0 ? RC_OK : RC_REFUSED;
}

/* A recall's notice must be in force here. */
static enum rc foretell_start(const struct model *model, int device, const struct start *start)
{
    if (strcmp(start->flow, "void") == 0)
        return foretell_void(&model->devices[device], start->fields[start->field_count - 1].value);
    for (int i = 0; i < MODEL_RECALLS && strcmp(start->flow, "recall") == 0; i++)
        if (strcmp(start->fields[0].value, model_recalls[i].id) == 0 && !model->devices[device].news.recalled[i])
            return RC_NOT_FOUND;
    return RC_OK;
}

/* A dealer's shop has no packing hall; a warehouse sells to nobody as a dealer does. */
static bool works_at(const struct model_device *device, const struct flow *flow)
{
    static const char *const shop[] = {"return", "count", "recall", "inspect"};
    bool fits = model_is_dealers(flow->name);
    if (!model_site_party(device->site)[0])
        return !fits;
    for (size_t i = 0; i < sizeof shop / sizeof shop[0]; i++)
        fits |= strcmp(flow->name, shop[i]) == 0;
    return fits;
}

/* It takes what comes to it, and sends what it has. */
static bool is_for(const struct model_device *device, const struct model_paper *paper)
{
    bool dealers = model_is_dealers(paper->flow) || strcmp(paper->to, "site:DLR") == 0;
    return dealers == (model_site_party(device->site)[0] != '\0');
}

bool model_act_start(struct model *model, int device)
{
    const struct flow *flow = flow_at(model_draw(model, (uint32_t)flow_count()));
    while (!works_at(&model->devices[device], flow))
        flow = flow_at(model_draw(model, (uint32_t)flow_count()));
    return model_start_flow(model, device, flow->name);
}

bool model_start_flow(struct model *model, int device, const char *name)
{
    const struct flow *flow = NULL;
    for (size_t i = 0; i < flow_count() && !flow; i++)
        flow = strcmp(flow_at(i)->name, name) == 0 ? flow_at(i) : NULL;
    struct start start = {.flow = name};
    char doc[DOC_MAX + 1], no[ID_MAX + 1];
    const char *field = "";
    if (!engine_can_start(flow) || !fill_in(model, device, &start))
        return true;
    enum rc wanted = foretell_start(model, device, &start);
    enum rc rc = engine_start(model_engine(model, device), &start, doc, no, &field);
    model_say(model, "device %d starts %s %s=%s: %s", device, flow->name,
              start.field_count ? start.fields[start.field_count - 1].name : "",
              start.field_count ? start.fields[start.field_count - 1].value : "", rc == RC_OK ? doc : rc_word(rc));
    if (rc != wanted)
        return WRONG("device %d: starting %s says %s (%s), the model %s", device, flow->name, rc_word(rc), field,
                     rc_word(wanted));
    model_did(model, OP_START);
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
    const struct model_paper *paper = &mine->news.papers[model_draw(model, (uint32_t)mine->news.paper_count)];
    if (!is_for(mine, paper))
        return true;
    bool group = paper->group[0] && model_draw(model, 2);
    snprintf(name, sizeof name, "%s%s", group ? "group:" : "", group ? paper->group : paper->doc);
    if (is_known_job(mine, name))
        return true;
    enum rc rc = engine_open_document(model_engine(model, device), name, doc);
    model_say(model, "device %d opens %s: %s", device, name, rc_word(rc));
    bool may = rc == RC_OK || rc == RC_NOT_FOUND || rc == RC_CLOSED;
    if (!may || (rc == RC_OK && strcmp(paper->state, "open") != 0 && !group))
        return WRONG("device %d: opening %s says %s", device, name, rc_word(rc));
    if (rc != RC_OK || is_known_job(mine, doc))
        return true;
    model_did(model, group ? OP_GROUP : OP_OPEN);
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

bool model_check_verdict(struct model *model, const struct model_judged *judged, const struct outcome *outcome)
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

bool model_scan(struct model *model, int device, int at, const char *text, qty_t typed, enum op op)
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
    enum rc rc = engine_scan(model_engine(model, device), job->doc, scanned, typed, &outcome);
    free(scanned);
    model_say(model, "device %d scans %s for %s (%s): %s %s, seq %lld", device, text, job->doc, job->flow->name,
              rc == RC_OK ? severity_word(outcome.verdict.severity) : rc_word(rc),
              rc == RC_OK ? reason_word(outcome.verdict.reason) : "", (long long)model_last_seq(model, device));
    if (rc != RC_OK)
        return WRONG("%s", rc_word(rc));
    if (judged.facts.container && !judged.facts.is_label && holds_nameless(&model->devices[device].book, judged.unit))
        judged.verdict = outcome.verdict;
    /* a mixed container has no product: which one stands for it is nobody's to say */
    bool pairs = job->flow->work == WORK_REPLACE || job->flow->work == WORK_RELABEL;
    bool of_container = job->pending != MODEL_NOTHING && model->devices[device].book.units[job->pending].container;
    if (pairs && of_container)
        judged.verdict = outcome.verdict;
    if (!model_check_verdict(model, &judged, &outcome))
        return false;
    follow_order(&judged, &outcome);
    model_did(model, op);
    model->counts->reasons[judged.verdict.reason]++;
    model->counts->severities[judged.verdict.severity]++;
    model_scanned(model, device, at, text, typed, outcome.seq, &judged);
    return model_check_touched(model, device, at, judged.unit);
}

/* Goods that could be meant: what is where the flow takes it from, now and then anything. */
int model_some_unit(struct model *model, int device, const struct model_job *job)
{
    const struct model_device *mine = &model->devices[device];
    for (int tries = 0; tries < 6; tries++) {
        int unit = (int)model_draw(model, (uint32_t)model_key_count);
        struct holder holder;
        holder_parse(model_holder(&mine->book, unit), &holder);
        if (mine->book.units[unit].known &&
            flow_takes_from(job->flow, model_document(model, mine, job), mine->site, &holder))
            return unit;
    }
    return model_any_unit(model, device);
}

/* A dealer scans what its books have. */
int model_any_unit(struct model *model, int device)
{
    int unit = (int)model_draw(model, (uint32_t)model_key_count);
    bool shop = model_site_party(model->devices[device].site)[0];
    for (int tries = 0; shop && tries < 1000 && !model->devices[device].book.units[unit].known; tries++)
        unit = (int)model_draw(model, (uint32_t)model_key_count);
    return unit;
}

bool model_act_scan(struct model *model, int device)
{
    int at = model_some_job(model, device);
    if (at == MODEL_NOTHING)
        return model_act_start(model, device);
    const struct model_job *job = &model->devices[device].jobs[at];
    int unit = model_some_unit(model, device, job);
    /* where a bottle stands there may be another with its code */
    if (job->flow->judges && job->tally_count > 0 && model_draw(model, 3) == 0) {
        const struct model_tally *before = &job->tallies[model_draw(model, (uint32_t)job->tally_count)];
        unit = before->unit != MODEL_NOTHING ? before->unit : unit;
    }
    return model_scan(model, device, at, model_keys[unit].text, 0, OP_SCAN);
}

/* For a packing job: something that goods could be put in. */
static bool act_label(struct model *model, int device)
{
    int at = model_some_job(model, device);
    if (at == MODEL_NOTHING || model->devices[device].jobs[at].flow->work != WORK_PACK)
        return model_act_scan(model, device);
    int unit = (int)model_draw(model, (uint32_t)model_key_count);
    for (int tries = 0; tries < 20 && strncmp(model_keys[unit].text, "(00)", 4) != 0; tries++)
        unit = (int)model_draw(model, (uint32_t)model_key_count);
    return model_scan(model, device, at, model_keys[unit].text, 0, OP_LABEL);
}

static bool act_quantity(struct model *model, int device)
{
    static const struct {
        const char *product, *lot;
    } kinds[] = {{"N", ""}, {"M", "M1"}, {"M", "M2"}, {"M", ""}, {"P", ""}, {"P", "L1"}, {"Q", ""}};
    char text[MODEL_KEY_BYTES];
    int at = model_some_job(model, device);
    uint32_t kind = model_draw(model, sizeof kinds / sizeof kinds[0]);
    if (at == MODEL_NOTHING)
        return model_act_start(model, device);
    snprintf(text, sizeof text, "(01)%s%s%s", model_gtin(kinds[kind].product), kinds[kind].lot[0] ? "(10)" : "",
             kinds[kind].lot);
    return model_scan(model, device, at, text, (qty_t)model_draw(model, 4) * QTY_ONE, OP_QUANTITY);
}

/* The latest that is still worked on. */
static int some_visit(const struct model_device *device)
{
    for (int j = device->job_count - 1; j >= 0; j--)
        if (device->jobs[j].flow->judges && device->jobs[j].state == DOCUMENT_OPEN)
            return j;
    return MODEL_NOTHING;
}

/* For an audit: product and lot are all that can be read. */
static bool act_defaced(struct model *model, int device)
{
    static struct model_judged judged;
    static struct outcome outcome;
    struct model_device *mine = &model->devices[device];
    int at = some_visit(mine);
    if (at == MODEL_NOTHING || mine->jobs[at].tally_count >= MODEL_TALLIES - 1)
        return model_act_scan(model, device);
    const struct model_lot *lot = &model_lots[model_draw(model, MODEL_LOTS)];
    qty_t count = (1 + (qty_t)model_draw(model, 3)) * QTY_ONE;
    struct defaced defaced = {.product = lot->product, .lot = lot->lot, .printed = "", .count = count};
    if (!model_judge_defaced(model, device, at, lot->product, lot->lot, count, &judged))
        return false;
    enum rc rc = engine_defaced(model_engine(model, device), mine->jobs[at].doc, &defaced, &outcome);
    model_say(model, "device %d enters %s %s for %s: %s", device, lot->product, lot->lot, mine->jobs[at].doc,
              rc_word(rc));
    if (rc != RC_OK)
        return WRONG("entering it says %s", rc_word(rc));
    if (!model_check_verdict(model, &judged, &outcome))
        return false;
    model_did(model, OP_DEFACED);
    model->counts->reasons[judged.verdict.reason]++;
    model_scanned(model, device, at, "", count, outcome.seq, &judged);
    return model_check_job(model, device, at);
}

/* ---- one of all ---- */

bool model_act(struct model *model)
{
    static const struct {
        bool (*act)(struct model *model, int device);
        uint32_t weight;
    } acts[] = {{model_act_start, 8},    {act_open, 5},          {model_act_scan, 42}, {act_label, 6},
                {act_quantity, 5},       {model_act_confirm, 9}, {model_act_undo, 8},  {model_act_undo_last, 2},
                {model_act_exchange, 1}, {model_act_aside, 3},   {model_act_pick, 2},  {model_act_complete, 9},
                {model_act_abandon, 2},  {model_act_closed, 2},  {model_act_sync, 3},  {model_act_news, 1},
                {act_defaced, 1}};
    int device = (int)model_draw(model, SIM_DEVICES), jobs[MODEL_JOBS];
    uint32_t sum = 0, at;
    clock_pinned_advance(SECOND_MS);
    if (model->races && model_draw(model, RACE_EVERY) == 0)
        return model_act_race(model, device);
    if (model_open_jobs(&model->devices[device], jobs) > OPEN_MAX)
        return model_draw(model, 5) ? model_act_complete(model, device) : model_act_abandon(model, device);
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        sum += acts[i].weight;
    at = model_draw(model, sum);
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (at < acts[i].weight)
            return acts[i].act(model, device);
        at -= acts[i].weight;
    }
    return true;
}
