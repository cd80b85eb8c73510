/* Models in and out of a project's tables. */
#include "store/project_models.h"

#include "store/append.h"
#include "store/project_columns.h"
#include "store/query.h"

#include <math.h>
#include <string.h>

void project_models_clear(project_models *list)
{
    for (size_t i = 0; i < list->count; i++) {
        project_model *m = &list->model[i];
        mem_free(m->name);
        mem_free(m->source);
        mem_free(m->probabilities);
        mem_free(m->top_classes);
    }
    mem_free(list->model);
    *list = (project_models){0};
}

static assay_code copy_text(const query *q, size_t column, size_t row, char **out, assay_err *err)
{
    const query_column c = query_get(q, column);
    *out = NULL;
    if (query_is_null(&c, row))
        return ASSAY_OK;
    size_t length;
    const char *at = query_text(&c, row, &length);
    *out = mem_copy_text(at, length);
    return *out ? ASSAY_OK : assay_fail(err, ASSAY_E_NOMEM, "out of memory for the models");
}

static assay_code read_model(const query *q, size_t row, project_models *out, assay_err *err)
{
    project_model *grown = mem_resize(out->model, out->count + 1, sizeof *grown);
    if (!grown)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the models");
    out->model = grown;
    project_model *m = &out->model[out->count++];
    *m = (project_model){.number = ((const uint32_t *)query_get(q, 0).at)[row],
                         .has_confidence = ((const bool *)query_get(q, 5).at)[row]};
    ASSAY_TRY(copy_text(q, 1, row, &m->name, err));
    ASSAY_TRY(copy_text(q, 2, row, &m->source, err));
    ASSAY_TRY(copy_text(q, 3, row, &m->probabilities, err));
    return copy_text(q, 4, row, &m->top_classes, err);
}

static assay_code read_models(const duck *d, project_models *out, assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d,
                            "SELECT model, name, source, probabilities, top_classes, "
                            "has_confidence FROM models ORDER BY model",
                            "the models", err));
    for (size_t rows = 1; rows > 0;) {
        ASSAY_TRY(query_next(&q, &rows, err));
        for (size_t i = 0; i < rows; i++)
            ASSAY_TRY(read_model(&q, i, out, err));
    }
    return ASSAY_OK;
}

assay_code project_read_models(const duck *d, project_models *out, assay_err *err)
{
    *out = (project_models){0};
    const assay_code code = read_models(d, out, err);
    if (code != ASSAY_OK)
        project_models_clear(out);
    return code;
}

static assay_code drop_model(const duck *d, uint32_t number, assay_err *err)
{
    static const char *const statements[] = {"DELETE FROM predictions WHERE model = $1",
                                             "DELETE FROM models WHERE model = $1"};
    ASSAY_TRY(project_drop_columns(d, number, err));
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        ASSAY_AUTO_CLEAR(query) q = {0};
        ASSAY_TRY(query_prepare(&q, d, statements[i], "the model", err));
        ASSAY_TRY(query_bind_count(&q, 1, number, err));
        ASSAY_TRY(query_run(&q, err));
    }
    return ASSAY_OK;
}

/* The number of the model of this name, whose rows go; else the next number. */
static assay_code number_model(const duck *d, project_model *model, assay_err *err)
{
    ASSAY_AUTO_CLEAR(project_models) there = {0};
    ASSAY_TRY(project_read_models(d, &there, err));
    model->number = 0;
    for (size_t i = 0; i < there.count; i++) {
        if (!strcmp(there.model[i].name, model->name)) {
            model->number = there.model[i].number;
            return drop_model(d, model->number, err);
        }
        if (there.model[i].number >= model->number)
            model->number = there.model[i].number + 1;
    }
    return ASSAY_OK;
}

static assay_code bind_optional(query *q, size_t parameter, const char *text, assay_err *err)
{
    return text ? query_bind_text(q, parameter, text, strlen(text), err)
                : query_bind_null(q, parameter, err);
}

static assay_code put_row(const duck *d, const project_model *model, assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d,
                            "INSERT INTO models VALUES ($1, $2, $3, CAST(current_timestamp AT TIME "
                            "ZONE 'UTC' AS TIMESTAMP), CAST($4 AS UTINYINT) = 1, $5, $6)",
                            "the model", err));
    ASSAY_TRY(query_bind_count(&q, 1, model->number, err));
    ASSAY_TRY(query_bind_text(&q, 2, model->name, strlen(model->name), err));
    ASSAY_TRY(query_bind_text(&q, 3, model->source, strlen(model->source), err));
    ASSAY_TRY(query_bind_count(&q, 4, model->has_confidence, err));
    ASSAY_TRY(bind_optional(&q, 5, model->probabilities, err));
    ASSAY_TRY(bind_optional(&q, 6, model->top_classes, err));
    return query_run(&q, err);
}

assay_code project_put_model(const duck *d, project_model *model, const uint16_t *prediction,
                             const double *confidence, size_t count, assay_err *err)
{
    ASSAY_TRY(number_model(d, model, err));
    ASSAY_TRY(put_row(d, model, err));
    ASSAY_AUTO_CLEAR(append) a = {0};
    ASSAY_TRY(append_open(&a, d, "predictions", "the predictions", err));
    for (size_t i = 0; i < count; i++) {
        const bool has_confidence = confidence && !isnan(confidence[i]);
        if (prediction[i] == CLASS_MISSING && !has_confidence)
            continue;
        append_u32(&a, 0, model->number);
        append_u32(&a, 1, (uint32_t)i);
        if (prediction[i] != CLASS_MISSING)
            append_u16(&a, 2, prediction[i]);
        if (has_confidence)
            append_real(&a, 3, confidence[i]);
        append_row(&a);
    }
    return append_finish(&a, err);
}

assay_code project_move_probabilities(const duck *d, uint32_t model, const char *file,
                                      assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, "UPDATE models SET probabilities = $2 WHERE model = $1",
                            "the model", err));
    ASSAY_TRY(query_bind_count(&q, 1, model, err));
    ASSAY_TRY(query_bind_text(&q, 2, file, strlen(file), err));
    return query_run(&q, err);
}

static void take_rows(const query *q, size_t rows, uint16_t *prediction, double *confidence,
                      size_t count)
{
    const uint32_t *sample = query_get(q, 0).at;
    const query_column code = query_get(q, 1);
    const query_column number = query_get(q, 2);
    for (size_t i = 0; i < rows; i++) {
        if (sample[i] >= count)
            continue;
        if (!query_is_null(&code, i))
            prediction[sample[i]] = ((const uint16_t *)code.at)[i];
        if (confidence && !query_is_null(&number, i))
            confidence[sample[i]] = ((const double *)number.at)[i];
    }
}

assay_code project_read_predictions(const duck *d, uint32_t model, uint16_t *prediction,
                                    double *confidence, size_t count, assay_err *err)
{
    for (size_t i = 0; i < count; i++) {
        prediction[i] = CLASS_MISSING;
        if (confidence)
            confidence[i] = (double)NAN;
    }
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d,
                            "SELECT sample, class, confidence FROM predictions WHERE model = $1",
                            "the predictions", err));
    ASSAY_TRY(query_bind_count(&q, 1, model, err));
    for (size_t rows = 1; rows > 0;) {
        ASSAY_TRY(query_next(&q, &rows, err));
        if (rows > 0)
            take_rows(&q, rows, prediction, confidence, count);
    }
    return ASSAY_OK;
}
