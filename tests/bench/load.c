/* Many devices at once: each a thread with the real sync client and transport, its journal in memory.
 *
 *     load once SECONDS RECORDS BATCH <STRINGS
 *     load visits COUNT SECONDS RECORDS BATCH AFTER_SECONDS <STRINGS
 *     load lost SECONDS RECORDS BATCH <STRINGS
 *
 * STRINGS: an enrolment string a line, a device each. All enrol and journal their records first (an order of their own
 * site, opened, and items scanned). `once`: they begin within SECONDS, spread evenly, and push BATCH records at a time until
 * the server has all RECORDS. `visits`: each device has RECORDS more to push COUNT times, one device after the other all
 * through SECONDS, whatever the server does; when all is pushed, each has RECORDS once more within AFTER_SECONDS. `lost`:
 * like `once`, but a device ends at the first failure. Who is turned away comes again when it was told to. Prints one JSON
 * object; times are of the pushes that were taken, waits from when there was something to push to when it was. */
#include "sync/client/transport_http.h"
#include "tests/bench/memory.h"
#include <inttypes.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { DEVICES_MAX = 2000, STACK_BYTES = 512 << 10, TIMEOUT_MS = 60000, PUSHES_MAX = 200, TRIES_MAX = 4000 };

struct times {
    double ms[PUSHES_MAX];
    int count;
};

struct device {
    pthread_t thread;
    char *string; /* to enrol with */
    int number;   /* in the file, from 1 */
    struct memory memory;
    struct transport_http *http;
    struct sync_transport below; /* the real transport; pushes are timed on the way there */
    struct times ms, wait_ms, after_ms;
    int turned_away, turned_away_after, failed;
    bool after; /* the last visit: when all is over */
    bool done;
};

static struct device devices[DEVICES_MAX];
static int device_count, records, batch_max, visits = 1;
static double spread_ms, after_ms, began_ms;
static bool until_lost;
static pthread_barrier_t all_ready, all_pushed;

static const struct memory_goods GOODS = {
    .gtin = "06901234990010", .product = "SEAL", .holder = "", .reason = "unregistered", .severity = "warn"};

/* ---- the transport ---- */

static void add_time(struct times *times, double ms)
{
    if (times->count < PUSHES_MAX)
        times->ms[times->count++] = ms;
}

static enum rc exchange(void *context, const char *url, const struct sync_request *request,
                        struct sync_reply *ret_reply)
{
    struct device *device = context;
    double sent_ms = memory_now_ms();
    enum rc rc = device->below.exchange(device->below.context, url, request, ret_reply);
    bool push = strcmp(request->path, "/v1/push") == 0;
    if (rc == RC_OK && ret_reply->status == 429)
        ++*(device->after ? &device->turned_away_after : &device->turned_away);
    else if (push && rc == RC_OK && ret_reply->status == 200)
        add_time(device->after ? &device->after_ms : &device->ms, memory_now_ms() - sent_ms);
    return rc;
}

/* ---- a device ---- */

static void pause_ms(double ms)
{
    struct timespec pause = {.tv_sec = (time_t)(ms / 1e3), .tv_nsec = (long)((long long)(ms * 1e6) % 1000000000)};
    nanosleep(&pause, NULL);
}

static void push_some(struct device *device, struct sync_client *client)
{
    struct sync_progress progress = {0};
    device->memory.state.last_seq += records;
    for (int tries = 0; tries < TRIES_MAX && device->memory.state.acked_seq < device->memory.state.last_seq;
         tries++) {
        enum rc rc = sync_step(client, &progress);
        if (rc == RC_NET && progress.retry_s) {
            pause_ms((double)progress.retry_s * 1e3);
        } else if (rc != RC_OK) {
            device->failed++;
            if (until_lost)
                return;
            pause_ms(200);
        }
    }
}

/* When there is something to push, whether or not the one before is through. */
static void push_all(struct device *device, struct sync_client *client)
{
    for (int visit = 0; visit < visits; visit++) {
        double due_ms = began_ms + spread_ms * (visit + (double)(device->number - 1) / device_count) / (double)visits;
        if (memory_now_ms() < due_ms)
            pause_ms(due_ms - memory_now_ms());
        push_some(device, client);
        add_time(&device->wait_ms, memory_now_ms() - due_ms);
    }
}

static void push_after(struct device *device, struct sync_client *client)
{
    device->after = true;
    pause_ms(after_ms * (device->number - 1) / device_count);
    push_some(device, client);
}

