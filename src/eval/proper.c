/* Scores of the whole probability vector: log loss, Brier, top-k, and the measures of a prediction.
 */
#include "eval/proper.h"

#include "base/threads.h"
#include "eval/scores.h"
#include "stats/compensated.h"
#include "stats/interval.h"
#include "stats/special.h"

enum { CHUNK_VALUES = 1 << 15, CHUNK_SAMPLES = 4096, LANES = 4 };

const uint32_t top_k_of[TOP_K_COUNT] = {2, 3, 5};

/* Mean and sum of squared deviations, which merge (Chan, Golub and LeVeque). */
typedef struct moments {
    double n, mean, squares;
} moments;

typedef struct chunk_scores {
    moments loss, brier;
    uint64_t counted, ties, hits[TOP_K_COUNT];
} chunk_scores;

typedef struct scoring {
    const samples *s;
    double epsilon;
    size_t chunk_samples;
    chunk_scores *chunk;
    double *room; /* a chunk of probabilities for each worker */
    size_t room_each;
    proper_terms terms; /* of every sample with groups, else of one chunk for each worker */
    bool keeps_all;
    cancellation *stop;
} scoring;

static double compensated_sum(const double *x, size_t n)
{
    double sum = 0.0, lost = 0.0;
    for (size_t i = 0; i < n; i++)
        compensated_add(&sum, &lost, x[i]);
    return sum + lost;
}

static moments moments_of(const double *x, size_t n)
{
    if (!n)
        return (moments){0};
    const double mean = compensated_sum(x, n) / (double)n;
    double squares = 0.0;
    for (size_t i = 0; i < n; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    return (moments){.n = (double)n, .mean = mean, .squares = squares};
}

static moments merge_moments(moments a, moments b)
{
    if (a.n <= 0.0 || b.n <= 0.0)
        return a.n > 0.0 ? a : b;
    const double n = a.n + b.n, gap = b.mean - a.mean;
    return (moments){.n = n,
                     .mean = a.mean + gap * (b.n / n),
                     .squares = a.squares + b.squares + gap * gap * (a.n * b.n / n)};
}

static double sum_of_squares(const double *p, size_t count)
{
    double lane[LANES] = {0};
    size_t k = 0;
    for (; k + LANES <= count; k += LANES)
        for (size_t j = 0; j < LANES; j++)
            lane[j] += p[k + j] * p[k + j];
    for (; k < count; k++)
        lane[0] += p[k] * p[k];
    return (lane[0] + lane[2]) + (lane[1] + lane[3]);
}

/* How many of p[0..count) are above `of`, and how many equal it. */
static void count_above(const double *p, size_t count, double of, uint64_t *above, uint64_t *equal)
{
    uint64_t more = 0, same = 0;
    for (size_t k = 0; k < count; k++) {
        more += p[k] > of;
        same += p[k] == of;
    }
    *above += more;
    *equal += same;
}

/* The terms of one sample; `p` is spoilt. Whether the true class ties with another. */
static bool score_row(const scoring *g, double *p, size_t label, size_t i, const proper_terms *out)
{
    const size_t count = g->s->frame->classes.count;
    const double own = p[label];
    out->loss[i] = out->brier[i] = (double)NAN;
    out->rank[i] = RANK_NONE;
    if (isnan(own))
        return false;
    uint64_t above = 0, equal_before = 0, equal_after = 0;
    count_above(p, label, own, &above, &equal_before);
    count_above(p + label + 1, count - label - 1, own, &above, &equal_after);
    out->rank[i] = (uint16_t)(above + equal_before);
    out->loss[i] = -log(fmin(1.0, fmax(own, g->epsilon)));
    p[label] = 0.0;
    out->brier[i] = sum_of_squares(p, count) + (1.0 - own) * (1.0 - own);
    return equal_before + equal_after > 0;
}

static void score_probabilities(const scoring *g, size_t begin, size_t count, double *room,
                                const proper_terms *out, chunk_scores *chunk)
{
    const samples *s = g->s;
    const size_t columns = s->frame->classes.count;
    probabilities_gather(s->frame->probability, s->row ? s->row + begin : NULL, begin, count, room);
    for (size_t i = 0; i < count; i++)
        chunk->ties += score_row(g, room + i * columns, s->label[begin + i], i, out);
}

static void score_lists(const samples *s, size_t begin, size_t count, const proper_terms *out)
{
    const top_lists *top = &s->frame->top;
    for (size_t i = 0; i < count; i++) {
        const uint16_t *list = top->code + samples_row(s, begin + i) * top->length;
        uint32_t rank = 0;
        while (rank < top->length && list[rank] != s->label[begin + i])
            rank++;
        out->rank[i] = (uint16_t)(rank < top->length ? rank : RANK_NONE);
    }
}

/* Valid terms move together, so that the sums run over plain arrays. */
static size_t drop_nan(double *restrict out, const double *x, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        out[kept] = x[i];
        kept += isnan(x[i]) ? 0 : 1;
    }
    return kept;
}

