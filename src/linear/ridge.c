/* Ridge regression to one-hot labels, cross-fitted. Sums are taken once a fold; a fold's model is
 * solved from the sums of the others. */
#include "linear/ridge.h"
#include "linear/eigen.h"

#include "base/mem.h"
#include "base/rng.h"
#include "base/threads.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { BLOCK_ROWS = 256, STRIP = 64 };
static const double penalty_share = 0.1;

/* What is added up over the samples of a fold. */
typedef struct fold {
    uint32_t *row; /* samples: labelled ones first, then those that are only scored */
    size_t labelled, count;
    double *products; /* D×D */
    double *sums;     /* K×D: rows of each class added up */
    double *classes;  /* K: how many */
} fold;

typedef struct cross_fit {
    const ridge_samples *samples;
    const ridge_options *options;
    size_t n, d, k;
    uint32_t *order; /* rows in use, fold by fold */
    fold folds[RIDGE_FOLDS];
    size_t fold_count;
    uint8_t *in_use; /* K: classes that somebody is labelled with */
    size_t fitted;   /* the fold whose model is there */
    double *gram;    /* D×D, of the training rows, about their mean */
    double *right;   /* K×D, then the model */
    double *mean;    /* D */
    float *model;    /* K×D */
    float *constant; /* K */
    float *workspace;
    size_t workspace_each; /* floats a worker */
    const ridge_answers *answers;
} cross_fit;

static void cross_fit_clear(cross_fit *c)
{
    for (size_t f = 0; f < RIDGE_FOLDS; f++) {
        mem_free(c->folds[f].products);
        mem_free(c->folds[f].sums);
        mem_free(c->folds[f].classes);
    }
    mem_free(c->order);
    mem_free(c->in_use);
    mem_free(c->gram);
    mem_free(c->right);
    mem_free(c->mean);
    mem_free(c->model);
    mem_free(c->constant);
    mem_free(c->workspace);
}
ASSAY_AUTO_CLEAR_DECLARE(cross_fit)

static const float *row_of(const cross_fit *c, size_t row)
{
    return c->samples->rows.at + row * c->samples->rows.stride;
}

static bool in_use(const cross_fit *c, size_t row)
{
    const float *at = row_of(c, row);
    for (size_t i = 0; i < c->d; i++) {
        if (!isfinite(at[i]))
            return false;
    }
    return true;
}

/* ---- folds */

/* The rows of each fold, ascending: of the permuted ones, every fold_count-th. */
static void deal(cross_fit *c, const uint32_t *rows, size_t count, bool labelled, uint32_t *turn)
{
    rng r;
    rng_init(&r, c->options->seed, labelled);
    rng_permutation(&r, turn, count);
    /* turn[i] says whose turn the i-th row is. */
    for (size_t i = 0; i < count; i++) {
        fold *f = &c->folds[turn[i] % c->fold_count];
        assert(f->row);
        f->row[f->count++] = rows[i];
        f->labelled += labelled;
    }
}

static assay_code make_folds(cross_fit *c, assay_err *err)
{
    ASSAY_AUTO_MEM uint32_t *rows = mem_alloc(c->n, sizeof *rows);
    ASSAY_AUTO_MEM uint32_t *turn = mem_alloc(c->n, sizeof *turn);
    c->in_use = mem_zalloc(c->k, 1);
    if (!rows || !turn || !c->in_use)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for folds of %zu samples", c->n);
    size_t labelled = 0, other = 0;
    for (size_t i = 0; i < c->n; i++) {
        const uint16_t label = c->samples->label[i];
        if (!in_use(c, i))
            continue;
        if (label == RIDGE_UNLABELLED) {
            rows[c->n - ++other] = (uint32_t)i;
            continue;
        }
        assert(label < c->k);
        c->in_use[label] = 1;
        rows[labelled++] = (uint32_t)i;
    }
    c->fold_count = labelled < RIDGE_FOLDS ? labelled : RIDGE_FOLDS;
    if (c->fold_count < 2)
        return ASSAY_OK;
    /* No fold holds more than its share of either kind, rounded up. */
    const size_t most = labelled / c->fold_count + other / c->fold_count + 2;
    c->order = mem_alloc(c->fold_count * most, sizeof *c->order);
    if (!c->order)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for folds of %zu samples", c->n);
    for (size_t f = 0; f < c->fold_count; f++)
        c->folds[f].row = c->order + f * most;
    deal(c, rows, labelled, true, turn);
    deal(c, rows + c->n - other, other, false, turn);
    return ASSAY_OK;
}

/* ---- sums */

static size_t gather(const cross_fit *c, const fold *f, size_t from, size_t to, float *block)
{
    size_t count = 0;
    for (size_t i = from; i < to && count < BLOCK_ROWS; i++)
        memcpy(block + count++ * c->d, row_of(c, f->row[i]), c->d * sizeof *block);
    return count;
}

