/* One text that all streams send, a thread that makes it, and streams that sleep in between. */
#include "server/events.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"

#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#define STATE_SECONDS_LEAST 0.25
#define BEAT_SECONDS 15.0
#define LOOK_SECONDS 2.0
enum { STATE_BYTES_MOST = JOBS_BYTES_MOST, STREAM_BLOCK_BYTES = 1 << 14 };

/* A state as it is sent. Kept as long as some stream is in the middle of it. */
typedef struct event {
    size_t uses;
    size_t length;
    char at[];
} event;

typedef struct stream {
    struct stream *next, **link;
    events *of;
    struct MHD_Connection *connection;
    int socket;
    bool parked;
    event *sending; /* NULL: between two */
    size_t sent;
    uint64_t version, beat; /* what it has had */
} stream;

struct events {
    events_options options;
    pthread_mutex_t lock;
    pthread_cond_t woken; /* the thread: poked or ending; events_end(): a stream has gone */
    pthread_t thread;
    bool running, poked, ending;
    stream *first;
    size_t count;
    event *latest;
    uint64_t version, beat;
};

static void release(event *one)
{
    if (one && --one->uses == 0)
        mem_free(one);
}

/* Nobody looks at a parked connection but we: its listener may have closed his side. A page that is
 * loaded again and again would soon have no place left. */
