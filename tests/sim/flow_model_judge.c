/* Facts from a device's books in the model, and the verdict that follows. */
#include "tests/sim/flow_model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All that one scan is asked about. */
struct asking {
    struct model *model;
    const struct model_device *device;
    const struct model_job *job;
    int at, ignored; /* places of the job, and of its tally that does not count */
    const struct document *document;
    const struct judge_context *context;
    reason_set let_go;
    struct catalog *catalog;
    bool another, defaced; /* what an auditor says */
};

static void copy(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from);
}

static bool recalled(const struct model_news *news, const char *product, const char *lot, struct facts *facts)
{
    for (int i = 0; i < MODEL_RECALLS; i++)
        if (news->recalled[i] && strcmp(model_recalls[i].product, product) == 0 &&
            strcmp(model_recalls[i].lot, lot) == 0) {
            if (!facts->recall[0])
                copy(facts->recall, sizeof facts->recall, model_recalls[i].id);
            return true;
        }
    return false;
}

static struct lot lot_of(const struct model_news *news, const char *product, const char *lot)
{
    struct lot found = {.made = DAY_NONE, .expires = DAY_NONE};
    copy(found.id, sizeof found.id, lot);
    for (int i = 0; i < MODEL_LOTS; i++)
        if (strcmp(model_lots[i].product, product) == 0 && strcmp(model_lots[i].lot, lot) == 0) {
            found.known = true;
            found.expires = model_lots[i].expires;
            found.on_hold = news->held[i];
        }
    return found;
}

/* ---- who has it ---- */

static bool holds(const struct asking *asking, int job, int tally)
{
    const struct model_job *other = &asking->device->jobs[job];
    const struct model_tally *held = &other->tallies[tally];
    bool ignored = job == asking->at && tally == asking->ignored;
    bool counts_for = asking->job->flow->reserves ? other->flow->reserves : job == asking->at;
    /* what a visit saw is remembered */
    bool saw = other->flow->judges && held->state == MODEL_MOVED && held->counted && held->unit != MODEL_NOTHING;
    bool live = held->state == MODEL_LIVE && held->claims;
    return (live || saw) && !held->refused && !held->another && !ignored && counts_for;
}

/* The live tally of this very unit. */
static bool find_claim(const struct asking *asking, int unit, int *ret_job, int *ret_tally)
{
    for (int j = 0; j < asking->device->job_count; j++)
        for (int t = 0; t < asking->device->jobs[j].tally_count; t++)
            if (asking->device->jobs[j].tallies[t].unit == unit && holds(asking, j, t)) {
                *ret_job = j;
                *ret_tally = t;
                return true;
            }
    return false;
}

static int64_t was_lost(const struct asking *asking, int unit)
{
    const struct model_tally *but = asking->ignored >= 0 ? &asking->job->tallies[asking->ignored] : NULL;
    return asking->job->flow->reserves ? model_lost(asking->device, unit, but) : 0;
}

static bool packed_here(const struct asking *asking, int unit)
{
    for (int t = 0; t < asking->job->tally_count; t++)
        if (asking->job->tallies[t].unit == unit && asking->job->tallies[t].state == MODEL_PACKED)
            return true;
    return false;
}

/* It, or what it is in, was packed for this document and is in there still. */
static bool in_packed(const struct asking *asking, int unit)
{
    const struct model_unit *units = asking->device->book.units;
    int steps = 0;
    if (asking->job->flow->work != WORK_PACK)
        return false;
    for (int at = unit; at != MODEL_NOTHING; at = model_around(&asking->device->book, at, &steps))
        if (units[at].parent != MODEL_NOTHING && packed_here(asking, at))
            return true;
    return false;
}

