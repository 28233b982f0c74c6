/* Pictures and papers in a folder, the newest first. */
#ifndef TALLYMAN_UI_PHOTOS_H
#define TALLYMAN_UI_PHOTOS_H

#include "app/domain/rc.h"
#include <stddef.h>
#include <stdint.h>

enum { PHOTOS_MAX = 500, PHOTO_NAME_MAX = 255 };

struct photo {
    char name[PHOTO_NAME_MAX + 1];
    int64_t at_s; /* when it was last changed */
};

struct photos {
    size_t count;
    struct photo *row; /* owned */
};

/* The PHOTOS_MAX newest; by the ends of their names. RC_NOT_FOUND: there is no such folder. */
enum rc photos_read(const char *folder, struct photos *ret_photos);
void photos_free(struct photos *photos);

#endif
