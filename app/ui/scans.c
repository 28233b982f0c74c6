/* A scan that has come: judged against the document it was made for, shown, and only then heard. */
#include "app/text/text.h"
#include "app/ui/scene.h"
#include <stdio.h>
#include <string.h>

enum { AIM_LEN = 3 };

static enum feedback feedback_of(const struct work *work, const struct outcome *outcome)
{
    const struct verdict *verdict = &outcome->verdict;
    switch (verdict->severity) {
    case SEVERITY_REJECT: return outcome->tick ? FEEDBACK_REPEAT : FEEDBACK_REJECT;
    case SEVERITY_CONFIRM: return outcome->tick ? FEEDBACK_REPEAT : FEEDBACK_CONFIRM;
    case SEVERITY_WARN: return FEEDBACK_WARN;
    case SEVERITY_ACCEPT: break;
    }
    if (outcome->to_quarantine || work_severity(work, verdict->severity, verdict->reason) != SEVERITY_ACCEPT)
        return FEEDBACK_WARN; /* it counts, and goes another way than the rest */
    if (outcome->container_closed)
        return FEEDBACK_CONTAINER;
    if (outcome->order_done)
        return FEEDBACK_ORDER_DONE;
    if (outcome->line_done)
        return FEEDBACK_LINE_DONE;
    return outcome->facts.container ? FEEDBACK_CONTAINER : FEEDBACK_OK;
}

/* What is being typed is not lost to a scan: its verdict stands at the foot. */
static void tell(struct ui *ui)
{
    const struct outcome *last = &ui->work.last;
    char tail[WORK_TAIL_BYTES];
    enum severity severity = work_severity(&ui->work, last->verdict.severity, last->verdict.reason);
    if (ui->work.alarm != RC_OK)
        ui_rc(ui, ui->work.alarm);
    else
        ui_notice(ui, severity, "%s %s …%s", theme_shape(severity), text_reason(last->verdict.reason),
                  code_tail(&last->code, WORK_TAIL, tail));
}

/* Whatever else was on the screen, the verdict is to be seen. */
static void show(struct ui *ui)
{
    if (ui_top(ui) == &scene_scan) {
        ui_send(ui, &(struct event){.kind = EVENT_JUDGED});
        return;
    }
    if (ui_top(ui)->form) {
        tell(ui);
        return;
    }
    for (int i = 0; i < ui->depth; i++)
        if (ui->stack[i].scene == &scene_scan) {
            ui_back_to(ui, &scene_scan);
            return;
        }
    ui_go(ui, &scene_scan);
}

static void count_record(struct ui *ui, int64_t seq)
{
    ui->counts.last_seq = seq;
    ui->counts.waiting = seq - ui->counts.acked_seq;
}

void ui_judged(struct ui *ui, const struct outcome *outcome)
{
    count_record(ui, outcome->seq);
    ui->work.next_qty = 0;
    work_judged(&ui->work, ui->engine, outcome);
    show(ui);
    ui_give(ui, feedback_of(&ui->work, outcome)); /* after show, whose notices have a sound of their own */
}

static void take_judged(struct ui *ui, const char *doc, const struct scan *scan)
{
    struct outcome outcome;
    bool in_hand = strcmp(doc, ui->work.doc) == 0;
    qty_t qty = in_hand ? ui->work.next_qty : 0;
    enum rc rc = engine_scan(ui->engine, doc, scan, qty, &outcome);
    if (rc != RC_OK) { /* nothing was saved: said on the whole screen, never with a good beep */
        ui->work.alarm = rc;
        if (in_hand)
            show(ui);
        else
            ui_message(ui, SEVERITY_REJECT, _("Not saved"), text_rc(rc));
        ui_give(ui, FEEDBACK_ALARM);
        return;
    }
    if (in_hand) {
        ui_judged(ui, &outcome);
        return;
    }
    /* it came before the document was put down */
    count_record(ui, outcome.seq);
    ui_notice(ui, outcome.verdict.severity, "%s: %s", outcome.doc, text_reason(outcome.verdict.reason));
    ui_give(ui, feedback_of(&ui->work, &outcome)); /* its own sound is the notice's no more */
}

static void take_free(struct ui *ui, const struct scan *scan)
{
    struct event event = {.kind = EVENT_SCAN, .scan = scan};
    int year, month, day;
    day_to_ymd((day_t)(ui_wall_ms(ui) / 86400000), &year, &month, &day);
    if (store_read_code(engine_store(ui->engine), scan, year, &event.code) != RC_OK)
        code_parse(scan, year, &event.code);
    ui_send(ui, &event);
}

bool ui_join(struct ui *ui, const struct scan *scan)
{
    const uint8_t *bytes = scan->bytes;
    size_t len = scan->len;
    if (len > AIM_LEN && bytes[0] == ']') { /* the scanner's word for the symbology */
        bytes += AIM_LEN;
        len -= AIM_LEN;
    }
    if (!sync_is_enrolment(bytes, len) || len > SYNC_STRING_MAX)
        return false;
    memcpy(ui->joining, bytes, len);
    ui->joining[len] = '\0';
    ui_go(ui, &scene_enrol);
    return true;
}

void ui_take_scan(struct ui *ui, const struct scan *scan)
{
    const char *doc = scan->ticket ? engine_ticket_doc(ui->engine, scan->ticket) : NULL;
    ui->notice[0] = '\0';
    if (doc)
        take_judged(ui, doc, scan);
    else
        take_free(ui, scan);
}
