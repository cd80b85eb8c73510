#ifndef SERVER_RESPOND_H
#define SERVER_RESPOND_H

#include "server/coding.h"
#include "server/reply.h"
#include "server/web_files.h"

#include <microhttpd.h>

/* Replies as libmicrohttpd sends them, with the headers that every one of them has. */

/** A reply of a handler, ready to be sent. Zeroed is valid. */
typedef struct finished_reply {
    reply reply;
    char etag[ETAG_BYTES]; /* "": none */
    bool packed;           /* the body is gzip */
} finished_reply;

typedef struct finish_options {
    uint64_t salt;             /* of coding_etag() */
    const char *address;       /* path and query as they came */
    const char *if_none_match; /* NULL: none */
    bool gzip;                 /* the browser takes it */
} finish_options;

/** Gives it a status and an ETag, makes a 304 of it where the browser has it, and packs it where
 * that helps. Costs what packing costs: for a handler's thread. */
void finish_reply(finished_reply *f, const finish_options *options);

/** The body is handed over; NULL without memory. */
struct MHD_Response *respond_reply(finished_reply *f);

/** A file of the page; `status`: 200, or 304 where `if_none_match` names it. Takes what `f` owns.
 */
struct MHD_Response *respond_file(web_file *f, const char *if_none_match, unsigned *status);

/** A stream of events, or anything else: what every reply has. False without memory. */
bool respond_headers(struct MHD_Response *r, const char *content_type, const char *cache);
bool respond_header(struct MHD_Response *r, const char *name, const char *value);

#endif
