/* Labels, numbers and texts of a project's samples. What is set again is laid over what was there:
 * nothing that a user gave is lost because a later table is shorter. */
#include "store/project_columns.h"

#include "store/append.h"
#include "store/dictionary.h"
#include "store/project_values.h"
#include "store/query.h"

#include <math.h>
#include <string.h>

static assay_code columns_nomem(const char *name, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %s", name);
}

/* A statement with up to two numbers. */
static assay_code run_with(const duck *d, const char *sql, const char *what, uint64_t number,
                           assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, sql, what, err));
    ASSAY_TRY(query_bind_count(&q, 1, number, err));
    return query_run(&q, err);
}

static assay_code bind_model(query *q, size_t parameter, uint32_t model, assay_err *err)
{
    return model == MODEL_NONE ? query_bind_null(q, parameter, err)
                               : query_bind_count(q, parameter, model, err);
}

assay_code project_read_labels(const duck *d, uint16_t *label, size_t count, assay_err *err)
{
    memset(label, 0xFF, count * sizeof *label);
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, "SELECT sample, class FROM labels", "the labels", err));
    for (size_t rows = 1; rows > 0;) {
        ASSAY_TRY(query_next(&q, &rows, err));
        const uint32_t *sample = rows ? query_get(&q, 0).at : NULL;
        const uint16_t *code = rows ? query_get(&q, 1).at : NULL;
        for (size_t i = 0; i < rows; i++) {
            if (sample[i] < count)
                label[sample[i]] = code[i];
        }
    }
    return ASSAY_OK;
}

assay_code project_put_labels(const duck *d, const uint16_t *label, size_t count, assay_err *err)
{
    ASSAY_AUTO_MEM uint16_t *now = mem_alloc(count, sizeof *now);
    if (!now)
        return columns_nomem("the labels", err);
    ASSAY_TRY(project_read_labels(d, now, count, err));
    ASSAY_TRY(duck_run(d, "DELETE FROM labels", err));
    ASSAY_AUTO_CLEAR(append) a = {0};
    ASSAY_TRY(append_open(&a, d, "labels", "the labels", err));
    for (size_t i = 0; i < count; i++) {
        const uint16_t code = label[i] == CLASS_MISSING ? now[i] : label[i];
        if (code == CLASS_MISSING)
            continue;
        append_u32(&a, 0, (uint32_t)i);
        append_u16(&a, 1, code);
        append_row(&a);
    }
    return append_finish(&a, err);
}

assay_code project_count_labels(const duck *d, uint64_t *out, assay_err *err)
{
    return query_number(d, "SELECT CAST(count(*) AS UBIGINT) FROM labels", "the labels", out, err);
}

/* The SQL that differs between metrics and attributes. */
typedef struct column_sql {
    const char *table, *find, *insert, *next, *drop, *values;
} column_sql;

static const column_sql metric_sql = {
    .table = "metric_values",
    .find = "SELECT metric FROM metrics WHERE name = $1 AND model IS NOT DISTINCT FROM $2 "
            "AND origin IS NOT DISTINCT FROM $3",
    .insert = "INSERT INTO metrics (metric, name, model, origin) VALUES ($1, $2, $3, $4)",
    .next = "SELECT CAST(coalesce(max(metric) + 1, 0) AS UBIGINT) FROM metrics",
    .drop = "DELETE FROM metric_values WHERE metric = $1",
    .values = "SELECT sample, value FROM metric_values WHERE metric = $1",
};
static const column_sql attribute_sql = {
    .table = "attribute_values",
    .find = "SELECT attribute FROM attributes WHERE name = $1 AND model IS NOT DISTINCT FROM $2 "
            "AND origin IS NOT DISTINCT FROM $3",
    .insert = "INSERT INTO attributes (attribute, name, model, origin) VALUES ($1, $2, $3, $4)",
    .next = "SELECT CAST(coalesce(max(attribute) + 1, 0) AS UBIGINT) FROM attributes",
    .drop = "DELETE FROM attribute_values WHERE attribute = $1",
    .values = "SELECT sample, value FROM attribute_values WHERE attribute = $1",
};

/* Which column: of a model or of none, of the user's or computed. */
typedef struct column_key {
    const char *name;
    uint32_t model;
    bool computed;
} column_key;

static assay_code bind_origin(query *q, size_t parameter, const column_key *key, assay_err *err)
{
    static const char origin[] = "embedding";
    return key->computed ? query_bind_text(q, parameter, origin, sizeof origin - 1, err)
                         : query_bind_null(q, parameter, err);
}

