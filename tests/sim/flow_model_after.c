/* What comes after a scan: confirmed, undone, set aside; facts that changed; the end of a document; syncing. */
#include "tests/sim/flow_model_ops.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- afterwards ---- */

bool model_act_confirm(struct model *model, int device)
{
    static struct model_judged judged;
    int at = model_some_job(model, device);
    if (at == MODEL_NOTHING)
        return model_act_start(model, device);
    struct model_job *job = &model->devices[device].jobs[at];
    int place = model_some_tally(model, job, 1u << MODEL_WAITING | 1u << MODEL_LATCHED);
    if (place == MODEL_NOTHING)
        return model_act_scan(model, device);
    struct model_tally *tally = &job->tallies[place];
    bool gone = tally->unit != MODEL_NOTHING && !model->devices[device].book.units[tally->unit].known;
    if (gone && model_site_party(model->devices[device].site)[0]) /* it is no longer this dealer's to know of */
        return model_act_scan(model, device);
    bool another = job->flow->judges && model_draw(model, 2);
    if (!model_judge_again(model, device, at, place, another, &judged))
        return false;
    bool refused =
        tally->counted || (judged.verdict.severity == SEVERITY_REJECT && judged.verdict.override == OVERRIDE_NONE);
    /* the same bottle twice is nothing new */
    refused |= job->flow->judges && judged.facts.in_this_document != another;
    enum rc rc = another ? engine_confirm_another(model_engine(model, device), job->doc, tally->seq)
                         : engine_confirm(model_engine(model, device), job->doc, tally->seq, "");
    model_say(model, "device %d confirms %lld of %s (%s)%s: %s, seq %lld", device, (long long)tally->seq, job->doc,
              tally->text, another ? " as another" : "", rc_word(rc), (long long)model_last_seq(model, device));
    if (rc != (refused ? RC_REFUSED : RC_OK))
        return WRONG("confirming says %s, the model %s: %s", rc_word(rc), rc_word(refused ? RC_REFUSED : RC_OK),
                     reason_word(judged.verdict.reason));
    model_did(model, another ? OP_ANOTHER : OP_CONFIRM);
    if (rc == RC_OK)
        model_confirmed(model, device, at, place, model_last_seq(model, device), &judged);
    return model_check_touched(model, device, at, tally->unit);
}

static bool undo(struct model *model, int device, int at, int place, bool damaged)
{
    struct model_job *job = &model->devices[device].jobs[at];
    struct model_tally *tally = &job->tallies[place];
    enum model_may may = model_can_undo(&model->devices[device], at, place);
    if (damaged && (tally->state != MODEL_LIVE || job->flow->judges)) /* a visit changes no goods */
        may = MODEL_MAY_NOT;
    /* what was packed some time ago may stand somewhere else by now */
    if (may != MODEL_EITHER && tally->changes && place < job->tally_count - 1)
        may = MODEL_EITHER;
    enum rc rc = damaged ? engine_exchange(model_engine(model, device), job->doc, tally->seq)
                         : engine_undo(model_engine(model, device), job->doc, tally->seq);
    model_say(model, "device %d %s %lld of %s (%s, %s): %s, seq %lld", device, damaged ? "exchanges" : "undoes",
              (long long)tally->seq, job->doc, job->flow->name, tally->text, rc_word(rc),
              (long long)model_last_seq(model, device));
    if (may == MODEL_EITHER ? rc != RC_OK && rc != RC_REFUSED : rc != (may ? RC_OK : RC_REFUSED))
        return WRONG("it says %s, the model %s", rc_word(rc), rc_word(may ? RC_OK : RC_REFUSED));
    if (rc == RC_OK)
        model_undone(model, device, at, place, model_last_seq(model, device), damaged);
    return model_check_touched(model, device, at, tally->unit);
}

bool model_act_undo(struct model *model, int device)
{
    int at = model_some_job(model, device);
    if (at == MODEL_NOTHING)
        return model_act_start(model, device);
    const struct model_job *job = &model->devices[device].jobs[at];
    int place = model_some_tally(model, job, ~0u);
    if (model_draw(model, 2))
        place = model_some_tally(model, job, 1u << MODEL_LIVE | 1u << MODEL_PACKED | 1u << MODEL_MARK);
    if (place == MODEL_NOTHING)
        return model_act_scan(model, device);
    model_did(model, OP_UNDO);
    return undo(model, device, at, place, false);
}

