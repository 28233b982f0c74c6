/* Program and model compared; and conservation: nothing is in two places or two containers, nothing vanishes. */
#include "tests/sim/flow_model.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRONG(model, ...) sim_fail(&(model)->sim, __VA_ARGS__)

static struct store *store_of(struct model *model, int device)
{
    return engine_store(model->sim.devices[device].engine);
}

static const char *key_of(int unit)
{
    return unit == MODEL_NOTHING ? "" : model_keys[unit].text;
}

/* ---- one unit on a device ---- */

static bool reserved_by(const struct model_device *device, int unit, const char **ret_doc)
{
    int64_t lost = 0;
    int steps = 0;
    *ret_doc = "";
    for (int at = unit; at != MODEL_NOTHING; at = model_around(&device->book, at, &steps)) {
        bool claimed = false;
        for (int j = 0; j < device->job_count; j++)
            for (int t = 0; t < device->jobs[j].tally_count; t++) {
                const struct model_tally *tally = &device->jobs[j].tallies[t];
                if (!tally->claims || tally->unit != at || tally->refused || !device->jobs[j].flow->reserves)
                    continue;
                claimed = true;
                if (lost && lost < tally->counted) /* that reserves the rest, not this */
                    continue;
                *ret_doc = device->jobs[j].doc;
                return true;
            }
        if (!claimed)
            lost = model_earlier(lost, model_lost(device, at, NULL));
    }
    return false;
}

static bool check_place(struct model *model, int device, int unit, const struct facts *facts)
{
    const struct model_book *book = &model->devices[device].book;
    const struct model_unit *known = &book->units[unit];
    const char *key = model_keys[unit].text;
    char holder[HOLDER_MAX + 1];
    const char *wanted = model_holder(book, unit);
    if (facts->code_known != known->known)
        return WRONG(model, "device %d: %s is %sknown, in the model it is %s", device, key,
                     facts->code_known ? "" : "not ", known->known ? "known" : "not");
    if (!known->known)
        return true;
    holder_print(&facts->holder, holder);
    if (strcmp(holder, wanted[0] ? wanted : "unknown") != 0)
        return WRONG(model, "device %d: %s is at %s, in the model at %s", device, key, holder, wanted);
    if (strcmp(facts->parent, key_of(known->parent)) != 0)
        return WRONG(model, "device %d: %s is in %s, in the model in %s", device, key, facts->parent,
                     key_of(known->parent));
    if (!facts->container && facts->state != known->state)
        return WRONG(model, "device %d: %s is %s, in the model %s", device, key, code_state_word(facts->state),
                     code_state_word(known->state));
    if (facts->container != known->container)
        return WRONG(model, "device %d: %s is %s container, in the model it is %s", device, key,
                     facts->container ? "a" : "no", known->container ? "one" : "none");
    return true;
}

bool model_check_unit(struct model *model, int device, int unit)
{
    static struct code code;
    static struct facts facts;
    const char *doc, *key = model_keys[unit].text;
    struct model_device *mine = &model->devices[device];
    code_parse_text(key, 2024, &code);
    struct facts_request request = {.doc = "", .site = mine->site, .today = MODEL_TODAY, .code = &code};
    enum rc rc = store_facts(store_of(model, device), &request, &facts);
    if (rc != RC_OK)
        return WRONG(model, "device %d: facts of %s: %s", device, key, rc_word(rc));
    reserved_by(mine, unit, &doc);
    if (strcmp(facts.other_document, doc) != 0)
        return WRONG(model, "device %d: %s is reserved by \"%s\", in the model by \"%s\"", device, key,
                     facts.other_document, doc);
    model->counts->compared++;
    return check_place(model, device, unit, &facts);
}

/* ---- what is in what ---- */

struct children {
    int count;
    int units[MODEL_UNITS];
};

static bool add_child(void *context, const char *key)
{
    struct children *children = context;
    if (children->count < MODEL_UNITS)
        children->units[children->count++] = model_key_find(key);
    return true;
}

