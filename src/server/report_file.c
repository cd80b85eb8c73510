/* A report as one file: what the page would ask the server, asked beforehand. */
#include "server/report_file.h"

#include "base/json.h"
#include "base/mem.h"
#include "base/try.h"
#include "server/base64.h"
#include "server/routes.h"
#include "server/web_files.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    FILE_BYTES_MOST = 1 << 28,
    KEY_BYTES_MOST = 1 << 14,
    PARAMETERS_MOST = 6,
    CURVES_MOST = 100, /* classes whose curves it holds: with more it would not open in a moment */
};

ASSAY_AUTO_CLEAR_DECLARE(reply)
ASSAY_AUTO_CLEAR_DECLARE(text)

static void free_json(json_t **value)
{
    json_decref(*value);
}
#define AUTO_JSON __attribute__((cleanup(free_json))) json_t

/* What is being put together. */
typedef struct report_maker {
    const report_file_request *request;
    report_file_notes *notes;
    workspace *workspace;
    char *filter;    /* as JSON */
    json_t *file;    /* a ReportFile */
    json_t *replies; /* of it */
} report_maker;

/* A question to a handler. The page names its answer by path and parameters in order, without the
 * filter. */
typedef struct question {
    route_handler handle;
    const char *path;
    request_parameter parameter[PARAMETERS_MOST];
    size_t parameter_count;
    uint64_t number;
} question;

static assay_code no_memory(assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the report");
}

static assay_code ask(const report_maker *m, const question *q, reply *out, assay_err *err)
{
    request_parameter parameter[PARAMETERS_MOST + 1];
    memcpy(parameter, q->parameter, sizeof q->parameter);
    parameter[q->parameter_count] = (request_parameter){"filter", m->filter};
    const request r = {.method = "GET",
                       .path = q->path,
                       .number = q->number,
                       .parameter = parameter,
                       .parameter_count = q->parameter_count + 1};
    *out = (reply){0};
    const assay_code code = q->handle(m->workspace, &r, out, err);
    return code == ASSAY_OK ? text_check(&out->body, err) : code;
}

static assay_code ask_json(const report_maker *m, const question *q, json_t **out, assay_err *err)
{
    ASSAY_AUTO_CLEAR(reply) said = {0};
    ASSAY_TRY(ask(m, q, &said, err));
    *out = json_loadb(said.body.at, said.body.length, 0, NULL);
    return *out ? ASSAY_OK : no_memory(err);
}

/* Keep the answer under the name by which the page looks for it. */
static assay_code hold(const report_maker *m, const question *q, assay_err *err)
{
    ASSAY_AUTO_CLEAR(text) key;
    text_init(&key, KEY_BYTES_MOST);
    text_puts(&key, q->path);
    for (size_t i = 0; i < q->parameter_count; i++)
        text_printf(&key, "%c%s=%s", i ? '&' : '?', q->parameter[i].name, q->parameter[i].value);
    ASSAY_TRY(text_check(&key, err));
    json_t *answer = NULL;
    ASSAY_TRY(ask_json(m, q, &answer, err));
    return json_object_set_new(m->replies, text_view(&key), answer) == 0 ? ASSAY_OK
                                                                         : no_memory(err);
}

static assay_code make_filter(report_maker *m, assay_err *err)
{
    AUTO_JSON *filter = json_object();
    int bad = !filter;
    if (m->request->model)
        bad |= json_object_set_new(filter, "model", json_string(m->request->model));
    if (m->request->where)
        bad |= json_object_set_new(filter, "where", json_string(m->request->where));
    m->filter = bad ? NULL : json_dumps(filter, JSON_COMPACT);
    bad |= json_object_set(m->file, "filter", filter);
    if (!m->filter || bad)
        return assay_fail(err, ASSAY_E_USAGE,
                          "the model's name and the condition must be valid UTF-8");
    return ASSAY_OK;
}

static json_t *held_evaluation(const report_maker *m, const char *part)
{
    char key[64];
    (void)snprintf(key, sizeof key, "/api/evaluation?part=%s", part);
    return json_object_get(json_object_get(m->replies, key), "evaluation");
}

/* Of many classes they are most of the file, and the first part or other replies hold them. */
static void drop_repeated(const report_maker *m)
{
    static const char *const repeated[] = {"confusion", "curves", "per_class", "performance"};
    json_t *rest = held_evaluation(m, "rest");
    for (size_t i = 0; rest && i < sizeof repeated / sizeof *repeated; i++)
        (void)json_object_del(rest, repeated[i]);
}

static assay_code hold_overview(const report_maker *m, assay_err *err)
{
    const question questions[] = {
        {handle_evaluation, "/api/evaluation", {{"part", "first"}}, 1, 0},
        {handle_evaluation, "/api/evaluation", {{"part", "rest"}}, 1, 0},
        {handle_plan, "/api/plan", {{"half_width", "0.05"}}, 1, 0},
    };
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        ASSAY_TRY(hold(m, &questions[i], err));
    drop_repeated(m);
    return ASSAY_OK;
}

