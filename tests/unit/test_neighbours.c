#include "eval/neighbours.h"

#include "base/mem.h"
#include "base/rng.h"
#include "frame/classes.h"
#include "support/check.h"

#include <math.h>
#include <stdbool.h>

enum { GONE = CLASS_MISSING };

/* Six samples, three neighbours kept: 0 and 1 repeat each other, 2 repeats 1 only, 3 and 4 are near
 * each other, 5 has no direction. */
static const uint32_t index_of_six[] = {
    1, 2, 3, 0, 2, 3, 1, 0, 4, 4, 0, 1, 3, 2, 0, NO_NEIGHBOUR, NO_NEIGHBOUR, NO_NEIGHBOUR};
static float distance_of_six[] = {0.0F, 1e-5F, 0.4F, 0.0F, 9e-6F, 0.5F, 9e-6F, 1e-5F, 0.3F,
                                  0.1F, 0.4F,  0.5F, 0.1F, 0.3F,  0.9F, 0,     0,     0};

static neighbour_lists six(void)
{
    for (size_t i = 15; i < 18; i++)
        distance_of_six[i] = NAN;
    return (neighbour_lists){index_of_six, distance_of_six, 6, 3};
}

static void repeats_keep_one_score(void **state)
{
    (void)state;
    const neighbour_lists lists = six();
    double u[6];
    uniqueness_notes notes;
    assert_int_equal(neighbours_uniqueness(&lists, NULL, u, &notes, NULL), ASSAY_OK);
    /* The chain 0-1-2 is one set; 0's nearest outside is 3. */
    assert_true(u[0] == (double)0.4F / 2 && u[1] == 0.0 && u[2] == 0.0);
    assert_true(u[3] == (double)0.1F / 2 && u[4] == (double)0.1F / 2 && isnan(u[5]));
    assert_int_equal(notes.repeated, 2);
    assert_int_equal(notes.bounded, 0);
}

static void equal_pixels_are_repeats_whatever_the_distance(void **state)
{
    (void)state;
    const neighbour_lists lists = six();
    double u[6];
    uniqueness_notes notes;
    const uint64_t hash[] = {9, 8, 7, 5, 5, 5};
    /* 3 and 5 are equal; 4 has their bytes in another shape. */
    const uint32_t width[] = {1, 1, 1, 10, 20, 10}, height[] = {1, 1, 1, 20, 10, 20};
    const pixel_identity pixels = {hash, width, height};
    assert_int_equal(neighbours_uniqueness(&lists, &pixels, u, &notes, NULL), ASSAY_OK);
    assert_true(u[3] == (double)0.1F / 2 && u[4] == (double)0.1F / 2 && u[5] == 0.0);
    assert_int_equal(notes.repeated, 3);
}

static void a_list_of_repeats_only_bounds_the_score(void **state)
{
    (void)state;
    /* Five equal samples and two kept neighbours: nobody outside is known. */
    const uint32_t index[] = {1, 2, 0, 2, 0, 1, 0, 1, 0, 1};
    const float zero[10] = {0};
    const neighbour_lists full = {index, zero, 5, 2};
    double u[5];
    uniqueness_notes notes;
    assert_int_equal(neighbours_uniqueness(&full, NULL, u, &notes, NULL), ASSAY_OK);
    assert_true(u[0] == 0.0 && u[4] == 0.0);
    assert_int_equal(notes.bounded, 1);
    assert_int_equal(notes.repeated, 4);
    /* Two equal samples and no other: there is no outside. */
    const uint32_t pair[] = {1, NO_NEIGHBOUR, 0, NO_NEIGHBOUR};
    const float apart[] = {0.0F, NAN, 0.0F, NAN};
    const neighbour_lists two = {pair, apart, 2, 2};
    assert_int_equal(neighbours_uniqueness(&two, NULL, u, &notes, NULL), ASSAY_OK);
    assert_true(isnan(u[0]) && u[1] == 0.0);
    assert_int_equal(notes.bounded, 0);
    const neighbour_lists none = {index, zero, 0, 2};
    assert_int_equal(neighbours_uniqueness(&none, NULL, u, &notes, NULL), ASSAY_OK);
}

