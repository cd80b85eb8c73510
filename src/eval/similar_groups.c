/* Samples that look alike, put together: a graph of those that are alike, then its largest
 * neighbourhoods one after the other. */
#include "eval/similar_groups.h"

#include "base/limits.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One end of a pair, as seen from the other. */
typedef struct likeness {
    uint32_t place;
    float distance;
} likeness;

/* The selected rows have places 0, 1, 2, … in their order; everything here goes by these. */
typedef struct alike {
    const neighbour_lists *lists;
    size_t count;
    uint32_t *row;    /* of each place */
    uint32_t *place;  /* of each row; NO_NEIGHBOUR: not selected */
    float *nearest;   /* the least distance to another of them; infinite: none is known */
    double threshold; /* the similarity from which two are alike */
    size_t *start;    /* count + 1: where the likenesses of a place begin */
    likeness *at;     /* of a place by place, each once */
    uint32_t *left;   /* how many of them are in no group yet */
    bool *taken;
    uint64_t *heap; /* places that may lead: left << 32 | ~place, some with a `left` of before */
    size_t heap_count;
} alike;

static void alike_clear(alike *a)
{
    mem_free(a->row);
    mem_free(a->place);
    mem_free(a->nearest);
    mem_free(a->start);
    mem_free(a->at);
    mem_free(a->left);
    mem_free(a->taken);
    mem_free(a->heap);
}
ASSAY_AUTO_CLEAR_DECLARE(alike)

void similar_groups_clear(similar_groups *groups)
{
    mem_free(groups->at);
    mem_free(groups->member);
    mem_free(groups->distance);
    *groups = (similar_groups){0};
}

static assay_code no_room(const alike *a, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory to group %zu samples", a->count);
}

static assay_code take_places(alike *a, const selection *rows, assay_err *err)
{
    a->count = selection_count(rows);
    a->row = mem_alloc(a->count, sizeof *a->row);
    a->nearest = mem_alloc(a->count, sizeof *a->nearest);
    a->place = mem_alloc_large(rows->row_count, sizeof *a->place);
    if (!a->row || !a->nearest || !a->place)
        return no_room(a, err);
    uint32_t place = 0;
    for (size_t row = 0; row < rows->row_count; row++) {
        a->place[row] = selection_has(rows, row) ? place : NO_NEIGHBOUR;
        if (!selection_has(rows, row))
            continue;
        a->row[place] = (uint32_t)row;
        a->nearest[place++] = INFINITY;
    }
    return ASSAY_OK;
}

/* Called with each pair that a list names: a pair of two lists comes twice. */
typedef void visit_pair(alike *a, uint32_t from, uint32_t to, float distance);

static void visit_pairs(alike *a, visit_pair *visit)
{
    const size_t k = a->lists->k;
    for (uint32_t from = 0; from < a->count; from++) {
        const uint32_t *index = a->lists->index + a->row[from] * k;
        const float *distance = a->lists->distance + a->row[from] * k;
        for (size_t i = 0; i < k && index[i] != NO_NEIGHBOUR; i++) {
            const uint32_t to = a->place[index[i]];
            if (to != NO_NEIGHBOUR)
                visit(a, from, to, distance[i]);
        }
    }
}

static void keep_nearest(alike *a, uint32_t from, uint32_t to, float distance)
{
    a->nearest[from] = fminf(a->nearest[from], distance);
    a->nearest[to] = fminf(a->nearest[to], distance);
}

static double similarity_of(float distance)
{
    return 1.0 - (double)distance;
}

static int compare_distances(const void *left, const void *right)
{
    const float a = *(const float *)left, b = *(const float *)right;
    return (a > b) - (a < b);
}

