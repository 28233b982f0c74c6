#include "app/ui/inbox_list.h"
#include "app/text/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_AT = 5, CLOCK_AT = 11, CLOCK_LEN = 5 };

static bool see(void *context, const struct store_inbox_row *row)
{
    struct inbox_list *inbox = context;
    inbox->rows[inbox->count++] = *row;
    return inbox->count < INBOX_LIST_MAX;
}

void inbox_list_read(struct inbox_list *inbox, struct ui *ui)
{
    inbox->count = 0;
    if (!inbox->rows)
        inbox->rows = calloc(INBOX_LIST_MAX, sizeof inbox->rows[0]);
    enum rc rc = inbox->rows ? store_inbox(engine_store(ui->engine), see, inbox) : RC_NOMEM;
    inbox->open = inbox->count;
    if (rc == RC_OK && inbox->count < INBOX_LIST_MAX)
        rc = store_inbox_settled(engine_store(ui->engine), see, inbox);
    if (rc != RC_OK)
        ui_rc(ui, rc);
    list_reset(&inbox->list, inbox->count);
}

void inbox_list_free(struct inbox_list *inbox)
{
    free(inbox->rows);
    inbox->rows = NULL;
}

const struct store_inbox_row *inbox_list_current(const struct inbox_list *inbox)
{
    return inbox->list.count ? &inbox->rows[inbox->list.current] : NULL;
}

bool inbox_list_mark(struct inbox_list *inbox, const struct code *code)
{
    for (size_t i = 0; i < inbox->list.count; i++) {
        const char *key = inbox->rows[i].key;
        if (strcmp(key, code->key) != 0 && (!code->plain[0] || strcmp(key, code->plain) != 0))
            continue;
        inbox->list.current = i;
        return true;
    }
    return false;
}

/* "11-22 05:12", local; "" for none. */
static void print_when(const struct ui *ui, const char *at, char *ret_when)
{
    const struct clock *clock = ui->options->clock;
    char text[TIME_TEXT_MAX + 1];
    int64_t time_ms;
    ret_when[0] = '\0';
    if (time_parse(at, &time_ms) != RC_OK)
        return;
    time_print(time_ms, clock->offset_min(clock->context, time_ms), text);
    snprintf(ret_when, TIME_TEXT_MAX + 1, "%.5s %.*s", text + DAY_AT, CLOCK_LEN, text + CLOCK_AT);
}

void inbox_say(const struct ui *ui, const struct store_inbox_row *row, struct inbox_said *ret_said)
{
    const struct catalog_refusal *told = &row->told;
    struct catalog *catalog;
    struct product product;
    bool known = row->product[0] && store_catalog(engine_store(ui->engine), &catalog) == RC_OK &&
                 catalog_product(catalog, row->product, &product) == RC_OK && product.name[0];
    snprintf(ret_said->product, sizeof ret_said->product, "%s", known ? product.name : row->product);
    engine_operator_name(ui->engine, told->operator, ret_said->name);
    print_when(ui, told->at, ret_said->when);
    if (row->settled.what[0]) {
        print_when(ui, row->settled.at, ret_said->when);
        ret_said->words = (struct inbox_words){.who = row->settled.by, .when = ret_said->when, .no = ""};
        return;
    }
    ret_said->words = (struct inbox_words){.word = told->reason,
                                           .who = ret_said->name,
                                           .when = ret_said->when,
                                           .no = told->no,
                                           .here = row->no,
                                           .holder = told->holder,
                                           .device = told->device,
                                           .number = told->number};
}
