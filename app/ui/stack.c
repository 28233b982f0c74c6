/* The stack of scenes, and what scenes ask of the screen they are on. */
#include "app/text/text.h"
#include "app/ui/scene.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SETTLE_MAX = 16 }; /* scenes that send each other on */

const struct scene *ui_top(const struct ui *ui)
{
    return ui->depth ? ui->stack[ui->depth - 1].scene : NULL;
}

void ui_go(struct ui *ui, const struct scene *scene)
{
    ui->next = scene;
}

void ui_replace(struct ui *ui, const struct scene *scene)
{
    ui->pops = 1;
    ui->next = scene;
}

void ui_back(struct ui *ui)
{
    ui->pops = 1;
}

void ui_home(struct ui *ui)
{
    bool there = ui->depth > 0 && ui->stack[0].scene == &scene_home;
    ui->pops = there ? ui->depth - 1 : ui->depth;
    ui->next = there ? NULL : &scene_home;
}

void ui_back_to(struct ui *ui, const struct scene *scene)
{
    for (int i = ui->depth - 1; i >= 0; i--)
        if (ui->stack[i].scene == scene) {
            ui->pops = ui->depth - 1 - i;
            return;
        }
}

void ui_send(struct ui *ui, const struct event *event)
{
    if (ui->depth)
        ui->stack[ui->depth - 1].scene->event(ui, ui->stack[ui->depth - 1].state, event);
}

static void pop(struct ui *ui)
{
    const struct scene *scene = ui_top(ui);
    void *state = ui->stack[ui->depth - 1].state;
    if (scene->exit)
        scene->exit(ui, state);
    free(state);
    ui->depth--;
}

static void push(struct ui *ui, const struct scene *scene)
{
    void *state = calloc(1, scene->state_size ? scene->state_size : 1);
    if (!state || ui->depth == STACK_MAX) {
        free(state);
        ui_rc(ui, RC_NOMEM);
        return;
    }
    ui->stack[ui->depth].scene = scene;
    ui->stack[ui->depth].state = state;
    ui->depth++;
    scene->enter(ui, state);
}

/* Scans belong to the document while a scene of the document is shown, also below a box. */
static bool of_document(const struct ui *ui)
{
    int i = ui->depth - 1;
    while (i > 0 && ui->stack[i].scene->above)
        i--;
    return i >= 0 && ui->stack[i].scene->of_document && ui->work.doc[0];
}

void ui_settle(struct ui *ui)
{
    for (int i = 0; (ui->pops || ui->next) && i < SETTLE_MAX; i++) {
        const struct scene *next = ui->next;
        int pops = ui->pops;
        ui->next = NULL;
        ui->pops = 0;
        for (int p = 0; p < pops && ui->depth; p++)
            pop(ui);
        if (next)
            push(ui, next);
        else if (pops)
            ui_send(ui, &(struct event){.kind = EVENT_RESUME});
    }
    queue_set_ticket(ui->options->queue, of_document(ui) ? ui->work.ticket : 0);
}

void ui_key(struct ui *ui, int key)
{
    ui->notice[0] = '\0';
    if (!ui->depth)
        return;
    void *state = ui->stack[ui->depth - 1].state;
    for (const struct action *action = ui_top(ui)->actions; action->key; action++) {
        if (action->key != key || (action->applies && !action->applies(ui, state)))
            continue;
        action->run(ui, state);
        return;
    }
    ui_send(ui, &(struct event){.kind = EVENT_KEY, .key = key});
}

/* ---- what scenes ask for ---- */

void ui_give(struct ui *ui, enum feedback feedback)
{
    ui->sounds = true;
    ui->feedback = feedback;
}

static enum feedback feedback_of(enum severity severity)
{
    switch (severity) {
    case SEVERITY_ACCEPT: return FEEDBACK_OK;
    case SEVERITY_WARN: return FEEDBACK_WARN;
    case SEVERITY_CONFIRM: return FEEDBACK_CONFIRM;
    case SEVERITY_REJECT: return FEEDBACK_REJECT;
    }
    return FEEDBACK_ALARM;
}

