#include "tests/sim/disk_private.h"

void disk_apply(struct disk_image *image, const struct disk_op *op)
{
    switch (op->kind) {
    case DISK_OP_WRITE:
        image->exists = true;
        disk_image_write(image, op->offset, op->bytes, op->len);
        break;
    case DISK_OP_TRUNCATE: disk_image_resize(image, op->offset); break;
    case DISK_OP_REPLACE: disk_image_resize(image, 0); break;
    case DISK_OP_DELETE:
        disk_image_resize(image, 0);
        image->exists = false;
        break;
    }
}

/* First byte of the sector after the one that holds `offset`. */
static size_t sector_end(size_t offset)
{
    return (offset / DISK_SECTOR_BYTES + 1) * DISK_SECTOR_BYTES;
}

/* Only the sectors that a coin chooses. */
static void apply_sectors(struct disk_image *image, const struct disk_op *op, uint64_t *random)
{
    size_t from = op->offset, end = from + op->len;
    while (from < end) {
        size_t to = sector_end(from) < end ? sector_end(from) : end;
        if (disk_random(random) & 1)
            disk_image_write(image, from, op->bytes + (from - op->offset), to - from);
        from = to;
    }
}

/* Only the first sectors, as many as chance has it. */
static void apply_torn(struct disk_image *image, const struct disk_op *op, uint64_t *random)
{
    size_t sectors = op->len / DISK_SECTOR_BYTES + 1;
    size_t end = sector_end(op->offset) - DISK_SECTOR_BYTES;
    end += (size_t)(disk_random(random) % (sectors + 1)) * DISK_SECTOR_BYTES;
    if (end > op->offset) {
        size_t len = end - op->offset;
        disk_image_write(image, op->offset, op->bytes, len < op->len ? len : op->len);
    }
}

static void tear(struct disk_file *file, uint64_t *random)
{
    size_t keep = (size_t)(disk_random(random) % (file->op_count + 1));
    for (size_t i = 0; i < keep; i++)
        disk_apply(&file->durable, &file->ops[i]);
    if (keep < file->op_count && file->ops[keep].kind == DISK_OP_WRITE) {
        file->durable.exists = true;
        apply_torn(&file->durable, &file->ops[keep], random);
    }
}

static void reorder(struct disk_file *file, uint64_t *random)
{
    for (size_t i = 0; i < file->op_count; i++) {
        const struct disk_op *op = &file->ops[i];
        unsigned choice = (unsigned)(disk_random(random) % 4); /* two in four whole, one torn, one lost */
        if (choice >= 2) {
            disk_apply(&file->durable, op);
        } else if (choice == 1 && op->kind == DISK_OP_WRITE) {
            file->durable.exists = true;
            apply_sectors(&file->durable, op, random);
        } else if (op->kind == DISK_OP_REPLACE || op->kind == DISK_OP_DELETE) {
            return; /* the new file never came to be, nor what was written to it */
        }
    }
}

void disk_power_fails(struct disk_file *file, enum disk_end how, uint64_t *random)
{
    if (how == DISK_TEAR)
        tear(file, random);
    else if (how == DISK_REORDER)
        reorder(file, random);
    disk_image_set(&file->now, &file->durable);
}

const char *disk_end_word(enum disk_end how)
{
    static const char *const words[DISK_ENDS] = {"killed", "power off, forgetting", "power off, torn",
                                                 "power off, reordered"};
    return words[how];
}