static assay_code insert_column(const duck *d, const column_sql *sql, const column_key *key,
                                uint32_t *number, assay_err *err)
{
    const char *name = key->name;
    uint64_t next;
    ASSAY_TRY(query_number(d, sql->next, name, &next, err));
    *number = (uint32_t)next;
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, sql->insert, name, err));
    ASSAY_TRY(query_bind_count(&q, 1, next, err));
    ASSAY_TRY(query_bind_text(&q, 2, name, strlen(name), err));
    ASSAY_TRY(bind_model(&q, 3, key->model, err));
    ASSAY_TRY(bind_origin(&q, 4, key, err));
    return query_run(&q, err);
}

/* The column's number, made where it is new. */
static assay_code find_column(const duck *d, const column_sql *sql, const column_key *key,
                              uint32_t *number, assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, sql->find, key->name, err));
    ASSAY_TRY(query_bind_text(&q, 1, key->name, strlen(key->name), err));
    ASSAY_TRY(bind_model(&q, 2, key->model, err));
    ASSAY_TRY(bind_origin(&q, 3, key, err));
    size_t rows;
    ASSAY_TRY(query_next(&q, &rows, err));
    if (rows == 0)
        return insert_column(d, sql, key, number, err);
    *number = ((const uint32_t *)query_get(&q, 0).at)[0];
    return ASSAY_OK;
}

static stored_numbers values_of(uint32_t number, const char *name, double *value, size_t count)
{
    return (stored_numbers){.sql = metric_sql.values,
                            .parameter = true,
                            .number = number,
                            .name = name,
                            .value = value,
                            .value_count = count};
}

static assay_code put_metric(const duck *d, const column_key *key, const double *value,
                             size_t count, assay_err *err)
{
    const char *name = key->name;
    ASSAY_AUTO_MEM double *now = mem_alloc(count, sizeof *now);
    if (!now)
        return columns_nomem(name, err);
    uint32_t number;
    ASSAY_TRY(find_column(d, &metric_sql, key, &number, err));
    const stored_numbers before = values_of(number, name, now, count);
    if (!key->computed)
        ASSAY_TRY(project_read_numbers(d, &before, err));
    ASSAY_TRY(run_with(d, metric_sql.drop, name, number, err));
    ASSAY_AUTO_CLEAR(append) a = {0};
    ASSAY_TRY(append_open(&a, d, metric_sql.table, name, err));
    for (size_t i = 0; i < count; i++) {
        const double laid = isnan(value[i]) && !key->computed ? now[i] : value[i];
        if (isnan(laid))
            continue;
        append_u32(&a, 0, number);
        append_u32(&a, 1, (uint32_t)i);
        append_real(&a, 2, laid);
        append_row(&a);
    }
    return append_finish(&a, err);
}

assay_code project_put_metric(const duck *d, const char *name, uint32_t model, const double *value,
                              size_t count, assay_err *err)
{
    return put_metric(d, &(column_key){name, model, false}, value, count, err);
}

assay_code project_put_computed_metric(const duck *d, const char *name, const double *value,
                                       size_t count, assay_err *err)
{
    return put_metric(d, &(column_key){name, MODEL_NONE, true}, value, count, err);
}

/* Texts with codes in the order in which they come. */
typedef struct text_codes {
    dictionary values;
    uint32_t *code;
} text_codes;

static void text_codes_clear(text_codes *t)
{
    dictionary_clear(&t->values);
    mem_free(t->code);
}
ASSAY_AUTO_CLEAR_DECLARE(text_codes)

static assay_code read_texts(const duck *d, uint32_t number, const char *name, size_t count,
                             text_codes *out, assay_err *err)
{
    out->code = mem_alloc(count, sizeof *out->code);
    if (!out->code)
        return columns_nomem(name, err);
    memset(out->code, 0xFF, count * sizeof *out->code);
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, attribute_sql.values, name, err));
    ASSAY_TRY(query_bind_count(&q, 1, number, err));
    for (size_t rows = 1; rows > 0;) {
        ASSAY_TRY(query_next(&q, &rows, err));
        const uint32_t *sample = rows ? query_get(&q, 0).at : NULL;
        const query_column text = rows ? query_get(&q, 1) : (query_column){0};
        for (size_t i = 0; i < rows; i++) {
            size_t length;
            const char *at = query_text(&text, i, &length);
            uint32_t code;
            ASSAY_TRY(dictionary_add(&out->values, at, length, text_hash(at, length), &code, err));
            if (sample[i] < count)
                out->code[sample[i]] = code;
        }
    }
    return ASSAY_OK;
}

