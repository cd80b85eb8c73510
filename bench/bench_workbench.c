/* Times the workbench's answers to filters: bench_workbench ROWS METRICS CLASSES THREADS
 * [rest|samples|stop]. Makes the columns in memory, asks the handlers without a socket, and prints
 * median and 95th percentile of 30 random filters (classes, ranges, tags) in milliseconds, and the
 * peak of memory. `rest` is asked for after the first part, as the page does; with `stop` it is
 * given up at a random moment, and what is timed is how long it goes on after that.
 */
#include "base/json.h"
#include "base/rng.h"
#include "server/routes.h"
#include "server/workspace_parts.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { FILTERS = 30, NAME_BYTES = 48, TAGS = 3 };

static void must(bool fine, const char *why)
{
    if (fine)
        return;
    fprintf(stderr, "bench_workbench: %s\n", why);
    exit(1);
}

static double milliseconds(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return 1e3 * (double)at.tv_sec + 1e-6 * (double)at.tv_nsec;
}

static char *name_of(const char *what, size_t number)
{
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "%s %zu", what, number);
    char *copy = mem_copy_text(name, strlen(name));
    must(copy, "out of memory");
    return copy;
}

/* One in four has few values, as counts and shares of small images do; the others are continuous.
 * Wrong samples lie a little lower. */
static void fill_metric(const frame *f, size_t m)
{
    rng r;
    rng_init(&r, 2, m);
    for (size_t i = 0; i < f->row_count; i++) {
        const double shift = f->label[i] == f->prediction[i] ? 0.0 : -0.1 * (double)(m % 3);
        const double x = rng_normal(&r) + shift;
        f->metric[m].value[i] = m % 4 == 3 ? round(x * 100.0) : x;
    }
}

static void fill_labels(const frame *f)
{
    rng r;
    rng_init(&r, 1, 0);
    for (size_t i = 0; i < f->row_count; i++) {
        f->label[i] = (uint16_t)rng_below(&r, f->classes.count);
        f->prediction[i] =
            rng_unit(&r) < 0.9 ? f->label[i] : (uint16_t)rng_below(&r, f->classes.count);
    }
    for (size_t t = 0; t < f->tag_count; t++) {
        for (size_t i = 0; i < f->row_count; i++)
            selection_set(&f->tag[t].rows, i, rng_unit(&r) < 0.1 * (double)(t + 1));
    }
}

static frame *make_frame(size_t rows, size_t metrics, uint32_t classes)
{
    frame *f = mem_zalloc(1, sizeof *f);
    must(f != NULL, "out of memory");
    f->row_count = rows;
    f->model = name_of("model", 1);
    f->label = mem_alloc(rows, sizeof *f->label);
    f->prediction = mem_alloc(rows, sizeof *f->prediction);
    f->metric = mem_zalloc(metrics, sizeof *f->metric);
    f->tag = mem_zalloc(TAGS, sizeof *f->tag);
    must(f->label && f->prediction && f->metric && f->tag, "out of memory");
    for (uint32_t k = 0; k < classes; k++) {
        char *name = name_of("class", k);
        uint16_t code;
        must(!class_list_add(&f->classes, name, strlen(name), &code, NULL), "out of memory");
        mem_free(name);
    }
    for (; f->tag_count < TAGS; f->tag_count++) {
        f->tag[f->tag_count].name = name_of("tag", f->tag_count);
        must(!selection_init(&f->tag[f->tag_count].rows, rows, false, NULL), "out of memory");
    }
    fill_labels(f);
    for (; f->metric_count < metrics; f->metric_count++) {
        metric_column *m = &f->metric[f->metric_count];
        *m = (metric_column){.name = name_of("metric", f->metric_count),
                             .value = mem_alloc(rows, sizeof *m->value)};
        must(m->value, "out of memory");
        fill_metric(f, f->metric_count);
    }
    return f;
}

/* Half of the filters choose classes, all but one in five one or two ranges of a random width, one
 * in three a tag, and none nothing: from few samples to nearly all. */
