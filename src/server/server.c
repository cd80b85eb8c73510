/* The parts of the server, put together, and taken apart in the order in which that is safe. */
#include "server/server_parts.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/threads.h"
#include "server/coding.h"
#include "server/exchange.h"
#include "server/listening.h"
#include "server/web_files.h"

#include <limits.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Two threads carry far more than one page asks; handlers have their own. */
enum { EVENT_LOOPS = 2, HANDLERS_LEAST = 4, HANDLERS_MOST = 16 };

/* What libmicrohttpd may take for one connection: the longest address, and headers beside it. */
enum { CONNECTION_BYTES = 128 * 1024, IDLE_SECONDS = 30 };

/* How long replies may take to be read when the server ends. */
#define FAREWELL_SECONDS 2.0

/* Each second, whatever is asked meanwhile: so files that somebody forgot go at their time. */
static assay_code revision_now(void *context, uint64_t *out, assay_err *err)
{
    server *s = context;
    workspace_view *v;
    uploads_tidy(s->uploads);
    ASSAY_TRY(workspace_look(s->workspace, NULL, &v, err));
    *out = workspace_revision(v);
    workspace_release(v);
    return ASSAY_OK;
}

static void project_changed(void *context)
{
    server *s = context;
    events_poke(s->events);
}

static void job_moved(void *context, bool ended)
{
    server *s = context;
    if (ended) {
        workspace_changed(s->workspace);
        project_watch_poke(s->watch);
    }
    events_poke(s->events);
}

static void put_state(void *context, text *out)
{
    server *s = context;
    json_writer w;
    json_writer_init(&w);
    json_put_count(&w, w.root, "revision", project_watch_revision(s->watch));
    jobs_put(s->jobs, &w, w.root);
    if (json_writer_check(&w, NULL) == ASSAY_OK)
        json_dump_text(&w, out);
    json_writer_clear(&w);
}

static void connection_moved(void *context, struct MHD_Connection *connection, void **mine,
                             enum MHD_ConnectionNotificationCode what)
{
    server *s = context;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        guest_leave(s->guests, *mine);
        *mine = NULL;
        return;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *mine = info ? guest_come(s->guests, info->connect_fd) : NULL;
}

/* Addresses are taken apart by us, as they came. */
static size_t leave_escaped(void *context, struct MHD_Connection *connection, char *words)
{
    (void)context;
    (void)connection;
    return strlen(words);
}

/* A connection each, and some for files: at the limit of the system clients would hang. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    const rlim_t wanted = (rlim_t)CONNECTIONS_MOST * 2;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static int handler_count(void)
{
    const int count = 2 * threads_available();
    return count < HANDLERS_LEAST ? HANDLERS_LEAST : count > HANDLERS_MOST ? HANDLERS_MOST : count;
}

static assay_code start_parts(server *s, const server_options *options, assay_err *err)
{
    ASSAY_TRY(guests_new(&s->guests, err));
    const uploads_options taking = {.project = workspace_path(s->workspace)};
    ASSAY_TRY(uploads_new(&taking, &s->uploads, err));
    const jobs_options working = {.project = workspace_path(s->workspace),
                                  .program = options->program,
                                  .uploads = s->uploads,
                                  .moved = job_moved,
                                  .context = s};
    ASSAY_TRY(jobs_new(&working, &s->jobs, err));
    const events_options telling = {.state = put_state, .context = s};
    const project_watch_options watching = {
        .revision = revision_now, .changed = project_changed, .context = s};
    ASSAY_TRY(events_new(&telling, &s->events, err));
    ASSAY_TRY(project_watch_new(&watching, &s->watch, err));
    const handler_queue_options answering = {.thread_count = handler_count(),
                                             .waiting_most = REQUESTS_WAITING_MOST,
                                             .wait_seconds = TURN_SECONDS_MOST,
                                             .work = exchange_work,
                                             .context = s};
    return handler_queue_new(&answering, &s->queue, err);
}

static assay_code start_daemon(server *s, bool is_six, assay_err *err)
{
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
    if (is_six)
        flags |= MHD_USE_IPv6;
    s->daemon = MHD_start_daemon(flags, 0, NULL, NULL, exchange_advance, s,                    /**/
                                 MHD_OPTION_LISTEN_SOCKET, s->socket,                          /**/
                                 MHD_OPTION_THREAD_POOL_SIZE, (unsigned)EVENT_LOOPS,           /**/
                                 MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MOST,      /**/
                                 MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,        /**/
                                 MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES, /**/
                                 MHD_OPTION_STRICT_FOR_CLIENT, 1,                              /**/
                                 MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, s,               /**/
                                 MHD_OPTION_URI_LOG_CALLBACK, exchange_begin, s,               /**/
                                 MHD_OPTION_NOTIFY_COMPLETED, exchange_end, s,                 /**/
                                 MHD_OPTION_NOTIFY_CONNECTION, connection_moved, s,            /**/
                                 MHD_OPTION_END);
    return s->daemon ? ASSAY_OK
                     : assay_fail(err, ASSAY_E_NOMEM, "no thread can be started to listen");
}

