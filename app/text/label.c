/* Words and sentences that stand for a value: reasons, states, roles, results. */
#include "app/text/text.h"
#include <stdio.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

struct label {
    const char *word, *text;
};

static const char *const REASONS[REASON_COUNT] = {
    [REASON_MALFORMED] = N_("Misread"),
    [REASON_NOT_GOODS] = N_("Not goods"),
    [REASON_DOCUMENT_CLOSED] = N_("Order closed"),
    [REASON_RECALLED] = N_("Recalled"),
    [REASON_VOID_CODE] = N_("Void code"),
    [REASON_ON_HOLD] = N_("On hold"),
    [REASON_EXPIRED] = N_("Expired"),
    [REASON_SHORT_LIFE] = N_("Short life"),
    [REASON_DUPLICATE] = N_("Duplicate"),
    [REASON_IN_OTHER_DOCUMENT] = N_("In another order"),
    [REASON_UNKNOWN_CODE] = N_("Unknown code"),
    [REASON_UNREGISTERED] = N_("Unknown serial"),
    [REASON_NOT_ON_ORDER] = N_("Not on this order"),
    [REASON_NEED_SERIAL] = N_("Scan the serial"),
    [REASON_NEED_LOT] = N_("Scan the lot"),
    [REASON_NEED_SSCC] = N_("Scan the unit's code"),
    [REASON_WRONG_LOT] = N_("Wrong lot"),
    [REASON_NOT_RECEIVED] = N_("Not booked in"),
    [REASON_WRONG_HOLDER] = N_("Not from here"),
    [REASON_ALREADY_SHIPPED] = N_("Already shipped"),
    [REASON_PARTIAL_CONTAINER] = N_("Not complete"),
    [REASON_NO_CONTENTS] = N_("Contents unknown"),
    [REASON_OVER_QUANTITY] = N_("Too many"),
    [REASON_OLDER_FIRST] = N_("Older lot first"),
    [REASON_NEAR_EXPIRY] = N_("Near expiry"),
    [REASON_SHARED_ORDER] = N_("Shared order"),
    [REASON_REPEAT] = N_("Same label again"),
    [REASON_PAIRING] = N_("Code incomplete"),
    [REASON_BEFORE_START] = N_("Older than the books"),
    [REASON_CLONED] = N_("Cloned code"),
    [REASON_OUT_OF_REGION] = N_("Suspected diversion"),
    [REASON_SEEN_ELSEWHERE] = N_("Seen elsewhere"),
    [REASON_NO_TERRITORY] = N_("No territory"),
    [REASON_NO_RECORD] = N_("No record of a sale"),
    [REASON_DEFACED] = N_("Defaced"),
    [REASON_IN_REGION] = N_("In its region"),
    [REASON_OK] = N_("Right"),
};

static const char *const SEVERITIES[] = {
    [SEVERITY_ACCEPT] = N_("accepted"),
    [SEVERITY_WARN] = N_("accepted, with care"),
    [SEVERITY_CONFIRM] = N_("please confirm"),
    [SEVERITY_REJECT] = N_("rejected"),
};

static const char *const RESULTS[] = {
    [RC_OK] = N_("Done."),
    [RC_USAGE] = N_("The command line is wrong: see --help."),
    [RC_BAD_INPUT] = N_("This is not in the form that was expected."),
    [RC_TOO_BIG] = N_("This is longer or more than is allowed."),
    [RC_NOT_FOUND] = N_("There is no such thing here."),
    [RC_AMBIGUOUS] = N_("Several documents have this number: name it as source:document."),
    [RC_REFUSED] = N_("This is not allowed here."),
    [RC_CLOSED] = N_("This document is closed."),
    [RC_LATCHED] = N_("Rejected goods are not set aside yet."),
    [RC_FRACTION] = N_("This product is not counted in such small parts: type another quantity."),
    [RC_FIELD_LIMIT] = N_("This value is outside its limits: a supervisor may let it pass."),
    [RC_RECOUNT] = N_("What was counted differs from the books: count these lines again."),
    [RC_UNPAIRED] = N_("One scan still waits for the other of its pair."),
    [RC_SHORT] = N_("Lines are still open: complete short, with a reason."),
    [RC_RECHECK] = N_("Things changed meanwhile: take the marked goods out."),
    [RC_FIELD_MISSING] = N_("A field that is needed is empty."),
    [RC_COUNT_MISMATCH] = N_("The count differs: count again or ask a supervisor."),
    [RC_SUPERVISOR] = N_("Only a supervisor may do this."),
    [RC_AUTH] = N_("Wrong name or PIN."),
    [RC_LOCKED_OUT] = N_("Too many wrong PINs: please wait."),
    [RC_NOT_ENROLLED] = N_("This device has not been enrolled with a server."),
    [RC_BUSY] = N_("Another Tallyman is working in this data folder."),
    [RC_NOMEM] = N_("Out of memory."),
    [RC_IO] = N_("The disk or a device failed: nothing was saved."),
    [RC_DISK_FULL] = N_("The disk is full: nothing was saved. Free some space."),
    [RC_READ_ONLY] = N_("The data folder can't be written: nothing was saved."),
    [RC_CORRUPT] = N_("A data file is damaged."),
    [RC_NEWER] = N_("The data was written by a newer Tallyman: update this one."),
    [RC_NET] = N_("The server can't be reached."),
    [RC_PEER] = N_("What answered is not a Tallyman server."),
    [RC_REVOKED] = N_("The server no longer knows this device: enrol it again."),
    [RC_GAP] = N_("The server expects another record number."),
    [RC_CLONED] = N_("Another device works with a copy of this one's data: have a supervisor enrol this one again."),
    [RC_FORK] = N_("The server has other records under these numbers: call support."),
    [RC_GONE] = N_("The catalog is too old: everything is fetched again."),
    [RC_HISTORY] = N_("The server was restored: everything is sent and fetched again."),
    [RC_TIMEOUT] = N_("Nothing came in time."),
    [RC_DISCONNECTED] = N_("The device has gone."),
};

