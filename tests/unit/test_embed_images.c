/* Embeddings are made, kept and made again only where something has changed; what is odd about the
 * samples gives no answer, never a wrong one. */
#include "base/mem.h"
#include "project/add.h"
#include "store/project_embeddings.h"
#include "store/project_search.h"
#include "support/listed.h"
#include "support/small_project.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH = 3 };

static const embed_images_request built_in = {.seed = 1, .thread_count = 1};

static assay_code embed(const embed_images_request *r, embed_images_notes *notes, assay_err *err)
{
    project_writer *const w = small_project_open();
    const assay_code code = embed_images(w, r, notes, err);
    project_writer_close(w);
    return code;
}

static void must_embed(const embed_images_request *r, embed_images_notes *notes)
{
    assay_err err = {0};
    if (embed(r, notes, &err) != ASSAY_OK)
        fail_msg("%s", err.msg);
}

static void must_refuse(const embed_images_request *r, assay_code code, const char *message)
{
    embed_images_notes notes;
    assay_err err = {0};
    assert_int_equal(embed(r, &notes, &err), code);
    assert_string_equal(err.msg, message);
}

static void put_vectors(const char *path, const float *at, size_t count)
{
    char shape[64];
    snprintf(shape, sizeof shape, "%zu, %d", count, WIDTH);
    listed_put_npy(path, "<f4", shape, at, count * WIDTH * sizeof *at);
}

/* Number of samples that have a number of a metric. */
static size_t count_known(const frame *f, const char *metric)
{
    size_t known = 0;
    for (size_t i = 0; i < f->row_count; i++)
        known += isnan(small_project_metric(f, metric, i)) ? 0 : 1;
    return known;
}

static const char *neighbours_label(const frame *f, size_t sample)
{
    for (size_t a = 0; a < f->attribute_count; a++) {
        const attribute_column *c = &f->attribute[a];
        if (strcmp(c->name, "neighbours_label") == 0)
            return c->code[sample] == ATTRIBUTE_MISSING ? "-" : c->value[c->code[sample]];
    }
    return "no attribute";
}

static bool is_there(const char *file)
{
    char path[300];
    snprintf(path, sizeof path, "p.assay/embeddings/%s", file);
    return access(path, F_OK) == 0;
}

static void images_are_described_once(void **state)
{
    (void)state;
    const small_project p = {.count = 40, .classes = 2};
    small_project_make(&p);
    embed_images_notes notes;
    must_embed(&built_in, &notes);
    assert_true(notes.has_measures && notes.is_default && !notes.up_to_date);
    assert_int_equal(notes.measures.measured, 40);
    assert_int_equal(notes.samples, 40);
    assert_int_equal(notes.embedded, 40);
    assert_int_equal(notes.dimensions, 10); /* a quarter as many as there are images */
    assert_string_equal(notes.name, "visual");
    frame *const f = small_project_frame();
    assert_int_equal(count_known(f, "uniqueness"), 40);
    assert_int_equal(count_known(f, "annotation_quality"), 40);
    assert_int_equal(count_known(f, "embedding_outlier"), 40);
    assert_int_equal(count_known(f, "diversity"), 40);
    /* One of equal pictures keeps its distance to the others. */
    assert_true(small_project_metric(f, "uniqueness", 1) > 0.0);
    assert_true(small_project_metric(f, "uniqueness", 7) == 0.0);
    frame_free(f);
    must_embed(&built_in, &notes);
    assert_true(notes.up_to_date && notes.is_default);
    assert_int_equal(notes.measures.measured, 0);
    assert_int_equal(notes.dimensions, 10);
    embed_images_request again = built_in;
    again.again = true;
    must_embed(&again, &notes);
    assert_false(notes.up_to_date);
    assert_true(is_there("visual-2.npy"));
    assert_false(is_there("visual.npy"));
    embed_images_request other_seed = built_in;
    other_seed.seed = 2;
    must_embed(&other_seed, &notes);
    assert_false(notes.up_to_date);
}

