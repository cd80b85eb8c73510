/* The frame's columns as a table of DuckDB: only the columns that a condition names are made, a
 * chunk at a time. */
#include "store/samples_table.h"

#include "base/mem.h"
#include "store/dictionary.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>

typedef struct scan {
    atomic_size_t next;
    size_t column_count;
    size_t column[]; /* those that are wanted */
} scan;

static assay_code table_nomem(assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the condition");
}

/* SQL names ignore case: the first column of a name is the one that is seen. */
static assay_code add(samples_table *t, dictionary *seen, sample_column one, assay_err *err)
{
    const size_t length = strlen(one.name);
    char *lower = mem_copy_text(one.name, length);
    if (!lower)
        return table_nomem(err);
    for (size_t i = 0; i < length; i++)
        lower[i] = lower[i] >= 'A' && lower[i] <= 'Z' ? (char)(lower[i] + 32) : lower[i];
    uint32_t code;
    const uint32_t before = seen->count;
    const assay_code added =
        dictionary_add(seen, lower, length, text_hash(lower, length), &code, err);
    mem_free(lower);
    if (added == ASSAY_OK && code == before && length > 0)
        t->column[t->column_count++] = one;
    return added;
}

static assay_code add_all(samples_table *t, dictionary *seen, assay_err *err)
{
    const frame *f = t->f;
    ASSAY_TRY(add(t, seen, (sample_column){"row", SAMPLE_ROW, 0}, err));
    ASSAY_TRY(add(t, seen, (sample_column){"label", SAMPLE_LABEL, 0}, err));
    ASSAY_TRY(add(t, seen, (sample_column){"prediction", SAMPLE_PREDICTION, 0}, err));
    ASSAY_TRY(add(t, seen, (sample_column){"correct", SAMPLE_CORRECT, 0}, err));
    if (f->confidence)
        ASSAY_TRY(add(t, seen, (sample_column){"confidence", SAMPLE_CONFIDENCE, 0}, err));
    if (f->id.start) {
        ASSAY_TRY(add(t, seen, (sample_column){"id", SAMPLE_ID, 0}, err));
        if (f->id.name)
            ASSAY_TRY(add(t, seen, (sample_column){f->id.name, SAMPLE_ID, 0}, err));
    }
    for (size_t i = 0; i < f->metric_count; i++)
        ASSAY_TRY(add(t, seen, (sample_column){f->metric[i].name, SAMPLE_METRIC, i}, err));
    for (size_t i = 0; i < f->attribute_count; i++)
        ASSAY_TRY(add(t, seen, (sample_column){f->attribute[i].name, SAMPLE_ATTRIBUTE, i}, err));
    return ASSAY_OK;
}

assay_code samples_table_init(samples_table *t, const frame *f, int thread_count, assay_err *err)
{
    enum { OWN_COLUMNS = 7 };
    *t = (samples_table){.f = f, .thread_count = thread_count};
    t->column = mem_alloc(OWN_COLUMNS + f->metric_count + f->attribute_count, sizeof *t->column);
    if (!t->column)
        return table_nomem(err);
    dictionary seen = {0};
    const assay_code code = add_all(t, &seen, err);
    dictionary_clear(&seen);
    if (code != ASSAY_OK)
        samples_table_clear(t);
    return code;
}

void samples_table_clear(samples_table *t)
{
    mem_free(t->column);
    *t = (samples_table){0};
}

static duckdb_type type_of(sample_source source)
{
    switch (source) {
    case SAMPLE_ROW:
        return DUCKDB_TYPE_BIGINT;
    case SAMPLE_CORRECT:
        return DUCKDB_TYPE_BOOLEAN;
    case SAMPLE_CONFIDENCE:
    case SAMPLE_METRIC:
        return DUCKDB_TYPE_DOUBLE;
    case SAMPLE_LABEL:
    case SAMPLE_PREDICTION:
    case SAMPLE_ID:
    case SAMPLE_ATTRIBUTE:
        break;
    }
    return DUCKDB_TYPE_VARCHAR;
}

static void bind_columns(duckdb_bind_info info)
{
    const samples_table *t = duckdb_bind_get_extra_info(info);
    for (size_t i = 0; i < t->column_count; i++) {
        duckdb_logical_type type = duckdb_create_logical_type(type_of(t->column[i].source));
        duckdb_bind_add_result_column(info, t->column[i].name, type);
        duckdb_destroy_logical_type(&type);
    }
    duckdb_bind_set_cardinality(info, t->f->row_count, true);
}

static void begin_scan(duckdb_init_info info)
{
    const samples_table *t = duckdb_init_get_extra_info(info);
    const size_t count = duckdb_init_get_column_count(info);
    scan *s = mem_zalloc(1, sizeof *s + count * sizeof s->column[0]);
    if (!s) {
        duckdb_init_set_error(info, "Out of Memory");
        return;
    }
    s->column_count = count;
    for (size_t i = 0; i < count; i++)
        s->column[i] = duckdb_init_get_column_index(info, i);
    duckdb_init_set_init_data(info, s, mem_free);
    duckdb_init_set_max_threads(info, (idx_t)(t->thread_count < 1 ? 1 : t->thread_count));
}

