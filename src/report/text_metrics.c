/* Which metric goes with being right, and how the accuracy runs along it. */
#include "report/text_sections.h"

#include "base/limits.h"
#include "base/mem.h"
#include "report/grid.h"
#include "report/text_bars.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { METRIC_BAR = 12, SPARK_WIDEST = 50 };
/* Curves that are drawn in any case, and those of more metrics that are no chance. */
enum { CURVES_LEAST = 6, CURVES_MOST = 12 };

/* The same value in every sample, as the width of pictures of one size. */
static bool is_constant(const metric_analysis *m)
{
    const metric_performance *f = &m->performance;
    return f->count == 1 && f->bin[0].low == f->bin[0].high;
}

/* Most important first; what has no answer last; then the order of the columns. What is constant
 * comes behind all others. */
static int compare_importance(const void *a, const void *b)
{
    const metric_analysis *x = *(const metric_analysis *const *)a;
    const metric_analysis *y = *(const metric_analysis *const *)b;
    if (is_constant(x) != is_constant(y))
        return is_constant(x) ? 1 : -1;
    double p = isnan(x->importance.share) ? -1 : x->importance.share;
    double q = isnan(y->importance.share) ? -1 : y->importance.share;
    if (p != q)
        return p > q ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* All metrics in that order; *varying of them, the first, are not constant. */
static const metric_analysis **sorted_metrics(const page *p, size_t *varying)
{
    const metric_analyses *m = p->e->evaluation->metrics;
    const metric_analysis **sorted = mem_alloc(m->count, sizeof(void *));
    if (!sorted) {
        p->out->broken = true;
        return NULL;
    }
    for (size_t i = 0; i < m->count; i++)
        sorted[i] = &m->metric[i];
    qsort(sorted, m->count, sizeof(void *), compare_importance);
    *varying = 0;
    while (*varying < m->count && !is_constant(sorted[*varying]))
        ++*varying;
    return sorted;
}

/* Nats in the outcome of the samples that have the metric: what a share of 1 means. */
static double outcome_entropy(const metric_performance *f)
{
    double right = 0;
    double all = 0;
    for (size_t b = 0; b < f->count; b++) {
        right += (double)f->bin[b].correct;
        all += (double)f->bin[b].count;
    }
    double s = right / all;
    return s > 0 && s < 1 ? -s * log(s) - (1 - s) * log1p(-s) : (double)NAN;
}

static bool is_significant(const page *p, const metric_importance *m)
{
    return m->p_adjusted <= 1 - p->e->request.options.confidence_level;
}

static void put_share_interval(const page *p, text *cell, const metric_analysis *m, ink colour)
{
    double entropy = outcome_entropy(&m->performance);
    score share = m->importance.information;
    share.value = m->importance.share;
    share.low /= entropy;
    share.high /= entropy;
    share.undefined = false;
    ink_on(cell, &p->style, colour);
    put_narrow_interval(cell, &p->style, &share);
    ink_off(cell, &p->style, colour);
}

static void put_p(const page *p, text *cell, const metric_importance *m)
{
    if (isnan(m->p_adjusted))
        text_puts(cell, dash(&p->style));
    else if (m->p_adjusted < 0.0001)
        text_puts(cell, "<.0001");
    else
        text_printf(cell, "%.4f", m->p_adjusted);
}

static void put_signed(const page *p, text *cell, double value)
{
    if (!isnan(value) && value > 0)
        text_puts(cell, "+");
    put_value(cell, &p->style, value, 3);
}

/* A full bar stands for at least this share of the uncertainty. */
static const double BAR_SHARE_LEAST = 0.05;

static void put_metric(const page *p, grid *t, const metric_analysis *m, double largest)
{
    const metric_importance *i = &m->importance;
    const report_style *style = &p->style;
    bool significant = is_significant(p, i);
    ink colour = significant ? INK_PLAIN : INK_FAINT;
    text *cell = grid_cell(t);
    ink_on(cell, style, colour);
    put_name(cell, style, m->name, name_room(p));
    ink_off(cell, style, colour);
    cell = grid_cell(t);
    ink_on(cell, style, colour);
    put_value(cell, style, i->share, 3);
    ink_off(cell, style, colour);
    put_share_interval(p, grid_cell(t), m, INK_FAINT);
    put_bar(grid_cell(t), style, significant ? INK_ACCENT : INK_FAINT, i->share / largest,
            METRIC_BAR);
    cell = grid_cell(t);
    ink_on(cell, style, colour);
    put_signed(p, cell, i->correlation.value);
    ink_off(cell, style, colour);
    cell = grid_cell(t);
    ink_on(cell, style, colour);
    put_signed(p, cell, i->spearman.value);
    ink_off(cell, style, colour);
    put_p(p, grid_cell(t), i);
    cell = grid_cell(t);
    if (!significant)
        ink_puts(cell, style, INK_FAINT, isnan(i->p_adjusted) ? "no p" : "n.s.");
}

static void print_metrics(const page *p, const metric_analysis *const *sorted, size_t count)
{
    static const grid_column columns[] = {
        {"metric", false, 0, false, 0},     {"importance", false, 2, true, 0},
        {"", false, 1, false, 4},           {"", false, 2, false, 2},
        {"correlation", true, 2, false, 0}, {"Spearman", true, 2, false, 3},
        {"p", true, 2, false, 0},           {"", false, 1, false, 0},
    };
    /* Bars compare the metrics with each other, but none is long whose metric matters next to
     * nothing. */
    double largest = BAR_SHARE_LEAST;
    for (size_t i = 0; i < count; i++)
        largest = sorted[i]->importance.share > largest ? sorted[i]->importance.share : largest;
    grid t;
    grid_init(&t, columns, 8);
    for (size_t i = 0; i < count; i++)
        put_metric(p, &t, sorted[i], largest);
    grid_draw(&t, p);
    grid_clear(&t);
}

static void explain(const page *p, const metric_analysis *const *sorted, size_t count)
{
    const char *why = NULL;
    bool faded = false;
    for (size_t i = 0; i < count; i++) {
        faded = faded || (!isnan(sorted[i]->importance.p_adjusted) &&
                          !is_significant(p, &sorted[i]->importance));
        if (isnan(sorted[i]->importance.p_adjusted) && !why)
            why = sorted[i]->importance.p_missing;
    }
    char words[768];
    snprintf(words, sizeof words,
             "Importance: how much of the uncertainty about right or wrong the metric takes away, "
             "0 to 1. "
             "Correlation: positive where more of the metric goes with being right. p is adjusted "
             "for the number "
             "of metrics.%s%s%s%s",
             faded ? " n.s.: may be chance." : "", why ? " No p: " : "", why ? why : "",
             why ? "." : "");
    page_words(p, "  ", INK_FAINT, words);
}

/* Constant metrics say nothing of errors, so that a line is enough for all of them. */
static void name_constant(const page *p, const metric_analysis *const *constant, size_t count)
{
    text words;
    text_init(&words, REPORT_BYTES_MOST);
    for (size_t i = 0; i < count; i++)
        text_printf(&words, "%s%s", i ? ", " : "One value only: ", constant[i]->name);
    if (count > 0)
        page_words(p, "  ", INK_FAINT, text_view(&words));
    p->out->broken = p->out->broken || words.broken;
    text_clear(&words);
}

/* Whether a metric says something of the model's doubt and not of the sample. */
static bool is_doubt(const page *p, const char *name)
{
    const frame *f = p->e->frame;
    for (size_t i = 0; i < f->metric_count; i++) {
        if (!strcmp(f->metric[i].name, name))
            return f->metric[i].from_prediction;
    }
    return false;
}

/* The accuracy where the metric is lowest (or highest), over a tenth of the samples or as few bins
 * more as hold it. */
static double accuracy_at_end(const metric_performance *f, bool highest)
{
    uint64_t all = 0;
    for (size_t b = 0; b < f->count; b++)
        all += f->bin[b].count;
    uint64_t right = 0;
    uint64_t taken = 0;
    for (size_t i = 0; i < f->count && 10 * taken < all; i++) {
        const performance_bin *bin = &f->bin[highest ? f->count - 1 - i : i];
        right += bin->correct;
        taken += bin->count;
    }
    return taken ? (double)right / (double)taken : (double)NAN;
}

/* The table in a sentence: which property of the samples matters most, and how. */
static void tell_foremost(const page *p, const metric_analysis *const *sorted, size_t count)
{
    size_t at = 0;
    bool doubt = false;
    for (; at < count; at++) {
        const bool is_one = is_doubt(p, sorted[at]->name);
        if (!is_one && is_significant(p, &sorted[at]->importance))
            break;
        doubt |= is_one;
    }
    if (at == count || sorted[at]->performance.count < 2)
        return;
    const metric_performance *f = &sorted[at]->performance;
    text words;
    text_init(&words, REPORT_BYTES_MOST);
    text_printf(&words,
                "%s goes with errors most%s: the accuracy is %.3f where it is lowest, and %.3f "
                "where it is highest (at least a tenth of the samples each).",
                sorted[at]->name, doubt ? ", beside the model's own doubt" : "",
                accuracy_at_end(f, false), accuracy_at_end(f, true));
    page_words(p, "  ", INK_PLAIN, text_view(&words));
    text_puts(p->out, "\n");
    p->out->broken = p->out->broken || words.broken;
    text_clear(&words);
}

void section_metrics(const page *p)
{
    const metric_analyses *m = p->e->evaluation->metrics;
    if (!m || m->count == 0)
        return;
    size_t varying;
    ASSAY_AUTO_MEM const metric_analysis **sorted = sorted_metrics(p, &varying);
    if (!sorted)
        return;
    page_heading(p, "Metrics", "what goes with being right or wrong");
    tell_foremost(p, sorted, varying);
    if (varying > 0)
        print_metrics(p, sorted, varying);
    name_constant(p, sorted + varying, m->count - varying);
    if (varying > 0)
        explain(p, sorted, varying);
}

/* Bins put together until they fit the line; the rate of each column of the line. The lowest and
 * highest rates are those of the bins themselves: they are the same on every terminal. */
typedef struct spark {
    double rate[SPARK_WIDEST];
    size_t count;
    double low, high;
} spark;

static spark make_spark(const metric_performance *f, size_t room)
{
    spark s = {.count = f->count < room ? f->count : room, .low = 1, .high = 0};
    for (size_t i = 0; i < s.count; i++) {
        uint64_t right = 0;
        uint64_t all = 0;
        for (size_t b = i * f->count / s.count; b < (i + 1) * f->count / s.count; b++) {
            right += f->bin[b].correct;
            all += f->bin[b].count;
        }
        s.rate[i] = all ? (double)right / (double)all : (double)NAN;
    }
    for (size_t b = 0; b < f->count; b++) {
        const double rate = f->bin[b].rate.value;
        s.low = rate < s.low ? rate : s.low;
        s.high = rate > s.high ? rate : s.high;
    }
    return s;
}

static void put_spark_row(const page *p, grid *t, const metric_analysis *m, size_t room)
{
    const metric_performance *f = &m->performance;
    spark s = make_spark(f, room);
    put_name(grid_cell(t), &p->style, m->name, name_room(p));
    text_printf(grid_cell(t), "%.4g", f->bin[0].low);
    text *cell = grid_cell(t);
    ink_on(cell, &p->style, INK_ACCENT);
    for (size_t i = 0; i < s.count; i++)
        put_spark(cell, &p->style, s.rate[i], s.low, s.high);
    ink_off(cell, &p->style, INK_ACCENT);
    text_printf(grid_cell(t), "%.4g", f->bin[f->count - 1].high);
    text_printf(grid_cell(t), "%.3f%s%.3f", s.low, dash(&p->style), s.high);
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t number_columns(double x)
{
    return (size_t)snprintf(NULL, 0, "%.4g", x);
}

/* What names, ends and rates leave of the line. */
static size_t spark_room(const page *p, const metric_analysis *const *sorted, size_t count)
{
    size_t name = 6;
    size_t ends = 4;
    for (size_t i = 0; i < count; i++) {
        const metric_performance *f = &sorted[i]->performance;
        name = larger(name, name_columns(sorted[i]->name));
        if (f->count > 0) {
            ends = larger(ends, number_columns(f->bin[0].low));
            ends = larger(ends, number_columns(f->bin[f->count - 1].high));
        }
    }
    name = name < name_room(p) ? name : name_room(p);
    size_t room = (size_t)p->style.columns - (2 + name + 2 + ends + 1 + 1 + ends + 2 + 13);
    return room < SPARK_WIDEST ? room : SPARK_WIDEST;
}

static size_t count_curves(const page *p, const metric_analysis *const *sorted, size_t count)
{
    size_t drawn = 0;
    while (drawn < count && drawn < CURVES_MOST &&
           (drawn < CURVES_LEAST || is_significant(p, &sorted[drawn]->importance)))
        drawn++;
    return drawn;
}

void section_performance(const page *p)
{
    static const grid_column columns[] = {
        {"metric", false, 0, false, 0},
        {"from", true, 2, false, 0},
        {"", false, 1, false, 0},
        {"to", false, 1, false, 0},
        {"worst to best", false, 2, false, 0},
    };
    const metric_analyses *m = p->e->evaluation->metrics;
    if (!m || m->count == 0)
        return;
    size_t varying;
    ASSAY_AUTO_MEM const metric_analysis **sorted = sorted_metrics(p, &varying);
    if (!sorted || varying == 0)
        return;
    const size_t drawn = count_curves(p, sorted, varying);
    size_t room = spark_room(p, sorted, drawn);
    grid t;
    grid_init(&t, columns, 5);
    for (size_t i = 0; i < drawn; i++) {
        if (sorted[i]->performance.count > 0)
            put_spark_row(p, &t, sorted[i], room);
    }
    page_heading(p, "Performance by metric", "accuracy as each metric grows");
    grid_draw(&t, p);
    grid_clear(&t);
}
