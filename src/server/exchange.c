/* The steps of a request: guard, route, body, handler, reply. Knows no handler's subject. */
#include "server/exchange.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "server/respond.h"
#include "server/routes.h"
#include "server/target.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

ASSAY_AUTO_CLEAR_DECLARE(target)
ASSAY_AUTO_CLEAR_DECLARE(text)

typedef enum exchange_step {
    STEP_HEAD, /* its headers are there */
    STEP_BODY, /* reads the body */
    STEP_PAGE, /* sends a file of the page next */
    STEP_WORK, /* with the handler; the connection is suspended */
    STEP_DONE, /* the reply is there */
} exchange_step;

typedef struct exchange {
    handler_task task; /* first: the queue's pointer is ours */
    server *of;
    struct MHD_Connection *connection;
    guest *guest;
    exchange_step step;
    char *address; /* as it came */
    target target;
    assay_code fault; /* of the address */
    char fault_words[160];
    const route *route;
    uint64_t number;
    bool is_api, has_body, is_head, gzip;
    bool over, starved; /* the body: too large; no room for it */
    const char *if_none_match;
    text body;
    cancellation stop; /* of the handler; its guest's while that waits */
    finished_reply reply;
} exchange;

static guest *guest_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/* Also of an address that cannot be taken apart: the page wants a Failure of that. */
static bool is_api(const char *path)
{
    return strncmp(path, "/api", 4) == 0 && strchr("/?", path[4]);
}

void *exchange_begin(void *context, const char *address, struct MHD_Connection *connection)
{
    server *s = context;
    exchange *x = mem_zalloc(1, sizeof *x);
    if (!x)
        return NULL;
    x->of = s;
    x->connection = connection;
    x->guest = guest_of(connection);
    guest_turn(s->guests, x->guest, GUEST_ASKS, 0);
    assay_err err;
    x->fault = target_parse(address, &x->target, &err);
    x->is_api = is_api(x->target.path ? x->target.path : address);
    if (x->fault != ASSAY_OK)
        snprintf(x->fault_words, sizeof x->fault_words, "%.159s", err.msg);
    else
        x->address = mem_copy_text(address, strlen(address));
    if (x->guest && (x->fault || x->address))
        return x;
    /* Without its place among the connections it would have no limit of time. */
    target_clear(&x->target);
    mem_free(x);
    return NULL;
}

void exchange_end(void *context, struct MHD_Connection *connection, void **state,
                  enum MHD_RequestTerminationCode why)
{
    (void)connection;
    (void)why;
    server *s = context;
    exchange *x = *state;
    *state = NULL;
    if (!x)
        return;
    guest_turn(s->guests, x->guest, GUEST_RESTS, 0);
    atomic_fetch_sub(&s->body_bytes, x->body.length);
    text_clear(&x->body);
    reply_clear(&x->reply.reply);
    target_clear(&x->target);
    mem_free(x->address);
    mem_free(x);
}

/* Queues a response, which may be NULL for want of memory: then the connection is dropped. */
static enum MHD_Result queue(exchange *x, unsigned status, struct MHD_Response *r, size_t bytes)
{
    if (!r)
        return MHD_NO;
    guest_turn(x->of->guests, x->guest, GUEST_READS, bytes);
    const enum MHD_Result result = MHD_queue_response(x->connection, status, r);
    MHD_destroy_response(r);
    return result;
}

static enum MHD_Result send_reply(exchange *x)
{
    const size_t bytes = x->reply.reply.body.length;
    return queue(x, x->reply.reply.status, respond_reply(&x->reply), bytes);
}

/* To the page as a Failure, to a person who looks at an address as words. */
static enum MHD_Result refuse(exchange *x, unsigned status, const char *code, const char *message)
{
    reply *r = &x->reply.reply;
    if (x->is_api) {
        reply_refuse(r, status, code, message);
        return send_reply(x);
    }
    reply_clear(r);
    r->status = status;
    r->content_type = "text/plain; charset=utf-8";
    text_init(&r->body, 1024);
    text_printf(&r->body, "assay: %s\n", message);
    return send_reply(x);
}

static enum MHD_Result refuse_fault(exchange *x)
{
    if (x->fault == ASSAY_E_LIMIT)
        return refuse(x, 414, "too_large", x->fault_words);
    if (x->fault == ASSAY_E_NOMEM)
        return refuse(x, 503, "busy", x->fault_words);
    return refuse(x, 400, "usage", x->fault_words);
}