enum { ROWS = 40, KEPT = 15 };

/* Rows on a line, whose neighbours are the nearest numbers, the lower first. */
typedef struct line {
    uint32_t index[ROWS * KEPT];
    float distance[ROWS * KEPT];
    neighbour_lists lists;
} line;

static void make_line(line *l, size_t rows)
{
    l->lists = (neighbour_lists){l->index, l->distance, rows, KEPT};
    for (size_t row = 0; row < rows; row++) {
        size_t n = 0;
        for (size_t step = 1; step < rows && n < KEPT; step++) {
            const size_t both[] = {row - step, row + step};
            for (size_t side = 0; side < 2; side++) {
                if (both[side] >= rows || n >= KEPT)
                    continue;
                l->index[row * KEPT + n] = (uint32_t)both[side];
                l->distance[row * KEPT + n++] = (float)step / 64.0F;
            }
        }
        for (; n < KEPT; n++) {
            l->index[row * KEPT + n] = NO_NEIGHBOUR;
            l->distance[row * KEPT + n] = NAN;
        }
    }
}

/* The definition, read out loud. */
static void judge_slowly(const line *l, const uint16_t *label, size_t row, double *share,
                         double *closeness)
{
    size_t asked = 0, same = 0;
    double sum = 0.0;
    for (size_t n = 0; n < KEPT && asked < 10; n++) {
        const uint32_t other = l->index[row * KEPT + n];
        if (other == NO_NEIGHBOUR || label[other] == GONE)
            continue;
        asked++;
        const double similarity = 1.0 - (double)l->distance[row * KEPT + n];
        same += label[other] == label[row];
        sum += label[other] == label[row] ? similarity : -similarity;
    }
    const bool answer = asked == 10 && label[row] != GONE;
    *share = answer ? (double)same / 10.0 : (double)NAN;
    *closeness = answer ? sum / 10.0 : (double)NAN;
}

static bool same_number(double a, double b)
{
    return (isnan(a) && isnan(b)) || fabs(a - b) < 1e-12;
}

static void annotation_quality_is_the_share_of_ten_labelled_neighbours(void **state)
{
    (void)state;
    static line l;
    make_line(&l, ROWS);
    rng r;
    rng_init(&r, 1, 0);
    for (int turn = 0; turn < 200; turn++) {
        uint16_t label[ROWS], majority[ROWS];
        double quality[ROWS], closeness[ROWS];
        const uint64_t missing = rng_below(&r, 5);
        for (size_t i = 0; i < ROWS; i++)
            label[i] = rng_below(&r, 10) < missing ? GONE : (uint16_t)rng_below(&r, 3);
        const label_agreement out = {quality, closeness, majority};
        neighbours_annotation(&l.lists, label, &out);
        for (size_t i = 0; i < ROWS; i++) {
            double share, close;
            judge_slowly(&l, label, i, &share, &close);
            assert_true(same_number(quality[i], share) && same_number(closeness[i], close));
            assert_true(label[i] == GONE || isnan(share) == (majority[i] == GONE));
        }
    }
}

static void the_neighbours_label_is_of_most_then_of_the_nearest_then_the_lower(void **state)
{
    (void)state;
    uint32_t index[11 * 10];
    float distance[11 * 10];
    for (uint32_t row = 0; row < 11; row++) {
        for (uint32_t n = 0; n < 10; n++) {
            index[row * 10 + n] = n < row ? n : n + 1;
            distance[row * 10 + n] = 0.5F;
        }
    }
    const neighbour_lists lists = {index, distance, 11, 10};
    uint16_t label[11] = {7, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1}, majority[11];
    double quality[11], closeness[11];
    const label_agreement out = {quality, closeness, majority};
    neighbours_annotation(&lists, label, &out);
    assert_int_equal(majority[0], 1); /* five each, equally near */
    assert_true(quality[0] == 0.0 && closeness[0] == -0.5);
    distance[0] = 0.25F;
    neighbours_annotation(&lists, label, &out);
    assert_int_equal(majority[0], 2);
    label[10] = 2;
    distance[0] = 0.5F;
    neighbours_annotation(&lists, label, &out);
    assert_int_equal(majority[0], 2);
    /* Ten labelled samples are too few. */
    label[3] = GONE;
    neighbours_annotation(&lists, label, &out);
    for (size_t i = 0; i < 11; i++)
        assert_true(isnan(quality[i]) && isnan(closeness[i]) && majority[i] == GONE);
}

