#include "app/ui/verdict_view.h"
#include "app/text/text.h"
#include "app/ui/audit_lines.h"
#include "app/ui/banner.h"
#include "app/ui/columns.h"
#include "app/ui/progress.h"
#include "app/ui/ready.h"
#include "app/ui/strip.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOMY_ROWS = 17, TALL_ROWS = 21, WIDE_COLS = 64, LEFT_COLS = 40, PACKS_BYTES = 64 };

/* How the rows are shared out: the same parts on every size, more room where there is more. */
struct layout {
    int width; /* of the left part; all of it on a handheld */
    int banner_row, banner_rows;
    int goods_row;
    int advice_row, advice_rows;
    int strip_row, strip_rows;
    int corner_row;
};

static struct layout lay_out(const struct canvas *canvas, bool bound, bool audit)
{
    bool roomy = canvas->rows >= ROOMY_ROWS;
    struct layout l = {.width = canvas->cols >= WIDE_COLS ? LEFT_COLS : canvas->cols};
    l.banner_row = 2 + bound; /* the context line has a row of its own */
    l.banner_rows = roomy ? 5 : 3;
    l.goods_row = l.banner_row + l.banner_rows + roomy;
    l.advice_row = l.goods_row + 3;
    l.corner_row = canvas->rows - 1;
    l.strip_rows = canvas->rows >= TALL_ROWS ? 4 : roomy ? 2 : 1;
    l.strip_row = l.corner_row - l.strip_rows;
    l.advice_rows = l.strip_row - l.advice_row;
    if (audit) { /* there is much to tell of a piece */
        l.banner_rows = 3;
        l.goods_row = l.banner_row + l.banner_rows;
        l.advice_row = l.goods_row + 2;
        l.strip_row = l.corner_row - 1;
        l.strip_rows = 1;
        l.advice_rows = l.strip_row - l.advice_row;
    }
    return l;
}

static void head(const struct work *work, struct canvas *canvas, const struct layout *l)
{
    const struct document *document = work->document;
    char line[COLUMNS_TEXT], left[COLUMNS_TEXT], right[COLUMNS_TEXT], title[COLUMNS_TEXT];
    snprintf(left, sizeof left, " %.*s", COLUMNS_TEXT - 2, progress_title(work, title));
    snprintf(right, sizeof right, "%s ", document->dock);
    columns_both(left, right, canvas->cols, line);
    canvas_row(canvas, 0, STYLE_TITLE, ALIGN_LEFT, line);
    progress_draw(work, canvas, 1, l->width - 2);
    progress_context(work, canvas, 2, l->width - 2);
}

/* "3箱+4 / 6箱" of the line that the scan went to. */
static void line_count(const struct outcome *last, char *ret_text)
{
    char done[PACKS_BYTES], wanted[PACKS_BYTES];
    ret_text[0] = '\0';
    if (last->line[0] && last->line_qty > 0)
        snprintf(ret_text, COLUMNS_TEXT, "%s / %s",
                 text_packs_of(last->line_tallied, last->line_qty, &last->facts.product, done),
                 text_packs(last->line_qty, &last->facts.product, wanted));
}

/* What to look for, as long as there is nothing else to say; what is full comes last. */
static void list_rows(const struct work *work, struct canvas *canvas, const struct layout *l)
{
    int at = l->goods_row;
    for (int full = 0; full <= 1; full++)
        for (size_t i = 0; i < work->rows.count && at < l->strip_row; i++) {
            const struct row *row = &work->rows.row[i];
            char text[COLUMNS_TEXT];
            if ((row->line == LINE_NONE || row->done >= row->qty) != full)
                continue;
            rows_write(&work->rows, i, l->width - 2, text);
            canvas_text(canvas, at++, 1, l->width - 2, STYLE_PLAIN, text);
        }
}

static void ready(const struct work *work, struct canvas *canvas, const struct layout *l)
{
    char qty[QTY_TEXT_MAX + 1], next[COLUMNS_TEXT] = "";
    if (work->next_qty)
        snprintf(next, sizeof next, _("next scan × %s"), qty_print(work->next_qty, qty));
    else if (!progress_next(work, next)[0])
        ready_hint(work, next);
    const struct banner banner = {STYLE_READY, "", ready_word(work), {next, ""}};
    banner_draw(&banner, canvas, l->banner_row, l->banner_rows, l->width);
    list_rows(work, canvas, l);
}

/* A pull brought other lines, or ended the order. */
static void changed(const struct work *work, struct canvas *canvas, const struct layout *l)
{
    bool open = work->document->state == DOCUMENT_OPEN;
    const struct banner banner = {open ? STYLE_WARN : STYLE_REJECT,
                                  open ? "!" : "✘",
                                  open ? _("Order changed") : text_document_state(work->document->state),
                                  {open ? _("these are its lines now") : _("take everything out again"), ""}};
    banner_draw(&banner, canvas, l->banner_row, l->banner_rows, l->width);
    list_rows(work, canvas, l);
}