/* Puts `nearest` in order, which nobody needs afterwards. */
static double usual_threshold(alike *a, size_t without)
{
    const size_t known = a->count - without;
    if (known == 0)
        return 0.0;
    qsort(a->nearest, a->count, sizeof *a->nearest, compare_distances);
    /* Of an even number the less similar of the two in the middle: half of them reach it. */
    const double middle = similarity_of(a->nearest[known / 2]);
    return fmin(0.99, fmax(0.0, floor(middle * 100.0) / 100.0));
}

static size_t count_without(const alike *a)
{
    size_t count = 0;
    for (size_t i = 0; i < a->count; i++)
        count += isinf(a->nearest[i]) ? 1 : 0;
    return count;
}

static void count_pair(alike *a, uint32_t from, uint32_t to, float distance)
{
    const bool counts = similarity_of(distance) >= a->threshold;
    a->start[from] += counts;
    a->start[to] += counts;
}

static void put_pair(alike *a, uint32_t from, uint32_t to, float distance)
{
    if (similarity_of(distance) < a->threshold)
        return;
    a->at[a->start[from]++] = (likeness){to, distance};
    a->at[a->start[to]++] = (likeness){from, distance};
}

/* From how many each place has to where its own begin; how many there are in all. */
static size_t add_up(alike *a)
{
    size_t sum = 0;
    for (size_t i = 0; i <= a->count; i++) {
        const size_t own = i < a->count ? a->start[i] : 0;
        a->start[i] = sum;
        sum += own;
    }
    return sum;
}

/* By place; the nearer of a pair that two lists name comes first. */
static int compare_likenesses(const void *left, const void *right)
{
    const likeness *a = left, *b = right;
    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    return (a->distance > b->distance) - (a->distance < b->distance);
}

/* After put_pair() each start is its place's end. Pairs that came twice are kept once. */
static void tidy_pairs(alike *a)
{
    size_t begin = 0, kept = 0;
    for (size_t i = 0; i < a->count; i++) {
        const size_t end = a->start[i], first = kept;
        qsort(a->at + begin, end - begin, sizeof *a->at, compare_likenesses);
        for (size_t p = begin; p < end; p++) {
            if (kept == first || a->at[kept - 1].place != a->at[p].place)
                a->at[kept++] = a->at[p];
        }
        a->start[i] = first;
        a->left[i] = (uint32_t)(kept - first);
        begin = end;
    }
    a->start[a->count] = kept;
}

static assay_code take_pairs(alike *a, assay_err *err)
{
    a->start = mem_zalloc(a->count + 1, sizeof *a->start);
    a->left = mem_alloc(a->count, sizeof *a->left);
    if (!a->start || !a->left)
        return no_room(a, err);
    visit_pairs(a, count_pair);
    const size_t ends = add_up(a);
    if (ends > 2 * SIMILAR_PAIRS_MOST)
        return assay_fail(
            err, ASSAY_E_LIMIT,
            "%zu pairs of these %zu samples have a similarity of %.2f or more; at most "
            "%zu can be grouped: ask for more similarity, or filter the samples",
            ends / 2, a->count, a->threshold, SIMILAR_PAIRS_MOST);
    a->at = mem_alloc_large(ends, sizeof *a->at);
    if (!a->at)
        return no_room(a, err);
    visit_pairs(a, put_pair);
    tidy_pairs(a);
    return ASSAY_OK;
}

static uint64_t heap_key(const alike *a, uint32_t place)
{
    return (uint64_t)a->left[place] << 32 | (UINT32_MAX - place);
}

static void sift_down(alike *a, size_t i)
{
    const uint64_t key = a->heap[i];
    for (size_t child; (child = 2 * i + 1) < a->heap_count; i = child) {
        if (child + 1 < a->heap_count && a->heap[child + 1] > a->heap[child])
            child++;
        if (a->heap[child] <= key)
            break;
        a->heap[i] = a->heap[child];
    }
    a->heap[i] = key;
}

