/* The device's configuration: an INI file (inih) that people write and the settings screen rewrites. Plain data. */
#ifndef TALLYMAN_ENGINE_CONFIG_H
#define TALLYMAN_ENGINE_CONFIG_H

#include "app/domain/rc.h"
#include "app/engine/reader.h"
#include "platform/place.h"
#include "platform/scanner.h"

struct config {
    char path[1024]; /* where it was read from, and is saved to */
    char lang[16];   /* "zh_CN", "en", "" from the environment */
    char site[64];   /* for a device that is not enrolled */
    long sync_interval_ms;
    bool auto_sync;
    bool sound;
    unsigned expects; /* code.h's GUESS_* */
    char photos[181]; /* folder of the pictures for audits, "" none */
    enum place_kind place;
    char place_address[PLACE_ADDRESS_MAX + 1]; /* of gpsd a port */
    int scanner_count;
    struct scanner_options scanners[READER_SCANNERS_MAX]; /* sections [scanner NAME] */
};

void config_defaults(struct config *config);
/* A missing file is no error. RC_BAD_INPUT with the line number in *ret_line. */
enum rc config_load(const char *path, struct config *ret_config, int *ret_line);
/* Written aside, synced, renamed. */
enum rc config_save(const struct config *config);

/* "serial:/dev/ttyACM0:9600:cr", "sim:FILE": the command line's form of a scanner. */
enum rc config_scanner(const char *spec, struct scanner_options *ret_options);

#endif
