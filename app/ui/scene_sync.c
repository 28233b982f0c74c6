/* Sync: what waits, what was heard, and a switch to be out of reach on purpose. */
#include "app/text/led_text.h"
#include "app/text/text.h"
#include "app/ui/banner.h"
#include "app/ui/scene.h"
#include <stdio.h>
#include <string.h>

enum { STAMP_DAY = 10, STAMP_TIME = 8, LOW_ROWS = 18 };

static void enter(struct ui *ui, void *state)
{
    (void)state;
    ui_counts(ui);
    ui->led_news = false;
}

static void event(struct ui *ui, void *state, const struct event *event)
{
    (void)state;
    if (event->kind == EVENT_NEWS)
        ui->led_news = false;
    if (event->kind == EVENT_SCAN && !ui_join(ui, event->scan))
        ui_lookup(ui, &event->code);
}

/* "11-22 05:12:33", local. */
static const char *stamp(const struct ui *ui, int64_t time_ms, char *ret_text)
{
    char text[TIME_TEXT_MAX + 1];
    const struct clock *clock = ui->options->clock;
    if (!time_ms)
        return _("never");
    time_print(time_ms, clock->offset_min(clock->context, time_ms), text);
    snprintf(ret_text, STAMP_DAY + STAMP_TIME, "%.5s %.8s", text + 5, text + 11);
    return ret_text;
}

/* `said`: two texts of TRANSFER_TEXT_MAX + 1. */
static struct banner state_of(const struct ui *ui, char (*said)[TRANSFER_TEXT_MAX + 1])
{
    const struct transfer transfer = ui_transfer(ui);
    const struct sync_progress *p = &ui->progress;
    if (!ui->sync)
        return (struct banner){STYLE_READY, "", _("Not enrolled"), {"", ""}};
    if (ui->cut_off)
        return (struct banner){STYLE_WARN, "!", _("Cut off"), {_("on purpose"), ""}};
    if (!ui->heard)
        return (struct banner){STYLE_READY, "", _("Connecting"), {"", ""}};
    if (p->rc == RC_NET)
        return (struct banner){STYLE_WARN, "!", _("Offline"), {_("work goes on, records wait"), ""}};
    if (p->rc != RC_OK)
        return (struct banner){STYLE_REJECT, "✘", _("Sync fails"), {"", ""}};
    if (p->phase == SYNC_IDLE)
        return (struct banner){STYLE_ACCEPT, "✔", _("Up to date"), {"", ""}};
    return (struct banner){STYLE_CONFIRM,
                           "⇅",
                           p->phase == SYNC_PULLING ? _("Fetching") : _("Sending"),
                           {transfer_fetched(&transfer, said[0]), transfer_sent(&transfer, said[1])}};
}

static bool is_led(const struct ui *ui)
{
    return (ui->progress.led || ui->progress.missing) && ui->progress.rc == RC_OK;
}

/* What became of its numbers while these screens ran. */
static void draw_led(const struct ui *ui, struct canvas *canvas, int row)
{
    const struct sync_progress *p = &ui->progress;
    const struct led_words words = {
        .after = ui->counts.led_after, .anew = p->anew > 0, .device = ui->counts.device, .missing = p->missing};
    char text[TEXT_MAX + 1];
    for (int n = 0; led_text(&words, n, text); n++)
        row += canvas_wrap(canvas, row, 1, canvas->cols - 2, 5, n ? STYLE_PLAIN : STYLE_BOLD, text);
}

static void draw(const struct ui *ui, const void *state, struct canvas *canvas)
{
    (void)state;
    char number[32], time[STAMP_DAY + STAMP_TIME];
    int width = canvas->cols - 2, row = 5;
    char said[2][TRANSFER_TEXT_MAX + 1];
    const struct banner banner = state_of(ui, said);
    ui_title(ui, canvas, _("Sync"));
    banner_draw(&banner, canvas, 1, 3, canvas->cols);
    if (is_led(ui) && canvas->rows < LOW_ROWS) { /* there is no room for both */
        draw_led(ui, canvas, row);
        return;
    }
    const struct {
        const char *label;
        int64_t number;
    } counts[] = {
        {_("Records"), ui->counts.last_seq},
        {_("Not sent yet"), ui->counts.waiting},
        {_("Refused by the server"), ui->counts.refused},
        {_("This device"), ui->counts.device},
    };
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        snprintf(number, sizeof number, "%lld", (long long)counts[i].number);
        canvas_both(canvas, row++, 1, width, STYLE_PLAIN, counts[i].label, number);
    }
    canvas_both(canvas, row++, 1, width, STYLE_PLAIN, _("Last sync"), stamp(ui, ui->synced_ms, time));
    canvas_both(canvas, row++, 1, width, STYLE_PLAIN, _("Catalog of"), stamp(ui, ui->counts.catalog_ms, time));
    if (!ui->sync && ui->sync_start != RC_OK)
        canvas_wrap(canvas, row + 1, 1, width, 3, STYLE_NOTICE, text_rc(ui->sync_start));
    else if (ui->heard && ui->progress.rc != RC_OK && !ui->cut_off)
        row += 1 + canvas_wrap(canvas, row + 1, 1, width, 3, STYLE_NOTICE, text_rc(ui->progress.rc));
    if (ui->heard && ui->progress.detail[0] && ui->progress.rc != RC_OK)
        canvas_wrap(canvas, row + 1, 1, width, 2, STYLE_DIM, ui->progress.detail);
    if (is_led(ui))
        draw_led(ui, canvas, row + 1);
}

static bool has_sync(const struct ui *ui, const void *state)
{
    (void)state;
    return ui->sync != NULL;
}

static bool is_cut(const struct ui *ui, const void *state)
{
    return has_sync(ui, state) && ui->cut_off;
}

static void toggle(struct ui *ui, void *state)
{
    (void)state;
    ui->cut_off = !ui->cut_off;
    sync_worker_pause(ui->sync, ui->cut_off);
    if (!ui->cut_off)
        sync_worker_wake(ui->sync);
}

static void now(struct ui *ui, void *state)
{
    (void)state;
    if (!ui->cut_off)
        sync_worker_wake(ui->sync);
    else
        ui_notice(ui, SEVERITY_WARN, "%s", _("Cut off: connect first."));
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {KEY_F(2), N_("Join"), N_("connect again"), toggle, is_cut},
    {KEY_F(2), N_("Cut"), N_("out of reach on purpose"), toggle, has_sync},
    {KEY_F(3), N_("Now"), N_("sync at once"), now, has_sync},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_sync = {
    .name = "sync",
    .actions = ACTIONS,
    .enter = enter,
    .event = event,
    .draw = draw,
};
