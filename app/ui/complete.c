#include "app/ui/complete.h"
#include "app/text/text.h"
#include <stdio.h>
#include <string.h>

/* Only where all lines are expected to be full. */
static bool is_short(const struct work *work)
{
    return !work->flow.partial && !work->flow.differences && work->lines_done < work->document->line_count;
}

/* One row too few or too many; false when there is no room for more. */
static bool print_found(const struct row *row, char *ret_text)
{
    char qty[QTY_TEXT_MAX + 1];
    size_t used = strlen(ret_text);
    qty_t more = row->line == LINE_NONE ? row->done : row->done - row->qty;
    if (!more)
        return true;
    int wrote =
        snprintf(ret_text + used, NOTICE_MAX + 1 - used, "%s%s%s %s%s%s", used ? "\n" : "", more < 0 ? "−" : "+",
                 qty_print(more < 0 ? -more : more, qty), row->product.name, row->lot[0] ? " " : "", row->lot);
    bool fits = wrote > 0 && used + (size_t)wrote <= NOTICE_MAX;
    if (!fits)
        ret_text[used] = '\0';
    return fits;
}

char *complete_found(const struct work *work, char *ret_text)
{
    enum { FOUND_ROWS = 4 };
    int rows = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < work->rows.count && rows < FOUND_ROWS; i++) {
        size_t used = strlen(ret_text);
        if (!print_found(&work->rows.row[i], ret_text))
            break;
        rows += ret_text[used] != '\0';
    }
    return ret_text;
}

/* Goods came in: the sender hears what was missing and what nobody had sent. */
static void done_in(const struct work *work, char *ret_text)
{
    char found[NOTICE_MAX + 1];
    complete_found(work, found);
    if (found[0])
        snprintf(ret_text, NOTICE_MAX + 1, "%s\n%s", found, _("This is told with the next sync."));
    else
        snprintf(ret_text, NOTICE_MAX + 1, "%s", _("All that was sent has come."));
    text_cut(ret_text, NOTICE_MAX);
}

static void done(struct ui *ui)
{
    char text[NOTICE_MAX + 1], title[NOTICE_MAX + 1];
    const struct work *work = &ui->work;
    snprintf(title, sizeof title, _("%s is done"), work->document->no);
    if (work->flow.lines == LINES_TRANSIT)
        done_in(work, text);
    else if (work->document->line_count)
        snprintf(text, sizeof text, _("%zu of %zu lines full. The result goes out with the next sync."),
                 work->lines_done, work->document->line_count);
    else
        snprintf(text, sizeof text, "%s", _("The result goes out with the next sync."));
    if (ui->sync)
        sync_worker_wake(ui->sync);
    ui_counts(ui);
    ui_give(ui, FEEDBACK_ORDER_DONE);
    ui_home(ui);
    ui_message(ui, SEVERITY_ACCEPT, title, text);
}

static void to_latches(struct ui *ui, const char *why, const struct scene *scene)
{
    work_reload(&ui->work, ui->engine);
    ui_notice(ui, SEVERITY_WARN, "%s", why);
    ui_go(ui, scene);
}

/* What the engine misses, and the screen that asks for it. */
static void ask_for(struct ui *ui, enum rc rc)
{
    static const struct {
        enum rc rc;
        const struct scene *scene;
        bool tell;
    } ASKS[] = {
        {RC_LATCHED, &scene_latches, true},      {RC_RECHECK, &scene_recheck, true},
        {RC_SHORT, &scene_shortage, false},      {RC_COUNT_MISMATCH, &scene_count, false},
        {RC_RECOUNT, &scene_differences, false}, {RC_FIELD_MISSING, &scene_header, true},
        {RC_FIELD_LIMIT, &scene_header, true},
    };
    for (size_t i = 0; i < sizeof ASKS / sizeof ASKS[0]; i++)
        if (ASKS[i].rc == rc && ASKS[i].tell) {
            to_latches(ui, text_rc(rc), ASKS[i].scene);
            return;
        } else if (ASKS[i].rc == rc) {
            ui_go(ui, ASKS[i].scene);
            return;
        }
    ui_rc(ui, rc);
}

