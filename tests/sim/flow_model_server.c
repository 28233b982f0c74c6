/* What records do on the server: in the order in which they arrive, less what it refuses. */
#include "tests/sim/flow_model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct applying {
    struct model *model;
    struct model_server *server;
    int device;
    const struct model_op *op;
    struct model_job *job;
};

static struct model_server_tally *tally_at(struct model_server *server, int place)
{
    return &server->tallies[place];
}

/* This device's tally of that record; MODEL_NOTHING. */
static int find_tally(const struct applying *applying, int64_t seq)
{
    for (int i = 0; i < applying->server->tally_count; i++)
        if (applying->server->tallies[i].device == applying->device && applying->server->tallies[i].told.seq == seq)
            return i;
    return MODEL_NOTHING;
}

static bool is_unit(const struct model_tally *tally)
{
    return tally->unit != MODEL_NOTHING;
}

/* ---- lines ---- */

static void count(struct applying *applying, const struct model_alloc *alloc, qty_t qty)
{
    int paper = model_paper_of(&applying->server->news, alloc->doc);
    if (paper != MODEL_NOTHING)
        applying->server->progress.done[applying->device][paper][alloc->place[0] - '1'] += qty;
}

static void count_all(struct applying *applying, const struct model_server_tally *tally, int sign)
{
    for (int i = 0; i < tally->told.alloc_count; i++)
        count(applying, &tally->told.allocs[i], sign * tally->told.allocs[i].qty);
}

static void drop(struct applying *applying, int place)
{
    struct model_server_tally *tally = tally_at(applying->server, place);
    if (tally->state != MODEL_LIVE && tally->state != MODEL_PACKED)
        return;
    tally->state = MODEL_RELEASED;
    if (is_unit(&tally->told) && applying->server->claims[tally->told.unit] == place)
        applying->server->claims[tally->told.unit] = MODEL_NOTHING;
    count_all(applying, tally, -1);
}

/* ---- claims ---- */

static bool is_rival(const struct applying *applying, int unit)
{
    int claim = applying->server->claims[unit];
    return claim != MODEL_NOTHING && applying->server->tallies[claim].device != applying->device;
}

static bool rival_above(const struct applying *applying, int unit)
{
    const struct model_book *book = &applying->server->book;
    int steps = 0;
    for (int at = book->units[unit].parent; at != MODEL_NOTHING; at = model_around(book, at, &steps))
        if (is_rival(applying, at))
            return true;
    return false;
}

static bool rival_inside(const struct applying *applying, int unit)
{
    for (int i = 0; i < model_key_count; i++)
        if (model_inside(&applying->server->book, i, unit) && is_rival(applying, i))
            return true;
    return false;
}

/* Of the unit, of what it is in, of what is in it; and of the container that is worked on. */
static bool lost_claim(const struct applying *applying)
{
    const struct model_tally *told = &applying->op->tally;
    if (applying->server->claims[told->unit] != MODEL_NOTHING)
        return is_rival(applying, told->unit);
    if (told->pack.packs && (is_rival(applying, told->pack.parent) || rival_above(applying, told->pack.parent)))
        return true;
    return rival_above(applying, told->unit) || rival_inside(applying, told->unit);
}

/* It is not where the flow takes it from, and the record does not admit it. A label is no goods. */
static bool false_holder(const struct applying *applying)
{
    const struct model_tally *told = &applying->op->tally;
    const struct flow *flow = applying->job->flow;
    const struct model_device *device = &applying->model->devices[applying->device];
    reason_set admitted =
        REASON_BIT(REASON_WRONG_HOLDER) | REASON_BIT(REASON_ALREADY_SHIPPED) | REASON_BIT(REASON_NOT_RECEIVED);
    struct holder holder;
    holder_parse(model_holder(&applying->server->book, told->unit), &holder);
    bool elsewhere =
        !flow_takes_from(flow, model_document(applying->model, device, applying->job), device->site, &holder);
    /* another dealer's goods are nothing that this one can have */
    const char *text = model_holder(&applying->server->book, told->unit);
    elsewhere |= flow->before && model_site_party(device->site)[0] && model_whose(text) == MODEL_THEIRS;
    return !applying->op->label && !(told->findings & admitted) && elsewhere;
}

