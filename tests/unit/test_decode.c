/* Hostile and broken images: each is refused in words, none is decoded by half. */
#include "image/decode.h"
#include "support/check.h"

#include "base/mem.h"
#include "base/threads.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

enum { PATH_BYTES = 4096, FILE_MOST = 1 << 20 };

static char folder[] = "test_decode_XXXXXX";
static image_decoder *decoder;

static const char *golden(const char *name)
{
    static char path[PATH_BYTES];
    const char *at = getenv("ASSAY_TEST_IMAGES");
    snprintf(path, sizeof path, "%s/%s", at ? at : "tests/images", name);
    return path;
}

static uint8_t *load(const char *name, size_t *length)
{
    const uint8_t *at;
    assert_int_equal(image_decoder_read(decoder, golden(name), &at, length, NULL), ASSAY_OK);
    uint8_t *copy = malloc(*length);
    assert_non_null(copy);
    memcpy(copy, at, *length);
    return copy;
}

/* ---- made-up files */

static void put32(uint8_t *at, uint32_t x)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(x >> (24 - 8 * i));
}

/* A PNG of a header alone, and data that hold nothing. */
static size_t make_png(uint8_t *at, uint32_t width, uint32_t height, uint8_t depth, uint8_t type)
{
    memcpy(at, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
    put32(at + 16, width);
    put32(at + 20, height);
    memcpy(at + 24, ((uint8_t[]){depth, type, 0, 0, 0}), 5);
    put32(at + 29, (uint32_t)crc32(0, at + 12, 17));
    memcpy(at + 33, "\0\0\0\0IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xae\x42\x60\x82", 24);
    return 57;
}

/* A BMP's headers without pixels. */
static size_t make_bmp(uint8_t *at, uint32_t width, uint32_t height, uint8_t bits, uint8_t kind)
{
    memset(at, 0, 54);
    memcpy(at, "BM", 2);
    at[10] = 54;
    at[14] = 40;
    for (int i = 0; i < 4; i++) {
        at[18 + i] = (uint8_t)(width >> 8 * i);
        at[22 + i] = (uint8_t)(height >> 8 * i);
    }
    at[26] = 1;
    at[28] = bits;
    at[30] = kind;
    return 54;
}

static void check(const char *name, const uint8_t *at, size_t length, assay_code code,
                  const char *message)
{
    /* Exactly as large as the file, so that a sanitizer sees a read behind its end. */
    uint8_t *copy = malloc(length ? length : 1);
    assert_non_null(copy);
    memcpy(copy, at, length);
    pixels p = {.at = copy};
    assay_err err = {0};
    const assay_code found = image_decode(decoder, copy, length, &p, &err);
    free(copy);
    if (found != code || strcmp(err.msg, message) != 0)
        fail_msg("%s: %d %s\nexpected %d %s", name, found, err.msg, code, message);
    assert_null(p.at);
    assert_int_equal(p.width, 0);
}

static void what_is_no_image_is_refused_with_what_it_is(void **state)
{
    (void)state;
#define BYTES(text) text, sizeof(text) - 1
    static const struct {
        const char *name, *at;
        size_t length;
        const char *message;
    } cases[] = {
        {"nothing", BYTES(""), "is empty"},
        {"a page", BYTES("<!DOCTYPE html>\n<p>404</p>"),
         "is not an image (it begins with \"<!DOCTYPE\")"},
        {"text", BYTES("hello"), "is not an image (it begins with \"hello\")"},
        {"long word", BYTES("abcdefghijklmnopqrstuvwxyz"),
         "is not an image (it begins with \"abcdefghijklmnopqrst\")"},
        {"zeros", BYTES("\0\0\0\0\0\0\0\0"),
         "is not an image (it begins with the bytes 00 00 00 00)"},
        {"one byte", BYTES("\xFF"), "is not an image (it begins with the bytes ff)"},
        {"control", BYTES("\x1b[2Jx"), "is not an image (it begins with the bytes 1b 5b 32 4a)"},
        {"drawing", BYTES("<svg xmlns='http://www.w3.org/2000/svg'/>"),
         "is an SVG drawing, which is not read"},
        {"drawing with prologue", BYTES("\xEF\xBB\xBF <?xml version='1.0'?>\n<!-- --><svg/>"),
         "is an SVG drawing, which is not read"},
        {"other XML", BYTES("<?xml version='1.0'?><a/>"),
         "is not an image (it begins with \"<?xml\")"},
        {"document", BYTES("%PDF-1.7\n"), "is a PDF document, which is not read"},
        {"JPEG XL", BYTES("\xFF\x0A\0\0"), "is a JPEG XL image, which is not read"},
        {"archive", BYTES("PK\3\4...."), "is a zip archive, which is not read"},
        {"gzip", BYTES("\x1f\x8b\x08"), "is a gzip archive, which is not read"},
        {"film",
         BYTES("\0\0\0\x18"
               "ftypmp42\0\0\0\0mp42isom"),
         "is a film, which is not read"},
        {"icon", BYTES("\0\0\1\0\1\0"), "is an icon, which is not read"},
        {"BM and no more", BYTES("BM is how this text begins, which is no bitmap"),
         "is not an image (it begins with \"BM\")"},
        {"JPEG, cut", BYTES("\xFF\xD8\xFF\xE0"), "is cut short: the JPEG data have no end"},
        {"PNG, cut", BYTES("\x89PNG\r\n\x1a\n"), "is cut short: the PNG data have no end"},
        {"GIF, cut", BYTES("GIF89a"),
         "is damaged or cut short (GIF: Unexpected end of GIF source data)"},
        {"WebP, cut", BYTES("RIFF\x10\0\0\0WEBP"),
         "is damaged or cut short (WebP: unable to parse image)"},
        {"TIFF, cut", BYTES("II*\0"), "is damaged or cut short (TIFF: Cannot read TIFF header)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(cases[i].name, (const uint8_t *)cases[i].at, cases[i].length, ASSAY_E_INPUT,
              cases[i].message);
}

static void headers_are_judged_before_a_pixel_is_decoded(void **state)
{
    (void)state;
    static const struct {
        uint32_t width, height;
        uint8_t depth, type;
        assay_code code;
        const char *png, *bmp;
    } cases[] = {
        {50000, 50000, 8, 2, ASSAY_E_LIMIT,
         "is 50000 × 50000 pixels; at most 100000000 are decoded",
         "is 50000 × 50000 pixels; at most 100000000 are decoded"},
        {70000, 1, 8, 0, ASSAY_E_LIMIT, "is 70000 × 1 pixels; a side may have at most 65535",
         "is 70000 × 1 pixels; a side may have at most 65535"},
        {1, 0x7FFFFFFF, 8, 0, ASSAY_E_LIMIT,
         "is 1 × 2147483647 pixels; a side may have at most 65535",
         "is 1 × 2147483647 pixels; a side may have at most 65535"},
        {10000, 10000, 8, 2, ASSAY_E_INPUT,
         "is cut short: 57 bytes cannot hold the 10000 × 10000 pixels of its header",
         "is cut short: its pixels end behind the file's end"},
        {10, 10, 8, 2, ASSAY_E_INPUT, "is cut short: the PNG data have no end",
         "is cut short: its pixels end behind the file's end"},
    };
    uint8_t file[64];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t length =
            make_png(file, cases[i].width, cases[i].height, cases[i].depth, cases[i].type);
        check("PNG", file, length, cases[i].code, cases[i].png);
        length = make_bmp(file, cases[i].width, cases[i].height, 24, 0);
        check("BMP", file, length, cases[i].code, cases[i].bmp);
    }
}

static void bitmaps_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    uint8_t file[64];
    size_t length = make_bmp(file, 3, 3, 8, 1);
    check("RLE", file, length, ASSAY_E_INPUT, "is a compressed BMP (kind 1), which is not read");
    length = make_bmp(file, 3, 3, 7, 0);
    check("7 bits", file, length, ASSAY_E_INPUT, "is damaged: a BMP of 7 bits a pixel");
    length = make_bmp(file, 3, 3, 24, 3);
    check("masks", file, length, ASSAY_E_INPUT, "is damaged: a BMP of 24 bits a pixel");
    length = make_bmp(file, 0, 3, 24, 0);
    check("no width", file, length, ASSAY_E_INPUT, "is damaged: it is 0 × 3 pixels");
    make_bmp(file, 3, 3, 16, 3);
    memset(file + 54, 0, 10);
    check("no masks", file, 54, ASSAY_E_INPUT,
          "is cut short: its pixels end behind the file's end");
    length = make_bmp(file, 1, 0x80000000, 24, 0);
    check("lowest", file, length, ASSAY_E_LIMIT,
          "is 1 × 2147483648 pixels; a side may have at most 65535");
}

