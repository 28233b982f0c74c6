/* Fuzzes the files that are read and may be anybody's or damaged: the first byte names the file, the rest is what it holds. Each is
 * read or refused; what was read is within its bounds, and what was written from it reads back. */
#include "app/engine/config.h"
#include "app/engine/report.h"
#include "app/store/catalogs.h"
#include "app/store/snapshot_part.h"
#include "app/store/syncport.h"
#include "sync/server/shelf.h"
#include "sync/server/tls.h"
#include "sync/wire/pull.h"
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FOLDER_BYTES = 64, PATH_BYTES = FOLDER_BYTES + 80, HEX_BYTES = 33 };

static char folder[FOLDER_BYTES];

static void demand(bool holds, const char *wrong)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz_files: %s\n", wrong);
    abort();
}

static const char *path_of(const char *name)
{
    static char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const void *bytes, size_t len)
{
    int fd = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    demand(fd >= 0 && write(fd, bytes, len) == (ssize_t)len, "no file");
    close(fd);
}

static void remove_folder(void)
{
    static const char *const NAMES[] = {"config.ini", "identity",      "CURRENT", "catalog-1.db",
                                        "snapshot",   "snapshot.part", "key",     "key-next",
                                        "report",     "a.jpg",         ""};
    for (int i = 0; NAMES[i][0]; i++)
        unlink(path_of(NAMES[i]));
    rmdir(folder);
}

