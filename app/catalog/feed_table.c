#include "app/catalog/feed_table.h"
#include "app/domain/code.h"
#include "app/domain/flow.h"
#include "app/domain/product.h"
#include <stdint.h>
#include <string.h>

enum {
    DAYS_MAX = 36500,
    LIST_MAX = 20000,        /* elements of a list of ids or codes */
    COVERS_MAX = 1000000000, /* units that one code stands for */
    IDLE_MAX_S = 86400,
    ROLES_MAX = 8,
    PAST_MAX = 100 /* earlier sales and sightings of one code */
};

#define END                                                                                                          \
    {                                                                                                                \
        0                                                                                                            \
    }
#define ID(text)                                                                                                     \
    {                                                                                                                \
        .name = text, .kind = FEED_KIND_ID, .max = ID_MAX                                                            \
    }
#define ID_REQ(text)                                                                                                 \
    {                                                                                                                \
        .name = text, .kind = FEED_KIND_ID, .max = ID_MAX, .required = true                                          \
    }
#define NAME(text)                                                                                                   \
    {                                                                                                                \
        .name = text, .kind = FEED_KIND_TEXT, .max = NAME_MAX_BYTES                                                  \
    }
#define LOT(text)                                                                                                    \
    {                                                                                                                \
        .name = text, .kind = FEED_KIND_ID, .max = LOT_MAX                                                           \
    }
#define DAY(text)                                                                                                    \
    {                                                                                                                \
        .name = text, .kind = FEED_KIND_DAY                                                                          \
    }
#define QTY(text)                                                                                                    \
    {                                                                                                                \
        .name = text, .kind = FEED_KIND_QTY                                                                          \
    }
#define HOLDER(text)                                                                                                 \
    {                                                                                                                \
        .name = text, .kind = FEED_KIND_HOLDER                                                                       \
    }

static const struct feed_member REGION[] = {ID_REQ("id"), NAME("name"), ID("parent"), DAY("from"),
                                            DAY("to"),    ID("into"),   END};

static const struct feed_member PARTY[] = {
    ID_REQ("id"),
    NAME("name"),
    {.name = "kind", .kind = FEED_KIND_WORD, .words = "dealer|sub-dealer|retailer|supplier|carrier"},
    ID("region"),
    ID("parent"),
    {.name = "min_life_days", .kind = FEED_KIND_INT, .max = DAYS_MAX},
    END};

static const struct feed_member TERRITORY[] = {ID_REQ("party"),
                                               ID("product"),
                                               {.name = "regions", .kind = FEED_KIND_IDS, .max = LIST_MAX},
                                               {.name = "exclusive", .kind = FEED_KIND_BOOL},
                                               DAY("from"),
                                               DAY("to"),
                                               END};

static const struct feed_member PERMIT[] = {ID_REQ("from"), ID_REQ("to"), ID_REQ("product"), QTY("qty"), QTY("used"),
                                            DAY("until"),   END};

static const struct feed_member SITE[] = {
    ID_REQ("id"), NAME("name"), {.name = "kind", .kind = FEED_KIND_WORD, .words = "warehouse|quarantine|dealer"},
    ID("region"), ID("party"),  END};

static const struct feed_member PACK[] = {
    {.name = "level", .kind = FEED_KIND_INT, .max = DEPTH_MAX, .required = true},
    {.name = "name", .kind = FEED_KIND_TEXT, .max = 31},
    {.name = "gtin", .kind = FEED_KIND_GTIN},
    {.name = "contains", .kind = FEED_KIND_INT, .max = CONTENTS_MAX, .required = true},
    END};

static const struct feed_member PRODUCT[] = {
    ID_REQ("id"),
    NAME("name"),
    {.name = "gtin", .kind = FEED_KIND_GTINS, .max = 32},
    {.name = "unit", .kind = FEED_KIND_TEXT, .max = 15},
    {.name = "decimals", .kind = FEED_KIND_INT, .max = 6},
    {.name = "control", .kind = FEED_KIND_WORD, .words = "none|lot|item"},
    {.name = "pack", .kind = FEED_KIND_OBJECTS, .max = PACK_LEVELS_MAX, .members = PACK},
    END};

static const struct feed_member LOTS[] = {ID_REQ("product"),
                                          {.name = "lot", .kind = FEED_KIND_ID, .max = LOT_MAX, .required = true},
                                          DAY("made"),
                                          DAY("expires"),
                                          {.name = "quality", .kind = FEED_KIND_WORD, .words = "released|hold"},
                                          {.name = "facts", .kind = FEED_KIND_OBJECT},
                                          END};

/* What the server adds for those who audit: who got it last, who before, where it was seen. */
static const struct feed_member SALE[] = {ID_REQ("to"), DAY("at"), ID("doc"), END};

static const struct feed_member SEEN[] = {ID_REQ("region"), DAY("at"), END};

