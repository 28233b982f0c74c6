/* Who sees what: a dealer's device, and what it must never hear of. */
#include "sync/client/trace.h"
#include "tests/unit/linked_world.h"
#include "tests/unit/server_dealers.h"
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
// clang-format on
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
    struct dealers *dealers = calloc(1, sizeof *dealers);
    dealers_open(dealers, "");
    *state = dealers;
    return 0;
}

static int teardown(void **state)
{
    dealers_close(*state);
    free(*state);
    return 0;
}

static bool says(const json_t *lines, const char *word)
{
    char *text = json_dumps(lines, 0);
    bool found = strstr(text, word) != NULL;
    free(text);
    return found;
}

static const char *member(json_t *page, const char *key, const char *name)
{
    const char *text = json_string_value(json_object_get(page_find(page, "code", "code", key), name));
    return text ? text : "";
}

static bool gone(json_t *page, const char *key)
{
    return json_is_true(json_object_get(page_find(page, "code", "code", key), "gone"));
}

static void a_dealer_is_told_its_own(void **state)
{
    struct dealers *dealers = *state;
    json_t *page = dealers_pull(&dealers->one, NULL);
    assert_string_equal(member(page, ITEM("MINE1"), "holder"), "site:DS1");
    assert_string_equal(member(page, ITEM("SUBS1"), "holder"), "party:S-1");
    assert_string_equal(member(page, ITEM("COMING1"), "holder"), "transit:party:D-1");
    assert_non_null(page_find(page, "codes", "holder", "party:D-1"));
    assert_non_null(page_find(page, "document", "doc", "1"));
    assert_non_null(page_find(page, "document", "doc", "2"));
    assert_non_null(page_find(page, "party", "id", "S-1"));
    assert_non_null(page_find(page, "territory", "party", "D-1"));
    assert_non_null(page_find(page, "stock", "holder", "site:DS1"));
    assert_non_null(page_find(page, "policy", "site", "DS1"));
    assert_non_null(page_find(page, "site", "id", "CDB"));
    assert_non_null(page_find(page, "region", "id", "510100"));
    assert_non_null(page_find(page, "operator", "id", "chen"));
    const json_t *recall = page_find(page, "recall", "id", "R-1");
    assert_int_equal(json_array_size(json_object_get(recall, "codes")), 1);
    assert_false(says(page, "FOREIGN"));
    assert_false(says(page, "D-2"));
    json_decref(page);
}

/* The warehouse still sees everything. */
static void a_clerk_is_told_all_codes(void **state)
{
    struct dealers *dealers = *state;
    json_t *page = dealers_pull(&dealers->clerk, NULL);
    assert_string_equal(member(page, ITEM("FOREIGN1"), "holder"), "party:D-2");
    assert_non_null(page_find(page, "party", "id", "D-2"));
    assert_null(json_object_get(page_find(page, "code", "code", ITEM("MINE1")), "sold"));
    json_decref(page);
}

static void what_enters_is_told_with_what_is_in_it(void **state)
{
    struct dealers *dealers = *state;
    json_decref(dealers_pull(&dealers->one, NULL));
    dealers_ship(dealers, "own:1", SSCC_1, "party:D-1");
    json_t *page = dealers_pull(&dealers->one, NULL);
    assert_string_equal(member(page, SSCC_1, "holder"), "transit:party:D-1");
    assert_string_equal(member(page, ITEM("CASED1"), "in"), SSCC_1);
    assert_string_equal(member(page, ITEM("CASED2"), "holder"), "transit:party:D-1");
    json_decref(page);
    page = dealers_pull(&dealers->two, NULL);
    assert_null(page_find(page, "code", "code", ITEM("CASED1")));
    json_decref(page);
}