static void bitmaps_of_masks_are_read_in_both_directions(void **state)
{
    (void)state;
    uint8_t file[96];
    pixels p;
    /* Five bits a channel: violet beneath, then green; stored from below. */
    size_t length = make_bmp(file, 1, 2, 16, 0);
    memcpy(file + length, "\x1F\x7C\0\0\xE0\x03\0\0", 8);
    assert_int_equal(image_decode(decoder, file, length + 8, &p, NULL), ASSAY_OK);
    assert_memory_equal(p.at, "\0\xFF\0\xFF\0\xFF", 6);
    /* The same with masks of 5, 6 and 5 bits, and from above. */
    length = make_bmp(file, 1, (uint32_t)-2, 16, 3);
    file[10] = 66;
    memcpy(file + length, "\0\xF8\0\0\xE0\x07\0\0\x1F\0\0\0\x1F\xF8\0\0\xE0\x07\0\0", 20);
    assert_int_equal(image_decode(decoder, file, length + 20, &p, NULL), ASSAY_OK);
    assert_memory_equal(p.at, "\xFF\0\xFF\0\xFF\0", 6);
    file[length] = 0;
    file[length + 1] = 0;
    check("empty mask", file, length + 20, ASSAY_E_INPUT,
          "is damaged: a BMP with an empty colour mask");
}

