/* Codes, papers and what the data centre tells. */
#include "tests/sim/flow_model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAPERS_FIRST = 9, PAPERS_DEALER = 12, STOCK = 500 };

struct model_key model_keys[MODEL_UNITS];
int model_key_count;

/* Days since 1970; the clock stands at 20000 (sim_world.c). */
enum { LONG_AGO = 19900 };

const struct model_lot model_lots[MODEL_LOTS] = {{"P", "L1", DAY_NONE}, {"P", "L2", DAY_NONE}, {"P", "LX", LONG_AGO},
                                                 {"Q", "K1", DAY_NONE}, {"M", "M1", DAY_NONE}, {"M", "M2", DAY_NONE},
                                                 {"P", "L3", DAY_NONE}, {"Q", "K2", DAY_NONE}};
const struct model_recall model_recalls[MODEL_RECALLS] = {
    {"R-1", "P", "L2"}, {"R-2", "Q", "K1"}, {"R-3", "P", "L3"}, {"R-4", "M", "M2"}};
const char *const *model_sites(bool dealer)
{
    static const char *const without[SIM_DEVICES] = {"CDB", "CDB", "GZB"}, *const with[SIM_DEVICES] = {"CDB", "CDB",
                                                                                                       "DLR"};
    return dealer ? with : without;
}

const char *model_site_party(const char *site)
{
    return strcmp(site, "DLR") == 0 ? "D0" : "";
}

const char *model_cage(const char *site)
{
    (void)site; /* a dealer without a cage of its own uses the owner's */
    return "QRT";
}

bool model_is_dealers(const char *flow)
{
    return strncmp(flow, "dealer-", 7) == 0;
}

bool model_has_auditor(const char *site)
{
    return strcmp(site, "CDB") == 0;
}

static const struct {
    const char *id, *digits, *control; /* thirteen digits without the check digit's last */
} PRODUCTS[] = {{"P", "059012341234", "item"},
                {"Q", "040063813339", "item"},
                {"M", "050123456789", "lot"},
                {"N", "087112530012", "none"}};

enum { PRODUCT_COUNT = sizeof PRODUCTS / sizeof PRODUCTS[0] };

/* GS1 General Specifications 7.9: weights 3 and 1 from the right */
static int check_digit(const char *digits)
{
    int sum = 0, weight = 3;
    for (size_t i = strlen(digits); i > 0; i--, weight = 4 - weight)
        sum += (digits[i - 1] - '0') * weight;
    return (10 - sum % 10) % 10;
}

const char *model_gtin(const char *product)
{
    static char gtins[PRODUCT_COUNT][16];
    for (int i = 0; i < PRODUCT_COUNT; i++)
        if (strcmp(PRODUCTS[i].id, product) == 0) {
            snprintf(gtins[i], sizeof gtins[i], "0%s%d", PRODUCTS[i].digits, check_digit(PRODUCTS[i].digits));
            return gtins[i];
        }
    return "";
}

/* ---- codes ---- */

/* first..: how many of a kind, of which product, in which lot, in which case from which on (four each), and where. */
static const struct {
    char kind; /* item, case, pallet, serial that nobody registered, plain text, SSCC that nobody registered */
    int count;
    const char *product, *lot, *holder;
    int inside; /* the number of the case or pallet, MODEL_NOTHING none */
} GOODS[] = {
    {'p', 1, "", "", "site:CDB", MODEL_NOTHING},  /* pallet 0 */
    {'p', 1, "", "", "site:CDB", MODEL_NOTHING},  /* pallet 1, of which nobody said what is in it */
    {'c', 2, "", "", "site:CDB", 0},              /* cases 0 and 1, on pallet 0 */
    {'c', 1, "", "", "site:CDB", MODEL_NOTHING},  /* 2 */
    {'c', 1, "", "", "site:CDB", MODEL_NOTHING},  /* 3 */
    {'c', 1, "", "", "party:SUP", MODEL_NOTHING}, /* 4 */
    {'c', 1, "", "", "site:GZB", MODEL_NOTHING},  /* 5 */
    {'i', 8, "P", "L1", "site:CDB", 100},         /* in cases 0 and 1 */
    {'i', 4, "P", "L2", "site:CDB", 102},
    {'i', 4, "Q", "K1", "site:CDB", 103},
    {'i', 4, "P", "L1", "party:SUP", 104},
    {'i', 4, "Q", "K2", "site:GZB", 105},
    {'i', 4, "P", "L1", "site:CDB", MODEL_NOTHING},
    {'i', 2, "P", "L2", "site:CDB", MODEL_NOTHING},
    {'i', 2, "P", "L3", "site:CDB", MODEL_NOTHING},
    {'i', 2, "P", "LX", "site:CDB", MODEL_NOTHING},
    {'i', 3, "Q", "K2", "site:CDB", MODEL_NOTHING},
    {'i', 2, "P", "L3", "party:D0", MODEL_NOTHING},
    {'i', 2, "Q", "K2", "transit:site:CDB", MODEL_NOTHING},
    {'i', 2, "P", "L1", "party:SUP", MODEL_NOTHING},
    {'u', 4, "P", "", "", MODEL_NOTHING},
    {'x', 5, "", "", "", MODEL_NOTHING},
    {'s', 7, "", "", "", MODEL_NOTHING},
};