static void what_was_taken_back_on_the_way_is_gone(void **state)
{
    struct dealers *dealers = *state;
    dealers_ship(dealers, "own:1", SSCC_1, "party:D-1");
    json_decref(dealers_pull(&dealers->one, NULL));
    flows_open(&dealers->clerk, "own:2", "void",
               ",\"from\":\"unknown\",\"to\":\"party:D-1\",\"lines\":[],\"header\":{\"of\":\"own:1\"}");
    flows_scan(&dealers->clerk, "own:2", "void", SSCC_1, "");
    flows_complete(&dealers->clerk, "own:2", "void", "");
    assert_string_equal(flows_told(&dealers->clerk), "accepted");
    json_t *page = dealers_pull(&dealers->one, NULL);
    assert_true(gone(page, SSCC_1));
    assert_true(gone(page, ITEM("CASED1")));
    json_decref(page);
}

/* The feed moves what nobody has scanned: out of one dealer's sight, into another's. */
static void what_becomes_anothers_is_gone(void **state)
{
    struct dealers *dealers = *state;
    json_decref(dealers_pull(&dealers->one, NULL));
    json_decref(dealers_pull(&dealers->two, NULL));
    server_world_tell(&dealers->world, CODE(ITEM("MINE1"), "\"holder\":\"party:D-2\""));
    json_t *page = dealers_pull(&dealers->one, NULL);
    assert_true(gone(page, ITEM("MINE1")));
    /* the recall that named it names nothing that is this dealer's any more */
    assert_true(json_is_true(json_object_get(page_find(page, "recall", "id", "R-1"), "gone")));
    json_decref(page);
    page = dealers_pull(&dealers->two, NULL);
    assert_string_equal(member(page, ITEM("MINE1"), "holder"), "party:D-2");
    assert_int_equal(json_array_size(json_object_get(page_find(page, "recall", "id", "R-1"), "codes")), 2);
    json_decref(page);
    server_world_tell(&dealers->world, "{\"type\":\"code\",\"code\":\"" ITEM("COMING1") "\",\"gone\":true}\n");
    page = dealers_pull(&dealers->one, NULL);
    assert_true(gone(page, ITEM("COMING1")));
    json_decref(page);
    page = dealers_pull(&dealers->two, NULL);
    assert_null(page_find(page, "code", "code", ITEM("COMING1")));
    json_decref(page);
}

/* What it had and another dealer sold on is the other's, whoever bought it. */
static void what_another_sold_on_is_gone(void **state)
{
    struct dealers *dealers = *state;
    static const char *const HOLDERS[] = {"site:CDB", "party:D-2", "party:SHOP-9"};
    server_world_tell(&dealers->world,
                      "{\"type\":\"party\",\"id\":\"SHOP-9\",\"name\":\"Corner\",\"kind\":\"retailer\"}\n");
    json_decref(dealers_pull(&dealers->one, NULL));
    for (size_t i = 0; i < sizeof HOLDERS / sizeof HOLDERS[0]; i++) {
        char line[300];
        snprintf(line, sizeof line, "{\"type\":\"code\",\"code\":\"" ITEM("MINE1") "\",\"holder\":\"%s\"}\n",
                 HOLDERS[i]);
        server_world_tell(&dealers->world, line);
    }
    json_t *page = dealers_pull(&dealers->one, NULL);
    assert_false(says(page, "SHOP-9"));
    assert_true(gone(page, ITEM("MINE1")));
    json_decref(page);
}

/* A dealer's device whose site is told no more is nobody's: not the owner's. */
static void a_site_that_is_gone_opens_nothing(void **state)
{
    struct dealers *dealers = *state;
    json_decref(dealers_pull(&dealers->one, NULL));
    server_world_tell(&dealers->world, "{\"type\":\"site\",\"id\":\"DS1\",\"gone\":true}\n");
    json_t *page = dealers_pull(&dealers->one, NULL);
    assert_false(says(page, "FOREIGN"));
    json_decref(page);
}

