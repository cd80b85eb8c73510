/* One temperature for all logits: fitted by Newton's method on 1/T, in which the log loss is
 * convex. */
#include "eval/temperature.h"

#include "base/rng.h"
#include "base/threads.h"
#include "eval/calibration_bins.h"

#include <math.h>
#include <string.h>

enum { CHUNK_VALUES = 1 << 14, COARSE = 16, STEPS_MOST = 200 };
#define TEMPERATURE_LOW 0.05
#define TEMPERATURE_HIGH 20.0

/* So that the halves have nothing to do with other uses of the seed. */
#define HALVES_SALT 0x7E3A9C51D2B64F08u

/* One half of the samples, thinned. */
typedef struct half {
    const samples *s;
    uint32_t *row;
    uint16_t *label, *prediction;
    size_t count;
} half;

/* First and second derivative of the log loss by 1/T, over one chunk or all. */
typedef struct slope {
    double first, second;
} slope;

typedef struct fitting {
    const half *h;
    double *log_p; /* count rows: ln max(p, ε) less the row's largest */
    size_t chunk_samples, chunk_count;
    size_t every; /* only chunks 0, every, 2 every, … are looked at */
    double beta;  /* 1/T */
    slope *chunk;
    cancellation *stop;
} fitting;

/* What each sample of the other half says, before and after. NaN: no valid probabilities. */
typedef struct trying {
    const half *h;
    double beta;
    size_t chunk_samples;
    cancellation *stop;
    double *room; /* a chunk of probabilities for each worker */
    double *confidence_before, *confidence_after, *loss_before, *loss_after;
} trying;

static double epsilon_of(const half *h)
{
    return matrix_type_epsilon(h->s->frame->probability->values.type);
}

static size_t columns_of(const half *h)
{
    return h->s->frame->probability->values.column_count;
}

static bool is_in_fit(const samples *s, uint32_t i, uint64_t seed)
{
    return rng_mix(rng_mix(seed ^ HALVES_SALT) + samples_row(s, i)) >> 63;
}

static void half_clear(half *h)
{
    mem_free(h->row);
    mem_free(h->label);
    mem_free(h->prediction);
    *h = (half){0};
}
ASSAY_AUTO_CLEAR_DECLARE(half)

/*
 * Where a half would have more than `most` samples, one of every few is looked at: a random one of
 * them, because files come sorted by class, and dealt out in turns.
 */
static assay_code fill_half(half *h, const uint32_t *kept, size_t kept_count, bool fit,
                            uint64_t seed, assay_err *err)
{
    const size_t columns = h->s->frame->probability->values.column_count;
    const size_t by_values = TEMPERATURE_VALUES_MOST / columns;
    const size_t most = by_values > TEMPERATURE_SAMPLES_MOST ? by_values : TEMPERATURE_SAMPLES_MOST;
    const size_t every = kept_count / 2 / most + 1;
    const size_t room = kept_count / every + 1;
    h->row = mem_alloc(room, sizeof *h->row);
    h->label = mem_alloc(room, sizeof *h->label);
    h->prediction = mem_alloc(room, sizeof *h->prediction);
    if (!h->row || !h->label || !h->prediction)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for half of %zu samples", kept_count);
    for (size_t j = 0; j < kept_count; j += every) {
        const size_t at = every > 1 ? j + rng_mix(rng_mix(seed + HALVES_SALT) + j) % every : j;
        if (at >= kept_count || is_in_fit(h->s, kept[at], seed) != fit)
            continue;
        h->row[h->count] = (uint32_t)samples_row(h->s, kept[at]);
        h->label[h->count] = h->s->label[kept[at]];
        h->prediction[h->count++] = h->s->prediction[kept[at]];
    }
    return ASSAY_OK;
}

static size_t chunk_samples_of(size_t columns)
{
    return CHUNK_VALUES / columns ? CHUNK_VALUES / columns : 1;
}

static size_t chunk_end(size_t begin, size_t chunk_samples, size_t count)
{
    return count - begin < chunk_samples ? count : begin + chunk_samples;
}

/* Turns probabilities into ln max(p, ε) less the row's largest, in place. */
static void take_logs(double *p, size_t columns, double epsilon)
{
    double largest = epsilon;
    for (size_t k = 0; k < columns; k++)
        largest = p[k] > largest ? p[k] : largest;
    const double log_largest = log(largest);
    for (size_t k = 0; k < columns; k++)
        p[k] = log(p[k] > epsilon ? p[k] : epsilon) - log_largest;
}

