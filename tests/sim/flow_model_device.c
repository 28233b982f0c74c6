/* What a record does on the device that made it. */
#include "tests/sim/flow_model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void copy(char *to, const char *from)
{
    snprintf(to, MODEL_TEXT, "%.31s", from);
}

static struct model_op *add_op(struct model *model, int device, enum model_kind kind, int64_t seq, int job, int tally)
{
    struct model_device *mine = &model->devices[device];
    if (mine->op_count == MODEL_OPS)
        abort();
    struct model_op *op = &mine->ops[mine->op_count++];
    *op = (struct model_op){.kind = kind, .seq = seq, .job = job, .at = tally};
    return op;
}

/* ---- documents ---- */

static void copy_holder(char *to, const struct holder *holder)
{
    char text[HOLDER_MAX + 1];
    copy(to, holder->kind == HOLDER_UNKNOWN ? "" : holder_print(holder, text));
}

void model_take_lines(struct model_job *job, const struct document *document)
{
    job->line_count = (int)document->line_count;
    for (int i = 0; i < job->line_count; i++) {
        const struct line *from = &document->lines[i];
        struct model_line *line = &job->lines[i];
        qty_t tallied = line->tallied;
        *line = (struct model_line){.qty = from->qty, .tolerance = from->tolerance, .tallied = tallied};
        snprintf(line->line, sizeof line->line, "%.7s", from->line);
        copy(line->doc, from->doc);
        copy(line->product, from->product);
        copy(line->lot, from->lot);
    }
}

struct model_job *model_add_job(struct model *model, int device, const struct document *document)
{
    struct model_device *mine = &model->devices[device];
    if (mine->job_count == MODEL_JOBS || document->line_count > MODEL_LINES)
        return NULL;
    struct model_job *job = &mine->jobs[mine->job_count++];
    *job = (struct model_job){.flow = flow_find(document->flow),
                              .own = document->own,
                              .group = strncmp(document->doc, "group:", 6) == 0,
                              .state = DOCUMENT_OPEN,
                              .opened = document->opened_seq,
                              .container = MODEL_NOTHING,
                              .pending = MODEL_NOTHING};
    job->empties = strcmp(document_field(document, "mode"), "empty") == 0;
    copy(job->region, document_field(document, "region"));
    snprintf(job->of, sizeof job->of, "%s", document_field(document, "of"));
    snprintf(job->doc, sizeof job->doc, "%s", document->doc);
    snprintf(job->no, sizeof job->no, "%s", document->no);
    copy_holder(job->from, &document->from);
    copy_holder(job->to, &document->to);
    job->tallies = calloc(MODEL_TALLIES, sizeof *job->tallies);
    job->works = calloc(MODEL_TALLIES, sizeof *job->works);
    model_take_lines(job, document);
    model_sum_elsewhere(mine, job);
    add_op(model, device, MODEL_OPEN, document->opened_seq, mine->job_count - 1, MODEL_NOTHING);
    return job;
}

/* ---- lines ---- */

static void count_lines(struct model_job *job, const struct model_tally *tally, int sign)
{
    for (int i = 0; i < tally->alloc_count; i++)
        if (tally->allocs[i].line != MODEL_NOTHING)
            job->lines[tally->allocs[i].line].tallied += sign * tally->allocs[i].qty;
}

static void allocate(struct model_job *job, struct model_tally *tally, const struct verdict *verdict)
{
    tally->alloc_count = verdict->allocation_count;
    for (int i = 0; i < verdict->allocation_count; i++) {
        const struct allocation *from = &verdict->allocations[i];
        struct model_alloc *alloc = &tally->allocs[i];
        alloc->line = from->line == LINE_NONE ? MODEL_NOTHING : (int)from->line;
        alloc->qty = from->qty;
        copy(alloc->product, from->product);
        copy(alloc->lot, from->lot);
        model_name_line(job, alloc);
    }
    count_lines(job, tally, 1);
}

static void release(struct model_job *job, struct model_tally *tally, enum model_state state)
{
    count_lines(job, tally, -1);
    tally->state = state;
    tally->claims = false;
}

/* ---- taken from another document, and given back ---- */

