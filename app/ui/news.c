#include "app/ui/news.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct news {
    pthread_mutex_t lock;
    struct loop *loop;
    loop_call *call;
    void *context;
    bool sync_new, scanner_new[READER_SCANNERS_MAX];
    struct sync_progress progress;
    enum scanner_state states[READER_SCANNERS_MAX];
    bool told_new;
    char told_key[CODE_KEY_MAX + 1]; /* as it was asked for */
    enum rc told_rc;
    struct sync_trace told;
};

enum rc news_new(struct loop *loop, loop_call *call, void *context, struct news **ret_news)
{
    struct news *news = calloc(1, sizeof *news);
    if (!news)
        return RC_NOMEM;
    pthread_mutex_init(&news->lock, NULL);
    news->loop = loop;
    news->call = call;
    news->context = context;
    *ret_news = news;
    return RC_OK;
}

void news_free(struct news *news)
{
    if (!news)
        return;
    pthread_mutex_destroy(&news->lock);
    sync_trace_free(&news->told);
    free(news);
}

void news_sync(void *context, const struct sync_progress *progress)
{
    struct news *news = context;
    pthread_mutex_lock(&news->lock);
    news->progress = *progress;
    news->sync_new = true;
    pthread_mutex_unlock(&news->lock);
    loop_post(news->loop, news->call, news->context);
}

void news_scanner(void *context, int scanner, enum scanner_state state)
{
    struct news *news = context;
    if (scanner < 0 || scanner >= READER_SCANNERS_MAX)
        return;
    pthread_mutex_lock(&news->lock);
    news->states[scanner] = state;
    news->scanner_new[scanner] = true;
    pthread_mutex_unlock(&news->lock);
    loop_post(news->loop, news->call, news->context);
}

/* The lines are the worker's: a copy is left here. */
static enum rc keep(const struct sync_trace *trace, struct sync_trace *ret_trace)
{
    *ret_trace = *trace;
    ret_trace->lines = NULL;
    if (!trace->lines)
        return RC_OK;
    ret_trace->lines = malloc(trace->len + 1);
    if (!ret_trace->lines) {
        ret_trace->len = 0;
        return RC_NOMEM;
    }
    memcpy(ret_trace->lines, trace->lines, trace->len);
    ret_trace->lines[trace->len] = '\0';
    return RC_OK;
}

void news_told(void *context, const char *key, enum rc rc, const struct sync_trace *trace)
{
    struct news *news = context;
    pthread_mutex_lock(&news->lock);
    sync_trace_free(&news->told);
    enum rc kept = keep(trace, &news->told);
    news->told_rc = kept == RC_OK ? rc : kept;
    snprintf(news->told_key, sizeof news->told_key, "%s", key);
    news->told_new = true;
    pthread_mutex_unlock(&news->lock);
    loop_post(news->loop, news->call, news->context);
}

bool news_take_sync(struct news *news, struct sync_progress *ret_progress)
{
    pthread_mutex_lock(&news->lock);
    bool taken = news->sync_new;
    if (taken)
        *ret_progress = news->progress;
    news->sync_new = false;
    pthread_mutex_unlock(&news->lock);
    return taken;
}

bool news_take_scanner(struct news *news, int scanner, enum scanner_state *ret_state)
{
    pthread_mutex_lock(&news->lock);
    bool taken = news->scanner_new[scanner];
    if (taken)
        *ret_state = news->states[scanner];
    news->scanner_new[scanner] = false;
    pthread_mutex_unlock(&news->lock);
    return taken;
}

bool news_take_told(struct news *news, const char *key, enum rc *ret_rc, struct sync_trace *ret_trace)
{
    pthread_mutex_lock(&news->lock);
    bool taken = news->told_new && strcmp(news->told_key, key) == 0;
    if (taken) {
        *ret_rc = news->told_rc;
        *ret_trace = news->told;
        news->told = (struct sync_trace){.lines = NULL};
        news->told_new = false;
    }
    pthread_mutex_unlock(&news->lock);
    return taken;
}
