#ifndef SERVER_EVENTS_H
#define SERVER_EVENTS_H

#include "base/text.h"

struct MHD_Connection;
struct MHD_Response;

/**
 * Streams of server-sent events: each listener gets the state at once, again when it changed (four
 * times a second at most), and a sign of life every 15 seconds. A listener who has left is noticed
 * within two seconds. A stream that has nothing to say is parked and costs no thread. Safe
 * for many threads.
 */
typedef struct events events;

typedef struct events_options {
    /* Append the state, a JSON text of any number of lines, to `out`. Called by a thread of ours.
     */
    void (*state)(void *context, text *out);
    void *context;
} events_options;

/** NOMEM, also without a thread. Tells nothing before the first events_poke(). Free with
 * events_free(). */
ASSAY_MUST_USE assay_code events_new(const events_options *options, events **out, assay_err *err);

/** The state changed. O(1). */
void events_poke(events *e);

/** A stream for a connection, to be queued as its reply and destroyed by the caller. LIMIT: there
 * are STREAMS_MOST, or the server ends; NOMEM. */
ASSAY_MUST_USE assay_code events_listen(events *e, struct MHD_Connection *connection,
                                        struct MHD_Response **out, assay_err *err);

/** Ends every stream and waits, at most a second, until their listeners know. */
void events_end(events *e);

/** Only when no stream is left: after the HTTP server. NULL is allowed. */
void events_free(events *e);

#endif
