#include "tests/sim/sim_history.h"
#include "sync/wire/limits.h"
#include "tests/sim/sim_start.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ITEMS = 48,
    CASES = 4,
    CASE_ITEMS = 6,
    ORDERS = 4,
    OPEN_MAX = 32, /* under way on one device in the end */
    ROUNDS = 3,
    PAGES_EVERY = 16,
    DEALER_EVERY = 4,
    SNAPSHOTS_EVERY = 8,
    SNAPSHOTS_FROM = 6,
    ANEW = 64, /* percent of actions: instead of news, a catalog from the beginning, */
    SNAPSHOT = 65,
    FROM_NOTHING_EVERY = 16,
    TABLES_MADE_EVERY = 16,
    START_SEED = 1,
    RESTORE_EVERY = 3,
    REGIONS_OVER = 80,
    FULL_ACTIONS = 6, /* a disk is full for so many at most */
    SYNCS_MAX = 8,
    POINTS_BITS = 7, /* an end comes within 2 to its power steps */
    SESSION_MS = 16 * 60 * 1000,
    DAY_MS = 24 * 3600 * 1000
};

static const char GTIN[] = "05901234123457", PIN[] = "2468";

/* ---- the goods ---- */

static char *item_code(int n, char *ret_code)
{
    snprintf(ret_code, 64, "(01)%s(21)S%04d", GTIN, n);
    return ret_code;
}

static void put_order(FILE *feed, int n, const char *state, const char *site, int qty)
{
    fprintf(feed,
            "{\"type\":\"document\",\"source\":\"sim\",\"doc\":\"%d\",\"no\":\"SO-%d\",\"flow\":\"outbound\","
            "\"state\":\"%s\",\"from\":\"site:%s\",\"to\":\"party:D%d\",\"lines\":[{\"line\":\"1\",\"product\":"
            "\"P\",\"qty\":\"%d\",\"tolerance\":\"0\",\"lot\":null}]}\n",
            n, n, state, site, n % 2, qty);
}

static void put_codes(FILE *feed)
{
    char code[64], in[64];
    for (int i = 0; i < CASES; i++)
        fprintf(feed,
                "{\"type\":\"code\",\"code\":\"%s\",\"product\":\"P\",\"lot\":\"L1\",\"level\":1,\"holder\":"
                "\"site:CDB\"}\n",
                sim_case_code(i, code));
    for (int i = 0; i < ITEMS; i++) {
        bool packed = i < CASES * CASE_ITEMS;
        fprintf(feed,
                "{\"type\":\"code\",\"code\":\"%s\",\"product\":\"P\",\"lot\":\"L1\",\"level\":0,\"holder\":"
                "\"site:CDB\"%s%s%s}\n",
                item_code(i, code), packed ? ",\"in\":\"" : "", packed ? sim_case_code(i / CASE_ITEMS, in) : "",
                packed ? "\"" : "");
    }
}

/* With `pages`, more than one page holds. */
static char *make_feed(bool pages, bool dealer)
{
    char *text;
    size_t size;
    FILE *feed = open_memstream(&text, &size);
    fputs("{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"CDB\",\"kind\":\"warehouse\"}\n"
          "{\"type\":\"party\",\"id\":\"D0\",\"name\":\"D0\",\"kind\":\"dealer\"}\n"
          "{\"type\":\"party\",\"id\":\"D1\",\"name\":\"D1\",\"kind\":\"dealer\"}\n",
          feed);
    fprintf(
        feed,
        "{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"W\",\"role\":\"clerk\",\"site\":\"CDB\",\"pin\":\"%s\"}\n",
        PIN);
    fprintf(feed,
            "{\"type\":\"product\",\"id\":\"P\",\"name\":\"P\",\"gtin\":[\"%s\"],\"unit\":\"u\",\"decimals\":0,"
            "\"control\":\"item\"}\n",
            GTIN);
    fputs("{\"type\":\"lot\",\"product\":\"P\",\"lot\":\"L1\",\"quality\":\"released\"}\n", feed);
    put_codes(feed);
    for (int i = 0; pages && i < PAGE_LINES_MAX + REGIONS_OVER; i++)
        fprintf(feed, "{\"type\":\"region\",\"id\":\"%d\",\"name\":\"R\"}\n", i);
    for (int i = 0; i < ORDERS; i++)
        put_order(feed, i, "open", "CDB", 14);
    sim_flows_feed(feed, dealer);
    fclose(feed);
    return text;
}

/* ---- what people do ---- */

