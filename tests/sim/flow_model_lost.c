/* What the server gave to somebody else, in the model's words. */
#include "tests/sim/flow_model.h"

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
