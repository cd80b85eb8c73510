/* How often the intervals of the scores hold the true value: 2,000 data sets a setting, drawn from
 * known cell probabilities. Without arguments: at least 20 expected samples a class; exits 1 where
 * a coverage is out of its band. With `small`: a Markdown table at 5, 10 and 15 samples a class. */
#include "base/mem.h"
#include "base/rng.h"
#include "eval/matrix_function.h"
#include "eval/scores.h"
#include "stats/resample.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DATA_SETS = 2000,
    CLASSES_HERE_MOST = 50,
    CELLS_MOST = CLASSES_HERE_MOST * CLASSES_HERE_MOST
};

/* Cell probabilities are whole numbers over about this: as many samples as a matrix may hold. */
static const double PROBABILITY_ONE = 1e9;

typedef enum kind {
    ACCURACY,
    RECALL,
    PRECISION,
    F1,
    MEAN_PRECISION,
    MEAN_RECALL,
    MEAN_F1,
    SUPPORT_PRECISION,
    SUPPORT_F1,
    BALANCED,
    MATTHEWS,
    COHEN,
    KINDS
} kind;

static const char *const NAMES[KINDS] = {"accuracy",    "recall",   "precision", "F1",
                                         "macro P",     "macro R",  "macro F1",  "weighted P",
                                         "weighted F1", "balanced", "MCC",       "kappa"};

typedef struct setting {
    uint32_t class_count;
    bool geometric; /* the largest class is ten times the smallest */
    double accuracy;
    double smallest; /* expected samples of the smallest class */
} setting;

typedef struct population {
    uint32_t class_count;
    uint64_t n; /* samples of a data set */
    uint64_t weight[CELLS_MOST];
    uint64_t support[CLASSES_HERE_MOST], predicted[CLASSES_HERE_MOST],
        true_positive[CLASSES_HERE_MOST];
    uint64_t total, correct;
} population;

typedef struct coverage {
    uint64_t held[KINDS], seen[KINDS];
} coverage;

static void add_cell(population *p, uint32_t i, uint32_t j, double probability)
{
    const uint64_t weight = (uint64_t)(probability * PROBABILITY_ONE);
    p->weight[i * p->class_count + j] = weight;
    p->support[i] += weight;
    p->predicted[j] += weight;
    p->total += weight;
    if (i == j) {
        p->true_positive[i] = weight;
        p->correct += weight;
    }
}

/* Errors go to every other class alike. */
static void make_population(population *p, const setting *s)
{
    memset(p, 0, sizeof *p);
    p->class_count = s->class_count;
    double size[CLASSES_HERE_MOST];
    double total = 0.0;
    for (uint32_t k = 0; k < s->class_count; k++) {
        size[k] = s->geometric ? pow(10.0, (double)k / (s->class_count - 1)) : 1.0;
        total += size[k];
    }
    p->n = (uint64_t)ceil(s->smallest * total);
    for (uint32_t i = 0; i < s->class_count; i++) {
        for (uint32_t j = 0; j < s->class_count; j++) {
            const double share = i == j ? s->accuracy : (1.0 - s->accuracy) / (s->class_count - 1);
            add_cell(p, i, j, size[i] / total * share);
        }
    }
}

static confusion *draw_data_set(const population *p, rng *random)
{
    static uint64_t drawn[CELLS_MOST];
    const size_t cells = (size_t)p->class_count * p->class_count;
    draw_multinomial(random, p->weight, cells, p->n, drawn);
    uint16_t *label = mem_alloc(p->n, sizeof *label);
    uint16_t *prediction = mem_alloc(p->n, sizeof *prediction);
    confusion *c = NULL;
    size_t at = 0;
    for (size_t cell = 0; cell < cells && label && prediction; cell++) {
        for (uint64_t i = 0; i < drawn[cell]; i++, at++) {
            label[at] = (uint16_t)(cell / p->class_count);
            prediction[at] = (uint16_t)(cell % p->class_count);
        }
    }
    if (!label || !prediction ||
        confusion_of_pairs(label, prediction, p->n, p->class_count, 1, &c, NULL) != ASSAY_OK)
        abort();
    mem_free(label);
    mem_free(prediction);
    return c;
}

static void look(coverage *cover, kind k, const score *s, double truth)
{
    if (s->undefined || isnan(s->value))
        return;
    cover->seen[k]++;
    cover->held[k] += s->low <= truth && truth <= s->high;
}

static void look_at_classes(coverage *cover, const population *p, const matrix_scores *m)
{
    for (uint32_t k = 0; k < p->class_count; k++) {
        const double tp = (double)p->true_positive[k];
        const double n = (double)p->support[k];
        const double predicted = (double)p->predicted[k];
        look(cover, RECALL, &m->per_class[k].recall, tp / n);
        look(cover, PRECISION, &m->per_class[k].precision, tp / predicted);
        look(cover, F1, &m->per_class[k].f1, 2.0 * tp / (n + predicted));
    }
}

