/* The nearest of a sample, from what is kept or compared anew. */
#include "project/find_similar.h"

#include "base/mem.h"
#include "support/listed.h"
#include "support/small_project.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* More than are kept of each. */
enum { SAMPLES = 60, LOST = 9 };

static frame *samples;

/* Samples on a quarter of a circle: the nearest of i are i ± 1, i ± 2, …; sample LOST has no
 * vector. */
static void put_circle(void)
{
    float at[SAMPLES * 2];
    for (size_t i = 0; i < SAMPLES; i++) {
        at[2 * i] = (float)cos((double)i * 0.02);
        at[2 * i + 1] = (float)sin((double)i * 0.02);
    }
    at[2 * LOST + 1] = NAN;
    listed_put_npy("circle.npy", "<f4", "60, 2", at, sizeof at);
}

static int make(void **state)
{
    if (listed_make_folder(state))
        return 1;
    const small_project p = {.count = SAMPLES, .classes = 2};
    small_project_make(&p);
    put_circle();
    const embed_images_request own = {
        .from = "circle.npy", .rows_in_order = true, .thread_count = 1};
    project_writer *const w = small_project_open();
    embed_images_notes notes;
    assert_int_equal(embed_images(w, &own, &notes, NULL), ASSAY_OK);
    project_writer_close(w);
    samples = small_project_frame();
    return 0;
}

static int drop(void **state)
{
    frame_free(samples);
    return listed_drop_folder(state);
}

static similar_request of(const char *key, size_t limit)
{
    return (similar_request){.project = "p.assay", .key = key, .limit = limit, .thread_count = 1};
}

static void must_find(const similar_request *r, found_similar *out)
{
    assay_err err = {0};
    if (find_similar(samples, r, out, &err) != ASSAY_OK)
        fail_msg("%s", err.msg);
}

static void the_nearest_come_first(void **state)
{
    (void)state;
    static const char *const keys[] = {"images.npy#30", "30"};
    for (size_t k = 0; k < 2; k++) {
        const similar_request r = of(keys[k], 4);
        found_similar found;
        must_find(&r, &found);
        assert_int_equal(found.of, 30);
        assert_int_equal(found.count, 4);
        for (size_t i = 0; i < 4; i++) {
            const uint32_t apart = found.row[i] > 30 ? found.row[i] - 30 : 30 - found.row[i];
            assert_int_equal(apart, i / 2 + 1);
            assert_true(fabs(found.similarity[i] - cos(0.02 * (double)apart)) < 1e-6);
        }
        found_similar_clear(&found);
    }
}

static void more_than_are_kept_are_compared_anew(void **state)
{
    (void)state;
    similar_request r = of("0", 0);
    found_similar kept, all;
    must_find(&r, &kept);
    assert_int_equal(kept.count, 50);
    r.limit = 1000;
    must_find(&r, &all);
    /* All but itself and the one without a vector. */
    assert_int_equal(all.count, SAMPLES - 2);
    for (size_t i = 0; i < kept.count; i++) {
        assert_int_equal(all.row[i], kept.row[i]);
        assert_true(all.similarity[i] == kept.similarity[i]);
    }
    for (size_t i = 0; i < all.count; i++)
        assert_true(all.row[i] != 0 && all.row[i] != LOST);
    found_similar_clear(&kept);
    found_similar_clear(&all);
}

static void only_chosen_samples_are_found(void **state)
{
    (void)state;
    selection rows;
    assert_int_equal(selection_init(&rows, SAMPLES, false, NULL), ASSAY_OK);
    for (size_t i = 40; i < 45; i++)
        selection_set(&rows, i, true);
    similar_request r = of("1", 3);
    r.rows = &rows;
    found_similar found;
    must_find(&r, &found);
    assert_int_equal(found.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(found.row[i], 40 + i);
    found_similar_clear(&found);
    selection_clear(&rows);
}

static void what_has_no_answer_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        similar_request request;
        assay_code code;
        const char *message;
    } cases[] = {
        {"no sample",
         {.project = "p.assay", .key = "61"},
         ASSAY_E_USAGE,
         "no sample is called '61'"},
        {"no name", {.project = "p.assay", .key = ""}, ASSAY_E_USAGE, "no sample is called ''"},
        {"no embedding of that name",
         {.project = "p.assay", .key = "1", .embedding = "clip"},
         ASSAY_E_USAGE,
         "p.assay: has no embedding 'clip'"},
        {"no vector",
         {.project = "p.assay", .key = "9"},
         ASSAY_E_INPUT,
         "9: has no vector; its image could not be read, or its row of the embedding is none"},
        {"no project",
         {.project = "q.assay", .key = "1"},
         ASSAY_E_NOT_FOUND,
         "q.assay: there is no such project"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        found_similar found;
        assay_err err = {0};
        assert_int_equal(find_similar(samples, &cases[i].request, &found, &err), cases[i].code);
        assert_string_equal(err.msg, cases[i].message);
        assert_null(found.row);
    }
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    const similar_request requests[] = {of("3", 5), of("3", 55)};
    for (size_t i = 0; i < 2; i++) {
        const size_t live = mem_live();
        assay_code code = ASSAY_E_NOMEM;
        for (uint64_t n = 0; code == ASSAY_E_NOMEM && n < 300; n++) {
            found_similar found;
            mem_fail_after(n);
            code = find_similar(samples, &requests[i], &found, NULL);
            mem_fail_after(UINT64_MAX);
            assert_int_equal(found.row == NULL, code != ASSAY_OK);
            found_similar_clear(&found);
            assert_int_equal(mem_live(), live);
        }
        assert_int_equal(code, ASSAY_OK);
    }
}

/* Last: it changes the project. */
static void a_damaged_file_is_not_believed(void **state)
{
    (void)state;
    const similar_request r = of("3", 5);
    found_similar found;
    assay_err err;
    assert_int_equal(truncate("p.assay/embeddings/circle.distances.npy", 1000), 0);
    assert_int_equal(find_similar(samples, &r, &found, &err), ASSAY_E_INPUT);
    assert_string_equal(err.msg,
                        "p.assay/embeddings/circle.distances.npy: is damaged: it is not what assay "
                        "wrote (assay embed makes it again)");
    const small_project p = {.count = SAMPLES, .classes = 2};
    small_project_make(&p);
    assert_int_equal(find_similar(samples, &r, &found, &err), ASSAY_E_INPUT);
    assert_string_equal(err.msg, "p.assay: what its images look like is not known yet; assay embed "
                                 "p.assay finds out");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_come_first),
        cmocka_unit_test(more_than_are_kept_are_compared_anew),
        cmocka_unit_test(only_chosen_samples_are_found),
        cmocka_unit_test(what_has_no_answer_is_refused),
        cmocka_unit_test(every_failed_allocation_is_told),
        cmocka_unit_test(a_damaged_file_is_not_believed),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
