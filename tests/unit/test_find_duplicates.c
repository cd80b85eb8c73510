/* Pictures that are there twice, in a whole project. */
#include "project/find_duplicates.h"

#include "base/mem.h"
#include "support/listed.h"
#include "support/small_project.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Sample 7 is equal to sample 1, and sample 3 the mirror image of sample 2. Labels are 0, 1, 0, …
 */
enum { SAMPLES = 12 };

static const small_project twelve = {.count = SAMPLES, .classes = 2, .embedded = true};
static const duplicates_request all = {.project = "p.assay", .threshold = 0.95, .thread_count = 2};

static found_duplicates find(const frame *f, const duplicates_request *r)
{
    found_duplicates found;
    assay_err err = {0};
    if (find_duplicates(f, r, &found, &err) != ASSAY_OK)
        fail_msg("%s", err.msg);
    return found;
}

static void expect_group(const found_duplicates *found, size_t g, uint32_t a, uint32_t b)
{
    assert_true(g < found->groups.count);
    const duplicate_group *const at = &found->groups.at[g];
    assert_int_equal(at->count, 2);
    assert_int_equal(found->groups.member[at->start], a);
    assert_int_equal(found->groups.member[at->start + 1], b);
    assert_int_equal(at->keep, a);
    assert_true(at->strength == 1.0F);
}

static void equal_and_mirrored_pictures_are_found(void **state)
{
    (void)state;
    small_project_make(&twelve);
    frame *const f = small_project_frame();
    found_duplicates found = find(f, &all);
    assert_true(found.has_pictures && found.has_neighbours);
    /* Of so few, everybody is among everybody's nearest. */
    assert_int_equal(found.suspects, SAMPLES * (SAMPLES - 1) / 2);
    assert_int_equal(found.groups.count, 2);
    expect_group(&found, 0, 1, 7);
    expect_group(&found, 1, 2, 3);
    assert_true(found.groups.at[0].equal_pixels && !found.groups.at[1].equal_pixels);
    assert_int_equal(found.contradicting, 1);
    assert_int_equal(found.leaking, 0);
    assert_int_equal(found.wrong, 0);
    found_duplicates_clear(&found);
    duplicates_request equal = all;
    equal.equal_only = true;
    found = find(f, &equal);
    assert_int_equal(found.groups.count, 1);
    assert_int_equal(found.suspects, 0);
    expect_group(&found, 0, 1, 7);
    found_duplicates_clear(&found);
    frame_free(f);
}

static void only_chosen_samples_take_part(void **state)
{
    (void)state;
    frame *const f = small_project_frame();
    selection rows;
    assert_int_equal(selection_init(&rows, SAMPLES, true, NULL), ASSAY_OK);
    selection_set(&rows, 7, false);
    duplicates_request r = all;
    r.rows = &rows;
    found_duplicates found = find(f, &r);
    assert_int_equal(found.groups.count, 1);
    assert_int_equal(found.suspects, (SAMPLES - 1) * (SAMPLES - 2) / 2);
    expect_group(&found, 0, 2, 3);
    found_duplicates_clear(&found);
    selection_clear(&rows);
    frame_free(f);
}

static void what_they_are_a_sign_of_is_counted(void **state)
{
    (void)state;
    frame *const loaded = small_project_frame();
    uint32_t code[SAMPLES] = {0};
    char *values[] = {(char[]){"test"}, (char[]){"train"}};
    attribute_column split = {
        .name = (char[]){"split"}, .code = code, .value = values, .value_count = 2};
    uint16_t prediction[SAMPLES];
    for (size_t i = 0; i < SAMPLES; i++)
        prediction[i] = 0; /* right of 2, wrong of 1, 3 and 7 */
    code[7] = 1;
    code[3] = ATTRIBUTE_MISSING;
    frame f = *loaded;
    f.attribute = &split;
    f.attribute_count = 1;
    f.prediction = prediction;
    found_duplicates found = find(&f, &all);
    assert_int_equal(found.leaking, 1);
    assert_true(found.groups.at[0].spans_splits && !found.groups.at[1].spans_splits);
    assert_int_equal(found.wrong, 3);
    found_duplicates_clear(&found);
    frame_free(loaded);
}

