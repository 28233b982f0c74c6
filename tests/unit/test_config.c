/* The configuration file and the command line's form of a scanner. */
#include "app/domain/code.h"
#include "app/engine/config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char path[64];

static void write_file(const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void missing_file_gives_defaults(void **state)
{
    (void)state;
    struct config config;
    int line = -1;
    unlink(path);
    assert_int_equal(config_load(path, &config, &line), RC_OK);
    assert_true(config.sound && config.auto_sync);
    assert_int_equal(config.scanner_count, 0);
    assert_int_equal(config.place, PLACE_GPSD);
    assert_string_equal(config.place_address, "2947");
    assert_string_equal(config.path, path);
    assert_int_equal(line, -1);
}

static void all_settings(void **state)
{
    (void)state;
    struct config config;
    int line;
    write_file(
        "; hand-written\n[device]\nsite=CDB\n[screen]\nlang = zh_CN\nsound = no\n[sync]\nauto=no\ninterval_ms=500\n"
        "[scanner left hand]\ndevice = /dev/ttyACM0\nspeed = 115200\nframing = stx-etx\nfnc1 = % <GS>\n"
        "[codes]\nexpect = sscc  gtin\n[place]\nkind = sim\naddress = place.txt\n[audit]\nphotos = DCIM\n"
        "[scanner demo]\nkind = sim\ndevice = demo.scans\n");
    assert_int_equal(config_load(path, &config, &line), RC_OK);
    assert_string_equal(config.site, "CDB");
    assert_string_equal(config.lang, "zh_CN");
    assert_false(config.sound || config.auto_sync);
    assert_int_equal(config.sync_interval_ms, 500);
    assert_int_equal(config.scanner_count, 2);
    assert_string_equal(config.scanners[0].name, "left hand");
    assert_string_equal(config.scanners[0].device, "/dev/ttyACM0");
    assert_int_equal(config.scanners[0].kind, SCANNER_SERIAL);
    assert_int_equal(config.scanners[0].speed, 115200);
    assert_int_equal(config.scanners[0].framing, FRAMING_STX_ETX);
    assert_string_equal(config.scanners[0].fnc1, "% <GS>");
    assert_int_equal(config.expects, GUESS_SSCC | GUESS_GTIN);
    assert_int_equal(config.place, PLACE_SIM);
    assert_string_equal(config.place_address, "place.txt");
    assert_string_equal(config.photos, "DCIM");
    assert_int_equal(config.scanners[1].kind, SCANNER_SIM);
    assert_int_equal(config.scanners[1].speed, 9600);
}

static void no_value_becomes_a_comment_when_it_is_saved(void **state)
{
    (void)state;
    struct config config;
    int line = 0;
    write_file("[screen]\nlang =;en\n");
    assert_int_equal(config_load(path, &config, &line), RC_BAD_INPUT);
    assert_int_equal(line, 2);
    write_file("[screen]\nlang = ;en\n");
    assert_int_equal(config_load(path, &config, &line), RC_OK);
    assert_string_equal(config.lang, "");
}

static void hardware_settings(void **state)
{
    (void)state;
    struct config config, again;
    struct scanner_options as;
    int line;
    write_file("[scanner a]\nkind = hid-pos\nvid = 0c2e\npid = 0907\nserial = SN 1\nwindow_ms = 300\nbeep = yes\n"
               "[scanner b]\nkind = keyboard\npath = 1-1.2\nlayout = de(nodeadkeys)\nframing = tab\n"
               "[scanner c]\nkind = serial\nvid = 1a86\nrtscts = yes\n"
               "[scanner rest]\nkind = auto\nspeed = 115200\n"
               "[trigger]\nline = TRIGGER\nactive_low = yes\nout = ENGINE\nout_active_low = yes\ndebounce_ms = 7\n"
               "long_ms = 0\n[indicator]\nbeeper = BUZZER\ngreen = G\nred = R\nvibration = V\nactive_low = yes\n"
               "bell = yes\n[power]\nstop_at = 3\n");
    assert_int_equal(config_load(path, &config, &line), RC_OK);
    assert_int_equal(config.scanners[0].kind, SCANNER_HIDPOS);
    assert_string_equal(config.scanners[0].device, SCANNER_DEVICE_AUTO);
    assert_int_equal(config.scanners[0].vid, 0x0c2e);
    assert_int_equal(config.scanners[0].pid, 0x0907);
    assert_string_equal(config.scanners[0].serial, "SN 1");
    assert_int_equal(config.scanners[0].window_ms, 300);
    assert_true(config.scanners[0].beeps);
    assert_int_equal(config.scanners[1].kind, SCANNER_EVDEV);
    assert_string_equal(config.scanners[1].path, "1-1.2");
    assert_string_equal(config.scanners[1].layout, "de(nodeadkeys)");
    assert_int_equal(config.scanners[1].framing, FRAMING_TAB);
    assert_true(config.scanners[2].rtscts);
    assert_true(config_finds(&config, &as));
    assert_int_equal(as.speed, 115200);
    assert_string_equal(config.trigger.line, "TRIGGER");
    assert_string_equal(config.trigger.out, "ENGINE");
    assert_true(config.trigger.active_low && config.trigger.out_active_low);
    assert_int_equal(config.trigger.debounce_ms, 7);
    assert_int_equal(config.trigger.long_ms, 0);
    assert_string_equal(config.indicator.beeper, "BUZZER");
    assert_string_equal(config.indicator.vibration, "V");
    assert_true(config.indicator.active_low && config.indicator.bell);
    assert_int_equal(config.stop_at, 3);
    assert_int_equal(config_save(&config), RC_OK);
    assert_int_equal(config_load(path, &again, &line), RC_OK);
    assert_memory_equal(&again, &config, sizeof config);
    config.scanner_count = 1;
    assert_false(config_finds(&config, &as)); /* those that are named, and no others */
    config.scanner_count = 0;
    assert_true(config_finds(&config, &as));
}

static void bad_lines_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int line;
    } bad[] = {
        {"[screen]\nsuond = no\n", 2},
        {"[nothing]\nx = 1\n", 2},
        {"[sync]\nauto = maybe\n", 2},
        {"[place]\nkind = stars\n", 2},
        {"[place]\naddress =\n", 2},
        {"[sync]\ninterval_ms = 0\n", 2},
        {"[scanner a]\ndevice = x\nspeed = fast\n", 3},
        {"[scanner a]\nframing = cr-lf\n", 2},
        {"[scanner ]\nspeed = 9600\n", 2},
        {"[scanner a-name-of-more-than-thirty-one-bytes]\nspeed = 9600\n", 2},
        {"[scanner a]\nvid = c2e\n", 2},
        {"[scanner a]\nvid = 0x0c2e\n", 2},
        {"[scanner a]\nkind = usb\n", 2},
        {"[scanner a]\nwindow_ms = -1\n", 2},
        {"[scanner a]\nrtscts = on\n", 2},
        {"[trigger]\ndebounce_ms = 1001\n", 2},
        {"[power]\nstop_at = 101\n", 2},
        {"[indicator]\nblue = X\n", 2},
        {"nonsense\n", 1},
        {"[device]\nsite = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", 2},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct config config = {.site = "untouched"};
        int line = 0;
        write_file(bad[i].text);
        assert_int_equal(config_load(path, &config, &line), RC_BAD_INPUT);
        assert_int_equal(line, bad[i].line);
        assert_string_equal(config.site, "untouched");
    }
}

