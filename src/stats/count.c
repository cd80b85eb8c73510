/* Counting pairs of codes: the innermost loop of every evaluation. */
#include "stats/count.h"

#include <string.h>

/* Where rows come sorted by class, one cell is counted over and over, and each time waits for the
 * time before: the more counters take turns, the less. Eight for each of 37² cells are 43 KB,
 * within the first cache; four for each of 251² are 1 MB, about a core's own. */
enum { LANES_MOST = 8, EIGHT_LANES_CLASSES_MOST = 36, LANES_FEWER = 4, LANED_CLASSES_MOST = 250 };

/* Cell numbers are made and used a block at a time, inside the first cache. */
enum { BLOCK = 512 };

static size_t lane_count(uint32_t class_count)
{
    return class_count <= EIGHT_LANES_CLASSES_MOST ? LANES_MOST
           : class_count <= LANED_CLASSES_MOST     ? LANES_FEWER
                                                   : 1;
}

size_t count_pairs_cells(uint32_t class_count)
{
    const size_t side = (size_t)class_count + 1;
    return side * side * lane_count(class_count);
}

static inline uint32_t cell_of(uint32_t class_count, uint16_t label, uint16_t prediction)
{
    const uint32_t row = label < class_count ? label : class_count;
    const uint32_t column = prediction < class_count ? prediction : class_count;
    return row * (class_count + 1) + column;
}

/* 251² cells have numbers of 16 bits, which vector instructions make eight at a time. */
static inline void find_small_cells(uint16_t *restrict cell, uint16_t class_count,
                                    const uint16_t *restrict label,
                                    const uint16_t *restrict prediction, size_t n)
{
    const uint16_t side = (uint16_t)(class_count + 1);
    for (size_t i = 0; i < n; i++) {
        const uint16_t row = label[i] < class_count ? label[i] : class_count;
        const uint16_t column = prediction[i] < class_count ? prediction[i] : class_count;
        cell[i] = (uint16_t)(row * side + column);
    }
}

/* A cell's lanes lie side by side, so what is touched stays dense in the cache. Four numbers come
 * in one load. */
static inline void add_four(uint32_t *restrict state, size_t lanes, size_t first,
                            const uint16_t *restrict cell)
{
    uint64_t four;
    memcpy(&four, cell, sizeof four);
    state[(four & 0xFFFF) * lanes + first]++;
    state[(four >> 16 & 0xFFFF) * lanes + first + 1]++;
    state[(four >> 32 & 0xFFFF) * lanes + first + 2]++;
    state[(four >> 48) * lanes + first + 3]++;
}

static inline void add_to_lanes(uint32_t *restrict state, size_t lanes,
                                const uint16_t *restrict cell, size_t n)
{
    size_t i = 0;
    for (; i + lanes <= n; i += lanes) {
        for (size_t first = 0; first < lanes; first += 4)
            add_four(state, lanes, first, cell + i + first);
    }
    for (; i < n; i++)
        state[cell[i] * lanes]++;
}

static void add_few_classes(uint32_t *restrict state, uint32_t class_count,
                            const uint16_t *restrict label, const uint16_t *restrict prediction,
                            size_t n)
{
    uint16_t cell[BLOCK];
    for (size_t at = 0; at < n; at += BLOCK) {
        const size_t count = n - at < BLOCK ? n - at : BLOCK;
        find_small_cells(cell, (uint16_t)class_count, label + at, prediction + at, count);
        if (class_count <= EIGHT_LANES_CLASSES_MOST)
            add_to_lanes(state, LANES_MOST, cell, count);
        else
            add_to_lanes(state, LANES_FEWER, cell, count);
    }
}

/* Two places of the input in turn: where rows come sorted by class, these are different cells. */
static void add_many_classes(uint32_t *restrict state, uint32_t class_count,
                             const uint16_t *restrict label, const uint16_t *restrict prediction,
                             size_t n)
{
    const size_t half = n / 2;
    for (size_t i = 0; i < half; i++) {
        state[cell_of(class_count, label[i], prediction[i])]++;
        state[cell_of(class_count, label[half + i], prediction[half + i])]++;
    }
    if (n % 2)
        state[cell_of(class_count, label[n - 1], prediction[n - 1])]++;
}

void count_pairs_add(uint32_t *restrict state, uint32_t class_count, const uint16_t *restrict label,
                     const uint16_t *restrict prediction, size_t n)
{
    if (lane_count(class_count) > 1)
        add_few_classes(state, class_count, label, prediction, n);
    else
        add_many_classes(state, class_count, label, prediction, n);
}

/* The rows of one word, which may be any of its 64. */
static void add_word(uint32_t *restrict state, uint32_t class_count, const uint16_t *restrict label,
                     const uint16_t *restrict prediction, uint64_t word)
{
    const size_t lanes = lane_count(class_count);
    for (size_t taken = 0; word; word &= word - 1, taken++) {
        const int i = __builtin_ctzll(word);
        state[(size_t)cell_of(class_count, label[i], prediction[i]) * lanes + taken % lanes]++;
    }
}

void count_pairs_add_selected(uint32_t *restrict state, uint32_t class_count,
                              const uint16_t *restrict label, const uint16_t *restrict prediction,
                              const uint64_t *restrict rows, size_t n)
{
    for (size_t i = 0; i < n; i += 64) {
        const uint64_t covered = n - i < 64 ? ((uint64_t)1 << (n - i)) - 1 : UINT64_MAX;
        const uint64_t word = rows[i / 64] & covered;
        if (word == UINT64_MAX)
            count_pairs_add(state, class_count, label + i, prediction + i, 64);
        else
            add_word(state, class_count, label + i, prediction + i, word);
    }
}

void count_pairs_finish(uint32_t *state, uint32_t class_count)
{
    const size_t lanes = lane_count(class_count);
    const size_t cells = count_pairs_cells(class_count) / lanes;
    for (size_t i = 0; lanes > 1 && i < cells; i++) {
        uint32_t sum = 0;
        for (size_t lane = 0; lane < lanes; lane++)
            sum += state[i * lanes + lane];
        state[i] = sum;
    }
}
