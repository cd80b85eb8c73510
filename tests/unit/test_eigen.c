/* Eigenvectors and solutions are put back into what they solve. */
#include "linear/eigen.h"
#include "linear/orthonormal.h"
#include "support/check.h"

#include "base/mem.h"
#include "base/rng.h"

#include <math.h>
#include <string.h>

enum { SIZE = 40 };

static void make_symmetric(double *a, size_t n, uint64_t seed)
{
    rng r;
    rng_init(&r, seed, 0);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++)
            a[i * n + j] = a[j * n + i] = rng_normal(&r);
    }
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static void eigenvectors_are_scaled_by_the_matrix(void **state)
{
    (void)state;
    static double a[SIZE * SIZE], v[SIZE * SIZE], value[SIZE];
    for (size_t n = 1; n <= SIZE; n += 13) {
        make_symmetric(a, n, n);
        memcpy(v, a, n * n * sizeof *v);
        assert_int_equal(linear_eigen(v, n, value, NULL), ASSAY_OK);
        for (size_t j = 0; j < n; j++) {
            assert_true(j == 0 || value[j] <= value[j - 1]);
            double largest = 0.0;
            for (size_t i = 0; i < n; i++) {
                const double image = dot(a + i * n, v + j * n, n);
                assert_true(fabs(image - value[j] * v[j * n + i]) < 1e-12 * SIZE);
                if (fabs(v[j * n + i]) > fabs(largest))
                    largest = v[j * n + i];
                assert_true(fabs(dot(v + j * n, v + i * n, n) - (i == j)) < 1e-12);
            }
            assert_true(largest > 0.0);
        }
    }
}

static void zeros_have_eigenvectors_too(void **state)
{
    (void)state;
    double a[9] = {0}, value[3];
    assert_int_equal(linear_eigen(a, 3, value, NULL), ASSAY_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_true(value[i] == 0.0 && a[i * 3] == a[i * 3]);
        assert_true(fabs(dot(a + i * 3, a + i * 3, 3) - 1.0) < 1e-12);
    }
}

static void a_solution_solves(void **state)
{
    (void)state;
    enum { N = 20, SIDES = 3 };
    static double half[N * N], g[N * N], copy[N * N], b[SIDES * N], x[SIDES * N];
    make_symmetric(half, N, 5);
    make_symmetric(b, 7, 6);
    memcpy(x, b, sizeof x);
    for (size_t i = 0; i < N * N; i++)
        g[i] = dot(half + i / N * N, half + i % N * N, N);
    memcpy(copy, g, sizeof g);
    assert_int_equal(linear_solve(g, N, 0.5, x, SIDES, NULL), ASSAY_OK);
    for (size_t s = 0; s < SIDES; s++) {
        for (size_t i = 0; i < N; i++) {
            const double left = dot(copy + i * N, x + s * N, N) + 0.5 * x[s * N + i];
            assert_true(fabs(left - b[s * N + i]) < 1e-6);
        }
    }
}

static void a_singular_matrix_has_an_answer_and_a_negative_one_none(void **state)
{
    (void)state;
    double g[4] = {1, 1, 1, 1}, b[2] = {1, 1};
    assert_int_equal(linear_solve(g, 2, 0.0, b, 1, NULL), ASSAY_OK);
    assert_true(fabs(b[0] + b[1] - 1.0) < 1e-6);
    double negative[4] = {-1, 0, 0, -1};
    assay_err err;
    assert_int_equal(linear_solve(negative, 2, 0.0, b, 1, &err), ASSAY_E_INTERNAL);
    assert_string_equal(err.msg, "a 2×2 matrix of products is not positive definite");
}

static void rows_become_orthonormal_or_zeros(void **state)
{
    (void)state;
    double a[3 * 50];
    rng r;
    rng_init(&r, 1, 1);
    for (size_t i = 0; i < 50; i++) {
        a[i] = rng_normal(&r);
        a[50 + i] = -3.0 * a[i];
        a[100 + i] = a[i] + 1e-3 * rng_normal(&r);
    }
    assert_int_equal(linear_orthonormalise(a, 3, 50), 2);
    assert_true(dot(a + 50, a + 50, 50) == 0.0);
    assert_true(fabs(dot(a, a, 50) - 1.0) < 1e-14 && fabs(dot(a, a + 100, 50)) < 1e-14);
    double zeros[10] = {0};
    assert_int_equal(linear_orthonormalise(zeros, 2, 5), 0);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    double a[4] = {2, 1, 1, 2}, value[2];
    const size_t live = mem_live();
    for (uint64_t n = 0; n < 2; n++) {
        mem_fail_after(n);
        assert_int_equal(linear_eigen(a, 2, value, NULL), ASSAY_E_NOMEM);
        mem_fail_after(UINT64_MAX);
        assert_int_equal(mem_live(), live);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eigenvectors_are_scaled_by_the_matrix),
        cmocka_unit_test(zeros_have_eigenvectors_too),
        cmocka_unit_test(a_solution_solves),
        cmocka_unit_test(a_singular_matrix_has_an_answer_and_a_negative_one_none),
        cmocka_unit_test(rows_become_orthonormal_or_zeros),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
