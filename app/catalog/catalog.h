/* The catalog: what the server told this device, in one SQLite file; it can be fetched again. One connection, one
 * thread. Migrations from version 1 on; a newer schema is RC_NEWER. The writer is the only checkpointer. */
#ifndef TALLYMAN_CATALOG_CATALOG_H
#define TALLYMAN_CATALOG_CATALOG_H

#include "app/catalog/codebook.h"
#include "app/catalog/feed.h"
#include "app/domain/date.h"
#include "app/domain/document.h"
#include "app/domain/facts.h"
#include "app/domain/flow.h"
#include "app/domain/product.h"
#include "app/domain/territory.h"
#include <jansson.h>

struct catalog;

enum { REFUSAL_WORD_MAX = 47 };

enum catalog_mode { CATALOG_READ, CATALOG_WRITE };

struct catalog_operator {
    char id[ID_MAX + 1];
    char name[NAME_MAX_BYTES + 1];
    enum role role;
    char site[ID_MAX + 1];  /* "" none */
    char pin_hash[128 + 1]; /* argon2id string */
};

struct catalog_party {
    char id[ID_MAX + 1];
    char name[NAME_MAX_BYTES + 1];
    int min_life_days;                           /* 0 nothing demanded */
    char parent[ID_MAX + 1], region[ID_MAX + 1]; /* "" none */
    char kind[ID_MAX + 1];                       /* dealer, sub-dealer, retailer, supplier, carrier; "" not told */
};

/* CATALOG_WRITE creates the file when it is missing. WAL, synchronous=FULL. A reader opens read-only and never
 * checkpoints. Its pages have sums (page_sum.h): a damaged one is RC_CORRUPT wherever it is needed. RC_NOT_FOUND when the file is missing or its writer has not made the tables yet. */
enum rc catalog_open(const char *path, enum catalog_mode mode, struct catalog **ret_catalog);
void catalog_close(struct catalog *catalog); /* NULL is fine */
struct codebook *catalog_codebook(struct catalog *catalog);

/* Another number whenever another connection has changed the file; within a read transaction. */
unsigned catalog_version(struct catalog *catalog);

/* How many damaged pages this connection has met: when it grows during some calls, what they answered is not all there
 * is, whatever they said. */
long catalog_damage(struct catalog *catalog);

/* A reader's view is fixed between begin_read and end_read. Writers: begin (IMMEDIATE), commit, rollback. */
enum rc catalog_begin_read(struct catalog *catalog);
/* Within such a view: nobody has committed since it was begun, so another one would see the same. It takes no lock; after a
 * commit that happened before the call it answers false. */
bool catalog_is_newest(struct catalog *catalog);
void catalog_end_read(struct catalog *catalog);
enum rc catalog_begin(struct catalog *catalog);
enum rc catalog_commit(struct catalog *catalog);
void catalog_rollback(struct catalog *catalog);

/* The sink for a page's lines (feed_read, feed_parse); puts within the transaction that is open. */
struct feed_sink catalog_sink(struct catalog *catalog);

/* Whole file in one transaction, taken whole or not at all. What has been named and not told by its end is noted with
 * line 0. Sets "updated_ms". */
enum rc catalog_import(struct catalog *catalog, FILE *stream, const struct feed_sink *notes, long *ret_count,
                       struct feed_error *ret_error);

/* Packs the code book and gives room back where enough has come since the last time: for who applied pages, between
 * them. A transaction of its own; readers go on as before it. An import does it by itself. */
enum rc catalog_pack(struct catalog *catalog);

/* All of it as a new file, without what belongs to this device's journal: refusals, cursor and watermarks. */
enum rc catalog_copy(struct catalog *catalog, const char *path);

/* For a snapshot that becomes this device's catalog, within the writer's transaction: what it says of the device itself goes,
 * and of any other device's cursor, watermarks and refusals. RC_CORRUPT: it is no plain catalog. */
enum rc catalog_adopt(struct catalog *catalog, int64_t device);

/* Small numbers and texts kept beside the data: cursor, history, acked_seq, applied_seq, server_ms … get answers
 * RC_NOT_FOUND; ret_value holds 256. */
enum rc catalog_meta_get(struct catalog *catalog, const char *name, char *ret_value);
enum rc catalog_meta_set(struct catalog *catalog, const char *name, const char *value);

/* What the server said of a record of this device that it did not accept: the refused do not count as facts, the held do. */
struct catalog_refusal {
    int64_t epoch, seq;
    bool held;
    char reason[REFUSAL_WORD_MAX + 1];
    int64_t number;                            /* of the server's conflict, 0 none */
    char at[TIME_TEXT_MAX + 1];                /* of what stands in the way, or when it was found */
    int64_t device;                            /* whose record that is, 0 not said */
    char operator[ID_MAX + 1], no[ID_MAX + 1]; /* whose, for which document, "" not said */
    char holder[HOLDER_MAX + 1];               /* where the books have the goods, "" not said */
};
enum rc catalog_refuse(struct catalog *catalog, const struct catalog_refusal *refusal);
/* Newest first. */
enum rc catalog_refusals(struct catalog *catalog, int64_t epoch,
                         bool (*visit)(void *context, const struct catalog_refusal *refusal), void *context);
