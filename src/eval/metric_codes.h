#ifndef EVAL_METRIC_CODES_H
#define EVAL_METRIC_CODES_H

#include "base/mem.h"
#include "frame/selection.h"

#include <math.h>

/* Code of a row without a value; the codes of values are below. */
enum { CODE_MISSING = 0xFFFF, CODES_MOST = 0xFFFF };

/**
 * A metric's rows in the order of its values, cut into codes: made once, so that any selection of
 * rows can be counted, ordered and cut at its own quantiles without a sort. A code is one value
 * where there are at most CODES_MOST of them; otherwise codes have about equal numbers of rows, and
 * equal values always share one. Immutable once made; share freely.
 */
typedef struct metric_codes {
    size_t row_count;
    uint16_t *code;  /* row_count, CODE_MISSING where the value is NaN */
    uint32_t *row;   /* the rows that have a value, by value, then by row */
    size_t count;    /* of them */
    uint32_t *start; /* code_count + 1: where the rows of a code begin in `row` */
    double *low;     /* code_count: the smallest value of a code */
    double *high;    /* the largest: of a code that is one value the same */
    uint32_t code_count;
    bool each_is_one;    /* every code is one value */
    bool is_plain;       /* every value is finite and its fourth power far from overflow */
    const double *value; /* row_count, borrowed */
} metric_codes;

/** `value` must outlive it. NOMEM. O(N), a radix sort; 6 bytes a row stay, 24 more meanwhile. */
ASSAY_MUST_USE assay_code metric_codes_new(const double *value, size_t row_count,
                                           metric_codes **out, assay_err *err);
/** NULL is allowed. */
void metric_codes_free(metric_codes *c);

/** What it weighs. */
size_t metric_codes_bytes(const metric_codes *c);

/** How many of a selection's rows have a code, and above bit 32 how many of those are right: one
 * addition counts both. */
typedef uint64_t code_count;

static inline size_t counted(code_count c)
{
    return (uint32_t)c;
}
static inline size_t counted_correct(code_count c)
{
    return c >> 32;
}

/** Add the rows of words [first, end) of `rows` to table[CODE_MISSING + 1]; `right` are those of
 * them that are right. O(rows). */
void metric_codes_count(const metric_codes *c, const selection *rows, const selection *right,
                        size_t first, size_t end, code_count *table);

/** A selection's rows in the order of a metric, by their codes. Everything is borrowed. */
typedef struct coded_rows {
    const metric_codes *codes;
    const selection *rows, *right;
    code_count *before; /* code_count + 1: of all smaller codes */
    size_t n;           /* rows with a value */
    size_t correct;
} coded_rows;

/** Makes of a table of counts one of what comes before, in place; it becomes the rows'. O(codes).
 */
void coded_rows_init(coded_rows *r, const metric_codes *c, const selection *rows,
                     const selection *right, code_count *table);

/** Rows of one value among the selected ones in order: they begin at place `first` and end before
 * `end`; `correct_first` and `correct_end` are right before those. */
typedef struct value_run {
    size_t first, end;
    size_t correct_first, correct_end;
} value_run;

/** The run that holds the `place`th row, place < n. O(log codes), or O(rows of its code) where that
 * holds several values. */
value_run coded_rows_at(const coded_rows *r, size_t place);

#endif