/* ---- taken from this device's other documents ---- */

static void take_whole(struct applying *applying, struct model_server_tally *tally, int from)
{
    tally->took = from;
    tally->took_whole = true;
    drop(applying, from);
}

/* Its goods leave what this device counted with the container around it. */
static void take_part(struct applying *applying, struct model_server_tally *tally, int place)
{
    struct model_server_tally *from = tally_at(applying->server, place);
    tally->took = place;
    for (int g = 0; g < tally->told.alloc_count; g++) {
        qty_t left = tally->told.allocs[g].qty;
        for (int any_lot = 0; any_lot <= 1; any_lot++)
            for (int i = 0; i < from->told.alloc_count; i++) {
                struct model_alloc *alloc = &from->told.allocs[i];
                qty_t take = alloc->qty < left ? alloc->qty : left;
                if (take <= 0 || strcmp(alloc->product, tally->told.allocs[g].product) != 0 ||
                    (!any_lot && strcmp(alloc->lot, tally->told.allocs[g].lot) != 0))
                    continue;
                left -= take;
                alloc->qty -= take;
                count(applying, alloc, -take);
                tally->parts[tally->took_count].alloc = i;
                tally->parts[tally->took_count++].qty = take;
            }
    }
}

/* A tally of this device, for another document, of something that the unit is in. */
static int claim_around(const struct applying *applying, int unit)
{
    const struct model_server *server = applying->server;
    int steps = 0;
    for (int at = server->book.units[unit].parent; at != MODEL_NOTHING; at = model_around(&server->book, at, &steps))
        if (server->claims[at] != MODEL_NOTHING)
            return server->tallies[server->claims[at]].job == applying->op->job ? MODEL_NOTHING : server->claims[at];
    return MODEL_NOTHING;
}

static void give_back(struct applying *applying, const struct model_server_tally *tally)
{
    if (tally->took == MODEL_NOTHING)
        return;
    struct model_server_tally *from = tally_at(applying->server, tally->took);
    if (applying->server->ended[applying->device][from->job])
        return;
    if (tally->took_whole && from->state == MODEL_RELEASED) {
        from->state = MODEL_LIVE;
        applying->server->claims[from->told.unit] = tally->took;
        count_all(applying, from, 1);
    } else if (!tally->took_whole && from->state == MODEL_LIVE) {
        for (int i = 0; i < tally->took_count; i++) {
            struct model_alloc *alloc = &from->told.allocs[tally->parts[i].alloc];
            alloc->qty += tally->parts[i].qty;
            count(applying, alloc, tally->parts[i].qty);
        }
    }
}

/* ---- a scan ---- */

/* What may go into a container: the unit itself, or what this device has in hand for the document. */
static bool is_mine(void *context, int unit)
{
    const struct applying *applying = context;
    int claim = applying->server->claims[unit];
    return unit == applying->op->tally.unit ||
           (claim != MODEL_NOTHING && applying->server->tallies[claim].device == applying->device &&
            applying->server->tallies[claim].job == applying->op->job);
}

static void settle(struct applying *applying, struct model_server_tally *tally)
{
    const struct model_pack *pack = &tally->told.pack;
    for (int i = 0; i < pack->in_count; i++) {
        int claim = applying->server->claims[pack->in[i]];
        if (claim == MODEL_NOTHING || !is_mine(applying, pack->in[i]))
            continue;
        applying->server->tallies[claim].state = MODEL_PACKED;
        applying->server->claims[pack->in[i]] = MODEL_NOTHING;
        tally->settled[tally->settled_count++] = claim;
    }
}

/* Somebody has, or last had, what this is the label of: not void, and no box that is known to be empty. */
static bool is_taken(const struct model_book *book, int unit)
{
    const struct model_unit *known = &book->units[unit];
    if (known->parent != MODEL_NOTHING || model_count_inside(book, unit) > 0)
        return true;
    if (!known->known || known->state == STATE_VOID)
        return false;
    bool somewhere = known->holder[0] || known->state != STATE_ACTIVE;
    return known->product[0] || known->covers > 0 || (!known->container && somewhere);
}

