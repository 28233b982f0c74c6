/* Between the files of a visit's report. */
#ifndef TALLYMAN_ENGINE_REPORT_PRIVATE_H
#define TALLYMAN_ENGINE_REPORT_PRIVATE_H

#include "app/engine/report.h"

#define REPORT_SIGNED_PREFIX "tallyman-report:"

struct report {
    char dir[STORE_PATH_MAX + 1];
    int64_t device;
    struct document *document; /* owned */
    struct report_head head;
    struct report_goods *goods; /* owned */
    size_t goods_count, goods_room;
    struct report_evidence *evidence; /* owned */
    size_t evidence_count, evidence_room;
};

#endif
