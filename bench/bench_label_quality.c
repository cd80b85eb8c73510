/* How long confident learning takes, on made-up probabilities in a mapped file: bench_label_quality
 * ROWS CLASSES [THREADS]. Prints one line of JSON; memory is what is held beyond the mapped matrix
 * and what was there before, at the end and at the highest that a look every millisecond saw. */
#include "base/rng.h"
#include "eval/label_quality.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* What is resident and of no file, in MiB: RssAnon. */
static long anonymous_mib(void)
{
    char page[4096];
    const int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    const ssize_t length = fd < 0 ? 0 : read(fd, page, sizeof page - 1);
    if (fd >= 0)
        close(fd);
    page[length > 0 ? length : 0] = '\0';
    const char *const line = strstr(page, "RssAnon:");
    return line ? strtol(line + 8, NULL, 10) / 1024 : 0;
}

typedef struct peak_watch {
    atomic_bool stop;
    long most;
} peak_watch;

static void *watch_peak(void *context)
{
    peak_watch *const w = context;
    while (!atomic_load(&w->stop)) {
        const long held = anonymous_mib();
        if (held > w->most)
            w->most = held;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return NULL;
}

static double unit(uint64_t x)
{
    return (double)(rng_mix(x) >> 11) * 0x1p-53;
}

static void make_row(float *p, size_t row, size_t classes, uint16_t *label)
{
    const size_t truly = rng_mix(row) % classes;
    const uint64_t other = rng_mix(row + 1000003);
    double sum = 0.0;
    *label = (uint16_t)(unit(row + 77) < 0.9 ? truly : other % classes);
    for (size_t k = 0; k < classes; k++) {
        const double x = unit(row * classes + k + 5);
        p[k] = (float)(x * x * x + (k == truly ? 0.1 * (double)classes : 0.0));
        sum += (double)p[k];
    }
    for (size_t k = 0; k < classes; k++)
        p[k] = (float)((double)p[k] / sum);
}

static float *map_matrix(size_t rows, size_t classes, uint16_t *label)
{
    char name[] = "/tmp/bench_label_quality_XXXXXX";
    const int fd = mkstemp(name);
    const size_t bytes = rows * classes * sizeof(float);
    if (fd < 0 || unlink(name) || ftruncate(fd, (off_t)bytes))
        return NULL;
    float *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED)
        return NULL;
    for (size_t row = 0; row < rows; row++)
        make_row(p + row * classes, row, classes, &label[row]);
    return p;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    const size_t rows = strtoul(argv[1], NULL, 10), classes = strtoul(argv[2], NULL, 10);
    const int threads = argc > 3 ? atoi(argv[3]) : 2;
    uint16_t *label = mem_alloc(rows, sizeof *label);
    const float *at = label ? map_matrix(rows, classes, label) : NULL;
    selection all;
    if (!at || selection_init(&all, rows, true, NULL))
        return 1;
    probabilities p = {
        .values = {.at = at, .row_count = rows, .column_count = classes, .type = MATRIX_F32}};
    const frame f = {
        .row_count = rows, .classes.count = (uint32_t)classes, .label = label, .probability = &p};
    const long before = anonymous_mib();
    peak_watch watch = {.most = before};
    pthread_t watcher;
    if (pthread_create(&watcher, NULL, watch_peak, &watch))
        return 1;
    const clock_t cpu = clock();
    const double start = now();
    label_quality *q = NULL;
    if (label_quality_new(&f, &all, threads, &q, NULL))
        return 1;
    const double seconds = now() - start;
    const double cpu_seconds = (double)(clock() - cpu) / CLOCKS_PER_SEC;
    const long after = anonymous_mib();
    atomic_store(&watch.stop, true);
    pthread_join(watcher, NULL);
    printf("{\"rows\": %zu, \"classes\": %zu, \"threads\": %d, \"issues\": %zu, \"seconds\": %.3f, "
           "\"cpu_seconds\": %.3f, \"held_mib\": %ld, \"peak_mib\": %ld}\n",
           rows, classes, threads, q->issue_count, seconds, cpu_seconds, after - before,
           watch.most - before);
    label_quality_free(q);
    selection_clear(&all);
    mem_free(label);
    return 0;
}
