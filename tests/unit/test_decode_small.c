/* Small pictures that formats hold or make by themselves, against the whole picture made small. */
#include "image/decode.h"
#include "image/kind.h"
#include "support/check.h"

#include "base/mem.h"

#include <dirent.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 4096, FILE_MOST = 1 << 20, GOLDEN_LEAST = 59 };

static image_decoder *small, *whole;

static int set_up(void **state)
{
    (void)state;
    return image_decoder_new(&small, NULL) != ASSAY_OK ||
           image_decoder_new(&whole, NULL) != ASSAY_OK;
}

static int tear_down(void **state)
{
    (void)state;
    image_decoder_free(small);
    image_decoder_free(whole);
    image_thread_end();
    return 0;
}

static const char *folder(void)
{
    const char *at = getenv("ASSAY_TEST_IMAGES");
    return at ? at : "tests/images";
}

typedef struct bytes {
    uint8_t at[FILE_MOST];
    size_t length;
} bytes;

static void load(const char *name, bytes *out)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", folder(), name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    out->length = fread(out->at, 1, sizeof out->at, f);
    assert_true(out->length > 0 && out->length < sizeof out->at);
    fclose(f);
}

/* How far two pictures lie apart: by their brightness, by all channels, in the mean. */
typedef struct distance {
    double light, all;
    int most;
} distance;

static double light_of(const uint8_t *at, uint32_t channels)
{
    return channels == 1 ? at[0] : 0.299 * at[0] + 0.587 * at[1] + 0.114 * at[2];
}

static distance distance_of(const pixels *a, const pixels *b)
{
    distance d = {0};
    const size_t n = (size_t)a->width * a->height, channels = a->channels;
    for (size_t i = 0; i < n * channels; i++) {
        const int off = abs(a->at[i] - b->at[i]);
        d.all += off;
        d.most = off > d.most ? off : d.most;
    }
    for (size_t i = 0; i < n * channels; i += channels)
        d.light += fabs(light_of(a->at + i, a->channels) - light_of(b->at + i, a->channels));
    d.all /= (double)(n * channels);
    d.light /= (double)n;
    return d;
}

/* Decoded small against made small of `all`, the whole picture. */
static distance compare(const char *name, const bytes *file, const pixels *all, uint32_t side)
{
    pixels a, b;
    assay_err err = {0};
    if (image_decode_small(small, file->at, file->length, side, &a, &err) != ASSAY_OK ||
        image_make_small(whole, all, side, &b, &err) != ASSAY_OK)
        fail_msg("%s: %s", name, err.msg);
    if (a.width != b.width || a.height != b.height || a.channels != b.channels)
        fail_msg("%s at %u: %u × %u × %u; expected %u × %u × %u", name, side, a.width, a.height,
                 a.channels, b.width, b.height, b.channels);
    return distance_of(&a, &b);
}

static pixels decode_whole(const char *name, const bytes *file)
{
    pixels p;
    assay_err err = {0};
    if (image_decode(whole, file->at, file->length, &p, &err) != ASSAY_OK)
        fail_msg("%s: %s", name, err.msg);
    return p;
}

static int most_off(const char *name, const bytes *file, uint32_t side)
{
    const pixels all = decode_whole(name, file);
    return compare(name, file, &all, side).most;
}

/* What a small picture of a format may differ by in the mean, and whether it must, for it is
 * decoded otherwise. The files are full of noise and edges, which photographs have less of, and so
 * small that it is seen how colours of half the resolution were enlarged. */
typedef struct allowed {
    double light, all;
    bool differs;
} allowed;

static allowed allowed_for(const char *name)
{
    if (strstr(name, ".jpg"))
        return (allowed){14, 20, false};
    if (strstr(name, ".jp2"))
        return (allowed){10, 12, true};
    if (strstr(name, ".webp") && !strstr(name, "rgba"))
        return (allowed){0.5, 8, true};
    return (allowed){0};
}

static void every_golden_image_looks_the_same(void **state)
{
    (void)state;
    static const uint32_t sides[] = {5, 8, 13, 15, 16, 23, 30, 31, 47, 61, 100};
    static bytes file;
    DIR *d = opendir(folder());
    assert_non_null(d);
    size_t count = 0;
    for (const struct dirent *e; (e = readdir(d));) {
        if (e->d_name[0] == '.' || strstr(e->d_name, ".csv"))
            continue;
        load(e->d_name, &file);
        const allowed most = allowed_for(e->d_name);
        int differing = 0;
        const pixels all = decode_whole(e->d_name, &file);
        for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
            const uint32_t side = sides[i];
            const distance off = compare(e->d_name, &file, &all, side);
            if (off.light > most.light || off.all > most.all)
                fail_msg("%s at %u: %.3f in brightness, %.3f in all, %d at most", e->d_name, side,
                         off.light, off.all, off.most);
            differing += off.most > 0;
        }
        if (most.differs && differing == 0)
            fail_msg("%s: is decoded whole at any size", e->d_name);
        count++;
    }
    closedir(d);
    assert_true(count >= GOLDEN_LEAST);
}

