#include "app/engine/config.h"
#include "app/domain/code.h"
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SYNC_INTERVAL_MS = 30000,
    KEEP_DAYS = 30,
    KEEP_DAYS_MAX = 3650,
    SYNC_INTERVAL_MAX_MS = 24 * 3600 * 1000,
    SPEED_DEFAULT = 9600,
    SPEED_MAX = 921600,
    SILENCE_DEFAULT_MS = 50,
    SILENCE_MAX_MS = 10000,
    INI_VALUE_MAX = 180, /* inih reads lines of 200 bytes */
    WINDOW_MAX_MS = 60000,
    DEBOUNCE_MS = 20,
    DEBOUNCE_MAX_MS = 1000,
    LONG_MS = 5000,
    LONG_MAX_MS = 60000,
    STOP_AT = 5,
    PERCENT_MAX = 100
};

static const char SCANNER_SECTION[] = "scanner ";
static const char PLACE_PORT[] = "2947"; /* gpsd's own */
static const char *const PLACES[] = {[PLACE_NONE] = "none", [PLACE_GPSD] = "gpsd", [PLACE_SIM] = "sim"};

void config_defaults(struct config *config)
{
    memset(config, 0, sizeof *config);
    config->sync_interval_ms = SYNC_INTERVAL_MS;
    config->keep_days = KEEP_DAYS;
    config->auto_sync = true;
    config->sound = true;
    config->expects = GUESS_ALL;
    config->place = PLACE_GPSD;
    snprintf(config->place_address, sizeof config->place_address, "%s", PLACE_PORT);
    config->trigger.debounce_ms = DEBOUNCE_MS;
    config->trigger.long_ms = LONG_MS;
    config->stop_at = STOP_AT;
}

static void scanner_defaults(struct scanner_options *options)
{
    memset(options, 0, sizeof *options);
    options->kind = SCANNER_SERIAL;
    options->speed = SPEED_DEFAULT;
    options->framing = FRAMING_CR;
    options->silence_ms = SILENCE_DEFAULT_MS;
    snprintf(options->device, sizeof options->device, "%s", SCANNER_DEVICE_AUTO);
}

/* ---- values ---- */

/* What begins as a comment does would be one once it is written after a blank. */
static bool read_text(char *ret_text, size_t size, const char *value)
{
    if (strlen(value) >= size || value[0] == ';')
        return false;
    snprintf(ret_text, size, "%s", value);
    return true;
}

static bool read_number(const char *text, long min, long max, long *ret_number)
{
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno || end == text || *end != '\0' || number < min || number > max)
        return false;
    *ret_number = number;
    return true;
}

static bool read_int(const char *text, int min, int max, int *ret_number)
{
    long number;
    if (!read_number(text, min, max, &number))
        return false;
    *ret_number = (int)number;
    return true;
}

static bool read_bool(const char *text, bool *ret_value)
{
    bool yes = strcmp(text, "yes") == 0;
    if (yes || strcmp(text, "no") == 0)
        *ret_value = yes;
    return yes || strcmp(text, "no") == 0;
}

/* Four hexadecimal digits, as lsusb prints them. */
static bool read_usb_id(const char *text, unsigned *ret_id)
{
    enum { DIGITS = 4 };
    if (strlen(text) != DIGITS || strspn(text, "0123456789abcdefABCDEF") != DIGITS)
        return false;
    *ret_id = (unsigned)strtoul(text, NULL, 16);
    return true;
}

/* ---- the file's names: one table for reading and writing ---- */

static bool set_site(struct config *config, const char *value)
{
    return read_text(config->site, sizeof config->site, value);
}

static bool set_lang(struct config *config, const char *value)
{
    return read_text(config->lang, sizeof config->lang, value);
}

static bool set_sound(struct config *config, const char *value)
{
    return read_bool(value, &config->sound);
}

static bool set_interval(struct config *config, const char *value)
{
    return read_number(value, 1, SYNC_INTERVAL_MAX_MS, &config->sync_interval_ms);
}

static bool set_keep(struct config *config, const char *value)
{
    return read_number(value, 0, KEEP_DAYS_MAX, &config->keep_days);
}

