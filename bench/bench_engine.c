/* Times the engine on numbers made in memory: bench_engine WHAT ROWS CLASSES_OR_METRICS THREADS
 * ORDER. Prints the best of several runs in seconds and the peak of memory in MiB. bench/compare.py
 * drives it and its rivals. */
#include "base/rng.h"
#include "eval/confusion.h"
#include "eval/importance.h"
#include "eval/ranking.h"
#include "eval/scores.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { RUNS_MOST = 9, SECONDS_MOST = 6, NAME_BYTES = 16 };

/* What is timed, and what it is timed on. */
typedef struct bench {
    size_t rows;
    uint32_t width; /* classes, or metrics */
    int threads;
    bool by_class; /* rows come sorted by label */
    frame frame;
    samples samples;
    evaluation_options options;
} bench;

static void stop(const char *why)
{
    fprintf(stderr, "bench_engine: %s\n", why);
    exit(1);
}

static void must(assay_code code, const assay_err *err)
{
    if (code != ASSAY_OK)
        stop(err->msg);
}

static void *take(size_t count, size_t size)
{
    void *p = mem_alloc(count, size);
    if (!p)
        stop("out of memory");
    return p;
}

static double seconds_now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + 1e-9 * (double)at.tv_nsec;
}

/* 90 % right, the rest uniform over the classes. */
static void make_pairs(bench *b, uint32_t class_count)
{
    rng r;
    rng_init(&r, 1, 0);
    b->frame.row_count = b->rows;
    b->frame.label = take(b->rows, sizeof(uint16_t));
    b->frame.prediction = take(b->rows, sizeof(uint16_t));
    for (size_t i = 0; i < b->rows; i++) {
        const uint64_t label = b->by_class ? i * class_count / b->rows : rng_below(&r, class_count);
        const bool right = rng_unit(&r) < 0.9;
        b->frame.label[i] = (uint16_t)label;
        b->frame.prediction[i] = right ? (uint16_t)label : (uint16_t)rng_below(&r, class_count);
    }
}

static void make_classes(bench *b, uint32_t class_count)
{
    assay_err err;
    for (uint32_t k = 0; k < class_count; k++) {
        char name[NAME_BYTES];
        uint16_t code;
        const int length = snprintf(name, sizeof name, "class_%u", k);
        must(class_list_add(&b->frame.classes, name, (size_t)length, &code, &err), &err);
    }
}

/* Rows of float32 that add up to 1, with the label's raised; the prediction is the argmax. */
static void make_probabilities(bench *b)
{
    const size_t width = b->width;
    float *at = take(b->rows * width, sizeof *at);
    rng r;
    rng_init(&r, 2, 0);
    for (size_t i = 0; i < b->rows; i++) {
        double sum = 0.0;
        for (size_t k = 0; k < width; k++) {
            const double u = rng_unit(&r);
            const double weight = u * u * u + (k == b->frame.label[i] ? 0.5 : 0.0);
            at[i * width + k] = (float)weight;
            sum += weight;
        }
        for (size_t k = 0; k < width; k++)
            at[i * width + k] = (float)((double)at[i * width + k] / sum);
    }
    b->frame.probability = mem_zalloc(1, sizeof *b->frame.probability);
    b->frame.confidence = take(b->rows, sizeof(double));
    if (!b->frame.probability)
        stop("out of memory");
    b->frame.probability->values = (matrix){
        .at = at, .row_count = b->rows, .column_count = width, .type = MATRIX_F32, .owned = at};
    probability_scan scan;
    assay_err err;
    must(probabilities_scan(b->frame.probability, b->threads, b->frame.prediction,
                            b->frame.confidence, &scan, &err),
         &err);
}

/* Normal numbers, moved a little where the prediction is wrong: some matter, some don't. */
static void make_metrics(bench *b)
{
    b->frame.metric = mem_zalloc(b->width, sizeof *b->frame.metric);
    if (!b->frame.metric)
        stop("out of memory");
    b->frame.metric_count = b->width;
    for (uint32_t m = 0; m < b->width; m++) {
        metric_column *metric = &b->frame.metric[m];
        metric->name = mem_copy_text("metric", 6);
        metric->value = take(b->rows, sizeof *metric->value);
        rng r;
        rng_init(&r, 3, m);
        for (size_t i = 0; i < b->rows; i++) {
            const bool wrong = b->frame.label[i] != b->frame.prediction[i];
            metric->value[i] = rng_normal(&r) + (wrong ? 0.1 * m : 0.0);
        }
    }
}

