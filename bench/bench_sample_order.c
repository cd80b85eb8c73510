/* How long the lists of the Explorer take: `bench_sample_order [SAMPLES]`, a JSON line for each
 * step. */
#include "base/clock.h"
#include "base/mem.h"
#include "base/rng.h"
#include "server/sample_order.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { REPEATS = 5 };

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void tell(const char *what, double *seconds)
{
    qsort(seconds, REPEATS, sizeof *seconds, compare);
    printf("{\"what\": \"%s\", \"median_ms\": %.1f, \"most_ms\": %.1f}\n", what,
           1e3 * seconds[REPEATS / 2], 1e3 * seconds[REPEATS - 1]);
}

static void fill(double *value, size_t n, int kind)
{
    rng r;
    rng_init(&r, 5, (uint64_t)kind);
    for (size_t i = 0; i < n; i++) {
        const double x = rng_normal(&r);
        value[i] = kind == 0 ? x : kind == 1 ? floor(32.0 * x) : 1.0 / (1.0 + exp(-x));
    }
}

static int run(const char *name, const double *value, size_t n, const selection *half)
{
    double order_took[REPEATS], all_took[REPEATS], half_took[REPEATS];
    char what[64];
    for (size_t i = 0; i < REPEATS; i++) {
        metric_order order;
        sample_list all, some;
        selection every;
        const double begin = clock_seconds();
        if (metric_order_make(value, n, &order, NULL))
            return 1;
        order_took[i] = clock_seconds() - begin;
        if (selection_init(&every, n, true, NULL))
            return 1;
        double at = clock_seconds();
        if (sample_list_make(&order, &every, true, &all, NULL))
            return 1;
        all_took[i] = clock_seconds() - at;
        at = clock_seconds();
        if (sample_list_make(&order, half, false, &some, NULL))
            return 1;
        half_took[i] = clock_seconds() - at;
        sample_list_clear(&all);
        sample_list_clear(&some);
        metric_order_clear(&order);
        selection_clear(&every);
    }
    snprintf(what, sizeof what, "%s: order", name);
    tell(what, order_took);
    snprintf(what, sizeof what, "%s: list of all, down", name);
    tell(what, all_took);
    snprintf(what, sizeof what, "%s: list of half, up", name);
    tell(what, half_took);
    return 0;
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"normal", "whole numbers", "share"};
    const size_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000;
    double *value = mem_alloc(n, sizeof *value);
    selection half;
    if (!value || selection_init(&half, n, false, NULL))
        return 1;
    for (size_t i = 0; i < n; i++)
        selection_set(&half, i, rng_mix(i) & 1);
    int failed = 0;
    for (int kind = 0; kind < 3 && !failed; kind++) {
        fill(value, n, kind);
        failed = run(names[kind], value, n, &half);
    }
    mem_free(value);
    selection_clear(&half);
    return failed;
}
