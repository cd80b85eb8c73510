#ifndef SERVER_KEPT_BODY_H
#define SERVER_KEPT_BODY_H

#include "server/filter.h"

/** Writes a body. */
typedef assay_code make_body(void *context, text *out, assay_err *err);

/** The body that is kept under `key` (which holds the revision), made where it is new. Failures of
 * `make` pass through; NOMEM. O(body) where it is kept. */
ASSAY_MUST_USE assay_code kept_body(workspace *w, const char *key, make_body *make, void *context,
                                    reply *out, assay_err *err);

/** The same for a question about a filter, whose key holds the revision: `question` tells it from
 * all other questions. The reply is a function of the revision. */
ASSAY_MUST_USE assay_code kept_answer(const filter *f, const char *question, make_body *make,
                                      void *context, reply *out, assay_err *err);

#endif
