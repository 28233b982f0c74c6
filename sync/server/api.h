/* The server's answers to devices, pure of HTTP: a request in, a reply out. Tests call it in-process; http.c feeds it. Any
 * thread: the server's lock is taken inside. */
#ifndef TALLYMAN_SYNC_SERVER_API_H
#define TALLYMAN_SYNC_SERVER_API_H

#include "sync/server/server.h"
#include <stddef.h>

struct api_request {
    const char *method; /* "GET", "POST" */
    const char *path;   /* "/v1/push", without the query */
    const char *cursor; /* the query's `cursor`, NULL without */
    const char *range;  /* the header, NULL without */
    const char *bearer; /* NULL without */
    const void *body;
    size_t body_len;
    bool zstd;         /* the body is a zstd frame */
    bool accepts_zstd; /* so may the reply's be */
};

/* A reply's body that is a file's bytes as they are. */
struct api_file {
    int fd;
    bool part; /* some of it: `from` on, `len` of `size` */
    int64_t from, len, size;
};

struct api_reply {
    int status; /* HTTP's */
    void *body; /* freed by api_reply_free */
    size_t body_len;
    bool zstd;
    const char *type; /* of its content; NULL: JSON */
    int retry_s;      /* come again no sooner than this, 0 not said */
    bool has_file;    /* then `file` is the body; its fd is closed by api_reply_free */
    struct api_file file;
};

/* Whether a request with such a head may send its body of so many bytes (0 when it doesn't say): path, method, size and
 * session. True, or the refusal in *ret_reply. request->body is not looked at. */
bool api_admit(struct server *server, const struct api_request *request, size_t body_len,
               struct api_reply *ret_reply);

/* The path of a route, NULL past the last: for the figures. */
const char *api_route(int i);

/* How many bytes the body for this path may have at most, as sent. */
size_t api_body_max(const char *path);

/* Cheap, and without the server's lock: whether it may be let in to say all, as far as that can be told without the
 * database. A session that was not seen of late is looked up, with the lock. */
bool api_let_in(struct server *server, const struct api_request *request, size_t body_len,
                struct api_reply *ret_reply);

/* 429: too much waits here already. Any thread, without the lock. */
void api_turn_away(struct server *server, int retry_s, struct api_reply *ret_reply);

/* Always answers; a reply without a body and status 500 when there was no memory for more. */
void api_handle(struct server *server, const struct api_request *request, struct api_reply *ret_reply);
void api_reply_free(struct api_reply *reply);

/* Several requests with one commit, where the database is a file: each is answered as if it were alone, what of it fails is
 * undone alone, and no answer may go out before all is settled. From begin to end the server's lock is held.
 *
 *     if (api_group_begin(server)) {
 *         for each:  api_group_handle(server, &request, &reply);
 *         rc = api_group_end(server);
 *         for each:  api_group_settle(server, rc, &request, &reply);
 *     }
 */
bool api_group_begin(struct server *server); /* false: not this database, or not now; each alone then */
void api_group_handle(struct server *server, const struct api_request *request, struct api_reply *ret_reply);
enum rc api_group_end(struct server *server); /* commits: all or nothing */
/* The reply as it goes out: as it was made, or 503 or 500 because nothing was committed. */
void api_group_settle(struct server *server, enum rc rc, const struct api_request *request, struct api_reply *reply);

#endif
