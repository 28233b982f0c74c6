/* The way to complete a document, asked step by step: rejects dealt with, a reason when it is short, the blind count, the
 * header. What has been said is kept in ui->work.completion; each step calls complete_next again. */
#ifndef TALLYMAN_UI_COMPLETE_H
#define TALLYMAN_UI_COMPLETE_H

#include "app/ui/scene.h"

void complete_begin(struct ui *ui);
void complete_next(struct ui *ui);
void complete_short(struct ui *ui, const char *reason);
void complete_counted(struct ui *ui, qty_t cases, qty_t loose);
/* In the order of the flow's fields; the texts are copied. */
void complete_header(struct ui *ui, const char *const *values, int count);
/* A supervisor takes the blind count as it is. */
void complete_allow(struct ui *ui, const char *supervisor);
/* The count differed; the count screen says so. */
bool complete_mismatched(const struct ui *ui);

#endif
