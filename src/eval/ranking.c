/* Ranking of each class against the rest. A column of probabilities is sorted once, together with
 * the sample's number and whether it belongs to the class; everything else walks that order.
 * Refuses to know where the probabilities come from. */
#include "eval/ranking.h"

#include "base/threads.h"
#include "eval/thinning.h"
#include "stats/interval.h"
#include "stats/sort.h"
#include "stats/special.h"

#include <assert.h>
#include <string.h>

enum {
    TILE_ROWS = 1024,  /* a tile of all columns of a block stays in L2 */
    BLOCK_MOST = 16,   /* float32 columns in one cache line */
    NEIGHBOURS = 4096, /* samples whose influences stay in L2 while they are summed */
    FEW = 10
};

/* Keys of one block a worker; beyond this, blocks get narrower. */
#define BLOCK_BYTES_MOST ((size_t)64 << 20)

/* A pair is key << 32 | POSITIVE or 0 | sample. */
#define POSITIVE 0x80000000U

__extension__ typedef unsigned __int128 wide;

/* What a sample adds to a class's score, in steps of job.step: whole numbers, so that the sums over
 * classes are exact in any order. Over all classes and samples they stay below 2^62. */
typedef struct influence {
    int64_t auroc, precision;
} influence;

/* What the positives of one threshold share. */
typedef struct placement {
    double twice_below; /* negatives below, ties half */
    double loss; /* sum of precision/M over the positives up to here, M = samples at or above one */
    double
        merit; /* precision here, and the sum of (1 - precision)/M over the positives up to here */
} placement;

/* What one worker needs. */
typedef struct lane {
    void *keys;    /* block × n order-preserving keys, 32 or 64 bits each */
    void *scratch; /* n words */
    void *tile;
    uint64_t *pairs;
    placement *table; /* the largest class's size + 1 */
    uint32_t *cursor; /* a neighbourhood */
    influence *macro; /* a slot: summed over the shown classes of this worker */
    influence *own;   /* a slot: of one class; only with groups */
} lane;

typedef struct job {
    const samples *s;
    const evaluation_options *options;
    size_t curve_points;
    ranking *out;
    const uint64_t *support;
    double *bias; /* a class: its tally's precision_bias */
    lane *lanes;
    uint64_t largest; /* class's support */
    size_t block;
    size_t slots; /* groups, or samples where there are none */
    bool narrow;  /* keys have 32 bits */
    double step;
    double z;
} job;

/* The samples in ascending order of one class's probability. */
typedef struct ordered {
    const uint64_t *pair;
    const uint64_t *key; /* sorted 64-bit keys; NULL where the pair's own upper half is the key */
    size_t n;
    uint64_t positives, negatives;
} ordered;

/* What one walk over the order finds. */
typedef struct tally {
    uint64_t twice_wins; /* pairs of a positive above a negative, twice; ties once */
    wide positive_squares, negative_squares; /* of each sample's own share of twice_wins */
    double precision_sum;                    /* over the positives */
    size_t distinct;
    double auroc, average_precision;
    /* How far AP lies above that of endless samples, to first order: each positive counts itself
     * among those at or above it. */
    double precision_bias;
} tally;

/* A tile's rows [row, ...) of one column, as keys of the samples [begin, end) that lie in it. */
static void take_keys_f32(const samples *s, size_t begin, size_t end, const float *restrict value,
                          uint32_t *restrict key)
{
    const size_t row = samples_row(s, begin);
    for (size_t i = begin; i < end; i++)
        key[i] = sort_key_f32(value[samples_row(s, i) - row]);
}

static void take_keys_f64(const samples *s, size_t begin, size_t end, const double *restrict value,
                          uint64_t *restrict key)
{
    const size_t row = samples_row(s, begin);
    for (size_t i = begin; i < end; i++)
        key[i] = sort_key_f64(value[samples_row(s, i) - row]);
}

