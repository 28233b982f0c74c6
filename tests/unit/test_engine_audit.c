/* A visit of the market: what each bottle is told to be, double codes, unreadable ones, evidence, and the report. */
#include "app/engine/report.h"
#include "tests/unit/market_world.h"
#include <errno.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATH_BYTES = 256 };

static const char *visit(struct engine_world *world, const char *region)
{
    char pair[64];
    snprintf(pair, sizeof pair, "region=%s", region);
    return flow_start(world, "audit", pair, "shop=老王烟酒", "address=一环路 1 号", NULL);
}

static struct outcome *found(struct engine_world *world, const char *no, const char *text, const char *reason)
{
    struct outcome *outcome = engine_world_scan(world, no, text, 0);
    assert_string_equal(reason_word(outcome->verdict.reason), reason);
    assert_int_equal(outcome->verdict.severity, SEVERITY_ACCEPT);
    return outcome;
}

/* ---- starting ---- */

static void a_visit_is_in_a_region_that_is_known(void **state)
{
    struct engine_world *world = *state;
    const char *field = "";
    int64_t before = engine_world_last(world);
    assert_int_equal(flow_try_start(world, "audit", NULL, NULL, &field), RC_FIELD_MISSING);
    assert_string_equal(field, "region");
    assert_int_equal(flow_try_start(world, "audit", "region=999999", NULL, &field), RC_NOT_FOUND);
    assert_string_equal(field, "region");
    assert_int_equal(engine_world_last(world), before);
    flow_sign_in(world, "zhao", "1357");
    assert_int_equal(flow_try_start(world, "audit", "region=510100", NULL, &field), RC_REFUSED);
}

static void a_place_has_several_names(void **state)
{
    struct engine_world *world = *state;
    struct named_place place;
    struct document *document = NULL;
    assert_int_equal(engine_place(world->engine, "510104", &place), RC_OK);
    assert_string_equal(place.path, "锦江区, 成都市, 四川省");
    assert_int_equal(engine_place(world->engine, "region:520100", &place), RC_OK);
    assert_string_equal(place.region, "520100");
    assert_string_equal(place.shop, "");
    assert_int_equal(engine_place(world->engine, "party:S-2", &place), RC_OK);
    assert_string_equal(place.region, "510107");
    assert_string_equal(place.shop, "店S-2");
    assert_int_equal(engine_place(world->engine, "party:D-3", &place), RC_NOT_FOUND); /* nobody told its region */
    assert_int_equal(engine_place(world->engine, "party:510104", &place), RC_NOT_FOUND);
    assert_int_equal(engine_place(world->engine, "", &place), RC_NOT_FOUND);
    /* a visit keeps the region's id; what was said of the shop stays */
    assert_int_equal(engine_document(world->engine, flow_start(world, "audit", "region=party:S-2", NULL), &document),
                     RC_OK);
    assert_string_equal(document_field(document, "region"), "510107");
    assert_string_equal(document_field(document, "shop"), "店S-2");
    document_free(document);
    assert_int_equal(engine_document(world->engine, visit(world, "party:S-2"), &document), RC_OK);
    assert_string_equal(document_field(document, "shop"), "老王烟酒");
    document_free(document);
}

/* ---- who sells it here? ---- */

