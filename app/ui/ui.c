#include "app/ui/ui.h"
#include "app/text/text.h"
#include "app/ui/around.h"
#include "app/ui/changes.h"
#include "app/ui/news.h"
#include "app/ui/scene.h"
#include "platform/trigger.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { SECOND_MS = 1000, DEAD_READS_MAX = 3, KEY_ESCAPE = 27, KEY_RUBOUT = 127 };

/* ---- keys ---- */

static void on_key(void *context, int key)
{
    struct ui *ui = context;
    if (key == KEY_F(9)) {
        if (trigger_pull() != RC_OK)
            ui_notice(ui, SEVERITY_WARN, "%s", _("No simulated scanner is open."));
        return;
    }
    ui_key(ui, key);
    ui_settle(ui);
    ui_counts(ui); /* a key may have made a record */
}

/* Only this thread empties the queue: room is made before pushing could block. */
void ui_type(struct ui *ui, const char *bytes, size_t len, bool too_long)
{
    struct queue_counts counts;
    for (queue_counts(ui->options->queue, &counts); counts.waiting > QUEUE_MAX / 2; counts.waiting--) {
        struct scan *oldest = queue_pop(ui->options->queue);
        if (oldest)
            ui_take_scan(ui, oldest);
        free(oldest);
        ui_settle(ui);
    }
    struct scan *scan = scan_new(bytes, len);
    if (!scan) {
        ui_rc(ui, RC_NOMEM);
        return;
    }
    const struct clock *clock = ui->options->clock;
    scan->mono_ns = clock->mono_ns(clock->context);
    scan->wall_ms = clock->wall_ms(clock->context);
    scan->flags |= (uint16_t)(too_long ? SCAN_TRUNCATED : 0);
    if (queue_push(ui->options->queue, scan) != RC_OK)
        free(scan);
}

static void on_typed(void *context, const char *bytes, size_t len, bool too_long)
{
    struct ui *ui = context;
    if (ui_top(ui) == &scene_pin ||
        ui_top(ui) == &scene_lock) /* a badge is no PIN, and a PIN typed in one breath is no scan */
        ui_notice(ui, SEVERITY_WARN, "%s", _("Type the PIN digit by digit."));
    else
        ui_type(ui, bytes, len, too_long);
}

static struct keyboard_sink sink(struct ui *ui)
{
    return (struct keyboard_sink){ui, on_key, on_typed};
}

static int64_t mono_ns(const struct ui *ui)
{
    return ui->options->clock->mono_ns(ui->options->clock->context);
}

static void after(struct ui *ui)
{
    ui_settle(ui);
    loop_arm(ui->idle, STORE_IDLE_MS);
    if (ui->done)
        loop_stop(ui->loop);
    else
        ui_paint(ui);
}

static void take_char(struct ui *ui, int kind, wint_t wide, const struct keyboard_sink *to)
{
    bool special = kind == KEY_CODE_YES || wide == KEY_ESCAPE || wide == KEY_RUBOUT || wide == '\b';
    if (kind == KEY_CODE_YES && wide == KEY_RESIZE)
        return; /* on_resize has seen to it */
    if (wide == '\r' || wide == '\n' || (kind == KEY_CODE_YES && wide == KEY_ENTER))
        keyboard_enter(&ui->typing, mono_ns(ui), to);
    else if (special)
        keyboard_special(&ui->typing, wide == KEY_RUBOUT || wide == '\b' ? KEY_BACKSPACE : (int)wide, mono_ns(ui),
                         to);
    else
        keyboard_char(&ui->typing, (wchar_t)wide);
    loop_arm(ui->silence, KEYBOARD_SILENCE_MS);
}

static void on_keyboard(void *context)
{
    struct ui *ui = context;
    struct keyboard_sink to = sink(ui);
    wint_t wide;
    int kind, taken = 0;
    while (!ui->done && (kind = get_wch(&wide)) != ERR) {
        take_char(ui, kind, wide, &to);
        taken++;
    }
    if (taken)
        ui->touched_ms = ui_mono_ms(ui);
    ui->dead_reads = taken ? 0 : ui->dead_reads + 1;
    if (ui->dead_reads > DEAD_READS_MAX)
        ui->done = true; /* readable, and nothing there: the terminal has gone */
    after(ui);
}

static void on_silence(void *context)
{
    struct ui *ui = context;
    struct keyboard_sink to = sink(ui);
    keyboard_silence(&ui->typing, mono_ns(ui), &to);
    after(ui);
}

static void on_resize(void *context)
{
    struct ui *ui = context;
    struct winsize size;
    canvas_begin(&ui->canvas); /* no window may be left that the new size cuts */
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
        resizeterm(size.ws_row, size.ws_col);
    clearok(stdscr, TRUE);
    canvas_begin(&ui->canvas);                          /* as large as it is now */
    ui_send(ui, &(struct event){.kind = EVENT_SECOND}); /* who has broken a text into rows does it anew */
    after(ui);
}

