/* An `evaluated` made by hand, so that reports and warnings can be tested without the engine. */
#include "support/sample_evaluation.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const ordinary_names[] = {
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot",
};
static const char *const hostile_names[] = {
    "\033[31mred\033[0m",
    "日本語のとても長いクラスの名前です、はい",
    "tab\tand\nnewline",
    "\xff\xfe"
    "stray bytes",
    "a class with a name that goes on for so long that no table of any width could ever hold it "
    "whole",
    "\xE2\x80\xAE"
    "esrever",
    "",
    "csi\xC2\x9B"
    "31m",
};

static void *need(void *p)
{
    if (!p)
        abort();
    return p;
}

static char *copy(const char *s)
{
    return need(mem_copy_text(s, strlen(s)));
}

static score wilson(double right, double n)
{
    if (n <= 0)
        return (score){.value = 0,
                       .low = (double)NAN,
                       .high = (double)NAN,
                       .method = "none",
                       .undefined = true,
                       .few = true};
    double z = 1.96;
    double p = right / n;
    double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    double half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    return (score){
        .value = p, .low = middle - half, .high = middle + half, .method = "wilson", .few = n < 10};
}

static score around(double value, double half, const char *method)
{
    return (score){.value = value, .low = value - half, .high = value + half, .method = method};
}

static char *class_name(const sample_shape *shape, uint32_t k)
{
    char name[64];
    if (shape->hostile_names && k < sizeof hostile_names / sizeof *hostile_names)
        return copy(hostile_names[k]);
    if (!shape->hostile_names && shape->classes <= 10)
        return copy(ordinary_names[k]);
    snprintf(name, sizeof name, "class_%03u", (unsigned int)k);
    return copy(name);
}

static void make_frame(evaluated *e, const sample_shape *shape)
{
    frame *f = e->frame = need(mem_zalloc(1, sizeof *f));
    f->classes.count = f->classes.room = shape->classes;
    f->classes.name = need(mem_zalloc(shape->classes, sizeof *f->classes.name));
    for (uint32_t k = 0; k < shape->classes; k++)
        f->classes.name[k] = class_name(shape, k);
    f->model = copy(shape->hostile_names ? "cnn\033]0;owned\007" : "cnn");
    f->confidence_in_unit_range = true;
}

static uint64_t support_of(const sample_shape *shape, uint32_t k)
{
    return 1 + (uint64_t)((double)shape->per_class * exp(-3.0 * k / shape->classes));
}

/* About one in eight is taken for one of the next three classes, the first class more often. */
static uint64_t cell_count(const sample_shape *shape, uint32_t row, uint32_t column)
{
    static const double shares[] = {0, .06, .03, .011};
    uint32_t ahead = (column + shape->classes - row) % shape->classes;
    if (ahead > 3)
        return 0;
    uint64_t n = support_of(shape, row);
    double harder = row % 5 == 0 ? 2.5 : row % 3 == 0 ? 0.4 : 1;
    if (ahead > 0)
        return (uint64_t)(shares[ahead] * harder * (double)n);
    uint64_t errors = 0;
    for (uint32_t a = 1; a < 4 && a < shape->classes; a++)
        errors += (uint64_t)(shares[a] * harder * (double)n);
    return n - errors;
}

static confusion *make_confusion(const sample_shape *shape)
{
    uint32_t k = shape->classes;
    confusion *c = need(mem_zalloc(1, sizeof *c));
    c->class_count = k;
    c->cell = need(mem_zalloc((size_t)k * 4, sizeof *c->cell));
    c->row_start = need(mem_zalloc(k + 1, sizeof *c->row_start));
    c->support = need(mem_zalloc(k, sizeof *c->support));
    c->predicted = need(mem_zalloc(k, sizeof *c->predicted));
    c->true_positive = need(mem_zalloc(k, sizeof *c->true_positive));
    c->without_prediction = need(mem_zalloc(k, sizeof *c->without_prediction));
    c->without_label = need(mem_zalloc(k, sizeof *c->without_label));
    for (uint32_t row = 0; row < k; row++) {
        c->row_start[row] = c->cell_count;
        for (uint32_t column = 0; column < k; column++) {
            uint64_t n = cell_count(shape, row, column);
            if (n == 0)
                continue;
            c->cell[c->cell_count++] =
                (confusion_cell){(uint16_t)row, (uint16_t)column, (uint32_t)n};
            c->support[row] += n;
            c->predicted[column] += n;
            c->true_positive[row] += row == column ? n : 0;
            c->total += n;
            c->correct += row == column ? n : 0;
        }
    }
    c->row_start[k] = c->cell_count;
    if (shape->missing) {
        c->without_prediction[0] = 12;
        c->without_prediction[k - 1] = 1;
        c->without_label[1] = 3;
        c->without_both = 2;
    }
    return c;
}

