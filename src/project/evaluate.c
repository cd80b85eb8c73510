/* The use-case behind `assay evaluate`: read a file or a project, select, evaluate, warn. */
#include "project/evaluate.h"

#include "base/limits.h"
#include "base/text.h"
#include "project/prediction_metrics.h"
#include "project/warnings.h"
#include "store/project_load.h"
#include "store/where.h"

#include <assert.h>
#include <string.h>

/* Room for the names in a message. */
enum { NAMES_BYTES_MOST = 1200 };

ASSAY_AUTO_DECLARE(evaluated)
ASSAY_AUTO_CLEAR_DECLARE(selection)

/* A list of names as a person typed it, and what tells whether there is such a name. */
typedef struct name_list {
    const char *rest; /* NULL at the end */
    const frame *there;
    bool (*known)(const frame *there, const char *name, size_t length);
} name_list;

static void trim(const char **at, const char **end)
{
    while (*at < *end && **at == ' ')
        (*at)++;
    while (*end > *at && (*end)[-1] == ' ')
        (*end)--;
}

/* The comma (or the end) behind the next name. Names may hold commas themselves, as ImageNet's do:
 * the longest that there is wins, and else the first comma ends it. */
static const char *end_of_name(const name_list *list)
{
    const char *first = NULL;
    const char *longest = NULL;
    for (const char *stop = list->rest; *stop; stop++) {
        stop += strcspn(stop, ",");
        first = first ? first : stop;
        const char *at = list->rest;
        const char *end = stop;
        trim(&at, &end);
        if (end - at > NAME_BYTES_MOST)
            break;
        if (list->known(list->there, at, (size_t)(end - at)))
            longest = stop;
        if (*stop == '\0')
            break;
    }
    return longest ? longest : first;
}

/* The next name of a comma-separated list, without the blanks around it; false at the end. */
static bool next_name(name_list *list, const char **name, size_t *length)
{
    if (!list->rest)
        return false;
    const char *at = list->rest;
    const char *end = end_of_name(list);
    end = end ? end : at; /* an empty name */
    list->rest = *end ? end + 1 : NULL;
    trim(&at, &end);
    *name = at;
    *length = (size_t)(end - at);
    return true;
}

/* "there is no class 'dgo'; there are: cat, dog": the first few names of what there is. */
static void list_name(text *out, size_t i, size_t count, const char *name)
{
    enum { NAMED_MOST = 20 };
    if (i < NAMED_MOST)
        text_printf(out, "%s%s", i ? ", " : "", name);
    else if (i == NAMED_MOST)
        text_printf(out, ", … (%zu in all)", count);
}

static assay_code refuse_name(const char *what, const char *name, size_t length, const text *there,
                              assay_err *err)
{
    return assay_fail(err, ASSAY_E_USAGE, "there is no %s '%.*s'; there are: %s", what,
                      (int)(length < 200 ? length : 200), name,
                      there->length ? text_view(there) : "none");
}

static assay_code refuse_class(const class_list *classes, const char *name, size_t length,
                               assay_err *err)
{
    text there;
    text_init(&there, NAMES_BYTES_MOST);
    for (size_t i = 0; i < classes->count; i++)
        list_name(&there, i, classes->count, classes->name[i]);
    const assay_code code = refuse_name("class", name, length, &there, err);
    text_clear(&there);
    return code;
}

static assay_code refuse_metric(const frame *f, const char *name, size_t length, assay_err *err)
{
    text there;
    text_init(&there, NAMES_BYTES_MOST);
    for (size_t i = 0; i < f->metric_count; i++)
        list_name(&there, i, f->metric_count, f->metric[i].name);
    const assay_code code = refuse_name("metric", name, length, &there, err);
    text_clear(&there);
    return code;
}

static assay_code refuse_group(const frame *f, const char *name, assay_err *err)
{
    text there;
    text_init(&there, NAMES_BYTES_MOST);
    for (size_t i = 0; i < f->attribute_count; i++)
        list_name(&there, i, f->attribute_count, f->attribute[i].name);
    const assay_code code = refuse_name("attribute", name, strlen(name), &there, err);
    text_clear(&there);
    return code;
}

static bool class_is_known(const frame *f, const char *name, size_t length)
{
    return class_list_find(&f->classes, name, length) != CLASS_MISSING;
}

static assay_code choose_shown(evaluated *e, assay_err *err)
{
    name_list list = {e->request.classes_shown, e->frame, class_is_known};
    if (!list.rest)
        return ASSAY_OK;
    const class_list *classes = &e->frame->classes;
    e->shown = mem_zalloc(classes->count, sizeof *e->shown);
    if (!e->shown)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %u classes", classes->count);
    const char *name;
    size_t length;
    while (next_name(&list, &name, &length)) {
        const uint16_t code = class_list_find(classes, name, length);
        if (code == CLASS_MISSING)
            return refuse_class(classes, name, length, err);
        e->shown_count += !e->shown[code];
        e->shown[code] = true;
    }
    return ASSAY_OK;
}

