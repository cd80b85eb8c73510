/* stat() each second. A writer's own process may hold the database meanwhile: then it is asked
 * again. */
#include "server/project_watch.h"

#include "base/mem.h"
#include "base/try.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

struct project_watch {
    project_watch_options options;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    pthread_t thread;
    bool ending, poked, running;
    atomic_uint_fast64_t revision;
};

static void look(project_watch *w)
{
    uint64_t revision;
    if (w->options.revision(w->options.context, &revision, NULL) == ASSAY_OK &&
        atomic_exchange(&w->revision, revision) != revision)
        w->options.changed(w->options.context);
}

static void *watch(void *argument)
{
    project_watch *w = argument;
    for (;;) {
        struct timespec next;
        clock_gettime(CLOCK_MONOTONIC, &next);
        next.tv_sec++;
        pthread_mutex_lock(&w->lock);
        while (!w->ending && !w->poked && pthread_cond_timedwait(&w->woken, &w->lock, &next) == 0)
            ;
        const bool ending = w->ending;
        w->poked = false;
        pthread_mutex_unlock(&w->lock);
        if (ending)
            return NULL;
        look(w);
    }
}

assay_code project_watch_new(const project_watch_options *options, project_watch **out,
                             assay_err *err)
{
    *out = NULL;
    uint64_t revision;
    ASSAY_TRY(options->revision(options->context, &revision, err));
    project_watch *w = mem_zalloc(1, sizeof *w);
    if (!w)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the server");
    w->options = *options;
    atomic_init(&w->revision, revision);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->woken, &attributes);
    pthread_condattr_destroy(&attributes);
    /* Before the thread, whose answers may be asked for at once. */
    *out = w;
    w->running = pthread_create(&w->thread, NULL, watch, w) == 0;
    if (!w->running) {
        *out = NULL;
        project_watch_free(w);
        return assay_fail(err, ASSAY_E_NOMEM, "no thread can be started to watch the project");
    }
    return ASSAY_OK;
}

void project_watch_free(project_watch *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_signal(&w->woken);
    pthread_mutex_unlock(&w->lock);
    if (w->running)
        pthread_join(w->thread, NULL);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->woken);
    mem_free(w);
}

uint64_t project_watch_revision(const project_watch *w)
{
    return atomic_load(&w->revision);
}

void project_watch_poke(project_watch *w)
{
    pthread_mutex_lock(&w->lock);
    w->poked = true;
    pthread_cond_signal(&w->woken);
    pthread_mutex_unlock(&w->lock);
}
