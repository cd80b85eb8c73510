#ifndef EVAL_POWER_SUMS_H
#define EVAL_POWER_SUMS_H

#include <stddef.h>
#include <stdint.h>

enum { POWERS = 4 };

/** Sums of the first four powers of t = (x - shift)·scale over a set of rows, and over those of
 * them that are right. */
typedef struct power_sums {
    double all[POWERS], right[POWERS];
} power_sums;

/** What to sum. */
typedef struct power_rows {
    const double *value;          /* 64 a word; NaN is left out */
    const uint64_t *rows, *right; /* bits; `right` within `rows` */
    size_t words;
    double shift, scale;
} power_rows;

/* The inner loop. Every variant gives the same bits: sums run in eight lanes, which are added in a
 * fixed order at the end. None allocates or fails. */
typedef struct power_loop {
    const char *name;
    void (*sum)(const power_rows *of, power_sums *out);
} power_loop;

extern const power_loop power_loop_plain;
#ifdef __x86_64__
extern const power_loop power_loop_avx2, power_loop_avx512;
#endif

/** The i-th variant that this processor runs, the best first; NULL past the last. */
const power_loop *power_loop_at(size_t i);

#endif
