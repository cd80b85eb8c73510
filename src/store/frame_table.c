/* The frame as a DuckDB table function: each chunk is copied from the arrays when a query asks for
 * it, and only the columns that it names. */
#include "store/frame_table.h"

#include "base/text.h"
#include "base/utf8.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

typedef enum content {
    CONTENT_ROW,
    CONTENT_CLASS,
    CONTENT_CORRECT,
    CONTENT_NUMBER,
    CONTENT_ATTRIBUTE,
    CONTENT_TEXT,
    CONTENT_TAG
} content;

typedef struct view_column {
    char *name;
    content content;
    const uint16_t *class_code;
    const double *number;
    const attribute_column *attribute;
    const text_column *text;
    const selection *tag;
    bool of_a_model; /* of one of several, and none is loaded: it has a name and a type only */
} view_column;

struct frame_table {
    const frame *frame;
    int thread_count;
    view_column *column;
    size_t column_count;
    bool names_outcomes;       /* columns of a model are there though none is loaded */
    atomic_bool wants_a_model; /* a query asked for one of them */
    atomic_bool
        short_of_memory; /* a callback found none; DuckDB would say it in words of its own */
};

ASSAY_AUTO_DECLARE(frame_table)

/* One scan of the table: which columns it wants, and the next row that nobody took. */
typedef struct scan {
    atomic_size_t next_row;
    idx_t column_count;
    idx_t column[];
} scan;

static bool name_is_taken(const frame_table *t, const char *name)
{
    for (size_t i = 0; i < t->column_count; i++) {
        if (strcasecmp(t->column[i].name, name) == 0)
            return true;
    }
    return false;
}

/* A name that no other column has: "size", "size_2", "size_3" … */
static char *free_name(const frame_table *t, const char *wanted)
{
    if (!name_is_taken(t, wanted))
        return mem_copy_text(wanted, strlen(wanted));
    const size_t room = strlen(wanted) + 24;
    char *name = mem_alloc(room, 1);
    for (size_t n = 2; name; n++) {
        snprintf(name, room, "%s_%zu", wanted, n);
        if (!name_is_taken(t, name))
            break;
    }
    return name;
}

static assay_code add_column(frame_table *t, const char *name, view_column column, assay_err *err)
{
    column.name = free_name(t, name);
    if (!column.name)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for column %s", name);
    t->column[t->column_count++] = column;
    return ASSAY_OK;
}

/* A tag is a column that is true or false: "tag_night". */
static assay_code add_tags(frame_table *t, assay_err *err)
{
    for (size_t i = 0; i < t->frame->tag_count; i++) {
        const tag_column *tag = &t->frame->tag[i];
        const size_t room = strlen(tag->name) + sizeof "tag_";
        ASSAY_AUTO_MEM char *name = mem_alloc(room, 1);
        if (!name)
            return assay_fail(err, ASSAY_E_NOMEM, "out of memory for tag %s", tag->name);
        snprintf(name, room, "tag_%s", tag->name);
        ASSAY_TRY(
            add_column(t, name, (view_column){.content = CONTENT_TAG, .tag = &tag->rows}, err));
    }
    return ASSAY_OK;
}

static assay_code add_outcome_names(frame_table *t, assay_err *err)
{
    static const struct {
        const char *name;
        content content;
    } outcomes[] = {{"prediction", CONTENT_CLASS},
                    {"correct", CONTENT_CORRECT},
                    {"confidence", CONTENT_NUMBER}};
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes && t->names_outcomes; i++)
        ASSAY_TRY(add_column(t, outcomes[i].name,
                             (view_column){.content = outcomes[i].content, .of_a_model = true},
                             err));
    return ASSAY_OK;
}

/* Where none of several models is loaded, a condition or query that speaks of one is refused,
 * instead of being true of nothing. */
static assay_code add_outcomes(frame_table *t, assay_err *err)
{
    const frame *f = t->frame;
    if (f->unchosen_models)
        return add_outcome_names(t, err);
    ASSAY_TRY(add_column(t, "prediction",
                         (view_column){.content = CONTENT_CLASS, .class_code = f->prediction},
                         err));
    ASSAY_TRY(add_column(t, "correct", (view_column){.content = CONTENT_CORRECT}, err));
    return f->confidence
               ? add_column(t, "confidence",
                            (view_column){.content = CONTENT_NUMBER, .number = f->confidence}, err)
               : ASSAY_OK;
}

