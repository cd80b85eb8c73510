#ifndef SERVER_UPLOADS_H
#define SERVER_UPLOADS_H

#include "base/limits.h"
#include "base/try.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Files that a browser sends in pieces, until a job reads them. They lie in a folder of the project
 * that is this server's own, each under the name that its user gave it. Safe for many threads.
 */
typedef struct uploads uploads;

typedef struct uploads_options {
    const char *project; /* borrowed */
    double idle_seconds; /* after which one that nothing came to is forgotten; 0: as in limits.h */
} uploads_options;

/** How far one is. */
typedef struct upload_state {
    uint64_t number; /* from 1 */
    char name[UPLOAD_NAME_BYTES_MOST + 1];
    uint64_t bytes, received; /* as announced; the first so many are there */
} upload_state;

/** Removes what servers of this project left that are no more; makes no folder until it is needed.
 * NOMEM. Free with uploads_free(). */
ASSAY_MUST_USE assay_code uploads_new(const uploads_options *options, uploads **out,
                                      assay_err *err);

/** Removes all that was sent. Nobody may read it any more. NULL is allowed. */
void uploads_free(uploads *u);

/** OK, or USAGE in words: no plain file's name, or not one of a table or array. */
ASSAY_MUST_USE assay_code upload_check_name(const char *name, assay_err *err);

/**
 * Announce a file. USAGE: failures of upload_check_name(), no bytes; LIMIT: more than
 * UPLOAD_BYTES_MOST, or than the disk has room for; CONFLICT: UPLOADS_MOST are there, those of a
 * job among them; IO.
 */
ASSAY_MUST_USE assay_code uploads_open(uploads *u, const char *name, uint64_t bytes,
                                       upload_state *out, assay_err *err);

/** NOT_FOUND: there is none, no more, or a job has it. */
ASSAY_MUST_USE assay_code uploads_look(uploads *u, uint64_t number, upload_state *out,
                                       assay_err *err);

/** Those that are open, the oldest first; how many. */
size_t uploads_list(uploads *u, upload_state out[UPLOADS_MOST]);

/** A piece of a file. */
typedef struct upload_piece {
    uint64_t from; /* where it belongs */
    const char *at;
    size_t bytes;
} upload_piece;

/**
 * The next piece, whole or not at all. NOT_FOUND; CONFLICT: it does not begin where the last one
 * ended; USAGE: it is empty, or goes beyond what was announced; LIMIT: the disk is full; IO. What
 * somebody removed behind the server's back is NOT_FOUND from then on.
 */
ASSAY_MUST_USE assay_code uploads_write(uploads *u, uint64_t number, const upload_piece *piece,
                                        upload_state *out, assay_err *err);

/** Forget one and remove its file; *out is what it was. NOT_FOUND. */
ASSAY_MUST_USE assay_code uploads_drop(uploads *u, uint64_t number, upload_state *out,
                                       assay_err *err);

/** Forget those that nothing came to for too long. To be called now and then. */
void uploads_tidy(uploads *u);

/** What a job reads: one or two files in one folder. */
typedef struct uploads_taken {
    uint64_t table, other;                       /* their numbers; 0: none */
    char table_name[UPLOAD_NAME_BYTES_MOST + 1]; /* "": none */
    char other_name[UPLOAD_NAME_BYTES_MOST + 1];
    char folder[PATH_MAX];
} uploads_taken;

/**
 * Hand a table (0: none), an array beside it (0: none) or both over to a job. Then they are found
 * no more. NOT_FOUND, also of a file that somebody removed; CONFLICT: one of them is not complete;
 * USAGE: both are one, or have one name; IO. On failure they are as they were.
 */
ASSAY_MUST_USE assay_code uploads_take(uploads *u, uint64_t table, uint64_t other,
                                       uploads_taken *out, assay_err *err);

/** The job did not begin, or came to nothing: the table and the array of these numbers, which were
 * taken, are found again, for as long as one that has just come; 0: none. */
void uploads_give_back(uploads *u, const uint64_t number[2]);

/** The job is done: the files of these numbers, which were taken, are removed; 0: none. */
void uploads_finish(uploads *u, const uint64_t number[2]);

#endif
