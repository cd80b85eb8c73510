/* What the project is and has: what the page must know before it asks for anything. */
#include "server/kept_body.h"
#include "server/routes.h"

#include "base/mem.h"
#include "eval/distribution.h"
#include "image/measure.h"
#include "store/frame_table.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SCHEMA = 1, VALUES_MOST = 200 };

ASSAY_AUTO_DECLARE(frame_table)

/* A project that is being told. */
typedef struct telling {
    const workspace_view *view;
    const frame *frame;
    const project_overview *overview;
    json_writer *w;
} telling;

static assay_code telling_nomem(assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for what the project holds");
}

/* "pets" of "/data/pets.assay/" */
static assay_code put_name(const telling *t, const char *path, assay_err *err)
{
    static const char ending[] = ".assay";
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    const size_t tail = sizeof ending - 1;
    if (end - start > tail && !memcmp(path + end - tail, ending, tail))
        end -= tail;
    ASSAY_AUTO_MEM char *name = mem_copy_text(path + start, end - start);
    if (!name)
        return telling_nomem(err);
    json_put_text(t->w, t->w->root, "name", name);
    return ASSAY_OK;
}

static assay_code put_classes(const telling *t, assay_err *err)
{
    const frame *f = t->frame;
    ASSAY_AUTO_MEM uint64_t *count = mem_zalloc((size_t)CLASS_MISSING + 1, sizeof *count);
    if (!count)
        return telling_nomem(err);
    for (size_t row = 0; row < f->row_count; row++)
        count[f->label[row]]++;
    json_put_count(t->w, t->w->root, "samples", f->row_count);
    json_put_count(t->w, t->w->root, "labelled", f->row_count - count[CLASS_MISSING]);
    json_put_count(t->w, t->w->root, "measured", t->overview->measured);
    json_put_count(t->w, t->w->root, "unreadable", t->overview->unreadable);
    json_t *list = json_put_array(t->w, t->w->root, "classes");
    for (uint32_t k = 0; k < f->classes.count; k++) {
        json_t *one = json_append_object(t->w, list);
        json_put_text(t->w, one, "name", f->classes.name[k]);
        json_put_count(t->w, one, "labelled", count[k]);
    }
    return ASSAY_OK;
}

static void put_models(const telling *t)
{
    json_t *list = json_put_array(t->w, t->w->root, "models");
    for (size_t i = 0; i < t->overview->model_count; i++) {
        const overview_model *m = &t->overview->model[i];
        json_t *one = json_append_object(t->w, list);
        json_put_text(t->w, one, "name", m->name);
        json_put_count(t->w, one, "samples", m->samples);
        json_put_bool(t->w, one, "has_probabilities", m->has_probabilities);
        json_put_bool(t->w, one, "has_confidence", m->has_confidence);
    }
}

static bool is_image_measure(const char *name)
{
#define X(enumerator, measure, unit, meaning)                                                      \
    if (!strcmp(name, measure))                                                                    \
        return true;
    IMAGE_MEASURE_MAP(X)
#undef X
    return false;
}

static const char *kind_of(const telling *t, const metric_column *m)
{
    if (m->from_prediction)
        return "prediction";
    for (size_t i = 0; i < t->overview->computed_count; i++) {
        if (!strcmp(t->overview->computed[i], m->name))
            return "embedding";
    }
    return t->overview->measured > 0 && is_image_measure(m->name) ? "image" : "user";
}

static void put_metric(const telling *t, json_t *list, const metric_column *m,
                       const metric_distribution *d)
{
    json_t *one = json_append_object(t->w, list);
    json_put_text(t->w, one, "name", m->name);
    json_put_text(t->w, one, "kind", kind_of(t, m));
    json_put_count(t->w, one, "count", d->count);
    json_put_number(t->w, one, "min", d->min);
    json_put_number(t->w, one, "q1", d->q1);
    json_put_number(t->w, one, "median", d->median);
    json_put_number(t->w, one, "q3", d->q3);
    json_put_number(t->w, one, "max", d->max);
    json_t *histogram = json_put_array(t->w, one, "histogram");
    for (size_t b = 0; b < d->bin_count; b++)
        json_append_count(t->w, histogram, d->bin[b]);
}

static assay_code put_metrics(const telling *t, assay_err *err)
{
    const frame *f = t->frame;
    ASSAY_AUTO_MEM size_t *which = mem_alloc(f->metric_count, sizeof *which);
    if (!which)
        return telling_nomem(err);
    for (size_t i = 0; i < f->metric_count; i++)
        which[i] = i;
    ASSAY_AUTO(metric_distributions) d = NULL;
    const int threads = workspace_threads(workspace_of(t->view));
    metric_choice all = {.which = which, .count = f->metric_count};
    ASSAY_TRY(workspace_codes(t->view, &all.codes, err));
    ASSAY_TRY(metric_distributions_new(f, NULL, all, threads, &d, err));
    json_t *list = json_put_array(t->w, t->w->root, "metrics");
    for (size_t i = 0; i < f->metric_count; i++)
        put_metric(t, list, &f->metric[i], &d->metric[i]);
    return ASSAY_OK;
}

typedef struct value_count {
    uint32_t value;
    uint64_t count;
} value_count;

static int by_count(const void *a, const void *b)
{
    const value_count *x = a;
    const value_count *y = b;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return x->value < y->value ? -1 : x->value > y->value;
}

/* How many samples have each value, the most frequent first. */
static assay_code count_values(const attribute_column *a, size_t row_count, value_count **out,
                               assay_err *err)
{
    *out = mem_zalloc(a->value_count, sizeof **out);
    if (!*out)
        return telling_nomem(err);
    for (uint32_t v = 0; v < a->value_count; v++)
        (*out)[v].value = v;
    for (size_t row = 0; row < row_count; row++) {
        if (a->code[row] < a->value_count)
            (*out)[a->code[row]].count++;
    }
    qsort(*out, a->value_count, sizeof **out, by_count);
    return ASSAY_OK;
}

