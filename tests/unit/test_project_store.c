/* A project's folder and tables: what is written is read back, and only whole. */
#include "support/listed.h"

#include "base/mem.h"
#include "store/project_columns.h"
#include "store/project_folder.h"
#include "store/project_images.h"
#include "store/project_load.h"
#include "store/project_measures.h"
#include "store/project_models.h"
#include "store/query.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const project_access access_to_pets = {
    .path = "pets.assay", .command = "assay test", .thread_count = 1};

static uint64_t path_start[] = {0, 9, 18, 25};
static char path_bytes[] = "cat/1.jpgcat/2.jpgdog/\xe9.j";

static image_list three_images(void)
{
    return (image_list){.kind = "a test",
                        .root = (char *)(uintptr_t) "/photos",
                        .count = 3,
                        .path = {.start = path_start, .bytes = path_bytes}};
}

static void must(assay_code code, const assay_err *err)
{
    if (code != ASSAY_OK)
        fail_msg("%s", err->msg);
}

static void name_classes(class_list *out)
{
    uint16_t code;
    assert_int_equal(class_list_add(out, "cat", 3, &code, NULL), ASSAY_OK);
    assert_int_equal(class_list_add(out, "dog", 3, &code, NULL), ASSAY_OK);
}

static project_writer *new_project(void)
{
    project_writer *w;
    assay_err err;
    listed_remove("pets.assay");
    must(project_writer_create(&access_to_pets, &w, &err), &err);
    duck *db;
    must(project_writer_begin(w, &db, &err), &err);
    image_list list = three_images();
    name_classes(&list.classes);
    must(project_put_images(db, &list, "/photos", &err), &err);
    class_list_clear(&list.classes);
    must(project_writer_commit(w, &err), &err);
    must(project_writer_publish(w, &err), &err);
    return w;
}

static frame *load(const char *model)
{
    const project_load_request request = {
        .path = "pets.assay", .model = model, .texts = true, .thread_count = 1};
    frame *f;
    assay_err err;
    must(project_load(&request, &f, &err), &err);
    return f;
}

static assay_err said;

/* One change in a transaction of its own. */
#define CHANGE(w, call)                                                                            \
    do {                                                                                           \
        duck *db;                                                                                  \
        must(project_writer_begin((w), &db, &said), &said);                                        \
        must((call), &said);                                                                       \
        must(project_writer_commit((w), &said), &said);                                            \
    } while (0)

static void a_new_project_appears_whole_or_not_at_all(void **state)
{
    (void)state;
    listed_remove("pets.assay");
    project_writer *w;
    assay_err err;
    must(project_writer_create(&access_to_pets, &w, &err), &err);
    assert_false(project_folder_is("pets.assay"));
    project_writer_close(w); /* not published */
    assert_int_equal(access("pets.assay", F_OK), -1);
    w = new_project();
    assert_true(project_folder_is("pets.assay"));
    project_writer_close(w);
    assert_int_equal(project_writer_create(&access_to_pets, &w, &err), ASSAY_E_CONFLICT);
    assert_string_equal(err.msg, "pets.assay: is a project already");
    assert_null(w);
}

static void what_an_interrupted_one_left_is_removed(void **state)
{
    (void)state;
    listed_remove("pets.assay");
    listed_put("pets.assay.new-1-0/lock", "", 0);
    listed_put("pets.assay.new-1-0/project.duckdb", "x", 1);
    listed_put("pets.assay.newer/keep.txt", "x", 1);
    project_writer_close(new_project());
    assert_int_equal(access("pets.assay.new-1-0", F_OK), -1);
    assert_int_equal(access("pets.assay.newer/keep.txt", F_OK), 0);
}

static void images_come_back_with_the_bytes_of_their_paths(void **state)
{
    (void)state;
    project_writer_close(new_project());
    frame *f = load(NULL);
    assert_int_equal(f->row_count, 3);
    assert_int_equal(f->classes.count, 2);
    assert_memory_equal(f->path.bytes, path_bytes, 25);
    assert_memory_equal(f->path.start, path_start, sizeof path_start);
    assert_int_equal(f->label[0], CLASS_MISSING);
    assert_int_equal(f->prediction[2], CLASS_MISSING);
    assert_null(f->model);
    assert_int_equal(f->metric_count, 0);
    frame_free(f);
}