/* `room` is free by now and holds a chunk of terms. */
static void fold_terms(const scoring *g, const proper_terms *terms, size_t count, double *room,
                       chunk_scores *chunk)
{
    chunk->counted = count;
    if (g->s->frame->probability) {
        chunk->counted = drop_nan(room, terms->loss, count);
        chunk->loss = moments_of(room, chunk->counted);
        chunk->brier = moments_of(room, drop_nan(room, terms->brier, count));
    }
    for (size_t k = 0; k < TOP_K_COUNT; k++)
        for (size_t i = 0; i < count; i++)
            chunk->hits[k] += terms->rank[i] < top_k_of[k];
}

static int score_chunk(void *context, size_t number, int worker)
{
    scoring *g = context;
    if (cancellation_asked(g->stop))
        return 1;
    const size_t begin = number * g->chunk_samples;
    const size_t left = g->s->count - begin;
    const size_t count = left < g->chunk_samples ? left : g->chunk_samples;
    const size_t at = g->keeps_all ? begin : (size_t)worker * g->chunk_samples;
    double *room = g->room + (size_t)worker * g->room_each;
    const proper_terms terms = {g->terms.loss + at, g->terms.brier + at, g->terms.rank + at};
    if (g->s->frame->probability)
        score_probabilities(g, begin, count, room, &terms, &g->chunk[number]);
    else
        score_lists(g->s, begin, count, &terms);
    fold_terms(g, &terms, count, room, &g->chunk[number]);
    return 0;
}

static chunk_scores merge_chunks(const chunk_scores *chunk, size_t count)
{
    chunk_scores all = {0};
    for (size_t i = 0; i < count; i++) {
        all.loss = merge_moments(all.loss, chunk[i].loss);
        all.brier = merge_moments(all.brier, chunk[i].brier);
        all.counted += chunk[i].counted;
        all.ties += chunk[i].ties;
        for (size_t k = 0; k < TOP_K_COUNT; k++)
            all.hits[k] += chunk[i].hits[k];
    }
    return all;
}

/* No sample's Brier score is above 2. */
#define BRIER_MOST 2.0

static score score_of_mean(const moments *m, double most, double se, const char *method, double z)
{
    score out = score_none();
    if (m->n <= 0.0)
        return out;
    out.value = m->mean;
    out.few = m->n < 10.0;
    if (!isfinite(se))
        return out;
    const interval i = interval_clip(interval_plain(m->mean, se, z), 0.0, most);
    out.low = i.low;
    out.high = i.high;
    out.method = method;
    return out;
}

static score score_of_moments(const moments *m, double most, double z)
{
    const double se = m->n > 1.0 ? sqrt(m->squares / (m->n - 1.0) / m->n) : (double)NAN;
    return score_of_mean(m, most, se, "mean", z);
}

/* Which top-k this input can answer. */
static bool has_top_k(const frame *f, uint32_t k)
{
    return k < f->classes.count && (f->probability || k <= f->top.length_of_all);
}

static void finish_alone(proper_scores *out, const chunk_scores *all, const samples *s,
                         const evaluation_options *options)
{
    const double z = normal_z(options->confidence_level);
    out->log_loss = score_of_moments(&all->loss, HUGE_VAL, z);
    out->brier = score_of_moments(&all->brier, BRIER_MOST, z);
    for (size_t k = 0; k < TOP_K_COUNT; k++)
        if (has_top_k(s->frame, top_k_of[k]))
            out->top_k[k] = score_proportion(all->hits[k], all->counted, 0.0, options);
}

/* Influences of one score, and what they are summed in. */
typedef struct grouping {
    double *psi, *scratch;
} grouping;

