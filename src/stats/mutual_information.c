/* How much a number tells of right or wrong: from bins, and by nearest neighbours (Ross 2014).
 * Knows counts and sorted numbers; where bins are cut is its callers' business. */
#include "stats/mutual_information.h"

#include "stats/resample.h"
#include "stats/special.h"

#include <assert.h>
#include <math.h>
#include <string.h>

double information_term(uint64_t in_cell, uint64_t in_bin, uint64_t with_outcome, uint64_t n)
{
    if (in_cell == 0)
        return 0.0;
    return log((double)in_cell * (double)n / ((double)in_bin * (double)with_outcome));
}

/* -p ln p of a part of n. */
static double entropy_term(uint64_t part, uint64_t n)
{
    const double p = (double)part / (double)n;
    return part ? -p * log(p) : 0.0;
}

static outcome_bin total_of(const outcome_bin *bins, size_t bin_count)
{
    outcome_bin total = {0, 0};
    for (size_t b = 0; b < bin_count; b++) {
        total.count += bins[b].count;
        total.correct += bins[b].correct;
    }
    return total;
}

/* Σ over the cells of p_ms·(term - centre)^power, power 1 or 2. */
static double mean_of_terms(const outcome_bin *bins, size_t bin_count, outcome_bin total,
                            double centre, int power)
{
    double sum = 0.0;
    for (size_t b = 0; b < bin_count; b++) {
        const uint64_t cell[2] = {bins[b].correct, bins[b].count - bins[b].correct};
        const uint64_t with[2] = {total.correct, total.count - total.correct};
        for (int s = 0; s < 2; s++) {
            const double term =
                information_term(cell[s], bins[b].count, with[s], total.count) - centre;
            sum += (double)cell[s] * (power == 2 ? term * term : term);
        }
    }
    return sum / (double)total.count;
}

binned_information information_of_bins(const outcome_bin *bins, size_t bin_count)
{
    const outcome_bin total = total_of(bins, bin_count);
    const uint64_t wrong = total.count - total.correct;
    if (total.correct == 0 || wrong == 0)
        return (binned_information){0};
    const double n = (double)total.count;
    const double rarer = (double)(wrong < total.correct ? wrong : total.correct);
    binned_information i = {
        .plug_in = fmax(0.0, mean_of_terms(bins, bin_count, total, 0.0, 1)),
        .entropy = entropy_term(total.correct, total.count) + entropy_term(wrong, total.count),
        .least_expected = (double)INFINITY,
    };
    double filled_bins = 0.0, filled_cells = 0.0;
    for (size_t b = 0; b < bin_count; b++) {
        if (bins[b].count == 0)
            continue;
        filled_bins += 1.0;
        filled_cells += (bins[b].correct > 0) + (bins[b].count > bins[b].correct);
        i.least_expected = fmin(i.least_expected, (double)bins[b].count * rarer / n);
    }
    i.freedom = filled_bins - 1.0;
    i.sd = sqrt(mean_of_terms(bins, bin_count, total, i.plug_in, 2));
    const double corrected = i.plug_in + (filled_bins + 2.0 - filled_cells - 1.0) / (2.0 * n);
    i.corrected = fmin(i.entropy, fmax(0.0, corrected));
    return i;
}

double g_test_p(const outcome_bin *bins, size_t bin_count)
{
    const binned_information i = information_of_bins(bins, bin_count);
    if (i.freedom < 1.0)
        return 1.0;
    const double n = (double)total_of(bins, bin_count).count;
    return chi_square_tail(2.0 * n * i.plug_in, i.freedom);
}

/* Tables that hold the same information but for rounding count as equal. */
static int holds_as_much(const outcome_bin *bins, size_t bin_count, double observed)
{
    const double drawn = information_of_bins(bins, bin_count).plug_in;
    return drawn * (1.0 + 1e-10) + 1e-15 >= observed;
}

/* Deal the outcomes of `bins` anew: `drawn` has the same counts. */
static void draw_outcomes(const outcome_bin *bins, size_t bin_count, rng *random,
                          outcome_bin *drawn)
{
    outcome_bin left = total_of(bins, bin_count);
    for (size_t b = 0; b < bin_count; b++) {
        drawn[b].count = bins[b].count;
        drawn[b].correct = draw_hypergeometric(random, left.count, left.correct, bins[b].count);
        left.count -= drawn[b].count;
        left.correct -= drawn[b].correct;
    }
}

