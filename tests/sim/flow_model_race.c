/* Two devices out of reach of each other put one label on two things; both are done with it before either syncs. */
#include "tests/sim/flow_model_ops.h"
#include <string.h>

/* One of those keys that nobody registered and neither device has heard of; MODEL_NOTHING. */
static int fresh_label(struct model *model)
{
    int labels[MODEL_UNITS];
    uint32_t count = 0;
    for (int i = 0; i < model_key_count; i++)
        if (strncmp(model_keys[i].text, "(00)", 4) == 0 && !model_keys[i].registered &&
            !model->devices[0].book.units[i].known && !model->devices[1].book.units[i].known)
            labels[count++] = i;
    return count ? labels[model_draw(model, count)] : MODEL_NOTHING;
}

/* Nothing that the other one has in hand. */
static int other_unit(struct model *model, int device, const struct model_job *job, const struct model_job *other)
{
    int unit = model_some_unit(model, device, job);
    for (int tries = 0; tries < 20 && other && model_counts(other, unit); tries++)
        unit = model_some_unit(model, device, job);
    return unit;
}

/* One that nothing waits for comes to nothing: the job stays open then, as one does that was interrupted. *other: its job,
 * NULL for the first one; this one's afterwards. */
static bool work(struct model *model, int device, const char *flow, int label, const struct model_job **other)
{
    struct model_device *mine = &model->devices[device];
    int at = mine->job_count;
    if (!model_start_flow(model, device, flow) || mine->job_count == at)
        return mine->job_count == at;
    struct model_job *job = &mine->jobs[at];
    bool relabels = job->flow->work == WORK_RELABEL;
    for (int tries = 0; tries < 4 && (relabels ? job->pending == MODEL_NOTHING : job->tally_count < 2); tries++)
        if (!model_scan(model, device, at, model_keys[other_unit(model, device, job, *other)].text, 0, OP_RACE))
            return false;
    *other = job;
    if (relabels && job->pending == MODEL_NOTHING)
        return true;
    return model_scan(model, device, at, model_keys[label].text, 0, OP_RACE) && model_complete(model, device, at);
}

bool model_act_race(struct model *model, int device)
{
    static const char *const flows[] = {"relabel", "relabel", "pack"};
    int first = device % 2, label = fresh_label(model);
    const char *before = flows[model_draw(model, 3)], *after = flows[model_draw(model, 3)];
    const struct model_job *other = NULL;
    if (label == MODEL_NOTHING)
        return model_act_scan(model, device);
    return work(model, first, before, label, &other) && work(model, 1 - first, after, label, &other) &&
           model_sync_device(model, first) && model_sync_device(model, 1 - first);
}
