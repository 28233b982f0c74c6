/* What the files of the random operations share. */
#ifndef TALLYMAN_TESTS_SIM_FLOW_MODEL_OPS_H
#define TALLYMAN_TESTS_SIM_FLOW_MODEL_OPS_H

#include "tests/sim/flow_model.h"

#define WRONG(...) sim_fail(&model->sim, __VA_ARGS__)

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
    OP_REFUSED,
    OP_ANOTHER,
    OP_DEFACED,
    OP_RACE
};

/* ---- flow_model_ops.c ---- */

uint32_t model_draw(struct model *model, uint32_t below);
struct engine *model_engine(struct model *model, int device);
struct store *model_store(struct model *model, int device);
__attribute__((format(printf, 2, 3))) void model_say(struct model *model, const char *format, ...);
void model_did(struct model *model, enum op op);
int model_open_jobs(const struct model_device *device, int *ret_jobs);
/* One that is worked on; MODEL_NOTHING. */
int model_some_job(struct model *model, int device);
int model_some_tally(struct model *model, const struct model_job *job, unsigned states);
int64_t model_last_seq(struct model *model, int device);
bool model_check_touched(struct model *model, int device, int job, int unit);
/* Goods that could be meant: what is where the flow takes it from, now and then anything. */
int model_some_unit(struct model *model, int device, const struct model_job *job);
int model_any_unit(struct model *model, int device);
bool model_scan(struct model *model, int device, int job, const char *text, qty_t typed, enum op op);
bool model_act_start(struct model *model, int device);
bool model_start_flow(struct model *model, int device, const char *name);
bool model_act_scan(struct model *model, int device);
bool model_check_verdict(struct model *model, const struct model_judged *judged, const struct outcome *outcome);

/* ---- flow_model_after.c ---- */

bool model_act_confirm(struct model *model, int device);
bool model_act_undo(struct model *model, int device);
bool model_act_exchange(struct model *model, int device);
/* What was just done is taken back: then all is as it was before. */
bool model_act_undo_last(struct model *model, int device);
bool model_act_aside(struct model *model, int device);
bool model_act_pick(struct model *model, int device);
bool model_act_complete(struct model *model, int device);
bool model_complete(struct model *model, int device, int job);
bool model_act_abandon(struct model *model, int device);
/* Something for a document that is over: nothing may come of it. */
bool model_act_closed(struct model *model, int device);
bool model_act_sync(struct model *model, int device);
bool model_sync_device(struct model *model, int device);
bool model_act_news(struct model *model, int device);

/* ---- flow_model_race.c ---- */

/* Two devices, one label, two things. */
bool model_act_race(struct model *model, int device);

#endif
