/* Button, lights and beeper above a chip of our own: libgpiod's calls are answered here, by lines that remember what was
 * done to them. The real library and the kernel's own simulated chip are the rig's. */
#include "platform/indicator.h"
#include "platform/linux/gpio.h"
#include "platform/pins.h"
#include "platform/trigger.h"
#include <errno.h>
#include <gpiod.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { CROWD = PINS_MAX + 6, WAIT_MS = 5000, DEBOUNCE_MS = 250 };

/* ---- the chip ---- */

struct gpiod_line {
    const char *name, *user; /* user: NULL nobody, "" the kernel */
    int refuses;             /* errno of a request */
    bool output, active_low;
    bool high; /* the wire */
    bool requested;
    int edges[2]; /* a pipe, as the kernel has a queue */
};

struct gpiod_chip {
    int unused;
};

struct gpiod_line_iter {
    int next;
};

struct gpiod_chip_iter {
    bool over;
};

static struct gpiod_chip the_chip;
static struct gpiod_line lines[CROWD];
static int line_count, open_chips, no_chip;

static struct gpiod_line *line_named(const char *name)
{
    for (int i = 0; i < line_count; i++)
        if (lines[i].name && strcmp(lines[i].name, name) == 0)
            return &lines[i];
    return NULL;
}

struct gpiod_line *gpiod_line_find(const char *name)
{
    struct gpiod_line *line = line_named(name);
    if (no_chip || !line) {
        errno = no_chip ? no_chip : ENOENT;
        return NULL;
    }
    open_chips++;
    return line;
}

static int request(struct gpiod_line *line, const char *consumer, int flags, bool output)
{
    if (line->refuses || line->requested) {
        errno = line->refuses ? line->refuses : EBUSY;
        return -1;
    }
    line->user = consumer;
    line->requested = true;
    line->output = output;
    line->active_low = flags & GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW;
    return 0;
}

int gpiod_line_request_output_flags(struct gpiod_line *line, const char *consumer, int flags, int value)
{
    int failed = request(line, consumer, flags, true);
    return failed ? failed : gpiod_line_set_value(line, value);
}

int gpiod_line_request_both_edges_events_flags(struct gpiod_line *line, const char *consumer, int flags)
{
    int failed = request(line, consumer, flags, false);
    if (!failed)
        assert_int_equal(pipe(line->edges), 0);
    return failed;
}

void gpiod_line_close_chip(struct gpiod_line *line)
{
    open_chips--;
    if (line->requested && !line->output) {
        close(line->edges[0]);
        close(line->edges[1]);
    }
    line->requested = false;
    line->user = NULL;
}

int gpiod_line_set_value(struct gpiod_line *line, int value)
{
    assert_true(line->requested && line->output);
    line->high = (value != 0) != line->active_low;
    return 0;
}

int gpiod_line_get_value(struct gpiod_line *line)
{
    assert_true(line->requested);
    return line->high != line->active_low;
}

int gpiod_line_event_get_fd(struct gpiod_line *line)
{
    return line->edges[0];
}

int gpiod_line_event_read(struct gpiod_line *line, struct gpiod_line_event *event)
{
    char active;
    *event = (struct gpiod_line_event){0};
    if (read(line->edges[0], &active, 1) != 1)
        return -1;
    event->event_type = active ? GPIOD_LINE_EVENT_RISING_EDGE : GPIOD_LINE_EVENT_FALLING_EDGE;
    return 0;
}

struct gpiod_line_iter *gpiod_line_iter_new(struct gpiod_chip *chip)
{
    assert_ptr_equal(chip, &the_chip);
    return calloc(1, sizeof(struct gpiod_line_iter));
}

struct gpiod_line *gpiod_line_iter_next(struct gpiod_line_iter *iter)
{
    return iter->next < line_count ? &lines[iter->next++] : NULL;
}

void gpiod_line_iter_free(struct gpiod_line_iter *iter)
{
    free(iter);
}

const char *gpiod_line_name(struct gpiod_line *line)
{
    return line->name;
}

const char *gpiod_line_consumer(struct gpiod_line *line)
{
    return line->user && line->user[0] ? line->user : NULL;
}

bool gpiod_line_is_used(struct gpiod_line *line)
{
    return line->user;
}

