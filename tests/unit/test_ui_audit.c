/* The models behind an auditor's screens: how a scan is shown, doubles, what is told of a piece, places, pictures, position. */
#include "app/ui/audit_lines.h"
#include "app/ui/form.h"
#include "app/ui/photos.h"
#include "app/ui/receiver.h"
#include "app/ui/work.h"
#include "tests/unit/market_world.h"
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <utime.h>

#include <cmocka.h>

static struct work work; /* large */

static int begin(void **state)
{
    setlocale(LC_ALL, "C.UTF-8");
    return audit_world_open(state);
}

static int end(void **state)
{
    work_drop(&work);
    return flow_world_close(state);
}

static const char *take_visit(struct engine_world *world)
{
    const char *no = flow_start(world, "audit", "region=510104", "shop=老王烟酒", NULL);
    assert_int_equal(work_take(&work, world->engine, flow_doc(world, no)), RC_OK);
    return no;
}

static void scan(struct engine_world *world, const char *no, const char *text)
{
    work_judged(&work, world->engine, engine_world_scan(world, no, text, 0));
}

/* ---- how it is shown ---- */

static void findings_are_no_green_ticks(void **state)
{
    struct engine_world *world = *state;
    const char *no = take_visit(world);
    assert_string_equal(work.place, "锦江区, 成都市, 四川省");
    assert_false(work.binds);
    scan(world, no, ITEM("C1"));
    assert_int_equal(work_severity(&work, work.last.verdict.severity, work.last.verdict.reason), SEVERITY_ACCEPT);
    scan(world, no, ITEM("C2"));
    assert_int_equal(work.last.verdict.severity, SEVERITY_ACCEPT);
    assert_int_equal(work_severity(&work, work.last.verdict.severity, work.last.verdict.reason), SEVERITY_WARN);
    scan(world, no, "NOBODY-KNOWS"); /* of which nobody knows how many it is: one */
    assert_int_equal(work.pieces, 3 * QTY_ONE);
    assert_int_equal(work.findings, 2);
    assert_int_equal(work_reload(&work, world->engine), RC_OK); /* and so it is after a restart */
    assert_int_equal(work.pieces, 3 * QTY_ONE);
    assert_int_equal(work.findings, 2);
}

static void a_double_is_asked_once_and_stops_nothing(void **state)
{
    struct engine_world *world = *state;
    const char *no = take_visit(world);
    scan(world, no, ITEM("C2"));
    scan(world, no, ITEM("C2"));
    int64_t first = work.waiting_seq;
    assert_true(work_asks(&work));
    scan(world, no, ITEM("C1")); /* no answer: F3 means something else again */
    assert_int_equal(work.waiting_seq, first);
    assert_false(work_asks(&work));
    scan(world, no, ITEM("C2"));
    assert_true(work_asks(&work));
    assert_int_equal(work_answer(&work, world->engine, work.waiting_seq), RC_OK);
    assert_int_equal(work.last.verdict.reason, REASON_CLONED);
    assert_true(work.last.verdict.findings & REASON_BIT(REASON_OUT_OF_REGION));
    assert_false(work.last.verdict.findings & REASON_BIT(REASON_DUPLICATE));
    assert_int_equal(work.pieces, 3 * QTY_ONE);
    assert_int_equal(work.findings, 2);
    assert_int_equal(work_answer(&work, world->engine, first), RC_OK); /* later, from the list */
    assert_int_equal(work.pieces, 4 * QTY_ONE);
}

static void a_graver_finding_leads_a_cloned_one(void **state)
{
    struct engine_world *world = *state;
    const char *no = take_visit(world);
    scan(world, no, ITEM("C3"));
    scan(world, no, ITEM("C3"));
    assert_int_equal(work_answer(&work, world->engine, work.waiting_seq), RC_OK);
    assert_int_equal(work.last.verdict.reason, REASON_RECALLED);
    assert_true(work.last.verdict.findings & REASON_BIT(REASON_CLONED));
}

/* ---- what is told ---- */

static const char *told(char *text)
{
    static struct audit_lines lines;
    const struct text_scan one = work_text(&work, &work.last);
    text[0] = '\0';
    audit_lines_make(&one, false, &lines);
    for (int i = 0; i < lines.count; i++) {
        size_t len = strlen(text);
        snprintf(text + len, 2000 - len, "%s%s%s|", lines.line[i].label ? lines.line[i].label : "",
                 lines.line[i].label ? "=" : "", lines.line[i].text);
    }
    return text;
}

static void all_that_holds_is_told(void **state)
{
    struct engine_world *world = *state;
    char text[2000];
    const char *no = take_visit(world);
    scan(world, no, ITEM("C1"));
    assert_string_equal(told(text), "Sold to=店D-1|Territory=成都市|Shipped=2026-10-01 SO-1|");
    scan(world, no, ITEM("C2"));
    assert_string_equal(told(text), "Sold to=店D-2|Territory=贵阳市|Here sells=店D-1|Shipped=2026-10-02 SO-2|"
                                    "◂ 2026-06-01 店D-3|◂ 2026-05-01 店D-1|");
    scan(world, no, ITEM("C3"));
    assert_ptr_equal(strstr(told(text), "Recall R-7: 瓶盖渗漏|+ Suspected diversion|Sold to=店D-2|"), text);
    scan(world, no, ITEM("C6"));
    assert_ptr_equal(strstr(told(text), "Seen on 2026-11-01 in 贵阳市|Sold to=店D-1|"), text);
    scan(world, no, ITEM("C4"));
    assert_string_equal(told(text), "Registered, and never sold to anybody|");
}

