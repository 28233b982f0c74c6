/* The key line: "F1帮助 F2撤销 F3数量 F4完成", from the scene's table of keys. */
#ifndef TALLYMAN_UI_KEYBAR_H
#define TALLYMAN_UI_KEYBAR_H

#include "app/ui/scene.h"

void keybar_draw(const struct ui *ui, const struct scene *scene, const void *state, struct canvas *canvas, int row);
/* "F1", "Enter", "Esc" … ret_text holds 8. Returns ret_text. */
char *keybar_key(int key, char *ret_text);

#endif