bool model_act_exchange(struct model *model, int device)
{
    int at = model_some_job(model, device);
    if (at == MODEL_NOTHING)
        return model_act_start(model, device);
    int place = model_some_tally(model, &model->devices[device].jobs[at], 1u << MODEL_LIVE);
    if (place == MODEL_NOTHING || model->devices[device].jobs[at].tallies[place].unit == MODEL_NOTHING)
        return model_act_scan(model, device);
    model_did(model, OP_EXCHANGE);
    return undo(model, device, at, place, true);
}

/* What was just done is taken back: then all is as it was before. */
bool model_act_undo_last(struct model *model, int device)
{
    static struct model_book before;
    struct model_device *mine = &model->devices[device];
    int at = model_some_job(model, device);
    if (at == MODEL_NOTHING)
        return model_act_start(model, device);
    struct model_job *job = &mine->jobs[at];
    before = mine->book;
    int tallies = job->tally_count, unit = model_some_unit(model, device, job);
    if (!model_scan(model, device, at, model_keys[unit].text, 0, OP_SCAN))
        return false;
    if (job->tally_count == tallies)
        return true;
    model_did(model, OP_UNDO_LAST);
    if (!undo(model, device, at, tallies, false))
        return false;
    for (int i = 0; i < model_key_count; i++)
        if (!model_same_unit(&before.units[i], &mine->book.units[i]))
            return WRONG("in the model itself %s is not as it was", model_keys[i].text);
    return model_check_device(model, device);
}

bool model_act_aside(struct model *model, int device)
{
    int at = model_some_job(model, device);
    if (at == MODEL_NOTHING)
        return model_act_start(model, device);
    struct model_job *job = &model->devices[device].jobs[at];
    int place = model_some_tally(model, job, 1u << MODEL_WAITING | 1u << MODEL_LATCHED);
    if (place == MODEL_NOTHING)
        return model_act_scan(model, device);
    enum rc rc = engine_set_aside(model_engine(model, device), job->doc, job->tallies[place].seq);
    model_say(model, "device %d sets %lld of %s aside: %s", device, (long long)job->tallies[place].seq, job->doc,
              rc_word(rc));
    if (rc != RC_OK)
        return WRONG("setting aside says %s", rc_word(rc));
    model_did(model, OP_ASIDE);
    job->tallies[place].state = MODEL_ASIDE;
    model_asked(job, &job->tallies[place], true);
    return model_check_job(model, device, at);
}

