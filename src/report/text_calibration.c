/* Whether the confidence can be believed, and what refusing the least confident buys. */
#include "report/text_sections.h"

#include "project/wording.h"
#include "report/grid.h"
#include "report/text_bars.h"

#include <math.h>
#include <stdio.h>

enum { RELIABILITY_BAR = 30 };

static const double coverages[] = {1, .95, .9, .8, .7, .5};
enum { COVERAGE_COUNT = sizeof coverages / sizeof *coverages };

/* Mean confidence less accuracy over the samples of the bins. */
static double overconfidence(const calibration *c)
{
    double sum = 0;
    for (size_t b = 0; b < CALIBRATION_BINS; b++) {
        if (c->bin[b].count > 0)
            sum += (double)c->bin[b].count * (c->bin[b].confidence - c->bin[b].accuracy.value);
    }
    return c->samples ? sum / (double)c->samples : (double)NAN;
}

static void print_verdict(const page *p, const calibration *c)
{
    char words[512];
    if (isnan(c->ece.value))
        return;
    double gap = overconfidence(c);
    if (c->ece.value <= c->ece.calibrated_p95) {
        snprintf(words, sizeof words,
                 "This is no evidence of miscalibration: a calibrated model would show an ECE of "
                 "up to %.4f on "
                 "samples like these, and this one shows %.4f.",
                 c->ece.calibrated_p95, c->ece.value);
    } else {
        snprintf(words, sizeof words,
                 "This is evidence of miscalibration: a calibrated model would rarely (1 time in "
                 "20) show an ECE "
                 "above %.4f, and this one shows %.4f. On average the confidence is %.4f %s the "
                 "accuracy: the model is %s.",
                 c->ece.calibrated_p95, c->ece.value, fabs(gap), gap >= 0 ? "above" : "below",
                 fabs(gap) < c->ece.value / 2 ? "too sure of itself here and too modest there"
                 : gap > 0                    ? "too sure of itself"
                                              : "too modest");
    }
    page_words(p, "  ", c->ece.value <= c->ece.calibrated_p95 ? INK_GOOD : INK_WARN, words);
}

static void put_error(const page *p, grid *t, const char *name, const calibration_error *e)
{
    if (isnan(e->value))
        return;
    text_puts(grid_cell(t), name);
    ink_on(grid_cell(t), &p->style, INK_BOLD);
    put_value(&t->cells, &p->style, e->value, 4);
    ink_off(&t->cells, &p->style, INK_BOLD);
    put_value(grid_cell(t), &p->style, e->calibrated_mean, 4);
    put_value(grid_cell(t), &p->style, e->calibrated_p95, 4);
    text *cell = grid_cell(t);
    if (e->value > e->calibrated_p95)
        ink_puts(cell, &p->style, INK_WARN, "evidence");
    else
        ink_puts(cell, &p->style, INK_FAINT, "within chance");
}

static void print_errors(const page *p, const calibration *c)
{
    static const grid_column columns[] = {
        {"", false, 0, false, 0},
        {"found", true, 2, false, 0},
        {"if calibrated", true, 3, false, 0},
        {"up to (95 %)", true, 2, false, 0},
        {"", false, 3, false, 1},
    };
    grid t;
    grid_init(&t, columns, 5);
    put_error(p, &t, "ECE", &c->ece);
    put_error(p, &t, "adaptive ECE", &c->adaptive_ece);
    put_error(p, &t, "classwise ECE", &c->classwise_ece);
    put_error(p, &t, "MCE", &c->mce);
    grid_draw(&t, p);
    grid_clear(&t);
}