/* A thing, or a closed case of so many that stands at this site. */
static bool holds_nothing(const struct applying *applying, int unit)
{
    const struct model_book *book = &applying->server->book;
    const struct model_unit *known = &book->units[unit];
    const char *holder = model_holder(book, unit);
    if (!known->product[0] || known->state == STATE_VOID || model_count_inside(book, unit) > 0)
        return false;
    if (known->container && known->covers > 0)
        return strncmp(holder, "site:", 5) == 0 &&
               strcmp(holder + 5, applying->model->devices[applying->device].site) == 0;
    return !known->container && known->level <= 0;
}

/* What is known of the old code could be handed on, but its scan was refused, another label has it all already, or the new one
 * is of other things. */
static bool cannot_relabel(struct applying *applying, const struct model_pack *pack)
{
    const struct model_book *book = &applying->server->book;
    const struct model_unit *old = &book->units[pack->old];
    return old->known && (!is_mine(applying, pack->old) || old->state == STATE_VOID || is_taken(book, pack->fresh));
}

/* Out of reach another device had these goods, or put this label on other things, and was here first. */
static bool is_late(struct applying *applying, const struct model_pack *pack)
{
    bool late =
        pack->relabels ? cannot_relabel(applying, pack) : pack->in_count > 0 && holds_nothing(applying, pack->parent);
    applying->model->counts->late[pack->relabels] += late;
    return late;
}

static void do_pack(struct applying *applying, struct model_server_tally *tally)
{
    struct model_changes changes = {.count = 0};
    struct model_book *book = &applying->server->book;
    int unit = tally->told.unit;
    if (applying->op->teaches && !book->units[unit].known) {
        struct model_unit before = book->units[unit];
        tally->learned = true;
        book->units[unit] = applying->op->fresh;
        book->units[unit].parent = before.parent;
        snprintf(book->units[unit].holder, MODEL_TEXT, "%s", before.holder);
    }
    bool late = is_late(applying, &tally->told.pack);
    if (!late)
        model_do_pack(book, &tally->told.pack, is_mine, applying, &changes);
    if (!tally->told.pack.packs && !tally->told.pack.relabels)
        return;
    tally->changes = malloc(sizeof changes);
    *tally->changes = changes;
    if (!late)
        settle(applying, tally);
}

static bool goes_in(const struct model_tally *told)
{
    for (int i = 0; i < told->pack.in_count; i++)
        if (told->pack.in[i] == told->unit)
            return true;
    return false;
}

static void tell(struct applying *applying, struct model_server_tally *tally)
{
    struct model_tally *told = &tally->told;
    bool packs = applying->job->flow->work == WORK_PACK;
    count_all(applying, tally, 1);
    tally->state = packs && (applying->op->label || goes_in(told)) ? MODEL_PACKED : MODEL_LIVE;
    if (tally->state == MODEL_LIVE && is_unit(told) && applying->job->flow->reserves)
        applying->server->claims[told->unit] = (int)(tally - applying->server->tallies);
}

/* It counts for nothing; where it was tallied as goods it is no more, until this is undone. */
static void open_label(struct applying *applying, struct model_server_tally *tally, int own)
{
    if (own == MODEL_NOTHING)
        return;
    take_whole(applying, tally, own);
    tally->label = true;
    tally->state = MODEL_PACKED;
    applying->server->tally_count++;
}

/* Answers false when it is refused. */
static bool scan(struct applying *applying)
{
    struct model_server *server = applying->server;
    const struct model_tally *told = &applying->op->tally;
    bool reserves = applying->job->flow->reserves;
    if (server->tally_count == MODEL_SERVER_TALLIES)
        abort();
    struct model_server_tally *tally = &server->tallies[server->tally_count];
    *tally = (struct model_server_tally){
        .device = applying->device, .job = applying->op->job, .told = *told, .took = MODEL_NOTHING};
    if (applying->job->flow->judges)
        model_see(server, applying->device, applying->job, told);
    if (is_unit(told)) {
        if (reserves && (false_holder(applying) || lost_claim(applying)))
            return false;
        int own = server->claims[told->unit];
        bool counted = reserves && own != MODEL_NOTHING && server->tallies[own].job == applying->op->job;
        if (counted)
            return true;
        if (applying->op->label && !told->pack.packs) {
            open_label(applying, tally, own);
            return true;
        }
        int around = reserves && own == MODEL_NOTHING ? claim_around(applying, told->unit) : MODEL_NOTHING;
        if (reserves && own != MODEL_NOTHING)
            take_whole(applying, tally, own);
        server->tally_count++;
        do_pack(applying, tally);
        if (around != MODEL_NOTHING)
            take_part(applying, tally, around);
    } else {
        server->tally_count++;
    }
    tell(applying, tally);
    return true;
}

