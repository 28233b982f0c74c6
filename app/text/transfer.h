/* How far a transfer is, in figures. */
#ifndef TALLYMAN_TEXT_TRANSFER_H
#define TALLYMAN_TEXT_TRANSFER_H

#include <stddef.h>
#include <stdint.h>

struct transfer {
    int64_t have, size;    /* bytes of a whole catalog, 0 none is fetched */
    int64_t rows;          /* of a catalog that came row by row, in this sync */
    int64_t sent, waiting; /* records, in this sync, and to go */
};

enum { TRANSFER_TEXT_MAX = 127 };

/* "12.4 of 133.5 MB", "34000 rows so far"; "" nothing comes. ret_text holds TRANSFER_TEXT_MAX + 1, as below. They return
 * ret_text. */
char *transfer_fetched(const struct transfer *transfer, char *ret_text);
/* "1500 of 5200 records sent"; "" nothing goes. */
char *transfer_sent(const struct transfer *transfer, char *ret_text);
/* The one that takes longest, in a word or two: "⇅ 9%", "⇅ 3700 to go", "⇅ 34000". */
char *transfer_short(const struct transfer *transfer, char *ret_text);

#endif
