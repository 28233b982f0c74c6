/* Two fields that name goods, product first, lot next, and what a scene adds to them: filled from a list, or by a scan of the goods' own
 * label. The scene's state is its `struct fields`. */
#ifndef TALLYMAN_UI_GOODS_FORM_H
#define TALLYMAN_UI_GOODS_FORM_H

#include "app/ui/fields.h"
#include "app/ui/scene.h"

enum { GOODS_PRODUCT, GOODS_LOT };

void goods_form_make(struct fields *fields, bool required);
/* The scene's: keys go into the field at hand, and what was chosen from a list. A label: product and lot when it says which goods they
 * are, else what it says goes there too. */
void goods_form_event(struct ui *ui, void *fields, const struct event *event);
/* An action of the scene, and whether there is a list for the field at hand. */
void goods_form_list(struct ui *ui, void *fields);
bool goods_form_lists(const struct ui *ui, const void *fields);
/* Product and lot are what scene_found and scene_holders are about. */
void goods_form_seek(struct ui *ui, const struct fields *fields);

#endif
