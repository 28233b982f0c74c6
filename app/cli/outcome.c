#include "app/cli/outcome.h"
#include "app/text/text.h"
#include <stdio.h>

static json_t *findings_json(reason_set findings)
{
    json_t *words = json_array();
    for (int reason = 0; reason < REASON_COUNT; reason++)
        if (findings & REASON_BIT(reason))
            json_array_append_new(words, json_string(reason_word((enum reason)reason)));
    return words;
}

/* What the scan did besides being counted; nothing of it in most flows. */
static void add_work(json_t *object, const struct outcome *outcome)
{
    const struct {
        const char *name;
        bool holds;
    } flags[] = {{"context_set", outcome->context_set},
                 {"bound", outcome->facts.bound},
                 {"pair_waits", outcome->pair_waits},
                 {"to_quarantine", outcome->to_quarantine},
                 {"container_closed", outcome->container_closed}};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (flags[i].holds)
            json_object_set_new(object, flags[i].name, json_true());
    if (outcome->container[0])
        json_object_set_new(object, "container", json_string(outcome->container));
    if (!outcome->container[0] && !outcome->filled)
        return;
    json_object_set_new(object, "filled", json_integer(outcome->filled));
    json_object_set_new(object, "rule", json_integer(outcome->rule));
}

static json_t *outcome_json(const struct outcome *outcome, const char *text)
{
    char qty[QTY_TEXT_MAX + 1];
    const struct verdict *verdict = &outcome->verdict;
    json_t *object = json_pack("{s:I, s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:i, s:s, s:s, s:b, s:b, s:b}", "seq",
                               (json_int_t)outcome->seq, "reason", reason_word(verdict->reason), "severity",
                               severity_word(verdict->severity), "key", outcome->facts.key, "text", text, "findings",
                               findings_json(verdict->findings), "doc", outcome->doc, "product",
                               outcome->facts.product.id, "lot", outcome->facts.lot.id, "level", outcome->facts.level,
                               "qty", qty_print(verdict->qty, qty), "line", outcome->line, "waiting",
                               outcome->waiting, "line_done", outcome->line_done, "order_done", outcome->order_done);
    add_work(object, outcome);
    return object;
}

/* The record is on disk: now it may be said. */
int outcome_print(const struct cli *cli, const struct outcome *outcome)
{
    char text[TEXT_MAX + 1];
    const struct text_scan scan = {.verdict = &outcome->verdict,
                                   .document = outcome->document,
                                   .code = &outcome->code,
                                   .facts = &outcome->facts,
                                   .flow = engine_flow(cli->engine, outcome->document->flow),
                                   .context_set = outcome->context_set,
                                   .container_closed = outcome->container_closed,
                                   .pair_waits = outcome->pair_waits,
                                   .to_quarantine = outcome->to_quarantine,
                                   .container = outcome->container,
                                   .filled = outcome->filled,
                                   .rule = outcome->rule};
    text_verdict_line(&scan, text);
    if (cli->json)
        return cli_print(outcome_json(outcome, text));
    printf("%s\t%s\t%s\t%s\n", reason_word(outcome->verdict.reason), severity_word(outcome->verdict.severity),
           outcome->facts.key, text);
    return cli_printed();
}