/* ---- scans, news, time ---- */

/* One a call, so that a burst leaves room for keys. */
static void on_scans(void *context)
{
    struct ui *ui = context;
    struct scan *scan = queue_pop(ui->options->queue);
    if (!scan)
        return;
    if (ui_top(ui) != &scene_lock) /* a scan that is refused keeps nobody in */
        ui->touched_ms = ui_mono_ms(ui);
    ui_take_scan(ui, scan);
    free(scan);
    after(ui);
}

/* What a scanner threw away or held back is said, not only counted. */
static void tell_scanners(struct ui *ui)
{
    struct reader_status status[READER_SCANNERS_MAX];
    int64_t lost = 0, repeats = 0;
    if (!ui->reader)
        return;
    reader_status(ui->reader, status);
    for (int i = 0; i < READER_SCANNERS_MAX; i++) {
        lost += status[i].lost;
        repeats += status[i].repeats;
    }
    if (repeats > ui->repeats_told)
        ui_notice(ui, SEVERITY_ACCEPT, _("Sent twice, counted once (%lld so far)."), (long long)repeats);
    if (lost > ui->lost_told)
        ui_notice(ui, SEVERITY_WARN, "%s", _("Only a part of a scan came. Scan again."));
    ui->repeats_told = repeats;
    ui->lost_told = lost;
}

bool ui_transfers(const struct ui *ui)
{
    return ui->sync && ui->heard && !ui->cut_off && ui->progress.rc == RC_OK && ui->progress.phase != SYNC_IDLE;
}

struct transfer ui_transfer(const struct ui *ui)
{
    const struct sync_progress *p = &ui->progress;
    return (struct transfer){p->snapshot_have, p->snapshot_size, p->pulled - ui->pulled_before,
                             p->pushed - ui->pushed_before, p->waiting};
}

static void on_news(void *context)
{
    struct ui *ui = context;
    int64_t pulled = ui->progress.pulled, refused = ui->progress.refused;
    int64_t led = ui->progress.led + ui->progress.missing;
    if (news_take_sync(ui->news, &ui->progress)) {
        ui->heard = true;
        ui->led_news |= ui->progress.led + ui->progress.missing > led;
        if (ui->progress.rc == RC_OK && ui->progress.phase == SYNC_IDLE) {
            ui->synced_ms = ui_wall_ms(ui);
            ui->pushed_before = ui->progress.pushed;
            ui->pulled_before = ui->progress.pulled;
        }
        if (ui->progress.pulled != pulled || ui->progress.refused != refused)
            changes_look(ui);
    }
    for (int i = 0; i < READER_SCANNERS_MAX; i++)
        if (news_take_scanner(ui->news, i, &ui->scanners[i]))
            ui->scanner_heard[i] = true;
    tell_scanners(ui);
    int64_t inbox = ui->counts.inbox, settled = ui->counts.settled;
    ui_counts(ui);
    if (ui->counts.settled > settled && engine_operator(ui->engine)) {
        ui->settled_news += ui->counts.settled - settled;
        ui_notice(ui, SEVERITY_ACCEPT, _("Settled by others: %lld. Nothing to do."),
                  (long long)(ui->counts.settled - settled));
    }
    if (ui->counts.inbox > inbox && engine_operator(ui->engine))
        ui_notice(ui, SEVERITY_REJECT, _("The server did not accept %lld: see the first screen, F2."),
                  (long long)ui->counts.inbox);
    ui_send(ui, &(struct event){.kind = EVENT_NEWS});
    after(ui);
}

static void on_look(void *context)
{
    struct ui *ui = context;
    changes_go_on(ui);
    if (!ui->changes.looking)
        after(ui);
}

/* Nobody was there for as long as the site allows: locked above the work. */
static void lock_when_idle(struct ui *ui)
{
    const struct scene *top = ui_top(ui);
    if (top == &scene_lock || top == &scene_signin || !engine_operator(ui->engine))
        return;
    int64_t idle_s = engine_lock_idle_s(ui->engine);
    if (idle_s > 0 && ui_mono_ms(ui) - ui->touched_ms >= idle_s * SECOND_MS)
        ui_go(ui, &scene_lock);
}

static void on_second(void *context)
{
    struct ui *ui = context;
    loop_arm(ui->second, SECOND_MS);
    ui_counts(ui);
    around_second(ui);
    lock_when_idle(ui);
    ui_send(ui, &(struct event){.kind = EVENT_SECOND});
    ui_settle(ui);
    ui_paint(ui);
}