/* What was rejected would be taken now. */
static void freed(const struct work *work, struct canvas *canvas, const struct layout *l)
{
    char word[COLUMNS_TEXT], text[COLUMNS_TEXT];
    snprintf(word, sizeof word, _("Now free: %d"), work->freed);
    snprintf(text, sizeof text, _("scan …%s again"), work->freed_tail);
    const struct banner banner = {STYLE_ACCEPT, "✔", word, {text, ""}};
    banner_draw(&banner, canvas, l->banner_row, l->banner_rows, l->width);
    list_rows(work, canvas, l);
}

/* Scanned goods were released again: they have to come off the truck. */
static void taken_out(const struct work *work, struct canvas *canvas, const struct layout *l)
{
    char word[COLUMNS_TEXT];
    snprintf(word, sizeof word, _("Take out %d"), work->taken_out);
    const struct banner banner = {STYLE_REJECT, "✘", word, {_("no longer fit to go"), ""}};
    banner_draw(&banner, canvas, l->banner_row, l->banner_rows, l->width);
    canvas_wrap(canvas, l->goods_row, 1, l->width - 2, 3, STYLE_PLAIN, _("The down key shows which they are."));
}

static void alarm(const struct work *work, struct canvas *canvas, const struct layout *l)
{
    const struct banner banner = {STYLE_ALARM, "✘", _("Not saved"), {_("This scan does not count"), ""}};
    banner_draw(&banner, canvas, l->banner_row, l->banner_rows, l->width);
    canvas_wrap(canvas, l->goods_row, 1, l->width - 2, 3, STYLE_REJECT_TEXT, text_rc(work->alarm));
}

/* What a pack holds now: "7/12". */
static void pack_count(const struct outcome *last, char *ret_text)
{
    char tail[WORK_TAIL_BYTES];
    if (last->container_closed)
        snprintf(ret_text, COLUMNS_TEXT, "▣ …%s ×%d", work_tail(last->container, tail), last->filled);
    else if (last->container[0] && last->filled == 0)
        ret_text[0] = '\0'; /* what goes in comes next */
    else if (last->rule > 0)
        snprintf(ret_text, COLUMNS_TEXT, "%d / %d", last->filled, last->rule);
    else
        snprintf(ret_text, COLUMNS_TEXT, "%d", last->filled);
}

/* What comes next in packing; how many there are stands above it already. */
static void pack_next(const struct outcome *last, char *ret_text)
{
    bool full = last->rule > 0 && last->filled >= last->rule;
    if (last->container_closed)
        snprintf(ret_text, COLUMNS_TEXT, "%s", _("The next one, or done"));
    else if (last->container[0] && last->filled == 0)
        snprintf(ret_text, COLUMNS_TEXT, "%s", _("Now scan what goes in"));
    else if (last->container[0] && last->rule > 0)
        snprintf(ret_text, COLUMNS_TEXT, _("%d more go in"), last->rule - last->filled);
    else if (last->container[0])
        snprintf(ret_text, COLUMNS_TEXT, "%s", _("its label again closes it"));
    else if (last->rule > 0 && !full)
        snprintf(ret_text, COLUMNS_TEXT, _("%d more, then the label"), last->rule - last->filled);
    else
        snprintf(ret_text, COLUMNS_TEXT, "%s", full ? _("Now scan the label") : _("loose; the label comes last"));
}

/* How it stands after a scan that counts. */
static void count_text(const struct work *work, char *ret_text)
{
    const struct outcome *last = &work->last;
    char tail[WORK_TAIL_BYTES];
    if (last->pair_waits)
        snprintf(ret_text, COLUMNS_TEXT, "…%s → ?", code_tail(&last->code, WORK_TAIL, tail));
    else if (work->pair_tail[0])
        snprintf(ret_text, COLUMNS_TEXT, "…%s → …%s", work->pair_tail, code_tail(&last->code, WORK_TAIL, tail));
    else if (work->flow.work == WORK_PACK && !last->context_set)
        pack_count(last, ret_text);
    else
        line_count(last, ret_text);
}

