#ifndef SERVER_REQUEST_H
#define SERVER_REQUEST_H

#include "base/cancellation.h"
#include "base/json.h"

#include <stdint.h>

enum { REQUEST_PARAMETERS_MOST = 256 };

/** A parameter of the query, decoded. */
typedef struct request_parameter {
    const char *name, *value;
} request_parameter;

/**
 * One request as a handler sees it: checked by the guard, its body complete and parsed. Everything
 * is borrowed from the connection and lives as long as the handler runs.
 */
typedef struct request {
    const char *method; /* "GET", "POST", "DELETE"; HEAD comes as GET */
    const char *path;   /* "/api/samples/12/similar", decoded */
    uint64_t number;    /* of the path's N, where its route has one */
    const request_parameter *parameter;
    size_t parameter_count;
    const json_t *body;        /* an object; NULL without one */
    const char *bytes;         /* a body that is no JSON (route_takes_bytes()), not terminated */
    size_t byte_count;         /* of that */
    const char *if_none_match; /* NULL without one */
    struct jobs *jobs;         /* of the server; NULL where there is none */
    struct uploads *uploads;   /* the same */
    cancellation *stop;        /* asked once nobody waits for the answer; NULL: never */
} request;

/** The first parameter of that name; NULL where there is none. */
const char *request_text(const request *q, const char *name);

/** An unsigned number, `otherwise` where there is none. USAGE: no number, or outside [least, most];
 * the message names the parameter. */
ASSAY_MUST_USE assay_code request_number(const request *q, const char *name, uint64_t least,
                                         uint64_t most, uint64_t otherwise, uint64_t *out,
                                         assay_err *err);

#endif
