/* P-values adjusted for how many were looked at. */
#include "stats/adjust.h"

#include <math.h>
#include <stdbool.h>

static bool goes_before(const double *p, size_t a, size_t b)
{
    return p[a] < p[b] || (p[a] == p[b] && a < b);
}

static void sift_down(const double *p, size_t *order, size_t root, size_t count)
{
    for (;;) {
        size_t child = 2 * root + 1;
        if (child >= count)
            return;
        if (child + 1 < count && goes_before(p, order[child], order[child + 1]))
            child++;
        if (!goes_before(p, order[root], order[child]))
            return;
        const size_t kept = order[root];
        order[root] = order[child];
        order[child] = kept;
        root = child;
    }
}

/* Heap sort, because it needs no memory. NaNs stay out; returns how many numbers there are. */
static size_t order_ascending(const double *p, size_t n, size_t *order)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(p[i]))
            order[count++] = i;
    }
    for (size_t i = count / 2; i > 0; i--)
        sift_down(p, order, i - 1, count);
    for (size_t end = count; end > 1; end--) {
        const size_t largest = order[0];
        order[0] = order[end - 1];
        order[end - 1] = largest;
        sift_down(p, order, 0, end - 1);
    }
    return count;
}

static void keep_missing(const double *p, size_t n, double *adjusted)
{
    for (size_t i = 0; i < n; i++) {
        if (isnan(p[i]))
            adjusted[i] = (double)NAN;
    }
}

void adjust_benjamini_hochberg(const double *p, size_t n, double *adjusted, size_t *order)
{
    const size_t count = order_ascending(p, n, order);
    double least = 1.0;
    for (size_t rank = count; rank > 0; rank--) {
        const size_t i = order[rank - 1];
        least = fmin(least, p[i] * (double)count / (double)rank);
        adjusted[i] = least;
    }
    keep_missing(p, n, adjusted);
}

void adjust_holm(const double *p, size_t n, double *adjusted, size_t *order)
{
    const size_t count = order_ascending(p, n, order);
    double most = 0.0;
    for (size_t rank = 0; rank < count; rank++) {
        const size_t i = order[rank];
        most = fmin(1.0, fmax(most, p[i] * (double)(count - rank)));
        adjusted[i] = most;
    }
    keep_missing(p, n, adjusted);
}
