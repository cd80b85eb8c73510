/* Fixed chunks dealt to workers through one counter. Knows nothing of what a chunk is. */
#include "base/threads.h"

#include <locale.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

typedef struct dealing {
    threads_work *work;
    void *context;
    size_t chunk_count;
    locale_t locale; /* the caller's, which new threads do not have by themselves */
    atomic_size_t next;
    atomic_int answer;
} dealing;

typedef struct worker {
    pthread_t thread;
    dealing *deal;
    int number;
} worker;

static void *run_worker(void *argument)
{
    worker *self = argument;
    dealing *deal = self->deal;
    uselocale(deal->locale);
    for (;;) {
        const size_t chunk = atomic_fetch_add(&deal->next, 1);
        if (chunk >= deal->chunk_count || atomic_load(&deal->answer))
            return NULL;
        const int answer = deal->work(deal->context, chunk, self->number);
        int none = 0;
        if (answer)
            atomic_compare_exchange_strong(&deal->answer, &none, answer);
    }
}

int threads_run(size_t chunk_count, int thread_count, threads_work *work, void *context)
{
    dealing deal = {.work = work,
                    .context = context,
                    .chunk_count = chunk_count,
                    .locale = uselocale((locale_t)0)};
    worker workers[THREADS_MOST];
    if (thread_count > THREADS_MOST)
        thread_count = THREADS_MOST;
    int started = 0;
    for (int i = 1; i < thread_count && (size_t)i < chunk_count; i++) {
        workers[i] = (worker){.deal = &deal, .number = i};
        if (pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]))
            break;
        started = i;
    }
    workers[0] = (worker){.deal = &deal};
    run_worker(&workers[0]);
    for (int i = 1; i <= started; i++)
        pthread_join(workers[i].thread, NULL);
    return atomic_load(&deal.answer);
}

size_t threads_parts(size_t count, size_t least, size_t most, int thread_count)
{
    const size_t threads = thread_count < 1 ? 1 : (size_t)thread_count;
    const size_t wanted = threads < most ? threads : most;
    const size_t worth = count / least;
    return worth < 1 ? 1 : worth < wanted ? worth : wanted;
}

int threads_available(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set))
        return 1;
    const int count = CPU_COUNT(&set);
    return count < 1 ? 1 : count > THREADS_MOST ? THREADS_MOST : count;
}
