/* A sample as the page shows it in lists. */
#include "server/shown_sample.h"

#include "base/quoting.h"
#include "base/rng.h"
#include "server/frame_columns.h"
#include "server/json_words.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void shown_columns_find(const workspace_view *v, shown_columns *out)
{
    const frame *f = workspace_frame(v);
    *out = (shown_columns){.frame = f,
                           .width = frame_metric(f, "width"),
                           .height = frame_metric(f, "height"),
                           .split = frame_attribute(f, "split"),
                           .unreadable = frame_attribute(f, "unreadable"),
                           .has_images = workspace_overview(v)->has_images,
                           .revision = workspace_overview(v)->revision};
    for (size_t m = 0; m < IMAGE_MEASURE_COUNT; m++) {
        const double *measure = frame_metric(f, image_measure_name((image_measure)m));
        if (measure)
            out->measure[out->measure_count++] = measure;
    }
}

bool picture_version(const shown_columns *c, size_t row, char out[PICTURE_VERSION_BYTES])
{
    if (!c->has_images || attribute_of(c->unreadable, row))
        return false;
    uint64_t hash = row;
    for (size_t m = 0; m < c->measure_count; m++) {
        uint64_t bits;
        memcpy(&bits, &c->measure[m][row], sizeof bits);
        hash = rng_mix(hash ^ bits) + m;
    }
    if (!c->width || isnan(c->width[row]))
        hash = rng_mix(row ^ rng_mix(c->revision));
    snprintf(out, PICTURE_VERSION_BYTES, "%016" PRIx64, hash);
    return true;
}

static void put_key(text *out, const char *key)
{
    text_printf(out, ", \"%s\": ", key);
}

static void put_text_of(text *out, const text_column *column, size_t row)
{
    quote_json(out, column->bytes + column->start[row],
               (size_t)(column->start[row + 1] - column->start[row]));
}

static void put_names(text *out, const frame *f, size_t row)
{
    text_printf(out, "{\"sample\": %zu, \"id\": ", row);
    const text_column *id = f->id.start ? &f->id : &f->path;
    if (id->start)
        put_text_of(out, id, row);
    else
        text_printf(out, "\"%zu\"", row);
    put_key(out, "path");
    if (f->path.start)
        put_text_of(out, &f->path, row);
    else
        text_puts(out, "null");
}

static void put_class(text *out, const frame *f, uint16_t code)
{
    put_json_word(out, code == CLASS_MISSING ? NULL : f->classes.name[code]);
}

static void put_judgement(text *out, const frame *f, size_t row)
{
    const uint16_t label = f->label[row], prediction = f->prediction[row];
    put_key(out, "label");
    put_class(out, f, label);
    put_key(out, "prediction");
    put_class(out, f, prediction);
    put_key(out, "confidence");
    put_json_number(out, f->confidence ? f->confidence[row] : (double)NAN);
    put_key(out, "outcome");
    put_json_word(out, label == CLASS_MISSING || prediction == CLASS_MISSING ? NULL
                       : label == prediction                                 ? "correct"
                                                                             : "wrong");
}

static void put_tags(text *out, const frame *f, size_t row)
{
    bool first = true;
    put_key(out, "tags");
    text_puts(out, "[");
    for (size_t t = 0; t < f->tag_count; t++) {
        if (!selection_has(&f->tag[t].rows, row))
            continue;
        text_puts(out, first ? "" : ", ");
        put_json_word(out, f->tag[t].name);
        first = false;
    }
    text_puts(out, "]");
}

void put_sample(text *out, const shown_columns *c, uint32_t row, double value)
{
    const frame *f = c->frame;
    char version[PICTURE_VERSION_BYTES];
    put_names(out, f, row);
    put_judgement(out, f, row);
    put_key(out, "value");
    put_json_number(out, value);
    put_tags(out, f, row);
    put_key(out, "split");
    put_json_word(out, attribute_of(c->split, row));
    put_key(out, "width");
    put_json_number(out, c->width ? c->width[row] : (double)NAN);
    put_key(out, "height");
    put_json_number(out, c->height ? c->height[row] : (double)NAN);
    put_key(out, "picture");
    put_json_word(out, picture_version(c, row, version) ? version : NULL);
    text_puts(out, "}");
}

void put_samples(text *out, const shown_columns *c, const uint32_t *row, const double *value,
                 size_t count)
{
    text_puts(out, "[");
    for (size_t i = 0; i < count; i++) {
        text_puts(out, i ? ",\n" : "\n");
        put_sample(out, c, row[i], value ? value[i] : (double)NAN);
    }
    text_puts(out, "]");
}
