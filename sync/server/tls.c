#include "sync/server/tls.h"
#include <errno.h>
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, SERIAL_BYTES = 8, CERTIFICATE_DAYS = 100 * 365, DAY_S = 86400 };

static const char NEXT[] = "-next", NAME[] = "tallyman-server";
_Static_assert(sizeof NEXT - 1 == TLS_NEXT_SUFFIX_LEN, "the suffix");

/* ---- files ---- */

/* Beside, then renamed: half a key is never found under its name. */
static enum rc write_file(const char *path, const void *data, size_t len)
{
    char part[PATH_BYTES];
    if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part)
        return RC_TOO_BIG;
    int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return RC_READ_ONLY;
    bool done = write(fd, data, len) == (ssize_t)len && fsync(fd) == 0;
    done = close(fd) == 0 && done && rename(part, path) == 0;
    if (!done)
        unlink(part);
    return done ? RC_OK : errno == ENOSPC ? RC_DISK_FULL : RC_IO;
}

static enum rc read_file(const char *path, char *ret_text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? RC_NOT_FOUND : RC_IO;
    ssize_t len = read(fd, ret_text, TLS_PEM_MAX + 1);
    close(fd);
    if (len < 1 || len > TLS_PEM_MAX)
        return RC_CORRUPT;
    ret_text[len] = '\0';
    return RC_OK;
}

/* The entry of a folder is on disk as its file is. */
static enum rc sync_folder(const char *path)
{
    char folder[PATH_BYTES];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return RC_IO;
    enum rc rc = fsync(fd) == 0 ? RC_OK : RC_IO;
    close(fd);
    return rc;
}

/* ---- keys ---- */

static enum rc make_key(const char *path)
{
    gnutls_x509_privkey_t key;
    gnutls_datum_t pem = {0};
    if (gnutls_x509_privkey_init(&key) < 0)
        return RC_NOMEM;
    int made =
        gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    if (made >= 0)
        made = gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem);
    gnutls_x509_privkey_deinit(key);
    if (made < 0)
        return RC_NOMEM;
    enum rc rc = pem.size <= TLS_PEM_MAX ? write_file(path, pem.data, pem.size) : RC_TOO_BIG;
    sodium_memzero(pem.data, pem.size);
    gnutls_free(pem.data);
    return rc ? rc : sync_folder(path);
}

static bool parse_key(const char *pem, gnutls_x509_privkey_t *ret_key)
{
    gnutls_datum_t datum = {.size = (unsigned)strlen(pem)};
    gnutls_x509_privkey_t key;
    memcpy(&datum.data, &pem, sizeof datum.data); /* it only reads it, but its type does not say so */
    if (gnutls_x509_privkey_init(&key) < 0)
        return false;
    if (gnutls_x509_privkey_import2(key, &datum, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN) < 0) {
        gnutls_x509_privkey_deinit(key);
        return false;
    }
    *ret_key = key;
    return true;
}

static bool print_pin(gnutls_x509_privkey_t key, char ret_pin[WIRE_PIN_TEXT + 1])
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    gnutls_privkey_t private = NULL;
    gnutls_pubkey_t public = NULL;
    gnutls_datum_t der = {0};
    bool done = gnutls_privkey_init(&private) >= 0 && gnutls_pubkey_init(&public) >= 0 &&
                gnutls_privkey_import_x509(private, key, 0) >= 0 &&
                gnutls_pubkey_import_privkey(public, private, 0, 0) >= 0 &&
                gnutls_pubkey_export2(public, GNUTLS_X509_FMT_DER, &der) >= 0;
    if (done) {
        crypto_hash_sha256(hash, der.data, der.size);
        sodium_bin2hex(ret_pin, WIRE_PIN_TEXT + 1, hash, sizeof hash);
    }
    gnutls_free(der.data);
    if (public)
        gnutls_pubkey_deinit(public);
    if (private)
        gnutls_privkey_deinit(private);
    return done;
}

static bool fill_certificate(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key)
{
    uint8_t serial[SERIAL_BYTES];
    time_t now = time(NULL);
    randombytes_buf(serial, sizeof serial);
    serial[0] = (serial[0] & 0x7f) | 1; /* a number above zero */
    return gnutls_x509_crt_set_version(certificate, 3) >= 0 &&
           gnutls_x509_crt_set_serial(certificate, serial, sizeof serial) >= 0 &&
           gnutls_x509_crt_set_activation_time(certificate, 0) >= 0 &&
           gnutls_x509_crt_set_expiration_time(certificate, now + (time_t)CERTIFICATE_DAYS * DAY_S) >= 0 &&
           gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, NAME, sizeof NAME - 1) >= 0 &&
           gnutls_x509_crt_set_key(certificate, key) >= 0 &&
           gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0) >= 0;
}

static bool print_certificate(gnutls_x509_privkey_t key, char ret_pem[TLS_PEM_MAX + 1])
{
    gnutls_x509_crt_t certificate;
    size_t len = TLS_PEM_MAX;
    if (gnutls_x509_crt_init(&certificate) < 0)
        return false;
    bool done = fill_certificate(certificate, key) &&
                gnutls_x509_crt_export(certificate, GNUTLS_X509_FMT_PEM, ret_pem, &len) >= 0;
    ret_pem[done ? len : 0] = '\0';
    gnutls_x509_crt_deinit(certificate);
    return done;
}

/* The key of a file, made when there is none. */
static enum rc read_key(const char *path, char *ret_pem, char *ret_pin, char *ret_certificate)
{
    gnutls_x509_privkey_t key;
    enum rc rc = read_file(path, ret_pem);
    if (rc == RC_NOT_FOUND) {
        rc = make_key(path);
        if (!rc)
            rc = read_file(path, ret_pem);
    }
    if (rc)
        return rc;
    if (!parse_key(ret_pem, &key))
        return RC_CORRUPT;
    bool done = print_pin(key, ret_pin) && (!ret_certificate || print_certificate(key, ret_certificate));
    gnutls_x509_privkey_deinit(key);
    return done ? RC_OK : RC_NOMEM;
}

enum rc tls_load(const char *path, struct tls_keys *ret_keys)
{
    char next[PATH_BYTES], pem[TLS_PEM_MAX + 2];
    struct tls_keys keys = {0};
    if (snprintf(next, sizeof next, "%s%s", path, NEXT) >= (int)sizeof next)
        return RC_TOO_BIG;
    enum rc rc = read_key(path, pem, keys.pins[0], keys.certificate);
    if (!rc) {
        memcpy(keys.key, pem, sizeof keys.key);
        rc = read_key(next, pem, keys.pins[1], NULL);
    }
    if (!rc)
        *ret_keys = keys;
    sodium_memzero(pem, sizeof pem);
    sodium_memzero(&keys, sizeof keys);
    return rc;
}

enum rc tls_turn(const char *path)
{
    char next[PATH_BYTES];
    struct tls_keys keys;
    enum rc rc = tls_load(path, &keys); /* both are there and are keys */
    sodium_memzero(&keys, sizeof keys);
    if (rc)
        return rc;
    snprintf(next, sizeof next, "%s%s", path, NEXT);
    if (rename(next, path))
        return RC_READ_ONLY;
    rc = make_key(next); /* when this fails, the next load makes it */
    return rc;
}
