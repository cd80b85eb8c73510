#ifndef FRAME_PROBABILITIES_H
#define FRAME_PROBABILITIES_H

#include "frame/matrix.h"

#include "assay/err.h"
#include "base/progress.h"
#include "base/try.h"

#include <stdint.h>

/**
 * One probability a class for each sample. Immutable once scanned. What the readers below give is
 * normalised: a row that does not sum to 1 within its type's rounding (1e-12 for float64 and text,
 * 1e-6 for float16 and float32) is divided by its sum; logits go through softmax.
 */
typedef struct probabilities {
    matrix values;            /* row_count × class_count (1..CLASSES_MOST), as in the file */
    bool logits;              /* values are logits */
    bool any_sum;             /* rows are divided by their sum however far it is from 1 */
    const progress *progress; /* of the scan: "checking probabilities"; may stop it */
    double *divisor;     /* NULL where every row is taken as it is; else one a row: its sum, or 1.
                            Logits: Σ exp(x - shift) */
    double *shift;       /* logits: the largest of each row; else NULL */
    size_t rows_divided; /* how many rows were not 1 already (0 for logits) */
    double largest_gap;  /* largest |sum - 1| among them */
} probabilities;

void probabilities_clear(probabilities *p);
ASSAY_AUTO_CLEAR_DECLARE(probabilities)

/** What is wrong with a row. */
typedef enum row_fault { ROW_FINE, ROW_NOT_FINITE, ROW_OUT_OF_RANGE, ROW_SUM_OFF } row_fault;

/** What the scan found; `fault_row` are the first few bad rows in order. */
typedef struct probability_scan {
    size_t not_finite, out_of_range, sum_off;
    struct {
        size_t row;
        size_t column; /* of the first bad value; for ROW_SUM_OFF not used */
        row_fault fault;
        double value; /* the bad value, or the sum */
    } first[5];
    size_t first_count;
} probability_scan;

/* How far a row's sum may be from 1: a thousandth, and what floats make of one. Three decimals add
 * up to 0.999 or 1.001 often. */
#define PROBABILITY_SUM_SLACK (1e-3 + 1e-6)

/**
 * Look at every row once: fills p->divisor, rows_divided and largest_gap; writes each row's argmax
 * (lowest index among equals; CLASS_MISSING for a row with a fault) to prediction[row_count] and
 * p[argmax], normalised and at most 1 (NaN for a row with a fault), to confidence[row_count]. A row
 * is bad when a value is not finite, is below -1e-6 or above 1.001 (not for logits), or its
 * sum is further than 1e-3 from 1 (not for logits, nor with `any_sum`: then it is divided all the
 * same, unless the sum is not above 0). Its first bad value gives the fault its name; its divisor
 * is NaN. Same bits at any `thread_count`. On NOMEM and CANCELLED `p` is
 * as it was. O(N · K), one pass.
 */
ASSAY_MUST_USE assay_code probabilities_scan(probabilities *p, int thread_count,
                                             uint16_t *prediction, double *confidence,
                                             probability_scan *scan, assay_err *err);

/** Normalised rows [row, row + count), row-major into out[count * K]; NaN for a faulty row. */
void probabilities_rows(const probabilities *p, size_t row, size_t count, double *restrict out);

/** The same for rows row[0..count), of which neighbours are read together; `row` NULL: rows first,
 * first + 1, …. */
void probabilities_gather(const probabilities *p, const uint32_t *row, size_t first, size_t count,
                          double *restrict out);

/** Whether the normalised values are the file's own float16 or float32 values, unchanged. */
bool probabilities_exact_f32(const probabilities *p);

/** Normalised columns, column-major like matrix_read_columns_*; _f32 only where
 * probabilities_exact_f32(). */
void probabilities_columns_f64(const probabilities *p, size_t row, size_t row_count, size_t column,
                               size_t column_count, double *restrict out);
void probabilities_columns_f32(const probabilities *p, size_t row, size_t row_count, size_t column,
                               size_t column_count, float *restrict out);

#endif
