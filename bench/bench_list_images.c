/* How long it takes to list the images that a path names: bench_list_images PATH [THREADS]. Prints
 * one line of JSON. */
#include "store/image_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    const image_list_request request = {.images = argv[1],
                                        .thread_count = argc > 2 ? atoi(argv[2]) : 1};
    image_list list;
    assay_err err = {0};
    const double start = now();
    if (image_list_read(&request, &list, &err) != ASSAY_OK) {
        fprintf(stderr, "%s\n", err.msg);
        return 1;
    }
    const double seconds = now() - start;
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("{\"kind\": \"%s\", \"images\": %zu, \"classes\": %u, \"seconds\": %.3f, \"peak_mib\": "
           "%ld}\n",
           list.kind, list.count, list.classes.count, seconds, used.ru_maxrss / 1024);
    image_list_clear(&list);
    return 0;
}