static void damaged_files_are_made_again(void **state)
{
    (void)state;
    static const char *const kinds[] = {"", ".neighbours", ".distances", ""};
    const small_project p = {.count = 12, .embedded = true};
    small_project_make(&p);
    for (size_t i = 0; i < 4; i++) {
        /* What is made anew has another name, and what was before is removed. */
        char path[100];
        snprintf(path, sizeof path, "p.assay/embeddings/visual%s%s.npy", kinds[i],
                 i % 2 ? "-2" : "");
        assert_int_equal(i == 3 ? remove(path) : truncate(path, 150), 0);
        embed_images_notes notes;
        must_embed(&built_in, &notes);
        assert_false(notes.up_to_date);
    }
    embed_images_notes notes;
    must_embed(&built_in, &notes);
    assert_true(notes.up_to_date);
}

static void a_stale_search_goes_where_nothing_has_changed(void **state)
{
    (void)state;
    const small_project p = {.count = 12, .embedded = true};
    small_project_make(&p);
    listed_put("p.assay/embeddings/visual.search", "x", 1);
    embed_images_notes notes;
    must_embed(&built_in, &notes);
    assert_true(notes.up_to_date);
    assert_false(is_there("visual.search"));
}

static atomic_bool stop_now;

static void stop_at_comparing(void *context, const char *what, uint64_t done, uint64_t total)
{
    (void)context;
    if (strcmp(what, "comparing") == 0 && done < total)
        atomic_store(&stop_now, true);
}

static void an_interrupted_comparison_is_gone_on_with(void **state)
{
    (void)state;
    const small_project p = {.count = 60, .measured = true};
    small_project_make(&p);
    const progress stopping = {.show = stop_at_comparing, .stop = &stop_now};
    embed_images_request r = built_in;
    r.keep_from = 60;
    r.progress = &stopping;
    atomic_store(&stop_now, false);
    must_refuse(&r, ASSAY_E_CANCELLED,
                "interrupted after 0 % of the comparison; what is done is kept, and the same "
                "command goes on from there");
    assert_true(is_there("visual.search"));
    frame *const before = small_project_frame();
    assert_string_equal(neighbours_label(before, 0), "no attribute");
    frame_free(before);
    embed_images_notes notes;
    must_embed(&built_in, &notes);
    assert_false(is_there("visual.search"));
    assert_true(is_there("visual.neighbours.npy"));
}

static void own_vectors_are_kept_beside(void **state)
{
    (void)state;
    const small_project p = {.count = 12, .classes = 2, .embedded = true};
    small_project_make(&p);
    float at[12 * WIDTH];
    for (size_t i = 0; i < 12; i++) {
        at[i * WIDTH] = 1.0F;
        at[i * WIDTH + 1] = i % 2 ? 1.0F : -1.0F;
        at[i * WIDTH + 2] = 0.001F * (float)i;
    }
    at[5 * WIDTH] = NAN;
    put_vectors("clip.v2.npy", at, 12);
    embed_images_request r = {.from = "clip.v2.npy", .rows_in_order = true, .thread_count = 1};
    embed_images_notes notes;
    must_embed(&r, &notes);
    assert_string_equal(notes.name, "clip");
    assert_false(notes.is_default);
    assert_int_equal(notes.embedded, 11);
    assert_int_equal(notes.samples, 12);
    r.make_default = true;
    r.name = "a/b";
    must_embed(&r, &notes);
    assert_true(notes.is_default);
    assert_true(is_there("a_b.npy"));
    frame *const f = small_project_frame();
    assert_true(isnan(small_project_metric(f, "uniqueness", 5)));
    assert_int_equal(count_known(f, "uniqueness"), 11);
    /* Eleven samples with vectors: ten others each, all of which vote. */
    assert_true(fabs(small_project_metric(f, "annotation_quality", 0) - 0.5) < 1e-12);
    frame_free(f);
}