static size_t find_metric(const frame *f, const char *name, size_t length)
{
    for (size_t i = 0; i < f->metric_count; i++) {
        if (strlen(f->metric[i].name) == length && memcmp(f->metric[i].name, name, length) == 0)
            return i;
    }
    return f->metric_count;
}

static bool metric_is_known(const frame *f, const char *name, size_t length)
{
    return find_metric(f, name, length) < f->metric_count;
}

/* Indices of the metrics to analyse: those asked for, in that order, or all but those that must be.
 */
static assay_code choose_metrics(const evaluated *e, size_t *which, size_t *count, assay_err *err)
{
    const frame *f = e->frame;
    name_list list = {e->request.metric, f, metric_is_known};
    *count = 0;
    if (!list.rest) {
        for (size_t i = 0; i < f->metric_count; i++) {
            if (!f->metric[i].on_request)
                which[(*count)++] = i;
        }
        return ASSAY_OK;
    }
    const char *name;
    size_t length;
    while (next_name(&list, &name, &length)) {
        const size_t metric = find_metric(f, name, length);
        if (metric == f->metric_count)
            return refuse_metric(f, name, length, err);
        bool twice = false;
        for (size_t i = 0; i < *count; i++)
            twice |= which[i] == metric;
        if (!twice)
            which[(*count)++] = metric;
    }
    return ASSAY_OK;
}

static assay_code choose_rows(const evaluated *e, selection *rows, assay_err *err)
{
    const frame *f = e->frame;
    if (f->row_count == 0)
        return assay_fail(err, ASSAY_E_INPUT, "%s: has no samples",
                          e->request.project ? e->request.project : e->request.import.path);
    if (!e->request.where)
        return selection_init(rows, f->row_count, true, err);
    const where_options options = {.thread_count = e->request.options.thread_count,
                                   .give_up = e->request.give_up};
    ASSAY_TRY(where_select(f, e->request.where, &options, rows, err));
    if (selection_count(rows) == 0)
        return assay_fail(err, ASSAY_E_INPUT, "no sample of %zu fulfils the condition: %.400s",
                          f->row_count, e->request.where);
    return ASSAY_OK;
}

/* The file's name without folder and endings, as long as nothing better is known. */
static assay_code name_model(evaluated *e, assay_err *err)
{
    const char *given = e->request.model;
    const char *path = e->request.import.probabilities_path ? e->request.import.probabilities_path
                       : e->request.import.predictions_path ? e->request.import.predictions_path
                                                            : e->request.import.path;
    const char *start = given ? given : strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    size_t length = strlen(start);
    if (!given && strchr(start, '.') && strchr(start, '.') != start)
        length = (size_t)(strchr(start, '.') - start);
    mem_free(e->frame->model);
    e->frame->model = mem_copy_text(start, length);
    return e->frame->model ? ASSAY_OK
                           : assay_fail(err, ASSAY_E_NOMEM, "out of memory for the model's name");
}

static assay_code evaluate_frame(evaluated *e, assay_err *err)
{
    ASSAY_AUTO_MEM size_t *which = mem_alloc(e->frame->metric_count, sizeof *which);
    if (!which)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu metrics",
                          e->frame->metric_count);
    size_t count = 0;
    ASSAY_TRY(choose_metrics(e, which, &count, err));
    ASSAY_AUTO_CLEAR(selection) rows = {0};
    ASSAY_TRY(choose_rows(e, &rows, err));
    evaluation_options options = e->request.options;
    options.metric = which;
    options.metric_count = count;
    return evaluation_new(e->frame, &rows, &options, &e->evaluation, err);
}

/* The values of a text are the groups; a sample without one is a group of its own. */
static assay_code group_by_attribute(frame *f, const char *name, assay_err *err)
{
    if (!name)
        return ASSAY_OK;
    const attribute_column *by = NULL;
    for (size_t i = 0; i < f->attribute_count; i++) {
        if (!strcmp(f->attribute[i].name, name))
            by = &f->attribute[i];
    }
    if (!by)
        return refuse_group(f, name, err);
    f->group = mem_alloc(f->row_count, sizeof *f->group);
    if (!f->group)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the groups");
    f->group_count = by->value_count;
    for (size_t i = 0; i < f->row_count; i++)
        f->group[i] = by->code[i] == ATTRIBUTE_MISSING ? f->group_count++ : by->code[i];
    return ASSAY_OK;
}

static assay_code note_column(import_notes *notes, const char *name, column_role role,
                              assay_err *err)
{
    recognised_column *c = &notes->column[notes->column_count];
    *c = (recognised_column){.name = mem_copy_text(name, strlen(name)), .role = role};
    if (!c->name)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the columns' names");
    notes->column_count++;
    return ASSAY_OK;
}

/* What a project knows of its samples is said as a table's columns are. */
static assay_code note_names(evaluated *e, assay_err *err)
{
    const frame *f = e->frame;
    import_notes *notes = &e->notes;
    notes->column = mem_zalloc(f->metric_count + f->attribute_count, sizeof *notes->column);
    if (!notes->column)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the columns' names");
    for (size_t i = 0; i < f->metric_count; i++)
        ASSAY_TRY(note_column(notes, f->metric[i].name, ROLE_METRIC, err));
    for (size_t i = 0; i < f->attribute_count; i++)
        ASSAY_TRY(note_column(notes, f->attribute[i].name, ROLE_ATTRIBUTE, err));
    return ASSAY_OK;
}