static void labels_and_metrics_are_laid_over_what_was_there(void **state)
{
    (void)state;
    project_writer *w = new_project();
    const uint16_t first[] = {0, CLASS_MISSING, 1};
    const uint16_t second[] = {1, 0, CLASS_MISSING};
    CHANGE(w, project_put_labels(db, first, 3, &said));
    CHANGE(w, project_put_labels(db, second, 3, &said));
    const double dawn[] = {0.5, (double)NAN, 2.0};
    const double noon[] = {(double)NAN, 1.0, 3.0};
    CHANGE(w, project_put_metric(db, "light", MODEL_NONE, dawn, 3, &said));
    CHANGE(w, project_put_metric(db, "light", MODEL_NONE, noon, 3, &said));
    project_writer_close(w);
    frame *f = load(NULL);
    assert_int_equal(f->label[0], 1);
    assert_int_equal(f->label[1], 0);
    assert_int_equal(f->label[2], 1);
    assert_int_equal(f->metric_count, 1);
    assert_string_equal(f->metric[0].name, "light");
    assert_true(f->metric[0].value[0] == 0.5);
    assert_true(f->metric[0].value[1] == 1.0);
    assert_true(f->metric[0].value[2] == 3.0);
    frame_free(f);
}

static void a_model_is_replaced_with_all_that_it_brought(void **state)
{
    (void)state;
    project_writer *w = new_project();
    char name[] = "net";
    char source[] = "net.csv";
    project_model model = {.name = name, .source = source, .has_confidence = true};
    const uint16_t before[] = {0, 0, CLASS_MISSING};
    const double sure[] = {0.9, 0.8, (double)NAN};
    const double loss[] = {1.0, 2.0, 3.0};
    CHANGE(w, project_put_model(db, &model, before, sure, 3, &said));
    CHANGE(w, project_put_metric(db, "loss", model.number, loss, 3, &said));
    frame *f = load("net");
    assert_int_equal(f->metric_count, 1);
    assert_true(f->confidence_in_unit_range);
    assert_true(isnan(f->confidence[2]));
    frame_free(f);
    model.has_confidence = false;
    const uint16_t after[] = {1, CLASS_MISSING, 1};
    CHANGE(w, project_put_model(db, &model, after, NULL, 3, &said));
    project_writer_close(w);
    f = load(NULL); /* the only one */
    assert_string_equal(f->model, "net");
    assert_int_equal(f->metric_count, 0);
    assert_null(f->confidence);
    assert_int_equal(f->prediction[0], 1);
    assert_int_equal(f->prediction[1], CLASS_MISSING);
    frame_free(f);
}

static void of_several_models_one_must_be_chosen(void **state)
{
    (void)state;
    project_writer *w = new_project();
    char name[] = "a";
    char source[] = "";
    project_model model = {.name = name, .source = source};
    const uint16_t nothing[] = {CLASS_MISSING, CLASS_MISSING, CLASS_MISSING};
    CHANGE(w, project_put_model(db, &model, nothing, NULL, 3, &said));
    name[0] = 'b';
    CHANGE(w, project_put_model(db, &model, nothing, NULL, 3, &said));
    project_writer_close(w);
    assay_err err;
    frame *f;
    project_load_request request = {.path = "pets.assay", .thread_count = 1};
    assert_int_equal(project_load(&request, &f, &err), ASSAY_E_USAGE);
    assert_string_equal(err.msg, "pets.assay: has 2 models; choose one with --model: a, b");
    request.model = "c";
    assert_int_equal(project_load(&request, &f, &err), ASSAY_E_USAGE);
    assert_string_equal(err.msg, "pets.assay: there is no model 'c'; there are: a, b");
    assert_null(f);
    request.model = NULL;
    request.model_optional = true;
    must(project_load(&request, &f, &err), &err);
    assert_null(f->model);
    assert_string_equal(f->unchosen_models, "a, b");
    frame_free(f);
    request.model = "a";
    must(project_load(&request, &f, &err), &err);
    assert_null(f->unchosen_models);
    frame_free(f);
}