static void put_filter(rng *r, const frame *f, char *out, size_t room)
{
    size_t at = (size_t)snprintf(out, room, "{\"model\": null, \"classes\": [");
    size_t classes = rng_below(r, 2) ? 1 + rng_below(r, f->classes.count) : 0;
    for (size_t i = 0; i < classes && i < 20; i++)
        at += (size_t)snprintf(out + at, room - at, "%s\"%s\"", i ? ", " : "",
                               f->classes.name[rng_below(r, f->classes.count)]);
    at += (size_t)snprintf(out + at, room - at, "], \"ranges\": [");
    const size_t ranges = classes == 0 || rng_below(r, 5) ? 1 + rng_below(r, 2) : 0;
    for (size_t i = 0; i < ranges; i++) {
        const size_t m = rng_below(r, f->metric_count);
        const double scale = m % 4 == 3 ? 100.0 : 1.0, low = -2.0 + 2.0 * rng_unit(r);
        at += (size_t)snprintf(
            out + at, room - at, "%s{\"metric\": \"%s\", \"low\": %.6f, \"high\": %.6f}",
            i ? ", " : "", f->metric[m].name, scale * low, scale * (low + 0.2 + 2.5 * rng_unit(r)));
    }
    at += (size_t)snprintf(out + at, room - at, "], \"tags\": [");
    if (rng_below(r, 3) == 0)
        at += (size_t)snprintf(out + at, room - at, "\"%s\"", f->tag[rng_below(r, TAGS)].name);
    snprintf(out + at, room - at, "]}");
}

/* The processors' time of this process, in milliseconds: what a busy machine does not lengthen. */
static double processor(void)
{
    struct timespec at;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return 1e3 * (double)at.tv_sec + 1e-6 * (double)at.tv_nsec;
}

typedef struct timing {
    double took, processor;
    size_t bytes;
} timing;

static timing time_request(workspace *w, route_handler handle, const request *q)
{
    reply out = {0};
    assay_err err = {0};
    const double start = milliseconds(), busy = processor();
    const assay_code code = handle(w, q, &out, &err);
    const timing t = {milliseconds() - start, processor() - busy, out.body.length};
    must(code == ASSAY_OK, err.msg);
    reply_clear(&out);
    return t;
}

/* A page of 200 of the wrong samples, ordered by a metric, the largest first. */
static timing ask_page(workspace *w, const char *metric, const char *from)
{
    const request_parameter parameter[] = {{"filter", "{\"model\": null}"},
                                           {"outcome", "wrong"},
                                           {"sort", metric},
                                           {"descending", "1"},
                                           {"from", from}};
    const request q = {.method = "GET",
                       .parameter = parameter,
                       .parameter_count = sizeof parameter / sizeof *parameter};
    return time_request(w, handle_samples, &q);
}

static void tell_pages(workspace *w, const frame *f)
{
    for (size_t m = 0; m < f->metric_count; m++) {
        const timing first = ask_page(w, f->metric[m].name, "0");
        const timing next = ask_page(w, f->metric[m].name, "200");
        const timing far = ask_page(w, f->metric[m].name, "100000");
        printf("%s: first page %.1f ms, of processors %.1f ms; next %.2f ms, far on %.2f ms\n",
               f->metric[m].name, first.took, first.processor, next.took, far.took);
    }
}