bool catalog_refused(struct catalog *catalog, int64_t epoch, int64_t seq);
long catalog_refused_count(struct catalog *catalog);

/* What was settled of it by somebody else: by whom, and why, as far as it was said. */
struct catalog_settled {
    char what[32]; /* "closed" by a manager, "take-out", "keep" … */
    char at[TIME_TEXT_MAX + 1], by[NAME_MAX_BYTES + 1], reason[NAME_MAX_BYTES + 1];
};
/* RC_NOT_FOUND: it is open. */
enum rc catalog_settled(struct catalog *catalog, int64_t epoch, int64_t seq, struct catalog_settled *ret_settled);

/* What `from` knows of both up to last_seq: a catalog that is begun anew is not told it again. */
enum rc catalog_take_refused(struct catalog *catalog, struct catalog *from, int64_t last_seq);

enum rc catalog_product(struct catalog *catalog, const char *id, struct product *ret_product);
/* By the GTIN of the product (level 0) or of one of its packs; *ret_level says which. */
enum rc catalog_product_by_gtin(struct catalog *catalog, const char *gtin14, struct product *ret_product,
                                int *ret_level);
enum rc catalog_lot(struct catalog *catalog, const char *product, const char *lot, struct lot *ret_lot);
/* Lots of a product that expire before `expires` but not before `today`, released and not recalled, earliest first. */
enum rc catalog_older_lots(struct catalog *catalog, const char *product, day_t today, day_t expires,
                           bool (*visit)(void *context, const struct lot *lot), void *context);
/* Goods without codes of their own that the feed says are there; RC_NOT_FOUND when nothing was said. */
enum rc catalog_stock(struct catalog *catalog, const char *holder, const char *product, const char *lot,
                      qty_t *ret_qty);
/* The recall that covers this product, lot and key (or RC_NOT_FOUND). */
enum rc catalog_recall(struct catalog *catalog, const char *product, const char *lot, const char *key, char *ret_id,
                       char *ret_reason);
enum rc catalog_party(struct catalog *catalog, const char *id, struct catalog_party *ret_party);
/* *ret_quarantine: it is a quarantine site. ret_name holds NAME_MAX_BYTES + 1. */
enum rc catalog_site(struct catalog *catalog, const char *id, char *ret_name, bool *ret_quarantine);
enum rc catalog_operator(struct catalog *catalog, const char *id, struct catalog_operator *ret_operator);
enum rc catalog_operators(struct catalog *catalog,
                          bool (*visit)(void *context, const struct catalog_operator *operator), void *context);
/* The flow of this name: the feed's row laid over the built-in one that it names as `base`. RC_NOT_FOUND when neither has it. */
enum rc catalog_flow(struct catalog *catalog, const char *name, struct flow *ret_flow);
/* The feed's own ones, by name; those laid over a built-in one of the same name too. */
enum rc catalog_flows(struct catalog *catalog, bool (*visit)(void *context, const char *name), void *context);
/* A feed line of type `flow` laid over *flow's base: RC_BAD_INPUT with *ret_member when a member is not what it should be.
 * Needs no catalog: the server reads its flows with it as well. */
enum rc catalog_flow_read(const json_t *line, struct flow *ret_flow, const char **ret_member);

/* Site for what must not mix with the rest: the policy's, else the first quarantine site of its party by id, else of the owner's own; "" none.
 * ret_site holds ID_MAX + 1. */
enum rc catalog_quarantine(struct catalog *catalog, const char *site, char *ret_site);

/* What people choose from where they can't type: all of one type of the feed, by id. "product", "party", "site": with their
 * names; "recall": with its reason; "lot": those of the product `of`, with their expiry; "permit": who may be sent something by the party `of`, with
 * the product that it is for. Else RC_NOT_FOUND. */
enum rc catalog_named(struct catalog *catalog, const char *type, const char *of,
                      bool (*visit)(void *context, const char *id, const char *name), void *context);

/* What a recall names: each product with each of its lots ("" all), then codes with product "" (key is theirs). RC_NOT_FOUND. */
struct catalog_recalled {
    char product[ID_MAX + 1], lot[LOT_MAX + 1], key[CODE_KEY_MAX + 1];
};
enum rc catalog_recall_covers(struct catalog *catalog, const char *recall,
                              bool (*visit)(void *context, const struct catalog_recalled *recalled), void *context);
/* All codes of a product (and lot, "" any), wherever they are, containers too; runs code by code. Its time goes with how
 * many those are: for reports and lists. The visitor may ask for anything but this and catalog_books. */