/* ---- where ---- */

static void a_label_of_a_place_or_shop_fills_the_form(void **state)
{
    struct engine_world *world = *state;
    static struct form form;
    char text[1024];
    form_make(&form, engine_flow(world->engine, "audit"), NULL);
    assert_false(form_put(&form, world->engine, "somewhere"));
    assert_int_equal(form.fields.current, 0);
    assert_string_equal(form_place(&form, world->engine, text), "");
    assert_true(form_put(&form, world->engine, "party:S-2"));
    assert_string_equal(form.fields.field[0].text, "510107");
    assert_string_equal(form.fields.field[1].text, "店S-2");
    assert_string_equal(form_place(&form, world->engine, text), "武侯区, 成都市, 四川省");
    assert_int_equal(form.fields.current, 1);
    assert_true(form_put(&form, world->engine, "another shop")); /* a text is a text elsewhere */
    assert_string_equal(form.fields.field[1].text, "another shop");
}

static void scanned_texts_lose_the_scanners_word(void **state)
{
    char text[FIELD_TEXT_MAX + 1];
    struct scan *label = scan_new("]Q3region:510104", 16), *plain = scan_new("]x", 2);
    (void)state;
    assert_string_equal(form_scanned(label, text), "region:510104");
    assert_string_equal(form_scanned(plain, text), "]x");
    free(label);
    free(plain);
}

static void the_position_gives_way_to_what_is_typed(void **state)
{
    struct engine_world *world = *state;
    static struct form form;
    static struct config config;
    struct ui_options options = {.config = &config, .place = &place_sim};
    static struct ui ui;
    struct receiver receiver;
    ui.options = &options;
    snprintf(config.place_address, sizeof config.place_address, "%s/place", world->dir);
    form_make(&form, engine_flow(world->engine, "audit"), NULL);
    receiver_open(&receiver, &ui, &form);
    assert_null(receiver.source); /* there is none: nothing is said */
    FILE *file = fopen(config.place_address, "w");
    fputs("30.5 104.5 7.2", file);
    fclose(file);
    receiver_open(&receiver, &ui, &form);
    receiver_look(&receiver, &form);
    struct field *field = &form.fields.field[form.fields.count - 1];
    assert_string_equal(field->text, "30.50000,104.50000 ±8m");
    file = fopen(config.place_address, "w");
    fputs("30.6 104.6 3", file);
    fclose(file);
    receiver_look(&receiver, &form);
    assert_string_equal(field->text, "30.60000,104.60000 ±3m");
    snprintf(field->text, sizeof field->text, "by the river");
    receiver_look(&receiver, &form);
    assert_string_equal(field->text, "by the river");
    remove(config.place_address);
    receiver_look(&receiver, &form);
    assert_null(receiver.source); /* it has gone */
    receiver_close(&receiver);
    form_make(&form, engine_flow(world->engine, "count"), NULL);
    receiver_open(&receiver, &ui, &form);
    assert_null(receiver.source); /* nobody asks for it */
}

/* ---- pictures ---- */

static void put_file(const char *folder, const char *name, time_t at)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(utime(path, &(struct utimbuf){at, at}), 0);
}

static void pictures_come_newest_first(void **state)
{
    struct engine_world *world = *state;
    char folder[300], name[64];
    struct photos photos;
    snprintf(folder, sizeof folder, "%s/DCIM", world->dir);
    assert_int_equal(photos_read(folder, &photos), RC_NOT_FOUND);
    assert_int_equal(mkdir(folder, 0700), 0);
    put_file(folder, "old.jpg", 1000);
    put_file(folder, "new.JPEG", 3000);
    put_file(folder, "paper.pdf", 2000);
    put_file(folder, "notes.txt", 4000);
    put_file(folder, ".jpg", 4000);
    assert_int_equal(photos_read(folder, &photos), RC_OK);
    assert_int_equal(photos.count, 3);
    assert_string_equal(photos.row[0].name, "new.JPEG");
    assert_string_equal(photos.row[2].name, "old.jpg");
    photos_free(&photos);
    for (int i = 0; i < PHOTOS_MAX + 5; i++) {
        snprintf(name, sizeof name, "P%04d.jpg", i);
        put_file(folder, name, 5000 + i);
    }
    assert_int_equal(photos_read(folder, &photos), RC_OK);
    assert_int_equal(photos.count, PHOTOS_MAX); /* the oldest are left out */
    assert_string_equal(photos.row[0].name, "P0504.jpg");
    assert_string_equal(photos.row[PHOTOS_MAX - 1].name, "P0005.jpg");
    photos_free(&photos);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(findings_are_no_green_ticks),
        TEST(a_double_is_asked_once_and_stops_nothing),
        TEST(a_graver_finding_leads_a_cloned_one),
        TEST(all_that_holds_is_told),
        TEST(a_label_of_a_place_or_shop_fills_the_form),
        TEST(scanned_texts_lose_the_scanners_word),
        TEST(the_position_gives_way_to_what_is_typed),
        TEST(pictures_come_newest_first),
    };
    return cmocka_run_group_tests_name("ui_audit", tests, NULL, NULL);
}
