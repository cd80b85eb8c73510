#ifndef STORE_APPEND_H
#define STORE_APPEND_H

#include "store/duck.h"

#include "base/try.h"

#include <stddef.h>
#include <stdint.h>

/** Most columns of a table of ours. */
enum { APPEND_COLUMNS_MOST = 32 };

/**
 * Appends rows to a table, a chunk at a time. Set the columns of a row in any order (what is not
 * set is NULL), then append_row(). A failure is sticky and told by append_finish(). Zeroed is valid
 * and clearable.
 */
typedef struct append {
    duckdb_appender appender;
    duckdb_data_chunk chunk;
    size_t column_count;
    size_t rows; /* in the chunk */
    void *at[APPEND_COLUMNS_MOST];
    uint64_t *validity[APPEND_COLUMNS_MOST];
    duckdb_vector vector[APPEND_COLUMNS_MOST];
    uint32_t set; /* bit c: column c of this row has a value */
    const char *what;
    bool broken;
} append;

/** Begin. `what` (for messages) stays borrowed. */
ASSAY_MUST_USE assay_code append_open(append *a, const duck *d, const char *table, const char *what,
                                      assay_err *err);
void append_clear(append *a);
ASSAY_AUTO_CLEAR_DECLARE(append)

/* The column's type must be the one that the name says: UTINYINT is no UINTEGER. */
static inline void append_u16(append *a, size_t column, uint16_t value)
{
    ((uint16_t *)a->at[column])[a->rows] = value;
    a->set |= 1u << column;
}

static inline void append_u32(append *a, size_t column, uint32_t value)
{
    ((uint32_t *)a->at[column])[a->rows] = value;
    a->set |= 1u << column;
}

static inline void append_u64(append *a, size_t column, uint64_t value)
{
    ((uint64_t *)a->at[column])[a->rows] = value;
    a->set |= 1u << column;
}

/** NaN is NULL. */
static inline void append_real(append *a, size_t column, double value)
{
    ((double *)a->at[column])[a->rows] = value;
    a->set |= (uint32_t)(value == value) << column;
}

/** VARCHAR (valid UTF-8) or BLOB; copied. */
void append_text(append *a, size_t column, const char *at, size_t length);

void append_row(append *a);

/** Write what is left. INPUT, IO, NOMEM. */
ASSAY_MUST_USE assay_code append_finish(append *a, assay_err *err);

#endif
