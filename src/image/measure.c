/* One walk over an image's rows, each of which every family of measures sees while it is in the
 * cache. */
#include "image/measure.h"

#include "image/measure_parts.h"

#include <assert.h>
#include <math.h>

/* Memory that vector loops may read or write behind a row's end; and what rows begin at a multiple
 * of, for a vector that lies in two lines of the cache costs twice. */
enum { ROW_SPARE = 64, ROW_PLANES = 6, ROW_STEP = MEM_LINE };

struct image_meter {
    const pixel_kernels *kernels;
    light_meter light;
    uint8_t *rows; /* red, green, blue and grey of one row, or a grey row as RGB; sums of columns */
    size_t row_room;
};

static const struct {
    const char *name, *unit, *meaning;
} about[] = {
#define X(enumerator, name, unit, meaning) {name, unit, meaning},
    IMAGE_MEASURE_MAP(X)
#undef X
};

const char *image_measure_name(image_measure m)
{
    return about[m].name;
}

const char *image_measure_unit(image_measure m)
{
    return about[m].unit;
}

const char *image_measure_meaning(image_measure m)
{
    return about[m].meaning;
}

assay_code image_meter_new(image_meter **out, assay_err *err)
{
    *out = mem_zalloc(1, sizeof **out);
    if (!*out)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory");
    (*out)->kernels = kernels_at(0);
    (*out)->light.kernels = kernels_at(0);
    return ASSAY_OK;
}

void image_meter_free(image_meter *m)
{
    if (!m)
        return;
    light_meter_clear(&m->light);
    mem_free(m->rows);
    mem_free(m);
}

static assay_code take_rows(image_meter *m, size_t width, assay_err *err)
{
    if (width <= m->row_room)
        return ASSAY_OK;
    mem_free(m->rows);
    width = (width + ROW_STEP - 1) / ROW_STEP * ROW_STEP;
    m->rows = mem_alloc_lines((width + ROW_SPARE) * ROW_PLANES, 1);
    m->row_room = m->rows ? width : 0;
    return m->rows ? ASSAY_OK : assay_fail(err, ASSAY_E_NOMEM, "out of memory");
}

static uint8_t *plane(const image_meter *m, size_t i)
{
    return m->rows + i * (m->row_room + ROW_SPARE);
}

/* What all rows add to. */
typedef struct totals {
    line_sums lines;
    survey survey;
    thumbnail look;
} totals;

static void add_colour_row(image_meter *m, const pixels *p, uint32_t y, totals *t)
{
    const pixel_kernels *k = m->kernels;
    const size_t n = p->width;
    const uint8_t *row = p->at + y * n * 3;
    uint8_t *r = plane(m, 0), *g = plane(m, 1), *b = plane(m, 2);
    k->split(row, n, r, g, b);
    light_before_row(&m->light, &t->survey.light, n);
    k->survey(&(planes){r, g, b, n}, &t->survey);
    thumbnail_add_row(&t->look, y, t->survey.grey);
}

/* A grey row has the hash of the same row in RGB; all else its histogram tells. */
static void add_grey_row(image_meter *m, const pixels *p, uint32_t y, totals *t)
{
    const size_t n = p->width;
    const uint8_t *row = p->at + y * n;
    uint8_t *rgb = m->rows;
    for (size_t i = 0; i < n; i++)
        rgb[3 * i] = rgb[3 * i + 1] = rgb[3 * i + 2] = row[i];
    pixel_hash_add(&t->lines.hash, rgb, 3 * n);
    grey_add_row(&t->survey.greys, row, n);
    thumbnail_add_row(&t->look, y, row);
}

static void finish_size(const pixels *p, image_measures *out)
{
    out->value[MEASURE_WIDTH] = p->width;
    out->value[MEASURE_HEIGHT] = p->height;
    out->value[MEASURE_AREA] = (double)p->width * p->height;
    out->value[MEASURE_ASPECT_RATIO] = (double)p->width / p->height;
    out->value[MEASURE_FILE_BYTES] = (double)NAN;
    out->value[MEASURE_RANDOM] = (double)NAN;
}

static assay_code finish(image_meter *m, const pixels *p, totals *t, image_measures *out,
                         assay_err *err)
{
    const uint64_t n = (uint64_t)p->width * p->height, channel_count = n * p->channels;
    const uint32_t *greys = t->survey.greys.of[0];
    grey_finish(&t->survey.greys);
    finish_size(p, out);
    if (p->channels == 1) {
        grey_sums(greys, &t->lines.bytes);
        light_of_grey(greys, n, out);
    } else {
        ASSAY_TRY(light_finish(&m->light, &t->survey.light, p, out, err));
    }
    out->value[MEASURE_BRIGHTNESS] = (double)t->lines.bytes.sum / (double)channel_count / 255;
    out->value[MEASURE_CONTRAST] = spread_deviation(&t->lines.bytes, channel_count) / 255;
    out->value[MEASURE_SHARPNESS] = sharpness_of(p, &t->lines);
    out->value[MEASURE_IMAGE_ENTROPY] = grey_entropy(greys, n);
    colour_finish(&t->survey.colours, n, out);
    out->pixel_hash = pixel_hash_end(&t->lines.hash);
    out->perceptual_hash = perceptual_hash_of(&t->look);
    return ASSAY_OK;
}

assay_code image_measure_all(image_meter *m, const pixels *p, image_measures *out, assay_err *err)
{
    assert(p->width >= 1 && p->height >= 1 && (p->channels == 1 || p->channels == 3));
    ASSAY_TRY(take_rows(m, p->width, err));
    totals t = {.survey.grey = plane(m, 3)};
    if (p->channels == 3)
        ASSAY_TRY(light_begin(&m->light, p, &t.survey.light, err));
    thumbnail_begin(&t.look, m->kernels, p, (uint16_t *)(void *)plane(m, 4));
    pixel_hash_begin(&t.lines.hash, p->width, p->height);
    for (uint32_t y = 0; y < p->height; y++) {
        spread_row(m->kernels, p, y, &t.lines);
        if (p->channels == 3)
            add_colour_row(m, p, y, &t);
        else
            add_grey_row(m, p, y, &t);
    }
    image_measures made;
    ASSAY_TRY(finish(m, p, &t, &made, err));
    *out = made;
    return ASSAY_OK;
}
