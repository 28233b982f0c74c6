#include "app/engine/report.h"
#include "app/cli/act.h"
#include "app/text/report_text.h"
#include "app/text/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
    const char *name;   /* of the document, NULL none */
    const char *sign;   /* a file to write */
    const char *verify; /* a file to look at */
    const char *folder; /* with its pictures */
};

static bool read_arguments(int argc, char **argv, struct request *ret_request)
{
    const struct {
        const char *name, **value;
    } options[] = {
        {"--sign", &ret_request->sign}, {"--verify", &ret_request->verify}, {"--folder", &ret_request->folder}};
    for (int i = 1; i < argc; i++) {
        const char **value = ret_request->name || argv[i][0] == '-' ? NULL : &ret_request->name;
        for (size_t at = 0; at < sizeof options / sizeof options[0] && i + 1 < argc; at++)
            if (strcmp(options[at].name, argv[i]) == 0)
                value = options[at].value;
        if (!value || *value)
            return false;
        *value = argv[value == &ret_request->name ? i : ++i];
    }
    if (ret_request->verify)
        return !ret_request->name && !ret_request->sign;
    return ret_request->name && !ret_request->folder;
}

/* ---- is it still what was signed? ---- */

static const char *const SIGNERS[] = {
    [REPORT_SIGNER_UNKNOWN] = "unknown-device",
    [REPORT_SIGNER_OWN] = "this-device",
    [REPORT_SIGNER_OTHER] = "another-device",
};

static int tell_good(const struct cli *cli, const struct request *request, const struct report_check *check)
{
    const char *pictures = request->folder ? "looked-at" : "not-looked-at";
    const char *signer = SIGNERS[report_signer(cli->dir, check)];
    if (cli->json)
        return cli_print(json_pack("{s:b, s:s, s:s, s:i, s:s}", "ok", true, "public_key", check->public_key, "signer",
                                   signer, "pictures", check->pictures, "pictures_are", pictures));
    printf("ok\t%s\t%s\tpictures-%s\t%d\n", check->public_key, signer, pictures, check->pictures);
    if (!request->folder && check->pictures > 0)
        cli_error(_("the pictures were not looked at: say where they are with --folder."));
    return cli_printed();
}

static int tell_bad(const struct cli *cli, const struct report_check *check, const char *what)
{
    int code = EXIT_DONE;
    if (cli->json)
        code = cli_print(json_pack("{s:b, s:s}", "ok", false, "what", what));
    else
        printf("bad\t%s\n", what);
    if (code == EXIT_DONE)
        (void)cli_printed();
    cli_error(check->what[0] ? _("%s: this is not the file that was taken down.")
                             : _("%s: this is not the report that was signed."),
              what);
    return EXIT_REFUSED;
}

static int verify(const struct cli *cli, const struct request *request)
{
    struct report_check check;
    enum rc rc = report_verify(request->verify, request->folder, &check);
    const char *what = check.what[0] ? check.what : request->verify;
    if (rc != RC_OK && rc != RC_CORRUPT)
        return cli_fail(rc, what);
    return rc == RC_OK ? tell_good(cli, request, &check) : tell_bad(cli, &check, what);
}

/* ---- the report ---- */

static void print_line(void *context, const char *text)
{
    (void)context;
    puts(text);
}

static int print_text(struct cli *cli, const struct report *report)
{
    struct report_body body;
    report_body(report, cli->engine, &body);
    report_text(&body, REPORT_TEXT_WIDTH, print_line, NULL);
    return cli_printed();
}

/* As in the file, unsigned. */
static int print_lines(const struct report *report)
{
    size_t len = 0;
    char *lines = report_lines(report, &len);
    if (!lines)
        return cli_fail(RC_NOMEM, "");
    fwrite(lines, 1, len, stdout);
    free(lines);
    return cli_printed();
}

static int sign(const struct cli *cli, const struct report *report, const struct request *request)
{
    const struct document *document = report_head(report)->document;
    enum rc rc = report_write(report, request->sign);
    if (rc != RC_OK)
        return cli_fail(rc, rc == RC_NOT_ENROLLED ? request->name : request->sign);
    if (cli->json)
        return cli_print(json_pack("{s:s, s:s, s:s}", "done", "signed", "doc", document->doc, "file", request->sign));
    printf("signed\t%s\t%s\n", request->name, request->sign);
    return cli_printed();
}

static int make(struct cli *cli, const struct request *request)
{
    struct report *report;
    enum rc rc = report_make(cli->engine, request->name, &report);
    if (rc == RC_REFUSED) {
        cli_error(_("%s: this is no audit."), request->name);
        return EXIT_REFUSED;
    }
    if (rc != RC_OK)
        return cli_fail_document(cli, rc, request->name);
    int code = request->sign ? sign(cli, report, request) : cli->json ? print_lines(report) : print_text(cli, report);
    report_free(report);
    return code;
}

int cli_report(struct cli *cli, int argc, char **argv)
{
    struct request request = {.name = NULL};
    if (!read_arguments(argc, argv, &request))
        return cli_usage(cli);
    if (request.verify)
        return verify(cli, &request);
    int code = cli_open_data(cli);
    if (code == EXIT_DONE)
        code = cli_sign_in(cli);
    return code == EXIT_DONE ? make(cli, &request) : code;
}
