#include "app/cli/cli.h"
#include "app/text/led_text.h"
#include "app/text/text.h"
#include <stdio.h>

static json_t *status_json(const struct cli *cli, const struct store_counts *counts, int64_t behind_ms)
{
    char catalog[TIME_TEXT_MAX + 1], server[TIME_TEXT_MAX + 1], last[TIME_TEXT_MAX + 1];
    return json_pack("{s:s, s:b, s:b, s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:s, "
                     "s:s, s:s, s:I, s:b, s:b, s:I}",
                     "data", cli->dir, "enrolled", counts->enrolled, "cloned", counts->cloned, "device",
                     (json_int_t)counts->device, "site", engine_site(cli->engine), "epoch", (json_int_t)counts->epoch,
                     "first_seq", (json_int_t)counts->first_seq, "last_seq", (json_int_t)counts->last_seq,
                     "acked_seq", (json_int_t)counts->acked_seq, "applied_seq", (json_int_t)counts->applied_seq,
                     "waiting", (json_int_t)counts->waiting, "open_documents", (json_int_t)counts->open_documents,
                     "latched", (json_int_t)counts->latched, "refused", (json_int_t)counts->refused, "inbox",
                     (json_int_t)counts->inbox, "catalog_missing", counts->catalog_missing, "catalog_damaged",
                     counts->catalog_damaged, "catalog_at", cli_time(cli, counts->catalog_ms, catalog), "server_at",
                     cli_time(cli, counts->server_ms, server), "last_record_at",
                     cli_time(cli, counts->last_record_ms, last), "clock_behind_ms", (json_int_t)behind_ms,
                     "practice", engine_is_practice(cli->engine), "led_back", counts->led, "led_back_after",
                     (json_int_t)counts->led_after);
}

/* It may have been long ago; whoever asks is told. */
static void say_led(const struct store_counts *counts)
{
    const struct led_words words = {.after = counts->led_after, .why_unknown = true};
    char text[TEXT_MAX + 1];
    for (int n = 0; counts->led && led_text(&words, n, text); n++)
        cli_error("%s", text);
}

/* The same members, a line each. */
static int print_lines(json_t *status)
{
    const char *name;
    json_t *value;
    json_object_foreach(status, name, value)
    {
        if (json_is_string(value))
            printf("%s\t%s\n", name, json_string_value(value));
        else if (json_is_boolean(value))
            printf("%s\t%s\n", name, json_is_true(value) ? "yes" : "no");
        else
            printf("%s\t%lld\n", name, (long long)json_integer_value(value));
    }
    json_decref(status);
    return cli_printed();
}

int cli_status(struct cli *cli, int argc, char **argv)
{
    struct store_counts counts;
    int64_t behind_ms = 0;
    (void)argv;
    if (argc > 1)
        return cli_usage(cli);
    enum rc rc = store_counts(engine_store(cli->engine), &counts);
    if (rc != RC_OK)
        return cli_fail(rc, "");
    (void)engine_now_ms(cli->engine, &behind_ms);
    if (counts.cloned)
        cli_error("%s", text_rc(RC_CLONED));
    say_led(&counts);
    json_t *status = status_json(cli, &counts, behind_ms);
    return cli->json || !status ? cli_print(status) : print_lines(status);
}