static void gather_claim(const struct asking *asking, int unit, struct facts *facts)
{
    const struct model_unit *units = asking->device->book.units;
    int job, tally, steps = 0;
    int64_t lost = 0;
    for (int at = unit; at != MODEL_NOTHING; at = model_around(&asking->device->book, at, &steps)) {
        bool claimed = find_claim(asking, at, &job, &tally);
        if (!claimed) {
            lost = model_earlier(lost, was_lost(asking, at));
            facts->lost = lost > 0;
        }
        /* what was lost before a case was counted was not counted with it */
        if (!claimed || (lost && lost < asking->device->jobs[job].tallies[tally].counted))
            continue;
        facts->tally_seq = asking->device->jobs[job].tallies[tally].seq;
        facts->in_this_document = job == asking->at;
        if (!facts->in_this_document)
            copy(facts->other_document, sizeof facts->other_document, asking->device->jobs[job].doc);
        return;
    }
    if (facts->lost)
        return;
    facts->in_this_document = in_packed(asking, unit);
    if (asking->job->flow->work == WORK_PACK && units[unit].parent == MODEL_NOTHING && packed_here(asking, unit))
        facts->counted_here = true;
}

/* ---- what is inside ---- */

enum status { FREE, ELSEWHERE, TAKEN, TAKEN_HERE, PACKED, BLOCKED };

struct inside {
    const struct asking *asking;
    struct facts *facts;
    const char *holder; /* of the container */
    reason_set found;   /* wrong, and let go */
    qty_t packed;
};

static enum reason blocked_by(struct inside *inside, const struct model_unit *unit)
{
    static const enum reason order[] = {REASON_RECALLED, REASON_VOID_CODE, REASON_ON_HOLD, REASON_EXPIRED};
    const struct model_news *news = &inside->asking->device->news;
    struct lot lot = lot_of(news, unit->product, unit->lot);
    bool wrong[] = {recalled(news, unit->product, unit->lot, inside->facts),
                    (unit->state != STATE_ACTIVE && unit->state != STATE_RETURNED) ||
                        strcmp(unit->holder, "destroyed") == 0,
                    lot.on_hold || unit->state == STATE_RETURNED,
                    lot.expires != DAY_NONE && lot.expires < inside->asking->context->today};
    enum reason blocked = REASON_OK;
    for (size_t i = 0; i < 4; i++) {
        reason_set bit = REASON_BIT(order[i]);
        if (wrong[i] && (inside->asking->let_go & bit))
            inside->found |= bit;
        else if (wrong[i] && blocked == REASON_OK)
            blocked = order[i];
    }
    return blocked;
}

static enum reason elsewhere_by(const struct inside *inside, int unit)
{
    const struct asking *asking = inside->asking;
    const char *text = model_holder(&asking->device->book, unit);
    struct holder holder;
    holder_parse(text, &holder);
    bool here = strcmp(holder.id, asking->device->site) == 0;
    /* in a packing job, goods that have gone with their case say that the case is used again */
    bool along = asking->job->flow->work != WORK_PACK && strcmp(text, inside->holder) == 0;
    if (along || flow_takes_from(asking->job->flow, asking->document, asking->device->site, &holder))
        return REASON_OK;
    switch (holder.kind) {
    case HOLDER_UNKNOWN: return REASON_OK;
    case HOLDER_DESTROYED: return REASON_WRONG_HOLDER;
    case HOLDER_SITE: return here ? REASON_OK : REASON_WRONG_HOLDER;
    case HOLDER_TRANSIT_SITE: return here ? REASON_NOT_RECEIVED : REASON_WRONG_HOLDER;
    case HOLDER_PARTY:
    case HOLDER_TRANSIT_PARTY:
    case HOLDER_SOLD: return REASON_ALREADY_SHIPPED;
    }
    return REASON_OK;
}

static void add_free(struct inside *inside, const struct model_unit *unit, qty_t qty)
{
    struct facts *facts = inside->facts;
    facts->units_free += qty;
    for (int i = 0; i < facts->group_count; i++)
        if (strcmp(facts->groups[i].product, unit->product) == 0 && strcmp(facts->groups[i].lot, unit->lot) == 0) {
            facts->groups[i].qty += qty;
            return;
        }
    struct facts_group *group = &facts->groups[facts->group_count++];
    copy(group->product, sizeof group->product, unit->product);
    copy(group->lot, sizeof group->lot, unit->lot);
    group->qty = qty;
    struct lot lot = lot_of(&inside->asking->device->news, unit->product, unit->lot);
    bool first = !facts->lot.id[0] || facts->lot.expires == DAY_NONE;
    if (!first && (lot.expires == DAY_NONE || lot.expires >= facts->lot.expires))
        return;
    facts->lot = lot;
    facts->lot.on_hold = false;
}

