#include "app/ui/chain.h"
#include "app/text/text.h"
#include "app/ui/columns.h"
#include "app/ui/work.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STAMP_BYTES = 16, PATH_BYTES = CHAIN_LEFT_BYTES };

void chain_free(struct chain *chain)
{
    free(chain->line);
    *chain = (struct chain){.count = 0};
}

static struct chain_line *add(struct chain *chain, enum style style)
{
    if (chain->count == CHAIN_LINES_MAX)
        return NULL;
    if (chain->count == chain->room) {
        int room = chain->room ? 2 * chain->room : 32;
        struct chain_line *line = realloc(chain->line, (size_t)room * sizeof *line);
        if (!line)
            return NULL;
        chain->line = line;
        chain->room = room;
    }
    struct chain_line *line = &chain->line[chain->count++];
    *line = (struct chain_line){.style = style};
    return line;
}

static void tell(struct chain *chain, enum style style, const char *left, const char *right)
{
    struct chain_line *line = right[0] ? add(chain, style) : NULL;
    if (!line)
        return;
    snprintf(line->left, sizeof line->left, "%s", left);
    snprintf(line->right, sizeof line->right, "%s", right);
}

void chain_say(struct chain *chain, enum style style, const char *sentence)
{
    struct chain_line *line = add(chain, style);
    if (line)
        snprintf(line->left, sizeof line->left, "%s", sentence);
}

/* ---- what this device knows ---- */

void chain_device(struct chain *chain, const struct facts *facts, const char *scanned, const char *parent)
{
    char text[TEXT_MAX + 1], tail[WORK_TAIL_BYTES], day[DAY_TEXT_MAX + 1], qty[QTY_TEXT_MAX + 1];
    tell(chain, STYLE_BOLD, facts->product.name, facts->product.id);
    if (strcmp(facts->key, scanned) != 0) {
        snprintf(text, sizeof text, "…%s", work_tail(facts->key, tail));
        tell(chain, STYLE_PLAIN, _("The same as"), text);
    }
    tell(chain, STYLE_PLAIN, _("Lot"), facts->lot.id);
    if (facts->lot.expires != DAY_NONE)
        tell(chain, STYLE_PLAIN, _("Use by"), day_print(facts->lot.expires, day));
    if (facts->code_known)
        tell(chain, STYLE_PLAIN, _("State"), text_code_state(facts->state));
    tell(chain, STYLE_PLAIN, _("Where"), text_holder(&facts->holder, text));
    if (parent[0]) {
        snprintf(text, sizeof text, "…%s", work_tail(parent, tail));
        tell(chain, STYLE_PLAIN, _("In"), text);
    }
    if (facts->contents_known)
        tell(chain, STYLE_PLAIN, _("Contents"), qty_print(facts->units_total, qty));
    if (facts->other_document[0]) /* else that number is of what the server gave away */
        tell(chain, STYLE_PLAIN, _("In order"), facts->other_no);
}

/* ---- what the server knows ---- */

struct telling {
    struct chain *chain;
    const struct clock *clock;
    char path[PATH_BYTES]; /* "CDB → RDB1 → D-CD-01" */
    char last[ID_MAX + 1]; /* the end of it */
};

static const char *text_of(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));
    return text ? text : "";
}

/* "11-22 05:12", local; a day alone as it is. ret_text holds STAMP_BYTES. */
static const char *stamp(const struct telling *telling, const char *at, char *ret_text)
{
    char text[TIME_TEXT_MAX + 1];
    int64_t time_ms;
    if (!strchr(at, 'T') || time_parse(at, &time_ms) != RC_OK) {
        snprintf(ret_text, STAMP_BYTES, "%.10s", at);
        return ret_text;
    }
    time_print(time_ms, telling->clock->offset_min(telling->clock->context, time_ms), text);
    snprintf(ret_text, STAMP_BYTES, "%.5s %.5s", text + 5, text + 11);
    return ret_text;
}

/* By its id; what is on the way there is there for the path. */
static void place(const char *text, char *ret_name, bool *ret_on_the_way)
{
    struct holder holder = {.kind = HOLDER_UNKNOWN};
    char words[TEXT_MAX + 1];
    (void)holder_parse(text, &holder);
    *ret_on_the_way = holder.kind == HOLDER_TRANSIT_SITE || holder.kind == HOLDER_TRANSIT_PARTY;
    if (holder.id[0])
        snprintf(ret_name, ID_MAX + 1, "%s", holder.id);
    else if (holder.kind == HOLDER_UNKNOWN)
        snprintf(ret_name, ID_MAX + 1, "?");
    else
        snprintf(ret_name, ID_MAX + 1, "%s", text_cut(text_holder(&holder, words), ID_MAX));
}

static void go_on(struct telling *telling, const char *name)
{
    size_t used = strlen(telling->path);
    if (strcmp(telling->last, name) == 0)
        return;
    snprintf(telling->path + used, sizeof telling->path - used, "%s%s", used ? " → " : "", name);
    snprintf(telling->last, sizeof telling->last, "%s", name);
}