static matrix_scores *make_scores(const confusion *c)
{
    matrix_scores *m = need(mem_zalloc(1, sizeof *m));
    double accuracy = (double)c->correct / (double)c->total;
    m->accuracy = wilson((double)c->correct, (double)c->total);
    m->per_class = need(mem_zalloc(c->class_count, sizeof *m->per_class));
    m->class_count = c->class_count;
    for (uint32_t k = 0; k < c->class_count; k++) {
        class_scores *s = &m->per_class[k];
        double right = (double)c->true_positive[k];
        s->support = c->support[k];
        s->predicted = c->predicted[k];
        s->true_positive = c->true_positive[k];
        s->precision = wilson(right, (double)c->predicted[k]);
        s->recall = wilson(right, (double)c->support[k]);
        s->f1 = wilson(2 * right, (double)(c->predicted[k] + c->support[k]));
        m->classes_under_ten += c->support[k] > 0 && c->support[k] < 10;
    }
    score *const averages[] = {
        &m->macro_precision, &m->macro_recall,      &m->macro_f1,        &m->weighted_precision,
        &m->weighted_recall, &m->weighted_f1,       &m->micro_precision, &m->micro_recall,
        &m->micro_f1,        &m->balanced_accuracy,
    };
    for (size_t i = 0; i < sizeof averages / sizeof *averages; i++) {
        *averages[i] = around(accuracy - 0.002 * (double)i, 0.006, "delta-logit");
        averages[i]->few = m->classes_under_ten > 0 && i < 3;
    }
    m->mcc = around(accuracy - 0.01, 0.007, "delta-fisher");
    m->kappa = around(accuracy - 0.011, 0.007, "delta-fisher");
    return m;
}

static curve make_curve(size_t count, double power, double first_threshold)
{
    curve c = {.point = need(mem_zalloc(count, sizeof *c.point)), .count = count};
    for (size_t i = 0; i < count; i++) {
        double x = (double)i / (double)(count - 1);
        c.point[i] = (curve_point){x, pow(x, power), 1 - x};
    }
    c.point[0].threshold = first_threshold;
    return c;
}

static ranking *make_ranking(uint32_t classes)
{
    ranking *r = need(mem_zalloc(1, sizeof *r));
    r->class_count = classes;
    r->per_class = need(mem_zalloc(classes, sizeof *r->per_class));
    for (uint32_t k = 0; k < classes; k++) {
        class_ranking *c = &r->per_class[k];
        c->auroc = around(0.97 + 0.02 * sin(k), 0.004, "delong-logit");
        c->average_precision = around(0.90 + 0.05 * sin(k), 0.01, "logit");
        c->roc = make_curve(500, 0.1, (double)INFINITY);
        c->pr = make_curve(500, 0.2, 1);
    }
    r->macro_auroc = around(0.9712, 0.0021, "influence");
    r->macro_average_precision = around(0.9034, 0.0043, "influence");
    return r;
}

static void make_calibration(calibration *c)
{
    c->ece = (calibration_error){0.0312, 0.0051, 0.0078};
    c->mce = (calibration_error){0.1811, 0.0911, 0.1931};
    c->adaptive_ece = (calibration_error){0.0309, 0.0047, 0.0071};
    c->classwise_ece = (calibration_error){0.0061, 0.0012, 0.0015};
    for (size_t b = 0; b < CALIBRATION_BINS; b++) {
        reliability_bin *bin = &c->bin[b];
        bin->low = (double)b / CALIBRATION_BINS;
        bin->high = (double)(b + 1) / CALIBRATION_BINS;
        bin->count = b < 3 ? 0 : 3u << b;
        bin->confidence = bin->count ? bin->high - 0.03 : (double)NAN;
        bin->accuracy =
            bin->count ? wilson(floor((double)bin->count * (bin->high - 0.07)), (double)bin->count)
                       : score_none();
        c->samples += bin->count;
    }
    c->temperature = 1.4312;
    c->ece_before = 0.0312;
    c->ece_after = 0.0081;
    c->log_loss_before = 0.2811;
    c->log_loss_after = 0.2511;
}

