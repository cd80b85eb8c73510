/* How much a number tells of right or wrong: from bins, and by nearest neighbours (Ross 2014).
 * Knows counts and sorted numbers; where bins are cut is its callers' business. */
#include "stats/mutual_information.h"

#include "stats/resample.h"
#include "stats/special.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
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

/* Groups laid end to end, ascending by size: the place of a group among them is its slot. Only the
 * rarer outcome is moved: the rest follows. */
typedef struct group_layout {
    uint32_t *start;      /* group_count + 1: where a slot's samples begin in `bin` */
    uint32_t *rare_start; /* group_count + 1: where its rarer outcomes begin in `rare` */
    uint32_t *group;      /* group_count: which group has the slot */
    uint32_t *source;     /* group_count: slot i gets the outcomes of slot source[i] */
    uint32_t *rare;       /* places in `bin` of the samples with the rarer outcome, ascending */
    uint32_t *place;      /* counters of give_slots() and slots of lay_groups(); gone after them */
    uint32_t *by;         /* group_count: how far a slot's outcomes move; where `place` was */
    uint32_t *owner;      /* which slot each of `rare` is from; where `place` was */
    uint8_t *bin;         /* of each sample */
    uint32_t group_count;
    uint8_t rarer; /* the outcome that is moved */
    outcome_bin table[PERMUTED_BINS_MOST];
    size_t bin_count;
} group_layout;

/* In a size with so many groups the outcomes go round instead of being dealt anew: by a random
 * number of groups, in an order that was drawn once. Those moves are a subgroup of all
 * permutations, so the test stays exact, and walk through memory in order. */
enum { GROUPS_IN_A_ROUND = 1 << 12 };

/* In a bin, while groups are laid: the sample has the rarer outcome. */
enum { RARE = 0x80 };

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
    g->group = g->rare_start + groups + 1;
    g->source = g->group + groups;
    g->rare = g->source + groups;
    g->place = g->rare + o->n;
    g->by = g->place;
    g->owner = g->place + groups;
    g->bin = (uint8_t *)(g->place + o->n + groups + 2); /* n words and 4 are left */
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

/* Which group has which slot, and where its samples begin. */
static void give_slots(group_layout *g, const grouped_outcomes *o)
{
    uint32_t *const size = g->source;
    memset(size, 0, g->group_count * sizeof *size);
    for (size_t i = 0; i < o->n; i++)
        size[o->groups.group[i]] += o->bin[i] != BIN_NONE;
    memset(g->place, 0, (o->n + 2) * sizeof *g->place);
    for (uint32_t i = 0; i < g->group_count; i++)
        g->place[size[i]]++;
    counts_to_starts(g->place, o->n + 1);
    for (uint32_t i = 0; i < g->group_count; i++)
        g->group[g->place[size[i]]++] = i;
    for (uint32_t slot = 0; slot < g->group_count; slot++)
        g->start[slot] = size[g->group[slot]];
    g->start[g->group_count] = 0;
    counts_to_starts(g->start, (size_t)g->group_count + 1);
}

static uint32_t size_of_slot(const group_layout *g, uint32_t slot)
{
    return g->start[slot + 1] - g->start[slot];
}

/* The end of the run of groups of one size that starts at `begin`. */
static uint32_t end_of_size(const group_layout *g, uint32_t begin)
{
    const uint32_t size = size_of_slot(g, begin);
    uint32_t end = begin + 1;
    while (end < g->group_count && size_of_slot(g, end) == size)
        end++;
    return end;
}

static bool goes_round(uint32_t begin, uint32_t end)
{
    return end - begin >= GROUPS_IN_A_ROUND;
}

static void shuffle(uint32_t *at, uint32_t count, rng *random)
{
    for (uint32_t i = count; i > 1; i--) {
        const uint32_t j = (uint32_t)rng_below(random, i);
        const uint32_t kept = at[i - 1];
        at[i - 1] = at[j];
        at[j] = kept;
    }
}

static void order_rounds(group_layout *g, rng *random)
{
    for (uint32_t begin = 0, end; begin < g->group_count; begin = end) {
        end = end_of_size(g, begin);
        if (goes_round(begin, end))
            shuffle(g->group + begin, end - begin, random);
    }
}