static int fill_log_chunk(void *context, size_t number, int worker)
{
    (void)worker;
    const fitting *f = context;
    if (cancellation_asked(f->stop))
        return 1;
    const size_t columns = columns_of(f->h), begin = number * f->chunk_samples;
    const size_t end = chunk_end(begin, f->chunk_samples, f->h->count);
    double *at = f->log_p + begin * columns;
    probabilities_gather(f->h->s->frame->probability, f->h->row + begin, 0, end - begin, at);
    for (size_t i = begin; i < end; i++, at += columns) {
        /* A row without valid probabilities becomes zeroes, which pull T nowhere. */
        if (isnan(at[0]))
            memset(at, 0, columns * sizeof *at);
        else
            take_logs(at, columns, epsilon_of(f->h));
    }
    return 0;
}

static slope slope_of_row(const double *log_p, size_t columns, size_t label, double beta)
{
    double sum = 0.0, first = 0.0, second = 0.0;
    for (size_t k = 0; k < columns; k++) {
        const double weight = exp(beta * log_p[k]);
        const double weighted = weight * log_p[k];
        sum += weight;
        first += weighted;
        second += weighted * log_p[k];
    }
    const double mean = first / sum;
    return (slope){mean - log_p[label], fmax(0.0, second / sum - mean * mean)};
}

static int slope_chunk(void *context, size_t number, int worker)
{
    (void)worker;
    const fitting *f = context;
    if (cancellation_asked(f->stop))
        return 1;
    const size_t columns = columns_of(f->h), begin = number * f->every * f->chunk_samples;
    const size_t end = chunk_end(begin, f->chunk_samples, f->h->count);
    slope sum = {0};
    for (size_t i = begin; i < end; i++) {
        const slope one = slope_of_row(f->log_p + i * columns, columns, f->h->label[i], f->beta);
        sum.first += one.first;
        sum.second += one.second;
    }
    f->chunk[number] = sum;
    return 0;
}

static slope slope_at(fitting *f, double beta, int thread_count)
{
    const size_t chunks = (f->chunk_count + f->every - 1) / f->every;
    f->beta = beta;
    (void)threads_run(chunks, thread_count, slope_chunk, f);
    slope sum = {0};
    for (size_t i = 0; i < chunks; i++) {
        sum.first += f->chunk[i].first;
        sum.second += f->chunk[i].second;
    }
    return sum;
}

/* Where the root lies; an end that was not looked at may itself be the answer. */
typedef struct bracket {
    double low, high;
    bool low_seen, high_seen;
} bracket;

/* Newton's next step, or one that stays in the bracket. NaN is outside. */
static double next_beta(const bracket *b, double newton)
{
    if (newton > b->low && newton < b->high)
        return newton;
    if (newton >= b->high && !b->high_seen)
        return b->high;
    if (newton <= b->low && !b->low_seen)
        return b->low;
    return sqrt(b->low * b->high);
}

/*
 * The root of the rising first derivative, or the end beyond which it lies. Newton's error is
 * squared by each step: the one after a change of 1e-7 would no longer be seen.
 */
static double find_beta(fitting *f, double start, int thread_count)
{
    bracket b = {.low = 1.0 / TEMPERATURE_HIGH, .high = 1.0 / TEMPERATURE_LOW};
    double beta = start, change = 1.0;
    for (int step = 0; step < STEPS_MOST && change > 1e-7 * beta; step++) {
        const slope at = slope_at(f, beta, thread_count);
        if (cancellation_asked(f->stop))
            break;
        if (at.first < 0.0) {
            b.low = beta;
            b.low_seen = true;
        } else {
            b.high = beta;
            b.high_seen = true;
        }
        if (at.first == 0.0 || b.high <= b.low)
            break;
        const double next = next_beta(&b, beta - at.first / at.second);
        change = fabs(next - beta);
        beta = next;
    }
    return beta;
}

static assay_code fit(const half *h, const evaluation_options *options, double *beta,
                      assay_err *err)
{
    const int thread_count = options->thread_count;
    const size_t columns = columns_of(h);
    fitting f = {
        .h = h, .chunk_samples = chunk_samples_of(columns), .every = COARSE, .stop = options->stop};
    f.chunk_count = (h->count + f.chunk_samples - 1) / f.chunk_samples;
    ASSAY_AUTO_MEM double *log_p = mem_alloc(h->count * columns, sizeof *log_p);
    ASSAY_AUTO_MEM slope *chunk = mem_alloc(f.chunk_count, sizeof *chunk);
    if (!log_p || !chunk)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu rows of logits", h->count);
    f.log_p = log_p;
    f.chunk = chunk;
    (void)threads_run(f.chunk_count, thread_count, fill_log_chunk, &f);
    ASSAY_TRY(cancellation_check(options->stop, err));
    /* A few of the chunks find where to start, which saves most of the passes over all. */
    const double start = f.chunk_count / COARSE >= 4 ? find_beta(&f, 1.0, thread_count) : 1.0;
    f.every = 1;
    *beta = find_beta(&f, start, thread_count);
    return cancellation_check(options->stop, err);
}