/* A PNG whose checksum, or whose compressed data, were changed. */
static void a_png_that_was_changed_is_damaged(void **state)
{
    (void)state;
    size_t length;
    uint8_t *file = load("rgb.png", &length);
    file[29] ^= 1;
    check("header", file, length, ASSAY_E_INPUT, "is damaged: invalid chunk checksum");
    file[29] ^= 1;
    file[length / 2] ^= 0x10;
    pixels p;
    assay_err err = {0};
    assert_int_equal(image_decode(decoder, file, length, &p, &err), ASSAY_E_INPUT);
    assert_memory_equal(err.msg, "is damaged: ", 12);
    free(file);
}

static void a_file_cut_anywhere_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"large.jpg",          "sampled_420.jpg", "progressive.jpg",
                                        "cmyk.jpg",           "grey.jpg",        "rgb.png",
                                        "rgb_interlaced.png", "grey_1_bit.png",  "lossless.webp",
                                        "lossy.webp",         "one.gif",         "rgb.tif",
                                        "grey.tif",           "rgb.bmp",         "palette.bmp",
                                        "lossless.jp2",       "large.avif",      "large.heic"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length;
        uint8_t *file = load(names[i], &length);
        for (size_t cut = 0; cut < length; cut += cut < 1024 ? 31 : 509) {
            uint8_t *part = malloc(cut ? cut : 1);
            assert_non_null(part);
            memcpy(part, file, cut);
            pixels p = {.at = file};
            assay_err err = {0};
            const assay_code code = image_decode(decoder, part, cut, &p, &err);
            free(part);
            if (code != ASSAY_E_INPUT || !err.msg[0] || strchr(err.msg, '\n') || p.at)
                fail_msg("%s cut at %zu: %d %s", names[i], cut, code, err.msg);
        }
        /* Nothing of the failures stays. */
        pixels p;
        assert_int_equal(image_decode(decoder, file, length, &p, NULL), ASSAY_OK);
        free(file);
    }
}

