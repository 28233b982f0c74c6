/* The report of a visit in words: complete, and no line wider than a phone's. */
#include "app/text/report_text.h"
#include "app/text/text.h"
#include "app/text/wrap.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ALL_BYTES = 1 << 16, WIDTH_FEW = 1 };

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define KEY  "(01)05901234123457(21)"

struct page {
    int widest, lines;
    char all[ALL_BYTES]; /* the lines, each closed by a newline */
};

static int width(const char *text)
{
    int all = 0, columns;
    bool printable;
    for (; *text; all += columns)
        text += wrap_step(text, &columns, &printable);
    return all;
}

static void take(void *context, const char *text)
{
    struct page *page = context;
    size_t len = strlen(page->all);
    if (width(text) > page->widest)
        page->widest = width(text);
    page->lines++;
    snprintf(page->all + len, sizeof page->all - len, "%s\n", text);
}

static void name_party(void *context, const char *id, char *ret_name)
{
    (void)context;
    snprintf(ret_name, NAME_MAX_BYTES + 1, "%s", strcmp(id, "D-1") == 0 ? "成都蓉城商贸" : "");
}

static void name_region(void *context, const char *id, char *ret_name)
{
    (void)context;
    snprintf(ret_name, NAME_MAX_BYTES + 1, "%s",
             strcmp(id, "510104") == 0 ? "四川省 成都市 锦江区" : "贵州省 贵阳市");
}

static day_t day(const char *text)
{
    day_t ret = DAY_NONE;
    assert_int_equal(day_parse(text, &ret), RC_OK);
    return ret;
}

static struct report_goods goods(int64_t seq, const char *serial, enum reason reason, reason_set findings)
{
    struct report_goods one = {.seq = seq,
                               .at = "2026-11-22T10:05:12.345+08:00",
                               .product = "B",
                               .product_name = "Pump seal kit",
                               .lot = "L1",
                               .qty = QTY_ONE,
                               .reason = reason,
                               .findings = findings,
                               .market = {.place = reason, .seen_at = DAY_NONE, .sale = {"D-1", DAY_NONE, ""}}};
    snprintf(one.key, sizeof one.key, KEY "%s", serial);
    one.market.sale.at = day("2026-10-01");
    snprintf(one.market.sale.no, sizeof one.market.sale.no, "SO-1");
    return one;
}

static const struct document *visit(void)
{
    static const struct document document = {.no = "AU-3-12",
                                             .flow = "audit",
                                             .state = DOCUMENT_COMPLETE,
                                             .field_count = 2,
                                             .fields = {{"region", "510104"}, {"shop", "老王烟酒\t一环路店"}}};
    return &document;
}

static const struct report_head *head(void)
{
    static const struct report_head filled = {
        .opened = "2026-11-22T10:02:33.123+08:00",
        .closed = "2026-11-22T10:40:01.000+09:00",
        .operator= "zhou",
        .operator_name = "周敏",
        .field_count = 4,
        .fields = {{"region", "510104"}, {"ack", "refused"}, {"price", "388"}, {"witness", ""}}};
    static struct report_head all;
    all = filled;
    all.document = visit();
    return &all;
}

static const struct page *print_at(int columns, const struct report_goods *list, size_t count)
{
    static struct page page;
    static const struct report_evidence evidence[] = {
        {.seq = 20, .of = 12, .kind = "code", .file = "code-12.jpg", .hash = HASH, .bytes = 12345},
        {.seq = 22, .kind = "shelf", .file = "p.jpg", .folder = "monday", .hash = HASH},
        {.seq = 21, .kind = "shop", .file = "a-very-long-file-name-of-the-front-of-the-shop.jpg", .hash = HASH},
    };
    const struct report_body body = {.device = 3,
                                     .zone = "+08:00",
                                     .flow = flow_find("audit"),
                                     .head = head(),
                                     .goods = list,
                                     .goods_count = count,
                                     .evidence = evidence,
                                     .evidence_count = 3,
                                     .names = {NULL, name_party, name_region}};
    memset(&page, 0, sizeof page);
    report_text(&body, columns, take, &page);
    return &page;
}

static const struct page *print(const struct report_goods *list, size_t count)
{
    return print_at(REPORT_TEXT_WIDTH, list, count);
}

static void says(const struct page *page, const char *text)
{
    if (strstr(page->all, text))
        return;
    print_error("%s", page->all);
    fail_msg("not said: %s", text);
}

static void the_visit_is_told(void **state)
{
    (void)state;
    const struct page *page = print(NULL, 0);
    says(page, "Market audit AU-3-12\nAuditor: 周敏 (zhou)\nDevice: 3\nBegun: 2026-11-22 10:02\n"
               "Ended: 2026-11-22 10:40 +09:00\nRegion: 四川省 成都市 锦江区 (510104)\nShop: 老王烟酒 一环路店\n"
               "Shopkeeper: Refused to sign\nPrice: 388\n\n== How many ==\nLooked at: 0\n");
    assert_null(strstr(page->all, "Witness"));
    assert_null(strstr(page->all, "Findings"));
}