static assay_code add_columns(frame_table *t, assay_err *err)
{
    const frame *f = t->frame;
    const size_t most = 8 + f->metric_count + f->attribute_count + f->tag_count;
    t->column = mem_zalloc(most, sizeof *t->column);
    if (!t->column)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu columns", most);
    ASSAY_TRY(add_column(t, "row", (view_column){.content = CONTENT_ROW}, err));
    ASSAY_TRY(add_column(t, "label",
                         (view_column){.content = CONTENT_CLASS, .class_code = f->label}, err));
    ASSAY_TRY(add_outcomes(t, err));
    if (f->id.start)
        ASSAY_TRY(add_column(t, f->id.name ? f->id.name : "id",
                             (view_column){.content = CONTENT_TEXT, .text = &f->id}, err));
    if (f->path.start)
        ASSAY_TRY(
            add_column(t, "path", (view_column){.content = CONTENT_TEXT, .text = &f->path}, err));
    for (size_t i = 0; i < f->metric_count; i++) {
        const metric_column *m = &f->metric[i];
        if (!m->value || m->value != f->confidence)
            ASSAY_TRY(add_column(
                t, m->name, (view_column){.content = CONTENT_NUMBER, .number = m->value}, err));
    }
    for (size_t i = 0; i < f->attribute_count; i++) {
        const attribute_column *a = &f->attribute[i];
        ASSAY_TRY(add_column(t, a->name,
                             (view_column){.content = CONTENT_ATTRIBUTE, .attribute = a}, err));
    }
    return add_tags(t, err);
}

/* An enum spares a copy of every text: codes go through as they are. */
static duckdb_logical_type enum_type(char *const *names, uint32_t count)
{
    static const char *const nothing[] = {""};
    const char **members = mem_alloc(count, sizeof *members);
    if (!members)
        return NULL;
    for (uint32_t i = 0; i < count; i++)
        members[i] = names[i];
    duckdb_logical_type type = count
                                   ? duckdb_create_enum_type(members, count)
                                   : duckdb_create_enum_type((const char **)(uintptr_t)nothing, 1);
    mem_free(members);
    return type;
}

static duckdb_logical_type type_of(const frame_table *t, const view_column *c)
{
    switch (c->content) {
    case CONTENT_ROW:
        return duckdb_create_logical_type(DUCKDB_TYPE_BIGINT);
    case CONTENT_CORRECT:
    case CONTENT_TAG:
        return duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN);
    case CONTENT_NUMBER:
        return duckdb_create_logical_type(DUCKDB_TYPE_DOUBLE);
    case CONTENT_TEXT:
        return duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
    case CONTENT_CLASS:
        return enum_type(t->frame->classes.name, t->frame->classes.count);
    case CONTENT_ATTRIBUTE:
        return enum_type(c->attribute->value, c->attribute->value_count);
    }
    return NULL;
}

static void bind_table(duckdb_bind_info info)
{
    frame_table *t = duckdb_bind_get_extra_info(info);
    for (size_t i = 0; i < t->column_count; i++) {
        duckdb_logical_type type = type_of(t, &t->column[i]);
        if (!type) {
            t->short_of_memory = true;
            duckdb_bind_set_error(info, "out of memory");
            return;
        }
        duckdb_bind_add_result_column(info, t->column[i].name, type);
        duckdb_destroy_logical_type(&type);
    }
    duckdb_bind_set_cardinality(info, t->frame->row_count, true);
}

static bool has_values(const view_column *c)
{
    return c->content == CONTENT_NUMBER      ? c->number != NULL
           : c->content == CONTENT_ATTRIBUTE ? c->attribute->code != NULL
                                             : true;
}

static bool check_columns(duckdb_init_info info, frame_table *t, idx_t count)
{
    for (idx_t i = 0; i < count; i++) {
        const idx_t column = duckdb_init_get_column_index(info, i);
        if (column < t->column_count && t->column[column].of_a_model) {
            t->wants_a_model = true;
            duckdb_init_set_error(info, "asks for a column of a model, and none is chosen");
            return false;
        }
        if (column < t->column_count && !has_values(&t->column[column])) {
            duckdb_init_set_error(info, "names a column in a way that is not understood");
            return false;
        }
    }
    return true;
}

static void init_scan(duckdb_init_info info)
{
    frame_table *t = duckdb_init_get_extra_info(info);
    const idx_t count = duckdb_init_get_column_count(info);
    if (!check_columns(info, t, count))
        return;
    scan *s = mem_zalloc(1, sizeof *s + count * sizeof s->column[0]);
    if (!s) {
        t->short_of_memory = true;
        duckdb_init_set_error(info, "out of memory");
        return;
    }
    s->column_count = count;
    for (idx_t i = 0; i < count; i++)
        s->column[i] = duckdb_init_get_column_index(info, i);
    duckdb_init_set_init_data(info, s, mem_free);
    duckdb_init_set_max_threads(info, (idx_t)t->thread_count);
}