static void earlier(enum reason *reason, enum reason other)
{
    *reason = other < *reason ? other : *reason;
}

static void count_leaf(struct inside *inside, int at, enum status status)
{
    struct facts *facts = inside->facts;
    const struct model_unit *unit = &inside->asking->device->book.units[at];
    enum reason why = REASON_OK;
    qty_t qty = unit->covers > 0 ? unit->covers * QTY_ONE : QTY_ONE;
    if (status == FREE && (why = blocked_by(inside, unit)) != REASON_OK)
        status = BLOCKED;
    if (status == FREE && (why = elsewhere_by(inside, at)) != REASON_OK)
        status = ELSEWHERE;
    facts->units_total += qty;
    facts->units_elsewhere += status == ELSEWHERE ? qty : 0;
    facts->units_taken += status == TAKEN || status == TAKEN_HERE ? qty : 0;
    facts->units_taken_here += status == TAKEN_HERE ? qty : 0;
    facts->units_blocked += status == BLOCKED ? qty : 0;
    if (status == FREE)
        add_free(inside, unit, qty);
    if (status == PACKED) {
        facts->units_free += qty;
        inside->packed += qty;
    }
    if (status == ELSEWHERE)
        earlier(&facts->elsewhere_by, why);
    if (status == BLOCKED)
        earlier(&facts->blocked_by, why);
}

static enum status own_status(const struct asking *asking, int unit, enum status inherited)
{
    int job, tally;
    if (find_claim(asking, unit, &job, &tally))
        return job == asking->at ? TAKEN_HERE : TAKEN;
    if (was_lost(asking, unit))
        return TAKEN;
    return inherited == FREE && in_packed(asking, unit) ? PACKED : inherited;
}

/* Level by level; codes in their order, what is in a container after what lies beside it. */
static void look_inside(struct inside *inside, int container)
{
    const struct model_book *book = &inside->asking->device->book;
    int at[MODEL_UNITS] = {container}, children[MODEL_UNITS], count = 1;
    enum status inherited[MODEL_UNITS] = {FREE};
    for (int i = 0; i < count; i++) {
        int inner = model_children(book, at[i], children);
        if (i > 0 && inner == 0 && book->units[at[i]].covers > 0)
            count_leaf(inside, at[i], inherited[i]);
        for (int c = 0; c < inner; c++) {
            enum status status = own_status(inside->asking, children[c], inherited[i]);
            inside->facts->contents_count++;
            if (!book->units[children[c]].container) {
                count_leaf(inside, children[c], status);
            } else {
                at[count] = children[c];
                inherited[count++] = status;
            }
        }
    }
}

static void gather_inside(const struct asking *asking, int container, struct facts *facts)
{
    struct inside inside = {
        .asking = asking, .facts = facts, .holder = model_holder(&asking->device->book, container)};
    const struct model_unit *unit = &asking->device->book.units[container];
    struct lot own = facts->lot;
    struct product product;
    char recall[sizeof facts->recall];
    memcpy(recall, facts->recall, sizeof recall);
    facts->recall[0] = '\0';
    facts->lot = (struct lot){.made = DAY_NONE, .expires = DAY_NONE};
    look_inside(&inside, container);
    facts->contents_known = facts->contents_count > 0;
    facts->counted_here |= inside.packed > 0 && inside.packed == facts->units_total;
    if (!facts->contents_known && unit->covers > 0 && unit->product[0]) {
        facts->contents_known = true;
        count_leaf(&inside, container, FREE);
    }
    if (facts->units_free > 0 && !(inside.found & REASON_BIT(REASON_RECALLED)))
        facts->recall[0] = '\0';
    facts->lot.on_hold |= (inside.found & REASON_BIT(REASON_ON_HOLD)) != 0;
    if (facts->state == STATE_ACTIVE && (inside.found & REASON_BIT(REASON_VOID_CODE)))
        facts->state = STATE_VOID;
    if (!facts->contents_known) {
        facts->lot = own;
        memcpy(facts->recall, recall, sizeof recall);
    }
    if (!facts->product_known && facts->group_count > 0 &&
        catalog_product(asking->catalog, facts->groups[0].product, &product) == RC_OK) {
        facts->product = product;
        facts->product_known = true;
    }
}

