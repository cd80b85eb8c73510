/* Suspected pairs are looked at: correlation of small grey pictures, either way round. */
#include "eval/near_duplicates.h"

#include "base/threads.h"
#include "eval/equal_pixels.h"

#include <math.h>
#include <string.h>

enum { GREY_SIDE = SMALL_SIDE / 2, GREYS = GREY_SIDE * GREY_SIDE, PAIRS_A_CHUNK = 1024 };

/* Flat pictures are the same where every value is this near. */
enum { FLAT_APART = 4 };

assay_code suspect_neighbours(const neighbour_lists *lists, sample_pairs *pairs, assay_err *err)
{
    for (size_t row = 0; row < lists->row_count; row++) {
        for (size_t n = 0; n < lists->k && n < SUSPECT_NEIGHBOURS; n++) {
            const uint32_t other = lists->index[row * lists->k + n];
            if (other == NO_NEIGHBOUR)
                break;
            if (!sample_pairs_add(pairs, (uint32_t)row, other))
                return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu pairs of samples",
                                  pairs->count);
        }
    }
    return sample_pairs_order(pairs, err);
}

/* What is left of a picture that was cropped by a twentieth: its sides in tenths of a pixel, and
 * those of one of its boxes, which touches up to three pixels. */
enum { TENTHS = 10, MIDDLE_START = 8, MIDDLE_BOX = 19, TOUCHED = 3 };
_Static_assert(2 * MIDDLE_START + GREY_SIDE * MIDDLE_BOX == SMALL_SIDE * TENTHS,
               "the middle is in the middle");

/* Whole numbers: 1000 times the grey, summed over boxes, without its mean. Sums of their products
 * stay exact in 64 bits. */
typedef struct greys {
    int64_t at[GREYS];
    double square;
    double flat; /* of a lesser square there is nothing to correlate */
} greys;

/* A picture's pixels as 1000 times the grey. */
typedef struct grey_picture {
    int32_t at[SMALL_SIDE][SMALL_SIDE];
} grey_picture;

static void grey_pixels(const uint8_t *picture, grey_picture *out)
{
    for (size_t y = 0; y < SMALL_SIDE; y++) {
        for (size_t x = 0; x < SMALL_SIDE; x++) {
            const uint8_t *const p = picture + (y * SMALL_SIDE + x) * 3;
            out->at[y][x] = 299 * p[0] + 587 * p[1] + 114 * p[2];
        }
    }
}

static void take_mean_off(greys *g)
{
    int64_t mean = 0, square = 0;
    for (size_t i = 0; i < GREYS; i++)
        mean += g->at[i];
    mean /= GREYS;
    for (size_t i = 0; i < GREYS; i++) {
        g->at[i] -= mean;
        square += g->at[i] * g->at[i];
    }
    g->square = (double)square;
}

/* A grey step between boxes of four pixels in one corner. */
#define FLAT_SQUARE 1e7

static void whole_greys(const grey_picture *picture, greys *out)
{
    for (size_t y = 0; y < GREY_SIDE; y++) {
        const int32_t *const above = picture->at[2 * y], *const below = picture->at[2 * y + 1];
        for (size_t x = 0; x < GREY_SIDE; x++)
            out->at[y * GREY_SIDE + x] =
                above[2 * x] + above[2 * x + 1] + below[2 * x] + below[2 * x + 1];
    }
    out->flat = FLAT_SQUARE;
    take_mean_off(out);
}

/* The first pixel that a box of the middle touches, and tenths of it and its neighbours. */
static size_t middle_box(size_t box, int32_t tenths[TOUCHED])
{
    const int start = MIDDLE_START + (int)box * MIDDLE_BOX, end = start + MIDDLE_BOX;
    const int first = start / TENTHS;
    for (int i = 0; i < TOUCHED; i++) {
        const int from = (first + i) * TENTHS, to = from + TENTHS;
        const int shared = (to < end ? to : end) - (from > start ? from : start);
        tenths[i] = shared > 0 ? shared : 0;
    }
    return (size_t)first;
}

static int32_t touched_sum(const int32_t *at, size_t stride, const int32_t tenths[TOUCHED])
{
    const int32_t last = tenths[2] ? tenths[2] * at[2 * stride] : 0; /* else perhaps outside */
    return tenths[0] * at[0] + tenths[1] * at[stride] + last;
}

