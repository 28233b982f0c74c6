/* A server on a file in a folder of its own (or in a schema of its own: TALLYMAN_TEST_DB=postgresql://…), with a pinned clock, and handhelds that speak to it without a network. */
#ifndef TALLYMAN_TESTS_SERVER_WORLD_H
#define TALLYMAN_TESTS_SERVER_WORLD_H

#include "sync/server/api.h"
#include "sync/wire/push.h"
#include <jansson.h>

enum { WORLD_LINES_MAX = 1 << 20 };

struct server_world {
    char folder[64], url[512];
    char schema[32]; /* of its own in the PostgreSQL database that TALLYMAN_TEST_DB names; "" on SQLite */
    int64_t now_ms;
    struct server *server;
};

struct handheld {
    struct server_world *world;
    char site[64];                      /* where it is enrolled, and what its records say */
    int64_t device, epoch, seq, pushed; /* last record journaled; last pushed */
    uint8_t public_key[PUBLIC_KEY_BYTES], secret_key[SECRET_KEY_BYTES];
    char token[TOKEN_MAX + 1], cursor[CURSOR_TEXT_MAX + 1];
    uint8_t head[CHAIN_HASH_BYTES];
    char *lines; /* all bodies, each ended by '\n' */
    size_t len;
    struct push_reply reply; /* of the last push */
    char error[WORD_MAX + 1];
    int64_t expected;
};

void server_world_open(struct server_world *world);
void server_world_reopen(struct server_world *world);
void server_world_close(struct server_world *world);
/* The pinned clock, for another server in the same world. */
int64_t server_world_now(void *world);
bool server_world_on_file(const struct server_world *world);

/* Exit status of a command; *ret_out (may be NULL) is what it printed, *ret_said its messages; the caller frees both. */
int server_world_run(struct server_world *world, const char *input, char **ret_out, char **ret_said,
                     const char *const *words);
/* Imports, and fails the test when it can't. */
void server_world_tell(struct server_world *world, const char *feed);
/* The lines that a listing prints, as an array. */
json_t *server_world_list(struct server_world *world, const char *command);

/* One exchange; the reply's body is plain. */
int server_world_send(struct server_world *world, const char *method, const char *path, const char *bearer,
                      const void *body, size_t len, struct api_reply *ret_reply);

void handheld_new(struct server_world *world, const char *site,
                  struct handheld *ret_handheld); /* enrolled, in session */
void handheld_session(struct handheld *handheld);
void handheld_free(struct handheld *handheld);

/* Journals a record: its seq. `members` follow kind, e.g. "\"doc\":\"d\"". */
int64_t handheld_note(struct handheld *handheld, const char *kind, const char *members);
int64_t handheld_open(struct handheld *handheld, const char *doc);
/* An item of GTIN 05901234123457. */
int64_t handheld_scan(struct handheld *handheld, const char *doc, const char *serial, const char *severity,
                      const char *reason);
int64_t handheld_refer(struct handheld *handheld, const char *kind, const char *doc, int64_t ref);
int64_t handheld_complete(struct handheld *handheld, const char *doc);

/* The push of records first … seq, signed; the caller frees. */
void handheld_pack(const struct handheld *handheld, int64_t first, char **ret_text, size_t *ret_len);
/* Pushes records first … seq; HTTP's status. Verdicts are in handheld.reply, the error's word in handheld.error. */
int handheld_push_from(struct handheld *handheld, int64_t first);
int handheld_push(struct handheld *handheld); /* what was not pushed yet */
/* The verdict's word on a record of the last push: "accepted", "lost-claim" … */
const char *handheld_verdict(const struct handheld *handheld, int64_t seq);

/* One page from handheld.cursor on, which moves; an array of its lines. */
json_t *handheld_pull(struct handheld *handheld, bool *ret_more, int64_t *ret_applied);
/* The line of this type whose member has this text, borrowed; NULL. */
json_t *page_find(json_t *page, const char *type, const char *member, const char *text);

#endif
