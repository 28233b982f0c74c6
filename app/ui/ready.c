#include "app/ui/ready.h"
#include "app/text/text.h"
#include "app/ui/columns.h"
#include <stdio.h>
#include <string.h>

/* Of the flows that say it otherwise than most. */
static const struct {
    const char *base, *mode; /* mode: NULL any */
    const char *word, *hint; /* hint: NULL none */
} WORDS[] = {
    {"pack", NULL, N_("Ready: scan the goods"), N_("or the label first")},
    {"unpack", "empty", N_("Ready: what to empty"), NULL},
    {"unpack", NULL, N_("Ready: what comes out"), NULL},
    {"replace", NULL, N_("Ready: what comes out"), N_("then what takes its place")},
    {"relabel", NULL, N_("Ready: the old label"), N_("then the new one")},
    {"dealer-in", NULL, N_("Ready: what has come"), NULL},
    {"dealer-out", NULL, N_("Ready: what goes out"), NULL},
    {"return", NULL, N_("Ready: what came back"), NULL},
    {"void", NULL, N_("Ready: what is taken back"), NULL},
    {"count", NULL, N_("Ready: what is here"), NULL},
    {"recall", NULL, N_("Ready: recalled goods"), NULL},
    {"late-entry", NULL, N_("Ready: what was moved"), NULL},
    {"scrap", NULL, N_("Ready: what is scrapped"), NULL},
    {"sample", NULL, N_("Ready: what is given out"), NULL},
    {"inspect", NULL, N_("Ready: what is sound"), NULL},
    {"audit", NULL, N_("Ready: what stands here"), NULL},
};

enum { WORDS_COUNT = sizeof WORDS / sizeof WORDS[0] };

static int find(const struct work *work)
{
    const char *mode = document_field(work->document, "mode");
    int i = 0;
    while (i < WORDS_COUNT &&
           (strcmp(WORDS[i].base, work->flow.base) != 0 || (WORDS[i].mode && strcmp(WORDS[i].mode, mode) != 0)))
        i++;
    return i;
}

const char *ready_word(const struct work *work)
{
    int i = find(work);
    if (work->document->pending[0])
        return work->flow.work == WORK_RELABEL ? _("Now scan the new label") : _("Now scan what takes its place");
    return i < WORDS_COUNT ? _(WORDS[i].word) : _("Ready: scan the goods");
}

void ready_hint(const struct work *work, char *ret_text)
{
    char tail[WORK_TAIL_BYTES];
    int i = find(work);
    ret_text[0] = '\0';
    if (work->document->pending[0])
        snprintf(ret_text, COLUMNS_TEXT, "…%s → ?", work_tail(work->document->pending, tail));
    else if (work->flow.work == WORK_PACK && work->filled)
        snprintf(ret_text, COLUMNS_TEXT, _("%d in hand"), work->filled);
    else if (work->flow.work != WORK_COUNT)
        snprintf(ret_text, COLUMNS_TEXT, "%s", i < WORDS_COUNT && WORDS[i].hint ? _(WORDS[i].hint) : "");
    else if (work->flow.lines == LINES_TRANSIT && work->document->line_count == 0)
        snprintf(ret_text, COLUMNS_TEXT, "%s", _("not in the books yet"));
    else if (work->binds && !work->document->context_product[0])
        snprintf(ret_text, COLUMNS_TEXT, "%s", _("↑ binds unknown codes"));
}