/* Someone is signed in, as soon as the catalog knows them. */
static bool staffed(struct sim_device *device)
{
    struct catalog *catalog;
    struct catalog_operator person;
    const char *who = sim_flows_is_dealers(device) ? "chen" : "wang";
    if (engine_operator(device->engine))
        return true;
    return store_catalog(engine_store(device->engine), &catalog) == RC_OK &&
           catalog_operator(catalog, who, &person) == RC_OK &&
           engine_sign_in(device->engine, who, PIN, NULL) == RC_OK;
}

static void scan(struct sim *sim, struct sim_device *device, const char *doc)
{
    char text[SIM_CODE_ROOM];
    struct outcome *outcome = calloc(1, sizeof *outcome);
    if (sim_random(sim, 6) == 0)
        sim_flows_code(sim, text);
    else if (sim_flows_is_dealers(device) && sim_random(sim, 3))
        sim_flows_dealers_code(sim, text);
    else if (sim_random(sim, 6) == 0)
        sim_case_code((int)sim_random(sim, CASES + 1), text); /* one is unknown */
    else
        item_code((int)sim_random(sim, ITEMS + 2), text);
    struct scan *scanned = scan_new(text, strlen(text));
    scanned->flags |= SCAN_BRACKETS;
    enum rc rc = engine_scan(device->engine, doc, scanned, 0, outcome);
    sim->counts.scans += rc == RC_OK;
    sim_say(sim, "device %d: scans %s for %s: %s, %s", device->number, text, doc, rc_word(rc),
            rc == RC_OK ? reason_word(outcome->verdict.reason) : "");
    if (rc == RC_OK && outcome->waiting && sim_random(sim, 2))
        rc = engine_confirm(device->engine, doc, outcome->seq, "");
    if (rc == RC_OK && outcome->verdict.severity == SEVERITY_REJECT && sim_random(sim, 3) == 0)
        engine_set_aside(device->engine, doc, outcome->seq);
    free(scanned);
    free(outcome);
}

static void undo(struct sim *sim, struct sim_device *device, const char *doc)
{
    struct store_counts counts;
    if (store_counts(engine_store(device->engine), &counts) != RC_OK || counts.last_seq == 0)
        return;
    bool undoes = sim_random(sim, 4);
    int64_t seq = counts.last_seq - sim_random(sim, 4) % counts.last_seq;
    enum rc rc = (undoes ? engine_undo : engine_exchange)(device->engine, doc, seq);
    sim_say(sim, "device %d: %s %lld of %s: %s", device->number, undoes ? "undoes" : "exchanges", (long long)seq, doc,
            rc_word(rc));
}

/* Short, with all that was rejected put aside; twice, since the first may find that facts have changed. */
static void complete(struct sim_device *device, const char *doc)
{
    struct completion completion = {.short_reason = "stock", .set_aside = true, .recounted = true};
    enum rc rc = engine_complete(device->engine, doc, &completion, NULL);
    if (rc == RC_RECHECK)
        rc = engine_complete(device->engine, doc, &completion, NULL);
    sim_say(device->sim, "device %d: completes %s: %s", device->number, doc, rc_word(rc));
}

static void give_up(struct sim_device *device, const char *doc)
{
    enum rc rc = engine_abandon(device->engine, doc, NULL);
    sim_say(device->sim, "device %d: gives up %s: %s", device->number, doc, rc_word(rc));
}

/* The data centre has news: orders come, change, go to another site, and are cancelled. */
static void news(struct sim *sim)
{
    char *text;
    size_t size;
    FILE *feed = open_memstream(&text, &size);
    if (sim_random(sim, 2))
        fprintf(feed, "{\"type\":\"lot\",\"product\":\"P\",\"lot\":\"L1\",\"quality\":\"%s\"}\n",
                sim_random(sim, 3) ? "released" : "hold");
    bool cancelled = sim_random(sim, 4) == 0;
    int qty = 10 + (int)sim_random(sim, 8);
    put_order(feed, (int)sim_random(sim, ORDERS), cancelled ? "cancelled" : "open",
              sim_random(sim, 4) ? "CDB" : "RDB", qty);
    fclose(feed);
    sim->counts.cancelled += cancelled;
    sim->counts.revised += !cancelled;
    bool told = sim_import(sim, text);
    sim_say(sim, "the data centre: %s%s", text, told ? "" : " (not taken)");
    free(text);
}

static void sync_some(struct sim *sim, struct sim_device *device)
{
    for (uint32_t steps = 1 + sim_random(sim, 7); steps > 0 && !sim->wrong[0]; steps--)
        sim_sync_step(device);
}

