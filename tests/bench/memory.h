/* A device whose journal is in memory: what the benches put below the real sync client. Plain data; one thread each. */
#ifndef TALLYMAN_TESTS_BENCH_MEMORY_H
#define TALLYMAN_TESTS_BENCH_MEMORY_H

#include "sync/client/client.h"

enum { MEMORY_BODY_MAX = 900, MEMORY_SERIAL = 12 };

struct memory {
    struct sync_identity identity;
    struct sync_state state;
    int batch_max;     /* records a push */
    int64_t journaled; /* of these state.last_seq are there to be pushed */
    int64_t given;     /* the last one of the push in hand: */
    bool again;        /* all is pushed, though the server says that it has it */
    int64_t refused;   /* records that the server did not accept */
    char *lines;
    size_t *ends; /* of each record */
    uint8_t (*heads)[CHAIN_HASH_BYTES];
};

/* What its scans say of the goods. */
struct memory_goods {
    const char *gtin, *product, *holder, *reason, *severity;
};

/* Room for so many records. False without memory. */
bool memory_init(struct memory *memory, int64_t records, int batch_max);
struct sync_store memory_store(struct memory *memory);

/* Journals up to so many records in all: an order of its own site (SO-SITE) opened, then items scanned. */
void memory_journal(struct memory *memory, const struct memory_goods *goods, int64_t records);
/* An item's serial: no two devices scan the same. ret_text holds MEMORY_SERIAL + 1. */
void memory_serial(int64_t device, int64_t seq, char *ret_text);

double memory_now_ms(void);

#endif
