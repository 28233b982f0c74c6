#include "sync/server/results.h"
#include "tests/sim/sim_world.h"
#include <jansson.h>
#include <sqlite3.h>
#include <string.h>

/* Results of one seed: as many as the orders, and what follows a supplementary one. */
enum { SHIPPED_MAX = 4096 };

/* How often an item went, less how often it came: more than once it can't have gone. Containers are used again. */
struct shipped {
    char key[SIM_CODE_ROOM];
    int times;
};

/* What a result's flow does with its units: 1 they go, -1 they come, 0 they stay. */
static int direction(const json_t *result)
{
    static const struct {
        const char *flow;
        int direction;
    } rows[] = {{"outbound", 1}, {"transfer", 1}, {"scrap", 1}, {"sample", 1}, {"receipt", -1}, {"return", -1}};
    const char *flow = json_string_value(json_object_get(result, "flow"));
    for (size_t i = 0; flow && i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(flow, rows[i].flow) == 0)
            return rows[i].direction;
    return 0;
}

static void note_shipped(const char *key, int times, struct shipped *shipped, int *count)
{
    int at = 0;
    if (strncmp(key, "(01)", 4) != 0)
        return;
    while (at < *count && strcmp(shipped[at].key, key) != 0)
        at++;
    if (at == SHIPPED_MAX)
        return;
    if (at == *count)
        snprintf(shipped[(*count)++].key, SIM_CODE_ROOM, "%s", key);
    shipped[at].times += times;
}

static void add_codes(const json_t *lines, int times, struct shipped *shipped, int *count)
{
    size_t i, j;
    const json_t *line, *code;
    json_array_foreach(lines, i, line)
    {
        json_array_foreach(json_object_get(line, "codes"), j, code)
        {
            note_shipped(json_string_value(code), times, shipped, count);
        }
    }
}

/* What comes or goes without a document has no lines: all of it is extra. */
static void add_shipped(const json_t *result, struct shipped *shipped, int *count)
{
    int times = direction(result);
    add_codes(json_object_get(result, "lines"), times, shipped, count);
    add_codes(json_object_get(result, "extra"), times, shipped, count);
}

static bool check_shipped(struct sim *sim, const struct shipped *shipped, int count)
{
    for (int i = 0; i < count; i++)
        if (shipped[i].times > 1)
            return sim_fail(sim, "%s was shipped %d times more than it came", shipped[i].key, shipped[i].times);
    return true;
}

/* A result has the id that everybody can compute, and its own text says the same. */
static bool check_results(struct sim *sim, sqlite3 *server)
{
    static struct shipped shipped[SHIPPED_MAX];
    char id[RESULTS_ID_TEXT + 1];
    int count = 0;
    bool good = true;
    sqlite3_stmt *row = NULL;
    memset(shipped, 0, sizeof shipped);
    sqlite3_prepare_v2(server, "SELECT id, doc, close_no, body FROM result ORDER BY n", -1, &row, NULL);
    while (good && sqlite3_step(row) == SQLITE_ROW) {
        const char *doc = (const char *)sqlite3_column_text(row, 1);
        results_id(doc, sqlite3_column_int64(row, 2), id);
        json_t *body = json_loads((const char *)sqlite3_column_text(row, 3), 0, NULL);
        if (!body || strcmp(id, (const char *)sqlite3_column_text(row, 0)) != 0)
            good = sim_fail(sim, "the result of %s is damaged", doc);
        add_shipped(body, shipped, &count);
        json_decref(body);
    }
    sqlite3_finalize(row);
    return good && check_shipped(sim, shipped, count);
}

/* Sums that must agree in the server's books. */
bool sim_check_books(struct sim *sim, sqlite3 *server)
{
    static const struct {
        const char *sql, *wrong;
    } rows[] = {
        {"SELECT count(*) FROM tally WHERE state = 1", "tallies are live after everything was completed"},
        {"SELECT count(*) FROM claim", "claims are held after everything was completed"},
        {"SELECT count(*) FROM share WHERE state = 1", "shares are open after everything was completed"},
        /* but what a dealer has before the books know counts for its document, and moves once they agree */
        {"SELECT count(*) FROM tally t JOIN record r USING (device, epoch, seq) WHERE t.state = 3 AND r.outcome <> 0 "
         "AND "
         "NOT (r.outcome = 2 AND r.word = 'provisional')",
         "a refused or held record has moved goods"},
        {"SELECT count(*) FROM (SELECT DISTINCT doc FROM record WHERE kind = 'complete' AND outcome = 0) c"
         " WHERE NOT EXISTS (SELECT 1 FROM result WHERE result.doc = c.doc OR"
         " (c.doc LIKE 'group:%' AND result.doc LIKE 'sim:w%'))",
         "a completed order has no result"},
        {"SELECT count(*) FROM record r WHERE r.outcome = 1 AND r.word = 'lost-claim' AND 1 <>"
         " (SELECT count(*) FROM conflict c WHERE c.kind = 'lost-claim' AND c.device = r.device AND c.epoch = r.epoch"
         " AND c.seq = r.seq)",
         "a claim that was lost is not one conflict"},
        /* a dealer is not told where the books have it */
        {"SELECT count(*) FROM conflict c WHERE c.kind IN ('lost-claim', 'false-holder') AND NOT EXISTS (SELECT 1 "
         "FROM"
         " record r WHERE r.device = c.device AND r.epoch = c.epoch AND r.seq = c.seq AND r.outcome = 1 AND (r.word "
         "= "
         "c.kind OR (c.kind = 'false-holder' AND r.word = 'wrong-holder')))",
         "a conflict is told to somebody who lost nothing"},
        {"SELECT count(*) FROM conflict c LEFT JOIN record o ON o.device = c.other_device AND o.epoch = c.other_epoch"
         " AND o.seq = c.other_seq WHERE c.kind = 'lost-claim' AND (o.outcome IS NOT 0 OR o.device = c.device)",
         "who won a claim was refused"},
        /* what was packed in a document that was given up stays packed */
        {"SELECT count(*) FROM tally t WHERE t.state = 3 AND t.doc NOT LIKE 'group:%' AND"
         " NOT (t.doc LIKE 'own:%' AND EXISTS (SELECT 1 FROM record a WHERE a.kind = 'abandon' AND a.doc = t.doc)) "
         "AND"
         " NOT EXISTS (SELECT 1 FROM result r WHERE r.doc = t.doc AND r.close_no = t.close_no)",
         "goods have moved that are in no result"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t count = sim_number(server, rows[i].sql, 0, 0);
        if (count != 0)
            return sim_fail(sim, "%s (%lld)", rows[i].wrong, (long long)count);
    }
    return check_results(sim, server);
}