static void jump(struct sim *sim, struct sim_device *device)
{
    int64_t day = (int64_t)sim_random(sim, 21) - 10;
    device->skew_ms = sim_random(sim, 3) ? day * DAY_MS + (int64_t)sim_random(sim, DAY_MS) : 0;
    sim->counts.jumps++;
    sim_say(sim, "device %d: its clock is wrong by %lld s", device->number, (long long)device->skew_ms / 1000);
}

/* ---- what befalls them ---- */

static int draw_node(struct sim *sim, const struct sim_device *device)
{
    return sim_random(sim, 2) ? SIM_SERVER : device->number;
}

/* Soon rather than late. */
static long draw_point(struct sim *sim)
{
    return 1 + (long)sim_random(sim, 1u << (1 + sim_random(sim, POINTS_BITS)));
}

static void arm(struct sim *sim, const struct sim_device *device)
{
    int node = draw_node(sim, device);
    uint32_t what = sim_random(sim, 100);
    if (what < 16) {
        bool sync = sim_random(sim, 2);
        long point = sync ? 1 + (long)sim_random(sim, SYNCS_MAX) : draw_point(sim);
        enum disk_end how = (enum disk_end)sim_random(sim, DISK_ENDS);
        (sync ? disk_end_at_sync : disk_end_at)(node, point, how);
        sim_say(sim, "%s: %s, %ld %s from now", node == SIM_SERVER ? "the server" : "it", disk_end_word(how), point,
                sync ? "syncs" : "writes");
    } else if (what < 22) {
        long point = draw_point(sim);
        disk_full_at(node, point);
        sim->counts.full[node == SIM_SERVER]++;
        sim_say(sim, "the disk of %s is full, %ld writes from now", node == SIM_SERVER ? "the server" : "it", point);
    }
}

static void make_room(struct sim *sim)
{
    for (int node = 0; node <= SIM_SERVER; node++)
        if (disk_was_full(node) && sim_random(sim, FULL_ACTIONS) == 0)
            disk_room(node);
}

/* ---- actions ---- */

enum { WORK = 62 }; /* percent of actions that need a person */

static void work(struct sim *sim, struct sim_device *device, uint32_t what)
{
    char doc[DOC_MAX + 1];
    snprintf(doc, sizeof doc, "sim:%d", (int)sim_random(sim, ORDERS));
    if (sim_flows_is_dealers(device) || sim_random(sim, 2))
        sim_flows_pick(device, doc);
    if (what < 5 || (sim_flows_is_dealers(device) && strncmp(doc, "own:", 4) != 0)) /* a dealer has no orders */
        sim_flows_start(device);
    else if (what < 52)
        scan(sim, device, doc);
    else if (what < 57)
        undo(sim, device, doc);
    else if (what < 60)
        complete(device, doc);
    else
        give_up(device, doc);
}

static void take_action(const struct history *history, struct sim *sim)
{
    struct sim_device *device = &sim->devices[sim_random(sim, SIM_DEVICES)];
    uint32_t what = sim_random(sim, 100);
    clock_pinned_advance(sim_random(sim, 20) == 0 ? SESSION_MS : 700); /* now and then a session runs out */
    arm(sim, device);
    bool works = what < WORK && staffed(device);
    if (disk_ended(device->number))
        return;
    if (works)
        work(sim, device, what);
    else if (what < WORK)
        sync_some(sim, device);
    else if (what == ANEW && history->snapshots)
        sim_begin_anew(device);
    else if (what == SNAPSHOT && history->snapshots)
        sim_make_snapshot(sim, sim_flows_is_dealers(device) ? "DLR" : "CDB");
    else if (what < 66)
        news(sim);
    else if (what < 68)
        jump(sim, device);
    else if (what < 70 && history->restores)
        sim_backup(sim);
    else if (what < 71 && history->restores)
        sim_restore(sim);
    else
        sync_some(sim, device);
}

static void act(const struct history *history, struct sim *sim, int n)
{
    uint64_t stream = history->seed * HISTORY_ACTIONS + (uint64_t)n;
    sim->random = disk_mix(stream);
    if (sim->loud)
        printf("%d\n", n);
    make_room(sim);
    take_action(history, sim);
    sim_settle(sim); /* an end that has not come yet comes in a later one */
}

/* ---- and in the end ---- */

static void sync_all(struct sim *sim)
{
    struct sync_progress progress = {0};
    for (int i = 0; i < SIM_DEVICES && !sim->wrong[0]; i++) {
        enum rc rc = sync_run(sim->devices[i].client, &progress);
        if (rc != RC_OK)
            sim_fail(sim, "device %d: the last sync says %s: %s", i, rc_word(rc), progress.detail);
    }
}

