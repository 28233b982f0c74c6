#include "tests/crash/shelf.h"
#include <stdio.h>
#include <string.h>

enum {
    CASES = 40,
    PER_CASE = 12,
    ITEMS = CASES * PER_CASE,
    ALIASES = 60,
    RUN = 1000,
    PACK_EVERY = 4,
    BULK_EVERY = 3,
    STEP_CODES = 60
};

static const char *const HOLDERS[] = {"site:CDB", "site:SHB", "party:D-1"};
static const char *const LOTS[] = {"L1", "L2", "L3", "L4"};

static uint32_t mixed(uint32_t value)
{
    value = (value ^ value >> 16) * 0x45d9f3bu;
    value = (value ^ value >> 16) * 0x45d9f3bu;
    return value ^ value >> 16;
}

static void item_key(int at, char *ret_key)
{
    snprintf(ret_key, CODE_KEY_MAX + 1,
             at % 7 ? "(01)05901234123457(21)%08X%04d" : "plain:https://t.example.cn/%08X/%d",
             mixed((uint32_t)at + 1), at);
}

static void case_key(int at, char *ret_key)
{
    snprintf(ret_key, CODE_KEY_MAX + 1, "(00)%018d", 69012340 + at * 13);
}

static enum rc tell_item(struct codebook *book, int at, int step)
{
    char key[CODE_KEY_MAX + 1], box[CODE_KEY_MAX + 1], alias[64];
    struct codebook_change change = {.product = "SKU-B200", .level = CODEBOOK_KEEP, .covers = CODEBOOK_KEEP};
    item_key(at, key);
    case_key((at / PER_CASE + step * 3) % CASES, box);
    change.lot = LOTS[(at / PER_CASE + step) % 4];
    change.holder = at % 5 ? HOLDERS[(at / PER_CASE + step) % 3] : NULL;
    change.parent = at % 11 ? box : "";
    enum rc rc = codebook_put(book, key, &change);
    snprintf(alias, sizeof alias, "plain:cap-%d", at % ALIASES);
    return rc == RC_OK && at % 3 == 0 ? codebook_put_alias(book, alias, key) : rc;
}

static enum rc tell(struct codebook *book, int step)
{
    char key[CODE_KEY_MAX + 1], first[64], last[64];
    enum rc rc = RC_OK;
    for (int i = 0; rc == RC_OK && i < STEP_CODES; i++)
        rc = tell_item(book, (int)(mixed((uint32_t)(step * STEP_CODES + i)) % ITEMS), step);
    case_key(step, key);
    if (rc == RC_OK && (rc = codebook_move(book, key, HOLDERS[step % 3])) == RC_NOT_FOUND)
        rc = RC_OK;
    item_key((step * 31) % ITEMS, key);
    if (rc == RC_OK)
        rc = codebook_delete(book, key);
    snprintf(first, sizeof first, "plain:S%06d", step * RUN / 2);
    snprintf(last, sizeof last, "plain:S%06d", step * RUN / 2 + RUN - 1);
    return rc == RC_OK ? codebook_put_run(book, first, last, "SKU-C", LOTS[step % 4], HOLDERS[step % 3]) : rc;
}

enum rc shelf_step(struct catalog *catalog, int step)
{
    struct codebook *book = catalog_codebook(catalog);
    enum rc rc = catalog_begin(catalog);
    if (rc != RC_OK)
        return rc;
    if (step % BULK_EVERY == BULK_EVERY - 1)
        rc = codebook_bulk(book);
    if (rc == RC_OK)
        rc = tell(book, step);
    if (rc == RC_OK && step % PACK_EVERY == PACK_EVERY - 1)
        rc = codebook_pack(book);
    if (rc == RC_OK)
        rc = codebook_bulk_end(book);
    if (rc == RC_OK)
        rc = catalog_commit(catalog);
    if (rc != RC_OK)
        catalog_rollback(catalog);
    return rc;
}

/* ---- answers ---- */

static void add_text(uint64_t *sum, const char *text)
{
    for (; *text; text++)
        *sum = (*sum ^ (unsigned char)*text) * UINT64_C(1099511628211);
    *sum = (*sum ^ 0xff) * UINT64_C(1099511628211);
}

static bool add_entry(void *context, const struct codebook_entry *entry)
{
    uint64_t *sum = context;
    char text[HOLDER_MAX + 40];
    char holder[HOLDER_MAX + 1];
    add_text(sum, entry->key);
    add_text(sum, entry->product);
    add_text(sum, entry->lot);
    add_text(sum, entry->parent);
    snprintf(text, sizeof text, "%s %d %d %ld %d", holder_print(&entry->holder, holder), entry->level,
             (int)entry->container, entry->covers, (int)entry->state);
    add_text(sum, text);
    return true;
}

static enum rc ask_key(struct codebook *book, const char *key, uint64_t *sum)
{
    struct codebook_entry entry;
    enum rc rc = codebook_find(book, key, &entry);
    if (rc == RC_OK)
        add_entry(sum, &entry);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc ask_alias(struct codebook *book, int at, uint64_t *sum)
{
    char alias[64], key[CODE_KEY_MAX + 1];
    snprintf(alias, sizeof alias, "plain:cap-%d", at);
    enum rc rc = codebook_alias(book, alias, key);
    if (rc == RC_OK)
        add_text(sum, key);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc shelf_ask(struct codebook *book, int question, uint64_t *ret_answer)
{
    char key[CODE_KEY_MAX + 1];
    uint64_t sum = UINT64_C(14695981039346656037);
    enum rc rc = RC_OK;
    int at = question;
    if (at < ITEMS) {
        item_key(at, key);
        rc = ask_key(book, key, &sum);
    } else if ((at -= ITEMS) < CASES) {
        case_key(at, key);
        rc = ask_key(book, key, &sum);
        if (rc == RC_OK)
            rc = codebook_children(book, key, add_entry, &sum);
    } else if ((at -= CASES) < ALIASES) {
        rc = ask_alias(book, at, &sum);
    } else if ((at -= ALIASES) < 12) {
        rc = codebook_at(book, at < 6 ? "SKU-B200" : "SKU-C", LOTS[at % 4], HOLDERS[at % 3], add_entry, &sum);
    } else {
        snprintf(key, sizeof key, "plain:S%06d", at * 83);
        rc = ask_key(book, key, &sum);
    }
    if (rc == RC_OK)
        *ret_answer = sum;
    return rc;
}

enum rc shelf_ask_all(struct catalog *catalog, uint64_t *ret_answers)
{
    enum rc rc = RC_OK;
    for (int i = 0; rc == RC_OK && i < SHELF_QUESTIONS; i++)
        rc = shelf_ask(catalog_codebook(catalog), i, &ret_answers[i]);
    return rc;
}