static void next_text(const struct work *work, const struct text_advice *advice, bool good, char *ret_text)
{
    const struct outcome *last = &work->last;
    char qty[QTY_TEXT_MAX + 1];
    bool did = last->pair_waits || last->to_quarantine || last->context_set || work->flow.work != WORK_COUNT;
    bool full = work->document->line_count && work->lines_done == work->document->line_count;
    ret_text[0] = '\0';
    if (work->next_qty)
        snprintf(ret_text, COLUMNS_TEXT, _("next scan × %s"), qty_print(work->next_qty, qty));
    else if (last->to_quarantine)
        snprintf(ret_text, COLUMNS_TEXT, "%s", _("Put it in quarantine"));
    else if (good && work->flow.work == WORK_PACK && !last->context_set && (last->filled || last->container[0]))
        pack_next(last, ret_text);
    else if (good && full && !did)
        snprintf(ret_text, COLUMNS_TEXT, "%s", _("All there: F4 completes"));
    else if (last->verdict.severity != SEVERITY_ACCEPT || did || !progress_next(work, ret_text)[0])
        snprintf(ret_text, COLUMNS_TEXT, "%s", advice->todo);
}

static void verdict(const struct work *work, const struct text_scan *scan, const struct text_advice *advice,
                    struct canvas *canvas, const struct layout *l)
{
    const struct outcome *last = &work->last;
    const struct verdict *v = &last->verdict;
    char count[COLUMNS_TEXT] = "", next[COLUMNS_TEXT];
    bool good = v->severity == SEVERITY_ACCEPT || v->severity == SEVERITY_WARN;
    if (good)
        count_text(work, count);
    next_text(work, advice, good, next);
    enum severity shown = work_severity(work, v->severity, v->reason);
    shown = last->to_quarantine && shown == SEVERITY_ACCEPT ? SEVERITY_WARN : shown;
    const struct banner banner = {last->pair_waits && good ? STYLE_CONFIRM : theme_banner(shown),
                                  last->pair_waits && good ? "" : theme_shape(shown),
                                  text_banner(scan),
                                  {count[0] ? count : next, count[0] ? next : ""}};
    banner_draw(&banner, canvas, l->banner_row, l->banner_rows, l->width);
}

static void goods(const struct outcome *last, struct canvas *canvas, const struct layout *l)
{
    const struct facts *facts = &last->facts;
    char left[COLUMNS_TEXT], right[COLUMNS_TEXT] = "", tail[WORK_TAIL_BYTES], day[DAY_TEXT_MAX + 1];
    char qty[QTY_TEXT_MAX + 1];
    int row = l->goods_row, width = l->width - 2;
    if (facts->product_known)
        canvas_both(canvas, row, 1, width, STYLE_BOLD, facts->product.name, facts->product.id);
    else
        canvas_text(canvas, row, 1, width, STYLE_BOLD,
                    last->code.key[0] ? work_shown(last->code.key) : _("(not read)"));
    left[0] = '\0';
    if (code_tail(&last->code, WORK_TAIL, tail)[0])
        snprintf(left, sizeof left, "…%s", tail);
    if (facts->container && last->verdict.qty > 0)
        snprintf(left, sizeof left, "…%s ×%s", tail, qty_print(last->verdict.qty, qty));
    if (facts->lot.id[0])
        snprintf(right, sizeof right, _("lot %s"), facts->lot.id);
    canvas_both(canvas, row + 1, 1, width, STYLE_PLAIN, left, right);
    day_t expires = facts->lot.expires != DAY_NONE ? facts->lot.expires : last->code.expires;
    if (row + 2 < l->advice_row && facts->product_known && expires != DAY_NONE) {
        snprintf(right, sizeof right, _("use by %s"), day_print(expires, day));
        canvas_both(canvas, row + 2, 1, width, STYLE_DIM, "", right);
    }
}

/* The reason in full, and the other findings by name. */
static void advise(const struct outcome *last, const struct text_advice *advice, struct canvas *canvas,
                   const struct layout *l)
{
    enum style style = theme_text(last->verdict.severity);
    int row = l->advice_row, end = row + l->advice_rows, width = l->width - 2;
    if (last->verdict.reason != REASON_OK)
        row += canvas_wrap(canvas, row, 1, width, end - row, style, advice->wrong);
    if (row < end)
        row += canvas_wrap(canvas, row, 1, width, end - row, STYLE_PLAIN, advice->expected);
    for (int i = 0; i < REASON_OK && row < end; i++) {
        char text[COLUMNS_TEXT];
        if (!(last->verdict.findings & REASON_BIT(i)))
            continue;
        snprintf(text, sizeof text, "+ %s", text_reason((enum reason)i));
        canvas_text(canvas, row++, 1, width, STYLE_DIM, text);
    }
}

/* All that was found out about it, as far as it goes on the screen. */
static void audit_advise(const struct work *work, const struct text_scan *scan, struct canvas *canvas,
                         const struct layout *l)
{
    struct audit_lines *lines = calloc(1, sizeof *lines);
    if (lines)
        audit_lines_make(scan, work->last.verdict.severity != SEVERITY_ACCEPT, lines);
    if (lines)
        audit_lines_draw(lines, 0, canvas, l->advice_row, l->advice_rows, l->width - 2, _("… ↑ more"));
    free(lines);
}