static void tell_move(struct telling *telling, json_t *row)
{
    char at[STAMP_BYTES], from[ID_MAX + 1], to[ID_MAX + 1], left[CHAIN_LEFT_BYTES];
    bool left_already, on_the_way;
    place(text_of(row, "from"), from, &left_already);
    place(text_of(row, "to"), to, &on_the_way);
    if (!telling->path[0] || strcmp(from, "?") != 0)
        go_on(telling, from);
    go_on(telling, to);
    stamp(telling, text_of(row, "at"), at);
    snprintf(left, sizeof left, "%s %s %s", at, on_the_way ? "⇢" : "→", to);
    const char *doc = text_of(row, "doc");
    tell(telling->chain, STYLE_PLAIN, left, doc[0] ? doc : " ");
}

/* Who made it: what nobody has a word for is called as the feed does. */
static void tell_lot(struct telling *telling, json_t *row)
{
    static const struct {
        const char *name, *label;
    } LABELS[] = {{"made", N_("Made on")}, {"factory", N_("Factory")}, {"line", N_("Line")},
                  {"team", N_("Team")},    {"report", N_("Report")},   {"row", NULL},
                  {"lot", NULL},           {"quality", NULL},          {"expires", NULL}};
    enum { LABELS_COUNT = sizeof LABELS / sizeof LABELS[0] };
    const char *name;
    json_t *value;
    json_object_foreach(row, name, value)
    {
        size_t i = 0;
        while (i < LABELS_COUNT && strcmp(LABELS[i].name, name) != 0)
            i++;
        if (json_is_string(value) && (i == LABELS_COUNT || LABELS[i].label))
            tell(telling->chain, STYLE_PLAIN, i == LABELS_COUNT ? name : _(LABELS[i].label),
                 json_string_value(value));
    }
}

static void tell_sale(struct telling *telling, json_t *row)
{
    char at[STAMP_BYTES], left[CHAIN_LEFT_BYTES];
    const char *name = text_of(row, "name"), *doc = text_of(row, "doc");
    snprintf(left, sizeof left, "%s → %s", stamp(telling, text_of(row, "at"), at),
             name[0] ? name : text_of(row, "to"));
    tell(telling->chain, STYLE_PLAIN, left, doc[0] ? doc : " ");
}

static void tell_audit(struct telling *telling, json_t *row)
{
    char at[STAMP_BYTES], left[CHAIN_LEFT_BYTES];
    enum reason reason;
    const char *word = text_of(row, "reason");
    snprintf(left, sizeof left, _("%s audit %s"), stamp(telling, text_of(row, "at"), at), text_of(row, "region"));
    tell(telling->chain, STYLE_WARN_TEXT, left, reason_from_word(word, &reason) ? text_reason(reason) : " ");
}

static void tell_conflict(struct telling *telling, json_t *row)
{
    char at[STAMP_BYTES], number[32];
    snprintf(number, sizeof number, _("conflict %lld"), (long long)json_integer_value(json_object_get(row, "case")));
    tell(telling->chain, STYLE_REJECT_TEXT, stamp(telling, text_of(row, "at"), at), number);
}

static void tell_row(struct telling *telling, json_t *row)
{
    static const struct {
        const char *row;
        void (*tell)(struct telling *telling, json_t *row);
    } ROWS[] = {{"lot", tell_lot},
                {"move", tell_move},
                {"sale", tell_sale},
                {"audit", tell_audit},
                {"conflict", tell_conflict}};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        if (strcmp(ROWS[i].row, text_of(row, "row")) == 0)
            ROWS[i].tell(telling, row);
}

/* The whole path stands above its steps. */
static void put_path(struct chain *chain, int at, const char *path)
{
    struct chain_line *line = path[0] ? add(chain, STYLE_BOLD) : NULL;
    if (!line)
        return;
    struct chain_line head = *line;
    snprintf(head.left, sizeof head.left, "%s", path);
    memmove(chain->line + at + 1, chain->line + at, (size_t)(chain->count - 1 - at) * sizeof head);
    chain->line[at] = head;
}

void chain_server(struct chain *chain, const struct sync_trace *trace, const struct clock *clock)
{
    struct telling telling = {.chain = chain, .clock = clock};
    const char *line = trace->lines, *end = trace->lines ? trace->lines + trace->len : NULL;
    int at = chain->count;
    while (line < end) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        if (!stop)
            break;
        json_t *row = json_loadb(line, (size_t)(stop - line), JSON_ALLOW_NUL, NULL);
        tell_row(&telling, row);
        json_decref(row);
        line = stop + 1;
    }
    put_path(chain, at, telling.path);
}

/* Two parts that are too long for one row take two. */
static int draw_both(const struct chain_line *line, struct canvas *canvas, int row)
{
    int width = canvas->cols - 2;
    bool fits = columns_width(line->left) + columns_width(line->right) < width || row + 1 == canvas->rows;
    canvas_both(canvas, row, 1, width, line->style, line->left, fits ? line->right : "");
    if (!fits)
        canvas_both(canvas, row + 1, 1, width, line->style, "", line->right);
    return fits ? 1 : 2;
}

int chain_draw(const struct chain *chain, int first, struct canvas *canvas, int row, int *ret_row)
{
    int i = first;
    for (; i < chain->count && row < canvas->rows; i++) {
        const struct chain_line *line = &chain->line[i];
        if (line->right[0])
            row += draw_both(line, canvas, row);
        else
            row += canvas_wrap(canvas, row, 1, canvas->cols - 2, canvas->rows - row, line->style, line->left);
    }
    *ret_row = row;
    return i;
}