static bool check_contents(struct model *model, int device, int container, bool *seen)
{
    struct children children = {.count = 0};
    int wanted[MODEL_UNITS];
    int count = model_children(&model->devices[device].book, container, wanted);
    enum rc rc = store_children(store_of(model, device), model_keys[container].text, add_child, &children);
    if (rc != RC_OK)
        return WRONG(model, "device %d: what is in %s: %s", device, model_keys[container].text, rc_word(rc));
    for (int i = 0; i < children.count; i++) {
        int unit = children.units[i];
        if (unit == MODEL_NOTHING)
            return WRONG(model, "device %d: something is in %s that nobody knows", device, key_of(container));
        if (seen[unit])
            return WRONG(model, "device %d: %s is in two containers, one is %s", device, key_of(unit),
                         key_of(container));
        seen[unit] = true;
    }
    if (children.count != count)
        return WRONG(model, "device %d: %d are in %s, in the model %d", device, children.count, key_of(container),
                     count);
    for (int i = 0; i < count; i++)
        if (!seen[wanted[i]])
            return WRONG(model, "device %d: %s is not in %s", device, key_of(wanted[i]), key_of(container));
    return true;
}

/* ---- one document on a device ---- */

static bool check_lines(struct model *model, int device, const struct model_job *job, const struct document *document)
{
    if (job->state == DOCUMENT_ABANDONED)
        return true;
    if ((int)document->line_count != job->line_count)
        return WRONG(model, "device %d: %s has %zu lines, in the model %d", device, job->doc, document->line_count,
                     job->line_count);
    for (int i = 0; i < job->line_count; i++) {
        const struct line *line = &document->lines[i];
        char is[QTY_TEXT_MAX + 1], wanted[QTY_TEXT_MAX + 1];
        if (line->tallied != job->lines[i].tallied)
            return WRONG(model, "device %d: %s line %s has %s tallied, in the model %s", device, job->doc, line->line,
                         qty_print(line->tallied, is), qty_print(job->lines[i].tallied, wanted));
        int paper = model_paper_of(&model->devices[device].news, line->doc[0] ? line->doc : job->doc);
        bool anew = paper != MODEL_NOTHING && model->devices[device].news.papers[paper].revision > 0;
        if (job->state == DOCUMENT_OPEN && !anew && line->elsewhere != job->lines[i].elsewhere)
            return WRONG(model, "device %d: %s line %s has %s elsewhere, in the model %s", device, job->doc,
                         line->line, qty_print(line->elsewhere, is), qty_print(job->lines[i].elsewhere, wanted));
    }
    return true;
}

static bool check_tally(struct model *model, int device, const struct model_job *job, const struct model_tally *tally)
{
    struct store_tally is;
    char doc[DOC_MAX + 1];
    enum rc rc = store_tally(store_of(model, device), tally->seq, &is, doc);
    if (rc != RC_OK)
        return WRONG(model, "device %d: tally %lld of %s: %s", device, (long long)tally->seq, job->doc, rc_word(rc));
    bool same = is.live == (tally->state == MODEL_LIVE) && is.waiting == (tally->state == MODEL_WAITING) &&
                is.latched == (tally->state == MODEL_LATCHED);
    if (!same)
        return WRONG(model, "device %d: tally %lld of %s is %s, in the model %d", device, (long long)tally->seq,
                     job->doc,
                     is.live      ? "live"
                     : is.waiting ? "waiting"
                     : is.latched ? "latched"
                                  : "neither",
                     (int)tally->state);
    return true;
}

bool model_check_job(struct model *model, int device, int at)
{
    const struct model_job *job = &model->devices[device].jobs[at];
    struct document *document = NULL;
    bool good = true;
    for (int t = 0; t < job->tally_count && good; t++)
        good = check_tally(model, device, job, &job->tallies[t]);
    if (!good || (job->state == DOCUMENT_ABANDONED && !job->own)) /* a paper is offered again */
        return good;
    enum rc rc = store_document(store_of(model, device), job->doc, &document);
    if (rc != RC_OK)
        return WRONG(model, "device %d: %s: %s", device, job->doc, rc_word(rc));
    good = check_lines(model, device, job, document);
    if (good && document->state != job->state)
        good = WRONG(model, "device %d: %s is in state %d, in the model %d", device, job->doc, (int)document->state,
                     (int)job->state);
    if (good && job->state == DOCUMENT_OPEN && strcmp(document->container, key_of(job->container)) != 0)
        good = WRONG(model, "device %d: %s fills %s, in the model %s", device, job->doc, document->container,
                     key_of(job->container));
    if (good && job->state == DOCUMENT_OPEN && strcmp(document->pending, key_of(job->pending)) != 0)
        good = WRONG(model, "device %d: %s has %s waiting, in the model %s", device, job->doc, document->pending,
                     key_of(job->pending));
    if (good && job->state == DOCUMENT_OPEN && strcmp(document->context_product, job->context_product) != 0)
        good = WRONG(model, "device %d: %s binds to %s, in the model to %s", device, job->doc,
                     document->context_product, job->context_product);
    document_free(document);
    return good;
}