static void print_bins(const page *p, const calibration *c)
{
    static const grid_column columns[] = {
        {"confidence", false, 0, false, 0}, {"samples", true, 2, false, 0},
        {"mean", true, 2, false, 0},        {"accuracy", false, 2, true, 0},
        {"", false, 2, false, 2},           {"", false, 2, false, 1},
    };
    grid t;
    grid_init(&t, columns, 6);
    for (size_t b = 0; b < CALIBRATION_BINS; b++) {
        const reliability_bin *bin = &c->bin[b];
        if (bin->count == 0)
            continue;
        text_printf(grid_cell(&t), "%.2f%s%.2f", bin->low, dash(&p->style), bin->high);
        wording_count(grid_cell(&t), bin->count);
        put_value(grid_cell(&t), &p->style, bin->confidence, 3);
        put_value(grid_cell(&t), &p->style, bin->accuracy.value, 3);
        text *cell = grid_cell(&t);
        ink_on(cell, &p->style, INK_FAINT);
        put_narrow_interval(cell, &p->style, &bin->accuracy);
        ink_off(cell, &p->style, INK_FAINT);
        size_t bar = p->style.columns >= 80 ? RELIABILITY_BAR : RELIABILITY_BAR / 3;
        put_marked_bar(grid_cell(&t), &p->style, bin->accuracy.value, bin->confidence, bar);
    }
    text_puts(p->out, "\n");
    grid_draw(&t, p);
    grid_clear(&t);
    page_words(p, "  ", INK_FAINT,
               p->style.unicode ? "Bar: accuracy of the bin. Mark ┃: its mean confidence."
                                : "Bar: accuracy of the bin. Mark |: its mean confidence.");
}

static void print_temperature(const page *p, const calibration *c)
{
    if (isnan(c->temperature))
        return;
    char words[384];
    snprintf(words, sizeof words,
             "Temperature %.3f, fitted on one half of the samples and tried on the other: ECE %.4f "
             "%s %.4f, log "
             "loss %.4f %s %.4f.",
             c->temperature, c->ece_before, arrow(&p->style), c->ece_after, c->log_loss_before,
             arrow(&p->style), c->log_loss_after);
    text_puts(p->out, "\n");
    page_words(p, "  ", INK_PLAIN, words);
}

void section_calibration(const page *p)
{
    if (!p->e->evaluation->has_calibration)
        return;
    const calibration *c = &p->e->evaluation->calibration;
    page_heading(p, "Calibration", NULL);
    print_verdict(p, c);
    text_puts(p->out, "\n");
    print_errors(p, c);
    print_bins(p, c);
    print_temperature(p, c);
}

static const curve_point *nearest_point(const curve *c, double coverage)
{
    const curve_point *best = &c->point[0];
    for (size_t i = 1; i < c->count; i++) {
        if (fabs(c->point[i].x - coverage) < fabs(best->x - coverage))
            best = &c->point[i];
    }
    return best;
}

/* The points nearest to the coverages that are asked for, each once. Equal confidences are kept or
 * refused together, so some may not be there. */
static size_t choose_points(const curve *c, const curve_point **chosen)
{
    size_t count = 0;
    for (size_t i = 0; i < COVERAGE_COUNT; i++) {
        const curve_point *at = nearest_point(c, coverages[i]);
        if (count == 0 || chosen[count - 1] != at)
            chosen[count++] = at;
    }
    return count;
}

/* Only all is 100 %, and only none is 0. */
static void put_percent(text *cell, double share, int digits)
{
    const double least = pow(10, -digits), percent = 100 * share;
    if (percent > 0 && percent < least / 2)
        text_printf(cell, "<%.*f %%", digits, least);
    else
        text_printf(cell, "%.*f %%", digits, share < 1 ? fmin(percent, 100 - least) : percent);
}

void section_risk(const page *p)
{
    static const grid_column columns[] = {
        {"", false, 0, false, 0}, {"", true, 3, false, 0}, {"", true, 2, false, 2},
        {"", true, 2, false, 0},  {"", true, 2, false, 0}, {"", true, 2, false, 1},
        {"", true, 2, false, 0},
    };
    const evaluation *v = p->e->evaluation;
    if (!v->has_confidence || v->risk.kept.count == 0)
        return;
    const curve_point *at[COVERAGE_COUNT];
    const size_t count = choose_points(&v->risk.kept, at);
    grid t;
    grid_init(&t, columns, count + 1);
    ink_puts(grid_cell(&t), &p->style, INK_FAINT, "kept");
    for (size_t i = 0; i < count; i++)
        put_percent(grid_cell(&t), at[i]->x, 0);
    ink_puts(grid_cell(&t), &p->style, INK_FAINT, "wrong among them");
    for (size_t i = 0; i < count; i++)
        put_percent(grid_cell(&t), at[i]->y, 2);
    ink_puts(grid_cell(&t), &p->style, INK_FAINT, "confidence from");
    for (size_t i = 0; i < count; i++)
        put_value(grid_cell(&t), &p->style, at[i]->threshold, 4);
    page_heading(p, "Risk and coverage", "refusing the least confident");
    grid_draw(&t, p);
    grid_clear(&t);
}
