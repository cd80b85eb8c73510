/* Class names out of a vector of an .npy file: integers as decimal text, fixed-width text as UTF-8.
 */
#include "store/npy.h"

#include "base/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NAME_MISSING = 0xFFFF, CHARACTER_BYTES_MOST = 4, TEXT_BYTES_MOST = 4096 };

typedef struct name {
    char at[TEXT_BYTES_MOST + 1];
    size_t length;
} name;

static uint64_t load(const char *at, uint32_t bytes)
{
    uint64_t x = 0;
    memcpy(&x, at, bytes);
    return x;
}

static void print_integer(const npy_header *h, const char *at, name *out)
{
    const uint64_t bits = load(at, h->item_bytes);
    const unsigned unused = 64 - 8 * h->item_bytes;
    const int length = h->kind == NPY_INT ? snprintf(out->at, sizeof out->at, "%" PRId64,
                                                     (int64_t)(bits << unused) >> unused)
                                          : snprintf(out->at, sizeof out->at, "%" PRIu64, bits);
    out->length = (size_t)length;
}

static size_t encode_character(uint32_t c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    const size_t length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = length; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)((0xF00u >> length & 0xF0u) | c);
    return length;
}

static bool print_characters(const npy_header *h, const char *at, name *out)
{
    out->length = 0;
    for (uint32_t i = 0; i < h->item_bytes; i += CHARACTER_BYTES_MOST) {
        const uint32_t c = (uint32_t)load(at + i, CHARACTER_BYTES_MOST);
        if (c == 0)
            break;
        if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
            return false;
        out->length += encode_character(c, out->at + out->length);
    }
    return true;
}

static bool print_name(const npy_header *h, const char *at, name *out)
{
    if (h->kind == NPY_TEXT)
        return print_characters(h, at, out);
    if (h->kind == NPY_BYTES) {
        out->length = strnlen(at, h->item_bytes);
        memcpy(out->at, at, out->length);
        return true;
    }
    print_integer(h, at, out);
    return true;
}

static assay_code add_name(dictionary *names, const name *one, const char *path, uint16_t *code,
                           assay_err *err)
{
    *code = NAME_MISSING;
    if (one->length == 0)
        return ASSAY_OK;
    uint32_t wide_code;
    ASSAY_TRY(dictionary_add(names, one->at, one->length, text_hash(one->at, one->length),
                             &wide_code, err));
    if (wide_code >= CLASSES_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "%s: more than %d distinct classes", path,
                          CLASSES_MOST);
    *code = (uint16_t)wide_code;
    return ASSAY_OK;
}

static assay_code check_vector(const npy_header *h, const char *path, assay_err *err)
{
    if (h->kind == NPY_FLOAT && h->dimension_count == 2)
        return assay_fail(
            err, ASSAY_E_INPUT,
            "%s: holds a matrix of floating-point numbers; expected integers or text, "
            "one a sample (--probabilities takes a matrix)",
            path);
    if (h->kind == NPY_FLOAT)
        return assay_fail(
            err, ASSAY_E_INPUT,
            "%s: holds floating-point numbers; expected integers or text, one a sample", path);
    if (h->dimension_count == 2 && h->shape[1] != 1)
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: has the shape (%zu, %zu); expected one value a sample", path,
                          h->shape[0], h->shape[1]);
    if (h->shape[0] > ROWS_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "%s: has %zu rows; at most %" PRIu64 " are read",
                          path, h->shape[0], ROWS_MOST);
    return ASSAY_OK;
}

assay_code npy_read_names(const npy_file *f, const char *path, dictionary *names, uint16_t *code,
                          assay_err *err)
{
    const npy_header *h = &f->header;
    ASSAY_TRY(check_vector(h, path, err));
    name one = {.length = 0};
    for (size_t i = 0; i < h->shape[0]; i++) {
        const char *at = f->data + i * h->item_bytes;
        /* Neighbours are often equal, and then so is their code. */
        if (i > 0 && !memcmp(at, at - h->item_bytes, h->item_bytes)) {
            code[i] = code[i - 1];
            continue;
        }
        if (!print_name(h, at, &one))
            return assay_fail(err, ASSAY_E_INPUT, "%s: row %zu is not valid Unicode text", path, i);
        ASSAY_TRY(add_name(names, &one, path, &code[i], err));
    }
    return ASSAY_OK;
}
