/* Documents that are worked on together, for documents.c. */
#ifndef TALLYMAN_STORE_GROUPS_H
#define TALLYMAN_STORE_GROUPS_H

#include "app/store/keys.h"
#include "app/store/store_private.h"

/* The group's id when this is a group's full name, "group:ID"; else NULL. */
const char *group_of(const char *doc);
/* ret_doc holds DOC_MAX + 1. Returns ret_doc. */
char *group_name(const char *group, char *ret_doc);

/* Full names of all members that the catalog tells. */
enum rc group_members(struct catalog *catalog, const char *group, struct keys *ret_members);

/* The group that this member is worked on with here, or was. RC_NOT_FOUND: none. ret_group_doc holds DOC_MAX + 1. */
enum rc group_opened_with(struct store *store, const char *doc, char *ret_group_doc);

/* Its members as one document, as the catalog tells them: those that `mine` was opened with, or with NULL those that nobody
 * has opened here. Lines of cancelled and closed members are left out; all of them ended is the group's end. RC_NOT_FOUND: no
 * member is left. */
enum rc group_told(struct store *store, struct catalog *catalog, const char *group, const struct document *mine,
                   struct document **ret_document);

#endif
