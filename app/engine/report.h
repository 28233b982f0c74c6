/* The report of a visit: all that was found, for a manager who was not there; and as a file that the device has signed.
 *
 * The file is JSON, one compact object a line: `visit`, then `goods` and `evidence` in the order in which they were taken, then `sum`, then
 * `signature`: Ed25519 over "tallyman-report:" and the hexadecimal BLAKE2b-256 of all bytes of the lines before it. A changed byte does not
 * verify, nor does a picture whose hash is another. Where pictures of several folders have one name, `folder` says which. */
#ifndef TALLYMAN_ENGINE_REPORT_H
#define TALLYMAN_ENGINE_REPORT_H

#include "app/domain/report.h"
#include "app/engine/engine.h"

struct report;

enum { REPORT_GOODS_MAX = 20000, REPORT_EVIDENCE_MAX = 1000, REPORT_LINE_MAX = 1 << 16 };

/* Of a document of an audit, open or completed. RC_REFUSED: of another flow. RC_TOO_BIG beyond the limits. */
enum rc report_make(struct engine *engine, const char *doc, struct report **ret_report);
void report_free(struct report *report); /* NULL is fine */

const struct report_head *report_head(const struct report *report);
size_t report_goods_count(const struct report *report);
const struct report_goods *report_goods_at(const struct report *report, size_t i);
size_t report_evidence_count(const struct report *report);
const struct report_evidence *report_evidence_at(const struct report *report, size_t i);
/* How many, by what leads. */
qty_t report_sum(const struct report *report, enum reason reason);

/* As the text module takes it (app/text/report_text.h); the report's and the engine's memory. */
void report_body(const struct report *report, struct engine *engine, struct report_body *ret_body);

/* The lines of the file before its signature, each closed by a newline; free() it. NULL without memory. */
char *report_lines(const struct report *report, size_t *ret_len);

/* Signed with the key of the device, into a file that is replaced at once. RC_NOT_ENROLLED: the device has no key. */
enum rc report_write(const struct report *report, const char *path);

struct report_check {
    char public_key[65];                       /* hexadecimal, of who signed; compare it with the device's */
    char what[2 * (REPORT_FILE_NAME_MAX + 1)]; /* the picture that is not what it was, "" the file itself */
    int pictures;                              /* that it names; they were looked at only in a folder */
};

enum report_signer {
    REPORT_SIGNER_UNKNOWN, /* the data folder is of no device with a key */
    REPORT_SIGNER_OWN,
    REPORT_SIGNER_OTHER
};
/* Is it the key of the device with this data folder? */
enum report_signer report_signer(const char *dir, const struct report_check *check);

/* RC_OK: not a byte was changed, and the pictures in `folder` (NULL: they are not looked at) are those that were taken. RC_CORRUPT: one was.
 * RC_NOT_FOUND: the file, or a picture, is not there. RC_BAD_INPUT: it is no report. */
enum rc report_verify(const char *path, const char *folder, struct report_check *ret_check);

#endif