/* Whose its device is nobody knows: what it pushes is kept for a person, and nothing of it counts. */
static void a_site_that_is_gone_ships_nothing(void **state)
{
    struct dealers *dealers = *state;
    server_world_tell(&dealers->world, "{\"type\":\"site\",\"id\":\"DS1\",\"gone\":true}\n");
    int64_t first =
        flows_open(&dealers->one, "own:x", "outbound", ",\"from\":\"site:CDB\",\"to\":\"party:S-1\",\"lines\":[]");
    int64_t scan = flows_scan(&dealers->one, "own:x", "outbound", ITEM("OWN-FOREIGN"), "");
    int64_t last = flows_complete(&dealers->one, "own:x", "outbound", "");
    assert_int_equal(handheld_push(&dealers->one), 200);
    assert_string_equal(handheld_verdict(&dealers->one, first), "no-site");
    assert_string_equal(handheld_verdict(&dealers->one, scan), "no-site");
    assert_string_equal(handheld_verdict(&dealers->one, last), "no-site");
    json_t *page = dealers_pull(&dealers->clerk, NULL);
    assert_string_equal(member(page, ITEM("OWN-FOREIGN"), "holder"), "site:CDB");
    json_decref(page);
    /* it comes again: so does the device, with what it does from then on */
    server_world_tell(&dealers->world, "{\"type\":\"site\",\"id\":\"DS1\",\"kind\":\"dealer\",\"party\":\"D-1\"}\n");
    flows_open(&dealers->one, "own:y", "dealer-out", ",\"from\":\"site:DS1\",\"to\":\"sold\",\"lines\":[]");
    assert_string_equal(flows_told(&dealers->one), "accepted");
}

static void a_document_that_goes_to_another_is_gone(void **state)
{
    struct dealers *dealers = *state;
    json_decref(dealers_pull(&dealers->one, NULL));
    server_world_tell(&dealers->world, DOCUMENT("1", "site:CDB", "party:D-2"));
    json_t *page = dealers_pull(&dealers->one, NULL);
    const json_t *document = page_find(page, "document", "doc", "1");
    assert_true(json_is_true(json_object_get(document, "gone")));
    assert_null(json_object_get(document, "to"));
    json_decref(page);
}

/* Another family is another catalog: nothing is left of the old one. */
static void another_family_begins_anew(void **state)
{
    struct dealers *dealers = *state;
    int again;
    json_decref(dealers_pull(&dealers->one, &again));
    assert_int_equal(again, 0);
    server_world_tell(&dealers->world, "{\"type\":\"party\",\"id\":\"S-1\",\"parent\":\"D-2\"}\n");
    json_t *page = dealers_pull(&dealers->one, &again);
    assert_int_equal(again, 1);
    assert_null(page_find(page, "code", "code", ITEM("SUBS1")));
    assert_null(page_find(page, "party", "id", "S-1"));
    json_decref(page);
    page = dealers_pull(&dealers->two, &again);
    assert_string_equal(member(page, ITEM("SUBS1"), "holder"), "party:S-1");
    json_decref(page);
    json_decref(dealers_pull(&dealers->one, &again));
    assert_int_equal(again, 0);
}

static void a_permit_names_the_other_by_its_id_alone(void **state)
{
    struct dealers *dealers = *state;
    server_world_tell(&dealers->world, "{\"type\":\"permit\",\"from\":\"D-1\",\"to\":\"D-2\",\"product\":\"B\","
                                       "\"qty\":\"5\",\"until\":\"2026-12-31\"}\n");
    json_t *page = dealers_pull(&dealers->one, NULL);
    assert_non_null(page_find(page, "permit", "to", "D-2"));
    assert_non_null(page_find(page, "party", "id", "D-2"));
    assert_null(json_object_get(page_find(page, "party", "id", "D-2"), "name"));
    assert_false(says(page, "FOREIGN"));
    json_decref(page);
}

/* Nor its parent: so that the device does not take it for nobody's shop. */
static void anothers_shop_is_anothers(void **state)
{
    struct dealers *dealers = *state;
    server_world_tell(&dealers->world,
                      "{\"type\":\"party\",\"id\":\"R-2\",\"kind\":\"retailer\",\"parent\":\"D-2\"}\n"
                      "{\"type\":\"party\",\"id\":\"R-3\",\"kind\":\"retailer\"}\n"
                      "{\"type\":\"permit\",\"from\":\"D-1\",\"to\":\"R-2\",\"product\":\"B\"}\n"
                      "{\"type\":\"permit\",\"from\":\"D-1\",\"to\":\"R-3\",\"product\":\"B\"}\n");
    json_t *page = dealers_pull(&dealers->one, NULL);
    const json_t *theirs = page_find(page, "party", "id", "R-2"), *nobodys = page_find(page, "party", "id", "R-3");
    assert_string_equal(json_string_value(json_object_get(theirs, "kind")), "sub-dealer");
    assert_string_equal(json_string_value(json_object_get(nobodys, "kind")), "retailer");
    assert_false(says(page, "D-2"));
    json_decref(page);
}

