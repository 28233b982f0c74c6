/* The battery as sysfs tells it (Documentation/ABI/testing/sysfs-class-power). Several batteries count as one. */
#include "platform/power.h"
#include "platform/linux/hotplug.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = 64, PATH_BYTES = 512 };

static const char FOLDER[] = "/sys/class/power_supply";

/* "" when it is not there. */
static const char *value(const char *supply, const char *name, char *ret_value)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s/%s", FOLDER, supply, name);
    ret_value[0] = '\0';
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
static void add(const char *supply, struct sum *sum)
{
    char text[VALUE_MAX], *end;
    bool battery = strcmp(value(supply, "type", text), "Battery") == 0;
    if (strcmp(value(supply, "scope", text), "Device") == 0)
        return;
    if (!battery) {
        sum->mains = sum->mains || strcmp(value(supply, "online", text), "1") == 0;
        return;
    }
    if (strcmp(value(supply, "present", text), "0") == 0)
        return;
    long percent = strtol(value(supply, "capacity", text), &end, 10);
    if (end == text || percent < 0 || percent > 100)
        return;
    sum->batteries++;
    sum->percent += (int)percent;
    value(supply, "status", text);
    sum->discharging = sum->discharging || strcmp(text, "Discharging") == 0;
    sum->charging = sum->charging || strcmp(text, "Charging") == 0 || strcmp(text, "Full") == 0;
}

static void look(void *context, struct power *ret_power)
{
    (void)context;
    struct sum sum = {0};
    DIR *dir = opendir(FOLDER);
    for (const struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir))
        if (entry->d_name[0] != '.')
            add(entry->d_name, &sum);
    if (dir)
        closedir(dir);
    ret_power->percent = sum.batteries ? sum.percent / sum.batteries : -1;
    /* on a weak charger a battery may run down all the same: what it says itself counts first */
    ret_power->charging = !sum.discharging && (sum.charging || sum.mains);
}

static int news_fd(void *context)
{
    return hotplug_fd(context);
}

static void take(void *context)
{
    hotplug_take(context);
}

static void power_close(void *context)
{
    hotplug_close(context);
}

enum rc power_linux(struct power_source *ret_source)
{
    static const struct hotplug_kind kinds[] = {{"power_supply", NULL}, {NULL, NULL}};
    *ret_source = (struct power_source){
        .context = hotplug_open(kinds), .look = look, .fd = news_fd, .take = take, .close = power_close};
    return RC_OK;
}
