#ifndef SERVER_SERVER_PARTS_H
#define SERVER_SERVER_PARTS_H

#include "server/events.h"
#include "server/guard.h"
#include "server/guests.h"
#include "server/handler_queue.h"
#include "server/jobs.h"
#include "server/project_watch.h"
#include "server/server.h"
#include "server/uploads.h"

#include <stdatomic.h>

/* What the files of the HTTP side know of the server. Immutable while it runs, but for its parts,
 * which see to themselves. */
struct server {
    workspace *workspace;
    const char *web_dir;
    guard guard;
    uint64_t salt; /* of ETags: this program, this project */
    char url[GUARD_NAME_BYTES + TOKEN_BYTES_MOST + 32];
    guests *guests;
    events *events;
    jobs *jobs;
    uploads *uploads;
    project_watch *watch;
    handler_queue *queue;
    struct MHD_Daemon *daemon;
    int socket;               /* that was listened to; -1: none */
    atomic_size_t body_bytes; /* of all requests that are being read or answered */
};

#endif
