#include "app/ui/around.h"
#include "app/text/text.h"
#include "platform/watchdog.h"
#include <stdlib.h>

enum {
    POWER_EVERY_S = 10, /* drivers do not tell of each percent */
    NET_EVERY_S = 10,
    MOVED_MIN_MS = 2000,
    SLEPT_MIN_MS = 2000,
    TRIGGERS_A_TURN = 16,
    SECOND_MS = 1000
};

/* ---- trigger ---- */

static void on_trigger(void *context)
{
    struct ui *ui = context;
    const struct trigger *trigger = ui->options->trigger;
    enum trigger_event event = trigger->next(trigger->context);
    for (int i = 0; i < TRIGGERS_A_TURN && event != TRIGGER_NONE; i++) {
        if (ui->reader)
            reader_trigger(ui->reader, event == TRIGGER_DOWN);
        if (ui_top(ui) != &scene_lock) /* like a scan: it keeps nobody in */
            ui->touched_ms = ui_mono_ms(ui);
        event = trigger->next(trigger->context);
    }
}

static void on_indicator(void *context)
{
    struct ui *ui = context;
    ui->options->indicator->turn(ui->options->indicator->context);
}

/* ---- battery ---- */

int around_ends_s(const struct ui *ui)
{
    if (!ui->stop_ms)
        return -1;
    int64_t left_ms = ui->stop_ms - ui_mono_ms(ui);
    return left_ms <= 0 ? 0 : (int)((left_ms + SECOND_MS - 1) / SECOND_MS);
}

static void warn(struct ui *ui, int level)
{
    bool tighter = level && (!ui->power_told || level < ui->power_told);
    ui->power_told = level;
    if (!tighter)
        return;
    ui_notice(ui, SEVERITY_WARN, _("Battery %d %%: charge it."), ui->power.percent);
    if (level <= 5)
        ui_give(ui, FEEDBACK_ALARM);
}

/* The last warning, a while for the scan in hand, then the end; a charger in time calls it off. */
static void stop_or_not(struct ui *ui)
{
    int stop_at = ui->options->config->stop_at;
    bool empty = stop_at > 0 && ui->power.percent >= 0 && ui->power.percent <= stop_at && !ui->power.charging;
    if (!empty) {
        ui->stop_ms = 0;
    } else if (!ui->stop_ms) {
        ui->stop_ms = ui_mono_ms(ui) + (int64_t)AROUND_GRACE_S * SECOND_MS;
        ui->notice[0] = '\0'; /* the foot counts down */
        ui_give(ui, FEEDBACK_ALARM);
    }
}

static void look_at_power(struct ui *ui)
{
    const struct power_source *source = ui->options->power;
    source->look(source->context, &ui->power);
    warn(ui, power_warning(&ui->power));
    stop_or_not(ui);
    if (ui->sync)
        sync_worker_quiet(ui->sync, around_is_low(ui));
}

bool around_is_low(const struct ui *ui)
{
    return ui->power.percent >= 0 && ui->power.percent < AROUND_LOW && !ui->power.charging;
}

static void on_power(void *context)
{
    struct ui *ui = context;
    ui->options->power->take(ui->options->power->context);
    look_at_power(ui);
    ui_settle(ui);
    ui_paint(ui);
}

/* What has been scanned is judged and saved first. */
static void end(struct ui *ui)
{
    for (int i = 0; i < QUEUE_MAX; i++) {
        struct scan *scan = queue_pop(ui->options->queue);
        if (!scan)
            break;
        ui_take_scan(ui, scan);
        free(scan);
        ui_settle(ui);
    }
    *ui->options->ran_empty = true;
    ui->done = true;
    loop_stop(ui->loop);
}

/* ---- network ---- */

static void look_at_net(struct ui *ui)
{
    const struct net_source *source = ui->options->net;
    enum net_link before = ui->link;
    ui->link = source->look(source->context);
    if (before == NET_DOWN && ui->link == NET_UP && ui->sync && !ui->cut_off && !around_is_low(ui))
        sync_worker_wake(ui->sync); /* not when its patience is over, but now */
}

static void on_net(void *context)
{
    struct ui *ui = context;
    ui->options->net->take(ui->options->net->context);
    look_at_net(ui);
    ui_paint(ui);
}

/* ---- clock and sleep ---- */

static void look_at_jumps(struct ui *ui)
{
    int64_t moved_ms, slept_ms;
    jumps_take(ui->options->jumps, &moved_ms, &slept_ms);
    if (llabs(moved_ms) >= MOVED_MIN_MS)
        ui_notice(ui, SEVERITY_WARN, _("The clock was set: %+lld s."), (long long)(moved_ms / SECOND_MS));
    if (slept_ms < SLEPT_MIN_MS)
        return;
    ui->touched_ms -= slept_ms; /* nobody was there meanwhile: it counts for the lock */
    look_at_power(ui);
    look_at_net(ui);
    if (ui->sync && !ui->cut_off)
        sync_worker_wake(ui->sync);
}

static void on_jump(void *context)
{
    struct ui *ui = context;
    look_at_jumps(ui);
    ui_counts(ui);
    ui_settle(ui);
    ui_paint(ui);
}

/* ---- all of it ---- */

void around_second(struct ui *ui)
{
    const struct ui_options *options = ui->options;
    watchdog_beat();
    ui->seconds++;
    /* a source that can tell is asked now and then all the same, the others each second */
    bool told = options->power->fd(options->power->context) >= 0;
    if (!told || ui->seconds % POWER_EVERY_S == 0)
        look_at_power(ui);
    told = options->net->fd(options->net->context) >= 0;
    if (!told || ui->seconds % NET_EVERY_S == 0)
        look_at_net(ui);
    look_at_jumps(ui);
    if (around_ends_s(ui) == 0)
        end(ui);
}

/* Without a descriptor there is nothing to wait for. */
static enum rc add(struct ui *ui, int fd, loop_call *call)
{
    struct loop_source *unused;
    return fd < 0 ? RC_OK : loop_add_fd(ui->loop, fd, call, ui, &unused);
}

enum rc around_add(struct ui *ui)
{
    const struct ui_options *options = ui->options;
    const struct indicator *indicator = options->indicator;
    const struct trigger *trigger = options->trigger;
    enum rc rc = add(ui, options->power->fd(options->power->context), on_power);
    if (rc == RC_OK)
        rc = add(ui, options->net->fd(options->net->context), on_net);
    if (rc == RC_OK)
        rc = add(ui, jumps_fd(options->jumps), on_jump);
    if (rc == RC_OK && indicator->fd)
        rc = add(ui, indicator->fd(indicator->context), on_indicator);
    if (rc == RC_OK && trigger)
        rc = add(ui, trigger->fd(trigger->context), on_trigger);
    if (rc == RC_OK) {
        look_at_power(ui);
        look_at_net(ui);
        watchdog_ready();
    }
    return rc;
}
