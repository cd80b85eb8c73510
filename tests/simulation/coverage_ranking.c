/* How often the intervals of AUROC, AP, their means and AURC hold the truth, over many data sets
 * whose truth is known: scores are normal, shifted by `shift` for the class itself. Prints a table;
 * exits 1 where a coverage is outside of what is promised. */
#include "base/rng.h"
#include "eval/calibration.h"
#include "eval/ranking.h"
#include "stats/special.h"

#include <stdio.h>

enum { DATA_SETS = 2000, N_MOST = 1000, K_MOST = 10 };

typedef struct setting {
    const char *name;
    uint32_t class_count;
    size_t n;
    double shift;
    double ratio;                 /* of a class's frequency to that of the one before it */
    double least_risk, most_risk; /* chance of a mistake at confidence 1 and 0 */
} setting;

/* From 20 samples expected of the rarest class up. */
static const setting settings[] = {
    {"2 balanced, n 100, shift 1", 2, 100, 1, 1, 0, 0.6},
    {"2 balanced, n 1000, shift 2", 2, 1000, 2, 1, 0, 0.2},
    {"2 at 9:1, n 200, shift 1", 2, 200, 1, 1.0 / 9, 0.1, 0.5},
    {"2 at 9:1, n 1000, shift 2", 2, 1000, 2, 1.0 / 9, 0.05, 0.2},
    {"2 at 39:1, n 1000, shift 1.5", 2, 1000, 1.5, 1.0 / 39, 0, 0.1},
    {"10 balanced, n 200, shift 2", 10, 200, 2, 1, 0.02, 0.3},
    {"10 balanced, n 1000, shift 1", 10, 1000, 1, 1, 0.2, 0.9},
    {"10 geometric, n 1000, shift 2", 10, 1000, 2, 0.8, 0, 0.5},
};
enum { SETTINGS = sizeof settings / sizeof *settings };

/* What is watched, with what is promised of it. AP's binomial interval is known to be wide. */
typedef enum watched {
    AUROC_COMMON,
    AUROC_RARE,
    AP_COMMON,
    AP_RARE,
    MACRO_AUROC,
    MACRO_AP,
    AURC,
    WATCHED
} watched;
static const char *const watched_name[WATCHED] = {
    "AUROC common", "AUROC rare", "AP common", "AP rare", "macro AUROC", "macro AP", "AURC"};
static const double promised_most[WATCHED] = {0.97, 0.97, 0.995, 0.995, 0.97, 0.97, 0.97};

static double frequency_of(const setting *c, uint32_t k)
{
    double total = 0, own = 0, weight = 1;
    for (uint32_t i = 0; i < c->class_count; i++) {
        total += weight;
        own = i == k ? weight : own;
        weight *= c->ratio;
    }
    return own / total;
}

/* The mean precision at the thresholds of the positives: the integral over their density. */
static double true_precision(double prevalence, double shift)
{
    enum { STEPS = 40000 };
    const double low = shift - 9, width = 18.0 / STEPS;
    double sum = 0;
    for (int i = 0; i < STEPS; i++) {
        const double x = low + (i + 0.5) * width;
        const double found = prevalence * normal_cdf(shift - x);
        const double all = found + (1 - prevalence) * normal_cdf(-x);
        const double density = exp(-0.5 * (x - shift) * (x - shift)) / sqrt(2 * acos(-1));
        sum += density * width * found / all;
    }
    return sum;
}

/* Risk falls linearly with a uniform confidence c, so the risk of those kept above c is that at (1
 * + c)/2, whose mean is that at 3/4. */
static void find_truth(const setting *c, double truth[WATCHED])
{
    const uint32_t last = c->class_count - 1;
    const double auroc = normal_cdf(c->shift / sqrt(2));
    truth[AUROC_COMMON] = truth[AUROC_RARE] = truth[MACRO_AUROC] = auroc;
    truth[AP_COMMON] = true_precision(frequency_of(c, 0), c->shift);
    truth[AP_RARE] = true_precision(frequency_of(c, last), c->shift);
    truth[MACRO_AP] = 0;
    for (uint32_t k = 0; k <= last; k++)
        truth[MACRO_AP] += true_precision(frequency_of(c, k), c->shift) / c->class_count;
    truth[AURC] = c->most_risk + 0.75 * (c->least_risk - c->most_risk);
}