static bool set_auto_sync(struct config *config, const char *value)
{
    return read_bool(value, &config->auto_sync);
}

static const struct {
    const char *word;
    unsigned guess;
} GUESSES[] = {{"gtin", GUESS_GTIN}, {"sscc", GUESS_SSCC}, {"elements", GUESS_ELEMENTS}};

/* Words separated by spaces; none of them is all of them. */
static bool set_expect(struct config *config, const char *value)
{
    unsigned guesses = 0;
    for (const char *at = value + strspn(value, " "); *at; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        unsigned guess = 0;
        for (size_t i = 0; i < sizeof GUESSES / sizeof GUESSES[0]; i++)
            if (strlen(GUESSES[i].word) == len && memcmp(GUESSES[i].word, at, len) == 0)
                guess = GUESSES[i].guess;
        if (!guess)
            return false;
        guesses |= guess;
        at += len;
    }
    config->expects = guesses ? guesses : GUESS_ALL;
    return true;
}

static bool set_photos(struct config *config, const char *value)
{
    return read_text(config->photos, sizeof config->photos, value);
}

static bool set_place(struct config *config, const char *value)
{
    for (size_t i = 0; i < sizeof PLACES / sizeof PLACES[0]; i++)
        if (strcmp(PLACES[i], value) == 0) {
            config->place = (enum place_kind)i;
            return true;
        }
    return false;
}

static bool set_place_address(struct config *config, const char *value)
{
    return value[0] && read_text(config->place_address, sizeof config->place_address, value);
}

static bool set_trigger_line(struct config *config, const char *value)
{
    return read_text(config->trigger.line, sizeof config->trigger.line, value);
}

static bool set_trigger_out(struct config *config, const char *value)
{
    return read_text(config->trigger.out, sizeof config->trigger.out, value);
}

static bool set_trigger_low(struct config *config, const char *value)
{
    return read_bool(value, &config->trigger.active_low);
}

static bool set_out_low(struct config *config, const char *value)
{
    return read_bool(value, &config->trigger.out_active_low);
}

static bool set_debounce(struct config *config, const char *value)
{
    return read_int(value, 0, DEBOUNCE_MAX_MS, &config->trigger.debounce_ms);
}

static bool set_long(struct config *config, const char *value)
{
    return read_int(value, 0, LONG_MAX_MS, &config->trigger.long_ms);
}

static bool set_beeper(struct config *config, const char *value)
{
    return read_text(config->indicator.beeper, sizeof config->indicator.beeper, value);
}

static bool set_green(struct config *config, const char *value)
{
    return read_text(config->indicator.green, sizeof config->indicator.green, value);
}

static bool set_red(struct config *config, const char *value)
{
    return read_text(config->indicator.red, sizeof config->indicator.red, value);
}

static bool set_vibration(struct config *config, const char *value)
{
    return read_text(config->indicator.vibration, sizeof config->indicator.vibration, value);
}

static bool set_indicator_low(struct config *config, const char *value)
{
    return read_bool(value, &config->indicator.active_low);
}

static bool set_bell(struct config *config, const char *value)
{
    return read_bool(value, &config->indicator.bell);
}

static bool set_stop_at(struct config *config, const char *value)
{
    return read_int(value, 0, PERCENT_MAX, &config->stop_at);
}

static const struct {
    const char *section, *name;
    bool (*set)(struct config *config, const char *value);
} SETTINGS[] = {
    {"device", "site", set_site},
    {"screen", "lang", set_lang},
    {"screen", "sound", set_sound},
    {"sync", "interval_ms", set_interval},
    {"sync", "keep_days", set_keep},
    {"sync", "auto", set_auto_sync},
    {"codes", "expect", set_expect},
    {"trigger", "line", set_trigger_line},
    {"trigger", "out", set_trigger_out},
    {"trigger", "active_low", set_trigger_low},
    {"trigger", "out_active_low", set_out_low},
    {"trigger", "debounce_ms", set_debounce},
    {"trigger", "long_ms", set_long},
    {"indicator", "beeper", set_beeper},
    {"indicator", "green", set_green},
    {"indicator", "red", set_red},
    {"indicator", "vibration", set_vibration},
    {"indicator", "active_low", set_indicator_low},
    {"indicator", "bell", set_bell},
    {"power", "stop_at", set_stop_at},
    {"place", "kind", set_place},
    {"place", "address", set_place_address},
    {"audit", "photos", set_photos},
};

