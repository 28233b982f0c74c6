#include "app/ui/audit_lines.h"
#include "app/ui/columns.h"
#include <stdio.h>
#include <string.h>

static struct audit_line *add(struct audit_lines *lines, enum style style, const char *label)
{
    int at = lines->count < AUDIT_LINES_MAX ? lines->count++ : AUDIT_LINES_MAX - 1;
    struct audit_line *line = &lines->line[at];
    line->style = style;
    line->label = label;
    return line;
}

static void tell(struct audit_lines *lines, enum style style, const char *label, const char *text)
{
    if (text[0])
        snprintf(add(lines, style, label)->text, AUDIT_LINE_BYTES + 1, "%s", text);
}

/* "2026-10-02 SO-2" */
static void print_sale(const struct sale *sale, char *ret_text, size_t size)
{
    char day[DAY_TEXT_MAX + 1] = "";
    if (sale->at != DAY_NONE)
        day_print(sale->at, day);
    snprintf(ret_text, size, "%s%s%s", day, day[0] && sale->no[0] ? " " : "", sale->no);
}

static void add_sold(const struct text_scan *scan, struct audit_lines *lines)
{
    const struct market *market = &scan->facts->market;
    char text[AUDIT_LINE_BYTES];
    enum style style = market->place == REASON_OUT_OF_REGION ? STYLE_WARN_TEXT : STYLE_PLAIN;
    if (!market->sale.party[0])
        return;
    tell(lines, STYLE_BOLD, _("Sold to"), market->party_name);
    tell(lines, style, _("Territory"), market->allowed_name[0] ? market->allowed_name : _("no region"));
    if (market->by_permit)
        tell(lines, STYLE_PLAIN, _("Here"), _("by permit"));
    else if (market->owner[0])
        tell(lines, style, _("Here sells"), market->owner_name);
    print_sale(&market->sale, text, sizeof text);
    tell(lines, STYLE_PLAIN, _("Shipped"), text);
}

/* Where it may be sold has been told already. */
static bool is_told(const struct text_scan *scan, enum reason reason)
{
    return reason >= REASON_IN_REGION || (reason == REASON_OUT_OF_REGION && scan->facts->market.sale.party[0]);
}

/* What is wrong by this reason, in the words that it has when it leads. */
static void why(const struct text_scan *scan, enum reason reason, char *ret_text)
{
    struct verdict verdict = *scan->verdict;
    struct text_advice advice;
    verdict.reason = reason;
    struct text_scan one = *scan;
    one.verdict = &verdict;
    text_advise(&one, &advice);
    snprintf(ret_text, AUDIT_LINE_BYTES, "%s", advice.wrong);
    text_cut(ret_text, AUDIT_LINE_BYTES - 1);
}

static void add_finding(const struct text_scan *scan, enum reason reason, bool leads, struct audit_lines *lines)
{
    char text[AUDIT_LINE_BYTES];
    if (is_told(scan, reason))
        snprintf(text, sizeof text, "%s", text_reason(reason));
    else
        why(scan, reason, text);
    struct audit_line *line = add(lines, leads ? STYLE_WARN_TEXT : STYLE_BOLD, NULL);
    if (leads)
        snprintf(line->text, sizeof line->text, "%s", text);
    else
        snprintf(line->text, sizeof line->text, "+ %s", text);
    text_cut(line->text, AUDIT_LINE_BYTES);
}

static void add_findings(const struct text_scan *scan, struct audit_lines *lines)
{
    const struct verdict *verdict = scan->verdict;
    for (int i = 0; i < REASON_OK; i++)
        if ((verdict->findings & REASON_BIT(i)) && i != (int)verdict->reason && i != REASON_IN_REGION)
            add_finding(scan, (enum reason)i, false, lines);
}

static void add_earlier(const struct market *market, struct audit_lines *lines)
{
    for (int i = 0; i < market->earlier_count; i++) {
        const struct sale *sale = &market->earlier[i];
        struct audit_line *line = add(lines, STYLE_DIM, NULL);
        char day[DAY_TEXT_MAX + 1] = "";
        if (sale->at != DAY_NONE)
            day_print(sale->at, day);
        snprintf(line->text, sizeof line->text, "◂ %s%s%s", day, day[0] ? " " : "", market->earlier_name[i]);
    }
}

void audit_lines_make(const struct text_scan *scan, bool asked, struct audit_lines *ret_lines)
{
    enum reason reason = scan->verdict->reason;
    ret_lines->count = 0;
    if (asked || !is_told(scan, reason))
        add_finding(scan, reason, true, ret_lines);
    add_findings(scan, ret_lines);
    add_sold(scan, ret_lines);
    add_earlier(&scan->facts->market, ret_lines);
}

/* Rows of one line; a label and a text that do not go side by side take two. */
static int rows_of(const struct audit_line *line, int width)
{
    return line->label ? 1 : columns_rows(line->text, width);
}

int audit_lines_draw(const struct audit_lines *lines, int first, struct canvas *canvas, int row, int rows, int width,
                     const char *more)
{
    int drawn = 0, end = row + rows;
    for (int i = first; i < lines->count && row < end; i++) {
        const struct audit_line *line = &lines->line[i];
        bool last = i + 1 == lines->count;
        if (row + rows_of(line, width) > end - !last) {
            canvas_text(canvas, row, 1, width, STYLE_DIM, more);
            break;
        }
        if (line->label)
            canvas_both(canvas, row++, 1, width, line->style, line->label, line->text);
        else
            row += canvas_wrap(canvas, row, 1, width, end - row, line->style, line->text);
        drawn++;
    }
    return drawn;
}