static void write_key(char kind, int number, const char *product, char *ret_text)
{
    char digits[32];
    switch (kind) {
    case 'i': snprintf(ret_text, MODEL_KEY_BYTES, "(01)%s(21)%s%03d", model_gtin(product), product, number); return;
    case 'u': snprintf(ret_text, MODEL_KEY_BYTES, "(01)%s(21)NEW%03d", model_gtin(product), number); return;
    case 'x': snprintf(ret_text, MODEL_KEY_BYTES, "plain:BARE-%03d", number); return;
    default: break;
    }
    snprintf(digits, sizeof digits, "%s%08d",
             kind == 'p'   ? "069012342"
             : kind == 'c' ? "069012341"
                           : "069012349",
             number);
    snprintf(ret_text, MODEL_KEY_BYTES, "(00)%s%d", digits, check_digit(digits));
}

struct made {
    struct model_key key;
    struct model_unit unit;
    char in[MODEL_KEY_BYTES];
};

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct made *)a)->key.text, ((const struct made *)b)->key.text);
}

static void make_one(struct made *made, size_t row, int number, int nth)
{
    char kind = GOODS[row].kind;
    *made = (struct made){.unit = {.parent = MODEL_NOTHING, .state = STATE_ACTIVE}};
    write_key(kind, number, GOODS[row].product, made->key.text);
    made->key.product = kind == 'i' || kind == 'u' ? GOODS[row].product : "";
    made->key.registered = GOODS[row].holder[0] != '\0';
    struct model_unit *unit = &made->unit;
    unit->known = made->key.registered;
    unit->container = kind == 'c' || kind == 'p';
    unit->level = kind == 'c' ? 1 : kind == 'p' ? 2 : 0;
    snprintf(unit->holder, sizeof unit->holder, "%s", GOODS[row].holder);
    if (!made->key.registered)
        return;
    snprintf(unit->product, sizeof unit->product, "%s", GOODS[row].product);
    snprintf(unit->lot, sizeof unit->lot, "%s", GOODS[row].lot);
    if (GOODS[row].inside >= 100)
        write_key('c', GOODS[row].inside - 100 + nth / 4, "", made->in);
    else if (GOODS[row].inside != MODEL_NOTHING)
        write_key('p', GOODS[row].inside, "", made->in);
}

int model_key_find(const char *text)
{
    for (int i = 0; i < model_key_count; i++)
        if (strcmp(model_keys[i].text, text) == 0)
            return i;
    return MODEL_NOTHING;
}

/* In the order of their keys, which is that in which the program meets them. */
static void make_codes(struct model_book *book)
{
    static struct made all[MODEL_UNITS];
    int count = 0, numbers[128] = {0};
    for (size_t row = 0; row < sizeof GOODS / sizeof GOODS[0]; row++)
        for (int i = 0; i < GOODS[row].count; i++)
            make_one(&all[count++], row, numbers[(unsigned char)GOODS[row].kind]++, i);
    qsort(all, (size_t)count, sizeof all[0], by_key);
    model_key_count = count;
    for (int i = 0; i < count; i++)
        model_keys[i] = all[i].key;
    for (int i = 0; i < count; i++) {
        book->units[i] = all[i].unit;
        if (all[i].in[0])
            book->units[i].parent = model_key_find(all[i].in);
    }
    book->keeps_sales = true;
    for (int i = 0; i < count; i++)
        model_sell(book, i, "", model_holder(book, i));
}

static void put_codes(FILE *feed, const struct model_book *book)
{
    for (int i = 0; i < model_key_count; i++) {
        const struct model_unit *unit = &book->units[i];
        if (!model_keys[i].registered)
            continue;
        fprintf(feed, "{\"type\":\"code\",\"code\":\"%s\",\"level\":%d,\"holder\":\"%s\"", model_keys[i].text,
                unit->level, unit->holder);
        if (unit->product[0])
            fprintf(feed, ",\"product\":\"%s\"", unit->product);
        if (unit->lot[0])
            fprintf(feed, ",\"lot\":\"%s\"", unit->lot);
        if (unit->parent != MODEL_NOTHING)
            fprintf(feed, ",\"in\":\"%s\"", model_keys[unit->parent].text);
        fputs("}\n", feed);
    }
}