static void take_part(struct model_job *from_job, struct model_tally *from, const struct facts *facts,
                      struct model_tally *tally)
{
    for (int g = 0; g < facts->group_count; g++) {
        qty_t left = facts->groups[g].qty;
        for (int any_lot = 0; any_lot <= 1; any_lot++)
            for (int i = 0; i < from->alloc_count; i++) {
                struct model_alloc *alloc = &from->allocs[i];
                qty_t take = alloc->qty < left ? alloc->qty : left;
                bool same = strcmp(alloc->product, facts->groups[g].product) == 0;
                if (!same || take <= 0 || (!any_lot && strcmp(alloc->lot, facts->groups[g].lot) != 0))
                    continue;
                left -= take;
                alloc->qty -= take;
                from->qty -= take;
                if (alloc->line != MODEL_NOTHING)
                    from_job->lines[alloc->line].tallied -= take;
                tally->took[tally->took_count].alloc = i;
                tally->took[tally->took_count++].qty = take;
            }
    }
}

static void take(struct model_device *device, struct model_tally *tally, const struct facts *facts)
{
    for (int j = 0; facts->other_document[0] && j < device->job_count; j++)
        for (int t = 0; t < device->jobs[j].tally_count; t++) {
            struct model_tally *from = &device->jobs[j].tallies[t];
            if (from->seq != facts->tally_seq || from->state != MODEL_LIVE)
                continue;
            tally->took_job = j;
            tally->took_tally = t;
            tally->took_whole = from->unit == tally->unit;
            if (tally->took_whole)
                release(&device->jobs[j], from, MODEL_RELEASED);
            else
                take_part(&device->jobs[j], from, facts, tally);
        }
}

/* Somebody's tally on this device holds it. */
static bool in_hand(void *context, int unit)
{
    const struct model_device *device = context;
    for (int j = 0; j < device->job_count; j++)
        for (int t = 0; t < device->jobs[j].tally_count; t++)
            if (device->jobs[j].tallies[t].unit == unit && device->jobs[j].tallies[t].claims &&
                device->jobs[j].flow->reserves)
                return true;
    return false;
}

/* What was counted anew since is not counted twice. */
static void give_back(struct model_device *device, const struct model_tally *tally)
{
    if (tally->took_job == MODEL_NOTHING)
        return;
    struct model_job *job = &device->jobs[tally->took_job];
    struct model_tally *from = &job->tallies[tally->took_tally];
    if (job->state != DOCUMENT_OPEN)
        return;
    if (tally->took_whole && from->state == MODEL_RELEASED && !in_hand(device, from->unit)) {
        from->state = MODEL_LIVE;
        from->claims = true;
        count_lines(job, from, 1);
    } else if (!tally->took_whole && from->state == MODEL_LIVE) {
        for (int i = 0; i < tally->took_count; i++) {
            struct model_alloc *alloc = &from->allocs[tally->took[i].alloc];
            alloc->qty += tally->took[i].qty;
            from->qty += tally->took[i].qty;
            if (alloc->line != MODEL_NOTHING)
                job->lines[alloc->line].tallied += tally->took[i].qty;
        }
    }
}

/* ---- what is being filled, pairs, the context line ---- */

static void keep_work(struct model_job *job, int64_t seq)
{
    struct model_work *work = &job->works[job->work_count++];
    *work = (struct model_work){.seq = seq, .container = job->container, .pending = job->pending};
    copy(work->product, job->context_product);
    copy(work->lot, job->context_lot);
}

static bool same_work(const struct model_job *job, const struct model_work *work)
{
    return work->container == job->container && work->pending == job->pending &&
           strcmp(work->product, job->context_product) == 0 && strcmp(work->lot, job->context_lot) == 0;
}

/* As it was before, unless something came later. */
static void work_back(struct model_job *job, int64_t seq)
{
    for (int i = 0; i < job->work_count; i++) {
        if (job->works[i].seq != seq)
            continue;
        if (i == job->work_count - 1) {
            job->container = job->works[i].container;
            job->pending = job->works[i].pending;
            copy(job->context_product, job->works[i].product);
            copy(job->context_lot, job->works[i].lot);
        }
        memmove(&job->works[i], &job->works[i + 1], (size_t)(--job->work_count - i) * sizeof job->works[0]);
        return;
    }
}

