/* Reads the parts of a workspace from the project. */
#include "server/workspace_parts.h"

#include "base/mem.h"
#include "base/threads.h"
#include "project/prediction_metrics.h"
#include "project/project_frame.h"
#include "store/project_load.h"

#include <assert.h>
#include <string.h>

ASSAY_AUTO_DECLARE(columns)
ASSAY_AUTO_DECLARE(frame)

static assay_code columns_nomem(const char *path, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", path);
}

static void codes_free(metric_codes **codes, size_t count)
{
    for (size_t i = 0; codes && i < count; i++)
        metric_codes_free(codes[i]);
    mem_free(codes);
}

static void model_part_free(model_part *part)
{
    if (!part)
        return;
    codes_free(part->codes, part->own ? part->own->metric_count : 0);
    frame_free(part->own);
    mem_free(part);
}
ASSAY_AUTO_DECLARE(model_part)

void columns_free(columns *c)
{
    if (!c)
        return;
    for (model_part *part = c->parts, *next; part; part = next) {
        next = part->next;
        model_part_free(part);
    }
    codes_free(c->codes, c->base ? c->base->metric_count : 0);
    frame_free(c->base);
    project_overview_clear(&c->overview);
    mem_free(c);
}

/* The revision before and after says whether it is all of one. */
static assay_code load_once(const char *path, int thread_count, columns *c, bool *whole,
                            assay_err *err)
{
    const project_frame_request wanted = {
        .path = path, .no_model = true, .ids = true, .thread_count = thread_count};
    uint64_t revision = 0;
    ASSAY_TRY(project_overview_read(path, thread_count, &c->overview, err));
    ASSAY_TRY(project_frame_load(&wanted, &c->base, err));
    ASSAY_TRY(project_revision_read(path, thread_count, &revision, err));
    *whole = revision == c->overview.revision;
    return ASSAY_OK;
}

assay_code columns_load(const char *path, int thread_count, columns **out, assay_err *err)
{
    *out = NULL;
    for (int attempt = 0; attempt < WORKSPACE_ATTEMPTS; attempt++) {
        ASSAY_AUTO(columns) c = mem_zalloc(1, sizeof *c);
        if (!c)
            return columns_nomem(path, err);
        bool whole = false;
        ASSAY_TRY(load_once(path, thread_count, c, &whole, err));
        if (whole) {
            c->codes = mem_zalloc(c->base->metric_count, sizeof(metric_codes *));
            if (!c->codes)
                return columns_nomem(path, err);
            *out = ASSAY_GIVE(c);
            return ASSAY_OK;
        }
    }
    return assay_fail(err, ASSAY_E_CONFLICT, "%s: changes faster than it can be read", path);
}

assay_code columns_of_frame(frame *f, columns **out, assay_err *err)
{
    *out = mem_zalloc(1, sizeof **out);
    if (!*out) {
        frame_free(f);
        return columns_nomem("the samples", err);
    }
    (*out)->base = f;
    (*out)->codes = mem_zalloc(f->metric_count, sizeof(metric_codes *));
    if ((*out)->codes)
        return ASSAY_OK;
    columns_free(*out);
    *out = NULL;
    return columns_nomem("the samples", err);
}

/* The base's metrics first, without their values, then the model's own. */
static assay_code share_metrics(const frame *base, frame *own)
{
    const size_t count = base->metric_count + own->metric_count;
    metric_column *all = mem_zalloc(count, sizeof *all);
    if (!all)
        return ASSAY_E_NOMEM;
    bool named = true;
    for (size_t i = 0; i < base->metric_count; i++) {
        all[i] = base->metric[i];
        all[i].value_borrowed = true;
        all[i].name = mem_copy_text(base->metric[i].name, strlen(base->metric[i].name));
        named &= all[i].name != NULL;
    }
    if (own->metric_count > 0)
        memcpy(all + base->metric_count, own->metric, own->metric_count * sizeof *all);
    mem_free(own->metric);
    own->metric = all;
    own->metric_count = count;
    return named ? ASSAY_OK : ASSAY_E_NOMEM;
}

/* SQL conditions and the Explorer may name any of them. */
static assay_code add_prediction_metrics(frame *own, int thread_count, assay_err *err)
{
    const prediction_metrics_request all = {
        .metric = "least_confidence,self_confidence,normalised_margin",
        .thread_count = thread_count};
    return prediction_metrics_add(own, &all, err);
}

