/* What each request sees of the project. */
#include "server/workspace.h"

#include "base/clock.h"
#include "base/mem.h"
#include "server/workspace_state.h"

#include <string.h>

enum { ANSWERS_MOST = 1000, FILTERS_MOST = 200, LASTING_MOST = 4000 };

/* Ten million samples: a filter is 1.25 MB, an order of them 40. */
#define ANSWERS_BYTES_MOST ((size_t)384 << 20)
#define FILTERS_BYTES_MOST ((size_t)128 << 20)
#define LASTING_BYTES_MOST ((size_t)256 << 20)

/* Which of the models is meant; NULL in *out: none. */
static assay_code choose_model(const project_overview *o, const char *name,
                               const overview_model **out, assay_err *err)
{
    *out = NULL;
    if (name && *name == '\0')
        return ASSAY_OK;
    if (!name) {
        *out = o->model_count > 0 ? &o->model[0] : NULL;
        return ASSAY_OK;
    }
    for (size_t i = 0; i < o->model_count; i++) {
        if (!strcmp(o->model[i].name, name)) {
            *out = &o->model[i];
            return ASSAY_OK;
        }
    }
    return assay_fail(err, ASSAY_E_USAGE, "there is no model '%.200s'", name);
}

/* With `lock` held. */
static workspace_view *find_view(const snapshot *s, const overview_model *model)
{
    for (workspace_view *v = s->views; v; v = v->next) {
        const char *name = v->part ? v->part->own->model : NULL;
        if (model ? name && !strcmp(name, model->name) : !name)
            return v;
    }
    return NULL;
}

/* The base's attributes, then the model's. */
static bool merge_attributes(workspace_view *v, const frame *base, const frame *own)
{
    const size_t count = base->attribute_count + own->attribute_count;
    v->merged = mem_alloc(count, sizeof *v->merged);
    if (!v->merged)
        return false;
    if (base->attribute_count > 0)
        memcpy(v->merged, base->attribute, base->attribute_count * sizeof *v->merged);
    if (own->attribute_count > 0)
        memcpy(v->merged + base->attribute_count, own->attribute,
               own->attribute_count * sizeof *v->merged);
    v->frame.attribute = v->merged;
    v->frame.attribute_count = count;
    return true;
}

static workspace_view *view_new(workspace *w, snapshot *s, const model_part *part)
{
    const frame *base = s->columns->base;
    workspace_view *v = mem_zalloc(1, sizeof *v);
    if (!v)
        return NULL;
    *v = (workspace_view){.of = w, .snapshot = s, .part = part};
    v->frame = part ? *part->own : *base;
    v->frame.classes = base->classes;
    v->frame.label = base->label;
    v->frame.id = base->id;
    v->frame.path = base->path;
    const frame *tagged = s->tags ? s->tags : base;
    v->frame.tag = tagged->tag;
    v->frame.tag_count = tagged->tag_count;
    if (part && !merge_attributes(v, base, part->own)) {
        mem_free(v);
        return NULL;
    }
    return v;
}

/* With `loading` held, so that the current snapshot stays. */
static assay_code make_view(workspace *w, const overview_model *model, workspace_view **out,
                            bool *changed, assay_err *err)
{
    snapshot *s = w->current;
    const model_part *part = NULL;
    if (model) {
        const part_request of = {.model = model,
                                 .path = w->path,
                                 .thread_count = w->thread_count,
                                 .revision = s->revision};
        pthread_mutex_lock(&w->database);
        const assay_code code = columns_part(s->columns, &of, &part, changed, err);
        pthread_mutex_unlock(&w->database);
        ASSAY_TRY(code);
        if (*changed)
            return ASSAY_OK;
    }
    workspace_view *v = view_new(w, s, part);
    if (!v)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", w->path);
    pthread_mutex_lock(&w->lock);
    v->next = s->views;
    s->views = v;
    v->users++;
    s->users++;
    pthread_mutex_unlock(&w->lock);
    *out = v;
    return ASSAY_OK;
}

/* The view that is there already; NULL in *out where it must be made. */
static assay_code find_current(workspace *w, const char *name, const overview_model **model,
                               workspace_view **out, assay_err *err)
{
    pthread_mutex_lock(&w->lock);
    const assay_code code = choose_model(&w->current->columns->overview, name, model, err);
    *out = code == ASSAY_OK ? find_view(w->current, *model) : NULL;
    if (*out) {
        (*out)->users++;
        w->current->users++;
    }
    pthread_mutex_unlock(&w->lock);
    return code;
}

static assay_code look_once(workspace *w, const char *name, workspace_view **out, bool *changed,
                            assay_err *err)
{
    const overview_model *model;
    ASSAY_TRY(find_current(w, name, &model, out, err));
    if (*out)
        return ASSAY_OK;
    pthread_mutex_lock(&w->loading);
    assay_code code = find_current(w, name, &model, out, err);
    if (code == ASSAY_OK && !*out)
        code = make_view(w, model, out, changed, err);
    if (code == ASSAY_OK && *changed)
        code = workspace_follow(w, err);
    pthread_mutex_unlock(&w->loading);
    return code;
}