/* A chunk of one column: where it goes and which rows it takes. */
typedef struct chunk {
    duckdb_vector vector;
    void *at;
    uint64_t *validity; /* made when the first missing value comes */
    size_t first_row, count;
} chunk;

static void put_missing(chunk *c, size_t i)
{
    if (!c->validity) {
        duckdb_vector_ensure_validity_writable(c->vector);
        c->validity = duckdb_vector_get_validity(c->vector);
    }
    duckdb_validity_set_row_invalid(c->validity, i);
}

static void put_code(chunk *c, size_t i, uint32_t code, uint32_t member_count)
{
    /* DuckDB keeps an enum's codes in the smallest unsigned type that holds them. */
    if (member_count <= UINT8_MAX)
        ((uint8_t *)c->at)[i] = (uint8_t)code;
    else if (member_count <= UINT16_MAX)
        ((uint16_t *)c->at)[i] = (uint16_t)code;
    else
        ((uint32_t *)c->at)[i] = code;
}

static void fill_classes(chunk *c, const uint16_t *code, uint32_t class_count)
{
    for (size_t i = 0; i < c->count; i++) {
        const uint16_t of_row = code[c->first_row + i];
        put_code(c, i, of_row == CLASS_MISSING ? 0 : of_row, class_count);
        if (of_row == CLASS_MISSING)
            put_missing(c, i);
    }
}

static void fill_attribute(chunk *c, const attribute_column *a)
{
    for (size_t i = 0; i < c->count; i++) {
        const uint32_t code = a->code[c->first_row + i];
        put_code(c, i, code == ATTRIBUTE_MISSING ? 0 : code, a->value_count);
        if (code == ATTRIBUTE_MISSING)
            put_missing(c, i);
    }
}

static void fill_numbers(chunk *c, const double *number)
{
    double *out = c->at;
    for (size_t i = 0; i < c->count; i++) {
        out[i] = number[c->first_row + i];
        if (isnan(out[i]))
            put_missing(c, i);
    }
}

static void fill_correct(chunk *c, const frame *f)
{
    bool *out = c->at;
    for (size_t i = 0; i < c->count; i++) {
        const size_t row = c->first_row + i;
        out[i] = f->label[row] == f->prediction[row];
        if (f->label[row] == CLASS_MISSING || f->prediction[row] == CLASS_MISSING)
            put_missing(c, i);
    }
}

static void fill_rows(chunk *c)
{
    int64_t *out = c->at;
    for (size_t i = 0; i < c->count; i++)
        out[i] = (int64_t)(c->first_row + i + 1);
}

/* Paths need not be UTF-8, but DuckDB's texts are. */
static bool put_shown_text(chunk *c, size_t i, const char *at, size_t length)
{
    text shown;
    text_init(&shown, 4 * length + 1);
    text_put_utf8(&shown, at, length);
    const bool fits = text_check(&shown, NULL) == ASSAY_OK;
    if (fits)
        duckdb_vector_assign_string_element_len(c->vector, i, text_view(&shown), shown.length);
    text_clear(&shown);
    return fits;
}

static bool fill_texts(chunk *c, const text_column *column)
{
    for (size_t i = 0; i < c->count; i++) {
        const uint64_t *start = &column->start[c->first_row + i];
        const char *at = column->bytes + start[0];
        const size_t length = (size_t)(start[1] - start[0]);
        if (utf8_valid(at, length) == length)
            duckdb_vector_assign_string_element_len(c->vector, i, at, length);
        else if (!put_shown_text(c, i, at, length))
            return false;
    }
    return true;
}

static void fill_tag(chunk *c, const selection *tag)
{
    bool *out = c->at;
    for (size_t i = 0; i < c->count; i++)
        out[i] = selection_has(tag, c->first_row + i);
}

/* False where memory is short. */
static bool fill(chunk *c, const frame *f, const view_column *column)
{
    switch (column->content) {
    case CONTENT_ROW:
        fill_rows(c);
        break;
    case CONTENT_CLASS:
        fill_classes(c, column->class_code, f->classes.count);
        break;
    case CONTENT_CORRECT:
        fill_correct(c, f);
        break;
    case CONTENT_NUMBER:
        fill_numbers(c, column->number);
        break;
    case CONTENT_ATTRIBUTE:
        fill_attribute(c, column->attribute);
        break;
    case CONTENT_TAG:
        fill_tag(c, column->tag);
        break;
    case CONTENT_TEXT:
        return fill_texts(c, column->text);
    }
    return true;
}