/* Odd samples, and how many then have each number. */
static void odd_samples_have_no_answer(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        small_project project;
        size_t unique, rated, outlying, diverse;
    } cases[] = {
        {"one", {.count = 1, .classes = 1}, 0, 0, 0, 1},
        {"two", {.count = 2, .classes = 2}, 2, 0, 2, 2},
        {"fewer than are kept", {.count = 9, .classes = 2}, 9, 0, 9, 9},
        {"as many as annotation quality takes", {.count = 11, .classes = 2}, 11, 11, 11, 11},
        /* One of a set keeps its distance to the nearest outside, and there is nobody. */
        {"all equal", {.count = 20, .classes = 2, .all_equal = true}, 19, 20, 20, 20},
        {"a class of one", {.count = 21, .classes = 2, .lone_class = true}, 21, 21, 21, 21},
        {"no labels", {.count = 20}, 20, 0, 20, 20},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        small_project_make(&cases[i].project);
        embed_images_notes notes;
        must_embed(&built_in, &notes);
        assert_int_equal(notes.embedded, cases[i].project.count);
        frame *const f = small_project_frame();
        const size_t known[] = {count_known(f, "uniqueness"), count_known(f, "annotation_quality"),
                                count_known(f, "embedding_outlier"), count_known(f, "diversity")};
        const size_t wanted[] = {cases[i].unique, cases[i].rated, cases[i].outlying,
                                 cases[i].diverse};
        for (size_t m = 0; m < 4; m++) {
            if (known[m] != wanted[m])
                fail_msg("%s: metric %zu: %zu known, not %zu", cases[i].name, m, known[m],
                         wanted[m]);
        }
        if (cases[i].project.all_equal) {
            for (size_t s = 1; s < f->row_count; s++)
                assert_true(small_project_metric(f, "uniqueness", s) == 0.0);
        }
        if (cases[i].project.lone_class)
            assert_true(small_project_metric(f, "annotation_quality", 0) == 0.0);
        frame_free(f);
    }
}

static void constant_and_missing_vectors_have_no_answer(void **state)
{
    (void)state;
    const small_project p = {.count = 14, .classes = 2, .measured = true};
    float at[14 * WIDTH];
    embed_images_request r = {
        .from = "odd.npy", .rows_in_order = true, .thread_count = 1, .make_default = true};
    for (size_t i = 0; i < 14 * WIDTH; i++)
        at[i] = 0.5F;
    small_project_make(&p);
    put_vectors("odd.npy", at, 14);
    embed_images_notes notes;
    must_embed(&r, &notes);
    frame *f = small_project_frame();
    for (size_t s = 0; s < 14; s++) {
        const double unique = small_project_metric(f, "uniqueness", s);
        assert_true(s == 0 ? isnan(unique) : unique == 0.0);
        assert_true(small_project_metric(f, "embedding_outlier", s) == 0.0);
    }
    frame_free(f);
    /* One row has a direction: it has no neighbours, and neither have the others. */
    for (size_t i = WIDTH; i < 14 * WIDTH; i++)
        at[i] = i % 2 ? 0.0F : (float)INFINITY;
    put_vectors("odd.npy", at, 14);
    must_embed(&r, &notes);
    assert_int_equal(notes.embedded, 1);
    f = small_project_frame();
    /* That its pixels are those of another is known all the same. */
    assert_int_equal(count_known(f, "uniqueness"), 1);
    assert_true(small_project_metric(f, "uniqueness", 7) == 0.0);
    assert_int_equal(count_known(f, "annotation_quality"), 0);
    assert_int_equal(count_known(f, "diversity"), 1);
    assert_string_equal(neighbours_label(f, 0), "-");
    frame_free(f);
    for (size_t i = 0; i < WIDTH; i++)
        at[i] = 0.0F;
    put_vectors("odd.npy", at, 14);
    must_refuse(&r, ASSAY_E_INPUT,
                "odd.npy: gives no sample a vector: its rows are of none, all zeros, or hold a "
                "value that is not finite");
}

static void images_that_moved_are_told(void **state)
{
    (void)state;
    const small_project p = {.count = 12, .classes = 2, .embedded = true};
    embed_images_notes notes;
    small_project_make(&p);
    assert_int_equal(rename("images.npy", "elsewhere.npy"), 0);
    /* What is known of them does not need them. */
    must_embed(&built_in, &notes);
    assert_true(notes.up_to_date);
    /* Without a picture of it an image is not described. */
    assert_int_equal(remove("p.assay/thumbnails.npy"), 0);
    char root[4096], message[4200];
    assert_non_null(getcwd(root, sizeof root));
    snprintf(message, sizeof message, "%s/images.npy: there is no such file", root);
    must_refuse(&built_in, ASSAY_E_NOT_FOUND, message);
    assert_int_equal(rename("elsewhere.npy", "images.npy"), 0);
    must_embed(&built_in, &notes);
    assert_int_equal(notes.embedded, 12);
}