/* ---- papers ---- */

static const struct {
    const char *flow, *from, *to;
    const char *group;
    struct {
        const char *product, *lot;
        int qty, tolerance;
    } lines[3];
} PAPERS[PAPERS_DEALER] = {
    {"outbound", "site:CDB", "party:D0", "", {{"P", "", 8, 0}, {"Q", "", 4, 0}}},
    {"outbound", "site:CDB", "party:D1", "", {{"P", "L1", 6, 0}, {"M", "M1", 5, 1}, {"N", "", 9, 0}}},
    {"outbound", "site:CDB", "party:D0", "W-1", {{"P", "", 4, 0}, {"N", "", 3, 0}}},
    {"outbound", "site:CDB", "party:D0", "W-1", {{"P", "L1", 4, 0}, {"Q", "", 2, 1}}},
    {"transfer", "site:CDB", "site:GZB", "", {{"P", "", 5, 0}, {"Q", "K2", 2, 0}}},
    {"receipt", "party:SUP", "site:CDB", "", {{"P", "L1", 6, 0}, {"M", "M2", 4, 0}}},
    {"return", "party:D0", "site:CDB", "", {{"P", "", 3, 0}}},
    {"outbound", "site:GZB", "party:D1", "", {{"Q", "", 4, 0}, {"P", "", 2, 0}}},
    {"transfer", "site:CDB", "site:QRT", "", {{"P", "L2", 4, 0}, {"P", "LX", 2, 0}}},
    /* in a world with a dealer's device */
    {"dealer-in", "site:CDB", "party:D0", "", {{"P", "", 4, 0}, {"Q", "", 2, 0}}},
    {"dealer-out", "site:DLR", "party:S0", "", {{"P", "", 3, 0}, {"M", "M1", 2, 1}}},
    {"return", "party:T0", "site:DLR", "", {{"P", "", 2, 0}}},
};

static int kinds_of_papers(const struct model *model)
{
    return model->dealer ? PAPERS_DEALER : PAPERS_FIRST;
}

static void add_paper(struct model_news *news, int kind)
{
    struct model_paper *paper = &news->papers[news->paper_count];
    *paper = (struct model_paper){.told = true, .state = "open"};
    snprintf(paper->doc, sizeof paper->doc, "erp:%d", news->paper_count);
    snprintf(paper->no, sizeof paper->no, "NO-%d", news->paper_count++);
    snprintf(paper->flow, sizeof paper->flow, "%s", PAPERS[kind].flow);
    snprintf(paper->from, sizeof paper->from, "%s", PAPERS[kind].from);
    snprintf(paper->to, sizeof paper->to, "%s", PAPERS[kind].to);
    for (int i = 0; i < 3 && PAPERS[kind].lines[i].product; i++) {
        struct model_line *line = &paper->lines[paper->line_count++];
        snprintf(line->line, sizeof line->line, "%d", i + 1);
        snprintf(line->product, sizeof line->product, "%s", PAPERS[kind].lines[i].product);
        snprintf(line->lot, sizeof line->lot, "%s", PAPERS[kind].lines[i].lot);
        line->qty = PAPERS[kind].lines[i].qty * QTY_ONE;
        line->tolerance = PAPERS[kind].lines[i].tolerance * QTY_ONE;
    }
    if (PAPERS[kind].group[0]) /* two papers that follow each other are a group */
        snprintf(paper->group, sizeof paper->group, "W-%d", (news->paper_count - (kind % 2)) / 2);
}

static void put_paper(FILE *feed, const struct model_paper *paper)
{
    char qty[QTY_TEXT_MAX + 1], tolerance[QTY_TEXT_MAX + 1];
    fprintf(feed,
            "{\"type\":\"document\",\"source\":\"erp\",\"doc\":\"%s\",\"no\":\"%s\",\"flow\":\"%s\",\"state\":\"%s\","
            "\"from\":\"%s\",\"to\":\"%s\",\"lines\":[",
            paper->doc + 4, paper->no, paper->flow, paper->state, paper->from, paper->to);
    for (int i = 0; i < paper->line_count; i++) {
        const struct model_line *line = &paper->lines[i];
        fprintf(feed,
                "%s{\"line\":\"%s\",\"product\":\"%s\",\"qty\":\"%s\",\"tolerance\":\"%s\",\"lot\":", i ? "," : "",
                line->line, line->product, qty_print(line->qty, qty), qty_print(line->tolerance, tolerance));
        if (line->lot[0])
            fprintf(feed, "\"%s\"}", line->lot);
        else
            fputs("null}", feed);
    }
    fputs("]", feed);
    if (paper->group[0])
        fprintf(feed, ",\"group\":\"%s\"", paper->group);
    fputs("}\n", feed);
}

