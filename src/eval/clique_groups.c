/* Sets of samples that are all alike, from pairs that are. */
#include "eval/clique_groups.h"

#include "base/mem.h"
#include "stats/disjoint.h"

#include <stdlib.h>

/* A pair of roots that is strong enough, first < second. */
typedef struct strong_pair {
    uint32_t first, second;
    float strength;
} strong_pair;

typedef struct cliques {
    strong_pair *by_place;    /* ordered by first and second, each once */
    strong_pair *by_strength; /* the same, strongest first */
    size_t count;
    uint32_t *next; /* a ring through each set of roots */
    uint32_t *set;  /* sets of roots, of stats/disjoint.h */
} cliques;

static void cliques_clear(cliques *c)
{
    mem_free(c->by_place);
    mem_free(c->by_strength);
    mem_free(c->next);
    mem_free(c->set);
}
ASSAY_AUTO_CLEAR_DECLARE(cliques)

static int compare_place(const strong_pair *a, const strong_pair *b)
{
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return (a->second > b->second) - (a->second < b->second);
}

/* The stronger of two pairs of the same roots comes first. */
static int by_place(const void *left, const void *right)
{
    const strong_pair *a = left;
    const strong_pair *b = right;
    const int place = compare_place(a, b);
    return place ? place : (a->strength < b->strength) - (a->strength > b->strength);
}

static int by_strength(const void *left, const void *right)
{
    const strong_pair *a = left;
    const strong_pair *b = right;
    if (a->strength != b->strength)
        return a->strength > b->strength ? -1 : 1;
    return compare_place(a, b);
}

static void take_pairs(cliques *c, const sample_pairs *pairs, const float *strength,
                       float threshold, uint32_t *parent)
{
    for (size_t i = 0; i < pairs->count; i++) {
        const uint32_t a = disjoint_root(parent, pairs->at[i].first);
        const uint32_t b = disjoint_root(parent, pairs->at[i].second);
        if (strength[i] >= threshold && a != b)
            c->by_place[c->count++] = (strong_pair){a < b ? a : b, a < b ? b : a, strength[i]};
    }
    qsort(c->by_place, c->count, sizeof *c->by_place, by_place);
    size_t kept = 0;
    for (size_t i = 0; i < c->count; i++) {
        if (kept == 0 || compare_place(&c->by_place[kept - 1], &c->by_place[i]) != 0)
            c->by_place[kept++] = c->by_place[i];
    }
    c->count = kept;
    for (size_t i = 0; i < kept; i++)
        c->by_strength[i] = c->by_place[i];
    qsort(c->by_strength, kept, sizeof *c->by_strength, by_strength);
}

static bool is_pair(const cliques *c, uint32_t a, uint32_t b)
{
    const strong_pair wanted = {a < b ? a : b, a < b ? b : a, 0.0F};
    size_t low = 0;
    size_t high = c->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = compare_place(&c->by_place[middle], &wanted);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* Whether everybody of one ring is a pair with everybody of the other. */
static bool all_are_pairs(const cliques *c, uint32_t a, uint32_t b)
{
    uint32_t x = a;
    do {
        uint32_t y = b;
        do {
            if (!is_pair(c, x, y))
                return false;
            y = c->next[y];
        } while (y != b);
        x = c->next[x];
    } while (x != a);
    return true;
}

static void join_pairs(cliques *c, uint32_t *parent)
{
    for (size_t i = 0; i < c->count; i++) {
        const uint32_t a = c->by_strength[i].first;
        const uint32_t b = c->by_strength[i].second;
        if (disjoint_root(c->set, a) == disjoint_root(c->set, b) || !all_are_pairs(c, a, b))
            continue;
        disjoint_join(c->set, a, b);
        disjoint_join(parent, a, b);
        /* Two rings become one where their links are exchanged. */
        const uint32_t after = c->next[a];
        c->next[a] = c->next[b];
        c->next[b] = after;
    }
}

assay_code clique_groups_join(const sample_pairs *pairs, const float *strength, float threshold,
                              uint32_t *parent, size_t row_count, assay_err *err)
{
    ASSAY_AUTO_CLEAR(cliques) c = {0};
    c.by_place = mem_alloc(pairs->count, sizeof *c.by_place);
    c.by_strength = mem_alloc(pairs->count, sizeof *c.by_strength);
    c.next = mem_alloc(row_count, sizeof *c.next);
    c.set = mem_alloc(row_count, sizeof *c.set);
    if (!c.by_place || !c.by_strength || !c.next || !c.set)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the duplicates of %zu samples",
                          row_count);
    disjoint_init(c.next, row_count);
    disjoint_init(c.set, row_count);
    take_pairs(&c, pairs, strength, threshold, parent);
    join_pairs(&c, parent);
    return ASSAY_OK;
}