static bool set_scanner(struct scanner_options *options, const char *name, const char *value)
{
    if (strcmp(name, "kind") == 0)
        return scanner_kind_from_word(value, &options->kind);
    if (strcmp(name, "device") == 0)
        return read_text(options->device, sizeof options->device, value);
    if (strcmp(name, "speed") == 0)
        return read_int(value, 1, SPEED_MAX, &options->speed);
    if (strcmp(name, "framing") == 0)
        return framing_from_word(value, &options->framing);
    if (strcmp(name, "silence_ms") == 0)
        return read_int(value, 1, SILENCE_MAX_MS, &options->silence_ms);
    if (strcmp(name, "fnc1") == 0)
        return read_text(options->fnc1, sizeof options->fnc1, value);
    if (strcmp(name, "vid") == 0)
        return read_usb_id(value, &options->vid);
    if (strcmp(name, "pid") == 0)
        return read_usb_id(value, &options->pid);
    if (strcmp(name, "serial") == 0)
        return read_text(options->serial, sizeof options->serial, value);
    if (strcmp(name, "path") == 0)
        return read_text(options->path, sizeof options->path, value);
    if (strcmp(name, "window_ms") == 0)
        return read_int(value, 0, WINDOW_MAX_MS, &options->window_ms);
    if (strcmp(name, "rtscts") == 0)
        return read_bool(value, &options->rtscts);
    if (strcmp(name, "layout") == 0)
        return read_text(options->layout, sizeof options->layout, value);
    if (strcmp(name, "beep") == 0)
        return read_bool(value, &options->beeps);
    return false;
}

/* The scanner of this name, made when the section is new; NULL when there are too many. */
static struct scanner_options *scanner_named(struct config *config, const char *name)
{
    for (int i = 0; i < config->scanner_count; i++)
        if (strcmp(config->scanners[i].name, name) == 0)
            return &config->scanners[i];
    if (config->scanner_count == READER_SCANNERS_MAX || strlen(name) > SCANNER_NAME_MAX || name[0] == '\0')
        return NULL;
    struct scanner_options *options = &config->scanners[config->scanner_count++];
    scanner_defaults(options);
    snprintf(options->name, sizeof options->name, "%s", name);
    return options;
}

/* inih: 0 is an error. A name that is not known is one too: a misspelt setting must not look as if it worked. */
static int on_setting(void *context, const char *section, const char *name, const char *value)
{
    struct config *config = context;
    if (strncmp(section, SCANNER_SECTION, strlen(SCANNER_SECTION)) == 0) {
        struct scanner_options *options = scanner_named(config, section + strlen(SCANNER_SECTION));
        return options && set_scanner(options, name, value);
    }
    for (size_t i = 0; i < sizeof SETTINGS / sizeof SETTINGS[0]; i++)
        if (strcmp(SETTINGS[i].section, section) == 0 && strcmp(SETTINGS[i].name, name) == 0)
            return SETTINGS[i].set(config, value);
    return 0;
}

enum rc config_load(const char *path, struct config *ret_config, int *ret_line)
{
    struct config config;
    config_defaults(&config);
    if (strlen(path) >= sizeof config.path)
        return RC_TOO_BIG;
    snprintf(config.path, sizeof config.path, "%s", path);
    FILE *file = fopen(path, "re");
    if (!file && errno != ENOENT)
        return RC_IO;
    if (file) {
        int line = ini_parse_file(file, on_setting, &config);
        bool failed = ferror(file);
        fclose(file);
        if (line < 0 || failed)
            return line == -2 ? RC_NOMEM : RC_IO;
        if (line > 0) {
            *ret_line = line;
            return RC_BAD_INPUT;
        }
    }
    *ret_config = config;
    return RC_OK;
}

