/* A project's embedding is opened, and label errors are found by it. */
#include "project/open_embedding.h"

#include "base/rng.h"
#include "project/embed_images.h"
#include "project/find_labels.h"
#include "project/project_frame.h"
#include "store/project_columns.h"
#include "store/project_images.h"
#include "support/listed.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 60, WIDTH = 4, WRONG = 31 };

static const project_access access_to_pets = {
    .path = "pets.assay", .command = "assay test", .thread_count = 1};
static assay_err said;

static void must(assay_code code)
{
    if (code != ASSAY_OK)
        fail_msg("%s", said.msg);
}

static void make_samples(duck *db)
{
    static uint64_t start[ROWS + 1];
    static char bytes[ROWS * 6 + 1];
    static uint16_t label[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        snprintf(bytes + 6 * i, 7, "%02zu.jpg", i);
        start[i + 1] = 6 * (i + 1);
        label[i] = (i + (i == WRONG)) % 2;
    }
    image_list list = {.kind = "a test",
                       .root = (char *)(uintptr_t) "/photos",
                       .count = ROWS,
                       .path = {.start = start, .bytes = bytes}};
    uint16_t code;
    must(class_list_add(&list.classes, "cat", 3, &code, &said));
    must(class_list_add(&list.classes, "dog", 3, &code, &said));
    must(project_put_images(db, &list, "/photos", &said));
    class_list_clear(&list.classes);
    must(project_put_labels(db, label, ROWS, &said));
}

/* Two clouds; the vectors of one are twice as long. */
static void make_vectors(void)
{
    static float vector[ROWS * WIDTH];
    rng r;
    rng_init(&r, 3, 0);
    for (size_t i = 0; i < (size_t)ROWS * WIDTH; i++)
        vector[i] = (float)((i / WIDTH % 2 ? 2.0 : 1.0) *
                            (0.1 * rng_normal(&r) + (i % WIDTH == i / WIDTH % 2 ? 1.0 : 0.0)));
    listed_put_npy("clip.npy", "<f4", "60, 4", vector, sizeof vector);
}

static void make_project(bool embedded)
{
    project_writer *w;
    duck *db;
    listed_remove("pets.assay");
    must(project_writer_create(&access_to_pets, &w, &said));
    must(project_writer_begin(w, &db, &said));
    make_samples(db);
    must(project_writer_commit(w, &said));
    must(project_writer_publish(w, &said));
    make_vectors();
    const embed_images_request request = {
        .from = "clip.npy", .rows_in_order = true, .thread_count = 1};
    embed_images_notes notes;
    if (embedded)
        must(embed_images(w, &request, &notes, &said));
    project_writer_close(w);
}

static frame *load(void)
{
    const project_frame_request request = {.path = "pets.assay", .ids = true, .thread_count = 1};
    frame *f;
    must(project_frame_load(&request, &f, &said));
    return f;
}

static const label_error_request by_looks = {.samples.thread_count = 1, .project = "pets.assay"};

static void without_probabilities_looks_decide(void **state)
{
    (void)state;
    make_project(true);
    frame *f = load();
    found_labels l;
    must(find_label_errors(f, &by_looks, &l, &said));
    assert_int_equal(l.basis, LABELS_FROM_EMBEDDING);
    assert_string_equal(l.embedding, "clip");
    assert_int_equal(l.judged, ROWS);
    assert_int_equal(l.found, 1);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.row[0], WRONG);
    assert_string_equal(l.suggested[0], "dog");
    assert_string_equal(l.neighbours_label[0], "dog");
    assert_true(l.annotation_quality[0] == 0.0);
    assert_true(l.score[0] == 1.0);
    assert_true(l.fitted_margin[0] > 0.0);
    assert_true(isnan(l.self_confidence[0]) && isnan(l.normalised_margin[0]));
    assert_null(l.quality);
    assert_int_equal(l.noise_count + l.overlap_count, 0);
    found_labels_clear(&l);
    frame_free(f);
}