assay_code workspace_look(workspace *w, const char *model, workspace_view **out, assay_err *err)
{
    *out = NULL;
    ASSAY_TRY(workspace_look_around(w, err));
    for (int attempt = 0; attempt < WORKSPACE_ATTEMPTS; attempt++) {
        bool changed = false;
        ASSAY_TRY(look_once(w, model, out, &changed, err));
        if (!changed)
            return ASSAY_OK;
    }
    return assay_fail(err, ASSAY_E_CONFLICT, "%s: changes faster than it can be read", w->path);
}

void workspace_release(workspace_view *v)
{
    if (!v)
        return;
    workspace *w = v->of;
    snapshot *s = v->snapshot;
    pthread_mutex_lock(&w->lock);
    v->users--;
    pthread_mutex_unlock(&w->lock);
    snapshot_release(w, s);
}

/* Of a frame that is there already, else of the project. */
static assay_code open_parts(workspace *w, const workspace_options *options, frame *f,
                             assay_err *err)
{
    columns *of = NULL;
    if (f)
        ASSAY_TRY(columns_of_frame(f, &of, err));
    w->path = mem_copy_text(options->path, strlen(options->path));
    assay_code code =
        w->path ? ASSAY_OK : assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", options->path);
    w->thread_count = options->thread_count;
    if (code == ASSAY_OK)
        code = kept_new(ANSWERS_MOST, ANSWERS_BYTES_MOST, &w->answers, err);
    if (code == ASSAY_OK)
        code = kept_new(FILTERS_MOST, FILTERS_BYTES_MOST, &w->filters, err);
    if (code == ASSAY_OK)
        code = kept_new(LASTING_MOST, LASTING_BYTES_MOST, &w->lasting, err);
    if (code != ASSAY_OK) {
        columns_free(of);
        return code;
    }
    project_stamp_read(w->path, &w->seen);
    w->looked_at = clock_seconds();
    return of ? snapshot_new(w, of, NULL, 0, &w->current, err) : snapshot_load(w, &w->current, err);
}

static assay_code open_workspace(const workspace_options *options, frame *f, workspace **out,
                                 assay_err *err)
{
    *out = NULL;
    workspace *w = mem_zalloc(1, sizeof *w);
    if (!w) {
        frame_free(f);
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", options->path);
    }
    pthread_mutex_init(&w->coding, NULL);
    pthread_mutex_init(&w->loading, NULL);
    pthread_mutex_init(&w->database, NULL);
    pthread_mutex_init(&w->lock, NULL);
    const assay_code code = open_parts(w, options, f, err);
    if (code == ASSAY_OK)
        *out = w;
    else
        workspace_close(w);
    return code;
}

assay_code workspace_open(const workspace_options *options, workspace **out, assay_err *err)
{
    return open_workspace(options, NULL, out, err);
}

assay_code workspace_open_frame(const workspace_options *options, frame *f, workspace **out,
                                assay_err *err)
{
    return open_workspace(options, f, out, err);
}

void workspace_close(workspace *w)
{
    if (!w)
        return;
    if (w->has_reader)
        pthread_join(w->reader, NULL);
    kept_close(w->answers);
    kept_close(w->filters);
    kept_close(w->lasting);
    if (w->current)
        snapshot_release(w, w->current);
    pthread_mutex_destroy(&w->coding);
    pthread_mutex_destroy(&w->loading);
    pthread_mutex_destroy(&w->database);
    pthread_mutex_destroy(&w->lock);
    mem_free(w->path);
    mem_free(w);
}

const frame *workspace_frame(const workspace_view *v)
{
    return &v->frame;
}

uint64_t workspace_revision(const workspace_view *v)
{
    return v->snapshot->revision;
}

assay_code workspace_codes(const workspace_view *v, const metric_codes *const **out, assay_err *err)
{
    workspace *w = v->of;
    workspace_view *mine = (workspace_view *)(uintptr_t)v;
    pthread_mutex_lock(&w->coding);
    const assay_code code = mine->codes ? ASSAY_OK
                                        : columns_codes(v->snapshot->columns, v->part,
                                                        w->thread_count, &mine->codes, err);
    *out = mine->codes;
    pthread_mutex_unlock(&w->coding);
    return code;
}

const project_overview *workspace_overview(const workspace_view *v)
{
    return &v->snapshot->columns->overview;
}

workspace *workspace_of(const workspace_view *v)
{
    return v->of;
}

const char *workspace_path(const workspace *w)
{
    return w->path;
}

int workspace_threads(const workspace *w)
{
    return w->thread_count;
}

kept *workspace_answers(workspace *w)
{
    return w->answers;
}

kept *workspace_filters(workspace *w)
{
    return w->filters;
}

kept *workspace_lasting(workspace *w)
{
    return w->lasting;
}

void workspace_changed(workspace *w)
{
    pthread_mutex_lock(&w->lock);
    w->written++;
    pthread_mutex_unlock(&w->lock);
}

/* Only a chain of revisions that are all of tags can be followed by reading tags. */
void workspace_tagged(workspace *w, uint64_t before, uint64_t after)
{
    pthread_mutex_lock(&w->lock);
    if (!w->tagged.to)
        w->tagged.from = before;
    if (w->tagged.to && w->tagged.to != before)
        w->written++;
    w->tagged.to = after;
    pthread_mutex_unlock(&w->lock);
}

void workspace_lock_database(workspace *w)
{
    pthread_mutex_lock(&w->database);
}

void workspace_unlock_database(workspace *w)
{
    pthread_mutex_unlock(&w->database);
}