bool config_finds(const struct config *config, struct scanner_options *ret_as)
{
    for (int i = 0; i < config->scanner_count; i++)
        if (config->scanners[i].kind == SCANNER_AUTO) {
            *ret_as = config->scanners[i];
            return true;
        }
    scanner_defaults(ret_as);
    return config->scanner_count == 0;
}

/* ---- saving ---- */

static void print_scanner(const struct scanner_options *options, FILE *file)
{
    fprintf(file, "\n[%s%s]\nkind = %s\ndevice = %s\nspeed = %d\nframing = %s\nsilence_ms = %d\nfnc1 = %s\n",
            SCANNER_SECTION, options->name, scanner_kind_word(options->kind), options->device, options->speed,
            framing_word(options->framing), options->silence_ms, options->fnc1);
    if (options->vid)
        fprintf(file, "vid = %04x\n", options->vid);
    if (options->pid)
        fprintf(file, "pid = %04x\n", options->pid);
    fprintf(file, "serial = %s\npath = %s\nwindow_ms = %d\nrtscts = %s\nlayout = %s\nbeep = %s\n", options->serial,
            options->path, options->window_ms, options->rtscts ? "yes" : "no", options->layout,
            options->beeps ? "yes" : "no");
}

static void print_hardware(const struct config *config, FILE *file)
{
    const struct trigger_options *trigger = &config->trigger;
    const struct indicator_options *indicator = &config->indicator;
    fprintf(
        file,
        "\n[trigger]\nline = %s\nactive_low = %s\nout = %s\nout_active_low = %s\ndebounce_ms = %d\nlong_ms = %d\n",
        trigger->line, trigger->active_low ? "yes" : "no", trigger->out, trigger->out_active_low ? "yes" : "no",
        trigger->debounce_ms, trigger->long_ms);
    fprintf(file, "\n[indicator]\nbeeper = %s\ngreen = %s\nred = %s\nvibration = %s\nactive_low = %s\nbell = %s\n",
            indicator->beeper, indicator->green, indicator->red, indicator->vibration,
            indicator->active_low ? "yes" : "no", indicator->bell ? "yes" : "no");
    fprintf(file, "\n[power]\nstop_at = %d\n", config->stop_at);
}

static void print_config(const struct config *config, FILE *file)
{
    fprintf(file, "; Tallyman's settings; see tallyman(1).\n[device]\nsite = %s\n\n", config->site);
    fprintf(file, "[screen]\nlang = %s\nsound = %s\n\n", config->lang, config->sound ? "yes" : "no");
    fprintf(file, "[sync]\nauto = %s\ninterval_ms = %ld\nkeep_days = %ld\n", config->auto_sync ? "yes" : "no",
            config->sync_interval_ms, config->keep_days);
    fprintf(file, "\n[codes]\nexpect =");
    for (size_t i = 0; i < sizeof GUESSES / sizeof GUESSES[0]; i++)
        if (config->expects & GUESSES[i].guess)
            fprintf(file, " %s", GUESSES[i].word);
    fprintf(file, "\n\n[place]\nkind = %s\naddress = %s\n", PLACES[config->place], config->place_address);
    fprintf(file, "\n[audit]\nphotos = %s\n", config->photos);
    print_hardware(config, file);
    for (int i = 0; i < config->scanner_count; i++)
        print_scanner(&config->scanners[i], file);
}

static enum rc rc_of_errno(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT: return RC_DISK_FULL;
    case EROFS:
    case EACCES:
    case EPERM: return RC_READ_ONLY;
    default: return RC_IO;
    }
}

static enum rc sync_folder(const char *path)
{
    char copy[sizeof((struct config *)0)->path];
    snprintf(copy, sizeof copy, "%s", path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return rc_of_errno(errno);
    enum rc rc = fsync(fd) ? rc_of_errno(errno) : RC_OK;
    close(fd);
    return rc;
}

static enum rc write_file(const char *path, const struct config *config)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return rc_of_errno(errno);
    print_config(config, file);
    bool failed = ferror(file) || fflush(file) || fsync(fileno(file));
    int error = errno;
    if (fclose(file) && !failed) {
        failed = true;
        error = errno;
    }
    return failed ? rc_of_errno(error) : RC_OK;
}