static void harmless_faults_of_a_jpeg_are_passed_over(void **state)
{
    (void)state;
    size_t length;
    uint8_t *file = load("sampled_420.jpg", &length);
    uint8_t *more = malloc(length + 100);
    assert_non_null(more);
    /* Bytes before the end marker, and behind it. */
    memcpy(more, file, length - 2);
    memset(more + length - 2, 0x55, 20);
    memcpy(more + length + 18, "\xFF\xD9", 2);
    memset(more + length + 20, 0xAA, 50);
    pixels p;
    assay_err err = {0};
    if (image_decode(decoder, more, length + 70, &p, &err) != ASSAY_OK)
        fail_msg("%s", err.msg);
    assert_int_equal(p.width, 61);
    free(more);
    free(file);
}

/* Tables of the image before must not serve one that has none. */
static void an_image_does_not_depend_on_the_one_before(void **state)
{
    (void)state;
    size_t length;
    uint8_t *file = load("grey.jpg", &length);
    uint8_t *bare = malloc(length);
    assert_non_null(bare);
    size_t used = 2;
    memcpy(bare, file, 2);
    for (size_t i = 2; i + 4 <= length;) {
        const size_t segment = 2 + ((size_t)file[i + 2] << 8 | file[i + 3]);
        const bool scan = file[i + 1] == 0xDA;
        const size_t take = scan ? length - i : segment;
        if (file[i + 1] != 0xDB) { /* without quantisation */
            memcpy(bare + used, file + i, take);
            used += take;
        }
        i += take;
    }
    pixels p;
    assert_int_equal(image_decode(decoder, file, length, &p, NULL), ASSAY_OK);
    check("tables", bare, used, ASSAY_E_INPUT,
          "is damaged: quantization table 0x00 was not defined");
    free(bare);
    free(file);
}

/* 10,000 frames of one pixel. */
static void the_first_of_ten_thousand_frames_is_read(void **state)
{
    (void)state;
    static const char head[] = "GIF89a\1\0\1\0\x80\0\0\0\0\0\xFF\xFF\xFF";
    static const char frame[] = "\x21\xF9\4\0\1\0\0\0\x2C\0\0\0\0\1\0\1\0\0\2\2\x4C\1\0";
    enum { HEAD = sizeof head - 1, FRAME = sizeof frame - 1, FRAMES = 10000 };
    uint8_t *file = malloc(HEAD + (size_t)FRAME * FRAMES + 1);
    assert_non_null(file);
    memcpy(file, head, HEAD);
    for (size_t i = 0; i < FRAMES; i++)
        memcpy(file + HEAD + i * FRAME, frame, FRAME);
    file[HEAD + (size_t)FRAME * FRAMES] = ';';
    pixels p;
    assay_err err = {0};
    if (image_decode(decoder, file, HEAD + (size_t)FRAME * FRAMES + 1, &p, &err) != ASSAY_OK)
        fail_msg("%s", err.msg);
    assert_int_equal(p.width, 1);
    assert_int_equal(p.height, 1);
    free(file);
}

/* ---- files */

static const char *inside(const char *name)
{
    static char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    FILE *out = fopen(inside(name), "wb");
    assert_true(out && fputs(text, out) >= 0 && fclose(out) == 0);
}

static void check_path(const char *path, assay_code code, const char *message)
{
    const uint8_t *at = (const uint8_t *)"";
    size_t length = 1;
    assay_err err = {0};
    const assay_code found = image_decoder_read(decoder, path, &at, &length, &err);
    if (found != code || strcmp(err.msg, message) != 0)
        fail_msg("%s: %d %s\nexpected %d %s", path, found, err.msg, code, message);
    assert_null(at);
    assert_int_equal(length, 0);
}

static void files_that_are_none_are_refused(void **state)
{
    (void)state;
    write_file("empty", "");
    assert_int_equal(mkfifo(inside("pipe"), 0600), 0);
    assert_int_equal(symlink("loop", inside("loop")), 0);
    check_path(inside("none.jpg"), ASSAY_E_NOT_FOUND, "there is no such file");
    check_path(inside("empty/none.jpg"), ASSAY_E_NOT_FOUND, "there is no such file");
    check_path(inside("empty"), ASSAY_E_INPUT, "is empty");
    check_path(inside("pipe"), ASSAY_E_INPUT, "is a pipe; expected a file");
    check_path(folder, ASSAY_E_INPUT, "is a folder; expected a file");
    check_path("/dev/null", ASSAY_E_INPUT, "is a device; expected a file");
    check_path(inside("loop"), ASSAY_E_IO, "cannot be opened: Too many levels of symbolic links");
}