static void a_models_own_margin_says_something_of_the_model(void **state)
{
    (void)state;
    project_writer *w = new_project();
    char name[] = "a";
    char source[] = "";
    project_model model = {.name = name, .source = source};
    const uint16_t nothing[] = {CLASS_MISSING, CLASS_MISSING, CLASS_MISSING};
    const double value[] = {0.5, 1.0, 2.0};
    CHANGE(w, project_put_model(db, &model, nothing, NULL, 3, &said));
    CHANGE(w, project_put_metric(db, "margin", model.number, value, 3, &said));
    CHANGE(w, project_put_metric(db, "rain", model.number, value, 3, &said));
    CHANGE(w, project_put_metric(db, "prediction_entropy", MODEL_NONE, value, 3, &said));
    project_writer_close(w);
    frame *f = load("a");
    assert_int_equal(f->metric_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(f->metric[i].from_prediction, !strcmp(f->metric[i].name, "margin"));
    frame_free(f);
}

static void tags_are_added_and_taken(void **state)
{
    (void)state;
    project_writer *w = new_project();
    selection rows;
    size_t changed = 9;
    assert_int_equal(selection_init(&rows, 3, false, NULL), ASSAY_OK);
    selection_set(&rows, 1, true);
    CHANGE(w, project_put_tag(db, "night", &rows, false, &changed, &said));
    assert_int_equal(changed, 1);
    selection_set(&rows, 2, true);
    CHANGE(w, project_put_tag(db, "night", &rows, false, &changed, &said));
    assert_int_equal(changed, 1);
    frame *f = load(NULL);
    assert_int_equal(f->tag_count, 1);
    assert_string_equal(f->tag[0].name, "night");
    assert_int_equal(selection_count(&f->tag[0].rows), 2);
    frame_free(f);
    CHANGE(w, project_put_tag(db, "night", &rows, true, &changed, &said));
    assert_int_equal(changed, 2);
    project_writer_close(w);
    f = load(NULL);
    assert_int_equal(f->tag_count, 0);
    frame_free(f);
    selection_clear(&rows);
}

static void measures_and_reasons_come_back(void **state)
{
    (void)state;
    project_writer *w = new_project();
    char reason[] = "is cut short";
    measured_row rows[2] = {{.sample = 2, .modified = 7, .pixel_hash = 5, .perceptual_hash = 6},
                            {.sample = 0, .unreadable = reason}};
    for (size_t m = 0; m < MEASURE_COLUMN_COUNT; m++) {
        rows[0].value[m] = (double)m;
        rows[1].value[m] = (double)NAN;
    }
    CHANGE(w, project_put_measures(db, rows, 2, &said));
    rows[0].value[0] = 640.0;
    CHANGE(w, project_put_measures(db, rows, 1, &said)); /* again: replaced, not doubled */
    project_writer_close(w);
    frame *f = load(NULL);
    assert_int_equal(f->metric_count, MEASURE_COLUMN_COUNT);
    assert_string_equal(f->metric[0].name, "width");
    assert_true(f->metric[0].value[2] == 640.0);
    assert_true(isnan(f->metric[0].value[0]));
    assert_true(isnan(f->metric[0].value[1]));
    assert_int_equal(f->attribute_count, 1);
    assert_string_equal(f->attribute[0].name, "unreadable");
    assert_string_equal(f->attribute[0].value[f->attribute[0].code[0]], reason);
    assert_int_equal(f->attribute[0].code[2], ATTRIBUTE_MISSING);
    frame_free(f);
}

static void what_is_not_wanted_comes_by_name_alone(void **state)
{
    (void)state;
    project_writer *w = new_project();
    measured_row row = {.sample = 1};
    CHANGE(w, project_put_measures(db, &row, 1, &said));
    const double light[] = {1.0, 2.0, 3.0};
    CHANGE(w, project_put_metric(db, "light", MODEL_NONE, light, 3, &said));
    CHANGE(w, project_put_metric(db, "late", MODEL_NONE, light, 3, &said));
    uint32_t code[] = {0, 0, ATTRIBUTE_MISSING};
    char said_of[] = "x";
    char *value[] = {said_of};
    char night[] = "night";
    char place[] = "place";
    attribute_column texts = {.name = night, .code = code, .value = value, .value_count = 1};
    CHANGE(w, project_put_attribute(db, &texts, MODEL_NONE, 3, &said));
    texts.name = place;
    CHANGE(w, project_put_attribute(db, &texts, MODEL_NONE, 3, &said));
    project_writer_close(w);
    const char *const names[] = {NULL, "late, height"};
    const wanted_columns wanted = {names, 2, "NIGHT = 'x'"};
    const project_load_request request = {
        .path = "pets.assay", .wanted = &wanted, .thread_count = 2};
    frame *f;
    must(project_load(&request, &f, &said), &said);
    assert_int_equal(f->metric_count, MEASURE_COLUMN_COUNT + 2);
    for (size_t m = 0; m < f->metric_count; m++) {
        const char *name = f->metric[m].name;
        const bool named = !strcmp(name, "late") || !strcmp(name, "height");
        assert_int_equal(f->metric[m].value != NULL, named);
    }
    assert_true(isnan(f->metric[1].value[0]) && f->metric[1].value[1] == 0.0);
    assert_true(f->metric[MEASURE_COLUMN_COUNT + 1].value[2] == 3.0);
    assert_int_equal(f->attribute_count, 2);
    assert_non_null(f->attribute[0].code);
    assert_null(f->attribute[1].code);
    assert_string_equal(f->attribute[1].name, place);
    frame_free(f);
}

static void what_is_abandoned_leaves_nothing(void **state)
{
    (void)state;
    project_writer *w = new_project();
    duck *db;
    assay_err err;
    const uint16_t label[] = {0, 0, 0};
    must(project_writer_begin(w, &db, &err), &err);
    must(project_put_labels(db, label, 3, &err), &err);
    project_writer_abandon(w);
    project_writer_close(w);
    frame *f = load(NULL);
    assert_int_equal(f->label[0], CLASS_MISSING);
    frame_free(f);
}

static void a_second_writer_is_told_of_the_first(void **state)
{
    assay_err err;
    (void)state;
    project_writer *w = new_project();
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child == 0) {
        project_writer *second;
        char wanted[200];
        snprintf(wanted, sizeof wanted, "pets.assay: is being written by assay test (process %ld)",
                 (long)parent);
        const assay_code code = project_writer_open(&access_to_pets, &second, &err);
        _exit(code == ASSAY_E_CONFLICT && !second && !strcmp(err.msg, wanted) ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    project_writer_close(w);
    must(project_writer_open(&access_to_pets, &w, &err), &err);
    project_writer_close(w);
}

static project_writer *open_beside(int wait_seconds)
{
    const project_access access = {
        .path = "pets.assay", .thread_count = 1, .wait_seconds = wait_seconds};
    project_writer *w;
    assay_err err;
    must(project_writer_open_beside(&access, &w, &err), &err);
    return w;
}

/* Tags sample 1 in a transaction of its own. */
static assay_code tag_beside(project_writer *beside, const char *name, assay_err *err)
{
    duck *db;
    size_t changed = 0;
    selection rows;
    assay_code code = selection_init(&rows, 3, false, err);
    if (code != ASSAY_OK)
        return code;
    selection_set(&rows, 1, true);
    code = project_writer_begin(beside, &db, err);
    if (code == ASSAY_OK) {
        code = project_put_tag(db, name, &rows, false, &changed, err);
        code = project_writer_end(beside, code, err);
    }
    selection_clear(&rows);
    return code;
}

static void tags_are_written_beside_who_holds_the_lock(void **state)
{
    (void)state;
    assay_err err;
    project_writer *w = new_project();
    project_writer *beside = open_beside(0);
    const uint16_t labels[][3] = {{0, 1, 0}, {1, 1, 0}};
    /* As it is before a row names it. */
    listed_put("pets.assay/embeddings/visual.npy", "x", 1);
    listed_put("pets.assay/embeddings/visual.search.7-1.part", "x", 1);
    CHANGE(w, project_put_labels(db, labels[0], 3, &said));
    const uint64_t first = project_writer_revision(w);
    must(tag_beside(beside, "night", &err), &err);
    const uint64_t second = project_writer_revision(beside);
    CHANGE(w, project_put_labels(db, labels[1], 3, &said));
    assert_true(first < second && second < project_writer_revision(w));
    must(tag_beside(beside, "rain", &err), &err);
    project_writer_close(beside);
    assert_int_equal(access("pets.assay/embeddings/visual.npy", F_OK), 0);
    assert_int_equal(access("pets.assay/embeddings/visual.search.7-1.part", F_OK), 0);
    /* The lock is still held. */
    project_writer *second_one;
    assert_int_equal(project_writer_open(&access_to_pets, &second_one, &err), ASSAY_E_CONFLICT);
    project_writer_close(w);
    frame *f = load(NULL);
    assert_int_equal(f->label[0], 1);
    assert_int_equal(f->tag_count, 2);
    assert_true(selection_has(&f->tag[0].rows, 1) && selection_has(&f->tag[1].rows, 1));
    frame_free(f);
}

enum { TURNS = 40 };

static int tag_often(void)
{
    project_writer *beside = open_beside(60);
    assay_code code = ASSAY_OK;
    for (int i = 0; i < TURNS && code == ASSAY_OK; i++) {
        char name[16];
        assay_err err;
        snprintf(name, sizeof name, "tag %d", i);
        code = tag_beside(beside, name, &err);
    }
    return code == ASSAY_OK ? 0 : 1;
}

/* Neither fails for the other's moments, and nothing that one wrote is lost to the other. */
static void two_processes_take_turns(void **state)
{
    (void)state;
    project_writer *w = new_project();
    const pid_t child = fork();
    if (child == 0)
        _exit(tag_often());
    for (int i = 0; i < TURNS; i++) {
        const uint16_t label[] = {(uint16_t)(i % 2), 0, 1};
        CHANGE(w, project_put_labels(db, label, 3, &said));
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    project_writer_close(w);
    frame *f = load(NULL);
    assert_int_equal(f->tag_count, TURNS);
    assert_int_equal(f->label[0], (TURNS - 1) % 2);
    frame_free(f);
}

/* A process that has the database open for as long as the pipe is; its id. */
static pid_t hold_database(int keep[2])
{
    int told[2];
    char byte = 0;
    assert_int_equal(pipe(keep), 0);
    assert_int_equal(pipe(told), 0);
    const pid_t child = fork();
    if (child == 0) {
        duck d;
        close(keep[1]);
        const bool open = project_read("pets.assay", 1, &d, NULL) == ASSAY_OK;
        if (!open || write(told[1], "o", 1) != 1)
            _exit(1);
        /* Until the other end is closed. */
        while (read(keep[0], &byte, 1) > 0)
            ;
        _exit(0);
    }
    assert_int_equal(read(told[0], &byte, 1), 1);
    close(keep[0]);
    close(told[0]);
    close(told[1]);
    return child;
}

static void who_has_the_database_open_is_named(void **state)
{
    (void)state;
    project_writer_close(new_project());
    int keep[2];
    const pid_t child = hold_database(keep);
    project_writer *beside = open_beside(0);
    assay_err err;
    char named[40];
    assert_int_equal(tag_beside(beside, "night", &err), ASSAY_E_CONFLICT);
    snprintf(named, sizeof named, "(PID %ld)", (long)child);
    assert_non_null(strstr(err.msg, "pets.assay: another program has the database open: "));
    assert_non_null(strstr(err.msg, named));
    close(keep[1]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    must(tag_beside(beside, "night", &err), &err);
    project_writer_close(beside);
}

static void tags_of_another_number_of_samples_are_refused(void **state)
{
    (void)state;
    project_writer_close(new_project());
    project_writer *beside = open_beside(0);
    selection rows;
    duck *db;
    size_t changed;
    assay_err err;
    assert_int_equal(selection_init(&rows, 4, true, NULL), ASSAY_OK);
    must(project_writer_begin(beside, &db, &err), &err);
    assert_int_equal(project_put_tag(db, "night", &rows, false, &changed, &err), ASSAY_E_CONFLICT);
    assert_string_equal(err.msg,
                        "the project has been replaced by one of 3 samples; nothing was tagged");
    project_writer_close(beside);
    selection_clear(&rows);
}

/* Changes it so often; the revisions. */
static void change_often(uint64_t *revision, size_t count)
{
    project_writer *beside = open_beside(0);
    for (size_t i = 0; i < count; i++) {
        char name[16];
        assay_err err;
        snprintf(name, sizeof name, "tag %zu", i);
        must(tag_beside(beside, name, &err), &err);
        revision[i] = project_writer_revision(beside);
    }
    project_writer_close(beside);
}

static void a_copy_that_is_brought_back_repeats_no_revision(void **state)
{
    (void)state;
    enum { CHANGES = 3 };
    uint64_t before[CHANGES], after[CHANGES];
    project_writer_close(new_project());
    assert_int_equal(system("cp -r pets.assay copy.assay"), 0);
    change_often(before, CHANGES);
    listed_remove("pets.assay");
    assert_int_equal(rename("copy.assay", "pets.assay"), 0);
    change_often(after, CHANGES);
    for (size_t i = 0; i < CHANGES; i++) {
        for (size_t k = 0; k < CHANGES; k++)
            assert_int_not_equal(before[i], after[k]);
        assert_true(i == 0 || (before[i - 1] < before[i] && after[i - 1] < after[i]));
    }
}

static void revisions_grow_whatever_the_clock_says(void **state)
{
    (void)state;
    project_writer *w = new_project();
    const uint64_t late = 9000000000000000u; /* in 2255 */
    CHANGE(w, duck_run(db, "UPDATE project SET revision = 9000000000000000", &said));
    assert_true(project_writer_revision(w) == late + 1);
    CHANGE(w, ASSAY_OK);
    assert_true(project_writer_revision(w) == late + 2);
    project_writer_close(w);
}

static void a_matrix_that_no_row_names_is_removed(void **state)
{
    (void)state;
    project_writer_close(new_project());
    listed_put("pets.assay/probabilities/left.npy", "x", 1);
    project_writer *w;
    assay_err err;
    must(project_writer_open(&access_to_pets, &w, &err), &err);
    project_writer_close(w);
    assert_int_equal(access("pets.assay/probabilities/left.npy", F_OK), -1);
}

static void only_unfinished_folders_of_ours_are_removed(void **state)
{
    (void)state;
    listed_remove("pets.assay");
    static const char *const kept[] = {"pets.assay.new-2", "pets.assay.new-2-b",
                                       "pets.assay.new-2-1x", "pets.assay.new--1"};
    char path[100];
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        snprintf(path, sizeof path, "%s/lock", kept[i]);
        listed_put(path, "", 0);
        snprintf(path, sizeof path, "%s/project.duckdb", kept[i]);
        listed_put(path, "x", 1);
    }
    project_writer_close(new_project());
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        snprintf(path, sizeof path, "%s/project.duckdb", kept[i]);
        assert_int_equal(access(path, F_OK), 0);
        listed_remove(kept[i]);
    }
}

static void what_a_user_put_beside_the_matrices_stays(void **state)
{
    (void)state;
    project_writer_close(new_project());
    static const char *const kept[] = {"pets.assay/probabilities/notes.txt",
                                       "pets.assay/probabilities/caf\xe9.npy",
                                       "pets.assay/probabilities/.npy"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        listed_put(kept[i], "x", 1);
    listed_put("pets.assay/probabilities/half.npy.part", "x", 1);
    project_writer *w;
    assay_err err;
    must(project_writer_open(&access_to_pets, &w, &err), &err);
    project_writer_close(w);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        assert_int_equal(access(kept[i], F_OK), 0);
    assert_int_equal(access("pets.assay/probabilities/half.npy.part", F_OK), -1);
}

static void a_class_that_is_not_there_is_refused(void **state)
{
    (void)state;
    project_writer *w = new_project();
    CHANGE(w, duck_run(db, "INSERT INTO labels VALUES (1, 7)", &said));
    project_writer_close(w);
    const project_load_request request = {.path = "pets.assay", .thread_count = 1};
    frame *f;
    assay_err err;
    assert_int_equal(project_load(&request, &f, &err), ASSAY_E_INPUT);
    assert_null(f);
    assert_string_equal(err.msg,
                        "pets.assay: the label of sample 1 is class 7, and there are 2 classes");
}

static void set_version(const char *sql)
{
    project_writer *w;
    assay_err err;
    must(project_writer_open(&access_to_pets, &w, &err), &err);
    CHANGE(w, duck_run(db, sql, &said));
    project_writer_close(w);
}

static void a_newer_project_is_refused_in_words(void **state)
{
    (void)state;
    project_writer_close(new_project());
    set_version("UPDATE project SET schema_version = 99");
    duck d;
    project_writer *w;
    assay_err err;
    assert_int_equal(project_read("pets.assay", 1, &d, &err), ASSAY_E_INPUT);
    assert_non_null(strstr(err.msg, "pets.assay: was written by a newer assay (its tables are of "
                                    "version 99; this program, "));
    assert_int_equal(project_writer_open(&access_to_pets, &w, &err), ASSAY_E_INPUT);
    assert_null(w);
    w = open_beside(0);
    assert_int_equal(tag_beside(w, "night", &err), ASSAY_E_INPUT);
    assert_non_null(strstr(err.msg, "pets.assay: was written by a newer assay"));
    project_writer_close(w);
}

/* Version 2 has no decisions; a tag brings it to this version first, with the right to. */
static void an_older_project_is_brought_up_by_a_tag(void **state)
{
    (void)state;
    project_writer_close(new_project());
    set_version("DROP TABLE label_decisions; UPDATE project SET schema_version = 2");
    assay_err err;
    project_writer *beside = open_beside(0);
    must(tag_beside(beside, "night", &err), &err);
    CHANGE(beside, duck_run(db, "DELETE FROM label_decisions", &said));
    project_writer_close(beside);
    frame *f = load(NULL);
    assert_int_equal(f->tag_count, 1);
    frame_free(f);
}

static void what_is_no_project_is_refused(void **state)
{
    (void)state;
    listed_remove("pets.assay");
    duck d;
    assay_err err;
    assert_int_equal(project_read("pets.assay", 1, &d, &err), ASSAY_E_NOT_FOUND);
    assert_string_equal(err.msg, "pets.assay: there is no such project");
    listed_put("pets.assay/notes.txt", "x", 1);
    assert_int_equal(project_read("pets.assay", 1, &d, &err), ASSAY_E_INPUT);
    assert_string_equal(err.msg, "pets.assay: is not a project of assay (assay create makes one)");
    listed_put("pets.assay/project.duckdb", "not a database at all", 21);
    assert_int_equal(project_read("pets.assay", 1, &d, &err), ASSAY_E_INPUT);
    project_writer *w;
    assert_int_equal(project_writer_create(&access_to_pets, &w, &err), ASSAY_E_CONFLICT);
}

static void each_allocation_of_loading_may_fail(void **state)
{
    (void)state;
    project_writer *w = new_project();
    const double light[] = {1.0, 2.0, 3.0};
    const uint16_t label[] = {0, 1, 0};
    CHANGE(w, project_put_metric(db, "light", MODEL_NONE, light, 3, &said));
    CHANGE(w, project_put_labels(db, label, 3, &said));
    project_writer_close(w);
    const project_load_request request = {.path = "pets.assay", .texts = true, .thread_count = 1};
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    for (uint64_t n = 0; code == ASSAY_E_NOMEM; n++) {
        frame *f = NULL;
        mem_fail_after(n);
        code = project_load(&request, &f, NULL);
        mem_fail_after(UINT64_MAX);
        assert_true(code == ASSAY_OK || (code == ASSAY_E_NOMEM && !f));
        frame_free(f);
        assert_int_equal(mem_live(), live);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_project_appears_whole_or_not_at_all),
        cmocka_unit_test(what_an_interrupted_one_left_is_removed),
        cmocka_unit_test(images_come_back_with_the_bytes_of_their_paths),
        cmocka_unit_test(labels_and_metrics_are_laid_over_what_was_there),
        cmocka_unit_test(a_model_is_replaced_with_all_that_it_brought),
        cmocka_unit_test(of_several_models_one_must_be_chosen),
        cmocka_unit_test(a_models_own_margin_says_something_of_the_model),
        cmocka_unit_test(tags_are_added_and_taken),
        cmocka_unit_test(measures_and_reasons_come_back),
        cmocka_unit_test(what_is_not_wanted_comes_by_name_alone),
        cmocka_unit_test(what_is_abandoned_leaves_nothing),
        cmocka_unit_test(a_second_writer_is_told_of_the_first),
        cmocka_unit_test(tags_are_written_beside_who_holds_the_lock),
        cmocka_unit_test(two_processes_take_turns),
        cmocka_unit_test(who_has_the_database_open_is_named),
        cmocka_unit_test(tags_of_another_number_of_samples_are_refused),
        cmocka_unit_test(a_copy_that_is_brought_back_repeats_no_revision),
        cmocka_unit_test(revisions_grow_whatever_the_clock_says),
        cmocka_unit_test(a_matrix_that_no_row_names_is_removed),
        cmocka_unit_test(only_unfinished_folders_of_ours_are_removed),
        cmocka_unit_test(what_a_user_put_beside_the_matrices_stays),
        cmocka_unit_test(a_class_that_is_not_there_is_refused),
        cmocka_unit_test(a_newer_project_is_refused_in_words),
        cmocka_unit_test(an_older_project_is_brought_up_by_a_tag),
        cmocka_unit_test(what_is_no_project_is_refused),
        cmocka_unit_test(each_allocation_of_loading_may_fail),
    };
    return cmocka_run_group_tests(tests, listed_make_folder, listed_drop_folder);
}