static assay_code take_guard(server *s, const server_options *options, uint16_t port,
                             assay_err *err)
{
    const char *bind = options->bind ? options->bind : "127.0.0.1";
    char made[TOKEN_BYTES_MOST + 1];
    guard_options guarding = {.bind = bind, .port = port, .token = options->token};
    bool loopback;
    ASSAY_TRY(guard_is_loopback(bind, &loopback, err));
    if (!loopback && !options->token) {
        ASSAY_TRY(guard_make_token(made, err));
        guarding.token = made;
    }
    ASSAY_TRY(guard_init(&s->guard, &guarding, err));
    const guard *g = &s->guard;
    snprintf(s->url, sizeof s->url, "http://%s:%u/%s%s",
             g->any_address && g->machine[0] ? g->machine : g->address, (unsigned)port,
             g->token[0] ? "?token=" : "", g->token);
    return ASSAY_OK;
}

/* A folder without the page would answer everything with "no file". */
static assay_code check_web_folder(const char *folder, assay_err *err)
{
    web_file page;
    const assay_code code = web_file_find(folder, "/", false, &page, NULL);
    web_file_clear(&page);
    return code == ASSAY_OK
               ? code
               : assay_fail(err, code, "%s: there is no index.html that can be read", folder);
}

static assay_code start(server *s, const server_options *options, assay_err *err)
{
    bool is_six;
    uint16_t port;
    if (options->web_dir)
        ASSAY_TRY(check_web_folder(options->web_dir, err));
    ASSAY_TRY(listening_open(options->bind ? options->bind : "127.0.0.1", options->port, &s->socket,
                             &port, &is_six, err));
    ASSAY_TRY(take_guard(s, options, port, err));
    raise_file_limit();
    ASSAY_TRY(start_parts(s, options, err));
    events_poke(s->events);
    return start_daemon(s, is_six, err);
}

assay_code server_start(const server_options *options, server **out, assay_err *err)
{
    *out = NULL;
    server *s = mem_zalloc(1, sizeof *s);
    if (!s)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the server");
    s->socket = -1;
    s->workspace = options->workspace;
    s->web_dir = options->web_dir;
    s->salt = coding_hash(workspace_path(s->workspace),
                          coding_hash(ASSAY_VERSION " ", CODING_HASH_START));
    const assay_code code = start(s, options, err);
    if (code != ASSAY_OK) {
        server_stop(s);
        return code;
    }
    *out = s;
    return ASSAY_OK;
}

const char *server_url(const server *s)
{
    return s->url;
}

static void say_farewell(server *s)
{
    const double until = clock_seconds() + FAREWELL_SECONDS;
    while (guests_busy(s->guests) && clock_seconds() < until)
        usleep(5000);
}

void server_stop(server *s)
{
    if (!s)
        return;
    /* libmicrohttpd aborts where it is stopped with a connection suspended: so first nobody new
     * comes, then nothing is left that would suspend one. */
    if (s->daemon)
        MHD_quiesce_daemon(s->daemon);
    if (s->guests)
        guests_hurry(s->guests, clock_seconds() + FINISH_SECONDS_MOST);
    if (s->queue)
        handler_queue_end(s->queue);
    if (s->jobs)
        jobs_stop(s->jobs);
    if (s->daemon) {
        events_end(s->events);
        say_farewell(s);
        MHD_stop_daemon(s->daemon);
    }
    handler_queue_free(s->queue);
    jobs_free(s->jobs);
    project_watch_free(s->watch);
    uploads_free(s->uploads);
    events_free(s->events);
    guests_free(s->guests);
    if (s->socket >= 0)
        close(s->socket);
    mem_free(s);
}
