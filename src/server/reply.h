#ifndef SERVER_REPLY_H
#define SERVER_REPLY_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * What a handler answers. Zeroed is valid: 200, JSON, not kept by the browser. Owned by one thread;
 * cleared by whoever sends it.
 */
typedef struct reply {
    unsigned status;          /* 0: 200 */
    const char *content_type; /* static text; NULL: application/json */
    text body;
    /* A function of the project's revision and the request: the server makes an ETag of the two and
     * answers 304 where the browser has it. 0: none. */
    uint64_t revision_plus_one;
    uint32_t cache_seconds; /* how long a browser may keep it without asking; 0: it asks again */
    const char *file_name;  /* it is a file to be saved under that name; NULL: it is not */
    bool field_is_where;    /* of a failure: the SQL condition is at fault */
    long position;          /* of a failure: the character of it, from 0; valid with the above */
} reply;

void reply_clear(reply *r);

/** Make it a Failure of docs/workbench.schema.json, of what a handler left in it only
 * `field_is_where` and `position`. The status is that of the failure's code. Short of memory the
 * body is empty. */
void reply_fail(reply *r, const assay_err *err);

/** The same with a status and a `code` of its own: usage, forbidden, busy … */
void reply_refuse(reply *r, unsigned status, const char *code, const char *message);

#endif
