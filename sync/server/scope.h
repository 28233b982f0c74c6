/* Who sees what: the scope of one device, as its site, that site's party and its operators make it. A clerk's device sees the
 * owner's codes and its site's documents; a dealer's (its site has a party) what is that party's and its sub-dealers', nobody
 * else's; an auditor among the operators adds who sold each code. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_SCOPE_H
#define TALLYMAN_SYNC_SERVER_SCOPE_H

#include "sync/server/core.h"
#include <jansson.h>

struct scope {
    int64_t device;
    char site[ID_MAX + 1];
    bool dealer, auditor;
    bool
        auditors_alone; /* of a site without a party whose operators are auditors: of a party no more than an auditor sees */
    bool provisional; /* there are, or were, provisional records: a dealer's device is told of those goods too */
    char party[ID_MAX + 1]; /* of the site; "" none */
    json_t *parties;        /* every party: its id → its body; NULL for a clerk's device */
    json_t *sites;          /* every site: its id → its body; the same */
    json_t *family;         /* the dealer's party and all below it: ids */
    json_t *recalls;        /* recalls that name codes, with the set of those; NULL not read yet */
    int64_t mark; /* another one: this device sees otherwise than before, and begins anew; 0 for a clerk's */
};

/* Whose a place is, as the scope sees it. */
enum scope_place {
    SCOPE_NOBODY, /* not told, sold, destroyed */
    SCOPE_OWNER,  /* a site without a party */
    SCOPE_MINE,   /* the dealer's, or a sub-dealer's; goods on the way to them too */
    SCOPE_OTHER,  /* a party that is nobody's dealer: a retailer without a parent, a carrier */
    SCOPE_THEIRS  /* another dealer's */
};

/* A site that the data centre took back; one that it never told is not. */
enum rc scope_site_gone(struct server *server, const char *site, bool *ret_gone);

enum rc scope_read(struct server *server, int64_t device, const char *site, struct scope *ret_scope);
void scope_free(struct scope *scope);

/* Of a dealer's scope. */
bool scope_has_party(const struct scope *scope, const char *party);
enum scope_place scope_place(const struct scope *scope, const char *holder);

/* The party that a holder's text stands for: itself, or its site's; on the way there too. "" none. ret_party holds ID_MAX + 1. */
enum rc scope_party_of(struct server *server, const char *holder, char *ret_party);

#endif
