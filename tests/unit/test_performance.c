/* Curves worked out by hand, and against a slow count over random metrics. */
#include "support/check.h"

#include "base/rng.h"
#include "eval/performance.h"

#include <math.h>
#include <string.h>

enum { N = 300 };

/* A frame of one metric and the samples over it. */
typedef struct world {
    double value[N];
    uint16_t label[N], prediction[N];
    uint32_t group[N];
    metric_column metric;
    frame frame;
    samples samples;
    evaluation_options options;
} world;

static char metric_name[] = "brightness";

static void world_init(world *w, size_t n)
{
    w->metric = (metric_column){.name = metric_name, .value = w->value};
    w->frame = (frame){.row_count = n,
                       .label = w->label,
                       .prediction = w->prediction,
                       .metric = &w->metric,
                       .metric_count = 1};
    w->samples =
        (samples){.count = n, .label = w->label, .prediction = w->prediction, .frame = &w->frame};
    w->options =
        (evaluation_options){.confidence_level = 0.95, .bins = 5, .seed = 1, .thread_count = 1};
}

static void random_world(world *w, size_t n, uint64_t distinct, uint64_t seed)
{
    rng random;
    rng_init(&random, seed, 0);
    world_init(w, n);
    for (size_t i = 0; i < n; i++) {
        w->value[i] = 0.25 * (double)rng_below(&random, distinct) - 3.0;
        if (rng_below(&random, 10) == 0)
            w->value[i] = (double)NAN;
        w->label[i] = (uint16_t)rng_below(&random, 4);
        w->prediction[i] = rng_below(&random, 3) ? w->label[i] : (uint16_t)rng_below(&random, 4);
        w->group[i] = (uint32_t)rng_below(&random, 1 + n / 5);
    }
}

static bool is_asked(const world *w, size_t i, const class_question *q)
{
    if (!q)
        return true;
    return (q->what == PERFORMANCE_RECALL ? w->label[i] : w->prediction[i]) == q->class_code;
}

/* Bins hold what lies between their ends, all of it, in ascending order. */
static void assert_curve(const world *w, const metric_performance *p, const class_question *q)
{
    uint64_t in_all = 0, expected = 0;
    for (size_t i = 0; i < w->samples.count; i++)
        expected += !isnan(w->value[i]) && is_asked(w, i, q);
    for (size_t b = 0; b < p->count; b++) {
        const performance_bin *const bin = &p->bin[b];
        uint64_t count = 0, correct = 0, low = 0, high = 0, below = 0, above = 0;
        for (size_t i = 0; i < w->samples.count; i++) {
            const double x = w->value[i];
            if (!(x >= bin->low && x <= bin->high) || !is_asked(w, i, q))
                continue;
            count++;
            correct += w->label[i] == w->prediction[i];
            low += x == bin->low;
            high += x == bin->high;
            below += x <= bin->median;
            above += x >= bin->median;
        }
        assert_int_equal(bin->count, count);
        assert_int_equal(bin->correct, correct);
        assert_true(low > 0 && high > 0);
        assert_true(2 * below >= count && 2 * above >= count);
        assert_true(bin->rate.value == (double)correct / (double)count);
        assert_true(b == 0 || p->bin[b - 1].high < bin->low);
        in_all += count;
    }
    assert_int_equal(in_all, expected);
}

static metric_performance curve_of(const world *w, class_question q)
{
    metric_performance p;
    assert_int_equal(class_performance(&w->samples, &w->metric, q, &w->options, &p, NULL),
                     ASSAY_OK);
    return p;
}

static void every_sample_of_the_class_is_in_one_bin(void **state)
{
    (void)state;
    world w = {.value = {0}};
    for (uint64_t seed = 0; seed < 60; seed++) {
        random_world(&w, 1 + seed * 5, 1 + seed * seed, seed);
        w.options.bins = 5 + (uint32_t)seed;
        w.options.equal_width = seed % 2;
        for (uint16_t k = 0; k < 4; k++)
            for (int what = 0; what < 2; what++) {
                const class_question q = {k, what ? PERFORMANCE_PRECISION : PERFORMANCE_RECALL};
                metric_performance p = curve_of(&w, q);
                assert_curve(&w, &p, &q);
                assert_true(p.count <= w.options.bins);
                metric_performance_clear(&p);
            }
    }
}

