/* Who may speak: enrolling, nonces, sessions. Tokens are kept hashed. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_ACCESS_H
#define TALLYMAN_SYNC_SERVER_ACCESS_H

#include "sync/server/answer.h"
#include "sync/wire/enrol.h"

answer_handler access_enrol, access_challenge, access_session;

/* The device whose session this token is. RC_AUTH: none, or run out. RC_REVOKED. */
enum rc access_bearer(struct server *server, const char *token, struct answer_peer *ret_peer);

/* A device by its number. RC_REVOKED: not known, or revoked. */
enum rc access_peer(struct server *server, int64_t device, struct answer_peer *ret_peer);

/* A one-time string for a device of this site. ret_string holds ENROL_STRING_MAX + 1. RC_BAD_INPUT for a site or address
 * that can't be. */
enum rc access_invite(struct server *server, const char *site, const char *url, char *ret_string);

/* The same for a device that is enrolled already, and keeps its key and number: for one that must learn the address or
 * the keys of HTTPS anew. RC_NOT_FOUND: there is no such device; RC_REVOKED. */
enum rc access_invite_again(struct server *server, int64_t device, const char *url, char *ret_string);

/* Whether this device may still speak. RC_NOT_FOUND: there is no such device. */
enum rc access_revoke(struct server *server, int64_t device, bool revoked);

#endif