static void what_may_not_be_read_is_said(void **state)
{
    (void)state;
    if (geteuid() == 0) {
        print_message("# root may read everything: nothing to see here\n");
        return;
    }
    assert_int_equal(mkdir(inside("closed"), 0000), 0);
    check_path(inside("closed/a.jpg"), ASSAY_E_IO, "may not be read (permission denied)");
    assert_int_equal(rmdir(inside("closed")), 0);
}

static void a_file_that_is_too_long_is_not_read(void **state)
{
    (void)state;
    write_file("long", "x");
    assert_int_equal(truncate(inside("long"), ((off_t)1 << 30) + 1), 0);
    check_path(inside("long"), ASSAY_E_LIMIT,
               "is 1073741825 bytes long; at most 1073741824 are read");
}

static void a_file_is_what_its_bytes_say_and_not_its_name(void **state)
{
    (void)state;
    char *real = realpath(golden("rgb.png"), NULL);
    assert_non_null(real);
    assert_int_equal(symlink(real, inside("picture.jpg")), 0);
    free(real);
    const uint8_t *at;
    size_t length;
    pixels p;
    assert_int_equal(image_decoder_read(decoder, inside("picture.jpg"), &at, &length, NULL),
                     ASSAY_OK);
    assert_int_equal(image_decode(decoder, at, length, &p, NULL), ASSAY_OK);
    assert_int_equal(p.width, 61);
}

/* ---- memory and threads */

static void a_shortage_of_memory_is_said_and_nothing_leaks(void **state)
{
    (void)state;
    static const char *const names[] = {"turned_6.jpg", "rgb_interlaced.png", "palette.bmp"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const size_t before = mem_live();
        assay_code code = ASSAY_E_NOMEM;
        uint64_t n = 0;
        for (; code != ASSAY_OK; n++) {
            image_decoder *d = NULL;
            const uint8_t *at;
            size_t length;
            pixels p;
            assay_err err = {0};
            mem_fail_after(n);
            code = image_decoder_new(&d, &err);
            if (code == ASSAY_OK)
                code = image_decoder_read(d, golden(names[i]), &at, &length, &err);
            if (code == ASSAY_OK)
                code = image_decode(d, at, length, &p, &err);
            mem_fail_after(UINT64_MAX);
            if (code != ASSAY_OK && (code != ASSAY_E_NOMEM || !err.msg[0]))
                fail_msg("%s, allocation %d: %d %s", names[i], (int)n, code, err.msg);
            image_decoder_free(d);
            assert_int_equal(mem_live(), before);
        }
        assert_true(n >= 4);
    }
}

typedef struct crowd {
    const uint8_t *files[4];
    size_t lengths[4];
    image_decoder *decoders[4];
} crowd;

static int decode_in_crowd(void *context, size_t chunk, int worker)
{
    const crowd *c = context;
    const size_t i = chunk % 4;
    pixels p;
    assay_err err = {0};
    const assay_code code = image_decode(c->decoders[worker], c->files[i], c->lengths[i], &p, &err);
    if (i == 3) /* of two failing at once, each has its own reason */
        return code != ASSAY_E_INPUT || !strstr(err.msg, "WebP");
    return code != ASSAY_OK;
}

static void several_threads_decode_side_by_side(void **state)
{
    (void)state;
    static const char *const names[4] = {"lossless.webp", "rgb.tif", "large.jpg", "lossy.webp"};
    crowd c;
    for (size_t i = 0; i < 4; i++) {
        c.files[i] = load(names[i], &c.lengths[i]);
        assert_int_equal(image_decoder_new(&c.decoders[i], NULL), ASSAY_OK);
    }
    c.lengths[3] /= 2;
    assert_int_equal(threads_run(200, 4, decode_in_crowd, &c), 0);
    for (size_t i = 0; i < 4; i++) {
        union {
            const uint8_t *at;
            void *owned;
        } file = {.at = c.files[i]};
        free(file.owned);
        image_decoder_free(c.decoders[i]);
    }
}