static const char *const DOCUMENT_STATES[] = {
    [DOCUMENT_READY] = N_("to do"),        [DOCUMENT_OPEN] = N_("in work"),        [DOCUMENT_COMPLETE] = N_("done"),
    [DOCUMENT_ABANDONED] = N_("given up"), [DOCUMENT_CANCELLED] = N_("cancelled"), [DOCUMENT_CLOSED] = N_("closed"),
};

static const char *const CODE_STATES[] = {
    [STATE_ACTIVE] = N_("active"),
    [STATE_INACTIVE] = N_("not active"),
    [STATE_VOID] = N_("void"),
    [STATE_DAMAGED] = N_("damaged"),
    [STATE_STOLEN] = N_("stolen"),
    [STATE_DESTROYED] = N_("destroyed"),
    [STATE_RETURNED] = N_("returned, not inspected"),
};

static const struct label SHORT_REASONS[] = {
    {"no-stock", N_("Not in stock")},        {"damaged", N_("Goods damaged")},
    {"no-room", N_("No room on the truck")}, {"customer", N_("Customer wants less")},
    {"rejected", N_("Goods were rejected")}, {"other", N_("Another reason")},
};

/* The same where goods come in. */
static const struct label MISSING_REASONS[] = {
    {"missing", N_("It did not come")},
    {"damaged", N_("Goods damaged")},
    {"rejected", N_("Goods were rejected")},
    {"other", N_("Another reason")},
};

const char *text_reason(enum reason reason)
{
    return _(REASONS[reason]);
}

const char *text_severity(enum severity severity)
{
    return _(SEVERITIES[severity]);
}

const char *text_rc(enum rc rc)
{
    return _(RESULTS[rc]);
}

const char *text_document_state(enum document_state state)
{
    return _(DOCUMENT_STATES[state]);
}

const char *text_code_state(enum code_state state)
{
    return _(CODE_STATES[state]);
}

const char *text_role(enum role role)
{
    switch (role) {
    case ROLE_CLERK: return _("clerk");
    case ROLE_DEALER: return _("dealer");
    case ROLE_AUDITOR: return _("auditor");
    case ROLE_SUPERVISOR: return _("supervisor");
    }
    return "";
}

/* A word that has no label (from a feed newer than this program) is shown as it is. */
static const char *find(const struct label *labels, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(labels[i].word, word) == 0)
            return _(labels[i].text);
    return word;
}

const char *text_short_reason(const char *word)
{
    if (strcmp(word, MISSING_REASONS[0].word) == 0)
        return _(MISSING_REASONS[0].text);
    return find(SHORT_REASONS, COUNT(SHORT_REASONS), word);
}

const char *text_missing_word(size_t i)
{
    return i < COUNT(MISSING_REASONS) ? MISSING_REASONS[i].word : NULL;
}

const char *text_short_word(size_t i)
{
    return i < COUNT(SHORT_REASONS) ? SHORT_REASONS[i].word : NULL;
}

char *text_holder(const struct holder *holder, char *ret_text)
{
    switch (holder->kind) {
    case HOLDER_UNKNOWN: snprintf(ret_text, TEXT_MAX + 1, "%s", _("unknown")); break;
    case HOLDER_SITE:
    case HOLDER_PARTY: snprintf(ret_text, TEXT_MAX + 1, "%s", holder->id); break;
    case HOLDER_TRANSIT_SITE:
    case HOLDER_TRANSIT_PARTY: snprintf(ret_text, TEXT_MAX + 1, _("on the way to %s"), holder->id); break;
    case HOLDER_SOLD: snprintf(ret_text, TEXT_MAX + 1, "%s", _("sold")); break;
    case HOLDER_DESTROYED: snprintf(ret_text, TEXT_MAX + 1, "%s", _("destroyed")); break;
    }
    return ret_text;
}
