/* A list of connections with deadlines, and the thread that keeps them. Knows no HTTP. */
#include "server/guests.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"

#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
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
    cancellation *stop; /* while it waits; NULL: it can't be given up */
};

struct guests {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    bool ending, running;
    bool dozing;    /* the thread has nobody to look at who waits */
    size_t waiting; /* guests */
    double until;   /* of what is computed */
    guest *first;
};

/* Seconds by which a byte must have come after the last reply to begin another request. */
#define REST_SECONDS 0.05

/* Between two looks at those who wait, and at all. */
#define LOOK_SECONDS 0.05
#define SWEEP_SECONDS 1.0

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

/* Whether the other end will send nothing more. What has come already doesn't hide it. */
static bool has_left(int socket)
{
    struct pollfd end = {.fd = socket, .events = POLLRDHUP};
    return poll(&end, 1, 0) > 0 && (end.revents & (POLLRDHUP | POLLHUP | POLLERR));
}

static bool is_given_up(const guests *g, const guest *one, double now)
{
    return now >= g->until || now - one->since >= ANSWER_SECONDS_MOST || has_left(one->socket);
}

size_t guests_look(guests *g, double now)
{
    size_t count = 0;
    pthread_mutex_lock(&g->lock);
    for (const guest *one = g->first; one; one = one->next) {
        if (!one->stop || cancellation_asked(one->stop) || !is_given_up(g, one, now))
            continue;
        cancellation_ask(one->stop);
        count++;
    }
    pthread_mutex_unlock(&g->lock);
    return count;
}

static struct timespec timespec_of(double seconds)
{
    const double whole = floor(seconds);
    return (struct timespec){(time_t)whole, (long)((seconds - whole) * 1e9)};
}

/* Until it is time to look or to sweep; false at the end. One who begins to wait wakes a thread
 * that dozes, once. */
static bool sleep_on(guests *g, double sweep)
{
    pthread_mutex_lock(&g->lock);
    const double look = clock_seconds() + LOOK_SECONDS;
    g->dozing = g->waiting == 0;
    const struct timespec next = timespec_of(g->dozing || sweep < look ? sweep : look);
    while (!g->ending && !(g->dozing && g->waiting > 0) &&
           pthread_cond_timedwait(&g->changed, &g->lock, &next) == 0)
        ;
    g->dozing = false;
    const bool ending = g->ending;
    pthread_mutex_unlock(&g->lock);
    return !ending;
}

static void *watch(void *argument)
{
    guests *g = argument;
    double sweep = clock_seconds() + SWEEP_SECONDS;
    while (sleep_on(g, sweep)) {
        const double now = clock_seconds();
        guests_look(g, now);
        if (now < sweep)
            continue;
        guests_sweep(g, now);
        sweep = clock_seconds() + SWEEP_SECONDS;
    }
    return NULL;
}

void guests_hurry(guests *g, double until)
{
    pthread_mutex_lock(&g->lock);
    g->until = until;
    pthread_mutex_unlock(&g->lock);
}

assay_code guests_new(guests **out, assay_err *err)
{
    *out = NULL;
    guests *g = mem_zalloc(1, sizeof *g);
    if (!g)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the server");
    g->until = HUGE_VAL;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->changed, &attributes);
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
    pthread_cond_signal(&g->changed);
    pthread_mutex_unlock(&g->lock);
    if (g->running)
        pthread_join(g->thread, NULL);
    pthread_mutex_destroy(&g->lock);
    pthread_cond_destroy(&g->changed);
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
    g->waiting -= one->state == GUEST_WAITS;
    *one->link = one->next;
    if (one->next)
        one->next->link = one->link;
    pthread_mutex_unlock(&g->lock);
    mem_free(one);
}

/* With the lock held. */
static void set_state(guests *g, guest *one, guest_state state)
{
    g->waiting -= one->state == GUEST_WAITS;
    g->waiting += state == GUEST_WAITS;
    one->state = state;
    one->since = clock_seconds();
    if (g->dozing && g->waiting > 0)
        pthread_cond_signal(&g->changed);
}

void guest_turn(guests *g, guest *one, guest_state state, size_t bytes)
{
    if (!one)
        return;
    pthread_mutex_lock(&g->lock);
    one->stop = NULL;
    /* The first line of a request doesn't give more time to one that has begun. */
    if (state != GUEST_ASKS || one->state == GUEST_RESTS) {
        set_state(g, one, state);
        one->bytes = bytes;
    }
    pthread_mutex_unlock(&g->lock);
}

void guest_wait(guests *g, guest *one, cancellation *stop)
{
    if (!one)
        return;
    pthread_mutex_lock(&g->lock);
    set_state(g, one, GUEST_WAITS);
    one->stop = stop;
    pthread_mutex_unlock(&g->lock);
}
