#include "eval/similar_groups.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/rng.h"
#include "support/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 160, KEPT = 12, SIDES = 6 };

/* Vectors of a few clusters, and each one's nearest others, by hand. */
typedef struct crowd {
    size_t count, k;
    double vector[MOST][SIDES];
    uint32_t index[MOST * KEPT];
    float distance[MOST * KEPT];
} crowd;

static crowd c;

static float distance_of(size_t a, size_t b)
{
    double dot = 0.0, of_a = 0.0, of_b = 0.0;
    for (size_t i = 0; i < SIDES; i++) {
        dot += c.vector[a][i] * c.vector[b][i];
        of_a += c.vector[a][i] * c.vector[a][i];
        of_b += c.vector[b][i] * c.vector[b][i];
    }
    return (float)(1.0 - dot / sqrt(of_a * of_b));
}

/* One sample in ten has no direction: no neighbours, and nobody's. */
static bool has_direction(size_t i)
{
    return i % 10 != 9;
}

static bool comes_before(size_t of, uint32_t a, uint32_t b)
{
    const float x = distance_of(of, a), y = distance_of(of, b);
    return x < y || (x == y && a < b);
}

static void list_neighbours(size_t of)
{
    uint32_t *index = c.index + of * c.k;
    size_t count = 0;
    for (size_t i = 0; i < c.k; i++) {
        index[i] = NO_NEIGHBOUR;
        c.distance[of * c.k + i] = NAN;
    }
    for (uint32_t other = 0; other < c.count && has_direction(of); other++) {
        if (other == of || !has_direction(other))
            continue;
        size_t at = count < c.k ? count++ : c.k;
        for (; at > 0 && comes_before(of, other, index[at - 1]); at--) {
            if (at < c.k)
                index[at] = index[at - 1];
        }
        if (at < c.k)
            index[at] = other;
    }
    for (size_t i = 0; i < count; i++)
        c.distance[of * c.k + i] = distance_of(of, index[i]);
}

static neighbour_lists make_crowd(size_t count, size_t k, uint64_t seed)
{
    rng r;
    rng_init(&r, seed, 0);
    c.count = count;
    c.k = k;
    for (size_t i = 0; i < count; i++) {
        for (size_t side = 0; side < SIDES; side++)
            c.vector[i][side] = (side == i % 4 ? 2.0 : 0.0) + rng_normal(&r);
        /* A few are equal: ties. */
        if (i >= 40 && i % 8 == 0)
            memcpy(c.vector[i], c.vector[i - 40], sizeof c.vector[i]);
    }
    for (size_t i = 0; i < count; i++)
        list_neighbours(i);
    return (neighbour_lists){c.index, c.distance, count, k};
}

static void select_some(selection *rows, uint64_t seed, uint64_t of_ten)
{
    rng r;
    rng_init(&r, seed, 1);
    assert_int_equal(selection_init(rows, c.count, false, NULL), ASSAY_OK);
    for (size_t i = 0; i < c.count; i++)
        selection_set(rows, i, rng_below(&r, 10) < of_ten);
}

/* The greatest similarity that a list of either knows of; NaN: none does. */
static double known_similarity(size_t a, size_t b)
{
    double known = (double)NAN;
    for (size_t i = 0; i < c.k; i++) {
        if (c.index[a * c.k + i] == b)
            known = fmax(known, 1.0 - (double)c.distance[a * c.k + i]);
        if (c.index[b * c.k + i] == a)
            known = fmax(known, 1.0 - (double)c.distance[b * c.k + i]);
    }
    return known;
}

/* The definition, step by step and without haste. */
typedef struct plain_groups {
    size_t of[MOST]; /* the number of each sample's group; count: none */
    size_t leader[MOST], size[MOST];
    size_t count;
} plain_groups;

static bool is_left(const plain_groups *p, const selection *rows, size_t i)
{
    return selection_has(rows, i) && p->of[i] == MOST;
}

static size_t count_alike(const plain_groups *p, const selection *rows, double threshold, size_t i)
{
    size_t count = 0;
    for (size_t other = 0; other < c.count; other++)
        count += is_left(p, rows, other) && other != i && known_similarity(i, other) >= threshold;
    return count;
}

