/* All memory comes through here, so that sizes are checked once and tests can make any allocation
 * fail. */
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LARGE_PAGE ((size_t)2 << 20)

#ifdef ASSAY_TESTING
#include <stdatomic.h>

static _Atomic uint64_t allowed = UINT64_MAX;
static _Atomic size_t live;

void mem_fail_after(uint64_t n)
{
    allowed = n;
}

size_t mem_live(void)
{
    return live;
}

static int may_allocate(void)
{
    uint64_t left = allowed;
    while (left != UINT64_MAX) {
        if (left == 0)
            return 0;
        if (atomic_compare_exchange_weak(&allowed, &left, left - 1))
            return 1;
    }
    return 1;
}

static void count_live(const void *p, int change)
{
    if (p && change > 0)
        live++;
    else if (p)
        live--;
}
#else
static int may_allocate(void)
{
    return 1;
}

static void count_live(const void *p, int change)
{
    (void)p;
    (void)change;
}
#endif

static int total_bytes(size_t count, size_t size, size_t *bytes)
{
    if (__builtin_mul_overflow(count, size, bytes) || *bytes > PTRDIFF_MAX)
        return 0;
    if (*bytes == 0)
        *bytes = 1;
    return may_allocate();
}

void *mem_zalloc(size_t count, size_t size)
{
    size_t bytes;
    if (!total_bytes(count, size, &bytes))
        return NULL;
    void *p = calloc(bytes, 1);
    count_live(p, 1);
    return p;
}

void *mem_alloc(size_t count, size_t size)
{
    size_t bytes;
    if (!total_bytes(count, size, &bytes))
        return NULL;
    void *p = malloc(bytes);
    count_live(p, 1);
    return p;
}

void *mem_alloc_lines(size_t count, size_t size)
{
    size_t bytes;
    if (!total_bytes(count, size, &bytes))
        return NULL;
    void *p = aligned_alloc(MEM_LINE, (bytes + MEM_LINE - 1) / MEM_LINE * MEM_LINE);
    count_live(p, 1);
    return p;
}

void *mem_alloc_large(size_t count, size_t size)
{
    char *const p = mem_alloc_lines(count, size);
    const size_t before = (LARGE_PAGE - (uintptr_t)p % LARGE_PAGE) % LARGE_PAGE;
    /* A wish only: what the system says to it does not matter. */
    if (p && count * size >= before + LARGE_PAGE)
        (void)madvise(p + before, (count * size - before) / LARGE_PAGE * LARGE_PAGE, MADV_HUGEPAGE);
    return p;
}

void *mem_resize(void *p, size_t count, size_t size)
{
    size_t bytes;
    if (!total_bytes(count, size, &bytes))
        return NULL;
    void *q = realloc(p, bytes);
    if (!p)
        count_live(q, 1);
    return q;
}

char *mem_copy_text(const char *at, size_t length)
{
    char *copy = mem_alloc(length + 1, 1);
    if (!copy)
        return NULL;
    if (length)
        memcpy(copy, at, length);
    copy[length] = '\0';
    return copy;
}

void mem_free(void *p)
{
    count_live(p, -1);
    free(p);
}