/* ---- taken back ---- */

/* Later tallies count on it. */
static bool counted_on(const struct applying *applying, int unit, int place)
{
    const struct model_server *server = applying->server;
    const struct model_server_tally *tally = &server->tallies[place];
    for (int at = unit; at != MODEL_NOTHING; at = server->book.units[at].parent) {
        int claim = server->claims[at];
        if (claim == MODEL_NOTHING)
            continue;
        if (server->tallies[claim].device != applying->device || server->tallies[claim].told.seq > tally->told.seq)
            return true;
    }
    return false;
}

static bool can_take_back(const struct applying *applying, int place)
{
    const struct model_server_tally *tally = &applying->server->tallies[place];
    if (tally->state == MODEL_MOVED || (tally->state == MODEL_PACKED && !tally->changes && !tally->label))
        return false;
    if (!tally->changes || tally->state == MODEL_RELEASED)
        return true;
    for (int i = 0; i < tally->changes->count; i++) {
        const struct model_change *change = &tally->changes->changes[i];
        const struct model_book *book = &applying->server->book;
        if (!model_same_unit(&book->units[change->unit], &change->after) || counted_on(applying, change->unit, place))
            return false;
        int back = change->before.parent; /* which is in there by now */
        if (back != MODEL_NOTHING && back != change->after.parent && model_inside(book, back, change->unit))
            return false;
    }
    return true;
}

static void forget(struct model_server *server, int unit)
{
    int children[MODEL_UNITS];
    struct model_book *book = &server->book;
    struct model_unit *known = &book->units[unit];
    if (server->claims[unit] == MODEL_NOTHING && known->parent == MODEL_NOTHING && !known->holder[0] &&
        known->state == STATE_ACTIVE && model_children(book, unit, children) == 0)
        *known = (struct model_unit){.parent = MODEL_NOTHING};
}

static void undo(struct applying *applying)
{
    struct model_server *server = applying->server;
    int place = find_tally(
        applying, applying->model->devices[applying->device].jobs[applying->op->job].tallies[applying->op->at].seq);
    if (place == MODEL_NOTHING || !can_take_back(applying, place))
        return;
    struct model_server_tally *tally = tally_at(server, place);
    model_forget_seen(server, applying->device, tally->told.seq);
    if (tally->state != MODEL_LIVE && tally->state != MODEL_PACKED)
        return;
    drop(applying, place);
    give_back(applying, tally);
    if (tally->changes)
        model_reverse(&server->book, tally->changes);
    for (int i = 0; i < tally->settled_count; i++) {
        struct model_server_tally *loose = tally_at(server, tally->settled[i]);
        loose->state = MODEL_LIVE;
        server->claims[loose->told.unit] = tally->settled[i];
    }
    if (applying->op->damaged)
        model_set_state(&server->book, tally->told.unit, STATE_DAMAGED);
    else if (tally->learned)
        forget(server, tally->told.unit);
}

static void recheck(struct applying *applying)
{
    int place = find_tally(applying, applying->job->tallies[applying->op->at].seq);
    if (place != MODEL_NOTHING && applying->server->tallies[place].state == MODEL_LIVE)
        drop(applying, place);
}

static void revise(struct applying *applying)
{
    const struct model_tally *now = &applying->op->tally;
    int place = find_tally(applying, now->seq);
    struct model_server_tally *tally = place == MODEL_NOTHING ? NULL : tally_at(applying->server, place);
    if (!tally || (tally->state != MODEL_LIVE && tally->state != MODEL_PACKED))
        return;
    count_all(applying, tally, -1);
    for (int i = 0; i < tally->told.alloc_count && i < now->alloc_count; i++) {
        memcpy(tally->told.allocs[i].doc, now->allocs[i].doc, sizeof now->allocs[i].doc);
        memcpy(tally->told.allocs[i].place, now->allocs[i].place, sizeof now->allocs[i].place);
    }
    count_all(applying, tally, 1);
}