/* ---- what it is ---- */

/* A container that was told nothing is what is in it, where that is all alike; a case of which nobody reported the contents
 * is what it was told. */
static const char *product_of(const struct model_book *book, int unit)
{
    int children[MODEL_UNITS];
    const char *found = book->units[unit].product;
    if (found[0] || !book->units[unit].container)
        return found;
    for (int i = 0; i < model_key_count; i++) {
        const char *product = book->units[i].product;
        bool full = book->units[i].container && model_children(book, i, children) > 0;
        if (!model_inside(book, i, unit) || full || !product[0])
            continue;
        if (found[0] && strcmp(found, product) != 0)
            return "";
        found = product;
    }
    return found;
}

static bool is_bare(const struct asking *asking, const struct code *code, const struct facts *facts)
{
    bool awaited = asking->job->flow->work == WORK_RELABEL && asking->job->pending != MODEL_NOTHING;
    bool label = asking->job->flow->work == WORK_PACK && code->kind == CODE_UNIT;
    return !facts->code_known && !facts->product_known && !awaited && !label &&
           (code->kind == CODE_UNIT || code->kind == CODE_ITEM || code->kind == CODE_PLAIN);
}

static void bind(const struct asking *asking, const struct code *code, struct facts *facts)
{
    const struct flow *flow = asking->job->flow;
    enum severity severity =
        flow_severity(flow, asking->context->policy, asking->context->today, asking->document, REASON_UNKNOWN_CODE);
    bool is_class = !facts->code_known && facts->product_known && facts->product.control == CONTROL_ITEM &&
                    (code->kind == CODE_CLASS || code->kind == CODE_LOT);
    if (flow->judges || (!flow->binds && severity > SEVERITY_WARN))
        return;
    facts->sets_context = is_class && (flow->binds || asking->context->policy->registry != REGISTRY_STRICT);
    if (!asking->job->context_product[0] || !is_bare(asking, code, facts) ||
        catalog_product(asking->catalog, asking->job->context_product, &facts->product) != RC_OK)
        return;
    facts->product_known = facts->bound = true;
    if (code->kind == CODE_UNIT)
        facts->level = facts->product.pack_count > 0 ? facts->product.packs[0].level : 1;
}

static qty_t pack_units(const struct product *product, int level)
{
    for (int i = 0; i < product->pack_count; i++)
        if (product->packs[i].level == level)
            return product->packs[i].units;
    return QTY_ONE;
}

static void gather_single(const struct code *code, qty_t typed, int covers, struct facts *facts)
{
    bool one = facts->code_known || facts->bound || code->kind == CODE_ITEM || code->kind == CODE_PLAIN;
    qty_t per = pack_units(&facts->product, facts->bound ? facts->level : 0);
    if (!facts->product_known)
        return;
    struct facts_group *group = &facts->groups[facts->group_count++];
    copy(group->product, sizeof group->product, facts->product.id);
    copy(group->lot, sizeof group->lot, facts->lot.id);
    group->qty = covers > 0 ? covers * QTY_ONE : one || typed == 0 ? per : typed;
}

/* ---- the work of its document ---- */

struct fill {
    int count, level;
    bool mixed;
    char product[MODEL_TEXT];
};

static void add_to_fill(struct fill *fill, const char *product, int level)
{
    fill->mixed |= (fill->product[0] && strcmp(fill->product, product) != 0) || !product[0];
    copy(fill->product, sizeof fill->product, product);
    fill->level = level > fill->level ? level : fill->level;
}

static void gather_fill(const struct asking *asking, struct fill *fill)
{
    const struct model_book *book = &asking->device->book;
    for (int t = 0; t < asking->job->tally_count; t++) {
        const struct model_tally *tally = &asking->job->tallies[t];
        if (tally->state != MODEL_LIVE || !tally->claims)
            continue;
        fill->count++;
        add_to_fill(fill, tally->product, tally->level);
    }
    int children[MODEL_UNITS], count = 0;
    if (fill->count == 0 && asking->job->container != MODEL_NOTHING)
        count = model_children(book, asking->job->container, children);
    for (int i = 0; i < count; i++, fill->count++)
        add_to_fill(fill, product_of(book, children[i]), book->units[children[i]].level);
}

