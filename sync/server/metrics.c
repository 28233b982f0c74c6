#include "sync/server/metrics.h"
#include "sync/server/core.h"
#include <stdio.h>
#include <stdlib.h>

/* One that has no labels. */
static void put(FILE *out, const char *name, const char *type, const char *help, double value)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n%s %.10g\n", name, help, name, type, name, value);
}

static void put_requests(FILE *out, struct server *server)
{
    fputs("# HELP tallyman_requests_total Requests answered, by path and class of status.\n"
          "# TYPE tallyman_requests_total counter\n",
          out);
    for (int i = 0; api_route(i); i++)
        for (int class = 2; class < CORE_CLASSES; class ++)
            fprintf(out, "tallyman_requests_total{path=\"%s\",status=\"%dxx\"} %lld\n", api_route(i), class,
                    (long long)atomic_load(&server->answered[i][class]));
}

static void put_refusals(FILE *out, struct server *server)
{
    fputs("# HELP tallyman_refused_total Requests refused, by the word of the refusal.\n"
          "# TYPE tallyman_refused_total counter\n",
          out);
    for (int i = 0; i < REFUSAL_OTHER; i++)
        fprintf(out, "tallyman_refused_total{error=\"%s\"} %lld\n", refusal_word((enum refusal_kind)i),
                (long long)atomic_load(&server->refused[i]));
}

void metrics_reply(struct server *server, const struct jobs_state *jobs, struct api_reply *ret_reply)
{
    char *text = NULL;
    size_t len = 0;
    *ret_reply = (struct api_reply){.status = 500};
    FILE *out = open_memstream(&text, &len);
    if (!out)
        return;
    put_requests(out, server);
    put_refusals(out, server);
    put(out, "tallyman_turned_away_total", "counter", "Requests refused because too much waited.",
        (double)jobs->turned_away);
    put(out, "tallyman_slow_total", "counter", "Connections ended that did not say a whole request in time.",
        (double)atomic_load(&server->slow));
    put(out, "tallyman_waiting", "gauge", "Requests that came in whole and wait for their answer.", jobs->waiting);
    put(out, "tallyman_waiting_bytes", "gauge", "Bytes of their bodies.", (double)jobs->waiting_bytes);
    put(out, "tallyman_groups_total", "counter", "Commits for several requests that waited together.",
        (double)jobs->groups);
    put(out, "tallyman_grouped_total", "counter", "Requests in them.", (double)jobs->grouped);
    put(out, "tallyman_answer_seconds", "gauge", "What an answer to a short request takes, a mean of late.",
        (double)jobs->answer_us / 1e6);
    put(out, "tallyman_kib_seconds", "gauge", "What a KiB of a request's body takes, a mean of late.",
        (double)jobs->kib_us / 1e6);
    put(out, "tallyman_up_seconds", "gauge", "Since the database was opened.",
        (double)(core_now_ms(server) - server->opened_ms) / 1e3);
    if (fclose(out)) {
        free(text);
        return;
    }
    *ret_reply = (struct api_reply){
        .status = 200, .body = text, .body_len = len, .type = "text/plain; version=0.0.4; charset=utf-8"};
}