static void outliers_are_far_from_ten_neighbours(void **state)
{
    (void)state;
    static line l;
    double outlier[ROWS];
    make_line(&l, ROWS);
    neighbours_outlier(&l.lists, outlier);
    assert_true(same_number(outlier[0], 5.5 / 64.0));
    assert_true(same_number(outlier[20], 3.0 / 64.0));
    make_line(&l, 3);
    neighbours_outlier(&l.lists, outlier);
    assert_true(same_number(outlier[0], 1.5 / 64.0) && same_number(outlier[1], 1.0 / 64.0));
    make_line(&l, 1);
    neighbours_outlier(&l.lists, outlier);
    assert_true(isnan(outlier[0]));
}

static void diversity_deals_the_clusters_in_turn(void **state)
{
    (void)state;
    const uint32_t cluster[] = {1, 0, 1, 1, 0, 2, 9, 1};
    const float to_centre[] = {0.3F, 0.5F, 0.1F, 0.1F, 0.2F, 0.9F, NAN, 0.2F};
    double rank[8];
    assert_int_equal(neighbours_diversity(cluster, to_centre, 8, 3, rank, NULL), ASSAY_OK);
    /* Round 1: 4, 2, 5. Round 2: 1, 3. Round 3: 7. Round 4: 0. */
    const double expected[] = {6, 3, 1, 4, 0, 2, (double)NAN, 5};
    for (size_t i = 0; i < 8; i++)
        assert_true(same_number(rank[i], expected[i]));
    assert_int_equal(neighbours_diversity(cluster, to_centre, 0, 3, rank, NULL), ASSAY_OK);
}

static void each_failed_allocation_is_out_of_memory(void **state)
{
    (void)state;
    const size_t before = mem_live();
    const neighbour_lists lists = six();
    const uint64_t hash[6] = {0};
    const uint32_t side[6] = {1, 1, 1, 1, 1, 1}, cluster[6] = {0};
    const pixel_identity pixels = {hash, side, side};
    double out[6];
    uniqueness_notes notes;
    for (uint64_t n = 0; n < 5; n++) {
        assay_err err = {ASSAY_OK, ""};
        mem_fail_after(n);
        const assay_code unique = neighbours_uniqueness(&lists, &pixels, out, &notes, &err);
        mem_fail_after(n);
        const assay_code diverse = neighbours_diversity(cluster, distance_of_six, 6, 1, out, &err);
        mem_fail_after(UINT64_MAX);
        assert_int_equal(unique, ASSAY_E_NOMEM);
        assert_int_equal(diverse, ASSAY_E_NOMEM);
        assert_string_equal(err.msg, "out of memory for the diversity of 6 samples");
        assert_int_equal(mem_live(), before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeats_keep_one_score),
        cmocka_unit_test(equal_pixels_are_repeats_whatever_the_distance),
        cmocka_unit_test(a_list_of_repeats_only_bounds_the_score),
        cmocka_unit_test(annotation_quality_is_the_share_of_ten_labelled_neighbours),
        cmocka_unit_test(the_neighbours_label_is_of_most_then_of_the_nearest_then_the_lower),
        cmocka_unit_test(outliers_are_far_from_ten_neighbours),
        cmocka_unit_test(diversity_deals_the_clusters_in_turn),
        cmocka_unit_test(each_failed_allocation_is_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
