/* Host, Origin, Sec-Fetch-Site, Content-Type and the token. Knows no socket and no route. */
#include "server/guard.h"

#include "base/try.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <unistd.h>

enum { RANDOM_BYTES = 16, PORT_HTTP = 80, HOST_BYTES_MOST = 300 };

/* 0: no address; 4, 6: its family. `plain` gets it in the form in which it stands in a URL. */
static int address_family(const char *words, bool *loopback, bool *any, char *plain, size_t room)
{
    struct in_addr four;
    struct in6_addr six;
    char shown[INET6_ADDRSTRLEN];
    if (inet_pton(AF_INET, words, &four) == 1) {
        const uint32_t bits = ntohl(four.s_addr);
        *loopback = bits >> 24 == 127;
        *any = bits == 0;
        inet_ntop(AF_INET, &four, shown, sizeof shown);
        snprintf(plain, room, "%s", shown);
        return 4;
    }
    if (inet_pton(AF_INET6, words, &six) == 1) {
        *loopback = IN6_IS_ADDR_LOOPBACK(&six);
        *any = IN6_IS_ADDR_UNSPECIFIED(&six);
        inet_ntop(AF_INET6, &six, shown, sizeof shown);
        snprintf(plain, room, "[%s]", shown);
        return 6;
    }
    return 0;
}

assay_code guard_is_loopback(const char *bind, bool *out, assay_err *err)
{
    bool any;
    char plain[GUARD_NAME_BYTES];
    if (address_family(bind, out, &any, plain, sizeof plain))
        return ASSAY_OK;
    return assay_fail(err, ASSAY_E_USAGE,
                      "'%.100s' is not an address to listen on; use one like 127.0.0.1, 0.0.0.0 or "
                      "::1",
                      bind);
}

static bool token_is_plain(const char *token)
{
    static const char fine[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    return token[strspn(token, fine)] == '\0';
}

static assay_code take_token(guard *g, const char *token, assay_err *err)
{
    const size_t length = token ? strlen(token) : 0;
    if (!token && !g->loopback)
        return assay_fail(err, ASSAY_E_USAGE, "%s is not loopback: listening there needs a token",
                          g->address);
    if (!token)
        return ASSAY_OK;
    if (length < TOKEN_BYTES_LEAST || length > TOKEN_BYTES_MOST)
        return assay_fail(err, ASSAY_E_USAGE,
                          "the token has %zu characters; use from %d to %d of them", length,
                          TOKEN_BYTES_LEAST, TOKEN_BYTES_MOST);
    if (!token_is_plain(token))
        return assay_fail(err, ASSAY_E_USAGE,
                          "the token has other characters than letters, digits and -._~");
    memcpy(g->token, token, length + 1);
    return ASSAY_OK;
}

assay_code guard_init(guard *g, const guard_options *options, assay_err *err)
{
    *g = (guard){.port = options->port};
    const char *bind = options->bind ? options->bind : "127.0.0.1";
    ASSAY_TRY(guard_is_loopback(bind, &g->loopback, err));
    address_family(bind, &g->loopback, &g->any_address, g->address, sizeof g->address);
    if (!g->loopback && gethostname(g->machine, sizeof g->machine - 1) != 0)
        g->machine[0] = '\0';
    snprintf(g->cookie, sizeof g->cookie, "assay_%u", (unsigned)options->port);
    return take_token(g, options->token, err);
}

assay_code guard_make_token(char out[TOKEN_BYTES_MOST + 1], assay_err *err)
{
    unsigned char bytes[RANDOM_BYTES];
    ssize_t got;
    do
        got = getrandom(bytes, sizeof bytes, 0);
    while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof bytes)
        return assay_fail(err, ASSAY_E_IO, "the system gives no random bytes for a token");
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    return ASSAY_OK;
}

/* "name:port" or, on port 80, the name alone. */
static bool host_is(const char *host, const char *name, uint16_t port)
{
    const size_t length = strlen(name);
    if (length == 0 || strncasecmp(host, name, length) != 0)
        return false;
    char after[8];
    snprintf(after, sizeof after, ":%u", (unsigned)port);
    return strcmp(host + length, after) == 0 || (port == PORT_HTTP && host[length] == '\0');
}

/* A literal address with our port. A name that was bent to this machine is never one. */
static bool host_is_address(const char *host, uint16_t port)
{
    char name[HOST_BYTES_MOST], plain[GUARD_NAME_BYTES];
    const bool is_six = host[0] == '[';
    const char *end = is_six ? strchr(host, ']') : host + strcspn(host, ":");
    if (!end || (size_t)(end - host) >= sizeof name)
        return false;
    const char *from = host + is_six;
    memcpy(name, from, (size_t)(end - from));
    name[end - from] = '\0';
    bool loopback, any;
    return address_family(name, &loopback, &any, plain, sizeof plain) == (is_six ? 6 : 4) &&
           host_is(host, plain, port);
}

