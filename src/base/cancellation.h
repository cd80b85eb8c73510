#ifndef BASE_CANCELLATION_H
#define BASE_CANCELLATION_H

#include "assay/err.h"

#include <stdatomic.h>
#include <stdbool.h>

/**
 * Whether what is being computed has been given up meanwhile. Zeroed: it has not. Any thread may
 * ask; who computes looks every few milliseconds and returns CANCELLED. Once asked, always asked.
 */
typedef struct cancellation {
    atomic_bool asked;
    atomic_long looks_left; /* after which it is asked by itself; 0: never */
} cancellation;

static inline void cancellation_ask(cancellation *c)
{
    atomic_store(&c->asked, true);
}

/** It is asked by the `looks`th look, from 1: so tests stop at every place that looks. */
static inline void cancellation_ask_at(cancellation *c, long looks)
{
    atomic_store(&c->looks_left, looks);
}

/** A look. NULL: nobody can ask. O(1), lock-free. */
static inline bool cancellation_asked(cancellation *c)
{
    if (!c)
        return false;
    if (atomic_load_explicit(&c->asked, memory_order_relaxed))
        return true;
    if (atomic_load_explicit(&c->looks_left, memory_order_relaxed) == 0 ||
        atomic_fetch_sub(&c->looks_left, 1) != 1)
        return false;
    cancellation_ask(c);
    return true;
}

/** A look as a code: CANCELLED or OK. */
ASSAY_MUST_USE static inline assay_code cancellation_check(cancellation *c, assay_err *err)
{
    if (!cancellation_asked(c))
        return ASSAY_OK;
    return assay_fail(err, ASSAY_E_CANCELLED, "given up: nobody waits for it any more");
}

#endif
