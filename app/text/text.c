#include "app/text/text.h"
#include <langinfo.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

#define DOMAIN "tallyman"

static const char *const LANGUAGES[] = {"en", "zh_CN"};

static const char *language = "en";

/* Of the environment only the language counts: any kind of Chinese reads zh_CN, all others English. */
static const char *from_environment(void)
{
    static const char *const names[] = {"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value && value[0])
            return strncmp(value, "zh", 2) == 0 ? "zh_CN" : "en";
    }
    return "en";
}

static const char *choose(const char *lang)
{
    for (size_t i = 0; i < sizeof LANGUAGES / sizeof LANGUAGES[0]; i++)
        if (strcmp(lang, LANGUAGES[i]) == 0)
            return LANGUAGES[i];
    return strncmp(lang, "zh", 2) == 0 ? "zh_CN" : lang[0] ? "en" : from_environment();
}

/* gettext translates nothing in the "C" locale, and columns need UTF-8. */
static void choose_locale(void)
{
    if (!setlocale(LC_ALL, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_ALL, "C.UTF-8");
    setlocale(LC_NUMERIC, "C"); /* JSON and quantities have a point, wherever we are */
}

static bool has_catalogue(const char *dir)
{
    char path[PATH_BYTES + 64];
    snprintf(path, sizeof path, "%s/zh_CN/LC_MESSAGES/" DOMAIN ".mo", dir);
    return access(path, R_OK) == 0;
}

/* Beside the program, above it (sanitizer builds and tests have folders of their own), or installed with it. */
static bool find_catalogues(char *ret_dir)
{
    static const char *const places[] = {"locale", "../locale", "../../locale", "../share/locale"};
    char exe[PATH_BYTES / 2];
    ssize_t len = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (len <= 0)
        return false;
    exe[len] = '\0';
    char *slash = strrchr(exe, '/');
    if (!slash)
        return false;
    *slash = '\0';
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        snprintf(ret_dir, PATH_BYTES, "%s/%s", exe, places[i]);
        if (has_catalogue(ret_dir))
            return true;
    }
    return false;
}

void text_init(const char *lang)
{
    language = choose(lang);
    choose_locale();
    /* A later call only swaps the value of a variable that exists already, which other threads may be reading. */
    setenv("LANGUAGE", language, 1);
    char dir[PATH_BYTES];
    bindtextdomain(DOMAIN, find_catalogues(dir) ? dir : "/usr/share/locale");
    bind_textdomain_codeset(DOMAIN, "UTF-8");
    textdomain(DOMAIN);
}

const char *text_lang(void)
{
    return language;
}

char *text_cut(char *text, size_t max)
{
    size_t len = strnlen(text, max);
    if (text[len] != '\0')
        text[len] = '\0';
    size_t start = len;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return text;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (lead >= 0xC0 && len - (start - 1) < need)
        text[start - 1] = '\0';
    return text;
}