/* The end of the samples whose rows lie within a tile of that of sample `begin`. */
static size_t end_of_tile(const samples *s, size_t begin)
{
    const size_t beyond = samples_row(s, begin) + TILE_ROWS;
    if (!s->row)
        return beyond < s->count ? beyond : s->count;
    size_t end = begin + 1;
    while (end < s->count && s->row[end] < beyond)
        end++;
    return end;
}

/* The keys of columns [column, column + count) of all samples. */
static void read_block(const job *j, const lane *at, size_t column, size_t count)
{
    const samples *s = j->s;
    const probabilities *p = s->frame->probability;
    for (size_t begin = 0, end; begin < s->count; begin = end) {
        end = end_of_tile(s, begin);
        const size_t row = samples_row(s, begin), rows = samples_row(s, end - 1) - row + 1;
        if (j->narrow)
            probabilities_columns_f32(p, row, rows, column, count, at->tile);
        else
            probabilities_columns_f64(p, row, rows, column, count, at->tile);
        for (size_t c = 0; c < count; c++) {
            if (j->narrow)
                take_keys_f32(s, begin, end, (const float *)at->tile + c * rows,
                              (uint32_t *)at->keys + c * s->count);
            else
                take_keys_f64(s, begin, end, (const double *)at->tile + c * rows,
                              (uint64_t *)at->keys + c * s->count);
        }
    }
}

static uint32_t flagged(const samples *s, size_t i, size_t k)
{
    return (uint32_t)i | (s->label[i] == k ? POSITIVE : 0);
}

static void sort_narrow(const job *j, const lane *at, const uint32_t *restrict key, size_t k)
{
    const size_t n = j->s->count;
    for (size_t i = 0; i < n; i++)
        at->pairs[i] = (uint64_t)key[i] << 32 | flagged(j->s, i, k);
    sort_pairs_f32(at->pairs, at->scratch, n);
}

/* 64-bit keys are sorted apart; the pairs get the number of the distinct key in its place. */
static void sort_wide(const job *j, const lane *at, uint64_t *restrict key, size_t k)
{
    const size_t n = j->s->count;
    uint32_t *const index = at->scratch;
    for (size_t i = 0; i < n; i++)
        index[i] = flagged(j->s, i, k);
    sort_keys_f64(key, index, at->pairs, index + n, n);
    uint64_t number = 0;
    for (size_t i = 0; i < n; i++) {
        number += i > 0 && key[i] != key[i - 1];
        at->pairs[i] = number << 32 | index[i];
    }
}

/* Column `c` of the lane's block, which is class `k`. */
static ordered sort_column(const job *j, const lane *at, size_t c, size_t k)
{
    const size_t n = j->s->count;
    ordered o = {
        .pair = at->pairs, .n = n, .positives = j->support[k], .negatives = n - j->support[k]};
    if (j->narrow) {
        sort_narrow(j, at, (const uint32_t *)at->keys + c * n, k);
    } else {
        uint64_t *const key = (uint64_t *)at->keys + c * n;
        sort_wide(j, at, key, k);
        o.key = key;
    }
    return o;
}

static double threshold_at(const ordered *o, size_t i)
{
    return o->key ? sort_unkey_f64(o->key[i])
                  : (double)sort_unkey_f32((uint32_t)(o->pair[i] >> 32));
}

/* The end of the ties that begin at `begin`, and how many of them are positive. */
static inline size_t end_of_ties(const ordered *o, size_t begin, uint64_t *positives)
{
    const uint64_t key = o->pair[begin] >> 32;
    uint64_t found = 0;
    size_t i = begin;
    do
        found += o->pair[i++] >> 31 & 1;
    while (i < o->n && o->pair[i] >> 32 == key);
    *positives = found;
    return i;
}

/* count · x², where x is below 2^32. */
static inline wide squares(uint64_t count, uint64_t x)
{
    const uint64_t square = x * x;
    return (wide)count * square;
}

/* What the samples of one threshold share goes to the table, one entry a positive. */
static void note_placement(placement *table, uint64_t end, uint64_t positives, placement x)
{
    for (uint64_t r = end - positives; r < end; r++)
        table[r] = x;
}

