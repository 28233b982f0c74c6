#include "sync/server/adminsocket.h"
#include "sync/server/admin.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { COPY_BYTES = 65536, BACKLOG = 8 };

static bool address(const char *path, struct sockaddr_un *ret_address)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return false;
    memcpy(address.sun_path, path, strlen(path) + 1);
    *ret_address = address;
    return true;
}

enum rc adminsocket_listen(const char *path, int *ret_fd)
{
    struct sockaddr_un at;
    if (!address(path, &at))
        return RC_TOO_BIG;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return RC_IO;
    unlink(path);
    mode_t old = umask(077);
    int failed = bind(fd, (struct sockaddr *)&at, sizeof at);
    umask(old);
    if (failed || listen(fd, BACKLOG)) {
        close(fd);
        return RC_IO;
    }
    *ret_fd = fd;
    return RC_OK;
}

static bool copy_all(FILE *from, FILE *to)
{
    char buffer[COPY_BYTES];
    size_t len;
    while ((len = fread(buffer, 1, sizeof buffer, from)) > 0)
        if (fwrite(buffer, 1, len, to) != len)
            return false;
    return !ferror(from);
}

/* The words of the command; they live as long as *ret_array. */
static int read_words(FILE *stream, const char **words, json_t **ret_array)
{
    char line[ADMINSOCKET_LINE_MAX];
    int count = 0;
    size_t i;
    const json_t *word;
    *ret_array = fgets(line, sizeof line, stream) ? json_loads(line, 0, NULL) : NULL;
    json_array_foreach(*ret_array, i, word)
    {
        if (!json_is_string(word) || count == ADMINSOCKET_WORDS_MAX)
            return 0;
        words[count++] = json_string_value(word);
    }
    return count;
}

/* Input and output go through files: a slow peer keeps nobody else waiting. */
static void serve(struct server *server, FILE *stream)
{
    const char *words[ADMINSOCKET_WORDS_MAX];
    json_t *array, *messages = json_array();
    FILE *in = tmpfile(), *out = tmpfile();
    int status = ADMIN_EXIT_FAILED;
    int count = read_words(stream, words, &array);
    if (count && in && out && copy_all(stream, in)) {
        rewind(in);
        status = admin_run(server, count, words, in, out, messages);
    } else {
        json_array_append_new(messages, json_string("the server could not take the command"));
    }
    fseek(stream, 0, SEEK_CUR); /* from reading to writing */
    if (out && fflush(out) == 0) {
        rewind(out);
        copy_all(out, stream);
    }
    json_t *last = json_pack("{s:i, s:O}", "exit", status, "messages", messages);
    json_dumpf(last, stream, JSON_COMPACT);
    fputc('\n', stream);
    json_decref(last);
    json_decref(messages);
    json_decref(array);
    if (in)
        fclose(in);
    if (out)
        fclose(out);
}

static FILE *open_stream(int fd)
{
    struct timeval patience = {.tv_sec = ADMINSOCKET_TIMEOUT_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    FILE *stream = fdopen(fd, "r+");
    if (!stream)
        close(fd);
    return stream;
}

void adminsocket_serve(struct server *server, int listen_fd)
{
    int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
    FILE *stream = fd < 0 ? NULL : open_stream(fd);
    if (!stream)
        return;
    serve(server, stream);
    fclose(stream);
}

/* Prints lines as they come, one held back: the last is the server's own. */
static enum rc print_answer(FILE *stream, int *ret_status)
{
    char *line = NULL, *last = NULL;
    size_t room = 0, last_room = 0, i;
    const json_t *message;
    while (getline(&line, &room, stream) > 0) {
        if (last)
            fputs(last, stdout);
        char *swap = last;
        size_t swap_room = last_room;
        last = line, last_room = room;
        line = swap, room = swap_room;
    }
    json_t *end = last ? json_loads(last, 0, NULL) : NULL;
    enum rc rc = json_is_integer(json_object_get(end, "exit")) ? RC_OK : RC_PEER;
    json_array_foreach(json_object_get(end, "messages"), i, message)
        fprintf(stderr, "tallyman-server: %s\n", json_string_value(message));
    if (!rc)
        *ret_status = (int)json_integer_value(json_object_get(end, "exit"));
    json_decref(end);
    free(line);
    free(last);
    return rc;
}

static bool send_words(FILE *stream, int count, const char *const *args)
{
    json_t *array = json_array();
    for (int i = 0; i < count; i++)
        json_array_append_new(array, json_string(args[i]));
    bool sent = json_array_size(array) == (size_t)count && json_dumpf(array, stream, JSON_COMPACT) == 0 &&
                fputc('\n', stream) != EOF;
    json_decref(array);
    return sent;
}

enum rc adminsocket_ask(const char *path, int count, const char *const *args, FILE *in, int *ret_status)
{
    struct sockaddr_un at;
    if (!address(path, &at))
        return RC_NOT_FOUND;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return RC_IO;
    if (connect(fd, (struct sockaddr *)&at, sizeof at)) {
        close(fd);
        return errno == EACCES || errno == EPERM ? RC_READ_ONLY : RC_NOT_FOUND;
    }
    FILE *stream = fdopen(fd, "r+");
    if (!stream) {
        close(fd);
        return RC_NOMEM;
    }
    bool sent = send_words(stream, count, args) && (!in || copy_all(in, stream)) && fflush(stream) == 0;
    shutdown(fd, SHUT_WR);
    enum rc rc = print_answer(stream, ret_status);
    fclose(stream);
    return rc ? rc : sent ? RC_OK : RC_IO;
}
