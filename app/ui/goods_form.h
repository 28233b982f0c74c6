/* Two fields that name goods, product first, lot next: filled from a list, or by a scan of the goods' own label. */
#ifndef TALLYMAN_UI_GOODS_FORM_H
#define TALLYMAN_UI_GOODS_FORM_H

#include "app/ui/fields.h"
#include "app/ui/scene.h"

enum { GOODS_PRODUCT, GOODS_LOT };

void goods_form_make(struct fields *fields, bool required);
/* A label: product and lot when it says which goods they are, else what it says goes into the field at hand. */
void goods_form_scan(struct ui *ui, struct fields *fields, const struct event *event);
/* Is there a list for the field at hand? */
bool goods_form_lists(const struct fields *fields);
void goods_form_list(struct ui *ui, const struct fields *fields);
/* What was chosen from it. */
void goods_form_resume(struct ui *ui, struct fields *fields);
/* Product and lot are what scene_found and scene_holders are about. */
void goods_form_seek(struct ui *ui, const struct fields *fields);

#endif