static void make_probabilities(evaluation *v, const sample_shape *shape)
{
    v->has_confidence = v->has_calibration = true;
    make_calibration(&v->calibration);
    v->risk.aurc = around(0.0131, 0.0012, "influence");
    v->risk.kept = make_curve(500, 2, 0.9999);
    for (size_t i = 0; i < v->risk.kept.count; i++)
        v->risk.kept.point[i].y *= 0.09;
    if (!shape->probabilities) {
        v->calibration.classwise_ece = (calibration_error){(double)NAN, (double)NAN, (double)NAN};
        v->calibration.temperature = v->calibration.ece_before = v->calibration.ece_after =
            (double)NAN;
        v->calibration.log_loss_before = v->calibration.log_loss_after = (double)NAN;
        return;
    }
    v->has_probabilities = true;
    v->has_top_k = true;
    v->proper.log_loss = around(0.2431, 0.0121, "normal");
    v->proper.brier = around(0.1243, 0.0061, "normal");
    for (size_t i = 0; i < TOP_K_COUNT; i++)
        v->proper.top_k[i] =
            shape->classes > 5 ? wilson(9700 + 100 * (double)i, 10000) : score_none();
    v->ranking = make_ranking(shape->classes);
}

static void make_performance(metric_performance *f, size_t bins, double slope)
{
    f->count = bins;
    f->bin = need(mem_zalloc(bins, sizeof *f->bin));
    for (size_t b = 0; b < bins; b++) {
        double x = (double)b / (double)bins;
        performance_bin *bin = &f->bin[b];
        bin->low = x * 3;
        bin->high = bin->low + 3.0 / (double)bins;
        bin->median = (bin->low + bin->high) / 2;
        bin->count = 200;
        bin->correct = (uint64_t)(200 * (0.6 + 0.35 * (slope > 0 ? x : 1 - x) + 0.04 * sin(9 * x)));
        bin->rate = wilson((double)bin->correct, 200);
    }
}

static metric_analyses *make_metrics(evaluated *e, bool hostile)
{
    static const char *const names[] = {"random",     "confidence",
                                        "brightness", "sharpness",
                                        "margin",     "file_bytes_of_the_image_with_a_long_name",
                                        "area"};
    enum { COUNT = sizeof names / sizeof *names };
    metric_analyses *m = need(mem_zalloc(1, sizeof *m));
    m->metric = need(mem_zalloc(COUNT, sizeof *m->metric));
    m->count = COUNT;
    e->frame->metric = need(mem_zalloc(COUNT, sizeof *e->frame->metric));
    e->frame->metric_count = COUNT;
    for (size_t i = 0; i < COUNT; i++) {
        metric_analysis *a = &m->metric[i];
        double share = i == 0 ? 0.0002 : 0.31 / (double)(i * i);
        e->frame->metric[i].name = copy(hostile ? hostile_names[i] : names[i]);
        a->name = e->frame->metric[i].name;
        a->importance =
            (metric_importance){.samples = 10000,
                                .correlation = around(i % 2 ? 0.3 : -0.2, 0.02, "fisher"),
                                .spearman = around(i % 2 ? 0.28 : -0.21, 0.02, "fisher"),
                                .information = around(share * 0.3, 0.004, "normal"),
                                .share = share,
                                .p_value = i == 0 ? 0.61 : 1e-9,
                                .p_adjusted = i == 0 ? 0.61 : 1e-8,
                                .p_method = "g-test"};
        make_performance(&a->performance, i == 3 ? 7 : 50, i % 2 ? 1 : -1);
    }
    m->metric[COUNT - 1].importance.p_value = m->metric[COUNT - 1].importance.p_adjusted =
        (double)NAN;
    m->metric[COUNT - 1].importance.p_method = "none";
    m->metric[COUNT - 1].importance.p_missing = "no two groups have the same size";
    return m;
}

static void make_pairs(evaluation *v)
{
    const confusion *c = v->confusion;
    for (size_t i = 0; i < c->cell_count && v->pair_count < TOP_PAIRS; i++) {
        const confusion_cell *cell = &c->cell[i];
        if (cell->label == cell->prediction)
            continue;
        double n = (double)c->support[cell->label];
        confused_pair *pair = &v->pair[v->pair_count++];
        *pair = (confused_pair){cell->label, cell->prediction, cell->count, cell->count / n};
        if (cell->label < cell->prediction)
            v->pair_both_ways[v->pair_both_ways_count++] = *pair;
    }
}