static assay_code add_labels(const char *path, add_notes *notes)
{
    const add_request r = {.kind = ADD_LABELS, .import = {.path = path, .thread_count = 1}};
    project_writer *const w = small_project_open();
    const assay_code code = add_table(w, &r, notes, NULL);
    project_writer_close(w);
    return code;
}

static void labels_that_change_are_followed(void **state)
{
    (void)state;
    const small_project p = {.count = 12, .classes = 2, .embedded = true};
    small_project_make(&p);
    static const char sevens[] =
        "id,label\n0,7\n1,7\n2,7\n3,7\n4,7\n5,7\n6,7\n7,7\n8,7\n9,7\n10,7\n11,7\n";
    listed_put("sevens.csv", sevens, sizeof sevens - 1);
    add_notes notes = {0};
    assert_int_equal(add_labels("sevens.csv", &notes), ASSAY_OK);
    assert_int_equal(notes.import.warning_count, 0);
    add_notes_clear(&notes);
    frame *f = small_project_frame();
    assert_true(small_project_metric(f, "annotation_quality", 3) == 1.0);
    assert_string_equal(neighbours_label(f, 3), "7");
    frame_free(f);
    /* Without believing damaged files; the labels are kept all the same. */
    assert_int_equal(truncate("p.assay/embeddings/visual.neighbours.npy", 150), 0);
    static const char other[] = "id,label\n3,8\n";
    listed_put("eight.csv", other, sizeof other - 1);
    assert_int_equal(add_labels("eight.csv", &notes), ASSAY_OK);
    assert_int_equal(notes.import.warning_count, 1);
    assert_string_equal(
        notes.import.warning[0],
        "annotation_quality is of the labels before: p.assay/embeddings/visual.neighbours.npy: is "
        "damaged: it is not what assay wrote (assay embed makes it again)");
    add_notes_clear(&notes);
    f = small_project_frame();
    assert_true(small_project_metric(f, "annotation_quality", 3) == 1.0);
    frame_free(f);
}

/* Each further one where `step` is 0, else ever fewer of the later ones. */
static void fail_allocations(const embed_images_request *r, uint64_t step)
{
    project_writer *const w = small_project_open();
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    uint64_t n = 0;
    for (; code == ASSAY_E_NOMEM && n < 5000; n += 1 + (step ? n / step : 0)) {
        embed_images_notes notes;
        mem_fail_after(n);
        code = embed_images(w, r, &notes, NULL);
        mem_fail_after(UINT64_MAX);
        assert_int_equal(mem_live(), live);
    }
    assert_int_equal(code, ASSAY_OK);
    assert_true(n > 30);
    project_writer_close(w);
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    const small_project p = {.count = 12, .classes = 2, .measured = true};
    small_project_make(&p);
    float at[12 * WIDTH];
    for (size_t i = 0; i < 12 * WIDTH; i++)
        at[i] = (float)(i * i % 17);
    put_vectors("own.npy", at, 12);
    const embed_images_request own = {
        .from = "own.npy", .rows_in_order = true, .thread_count = 1, .make_default = true};
    fail_allocations(&own, 0);
    fail_allocations(&built_in, 2);
    frame *const f = small_project_frame();
    assert_int_equal(count_known(f, "uniqueness"), 12);
    frame_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_are_described_once),
        cmocka_unit_test(damaged_files_are_made_again),
        cmocka_unit_test(a_stale_search_goes_where_nothing_has_changed),
        cmocka_unit_test(an_interrupted_comparison_is_gone_on_with),
        cmocka_unit_test(own_vectors_are_kept_beside),
        cmocka_unit_test(odd_samples_have_no_answer),
        cmocka_unit_test(constant_and_missing_vectors_have_no_answer),
        cmocka_unit_test(images_that_moved_are_told),
        cmocka_unit_test(labels_that_change_are_followed),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, listed_make_folder, listed_drop_folder);
}
