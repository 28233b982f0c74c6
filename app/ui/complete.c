#include "app/ui/complete.h"
#include "app/text/text.h"
#include <stdio.h>
#include <string.h>

static bool is_short(const struct work *work)
{
    return work->lines_done < work->document->line_count;
}

static void done(struct ui *ui)
{
    char text[NOTICE_MAX + 1], title[NOTICE_MAX + 1];
    const struct work *work = &ui->work;
    snprintf(title, sizeof title, _("%s is done"), work->document->no);
    snprintf(text, sizeof text, _("%zu of %zu lines full. The result goes out with the next sync."), work->lines_done,
             work->document->line_count);
    if (ui->sync)
        sync_worker_wake(ui->sync);
    ui_counts(ui);
    ui_give(ui, FEEDBACK_ORDER_DONE);
    ui_home(ui);
    ui_message(ui, SEVERITY_ACCEPT, title, text);
}

static void to_latches(struct ui *ui, const char *why)
{
    work_reload(&ui->work, ui->engine);
    ui_notice(ui, SEVERITY_WARN, "%s", why);
    ui_go(ui, &scene_latches);
}

/* The engine has the last word; what it misses is asked for. */
static void finish(struct ui *ui)
{
    struct work *work = &ui->work;
    int64_t seq;
    enum rc rc = engine_complete(ui->engine, work->doc, &work->completion.said, &seq);
    if (rc == RC_OK) {
        done(ui);
    } else if (rc == RC_LATCHED) {
        to_latches(ui, text_rc(rc));
    } else if (rc == RC_RECHECK) {
        to_latches(ui, text_rc(rc));
    } else if (rc == RC_COUNT_MISMATCH) {
        work->completion.mismatched = true;
        work->completion.said.counted = false;
        ui_give(ui, FEEDBACK_REJECT);
        ui_go(ui, &scene_count);
    } else {
        ui_rc(ui, rc);
    }
}

void complete_begin(struct ui *ui)
{
    memset(&ui->work.completion, 0, sizeof ui->work.completion);
    complete_next(ui);
}

void complete_next(struct ui *ui)
{
    struct work *work = &ui->work;
    const struct flow *flow = flow_find(work->document->flow);
    if (work->document->latched)
        to_latches(ui, _("First deal with what was rejected."));
    else if (is_short(work) && !work->completion.said.short_reason)
        ui_go(ui, &scene_shortage);
    else if (flow && flow->blind_count && !work->completion.said.counted)
        ui_go(ui, &scene_count);
    else if (flow && flow->field_count && !work->completion.header_asked)
        ui_go(ui, &scene_header);
    else
        finish(ui);
}

void complete_short(struct ui *ui, const char *reason)
{
    ui->work.completion.said.short_reason = reason;
    complete_next(ui);
}

void complete_counted(struct ui *ui, qty_t cases, qty_t loose)
{
    struct completion *said = &ui->work.completion.said;
    said->counted = true;
    said->cases = cases;
    said->loose = loose;
    complete_next(ui);
}

void complete_header(struct ui *ui, const char *const *values, int count)
{
    struct work *work = &ui->work;
    const struct flow *flow = flow_find(work->document->flow);
    struct completion *said = &work->completion.said;
    said->field_count = 0;
    for (int i = 0; i < count && i < flow->field_count; i++) {
        char *kept = work->completion.values[i];
        snprintf(kept, sizeof work->completion.values[i], "%s", values[i]);
        if (!kept[0])
            continue;
        said->fields[said->field_count].name = flow->fields[i].name;
        said->fields[said->field_count++].value = kept;
    }
    work->completion.header_asked = true;
    complete_next(ui);
}

void complete_allow(struct ui *ui, const char *supervisor)
{
    struct work *work = &ui->work;
    snprintf(work->completion.supervisor, sizeof work->completion.supervisor, "%s", supervisor);
    work->completion.said.supervisor = work->completion.supervisor;
    work->completion.said.counted = true; /* the figures last typed */
    finish(ui);
}

bool complete_mismatched(const struct ui *ui)
{
    return ui->work.completion.mismatched;
}