/* One walk up the thresholds. It leaves a record a sample in the lane's scratch: twice the number
 * of positives above it (ties once) over flag and sample, dealt to neighbourhoods of samples so
 * that add_influences() later stays inside the cache; half of that number, rounded down, finds the
 * sample's entry in the lane's table. */
static tally walk(const ordered *o, const lane *at)
{
    tally t = {0};
    uint64_t *const records = at->scratch;
    double gain = 0, loss = 0; /* sums over the positives so far of 1/M and precision/M */
    uint64_t left = o->positives, below = 0, positives;
    at->table[left] = (placement){0};
    for (size_t i = 0; i < o->n; i += NEIGHBOURS)
        at->cursor[i / NEIGHBOURS] = (uint32_t)i;
    for (size_t begin = 0, end; begin < o->n; begin = end) {
        end = end_of_ties(o, begin, &positives);
        const uint64_t negatives = end - begin - positives;
        const uint64_t twice_below = 2 * below + negatives, twice_above = 2 * left - positives;
        t.negative_squares += squares(negatives, twice_above);
        t.distinct++;
        if (positives) {
            const double tied = (double)positives, at_least = (double)(o->n - begin);
            const double precision = (double)left / at_least;
            t.twice_wins += positives * twice_below;
            t.positive_squares += squares(positives, twice_below);
            t.precision_sum += tied * precision;
            gain += tied / at_least;
            loss += tied * precision / at_least;
            note_placement(at->table, left, positives,
                           (placement){(double)twice_below, loss, precision + gain - loss});
        }
        for (size_t i = begin; i < end; i++) {
            const uint32_t sample = (uint32_t)o->pair[i];
            records[at->cursor[(sample & ~POSITIVE) / NEIGHBOURS]++] = twice_above << 32 | sample;
        }
        left -= positives;
        below += negatives;
    }
    t.average_precision = t.precision_sum / (double)o->positives;
    t.precision_bias = (gain - loss) / (double)o->positives;
    t.auroc = (double)t.twice_wins / (2.0 * (double)o->positives * (double)o->negatives);
    return t;
}

/* Variance of the mean of `n` placements in [0, 1], given as whole numbers of 1/(2·others). */
static double variance_of_mean(wide squares, uint64_t sum, uint64_t n, uint64_t others)
{
    const wide spread = n * squares - (wide)sum * sum;
    const double count = (double)n, unit = 0.5 / (double)others;
    return (double)spread * unit * unit / (count * count * (count - 1));
}

static double delong_se(const ordered *o, const tally *t)
{
    return sqrt(variance_of_mean(t->positive_squares, t->twice_wins, o->positives, o->negatives) +
                variance_of_mean(t->negative_squares, t->twice_wins, o->negatives, o->positives));
}

static inline int64_t whole(double x)
{
    return (int64_t)llrint(x);
}

/* Adds each sample's influence on AUROC and AP to its slot, from what walk() left. */
static void add_influences(const job *j, const lane *at, const ordered *o, const tally *t,
                           influence *restrict to)
{
    const uint64_t *restrict records = at->scratch;
    const placement *restrict table = at->table;
    const uint32_t *restrict group = j->s->groups.group;
    const double p = (double)o->positives, n = (double)o->negatives;
    const double p_scale = 1 / (j->step * p), n_scale = 1 / (j->step * n);
    const double half_pair = 1 / (2 * j->step * p * n); /* both kinds: a tie is half a pair won */
    for (size_t i = 0; i < o->n; i++) {
        const uint64_t twice_above = records[i] >> 32;
        const uint32_t sample = (uint32_t)records[i] & ~POSITIVE;
        const placement *entry = &table[twice_above / 2];
        influence *slot = &to[group ? group[sample] : sample];
        if (!group && i + NEIGHBOURS < o->n)
            __builtin_prefetch(&to[i + NEIGHBOURS], 1); /* the next neighbourhood, in passing */
        if ((uint32_t)records[i] & POSITIVE) {
            slot->auroc += whole(half_pair * entry->twice_below - p_scale * t->auroc);
            slot->precision += whole(p_scale * (entry->merit - t->average_precision));
        } else {
            slot->auroc += whole(half_pair * (double)twice_above - n_scale * t->auroc);
            slot->precision += whole(-p_scale * entry->loss);
        }
    }
}

