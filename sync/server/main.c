/* tallyman-server: serves, or does one command. The only file here that knows of processes and files. */
#include "sync/server/admin.h"
#include "sync/server/adminsocket.h"
#include "sync/server/db.h"
#include "sync/server/http.h"
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    PATH_TEXT_MAX = 4095,
    LOCK_WAIT_MS = 10000,
    LOOK_MS = 1000,
    LOCK_RETRY_MS = 50,
    COMMAND_WORDS_MAX = 16,
    SPOOL_BYTES = 16 << 10,
    HEAP_PAD_BYTES = 48 << 20,
    MAPPED_FROM_BYTES = 4 << 20
};

struct options {
    const char *url, *listen, *public, *key, *pins, *snapshots;
    bool tls;
    const char *words[COMMAND_WORDS_MAX];
    int count;
};

/* Where the database is. One that is no file has neither socket nor lock: whoever may connect may administrate. */
struct place {
    const char *url;              /* of one that is no file; then */
    char path[PATH_TEXT_MAX + 1]; /* is where the default one would be, with the key of HTTPS beside it */
    char socket[PATH_TEXT_MAX + 8], lock[PATH_TEXT_MAX + 8];
    int lock_fd;
    bool shared;
};

__attribute__((format(printf, 1, 2))) static int fail(const char *format, ...)
{
    va_list list;
    fputs("tallyman-server: ", stderr);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    return ADMIN_EXIT_FAILED;
}

static int usage(FILE *stream)
{
    fputs("usage: tallyman-server [--db URL] --listen ADDR:PORT\n"
          "       tallyman-server [--db URL] COMMAND\n"
          "       tallyman-server [--db URL] [--key FILE] keys [--turn]\n\n"
          "Takes the records of Tallyman's devices, and tells them what to work on.\n\n"
          "  --db URL            sqlite:PATH or a path; default: a file in the data folder\n"
          "                      postgresql://USER@HOST/NAME: a database that several servers may share\n"
          "  --listen ADDR:PORT  serve there; port 0 takes a free one; elsewhere than on loopback by HTTPS\n"
          "  --tls               by HTTPS on loopback too\n"
          "  --key FILE          of HTTPS, and FILE-next; made when missing; default: the database's path and .key\n"
          "  --public URL        where devices reach it, when that is another address\n"
          "  --pins PIN[,PIN]    of the keys of the proxy that speaks HTTPS for it\n"
          "  --snapshots FOLDER  of catalogs that devices fetch as one file; default: the database's path and "
          ".snapshots\n"
          "  --help, --version\n\n",
          stream);
    for (const struct admin_command *command = admin_commands(); command->name; command++)
        fprintf(stream, "  %-30s %s\n", command->usage, command->help);
    return stream == stdout ? 0 : ADMIN_EXIT_USAGE;
}

static const char **option_value(struct options *options, const char *name)
{
    const struct {
        const char *name, **value;
    } rows[] = {{"--db", &options->url},        {"--listen", &options->listen}, {"--key", &options->key},
                {"--public", &options->public}, {"--pins", &options->pins},     {"--snapshots", &options->snapshots}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].value;
    return NULL;
}

/* False: *ret_status is all that there is to do. */
static bool read_options(int argc, char **argv, struct options *options, int *ret_status)
{
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "--version") == 0) {
            *ret_status =
                strcmp(argv[i], "--help") == 0 ? usage(stdout) : puts("tallyman-server " TALLYMAN_VERSION) < 0;
            return false;
        }
        if (strcmp(argv[i], "--tls") == 0) {
            options->tls = true;
            continue;
        }
        const char **value = option_value(options, argv[i]);
        if (!value || i + 1 == argc) {
            *ret_status = usage(stderr);
            return false;
        }
        *value = argv[++i];
    }
    for (; i < argc && options->count < COMMAND_WORDS_MAX; i++)
        options->words[options->count++] = argv[i];
    if (i < argc || (options->listen != NULL) == (options->count > 0)) {
        *ret_status = usage(stderr);
        return false;
    }
    return true;
}

/* XDG's data folder; made when it is not there. */
static bool default_path(char *ret_path)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    char folder[PATH_TEXT_MAX - 32];
    int len = data && data[0] ? snprintf(folder, sizeof folder, "%s/tallyman-server", data)
                              : snprintf(folder, sizeof folder, "%s/.local/share/tallyman-server", home ? home : "");
    if (len < 0 || (size_t)len >= sizeof folder)
        return false;
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(folder, 0755);
        *slash = '/';
    }
    mkdir(folder, 0700);
    snprintf(ret_path, PATH_TEXT_MAX + 1, "%s/server.db", folder);
    return true;
}