static void asking_by_hand_is_refused(void **state)
{
    struct dealers *dealers = *state;
    char error[WORD_MAX + 1] = "";
    json_t *rows = dealers_trace(&dealers->one, ITEM("MINE1"), error);
    assert_non_null(rows);
    json_decref(rows);
    assert_null(dealers_trace(&dealers->one, ITEM("FOREIGN1"), error));
    assert_string_equal(error, "wrong-holder");
    assert_null(dealers_trace(&dealers->one, ITEM("FOREIGNR0007"), error));
    assert_string_equal(error, "wrong-holder");
    assert_null(dealers_trace(&dealers->one, ITEM("NOBODY"), error));
    assert_string_equal(error, "not-found");
    /* a cursor of another's */
    json_decref(dealers_pull(&dealers->two, NULL));
    memcpy(dealers->one.cursor, dealers->two.cursor, sizeof dealers->one.cursor);
    int again;
    json_t *page = dealers_pull(&dealers->one, &again);
    assert_int_equal(again, 1);
    assert_false(says(page, "FOREIGN"));
    json_decref(page);
}

/* Another dealer's bottle comes back: the device could not know whose it is. It is told when it may be, and no name ever. */
static void anothers_goods_are_a_finding_where_they_come_back(void **state)
{
    struct dealers *dealers = *state;
    char error[WORD_MAX + 1] = "";
    flows_open(&dealers->one, "own:r", "return", ",\"from\":\"unknown\",\"to\":\"unknown\",\"lines\":[]");
    flows_scan(&dealers->one, "own:r", "return", ITEM("FOREIGN1"),
               ",\"to\":\"site:DS1\",\"reason\":\"unregistered\",\"severity\":\"warn\"");
    assert_string_equal(flows_told(&dealers->one), "accepted");
    json_t *conflicts = server_world_list(&dealers->world, "conflicts");
    assert_string_equal(json_string_value(json_object_get(json_array_get(conflicts, 0), "kind")), "wrong-holder");
    json_decref(conflicts);
    assert_null(dealers_trace(&dealers->one, ITEM("FOREIGN1"), error));
    flows_complete(&dealers->one, "own:r", "return", "");
    assert_string_equal(flows_told(&dealers->one), "accepted");
    json_t *rows = dealers_trace(&dealers->one, ITEM("FOREIGN1"), error);
    assert_non_null(rows);
    assert_false(says(rows, "D-2"));
    assert_false(says(rows, "DS2"));
    assert_true(says(rows, "conflict"));
    json_decref(rows);
    /* shipped by a dealer that never had it: refused, without a name */
    flows_open(&dealers->two, "own:s", "outbound",
               ",\"from\":\"site:DS2-FOREIGN\",\"to\":\"party:S-2\",\"lines\":[]");
    flows_scan(&dealers->two, "own:s", "outbound", ITEM("MINE1"), "");
    assert_string_equal(flows_told(&dealers->two), "wrong-holder");
}

static void a_dealer_speaks_for_its_own_site_alone(void **state)
{
    struct dealers *dealers = *state;
    snprintf(dealers->one.site, sizeof dealers->one.site, "CDB");
    flows_open(&dealers->one, "own:x", "outbound", ",\"from\":\"site:CDB\",\"to\":\"party:S-1\",\"lines\":[]");
    assert_string_equal(flows_told(&dealers->one), "bad-record");
}