static void begin(void)
{
    snprintf(folder, sizeof folder, "%s/tallyman-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    demand(sodium_init() >= 0 && mkdtemp(folder) && atexit(remove_folder) == 0, "no folder");
    put("catalog-1.db", "", 0);
    put("a.jpg", "abc", 3);
}

/* ---- settings ---- */

static void check_config(const uint8_t *data, size_t size)
{
    static struct config config, again;
    int line = 0;
    put("config.ini", data, size);
    enum rc rc = config_load(path_of("config.ini"), &config, &line);
    demand(rc == RC_OK || (rc == RC_BAD_INPUT && line > 0), "settings are read, or a line is to blame");
    if (rc != RC_OK)
        return;
    demand(config.scanner_count >= 0 && config.scanner_count <= READER_SCANNERS_MAX,
           "more scanners than there is room for");
    demand(config.sync_interval_ms > 0, "an interval that is none");
    demand(config_save(&config) == RC_OK, "settings can't be saved");
    demand(config_load(path_of("config.ini"), &again, &line) == RC_OK, "what was saved can't be read");
    demand(again.scanner_count == config.scanner_count && strcmp(again.lang, config.lang) == 0 &&
               strcmp(again.site, config.site) == 0 && strcmp(again.photos, config.photos) == 0 &&
               again.sync_interval_ms == config.sync_interval_ms,
           "what was saved is another");
}

static void check_scanner(const uint8_t *data, size_t size)
{
    struct scanner_options options;
    char *text = calloc(1, size + 1);
    demand(text != NULL, "no memory");
    memcpy(text, data, size);
    if (config_scanner(text, &options) == RC_OK)
        demand(options.kind <= SCANNER_AUTO && strlen(options.device) <= SCANNER_DEVICE_MAX,
               "a scanner that is none");
    free(text);
}

/* ---- a data folder's ---- */

static void check_identity(const uint8_t *data, size_t size)
{
    struct sync_identity identity, again;
    put("identity", data, size);
    if (identity_load(folder, &identity) != RC_OK)
        return;
    demand(memchr(identity.url, 0, sizeof identity.url) && memchr(identity.site, 0, sizeof identity.site),
           "a text has no end");
    if (identity_save(folder, &identity) == RC_OK) /* what is no UTF-8 can't be */
        demand(identity_load(folder, &again) == RC_OK && again.device == identity.device &&
                   strcmp(again.url, identity.url) == 0,
               "an identity reads back as another");
}

static void check_current(const uint8_t *data, size_t size)
{
    struct catalogs_mark mark;
    put("CURRENT", data, size);
    if (catalogs_current(folder, &mark) == RC_OK)
        demand(strcmp(mark.name, "catalog-1.db") == 0, "a catalog that is not there");
}

static void check_download(const uint8_t *data, size_t size)
{
    struct snapshot_part *part;
    struct sync_snapshot what;
    int64_t have = 0;
    put("snapshot", data, size);
    put("snapshot.part", "12345678", 8);
    demand(snapshot_part_new(folder, &part) == RC_OK, "no memory");
    if (snapshot_part_kept(part, &what, &have) == RC_OK)
        demand(have >= 0 && have <= what.size && have <= 8, "more is here than is");
    snapshot_part_drop(part);
    snapshot_part_free(part);
}

/* ---- the server's ---- */

static void check_shelf(const uint8_t *data, size_t size)
{
    static const char hash[] = "00000000000000000000000000000000000000000000000000000000000000aa";
    struct shelf_entry entry;
    uint8_t short_hash[HEX_BYTES / 2];
    char hex[HEX_BYTES], name[PATH_BYTES], file[PATH_BYTES];
    crypto_generichash(short_hash, sizeof short_hash, (const uint8_t *)"0 CDB", 5, NULL, 0);
    sodium_bin2hex(hex, sizeof hex, short_hash, sizeof short_hash);
    snprintf(name, sizeof name, "scope-%s.json", hex);
    snprintf(file, sizeof file, "%s.db", hash);
    put(name, data, size);
    put(file, "12345678", 8);
    if (shelf_find(folder, "CDB", 0, &entry) == RC_OK) {
        demand(strcmp(entry.hash, hash) == 0 && entry.size == 8 && strcmp(entry.site, "CDB") == 0, "another file");
        shelf_entry_free(&entry);
    }
    unlink(path_of(name));
    unlink(path_of(file));
}

static void check_key(const uint8_t *data, size_t size)
{
    static struct tls_keys keys;
    put("key", data, size);
    enum rc rc = tls_load(path_of("key"), &keys);
    demand(rc == RC_OK || rc == RC_CORRUPT, "a key is one or is none");
    if (rc == RC_OK)
        demand(strlen(keys.pins[0]) == WIRE_PIN_TEXT && strlen(keys.pins[1]) == WIRE_PIN_TEXT && keys.certificate[0],
               "no pins");
}

/* ---- a visit's report, which somebody sent ---- */

static void check_report(const uint8_t *data, size_t size)
{
    struct report_check check;
    put("report", data, size);
    enum rc rc = report_verify(path_of("report"), folder, &check);
    demand(rc == RC_OK || rc == RC_CORRUPT || rc == RC_NOT_FOUND || rc == RC_BAD_INPUT || rc == RC_TOO_BIG ||
               rc == RC_IO,
           "a report is good or is not");
    demand(memchr(check.what, 0, sizeof check.what) != NULL, "a name has no end");
}

/* The lines before the signature are signed here: who signs may say what he likes, and name any file. */
static void check_signed_report(const uint8_t *data, size_t size)
{
    static const uint8_t SEED[crypto_sign_SEEDBYTES] = {1};
    uint8_t public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES], hash[32],
        signature[crypto_sign_BYTES];
    char hash_hex[65], text[100], public_hex[65], signature_hex[129];
    struct report_check check;
    if (size == 0 || data[size - 1] != '\n')
        return;
    crypto_sign_seed_keypair(public, secret, SEED);
    crypto_generichash(hash, sizeof hash, data, size, NULL, 0);
    sodium_bin2hex(hash_hex, sizeof hash_hex, hash, sizeof hash);
    int len = snprintf(text, sizeof text, "tallyman-report:%s", hash_hex);
    crypto_sign_detached(signature, NULL, (const uint8_t *)text, (size_t)len, secret);
    sodium_bin2hex(public_hex, sizeof public_hex, public, sizeof public);
    sodium_bin2hex(signature_hex, sizeof signature_hex, signature, sizeof signature);
    char *whole = malloc(size + 512);
    demand(whole != NULL, "no memory");
    memcpy(whole, data, size);
    len = snprintf(whole + size, 512,
                   "{\"hash\":\"%s\",\"public_key\":\"%s\",\"signature\":\"%s\",\"type\":\"signature\"}\n", hash_hex,
                   public_hex, signature_hex);
    put("report", whole, size + (size_t)len);
    free(whole);
    enum rc rc = report_verify(path_of("report"), folder, &check);
    demand(check.public_key[0], "what is signed is not taken for signed");
    demand(rc == RC_OK || rc == RC_CORRUPT || rc == RC_NOT_FOUND || rc == RC_BAD_INPUT || rc == RC_IO, "good or not");
    demand(!strstr(check.what, "../"), "a file outside of the folder was looked at");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (!folder[0])
        begin();
    switch (data[0]) {
    case 'c': check_config(data + 1, size - 1); break;
    case 'd': check_scanner(data + 1, size - 1); break;
    case 'i': check_identity(data + 1, size - 1); break;
    case 'C': check_current(data + 1, size - 1); break;
    case 's': check_download(data + 1, size - 1); break;
    case 'h': check_shelf(data + 1, size - 1); break;
    case 'k': check_key(data + 1, size - 1); break;
    case 'r': check_report(data + 1, size - 1); break;
    case 'R': check_signed_report(data + 1, size - 1); break;
    }
    return 0;
}
