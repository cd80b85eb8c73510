#ifndef BASE_THREADS_H
#define BASE_THREADS_H

#include "assay/err.h"

#include <stddef.h>

/* Above this no machine we know gains anything from one evaluation. */
enum { THREADS_MOST = 256 };

/**
 * One piece of work: `chunk` is 0..chunk_count-1, `worker` 0..thread_count-1. Fixed chunks are
 * dealt to whichever worker is free, so a result may depend on `chunk` alone: write to a slot per
 * chunk and merge in chunk order, or keep exact (integer) state per worker. Return non-zero to stop
 * early.
 */
typedef int threads_work(void *context, size_t chunk, int worker);

/**
 * Run every chunk on `thread_count` threads, the caller's among them; returns when all are done.
 * Threads that the system refuses are done without. The first non-zero answer of a piece of work
 * ends the dealing and is returned, else 0. O(chunk_count) dealing.
 */
int threads_run(size_t chunk_count, int thread_count, threads_work *work, void *context);

/** Into how many parts to cut `count` things: one a thread, but none smaller than `least` and no
 * more than `most`; at least 1. For work whose result does not depend on the parts. */
size_t threads_parts(size_t count, size_t least, size_t most, int thread_count);

/** Where one of `parts` equal parts begins; part number `parts` begins at the end. */
static inline size_t threads_part_begin(size_t count, size_t part, size_t parts)
{
    return count * part / parts;
}

/** The processors this process may run on, 1..THREADS_MOST. */
int threads_available(void);

#endif
