/* A document as the judge sees it. */
#include "tests/sim/flow_model.h"
#include <stdio.h>
#include <string.h>

static void copy(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from);
}

static void copy_lines(const struct model_job *job, struct line *lines)
{
    for (int i = 0; i < job->line_count; i++) {
        const struct model_line *from = &job->lines[i];
        lines[i] = (struct line){.qty = from->qty,
                                 .tolerance = from->tolerance,
                                 .tallied = from->tallied,
                                 .elsewhere = from->elsewhere,
                                 .shared = from->shared};
        copy(lines[i].line, sizeof lines[i].line, from->line);
        copy(lines[i].doc, sizeof lines[i].doc, from->doc);
        copy(lines[i].product, sizeof lines[i].product, from->product);
        copy(lines[i].lot, sizeof lines[i].lot, from->lot);
    }
}

const struct document *model_document(const struct model *model, const struct model_device *device,
                                      const struct model_job *job)
{
    static struct document document;
    static struct line lines[MODEL_LINES];
    document = (struct document){.state = job->state,
                                 .due = DAY_NONE,
                                 .own = job->own,
                                 .opened_seq = job->opened,
                                 .close_no = job->close_no,
                                 .line_count = (size_t)job->line_count,
                                 .lines = lines,
                                 .to_quarantine = strcmp(job->to, "site:QRT") == 0};
    copy(document.doc, sizeof document.doc, job->doc);
    copy(document.no, sizeof document.no, job->no);
    copy(document.flow, sizeof document.flow, job->flow->name);
    copy(document.site, sizeof document.site, device->site);
    holder_parse(job->from, &document.from);
    holder_parse(job->to, &document.to);
    copy(document.dealer, sizeof document.dealer, model_site_party(device->site));
    bool from_dealer = document.from.kind == HOLDER_PARTY || document.from.kind == HOLDER_TRANSIT_PARTY;
    if (model->dealer && from_dealer && strcmp(document.from.id, "D0") == 0)
        copy(document.from_site, sizeof document.from_site, "DLR");
    copy(document.context_product, sizeof document.context_product, job->context_product);
    copy(document.context_lot, sizeof document.context_lot, job->context_lot);
    if (job->container != MODEL_NOTHING)
        copy(document.container, sizeof document.container, model_keys[job->container].text);
    if (job->pending != MODEL_NOTHING)
        copy(document.pending, sizeof document.pending, model_keys[job->pending].text);
    if (job->flow->work == WORK_UNPACK) {
        document.field_count = 1;
        document.fields[0] = (struct field_value){"mode", ""};
        copy(document.fields[0].value, sizeof document.fields[0].value, job->empties ? "empty" : "out");
    }
    copy_lines(job, lines);
    return &document;
}

int model_paper_of(const struct model_news *news, const char *doc)
{
    for (int p = 0; p < news->paper_count; p++)
        if (strcmp(news->papers[p].doc, doc) == 0)
            return p;
    return MODEL_NOTHING;
}

int model_line_of(const struct model_line *line)
{
    return line->line[0] - '1';
}

/* Of the papers of a group nothing more is told once they are cancelled. */
static bool is_told(const struct model_device *device, const struct model_job *job, int paper)
{
    return paper != MODEL_NOTHING && (!job->group || strcmp(device->news.papers[paper].state, "open") == 0);
}

/* What other devices have of each line, as the server last told. */
void model_sum_elsewhere(struct model_device *device, struct model_job *job)
{
    for (int i = 0; i < job->line_count; i++) {
        struct model_line *line = &job->lines[i];
        int paper = model_paper_of(&device->news, line->doc[0] ? line->doc : job->doc);
        line->elsewhere = 0;
        line->shared = false;
        for (int d = 0; d < SIM_DEVICES && is_told(device, job, paper) && !job->own; d++) {
            line->elsewhere += d == device->number ? 0 : device->progress.done[d][paper][model_line_of(line)];
            line->shared |= d != device->number && device->progress.open[d][paper];
        }
    }
}

bool model_counts(const struct model_job *job, int unit)
{
    for (int t = 0; t < job->tally_count; t++)
        if (job->tallies[t].unit == unit && job->tallies[t].state == MODEL_LIVE)
            return true;
    return false;
}