unsigned int gpiod_line_offset(struct gpiod_line *line)
{
    return (unsigned)(line - lines);
}

int gpiod_line_direction(struct gpiod_line *line)
{
    return line->output ? GPIOD_LINE_DIRECTION_OUTPUT : GPIOD_LINE_DIRECTION_INPUT;
}

int gpiod_line_active_state(struct gpiod_line *line)
{
    return line->active_low ? GPIOD_LINE_ACTIVE_STATE_LOW : GPIOD_LINE_ACTIVE_STATE_HIGH;
}

const char *gpiod_chip_name(struct gpiod_chip *chip)
{
    assert_ptr_equal(chip, &the_chip);
    return "chip0";
}

struct gpiod_chip_iter *gpiod_chip_iter_new(void)
{
    errno = no_chip;
    return no_chip ? NULL : calloc(1, sizeof(struct gpiod_chip_iter));
}

struct gpiod_chip *gpiod_chip_iter_next(struct gpiod_chip_iter *iter)
{
    bool over = iter->over;
    iter->over = true;
    return over ? NULL : &the_chip;
}

void gpiod_chip_iter_free(struct gpiod_chip_iter *iter)
{
    free(iter);
}

/* A hand, or a contact that bounces. */
static void wire(const char *name, bool high)
{
    struct gpiod_line *line = line_named(name);
    char active = high != line->active_low;
    line->high = high;
    assert_int_equal(write(line->edges[1], &active, 1), 1);
}

static int setup(void **state)
{
    static const char *const names[] = {"BUTTON", "ENGINE", "BEEPER", "GREEN", "RED", "SHAKER"};
    (void)state;
    memset(lines, 0, sizeof lines);
    line_count = (int)(sizeof names / sizeof names[0]);
    for (int i = 0; i < line_count; i++)
        lines[i].name = names[i];
    open_chips = no_chip = 0;
    return 0;
}

/* Nothing is left open, whatever the test did. */
static int teardown(void **state)
{
    (void)state;
    assert_int_equal(open_chips, 0);
    return 0;
}

/* ---- lines ---- */

static void what_the_world_answers(void **state)
{
    static const struct {
        int error;
        enum rc rc;
    } answers[] = {{EBUSY, RC_BUSY},       {EACCES, RC_REFUSED}, {EPERM, RC_REFUSED},
                   {ENODEV, RC_NOT_FOUND}, {ENOMEM, RC_NOMEM},   {EIO, RC_IO}};
    (void)state;
    struct gpio_line *line = NULL;
    assert_int_equal(gpio_output("NOBODY", false, &line), RC_NOT_FOUND);
    for (unsigned i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        line_named("RED")->refuses = answers[i].error;
        assert_int_equal(gpio_output("RED", false, &line), answers[i].rc);
        assert_int_equal(gpio_input("RED", false, &line), answers[i].rc);
        assert_int_equal(open_chips, 0);
    }
    no_chip = EACCES;
    assert_int_equal(gpio_input("BUTTON", false, &line), RC_REFUSED);
    assert_null(line); /* untouched on failure */
    gpio_close(NULL);
    gpio_set(NULL, true);
}

static void outputs_and_their_polarity(void **state)
{
    (void)state;
    for (int low = 0; low < 2; low++) {
        struct gpio_line *line;
        assert_int_equal(gpio_output("RED", low, &line), RC_OK);
        assert_string_equal(line_named("RED")->user, "tallyman");
        assert_int_equal(line_named("RED")->high, low); /* off from the first moment */
        gpio_set(line, true);
        assert_int_equal(line_named("RED")->high, !low);
        assert_true(gpio_is_active(line));
        gpio_close(line);
    }
}

static void edges_in_their_order(void **state)
{
    (void)state;
    struct gpio_line *line;
    bool active;
    assert_int_equal(gpio_input("BUTTON", true, &line), RC_OK);
    assert_false(gpio_edge(line, &active)); /* does not wait */
    for (int i = 0; i < 5; i++)
        wire("BUTTON", i % 2);
    struct pollfd fd = {.fd = gpio_fd(line), .events = POLLIN};
    assert_int_equal(poll(&fd, 1, 0), 1);
    for (int i = 0; i < 5; i++) {
        assert_true(gpio_edge(line, &active));
        assert_int_equal(active, i % 2 == 0); /* active low */
    }
    assert_false(gpio_edge(line, &active));
    gpio_close(line);
}