static void anothers_papers_are_not_worked_on(void **state)
{
    struct dealers *dealers = *state;
    static const char *const THEIRS[] = {"erp:3-FOREIGN", "own:9-1-4"};
    for (size_t i = 0; i < sizeof THEIRS / sizeof THEIRS[0]; i++) {
        flows_open(&dealers->one, THEIRS[i], "dealer-in", ",\"from\":\"unknown\",\"to\":\"unknown\",\"lines\":[]");
        assert_string_equal(flows_told(&dealers->one), "bad-record");
    }
    flows_open(&dealers->one, "group:W", "dealer-in",
               ",\"from\":\"unknown\",\"to\":\"unknown\",\"group\":\"W\",\"lines\":[{\"line\":\"1\",\"doc\":\"erp:3-"
               "FOREIGN\"}]");
    assert_string_equal(flows_told(&dealers->one), "bad-record");
    flows_open(&dealers->one, "erp:1", "dealer-in", ",\"from\":\"unknown\",\"to\":\"unknown\",\"lines\":[]");
    assert_string_equal(flows_told(&dealers->one), "accepted");
    /* it went to another since: what was begun on it is not lost */
    server_world_tell(&dealers->world, DOCUMENT("1", "site:CDB", "party:D-2"));
    flows_scan(&dealers->one, "erp:1", "dealer-in", ITEM("COMING1"), "");
    assert_string_equal(flows_told(&dealers->one), "accepted");
}

/* Of a party its name, region and territory; nothing else, while nobody else works there. */
static void auditors_alone_see_nothing_else_of_a_party(void **state)
{
    struct dealers *dealers = *state;
    struct handheld auditor;
    int again;
    server_world_tell(&dealers->world, "{\"type\":\"site\",\"id\":\"HQ\",\"name\":\"HQ\",\"kind\":\"warehouse\"}\n"
                                       "{\"type\":\"party\",\"id\":\"D-2\",\"min_life_days\":30}\n"
                                       "{\"type\":\"operator\",\"id\":\"zhao\",\"name\":\"Z\",\"role\":\"auditor\","
                                       "\"site\":\"HQ\",\"pin_hash\":\"$argon2id$v=19$m=8192,t=3,p=1$AAAA$AAAA\"}\n");
    handheld_new(&dealers->world, "HQ", &auditor);
    json_t *page = dealers_pull(&auditor, NULL);
    const json_t *party = page_find(page, "party", "id", "D-2");
    assert_non_null(json_object_get(party, "name"));
    assert_non_null(json_object_get(party, "region"));
    assert_null(json_object_get(party, "min_life_days"));
    assert_non_null(page_find(page, "territory", "party", "D-2"));
    assert_null(json_object_get(page_find(page, "site", "id", "DS2-FOREIGN"), "name"));
    assert_null(page_find(page, "stock", "holder", "party:D-2"));
    assert_null(page_find(page, "operator", "id", "FOREIGN-wu"));
    json_decref(page);
    /* a clerk comes: another scope */
    server_world_tell(&dealers->world, "{\"type\":\"operator\",\"id\":\"qian\",\"name\":\"Q\",\"role\":\"clerk\","
                                       "\"site\":\"HQ\",\"pin_hash\":\"$argon2id$v=19$m=8192,t=3,p=1$AAAA$AAAA\"}\n");
    page = dealers_pull(&auditor, &again);
    assert_int_equal(again, 1);
    assert_non_null(json_object_get(page_find(page, "party", "id", "D-2"), "min_life_days"));
    json_decref(page);
    handheld_free(&auditor);
}

static const char *member_of(const json_t *rows, const char *kind, const char *name)
{
    json_t *row;
    size_t i;
    json_array_foreach(rows, i, row)
    {
        const char *text = json_string_value(json_object_get(row, name));
        if (strcmp(json_string_value(json_object_get(row, "row")), kind) == 0)
            return text ? text : "";
    }
    return "";
}

static void audit(struct handheld *handheld, const char *doc, const char *key)
{
    flows_open(
        handheld, doc, "audit",
        ",\"from\":\"unknown\",\"to\":\"unknown\",\"lines\":[],\"own\":true,\"header\":{\"region\":\"520100\"}");
    flows_scan(handheld, doc, "audit", key,
               ",\"product\":\"B\",\"qty\":\"1\",\"alloc\":[],\"reason\":\"out-of-region\",\"severity\":\"accept\"");
    assert_string_equal(flows_told(handheld), "accepted");
}

