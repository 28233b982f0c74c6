/* What the server did not accept and nobody has answered yet, newest first; then what somebody else has settled. Nothing here stands
 * in the way of work. */
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/inbox_list.h"
#include <stdio.h>

enum { ABOUT_ROWS = 8 };

struct state {
    struct inbox_list inbox;
};

static void reread(struct ui *ui, struct state *state)
{
    inbox_list_read(&state->inbox, ui);
    ui->settled_news = 0;
}

static void enter(struct ui *ui, void *state)
{
    reread(ui, state);
}

static void leave(struct ui *ui, void *state)
{
    (void)ui;
    inbox_list_free(&((struct state *)state)->inbox);
}

static void settle(struct ui *ui, void *state)
{
    const struct store_inbox_row *row = inbox_list_current(&((struct state *)state)->inbox);
    if (!row)
        return;
    if (row->settled.what[0]) {
        ui_notice(ui, SEVERITY_ACCEPT, "%s", _("Nothing to do: it is settled."));
        return;
    }
    ui->settling = row->told.seq;
    ui_go(ui, &scene_settle);
}

/* The goods themselves say which is meant. */
static void scanned(struct ui *ui, struct state *state, const struct code *code)
{
    if (inbox_list_mark(&state->inbox, code))
        settle(ui, state);
    else
        ui_notice(ui, SEVERITY_WARN, "%s", _("Not among these: nothing was counted."));
}

static void resumed(struct ui *ui, struct state *state)
{
    reread(ui, state);
    ui_counts(ui);
    if (!state->inbox.open)
        ui_back(ui);
}

static void event(struct ui *ui, void *state_, const struct event *event)
{
    struct state *state = state_;
    bool chosen = false;
    switch (event->kind) {
    case EVENT_KEY:
        if (list_key(&state->inbox.list, &ui->canvas, event->key, &chosen) && chosen)
            settle(ui, state);
        break;
    case EVENT_SCAN: scanned(ui, state, &event->code); break;
    case EVENT_RESUME: resumed(ui, state); break;
    case EVENT_NEWS: reread(ui, state); break;
    case EVENT_SECOND:
    case EVENT_JUDGED: break;
    }
}

static void row(const void *context, size_t i, int width, char *ret_text)
{
    const struct store_inbox_row *one = &((const struct inbox_list *)context)->rows[i];
    const char *mark = one->settled.what[0] ? "✓" : "≠";
    char left[COLUMNS_TEXT], tail[WORK_TAIL_BYTES];
    if (one->key[0])
        snprintf(left, sizeof left, "%s …%s", mark, work_tail(one->key, tail));
    else
        snprintf(left, sizeof left, "%s %s", mark, inbox_title(one->told.reason));
    columns_both(left, one->no, width, ret_text);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct inbox_list *inbox = &((const struct state *)state_)->inbox;
    const struct store_inbox_row *marked = inbox_list_current(inbox);
    int at = canvas->rows - ABOUT_ROWS, width = canvas->cols - 2;
    char title[NOTICE_MAX], text[TEXT_MAX + 1];
    snprintf(title, sizeof title, _("To settle: %zu"), inbox->open);
    ui_title(ui, canvas, title);
    list_draw(&inbox->list, canvas, 2, at - 3, row, inbox, _("The server has accepted all."));
    if (!marked)
        return;
    struct inbox_said said;
    inbox_say(ui, marked, &said);
    canvas_text(canvas, at, 1, width, STYLE_BOLD, said.product);
    const struct catalog_settled *settled = &marked->settled;
    bool over = settled->what[0] != '\0';
    const char *what = over ? inbox_settled(settled->what, settled->reason, text) : inbox_what(&said.words, text);
    at += 1 + canvas_wrap(canvas, at + 1, 1, width, 3, over ? STYLE_PLAIN : STYLE_REJECT_TEXT, what);
    canvas_wrap(canvas, at, 1, width, 2, STYLE_DIM, inbox_who(&said.words, text));
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ENTER, N_("Pick"), N_("what happens to the marked one; scanning it does the same"), settle, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_inbox = {
    .name = "inbox",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .enter = enter,
    .event = event,
    .draw = draw,
    .exit = leave,
};
