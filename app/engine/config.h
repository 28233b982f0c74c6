/* The device's configuration: an INI file (inih) that people write and the settings screen rewrites. Plain data. */
#ifndef TALLYMAN_ENGINE_CONFIG_H
#define TALLYMAN_ENGINE_CONFIG_H

#include "app/domain/rc.h"
#include "app/engine/reader.h"
#include "platform/indicator.h"
#include "platform/place.h"
#include "platform/scanner.h"
#include "platform/trigger.h"

struct config {
    char path[1024]; /* where it was read from, and is saved to */
    char lang[16];   /* "zh_CN", "en", "" from the environment */
    char site[64];   /* for a device that is not enrolled */
    long sync_interval_ms;
    long keep_days; /* acknowledged records stay so long on the device; 0 for ever */
    bool auto_sync;
    bool sound;
    unsigned expects; /* code.h's GUESS_* */
    char photos[181]; /* folder of the pictures for audits, "" none */
    enum place_kind place;
    char place_address[PLACE_ADDRESS_MAX + 1]; /* of gpsd a port */
    int scanner_count;
    struct scanner_options scanners[READER_SCANNERS_MAX]; /* sections [scanner NAME] */
    struct trigger_options trigger;
    struct indicator_options indicator;
    int stop_at; /* percent of the battery at which the program ends in good order; 0 never */
};

void config_defaults(struct config *config);
/* A missing file is no error. RC_BAD_INPUT with the line number in *ret_line. */
enum rc config_load(const char *path, struct config *ret_config, int *ret_line);
/* Written aside, synced, renamed. */
enum rc config_save(const struct config *config);

/* Whether scanners are to be found that are not configured: when none is, or one is of the kind `auto`, which says how the
 * others are opened. */
bool config_finds(const struct config *config, struct scanner_options *ret_as);

/* "serial:/dev/ttyACM0:9600:cr", "keyboard:DEVICE", "hid-pos:DEVICE", "sim:FILE", "auto": the command line's form of a
 * scanner; DEVICE may be "auto". */
enum rc config_scanner(const char *spec, struct scanner_options *ret_options);

#endif
