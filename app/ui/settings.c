#include "app/ui/settings.h"
#include "app/text/text.h"
#include "app/ui/columns.h"
#include <glob.h>
#include <stdio.h>
#include <string.h>

enum { SPEED_FIRST = 9600 };

struct setting {
    const char *label;
    bool scanner; /* shown only when there is one; changing it opens the scanner anew */
    void (*print)(const struct config *config, char *ret_text);
    void (*next)(struct config *config);
};

static const char *const LANGUAGES[] = {"zh_CN", "en"};
static const char *const LANGUAGE_NAMES[] = {"中文", "English"};
static const int SPEEDS[] = {9600, 19200, 38400, 57600, 115200, 300, 1200, 2400, 4800};
static const char *const DEVICES[] = {"/dev/serial/by-id/*", "/dev/ttyACM*", "/dev/ttyUSB*", "/dev/ttyS[0-3]"};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static size_t language(void)
{
    return strcmp(text_lang(), LANGUAGES[0]) == 0 ? 0 : 1;
}

static void print_language(const struct config *config, char *ret_text)
{
    (void)config;
    snprintf(ret_text, COLUMNS_TEXT, "%s", LANGUAGE_NAMES[language()]);
}

static void next_language(struct config *config)
{
    snprintf(config->lang, sizeof config->lang, "%s", LANGUAGES[(language() + 1) % COUNT(LANGUAGES)]);
}

static void print_sound(const struct config *config, char *ret_text)
{
    snprintf(ret_text, COLUMNS_TEXT, "%s", config->sound ? _("on") : _("off"));
}

static void next_sound(struct config *config)
{
    config->sound = !config->sound;
}

static void print_sync(const struct config *config, char *ret_text)
{
    snprintf(ret_text, COLUMNS_TEXT, "%s", config->auto_sync ? _("by itself") : _("by hand"));
}

static void next_sync(struct config *config)
{
    config->auto_sync = !config->auto_sync;
}

static void print_device(const struct config *config, char *ret_text)
{
    const struct scanner_options *scanner = &config->scanners[0];
    if (!config->scanner_count || scanner->kind == SCANNER_AUTO)
        snprintf(ret_text, COLUMNS_TEXT, "%s", _("found by itself"));
    else if (scanner->kind == SCANNER_SIM)
        snprintf(ret_text, COLUMNS_TEXT, "%s", _("simulated (F9)"));
    else
        snprintf(ret_text, COLUMNS_TEXT, "%s", scanner->device);
}

/* The serial ports that are there now, after the one in use; after the last, what is found by itself. */
static void next_device(struct config *config)
{
    glob_t found;
    struct scanner_options *scanner = &config->scanners[0];
    memset(&found, 0, sizeof found);
    for (size_t i = 0; i < COUNT(DEVICES); i++)
        glob(DEVICES[i], i ? GLOB_APPEND : 0, NULL, &found);
    size_t at = 0;
    for (size_t i = 0; config->scanner_count && i < found.gl_pathc; i++)
        if (strcmp(found.gl_pathv[i], scanner->device) == 0)
            at = i + 1;
    if (at == found.gl_pathc && scanner->kind == SCANNER_SERIAL) {
        config->scanner_count = 0;
    } else if (at < found.gl_pathc) {
        if (!config->scanner_count || scanner->kind != SCANNER_SERIAL)
            *scanner = (struct scanner_options){.kind = SCANNER_SERIAL,
                                                .name = "scanner",
                                                .speed = SPEED_FIRST,
                                                .framing = FRAMING_CR,
                                                .silence_ms = 50};
        snprintf(scanner->device, sizeof scanner->device, "%s", found.gl_pathv[at]);
        config->scanner_count = config->scanner_count ? config->scanner_count : 1;
    }
    globfree(&found);
}

static void print_speed(const struct config *config, char *ret_text)
{
    snprintf(ret_text, COLUMNS_TEXT, "%d", config->scanners[0].speed);
}

static void next_speed(struct config *config)
{
    size_t at = 0;
    while (at < COUNT(SPEEDS) && SPEEDS[at] != config->scanners[0].speed)
        at++;
    config->scanners[0].speed = SPEEDS[at < COUNT(SPEEDS) ? (at + 1) % COUNT(SPEEDS) : 0];
}

static void print_framing(const struct config *config, char *ret_text)
{
    snprintf(ret_text, COLUMNS_TEXT, "%s", framing_word(config->scanners[0].framing));
}

static void next_framing(struct config *config)
{
    enum framing framing = config->scanners[0].framing;
    config->scanners[0].framing = framing == FRAMING_SILENCE ? FRAMING_CR : framing + 1;
}

/* The last part of its path is what people know. */
static void print_photos(const struct config *config, char *ret_text)
{
    const char *slash = strrchr(config->photos, '/');
    snprintf(ret_text, COLUMNS_TEXT, "%s", config->photos[0] ? (slash ? slash + 1 : config->photos) : _("none"));
}

/* Folders where pictures usually are, after the one in use, round and round. */
static void next_photos(struct config *config)
{
    static const char *const places[] = {"~/DCIM",       "~/DCIM/*",        "~/Pictures",
                                         "~/Pictures/*", "/media/*/DCIM/*", "/media/*/*/DCIM/*"};
    glob_t found;
    size_t at = 0;
    memset(&found, 0, sizeof found);
    for (size_t i = 0; i < COUNT(places); i++)
        glob(places[i], GLOB_TILDE | GLOB_ONLYDIR | (i ? GLOB_APPEND : 0), NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++)
        if (strcmp(found.gl_pathv[i], config->photos) == 0)
            at = i + 1;
    at = at < found.gl_pathc ? at : 0;
    if (at < found.gl_pathc && strlen(found.gl_pathv[at]) < sizeof config->photos)
        snprintf(config->photos, sizeof config->photos, "%s", found.gl_pathv[at]);
    globfree(&found);
}

static const struct setting PHOTOS = {N_("Photos"), false, print_photos, next_photos};

static const struct setting SETTINGS[] = {
    {N_("Language"), false, print_language, next_language},
    {N_("Sound"), false, print_sound, next_sound},
    {N_("Sync"), false, print_sync, next_sync},
    {N_("Scanner"), true, print_device, next_device},
    {N_("Speed"), true, print_speed, next_speed},
    {N_("Ends with"), true, print_framing, next_framing},
};

enum { WITHOUT_SCANNER = 4 };

static size_t count_others(const struct config *config)
{
    bool serial = config->scanner_count && config->scanners[0].kind == SCANNER_SERIAL;
    return serial ? COUNT(SETTINGS) : WITHOUT_SCANNER;
}

size_t settings_count(const struct config *config, bool auditor)
{
    return count_others(config) + auditor;
}

static const struct setting *find(const struct config *config, size_t i)
{
    return i < count_others(config) ? &SETTINGS[i] : &PHOTOS;
}

const char *settings_label(const struct config *config, size_t i)
{
    return _(find(config, i)->label);
}

const char *settings_value(const struct config *config, size_t i, char *ret_text)
{
    find(config, i)->print(config, ret_text);
    return ret_text;
}

bool settings_next(struct config *config, size_t i)
{
    const struct setting *setting = find(config, i);
    setting->next(config);
    return setting->scanner;
}