static void lines_that_are_listed(void **state)
{
    (void)state;
    struct pin pins[PINS_MAX];
    int count = -1;
    lines[1].name = NULL; /* a line without a name is nobody's */
    lines[2].user = "other";
    lines[3].user = "";
    lines[3].output = lines[4].active_low = true;
    assert_int_equal(pins_list(pins, &count), RC_OK);
    assert_int_equal(count, line_count - 1);
    assert_string_equal(pins[0].name, "BUTTON");
    assert_string_equal(pins[0].user, "");
    assert_string_equal(pins[1].user, "other");
    assert_int_equal(pins[1].offset, 2);
    assert_string_equal(pins[2].user, "kernel");
    assert_true(pins[2].output && !pins[2].active_low && pins[3].active_low);
    assert_string_equal(pins[3].chip, "chip0");
    for (line_count = 0; line_count < CROWD; line_count++)
        lines[line_count].name = "one of many";
    assert_int_equal(pins_list(pins, &count), RC_OK);
    assert_int_equal(count, PINS_MAX);
    no_chip = EACCES;
    assert_int_equal(pins_list(pins, &count), RC_REFUSED);
    no_chip = ENOENT;
    assert_int_equal(pins_list(pins, &count), RC_NOT_FOUND);
}

/* ---- the button ---- */

static enum trigger_event wait_event(const struct trigger *trigger)
{
    struct pollfd fd = {.fd = trigger->fd(trigger->context), .events = POLLIN};
    enum trigger_event event = TRIGGER_NONE;
    while (event == TRIGGER_NONE && poll(&fd, 1, WAIT_MS) == 1)
        event = trigger->next(trigger->context);
    return event;
}

static void a_button_that_bounces(void **state)
{
    (void)state;
    struct trigger trigger;
    const struct trigger_options options = {
        .line = "BUTTON", .out = "ENGINE", .active_low = true, .out_active_low = true, .debounce_ms = DEBOUNCE_MS};
    line_named("BUTTON")->high = true;
    assert_int_equal(trigger_gpio(&options, &trigger), RC_OK);
    assert_true(line_named("ENGINE")->high);
    for (int pull = 0; pull < 3; pull++) {
        for (int i = 0; i < 9; i++)
            wire("BUTTON", i % 2); /* low at last */
        assert_int_equal(wait_event(&trigger), TRIGGER_DOWN);
        assert_false(line_named("ENGINE")->high);
        assert_int_equal(trigger.next(trigger.context), TRIGGER_NONE); /* the bounces */
        for (int i = 0; i < 9; i++)
            wire("BUTTON", !(i % 2));
        assert_int_equal(wait_event(&trigger), TRIGGER_UP); /* later, when it is deaf no more */
        assert_true(line_named("ENGINE")->high);
    }
    wire("BUTTON", false);
    assert_int_equal(wait_event(&trigger), TRIGGER_DOWN);
    trigger.close(trigger.context);
    assert_true(line_named("ENGINE")->high); /* not left on */
}

static void a_button_that_something_lies_on(void **state)
{
    (void)state;
    struct trigger trigger;
    const struct trigger_options options = {.line = "BUTTON", .out = "ENGINE", .debounce_ms = 1, .long_ms = 40};
    assert_int_equal(trigger_gpio(&options, &trigger), RC_OK);
    wire("BUTTON", true);
    assert_int_equal(wait_event(&trigger), TRIGGER_DOWN);
    assert_true(line_named("ENGINE")->high);
    assert_int_equal(wait_event(&trigger), TRIGGER_LONG);
    assert_false(line_named("ENGINE")->high);
    wire("BUTTON", false);
    assert_int_equal(wait_event(&trigger), TRIGGER_UP);
    trigger.close(trigger.context);
}

static void lines_of_a_button_that_are_missing(void **state)
{
    (void)state;
    struct trigger trigger = {0};
    struct trigger_options options = {.line = "NOBODY", .out = "ENGINE"};
    assert_int_equal(trigger_gpio(&options, &trigger), RC_NOT_FOUND);
    options = (struct trigger_options){.line = "BUTTON", .out = "RED"};
    line_named("RED")->refuses = EBUSY;
    assert_int_equal(trigger_gpio(&options, &trigger), RC_BUSY);
    assert_null(trigger.context);
    assert_false(line_named("BUTTON")->requested);
}