static void the_selling_party_is_the_last_one_it_was_sent_to(void **state)
{
    struct engine_world *world = *state;
    const char *no = visit(world, "510104");
    struct outcome *outcome = found(world, no, ITEM("C1"), "in-region");
    assert_string_equal(outcome->facts.market.sale.party, "D-1");
    assert_string_equal(outcome->facts.market.party_name, "店D-1");
    assert_string_equal(outcome->facts.market.sale.no, "SO-1");
    assert_string_equal(outcome->facts.market.allowed, "510100");
    outcome = found(world, no, ITEM("C2"), "out-of-region");
    assert_string_equal(outcome->facts.market.sale.party, "D-2");
    assert_string_equal(outcome->facts.market.allowed, "520100");
    assert_string_equal(outcome->facts.market.allowed_name, "贵阳市");
    assert_string_equal(outcome->facts.market.owner_name, "店D-1");
    assert_string_equal(outcome->facts.market.earlier_name[0], "店D-3");
    assert_string_equal(outcome->facts.market.owner, "D-1");
    assert_int_equal(outcome->facts.market.earlier_count, 2);
    assert_string_equal(outcome->facts.market.earlier[0].party, "D-3"); /* the newest first */
    assert_string_equal(outcome->facts.market.earlier[1].no, "SO-0");
    found(world, no, ITEM("C4"), "no-record"); /* at the owner's own */
    found(world, no, ITEM("C9"), "no-record"); /* it came back there */
    found(world, no, ITEM("C5"), "no-territory");
    outcome =
        found(world, no, ITEM("C7"), "in-region"); /* nobody told of a sale: a dealer's site counts as its party */
    assert_string_equal(outcome->facts.market.sale.party, "S-1");
}

static void several_findings_at_once(void **state)
{
    struct engine_world *world = *state;
    const char *no = visit(world, "510104");
    struct outcome *outcome = found(world, no, ITEM("C3"), "recalled");
    assert_true(outcome->verdict.findings & REASON_BIT(REASON_OUT_OF_REGION));
    outcome = found(world, no, ITEM("C6"), "seen-elsewhere");
    assert_true(outcome->verdict.findings & REASON_BIT(REASON_IN_REGION));
    assert_string_equal(outcome->facts.market.seen_region, "520100");
    found(world, no, ITEM("C8"), "in-region"); /* seen here, and in the province that this is in */
}

static void strange_codes_are_taken_down(void **state)
{
    struct engine_world *world = *state;
    const char *no = visit(world, "510104");
    found(world, no, "NOBODY-KNOWS", "unknown-code");
    found(world, no, ITEM("NOBODY"), "unregistered");
    found(world, no, B_CLASS, "need-serial");
    found(world, no, D_CLASS, "ok");
    assert_string_equal(reason_word(engine_world_scan(world, no, "(01)05901234123458(21)A", 0)->verdict.reason),
                        "malformed");
}

static void what_this_device_sent_on_is_sold_by_the_next(void **state)
{
    struct engine_world *world = *state;
    flow_sign_in(world, "zhao", "1357");
    const char *no = flow_start(world, "transfer", "to=D-2", NULL);
    engine_world_expect(world, no, ITEM("C9"), "ok", "accept"); /* it was another's before it came back */
    flow_complete(world, no);
    flow_sign_in(world, "wang", "2468");
    struct outcome *outcome = found(world, visit(world, "520100"), ITEM("C9"), "in-region");
    assert_string_equal(outcome->facts.market.sale.party, "D-2");
}

static void a_visit_registers_and_changes_nothing(void **state)
{
    struct engine_world *world = *state;
    struct facts facts;
    const char *no = visit(world, "510104");
    found(world, no, ITEM("NOBODY"), "unregistered");
    flow_facts(world, ITEM("NOBODY"), &facts);
    assert_false(facts.code_known);
    flow_complete(world, no);
    no = visit(world, "510104");
    int64_t seq = found(world, no, ITEM("NOBODY"), "unregistered")->seq;
    assert_int_equal(engine_exchange(world->engine, flow_doc(world, no), seq), RC_REFUSED);
    flow_facts(world, ITEM("NOBODY"), &facts);
    assert_int_equal(facts.state, STATE_ACTIVE);
}

static void a_case_is_its_contents(void **state)
{
    struct engine_world *world = *state;
    const char *no = visit(world, "510104");
    struct outcome *outcome = found(world, no, CASE, "out-of-region");
    assert_int_equal(outcome->verdict.qty, 2 * QTY_ONE);
    engine_world_expect(world, no, ITEM("X1"), "duplicate", "confirm");
    outcome = found(world, visit(world, "520100"), ITEM("X2"), "in-region"); /* along with its case */
    assert_string_equal(outcome->facts.market.sale.no, "SO-2");
}

