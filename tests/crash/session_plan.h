/* A session as a table: what is told before it, and its steps. Private to session*.c. */
#ifndef TALLYMAN_TESTS_CRASH_SESSION_PLAN_H
#define TALLYMAN_TESTS_CRASH_SESSION_PLAN_H

#include "app/domain/reason.h"

enum { SESSION_SLOTS = 16 };

enum act {
    ACT_SIGN_IN, /* scan: "OPERATOR PIN", NULL the clerk's */
    ACT_START,   /* doc: its slot; scan: "FLOW [FIELD=VALUE]"; a value of the form @x is that slot's number */
    ACT_OPEN,
    ACT_SCAN,
    ACT_CONFIRM,
    ACT_UNDO,
    ACT_EXCHANGE,
    ACT_SET_ASIDE,
    ACT_IDLE,
    ACT_COMPLETE,
    ACT_ABANDON,
    ACT_SIGN_OUT
};

struct step {
    enum act act;
    const char *doc;        /* full name, or "@a" to "@p": what was started with that slot */
    const char *scan;       /* as the scanner sends it */
    enum severity severity; /* that the scan must get */
    int ref;                /* step whose record is meant */
};

struct session_plan {
    const char *name;
    const char *feed; /* without the people */
    const struct step *steps;
    int step_count;
    const char *const *docs; /* those whose progress replay.h works out */
    int doc_count;
    const char *const *goods; /* keys of units that are looked at in the end */
    int goods_count;
};

extern const struct session_plan session_orders, session_flows;

#endif
