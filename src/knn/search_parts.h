#ifndef KNN_SEARCH_PARTS_H
#define KNN_SEARCH_PARTS_H

#include "knn/loops.h"
#include "knn/search.h"

#include <pthread.h>
#include <stdatomic.h>

/* What search.c and search_state.c share. */

/* Every product has this shape, STRIP rows by BLOCK rows, the last ones filled up with zeros: BLAS
 * adds differently at the edges of other shapes, and equal vectors must be equally similar. */
enum { STRIP = 1024, BLOCK = 2048 };

/* The stored state: this, a byte a pair of blocks (1: done) up to a multiple of 8, the heaps. */
typedef struct search_header {
    char magic[8];
    uint64_t row_count, dimensions, kept, pair_count, vectors, checksum;
} search_header;

typedef struct block_lock {
    pthread_mutex_t mutex;
} block_lock;

typedef struct search_worker {
    float *products;   /* STRIP × BLOCK */
    float bars[BLOCK]; /* what the columns' rows ask of a candidate */
    uint32_t hits[BLOCK + 16];
} search_worker;

/* Rows here are those that have a direction, counted through; row[] gives their numbers. */
struct knn_search {
    knn_vectors vectors;
    size_t k, kept;
    int thread_count;
    const progress *progress;
    const knn_loops *loops;
    size_t count, block_count, pair_count;
    uint32_t *row;
    double *square; /* a·a of each as it was given */
    float *unit;    /* block_count × BLOCK rows of length 1, zeros at the end */
    unsigned char *state;
    size_t state_bytes;
    unsigned char *done; /* within state */
    uint64_t *heaps;     /* within state: count × kept, ranked.h */
    block_lock *locks;   /* one a block, over its rows' heaps */
    search_worker *workers;
    size_t *pending; /* numbers of the pairs not yet done when the present run began */
    size_t pending_count;
    atomic_size_t run_pairs; /* done in it */
    size_t ran_pairs;        /* in all runs of this process */
    double ran_seconds;
};

#endif
