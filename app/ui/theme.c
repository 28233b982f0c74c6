#include "app/ui/theme.h"

enum { MANY_COLOURS = 256, DEFAULT = -1 };

struct look {
    short fg, bg;           /* of 256 */
    short poor_fg, poor_bg; /* of 8 */
    attr_t attr, mono;      /* with colours, without any */
};

static const struct look LOOKS[STYLE_COUNT] = {
    [STYLE_PLAIN] = {DEFAULT, DEFAULT, DEFAULT, DEFAULT, A_NORMAL, A_NORMAL},
    [STYLE_DIM] = {245, DEFAULT, DEFAULT, DEFAULT, A_NORMAL, A_DIM},
    [STYLE_BOLD] = {DEFAULT, DEFAULT, DEFAULT, DEFAULT, A_BOLD, A_BOLD},
    [STYLE_TITLE] = {255, 24, COLOR_WHITE, COLOR_BLUE, A_BOLD, A_REVERSE},
    [STYLE_CURSOR] = {255, 31, COLOR_BLACK, COLOR_CYAN, A_BOLD, A_REVERSE},
    [STYLE_FIELD] = {255, 238, DEFAULT, DEFAULT, A_NORMAL, A_UNDERLINE},
    [STYLE_KEY] = {16, 250, COLOR_BLACK, COLOR_WHITE, A_NORMAL, A_REVERSE},
    [STYLE_NOTICE] = {214, DEFAULT, COLOR_YELLOW, DEFAULT, A_NORMAL, A_BOLD},
    [STYLE_FRAME] = {255, 237, COLOR_WHITE, COLOR_BLACK, A_NORMAL, A_NORMAL},
    [STYLE_READY] = {252, 238, COLOR_WHITE, COLOR_BLACK, A_NORMAL, A_NORMAL},
    [STYLE_ACCEPT] = {255, 28, COLOR_WHITE, COLOR_GREEN, A_BOLD, A_REVERSE},
    [STYLE_WARN] = {16, 220, COLOR_BLACK, COLOR_YELLOW, A_BOLD, A_REVERSE},
    [STYLE_CONFIRM] = {255, 26, COLOR_WHITE, COLOR_BLUE, A_BOLD, A_REVERSE},
    [STYLE_REJECT] = {255, 160, COLOR_WHITE, COLOR_RED, A_BOLD, A_REVERSE | A_BOLD},
    [STYLE_ALARM] = {255, 90, COLOR_WHITE, COLOR_MAGENTA, A_BOLD, A_REVERSE | A_BOLD},
    [STYLE_ACCEPT_TEXT] = {77, DEFAULT, COLOR_GREEN, DEFAULT, A_NORMAL, A_NORMAL},
    [STYLE_WARN_TEXT] = {220, DEFAULT, COLOR_YELLOW, DEFAULT, A_NORMAL, A_BOLD},
    [STYLE_CONFIRM_TEXT] = {117, DEFAULT, COLOR_CYAN, DEFAULT, A_BOLD, A_BOLD},
    [STYLE_REJECT_TEXT] = {210, DEFAULT, COLOR_RED, DEFAULT, A_BOLD, A_BOLD},
};

void theme_init(void)
{
    if (!has_colors())
        return;
    start_color();
    use_default_colors();
    for (int i = 0; i < STYLE_COUNT; i++) {
        const struct look *look = &LOOKS[i];
        bool many = COLORS >= MANY_COLOURS;
        init_pair((short)(i + 1), many ? look->fg : look->poor_fg, many ? look->bg : look->poor_bg);
    }
}

attr_t theme_attr(enum style style)
{
    return has_colors() ? LOOKS[style].attr | (attr_t)COLOR_PAIR(style + 1) : LOOKS[style].mono;
}

enum style theme_banner(enum severity severity)
{
    switch (severity) {
    case SEVERITY_ACCEPT: return STYLE_ACCEPT;
    case SEVERITY_WARN: return STYLE_WARN;
    case SEVERITY_CONFIRM: return STYLE_CONFIRM;
    case SEVERITY_REJECT: return STYLE_REJECT;
    }
    return STYLE_ALARM;
}

enum style theme_text(enum severity severity)
{
    switch (severity) {
    case SEVERITY_ACCEPT: return STYLE_ACCEPT_TEXT;
    case SEVERITY_WARN: return STYLE_WARN_TEXT;
    case SEVERITY_CONFIRM: return STYLE_CONFIRM_TEXT;
    case SEVERITY_REJECT: return STYLE_REJECT_TEXT;
    }
    return STYLE_PLAIN;
}

const char *theme_shape(enum severity severity)
{
    static const char *const shapes[] = {
        [SEVERITY_ACCEPT] = "✔", [SEVERITY_WARN] = "!", [SEVERITY_CONFIRM] = "?", [SEVERITY_REJECT] = "✘"};
    return shapes[severity];
}
