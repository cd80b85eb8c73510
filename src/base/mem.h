#ifndef BASE_MEM_H
#define BASE_MEM_H

#include "base/try.h"

#include <stddef.h>
#include <stdint.h>

/** Allocate count*size zeroed bytes, or NULL when that overflows or memory is short. At least one
 * byte. */
void *mem_zalloc(size_t count, size_t size);

/** Like mem_zalloc without the zeroes: for arrays that are written whole before they are read. */
void *mem_alloc(size_t count, size_t size);

/** Bytes of a line of the cache. */
enum { MEM_LINE = 64 };

/** Like mem_alloc, beginning at a line of the cache: for what is read and written in whole vectors,
 * each of which costs twice where it lies in two lines. */
void *mem_alloc_lines(size_t count, size_t size);

/**
 * Like mem_alloc_lines for an array that is walked criss-cross and used more than once: it lies on
 * large pages where the system has them, which saves most misses of address translation. Not for
 * what is read once: a fresh large page can cost more than all that is done with it.
 */
void *mem_alloc_large(size_t count, size_t size);

/**
 * Make `p` (NULL is allowed) hold count*size bytes; what is new is not zeroed.
 * NULL on failure, and then `p` is as it was.
 */
void *mem_resize(void *p, size_t count, size_t size);

/** A copy of `length` bytes with a terminating zero, or NULL. */
char *mem_copy_text(const char *at, size_t length);

void mem_free(void *p);

/** For `ASSAY_AUTO_MEM double *x = mem_alloc(...)`: freed at the end of the scope. */
static inline void mem_auto_free_(void *p)
{
    mem_free(*(void **)p);
}
#define ASSAY_AUTO_MEM __attribute__((cleanup(mem_auto_free_)))

#ifdef ASSAY_TESTING
/** Let the next `n` allocations of this thread's process pass, then fail every one after.
 * UINT64_MAX: never fail. */
void mem_fail_after(uint64_t n);

/** How many allocations are alive. */
size_t mem_live(void);
#endif

#endif
