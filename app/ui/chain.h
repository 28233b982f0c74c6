/* What is known of one unit, line by line: what this device knows, then where it has been, as the server tells it. A model
 * that a scene keeps. Screen thread. */
#ifndef TALLYMAN_UI_CHAIN_H
#define TALLYMAN_UI_CHAIN_H

#include "app/domain/facts.h"
#include "app/ui/canvas.h"
#include "platform/clock.h"
#include "sync/client/trace.h"

enum { CHAIN_LINES_MAX = 500, CHAIN_LEFT_BYTES = 512, CHAIN_RIGHT_BYTES = 128 };

struct chain_line {
    enum style style;
    char left[CHAIN_LEFT_BYTES], right[CHAIN_RIGHT_BYTES]; /* without a right part the left one is wrapped */
};

struct chain {
    int count, room;
    struct chain_line *line; /* owned */
};

void chain_free(struct chain *chain);
/* Facts of a code that is known; `parent` is what it is in, "" nothing. */
void chain_device(struct chain *chain, const struct facts *facts, const char *scanned, const char *parent);
/* Factory and team, the path from place to place, each move, sale, audit and conflict. */
void chain_server(struct chain *chain, const struct sync_trace *trace, const struct clock *clock);
/* A sentence of its own. */
void chain_say(struct chain *chain, enum style style, const char *sentence);

/* Lines from `first` on, down to the end of the canvas; returns the first that there was no room for, or the count.
 * *ret_row: the first row that is free. */
int chain_draw(const struct chain *chain, int first, struct canvas *canvas, int row, int *ret_row);

#endif