static bool find_place(const char *url, struct place *ret_place)
{
    const char *path = url ? db_url_path(url) : NULL;
    struct place place = {.lock_fd = -1, .shared = url && !path};
    if (url && strlen(url) > PATH_TEXT_MAX)
        return false;
    if (place.shared) {
        place.url = url;
        *ret_place = place;
        return default_path(ret_place->path);
    }
    if (path && !path[0])
        return false;
    if (path)
        snprintf(place.path, sizeof place.path, "%s", path);
    else if (!default_path(place.path))
        return false;
    snprintf(place.socket, sizeof place.socket, "%s.sock", place.path);
    snprintf(place.lock, sizeof place.lock, "%s.lock", place.path);
    *ret_place = place;
    return true;
}

/* One process at a time has the database. */
static enum rc lock(struct place *place)
{
    if (place->shared)
        return RC_OK;
    place->lock_fd = open(place->lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (place->lock_fd < 0)
        return RC_READ_ONLY;
    return flock(place->lock_fd, LOCK_EX | LOCK_NB) ? RC_BUSY : RC_OK;
}

static void unlock(struct place *place)
{
    if (place->lock_fd >= 0)
        close(place->lock_fd);
    place->lock_fd = -1;
}

/* A sentence for a result; its %s is the path or address. */
struct sentence {
    enum rc rc;
    const char *text;
};

static const char *sentence_of(const struct sentence *sentences, enum rc rc)
{
    while (sentences->text && sentences->rc != rc)
        sentences++;
    return sentences->text;
}

static const struct sentence OPEN_SENTENCES[] = {
    {RC_BUSY, "another process has this database"},
    {RC_READ_ONLY, "can't be opened for writing"},
    {RC_CORRUPT, "is no database of this program, or damaged"},
    {RC_NEWER, "was written by a newer tallyman-server"},
    {RC_DISK_FULL, "there is no room left"},
    {RC_USAGE, "is neither sqlite:PATH nor postgresql://…"},
    {RC_NET, "can't be reached"},
    {RC_REFUSED, "is not a database that this program can use"},
    {RC_OK, NULL},
};

/* An address without who connects, and without what comes after the name: there may be a password in either. */
static void print_place(const struct place *place, char *ret_text, size_t size)
{
    const char *url = place->shared ? place->url : place->path;
    size_t all = place->shared ? strcspn(url, "?") : strlen(url), scheme = strcspn(url, ":");
    const char *at = place->shared ? memrchr(url, '@', all) : NULL;
    if (at)
        snprintf(ret_text, size, "%.*s://%.*s", (int)scheme, url, (int)(url + all - at - 1), at + 1);
    else
        snprintf(ret_text, size, "%.*s", (int)all, url);
}

static int open_failed(const struct place *place, enum rc rc)
{
    const char *text = sentence_of(OPEN_SENTENCES, rc);
    char name[PATH_TEXT_MAX + 1];
    print_place(place, name, sizeof name);
    fail("%s: %s", name, text ? text : rc_word(rc));
    return rc == RC_USAGE ? ADMIN_EXIT_USAGE : ADMIN_EXIT_FAILED;
}

static enum rc open_server(const struct place *place, const char *snapshots, bool quiet, struct server **ret_server)
{
    struct server_options options = {
        .url = place->shared ? place->url : place->path, .snapshots = snapshots, .quiet = quiet};
    mode_t old = umask(077);
    enum rc rc = server_open(&options, ret_server);
    umask(old);
    return rc;
}

/* Until a signal says stop. */
static void serve(struct server *server, struct http *http, int admin_fd, int signal_fd)
{
    struct pollfd fds[] = {{.fd = signal_fd, .events = POLLIN}, {.fd = admin_fd, .events = POLLIN}};
    for (;;) {
        if (poll(fds, 2, LOOK_MS) < 0 && errno != EINTR)
            return;
        http_look(http);
        if (fds[0].revents)
            return;
        if (fds[1].revents & POLLIN)
            adminsocket_serve(server, admin_fd);
    }
}

static const struct sentence LISTEN_SENTENCES[] = {
    {RC_USAGE, "is no ADDR:PORT"},
    {RC_REFUSED, "plain HTTP is for the loopback address only"},
    {RC_BUSY, "this port is taken"},
    {RC_OK, NULL},
};

static void http_failed(const char *address, enum rc rc)
{
    const char *text = sentence_of(LISTEN_SENTENCES, rc);
    fail("%s: %s", address, text ? text : strerror(errno));
}

/* ---- keys ---- */

static const struct sentence KEY_SENTENCES[] = {
    {RC_CORRUPT, "is no key of HTTPS"},
    {RC_READ_ONLY, "can't be made"},
    {RC_DISK_FULL, "there is no room left"},
    {RC_OK, NULL},
};

static int key_failed(const char *path, enum rc rc)
{
    const char *text = sentence_of(KEY_SENTENCES, rc);
    return fail("%s: %s", path, text ? text : rc_word(rc));
}

static const char *key_path(const struct place *place, const struct options *options,
                            char ret_path[PATH_TEXT_MAX + 8])
{
    snprintf(ret_path, PATH_TEXT_MAX + 8, "%s%s", options->key ? options->key : place->path,
             options->key ? "" : ".key");
    return ret_path;
}

/* keys [--turn]: the pins, a line each; the server need not be there. */
static int run_keys(const struct place *place, const struct options *options)
{
    char path[PATH_TEXT_MAX + 8];
    struct tls_keys keys;
    bool turn = options->count == 2 && strcmp(options->words[1], "--turn") == 0;
    key_path(place, options, path);
    if (options->count > 1 && !turn)
        return usage(stderr);
    enum rc rc = turn ? tls_turn(path) : RC_OK;
    if (!rc)
        rc = tls_load(path, &keys);
    if (rc)
        return key_failed(path, rc);
    printf("%s\tin use%s\n%s\tnext\n", keys.pins[0], turn ? " when the server has started again" : "", keys.pins[1]);
    sodium_memzero(&keys, sizeof keys);
    return 0;
}

/* ---- serving ---- */

/* What enrolment strings and sessions say of HTTPS: the keys' pins, or the proxy's. False: --pins is none. */
static bool set_address(struct server *server, const struct options *options, const char *url,
                        const struct tls_keys *keys)
{
    char first[WIRE_PIN_TEXT + 1] = "";
    const char *pins[2] = {keys ? keys->pins[0] : "", keys ? keys->pins[1] : ""};
    if (options->pins) {
        const char *comma = strchr(options->pins, ',');
        size_t len = strcspn(options->pins, ",");
        if (len != WIRE_PIN_TEXT || (comma && strlen(comma + 1) != WIRE_PIN_TEXT))
            return false;
        memcpy(first, options->pins, len);
        pins[0] = first;
        pins[1] = comma ? comma + 1 : "";
    }
    return server_set_address(server, options->public ? options->public : url, pins) == RC_OK;
}

static enum rc start_http(struct server *server, const struct place *place, const struct options *options,
                          struct http **ret_http)
{
    char path[PATH_TEXT_MAX + 8];
    struct tls_keys keys;
    bool tls = options->tls || (!options->pins && !http_is_loopback(options->listen));
    enum rc rc = tls ? tls_load(key_path(place, options, path), &keys) : RC_OK;
    if (rc) {
        key_failed(path, rc);
        return rc;
    }
    rc = http_start(server, options->listen, tls ? &keys : NULL, ret_http);
    if (rc)
        http_failed(options->listen, rc);
    else if (!set_address(server, options, http_url(*ret_http), tls ? &keys : NULL)) {
        fail("%s: the address and the pins of HTTPS were not kept", options->listen);
        http_stop(*ret_http);
        rc = RC_USAGE;
    }
    sodium_memzero(&keys, sizeof keys);
    return rc;
}

static int run_serving(struct server *server, const struct place *place, const struct options *options, int signal_fd)
{
    struct http *http;
    int admin_fd = -1;
    enum rc rc = place->shared ? RC_OK : adminsocket_listen(place->socket, &admin_fd);
    if (rc)
        fail("%s: no socket for administration (%s)", place->socket, rc == RC_TOO_BIG ? "too long" : strerror(errno));
    rc = start_http(server, place, options, &http);
    if (rc) {
        if (admin_fd >= 0) {
            close(admin_fd);
            unlink(place->socket);
        }
        return rc == RC_USAGE ? ADMIN_EXIT_USAGE : ADMIN_EXIT_FAILED;
    }
    printf("listening on %s\n", http_url(http));
    fflush(stdout);
    serve(server, http, admin_fd, signal_fd);
    http_stop(http);
    if (admin_fd >= 0) {
        unlink(place->socket);
        close(admin_fd);
    }
    return 0;
}

static int run_server(struct place *place, const struct options *options)
{
    sigset_t stop;
    struct server *server;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    /* before any thread is made: all inherit it */
    sigprocmask(SIG_BLOCK, &stop, NULL);
    int signal_fd = signalfd(-1, &stop, SFD_CLOEXEC);
    enum rc rc = lock(place);
    if (!rc)
        rc = open_server(place, options->snapshots, false, &server);
    if (rc)
        return open_failed(place, rc);
    int status = run_serving(server, place, options, signal_fd);
    server_close(server);
    close(signal_fd);
    return status;
}

static void print_messages(const json_t *messages)
{
    size_t i;
    const json_t *message;
    json_array_foreach(messages, i, message) fprintf(stderr, "tallyman-server: %s\n", json_string_value(message));
}

/* The input as a file: nobody waits for who types it, while the database is kept for its import. */
static FILE *spooled(FILE *in)
{
    char buffer[SPOOL_BYTES];
    size_t len;
    FILE *file = tmpfile();
    while (file && (len = fread(buffer, 1, sizeof buffer, in)) > 0)
        if (fwrite(buffer, 1, len, file) != len) {
            fclose(file);
            return NULL;
        }
    if (file)
        rewind(file);
    return file;
}

static int run_here(const struct place *place, const struct options *options, FILE *in)
{
    struct server *server;
    FILE *spool = in && place->shared ? spooled(in) : NULL;
    if (in && place->shared && !spool)
        return fail("no room for the input: %s", strerror(errno));
    enum rc rc = open_server(place, options->snapshots, true, &server);
    if (rc) {
        if (spool)
            fclose(spool);
        return open_failed(place, rc);
    }
    json_t *messages = json_array();
    int status = admin_run(server, options->count, options->words, spool ? spool : in, stdout, messages);
    print_messages(messages);
    json_decref(messages);
    server_close(server);
    if (spool)
        fclose(spool);
    return status;
}

/* Through the socket of the process that serves; when nobody does, in the file itself. Between the two, somebody may
 * have begun or ended to serve: tried again for a while. */
static int run_anywhere(struct place *place, const struct options *options, FILE *in)
{
    struct timespec pause = {.tv_nsec = LOCK_RETRY_MS * 1000000L};
    for (int waited = 0;; waited += LOCK_RETRY_MS) {
        int status = ADMIN_EXIT_FAILED;
        enum rc rc = place->shared ? RC_NOT_FOUND
                                   : adminsocket_ask(place->socket, options->count, options->words, in, &status);
        if (!rc)
            return status;
        if (rc != RC_NOT_FOUND)
            return fail("the serving process did not answer (%s)", rc_word(rc));
        rc = lock(place);
        if (!rc)
            return run_here(place, options, in);
        unlock(place);
        if (rc != RC_BUSY || waited >= LOCK_WAIT_MS)
            return open_failed(place, rc);
        nanosleep(&pause, NULL);
    }
}

static int run_command(struct place *place, const struct options *options)
{
    const struct admin_command *command = admin_find(options->words[0]);
    FILE *in = NULL;
    if (!command) {
        fail("no such command: %s", options->words[0]);
        return usage(stderr);
    }
    if (command->input && options->count > 1) {
        const char *name = options->words[1];
        in = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
        struct stat info;
        if (!in || fstat(fileno(in), &info) || S_ISDIR(info.st_mode))
            return fail("%s can't be read: %s", name, in ? "not a file" : strerror(errno));
    } else if (command->input) {
        fail("usage: tallyman-server [--db URL] %s", command->usage);
        return ADMIN_EXIT_USAGE;
    }
    int status = run_anywhere(place, options, in);
    if (in && in != stdin)
        fclose(in);
    if (fflush(stdout) || ferror(stdout))
        return fail("can't write: %s", strerror(errno));
    return status;
}

/* A thread's heap grows page by page, each of them a system call that halts the other threads, and a push's buffers would be mapped and
 * unmapped each time: room ahead costs addresses alone. */
static void prepare_memory(void)
{
    mallopt(M_TOP_PAD, HEAP_PAD_BYTES);
    mallopt(M_TRIM_THRESHOLD, HEAP_PAD_BYTES);
    mallopt(M_MMAP_THRESHOLD, MAPPED_FROM_BYTES);
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct place place;
    int status = 0;
    prepare_memory();
    signal(SIGPIPE, SIG_IGN);
    if (!read_options(argc, argv, &options, &status))
        return status;
    if (!find_place(options.url, &place)) {
        fail("no database: its address is too long, or there is no data folder");
        return ADMIN_EXIT_USAGE;
    }
    if (options.listen)
        status = run_server(&place, &options);
    else if (strcmp(options.words[0], "keys") == 0)
        status = run_keys(&place, &options);
    else
        status = run_command(&place, &options);
    unlock(&place);
    return status;
}