static bool always(void *context, int unit)
{
    (void)context, (void)unit;
    return true;
}

/* Goods that were loose until now are in their case. */
static void settle(struct model_job *job, const struct model_pack *pack)
{
    for (int i = 0; i < pack->in_count && job->flow->work == WORK_PACK; i++)
        for (int t = 0; t < job->tally_count; t++) {
            struct model_tally *tally = &job->tallies[t];
            if (tally->unit != pack->in[i] || tally->state != MODEL_LIVE)
                continue;
            tally->state = MODEL_PACKED;
            tally->claims = false;
        }
}

/* ---- a scan ---- */

/* What its label and the verdict say of a code that nobody knew. */
static void learn(struct model_unit *unit, const struct model_judged *judged)
{
    const struct facts *facts = &judged->facts;
    qty_t units = judged->verdict.qty / QTY_ONE;
    unit->known = true;
    copy(unit->product, facts->product.id);
    copy(unit->lot, facts->lot.id);
    unit->level = judged->code.kind == CODE_UNIT && facts->level == 0 ? 1 : facts->level;
    unit->covers = unit->level > 0 || units > 1 ? (int)units : 0;
    unit->container = unit->level > 0;
}

static void counts(struct model *model, int device, int at, struct model_tally *tally, int64_t seq,
                   const struct model_judged *judged)
{
    struct model_device *mine = &model->devices[device];
    struct model_job *job = &mine->jobs[at];
    const struct facts *facts = &judged->facts;
    enum code_kind kind = judged->code.kind;
    bool mark = facts->is_label || facts->sets_context;
    bool one = facts->code_known || kind == CODE_ITEM || kind == CODE_UNIT || kind == CODE_PLAIN;
    struct model_op *op = add_op(model, device, MODEL_SCAN, seq, at, (int)(tally - job->tallies));
    struct model_work before;
    tally->counted = seq;
    tally->state = mark ? MODEL_MARK : MODEL_LIVE;
    if (!facts->sets_context && job->flow->reserves) /* what has become a label is goods nowhere else */
        take(mine, tally, facts);
    if (!mark)
        allocate(job, tally, &judged->verdict);
    bool unseen = !facts->code_known && facts->product_known && !mark && one && !job->flow->judges;
    op->label = facts->is_label;
    keep_work(job, seq);
    before = job->works[job->work_count - 1];
    if (facts->sets_context) {
        copy(job->context_product, facts->product.id);
        copy(job->context_lot, facts->lot.id);
    } else if (tally->unit != MODEL_NOTHING) {
        model_do_work(mine, job, tally->unit, facts, &tally->pack);
    }
    if (same_work(job, &before))
        job->work_count--;
    tally->claims = !mark && one;
    struct model_changes changes = {.count = 0};
    if (unseen && !tally->pack.relabels) {
        model_begin_change(&mine->book, tally->unit, &changes);
        learn(&mine->book.units[tally->unit], judged);
    }
    /* what an auditor reads in a shop registers nothing */
    op->teaches = facts->product_known && !mark && one && !tally->pack.relabels && !job->flow->judges;
    op->fresh = (struct model_unit){.parent = MODEL_NOTHING};
    learn(&op->fresh, judged);
    settle(job, &tally->pack);
    model_do_pack(&mine->book, &tally->pack, always, NULL, &changes);
    if (changes.count > 0) {
        free(tally->changes);
        tally->changes = malloc(sizeof changes);
        *tally->changes = changes;
    }
    op->counted = seq;
    op->tally = *tally;
    op->tally.changes = NULL;
}

static void send_apart(struct model *model, int device, const struct model_job *job, struct model_tally *tally,
                       const struct model_judged *judged)
{
    reason_set found = judged->verdict.findings | REASON_BIT(judged->verdict.reason);
    const char *site = model->devices[device].site;
    bool goods = judged->verdict.qty > 0 || judged->facts.code_known || model_site_party(site)[0];
    const struct document *document = model_document(model, &model->devices[device], job);
    struct holder to;
    tally->dest[0] = '\0';
    if (!goods || !((flow_apart(job->flow, document) & found) || job->flow->after == GO_QUARANTINE))
        return;
    flow_destination(job->flow, document, site, model_cage(site), found, &to);
    copy_holder(tally->dest, &to);
}