static void scan_chunk(duckdb_function_info info, duckdb_data_chunk output)
{
    frame_table *t = duckdb_function_get_extra_info(info);
    scan *s = duckdb_function_get_init_data(info);
    const size_t size = duckdb_vector_size();
    const size_t first_row = atomic_fetch_add(&s->next_row, size);
    if (first_row >= t->frame->row_count) {
        duckdb_data_chunk_set_size(output, 0);
        return;
    }
    const size_t left = t->frame->row_count - first_row;
    const size_t count = left < size ? left : size;
    for (idx_t i = 0; i < s->column_count; i++) {
        duckdb_vector vector = duckdb_data_chunk_get_vector(output, i);
        chunk c = {.vector = vector,
                   .at = duckdb_vector_get_data(vector),
                   .first_row = first_row,
                   .count = count};
        if (s->column[i] < t->column_count && !fill(&c, t->frame, &t->column[s->column[i]])) {
            t->short_of_memory = true;
            duckdb_function_set_error(info, "out of memory");
            return;
        }
    }
    duckdb_data_chunk_set_size(output, count);
}

static assay_code register_function(frame_table *t, const duck *d, assay_err *err)
{
    duckdb_table_function function = duckdb_create_table_function();
    duckdb_table_function_set_name(function, "assay_samples");
    duckdb_table_function_set_extra_info(function, t, NULL);
    duckdb_table_function_set_bind(function, bind_table);
    duckdb_table_function_set_init(function, init_scan);
    duckdb_table_function_set_function(function, scan_chunk);
    duckdb_table_function_supports_projection_pushdown(function, true);
    const duckdb_state state = duckdb_register_table_function(d->connection, function);
    duckdb_destroy_table_function(&function);
    return state == DuckDBSuccess
               ? ASSAY_OK
               : assay_fail(err, ASSAY_E_INTERNAL, "DuckDB does not take the samples");
}

bool frame_table_short_of_memory(const frame_table *t)
{
    return t->short_of_memory;
}

assay_code frame_table_list(const frame *f, frame_table **out, assay_err *err)
{
    *out = NULL;
    ASSAY_AUTO(frame_table) t = mem_zalloc(1, sizeof *t);
    if (!t)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a table of samples");
    t->frame = f;
    ASSAY_TRY(add_columns(t, err));
    *out = ASSAY_GIVE(t);
    return ASSAY_OK;
}

static assay_code make_table(const frame *f, const duck *d, int thread_count, bool names_outcomes,
                             frame_table **out, assay_err *err)
{
    *out = NULL;
    ASSAY_AUTO(frame_table) t = mem_zalloc(1, sizeof *t);
    if (!t)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a table of samples");
    t->frame = f;
    t->thread_count = thread_count;
    t->names_outcomes = names_outcomes;
    ASSAY_TRY(add_columns(t, err));
    ASSAY_TRY(register_function(t, d, err));
    const assay_code code =
        duck_run(d, "CREATE TEMP VIEW samples AS SELECT * FROM assay_samples()", err);
    if (t->short_of_memory)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the columns' types");
    ASSAY_TRY(code);
    *out = ASSAY_GIVE(t);
    return ASSAY_OK;
}

assay_code frame_table_new(const frame *f, const duck *d, int thread_count, frame_table **out,
                           assay_err *err)
{
    return make_table(f, d, thread_count, false, out, err);
}

assay_code frame_table_for_query(const frame *f, const duck *d, int thread_count, frame_table **out,
                                 assay_err *err)
{
    return make_table(f, d, thread_count, true, out, err);
}

bool frame_table_wants_a_model(const frame_table *t)
{
    return t->wants_a_model;
}

void frame_table_free(frame_table *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->column_count; i++)
        mem_free(t->column[i].name);
    mem_free(t->column);
    mem_free(t);
}

size_t frame_table_column_count(const frame_table *t)
{
    return t->column_count;
}

const char *frame_table_column_name(const frame_table *t, size_t column)
{
    return t->column[column].name;
}

const char *frame_table_column_type(const frame_table *t, size_t column)
{
    switch (t->column[column].content) {
    case CONTENT_ROW:
    case CONTENT_NUMBER:
        return "number";
    case CONTENT_CORRECT:
    case CONTENT_TAG:
        return "boolean";
    case CONTENT_CLASS:
    case CONTENT_ATTRIBUTE:
    case CONTENT_TEXT:
        return "text";
    }
    return "text";
}

const char *frame_table_unchosen_models(const frame_table *t)
{
    return t->frame->unchosen_models;
}
