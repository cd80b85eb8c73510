#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "server/workspace.h"

#include <stdbool.h>

/** The workbench on one address: its page, and what the page asks (docs/workbench-api.md). */
typedef struct server server;

typedef struct server_options {
    workspace *workspace; /* borrowed, until after server_stop() */
    const char *bind;     /* an address; NULL: 127.0.0.1. Borrowed */
    uint16_t port;        /* 0: one that is free */
    const char *token;    /* NULL: none, or a new one where the address is not loopback. Borrowed */
    const char *web_dir;  /* the page from here; NULL: the one in the program. Borrowed */
    const char *program;  /* what runs jobs; NULL: the one that runs. Borrowed */
} server_options;

/**
 * Begin to answer. SIGINT and SIGTERM are to be blocked before, so that no thread of the server
 * takes them. USAGE: no address, a bad token; CONFLICT: somebody else has the port; IO: the address
 * is not this machine's; failures of workspace_look(); NOMEM.
 */
ASSAY_MUST_USE assay_code server_start(const server_options *options, server **out, assay_err *err);

/** Where it is to be reached, "http://127.0.0.1:8080/", with the token where there is one. A view.
 */
const char *server_url(const server *s);

/**
 * Takes no more connections, answers what is being answered (what takes longer than
 * FINISH_SECONDS_MOST to compute is given up), ends the streams of events, asks a job
 * to end and waits for all of it. NULL is allowed.
 */
void server_stop(server *s);

#endif
