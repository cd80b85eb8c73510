#ifndef SERVER_KEPT_BODY_H
#define SERVER_KEPT_BODY_H

#include "server/filter.h"

/** Writes a body. */
typedef assay_code make_body(void *context, text *out, assay_err *err);

/** How a body is made where it is new, and whether anybody still waits for it. */
typedef struct body_wanted {
    make_body *make;
    void *context;
    cancellation *stop; /* may be NULL */
} body_wanted;

/** The body that is kept under `key` (which holds the revision), made where it is new. Failures of
 * `make` pass through; NOMEM; CANCELLED while another thread makes it: whoever waits for what was
 * given up makes it himself. O(body) where it is kept. */
ASSAY_MUST_USE assay_code kept_body(workspace *w, const char *key, const body_wanted *wanted,
                                    reply *out, assay_err *err);

/** The same for a question about a filter, whose key holds the revision: `question` tells it from
 * all other questions. The reply is a function of the revision. */
ASSAY_MUST_USE assay_code kept_answer(const filter *f, const char *question,
                                      const body_wanted *wanted, reply *out, assay_err *err);

#endif
