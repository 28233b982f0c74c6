/* The battery as sysfs tells it (Documentation/ABI/testing/sysfs-class-power). Several batteries count as one. */
#include "platform/power.h"
#include "platform/linux/hotplug.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = 64, PATH_BYTES = 512 };

struct supplies {
    char folder[PATH_BYTES / 2];
    struct hotplug *news; /* NULL: there is no udev to ask */
};

/* "" when it is not there. */
static const char *value(const char *folder, const char *supply, const char *name, char *ret_value)
{
    char path[PATH_BYTES];
    ret_value[0] = '\0';
    if (snprintf(path, sizeof path, "%s/%s/%s", folder, supply, name) >= (int)sizeof path)
        return ret_value;
    FILE *file = fopen(path, "re");
    if (!file)
        return ret_value;
    if (!fgets(ret_value, VALUE_MAX, file))
        ret_value[0] = '\0';
    ret_value[strcspn(ret_value, "\n")] = '\0';
    fclose(file);
    return ret_value;
}

struct sum {
    int batteries, percent;
    bool mains, discharging, charging;
};

/* Not the batteries of mice and scanners: those have the scope "Device". */
static void add(const char *folder, const char *supply, struct sum *sum)
{
    char text[VALUE_MAX], *end;
    bool battery = strcmp(value(folder, supply, "type", text), "Battery") == 0;
    if (strcmp(value(folder, supply, "scope", text), "Device") == 0)
        return;
    if (!battery) {
        sum->mains = sum->mains || strcmp(value(folder, supply, "online", text), "1") == 0;
        return;
    }
    if (strcmp(value(folder, supply, "present", text), "0") == 0)
        return;
    long percent = strtol(value(folder, supply, "capacity", text), &end, 10);
    if (end == text || percent < 0 || percent > 100)
        return;
    sum->batteries++;
    sum->percent += (int)percent;
    value(folder, supply, "status", text);
    sum->discharging = sum->discharging || strcmp(text, "Discharging") == 0;
    sum->charging = sum->charging || strcmp(text, "Charging") == 0 || strcmp(text, "Full") == 0;
}

static void look(void *context, struct power *ret_power)
{
    const struct supplies *supplies = context;
    struct sum sum = {0};
    DIR *dir = opendir(supplies->folder);
    for (const struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir))
        if (entry->d_name[0] != '.')
            add(supplies->folder, entry->d_name, &sum);
    if (dir)
        closedir(dir);
    ret_power->percent = sum.batteries ? sum.percent / sum.batteries : -1;
    /* on a weak charger a battery may run down all the same: what it says itself counts first */
    ret_power->charging = !sum.discharging && (sum.charging || sum.mains);
}

static int news_fd(void *context)
{
    const struct supplies *supplies = context;
    return hotplug_fd(supplies->news);
}

static void take(void *context)
{
    const struct supplies *supplies = context;
    hotplug_take(supplies->news);
}

static void power_close(void *context)
{
    struct supplies *supplies = context;
    hotplug_close(supplies->news);
    free(supplies);
}

enum rc power_linux(const char *sysfs, struct power_source *ret_source)
{
    static const struct hotplug_kind kinds[] = {{"power_supply", NULL}, {NULL, NULL}};
    struct supplies *supplies = calloc(1, sizeof *supplies);
    if (!supplies)
        return RC_NOMEM;
    snprintf(supplies->folder, sizeof supplies->folder, "%s/class/power_supply", sysfs);
    supplies->news = hotplug_open(kinds);
    *ret_source =
        (struct power_source){.context = supplies, .look = look, .fd = news_fd, .take = take, .close = power_close};
    return RC_OK;
}
