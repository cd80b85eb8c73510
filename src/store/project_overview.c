/* What a project holds, told without reading its samples; and the columns of one model. */
#include "store/project_overview.h"

#include "store/dictionary.h"
#include "store/project_columns.h"
#include "store/project_folder.h"
#include "store/query.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static assay_code overview_nomem(assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for what the project holds");
}

/* Puts the current chunk's row into what is being made. */
typedef assay_code take_row(void *into, const query *q, size_t row, assay_err *err);

static assay_code each_row(query *q, take_row *take, void *into, assay_err *err)
{
    for (size_t rows = 1; rows > 0;) {
        ASSAY_TRY(query_next(q, &rows, err));
        for (size_t i = 0; i < rows; i++)
            ASSAY_TRY(take(into, q, i, err));
    }
    return ASSAY_OK;
}

static assay_code read_rows(const duck *d, const char *sql, take_row *take, void *into,
                            assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, sql, "the project", err));
    return each_row(&q, take, into, err);
}

static assay_code copy_name(const query *q, size_t column, size_t row, char **out, assay_err *err)
{
    const query_column name = query_get(q, column);
    size_t length;
    const char *at = query_text(&name, row, &length);
    *out = mem_copy_text(at, length);
    return *out ? ASSAY_OK : overview_nomem(err);
}

static bool flag_at(const query *q, size_t column, size_t row)
{
    return ((const bool *)query_get(q, column).at)[row];
}

static assay_code take_model(void *into, const query *q, size_t row, assay_err *err)
{
    project_overview *o = into;
    overview_model *grown = mem_resize(o->model, o->model_count + 1, sizeof *grown);
    if (!grown)
        return overview_nomem(err);
    o->model = grown;
    overview_model *m = &o->model[o->model_count++];
    *m = (overview_model){.number = ((const uint32_t *)query_get(q, 0).at)[row],
                          .has_probabilities = flag_at(q, 2, row),
                          .has_confidence = flag_at(q, 3, row),
                          .samples = ((const uint64_t *)query_get(q, 4).at)[row]};
    return copy_name(q, 1, row, &m->name, err);
}

static assay_code take_embedding(void *into, const query *q, size_t row, assay_err *err)
{
    project_overview *o = into;
    overview_embedding *grown = mem_resize(o->embedding, o->embedding_count + 1, sizeof *grown);
    if (!grown)
        return overview_nomem(err);
    o->embedding = grown;
    overview_embedding *e = &o->embedding[o->embedding_count++];
    *e = (overview_embedding){.dimensions = ((const uint32_t *)query_get(q, 1).at)[row],
                              .is_default = flag_at(q, 2, row),
                              .built_in = flag_at(q, 3, row),
                              .has_neighbours = flag_at(q, 4, row)};
    return copy_name(q, 0, row, &e->name, err);
}

static assay_code take_computed(void *into, const query *q, size_t row, assay_err *err)
{
    project_overview *o = into;
    char **grown = mem_resize(o->computed, o->computed_count + 1, sizeof *grown);
    if (!grown)
        return overview_nomem(err);
    o->computed = grown;
    o->computed[o->computed_count++] = NULL;
    return copy_name(q, 0, row, &o->computed[o->computed_count - 1], err);
}

static assay_code take_counts(void *into, const query *q, size_t row, assay_err *err)
{
    (void)err;
    project_overview *o = into;
    o->revision = ((const uint64_t *)query_get(q, 0).at)[row];
    o->has_images = flag_at(q, 1, row);
    o->measured = ((const uint64_t *)query_get(q, 2).at)[row];
    o->thumbnails = ((const uint64_t *)query_get(q, 3).at)[row];
    o->unreadable = ((const uint64_t *)query_get(q, 4).at)[row];
    return ASSAY_OK;
}