bool model_check_device(struct model *model, int device)
{
    bool seen[MODEL_UNITS] = {false};
    bool good = true;
    model->counts->all++;
    for (int i = 0; i < model_key_count && good; i++)
        good = model_check_unit(model, device, i);
    for (int i = 0; i < model_key_count && good; i++)
        if (model->devices[device].book.units[i].container)
            good = check_contents(model, device, i, seen);
    for (int j = 0; j < model->devices[device].job_count && good; j++)
        good = model_check_job(model, device, j);
    return good;
}

/* ---- the server's books ---- */

static sqlite3 *open_books(struct model *model)
{
    char path[SIM_PATH_MAX];
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(sim_server_path(&model->sim, path), &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK)
        return db;
    WRONG(model, "%s can't be read", path);
    sqlite3_close(db);
    return NULL;
}

static const char *text(sqlite3_stmt *row, int column)
{
    const char *value = (const char *)sqlite3_column_text(row, column);
    return value ? value : "";
}

static bool read_books(struct model *model, sqlite3 *db, struct model_book *ret_book)
{
    sqlite3_stmt *row = NULL;
    bool good = true;
    for (int i = 0; i < model_key_count; i++)
        ret_book->units[i] = (struct model_unit){.parent = MODEL_NOTHING};
    sqlite3_prepare_v2(db, "SELECT key, parent, holder, state, container FROM code WHERE gone = 0", -1, &row, NULL);
    while (good && sqlite3_step(row) == SQLITE_ROW) {
        int at = model_key_find(text(row, 0));
        if (at == MODEL_NOTHING) {
            good = WRONG(model, "the server knows %s", text(row, 0));
            break;
        }
        struct model_unit *unit = &ret_book->units[at];
        unit->known = true;
        unit->parent = text(row, 1)[0] ? model_key_find(text(row, 1)) : MODEL_NOTHING;
        snprintf(unit->holder, sizeof unit->holder, "%.31s", text(row, 2));
        unit->state = STATE_ACTIVE;
        code_state_from_word(text(row, 3), &unit->state);
        unit->container = sqlite3_column_int(row, 4) != 0;
    }
    sqlite3_finalize(row);
    return good;
}

static bool check_codes(struct model *model, const struct model_book *is)
{
    const struct model_book *wanted = &model->server.book;
    for (int i = 0; i < model_key_count; i++) {
        const struct model_unit *a = &is->units[i], *b = &wanted->units[i];
        if (a->known != b->known)
            return WRONG(model, "the server %s %s, the model %s", a->known ? "knows" : "does not know", key_of(i),
                         b->known ? "does" : "does not");
        if (a->parent != b->parent)
            return WRONG(model, "the server has %s in %s, the model in %s", key_of(i), key_of(a->parent),
                         key_of(b->parent));
        if (strcmp(model_holder(is, i), model_holder(wanted, i)) != 0)
            return WRONG(model, "the server has %s at %s, the model at %s", key_of(i), model_holder(is, i),
                         model_holder(wanted, i));
        if (a->state != b->state)
            return WRONG(model, "the server has %s as %s, the model as %s", key_of(i), code_state_word(a->state),
                         code_state_word(b->state));
    }
    return true;
}

static bool check_claims(struct model *model, sqlite3 *db)
{
    int claims[MODEL_UNITS];
    sqlite3_stmt *row = NULL;
    for (int i = 0; i < model_key_count; i++)
        claims[i] = 0;
    sqlite3_prepare_v2(db, "SELECT key, device FROM claim", -1, &row, NULL);
    while (sqlite3_step(row) == SQLITE_ROW) {
        int at = model_key_find(text(row, 0));
        if (at != MODEL_NOTHING)
            claims[at] = sqlite3_column_int(row, 1);
    }
    sqlite3_finalize(row);
    for (int i = 0; i < model_key_count; i++) {
        int claim = model->server.claims[i];
        int wanted = claim == MODEL_NOTHING ? 0 : model->server.tallies[claim].device + 1;
        if (claims[i] != wanted)
            return WRONG(model, "on the server %s is reserved by device %d, in the model by %d", key_of(i), claims[i],
                         wanted);
    }
    return true;
}

