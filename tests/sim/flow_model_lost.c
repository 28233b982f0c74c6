/* What the server gave to somebody else, in the model's words. */
#include "tests/sim/flow_model.h"
#include <string.h>

/* It was brought somewhere by a later scan. */
static bool moved_since(const struct model_device *device, const struct model_tally *tally)
{
    for (int j = 0; j < device->job_count; j++)
        for (int t = 0; t < device->jobs[j].tally_count; t++) {
            const struct model_tally *later = &device->jobs[j].tallies[t];
            if (later->unit == tally->unit && later->seq > tally->seq && later->state == MODEL_MOVED)
                return true;
        }
    return false;
}

int64_t model_lost(const struct model_device *device, int unit, const struct model_tally *but)
{
    int64_t first = 0;
    for (int j = 0; j < device->job_count; j++)
        for (int t = 0; t < device->jobs[j].tally_count; t++) {
            const struct model_tally *tally = &device->jobs[j].tallies[t];
            bool over = tally->state == MODEL_UNDONE || tally->state == MODEL_ASIDE || tally->state == MODEL_RELEASED;
            if (tally->unit == unit && tally->refused && !over && tally != but &&
                (!first || tally->counted < first) && !moved_since(device, tally))
                first = tally->counted;
        }
    return first;
}

int64_t model_earlier(int64_t one, int64_t other)
{
    return one && (!other || one < other) ? one : other;
}

/* ---- latched, and scanned again ---- */

static void ask_anew(struct model_job *job, struct model_tally *tally, const struct model_tally *by)
{
    bool counts = by->state == MODEL_LIVE;
    tally->state = MODEL_NOTED;
    tally->asked_by = tally->counted && !counts ? by->seq : 0;
    for (int t = 0; t < job->tally_count; t++) /* those that it stood for itself */
        if (job->tallies[t].asked_by == tally->seq)
            job->tallies[t].asked_by = counts ? 0 : by->seq;
}

void model_one_latch(struct model_job *job, const struct model_tally *by)
{
    for (int t = 0; t < job->tally_count && by->state != MODEL_NOTED; t++) {
        struct model_tally *tally = &job->tallies[t];
        bool open = tally->state == MODEL_WAITING || tally->state == MODEL_LATCHED;
        if (open && strcmp(tally->key, by->key) == 0)
            ask_anew(job, tally, by);
    }
}

void model_asked(struct model_job *job, const struct model_tally *by, bool back)
{
    for (int t = 0; t < job->tally_count; t++) {
        struct model_tally *tally = &job->tallies[t];
        if (tally->asked_by != by->seq)
            continue;
        tally->asked_by = 0;
        if (back && tally->state == MODEL_NOTED) /* else it was undone itself meanwhile */
            tally->state = MODEL_LATCHED;
    }
}
