#include "app/ui/work.h"
#include "app/ui/bar.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *work_tail(const char *key, char *ret_text)
{
    struct code code;
    code_parse_text(key, 2000, &code); /* the year is for dates, which no key has */
    return code_tail(&code, WORK_TAIL, ret_text);
}

const char *work_shown(const char *key)
{
    static const char plain[] = "plain:";
    return strncmp(key, plain, sizeof plain - 1) == 0 ? key + sizeof plain - 1 : key;
}

void work_drop(struct work *work)
{
    document_free(work->document);
    free(work->products);
    memset(work, 0, sizeof *work);
}

static void read_products(struct work *work, struct engine *engine)
{
    struct catalog *catalog;
    bool have = store_catalog(engine_store(engine), &catalog) == RC_OK;
    for (size_t i = 0; i < work->document->line_count; i++) {
        const char *id = work->document->lines[i].product;
        if (have && catalog_product(catalog, id, &work->products[i]) == RC_OK)
            continue;
        memset(&work->products[i], 0, sizeof work->products[i]); /* its id will have to do */
        snprintf(work->products[i].id, sizeof work->products[i].id, "%s", id);
        snprintf(work->products[i].name, sizeof work->products[i].name, "%s", id);
    }
}

static void sum_up(struct work *work)
{
    work->done = work->wanted = 0;
    work->lines_done = 0;
    for (size_t i = 0; i < work->document->line_count; i++) {
        const struct line *line = &work->document->lines[i];
        /* kilograms and pieces do not add up: each line is one part of the whole */
        work->done += line->qty > 0 ? bar_percent(line->tallied, line->qty) : 100;
        work->wanted += 100;
        work->lines_done += line->tallied >= line->qty - line->tolerance;
    }
}

/* Newest first: the first of each kind is the one to show. */
static bool see_tally(void *context, const struct store_tally *tally)
{
    struct work *work = context;
    if (tally->latched && !work->latch_seq) {
        work->latch_seq = tally->seq;
        work_tail(tally->key, work->latch_tail);
    }
    if (tally->waiting && !work->waiting_seq) {
        work->waiting_seq = tally->seq;
        work_tail(tally->key, work->waiting_tail);
    }
    return !work->latch_seq || !work->waiting_seq;
}

static enum rc read_document(struct work *work, struct engine *engine)
{
    struct document *document;
    enum rc rc = engine_document(engine, work->doc, &document);
    if (rc != RC_OK)
        return rc;
    bool same = work->document && work->document->line_count == document->line_count;
    document_free(work->document);
    work->document = document;
    if (!same) {
        free(work->products);
        work->products = calloc(document->line_count + 1, sizeof(struct product));
        if (!work->products)
            return RC_NOMEM;
        read_products(work, engine);
    }
    sum_up(work);
    return RC_OK;
}

enum rc work_reload(struct work *work, struct engine *engine)
{
    enum rc rc = read_document(work, engine);
    if (rc != RC_OK)
        return rc;
    work->latch_seq = work->waiting_seq = 0;
    return store_tallies(engine_store(engine), work->doc, WORK_TALLIES_MAX, see_tally, work);
}

enum rc work_take(struct work *work, struct engine *engine, const char *doc)
{
    char name[DOC_MAX + 1];
    if (strlen(doc) > DOC_MAX)
        return RC_NOT_FOUND;
    snprintf(name, sizeof name, "%s", doc); /* it may be our own */
    work_drop(work);
    snprintf(work->doc, sizeof work->doc, "%s", name);
    work->ticket = engine_ticket(engine, name);
    enum rc rc = work_reload(work, engine);
    if (rc != RC_OK)
        work_drop(work);
    return rc;
}

static void remember(struct work *work)
{
    const struct verdict *verdict = &work->last.verdict;
    struct recent recent = {verdict->severity, verdict->reason, work->last.facts.level, verdict->qty, ""};
    code_tail(&work->last.code, WORK_TAIL, recent.tail);
    memmove(work->recent + 1, work->recent, sizeof work->recent - sizeof work->recent[0]);
    work->recent[0] = recent;
    work->recent_count += work->recent_count < WORK_RECENT_MAX;
}

/* What an accepted scan changes is in its outcome; no need to ask the disk again. */
static bool copy_progress(struct work *work, const struct document *document)
{
    if (!document || !work->document || work->document->line_count != document->line_count)
        return false;
    for (size_t i = 0; i < document->line_count; i++)
        work->document->lines[i].tallied = document->lines[i].tallied;
    work->document->state = document->state;
    sum_up(work);
    return true;
}

void work_judged(struct work *work, struct engine *engine, const struct outcome *outcome)
{
    if (work->judged)
        remember(work);
    work->judged = true;
    work->alarm = RC_OK;
    work->taken_out = 0;
    work->last = *outcome;
    work->last.document = NULL; /* the engine's, and only for now */
    if (outcome->verdict.severity > SEVERITY_WARN || !copy_progress(work, outcome->document))
        read_document(work, engine);
    if (outcome->verdict.severity == SEVERITY_REJECT && reason_latches(outcome->verdict.reason)) {
        work->latch_seq = outcome->seq;
        code_tail(&outcome->code, WORK_TAIL, work->latch_tail);
    }
    if (outcome->waiting) {
        work->waiting_seq = outcome->seq;
        code_tail(&outcome->code, WORK_TAIL, work->waiting_tail);
    }
}