/* No texts at all: the computed ones before are gone. */
static assay_code no_texts(size_t count, const char *name, text_codes *out, assay_err *err)
{
    out->code = mem_alloc(count, sizeof *out->code);
    if (!out->code)
        return columns_nomem(name, err);
    memset(out->code, 0xFF, count * sizeof *out->code);
    return ASSAY_OK;
}

static assay_code put_attribute(const duck *d, const attribute_column *column,
                                const column_key *key, size_t count, assay_err *err)
{
    uint32_t number;
    ASSAY_TRY(find_column(d, &attribute_sql, key, &number, err));
    ASSAY_AUTO_CLEAR(text_codes) now = {0};
    ASSAY_TRY(key->computed ? no_texts(count, key->name, &now, err)
                            : read_texts(d, number, column->name, count, &now, err));
    ASSAY_TRY(run_with(d, attribute_sql.drop, column->name, number, err));
    ASSAY_AUTO_CLEAR(append) a = {0};
    ASSAY_TRY(append_open(&a, d, attribute_sql.table, column->name, err));
    for (size_t i = 0; i < count; i++) {
        size_t length = 0;
        const char *at = NULL;
        if (column->code[i] != ATTRIBUTE_MISSING) {
            at = column->value[column->code[i]];
            length = strlen(at);
        } else if (now.code[i] != ATTRIBUTE_MISSING) {
            at = dictionary_text(&now.values, now.code[i], &length);
        }
        if (!at)
            continue;
        append_u32(&a, 0, number);
        append_u32(&a, 1, (uint32_t)i);
        append_text(&a, 2, at, length);
        append_row(&a);
    }
    return append_finish(&a, err);
}

assay_code project_put_attribute(const duck *d, const attribute_column *column, uint32_t model,
                                 size_t count, assay_err *err)
{
    return put_attribute(d, column, &(column_key){column->name, model, false}, count, err);
}

assay_code project_put_computed_attribute(const duck *d, const attribute_column *column,
                                          size_t count, assay_err *err)
{
    return put_attribute(d, column, &(column_key){column->name, MODEL_NONE, true}, count, err);
}

assay_code project_drop_columns(const duck *d, uint32_t model, assay_err *err)
{
    static const char *const statements[] = {
        "DELETE FROM metric_values WHERE metric IN (SELECT metric FROM metrics WHERE model = $1)",
        "DELETE FROM metrics WHERE model = $1",
        ("DELETE FROM attribute_values "
         "WHERE attribute IN (SELECT attribute FROM attributes WHERE model = $1)"),
        "DELETE FROM attributes WHERE model = $1",
    };
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        ASSAY_TRY(run_with(d, statements[i], "the model's columns", model, err));
    return ASSAY_OK;
}

/* Names and numbers of columns, to be read one by one. */
typedef struct column_names {
    uint32_t *number;
    char **name;
    size_t count;
} column_names;

static void column_names_clear(column_names *c)
{
    for (size_t i = 0; i < c->count; i++)
        mem_free(c->name[i]);
    mem_free(c->name);
    mem_free(c->number);
}
ASSAY_AUTO_CLEAR_DECLARE(column_names)

static assay_code add_column_name(column_names *out, uint32_t number, const char *at, size_t length,
                                  assay_err *err)
{
    uint32_t *numbers = mem_resize(out->number, out->count + 1, sizeof *numbers);
    if (numbers)
        out->number = numbers;
    char **names = mem_resize(out->name, out->count + 1, sizeof *names);
    if (names)
        out->name = names;
    char *name = numbers && names ? mem_copy_text(at, length) : NULL;
    if (!name)
        return columns_nomem("the columns", err);
    out->number[out->count] = number;
    out->name[out->count++] = name;
    return ASSAY_OK;
}

static assay_code read_column_names(const duck *d, const char *sql, uint32_t model,
                                    column_names *out, assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, sql, "the columns", err));
    ASSAY_TRY(bind_model(&q, 1, model, err));
    for (size_t rows = 1; rows > 0;) {
        ASSAY_TRY(query_next(&q, &rows, err));
        const uint32_t *number = rows ? query_get(&q, 0).at : NULL;
        const query_column name = rows ? query_get(&q, 1) : (query_column){0};
        for (size_t i = 0; i < rows; i++) {
            size_t length;
            const char *at = query_text(&name, i, &length);
            ASSAY_TRY(add_column_name(out, number[i], at, length, err));
        }
    }
    return ASSAY_OK;
}

