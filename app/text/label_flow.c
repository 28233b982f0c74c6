/* Labels of flows, their fields and choices: the built-in ones here, a site's own by its feed. */
#include "app/text/text.h"
#include <stdio.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

struct label {
    const char *word, *text;
};

static const struct label FLOWS[] = {
    {"outbound", N_("Outbound")},  {"receipt", N_("Receipt")},          {"pack", N_("Packing")},
    {"unpack", N_("Unpacking")},   {"replace", N_("Replacing")},        {"transfer", N_("Transfer")},
    {"return", N_("Return")},      {"void", N_("Taking back")},         {"count", N_("Stock count")},
    {"recall", N_("Recall")},      {"baseline", N_("Opening stock")},   {"late-entry", N_("Late entry")},
    {"scrap", N_("Scrap")},        {"sample", N_("Samples and gifts")}, {"relabel", N_("Relabelling")},
    {"inspect", N_("Inspection")}, {"dealer-in", N_("Dealer: in")},     {"dealer-out", N_("Dealer: out")},
    {"audit", N_("Market audit")},
};

static const struct label FIELDS[] = {
    {"plate", N_("Plate")},       {"seal", N_("Seal")},       {"driver", N_("Driver")},
    {"from", N_("From")},         {"to", N_("To")},           {"of", N_("Shipment")},
    {"notice", N_("Recall")},     {"product", N_("Goods")},   {"lot", N_("Lot")},
    {"place", N_("Place")},       {"mode", N_("How")},        {"reason", N_("Reason")},
    {"condition", N_("State")},   {"at", N_("Done on")},      {"who", N_("For whom")},
    {"region", N_("Region")},     {"shop", N_("Shop")},       {"address", N_("Address")},
    {"position", N_("Position")}, {"licence", N_("Licence")}, {"seen", N_("On the shelf")},
    {"price", N_("Price")},       {"witness", N_("Witness")}, {"ack", N_("Shopkeeper")},
};

static const struct label CHOICES[] = {
    {"out", N_("Take these out")},  {"empty", N_("Empty it")},
    {"damaged", N_("Damaged")},     {"wrong-goods", N_("Wrong goods")},
    {"expired", N_("Expired")},     {"recall", N_("Recall")},
    {"unsold", N_("Not sold")},     {"good", N_("Good")},
    {"opened", N_("Opened")},       {"incomplete", N_("Parts missing")},
    {"quality", N_("Quality")},     {"other", N_("Another reason")},
    {"sample", N_("Sample")},       {"gift", N_("Gift")},
    {"test", N_("Testing")},        {"own-use", N_("Own use")},
    {"signed", N_("Signed")},       {"refused", N_("Refused to sign")},
    {"absent", N_("Nobody there")}, {"sold", N_("A consumer")},
};

/* A word that has no label (from a feed newer than this program) is shown as it is. */
static const char *find(const struct label *labels, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(labels[i].word, word) == 0)
            return _(labels[i].text);
    return word;
}

const char *text_field(const char *field)
{
    return find(FIELDS, COUNT(FIELDS), field);
}

const char *text_flow(const char *flow)
{
    return find(FLOWS, COUNT(FLOWS), flow);
}

const char *text_choice(const char *choice)
{
    return find(CHOICES, COUNT(CHOICES), choice);
}

const char *text_flow_label(const struct flow *flow)
{
    return flow->label[0] ? flow->label : text_flow(flow->name);
}

const char *text_field_label(const struct flow_field *field)
{
    return field->label[0] ? field->label : text_field(field->name);
}

char *text_field_limits(const struct flow_field *field, char *ret_text)
{
    char least[QTY_TEXT_MAX + 1], most[QTY_TEXT_MAX + 1];
    qty_print(field->least, least);
    qty_print(field->most, most);
    ret_text[0] = '\0';
    if (field->has_least && field->has_most)
        snprintf(ret_text, TEXT_MAX + 1, _("%s to %s"), least, most);
    else if (field->has_least)
        snprintf(ret_text, TEXT_MAX + 1, _("%s or more"), least);
    else if (field->has_most)
        snprintf(ret_text, TEXT_MAX + 1, _("%s or less"), most);
    return ret_text;
}
