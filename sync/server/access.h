/* Who may speak: enrolling, nonces, sessions. Tokens are kept hashed. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_ACCESS_H
#define TALLYMAN_SYNC_SERVER_ACCESS_H

#include "sync/server/answer.h"
#include "sync/wire/enrol.h"

answer_handler access_enrol, access_challenge, access_session;

/* The device whose session this token is. RC_AUTH: none, or run out. RC_REVOKED. */
enum rc access_bearer(struct server *server, const char *token, struct answer_peer *ret_peer);

/* A one-time string for a device of this site; url "" when the device is to keep the address that it was given.
 * ret_string holds ENROL_STRING_MAX + 1. RC_BAD_INPUT for a site or address that can't be. */
enum rc access_invite(struct server *server, const char *site, const char *url, char *ret_string);

#endif