/* ---- lights and beeper ---- */

enum { BEEPER = 1, GREEN = 2, RED = 4, SHAKER = 8 };

static unsigned lit(void)
{
    return line_named("BEEPER")->high * BEEPER + line_named("GREEN")->high * GREEN + line_named("RED")->high * RED +
           line_named("SHAKER")->high * SHAKER;
}

/* What is lit after each turn; the number of turns until all is dark. */
static int play(const struct indicator *indicator, unsigned *ret_lit, int most)
{
    struct pollfd fd = {.fd = indicator->fd(indicator->context), .events = POLLIN};
    for (int n = 0; n < most; n++) {
        assert_int_equal(poll(&fd, 1, WAIT_MS), 1);
        indicator->turn(indicator->context);
        ret_lit[n] = lit();
        if (!ret_lit[n] && poll(&fd, 1, 0) == 0)
            return n + 1;
    }
    return most;
}

static void sequences(void **state)
{
    (void)state;
    struct indicator indicator;
    const struct indicator_options options = {
        .beeper = "BEEPER", .green = "GREEN", .red = "RED", .vibration = "SHAKER"};
    unsigned seen[8];
    assert_int_equal(indicator_gpio(&options, &indicator), RC_OK);
    assert_int_equal(lit(), 0);
    indicator.give(indicator.context, FEEDBACK_OK);
    assert_int_equal(lit(), BEEPER | GREEN); /* at once */
    assert_int_equal(play(&indicator, seen, 8), 2);
    assert_int_equal(seen[0], GREEN);
    indicator.give(indicator.context, FEEDBACK_REJECT);
    indicator.give(indicator.context, FEEDBACK_REPEAT); /* takes its place */
    assert_int_equal(lit(), BEEPER);
    assert_int_equal(play(&indicator, seen, 8), 1);
    indicator.give(indicator.context, FEEDBACK_WARN);
    assert_int_equal(play(&indicator, seen, 8), 4);
    assert_int_equal(seen[1], BEEPER | GREEN | RED);
    for (int feedback = 0; feedback < FEEDBACK_COUNT; feedback++) { /* each is seen or heard, and bad ones are red */
        indicator.give(indicator.context, (enum feedback)feedback);
        bool bad = feedback >= FEEDBACK_WARN && feedback <= FEEDBACK_REJECT;
        assert_true(lit() & BEEPER);
        assert_int_equal(lit() & RED, bad || feedback == FEEDBACK_ALARM ? RED : 0);
    }
    indicator.close(indicator.context); /* in the middle of it */
    assert_int_equal(lit(), 0);
}

static void lights_that_are_missing(void **state)
{
    (void)state;
    struct indicator indicator = {0};
    struct indicator_options options = {.beeper = "NOBODY", .green = "GREEN", .active_low = true};
    assert_int_equal(indicator_gpio(&options, &indicator), RC_OK);
    indicator.give(indicator.context, FEEDBACK_OK);
    assert_false(line_named("GREEN")->high);
    indicator.close(indicator.context);
    assert_true(line_named("GREEN")->high);
    options = (struct indicator_options){.beeper = "NOBODY"};
    indicator = (struct indicator){0};
    assert_int_equal(indicator_gpio(&options, &indicator), RC_NOT_FOUND);
    assert_null(indicator.context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_the_world_answers, setup, teardown),
        cmocka_unit_test_setup_teardown(outputs_and_their_polarity, setup, teardown),
        cmocka_unit_test_setup_teardown(edges_in_their_order, setup, teardown),
        cmocka_unit_test_setup_teardown(lines_that_are_listed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_button_that_bounces, setup, teardown),
        cmocka_unit_test_setup_teardown(a_button_that_something_lies_on, setup, teardown),
        cmocka_unit_test_setup_teardown(lines_of_a_button_that_are_missing, setup, teardown),
        cmocka_unit_test_setup_teardown(sequences, setup, teardown),
        cmocka_unit_test_setup_teardown(lights_that_are_missing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
