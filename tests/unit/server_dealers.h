/* Two dealers and the owner: a feed, and handhelds at a site of each. */
#ifndef TALLYMAN_TESTS_SERVER_DEALERS_H
#define TALLYMAN_TESTS_SERVER_DEALERS_H

#include "tests/unit/server_flows.h"

#define DOCUMENT(number, from, to)                                                                                   \
    "{\"type\":\"document\",\"source\":\"erp\",\"doc\":\"" number "\",\"no\":\"SO-" number                           \
    "\",\"flow\":\"outbound\",\"state\":\"open\",\"from\":\"" from "\",\"to\":\"" to                                 \
    "\",\"lines\":[{\"line\":\"1\",\"product\":\"B\",\"qty\":\"9\"}]}\n"

/* Owner: CDB, CDQ. D-1 (site DS1) with its sub-dealer S-1 (site SS1); D-2 (site DS2) with S-2. Whatever has FOREIGN in it is D-2's. */
extern const char DEALERS_FEED[];

struct dealers {
    struct server_world world;
    struct handheld clerk, one, two; /* at CDB, DS1, DS2 */
};

void dealers_open(struct dealers *dealers, const char *feed);
void dealers_close(struct dealers *dealers);

/* The clerk ships this code to the party or site ("party:D-1"). */
void dealers_ship(struct dealers *dealers, const char *doc, const char *key, const char *to);

/* Everything there is to pull, as an array; again from the beginning where the server says so (*ret_again counts that, may be
 * NULL). */
json_t *dealers_pull(struct handheld *handheld, int *ret_again);

/* A trace over the wire: its rows as an array, NULL when refused: then ret_error (WORD_MAX + 1) has the word. */
json_t *dealers_trace(struct handheld *handheld, const char *key, char *ret_error);

#endif
