/* The way to complete a document, asked step by step: rejects dealt with, a reason when it is short, the blind count, the
 * header, differences. What has been said is kept in ui->work.completion; each step calls complete_next again. */
#ifndef TALLYMAN_UI_COMPLETE_H
#define TALLYMAN_UI_COMPLETE_H

#include "app/ui/form.h"
#include "app/ui/scene.h"

void complete_begin(struct ui *ui);
void complete_next(struct ui *ui);
void complete_short(struct ui *ui, const char *reason);
void complete_counted(struct ui *ui, qty_t cases, qty_t loose);
/* The form's values are copied; `supervisor`: who lets one outside its limits pass, "" nobody. */
void complete_header(struct ui *ui, const struct form *form, const char *supervisor);
/* Fills a form with what has been said in it before. */
void complete_recall(const struct ui *ui, struct form *form);
/* The differences were looked at, and what was counted holds. */
void complete_recounted(struct ui *ui);
/* A supervisor takes the blind count as it is. */
void complete_allow(struct ui *ui, const char *supervisor);
/* What is missing and what is extra, a line each: "−2 Old wine W1". ret_text holds NOTICE_MAX + 1. Returns ret_text. */
char *complete_found(const struct work *work, char *ret_text);
/* The count differed; the count screen says so. */
bool complete_mismatched(const struct ui *ui);

#endif
