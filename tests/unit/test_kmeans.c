/* Clusters that are plain to see are found, by any number of threads to the same bits. */
#include "linear/kmeans.h"
#include "support/check.h"

#include "base/mem.h"
#include "base/rng.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { ROWS = 1500, WIDTH = 6, BLOBS = 4 };

static float data[ROWS * WIDTH];
static const linear_matrix rows = {data, ROWS, WIDTH, WIDTH};

/* Row i belongs to blob i % BLOBS: far out on an axis of its own. */
static void make_blobs(void)
{
    rng r;
    rng_init(&r, 11, 0);
    for (size_t i = 0; i < (size_t)ROWS * WIDTH; i++)
        data[i] = (float)(0.1 * rng_normal(&r) + (i % WIDTH == i / WIDTH % BLOBS ? 5.0 : 0.0));
}

typedef struct answer {
    float centre[BLOBS * WIDTH], distance[ROWS];
    uint32_t cluster[ROWS];
} answer;

static void ask(kmeans_options o, answer *out)
{
    memset(out, 0, sizeof *out);
    assert_int_equal(kmeans_fit(&rows, &o, out->centre, out->cluster, out->distance, NULL),
                     ASSAY_OK);
}

static void expect_blobs(const answer *a)
{
    bool seen[BLOBS] = {false};
    for (size_t b = 0; b < BLOBS; b++) {
        assert_false(seen[a->cluster[b]]);
        seen[a->cluster[b]] = true;
    }
    for (size_t i = 0; i < ROWS; i++)
        assert_int_equal(a->cluster[i], a->cluster[i % BLOBS]);
}

static void blobs_are_found_and_centres_are_means(void **state)
{
    (void)state;
    static answer a;
    make_blobs();
    /* A seed whose first rows lie in four blobs. */
    for (uint64_t seed = 0; seed < 30; seed++) {
        ask((kmeans_options){.count = BLOBS, .seed = seed}, &a);
        for (size_t c = 0; c < BLOBS; c++) {
            double mean[WIDTH] = {0}, n = 0;
            for (size_t i = 0; i < ROWS; i++) {
                n += a.cluster[i] == c;
                for (size_t v = 0; v < WIDTH && a.cluster[i] == c; v++)
                    mean[v] += (double)data[i * WIDTH + v];
            }
            for (size_t v = 0; v < WIDTH; v++)
                assert_true(fabs(mean[v] / n - (double)a.centre[c * WIDTH + v]) < 0.01);
        }
        for (size_t i = 0; i < ROWS; i++) {
            double squares = 0.0;
            for (size_t v = 0; v < WIDTH; v++) {
                const double apart =
                    (double)data[i * WIDTH + v] - (double)a.centre[a.cluster[i] * WIDTH + v];
                squares += apart * apart;
            }
            assert_true(fabs(sqrt(squares) - (double)a.distance[i]) < 1e-5);
        }
    }
}

static void spherical_centres_have_length_one(void **state)
{
    (void)state;
    static answer a;
    make_blobs();
    bool found = false;
    for (uint64_t seed = 0; seed < 30 && !found; seed++) {
        ask((kmeans_options){.count = BLOBS, .spherical = 1, .seed = seed, .rounds = 10}, &a);
        bool all[BLOBS] = {false};
        for (size_t i = 0; i < BLOBS; i++)
            all[a.cluster[i]] = true;
        found = all[0] && all[1] && all[2] && all[3];
        for (size_t c = 0; c < BLOBS; c++) {
            double squares = 0.0;
            for (size_t v = 0; v < WIDTH; v++)
                squares += (double)a.centre[c * WIDTH + v] * (double)a.centre[c * WIDTH + v];
            assert_true(fabs(squares - 1.0) < 1e-6);
        }
    }
    assert_true(found);
    expect_blobs(&a);
}

static void the_bits_do_not_depend_on_threads(void **state)
{
    (void)state;
    static answer one, more;
    make_blobs();
    for (int spherical = 0; spherical < 2; spherical++) {
        kmeans_options o = {.count = BLOBS, .spherical = spherical, .seed = 3, .thread_count = 1};
        ask(o, &one);
        for (o.thread_count = 2; o.thread_count <= 7; o.thread_count += 5) {
            ask(o, &more);
            assert_memory_equal(&one, &more, sizeof one);
        }
    }
}

static void odd_rows_are_clustered_without_nan(void **state)
{
    (void)state;
    static answer a;
    make_blobs();
    data[3] = NAN;
    data[WIDTH] = INFINITY;
    ask((kmeans_options){.count = BLOBS, .seed = 1}, &a);
    assert_int_equal(a.cluster[0], CLUSTER_NONE);
    assert_int_equal(a.cluster[1], CLUSTER_NONE);
    assert_true(isnan(a.distance[0]) && isnan(a.distance[1]));
    for (size_t i = 2; i < ROWS; i++)
        assert_true(a.cluster[i] < BLOBS && isfinite(a.distance[i]));
    for (size_t i = 0; i < (size_t)BLOBS * WIDTH; i++)
        assert_true(isfinite(a.centre[i]));
}

static void fewer_and_equal_rows_than_clusters_are_no_problem(void **state)
{
    (void)state;
    const float few[] = {1, 2, 1, 2, 1, 2, 0, 0, 0, 0};
    for (size_t n = 1; n <= 5; n++) {
        const linear_matrix m = {few, n, 2, 2};
        for (int spherical = 0; spherical < 2; spherical++) {
            const kmeans_options o = {.count = 7, .spherical = spherical};
            float centre[14], distance[5];
            uint32_t cluster[5];
            assert_int_equal(kmeans_fit(&m, &o, centre, cluster, distance, NULL), ASSAY_OK);
            for (size_t i = 0; i < n; i++)
                assert_true(cluster[i] < 7 && isfinite(distance[i]));
        }
    }
    const float none[] = {NAN, 1};
    float centre[2];
    assay_err err;
    assert_int_equal(kmeans_fit(&(linear_matrix){none, 1, 2, 2}, &(kmeans_options){.count = 1},
                                centre, NULL, NULL, &err),
                     ASSAY_E_INPUT);
    assert_string_equal(err.msg, "none of 1 rows to cluster is finite");
}

static void it_may_be_interrupted_and_run_out_of_memory(void **state)
{
    (void)state;
    make_blobs();
    float centre[BLOBS * WIDTH];
    const atomic_bool stop = true;
    const progress p = {.stop = &stop};
    assay_err err;
    kmeans_options o = {.count = BLOBS, .progress = &p};
    assert_int_equal(kmeans_fit(&rows, &o, centre, NULL, NULL, &err), ASSAY_E_CANCELLED);
    assert_string_equal(err.msg, "clustering was interrupted");
    o.progress = NULL;
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    uint64_t n = 0;
    for (; code == ASSAY_E_NOMEM; n++) {
        mem_fail_after(n);
        code = kmeans_fit(&rows, &o, centre, NULL, NULL, &err);
        mem_fail_after(UINT64_MAX);
        assert_int_equal(mem_live(), live);
    }
    assert_int_equal(code, ASSAY_OK);
    assert_true(n == 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blobs_are_found_and_centres_are_means),
        cmocka_unit_test(spherical_centres_have_length_one),
        cmocka_unit_test(the_bits_do_not_depend_on_threads),
        cmocka_unit_test(odd_rows_are_clustered_without_nan),
        cmocka_unit_test(fewer_and_equal_rows_than_clusters_are_no_problem),
        cmocka_unit_test(it_may_be_interrupted_and_run_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