static void take_verdict(struct model *model, int device, const struct model_job *job, struct model_tally *tally,
                         const struct model_judged *judged)
{
    tally->reason = judged->verdict.reason;
    tally->severity = judged->verdict.severity;
    tally->findings |= judged->verdict.findings | REASON_BIT(judged->verdict.reason);
    tally->qty = judged->verdict.qty;
    tally->level = judged->facts.level;
    tally->another = judged->facts.market.another;
    copy(tally->product, judged->facts.product_known ? judged->facts.product.id : "");
    send_apart(model, device, job, tally, judged);
}

void model_scanned(struct model *model, int device, int at, const char *text, qty_t typed, int64_t seq,
                   const struct model_judged *judged)
{
    struct model_job *job = &model->devices[device].jobs[at];
    struct model_tally *tally = &job->tallies[job->tally_count];
    const char *key = judged->facts.key[0] ? judged->facts.key : judged->code.key;
    if (job->tally_count == MODEL_TALLIES)
        abort();
    *tally = (struct model_tally){
        .seq = seq, .unit = judged->unit, .typed = typed, .took_job = MODEL_NOTHING, .when = model->op};
    snprintf(tally->text, sizeof tally->text, "%s", text);
    snprintf(tally->key, sizeof tally->key, "%.63s", key);
    take_verdict(model, device, job, tally, judged);
    switch (judged->verdict.severity) {
    case SEVERITY_ACCEPT:
    case SEVERITY_WARN: tally->state = MODEL_LIVE; break;
    case SEVERITY_CONFIRM: tally->state = MODEL_WAITING; break;
    case SEVERITY_REJECT: tally->state = reason_latches(tally->reason) ? MODEL_LATCHED : MODEL_NOTED; break;
    }
    model_one_latch(job, tally);
    job->tally_count++;
    if (tally->state == MODEL_LIVE)
        counts(model, device, at, tally, seq, judged);
}

void model_confirmed(struct model *model, int device, int at, int place, int64_t seq,
                     const struct model_judged *judged)
{
    struct model_job *job = &model->devices[device].jobs[at];
    struct model_tally *tally = &job->tallies[place];
    take_verdict(model, device, job, tally, judged);
    model_asked(job, tally, false);
    counts(model, device, at, tally, seq, judged);
}

/* ---- taken back ---- */

static bool tallied_since(const struct model_device *device, int at, const struct model_tally *tally, int unit)
{
    for (int j = 0; j < device->job_count; j++)
        for (int t = 0; t < device->jobs[j].tally_count; t++) {
            const struct model_tally *other = &device->jobs[j].tallies[t];
            bool own = j == at && other == tally;
            if (!own && other->claims && device->jobs[j].flow->reserves && other->seq > tally->counted &&
                (other->unit == unit || model_inside(&device->book, unit, other->unit)))
                return true;
        }
    return false;
}

/* Or what it is in: somebody's document brought it somewhere, were it to where it was. */
static bool moved_since(const struct model_device *device, const struct model_tally *tally, int unit)
{
    for (int j = 0; j < device->job_count; j++)
        for (int t = 0; t < device->jobs[j].tally_count; t++) {
            const struct model_tally *other = &device->jobs[j].tallies[t];
            if (other->moved > tally->counted &&
                (other->unit == unit || model_inside(&device->book, unit, other->unit)))
                return true;
        }
    return false;
}

