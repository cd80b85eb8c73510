/* Lists of samples by a metric: as a plain, slow sort gives them. */
#include "server/sample_order.h"

#include "support/check.h"

#include "base/mem.h"
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS = 3000 };

static double value[ROWS];
static selection chosen;
static bool down;

/* Fewer values than rows, so that many are equal; some are missing, some are infinite. */
static int make(void **state)
{
    (void)state;
    static const double odd[] = {-0.0, 0.0, -1e300, 1e-300, (double)INFINITY, -(double)INFINITY};
    rng r;
    rng_init(&r, 11, 0);
    if (selection_init(&chosen, ROWS, false, NULL) != ASSAY_OK)
        return -1;
    for (size_t i = 0; i < ROWS; i++) {
        const uint64_t drawn = rng_below(&r, 400);
        value[i] = drawn < 6 ? odd[drawn] : drawn < 40 ? (double)NAN : (double)drawn / 7.0 - 30.0;
        selection_set(&chosen, i, rng_below(&r, 3) > 0);
    }
    return 0;
}

static int drop(void **state)
{
    (void)state;
    selection_clear(&chosen);
    return 0;
}

static int plainly(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    const bool no_x = isnan(value[x]), no_y = isnan(value[y]);
    if (no_x != no_y)
        return no_x ? 1 : -1;
    if (!no_x && value[x] != value[y])
        return (value[x] < value[y]) != down ? -1 : 1;
    return x < y ? -1 : 1;
}

static void expect_plain(const metric_order *order, const selection *in, bool descending)
{
    static uint32_t plain[ROWS];
    size_t count = 0;
    for (size_t i = 0; i < ROWS; i++) {
        if (selection_has(in, i))
            plain[count++] = (uint32_t)i;
    }
    down = descending;
    if (order)
        qsort(plain, count, sizeof *plain, plainly);
    sample_list l;
    assert_int_equal(sample_list_make(order, in, descending, &l, NULL), ASSAY_OK);
    assert_int_equal(l.count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(sample_list_at(&l, i), plain[order || !descending ? i : count - 1 - i]);
    assert_true(sample_list_bytes(&l) >= (l.row ? count * sizeof *l.row : 0));
    sample_list_clear(&l);
}

static void lists_are_those_of_a_plain_sort(void **state)
{
    (void)state;
    metric_order order;
    selection all, none;
    assert_int_equal(metric_order_make(value, ROWS, &order, NULL), ASSAY_OK);
    assert_int_equal(selection_init(&all, ROWS, true, NULL), ASSAY_OK);
    assert_int_equal(selection_init(&none, ROWS, false, NULL), ASSAY_OK);
    const selection *const of[] = {&chosen, &all, &none};
    for (size_t i = 0; i < 3; i++) {
        for (int descending = 0; descending < 2; descending++) {
            expect_plain(&order, of[i], descending);
            expect_plain(NULL, of[i], descending);
        }
    }
    assert_true(order.valued < ROWS);
    assert_true(metric_order_bytes(&order) > ROWS * sizeof(uint32_t));
    metric_order_clear(&order);
    selection_clear(&all);
    selection_clear(&none);
}

static void a_metric_that_no_sample_has_leaves_the_rows_in_order(void **state)
{
    (void)state;
    const double missing[] = {(double)NAN, (double)NAN, (double)NAN};
    metric_order order;
    selection all;
    sample_list l;
    assert_int_equal(metric_order_make(missing, 3, &order, NULL), ASSAY_OK);
    assert_int_equal(selection_init(&all, 3, true, NULL), ASSAY_OK);
    assert_int_equal(sample_list_make(&order, &all, true, &l, NULL), ASSAY_OK);
    assert_int_equal(order.valued, 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(sample_list_at(&l, i), i);
    sample_list_clear(&l);
    metric_order_clear(&order);
    selection_clear(&all);
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        metric_order order;
        sample_list l = {0};
        assay_err err = {0};
        mem_fail_after(n);
        assay_code code = metric_order_make(value, ROWS, &order, &err);
        if (code == ASSAY_OK)
            code = sample_list_make(&order, &chosen, false, &l, &err);
        mem_fail_after(UINT64_MAX);
        metric_order_clear(&order);
        sample_list_clear(&l);
        assert_int_equal(mem_live(), live);
        if (code == ASSAY_OK)
            break;
        assert_int_equal(code, ASSAY_E_NOMEM);
        assert_true(err.msg[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_those_of_a_plain_sort),
        cmocka_unit_test(a_metric_that_no_sample_has_leaves_the_rows_in_order),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests_name("sample_order", tests, make, drop);
}