static size_t strips_of(const cross_fit *c)
{
    return (c->d + STRIP - 1) / STRIP;
}

/* One strip of a fold's matrix of products, and one of its sums: added in row order. */
static int add_up(void *context, size_t chunk, int worker)
{
    cross_fit *c = context;
    fold *f = &c->folds[chunk / strips_of(c)];
    const size_t from = chunk % strips_of(c) * STRIP;
    const size_t width = c->d - from < STRIP ? c->d - from : STRIP;
    float *block = c->workspace + (size_t)worker * c->workspace_each;
    float *part = block + BLOCK_ROWS * c->d;
    for (size_t row = 0; row < f->labelled; row += BLOCK_ROWS) {
        const size_t rows = gather(c, f, row, f->labelled, block);
        const linear_matrix all = {block, rows, c->d, c->d};
        const linear_matrix strip = {block + from, rows, width, c->d};
        linear_product_tn(&strip, &all, 0, part, c->d);
        for (size_t i = 0; i < width * c->d; i++)
            f->products[from * c->d + i] += (double)part[i];
        for (size_t i = 0; i < rows; i++) {
            double *sum = f->sums + c->samples->label[f->row[row + i]] * c->d + from;
            for (size_t j = 0; j < width; j++)
                sum[j] += (double)block[i * c->d + from + j];
        }
    }
    return progress_stopped(c->options->progress);
}

static void count_classes(cross_fit *c)
{
    for (size_t f = 0; f < c->fold_count; f++) {
        for (size_t i = 0; i < c->folds[f].labelled; i++)
            c->folds[f].classes[c->samples->label[c->folds[f].row[i]]] += 1.0;
    }
}

/* ---- models */

static void add_to(double *to, const double *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
}

/* The sums of all folds but one, about their mean. Returns how many samples they are of. */
static double centre_sums(cross_fit *c, double *classes)
{
    const size_t d = c->d, k = c->k;
    memset(c->gram, 0, d * d * sizeof *c->gram);
    memset(c->right, 0, k * d * sizeof *c->right);
    memset(c->mean, 0, d * sizeof *c->mean);
    memset(classes, 0, k * sizeof *classes);
    double n = 0.0;
    for (size_t f = 0; f < c->fold_count; f++) {
        if (f == c->fitted)
            continue;
        add_to(c->gram, c->folds[f].products, d * d);
        add_to(c->right, c->folds[f].sums, k * d);
        add_to(classes, c->folds[f].classes, k);
        n += (double)c->folds[f].labelled;
    }
    for (size_t j = 0; j < k; j++)
        add_to(c->mean, c->right + j * d, d);
    for (size_t i = 0; i < d; i++)
        c->mean[i] /= n;
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < d; j++)
            c->gram[i * d + j] -= n * c->mean[i] * c->mean[j];
    }
    for (size_t j = 0; j < k; j++) {
        for (size_t i = 0; i < d; i++)
            c->right[j * d + i] -= classes[j] * c->mean[i];
    }
    return n;
}

static assay_code fit(cross_fit *c, double *classes, assay_err *err)
{
    const size_t d = c->d;
    const double n = centre_sums(c, classes);
    double trace = 0.0;
    for (size_t i = 0; i < d; i++)
        trace += c->gram[i * d + i];
    /* Equal rows: rounding may leave a little below nothing. */
    if (trace < 0.0)
        trace = 0.0;
    ASSAY_TRY(linear_solve(c->gram, d, penalty_share * trace / (double)d + 1e-9 * n, c->right, c->k,
                           err));
    for (size_t j = 0; j < c->k; j++) {
        double constant = classes[j] / n;
        for (size_t i = 0; i < d; i++) {
            c->model[j * d + i] = (float)c->right[j * d + i];
            constant -= c->mean[i] * c->right[j * d + i];
        }
        c->constant[j] = (float)constant;
    }
    return ASSAY_OK;
}

/* ---- scores */

static float margin_of(const cross_fit *c, const float *score, uint16_t label)
{
    float best = -INFINITY;
    if (label == RIDGE_UNLABELLED)
        return NAN;
    for (size_t j = 0; j < c->k; j++) {
        if (j != label && c->in_use[j] && score[j] > best)
            best = score[j];
    }
    return best > -INFINITY ? best - score[label] : NAN;
}

static uint16_t choice_of(const cross_fit *c, const float *score)
{
    uint16_t best = RIDGE_UNLABELLED;
    for (uint16_t j = 0; j < c->k; j++) {
        if (c->in_use[j] && (best == RIDGE_UNLABELLED || score[j] > score[best]))
            best = j;
    }
    return best;
}