/* Samples by slot, those of a group in the order of the input. */
static void lay_groups(group_layout *g, const grouped_outcomes *o)
{
    uint32_t *const slot_of = g->place;
    uint32_t *const next = g->source;
    for (uint32_t slot = 0; slot < g->group_count; slot++) {
        slot_of[g->group[slot]] = slot;
        next[slot] = g->start[slot];
    }
    for (size_t i = 0; i < o->n; i++) {
        if (o->bin[i] == BIN_NONE)
            continue;
        const uint8_t flag = o->correct[i] == g->rarer ? RARE : 0;
        g->bin[next[slot_of[o->groups.group[i]]]++] = o->bin[i] | flag;
    }
    uint32_t rare = 0;
    for (uint32_t slot = 0; slot < g->group_count; slot++) {
        g->source[slot] = slot;
        g->rare_start[slot] = rare;
        for (uint32_t at = g->start[slot]; at < g->start[slot + 1]; at++) {
            g->rare[rare] = at;
            g->owner[rare] = slot;
            rare += g->bin[at] / RARE;
            g->bin[at] &= RARE - 1;
        }
    }
    g->rare_start[g->group_count] = rare;
}

static bool some_share_a_size(const group_layout *g)
{
    for (uint32_t slot = 0; slot + 1 < g->group_count; slot++) {
        if (size_of_slot(g, slot) > 0 && size_of_slot(g, slot) == size_of_slot(g, slot + 1))
            return true;
    }
    return false;
}

/* Counts in lanes, so that one does not wait for the next. */
enum { LANES = 4 };
typedef struct rare_counts {
    uint32_t lane[LANES][PERMUTED_BINS_MOST];
} rare_counts;

/* The bins that rare[0..count) come to when each moves on by `by` places; modulo 2^32. */
static void count_moved(const uint32_t *restrict rare, size_t count, uint32_t by,
                        const uint8_t *restrict bin, rare_counts *restrict counts)
{
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        counts->lane[0][bin[rare[i] + by]]++;
        counts->lane[1][bin[rare[i + 1] + by]]++;
        counts->lane[2][bin[rare[i + 2] + by]]++;
        counts->lane[3][bin[rare[i + 3] + by]]++;
    }
    for (; i < count; i++)
        counts->lane[0][bin[rare[i] + by]]++;
}

/* Over the outcomes rather than group by group: how many a group has cannot be foreseen. */
static void deal_anew(const group_layout *g, uint32_t begin, uint32_t end, rng *random,
                      rare_counts *counts)
{
    shuffle(g->source + begin, end - begin, random);
    for (uint32_t slot = begin; slot < end; slot++)
        g->by[g->source[slot]] = g->start[slot] - g->start[g->source[slot]];
    for (uint32_t i = g->rare_start[begin]; i < g->rare_start[end]; i++)
        counts->lane[i % LANES][g->bin[g->rare[i] + g->by[g->owner[i]]]]++;
}

/* What comes past the last group goes on from the first. */
static void go_round(const group_layout *g, uint32_t begin, uint32_t end, rng *random,
                     rare_counts *counts)
{
    const uint32_t slots = (uint32_t)rng_below(random, end - begin);
    const uint32_t first = g->rare_start[begin], last = g->rare_start[end];
    const uint32_t over = g->rare_start[end - slots];
    const uint32_t on = g->start[begin + slots] - g->start[begin];
    const uint32_t whole = g->start[end] - g->start[begin];
    count_moved(g->rare + first, over - first, on, g->bin, counts);
    count_moved(g->rare + over, last - over, on - whole, g->bin, counts);
}

/* The table after each group has got the outcomes of another of its size. */
static void move_outcomes(const group_layout *g, rng *random, outcome_bin *moved)
{
    rare_counts counts = {0};
    for (uint32_t begin = 0, end; begin < g->group_count; begin = end) {
        end = end_of_size(g, begin);
        if (goes_round(begin, end))
            go_round(g, begin, end, random, &counts);
        else
            deal_anew(g, begin, end, random, &counts);
    }
    for (size_t b = 0; b < g->bin_count; b++) {
        uint64_t rare = 0;
        for (size_t lane = 0; lane < LANES; lane++)
            rare += counts.lane[lane][b];
        moved[b].count = g->table[b].count;
        moved[b].correct = g->rarer ? rare : g->table[b].count - rare;
    }
}

double g_test_group_permuted_p(const grouped_outcomes *o, size_t replicates, rng *random,
                               uint32_t *scratch)
{
    group_layout g;
    share_scratch(&g, o, scratch);
    count_table(&g, o);
    give_slots(&g, o);
    if (!some_share_a_size(&g))
        return (double)NAN;
    order_rounds(&g, random);
    lay_groups(&g, o);
    const double observed = information_of_bins(g.table, g.bin_count).plug_in;
    outcome_bin moved[PERMUTED_BINS_MOST];
    size_t as_much = 0;
    for (size_t i = 0; i < replicates; i++) {
        move_outcomes(&g, random, moved);
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
    while (w->first < i && !is_within(x[i] - x[w->first], reach))
        w->first++;
    if (w->past_last <= i)
        w->past_last = i + 1;
    while (w->past_last < n && is_within(x[w->past_last] - x[i], reach))
        w->past_last++;
    while (w->past_last > i + 1 && !is_within(x[w->past_last - 1] - x[i], reach))
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