/* A metric of a name, its values still to be read, or none where it is not wanted. The name is
 * taken over where it succeeds. */
static assay_code add_metric(frame *f, char **name, bool wanted, assay_err *err)
{
    metric_column *grown = mem_resize(f->metric, f->metric_count + 1, sizeof *grown);
    if (!grown)
        return columns_nomem("the metrics", err);
    f->metric = grown;
    double *value = wanted ? mem_alloc(f->row_count, sizeof *value) : NULL;
    if (wanted && !value)
        return columns_nomem(*name, err);
    grown[f->metric_count++] = (metric_column){.name = ASSAY_GIVE(*name), .value = value};
    return ASSAY_OK;
}

/* What a model's own table called margin says something of the model, as ours would. */
static assay_code mark_doubts(const duck *d, uint32_t model, frame *f, size_t first,
                              const column_names *all, assay_err *err)
{
    ASSAY_AUTO_CLEAR(column_names) own = {0};
    ASSAY_TRY(read_column_names(d, "SELECT metric, name FROM metrics WHERE model = $1", model, &own,
                                err));
    for (size_t i = 0; i < own.count; i++) {
        const char *name = own.name[i];
        for (size_t m = 0; m < all->count && frame_name_is_of_model(name, strlen(name)); m++)
            f->metric[first + m].from_prediction |= all->number[m] == own.number[i];
    }
    return ASSAY_OK;
}

assay_code project_read_metrics(const duck *d, const wanted_columns *wanted, uint32_t model,
                                int thread_count, frame *f, assay_err *err)
{
    ASSAY_AUTO_CLEAR(column_names) names = {0};
    ASSAY_TRY(read_column_names(
        d, "SELECT metric, name FROM metrics WHERE model IS NULL OR model = $1 ORDER BY metric",
        model, &names, err));
    ASSAY_AUTO_MEM stored_numbers *column = mem_alloc(names.count, sizeof *column);
    if (!column)
        return columns_nomem("the metrics", err);
    const size_t first = f->metric_count;
    size_t count = 0;
    for (size_t i = 0; i < names.count; i++) {
        const bool is_wanted = column_is_wanted(wanted, names.name[i]);
        ASSAY_TRY(add_metric(f, &names.name[i], is_wanted, err));
        const metric_column *made = &f->metric[f->metric_count - 1];
        if (is_wanted)
            column[count++] = values_of(names.number[i], made->name, made->value, f->row_count);
    }
    ASSAY_TRY(mark_doubts(d, model, f, first, &names, err));
    return project_read_number_columns(d, column, count, thread_count, err);
}

/* Codes and texts as a frame keeps them. */
static assay_code take_texts(text_codes *from, attribute_column *to, assay_err *err)
{
    to->code = ASSAY_GIVE(from->code);
    char **value = mem_zalloc(from->values.count, sizeof *value);
    if (!value)
        return columns_nomem(to->name, err);
    to->value = value;
    for (uint32_t v = 0; v < from->values.count; v++) {
        size_t length;
        const char *at = dictionary_text(&from->values, v, &length);
        value[v] = mem_copy_text(at, length);
        if (!value[v])
            return columns_nomem(to->name, err);
        to->value_count = v + 1;
    }
    return ASSAY_OK;
}

static assay_code add_attribute(frame *f, char **name, text_codes *texts, assay_err *err)
{
    attribute_column *grown = mem_resize(f->attribute, f->attribute_count + 1, sizeof *grown);
    if (!grown)
        return columns_nomem(*name, err);
    f->attribute = grown;
    attribute_column *column = &f->attribute[f->attribute_count++];
    *column = (attribute_column){.name = ASSAY_GIVE(*name)};
    return texts->code ? take_texts(texts, column, err) : ASSAY_OK;
}

assay_code project_read_attributes(const duck *d, const wanted_columns *wanted, uint32_t model,
                                   frame *f, assay_err *err)
{
    ASSAY_AUTO_CLEAR(column_names) names = {0};
    ASSAY_TRY(read_column_names(
        d,
        "SELECT attribute, name FROM attributes WHERE model IS NULL OR model = $1 "
        "ORDER BY attribute",
        model, &names, err));
    for (size_t i = 0; i < names.count; i++) {
        ASSAY_AUTO_CLEAR(text_codes) texts = {0};
        if (column_is_wanted(wanted, names.name[i]))
            ASSAY_TRY(read_texts(d, names.number[i], names.name[i], f->row_count, &texts, err));
        ASSAY_TRY(add_attribute(f, &names.name[i], &texts, err));
    }
    return ASSAY_OK;
}