static void group_plainly(const selection *rows, double threshold, plain_groups *p)
{
    p->count = 0;
    for (size_t i = 0; i < MOST; i++)
        p->of[i] = MOST;
    for (;;) {
        size_t leader = 0, most = 0;
        for (size_t i = 0; i < c.count; i++) {
            const size_t alike = is_left(p, rows, i) ? count_alike(p, rows, threshold, i) : 0;
            if (alike > most) {
                most = alike;
                leader = i;
            }
        }
        if (most == 0)
            return;
        for (size_t i = 0; i < c.count; i++) {
            if (i != leader && is_left(p, rows, i) && known_similarity(leader, i) >= threshold)
                p->of[i] = p->count;
        }
        p->of[leader] = p->count;
        p->leader[p->count] = leader;
        p->size[p->count++] = most + 1;
    }
}

static void expect_group(const similar_groups *g, size_t i, const plain_groups *p)
{
    const uint32_t *member = g->member + g->at[i].start;
    const float *distance = g->distance + g->at[i].start;
    assert_int_equal(member[0], p->leader[i]);
    assert_int_equal(g->at[i].count, p->size[i]);
    assert_true(distance[0] == 0.0F);
    for (size_t m = 1; m < g->at[i].count; m++) {
        assert_int_equal(p->of[member[m]], i);
        assert_true(1.0 - (double)distance[m] == known_similarity(member[0], member[m]));
        if (m > 1)
            assert_true(distance[m] > distance[m - 1] ||
                        (distance[m] == distance[m - 1] && member[m] > member[m - 1]));
    }
}

static void expect_plain(const neighbour_lists *lists, const selection *rows, double threshold)
{
    similar_groups g;
    plain_groups p;
    assert_int_equal(similar_groups_find(lists, rows, threshold, &g, NULL), ASSAY_OK);
    group_plainly(rows, threshold, &p);
    assert_true(g.threshold == threshold);
    assert_int_equal(g.listed, selection_count(rows));
    assert_int_equal(g.count, p.count);
    size_t members = 0;
    for (size_t i = 0; i < g.count; i++) {
        expect_group(&g, i, &p);
        assert_int_equal(g.at[i].start, members);
        members += g.at[i].count;
        if (i > 0)
            assert_true(g.at[i].count <= g.at[i - 1].count);
    }
    assert_int_equal(g.member_count, members);
    similar_groups_clear(&g);
}

static void groups_are_those_of_the_definition(void **state)
{
    (void)state;
    static const double thresholds[] = {0.0, 0.5, 0.8, 0.9, 0.97, 1.0};
    for (uint64_t seed = 0; seed < 8; seed++) {
        const neighbour_lists lists = make_crowd(MOST - seed, KEPT - seed, seed);
        for (size_t t = 0; t < sizeof thresholds / sizeof *thresholds; t++) {
            selection rows;
            select_some(&rows, seed, seed == 0 ? 10 : 2 + seed);
            expect_plain(&lists, &rows, thresholds[t]);
            selection_clear(&rows);
        }
    }
}

/* 0-1-2-3-4: each is alike to the next alone. */
static void a_chain_is_not_one_group(void **state)
{
    (void)state;
    const uint32_t index[] = {1, NO_NEIGHBOUR, 0, 2, 1, 3, 2, 4, 3, NO_NEIGHBOUR};
    const float d = 0.1F, distance[] = {d, NAN, d, d, d, d, d, d, d, NAN};
    const neighbour_lists lists = {index, distance, 5, 2};
    selection rows;
    similar_groups g;
    assert_int_equal(selection_init(&rows, 5, true, NULL), ASSAY_OK);
    assert_int_equal(similar_groups_find(&lists, &rows, 0.8, &g, NULL), ASSAY_OK);
    assert_int_equal(g.count, 2);
    assert_int_equal(g.at[0].count, 3);
    const uint32_t members[] = {1, 0, 2, 3, 4};
    assert_memory_equal(g.member, members, sizeof members);
    similar_groups_clear(&g);
    selection_clear(&rows);
}

