#include "knn/loops.h"

#include "base/rng.h"
#include "support/check.h"

#include <math.h>
#include <string.h>

static void assert_near(double a, double b, double most)
{
    assert_true(fabs(a - b) <= most);
}

enum { LONGEST = 300 };

static void fill(rng *r, float *at, size_t n)
{
    /* Few values, so that many are equal to a bar. */
    for (size_t i = 0; i < n; i++)
        at[i] = (float)rng_below(r, 9) / 4.0F - 1.0F;
}

static void every_variant_finds_what_reaches_a_bar(void **state)
{
    (void)state;
    rng r;
    rng_init(&r, 3, 0);
    float values[LONGEST], bars[LONGEST];
    uint32_t hits[LONGEST + 16];
    for (size_t n = 0; n < LONGEST; n++) {
        fill(&r, values, n);
        fill(&r, bars, n);
        const float bar = (float)rng_below(&r, 9) / 4.0F - 1.0F;
        for (size_t v = 0; knn_loops_at(v); v++) {
            const size_t count = knn_loops_at(v)->reach(values, bars, bar, n, hits);
            size_t expected = 0;
            for (size_t i = 0; i < n; i++) {
                if (values[i] < bar && values[i] < bars[i])
                    continue;
                assert_true(expected < count);
                assert_int_equal(hits[expected], i);
                expected++;
            }
            assert_int_equal(count, expected);
        }
    }
}

static void every_variant_gives_the_same_bits_of_a_product(void **state)
{
    (void)state;
    rng r;
    rng_init(&r, 4, 0);
    float a[LONGEST], b[LONGEST];
    for (size_t n = 0; n < LONGEST; n++) {
        double exact = 0.0;
        for (size_t i = 0; i < n; i++) {
            a[i] = (float)rng_normal(&r);
            b[i] = (float)rng_normal(&r);
            exact += (double)a[i] * (double)b[i];
        }
        const double plain = knn_loops_plain.dot(a, b, n);
        assert_near(plain, exact, 1e-12 * (double)(n + 1));
        for (size_t v = 0; knn_loops_at(v); v++) {
            const double other = knn_loops_at(v)->dot(a, b, n);
            assert_memory_equal(&plain, &other, sizeof plain);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_variant_finds_what_reaches_a_bar),
        cmocka_unit_test(every_variant_gives_the_same_bits_of_a_product),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