static void on_idle(void *context)
{
    struct ui *ui = context;
    store_idle(engine_store(ui->engine));
}

static void on_signal(void *context)
{
    struct ui *ui = context;
    ui->done = true;
    loop_stop(ui->loop);
}

/* ---- start and end ---- */

enum rc ui_restart_reader(struct ui *ui)
{
    reader_stop(ui->reader);
    ui->reader = NULL;
    memset(ui->scanner_heard, 0, sizeof ui->scanner_heard);
    ui->repeats_told = ui->lost_told = 0;
    struct reader *reader;
    enum rc rc = ui->options->start_reader(ui->options->context, news_scanner, ui->news, &reader);
    if (rc == RC_OK)
        ui->reader = reader;
    return rc;
}

static void start_sync(struct ui *ui)
{
    struct sync_worker *worker;
    ui->sync_start = ui->options->start_sync(ui->options->context, news_sync, ui->news, &worker);
    if (ui->sync_start != RC_OK)
        return;
    ui->sync = worker;
    ui->cut_off = !ui->options->config->auto_sync;
    sync_worker_pause(worker, ui->cut_off);
    sync_worker_quiet(worker, around_is_low(ui));
}

static void stop_sync(struct ui *ui)
{
    if (ui->sync)
        ui->options->hang_up(ui->options->context);
    sync_worker_stop(ui->sync);
    ui->sync = NULL;
}

enum rc ui_enrol(struct ui *ui, char ret_detail[UI_DETAIL_MAX + 1])
{
    stop_sync(ui);
    enum rc rc = ui->options->enrol(ui->options->context, ui->joining, ret_detail);
    explicit_bzero(ui->joining, sizeof ui->joining);
    start_sync(ui);
    return rc;
}

static void start_threads(struct ui *ui)
{
    enum rc rc = ui_restart_reader(ui);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        ui_rc(ui, rc);
    start_sync(ui);
}

static enum rc add_sources(struct ui *ui)
{
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT};
    struct loop_source *unused;
    enum rc rc = loop_add_fd(ui->loop, STDIN_FILENO, on_keyboard, ui, &ui->keyboard);
    if (rc == RC_OK)
        rc = loop_add_fd(ui->loop, queue_fd(ui->options->queue), on_scans, ui, &ui->scans);
    if (rc == RC_OK)
        rc = loop_add_timer(ui->loop, on_silence, ui, &ui->silence);
    if (rc == RC_OK)
        rc = loop_add_timer(ui->loop, on_idle, ui, &ui->idle);
    if (rc == RC_OK)
        rc = loop_add_timer(ui->loop, on_look, ui, &ui->look);
    if (rc == RC_OK)
        rc = loop_add_timer(ui->loop, on_second, ui, &ui->second);
    if (rc == RC_OK)
        rc = loop_add_signal(ui->loop, SIGWINCH, on_resize, ui, &unused);
    for (size_t i = 0; rc == RC_OK && i < sizeof signals / sizeof signals[0]; i++)
        rc = loop_add_signal(ui->loop, signals[i], on_signal, ui, &unused);
    return rc;
}

static void release(struct ui *ui)
{
    while (ui->depth) {
        ui->pops = ui->depth;
        ui->next = NULL;
        ui_settle(ui);
    }
    stop_sync(ui);
    reader_stop(ui->reader);
    news_free(ui->news);
    loop_free(ui->loop);
    work_drop(&ui->work);
    free(ui);
}

enum rc ui_run(const struct ui_options *options)
{
    struct ui *ui = calloc(1, sizeof *ui);
    if (!ui)
        return RC_NOMEM;
    ui->options = options;
    ui->engine = options->engine;
    keyboard_init(&ui->typing);
    enum rc rc = loop_new(&ui->loop);
    if (rc == RC_OK)
        rc = news_new(ui->loop, on_news, ui, &ui->news);
    if (rc == RC_OK)
        rc = canvas_open(&ui->canvas);
    if (rc != RC_OK) {
        release(ui);
        return rc;
    }
    rc = add_sources(ui); /* after the terminal is ours: its own handler for resizing gives way to the loop's */
    if (rc == RC_OK)
        rc = around_add(ui);
    if (rc == RC_OK) {
        ui_counts(ui);
        ui->touched_ms = ui_mono_ms(ui);
        ui_go(ui, engine_operator(ui->engine) ? &scene_home : &scene_signin);
        ui_settle(ui);
        ui_paint(ui); /* people see something first; threads come after */
        start_threads(ui);
        loop_arm(ui->second, SECOND_MS);
        rc = loop_run(ui->loop);
    }
    canvas_close(&ui->canvas);
    if (options->practice_next)
        *options->practice_next = ui->practice_next;
    release(ui);
    return rc;
}
