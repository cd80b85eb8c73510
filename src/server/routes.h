#ifndef SERVER_ROUTES_H
#define SERVER_ROUTES_H

#include "server/workspace.h"

/** Answers one request. On failure the caller makes a Failure of `err`. May run on any thread. */
typedef assay_code (*route_handler)(workspace *w, const request *q, reply *out, assay_err *err);

/** One line of the table: method, path with `N` for a number, handler. */
typedef struct route {
    const char *method, *path;
    route_handler handle;
} route;

/** The route of a method and a path, and the path's number; NULL where there is none. `known`: the
 * path has routes of other methods. */
const route *route_find(const char *method, const char *path, uint64_t *number, bool *known);

/** The methods of a path, "GET, HEAD, POST", into `out`; "" for a path without routes. */
enum { ROUTE_METHODS_BYTES = 64 };
void route_methods(const char *path, char out[ROUTE_METHODS_BYTES]);

/** Whether its body is bytes (application/octet-stream) and no JSON. */
bool route_takes_bytes(const route *r);

/** How large a body it reads, in bytes. */
size_t route_body_most(const route *r);

/* The handlers; each file handle_SUBJECT.c holds those of one subject. */

#define ROUTE_HANDLER(name)                                                                        \
    assay_code name(workspace *w, const request *q, reply *out, assay_err *err)

ROUTE_HANDLER(handle_project);
ROUTE_HANDLER(handle_selection);
ROUTE_HANDLER(handle_evaluation);
ROUTE_HANDLER(handle_curves);
ROUTE_HANDLER(handle_performance);
ROUTE_HANDLER(handle_metrics);
ROUTE_HANDLER(handle_plan);
ROUTE_HANDLER(handle_compare);
ROUTE_HANDLER(handle_samples);
ROUTE_HANDLER(handle_sample);
ROUTE_HANDLER(handle_similar);
ROUTE_HANDLER(handle_thumbnail);
ROUTE_HANDLER(handle_image);
ROUTE_HANDLER(handle_groups);
ROUTE_HANDLER(handle_unreadable);
ROUTE_HANDLER(handle_duplicates);
ROUTE_HANDLER(handle_suspects);
ROUTE_HANDLER(handle_tags);
ROUTE_HANDLER(handle_decisions);
ROUTE_HANDLER(handle_export);
ROUTE_HANDLER(handle_export_decisions);
ROUTE_HANDLER(handle_uploads);
ROUTE_HANDLER(handle_uploads_open);
ROUTE_HANDLER(handle_upload);
ROUTE_HANDLER(handle_upload_piece);
ROUTE_HANDLER(handle_upload_drop);
ROUTE_HANDLER(handle_jobs);
ROUTE_HANDLER(handle_jobs_start);
ROUTE_HANDLER(handle_jobs_stop);

#endif
