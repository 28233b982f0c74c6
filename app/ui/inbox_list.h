/* What the server did not accept, as screens list and tell it. */
#ifndef TALLYMAN_UI_INBOX_LIST_H
#define TALLYMAN_UI_INBOX_LIST_H

#include "app/text/inbox_text.h"
#include "app/ui/list.h"
#include "app/ui/scene.h"

enum { INBOX_LIST_MAX = 99 };

struct inbox_list {
    struct list list;
    struct store_inbox_row *rows; /* newest first; owned */
    size_t count, open;           /* those that are settled come after the open ones */
};

void inbox_list_read(struct inbox_list *inbox, struct ui *ui);
void inbox_list_free(struct inbox_list *inbox);
/* The marked one, or NULL. */
const struct store_inbox_row *inbox_list_current(const struct inbox_list *inbox);
/* Marks the one that this code was scanned for; false: it is none of these. */
bool inbox_list_mark(struct inbox_list *inbox, const struct code *code);

/* One of them in words. */
struct inbox_said {
    char name[NAME_MAX_BYTES + 1], when[TIME_TEXT_MAX + 1], product[NAME_MAX_BYTES + 1];
    struct inbox_words words;
};
void inbox_say(const struct ui *ui, const struct store_inbox_row *row, struct inbox_said *ret_said);

#endif