/* Recall asks the samples of the class, precision those predicted as it. */
static void recall_and_precision_ask_different_samples(void **state)
{
    (void)state;
    world w = {.value = {0}};
    world_init(&w, 4);
    static const double value[4] = {4.0, 3.0, 2.0, 1.0};
    static const uint16_t label[4] = {1, 1, 0, 1}, prediction[4] = {1, 0, 1, 1};
    memcpy(w.value, value, sizeof value);
    memcpy(w.label, label, sizeof label);
    memcpy(w.prediction, prediction, sizeof prediction);
    metric_performance recall = curve_of(&w, (class_question){1, PERFORMANCE_RECALL});
    metric_performance precision = curve_of(&w, (class_question){1, PERFORMANCE_PRECISION});
    static const double recall_at[3] = {1.0, 3.0, 4.0}, precision_at[3] = {1.0, 2.0, 4.0};
    assert_int_equal(recall.count, 3);
    assert_int_equal(precision.count, 3);
    for (size_t b = 0; b < 3; b++) {
        assert_true(recall.bin[b].median == recall_at[b]);
        assert_true(precision.bin[b].median == precision_at[b]);
        assert_int_equal(recall.bin[b].correct, b != 1);
        assert_int_equal(precision.bin[b].correct, b != 1);
    }
    metric_performance_clear(&recall);
    metric_performance_clear(&precision);
}

static void equal_width_bins_follow_the_values(void **state)
{
    (void)state;
    world w = {.value = {0}};
    world_init(&w, 100);
    for (size_t i = 0; i < 100; i++)
        w.value[i] = i < 96 ? 0.001 * (double)i : 10.0;
    w.options.equal_width = true;
    metric_performance p = curve_of(&w, (class_question){0, PERFORMANCE_RECALL});
    assert_int_equal(p.count, 2); /* of five, three would be empty */
    assert_int_equal(p.bin[0].count, 96);
    assert_int_equal(p.bin[1].count, 4);
    metric_performance_clear(&p);
    w.options.equal_width = false;
    p = curve_of(&w, (class_question){0, PERFORMANCE_RECALL});
    assert_int_equal(p.count, 5);
    for (size_t b = 0; b < 5; b++)
        assert_in_range(p.bin[b].count, 19, 21);
    metric_performance_clear(&p);
}

static void a_missing_value_is_in_no_bin(void **state)
{
    (void)state;
    world w = {.value = {0}};
    world_init(&w, 40);
    for (size_t i = 0; i < 40; i++)
        w.value[i] = i % 2 ? (double)NAN : 5.0 + (double)i;
    metric_performance p = curve_of(&w, (class_question){0, PERFORMANCE_RECALL});
    uint64_t count = 0;
    for (size_t b = 0; b < p.count; b++) {
        assert_true(p.bin[b].low >= 5.0);
        count += p.bin[b].count;
    }
    assert_int_equal(count, 20);
    metric_performance_clear(&p);
}

static void a_class_without_samples_has_no_bins(void **state)
{
    (void)state;
    world w = {.value = {0}};
    random_world(&w, 50, 1000, 3);
    metric_performance p = curve_of(&w, (class_question){9, PERFORMANCE_RECALL});
    assert_int_equal(p.count, 0);
    metric_performance_clear(&p);
    world_init(&w, 0);
    p = curve_of(&w, (class_question){0, PERFORMANCE_RECALL});
    assert_int_equal(p.count, 0);
    metric_performance_clear(&p);
    metric_performance_clear(&p);
}

static void a_selection_reads_the_values_of_its_rows(void **state)
{
    (void)state;
    world w = {.value = {0}};
    world_init(&w, 3);
    static const uint32_t row[3] = {4, 7, 9};
    for (size_t i = 0; i < 10; i++)
        w.value[i] = 100.0 + (double)i;
    w.frame.row_count = 10;
    w.samples.row = row;
    metric_performance p = curve_of(&w, (class_question){0, PERFORMANCE_RECALL});
    assert_int_equal(p.count, 3);
    for (size_t b = 0; b < 3; b++)
        assert_true(p.bin[b].median == 100.0 + (double)row[b]);
    metric_performance_clear(&p);
}

/* 20 groups of 10 samples that are all right or all wrong are 20 samples: the interval of each bin
 * is that of its groups. In groups of one it is that of its samples. */