static assay_code heap_up(alike *a, assay_err *err)
{
    a->taken = mem_zalloc(a->count, sizeof *a->taken);
    a->heap = mem_alloc(a->count, sizeof *a->heap);
    if (!a->taken || !a->heap)
        return no_room(a, err);
    for (uint32_t i = 0; i < a->count; i++) {
        if (a->left[i] > 0)
            a->heap[a->heap_count++] = heap_key(a, i);
    }
    for (size_t i = a->heap_count / 2; i-- > 0;)
        sift_down(a, i);
    return ASSAY_OK;
}

/* The next leader; false: nobody is alike to anybody who is left. What any place has left only
 * becomes less, so an entry of before is never too low, and is put right when it comes up. */
static bool next_leader(alike *a, uint32_t *out)
{
    while (a->heap_count > 0) {
        const uint32_t place = UINT32_MAX - (uint32_t)a->heap[0];
        const bool stays = !a->taken[place] && a->left[place] > 0;
        if (stays && a->heap[0] == heap_key(a, place)) {
            *out = place;
            return true;
        }
        a->heap[0] = stays ? heap_key(a, place) : a->heap[--a->heap_count];
        sift_down(a, 0);
    }
    return false;
}

static void take(alike *a, uint32_t place)
{
    a->taken[place] = true;
    for (size_t p = a->start[place]; p < a->start[place + 1]; p++)
        a->left[a->at[p].place]--;
}

static int by_likeness(const void *left, const void *right)
{
    const likeness *a = left, *b = right;
    if (a->distance != b->distance)
        return a->distance < b->distance ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

static void put_member(similar_groups *out, const alike *a, likeness member)
{
    out->member[out->member_count] = a->row[member.place];
    out->distance[out->member_count++] = member.distance;
}

/* A leader's own likenesses are read once, here, and may change their order. */
static void put_group(alike *a, uint32_t leader, similar_groups *out)
{
    likeness *own = a->at + a->start[leader];
    const size_t all = a->start[leader + 1] - a->start[leader];
    size_t count = 0;
    for (size_t i = 0; i < all; i++) {
        if (a->taken[own[i].place])
            continue;
        const likeness member = own[i];
        own[i] = own[count];
        own[count++] = member;
    }
    qsort(own, count, sizeof *own, by_likeness);
    out->at[out->count++] = (similar_group){(uint32_t)out->member_count, (uint32_t)count + 1};
    put_member(out, a, (likeness){leader, 0.0F});
    take(a, leader);
    for (size_t i = 0; i < count; i++) {
        put_member(out, a, own[i]);
        take(a, own[i].place);
    }
}

/* No more groups than pairs of samples, and no more members than samples. */
static assay_code make_groups(alike *a, similar_groups *out, assay_err *err)
{
    uint32_t leader;
    out->at = mem_alloc(a->count / 2, sizeof *out->at);
    out->member = mem_alloc(a->count, sizeof *out->member);
    out->distance = mem_alloc(a->count, sizeof *out->distance);
    if (!out->at || !out->member || !out->distance)
        return no_room(a, err);
    ASSAY_TRY(heap_up(a, err));
    while (next_leader(a, &leader))
        put_group(a, leader, out);
    return ASSAY_OK;
}

static assay_code find(alike *a, const selection *rows, double threshold, similar_groups *out,
                       assay_err *err)
{
    ASSAY_TRY(take_places(a, rows, err));
    visit_pairs(a, keep_nearest);
    out->listed = a->count;
    out->without_neighbour = count_without(a);
    out->threshold = a->threshold =
        isnan(threshold) ? usual_threshold(a, out->without_neighbour) : threshold;
    ASSAY_TRY(take_pairs(a, err));
    return make_groups(a, out, err);
}

assay_code similar_groups_find(const neighbour_lists *lists, const selection *rows,
                               double threshold, similar_groups *out, assay_err *err)
{
    *out = (similar_groups){0};
    ASSAY_AUTO_CLEAR(alike) a = {.lists = lists};
    const assay_code code = find(&a, rows, threshold, out, err);
    if (code != ASSAY_OK)
        similar_groups_clear(out);
    return code;
}
