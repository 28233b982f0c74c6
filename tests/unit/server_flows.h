/* A stage for the flows at the server: two handhelds of site CDB that do things, and a third that only pulls, so that what
 * the books say is seen as any device sees it. */
#ifndef TALLYMAN_TESTS_SERVER_FLOWS_H
#define TALLYMAN_TESTS_SERVER_FLOWS_H

#include "tests/unit/server_world.h"

#define ITEM(serial) "(01)05901234123457(21)" serial
#define SSCC_1       "(00)069012340000000016"
#define SSCC_2       "(00)069012340000000023"
#define SSCC_3       "(00)069012340000000030"

/* a line that the feed has for the code */
#define CODE(code, more) "{\"type\":\"code\",\"code\":\"" code "\"," more "}\n"
#define HERE             "\"product\":\"B\",\"holder\":\"site:CDB\""

struct flows_stage {
    struct server_world world;
    struct handheld a, b, reader;
    json_t *codes; /* key → the last line pulled */
};

/* Sites CDB, CDX, CDQ (quarantine); party D-1; product B, a case of 2; and `feed`. */
int flows_stage_open(void **state, const char *feed); /* for a setup: 0 */
int flows_stage_close(void **state);

/* Records; `more` are further members, each after a comma: ",\"x\":1". They give the record's number. */
int64_t flows_open(struct handheld *handheld, const char *doc, const char *flow, const char *more);
int64_t flows_scan(struct handheld *handheld, const char *doc, const char *flow, const char *key, const char *more);
int64_t flows_complete(struct handheld *handheld, const char *doc, const char *flow, const char *more);
int64_t flows_refer(struct handheld *handheld, const char *kind, const char *doc, int64_t ref, const char *more);

/* Pushes; the verdict of the last record. Fails the test when an earlier one was not accepted. */
const char *flows_told(struct handheld *handheld);

/* A member of the code's line now, "" for null, none or no such code. Good until the next call. */
const char *flows_code(struct flows_stage *stage, const char *key, const char *member);
/* All the lines now, as text: for "as it was before". The caller frees. */
char *flows_books(struct flows_stage *stage);

/* What the reader is told of another device's share; NULL nothing. The caller decrefs. */
json_t *flows_share(struct flows_stage *stage, const char *doc, int64_t device);

/* The last result of the document with this number; the caller decrefs. NULL: there is none. */
json_t *flows_result(struct flows_stage *stage, const char *no);

#endif
