#include "tests/sim/disk_private.h"
#include <stdlib.h>
#include <string.h>

enum { PAGES_AT_A_TIME = 256 };

struct disk_page {
    int holders;
    struct disk_page *next; /* of an unused one */
    uint8_t bytes[DISK_PAGE_BYTES];
};

static struct disk_page *unused;

static struct disk_page *new_page(void)
{
    if (!unused) {
        struct disk_page *pages = disk_need(malloc(PAGES_AT_A_TIME * sizeof *pages));
        for (int i = 0; i < PAGES_AT_A_TIME; i++) {
            pages[i].next = unused;
            unused = &pages[i];
        }
    }
    struct disk_page *page = unused;
    unused = page->next;
    page->holders = 1;
    return page;
}

static void let_go(struct disk_page *page)
{
    if (!page || --page->holders > 0)
        return;
    page->next = unused;
    unused = page;
}

/* One that is this image's alone. */
static uint8_t *own_page(struct disk_image *image, size_t at)
{
    struct disk_page *page = image->pages[at];
    if (page && page->holders == 1)
        return page->bytes;
    image->pages[at] = new_page();
    if (page)
        memcpy(image->pages[at]->bytes, page->bytes, DISK_PAGE_BYTES);
    else
        memset(image->pages[at]->bytes, 0, DISK_PAGE_BYTES);
    let_go(page);
    return image->pages[at]->bytes;
}

static void set_page_count(struct disk_image *image, size_t count)
{
    for (size_t i = count; i < image->page_count; i++)
        let_go(image->pages[i]);
    if (count > image->room) {
        image->room = count + count / 2;
        image->pages = disk_need(realloc(image->pages, image->room * sizeof(struct disk_page *)));
    }
    for (size_t i = image->page_count; i < count; i++)
        image->pages[i] = NULL;
    image->page_count = count;
}

void disk_image_resize(struct disk_image *image, size_t len)
{
    size_t past = len % DISK_PAGE_BYTES;
    set_page_count(image, (len + DISK_PAGE_BYTES - 1) / DISK_PAGE_BYTES);
    if (len < image->len && past > 0 && image->pages[image->page_count - 1])
        memset(own_page(image, image->page_count - 1) + past, 0, DISK_PAGE_BYTES - past);
    image->len = len;
}

size_t disk_image_read(const struct disk_image *image, size_t offset, void *ret_bytes, size_t len)
{
    uint8_t *to = ret_bytes;
    size_t left = image->len > offset ? image->len - offset : 0;
    len = left < len ? left : len;
    for (size_t done = 0; done < len;) {
        size_t in = (offset + done) % DISK_PAGE_BYTES, part = DISK_PAGE_BYTES - in;
        const struct disk_page *page = image->pages[(offset + done) / DISK_PAGE_BYTES];
        part = part < len - done ? part : len - done;
        if (page)
            memcpy(to + done, page->bytes + in, part);
        else
            memset(to + done, 0, part);
        done += part;
    }
    return len;
}

void disk_image_write(struct disk_image *image, size_t offset, const void *bytes, size_t len)
{
    const uint8_t *from = bytes;
    if (offset + len > image->len)
        disk_image_resize(image, offset + len);
    for (size_t done = 0; done < len;) {
        size_t in = (offset + done) % DISK_PAGE_BYTES, part = DISK_PAGE_BYTES - in;
        part = part < len - done ? part : len - done;
        memcpy(own_page(image, (offset + done) / DISK_PAGE_BYTES) + in, from + done, part);
        done += part;
    }
}

void disk_image_clear(struct disk_image *image)
{
    set_page_count(image, 0);
    free(image->pages);
    *image = (struct disk_image){0};
}

void disk_image_set(struct disk_image *image, const struct disk_image *from)
{
    for (size_t i = 0; i < from->page_count; i++)
        if (from->pages[i])
            from->pages[i]->holders++;
    set_page_count(image, 0);
    set_page_count(image, from->page_count);
    for (size_t i = 0; i < from->page_count; i++)
        image->pages[i] = from->pages[i];
    image->len = from->len;
    image->exists = from->exists;
}