static void too_many_scanners(void **state)
{
    (void)state;
    struct config config;
    int line = 0;
    char text[1024] = "";
    for (int i = 0; i <= READER_SCANNERS_MAX; i++) {
        size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, "[scanner %d]\ndevice = x\n", i);
    }
    write_file(text);
    assert_int_equal(config_load(path, &config, &line), RC_BAD_INPUT);
    assert_int_equal(line, 2 * READER_SCANNERS_MAX + 2);
}

static void saved_it_reads_back(void **state)
{
    (void)state;
    struct config config, again;
    int line;
    config_defaults(&config);
    snprintf(config.path, sizeof config.path, "%s", path);
    snprintf(config.lang, sizeof config.lang, "en");
    config.sound = false;
    config.expects = GUESS_ELEMENTS;
    config.place = PLACE_NONE;
    memset(config.photos, 'f', 180);
    memset(config.place_address, 0, sizeof config.place_address);
    memset(config.place_address, 'p', 180);
    for (int i = 0; i < READER_SCANNERS_MAX; i++) {
        struct scanner_options *options = &config.scanners[i];
        assert_int_equal(config_scanner("serial:/dev/ttyUSB0:4800:silence:70", options), RC_OK);
        memset(options->name, 0, sizeof options->name);
        snprintf(options->name, sizeof options->name, "scanner %d", i);
        memset(options->device, 'd', 180); /* the longest that can be saved */
        config.scanner_count++;
    }
    assert_int_equal(config_save(&config), RC_OK);
    assert_int_equal(config_load(path, &again, &line), RC_OK);
    assert_memory_equal(&again, &config, sizeof config);
    memset(config.scanners[3].device, 'd', 181);
    assert_int_equal(config_save(&config), RC_TOO_BIG);
    config.scanners[3].device[180] = '\0';
    memset(config.place_address, 'p', 181);
    assert_int_equal(config_save(&config), RC_TOO_BIG);
    assert_int_equal(config_load(path, &again, &line), RC_OK);
}