/* In an audit: doubles that nobody has answered, else what else can be done. */
static void audit_corner(const struct work *work, char *ret_text)
{
    if (work_asks(work))
        snprintf(ret_text, COLUMNS_TEXT, _("? F3: another one …%s"), work->waiting_tail);
    else if (work->waiting_seq)
        snprintf(ret_text, COLUMNS_TEXT, _("? …%s the same? F2"), work->waiting_tail);
    else
        snprintf(ret_text, COLUMNS_TEXT, "%s", _("↑ photos …"));
}

/* What is still open: rejects, a question; what the server did not accept, else what it does not have. */
static void corner(const struct ui *ui, const char *typed, struct canvas *canvas, const struct layout *l)
{
    const struct work *work = &ui->work;
    char left[COLUMNS_TEXT], right[COLUMNS_TEXT] = "";
    if (ui->counts.inbox > 0)
        snprintf(right, sizeof right, "≠%lld ←", (long long)ui->counts.inbox);
    else if (ui->counts.waiting > 0)
        snprintf(right, sizeof right, _("unsent %lld"), (long long)ui->counts.waiting);
    enum style style = STYLE_DIM;
    left[0] = '\0';
    if (typed[0]) {
        snprintf(left, sizeof left, "> %s_", typed);
        style = STYLE_BOLD;
    } else if (work->flow.judges) {
        audit_corner(work, left);
        style = work->waiting_seq ? STYLE_CONFIRM_TEXT : STYLE_DIM;
    } else if (work->waiting_seq) {
        snprintf(left, sizeof left, _("? F3 confirms …%s"), work->waiting_tail);
        style = STYLE_CONFIRM_TEXT;
    } else if (work->document->latched) {
        snprintf(left, sizeof left, _("!%d open …%s ↓"), work->document->latched, work->latch_tail);
        style = STYLE_REJECT_TEXT;
    }
    bool lost = ui->counts.inbox > 0; /* that has its place, whatever else there is */
    int room = columns_width(right), width = l->width - 2 - (lost ? room + 1 : 0);
    canvas_text(canvas, l->corner_row, 1, width, style, left);
    if (lost || columns_width(left) + room + 1 < width)
        canvas_text(canvas, l->corner_row, l->width - 1 - room, room, lost ? STYLE_REJECT_TEXT : STYLE_DIM, right);
}

/* On a wide screen all rows stand beside the verdict. */
static void side(const struct work *work, struct canvas *canvas, const struct layout *l)
{
    int col = l->width + 2, width = canvas->cols - col - 1;
    for (size_t i = 0; i < work->rows.count && 2 + (int)i < canvas->rows; i++) {
        const struct row *row = &work->rows.row[i];
        const char *line = row->line == LINE_NONE ? "" : work->document->lines[row->line].line;
        char text[COLUMNS_TEXT];
        rows_write(&work->rows, i, width, text);
        bool here = work->judged && line[0] && strcmp(line, work->last.line) == 0;
        bool full = row->line != LINE_NONE && row->done >= row->qty;
        canvas_text(canvas, 2 + (int)i, col, width, here ? STYLE_BOLD : full ? STYLE_ACCEPT_TEXT : STYLE_PLAIN, text);
    }
}

void verdict_view_draw(const struct ui *ui, const char *typed, struct canvas *canvas)
{
    const struct work *work = &ui->work;
    struct layout l =
        lay_out(canvas, work->document && work->document->context_product[0], work->flow.judges && work->judged);
    if (!work->document)
        return;
    head(work, canvas, &l);
    if (work->alarm != RC_OK) {
        alarm(work, canvas, &l);
    } else if (work->taken_out) {
        taken_out(work, canvas, &l);
    } else if (work->changed) {
        changed(work, canvas, &l);
    } else if (work->freed) {
        freed(work, canvas, &l);
    } else if (!work->judged) {
        ready(work, canvas, &l);
    } else {
        struct text_advice advice;
        const struct text_scan scan = work_text(work, &work->last);
        text_advise(&scan, &advice);
        verdict(work, &scan, &advice, canvas, &l);
        goods(&work->last, canvas, &l);
        if (work->flow.judges)
            audit_advise(work, &scan, canvas, &l);
        else
            advise(&work->last, &advice, canvas, &l);
    }
    strip_draw(work, canvas, l.strip_row, l.strip_rows, l.width);
    corner(ui, typed, canvas, &l);
    if (l.width < canvas->cols)
        side(work, canvas, &l);
}
