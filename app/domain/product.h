/* What the catalog tells about goods, parties and rules, as plain data that judge and screens share. */
#ifndef TALLYMAN_DOMAIN_PRODUCT_H
#define TALLYMAN_DOMAIN_PRODUCT_H

#include "app/domain/date.h"
#include "app/domain/limits.h"
#include "app/domain/qty.h"
#include "app/domain/reason.h"
#include <stdbool.h>

enum control { CONTROL_NONE, CONTROL_LOT, CONTROL_ITEM }; /* how goods are tracked: quantity, lot, each item */

enum { PACK_LEVELS_MAX = 6 };

struct pack_level {
    int level; /* 1 case, 2 pallet … */
    char name[32];
    char gtin[15];  /* "" when the level has none */
    qty_t contains; /* how many of the level below */
    qty_t units;    /* how many base units in all */
};

struct product {
    char id[ID_MAX + 1];
    char name[NAME_MAX_BYTES + 1];
    char unit[16];
    int decimals;
    enum control control;
    int pack_count;
    struct pack_level packs[PACK_LEVELS_MAX];
};

struct lot {
    char id[LOT_MAX + 1]; /* "" none */
    day_t made, expires;
    bool on_hold; /* quality is not `released` */
    bool known;   /* the catalog has it */
};

/* STATE_RETURNED: taken back and not yet inspected. */
enum code_state {
    STATE_ACTIVE,
    STATE_INACTIVE,
    STATE_VOID,
    STATE_DAMAGED,
    STATE_STOLEN,
    STATE_DESTROYED,
    STATE_RETURNED
};

enum role { ROLE_CLERK = 1, ROLE_DEALER = 2, ROLE_AUDITOR = 4, ROLE_SUPERVISOR = 8 }; /* a mask in flows */

enum registry { REGISTRY_STRICT, REGISTRY_LEARN, REGISTRY_OFF };

enum enforce { ENFORCE_REJECT, ENFORCE_WARN, ENFORCE_OBSERVE };

/* A site's policy. A reason without an entry keeps its flow's severity. */
struct policy {
    enum registry registry;
    enum enforce enforce[REASON_COUNT]; /* softens only; ENFORCE_REJECT changes nothing */
    day_t enforce_until[REASON_COUNT];  /* last day, DAY_NONE for ever */
    char quarantine[ID_MAX + 1];        /* site for what must not mix with the rest, "" none */
    int lock_idle_s;                    /* screens lock after so long without a key or scan; 0 never */
    day_t start;                        /* lots made before warn; DAY_NONE never */
};

const char *role_word(enum role role);
bool role_from_word(const char *word, enum role *ret_role);
const char *control_word(enum control control);
bool control_from_word(const char *word, enum control *ret_control);
const char *code_state_word(enum code_state state);
bool code_state_from_word(const char *word, enum code_state *ret_state);

#endif