/* Nothing later happened to what it packed. Where the data centre has moved a container meanwhile, the server decides. */
static enum model_may untouched(const struct model_device *device, int at, const struct model_tally *tally)
{
    enum model_may may = MODEL_MAY;
    bool works = tally->pack.packs || tally->pack.relabels; /* else it only learned what a code is */
    for (int i = 0; works && tally->changes && i < tally->changes->count; i++) {
        const struct model_change *change = &tally->changes->changes[i];
        const struct model_unit *now = &device->book.units[change->unit];
        bool went = change->before.parent != change->after.parent;
        int was = went ? change->before.parent : MODEL_NOTHING;
        if ((went && now->parent != change->after.parent) || tallied_since(device, at, tally, change->unit) ||
            (was != MODEL_NOTHING && tallied_since(device, at, tally, was)))
            return MODEL_MAY_NOT;
        if (tally->pack.packs &&
            (moved_since(device, tally, change->unit) || (was != MODEL_NOTHING && moved_since(device, tally, was))))
            return MODEL_MAY_NOT;
        if (was != MODEL_NOTHING && model_inside(&device->book, was, change->unit)) /* it has gone in there since */
            return MODEL_MAY_NOT;
        if (!model_same_unit(now, &change->after))
            may = MODEL_EITHER;
    }
    return may;
}

enum model_may model_can_undo(const struct model_device *device, int at, int place)
{
    const struct model_job *job = &device->jobs[at];
    const struct model_tally *tally = &job->tallies[place];
    if (job->state != DOCUMENT_OPEN && job->state != DOCUMENT_CANCELLED)
        return MODEL_MAY_NOT;
    switch (tally->state) {
    case MODEL_NOTED:
    case MODEL_WAITING:
    case MODEL_LATCHED: return MODEL_MAY;
    case MODEL_LIVE:
    case MODEL_MARK: return untouched(device, at, tally);
    case MODEL_PACKED: return tally->pack.packs ? untouched(device, at, tally) : MODEL_MAY_NOT;
    case MODEL_UNDONE:
    case MODEL_ASIDE:
    case MODEL_MOVED:
    case MODEL_RELEASED: return MODEL_MAY_NOT;
    }
    return MODEL_MAY_NOT;
}

/* What its label was put on is loose again. */
static void loosen(struct model_job *job, const struct model_tally *tally)
{
    for (int i = 0; i < tally->pack.in_count && job->flow->work == WORK_PACK; i++)
        for (int t = 0; t < job->tally_count; t++) {
            struct model_tally *other = &job->tallies[t];
            if (other == tally || other->unit != tally->pack.in[i] || other->state != MODEL_PACKED)
                continue;
            other->state = MODEL_LIVE;
            other->claims = true;
        }
}

void model_undone(struct model *model, int device, int at, int place, int64_t seq, bool damaged)
{
    struct model_device *mine = &model->devices[device];
    struct model_job *job = &mine->jobs[at];
    struct model_tally *tally = &job->tallies[place];
    bool counted = tally->state == MODEL_LIVE || tally->state == MODEL_PACKED || tally->state == MODEL_MARK;
    add_op(model, device, MODEL_UNDO, seq, at, place)->damaged = damaged;
    if (counted && tally->state == MODEL_MARK)
        loosen(job, tally);
    if (counted && tally->state != MODEL_MARK)
        release(job, tally, MODEL_UNDONE);
    tally->state = MODEL_UNDONE;
    if (!counted) {
        model_asked(job, tally, true);
        return;
    }
    give_back(mine, tally);
    struct model_unit what = mine->book.units[tally->unit == MODEL_NOTHING ? 0 : tally->unit];
    if (tally->changes && !(tally->changes->count == 1 && !tally->pack.packs && in_hand(mine, tally->unit)))
        model_reverse(&mine->book, tally->changes);
    work_back(job, tally->counted);
    if (damaged && !tally->pack.relabels)
        model_stays(&mine->book.units[tally->unit], &what);
    if (damaged)
        model_set_state(&mine->book, tally->unit, STATE_DAMAGED);
}

void model_rechecked(struct model *model, int device, int at, int place, int64_t seq, enum reason reason)
{
    struct model_device *mine = &model->devices[device];
    struct model_tally *tally = &mine->jobs[at].tallies[place];
    release(&mine->jobs[at], tally, MODEL_LATCHED);
    tally->reason = reason;
    if (reason == REASON_IN_OTHER_DOCUMENT)
        give_back(mine, tally);
    add_op(model, device, MODEL_RECHECK, seq, at, place);
}

void model_revised(struct model *model, int device, int at, int place)
{
    const struct model_tally *tally = &model->devices[device].jobs[at].tallies[place];
    struct model_op *op = add_op(model, device, MODEL_REVISE, tally->seq, at, place);
    op->tally = *tally; /* its changes are not looked at */
}

