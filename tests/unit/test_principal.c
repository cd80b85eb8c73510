/* Main directions against those of the whole matrix of products. */
#include "linear/eigen.h"
#include "linear/principal.h"
#include "support/check.h"

#include "base/mem.h"
#include "base/rng.h"

#include <math.h>
#include <string.h>

enum { ROWS = 1300, WIDTH = 150, KEPT = 5 };

static float data[ROWS * WIDTH];
static const linear_matrix rows = {data, ROWS, WIDTH, WIDTH};

/* Values of clearly different spread along five directions, and noise. */
static void make_rows(void)
{
    rng r;
    rng_init(&r, 21, 0);
    static float direction[KEPT * WIDTH];
    for (size_t i = 0; i < (size_t)KEPT * WIDTH; i++)
        direction[i] = (float)rng_normal(&r);
    for (size_t i = 0; i < ROWS; i++) {
        float along[KEPT];
        for (size_t k = 0; k < KEPT; k++)
            along[k] = (float)rng_normal(&r) * (float)(KEPT - k);
        for (size_t v = 0; v < WIDTH; v++) {
            data[i * WIDTH + v] = (float)(0.1 * rng_normal(&r));
            for (size_t k = 0; k < KEPT; k++)
                data[i * WIDTH + v] += along[k] * direction[k * WIDTH + v];
        }
    }
}

static void find(size_t d, int threads, float *out)
{
    const principal_options o = {.dimensions = d, .seed = 2, .thread_count = threads};
    assert_int_equal(principal_directions(&rows, &o, out, NULL), ASSAY_OK);
}

static void directions_are_those_of_the_whole_matrix(void **state)
{
    (void)state;
    static double gram[WIDTH * WIDTH], value[WIDTH];
    static float out[WIDTH * KEPT];
    make_rows();
    for (size_t i = 0; i < WIDTH; i++) {
        for (size_t j = 0; j < WIDTH; j++) {
            gram[i * WIDTH + j] = 0.0;
            for (size_t n = 0; n < ROWS; n++)
                gram[i * WIDTH + j] +=
                    (double)data[n * WIDTH + i] * (double)data[n * WIDTH + j] / ROWS;
        }
    }
    assert_int_equal(linear_eigen(gram, WIDTH, value, NULL), ASSAY_OK);
    find(KEPT, 2, out);
    for (size_t k = 0; k < KEPT; k++) {
        double dot = 0.0;
        for (size_t v = 0; v < WIDTH; v++)
            dot += (double)out[v * KEPT + k] * gram[k * WIDTH + v];
        assert_true(fabs(fabs(dot) * pow(value[k], 0.25) - 1.0) < 1e-4);
    }
}

static void the_bits_do_not_depend_on_threads(void **state)
{
    (void)state;
    static float one[WIDTH * 40], more[WIDTH * 40];
    make_rows();
    find(40, 1, one);
    for (int threads = 2; threads <= 7; threads += 5) {
        find(40, threads, more);
        assert_memory_equal(one, more, sizeof one);
    }
}

static void missing_directions_are_zeros(void **state)
{
    (void)state;
    float few[2 * 3] = {1, 2, 3, -1, -2, -3}, out[3 * 2];
    const principal_options o = {.dimensions = 2};
    assert_int_equal(principal_directions(&(linear_matrix){few, 2, 3, 3}, &o, out, NULL), ASSAY_OK);
    assert_true(fabsf(out[0]) > 0.0f);
    assert_true(fabsf(out[1]) < 1e-6f && fabsf(out[3]) < 1e-6f && fabsf(out[5]) < 1e-6f);
    memset(few, 0, sizeof few);
    assert_int_equal(principal_directions(&(linear_matrix){few, 2, 3, 3}, &o, out, NULL), ASSAY_OK);
    for (size_t i = 0; i < 6; i++)
        assert_true(out[i] == 0.0f);
}

static void it_may_be_interrupted_and_run_out_of_memory(void **state)
{
    (void)state;
    make_rows();
    static float out[WIDTH * KEPT];
    const atomic_bool stop = true;
    const progress p = {.stop = &stop};
    assay_err err;
    principal_options o = {.dimensions = KEPT, .progress = &p};
    assert_int_equal(principal_directions(&rows, &o, out, &err), ASSAY_E_CANCELLED);
    assert_string_equal(err.msg, "finding main directions was interrupted");
    o.progress = NULL;
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    uint64_t n = 0;
    for (; code == ASSAY_E_NOMEM; n++) {
        mem_fail_after(n);
        code = principal_directions(&rows, &o, out, &err);
        mem_fail_after(UINT64_MAX);
        assert_int_equal(mem_live(), live);
    }
    assert_int_equal(code, ASSAY_OK);
    assert_true(n == 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(directions_are_those_of_the_whole_matrix),
        cmocka_unit_test(the_bits_do_not_depend_on_threads),
        cmocka_unit_test(missing_directions_are_zeros),
        cmocka_unit_test(it_may_be_interrupted_and_run_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
