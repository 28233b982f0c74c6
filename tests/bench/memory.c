#include "tests/bench/memory.h"
#include "app/domain/date.h"
#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PACE_MS = 1300 }; /* a quick hand */

static const int64_t BEGIN_MS = INT64_C(1795324353123);

double memory_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

bool memory_init(struct memory *memory, int64_t records, int batch_max)
{
    size_t count = (size_t)records;
    *memory = (struct memory){.batch_max = batch_max, .state = {.epoch = 1}};
    memory->lines = malloc(count * MEMORY_BODY_MAX);
    memory->ends = calloc(count + 1, sizeof(*memory->ends));
    memory->heads = calloc(count + 1, sizeof(*memory->heads));
    return memory->lines && memory->ends && memory->heads;
}

static enum rc get_state(void *context, struct sync_state *ret_state)
{
    *ret_state = ((struct memory *)context)->state;
    return RC_OK;
}

static enum rc get_batch(void *context, int64_t first, int max, struct sync_batch *ret_batch)
{
    struct memory *memory = context;
    int64_t last = first - 1 + (max < memory->batch_max ? max : memory->batch_max);
    if (last > memory->state.last_seq)
        last = memory->state.last_seq;
    memory->given = last;
    *ret_batch = (struct sync_batch){.first_seq = first,
                                     .count = (int)(last - first + 1),
                                     .lines = memory->lines + memory->ends[first - 1],
                                     .len = memory->ends[last] - memory->ends[first - 1]};
    memcpy(ret_batch->head, memory->heads[last], CHAIN_HASH_BYTES);
    return RC_OK;
}

static enum rc set_acked(void *context, int64_t seq, const struct sync_receipt *receipts, int count)
{
    struct memory *memory = context;
    (void)receipts;
    memory->state.acked_seq = memory->again && seq > memory->given ? memory->given : seq;
    memory->refused += count;
    return RC_OK;
}

static enum rc take_page(void *context, const struct sync_page *page)
{
    struct memory *memory = context;
    snprintf(memory->state.cursor, sizeof(memory->state.cursor), "%s", page->cursor);
    memory->state.applied_seq = page->applied_seq;
    return RC_OK;
}

static enum rc take_heard(void *context, const char *history, int64_t server_ms)
{
    struct memory *memory = context;
    (void)server_ms;
    snprintf(memory->state.history, sizeof(memory->state.history), "%s", history);
    return RC_OK;
}

static enum rc start_over(void *context, const char *history, int64_t acked)
{
    (void)context, (void)history, (void)acked;
    return RC_CORRUPT; /* nothing here goes back */
}

static enum rc get_identity(void *context, struct sync_identity *ret_identity)
{
    *ret_identity = ((struct memory *)context)->identity;
    return RC_OK;
}

static enum rc set_identity(void *context, const struct sync_identity *identity)
{
    ((struct memory *)context)->identity = *identity;
    return RC_OK;
}

struct sync_store memory_store(struct memory *memory)
{
    return (struct sync_store){.context = memory,
                               .state = get_state,
                               .batch = get_batch,
                               .acked = set_acked,
                               .page = take_page,
                               .heard = take_heard,
                               .restart = start_over,
                               .identity = get_identity,
                               .set_identity = set_identity};
}

static uint64_t mix(uint64_t value)
{
    value += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return value ^ value >> 31;
}

static void note(struct memory *memory, const char *kind, const char *members)
{
    char at[TIME_TEXT_MAX + 1];
    int64_t seq = ++memory->journaled;
    int64_t since_ms = seq * PACE_MS + (int64_t)(mix((uint64_t)seq) % PACE_MS);
    char *body = memory->lines + memory->ends[seq - 1];
    int len = snprintf(body, MEMORY_BODY_MAX,
                       "{\"device\":%" PRId64 ",\"epoch\":1,\"seq\":%" PRId64 ",\"at\":\"%s\",\"mono\":%" PRId64
                       ",\"kind\":\"%s\",\"operator\":\"wang\",\"site\":\"%s\",%s}\n",
                       memory->identity.device, seq, time_print(BEGIN_MS + since_ms, 0, at), since_ms * 1000003, kind,
                       memory->identity.site, members);
    assert(len > 0 && len < MEMORY_BODY_MAX);
    chain_next(memory->heads[seq - 1], body, (size_t)len - 1, memory->heads[seq]);
    memory->ends[seq] = memory->ends[seq - 1] + (size_t)len;
}

static void note_open(struct memory *memory, const char *product)
{
    char members[MEMORY_BODY_MAX];
    const char *site = memory->identity.site;
    snprintf(members, sizeof(members),
             "\"doc\":\"erp:SO-%s\",\"no\":\"SO-%s\",\"flow\":\"outbound\",\"rev\":\"\",\"from\":\"site:%s\",\"to\":"
             "\"party:D-1\",\"lines\":[{\"line\":\"1\",\"product\":\"%s\",\"qty\":\"1000000\",\"tolerance\":\"0\","
             "\"lot\":null}]",
             site, site, site, product);
    note(memory, "open", members);
}

void memory_serial(int64_t device, int64_t seq, char *ret_text)
{
    uint64_t value = mix((uint64_t)device << 32 | (uint64_t)seq);
    for (int i = 0; i < MEMORY_SERIAL; i++, value /= 36)
        ret_text[i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[value % 36];
    ret_text[MEMORY_SERIAL] = '\0';
}

static void note_scan(struct memory *memory, const struct memory_goods *goods)
{
    char members[MEMORY_BODY_MAX], raw[128], plain[64], serial[MEMORY_SERIAL + 1];
    const char *site = memory->identity.site;
    memory_serial(memory->identity.device, memory->journaled, serial);
    int len = snprintf(plain, sizeof(plain), "01%s21%s", goods->gtin, serial);
    sodium_bin2base64(raw, sizeof(raw), (const uint8_t *)plain, (size_t)len, sodium_base64_VARIANT_ORIGINAL);
    snprintf(
        members, sizeof(members),
        "\"doc\":\"erp:SO-%s\",\"no\":\"SO-%s\",\"flow\":\"outbound\",\"raw\":\"%s\",\"aim\":\"]d2\",\"parser\":1,"
        "\"key\":\"(01)%s(21)%s\",\"product\":\"%s\",\"lot\":\"\",\"level\":0,\"line\":\"1\",\"reason\":\"%s\","
        "\"severity\":\"%s\",\"findings\":[],\"qty\":\"1\",\"holder\":\"%s\","
        "\"alloc\":[{\"line\":\"1\",\"qty\":\"1\",\"lot\":\"\"}]",
        site, site, raw, goods->gtin, serial, goods->product, goods->reason, goods->severity, goods->holder);
    note(memory, "scan", members);
}

void memory_journal(struct memory *memory, const struct memory_goods *goods, int64_t records)
{
    if (memory->journaled == 0)
        note_open(memory, goods->product);
    while (memory->journaled < records)
        note_scan(memory, goods);
}
