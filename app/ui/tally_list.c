#include "app/ui/tally_list.h"
#include "app/text/text.h"
#include "app/ui/columns.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ABOUT_ROWS = 4 };

static bool see(void *context, const struct store_tally *tally)
{
    struct tally_list *tallies = context;
    bool wanted = tallies->latched_only ? tally->latched : tally->live || tally->waiting || tally->latched;
    wanted &= !tallies->outdated_only || tally->counted_seq != 0;
    if (wanted)
        tallies->rows[tallies->count++] = *tally;
    return tallies->count < TALLY_LIST_MAX;
}

void tally_list_read(struct tally_list *tallies, struct ui *ui)
{
    tallies->count = 0;
    tallies->work = &ui->work;
    if (!tallies->rows)
        tallies->rows = calloc(TALLY_LIST_MAX, sizeof tallies->rows[0]);
    enum rc rc = tallies->rows ? store_tallies(engine_store(ui->engine), ui->work.doc, WORK_TALLIES_MAX, see, tallies)
                               : RC_NOMEM;
    if (rc != RC_OK)
        ui_rc(ui, rc);
    list_reset(&tallies->list, tallies->count);
}

void tally_list_free(struct tally_list *tallies)
{
    free(tallies->rows);
    tallies->rows = NULL;
}

bool tally_is_of(const struct store_tally *tally, const struct code *code)
{
    return strcmp(tally->key, code->key) == 0 || (code->plain[0] && strcmp(tally->key, code->plain) == 0);
}

const struct store_tally *tally_list_current(const struct tally_list *tallies)
{
    return tallies->list.count ? &tallies->rows[tallies->list.current] : NULL;
}

static const char *shape(const struct tally_list *tallies, const struct store_tally *tally)
{
    enum severity severity = work_severity(tallies->work, tally->severity, tally->reason);
    if (tally->latched)
        return theme_shape(SEVERITY_REJECT);
    if (tally->waiting)
        return theme_shape(SEVERITY_CONFIRM);
    return theme_shape(severity == SEVERITY_WARN ? SEVERITY_WARN : SEVERITY_ACCEPT);
}

static void row(const void *context, size_t i, int width, char *ret_text)
{
    const struct tally_list *tallies = context;
    const struct store_tally *tally = &tallies->rows[i];
    char left[COLUMNS_TEXT], right[COLUMNS_TEXT], tail[WORK_TAIL_BYTES], qty[QTY_TEXT_MAX + 1];
    snprintf(left, sizeof left, "%s …%s", shape(tallies, tally), work_tail(tally->key, tail));
    if (tally->live && tally->qty > QTY_ONE)
        snprintf(right, sizeof right, "×%s %s", qty_print(tally->qty, qty), text_reason(tally->reason));
    else
        snprintf(right, sizeof right, "%s", text_reason(tally->reason));
    columns_both(left, right, width, ret_text);
}

void tally_list_draw(const struct tally_list *tallies, const struct ui *ui, struct canvas *canvas, int row_,
                     const char *empty)
{
    int rows = canvas->rows - row_ - ABOUT_ROWS, at = canvas->rows - ABOUT_ROWS + 1, width = canvas->cols - 2;
    const struct store_tally *tally = tally_list_current(tallies);
    list_draw(&tallies->list, canvas, row_, rows, row, tallies, empty);
    if (!tally)
        return;
    char lot[COLUMNS_TEXT] = "";
    if (tally->lot[0])
        snprintf(lot, sizeof lot, _("lot %s"), tally->lot);
    canvas_both(canvas, at, 1, width, STYLE_BOLD, work_product_name(&ui->work, tally->product), lot);
    canvas_wrap(canvas, at + 1, 1, width, 2, STYLE_DIM, work_shown(tally->key));
}
