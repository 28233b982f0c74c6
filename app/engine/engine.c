#include "app/engine/engine_private.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { MINUTE_MS = 60000 };

static enum rc open_store(struct engine *engine, const struct engine_options *options, struct store_owner *ret_owner)
{
    char dir[STORE_PATH_MAX + 1];
    int len = snprintf(dir, sizeof dir, "%s%s", options->dir, options->practice ? "/practice" : "");
    if (len > STORE_PATH_MAX)
        return RC_TOO_BIG;
    if (options->read_only)
        return store_open_read(dir, &engine->store);
    enum rc rc = store_open(dir, options->what, &engine->store, ret_owner);
    return rc == RC_OK && options->practice ? engine_practice_prepare(engine, options->dir) : rc;
}

enum rc engine_open(const struct engine_options *options, struct engine **ret_engine, struct store_owner *ret_owner)
{
    if (sodium_init() < 0)
        return RC_IO;
    struct engine *engine = calloc(1, sizeof *engine);
    if (!engine)
        return RC_NOMEM;
    engine->clock = options->clock;
    engine->policy_version = UINT64_MAX;
    engine->document_seq = -1;
    engine->practice = options->practice;
    snprintf(engine->site, sizeof engine->site, "%s", options->site ? options->site : "");
    enum rc rc = open_store(engine, options, ret_owner);
    if (rc != RC_OK) {
        engine_close(engine);
        return rc;
    }
    store_keep(engine->store, options->keep_ms);
    store_expect(engine->store, options->expects ? options->expects : GUESS_ALL);
    *ret_engine = engine;
    return RC_OK;
}

void engine_close(struct engine *engine)
{
    if (!engine)
        return;
    document_free(engine->document);
    free(engine->label);
    engine_flows_free(engine);
    for (uint32_t i = 0; i < engine->ticket_count; i++)
        free(engine->tickets[i]);
    free(engine->tickets);
    store_close(engine->store);
    free(engine);
}

struct store *engine_store(struct engine *engine)
{
    return engine->store;
}

/* ---- who, where and when ---- */

const char *engine_site(const struct engine *engine)
{
    const char *enrolled = store_site(engine->store);
    if (enrolled[0])
        return enrolled;
    return engine->site[0] || !engine->signed_in ? engine->site : engine->operator.site;
}

int64_t engine_now_ms(struct engine *engine, int64_t *ret_behind_ms)
{
    int64_t wall = engine->clock->wall_ms(engine->clock->context);
    int64_t latest = store_latest_ms(engine->store);
    if (ret_behind_ms)
        *ret_behind_ms = latest > wall ? latest - wall : 0;
    return latest > wall ? latest : wall;
}

/* Clocks are changed at full minutes, and asking what the hour is here takes longer than most of a scan. */
static int offset_min(struct engine *engine, int64_t at_ms)
{
    int64_t minute = at_ms / MINUTE_MS;
    if (!engine->offset_known || engine->offset_minute != minute) {
        engine->offset_min = engine->clock->offset_min(engine->clock->context, at_ms);
        engine->offset_minute = minute;
        engine->offset_known = true;
    }
    return engine->offset_min;
}

static day_t local_day(struct engine *engine, int64_t at_ms)
{
    int64_t local = at_ms + (int64_t)offset_min(engine, at_ms) * MINUTE_MS;
    int64_t day_ms = (int64_t)24 * 60 * MINUTE_MS;
    return (day_t)((local >= 0 ? local : local - day_ms + 1) / day_ms);
}

int engine_year_of(const struct judge_context *context)
{
    int year, month, day;
    day_to_ymd(context->today, &year, &month, &day);
    return year;
}

const struct policy *engine_policy(struct engine *engine)
{
    struct catalog *catalog;
    uint64_t version = store_catalog_version(engine->store);
    if (engine->policy_version == version)
        return &engine->policy;
    engine->policy = (struct policy){.registry = REGISTRY_STRICT, .start = DAY_NONE};
    engine->quarantine[0] = engine->dealer[0] = '\0';
    if (store_catalog(engine->store, &catalog) == RC_OK) {
        catalog_policy(catalog, engine_site(engine), &engine->policy);
        catalog_quarantine(catalog, engine_site(engine), engine->quarantine);
        catalog_site_party(catalog, engine_site(engine), engine->dealer);
    }
    engine->policy_version = store_damaged(engine->store) ? UINT64_MAX : version;
    return &engine->policy;
}

const char *engine_dealer(struct engine *engine)
{
    engine_policy(engine); /* and whose site this is */
    return engine->dealer;
}

int engine_lock_idle_s(struct engine *engine)
{
    return engine_policy(engine)->lock_idle_s;
}

bool engine_is_practice(const struct engine *engine)
{
    return engine->practice;
}

