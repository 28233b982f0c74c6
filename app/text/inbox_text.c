#include "app/text/inbox_text.h"
#include <stdio.h>
#include <string.h>

enum { SIZE = TEXT_MAX + 1 };

static const struct {
    const char *word, *title, *what;
} WORDS[] = {
    {"lost-claim", N_("Taken already"), N_("Somebody else took it before.")},
    {"false-holder", N_("Is elsewhere"), N_("By the books it was elsewhere.")},
    {"wrong-holder", N_("Not yours"), N_("By the books these goods are not yours.")},
    {"undo-too-late", N_("Undone too late"), N_("It had moved on: the server counts it still.")},
    {"key-mismatch", N_("Code unclear"), N_("The server reads another code from this label.")},
    {"no-site", N_("Site not known"), N_("The data centre does not know this site any more.")},
    {"", N_("Not accepted"), N_("The server could not make sense of it.")},
};

enum { COUNT = sizeof WORDS / sizeof WORDS[0] };

static size_t row_of(const char *word)
{
    size_t i = 0;
    while (i < COUNT - 1 && strcmp(WORDS[i].word, word) != 0)
        i++;
    return i;
}

const char *inbox_title(const char *word)
{
    return _(WORDS[row_of(word)].title);
}

char *inbox_what(const struct inbox_words *words, char *ret_text)
{
    struct holder holder;
    char place[SIZE];
    bool known = words->holder[0] && holder_parse(words->holder, &holder) == RC_OK;
    if (known)
        snprintf(ret_text, SIZE, _("Booked: %s"), text_holder(&holder, place));
    else
        snprintf(ret_text, SIZE, "%s", _(WORDS[row_of(words->word)].what));
    return ret_text;
}

static void add(char *text, const char *part)
{
    size_t len = strlen(text);
    if (part[0])
        snprintf(text + len, SIZE - len, "%s%s", len ? " · " : "", part);
}

char *inbox_who(const struct inbox_words *words, char *ret_text)
{
    char part[48] = "";
    ret_text[0] = '\0';
    add(ret_text, words->when); /* first: it stays on one line */
    add(ret_text, words->who);
    if (words->device)
        snprintf(part, sizeof part, _("handheld %lld"), (long long)words->device);
    add(ret_text, part);
    add(ret_text, words->no);
    part[0] = '\0';
    if (words->number && !words->device)
        snprintf(part, sizeof part, _("case %lld"), (long long)words->number);
    add(ret_text, part);
    return ret_text;
}

char *inbox_settled(const char *what, const char *reason, char *ret_text)
{
    if (strcmp(what, "take-out") == 0)
        snprintf(ret_text, SIZE, "%s", _("Settled: it was taken out."));
    else if (strcmp(what, "keep") == 0)
        snprintf(ret_text, SIZE, "%s", _("Settled: a supervisor let it go."));
    else if (reason[0])
        snprintf(ret_text, SIZE, _("Settled at the office: %s"), reason);
    else
        snprintf(ret_text, SIZE, "%s", _("Settled at the office."));
    return ret_text;
}

char *inbox_where(const struct inbox_words *words, char *ret_text)
{
    bool lost = strcmp(words->word, "lost-claim") == 0 && words->no[0];
    if (lost && strcmp(words->no, words->here) == 0)
        snprintf(ret_text, SIZE, "%s", _("It counts there, for this very order: it may stay with these goods."));
    else if (lost)
        snprintf(ret_text, SIZE, _("Take it out and bring it to %s, or set it aside."), words->no);
    else
        snprintf(ret_text, SIZE, "%s", _("Take it out, set it aside, tell the office."));
    return ret_text;
}