static void make_samples(bench *b)
{
    assay_err err;
    selection all;
    must(selection_init(&all, b->rows, true, &err), &err);
    must(samples_init(&b->samples, &b->frame, &all, NULL, &err), &err);
    selection_clear(&all);
}

static void run_count(const bench *b)
{
    assay_err err;
    confusion *c = NULL;
    must(confusion_of_pairs(b->frame.label, b->frame.prediction, b->rows, b->width, b->threads, &c,
                            &err),
         &err);
    confusion_free(c);
}

static void run_scores(const bench *b)
{
    assay_err err;
    confusion *c = NULL;
    matrix_scores *m = NULL;
    must(confusion_of_pairs(b->frame.label, b->frame.prediction, b->rows, b->width, b->threads, &c,
                            &err),
         &err);
    must(matrix_scores_new(c, NULL, &b->options, &m, &err), &err);
    matrix_scores_free(m);
    confusion_free(c);
}

static void run_ranking(const bench *b)
{
    assay_err err;
    ranking *r = NULL;
    must(ranking_new(&b->samples, 0, &b->options, &r, &err), &err);
    ranking_free(r);
}

static void run_metrics(const bench *b)
{
    assay_err err;
    metric_analyses *m = NULL;
    size_t *which = take(b->width, sizeof *which);
    for (size_t i = 0; i < b->width; i++)
        which[i] = i;
    must(metric_analyses_new(&b->samples, &(analysed_metrics){which, b->width, NULL}, &b->options,
                             &m, &err),
         &err);
    metric_analyses_free(m);
    mem_free(which);
}

static double best_of(void (*run)(const bench *), const bench *b)
{
    double best = HUGE_VAL;
    const double started = seconds_now();
    for (int i = 0; i < RUNS_MOST && (i == 0 || seconds_now() - started < SECONDS_MOST); i++) {
        const double before = seconds_now();
        run(b);
        best = fmin(best, seconds_now() - before);
    }
    return best;
}

static void clear(bench *b)
{
    samples_clear(&b->samples);
    if (b->frame.probability)
        probabilities_clear(b->frame.probability);
    mem_free(b->frame.probability);
    for (size_t i = 0; i < b->frame.metric_count; i++) {
        mem_free(b->frame.metric[i].value);
        mem_free(b->frame.metric[i].name);
    }
    mem_free(b->frame.metric);
    mem_free(b->frame.confidence);
    mem_free(b->frame.label);
    mem_free(b->frame.prediction);
    class_list_clear(&b->frame.classes);
}

static void run_named(const char *what, bench *b)
{
    void (*run)(const bench *) = NULL;
    const bool of_metrics = strncmp(what, "metrics", 7) == 0;
    const uint32_t class_count = of_metrics ? 10 : b->width;
    make_pairs(b, class_count);
    if (strcmp(what, "count") == 0)
        run = run_count;
    if (strcmp(what, "scores") == 0)
        run = run_scores;
    if (of_metrics)
        run = run_metrics;
    if (strcmp(what, "ranking") == 0)
        run = run_ranking;
    if (!run)
        stop("WHAT is count, scores, ranking, metrics or metrics-nearest");
    b->options.importance_nearest = strcmp(what, "metrics-nearest") == 0;
    if (run == run_ranking || run == run_metrics) {
        make_classes(b, class_count);
        if (run == run_ranking)
            make_probabilities(b);
        else
            make_metrics(b);
        make_samples(b);
    }
    const double best = best_of(run, b);
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("{\"seconds\": %.9g, \"peak_mib\": %.1f}\n", best, (double)used.ru_maxrss / 1024.0);
}

int main(int argc, char **argv)
{
    if (argc != 6)
        stop("usage: bench_engine WHAT ROWS CLASSES_OR_METRICS THREADS random|sorted");
    bench b = {
        .rows = strtoull(argv[2], NULL, 10),
        .width = (uint32_t)strtoul(argv[3], NULL, 10),
        .threads = (int)strtol(argv[4], NULL, 10),
        .by_class = strcmp(argv[5], "sorted") == 0,
    };
    if (b.rows == 0 || b.width == 0 || b.width > CLASS_MISSING - 1 || b.threads < 1)
        stop("ROWS, CLASSES_OR_METRICS and THREADS are positive whole numbers");
    b.options = (evaluation_options){
        .confidence_level = 0.95, .bins = 50, .seed = 1, .thread_count = b.threads};
    run_named(argv[1], &b);
    clear(&b);
    return 0;
}