static int score_block(void *context, size_t chunk, int worker)
{
    cross_fit *c = context;
    const fold *f = &c->folds[c->fitted];
    float *block = c->workspace + (size_t)worker * c->workspace_each;
    float *score = block + BLOCK_ROWS * c->d;
    const size_t from = chunk * BLOCK_ROWS;
    const size_t rows = gather(c, f, from, f->count, block);
    const linear_matrix all = {block, rows, c->d, c->d}, model = {c->model, c->k, c->d, c->d};
    linear_product_nt(&all, &model, score, c->k);
    for (size_t i = 0; i < rows; i++) {
        const size_t row = f->row[from + i];
        for (size_t j = 0; j < c->k; j++)
            score[i * c->k + j] += c->constant[j];
        if (c->answers->score)
            memcpy(c->answers->score + row * c->k, score + i * c->k, c->k * sizeof *score);
        if (c->answers->margin)
            c->answers->margin[row] = margin_of(c, score + i * c->k, c->samples->label[row]);
        if (c->answers->choice)
            c->answers->choice[row] = choice_of(c, score + i * c->k);
    }
    return progress_stopped(c->options->progress);
}

static assay_code take_memory(cross_fit *c, assay_err *err)
{
    const size_t d = c->d, k = c->k;
    const size_t workers = c->options->thread_count > 1 ? (size_t)c->options->thread_count : 1;
    const size_t part = STRIP * d > BLOCK_ROWS * k ? STRIP * d : BLOCK_ROWS * k;
    c->workspace_each = BLOCK_ROWS * d + part;
    c->workspace = mem_alloc(workers * c->workspace_each, sizeof *c->workspace);
    c->gram = mem_alloc(d * d, sizeof *c->gram);
    c->right = mem_alloc(k * d, sizeof *c->right);
    c->mean = mem_alloc(d, sizeof *c->mean);
    c->model = mem_alloc(k * d, sizeof *c->model);
    c->constant = mem_alloc(k, sizeof *c->constant);
    bool all = c->workspace && c->gram && c->right && c->mean && c->model && c->constant;
    for (size_t f = 0; f < c->fold_count; f++) {
        c->folds[f].products = mem_zalloc(d * d, sizeof(double));
        c->folds[f].sums = mem_zalloc(k * d, sizeof(double));
        c->folds[f].classes = mem_zalloc(k, sizeof(double));
        all = all && c->folds[f].products && c->folds[f].sums && c->folds[f].classes;
    }
    if (!all)
        return assay_fail(err, ASSAY_E_NOMEM,
                          "out of memory for a model of %zu values and %zu classes", d, k);
    return ASSAY_OK;
}

static assay_code stopped(assay_err *err)
{
    return assay_fail(err, ASSAY_E_CANCELLED, "cross-fitting was interrupted");
}

static assay_code fit_folds(cross_fit *c, assay_err *err)
{
    const ridge_options *o = c->options;
    ASSAY_AUTO_MEM double *classes = mem_alloc(c->k, sizeof *classes);
    if (!classes)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu classes", c->k);
    if (threads_run(c->fold_count * strips_of(c), o->thread_count, add_up, c))
        return stopped(err);
    count_classes(c);
    for (c->fitted = 0; c->fitted < c->fold_count; c->fitted++) {
        progress_show(o->progress, "cross-fitting", c->fitted, c->fold_count);
        ASSAY_TRY(fit(c, classes, err));
        const size_t rows = c->folds[c->fitted].count;
        if (threads_run((rows + BLOCK_ROWS - 1) / BLOCK_ROWS, o->thread_count, score_block, c))
            return stopped(err);
    }
    return ASSAY_OK;
}

static void answer_nothing(const ridge_answers *answers, size_t n, size_t k)
{
    for (size_t i = 0; answers->score && i < n * k; i++)
        answers->score[i] = NAN;
    for (size_t i = 0; answers->margin && i < n; i++)
        answers->margin[i] = NAN;
    for (size_t i = 0; answers->choice && i < n; i++)
        answers->choice[i] = RIDGE_UNLABELLED;
}

assay_code ridge_cross_fit(const ridge_samples *samples, const ridge_options *options,
                           const ridge_answers *answers, assay_err *err)
{
    ASSAY_AUTO_CLEAR(cross_fit) c = {.samples = samples, .options = options, .answers = answers};
    c.n = samples->rows.rows;
    c.d = samples->rows.columns;
    c.k = samples->class_count;
    assert(c.d > 0 && c.n < UINT32_MAX);
    answer_nothing(answers, c.n, c.k);
    ASSAY_TRY(make_folds(&c, err));
    if (c.fold_count < 2)
        return ASSAY_OK;
    ASSAY_TRY(take_memory(&c, err));
    return fit_folds(&c, err);
}