static double grouped_se_of_mean(const samples *s, const double *term, const moments *m,
                                 const grouping *g)
{
    for (size_t i = 0; i < s->count; i++)
        g->psi[i] = isnan(term[i]) ? 0.0 : (term[i] - m->mean) / m->n;
    return cluster_se(g->psi, s->count, s->groups, g->scratch);
}

static score grouped_top_k(const scoring *scored, size_t which, const chunk_scores *all,
                           const grouping *g, const evaluation_options *options)
{
    const samples *s = scored->s;
    const double n = (double)all->counted, p = (double)all->hits[which] / n;
    for (size_t i = 0; i < s->count; i++) {
        const bool without = s->frame->probability && isnan(scored->terms.loss[i]);
        g->psi[i] = without ? 0.0 : ((scored->terms.rank[i] < top_k_of[which]) - p) / n;
    }
    const double se = cluster_se(g->psi, s->count, s->groups, g->scratch);
    const double effective_n = cluster_effective_n(p, se, n, s->groups.group_count);
    return score_proportion(all->hits[which], all->counted, effective_n, options);
}

static assay_code finish_grouped(proper_scores *out, const chunk_scores *all, const scoring *scored,
                                 const evaluation_options *options, assay_err *err)
{
    const samples *s = scored->s;
    const double z = normal_z(options->confidence_level);
    ASSAY_AUTO_MEM double *psi = mem_alloc(s->count, sizeof *psi);
    ASSAY_AUTO_MEM double *scratch = mem_alloc(s->groups.group_count, sizeof *scratch);
    if (!psi || !scratch)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu influences", s->count);
    const grouping g = {.psi = psi, .scratch = scratch};
    if (s->frame->probability) {
        const proper_terms *terms = &scored->terms;
        const double loss_se = grouped_se_of_mean(s, terms->loss, &all->loss, &g);
        const double brier_se = grouped_se_of_mean(s, terms->brier, &all->brier, &g);
        out->log_loss = score_of_mean(&all->loss, HUGE_VAL, loss_se, "cluster-mean", z);
        out->brier = score_of_mean(&all->brier, BRIER_MOST, brier_se, "cluster-mean", z);
    }
    for (size_t k = 0; k < TOP_K_COUNT; k++) {
        if (!has_top_k(s->frame, top_k_of[k]) || !all->counted)
            continue;
        out->top_k[k] = grouped_top_k(scored, k, all, &g, options);
    }
    return ASSAY_OK;
}

static proper_scores no_scores(double epsilon)
{
    proper_scores none = {.log_loss = score_none(), .brier = score_none(), .epsilon = epsilon};
    for (size_t k = 0; k < TOP_K_COUNT; k++)
        none.top_k[k] = score_none();
    return none;
}

static size_t samples_a_chunk(size_t class_count)
{
    const size_t fitting = CHUNK_VALUES / (class_count ? class_count : 1);
    return fitting < 1 ? 1 : fitting < CHUNK_SAMPLES ? fitting : CHUNK_SAMPLES;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static assay_code score_all(proper_scores *out, scoring *g, const evaluation_options *options,
                            assay_err *err)
{
    const size_t workers = (size_t)options->thread_count;
    const size_t chunk_count = (g->s->count + g->chunk_samples - 1) / g->chunk_samples;
    ASSAY_AUTO_MEM chunk_scores *chunk = mem_zalloc(chunk_count, sizeof *chunk);
    ASSAY_AUTO_MEM double *room = mem_alloc(workers * g->room_each, sizeof *room);
    if (!chunk || !room)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the losses of %zu samples",
                          g->s->count);
    g->chunk = chunk;
    g->room = room;
    g->stop = options->stop;
    (void)threads_run(chunk_count, options->thread_count, score_chunk, g);
    ASSAY_TRY(cancellation_check(options->stop, err));
    const chunk_scores all = merge_chunks(chunk, chunk_count);
    out->top_k_ties = all.ties;
    if (g->s->groups.group)
        return finish_grouped(out, &all, g, options, err);
    finish_alone(out, &all, g->s, options);
    return ASSAY_OK;
}

static scoring scoring_of(const samples *s, bool keeps_all)
{
    const frame *f = s->frame;
    scoring g = {.s = s, .chunk_samples = samples_a_chunk(f->classes.count)};
    g.epsilon = f->probability ? matrix_type_epsilon(f->probability->values.type) : (double)NAN;
    g.keeps_all = keeps_all;
    g.room_each = larger(f->probability ? g.chunk_samples * f->classes.count : 0, g.chunk_samples);
    return g;
}