/* How long the answer takes, in milliseconds. */
static timing ask(workspace *w, const char *words, const char *part)
{
    const request_parameter parameter[] = {{"filter", words}, {"part", part}};
    const request q = {.method = "GET", .parameter = parameter, .parameter_count = 2};
    return time_request(w, handle_evaluation, &q);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median_of(double took[FILTERS])
{
    qsort(took, FILTERS, sizeof *took, ascending);
    return 0.5 * (took[FILTERS / 2 - 1] + took[FILTERS / 2]);
}

/* Somebody who leaves. */
typedef struct leaving {
    cancellation stop;
    useconds_t after_us;
    double at; /* milliseconds() when it was asked */
} leaving;

static void *leave(void *context)
{
    leaving *l = context;
    usleep(l->after_us);
    l->at = milliseconds();
    cancellation_ask(&l->stop);
    return NULL;
}

/* How long it goes on after it was given up; 0: it had ended before. */
static double ask_and_leave(workspace *w, const char *words, rng *r)
{
    const request_parameter parameter[] = {{"filter", words}, {"part", "rest"}};
    leaving l = {.after_us = (useconds_t)(1000 * rng_below(r, 600))};
    const request q = {
        .method = "GET", .parameter = parameter, .parameter_count = 2, .stop = &l.stop};
    pthread_t thread;
    must(pthread_create(&thread, NULL, leave, &l) == 0, "no thread");
    reply out = {0};
    assay_err err = {0};
    const assay_code code = handle_evaluation(w, &q, &out, &err);
    const double end = milliseconds();
    pthread_join(thread, NULL);
    reply_clear(&out);
    must(code == ASSAY_OK || code == ASSAY_E_CANCELLED, err.msg);
    return code == ASSAY_OK ? 0.0 : end - l.at;
}

static void tell_stops(workspace *w, const frame *f)
{
    rng r;
    rng_init(&r, 6, 0);
    double took[FILTERS];
    for (size_t i = 0; i < FILTERS;) {
        static char words[1 << 16];
        put_filter(&r, f, words, sizeof words);
        took[i] = ask_and_leave(w, words, &r);
        i += took[i] > 0.0;
    }
    const double median = median_of(took);
    printf("given up: goes on for %.1f ms at the median, p95 %.1f ms, most %.1f ms\n", median,
           took[FILTERS * 95 / 100], took[FILTERS - 1]);
}

static void tell(const char *part, double took[FILTERS], double busy[FILTERS])
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    const double median = median_of(took), processors = median_of(busy);
    printf("%s: median %.1f ms, p95 %.1f ms, most %.1f ms; of processors %.1f ms; peak %ld MiB\n",
           part, median, took[FILTERS * 95 / 100], took[FILTERS - 1], processors,
           used.ru_maxrss / 1024);
}

int main(int argc, char **argv)
{
    must(argc >= 5, "bench_workbench ROWS METRICS CLASSES THREADS [rest|samples|stop]");
    const char *part = argc > 5 ? argv[5] : "first";
    json_use_our_memory();
    frame *f = make_frame(strtoull(argv[1], NULL, 10), strtoull(argv[2], NULL, 10),
                          (uint32_t)strtoul(argv[3], NULL, 10));
    workspace *w;
    const workspace_options options = {.path = "none", .thread_count = atoi(argv[4])};
    must(workspace_open_frame(&options, f, &w, NULL) == ASSAY_OK, "out of memory");
    if (strcmp(part, "samples") == 0) {
        tell_pages(w, f);
        workspace_close(w);
        return 0;
    }
    rng r;
    rng_init(&r, 5, 0);
    double took[FILTERS], busy[FILTERS];
    printf("once, with the order of each metric: %.0f ms\n",
           ask(w, "{\"model\": null, \"tags\": [\"tag 0\"]}", "first").took);
    if (strcmp(part, "stop") == 0) {
        tell_stops(w, f);
        workspace_close(w);
        return 0;
    }
    const timing all = ask(w, "{\"model\": null}", "first");
    printf("all samples: %.1f ms, of processors %.1f ms\n", all.took, all.processor);
    for (size_t i = 0; i < FILTERS; i++) {
        static char words[1 << 16];
        put_filter(&r, f, words, sizeof words);
        if (strcmp(part, "rest") == 0)
            ask(w, words, "first");
        const timing t = ask(w, words, part);
        took[i] = t.took;
        busy[i] = t.processor;
        printf("%6.1f ms, of processors %6.1f ms %.200s\n", took[i], busy[i], words);
    }
    tell(part, took, busy);
    workspace_close(w);
    return 0;
}
