#ifndef SERVER_GUARD_H
#define SERVER_GUARD_H

#include "assay/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who may ask. A page of another site, a name that was bent to this machine, another user: each is
 * turned away before anything of the request is looked at. Pure functions on a request's headers.
 */

enum { TOKEN_BYTES_LEAST = 16, TOKEN_BYTES_MOST = 128, GUARD_NAME_BYTES = 80 };

typedef struct guard_options {
    const char *bind;  /* an address: "127.0.0.1", "::1", "0.0.0.0" …; NULL: loopback */
    uint16_t port;     /* the one that is listened to */
    const char *token; /* NULL: none; mandatory where `bind` is not loopback */
} guard_options;

/** Immutable after guard_init(); share freely. */
typedef struct guard {
    uint16_t port;
    bool loopback;
    bool any_address;               /* every interface: a Host may be any literal address */
    char address[GUARD_NAME_BYTES]; /* as it stands in a URL: "127.0.0.1", "[::1]" */
    char machine[GUARD_NAME_BYTES]; /* the machine's own name; "" where it is not to be asked by it
                                     */
    char cookie[24];                /* its name; cookies are shared by all ports of an address */
    char token[TOKEN_BYTES_MOST + 1];
} guard;

/** USAGE: no address, a token that is too short or has other characters than letters, digits and
 * "-._~", no token where one is needed. */
ASSAY_MUST_USE assay_code guard_init(guard *g, const guard_options *options, assay_err *err);

/** Whether an address is this machine's own loopback. USAGE: it is no address. */
ASSAY_MUST_USE assay_code guard_is_loopback(const char *bind, bool *out, assay_err *err);

/** 128 random bits as 32 hexadecimal digits. IO: the system gives none. */
ASSAY_MUST_USE assay_code guard_make_token(char out[TOKEN_BYTES_MOST + 1], assay_err *err);

/** What a request says of itself; NULL: it has no such header. */
typedef struct guard_request {
    const char *method, *path;
    const char *host, *origin, *fetch_site, *content_type, *cookie, *authorization;
    const char *token; /* the query's parameter of that name */
    bool host_twice;
    bool takes_bytes; /* a body for this address is application/octet-stream */
} guard_request;

typedef enum guard_answer {
    GUARD_FINE,
    GUARD_REFUSED,  /* with a status, a code and a message */
    GUARD_EXCHANGE, /* the token is right: give the cookie, and lead to the address without it */
} guard_answer;

typedef struct guard_verdict {
    guard_answer answer;
    unsigned status;     /* 400, 403, 415, 421 */
    const char *code;    /* of a Failure */
    const char *message; /* static text */
} guard_verdict;

/** O(length of the headers). */
guard_verdict guard_check(const guard *g, const guard_request *q);

#endif