/* Spoils `p`. */
static void try_row(const trying *t, double *p, size_t i)
{
    const size_t columns = columns_of(t->h);
    const size_t label = t->h->label[i], prediction = t->h->prediction[i];
    const bool valid = !isnan(p[0]);
    const double own = p[label], said = p[prediction], epsilon = epsilon_of(t->h);
    t->confidence_before[i] = valid ? fmin(1.0, fmax(0.0, said)) : (double)NAN;
    t->loss_before[i] = valid ? -log(fmin(1.0, fmax(own, epsilon))) : (double)NAN;
    t->confidence_after[i] = t->loss_after[i] = (double)NAN;
    if (!valid)
        return;
    take_logs(p, columns, epsilon);
    double sum = 0.0;
    for (size_t k = 0; k < columns; k++)
        sum += exp(t->beta * p[k]);
    t->confidence_after[i] = fmin(1.0, exp(t->beta * p[prediction]) / sum);
    t->loss_after[i] = log(sum) - t->beta * p[label];
}

static int try_chunk(void *context, size_t number, int worker)
{
    const trying *t = context;
    if (cancellation_asked(t->stop))
        return 1;
    const size_t columns = columns_of(t->h), begin = number * t->chunk_samples;
    const size_t end = chunk_end(begin, t->chunk_samples, t->h->count);
    double *room = t->room + (size_t)worker * t->chunk_samples * columns;
    probabilities_gather(t->h->s->frame->probability, t->h->row + begin, 0, end - begin, room);
    for (size_t i = begin; i < end; i++)
        try_row(t, room + (i - begin) * columns, i);
    return 0;
}

static double mean_of_valid(const double *x, size_t n)
{
    double sum = 0.0, count = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += isnan(x[i]) ? 0.0 : x[i];
        count += isnan(x[i]) ? 0.0 : 1.0;
    }
    return sum / count;
}

static double ece_of(const half *h, const double *confidence)
{
    double gap[CALIBRATION_BINS] = {0}, valid = 0.0, sum = 0.0;
    for (size_t i = 0; i < h->count; i++) {
        if (isnan(confidence[i]))
            continue;
        gap[calibration_bin(confidence[i])] += (h->label[i] == h->prediction[i]) - confidence[i];
        valid += 1.0;
    }
    for (size_t b = 0; b < CALIBRATION_BINS; b++)
        sum += fabs(gap[b]);
    return sum / valid;
}

static assay_code try_out(temperature_scaling *out, const half *h, double beta,
                          const evaluation_options *options, assay_err *err)
{
    const int thread_count = options->thread_count;
    const size_t columns = columns_of(h);
    trying t = {
        .h = h, .beta = beta, .chunk_samples = chunk_samples_of(columns), .stop = options->stop};
    const size_t chunks = (h->count + t.chunk_samples - 1) / t.chunk_samples;
    ASSAY_AUTO_MEM double *terms = mem_alloc(h->count, 4 * sizeof *terms);
    ASSAY_AUTO_MEM double *room =
        mem_alloc((size_t)thread_count * t.chunk_samples * columns, sizeof *room);
    if (!terms || !room)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu confidences", h->count);
    t.room = room;
    t.confidence_before = terms;
    t.confidence_after = terms + h->count;
    t.loss_before = terms + 2 * h->count;
    t.loss_after = terms + 3 * h->count;
    (void)threads_run(chunks, thread_count, try_chunk, &t);
    ASSAY_TRY(cancellation_check(options->stop, err));
    out->temperature = 1.0 / beta;
    out->ece_before = ece_of(h, t.confidence_before);
    out->ece_after = ece_of(h, t.confidence_after);
    out->log_loss_before = mean_of_valid(t.loss_before, h->count);
    out->log_loss_after = mean_of_valid(t.loss_after, h->count);
    return ASSAY_OK;
}

assay_code temperature_init(temperature_scaling *out, const samples *s, const uint32_t *kept,
                            size_t count, const evaluation_options *options, assay_err *err)
{
    const double none = (double)NAN;
    *out = (temperature_scaling){none, none, none, none, none};
    if (!s->frame->probability || count < TEMPERATURE_SAMPLES_LEAST)
        return ASSAY_OK;
    ASSAY_AUTO_CLEAR(half) first = {.s = s};
    ASSAY_AUTO_CLEAR(half) second = {.s = s};
    ASSAY_TRY(fill_half(&first, kept, count, true, options->seed, err));
    ASSAY_TRY(fill_half(&second, kept, count, false, options->seed, err));
    if (!first.count || !second.count)
        return ASSAY_OK;
    double beta = 1.0;
    ASSAY_TRY(fit(&first, options, &beta, err));
    return try_out(out, &second, beta, options, err);
}
