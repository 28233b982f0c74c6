#include "app/ui/verdict_view.h"
#include "app/text/text.h"
#include "app/ui/banner.h"
#include "app/ui/bar.h"
#include "app/ui/columns.h"
#include "app/ui/lines.h"
#include "app/ui/strip.h"
#include <stdio.h>
#include <string.h>

enum { ROOMY_ROWS = 17, TALL_ROWS = 21, WIDE_COLS = 64, LEFT_COLS = 40, NARROW_COLS = 26, PACKS_BYTES = 64 };

/* How the rows are shared out: the same parts on every size, more room where there is more. */
struct layout {
    int width; /* of the left part; all of it on a handheld */
    int banner_row, banner_rows;
    int goods_row;
    int advice_row, advice_rows;
    int strip_row, strip_rows;
    int corner_row;
};

static struct layout lay_out(const struct canvas *canvas)
{
    bool roomy = canvas->rows >= ROOMY_ROWS;
    struct layout l = {.width = canvas->cols >= WIDE_COLS ? LEFT_COLS : canvas->cols};
    l.banner_row = 2;
    l.banner_rows = roomy ? 5 : 3;
    l.goods_row = l.banner_row + l.banner_rows + roomy;
    l.advice_row = l.goods_row + 3;
    l.corner_row = canvas->rows - 1;
    l.strip_rows = canvas->rows >= TALL_ROWS ? 4 : roomy ? 2 : 1;
    l.strip_row = l.corner_row - l.strip_rows;
    l.advice_rows = l.strip_row - l.advice_row;
    return l;
}

static void head(const struct work *work, struct canvas *canvas, const struct layout *l)
{
    const struct document *document = work->document;
    char line[COLUMNS_TEXT], left[COLUMNS_TEXT], right[COLUMNS_TEXT];
    snprintf(left, sizeof left, " %s", document->to_name[0] ? document->to_name : document->no);
    snprintf(right, sizeof right, "%s ", document->dock);
    columns_both(left, right, canvas->cols, line);
    canvas_row(canvas, 0, STYLE_TITLE, ALIGN_LEFT, line);
    snprintf(left, sizeof left, l->width < NARROW_COLS ? "%s %zu/%zu " : _("%s %zu/%zu lines "), document->no,
             work->lines_done, document->line_count);
    int used = columns_width(left);
    int room = l->width - 2;
    used = used < room - 6 ? used : room - 6;
    canvas_text(canvas, 1, 1, used, STYLE_PLAIN, left);
    canvas_text(canvas, 1, 1 + used, room - used, STYLE_ACCEPT_TEXT,
                bar_print(work->done, work->wanted, room - used, line));
}

/* "3箱+4 / 6箱" of the line that the scan went to. */
static void line_count(const struct outcome *last, char *ret_text)
{
    char done[PACKS_BYTES], wanted[PACKS_BYTES];
    ret_text[0] = '\0';
    if (last->line[0] && last->line_qty > 0)
        snprintf(ret_text, COLUMNS_TEXT, "%s / %s", text_packs(last->line_tallied, &last->facts.product, done),
                 text_packs(last->line_qty, &last->facts.product, wanted));
}

