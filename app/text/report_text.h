/* The report of a visit in words: readable on a phone, and complete for a manager who was not there. */
#ifndef TALLYMAN_TEXT_REPORT_TEXT_H
#define TALLYMAN_TEXT_REPORT_TEXT_H

#include "app/domain/report.h"

enum { REPORT_TEXT_WIDTH = 40, REPORT_TEXT_WIDTH_MIN = 16 };

/* Calls `line` for each line of at most `width` columns (REPORT_TEXT_WIDTH_MIN at least), "" between parts; the text is
 * the caller's until it returns. */
void report_text(const struct report_body *body, int width, void (*line)(void *context, const char *text),
                 void *context);

/* What a picture or paper shows: "The shelf"; the word itself where it is not known. */
const char *report_text_evidence(const char *kind);

#endif