static int rule_of(const struct asking *asking, const struct fill *fill)
{
    struct product product;
    if (fill->mixed || !fill->product[0] || catalog_product(asking->catalog, fill->product, &product) != RC_OK)
        return 0;
    for (int i = 0; i < product.pack_count; i++)
        if (product.packs[i].level == fill->level + 1)
            return (int)(product.packs[i].contains / QTY_ONE);
    return 0;
}

static bool is_label(const struct asking *asking, const struct code *code, int unit, const struct facts *facts)
{
    bool one = facts->code_known || code->kind == CODE_UNIT || code->kind == CODE_ITEM || code->kind == CODE_PLAIN;
    bool holds_others = code->kind == CODE_UNIT || facts->container || facts->level > 0;
    bool goods = facts->contents_known ? facts->units_elsewhere < facts->units_total : facts->bound;
    if (!one || code->problem != REASON_OK)
        return false;
    return (unit != MODEL_NOTHING && unit == asking->job->container) || (holds_others && !goods);
}

static void gather_packing(const struct asking *asking, const struct code *code, int unit, struct facts *facts)
{
    struct fill fill = {.count = 0};
    gather_fill(asking, &fill);
    facts->is_label = is_label(asking, code, unit, facts);
    if (facts->is_label) {
        facts->in_this_document = facts->in_this_document && facts->tally_seq;
        facts->counted_here = false;
        facts->group_count = 0;
        facts->lot = (struct lot){.made = DAY_NONE, .expires = DAY_NONE};
        facts->recall[0] = '\0';
    } else {
        add_to_fill(&fill, facts->product_known ? facts->product.id : "", facts->level);
    }
    facts->filled = fill.count;
    facts->rule = rule_of(asking, &fill);
    facts->fill_level = fill.level + 1;
    if (facts->is_label)
        facts->level = fill.count > 0 ? facts->fill_level : facts->level > 0 ? facts->level : 1;
}

static void gather_work(const struct asking *asking, const struct code *code, int unit, struct facts *facts)
{
    enum flow_work work = asking->job->flow->work;
    if (facts->counted_here)
        facts->group_count = 0;
    if (work == WORK_PACK)
        gather_packing(asking, code, unit, facts);
    int inner = work == WORK_PACK ? asking->job->container : asking->job->pending;
    if (work != WORK_COUNT && work != WORK_UNPACK && !facts->is_label && inner != MODEL_NOTHING &&
        unit != MODEL_NOTHING)
        facts->around = inner == unit || model_inside(&asking->device->book, inner, unit);
    if ((work == WORK_REPLACE || work == WORK_RELABEL) && asking->job->pending != MODEL_NOTHING)
        copy(facts->pair_product, sizeof facts->pair_product,
             product_of(&asking->device->book, asking->job->pending));
}

/* ---- all of it ---- */

static void gather(const struct asking *asking, const struct code *code, qty_t typed, int unit, struct facts *facts)
{
    const struct model_unit *known =
        unit != MODEL_NOTHING && asking->device->book.units[unit].known ? &asking->device->book.units[unit] : NULL;
    int level = 0;
    *facts = (struct facts){.older_expires = DAY_NONE, .blocked_by = REASON_OK, .elsewhere_by = REASON_OK};
    copy(facts->key, sizeof facts->key, code->key);
    facts->code_known = known;
    const char *product = known ? product_of(&asking->device->book, unit) : code->product;
    facts->product_known =
        (product[0] && catalog_product(asking->catalog, product, &facts->product) == RC_OK) ||
        (code->gtin[0] && catalog_product_by_gtin(asking->catalog, code->gtin, &facts->product, &level) == RC_OK);
    if (known) {
        facts->state = known->state;
        facts->level = known->level == 0 && code->kind == CODE_UNIT ? 1 : known->level;
        facts->container = known->container;
        holder_parse(model_holder(&asking->device->book, unit), &facts->holder);
        if (known->parent != MODEL_NOTHING)
            copy(facts->parent, sizeof facts->parent, model_keys[known->parent].text);
    }
    bind(asking, code, facts);
    const char *lot = known && known->lot[0] ? known->lot : code->lot[0] ? code->lot : "";
    if (!lot[0] && facts->bound)
        lot = asking->job->context_lot;
    facts->lot = lot_of(&asking->device->news, facts->product_known ? facts->product.id : "", lot);
    recalled(&asking->device->news, facts->product_known ? facts->product.id : "", facts->lot.id, facts);
    if (unit != MODEL_NOTHING)
        gather_claim(asking, unit, facts);
    if (facts->container)
        gather_inside(asking, unit, facts);
    else
        gather_single(code, typed, known ? known->covers : 0, facts);
    gather_work(asking, code, unit, facts);
    facts->market.another = asking->another && facts->in_this_document;
    facts->market.defaced = asking->defaced;
    if (known && asking->job->flow->judges)
        model_market(asking->device, asking->job, unit, &facts->market);
}