static const struct feed_member CODE[] = {
    {.name = "code", .kind = FEED_KIND_CODE, .required = true},
    ID("product"),
    LOT("lot"),
    {.name = "level", .kind = FEED_KIND_INT, .max = DEPTH_MAX},
    {.name = "in", .kind = FEED_KIND_CODE},
    {.name = "aliases", .kind = FEED_KIND_CODES, .max = 32},
    {.name = "covers", .kind = FEED_KIND_INT, .max = COVERS_MAX},
    {.name = "state", .kind = FEED_KIND_WORD, .words = "active|inactive|void|damaged|stolen|destroyed|returned"},
    HOLDER("holder"),
    {.name = "sold", .kind = FEED_KIND_ONE, .members = SALE},
    {.name = "earlier", .kind = FEED_KIND_OBJECTS, .max = PAST_MAX, .members = SALE},
    {.name = "seen", .kind = FEED_KIND_OBJECTS, .max = PAST_MAX, .members = SEEN},
    END};

static const struct feed_member CODES[] = {ID("product"),
                                           LOT("lot"),
                                           {.name = "first", .kind = FEED_KIND_CODE, .required = true},
                                           {.name = "last", .kind = FEED_KIND_CODE, .required = true},
                                           HOLDER("holder"),
                                           END};

static const struct feed_member STOCK[] = {{.name = "holder", .kind = FEED_KIND_HOLDER, .required = true},
                                           ID_REQ("product"),
                                           LOT("lot"),
                                           {.name = "qty", .kind = FEED_KIND_SIGNED},
                                           END};

static const struct feed_member PATTERN[] = {ID_REQ("id"),
                                             {.name = "match", .kind = FEED_KIND_TEXT, .max = 511},
                                             {.name = "key", .kind = FEED_KIND_TEXT, .max = 255},
                                             ID("product"),
                                             END};

static const struct feed_member PICK[] = {
    {.name = "bin", .kind = FEED_KIND_TEXT, .max = ID_MAX}, QTY("qty"), LOT("lot"), END};

static const struct feed_member LINE[] = {ID_REQ("line"),
                                          ID_REQ("product"),
                                          {.name = "qty", .kind = FEED_KIND_QTY, .required = true},
                                          QTY("tolerance"),
                                          LOT("lot"),
                                          {.name = "picks", .kind = FEED_KIND_OBJECTS, .max = 1000, .members = PICK},
                                          END};

static const struct feed_member DOCUMENT[] = {
    ID_REQ("source"),
    ID_REQ("doc"),
    ID("no"),
    {.name = "flow", .kind = FEED_KIND_ID, .max = 31},
    {.name = "state", .kind = FEED_KIND_WORD, .words = "open|cancelled|closed"},
    HOLDER("from"),
    HOLDER("to"),
    ID("group"),
    DAY("due"),
    {.name = "dock", .kind = FEED_KIND_TEXT, .max = 31},
    NAME("note"),
    {.name = "rev", .kind = FEED_KIND_ID, .max = 32},
    {.name = "lines", .kind = FEED_KIND_OBJECTS, .max = LINES_MAX, .members = LINE},
    END};

static const struct feed_member RECALL[] = {ID_REQ("id"),
                                            ID("product"),
                                            {.name = "lots", .kind = FEED_KIND_IDS, .max = LIST_MAX},
                                            {.name = "codes", .kind = FEED_KIND_CODES, .max = LIST_MAX},
                                            NAME("reason"),
                                            ID("action"),
                                            END};

static const struct feed_member OPERATOR[] = {
    ID_REQ("id"),
    NAME("name"),
    {.name = "role", .kind = FEED_KIND_WORD, .words = "clerk|dealer|auditor|supervisor"},
    ID("site"),
    ID("region"),
    {.name = "pin", .kind = FEED_KIND_PIN, .max = 64},
    {.name = "pin_hash", .kind = FEED_KIND_HASH, .max = 128},
    END};

static const struct feed_member ENFORCE[] = {
    ID_REQ("reason"),
    {.name = "as", .kind = FEED_KIND_WORD, .words = "observe|warn|reject", .required = true},
    DAY("until"),
    END};

static const struct feed_member POLICY[] = {
    ID("site"),
    {.name = "registry", .kind = FEED_KIND_WORD, .words = "off|learn|strict"},
    {.name = "enforce", .kind = FEED_KIND_OBJECTS, .max = 64, .members = ENFORCE},
    DAY("start"),
    ID("quarantine"),
    {.name = "lock_idle_s", .kind = FEED_KIND_INT, .max = IDLE_MAX_S},
    END};

/* What these say of each other is looked at by catalog_flow.h. */
static const struct feed_member FIELD[] = {
    {.name = "name", .kind = FEED_KIND_ID, .max = FLOW_NAME_MAX, .required = true},
    {.name = "label", .kind = FEED_KIND_TEXT, .max = FLOW_LABEL_MAX},
    {.name = "kind", .kind = FEED_KIND_WORD, .words = "text|number|date|choice|scan"},
    {.name = "at", .kind = FEED_KIND_WORD, .words = "start|complete"},
    {.name = "required", .kind = FEED_KIND_BOOL},
    {.name = "default", .kind = FEED_KIND_TEXT, .max = FIELD_VALUE_MAX},
    {.name = "min", .kind = FEED_KIND_SIGNED},
    {.name = "max", .kind = FEED_KIND_SIGNED},
    {.name = "choices", .kind = FEED_KIND_IDS, .max = FLOW_CHOICES_MAX},
    END};