/* Who sold it, how the owner shipped it, their own audits; what the dealers did with it is theirs. */
static void an_auditors_trace_has_nothing_of_the_dealers(void **state)
{
    struct dealers *dealers = *state;
    char error[WORD_MAX + 1];
    struct handheld auditor;
    server_world_tell(&dealers->world, "{\"type\":\"site\",\"id\":\"HQ\",\"name\":\"HQ\",\"kind\":\"warehouse\"}\n"
                                       "{\"type\":\"operator\",\"id\":\"zhao\",\"name\":\"Z\",\"role\":\"auditor\","
                                       "\"site\":\"HQ\",\"pin_hash\":\"$argon2id$v=19$m=8192,t=3,p=1$AAAA$AAAA\"}\n");
    handheld_new(&dealers->world, "HQ", &auditor);
    dealers_ship(dealers, "own:1", SSCC_1, "party:D-1");
    flows_open(&dealers->one, "own:DEALERS", "dealer-out", ",\"from\":\"site:DS1\",\"to\":\"sold\",\"lines\":[]");
    flows_scan(&dealers->one, "own:DEALERS", "dealer-out", ITEM("CASED1"), "");
    flows_complete(&dealers->one, "own:DEALERS", "dealer-out", "");
    assert_string_equal(flows_told(&dealers->one), "accepted");
    audit(&dealers->clerk, "own:others", ITEM("CASED1"));
    audit(&auditor, "own:mine", ITEM("CASED1"));
    json_t *rows = dealers_trace(&auditor, ITEM("CASED1"), error);
    assert_false(says(rows, "DEALERS"));
    assert_false(says(rows, "DS1"));
    assert_false(says(rows, "\"sold\""));
    assert_false(says(rows, "own:others"));
    assert_true(says(rows, "own:mine"));
    assert_string_equal(member_of(rows, "sale", "name"), "Rongcheng");
    assert_string_equal(member_of(rows, "sale", "doc"), "own:1");
    assert_string_equal(member_of(rows, "move", "to"), "transit:party:D-1");
    assert_string_equal(member_of(rows, "lot", "factory"), "Works 4");
    assert_string_equal(member_of(rows, "audit", "region"), "520100");
    assert_string_equal(member_of(rows, "record", "site"), "HQ");
    json_decref(rows);
    /* a clerk of the owner's sees what there is */
    rows = dealers_trace(&dealers->clerk, ITEM("CASED1"), error);
    assert_true(says(rows, "DEALERS"));
    json_decref(rows);
    handheld_free(&auditor);
}

/* ---- the device itself ---- */

static char *slurp(const char *path, size_t *ret_len)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t len = 0, room = 1 << 24;
    if (file) {
        text = malloc(room);
        len = fread(text, 1, room, file);
        fclose(file);
    }
    *ret_len = len;
    return text;
}

static void assert_clean(const char *name, const char *text, size_t len)
{
    static const char *const WORDS[] = {"FOREIGN", "D-2", "S-2", "DS2", "Leshan", "Emei"};
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
        if (memmem(text, len, WORDS[i], strlen(WORDS[i])))
            fail_msg("%s holds %s", name, WORDS[i]);
}

static void assert_folder_clean(const char *folder)
{
    char path[512];
    const struct dirent *entry;
    int files = 0;
    DIR *dir = opendir(folder);
    while ((entry = readdir(dir))) {
        size_t len;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        char *text = entry->d_name[0] == '.' ? NULL : slurp(path, &len);
        if (text) {
            assert_clean(entry->d_name, text, len);
            files += strncmp(entry->d_name, "catalog", 7) == 0 && strstr(entry->d_name, ".db") && len > 0;
        }
        free(text);
    }
    closedir(dir);
    assert_true(files > 0);
}

static bool device_knows(struct linked_world *world, const char *text)
{
    static struct facts facts;
    static struct code code;
    struct store *store = engine_store(world->device.engine);
    code_parse_text(text, 2026, &code);
    struct facts_request request = {.doc = "", .site = "CDB", .today = 20000, .code = &code};
    assert_int_equal(store_facts(store, &request, &facts), RC_OK);
    return facts.code_known;
}