/* DeLong's and the binomial interval are a little short for a class of 20 to 50 samples. */
static double promised_least(const setting *c, int w)
{
    const double rarest = (double)c->n * frequency_of(c, c->class_count - 1);
    return w <= AP_RARE && rarest < 50 ? 0.91 : 0.93;
}

typedef struct data_set {
    float score[N_MOST * K_MOST];
    double confidence[N_MOST];
    uint16_t label[N_MOST], prediction[N_MOST];
} data_set;

static void draw(data_set *d, const setting *c, rng *r)
{
    double until[K_MOST], sum = 0;
    for (uint32_t k = 0; k < c->class_count; k++)
        until[k] = sum += frequency_of(c, k);
    for (size_t i = 0; i < c->n; i++) {
        const double u = rng_unit(r);
        uint16_t label = 0;
        while (label + 1U < c->class_count && u >= until[label])
            label++;
        d->label[i] = label;
        for (uint32_t k = 0; k < c->class_count; k++)
            d->score[i * c->class_count + k] = (float)(rng_normal(r) + (k == label ? c->shift : 0));
        const double confidence = rng_unit(r);
        const double risk = c->most_risk + confidence * (c->least_risk - c->most_risk);
        const bool wrong = rng_unit(r) < risk;
        d->confidence[i] = confidence;
        d->prediction[i] = wrong ? label == 0 : label;
    }
}

/* Every watched score of one data set; false when memory is short. */
static bool measure(data_set *d, const setting *c, score out[WATCHED])
{
    const evaluation_options options = {.confidence_level = 0.95, .thread_count = 1};
    probabilities p = {
        .values = {
            .at = d->score, .row_count = c->n, .column_count = c->class_count, .type = MATRIX_F32}};
    frame f = {.row_count = c->n, .confidence = d->confidence, .probability = &p};
    f.classes.count = c->class_count;
    const samples s = {.count = c->n, .label = d->label, .prediction = d->prediction, .frame = &f};
    ranking *r;
    if (ranking_new(&s, 0, &options, &r, NULL))
        return false;
    const class_ranking *common = &r->per_class[0], *rare = &r->per_class[c->class_count - 1];
    out[AUROC_COMMON] = common->auroc;
    out[AUROC_RARE] = rare->auroc;
    out[AP_COMMON] = common->average_precision;
    out[AP_RARE] = rare->average_precision;
    out[MACRO_AUROC] = r->macro_auroc;
    out[MACRO_AP] = r->macro_average_precision;
    ranking_free(r);
    ordered_metric confidence;
    risk_coverage risk = {0};
    bool whole = confidence_order_init(&confidence, &s, &options, NULL) == ASSAY_OK;
    whole = whole && risk_coverage_init(&risk, &s, &confidence, 0, &options, NULL) == ASSAY_OK;
    out[AURC] = risk.aurc;
    risk_coverage_clear(&risk);
    ordered_metric_clear(&confidence);
    return whole;
}

/* How many intervals of a setting hold the truth, or -1 when memory is short. A data set without an
 * interval counts as one that misses. */
static int count_held(const setting *c, uint64_t stream, double held[WATCHED])
{
    static data_set d;
    double truth[WATCHED];
    score found[WATCHED];
    rng r;
    rng_init(&r, 2024, stream);
    find_truth(c, truth);
    for (int set = 0; set < DATA_SETS; set++) {
        draw(&d, c, &r);
        if (!measure(&d, c, found))
            return -1;
        for (int w = 0; w < WATCHED; w++)
            held[w] += found[w].low <= truth[w] && truth[w] <= found[w].high;
    }
    return 0;
}

int main(void)
{
    int outside = 0;
    printf("%-30s", "coverage of 95 % intervals");
    for (int w = 0; w < WATCHED; w++)
        printf(" %13s", watched_name[w]);
    for (size_t i = 0; i < SETTINGS; i++) {
        double held[WATCHED] = {0};
        if (count_held(&settings[i], i, held))
            return 1;
        printf("\n%-30s", settings[i].name);
        for (int w = 0; w < WATCHED; w++) {
            const double share = held[w] / DATA_SETS;
            const bool fine = share >= promised_least(&settings[i], w) && share <= promised_most[w];
            printf(" %11.2f%c%c", 100 * share, '%', fine ? ' ' : '!');
            outside += !fine;
        }
    }
    printf("\n%d outside of what is promised\n", outside);
    return outside > 0;
}
