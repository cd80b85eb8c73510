#ifndef STORE_TEXT_TABLE_H
#define STORE_TEXT_TABLE_H

#include "store/blocks.h"
#include "store/table.h"

/* What the text formats share: blocks are counted and parsed by several threads at once, each row
 * at its place. */

typedef struct text_table text_table;

/** Records in a block. */
typedef size_t text_count(const text_table *t, const char *at, size_t length);

/** Put every record of a block into the part; the block may be written to. */
typedef assay_code text_parse(const text_table *t, char *at, size_t length, table_part *part);

struct text_table {
    block_cut *cut;
    text_count *count;
    text_parse *parse;
    table *into;
    char delimiter;  /* CSV */
    dictionary keys; /* JSON: name of a field -> column */
    bool is_array;   /* JSON */
    bool closed;     /* JSON: the end of the array was read */
};

/**
 * Parse the first block (already read, from `skip` on) and all that follow. Failures of the reader
 * and of the parser, the first of the file first; CANCELLED.
 */
ASSAY_MUST_USE assay_code text_table_read(text_table *t, block_reader *r, block *first, size_t skip,
                                          assay_err *err);

/** LIMIT: the record of `row` is longer than any may be. */
assay_code text_table_fail_long(const text_table *t, size_t row, assay_err *err);

ASSAY_MUST_USE assay_code csv_table_read(const import_request *request, const source *s, bool tabs,
                                         table *out, assay_err *err);
ASSAY_MUST_USE assay_code json_table_read(const import_request *request, const source *s,
                                          table *out, assay_err *err);
ASSAY_MUST_USE assay_code parquet_table_read(const import_request *request, const source *s,
                                             table *out, assay_err *err);

enum { ROWS_LOOKED_AT = 200 };

/** What the first rows show of one column. */
typedef struct column_sample {
    size_t numbers, texts, lists, list_numbers, others;
    size_t marks; /* words for a missing value, such as NA */
    uint32_t longest_list;
    double first_number;
} column_sample;

ASSAY_MUST_USE assay_code column_sample_add(column_sample *s, size_t row, const cell *value,
                                            list_items *scratch, assay_err *err);
column_kind column_sample_kind(const column_sample *s);

#endif