static assay_code read_overview(const duck *d, project_overview *o, assay_err *err)
{
    static const struct {
        const char *sql;
        take_row *take;
    } parts[] = {
        {"SELECT revision, root IS NOT NULL, "
         "CAST((SELECT count(*) FROM measures WHERE unreadable IS NULL) AS UBIGINT), "
         "CAST((SELECT count(thumbnail_hash) FROM measures) AS UBIGINT), "
         "CAST((SELECT count(unreadable) FROM measures) AS UBIGINT) FROM project",
         take_counts},
        {"SELECT m.model, m.name, m.probabilities IS NOT NULL, m.has_confidence, "
         "CAST(coalesce(p.n, 0) AS UBIGINT) FROM models m LEFT JOIN (SELECT model, count(class) "
         "AS n FROM predictions GROUP BY model) p ON p.model = m.model ORDER BY m.model",
         take_model},
        {"SELECT name, dimensions, is_default, source = 'built-in', neighbours IS NOT NULL "
         "FROM embeddings ORDER BY name",
         take_embedding},
        {"SELECT name FROM metrics WHERE origin IS NOT NULL ORDER BY metric", take_computed},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        ASSAY_TRY(read_rows(d, parts[i].sql, parts[i].take, o, err));
    return ASSAY_OK;
}

assay_code project_overview_read(const char *path, int thread_count, project_overview *out,
                                 assay_err *err)
{
    *out = (project_overview){0};
    duck db;
    ASSAY_TRY(project_read(path, thread_count, &db, err));
    const assay_code code = read_overview(&db, out, err);
    duck_close(&db);
    if (code != ASSAY_OK)
        project_overview_clear(out);
    return code;
}

void project_overview_clear(project_overview *o)
{
    for (size_t i = 0; i < o->model_count; i++)
        mem_free(o->model[i].name);
    for (size_t i = 0; i < o->embedding_count; i++)
        mem_free(o->embedding[i].name);
    for (size_t i = 0; i < o->computed_count; i++)
        mem_free(o->computed[i]);
    mem_free(o->model);
    mem_free(o->embedding);
    mem_free(o->computed);
    *o = (project_overview){0};
}

static assay_code read_revision(const duck *d, uint64_t *out, assay_err *err)
{
    return query_number(d, "SELECT revision FROM project", "the project", out, err);
}

assay_code project_revision_read(const char *path, int thread_count, uint64_t *out, assay_err *err)
{
    duck db;
    ASSAY_TRY(project_read(path, thread_count, &db, err));
    const assay_code code = read_revision(&db, out, err);
    duck_close(&db);
    return code;
}

/* One column of a model as it is read: a metric, or an attribute whose texts come one by one. */
typedef struct model_column {
    frame *f;
    metric_column *metric;       /* the one of them that is not NULL */
    attribute_column *attribute; /* gets its texts at the end */
    dictionary texts;
} model_column;

static void model_column_clear(model_column *c)
{
    dictionary_clear(&c->texts);
}
ASSAY_AUTO_CLEAR_DECLARE(model_column)

static assay_code take_number(void *into, const query *q, size_t row, assay_err *err)
{
    (void)err;
    const model_column *c = into;
    const uint32_t sample = ((const uint32_t *)query_get(q, 0).at)[row];
    if (sample < c->f->row_count)
        c->metric->value[sample] = ((const double *)query_get(q, 1).at)[row];
    return ASSAY_OK;
}

static assay_code take_text(void *into, const query *q, size_t row, assay_err *err)
{
    model_column *c = into;
    const uint32_t sample = ((const uint32_t *)query_get(q, 0).at)[row];
    const query_column value = query_get(q, 1);
    size_t length;
    const char *at = query_text(&value, row, &length);
    uint32_t code = 0;
    ASSAY_TRY(dictionary_add(&c->texts, at, length, text_hash(at, length), &code, err));
    if (sample < c->f->row_count)
        c->attribute->code[sample] = code;
    return ASSAY_OK;
}

static assay_code add_metric(model_column *c, assay_err *err)
{
    frame *f = c->f;
    metric_column *grown = mem_resize(f->metric, f->metric_count + 1, sizeof *grown);
    if (!grown)
        return overview_nomem(err);
    f->metric = grown;
    c->metric = &f->metric[f->metric_count++];
    *c->metric = (metric_column){.value = mem_alloc(f->row_count, sizeof *c->metric->value)};
    if (!c->metric->value)
        return overview_nomem(err);
    for (size_t i = 0; i < f->row_count; i++)
        c->metric->value[i] = (double)NAN;
    return ASSAY_OK;
}

static assay_code add_attribute(model_column *c, assay_err *err)
{
    frame *f = c->f;
    attribute_column *grown = mem_resize(f->attribute, f->attribute_count + 1, sizeof *grown);
    if (!grown)
        return overview_nomem(err);
    f->attribute = grown;
    c->attribute = &f->attribute[f->attribute_count++];
    *c->attribute = (attribute_column){.code = mem_alloc(f->row_count, sizeof *c->attribute->code)};
    if (!c->attribute->code)
        return overview_nomem(err);
    memset(c->attribute->code, 0xFF, f->row_count * sizeof *c->attribute->code);
    return ASSAY_OK;
}

static assay_code give_texts(const model_column *c, assay_err *err)
{
    assert(c->attribute);
    c->attribute->value = mem_zalloc(c->texts.count, sizeof *c->attribute->value);
    if (!c->attribute->value)
        return overview_nomem(err);
    c->attribute->value_count = c->texts.count;
    for (uint32_t v = 0; v < c->texts.count; v++) {
        size_t length;
        const char *at = dictionary_text(&c->texts, v, &length);
        c->attribute->value[v] = mem_copy_text(at, length);
        if (!c->attribute->value[v])
            return overview_nomem(err);
    }
    return ASSAY_OK;
}

/* How the two kinds of columns are found and read. */
typedef struct column_kind {
    const char *name; /* the `nth` column of a model: number and name */
    const char *values;
    bool texts;
} column_kind;

static const column_kind column_kinds[] = {
    {"SELECT metric, name FROM metrics WHERE model = $1 ORDER BY metric LIMIT 1 OFFSET $2",
     "SELECT sample, value FROM metric_values WHERE metric = $1", false},
    {"SELECT attribute, name FROM attributes WHERE model = $1 ORDER BY attribute LIMIT 1 OFFSET $2",
     "SELECT sample, value FROM attribute_values WHERE attribute = $1", true},
};

/* A column before it is read; the name is NULL where there is none. */
typedef struct named_column {
    uint32_t number;
    char *name;
} named_column;

/* A model's nth column. A second statement would end the first one's stream, so that each is asked
 * for by itself. */
static assay_code nth_column(const duck *d, const char *sql, uint32_t model, uint64_t nth,
                             named_column *out, assay_err *err)
{
    *out = (named_column){0};
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, sql, "the model's columns", err));
    ASSAY_TRY(query_bind_count(&q, 1, model, err));
    ASSAY_TRY(query_bind_count(&q, 2, nth, err));
    size_t rows = 0;
    ASSAY_TRY(query_next(&q, &rows, err));
    if (rows == 0)
        return ASSAY_OK;
    out->number = ((const uint32_t *)query_get(&q, 0).at)[0];
    return copy_name(&q, 1, 0, &out->name, err);
}