static void each_finding_with_all_that_is_known(void **state)
{
    (void)state;
    struct report_goods list[2] = {
        goods(12, "A1", REASON_RECALLED, REASON_BIT(REASON_OUT_OF_REGION) | REASON_BIT(REASON_SEEN_ELSEWHERE)),
        goods(13, "A2", REASON_IN_REGION, REASON_BIT(REASON_IN_REGION))};
    struct market *market = &list[0].market;
    snprintf(market->allowed, sizeof market->allowed, "520100");
    snprintf(market->owner, sizeof market->owner, "D-1");
    snprintf(market->seen_region, sizeof market->seen_region, "520100");
    market->seen_at = day("2026-11-01");
    market->earlier_count = 1;
    market->earlier[0] = (struct sale){"D-9", day("2026-05-01"), "SO-0"};
    const struct page *page = print(list, 2);
    says(page, "Looked at: 2\n Recalled: 1\n Suspected diversion: 1\n Seen elsewhere: 1\n In its region: 1\n"
               "Pictures and papers: 3\n");
    says(page, "1. Recalled\n + Suspected diversion\n + Seen elsewhere\n Pump seal kit (B), lot L1\n " KEY "A1\n"
               " At 10:05:12, record 12\n Sold to 成都蓉城商贸 (D-1)\n  2026-10-01, SO-1\n"
               " It belongs in 贵州省 贵阳市 (520100)\n Who sells it here: 成都蓉城商贸 (D-1)\n"
               " Earlier: D-9\n  2026-05-01, SO-0\n Seen on 2026-11-01 in 贵州省 贵阳市\n (520100)\n"
               " Code: code-12.jpg\n");
    says(page,
         "== Nothing amiss ==\n Pump seal kit (B), lot L1\n Sold to 成都蓉城商贸 (D-1)\n  2026-10-01, SO-1\n  " KEY
         "A2\n");
    says(page, "The shelf: monday/p.jpg\n");
    says(page, " of record 12\n 12345 bytes, BLAKE2b-256\n 0123456789abcdef");
}

static void clones_name_each_other_and_the_defaced_what_is_printed(void **state)
{
    (void)state;
    struct report_goods list[3] = {goods(12, "A1", REASON_IN_REGION, 0),
                                   goods(15, "A1", REASON_CLONED, REASON_BIT(REASON_IN_REGION)),
                                   goods(16, "", REASON_DEFACED, 0)};
    list[2].key[0] = '\0';
    list[2].qty = 3 * QTY_ONE;
    list[2].market.sale.party[0] = '\0';
    snprintf(list[2].printed, sizeof list[2].printed, "2026-01-10 07:15");
    const struct page *page = print(list, 3);
    says(page, "1. In its region\n Pump seal kit (B), lot L1\n " KEY "A1\n At 10:05:12, record 12\n");
    says(page,
         "  2026-10-01, SO-1\n The same code: record 15\n Code: code-12.jpg\n2. Cloned code\n + In its region\n");
    says(page, " The same code: record 12\n");
    assert_null(strstr(page->all, "Nothing amiss"));
    says(page, "3. Defaced\n Pump seal kit (B), lot L1\n Pieces: 3\n Printed on it: 2026-01-10 07:15\n At ");
    says(page, " Defaced: 3\n");
    says(page, "Looked at: 5\n");
}

static void goods_alike_are_told_once(void **state)
{
    (void)state;
    struct report_goods list[3] = {goods(1, "A1", REASON_IN_REGION, 0), goods(2, "A2", REASON_IN_REGION, 0),
                                   goods(3, "A3", REASON_IN_REGION, 0)};
    snprintf(list[2].lot, sizeof list[2].lot, "L2");
    const struct page *page = print(list, 3);
    says(page, "SO-1\n  " KEY "A1\n  " KEY "A2\n Pump seal kit (B), lot L2\n");
}

static void by_permit_is_said(void **state)
{
    (void)state;
    struct report_goods one = goods(1, "A1", REASON_IN_REGION, 0);
    one.market.by_permit = true;
    says(print(&one, 1), "1. In its region\n Pump seal kit (B), lot L1\n " KEY "A1\n At 10:05:12, record 1\n "
                         "Sold to 成都蓉城商贸 (D-1)\n  2026-10-01, SO-1\n Here by a permit\n");
}

static void no_line_is_too_wide(void **state)
{
    (void)state;
    struct report_goods list[2] = {goods(12, "A1", REASON_OUT_OF_REGION, 0), goods(13, "A2", REASON_IN_REGION, 0)};
    memset(list[0].product_name, 'W', NAME_MAX_BYTES);
    for (int i = 0; i + 3 <= NAME_MAX_BYTES; i += 3)
        memcpy(list[1].product_name + i, "箱", 3);
    for (int columns = WIDTH_FEW; columns <= REPORT_TEXT_WIDTH; columns++) {
        const struct page *page = print_at(columns, list, 2);
        int most = columns < REPORT_TEXT_WIDTH_MIN ? REPORT_TEXT_WIDTH_MIN : columns;
        assert_true(page->lines > 20);
        assert_true(page->widest <= most);
    }
}

static void in_chinese_too(void **state)
{
    (void)state;
    struct report_goods one = goods(12, "A1", REASON_OUT_OF_REGION, 0);
    text_init("zh_CN");
    const struct page *page = print(&one, 1);
    bool translated = strstr(page->all, "稽查员: 周敏 (zhou)");
    assert_true(page->widest <= REPORT_TEXT_WIDTH);
    text_init("en");
    assert_true(translated);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_visit_is_told),
        cmocka_unit_test(each_finding_with_all_that_is_known),
        cmocka_unit_test(clones_name_each_other_and_the_defaced_what_is_printed),
        cmocka_unit_test(goods_alike_are_told_once),
        cmocka_unit_test(by_permit_is_said),
        cmocka_unit_test(no_line_is_too_wide),
        cmocka_unit_test(in_chinese_too),
    };
    text_init("en");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
