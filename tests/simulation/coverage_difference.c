/* How often the intervals of the differences between two models hold the true difference: 2,000
 * data sets a setting. The second model repeats the first one's answer for a share of the samples
 * and draws its own for the others. Exits 1 where a coverage is out of its band. */
#include "base/mem.h"
#include "base/rng.h"
#include "eval/compare.h"
#include "eval/evaluation.h"
#include "eval/matrix_function.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DATA_SETS = 2000, CLASSES_HERE_MOST = 50, SAMPLES_HERE_MOST = 10000, SCORES_MOST = 16 };

/* Shares are whole numbers over this: as many samples as a matrix may hold. */
static const double SHARE_ONE = 1e9;

typedef struct setting {
    uint32_t class_count;
    bool geometric;                  /* the largest class is ten times the smallest */
    double accuracy_a, accuracy_own; /* of the answers that b draws itself */
    double repeated;
    double smallest; /* expected samples of the smallest class */
} setting;

typedef struct coverage {
    const char *name[SCORES_MOST];
    double truth[SCORES_MOST], held[SCORES_MOST], seen[SCORES_MOST];
    size_t count;
} coverage;

/* Both models' answers to the samples of one data set, and where they are held. */
typedef struct data_set {
    uint16_t label[SAMPLES_HERE_MOST], a[SAMPLES_HERE_MOST], b[SAMPLES_HERE_MOST];
    char *name[CLASSES_HERE_MOST];
    double upto[CLASSES_HERE_MOST]; /* shares of the classes, added up */
    size_t n;
    frame of_a, of_b;
    selection rows;
} data_set;

static void set_sizes(data_set *d, const setting *s)
{
    static char name[] = "any";
    double total = 0.0;
    for (uint32_t k = 0; k < s->class_count; k++) {
        d->name[k] = name;
        total += s->geometric ? pow(10.0, (double)k / (s->class_count - 1)) : 1.0;
        d->upto[k] = total;
    }
    d->n = (size_t)ceil(s->smallest * total);
    for (uint32_t k = 0; k < s->class_count; k++)
        d->upto[k] /= total;
    if (d->n > SAMPLES_HERE_MOST || selection_init(&d->rows, d->n, true, NULL) != ASSAY_OK)
        abort();
    d->of_a = (frame){.row_count = d->n,
                      .classes = {.name = d->name, .count = s->class_count},
                      .label = d->label,
                      .prediction = d->a};
    d->of_b = d->of_a;
    d->of_b.prediction = d->b;
}

static uint16_t answer(rng *random, uint16_t label, uint32_t classes, double accuracy)
{
    if (rng_unit(random) < accuracy)
        return label;
    return (uint16_t)((label + 1 + (uint32_t)(rng_unit(random) * (classes - 1))) % classes);
}

static void draw(data_set *d, const setting *s, rng *random)
{
    for (size_t i = 0; i < d->n; i++) {
        const double at = rng_unit(random);
        uint16_t k = 0;
        while (k + 1U < s->class_count && at >= d->upto[k])
            k++;
        d->label[i] = k;
        d->a[i] = answer(random, k, s->class_count, s->accuracy_a);
        d->b[i] = rng_unit(random) < s->repeated
                      ? d->a[i]
                      : answer(random, k, s->class_count, s->accuracy_own);
    }
}

/* The scores of a model of which everything is known. */
static void true_scores(const data_set *d, const setting *s, double accuracy, double *of)
{
    uint64_t support[CLASSES_HERE_MOST], predicted[CLASSES_HERE_MOST], right[CLASSES_HERE_MOST];
    uint64_t total = 0;
    const double wrong = (1.0 - accuracy) / (s->class_count - 1);
    for (uint32_t k = 0; k < s->class_count; k++) {
        const double size = d->upto[k] - (k ? d->upto[k - 1] : 0.0);
        support[k] = (uint64_t)(size * SHARE_ONE);
        predicted[k] = (uint64_t)((size * accuracy + (1.0 - size) * wrong) * SHARE_ONE);
        right[k] = (uint64_t)(size * accuracy * SHARE_ONE);
        total += support[k];
    }
    const margins m = {s->class_count, NULL, support, predicted, right, total};
    for (matrix_function f = 0; f < MATRIX_FUNCTIONS; f++)
        of[f] = matrix_function_value(f, &m);
}

