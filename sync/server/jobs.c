#include "sync/server/jobs.h"
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

enum {
    LATE_PARTS = 16, /* the mean of late: a sixteenth of it is the last one's */
    RISE = 4,        /* at most so many times the mean does one count for */
    RISE_FROM_US = 1000,
    KIB = 1024 /* with a shorter body it is a question */
};

struct jobs {
    struct server *server;
    void (*answered)(struct job *job);
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t came;
    bool ending;
    struct job *first, **end;
    struct jobs_state state;
};

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* The first that waits, NULL when there is none. With the lock. */
static struct job *unlink_first(struct jobs *jobs)
{
    struct job *job = jobs->first;
    if (job) {
        jobs->first = job->next;
        if (!jobs->first)
            jobs->end = &jobs->first;
    }
    return job;
}

/* The same, but waits for one; NULL at the end of all. *ret_more: another one waits behind it. */
static struct job *take(struct jobs *jobs, bool *ret_more)
{
    pthread_mutex_lock(&jobs->lock);
    while (!jobs->first && !jobs->ending)
        pthread_cond_wait(&jobs->came, &jobs->lock);
    struct job *job = unlink_first(jobs);
    *ret_more = jobs->first != NULL;
    pthread_mutex_unlock(&jobs->lock);
    return job;
}

static struct job *take_waiting(struct jobs *jobs)
{
    pthread_mutex_lock(&jobs->lock);
    struct job *job = unlink_first(jobs);
    pthread_mutex_unlock(&jobs->lock);
    return job;
}

/* One that waited for a database that was away, or for who administrates it, says little of the next. */
static void learn(int64_t *mean_us, int64_t us)
{
    int64_t most_us = RISE * *mean_us + RISE_FROM_US;
    *mean_us += ((us < most_us ? us : most_us) - *mean_us) / LATE_PARTS;
}

/* Until then it counts among those that wait: its answer is still ahead of who comes now. */
static void count(struct jobs *jobs, const struct job *job, int64_t us)
{
    pthread_mutex_lock(&jobs->lock);
    jobs->state.waiting--;
    jobs->state.waiting_bytes -= (int64_t)job->request.body_len;
    jobs->state.answered++;
    int64_t kib = (int64_t)job->request.body_len / KIB;
    if (kib == 0)
        learn(&jobs->state.answer_us, us);
    else
        learn(&jobs->state.kib_us, us / kib);
    pthread_mutex_unlock(&jobs->lock);
}

static void hand_over(struct jobs *jobs, struct job *job, int64_t us)
{
    count(jobs, job, us);
    job->answered = true;
    jobs->answered(job);
}

static void answer_alone(struct jobs *jobs, struct job *job)
{
    int64_t began_us = now_us();
    api_handle(jobs->server, &job->request, &job->reply);
    hand_over(jobs, job, now_us() - began_us);
}

static void count_group(struct jobs *jobs, int size)
{
    pthread_mutex_lock(&jobs->lock);
    jobs->state.groups++;
    jobs->state.grouped += size;
    pthread_mutex_unlock(&jobs->lock);
}

/* False: this database does not, or can't now. */
static bool answer_together(struct jobs *jobs, struct job *first)
{
    struct job *group[JOBS_GROUP_MAX];
    int64_t took_us[JOBS_GROUP_MAX];
    int size = 0;
    int64_t began_us = now_us(), last_us = began_us, now = began_us;
    if (!api_group_begin(jobs->server))
        return false;
    for (struct job *job = first; job;) {
        api_group_handle(jobs->server, &job->request, &job->reply);
        now = now_us();
        took_us[size] = now - last_us;
        group[size++] = job;
        last_us = now;
        bool more = size < JOBS_GROUP_MAX && now - began_us < (int64_t)JOBS_GROUP_MS * 1000;
        job = more ? take_waiting(jobs) : NULL;
    }
    enum rc rc = api_group_end(jobs->server);
    count_group(jobs, size);
    int64_t commit_us = (now_us() - last_us) / size;
    for (int i = 0; i < size; i++) {
        api_group_settle(jobs->server, rc, &group[i]->request, &group[i]->reply);
        hand_over(jobs, group[i], took_us[i] + commit_us);
    }
    return true;
}

static void *work(void *context)
{
    struct jobs *jobs = context;
    bool more;
    for (struct job *job = take(jobs, &more); job; job = take(jobs, &more))
        if (!more || !answer_together(jobs, job))
            answer_alone(jobs, job);
    return NULL;
}

enum rc jobs_start(struct server *server, void (*answered)(struct job *job), struct jobs **ret_jobs)
{
    struct jobs *jobs = calloc(1, sizeof *jobs);
    if (!jobs)
        return RC_NOMEM;
    jobs->server = server;
    jobs->answered = answered;
    jobs->end = &jobs->first;
    jobs->state.kib_us = JOBS_KIB_US;
    pthread_mutex_init(&jobs->lock, NULL);
    pthread_cond_init(&jobs->came, NULL);
    if (pthread_create(&jobs->thread, NULL, work, jobs) != 0) {
        pthread_cond_destroy(&jobs->came);
        pthread_mutex_destroy(&jobs->lock);
        free(jobs);
        return RC_NOMEM;
    }
    *ret_jobs = jobs;
    return RC_OK;
}

void jobs_stop(struct jobs *jobs)
{
    if (!jobs)
        return;
    pthread_mutex_lock(&jobs->lock);
    jobs->ending = true;
    pthread_cond_signal(&jobs->came);
    pthread_mutex_unlock(&jobs->lock);
    pthread_join(jobs->thread, NULL);
    pthread_cond_destroy(&jobs->came);
    pthread_mutex_destroy(&jobs->lock);
    free(jobs);
}

/* Until all that waits is answered. */
static int64_t wait_us(const struct jobs_state *state)
{
    return state->waiting * state->answer_us + state->waiting_bytes / KIB * state->kib_us;
}

static bool is_too_much(const struct jobs_state *state, size_t len)
{
    return state->waiting >= JOBS_MAX || state->waiting_bytes + (int64_t)len > JOBS_BYTES_MAX ||
           wait_us(state) > (int64_t)JOBS_WAIT_MAX_MS * 1000;
}

/* In seconds: when what waits now is answered, and then spread, so that those who were sent away don't all come at once. */
static int come_again_s(const struct jobs_state *state)
{
    int64_t wait_s = wait_us(state) / 1000000 + 1;
    return (int)(wait_s + randombytes_uniform((uint32_t)wait_s + 1));
}

bool jobs_add(struct jobs *jobs, struct job *job)
{
    pthread_mutex_lock(&jobs->lock);
    struct jobs_state state = jobs->state;
    bool too_much = is_too_much(&state, job->request.body_len);
    if (too_much) {
        jobs->state.turned_away++;
    } else {
        jobs->state.waiting++;
        jobs->state.waiting_bytes += (int64_t)job->request.body_len;
        job->next = NULL;
        *jobs->end = job;
        jobs->end = &job->next;
        pthread_cond_signal(&jobs->came);
    }
    pthread_mutex_unlock(&jobs->lock);
    if (too_much)
        api_turn_away(jobs->server, come_again_s(&state), &job->reply);
    return !too_much;
}

struct jobs_state jobs_state(struct jobs *jobs)
{
    pthread_mutex_lock(&jobs->lock);
    struct jobs_state state = jobs->state;
    pthread_mutex_unlock(&jobs->lock);
    return state;
}
