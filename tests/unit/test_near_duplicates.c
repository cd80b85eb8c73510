#include "eval/near_duplicates.h"

#include "base/mem.h"
#include "base/rng.h"
#include "frame/classes.h"
#include "support/check.h"

#include <math.h>
#include <string.h>

static void fill_noise(rng *r, uint8_t *picture)
{
    for (size_t i = 0; i < SMALL_BYTES; i++)
        picture[i] = (uint8_t)rng_below(r, 256);
}

static void mirror(const uint8_t *from, uint8_t *to)
{
    for (size_t y = 0; y < SMALL_SIDE; y++) {
        for (size_t x = 0; x < SMALL_SIDE; x++)
            memcpy(to + (y * SMALL_SIDE + x) * 3, from + (y * SMALL_SIDE + SMALL_SIDE - 1 - x) * 3,
                   3);
    }
}

/* What a pixel and a box of the 16×16 share of a side that begins at `start`. */
static double shared(double start, size_t box, size_t pixel)
{
    const double wide = (SMALL_SIDE - 2 * start) / 16, from = start + (double)box * wide;
    return fmax(0.0, fmin(from + wide, (double)pixel + 1) - fmax(from, (double)pixel));
}

/* The definition in floating point: the greys of what is left when `start` is cropped off each
 * side, without their mean and of length 1. */
static void slow_greys(const uint8_t *picture, double start, double out[256])
{
    double mean = 0, square = 0;
    for (size_t i = 0; i < 256; i++) {
        out[i] = 0;
        for (size_t p = 0; p < 1024; p++)
            out[i] +=
                shared(start, i / 16, p / 32) * shared(start, i % 16, p % 32) *
                (0.299 * picture[3 * p] + 0.587 * picture[3 * p + 1] + 0.114 * picture[3 * p + 2]);
        mean += out[i] / 256;
    }
    for (size_t i = 0; i < 256; i++)
        square += (out[i] - mean) * (out[i] - mean);
    for (size_t i = 0; i < 256; i++)
        out[i] = (out[i] - mean) / sqrt(square);
}

static double slow_correlation(const double *a, const double *b)
{
    double upright = 0, turned = 0;
    for (size_t i = 0; i < 256; i++) {
        upright += a[i] * b[i];
        turned += a[i] * b[i / 16 * 16 + 15 - i % 16];
    }
    return fmax(upright, turned);
}

static double slow_likeness(const uint8_t *a, const uint8_t *b)
{
    double whole[2][256], middle[2][256];
    slow_greys(a, 0, whole[0]);
    slow_greys(b, 0, whole[1]);
    slow_greys(a, 0.8, middle[0]);
    slow_greys(b, 0.8, middle[1]);
    const double cropped =
        fmax(slow_correlation(middle[0], whole[1]), slow_correlation(whole[0], middle[1]));
    return fmax(0.0, fmax(cropped, slow_correlation(whole[0], whole[1])));
}

static void likeness_is_the_correlation_either_way_round(void **state)
{
    (void)state;
    rng r;
    rng_init(&r, 5, 0);
    uint8_t a[SMALL_BYTES], b[SMALL_BYTES], turned[SMALL_BYTES];
    for (int turn = 0; turn < 100; turn += 4) {
        fill_noise(&r, a);
        fill_noise(&r, b);
        for (size_t i = 0; i < SMALL_BYTES; i++) {
            if ((int)rng_below(&r, 100) < turn)
                b[i] = a[i];
        }
        bool mirrored;
        const float upright = pictures_likeness(a, b, &mirrored);
        assert_true(fabs((double)upright - slow_likeness(a, b)) < 1e-5);
        mirror(b, turned);
        bool other;
        assert_true(pictures_likeness(a, turned, &other) == upright);
        assert_true(mirrored != other);
        assert_true(pictures_likeness(b, a, &other) == upright);
        assert_true(pictures_likeness(a, a, &mirrored) == 1.0F && !mirrored);
    }
}

/* A slope, spots and an edge in a picture of 640×640, of which `skip` is cropped off each side. */
static void draw_cropped(int skip, uint8_t *to)
{
    const int box = (640 - 2 * skip) / SMALL_SIDE;
    for (int i = 0; i < SMALL_SIDE * SMALL_SIDE; i++) {
        double sum = 0;
        for (int n = 0; n < box * box; n++) {
            const int row = skip + i / SMALL_SIDE * box + n / box;
            const int column = skip + i % SMALL_SIDE * box + n % box;
            const double y = row, x = column;
            sum += 90 + x / 40 + 60 * sin(x / 18) * cos(y / 20) + (x + 2 * y > 1000 ? 20 : 0);
        }
        memset(to + 3 * i, (int)(sum / (box * box)), 3);
    }
}