static bool has_left(const stream *s)
{
    char byte;
    const ssize_t got = recv(s->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

/* With the lock held; every stream, or those whose listener has left. */
static void wake_streams(events *e, bool only_left)
{
    for (stream *s = e->first; s; s = s->next) {
        if (s->parked && (!only_left || has_left(s))) {
            s->parked = false;
            MHD_resume_connection(s->connection);
        }
    }
}

/* "event: state", and each line of the state as one of the event. */
static event *make_event(const text *state)
{
    text out;
    text_init(&out, (size_t)2 * STATE_BYTES_MOST);
    text_puts(&out, "event: state\n");
    const char *at = text_view(state);
    while (*at) {
        const size_t length = strcspn(at, "\n");
        text_puts(&out, "data: ");
        text_put(&out, at, length);
        text_puts(&out, "\n");
        at += length + (at[length] == '\n');
    }
    text_puts(&out, "\n");
    event *one = out.broken ? NULL : mem_alloc(1, sizeof *one + out.length);
    if (one) {
        *one = (event){.uses = 1, .length = out.length};
        memcpy(one->at, out.at, out.length);
    }
    text_clear(&out);
    return one;
}

/* Without the lock: whoever tells the state has locks of his own. */
static void publish(events *e)
{
    text state;
    text_init(&state, STATE_BYTES_MOST);
    e->options.state(e->options.context, &state);
    event *one = state.broken || state.length == 0 ? NULL : make_event(&state);
    text_clear(&state);
    if (!one)
        return;
    pthread_mutex_lock(&e->lock);
    release(e->latest);
    e->latest = one;
    e->version++;
    wake_streams(e, false);
    pthread_mutex_unlock(&e->lock);
}

static void wait_until(events *e, double when)
{
    struct timespec t;
    t.tv_sec = (time_t)when;
    t.tv_nsec = (long)((when - (double)t.tv_sec) * 1e9);
    pthread_cond_timedwait(&e->woken, &e->lock, &t);
}

/* When the thread last did what it does. */
typedef struct last_times {
    double published, beat, looked; /* clock_seconds() */
} last_times;

/* With the lock held: what is due every few seconds. */
static void keep_alive(events *e, last_times *last, double now)
{
    if (now - last->beat >= BEAT_SECONDS) {
        last->beat = now;
        e->beat++;
        wake_streams(e, false);
    }
    if (now - last->looked >= LOOK_SECONDS) {
        last->looked = now;
        wake_streams(e, true);
    }
}

/* With the lock held: waits until a state is due. */
static bool wait_for_state(events *e, last_times *last)
{
    while (!e->ending) {
        const double now = clock_seconds();
        keep_alive(e, last, now);
        if (e->poked && now - last->published >= STATE_SECONDS_LEAST)
            return true;
        wait_until(e,
                   e->poked ? last->published + STATE_SECONDS_LEAST : last->looked + LOOK_SECONDS);
    }
    return false;
}

static void *run(void *argument)
{
    events *e = argument;
    const double now = clock_seconds();
    last_times last = {.beat = now, .looked = now};
    pthread_mutex_lock(&e->lock);
    while (wait_for_state(e, &last)) {
        e->poked = false;
        pthread_mutex_unlock(&e->lock);
        last.published = clock_seconds();
        publish(e);
        pthread_mutex_lock(&e->lock);
    }
    pthread_mutex_unlock(&e->lock);
    return NULL;
}

assay_code events_new(const events_options *options, events **out, assay_err *err)
{
    *out = NULL;
    events *e = mem_zalloc(1, sizeof *e);
    if (!e)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the server");
    e->options = *options;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&e->lock, NULL);
    pthread_cond_init(&e->woken, &attributes);
    pthread_condattr_destroy(&attributes);
    e->running = pthread_create(&e->thread, NULL, run, e) == 0;
    if (!e->running) {
        events_free(e);
        return assay_fail(err, ASSAY_E_NOMEM, "no thread can be started to tell events");
    }
    *out = e;
    return ASSAY_OK;
}

void events_poke(events *e)
{
    pthread_mutex_lock(&e->lock);
    e->poked = true;
    pthread_cond_broadcast(&e->woken);
    pthread_mutex_unlock(&e->lock);
}

/* With the lock held: what is sent next; false: nothing. */
static bool choose(stream *s)
{
    events *e = s->of;
    if (s->sending)
        return true;
    if (!e->latest || s->version == e->version)
        return false;
    s->version = e->version;
    s->sending = e->latest;
    s->sending->uses++;
    s->sent = 0;
    return true;
}

static size_t copy(stream *s, char *out, size_t room)
{
    size_t length = s->sending->length - s->sent;
    if (length > room)
        length = room;
    memcpy(out, s->sending->at + s->sent, length);
    s->sent += length;
    if (s->sent == s->sending->length) {
        release(s->sending);
        s->sending = NULL;
    }
    return length;
}

/* Called when the connection can take more. What answers 0 without parking is asked again at once,
 * for ever. */
static ssize_t read_stream(void *context, uint64_t position, char *out, size_t room)
{
    (void)position;
    static const char sign_of_life[] = ":\n\n";
    stream *s = context;
    events *e = s->of;
    ssize_t length = 0;
    pthread_mutex_lock(&e->lock);
    if (has_left(s)) {
        length = MHD_CONTENT_READER_END_WITH_ERROR;
    } else if (choose(s)) {
        length = (ssize_t)copy(s, out, room);
    } else if (e->ending) {
        length = MHD_CONTENT_READER_END_OF_STREAM;
    } else if (s->beat != e->beat && room >= sizeof sign_of_life - 1) {
        s->beat = e->beat;
        memcpy(out, sign_of_life, sizeof sign_of_life - 1);
        length = (ssize_t)sizeof sign_of_life - 1;
    } else {
        s->parked = true;
        MHD_suspend_connection(s->connection);
    }
    pthread_mutex_unlock(&e->lock);
    return length;
}

static void free_stream(void *context)
{
    stream *s = context;
    events *e = s->of;
    pthread_mutex_lock(&e->lock);
    *s->link = s->next;
    if (s->next)
        s->next->link = s->link;
    release(s->sending);
    e->count--;
    pthread_cond_broadcast(&e->woken);
    pthread_mutex_unlock(&e->lock);
    mem_free(s);
}

/* False: there are too many. */
static bool add_stream(events *e, stream *s)
{
    pthread_mutex_lock(&e->lock);
    const bool fits = !e->ending && e->count < STREAMS_MOST;
    if (fits) {
        s->beat = e->beat;
        s->next = e->first;
        s->link = &e->first;
        if (s->next)
            s->next->link = &s->next;
        e->first = s;
        e->count++;
    }
    pthread_mutex_unlock(&e->lock);
    return fits;
}

assay_code events_listen(events *e, struct MHD_Connection *connection, struct MHD_Response **out,
                         assay_err *err)
{
    *out = NULL;
    stream *s = mem_zalloc(1, sizeof *s);
    if (!s)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a stream of events");
    s->of = e;
    s->connection = connection;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    s->socket = info ? info->connect_fd : -1;
    if (!add_stream(e, s)) {
        mem_free(s);
        return assay_fail(err, ASSAY_E_LIMIT,
                          "%d pages listen to this server already; close one of them",
                          STREAMS_MOST);
    }
    *out = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, read_stream, s,
                                             free_stream);
    if (*out)
        return ASSAY_OK;
    free_stream(s);
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a stream of events");
}

void events_end(events *e)
{
    const double until = clock_seconds() + 1.0;
    pthread_mutex_lock(&e->lock);
    e->ending = true;
    pthread_cond_broadcast(&e->woken);
    wake_streams(e, false);
    while (e->count && clock_seconds() < until)
        wait_until(e, until);
    pthread_mutex_unlock(&e->lock);
    if (e->running)
        pthread_join(e->thread, NULL);
    e->running = false;
}

void events_free(events *e)
{
    if (!e)
        return;
    events_end(e);
    release(e->latest);
    pthread_mutex_destroy(&e->lock);
    pthread_cond_destroy(&e->woken);
    mem_free(e);
}
