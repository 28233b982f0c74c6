#include "app/ui/progress.h"
#include "app/text/text.h"
#include "app/ui/bar.h"
#include "app/ui/columns.h"
#include <stdio.h>
#include <string.h>

enum { NARROW_COLS = 26, BAR_MIN = 6, PACKS_BYTES = 64 };

/* A dealer is not told another one's name. */
static const char *destination(const struct document *document)
{
    if (document->to_name[0])
        return document->to_name;
    if (document->to.kind == HOLDER_SOLD)
        return text_choice("sold");
    return document->to.kind == HOLDER_PARTY || document->to.kind == HOLDER_TRANSIT_PARTY ? document->to.id : "";
}

char *progress_title(const struct work *work, char *ret_text)
{
    const struct document *document = work->document;
    const char *label = text_flow_label(&work->flow), *name = destination(document);
    bool here = document->to.kind == HOLDER_SITE && strcmp(document->to.id, document->site) == 0;
    const char *shop = document_field(document, "shop");
    if (work->flow.judges)
        snprintf(ret_text, COLUMNS_TEXT, "%s", shop[0] ? shop : label);
    else if (!document->own)
        snprintf(ret_text, COLUMNS_TEXT, "%s", name[0] ? name : label);
    else
        snprintf(ret_text, COLUMNS_TEXT, "%s%s%s", label, name[0] && !here ? " → " : "", here ? "" : name);
    return ret_text;
}

/* A text, and a bar in the rest of the row. */
static void with_bar(struct canvas *canvas, int row, int width, const char *left, qty_t done, qty_t wanted)
{
    char bar[COLUMNS_TEXT];
    int used = columns_width(left);
    used = used < width - BAR_MIN ? used : width - BAR_MIN;
    canvas_text(canvas, row, 1, used, STYLE_PLAIN, left);
    canvas_text(canvas, row, 1 + used, width - used, STYLE_ACCEPT_TEXT, bar_print(done, wanted, width - used, bar));
}

/* Nothing was asked for: what has come. */
static void extras(const struct work *work, struct canvas *canvas, int row, int width, const char *no)
{
    char text[COLUMNS_TEXT], packs[PACKS_BYTES];
    const struct rows *rows = &work->rows;
    if (rows->extra_count == 0)
        snprintf(text, sizeof text, "%s", _("nothing yet"));
    else if (rows->extra_count == 1)
        snprintf(text, sizeof text, _("%s in all"),
                 text_packs(rows->row[rows->count - 1].done, &rows->row[rows->count - 1].product, packs));
    else
        snprintf(text, sizeof text, _("%zu kinds"), rows->extra_count);
    if (no[0])
        canvas_both(canvas, row, 1, width, STYLE_PLAIN, no, text);
    else
        canvas_text(canvas, row, 1, width, STYLE_PLAIN, text);
}

/* A visit: where, how much, and how much of it is not as it should be; when it is over, its report tells. */
static void visit(const struct work *work, struct canvas *canvas, int row, int width)
{
    char text[COLUMNS_TEXT] = "", number[QTY_TEXT_MAX + 1];
    if (work->document->state == DOCUMENT_OPEN)
        snprintf(text, sizeof text, work->findings ? "%s !%d" : "%s", qty_print(work->pieces, number),
                 work->findings);
    canvas_both(canvas, row, 1, width, STYLE_PLAIN, work->place, text);
}

void progress_lines(const struct work *work, struct canvas *canvas, int row, int width, const char *no)
{
    char left[COLUMNS_TEXT];
    const struct document *document = work->document;
    if (work->flow.judges) {
        visit(work, canvas, row, width);
        return;
    }
    if (document->line_count == 0) {
        extras(work, canvas, row, width, no);
        return;
    }
    snprintf(left, sizeof left, width + 2 < NARROW_COLS ? "%s%s%zu/%zu " : _("%s%s%zu/%zu lines "), no,
             no[0] ? " " : "", work->lines_done, document->line_count);
    with_bar(canvas, row, width, left, work->done, work->wanted);
}

/* What is filled, or lies loose and waits for its label. How many stands in the banner below. */
static void filling(const struct work *work, struct canvas *canvas, int row, int width)
{
    char left[COLUMNS_TEXT], tail[WORK_TAIL_BYTES];
    const char *container = work->document->container;
    if (container[0])
        snprintf(left, sizeof left, "▣ …%s ", work_tail(container, tail));
    else
        snprintf(left, sizeof left, "%s ", work->filled ? _("loose") : work->document->no);
    if (work->rule > 0 && (container[0] || work->filled))
        with_bar(canvas, row, width, left, work->filled * QTY_ONE, work->rule * QTY_ONE);
    else
        canvas_text(canvas, row, 1, width, STYLE_PLAIN, left);
}

char *progress_visit(const struct work *work, char *ret_text)
{
    char number[QTY_TEXT_MAX + 1];
    snprintf(ret_text, COLUMNS_TEXT, _("%s scanned, %d not in order"), qty_print(work->pieces, number),
             work->findings);
    return ret_text;
}

void progress_draw(const struct work *work, struct canvas *canvas, int row, int width)
{
    if (work->flow.work == WORK_PACK)
        filling(work, canvas, row, width);
    else if (work->flow.work == WORK_REPLACE || work->flow.work == WORK_RELABEL)
        canvas_text(canvas, row, 1, width, STYLE_PLAIN, work->document->no);
    else
        progress_lines(work, canvas, row, width, work->document->no);
}

bool progress_context(const struct work *work, struct canvas *canvas, int row, int width)
{
    char text[COLUMNS_TEXT];
    const struct document *document = work->document;
    const char *id = document->context_product;
    if (!id[0])
        return false;
    const char *name = work->context_product.name[0] ? work->context_product.name : id;
    if (document->context_lot[0])
        snprintf(text, sizeof text, _("bound: %s lot %s"), name, document->context_lot);
    else
        snprintf(text, sizeof text, _("bound: %s"), name);
    canvas_text(canvas, row, 1, width, STYLE_CONFIRM_TEXT, text);
    return true;
}

char *progress_next(const struct work *work, char *ret_text)
{
    char qty[PACKS_BYTES];
    ret_text[0] = '\0';
    for (size_t i = 0; work->rows.picked && i < work->rows.count; i++) {
        const struct row *row = &work->rows.row[i];
        if (!row->bin[0] || row->done >= row->qty)
            continue;
        snprintf(ret_text, COLUMNS_TEXT, _("next: %s × %s"), row->bin,
                 text_packs(row->qty - row->done, &row->product, qty));
        break;
    }
    return ret_text;
}
