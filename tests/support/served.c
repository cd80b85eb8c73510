/* A project in tests of the workbench. */
#include "support/served.h"

#include "base/mem.h"
#include "base/rng.h"
#include "store/npy_write.h"
#include "store/project_columns.h"
#include "store/project_folder.h"
#include "store/project_images.h"
#include "store/project_models.h"
#include "support/listed.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PARAMETERS_MOST = 8, PATH_BYTES = 16 };

static const char path[] = "served.assay";
static assay_err said;

static void must(assay_code code)
{
    if (code != ASSAY_OK)
        fail_msg("%s", said.msg);
}

static void put_images(const duck *db)
{
    static uint64_t start[SERVED_SAMPLES + 1];
    static char bytes[SERVED_SAMPLES * PATH_BYTES];
    for (size_t i = 0; i < SERVED_SAMPLES; i++) {
        char name[PATH_BYTES];
        const int length = snprintf(name, sizeof name, "photo%zu.png", i);
        memcpy(bytes + start[i], name, (size_t)length);
        start[i + 1] = start[i] + (uint64_t)length;
    }
    image_list list = {.kind = "a test",
                       .root = (char *)(uintptr_t) "/photos",
                       .count = SERVED_SAMPLES,
                       .path = {.start = start, .bytes = bytes}};
    static const char *const names[SERVED_CLASSES] = {"cat", "dog", "hen, red"};
    for (size_t k = 0; k < SERVED_CLASSES; k++) {
        uint16_t code;
        must(class_list_add(&list.classes, names[k], strlen(names[k]), &code, &said));
    }
    must(project_put_images(db, &list, "/photos", &said));
    class_list_clear(&list.classes);
}

static void put_labels(const duck *db)
{
    uint16_t label[SERVED_SAMPLES];
    for (size_t i = 0; i < SERVED_SAMPLES; i++)
        label[i] = (uint16_t)(i % SERVED_CLASSES);
    label[SERVED_SAMPLES - 1] = CLASS_MISSING;
    must(project_put_labels(db, label, SERVED_SAMPLES, &said));
}

static void put_columns(const duck *db)
{
    double glow[SERVED_SAMPLES], grain[SERVED_SAMPLES];
    uint32_t split[SERVED_SAMPLES], camera[SERVED_SAMPLES];
    for (size_t i = 0; i < SERVED_SAMPLES; i++) {
        glow[i] = i % 10 == 3 ? (double)NAN : (double)i / SERVED_SAMPLES;
        grain[i] = (double)(i % 7);
        split[i] = i % 4 == 0;
        camera[i] = i % 5 == 0 ? ATTRIBUTE_MISSING : (uint32_t)(i % 3);
    }
    must(project_put_metric(db, "glow", MODEL_NONE, glow, SERVED_SAMPLES, &said));
    must(project_put_computed_metric(db, "grain", grain, SERVED_SAMPLES, &said));
    char *splits[] = {(char[]){"train"}, (char[]){"test"}};
    char *cameras[] = {(char[]){"left"}, (char[]){"right"}, (char[]){"top"}};
    const attribute_column columns[] = {
        {.name = (char[]){"split"}, .code = split, .value = splits, .value_count = 2},
        {.name = (char[]){"camera"}, .code = camera, .value = cameras, .value_count = 3},
    };
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        must(project_put_attribute(db, &columns[i], MODEL_NONE, SERVED_SAMPLES, &said));
}

static void put_tag(const duck *db, const char *name, size_t step, size_t end)
{
    selection rows;
    must(selection_init(&rows, SERVED_SAMPLES, false, &said));
    for (size_t i = 0; i < end; i += step)
        selection_set(&rows, i, true);
    size_t changed;
    must(project_put_tag(db, name, &rows, false, &changed, &said));
    selection_clear(&rows);
}

/* Probabilities whose argmax is `prediction`; one in four is rounded, so that some are equal. */
static void put_matrix(const project_writer *w, const uint16_t *prediction, double *confidence)
{
    rng random;
    rng_init(&random, 7, 1);
    text file;
    must(project_writer_path(w, "probabilities/resnet.npy", &file, &said));
    npy_writer *npy;
    must(npy_writer_new(text_view(&file), NPY_WRITE_F32, SERVED_SAMPLES, SERVED_CLASSES, &npy,
                        &said));
    for (size_t i = 0; i < SERVED_SAMPLES; i++) {
        float row[SERVED_CLASSES];
        const double drawn = 0.5 + 0.49 * rng_unit(&random);
        const double most = i % 4 == 1 ? (double)(int)(drawn * 32.0 + 1.0) / 33.0 : drawn;
        for (size_t k = 0; k < SERVED_CLASSES; k++)
            row[k] = (float)((1.0 - most) / (SERVED_CLASSES - 1));
        row[prediction[i]] = (float)most;
        confidence[i] = (double)row[prediction[i]];
        must(npy_writer_put(npy, row, 1, &said));
    }
    must(npy_writer_finish(npy, &said));
    npy_writer_free(npy);
    text_clear(&file);
}

