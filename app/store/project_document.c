/* What opening, completing and giving up do to a document and to the goods that were tallied for it. */
#include "app/store/books.h"
#include "app/store/keys.h"
#include <stdlib.h>
#include <string.h>

enum rc document_opened(struct store *store, const char *doc, int64_t *ret_seq)
{
    sqlite3_stmt *row = store_sql(store, JSQL_DOCUMENT, "t", doc);
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    if (step == SQLITE_ROW)
        *ret_seq = sqlite3_column_int64(row, 5);
    sqlite3_reset(row);
    return step == SQLITE_ROW ? RC_OK : step == SQLITE_DONE ? RC_NOT_FOUND : store_rc(store);
}

static enum rc end_tallies(struct store *store, const char *doc, int64_t opened, enum tally_state from,
                           enum tally_state to)
{
    return store_do(store, JSQL_TALLIES_END, "tiii", doc, opened, (int64_t)from, (int64_t)to);
}

/* ---- opening ---- */

static char *fields_text(const struct document *document)
{
    json_t *fields = json_object();
    for (int i = 0; i < document->field_count; i++)
        json_object_set_new(fields, document->fields[i].name, json_string(document->fields[i].value));
    char *text = json_dumps(fields, JSON_COMPACT);
    json_decref(fields);
    return text;
}

static enum rc put_document(struct store *store, const struct record *record, int64_t seq)
{
    const struct document *document = record->document;
    char from[HOLDER_MAX + 1], to[HOLDER_MAX + 1];
    char *fields = fields_text(document);
    if (!fields)
        return RC_NOMEM;
    enum rc rc = store_do(store, JSQL_DOCUMENT_PUT, "ttttiiitttttiiiittt", document->doc, document->no,
                          document->flow, document->rev, (int64_t)DOCUMENT_OPEN, seq, (int64_t)document->close_no,
                          holder_print(&document->from, from), holder_print(&document->to, to), document->to_name,
                          document->dock, document->note, (int64_t)document->due, (int64_t)document->to_quarantine,
                          (int64_t)document->min_life_days, (int64_t)document->own, document->group,
                          record->site ? record->site : "", fields);
    free(fields);
    return rc;
}

static enum rc put_lines(struct store *store, const struct document *document)
{
    enum rc rc = store_do(store, JSQL_LINES_CLEAR, "t", document->doc);
    for (size_t i = 0; i < document->line_count && rc == RC_OK; i++) {
        const struct line *line = &document->lines[i];
        rc = store_do(store, JSQL_LINE_PUT, "titttiit", document->doc, (int64_t)i, line->line, line->product,
                      line->lot, line->qty, line->tolerance, line->doc);
    }
    return rc;
}

/* ---- a new revision of what is worked on ---- */

static enum rc revise_document(struct store *store, const struct document *document)
{
    char from[HOLDER_MAX + 1], to[HOLDER_MAX + 1];
    return store_do(store, JSQL_DOCUMENT_REVISE, "ttttttttiii", document->doc, document->no, document->rev,
                    holder_print(&document->from, from), holder_print(&document->to, to), document->to_name,
                    document->dock, document->note, (int64_t)document->due, (int64_t)document->to_quarantine,
                    (int64_t)document->min_life_days);
}

static bool takes(const struct line *line, const struct tally_alloc *alloc)
{
    return strcmp(line->product, alloc->product) == 0 && (!line->lot[0] || strcmp(line->lot, alloc->lot) == 0);
}

static bool same_line(const struct line *a, const struct line *b)
{
    return strcmp(a->line, b->line) == 0 && strcmp(a->doc, b->doc) == 0;
}

/* The line of the same id as long as it takes these goods, else any that does, else none. */
static int64_t new_line(const struct document *old, const struct document *fresh, const struct tally_alloc *alloc)
{
    int64_t any = TALLY_NO_LINE;
    bool had = alloc->line >= 0 && (size_t)alloc->line < old->line_count;
    for (size_t i = 0; i < fresh->line_count; i++) {
        if (!takes(&fresh->lines[i], alloc))
            continue;
        if (had && same_line(&old->lines[alloc->line], &fresh->lines[i]))
            return (int64_t)i;
        if (any == TALLY_NO_LINE)
            any = (int64_t)i;
    }
    return any;
}