static enum MHD_Result refuse_method(exchange *x, const char *methods)
{
    reply *r = &x->reply.reply;
    reply_refuse(r, 405, "usage", "this address does not take that method");
    const size_t bytes = r->body.length;
    struct MHD_Response *out = respond_reply(&x->reply);
    if (out && !respond_header(out, "Allow", methods)) {
        MHD_destroy_response(out);
        out = NULL;
    }
    return queue(x, 405, out, bytes);
}

/* The headers that decide, in one walk: a lookup would not tell that there are two. */
typedef struct seen_headers {
    guard_request guard;
    const char *length, *transfer, *encoding, *accept, *if_none_match;
    bool length_twice, is_odd;
} seen_headers;

/* A space before the colon, or a second header where the first one decides: what stands before this
 * server might read another request out of it. */
static bool is_odd_name(const char *name)
{
    return name[strcspn(name, " \t")] != '\0';
}

static enum MHD_Result see_header(void *context, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    (void)kind;
    seen_headers *seen = context;
    const struct {
        const char *name;
        const char **at;
        bool *twice;
    } wanted[] = {
        {"Host", &seen->guard.host, &seen->guard.host_twice},
        {"Origin", &seen->guard.origin, &seen->is_odd},
        {"Sec-Fetch-Site", &seen->guard.fetch_site, &seen->is_odd},
        {"Content-Type", &seen->guard.content_type, &seen->is_odd},
        {"Cookie", &seen->guard.cookie, NULL},
        {"Authorization", &seen->guard.authorization, &seen->is_odd},
        {"Content-Length", &seen->length, &seen->length_twice},
        {"Transfer-Encoding", &seen->transfer, &seen->is_odd},
        {"Content-Encoding", &seen->encoding, &seen->is_odd},
        {"Accept-Encoding", &seen->accept, NULL},
        {"If-None-Match", &seen->if_none_match, NULL},
    };
    seen->is_odd |= is_odd_name(name);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (strcasecmp(wanted[i].name, name) != 0)
            continue;
        if (!*wanted[i].at)
            *wanted[i].at = value ? value : "";
        else if (wanted[i].twice)
            *wanted[i].twice = true;
    }
    return MHD_YES;
}

/* Whether a parameter, as it came, is read as the token: its name may hide in escapes. */
static bool is_token(const char *at, size_t length)
{
    ASSAY_AUTO_CLEAR(text) alone = {0};
    ASSAY_AUTO_CLEAR(target) read = {0};
    text_init(&alone, ADDRESS_BYTES_MOST + 3);
    text_puts(&alone, "/?");
    text_put(&alone, at, length);
    return target_parse(text_view(&alone), &read, NULL) != ASSAY_OK || target_text(&read, "token");
}

/* The address without its token, as it came; NULL without memory. */
static char *address_without_token(const exchange *x)
{
    text out;
    text_init(&out, ADDRESS_BYTES_MOST + 1);
    const char *at = x->address;
    const size_t path = strcspn(at, "?");
    text_put(&out, at, path);
    char before = '?';
    for (at += path; *at;) {
        const size_t length = strcspn(++at, "&");
        if (length && !is_token(at, length)) {
            text_put(&out, &before, 1);
            text_put(&out, at, length);
            before = '&';
        }
        at += length;
    }
    return out.at;
}

static enum MHD_Result exchange_token(exchange *x)
{
    const guard *g = &x->of->guard;
    reply *r = &x->reply.reply;
    r->status = 303;
    char cookie[TOKEN_BYTES_MOST + 96];
    snprintf(cookie, sizeof cookie, "%s=%s; HttpOnly; SameSite=Strict; Path=/", g->cookie,
             g->token);
    char *where = address_without_token(x);
    struct MHD_Response *out = where ? respond_reply(&x->reply) : NULL;
    if (out &&
        !(respond_header(out, "Location", where) && respond_header(out, "Set-Cookie", cookie))) {
        MHD_destroy_response(out);
        out = NULL;
    }
    mem_free(where);
    return queue(x, 303, out, 0);
}

static enum MHD_Result send_page(exchange *x)
{
    web_file file;
    assay_err err;
    const assay_code code = web_file_find(x->of->web_dir, x->target.path, x->gzip, &file, &err);
    if (code != ASSAY_OK)
        return code == ASSAY_E_NOT_FOUND ? refuse(x, 404, "not_found", err.msg)
                                         : refuse(x, 500, "internal", err.msg);
    unsigned status;
    const size_t bytes = file.length;
    struct MHD_Response *out = respond_file(&file, x->if_none_match, &status);
    web_file_clear(&file);
    return queue(x, status, out, bytes);
}

