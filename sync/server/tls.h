/* The server's TLS keys: the one in use, and the next one that devices are told of beforehand. Two PEM files: PATH and
 * PATH-next (ECDSA P-256, PKCS #8, mode 0600), made when they are missing. Devices know a key by its pin alone
 * (sync/PROTOCOL.md section 16), so the certificate is made anew at each start and says nothing. Any thread. */
#ifndef TALLYMAN_SYNC_SERVER_TLS_H
#define TALLYMAN_SYNC_SERVER_TLS_H

#include "app/domain/rc.h"
#include "sync/wire/limits.h"

enum { TLS_PEM_MAX = 2047, TLS_NEXT_SUFFIX_LEN = 5 }; /* "-next" */

struct tls_keys {
    char key[TLS_PEM_MAX + 1], certificate[TLS_PEM_MAX + 1]; /* PEM, of the key in use */
    char pins[WIRE_PINS_MAX][WIRE_PIN_TEXT + 1];             /* of the key in use and of the next one */
};

/* RC_CORRUPT: a file that is no key; RC_READ_ONLY: one that is missing can't be made. *ret_keys holds a secret: wipe it. */
enum rc tls_load(const char *path, struct tls_keys *ret_keys);

/* The next key becomes the one in use, a new next one is made. Devices that have not been heard since the next one was
 * made don't know it and must be enrolled again. A process that serves goes on with the old key until it starts again. */
enum rc tls_turn(const char *path);

#endif