static assay_code load_part(const columns *c, const part_request *of, uint64_t *revision,
                            frame **out, assay_err *err)
{
    const project_load_request wanted = {.path = of->path,
                                         .model = of->model->name,
                                         .no_metrics = true,
                                         .thread_count = of->thread_count};
    ASSAY_AUTO(frame) own = NULL;
    ASSAY_TRY(project_load(&wanted, &own, err));
    ASSAY_TRY(project_read_model_columns(of->path, of->model->number, of->thread_count, own,
                                         revision, err));
    if (own->row_count == c->base->row_count) {
        if (share_metrics(c->base, own) != ASSAY_OK)
            return columns_nomem(of->path, err);
        ASSAY_TRY(add_prediction_metrics(own, of->thread_count, err));
    }
    mem_free(own->label);
    own->label = NULL; /* the base's */
    *out = ASSAY_GIVE(own);
    return ASSAY_OK;
}

assay_code columns_part(columns *c, const part_request *of, const model_part **out, bool *changed,
                        assay_err *err)
{
    *out = NULL;
    *changed = false;
    for (const model_part *part = c->parts; part; part = part->next) {
        if (!strcmp(part->own->model, of->model->name)) {
            *out = part;
            return ASSAY_OK;
        }
    }
    ASSAY_AUTO(model_part) part = mem_zalloc(1, sizeof *part);
    if (!part)
        return columns_nomem(of->path, err);
    uint64_t now = 0;
    ASSAY_TRY(load_part(c, of, &now, &part->own, err));
    *changed = now != of->revision;
    if (*changed)
        return ASSAY_OK;
    part->codes = mem_zalloc(part->own->metric_count, sizeof(metric_codes *));
    if (!part->codes)
        return columns_nomem(of->path, err);
    part->next = c->parts;
    c->parts = part;
    *out = ASSAY_GIVE(part);
    return ASSAY_OK;
}

/* Orders that are to be made. */
typedef struct ordering {
    const frame *f;
    metric_codes ***place; /* where each goes */
    const double **value;
    size_t count;
} ordering;

static int order_one(void *context, size_t chunk, int worker)
{
    (void)worker;
    const ordering *o = context;
    return metric_codes_new(o->value[chunk], o->f->row_count, o->place[chunk], NULL) != ASSAY_OK;
}

/* Where the order of the part's ith metric is kept: the part's first metrics are the base's. */
static metric_codes **place_of(columns *c, const model_part *part, size_t i)
{
    if (i < c->base->metric_count)
        return &c->codes[i];
    assert(part);
    return &part->codes[i];
}

static assay_code make_orders(columns *c, const model_part *part, const frame *f, int thread_count,
                              assay_err *err)
{
    ASSAY_AUTO_MEM metric_codes ***place = mem_alloc(f->metric_count, sizeof(metric_codes **));
    ASSAY_AUTO_MEM const double **value = mem_alloc(f->metric_count, sizeof(const double *));
    ordering o = {.f = f, .place = place, .value = value};
    bool made = place && value;
    for (size_t i = 0; made && i < f->metric_count; i++) {
        if (f->metric[i].on_request || *place_of(c, part, i))
            continue;
        place[o.count] = place_of(c, part, i);
        value[o.count++] = f->metric[i].value;
    }
    made = made && threads_run(o.count, thread_count, order_one, &o) == 0;
    return made ? ASSAY_OK
                : assay_fail(err, ASSAY_E_NOMEM, "out of memory for the order of %zu samples",
                             f->row_count);
}

assay_code columns_codes(columns *c, const model_part *part, int thread_count,
                         const metric_codes ***out, assay_err *err)
{
    const frame *f = part ? part->own : c->base;
    ASSAY_TRY(make_orders(c, part, f, thread_count, err));
    *out = mem_alloc(f->metric_count, sizeof(const metric_codes *));
    if (!*out)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu metrics", f->metric_count);
    for (size_t i = 0; i < f->metric_count; i++)
        (*out)[i] = *place_of(c, part, i);
    return ASSAY_OK;
}

assay_code tags_load(const char *path, int thread_count, size_t row_count, frame **out,
                     uint64_t *revision, assay_err *err)
{
    ASSAY_AUTO(frame) tags = mem_zalloc(1, sizeof *tags);
    *out = NULL;
    if (!tags)
        return columns_nomem(path, err);
    tags->row_count = row_count;
    ASSAY_TRY(project_tags_read(path, thread_count, tags, revision, err));
    *out = ASSAY_GIVE(tags);
    return ASSAY_OK;
}