static void a_cropped_copy_is_alike_either_way(void **state)
{
    (void)state;
    uint8_t whole[SMALL_BYTES], cropped[SMALL_BYTES], turned[SMALL_BYTES];
    draw_cropped(0, whole);
    draw_cropped(16, cropped); /* boxes of 19 */
    mirror(cropped, turned);
    bool mirrored;
    const float alike = pictures_likeness(whole, cropped, &mirrored);
    assert_true(alike > 0.99F && !mirrored);
    assert_true(pictures_likeness(cropped, whole, &mirrored) == alike && !mirrored);
    assert_true(pictures_likeness(turned, whole, &mirrored) == alike && mirrored);
    double a[256], b[256];
    slow_greys(whole, 0, a);
    slow_greys(cropped, 0, b);
    assert_true(slow_correlation(a, b) < (double)alike - 0.03);
}

static void flat_pictures_are_alike_where_their_colours_are(void **state)
{
    (void)state;
    uint8_t a[SMALL_BYTES], b[SMALL_BYTES], c[SMALL_BYTES];
    rng r;
    rng_init(&r, 6, 0);
    fill_noise(&r, c);
    memset(a, 100, sizeof a);
    memset(b, 104, sizeof b);
    bool mirrored;
    assert_true(pictures_likeness(a, b, &mirrored) == 1.0F);
    assert_true(pictures_likeness(a, c, &mirrored) == 0.0F);
    b[77] = 105;
    assert_true(pictures_likeness(a, b, &mirrored) == 0.0F);
}

static void suspects_are_the_nearest_twenty_each_pair_once(void **state)
{
    (void)state;
    enum { ROWS = 60, KEPT = 25 };
    uint32_t index[ROWS * KEPT];
    float distance[ROWS * KEPT] = {0};
    for (uint32_t i = 0; i < ROWS; i++) {
        for (uint32_t n = 0; n < KEPT; n++)
            index[i * KEPT + n] = i == 3 && n >= 2 ? NO_NEIGHBOUR : (i + n + 1) % ROWS;
    }
    const neighbour_lists lists = {index, distance, ROWS, KEPT};
    sample_pairs pairs = {0};
    assert_int_equal(suspect_neighbours(&lists, &pairs, NULL), ASSAY_OK);
    assert_int_equal(pairs.count, ROWS * 20 - 18);
    for (size_t i = 1; i < pairs.count; i++)
        assert_true(pairs.at[i - 1].first < pairs.at[i].first ||
                    (pairs.at[i - 1].first == pairs.at[i].first &&
                     pairs.at[i - 1].second < pairs.at[i].second));
    sample_pairs_clear(&pairs);
}

static void looking_tells_equal_alike_and_unknown(void **state)
{
    (void)state;
    rng r;
    rng_init(&r, 7, 0);
    uint8_t *const small = mem_alloc(4, SMALL_BYTES);
    fill_noise(&r, small);
    mirror(small, small + SMALL_BYTES);
    fill_noise(&r, small + 2 * SMALL_BYTES);
    const uint8_t has[] = {1, 1, 1, 0};
    const uint64_t hash[] = {1, 2, 3, 3};
    const uint32_t side[] = {9, 9, 9, 9};
    const pixel_identity pixels = {hash, side, side};
    sample_pairs pairs = {0};
    assert_true(sample_pairs_add(&pairs, 0, 1));
    assert_true(sample_pairs_add(&pairs, 3, 2));
    assert_true(sample_pairs_add(&pairs, 3, 0));
    float strength[3];
    uint8_t mirrored[3];
    const pair_looks looks = {strength, mirrored};
    pair_view view = {{small, has}, &pixels, 2, NULL};
    assert_int_equal(look_at_pairs(&pairs, &view, &looks, NULL), ASSAY_OK);
    assert_true(strength[0] == 1.0F && mirrored[0]);
    assert_true(strength[1] == 1.0F && !mirrored[1]);
    assert_true(isnan(strength[2]) && !mirrored[2]);
    view = (pair_view){.thread_count = 2};
    assert_int_equal(look_at_pairs(&pairs, &view, &looks, NULL), ASSAY_OK);
    assert_true(isnan(strength[0]) && isnan(strength[1]));
    const atomic_bool stop = true;
    const progress p = {.stop = &stop};
    assay_err err;
    view.progress = &p;
    assert_int_equal(look_at_pairs(&pairs, &view, &looks, &err), ASSAY_E_CANCELLED);
    assert_string_equal(err.msg, "interrupted while looking at 3 pairs");
    sample_pairs_clear(&pairs);
    mem_free(small);
}

