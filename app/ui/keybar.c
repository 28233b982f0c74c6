#include "app/ui/keybar.h"
#include "app/text/text.h"
#include "app/ui/columns.h"
#include <stdio.h>

enum { KEYS_MAX = 6, KEY_BYTES = 8 };

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

void keybar_draw(const struct ui *ui, const struct scene *scene, const void *state, struct canvas *canvas, int row)
{
    const struct action *actions[KEYS_MAX];
    int count = 0, width = 0;
    for (const struct action *action = scene->actions; action->key && count < KEYS_MAX; action++) {
        char key[KEY_BYTES];
        if (!shown(scene->actions, action, ui, state))
            continue;
        width += columns_width(keybar_key(action->key, key)) + columns_width(_(action->label));
        actions[count++] = action;
    }
    bool tight = width + count - 1 > canvas->cols; /* then "F1" is "1", and nothing lies between */
    int gaps = count > 1 ? count - 1 : 1;
    int spare = canvas->cols - width > 0 ? canvas->cols - width : 0;
    int gap = tight ? 0 : spare / gaps < 3 ? spare / gaps : 3;
    for (int i = 0, col = 0; i < count; i++) {
        char key[KEY_BYTES];
        const char *name = keybar_key(actions[i]->key, key) + (tight && key[0] == 'F');
        canvas_text(canvas, row, col, canvas->cols - col, STYLE_KEY, name);
        col += columns_width(name);
        canvas_text(canvas, row, col, canvas->cols - col, STYLE_PLAIN, _(actions[i]->label));
        col += columns_width(_(actions[i]->label)) + gap;
    }
}