typedef struct standard_errors {
    double auroc, precision;
} standard_errors;

/* From the sums in the slots; `share`: 1 for a class, 1/classes for a mean. `psi` has room for the
 * slots. */
static double se_of_slots(const job *j, double *psi, double share)
{
    const double se = cluster_se(psi, j->slots, (clustering){0}, NULL) * share * j->step;
    const double groups = (double)j->slots;
    if (!j->s->groups.group)
        return se;
    return groups < 2 ? (double)NAN : se * sqrt(groups / (groups - 1));
}

static standard_errors errors_of(const job *j, const influence *sum, double *psi,
                                 double auroc_share, double precision_share)
{
    standard_errors se;
    for (size_t i = 0; i < j->slots; i++)
        psi[i] = (double)sum[i].auroc;
    se.auroc = se_of_slots(j, psi, auroc_share);
    for (size_t i = 0; i < j->slots; i++)
        psi[i] = (double)sum[i].precision;
    se.precision = se_of_slots(j, psi, precision_share);
    return se;
}

static score with_interval(double value, interval i, const char *method, bool few)
{
    return (score){.value = value,
                   .low = i.low,
                   .high = i.high,
                   .method = isnan(i.low) ? "none" : method,
                   .few = few};
}

/* Nothing went wrong in `n` tries: the far bound is where that still has probability alpha/2. */
static score exactly_at_the_edge(const job *j, double value, uint64_t n, bool few)
{
    const double far = pow((1 - j->options->confidence_level) / 2, 1 / (double)n);
    const interval i = value > 0.5 ? (interval){far, 1} : (interval){0, 1 - far};
    return with_interval(value, i, "exact-bound", few);
}

static bool at_the_edge(double value)
{
    return value <= 0 || value >= 1;
}

/* How many independent samples the positives (negatives) of a class are: groups, where there are
 * any. `mark` has the slots. */
