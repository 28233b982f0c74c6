#include "app/ui/keybar.h"
#include "app/text/text.h"
#include "app/ui/columns.h"
#include <stdio.h>

enum { KEYS_MAX = 6, KEY_BYTES = 8, GAP_MAX = 3 };

char *keybar_key(int key, char *ret_text)
{
    if (key == SCENE_ENTER)
        snprintf(ret_text, KEY_BYTES, "Enter");
    else if (key == SCENE_ESC)
        snprintf(ret_text, KEY_BYTES, "Esc");
    else if (key >= KEY_F(1) && key <= KEY_F(12))
        snprintf(ret_text, KEY_BYTES, "F%d", key - KEY_F(0));
    else
        snprintf(ret_text, KEY_BYTES, "%c", key);
    return ret_text;
}

static bool shown(const struct action *all, const struct action *action, const struct ui *ui, const void *state)
{
    if (!action->label || (action->applies && !action->applies(ui, state)))
        return false;
    for (const struct action *before = all; before < action; before++)
        if (before->key == action->key && before->label && (!before->applies || before->applies(ui, state)))
            return false; /* the first that applies has the key */
    return true;
}

struct keybar {
    int count, width;
    bool tight;   /* then "F1" is "1" … */
    bool tighter; /* … and "Enter" its sign */
    const struct action *actions[KEYS_MAX];
};

static const char *key_text(const struct keybar *bar, const struct action *action, char *key)
{
    keybar_key(action->key, key);
    if (bar->tighter && action->key == SCENE_ENTER)
        return "⏎";
    return bar->tight && key[0] == 'F' ? key + 1 : key;
}

static void measure(struct keybar *bar)
{
    bar->width = 0;
    for (int i = 0; i < bar->count; i++) {
        char key[KEY_BYTES];
        bar->width += columns_width(key_text(bar, bar->actions[i], key)) + columns_width(_(bar->actions[i]->label));
    }
}

void keybar_draw(const struct ui *ui, const struct scene *scene, const void *state, struct canvas *canvas, int row)
{
    struct keybar bar = {.count = 0};
    for (const struct action *action = scene->actions; action->key && bar.count < KEYS_MAX; action++)
        if (shown(scene->actions, action, ui, state))
            bar.actions[bar.count++] = action;
    measure(&bar);
    bar.tight = bar.width + bar.count - 1 > canvas->cols;
    measure(&bar);
    bar.tighter = bar.width > canvas->cols;
    measure(&bar);
    int gap = bar.count > 1 ? (canvas->cols - bar.width) / (bar.count - 1) : 0;
    gap = gap < 0 ? 0 : gap > GAP_MAX ? GAP_MAX : gap;
    for (int i = 0, col = 0; i < bar.count; i++) {
        char key[KEY_BYTES];
        const char *name = key_text(&bar, bar.actions[i], key), *label = _(bar.actions[i]->label);
        canvas_text(canvas, row, col, canvas->cols - col, STYLE_KEY, name);
        col += columns_width(name);
        canvas_text(canvas, row, col, canvas->cols - col, STYLE_PLAIN, label);
        col += columns_width(label) + gap;
    }
}
