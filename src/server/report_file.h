#ifndef SERVER_REPORT_FILE_H
#define SERVER_REPORT_FILE_H

#include "base/progress.h"
#include "base/text.h"

#include <stdint.h>

enum { REPORT_WORST_MOST = 200 };

/** What a report is of. Texts are borrowed; zero: default. */
typedef struct report_file_request {
    const char *project; /* the folder */
    const char *model;   /* NULL: the project's first */
    const char *where;   /* an SQL condition; NULL: every sample */
    uint32_t worst;      /* how many wrong samples it shows, at most REPORT_WORST_MOST */
    int thread_count;
    const progress *progress;
} report_file_request;

/** What became of it. */
typedef struct report_file_notes {
    size_t pictures; /* that it was to show */
    size_t unread;   /* of them: they are left out */
    assay_err why;   /* of the first of those */
} report_file_notes;

/**
 * One HTML file that opens anywhere without a server: the overview, the performance by each metric
 * and the most confident mistakes with small pictures. Its numbers are the replies of the
 * workbench's own handlers; nothing in it asks another address. Failures of opening the project
 * and of the handlers; INPUT: no predictions; NOMEM, CANCELLED.
 */
ASSAY_MUST_USE assay_code report_file_make(const report_file_request *wanted, text *out,
                                           report_file_notes *notes, assay_err *err);

#endif