/* ---- the beginning ---- */

static void put_dealer(FILE *feed)
{
    fputs("{\"type\":\"site\",\"id\":\"DLR\",\"name\":\"DLR\",\"kind\":\"dealer\",\"party\":\"D0\"}\n"
          "{\"type\":\"party\",\"id\":\"S0\",\"name\":\"S0\",\"kind\":\"sub-dealer\",\"parent\":\"D0\",\"region\":"
          "\"R1\"}\n"
          "{\"type\":\"party\",\"id\":\"T0\",\"name\":\"T0\",\"kind\":\"retailer\",\"parent\":\"D0\"}\n"
          "{\"type\":\"flow\",\"id\":\"dealer-in\",\"roles\":[\"dealer\",\"supervisor\"]}\n"
          "{\"type\":\"flow\",\"id\":\"dealer-out\",\"roles\":[\"dealer\",\"supervisor\"]}\n",
          feed);
}

static void put_places(FILE *feed, bool learn, bool dealer)
{
    const char *sites[] = {"CDB", dealer ? "DLR" : "GZB"};
    fputs("{\"type\":\"site\",\"id\":\"CDB\",\"name\":\"CDB\",\"kind\":\"warehouse\"}\n"
          "{\"type\":\"site\",\"id\":\"GZB\",\"name\":\"GZB\",\"kind\":\"warehouse\"}\n"
          "{\"type\":\"site\",\"id\":\"QRT\",\"name\":\"QRT\",\"kind\":\"quarantine\"}\n"
          "{\"type\":\"region\",\"id\":\"R0\",\"name\":\"R0\",\"parent\":null}\n"
          "{\"type\":\"region\",\"id\":\"R1\",\"name\":\"R1\",\"parent\":\"R0\"}\n"
          "{\"type\":\"region\",\"id\":\"R2\",\"name\":\"R2\",\"parent\":\"R0\"}\n"
          "{\"type\":\"party\",\"id\":\"D0\",\"name\":\"D0\",\"kind\":\"dealer\"}\n"
          "{\"type\":\"party\",\"id\":\"D1\",\"name\":\"D1\",\"kind\":\"dealer\",\"region\":\"R2\"}\n"
          "{\"type\":\"party\",\"id\":\"SUP\",\"name\":\"SUP\",\"kind\":\"supplier\"}\n"
          "{\"type\":\"territory\",\"party\":\"D0\",\"product\":null,\"regions\":[\"R1\"],\"exclusive\":true}\n"
          "{\"type\":\"operator\",\"id\":\"eye\",\"name\":\"E\",\"role\":\"auditor\",\"site\":\"CDB\",\"pin\":"
          "\"1357\"}\n"
          /* one person does it all */
          "{\"type\":\"flow\",\"id\":\"audit\",\"roles\":[\"auditor\",\"supervisor\"]}\n",
          feed);
    if (dealer)
        put_dealer(feed);
    for (int i = 0; i < 2; i++) {
        fprintf(feed,
                "{\"type\":\"operator\",\"id\":\"%s\",\"name\":\"B\",\"role\":\"supervisor\",\"site\":\"%s\","
                "\"pin\":\"24682468\"}\n",
                sites[i], sites[i]);
        fprintf(feed, "{\"type\":\"policy\",\"site\":\"%s\",\"registry\":\"%s\"}\n", sites[i],
                learn ? "learn" : "strict");
    }
}

