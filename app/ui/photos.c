#include "app/ui/photos.h"
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { PHOTOS_READ_MAX = 20000 };

static const char *const ENDS[] = {".jpg", ".jpeg", ".png", ".heic", ".webp", ".pdf", ".mp4"};

static bool is_photo(const char *name)
{
    const char *end = strrchr(name, '.');
    for (size_t i = 0; end && end != name && i < sizeof ENDS / sizeof ENDS[0]; i++)
        if (strcasecmp(end, ENDS[i]) == 0)
            return true;
    return false;
}

static int newest_first(const void *a_, const void *b_)
{
    const struct photo *a = a_, *b = b_;
    return a->at_s != b->at_s ? (a->at_s < b->at_s) - (a->at_s > b->at_s) : strverscmp(b->name, a->name);
}

static enum rc add(struct photos *photos, size_t *room, const char *name, int64_t at_s)
{
    if (photos->count == *room) {
        size_t more = *room ? 2 * *room : 64;
        struct photo *row = realloc(photos->row, more * sizeof *row);
        if (!row)
            return RC_NOMEM;
        photos->row = row;
        *room = more;
    }
    struct photo *photo = &photos->row[photos->count++];
    photo->at_s = at_s;
    snprintf(photo->name, sizeof photo->name, "%s", name);
    return RC_OK;
}

static enum rc read_folder(DIR *folder, struct photos *photos)
{
    struct stat status;
    struct dirent *entry;
    size_t room = 0;
    enum rc rc = RC_OK;
    while (rc == RC_OK && photos->count < PHOTOS_READ_MAX && (entry = readdir(folder)))
        if (is_photo(entry->d_name) && fstatat(dirfd(folder), entry->d_name, &status, 0) == 0 &&
            S_ISREG(status.st_mode))
            rc = add(photos, &room, entry->d_name, status.st_mtime);
    return rc;
}

enum rc photos_read(const char *folder, struct photos *ret_photos)
{
    struct photos photos = {.count = 0};
    DIR *open = opendir(folder);
    if (!open)
        return RC_NOT_FOUND;
    enum rc rc = read_folder(open, &photos);
    closedir(open);
    if (rc != RC_OK) {
        photos_free(&photos);
        return rc;
    }
    if (photos.count)
        qsort(photos.row, photos.count, sizeof photos.row[0], newest_first);
    photos.count = photos.count < PHOTOS_MAX ? photos.count : PHOTOS_MAX;
    *ret_photos = photos;
    return RC_OK;
}

void photos_free(struct photos *photos)
{
    free(photos->row);
    *photos = (struct photos){.count = 0};
}