static int compare(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void half_have_one_as_near_unless_it_is_said(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 6; seed++) {
        const neighbour_lists lists = make_crowd(MOST - 20, 3, seed);
        selection rows;
        similar_groups g;
        double nearest[MOST];
        size_t known = 0, near = 0;
        select_some(&rows, seed, 4);
        for (size_t i = 0; i < c.count; i++) {
            double most = (double)NAN;
            for (size_t j = 0; selection_has(&rows, i) && j < c.count; j++) {
                if (j != i && selection_has(&rows, j))
                    most = fmax(most, known_similarity(i, j));
            }
            if (!isnan(most))
                nearest[known++] = most;
        }
        assert_int_equal(similar_groups_find(&lists, &rows, (double)NAN, &g, NULL), ASSAY_OK);
        qsort(nearest, known, sizeof *nearest, compare);
        assert_true(g.threshold == floor(nearest[(known - 1) / 2] * 100.0) / 100.0);
        for (size_t i = 0; i < known; i++)
            near += nearest[i] >= g.threshold;
        assert_true(2 * near >= known);
        assert_int_equal(g.without_neighbour, selection_count(&rows) - known);
        similar_groups_clear(&g);
        selection_clear(&rows);
    }
}

static void nothing_makes_no_group(void **state)
{
    (void)state;
    const neighbour_lists lists = make_crowd(30, 4, 3);
    selection rows;
    similar_groups g;
    select_some(&rows, 0, 0);
    assert_int_equal(similar_groups_find(&lists, &rows, (double)NAN, &g, NULL), ASSAY_OK);
    assert_int_equal(g.count + g.member_count + g.listed + g.without_neighbour, 0);
    similar_groups_clear(&g);
    selection_set(&rows, 9, true); /* without a direction */
    selection_set(&rows, 8, true);
    assert_int_equal(similar_groups_find(&lists, &rows, (double)NAN, &g, NULL), ASSAY_OK);
    assert_int_equal(g.count, 0);
    assert_int_equal(g.without_neighbour, 2);
    similar_groups_clear(&g);
    selection_clear(&rows);
}

static void too_many_pairs_are_refused(void **state)
{
    (void)state;
    enum { ROWS = 4200, ALL = 4000 };
    uint32_t *index = mem_alloc(ROWS * ALL, sizeof *index);
    float *distance = mem_zalloc(ROWS * ALL, sizeof *distance);
    assert_true(index && distance && (size_t)ROWS * ALL > SIMILAR_PAIRS_MOST);
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t n = 0; n < ALL; n++)
            index[i * ALL + n] = (uint32_t)((i + 1 + n) % ROWS);
    }
    const neighbour_lists lists = {index, distance, ROWS, ALL};
    selection rows;
    similar_groups g;
    assay_err err;
    assert_int_equal(selection_init(&rows, ROWS, true, NULL), ASSAY_OK);
    assert_int_equal(similar_groups_find(&lists, &rows, 0.5, &g, &err), ASSAY_E_LIMIT);
    assert_string_equal(
        err.msg, "16800000 pairs of these 4200 samples have a similarity of 0.50 or more; at most "
                 "16777216 can be grouped: ask for more similarity, or filter the samples");
    assert_null(g.member);
    selection_clear(&rows);
    mem_free(index);
    mem_free(distance);
}

static void each_failed_allocation_is_out_of_memory(void **state)
{
    (void)state;
    const neighbour_lists lists = make_crowd(50, 5, 1);
    selection rows;
    select_some(&rows, 0, 8);
    const size_t before = mem_live();
    uint64_t n = 0;
    for (;; n++) {
        similar_groups g;
        assay_err err;
        mem_fail_after(n);
        const assay_code code = similar_groups_find(&lists, &rows, (double)NAN, &g, &err);
        mem_fail_after(UINT64_MAX);
        if (code == ASSAY_OK) {
            similar_groups_clear(&g);
            break;
        }
        assert_int_equal(code, ASSAY_E_NOMEM);
        assert_null(g.member);
        assert_int_equal(mem_live(), before);
    }
    assert_true(n > 5);
    assert_int_equal(mem_live(), before);
    selection_clear(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_those_of_the_definition),
        cmocka_unit_test(a_chain_is_not_one_group),
        cmocka_unit_test(half_have_one_as_near_unless_it_is_said),
        cmocka_unit_test(nothing_makes_no_group),
        cmocka_unit_test(too_many_pairs_are_refused),
        cmocka_unit_test(each_failed_allocation_is_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
