#ifndef SERVER_JOB_REQUEST_H
#define SERVER_JOB_REQUEST_H

#include "base/json.h"
#include "base/try.h"
#include "server/job_child.h"

/** A JobRequest of docs/workbench.schema.json as the command that it stands for. */
typedef struct job_request {
    const char *command;            /* static text */
    uint64_t table, probabilities;  /* uploads; 0: none */
    char *option[JOB_OPTIONS_MOST]; /* "--model=resnet"; owned */
    size_t option_count;
    const char *classes; /* "cat,dog"; in one of the options. NULL: none */
} job_request;

/**
 * Read a body. Nothing in it becomes a path of this machine: files are named by their numbers.
 * USAGE: an unknown command, a member that the command has not, a value that makes no sense; NOMEM.
 * On failure *out is zero. Freed with job_request_clear().
 */
ASSAY_MUST_USE assay_code job_request_read(const json_t *body, job_request *out, assay_err *err);

/** The option that names the array beside the table: "--probabilities=vit.npy". NOMEM. */
ASSAY_MUST_USE assay_code job_request_put_array(job_request *r, const char *name, assay_err *err);

/** USAGE where the class names together are the name of one of the job's own files, "": none: the
 * command would read them from it. */
ASSAY_MUST_USE assay_code job_request_check_names(const job_request *r, const char *table,
                                                  const char *other, assay_err *err);

void job_request_clear(job_request *r);
ASSAY_AUTO_CLEAR_DECLARE(job_request)

#endif