static enum MHD_Result send_events(exchange *x)
{
    struct MHD_Response *out;
    assay_err err;
    if (events_listen(x->of->events, x->connection, &out, &err) != ASSAY_OK)
        return refuse(x, 503, "busy", err.msg);
    if (!respond_headers(out, "text/event-stream", "no-store")) {
        MHD_destroy_response(out);
        return MHD_NO;
    }
    guest_turn(x->of->guests, x->guest, GUEST_LISTENS, 0);
    const enum MHD_Result result = MHD_queue_response(x->connection, MHD_HTTP_OK, out);
    MHD_destroy_response(out);
    return result;
}

/* The body of a request that has a handler: MHD_YES reads it. */
static enum MHD_Result expect_body(exchange *x, const seen_headers *seen)
{
    const size_t most = route_body_most(x->route);
    if (seen->length_twice || (seen->length && seen->transfer))
        return refuse(x, 400, "usage", "the length of the body is said twice");
    if (seen->length && strtoull(seen->length, NULL, 10) > most)
        return refuse(x, 413, "too_large", "the body is larger than is read here");
    if (seen->encoding && strcasecmp(seen->encoding, "identity") != 0)
        return refuse(x, 415, "usage", "the body must come as it is, without a Content-Encoding");
    text_init(&x->body, most);
    x->step = STEP_BODY;
    return MHD_YES;
}

/* `known`: its path has routes, if not of this method. */
static enum MHD_Result begin_api(exchange *x, const char *method, const seen_headers *seen,
                                 bool known)
{
    const char *path = x->target.path;
    assert(path); /* an address at fault was refused before */
    if (strcmp(path, "/api/events") == 0)
        return strcmp(method, "GET") == 0 ? send_events(x) : refuse_method(x, "GET");
    if (x->route) {
        x->has_body = strcmp(x->route->method, "GET") != 0;
        return expect_body(x, seen);
    }
    if (!known)
        return refuse(x, 404, "not_found", "there is no such address");
    char methods[ROUTE_METHODS_BYTES];
    route_methods(path, methods);
    return refuse_method(x, methods);
}

static enum MHD_Result begin(exchange *x, const char *method)
{
    seen_headers seen = {.guard = {.method = method}};
    MHD_get_connection_values(x->connection, MHD_HEADER_KIND, see_header, &seen);
    seen.guard.path = x->target.path ? x->target.path : "/";
    seen.guard.token = target_text(&x->target, "token");
    x->is_head = strcmp(method, "HEAD") == 0;
    x->gzip = coding_accepts_gzip(seen.accept);
    x->if_none_match = seen.if_none_match;
    bool known = false;
    x->route = x->is_api && x->target.path
                   ? route_find(x->is_head ? "GET" : method, x->target.path, &x->number, &known)
                   : NULL;
    seen.guard.takes_bytes = x->route && route_takes_bytes(x->route);
    const guard_verdict verdict = guard_check(&x->of->guard, &seen.guard);
    if (verdict.answer == GUARD_REFUSED)
        return refuse(x, verdict.status, verdict.code, verdict.message);
    if (seen.is_odd)
        return refuse(x, 400, "usage",
                      "a header of the request comes twice, or has a space in its name");
    if (seen.transfer && strcasecmp(seen.transfer, "chunked") != 0)
        return refuse(x, 501, "usage", "a body comes as it is, or chunked");
    if (x->fault != ASSAY_OK)
        return refuse_fault(x);
    if (verdict.answer == GUARD_EXCHANGE)
        return exchange_token(x);
    if (x->is_api)
        return begin_api(x, method, &seen, known);
    if (!x->is_head && strcmp(method, "GET") != 0)
        return refuse_method(x, "GET, HEAD");
    /* Not yet: a reply before the end of a request, though it has no body, ends the connection. */
    x->step = STEP_PAGE;
    return MHD_YES;
}

/* Bytes that are not kept are still read: a reply can only be queued before or after a body. */
static void take_body(exchange *x, const char *at, size_t length)
{
    if (!x->has_body || x->over || x->starved)
        return;
    if (length > x->body.most - x->body.length) {
        x->over = true;
        return;
    }
    if (atomic_fetch_add(&x->of->body_bytes, length) + length > BODIES_BYTES_MOST) {
        atomic_fetch_sub(&x->of->body_bytes, length);
        x->starved = true;
        return;
    }
    text_put(&x->body, at, length);
    if (x->body.broken) {
        atomic_fetch_sub(&x->of->body_bytes, length);
        x->starved = true;
    }
}

