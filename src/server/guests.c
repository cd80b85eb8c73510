/* A list of connections with deadlines, and the thread that keeps them. Knows no HTTP. */
#include "server/guests.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/socket.h>

struct guest {
    guest *next, **link; /* who points here */
    int socket;
    guest_state state;
    double since; /* clock_seconds() */
    size_t bytes;
    bool shut;
};

struct guests {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    pthread_t thread;
    bool ending, running;
    guest *first;
};

/* Seconds by which a byte must have come after the last reply to begin another request. */
#define REST_SECONDS 0.05

/* Whether bytes came after `since`. What is no TCP socket never says so. */
static bool bytes_came(int socket, double since, double now)
{
    struct tcp_info info;
    socklen_t size = sizeof info;
    return getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
           now - 1e-3 * info.tcpi_last_data_recv > since + REST_SECONDS;
}

static bool is_late(guest *one, double now)
{
    switch (one->state) {
    case GUEST_RESTS:
        if (bytes_came(one->socket, one->since, now)) {
            one->state = GUEST_ASKS;
            one->since = now;
        }
        return false;
    case GUEST_ASKS:
        return now - one->since >= REQUEST_SECONDS_MOST;
    case GUEST_READS:
        return now - one->since >= REQUEST_SECONDS_MOST + (double)one->bytes / READER_BYTES_LEAST;
    case GUEST_WAITS:
    case GUEST_LISTENS:
    default:
        return false;
    }
}

size_t guests_sweep(guests *g, double now)
{
    size_t count = 0;
    pthread_mutex_lock(&g->lock);
    for (guest *one = g->first; one; one = one->next) {
        if (one->shut || !is_late(one, now))
            continue;
        /* Whoever owns the socket sees its end and closes it. */
        shutdown(one->socket, SHUT_RDWR);
        one->shut = true;
        count++;
    }
    pthread_mutex_unlock(&g->lock);
    return count;
}

size_t guests_busy(guests *g)
{
    size_t count = 0;
    pthread_mutex_lock(&g->lock);
    for (const guest *one = g->first; one; one = one->next)
        count += one->state == GUEST_WAITS || one->state == GUEST_READS;
    pthread_mutex_unlock(&g->lock);
    return count;
}

static void *watch(void *argument)
{
    guests *g = argument;
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (;;) {
        next.tv_sec++;
        pthread_mutex_lock(&g->lock);
        while (!g->ending && pthread_cond_timedwait(&g->ended, &g->lock, &next) == 0)
            ;
        const bool ending = g->ending;
        pthread_mutex_unlock(&g->lock);
        if (ending)
            return NULL;
        guests_sweep(g, clock_seconds());
        clock_gettime(CLOCK_MONOTONIC, &next);
    }
}

assay_code guests_new(guests **out, assay_err *err)
{
    *out = NULL;
    guests *g = mem_zalloc(1, sizeof *g);
    if (!g)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the server");
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->ended, &attributes);
    pthread_condattr_destroy(&attributes);
    g->running = pthread_create(&g->thread, NULL, watch, g) == 0;
    if (!g->running) {
        guests_free(g);
        return assay_fail(err, ASSAY_E_NOMEM, "no thread can be started to watch connections");
    }
    *out = g;
    return ASSAY_OK;
}

void guests_free(guests *g)
{
    if (!g)
        return;
    pthread_mutex_lock(&g->lock);
    g->ending = true;
    pthread_cond_signal(&g->ended);
    pthread_mutex_unlock(&g->lock);
    if (g->running)
        pthread_join(g->thread, NULL);
    pthread_mutex_destroy(&g->lock);
    pthread_cond_destroy(&g->ended);
    mem_free(g);
}

guest *guest_come(guests *g, int socket)
{
    guest *one = mem_zalloc(1, sizeof *one);
    if (!one)
        return NULL;
    one->socket = socket;
    one->state = GUEST_ASKS;
    one->since = clock_seconds();
    pthread_mutex_lock(&g->lock);
    one->next = g->first;
    one->link = &g->first;
    if (one->next)
        one->next->link = &one->next;
    g->first = one;
    pthread_mutex_unlock(&g->lock);
    return one;
}

void guest_leave(guests *g, guest *one)
{
    if (!one)
        return;
    pthread_mutex_lock(&g->lock);
    *one->link = one->next;
    if (one->next)
        one->next->link = one->link;
    pthread_mutex_unlock(&g->lock);
    mem_free(one);
}

void guest_turn(guests *g, guest *one, guest_state state, size_t bytes)
{
    if (!one)
        return;
    pthread_mutex_lock(&g->lock);
    /* The first line of a request doesn't give more time to one that has begun. */
    if (state != GUEST_ASKS || one->state == GUEST_RESTS) {
        one->state = state;
        one->since = clock_seconds();
        one->bytes = bytes;
    }
    pthread_mutex_unlock(&g->lock);
}