static enum rc put_alloc(struct store *store, const struct tally_row *tally, const struct tally_alloc *alloc,
                         const struct document *fresh, int64_t line)
{
    const char *name = line >= 0 ? fresh->lines[line].line : "";
    enum rc rc = alloc->n == TALLY_OWN_ALLOC
                     ? store_do(store, JSQL_ALLOC_OWN_LINE, "iit", tally->seq, line, name)
                     : store_do(store, JSQL_ALLOC_LINE, "iiit", tally->seq, alloc->n, line, alloc->product);
    bool counts = line >= 0 && tally->state != TALLY_RELEASED; /* gone to another document, which may give it back */
    return rc == RC_OK && counts ? store_do(store, JSQL_LINE_ADD, "tii", tally->doc, line, alloc->qty) : rc;
}

struct tally_lines {
    struct tally_row tally;
    struct tally_alloc rows[ALLOC_MAX];
    int count;
};

/* A tally that is on a line of its own and has other goods than the tally's row says goes to rows of `alloc`. */
static enum rc reallocate(struct store *store, const struct document *old, const struct document *fresh,
                          const struct tally_lines *lines)
{
    enum rc rc = RC_OK;
    for (int i = 0; i < lines->count && rc == RC_OK; i++)
        rc = put_alloc(store, &lines->tally, &lines->rows[i], fresh, new_line(old, fresh, &lines->rows[i]));
    return rc;
}

static enum rc load_tallies(struct store *store, const struct document *old, struct tally_lines **ret_all,
                            size_t *ret_count)
{
    struct keys seqs = {NULL, 0, 0};
    sqlite3_stmt *row = store_sql(store, JSQL_TALLIES_IN, "ti", old->doc, old->opened_seq);
    enum rc rc = keys_read(store, row, &seqs);
    struct tally_lines *all = rc == RC_OK ? calloc(seqs.count + 1, sizeof *all) : NULL;
    if (rc == RC_OK && !all)
        rc = RC_NOMEM;
    for (size_t i = 0; i < seqs.count && rc == RC_OK; i++) {
        rc = tally_find(store, strtoll(seqs.all[i], NULL, 10), &all[i].tally);
        if (rc == RC_OK)
            rc = tally_allocations(store, &all[i].tally, all[i].rows, &all[i].count);
    }
    if (rc == RC_OK) {
        *ret_all = all;
        *ret_count = seqs.count;
    } else {
        free(all);
    }
    keys_free(&seqs);
    return rc;
}

static enum rc revise(struct store *store, const struct record *record, const struct document *old)
{
    struct tally_lines *all = NULL;
    size_t count = 0;
    enum rc rc = load_tallies(store, old, &all, &count); /* before their lines change */
    if (rc == RC_OK)
        rc = revise_document(store, record->document);
    if (rc == RC_OK)
        rc = put_lines(store, record->document);
    for (size_t i = 0; i < count && rc == RC_OK; i++)
        rc = reallocate(store, old, record->document, &all[i]);
    free(all);
    return rc;
}

enum rc project_open(struct store *store, const struct record *record, int64_t seq)
{
    struct document *old = NULL;
    enum rc rc = document_journaled(store, record->document->doc, &old);
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    if (old && old->state == DOCUMENT_OPEN) {
        rc = revise(store, record, old);
    } else {
        rc = put_document(store, record, seq);
        if (rc == RC_OK)
            rc = put_lines(store, record->document);
    }
    document_free(old);
    return rc;
}

/* ---- completing ---- */

struct live {
    struct tally_row tally;
    char goes_to[HOLDER_MAX + 1];
};

struct lives {
    struct live *all;
    size_t count, room;
};

static struct live *add_live(struct lives *lives)
{
    if (lives->count == lives->room) {
        size_t room = lives->room ? lives->room * 2 : 64;
        struct live *all = realloc(lives->all, room * sizeof *all);
        if (!all)
            return NULL;
        lives->all = all;
        lives->room = room;
    }
    return &lives->all[lives->count++];
}

static enum rc live_of(struct store *store, const char *doc, int64_t opened, struct lives *lives)
{
    sqlite3_stmt *row = store_sql(store, JSQL_TALLIES_LIVE, "ti", doc, opened);
    struct live *live = NULL;
    int step;
    if (!row)
        return store_rc(store);
    while ((step = sqlite3_step(row)) == SQLITE_ROW && (live = add_live(lives))) {
        live->tally = (struct tally_row){
            .seq = sqlite3_column_int64(row, 0), .counted_seq = sqlite3_column_int64(row, 3), .state = TALLY_LIVE};
        snprintf(live->tally.doc, sizeof live->tally.doc, "%s", doc);
        store_copy(live->tally.key, sizeof live->tally.key, row, 1);
        store_copy(live->goes_to, sizeof live->goes_to, row, 2);
    }
    sqlite3_reset(row);
    return step == SQLITE_DONE ? RC_OK : step == SQLITE_ROW ? RC_NOMEM : store_rc(store);
}

