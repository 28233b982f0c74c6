/* Numbers for the time of one build, more of them than a handheld has memory for: in a file without a name beside the
 * database, mapped; in memory where the database has no file. */
#ifndef TALLYMAN_CATALOG_PACK_AREA_H
#define TALLYMAN_CATALOG_PACK_AREA_H

#include "app/domain/rc.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pack_area {
    uint32_t *numbers; /* all 0 */
    size_t count, taken;
    bool in_file;
};

/* `path` of the database, "" for none. RC_DISK_FULL when there is no room for them. */
enum rc pack_area_open(const char *path, size_t count, struct pack_area *ret_area);
/* Now and then: the numbers stay in the file, and what of it is in memory is the system's to keep or not. */
void pack_area_rest(const struct pack_area *area);
void pack_area_close(struct pack_area *area);

/* The next `count` of them, which must be there. */
uint32_t *pack_area_take(struct pack_area *area, size_t count);

#endif
