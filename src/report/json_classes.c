/* Each class and the confusion matrix in the JSON report. */
#include "report/json_sections.h"

#include "report/shown_matrix.h"

/* Above this the matrix is written by its cells that are not zero. */
enum { DENSE_CLASSES_MOST = 1000 };

void json_per_class(json_writer *w, json_t *object, const evaluated *e)
{
    const evaluation *v = e->evaluation;
    json_t *list = json_put_array(w, object, "per_class");
    for (uint32_t k = 0; k < v->matrix->class_count; k++) {
        if (!json_shows_class(e, k))
            continue;
        const class_scores *s = &v->matrix->per_class[k];
        json_t *o = json_append_object(w, list);
        json_put_text(w, o, "class", e->frame->classes.name[k]);
        json_put_count(w, o, "support", s->support);
        json_put_count(w, o, "predicted", s->predicted);
        json_put_count(w, o, "true_positive", s->true_positive);
        json_put_score(w, o, "precision", &s->precision);
        json_put_score(w, o, "recall", &s->recall);
        json_put_score(w, o, "f1", &s->f1);
        if (v->ranking) {
            json_put_score(w, o, "auroc", &v->ranking->per_class[k].auroc);
            json_put_score(w, o, "average_precision", &v->ranking->per_class[k].average_precision);
        }
    }
}

static void put_row(json_writer *w, json_t *row, const uint64_t *count, size_t size)
{
    for (size_t i = 0; i < size; i++)
        json_append_count(w, row, count[i]);
}

static void put_dense(json_writer *w, json_t *o, const evaluated *e, const shown_matrix *m)
{
    json_t *names = json_put_array(w, o, "classes");
    for (size_t i = 0; i < m->shown; i++)
        json_append_text(w, names, e->frame->classes.name[m->class_of[i]]);
    json_put_bool(w, o, "other", m->size > m->shown);
    json_t *rows = json_put_array(w, o, "counts");
    for (size_t i = 0; i < m->size; i++)
        put_row(w, json_append_array(w, rows), m->count + i * m->size, m->size);
    json_t *missing = json_put_object(w, o, "missing");
    put_row(w, json_put_array(w, missing, "prediction"), m->no_prediction, m->size);
    put_row(w, json_put_array(w, missing, "label"), m->no_label, m->size);
    json_put_count(w, missing, "both", m->neither);
}

static void put_sparse_missing(json_writer *w, json_t *o, const char *key, const uint64_t *count,
                               uint32_t class_count)
{
    json_t *list = json_put_array(w, o, key);
    for (uint32_t k = 0; k < class_count; k++) {
        if (count[k] == 0)
            continue;
        json_t *pair = json_append_array(w, list);
        json_append_count(w, pair, k);
        json_append_count(w, pair, count[k]);
    }
}

/* All cells of all classes: a filter of more than DENSE_CLASSES_MOST classes hides none of them. */
static void put_sparse(json_writer *w, json_t *o, const confusion *c)
{
    json_t *cells = json_put_array(w, json_put_object(w, o, "counts"), "sparse");
    for (size_t i = 0; i < c->cell_count; i++) {
        json_t *cell = json_append_array(w, cells);
        json_append_count(w, cell, c->cell[i].label);
        json_append_count(w, cell, c->cell[i].prediction);
        json_append_count(w, cell, c->cell[i].count);
    }
    json_t *missing = json_put_object(w, json_put_object(w, o, "missing"), "sparse");
    put_sparse_missing(w, missing, "prediction", c->without_prediction, c->class_count);
    put_sparse_missing(w, missing, "label", c->without_label, c->class_count);
    json_put_count(w, missing, "both", c->without_both);
}

static void put_pairs(json_writer *w, json_t *o, const char *key, const evaluated *e,
                      const confused_pair *pair, size_t count)
{
    json_t *list = json_put_array(w, o, key);
    for (size_t i = 0; i < count; i++) {
        json_t *item = json_append_object(w, list);
        json_put_text(w, item, "true", e->frame->classes.name[pair[i].label]);
        json_put_text(w, item, "predicted", e->frame->classes.name[pair[i].prediction]);
        json_put_count(w, item, "count", pair[i].count);
        json_put_number(w, item, "share", pair[i].share);
    }
}

assay_code json_confusion(json_writer *w, json_t *object, const evaluated *e, assay_err *err)
{
    const evaluation *v = e->evaluation;
    json_t *o = json_put_object(w, object, "confusion");
    size_t shown = e->shown ? e->shown_count : v->confusion->class_count;
    if (shown <= DENSE_CLASSES_MOST) {
        shown_matrix m;
        ASSAY_TRY(shown_matrix_init(&m, v->confusion, e->shown, e->shown_count, err));
        put_dense(w, o, e, &m);
        shown_matrix_clear(&m);
    } else {
        put_sparse(w, o, v->confusion);
    }
    put_pairs(w, o, "top_pairs", e, v->pair, v->pair_count);
    put_pairs(w, o, "top_pairs_both_ways", e, v->pair_both_ways, v->pair_both_ways_count);
    return ASSAY_OK;
}
