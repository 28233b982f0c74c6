/* A place in the tree of regions: province, city, county. Enter goes into what is divided and takes what is not; F4 takes the
 * marked one as it is. A scanned label of a place or shop does the same. */
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/list.h"
#include "app/ui/scene.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REGIONS_MAX = 1000, ABOUT_ROWS = 3, DAY_MS = 86400000 };

struct region_row {
    char id[ID_MAX + 1], name[NAME_MAX_BYTES + 1];
    bool divided;
};

struct state {
    struct list list;
    size_t count;
    struct region_row *row; /* owned */
    int depth;
    char in[REGION_DEPTH_MAX][ID_MAX + 1]; /* the way down; in[depth - 1] is what is listed */
    char path[NAME_MAX_BYTES + 1];         /* its name, "" the topmost */
};

static bool see(void *context, const char *id, const char *name, bool divided)
{
    struct state *state = context;
    struct region_row *row = &state->row[state->count++];
    snprintf(row->id, sizeof row->id, "%s", id);
    snprintf(row->name, sizeof row->name, "%s", name[0] ? name : id);
    row->divided = divided;
    return state->count < REGIONS_MAX;
}

static void read_rows(struct ui *ui, struct state *state, const char *mark)
{
    struct catalog *catalog;
    struct named_place place = {.path = ""};
    const char *in = state->depth ? state->in[state->depth - 1] : "";
    state->count = 0;
    enum rc rc = state->row ? store_catalog(engine_store(ui->engine), &catalog) : RC_NOMEM;
    if (rc == RC_OK)
        rc = catalog_regions_in(catalog, in, (day_t)(engine_now_ms(ui->engine, NULL) / DAY_MS), see, state);
    if (rc != RC_OK)
        ui_rc(ui, rc);
    if (in[0])
        (void)engine_place(ui->engine, in, &place);
    memcpy(state->path, place.path, sizeof state->path);
    state->list.current = 0;
    list_reset(&state->list, state->count);
    for (size_t i = 0; i < state->list.count; i++)
        if (strcmp(state->row[i].id, mark) == 0)
            state->list.current = i;
}

static void enter(struct ui *ui, void *state_)
{
    struct state *state = state_;
    ui->picked[0] = '\0';
    state->row = calloc(REGIONS_MAX, sizeof state->row[0]);
    read_rows(ui, state, "");
    if (!state->count) {
        ui_notice(ui, SEVERITY_WARN, "%s", _("Nothing to choose from is known here."));
        ui_back(ui);
    }
}

static void leave(struct ui *ui, void *state)
{
    (void)ui;
    free(((struct state *)state)->row);
}

static const struct region_row *marked(const struct state *state)
{
    return state->list.count ? &state->row[state->list.current] : NULL;
}

static void take(struct ui *ui, void *state)
{
    const struct region_row *row = marked(state);
    if (!row)
        return;
    snprintf(ui->picked, sizeof ui->picked, "%s", row->id);
    ui_back(ui);
}

static void down(struct ui *ui, void *state_)
{
    struct state *state = state_;
    const struct region_row *row = marked(state);
    if (!row || !row->divided || state->depth == REGION_DEPTH_MAX) {
        take(ui, state);
        return;
    }
    memcpy(state->in[state->depth++], row->id, sizeof row->id);
    read_rows(ui, state, "");
}

/* One step up, and out at the top. */
static void up(struct ui *ui, void *state_)
{
    struct state *state = state_;
    if (!state->depth) {
        ui_back(ui);
        return;
    }
    state->depth--;
    read_rows(ui, state, state->in[state->depth]);
}

static void event(struct ui *ui, void *state, const struct event *event)
{
    struct named_place place;
    bool chosen;
    if (event->kind == EVENT_KEY && list_key(&((struct state *)state)->list, &ui->canvas, event->key, &chosen) &&
        chosen)
        down(ui, state);
    if (event->kind != EVENT_SCAN)
        return;
    const char *key = event->code.plain[0] ? event->code.plain : event->code.key;
    if (engine_place(ui->engine, work_shown(key), &place) == RC_OK) {
        snprintf(ui->picked, sizeof ui->picked, "%s", work_shown(key)); /* a shop's label says which shop as well */
        ui_back(ui);
    } else {
        ui_notice(ui, SEVERITY_WARN, "%s", _("That is no place that is known here."));
    }
}

static void row(const void *context, size_t i, int width, char *ret_text)
{
    const struct region_row *region = &((const struct region_row *)context)[i];
    columns_both(region->name, region->divided ? "▸" : "", width, ret_text);
}

static void draw(const struct ui *ui, const void *state_, struct canvas *canvas)
{
    const struct state *state = state_;
    ui_title(ui, canvas, _("Where?"));
    canvas_text(canvas, 1, 1, canvas->cols - 2, STYLE_DIM, state->path);
    list_draw(&state->list, canvas, 2, canvas->rows - 2 - ABOUT_ROWS, row, state->row, "");
    const struct region_row *at = marked(state);
    if (at)
        canvas_both(canvas, canvas->rows - 2, 1, canvas->cols - 2, STYLE_BOLD, at->name, at->id);
}

static const struct action ACTIONS[] = {
    {KEY_F(1), N_("Help"), NULL, ui_help, NULL},
    {SCENE_ENTER, N_("Open"), N_("go into it, or take it where nothing is in it"), down, NULL},
    {KEY_F(4), N_("Take"), N_("take the marked one as a whole"), take, NULL},
    {SCENE_ESC, N_("Back"), N_("one step up"), up, NULL},
    {0},
};

const struct scene scene_region = {
    .name = "region",
    .state_size = sizeof(struct state),
    .actions = ACTIONS,
    .enter = enter,
    .event = event,
    .draw = draw,
    .exit = leave,
};
