#include "support/check.h"

#include "base/mem.h"
#include "base/rng.h"
#include "eval/plan.h"

#include <math.h>
#include <string.h>

enum { CLASSES = 6, SAMPLES_MOST = 4096 };

/* `right` of `n` samples of each class are predicted as it, the others as the next one. */
static confusion *made_of(const size_t *n, const size_t *right)
{
    static uint16_t label[SAMPLES_MOST], prediction[SAMPLES_MOST];
    size_t at = 0;
    for (size_t k = 0; k < CLASSES; k++) {
        for (size_t i = 0; i < n[k]; i++, at++) {
            label[at] = (uint16_t)k;
            prediction[at] = (uint16_t)(i < right[k] ? k : (k + 1) % CLASSES);
        }
    }
    confusion *c = NULL;
    assert_int_equal(confusion_of_pairs(label, prediction, at, CLASSES, 1, &c, NULL), ASSAY_OK);
    return c;
}

static double variance_of(const confusion *c, size_t k)
{
    const double p = ((double)c->true_positive[k] + 2.0) / ((double)c->support[k] + 4.0);
    return p * (1.0 - p);
}

/* One label after the other to where it lessens the sum most: right, because what the next is worth
 * only falls. */
static void spend_one_by_one(const confusion *c, const bool *shown, uint64_t budget, uint64_t *more)
{
    memset(more, 0, CLASSES * sizeof *more);
    for (uint64_t i = 0; i < budget; i++) {
        size_t best = CLASSES;
        double most = -1.0;
        for (size_t k = 0; k < CLASSES; k++) {
            const double n = (double)(c->support[k] + more[k]);
            const double worth = n > 0.0 ? variance_of(c, k) / (n * (n + 1.0)) : HUGE_VAL;
            if ((shown && !shown[k]) || !(worth > most))
                continue;
            most = worth;
            best = k;
        }
        if (best < CLASSES)
            more[best]++;
    }
}

static void what_is_spent_is_what_one_by_one_would_buy(void **state)
{
    (void)state;
    rng random;
    rng_init(&random, 5, 0);
    for (int round = 0; round < 300; round++) {
        size_t n[CLASSES], right[CLASSES];
        bool shown[CLASSES];
        for (size_t k = 0; k < CLASSES; k++) {
            n[k] = rng_below(&random, 5) ? rng_below(&random, 200) : rng_below(&random, 3);
            right[k] = rng_below(&random, n[k] + 1);
            shown[k] = rng_below(&random, 4) > 0;
        }
        shown[0] = true;
        confusion *c = made_of(n, right);
        const uint64_t budget = rng_below(&random, 3) ? rng_below(&random, 700) : 3;
        const bool *of = round % 2 ? shown : NULL;
        uint64_t got[CLASSES], want[CLASSES];
        assert_int_equal(plan_budget(c, of, budget, got, NULL), ASSAY_OK);
        spend_one_by_one(c, of, budget, want);
        for (size_t k = 0; k < CLASSES; k++) {
            if (got[k] != want[k])
                fail_msg("round %d, class %zu: %llu, not %llu", round, k,
                         (unsigned long long)got[k], (unsigned long long)want[k]);
        }
        confusion_free(c);
    }
}

/* Of endless labels each class gets its share by the root of its variance. */
static void a_large_budget_is_shared_by_the_roots_of_the_variances(void **state)
{
    (void)state;
    const size_t n[CLASSES] = {100, 100, 100, 100, 100, 100};
    const size_t right[CLASSES] = {50, 60, 70, 80, 90, 100};
    confusion *c = made_of(n, right);
    const uint64_t budget = UINT64_C(1000000000000);
    uint64_t more[CLASSES], spent = 0;
    assert_int_equal(plan_budget(c, NULL, budget, more, NULL), ASSAY_OK);
    double roots = 0.0;
    for (size_t k = 0; k < CLASSES; k++) {
        roots += sqrt(variance_of(c, k));
        spent += more[k];
    }
    assert_true(spent == budget);
    for (size_t k = 0; k < CLASSES; k++) {
        const double want = sqrt(variance_of(c, k)) / roots;
        assert_true(fabs((double)more[k] / (double)budget - want) < 1e-6);
    }
    confusion_free(c);
}

static void nothing_to_spend_buys_nothing(void **state)
{
    (void)state;
    const size_t n[CLASSES] = {0, 1, 2, 3, 4, 5}, right[CLASSES] = {0};
    const bool none[CLASSES] = {false};
    confusion *c = made_of(n, right);
    uint64_t more[CLASSES];
    assert_int_equal(plan_budget(c, NULL, 0, more, NULL), ASSAY_OK);
    for (size_t k = 0; k < CLASSES; k++)
        assert_int_equal(more[k], 0);
    assert_int_equal(plan_budget(c, none, 9, more, NULL), ASSAY_OK);
    for (size_t k = 0; k < CLASSES; k++)
        assert_int_equal(more[k], 0);
    confusion_free(c);
}

static void short_memory_is_said(void **state)
{
    (void)state;
    const size_t n[CLASSES] = {4, 4, 4, 4, 4, 4}, right[CLASSES] = {0};
    confusion *c = made_of(n, right);
    const size_t before = mem_live();
    uint64_t more[CLASSES];
    mem_fail_after(0);
    const assay_code code = plan_budget(c, NULL, 5, more, NULL);
    mem_fail_after(UINT64_MAX);
    assert_int_equal(code, ASSAY_E_NOMEM);
    assert_int_equal(mem_live(), before);
    confusion_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_spent_is_what_one_by_one_would_buy),
        cmocka_unit_test(a_large_budget_is_shared_by_the_roots_of_the_variances),
        cmocka_unit_test(nothing_to_spend_buys_nothing),
        cmocka_unit_test(short_memory_is_said),
    };
    return cmocka_run_group_tests_name("plan_budget", tests, NULL, NULL);
}