enum rc catalog_codes_of(struct catalog *catalog, const char *product, const char *lot,
                         bool (*visit)(void *context, const struct codebook_entry *entry), void *context);

/* How much of a product (and lot, "" any) the books have at a holder, lot by lot in order: units with codes, single or in
 * containers, less those that are inactive, void, stolen or destroyed, and stock without codes, which an ERP may say is
 * below nothing. Lots of which there is nothing are left out. RC_TOO_BIG: more than BOOKS_LOTS_MAX lots. */
enum { BOOKS_LOTS_MAX = 20000 };
enum rc catalog_books(struct catalog *catalog, const char *holder, const char *product, const char *lot,
                      bool (*visit)(void *context, const char *lot, qty_t qty), void *context);

/* ---- the market ---- */

/* The party whose site this is, "" the owner's own or not known. ret_party holds ID_MAX + 1. */
enum rc catalog_site_party(struct catalog *catalog, const char *site, char *ret_party);
/* Has this party a site of its own, where it takes goods in? ret_site holds ID_MAX + 1. */
bool catalog_party_site(struct catalog *catalog, const char *party, char *ret_site);
/* Is `party` this dealer or below it? */
bool catalog_party_below(struct catalog *catalog, const char *party, const char *dealer);
/* ret_name holds NAME_MAX_BYTES + 1; both may be NULL. */
enum rc catalog_region(struct catalog *catalog, const char *id, struct region *ret_region, char *ret_name);
/* Those directly in `parent` ("": the topmost) on this day, by id; `divided`: there are some in it. */
enum rc catalog_regions_in(struct catalog *catalog, const char *parent, day_t today,
                           bool (*visit)(void *context, const char *id, const char *name, bool divided),
                           void *context);

/* By codebook_entry.sale. */
enum rc catalog_sale(struct catalog *catalog, int id, struct sale *ret_sale);
/* Sales before the present one, newest first; at most `max`. */
enum rc catalog_earlier(struct catalog *catalog, const char *key, int max, struct sale *ret_sales, int *ret_count);
/* Where and when others audited it, as the server knows; newest first. */
enum rc catalog_seen(struct catalog *catalog, const char *key,
                     bool (*visit)(void *context, const char *region, day_t at), void *context);

/* What territory_judge needs to know for this find; borrowed until the next question of this kind. */
enum rc catalog_market(struct catalog *catalog, const struct found *found, const struct territory_book **ret_book);
/* Is neither region in the other? Judged as of today. */
enum rc catalog_apart(struct catalog *catalog, const char *a, const char *b, day_t today, bool *ret_apart);

/* The permits for goods from one dealer to another, those that run longest first; at most `max`. */
enum rc catalog_permits(struct catalog *catalog, const char *from, const char *to, const char *product, int max,
                        struct permit *ret_permits, int *ret_count);
bool catalog_any_permit(struct catalog *catalog, const char *from, const char *to); /* whatever the goods */

/* What the party behind this holder demands of life left, a site's party too; 0 nothing. */
enum rc catalog_min_life(struct catalog *catalog, const struct holder *to, int *ret_days);

/* Documents of a group, by number: those with the flow and destination of its first open one. */
enum rc catalog_group(struct catalog *catalog, const char *group, bool (*visit)(void *context, const char *doc),
                      void *context);
/* Where the lines' goods lie, as the data centre told: bin, quantity, lot. */
struct catalog_pick {
    char line[ID_MAX + 1], bin[ID_MAX + 1], lot[LOT_MAX + 1];
    qty_t qty;
};
enum rc catalog_picks(struct catalog *catalog, const char *doc,
                      bool (*visit)(void *context, const struct catalog_pick *pick), void *context);

/* Always answers: without a policy for the site, strict. */
enum rc catalog_policy(struct catalog *catalog, const char *site, struct policy *ret_policy);

/* doc is "source:doc". The caller frees with document_free. tallied and the device's own state are not known here:
 * state is READY, CANCELLED or CLOSED. */
enum rc catalog_document(struct catalog *catalog, const char *doc, struct document **ret_document);
/* Every document whose `no` is this; the caller judges ambiguity. */
enum rc catalog_documents_by_no(struct catalog *catalog, const char *no,
                                bool (*visit)(void *context, const char *doc), void *context);
/* All, by due date then number; lines are not loaded (line_count is). */
enum rc catalog_documents(struct catalog *catalog, bool (*visit)(void *context, const struct document *document),
                          void *context);

/* "2026-11-20 …": time of the last page or import, for "catalog age"; 0 never. Milliseconds since 1970. An import sets it;
 * who applies a page says itself that it is as of now. */
enum rc catalog_mark_updated(struct catalog *catalog);
int64_t catalog_updated_ms(struct catalog *catalog);

#endif
