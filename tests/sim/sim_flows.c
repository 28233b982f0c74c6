#include "tests/sim/sim_world.h"
#include <string.h>

enum { LABELS = 5, FIRST_LABEL = 900, NEW_ITEMS = 12, DEALERS_ITEMS = 18, WAVE_ORDERS = 2, PICK_WAVE = 6 };

static const char WAVE[] = "group:W1", DEALERS_SITE[] = "DLR";

static const char *const SITES_WITH_DEALER[SIM_DEVICES] = {"CDB", "CDB", DEALERS_SITE};

struct beginning {
    const char *flow, *field, *value;
};

static const struct beginning clerks[] = {
    {"receipt", "from", "D0"}, {"pack", NULL, NULL},           {"pack", NULL, NULL},
    {"unpack", "mode", "out"}, {"unpack", "mode", "empty"},    {"replace", NULL, NULL},
    {"relabel", NULL, NULL},   {"transfer", "to", "RDB"},      {"return", "from", "D1"},
    {"count", "product", "P"}, {"scrap", "reason", "damaged"}, {"sample", "reason", "gift"},
};

static const struct beginning dealers[] = {
    {"dealer-in", NULL, NULL},  {"dealer-in", NULL, NULL},  {"dealer-in", NULL, NULL},
    {"dealer-out", NULL, NULL}, {"dealer-out", "to", "S0"}, {"count", "product", "P"},
};

enum { CLERKS = sizeof clerks / sizeof *clerks, DEALERS = sizeof dealers / sizeof *dealers };

const char *const *sim_flows_sites(bool dealer)
{
    return dealer ? SITES_WITH_DEALER : NULL;
}

bool sim_flows_is_dealers(const struct sim_device *device)
{
    const char *const *sites = device->sim->sites;
    return sites && strcmp(sites[device->number], DEALERS_SITE) == 0;
}

/* GS1 General Specifications 7.9: weights 3 and 1 from the right */
char *sim_case_code(int n, char *ret_code)
{
    char digits[18];
    int sum = 0;
    snprintf(digits, sizeof digits, "%017d", 6901234 + n);
    for (int i = 0; i < 17; i++)
        sum += (digits[i] - '0') * (i % 2 == 0 ? 3 : 1);
    snprintf(ret_code, 64, "(00)%s%d", digits, (10 - sum % 10) % 10);
    return ret_code;
}

/* One of the two that the orders go to has a shop of its own, and somebody below it. */
static void put_dealer(FILE *feed)
{
    fputs("{\"type\":\"site\",\"id\":\"DLR\",\"name\":\"DLR\",\"kind\":\"dealer\",\"party\":\"D0\"}\n"
          "{\"type\":\"party\",\"id\":\"S0\",\"name\":\"S0\",\"kind\":\"sub-dealer\",\"parent\":\"D0\"}\n"
          "{\"type\":\"operator\",\"id\":\"chen\",\"name\":\"C\",\"role\":\"dealer\",\"site\":\"DLR\",\"pin\":"
          "\"2468\"}\n",
          feed);
    for (int i = 0; i < DEALERS_ITEMS; i++)
        fprintf(feed,
                "{\"type\":\"code\",\"code\":\"(01)05901234123457(21)D%02d\",\"product\":\"P\",\"lot\":\"L1\","
                "\"level\":0,"
                "\"holder\":\"%s\"}\n",
                i, i % 3 ? "transit:party:D0" : "site:DLR");
}

void sim_flows_feed(FILE *feed, bool dealer)
{
    if (dealer)
        put_dealer(feed);
    fputs("{\"type\":\"site\",\"id\":\"RDB\",\"name\":\"RDB\",\"kind\":\"warehouse\"}\n"
          "{\"type\":\"policy\",\"site\":\"CDB\",\"registry\":\"learn\"}\n",
          feed);
    for (int i = 0; i < WAVE_ORDERS; i++)
        fprintf(feed,
                "{\"type\":\"document\",\"source\":\"sim\",\"doc\":\"w%d\",\"no\":\"SW-%d\",\"flow\":\"outbound\","
                "\"state\":\"open\",\"from\":\"site:CDB\",\"to\":\"party:D0\",\"group\":\"W1\",\"lines\":[{\"line\":"
                "\"1\",\"product\":\"P\",\"qty\":\"4\"}]}\n",
                i, i);
}

struct own {
    int count;
    char docs[SIM_OWN_MAX][DOC_MAX + 1];
};

static bool note_own(void *context, const struct store_document_row *row)
{
    struct own *own = context;
    if (row->own && row->state == DOCUMENT_OPEN && own->count < SIM_OWN_MAX)
        snprintf(own->docs[own->count++], DOC_MAX + 1, "%s", row->doc);
    return true;
}

void sim_flows_start(struct sim_device *device)
{
    struct own own = {0};
    struct start start = {0};
    bool dealer = sim_flows_is_dealers(device);
    const struct beginning *beginning =
        &(dealer ? dealers : clerks)[sim_random(device->sim, dealer ? DEALERS : CLERKS)];
    store_documents(engine_store(device->engine), note_own, &own);
    if (own.count == SIM_OWN_MAX)
        return;
    start.flow = beginning->flow;
    if (beginning->field)
        start.fields[start.field_count++] = (struct start_field){beginning->field, beginning->value};
    device->sim->counts.started += engine_start(device->engine, &start, NULL, NULL, NULL) == RC_OK;
}

void sim_flows_pick(struct sim_device *device, char *ret_doc)
{
    struct own own = {0};
    bool dealer = sim_flows_is_dealers(device);
    if (!dealer && sim_random(device->sim, PICK_WAVE) == 0) {
        snprintf(ret_doc, DOC_MAX + 1, "%s", WAVE);
        return;
    }
    store_documents(engine_store(device->engine), note_own, &own);
    if (own.count > 0)
        snprintf(ret_doc, DOC_MAX + 1, "%s", own.docs[sim_random(device->sim, (uint32_t)own.count)]);
}

void sim_flows_dealers_code(struct sim *sim, char *ret_code)
{
    snprintf(ret_code, SIM_CODE_ROOM, "(01)05901234123457(21)D%02d", (int)sim_random(sim, DEALERS_ITEMS + 1));
}

void sim_flows_code(struct sim *sim, char *ret_code)
{
    switch (sim_random(sim, 4)) {
    case 0:
    case 1: sim_case_code(FIRST_LABEL + (int)sim_random(sim, LABELS), ret_code); break;
    case 2: snprintf(ret_code, SIM_CODE_ROOM, "(01)05901234123457(21)N%02d", (int)sim_random(sim, NEW_ITEMS)); break;
    default: snprintf(ret_code, SIM_CODE_ROOM, "(01)05901234123457"); break;
    }
}