double g_test_permuted_p(const outcome_bin *bins, size_t bin_count, size_t replicates, rng *random)
{
    assert(bin_count <= PERMUTED_BINS_MOST);
    const double observed = information_of_bins(bins, bin_count).plug_in;
    outcome_bin drawn[PERMUTED_BINS_MOST];
    size_t as_much = 0;
    for (size_t i = 0; i < replicates; i++) {
        draw_outcomes(bins, bin_count, random, drawn);
        as_much += (size_t)holds_as_much(drawn, bin_count, observed);
    }
    return (double)(1 + as_much) / (double)(1 + replicates);
}

/* Groups laid end to end. Only the rarer outcome is moved: the rest follows. */
typedef struct group_layout {
    uint32_t *start;      /* group_count + 1: where a group's samples begin in `bin` */
    uint32_t *rare_start; /* group_count + 1: where its rarer outcomes begin in `rare` */
    uint32_t *bin;        /* of each sample, by group */
    uint32_t *rare;       /* places, within their group, of the samples with the rarer outcome */
    uint32_t *by_size;    /* the groups, ascending by size */
    uint32_t *source;     /* by_size[i] gets the outcomes of source[i] */
    uint32_t *place;      /* counters, n + 2 or group_count */
    uint32_t group_count;
    uint8_t rarer; /* the outcome that is moved */
    outcome_bin table[PERMUTED_BINS_MOST];
    size_t bin_count;
} group_layout;

size_t g_test_group_scratch(size_t n, uint32_t group_count)
{
    return 3 * n + 5 * (size_t)group_count + 8;
}

static void share_scratch(group_layout *g, const grouped_outcomes *o, uint32_t *scratch)
{
    const size_t groups = o->groups.group_count;
    g->group_count = o->groups.group_count;
    g->start = scratch;
    g->rare_start = g->start + groups + 1;
    g->by_size = g->rare_start + groups + 1;
    g->source = g->by_size + groups;
    g->bin = g->source + groups;
    g->rare = g->bin + o->n;
    g->place = g->rare + o->n; /* n + groups + 6 words are left */
}

static void count_table(group_layout *g, const grouped_outcomes *o)
{
    memset(g->table, 0, sizeof g->table);
    g->bin_count = 0;
    for (size_t i = 0; i < o->n; i++) {
        if (o->bin[i] == BIN_NONE)
            continue;
        assert(o->bin[i] < PERMUTED_BINS_MOST);
        g->table[o->bin[i]].count++;
        g->table[o->bin[i]].correct += o->correct[i];
        if (g->bin_count <= o->bin[i])
            g->bin_count = o->bin[i] + (size_t)1;
    }
    const outcome_bin total = total_of(g->table, g->bin_count);
    g->rarer = total.correct < total.count - total.correct;
}

static void counts_to_starts(uint32_t *count, size_t n)
{
    uint32_t start = 0;
    for (size_t i = 0; i < n; i++) {
        const uint32_t size = count[i];
        count[i] = start;
        start += size;
    }
}

/* Samples by group, each group in the order of the input. */
static void lay_groups(group_layout *g, const grouped_outcomes *o)
{
    memset(g->start, 0, 2 * ((size_t)g->group_count + 1) * sizeof *g->start);
    for (size_t i = 0; i < o->n; i++) {
        if (o->bin[i] == BIN_NONE)
            continue;
        g->start[o->groups.group[i]]++;
        g->rare_start[o->groups.group[i]] += o->correct[i] == g->rarer;
    }
    counts_to_starts(g->start, (size_t)g->group_count + 1);
    counts_to_starts(g->rare_start, (size_t)g->group_count + 1);
    uint32_t *const rare_next = g->source;
    memcpy(g->place, g->start, g->group_count * sizeof *g->place);
    memcpy(rare_next, g->rare_start, g->group_count * sizeof *rare_next);
    for (size_t i = 0; i < o->n; i++) {
        if (o->bin[i] == BIN_NONE)
            continue;
        const uint32_t group = o->groups.group[i];
        const uint32_t at = g->place[group]++;
        g->bin[at] = o->bin[i];
        if (o->correct[i] == g->rarer)
            g->rare[rare_next[group]++] = at - g->start[group];
    }
}