static void *live(void *context)
{
    struct device *device = context;
    struct sync_progress progress = {0};
    struct sync_client *client = NULL;
    device->below = transport_http_port(device->http);
    struct sync_transport transport = {.context = device, .exchange = exchange};
    struct sync_store store = memory_store(&device->memory);
    for (int tries = 0; tries < TRIES_MAX && !device->memory.identity.enrolled; tries++)
        if (sync_enrol(&store, &transport, device->string, &progress) != RC_OK)
            pause_ms(100 + device->number % 100);
    bool ready = device->memory.identity.enrolled && sync_client_new(&store, &transport, &client) == RC_OK;
    if (ready)
        memory_journal(&device->memory, &GOODS, (int64_t)records * (visits + (after_ms > 0)));
    pthread_barrier_wait(&all_ready); /* and the time of the beginning is set */
    pthread_barrier_wait(&all_ready);
    if (ready)
        push_all(device, client);
    pthread_barrier_wait(&all_pushed);
    if (ready && after_ms > 0)
        push_after(device, client);
    device->done = ready && device->memory.state.acked_seq == device->memory.journaled;
    sync_client_free(client);
    return NULL;
}

static bool make(struct device *device, char *string, int number)
{
    device->string = string;
    device->number = number;
    return memory_init(&device->memory, (int64_t)records * (visits + 1), batch_max) &&
           transport_http_new(TIMEOUT_MS, &device->http) == RC_OK;
}

static int by_size(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;
    return (one > other) - (one < other);
}

static struct times *times_of(struct device *device, int which)
{
    return which == 0 ? &device->ms : which == 1 ? &device->wait_ms : &device->after_ms;
}

static void print_times(int which)
{
    static const char *const names[] = {"", "wait_", "after_"};
    static double ms[DEVICES_MAX * PUSHES_MAX];
    size_t count = 0;
    for (int i = 0; i < device_count; i++) {
        const struct times *times = times_of(&devices[i], which);
        memcpy(ms + count, times->ms, (size_t)times->count * sizeof(double));
        count += (size_t)times->count;
    }
    qsort(ms, count, sizeof(double), by_size);
    printf("\"%scount\":%zu,\"%sp50_ms\":%.2f,\"%sp99_ms\":%.2f,\"%smost_ms\":%.2f,", names[which], count,
           names[which], count ? ms[count / 2] : 0.0, names[which], count ? ms[count * 99 / 100] : 0.0, names[which],
           count ? ms[count - 1] : 0.0);
}

static int report(double seconds)
{
    int done = 0, failed = 0, turned_away = 0, turned_away_after = 0;
    int64_t acked = 0, refused = 0;
    for (int i = 0; i < device_count; i++) {
        const struct device *device = &devices[i];
        done += device->done;
        failed += device->failed;
        turned_away += device->turned_away;
        turned_away_after += device->turned_away_after;
        acked += device->memory.state.acked_seq;
        refused += device->memory.refused;
    }
    printf("{");
    for (int which = 0; which < 3; which++)
        print_times(which);
    printf("\"devices\":%d,\"done\":%d,\"acked\":%" PRId64 ",\"refused\":%" PRId64
           ",\"failed\":%d,\"turned_away\":%d,\"turned_away_after\":%d,\"seconds\":%.3f,\"each\":[",
           device_count, done, acked, refused, failed, turned_away, turned_away_after, seconds);
    for (int i = 0; i < device_count; i++)
        printf("%s[%" PRId64 ",%" PRId64 "]", i ? "," : "", devices[i].memory.identity.device,
               devices[i].memory.state.acked_seq);
    printf("]}\n");
    return done == device_count ? 0 : 1;
}

static bool read_arguments(int argc, char **argv)
{
    bool many = argc == 7 && strcmp(argv[1], "visits") == 0;
    until_lost = argc == 5 && strcmp(argv[1], "lost") == 0;
    if (!many && !until_lost && (argc != 5 || strcmp(argv[1], "once") != 0))
        return false;
    char **rest = argv + 2 + many;
    visits = many ? (int)strtol(argv[2], NULL, 10) : 1;
    spread_ms = strtod(rest[0], NULL) * 1e3;
    records = (int)strtol(rest[1], NULL, 10);
    batch_max = (int)strtol(rest[2], NULL, 10);
    after_ms = many ? strtod(rest[3], NULL) * 1e3 : 0;
    return records >= 2 && batch_max >= 1 && visits >= 1 && visits < PUSHES_MAX;
}

int main(int argc, char **argv)
{
    char *line = NULL;
    size_t size = 0;
    pthread_attr_t attributes;
    if (!read_arguments(argc, argv) || sodium_init() < 0)
        return 2;
    for (; device_count < DEVICES_MAX && getline(&line, &size, stdin) > 0; line = NULL, size = 0)
        if (!make(&devices[device_count], line, device_count + 1))
            return 2;
        else
            device_count++;
    pthread_barrier_init(&all_ready, NULL, (unsigned)device_count + 1);
    pthread_barrier_init(&all_pushed, NULL, (unsigned)device_count + 1);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    for (int i = 0; i < device_count; i++)
        if (pthread_create(&devices[i].thread, &attributes, live, &devices[i]) != 0)
            return 2;
    pthread_barrier_wait(&all_ready);
    began_ms = memory_now_ms();
    pthread_barrier_wait(&all_ready);
    pthread_barrier_wait(&all_pushed);
    double seconds = (memory_now_ms() - began_ms) / 1e3;
    for (int i = 0; i < device_count; i++)
        pthread_join(devices[i].thread, NULL);
    return report(seconds);
}