static void middle_greys(const grey_picture *picture, greys *out)
{
    int32_t across[SMALL_SIDE][GREY_SIDE];
    int32_t tenths[TOUCHED];
    for (size_t x = 0; x < GREY_SIDE; x++) {
        const size_t first = middle_box(x, tenths);
        for (size_t y = 0; y < SMALL_SIDE; y++)
            across[y][x] = touched_sum(&picture->at[y][first], 1, tenths);
    }
    for (size_t y = 0; y < GREY_SIDE; y++) {
        const size_t first = middle_box(y, tenths);
        for (size_t x = 0; x < GREY_SIDE; x++)
            out->at[y * GREY_SIDE + x] = touched_sum(&across[first][x], GREY_SIDE, tenths);
    }
    const double area = (double)(MIDDLE_BOX * MIDDLE_BOX) / 4.0;
    out->flat = FLAT_SQUARE * area * area;
    take_mean_off(out);
}

static double product_of(const greys *a, const greys *b, size_t turned)
{
    int64_t sum = 0;
    for (size_t y = 0; y < GREY_SIDE; y++) {
        for (size_t x = 0; x < GREY_SIDE; x++)
            sum += a->at[y * GREY_SIDE + x] * b->at[y * GREY_SIDE + (x ^ turned)];
    }
    return (double)sum;
}

static bool nearly_equal(const uint8_t *a, const uint8_t *b)
{
    for (size_t i = 0; i < SMALL_BYTES; i++) {
        const int apart = (int)a[i] - (int)b[i];
        if (apart > FLAT_APART || apart < -FLAT_APART)
            return false;
    }
    return true;
}

/* The correlation upright and turned, where it is more than what is known. */
static void correlate(const greys *a, const greys *b, double *upright, double *turned)
{
    if (a->square < a->flat || b->square < b->flat)
        return;
    const double scale = sqrt(a->square) * sqrt(b->square);
    *upright = fmax(*upright, product_of(a, b, 0) / scale);
    *turned = fmax(*turned, product_of(a, b, GREY_SIDE - 1) / scale);
}

float pictures_likeness(const uint8_t *a, const uint8_t *b, bool *mirrored)
{
    *mirrored = false;
    grey_picture pa, pb;
    greys whole_a, whole_b, middle_a, middle_b;
    grey_pixels(a, &pa);
    grey_pixels(b, &pb);
    whole_greys(&pa, &whole_a);
    whole_greys(&pb, &whole_b);
    if (whole_a.square < whole_a.flat || whole_b.square < whole_b.flat)
        return nearly_equal(a, b) ? 1.0F : 0.0F;
    middle_greys(&pa, &middle_a);
    middle_greys(&pb, &middle_b);
    double upright = 0.0, turned = 0.0;
    correlate(&whole_a, &whole_b, &upright, &turned);
    correlate(&middle_a, &whole_b, &upright, &turned);
    correlate(&whole_a, &middle_b, &upright, &turned);
    *mirrored = turned > upright;
    const double r = *mirrored ? turned : upright;
    return (float)(r > 1.0 ? 1.0 : r);
}

typedef struct looking {
    const sample_pairs *pairs;
    const pair_view *view;
    const pair_looks *looks;
} looking;

static bool has_picture(const small_pictures *small, uint32_t sample)
{
    return small->at && (!small->has || small->has[sample]);
}

static void look(const looking *l, size_t i)
{
    const sample_pair p = l->pairs->at[i];
    const small_pictures *const small = &l->view->small;
    bool mirrored = false;
    float strength = NAN;
    if (l->view->pixels && equal_pixels(l->view->pixels, p.first, p.second))
        strength = 1.0F;
    else if (has_picture(small, p.first) && has_picture(small, p.second))
        strength = pictures_likeness(small->at + (size_t)p.first * SMALL_BYTES,
                                     small->at + (size_t)p.second * SMALL_BYTES, &mirrored);
    l->looks->strength[i] = strength;
    l->looks->mirrored[i] = mirrored;
}

static int look_at_chunk(void *context, size_t chunk, int worker)
{
    const looking *const l = context;
    const progress *const shown = l->view->progress;
    if (progress_stopped(shown))
        return 1;
    const size_t count = l->pairs->count;
    for (size_t i = chunk * PAIRS_A_CHUNK; i < (chunk + 1) * PAIRS_A_CHUNK && i < count; i++)
        look(l, i);
    if (worker == 0)
        progress_show(shown, "looking at pairs", chunk * PAIRS_A_CHUNK, count);
    return 0;
}

assay_code look_at_pairs(const sample_pairs *pairs, const pair_view *view, const pair_looks *looks,
                         assay_err *err)
{
    looking l = {pairs, view, looks};
    const size_t chunk_count = (pairs->count + PAIRS_A_CHUNK - 1) / PAIRS_A_CHUNK;
    if (threads_run(chunk_count, view->thread_count, look_at_chunk, &l))
        return assay_fail(err, ASSAY_E_CANCELLED, "interrupted while looking at %zu pairs",
                          pairs->count);
    progress_show(view->progress, "looking at pairs", pairs->count, pairs->count);
    return ASSAY_OK;
}
