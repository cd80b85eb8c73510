#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include "base/try.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Who wants to know how far a long step is, and whether it may go on. NULL pointers: nobody. */
typedef struct progress {
    /* Called now and then, by the thread that runs the step. `what`: "measuring". */
    void (*show)(void *context, const char *what, uint64_t done, uint64_t total);
    void *context;
    const atomic_bool *stop; /* true: end soon, keep what is done */
} progress;

static inline void progress_show(const progress *p, const char *what, uint64_t done, uint64_t total)
{
    if (p && p->show)
        p->show(p->context, what, done, total);
}

static inline bool progress_stopped(const progress *p)
{
    return p && p->stop && atomic_load(p->stop);
}

/** A look at whether a loop over many rows may go on, at every so many of them. CANCELLED. */
static inline assay_code progress_look(const progress *p, size_t row, assay_err *err)
{
    enum { ROWS_A_LOOK = 1 << 14 };
    return row % ROWS_A_LOOK == 0 && progress_stopped(p)
               ? assay_fail(err, ASSAY_E_CANCELLED, "interrupted")
               : ASSAY_OK;
}

#endif