static bool host_is_ours(const guard *g, const char *host)
{
    if (host_is(host, g->address, g->port) || host_is(host, g->machine, g->port))
        return true;
    if ((g->loopback || g->any_address) &&
        (host_is(host, "localhost", g->port) || host_is(host, "127.0.0.1", g->port) ||
         host_is(host, "[::1]", g->port)))
        return true;
    return g->any_address && host_is_address(host, g->port);
}

static bool origin_is(const char *origin, const char *host)
{
    static const char scheme[] = "http://";
    return strncasecmp(origin, scheme, sizeof scheme - 1) == 0 &&
           strcasecmp(origin + sizeof scheme - 1, host) == 0;
}

/* The time depends on the length of what is given alone. */
static bool token_is(const guard *g, const char *given, size_t length)
{
    const size_t wanted = strlen(g->token);
    unsigned differs = length != wanted;
    for (size_t i = 0; i < length; i++)
        differs |= (unsigned)(unsigned char)given[i] ^
                   (unsigned)(unsigned char)g->token[i < wanted ? i : 0];
    return differs == 0;
}

/* "a=1; assay_8080=TOKEN; b=2" */
static bool cookie_has_token(const guard *g, const char *cookies)
{
    const size_t name = strlen(g->cookie);
    bool found = false;
    while (*cookies) {
        cookies += strspn(cookies, "; \t");
        const size_t length = strcspn(cookies, ";");
        if (length > name && strncmp(cookies, g->cookie, name) == 0 && cookies[name] == '=')
            found |= token_is(g, cookies + name + 1, length - name - 1);
        cookies += length;
    }
    return found;
}

static bool bearer_has_token(const guard *g, const char *authorization)
{
    static const char scheme[] = "Bearer ";
    const size_t length = sizeof scheme - 1;
    return strncasecmp(authorization, scheme, length) == 0 &&
           token_is(g, authorization + length, strlen(authorization + length));
}

/* Neither of the two kinds can be sent by a form of another site. */
static bool is_kind(const char *content_type, const char *kind)
{
    const size_t length = strlen(kind);
    if (!content_type || strncasecmp(content_type, kind, length) != 0)
        return false;
    const char *rest = content_type + length;
    rest += strspn(rest, " \t");
    return *rest == '\0' || *rest == ';';
}

static guard_verdict refused(unsigned status, const char *code, const char *message)
{
    return (guard_verdict){GUARD_REFUSED, status, code, message};
}

static guard_verdict check_token(const guard *g, const guard_request *q, bool reads)
{
    const guard_verdict fine = {.answer = GUARD_FINE};
    if (!g->token[0])
        return fine;
    if (q->token && !token_is(g, q->token, strlen(q->token)))
        return refused(403, "forbidden", "the address has a token that is not the server's");
    const bool is_api = strncmp(q->path, "/api/", 5) == 0;
    if (q->token && reads && !is_api)
        return (guard_verdict){.answer = GUARD_EXCHANGE, .status = 303};
    if (q->token || (q->cookie && cookie_has_token(g, q->cookie)) ||
        (q->authorization && bearer_has_token(g, q->authorization)))
        return fine;
    return refused(
        403, "forbidden",
        "this server asks for a token: open the address that it printed when it started");
}

guard_verdict guard_check(const guard *g, const guard_request *q)
{
    if (!q->host || q->host_twice)
        return refused(400, "usage", "a request has exactly one Host");
    if (!host_is_ours(g, q->host))
        return refused(421, "forbidden", "this server does not answer to that name");
    if (q->origin && !origin_is(q->origin, q->host))
        return refused(403, "forbidden", "a page of another site may not ask here");
    const bool is_api = strncmp(q->path, "/api/", 5) == 0;
    if (is_api && q->fetch_site && strcmp(q->fetch_site, "same-origin") != 0 &&
        strcmp(q->fetch_site, "none") != 0)
        return refused(403, "forbidden", "a page of another site may not ask here");
    const bool reads = strcmp(q->method, "GET") == 0 || strcmp(q->method, "HEAD") == 0;
    const guard_verdict verdict = check_token(g, q, reads);
    if (verdict.answer != GUARD_FINE)
        return verdict;
    const bool changes = strcmp(q->method, "POST") == 0 || strcmp(q->method, "DELETE") == 0;
    if (changes && q->takes_bytes && !is_kind(q->content_type, "application/octet-stream"))
        return refused(415, "usage", "the body must come as application/octet-stream");
    if (changes && !q->takes_bytes && !is_kind(q->content_type, "application/json"))
        return refused(415, "usage", "the body must come as application/json");
    return verdict;
}
