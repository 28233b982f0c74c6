#include "app/cli/act.h"
#include "app/text/text.h"
#include <stdio.h>
#include <string.h>

enum { HASH_TEXT = 2 * EVIDENCE_HASH_BYTES };

/* As it was journaled: the file may be another by now. */
static bool read_hash(void *context, const struct store_journal_line *line)
{
    json_t *body = json_loadb(line->body, line->len, JSON_ALLOW_NUL, NULL);
    const char *hash = json_string_value(json_object_get(body, "hash"));
    snprintf(context, HASH_TEXT + 1, "%s", hash ? hash : "");
    json_decref(body);
    return false;
}

static int print(struct cli *cli, const char *doc, int64_t seq)
{
    char hash[HASH_TEXT + 1] = "";
    enum rc rc = store_journal(engine_store(cli->engine), seq, read_hash, hash);
    if (rc != RC_OK)
        return cli_fail(rc, "");
    if (cli->json)
        return cli_print(
            json_pack("{s:s, s:s, s:I, s:s}", "done", "evidence", "doc", doc, "seq", (json_int_t)seq, "hash", hash));
    printf("%lld\t%s\n", (long long)seq, hash);
    return cli_printed();
}

/* The kinds there are, told when it is none of them. */
static bool knows_kind(const char *word)
{
    for (size_t i = 0; engine_evidence_kind(i); i++)
        if (strcmp(engine_evidence_kind(i), word) == 0)
            return true;
    return false;
}

int cli_evidence(struct cli *cli, int argc, char **argv)
{
    char doc[DOC_MAX + 1];
    struct evidence evidence = {.seq = 0};
    int64_t seq = 0;
    bool of_scan = argc == 6 && strcmp(argv[4], "--scan") == 0 && cli_number(argv[5], &evidence.seq);
    if ((argc != 4 && !of_scan) || !knows_kind(argv[2]))
        return cli_usage(cli);
    evidence.kind = argv[2];
    evidence.path = argv[3];
    int code = act_document(cli, argv[1], doc);
    if (code != EXIT_DONE)
        return code;
    enum rc rc = engine_evidence(cli->engine, doc, &evidence, &seq);
    if (rc == RC_REFUSED || rc == RC_CLOSED)
        return cli_fail(rc, argv[1]);
    return rc == RC_OK ? print(cli, doc, seq) : cli_fail(rc, argv[3]);
}
