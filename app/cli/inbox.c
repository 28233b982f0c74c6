#include "app/cli/act.h"
#include "app/text/inbox_text.h"
#include "app/text/text.h"
#include <stdio.h>
#include <string.h>

/* ---- the list ---- */

struct listed {
    struct cli *cli;
    int code;
};

static json_t *row_json(struct cli *cli, const struct store_inbox_row *row)
{
    const struct catalog_refusal *told = &row->told;
    json_t *choices = json_array();
    for (int i = 0; i < ANSWER_COUNT; i++)
        if (engine_can_answer(cli->engine, row, (enum answer)i))
            json_array_append_new(choices, json_string(answer_word((enum answer)i)));
    json_t *json =
        json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:I, s:s, s:s, s:s, s:o}", "seq",
                  (json_int_t)told->seq, "verdict", told->held ? "held" : "refused", "word", told->reason, "kind",
                  record_kind_word(row->kind), "at", row->at, "by", row->operator, "doc", row->doc, "no", row->no,
                  "key", row->key, "product", row->product, "lot", row->lot, "case", (json_int_t)told->number,
                  "other_at", told->at, "other_device", (json_int_t)told->device, "other_by", told->operator,
                  "other_no", told->no, "holder", told->holder, "choices", choices);
    const struct catalog_settled *settled = &row->settled;
    if (settled->what[0])
        json_object_set_new(json, "settled",
                            json_pack("{s:s, s:s, s:s, s:s}", "what", settled->what, "at", settled->at, "by",
                                      settled->by, "reason", settled->reason));
    return json;
}

static bool print_row(void *context, const struct store_inbox_row *row)
{
    struct listed *listed = context;
    char what[TEXT_MAX + 1], who[TEXT_MAX + 1], name[NAME_MAX_BYTES + 1];
    const struct inbox_words words = {.word = row->told.reason,
                                      .who = engine_operator_name(listed->cli->engine, row->told.operator, name),
                                      .when = row->told.at,
                                      .no = row->told.no,
                                      .here = row->no,
                                      .holder = row->told.holder,
                                      .device = row->told.device,
                                      .number = row->told.number};
    if (listed->cli->json) {
        listed->code = cli_print(row_json(listed->cli, row));
        return listed->code == EXIT_DONE;
    }
    const struct catalog_settled *settled = &row->settled;
    const struct inbox_words by = {.who = settled->by, .when = settled->at, .no = ""};
    if (settled->what[0])
        inbox_settled(settled->what, settled->reason, what);
    else
        inbox_what(&words, what);
    printf("%lld\t%s\t%s\t%s\t%s\t%s\n", (long long)row->told.seq, row->told.reason, row->key[0] ? row->key : "-",
           row->no[0] ? row->no : "-", what, inbox_who(settled->what[0] ? &by : &words, who));
    listed->code = cli_printed();
    return listed->code == EXIT_DONE;
}

static int list(struct cli *cli, bool settled)
{
    struct listed listed = {cli, EXIT_DONE};
    struct store *store = engine_store(cli->engine);
    enum rc rc = settled ? store_inbox_settled(store, print_row, &listed) : store_inbox(store, print_row, &listed);
    return rc == RC_OK ? listed.code : cli_fail(rc, "");
}

/* ---- an answer ---- */

static int answer_it(struct cli *cli, const char *number, int64_t seq, enum answer answer, const char *supervisor)
{
    struct store_inbox_row row = {.scan_seq = 0};
    int code = supervisor ? act_supervisor(cli, supervisor) : EXIT_DONE;
    if (code != EXIT_DONE)
        return code;
    enum rc rc = store_inbox_row(engine_store(cli->engine), seq, &row);
    if (rc == RC_OK)
        rc = engine_answer(cli->engine, seq, answer, supervisor ? supervisor : "");
    return rc == RC_OK ? act_done(cli, answer_word(answer), row.no[0] ? row.no : "-", row.doc, seq)
                       : cli_fail(rc, number);
}

int cli_inbox(struct cli *cli, int argc, char **argv)
{
    int64_t seq;
    enum answer answer;
    const char *supervisor = NULL;
    bool settled = argc == 2 && strcmp(argv[1], "--settled") == 0;
    if (argc == 1 || settled)
        return list(cli, settled);
    if (argc < 3 || !cli_number(argv[1], &seq) || !answer_from_word(argv[2], &answer))
        return cli_usage(cli);
    if (argc == 5 && strcmp(argv[3], "--supervisor") == 0)
        supervisor = argv[4];
    if ((argc != 3 && !supervisor) || (supervisor && answer != ANSWER_KEEP))
        return cli_usage(cli);
    return answer_it(cli, argv[1], seq, answer, supervisor);
}
