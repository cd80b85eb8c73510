/* A budget of labels, spent where it tells most of the mean recall. */
#include "eval/plan.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

/* One class: what the next sample of it is worth falls with every sample it gets. */
typedef struct bidder {
    size_t class_code;
    double variance; /* of one sample's answer */
    uint64_t has, most;
    uint64_t gets; /* n_k, at least `has` */
} bidder;

/* By how much one more sample lessens v/n. */
static double worth_of_next(const bidder *b, uint64_t n)
{
    const double have = (double)n;
    return n ? b->variance / (have * (have + 1.0)) : HUGE_VAL;
}

/* The least n of which no next sample is worth more than `price`. */
static uint64_t demand_at(const bidder *b, double price)
{
    const double guess = sqrt(0.25 + b->variance / price) - 0.5;
    if (guess >= (double)b->most)
        return b->most;
    uint64_t n = guess > (double)b->has ? (uint64_t)guess : b->has;
    while (n > b->has && worth_of_next(b, n - 1) <= price)
        n--;
    while (n < b->most && worth_of_next(b, n) > price)
        n++;
    return n;
}

/* What all ask for at a price, beyond what they have. Stops counting beyond `enough`. */
static uint64_t demand_of_all(const bidder *b, size_t count, double price, uint64_t enough)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count && sum <= enough; i++)
        sum += demand_at(&b[i], price) - b[i].has;
    return sum;
}

static int compare_worth(const void *x, const void *y)
{
    const bidder *a = x, *b = y;
    const double p = worth_of_next(a, a->gets), q = worth_of_next(b, b->gets);
    if (p != q)
        return p > q ? -1 : 1;
    return a->class_code < b->class_code ? -1 : a->class_code > b->class_code;
}

/* Everybody gets what he asks for at the lowest price that the budget pays. What is left is less
 * than one each, for those whose next is worth that price. */
static void share_out(bidder *b, size_t count, uint64_t budget)
{
    enum { HALVINGS = 200 };
    double too_low = 1e-30, paid = 1.0; /* no variance is above 1/4 */
    for (int i = 0; i < HALVINGS; i++) {
        const double price = sqrt(too_low * paid);
        if (demand_of_all(b, count, price, budget) > budget)
            too_low = price;
        else
            paid = price;
    }
    uint64_t left = budget;
    for (size_t i = 0; i < count; i++) {
        b[i].gets = demand_at(&b[i], paid);
        left -= b[i].gets - b[i].has;
    }
    qsort(b, count, sizeof *b, compare_worth);
    for (size_t i = 0; i < count && left > 0; i++, left--)
        b[i].gets++;
}

/* The first sample of a class is worth more than any number: one each, as far as they go. */
static uint64_t give_first(bidder *b, size_t count, uint64_t budget)
{
    for (size_t i = 0; i < count && budget > 0; i++) {
        if (b[i].has)
            continue;
        b[i].has = b[i].gets = 1;
        budget--;
    }
    return budget;
}

assay_code plan_budget(const confusion *c, const bool *shown, uint64_t budget, uint64_t *more,
                       assay_err *err)
{
    ASSAY_AUTO_MEM bidder *b = mem_alloc(c->class_count, sizeof *b);
    if (!b)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a plan of %u classes",
                          c->class_count);
    size_t count = 0;
    for (size_t k = 0; k < c->class_count; k++) {
        more[k] = 0;
        if (shown && !shown[k])
            continue;
        const double p = ((double)c->true_positive[k] + 2.0) / ((double)c->support[k] + 4.0);
        const uint64_t n = c->support[k];
        b[count++] = (bidder){
            .class_code = k, .variance = p * (1.0 - p), .has = n, .most = n + budget, .gets = n};
    }
    const uint64_t left = give_first(b, count, budget);
    if (left > 0)
        share_out(b, count, left);
    for (size_t i = 0; i < count; i++)
        more[b[i].class_code] = b[i].gets - c->support[b[i].class_code];
    return ASSAY_OK;
}