/* ---- documents ---- */

/* The papers that this work is on: one, or those of a group. */
static void open_share(struct applying *applying, bool open)
{
    bool *shares = applying->server->progress.open[applying->device];
    int paper = model_paper_of(&applying->server->news, applying->job->doc);
    if (paper != MODEL_NOTHING)
        shares[paper] = open;
    for (int p = 0; p < MODEL_PAPERS && applying->job->group; p++)
        if (applying->job->members & (UINT64_C(1) << p))
            shares[p] = open;
}

static bool in_hand(void *context, int unit)
{
    const struct model_server *server = context;
    return server->claims[unit] != MODEL_NOTHING;
}

static bool is_of(const struct applying *applying, int place)
{
    const struct model_server_tally *tally = &applying->server->tallies[place];
    return tally->device == applying->device && tally->job == applying->op->job;
}

static void end(struct applying *applying)
{
    struct model_server *server = applying->server;
    for (int i = 0; i < server->tally_count; i++) {
        struct model_server_tally *tally = tally_at(server, i);
        if (!is_of(applying, i) || (tally->state != MODEL_LIVE && tally->state != MODEL_PACKED))
            continue;
        tally->state = MODEL_MOVED;
        if (is_unit(&tally->told) && server->claims[tally->told.unit] == i)
            server->claims[tally->told.unit] = MODEL_NOTHING;
    }
    server->ended[applying->device][applying->op->job] = true;
    open_share(applying, false);
}

static void complete(struct applying *applying)
{
    struct model_server *server = applying->server;
    char to[MODEL_TEXT];
    bool packs = applying->job->flow->work == WORK_PACK;
    model_destination(applying->model, applying->device, applying->job, to);
    for (int containers = 0; containers <= 1; containers++)
        for (int i = 0; i < server->tally_count; i++) {
            const struct model_server_tally *tally = tally_at(server, i);
            if (!is_of(applying, i) || tally->state != MODEL_LIVE)
                continue;
            if (packs)
                drop(applying, i);
            else if (is_unit(&tally->told) && server->book.units[tally->told.unit].container == (containers != 0))
                model_move_tally(&server->book, applying->job->flow, &tally->told, to, in_hand, server);
        }
    end(applying);
}

static void abandon(struct applying *applying)
{
    struct model_server *server = applying->server;
    for (int i = 0; i < server->tally_count; i++) {
        if (is_of(applying, i) && applying->job->flow->judges) /* what a visit saw that is given up was not seen */
            model_forget_seen(server, applying->device, tally_at(server, i)->told.seq);
        if (!is_of(applying, i) || server->tallies[i].state != MODEL_LIVE)
            continue;
        drop(applying, i);
        give_back(applying, tally_at(server, i));
    }
    end(applying);
}

/* ---- a sync ---- */

static void apply(struct applying *applying)
{
    const struct model_op *op = applying->op;
    bool taken = true;
    switch (op->kind) {
    case MODEL_OPEN: open_share(applying, true); break;
    case MODEL_SCAN: taken = scan(applying); break;
    case MODEL_UNDO: undo(applying); break;
    case MODEL_RECHECK: recheck(applying); break;
    case MODEL_REVISE: revise(applying); break;
    case MODEL_COMPLETE: complete(applying); break;
    case MODEL_ABANDON: abandon(applying); break;
    }
    if (!taken) {
        applying->job->tallies[op->at].refused = true;
        applying->model->counts->refused++;
    }
}

void model_synced(struct model *model, int device)
{
    struct model_device *mine = &model->devices[device];
    struct applying applying = {.model = model, .server = &model->server, .device = device};
    for (int i = 0; i < mine->op_count; i++) {
        applying.op = &mine->ops[i];
        applying.job = &mine->jobs[mine->ops[i].job];
        apply(&applying);
    }
    mine->op_count = 0;
    mine->book = model->server.book;
    mine->book.keeps_sales = false;
    mine->seen = model->server.seen;
    if (model_site_party(mine->site)[0])
        model_narrow(&mine->book);
    mine->news = model->server.news;
    mine->progress = model->server.progress;
    for (int j = 0; j < mine->job_count; j++)
        model_sum_elsewhere(mine, &mine->jobs[j]);
}
