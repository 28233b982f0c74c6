/* Codes that were searched for; Enter tells all about the marked one, as if it had been scanned here, and counts nothing. */
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/list.h"
#include "app/ui/scene.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = 200, ABOUT_ROWS = 3, DAY_MS = 86400000 };

struct state {
    struct list list;
    size_t count;
    char (*key)[CODE_KEY_MAX + 1]; /* owned */
    char part[FIELD_VALUE_MAX + 1];
};

static bool see(void *context, const char *key)
{
    struct state *state = context;
    for (size_t i = 0; i < state->count; i++)
        if (strcmp(state->key[i], key) == 0)
            return true;
    snprintf(state->key[state->count++], sizeof state->key[0], "%s", key);
    return state->count < KEYS_MAX;
}

static int this_year(struct ui *ui)
{
    int year, month, day;
    day_to_ymd((day_t)(engine_now_ms(ui->engine, NULL) / DAY_MS), &year, &month, &day);
    return year;
}

static enum rc search(struct ui *ui, struct state *state)
{
    struct code code;
    struct store *store = engine_store(ui->engine);
    state->key = calloc(KEYS_MAX, sizeof state->key[0]);
    if (!state->key)
        return RC_NOMEM;
    enum rc rc = store_search(store, ui->sought.product, ui->sought.lot, state->part, KEYS_MAX, see, state);
    if (rc != RC_OK || state->count)
        return rc;
    code_parse_text(state->part, this_year(ui), &code); /* a whole code, or a whole other one of the unit */
    return code.key[0] ? store_search(store, "", "", code.key, KEYS_MAX, see, state) : RC_OK;
}

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    memcpy(state->part, ui->sought.part, sizeof state->part);
    enum rc rc = search(ui, state);
    if (rc != RC_OK)
        ui_rc(ui, rc);
    list_reset(&state->list, state->count);
}

static void leave(struct ui *ui, void *state)
{
    (void)ui;
    free(((struct state *)state)->key);
}

static void choose(struct ui *ui, void *state_)
{
    const struct state *state = state_;
    if (!state->list.count)
        return;
    struct outcome *told = &ui->about;
    memset(told, 0, sizeof *told);
    code_parse_text(state->key[state->list.current], this_year(ui), &told->code);
    enum rc rc = engine_look(ui->engine, ui->work.doc, &told->code, &told->facts, &told->verdict);
    if (rc == RC_OK)
        ui_go(ui, &scene_about);
    else
        ui_rc(ui, rc);
}

static void event(struct ui *ui, void *state, const struct event *event)
{
    bool chosen;
    if (event->kind == EVENT_KEY && list_key(&((struct state *)state)->list, &ui->canvas, event->key, &chosen) &&
        chosen)
        choose(ui, state);
}

static void row(const void *context, size_t i, int width, char *ret_text)
{
    const struct state *state = context;
    columns_end(work_shown(state->key[i]), width, ret_text);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    char title[NOTICE_MAX];
    snprintf(title, sizeof title, _("Found: %zu"), state->count);
    ui_title(ui, canvas, title);
    canvas_text(canvas, 1, 1, canvas->cols - 2, STYLE_BOLD, state->part);
    list_draw(&state->list, canvas, 2, canvas->rows - 2 - ABOUT_ROWS, row, state, _("No such code is known here."));
    if (state->list.count)
        canvas_wrap(canvas, canvas->rows - 2, 1, canvas->cols - 2, 2, STYLE_DIM,
                    work_shown(state->key[state->list.current]));
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ENTER, N_("Pick"), N_("tell all about the marked one; it is not counted"), choose, NULL},
    {SCENE_ESC, N_("Back"), NULL, ui_leave, NULL},
    {0},
};

const struct scene scene_found = {
    .name = "found",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .of_document = true,
    .enter = enter,
    .event = event,
    .draw = draw,
    .exit = leave,
};