void model_read(const char *text, struct code *ret_code)
{
    struct scan *scan = scan_new(text, strlen(text));
    scan->flags |= SCAN_BRACKETS;
    code_parse(scan, MODEL_YEAR, ret_code);
    free(scan);
}

static reason_set may_go(const struct asking *asking)
{
    static const enum reason reasons[] = {REASON_RECALLED, REASON_VOID_CODE, REASON_ON_HOLD, REASON_EXPIRED};
    reason_set set = 0;
    for (size_t i = 0; i < 4; i++)
        if (flow_severity(asking->job->flow, asking->context->policy, asking->context->today, asking->document,
                          reasons[i]) < SEVERITY_CONFIRM)
            set |= REASON_BIT(reasons[i]);
    return set;
}

static bool judge_it(struct model *model, int device, int job, struct asking *asking, qty_t typed,
                     struct model_judged *ret_judged)
{
    static struct policy policy;
    struct model_device *mine = &model->devices[device];
    asking->model = model;
    asking->device = mine;
    asking->job = &mine->jobs[job];
    asking->at = job;
    asking->context = &ret_judged->context;
    if (store_catalog(engine_store(model->sim.devices[device].engine), &asking->catalog) != RC_OK)
        return sim_fail(&model->sim, "device %d has no catalog", device);
    catalog_policy(asking->catalog, mine->site, &policy);
    ret_judged->context =
        (struct judge_context){.today = MODEL_TODAY, .site = mine->site, .role = ROLE_SUPERVISOR, .policy = &policy};
    asking->document = model_document(model, mine, &mine->jobs[job]);
    asking->let_go = may_go(asking);
    ret_judged->unit = model_key_find(ret_judged->code.key);
    gather(asking, &ret_judged->code, typed, ret_judged->unit, &ret_judged->facts);
    judge(&ret_judged->context, asking->job->flow, asking->document, &ret_judged->code, &ret_judged->facts,
          &ret_judged->verdict);
    return true;
}

bool model_judge(struct model *model, int device, int job, const char *text, qty_t typed, int ignored,
                 struct model_judged *ret_judged)
{
    struct asking asking = {.ignored = ignored};
    model_read(text, &ret_judged->code);
    return judge_it(model, device, job, &asking, typed, ret_judged);
}

bool model_judge_again(struct model *model, int device, int job, int tally, bool another,
                       struct model_judged *ret_judged)
{
    const struct model_tally *waiting = &model->devices[device].jobs[job].tallies[tally];
    struct asking asking = {.ignored = tally, .another = another};
    model_read(waiting->text, &ret_judged->code);
    return judge_it(model, device, job, &asking, waiting->qty, ret_judged);
}

bool model_judge_defaced(struct model *model, int device, int job, const char *product, const char *lot, qty_t count,
                         struct model_judged *ret_judged)
{
    struct asking asking = {.ignored = MODEL_NOTHING, .defaced = true};
    struct code *code = &ret_judged->code;
    *code = (struct code){.kind = CODE_CLASS,
                          .problem = REASON_OK,
                          .warning = REASON_OK,
                          .why = "",
                          .made = DAY_NONE,
                          .expires = DAY_NONE};
    copy(code->product, sizeof code->product, product);
    copy(code->lot, sizeof code->lot, lot);
    return judge_it(model, device, job, &asking, count, ret_judged);
}