static void a_chain_is_no_group(void **state)
{
    (void)state;
    /* 0-1 and 1-2 are alike, 0-2 are not; 3-4 and 5-6 are, and each of one with each of the other;
     * 7 is in pixels what 2 is. */
    const uint64_t hash[] = {1, 2, 3, 4, 5, 6, 7, 3};
    const uint32_t side[] = {9, 9, 9, 9, 9, 9, 9, 9};
    const pixel_identity pixels = {hash, side, side};
    const sample_pair pair[] = {{0, 1}, {1, 2}, {3, 4}, {3, 5}, {3, 6}, {4, 5}, {4, 6}, {5, 6}};
    const float strength[] = {0.9F, 0.95F, 0.99F, 0.9F, 0.9F, 0.9F, 0.9F, 0.98F};
    sample_pairs pairs = {0};
    for (size_t i = 0; i < 8; i++)
        assert_true(sample_pairs_add(&pairs, pair[i].first, pair[i].second));
    const sample_facts nothing = {0};
    const duplicate_evidence evidence = {&pixels, &pairs, strength, 0.9F};
    duplicate_groups groups;
    assert_int_equal(duplicate_groups_find(8, &evidence, &nothing, &groups, NULL), 0);
    assert_int_equal(groups.count, 2);
    assert_int_equal(groups.at[0].count, 3); /* 1, 2 and 7 */
    assert_int_equal(groups.member[0], 1);
    assert_int_equal(groups.member[2], 7);
    assert_int_equal(groups.at[1].count, 4);
    assert_true(groups.at[1].strength == 0.9F);
    duplicate_groups_clear(&groups);
    sample_pairs_clear(&pairs);
}

static void groups_tell_what_to_keep_and_what_they_span(void **state)
{
    (void)state;
    enum { ROWS = 9 };
    /* 0 and 4 are equal; 1 is black, 10×20, and 2 black, 20×10; 5-6-7 hang together. */
    const uint64_t hash[ROWS] = {5, 1, 1, 11, 5, 12, 13, 14, 15};
    const uint32_t width[ROWS] = {8, 10, 20, 8, 8, 8, 8, 8, 0};
    const uint32_t height[ROWS] = {8, 20, 10, 8, 8, 8, 8, 8, 0};
    const pixel_identity pixels = {hash, width, height};
    const double area[ROWS] = {64, 200, 200, 64, 64, (double)NAN, 64, 64, 64};
    const double bytes[ROWS] = {10, 1, 1, 1, 10, 99, 20, 21, 1};
    const uint16_t label[ROWS] = {1, 1, 1, 1, 1, CLASS_MISSING, 2, 2, 1};
    const uint16_t split[ROWS] = {0, 0, 0, 0, CLASS_MISSING, CLASS_MISSING, 0, 1, 0};
    const sample_facts facts = {area, bytes, label, split};
    sample_pairs pairs = {0};
    const struct {
        uint32_t a, b;
        float strength;
    } links[] = {{2, 3, NAN}, {3, 8, 0.79F}, {5, 6, 0.9F}, {5, 7, 0.85F}, {6, 7, 0.8F}};
    float strength[5];
    for (size_t i = 0; i < 5; i++) {
        assert_true(sample_pairs_add(&pairs, links[i].a, links[i].b));
        strength[i] = links[i].strength;
    }
    duplicate_groups groups;
    duplicate_evidence evidence = {&pixels, &pairs, strength, 0.8F};
    assert_int_equal(duplicate_groups_find(ROWS, &evidence, &facts, &groups, NULL), 0);
    assert_int_equal(groups.count, 2);
    assert_int_equal(groups.member_count, 5);
    const duplicate_group *const equal = &groups.at[0], *const near = &groups.at[1];
    assert_true(equal->count == 2 && groups.member[0] == 0 && groups.member[1] == 4);
    assert_true(equal->keep == 0 && equal->equal_pixels && equal->strength == 1.0F);
    assert_true(!equal->spans_labels && !equal->spans_splits);
    assert_true(near->count == 3 && groups.member[near->start + 2] == 7);
    assert_true(near->keep == 7 && !near->equal_pixels && near->strength == 0.8F);
    assert_true(!near->spans_labels && near->spans_splits);
    duplicate_groups_clear(&groups);
    evidence = (duplicate_evidence){NULL, &pairs, strength, 0.5F};
    assert_int_equal(duplicate_groups_find(ROWS, &evidence, &facts, &groups, NULL), 0);
    assert_int_equal(groups.count, 2);
    assert_true(groups.at[0].keep == 3 && !groups.at[0].equal_pixels);
    duplicate_groups_clear(&groups);
    const sample_facts nothing = {0};
    evidence = (duplicate_evidence){.pixels = &pixels};
    assert_int_equal(duplicate_groups_find(ROWS, &evidence, &nothing, &groups, NULL), 0);
    assert_int_equal(groups.count, 1);
    duplicate_groups_clear(&groups);
    evidence = (duplicate_evidence){0};
    assert_int_equal(duplicate_groups_find(0, &evidence, &nothing, &groups, NULL), 0);
    assert_int_equal(groups.count, 0);
    duplicate_groups_clear(&groups);
    sample_pairs_clear(&pairs);
}