static assay_code put_attribute(const telling *t, json_t *attributes, json_t *splits,
                                const attribute_column *a, assay_err *err)
{
    value_count *counted;
    ASSAY_TRY(count_values(a, t->frame->row_count, &counted, err));
    const bool is_split = !strcmp(a->name, "split");
    json_t *values = splits;
    if (!is_split) {
        json_t *one = json_append_object(t->w, attributes);
        json_put_text(t->w, one, "name", a->name);
        values = json_put_array(t->w, one, "values");
        json_put_count(t->w, one, "distinct", a->value_count);
    }
    for (uint32_t v = 0; v < a->value_count && (is_split || v < VALUES_MOST); v++) {
        json_t *value = json_append_object(t->w, values);
        json_put_text(t->w, value, is_split ? "name" : "value", a->value[counted[v].value]);
        json_put_count(t->w, value, "count", counted[v].count);
    }
    mem_free(counted);
    return ASSAY_OK;
}

static assay_code put_attributes(const telling *t, assay_err *err)
{
    json_t *attributes = json_put_array(t->w, t->w->root, "attributes");
    json_t *splits = json_put_array(t->w, t->w->root, "splits");
    for (size_t i = 0; i < t->frame->attribute_count; i++)
        ASSAY_TRY(put_attribute(t, attributes, splits, &t->frame->attribute[i], err));
    return ASSAY_OK;
}

static void put_tags(const telling *t)
{
    json_t *list = json_put_array(t->w, t->w->root, "tags");
    for (size_t i = 0; i < t->frame->tag_count; i++) {
        json_t *one = json_append_object(t->w, list);
        json_put_text(t->w, one, "name", t->frame->tag[i].name);
        json_put_count(t->w, one, "count", selection_count(&t->frame->tag[i].rows));
    }
}

static void put_embeddings(const telling *t)
{
    json_t *list = json_put_array(t->w, t->w->root, "embeddings");
    for (size_t i = 0; i < t->overview->embedding_count; i++) {
        const overview_embedding *e = &t->overview->embedding[i];
        json_t *one = json_append_object(t->w, list);
        json_put_text(t->w, one, "name", e->name);
        json_put_bool(t->w, one, "default", e->is_default);
        json_put_count(t->w, one, "dimensions", e->dimensions);
        json_put_bool(t->w, one, "built_in", e->built_in);
    }
}

static assay_code put_columns(const telling *t, assay_err *err)
{
    ASSAY_AUTO(frame_table) table = NULL;
    ASSAY_TRY(frame_table_list(t->frame, &table, err));
    json_t *list = json_put_array(t->w, t->w->root, "columns");
    for (size_t i = 0; i < frame_table_column_count(table); i++) {
        json_t *one = json_append_object(t->w, list);
        json_put_text(t->w, one, "name", frame_table_column_name(table, i));
        json_put_text(t->w, one, "type", frame_table_column_type(table, i));
    }
    return ASSAY_OK;
}

static void put_has(const telling *t)
{
    const project_overview *o = t->overview;
    bool neighbours = false;
    for (size_t i = 0; i < o->embedding_count; i++)
        neighbours |= o->embedding[i].is_default && o->embedding[i].has_neighbours;
    json_t *has = json_put_object(t->w, t->w->root, "has");
    json_put_bool(t->w, has, "images", o->has_images);
    json_put_bool(t->w, has, "measures", o->measured > 0);
    json_put_bool(t->w, has, "thumbnails", o->thumbnails > 0);
    json_put_bool(t->w, has, "embedding", o->embedding_count > 0);
    json_put_bool(t->w, has, "neighbours", neighbours);
    json_put_bool(t->w, has, "predictions", o->model_count > 0);
}

static assay_code put_project(const telling *t, assay_err *err)
{
    const char *path = workspace_path(workspace_of(t->view));
    json_put_text(t->w, t->w->root, "assay", ASSAY_VERSION);
    json_put_count(t->w, t->w->root, "schema", SCHEMA);
    ASSAY_TRY(put_name(t, path, err));
    json_put_text(t->w, t->w->root, "path", path);
    json_put_count(t->w, t->w->root, "revision", workspace_revision(t->view));
    ASSAY_TRY(put_classes(t, err));
    put_models(t);
    ASSAY_TRY(put_metrics(t, err));
    ASSAY_TRY(put_attributes(t, err));
    put_tags(t);
    put_embeddings(t);
    ASSAY_TRY(put_columns(t, err));
    put_has(t);
    json_put_bool(t->w, t->w->root, "writable", access(path, W_OK) == 0);
    return ASSAY_OK;
}

static assay_code make_project(void *context, text *out, assay_err *err)
{
    const workspace_view *v = context;
    json_writer w;
    json_writer_init(&w);
    const telling t = {
        .view = v, .frame = workspace_frame(v), .overview = workspace_overview(v), .w = &w};
    assay_code code = put_project(&t, err);
    if (code == ASSAY_OK)
        code = json_dump_checked(&w, out, err);
    json_writer_clear(&w);
    return code;
}

ROUTE_HANDLER(handle_project)
{
    workspace_view *v;
    ASSAY_TRY(workspace_look(w, NULL, &v, err));
    char key[64];
    snprintf(key, sizeof key, "project %llu", (unsigned long long)workspace_revision(v));
    out->revision_plus_one = workspace_revision(v) + 1;
    const body_wanted wanted = {.make = make_project, .context = v, .stop = q->stop};
    const assay_code code = kept_body(w, key, &wanted, out, err);
    workspace_release(v);
    return code;
}