static void look_at_all(coverage *cover, const population *p, const matrix_scores *m)
{
    const margins truth = {p->class_count,   NULL,    p->support, p->predicted,
                           p->true_positive, p->total};
    const score *const scores[MATRIX_FUNCTIONS] = {
        [MACRO_PRECISION] = &m->macro_precision,
        [MACRO_RECALL] = &m->macro_recall,
        [MACRO_F1] = &m->macro_f1,
        [WEIGHTED_PRECISION] = &m->weighted_precision,
        [WEIGHTED_F1] = &m->weighted_f1,
        [BALANCED_ACCURACY] = &m->balanced_accuracy,
        [MCC] = &m->mcc,
        [KAPPA] = &m->kappa,
    };
    static const kind KIND_OF[MATRIX_FUNCTIONS] = {
        [MACRO_PRECISION] = MEAN_PRECISION,
        [MACRO_RECALL] = MEAN_RECALL,
        [MACRO_F1] = MEAN_F1,
        [WEIGHTED_PRECISION] = SUPPORT_PRECISION,
        [WEIGHTED_F1] = SUPPORT_F1,
        [BALANCED_ACCURACY] = BALANCED,
        [MCC] = MATTHEWS,
        [KAPPA] = COHEN,
    };
    look(cover, ACCURACY, &m->accuracy, (double)p->correct / (double)p->total);
    for (matrix_function f = 0; f < MATRIX_FUNCTIONS; f++) {
        if (scores[f]) /* micro F1 over all classes is the accuracy */
            look(cover, KIND_OF[f], scores[f], matrix_function_value(f, &truth));
    }
}

static void simulate(const setting *s, uint64_t stream, coverage *cover)
{
    static population p;
    make_population(&p, s);
    memset(cover, 0, sizeof *cover);
    const evaluation_options options = {.confidence_level = 0.95, .thread_count = 1};
    rng random;
    rng_init(&random, 20240607, stream);
    for (int i = 0; i < DATA_SETS; i++) {
        confusion *c = draw_data_set(&p, &random);
        matrix_scores *m = NULL;
        if (matrix_scores_new(c, NULL, &options, &m, NULL) != ASSAY_OK)
            abort();
        look_at_classes(cover, &p, m);
        look_at_all(cover, &p, m);
        matrix_scores_free(m);
        confusion_free(c);
    }
}

static double percent(const coverage *cover, kind k)
{
    return cover->seen[k] ? 100.0 * (double)cover->held[k] / (double)cover->seen[k] : (double)NAN;
}

static void print_row(const setting *s, const coverage *cover)
{
    printf("| %" PRIu32 " | %s | %.2f | %.0f |", s->class_count,
           s->geometric ? "geometric" : "balanced", s->accuracy, s->smallest);
    for (kind k = 0; k < KINDS; k++)
        printf(" %.1f |", percent(cover, k));
    printf("\n");
    fflush(stdout);
}

static void print_head(void)
{
    printf("| classes | sizes | accuracy | smallest |");
    for (kind k = 0; k < KINDS; k++)
        printf(" %s |", NAMES[k]);
    printf("\n|---|---|---|---|");
    for (kind k = 0; k < KINDS; k++)
        printf("---|");
    printf("\n");
}

typedef struct band {
    double least, most;
} band;

/* Settings in which an interval is known to keep to no band of 93..97 or 99.5. */
static const struct known_departure {
    uint32_t class_count;
    bool geometric;
    double accuracy;
    kind first, last;
    band band;
} DEPARTURES[] = {
    /* Recalls shrunk to (TP + 1)/(n + 2) count an error a class more than there are. */
    {50, false, 0.98, MEAN_PRECISION, COHEN, {99.0, 99.9}},
    /* Biased: F1 of a class downwards by F1(1 - F1)/(n + m), weighted precision upwards by Σ P(1 -
       P)/N. */
    {50, false, 0.60, MEAN_F1, MEAN_F1, {91.0, 95.0}},
    {50, false, 0.60, SUPPORT_PRECISION, SUPPORT_PRECISION, {85.0, 90.0}},
};

/* Functions of the matrix are conservative where errors are rare, because their recalls are shrunk.
 */
static band band_of(const setting *s, kind k)
{
    for (size_t i = 0; i < sizeof DEPARTURES / sizeof *DEPARTURES; i++) {
        const struct known_departure *d = &DEPARTURES[i];
        const bool same = d->class_count == s->class_count && d->geometric == s->geometric &&
                          fabs(d->accuracy - s->accuracy) < 1e-9;
        if (same && d->first <= k && k <= d->last)
            return d->band;
    }
    return (band){93.0, k >= MEAN_PRECISION && s->accuracy > 0.8 ? 99.5 : 97.0};
}

static int outside(const setting *s, const coverage *cover)
{
    int count = 0;
    for (kind k = 0; k < KINDS; k++) {
        const band b = band_of(s, k);
        if (percent(cover, k) >= b.least && percent(cover, k) <= b.most)
            continue;
        printf("    %s: %.2f %% is outside %.1f..%.1f\n", NAMES[k], percent(cover, k), b.least,
               b.most);
        count++;
    }
    return count;
}

int main(int argc, char **argv)
{
    static const uint32_t CLASSES[] = {2, 10, 50};
    static const double ACCURACIES[] = {0.6, 0.9, 0.98};
    static const double SMALL[] = {5.0, 10.0, 15.0};
    const bool small = argc > 1 && strcmp(argv[1], "small") == 0;
    int failures = 0;
    print_head();
    for (size_t i = 0; i < (small ? 54 : 18); i++) {
        const setting s = {.class_count = CLASSES[i / 6 % 3],
                           .geometric = i / 3 % 2,
                           .accuracy = ACCURACIES[i % 3],
                           .smallest = small ? SMALL[i / 18] : 20.0};
        static coverage cover;
        simulate(&s, i, &cover);
        print_row(&s, &cover);
        failures += small ? 0 : outside(&s, &cover);
    }
    return failures != 0;
}
