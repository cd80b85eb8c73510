/* ROC and PR curves of chosen classes. */
#include "server/filter.h"
#include "server/kept_body.h"
#include "server/routes.h"

#include "base/limits.h"
#include "base/mem.h"
#include "eval/evaluation.h"
#include "report/json_sections.h"

#include <assert.h>
#include <string.h>

enum { CURVES_MOST = 20 };

ASSAY_AUTO_CLEAR_DECLARE(samples)
ASSAY_AUTO_DECLARE(ranking)

/* Which classes' curves are asked for, in that order. */
typedef struct curves_asked {
    const filter *filter;
    uint16_t class_code[CURVES_MOST];
    size_t count;
    cancellation *stop;
} curves_asked;

static assay_code add_class(curves_asked *c, const char *name, assay_err *err)
{
    const uint16_t code = class_list_find(&filter_frame(c->filter)->classes, name, strlen(name));
    if (code == CLASS_MISSING)
        return assay_fail(err, ASSAY_E_USAGE, "there is no class '%.200s'", name);
    for (size_t i = 0; i < c->count; i++) {
        if (c->class_code[i] == code)
            return ASSAY_OK;
    }
    if (c->count == CURVES_MOST)
        return assay_fail(err, ASSAY_E_USAGE, "there are more than %d classes", CURVES_MOST);
    c->class_code[c->count++] = code;
    return ASSAY_OK;
}

static assay_code read_classes(curves_asked *c, const request *q, assay_err *err)
{
    for (size_t i = 0; i < q->parameter_count; i++) {
        if (!strcmp(q->parameter[i].name, "class"))
            ASSAY_TRY(add_class(c, q->parameter[i].value, err));
    }
    const frame *f = filter_frame(c->filter);
    if (f->probability)
        return ASSAY_OK;
    return assay_fail(err, ASSAY_E_INPUT, "curves need probabilities, and %s%s has none",
                      f->model ? "model " : "the project without a model",
                      f->model ? f->model : "");
}

static void put_points(json_writer *w, json_t *object, const char *key, const curve *c)
{
    json_t *list = json_put_array(w, object, key);
    for (size_t i = 0; i < c->count; i++) {
        json_t *point = json_append_array(w, list);
        json_append_number(w, point, c->point[i].x);
        json_append_number(w, point, c->point[i].y);
        json_append_number(w, point, c->point[i].threshold);
    }
}

static void put_curves(const curves_asked *c, const ranking *r, json_writer *w)
{
    const class_list *classes = &filter_frame(c->filter)->classes;
    assert(r);
    json_put_count(w, w->root, "revision", workspace_revision(filter_view(c->filter)));
    json_t *list = json_put_array(w, w->root, "curves");
    for (size_t i = 0; i < c->count; i++) {
        const class_ranking *of = &r->per_class[c->class_code[i]];
        json_t *one = json_append_object(w, list);
        json_put_text(w, one, "class", classes->name[c->class_code[i]]);
        put_points(w, one, "roc", &of->roc);
        put_points(w, one, "pr", &of->pr);
        json_put_score(w, one, "auroc", &of->auroc);
        json_put_score(w, one, "average_precision", &of->average_precision);
    }
}

/* Over all samples, whatever classes are shown: a class's curve never changes. */
static assay_code rank_classes(const curves_asked *c, ranking **out, assay_err *err)
{
    const frame *f = filter_frame(c->filter);
    ASSAY_AUTO_MEM bool *ranked = mem_zalloc(f->classes.count, sizeof *ranked);
    if (!ranked)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %u classes", f->classes.count);
    for (size_t i = 0; i < c->count; i++)
        ranked[c->class_code[i]] = true;
    evaluation_options options;
    evaluation_defaults(&options);
    options.thread_count = workspace_threads(workspace_of(filter_view(c->filter)));
    options.ranked = ranked;
    options.stop = c->stop;
    ASSAY_AUTO_CLEAR(samples) s = {0};
    ASSAY_TRY(samples_init(&s, f, filter_rows(c->filter), NULL, err));
    return ranking_new(&s, CURVE_POINTS_MOST, &options, out, err);
}

static assay_code make_curves(void *context, text *out, assay_err *err)
{
    const curves_asked *c = context;
    ASSAY_AUTO(ranking) r = NULL;
    ASSAY_TRY(rank_classes(c, &r, err));
    json_writer w;
    json_writer_init(&w);
    put_curves(c, r, &w);
    const assay_code code = json_dump_checked(&w, out, err);
    json_writer_clear(&w);
    return code;
}

static assay_code answer(curves_asked *c, const request *q, reply *out, assay_err *err)
{
    ASSAY_TRY(read_classes(c, q, err));
    const body_wanted wanted = {.make = make_curves, .context = c, .stop = q->stop};
    text question;
    text_init(&question, 1024);
    text_puts(&question, "curves");
    for (size_t i = 0; i < c->count; i++)
        text_printf(&question, " %u", c->class_code[i]);
    assay_code code = text_check(&question, err);
    if (code == ASSAY_OK)
        code = kept_answer(c->filter, text_view(&question), &wanted, out, err);
    text_clear(&question);
    return code;
}

ROUTE_HANDLER(handle_curves)
{
    filter *f;
    ASSAY_TRY(filter_of_request(w, q, &f, out, err));
    curves_asked c = {.filter = f, .stop = q->stop};
    const assay_code code = answer(&c, q, out, err);
    filter_release(f);
    return code;
}