static const char *name_of(const json_t *array, size_t i)
{
    return json_string_value(json_object_get(json_array_get(array, i), "name"));
}

static bool has_probabilities(const report_maker *m, const json_t *project)
{
    const json_t *models = json_object_get(project, "models");
    for (size_t i = 0; i < json_array_size(models); i++) {
        if (!m->request->model || strcmp(name_of(models, i), m->request->model) == 0)
            return json_is_true(json_object_get(json_array_get(models, i), "has_probabilities"));
    }
    return false;
}

/* A class and its F1; classes without samples come last. */
typedef struct class_worth {
    const char *name;
    double f1;
} class_worth;

static int by_worth(const void *a, const void *b)
{
    const class_worth *x = a, *y = b;
    return (x->f1 > y->f1) - (x->f1 < y->f1);
}

static class_worth worth_of(const json_t *row)
{
    const json_t *f1 = json_object_get(json_object_get(row, "f1"), "value");
    const bool occurs = json_integer_value(json_object_get(row, "support")) > 0;
    return (class_worth){.name = json_string_value(json_object_get(row, "class")),
                         .f1 = occurs && json_is_number(f1) ? json_number_value(f1) : 2};
}

/* Of the classes that are recognised worst: with those the page begins. */
static assay_code hold_curves(const report_maker *m, assay_err *err)
{
    const json_t *rows = json_object_get(held_evaluation(m, "first"), "per_class");
    const size_t count = json_array_size(rows);
    ASSAY_AUTO_MEM class_worth *worth = mem_alloc(count, sizeof *worth);
    if (!worth && count > 0)
        return no_memory(err);
    for (size_t i = 0; i < count; i++)
        worth[i] = worth_of(json_array_get(rows, i));
    if (count > 0)
        qsort(worth, count, sizeof *worth, by_worth);
    for (size_t i = 0; i < count && i < CURVES_MOST; i++) {
        const question q = {handle_curves, "/api/curves", {{"class", worth[i].name}}, 1, 0};
        ASSAY_TRY(hold(m, &q, err));
    }
    return ASSAY_OK;
}

static assay_code hold_performance(const report_maker *m, const json_t *project, assay_err *err)
{
    const json_t *metrics = json_object_get(project, "metrics");
    const size_t count = json_array_size(metrics);
    for (size_t i = 0; i < count; i++) {
        progress_show(m->request->progress, "performance by metric", i, count);
        if (progress_stopped(m->request->progress))
            return assay_fail(err, ASSAY_E_CANCELLED, "interrupted; no report was written");
        const question q = {
            handle_performance,
            "/api/performance",
            {{"bins", "50"}, {"metric", name_of(metrics, i)}, {"of", "accuracy"}},
            3,
            0,
        };
        ASSAY_TRY(hold(m, &q, err));
    }
    return ASSAY_OK;
}

static assay_code note_unread(report_file_notes *notes, const assay_err *why)
{
    if (notes->unread++ == 0)
        notes->why = *why;
    return ASSAY_OK;
}

/* The picture as a data: address; null where there is none. */
static assay_code thumbnail_of(const report_maker *m, const json_t *sample, json_t **out,
                               assay_err *err)
{
    *out = json_null();
    if (!json_is_string(json_object_get(sample, "picture")))
        return ASSAY_OK;
    const question q = {
        handle_thumbnail,
        "/api/samples/N/thumbnail",
        {{"size", "128"}},
        1,
        (uint64_t)json_integer_value(json_object_get(sample, "sample")),
    };
    ASSAY_AUTO_CLEAR(reply) said = {0};
    assay_err why;
    /* An image that has gone since the project was made is no reason to have no report. */
    m->notes->pictures++;
    if (ask(m, &q, &said, &why) != ASSAY_OK)
        return why.code == ASSAY_E_NOMEM ? no_memory(err) : note_unread(m->notes, &why);
    ASSAY_AUTO_CLEAR(text) url;
    text_init(&url, FILE_BYTES_MOST);
    text_printf(&url, "data:%s;base64,", said.content_type ? said.content_type : "image/png");
    base64_put(&url, said.body.at, said.body.length);
    ASSAY_TRY(text_check(&url, err));
    *out = json_stringn(url.at, url.length);
    return *out ? ASSAY_OK : no_memory(err);
}

static assay_code hold_worst(const report_maker *m, bool by_confidence, assay_err *err)
{
    char many[16];
    (void)snprintf(many, sizeof many, "%u", (unsigned)m->request->worst);
    const question q = {
        handle_samples,
        "/api/samples",
        {{"outcome", "wrong"}, {"count", many}, {"sort", "confidence"}, {"descending", "1"}},
        by_confidence ? 4 : 2,
        0,
    };
    AUTO_JSON *said = NULL;
    ASSAY_TRY(ask_json(m, &q, &said, err));
    json_t *worst = json_array();
    int bad = json_object_set_new(m->file, "worst", worst);
    bad |= json_object_set(m->file, "worst_count", json_object_get(said, "count"));
    const json_t *samples = json_object_get(said, "samples");
    const size_t count = bad ? 0 : json_array_size(samples);
    for (size_t i = 0; i < count && i < m->request->worst; i++) {
        progress_show(m->request->progress, "small pictures", i, count);
        json_t *sample = json_array_get(samples, i);
        json_t *thumbnail = NULL;
        ASSAY_TRY(thumbnail_of(m, sample, &thumbnail, err));
        bad |= json_array_append_new(worst,
                                     json_pack("{sOso}", "sample", sample, "thumbnail", thumbnail));
    }
    return bad ? no_memory(err) : ASSAY_OK;
}

