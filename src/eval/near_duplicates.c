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

/* Whole numbers: 1000 times the grey, summed over boxes of four pixels, times GREYS and without
 * its mean. Sums of their products stay exact in 64 bits. */
typedef struct greys {
    int64_t at[GREYS];
    double square;
} greys;

static greys greys_of(const uint8_t *picture)
{
    greys g = {.square = 0.0};
    int64_t mean = 0;
    for (size_t y = 0; y < SMALL_SIDE; y++) {
        for (size_t x = 0; x < SMALL_SIDE; x++) {
            const uint8_t *const p = picture + (y * SMALL_SIDE + x) * 3;
            g.at[y / 2 * GREY_SIDE + x / 2] += 299 * p[0] + 587 * p[1] + 114 * p[2];
        }
    }
    for (size_t i = 0; i < GREYS; i++)
        mean += g.at[i];
    mean /= GREYS;
    int64_t square = 0;
    for (size_t i = 0; i < GREYS; i++) {
        g.at[i] -= mean;
        square += g.at[i] * g.at[i];
    }
    g.square = (double)square;
    return g;
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

/* A grey step between boxes in one corner: below it there is nothing to correlate. */
#define FLAT_SQUARE 1e7

float pictures_likeness(const uint8_t *a, const uint8_t *b, bool *mirrored)
{
    *mirrored = false;
    const greys ga = greys_of(a), gb = greys_of(b);
    if (ga.square < FLAT_SQUARE || gb.square < FLAT_SQUARE)
        return nearly_equal(a, b) ? 1.0F : 0.0F;
    const double upright = product_of(&ga, &gb, 0), turned = product_of(&ga, &gb, GREY_SIDE - 1);
    *mirrored = turned > upright;
    const double r = (*mirrored ? turned : upright) / sqrt(ga.square * gb.square);
    return (float)(r < 0.0 ? 0.0 : r > 1.0 ? 1.0 : r);
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