static void probabilities_stand_beside_where_there_are_some(void **state)
{
    (void)state;
    static double values[ROWS * 2];
    static uint16_t predicted[ROWS];
    static double largest[ROWS];
    make_project(true);
    frame *f = load();
    for (size_t i = 0; i < ROWS; i++) {
        values[2 * i] = i == WRONG ? .3 : .6;
        values[2 * i + 1] = 1.0 - values[2 * i];
    }
    probabilities p = {
        .values = {.at = values, .row_count = ROWS, .column_count = 2, .type = MATRIX_F64}};
    probability_scan scan;
    must(probabilities_scan(&p, 1, predicted, largest, &scan, &said));
    f->probability = &p;
    label_error_request request = by_looks;
    request.from = LABELS_FROM_EMBEDDING;
    found_labels l;
    must(find_label_errors(f, &request, &l, &said));
    assert_int_equal(l.row[0], WRONG);
    assert_true(fabs(l.self_confidence[0] - .3) < 1e-12);
    assert_true(fabs(l.normalised_margin[0] - .3) < 1e-12);
    found_labels_clear(&l);
    request.from = LABELS_FROM_EITHER;
    must(find_label_errors(f, &request, &l, &said));
    assert_int_equal(l.basis, LABELS_FROM_PROBABILITIES);
    found_labels_clear(&l);
    request.embedding = "clip"; /* who names an embedding wants it */
    must(find_label_errors(f, &request, &l, &said));
    assert_int_equal(l.basis, LABELS_FROM_EMBEDDING);
    found_labels_clear(&l);
    f->probability = NULL;
    probabilities_clear(&p);
    frame_free(f);
}

static void what_is_missing_is_said_with_the_command_that_brings_it(void **state)
{
    (void)state;
    make_project(false);
    static char several[] = "cnn, vit";
    static const struct {
        const char *name;
        label_error_request request;
        char *unchosen;
        assay_code code;
        const char *message;
    } cases[] = {
        {"nothing",
         {.project = "pets.assay"},
         NULL,
         ASSAY_E_INPUT,
         "pets.assay: there is nothing to judge labels by yet: no model's probabilities (assay add "
         "predictions brings them), and what the images look like is not known (assay embed "
         "pets.assay finds out)"},
        {"several models",
         {.project = "pets.assay"},
         several,
         ASSAY_E_INPUT,
         "pets.assay: there is nothing to judge labels by yet: no model is chosen (--model: cnn, "
         "vit), and what the images look like is not known (assay embed pets.assay finds out)"},
        {"by looks",
         {.project = "pets.assay", .from = LABELS_FROM_EMBEDDING},
         NULL,
         ASSAY_E_INPUT,
         "pets.assay: what its images look like is not known yet; assay embed pets.assay finds "
         "out"},
        {"a name",
         {.project = "pets.assay", .embedding = "dino"},
         NULL,
         ASSAY_E_USAGE,
         "pets.assay: has no embedding 'dino'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        frame *f = load();
        f->unchosen_models = cases[i].unchosen;
        found_labels l;
        assert_int_equal(find_label_errors(f, &cases[i].request, &l, &said), cases[i].code);
        assert_string_equal(said.msg, cases[i].message);
        assert_null(l.row);
        f->unchosen_models = NULL;
        frame_free(f);
    }
}

static void labels_that_cannot_be_judged_are_said_to_be(void **state)
{
    (void)state;
    make_project(true);
    frame *f = load();
    for (size_t i = 8; i < ROWS; i++)
        f->label[i] = CLASS_MISSING;
    found_labels l;
    assert_int_equal(find_label_errors(f, &by_looks, &l, &said), ASSAY_E_INPUT);
    assert_string_equal(said.msg,
                        "no sample has a label that can be judged by its looks: that takes a "
                        "picture that could be read, ten labelled ones among its neighbours, and "
                        "two classes");
    frame_free(f);
}

static void an_optional_one_may_be_missing(void **state)
{
    (void)state;
    make_project(false);
    open_embedding_request request = {
        .project = "pets.assay", .sample_count = ROWS, .thread_count = 1, .optional = true};
    opened_embedding opened;
    must(open_embedding(&request, &opened, &said));
    assert_int_equal(opened.files.k, 0);
    opened_embedding_clear(&opened);
    request.name = "clip";
    assert_int_equal(open_embedding(&request, &opened, &said), ASSAY_E_USAGE);
    assert_string_equal(said.msg, "pets.assay: has no embedding 'clip'");
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    make_project(true);
    frame *f = load();
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    uint64_t n = 0;
    for (; code == ASSAY_E_NOMEM; n++) {
        found_labels l;
        mem_fail_after(n);
        code = find_label_errors(f, &by_looks, &l, NULL);
        mem_fail_after(UINT64_MAX);
        if (code)
            assert_null(l.row);
        found_labels_clear(&l);
        assert_int_equal(mem_live(), live);
    }
    assert_int_equal(code, ASSAY_OK);
    assert_true(n > 60);
    frame_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_probabilities_looks_decide),
        cmocka_unit_test(probabilities_stand_beside_where_there_are_some),
        cmocka_unit_test(what_is_missing_is_said_with_the_command_that_brings_it),
        cmocka_unit_test(labels_that_cannot_be_judged_are_said_to_be),
        cmocka_unit_test(an_optional_one_may_be_missing),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, listed_make_folder, listed_drop_folder);
}
