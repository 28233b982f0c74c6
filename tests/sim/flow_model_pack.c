/* What a scan that counts says about containers. */
#include "tests/sim/flow_model.h"

static void in(struct model_pack *pack, int parent, int level, int unit)
{
    pack->packs = true;
    pack->parent = parent;
    pack->level = level;
    pack->in[pack->in_count++] = unit;
}

static void out(struct model_pack *pack, int parent, int level, int unit)
{
    pack->packs = true;
    pack->parent = parent;
    pack->level = level;
    pack->out[pack->out_count++] = unit;
}

static void all_out(const struct model_book *book, struct model_pack *pack, int parent, int level)
{
    pack->out_count = model_children(book, parent, pack->out);
    pack->packs = pack->all = true;
    pack->parent = parent;
    pack->level = level;
}

static void label(const struct model_device *device, struct model_job *job, int unit, const struct facts *facts,
                  struct model_pack *pack)
{
    int children[MODEL_UNITS];
    if (job->container == unit) { /* full */
        job->container = MODEL_NOTHING;
        return;
    }
    if (model_children(&device->book, unit, children) > 0) /* used again */
        all_out(&device->book, pack, unit, facts->fill_level);
    if (job->container != MODEL_NOTHING || facts->filled == 0) {
        job->container = unit;
        return;
    }
    for (int t = 0; t < job->tally_count; t++)
        if (job->tallies[t].state == MODEL_LIVE && job->tallies[t].claims)
            in(pack, unit, facts->fill_level, job->tallies[t].unit);
}

static void goods(struct model_job *job, int unit, const struct facts *facts, struct model_pack *pack)
{
    if (job->container == MODEL_NOTHING)
        return;
    in(pack, job->container, facts->fill_level, unit);
    if (facts->rule && facts->filled + 1 >= facts->rule)
        job->container = MODEL_NOTHING;
}

static void pair(const struct model_device *device, struct model_job *job, int unit, const struct facts *facts,
                 struct model_pack *pack)
{
    int old = job->pending;
    job->pending = old == MODEL_NOTHING ? unit : MODEL_NOTHING;
    if (old == MODEL_NOTHING)
        return;
    if (job->flow->work == WORK_RELABEL) {
        pack->relabels = true;
        pack->old = old;
        pack->fresh = unit;
    } else if (device->book.units[old].parent != MODEL_NOTHING) {
        in(pack, device->book.units[old].parent, facts->level + 1, unit);
        out(pack, device->book.units[old].parent, facts->level + 1, old);
    }
}

/* What this record says about containers, and what the document waits for afterwards. */
void model_do_work(const struct model_device *device, struct model_job *job, int unit, const struct facts *facts,
                   struct model_pack *pack)
{
    switch (job->flow->work) {
    case WORK_COUNT: break;
    case WORK_PACK:
        if (facts->is_label)
            label(device, job, unit, facts, pack);
        else
            goods(job, unit, facts, pack);
        break;
    case WORK_UNPACK:
        if (job->empties)
            all_out(&device->book, pack, unit, facts->level);
        else if (device->book.units[unit].parent != MODEL_NOTHING)
            out(pack, device->book.units[unit].parent, facts->level + 1, unit);
        break;
    case WORK_REPLACE:
    case WORK_RELABEL: pair(device, job, unit, facts, pack); break;
    }
}