void engine_context(struct engine *engine, struct judge_context *ret_context)
{
    int64_t now_ms = engine_now_ms(engine, NULL);
    *ret_context = (struct judge_context){.now_ms = now_ms,
                                          .today = local_day(engine, now_ms),
                                          .site = engine_site(engine),
                                          .role = engine->signed_in ? engine->operator.role : ROLE_CLERK,
                                          .policy = engine_policy(engine) };
}

const char *engine_overruling(const struct engine *engine, const char *supervisor)
{
    if (supervisor && supervisor[0])
        return supervisor;
    bool is_one = engine->signed_in && engine->operator.role == ROLE_SUPERVISOR;
    return is_one ? engine->operator.id : "";
}

struct record engine_record(struct engine *engine, enum record_kind kind, const char *doc)
{
    int64_t at_ms = engine->clock->wall_ms(engine->clock->context);
    return (struct record){.kind = kind,
                           .at_ms = at_ms,
                           .offset_min = offset_min(engine, at_ms),
                           .site = engine_site(engine),
                           .operator= engine->signed_in
                           ? engine->operator.id : "",
                           .doc = doc };
}

/* ---- operators ---- */

static enum rc locked_out(struct engine *engine, const char *operator, int64_t * ret_wait_ms)
{
    int failures = 0;
    int64_t last_ms = 0;
    enum rc rc = store_sign_failures(engine->store, operator, & failures, &last_ms);
    if (rc != RC_OK || failures < PIN_TRIES)
        return rc;
    int64_t over_ms = last_ms + PIN_LOCK_MS, now_ms = engine_now_ms(engine, NULL);
    if (now_ms >= over_ms)
        return RC_OK;
    if (ret_wait_ms)
        *ret_wait_ms = over_ms - now_ms;
    return RC_LOCKED_OUT;
}

static enum rc sign_failed(struct engine *engine, const char *operator)
{
    struct record record = engine_record(engine, RECORD_SIGN_FAILED, "");
    record.operator= operator;
    enum rc rc = store_append(engine->store, &record, NULL);
    return rc == RC_OK ? RC_AUTH : rc;
}

/* A person by id and PIN; wrong tries are journaled and lock out. */
static enum rc check_pin(struct engine *engine, const char *operator, const char * pin, int64_t *ret_wait_ms,
                         struct catalog_operator *ret_person)
{
    struct catalog *catalog;
    enum rc rc = store_catalog(engine->store, &catalog);
    if (rc != RC_OK)
        return rc;
    rc = catalog_operator(catalog, operator, ret_person);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_AUTH : rc;
    rc = locked_out(engine, operator, ret_wait_ms);
    if (rc != RC_OK)
        return rc;
    if (crypto_pwhash_str_verify(ret_person->pin_hash, pin, strlen(pin)) != 0)
        return sign_failed(engine, operator);
    return RC_OK;
}

enum rc engine_sign_in(struct engine *engine, const char *operator, const char * pin, int64_t *ret_wait_ms)
{
    struct catalog_operator person;
    enum rc rc = check_pin(engine, operator, pin, ret_wait_ms, &person);
    if (rc != RC_OK)
        return rc;
    engine->operator= person;
    engine->signed_in = true;
    engine->policy_version = UINT64_MAX; /* the site may be the operator's */
    struct record record = engine_record(engine, RECORD_SIGN_IN, "");
    rc = store_append(engine->store, &record, NULL);
    engine->signed_in = rc == RC_OK;
    return rc;
}

enum rc engine_sign_out(struct engine *engine)
{
    if (!engine->signed_in)
        return RC_OK;
    struct record record = engine_record(engine, RECORD_SIGN_OUT, "");
    enum rc rc = store_append(engine->store, &record, NULL);
    if (rc == RC_OK)
        engine->signed_in = false;
    return rc;
}

const struct catalog_operator *engine_operator(const struct engine *engine)
{
    return engine->signed_in ? &engine->operator: NULL;
}

enum rc engine_check_supervisor(struct engine *engine, const char *operator, const char * pin)
{
    struct catalog_operator person;
    enum rc rc = check_pin(engine, operator, pin, NULL, &person);
    return rc == RC_OK && person.role != ROLE_SUPERVISOR ? RC_SUPERVISOR : rc;
}

/* ---- tickets ---- */

uint32_t engine_ticket(struct engine *engine, const char *doc)
{
    for (uint32_t i = 0; i < engine->ticket_count; i++)
        if (strcmp(engine->tickets[i], doc) == 0)
            return i + 1;
    char **tickets = realloc(engine->tickets, (engine->ticket_count + 1) * sizeof *tickets);
    if (!tickets)
        return 0;
    engine->tickets = tickets;
    if (!(tickets[engine->ticket_count] = strdup(doc)))
        return 0;
    return ++engine->ticket_count;
}

const char *engine_ticket_doc(const struct engine *engine, uint32_t ticket)
{
    return ticket > 0 && ticket <= engine->ticket_count ? engine->tickets[ticket - 1] : NULL;
}