static void four_channels_are_decoded_at_a_fraction(void **state)
{
    (void)state;
    static bytes file;
    load("cmyk.jpg", &file);
    assert_true(most_off("cmyk.jpg", &file, 15) > 0);
    assert_int_equal(most_off("cmyk.jpg", &file, 40), 0);
}

/* A box that nobody reads, with the name of a palette in it. */
static void a_palette_is_not_averaged(void **state)
{
    (void)state;
    static bytes file;
    load("lossless.jp2", &file);
    assert_true(most_off("lossless.jp2", &file, 15) > 0);
    memcpy(file.at + file.length,
           "\0\0\0\x0C"
           "freepclr",
           12);
    file.length += 12;
    assert_int_equal(most_off("with a palette", &file, 15), 0);
}

/* ---- TIFF by hand: each directory a picture of one colour in one strip */

enum { TIFF_TAGS = 9, TIFF_BYTES = 2 + 12 * TIFF_TAGS + 4 };

typedef struct level {
    uint32_t width, height;
    uint8_t grey;
    bool broken; /* its pixels are said to lie behind the file's end */
} level;

static void put16(bytes *f, uint32_t x)
{
    f->at[f->length++] = (uint8_t)x;
    f->at[f->length++] = (uint8_t)(x >> 8);
}

static void put32(bytes *f, uint32_t x)
{
    put16(f, x & 0xFFFF);
    put16(f, x >> 16);
}

static void put_tag(bytes *f, uint32_t tag, uint32_t type, uint32_t count, uint32_t value)
{
    put16(f, tag);
    put16(f, type);
    put32(f, count);
    put32(f, value);
}

static void put_directory(bytes *f, const level *l, uint32_t pixels_at, uint32_t next)
{
    put16(f, TIFF_TAGS);
    put_tag(f, 256, 4, 1, l->width);
    put_tag(f, 257, 4, 1, l->height);
    put_tag(f, 258, 3, 1, 8);
    put_tag(f, 259, 3, 1, 1);
    put_tag(f, 262, 3, 1, 1);
    put_tag(f, 273, 4, 1, l->broken ? FILE_MOST : pixels_at);
    put_tag(f, 277, 3, 1, 1);
    put_tag(f, 278, 4, 1, l->height);
    put_tag(f, 279, 4, 1, l->width * l->height);
    put32(f, next);
}

/* Directories one after the other as pages, then the pixels of all. */
static void make_pages(bytes *f, const level *levels, size_t n)
{
    f->length = 0;
    put32(f, 'I' | 'I' << 8 | 42 << 16);
    put32(f, 8);
    uint32_t pixels_at = (uint32_t)(8 + n * TIFF_BYTES);
    for (size_t i = 0; i < n; i++) {
        put_directory(f, &levels[i], pixels_at,
                      i + 1 < n ? (uint32_t)(8 + (i + 1) * TIFF_BYTES) : 0);
        pixels_at += levels[i].width * levels[i].height;
    }
    for (size_t i = 0; i < n; i++) {
        const size_t count = (size_t)levels[i].width * levels[i].height;
        memset(f->at + f->length, levels[i].grey, count);
        f->length += count;
    }
}

/* The same pages, but all behind the first are told of by a tag of the first. */
static void make_inner(bytes *f, const level *levels, size_t n)
{
    make_pages(f, levels, n);
    const uint32_t first = (uint32_t)f->length;
    const level *l = &levels[0];
    put16(f, TIFF_TAGS + 1);
    const size_t tags = 12 * TIFF_TAGS;
    memcpy(f->at + f->length, f->at + 10, tags);
    f->length += tags;
    const uint32_t list = first + 2 + 12 * (TIFF_TAGS + 1) + 4;
    put_tag(f, 330, 4, (uint32_t)n - 1, n == 2 ? (uint32_t)(8 + TIFF_BYTES) : list);
    put32(f, 0);
    for (size_t i = 1; i < n; i++)
        put32(f, (uint32_t)(8 + i * TIFF_BYTES));
    /* No directory is followed by another now. */
    for (size_t i = 0; i < n; i++)
        memset(f->at + 8 + (i + 1) * TIFF_BYTES - 4, 0, 4);
    const size_t end = f->length;
    f->length = 4;
    put32(f, first);
    f->length = end;
    assert_true(l->width > 0);
}

