#include "app/catalog/pack_facts.h"
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { FACTS_KEPT = 512 };

struct kept {
    uint32_t id; /* 0 nothing here */
    struct row row;
};

struct pack_facts {
    struct sqlite3 *db;
    struct sql *sql;
    struct kept kept[FACTS_KEPT];
};

struct pack_facts *pack_facts_new(struct sqlite3 *db, struct sql *sql)
{
    struct pack_facts *facts = calloc(1, sizeof *facts);
    if (facts) {
        facts->db = db;
        facts->sql = sql;
    }
    return facts;
}

void pack_facts_free(struct pack_facts *facts)
{
    free(facts);
}

static uint32_t mix(uint32_t hash, const struct facts_told *told)
{
    for (int i = 0; i < FACT_COUNT; i++)
        for (const char *at = told->fact[i].has ? told->fact[i].text : "-"; *at; at++)
            hash = (hash ^ (unsigned char)*at) * 16777619u; /* FNV-1a */
    return hash;
}

static bool same_told(const struct facts_told *a, const struct facts_told *b)
{
    if (a->sale != b->sale)
        return false;
    for (int i = 0; i < FACT_COUNT; i++)
        if (a->fact[i].has != b->fact[i].has || (a->fact[i].has && strcmp(a->fact[i].text, b->fact[i].text) != 0))
            return false;
    return true;
}

static bool same(const struct row *a, const struct row *b)
{
    return a->level == b->level && a->in_level == b->in_level && a->covers == b->covers && a->state == b->state &&
           same_told(&a->own, &b->own) && same_told(&a->in, &b->in);
}

static const char *text_of(const struct facts_told *told, enum fact fact)
{
    return told->fact[fact].has ? told->fact[fact].text : NULL;
}

static enum rc look_up(struct pack_facts *facts, const struct row *row, uint32_t *ret_id)
{
    int64_t id = 0;
    enum rc rc =
        sql_number(facts->sql, PACK_FACT_FIND, "ssiiissssii", &id, text_of(&row->own, FACT_PRODUCT),
                   text_of(&row->own, FACT_LOT), (int64_t)row->level, (int64_t)row->covers, (int64_t)row->state,
                   text_of(&row->own, FACT_HOLDER), text_of(&row->in, FACT_PRODUCT), text_of(&row->in, FACT_LOT),
                   text_of(&row->in, FACT_HOLDER), (int64_t)row->in_level, (int64_t)row->own.sale);
    if (rc == RC_NOT_FOUND) {
        rc = sql_run(facts->sql, PACK_FACT_PUT, "ssiiissssii", text_of(&row->own, FACT_PRODUCT),
                     text_of(&row->own, FACT_LOT), (int64_t)row->level, (int64_t)row->covers, (int64_t)row->state,
                     text_of(&row->own, FACT_HOLDER), text_of(&row->in, FACT_PRODUCT), text_of(&row->in, FACT_LOT),
                     text_of(&row->in, FACT_HOLDER), (int64_t)row->in_level, (int64_t)row->own.sale);
        id = sqlite3_last_insert_rowid(facts->db);
    }
    if (rc == RC_OK)
        *ret_id = (uint32_t)id;
    return rc;
}

enum rc pack_facts_id(struct pack_facts *facts, const struct row *row, uint32_t *ret_id)
{
    uint32_t hash = mix(mix(2166136261u + (uint32_t)(row->level + row->covers + row->own.sale), &row->own), &row->in);
    struct kept *kept = &facts->kept[hash % FACTS_KEPT];
    if (!kept->id || !same(&kept->row, row)) {
        kept->id = 0;
        kept->row = *row;
        enum rc rc = look_up(facts, row, &kept->id);
        if (rc != RC_OK)
            return rc;
    }
    *ret_id = kept->id;
    return RC_OK;
}
