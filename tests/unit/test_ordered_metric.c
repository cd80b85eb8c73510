/* The order of a metric, and its runs of equal values, against a look at every sample; long enough
 * that several threads share it. */
#include "support/check.h"

#include "base/rng.h"
#include "eval/ordered_metric.h"
#include "stats/sort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 300000 };

typedef struct world {
    double value[N];
    uint16_t label[N], prediction[N];
    frame frame;
    samples samples;
} world;

/* Runs of about `length` samples of one value, but for one that is as long as a third of all, over
 * whole parts. In 40 values is one missing. */
static world *world_new(uint64_t length, uint64_t seed)
{
    world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    rng r;
    rng_init(&r, seed, 0);
    for (size_t i = 0; i < N; i++) {
        const double drawn = (double)rng_below(&r, N / length + 1);
        w->value[i] = rng_below(&r, 3) == 0 ? 0.5 * (double)N / (double)length : drawn;
        if (rng_below(&r, 40) == 0)
            w->value[i] = (double)NAN;
        w->label[i] = (uint16_t)rng_below(&r, 3);
        w->prediction[i] = (uint16_t)rng_below(&r, 3);
    }
    w->frame = (frame){.row_count = N, .label = w->label, .prediction = w->prediction};
    w->samples =
        (samples){.count = N, .label = w->label, .prediction = w->prediction, .frame = &w->frame};
    return w;
}

static void assert_runs(const ordered_metric *o)
{
    size_t run = 0, begin = 0;
    uint32_t right = 0;
    for (size_t i = 0; i < o->count; i++) {
        right += o->tag[i] & 1U;
        if (i + 1 < o->count && o->key[i + 1] == o->key[i])
            continue;
        assert_true(run < o->run_count);
        assert_int_equal(o->run[run].end, i + 1);
        assert_int_equal(o->run[run].right, right);
        assert_int_equal(ordered_run_of(o, run).end, i + 1 - begin);
        assert_int_equal(ordered_run_at(o, begin), run);
        assert_int_equal(ordered_run_at(o, i), run);
        begin = i + 1;
        run++;
    }
    assert_int_equal(o->run_count, run);
    assert_int_equal(ordered_run_at(o, o->count), run);
}

static void assert_correct(const ordered_metric *o, rng *r)
{
    for (size_t k = 0; k < 50; k++) {
        const size_t begin = rng_below(r, o->count + 1);
        const size_t end = begin + rng_below(r, o->count - begin + 1);
        uint64_t right = 0;
        for (size_t i = begin; i < end; i++)
            right += o->tag[i] & 1U;
        assert_int_equal(ordered_correct(o, begin, end), right);
    }
}

static void runs_are_the_same_at_any_number_of_threads(void **state)
{
    (void)state;
    static const uint64_t length[] = {1, 2, 10, 1000, 70000, N};
    rng r;
    rng_init(&r, 5, 0);
    for (size_t k = 0; k < sizeof length / sizeof *length; k++) {
        world *w = world_new(length[k], k);
        ordered_metric o;
        assert_int_equal(ordered_metric_init(&o, &w->samples, NULL), ASSAY_OK);
        for (int threads = 1; threads <= 4; threads++) {
            ordered_metric_fill(&o, &w->samples, w->value, NULL, threads);
            assert_runs(&o);
            assert_correct(&o, &r);
        }
        ordered_metric_clear(&o);
        free(w);
    }
}

static void codes_give_the_runs_of_the_values(void **state)
{
    (void)state;
    world *w = world_new(7, 9);
    metric_codes *codes;
    assert_int_equal(metric_codes_new(w->value, N, &codes, NULL), ASSAY_OK);
    selection rows, right;
    assert_int_equal(selection_init(&rows, N, true, NULL), ASSAY_OK);
    assert_int_equal(selection_init(&right, N, false, NULL), ASSAY_OK);
    for (size_t i = 0; i < N; i++)
        selection_set(&right, i, w->label[i] == w->prediction[i]);
    ordered_metric o, plain;
    assert_int_equal(ordered_metric_init(&o, &w->samples, NULL), ASSAY_OK);
    assert_int_equal(ordered_metric_init(&plain, &w->samples, NULL), ASSAY_OK);
    ordered_metric_fill_coded(&o, codes, &rows, &right);
    ordered_metric_fill(&plain, &w->samples, w->value, NULL, 2);
    assert_runs(&o);
    assert_int_equal(o.run_count, plain.run_count);
    assert_memory_equal(o.run, plain.run, o.run_count * sizeof *o.run);
    ordered_metric_clear(&o);
    ordered_metric_clear(&plain);
    selection_clear(&rows);
    selection_clear(&right);
    metric_codes_free(codes);
    free(w);
}

static void a_metric_without_values_has_no_runs(void **state)
{
    (void)state;
    world *w = world_new(3, 1);
    for (size_t i = 0; i < N; i++)
        w->value[i] = (double)NAN;
    ordered_metric o;
    assert_int_equal(ordered_metric_init(&o, &w->samples, NULL), ASSAY_OK);
    ordered_metric_fill(&o, &w->samples, w->value, NULL, 2);
    assert_int_equal(o.count, 0);
    assert_int_equal(o.run_count, 0);
    assert_int_equal(ordered_run_at(&o, 0), 0);
    assert_int_equal(ordered_correct(&o, 0, 0), 0);
    ordered_metric_clear(&o);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_are_the_same_at_any_number_of_threads),
        cmocka_unit_test(codes_give_the_runs_of_the_values),
        cmocka_unit_test(a_metric_without_values_has_no_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