/* The request is whole: its turn with a handler. */
static enum MHD_Result hand_over(exchange *x)
{
    if (x->over)
        return refuse(x, 413, "too_large", "the body is larger than is read here");
    if (x->starved)
        return refuse(x, 503, "busy", "too much is being read at once; try again");
    x->step = STEP_WORK;
    guest_wait(x->of->guests, x->guest, &x->stop);
    /* Before the queue has it: what resumes must find it suspended. */
    MHD_suspend_connection(x->connection);
    if (handler_queue_push(x->of->queue, &x->task))
        return MHD_YES;
    reply_refuse(&x->reply.reply, 503, "busy", "too many requests wait; try again");
    x->step = STEP_DONE;
    MHD_resume_connection(x->connection);
    return MHD_YES;
}

/* NOLINTNEXTLINE(readability-function-size): what libmicrohttpd calls it with. */
enum MHD_Result exchange_advance(void *context, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *upload,
                                 size_t *upload_bytes, void **state)
{
    (void)context;
    (void)connection;
    (void)url;
    (void)version;
    exchange *x = *state;
    if (!x)
        return MHD_NO;
    if (x->step == STEP_HEAD)
        return begin(x, method);
    if (*upload_bytes) {
        take_body(x, upload, *upload_bytes);
        *upload_bytes = 0;
        return MHD_YES;
    }
    if (x->step == STEP_BODY)
        return hand_over(x);
    if (x->step == STEP_PAGE)
        return send_page(x);
    return x->step == STEP_DONE ? send_reply(x) : MHD_YES;
}

/* The body as an object; NULL, with a failure told, where it is none. */
static json_t *read_body(const exchange *x, assay_err *err)
{
    json_error_t error;
    json_t *root =
        json_loadb(x->body.at ? x->body.at : "", x->body.length, JSON_REJECT_DUPLICATES, &error);
    if (json_is_object(root))
        return root;
    if (root)
        assay_fail(err, ASSAY_E_USAGE, "the body is JSON but no object");
    else
        assay_fail(err, ASSAY_E_USAGE, "the body is not JSON: line %d, column %d: %s", error.line,
                   error.column, error.text);
    json_decref(root);
    return NULL;
}

static assay_code handle(exchange *x, assay_err *err)
{
    request q = {
        .method = x->route->method,
        .path = x->target.path,
        .number = x->number,
        .parameter = x->target.parameter,
        .parameter_count = x->target.parameter_count,
        .if_none_match = x->if_none_match,
        .jobs = x->of->jobs,
        .uploads = x->of->uploads,
        .stop = &x->stop,
    };
    const bool takes_bytes = route_takes_bytes(x->route);
    if (takes_bytes) {
        q.bytes = x->body.at;
        q.byte_count = x->body.length;
    }
    if (!x->has_body || takes_bytes)
        return x->route->handle(x->of->workspace, &q, &x->reply.reply, err);
    json_t *body = read_body(x, err);
    if (!body)
        return ASSAY_E_USAGE;
    q.body = body;
    const assay_code code = x->route->handle(x->of->workspace, &q, &x->reply.reply, err);
    json_decref(body);
    return code;
}

/* What nobody waits for any more isn't begun; the reply of a client who left is never read. */
static void answer(exchange *x, bool late)
{
    reply *r = &x->reply.reply;
    assay_err err;
    if (late || cancellation_asked(&x->stop)) {
        reply_refuse(r, 503, "busy", "the server had no time for this; try again");
        return;
    }
    const assay_code code = handle(x, &err);
    if (code == ASSAY_E_CANCELLED && cancellation_asked(&x->stop))
        reply_refuse(r, 503, "busy", "this was given up: it took too long, or the server ends");
    else if (code != ASSAY_OK)
        reply_fail(r, &err);
}

void exchange_work(void *context, handler_task *task, bool late)
{
    server *s = context;
    exchange *x = (exchange *)(void *)task;
    answer(x, late);
    const finish_options options = {
        .salt = s->salt,
        .address = x->address,
        .if_none_match = x->if_none_match,
        .gzip = x->gzip,
    };
    finish_reply(&x->reply, &options);
    x->step = STEP_DONE;
    MHD_resume_connection(x->connection);
}