static void nothing_moves_and_nothing_is_reserved(void **state)
{
    struct engine_world *world = *state;
    const char *no = visit(world, "510104");
    found(world, no, ITEM("C4"), "no-record");
    found(world, visit(world, "510107"), ITEM("C1"), "in-region");
    flow_complete(world, no);
    flow_expect_at(world, ITEM("C4"), "site:CDB");
    flow_expect_at(world, ITEM("C1"), "transit:party:D-1");
    engine_world_verify(world);
}

static const char SECOND_VERSION[] =
    "DROP TABLE answer; DROP INDEX tally_asked; DELETE FROM meta WHERE name = 'counted'; "
    "UPDATE tally SET reason = 29; PRAGMA user_version = 2;"
    "CREATE TABLE was AS SELECT doc, key, seq FROM seen; DROP TABLE seen; ALTER TABLE was RENAME TO seen";

/* Reasons are kept as numbers: those of an older journal are brought up. What was seen stays so. */
static void an_older_journal_keeps_its_verdicts(void **state)
{
    struct engine_world *world = *state;
    struct store_tally tally;
    sqlite3 *db = NULL;
    char path[PATH_BYTES], doc[DOC_MAX + 1];
    const char *elsewhere = visit(world, "510107");
    int64_t seq = found(world, visit(world, "510104"), ITEM("C1"), "in-region")->seq;
    engine_world_stop(world);
    snprintf(path, sizeof path, "%s/journal.db", world->dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_false(sqlite3_exec(db, SECOND_VERSION, NULL, NULL, NULL) || sqlite3_close(db));
    engine_world_start(world);
    flow_sign_in(world, "wang", "2468");
    assert_int_equal(store_tally(engine_store(world->engine), seq, &tally, doc), RC_OK);
    assert_int_equal(tally.reason, REASON_OK);
    found(world, elsewhere, ITEM("C1"), "seen-elsewhere");
}

/* ---- seen again ---- */

static void what_another_visit_saw_is_remembered(void **state)
{
    struct engine_world *world = *state;
    const char *first = visit(world, "510104"), *second = visit(world, "510107"), *third = visit(world, "510100");
    found(world, first, ITEM("C1"), "in-region");
    flow_complete(world, first);
    engine_world_reopen(world);
    struct outcome *outcome = found(world, second, ITEM("C1"), "seen-elsewhere");
    assert_string_equal(outcome->facts.market.seen_region, "510104");
    assert_int_equal(outcome->facts.market.seen_at, 20779);
    found(world, third, ITEM("C1"), "in-region"); /* the city is not elsewhere than its districts */
}

static void what_was_undone_was_not_seen(void **state)
{
    struct engine_world *world = *state;
    const char *first = visit(world, "510104"), *second = visit(world, "520100");
    int64_t seq = found(world, first, ITEM("C1"), "in-region")->seq;
    assert_int_equal(flow_undo(world, first, seq), RC_OK);
    struct outcome *outcome = found(world, second, ITEM("C1"), "out-of-region");
    assert_string_equal(outcome->facts.market.seen_region, "");
}

/* ---- the same or another bottle? ---- */

static void another_bottle_with_the_same_code(void **state)
{
    struct engine_world *world = *state;
    const char *no = visit(world, "510104");
    struct store_tally tally;
    char doc[DOC_MAX + 1];
    int64_t first = found(world, no, ITEM("C1"), "in-region")->seq;
    int64_t second = engine_world_expect(world, no, ITEM("C1"), "duplicate", "confirm");
    assert_int_equal(engine_confirm(world->engine, flow_doc(world, no), second, ""), RC_REFUSED);
    assert_int_equal(engine_confirm_another(world->engine, flow_doc(world, no), first), RC_REFUSED);
    assert_int_equal(engine_confirm_another(world->engine, flow_doc(world, no), second), RC_OK);
    assert_int_equal(engine_confirm_another(world->engine, flow_doc(world, no), second), RC_REFUSED);
    assert_int_equal(store_tally(engine_store(world->engine), second, &tally, doc), RC_OK);
    assert_int_equal(tally.reason, REASON_CLONED);
    assert_true(tally.live);
    /* it is undone by itself, and the first is still there */
    assert_int_equal(flow_undo(world, no, second), RC_OK);
    engine_world_expect(world, no, ITEM("C1"), "duplicate", "confirm");
}

static void a_double_that_nobody_answers_stops_nothing(void **state)
{
    struct engine_world *world = *state;
    const char *no = visit(world, "510104");
    found(world, no, ITEM("C1"), "in-region");
    engine_world_expect(world, no, ITEM("C1"), "duplicate", "confirm");
    flow_complete(world, no);
}

/* ---- unreadable ---- */

static void a_defaced_code_is_entered_by_hand(void **state)
{
    struct engine_world *world = *state;
    static struct outcome outcome;
    const char *no = visit(world, "510104");
    const char *doc = flow_doc(world, no);
    const struct defaced bottle = {"B", "L1", "2026-01-10 08:30", 3 * QTY_ONE};
    assert_int_equal(engine_defaced(world->engine, doc, &bottle, &outcome), RC_OK);
    assert_int_equal(outcome.verdict.reason, REASON_DEFACED);
    assert_int_equal(outcome.verdict.qty, 3 * QTY_ONE);
    assert_int_equal(
        engine_defaced(world->engine, flow_doc(world, no), &(struct defaced){"B", "LR", "", QTY_ONE}, &outcome),
        RC_OK);
    assert_int_equal(outcome.verdict.reason, REASON_RECALLED);
    assert_true(outcome.verdict.findings & REASON_BIT(REASON_DEFACED));
    int64_t before = engine_world_last(world);
    assert_int_equal(
        engine_defaced(world->engine, flow_doc(world, no), &(struct defaced){"NO", "", "", QTY_ONE}, &outcome),
        RC_NOT_FOUND);
    assert_int_equal(engine_defaced(world->engine, flow_doc(world, no), &(struct defaced){"B", "", "", 0}, &outcome),
                     RC_BAD_INPUT);
    assert_int_equal(engine_world_last(world), before);
}

struct rows {
    char text[256];
};

static bool add_row(void *context, const struct store_recall_row *row)
{
    struct rows *rows = context;
    size_t len = strlen(rows->text);
    char holder[HOLDER_MAX + 1];
    snprintf(rows->text + len, sizeof rows->text - len, "%s %ld; ", holder_print(&row->holder, holder), row->units);
    return true;
}

static bool add_key(void *context, const char *key)
{
    struct rows *rows = context;
    size_t len = strlen(rows->text);
    snprintf(rows->text + len, sizeof rows->text - len, "%s ", key);
    return true;
}

static void candidates_by_lot_and_by_some_digits(void **state)
{
    struct engine_world *world = *state;
    struct rows rows = {""};
    struct store *store = engine_store(world->engine);
    assert_int_equal(store_lot_rows(store, "B", "LR", add_row, &rows), RC_OK);
    assert_string_equal(rows.text, "site:D2S 1; ");
    rows.text[0] = '\0';
    assert_int_equal(store_search(store, "B", "L1", "C5", 10, add_key, &rows), RC_OK);
    assert_string_equal(rows.text, "(01)05901234123457(21)C5 ");
    rows.text[0] = '\0';
    assert_int_equal(store_search(store, "", "", "plain:HIDDEN-1", 10, add_key, &rows), RC_OK);
    assert_string_equal(rows.text, "(01)05901234123457(21)C1 ");
    rows.text[0] = '\0';
    assert_int_equal(store_search(store, "B", "", "(21)C", 2, add_key, &rows), RC_OK);
    assert_int_equal(strlen(rows.text), 2 * 25);
    assert_int_equal(store_search(store, "B", "", "", 2, add_key, &rows), RC_BAD_INPUT);
}

static bool add_holder(void *context, const struct holder_row *row)
{
    struct rows *rows = context;
    size_t len = strlen(rows->text);
    snprintf(rows->text + len, sizeof rows->text - len, "%s %s %s %ld; ", row->holder.id, row->name, row->region,
             row->units);
    return true;
}

static void holders_of_a_lot_are_parties(void **state)
{
    struct engine_world *world = *state;
    struct rows rows = {""};
    assert_int_equal(engine_holders(world->engine, "B", "LR", add_holder, &rows), RC_OK);
    assert_string_equal(rows.text, "D-2 店D-2 贵阳市 1; "); /* at its own site */
    rows.text[0] = '\0';
    assert_int_equal(engine_holders(world->engine, "B", "L1", add_holder, &rows), RC_OK);
    assert_non_null(strstr(rows.text, "D-1 店D-1 成都市 1; ")); /* on the way there */
    assert_non_null(strstr(rows.text, "S-1 店S-1 锦江区 1; "));
    assert_ptr_equal(strstr(rows.text, "D-2 店D-2 贵阳市 3; "),
                     rows.text); /* the most first: one, and two in a case */
}

static void a_look_counts_nothing(void **state)
{
    struct engine_world *world = *state;
    static struct facts facts;
    static struct verdict verdict;
    struct code code;
    char doc[DOC_MAX + 1];
    const char *no = visit(world, "510104");
    snprintf(doc, sizeof doc, "%s", flow_doc(world, no));
    int64_t before = engine_world_last(world);
    code_parse_text(ITEM("C2"), 2026, &code);
    assert_int_equal(engine_look(world->engine, doc, &code, &facts, &verdict), RC_OK);
    assert_int_equal(verdict.reason, REASON_OUT_OF_REGION);
    assert_string_equal(facts.market.party_name, "店D-2");
    assert_int_equal(engine_world_last(world), before);
    found(world, no, ITEM("C2"), "out-of-region"); /* and it is no double */
    assert_int_equal(engine_look(world->engine, doc, &code, &facts, &verdict), RC_OK);
    assert_int_equal(verdict.reason, REASON_OUT_OF_REGION); /* what it is, though it was scanned */
}

/* ---- evidence and the report ---- */

static const char *picture(struct engine_world *world, const char *name, const char *bytes)
{
    static char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", world->dir, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(bytes, file);
    fclose(file);
    return path;
}

static void evidence_is_hashed_when_it_is_taken(void **state)
{
    struct engine_world *world = *state;
    const char *no = visit(world, "510104");
    int64_t seq = found(world, no, ITEM("C2"), "out-of-region")->seq;
    const char *path = picture(world, "shelf.jpg", "pixels");
    char doc[DOC_MAX + 1];
    snprintf(doc, sizeof doc, "%s", flow_doc(world, no));
    assert_int_equal(engine_evidence(world->engine, doc, &(struct evidence){"shelf", path, seq}, NULL), RC_OK);
    assert_int_equal(engine_evidence(world->engine, doc, &(struct evidence){"song", path, 0}, NULL), RC_BAD_INPUT);
    assert_int_equal(engine_evidence(world->engine, doc, &(struct evidence){"shelf", "/nowhere", 0}, NULL),
                     RC_NOT_FOUND);
    assert_int_equal(engine_evidence(world->engine, doc, &(struct evidence){"shelf", world->dir, 0}, NULL),
                     RC_BAD_INPUT);
    assert_int_equal(engine_evidence(world->engine, doc, &(struct evidence){"shelf", path, 1}, NULL), RC_NOT_FOUND);
    flow_complete(world, no);
    assert_int_equal(engine_evidence(world->engine, doc, &(struct evidence){"shelf", path, 0}, NULL), RC_CLOSED);
}

static struct report *make_report(struct engine_world *world, const char **ret_no)
{
    static struct outcome outcome;
    struct report *report = NULL;
    const char *no = visit(world, "510104");
    found(world, no, ITEM("C1"), "in-region");
    int64_t seq = found(world, no, ITEM("C2"), "out-of-region")->seq;
    engine_world_expect(world, no, ITEM("C2"), "duplicate", "confirm");
    int64_t twice = engine_world_expect(world, no, ITEM("C1"), "duplicate", "confirm");
    assert_int_equal(engine_confirm_another(world->engine, flow_doc(world, no), twice), RC_OK);
    int64_t wrong = found(world, no, ITEM("C4"), "no-record")->seq;
    assert_int_equal(flow_undo(world, no, wrong), RC_OK);
    assert_int_equal(engine_defaced(world->engine, flow_doc(world, no),
                                    &(struct defaced){"B", "L1", "08:30", 2 * QTY_ONE}, &outcome),
                     RC_OK);
    const char *path = picture(world, "code.jpg", "pixels");
    assert_int_equal(engine_evidence(world->engine, flow_doc(world, no), &(struct evidence){"code", path, seq}, NULL),
                     RC_OK);
    struct completion completion = {.field_count = 2, .fields = {{"ack", "refused"}, {"seen", "12"}}};
    assert_int_equal(flow_try_complete(world, no, &completion), RC_OK);
    assert_int_equal(report_make(world->engine, no, &report), RC_OK);
    *ret_no = no;
    return report;
}

static void the_report_has_what_counts(void **state)
{
    struct engine_world *world = *state;
    const char *no = NULL;
    struct report *report = make_report(world, &no), *none = NULL;
    const struct report_head *head = report_head(report);
    assert_string_equal(head->document->no, no);
    assert_string_equal(head->operator_name, "王芳");
    assert_string_equal(head->region_name, "锦江区");
    assert_string_equal(document_field(head->document, "shop"), "老王烟酒");
    assert_int_equal(head->field_count, 2);
    assert_true(head->closed[0]);
    assert_int_equal(report_goods_count(report), 4);
    assert_int_equal(report_sum(report, REASON_IN_REGION), QTY_ONE);
    assert_int_equal(report_sum(report, REASON_OUT_OF_REGION), QTY_ONE);
    assert_int_equal(report_sum(report, REASON_CLONED), QTY_ONE);
    assert_int_equal(report_sum(report, REASON_DEFACED), 2 * QTY_ONE);
    assert_int_equal(report_sum(report, REASON_NO_RECORD), 0);
    const struct report_goods *goods = report_goods_at(report, 1);
    assert_string_equal(goods->market.party_name, "店D-2");
    assert_string_equal(goods->product_name, "Pump seal kit");
    assert_int_equal(goods->market.earlier_count, 2);
    assert_true(report_goods_at(report, 2)->market.another);
    assert_string_equal(report_goods_at(report, 3)->printed, "08:30");
    assert_int_equal(report_evidence_count(report), 1);
    assert_int_equal(report_evidence_at(report, 0)->of, goods->seq);
    report_free(report);
    assert_int_equal(report_make(world->engine, "NO-SUCH", &none), RC_NOT_FOUND);
}

static long size_of(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    fclose(file);
    return size;
}

static void change_byte(const char *path, long at)
{
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    fseek(file, at, SEEK_SET);
    int byte = fgetc(file);
    fseek(file, at, SEEK_SET);
    fputc(byte ^ 1, file);
    fclose(file);
}

static void a_changed_byte_or_picture_does_not_verify(void **state)
{
    struct engine_world *world = *state;
    const char *no = NULL;
    char path[PATH_BYTES];
    struct report_check check;
    struct report *report = make_report(world, &no);
    snprintf(path, sizeof path, "%s/visit.tallyman", world->dir);
    assert_int_equal(report_write(report, path), RC_NOT_ENROLLED);
    market_world_enrol(world);
    assert_int_equal(report_write(report, path), RC_OK);
    report_free(report);
    assert_int_equal(report_verify(path, world->dir, &check), RC_OK);
    assert_int_equal(strlen(check.public_key), 64);
    long size = size_of(path);
    for (long at = 0; at < size; at++) {
        change_byte(path, at);
        if (report_verify(path, world->dir, &check) == RC_OK)
            fail_msg("byte %ld of %ld was changed, and it verifies", at, size);
        change_byte(path, at);
    }
    assert_int_equal(report_verify(path, world->dir, &check), RC_OK);
    picture(world, "code.jpg", "Pixels");
    assert_int_equal(report_verify(path, world->dir, &check), RC_CORRUPT);
    assert_string_equal(check.what, "code.jpg");
    assert_int_equal(report_verify(path, NULL, &check), RC_OK); /* the file itself is as it was */
    char gone[PATH_BYTES];
    snprintf(gone, sizeof gone, "%s/code.jpg", world->dir);
    unlink(gone);
    assert_int_equal(report_verify(path, world->dir, &check), RC_NOT_FOUND);
    assert_int_equal(truncate(path, size / 2), 0);
    assert_true(report_verify(path, NULL, &check) != RC_OK);
}

/* In a folder of its own, beside the report's. */
static const char *picture_in(struct engine_world *world, const char *folder, const char *text)
{
    char path[PATH_BYTES], name[64];
    snprintf(path, sizeof path, "%s/%s", world->dir, folder);
    assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
    snprintf(name, sizeof name, "%s/p.jpg", folder);
    return picture(world, name, text);
}

static void pictures_of_one_name_are_told_apart(void **state)
{
    struct engine_world *world = *state;
    char path[PATH_BYTES], first[PATH_BYTES];
    struct report *report = NULL;
    struct report_check check;
    const char *no = visit(world, "510104"), *folders[] = {"monday", "tuesday"};
    market_world_enrol(world);
    for (int i = 0; i < 2; i++)
        assert_int_equal(engine_evidence(world->engine, flow_doc(world, no),
                                         &(struct evidence){"shelf", picture_in(world, folders[i], folders[i]), 0},
                                         NULL),
                         RC_OK);
    assert_int_equal(engine_evidence(world->engine, flow_doc(world, no),
                                     &(struct evidence){"shop", picture(world, "front.jpg", "front"), 0}, NULL),
                     RC_OK);
    assert_int_equal(report_make(world->engine, no, &report), RC_OK);
    assert_string_equal(report_evidence_at(report, 1)->folder, "tuesday");
    assert_string_equal(report_evidence_at(report, 2)->folder, ""); /* its name says it */
    snprintf(path, sizeof path, "%s/visit.tallyman", world->dir);
    assert_int_equal(report_write(report, path), RC_OK);
    report_free(report);
    assert_int_equal(report_verify(path, world->dir, &check), RC_OK);
    assert_int_equal(check.pictures, 3);
    assert_int_equal(report_signer(world->dir, &check), REPORT_SIGNER_OWN);
    snprintf(first, sizeof first, "%s/monday", world->dir);
    picture(world, "monday/front.jpg", "front");
    assert_int_equal(report_verify(path, first, &check), RC_OK); /* from the one folder to the other */
    assert_int_equal(report_signer(first, &check), REPORT_SIGNER_UNKNOWN);
    check.public_key[0] ^= 1;
    assert_int_equal(report_signer(world->dir, &check), REPORT_SIGNER_OTHER);
    picture_in(world, "tuesday", "monday");
    assert_int_equal(report_verify(path, world->dir, &check), RC_CORRUPT);
    assert_string_equal(check.what, "tuesday/p.jpg");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, audit_world_open, flow_world_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_visit_is_in_a_region_that_is_known),
        TEST(a_place_has_several_names),
        TEST(the_selling_party_is_the_last_one_it_was_sent_to),
        TEST(several_findings_at_once),
        TEST(strange_codes_are_taken_down),
        TEST(what_this_device_sent_on_is_sold_by_the_next),
        TEST(a_visit_registers_and_changes_nothing),
        TEST(a_case_is_its_contents),
        TEST(nothing_moves_and_nothing_is_reserved),
        TEST(an_older_journal_keeps_its_verdicts),
        TEST(what_another_visit_saw_is_remembered),
        TEST(what_was_undone_was_not_seen),
        TEST(another_bottle_with_the_same_code),
        TEST(a_double_that_nobody_answers_stops_nothing),
        TEST(a_defaced_code_is_entered_by_hand),
        TEST(candidates_by_lot_and_by_some_digits),
        TEST(holders_of_a_lot_are_parties),
        TEST(a_look_counts_nothing),
        TEST(evidence_is_hashed_when_it_is_taken),
        TEST(the_report_has_what_counts),
        TEST(a_changed_byte_or_picture_does_not_verify),
        TEST(pictures_of_one_name_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
