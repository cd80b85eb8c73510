#ifndef SERVER_PROJECT_WATCH_H
#define SERVER_PROJECT_WATCH_H

#include "assay/err.h"

#include <stdint.h>

/** Notices within about a second that a project changed, whoever changed it: a thread that asks. */
typedef struct project_watch project_watch;

typedef struct project_watch_options {
    /* The revision as it is now, told at little cost. Called by the watching thread. */
    assay_code (*revision)(void *context, uint64_t *out, assay_err *err);
    void (*changed)(void *context); /* it is another one */
    void *context;
} project_watch_options;

/** Asks for the revision once, itself. The failures of that; NOMEM. */
ASSAY_MUST_USE assay_code project_watch_new(const project_watch_options *options,
                                            project_watch **out, assay_err *err);
/** Waits for a question that is being answered. NULL is allowed. */
void project_watch_free(project_watch *w);

/** What was last answered. */
uint64_t project_watch_revision(const project_watch *w);

/** Look now. */
void project_watch_poke(project_watch *w);

#endif