static void put_products(FILE *feed)
{
    for (int i = 0; i < PRODUCT_COUNT; i++) {
        bool item = strcmp(PRODUCTS[i].control, "item") == 0;
        fprintf(feed,
                "{\"type\":\"product\",\"id\":\"%s\",\"name\":\"%s\",\"gtin\":[\"%s\"],\"unit\":\"u\",\"decimals\":0,"
                "\"control\":\"%s\"%s}\n",
                PRODUCTS[i].id, PRODUCTS[i].id, model_gtin(PRODUCTS[i].id), PRODUCTS[i].control,
                item ? ",\"pack\":[{\"level\":1,\"name\":\"c\",\"contains\":4},{\"level\":2,\"name\":\"p\","
                       "\"contains\":2}]"
                     : "");
    }
    for (int i = 0; i < MODEL_LOTS; i++) {
        char day[DAY_TEXT_MAX + 1];
        fprintf(feed, "{\"type\":\"lot\",\"product\":\"%s\",\"lot\":\"%s\",\"quality\":\"released\"",
                model_lots[i].product, model_lots[i].lot);
        if (model_lots[i].expires != DAY_NONE)
            fprintf(feed, ",\"expires\":\"%s\"", day_print(model_lots[i].expires, day));
        fputs("}\n", feed);
    }
    fprintf(feed,
            "{\"type\":\"stock\",\"holder\":\"site:CDB\",\"product\":\"N\",\"lot\":null,\"qty\":\"%d\"}\n"
            "{\"type\":\"stock\",\"holder\":\"site:CDB\",\"product\":\"M\",\"lot\":\"M1\",\"qty\":\"%d\"}\n",
            STOCK, STOCK);
}

char *model_feed(struct model *model)
{
    char *text;
    size_t size;
    FILE *feed = open_memstream(&text, &size);
    make_codes(&model->server.book);
    put_places(feed, model->learn, model->dealer);
    put_products(feed);
    put_codes(feed, &model->server.book);
    for (int i = 0; i < kinds_of_papers(model); i++)
        add_paper(&model->server.news, i);
    for (int i = 0; i < kinds_of_papers(model); i++)
        put_paper(feed, &model->server.news.papers[i]);
    fclose(feed);
    return text;
}

/* ---- news ---- */

static void hold_or_release(struct model *model, FILE *feed)
{
    int at = (int)sim_random(&model->sim, MODEL_LOTS);
    bool *held = &model->server.news.held[at];
    *held = !*held;
    fprintf(feed, "{\"type\":\"lot\",\"product\":\"%s\",\"lot\":\"%s\",\"quality\":\"%s\"}\n", model_lots[at].product,
            model_lots[at].lot, *held ? "hold" : "released");
}

static void recall_or_not(struct model *model, FILE *feed)
{
    int at = (int)sim_random(&model->sim, MODEL_RECALLS);
    bool *recalled = &model->server.news.recalled[at];
    *recalled = !*recalled;
    fprintf(feed, "{\"type\":\"recall\",\"id\":\"%s\"", model_recalls[at].id);
    if (*recalled)
        fprintf(feed, ",\"product\":\"%s\",\"lots\":[\"%s\"],\"reason\":\"r\",\"action\":\"quarantine\"}\n",
                model_recalls[at].product, model_recalls[at].lot);
    else
        fputs(",\"gone\":true}\n", feed);
}

static void new_paper(struct model *model, FILE *feed)
{
    struct model_news *news = &model->server.news;
    int kind = (int)sim_random(&model->sim, (uint32_t)kinds_of_papers(model)), from = news->paper_count;
    if (news->paper_count + 2 > MODEL_PAPERS)
        return;
    if (PAPERS[kind].group[0]) {
        add_paper(news, 2);
        add_paper(news, 3);
        memcpy(news->papers[from + 1].group, news->papers[from].group, MODEL_TEXT);
    } else {
        add_paper(news, kind);
    }
    for (int i = from; i < news->paper_count; i++)
        put_paper(feed, &news->papers[i]);
}

/* Cancelled, or open again; or a line asks for another quantity. */
static void change_paper(struct model *model, FILE *feed)
{
    struct model_news *news = &model->server.news;
    struct model_paper *paper = &news->papers[sim_random(&model->sim, (uint32_t)news->paper_count)];
    if (sim_random(&model->sim, 3) == 0) {
        paper->state = strcmp(paper->state, "open") == 0 ? "cancelled" : "open";
    } else {
        struct model_line *line = &paper->lines[sim_random(&model->sim, (uint32_t)paper->line_count)];
        line->qty = (1 + (qty_t)sim_random(&model->sim, 9)) * QTY_ONE;
    }
    paper->revision++;
    put_paper(feed, paper);
}

bool model_tell_news(struct model *model)
{
    static void (*const tell[])(struct model * model, FILE * feed) = {hold_or_release, recall_or_not, new_paper,
                                                                      change_paper, new_paper};
    char *text;
    size_t size;
    FILE *feed = open_memstream(&text, &size);
    tell[sim_random(&model->sim, sizeof tell / sizeof tell[0])](model, feed);
    fclose(feed);
    bool good = !text[0] || sim_import(&model->sim, text);
    free(text);
    return good;
}