static void put_models(const project_writer *w, const duck *db)
{
    uint16_t prediction[SERVED_SAMPLES];
    double confidence[SERVED_SAMPLES], depth[SERVED_SAMPLES];
    for (size_t i = 0; i < SERVED_SAMPLES; i++) {
        prediction[i] = (uint16_t)((i + (i % 5 == 2 || i < 40)) % SERVED_CLASSES);
        depth[i] = (double)(i % 90);
    }
    put_matrix(w, prediction, confidence);
    project_model resnet = {.name = (char[]){"resnet"},
                            .source = (char[]){"resnet.csv"},
                            .probabilities = (char[]){"resnet.npy"},
                            .has_confidence = true};
    must(project_put_model(db, &resnet, prediction, confidence, SERVED_SAMPLES, &said));
    must(project_put_metric(db, "depth", resnet.number, depth, SERVED_SAMPLES, &said));
    for (size_t i = 0; i < SERVED_SAMPLES; i++) {
        prediction[i] = (uint16_t)((i + i % 2) % SERVED_CLASSES);
        confidence[i] = 0.5 + (double)(i % 50) / 100.0;
    }
    project_model tiny = {
        .name = (char[]){"tiny"}, .source = (char[]){"tiny.csv"}, .has_confidence = true};
    must(project_put_model(db, &tiny, prediction, confidence, SERVED_SAMPLES, &said));
}

static const project_access access_to = {
    .path = path, .command = "assay test", .wait_seconds = 10, .thread_count = 1};

static void make(bool models)
{
    listed_remove(path);
    project_writer *w;
    must(project_writer_create(&access_to, &w, &said));
    duck *db;
    must(project_writer_begin(w, &db, &said));
    put_images(db);
    put_labels(db);
    put_columns(db);
    put_tag(db, "night", 11, SERVED_SAMPLES);
    put_tag(db, "odd", 1, 5);
    if (models)
        put_models(w, db);
    must(project_writer_commit(w, &said));
    must(project_writer_publish(w, &said));
    project_writer_close(w);
}

void served_make(void)
{
    make(true);
}

void served_make_bare(void)
{
    make(false);
}

workspace *served_open(void)
{
    const workspace_options options = {.path = path, .thread_count = 2};
    workspace *w;
    must(workspace_open(&options, &w, &said));
    return w;
}

workspace *served;

int served_set_up(void **state)
{
    if (listed_make_folder(state))
        return -1;
    served_make();
    served = served_open();
    return 0;
}

int served_tear_down(void **state)
{
    workspace_close(served);
    return listed_drop_folder(state);
}

/* The revision that it makes. */
static uint64_t tag(const char *name, size_t count)
{
    project_writer *w;
    must(project_writer_open_beside(&access_to, &w, &said));
    duck *db;
    must(project_writer_begin(w, &db, &said));
    put_tag(db, name, 1, count);
    must(project_writer_commit(w, &said));
    const uint64_t revision = project_writer_revision(w);
    project_writer_close(w);
    return revision;
}

void served_tag(const char *name, size_t count)
{
    tag(name, count);
}

void served_tag_own(workspace *w, const char *name, size_t count)
{
    uint64_t before;
    workspace_lock_database(w);
    must(project_revision_read(path, 1, &before, &said));
    workspace_tagged(w, before, tag(name, count));
    workspace_unlock_database(w);
}

static assay_code ask(workspace *w, route_handler handle, reply *out, assay_err *err, va_list list)
{
    static char words[PARAMETERS_MOST][1024];
    request_parameter parameter[PARAMETERS_MOST];
    request q = {.method = "GET", .parameter = parameter};
    for (const char *next; (next = va_arg(list, const char *));) {
        assert_true(q.parameter_count < PARAMETERS_MOST);
        char *at = words[q.parameter_count];
        snprintf(at, sizeof words[0], "%s", next);
        char *equals = strchr(at, '=');
        assert_non_null(equals);
        *equals = '\0';
        parameter[q.parameter_count++] = (request_parameter){at, equals + 1};
    }
    *out = (reply){0};
    return handle(w, &q, out, err);
}

assay_code served_ask(workspace *w, route_handler handle, reply *out, assay_err *err, ...)
{
    va_list list;
    va_start(list, err);
    const assay_code code = ask(w, handle, out, err, list);
    va_end(list);
    return code;
}

json_t *served_answer(workspace *w, route_handler handle, ...)
{
    reply out;
    va_list list;
    va_start(list, handle);
    const assay_code code = ask(w, handle, &out, &said, list);
    va_end(list);
    must(code);
    assert_int_equal(out.status, 0);
    json_error_t why;
    json_t *value = json_loads(text_view(&out.body), JSON_REJECT_DUPLICATES, &why);
    if (!value)
        fail_msg("%s", why.text);
    reply_clear(&out);
    return value;
}
