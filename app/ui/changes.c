#include "app/ui/changes.h"
#include "app/text/text.h"
#include <string.h>

enum { RECHECK_MAX = 64 };

struct open_documents {
    int count;
    struct {
        char doc[DOC_MAX + 1], no[ID_MAX + 1];
    } row[RECHECK_MAX];
};

static bool see_open(void *context, const struct store_document_row *row)
{
    struct open_documents *open = context;
    bool ended = row->state == DOCUMENT_CANCELLED || row->state == DOCUMENT_CLOSED; /* maybe in work here */
    if (row->state != DOCUMENT_OPEN && !ended)
        return true;
    memcpy(open->row[open->count].doc, row->doc, sizeof row->doc);
    memcpy(open->row[open->count++].no, row->no, sizeof row->no);
    return open->count < RECHECK_MAX;
}

struct freed {
    int count;
    char tail[WORK_TAIL_BYTES];
};

static bool see_freed(void *context, const struct store_tally *tally)
{
    struct freed *freed = context;
    if (!freed->count++)
        work_tail(tally->key, freed->tail);
    return true;
}

static void look_for_freed(struct ui *ui)
{
    struct freed freed = {.count = 0};
    struct work *work = &ui->work;
    if (!work->document->latched || engine_freed(ui->engine, work->doc, see_freed, &freed) != RC_OK)
        return;
    if (freed.count > work->freed)
        ui_notice(ui, SEVERITY_WARN, _("Now free: scan …%s again"), freed.tail);
    work->freed = freed.count;
    memcpy(work->freed_tail, freed.tail, sizeof work->freed_tail);
}

/* One document that is worked on here. */
static void look_at(struct ui *ui, const char *doc, const char *no)
{
    struct review review;
    if (engine_review(ui->engine, doc, &review) != RC_OK)
        return;
    if (strcmp(doc, ui->work.doc) == 0) {
        ui->work.taken_out += review.taken_out;
        ui->work.changed |= review.revised || review.closed;
    } else if (review.taken_out) {
        ui_notice(ui, SEVERITY_REJECT, _("%s: take out %d, no longer fit to go"), no, review.taken_out);
    } else if (review.revised) {
        ui_notice(ui, SEVERITY_WARN, "%s: %s", no, _("order changed"));
    }
}

void changes_look(struct ui *ui)
{
    struct open_documents open = {.count = 0};
    bool before = ui->work.changed;
    if (store_documents(engine_store(ui->engine), see_open, &open) != RC_OK)
        return;
    for (int i = 0; i < open.count; i++)
        look_at(ui, open.row[i].doc, open.row[i].no);
    if (!ui->work.doc[0] || work_reload(&ui->work, ui->engine) != RC_OK)
        return;
    const struct document *document = ui->work.document;
    if (ui->work.changed && !before)
        ui_notice(ui, SEVERITY_WARN, "%s: %s", document->no,
                  document->state == DOCUMENT_OPEN ? _("order changed") : text_document_state(document->state));
    look_for_freed(ui);
    if (ui->work.taken_out)
        ui_notice(ui, SEVERITY_REJECT, _("Take out %d: no longer fit to go"), ui->work.taken_out);
}