/* A white PNG of 16,008,001 pixels, one bit each, that deflate packs into a few kilobytes. */
static uint8_t *large_png(size_t *length)
{
    enum { SIDE = 4001, ROW = 1 + (SIDE + 7) / 8 };
    const size_t bytes = (size_t)SIDE * ROW;
    uint8_t *rows = malloc(bytes), *file = malloc(FILE_MOST);
    assert_true(rows && file);
    memset(rows, 0xFF, bytes);
    for (size_t y = 0; y < SIDE; y++)
        rows[y * ROW] = 0;
    make_png(file, SIDE, SIDE, 1, 0);
    uLongf packed = FILE_MOST - 64;
    assert_int_equal(compress(file + 41, &packed, rows, bytes), Z_OK);
    put32(file + 33, (uint32_t)packed);
    put32(file + 41 + packed, (uint32_t)crc32(0, file + 37, (uInt)packed + 4));
    memcpy(file + 45 + packed, "\0\0\0\0IEND\xae\x42\x60\x82", 12);
    *length = 57 + packed;
    free(rows);
    return file;
}

static int decode_large(void *context, size_t chunk, int worker)
{
    (void)chunk;
    const crowd *c = context;
    pixels p;
    if (image_decode(c->decoders[worker], c->files[0], c->lengths[0], &p, NULL) != ASSAY_OK)
        return 1;
    const int wrong = p.at[(size_t)p.width * p.height - 1] != 255;
    image_decoder_rest(c->decoders[worker]);
    return wrong;
}

static void large_images_take_turns(void **state)
{
    (void)state;
    crowd c;
    uint8_t *file = large_png(&c.lengths[0]);
    c.files[0] = file;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(image_decoder_new(&c.decoders[i], NULL), ASSAY_OK);
    assert_int_equal(threads_run(6, 4, decode_large, &c), 0);
    /* A decoder that holds its turn gives it up at its next call, whatever that is. */
    pixels p;
    assert_int_equal(image_decode(c.decoders[0], file, c.lengths[0], &p, NULL), ASSAY_OK);
    assert_int_equal(image_decode(c.decoders[0], (const uint8_t *)"x", 1, &p, NULL), ASSAY_E_INPUT);
    assert_int_equal(image_decode(c.decoders[1], file, c.lengths[0], &p, NULL), ASSAY_OK);
    for (size_t i = 0; i < 4; i++)
        image_decoder_free(c.decoders[i]);
    assert_int_equal(image_decode(decoder, file, c.lengths[0], &p, NULL), ASSAY_OK);
    free(file);
}

static int begin(void **state)
{
    (void)state;
    return !mkdtemp(folder) || image_decoder_new(&decoder, NULL) != ASSAY_OK;
}

static int end(void **state)
{
    (void)state;
    static const char *const names[] = {"empty", "pipe", "loop", "long", "picture.jpg"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(inside(names[i]));
    image_decoder_free(decoder);
    image_thread_end();
    return rmdir(folder) != 0 || mem_live() != 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_image_is_refused_with_what_it_is),
        cmocka_unit_test(headers_are_judged_before_a_pixel_is_decoded),
        cmocka_unit_test(bitmaps_that_make_no_sense_are_refused),
        cmocka_unit_test(bitmaps_of_masks_are_read_in_both_directions),
        cmocka_unit_test(a_png_that_was_changed_is_damaged),
        cmocka_unit_test(a_file_cut_anywhere_is_refused),
        cmocka_unit_test(harmless_faults_of_a_jpeg_are_passed_over),
        cmocka_unit_test(an_image_does_not_depend_on_the_one_before),
        cmocka_unit_test(the_first_of_ten_thousand_frames_is_read),
        cmocka_unit_test(files_that_are_none_are_refused),
        cmocka_unit_test(what_may_not_be_read_is_said),
        cmocka_unit_test(a_file_that_is_too_long_is_not_read),
        cmocka_unit_test(a_file_is_what_its_bytes_say_and_not_its_name),
        cmocka_unit_test(a_shortage_of_memory_is_said_and_nothing_leaks),
        cmocka_unit_test(several_threads_decode_side_by_side),
        cmocka_unit_test(large_images_take_turns),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
