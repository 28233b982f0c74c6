#include "app/ui/changes.h"
#include "app/text/text.h"
#include <stdint.h>
#include <string.h>

static bool see_open(void *context, const struct store_document_row *row)
{
    struct changes *changes = context;
    bool ended = row->state == DOCUMENT_CANCELLED || row->state == DOCUMENT_CLOSED; /* maybe in work here */
    if (row->state != DOCUMENT_OPEN && !ended)
        return true;
    memcpy(changes->row[changes->count].doc, row->doc, sizeof row->doc);
    memcpy(changes->row[changes->count++].no, row->no, sizeof row->no);
    return changes->count < CHANGES_DOCUMENTS_MAX;
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
    if (!work->document->latched)
        work->freed = 0;
    if (!work->document->latched || engine_freed(ui->engine, work->doc, see_freed, &freed) != RC_OK)
        return;
    if (freed.count > work->freed)
        ui_notice(ui, SEVERITY_WARN, _("Now free: scan …%s again"), freed.tail);
    work->freed = freed.count;
    memcpy(work->freed_tail, freed.tail, sizeof work->freed_tail);
}

/* What one document's look has found. */
static void tell_of(struct ui *ui, const char *doc, const char *no, const struct review *review)
{
    if (strcmp(doc, ui->work.doc) == 0) {
        ui->work.taken_out += review->taken_out;
        ui->work.changed |= review->revised || review->closed;
    } else if (review->taken_out) {
        ui_notice(ui, SEVERITY_REJECT, _("%s: take out %d, no longer fit to go"), no, review->taken_out);
    } else if (review->revised) {
        ui_notice(ui, SEVERITY_WARN, "%s: %s", no, _("order changed"));
    }
}

static void tell_of_all(struct ui *ui)
{
    if (!ui->work.doc[0] || work_reload(&ui->work, ui->engine) != RC_OK)
        return;
    const struct document *document = ui->work.document;
    if (ui->work.changed && !ui->changes.changed_before)
        ui_notice(ui, SEVERITY_WARN, "%s: %s", document->no,
                  document->state == DOCUMENT_OPEN ? _("order changed") : text_document_state(document->state));
    look_for_freed(ui);
    if (ui->work.taken_out)
        ui_notice(ui, SEVERITY_REJECT, _("Take out %d: no longer fit to go"), ui->work.taken_out);
}

static void begin(struct ui *ui)
{
    struct changes *changes = &ui->changes;
    changes->again = false;
    changes->count = changes->at = 0;
    changes->below = INT64_MAX;
    changes->review = (struct review){.taken_out = 0};
    changes->changed_before = ui->work.changed;
    changes->looking = store_documents(engine_store(ui->engine), see_open, changes) == RC_OK;
    if (changes->looking)
        loop_arm(ui->look, 0);
}

void changes_look(struct ui *ui)
{
    ui->changes.again = true;
    if (!ui->changes.looking)
        begin(ui);
}

void changes_go_on(struct ui *ui)
{
    struct changes *changes = &ui->changes;
    struct review part, *all = &changes->review;
    if (changes->at == changes->count) {
        tell_of_all(ui);
        changes->looking = false;
        if (changes->again)
            begin(ui);
        return;
    }
    const char *doc = changes->row[changes->at].doc;
    if (engine_review_part(ui->engine, doc, &changes->below, &part) == RC_OK) {
        all->taken_out += part.taken_out;
        all->revised |= part.revised;
        all->closed |= part.closed;
    }
    if (!changes->below) {
        tell_of(ui, doc, changes->row[changes->at++].no, all);
        changes->below = INT64_MAX;
        *all = (struct review){.taken_out = 0};
    }
    loop_arm(ui->look, 0);
}