/* Over the client: its own goods, another's, nobody's, and no network. */
static void expect_traces(struct linked_world *world)
{
    struct sync_transport transport = linked_world_transport(world);
    const struct sync_store *store = &world->device.sync;
    struct sync_trace trace;
    assert_int_equal(sync_trace(store, &transport, ITEM("SUBS1"), &trace), RC_OK);
    assert_string_equal(trace.key, ITEM("SUBS1"));
    assert_non_null(strstr(trace.lines, "\"holder\":\"party:S-1\""));
    sync_trace_free(&trace);
    assert_int_equal(sync_trace(store, &transport, ITEM("FOREIGN1"), &trace), RC_REFUSED);
    assert_string_equal(trace.detail, "these goods are not yours");
    assert_null(trace.lines);
    assert_int_equal(sync_trace(store, &transport, ITEM("NOBODY"), &trace), RC_NOT_FOUND);
    world->away = true;
    assert_int_equal(sync_trace(store, &transport, ITEM("SUBS1"), &trace), RC_NET);
    world->away = false;
}

/* The device of this world is enrolled at CDB: here that is the dealer's yard. Every byte that it hears and keeps. */
static void no_byte_of_another_dealer_reaches_the_device(void **state)
{
    static struct linked_world world;
    char *feed = strdup(DEALERS_FEED), *heard = NULL, *at;
    size_t len = 0;
    (void)state;
    /* CDB ⇄ DS1, in place: three letters each */
    for (at = feed; (at = strstr(at, "CDB")); at += 3)
        memcpy(at, "OWN", 3);
    for (at = feed; (at = strstr(at, "DS1")); at += 3)
        memcpy(at, "CDB", 3);
    FILE *traffic = open_memstream(&heard, &len);
    linked_world_listen(traffic);
    char *all = NULL;
    assert_true(
        asprintf(&all,
                 "%s{\"type\":\"operator\",\"id\":\"wang\",\"name\":\"W\",\"role\":\"dealer\",\"site\":\"CDB\","
                 "\"pin\":\"2468\"}\n",
                 feed) > 0);
    linked_world_open(&world, all);
    fflush(traffic);
    assert_true(device_knows(&world, ITEM("MINE1")));
    assert_true(device_knows(&world, ITEM("SUBS1")));
    assert_false(device_knows(&world, ITEM("FOREIGN1")));
    assert_false(device_knows(&world, ITEM("FOREIGN3")));
    assert_false(device_knows(&world, ITEM("FOREIGNR0001")));
    server_world_tell(&world.server, CODE(ITEM("MINE1"), "\"holder\":\"party:D-2\""));
    assert_int_equal(linked_world_sync(&world), RC_OK);
    assert_false(device_knows(&world, ITEM("MINE1")));
    expect_traces(&world);
    assert_folder_clean(world.device.dir);
    linked_world_listen(NULL);
    fclose(traffic);
    assert_true(len > 1000);
    assert_clean("the traffic", heard, len);
    linked_world_close(&world);
    free(heard);
    free(all);
    free(feed);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_dealer_is_told_its_own),
        TEST(a_clerk_is_told_all_codes),
        TEST(what_enters_is_told_with_what_is_in_it),
        TEST(what_was_taken_back_on_the_way_is_gone),
        TEST(what_becomes_anothers_is_gone),
        TEST(what_another_sold_on_is_gone),
        TEST(a_site_that_is_gone_opens_nothing),
        TEST(a_site_that_is_gone_ships_nothing),
        TEST(a_document_that_goes_to_another_is_gone),
        TEST(another_family_begins_anew),
        TEST(a_permit_names_the_other_by_its_id_alone),
        TEST(anothers_shop_is_anothers),
        TEST(asking_by_hand_is_refused),
        TEST(anothers_goods_are_a_finding_where_they_come_back),
        TEST(a_dealer_speaks_for_its_own_site_alone),
        TEST(anothers_papers_are_not_worked_on),
        TEST(auditors_alone_see_nothing_else_of_a_party),
        TEST(an_auditors_trace_has_nothing_of_the_dealers),
        cmocka_unit_test(no_byte_of_another_dealer_reaches_the_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