static uint32_t size_of_group(const group_layout *g, uint32_t group)
{
    return g->start[group + 1] - g->start[group];
}

static void order_by_size(group_layout *g, size_t n)
{
    memset(g->place, 0, (n + 2) * sizeof *g->place);
    for (uint32_t i = 0; i < g->group_count; i++)
        g->place[size_of_group(g, i)]++;
    counts_to_starts(g->place, n + 1);
    for (uint32_t i = 0; i < g->group_count; i++)
        g->by_size[g->place[size_of_group(g, i)]++] = i;
    memcpy(g->source, g->by_size, g->group_count * sizeof *g->source);
}

/* The end of the run of groups, by size, that starts at `begin`. */
static uint32_t end_of_size(const group_layout *g, uint32_t begin)
{
    const uint32_t size = size_of_group(g, g->by_size[begin]);
    uint32_t end = begin + 1;
    while (end < g->group_count && size_of_group(g, g->by_size[end]) == size)
        end++;
    return end;
}

static int some_share_a_size(const group_layout *g)
{
    for (uint32_t i = 0; i + 1 < g->group_count; i++) {
        const uint32_t size = size_of_group(g, g->by_size[i]);
        if (size > 0 && size == size_of_group(g, g->by_size[i + 1]))
            return 1;
    }
    return 0;
}

static void shuffle_within_sizes(group_layout *g, rng *random)
{
    for (uint32_t begin = 0; begin < g->group_count;) {
        const uint32_t end = end_of_size(g, begin);
        for (uint32_t i = end - begin; i > 1; i--) {
            const uint32_t j = (uint32_t)rng_below(random, i);
            const uint32_t kept = g->source[begin + i - 1];
            g->source[begin + i - 1] = g->source[begin + j];
            g->source[begin + j] = kept;
        }
        begin = end;
    }
}

/* The table after each group has got the outcomes of its source. */
static void move_outcomes(const group_layout *g, outcome_bin *moved)
{
    uint64_t rare[PERMUTED_BINS_MOST] = {0};
    for (uint32_t i = 0; i < g->group_count; i++) {
        const uint32_t *const bin = g->bin + g->start[g->by_size[i]];
        const uint32_t from = g->source[i];
        for (uint32_t j = g->rare_start[from]; j < g->rare_start[from + 1]; j++)
            rare[bin[g->rare[j]]]++;
    }
    for (size_t b = 0; b < g->bin_count; b++) {
        moved[b].count = g->table[b].count;
        moved[b].correct = g->rarer ? rare[b] : g->table[b].count - rare[b];
    }
}

double g_test_group_permuted_p(const grouped_outcomes *o, size_t replicates, rng *random,
                               uint32_t *scratch)
{
    group_layout g;
    share_scratch(&g, o, scratch);
    count_table(&g, o);
    lay_groups(&g, o);
    order_by_size(&g, o->n);
    if (!some_share_a_size(&g))
        return (double)NAN;
    const double observed = information_of_bins(g.table, g.bin_count).plug_in;
    outcome_bin moved[PERMUTED_BINS_MOST];
    size_t as_much = 0;
    for (size_t i = 0; i < replicates; i++) {
        shuffle_within_sizes(&g, random);
        move_outcomes(&g, moved);
        as_much += (size_t)holds_as_much(moved, g.bin_count, observed);
    }
    return (double)(1 + as_much) / (double)(1 + replicates);
}

enum { NEIGHBOURS = 3, DIGAMMA_KEPT = 256 };

/* One outcome's samples among all, while both are walked in ascending order. */
typedef struct outcome_walk {
    const double *x; /* its values, ascending */
    size_t count;
    size_t next;             /* how many of them were passed */
    size_t neighbours;       /* k */
    size_t first, past_last; /* of all samples, those nearer than the k-th neighbour */
    double constant;         /* ψ(N) + ψ(k) - ψ(N_s) */
} outcome_walk;

/* Distance from x[i] to its k-th neighbour in its own ascending array, 1 <= k < count: of the
 * windows of k + 1 values that hold i, the one that reaches least far. */
