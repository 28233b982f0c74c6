/* What a record means to the books: one call a record, within the transaction of its batch. A record that cannot be true is
 * refused or held by its verdict; it never fails the batch. Under the server's lock. */
#ifndef TALLYMAN_SYNC_SERVER_APPLY_H
#define TALLYMAN_SYNC_SERVER_APPLY_H

#include "sync/server/answer.h"
#include "sync/server/epochs.h"
#include "sync/server/scope.h"
#include "sync/wire/push.h"
#include <jansson.h>

enum { APPLY_NOTED_MAX = 127, APPLY_DOCUMENTS_MAX = 8 };

/* What is looked up once a batch instead of once a record. */
struct apply_document {
    char doc[DOC_MAX + 1];
    json_t *body;         /* as the data centre told it; NULL when it did not */
    json_t *paper;        /* what each line asks for, and */
    json_t *totals, *own; /* what of it is tallied, by all and by this device, not yet written: totals.c */
    bool share_open;
    bool share_changed; /* other devices are to be told */
    int its;            /* a dealer's device may work on it: 1 yes, -1 no, 0 not asked yet */
    bool ends_known;    /* where its goods come from and go to, as this device opened it: flows.c */
    char from[HOLDER_MAX + 1], to[HOLDER_MAX + 1];
    char from_site[ID_MAX + 1]; /* `from` is a party: its site, "" none */
};

struct apply_batch {
    struct server *server;
    const struct answer_peer *peer;
    int64_t epoch;
    struct epochs_line line; /* of this epoch: whose its records are */
    int64_t since;           /* the last change before it */
    bool site_gone;          /* nobody knows whose the device is: nothing of it counts */
    char party[ID_MAX + 1];  /* the dealer whose device this is; "" the owner's */
    struct scope scope;      /* a dealer's device's; else empty */
    json_t *recalls;         /* array of bodies; NULL not read yet */
    struct apply_document documents[APPLY_DOCUMENTS_MAX];
    unsigned next_document; /* gives way to the next one that is asked for */
    struct flow *flow;      /* the one asked for last; owned */
};

struct apply_record {
    int64_t seq;
    json_t *body;                 /* NULL when it is no JSON object */
    const char *kind, *doc, *key; /* of body; "" without */
    bool names_key;               /* evidence_names_key() */
};

/* What becomes of it. noted: the server's own findings, reason words joined by commas. */
struct apply_outcome {
    enum push_outcome outcome;
    char word[WORD_MAX + 1];
    char noted[APPLY_NOTED_MAX + 1];
};

enum rc apply_begin(struct server *server, const struct answer_peer *peer, int64_t epoch,
                    struct apply_batch *ret_batch);
/* Writes what was kept in memory. */
enum rc apply_finish(struct apply_batch *batch);
void apply_end(struct apply_batch *batch);

/* Reads the text; kind, doc and key point into the body, which apply_close frees. */
void apply_open(int64_t seq, const char *text, size_t len, struct apply_record *ret_record);
void apply_close(struct apply_record *record);

/* An error only when the world fails: the batch is rolled back then. */
enum rc apply_record(struct apply_batch *batch, const struct apply_record *record, struct apply_outcome *ret_outcome);

/* For the files that apply.c is made of */
const char *apply_text(const json_t *object, const char *name); /* "" when missing or not text */
void apply_note(struct apply_outcome *outcome, const char *word);
void apply_refuse(struct apply_outcome *outcome, enum push_outcome kind, const char *word);

/* The stream that a record of this journal is of, by its number. */
int64_t apply_epoch_of(const struct apply_batch *batch, int64_t seq);

/* Documents of one's own are named by their first record, and that by its stream: in a record that was journaled under another
 * epoch, or as another device, they get the name that they have here. */
enum rc apply_rename(const struct apply_batch *batch, json_t *body);

/* The document as cached for the batch; its body may be NULL. Good until APPLY_DOCUMENTS_MAX others were asked for. */
enum rc apply_document(struct apply_batch *batch, const char *doc, struct apply_document **ret_document);

#endif