/* Every folder above the file; what fails here shows when the file is written. */
static void make_folders(const char *path)
{
    char copy[sizeof((struct config *)0)->path];
    snprintf(copy, sizeof copy, "%s", path);
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(copy, 0755);
        *slash = '/';
    }
}

enum rc config_save(const struct config *config)
{
    for (int i = 0; i < config->scanner_count; i++)
        if (strlen(config->scanners[i].device) > INI_VALUE_MAX)
            return RC_TOO_BIG; /* it could not be read back */
    if (strlen(config->place_address) > INI_VALUE_MAX)
        return RC_TOO_BIG;
    make_folders(config->path);
    char aside[sizeof config->path + 8];
    snprintf(aside, sizeof aside, "%s.new", config->path);
    enum rc rc = write_file(aside, config);
    if (rc == RC_OK && rename(aside, config->path))
        rc = rc_of_errno(errno);
    if (rc != RC_OK) {
        unlink(aside);
        return rc;
    }
    return sync_folder(config->path);
}

/* ---- a scanner on the command line ---- */

/* Fields are read from the right, since a device's path may hold colons itself
 * (/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0). Cuts the last one off; NULL when there is none. */
static char *cut_last(char *text)
{
    char *colon = strrchr(text, ':');
    if (!colon)
        return NULL;
    *colon = '\0';
    return colon + 1;
}

static bool last_is_number(const char *text)
{
    const char *colon = strrchr(text, ':');
    return colon && colon[1] != '\0' && strspn(colon + 1, "0123456789") == strlen(colon + 1);
}

static bool cut_framing(char *text, struct scanner_options *options)
{
    const char *colon = strrchr(text, ':');
    if (!colon || !framing_from_word(colon + 1, &options->framing))
        return false;
    cut_last(text);
    return true;
}

/* "DEVICE[:SPEED][:FRAMING]", and ":MS" after the framing `silence`. */
static bool read_serial(char *text, struct scanner_options *options)
{
    if (!cut_framing(text, options) && last_is_number(text)) {
        int number;
        if (!read_int(cut_last(text), 1, SPEED_MAX, &number))
            return false;
        if (!cut_framing(text, options)) {
            options->speed = number;
            return read_text(options->device, sizeof options->device, text);
        }
        if (options->framing != FRAMING_SILENCE || number > SILENCE_MAX_MS)
            return false;
        options->silence_ms = number;
    }
    if (last_is_number(text) && !read_int(cut_last(text), 1, SPEED_MAX, &options->speed))
        return false;
    return read_text(options->device, sizeof options->device, text);
}

/* A word where the framing should be, after a number: a misspelt framing, not a device's name. */
static bool misspelt(const char *text)
{
    char copy[SCANNER_DEVICE_MAX + 1];
    snprintf(copy, sizeof copy, "%s", text);
    const char *word = cut_last(copy);
    return word && strchr(word, '/') == NULL && strchr(word, '.') == NULL && last_is_number(copy);
}

enum rc config_scanner(const char *spec, struct scanner_options *ret_options)
{
    struct scanner_options options;
    scanner_defaults(&options);
    char text[SCANNER_DEVICE_MAX + 64];
    if (!read_text(text, sizeof text, spec))
        return RC_TOO_BIG;
    char *rest = strchr(text, ':');
    if (rest)
        *rest++ = '\0';
    if (!scanner_kind_from_word(text, &options.kind) || (options.kind == SCANNER_AUTO) != !rest)
        return RC_BAD_INPUT;
    bool good = true;
    if (options.kind == SCANNER_SERIAL)
        good = read_serial(rest, &options) && !misspelt(options.device);
    else if (rest)
        good = read_text(options.device, sizeof options.device, rest);
    if (!good || options.device[0] == '\0')
        return RC_BAD_INPUT;
    const char *name = strlen(options.device) > SCANNER_NAME_MAX ? strrchr(options.device, '/') : NULL;
    snprintf(options.name, sizeof options.name, "%.*s", SCANNER_NAME_MAX, name ? name + 1 : options.device);
    *ret_options = options;
    return RC_OK;
}