static double neighbour_distance(const double *x, size_t count, size_t i, size_t k)
{
    const size_t first = i > k ? i - k : 0;
    const size_t last = i + k < count ? i : count - 1 - k;
    double least = (double)INFINITY;
    for (size_t begin = first; begin <= last; begin++) {
        const double below = x[i] - x[begin], above = x[begin + k] - x[i];
        const double reach = below > above ? below : above;
        least = reach < least ? reach : least;
    }
    return least;
}

/* Nearer than `reach`; a value on the very spot always is. */
static inline int is_within(double distance, double reach)
{
    return distance < reach || distance == 0.0;
}

/* m_i. The ends of the window hardly ever go back from one sample of an outcome to the next, so a
 * whole walk is O(n). */
static size_t count_within(outcome_walk *w, const double *x, size_t n, size_t i, double reach)
{
    if (w->first > i)
        w->first = i;
    while (w->first > 0 && is_within(x[i] - x[w->first - 1], reach))
        w->first--;
    while (!is_within(x[i] - x[w->first], reach))
        w->first++;
    if (w->past_last <= i)
        w->past_last = i + 1;
    while (w->past_last < n && is_within(x[w->past_last] - x[i], reach))
        w->past_last++;
    while (!is_within(x[w->past_last - 1] - x[i], reach))
        w->past_last--;
    return w->past_last - w->first;
}

/* Mean and sd of n numbers, which become their influences on the mean. */
static nearest_information finish_terms(double *term, size_t n)
{
    const double count = (double)n;
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += term[i];
    const double mean = sum / count;
    for (size_t i = 0; i < n; i++) {
        const double off = term[i] - mean;
        squares += off * off;
        term[i] = off / count;
    }
    return (nearest_information){.value = fmax(0.0, mean), .sd = sqrt(squares / count), .n = n};
}

/* Split x by outcome: the wrong ones first, then the right ones. Returns how many are wrong. */
static size_t split_by_outcome(const double *x, const uint8_t *outcome, size_t n, double *apart)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++)
        wrong += !outcome[i];
    size_t next[2] = {0, wrong};
    for (size_t i = 0; i < n; i++)
        apart[next[outcome[i] != 0]++] = x[i];
    return wrong;
}

/* Each sample's term of the estimate; both outcomes have two samples at least. */
static void fill_terms(const double *restrict x, const uint8_t *restrict outcome, size_t n,
                       outcome_walk walk[static 2], double *restrict term)
{
    for (int s = 0; s < 2; s++) {
        const size_t others = walk[s].count - 1;
        walk[s].neighbours = others < NEIGHBOURS ? others : NEIGHBOURS;
        walk[s].constant = digamma((double)n) + digamma((double)walk[s].neighbours) -
                           digamma((double)walk[s].count);
    }
    double kept[DIGAMMA_KEPT];
    for (size_t m = 1; m < DIGAMMA_KEPT; m++)
        kept[m] = digamma((double)m);
    for (size_t i = 0; i < n; i++) {
        outcome_walk *const w = &walk[outcome[i] != 0];
        const double reach = neighbour_distance(w->x, w->count, w->next++, w->neighbours);
        const size_t within = count_within(w, x, n, i, reach);
        term[i] = w->constant - (within < DIGAMMA_KEPT ? kept[within] : digamma((double)within));
    }
}

nearest_information information_nearest(const double *restrict x, const uint8_t *restrict outcome,
                                        size_t n, double *restrict scratch,
                                        double *restrict influence)
{
    const size_t wrong = split_by_outcome(x, outcome, n, scratch);
    const size_t right = n - wrong;
    double *const term = influence ? influence : scratch + n;
    if (wrong < 2 || right < 2) {
        /* One outcome is left, or none: nothing can be told apart, nor how sure that is. */
        memset(term, 0, n * sizeof *term);
        const size_t counted = (wrong < 2 ? 0 : wrong) + (right < 2 ? 0 : right);
        return (nearest_information){
            .value = counted ? 0.0 : (double)NAN, .sd = (double)NAN, .n = counted};
    }
    outcome_walk walk[2] = {{.x = scratch, .count = wrong}, {.x = scratch + wrong, .count = right}};
    fill_terms(x, outcome, n, walk, term);
    return finish_terms(term, n);
}
