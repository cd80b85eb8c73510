/* Temperature scaling against SciPy, and on models whose temperature is known. */
#include "eval/temperature.h"

#include "base/rng.h"
#include "support/predictions.h"

static temperature_scaling scale(const samples *s, uint64_t seed, int threads)
{
    temperature_scaling out;
    uint32_t *kept = calloc(s->count + 1, sizeof *kept);
    for (size_t i = 0; i < s->count; i++)
        kept[i] = (uint32_t)i;
    const evaluation_options options = predictions_options(seed, threads);
    assert_int_equal(temperature_init(&out, s, kept, s->count, &options, NULL), ASSAY_OK);
    free(kept);
    return out;
}

static void assert_close(double x, double expected, double tolerance)
{
    if (!(fabs(x - expected) <= tolerance))
        fail_msg("%.17g is not %.17g", x, expected);
}

static void the_reference_temperature_comes_out(void **state)
{
    (void)state;
    predictions d;
    predictions_reference(&d);
    const temperature_scaling t = scale(&d.s, 11, 1);
    assert_close(t.temperature, 1.8222946154035145, 1e-9);
    assert_close(t.log_loss_before, 1.5436295284623653, 1e-12);
    assert_close(t.log_loss_after, 1.3223061876225446, 1e-10);
    assert_close(t.ece_before, 0.17201318660870227, 1e-12);
    assert_close(t.ece_after, 0.08061778303189701, 1e-9);
    predictions_drop(&d);
}

/* Labels drawn from the softmax of random logits, which are then shown multiplied by `factor`. */
static void simulate(predictions *d, size_t rows, size_t columns, double factor)
{
    rng random;
    rng_init(&random, 4, 0);
    predictions_init(d, rows, columns);
    for (size_t r = 0; r < rows; r++) {
        double *logit = d->values + r * columns;
        double sum = 0.0, at = 0.0;
        for (size_t k = 0; k < columns; k++)
            sum += exp(logit[k] = 2.0 * rng_normal(&random));
        const double u = rng_unit(&random) * sum;
        for (size_t k = 0; k < columns && at <= u; k++) {
            at += exp(logit[k]);
            d->label[r] = (uint16_t)k;
        }
        for (size_t k = 0; k < columns; k++)
            logit[k] *= factor;
    }
    predictions_scan(d);
}

static void
a_calibrated_model_keeps_its_temperature_and_an_overconfident_one_is_cooled(void **state)
{
    (void)state;
    const double factors[] = {1.0, 2.0, 0.5};
    for (size_t i = 0; i < 3; i++) {
        predictions d;
        simulate(&d, 20000, 5, factors[i]);
        const temperature_scaling t = scale(&d.s, 1, 2);
        assert_close(t.temperature / factors[i], 1.0, 0.03);
        assert_true(t.ece_after < 0.015);
        assert_true(i == 0 || t.ece_after < t.ece_before / 5);
        assert_true(i == 0 || t.log_loss_after < t.log_loss_before);
        predictions_drop(&d);
    }
}

static void threads_change_no_bit_and_the_seed_deals_the_halves(void **state)
{
    (void)state;
    predictions d;
    simulate(&d, 12000, 3, 3.0);
    const temperature_scaling one = scale(&d.s, 1, 1);
    for (int threads = 2; threads < 8; threads += 5) {
        const temperature_scaling more = scale(&d.s, 1, threads);
        assert_memory_equal(&one, &more, sizeof one);
    }
    assert_true(scale(&d.s, 2, 1).temperature != one.temperature);
    predictions_drop(&d);
}

static void the_ends_of_the_range_are_the_answer_where_nothing_inside_is(void **state)
{
    (void)state;
    for (size_t wrong = 0; wrong < 2; wrong++) {
        predictions d;
        predictions_init(&d, 100, 3);
        for (size_t r = 0; r < 100; r++) {
            d.values[r * 3 + r % 3] = 1.0;
            d.label[r] = (uint16_t)((r + wrong) % 3);
        }
        predictions_scan(&d);
        assert_close(scale(&d.s, 1, 1).temperature, wrong ? 20.0 : 0.05, 1e-12);
        predictions_drop(&d);
    }
}

static void a_uniform_model_stays_at_one(void **state)
{
    (void)state;
    predictions d;
    predictions_init(&d, 50, 4);
    predictions_scan(&d);
    const temperature_scaling t = scale(&d.s, 1, 1);
    assert_close(t.temperature, 1.0, 0.0);
    assert_close(t.log_loss_after, log(4.0), 1e-12);
    predictions_drop(&d);
}

static void few_samples_or_no_probabilities_have_no_answer(void **state)
{
    (void)state;
    predictions d;
    simulate(&d, 20, 3, 1.0);
    assert_true(isfinite(scale(&d.s, 1, 1).temperature));
    d.s.count = 19;
    assert_true(isnan(scale(&d.s, 1, 1).temperature));
    assert_true(isnan(scale(&d.s, 1, 1).ece_after));
    d.s.count = 20;
    d.f.probability = NULL;
    assert_true(isnan(scale(&d.s, 1, 1).log_loss_before));
    predictions_drop(&d);
}

static void rows_without_valid_probabilities_pull_nowhere(void **state)
{
    (void)state;
    predictions d;
    predictions_reference(&d);
    const temperature_scaling whole = scale(&d.s, 11, 1);
    predictions_drop(&d);
    predictions_init(&d, 500, 5);
    predictions reference;
    predictions_reference(&reference);
    for (size_t i = 0; i < 500 * 5; i++)
        d.values[i] = i < 400 * 5 ? reference.values[i] : (double)NAN;
    for (size_t i = 0; i < 400; i++)
        d.label[i] = reference.label[i];
    predictions_scan(&d);
    for (size_t i = 400; i < 500; i++)
        d.prediction[i] = 0;
    const temperature_scaling holed = scale(&d.s, 11, 1);
    assert_close(holed.temperature, whole.temperature, 1e-12);
    assert_close(holed.ece_after, whole.ece_after, 1e-12);
    assert_close(holed.log_loss_after, whole.log_loss_after, 1e-12);
    predictions_drop(&d);
    predictions_drop(&reference);
}

static void no_failed_allocation_leaks(void **state)
{
    (void)state;
    predictions d;
    predictions_reference(&d);
    uint32_t kept[400];
    for (uint32_t i = 0; i < 400; i++)
        kept[i] = i;
    const evaluation_options options = predictions_options(1, 1);
    const size_t alive = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    uint64_t n = 0;
    for (; code != ASSAY_OK; n++) {
        temperature_scaling out;
        mem_fail_after(n);
        code = temperature_init(&out, &d.s, kept, 400, &options, NULL);
        mem_fail_after(UINT64_MAX);
        assert_true(code == ASSAY_OK || code == ASSAY_E_NOMEM);
        assert_true(code == ASSAY_OK || isnan(out.temperature));
        assert_int_equal(mem_live(), alive);
    }
    assert_int_equal(n, 11);
    predictions_drop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_temperature_comes_out),
        cmocka_unit_test(
            a_calibrated_model_keeps_its_temperature_and_an_overconfident_one_is_cooled),
        cmocka_unit_test(threads_change_no_bit_and_the_seed_deals_the_halves),
        cmocka_unit_test(the_ends_of_the_range_are_the_answer_where_nothing_inside_is),
        cmocka_unit_test(a_uniform_model_stays_at_one),
        cmocka_unit_test(few_samples_or_no_probabilities_have_no_answer),
        cmocka_unit_test(rows_without_valid_probabilities_pull_nowhere),
        cmocka_unit_test(no_failed_allocation_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