static void make_notes(evaluated *e, const sample_shape *shape)
{
    static const struct {
        const char *name;
        column_role role;
    } columns[] = {{"file_name", ROLE_ID},      {"y_true", ROLE_LABEL},
                   {"y_pred", ROLE_PREDICTION}, {"confidence", ROLE_CONFIDENCE},
                   {"brightness", ROLE_METRIC}, {"sharpness", ROLE_METRIC},
                   {"split", ROLE_ATTRIBUTE}};
    enum { COUNT = sizeof columns / sizeof *columns };
    import_notes *n = &e->notes;
    n->format = "CSV";
    n->shape = shape->probabilities ? "probability columns" : "one row a sample";
    n->column_count = COUNT + (shape->probabilities ? shape->classes : 0);
    n->column = need(mem_zalloc(n->column_count, sizeof *n->column));
    for (size_t i = 0; i < n->column_count; i++) {
        char name[32];
        snprintf(name, sizeof name, "prob_%zu", i - COUNT);
        n->column[i].name = copy(i < COUNT ? columns[i].name : name);
        n->column[i].role = i < COUNT ? columns[i].role : ROLE_PROBABILITY;
    }
}

static void make_filter(evaluated *e, const sample_shape *shape)
{
    e->shown = need(mem_zalloc(shape->classes, sizeof *e->shown));
    e->shown_count = shape->shown;
    e->evaluation->scored = 0;
    for (uint32_t k = 0; k < shape->shown; k++) {
        e->shown[k] = true;
        e->evaluation->scored += e->evaluation->confusion->support[k];
    }
    e->evaluation->matrix->mcc = e->evaluation->matrix->kappa = score_none();
}

evaluated *sample_evaluation_new(const sample_shape *shape)
{
    evaluated *e = need(mem_zalloc(1, sizeof *e));
    evaluation *v = e->evaluation = need(mem_zalloc(1, sizeof *v));
    make_frame(e, shape);
    make_notes(e, shape);
    e->request.import.path = shape->hostile_names ? "pre\033[2Jdictions.csv" : "predictions.csv";
    e->request.options =
        (evaluation_options){.confidence_level = 0.95, .bins = 50, .seed = 1, .thread_count = 1};
    v->confusion = make_confusion(shape);
    v->matrix = make_scores(v->confusion);
    v->scored = v->confusion->total;
    v->samples = v->scored + (shape->missing ? 18 : 0);
    v->missing_label = shape->missing ? 5 : 0;
    v->missing_prediction = shape->missing ? 15 : 0;
    e->frame->row_count = v->samples;
    v->proper.log_loss = v->proper.brier = v->risk.aurc = score_none();
    make_pairs(v);
    if (shape->probabilities || shape->confidence)
        make_probabilities(v, shape);
    if (shape->metrics)
        v->metrics = make_metrics(e, shape->hostile_names);
    if (shape->shown)
        make_filter(e, shape);
    return e;
}

static void free_names(char **name, size_t count)
{
    for (size_t i = 0; i < count; i++)
        mem_free(name[i]);
    mem_free(name);
}

static void free_evaluation(evaluation *v)
{
    confusion *c = v->confusion;
    void *const owned[] = {c->cell,
                           c->row_start,
                           c->support,
                           c->predicted,
                           c->true_positive,
                           c->without_prediction,
                           c->without_label,
                           c,
                           v->matrix->per_class,
                           v->matrix,
                           v->risk.kept.point};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        mem_free(owned[i]);
    for (uint32_t k = 0; v->ranking && k < v->ranking->class_count; k++) {
        mem_free(v->ranking->per_class[k].roc.point);
        mem_free(v->ranking->per_class[k].pr.point);
    }
    if (v->ranking)
        mem_free(v->ranking->per_class);
    mem_free(v->ranking);
    for (size_t i = 0; v->metrics && i < v->metrics->count; i++)
        mem_free(v->metrics->metric[i].performance.bin);
    if (v->metrics)
        mem_free(v->metrics->metric);
    mem_free(v->metrics);
    mem_free(v);
}

void sample_evaluation_free(evaluated *e)
{
    free_evaluation(e->evaluation);
    free_names(e->frame->classes.name, e->frame->classes.count);
    for (size_t i = 0; i < e->frame->metric_count; i++)
        mem_free(e->frame->metric[i].name);
    mem_free(e->frame->metric);
    for (size_t i = 0; i < e->frame->attribute_count; i++) {
        mem_free(e->frame->attribute[i].name);
        mem_free(e->frame->attribute[i].code);
    }
    mem_free(e->frame->attribute);
    mem_free(e->frame->model);
    mem_free(e->frame);
    for (size_t i = 0; i < e->notes.column_count; i++)
        mem_free(e->notes.column[i].name);
    mem_free(e->notes.column);
    for (size_t i = 0; i < e->warning_count; i++)
        mem_free(e->warning[i].message);
    mem_free(e->warning);
    mem_free(e->shown);
    mem_free(e);
}