static void different_labels_in_a_group_are_a_conflict(void **state)
{
    (void)state;
    const uint64_t hash[] = {5, 5, 5};
    const uint32_t side[] = {8, 8, 8};
    const pixel_identity pixels = {hash, side, side};
    const uint16_t label[] = {CLASS_MISSING, 4, 3};
    const sample_facts facts = {.label = label};
    duplicate_groups groups;
    const duplicate_evidence evidence = {.pixels = &pixels};
    assert_int_equal(duplicate_groups_find(3, &evidence, &facts, &groups, NULL), 0);
    assert_true(groups.count == 1 && groups.at[0].count == 3 && groups.at[0].spans_labels);
    assert_int_equal(groups.at[0].keep, 0);
    duplicate_groups_clear(&groups);
}

static void each_failed_allocation_is_out_of_memory(void **state)
{
    (void)state;
    const size_t before = mem_live();
    const uint64_t hash[] = {5, 5, 5};
    const uint32_t side[] = {8, 8, 8}, index[] = {1, 2, 0};
    const float distance[] = {0, 0, 0};
    const neighbour_lists lists = {index, distance, 3, 1};
    const pixel_identity pixels = {hash, side, side};
    const sample_facts nothing = {0};
    for (uint64_t n = 0;; n++) {
        assert_true(n < 40);
        sample_pairs pairs = {0};
        float strength[3] = {1, 1, 1};
        duplicate_groups groups = {0};
        const duplicate_evidence evidence = {&pixels, &pairs, strength, 0.5F};
        assay_err err = {ASSAY_OK, ""};
        mem_fail_after(n);
        assay_code code = suspect_neighbours(&lists, &pairs, &err);
        if (code == ASSAY_OK)
            code = duplicate_groups_find(3, &evidence, &nothing, &groups, &err);
        mem_fail_after(UINT64_MAX);
        sample_pairs_clear(&pairs);
        duplicate_groups_clear(&groups);
        assert_int_equal(mem_live(), before);
        if (code == ASSAY_OK) {
            assert_true(n > 10);
            break;
        }
        assert_int_equal(code, ASSAY_E_NOMEM);
        assert_int_equal(err.code, ASSAY_E_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(likeness_is_the_correlation_either_way_round),
        cmocka_unit_test(a_cropped_copy_is_alike_either_way),
        cmocka_unit_test(flat_pictures_are_alike_where_their_colours_are),
        cmocka_unit_test(suspects_are_the_nearest_twenty_each_pair_once),
        cmocka_unit_test(looking_tells_equal_alike_and_unknown),
        cmocka_unit_test(a_chain_is_no_group),
        cmocka_unit_test(groups_tell_what_to_keep_and_what_they_span),
        cmocka_unit_test(different_labels_in_a_group_are_a_conflict),
        cmocka_unit_test(each_failed_allocation_is_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