static bool has_metric(const json_t *project, const char *name)
{
    const json_t *metrics = json_object_get(project, "metrics");
    for (size_t i = 0; i < json_array_size(metrics); i++) {
        if (strcmp(name_of(metrics, i), name) == 0)
            return true;
    }
    return false;
}

static assay_code gather(report_maker *m, assay_err *err)
{
    ASSAY_TRY(make_filter(m, err));
    const question about = {handle_project, "/api/project", {{0}}, 0, 0};
    json_t *project = NULL;
    ASSAY_TRY(ask_json(m, &about, &project, err));
    if (json_object_set_new(m->file, "project", project))
        return no_memory(err);
    if (json_array_size(json_object_get(project, "models")) == 0)
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: has no predictions to report on; assay add predictions brings some",
                          m->request->project);
    ASSAY_TRY(hold_overview(m, err));
    if (has_probabilities(m, project))
        ASSAY_TRY(hold_curves(m, err));
    ASSAY_TRY(hold_performance(m, project, err));
    return hold_worst(m, has_metric(project, "confidence"), err);
}

static assay_code put_head(report_maker *m, assay_err *err)
{
    char today[32];
    const time_t now = time(NULL);
    struct tm utc;
    if (!gmtime_r(&now, &utc) || strftime(today, sizeof today, "%Y-%m-%d", &utc) == 0)
        today[0] = '\0';
    int bad = json_object_set_new(m->file, "assay", json_string(ASSAY_VERSION));
    bad |= json_object_set_new(m->file, "made", json_string(today));
    bad |= json_object_set_new(m->file, "filter_text",
                               m->request->where ? json_string(m->request->where) : json_null());
    m->replies = json_object();
    bad |= json_object_set_new(m->file, "replies", m->replies);
    return bad ? no_memory(err) : ASSAY_OK;
}

/* "<" can end the element that holds a script or data; in JSON it stands only within texts, which
 * know another way to write it. */
static void put_data(text *out, const char *json)
{
    for (const char *at = json; *at;) {
        const size_t plain = strcspn(at, "<");
        text_put(out, at, plain);
        at += plain;
        if (*at) {
            text_puts(out, "\\u003c");
            at++;
        }
    }
}

static assay_code put_web_file(text *out, const char *path, assay_err *err)
{
    web_file file;
    const assay_code code = web_file_find(NULL, path, false, &file, err);
    if (code == ASSAY_E_NOT_FOUND)
        return assay_fail(err, ASSAY_E_NOT_FOUND,
                          "this program was built without the page that a report is made of; "
                          "make builds it");
    ASSAY_TRY(code);
    text_put(out, file.at, file.length);
    web_file_clear(&file);
    return ASSAY_OK;
}

static assay_code compose(const report_maker *m, text *out, assay_err *err)
{
    char *json = json_dumps(m->file, JSON_COMPACT);
    if (!json)
        return no_memory(err);
    text_puts(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                   "img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
                   "<title>assay</title>\n<style>\n");
    assay_code code = put_web_file(out, "/report/report.css", err);
    text_puts(out, "\n</style>\n</head>\n<body>\n<div id=\"page\"></div>\n"
                   "<script type=\"application/json\" id=\"assay-report\">\n");
    put_data(out, json);
    text_puts(out, "\n</script>\n<script>\n");
    if (code == ASSAY_OK)
        code = put_web_file(out, "/report/report.js", err);
    text_puts(out, "\n</script>\n</body>\n</html>\n");
    mem_free(json);
    return code == ASSAY_OK ? text_check(out, err) : code;
}

static assay_code make(report_maker *m, text *out, assay_err *err)
{
    m->file = json_object();
    if (!m->file)
        return no_memory(err);
    ASSAY_TRY(put_head(m, err));
    ASSAY_TRY(gather(m, err));
    return compose(m, out, err);
}

assay_code report_file_make(const report_file_request *wanted, text *out, report_file_notes *notes,
                            assay_err *err)
{
    *notes = (report_file_notes){0};
    report_maker m = {.request = wanted, .notes = notes};
    const workspace_options options = {wanted->project, wanted->thread_count};
    ASSAY_TRY(workspace_open(&options, &m.workspace, err));
    text_init(out, FILE_BYTES_MOST);
    const assay_code code = make(&m, out, err);
    if (code != ASSAY_OK)
        text_clear(out);
    mem_free(m.filter);
    json_decref(m.file);
    workspace_close(m.workspace);
    return code;
}