void model_context(struct model *model, int device, int at, int64_t seq, const char *product, const char *lot)
{
    struct model_job *job = &model->devices[device].jobs[at];
    keep_work(job, seq);
    copy(job->context_product, product);
    copy(job->context_lot, lot);
}

/* ---- the end ---- */

void model_move_tally(struct model_book *book, const struct flow *flow, const struct model_tally *tally,
                      const char *dest, bool (*held)(void *context, int unit), void *context)
{
    const char *to = tally->dest[0] ? tally->dest : dest;
    book->voids = strcmp(flow->name, "void") == 0;
    if (to[0])
        model_move(book, tally->unit, to, flow->after_state, held, context);
    else if (flow->after_state >= 0)
        model_set_state(book, tally->unit, (enum code_state)flow->after_state);
}

void model_destination(struct model *model, int device, const struct model_job *job, char *ret_to)
{
    struct holder to;
    const char *site = model->devices[device].site;
    flow_destination(job->flow, model_document(model, &model->devices[device], job), site, model_cage(site), 0, &to);
    copy_holder(ret_to, &to);
}

static void move_all(struct model *model, int device, struct model_job *job, int64_t seq)
{
    struct model_device *mine = &model->devices[device];
    char to[MODEL_TEXT];
    model_destination(model, device, job, to);
    for (int containers = 0; containers <= 1; containers++)
        for (int t = 0; t < job->tally_count; t++) {
            struct model_tally *tally = &job->tallies[t];
            if (tally->state != MODEL_LIVE || !tally->claims ||
                mine->book.units[tally->unit].container != (containers != 0))
                continue;
            model_move_tally(&mine->book, job->flow, tally, to, in_hand, mine);
            tally->moved = tally->dest[0] || to[0] || job->flow->after_state >= 0 ? seq : 0;
        }
}

static void end(struct model_job *job, bool moved)
{
    enum model_state left = job->state == DOCUMENT_ABANDONED ? MODEL_RELEASED : MODEL_ASIDE;
    for (int t = job->tally_count - 1; t >= 0; t--) {
        struct model_tally *tally = &job->tallies[t];
        switch (tally->state) {
        case MODEL_LIVE:
            tally->state = moved ? MODEL_MOVED : MODEL_LIVE;
            tally->claims &= !moved;
            break;
        case MODEL_PACKED:
        case MODEL_MARK: tally->state = MODEL_MOVED; break;
        case MODEL_WAITING:
        case MODEL_LATCHED: tally->state = left; break;
        case MODEL_NOTED: /* or it was latched, and another scan stood for it */
            tally->state = tally->asked_by ? left : MODEL_NOTED;
            tally->asked_by = 0;
            break;
        case MODEL_UNDONE:
        case MODEL_ASIDE:
        case MODEL_MOVED:
        case MODEL_RELEASED: break;
        }
    }
}

/* Nobody goes on with what is live still. */
static void release_all(struct model_device *device, struct model_job *job)
{
    for (int t = 0; t < job->tally_count; t++) {
        struct model_tally *tally = &job->tallies[t];
        if (tally->state != MODEL_LIVE)
            continue;
        release(job, tally, MODEL_RELEASED);
        give_back(device, tally);
    }
}

void model_completed(struct model *model, int device, int at, int64_t seq)
{
    struct model_device *mine = &model->devices[device];
    struct model_job *job = &mine->jobs[at];
    add_op(model, device, MODEL_COMPLETE, seq, at, MODEL_NOTHING);
    if (job->flow->work == WORK_PACK)
        release_all(mine, job);
    else
        move_all(model, device, job, seq);
    job->state = DOCUMENT_COMPLETE;
    job->close_no++;
    end(job, true);
}

void model_abandoned(struct model *model, int device, int at, int64_t seq)
{
    struct model_device *mine = &model->devices[device];
    struct model_job *job = &mine->jobs[at];
    add_op(model, device, MODEL_ABANDON, seq, at, MODEL_NOTHING);
    release_all(mine, job);
    job->state = DOCUMENT_ABANDONED;
    end(job, false);
    job->line_count = 0;
}