/* Where a chunk's values go. */
typedef struct sink {
    duckdb_vector vector;
    uint64_t *validity;
    size_t row, count;
} sink;

static void set_missing(sink *k, size_t i)
{
    if (!k->validity) {
        duckdb_vector_ensure_validity_writable(k->vector);
        k->validity = duckdb_vector_get_validity(k->vector);
    }
    duckdb_validity_set_row_invalid(k->validity, i);
}

static void put_rows(sink *k)
{
    int64_t *out = duckdb_vector_get_data(k->vector);
    for (size_t i = 0; i < k->count; i++)
        out[i] = (int64_t)(k->row + i);
}

static void put_names(const frame *f, const uint16_t *code, sink *k)
{
    for (size_t i = 0; i < k->count; i++) {
        const uint16_t c = code[k->row + i];
        if (c == CLASS_MISSING)
            set_missing(k, i);
        else
            duckdb_vector_assign_string_element_len(k->vector, i, f->classes.name[c],
                                                    f->classes.length[c]);
    }
}

static void put_correct(const frame *f, sink *k)
{
    bool *out = duckdb_vector_get_data(k->vector);
    for (size_t i = 0; i < k->count; i++) {
        const uint16_t label = f->label[k->row + i];
        const uint16_t prediction = f->prediction[k->row + i];
        out[i] = label == prediction;
        if (label == CLASS_MISSING || prediction == CLASS_MISSING)
            set_missing(k, i);
    }
}

static void put_numbers(const double *value, sink *k)
{
    double *out = duckdb_vector_get_data(k->vector);
    for (size_t i = 0; i < k->count; i++) {
        out[i] = value[k->row + i];
        if (isnan(out[i]))
            set_missing(k, i);
    }
}

static void put_ids(const text_column *id, sink *k)
{
    for (size_t i = 0; i < k->count; i++) {
        const uint64_t start = id->start[k->row + i];
        duckdb_vector_assign_string_element_len(k->vector, i, id->bytes + start,
                                                id->start[k->row + i + 1] - start);
    }
}

static void put_values(const attribute_column *a, sink *k)
{
    for (size_t i = 0; i < k->count; i++) {
        const uint32_t code = a->code[k->row + i];
        if (code == ATTRIBUTE_MISSING)
            set_missing(k, i);
        else
            duckdb_vector_assign_string_element(k->vector, i, a->value[code]);
    }
}

static void put_column(const frame *f, const sample_column *c, sink *k)
{
    switch (c->source) {
    case SAMPLE_ROW:
        put_rows(k);
        break;
    case SAMPLE_LABEL:
        put_names(f, f->label, k);
        break;
    case SAMPLE_PREDICTION:
        put_names(f, f->prediction, k);
        break;
    case SAMPLE_CORRECT:
        put_correct(f, k);
        break;
    case SAMPLE_CONFIDENCE:
        put_numbers(f->confidence, k);
        break;
    case SAMPLE_ID:
        put_ids(&f->id, k);
        break;
    case SAMPLE_METRIC:
        put_numbers(f->metric[c->index].value, k);
        break;
    case SAMPLE_ATTRIBUTE:
        put_values(&f->attribute[c->index], k);
        break;
    }
}

static void make_chunk(duckdb_function_info info, duckdb_data_chunk output)
{
    const samples_table *t = duckdb_function_get_extra_info(info);
    scan *s = duckdb_function_get_init_data(info);
    const size_t most = duckdb_vector_size();
    const size_t row = atomic_fetch_add(&s->next, most);
    const size_t left = row < t->f->row_count ? t->f->row_count - row : 0;
    const size_t count = left < most ? left : most;
    for (size_t i = 0; i < s->column_count && count > 0; i++) {
        if (s->column[i] >= t->column_count) /* DuckDB's own row number, when no column is wanted */
            continue;
        sink k = {duckdb_data_chunk_get_vector(output, i), NULL, row, count};
        put_column(t->f, &t->column[s->column[i]], &k);
    }
    duckdb_data_chunk_set_size(output, count);
}

assay_code samples_table_register(const samples_table *t, const duck *d, assay_err *err)
{
    duckdb_table_function function = duckdb_create_table_function();
    duckdb_table_function_set_name(function, "samples_columns");
    duckdb_table_function_set_extra_info(function, (void *)(uintptr_t)t, NULL);
    duckdb_table_function_set_bind(function, bind_columns);
    duckdb_table_function_set_init(function, begin_scan);
    duckdb_table_function_set_function(function, make_chunk);
    duckdb_table_function_supports_projection_pushdown(function, true);
    const duckdb_state state = duckdb_register_table_function(d->connection, function);
    duckdb_destroy_table_function(&function);
    if (state != DuckDBSuccess)
        return assay_fail(err, ASSAY_E_INTERNAL, "DuckDB does not take the table of samples");
    return duck_run(d, "CREATE VIEW samples AS SELECT * FROM samples_columns()", err);
}