static enum rc is_reserved(struct store *store, const char *key, int64_t seq, bool *ret_reserved)
{
    sqlite3_stmt *row = store_sql(store, JSQL_UNIT, "t", key);
    if (!row)
        return store_rc(store);
    int step = sqlite3_step(row);
    *ret_reserved = step == SQLITE_ROW && (!seq || sqlite3_column_int64(row, 1) == seq);
    sqlite3_reset(row);
    return step == SQLITE_ROW || step == SQLITE_DONE ? RC_OK : store_rc(store);
}

struct going {
    struct keys keys;
    struct holder from; /* HOLDER_UNKNOWN: nobody says */
};

static bool first_place(void *context, const struct books_entry *child)
{
    struct holder *place = context;
    *place = child->unit.holder;
    return place->kind == HOLDER_UNKNOWN;
}

/* What names another place does not go along, and nothing in it does. */
static bool add_going(void *context, const struct books_entry *child)
{
    struct going *going = context;
    const struct holder *place = &child->unit.holder, *from = &going->from;
    bool along = place->kind == HOLDER_UNKNOWN || (place->kind == from->kind && strcmp(place->id, from->id) == 0);
    return !along || keys_add(&going->keys, child->unit.key) == RC_OK;
}

static enum rc place_of(const struct books_write *write, const char *container, struct holder *ret_place)
{
    struct books_entry entry;
    enum rc rc = books_find(write->store, write->catalog, container, &entry);
    *ret_place = rc == RC_OK ? entry.unit.holder : (struct holder){.kind = HOLDER_UNKNOWN};
    if (ret_place->kind == HOLDER_UNKNOWN && (rc == RC_OK || rc == RC_NOT_FOUND))
        rc = books_children(write->store, write->catalog, container, first_place, ret_place);
    return rc;
}

/* What somebody tallied by itself was taken out of the container that goes now. */
static enum rc leave_behind(const struct books_write *write, const char *container)
{
    struct going going = {.keys = {NULL, 0, 0}};
    struct keys *keys = &going.keys;
    enum rc rc = place_of(write, container, &going.from);
    if (rc == RC_OK)
        rc = books_children(write->store, write->catalog, container, add_going, &going);
    for (size_t i = 0; i < keys->count && i < CONTENTS_MAX && rc == RC_OK; i++) {
        bool reserved = false;
        rc = is_reserved(write->store, keys->all[i], 0, &reserved);
        if (rc == RC_OK && reserved)
            rc = books_put_parent(write, keys->all[i], "");
        else if (rc == RC_OK)
            rc = books_children(write->store, write->catalog, keys->all[i], add_going, &going);
    }
    keys_free(keys);
    return rc;
}

struct moving {
    struct books_write write;
    struct holder to; /* HOLDER_UNKNOWN: stays where it is */
    int state;
};

static enum rc move_live(struct moving *moving, const struct live *live)
{
    struct books_write *write = &moving->write;
    struct holder to = moving->to;
    if (live->goes_to[0])
        holder_parse(live->goes_to, &to);
    bool goes = to.kind != HOLDER_UNKNOWN;
    enum rc rc = RC_OK;
    write->of = live->tally.counted_seq;
    if (goes) /* first: it has been where its container was */
        rc = books_put_parent(write, live->tally.key, "");
    if (rc == RC_OK && (goes || moving->state != PLACE_KEEPS))
        rc = books_put_place(write, live->tally.key, goes ? &to : NULL, moving->state);
    return rc == RC_OK ? store_do(write->store, JSQL_UNIT_DELETE, "ti", live->tally.key, live->tally.seq) : rc;
}

/* Quantities without codes of their own are nowhere in the code book. */
static enum rc move_all(struct moving *moving, const struct lives *lives)
{
    struct store *store = moving->write.store;
    enum rc rc = RC_OK;
    for (size_t i = 0; i < lives->count && rc == RC_OK; i++) {
        moving->write.of = lives->all[i].tally.counted_seq;
        if (moving->to.kind != HOLDER_UNKNOWN || lives->all[i].goes_to[0])
            rc = leave_behind(&moving->write, lives->all[i].tally.key);
    }
    for (size_t i = 0; i < lives->count && rc == RC_OK; i++) {
        bool reserved = false;
        rc = is_reserved(store, lives->all[i].tally.key, lives->all[i].tally.seq, &reserved);
        if (rc == RC_OK && reserved)
            rc = move_live(moving, &lives->all[i]);
    }
    return rc;
}

