#ifndef STORE_SAMPLES_TABLE_H
#define STORE_SAMPLES_TABLE_H

#include "frame/frame.h"
#include "store/duck.h"

/** What a column of the table `samples` shows. */
typedef enum sample_source {
    SAMPLE_ROW,
    SAMPLE_LABEL,
    SAMPLE_PREDICTION,
    SAMPLE_CORRECT,
    SAMPLE_CONFIDENCE,
    SAMPLE_ID,
    SAMPLE_METRIC,
    SAMPLE_ATTRIBUTE
} sample_source;

typedef struct sample_column {
    const char *name;
    sample_source source;
    size_t index; /* of the metric or attribute */
} sample_column;

/** A frame as a table: its columns, each name once. Borrows the frame. */
typedef struct samples_table {
    const frame *f;
    sample_column *column;
    size_t column_count;
    int thread_count;
} samples_table;

ASSAY_MUST_USE assay_code samples_table_init(samples_table *t, const frame *f, int thread_count,
                                             assay_err *err);
void samples_table_clear(samples_table *t);

/** Make it known to a database as the view `samples`; `t` must outlive the database. */
ASSAY_MUST_USE assay_code samples_table_register(const samples_table *t, const duck *d,
                                                 assay_err *err);

#endif