static void what_is_not_known_is_said(void **state)
{
    (void)state;
    assay_err err = {0};
    found_duplicates found;
    small_project p = {.count = SAMPLES, .classes = 2};
    small_project_make(&p);
    frame *f = small_project_frame();
    assert_int_equal(find_duplicates(f, &all, &found, &err), ASSAY_E_INPUT);
    assert_string_equal(err.msg,
                        "p.assay: its images have not been measured; assay embed p.assay does it");
    assert_null(found.groups.at);
    duplicates_request elsewhere = all;
    elsewhere.project = "q.assay";
    assert_int_equal(find_duplicates(f, &elsewhere, &found, &err), ASSAY_E_NOT_FOUND);
    assert_string_equal(err.msg, "q.assay: there is no such project");
    frame_free(f);
    p.measured = true;
    small_project_make(&p);
    f = small_project_frame();
    found = find(f, &all);
    assert_false(found.has_pictures || found.has_neighbours);
    assert_int_equal(found.groups.count, 1);
    expect_group(&found, 0, 1, 7);
    found_duplicates_clear(&found);
    frame_free(f);
}

/* Turns a byte of the picture of a sample. */
static void damage_picture(size_t sample)
{
    FILE *const file = fopen("p.assay/thumbnails.npy", "r+b");
    assert_non_null(file);
    const long at = 128 + (long)sample * SMALL_BYTES + 77;
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    const int before = fgetc(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    fputc(before ^ 1, file);
    assert_int_equal(fclose(file), 0);
}

static void damaged_files_are_not_believed(void **state)
{
    (void)state;
    small_project_make(&twelve);
    frame *const f = small_project_frame();
    damage_picture(3);
    found_duplicates found = find(f, &all);
    assert_true(found.has_pictures);
    assert_int_equal(found.groups.count, 1);
    expect_group(&found, 0, 1, 7);
    found_duplicates_clear(&found);
    assert_int_equal(truncate("p.assay/thumbnails.npy", 5000), 0);
    found = find(f, &all);
    assert_false(found.has_pictures);
    assert_int_equal(found.groups.count, 1);
    found_duplicates_clear(&found);
    small_project_make(&twelve);
    assert_int_equal(truncate("p.assay/embeddings/visual.neighbours.npy", 500), 0);
    assay_err err;
    assert_int_equal(find_duplicates(f, &all, &found, &err), ASSAY_E_INPUT);
    assert_string_equal(
        err.msg, "p.assay/embeddings/visual.neighbours.npy: is damaged: it is not what assay "
                 "wrote (assay embed makes it again)");
    frame_free(f);
}

static void the_threshold_is_the_users(void **state)
{
    (void)state;
    small_project_make(&twelve);
    frame *const f = small_project_frame();
    duplicates_request r = all;
    r.threshold = 0.0;
    found_duplicates found = find(f, &r);
    /* Every pair counts, and all are one group. */
    assert_int_equal(found.groups.count, 1);
    assert_int_equal(found.groups.member_count, SAMPLES);
    found_duplicates_clear(&found);
    r.threshold = 1.0;
    found = find(f, &r);
    assert_int_equal(found.groups.count, 2);
    found_duplicates_clear(&found);
    frame_free(f);
}

static void it_can_be_interrupted(void **state)
{
    (void)state;
    static const atomic_bool stop = true;
    const progress stopped = {.stop = &stop};
    duplicates_request r = all;
    r.progress = &stopped;
    frame *const f = small_project_frame();
    found_duplicates found;
    assay_err err;
    assert_int_equal(find_duplicates(f, &r, &found, &err), ASSAY_E_CANCELLED);
    assert_string_equal(err.msg, "interrupted while comparing hashes");
    assert_null(found.groups.at);
    frame_free(f);
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    frame *const f = small_project_frame();
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    uint64_t n = 0;
    for (; code == ASSAY_E_NOMEM && n < 500; n++) {
        found_duplicates found;
        mem_fail_after(n);
        code = find_duplicates(f, &all, &found, NULL);
        mem_fail_after(UINT64_MAX);
        assert_int_equal(found.groups.at == NULL, code != ASSAY_OK);
        found_duplicates_clear(&found);
        assert_int_equal(mem_live(), live);
    }
    assert_int_equal(code, ASSAY_OK);
    assert_true(n > 30);
    frame_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_and_mirrored_pictures_are_found),
        cmocka_unit_test(only_chosen_samples_take_part),
        cmocka_unit_test(what_they_are_a_sign_of_is_counted),
        cmocka_unit_test(what_is_not_known_is_said),
        cmocka_unit_test(damaged_files_are_not_believed),
        cmocka_unit_test(the_threshold_is_the_users),
        cmocka_unit_test(it_can_be_interrupted),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, listed_make_folder, listed_drop_folder);
}
