/* What an audit's report says, as plain data: the engine reads it from the journal, the text module puts it into words. */
#ifndef TALLYMAN_DOMAIN_REPORT_H
#define TALLYMAN_DOMAIN_REPORT_H

#include "app/domain/date.h"
#include "app/domain/document.h"
#include "app/domain/facts.h"
#include "app/domain/flow.h"
#include "app/domain/reason.h"

enum { REPORT_FILE_NAME_MAX = 255, REPORT_HASH_TEXT = 64, REPORT_ZONE_TEXT = 6 };

struct report_head {
    const struct document *document;                           /* its fields are what was said at the start */
    char opened[TIME_TEXT_MAX + 1], closed[TIME_TEXT_MAX + 1]; /* closed "" not yet */
    char operator[ID_MAX + 1], operator_name[NAME_MAX_BYTES + 1];
    char region_name[NAME_MAX_BYTES + 1];
    int field_count; /* said when it was completed */
    struct field_value fields[DOCUMENT_FIELDS_MAX];
};

/* What counts: a double scan that was the same bottle does not. */
struct report_goods {
    int64_t seq;
    char at[TIME_TEXT_MAX + 1];
    char key[CODE_KEY_MAX + 1]; /* "" defaced */
    char product[ID_MAX + 1], product_name[NAME_MAX_BYTES + 1], lot[LOT_MAX + 1];
    char printed[NAME_MAX_BYTES + 1]; /* defaced: what is printed beside the lot */
    qty_t qty;
    enum reason reason;
    reason_set findings;
    struct market market; /* as the auditor was shown it */
};

struct report_evidence {
    int64_t seq, of; /* of which scan, 0 of the visit */
    char kind[ID_MAX + 1], file[REPORT_FILE_NAME_MAX + 1], hash[REPORT_HASH_TEXT + 1];
    char folder[REPORT_FILE_NAME_MAX + 1]; /* that it was in, where another file has the same name; else "" */
    int64_t bytes;
};

/* Names of what the goods name by id; ret_name holds NAME_MAX_BYTES + 1 and stays "" where nobody told one. */
struct report_names {
    void *context;
    void (*party)(void *context, const char *id, char *ret_name);
    void (*region)(void *context, const char *id, char *ret_name);
};

/* All of it; borrowed. */
struct report_body {
    int64_t device;                  /* 0 not enrolled */
    char zone[REPORT_ZONE_TEXT + 1]; /* the device's own, "+08:00": times in it don't name it; "" all do */
    const struct flow *flow;         /* of the visit; NULL not known */
    const struct report_head *head;
    const struct report_goods *goods;
    size_t goods_count;
    const struct report_evidence *evidence;
    size_t evidence_count;
    struct report_names names;
};

#endif