static void expect_grey(const bytes *f, uint32_t side, uint8_t grey, uint32_t width,
                        uint32_t height)
{
    pixels p;
    assay_err err = {0};
    const assay_code code = image_decode_small(small, f->at, f->length, side, &p, &err);
    if (code != ASSAY_OK)
        fail_msg("%s", err.msg);
    assert_int_equal(p.width, width);
    assert_int_equal(p.height, height);
    for (size_t i = 0; i < (size_t)width * height * p.channels; i++)
        assert_int_equal(p.at[i], grey);
}

typedef void make_tiff(bytes *f, const level *levels, size_t n);
static make_tiff *const makers[] = {make_pages, make_inner};

static void the_levels_of_a_pyramid_are_taken(void **state)
{
    (void)state;
    static bytes f;
    /* Halves are rounded down or up. */
    const level levels[] = {{401, 301, 10, false}, {201, 150, 20, false}, {100, 75, 30, false}};
    for (size_t k = 0; k < 2; k++) {
        makers[k](&f, levels, 3);
        expect_grey(&f, 500, 10, 401, 301);
        expect_grey(&f, 101, 10, 101, 76);
        expect_grey(&f, 100, 20, 100, 75);
        expect_grey(&f, 51, 20, 51, 38);
        expect_grey(&f, 50, 30, 50, 38);
        expect_grey(&f, 1, 30, 1, 1);
    }
}

static void other_pages_are_not_taken_for_levels(void **state)
{
    (void)state;
    static bytes f;
    static const level second[] = {{400, 300, 20, false}, {198, 150, 20, false},
                                   {200, 148, 20, false}, {100, 75, 20, false},
                                   {150, 200, 20, false}, {1, 1, 20, false}};
    for (size_t i = 0; i < sizeof second / sizeof *second; i++) {
        const level levels[] = {{400, 300, 10, false}, second[i]};
        for (size_t k = 0; k < 2; k++) {
            makers[k](&f, levels, 2);
            expect_grey(&f, 20, 10, 20, 15);
        }
    }
}

static void a_broken_level_gives_way_to_the_whole(void **state)
{
    (void)state;
    static bytes f;
    const level levels[] = {{400, 300, 10, false}, {200, 150, 20, true}};
    for (size_t k = 0; k < 2; k++) {
        makers[k](&f, levels, 2);
        expect_grey(&f, 50, 10, 50, 38);
    }
}

static void limits_are_those_of_the_whole(void **state)
{
    (void)state;
    static bytes f;
    pixels p;
    assay_err err = {0};
    level levels[] = {{40, 30, 10, false}, {20, 15, 20, false}};
    make_pages(&f, levels, 2);
    expect_grey(&f, 5, 20, 5, 4);
    levels[0].width = levels[0].height = 20000;
    const size_t end = f.length;
    f.length = 8;
    put_directory(&f, &levels[0], 8 + 2 * TIFF_BYTES, 8 + TIFF_BYTES);
    f.length = end;
    assert_int_equal(image_decode_small(small, f.at, f.length, 5, &p, &err), ASSAY_E_LIMIT);
    assert_string_equal(err.msg, "is 20000 × 20000 pixels; at most 100000000 are decoded");
    assert_null(p.at);
}

/* What is wrong with a file is told alike, whatever the size. */
static void cut_files_fail_in_the_words_of_the_whole(void **state)
{
    (void)state;
    static const char *const names[] = {"lossy.webp", "lossless.webp", "cmyk.jpg", "lossless.jp2"};
    static bytes file;
    size_t failed = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        load(names[i], &file);
        for (size_t length = 1; length < file.length; length += 97) {
            pixels p;
            assay_err told = {0}, expected = {0};
            const assay_code code = image_decode_small(small, file.at, length, 15, &p, &told);
            const assay_code of_whole = image_decode(whole, file.at, length, &p, &expected);
            /* The lower resolutions of JPEG 2000 may come first. */
            if (code == ASSAY_OK && image_kind_of(file.at, length) == KIND_JP2)
                continue;
            if (code != of_whole || strcmp(told.msg, expected.msg) != 0)
                fail_msg("%s, %zu bytes: %s\nexpected %s", names[i], length, told.msg,
                         expected.msg);
            failed += code != ASSAY_OK;
        }
    }
    assert_true(failed > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_golden_image_looks_the_same),
        cmocka_unit_test(four_channels_are_decoded_at_a_fraction),
        cmocka_unit_test(a_palette_is_not_averaged),
        cmocka_unit_test(the_levels_of_a_pyramid_are_taken),
        cmocka_unit_test(other_pages_are_not_taken_for_levels),
        cmocka_unit_test(a_broken_level_gives_way_to_the_whole),
        cmocka_unit_test(limits_are_those_of_the_whole),
        cmocka_unit_test(cut_files_fail_in_the_words_of_the_whole),
    };
    return cmocka_run_group_tests_name("decode_small", tests, set_up, tear_down);
}