bool model_act_pick(struct model *model, int device)
{
    static struct policy policy;
    struct catalog *catalog;
    struct model_device *mine = &model->devices[device];
    int at = model_some_job(model, device);
    if (at == MODEL_NOTHING || store_catalog(model_store(model, device), &catalog) != RC_OK)
        return model_act_start(model, device);
    struct model_job *job = &mine->jobs[at];
    catalog_policy(catalog, mine->site, &policy);
    bool binds = job->flow->binds || flow_severity(job->flow, &policy, MODEL_TODAY, model_document(model, mine, job),
                                                   REASON_UNKNOWN_CODE) <= SEVERITY_WARN;
    const char *product = model_draw(model, 2) ? "P" : "Q", *lot = product[0] == 'P' ? "L1" : "K2";
    enum rc rc = engine_set_context(model_engine(model, device), job->doc, product, lot);
    enum rc wanted = job->state != DOCUMENT_OPEN ? RC_CLOSED : binds ? RC_OK : RC_REFUSED;
    model_say(model, "device %d picks %s for %s (%s): %s", device, product, job->doc, job->flow->name, rc_word(rc));
    if (rc != wanted)
        return WRONG("picking says %s, the model %s", rc_word(rc), rc_word(wanted));
    model_did(model, OP_PICK);
    if (rc == RC_OK)
        model_context(model, device, at, model_last_seq(model, device), product, lot);
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
        enum rc rc = store_tally_lines(model_store(model, device), tally->seq, document, allocations, &count);
        if (rc != RC_OK || count > MODEL_ALLOCS)
            return WRONG("the lines of tally %lld: %s", (long long)tally->seq, rc_word(rc));
        tally->alloc_count = count;
        for (int i = 0; i < count; i++) {
            tally->allocs[i].line = allocations[i].line == LINE_NONE ? MODEL_NOTHING : (int)allocations[i].line;
            tally->allocs[i].qty = allocations[i].qty;
            snprintf(tally->allocs[i].product, MODEL_TEXT, "%.31s", allocations[i].product);
            snprintf(tally->allocs[i].lot, MODEL_TEXT, "%.31s", allocations[i].lot);
            model_name_line(job, &tally->allocs[i]);
            if (allocations[i].line != LINE_NONE)
                sums[allocations[i].line] += allocations[i].qty;
        }
        model_revised(model, device, (int)(job - model->devices[device].jobs), t);
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
        if (store_tally(model_store(model, device), tally->seq, &is, doc) != RC_OK)
            return WRONG("tally %lld is gone", (long long)tally->seq);
        if (is.latched != (wanted != REASON_OK) && !(fit && is.latched))
            return WRONG("looked at again, tally %lld of %s (%s) is %s, in the model it is %s", (long long)tally->seq,
                         job->doc, tally->text, is.latched ? reason_word(is.reason) : "kept", reason_word(wanted));
        if (!is.latched)
            continue;
        model_did(model, OP_RECHECK);
        model_did(model, tally->refused ? OP_REFUSED : OP_RECHECK);
        model_rechecked(model, device, at, t, model_last_seq(model, device), is.reason);
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
    enum rc rc = store_document(model_store(model, device), job->doc, &document);
    if (rc != RC_OK)
        return WRONG("%s is not there: %s", job->doc, rc_word(rc));
    bool revised = job->state == DOCUMENT_OPEN && !same_lines(job, document);
    for (int i = 0; i < job->line_count; i++)
        elsewhere |= job->lines[i].elsewhere > 0;
    bool good = true;
    if (revised) {
        model_did(model, OP_REVISION);
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
    enum rc rc = engine_review(model_engine(model, device), job->doc, &found);
    if (rc != RC_OK)
        return WRONG("looking at %s again says %s", job->doc, rc_word(rc));
    return follow_review(model, device, at, false);
}

/* ---- the end of a document ---- */

bool model_act_complete(struct model *model, int device)
{
    int at = model_some_job(model, device);
    if (at == MODEL_NOTHING)
        return model_act_start(model, device);
    return model_complete(model, device, at);
}

bool model_complete(struct model *model, int device, int at)
{
    struct model_job *job = &model->devices[device].jobs[at];
    struct completion completion = {.short_reason = "stock", .set_aside = true, .recounted = true};
    int64_t seq = 0;
    enum rc rc = engine_complete(model_engine(model, device), job->doc, &completion, &seq);
    enum rc wanted = job->state != DOCUMENT_OPEN ? RC_CLOSED : job->pending != MODEL_NOTHING ? RC_UNPAIRED : RC_OK;
    model_say(model, "device %d completes %s (%s): %s, seq %lld", device, job->doc, job->flow->name, rc_word(rc),
              (long long)model_last_seq(model, device));
    if (rc != RC_CLOSED && !follow_review(model, device, at, true))
        return false;
    if (rc != wanted && rc != RC_RECHECK)
        return WRONG("completing says %s, the model %s", rc_word(rc), rc_word(wanted));
    model_did(model, OP_COMPLETE);
    if (rc == RC_OK) {
        model_completed(model, device, at, seq);
        for (size_t f = 0; f < flow_count(); f++)
            model->counts->flows_completed[f] += job->flow == flow_at(f);
    }
    for (int t = 0; t < job->tally_count; t++)
        if (!model_check_touched(model, device, at, job->tallies[t].unit))
            return false;
    return model_check_job(model, device, at);
}

bool model_act_abandon(struct model *model, int device)
{
    int at = model_some_job(model, device);
    if (at == MODEL_NOTHING)
        return model_act_start(model, device);
    struct model_job *job = &model->devices[device].jobs[at];
    int64_t seq = 0;
    enum rc rc = engine_abandon(model_engine(model, device), job->doc, &seq);
    model_say(model, "device %d gives %s (%s) up: %s", device, job->doc, job->flow->name, rc_word(rc));
    if (rc != RC_OK)
        return WRONG("giving up says %s", rc_word(rc));
    model_did(model, OP_ABANDON);
    model_abandoned(model, device, at, seq);
    for (int t = 0; t < job->tally_count; t++)
        if (!model_check_touched(model, device, at, job->tallies[t].unit))
            return false;
    return model_check_job(model, device, at);
}

/* Something for a document that is over: nothing may come of it. */
bool model_act_closed(struct model *model, int device)
{
    struct model_device *mine = &model->devices[device];
    if (mine->job_count == 0)
        return model_act_start(model, device);
    int at = (int)model_draw(model, (uint32_t)mine->job_count);
    struct model_job *job = &mine->jobs[at];
    if (job->state != DOCUMENT_COMPLETE || job->tally_count == 0)
        return model_act_scan(model, device);
    int place = (int)model_draw(model, (uint32_t)job->tally_count);
    enum rc rc = engine_undo(model_engine(model, device), job->doc, job->tallies[place].seq);
    model_say(model, "device %d undoes %lld of %s, which is over: %s", device, (long long)job->tallies[place].seq,
              job->doc, rc_word(rc));
    if (rc != RC_CLOSED)
        return WRONG("it says %s", rc_word(rc));
    model_did(model, OP_CLOSED);
    return model_scan(model, device, at, model_keys[model_any_unit(model, device)].text, 0, OP_CLOSED);
}

/* ---- syncing ---- */

static bool is_wanted(const struct model_device *device, const char *doc)
{
    int paper = model_paper_of(&device->news, doc);
    return paper == MODEL_NOTHING || strcmp(device->news.papers[paper].state, "open") == 0;
}

/* A group as long as one of those is that it has lines of. */
static void follow_papers(struct model_device *device)
{
    for (int j = 0; j < device->job_count; j++) {
        struct model_job *job = &device->jobs[j];
        bool open = !job->group && is_wanted(device, job->doc);
        if (job->own || (job->state != DOCUMENT_OPEN && job->state != DOCUMENT_CANCELLED))
            continue;
        for (int i = 0; i < job->line_count && job->group; i++)
            open |= is_wanted(device, job->lines[i].doc);
        job->state = open ? DOCUMENT_OPEN : DOCUMENT_CANCELLED;
    }
}

bool model_sync_device(struct model *model, int device)
{
    struct model_device *mine = &model->devices[device];
    struct sync_progress progress = {0};
    enum rc rc = sync_run(model->sim.devices[device].client, &progress);
    model_say(model, "device %d syncs: %s", device, rc_word(rc));
    if (rc != RC_OK)
        return WRONG("device %d: sync says %s: %s", device, rc_word(rc), progress.detail);
    model_synced(model, device);
    mine->told_seq = model_last_seq(model, device);
    follow_papers(mine);
    model->counts->syncs++;
    int jobs[MODEL_JOBS], count = model_open_jobs(mine, jobs);
    if (!model_check_server(model))
        return false;
    for (int i = 0; i < count; i++)
        if (!review(model, device, jobs[i]))
            return false;
    return model_check_device(model, device);
}

bool model_act_sync(struct model *model, int device)
{
    model_did(model, OP_SYNC);
    return model_sync_device(model, device);
}

/* Rechecks of the first round are records themselves. */
bool model_sync_all(struct model *model)
{
    for (int round = 0; round < 2; round++)
        for (int d = 0; d < SIM_DEVICES; d++)
            if (!model_sync_device(model, d))
                return false;
    for (int d = 0; d < SIM_DEVICES; d++)
        if (!model_site_party(model->devices[d].site)[0] && /* a dealer is told of its own alone */
            !model_check_conserved(model, &model->devices[d].book, "a device"))
            return false;
    return true;
}

bool model_act_news(struct model *model, int device)
{
    (void)device;
    model_say(model, "the data centre has news");
    model_did(model, OP_NEWS);
    return model_tell_news(model);
}