static bool says_anything(const frame *f)
{
    return f->probability || f->top.length;
}

assay_code proper_scores_with_terms(proper_scores *out, const proper_terms *terms, const samples *s,
                                    const evaluation_options *options, assay_err *err)
{
    scoring g = scoring_of(s, true);
    g.terms = *terms;
    *out = no_scores(g.epsilon);
    return says_anything(s->frame) ? score_all(out, &g, options, err) : ASSAY_OK;
}

assay_code proper_scores_init(proper_scores *out, const samples *s,
                              const evaluation_options *options, assay_err *err)
{
    scoring g = scoring_of(s, s->groups.group != NULL);
    *out = no_scores(g.epsilon);
    if (!says_anything(s->frame))
        return ASSAY_OK;
    const size_t kept = g.keeps_all ? s->count : (size_t)options->thread_count * g.chunk_samples;
    ASSAY_AUTO_MEM double *loss = mem_alloc(kept, sizeof *loss);
    ASSAY_AUTO_MEM double *brier = mem_alloc(kept, sizeof *brier);
    ASSAY_AUTO_MEM uint16_t *rank = mem_alloc(kept, sizeof *rank);
    if (!loss || !brier || !rank)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the losses of %zu samples",
                          s->count);
    g.terms = (proper_terms){.loss = loss, .brier = brier, .rank = rank};
    return score_all(out, &g, options, err);
}

typedef struct measuring {
    const probabilities *p;
    size_t chunk_rows;
    double *room; /* a chunk of probabilities for each worker */
    double *margin, *entropy;
} measuring;

static void measure_row(const double *p, size_t count, double *margin, double *entropy)
{
    /* Summed in whole numbers of 2^-59 (ln 65534 of them fit), so that the order of the classes
     * does not matter: rows that hold the same probabilities have the same entropy. */
    static const double unit = 0x1p59;
    double first = 0.0, second = 0.0;
    int64_t sum = 0;
    for (size_t k = 0; k < count; k++) {
        const double lesser = p[k] < first ? p[k] : first;
        second = lesser > second ? lesser : second;
        first = p[k] > first ? p[k] : first;
        sum -= p[k] > 0.0 ? llrint(p[k] * log(p[k]) * unit) : 0;
    }
    const bool valid = !isnan(p[0]);
    *margin = valid ? first - second : (double)NAN;
    *entropy = valid ? fmax(0.0, (double)sum / unit) : (double)NAN;
}

static int measure_chunk(void *context, size_t number, int worker)
{
    const measuring *m = context;
    const size_t columns = m->p->values.column_count;
    const size_t begin = number * m->chunk_rows, left = m->p->values.row_count - begin;
    const size_t rows = left < m->chunk_rows ? left : m->chunk_rows;
    double *room = m->room + (size_t)worker * m->chunk_rows * columns;
    probabilities_rows(m->p, begin, rows, room);
    for (size_t r = 0; r < rows; r++) {
        double margin, entropy;
        measure_row(room + r * columns, columns, &margin, &entropy);
        if (m->margin)
            m->margin[begin + r] = margin;
        if (m->entropy)
            m->entropy[begin + r] = entropy;
    }
    return 0;
}

assay_code prediction_measures(const frame *f, int thread_count, double *margin, double *entropy,
                               assay_err *err)
{
    for (size_t i = 0; !f->probability && i < f->row_count; i++)
        margin[i] = entropy[i] = (double)NAN;
    if (!f->probability)
        return ASSAY_OK;
    const size_t columns = f->probability->values.column_count;
    measuring m = {.p = f->probability,
                   .chunk_rows = samples_a_chunk(columns),
                   .margin = margin,
                   .entropy = entropy};
    ASSAY_AUTO_MEM double *room =
        mem_alloc((size_t)thread_count * m.chunk_rows * columns, sizeof *room);
    if (!room)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for rows of %zu classes", columns);
    m.room = room;
    const size_t chunk_count = (f->row_count + m.chunk_rows - 1) / m.chunk_rows;
    (void)threads_run(chunk_count, thread_count, measure_chunk, &m);
    return ASSAY_OK;
}