static void set_truths(coverage *cover, const data_set *d, const setting *s)
{
    static const struct {
        const char *name;
        matrix_function function;
    } rows[] = {{"balanced_accuracy", BALANCED_ACCURACY},
                {"macro_precision", MACRO_PRECISION},
                {"macro_f1", MACRO_F1},
                {"weighted_precision", WEIGHTED_PRECISION},
                {"weighted_f1", WEIGHTED_F1},
                {"mcc", MCC},
                {"kappa", KAPPA}};
    double a[MATRIX_FUNCTIONS], b[MATRIX_FUNCTIONS];
    const double accuracy_b = s->repeated * s->accuracy_a + (1.0 - s->repeated) * s->accuracy_own;
    true_scores(d, s, s->accuracy_a, a);
    true_scores(d, s, accuracy_b, b);
    *cover = (coverage){.name = {"accuracy", "recall"},
                        .truth = {accuracy_b - s->accuracy_a, accuracy_b - s->accuracy_a},
                        .count = 2};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cover->name[cover->count] = rows[i].name;
        cover->truth[cover->count++] = b[rows[i].function] - a[rows[i].function];
    }
}

static void look(coverage *cover, size_t i, const score *difference)
{
    cover->seen[i]++;
    cover->held[i] += difference->low <= cover->truth[i] && cover->truth[i] <= difference->high;
}

static void look_at(coverage *cover, const comparison *c)
{
    for (size_t k = 0; k < c->class_count; k++)
        look(cover, 1, &c->per_class[k].difference);
    for (size_t i = 0; i < c->score_count; i++) {
        for (size_t j = 0; j < cover->count; j++) {
            if (strcmp(cover->name[j], c->score[i].name) == 0)
                look(cover, j, &c->score[i].difference);
        }
    }
}

static void compare(coverage *cover, const data_set *d)
{
    comparison_request request = {.a = &d->of_a, .b = &d->of_b, .selected = &d->rows};
    evaluation_defaults(&request.options);
    request.options.thread_count = 1;
    comparison c;
    if (comparison_init(&c, &request, NULL) != ASSAY_OK)
        abort();
    look_at(cover, &c);
    comparison_clear(&c);
}

static double percent(const coverage *cover, size_t i)
{
    return 100.0 * cover->held[i] / cover->seen[i];
}

/* Samples (of a class, for its recall) that only one of the two has right: where there are few of
 * them, intervals are wide. */
static double expected_discordant(const setting *s, const data_set *d, size_t which)
{
    const double n = which == 1 ? s->smallest : (double)d->n;
    const double one = s->accuracy_a * (1.0 - s->accuracy_own);
    const double other = s->accuracy_own * (1.0 - s->accuracy_a);
    return n * (1.0 - s->repeated) * (one + other);
}

static int outside(const setting *s, const data_set *d, const coverage *cover)
{
    int count = 0;
    for (size_t i = 0; i < cover->count; i++) {
        const double few = expected_discordant(s, d, i);
        const double least = 93.0, most = few < 10.0 ? 100.0 : few < 30.0 ? 99.9 : 98.0;
        const double held = percent(cover, i);
        if (held >= least && held <= most)
            continue;
        printf("    %s: %.2f %% is outside %.1f..%.1f\n", cover->name[i], held, least, most);
        count++;
    }
    return count;
}

static int simulate(const setting *s, uint64_t stream)
{
    static data_set d;
    static coverage cover;
    set_sizes(&d, s);
    set_truths(&cover, &d, s);
    rng random;
    rng_init(&random, 20251125, stream);
    for (int i = 0; i < DATA_SETS; i++) {
        draw(&d, s, &random);
        compare(&cover, &d);
    }
    printf("| %u | %s | %.2f | %.2f | %.2f | %.0f |", s->class_count,
           s->geometric ? "geometric" : "balanced", s->accuracy_a, s->accuracy_own, s->repeated,
           s->smallest);
    for (size_t i = 0; i < cover.count; i++)
        printf(" %.1f |", percent(&cover, i));
    printf("\n");
    fflush(stdout);
    selection_clear(&d.rows);
    return outside(s, &d, &cover);
}

int main(void)
{
    static const uint32_t CLASSES[] = {2, 10, 50};
    static const double MODELS[][3] = {
        {0.6, 0.6, 0.5}, {0.9, 0.9, 0.5}, {0.98, 0.98, 0.0}, {0.9, 0.98, 0.8}, {0.98, 0.98, 0.9}};
    enum { MODEL_COUNT = sizeof MODELS / sizeof *MODELS };
    int failures = 0;
    printf("| classes | sizes | a | b's own | repeated | smallest | accuracy | recall | balanced | "
           "macro P | macro F1 | weighted P | weighted F1 | MCC | kappa |\n");
    printf("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < 3 * 2 * MODEL_COUNT; i++) {
        const double *m = MODELS[i % MODEL_COUNT];
        const setting s = {.class_count = CLASSES[i / MODEL_COUNT / 2],
                           .geometric = i / MODEL_COUNT % 2,
                           .accuracy_a = m[0],
                           .accuracy_own = m[1],
                           .repeated = m[2],
                           .smallest = 20.0};
        failures += simulate(&s, i);
    }
    return failures != 0;
}
