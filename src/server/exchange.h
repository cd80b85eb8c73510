#ifndef SERVER_EXCHANGE_H
#define SERVER_EXCHANGE_H

#include "server/server_parts.h"

#include <microhttpd.h>

/* One request and its reply, from the first line to the last byte: what libmicrohttpd calls. The
 * handler itself runs on a thread of the queue while the connection is suspended. `context`: the
 * server. */

/** For MHD_OPTION_URI_LOG_CALLBACK: the request's state, or NULL without memory. */
void *exchange_begin(void *context, const char *address, struct MHD_Connection *connection);

/** For MHD_start_daemon(). */
enum MHD_Result exchange_advance(void *context, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *upload,
                                 size_t *upload_bytes, void **state);

/** For MHD_OPTION_NOTIFY_COMPLETED. */
void exchange_end(void *context, struct MHD_Connection *connection, void **state,
                  enum MHD_RequestTerminationCode why);

/** For the queue: runs the handler, and lets the connection go on. */
void exchange_work(void *context, handler_task *task, bool late);

#endif
