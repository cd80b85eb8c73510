/* How the values of each metric lie, in two tables of at most a page's width. */
#include "report/distributions.h"

#include "project/wording.h"
#include "report/grid.h"
#include "report/text_bars.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A character stands for so many bins: 15 show the shape and leave room for the numbers. */
enum { BINS_A_CHARACTER = 2 };

/* Four digits in at most eight characters: "0.1234", "1234", "123456", "1.23e7". */
static void put_brief(text *out, const report_style *style, double value)
{
    const double size = fabs(value);
    if (isnan(value)) {
        text_puts(out, dash(style));
    } else if (size != 0 && (size < 1e-3 || size >= 999999.5)) {
        char number[32];
        snprintf(number, sizeof number, "%.2e", value);
        char *e = strchr(number, 'e');
        text_printf(out, "%.*se%d", (int)(e - number), number, (int)strtol(e + 1, NULL, 10));
    } else if (size >= 1000) {
        text_printf(out, "%.0f", value);
    } else {
        text_printf(out, "%.4g", value == 0 ? 0.0 : value); /* never "-0" */
    }
}

static void put_histogram(text *out, const report_style *style, const metric_distribution *d)
{
    uint64_t sum[HISTOGRAM_BINS] = {0};
    uint64_t largest = 0;
    const size_t count = (d->bin_count + BINS_A_CHARACTER - 1) / BINS_A_CHARACTER;
    for (size_t b = 0; b < d->bin_count; b++) {
        uint64_t *of = &sum[b / BINS_A_CHARACTER];
        *of += d->bin[b];
        largest = *of > largest ? *of : largest;
    }
    ink_on(out, style, INK_ACCENT);
    for (size_t i = 0; i < count; i++)
        put_spark(out, style, sum[i] ? (double)sum[i] : (double)NAN, 0, (double)largest);
    ink_off(out, style, INK_ACCENT);
}

static void put_quartiles(const page *p, grid *t, const metric_distribution *d)
{
    put_name(grid_cell(t), &p->style, d->name, name_room(p));
    const double value[] = {d->min, d->q1, d->median, d->q3, d->max, d->mean, d->sd};
    for (size_t i = 0; i < sizeof value / sizeof *value; i++)
        put_brief(grid_cell(t), &p->style, value[i]);
    put_histogram(grid_cell(t), &p->style, d);
}

static void print_quartiles(const page *p, const metric_distributions *all)
{
    static const grid_column columns[] = {
        {"metric", false, 0, false, 0},     {"min", true, 2, false, 0},
        {"q1", true, 1, false, 3},          {"median", true, 1, false, 0},
        {"q3", true, 1, false, 3},          {"max", true, 1, false, 0},
        {"mean", true, 1, false, 1},        {"sd", true, 1, false, 2},
        {"min to max", false, 2, false, 4},
    };
    grid t;
    grid_init(&t, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < all->count; i++)
        put_quartiles(p, &t, &all->metric[i]);
    grid_draw(&t, p);
    grid_clear(&t);
}

static void put_count(const page *p, text *cell, uint64_t count, ink colour)
{
    ink_on(cell, &p->style, count ? colour : INK_FAINT);
    wording_count(cell, count);
    ink_off(cell, &p->style, count ? colour : INK_FAINT);
}

static void put_outliers(const page *p, grid *t, const metric_distribution *d)
{
    put_name(grid_cell(t), &p->style, d->name, name_room(p));
    put_count(p, grid_cell(t), d->count, INK_PLAIN);
    put_count(p, grid_cell(t), d->missing + d->infinite, INK_WARN);
    put_brief(grid_cell(t), &p->style, d->fences.moderate_low);
    put_brief(grid_cell(t), &p->style, d->fences.moderate_high);
    put_count(p, grid_cell(t), d->outliers.severe_low, INK_BAD);
    put_count(p, grid_cell(t), d->outliers.moderate_low, INK_WARN);
    put_count(p, grid_cell(t), d->outliers.moderate_high, INK_WARN);
    put_count(p, grid_cell(t), d->outliers.severe_high, INK_BAD);
}

static void print_outliers(const page *p, const metric_distributions *all)
{
    static const grid_column columns[] = {
        {"metric", false, 0, false, 0},    {"values", true, 2, false, 1},
        {"missing", true, 2, false, 3},    {"low below", true, 2, false, 2},
        {"high above", true, 2, false, 2}, {"sev. low", true, 2, false, 0},
        {"mod. low", true, 1, false, 0},   {"mod. high", true, 2, false, 0},
        {"sev. high", true, 1, false, 0},
    };
    grid t;
    grid_init(&t, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < all->count; i++)
        put_outliers(p, &t, &all->metric[i]);
    grid_draw(&t, p);
    grid_clear(&t);
}

void metrics_text(const metrics_shown *m, const report_style *style, text *out)
{
    const page p = {.style = *style, .out = out};
    text aside;
    text_init(&aside, 64);
    wording_counted(&aside, m->distributions->samples, "sample", "samples");
    page_heading(&p, "Metrics", text_view(&aside));
    out->broken = out->broken || aside.broken;
    text_clear(&aside);
    if (m->where)
        page_key(&p, "where", m->where);
    if (m->distributions->count == 0) {
        page_words(&p, "  ", INK_PLAIN, "There are no metrics.");
        return;
    }
    print_quartiles(&p, m->distributions);
    page_heading(&p, "Outliers",
                 "moderate: beyond 1.5 IQRs from the quartiles; severe: beyond 2.5");
    print_outliers(&p, m->distributions);
}