/* Takes the name over. */
static assay_code read_column(const duck *d, const column_kind *kind, named_column column, frame *f,
                              assay_err *err)
{
    ASSAY_AUTO_CLEAR(model_column) c = {.f = f};
    const assay_code code = kind->texts ? add_attribute(&c, err) : add_metric(&c, err);
    if (c.attribute)
        c.attribute->name = column.name;
    else if (c.metric)
        c.metric->name = column.name;
    else
        mem_free(column.name);
    ASSAY_TRY(code);
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, kind->values, column.name, err));
    ASSAY_TRY(query_bind_count(&q, 1, column.number, err));
    ASSAY_TRY(each_row(&q, kind->texts ? take_text : take_number, &c, err));
    return kind->texts ? give_texts(&c, err) : ASSAY_OK;
}

static assay_code read_columns(const duck *d, uint32_t model, frame *f, assay_err *err)
{
    for (size_t k = 0; k < sizeof column_kinds / sizeof *column_kinds; k++) {
        for (uint64_t nth = 0;; nth++) {
            named_column column;
            ASSAY_TRY(nth_column(d, column_kinds[k].name, model, nth, &column, err));
            if (!column.name)
                break;
            ASSAY_TRY(read_column(d, &column_kinds[k], column, f, err));
        }
    }
    return ASSAY_OK;
}

assay_code project_read_model_columns(const char *path, uint32_t model, int thread_count, frame *f,
                                      uint64_t *revision, assay_err *err)
{
    duck db;
    ASSAY_TRY(project_read(path, thread_count, &db, err));
    assay_code code = read_revision(&db, revision, err);
    if (code == ASSAY_OK)
        code = read_columns(&db, model, f, err);
    duck_close(&db);
    return code;
}

assay_code project_tags_read(const char *path, int thread_count, frame *f, uint64_t *revision,
                             assay_err *err)
{
    duck db;
    ASSAY_TRY(project_read(path, thread_count, &db, err));
    assay_code code = read_revision(&db, revision, err);
    if (code == ASSAY_OK)
        code = project_read_tags(&db, f, err);
    duck_close(&db);
    return code;
}