/* The engine has the last word; what it misses is asked for. */
static void finish(struct ui *ui)
{
    struct work *work = &ui->work;
    int64_t seq;
    enum rc rc = engine_complete(ui->engine, work->doc, &work->completion.said, &seq);
    if (rc == RC_OK) {
        done(ui);
        return;
    }
    if (rc == RC_COUNT_MISMATCH) {
        work->completion.mismatched = true;
        work->completion.said.counted = false;
        ui_give(ui, FEEDBACK_REJECT);
    }
    ask_for(ui, rc);
}

void complete_begin(struct ui *ui)
{
    memset(&ui->work.completion, 0, sizeof ui->work.completion);
    complete_next(ui);
}

void complete_next(struct ui *ui)
{
    struct work *work = &ui->work;
    const struct flow *flow = &work->flow;
    if (work->outdated)
        to_latches(ui, text_rc(RC_RECHECK), &scene_recheck);
    else if (work->document->latched && !flow->judges) /* a double that nobody answers is the same piece */
        to_latches(ui, _("First deal with what was rejected."), &scene_latches);
    else if (is_short(work) && !work->completion.said.short_reason)
        ui_go(ui, &scene_shortage);
    else if (flow->blind_count && !work->completion.said.counted)
        ui_go(ui, &scene_count);
    else if (form_count(flow, work->document) > 0 && !work->completion.header_asked)
        ui_go(ui, &scene_header);
    else
        finish(ui);
}

void complete_short(struct ui *ui, const char *reason)
{
    ui->work.completion.said.short_reason = reason;
    complete_next(ui);
}

void complete_counted(struct ui *ui, qty_t cases, qty_t loose)
{
    struct completion *said = &ui->work.completion.said;
    said->counted = true;
    said->cases = cases;
    said->loose = loose;
    complete_next(ui);
}

void complete_header(struct ui *ui, const struct form *form, const char *supervisor)
{
    struct work *work = &ui->work;
    struct completion *said = &work->completion.said;
    said->field_count = 0;
    for (int i = 0; i < form->fields.count; i++) {
        char *value = work->completion.values[said->field_count], *name = work->completion.names[said->field_count];
        snprintf(value, sizeof work->completion.values[0], "%s", form->fields.field[i].text);
        snprintf(name, sizeof work->completion.names[0], "%s", form->of[i]->name);
        if (!value[0])
            continue;
        said->fields[said->field_count].name = name;
        said->fields[said->field_count++].value = value;
    }
    if (supervisor[0]) {
        snprintf(work->completion.supervisor, sizeof work->completion.supervisor, "%s", supervisor);
        said->supervisor = work->completion.supervisor;
    }
    work->completion.header_asked = true;
    complete_next(ui);
}

void complete_recall(const struct ui *ui, struct form *form)
{
    const struct completion *said = &ui->work.completion.said;
    for (int i = 0; i < form->fields.count; i++)
        for (int n = 0; n < said->field_count; n++)
            if (strcmp(said->fields[n].name, form->of[i]->name) == 0)
                snprintf(form->fields.field[i].text, sizeof form->fields.field[i].text, "%s", said->fields[n].value);
    form_go(form, engine_bad_field(ui->engine));
}

void complete_recounted(struct ui *ui)
{
    ui->work.completion.said.recounted = true;
    complete_next(ui);
}

void complete_allow(struct ui *ui, const char *supervisor)
{
    struct work *work = &ui->work;
    snprintf(work->completion.supervisor, sizeof work->completion.supervisor, "%s", supervisor);
    work->completion.said.supervisor = work->completion.supervisor;
    work->completion.said.counted = true; /* the figures last typed */
    finish(ui);
}

bool complete_mismatched(const struct ui *ui)
{
    return ui->work.completion.mismatched;
}
