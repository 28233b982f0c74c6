/* Every sentence that people read. gettext catalogues zh_CN and en; English is the key. Pure of screens: the command
 * line uses the same sentences. Any thread after text_init. */
#ifndef TALLYMAN_TEXT_TEXT_H
#define TALLYMAN_TEXT_TEXT_H

#include "app/domain/document.h"
#include "app/domain/facts.h"
#include "app/domain/flow.h"
#include "app/domain/judge.h"
#include <libintl.h>
#include <stddef.h>

#define _(sentence)  gettext(sentence)
#define N_(sentence) (sentence)

/* lang: "zh_CN", "en", or "" to follow the environment. Needs no locale but C.UTF-8 on the machine. The catalogues are
 * looked for beside the program (build/locale), then where they are installed. May be called again to change the
 * language; the first call comes before any thread is started. */
void text_init(const char *lang);
/* "zh_CN" or "en": the language in use. */
const char *text_lang(void);

/* One or two words for the banner: "正确", "已召回". Translated, static. */
const char *text_reason(enum reason reason);
const char *text_severity(enum severity severity);
/* What the user is told about a result: a sentence. */
const char *text_rc(enum rc rc);
/* Labels of built-in fields, flows and choices; a word that is not known here is shown as it is. */
const char *text_field(const char *field);
const char *text_flow(const char *flow);
const char *text_choice(const char *choice);
/* The same for what may come from the feed: its own label, where it told one. The flow's or field's memory, or static. */
const char *text_flow_label(const struct flow *flow);
const char *text_field_label(const struct flow_field *field);
/* A number's limits in words, "2 to 8"; "" without any. ret_text holds TEXT_MAX + 1. Returns ret_text. */
char *text_field_limits(const struct flow_field *field, char *ret_text);
const char *text_document_state(enum document_state state);
const char *text_code_state(enum code_state state);
const char *text_role(enum role role);
const char *text_short_reason(const char *word); /* why an order leaves short: "no-stock" … */

/* The words of the reasons for leaving short, in the order of the list; NULL after the last. */
const char *text_short_word(size_t i);
/* Why less came in than was sent: "missing", "damaged" …; NULL after the last. */
const char *text_missing_word(size_t i);

enum { TEXT_MAX = 511 };

/* A scan as it was judged, and what it did besides being counted (members of the same names in the engine's outcome). */
struct text_scan {
    const struct verdict *verdict;
    const struct document *document;
    const struct code *code;
    const struct facts *facts;
    const struct flow *flow; /* the document's; NULL: the built-in one of that name */
    bool context_set, container_closed, pair_waits, to_quarantine;
    const char *container; /* NULL or "": nothing is being filled */
    int filled, rule;
};

/* A verdict in three parts, each "" when there is nothing to say. On an accept `wrong` is the product, `todo` what is
 * left to do, or what the scan did. */
struct text_advice {
    char wrong[TEXT_MAX + 1];    /* what is wrong */
    char expected[TEXT_MAX + 1]; /* what was expected */
    char todo[TEXT_MAX + 1];     /* what to do */
};
/* One or two words: the reason's, or what this flow calls it. Translated, static. */
const char *text_banner(const struct text_scan *scan);
void text_advise(const struct text_scan *scan, struct text_advice *ret_advice);

/* What is wrong, what was expected, what to do: lines joined by '\n' (at most three). On an accept: product and what
 * is left to do. ret_text holds TEXT_MAX + 1. Returns ret_text. */
char *text_verdict(const struct text_scan *scan, char *ret_text);
/* The same in one line, for the command line's TEXT column: no tabs or newlines. */
char *text_verdict_line(const struct text_scan *scan, char *ret_text);

/* "3箱+4": a quantity in packs and loose units; plain number without packs. ret_text holds 64. */
char *text_packs(qty_t qty, const struct product *product, char *ret_text);
/* The same beside a `whole` that is told in packs: "0箱+2" of "2箱", which "2" alone would seem to be. */
char *text_packs_of(qty_t qty, qty_t whole, const struct product *product, char *ret_text);

/* "D-CD-01", "to D-CD-01", "sold" … ret_text holds TEXT_MAX + 1. Returns ret_text. */
char *text_holder(const struct holder *holder, char *ret_text);

/* Cuts a text at max bytes without leaving half a character. Returns text. */
char *text_cut(char *text, size_t max);

#endif
