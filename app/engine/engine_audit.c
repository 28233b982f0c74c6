/* An audit's own work: goods whose code can't be read, pictures and papers as evidence. */
#include "app/domain/chain.h"
#include "app/domain/report.h"
#include "app/engine/engine_private.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EVIDENCE_READ_BYTES = 1 << 16 };

/* Opened here, worked on, by this role, and an audit's. */
enum rc engine_load_visit(struct engine *engine, const char *doc)
{
    enum rc rc = engine_load(engine, doc);
    if (rc == RC_OK && engine->document->state == DOCUMENT_READY)
        rc = engine_open_loaded(engine);
    if (rc == RC_OK)
        rc = engine_check_role(engine);
    if (rc == RC_OK && engine->document->state != DOCUMENT_OPEN)
        rc = RC_CLOSED;
    if (rc == RC_OK && !engine_flow(engine, engine->document->flow)->judges)
        rc = RC_REFUSED;
    return rc;
}

/* ---- no code to scan ---- */

static void write_code(const struct defaced *defaced, struct code *ret_code)
{
    *ret_code = (struct code){.kind = CODE_CLASS,
                              .problem = REASON_OK,
                              .warning = REASON_OK,
                              .why = "",
                              .made = DAY_NONE,
                              .expires = DAY_NONE};
    snprintf(ret_code->product, sizeof ret_code->product, "%s", defaced->product);
    snprintf(ret_code->lot, sizeof ret_code->lot, "%s", defaced->lot);
}

static enum rc append_defaced(struct engine *engine, const struct defaced *defaced, const struct judged *judged,
                              int64_t *ret_seq)
{
    const struct record_defaced entered = {defaced->product, defaced->lot, defaced->printed, defaced->count};
    struct record record = engine_judged_record(engine, RECORD_SCAN, judged);
    struct scan *scan = scan_new("", 0);
    if (!scan)
        return RC_NOMEM;
    record.scan = scan;
    record.defaced = &entered;
    enum rc rc = store_append(engine->store, &record, ret_seq);
    free(scan);
    return rc;
}

static enum rc defaced_held(struct engine *engine, const char *doc, const struct defaced *defaced,
                            struct outcome *ret_outcome)
{
    enum rc rc = engine_load_visit(engine, doc);
    if (rc != RC_OK)
        return rc;
    int64_t seq = 0;
    struct judged *judged = calloc(1, sizeof *judged);
    if (!judged)
        return RC_NOMEM;
    judged->defaced = true;
    engine_context(engine, &judged->context);
    write_code(defaced, &judged->code);
    rc = engine_judge(engine, defaced->count, 0, 0, judged);
    if (rc == RC_OK && !judged->facts.product_known)
        rc = RC_NOT_FOUND;
    if (rc == RC_OK)
        rc = append_defaced(engine, defaced, judged, &seq);
    if (rc == RC_OK)
        engine_fill_outcome(engine, judged, seq, ret_outcome);
    engine->document_seq = -1;
    free(judged);
    return rc;
}

enum rc engine_defaced(struct engine *engine, const char *doc, const struct defaced *defaced,
                       struct outcome *ret_outcome)
{
    bool fits = strlen(defaced->product) <= ID_MAX && strlen(defaced->lot) <= LOT_MAX &&
                strlen(defaced->printed) <= NAME_MAX_BYTES && defaced->count > 0;
    if (!fits)
        return RC_BAD_INPUT;
    enum rc rc = store_hold(engine->store);
    if (rc == RC_OK)
        rc = defaced_held(engine, doc, defaced, ret_outcome);
    store_release(engine->store);
    return rc;
}

/* ---- pictures and papers ---- */

static const char *const KINDS[] = {"shop", "licence", "shelf", "code", "receipt", "ack"};

const char *engine_evidence_kind(size_t i)
{
    return i < sizeof KINDS / sizeof KINDS[0] ? KINDS[i] : NULL;
}

static bool is_kind(const char *word)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
        if (strcmp(KINDS[i], word) == 0)
            return true;
    return false;
}

static enum rc hash_open(int fd, uint8_t *ret_hash, int64_t *ret_bytes)
{
    crypto_generichash_state state;
    unsigned char buffer[EVIDENCE_READ_BYTES];
    int64_t total = 0;
    ssize_t got = 0;
    crypto_generichash_init(&state, NULL, 0, EVIDENCE_HASH_BYTES);
    while ((got = read(fd, buffer, sizeof buffer)) > 0 || (got < 0 && errno == EINTR)) {
        if (got < 0)
            continue;
        crypto_generichash_update(&state, buffer, (unsigned long long)got);
        total += got;
        if (total > EVIDENCE_BYTES_MAX)
            return RC_TOO_BIG;
    }
    crypto_generichash_final(&state, ret_hash, EVIDENCE_HASH_BYTES);
    if (got < 0)
        return RC_IO;
    *ret_bytes = total;
    return RC_OK;
}

enum rc engine_hash_file(const char *path, uint8_t *ret_hash, int64_t *ret_bytes)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? RC_NOT_FOUND : RC_IO;
    bool file = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    enum rc rc = file ? hash_open(fd, ret_hash, ret_bytes) : RC_BAD_INPUT;
    close(fd);
    return rc;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The name of the folder that it is in; "" where the path doesn't say. */
static void folder_name(const char *path, char *ret_name, size_t size)
{
    char folder[EVIDENCE_PATH_MAX + 1];
    const char *base = base_name(path);
    while (base > path && base[-1] == '/')
        base--;
    snprintf(folder, sizeof folder, "%.*s", (int)(base - path), path);
    const char *name = base_name(folder);
    snprintf(ret_name, size, "%s", strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ? "" : name);
}

static enum rc check_ref(struct engine *engine, int64_t seq)
{
    struct store_tally tally;
    char doc[DOC_MAX + 1];
    if (!seq)
        return RC_OK;
    enum rc rc = store_tally(engine->store, seq, &tally, doc);
    return rc == RC_OK && strcmp(doc, engine->document->doc) != 0 ? RC_NOT_FOUND : rc;
}

enum rc engine_evidence(struct engine *engine, const char *doc, const struct evidence *evidence, int64_t *ret_seq)
{
    uint8_t hash[EVIDENCE_HASH_BYTES];
    char hex[2 * EVIDENCE_HASH_BYTES + 1], folder[REPORT_FILE_NAME_MAX + 1];
    int64_t bytes = 0;
    if (!is_kind(evidence->kind) || strlen(evidence->path) > EVIDENCE_PATH_MAX)
        return RC_BAD_INPUT;
    enum rc rc = engine_load_visit(engine, doc);
    if (rc == RC_OK)
        rc = check_ref(engine, evidence->seq);
    if (rc == RC_OK)
        rc = engine_hash_file(evidence->path, hash, &bytes);
    if (rc != RC_OK)
        return rc;
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    json_t *extra = json_pack("{s:s, s:s, s:I, s:s}", "what", evidence->kind, "file", base_name(evidence->path),
                              "bytes", (json_int_t)bytes, "hash", hex);
    folder_name(evidence->path, folder, sizeof folder);
    if (extra && folder[0])
        json_object_set_new(extra, "folder", json_string(folder));
    struct record record = engine_document_record(engine, RECORD_EVIDENCE);
    record.ref = evidence->seq;
    record.extra = extra;
    engine->document_seq = -1;
    rc = extra ? store_append(engine->store, &record, ret_seq) : RC_BAD_INPUT; /* a name that is no UTF-8 */
    json_decref(extra);
    return rc;
}