void ui_notice(struct ui *ui, enum severity severity, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(ui->notice, sizeof ui->notice, format, list);
    va_end(list);
    text_cut(ui->notice, NOTICE_MAX);
    ui->notice_severity = severity;
    if (severity != SEVERITY_ACCEPT)
        ui_give(ui, feedback_of(severity));
}

void ui_rc(struct ui *ui, enum rc rc)
{
    ui_notice(ui, rc == RC_OK ? SEVERITY_ACCEPT : SEVERITY_REJECT, "%s", text_rc(rc));
}

void ui_message(struct ui *ui, enum severity severity, const char *title, const char *text)
{
    snprintf(ui->message_title, sizeof ui->message_title, "%s", title);
    snprintf(ui->message, sizeof ui->message, "%s", text);
    ui->message_severity = severity;
    ui->next = &scene_message;
}

bool ui_open(struct ui *ui, const char *name)
{
    char doc[DOC_MAX + 1];
    enum rc rc = store_document_name(engine_store(ui->engine), name, doc);
    if (rc == RC_OK)
        rc = work_take(&ui->work, ui->engine, doc);
    if (rc != RC_OK) {
        ui_rc(ui, rc);
        return false;
    }
    ui_go(ui, &scene_document);
    return true;
}

void ui_ask(struct ui *ui, enum approval approval, int64_t seq)
{
    ui->approval = approval;
    ui->approval_seq = seq;
    ui->approval_from = ui_top(ui);
    ui->allowed[0] = '\0';
    ui_go(ui, &scene_signin);
}

const char *ui_flow(const struct ui *ui, const char *flow)
{
    const struct flow *known = engine_flow(ui->engine, flow);
    return known ? text_flow_label(known) : text_flow(flow);
}

void ui_pick(struct ui *ui, const char *field, const char *of)
{
    snprintf(ui->pick_field, sizeof ui->pick_field, "%s", field);
    snprintf(ui->pick_of, sizeof ui->pick_of, "%s", of);
    ui_go(ui, strcmp(field, "region") == 0 ? &scene_region : &scene_pick);
}

void ui_lookup(struct ui *ui, const struct code *code)
{
    const char *key = code->plain[0] ? code->plain : code->key;
    const char *name = work_shown(key); /* what is no plain text is no number of a document either */
    char doc[DOC_MAX + 1];
    if (name[0] && strlen(name) <= DOC_MAX && store_document_name(engine_store(ui->engine), name, doc) == RC_OK) {
        ui_open(ui, doc);
        return;
    }
    ui->trace_code = *code;
    if (ui_top(ui) == &scene_trace)
        ui_replace(ui, &scene_trace);
    else
        ui_go(ui, &scene_trace);
}

void ui_counts(struct ui *ui)
{
    struct store_counts counts = ui->counts;
    (void)store_counts(engine_store(ui->engine), &counts); /* what can't be read stays as it was */
    if (counts.catalog_damaged && !ui->counts.catalog_damaged && ui->sync)
        sync_worker_wake(ui->sync); /* it fetches another one at once, not when its interval is over */
    ui->counts = counts;
    engine_now_ms(ui->engine, &ui->behind_ms);
}

void ui_sign_out(struct ui *ui)
{
    enum rc rc = engine_sign_out(ui->engine);
    if (rc != RC_OK) {
        ui_rc(ui, rc);
        return;
    }
    work_drop(&ui->work);
    ui->pops = ui->depth;
    ui->next = &scene_signin;
}

int64_t ui_wall_ms(const struct ui *ui)
{
    return ui->options->clock->wall_ms(ui->options->clock->context);
}

int64_t ui_mono_ms(const struct ui *ui)
{
    return ui->options->clock->mono_ns(ui->options->clock->context) / 1000000;
}

void ui_help(struct ui *ui, void *state)
{
    (void)state;
    ui_go(ui, &scene_help);
}

void ui_leave(struct ui *ui, void *state)
{
    (void)state;
    ui_back(ui);
}