/* A paper that was told anew is left out: its goods went to other lines, on the device as on the server. */
static bool check_progress(struct model *model, sqlite3 *db)
{
    struct model_progress is = {.open = {{false}}};
    sqlite3_stmt *row = NULL;
    sqlite3_prepare_v2(db, "SELECT doc, device, line, qty FROM share_total", -1, &row, NULL);
    while (sqlite3_step(row) == SQLITE_ROW) {
        int paper = model_paper_of(&model->server.news, text(row, 0));
        if (paper != MODEL_NOTHING)
            is.done[sqlite3_column_int(row, 1) - 1][paper][text(row, 2)[0] - '1'] = sqlite3_column_int64(row, 3);
    }
    sqlite3_finalize(row);
    for (int d = 0; d < SIM_DEVICES; d++)
        for (int p = 0; p < model->server.news.paper_count; p++)
            for (int i = 0; i < 3; i++)
                if (model->server.news.papers[p].revision == 0 &&
                    is.done[d][p][i] != model->server.progress.done[d][p][i])
                    return WRONG(model,
                                 "on the server device %d has %lld millionths of line %d of %s, in the model %lld", d,
                                 (long long)is.done[d][p][i], i + 1, model->server.news.papers[p].doc,
                                 (long long)model->server.progress.done[d][p][i]);
    return true;
}

/* Where a unit went from is where it went to before; a container that is used again is where its new goods are. */
static bool check_movements(struct model *model, sqlite3 *db)
{
    static const char sql[] =
        "SELECT a.key, a.to_holder, b.from_holder FROM movement a JOIN movement b ON b.key = a.key"
        " WHERE b.n = (SELECT min(n) FROM movement c WHERE c.key = a.key AND c.n > a.n)"
        " AND a.to_holder <> b.from_holder"
        " AND a.key NOT IN (SELECT key FROM code WHERE container = 1) LIMIT 1";
    sqlite3_stmt *row = NULL;
    bool good = true;
    if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK)
        return WRONG(model, "movements can't be read: %s", sqlite3_errmsg(db));
    if (sqlite3_step(row) == SQLITE_ROW)
        good = WRONG(model, "%s went to %s, and left %s next", text(row, 0), text(row, 1), text(row, 2));
    sqlite3_finalize(row);
    return good;
}

bool model_check_server(struct model *model)
{
    static struct model_book is;
    sqlite3 *db = open_books(model);
    if (!db)
        return false;
    bool good = read_books(model, db, &is) && model_check_conserved(model, &is, "the server") &&
                check_codes(model, &is) && check_claims(model, db) && check_progress(model, db) &&
                check_movements(model, db);
    sqlite3_close(db);
    return good;
}

/* ---- conservation ---- */

static bool is_real(const struct model_unit *unit)
{
    return unit->known && unit->state != STATE_VOID;
}

/* What was there in the beginning is there, or has another code; what is in something is where that is. */
bool model_check_conserved(struct model *model, const struct model_book *book, const char *whose)
{
    int registered = 0, real = 0;
    for (int i = 0; i < model_key_count; i++) {
        const struct model_unit *unit = &book->units[i];
        registered += model_keys[i].registered;
        real += model_keys[i].registered ? 1 : is_real(unit);
        if (model_keys[i].registered && !unit->known)
            return WRONG(model, "%s: %s has vanished", whose, key_of(i));
        if (unit->parent == MODEL_NOTHING)
            continue;
        if (model_inside(book, unit->parent, i) || unit->parent == i)
            return WRONG(model, "%s: %s is inside itself", whose, key_of(i));
        if (!book->units[unit->parent].container)
            return WRONG(model, "%s: %s is in %s, which is no container", whose, key_of(i), key_of(unit->parent));
    }
    return real >= registered || WRONG(model, "%s: %d units of %d are left", whose, real, registered);
}