static void saving_makes_folders_and_says_what_fails(void **state)
{
    (void)state;
    struct config config;
    char folder[128];
    config_defaults(&config);
    snprintf(folder, sizeof folder, "%s.d", path);
    snprintf(config.path, sizeof config.path, "%s/a/tallyman.ini", folder);
    assert_int_equal(config_save(&config), RC_OK);
    assert_int_equal(access(config.path, R_OK), 0);
    unlink(config.path);
    snprintf(config.path, sizeof config.path, "%s/a", folder);
    assert_int_equal(config_save(&config), RC_IO); /* a folder is there */
    rmdir(config.path);
    rmdir(folder);
    snprintf(config.path, sizeof config.path, "/proc/nowhere/tallyman.ini");
    assert_int_not_equal(config_save(&config), RC_OK);
}

static const struct {
    const char *spec, *device;
    int speed;
    enum framing framing;
    int silence_ms;
} SPECS[] = {
    {"serial:/dev/ttyACM0", "/dev/ttyACM0", 9600, FRAMING_CR, 50},
    {"serial:/dev/ttyACM0:115200", "/dev/ttyACM0", 115200, FRAMING_CR, 50},
    {"serial:/dev/ttyACM0:4800:crlf", "/dev/ttyACM0", 4800, FRAMING_CRLF, 50},
    {"serial:/dev/ttyACM0:lf", "/dev/ttyACM0", 9600, FRAMING_LF, 50},
    {"serial:/dev/ttyACM0:9600:silence:120", "/dev/ttyACM0", 9600, FRAMING_SILENCE, 120},
    {"serial:/dev/ttyACM0:silence:120", "/dev/ttyACM0", 9600, FRAMING_SILENCE, 120},
    {"serial:/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0:9600:stx-etx",
     "/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0", 9600, FRAMING_STX_ETX, 50},
    {"serial:/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0", "/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0",
     9600, FRAMING_CR, 50},
};

static void scanner_specs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof SPECS / sizeof SPECS[0]; i++) {
        struct scanner_options options;
        assert_int_equal(config_scanner(SPECS[i].spec, &options), RC_OK);
        assert_int_equal(options.kind, SCANNER_SERIAL);
        assert_string_equal(options.device, SPECS[i].device);
        assert_int_equal(options.speed, SPECS[i].speed);
        assert_int_equal(options.framing, SPECS[i].framing);
        assert_int_equal(options.silence_ms, SPECS[i].silence_ms);
    }
    struct scanner_options options;
    assert_int_equal(config_scanner("sim:a:9600.scans", &options), RC_OK);
    assert_int_equal(options.kind, SCANNER_SIM);
    assert_string_equal(options.device, "a:9600.scans");
    assert_string_equal(options.name, "a:9600.scans");
    assert_int_equal(config_scanner("keyboard:/dev/input/by-path/x:1.0-event-kbd", &options), RC_OK);
    assert_int_equal(options.kind, SCANNER_EVDEV);
    assert_string_equal(options.device, "/dev/input/by-path/x:1.0-event-kbd");
    assert_int_equal(config_scanner("hid-pos:auto", &options), RC_OK);
    assert_int_equal(options.kind, SCANNER_HIDPOS);
    assert_int_equal(config_scanner("auto", &options), RC_OK);
    assert_int_equal(options.kind, SCANNER_AUTO);
    assert_int_equal(config_scanner(SPECS[6].spec, &options), RC_OK);
    assert_string_equal(options.name, "pci-0000:00:14.0-usb-0:1:1.0");
}

static void bad_scanner_specs(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "serial",
        "serial:",
        "usb:/dev/x",
        "sim:",
        "serial:/dev/x:9600:crfl",
        "serial:/dev/x:9600:cr:70",
        "serial:/dev/x:99999999",
        "serial:/dev/x:9600:silence:999999",
        "serial::9600:cr",
        "keyboard",
        "hid-pos:",
        "auto:x",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct scanner_options options = {.speed = 1};
        assert_int_equal(config_scanner(bad[i], &options), RC_BAD_INPUT);
        assert_int_equal(options.speed, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_file_gives_defaults),
        cmocka_unit_test(all_settings),
        cmocka_unit_test(no_value_becomes_a_comment_when_it_is_saved),
        cmocka_unit_test(hardware_settings),
        cmocka_unit_test(bad_lines_are_named),
        cmocka_unit_test(too_many_scanners),
        cmocka_unit_test(saved_it_reads_back),
        cmocka_unit_test(saving_makes_folders_and_says_what_fails),
        cmocka_unit_test(scanner_specs),
        cmocka_unit_test(bad_scanner_specs),
    };
    snprintf(path, sizeof path, "/tmp/tallyman-config-%ld", (long)getpid());
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