static uint64_t count_independent(const job *j, size_t k, bool positive, influence *mark)
{
    const samples *s = j->s;
    if (!s->groups.group)
        return positive ? j->support[k] : s->count - j->support[k];
    uint64_t count = 0;
    memset(mark, 0, j->slots * sizeof *mark);
    for (size_t i = 0; i < s->count; i++) {
        influence *slot = &mark[s->groups.group[i]];
        if ((s->label[i] == k) != positive || slot->auroc)
            continue;
        slot->auroc = 1;
        count++;
    }
    return count;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static score auroc_of(const job *j, const lane *at, size_t k, const ordered *o, const tally *t,
                      const standard_errors *grouped)
{
    const uint64_t smallest = least(o->positives, o->negatives);
    if (smallest == 0)
        return score_none();
    if (smallest < 2)
        return with_interval(t->auroc, (interval){(double)NAN, (double)NAN}, "none", true);
    if (at_the_edge(t->auroc)) {
        const uint64_t n =
            least(count_independent(j, k, true, at->own), count_independent(j, k, false, at->own));
        return exactly_at_the_edge(j, t->auroc, n, smallest < FEW);
    }
    const double se = grouped ? grouped->auroc : delong_se(o, t);
    return with_interval(t->auroc, interval_logit(t->auroc, se, j->z),
                         grouped ? "cluster-logit" : "delong-logit", smallest < FEW);
}

static score average_precision_of(const job *j, const lane *at, size_t k, const ordered *o,
                                  const tally *t, const standard_errors *grouped)
{
    const double value = t->average_precision;
    const bool few = o->positives < FEW;
    if (at_the_edge(value))
        return exactly_at_the_edge(j, value, count_independent(j, k, true, at->own), few);
    if (grouped)
        return with_interval(value, interval_logit(value, grouped->precision, j->z),
                             "cluster-logit", few);
    const double se_logit = 1 / sqrt((double)o->positives * value * (1 - value));
    return with_interval(value, interval_logit_scale(value, se_logit, j->z), "logit", few);
}

static bool curve_alloc(curve *c, size_t full, size_t most)
{
    c->point = mem_alloc(full < most ? full : most, sizeof *c->point);
    return c->point;
}

static void curve_put(curve *c, double x, double y, double threshold)
{
    c->point[c->count++] = (curve_point){x, y, threshold};
}

/* Both curves from the highest threshold to the lowest; the ROC only where there are negatives. */
static int draw_curves(const job *j, const ordered *o, size_t distinct, class_ranking *out)
{
    const size_t most = j->curve_points;
    const double p = (double)o->positives, n = (double)o->negatives;
    thinning roc = thinning_by_shares(distinct + 1, most, o->positives, o->negatives);
    thinning pr = thinning_by_factor(distinct, most, o->positives, o->n);
    if (!curve_alloc(&out->pr, distinct, most))
        return 1;
    if (o->negatives) {
        if (!curve_alloc(&out->roc, distinct + 1, most))
            return 1;
        thinning_keeps(&roc, 0, 0, false);
        curve_put(&out->roc, 0, 0, (double)INFINITY);
    }
    uint64_t found = 0;
    for (size_t i = o->n; i-- > 0;) {
        found += o->pair[i] >> 31 & 1;
        if (i > 0 && o->pair[i] >> 32 == o->pair[i - 1] >> 32)
            continue;
        const uint64_t at_least = o->n - i, wrong = at_least - found;
        if (thinning_keeps(&pr, found, at_least, i == 0))
            curve_put(&out->pr, (double)found / p, (double)found / (double)at_least,
                      threshold_at(o, i));
        if (o->negatives && thinning_keeps(&roc, found, wrong, i == 0))
            curve_put(&out->roc, (double)wrong / n, (double)found / p, threshold_at(o, i));
    }
    return 0;
}

static bool is_shown(const job *j, size_t k)
{
    return !j->options->shown || j->options->shown[k];
}

/* With groups a class has sums of its own, which then go into those over the classes. */
static standard_errors grouped_errors(const job *j, const lane *at, size_t k, const ordered *o,
                                      const tally *t)
{
    memset(at->own, 0, j->slots * sizeof *at->own);
    add_influences(j, at, o, t, at->own);
    for (size_t i = 0; is_shown(j, k) && i < j->slots; i++) {
        at->macro[i].auroc += at->own[i].auroc;
        at->macro[i].precision += at->own[i].precision;
    }
    standard_errors se = errors_of(j, at->own, at->scratch, 1, 1);
    se.precision = hypot(se.precision, t->precision_bias);
    return se;
}

static int rank_class(const job *j, const lane *at, size_t c, size_t k)
{
    class_ranking *out = &j->out->per_class[k];
    if (j->support[k] == 0)
        return 0;
    const ordered o = sort_column(j, at, c, k);
    const tally t = walk(&o, at);
    j->bias[k] = t.precision_bias;
    const bool grouped = j->s->groups.group;
    standard_errors se = {0};
    if (o.negatives && grouped)
        se = grouped_errors(j, at, k, &o, &t);
    else if (o.negatives && is_shown(j, k))
        add_influences(j, at, &o, &t, at->macro);
    out->auroc = auroc_of(j, at, k, &o, &t, grouped ? &se : NULL);
    out->average_precision = average_precision_of(j, at, k, &o, &t, grouped ? &se : NULL);
    return j->curve_points ? draw_curves(j, &o, t.distinct, out) : 0;
}

static int rank_block(void *context, size_t chunk, int worker)
{
    const job *j = context;
    const lane *at = &j->lanes[worker];
    const size_t first = chunk * j->block;
    const size_t left = j->out->class_count - first, count = left < j->block ? left : j->block;
    read_block(j, at, first, count);
    for (size_t c = 0; c < count; c++) {
        if (rank_class(j, at, c, first + c))
            return 1;
    }
    return 0;
}

/* The mean of one score over the shown classes that have it. */
typedef struct average {
    double sum;
    uint64_t classes, smallest;
    bool few;
} average;

static void average_add(average *a, const score *s, uint64_t smallest)
{
    if (isnan(s->value))
        return;
    a->sum += s->value;
    a->smallest = a->classes++ ? least(a->smallest, smallest) : smallest;
    a->few |= s->few;
}

static double share_of(const average *a)
{
    return a->classes ? 1 / (double)a->classes : 0;
}

static score score_of_average(const job *j, const average *a, double se)
{
    if (a->classes == 0)
        return score_none();
    const double value = a->sum / (double)a->classes;
    const bool grouped = j->s->groups.group;
    if (at_the_edge(value))
        return exactly_at_the_edge(j, value, grouped ? least(a->smallest, j->slots) : a->smallest,
                                   a->few);
    return with_interval(value, interval_logit(value, se, j->z),
                         grouped ? "cluster-logit" : "influence-logit", a->few);
}

static void average_classes(const job *j, int lane_count)
{
    average auroc = {0}, precision = {0};
    double bias = 0;
    for (size_t k = 0; k < j->out->class_count; k++) {
        const uint64_t positives = j->support[k], negatives = j->s->count - positives;
        if (!is_shown(j, k))
            continue;
        average_add(&auroc, &j->out->per_class[k].auroc, least(positives, negatives));
        average_add(&precision, &j->out->per_class[k].average_precision, positives);
        bias += j->bias[k];
    }
    influence *const sum = j->lanes[0].macro;
    for (int l = 1; l < lane_count; l++) {
        for (size_t i = 0; i < j->slots; i++) {
            sum[i].auroc += j->lanes[l].macro[i].auroc;
            sum[i].precision += j->lanes[l].macro[i].precision;
        }
    }
    standard_errors se =
        errors_of(j, sum, j->lanes[0].scratch, share_of(&auroc), share_of(&precision));
    /* A mean over many classes has little spread and all of the bias: its interval must hold both.
     */
    se.precision = hypot(se.precision, bias * share_of(&precision));
    j->out->macro_auroc = score_of_average(j, &auroc, se.auroc);
    j->out->macro_average_precision = score_of_average(j, &precision, se.precision);
}

static bool lane_init(const job *j, lane *at)
{
    const size_t n = j->s->count, key_bytes = j->narrow ? sizeof(uint32_t) : sizeof(uint64_t);
    at->keys = mem_alloc_large(n * j->block, key_bytes);
    at->tile = mem_alloc(TILE_ROWS * j->block, key_bytes);
    at->pairs = mem_alloc_large(n, sizeof *at->pairs);
    at->scratch = mem_alloc_large(n, sizeof *at->pairs);
    at->table = mem_alloc(j->largest + 1, sizeof *at->table);
    at->cursor = mem_alloc(n / NEIGHBOURS + 1, sizeof *at->cursor);
    at->macro = mem_alloc_large(j->slots, sizeof *at->macro);
    if (at->macro)
        memset(at->macro, 0, j->slots * sizeof *at->macro);
    at->own = j->s->groups.group ? mem_alloc(j->slots, sizeof *at->own) : NULL;
    return at->keys && at->tile && at->pairs && at->scratch && at->table && at->cursor &&
           at->macro && (at->own || !j->s->groups.group);
}

static void lanes_free(lane *lanes, int count)
{
    for (int l = 0; lanes && l < count; l++) {
        mem_free(lanes[l].keys);
        mem_free(lanes[l].tile);
        mem_free(lanes[l].pairs);
        mem_free(lanes[l].scratch);
        mem_free(lanes[l].table);
        mem_free(lanes[l].cursor);
        mem_free(lanes[l].macro);
        mem_free(lanes[l].own);
    }
    mem_free(lanes);
}

/* As wide as the cache line of a row feeds, and so that every thread gets the same number of
 * blocks. */
static size_t block_width(const job *j)
{
    const size_t classes = j->out->class_count, threads = (size_t)j->options->thread_count;
    const size_t column_bytes =
        (j->s->count + 1) * (j->narrow ? sizeof(uint32_t) : sizeof(uint64_t));
    const size_t fit = BLOCK_BYTES_MOST / column_bytes;
    const size_t widest = fit < 1 ? 1 : fit < BLOCK_MOST ? fit : BLOCK_MOST;
    const size_t rounds = (classes + widest * threads - 1) / (widest * threads);
    const size_t blocks = rounds * threads;
    return (classes + blocks - 1) / blocks;
}

/* Sums of up to K influences, each within ±4 over all samples, must stay inside 63 bits. */
static double step_for(size_t class_count)
{
    int bits = 0;
    while ((size_t)1 << bits < class_count)
        bits++;
    return ldexp(1, bits - 60);
}

static bool run(job *j)
{
    const size_t blocks = (j->out->class_count + j->block - 1) / j->block;
    const int threads = j->options->thread_count;
    const int lane_count = blocks < (size_t)threads ? (int)blocks : threads;
    j->lanes = mem_zalloc((size_t)lane_count, sizeof *j->lanes);
    bool fine = j->lanes;
    for (int l = 0; fine && l < lane_count; l++)
        fine = lane_init(j, &j->lanes[l]);
    fine = fine && threads_run(blocks, lane_count, rank_block, j) == 0;
    if (fine)
        average_classes(j, lane_count);
    lanes_free(j->lanes, lane_count);
    return fine;
}

/* Answers that stand until a class is found to have samples. */
static bool ranking_init(ranking *r, uint32_t class_count)
{
    r->class_count = class_count;
    r->macro_auroc = r->macro_average_precision = score_none();
    r->per_class = mem_zalloc(class_count, sizeof *r->per_class);
    for (uint32_t k = 0; r->per_class && k < class_count; k++)
        r->per_class[k].auroc = r->per_class[k].average_precision = score_none();
    return r->per_class;
}

ASSAY_AUTO_DECLARE(ranking)
ASSAY_AUTO_CLEAR_DECLARE(samples)

/* Of samples that all have probabilities. */
static assay_code rank_samples(const samples *s, size_t curve_points,
                               const evaluation_options *options, ranking **out, assay_err *err)
{
    const uint32_t classes = s->frame->classes.count;
    ASSAY_AUTO(ranking) r = mem_zalloc(1, sizeof *r);
    ASSAY_AUTO_MEM uint64_t *support = mem_zalloc(classes, sizeof *support);
    ASSAY_AUTO_MEM double *bias = mem_zalloc(classes, sizeof *bias);
    if (!r || !support || !bias || !ranking_init(r, classes))
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the ranking of %u classes",
                          classes);
    for (size_t i = 0; i < s->count; i++)
        support[s->label[i]]++;
    job j = {.s = s,
             .options = options,
             .curve_points = curve_points,
             .out = r,
             .support = support,
             .bias = bias,
             .slots = s->groups.group ? s->groups.group_count : s->count,
             .narrow = probabilities_exact_f32(s->frame->probability),
             .step = step_for(classes),
             .z = normal_z(options->confidence_level)};
    for (uint32_t k = 0; k < classes; k++)
        j.largest = support[k] > j.largest ? support[k] : j.largest;
    if (s->count > 0) {
        j.block = block_width(&j);
        if (!run(&j))
            return assay_fail(err, ASSAY_E_NOMEM,
                              "out of memory for the ranking of %zu samples and %u classes",
                              s->count, classes);
    }
    *out = ASSAY_GIVE(r);
    return ASSAY_OK;
}

assay_code ranking_new(const samples *s, size_t curve_points, const evaluation_options *options,
                       ranking **out, assay_err *err)
{
    assert(s->frame->probability && curve_points != 1);
    *out = NULL;
    ASSAY_AUTO_CLEAR(samples) valid = {0};
    ASSAY_TRY(samples_with_probabilities(&valid, s, err));
    return rank_samples(&valid, curve_points, options, out, err);
}

void ranking_free(ranking *r)
{
    if (!r)
        return;
    for (uint32_t k = 0; r->per_class && k < r->class_count; k++) {
        mem_free(r->per_class[k].roc.point);
        mem_free(r->per_class[k].pr.point);
    }
    mem_free(r->per_class);
    mem_free(r);
}