/* They are loose still, or nobody goes on with them. */
static enum rc release_all(struct store *store, const struct lives *lives)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; i < lives->count && rc == RC_OK; i++) {
        struct tally_row tally;
        rc = tally_find(store, lives->all[i].tally.seq, &tally);
        if (rc == RC_OK && tally.state == TALLY_LIVE) {
            rc = tally_release(store, &tally, TALLY_RELEASED);
            if (rc == RC_OK)
                rc = tally_give_back(store, &tally);
        }
    }
    return rc;
}

static enum rc move_by_flow(struct store *store, const struct record *record, const struct lives *lives, int64_t seq)
{
    const struct flow *flow = record_flow(record);
    const char *here = record->site ? record->site : "";
    struct moving moving = {.write = {.store = store, .seq = seq}, .state = flow->after_state};
    char quarantine[ID_MAX + 1] = "";
    if (flow->work == WORK_PACK)
        return release_all(store, lives);
    if (store_catalog(store, &moving.write.catalog) == RC_OK && flow->after == GO_QUARANTINE)
        catalog_quarantine(moving.write.catalog, here, quarantine);
    if (record->document)
        flow_destination(flow, record->document, here, quarantine, 0, &moving.to);
    return move_all(&moving, lives);
}

struct ending {
    enum tally_state from, to;
};

/* What a visit saw is remembered: it may be seen again elsewhere. */
static enum rc end_all(struct store *store, const char *doc, int64_t opened, bool forget,
                       const struct ending *endings, size_t count)
{
    enum rc rc = forget ? store_do(store, JSQL_SEEN_CLEAR, "t", doc) : RC_OK;
    for (size_t i = 0; i < count && rc == RC_OK; i++)
        rc = end_tallies(store, doc, opened, endings[i].from, endings[i].to);
    return rc;
}

enum rc project_complete(struct store *store, const struct record *record, int64_t seq)
{
    static const struct ending endings[] = {{TALLY_LIVE, TALLY_MOVED},  {TALLY_PACKED, TALLY_MOVED},
                                            {TALLY_MARK, TALLY_MOVED},  {TALLY_LATCHED, TALLY_ASIDE},
                                            {TALLY_ASKED, TALLY_ASIDE}, {TALLY_WAITING, TALLY_ASIDE}};
    struct lives lives = {NULL, 0, 0};
    int64_t opened = 0;
    enum rc rc = document_opened(store, record->doc, &opened);
    if (rc == RC_OK)
        rc = live_of(store, record->doc, opened, &lives);
    if (rc == RC_OK)
        rc = move_by_flow(store, record, &lives, seq);
    if (rc == RC_OK)
        rc = end_all(store, record->doc, opened, !record_flow(record)->judges, endings,
                     sizeof endings / sizeof endings[0]);
    if (rc == RC_OK)
        rc = store_do(store, JSQL_DOCUMENT_CLOSE, "tiii", record->doc, (int64_t)DOCUMENT_COMPLETE, seq, (int64_t)1);
    free(lives.all);
    return rc;
}

/* What was packed stays packed: the goods are in their cases. */
enum rc project_abandon(struct store *store, const struct record *record, int64_t seq)
{
    static const struct ending endings[] = {{TALLY_PACKED, TALLY_MOVED},
                                            {TALLY_MARK, TALLY_MOVED},
                                            {TALLY_LATCHED, TALLY_RELEASED},
                                            {TALLY_ASKED, TALLY_RELEASED},
                                            {TALLY_WAITING, TALLY_RELEASED}};
    struct lives lives = {NULL, 0, 0};
    int64_t opened = 0;
    enum rc rc = document_opened(store, record->doc, &opened);
    if (rc == RC_OK)
        rc = live_of(store, record->doc, opened, &lives);
    if (rc == RC_OK)
        rc = release_all(store, &lives);
    if (rc == RC_OK)
        rc = end_all(store, record->doc, opened, true, endings, sizeof endings / sizeof endings[0]);
    if (rc == RC_OK)
        rc = store_do(store, JSQL_LINES_CLEAR, "t", record->doc);
    if (rc == RC_OK)
        rc = store_do(store, JSQL_DOCUMENT_CLOSE, "tiii", record->doc, (int64_t)DOCUMENT_ABANDONED, seq, (int64_t)0);
    free(lives.all);
    return rc;
}