static const struct feed_member SEVERITY[] = {
    ID_REQ("reason"),
    {.name = "as", .kind = FEED_KIND_WORD, .words = "accept|warn|confirm|reject", .required = true},
    {.name = "override", .kind = FEED_KIND_WORD, .words = "none|supervisor"},
    END};

static const struct feed_member FLOW[] = {
    {.name = "id", .kind = FEED_KIND_ID, .max = FLOW_NAME_MAX, .required = true},
    {.name = "name", .kind = FEED_KIND_TEXT, .max = FLOW_LABEL_MAX},
    {.name = "base", .kind = FEED_KIND_ID, .max = FLOW_NAME_MAX},
    {.name = "roles", .kind = FEED_KIND_IDS, .max = ROLES_MAX},
    {.name = "near_expiry_days", .kind = FEED_KIND_INT, .max = DAYS_MAX},
    {.name = "fields", .kind = FEED_KIND_OBJECTS, .max = FLOW_FIELDS_MAX, .members = FIELD},
    {.name = "severities", .kind = FEED_KIND_OBJECTS, .max = REASON_COUNT, .members = SEVERITY},
    {.name = "blind_count", .kind = FEED_KIND_BOOL},
    {.name = "to_quarantine", .kind = FEED_KIND_IDS, .max = REASON_COUNT},
    END};

static const struct feed_member PROGRESS[] = {
    ID_REQ("line"), {.name = "qty", .kind = FEED_KIND_QTY, .required = true}, END};

static const struct feed_member SHARE[] = {
    {.name = "doc", .kind = FEED_KIND_ID, .max = DOC_MAX, .required = true},
    {.name = "device", .kind = FEED_KIND_INT, .max = 1 << 30, .required = true},
    {.name = "lines", .kind = FEED_KIND_IDS, .max = LINES_MAX},
    {.name = "progress", .kind = FEED_KIND_OBJECTS, .max = LINES_MAX, .members = PROGRESS},
    END};

static const struct feed_member SETTLED[] = {
    {.name = "epoch", .kind = FEED_KIND_INT, .max = INT32_MAX, .required = true},
    {.name = "seq", .kind = FEED_KIND_INT, .max = INT32_MAX, .required = true},
    {.name = "what", .kind = FEED_KIND_ID, .max = 31},
    {.name = "at", .kind = FEED_KIND_TEXT, .max = 31},
    NAME("by"),
    NAME("reason"),
    END};

static const struct feed_row ROWS[FEED_TYPE_COUNT] = {
    [FEED_REGION] = {"region", REGION, {"id"}, 0},
    [FEED_PARTY] = {"party", PARTY, {"id"}, 0},
    [FEED_TERRITORY] = {"territory", TERRITORY, {"party", "product", "from"}, '|'},
    [FEED_PERMIT] = {"permit", PERMIT, {"from", "to", "product", "until"}, '|'},
    [FEED_SITE] = {"site", SITE, {"id"}, 0},
    [FEED_PRODUCT] = {"product", PRODUCT, {"id"}, 0},
    [FEED_LOT] = {"lot", LOTS, {"product", "lot"}, '|'},
    [FEED_CODE] = {"code", CODE, {"code"}, 0},
    [FEED_CODES] = {"codes", CODES, {"first", "last"}, '|'},
    [FEED_STOCK] = {"stock", STOCK, {"holder", "product", "lot"}, '|'},
    [FEED_PATTERN] = {"pattern", PATTERN, {"id"}, 0},
    [FEED_DOCUMENT] = {"document", DOCUMENT, {"source", "doc"}, ':'},
    [FEED_RECALL] = {"recall", RECALL, {"id"}, 0},
    [FEED_OPERATOR] = {"operator", OPERATOR, {"id"}, 0},
    [FEED_POLICY] = {"policy", POLICY, {"site"}, 0},
    [FEED_FLOW] = {"flow", FLOW, {"id"}, 0},
    [FEED_SHARE] = {"share", SHARE, {"doc", "device"}, '|'},
    [FEED_SETTLED] = {"settled", SETTLED, {"epoch", "seq"}, '|'},
};

const struct feed_row *feed_row(enum feed_type type)
{
    return &ROWS[type];
}

const char *feed_type_word(enum feed_type type)
{
    return ROWS[type].word;
}

bool feed_type_from_word(const char *word, enum feed_type *ret_type)
{
    for (int i = 0; i < FEED_TYPE_COUNT; i++)
        if (strcmp(ROWS[i].word, word) == 0) {
            *ret_type = (enum feed_type)i;
            return true;
        }
    return false;
}