static assay_code note_columns(evaluated *e, assay_err *err)
{
    ASSAY_TRY(note_names(e, err));
    return group_by_attribute(e->frame, e->request.import.group, err);
}

static assay_code read_file(evaluated *e, assay_err *err)
{
    ASSAY_TRY(import_predictions(&e->request.import, &e->frame, &e->notes, err));
    return name_model(e, err);
}

static bool any_class(const uint16_t *code, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (code[i] != CLASS_MISSING)
            return true;
    }
    return false;
}

static assay_code check_project(const evaluated *e, assay_err *err)
{
    const char *path = e->request.project;
    const frame *f = e->frame;
    if (!f->model)
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: has no predictions yet; assay add predictions %s TABLE brings some",
                          path, path);
    if (!any_class(f->label, f->row_count))
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: no sample has a label yet; assay add labels %s TABLE brings some",
                          path, path);
    return ASSAY_OK;
}

static void note_project(evaluated *e)
{
    const frame *f = e->frame;
    e->notes.format = "project";
    e->notes.shape = f->probability      ? "with probabilities"
                     : f->top.length > 0 ? "with top-k lists"
                                         : "one prediction a sample";
}

static assay_code read_project(evaluated *e, assay_err *err)
{
    const evaluate_request *r = &e->request;
    /* A warning counts the images that have a brightness. */
    const char *const names[] = {r->metric, r->import.group, "brightness"};
    const wanted_columns wanted = {names, sizeof names / sizeof *names, r->where};
    const project_load_request load = {.path = r->project,
                                       .model = r->model,
                                       .texts = r->where != NULL,
                                       .wanted = r->metric ? &wanted : NULL,
                                       .thread_count = r->options.thread_count};
    ASSAY_TRY(project_load(&load, &e->frame, err));
    ASSAY_TRY(check_project(e, err));
    note_project(e);
    return note_columns(e, err);
}

assay_code evaluate_predictions(const evaluate_request *request, evaluated **out, assay_err *err)
{
    assert(request && out);
    *out = NULL;
    ASSAY_AUTO(evaluated) e = mem_zalloc(1, sizeof *e);
    if (!e)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for an evaluation");
    e->request = *request;
    ASSAY_TRY(request->project ? read_project(e, err) : read_file(e, err));
    const prediction_metrics_request metrics = {.metric = request->metric,
                                                .where = request->where,
                                                .thread_count = request->options.thread_count};
    ASSAY_TRY(prediction_metrics_add(e->frame, &metrics, err));
    ASSAY_TRY(choose_shown(e, err));
    e->request.options.shown = e->shown;
    ASSAY_TRY(evaluate_frame(e, err));
    ASSAY_TRY(warnings_collect(e, &e->warning, &e->warning_count, err));
    *out = ASSAY_GIVE(e);
    return ASSAY_OK;
}

/* What the page shows is never grouped: the frame stays as it is. */
static assay_code evaluate_borrowed(evaluated *e, const frame_samples *s, assay_err *err)
{
    ASSAY_TRY(check_project(e, err));
    note_project(e);
    ASSAY_TRY(note_names(e, err));
    ASSAY_AUTO_MEM size_t *which = mem_alloc(s->frame->metric_count, sizeof *which);
    if (!which)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu metrics",
                          s->frame->metric_count);
    evaluation_options options = e->request.options;
    options.metric = which;
    ASSAY_TRY(choose_metrics(e, which, &options.metric_count, err));
    ASSAY_TRY(evaluation_new(s->frame, s->rows, &options, &e->evaluation, err));
    return warnings_collect(e, &e->warning, &e->warning_count, err);
}

assay_code evaluate_samples(const frame_samples *of, const evaluate_request *request,
                            evaluated **out, assay_err *err)
{
    *out = NULL;
    ASSAY_AUTO(evaluated) e = mem_zalloc(1, sizeof *e);
    if (!e)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for an evaluation");
    *e = (evaluated){.frame = (frame *)(uintptr_t)of->frame,
                     .shown = (bool *)(uintptr_t)of->shown,
                     .shown_count = of->shown_count,
                     .request = *request,
                     .borrowed = true,
                     .images_counted = true,
                     .images_measured = of->images_measured,
                     .images_unreadable = of->images_unreadable};
    e->request.options.shown = e->shown;
    ASSAY_TRY(evaluate_borrowed(e, of, err));
    *out = ASSAY_GIVE(e);
    return ASSAY_OK;
}

void evaluated_free(evaluated *e)
{
    if (!e)
        return;
    warnings_free(e->warning, e->warning_count);
    evaluation_free(e->evaluation);
    import_notes_clear(&e->notes);
    if (!e->borrowed) {
        mem_free(e->shown);
        frame_free(e->frame);
    }
    mem_free(e);
}
