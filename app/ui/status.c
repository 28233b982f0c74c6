#include "app/ui/status.h"
#include "app/text/text.h"
#include "app/ui/around.h"
#include <stdio.h>
#include <string.h>

enum {
    CLOCK_BEHIND_MS = 2 * 60 * 1000,
    CATALOG_OLD_MS = 24 * 3600 * 1000,
    HOUR_MS = 3600 * 1000,
    ALARMS = 6,
    ALARM = 96
};

/* Each writes its words, or nothing. */
typedef void alarm_print(const struct ui *ui, char *ret_text);

static void clock_alarm(const struct ui *ui, char *ret_text)
{
    if (ui->behind_ms > CLOCK_BEHIND_MS)
        snprintf(ret_text, ALARM, _("Clock %lld min behind"), (long long)(ui->behind_ms / 60000));
}

static const char *const SCANNERS[] = {
    [SCANNER_ABSENT] = N_("Scanner not there"),      [SCANNER_READY] = "",
    [SCANNER_DENIED] = N_("Scanner: no permission"), [SCANNER_FAILED] = N_("Scanner can't be used"),
    [SCANNER_BUSY] = N_("Scanner used elsewhere"),
};

static void scanner_alarm(const struct ui *ui, char *ret_text)
{
    for (int i = 0; i < READER_SCANNERS_MAX; i++)
        if (ui->scanner_heard[i] && ui->scanners[i] != SCANNER_READY) {
            snprintf(ret_text, ALARM, "%s", _(SCANNERS[ui->scanners[i]]));
            return;
        }
}

static void catalog_alarm(const struct ui *ui, char *ret_text)
{
    int64_t age = ui->counts.catalog_ms ? ui_wall_ms(ui) - ui->counts.catalog_ms : 0;
    if (ui->counts.catalog_damaged)
        snprintf(ret_text, ALARM, "%s",
                 ui->sync ? _("Catalog damaged: refetching") : _("Catalog damaged: import it"));
    else if (ui->counts.catalog_missing)
        snprintf(ret_text, ALARM, "%s", _("No catalog: sync first"));
    else if (age > CATALOG_OLD_MS)
        snprintf(ret_text, ALARM, _("Catalog %lld h old"), (long long)(age / HOUR_MS));
}

static void link_alarm(const struct ui *ui, char *ret_text)
{
    if (!ui->sync)
        return;
    if (ui->cut_off)
        snprintf(ret_text, ALARM, "%s", _("Offline on purpose"));
    else if (ui->link == NET_DOWN)
        snprintf(ret_text, ALARM, "%s", _("No network"));
    else if (ui->heard && ui->progress.rc == RC_NET)
        snprintf(ret_text, ALARM, "%s", _("Offline"));
    else if (ui->heard && ui->progress.rc != RC_OK)
        snprintf(ret_text, ALARM, "%s", _("Sync fails"));
}

/* Until somebody has looked. */
static void led_alarm(const struct ui *ui, char *ret_text)
{
    if (ui->led_news)
        snprintf(ret_text, ALARM, "%s", _("Put back: see Sync"));
}

/* The end comes first of all that is not as it should be. */
static void power_alarm(const struct ui *ui, char *ret_text)
{
    int left_s = around_ends_s(ui);
    if (left_s >= 0)
        snprintf(ret_text, ALARM, _("Battery %d %%: ends in %d s, all is saved"), ui->power.percent, left_s);
    else if (power_warning(&ui->power))
        snprintf(ret_text, ALARM, _("Battery %d %%"), ui->power.percent);
}

char *status_print(const struct ui *ui, char *ret_text)
{
    static alarm_print *const alarms[ALARMS] = {power_alarm, catalog_alarm, scanner_alarm,
                                                clock_alarm, led_alarm,     link_alarm};
    size_t used = 0;
    ret_text[0] = '\0';
    for (int i = 0; i < ALARMS; i++) {
        char alarm[ALARM] = "";
        alarms[i](ui, alarm);
        if (alarm[0] && used < NOTICE_MAX)
            used += (size_t)snprintf(ret_text + used, NOTICE_MAX + 1 - used, "%s%s", used ? " · " : "▲ ", alarm);
    }
    return ret_text;
}
