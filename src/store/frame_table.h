#ifndef STORE_FRAME_TABLE_H
#define STORE_FRAME_TABLE_H

#include "frame/frame.h"
#include "store/duck.h"

/** A frame's columns as DuckDB sees them. Keep it alive as long as the connection. */
typedef struct frame_table frame_table;

/** Make the view `samples` over the frame's columns in an open DuckDB, for as long as its
 * connection lasts: a database that is open for reading takes it too. The frame is borrowed;
 * nothing is copied. NOMEM, INTERNAL. */
ASSAY_MUST_USE assay_code frame_table_new(const frame *f, const duck *d, int thread_count,
                                          frame_table **out, assay_err *err);
/** The same for a whole query: where none of several models is loaded, prediction, correct and
 * confidence are there by name, and a query that asks for their values fails. */
ASSAY_MUST_USE assay_code frame_table_for_query(const frame *f, const duck *d, int thread_count,
                                                frame_table **out, assay_err *err);

/** Whether a query failed because it asked for those. */
bool frame_table_wants_a_model(const frame_table *t);

void frame_table_free(frame_table *t);

/** Whether a query failed because an allocation of ours did. */
bool frame_table_short_of_memory(const frame_table *t);

/** Only the columns' names and types, without a database: for who lists what a condition may name.
 * NOMEM. */
ASSAY_MUST_USE assay_code frame_table_list(const frame *f, frame_table **out, assay_err *err);

/** "number", "text" or "boolean"; static text. */
const char *frame_table_column_type(const frame_table *t, size_t column);

/** The columns' names, for messages. */
size_t frame_table_column_count(const frame_table *t);
const char *frame_table_column_name(const frame_table *t, size_t column);

/** The frame's unchosen_models. */
const char *frame_table_unchosen_models(const frame_table *t);

#endif
