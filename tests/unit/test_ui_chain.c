/* What a device tells of one unit: goods that the server gave away are in no order here. */
#include "app/text/text.h"
#include "app/ui/chain.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static bool tells(const struct facts *facts, const char *left)
{
    struct chain chain = {.count = 0};
    bool found = false;
    chain_device(&chain, facts, facts->key, "");
    for (int i = 0; i < chain.count; i++)
        found |= strcmp(chain.line[i].left, left) == 0 && strcmp(chain.line[i].right, facts->other_no) == 0;
    chain_free(&chain);
    return found;
}

static void what_the_server_gave_away_is_in_no_order_here(void **state)
{
    (void)state;
    static struct facts facts; /* large */
    text_init("en");
    facts = (struct facts){.code_known = true, .lost = true};
    snprintf(facts.other_no, sizeof facts.other_no, "SO-2");
    assert_false(tells(&facts, "In order"));
    snprintf(facts.other_document, sizeof facts.other_document, "t:out,2"); /* what it is in, is */
    assert_true(tells(&facts, "In order"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_server_gave_away_is_in_no_order_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
