/* Times the exact neighbours of all rows: bench_knn FLOATS ROWS COLUMNS K THREADS [LISTS]. FLOATS
 * holds float32, row by row. Prints seconds, seconds of processor, and the peak of memory in MiB;
 * LISTS gets the indices. bench/knn_faiss.py drives it and its rival. */
#include "base/mem.h"
#include "knn/exact.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static void stop(const char *why)
{
    fprintf(stderr, "bench_knn: %s\n", why);
    exit(1);
}

static double seconds_now(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + 1e-9 * (double)at.tv_nsec;
}

static double cpu_seconds(void)
{
    struct timespec at;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec + 1e-9 * (double)at.tv_nsec;
}

static float *read_floats(const char *path, size_t count)
{
    float *const at = mem_alloc(count, sizeof *at);
    FILE *const f = fopen(path, "rb");
    if (!at || !f || fread(at, sizeof *at, count, f) != count)
        stop("the floats cannot be read");
    fclose(f);
    return at;
}

static void write_lists(const char *path, const knn_lists *lists)
{
    const size_t count = lists->row_count * lists->k;
    FILE *const f = fopen(path, "wb");
    if (!f || fwrite(lists->index, sizeof *lists->index, count, f) != count || fclose(f))
        stop("the lists cannot be written");
}

int main(int argc, char **argv)
{
    if (argc < 6)
        stop("FLOATS ROWS COLUMNS K THREADS [LISTS]");
    knn_vectors v = {.row_count = strtoul(argv[2], NULL, 10),
                     .dimensions = strtoul(argv[3], NULL, 10)};
    const knn_options options = {.k = strtoul(argv[4], NULL, 10),
                                 .thread_count = (int)strtol(argv[5], NULL, 10)};
    float *const floats = read_floats(argv[1], v.row_count * v.dimensions);
    v.at = floats;
    knn_lists lists;
    assay_err err;
    const double begun = seconds_now(), cpu_begun = cpu_seconds();
    if (knn_exact_all(&v, &options, &lists, &err) != ASSAY_OK)
        stop(err.msg);
    const double seconds = seconds_now() - begun;
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    printf("%.6f %.6f %ld\n", seconds, cpu_seconds() - cpu_begun, use.ru_maxrss / 1024);
    if (argc > 6)
        write_lists(argv[6], &lists);
    knn_lists_clear(&lists);
    mem_free(floats);
    return 0;
}
