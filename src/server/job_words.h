#ifndef SERVER_JOB_WORDS_H
#define SERVER_JOB_WORDS_H

#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a command says, of which the beginning and the end are kept. Zeroed: nothing. */
typedef struct job_words {
    uint64_t said; /* bytes in all */
    char first[JOB_WORDS_BYTES_MOST], last[JOB_WORDS_BYTES_MOST];
} job_words;

/** The next bytes that it said. O(length + JOB_WORDS_BYTES_MOST). */
void job_words_take(job_words *w, const char *at, size_t length);

/**
 * Them as a message of at most JOB_WORDS_BYTES_MOST bytes of UTF-8 and an end; its length. Lines
 * stay; every other control, what is not UTF-8 and what misleads the eye is written as \\x1b, and
 * the name that a command begins its failures with is left out. What is too much is cut off the
 * end, or for `ending` off the beginning, at a whole line where there is one and else at a whole
 * character; "…" stands in its place.
 */
size_t job_words_show(const job_words *w, bool ending, char out[JOB_WORDS_BYTES_MOST + 1]);

#endif