static void samples_that_go_together_widen_the_interval(void **state)
{
    (void)state;
    world w = {.value = {0}};
    world_init(&w, 200);
    for (size_t i = 0; i < 200; i++) {
        w.value[i] = 1.0;
        w.label[i] = 0;
        w.prediction[i] = i / 10 % 4 == 0;
        w.group[i] = (uint32_t)(i / 10);
    }
    const class_question q = {0, PERFORMANCE_RECALL};
    metric_performance alone = curve_of(&w, q);
    w.samples.groups = (clustering){w.group, 20};
    metric_performance grouped = curve_of(&w, q);
    for (size_t i = 0; i < 200; i++)
        w.group[i] = (uint32_t)i;
    w.samples.groups = (clustering){w.group, 200};
    metric_performance single = curve_of(&w, q);
    assert_int_equal(grouped.count, 1);
    assert_true(grouped.bin[0].rate.value == alone.bin[0].rate.value);
    const double width = alone.bin[0].rate.high - alone.bin[0].rate.low;
    const double wide = grouped.bin[0].rate.high - grouped.bin[0].rate.low;
    const double same = single.bin[0].rate.high - single.bin[0].rate.low;
    assert_true(wide > 2.5 * width && wide < 3.5 * width); /* near √10 */
    assert_true(fabs(same - width) < 0.01 * width);
    metric_performance_clear(&alone);
    metric_performance_clear(&grouped);
    metric_performance_clear(&single);
}

/* The other groups are not there when a bin's are numbered. */
static void groups_are_numbered_without_gaps_each_time(void **state)
{
    (void)state;
    world w = {.value = {0}};
    random_world(&w, 200, 50, 7);
    w.samples.groups = (clustering){w.group, 41};
    ordered_metric o;
    assert_int_equal(ordered_metric_init(&o, &w.samples, NULL), ASSAY_OK);
    ordered_metric_fill(&o, &w.samples, w.value, NULL, 2);
    for (size_t begin = 0; begin < o.count; begin += 17) {
        const size_t end = begin + 17 < o.count ? begin + 17 : o.count;
        const clustering c = ordered_groups(&o, &w.samples, begin, end);
        uint32_t old[41];
        memset(old, 0xFF, sizeof old);
        for (size_t i = begin; i < end; i++) {
            const uint32_t group = w.group[o.tag[i] >> 1];
            assert_true(c.group[i - begin] < c.group_count);
            if (old[c.group[i - begin]] == UINT32_MAX)
                old[c.group[i - begin]] = group;
            assert_int_equal(old[c.group[i - begin]], group);
        }
        for (uint32_t g = 0; g < c.group_count; g++)
            assert_true(old[g] != UINT32_MAX);
        for (uint32_t g = 1; g < c.group_count; g++)
            assert_true(old[g] != old[g - 1]);
    }
    ordered_metric_clear(&o);
}

static void short_memory_leaves_nothing_behind(void **state)
{
    (void)state;
    world w = {.value = {0}};
    random_world(&w, 50, 20, 5);
    w.samples.groups = (clustering){w.group, 11};
    const size_t before = mem_live();
    for (uint64_t n = 0;; n++) {
        metric_performance p;
        mem_fail_after(n);
        const assay_code code = class_performance(
            &w.samples, &w.metric, (class_question){1, PERFORMANCE_RECALL}, &w.options, &p, NULL);
        mem_fail_after(UINT64_MAX);
        if (code == ASSAY_OK) {
            assert_int_equal(n, 9);
            metric_performance_clear(&p);
            break;
        }
        assert_int_equal(code, ASSAY_E_NOMEM);
        assert_null(p.bin);
        assert_int_equal(mem_live(), before);
    }
    assert_int_equal(mem_live(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sample_of_the_class_is_in_one_bin),
        cmocka_unit_test(recall_and_precision_ask_different_samples),
        cmocka_unit_test(equal_width_bins_follow_the_values),
        cmocka_unit_test(a_missing_value_is_in_no_bin),
        cmocka_unit_test(a_class_without_samples_has_no_bins),
        cmocka_unit_test(a_selection_reads_the_values_of_its_rows),
        cmocka_unit_test(samples_that_go_together_widen_the_interval),
        cmocka_unit_test(groups_are_numbered_without_gaps_each_time),
        cmocka_unit_test(short_memory_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
