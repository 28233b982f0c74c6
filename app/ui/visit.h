/* Visits of the market, for tables of keys. */
#ifndef TALLYMAN_UI_VISIT_H
#define TALLYMAN_UI_VISIT_H

#include "app/ui/scene.h"

/* Is the document in hand an audit's? And is it over, so that only its report is left to read? */
bool visit_is_one(const struct ui *ui, const void *state);
bool visit_is_over(const struct ui *ui, const void *state);
void visit_menu(struct ui *ui, void *state);
void visit_report(struct ui *ui, void *state);

#endif