static void ready(const struct work *work, struct canvas *canvas, const struct layout *l)
{
    char qty[QTY_TEXT_MAX + 1], next[COLUMNS_TEXT] = "";
    if (work->next_qty)
        snprintf(next, sizeof next, _("next scan × %s"), qty_print(work->next_qty, qty));
    const struct banner banner = {STYLE_READY, "", _("Ready: scan the goods"), {next, ""}};
    banner_draw(&banner, canvas, l->banner_row, l->banner_rows, l->width);
    for (size_t i = 0; i < work->document->line_count && l->goods_row + (int)i < l->strip_row; i++) {
        char row[COLUMNS_TEXT]; /* what to look for, as long as there is nothing else to say */
        lines_row(work, i, l->width - 2, row);
        canvas_text(canvas, l->goods_row + (int)i, 1, l->width - 2, STYLE_PLAIN, row);
    }
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

static void verdict(const struct work *work, const struct text_advice *advice, struct canvas *canvas,
                    const struct layout *l)
{
    const struct verdict *v = &work->last.verdict;
    char count[COLUMNS_TEXT], next[COLUMNS_TEXT], qty[QTY_TEXT_MAX + 1];
    bool good = v->severity == SEVERITY_ACCEPT || v->severity == SEVERITY_WARN;
    line_count(&work->last, count);
    if (work->next_qty)
        snprintf(next, sizeof next, _("next scan × %s"), qty_print(work->next_qty, qty));
    else if (good && work->lines_done == work->document->line_count)
        snprintf(next, sizeof next, "%s", _("All there: F4 completes"));
    else
        snprintf(next, sizeof next, "%s", advice->todo);
    const struct banner banner = {theme_banner(v->severity),
                                  theme_shape(v->severity),
                                  text_reason(v->reason),
                                  {good && count[0] ? count : next, good && count[0] ? next : ""}};
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
    if (facts->product_known && expires != DAY_NONE) {
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

/* What is still open: rejects, a question, records that the server does not have. */
static void corner(const struct ui *ui, const char *typed, struct canvas *canvas, const struct layout *l)
{
    const struct work *work = &ui->work;
    char left[COLUMNS_TEXT], right[COLUMNS_TEXT] = "";
    if (ui->counts.waiting > 0)
        snprintf(right, sizeof right, _("unsent %lld"), (long long)ui->counts.waiting);
    enum style style = STYLE_DIM;
    left[0] = '\0';
    if (typed[0]) {
        snprintf(left, sizeof left, "> %s_", typed);
        style = STYLE_BOLD;
    } else if (work->waiting_seq) {
        snprintf(left, sizeof left, _("? F3 confirms …%s"), work->waiting_tail);
        style = STYLE_CONFIRM_TEXT;
    } else if (work->document->latched) {
        snprintf(left, sizeof left, _("!%d open …%s ↓"), work->document->latched, work->latch_tail);
        style = STYLE_REJECT_TEXT;
    }
    canvas_text(canvas, l->corner_row, 1, l->width - 2, style, left);
    int room = columns_width(right);
    if (columns_width(left) + room + 1 < l->width - 2)
        canvas_text(canvas, l->corner_row, l->width - 1 - room, room, STYLE_DIM, right);
}

/* On a wide screen all lines stand beside the verdict. */
static void side(const struct work *work, struct canvas *canvas, const struct layout *l)
{
    int col = l->width + 2, width = canvas->cols - col - 1;
    for (size_t i = 0; i < work->document->line_count && 2 + (int)i < canvas->rows; i++) {
        const struct line *line = &work->document->lines[i];
        char row[COLUMNS_TEXT];
        lines_row(work, i, width, row);
        bool here = work->judged && strcmp(line->line, work->last.line) == 0;
        enum style style = line->tallied >= line->qty ? STYLE_ACCEPT_TEXT : STYLE_PLAIN;
        canvas_text(canvas, 2 + (int)i, col, width, here ? STYLE_BOLD : style, row);
    }
}

static struct text_scan scan_text(const struct ui *ui)
{
    const struct outcome *last = &ui->work.last;
    return (struct text_scan){.verdict = &last->verdict,
                              .document = ui->work.document,
                              .code = &last->code,
                              .facts = &last->facts,
                              .context_set = last->context_set,
                              .container_closed = last->container_closed,
                              .pair_waits = last->pair_waits,
                              .to_quarantine = last->to_quarantine,
                              .container = last->container,
                              .filled = last->filled,
                              .rule = last->rule};
}

void verdict_view_draw(const struct ui *ui, const char *typed, struct canvas *canvas)
{
    const struct work *work = &ui->work;
    struct layout l = lay_out(canvas);
    if (!work->document)
        return;
    head(work, canvas, &l);
    if (work->alarm != RC_OK) {
        alarm(work, canvas, &l);
    } else if (work->taken_out) {
        taken_out(work, canvas, &l);
    } else if (!work->judged) {
        ready(work, canvas, &l);
    } else {
        struct text_advice advice;
        const struct text_scan scan = scan_text(ui);
        text_advise(&scan, &advice);
        verdict(work, &advice, canvas, &l);
        goods(&work->last, canvas, &l);
        advise(&work->last, &advice, canvas, &l);
    }
    strip_draw(work, canvas, l.strip_row, l.strip_rows, l.width);
    corner(ui, typed, canvas, &l);
    if (l.width < canvas->cols)
        side(work, canvas, &l);
}