static bool complete_row(void *context, const struct store_document_row *row)
{
    char(*docs)[DOC_MAX + 1] = context;
    for (int i = 0; (*docs)[0]; i++, docs++)
        if (i == OPEN_MAX)
            return false;
    if (row->state != DOCUMENT_READY && row->state != DOCUMENT_COMPLETE && row->state != DOCUMENT_ABANDONED)
        snprintf(*docs, sizeof *docs, "%s", row->doc);
    return true;
}

/* Everybody closes what is open; what cannot be completed any more is given up. */
static void close_all(struct sim *sim)
{
    for (int i = 0; i < SIM_DEVICES; i++) {
        struct engine *engine = sim->devices[i].engine;
        char docs[OPEN_MAX + 1][DOC_MAX + 1] = {{0}};
        if (!staffed(&sim->devices[i])) /* nobody else closes anything */
            sim_fail(sim, "device %d: nobody can sign in", i);
        store_documents(engine_store(engine), complete_row, docs);
        for (int j = 0; j < OPEN_MAX && docs[j][0]; j++) {
            complete(&sim->devices[i], docs[j]);
            give_up(&sim->devices[i], docs[j]);
        }
    }
}

static bool finish(struct sim *sim)
{
    sim->calm = true;
    sim_mend(sim);
    sim_deliver(sim);
    for (int round = 0; round < ROUNDS && !sim->wrong[0]; round++) {
        sync_all(sim);
        if (round == 0 && !sim->wrong[0] && sim_check_acked(sim))
            close_all(sim);
    }
    return !sim->wrong[0] && sim_check_server(sim) && sim_check_end(sim);
}

void history_of(uint64_t seed, struct history *ret_history)
{
    struct history history = {.seed = seed,
                              .restores = seed % RESTORE_EVERY == 0,
                              .dealer = seed % DEALER_EVERY == 2,
                              .snapshots = seed % SNAPSHOTS_EVERY >= SNAPSHOTS_FROM};
    for (int i = 0; i < HISTORY_ACTIONS; i++)
        history.kept[i] = true;
    *ret_history = history;
}

static bool new_folder(struct sim *sim, char *ret_dir)
{
    bool shared = access("/dev/shm", W_OK) == 0;
    snprintf(ret_dir, SIM_DIR_MAX, "%s/tallyman-sim-XXXXXX", shared ? "/dev/shm" : "/tmp");
    return mkdtemp(ret_dir) || sim_fail(sim, "no folder to work in");
}

static bool begin_from_nothing(struct sim *sim, uint64_t seed, bool pages, bool dealer)
{
    char dir[SIM_DIR_MAX];
    if (!new_folder(sim, dir))
        return false;
    char *feed = make_feed(pages, dealer);
    bool good = sim_open(sim, dir, seed, feed);
    free(feed);
    return good;
}

/* The same one in whichever history it is needed first. */
static bool make_start(struct sim *sim, bool dealer)
{
    static bool made[SIM_STARTS];
    if (!made[dealer]) {
        bool loud = sim->loud;
        sim->loud = false;
        made[dealer] = begin_from_nothing(sim, START_SEED, false, dealer) && sim_start_keep(sim, dealer);
        sim_close(sim);
        sim->loud = loud;
    }
    return made[dealer];
}

static bool begin(struct sim *sim, const struct history *history)
{
    char dir[SIM_DIR_MAX];
    uint64_t seed = history->seed;
    bool pages = seed % PAGES_EVERY == 0, dealer = history->dealer;
    sim->sites = sim_flows_sites(dealer);
    sim->snapshots = history->snapshots;
    sim_schema_copies(seed % TABLES_MADE_EVERY != 1);
    if (pages || seed % FROM_NOTHING_EVERY == 1)
        return begin_from_nothing(sim, seed, pages, dealer);
    return make_start(sim, dealer) && new_folder(sim, dir) && sim_open_kept(sim, dir, seed, dealer);
}

bool history_run(const struct history *history, struct sim *sim)
{
    bool good = begin(sim, history);
    if (good && history->snapshots)
        sim_make_snapshot(sim, "CDB"); /* what most devices begin with */
    for (int i = 0; i < HISTORY_ACTIONS && good; i++) {
        if (history->kept[i])
            act(history, sim, i);
        good = !sim->wrong[0];
    }
    if (good)
        good = finish(sim);
    if (!good && sim->loud && getenv("SIM_KEEP"))
        sim_keep_server(sim, getenv("SIM_KEEP"));
    sim_close(sim);
    return good;
}
